//! Connections to SQLite, how they are set up, and a transaction on one of them.

use super::SqliteSettings;
use crate::tx::{Dialect, Job, Reason, Tx};
use crate::value::{Row, Value};
use async_trait::async_trait;
use fengsui_store::StoreError;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ErrorCode, OpenFlags, ToSql, params_from_iter};
use std::borrow::Cow;
use std::path::Path;

/// How many prepared statements a connection keeps.
const STATEMENTS_MAX: usize = 128;

/// FULL makes every commit wait for the disk. SECURE_DELETE overwrites what is deleted,
/// for lawful erasure. The
/// log is moved into the database after 16 MiB, and shrunk to 64 MiB after a burst.
const WRITING: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA busy_timeout = 5000;
    PRAGMA cache_size = -65536;
    PRAGMA temp_store = MEMORY;
    PRAGMA secure_delete = ON;
    PRAGMA wal_autocheckpoint = 4096;
    PRAGMA journal_size_limit = 67108864;
";

const READING: &str = "
    PRAGMA query_only = ON;
    PRAGMA busy_timeout = 5000;
    PRAGMA cache_size = -16384;
    PRAGMA temp_store = MEMORY;
";

/// The connection that writes.
pub(super) fn writing(path: &Path, settings: SqliteSettings) -> Result<Connection, StoreError> {
    create_private(path)?;
    let opened = connect(path, WRITING)?;
    if let Some(pages) = settings.pages_max {
        opened.execute_batch(&format!("PRAGMA max_page_count = {pages}")).map_err(|e| broken(&e))?;
    }
    Ok(opened)
}

/// A connection that only reads.
pub(super) fn reading(path: &Path) -> Result<Connection, StoreError> {
    connect(path, READING)
}

fn connect(path: &Path, pragmas: &str) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, flags).map_err(|e| broken(&e))?;
    opened.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    opened.execute_batch(pragmas).map_err(|e| broken(&e))?;
    Ok(opened)
}

/// Makes the file when it is not there, readable by its owner alone: it holds password hashes.
fn create_private(path: &Path) -> Result<(), StoreError> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let told = |e| StoreError::Broken(format!("不能打开数据库文件 {}：{e}", path.display()));
    options.open(path).map(drop).map_err(told)
}

/// Where a transaction failed.
#[derive(Debug)]
pub(super) enum Stopped<E> {
    /// Before its end: nothing of it is stored, and the connection is as good as before.
    Before(E),
    /// When it was written to the disk: what the disk holds now is not known.
    AtCommit(StoreError),
}

/// Runs the job as one transaction that starts with the given word.
pub(super) fn transact<T, E: Reason>(
    connection: &mut Connection,
    begin: &str,
    job: impl Job<T, E>,
) -> Result<T, Stopped<E>> {
    connection.execute_batch(begin).map_err(|e| Stopped::Before(broken(&e).into()))?;
    let ended = match pollster::block_on(run(connection, job)) {
        Ok(value) => {
            connection.execute_batch("COMMIT").map(|()| value).map_err(|e| Stopped::AtCommit(broken(&e)))
        }
        Err(error) => Err(Stopped::Before(error)),
    };
    if !connection.is_autocommit() {
        // SQLite rolls back by itself after some errors; after the others it is done here.
        connection.execute_batch("ROLLBACK").map_err(|e| Stopped::AtCommit(broken(&e)))?;
    }
    ended
}

async fn run<T, E>(connection: &mut Connection, job: impl Job<T, E>) -> Result<T, E> {
    job(&mut SqliteTx { connection }).await
}

/// What an error of SQLite means to the layers above.
pub(super) fn broken(error: &rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full(error.to_string()),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            StoreError::Locked(format!("请关闭打开它的其他程序后重试（{error}）"))
        }
        _ => StoreError::Broken(error.to_string()),
    }
}

struct SqliteTx<'c> {
    connection: &'c mut Connection,
}

impl SqliteTx<'_> {
    fn prepare(&self, sql: &str) -> Result<CachedStatement<'_>, StoreError> {
        self.connection.prepare_cached(sql).map_err(|e| broken(&e))
    }
}

#[async_trait]
impl Tx for SqliteTx<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    async fn script(&mut self, sql: &str) -> Result<(), StoreError> {
        self.connection.execute_batch(sql).map_err(|e| broken(&e))
    }

    async fn execute_many(
        &mut self,
        sql: &str,
        width: usize,
        values: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        let mut statement = self.prepare(sql)?;
        let mut touched = 0;
        for run in values.chunks_exact(width) {
            touched += statement.execute(params_from_iter(run)).map_err(|e| broken(&e))?;
        }
        Ok(touched as u64)
    }

    async fn query_many(
        &mut self,
        sql: &str,
        width: usize,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        let mut statement = self.prepare(sql)?;
        let mut rows = Vec::new();
        for run in values.chunks_exact(width) {
            collect(&mut statement, run, &mut rows).map_err(|e| broken(&e))?;
        }
        Ok(rows)
    }

    async fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        let touched = self.prepare(sql)?.execute(params_from_iter(values)).map_err(|e| broken(&e))?;
        Ok(touched as u64)
    }

    async fn query(&mut self, sql: &str, values: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::new();
        collect(&mut self.prepare(sql)?, values, &mut rows).map_err(|e| broken(&e))?;
        Ok(rows)
    }
}

fn collect(
    statement: &mut CachedStatement<'_>,
    values: &[Value<'_>],
    into: &mut Vec<Row>,
) -> rusqlite::Result<()> {
    let columns = statement.column_count();
    let mut rows = statement.query(params_from_iter(values))?;
    while let Some(row) = rows.next()? {
        // Room for all at once: a start reads millions of rows, and a row that grows is made several times.
        let mut read = Vec::with_capacity(columns);
        for column in 0..columns {
            read.push(owned(column, row.get_ref(column)?)?);
        }
        into.push(Row(read));
    }
    Ok(())
}

fn owned(column: usize, value: ValueRef<'_>) -> rusqlite::Result<Value<'static>> {
    let unreadable = |e| rusqlite::Error::Utf8Error(column, e);
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => {
            Value::Text(Cow::Owned(std::str::from_utf8(text).map_err(unreadable)?.to_owned()))
        }
        ValueRef::Blob(bytes) => Value::Blob(Cow::Owned(bytes.to_vec())),
    })
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Integer(number) => ValueRef::Integer(*number),
            Value::Real(number) => ValueRef::Real(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::ffi;

    fn told(code: i32) -> StoreError {
        broken(&rusqlite::Error::SqliteFailure(ffi::Error::new(code), None))
    }

    #[test]
    fn errors_of_sqlite_are_told_apart() {
        assert!(matches!(told(ffi::SQLITE_FULL), StoreError::Full(_)));
        assert!(matches!(told(ffi::SQLITE_BUSY), StoreError::Locked(_)));
        assert!(matches!(told(ffi::SQLITE_LOCKED), StoreError::Locked(_)));
        assert!(matches!(told(ffi::SQLITE_IOERR_FSYNC), StoreError::Broken(_)));
        assert!(matches!(told(ffi::SQLITE_CORRUPT), StoreError::Broken(_)));
    }

    #[test]
    fn a_commit_waits_for_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let opened = writing(&folder.path().join("a.db"), SqliteSettings::default()).unwrap();
        let pragma = |name| {
            opened.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0)).unwrap()
        };
        assert_eq!(pragma("synchronous"), 2.into());
        assert_eq!(pragma("journal_mode"), "wal".to_owned().into());
        assert_eq!(pragma("secure_delete"), 1.into());
        assert_eq!(pragma("foreign_keys"), 1.into());
    }

    #[test]
    fn a_connection_that_reads_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        writing(&path, SqliteSettings::default()).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
        assert!(reading(&path).unwrap().execute_batch("INSERT INTO t VALUES (1)").is_err());
    }
}
