//! The clock of a state (时限): when it starts, when it calls, whom it names.
//!
//! A clock calls first when the deadline is near (到期提醒), then at each step of its escalation. Which of its calls were
//! made is part of the entry, so a restart neither repeats nor forgets one.

use crate::day::Day;
use crate::{Entry, Life, Owner, Running, Scene};
use fengsui_base::{Due, EntryId, Fields, Term, Timestamp, WorkingCalendar};
use fengsui_catalog::{Clock, ClockOwner, DueRule, Kind, State};
use jiff::SignedDuration;
use serde_json::Value;

/// A term that a clock counts from, and the deadline it gives.
struct Reckoned {
    started_at: Timestamp,
    due: Due,
    term: Option<Term>,
}

/// The clock that a state starts for these fields, counted from `now` unless it counts from a day of the entry.
///
/// None when the day it depends on is not there: whoever moves into the state is asked for it.
pub(crate) fn start(scene: &Scene<'_>, state: &State, fields: &Fields, life: &Life) -> Option<Running> {
    let clock = state.clock.as_ref()?;
    let reckoned = reckon(scene.calendar, clock, fields, scene.now)?;
    Some(Running {
        started_at: reckoned.started_at,
        due: reckoned.due,
        term: reckoned.term,
        owner: owner(scene, state, clock, fields, life)?,
        extended: 0,
        called: 0,
        escalated_to: None,
    })
}

fn reckon(calendar: &WorkingCalendar, clock: &Clock, fields: &Fields, now: Timestamp) -> Option<Reckoned> {
    let started_at = match &clock.from {
        Some(field) => Day::of(fields.get(field))?.start(calendar)?,
        None => now,
    };
    let counted = |term: Term| {
        let due = calendar.due(started_at, term);
        Some(Reckoned { started_at, due, term: Some(term) })
    };
    match &clock.due {
        DueRule::Term(term) => counted(*term),
        DueRule::By { field, terms, otherwise } => {
            let value = fields.get(field).and_then(Value::as_str).unwrap_or_default();
            counted(*terms.get(value).unwrap_or(otherwise))
        }
        DueRule::Field(field) => {
            let due = match Day::of(fields.get(field))? {
                Day::Date(day) => calendar.due_on(day),
                Day::Instant(at) => Due { at, on: None, provisional: false },
            };
            Some(Reckoned { started_at, due, term: None })
        }
    }
}

fn owner(scene: &Scene<'_>, state: &State, clock: &Clock, fields: &Fields, life: &Life) -> Option<Owner> {
    let own = match &clock.owner {
        ClockOwner::Post(post) => return Some(Owner::Post(post.clone())),
        ClockOwner::Unit | ClockOwner::Person(_) => return named_owner(&clock.owner, fields),
        ClockOwner::Maker => life.maker()?,
        ClockOwner::Mover => scene.doer.account?,
    };
    // Only of the one who acts now it is known which posts she holds there.
    let stuck = scene.doer.account == Some(own) && !can_go_on(scene, state);
    let otherwise = clock.otherwise.clone().filter(|_| stuck);
    Some(otherwise.map_or(Owner::Account(own.into()), Owner::Post))
}

/// Whether the doer holds a post that can move an entry out of, or on in, a state.
fn can_go_on(scene: &Scene<'_>, state: &State) -> bool {
    let mut leading = scene.kind.moves.iter().filter(|m| m.from.contains(&state.name));
    leading.any(|m| scene.entitled(m).next().is_some())
}

/// The unit or the person whom the fields name.
fn named_owner(owner: &ClockOwner, fields: &Fields) -> Option<Owner> {
    let id = |value: &Value| value.as_str().and_then(|t| t.parse::<EntryId>().ok());
    match owner {
        ClockOwner::Unit => fields.get(crate::UNIT_FIELD).and_then(id).map(Owner::Unit),
        ClockOwner::Person(field) => {
            let named = fields.get(field)?;
            named.as_array().and_then(|all| all.first()).or(Some(named)).and_then(id).map(Owner::Account)
        }
        ClockOwner::Post(_) | ClockOwner::Maker | ClockOwner::Mover => None,
    }
}

/// Who must act once fields were corrected: whom the fields name now; anybody else stays. None when they name nobody.
pub(crate) fn owner_now(clock: &Clock, fields: &Fields, running: &Running) -> Option<Owner> {
    match &clock.owner {
        ClockOwner::Unit | ClockOwner::Person(_) => named_owner(&clock.owner, fields),
        ClockOwner::Post(_) | ClockOwner::Maker | ClockOwner::Mover => Some(running.owner.clone()),
    }
}

/// What a clock has to say when its time has come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Call {
    /// The deadline is near: whoever must act is reminded.
    Reminder,
    /// The deadline has passed: this post hears of it.
    Escalated(String),
}

/// When the clock calls next, and what it says then.
pub fn next_call(
    kind: &Kind,
    entry: &Entry,
    life: &Life,
    calendar: &WorkingCalendar,
) -> Option<(Timestamp, Call)> {
    let running = life.clock.as_ref()?;
    let clock = kind.state(&entry.state)?.clock.as_ref()?;
    match running.called {
        0 => Some((running.deadline(None).soon_at(calendar), Call::Reminder)),
        n => {
            let step = clock.escalates.get(usize::from(n) - 1)?;
            let from = running.due.at;
            // The end of a day belongs to the next one: counted from its last instant, the term begins where it should.
            let last = if running.due.on.is_some() { from - SignedDuration::from_micros(1) } else { from };
            let at = step.after.map_or(from, |term| calendar.due(last, term).at);
            Some((at, Call::Escalated(step.to.clone())))
        }
    }
}

/// The entry after the calls that are due at `now`, with what was said; none when nothing is due.
pub fn call(
    kind: &Kind,
    entry: &Entry,
    now: Timestamp,
    calendar: &WorkingCalendar,
) -> Option<(Entry, Vec<Call>)> {
    let mut life = Life::of(&entry.fields)?;
    let mut said = Vec::new();
    while let Some((_, call)) = next_call(kind, entry, &life, calendar).filter(|(at, _)| *at <= now) {
        let running = life.clock.as_mut()?;
        running.called += 1;
        if let Call::Escalated(to) = &call {
            running.escalated_to = Some(to.clone());
        }
        said.push(call);
    }
    if said.is_empty() {
        return None;
    }
    Some((spoken(kind, entry, life, calendar), said))
}

/// The entry as it shall wake by the calendar and the ledger of today; none when it does already.
///
/// A weekend that became a working day moves a reminder. What was to wake earlier and has nothing to say would stand at the
/// head of its ledger and hide what has.
pub fn rewoken(kind: &Kind, entry: &Entry, calendar: &WorkingCalendar) -> Option<Entry> {
    let life = Life::of(&entry.fields)?;
    let wake_at = next_call(kind, entry, &life, calendar).map(|(at, _)| at);
    (wake_at != entry.wake_at).then(|| spoken(kind, entry, life, calendar))
}

/// The entry with its deadline reckoned anew by a calendar that knows more; none when nothing changes.
pub fn reckon_again(kind: &Kind, entry: &Entry, calendar: &WorkingCalendar) -> Option<Entry> {
    let mut life = Life::of(&entry.fields)?;
    let running = life.clock.as_mut()?;
    let due = match running.term {
        Some(term) if running.due.provisional => calendar.due(running.started_at, term),
        Some(_) | None => return None,
    };
    if due == running.due {
        return None;
    }
    running.due = due;
    Some(spoken(kind, entry, life, calendar))
}

/// The entry as its clock leaves it: another version, and no other content.
fn spoken(kind: &Kind, entry: &Entry, mut life: Life, calendar: &WorkingCalendar) -> Entry {
    life.written_by_itself(entry);
    let mut after = entry.clone();
    after.version += 1;
    settle(kind, &mut after, &life, calendar);
    after
}

/// Writes the life into the entry, and the columns that follow from it.
pub(crate) fn settle(kind: &Kind, entry: &mut Entry, life: &Life, calendar: &WorkingCalendar) {
    entry.due_at = life.clock.as_ref().map(|c| c.due.at);
    entry.owner = life.clock.as_ref().and_then(|c| c.owner.entry());
    entry.wake_at = next_call(kind, entry, life, calendar).map(|(at, _)| at);
    life.write(&mut entry.fields);
}
