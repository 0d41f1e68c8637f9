//! Lives at random (随意的一生): whatever people and time do to an entry of any shipped ledger, moves, corrections, calls, a
//! catalog that is revised meanwhile (fields added, renamed, given up, choices renamed and merged), it keeps an owner and a
//! clock until it is over, and it keeps every field.
//!
//! One life is a stream of numbers; what they decide is told by [`Choices`], so that a life that fails shrinks to a short
//! one. What a life must keep is written in `holds`.

#![allow(clippy::unwrap_used, reason = "a life that cannot be read fails, with its numbers")]

mod revisions;
#[allow(dead_code, reason = "the stories are told in another test")]
mod shipped;

use fengsui_base::{AccountId, CalendarYear, EntryId, Fields, Position, Timestamp, WorkingCalendar};
use fengsui_catalog::{Catalog, ClockOwner, Field, FieldType, Guard, Kind, Move};
use fengsui_ledger::{
    Doer, Entry, HANDS_MAX, HeldPost, JUDGED_FIELD, LIFE_FIELD, Life, Linked, Owner, POST_ROW, Person, Scene,
    UnitFacts, actions, amend, call, index_rows, may_amend, next_call, perform, reckon_again, renamed,
};
use jiff::tz::Offset;
use jiff::{SignedDuration, ToSpan};
use proptest::prelude::*;
use revisions::{Names, revised};
use serde_json::{Value, json};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::OnceLock;

const CHINA: Offset = Offset::constant(8);
/// How many lives each ledger lives.
const LIVES: u32 = 48;
/// Most decisions of one life.
const DECISIONS_MAX: usize = 600;
/// Days that a date in a form lies before or after the day it is said on, at most.
const DAYS_BEFORE: i64 = 12;
const DAYS_AFTER: i64 = 40;

/// The shipped catalog, read once.
fn shipped() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(shipped::catalog)
}

/// Decisions, one after another; when there are no more, the first of everything.
struct Choices<'a>(std::slice::Iter<'a, u16>);

impl Choices<'_> {
    fn below(&mut self, end: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or(0)) % end.max(1)
    }

    fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == n - 1
    }

    fn one<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.below(of.len())]
    }

    fn over(&self) -> bool {
        self.0.len() == 0
    }
}

/// Persons: ids 1 to 4, all but the last with a certificate. Units: 1001 and 1002.
fn person(n: usize) -> EntryId {
    EntryId::from_u128(1 + n as u128)
}

fn unit(n: usize) -> EntryId {
    EntryId::from_u128(1_001 + n as u128)
}

fn people() -> BTreeMap<EntryId, Person> {
    let one = |n: usize| {
        let certificate = (n < 3).then(|| format!("证{n}"));
        (person(n), Person { name: format!("人{n}"), certificate })
    };
    (0..4).map(one).collect()
}

/// One entry, and what is told of it beside it.
struct Lived {
    kind: Kind,
    calendar: WorkingCalendar,
    now: Timestamp,
    entry: Option<Entry>,
    /// What its fields must be, from what was said in forms.
    said: Fields,
    /// State after each move, with the move and who made it.
    journal: Vec<(String, String, Option<AccountId>)>,
    changes: u64,
    linked: BTreeMap<String, Linked>,
    revisions: usize,
    /// What fields and choices are called since their last rename.
    names: Names,
    /// The post that must act because whoever opened or moved the entry cannot.
    fell_to: Option<String>,
}

impl Lived {
    fn new(kind: &Kind) -> Self {
        // 2026-09-20 09:00, before National Day and not too long before a year that nobody has announced.
        let now = "2026-09-20T01:00:00Z".parse().unwrap();
        let (entry, said, journal, linked) = (None, Fields::new(), Vec::new(), BTreeMap::new());
        let calendar = shipped().calendar(CHINA);
        let (names, kind) = (Names::default(), kind.clone());
        Self {
            kind,
            calendar,
            now,
            entry,
            said,
            journal,
            changes: 0,
            linked,
            revisions: 0,
            names,
            fell_to: None,
        }
    }

    /// The entry as whoever reads it finds it: under the names of the present revision.
    fn read(&self) -> Option<Entry> {
        self.entry.clone().map(|entry| renamed(&self.kind, entry))
    }

    fn over(&self) -> bool {
        self.entry.as_ref().is_some_and(|e| e.closed_at.is_some())
    }

    fn step(&mut self, choices: &mut Choices<'_>) {
        match choices.below(12) {
            0..=5 => self.moves(choices),
            6 => self.corrects(choices),
            7..=8 => self.waits(choices),
            9 => self.calendar_grows(choices),
            10 => self.catalog_changes(choices),
            _ => self.links(choices),
        }
        self.holds();
    }

    fn fresh(&self) -> Entry {
        Entry {
            id: EntryId::from_u128(7_777),
            kind: self.kind.name.clone(),
            region: "990101001000".parse().unwrap(),
            state: String::new(),
            number: None,
            title: String::new(),
            owner: None,
            opened_at: self.now,
            due_at: None,
            wake_at: None,
            closed_at: None,
            version: 1,
            position: Position::new(117.2, 29.5).ok(),
            source: None,
            revision: 1,
            fields: Fields::new(),
        }
    }

    /// Judges something as somebody who mostly holds one of these posts.
    fn judge<T>(
        &self,
        posts: &[String],
        choices: &mut Choices<'_>,
        judge: impl FnOnce(&Scene<'_>) -> T,
    ) -> T {
        let post = match choices.once_in(9) {
            true => "duty_officer".to_owned(),
            false => choices.one(posts).clone(),
        };
        let held_for = shipped().post(&post).map(|p| p.held_for);
        let of_unit = held_for == Some(fengsui_catalog::HeldFor::Unit);
        let near = Position::new(117.2, if choices.once_in(6) { 29.6 } else { 29.5 }).ok();
        let account = Some(AccountId(person(choices.below(4))));
        let doer = Doer {
            account,
            name: "某人".to_owned(),
            posts: vec![HeldPost { name: post, of_unit }],
            position: near,
        };
        let entry = self.read().unwrap_or_else(|| self.fresh());
        let unit = UnitFacts {
            name: "单位".to_owned(),
            founded_on: Some("2010-05-01".parse().unwrap()),
            position: None,
        };
        judge(&Scene {
            kind: &self.kind,
            entry: &entry,
            doer: &doer,
            people: &people(),
            linked: &self.linked,
            unit: Some(&unit),
            packs: shipped().packs(),
            posts: &|name| shipped().post(name).map_or(name, |p| p.label.as_str()).to_owned(),
            now: self.now,
            calendar: &self.calendar,
        })
    }

    fn moves(&mut self, choices: &mut Choices<'_>) {
        let here = |m: &&Move| match &self.entry {
            None => m.opens(),
            Some(entry) => m.from.contains(&entry.state),
        };
        let fitting: Vec<Move> = self.kind.moves.iter().filter(here).cloned().collect();
        let all = &self.kind.moves;
        let mv =
            if fitting.is_empty() || choices.once_in(12) { choices.one(all) } else { choices.one(&fitting) };
        let (mv, form) = (mv.clone(), self.form(mv, choices));
        let done = self.judge(&mv.by, choices, |scene| {
            promises(scene, &mv, &form);
            perform(scene, &mv.name, &form).map(|effects| {
                let fell_to = falls_to(scene, &effects.entry);
                (effects, scene.doer.account, fell_to)
            })
        });
        let Ok((effects, by, fell_to)) = done else { return };
        if mv.to.is_some() || mv.restarts {
            self.fell_to = fell_to;
        }
        let last = effects.entry.due_at;
        assert!(effects.said.starts_with(&mv.label), "{}", effects.said);
        assert!(
            last.is_none() || mv.to.is_none() && !mv.restarts || effects.said.contains("期限"),
            "{}",
            effects.said
        );
        self.changes += u64::from(self.entry.is_some());
        self.said.extend(form);
        self.said.extend(mv.sets.clone());
        self.said.retain(|_, value| !value.is_null());
        self.journal.push((mv.name, effects.entry.state.clone(), by));
        self.entry = Some(effects.entry);
    }

    fn corrects(&mut self, choices: &mut Choices<'_>) {
        let Some(before) = self.entry.clone() else { return };
        let editors = self.kind.office.as_ref().unwrap().editors.clone();
        // What was issued is corrected by nobody.
        if editors.is_empty() {
            return;
        }
        let field = choices.one(&self.kind.fields).clone();
        let mut form = Fields::new();
        form.insert(
            field.name.clone(),
            if choices.once_in(8) { Value::Null } else { self.value(&field, choices) },
        );
        let done = self.judge(&editors, choices, |scene| {
            let done = amend(scene, &form);
            if let Err(why) = may_amend(scene) {
                assert_eq!(done.as_ref().err().map(|r| &r.code), Some(&why.code));
            }
            done
        });
        let Ok(after) = done else { return };
        // Nobody extends a deadline by correcting a date.
        assert_eq!((after.due_at, after.wake_at), (before.due_at, before.wake_at));
        self.changes += 1;
        self.said.extend(form);
        self.said.retain(|_, value| !value.is_null());
        self.entry = Some(after);
    }

    fn waits(&mut self, choices: &mut Choices<'_>) {
        self.now += SignedDuration::from_hours(1 + choices.below(24 * 20) as i64);
        let Some(entry) = &self.read() else { return };
        let called = call(&self.kind, entry, self.now, &self.calendar);
        assert_eq!(called.is_some(), entry.wake_at.is_some_and(|at| at <= self.now), "{entry:?}");
        let Some((after, calls)) = called else { return };
        assert!(!calls.is_empty());
        assert!(call(&self.kind, &after, self.now, &self.calendar).is_none(), "a call is made once");
        self.changes += 1;
        self.entry = Some(after);
    }

    /// The State Council announces another year.
    fn calendar_grows(&mut self, choices: &mut Choices<'_>) {
        let year = 2027 + choices.below(3) as i16;
        let later =
            |year| CalendarYear { year, source: "试验".to_owned(), off: Vec::new(), makeup: Vec::new() };
        let years = shipped().holiday_years().iter().cloned().chain((2027..=year).map(later));
        self.calendar = WorkingCalendar::new(years, CHINA);
        let again = self.read().and_then(|e| reckon_again(&self.kind, &e, &self.calendar));
        if let Some(after) = again {
            self.changes += 1;
            self.entry = Some(after);
        }
    }

    /// A new revision of the catalog, declared as a file must declare it. The entry is not touched.
    fn catalog_changes(&mut self, choices: &mut Choices<'_>) {
        self.revisions += 1;
        let next = match choices.below(5) {
            0 => Some(self.field_added(choices)),
            1 => self.names.given_up(&self.kind, choices.below(usize::MAX)),
            2 => self.names.choice_renamed(&self.kind, choices.below(usize::MAX), self.revisions),
            _ => self.names.field_renamed(&self.kind, choices.below(usize::MAX), self.revisions),
        };
        if let Some(next) = next {
            self.kind = revised(&self.kind, next);
            self.said = self.names.present(&self.said);
        }
    }

    /// One more field that nobody needs.
    fn field_added(&self, choices: &mut Choices<'_>) -> Kind {
        let mut next = self.kind.clone();
        let mut field = choices.one(&self.kind.fields).clone();
        field.name = format!("{}{}", revisions::ADDED, self.revisions);
        (field.required, field.filter, field.search, field.not_before) = (false, false, false, None);
        field.was = Vec::new();
        field.choices.iter_mut().for_each(|choice| choice.was = Vec::new());
        next.fields.push(field);
        next
    }

    fn links(&mut self, choices: &mut Choices<'_>) {
        for guard in self.kind.moves.iter().flat_map(|m| &m.guards) {
            let (Guard::Linked { kind, .. } | Guard::LinkedEnded(kind)) = guard else { continue };
            let total = choices.below(3) as u64;
            self.linked.insert(kind.clone(), Linked { total, open: total.min(choices.below(2) as u64) });
        }
    }

    fn form(&self, mv: &Move, choices: &mut Choices<'_>) -> Fields {
        let mut form = Fields::new();
        for (name, must) in mv.asked() {
            let left_out = if must { choices.once_in(40) } else { choices.once_in(2) };
            if !left_out {
                form.insert(name.to_owned(), self.value(self.kind.field(name).unwrap(), choices));
            }
        }
        form
    }

    /// A value of the field's type, mostly one that an office would write.
    fn value(&self, field: &Field, choices: &mut Choices<'_>) -> Value {
        let today = self.calendar.day_of(self.now);
        let id = |n: usize| Value::from(person(n).to_string());
        match field.kind {
            FieldType::Text => format!("{}{}", field.label, choices.below(9)).into(),
            FieldType::Integer | FieldType::Money => {
                let least = field.least.unwrap_or(0.0) as i64;
                json!(least + choices.below(40) as i64)
            }
            FieldType::Real => json!(field.least.unwrap_or(0.0) + choices.below(9) as f64),
            FieldType::Truth => json!(choices.once_in(2)),
            FieldType::Choice => choices.one(&field.choices).value.clone().into(),
            FieldType::Date => {
                let after = if field.past { 0 } else { DAYS_AFTER };
                let days = choices.below((DAYS_BEFORE + after) as usize) as i64 - DAYS_BEFORE
                    + i64::from(field.past);
                today.saturating_add(days.days()).to_string().into()
            }
            FieldType::Instant => {
                (self.now - SignedDuration::from_hours(choices.below(60) as i64)).to_string().into()
            }
            FieldType::Person => id(choices.below(4)),
            FieldType::People => (0..=choices.below(3)).map(|n| id((n + choices.below(2)) % 4)).collect(),
            FieldType::Link if field.name == "unit" => unit(choices.below(2)).to_string().into(),
            FieldType::Link => EntryId::from_u128(5_000 + choices.below(3) as u128).to_string().into(),
            FieldType::Links => (0..choices.below(3))
                .map(|n| Value::from(EntryId::from_u128(6_000 + n as u128).to_string()))
                .collect(),
            FieldType::Photos | FieldType::Files => (0..choices.below(6))
                .map(|n| json!({ "blob": format!("{n:064x}"), "name": format!("{n}.jpg") }))
                .collect(),
            FieldType::Region => "990101001000".into(),
            FieldType::List => json!([]),
            FieldType::Record => json!({}),
        }
    }

    /// What every entry keeps, whatever happened to it.
    fn holds(&self) {
        let Some(entry) = &self.entry else { return };
        let life = Life::of(&entry.fields).expect("an entry has a life");
        let state = self.kind.state(&entry.state).expect("its state is one of the ledger");
        self.has_owner_and_clock(entry, &life, state.end);
        let entry = &renamed(&self.kind, entry.clone());
        let mut fields = entry.fields.clone();
        fields.remove(LIFE_FIELD);
        fields.remove(JUDGED_FIELD);
        // What a rule pack reckons comes and goes with what it rests on; the stories tell of it.
        let typed = |fields: &Fields| -> Fields {
            let reckoned = |name: &str| self.kind.judgements.iter().any(|j| j.filled().any(|f| f == name));
            let present = self.names.present(fields);
            present.into_iter().filter(|(name, _)| !reckoned(name)).collect()
        };
        assert_eq!(typed(&fields), typed(&self.said), "no field is lost, and none comes by itself");
        let title = &self.kind.office.as_ref().unwrap().title;
        assert_eq!(Some(entry.title.as_str()), fields.get(title).and_then(Value::as_str));
        assert_eq!(entry.version, 1 + self.changes, "every change is counted");
        self.is_as_told(entry, &life);
        let kept: Entry = serde_json::from_value(serde_json::to_value(entry).unwrap()).unwrap();
        assert_eq!((&kept, Life::of(&kept.fields)), (entry, Some(life)));
    }

    fn has_owner_and_clock(&self, entry: &Entry, life: &Life, end: bool) {
        assert_eq!((end, end), (life.clock.is_none(), entry.closed_at.is_some()));
        let Some(running) = &life.clock else {
            assert_eq!((entry.due_at, entry.wake_at, entry.owner), (None, None, None));
            return;
        };
        assert_eq!((entry.due_at, entry.owner), (Some(running.due.at), running.owner.entry()));
        assert_eq!(entry.wake_at, next_call(&self.kind, entry, life, &self.calendar).map(|(at, _)| at));
        let rows = index_rows(&self.kind, &entry.fields);
        let on_a_list = rows.iter().any(|row| row.field == POST_ROW);
        assert_eq!(entry.owner.is_none(), on_a_list, "it stands on somebody's list");
        let clock = self.kind.state(&entry.state).unwrap().clock.as_ref().unwrap();
        if let Some(post) = &self.fell_to {
            return assert_eq!(running.owner, Owner::Post(post.clone()), "somebody must be able to go on");
        }
        let named = |field: &str| entry.fields.get(field).map(|v| v.as_array().map_or(v, |all| &all[0]));
        let by_name = |field: &str| named(field).and_then(Value::as_str).map(str::to_owned);
        let owner = match &clock.owner {
            ClockOwner::Post(post) => return assert_eq!(running.owner, Owner::Post(post.clone())),
            ClockOwner::Unit => by_name("unit"),
            ClockOwner::Person(field) => by_name(field),
            ClockOwner::Maker => life.maker().map(|a| a.to_string()),
            ClockOwner::Mover => {
                let began = life.hands.iter().rev().find(|h| {
                    let mv = self.kind.mv(&h.mv);
                    mv.is_some_and(|m| m.to.is_some() || m.restarts)
                });
                began.and_then(|h| h.by).map(|a| a.to_string())
            }
        };
        assert_eq!(entry.owner.map(|id| id.to_string()), owner, "who must act is whom the ledger says");
    }

    /// The journal's account: its last line says the state, and the hands are those that made the moves.
    fn is_as_told(&self, entry: &Entry, life: &Life) {
        let (mv, state, by) = self.journal.last().expect("it was opened");
        assert_eq!(&entry.state, state);
        let last = life.hands.last().unwrap();
        assert_eq!((&last.mv, &last.by), (mv, by));
        assert_eq!(life.hands.len(), self.journal.len().min(HANDS_MAX));
        let (first, _, maker) = &self.journal[0];
        assert_eq!(
            (&life.hands[0].mv, &life.hands[0].by),
            (first, maker),
            "who opened it is never forgotten"
        );
    }
}

/// The post that must act on an entry after a move, because the one who made it is the owner and can do nothing more.
fn falls_to(scene: &Scene<'_>, after: &Entry) -> Option<String> {
    let clock = scene.kind.state(&after.state)?.clock.as_ref()?;
    let own = match clock.owner {
        ClockOwner::Maker => Life::of(&after.fields)?.maker(),
        ClockOwner::Mover => scene.doer.account,
        ClockOwner::Unit | ClockOwner::Post(_) | ClockOwner::Person(_) => return None,
    };
    let held = |post: &String| scene.doer.posts.iter().any(|p| p.name == *post);
    let can = scene.kind.moves.iter().any(|m| m.from.contains(&after.state) && m.by.iter().any(held));
    clock.otherwise.clone().filter(|_| own == scene.doer.account && !can)
}

/// What a page offers is what is done: a button that is offered is refused only for what its form says, one that is barred
/// is refused, and a move that is not shown is not made.
fn promises(scene: &Scene<'_>, mv: &Move, form: &Fields) {
    let offered = actions(scene);
    let done = perform(scene, &mv.name, form);
    let code = done.as_ref().err().map(|refusal| refusal.code.to_string());
    if mv.opens() && scene.life().is_none() {
        return;
    }
    match offered.iter().find(|action| action.name == mv.name) {
        None => assert!(matches!(code.as_deref(), Some("move.state" | "move.post")), "{} {code:?}", mv.name),
        Some(action) if action.barred.is_some() => {
            assert!(done.is_err(), "{} was barred ({:?}) and done", mv.name, action.barred);
        }
        Some(_) => {
            assert!(!matches!(code.as_deref(), Some("move.state" | "move.post")), "{} {code:?}", mv.name);
            // Without the guards that its form can meet, nothing may bar it.
            let mut kind = scene.kind.clone();
            let known = kind.moves.iter_mut().find(|m| m.name == mv.name).unwrap();
            let asked: Vec<String> = mv.asked().map(|(name, _)| name.to_owned()).collect();
            known.guards.retain(|g| {
                !matches!(g, Guard::WithinM(_)) && g.fields().all(|f| !asked.iter().any(|name| name == f))
            });
            let bare = perform(&Scene { kind: &kind, ..copied(scene) }, &mv.name, form);
            let barred = bare.err().filter(|refusal| refusal.code == "move.barred");
            assert!(barred.is_none(), "{} was offered and refused: {barred:?}", mv.name);
        }
    }
}

fn copied<'a>(scene: &Scene<'a>) -> Scene<'a> {
    Scene {
        kind: scene.kind,
        entry: scene.entry,
        doer: scene.doer,
        people: scene.people,
        linked: scene.linked,
        unit: scene.unit,
        packs: scene.packs,
        posts: scene.posts,
        now: scene.now,
        calendar: scene.calendar,
    }
}

/// Lives one life; answers how many moves it made, whether it came to its end, and how much was renamed meanwhile.
fn lived(kind: &Kind, decisions: &[u16]) -> (usize, bool, usize) {
    let (mut choices, mut one) = (Choices(decisions.iter()), Lived::new(kind));
    while !choices.over() && !one.over() {
        one.step(&mut choices);
    }
    (one.journal.len(), one.over(), one.names.len())
}

#[test]
fn whatever_happens_an_open_entry_has_an_owner_and_a_clock_and_loses_no_field() {
    for kind in shipped().ledgers() {
        let decisions = prop::collection::vec(any::<u16>(), 40..DECISIONS_MAX);
        let config = ProptestConfig { cases: LIVES, failure_persistence: None, ..ProptestConfig::default() };
        let mut runner = proptest::test_runner::TestRunner::new_with_rng(
            config,
            proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
        );
        let (moves, ended, renames) = (Cell::new(0), Cell::new(0), Cell::new(0));
        runner
            .run(&decisions, |decisions| {
                let (made, over, renamed) = lived(kind, &decisions);
                renames.set(renames.get() + renamed);
                moves.set(moves.get() + made);
                ended.set(ended.get() + usize::from(over));
                Ok(())
            })
            .unwrap_or_else(|wrong| panic!("{}：{wrong}", kind.name));
        // Lives that stand still would prove nothing.
        assert!(moves.get() > LIVES as usize, "{}: only {} moves", kind.name, moves.get());
        assert!(ended.get() > 0, "{}: no life came to its end", kind.name);
        assert!(renames.get() > 0, "{}: only {} renames", kind.name, renames.get());
    }
}
