//! The guards that compare what an entry says: how far two days lie apart, whether a sum is within its limit, whether
//! enough of a group agree.

use crate::Scene;
use crate::day::Day;
use crate::guard::label;
use fengsui_base::{Fields, Term, TermUnit};
use fengsui_catalog::{FieldType, Kind, Range};
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::Value;
use std::collections::BTreeMap;

/// Fen in a yuan.
const FEN: f64 = 100.0;

/// How far two days must, or may, lie apart.
pub(crate) struct Apart {
    /// At least.
    pub(crate) least: Option<Term>,
    /// At most.
    pub(crate) most: Option<Term>,
    /// At most, in years.
    pub(crate) most_years: Option<u8>,
}

/// Why two days do not lie as far apart as they must.
pub(crate) fn span(
    scene: &Scene<'_>,
    from: &str,
    to: &str,
    apart: &Apart,
    fields: &Fields,
) -> Option<String> {
    let (start, end) = (label(scene, from), label(scene, to));
    let Some(first) = day(scene, fields.get(from)) else { return Some(format!("还缺{start}")) };
    let Some(last) = day(scene, fields.get(to)) else { return Some(format!("还缺{end}")) };
    if let Some(term) = apart.least.filter(|term| last < after(scene, first, *term)) {
        let earliest = after(scene, first, term);
        return Some(format!("{end}距{start}须满 {}，最早 {earliest}", term.words()));
    }
    let years = apart.most_years.map(|n| (first.saturating_add(i32::from(n).years()), format!("{n} 年")));
    let term = apart.most.map(|term| (after(scene, first, term), term.words()));
    let (latest, words) = years.into_iter().chain(term).find(|(latest, _)| last > *latest)?;
    Some(format!("{end}距{start}不得超过 {words}，最迟 {latest}"))
}

/// The day that lies a term after another. Days are those of the calendar and do not wait for offices to open: a
/// sealed shop is sealed on Sundays too.
fn after(scene: &Scene<'_>, first: Date, term: Term) -> Date {
    if term.unit() == TermUnit::Days {
        return first.saturating_add(i64::from(term.amount()).days());
    }
    let end_of_day = scene.calendar.due_on(first).at - jiff::SignedDuration::from_micros(1);
    scene.calendar.last_day(&scene.calendar.due(end_of_day, term))
}

fn day(scene: &Scene<'_>, value: Option<&Value>) -> Option<Date> {
    Day::of(value).map(|day| day.date(scene.calendar))
}

/// The limit that holds for the value of a choice, and what that value is called.
pub(crate) fn limit_of(
    scene: &Scene<'_>,
    choice: &str,
    limits: &BTreeMap<String, f64>,
    otherwise: Option<f64>,
    fields: &Fields,
) -> (Option<f64>, Option<String>) {
    let value = fields.get(choice).and_then(Value::as_str).unwrap_or_default();
    let called = scene.kind.field(choice).map_or(value, |f| f.choice_label(value));
    (limits.get(value).copied().or(otherwise), Some(called.to_owned()))
}

/// Why a number is above its limit; one with no limit for it is barred.
pub(crate) fn at_most(
    scene: &Scene<'_>,
    field: &str,
    limit: Option<f64>,
    of: Option<&str>,
    fields: &Fields,
) -> Option<String> {
    let name = label(scene, field);
    let Some(number) = fields.get(field).and_then(Value::as_f64) else {
        return Some(format!("还缺{name}"));
    };
    let of = of.filter(|text| !text.is_empty()).map(|text| format!("{text}的")).unwrap_or_default();
    match limit {
        None => Some(format!("{of}{name}没有规定上限，这一步不适用")),
        Some(limit) if number > limit => Some(format!(
            "{of}{name}不得超过 {}，现为 {}",
            said(scene.kind, field, limit),
            said(scene.kind, field, number)
        )),
        Some(_) => None,
    }
}

/// Why a number does not lie below its threshold.
pub(crate) fn below(scene: &Scene<'_>, field: &str, threshold: f64, fields: &Fields) -> Option<String> {
    let name = label(scene, field);
    let Some(number) = fields.get(field).and_then(Value::as_f64) else {
        return Some(format!("还缺{name}"));
    };
    let (limit, now) = (said(scene.kind, field, threshold), said(scene.kind, field, number));
    (number >= threshold).then(|| format!("{name}须小于 {limit}，现为 {now}"))
}

/// Why a number lies outside the range of a rule pack; money is compared in yuan.
pub(crate) fn in_range(kind: &Kind, field: &str, range: &Range, fields: &Fields) -> Option<String> {
    let number = fields.get(field).and_then(Value::as_f64)?;
    let scale = scale(kind, field);
    let inside = number >= range.least * scale && range.most.is_none_or(|most| number <= most * scale);
    if inside {
        return None;
    }
    let name = kind.field(field).map_or(field, |f| f.label.as_str());
    let (words, now) = (range_words(kind, field, range), said(kind, field, number));
    Some(format!("{}：{name}应为 {words}，现为 {now}", range.because))
}

/// A range as people say it, in the unit of its field.
pub(crate) fn range_words(kind: &Kind, field: &str, range: &Range) -> String {
    let scale = scale(kind, field);
    let least = said(kind, field, range.least * scale);
    match range.most {
        Some(most) => format!("{least} 至 {}", said(kind, field, most * scale)),
        None => format!("{least} 以上"),
    }
}

/// Packs speak of yuan, ledgers keep fen.
fn scale(kind: &Kind, field: &str) -> f64 {
    kind.field(field).filter(|f| f.kind == FieldType::Money).map_or(1.0, |_| FEN)
}

/// Why a number has not come up to its target.
pub(crate) fn reaches(scene: &Scene<'_>, field: &str, target: &str, fields: &Fields) -> Option<String> {
    let number = |name: &str| fields.get(name).and_then(Value::as_f64);
    let (name, aim) = (label(scene, field), label(scene, target));
    let Some(there) = number(field) else { return Some(format!("还缺{name}")) };
    let Some(wanted) = number(target) else { return Some(format!("还缺{aim}")) };
    let (now, goal) = (said(scene.kind, field, there), said(scene.kind, target, wanted));
    (there < wanted).then(|| format!("{name} {now}，没有达到{aim} {goal}"))
}

/// Why too few of a group agree.
pub(crate) fn share(
    scene: &Scene<'_>,
    part: &str,
    whole: &str,
    least: (u32, u32),
    fields: &Fields,
) -> Option<String> {
    let count = |name: &str| fields.get(name).and_then(Value::as_i64).filter(|n| *n >= 0);
    let (some, all) = (label(scene, part), label(scene, whole));
    let Some(there) = count(part) else { return Some(format!("还缺{some}")) };
    let Some(of) = count(whole).filter(|n| *n > 0) else { return Some(format!("还缺{all}")) };
    if there > of {
        return Some(format!("{some} {there} 多于{all} {of}"));
    }
    let (numerator, denominator) = (i128::from(least.0), i128::from(least.1));
    let enough = i128::from(there) * denominator >= i128::from(of) * numerator;
    (!enough).then(|| format!("{some}须达到{all}的 {numerator}/{denominator}，现为 {there}/{of}"))
}

/// A number as people say it: money in yuan, everything else with the unit of its field.
fn said(kind: &Kind, field: &str, number: f64) -> String {
    match kind.field(field) {
        Some(f) if f.kind == FieldType::Money => format!("{} 元", number / FEN),
        Some(f) => format!("{number} {}", f.unit.as_deref().unwrap_or_default()).trim_end().to_owned(),
        None => number.to_string(),
    }
}
