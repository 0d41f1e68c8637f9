//! The stores that scenarios run on: memory and SQLite, and memory that fails when it is told to.

use async_trait::async_trait;
use fengsui_app::kit::Desk;
use fengsui_store::{Door, MemoryStore, StoreError};
use fengsui_store_sql::SqlStore;
use fengsui_store_sql::kit::{open, with_postgres};
use std::sync::{Arc, Mutex};

/// Runs a scenario on both stores, each from the beginning.
pub(crate) async fn on_each_store(scenario: impl AsyncFn(Desk)) {
    scenario(Desk::open(Arc::new(MemoryStore::new())).await).await;
    let folder = tempfile::tempdir().unwrap();
    let sqlite = SqlStore::open("sqlite", folder.path()).await.unwrap();
    scenario(Desk::open(Arc::new(sqlite)).await).await;
}

/// The same on PostgreSQL besides, where the tests have a server.
pub(crate) async fn on_every_store(scenario: impl AsyncFn(Desk)) {
    on_each_store(&scenario).await;
    with_postgres(async |url| scenario(Desk::open(Arc::new(open(&url).await)).await).await).await;
}

/// A desk over memory.
pub(crate) async fn in_memory() -> Desk {
    Desk::open(Arc::new(MemoryStore::new())).await
}

/// Commits fail with the error it was given, as long as it has one.
#[derive(Debug, Default)]
pub(crate) struct Failing(Mutex<Option<fn() -> StoreError>>);

impl Failing {
    pub(crate) fn with(&self, error: Option<fn() -> StoreError>) {
        *self.0.lock().unwrap() = error;
    }
}

#[async_trait]
impl Door for Failing {
    async fn pass(&self) -> Result<(), StoreError> {
        let error = *self.0.lock().unwrap();
        error.map_or(Ok(()), |error| Err(error()))
    }
}
