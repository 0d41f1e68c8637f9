//! The list of what is wrong in a table: kept up to a limit, and counted beyond it.

use super::draft::RowProblem;
use super::{ImportFacts, ImportView};
use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{EntryId, Fields, Scope};
use fengsui_ledger::Entry;
use fengsui_store::{ChangeSet, Numbering};

/// Most problems kept of one import; the rest is counted.
pub const PROBLEMS_KEPT_MAX: usize = 2_000;

impl App {
    /// What is wrong in a table, by row.
    pub async fn import_problems(&self, grant: &Grant, id: EntryId) -> Result<Vec<RowProblem>, Fault> {
        let view = self.import(grant, id).await?;
        Ok(self.report_of(&view.facts).await?.map_or_else(Vec::new, |(_, problems)| problems))
    }

    pub(super) async fn report_of(
        &self,
        facts: &ImportFacts,
    ) -> Result<Option<(Entry, Vec<RowProblem>)>, Fault> {
        let Some(id) = facts.report else { return Ok(None) };
        let entry = self.store.entry(&Scope::everything(), id).await?;
        Ok(entry.map(|entry| {
            let problems = crate::entries::field(&entry, "problems").unwrap_or_default();
            (entry, problems)
        }))
    }

    /// Adds the report to a change; answers which entry it is.
    pub(super) fn add_report(
        &self,
        change: &mut ChangeSet,
        view: &ImportView,
        before: Option<Entry>,
        problems: &[RowProblem],
    ) -> EntryId {
        let kept = &problems[..problems.len().min(PROBLEMS_KEPT_MAX)];
        let mut fields = Fields::new();
        fields.insert("problems".to_owned(), serde_json::to_value(kept).unwrap_or_default());
        let entry = match before {
            Some(before) => Entry { version: before.version + 1, fields, ..before },
            None => {
                let entry = &view.entry;
                let fresh = self.fresh("import_report", entry.region, "检查表", fields, change.at);
                Entry { owner: Some(entry.id), ..fresh }
            }
        };
        let id = entry.id;
        change.entries.push(self.write(entry, Numbering::Keep));
        id
    }
}
