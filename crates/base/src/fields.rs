//! Fields as data: a form laid over what is there, and the ids that a value names.

use crate::{EntryId, Fields};
use serde_json::Value;

/// The fields with what a form says of them: what it does not name stays, such as what came with an import; what it
/// names as nothing goes.
pub fn overlaid(before: &Fields, said: &Fields) -> Fields {
    let mut fields = before.clone();
    fields.extend(said.iter().map(|(name, value)| (name.clone(), value.clone())));
    fields.retain(|_, value| !value.is_null());
    fields
}

/// The ids that a value of a person, persons, a link or links says; whatever is no id is passed by.
pub fn ids_in(value: &Value) -> Vec<EntryId> {
    match value {
        Value::String(text) => text.parse().ok().into_iter().collect(),
        Value::Array(items) => items.iter().filter_map(|v| v.as_str()?.parse().ok()).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop where it stands")]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_form_changes_what_it_names_and_takes_away_what_it_names_as_nothing() {
        let fields = |value: Value| value.as_object().cloned().unwrap();
        let before = fields(json!({ "name": "云岫商场", "grid": "一网格", "floor": 3 }));
        let after = overlaid(&before, &fields(json!({ "name": "云岫广场", "grid": null })));
        assert_eq!(after, fields(json!({ "name": "云岫广场", "floor": 3 })));
    }

    #[test]
    fn ids_are_read_from_one_and_from_many() {
        let id = EntryId::from_u128(7).to_string();
        assert_eq!(ids_in(&json!(id)), ids_in(&json!([id, "云岫", 3])));
        assert_eq!(ids_in(&json!({ "id": id })), []);
    }
}
