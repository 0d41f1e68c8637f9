//! Marks on the responsible unit (单位标记): what a step of a ledger says of the unit stands in the register of units from the
//! same instant, so that a list of units and a ledger about them do not disagree.
//!
//! The mark is part of the step's own ChangeSet: both are stored, or neither.

use crate::changes::Said;
use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{Actor, Fields, Scope, overlaid};
use fengsui_ledger::Entry;
use fengsui_store::{ChangeSet, Numbering};
use std::collections::BTreeMap;

impl App {
    /// Puts the marks that a step leaves on the unit of an entry into its change; a unit that has them already stays as it is.
    pub(super) async fn mark_unit(
        &self,
        change: &mut ChangeSet,
        grant: &Grant,
        entry: &Entry,
        marks: &Fields,
    ) -> Result<(), Fault> {
        let Some(id) = entry.unit().filter(|_| !marks.is_empty()) else { return Ok(()) };
        // Two entries that move along may name one unit: the second mark follows on the first.
        let written = change.entries.iter().rfind(|write| write.entry.id == id).map(|w| w.entry.clone());
        let before = match written {
            Some(unit) => Some(unit),
            None => self.store.entry(&Scope::everything(), id).await?,
        };
        let Some(before) = before.filter(|e| e.kind == "unit") else { return Ok(()) };
        let fields = overlaid(&before.fields, marks);
        if fields == before.fields {
            return Ok(());
        }
        let (version, revision) = (before.version + 1, self.catalog.revision());
        let after = Entry { version, revision, fields, ..before };
        let said = Said::new("unit.changed", self.mark_words(entry, marks), "台账");
        let actor = Actor::Officer(grant.officer().clone());
        change.journal.push(self.line_on(&after, change.at, &actor, said));
        change.entries.push(self.write(after, Numbering::Keep));
        Ok(())
    }

    /// `重点单位界定 JD-2026-0001：消防安全重点单位改为是`.
    fn mark_words(&self, entry: &Entry, marks: &Fields) -> String {
        let ledger = self.catalog.kind(&entry.kind).map_or(entry.kind.as_str(), |kind| kind.label.as_str());
        let number = entry.number.as_deref().map(|number| format!(" {number}")).unwrap_or_default();
        let field = |name: &str| self.catalog.kind("unit").and_then(|kind| kind.field(name));
        let one = |(name, value): (&String, &serde_json::Value)| {
            let field = field(name)?;
            Some(format!("{}改为{}", field.label, self.bare_words(field, value, &BTreeMap::new())?))
        };
        format!("{ledger}{number}：{}", marks.iter().filter_map(one).collect::<Vec<_>>().join("，"))
    }
}
