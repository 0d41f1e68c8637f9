//! Downlinks that are open, oldest first.

use super::Board;
use crate::downlink::{Downlink, DownlinkState};
use fengsui_base::{EntryId, TerminalId};
use fengsui_ledger::Entry;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A downlink with its entry.
#[derive(Clone, Debug)]
pub struct OpenDownlink {
    /// As stored.
    pub entry: Entry,
    /// As understood.
    pub downlink: Downlink,
    /// Where it stands.
    pub state: DownlinkState,
}

impl OpenDownlink {
    /// The downlink in an entry, when it is one.
    pub fn of(entry: &Entry) -> Option<Self> {
        let (downlink, state) = (Downlink::of(entry)?, DownlinkState::from_code(&entry.state)?);
        Some(Self { entry: entry.clone(), downlink, state })
    }
}

pub(super) type Downlinks = BTreeMap<EntryId, Arc<OpenDownlink>>;

impl Board {
    pub(super) fn apply_downlink(&self, entry: &Entry) {
        let mut downlinks = self.downlinks.write();
        match OpenDownlink::of(entry).filter(|open| open.state.is_open()) {
            Some(open) => drop(downlinks.insert(entry.id, Arc::new(open))),
            None => drop(downlinks.remove(&entry.id)),
        }
    }

    /// Downlinks that are open, oldest first.
    pub(crate) fn downlinks(&self) -> Vec<Arc<OpenDownlink>> {
        self.downlinks.read().values().cloned().collect()
    }

    /// How many downlinks are open: of this terminal, and in all.
    pub(crate) fn downlinks_open(&self, terminal: TerminalId) -> (usize, usize) {
        let downlinks = self.downlinks.read();
        let own = downlinks.values().filter(|open| open.downlink.terminal == terminal).count();
        (own, downlinks.len())
    }
}
