//! A PostgreSQL schema of its own for each test, dropped when the test ends, however it ends: for tests of this crate and of
//! those above.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops where it stands, and says why it did not run"
)]

use crate::SqlStore;
use futures::FutureExt;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio_postgres::NoTls;

const SERVER: &str = "FENGSUI_TEST_POSTGRES";

/// Runs the test with the address of an empty schema; says so when there is no server.
pub async fn with_postgres(test: impl AsyncFnOnce(String)) {
    let Ok(server) = std::env::var(SERVER) else {
        println!(
            "未运行：缺少环境变量 {SERVER}（PostgreSQL 连接地址）；make test 会设置它，或执行 scripts/postgres-for-tests.sh start"
        );
        return;
    };
    let schema = new_schema(&server).await;
    let separator = if server.contains('?') { '&' } else { '?' };
    let url = format!("{server}{separator}options=-csearch_path%3D{schema}");
    let outcome = AssertUnwindSafe(test(url)).catch_unwind().await;
    admin(&server, &format!("DROP SCHEMA {schema} CASCADE")).await;
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

async fn new_schema(server: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let schema = format!("test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    admin(server, &format!("CREATE SCHEMA {schema}")).await;
    schema
}

async fn admin(server: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(server, NoTls).await.unwrap();
    let driver = tokio::spawn(connection);
    client.batch_execute(sql).await.unwrap();
    drop(client);
    driver.await.unwrap().unwrap();
}

/// Opens the store at an address of a server.
pub async fn open(url: &str) -> SqlStore {
    SqlStore::open(url, Path::new(".")).await.unwrap()
}
