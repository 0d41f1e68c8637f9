//! What a batch asks about, looked up at the start of its transaction.

use crate::index::{self, StoredRow};
use crate::tx::Tx;
use crate::value::{Row, Value};
use fengsui_base::EntryId;
use fengsui_store::{ChangeSet, Expect, Numbering, StoreError};
use serde_json::Value as Json;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// An earlier answer to the same input.
pub(super) struct KnownReceipt<'b> {
    pub(super) seq: u64,
    pub(super) until_us: i64,
    pub(super) answer: Cow<'b, Json>,
}

/// An entry as the database has it.
pub(super) struct KnownEntry {
    pub(super) slot: i64,
    pub(super) version: u64,
    pub(super) grams: Vec<i64>,
    /// Index rows by ordinal.
    pub(super) index: BTreeMap<i64, StoredRow>,
}

/// Everything the batch asks about that there is.
pub(super) struct Facts<'b> {
    pub(super) receipts: HashMap<[u8; 32], KnownReceipt<'b>>,
    pub(super) entries: HashMap<EntryId, KnownEntry>,
    pub(super) keys: HashMap<Cow<'b, str>, EntryId>,
    pub(super) series: HashMap<Cow<'b, str>, u64>,
}

pub(super) async fn load<'b>(tx: &mut dyn Tx, batch: &[ChangeSet]) -> Result<Facts<'b>, StoreError> {
    Ok(Facts {
        receipts: receipts(tx, batch).await?,
        entries: entries(tx, batch).await?,
        keys: keys(tx, batch).await?,
        series: series(tx, batch).await?,
    })
}

async fn look_up<'v>(
    tx: &mut dyn Tx,
    sql: &str,
    what: impl Iterator<Item = Value<'v>> + Send,
) -> Result<Vec<Row>, StoreError> {
    let values: Vec<_> = what.collect();
    if values.is_empty() { Ok(Vec::new()) } else { tx.query_many(sql, 1, &values).await }
}

async fn receipts<'b>(
    tx: &mut dyn Tx,
    batch: &[ChangeSet],
) -> Result<HashMap<[u8; 32], KnownReceipt<'b>>, StoreError> {
    let digests: BTreeSet<_> =
        batch.iter().filter_map(|c| c.receipt.as_ref()).map(|r| index::receipt_digest(&r.key)).collect();
    let sql = "SELECT digest, seq, until_at, answer FROM receipt WHERE digest = ?1";
    let rows = look_up(tx, sql, digests.iter().map(|digest| Value::from(digest.as_slice()))).await?;
    let known = |mut row: Row| {
        let answer = Cow::Owned(row.json(3)?);
        Ok((row.digest(0)?, KnownReceipt { seq: row.number(1)?, until_us: row.integer(2)?, answer }))
    };
    rows.into_iter().map(known).collect()
}

async fn entries(tx: &mut dyn Tx, batch: &[ChangeSet]) -> Result<HashMap<EntryId, KnownEntry>, StoreError> {
    let written = batch.iter().flat_map(|c| &c.entries).map(|w| w.entry.id);
    let expected = batch.iter().flat_map(|c| &c.expects).filter_map(|expect| match expect {
        Expect::Version(id, _) => Some(*id),
        Expect::Absent(_) | Expect::HeldBy(..) => None,
    });
    let ids: BTreeSet<_> = written.chain(expected).collect();
    let sql = "SELECT id, slot, version, grams FROM entry WHERE id = ?1";
    let rows = look_up(tx, sql, ids.into_iter().map(Value::id)).await?;
    let known = |mut row: Row| {
        let grams = index::unpack(&row.blob(3)?);
        Ok((
            row.id(0)?,
            KnownEntry { slot: row.integer(1)?, version: row.number(2)?, grams, index: BTreeMap::new() },
        ))
    };
    let mut entries = rows.into_iter().map(known).collect::<Result<_, StoreError>>()?;
    index_rows(tx, &mut entries).await?;
    Ok(entries)
}

async fn index_rows(tx: &mut dyn Tx, entries: &mut HashMap<EntryId, KnownEntry>) -> Result<(), StoreError> {
    let sql = "SELECT slot, ordinal, path, value, place FROM entry_index WHERE slot = ?1";
    let rows = look_up(tx, sql, entries.values().map(|e| Value::Integer(e.slot))).await?;
    let mut by_slot: HashMap<i64, &mut KnownEntry> = entries.values_mut().map(|e| (e.slot, e)).collect();
    for mut row in rows {
        let (slot, ordinal) = (row.integer(0)?, row.integer(1)?);
        let stored = StoredRow { path: row.text(2)?, value: row.text(3)?, place: row.optional_integer(4)? };
        if let Some(entry) = by_slot.get_mut(&slot) {
            entry.index.insert(ordinal, stored);
        }
    }
    Ok(())
}

async fn keys<'b>(
    tx: &mut dyn Tx,
    batch: &[ChangeSet],
) -> Result<HashMap<Cow<'b, str>, EntryId>, StoreError> {
    let expected = batch.iter().flat_map(|c| &c.expects).filter_map(|expect| match expect {
        Expect::Absent(key) | Expect::HeldBy(key, _) => Some(key.as_str()),
        Expect::Version(..) => None,
    });
    // Keys that are only written need no look: writing them does not depend on who holds them.
    let expected: BTreeSet<_> = expected.collect();
    let sql = "SELECT key, entry FROM held_key WHERE key = ?1";
    let rows = look_up(tx, sql, expected.into_iter().map(Value::from)).await?;
    rows.into_iter().map(|mut row| Ok((Cow::Owned(row.text(0)?), row.id(1)?))).collect()
}

async fn series<'b>(tx: &mut dyn Tx, batch: &[ChangeSet]) -> Result<HashMap<Cow<'b, str>, u64>, StoreError> {
    let named = batch.iter().flat_map(|c| &c.entries).filter_map(|w| match &w.numbering {
        Numbering::Next { series, .. } => Some(series.as_str()),
        Numbering::Keep => None,
    });
    let named: BTreeSet<_> = named.collect();
    let rows =
        look_up(tx, "SELECT name, last FROM series WHERE name = ?1", named.into_iter().map(Value::from))
            .await?;
    rows.into_iter().map(|mut row| Ok((Cow::Owned(row.text(0)?), row.number(1)?))).collect()
}
