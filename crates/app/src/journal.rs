//! Reading the journal (操作留痕).

use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{EntryId, Scope};
use fengsui_catalog::Permission;
use fengsui_store::JournalRow;
use std::collections::BTreeMap;

impl App {
    /// A page of the journal, newest first: of one subject, or of everything within the asker's scope.
    pub async fn journal(
        &self,
        grant: &Grant,
        subject: Option<EntryId>,
        before: Option<(u64, u32)>,
        limit: u16,
    ) -> Result<Vec<JournalRow>, Fault> {
        let scope: Scope = grant.may(Permission::JournalRead)?;
        Ok(match subject {
            Some(id) => self.store.journal_of(&scope, id, before, limit).await?,
            None => self.store.journal(&scope, before, limit).await?,
        })
    }

    /// What the subjects of these lines are called now; those that are gone have no name.
    pub async fn subject_names(
        &self,
        grant: &Grant,
        rows: &[JournalRow],
    ) -> Result<BTreeMap<EntryId, String>, Fault> {
        let scope: Scope = grant.may(Permission::JournalRead)?;
        let mut names = BTreeMap::new();
        for id in rows.iter().filter_map(|row| row.content.as_ref()).map(|line| line.subject.id) {
            if !names.contains_key(&id)
                && let Some(entry) = self.store.entry(&scope, id).await?
            {
                names.insert(id, entry.title);
            }
        }
        Ok(names)
    }
}
