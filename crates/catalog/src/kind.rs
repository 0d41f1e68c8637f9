//! A ledger kind (台账种类): its fields, its states, its words.

use crate::lifecycle::{Move, State};
use crate::{Campaign, OWN_PREFIX};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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
    /// Names of fields that are asked for no more: entries that have them show them, as they were labelled then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retired: Vec<String>,
    /// Moves between the states; a kind that has some is a ledger (台账) of the office, lived by the catalog alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moves: Vec<Move>,
    /// What a rule pack reckons from other fields: nobody types it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub judgements: Vec<Judgement>,
    /// How the office shows it; every ledger has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<Office>,
    /// Where and until when it is kept, for a campaign that the site made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<Campaign>,
    /// Why nothing moves in it until an administrator has looked: a ledger of the site that no longer fits the program.
    #[serde(skip)]
    pub resting: Option<String>,
}

/// A grade that a rule pack reckons (判级).
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Judgement {
    /// Id of the pack; its version follows from place and day.
    pub pack: String,
    /// Only where these choices have these values: the method that was chosen.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub when: BTreeMap<String, String>,
    /// What the pack looks at ← fields of the entry.
    pub takes: BTreeMap<String, String>,
    /// The date field whose day decides which version holds; the day of the act without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// The choice that gets the outcome.
    pub grade: String,
    /// The number that gets the product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<String>,
}

impl Judgement {
    /// The fields that it is reckoned from, and by which it is chosen.
    pub fn causes(&self) -> impl Iterator<Item = &str> {
        self.takes.values().chain(self.when.keys()).chain(&self.on).map(String::as_str)
    }

    /// The fields that it fills.
    pub fn filled(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.grade).chain(&self.score).map(String::as_str)
    }
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
    /// The names it had in former revisions, the last one first: a declared rename. One is written `was = "place"`.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_more")]
    pub was: Vec<String>,
    /// A list may filter by it.
    #[serde(default)]
    pub filter: bool,
    /// A list may sort by it; only what has an order ([`FieldType::has_order`]).
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
    /// The values that it stands for since a former revision: renamed ones, and those that were given up for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_more")]
    pub was: Vec<String>,
}

/// One word, or a list of words.
fn one_or_more<'de, D: serde::Deserializer<'de>>(read: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Words {
        One(String),
        More(Vec<String>),
    }
    Ok(match Words::deserialize(read)? {
        Words::One(word) => vec![word],
        Words::More(words) => words,
    })
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

    /// Whether its values stand in an order that people ask lists by: amounts, numbers, days, levels, yes and no. Texts do
    /// not: a list is ordered by its titles, and the order of Chinese words by code point helps nobody.
    pub fn has_order(self) -> bool {
        matches!(
            self,
            Self::Integer
                | Self::Real
                | Self::Money
                | Self::Truth
                | Self::Choice
                | Self::Date
                | Self::Instant
        )
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

    /// The states that an entry can come to from one, itself among them.
    pub fn leads_to(&self, state: &str) -> BTreeSet<&str> {
        let mut seen: BTreeSet<&str> =
            self.states.iter().map(|s| s.name.as_str()).filter(|n| *n == state).collect();
        let mut open: Vec<&str> = seen.iter().copied().collect();
        while let Some(at) = open.pop() {
            let next = self.moves.iter().filter(|m| m.from.iter().any(|from| from == at));
            let fresh = next.filter_map(|m| m.to.as_deref()).filter(|to| seen.insert(*to));
            open.extend(fresh);
        }
        seen
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
        if let Some(still) = self.retired.iter().find(|name| self.field(name).is_some()) {
            found.push(format!("种类 {} 的字段 {still} 既在用，又写在停用（retired）里", self.name));
        }
        found.extend(self.fields.iter().filter_map(Field::mistake));
        found
    }

    /// Fields whose names are kept for those that a site adds: a shipped file may not use them.
    pub(crate) fn taken_names(&self) -> impl Iterator<Item = String> {
        let taken = self.fields.iter().filter(|f| f.name.starts_with(OWN_PREFIX));
        taken.map(|f| {
            let (kind, field) = (&self.name, &f.name);
            format!("种类 {kind} 的字段 {field} 以 {OWN_PREFIX} 开头，这样的名称留给本地自设的项")
        })
    }

    /// The label of a state; the name itself when the state is not of this kind.
    pub fn state_label<'a>(&'a self, name: &'a str) -> &'a str {
        self.state(name).map_or(name, |s| s.label.as_str())
    }

    /// The fields that a list can show of each entry: its columns, and behind them what it can be sorted by.
    pub fn shown(&self) -> impl Iterator<Item = &Field> {
        let columns: &[String] = self.office.as_ref().map_or(&[], |office| &office.columns);
        let others = self.fields.iter().filter(|f| f.sort && !columns.contains(&f.name));
        columns.iter().filter_map(|name| self.field(name)).chain(others)
    }

    /// The field with this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.name == name)
    }
}

impl Field {
    /// A field of which nothing but its name is known.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            label: name.to_owned(),
            kind: FieldType::Text,
            required: false,
            max_chars: None,
            lines: false,
            choices: Vec::new(),
            unit: None,
            least: None,
            most: None,
            to: None,
            past: false,
            not_before: None,
            help: None,
            was: Vec::new(),
            filter: false,
            sort: false,
            search: false,
        }
    }

    fn mistake(&self) -> Option<String> {
        let whole = self.kind.is_whole();
        if (self.kind == FieldType::Choice) == self.choices.is_empty() {
            return Some(format!("字段 {}：choice 须有 choices，其他类型不得有", self.name));
        }
        if whole && (self.filter || self.search) {
            return Some(format!("字段 {}：清单、照片和附件不能筛选或检索", self.name));
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
