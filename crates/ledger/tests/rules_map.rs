//! The table in `docs/rules.md` that maps every rule of the trade to the ledger and move by which it is kept, and to the
//! story that lives it (规则对照): it names nothing that is not there. And no ledger has a move that no story tells.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod shipped;

use fengsui_catalog::{Catalog, ClockOwner, Kind};
use shipped::{root, stories};
use std::collections::BTreeMap;

/// What a cell says in place of moves when a rule is not kept here, with the reason behind it.
const NOT_HERE: &str = "没有：";

/// What stands before the ids of rule packs, behind the moves if there are any.
const PACKS: &str = "规则包：";

/// Whether a story makes a move: `日期 时刻 谁 kind.move …`, or `move` alone once the entry is open.
fn tells(story: &str, kind: &str, mv: &str) -> bool {
    let opening = format!("{kind}.{mv}");
    story.lines().filter_map(|line| line.split_whitespace().nth(3)).any(|act| act == mv || act == opening)
}

struct Row {
    line: usize,
    moves: String,
    stories: Vec<String>,
}

fn rows(table: &str) -> Vec<Row> {
    let lines = table.lines().zip(1..).filter(|(line, _)| line.starts_with("| 2."));
    lines
        .map(|(text, line)| {
            let cells: Vec<&str> = text.trim_matches('|').split('|').map(str::trim).collect();
            assert_eq!(cells.len(), 4, "docs/rules.md:{line}: 每行四格");
            let stories = cells[3].split_whitespace().map(str::to_owned).collect();
            Row { line, moves: cells[2].to_owned(), stories }
        })
        .collect()
}

fn mistakes(row: &Row, catalog: &Catalog, stories: &BTreeMap<String, String>) -> Vec<String> {
    let say = |what: String| format!("docs/rules.md:{}: {what}", row.line);
    if let Some(reason) = row.moves.strip_prefix(NOT_HERE) {
        return if reason.is_empty() { vec![say("没有写原因".to_owned())] } else { Vec::new() };
    }
    let mut found = Vec::new();
    let (moves, packs) = row.moves.split_once(PACKS).unwrap_or((&row.moves, ""));
    let unknown = |id: &&str| catalog.packs().all().iter().all(|p| p.id != *id);
    found.extend(packs.split_whitespace().filter(unknown).map(|id| say(format!("没有规则包 {id}"))));
    for name in moves.split_whitespace() {
        let (kind, mv) = name.split_once('.').unwrap_or((name, ""));
        if catalog.kind(kind).and_then(|k| k.mv(mv)).is_none() {
            found.push(say(format!("没有动作 {name}")));
        } else if !row.stories.iter().any(|s| s == kind && stories.get(s).is_some_and(|t| tells(t, kind, mv)))
        {
            found.push(say(format!("没有场景走过 {name}")));
        }
    }
    found.extend(
        row.stories.iter().filter(|s| !stories.contains_key(*s)).map(|s| say(format!("没有场景 {s}"))),
    );
    found
}

#[test]
fn every_rule_has_its_move_and_its_story() {
    let (catalog, stories) = (shipped::catalog(), stories());
    let rows = rows(&std::fs::read_to_string(root().join("docs/rules.md")).unwrap());
    let found: Vec<_> = rows.iter().flat_map(|row| mistakes(row, &catalog, &stories)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    for section in 1..=14 {
        let prefix = format!("| 2.{section} |");
        let table = std::fs::read_to_string(root().join("docs/rules.md")).unwrap();
        assert!(table.contains(&prefix), "规则 2.{section} 没有一行");
    }
}

#[test]
fn every_move_of_every_ledger_is_told_in_its_story() {
    let (catalog, stories) = (shipped::catalog(), stories());
    let untold = |kind: &Kind| {
        let story = stories.get(&kind.name).map(String::as_str).unwrap_or_default().to_owned();
        let moves = kind.moves.iter().filter(move |m| !tells(&story, &kind.name, &m.name));
        moves.map(|m| format!("{}.{}", kind.name, m.name)).collect::<Vec<_>>()
    };
    let found: Vec<_> = catalog.kinds().filter(|k| k.is_ledger()).flat_map(untold).collect();
    assert!(found.is_empty(), "没有场景走过：{}", found.join(" "));
}

/// What is in the way of whoever a ledger counts on: a post that must act in a state and has no move there, or that may
/// act or is told of a deadline and cannot see the entry.
fn hindered(kind: &Kind) -> Vec<String> {
    let readers = kind.office.as_ref().map(|o| o.readers.as_slice()).unwrap_or_default();
    let clocks = kind.states.iter().filter_map(|s| s.clock.as_ref().map(|c| (s, c)));
    let (mut found, mut seeing) = (Vec::new(), Vec::new());
    for (state, clock) in clocks {
        seeing.extend(clock.escalates.iter().map(|e| &e.to));
        let ClockOwner::Post(post) = &clock.owner else { continue };
        seeing.push(post);
        let here = kind.moves.iter().filter(|m| m.from.contains(&state.name));
        if !here.flat_map(|m| &m.by).any(|by| by == post) {
            found.push(format!("{}.{}：{post} 没有能办的动作", kind.name, state.name));
        }
    }
    seeing.extend(kind.moves.iter().flat_map(|m| &m.by));
    let blind = seeing.into_iter().filter(|post| !readers.contains(post));
    found.extend(blind.map(|post| format!("{}：{post} 看不到", kind.name)));
    found
}

#[test]
fn whoever_must_act_may_act_and_see() {
    let catalog = shipped::catalog();
    let found: Vec<_> = catalog.kinds().filter(|k| k.is_ledger()).flat_map(hindered).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    let mut blinded = catalog.kind("recheck").unwrap().clone();
    blinded.office.as_mut().unwrap().readers.retain(|post| post != "leader_in_charge");
    blinded.moves.iter_mut().for_each(|m| m.by.retain(|post| post != "fire_supervisor"));
    assert_eq!(
        hindered(&blinded),
        ["recheck.planned：fire_supervisor 没有能办的动作", "recheck：leader_in_charge 看不到"]
    );
}

#[test]
fn no_two_ledgers_number_alike() {
    let catalog = shipped::catalog();
    let mut numbers: Vec<_> = catalog.kinds().filter_map(|k| k.office.as_ref().map(|o| &o.number)).collect();
    let all = numbers.len();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!((numbers.len(), all), (all, 24));
}

#[test]
fn a_table_that_names_nothing_real_is_found() {
    let (catalog, stories) = (shipped::catalog(), stories());
    let table = "| 2.1 | 一 | hazard.fly | hazard |\n| 2.1 | 二 | hazard.pass | recheck |\n| 2.1 | 三 | 没有： | |\n| 2.1 | 四 | hazard.pass | hazard saga |\n| 2.1 | 五 | hazard.pass 规则包：risk-lec fog | hazard |\n";
    let found: Vec<_> = rows(table).iter().flat_map(|row| mistakes(row, &catalog, &stories)).collect();
    assert_eq!(
        found,
        [
            "docs/rules.md:1: 没有动作 hazard.fly",
            "docs/rules.md:2: 没有场景走过 hazard.pass",
            "docs/rules.md:3: 没有写原因",
            "docs/rules.md:4: 没有场景 saga",
            "docs/rules.md:5: 没有规则包 fog",
        ]
    );
}
