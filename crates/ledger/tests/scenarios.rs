//! Lives of ledgers as a supervisor would tell them (场景): each file in `scenarios/` is one story with dates over real
//! holidays, lived by the shipped catalog.
//!
//! A line is one of
//! - `单位 瑞禾电子厂 成立 2010-05-01 位置 117.2,29.5`
//! - `人员 罗敏 fire_supervisor 持证` (`本单位`: the post is held for the unit itself)
//! - `2025-09-28 10:00 罗敏 hazard.register what=常闭式防火门损坏 unit=瑞禾电子厂 photos=2张` opens the entry, and
//! - `2025-09-28 11:00 罗敏 order correct_by=2025-10-20` moves it; `修改` instead of a move corrects fields;
//!   `@117.2,29.5` says where the person stands
//! - `关联 hazard 2/1`: from now on two hazards are linked, one of them open
//! - `到 2025-10-21 00:00`: the time comes, and the clock may call
//! - indented lines say what is expected of the line before: `状态 ordered`, `期限 2025-10-20 24:00` (`暂定`; `无`),
//!   `字段 colour red` (what a field says; `无` for nothing), `依据 risk-lec 1` (the pack that judged it),
//!   `带动 2 pass` (two linked entries move along), `负责 瑞禾电子厂`, `拒绝 move.barred 须有 2 名`, `提醒`, `升级 brigade_head`, `剩 3 个工作日`, `没有呼叫`
//!
//! A refusal that is not expected fails the story, and so does a call.

#![allow(clippy::unwrap_used, reason = "a story that cannot be read fails, with its line")]

mod shipped;

use fengsui_base::{AccountId, EntryId, Fields, Position, Timestamp, WorkingCalendar};
use fengsui_catalog::{Catalog, FieldType, Kind};
use fengsui_ledger::{
    Call, Doer, Entry, HeldPost, Life, Linked, Owner, Person, Scene, UnitFacts, amend, call, judgements_of,
    perform,
};
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const CHINA: Offset = Offset::constant(8);

/// What the last line led to.
#[derive(Default)]
struct Outcome {
    refused: Option<(String, String)>,
    calls: Vec<Call>,
    also: Vec<String>,
    told: bool,
}

/// A person of the story: account, posts, certificate.
type Known = (AccountId, Vec<HeldPost>, Option<String>);

struct Story<'c> {
    catalog: &'c Catalog,
    calendar: WorkingCalendar,
    people: BTreeMap<String, Known>,
    units: BTreeMap<String, (EntryId, UnitFacts)>,
    linked: BTreeMap<String, Linked>,
    entry: Option<Entry>,
    now: Timestamp,
    last: Outcome,
}

impl<'c> Story<'c> {
    fn new(catalog: &'c Catalog) -> Self {
        Self {
            catalog,
            calendar: catalog.calendar(CHINA),
            people: BTreeMap::new(),
            units: BTreeMap::new(),
            linked: BTreeMap::new(),
            entry: None,
            now: Timestamp::UNIX_EPOCH,
            last: Outcome::default(),
        }
    }

    fn kind(&self) -> &'c Kind {
        self.catalog.kind(&self.entry.as_ref().expect("an entry was opened").kind).unwrap()
    }

    fn tell(&mut self, line: &str) {
        if let Some(expected) = line.strip_prefix(' ') {
            return self.expect(expected.trim());
        }
        self.nothing_untold();
        self.last = Outcome::default();
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["单位", name, rest @ ..] => self.unit(name, rest),
            ["人员", name, rest @ ..] => self.person(name, rest),
            ["关联", kind, counts] => {
                let (total, open) = counts.split_once('/').expect("全部/未结");
                let linked = Linked { total: total.parse().unwrap(), open: open.parse().unwrap() };
                self.linked.insert((*kind).to_owned(), linked);
            }
            ["到", day, time] => {
                self.now = instant(day, time);
                self.wake();
            }
            [day, time, who, act, rest @ ..] => {
                self.now = instant(day, time);
                self.act(who, act, rest);
            }
            _ => panic!("看不懂"),
        }
    }

    fn nothing_untold(&self) {
        assert!(self.last.refused.is_none() || self.last.told, "拒绝没有写明：{:?}", self.last.refused);
        assert!(self.last.calls.is_empty() || self.last.told, "呼叫没有写明：{:?}", self.last.calls);
    }

    fn unit(&mut self, name: &str, rest: &[&str]) {
        let mut facts = UnitFacts { name: name.to_owned(), ..UnitFacts::default() };
        for pair in rest.chunks(2) {
            match pair {
                ["成立", day] => facts.founded_on = Some(day.parse().unwrap()),
                ["位置", at] => facts.position = Some(position(at)),
                _ => panic!("单位：看不懂 {pair:?}"),
            }
        }
        let id = EntryId::from_u128(1_000 + self.units.len() as u128);
        self.units.insert(name.to_owned(), (id, facts));
    }

    fn person(&mut self, name: &str, rest: &[&str]) {
        let of_unit = rest.contains(&"本单位");
        let certificate = rest.contains(&"持证").then(|| format!("证{}", self.people.len() + 1));
        let posts = rest.iter().filter(|w| !["本单位", "持证"].contains(w)).map(|p| {
            assert!(self.catalog.post(p).is_some(), "没有岗位 {p}");
            HeldPost { name: (*p).to_owned(), of_unit }
        });
        let id = AccountId(EntryId::from_u128(1 + self.people.len() as u128));
        self.people.insert(name.to_owned(), (id, posts.collect(), certificate));
    }

    fn act(&mut self, who: &str, act: &str, rest: &[&str]) {
        let (kind, mv) = match act.split_once('.') {
            Some((kind, mv)) => {
                self.entry = None;
                (self.catalog.kind(kind).unwrap_or_else(|| panic!("没有台账 {kind}")), mv)
            }
            None => (self.kind(), act),
        };
        let (place, said): (Vec<&str>, Vec<&str>) = rest.iter().partition(|w| w.starts_with('@'));
        let form = self.form(kind, &said);
        let (account, posts, _) = self.people.get(who).unwrap_or_else(|| panic!("没有人员 {who}")).clone();
        let position = place.first().map(|at| position(at.trim_start_matches('@')));
        let doer = Doer { account: Some(account), name: who.to_owned(), posts, position };
        let (people, unit, fresh) = (self.named(), self.unit_of(&form), fresh(kind, self.now));
        let scene = Scene {
            kind,
            entry: self.entry.as_ref().unwrap_or(&fresh),
            doer: &doer,
            people: &people,
            linked: &self.linked,
            unit: unit.as_ref(),
            packs: self.catalog.packs(),
            posts: &|name| self.catalog.post(name).map_or(name, |p| p.label.as_str()).to_owned(),
            now: self.now,
            calendar: &self.calendar,
        };
        let done = match mv {
            "修改" => amend(&scene, &form),
            mv => perform(&scene, mv, &form).map(|effects| {
                self.last.also = effects.also.into_iter().map(|carried| carried.mv).collect();
                effects.entry
            }),
        };
        match done {
            Ok(entry) => self.entry = Some(entry),
            Err(refusal) => self.last.refused = Some((refusal.code.to_string(), refusal.detail)),
        }
    }

    fn named(&self) -> BTreeMap<EntryId, Person> {
        let one = |(name, (id, _, certificate)): (&String, &Known)| {
            (EntryId::from(*id), Person { name: name.clone(), certificate: certificate.clone() })
        };
        self.people.iter().map(one).collect()
    }

    fn unit_of(&self, form: &Fields) -> Option<UnitFacts> {
        let before = self.entry.as_ref().and_then(|e| e.fields.get("unit"));
        let id = form.get("unit").or(before)?.as_str()?;
        self.units.values().find(|(unit, _)| unit.to_string() == id).map(|(_, facts)| facts.clone())
    }

    fn form(&self, kind: &Kind, said: &[&str]) -> Fields {
        let pair = |word: &&str| {
            let (name, text) = word.split_once('=').unwrap_or_else(|| panic!("字段要写成 名=值：{word}"));
            let field = kind.field(name).unwrap_or_else(|| panic!("没有字段 {name}"));
            (name.to_owned(), self.value(field.kind, text))
        };
        said.iter().map(pair).collect()
    }

    fn value(&self, kind: FieldType, text: &str) -> Value {
        let person = |name: &str| {
            let (id, ..) = self.people.get(name).unwrap_or_else(|| panic!("没有人员 {name}"));
            Value::from(id.to_string())
        };
        match kind {
            FieldType::Integer | FieldType::Money => json!(text.parse::<i64>().unwrap()),
            FieldType::Real => json!(text.parse::<f64>().unwrap()),
            FieldType::Truth => json!(text == "是"),
            FieldType::Person => person(text),
            FieldType::People => text.split(',').map(person).collect(),
            FieldType::Photos | FieldType::Files => {
                let n: usize = text.trim_end_matches(['张', '份']).parse().unwrap();
                let one = |i: usize| json!({ "blob": format!("{i:064x}"), "name": format!("{i}.jpg") });
                (0..n).map(one).collect()
            }
            FieldType::Link => {
                let unit = self.units.get(text).map(|(id, _)| id.to_string());
                Value::from(unit.unwrap_or_else(|| EntryId::from_u128(77).to_string()))
            }
            FieldType::Links => {
                let one = |i| Value::from(EntryId::from_u128(i).to_string());
                (0..text.trim_end_matches('条').parse::<u128>().unwrap()).map(one).collect()
            }
            FieldType::List | FieldType::Record => serde_json::from_str(text).unwrap(),
            FieldType::Text
            | FieldType::Choice
            | FieldType::Date
            | FieldType::Instant
            | FieldType::Region => Value::from(text),
        }
    }

    fn wake(&mut self) {
        let (Some(entry), kind) = (self.entry.as_ref(), self.kind()) else { return };
        if let Some((after, calls)) = call(kind, entry, self.now, &self.calendar) {
            (self.entry, self.last.calls) = (Some(after), calls);
        }
    }

    fn expect(&mut self, expected: &str) {
        self.last.told = true;
        let words: Vec<&str> = expected.split_whitespace().collect();
        if let ["拒绝", code, parts @ ..] = words.as_slice() {
            let (found, detail) = self.last.refused.clone().expect("没有拒绝");
            assert_eq!(found, *code, "{detail}");
            parts.iter().for_each(|part| assert!(detail.contains(part), "{detail}"));
            return;
        }
        assert!(self.last.refused.is_none(), "被拒绝了：{:?}", self.last.refused);
        let entry = self.entry.as_ref().expect("an entry was opened");
        let life = Life::of(&entry.fields).unwrap();
        match words.as_slice() {
            ["状态", state] => assert_eq!(entry.state, *state),
            ["期限", "无"] => assert_eq!((entry.due_at, &life.clock), (None, &None)),
            ["期限", rest @ ..] => assert_eq!(due_words(entry, &life), rest.join(" ")),
            ["负责", name] => assert_eq!(self.owner(&life), *name),
            ["提醒"] => assert!(self.last.calls.contains(&Call::Reminder), "{:?}", self.last.calls),
            ["升级", to] => {
                let escalated = Call::Escalated((*to).to_owned());
                assert!(self.last.calls.contains(&escalated), "{:?}", self.last.calls);
            }
            ["带动", n, mv] => {
                let there = self.last.also.iter().filter(|carried| carried == mv).count();
                assert_eq!(there.to_string(), *n, "{:?}", self.last.also);
            }
            ["字段", name, "无"] => assert_eq!(entry.fields.get(*name), None),
            ["字段", name, value] => assert_eq!(said(&entry.fields[*name]), *value),
            ["依据", "无"] => assert_eq!(judgements_of(&entry.fields), []),
            ["依据", pack, version] => {
                let judged = judgements_of(&entry.fields);
                let found: Vec<_> = judged.iter().map(|j| (j.pack.as_str(), j.version.as_str())).collect();
                assert!(found.contains(&(*pack, *version)), "{found:?}");
            }
            ["没有呼叫"] => assert_eq!(self.last.calls, []),
            _ => {
                let closed = entry.closed_at.zip(life.met.as_ref()).map(|(at, met)| met.deadline(at));
                let deadline = closed.or_else(|| life.clock.as_ref().map(|c| c.deadline(None)));
                assert_eq!(deadline.unwrap().words(self.now, &self.calendar), expected);
            }
        }
    }

    fn owner(&self, life: &Life) -> String {
        match life.clock.as_ref().expect("没有时限在走").owner.clone() {
            Owner::Post(post) => post,
            Owner::Unit(id) => self.units.iter().find(|(_, (unit, _))| *unit == id).unwrap().0.clone(),
            Owner::Account(id) => {
                self.people.iter().find(|(_, (account, ..))| account.0 == id).unwrap().0.clone()
            }
        }
    }
}

/// `2025-10-20 24:00`, or the minute for one in hours; `暂定` behind one that may still move.
fn due_words(entry: &Entry, life: &Life) -> String {
    let due = life.clock.as_ref().expect("没有时限在走").due;
    assert_eq!(entry.due_at, Some(due.at));
    let at = due.on.map(|day| format!("{day} 24:00"));
    let at = at.unwrap_or_else(|| CHINA.to_datetime(due.at).strftime("%Y-%m-%d %H:%M").to_string());
    if due.provisional { format!("{at} 暂定") } else { at }
}

/// A value as a story writes it.
fn said(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn fresh(kind: &Kind, now: Timestamp) -> Entry {
    Entry {
        id: EntryId::from_u128(7),
        kind: kind.name.clone(),
        region: "990101001000".parse().unwrap(),
        state: String::new(),
        number: None,
        title: String::new(),
        owner: None,
        opened_at: now,
        due_at: None,
        wake_at: None,
        closed_at: None,
        version: 1,
        position: None,
        source: None,
        revision: 1,
        fields: Fields::new(),
    }
}

fn instant(day: &str, time: &str) -> Timestamp {
    let day: Date = day.parse().unwrap_or_else(|_| panic!("不是日期：{day}"));
    let at: DateTime = format!("{day}T{time}").parse().unwrap_or_else(|_| panic!("不是时刻：{time}"));
    CHINA.to_timestamp(at).unwrap()
}

fn position(text: &str) -> Position {
    let (lng, lat) = text.split_once(',').expect("经度,纬度");
    Position::new(lng.parse().unwrap(), lat.parse().unwrap()).unwrap()
}

/// The first line of a story that is not lived as it is told.
fn first_untrue(catalog: &Catalog, name: &str, text: &str) -> Option<String> {
    let mut story = Story::new(catalog);
    let mut lived = |tell: &mut dyn FnMut(&mut Story<'_>)| {
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| tell(&mut story))).is_ok()
    };
    let told = text.lines().zip(1..).filter(|(l, _)| !l.trim().is_empty() && !l.starts_with('#'));
    for (line, number) in told {
        if !lived(&mut |story| story.tell(line)) {
            return Some(format!("{name}:{number}: {line}"));
        }
    }
    (!lived(&mut |story| story.nothing_untold())).then(|| format!("{name}: 结尾"))
}

#[test]
fn every_story_is_lived_as_it_is_told() {
    let catalog = shipped::catalog();
    let stories = shipped::stories();
    assert!(!stories.is_empty());
    let broken: Vec<_> =
        stories.iter().filter_map(|(name, text)| first_untrue(&catalog, name, text)).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
