//! What stands in an entry, in words: choices by their labels, persons and links by their names, money in yuan, who must
//! act, and how its deadline stands. Lists, pages and tables that leave say the same.

use crate::App;
use fengsui_base::{Deadline, EntryId};
use fengsui_catalog::{Field, FieldType};
use fengsui_ledger::{Entry, Life, Owner};
use serde_json::{Number, Value};
use std::collections::BTreeMap;

/// Fen in a yuan.
const FEN: i64 = 100;

/// The deadline that an entry shows: the one that runs, or the one that was met.
pub fn deadline_of(entry: &Entry, life: &Life) -> Option<Deadline> {
    let met = entry.closed_at.zip(life.met.as_ref()).map(|(at, met)| met.deadline(at));
    met.or_else(|| life.clock.as_ref().map(|clock| clock.deadline(None)))
}

/// The name of an entry among those that were looked up.
fn name_of(names: &BTreeMap<EntryId, String>, id: EntryId) -> &str {
    names.get(&id).map_or("（已不在）", String::as_str)
}

/// A sum of money in yuan, with its two places.
pub(crate) fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / FEN, fen % FEN)
}

impl App {
    /// Who must act, by name.
    pub fn owner_words(&self, owner: &Owner, names: &BTreeMap<EntryId, String>) -> String {
        match owner {
            Owner::Account(id) | Owner::Unit(id) => name_of(names, *id).to_owned(),
            Owner::Post(post) => self.post_label(post),
        }
    }

    /// A value in the words of its field, its unit behind it; nothing for what a cell cannot say.
    pub fn field_words(
        &self,
        field: &Field,
        value: &Value,
        names: &BTreeMap<EntryId, String>,
    ) -> Option<String> {
        let unit = match (field.kind, field.unit.as_deref()) {
            (FieldType::Money, _) => " 元".to_owned(),
            (FieldType::Integer | FieldType::Real, Some(unit)) => format!(" {unit}"),
            _ => String::new(),
        };
        match (field.kind, value) {
            (FieldType::Photos | FieldType::Files, Value::Array(items)) => {
                Some(format!("{} 份", items.len()))
            }
            _ => self.bare_words(field, value, names).map(|words| format!("{words}{unit}")),
        }
    }

    /// The same without a unit: as a column of a table has it, whose head says the unit.
    pub(crate) fn bare_words(
        &self,
        field: &Field,
        value: &Value,
        names: &BTreeMap<EntryId, String>,
    ) -> Option<String> {
        let name =
            |v: &Value| v.as_str().and_then(|t| t.parse().ok()).map(|id| name_of(names, id).to_owned());
        match (field.kind, value) {
            (FieldType::Choice, Value::String(text)) => Some(field.choice_label(text).to_owned()),
            (FieldType::Link | FieldType::Person, value) => name(value),
            (FieldType::Links | FieldType::People, Value::Array(items)) => {
                Some(items.iter().filter_map(name).collect::<Vec<_>>().join("、"))
            }
            (FieldType::Truth, Value::Bool(truth)) => Some(if *truth { "是" } else { "否" }.to_owned()),
            (FieldType::Money, Value::Number(fen)) => fen.as_i64().map(yuan),
            (FieldType::Integer | FieldType::Real, Value::Number(number)) => Some(number_words(number)),
            (FieldType::Region, Value::String(code)) => {
                let region = code.parse().ok().and_then(|code| self.board.region(code));
                Some(region.map_or_else(|| code.clone(), |r| r.name))
            }
            (_, Value::String(text)) => Some(text.clone()),
            _ => None,
        }
    }
}

/// A number as people write it: six and not 6.0.
fn number_words(number: &Number) -> String {
    let broken = number.as_f64().filter(|_| number.is_f64());
    broken.map_or_else(|| number.to_string(), |n| n.to_string())
}

#[cfg(test)]
mod tests {
    use super::number_words;

    #[test]
    fn a_whole_number_has_no_point_and_a_broken_one_keeps_its_places() {
        let words = |text: &str| number_words(&text.parse().unwrap());
        assert_eq!(
            ["6.0", "6.25", "0.1", "-3", "9007199254740993"].map(words),
            ["6", "6.25", "0.1", "-3", "9007199254740993"]
        );
    }
}
