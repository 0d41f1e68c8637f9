//! Windows that hold or will hold, by id.

use super::Board;
use crate::entries::record;
use fengsui_alarm::{Window, WindowState};
use fengsui_base::EntryId;
use fengsui_ledger::Entry;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A window that is not over.
#[derive(Clone, Debug)]
pub struct OpenWindow {
    /// As stored.
    pub entry: Entry,
    /// As understood.
    pub window: Window,
    /// Where it stands.
    pub state: WindowState,
}

impl OpenWindow {
    /// The window in an entry, when it is one.
    pub fn of(entry: &Entry) -> Option<Self> {
        let (window, state) = (record(entry)?, WindowState::from_code(&entry.state)?);
        Some(Self { entry: entry.clone(), window, state })
    }
}

pub(super) type Windows = BTreeMap<EntryId, Arc<OpenWindow>>;

impl Board {
    pub(super) fn apply_window(&self, entry: &Entry) {
        let mut windows = self.windows.write();
        match OpenWindow::of(entry) {
            Some(open) if matches!(open.state, WindowState::Planned | WindowState::Active) => {
                windows.insert(entry.id, Arc::new(open));
            }
            _ => {
                windows.remove(&entry.id);
            }
        }
    }

    /// Windows that hold or will hold, oldest first.
    pub fn windows(&self) -> Vec<Arc<OpenWindow>> {
        self.windows.read().values().cloned().collect()
    }
}
