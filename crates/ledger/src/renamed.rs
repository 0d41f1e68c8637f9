//! What a field, and a choice of one, was called before: a value that was stored under a former name is read under the
//! present one, and stored under it with the next change.

use crate::Entry;
use crate::judge::{JUDGED_FIELD, judgements_of};
use fengsui_base::Fields;
use fengsui_catalog::{Field, Kind};
use serde_json::Value;

/// The entry with its fields under the names that its kind has now. A value under the present name stays before one under a
/// former name.
pub fn renamed(kind: &Kind, mut entry: Entry) -> Entry {
    for field in &kind.fields {
        for was in field.was.iter().filter(|was| kind.field(was).is_none()) {
            carry(&mut entry.fields, was, &field.name);
        }
        rechoose(field, &mut entry.fields);
    }
    rejudge(kind, &mut entry.fields);
    entry
}

/// What rule packs reckoned is written by the names of the fields that they filled.
fn rejudge(kind: &Kind, fields: &mut Fields) {
    let now = |name: &str| {
        let successor = || kind.fields.iter().find(|f| f.was.iter().any(|was| was == name));
        if kind.field(name).is_some() { None } else { successor().map(|f| f.name.clone()) }
    };
    let mut judged = judgements_of(fields);
    let mut changed = false;
    for one in &mut judged {
        for name in std::iter::once(&mut one.grade).chain(&mut one.score) {
            if let Some(present) = now(name) {
                (*name, changed) = (present, true);
            }
        }
    }
    if let Some(value) = serde_json::to_value(judged).ok().filter(|_| changed) {
        fields.insert(JUDGED_FIELD.to_owned(), value);
    }
}

/// A choice that has another value now.
fn rechoose(field: &Field, fields: &mut Fields) {
    let Some(Value::String(said)) = fields.get(&field.name) else { return };
    if field.choices.iter().any(|c| c.value == *said) {
        return;
    }
    if let Some(now) = field.choices.iter().find(|c| c.was.contains(said)) {
        fields.insert(field.name.clone(), now.value.clone().into());
    }
}

fn carry(fields: &mut Fields, was: &str, name: &str) {
    if fields.contains_key(name) {
        return;
    }
    if let Some(value) = fields.remove(was) {
        fields.insert(name.to_owned(), value);
    }
}
