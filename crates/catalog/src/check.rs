//! Checks the fields of an entry against its kind and says, place by place, what must be mended.

use crate::{Field, FieldType, Kind};
use fengsui_base::{Fields, Place, Timestamp};
use serde_json::Value;

/// Longest text of a field that declares no `max_chars`.
const TEXT_CHARS_MAX: usize = 200;
/// What the names begin with under which the ledger keeps its own record of an entry; no field of a form may.
pub const RESERVED: char = '_';
/// Most links, persons, photos or files in one field.
const MANY_MAX: usize = 50;
/// Most fen that a field of money may say: a thousand billion yuan, which every engine can sum up.
const MONEY_FEN_MAX: i64 = 100_000_000_000_000;
/// Longest list of small records.
const LIST_ITEMS_MAX: usize = 500;

/// What is wrong with these fields; empty when nothing is.
pub fn check_fields(kind: &Kind, fields: &Fields) -> Vec<Place> {
    let unknown = fields
        .keys()
        .filter(|name| kind.field(name).is_none() && !(kind.is_ledger() && name.starts_with(RESERVED)))
        .map(|name| Place::new(format!("/{name}"), "field.unknown", format!("没有“{name}”这一项，请删去")));
    let wrong = kind.fields.iter().filter_map(|field| check_field(field, fields.get(&field.name)));
    unknown.chain(wrong).collect()
}

fn check_field(field: &Field, value: Option<&Value>) -> Option<Place> {
    let place = |code, detail| Some(Place::new(format!("/{}", field.name), code, detail));
    let label = &field.label;
    let empty = match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(_) => false,
    };
    if empty {
        return if field.required { place("field.required", format!("请填写{label}")) } else { None };
    }
    match (field.kind, value?) {
        (FieldType::Text, Value::String(text)) => {
            let limit = field.max_chars.unwrap_or(TEXT_CHARS_MAX);
            let length = text.chars().count();
            if length <= limit {
                return None;
            }
            place("text.too_long", format!("{label}有 {length} 个字，最多 {limit} 个"))
        }
        (FieldType::Integer, Value::Number(n)) if n.is_i64() => out_of_bounds(field, n.as_f64()?),
        (FieldType::Real, Value::Number(n)) => out_of_bounds(field, n.as_f64()?),
        (FieldType::Truth, Value::Bool(_)) => None,
        (FieldType::Money, Value::Number(n))
            if n.as_i64().is_some_and(|n| (0..=MONEY_FEN_MAX).contains(&n)) =>
        {
            None
        }
        (FieldType::Region, Value::String(text)) if text.parse::<fengsui_base::RegionCode>().is_ok() => None,
        (FieldType::Record, Value::Object(_)) => None,
        (FieldType::Choice, Value::String(text)) if field.choices.iter().any(|c| c.value == *text) => None,
        (FieldType::Choice, _) => {
            let labels = field.choices.iter().map(|c| c.label.as_str()).collect::<Vec<_>>().join("、");
            place("choice.unknown", format!("{label}只能是：{labels}"))
        }
        (FieldType::Date, Value::String(text)) if text.parse::<jiff::civil::Date>().is_ok() => None,
        (FieldType::Date, _) => place("date.impossible", format!("{label}没有这一天，请写成 2026-11-21")),
        (FieldType::Instant, Value::String(text)) if text.parse::<Timestamp>().is_ok() => None,
        (FieldType::Link | FieldType::Person, Value::String(text)) if is_id(text) => None,
        (FieldType::Links | FieldType::People, Value::Array(items)) if items.iter().all(names_one) => {
            too_many(label, items)
                .map(|detail| Place::new(format!("/{}", field.name), "list.too_long", detail))
        }
        (FieldType::Photos | FieldType::Files, Value::Array(items)) if items.iter().all(is_stored) => {
            too_many(label, items)
                .map(|detail| Place::new(format!("/{}", field.name), "list.too_long", detail))
        }
        (FieldType::List, Value::Array(items)) if items.len() <= LIST_ITEMS_MAX => None,
        (FieldType::List, Value::Array(items)) => {
            place("list.too_long", format!("{label}有 {} 项，最多 {LIST_ITEMS_MAX} 项", items.len()))
        }
        _ => place("field.type", format!("{label}的写法不对")),
    }
}

fn out_of_bounds(field: &Field, number: f64) -> Option<Place> {
    let place = |detail| Some(Place::new(format!("/{}", field.name), "number.bounds", detail));
    let unit = field.unit.as_deref().unwrap_or_default();
    match (field.least, field.most) {
        (Some(least), _) if number < least => place(format!("{}不能小于 {least} {unit}", field.label)),
        (_, Some(most)) if number > most => place(format!("{}不能大于 {most} {unit}", field.label)),
        _ => None,
    }
}

fn is_id(text: &str) -> bool {
    text.parse::<fengsui_base::EntryId>().is_ok()
}

fn names_one(item: &Value) -> bool {
    item.as_str().is_some_and(is_id)
}

/// A photo or file that was stored before: its content's digest and its name.
fn is_stored(item: &Value) -> bool {
    let digest = item.get("blob").and_then(Value::as_str).unwrap_or_default();
    let hex = digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit());
    hex && item.get("name").is_some_and(Value::is_string)
}

fn too_many(label: &str, items: &[Value]) -> Option<String> {
    (items.len() > MANY_MAX).then(|| format!("{label}有 {} 项，最多 {MANY_MAX} 项", items.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalog;
    use serde_json::json;

    fn places(fields: Value) -> Vec<String> {
        let text = r#"
[[kind]]
name = "unit"
label = "单位"
measure = "家"
states = [{ name = "active", label = "在册" }]
fields = [
  { name = "name", label = "名称", type = "text", required = true, max_chars = 4 },
  { name = "category", label = "类别", type = "choice", choices = [{ value = "school", label = "学校" }] },
  { name = "opened_on", label = "开业日期", type = "date" },
  { name = "buildings", label = "楼栋", type = "list" },
]
"#;
        let catalog = Catalog::load(&[("unit.toml", text)]).unwrap();
        let fields = fields.as_object().unwrap().clone();
        let wrong = check_fields(catalog.kind("unit").unwrap(), &fields);
        wrong.into_iter().map(|p| format!("{} {}", p.pointer, p.code)).collect()
    }

    #[test]
    fn good_fields_pass_up_to_their_limits() {
        let list = vec![json!({}); LIST_ITEMS_MAX];
        assert!(places(json!({"name": "四个汉字", "category": "school", "opened_on": "2026-02-28", "buildings": list})).is_empty());
    }

    #[test]
    fn every_wrong_field_is_named_with_its_place() {
        let list = vec![json!({}); LIST_ITEMS_MAX + 1];
        let wrong = places(
            json!({"name": "五个汉字了", "category": "zoo", "opened_on": "2026-02-30", "buildings": list, "colour": 1}),
        );
        assert_eq!(
            wrong,
            [
                "/colour field.unknown",
                "/name text.too_long",
                "/category choice.unknown",
                "/opened_on date.impossible",
                "/buildings list.too_long",
            ]
        );
        assert_eq!(places(json!({"name": "  "})), ["/name field.required"]);
        assert_eq!(places(json!({"name": 4})), ["/name field.type"]);
    }
}
