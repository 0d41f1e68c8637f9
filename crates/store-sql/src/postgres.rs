//! PostgreSQL 15 or later: one connection that writes, a few that read.
//!
//! The same SQL as on SQLite, with its parameters and types rendered. Statements that belong together are
//! sent without waiting for one another's answer, so that a batch costs a few journeys and not one a row.

use crate::encryption::{self, Encryption};
use crate::migrate;
use crate::tx::{Answer, Dialect, Job, Reason, Tx, for_postgres, inserting};
use crate::value::{Row, Value};
use async_trait::async_trait;
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use fengsui_store::StoreError;
use futures::future::try_join_all;
use std::borrow::Cow;
use std::str::FromStr;
use std::time::Duration;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked};
use tokio_postgres::{Config, IsolationLevel, NoTls, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How many read at the same time.
const READERS_MAX: usize = 8;
/// How many statements are on their way at the same time.
const PIPELINE_MAX: usize = 256;
/// How many rows one statement inserts; a power of two, so that few texts serve every number of rows.
const INSERT_ROWS_MAX: usize = 64;
/// How long a connection may take to come about or to become free.
const PATIENCE: Duration = Duration::from_secs(10);
/// Oldest version that is supported, as the server numbers it.
const VERSION_MIN: i64 = 150_000;

/// A commit waits for the disk, whatever the server's own setting says. Nothing is compiled before it runs: a page of a list
/// is read in milliseconds, and compiling it took 400.
const SESSION: &str = "-c synchronous_commit=on -c client_min_messages=warning -c jit=off";

pub(crate) struct Postgres {
    writer: Pool,
    readers: Pool,
}

impl Postgres {
    pub(crate) async fn open(url: &str) -> Result<Self, StoreError> {
        let opened = Self::connect(url).await?;
        opened.write(|tx: &mut dyn Tx| -> Answer<'_, ()> { Box::pin(migrate::migrate(tx)) }).await?;
        Ok(opened)
    }

    pub(crate) async fn open_to_read(url: &str) -> Result<Self, StoreError> {
        let opened = Self::connect(url).await?;
        opened.read(|tx: &mut dyn Tx| -> Answer<'_, ()> { Box::pin(migrate::check(tx)) }).await?;
        Ok(opened)
    }

    async fn connect(url: &str) -> Result<Self, StoreError> {
        // The address holds a password: it is not repeated in the sentence.
        let (url, encryption) = encryption::wanted(url)?;
        let mut config = Config::from_str(&url).map_err(|e| {
            StoreError::Broken(format!(
                "数据库连接地址不能识别（{e}），应形如 postgres://用户:密码@主机/库名"
            ))
        })?;
        config.ssl_mode(encryption.mode());
        let opened = Self {
            writer: pool(&config, &encryption, 1)?,
            readers: pool(&config, &encryption, READERS_MAX)?,
        };
        opened.read(|tx: &mut dyn Tx| -> Answer<'_, ()> { Box::pin(require(tx)) }).await?;
        Ok(opened)
    }

    pub(crate) async fn write<T, E: Reason>(&self, job: impl Job<T, E>) -> Result<T, E> {
        transact(&self.writer, IsolationLevel::ReadCommitted, false, job).await
    }

    pub(crate) async fn read<T, E: Reason>(&self, job: impl Job<T, E>) -> Result<T, E> {
        transact(&self.readers, IsolationLevel::RepeatableRead, true, job).await
    }

    /// Name with version, and size in bytes.
    pub(crate) async fn describe(&self) -> Result<(String, Option<u64>), StoreError> {
        self.read(|tx: &mut dyn Tx| -> Answer<'_, _> { Box::pin(describe(tx)) }).await
    }
}

fn pool(config: &Config, encryption: &Encryption, size: usize) -> Result<Pool, StoreError> {
    let mut config = config.clone();
    let options = format!("{} {SESSION}", config.get_options().unwrap_or_default());
    config.options(&options).connect_timeout(PATIENCE).application_name("fengsui");
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = match encryption.client() {
        Some(client) => Manager::from_config(config, MakeRustlsConnect::new(client.clone()), recycling),
        None => Manager::from_config(config, NoTls, recycling),
    };
    let patient = Pool::builder(manager).max_size(size).runtime(Runtime::Tokio1);
    let patient =
        patient.wait_timeout(Some(PATIENCE)).create_timeout(Some(PATIENCE)).recycle_timeout(Some(PATIENCE));
    patient.build().map_err(|e| StoreError::Broken(e.to_string()))
}

async fn transact<T, E: Reason>(
    pool: &Pool,
    isolation: IsolationLevel,
    read_only: bool,
    job: impl Job<T, E>,
) -> Result<T, E> {
    let mut client: Object =
        pool.get().await.map_err(|e| StoreError::Broken(format!("不能连接数据库服务器：{e}")))?;
    let started = client.build_transaction().isolation_level(isolation).read_only(read_only).start().await;
    let mut tx = PostgresTx { transaction: started.map_err(|e| broken(&e))? };
    let value = job(&mut tx).await?;
    tx.transaction.commit().await.map_err(|e| broken(&e))?;
    Ok(value)
}

async fn require(tx: &mut dyn Tx) -> Result<(), StoreError> {
    let sql = "SELECT current_setting('server_version_num')::bigint, current_setting('server_encoding')";
    let mut row = tx.query(sql, &[]).await?.remove(0);
    let (version, encoding) = (row.integer(0)?, row.text(1)?);
    if version < VERSION_MIN {
        return Err(StoreError::Broken(format!("PostgreSQL 须为 15 或更新，服务器是 {}", version / 10_000)));
    }
    if encoding != "UTF8" {
        return Err(StoreError::Broken(format!("数据库编码须为 UTF8，现为 {encoding}，请重新建库")));
    }
    Ok(())
}

async fn describe(tx: &mut dyn Tx) -> Result<(String, Option<u64>), StoreError> {
    let sql = "SELECT current_setting('server_version'), pg_database_size(current_database())";
    let mut row = tx.query(sql, &[]).await?.remove(0);
    let version = row.text(0)?;
    let number = version.split(' ').next().unwrap_or_default();
    Ok((format!("PostgreSQL {number}"), Some(row.number(1)?)))
}

/// What an error of PostgreSQL means to the layers above.
fn broken(error: &tokio_postgres::Error) -> StoreError {
    let words = error
        .as_db_error()
        .map_or_else(|| error.to_string(), |db| format!("{}（{}）", db.message(), db.code().code()));
    match error.code() {
        Some(&SqlState::DISK_FULL) => StoreError::Full(words),
        _ => StoreError::Broken(words),
    }
}

struct PostgresTx<'c> {
    transaction: deadpool_postgres::Transaction<'c>,
}

impl PostgresTx<'_> {
    async fn prepare(&self, sql: &str) -> Result<Statement, StoreError> {
        self.transaction.prepare_cached(&for_postgres(sql)).await.map_err(|e| broken(&e))
    }

    async fn run_one(&self, statement: &Statement, values: &[Value<'_>]) -> Result<u64, StoreError> {
        self.transaction.execute(statement, &parameters(values)).await.map_err(|e| broken(&e))
    }

    /// The statements for all rows, each with its values: a plain insert takes many rows at once.
    async fn cut<'v>(
        &self,
        sql: &str,
        width: usize,
        mut values: &'v [Value<'v>],
    ) -> Result<Vec<(Statement, &'v [Value<'v>])>, StoreError> {
        let most = if inserting(sql, width, 1).is_some() { INSERT_ROWS_MAX } else { 1 };
        let mut cut: Vec<(Statement, &[Value<'_>])> = Vec::new();
        while !values.is_empty() {
            let rows = fitting(values.len() / width, most);
            let (run, behind) = values.split_at(rows * width);
            let statement = match cut.last() {
                Some((same, before)) if before.len() == run.len() => same.clone(),
                _ => self.prepare(inserting(sql, width, rows).as_deref().unwrap_or(sql)).await?,
            };
            cut.push((statement, run));
            values = behind;
        }
        Ok(cut)
    }

    async fn ask_one(&self, statement: &Statement, values: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        let rows = self.transaction.query(statement, &parameters(values)).await.map_err(|e| broken(&e))?;
        rows.iter().map(owned).collect()
    }
}

/// How many of the rows that are left the next statement inserts: all sizes are powers of two.
fn fitting(left: usize, most: usize) -> usize {
    left.checked_ilog2().map_or(1, |power| most.min(1 << power))
}

fn parameters<'v>(values: &'v [Value<'v>]) -> Vec<&'v (dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

#[async_trait]
impl Tx for PostgresTx<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    async fn script(&mut self, sql: &str) -> Result<(), StoreError> {
        self.transaction.batch_execute(sql).await.map_err(|e| broken(&e))
    }

    async fn execute_many(
        &mut self,
        sql: &str,
        width: usize,
        values: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        let mut touched = 0;
        for flight in self.cut(sql, width, values).await?.chunks(PIPELINE_MAX) {
            let sent = flight.iter().map(|(statement, run)| self.run_one(statement, run));
            touched += try_join_all(sent).await?.into_iter().sum::<u64>();
        }
        Ok(touched)
    }

    async fn query_many(
        &mut self,
        sql: &str,
        width: usize,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        let statement = self.prepare(sql).await?;
        let mut rows = Vec::new();
        for runs in values.chunks(width * PIPELINE_MAX) {
            let sent = runs.chunks_exact(width).map(|run| self.ask_one(&statement, run));
            rows.extend(try_join_all(sent).await?.into_iter().flatten());
        }
        Ok(rows)
    }

    async fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        let statement = self.prepare(sql).await?;
        self.run_one(&statement, values).await
    }

    async fn query(&mut self, sql: &str, values: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        let statement = self.prepare(sql).await?;
        self.ask_one(&statement, values).await
    }
}

fn owned(row: &tokio_postgres::Row) -> Result<Row, StoreError> {
    (0..row.len()).map(|column| value(row, column)).collect::<Result<_, _>>().map(Row)
}

fn value(row: &tokio_postgres::Row, column: usize) -> Result<Value<'static>, StoreError> {
    let kind = row.columns()[column].type_();
    let read = match *kind {
        Type::INT8 => row.try_get(column).map(|n: Option<i64>| n.map_or(Value::Null, Value::Integer)),
        Type::INT4 => {
            row.try_get(column).map(|n: Option<i32>| n.map_or(Value::Null, |n| Value::Integer(n.into())))
        }
        Type::FLOAT8 => row.try_get(column).map(|n: Option<f64>| n.map_or(Value::Null, Value::Real)),
        Type::BYTEA => row
            .try_get(column)
            .map(|b: Option<Vec<u8>>| b.map_or(Value::Null, |b| Value::Blob(Cow::Owned(b)))),
        _ => {
            row.try_get(column).map(|t: Option<String>| t.map_or(Value::Null, |t| Value::Text(Cow::Owned(t))))
        }
    };
    read.map_err(|e| broken(&e))
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Integer(number) => number.to_sql(kind, out),
            Value::Real(number) => number.to_sql(kind, out),
            Value::Text(text) => text.as_ref().to_sql(kind, out),
            Value::Blob(bytes) => bytes.as_ref().to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::FLOAT8 | Type::BYTEA) || <&str as ToSql>::accepts(kind)
    }

    to_sql_checked!();
}

#[cfg(test)]
mod tests {
    // A test without a server says so.
    #![allow(clippy::print_stdout)]
    use super::*;

    #[test]
    fn rows_are_cut_into_few_sizes() {
        let mut left = 203;
        let sizes = std::iter::from_fn(|| {
            let rows = fitting(left, INSERT_ROWS_MAX);
            (left > 0).then(|| {
                left -= rows;
                rows
            })
        });
        assert_eq!(sizes.collect::<Vec<_>>(), [64, 64, 64, 8, 2, 1]);
        assert_eq!(fitting(203, 1), 1);
    }

    #[tokio::test]
    async fn a_full_disk_of_the_server_is_told_apart() {
        let Ok(url) = std::env::var("FENGSUI_TEST_POSTGRES") else {
            println!(
                "未运行：缺少环境变量 FENGSUI_TEST_POSTGRES；make test 会设置它，或执行 scripts/postgres-for-tests.sh start"
            );
            return;
        };
        let server = Postgres::connect(&url).await.unwrap();
        let full = "DO $$ BEGIN RAISE EXCEPTION 'no space' USING ERRCODE = '53100'; END $$";
        let told = server.write(move |tx: &mut dyn Tx| -> Answer<'_, ()> { Box::pin(tx.script(full)) }).await;
        assert!(matches!(told, Err(StoreError::Full(_))), "{told:?}");
        let wrong =
            server.write(|tx: &mut dyn Tx| -> Answer<'_, ()> { Box::pin(tx.script("SELEC 1")) }).await;
        assert!(matches!(wrong, Err(StoreError::Broken(_))), "{wrong:?}");
        let sync = "SELECT current_setting('synchronous_commit')";
        let mut rows = server
            .write(move |tx: &mut dyn Tx| -> Answer<'_, _> { Box::pin(tx.query(sync, &[])) })
            .await
            .unwrap();
        assert_eq!(rows[0].text(0).unwrap(), "on");
    }
}
