//! Everything that depends on time: compared with the clock, a bounded piece at a time, safe to run twice.
//!
//! A reconciler takes no input. It looks at what is stored, compares deadlines with the clock, and does what
//! is due; if it dies in the middle, the next run finds the rest.

use crate::{App, Fault};
use fengsui_store::OutboxRow;

/// How long frames are kept, in days. Source: six months, as for the audio of a control room.
const FRAMES_KEPT_DAYS: i64 = 183;
/// Most rows one purge deletes.
const PURGE_MAX: u32 = 2_000;
/// Most purges in one run: a busy gateway leaves more receipts a minute than one purge takes.
const PURGES_MAX: usize = 100;
/// How long measured values are kept for the charts, in days: a year and the month before it, to compare with.
const SAMPLES_KEPT_DAYS: i64 = 400;
/// Values of a day are packed so long after it is over, in seconds: what comes late within an hour comes in time.
const PACK_AFTER_S: i64 = 3_600;
/// Most messages handed out at a time.
const OUTBOX_MAX: u16 = 100;

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
        let frames_before = now - jiff::SignedDuration::from_hours(24 * FRAMES_KEPT_DAYS);
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
        let before = self.now() - jiff::SignedDuration::from_hours(24 * SAMPLES_KEPT_DAYS);
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
