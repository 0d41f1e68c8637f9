//! One entry as its page shows it: what may be done with it, what follows from it, what is linked to it, and the names of
//! everything it names.

use super::gather::linked_query;
use super::in_words_of;
use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{EntryId, Fields, Refusal, Scope, ids_in};
use fengsui_catalog::{FieldType, Follow, Kind, Permission};
use fengsui_ledger::{Action, Entry, actions, may_amend};
use fengsui_store::{Direction, Query, Sort};
use std::collections::BTreeMap;

/// What stands for the name of an entry that the asker may not read.
const HIDDEN: &str = "（不在您的查看范围）";
/// How many linked entries of one ledger a page shows.
pub const LINKED_SHOWN: u16 = 20;

/// One entry with everything its page shows.
#[derive(Clone, Debug)]
pub struct LedgerView {
    /// The entry.
    pub entry: Entry,
    /// What it says that its ledger asks for no more.
    pub former: Vec<crate::FormerField>,
    /// What may be done with it.
    pub actions: Vec<Action>,
    /// Why its fields may not be corrected; none when they may.
    pub amend_barred: Option<String>,
    /// What may begin from it.
    pub follows: Vec<FollowView>,
    /// What is linked to it.
    pub linked: Vec<LinkedView>,
    /// Names of the persons, units and entries that it names.
    pub names: BTreeMap<EntryId, String>,
}

/// An entry of another ledger that may begin from this one.
#[derive(Clone, Debug)]
pub struct FollowView {
    /// As the catalog has it.
    pub follow: Follow,
    /// Why it may not now; none when it may.
    pub barred: Option<String>,
    /// What its form begins with.
    pub fields: Fields,
}

/// Entries of another ledger that name this one.
#[derive(Clone, Debug)]
pub struct LinkedView {
    /// The ledger.
    pub kind: String,
    /// Its label.
    pub label: String,
    /// How many there are.
    pub total: u64,
    /// The newest of them.
    pub items: Vec<Entry>,
}

impl App {
    /// One entry as its page shows it, when it was just read or changed.
    pub async fn view_of(&self, grant: &Grant, entry: Entry) -> Result<LedgerView, Fault> {
        let kind = self.ledger(grant, &entry.kind)?;
        let gathered = self.gather(grant, kind, &entry, &Fields::new(), None, self.now()).await?;
        let (actions, amend_barred) = {
            let label = |post: &str| self.post_label(post);
            let scene = gathered.scene(kind, &entry, &label);
            (actions(&scene), may_amend(&scene).err().map(|r: Refusal| r.detail))
        };
        let linked = self.linked_entries(grant, kind, entry.id).await?;
        let follows = self.follows(grant, kind, &entry);
        let shown = linked.iter().flat_map(|l| l.items.iter().cloned());
        let shown: Vec<Entry> = std::iter::once(entry.clone()).chain(shown).collect();
        let names = self.names(&self.ledger_scopes(grant), &shown).await?;
        let former = self.former_fields(kind, &entry).await?;
        Ok(LedgerView { former, actions, amend_barred, follows, linked, names, entry })
    }

    /// The names of whatever entries name: persons, units, other entries, and who must act. `scopes` says where the asker
    /// may read each ledger: what she may not read she is not told the name of. A complaint behind an inspection would name
    /// who complained of whom.
    pub async fn names(
        &self,
        scopes: &BTreeMap<String, Scope>,
        entries: &[Entry],
    ) -> Result<BTreeMap<EntryId, String>, Fault> {
        let mut ids: Vec<EntryId> = Vec::new();
        for entry in entries {
            let Some(kind) = self.catalog.kind(&entry.kind) else { continue };
            let naming = kind.fields.iter().filter(|f| {
                use FieldType::{Link, Links, People, Person};
                matches!(f.kind, Link | Links | People | Person)
            });
            ids.extend(naming.filter_map(|f| entry.fields.get(&f.name)).flat_map(ids_in));
            ids.extend(entry.owner);
        }
        ids.sort_unstable();
        ids.dedup();
        let found = self.store.entries(&Scope::everything(), &ids).await?;
        let of_ledger = |e: &Entry| self.catalog.kind(&e.kind).is_some_and(Kind::is_ledger);
        let hidden = |e: &Entry| of_ledger(e) && !scopes.get(&e.kind).is_some_and(|scope| e.within(scope));
        let named = |e: Entry| {
            if hidden(&e) {
                return (e.id, HIDDEN.to_owned());
            }
            let name = e.number.filter(|_| e.kind != "unit" && e.kind != "account");
            (e.id, name.map_or(e.title.clone(), |number| format!("{number} {}", e.title)))
        };
        Ok(found.into_iter().map(named).collect())
    }

    fn follows(&self, grant: &Grant, kind: &Kind, entry: &Entry) -> Vec<FollowView> {
        let follows = kind.office.iter().flat_map(|o| &o.follows);
        follows.filter_map(|follow| self.follow_view(grant, kind, entry, follow)).collect()
    }

    /// What may begin from an entry; nothing where the person has no post that opens it.
    fn follow_view(&self, grant: &Grant, kind: &Kind, entry: &Entry, follow: &Follow) -> Option<FollowView> {
        let other = self.catalog.kind(&follow.kind)?;
        let opening = other.mv(&follow.opens)?;
        let unit = entry.unit();
        let entitled = grant.scope_of_posts(&opening.by).holds(entry.region, unit);
        if !entitled || self.readable(grant, other).is_empty() {
            return None;
        }
        let over = kind.state(&entry.state).is_none_or(|s| s.end);
        let fits = if follow.within.is_empty() { !over } else { follow.within.contains(&entry.state) };
        let states = follow.within.iter().map(|s| kind.state_label(s)).collect::<Vec<_>>().join("、");
        let barred = (!fits).then(|| match follow.within.is_empty() {
            true => "本条已办结".to_owned(),
            false => format!("须在“{states}”时办理"),
        });
        let value = |ours: &String| match ours.as_str() {
            "id" => Some(entry.id.to_string().into()),
            name => entry.fields.get(name).cloned(),
        };
        let fields =
            follow.fills.iter().filter_map(|(theirs, ours)| value(ours).map(|v| (theirs.clone(), v)));
        Some(FollowView { follow: follow.clone(), barred, fields: fields.collect() })
    }

    async fn linked_entries(
        &self,
        grant: &Grant,
        kind: &Kind,
        id: EntryId,
    ) -> Result<Vec<LinkedView>, Fault> {
        let mut all = Vec::new();
        for other in self.ledgers(grant)? {
            let Some(query) = linked_query(kind, other, id, self.readable(grant, other)) else { continue };
            let (sort, direction) = (Sort::Opened, Direction::Descending);
            let query = Query { limit: LINKED_SHOWN, sort, direction, ..query };
            let items = in_words_of(other, self.store.list(&query).await?.items);
            if items.is_empty() {
                continue;
            }
            let total = self.total(&query).await?;
            all.push(LinkedView { kind: other.name.clone(), label: other.label.clone(), total, items });
        }
        Ok(all)
    }

    /// The ledger entries of a unit, by ledger: its archive.
    pub async fn unit_ledgers(&self, grant: &Grant, unit: EntryId) -> Result<Vec<LinkedView>, Fault> {
        let units = grant.may(Permission::UnitRead)?;
        let known = self.store.entry(&units, unit).await?.filter(|e| e.kind == "unit");
        known.ok_or_else(Refusal::not_found)?;
        let register = self.catalog.kind("unit").ok_or_else(Refusal::not_found)?;
        self.linked_entries(grant, register, unit).await
    }
}
