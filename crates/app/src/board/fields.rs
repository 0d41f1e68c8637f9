//! What the board reads of a register's entries: from their fields as they stand in memory, or straight from their text
//! when a register of a million is read at the start.
//!
//! Both say the same: text is read by shape, and whatever does not fit it is read field by field as everywhere else.

use super::terminal::PointLimits;
use crate::entries::field;
use fengsui_base::EntryId;
use fengsui_ledger::Entry;
use serde::Deserialize;
use serde_json::Value;

fn text<'f>(entry: &'f Entry, name: &str) -> Option<&'f str> {
    entry.fields.get(name).and_then(Value::as_str)
}

fn id(entry: &Entry, name: &str) -> Option<EntryId> {
    text(entry, name)?.parse().ok()
}

/// Of a unit.
#[derive(Deserialize, PartialEq, Debug)]
pub(super) struct UnitFields<'f> {
    pub(super) category: Option<&'f str>,
    pub(super) key_unit: Option<bool>,
    pub(super) code: Option<&'f str>,
    pub(super) sector: Option<&'f str>,
}

impl<'f> UnitFields<'f> {
    pub(super) fn of(entry: &'f Entry) -> Self {
        Self {
            category: text(entry, "category"),
            key_unit: entry.fields.get("key_unit").and_then(Value::as_bool),
            code: text(entry, "code"),
            sector: text(entry, "sector"),
        }
    }
}

/// Of a terminal.
#[derive(Deserialize, PartialEq, Debug)]
pub(super) struct TerminalFields<'f> {
    pub(super) source: Option<&'f str>,
    pub(super) unit: Option<EntryId>,
    pub(super) unit_name: Option<&'f str>,
    pub(super) profile: Option<&'f str>,
    pub(super) rhythm: Option<&'f str>,
    pub(super) report_period_s: Option<i64>,
    pub(super) offline_after_s: Option<i64>,
    pub(super) parent: Option<EntryId>,
}

impl<'f> TerminalFields<'f> {
    pub(super) fn of(entry: &'f Entry) -> Self {
        Self {
            source: text(entry, "source"),
            unit: id(entry, "unit"),
            unit_name: text(entry, "unit_name"),
            profile: text(entry, "profile"),
            rhythm: text(entry, "rhythm"),
            report_period_s: field(entry, "report_period_s"),
            offline_after_s: field(entry, "offline_after_s"),
            parent: id(entry, "parent"),
        }
    }
}

/// Of a point.
#[derive(Deserialize, PartialEq, Debug)]
pub(super) struct PointFields<'f> {
    pub(super) terminal: Option<EntryId>,
    pub(super) system_type: Option<u64>,
    pub(super) system_address: Option<u64>,
    pub(super) component_type: Option<u64>,
    pub(super) component_address: Option<u64>,
    pub(super) building: Option<&'f str>,
    pub(super) floor: Option<&'f str>,
    pub(super) zone: Option<&'f str>,
    pub(super) plan_x: Option<f64>,
    pub(super) plan_y: Option<f64>,
    pub(super) limits: Option<Vec<PointLimits>>,
}

impl<'f> PointFields<'f> {
    pub(super) fn of(entry: &'f Entry) -> Self {
        let number = |name| entry.fields.get(name).and_then(Value::as_u64);
        Self {
            terminal: id(entry, "terminal"),
            system_type: number("system_type"),
            system_address: number("system_address"),
            component_type: number("component_type"),
            component_address: number("component_address"),
            building: text(entry, "building"),
            floor: text(entry, "floor"),
            zone: text(entry, "zone"),
            plan_x: field(entry, "plan_x"),
            plan_y: field(entry, "plan_y"),
            limits: field(entry, "limits"),
        }
    }

    /// System type, system address and component address; what is missing or too large is 0.
    pub(super) fn address(&self) -> (u8, u8, u32) {
        let component = self.component_address.and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
        (narrow(self.system_type), narrow(self.system_address), component)
    }
}

/// A number of one byte; what is missing or too large is 0.
pub(super) fn narrow(number: Option<u64>) -> u8 {
    number.and_then(|n| u8::try_from(n).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use fengsui_base::Fields;
    use proptest::prelude::*;
    use serde_json::json;

    const NAMES: [&str; 22] = [
        "category",
        "key_unit",
        "source",
        "unit",
        "unit_name",
        "profile",
        "rhythm",
        "report_period_s",
        "offline_after_s",
        "parent",
        "terminal",
        "system_type",
        "system_address",
        "component_type",
        "component_address",
        "building",
        "floor",
        "zone",
        "plan_x",
        "plan_y",
        "limits",
        "maker",
    ];

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(json!(null)),
            any::<bool>().prop_map(Value::from),
            (-3..300_i64).prop_map(Value::from),
            Just(json!(1.5)),
            "[a-z东楼\"]{0,4}".prop_map(Value::from),
            Just(json!("01940000-0000-7000-8000-000000000007")),
            Just(json!([])),
            Just(json!([{ "analog_type": 3, "low": 1.0, "high": null, "hysteresis": 0.0, "hold_s": 0 }])),
        ]
    }

    fn entry(fields: Fields) -> Entry {
        let terminal = super::super::unsaved::tests::entry(0, "registered");
        Entry { kind: "point".to_owned(), fields, ..terminal }
    }

    proptest! {
        #[test]
        fn text_that_fits_says_what_the_fields_say(
            pairs in proptest::collection::vec((0..NAMES.len(), value()), 0..8)
        ) {
            let fields: Fields = pairs.into_iter().map(|(n, v)| (NAMES[n].to_owned(), v)).collect();
            let (text, entry) = (serde_json::to_string(&fields).unwrap(), entry(fields));
            if let Ok(read) = serde_json::from_str::<UnitFields<'_>>(&text) {
                prop_assert_eq!(read, UnitFields::of(&entry));
            }
            if let Ok(read) = serde_json::from_str::<TerminalFields<'_>>(&text) {
                prop_assert_eq!(read, TerminalFields::of(&entry));
            }
            if let Ok(read) = serde_json::from_str::<PointFields<'_>>(&text) {
                prop_assert_eq!(read, PointFields::of(&entry));
            }
        }
    }
}
