//! Whether a ledger can be lived: no state out of reach, none without a way out, no deadline without an
//! owner, no word that means nothing.
//!
//! Every mistake comes with the word it was found at, so that its line can be told.

use crate::kind::{FieldType, Kind, Office};
use crate::lifecycle::{Clock, ClockOwner, DueRule, Guard, Move, State};
use fengsui_base::TermUnit;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What every list can be ordered by, whatever its ledger: a field of such a name could not be told from it.
const LIST_ORDERS: [&str; 3] = ["due", "opened", "title"];

/// A mistake, and the name near which it stands in the file.
pub(crate) struct Unsound {
    /// The name to look for.
    pub(crate) near: String,
    /// What is wrong.
    pub(crate) message: String,
}

/// What a ledger may refer to beyond itself.
pub(crate) struct World<'c> {
    /// All kinds.
    pub(crate) kinds: &'c BTreeMap<String, Arc<Kind>>,
    /// Whether there is such a post that may use ledgers.
    pub(crate) post: &'c dyn Fn(&str) -> bool,
    /// Whether there is such a group of the menu.
    pub(crate) menu: &'c dyn Fn(&str) -> bool,
    /// Whether such a paper is issued from this ledger.
    pub(crate) paper: &'c dyn Fn(&str, &str) -> bool,
}

/// What is wrong with this ledger; with a kind that is no ledger only what its lists are sorted by.
pub(crate) fn unsound(kind: &Kind, world: &World<'_>) -> Vec<Unsound> {
    let mut found = Vec::new();
    orders(kind, &mut found);
    if !kind.is_ledger() {
        let lost = kind.office.as_ref().map(|_| say(&kind.name, "没有动作（moves），不能在办公里当台账用"));
        found.extend(lost);
        return found;
    }
    office(kind, world, &mut found);
    states(kind, world, &mut found);
    for mv in &kind.moves {
        one_move(kind, mv, world, &mut found);
    }
    ways(kind, &mut found);
    stuck_owners(kind, &mut found);
    links(kind, world, &mut found);
    found
}

pub(crate) fn say(near: &str, message: impl Into<String>) -> Unsound {
    Unsound { near: near.to_owned(), message: message.into() }
}

fn office(kind: &Kind, world: &World<'_>, found: &mut Vec<Unsound>) {
    let Some(office) = &kind.office else {
        found.push(say(&kind.name, "台账要写 office：菜单、编号、标题、谁能看"));
        return;
    };
    if !(world.menu)(&office.menu) {
        found.push(say(&office.menu, format!("没有菜单组 {}", office.menu)));
    }
    if kind.field(&office.title).is_none_or(|f| f.kind != FieldType::Text || !f.required) {
        found.push(say(&office.title, format!("标题 {} 须是必填的文字字段", office.title)));
    }
    if let Some(mark) = &office.mark
        && kind.field(mark).is_none_or(|f| f.choices.iter().all(|c| c.level.is_none()))
    {
        found.push(say(mark, format!("色标 {mark} 须是带级别的选择字段")));
    }
    for column in office.columns.iter().filter(|c| kind.field(c).is_none()) {
        found.push(say(column, format!("清单的列 {column} 不是本台账的字段")));
    }
    posts(office.readers.iter().chain(&office.editors), world, found);
    if office.readers.is_empty() {
        found.push(say(&kind.name, "没有写谁能看（readers）"));
    }
    follows(kind, office, world, found);
}

fn follows(kind: &Kind, office: &Office, world: &World<'_>, found: &mut Vec<Unsound>) {
    for follow in &office.follows {
        let Some(other) = world.kinds.get(&follow.kind) else {
            found.push(say(&follow.label, format!("“{}”要开的台账 {} 不存在", follow.label, follow.kind)));
            continue;
        };
        if other.mv(&follow.opens).is_none_or(|m| !m.opens()) {
            let message = format!("“{}”：{} 没有开立动作 {}", follow.label, other.label, follow.opens);
            found.push(say(&follow.label, message));
        }
        for state in follow.within.iter().filter(|s| kind.state(s).is_none()) {
            found.push(say(&follow.label, format!("“{}”里的状态 {state} 不存在", follow.label)));
        }
        for (theirs, ours) in &follow.fills {
            if other.field(theirs).is_none() || (ours != "id" && kind.field(ours).is_none()) {
                let message = format!("“{}”带过去的字段 {theirs} = {ours} 不存在", follow.label);
                found.push(say(&follow.label, message));
            }
        }
    }
}

fn posts<'a>(names: impl Iterator<Item = &'a String>, world: &World<'_>, found: &mut Vec<Unsound>) {
    for name in names.filter(|n| !(world.post)(n)) {
        found.push(say(name, format!("没有岗位 {name}，或它没有用台账的权限（ledger.use）")));
    }
}

fn states(kind: &Kind, world: &World<'_>, found: &mut Vec<Unsound>) {
    for state in &kind.states {
        match (&state.clock, state.end) {
            (None, false) => found
                .push(say(&state.name, format!("状态“{}”没有时限：谁来办、何时办完（clock）", state.label))),
            (Some(_), true) => {
                found.push(say(&state.name, format!("状态“{}”已是终点，不该有时限", state.label)));
            }
            (Some(clock), false) => one_clock(kind, &state.name, clock, world, found),
            (None, true) => {}
        }
    }
}

fn one_clock(kind: &Kind, state: &str, clock: &Clock, world: &World<'_>, found: &mut Vec<Unsound>) {
    let typed = |name: &str, wanted: &[FieldType]| kind.field(name).is_some_and(|f| wanted.contains(&f.kind));
    match &clock.owner {
        ClockOwner::Unit if !typed("unit", &[FieldType::Link]) => {
            found.push(say(state, "时限由单位负责，但本台账没有 unit 字段"));
        }
        ClockOwner::Person(field) if !typed(field, &[FieldType::Person, FieldType::People]) => {
            found.push(say(state, format!("时限的负责人字段 {field} 不是人员字段")));
        }
        ClockOwner::Post(post) => posts(std::iter::once(post), world, found),
        ClockOwner::Maker | ClockOwner::Mover | ClockOwner::Unit | ClockOwner::Person(_) => {}
    }
    let due = match &clock.due {
        DueRule::Term(_) => true,
        DueRule::Field(field) => typed(field, &[FieldType::Date, FieldType::Instant]),
        DueRule::By { field, terms, .. } => kind
            .field(field)
            .is_some_and(|f| terms.keys().all(|value| f.choices.iter().any(|c| c.value == *value))),
    };
    if !due || clock.from.as_deref().is_some_and(|f| !typed(f, &[FieldType::Date, FieldType::Instant])) {
        found.push(say(state, "时限依据的字段不存在，或不是日期、不是有这些取值的选择"));
    }
    posts(clock.escalates.iter().map(|e| &e.to).chain(&clock.otherwise), world, found);
    let person = matches!(clock.owner, ClockOwner::Maker | ClockOwner::Mover);
    if clock.otherwise.is_some() && !person {
        found.push(say(state, "otherwise 只用于由登记人或办上一步的人负责的时限"));
    }
}

fn one_move(kind: &Kind, mv: &Move, world: &World<'_>, found: &mut Vec<Unsound>) {
    let mut wrong = |message: String| found.push(say(&mv.name, format!("动作“{}”：{message}", mv.label)));
    for state in mv.from.iter().chain(&mv.to).filter(|s| kind.state(s).is_none()) {
        wrong(format!("状态 {state} 不存在"));
    }
    if mv.from.iter().any(|s| kind.state(s).is_some_and(|s| s.end)) {
        wrong("不能从终点再走".to_owned());
    }
    if mv.opens() && mv.to.is_none() {
        wrong("开立动作要写开立后的状态（to）".to_owned());
    }
    let given = |name: &str| mv.asked().any(|(asked, _)| asked == name) || mv.sets.contains_key(name);
    if mv.opens() {
        for field in kind.fields.iter().filter(|f| f.required && !given(&f.name)) {
            wrong(format!("没有问必填的“{}”", field.label));
        }
    }
    if mv.by.is_empty() {
        wrong("没有写谁能办（by）".to_owned());
    }
    for name in mv.asked().map(|(name, _)| name).chain(mv.sets.keys().map(String::as_str)) {
        if kind.field(name).is_none() {
            wrong(format!("字段 {name} 不存在"));
        }
    }
    for paper in mv.papers.iter().filter(|paper| !(world.paper)(paper, &kind.name)) {
        wrong(format!("没有文书 {paper}，或它不从本台账出具"));
    }
    for guard in &mv.guards {
        if let Some(message) = guard_mistake(kind, guard, world) {
            wrong(message);
        }
    }
    for (name, value) in &mv.unit_sets {
        if let Some(message) = mark_mistake(kind, name, value, world) {
            wrong(message);
        }
    }
    for also in &mv.also {
        if let Some(message) = also_mistake(kind, also, world) {
            wrong(message);
        }
    }
    posts(mv.by.iter(), world, found);
}

fn guard_mistake(kind: &Kind, guard: &Guard, world: &World<'_>) -> Option<String> {
    let typed = |name: &str, wanted: &[FieldType]| kind.field(name).is_some_and(|f| wanted.contains(&f.kind));
    match guard {
        Guard::Officers { field, .. } if !typed(field, &[FieldType::People]) => {
            Some(format!("{field} 不是多人的人员字段"))
        }
        Guard::Files { field, .. } if !typed(field, &[FieldType::Photos, FieldType::Files]) => {
            Some(format!("{field} 不是照片或附件字段"))
        }
        Guard::Filled(field) if kind.field(field).is_none() => Some(format!("字段 {field} 不存在")),
        Guard::Is { field, one_of } => match kind.field(field) {
            None => Some(format!("字段 {field} 不存在")),
            Some(known) => {
                let lost = one_of.iter().find(|v| !known.choices.iter().any(|c| c.value == **v))?;
                Some(format!("{field} 没有取值 {lost}"))
            }
        },
        Guard::Approved(mv) | Guard::NotWhoDid(mv) if kind.mv(mv).is_none() => {
            Some(format!("动作 {mv} 不存在"))
        }
        Guard::Linked { kind: other, .. } | Guard::LinkedEnded(other) => match world.kinds.get(other) {
            None => Some(format!("台账 {other} 不存在")),
            Some(known) => {
                let back = known.fields.iter().any(|f| f.to.as_deref() == Some(&kind.name) && f.filter);
                (!back).then(|| format!("{} 没有能筛选的字段指向本台账", known.label))
            }
        },
        _ => comparison_mistake(kind, guard),
    }
}

/// What is wrong with a guard that compares values.
fn comparison_mistake(kind: &Kind, guard: &Guard) -> Option<String> {
    let typed = |name: &str, wanted: &[FieldType]| kind.field(name).is_some_and(|f| wanted.contains(&f.kind));
    let days = [FieldType::Date, FieldType::Instant];
    let numbers = [FieldType::Integer, FieldType::Real, FieldType::Money];
    match guard {
        Guard::Span { from, to, least, most, most_years } => {
            if let Some(lost) = [from, to].into_iter().find(|f| !typed(f, &days)) {
                return Some(format!("{lost} 不是日期字段"));
            }
            let hours = least.iter().chain(most).any(|t| t.unit() == TermUnit::Hours);
            let nothing = least.is_none() && most.is_none() && most_years.is_none();
            (hours || nothing).then(|| "span 要写 least、most 或 most_years，按天或工作日".to_owned())
        }
        Guard::AtMost { field, most, by, limits } => {
            if !typed(field, &numbers) {
                return Some(format!("{field} 不是数字或金额字段"));
            }
            match by {
                None => (most.is_none() || !limits.is_empty())
                    .then(|| "at_most 要写 most，或 by 和 limits".to_owned()),
                Some(choice) => {
                    let known = kind.field(choice).map(|f| f.choices.as_slice()).unwrap_or_default();
                    let lost = limits.keys().find(|v| !known.iter().any(|c| c.value == **v));
                    let none = limits.is_empty().then(|| "at_most 的 by 要有 limits".to_owned());
                    lost.map(|v| format!("{choice} 没有取值 {v}")).or(none)
                }
            }
        }
        Guard::Below { field, .. } | Guard::InRange { field, .. } if !typed(field, &numbers) => {
            Some(format!("{field} 不是数字或金额字段"))
        }
        Guard::Reaches { field, target } => {
            let lost = [field, target].into_iter().find(|f| !typed(f, &numbers));
            lost.map(|f| format!("{f} 不是数字或金额字段"))
        }
        Guard::Share { part, whole, least } => {
            let lost = [part, whole].into_iter().find(|f| !typed(f, &[FieldType::Integer]));
            let odd = least.1 == 0 || least.0 > least.1;
            lost.map(|f| format!("{f} 不是整数字段"))
                .or_else(|| odd.then(|| "share 的 least 要写成 [分子, 分母]，不大于一".to_owned()))
        }
        _ => None,
    }
}

/// What is wrong with a mark that a move leaves on the responsible unit: only a choice or a yes and no of it can be one.
fn mark_mistake(kind: &Kind, name: &str, value: &serde_json::Value, world: &World<'_>) -> Option<String> {
    let Some(register) = kind.field("unit").and_then(|f| f.to.as_deref()).and_then(|to| world.kinds.get(to))
    else {
        return Some("unit_sets 要有指向单位的 unit 字段".to_owned());
    };
    let fits = register.field(name).is_some_and(|field| match field.kind {
        FieldType::Truth => value.is_boolean(),
        FieldType::Choice => field.choices.iter().any(|c| Some(c.value.as_str()) == value.as_str()),
        _ => false,
    });
    (!fits).then(|| format!("unit_sets 的 {name} 不是{}的是否或选择字段，或没有这个取值", register.label))
}

fn also_mistake(kind: &Kind, also: &crate::lifecycle::Also, world: &World<'_>) -> Option<String> {
    let target = kind.field(&also.field).and_then(|f| f.to.as_deref()).and_then(|to| world.kinds.get(to));
    let Some(target) = target else { return Some(format!("字段 {} 不指向别的台账", also.field)) };
    if target.mv(&also.mv).is_none_or(Move::opens) {
        return Some(format!("{} 没有动作 {}", target.label, also.mv));
    }
    let lost = also.fills.iter().find(|(theirs, ours)| {
        target.field(theirs).is_none() || (*ours != "id" && kind.field(ours).is_none())
    });
    lost.map(|(theirs, ours)| format!("带过去的字段 {theirs} = {ours} 不存在"))
}

/// States out of reach, and states from which no end can be reached.
fn ways(kind: &Kind, found: &mut Vec<Unsound>) {
    let steps: Vec<(&str, &str)> = kind
        .moves
        .iter()
        .filter_map(|m| m.to.as_deref().map(|to| (m, to)))
        .flat_map(|(m, to)| m.from.iter().map(move |from| (from.as_str(), to)))
        .collect();
    let opened: BTreeSet<&str> = kind.openings().filter_map(|m| m.to.as_deref()).collect();
    if opened.is_empty() {
        found.push(say(&kind.name, "没有开立动作（不写 from 的动作）"));
    }
    let reached = closure(opened, |at| steps.iter().filter(move |(from, _)| *from == at).map(|(_, to)| *to));
    let ends: BTreeSet<&str> = kind.states.iter().filter(|s| s.end).map(|s| s.name.as_str()).collect();
    if ends.is_empty() {
        found.push(say(&kind.name, "没有终点（end = true 的状态）"));
    }
    let ending = closure(ends, |at| steps.iter().filter(move |(_, to)| *to == at).map(|(from, _)| *from));
    for state in &kind.states {
        if !reached.contains(state.name.as_str()) {
            found.push(say(&state.name, format!("状态“{}”走不到", state.label)));
        } else if !ending.contains(state.name.as_str()) {
            found.push(say(&state.name, format!("状态“{}”没有出路：从它走不到任何终点", state.label)));
        }
    }
}

/// States that wait for whoever opened or moved the entry, though a post that may do so can do nothing there.
fn stuck_owners(kind: &Kind, found: &mut Vec<Unsound>) {
    for (state, clock) in kind.states.iter().filter_map(|s| s.clock.as_ref().map(|clock| (s, clock))) {
        let can: BTreeSet<&String> =
            kind.moves.iter().filter(|m| m.from.contains(&state.name)).flat_map(|m| &m.by).collect();
        // A state without a way out is told of as such.
        if can.is_empty() {
            continue;
        }
        // Who acts is known where a move leads straight here; later on the one who opened it may be anybody.
        let leads = |m: &Move| kind.leads_to(m.to.as_deref().unwrap_or_default());
        let straight = |m: &&Move| m.to.as_ref() == Some(&state.name);
        let waits_for = |m: &&Move| match clock.owner {
            ClockOwner::Mover => straight(m) && clock.otherwise.is_none(),
            ClockOwner::Maker if straight(m) => m.opens() && clock.otherwise.is_none(),
            ClockOwner::Maker => m.opens() && leads(m).contains(state.name.as_str()),
            ClockOwner::Unit | ClockOwner::Post(_) | ClockOwner::Person(_) => false,
        };
        let makers = kind.moves.iter().filter(waits_for).flat_map(|m| &m.by);
        if let Some(post) = makers.into_iter().find(|post| !can.contains(post)) {
            let message = format!(
                "状态“{}”由登记或办上一步的人负责，岗位 {post} 却没有下一步可办；请写 otherwise，或给它一步",
                state.label
            );
            found.push(say(&state.name, message));
        }
    }
}

/// States that wait for the responsible unit in a ledger that no post of a unit reads: its deadline would run unseen.
///
/// Asked of what is shipped. A ledger that a site made from an earlier pattern goes on as it is until it is changed.
pub(crate) fn unseen_by_units(kind: &Kind, of_unit: &dyn Fn(&str) -> bool) -> Vec<Unsound> {
    let readers = kind.office.iter().flat_map(|office| &office.readers);
    if readers.into_iter().any(|post| of_unit(post)) {
        return Vec::new();
    }
    let waits = |s: &&State| s.clock.as_ref().is_some_and(|clock| clock.owner == ClockOwner::Unit);
    let message =
        |s: &State| format!("状态“{}”由责任单位负责，但没有单位的岗位能看这本台账（readers）", s.label);
    kind.states.iter().filter(waits).map(|s| say(&s.name, message(s))).collect()
}

fn closure<'a, I: Iterator<Item = &'a str>>(
    start: BTreeSet<&'a str>,
    next: impl Fn(&'a str) -> I,
) -> BTreeSet<&'a str> {
    let mut seen = start.clone();
    let mut open: Vec<&str> = start.into_iter().collect();
    while let Some(at) = open.pop() {
        open.extend(next(at).filter(|to| seen.insert(to)));
    }
    seen
}

/// Fields that no list can be sorted by, though they are declared so.
fn orders(kind: &Kind, found: &mut Vec<Unsound>) {
    for field in kind.fields.iter().filter(|f| f.sort) {
        if !field.kind.has_order() {
            let message = format!(
                "字段 {} 不能排序（sort）：只有数字、金额、日期、时间、选择和是否有大小先后，文字、照片、附件和名单没有",
                field.name
            );
            found.push(say(&field.name, message));
        }
        if LIST_ORDERS.contains(&field.name.as_str()) {
            let message =
                format!("字段 {} 不能排序（sort）：这个名称已是列表自己的一种排序，请换个名称", field.name);
            found.push(say(&field.name, message));
        }
    }
}

/// Links that lead nowhere, and moves that call each other for ever.
fn links(kind: &Kind, world: &World<'_>, found: &mut Vec<Unsound>) {
    for field in &kind.fields {
        let linking = matches!(field.kind, FieldType::Link | FieldType::Links);
        match field.to.as_deref() {
            Some(to) if !linking || !world.kinds.contains_key(to) => {
                found.push(say(
                    &field.name,
                    format!("字段 {} 指向的台账 {to} 不存在，或它不是链接", field.name),
                ));
            }
            None if linking => {
                found.push(say(&field.name, format!("链接字段 {} 要写指向哪本台账（to）", field.name)));
            }
            Some(_) | None => {}
        }
    }
    for mv in &kind.moves {
        if calls_itself((&kind.name, &mv.name), world) {
            found.push(say(&mv.name, format!("动作“{}”带动的动作转一圈又回到它自己", mv.label)));
        }
    }
}

fn calls_itself(start: (&str, &str), world: &World<'_>) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![(start.0.to_owned(), start.1.to_owned())];
    while let Some((kind, name)) = open.pop() {
        let Some(known) = world.kinds.get(&kind) else { continue };
        for also in known.mv(&name).map(|m| m.also.as_slice()).unwrap_or_default() {
            let Some(to) = known.field(&also.field).and_then(|f| f.to.clone()) else { continue };
            if (to.as_str(), also.mv.as_str()) == start {
                return true;
            }
            let next = (to, also.mv.clone());
            if seen.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    false
}

#[cfg(test)]
#[path = "sound_tests.rs"]
mod tests;
