//! What a move is judged by, gathered from storage: who acts with which posts there, the persons named, the linked
//! entries counted, the responsible unit.

use crate::entries::field;
use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{EntryId, Fields, Position, Scope, Timestamp, WorkingCalendar, ids_in};
use fengsui_catalog::{FieldType, Guard, HeldFor, Kind, Packs};
use fengsui_ledger::{Doer, Entry, HeldPost, Linked, Person, Scene, UnitFacts};
use fengsui_store::Query;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Everything that a scene borrows.
pub(crate) struct Gathered {
    doer: Doer,
    people: BTreeMap<EntryId, Person>,
    linked: BTreeMap<String, Linked>,
    unit: Option<UnitFacts>,
    calendar: Arc<WorkingCalendar>,
    packs: Arc<Packs>,
    now: Timestamp,
}

impl Gathered {
    pub(crate) fn scene<'a>(
        &'a self,
        kind: &'a Kind,
        entry: &'a Entry,
        posts: &'a dyn Fn(&str) -> String,
    ) -> Scene<'a> {
        Scene {
            kind,
            entry,
            doer: &self.doer,
            people: &self.people,
            linked: &self.linked,
            unit: self.unit.as_ref(),
            packs: &self.packs,
            posts,
            now: self.now,
            calendar: &self.calendar,
        }
    }
}

impl App {
    /// The label of a post; its name where the catalog no longer has it.
    pub fn post_label(&self, name: &str) -> String {
        self.catalog.post(name).map_or(name, |p| p.label.as_str()).to_owned()
    }

    /// Gathers what a move with this form would be judged by.
    pub(super) async fn gather(
        &self,
        grant: &Grant,
        kind: &Kind,
        entry: &Entry,
        form: &Fields,
        position: Option<Position>,
        at: Timestamp,
    ) -> Result<Gathered, Fault> {
        let unit = self.unit_facts(entry, form).await?;
        let owner = unit.as_ref().map(|(id, _)| *id);
        Ok(Gathered {
            doer: doer(grant, entry, owner, position),
            people: self.persons(kind, entry, form).await?,
            linked: self.linked_counts(kind, entry).await?,
            unit: unit.map(|(_, facts)| facts),
            calendar: self.calendar(),
            packs: Arc::clone(self.catalog.packs()),
            now: at,
        })
    }

    /// The same out of units and accounts that were looked up for many entries at once; nothing linked is counted.
    pub(crate) fn gathered(
        &self,
        grant: &Grant,
        entry: &Entry,
        form: &Fields,
        near: &BTreeMap<EntryId, Entry>,
        at: Timestamp,
    ) -> Gathered {
        let named = form.get("unit").or_else(|| entry.fields.get("unit")).map(ids_in);
        let unit = named.unwrap_or_default().first().and_then(|id| near.get(id)).filter(|e| e.kind == "unit");
        let ids = form.values().chain(entry.fields.values()).flat_map(ids_in);
        let accounts = ids.filter_map(|id| near.get(&id)).filter(|e| e.kind == "account");
        Gathered {
            doer: doer(grant, entry, unit.map(|u| u.id), None),
            people: accounts.map(|e| (e.id, person_of(e))).collect(),
            linked: BTreeMap::new(),
            unit: unit.map(facts_of),
            calendar: self.calendar(),
            packs: Arc::clone(self.catalog.packs()),
            now: at,
        }
    }

    async fn unit_facts(&self, entry: &Entry, form: &Fields) -> Result<Option<(EntryId, UnitFacts)>, Fault> {
        let named = form.get("unit").or_else(|| entry.fields.get("unit")).and_then(Value::as_str);
        let Some(id) = named.and_then(|text| text.parse().ok()) else { return Ok(None) };
        let unit = self.store.entry(&Scope::everything(), id).await?.filter(|e| e.kind == "unit");
        Ok(unit.map(|unit| (id, facts_of(&unit))))
    }

    async fn persons(
        &self,
        kind: &Kind,
        entry: &Entry,
        form: &Fields,
    ) -> Result<BTreeMap<EntryId, Person>, Fault> {
        let persons = kind.fields.iter().filter(|f| matches!(f.kind, FieldType::Person | FieldType::People));
        let named = persons.flat_map(|f| [form.get(&f.name), entry.fields.get(&f.name)]).flatten();
        let ids: Vec<EntryId> = named.flat_map(ids_in).collect();
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let accounts = self.store.entries(&Scope::everything(), &ids).await?;
        Ok(accounts.iter().filter(|e| e.kind == "account").map(|e| (e.id, person_of(e))).collect())
    }

    /// The entries that guards of this ledger count: only those are looked for.
    async fn linked_counts(&self, kind: &Kind, entry: &Entry) -> Result<BTreeMap<String, Linked>, Fault> {
        let mut counts = BTreeMap::new();
        let guards = kind.moves.iter().filter(|m| m.from.contains(&entry.state)).flat_map(|m| &m.guards);
        for guard in guards {
            let (Guard::Linked { kind: other, .. } | Guard::LinkedEnded(other)) = guard else { continue };
            let Some(other) = self.catalog.kind(other).filter(|o| !counts.contains_key(&o.name)) else {
                continue;
            };
            let Some(query) = linked_query(kind, other, entry.id, Scope::everything()) else { continue };
            let open = other.states.iter().filter(|s| !s.end).map(|s| s.name.clone()).collect();
            let total = self.total(&query).await?;
            let open = self.total(&Query { states: open, ..query }).await?;
            counts.insert(other.name.clone(), Linked { total, open });
        }
        Ok(counts)
    }
}

/// The entries of another ledger that name this one, by the first of its fields that does.
pub(crate) fn linked_query(kind: &Kind, other: &Kind, id: EntryId, scope: Scope) -> Option<Query> {
    let back = other.fields.iter().find(|f| f.filter && f.to.as_deref() == Some(&kind.name))?;
    let mut query = Query::newest(&other.name, scope);
    query.filters.push(crate::entries::text_is(&back.name, id.to_string()));
    Some(query)
}

fn facts_of(unit: &Entry) -> UnitFacts {
    UnitFacts { name: unit.title.clone(), founded_on: field(unit, "founded_on"), position: unit.position }
}

fn person_of(account: &Entry) -> Person {
    let certificate = field::<String>(account, "certificate").filter(|c| !c.trim().is_empty());
    Person { name: account.title.clone(), certificate }
}

/// Who acts, with the posts that hold for the place or the unit of the entry.
fn doer(grant: &Grant, entry: &Entry, unit: Option<EntryId>, position: Option<Position>) -> Doer {
    let held = |power: &fengsui_access::Power| match power.held_for {
        HeldFor::Region => power.region.range().contains(&entry.region.number()),
        HeldFor::Sector | HeldFor::Unit => {
            unit.is_some_and(|unit| power.units.iter().any(|named| EntryId::from(*named) == unit))
        }
    };
    let post = |power: &fengsui_access::Power| HeldPost {
        name: power.post.clone(),
        of_unit: power.held_for == HeldFor::Unit,
    };
    Doer {
        account: Some(grant.account()),
        name: grant.officer().name.clone(),
        posts: grant.powers().iter().filter(|p| held(p)).map(post).collect(),
        position,
    }
}
