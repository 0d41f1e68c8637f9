//! Where a value stands in the order of its field: one whole number for every type that has an order, so that a store sorts
//! by it without knowing what it means.

use fengsui_base::Timestamp;
use fengsui_catalog::{Field, FieldType};
use jiff::civil::Date;
use serde_json::Value;

/// The place of a value among the values of its field, smallest first; none for what says nothing and for types without an
/// order ([`FieldType::has_order`]).
///
/// Choices stand in the order in which the catalog lists them, no before yes, days and instants by time.
pub fn place(field: &Field, value: &Value) -> Option<i64> {
    match field.kind {
        FieldType::Integer | FieldType::Money => value.as_i64(),
        FieldType::Real => value.as_f64().map(of_real),
        FieldType::Truth => value.as_bool().map(i64::from),
        FieldType::Choice => of_choice(field, value.as_str()?),
        FieldType::Date => value.as_str()?.parse().ok().map(of_day),
        FieldType::Instant => value.as_str()?.parse().ok().map(Timestamp::as_microsecond),
        _ => None,
    }
}

/// The bits of a real number, turned so that they stand in the order of the numbers.
fn of_real(number: f64) -> i64 {
    // Zero has two signs and is one number.
    let bits = (number + 0.0).to_bits().cast_signed();
    if bits < 0 { bits ^ i64::MAX } else { bits }
}

fn of_choice(field: &Field, value: &str) -> Option<i64> {
    let found = field.choices.iter().position(|c| c.value == value)?;
    i64::try_from(found).ok()
}

/// The day as one number with year, month and day in it.
fn of_day(day: Date) -> i64 {
    (i64::from(day.year()) * 100 + i64::from(day.month())) * 100 + i64::from(day.day())
}

#[cfg(test)]
mod tests {
    use super::*;
    use fengsui_catalog::Choice;
    use serde_json::json;

    fn field(kind: FieldType) -> Field {
        let choice =
            |value: &str| Choice { value: value.into(), label: value.into(), level: None, was: Vec::new() };
        Field { kind, choices: ["red", "orange", "blue"].map(choice).to_vec(), ..Field::named("x") }
    }

    /// The values of each list stand in this order and no two in one place.
    #[test]
    fn values_of_a_type_stand_in_its_order() {
        let lists = [
            (FieldType::Integer, json!([-7, 0, 3, 12, 100])),
            (FieldType::Money, json!([0, 1, 99, 100, 50_000_000])),
            (FieldType::Real, json!([-1e9, -2.5, -2, -1e-300, 0, 1e-300, 0.1, 7, 7.5, 320, 1e300])),
            (FieldType::Truth, json!([false, true])),
            (FieldType::Choice, json!(["red", "orange", "blue"])),
            (FieldType::Date, json!(["0999-12-31", "2025-12-31", "2026-01-30", "2026-02-01", "2026-11-21"])),
            (
                FieldType::Instant,
                json!(["1969-12-31T23:59:59Z", "2026-11-21T08:00:00+08:00", "2026-11-21T00:00:00.000001Z"]),
            ),
        ];
        for (kind, values) in lists {
            let places: Option<Vec<i64>> =
                values.as_array().unwrap().iter().map(|v| place(&field(kind), v)).collect();
            let places = places.unwrap();
            assert!(kind.has_order() && places.is_sorted_by(|a, b| a < b), "{kind:?}: {places:?}");
        }
    }

    #[test]
    fn one_value_has_one_place_however_it_is_written() {
        assert_eq!(of_real(-0.0), of_real(0.0));
        assert_eq!(place(&field(FieldType::Real), &json!(7)), place(&field(FieldType::Real), &json!(7.0)));
        let instant = |text: &str| place(&field(FieldType::Instant), &json!(text));
        assert_eq!(instant("2026-11-21T08:00:00+08:00"), instant("2026-11-21T00:00:00Z"));
    }

    #[test]
    fn what_says_nothing_and_what_has_no_order_has_no_place() {
        for (kind, value) in [
            (FieldType::Integer, json!(null)),
            (FieldType::Date, json!("")),
            (FieldType::Choice, json!("green")),
            (FieldType::Text, json!("甲")),
            (FieldType::Link, json!("0195")),
            (FieldType::Photos, json!([])),
        ] {
            assert_eq!(place(&field(kind), &value), None, "{kind:?}");
        }
        assert!(!FieldType::Text.has_order() && !FieldType::Photos.has_order());
    }
}
