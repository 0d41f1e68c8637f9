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

mod changes;

use changes::{ALARMS, FRAMES, ROUNDS, TABLES, alarm, batches, frame, median, tell};
use fengsui_store::conformance::given::active;
use fengsui_store::{ChangeSet, Store};
use fengsui_store_sql::SqlStore;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    println!(
        "{FRAMES} frames, {ALARMS} alarms, median of {ROUNDS} rounds, SQLite {}, synchronous=FULL",
        rusqlite::version()
    );
    for (name, make, count) in [("frame", frame as fn(u32) -> ChangeSet, FRAMES), ("alarm", alarm, ALARMS)] {
        for batch in [16, 64, 256] {
            let (ours, raw) = runtime.block_on(measure(make, count, batch));
            tell(name, batch, count, ours, raw);
        }
    }
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

async fn commit(folder: &Path, make: fn(u32) -> ChangeSet, count: u32, batch: usize) -> Duration {
    let store = SqlStore::open("sqlite", folder).await.unwrap();
    let epoch = active(&store).await;
    let batches = batches(make, count, batch);
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
