//! SQLite and PostgreSQL behind the promises of `fengsui-store`.
//!
//! One implementation over a small transaction trait serves both engines: the same SQL texts with numbered
//! parameters, the same migrations with portable types. What differs is how a transaction comes about: SQLite
//! has one writing thread and a few reading connections, PostgreSQL a pool. Nothing above this crate knows SQL.

mod backup;
mod blobs;
mod commit;
mod encryption;
mod index;
#[cfg(feature = "kit")]
pub mod kit;
mod lease;
mod migrate;
mod pack;
mod postgres;
mod purge;
mod read;
mod seal;
mod sqlite;
mod store;
mod tx;
mod value;

pub use backup::{BackupError, LINE_BYTES_MAX, Summary, dump, restore};
pub use migrate::SCHEMA;
pub use seal::SealKey;
pub use sqlite::SqliteSettings;
pub use store::SqlStore;

use fengsui_store::{Store, StoreError};
use std::path::Path;
use std::sync::Arc;

/// Opens the store that the setting names: `sqlite` in the data directory, or `postgres://…`.
pub async fn open(database: &str, data_dir: &Path) -> Result<Arc<dyn Store>, StoreError> {
    Ok(Arc::new(SqlStore::open(database, data_dir).await?))
}
