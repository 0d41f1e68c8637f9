//! One entry as its page shows it: its steps and its clock, what may be done with it, what follows from it.

use super::describe::Ask;
use super::judge::JudgementView;
use super::show::{DeadlineView, EntryRow, LinkedEntries, Shown};
use crate::page::lng_lat;
use crate::problem::Denied;
use crate::schema::LngLat;
use fengsui_app::{App, LedgerView};
use fengsui_base::{Fields, Timestamp};
use fengsui_catalog::{Kind, RESERVED};
use fengsui_ledger::{Entry, Life, Owner, Running, next_call};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

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
