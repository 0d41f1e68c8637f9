//! Taking the entries of a ledger's import back: one that nobody has acted on since is withdrawn, whatever its clock has
//! said meanwhile; one that it corrected becomes what it was. The others stay and are named.

use super::draft::RowProblem;
use super::entries::own_source_key;
use crate::changes::Said;
use crate::ledgers::linked_query;
use crate::{App, Fault};
use fengsui_base::{EntryId, Fields, Scope};
use fengsui_ledger::{Entry, LIFE_FIELD, restored, untouched_life};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// An entry taken back, with the key it gives up and what the journal says; or why it stays.
pub(super) type Returned = Result<(Entry, Option<String>, Said), RowProblem>;

/// What an import left of an entry: by it one sees whether anybody has changed it since. The clock is left out, because it
/// speaks by itself.
pub(super) fn trace(entry: &Entry) -> String {
    let own: Fields = entry
        .fields
        .iter()
        .filter(|(name, _)| *name != LIFE_FIELD)
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    let place = entry.position.map(|p| (p.lng, p.lat));
    let said =
        serde_json::json!([entry.kind, entry.state, entry.title, entry.region.to_string(), place, own]);
    hex::encode(&Sha256::digest(said.to_string())[..16])
}

/// The traces that a batch left, by entry.
pub(super) fn traces(batch: &Entry) -> BTreeMap<EntryId, String> {
    crate::entries::field(batch, "traces").unwrap_or_default()
}

impl App {
    /// An entry that the import made, withdrawn; nothing when an earlier run withdrew it.
    pub(super) async fn withdrawn_entry(
        &self,
        ledger: &str,
        id: EntryId,
        left: Option<&String>,
    ) -> Result<Option<Returned>, Fault> {
        let now = self.store.entry(&Scope::everything(), id).await?;
        let Some(now) = now.filter(|e| e.kind == ledger) else { return Ok(None) };
        if left != Some(&trace(&now)) || !untouched_life(&now) {
            return Ok(Some(Err(stays(&now, "record.changed", "导入后办理或改过，没有撤回，请自行核对"))));
        }
        if self.is_linked(&now).await? {
            return Ok(Some(Err(stays(&now, "record.in_use", "已有别的记录关联到它，没有撤回"))));
        }
        let key = own_source_key(&now);
        let (version, closed_at) = (now.version + 1, Some(self.now()));
        let (kind, state) = ("withdrawn".to_owned(), "withdrawn".to_owned());
        let (owner, due_at, wake_at) = (None, None, None);
        let mut entry = Entry { kind, state, version, closed_at, owner, due_at, wake_at, ..now };
        entry.fields.insert("was".to_owned(), ledger.into());
        let said = Said::new("record.withdrawn", "撤销导入，这条记录撤回", "撤销导入");
        Ok(Some(Ok((entry, key, said))))
    }

    async fn is_linked(&self, entry: &Entry) -> Result<bool, Fault> {
        let Some(kind) = self.catalog.kind(&entry.kind) else { return Ok(false) };
        for other in self.catalog.ledgers() {
            let Some(query) = linked_query(kind, other, entry.id, Scope::everything()) else { continue };
            if self.store.count_to(&query, 1).await? > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// An entry that the import corrected, as it was before; its life goes on as it is.
    pub(super) async fn restored_entry(
        &self,
        former: &Entry,
        left: Option<&String>,
    ) -> Result<Returned, Fault> {
        let now = self.store.entry(&Scope::everything(), former.id).await?;
        let Some(now) = now.filter(|now| left == Some(&trace(now))) else {
            return Ok(Err(stays(former, "record.changed", "导入后办理或改过，没有恢复，请自行核对")));
        };
        let kind = self.catalog.kind(&now.kind).ok_or_else(fengsui_base::Refusal::not_found)?;
        let entry = restored(kind, &now, former, &self.calendar());
        let said = Said::new("record.restored", "撤销导入，恢复原来的内容", "撤销导入");
        Ok(Ok((entry, None, said)))
    }
}

fn stays(entry: &Entry, code: &str, detail: &str) -> RowProblem {
    let number = entry.number.as_deref().unwrap_or_default();
    RowProblem {
        row: 0,
        column: String::new(),
        value: format!("{number} {}", entry.title).trim().to_owned(),
        code: code.to_owned(),
        detail: detail.to_owned(),
    }
}
