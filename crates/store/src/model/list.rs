//! Lists over the entries in memory: look at each, keep what matches, sort, cut.

use super::{Tables, bounded, micros};
use crate::{Cursor, EntryWrite, Filter, Page, Query, SCAN_MAX, Scanned, Sort, Tally, index_text, step_us};
use fengsui_base::{EntryId, Timestamp};
use fengsui_ledger::{Entry, IndexRow, IndexValue};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::time::Duration;

/// The field name that stands for an entry's state in a tally.
const STATE: &str = "state";

impl Tables {
    pub(super) fn list(&self, query: &Query) -> Page {
        let at = |write| (cursor(write, &query.sort), &write.entry);
        let mut found: Vec<_> = self.matching(query).map(at).filter(|(at, _)| behind(at, query)).collect();
        found.sort_by(|(a, _), (b, _)| a.order(b, query.direction));
        let more = found.len() > bounded(query.limit);
        found.truncate(bounded(query.limit));
        let next = found.last().filter(|_| more).map(|(at, _)| at.clone());
        Page { items: found.into_iter().map(|(_, entry)| entry.clone()).collect(), next }
    }

    pub(super) fn scan(&self, kind: &str, after: Option<(Timestamp, EntryId)>, limit: u32) -> Vec<Scanned> {
        let of_kind = self.entries.values().map(|w| &w.entry).filter(|e| e.kind == kind);
        let mut found: Vec<_> =
            of_kind.filter(|e| after.is_none_or(|place| (e.opened_at, e.id) > place)).collect();
        found.sort_by_key(|e| (e.opened_at, e.id));
        let read = |entry: &Entry| Scanned {
            fields: serde_json::Value::from(entry.fields.clone()).to_string(),
            head: Entry { fields: Default::default(), ..entry.clone() },
        };
        found.into_iter().take(limit.clamp(1, SCAN_MAX) as usize).map(read).collect()
    }

    pub(super) fn matching<'a>(&'a self, query: &'a Query) -> impl Iterator<Item = &'a EntryWrite> {
        self.entries.values().filter(|write| matches(write, query))
    }

    pub(super) fn tally(&self, query: &Query, field: &str) -> Vec<Tally> {
        let mut counts = BTreeMap::<String, u64>::new();
        for write in self.matching(query) {
            for value in values(write, field) {
                *counts.entry(value).or_default() += 1;
            }
        }
        counts.into_iter().collect()
    }

    pub(super) fn tally_due(&self, query: &Query, step: Duration, most: u64) -> Vec<(u32, u64)> {
        let Some(range) = &query.due else { return Vec::new() };
        let mut due: Vec<_> = self.matching(query).filter_map(|write| write.entry.due_at).collect();
        due.sort_unstable();
        due.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        let (start, step_us) = (micros(range.start), step_us(step));
        let mut counts = BTreeMap::<u32, u64>::new();
        for at in due {
            let stretch = at.as_microsecond().saturating_sub(start.as_microsecond()) / step_us;
            *counts.entry(u32::try_from(stretch).unwrap_or(u32::MAX)).or_default() += 1;
        }
        counts.into_iter().collect()
    }
}

fn matches(write: &EntryWrite, query: &Query) -> bool {
    let entry = &write.entry;
    entry.kind == query.kind
        && entry.within(&query.scope)
        && (query.sort != Sort::Due || entry.due_at.is_some())
        && (query.sort != Sort::Wake || entry.wake_at.is_some())
        && (query.states.is_empty() || query.states.contains(&entry.state))
        && query.filters.iter().all(|filter| passes(write, filter))
        && query.terms.iter().all(|term| write.grams.contains(term))
        && query.opened.as_ref().is_none_or(|range| within(range, entry.opened_at))
        && query.due.as_ref().is_none_or(|range| entry.due_at.is_some_and(|at| within(range, at)))
}

fn within(range: &Range<Timestamp>, at: Timestamp) -> bool {
    micros(range.start) <= at && at < micros(range.end)
}

fn passes(write: &EntryWrite, filter: &Filter) -> bool {
    match filter {
        Filter::Is(field, value) => write.index.iter().any(|row| row.field == *field && row.value == *value),
        Filter::Owner(id) => write.entry.owner == Some(*id),
        Filter::Title(title) => write.entry.title == *title,
    }
}

fn values(write: &EntryWrite, field: &str) -> BTreeSet<String> {
    if field == STATE {
        return BTreeSet::from([write.entry.state.clone()]);
    }
    let text = |row: &IndexRow| match &row.value {
        IndexValue::Text(text) if row.field == field => Some(index_text(text).into_owned()),
        _ => None,
    };
    write.index.iter().filter_map(text).collect()
}

fn cursor(write: &EntryWrite, sort: &Sort) -> Cursor {
    let place = match sort {
        Sort::Field(field) => write.place(field),
        Sort::Opened | Sort::Title | Sort::Due | Sort::Wake => None,
    };
    Cursor::behind(&write.entry, sort, place)
}

fn behind(at: &Cursor, query: &Query) -> bool {
    let Some(after) = &query.after else { return true };
    let fits = match after {
        Cursor::Opened(..) => query.sort == Sort::Opened,
        Cursor::Title(..) => query.sort == Sort::Title,
        Cursor::Due(..) => query.sort == Sort::Due,
        Cursor::Wake(..) => query.sort == Sort::Wake,
        Cursor::Placed(field, ..) | Cursor::Unplaced(field, ..) => query.sort == Sort::Field(field.clone()),
    };
    fits && at.order(after, query.direction) == Ordering::Greater
}
