//! Everything that depends on time: compared with the clock, a bounded piece at a time, safe to run twice.
//!
//! A reconciler takes no input. It looks at what is stored, compares deadlines with the clock, and does what
//! is due; if it dies in the middle, the next run finds the rest.

use crate::{App, Fault};
use fengsui_store::OutboxRow;
use jiff::SignedDuration;
use serde::Deserialize;

/// Shortest time for which frames are kept, in days. Source: six months, as for the audio of a control room.
pub const FRAMES_DAYS_MIN: u32 = 183;
/// Shortest time for which measured values are kept, in days: what a month did is compared with the one before.
pub const VALUES_DAYS_MIN: u32 = 62;
/// Longest time for which either is kept, in days: ten years.
pub const KEPT_DAYS_MAX: u32 = 3_653;
/// How long measured values are usually kept: a year and the month before it, to compare with.
const VALUES_DAYS: u32 = 400;
/// Most rows one purge deletes.
const PURGE_MAX: u32 = 2_000;
/// Most purges in one run: a busy gateway leaves more receipts a minute than one purge takes.
const PURGES_MAX: usize = 100;
/// Values of a day are packed so long after it is over, in seconds: what comes late within an hour comes in time.
const PACK_AFTER_S: i64 = 3_600;
/// Most messages handed out at a time.
const OUTBOX_MAX: u16 = 100;

/// How long what is no entry is kept (保存期限); entries and the journal stay.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keeping {
    /// Frames as they came, in days.
    pub frames_days: u32,
    /// Measured values for the charts, in days.
    pub values_days: u32,
}

impl Default for Keeping {
    fn default() -> Self {
        Self { frames_days: FRAMES_DAYS_MIN, values_days: VALUES_DAYS }
    }
}

impl Keeping {
    /// The first setting that is out of bounds, with what it is, the least that it may be, and what it is for.
    pub fn out_of_bounds(&self) -> Option<(&'static str, u32, u32, &'static str)> {
        let all = [
            ("frames_days", self.frames_days, FRAMES_DAYS_MIN, "原始报文保存多少天，不少于六个月"),
            ("values_days", self.values_days, VALUES_DAYS_MIN, "测量值保存多少天，够看两个月的曲线"),
        ];
        all.into_iter().find(|(_, days, least, _)| !(*least..=KEPT_DAYS_MAX).contains(days))
    }
}

fn hours(days: u32) -> SignedDuration {
    SignedDuration::from_hours(24 * i64::from(days))
}

impl App {
    /// Signs off officers whose session has ended, so that a seat never shows somebody who has gone.
    pub async fn reconcile_seats(&self) -> Result<usize, Fault> {
        let now = self.now();
        let ended: Vec<_> =
            self.board.seats().into_values().filter(|h| h.until.is_some_and(|until| until <= now)).collect();
        let mut signed_off = 0;
        for held in &ended {
            signed_off += usize::from(self.sign_off_ended(held).await?);
        }
        Ok(signed_off)
    }

    /// Walks the journal's chain a piece further.
    pub async fn reconcile_chain(&self) -> Result<(), Fault> {
        self.verify_further().await
    }

    /// Deletes what has outlived its purpose.
    pub async fn reconcile_retention(&self) -> Result<u64, Fault> {
        let now = self.now();
        let frames_before = now - hours(self.node.keeping.frames_days);
        let mut gone = 0;
        for _ in 0..PURGES_MAX {
            let step = self.store.purge(self.epoch, now, frames_before, PURGE_MAX).await?;
            gone += step;
            if step < u64::from(PURGE_MAX) {
                break;
            }
        }
        let gone = gone + self.purge_samples().await?;
        self.pack_samples().await?;
        Ok(gone)
    }

    /// Lays the measured values of days that are over closer together, a bounded number a run.
    async fn pack_samples(&self) -> Result<(), Fault> {
        let before = self.now() - jiff::SignedDuration::from_secs(PACK_AFTER_S);
        for _ in 0..PURGES_MAX {
            if !self.store.pack_samples(self.epoch, before, PURGE_MAX).await? {
                break;
            }
        }
        Ok(())
    }

    /// Deletes measured values older than the charts go back, a bounded number a run.
    async fn purge_samples(&self) -> Result<u64, Fault> {
        let before = self.now() - hours(self.node.keeping.values_days);
        let mut gone = 0;
        for _ in 0..PURGES_MAX {
            let step = self.store.purge_samples(self.epoch, before, PURGE_MAX).await?;
            gone += step;
            if step < u64::from(PURGE_MAX) {
                break;
            }
        }
        Ok(gone)
    }

    /// Messages that wait to leave.
    pub async fn outbox(&self) -> Result<Vec<OutboxRow>, Fault> {
        Ok(self.store.outbox(OUTBOX_MAX).await?)
    }

    /// Notes that a message has left.
    pub async fn outbox_done(&self, row: &OutboxRow) -> Result<(), Fault> {
        Ok(self.store.outbox_done(self.epoch, row.seq, row.line).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_kept_for_no_less_than_it_is_needed() {
        let named =
            |frames_days, values_days| Keeping { frames_days, values_days }.out_of_bounds().map(|b| b.0);
        assert_eq!(Keeping::default().out_of_bounds(), None);
        assert_eq!(named(FRAMES_DAYS_MIN, VALUES_DAYS_MIN), None);
        assert_eq!(named(KEPT_DAYS_MAX, KEPT_DAYS_MAX), None);
        for bad in [0, FRAMES_DAYS_MIN - 1, KEPT_DAYS_MAX + 1] {
            assert_eq!(named(bad, VALUES_DAYS_MIN), Some("frames_days"));
        }
        for bad in [0, VALUES_DAYS_MIN - 1, KEPT_DAYS_MAX + 1] {
            assert_eq!(named(FRAMES_DAYS_MIN, bad), Some("values_days"));
        }
    }
}
