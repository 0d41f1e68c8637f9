//! Entries that lived elsewhere before they came into a ledger (数据导入): each is opened by an opening move as of its own date, so
//! that its clock runs from then and an old overdue one arrives overdue; or it arrives further on in its life, even as over,
//! when the table says so and whoever brings it may correct the ledger.
//!
//! What guards would have asked of the way there was asked elsewhere or never; the journal says 导入, not the name of a move
//! that nobody made here. A clock that cannot be told stops the entry, as it stops a move.

use crate::clock::{owner_now, settle};
use crate::guard::{is_empty, stops};
use crate::moves::{entitled, impossible_dates, moved};
use crate::{Bench, Entry, Life, Scene};
use fengsui_base::{Fields, Place, Refusal, RefusalKind, Timestamp, WorkingCalendar};
use fengsui_catalog::{Kind, Move, OWN_PREFIX, check_fields};

/// What a table says of an entry that is not in the ledger yet.
#[derive(Clone, PartialEq, Debug)]
pub struct Arrival<'a> {
    /// The opening move.
    pub mv: &'a str,
    /// Any fields of the ledger, not only those that the move asks for.
    pub fields: &'a Fields,
    /// When it was opened elsewhere; the clock counts from then.
    pub opened_at: Timestamp,
    /// The state it is in already; none for the one that the move leads to.
    pub state: Option<&'a str>,
    /// When its life ended, for a state in which it is over.
    pub closed_at: Option<Timestamp>,
}

/// Judges an entry that arrives, and says what it is from now on. `scene.entry` is a draft that nothing was put into.
///
/// Errors: no such opening move, the doer may not make it there, a guard of it stops it, a field is wrong or missing, the
/// state is not one of the ledger or not the doer's to set, its dates contradict each other, or its clock cannot be told.
pub fn arrive(scene: &Scene<'_>, arrival: &Arrival<'_>) -> Result<Entry, Refusal> {
    let mv = scene.kind.mv(arrival.mv).filter(|m| m.opens()).ok_or_else(Refusal::not_found)?;
    entitled(scene, mv)?;
    let further = arrival.state.filter(|state| Some(*state) != mv.to.as_deref());
    let fields = laid(scene, mv, arrival, further.is_some())?;
    if let Some(state) = further {
        may_place(scene, state)?;
    } else if let Some(why) = mv.guards.iter().find_map(|g| stops(scene, g, &fields)) {
        let detail = format!("不能{}：{why}。", mv.label);
        return Err(Refusal::new(RefusalKind::Conflict, "move.barred", detail));
    }
    let to = further.map(str::to_owned).or_else(|| mv.to.clone());
    let then = Scene { now: arrival.opened_at, ..*scene };
    let mut entry = moved(&then, &Move { to, ..mv.clone() }, fields)?;
    entry.opened_at = arrival.opened_at;
    if entry.closed_at.is_some() {
        entry.closed_at = arrival.closed_at;
    }
    Ok(entry)
}

/// What the journal says of an entry that arrived.
pub fn arrival_words(
    scene_kind: &fengsui_catalog::Kind,
    entry: &Entry,
    last_day: Option<jiff::civil::Date>,
) -> String {
    let state = scene_kind.state_label(&entry.state);
    let due = last_day.map(|day| format!("，期限 {day}")).unwrap_or_default();
    format!("导入：{state}{due}")
}

/// The fields of the table, checked as those of a form are.
fn laid(scene: &Scene<'_>, mv: &Move, arrival: &Arrival<'_>, further: bool) -> Result<Fields, Refusal> {
    let mut fields = arrival.fields.clone();
    fields.extend(mv.sets.iter().map(|(k, v)| (k.clone(), v.clone())));
    fields.retain(|_, value| !value.is_null());
    let mut wrong = Vec::new();
    // Further on in its life an entry may have lost what its opening asked for; what it must have at all it still must. What a
    // site added to the form nobody asked elsewhere.
    let asked = mv.asked().filter(|(name, must)| *must && !further && !name.starts_with(OWN_PREFIX));
    for (name, _) in asked.filter(|(name, _)| is_empty(fields.get(*name))) {
        let label = scene.kind.field(name).map_or(name, |f| f.label.as_str());
        wrong.push(Place::new(format!("/{name}"), "field.required", format!("请填写{label}")));
    }
    for place in check_fields(scene.kind, &fields).into_iter().chain(impossible_dates(scene, &fields)) {
        if wrong.iter().all(|w| w.pointer != place.pointer) {
            wrong.push(place);
        }
    }
    wrong.extend(judged(scene, arrival, &mut fields));
    wrong.extend(contradictions(scene, arrival));
    if wrong.is_empty() { Ok(fields) } else { Err(Refusal::invalid(wrong)) }
}

/// Judges what the table says as of its own day. A grade that a pack reckons otherwise is refused; where what the pack
/// looks at was not written down, or no version of it holds for that day, the grade stands as it was given elsewhere, and
/// nothing says that a pack has judged it.
fn judged(scene: &Scene<'_>, arrival: &Arrival<'_>, fields: &mut Fields) -> Vec<Place> {
    let said = fields.clone();
    let bench = Bench { today: scene.calendar.day_of(arrival.opened_at), ..scene.bench() };
    let mut wrong = bench.judge(fields, &said).wrong;
    let unsaid = |place: &Place| is_empty(said.get(place.pointer.trim_start_matches('/')));
    wrong.retain(|place| match place.code.as_ref() {
        "pack.none" => false,
        "judgement.input" => !unsaid(place),
        _ => true,
    });
    wrong
}

/// Names under which the places of what is no field are told.
pub const ARRIVAL_PLACES: [&str; 3] = ["_opened_on", "_state", "_closed_on"];

fn contradictions(scene: &Scene<'_>, arrival: &Arrival<'_>) -> Option<Place> {
    let [opened, state, closed] = ARRIVAL_PLACES;
    let place = |name: &str, code, detail: &str| Some(Place::new(format!("/{name}"), code, detail));
    let end = match arrival.state.map(|name| scene.kind.state(name)) {
        Some(None) => return place(state, "state.unknown", "这本台账没有这个状态"),
        Some(Some(known)) => known.end,
        None => false,
    };
    match arrival.closed_at {
        _ if arrival.opened_at > scene.now => place(opened, "date.future", "登记日期不能晚于今天"),
        None if end => place(closed, "closed.missing", "已经办结的，请填写办结日期"),
        Some(_) if !end => place(closed, "closed.open", "填了办结日期，请把状态填成办结的状态，或删去日期"),
        Some(at) if at > scene.now => place(closed, "date.future", "办结日期不能晚于今天"),
        Some(at) if at < arrival.opened_at => place(closed, "date.before", "办结日期不能早于登记日期"),
        Some(_) | None => None,
    }
}

/// Whoever brings an entry in another state than a move leads to says how it stands: that is a correction.
fn may_place(scene: &Scene<'_>, state: &str) -> Result<(), Refusal> {
    let editors = scene.kind.office.as_ref().map(|o| o.editors.as_slice()).unwrap_or_default();
    if scene.doer.posts.iter().any(|held| editors.contains(&held.name)) {
        return Ok(());
    }
    let label = scene.kind.state_label(state);
    let detail = format!("状态“{label}”的记录由{}导入，您在这里没有这个岗位", scene.labels(editors));
    let [_, name, _] = ARRIVAL_PLACES;
    Err(Refusal::invalid(vec![Place::new(format!("/{name}"), "entry.editor", detail)]))
}

/// Whether nobody has acted on an entry since it arrived: one hand, whatever its clock has said meanwhile.
pub fn untouched_life(entry: &Entry) -> bool {
    Life::of(&entry.fields).is_some_and(|life| life.hands.len() == 1)
}

/// The entry with what it said before a correction that is taken back; its life goes on, and who must act follows the fields.
pub fn restored(kind: &Kind, now: &Entry, former: &Entry, calendar: &WorkingCalendar) -> Entry {
    let mut entry = Entry {
        version: now.version + 1,
        fields: former.fields.clone(),
        title: former.title.clone(),
        region: former.region,
        position: former.position,
        ..now.clone()
    };
    let Some(mut life) = Life::of(&now.fields) else { return entry };
    life.hand_version = None;
    let clock = kind.state(&entry.state).and_then(|state| state.clock.as_ref());
    if let (Some(clock), Some(running)) = (clock, &mut life.clock) {
        running.owner = owner_now(clock, &entry.fields, running).unwrap_or_else(|| running.owner.clone());
    }
    settle(kind, &mut entry, &life, calendar);
    entry
}
