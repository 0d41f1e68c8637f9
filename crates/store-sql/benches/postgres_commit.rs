//! Ledger commits on PostgreSQL beside the server alone: the same rows, in the same batches, in the same run.
//!
//! Ours decides, numbers, chains, looks up and sends; raw copies the finished rows within the server from table to table
//! with the same keys and indexes, a transaction for each batch, and nothing crosses a wire.
//! Run with `FENGSUI_TEST_POSTGRES` set (`scripts/postgres-for-tests.sh start`) and
//! `cargo bench -p fengsui-store-sql --bench postgres_commit`. That server does not wait for the disk.

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
use std::time::{Duration, Instant};
use tokio_postgres::{Client, NoTls};

fn main() {
    let Ok(server) = std::env::var("FENGSUI_TEST_POSTGRES") else {
        println!("FENGSUI_TEST_POSTGRES is not set: no server to measure on");
        return;
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    println!("{FRAMES} frames, {ALARMS} alarms, median of {ROUNDS} rounds");
    for (name, make, count) in [("frame", frame as fn(u32) -> ChangeSet, FRAMES), ("alarm", alarm, ALARMS)] {
        for batch in [16, 64, 256] {
            let (ours, raw) = runtime.block_on(measure(&server, make, count, batch));
            tell(name, batch, count, ours, raw);
        }
    }
}

async fn measure(server: &str, make: fn(u32) -> ChangeSet, count: u32, batch: usize) -> (Duration, Duration) {
    let (mut ours, mut raws) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let admin = client(server).await;
        admin.batch_execute("DROP DATABASE IF EXISTS fengsui_bench").await.unwrap();
        admin.batch_execute("CREATE DATABASE fengsui_bench").await.unwrap();
        let (front, _) = server.rsplit_once('/').unwrap();
        let url = format!("{front}/fengsui_bench");
        ours.push(commit(&url, make, count, batch).await);
        raws.push(copy(&client(&url).await, count, batch).await);
    }
    (median(ours), median(raws))
}

async fn client(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn commit(url: &str, make: fn(u32) -> ChangeSet, count: u32, batch: usize) -> Duration {
    let store = SqlStore::open(url, std::path::Path::new(".")).await.unwrap();
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

/// The rows that ours wrote, into tables beside them, cut into the same batches.
async fn copy(client: &Client, count: u32, batch: usize) -> Duration {
    client.batch_execute("CREATE SCHEMA raw").await.unwrap();
    for (table, change) in TABLES {
        let sql = format!(
            "CREATE TABLE raw.{table} (LIKE public.{table} INCLUDING ALL);
             CREATE INDEX ON public.{table} ({change})"
        );
        client.batch_execute(&sql).await.unwrap();
    }
    client.batch_execute("ANALYZE").await.unwrap();
    let start = Instant::now();
    for from in (0..count).step_by(batch) {
        let till = from + u32::try_from(batch).unwrap();
        let piece = |(table, change): &(&str, &str)| {
            format!(
                "INSERT INTO raw.{table} SELECT * FROM public.{table} WHERE {change} > {from} AND {change} <= {till};"
            )
        };
        let all: String = TABLES.iter().map(piece).collect();
        client.batch_execute(&format!("BEGIN; {all} COMMIT")).await.unwrap();
    }
    let elapsed = start.elapsed();
    let copied = client.query_one("SELECT count(*) FROM raw.change", &[]).await.unwrap();
    assert_eq!(copied.get::<_, i64>(0), i64::from(count));
    elapsed
}
