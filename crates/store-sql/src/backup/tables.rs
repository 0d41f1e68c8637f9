//! The tables of a backup and how their values are written in JSON.
//!
//! Search grams are not among them: they are made again from the entries. Neither is the lease: it belongs to
//! the running nodes, not to the data.

use super::BackupError;
use crate::value::Value;
use serde_json::Value as Json;

/// Kind of a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Integer,
    Real,
    Text,
    Blob,
}

/// A table: the first `key` columns tell its rows apart and are their order.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) key: usize,
    pub(super) columns: &'static [(&'static str, Kind)],
}

use Kind::{Blob, Integer, Real, Text};

/// Name of the entries' table, whose grams are made again.
pub(super) const ENTRY: &str = "entry";

pub(super) const TABLES: &[Table] = &[
    Table {
        name: "change",
        key: 1,
        columns: &[("seq", Integer), ("at", Integer), ("chain", Blob), ("lines", Integer)],
    },
    Table {
        name: "journal",
        key: 2,
        columns: &[
            ("seq", Integer),
            ("line", Integer),
            ("digest", Blob),
            ("subject", Blob),
            ("region", Integer),
            ("text", Text),
            ("erased_by", Integer),
            ("erased_reason", Text),
        ],
    },
    Table {
        name: ENTRY,
        key: 1,
        columns: &[
            ("slot", Integer),
            ("id", Blob),
            ("kind", Text),
            ("region", Integer),
            ("state", Text),
            ("number", Text),
            ("title", Text),
            ("title_order", Text),
            ("owner", Blob),
            ("opened_at", Integer),
            ("due_at", Integer),
            ("closed_at", Integer),
            ("version", Integer),
            ("lng", Real),
            ("lat", Real),
            ("source_system", Text),
            ("source_number", Text),
            ("revision", Integer),
            ("fields", Text),
            ("grams", Blob),
            ("wake_at", Integer),
        ],
    },
    Table {
        name: "entry_index",
        key: 2,
        columns: &[
            ("slot", Integer),
            ("ordinal", Integer),
            ("path", Text),
            ("value", Text),
            ("place", Integer),
            ("id", Blob),
        ],
    },
    Table { name: "held_key", key: 1, columns: &[("key", Text), ("entry", Blob)] },
    Table { name: "series", key: 1, columns: &[("name", Text), ("last", Integer)] },
    Table {
        name: "receipt",
        key: 1,
        columns: &[("digest", Blob), ("seq", Integer), ("until_at", Integer), ("answer", Text)],
    },
    Table {
        name: "point_state",
        key: 6,
        columns: &[
            ("terminal", Blob),
            ("part", Integer),
            ("system_type", Integer),
            ("system_address", Integer),
            ("component_address", Integer),
            ("analog_type", Integer),
            ("component_type", Integer),
            ("bits", Integer),
            ("event_at", Integer),
            ("received_at", Integer),
            ("text", Text),
        ],
    },
    Table {
        name: "sample_series",
        key: 1,
        columns: &[
            ("slot", Integer),
            ("terminal", Blob),
            ("system_type", Integer),
            ("system_address", Integer),
            ("component_address", Integer),
            ("analog_type", Integer),
            ("first_second", Integer),
            ("loose_second", Integer),
        ],
    },
    Table { name: "sample_pack", key: 2, columns: &[("slot", Integer), ("day", Integer), ("packed", Blob)] },
    Table { name: "sample", key: 2, columns: &[("slot", Integer), ("second", Integer), ("value", Integer)] },
    Table { name: "heard", key: 1, columns: &[("terminal", Blob), ("at", Integer)] },
    Table {
        name: "reading",
        key: 1,
        columns: &[
            ("terminal", Blob),
            ("asked_at", Integer),
            ("answered_at", Integer),
            ("failures", Integer),
            ("denied", Integer),
        ],
    },
    Table {
        name: "frame",
        key: 2,
        columns: &[
            ("seq", Integer),
            ("line", Integer),
            ("terminal", Blob),
            ("region", Integer),
            ("received_at", Integer),
            ("channel", Text),
            ("command", Integer),
            ("unit_type", Integer),
            ("verdict", Text),
            ("bytes", Blob),
        ],
    },
    Table {
        name: "outbox",
        key: 2,
        columns: &[("seq", Integer), ("line", Integer), ("topic", Text), ("body", Text)],
    },
    Table {
        name: "credential",
        key: 1,
        columns: &[("account", Blob), ("phc", Text), ("must_change", Integer), ("changed_at", Integer)],
    },
    Table { name: "secret", key: 2, columns: &[("owner", Blob), ("name", Text), ("value", Text)] },
    Table {
        name: "session",
        key: 1,
        columns: &[
            ("token_digest", Blob),
            ("account", Blob),
            ("opened_at", Integer),
            ("expires_at", Integer),
            ("locked", Integer),
            ("origin", Text),
        ],
    },
    Table {
        name: "blob",
        key: 1,
        columns: &[("name", Text), ("media_type", Text), ("size", Integer), ("stored_at", Integer)],
    },
    Table { name: "blob_part", key: 2, columns: &[("name", Text), ("part", Integer), ("bytes", Blob)] },
    Table {
        name: "catalog_revision",
        key: 1,
        columns: &[("revision", Integer), ("digest", Text), ("text", Text)],
    },
];

impl Table {
    pub(super) fn named(name: &str) -> Option<&'static Table> {
        TABLES.iter().find(|table| table.name == name)
    }

    pub(super) fn column_names(&self) -> Vec<&'static str> {
        self.columns.iter().map(|(name, _)| *name).collect()
    }

    pub(super) fn kind(&self, column: &str) -> Option<Kind> {
        self.columns.iter().find(|(name, _)| *name == column).map(|(_, kind)| *kind)
    }
}

/// A value as JSON: numbers and text as they are, bytes in hexadecimal digits.
pub(super) fn to_json(value: &Value<'_>) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Integer(number) => Json::from(*number),
        Value::Real(number) => Json::from(*number),
        Value::Text(text) => Json::from(text.as_ref()),
        Value::Blob(bytes) => Json::from(hex::encode(bytes)),
    }
}

/// The value again.
pub(super) fn from_json(kind: Kind, json: Json) -> Result<Value<'static>, BackupError> {
    let found = match (kind, json) {
        (_, Json::Null) => Some(Value::Null),
        (Integer, Json::Number(number)) => number.as_i64().map(Value::Integer),
        (Real, Json::Number(number)) => number.as_f64().map(Value::Real),
        (Text, Json::String(text)) => Some(Value::from(text)),
        (Blob, Json::String(digits)) => hex::decode(digits).ok().map(Value::from),
        _ => None,
    };
    found.ok_or_else(|| BackupError::Altered(format!("有一个值不是 {kind:?}")))
}
