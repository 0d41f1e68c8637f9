//! Reading entries: their fields by shape, the alarm inside one, and the filters that lists share.

use crate::{App, Fault};
use fengsui_alarm::Alarm;
use fengsui_ledger::{Entry, IndexValue};
use fengsui_store::{COUNTED_MAX, Filter, Query};
use serde::de::DeserializeOwned;

impl App {
    /// What a list says of its length: exact up to [`COUNTED_MAX`], and one more than that when there are more.
    pub(crate) async fn total(&self, query: &Query) -> Result<u64, Fault> {
        Ok(self.store.count_to(query, COUNTED_MAX + 1).await?)
    }
}

/// A field of an entry, when it is there and of that shape.
pub(crate) fn field<T: DeserializeOwned>(entry: &Entry, name: &str) -> Option<T> {
    entry.fields.get(name).and_then(|v| T::deserialize(v).ok())
}

/// What an entry's fields hold, when they have that shape.
pub(crate) fn record<T: DeserializeOwned>(entry: &Entry) -> Option<T> {
    T::deserialize(&entry.fields).ok()
}

/// A list field of an entry, items of another shape left out.
pub(crate) fn read_list<T: DeserializeOwned>(entry: &Entry, name: &str) -> Vec<T> {
    let list: Vec<serde_json::Value> = field(entry, name).unwrap_or_default();
    list.into_iter().filter_map(|v| serde_json::from_value(v).ok()).collect()
}

/// The alarm in an entry, when it is one.
pub(crate) fn read(entry: &Entry) -> Option<Alarm> {
    record(entry)
}

/// The entries whose indexed field has this text.
pub(crate) fn text_is(field: &str, value: impl Into<String>) -> Filter {
    Filter::Is(field.to_owned(), IndexValue::Text(value.into()))
}
