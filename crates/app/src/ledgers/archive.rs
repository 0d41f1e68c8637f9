//! The archive of a unit as one page (户籍化): which parts of it are there, which are missing, which are due; what every
//! ledger has of it; and the documents that lie with those entries.
//!
//! What belongs to an archive is data of the catalog: a part is a field of the unit or a ledger about it. However much a
//! unit has, a ledger is asked for one page, and for its counts only where it has more than that.

use super::gather::linked_query;
use super::{DueStanding, LINKED_SHOWN, in_words_of};
use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{EntryId, Refusal, Timestamp};
use fengsui_catalog::{ArchivePart, FieldType, Kind, Permission};
use fengsui_ledger::Entry;
use fengsui_store::{Direction, Query, Sort};
use serde_json::Value;

/// How many documents an archive shows.
pub const DOCUMENTS_SHOWN: usize = 60;

/// How a part of an archive stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PartStanding {
    /// It is there, and nothing is overdue.
    Complete,
    /// It is there, and something of it is overdue.
    Overdue,
    /// It must be there and is not (未建档).
    Missing,
    /// It is not there and need not be.
    NotNeeded,
}

/// A part of a unit's archive.
#[derive(Clone, Debug)]
pub struct PartView {
    /// As the catalog has it.
    pub part: ArchivePart,
    /// How it stands.
    pub standing: PartStanding,
    /// How many entries are open; for a field 1 or 0.
    pub open: u64,
    /// How many of them are overdue.
    pub overdue: u64,
    /// The open entry that is due first.
    pub next: Option<Entry>,
    /// The move by which the asker may open one, where there is one.
    pub opens: Option<String>,
}

/// What a ledger has of a unit.
#[derive(Clone, Debug)]
pub struct ArchiveLedger {
    /// The ledger.
    pub kind: String,
    /// Its label.
    pub label: String,
    /// How many entries there are.
    pub total: u64,
    /// How many of them are open.
    pub open: u64,
    /// How many of those are overdue.
    pub overdue: u64,
    /// At most [`LINKED_SHOWN`] of them: the open ones, due first, then the newest of the others.
    pub items: Vec<Entry>,
}

/// A document that lies with an entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ArchiveDocument {
    /// The entry.
    pub entry: EntryId,
    /// Its ledger.
    pub kind: String,
    /// Label of the field that it stands in.
    pub label: String,
    /// Digest of its content.
    pub blob: String,
    /// Its name.
    pub name: String,
    /// When it was added, as it was written down.
    pub at: String,
}

/// The archive of a unit.
#[derive(Clone, Debug)]
pub struct UnitArchive {
    /// The unit.
    pub unit: Entry,
    /// Its parts, in the order of the catalog; those of ledgers that the asker may not read are absent.
    pub parts: Vec<PartView>,
    /// The ledgers that have something of it, in the order of the menu.
    pub ledgers: Vec<ArchiveLedger>,
    /// Documents of the entries shown, newest first, at most [`DOCUMENTS_SHOWN`].
    pub documents: Vec<ArchiveDocument>,
}

impl App {
    /// The archive of a unit: what is there, what is missing, what is due.
    ///
    /// Errors: the asker may read no units, or not this one.
    pub async fn unit_archive(&self, grant: &Grant, unit: EntryId) -> Result<UnitArchive, Fault> {
        let units = grant.may(Permission::UnitRead)?;
        let unit = self.store.entry(&units, unit).await?.filter(|e| e.kind == "unit");
        let unit = unit.ok_or_else(Refusal::not_found)?;
        let register = self.catalog.kind("unit").ok_or_else(Refusal::not_found)?;
        let mut ledgers = Vec::new();
        for kind in self.ledgers(grant).unwrap_or_default() {
            if let Some(query) = linked_query(register, kind, unit.id, self.readable(grant, kind)) {
                ledgers.push(self.archive_ledger(kind, query).await?);
            }
        }
        let parts = self.catalog.archive().iter();
        let parts = parts.filter_map(|part| self.part(grant, part, &unit, &ledgers)).collect();
        ledgers.retain(|ledger| ledger.total > 0);
        let documents = self.documents(&ledgers);
        Ok(UnitArchive { unit, parts, ledgers, documents })
    }

    async fn archive_ledger(&self, kind: &Kind, query: Query) -> Result<ArchiveLedger, Fault> {
        let newest = Query {
            limit: LINKED_SHOWN,
            sort: Sort::Opened,
            direction: Direction::Descending,
            ..query.clone()
        };
        let page = self.store.list(&newest).await?;
        let mut found = ArchiveLedger {
            kind: kind.name.clone(),
            label: kind.label.clone(),
            total: page.items.len() as u64,
            open: 0,
            overdue: 0,
            items: in_words_of(kind, page.items),
        };
        if page.next.is_some() {
            self.count_more(kind, query, &mut found).await?;
        } else {
            let now = self.now();
            let open = |e: &&Entry| !ended(kind, e);
            found.open = found.items.iter().filter(open).count() as u64;
            let late = |e: &&Entry| open(e) && e.due_at.is_some_and(|due| due < now);
            found.overdue = found.items.iter().filter(late).count() as u64;
        }
        found.items.sort_by_key(|e| (ended(kind, e), due_first(kind, e)));
        found.items.truncate(usize::from(LINKED_SHOWN));
        Ok(found)
    }

    /// Counts of a ledger that has more than a page, and its open entries that are due first.
    async fn count_more(&self, kind: &Kind, query: Query, found: &mut ArchiveLedger) -> Result<(), Fault> {
        let open = self.standing(query.clone(), kind, DueStanding::Open);
        found.total = self.total(&query).await?;
        found.open = self.total(&open).await?;
        found.overdue = self.total(&self.standing(query, kind, DueStanding::Overdue)).await?;
        let first = Query { limit: LINKED_SHOWN, sort: Sort::Due, direction: Direction::Ascending, ..open };
        let first = in_words_of(kind, self.store.list(&first).await?.items);
        let others = std::mem::replace(&mut found.items, first);
        found.items.extend(others.into_iter().filter(|e| ended(kind, e)));
        Ok(())
    }

    /// How a part stands; none for a ledger that the asker may not read here.
    fn part(
        &self,
        grant: &Grant,
        part: &ArchivePart,
        unit: &Entry,
        ledgers: &[ArchiveLedger],
    ) -> Option<PartView> {
        let Some(name) = &part.ledger else { return Some(field_part(part, unit)) };
        let kind = self.catalog.kind(name)?;
        if !self.readable(grant, kind).holds(unit.region, unit.unit()) {
            return None;
        }
        let found = ledgers.iter().find(|ledger| ledger.kind == *name)?;
        let may = |m: &&fengsui_catalog::Move| grant.scope_of_posts(&m.by).holds(unit.region, unit.unit());
        Some(PartView {
            part: part.clone(),
            standing: match (found.open, found.overdue) {
                (0, _) => absent(part, unit),
                (_, 0) => PartStanding::Complete,
                _ => PartStanding::Overdue,
            },
            open: found.open,
            overdue: found.overdue,
            next: found.items.first().filter(|e| !ended(kind, e)).cloned(),
            opens: kind.openings().find(may).map(|m| m.name.clone()),
        })
    }

    fn documents(&self, ledgers: &[ArchiveLedger]) -> Vec<ArchiveDocument> {
        let entries = ledgers.iter().flat_map(|ledger| &ledger.items);
        let mut found: Vec<_> = entries
            .filter_map(|entry| Some((self.catalog.kind(&entry.kind)?, entry)))
            .flat_map(|(kind, entry)| documents_of(kind, entry))
            .collect();
        found.sort_by(|a, b| b.at.cmp(&a.at));
        found.truncate(DOCUMENTS_SHOWN);
        found
    }
}

fn ended(kind: &Kind, entry: &Entry) -> bool {
    kind.state(&entry.state).is_none_or(|state| state.end)
}

/// Open entries go by their deadline; the others stay as they are, newest first.
fn due_first(kind: &Kind, entry: &Entry) -> Timestamp {
    if ended(kind, entry) { Timestamp::MIN } else { entry.due_at.unwrap_or(Timestamp::MAX) }
}

/// The files of an entry; photos stay with it.
fn documents_of<'e>(kind: &'e Kind, entry: &'e Entry) -> impl Iterator<Item = ArchiveDocument> + 'e {
    let fields = kind.fields.iter().filter(|f| f.kind == FieldType::Files);
    fields.flat_map(move |field| {
        let items = entry.fields.get(&field.name).and_then(Value::as_array);
        items.map(Vec::as_slice).unwrap_or_default().iter().map(move |item| {
            let text = |key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            ArchiveDocument {
                entry: entry.id,
                kind: entry.kind.clone(),
                label: field.label.clone(),
                blob: text("blob"),
                name: text("name"),
                at: text("at"),
            }
        })
    })
}

fn field_part(part: &ArchivePart, unit: &Entry) -> PartView {
    let value = part.field.as_deref().and_then(|name| unit.fields.get(name));
    let there = match (part.field.as_deref(), value) {
        (Some("position"), _) => unit.position.is_some(),
        (_, Some(Value::String(text))) => !text.trim().is_empty(),
        (_, Some(Value::Array(items))) => !items.is_empty(),
        (_, Some(value)) => !value.is_null(),
        (_, None) => false,
    };
    let standing = if there { PartStanding::Complete } else { absent(part, unit) };
    PartView { part: part.clone(), standing, open: u64::from(there), overdue: 0, next: None, opens: None }
}

/// How a part stands that is not there: every unit needs it, or this one does as a key unit, or it does not.
fn absent(part: &ArchivePart, unit: &Entry) -> PartStanding {
    let key_unit = unit.fields.get("key_unit").and_then(Value::as_bool).unwrap_or(false);
    if part.key_only && !key_unit { PartStanding::NotNeeded } else { PartStanding::Missing }
}
