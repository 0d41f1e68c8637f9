//! Whether papers can be issued as they are written: every source of a place leads somewhere, every list is a list.

use crate::kind::{FieldType, Kind};
use crate::paper::{
    ITSELF, IssuedFrom, LITERAL, OF_ENTRY, OF_PAPER, PAPERS_BEFORE, Paper, PlaceSource, RecordsOf, WRITTEN,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What `@` may ask of the paper itself.
const PAPER_FACTS: [&str; 7] =
    ["number", "code", "today", "issuer.name", "issuer.short", "issuer.review_body", "issuer.court"];
/// What `#` may ask of any entry.
const ENTRY_FACTS: [&str; 7] =
    ["title", "number", "state", "opened_on", "paper_label", "paper_number", "paper_on"];
/// What `#` may ask of a paper that was issued before.
const BEFORE_FACTS: [&str; 3] = ["label", "number", "issued_on"];
/// The kind that persons are.
const PERSONS: &str = "account";

/// The choice by which a ledger of issued papers says which paper an entry is.
const WHICH: &str = "paper";

/// A mistake and the text near which it stands.
pub(crate) type Wrong = (String, String);

/// What is wrong with a paper.
pub(crate) fn unsound(
    paper: &Paper,
    kinds: &BTreeMap<String, Arc<Kind>>,
    post: &dyn Fn(&str) -> bool,
) -> Vec<Wrong> {
    paper.from.iter().flat_map(|from| one(paper, from, kinds, post)).collect()
}

/// Where a ledger of issued papers lists other papers than there are, or calls one otherwise.
pub(crate) fn unlisted(kind: &Kind, papers: &[Paper]) -> Vec<Wrong> {
    if kind.moves.iter().all(|mv| !mv.issues) {
        return Vec::new();
    }
    let listed = kind.field(WHICH).map(|f| f.choices.as_slice()).unwrap_or_default();
    let lost = papers.iter().filter(|p| !listed.iter().any(|c| c.value == p.name && c.label == p.label));
    let lost =
        lost.map(|p| (p.name.clone(), format!("{WHICH} 里要有 {}“{}”，和文书的写法一致", p.name, p.label)));
    let gone = listed.iter().filter(|c| papers.iter().all(|p| p.name != c.value));
    let gone = gone.map(|c| (c.value.clone(), format!("{WHICH} 里的 {} 不是文书", c.value)));
    lost.chain(gone).map(|(near, detail)| (near, format!("台账“{}”：{detail}", kind.label))).collect()
}

fn one(
    paper: &Paper,
    from: &IssuedFrom,
    kinds: &BTreeMap<String, Arc<Kind>>,
    post: &dyn Fn(&str) -> bool,
) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let mut say = |near: &str, detail: String| {
        wrong.push((near.to_owned(), format!("文书“{}”：{detail}", paper.label)));
    };
    let Some(kind) = kinds.get(&from.ledger).filter(|k| k.is_ledger()) else {
        say(&from.ledger, format!("没有台账 {}", from.ledger));
        return wrong;
    };
    for state in from.within.iter().filter(|s| kind.state(s).is_none()) {
        say(state, format!("{} 没有状态 {state}", kind.label));
    }
    if from.within.is_empty() || from.by.is_empty() {
        say(&from.ledger, "要写哪些状态可以出具（within）、由谁出具（by）".to_owned());
    }
    for name in from.by.iter().filter(|name| !post(name)) {
        say(name, format!("没有岗位 {name}，或它没有用台账的权限（ledger.use）"));
    }
    if let Some(when) = &from.when {
        let choices = kind.field(&when.field).map(|f| f.choices.as_slice()).unwrap_or_default();
        for value in when.one_of.iter().filter(|v| choices.iter().all(|c| c.value != **v)) {
            say(&when.field, format!("{} 的 {} 没有取值 {value}", kind.label, when.field));
        }
    }
    for (place, source) in &from.places {
        for (near, detail) in source_mistakes(source, kind, kinds) {
            say(&near, format!("{{{{{place}}}}} {detail}"));
        }
    }
    wrong
}

fn source_mistakes(source: &PlaceSource, kind: &Kind, kinds: &BTreeMap<String, Arc<Kind>>) -> Vec<Wrong> {
    match source {
        PlaceSource::Text(way) => {
            way_mistake(way, kind, kinds).map(|d| (way.clone(), d)).into_iter().collect()
        }
        PlaceSource::Cases { by, cases } => {
            let known = |value: &str| match by.as_str() {
                "#state" => kind.state(value).is_some(),
                field => kind.field(field).is_some_and(|f| f.choices.iter().any(|c| c.value == value)),
            };
            let lost = cases.keys().filter(|v| !known(v));
            let lost = lost.map(|v| (by.clone(), format!("分情况的 {by} 没有取值 {v}")));
            let ways = cases.values().filter_map(|w| way_mistake(w, kind, kinds).map(|d| (w.clone(), d)));
            lost.chain(ways).collect()
        }
        PlaceSource::Records(lists) => lists.iter().flat_map(|l| records_mistakes(l, kind, kinds)).collect(),
    }
}

fn records_mistakes(list: &RecordsOf, kind: &Kind, kinds: &BTreeMap<String, Arc<Kind>>) -> Vec<Wrong> {
    if list.of == PAPERS_BEFORE {
        let fine = |way: &String| {
            way.starts_with(LITERAL) || way.strip_prefix(OF_ENTRY).is_some_and(|f| BEFORE_FACTS.contains(&f))
        };
        let lost = list.places.values().filter(|w| !fine(w));
        return lost.map(|w| (w.clone(), format!("来源 {w}：已出具的文书没有这一项"))).collect();
    }
    let Some(of) = records_kind(&list.of, kind, kinds) else {
        return vec![(list.of.clone(), format!("来源 {} 不是一列记录", list.of))];
    };
    let lost = list.except.iter().filter(|state| of.state(state).is_none());
    let lost = lost.map(|state| (state.clone(), format!("{} 没有状态 {state}", of.label)));
    let ways = list.places.values().filter_map(|w| way_mistake(w, of, kinds).map(|d| (w.clone(), d)));
    lost.chain(ways).collect()
}

/// The kind whose entries a list goes through.
fn records_kind<'k>(of: &str, kind: &Kind, kinds: &'k BTreeMap<String, Arc<Kind>>) -> Option<&'k Kind> {
    if of == ITSELF {
        return kinds.get(&kind.name).map(AsRef::as_ref);
    }
    if let Some((other, back)) = of.split_once('.') {
        let other = kinds.get(other).map(AsRef::as_ref)?;
        let field = other.field(back)?;
        return (field.filter && field.to.as_deref() == Some(&kind.name)).then_some(other);
    }
    let field = kind.field(of)?;
    match field.kind {
        FieldType::Links => kinds.get(field.to.as_deref()?).map(AsRef::as_ref),
        FieldType::People => kinds.get(PERSONS).map(AsRef::as_ref),
        _ => None,
    }
}

/// Why a way leads nowhere; none when it does not.
fn way_mistake(way: &str, kind: &Kind, kinds: &BTreeMap<String, Arc<Kind>>) -> Option<String> {
    if way.starts_with(LITERAL) {
        return None;
    }
    if let Some(fact) = way.strip_prefix(OF_PAPER) {
        return (!PAPER_FACTS.contains(&fact)).then(|| format!("来源 {way}：文书本身没有这一项"));
    }
    let (steps, written) = way.split_once(WRITTEN).map_or((way, None), |(s, w)| (s, Some(w)));
    let (mut at, mut steps) = (kind, steps.split('.').peekable());
    while let Some(step) = steps.next() {
        if steps.peek().is_none() {
            return last_step(way, step, written, at);
        }
        let field = at.field(step).filter(|f| matches!(f.kind, FieldType::Link | FieldType::Person));
        let Some(field) = field else {
            return Some(format!("来源 {way}：{} 没有链接字段 {step}", at.label));
        };
        let to = field.to.as_deref().unwrap_or(PERSONS);
        let Some(next) = kinds.get(to).map(AsRef::as_ref) else {
            return Some(format!("来源 {way}：没有台账 {to}"));
        };
        at = next;
    }
    Some(format!("来源 {way} 是空的"))
}

fn last_step(way: &str, step: &str, written: Option<&str>, at: &Kind) -> Option<String> {
    if let Some(fact) = step.strip_prefix(OF_ENTRY) {
        return (!ENTRY_FACTS.contains(&fact)).then(|| format!("来源 {way}：记录没有 #{fact} 这一项"));
    }
    let Some(field) = at.field(step) else {
        return Some(format!("来源 {way}：{} 没有字段 {step}", at.label));
    };
    let fits = match written {
        None => {
            !matches!(field.kind, FieldType::Photos | FieldType::Files | FieldType::List | FieldType::Record)
        }
        Some("options") => field.kind == FieldType::Choice,
        Some("words") => field.kind == FieldType::Money,
        Some("phone") => field.kind == FieldType::Text && at.field("contacts").is_some(),
        Some(_) => false,
    };
    (!fits).then(|| format!("来源 {way}：这样的字段不能写成文字"))
}
