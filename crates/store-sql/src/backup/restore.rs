//! Reading a backup into an empty store, in one transaction: all of it or nothing.

use super::tables::{ENTRY, Kind, TABLES, Table, from_json};
use super::{BackupError, FORMAT, FORMAT_VERSION, Header, LINE_BYTES_MAX, Summary, Trailer};
use crate::commit;
use crate::index;
use crate::migrate::SCHEMA;
use crate::store::SqlStore;
use crate::tx::{Answer, Tx};
use crate::value::Value;
use fengsui_store::Head;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io::{BufRead, Read};

/// How many rows are in memory at a time.
const BATCH_ROWS: usize = 500;

/// Fills an empty store from a backup. The chain is as it was; the lease starts anew.
pub async fn restore<R: BufRead + Send + 'static>(
    store: &SqlStore,
    reader: R,
) -> Result<Summary, BackupError> {
    let lines = Lines { reader, digest: Sha256::new() };
    store
        .write_apart(move |tx: &mut dyn Tx| -> Answer<'_, _, BackupError> { Box::pin(read_all(tx, lines)) })
        .await
}

async fn read_all<R: BufRead + Send>(tx: &mut dyn Tx, mut lines: Lines<R>) -> Result<Summary, BackupError> {
    let header = lines.header()?;
    require_empty(tx).await?;
    let mut loader = Loader::new(&header)?;
    let trailer = loop {
        let line = lines.next()?.ok_or(BackupError::Truncated)?;
        // Rows are arrays; the one object behind the header is the end.
        if line.text.starts_with(b"{") {
            break trailer(&line)?;
        }
        loader.line(tx, &line.text).await?;
    };
    let rows = loader.finish(tx).await?;
    if rows != trailer.rows {
        return Err(BackupError::Altered("行数不符".to_owned()));
    }
    if lines.next()?.is_some() {
        return Err(BackupError::Altered("结尾之后还有内容".to_owned()));
    }
    let head = head(tx, &header).await?;
    Ok(Summary { created_at: header.created_at, head, rows })
}

async fn require_empty(tx: &mut dyn Tx) -> Result<(), BackupError> {
    for table in TABLES {
        if !tx.query(&format!("SELECT 1 FROM {} LIMIT 1", table.name), &[]).await?.is_empty() {
            return Err(BackupError::NotEmpty(table.name.to_owned()));
        }
    }
    Ok(())
}

fn trailer(line: &Line) -> Result<Trailer, BackupError> {
    let unreadable = |_| BackupError::Altered("结尾不能识别".to_owned());
    let trailer: Trailer = serde_json::from_slice(&line.text).map_err(unreadable)?;
    let matches = trailer.sha256 == line.digest_before;
    if matches { Ok(trailer) } else { Err(BackupError::Altered("摘要不符".to_owned())) }
}

async fn head(tx: &mut dyn Tx, header: &Header) -> Result<Head, BackupError> {
    let chain = commit::chain(tx).await?;
    if chain.seq != header.seq || hex::encode(chain.digest) != header.chain {
        return Err(BackupError::Altered("链尾与开头所记不符".to_owned()));
    }
    Ok(Head { seq: chain.seq, chain: chain.digest })
}

/// Lines on their way in, and the digest of all so far.
struct Lines<R> {
    reader: R,
    digest: Sha256,
}

struct Line {
    text: Vec<u8>,
    /// Digest of all lines before this one, in hexadecimal digits; only where the line may be the last.
    digest_before: String,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> Result<Option<Line>, BackupError> {
        let mut text = Vec::new();
        self.reader.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut text)?;
        if text.is_empty() {
            return Ok(None);
        }
        if text.last() != Some(&b'\n') {
            let too_long = text.len() as u64 >= LINE_BYTES_MAX;
            return Err(if too_long {
                BackupError::Altered("有一行过长".to_owned())
            } else {
                BackupError::Truncated
            });
        }
        let last = text.starts_with(b"{");
        let digest_before = if last { hex::encode(self.digest.clone().finalize()) } else { String::new() };
        self.digest.update(&text);
        Ok(Some(Line { text, digest_before }))
    }

    fn header(&mut self) -> Result<Header, BackupError> {
        let line = match self.next() {
            Ok(Some(line)) => line,
            Err(BackupError::File(error)) => return Err(error.into()),
            Ok(None) | Err(_) => return Err(BackupError::NotABackup),
        };
        let marks: Marks = serde_json::from_slice(&line.text).map_err(|_| BackupError::NotABackup)?;
        marks.check()?;
        serde_json::from_slice(&line.text).map_err(|_| BackupError::Altered("开头不能识别".to_owned()))
    }
}

/// What is read of the header before anything else of it is understood.
#[derive(serde::Deserialize)]
struct Marks {
    format: String,
    version: u32,
    schema: u32,
}

impl Marks {
    fn check(&self) -> Result<(), BackupError> {
        if self.format != FORMAT {
            return Err(BackupError::NotABackup);
        }
        if self.version > FORMAT_VERSION {
            return Err(BackupError::TooNew { found: self.version, known: FORMAT_VERSION });
        }
        if self.schema > SCHEMA {
            return Err(BackupError::TooNew { found: self.schema, known: SCHEMA });
        }
        Ok(())
    }
}

/// A table as this backup has it: its columns may be fewer than today's.
struct Plan {
    table: &'static Table,
    kinds: Vec<Kind>,
    insert: String,
    /// Where the packed grams stand, in the table of entries.
    grams: Option<usize>,
}

impl Plan {
    fn new(name: &str, columns: &[String]) -> Result<Self, BackupError> {
        let unknown = || BackupError::Altered(format!("不认识表 {name} 或它的列"));
        let table = Table::named(name).ok_or_else(unknown)?;
        let kinds = columns
            .iter()
            .map(|column| table.kind(column))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(unknown)?;
        let numbers: Vec<_> = (1..=columns.len()).map(|n| format!("?{n}")).collect();
        let insert = format!("INSERT INTO {name} ({}) VALUES ({})", columns.join(", "), numbers.join(", "));
        let grams = if name == ENTRY { columns.iter().position(|column| column == "grams") } else { None };
        Ok(Self { table, kinds, insert, grams })
    }
}

/// Rows on their way into the tables.
struct Loader {
    plans: Vec<Plan>,
    counts: BTreeMap<String, u64>,
    /// Place of the plan whose rows are waiting.
    current: usize,
    values: Vec<Value<'static>>,
    grams: Vec<Value<'static>>,
}

impl Loader {
    fn new(header: &Header) -> Result<Self, BackupError> {
        let plans =
            header.tables.iter().map(|(name, columns)| Plan::new(name, columns)).collect::<Result<_, _>>()?;
        let counts = header.tables.keys().map(|name| (name.clone(), 0)).collect();
        Ok(Self { plans, counts, current: 0, values: Vec::new(), grams: Vec::new() })
    }

    async fn line(&mut self, tx: &mut dyn Tx, text: &[u8]) -> Result<(), BackupError> {
        let unreadable = || BackupError::Altered("有一行不能识别".to_owned());
        let row: Vec<Json> = serde_json::from_slice(text).map_err(|_| unreadable())?;
        let mut values = row.into_iter();
        let name = values.next().ok_or_else(unreadable)?;
        let place = self.plans.iter().position(|plan| name == plan.table.name).ok_or_else(unreadable)?;
        if place != self.current || self.values.len() >= BATCH_ROWS * self.plans[place].kinds.len() {
            self.flush(tx).await?;
            self.current = place;
        }
        self.row(values)
    }

    fn row(&mut self, values: std::vec::IntoIter<Json>) -> Result<(), BackupError> {
        let plan = &self.plans[self.current];
        if values.len() != plan.kinds.len() {
            return Err(BackupError::Altered(format!("表 {} 有一行的列数不符", plan.table.name)));
        }
        let row = plan.kinds.iter().zip(values).map(|(kind, json)| from_json(*kind, json));
        let row = row.collect::<Result<Vec<_>, _>>()?;
        // The slot is the first column of an entry.
        if let (Some(slot), Some(Value::Blob(packed))) =
            (row.first(), plan.grams.and_then(|place| row.get(place)))
        {
            let grams = index::unpack(packed).into_iter();
            self.grams.extend(grams.flat_map(|gram| [Value::Integer(gram), slot.clone()]));
        }
        *self.counts.entry(plan.table.name.to_owned()).or_default() += 1;
        self.values.extend(row);
        Ok(())
    }

    async fn flush(&mut self, tx: &mut dyn Tx) -> Result<(), BackupError> {
        if let Some(plan) = self.plans.get(self.current)
            && !self.values.is_empty()
        {
            tx.execute_many(&plan.insert, plan.kinds.len(), &self.values).await.map_err(refused)?;
            self.values.clear();
        }
        if !self.grams.is_empty() {
            let sql =
                "INSERT INTO entry_gram (gram, slot) VALUES (?1, ?2) ON CONFLICT (gram, slot) DO NOTHING";
            tx.execute_many(sql, 2, &self.grams).await?;
            self.grams.clear();
        }
        Ok(())
    }

    async fn finish(mut self, tx: &mut dyn Tx) -> Result<BTreeMap<String, u64>, BackupError> {
        self.flush(tx).await?;
        Ok(self.counts)
    }
}

/// A row that the database does not take is no row that it gave; a full disk stays a full disk.
fn refused(error: fengsui_store::StoreError) -> BackupError {
    match error {
        fengsui_store::StoreError::Broken(words) => BackupError::Altered(words),
        other => other.into(),
    }
}
