//! A ledger kind (台账种类): its fields, its states, its words.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A kind of entry.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// Stable English name.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// Measure word (量词) for counting: 家, 台, 起.
    pub measure: String,
    /// States an entry can be in, the first one being where its life begins.
    pub states: Vec<State>,
    /// Fields, in the order of the form.
    #[serde(default)]
    pub fields: Vec<Field>,
}

/// One state of a kind.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Stable English name.
    pub name: String,
    /// What people call it.
    pub label: String,
}

/// One field of a kind.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Stable English name, the key in the entry's fields.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// Type of the value.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// Whether it must be there.
    #[serde(default)]
    pub required: bool,
    /// Longest text, in characters; texts without it may have 200.
    #[serde(default)]
    pub max_chars: Option<usize>,
    /// What may be chosen, for `choice`.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// A list may filter by it.
    #[serde(default)]
    pub filter: bool,
    /// A list may sort by it.
    #[serde(default)]
    pub sort: bool,
    /// The search box finds it.
    #[serde(default)]
    pub search: bool,
}

/// One possible value of a choice.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Stored value.
    pub value: String,
    /// What people call it.
    pub label: String,
}

/// Type of a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// One line of text.
    Text,
    /// Whole number.
    Integer,
    /// Real number.
    Real,
    /// Yes or no.
    Truth,
    /// One of the declared choices.
    Choice,
    /// Civil date, `2026-11-21`.
    Date,
    /// Instant, RFC 3339.
    Instant,
    /// Id of another entry.
    Link,
    /// A list of small records, kept whole and not searched.
    List,
    /// A small record, kept whole and not searched.
    Record,
}

impl Kind {
    /// What is wrong with the kind, in Chinese.
    pub(crate) fn mistakes(&self) -> Vec<String> {
        let mut found = Vec::new();
        if self.states.is_empty() {
            found.push(format!("种类 {} 没有状态", self.name));
        }
        if let Some(twice) = repeated(self.states.iter().map(|s| s.name.as_str())) {
            found.push(format!("种类 {} 的状态 {twice} 出现两次", self.name));
        }
        if let Some(twice) = repeated(self.fields.iter().map(|f| f.name.as_str())) {
            found.push(format!("种类 {} 的字段 {twice} 出现两次", self.name));
        }
        if self.fields.len().max(self.states.len()) > crate::PARTS_MAX {
            found.push(format!("种类 {} 的字段或状态超过 {} 个", self.name, crate::PARTS_MAX));
        }
        found.extend(self.fields.iter().filter_map(Field::mistake));
        found
    }

    /// The label of a state; the name itself when the state is not of this kind.
    pub fn state_label<'a>(&'a self, name: &'a str) -> &'a str {
        self.states.iter().find(|s| s.name == name).map_or(name, |s| s.label.as_str())
    }

    /// The field with this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.name == name)
    }
}

impl Field {
    fn mistake(&self) -> Option<String> {
        let whole = matches!(self.kind, FieldType::List | FieldType::Record);
        if (self.kind == FieldType::Choice) == self.choices.is_empty() {
            return Some(format!("字段 {}：choice 须有 choices，其他类型不得有", self.name));
        }
        if whole && (self.filter || self.sort || self.search) {
            return Some(format!("字段 {}：list 与 record 不能筛选、排序或检索", self.name));
        }
        None
    }

    /// The label of a choice; the value itself when it is not declared.
    pub fn choice_label<'a>(&'a self, value: &'a str) -> &'a str {
        self.choices.iter().find(|c| c.value == value).map_or(value, |c| c.label.as_str())
    }
}

fn repeated<'a>(names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut seen = BTreeSet::new();
    let mut names = names;
    names.find(|name| !seen.insert(*name))
}
