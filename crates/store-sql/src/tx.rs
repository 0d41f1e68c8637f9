//! The little that both engines must be able to do inside a transaction.

use crate::value::{Row, Value};
use async_trait::async_trait;
use fengsui_store::StoreError;
use std::future::Future;
use std::pin::Pin;

/// An open transaction. Parameters are numbered `?1`, `?2` … in every text, and none is skipped.
#[async_trait]
pub(crate) trait Tx: Send {
    fn dialect(&self) -> Dialect;

    /// Runs statements without parameters, for migrations.
    async fn script(&mut self, sql: &str) -> Result<(), StoreError>;

    /// Runs the statement once for every `width` values; answers how many rows it touched.
    async fn execute_many(
        &mut self,
        sql: &str,
        width: usize,
        values: &[Value<'_>],
    ) -> Result<u64, StoreError>;

    /// Runs the query once for every `width` values; answers all rows one after another.
    async fn query_many(
        &mut self,
        sql: &str,
        width: usize,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, StoreError>;

    async fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError>;

    async fn query(&mut self, sql: &str, values: &[Value<'_>]) -> Result<Vec<Row>, StoreError>;
}

/// Which SQL the other side speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// What a job in a transaction answers.
pub(crate) type Answer<'t, T, E = StoreError> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 't>>;

/// Work inside one transaction: `Ok` commits, `Err` rolls back.
pub(crate) trait Job<T, E = StoreError>:
    for<'t> FnOnce(&'t mut dyn Tx) -> Answer<'t, T, E> + Send + 'static
{
}

impl<T, E, F> Job<T, E> for F where F: for<'t> FnOnce(&'t mut dyn Tx) -> Answer<'t, T, E> + Send + 'static {}

/// What a job may fail with: errors of the store and, for some, reasons of its own.
pub(crate) trait Reason: From<StoreError> + Send + 'static {}

impl<E: From<StoreError> + Send + 'static> Reason for E {}

/// The text for PostgreSQL: `$n` for `?n`, its own names of types, and the row lock that SQLite needs not.
pub(crate) fn for_postgres(sql: &str) -> String {
    sql.replace('?', "$").replace("/*for update*/", "FOR UPDATE")
}

/// The text that inserts so many rows at once, made of the text that inserts one; `None` for any other text. A text that
/// says what to do about a row that is there is another text: within one statement it may not meet the same row twice.
pub(crate) fn inserting(sql: &str, width: usize, rows: usize) -> Option<String> {
    let row = |first: usize| {
        let places: Vec<_> = (first..first + width).map(|n| format!("?{n}")).collect();
        format!("({})", places.join(", "))
    };
    let head = sql.strip_suffix(&row(1))?;
    let all: Vec<_> = (0..rows).map(|n| row(n * width + 1)).collect();
    head.ends_with(" VALUES ").then(|| format!("{head}{}", all.join(", ")))
}

/// The text of a migration for PostgreSQL.
pub(crate) fn schema_for_postgres(sql: &str) -> String {
    let lines = sql.lines().filter(|line| !line.starts_with("--"));
    let typed = lines.map(|line| line.split(' ').map(postgres_word).collect::<Vec<_>>().join(" "));
    typed.collect::<Vec<_>>().join("\n").replace(") WITHOUT ROWID, STRICT;", ");").replace(") STRICT;", ");")
}

fn postgres_word(word: &str) -> String {
    let name = word.trim_end_matches([',', ';']);
    let mark = word.strip_prefix(name).unwrap_or_default();
    let name = match name {
        "INTEGER" => "BIGINT",
        "TEXT" => "TEXT COLLATE \"C\"",
        "BLOB" => "BYTEA",
        "REAL" => "DOUBLE PRECISION",
        other => other,
    };
    format!("{name}{mark}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_wide_wherever_its_type_stands_in_the_line() {
        let sql = "-- why\nCREATE TABLE a (b INTEGER, c TEXT) STRICT;\nALTER TABLE a ADD COLUMN d INTEGER;";
        let postgres = "CREATE TABLE a (b BIGINT, c TEXT);\nALTER TABLE a ADD COLUMN d BIGINT;";
        assert_eq!(schema_for_postgres(sql), postgres);
    }

    #[test]
    fn numbers_of_parameters_stay_whatever_their_order() {
        assert_eq!(for_postgres("SELECT ?2, ?1 /*for update*/"), "SELECT $2, $1 FOR UPDATE");
    }

    #[test]
    fn a_plain_insert_of_one_row_becomes_one_of_many() {
        let one = "INSERT INTO t (a, b) VALUES (?1, ?2)";
        assert_eq!(inserting(one, 2, 1).unwrap(), one);
        assert_eq!(inserting(one, 2, 2).unwrap(), "INSERT INTO t (a, b) VALUES (?1, ?2), (?3, ?4)");
        let others =
            ["INSERT INTO t (a) VALUES (?1) ON CONFLICT DO NOTHING", "DELETE FROM t WHERE a IN (?1)"];
        assert!(others.iter().all(|sql| inserting(sql, 1, 2).is_none()));
    }

    #[test]
    fn types_are_rendered_for_postgres() {
        let sql = "-- words\nCREATE TABLE t (\n    a INTEGER NOT NULL,\n    b TEXT,\n    c BLOB,\n    d REAL\n) WITHOUT ROWID, STRICT;";
        let expected = "CREATE TABLE t (\n    a BIGINT NOT NULL,\n    b TEXT COLLATE \"C\",\n    c BYTEA,\n    d DOUBLE PRECISION\n);";
        assert_eq!(schema_for_postgres(sql), expected);
    }
}
