//! What the cases start from: a small county's worth of changes, built in a line each.

use crate::{
    ChangeSet, Committed, EntryWrite, Epoch, Failure, FrameRecord, LastState, Lease, Numbering, Outcome,
    Part, Query, Receipt, StateKey, StateWrite, Store,
};
use fengsui_base::{Actor, EntryId, Fields, RegionCode, Scope, TerminalId, Timestamp};
use fengsui_ledger::{Entry, IndexRow, IndexValue, JournalLine, Subject};
use serde_json::json;
use std::ops::Range;
use std::time::Duration;

/// Name of the node in the cases.
pub const NODE: &str = "node-a";
/// A village of the county in the cases.
pub const VILLAGE: u64 = 990_101_001_001;
/// A village in another township.
pub const OTHER_VILLAGE: u64 = 990_101_002_001;

/// The instant so many seconds after the cases begin.
pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).unwrap()
}

/// The n-th id.
pub fn id(n: u128) -> EntryId {
    EntryId::from_u128(n)
}

/// The n-th terminal.
pub fn terminal(n: u128) -> TerminalId {
    TerminalId(id(n))
}

/// The region with this number.
pub fn region(code: u64) -> RegionCode {
    RegionCode::new(code).unwrap()
}

/// The scope with this one range.
pub fn within(range: Range<u64>) -> Scope {
    Scope::of(std::iter::once(range))
}

/// The township of [`VILLAGE`].
pub fn township() -> Scope {
    within(990_101_001_000..990_101_002_000)
}

/// Takes the lease for [`NODE`].
pub async fn active(store: &dyn Store) -> Epoch {
    match store.claim_lease(NODE, None, at(0), Duration::from_secs(3_600)).await.unwrap() {
        Lease::Held { epoch, .. } => epoch,
        Lease::Other { holder, .. } => panic!("an empty store is held by {holder}"),
    }
}

/// A line about the n-th entry in [`VILLAGE`].
pub fn line(n: u128, text: &str) -> JournalLine {
    JournalLine {
        subject: Subject { kind: "unit".into(), id: id(n) },
        region: region(VILLAGE),
        at: at(0),
        verb: "unit.noted".into(),
        actor: Actor::System { rule: "测试".into() },
        text: text.into(),
        evidence: "规则".into(),
        facts: Fields::from_iter([
            ("lng".to_owned(), json!(118.123_456_789_012_3)),
            ("n".to_owned(), json!(7)),
        ]),
        salt: [7; 16],
    }
}

/// A change with one line.
pub fn change(second: i64) -> ChangeSet {
    let mut change = ChangeSet::new(at(second));
    change.journal.push(line(1, "已登记"));
    change
}

/// A receipt that counts for ten seconds.
pub fn receipt(key: &str) -> Receipt {
    Receipt { key: key.into(), answer: json!({ "ok": key, "ratio": 0.1 }), window_s: 10 }
}

/// The n-th unit, version 1, in [`VILLAGE`].
pub fn unit(n: u128) -> Entry {
    Entry {
        id: id(n),
        kind: "unit".into(),
        region: region(VILLAGE),
        state: "active".into(),
        number: None,
        title: format!("单位{n}"),
        owner: None,
        opened_at: at(i64::try_from(n).unwrap()),
        due_at: None,
        wake_at: None,
        closed_at: None,
        version: 1,
        position: None,
        source: None,
        revision: 1,
        fields: Fields::new(),
    }
}

/// Writes the entry without index and grams.
pub fn write(entry: Entry) -> EntryWrite {
    EntryWrite { entry, numbering: Numbering::Keep, index: Vec::new(), grams: Vec::new() }
}

/// Writes the entry with one indexed field.
pub fn indexed(entry: Entry, field: &str, value: IndexValue) -> EntryWrite {
    EntryWrite { index: vec![IndexRow::of(field, value)], ..write(entry) }
}

/// Writes the entry with one field that stands in this place of its order.
pub fn placed(entry: Entry, field: &str, place: i64) -> EntryWrite {
    let row = IndexRow { place: Some(place), ..IndexRow::of(field, IndexValue::Integer(place)) };
    EntryWrite { index: vec![row], ..write(entry) }
}

/// A change that writes these entries.
pub fn writes(second: i64, entries: impl IntoIterator<Item = EntryWrite>) -> ChangeSet {
    ChangeSet { entries: entries.into_iter().collect(), ..change(second) }
}

/// All units, newest first.
pub fn units() -> Query {
    Query::newest("unit", Scope::everything())
}

/// Commits one change.
pub async fn outcome(store: &dyn Store, epoch: Epoch, change: ChangeSet) -> Outcome {
    store.commit(epoch, vec![change]).await.unwrap().remove(0)
}

/// Commits one change that must be stored.
pub async fn stored(store: &dyn Store, epoch: Epoch, change: ChangeSet) -> Committed {
    committed(outcome(store, epoch, change).await)
}

/// The outcome, which must be a stored change.
pub fn committed(outcome: Outcome) -> Committed {
    match outcome {
        Outcome::Committed(committed) => committed,
        other => panic!("not stored: {other:?}"),
    }
}

/// The outcome, which must be a failed expectation.
pub fn failed(outcome: Outcome) -> Failure {
    match outcome {
        Outcome::Failed(failure) => failure,
        other => panic!("did not fail: {other:?}"),
    }
}

/// Titles of a page.
pub async fn titles(store: &dyn Store, query: &Query) -> Vec<String> {
    store.list(query).await.unwrap().items.into_iter().map(|e| e.title).collect()
}

/// A frame of the n-th terminal in [`VILLAGE`].
pub fn frame(n: u128, second: i64) -> FrameRecord {
    FrameRecord {
        terminal: Some(terminal(n)),
        region: region(VILLAGE),
        received_at: at(second),
        channel: "tcp 192.0.2.7:40123".into(),
        command: 2,
        unit_type: Some(2),
        verdict: "state".into(),
        bytes: vec![0x40, 0x40, 0, 255],
    }
}

/// A component's state of the n-th terminal, as it was at a second.
pub fn state(n: u128, component: u32, second: i64, bits: i32) -> StateWrite {
    StateWrite {
        terminal: terminal(n),
        key: StateKey {
            part: Part::Component,
            system_type: 1,
            system_address: 1,
            component_address: component,
            analog_type: 0,
        },
        state: LastState {
            component_type: 40,
            bits,
            event_at: at(second),
            received_at: at(second + 1),
            text: "一层东".into(),
        },
    }
}
