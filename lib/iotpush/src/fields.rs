//! Fields that a cloud decoded, flattened: `serviceData.Battery_Level` is simply `Battery_Level`.

use crate::{PushError, json};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;

/// Most fields of a message; further ones are left out, and the message says so.
pub const FIELDS_MAX: usize = 256;
/// Longest text of a field, in characters; a frame of the largest size as hexadecimal text fits.
pub const TEXT_CHARS_MAX: usize = 4_096;
/// Objects that only wrap what is in them; their name says nothing.
const WRAPPERS: [&str; 4] = ["serviceData", "value", "params", "properties"];

/// Fields by their names.
pub type Fields = BTreeMap<String, Scalar>;

/// The value of a field.
#[derive(Clone, PartialEq, Debug)]
pub enum Scalar {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// Yes or no.
    Flag(bool),
}

impl Scalar {
    /// The number that it is or that its text is.
    pub fn number(&self) -> Option<f64> {
        match self {
            Scalar::Number(number) => Some(*number),
            Scalar::Text(text) => text.trim().parse().ok().filter(|n: &f64| n.is_finite()),
            Scalar::Flag(flag) => Some(f64::from(u8::from(*flag))),
        }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scalar::Number(number) => write!(f, "{number}"),
            Scalar::Text(text) => f.write_str(text),
            Scalar::Flag(flag) => write!(f, "{flag}"),
        }
    }
}

/// The fields of a message that is nothing but an object, as devices send it over MQTT.
///
/// # Errors
/// It is no JSON object, or nested too deeply.
pub fn fields(message: &[u8]) -> Result<Fields, PushError> {
    Ok(flatten(&json::read::<Map<String, Value>>(message)?))
}

/// Flattens an object.
pub(crate) fn flatten(object: &Map<String, Value>) -> Fields {
    let mut fields = Fields::new();
    add(&mut fields, "", object);
    fields
}

/// One field of that name, whatever it holds.
pub(crate) fn one(name: &str, value: &Value) -> Fields {
    let mut fields = Fields::new();
    put(&mut fields, name.to_owned(), value);
    fields
}

fn add(fields: &mut Fields, prefix: &str, object: &Map<String, Value>) {
    for (name, value) in object {
        let wraps = WRAPPERS.contains(&name.as_str()) && value.is_object();
        let name = match (prefix, wraps) {
            (_, true) => prefix.to_owned(),
            ("", false) => name.clone(),
            (_, false) if name == "value" => prefix.to_owned(),
            (_, false) => format!("{prefix}.{name}"),
        };
        put(fields, name, value);
    }
}

fn put(fields: &mut Fields, name: String, value: &Value) {
    if fields.len() >= FIELDS_MAX {
        return;
    }
    let scalar = match value {
        Value::Object(object) => return add(fields, &name, object),
        Value::Number(number) => number.as_f64().map(Scalar::Number),
        Value::String(text) => Some(Scalar::Text(text.chars().take(TEXT_CHARS_MAX).collect())),
        Value::Bool(flag) => Some(Scalar::Flag(*flag)),
        Value::Array(_) | Value::Null => None,
    };
    fields.extend(scalar.map(|scalar| (name, scalar)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(value: Value) -> Fields {
        flatten(value.as_object().unwrap())
    }

    #[test]
    fn wrappers_vanish_and_other_objects_give_their_name() {
        let fields = of(json!({
            "serviceId": "notification",
            "serviceData": { "Alarm_Status": 2, "IMEI": "860374051096202" },
            "Power": { "value": "on", "time": 1524448722123_i64 },
            "list": [1, 2],
        }));
        let names: Vec<_> = fields.keys().map(String::as_str).collect();
        assert_eq!(names, ["Alarm_Status", "IMEI", "Power", "Power.time", "serviceId"]);
        assert_eq!(fields["Alarm_Status"].number(), Some(2.0));
        assert_eq!(fields["Power"], Scalar::Text("on".to_owned()));
    }

    #[test]
    fn fields_and_texts_have_limits() {
        let many: Map<_, _> = (0..=FIELDS_MAX).map(|n| (format!("f{n}"), json!(n))).collect();
        assert_eq!(flatten(&many).len(), FIELDS_MAX);
        let fields = of(json!({ "a": "字".repeat(TEXT_CHARS_MAX + 1) }));
        assert_eq!(fields["a"].to_string().chars().count(), TEXT_CHARS_MAX);
    }

    #[test]
    fn numbers_are_read_out_of_texts_too() {
        assert_eq!(Scalar::Text(" -12.5 ".to_owned()).number(), Some(-12.5));
        assert_eq!(Scalar::Text("NaN".to_owned()).number(), None);
        assert_eq!(Scalar::Flag(true).number(), Some(1.0));
    }
}
