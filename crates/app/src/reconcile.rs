//! Everything that depends on time: compared with the clock, a bounded piece at a time, safe to run twice.
//!
//! A reconciler takes no input. It looks at what is stored, compares deadlines with the clock, and does what
//! is due; if it dies in the middle, the next run finds the rest.

use crate::changes::Said;
use crate::{App, Fault, KnownTerminal};
use fengsui_base::Scope;
use fengsui_store::{ChangeSet, LastState, OutboxRow, StateKey, StateWrite};
use std::sync::Arc;

/// How long frames are kept, in days. Source: six months, as for the audio of a control room.
const FRAMES_KEPT_DAYS: i64 = 183;
/// Most rows one purge deletes.
const PURGE_MAX: u32 = 2_000;
/// Most purges in one run: a busy gateway leaves more receipts a minute than one purge takes.
const PURGES_MAX: usize = 100;
/// Most measured values stored in one run.
const VALUES_MAX: usize = 20_000;
/// Most messages handed out at a time.
const OUTBOX_MAX: u16 = 100;

/// A terminal with the measured values that are not yet stored.
type Measured = (Arc<KnownTerminal>, Vec<(StateKey, LastState)>);

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

    /// Stores measured values that only memory knows, as one change: telemetry, of which the last few minutes
    /// may be lost.
    pub async fn reconcile_values(&self) -> Result<usize, Fault> {
        let mut fresh = Vec::new();
        let mut count = 0;
        for terminal in self.board.terminals(&Scope::everything()) {
            let mut values = terminal.unsaved();
            values.truncate(VALUES_MAX - count);
            if !values.is_empty() {
                count += values.len();
                fresh.push((terminal, values));
            }
        }
        if count > 0 {
            self.settle(false, |_| std::future::ready(Ok((self.values_change(&fresh, count), ())))).await?;
            fresh.iter().for_each(|(terminal, values)| terminal.saved(values));
        }
        Ok(count)
    }

    fn values_change(&self, fresh: &[Measured], count: usize) -> ChangeSet {
        let mut change = ChangeSet::new(self.now());
        let said = Said::new("telemetry.saved", format!("保存 {count} 个模拟量"), "程序");
        let node = crate::start::node_id(&self.node);
        change.journal.push(self.line(
            "region",
            node,
            self.node.region,
            change.at,
            &Self::by_rule("定时保存"),
            said,
        ));
        for (terminal, values) in fresh {
            let write = |(key, state): &(StateKey, LastState)| StateWrite {
                terminal: terminal.id,
                key: *key,
                state: state.clone(),
            };
            change.states.extend(values.iter().map(write));
        }
        change
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
