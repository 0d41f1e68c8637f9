//! What a list may filter, sort and search by: rows drawn from an entry's fields as its catalog kind declares.
//!
//! Nothing queries inside the JSON. A field declared `filter` or `sort` gets a row, the latter with its place in the order of
//! the field, by which lists are sorted; a field declared `search`
//! is cut into pairs of neighbouring characters (bigrams), because a word index finds nothing in 消防控制室.

use crate::place;
use fengsui_base::Fields;
use fengsui_catalog::Kind;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// How many grams one entry may have; text beyond that is not searchable.
pub const GRAMS_MAX: usize = 256;

/// A value in an index row.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum IndexValue {
    /// Whole number; true is 1, false is 0.
    Integer(i64),
    /// Real number.
    Real(f64),
    /// Text, compared by code point.
    Text(String),
}

/// One searchable value of one entry.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct IndexRow {
    /// Field name of the catalog.
    pub field: String,
    /// Value.
    pub value: IndexValue,
    /// Where the value stands in the order of its field, when lists may be sorted by it ([`place`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<i64>,
}

impl IndexRow {
    /// A row to find the entry by, in no order.
    pub fn of(field: &str, value: IndexValue) -> Self {
        Self { field: field.to_owned(), value, place: None }
    }
}

/// The rows that the kind declares for these fields.
pub fn index_rows(kind: &Kind, fields: &Fields) -> Vec<IndexRow> {
    let declared = kind.fields.iter().filter(|f| f.filter || f.sort);
    let own = declared.filter_map(|f| {
        let said = fields.get(&f.name)?;
        Some(IndexRow {
            place: place(f, said).filter(|_| f.sort),
            ..IndexRow::of(&f.name, index_value(said)?)
        })
    });
    own.chain(crate::life::life_rows(kind, fields)).collect()
}

fn index_value(value: &Value) -> Option<IndexValue> {
    match value {
        Value::Bool(truth) => Some(IndexValue::Integer(i64::from(*truth))),
        Value::Number(number) => {
            number.as_i64().map(IndexValue::Integer).or(number.as_f64().map(IndexValue::Real))
        }
        Value::String(text) => Some(IndexValue::Text(text.clone())),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The grams of an entry: its title and every field declared `search`.
pub fn grams(kind: &Kind, title: &str, number: Option<&str>, fields: &Fields) -> Vec<String> {
    let mut found = BTreeSet::new();
    collect(title, &mut found);
    collect(number.unwrap_or_default(), &mut found);
    for field in kind.fields.iter().filter(|f| f.search) {
        collect(fields.get(&field.name).and_then(Value::as_str).unwrap_or_default(), &mut found);
    }
    found.into_iter().take(GRAMS_MAX).collect()
}

/// The grams that all must be present for a query text to match; empty when there is nothing to look for.
pub fn search_terms(query: &str) -> Vec<String> {
    let mut found = BTreeSet::new();
    for word in query.split_whitespace() {
        let letters = folded(word);
        // One character alone is looked for as it stands; longer words by their pairs.
        if letters.chars().count() == 1 {
            found.insert(letters);
        } else {
            pairs(&letters, &mut found)
        }
    }
    found.into_iter().take(GRAMS_MAX).collect()
}

fn collect(text: &str, into: &mut BTreeSet<String>) {
    for word in text.split_whitespace() {
        let letters = folded(word);
        into.extend(letters.chars().map(String::from));
        pairs(&letters, into);
    }
}

fn pairs(letters: &str, into: &mut BTreeSet<String>) {
    let following = letters.chars().skip(1);
    into.extend(letters.chars().zip(following).map(|(a, b)| String::from_iter([a, b])));
}

/// Lower case, full-width digits and letters made narrow, punctuation dropped.
fn folded(word: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    };
    word.chars().map(narrow).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_cut_into_pairs_that_the_text_has() {
        let mut text = BTreeSet::new();
        collect("云岫商业广场 Ａ座", &mut text);
        assert!(search_terms("商业").iter().all(|g| text.contains(g)));
        assert!(search_terms("a座").iter().all(|g| text.contains(g)));
        assert!(search_terms("场").iter().all(|g| text.contains(g)));
        assert!(!search_terms("业商").iter().all(|g| text.contains(g)));
        assert!(search_terms(" · ").is_empty());
    }
}
