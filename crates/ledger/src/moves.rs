//! Moves (动作): whether one is allowed, and what it changes.
//!
//! The list of actions on a page and the judgement of an action are the same functions: a button that is offered works,
//! and one that is barred says why in the words of the refusal.

use crate::clock::{owner_now, settle, start};
use crate::day::Day;
use crate::guard::{is_empty, left_limits, stops};
use crate::{Entry, Hand, LIFE_FIELD, Life, Met, Scene};
use fengsui_base::{EntryId, Fields, Place, Refusal, RefusalKind, ids_in, overlaid};
use fengsui_catalog::{Also, Guard, Kind, Move, check_fields};
use serde_json::Value;

/// An action of an entry as a page shows it.
#[derive(Clone, PartialEq, Debug)]
pub struct Action {
    /// The move.
    pub name: String,
    /// Its label.
    pub label: String,
    /// Why it is barred; none when it is allowed.
    pub barred: Option<String>,
}

/// What a move changes.
#[derive(Clone, PartialEq, Debug)]
pub struct Effects {
    /// The entry as it shall be.
    pub entry: Entry,
    /// What happened, as one sentence without the name of who did it.
    pub said: String,
    /// Moves with linked entries, with the fields that go with them.
    pub also: Vec<Carried>,
    /// What the register of units says of the responsible unit from now on.
    pub marks: Fields,
}

/// A move that is carried to a linked entry.
#[derive(Clone, PartialEq, Debug)]
pub struct Carried {
    /// The entry.
    pub entry: EntryId,
    /// The move.
    pub mv: String,
    /// The fields that go with it.
    pub fields: Fields,
}

/// The actions of an entry for who acts: those that are allowed, and those that are barred for a reason that somebody with
/// such a post can do something about. Moves of other posts are absent.
pub fn actions(scene: &Scene<'_>) -> Vec<Action> {
    let here = |m: &&Move| {
        scene.kind.resting.is_none()
            && m.from.contains(&scene.entry.state)
            && scene.entitled(m).next().is_some()
    };
    let action = |m: &Move| Action {
        name: m.name.clone(),
        label: m.label.clone(),
        barred: standing(scene, m).first().cloned(),
    };
    scene.kind.moves.iter().filter(here).map(action).collect()
}

/// Why a move cannot pass whatever its form says.
fn standing(scene: &Scene<'_>, mv: &Move) -> Vec<String> {
    let asked = |guard: &&Guard| guard.fields().all(|f| mv.asked().all(|(name, _)| name != f));
    // Where the person stands comes with the form too.
    let judged = mv.guards.iter().filter(asked).filter(|g| !matches!(g, Guard::WithinM(_)));
    judged.filter_map(|g| stops(scene, g, &scene.entry.fields)).collect()
}

/// Judges a move and says what it changes.
///
/// `form` has the fields that the move asks for. Errors: the state has no such move, the doer may not make it, a guard
/// stops it, or a field is wrong; nothing changes then.
pub fn perform(scene: &Scene<'_>, name: &str, form: &Fields) -> Result<Effects, Refusal> {
    let mv = scene.kind.mv(name).ok_or_else(Refusal::not_found)?;
    awake(scene)?;
    fits_state(scene, mv)?;
    if mv.opens() {
        within_campaign(scene)?;
    }
    entitled(scene, mv)?;
    let fields = filled(scene, mv, form)?;
    if let Some(why) = mv.guards.iter().find_map(|g| stops(scene, g, &fields)) {
        return Err(Refusal::new(RefusalKind::Conflict, "move.barred", format!("不能{}：{why}。", mv.label)));
    }
    let entry = moved(scene, mv, fields)?;
    let also = mv.also.iter().flat_map(|also| carried(&entry, also)).collect();
    Ok(Effects { said: sentence(scene, mv, &entry), also, marks: mv.unit_sets.clone(), entry })
}

/// A ledger that rests is read and not lived.
fn awake(scene: &Scene<'_>) -> Result<(), Refusal> {
    let Some(why) = &scene.kind.resting else { return Ok(()) };
    let detail = format!("“{}”暂停办理，请系统管理员到“台账模板”处理：{why}。", scene.kind.label);
    Err(Refusal::new(RefusalKind::Conflict, "ledger.resting", detail))
}

/// A campaign takes new entries in its area, to the end of its last day.
fn within_campaign(scene: &Scene<'_>) -> Result<(), Refusal> {
    let Some(campaign) = &scene.kind.campaign else { return Ok(()) };
    let label = &scene.kind.label;
    if let Some(since) = campaign.over_since(scene.calendar.day_of(scene.now)) {
        let detail = format!("“{label}”从 {since} 起不再新登记；没办完的照常办理。");
        return Err(Refusal::new(RefusalKind::Conflict, "campaign.over", detail));
    }
    if !campaign.scope().contains(scene.entry.region) {
        let detail = format!("“{label}”不在这个辖区开展，请核对辖区或单位");
        return Err(Refusal::invalid(vec![Place::new("/region", "campaign.area", detail)]));
    }
    Ok(())
}

fn fits_state(scene: &Scene<'_>, mv: &Move) -> Result<(), Refusal> {
    let fresh = scene.life().is_none();
    if (mv.opens() && fresh) || mv.from.contains(&scene.entry.state) {
        return Ok(());
    }
    let state = scene.kind.state_label(&scene.entry.state);
    let last = scene.life().and_then(|l| l.hands.last().map(|h| format!("（{} 刚办理）", h.name)));
    let detail = format!("现在是“{state}”{}，不能{}。请刷新后再看。", last.unwrap_or_default(), mv.label);
    Err(Refusal::new(RefusalKind::Conflict, "move.state", detail).with("state", scene.entry.state.as_str()))
}

pub(crate) fn entitled(scene: &Scene<'_>, mv: &Move) -> Result<(), Refusal> {
    if scene.entitled(mv).next().is_some() {
        return Ok(());
    }
    let detail = format!("“{}”由{}办理，您在这里没有这个岗位。", mv.label, scene.labels(&mv.by));
    Err(Refusal::new(RefusalKind::Forbidden, "move.post", detail))
}

/// The entry's fields with the form laid over them, checked.
fn filled(scene: &Scene<'_>, mv: &Move, form: &Fields) -> Result<Fields, Refusal> {
    let mut wrong: Vec<Place> = form
        .keys()
        .filter(|name| mv.asked().all(|(asked, _)| asked != *name))
        .map(|name| {
            Place::new(format!("/{name}"), "field.unasked", format!("“{}”不问“{name}”这一项", mv.label))
        })
        .collect();
    let sets: Fields = mv.sets.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
    let mut fields = overlaid(&overlaid(&scene.entry.fields, form), &sets);
    let said: Fields = form.iter().chain(&sets).map(|(k, v)| (k.clone(), v.clone())).collect();
    wrong.extend(scene.bench().judge(&mut fields, &said).wrong);
    for (name, _) in mv.asked().filter(|(name, must)| *must && is_empty(fields.get(*name))) {
        let label = scene.kind.field(name).map_or(name, |f| f.label.as_str());
        wrong.push(Place::new(format!("/{name}"), "field.required", format!("请填写{label}")));
    }
    let said = checked(scene, &fields);
    wrong.extend(
        said.into_iter().filter(|place| wrong.iter().all(|w| w.pointer != place.pointer)).collect::<Vec<_>>(),
    );
    wrong.extend(impossible_dates(scene, &fields));
    if wrong.is_empty() { Ok(fields) } else { Err(Refusal::invalid(wrong)) }
}

/// What is wrong with the fields. What the entry says of a field that its ledger has no more stays as it is.
fn checked(scene: &Scene<'_>, fields: &Fields) -> Vec<Place> {
    let former = |name: &str| {
        let before = scene.entry.fields.get(name);
        scene.kind.field(name).is_none() && before.is_some() && before == fields.get(name)
    };
    let mut wrong = check_fields(scene.kind, fields);
    wrong.retain(|place| !place.pointer.strip_prefix('/').is_some_and(former));
    wrong
}

/// Dates in the future where only the past makes sense, and dates before what they follow.
pub(crate) fn impossible_dates(scene: &Scene<'_>, fields: &Fields) -> Vec<Place> {
    let today = scene.calendar.day_of(scene.now);
    // An instant lies on the day of the office, not on that of the zone in which it was written down.
    let date = |name: &str| Day::of(fields.get(name)).map(|day| day.date(scene.calendar));
    let mut wrong = Vec::new();
    for field in &scene.kind.fields {
        let Some(day) = date(&field.name) else { continue };
        let place = |code, detail| Place::new(format!("/{}", field.name), code, detail);
        if field.past && day > today {
            wrong.push(place("date.future", format!("{}不能晚于今天（{today}）", field.label)));
        }
        let Some(other) = field.not_before.as_deref() else { continue };
        let (bound, what) = match other {
            "unit.founded_on" => (scene.unit.and_then(|u| u.founded_on), "单位成立日期".to_owned()),
            name => (date(name), scene.kind.field(name).map_or(name.to_owned(), |f| f.label.clone())),
        };
        if let Some(bound) = bound.filter(|bound| day < *bound) {
            wrong.push(place("date.before", format!("{}不能早于{what}（{bound}）", field.label)));
        }
    }
    wrong
}

pub(crate) fn moved(scene: &Scene<'_>, mv: &Move, fields: Fields) -> Result<Entry, Refusal> {
    let mut entry = scene.entry.clone();
    let before = scene.life();
    if before.is_some() {
        entry.version += 1;
    }
    let hand =
        Hand { mv: mv.name.clone(), by: scene.doer.account, name: scene.doer.name.clone(), at: scene.now };
    let mut life = before.unwrap_or(Life {
        entered_at: scene.now,
        hands: Vec::new(),
        clock: None,
        met: None,
        hand_version: None,
    });
    life.hand_version = None;
    life.remember(hand);
    entry.fields = fields;
    if let Some(to) = &mv.to {
        entry.state.clone_from(to);
    }
    if mv.to.is_some() || mv.restarts {
        restart(scene, mv, &mut entry, &mut life)?;
    }
    entitle(scene.kind, &mut entry);
    settle(scene.kind, &mut entry, &life, scene.calendar);
    Ok(entry)
}

/// The title, drawn from the field that the ledger says.
fn entitle(kind: &Kind, entry: &mut Entry) {
    if let Some(office) = &kind.office {
        let title = entry.fields.get(&office.title).and_then(Value::as_str).unwrap_or_default();
        entry.title = title.trim().to_owned();
    }
}

/// The clock of the state that is now.
fn restart(scene: &Scene<'_>, mv: &Move, entry: &mut Entry, life: &mut Life) -> Result<(), Refusal> {
    let state = scene.kind.state(&entry.state).ok_or_else(Refusal::not_found)?;
    let extended = life.clock.as_ref().map_or(0, |c| c.extended);
    let last = life.clock.take();
    if mv.to.is_some() {
        life.entered_at = scene.now;
    }
    match &state.clock {
        None => {
            entry.closed_at = Some(scene.now);
            life.met = last.map(|c| Met { started_at: c.started_at, due: c.due, term: c.term });
        }
        Some(clock) => {
            let running = start(scene, state, &entry.fields, life).ok_or_else(|| no_clock(scene, clock))?;
            let extended = if mv.restarts { extended.saturating_add(1) } else { 0 };
            life.clock = Some(crate::Running { extended, ..running });
        }
    }
    Ok(())
}

/// A state whose clock cannot start: the day or the person it depends on is missing.
fn no_clock(scene: &Scene<'_>, clock: &fengsui_catalog::Clock) -> Refusal {
    let name = |f: &str| scene.kind.field(f).map_or(f.to_owned(), |f| f.label.clone());
    let owner = match &clock.owner {
        fengsui_catalog::ClockOwner::Unit => Some("责任单位".to_owned()),
        fengsui_catalog::ClockOwner::Person(field) => Some(name(field)),
        _ => None,
    };
    let needed: Vec<_> = clock.fields().map(name).chain(owner).collect();
    let detail = format!("期限算不出来，请先填写{}。", needed.join("、"));
    Refusal::new(RefusalKind::Conflict, "clock.unknown", detail)
}

fn carried(entry: &Entry, also: &Also) -> Vec<Carried> {
    let ids = entry.fields.get(&also.field).map(ids_in).unwrap_or_default();
    let ours = |name: &str| match name {
        "id" => Some(Value::String(entry.id.to_string())),
        name => entry.fields.get(name).cloned(),
    };
    let fields: Fields =
        also.fills.iter().filter_map(|(theirs, name)| ours(name).map(|v| (theirs.clone(), v))).collect();
    ids.into_iter().map(|id| Carried { entry: id, mv: also.mv.clone(), fields: fields.clone() }).collect()
}

fn sentence(scene: &Scene<'_>, mv: &Move, entry: &Entry) -> String {
    let due = Life::of(&entry.fields).and_then(|l| l.clock).map(|clock| {
        let last = scene.calendar.last_day(&clock.due);
        let provisional = if clock.due.provisional { "（暂定）" } else { "" };
        format!("，期限 {last}{provisional}")
    });
    let moved = mv.to.is_some() || mv.restarts;
    format!("{}{}", mv.label, due.filter(|_| moved).unwrap_or_default())
}

/// Corrects the fields of an entry without a move.
///
/// Who must act follows the fields: when other inspectors are named, the inspection is on their list from then on.
///
/// Errors: the entry is over, the doer is none of its editors, a field is wrong, or a field drives the deadline that
/// runs: that one changes by a move only, so that nobody extends a deadline by correcting a date.
pub fn amend(scene: &Scene<'_>, form: &Fields) -> Result<Entry, Refusal> {
    let mut life = scene.life().ok_or_else(Refusal::not_found)?;
    let state = scene.kind.state(&scene.entry.state).ok_or_else(Refusal::not_found)?;
    may_amend(scene)?;
    let mut fields = overlaid(&scene.entry.fields, form);
    let mut wrong = scene.bench().judge(&mut fields, form).wrong;
    wrong.extend(checked(scene, &fields));
    wrong.extend(impossible_dates(scene, &fields));
    wrong.extend(left_limits(scene, &fields));
    let reserved = form.keys().filter(|name| name.starts_with(fengsui_catalog::RESERVED));
    wrong.extend(
        reserved.map(|n| Place::new(format!("/{n}"), "field.unknown", format!("没有“{n}”这一项，请删去"))),
    );
    let driving = state.clock.iter().flat_map(|c| c.fields());
    for name in driving.filter(|name| fields.get(*name) != scene.entry.fields.get(*name)) {
        let label = scene.kind.field(name).map_or(name, |f| f.label.as_str());
        let detail = format!("{label}决定现在的期限，不能直接改；要延期请走延期的步骤");
        wrong.push(Place::new(format!("/{name}"), "field.driving", detail));
    }
    if !wrong.is_empty() {
        return Err(Refusal::invalid(wrong));
    }
    fields.remove(LIFE_FIELD);
    if let (Some(clock), Some(running)) = (&state.clock, &mut life.clock) {
        running.owner = owner_now(clock, &fields, running).ok_or_else(|| no_clock(scene, clock))?;
    }
    life.hand_version = None;
    let mut entry = scene.entry.clone();
    entry.version += 1;
    entry.fields = fields;
    entitle(scene.kind, &mut entry);
    settle(scene.kind, &mut entry, &life, scene.calendar);
    Ok(entry)
}

/// The states still to come whose deadlines are counted otherwise because these fields were corrected, in the order of the
/// ledger.
///
/// A wrong day is mended, and what the law counts from it is counted from the right one. Whoever reads the journal is told.
pub fn deadlines_moved<'k>(kind: &'k Kind, before: &Entry, after: &Entry) -> Vec<&'k str> {
    let ahead = kind.leads_to(&after.state);
    let changed = |name: &str| before.fields.get(name) != after.fields.get(name);
    let moved = |s: &&fengsui_catalog::State| {
        let counts = s.clock.as_ref().is_some_and(|clock| clock.fields().any(changed));
        s.name != after.state && ahead.contains(s.name.as_str()) && counts
    };
    kind.states.iter().filter(moved).map(|s| s.label.as_str()).collect()
}

/// Whether the doer may correct the fields, with the reason when not.
pub fn may_amend(scene: &Scene<'_>) -> Result<(), Refusal> {
    awake(scene)?;
    let over = scene.kind.state(&scene.entry.state).is_none_or(|s| s.end);
    if over {
        let detail = "已经办结的记录不能再改，请用新的记录更正。";
        return Err(Refusal::new(RefusalKind::Conflict, "entry.over", detail));
    }
    let editors = scene.kind.office.as_ref().map(|o| o.editors.as_slice()).unwrap_or_default();
    if scene.doer.posts.iter().any(|held| editors.contains(&held.name)) {
        return Ok(());
    }
    let detail = format!("修改由{}办理，您在这里没有这个岗位。", scene.labels(editors));
    Err(Refusal::new(RefusalKind::Forbidden, "entry.editor", detail))
}
