//! The history of measured values (数值曲线): which values a terminal has, and one of them over time.

use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{TerminalId, Timestamp};
use fengsui_catalog::Permission;
use fengsui_store::{LastState, Part, SampleBucket, StateKey, bucket_s};
use std::ops::Range;

/// A value over time.
pub struct ValueHistory {
    /// The stretch of time.
    pub window: Range<Timestamp>,
    /// Length of one bucket, in seconds.
    pub bucket_s: i64,
    /// Buckets with a value, oldest first.
    pub buckets: Vec<SampleBucket>,
}

impl App {
    /// The values that a terminal measures, each as last known.
    pub async fn values(&self, grant: &Grant, id: TerminalId) -> Result<Vec<(StateKey, LastState)>, Fault> {
        let (_, known) = self.terminal(grant, id).await?;
        Ok(known.states().into_iter().filter(|(key, _)| key.part == Part::Value).collect())
    }

    /// One value of a terminal over the last `span_s` seconds, in at most `buckets` equal pieces.
    pub async fn value_history(
        &self,
        grant: &Grant,
        id: TerminalId,
        key: StateKey,
        span_s: i64,
        buckets: u16,
    ) -> Result<ValueHistory, Fault> {
        grant.may(Permission::TerminalRead)?;
        self.terminal(grant, id).await?;
        let now = self.now();
        let window = now - jiff::SignedDuration::from_secs(span_s)..now + jiff::SignedDuration::from_secs(1);
        let found = self.store.samples(id, key, window.clone(), buckets).await?;
        Ok(ValueHistory { bucket_s: bucket_s(&window, buckets), window, buckets: found })
    }
}
