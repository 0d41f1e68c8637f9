//! Entries as lists show them: the words of the catalog beside what is stored, deadlines in the unit of their law.

use crate::page::{NamedRef, RegionRef};
use crate::problem::Denied;
use crate::schema::FourColours;
use fengsui_access::Grant;
use fengsui_app::{AgendaItem, App, LedgerTallies, LinkedView, Named, Why};
use fengsui_base::{Deadline, DeadlineStanding, Due, EntryId, Fields, Timestamp, WorkingCalendar};
use fengsui_catalog::{Field, Kind};
use fengsui_ledger::{Entry, Life, Owner};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;

/// A page of a ledger.
#[derive(Serialize, ToSchema)]
pub(crate) struct EntryList {
    pub(crate) items: Vec<EntryRow>,
    pub(crate) next: Option<String>,
    /// How many there are: exact up to 10,000; 10,001 says that there are more.
    pub(crate) total: u64,
}

/// An entry in a list.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct EntryRow {
    id: String,
    kind: String,
    kind_label: String,
    number: Option<String>,
    title: String,
    state: String,
    state_label: String,
    /// Whether its life is over.
    end: bool,
    mark: Option<Mark>,
    region: RegionRef,
    unit: Option<NamedRef>,
    /// Who must act.
    owner: Option<String>,
    deadline: Option<DeadlineView>,
    opened_at: String,
    closed_at: Option<String>,
    version: u64,
    /// What the columns of the ledger say, and the fields that its lists may be sorted by.
    cells: BTreeMap<String, String>,
}

/// The level of an entry.
#[derive(Clone, Serialize, ToSchema)]
struct Mark {
    /// 1 (red) to 4 (blue).
    #[schema(value_type = FourColours)]
    level: u8,
    label: String,
}

/// A deadline in words.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct DeadlineView {
    /// 剩 3 个工作日.
    words: String,
    #[schema(value_type = DeadlineStandingName)]
    standing: DeadlineStanding,
    due_at: String,
    /// The last day, which counts to its end; none for one in hours.
    on: Option<String>,
    /// Whether it may still move, because the year's holidays are not known.
    provisional: bool,
}

/// Where a deadline stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema is used: the type of the deadline itself has none")]
enum DeadlineStandingName {
    Running,
    DueSoon,
    Overdue,
    Met,
    MetLate,
}

impl DeadlineView {
    pub(super) fn of(deadline: &Deadline, now: Timestamp, calendar: &WorkingCalendar) -> Self {
        let Due { at, on, provisional } = deadline.due;
        Self {
            words: deadline.words(now, calendar),
            standing: deadline.standing(now, calendar),
            due_at: at.to_string(),
            on: on.map(|day| day.to_string()),
            provisional,
        }
    }
}

/// What it takes to show entries: the names of what they name, the time, the calendar.
pub(crate) struct Shown<'a> {
    app: &'a App,
    pub(super) names: BTreeMap<EntryId, String>,
    pub(super) now: Timestamp,
    pub(super) calendar: Arc<WorkingCalendar>,
}

impl<'a> Shown<'a> {
    pub(crate) async fn of(app: &'a App, grant: &Grant, entries: &[Entry]) -> Result<Self, Denied> {
        Ok(Self::named(app, app.names(&app.ledger_scopes(grant), entries).await?))
    }

    pub(super) fn named(app: &'a App, names: BTreeMap<EntryId, String>) -> Self {
        Self { app, names, now: app.now(), calendar: app.calendar() }
    }

    pub(crate) fn rows(&self, entries: &[Entry]) -> Vec<EntryRow> {
        entries.iter().filter_map(|entry| self.row(entry)).collect()
    }

    pub(super) fn row(&self, entry: &Entry) -> Option<EntryRow> {
        let kind = self.app.catalog().kind(&entry.kind)?;
        let life = Life::of(&entry.fields);
        let cell = |f: &Field| Some((f.name.clone(), self.text(f, entry.fields.get(&f.name)?)?));
        Some(EntryRow {
            id: entry.id.to_string(),
            kind: kind.name.clone(),
            kind_label: kind.label.clone(),
            number: entry.number.clone(),
            title: entry.title.clone(),
            state: entry.state.clone(),
            state_label: kind.state_label(&entry.state).to_owned(),
            end: kind.state(&entry.state).is_none_or(|s| s.end),
            mark: mark(kind, &entry.fields),
            region: RegionRef::find(self.app, entry.region),
            unit: entry.unit().map(|id| NamedRef::of(id, self.name(id))),
            owner: life.as_ref().and_then(|l| l.clock.as_ref()).map(|c| self.owner(&c.owner)),
            deadline: self.deadline(entry, life.as_ref()),
            opened_at: entry.opened_at.to_string(),
            closed_at: entry.closed_at.map(|at| at.to_string()),
            version: entry.version,
            cells: kind.shown().filter_map(cell).collect(),
        })
    }

    fn deadline(&self, entry: &Entry, life: Option<&Life>) -> Option<DeadlineView> {
        let deadline = fengsui_app::deadline_of(entry, life?)?;
        Some(DeadlineView::of(&deadline, self.now, &self.calendar))
    }

    fn name(&self, id: EntryId) -> &str {
        self.names.get(&id).map_or("（已不在）", String::as_str)
    }

    pub(super) fn owner(&self, owner: &Owner) -> String {
        self.app.owner_words(owner, &self.names)
    }

    pub(super) fn text(&self, field: &Field, value: &Value) -> Option<String> {
        self.app.field_words(field, value, &self.names)
    }
}

fn mark(kind: &Kind, fields: &Fields) -> Option<Mark> {
    let field = kind.field(kind.office.as_ref()?.mark.as_deref()?)?;
    let value = fields.get(&field.name)?.as_str()?;
    let choice = field.choices.iter().find(|c| c.value == value)?;
    Some(Mark { level: choice.level?, label: choice.label.clone() })
}

/// How many entries of a ledger stand how.
#[derive(Serialize, ToSchema)]
pub(crate) struct Tallies {
    /// Each of these is exact up to 10,000; 10,001 says that there are more.
    all: u64,
    open: u64,
    overdue: u64,
    soon: u64,
    closed: u64,
    /// How far it has come, where it is a campaign.
    campaign: Option<ProgressView>,
}

/// How far a campaign has come.
#[derive(Serialize, ToSchema)]
struct ProgressView {
    ends_on: String,
    /// The day since which nothing is opened any more.
    over_since: Option<String>,
    /// Names of its regions.
    area: Vec<String>,
    target: Option<u32>,
    each_township: bool,
    /// How many count: exact up to 10,000; 10,001 says that there are more.
    done: u64,
    townships: Vec<TownshipProgress>,
}

/// How far a township has come.
#[derive(Serialize, ToSchema)]
struct TownshipProgress {
    name: String,
    done: u64,
}

impl ProgressView {
    fn of(progress: fengsui_app::CampaignProgress) -> Self {
        let township =
            |(region, done): (fengsui_base::Region, u64)| TownshipProgress { name: region.name, done };
        Self {
            ends_on: progress.ends_on.to_string(),
            over_since: progress.over_since.map(|on| on.to_string()),
            area: progress.area,
            target: progress.target.map(|t| t.count),
            each_township: progress.target.is_some_and(|t| t.each_township),
            done: progress.done,
            townships: progress.townships.into_iter().map(township).collect(),
        }
    }
}

impl Tallies {
    pub(crate) fn of(found: LedgerTallies) -> Self {
        Self {
            all: found.all,
            open: found.open,
            overdue: found.overdue,
            soon: found.soon,
            closed: found.closed,
            campaign: found.campaign.map(ProgressView::of),
        }
    }
}

/// Entries of another ledger that name this one.
#[derive(Serialize, ToSchema)]
pub(crate) struct LinkedEntries {
    kind: String,
    label: String,
    total: u64,
    items: Vec<EntryRow>,
}

impl LinkedEntries {
    pub(super) fn of(shown: &Shown<'_>, linked: LinkedView) -> Self {
        let LinkedView { kind, label, total, items } = linked;
        Self { kind, label, total, items: shown.rows(&items) }
    }
}

/// What somebody must do.
#[derive(Serialize, ToSchema)]
pub(crate) struct Agenda {
    items: Vec<AgendaRow>,
}

/// One thing to do.
#[derive(Serialize, ToSchema)]
struct AgendaRow {
    #[serde(flatten)]
    row: EntryRow,
    /// Why it is hers, in words.
    why: String,
}

impl Agenda {
    pub(crate) async fn of(app: &App, grant: &Grant, items: Vec<AgendaItem>) -> Result<Self, Denied> {
        let entries: Vec<Entry> = items.iter().map(|item| item.entry.clone()).collect();
        let shown = Shown::of(app, grant, &entries).await?;
        let row =
            |item: &AgendaItem| Some(AgendaRow { row: shown.row(&item.entry)?, why: why(&shown, &item.why) });
        Ok(Self { items: items.iter().filter_map(row).collect() })
    }
}

fn why(shown: &Shown<'_>, why: &Why) -> String {
    match why {
        Why::Own => "由我办理".to_owned(),
        Why::Unit => "本单位的事项".to_owned(),
        Why::Post(post) => format!("由{}办理", shown.owner(&Owner::Post(post.clone()))),
        Why::Escalated(post) => format!("逾期升级，由{}督办", shown.owner(&Owner::Post(post.clone()))),
    }
}

/// Persons that a form may name.
#[derive(Serialize, ToSchema)]
pub(crate) struct People {
    items: Vec<NameablePerson>,
}

/// A person that a form may name.
#[derive(Serialize, ToSchema)]
struct NameablePerson {
    id: String,
    name: String,
    posts: Vec<String>,
    /// Number of the certificate.
    certificate: Option<String>,
}

impl People {
    pub(crate) fn of(found: Vec<Named>) -> Self {
        let person = |p: Named| NameablePerson {
            id: p.id.to_string(),
            name: p.name,
            posts: p.posts,
            certificate: p.certificate,
        };
        Self { items: found.into_iter().map(person).collect() }
    }
}

/// What the ledgers have of a unit.
#[derive(Serialize, ToSchema)]
pub(crate) struct UnitLedgers {
    items: Vec<LinkedEntries>,
}

impl UnitLedgers {
    pub(crate) async fn of(app: &App, grant: &Grant, linked: Vec<LinkedView>) -> Result<Self, Denied> {
        let entries: Vec<Entry> = linked.iter().flat_map(|l| l.items.iter().cloned()).collect();
        let shown = Shown::of(app, grant, &entries).await?;
        Ok(Self { items: linked.into_iter().map(|l| LinkedEntries::of(&shown, l)).collect() })
    }
}
