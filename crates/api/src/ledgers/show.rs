//! Entries as lists and pages show them: the words of the catalog beside what is stored, deadlines in the unit of their law.

use super::describe::Ask;
use super::judge::JudgementView;
use crate::page::{NamedRef, RegionRef, lng_lat};
use crate::problem::Denied;
use crate::schema::{FourColours, LngLat};
use fengsui_app::{AgendaItem, App, LedgerTallies, LedgerView, LinkedView, Named, Why};
use fengsui_base::{Deadline, DeadlineStanding, Due, EntryId, Fields, Timestamp, WorkingCalendar};
use fengsui_catalog::{Field, Kind, RESERVED};
use fengsui_ledger::{Entry, Life, Owner, Running, next_call};
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
    /// What the columns of the ledger say.
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
struct DeadlineView {
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
    fn of(deadline: &Deadline, now: Timestamp, calendar: &WorkingCalendar) -> Self {
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
    names: BTreeMap<EntryId, String>,
    now: Timestamp,
    calendar: Arc<WorkingCalendar>,
}

impl<'a> Shown<'a> {
    pub(crate) async fn of(app: &'a App, entries: &[Entry]) -> Result<Self, Denied> {
        Ok(Self::named(app, app.names(entries).await?))
    }

    fn named(app: &'a App, names: BTreeMap<EntryId, String>) -> Self {
        Self { app, names, now: app.now(), calendar: app.calendar() }
    }

    pub(crate) fn rows(&self, entries: &[Entry]) -> Vec<EntryRow> {
        entries.iter().filter_map(|entry| self.row(entry)).collect()
    }

    pub(super) fn row(&self, entry: &Entry) -> Option<EntryRow> {
        let kind = self.app.catalog().kind(&entry.kind)?;
        let life = Life::of(&entry.fields);
        let columns = kind.office.iter().flat_map(|o| &o.columns).filter_map(|name| kind.field(name));
        let cells = columns.filter_map(|f| Some((f.name.clone(), self.text(f, entry.fields.get(&f.name)?)?)));
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
            cells: cells.collect(),
        })
    }

    fn deadline(&self, entry: &Entry, life: Option<&Life>) -> Option<DeadlineView> {
        let deadline = fengsui_app::deadline_of(entry, life?)?;
        Some(DeadlineView::of(&deadline, self.now, &self.calendar))
    }

    fn name(&self, id: EntryId) -> &str {
        self.names.get(&id).map_or("（已不在）", String::as_str)
    }

    fn owner(&self, owner: &Owner) -> String {
        self.app.owner_words(owner, &self.names)
    }

    fn text(&self, field: &Field, value: &Value) -> Option<String> {
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

/// One entry with everything its page shows.
#[derive(Serialize, ToSchema)]
pub(crate) struct EntryDetail {
    #[serde(flatten)]
    row: EntryRow,
    #[schema(value_type = Option<LngLat>)]
    position: Option<[f64; 2]>,
    /// The fields as they are stored.
    #[schema(value_type = BTreeMap<String, serde_json::Value>)]
    fields: Fields,
    /// Names of what the fields name, by id.
    names: BTreeMap<String, String>,
    /// What it says that its ledger asks for no more.
    former: Vec<FormerFact>,
    steps: Vec<EntryStep>,
    clock: Option<ClockView>,
    /// What rule packs reckoned of it.
    judged: Vec<JudgementView>,
    actions: Vec<EntryAction>,
    edit: Permit,
    follows: Vec<FollowUp>,
    linked: Vec<LinkedEntries>,
}

/// A value of a field that the ledger has no more (曾用字段), in words.
#[derive(Serialize, ToSchema)]
struct FormerFact {
    label: String,
    words: String,
}

/// A step of its life.
#[derive(Serialize, ToSchema)]
struct EntryStep {
    label: String,
    at: Option<String>,
    #[schema(value_type = EntryStepState)]
    state: &'static str,
}

/// Where a step stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema is used")]
enum EntryStepState {
    Done,
    Now,
    Next,
}

/// The deadline that runs.
#[derive(Serialize, ToSchema)]
struct ClockView {
    #[serde(flatten)]
    deadline: DeadlineView,
    /// The legal source.
    basis: String,
    owner: String,
    /// How often it was extended.
    extended: u8,
    started_at: String,
    /// Who hears of it when it passes, and when.
    escalates: Vec<EscalationStep>,
}

/// A step of an escalation.
#[derive(Serialize, ToSchema)]
struct EscalationStep {
    label: String,
    at: String,
    /// Whether it was made.
    made: bool,
}

/// A move that an entry offers.
#[derive(Serialize, ToSchema)]
struct EntryAction {
    name: String,
    label: String,
    allowed: bool,
    reason: Option<String>,
    help: Option<String>,
    asks: Vec<Ask>,
}

/// Whether something may be done, with the reason when not.
#[derive(Serialize, ToSchema)]
struct Permit {
    allowed: bool,
    reason: Option<String>,
}

/// An entry of another ledger that may begin from this one.
#[derive(Serialize, ToSchema)]
struct FollowUp {
    kind: String,
    /// The opening move there.
    opens: String,
    label: String,
    allowed: bool,
    reason: Option<String>,
    /// What its form begins with.
    #[schema(value_type = BTreeMap<String, serde_json::Value>)]
    fills: Fields,
}

/// Entries of another ledger that name this one.
#[derive(Serialize, ToSchema)]
struct LinkedEntries {
    kind: String,
    label: String,
    total: u64,
    items: Vec<EntryRow>,
}

impl EntryDetail {
    pub(crate) fn of(app: &App, view: LedgerView) -> Result<Self, Denied> {
        let LedgerView { entry, former, actions, amend_barred, follows, linked, names } = view;
        let missing = fengsui_base::Refusal::not_found;
        let kind = app.catalog().kind(&entry.kind).ok_or_else(missing)?;
        let shown = Shown::named(app, names);
        let row = shown.row(&entry).ok_or_else(missing)?;
        let life = Life::of(&entry.fields);
        let action = |a: fengsui_ledger::Action| {
            let mv = kind.mv(&a.name);
            EntryAction {
                allowed: a.barred.is_none(),
                reason: a.barred,
                help: mv.and_then(|m| m.help.clone()),
                asks: mv.map(Ask::of).unwrap_or_default(),
                name: a.name,
                label: a.label,
            }
        };
        let follow = |f: fengsui_app::FollowView| FollowUp {
            kind: f.follow.kind,
            opens: f.follow.opens,
            label: f.follow.label,
            allowed: f.barred.is_none(),
            reason: f.barred,
            fills: f.fields,
        };
        // What cannot be said in a line is shown as it was stored: nothing is lost.
        let fact = |f: fengsui_app::FormerField| FormerFact {
            words: shown.text(&f.field, &f.value).unwrap_or_else(|| f.value.to_string()),
            label: f.field.label,
        };
        Ok(Self {
            position: lng_lat(entry.position),
            former: former.into_iter().map(fact).collect(),
            steps: life.as_ref().map(|l| steps(kind, &entry, l)).unwrap_or_default(),
            clock: life.as_ref().and_then(|l| clock(&shown, kind, &entry, l)),
            actions: actions.into_iter().map(action).collect(),
            edit: Permit { allowed: amend_barred.is_none(), reason: amend_barred },
            follows: follows.into_iter().map(follow).collect(),
            linked: linked.into_iter().map(|l| LinkedEntries::of(&shown, l)).collect(),
            judged: JudgementView::all(kind, &entry),
            fields: entry.fields.into_iter().filter(|(name, _)| !name.starts_with(RESERVED)).collect(),
            names: shown.names.into_iter().map(|(id, name)| (id.to_string(), name)).collect(),
            row,
        })
    }
}

impl LinkedEntries {
    fn of(shown: &Shown<'_>, linked: LinkedView) -> Self {
        let LinkedView { kind, label, total, items } = linked;
        Self { kind, label, total, items: shown.rows(&items) }
    }
}

/// The states it came through, the one it is in, and the ones that usually follow.
fn steps(kind: &Kind, entry: &Entry, life: &Life) -> Vec<EntryStep> {
    let mut passed: Vec<(&str, Timestamp)> = Vec::new();
    for hand in &life.hands {
        let Some(to) = kind.mv(&hand.mv).and_then(|m| m.to.as_deref()) else { continue };
        passed.retain(|(state, _)| *state != to);
        passed.push((to, hand.at));
    }
    let over = kind.state(&entry.state).is_none_or(|s| s.end);
    let step = |(state, at): &(&str, Timestamp)| EntryStep {
        label: kind.state_label(state).to_owned(),
        at: Some(at.to_string()),
        state: if *state == entry.state && !over { "now" } else { "done" },
    };
    let mut steps: Vec<EntryStep> = passed.iter().map(step).collect();
    let mut at = entry.state.as_str();
    // The first move out of a state is the usual one: the catalog has it so.
    while let Some(next) = usual(kind, at).filter(|next| passed.iter().all(|(s, _)| s != next)) {
        steps.push(EntryStep { label: kind.state_label(next).to_owned(), at: None, state: "next" });
        passed.push((next, entry.opened_at));
        at = next;
    }
    steps
}

/// Where the first move out of a state leads that does not go back: a ledger's file has the usual move first.
fn usual<'k>(kind: &'k Kind, state: &str) -> Option<&'k str> {
    let place = |name: &str| kind.states.iter().position(|s| s.name == name);
    let here = place(state)?;
    let onward =
        kind.moves.iter().filter(|m| m.from.iter().any(|s| s == state)).filter_map(|m| m.to.as_deref());
    onward.into_iter().find(|to| place(to).is_some_and(|p| p > here))
}

fn clock(shown: &Shown<'_>, kind: &Kind, entry: &Entry, life: &Life) -> Option<ClockView> {
    let running = life.clock.as_ref()?;
    let rule = kind.state(&entry.state)?.clock.as_ref()?;
    Some(ClockView {
        deadline: DeadlineView::of(&running.deadline(None), shown.now, &shown.calendar),
        basis: rule.basis.clone(),
        owner: shown.owner(&running.owner),
        extended: running.extended,
        started_at: running.started_at.to_string(),
        escalates: escalates(shown, kind, entry, life, running),
    })
}

fn escalates(
    shown: &Shown<'_>,
    kind: &Kind,
    entry: &Entry,
    life: &Life,
    running: &Running,
) -> Vec<EscalationStep> {
    let mut ahead = life.clone();
    let mut steps = Vec::new();
    for called in 1..=u8::MAX {
        if let Some(clock) = &mut ahead.clock {
            clock.called = called;
        }
        let Some((at, call)) = next_call(kind, entry, &ahead, &shown.calendar) else { break };
        let fengsui_ledger::Call::Escalated(post) = call else { continue };
        let label = shown.owner(&Owner::Post(post));
        steps.push(EscalationStep { label, at: at.to_string(), made: running.called > called });
    }
    steps
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
    pub(crate) async fn of(app: &App, items: Vec<AgendaItem>) -> Result<Self, Denied> {
        let entries: Vec<Entry> = items.iter().map(|item| item.entry.clone()).collect();
        let shown = Shown::of(app, &entries).await?;
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
    pub(crate) async fn of(app: &App, linked: Vec<LinkedView>) -> Result<Self, Denied> {
        let entries: Vec<Entry> = linked.iter().flat_map(|l| l.items.iter().cloned()).collect();
        let shown = Shown::of(app, &entries).await?;
        Ok(Self { items: linked.into_iter().map(|l| LinkedEntries::of(&shown, l)).collect() })
    }
}
