//! Revisions of one ledger at random: a field or a choice gets another name everywhere it is spoken of, or an added field is
//! given up, each declared as a file must declare it.

use fengsui_base::Fields;
use fengsui_catalog::{Catalog, FieldType, Guard, Kind, differences};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What the names of fields begin with that a life added: nothing else speaks of them.
pub(crate) const ADDED: &str = "added_";

/// What fields, and choices of fields, are called now, by every name they ever had.
#[derive(Default)]
pub(crate) struct Names {
    fields: BTreeMap<String, String>,
    choices: BTreeMap<(String, String), String>,
}

/// The ledger as the next revision has it: with all former names, and with nothing taken away unsaid.
pub(crate) fn revised(before: &Kind, next: Kind) -> Kind {
    let catalog = |kind: &Kind| Catalog::of_text(&json!({ "kinds": [kind] }).to_string(), 1).unwrap();
    let former = catalog(before);
    let next = catalog(&next).inheriting(&former);
    let broken: Vec<_> = differences(&former, &next).into_iter().filter(|d| d.breaks).collect();
    assert!(broken.is_empty(), "{broken:?}");
    next.kind(&before.name).unwrap().clone()
}

impl Names {
    /// How many names were given up for others.
    pub(crate) fn len(&self) -> usize {
        self.fields.len() + self.choices.len()
    }

    /// The fields under the names of now.
    pub(crate) fn present(&self, fields: &Fields) -> Fields {
        let one = |(name, value): (&String, &Value)| {
            let now = self.fields.get(name).unwrap_or(name).clone();
            let said = value.as_str().map(|text| (now.clone(), text.to_owned()));
            let choice = said.and_then(|said| self.choices.get(&said)).map(|text| text.as_str().into());
            (now, choice.unwrap_or_else(|| value.clone()))
        };
        fields.iter().map(one).collect()
    }

    /// A field gets another name, wherever the ledger speaks of it.
    pub(crate) fn field_renamed(&mut self, kind: &Kind, pick: usize, revision: usize) -> Option<Kind> {
        let taken = other_words(kind);
        let free: Vec<&str> =
            kind.fields.iter().map(|f| f.name.as_str()).filter(|n| !taken.contains(*n)).collect();
        let old = (*free.get(pick % free.len().max(1))?).to_owned();
        let new = format!("{}{revision}", if old.starts_with(ADDED) { "added_again_" } else { "renamed_" });
        let mut next = spoken(kind, &old, &new);
        next.fields.iter_mut().find(|f| f.name == new)?.was = vec![old.clone()];
        self.fields.values_mut().filter(|now| **now == old).for_each(|now| now.clone_from(&new));
        self.fields.insert(old.clone(), new.clone());
        let known: Vec<_> = self.choices.iter().filter(|((field, _), _)| *field == old).collect();
        let known: Vec<_> =
            known.into_iter().map(|((_, value), now)| ((new.clone(), value.clone()), now.clone())).collect();
        self.choices.extend(known);
        Some(next)
    }

    /// A choice that no rule speaks of gets another value.
    pub(crate) fn choice_renamed(&mut self, kind: &Kind, pick: usize, revision: usize) -> Option<Kind> {
        let ruled = ruled_fields(kind);
        let text = json!(kind).to_string();
        let once = |value: &str| text.matches(&format!("\"{value}\"")).count() == 1;
        let free: Vec<(usize, usize)> = kind
            .fields
            .iter()
            .enumerate()
            .filter(|(_, f)| !ruled.contains(&f.name))
            .flat_map(|(n, f)| (0..f.choices.len()).map(move |c| (n, c)))
            .filter(|(n, c)| once(&kind.fields[*n].choices[*c].value))
            .collect();
        let (n, c) = *free.get(pick % free.len().max(1))?;
        let mut next = kind.clone();
        let field = &mut next.fields[n];
        // Every other time it is merged into its neighbour.
        let merged = field.choices.len() > 2 && pick.is_multiple_of(2);
        let old = field.choices[c].value.clone();
        let new = if merged {
            field.choices.remove(c);
            let at = c % field.choices.len();
            field.choices[at].was.push(old.clone());
            field.choices[at].value.clone()
        } else {
            let new = format!("value_{revision}");
            field.choices[c].value.clone_from(&new);
            field.choices[c].was = vec![old.clone()];
            new
        };
        let name = field.name.clone();
        let of_field = self.choices.iter_mut().filter(|((field, _), now)| *field == name && **now == old);
        of_field.for_each(|(_, now)| now.clone_from(&new));
        self.choices.insert((name, old), new);
        Some(next)
    }

    /// A field that a life added is asked for no more.
    pub(crate) fn given_up(&self, kind: &Kind, pick: usize) -> Option<Kind> {
        let added: Vec<&str> =
            kind.fields.iter().map(|f| f.name.as_str()).filter(|n| n.starts_with(ADDED)).collect();
        let name = (*added.get(pick % added.len().max(1))?).to_owned();
        let mut next = kind.clone();
        next.fields.retain(|f| f.name != name);
        next.retired.push(name);
        Some(next)
    }
}

/// The fields whose choices rules speak of: guards, clocks, packs.
fn ruled_fields(kind: &Kind) -> BTreeSet<String> {
    let judged = kind.judgements.iter().flat_map(|j| j.causes().chain(j.filled()));
    let guarded = kind.moves.iter().flat_map(|m| m.guards.iter().flat_map(Guard::fields));
    let clocks = kind.states.iter().filter_map(|s| s.clock.as_ref()).flat_map(|c| c.fields());
    let set = kind.moves.iter().flat_map(|m| m.sets.keys().map(String::as_str));
    judged.chain(guarded).chain(clocks).chain(set).map(str::to_owned).collect()
}

/// Words of the ledger that a field may share its name with: those are not renamed, since nobody could tell them apart.
fn other_words(kind: &Kind) -> BTreeSet<String> {
    let states = kind.states.iter().map(|s| s.name.clone());
    let moves = kind.moves.iter().map(|m| m.name.clone());
    let choices = kind.fields.iter().flat_map(|f| f.choices.iter().map(|c| c.value.clone()));
    let kinds = kind.fields.iter().filter_map(|f| f.to.clone());
    let follows = kind.office.iter().flat_map(|o| &o.follows).flat_map(|f| {
        let theirs = f.fills.keys().cloned();
        [f.kind.clone(), f.opens.clone()].into_iter().chain(theirs)
    });
    let types = [FieldType::Date, FieldType::Region, FieldType::Person, FieldType::People, FieldType::Photos];
    let types = types.into_iter().chain([FieldType::Files, FieldType::Money]);
    let types = types.filter_map(|t| json!(t).as_str().map(str::to_owned));
    let also = kind.moves.iter().flat_map(|m| &m.also).map(|a| a.mv.clone());
    // The responsible unit is known to every engine by this name.
    let fixed = ["unit", "maker", "mover"].map(str::to_owned);
    states
        .chain(moves)
        .chain(choices)
        .chain(kinds)
        .chain(follows)
        .chain(types)
        .chain(also)
        .chain(fixed)
        .collect()
}

/// The ledger with another word for a field, wherever it is spoken of.
fn spoken(kind: &Kind, old: &str, new: &str) -> Kind {
    let mut value = json!(kind);
    for field in value["fields"].as_array_mut().unwrap() {
        for key in ["name", "not_before"] {
            say(&mut field[key], old, new);
        }
    }
    for part in ["states", "moves", "judgements", "office"] {
        say(&mut value[part], old, new);
    }
    let mut kind: Kind = serde_json::from_value(without_nulls(value)).unwrap();
    kind.resting = None;
    kind
}

fn say(value: &mut Value, old: &str, new: &str) {
    match value {
        Value::String(text) if text == old => new.clone_into(text),
        Value::String(text) if text.strip_suffix('?') == Some(old) => *text = format!("{new}?"),
        Value::Array(items) => items.iter_mut().for_each(|item| say(item, old, new)),
        Value::Object(map) => {
            for (key, item) in map.iter_mut() {
                say(item, old, new);
                // What a move sets, and when a judgement is made, is written by the names of fields.
                if let Some(named) = item.as_object_mut().filter(|_| key == "sets" || key == "when")
                    && let Some(said) = named.remove(old)
                {
                    named.insert(new.to_owned(), said);
                }
            }
        }
        _ => {}
    }
}

/// Asking a field of JSON for a key that it has not makes one of nothing.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            map.into_iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k, without_nulls(v))).collect()
        }
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}
