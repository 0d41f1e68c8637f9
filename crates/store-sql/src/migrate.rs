//! Numbered migrations, each in the transaction that opens the database, forward only.

use crate::tx::{Dialect, Tx, schema_for_postgres};
use fengsui_store::StoreError;

/// Every migration: its name and its text; its number is its place, from 1.
const MIGRATIONS: &[(&str, &str)] = &[
    ("first_light", include_str!("../migrations/0001_first_light.sql")),
    ("blobs", include_str!("../migrations/0002_blobs.sql")),
    ("secrets", include_str!("../migrations/0003_secrets.sql")),
    ("value_history", include_str!("../migrations/0004_value_history.sql")),
    ("sessions_lock", include_str!("../migrations/0005_sessions_lock.sql")),
    ("reading", include_str!("../migrations/0006_reading.sql")),
    ("sample_pack", include_str!("../migrations/0007_sample_pack.sql")),
    ("due", include_str!("../migrations/0008_due.sql")),
    ("wake", include_str!("../migrations/0009_wake.sql")),
    ("place", include_str!("../migrations/0010_place.sql")),
];

/// The schema number that this program writes and the highest it can read.
pub const SCHEMA: u32 = 10;

/// Any number that no other program uses for its advisory lock.
const MIGRATION_LOCK: i64 = 26_875;

const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS schema_migration (number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL)";

/// Brings the schema up to [`SCHEMA`].
pub(crate) async fn migrate(tx: &mut dyn Tx) -> Result<(), StoreError> {
    if tx.dialect() == Dialect::Postgres {
        // Two nodes that start together must not both create the tables.
        tx.script(&format!("DO $$ BEGIN PERFORM pg_advisory_xact_lock({MIGRATION_LOCK}); END $$")).await?;
    }
    tx.script(TABLE).await?;
    let found = found(tx).await?;
    refuse_newer(found)?;
    for (number, (name, text)) in (1_u32..).zip(MIGRATIONS).skip_while(|(number, _)| *number <= found) {
        apply(tx, text).await?;
        let row = [number.into(), (*name).into()];
        tx.execute("INSERT INTO schema_migration (number, name) VALUES (?1, ?2)", &row).await?;
    }
    Ok(())
}

/// Refuses to read a schema that is not [`SCHEMA`].
pub(crate) async fn check(tx: &mut dyn Tx) -> Result<(), StoreError> {
    let found = found(tx).await?;
    refuse_newer(found)?;
    if found < SCHEMA {
        let detail =
            format!("数据结构为第 {found} 版，本程序需要第 {SCHEMA} 版，请先用本程序启动一次服务完成升级");
        return Err(StoreError::Broken(detail));
    }
    Ok(())
}

async fn found(tx: &mut dyn Tx) -> Result<u32, StoreError> {
    tx.query("SELECT coalesce(max(number), 0) FROM schema_migration", &[]).await?[0].number(0)
}

fn refuse_newer(found: u32) -> Result<(), StoreError> {
    if found > SCHEMA { Err(StoreError::TooNew { found, known: SCHEMA }) } else { Ok(()) }
}

async fn apply(tx: &mut dyn Tx, text: &str) -> Result<(), StoreError> {
    match tx.dialect() {
        Dialect::Sqlite => tx.script(text).await,
        Dialect::Postgres => tx.script(&schema_for_postgres(text)).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_number_is_the_number_of_migrations() {
        assert_eq!(usize::try_from(SCHEMA).unwrap(), MIGRATIONS.len());
    }
}
