//! The live stream: every committed change, in the order of the gapless sequence.
//!
//! A screen that saw everything up to number n asks for what came after n and misses nothing. What it cannot
//! be told change by change any more, it is told to load anew.

use crate::{App, Fault};
use fengsui_base::{EntryId, RegionCode};
use fengsui_ledger::Entry;
use std::sync::Arc;
use tokio::sync::broadcast;

/// How many ChangeSets a screen may be behind and still be told each; beyond that it loads anew.
pub const RESUME_MAX: u16 = 500;
/// How many events a slow screen may lag behind before it must resume from storage.
const LAG_MAX: usize = 4096;

/// What one committed ChangeSet changed.
#[derive(Clone, Debug)]
pub struct LiveEvent {
    /// Its number.
    pub seq: u64,
    /// What changed.
    pub changes: Vec<LiveChange>,
}

/// One entry that changed.
#[derive(Clone, Debug)]
pub struct LiveChange {
    /// Kind.
    pub kind: String,
    /// Entry.
    pub id: EntryId,
    /// Region that decides who is told.
    pub region: RegionCode,
    /// What happened, as in the journal.
    pub verb: String,
    /// The entry as committed; absent when resuming, where the present one is loaded.
    pub entry: Option<Arc<Entry>>,
}

/// The fan-out to all screens.
pub(crate) struct Live {
    sender: broadcast::Sender<Arc<LiveEvent>>,
}

impl Live {
    pub(crate) fn new() -> Self {
        Self { sender: broadcast::channel(LAG_MAX).0 }
    }

    pub(crate) fn sender(&self) -> broadcast::Sender<Arc<LiveEvent>> {
        self.sender.clone()
    }
}

impl App {
    /// Everything from now on.
    pub fn live(&self) -> broadcast::Receiver<Arc<LiveEvent>> {
        self.live.sender.subscribe()
    }

    /// Everything committed after `seq`, up to the number given with it; without the events when they are too
    /// many and the screen must load anew.
    pub async fn live_since(&self, seq: u64) -> Result<(Option<Vec<LiveEvent>>, u64), Fault> {
        let head = self.store.head().await?.seq;
        if head < seq || head - seq > u64::from(RESUME_MAX) {
            return Ok((None, head));
        }
        let mut missed = Vec::new();
        let mut to = seq;
        // A page counts lines, not ChangeSets: it may end long before the head.
        while to < head {
            let sets = self.store.journal_since(to, RESUME_MAX).await?;
            let Some((last, _, _)) = sets.last() else { break };
            to = *last;
            missed.extend(sets.into_iter().map(|(seq, _, rows)| LiveEvent { seq, changes: changes(rows) }));
        }
        Ok((Some(missed), to))
    }
}

fn changes(rows: Vec<fengsui_store::JournalRow>) -> Vec<LiveChange> {
    rows.into_iter().filter_map(|r| r.content).map(change).collect()
}

fn change(line: fengsui_ledger::JournalLine) -> LiveChange {
    LiveChange {
        kind: line.subject.kind,
        id: line.subject.id,
        region: line.region,
        verb: line.verb,
        entry: None,
    }
}

impl App {
    /// The entry that changed: as committed, or as it stands now when the screen resumes.
    pub async fn changed_entry(&self, change: &LiveChange) -> Option<Arc<Entry>> {
        match &change.entry {
            Some(entry) => Some(entry.clone()),
            // Whoever is told was or is checked by the caller.
            None => self
                .store
                .entry(&fengsui_base::Scope::everything(), change.id)
                .await
                .ok()
                .flatten()
                .map(Arc::new),
        }
    }
}
