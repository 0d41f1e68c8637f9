//! Ledgers (台账): every kind of entry whose fields and life are written in the catalog, listed, opened, moved and read
//! by the same few use cases. None of them knows a kind by name.
//!
//! What belongs together in time stands together in one ChangeSet: the entry, the entries that its move carries along,
//! the journal lines, the photos it shows.

mod act;
mod agenda;
mod archive;
mod batch;
mod calls;
mod carry;
mod days_gone;
mod due_days;
mod files;
mod gather;
mod judge;
mod marks;
mod papers;
mod people;
mod places;
mod reminders;
mod view;
mod words;

pub use agenda::{AGENDA_MAX, AgendaItem, Why};
pub use archive::{ArchiveDocument, ArchiveLedger, DOCUMENTS_SHOWN, PartStanding, PartView, UnitArchive};
pub use batch::{BATCH_MAX, BatchAction, BatchChoice, BatchOutcome};
pub use calls::SPOKEN_TOGETHER_MAX;
pub use days_gone::PastAct;
pub use due_days::{DUE_COUNTED_MAX, DUE_DAYS_MAX, DueDay, DueDays};
pub(crate) use gather::{Gathered, linked_query};

pub use files::{LEDGER_FILE_BYTES_MAX, StoredFile};
pub use papers::{ISSUED_PAPER, IssuedPaper, PAPERS_OF_ENTRY_MAX, PaperAsk, PaperOffer, PapersOfEntry};
pub use people::{Named, PEOPLE_MAX};
pub use places::{LedgerPlaces, PLACED_MAX};
pub use reminders::REMINDED_MAX;
pub use view::{FollowView, LINKED_SHOWN, LedgerView, LinkedView};
pub use words::deadline_of;

use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{EntryId, Fields, Position, Refusal, RegionCode, Scope, Timestamp, UnitId};
use fengsui_catalog::{Campaign, Catalog, Kind, Permission};
use fengsui_ledger::{Entry, IndexValue, renamed, search_terms};
use fengsui_store::{Cursor, Direction, Filter, Page, Query, Sort};
use std::collections::BTreeMap;

/// Most fields that a list is filtered by at once.
const FILTERS_MAX: usize = 20;

/// Which entries of a ledger.
#[derive(Clone, Debug)]
pub struct LedgerFilter {
    /// Search text.
    pub text: Option<String>,
    /// States; empty for all.
    pub states: Vec<String>,
    /// How their deadlines stand.
    pub standing: Option<DueStanding>,
    /// Due on this day.
    pub due_on: Option<jiff::civil::Date>,
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

impl LedgerFilter {
    /// Direction of the order.
    pub(crate) fn direction(&self) -> Direction {
        if self.descending { Direction::Descending } else { Direction::Ascending }
    }
}

impl Default for LedgerFilter {
    /// Everything, what is due first at the beginning.
    fn default() -> Self {
        Self {
            text: None,
            states: Vec::new(),
            standing: None,
            due_on: None,
            unit: None,
            region: None,
            fields: Vec::new(),
            sort: Sort::Due,
            descending: false,
            after: None,
            limit: fengsui_store::PAGE_MAX,
        }
    }
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
    /// Over.
    pub closed: u64,
    /// How far it has come, where it is a campaign.
    pub campaign: Option<crate::CampaignProgress>,
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
        self.ledger_in(&self.catalog, grant, kind)
    }

    /// The same by one catalog: a decision is made by one revision from its beginning to its end.
    pub(crate) fn ledger_in<'c>(
        &self,
        catalog: &'c Catalog,
        grant: &Grant,
        kind: &str,
    ) -> Result<&'c Kind, Refusal> {
        grant.may(Permission::LedgerUse)?;
        let known = catalog.kind(kind).filter(|k| k.is_ledger());
        known.filter(|k| !self.readable(grant, k).is_empty()).ok_or_else(Refusal::not_found)
    }

    /// Where the asker may read entries of a ledger.
    pub(crate) fn readable(&self, grant: &Grant, kind: &Kind) -> Scope {
        let readers = kind.office.as_ref().map(|office| grant.scope_of_posts(&office.readers));
        let scope = readers.unwrap_or_default();
        // A campaign does not exist outside its area.
        let Some(area) = kind.campaign.as_ref().map(Campaign::scope) else { return scope };
        let lies = |unit: &UnitId| self.board.unit(*unit).is_some_and(|facts| area.contains(facts.region));
        let units: Vec<_> = scope.units().iter().map(|id| UnitId(*id)).filter(lies).collect();
        scope.within(&area).with_units(units)
    }

    /// Where the asker may read entries of each ledger; what a live screen is told of them.
    pub fn ledger_scopes(&self, grant: &Grant) -> BTreeMap<String, Scope> {
        let ledgers = self.ledgers(grant).unwrap_or_default();
        ledgers.into_iter().map(|kind| (kind.name.clone(), self.readable(grant, kind))).collect()
    }

    /// A page of a ledger.
    pub async fn ledger_entries(
        &self,
        grant: &Grant,
        kind: &str,
        filter: LedgerFilter,
    ) -> Result<(Page, u64), Fault> {
        let known = self.ledger(grant, kind)?;
        let query = self.ledger_query(grant, known, filter)?;
        let total = self.total(&query).await?;
        let mut page = self.store.list(&query).await?;
        page.items = in_words_of(known, page.items);
        Ok((page, total))
    }

    /// How the entries of a ledger stand.
    pub async fn ledger_tallies(&self, grant: &Grant, kind: &str) -> Result<LedgerTallies, Fault> {
        let kind = self.ledger(grant, kind)?;
        let all = Query::newest(&kind.name, self.readable(grant, kind));
        let standing = |standing| self.standing(all.clone(), kind, standing);
        let asked = [
            all.clone(),
            standing(DueStanding::Open),
            standing(DueStanding::Overdue),
            standing(DueStanding::Soon),
            standing(DueStanding::Closed),
        ];
        let counts = self.store.counts(&asked, fengsui_store::COUNTED_MAX + 1).await?;
        let [count, open, overdue, soon, closed] =
            std::array::from_fn(|n| counts.get(n).copied().unwrap_or_default());
        Ok(LedgerTallies {
            all: count,
            open,
            overdue,
            soon,
            closed,
            campaign: self.campaign_progress(grant, kind).await?,
        })
    }

    /// How many entries of each of these ledgers are open and how many of them overdue, in their order: one question for the
    /// whole menu.
    pub async fn ledger_counts(&self, grant: &Grant, kinds: &[&Kind]) -> Result<Vec<(u64, u64)>, Fault> {
        let both = |kind: &&Kind| {
            let all = Query::newest(&kind.name, self.readable(grant, kind));
            [DueStanding::Open, DueStanding::Overdue].map(|stands| self.standing(all.clone(), kind, stands))
        };
        let queries: Vec<Query> = kinds.iter().flat_map(both).collect();
        let counts = self.store.counts(&queries, fengsui_store::COUNTED_MAX + 1).await?;
        Ok(counts.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect())
    }

    /// Every open entry of a ledger within a scope.
    pub(super) fn open_of(&self, kind: &Kind, scope: Scope) -> Query {
        self.standing(Query::newest(&kind.name, scope), kind, DueStanding::Open)
    }

    pub(crate) fn ledger_query(
        &self,
        grant: &Grant,
        kind: &Kind,
        filter: LedgerFilter,
    ) -> Result<Query, Refusal> {
        let scope = self.narrowed(self.readable(grant, kind), filter.region);
        let mut query = Query::newest(&kind.name, scope);
        query.terms = filter.text.as_deref().map(search_terms).unwrap_or_default();
        query.direction = filter.direction();
        query.sort = in_order(kind, filter.sort)?;
        (query.after, query.limit) = (filter.after, filter.limit);
        if filter.fields.len() > FILTERS_MAX {
            return Err(too_many_filters());
        }
        for (name, value) in
            filter.fields.into_iter().chain(filter.unit.map(|u| ("unit".to_owned(), u.to_string())))
        {
            query.filters.push(indexed(kind, &name, value)?);
        }
        query.states = known_states(kind, filter.states);
        let mut query = match filter.standing {
            Some(standing) => self.standing(query, kind, standing),
            None => query,
        };
        if let Some(day) = filter.due_on {
            let range = due_days::due_within(&self.calendar(), day, day);
            let whole = query.due.unwrap_or(Timestamp::MIN..Timestamp::MAX);
            query.due = Some(range.start.max(whole.start)..range.end.min(whole.end));
        }
        Ok(query)
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
            DueStanding::Soon => Some(now..fengsui_base::soon_until(now, &self.calendar())),
        };
        query
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
        self.entry_of(grant, self.ledger(grant, kind)?, id).await
    }

    /// The same in the words of this revision of its ledger.
    pub(crate) async fn entry_of(&self, grant: &Grant, kind: &Kind, id: EntryId) -> Result<Entry, Fault> {
        let entry = self.store.entry(&self.readable(grant, kind), id).await?;
        let entry = entry.filter(|e| e.kind == kind.name).ok_or_else(Refusal::not_found)?;
        Ok(renamed(kind, entry))
    }
}

/// Entries in the words of this revision of their ledger.
pub(crate) fn in_words_of(kind: &Kind, entries: Vec<Entry>) -> Vec<Entry> {
    entries.into_iter().map(|entry| renamed(kind, entry)).collect()
}

/// The states of a list that its ledger has; a name that none has finds nothing, and each is asked for once.
fn known_states(kind: &Kind, asked: Vec<String>) -> Vec<String> {
    if asked.is_empty() {
        return asked;
    }
    let known = kind.states.iter().filter(|state| asked.contains(&state.name));
    let found: Vec<_> = known.map(|state| state.name.clone()).collect();
    if found.is_empty() { vec![String::new()] } else { found }
}

fn too_many_filters() -> Refusal {
    let detail = format!("一次最多按 {FILTERS_MAX} 项筛选，请去掉几项");
    Refusal::invalid(vec![fengsui_base::Place::new("/filter", "filter.too_many", detail)])
}

/// The order of a list; that of a field only where the ledger says that its lists are sorted by it.
fn in_order(kind: &Kind, sort: Sort) -> Result<Sort, Refusal> {
    match &sort {
        Sort::Field(name) if kind.field(name).is_none_or(|f| !f.sort) => Err(unsorted(kind, name)),
        _ => Ok(sort),
    }
}

fn unsorted(kind: &Kind, name: &str) -> Refusal {
    let label = kind.field(name).map_or(name, |f| f.label.as_str());
    let own = kind.fields.iter().filter(|f| f.sort).map(|f| f.label.as_str());
    let all: Vec<_> = ["时限", "登记时间", "名称"].into_iter().chain(own).collect();
    let detail = format!("不能按“{label}”排序；这本台账可以按{}排序", all.join("、"));
    Refusal::invalid(vec![fengsui_base::Place::new("/sort", "sort.unknown", detail)])
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
