//! Fields that an administrator adds (自设的项) to a ledger of the site or to a shipped one.
//!
//! Entries name them by their place, so what is in use is only added to, at the end; one that is not wanted any more is
//! given up (停用) and stays readable where it was filled.

use crate::{Choice, Field, FieldType, Kind};
use fengsui_base::Place;
use serde::{Deserialize, Serialize};

/// Most own fields of a ledger.
pub const OWN_FIELDS_MAX: usize = 20;
/// Most choices of an own field.
pub const OWN_CHOICES_MAX: usize = 20;
/// Longest name of a ledger, of a field and of a choice, in characters.
pub const LABEL_CHARS_MAX: usize = 20;
/// Longest sentence under a field, in characters.
pub const HELP_CHARS_MAX: usize = 60;
/// What the names of own fields begin with; no shipped field may.
pub const OWN_PREFIX: &str = "own_";
/// Longest measure word and longest unit of a number, in characters.
pub(crate) const MEASURE_CHARS_MAX: usize = 6;
/// Longest text of an own field, in characters; one of several lines may have more.
const TEXT_CHARS_MAX: usize = 100;
const LINES_CHARS_MAX: usize = 500;

/// A field that an administrator adds (自设的项).
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OwnField {
    /// What people call it.
    pub label: String,
    /// What is written into it.
    #[serde(rename = "type")]
    pub kind: OwnFieldType,
    /// Whether it must be filled.
    #[serde(default)]
    pub required: bool,
    /// What may be chosen.
    #[serde(default)]
    pub choices: Vec<String>,
    /// Unit of a number.
    #[serde(default)]
    pub unit: Option<String>,
    /// One sentence under it.
    #[serde(default)]
    pub help: Option<String>,
    /// Whether the list shows it.
    #[serde(default)]
    pub listed: bool,
    /// Whether it is asked for no more: what it says on entries that have it stays readable.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
}

/// What is written into an own field.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnFieldType {
    /// One line of text.
    Text,
    /// Text of several lines.
    Lines,
    /// A whole number.
    Integer,
    /// A number.
    Real,
    /// Money.
    Money,
    /// Yes or no.
    Truth,
    /// One of several.
    Choice,
    /// A day.
    Date,
    /// Photos.
    Photos,
    /// Files.
    Files,
}

/// What is wrong with own fields beside those of a ledger; a field of each may have the same name as no other.
pub(crate) fn mistakes(fields: &[OwnField], beside: &[Field], wrong: &mut Vec<Place>) {
    if fields.len() > OWN_FIELDS_MAX {
        let detail = format!("自设的项有 {} 个，最多 {OWN_FIELDS_MAX} 个", fields.len());
        wrong.push(Place::new("/fields", "list.too_long", detail));
    }
    for (n, field) in fields.iter().enumerate().take(OWN_FIELDS_MAX) {
        field.mistakes(&format!("/fields/{n}"), wrong);
        let earlier = fields.iter().take(n).filter(|f| !f.retired).map(|f| f.label.trim());
        let mut taken = beside.iter().map(|f| f.label.as_str()).chain(earlier);
        if !field.retired && taken.any(|label| label == field.label.trim()) {
            let detail = format!("已经有“{}”这一项，请换个名字", field.label);
            wrong.push(Place::new(format!("/fields/{n}/label"), "label.twice", detail));
        }
    }
}

/// What is in use stays: entries name their fields and choices by their places.
pub(crate) fn taken_away(before: &[OwnField], now: &[OwnField], wrong: &mut Vec<Place>) {
    for (n, field) in before.iter().enumerate() {
        let place = |detail| Place::new(format!("/fields/{n}"), "field.fixed", detail);
        match now.get(n) {
            None => {
                let detail = format!("“{}”已在用，不能删去；不再问的勾“停用”", field.label);
                wrong.push(Place::new("/fields", "field.fixed", detail));
            }
            Some(now) if now.kind != field.kind => {
                wrong.push(place(format!("“{}”已在用，不能换填写方式", field.label)));
            }
            Some(now) if now.choices.len() < field.choices.len() => {
                wrong.push(place(format!("“{}”的选项已在用，不能删去；只能在后面添加", field.label)));
            }
            Some(_) => {}
        }
    }
}

/// The names under which own fields that nobody is asked for any more lie on entries.
pub(crate) fn given_up(fields: &[OwnField]) -> impl Iterator<Item = String> {
    fields.iter().enumerate().filter(|(_, f)| f.retired).map(|(n, _)| own_name(n))
}

/// Adds fields to a ledger, behind its own: to its form, to the moves named, and to the list where it is wanted.
pub(crate) fn lay<'f>(
    kind: &mut Kind,
    fields: impl Iterator<Item = (usize, &'f OwnField)>,
    asked_by: impl Fn(&crate::Move) -> bool,
) {
    for (n, own) in fields {
        let field = own.field(n);
        if let Some(office) = kind.office.as_mut().filter(|_| own.listed) {
            office.columns.push(field.name.clone());
        }
        let ask = if own.required { field.name.clone() } else { format!("{}?", field.name) };
        kind.moves.iter_mut().filter(|m| asked_by(m)).for_each(|m| m.asks.push(ask.clone()));
        kind.fields.push(field);
    }
}

/// The name of the own field in this place, counted from 0.
pub(crate) fn own_name(n: usize) -> String {
    format!("{OWN_PREFIX}{}", n + 1)
}

impl OwnField {
    fn mistakes(&self, place: &str, wrong: &mut Vec<Place>) {
        text(&format!("{place}/label"), "这一项的名称", &self.label, LABEL_CHARS_MAX, wrong);
        let choices = format!("{place}/choices");
        if self.kind == OwnFieldType::Choice {
            if !(2..=OWN_CHOICES_MAX).contains(&self.choices.len()) {
                let detail = format!("选项写 2 到 {OWN_CHOICES_MAX} 个，现有 {} 个", self.choices.len());
                wrong.push(Place::new(&choices, "choices.count", detail));
            }
            for (n, choice) in self.choices.iter().enumerate().take(OWN_CHOICES_MAX) {
                text(&choices, "选项", choice, LABEL_CHARS_MAX, wrong);
                if self.choices.iter().take(n).any(|earlier| earlier.trim() == choice.trim()) {
                    wrong.push(Place::new(&choices, "label.twice", format!("选项“{choice}”写了两次")));
                }
            }
        } else if !self.choices.is_empty() {
            wrong.push(Place::new(&choices, "choices.count", "只有“选一个”才写选项"));
        }
        if self.unit.as_deref().is_some_and(|u| u.chars().count() > MEASURE_CHARS_MAX) {
            let detail = format!("单位最多 {MEASURE_CHARS_MAX} 个字");
            wrong.push(Place::new(format!("{place}/unit"), "text.too_long", detail));
        }
        if self.help.as_deref().is_some_and(|h| h.chars().count() > HELP_CHARS_MAX) {
            let detail = format!("说明最多 {HELP_CHARS_MAX} 个字");
            wrong.push(Place::new(format!("{place}/help"), "text.too_long", detail));
        }
    }

    /// The field of the ledger; its place among the own fields is its name.
    fn field(&self, n: usize) -> Field {
        use OwnFieldType as Own;
        let kind = match self.kind {
            Own::Text | Own::Lines => FieldType::Text,
            Own::Integer => FieldType::Integer,
            Own::Real => FieldType::Real,
            Own::Money => FieldType::Money,
            Own::Truth => FieldType::Truth,
            Own::Choice => FieldType::Choice,
            Own::Date => FieldType::Date,
            Own::Photos => FieldType::Photos,
            Own::Files => FieldType::Files,
        };
        let choice = |(n, label): (usize, &String)| Choice {
            value: format!("choice_{}", n + 1),
            label: label.trim().to_owned(),
            level: None,
            was: Vec::new(),
        };
        let said = |text: &Option<String>| {
            text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned)
        };
        Field {
            label: self.label.trim().to_owned(),
            kind,
            required: self.required,
            max_chars: match self.kind {
                Own::Text => Some(TEXT_CHARS_MAX),
                Own::Lines => Some(LINES_CHARS_MAX),
                _ => None,
            },
            lines: self.kind == Own::Lines,
            choices: self.choices.iter().enumerate().map(choice).collect(),
            unit: said(&self.unit).filter(|_| matches!(kind, FieldType::Integer | FieldType::Real)),
            help: said(&self.help),
            filter: matches!(kind, FieldType::Choice | FieldType::Truth),
            sort: kind.has_order(),
            ..Field::named(&own_name(n))
        }
    }
}

pub(crate) fn text(place: &str, what: &str, text: &str, most: usize, wrong: &mut Vec<Place>) {
    let length = text.trim().chars().count();
    if length == 0 {
        wrong.push(Place::new(place, "field.required", format!("请填写{what}")));
    } else if length > most {
        wrong.push(Place::new(place, "text.too_long", format!("{what}有 {length} 个字，最多 {most} 个")));
    }
}
