//! The changes that benchmarks of commits store: a changed state, and a fire with its index and search rows.

use fengsui_ledger::{IndexRow, IndexValue, search_terms};
use fengsui_store::conformance::given::{self, change, unit, write};
use fengsui_store::{ChangeSet, EntryWrite, Receipt};
use std::time::Duration;

/// Changes in each measurement; an alarm has about a hundred rows.
pub(crate) const FRAMES: u32 = 20_000;
pub(crate) const ALARMS: u32 = 4_000;
/// Each measurement is repeated, ours and raw in turn; the medians are compared.
pub(crate) const ROUNDS: usize = 5;

/// Tables with the column that tells which change a row belongs to.
pub(crate) const TABLES: &[(&str, &str)] = &[
    ("change", "seq"),
    ("journal", "seq"),
    ("frame", "seq"),
    ("receipt", "seq"),
    ("point_state", "bits"),
    ("entry", "slot"),
    ("entry_index", "slot"),
    ("entry_gram", "slot"),
];

/// A changed state: one line, one frame, one state, one receipt.
pub(crate) fn frame(n: u32) -> ChangeSet {
    let mut state = given::state(u128::from(n % 5_000), n, i64::from(n), 0);
    // The number of the change, so that raw knows which batch the row belongs to.
    state.state.bits = i32::try_from(n).unwrap() + 1;
    let receipt =
        Receipt { key: format!("198.51.100.7/{n}/5f3c"), answer: serde_json::json!(true), window_s: 60 };
    ChangeSet {
        receipt: Some(receipt),
        journal: vec![given::line(u128::from(n % 5_000), "一号回路三号点位感烟探测器状态变为故障")],
        states: vec![state],
        frames: vec![given::frame(u128::from(n % 5_000), i64::from(n))],
        ..change(i64::from(n))
    }
}

/// A fire: the same, and an alarm with its index and search rows.
pub(crate) fn alarm(n: u32) -> ChangeSet {
    let title = format!("云岫商业广场{}号楼{}层东侧走廊感烟火灾探测器{n}火警", n % 7, n % 31);
    let row = |field: &str, value: String| IndexRow::of(field, IndexValue::Text(value));
    let index =
        (0..8).map(|field| row(&format!("field_{field}"), format!("value-{}", n % (10 + field)))).collect();
    let grams = search_terms(&title).into_iter().chain(title.chars().map(String::from)).collect();
    let entry =
        EntryWrite { index, grams, ..write(fengsui_ledger::Entry { title, ..unit(u128::from(n) + 1) }) };
    ChangeSet { entries: vec![entry], ..frame(n) }
}

/// The changes cut into batches.
pub(crate) fn batches(make: fn(u32) -> ChangeSet, count: u32, batch: usize) -> Vec<Vec<ChangeSet>> {
    let mut batches: Vec<Vec<_>> = Vec::new();
    for n in 0..count {
        match batches.last_mut().filter(|last| last.len() < batch) {
            Some(last) => last.push(make(n)),
            None => batches.push(vec![make(n)]),
        }
    }
    batches
}

/// The time in the middle.
pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Prints ours beside raw.
pub(crate) fn tell(name: &str, batch: usize, count: u32, ours: Duration, raw: Duration) {
    let per_second = |elapsed: Duration| f64::from(count) / elapsed.as_secs_f64();
    println!(
        "{name:>6}, {batch:>3} a batch: ours {:>8.0}/s, raw {:>8.0}/s, ratio {:.2}",
        per_second(ours),
        per_second(raw),
        raw.as_secs_f64() / ours.as_secs_f64()
    );
}
