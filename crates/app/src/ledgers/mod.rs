//! Ledgers (台账): every kind of entry whose fields and life are written in the catalog, listed, opened, moved and read
//! by the same few use cases. None of them knows a kind by name.
//!
//! What belongs together in time stands together in one ChangeSet: the entry, the entries that its move carries along,
//! the journal lines, the photos it shows.

mod act;
mod agenda;
mod calls;
mod files;
mod gather;
mod people;
mod view;

pub use agenda::{AGENDA_MAX, AgendaItem, Why};
pub use files::{LEDGER_FILE_BYTES_MAX, StoredFile};
pub use people::{Named, PEOPLE_MAX};
pub use view::{FollowView, LINKED_SHOWN, LedgerView, LinkedView};

use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{EntryId, Fields, Position, Refusal, RegionCode, Scope, Timestamp};
use fengsui_catalog::{Kind, Permission};
use fengsui_ledger::{Entry, IndexValue, search_terms};
use fengsui_store::{Cursor, Direction, Filter, Page, Query, Sort, Tally};

/// Which entries of a ledger.
#[derive(Clone, Debug)]
pub struct LedgerFilter {
    /// Search text.
    pub text: Option<String>,
    /// States; empty for all.
    pub states: Vec<String>,
    /// How their deadlines stand.
    pub standing: Option<DueStanding>,
    /// Of this unit.
    pub unit: Option<EntryId>,
    /// Within this region.
    pub region: Option<RegionCode>,
    /// Indexed fields with a value, as text.
    pub fields: Vec<(String, String)>,
    /// Order.
    pub sort: Sort,
    /// Largest first.
    pub descending: bool,
    /// Where the page before ended.
    pub after: Option<Cursor>,
    /// How many.
    pub limit: u16,
}

/// How the deadlines of a list stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DueStanding {
    /// Not over.
    Open,
    /// Open, and the deadline has passed.
    Overdue,
    /// Open, and the deadline is on one of its last two working days.
    Soon,
    /// Over.
    Closed,
}

/// How many entries of a ledger stand how; each exact as far as a list counts.
#[derive(Clone, Debug, Default)]
pub struct LedgerTallies {
    /// In all.
    pub all: u64,
    /// Not over.
    pub open: u64,
    /// Open and overdue.
    pub overdue: u64,
    /// Open and due soon.
    pub soon: u64,
    /// By state.
    pub states: Vec<Tally>,
}

/// What a form says to open an entry or to move one.
#[derive(Clone, Debug, Default)]
pub struct LedgerForm {
    /// The move.
    pub mv: String,
    /// The fields that it asks for.
    pub fields: Fields,
    /// Region of a new entry that belongs to no unit.
    pub region: Option<RegionCode>,
    /// Where it is; for a move where the person stands.
    pub position: Option<Position>,
}

impl App {
    /// The ledgers that the asker may read, by name.
    pub fn ledgers(&self, grant: &Grant) -> Result<Vec<&Kind>, Refusal> {
        grant.may(Permission::LedgerUse)?;
        Ok(self.catalog.ledgers().filter(|kind| !self.readable(grant, kind).is_empty()).collect())
    }

    /// A ledger that the asker may read. To everybody else it does not exist.
    pub fn ledger(&self, grant: &Grant, kind: &str) -> Result<&Kind, Refusal> {
        grant.may(Permission::LedgerUse)?;
        let known = self.catalog.kind(kind).filter(|k| k.is_ledger());
        known.filter(|k| !self.readable(grant, k).is_empty()).ok_or_else(Refusal::not_found)
    }

    /// Where the asker may read entries of a ledger.
    pub(crate) fn readable(&self, grant: &Grant, kind: &Kind) -> Scope {
        kind.office.as_ref().map(|office| grant.scope_of_posts(&office.readers)).unwrap_or_default()
    }

    /// A page of a ledger.
    pub async fn ledger_entries(
        &self,
        grant: &Grant,
        kind: &str,
        filter: LedgerFilter,
    ) -> Result<(Page, u64), Fault> {
        let query = self.ledger_query(grant, self.ledger(grant, kind)?, filter)?;
        let total = self.total(&query).await?;
        Ok((self.store.list(&query).await?, total))
    }

    /// How the entries of a ledger stand.
    pub async fn ledger_tallies(&self, grant: &Grant, kind: &str) -> Result<LedgerTallies, Fault> {
        let kind = self.ledger(grant, kind)?;
        let all = Query::newest(&kind.name, self.readable(grant, kind));
        let standing = |standing| Query { ..self.standing(all.clone(), kind, standing) };
        Ok(LedgerTallies {
            all: self.total(&all).await?,
            open: self.total(&standing(DueStanding::Open)).await?,
            overdue: self.total(&standing(DueStanding::Overdue)).await?,
            soon: self.total(&standing(DueStanding::Soon)).await?,
            states: self.store.tally(&all, "state").await?,
        })
    }

    /// How many entries of each ledger are open and how many of them overdue, for the menu.
    pub async fn ledger_counts(&self, grant: &Grant, kind: &Kind) -> Result<(u64, u64), Fault> {
        let all = Query::newest(&kind.name, self.readable(grant, kind));
        let open = self.total(&self.standing(all.clone(), kind, DueStanding::Open)).await?;
        let overdue = self.total(&self.standing(all, kind, DueStanding::Overdue)).await?;
        Ok((open, overdue))
    }

    fn ledger_query(&self, grant: &Grant, kind: &Kind, filter: LedgerFilter) -> Result<Query, Refusal> {
        let scope = self.narrowed(self.readable(grant, kind), filter.region);
        let mut query = Query::newest(&kind.name, scope);
        query.terms = filter.text.as_deref().map(search_terms).unwrap_or_default();
        query.sort = filter.sort;
        query.direction = if filter.descending { Direction::Descending } else { Direction::Ascending };
        (query.after, query.limit) = (filter.after, filter.limit);
        for (name, value) in
            filter.fields.into_iter().chain(filter.unit.map(|u| ("unit".to_owned(), u.to_string())))
        {
            query.filters.push(indexed(kind, &name, value)?);
        }
        query.states = filter.states;
        Ok(match filter.standing {
            Some(standing) => self.standing(query, kind, standing),
            None => query,
        })
    }

    /// The query cut down to what stands so.
    fn standing(&self, mut query: Query, kind: &Kind, standing: DueStanding) -> Query {
        let now = self.now();
        let ended = standing == DueStanding::Closed;
        let fitting = kind.states.iter().filter(|s| s.end == ended).map(|s| &s.name);
        let wanted = |name: &&String| query.states.is_empty() || query.states.contains(name);
        let states: Vec<_> = fitting.filter(wanted).cloned().collect();
        // No state at all would mean all of them: a name that no state has finds nothing.
        query.states = if states.is_empty() { vec![String::new()] } else { states };
        query.due = match standing {
            DueStanding::Open | DueStanding::Closed => None,
            DueStanding::Overdue => Some(Timestamp::MIN..now),
            DueStanding::Soon => Some(now..self.soon_until(now)),
        };
        query
    }

    /// The end of the second working day from today: what is due by then is due soon.
    fn soon_until(&self, now: Timestamp) -> Timestamp {
        let calendar = self.calendar();
        let today = calendar.day_of(now);
        let from =
            calendar.due_on(today.yesterday().unwrap_or(today)).at - jiff::SignedDuration::from_micros(1);
        let days = fengsui_base::SOON_WORKING_DAYS;
        let term = fengsui_base::Term::new(days, fengsui_base::TermUnit::WorkingDays);
        // A deadline ends with its day: the instant that begins the next one belongs to it.
        term.map_or(now, |term| calendar.due(from, term).at + jiff::SignedDuration::from_micros(1))
    }

    /// The journal of an entry, newest first, behind `before`.
    pub async fn ledger_journal(
        &self,
        grant: &Grant,
        kind: &str,
        id: EntryId,
        before: Option<(u64, u32)>,
        limit: u16,
    ) -> Result<Vec<fengsui_store::JournalRow>, Fault> {
        let entry = self.ledger_entry(grant, kind, id).await?;
        let scope = self.readable(grant, self.ledger(grant, kind)?).and_at(entry.region);
        Ok(self.store.journal_of(&scope, id, before, limit).await?)
    }

    /// An entry of a ledger, when the asker may read it.
    pub async fn ledger_entry(&self, grant: &Grant, kind: &str, id: EntryId) -> Result<Entry, Fault> {
        let kind = self.ledger(grant, kind)?;
        let entry = self.store.entry(&self.readable(grant, kind), id).await?;
        Ok(entry.filter(|e| e.kind == kind.name).ok_or_else(Refusal::not_found)?)
    }
}

/// The filter for an indexed field, its value read by its type.
fn indexed(kind: &Kind, name: &str, value: String) -> Result<Filter, Refusal> {
    use fengsui_catalog::FieldType::{Integer, Money, Truth};
    let unknown = || {
        Refusal::invalid(vec![fengsui_base::Place::new(
            "/filter",
            "filter.unknown",
            format!("不能按“{name}”筛选，请去掉这个条件"),
        )])
    };
    let field = kind.field(name).filter(|f| f.filter).ok_or_else(unknown)?;
    let value = match field.kind {
        Integer | Money => IndexValue::Integer(value.parse().map_err(|_| unknown())?),
        Truth => IndexValue::Integer(i64::from(value == "true")),
        _ => IndexValue::Text(value),
    };
    Ok(Filter::Is(name.to_owned(), value))
}
