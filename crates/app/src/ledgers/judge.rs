//! What rule packs would make of a form that is still being filled in (试算): nothing is stored.

use super::LedgerForm;
use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{EntryId, Fields, RefusalKind, RegionCode};
use fengsui_catalog::Kind;
use fengsui_ledger::{Bench, Trial};

impl App {
    /// Tries a form as it stands, with an entry or for a new one. Where the place of a new entry is not chosen yet, or the
    /// unit is not one that the asker may see, the rules of the office's own region hold.
    pub async fn try_form(
        &self,
        grant: &Grant,
        kind: &str,
        entry: Option<EntryId>,
        form: &LedgerForm,
    ) -> Result<Trial, Fault> {
        let known = self.ledger(grant, kind)?;
        let (region, fields) = match entry {
            Some(id) => {
                let entry = self.ledger_entry(grant, kind, id).await?;
                (entry.region, entry.fields)
            }
            None => (self.place_of(grant, known, form).await?, Fields::new()),
        };
        let today = self.calendar().day_of(self.now());
        let bench = Bench { kind: known, packs: self.catalog().packs(), region, today };
        Ok(bench.try_form(&fields, &form.fields))
    }

    /// Where an entry would be that began with this form.
    async fn place_of(&self, grant: &Grant, kind: &Kind, form: &LedgerForm) -> Result<RegionCode, Fault> {
        match self.draft(grant, kind, form, self.now()).await {
            Ok(draft) => Ok(draft.region),
            Err(Fault::Refused(r)) if r.kind == RefusalKind::Invalid => Ok(self.node.region),
            Err(fault) => Err(fault),
        }
    }
}
