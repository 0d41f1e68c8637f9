//! A ledger kind (台账种类): its fields, its states, its words.

use crate::lifecycle::{Move, State};
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
    /// States an entry can be in, the first one being where its life begins when no move says so.
    pub states: Vec<State>,
    /// Fields, in the order of the form.
    #[serde(default)]
    pub fields: Vec<Field>,
    /// Moves between the states; a kind that has some is a ledger (台账) of the office, lived by the catalog alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moves: Vec<Move>,
    /// How the office shows it; every ledger has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<Office>,
}

/// How the office (办公) shows a ledger, and who may look.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Office {
    /// The group of the menu it stands in.
    pub menu: String,
    /// What stands before the running number: `YH` makes YH-2026-0001, gapless within office and year.
    pub number: String,
    /// The text field that names an entry.
    pub title: String,
    /// The choice whose levels draw the coloured mark beside the title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<String>,
    /// Posts that may read it.
    pub readers: Vec<String>,
    /// Posts that may correct the fields of an entry that is not over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub editors: Vec<String>,
    /// Fields that the list shows beside title, state and deadline.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// Ledgers that begin from an entry of this one: 检查 → 登记隐患.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub follows: Vec<Follow>,
}

/// An entry of another ledger that begins from one of this.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Follow {
    /// The ledger.
    pub kind: String,
    /// The move that opens it there.
    pub opens: String,
    /// What the button says.
    pub label: String,
    /// States of this entry in which it is offered; all that are not the end without them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub within: Vec<String>,
    /// What the new entry takes along: theirs ← ours; `id` is this entry itself.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub fills: std::collections::BTreeMap<String, String>,
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
    /// Whether it must be there from the beginning.
    #[serde(default)]
    pub required: bool,
    /// Longest text, in characters; texts without it may have 200.
    #[serde(default)]
    pub max_chars: Option<usize>,
    /// Whether a text may have several lines.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lines: bool,
    /// What may be chosen, for `choice`.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// Unit of a number, such as 平方米.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Smallest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<f64>,
    /// Largest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<f64>,
    /// The kind of entry a link leads to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// A date that may not lie in the future.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub past: bool,
    /// A date that may not lie before the one in this field; `unit.founded_on` is the founding of the responsible unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<String>,
    /// One sentence under the field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The name it had in a former revision: a declared rename.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
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
    /// Its level, 1 for red to 4 for blue, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
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
    /// Ids of other entries.
    Links,
    /// Money in fen, a hundredth of a yuan: a whole number that is not negative.
    Money,
    /// A region's code, twelve digits.
    Region,
    /// A person: the id of an account.
    Person,
    /// Persons: ids of accounts.
    People,
    /// Photos, with who took them when.
    Photos,
    /// Files of any kind.
    Files,
    /// A list of small records, kept whole and not searched.
    List,
    /// A small record, kept whole and not searched.
    Record,
}

impl FieldType {
    /// Whether it is kept whole and can neither be filtered nor sorted nor searched by.
    pub fn is_whole(self) -> bool {
        matches!(self, Self::List | Self::Record | Self::Links | Self::People | Self::Photos | Self::Files)
    }
}

impl Kind {
    /// Whether it is a ledger of the office: fields and a life, with no code of its own.
    pub fn is_ledger(&self) -> bool {
        !self.moves.is_empty()
    }

    /// The state with this name.
    pub fn state(&self, name: &str) -> Option<&State> {
        self.states.iter().find(|s| s.name == name)
    }

    /// The move with this name.
    pub fn mv(&self, name: &str) -> Option<&Move> {
        self.moves.iter().find(|m| m.name == name)
    }

    /// Moves that open an entry.
    pub fn openings(&self) -> impl Iterator<Item = &Move> {
        self.moves.iter().filter(|m| m.opens())
    }

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
        self.state(name).map_or(name, |s| s.label.as_str())
    }

    /// The field with this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.name == name)
    }
}

impl Field {
    fn mistake(&self) -> Option<String> {
        let whole = self.kind.is_whole();
        if (self.kind == FieldType::Choice) == self.choices.is_empty() {
            return Some(format!("字段 {}：choice 须有 choices，其他类型不得有", self.name));
        }
        if whole && (self.filter || self.sort || self.search) {
            return Some(format!("字段 {}：清单、照片和附件不能筛选、排序或检索", self.name));
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
