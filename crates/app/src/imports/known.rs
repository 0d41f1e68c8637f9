//! What the register knows of the rows of a block: looked up for all of them at once. A table of a million rows would
//! otherwise make two journeys to the store for each row, twice.

use super::columns::ImportSubject;
use super::draft::RowDraft;
use super::plan::address_of;
use super::reading::Read;
use crate::terminals::source_key;
use crate::{App, Fault};
use fengsui_base::{EntryId, Scope};
use fengsui_ledger::Entry;
use std::collections::{BTreeMap, HashMap};

/// The unique key of a unit's code.
pub(super) fn unit_key(code: &str) -> String {
    format!("unit/code/{code}")
}

/// Who holds the keys that the rows name, and the records that they are about.
pub(super) struct Known {
    held: BTreeMap<String, EntryId>,
    entries: HashMap<EntryId, Entry>,
}

impl Known {
    /// The record that holds this key.
    pub(super) fn by_key(&self, key: &str) -> Option<&Entry> {
        self.by_id(*self.held.get(key)?)
    }

    /// The record with this id.
    pub(super) fn by_id(&self, id: EntryId) -> Option<&Entry> {
        self.entries.get(&id)
    }
}

impl App {
    /// Looks up what a block of rows is about, whatever its region: the plan says who may touch it.
    pub(super) async fn known_of(&self, subject: ImportSubject, rows: &[Read]) -> Result<Known, Fault> {
        let drafts = || rows.iter().flatten();
        let mut keys: Vec<_> = drafts().flat_map(|draft| keys_of(subject, draft)).collect();
        keys.sort_unstable();
        keys.dedup();
        let held = self.store.holders(&keys).await?;
        let points = drafts().filter_map(|draft| self.point_of(subject, draft));
        let ids: Vec<_> = held.values().copied().chain(points).collect();
        let found = self.store.entries(&Scope::everything(), &ids).await?;
        Ok(Known { held, entries: found.into_iter().map(|entry| (entry.id, entry)).collect() })
    }

    fn point_of(&self, subject: ImportSubject, draft: &RowDraft) -> Option<EntryId> {
        let source = draft.terminal_source.as_deref().filter(|_| subject == ImportSubject::Point)?;
        let terminal = self.board.terminal_at(source)?;
        Some(terminal.point(address_of(draft))?.id.into())
    }
}

fn keys_of(subject: ImportSubject, draft: &RowDraft) -> Vec<String> {
    match subject {
        ImportSubject::Unit => vec![unit_key(&draft.key)],
        ImportSubject::Terminal => {
            let unit = draft.unit_code.as_deref().map(unit_key);
            unit.into_iter().chain([source_key(&draft.key)]).collect()
        }
        ImportSubject::Point | ImportSubject::Ledger => Vec::new(),
    }
}
