//! Ledger commits beside raw SQLite: the same rows, in the same batches, in the same run.
//!
//! Ours decides, numbers, chains and looks up; raw only inserts the finished rows with prepared statements
//! into the same tables with the same settings. The target is at least 0.6 of raw (DESIGN §9).
//! Run with `cargo bench -p fengsui-store-sql`.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark measures by the wall clock, talks to the terminal, and stops at once when something is wrong"
)]

use fengsui_ledger::{IndexRow, IndexValue, search_terms};
use fengsui_store::conformance::given::{self, active, change, unit, write};
use fengsui_store::{ChangeSet, EntryWrite, Receipt, Store};
use fengsui_store_sql::SqlStore;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// Changes in each measurement; an alarm has about a hundred rows.
const FRAMES: u32 = 20_000;
const ALARMS: u32 = 4_000;
/// Each measurement is repeated, ours and raw in turn; the medians are compared.
const ROUNDS: usize = 5;

/// Tables with the column that tells which change a row belongs to.
const TABLES: &[(&str, &str)] = &[
    ("change", "seq"),
    ("journal", "seq"),
    ("frame", "seq"),
    ("receipt", "seq"),
    ("point_state", "bits"),
    ("entry", "slot"),
    ("entry_index", "slot"),
    ("entry_gram", "slot"),
];

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    println!(
        "{FRAMES} frames, {ALARMS} alarms, median of {ROUNDS} rounds, SQLite {}, synchronous=FULL",
        rusqlite::version()
    );
    for (name, make, count) in [("frame", frame as fn(u32) -> ChangeSet, FRAMES), ("alarm", alarm, ALARMS)] {
        for batch in [16, 64, 256] {
            let (ours, raw) = runtime.block_on(measure(make, count, batch));
            let ratio = raw.as_secs_f64() / ours.as_secs_f64();
            println!(
                "{name:>6}, {batch:>3} a batch: ours {:>8.0}/s, raw {:>8.0}/s, ratio {ratio:.2}",
                per_second(count, ours),
                per_second(count, raw)
            );
        }
    }
}

fn per_second(count: u32, elapsed: Duration) -> f64 {
    f64::from(count) / elapsed.as_secs_f64()
}

/// A changed state: one line, one frame, one state, one receipt.
fn frame(n: u32) -> ChangeSet {
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
fn alarm(n: u32) -> ChangeSet {
    let title = format!("云岫商业广场{}号楼{}层东侧走廊感烟火灾探测器{n}火警", n % 7, n % 31);
    let row = |field: &str, value: String| IndexRow { field: field.into(), value: IndexValue::Text(value) };
    let index =
        (0..8).map(|field| row(&format!("field_{field}"), format!("value-{}", n % (10 + field)))).collect();
    let grams = search_terms(&title).into_iter().chain(title.chars().map(String::from)).collect();
    let entry =
        EntryWrite { index, grams, ..write(fengsui_ledger::Entry { title, ..unit(u128::from(n) + 1) }) };
    ChangeSet { entries: vec![entry], ..frame(n) }
}

async fn measure(make: fn(u32) -> ChangeSet, count: u32, batch: usize) -> (Duration, Duration) {
    let source = tempfile::tempdir().unwrap();
    commit(source.path(), make, count, batch).await;
    let rows = read(&source.path().join("fengsui.db"), batch);
    let (mut ours, mut raws) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        // In turn, so that neither always finds the disk as the other left it.
        if round % 2 == 0 {
            raws.push(insert(a.path(), &rows));
        }
        ours.push(commit(b.path(), make, count, batch).await);
        if round % 2 == 1 {
            raws.push(insert(a.path(), &rows));
        }
    }
    (median(ours), median(raws))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

async fn commit(folder: &Path, make: fn(u32) -> ChangeSet, count: u32, batch: usize) -> Duration {
    let store = SqlStore::open("sqlite", folder).await.unwrap();
    let epoch = active(&store).await;
    let mut batches: Vec<Vec<_>> = Vec::new();
    for n in 0..count {
        match batches.last_mut().filter(|last| last.len() < batch) {
            Some(last) => last.push(make(n)),
            None => batches.push(vec![make(n)]),
        }
    }
    let start = Instant::now();
    for batch in batches {
        store.commit(epoch, batch).await.unwrap();
    }
    let elapsed = start.elapsed();
    assert_eq!(store.head().await.unwrap().seq, u64::from(count));
    elapsed
}

/// One table's rows of one batch.
struct Rows {
    sql: String,
    rows: Vec<Vec<Value>>,
}

fn insert(folder: &Path, batches: &[Vec<Rows>]) -> Duration {
    let raw = Connection::open(folder.join("raw.db")).unwrap();
    raw.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;")
        .unwrap();
    raw.execute_batch("PRAGMA wal_autocheckpoint = 4096; PRAGMA secure_delete = ON").unwrap();
    raw.execute_batch(include_str!("../migrations/0001_first_light.sql")).unwrap();
    let start = Instant::now();
    for batch in batches {
        raw.execute_batch("BEGIN IMMEDIATE").unwrap();
        for table in batch {
            let mut statement = raw.prepare_cached(&table.sql).unwrap();
            for row in &table.rows {
                statement.execute(params_from_iter(row)).unwrap();
            }
        }
        raw.execute_batch("COMMIT").unwrap();
    }
    start.elapsed()
}

/// The rows that ours wrote, cut into the same batches.
fn read(source: &Path, batch: usize) -> Vec<Vec<Rows>> {
    let stored = Connection::open(source).unwrap();
    let mut batches: BTreeMap<i64, Vec<Rows>> = BTreeMap::new();
    for (table, change) in TABLES {
        for (place, rows) in read_table(&stored, table, change, batch) {
            batches.entry(place).or_default().push(rows);
        }
    }
    batches.into_values().collect()
}

fn read_table(stored: &Connection, table: &str, change: &str, batch: usize) -> BTreeMap<i64, Rows> {
    let mut query = stored.prepare(&format!("SELECT {change}, * FROM {table} ORDER BY {change}")).unwrap();
    let columns = query.column_count() - 1;
    let numbers: Vec<_> = (1..=columns).map(|n| format!("?{n}")).collect();
    let sql = format!("INSERT INTO {table} VALUES ({})", numbers.join(", "));
    let mut found: BTreeMap<i64, Rows> = BTreeMap::new();
    let mut rows = query.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let place = (row.get::<_, i64>(0).unwrap() - 1) / i64::try_from(batch).unwrap();
        let values = (1..=columns).map(|column| row.get(column).unwrap()).collect();
        found.entry(place).or_insert_with(|| Rows { sql: sql.clone(), rows: Vec::new() }).rows.push(values);
    }
    found
}
