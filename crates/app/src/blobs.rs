//! Pictures that nobody shows any more: collected a day after they were uploaded.

use crate::{App, Fault};

/// How long an upload waits for the form that will show it, in hours.
pub(crate) const ORPHAN_HOURS: i64 = 24;
/// Most pictures one run collects: each may be 8 MB of rows.
const COLLECT_MAX: u32 = 20;

impl App {
    /// Collects uploaded pictures that no entry has shown for a day.
    pub async fn reconcile_blobs(&self) -> Result<u64, Fault> {
        let stored_before = self.now() - jiff::SignedDuration::from_hours(ORPHAN_HOURS);
        Ok(self.store.collect_blobs(self.epoch, stored_before, COLLECT_MAX).await?)
    }
}
