//! Reading a codec table from its file: checked as a whole, every mistake with its line.

use super::table::{Binary, Number, Says, StateRule, Table, ValueRule};
use fengsui_alarm::{Condition, Conditions};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use toml::Spanned;

/// A mistake in a table, with its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TableMistake {
    /// File.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub sentence: String,
}

impl fmt::Display for TableMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}：{}", self.file, self.line, self.sentence)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableText {
    name: Spanned<String>,
    label: String,
    note: String,
    system_type: u8,
    component_type: u8,
    part: String,
    binary: Option<BinaryText>,
    #[serde(default)]
    state: Vec<Spanned<StateText>>,
    #[serde(default)]
    value: Vec<Spanned<ValueText>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BinaryText {
    start: Spanned<String>,
    fields: Vec<Spanned<FieldText>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldText {
    name: String,
    at: usize,
    #[serde(rename = "type")]
    number: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StateText {
    field: Names,
    #[serde(default)]
    device: bool,
    #[serde(default)]
    address: u32,
    values: Option<BTreeMap<String, Vec<String>>>,
    below: Option<f64>,
    above: Option<f64>,
    conditions: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ValueText {
    field: Names,
    analog_type: u8,
    #[serde(default = "one")]
    times: f64,
}

fn one() -> f64 {
    1.0
}

/// One name, or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Names {
    One(String),
    Several(Vec<String>),
}

impl From<Names> for Vec<String> {
    fn from(names: Names) -> Self {
        match names {
            Names::One(name) => vec![name],
            Names::Several(names) => names,
        }
    }
}

/// Reads a table.
///
/// # Errors
/// All mistakes that it has, each with file and line.
pub fn read(file: &str, text: &str) -> Result<Table, Vec<TableMistake>> {
    let mut reading = Reading { file, text, mistakes: Vec::new() };
    let table = match toml::from_str::<TableText>(text) {
        Ok(table) => reading.table(table),
        Err(error) => {
            reading.wrong(error.span().map_or(0, |s| s.start), error.message().to_owned());
            return Err(reading.mistakes);
        }
    };
    if reading.mistakes.is_empty() { Ok(table) } else { Err(reading.mistakes) }
}

struct Reading<'a> {
    file: &'a str,
    text: &'a str,
    mistakes: Vec<TableMistake>,
}

impl Reading<'_> {
    fn wrong(&mut self, at: usize, sentence: String) {
        let line = 1 + self.text.bytes().take(at).filter(|b| *b == b'\n').count();
        self.mistakes.push(TableMistake { file: self.file.to_owned(), line, sentence });
    }

    fn table(&mut self, text: TableText) -> Table {
        let TableText { name, label, note, system_type, component_type, part, binary, state, value } = text;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.get_ref().is_empty() || !name.get_ref().chars().all(plain) {
            self.wrong(name.span().start, "name 只用小写字母、数字和连字符".to_owned());
        }
        if state.is_empty() && value.is_empty() {
            self.wrong(name.span().start, "表里没有 [[state]] 也没有 [[value]]，什么也读不出".to_owned());
        }
        let binary = binary.map(|b| self.binary(b));
        let states: Vec<_> = state.into_iter().map(|s| self.state(s, binary.as_ref())).collect();
        let values = value.into_iter().map(|v| self.value(v, binary.as_ref())).collect();
        Table {
            name: name.into_inner(),
            label,
            note,
            system_type,
            component_type,
            part_label: part,
            binary,
            states: self.distinct(states),
            values,
        }
    }

    /// A part with two rules would have two states.
    fn distinct(&mut self, states: Vec<(usize, StateRule)>) -> Vec<StateRule> {
        let mut parts = std::collections::BTreeSet::new();
        for (at, rule) in &states {
            if !parts.insert((rule.device, rule.address)) {
                self.wrong(
                    *at,
                    "同一部位有两条 [[state]]；另一条请写不同的 address，或 device = true".to_owned(),
                );
            }
        }
        states.into_iter().map(|(_, rule)| rule).collect()
    }

    fn binary(&mut self, text: BinaryText) -> Binary {
        let start = hex::decode(text.start.get_ref()).unwrap_or_default();
        if start.is_empty() {
            self.wrong(text.start.span().start, "start 是开头的字节，写成十六进制，如 \"AA5501\"".to_owned());
        }
        let mut fields = Vec::new();
        for field in text.fields {
            let (at, field) = (field.span().start, field.into_inner());
            match Number::named(&field.number) {
                Some(number) => fields.push((field.name, field.at, number)),
                None => {
                    self.wrong(at, format!("没有类型 {}，可用 u8 i8 u16be u16le i16be i16le", field.number))
                }
            }
        }
        Binary { start, fields }
    }

    fn known(&mut self, at: usize, names: &[String], binary: Option<&Binary>) {
        if names.is_empty() {
            self.wrong(at, "field 至少写一个名字".to_owned());
        }
        let Some(binary) = binary else { return };
        for name in names.iter().filter(|n| !binary.fields.iter().any(|(known, ..)| known == *n)) {
            self.wrong(at, format!("[binary] 里没有字段 {name}"));
        }
    }

    fn state(&mut self, text: Spanned<StateText>, binary: Option<&Binary>) -> (usize, StateRule) {
        let (at, text) = (text.span().start, text.into_inner());
        let fields: Vec<String> = text.field.into();
        self.known(at, &fields, binary);
        let conditions = |reading: &mut Self, names: &[String]| reading.conditions(at, names);
        let says = match (text.values, text.below, text.above, text.conditions) {
            (Some(values), None, None, None) => {
                Says::Values(values.into_iter().map(|(v, names)| (v, conditions(self, &names))).collect())
            }
            (None, Some(limit), None, Some(names)) => Says::Below(limit, conditions(self, &names)),
            (None, None, Some(limit), Some(names)) => Says::Above(limit, conditions(self, &names)),
            _ => {
                self.wrong(at, "写 values，或写 below（above）和 conditions，只选一种".to_owned());
                Says::Values(Vec::new())
            }
        };
        (at, StateRule { fields, device: text.device, address: text.address, says })
    }

    fn conditions(&mut self, at: usize, names: &[String]) -> Conditions {
        let mut conditions = Conditions::default();
        for name in names {
            match Condition::from_code(name) {
                Some(condition) => conditions = conditions.with(condition),
                None => self.wrong(at, format!("没有状态 {name}，可用 fire fault shielded supervisory battery_fault mains_fault test 等")),
            }
        }
        conditions
    }

    fn value(&mut self, text: Spanned<ValueText>, binary: Option<&Binary>) -> ValueRule {
        let (at, text) = (text.span().start, text.into_inner());
        let fields: Vec<String> = text.field.into();
        self.known(at, &fields, binary);
        if !text.times.is_finite() || text.times == 0.0 {
            self.wrong(at, "times 是不为零的数".to_owned());
        }
        ValueRule { fields, analog_type: text.analog_type, times: text.times }
    }
}
