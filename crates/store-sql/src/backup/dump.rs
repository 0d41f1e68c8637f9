//! Writing a backup from one snapshot, page by page.

use super::tables::{TABLES, Table, to_json};
use super::{BackupError, FORMAT, FORMAT_VERSION, Header, Summary, Trailer};
use crate::commit;
use crate::migrate::SCHEMA;
use crate::read::clauses::Clauses;
use crate::store::SqlStore;
use crate::tx::{Answer, Tx};
use crate::value::{Row, Value};
use fengsui_base::Timestamp;
use fengsui_store::Head;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io::Write;

/// How many rows are in memory at a time.
const PAGE_ROWS: u16 = 500;

/// Writes everything the store holds as it is at one instant; commits go on meanwhile.
///
/// The writer comes back flushed, for the caller to have it written to the disk.
pub async fn dump<W: Write + Send + 'static>(
    store: &SqlStore,
    created_at: Timestamp,
    writer: W,
) -> Result<(W, Summary), BackupError> {
    let out = Lines { writer, digest: Sha256::new() };
    store
        .read(move |tx: &mut dyn Tx| -> Answer<'_, _, BackupError> {
            Box::pin(write_all(tx, created_at, out))
        })
        .await
}

async fn write_all<W: Write + Send>(
    tx: &mut dyn Tx,
    created_at: Timestamp,
    mut out: Lines<W>,
) -> Result<(W, Summary), BackupError> {
    let chain = commit::chain(tx).await?;
    let head = Head { seq: chain.seq, chain: chain.digest };
    out.json(&header(created_at, head))?;
    let mut rows = BTreeMap::new();
    for table in TABLES {
        rows.insert(table.name.to_owned(), write_table(tx, table, &mut out).await?);
    }
    let writer = out.finish(rows.clone())?;
    Ok((writer, Summary { created_at, head, rows }))
}

fn header(created_at: Timestamp, head: Head) -> Header {
    let columns = |table: &Table| table.column_names().into_iter().map(str::to_owned).collect();
    Header {
        format: FORMAT.to_owned(),
        version: FORMAT_VERSION,
        schema: SCHEMA,
        created_at,
        seq: head.seq,
        chain: hex::encode(head.chain),
        tables: TABLES.iter().map(|table| (table.name.to_owned(), columns(table))).collect(),
    }
}

async fn write_table<W: Write>(
    tx: &mut dyn Tx,
    table: &Table,
    out: &mut Lines<W>,
) -> Result<u64, BackupError> {
    let mut written = 0;
    let mut last: Option<Vec<Value<'static>>> = None;
    loop {
        let rows = page(tx, table, last.take()).await?;
        for row in &rows {
            let values = row.0.iter().map(to_json);
            out.json(&std::iter::once(Json::from(table.name)).chain(values).collect::<Vec<_>>())?;
        }
        written += rows.len() as u64;
        if rows.len() < usize::from(PAGE_ROWS) {
            return Ok(written);
        }
        last = rows.into_iter().next_back().map(|row| row.0.into_iter().take(table.key).collect());
    }
}

async fn page(
    tx: &mut dyn Tx,
    table: &Table,
    after: Option<Vec<Value<'static>>>,
) -> Result<Vec<Row>, BackupError> {
    let (columns, mut clauses) = (table.column_names(), Clauses::default());
    let key = columns[..table.key].join(", ");
    if let Some(after) = after {
        let place: Vec<_> = after.into_iter().map(|value| clauses.bind(value)).collect();
        clauses.and(format!("({key}) > ({})", place.join(", ")));
    }
    let (conditions, most) = (clauses.all(), clauses.bind(PAGE_ROWS));
    let (name, columns) = (table.name, columns.join(", "));
    let sql = format!("SELECT {columns} FROM {name} WHERE {conditions} ORDER BY {key} LIMIT {most}");
    Ok(tx.query(&sql, clauses.values()).await?)
}

/// Lines on their way out, and the digest of all so far.
struct Lines<W> {
    writer: W,
    digest: Sha256,
}

impl<W: Write> Lines<W> {
    fn json(&mut self, line: &impl serde::Serialize) -> Result<(), BackupError> {
        let mut text = serde_json::to_vec(line).map_err(std::io::Error::from)?;
        text.push(b'\n');
        self.digest.update(&text);
        Ok(self.writer.write_all(&text)?)
    }

    fn finish(mut self, rows: BTreeMap<String, u64>) -> Result<W, BackupError> {
        let sha256 = hex::encode(self.digest.clone().finalize());
        self.json(&Trailer { rows, sha256 })?;
        self.writer.flush()?;
        Ok(self.writer)
    }
}
