//! The history of measured values, when terminals were last heard, and how their last readings ended.

use super::clauses::Clauses;
use crate::tx::Tx;
use fengsui_base::{EntryId, TerminalId, Timestamp};
use fengsui_store::{LastReading, SampleBucket, StateKey, StoreError, bucket_s};
use std::ops::Range;

// Sums are cast, because PostgreSQL would answer them in a wider type.
const SAMPLES: &str = "SELECT (second - ?6) / ?8 AS stretch, count(*), min(value), max(value), \
    CAST(sum(value) AS BIGINT) FROM sample WHERE slot = (SELECT slot FROM sample_series WHERE terminal = ?1 \
    AND system_type = ?2 AND system_address = ?3 AND component_address = ?4 AND analog_type = ?5) \
    AND second >= ?6 AND second < ?7 GROUP BY stretch ORDER BY stretch";

pub(crate) async fn samples(
    tx: &mut dyn Tx,
    terminal: TerminalId,
    key: StateKey,
    window: Range<Timestamp>,
    buckets: u16,
) -> Result<Vec<SampleBucket>, StoreError> {
    let (start, width_s) = (window.start.as_second(), bucket_s(&window, buckets));
    let values = [
        EntryId::from(terminal).into(),
        key.system_type.into(),
        key.system_address.into(),
        key.component_address.into(),
        key.analog_type.into(),
        start.into(),
        window.end.as_second().into(),
        width_s.into(),
    ];
    let rows = tx.query(SAMPLES, &values).await?;
    rows.into_iter()
        .map(|row| {
            let from = Timestamp::from_second(start + row.integer(0)? * width_s);
            Ok(SampleBucket {
                from: from.map_err(|_| StoreError::Broken("采样时刻超出范围".to_owned()))?,
                count: row.number(1)?,
                min: row.number(2)?,
                max: row.number(3)?,
                sum: row.integer(4)?,
            })
        })
        .collect()
}

pub(crate) async fn heard(
    tx: &mut dyn Tx,
    after: Option<TerminalId>,
    limit: u32,
) -> Result<Vec<(TerminalId, Timestamp)>, StoreError> {
    let mut clauses = Clauses::default();
    if let Some(after) = after {
        let after = clauses.bind(EntryId::from(after));
        clauses.and(format!("terminal > {after}"));
    }
    let (conditions, most) = (clauses.all(), clauses.bind(limit));
    let sql = format!("SELECT terminal, at FROM heard WHERE {conditions} ORDER BY terminal LIMIT {most}");
    let rows = tx.query(&sql, clauses.values()).await?;
    rows.into_iter().map(|mut row| Ok((TerminalId(row.id(0)?), row.instant(1)?))).collect()
}

pub(crate) async fn readings(
    tx: &mut dyn Tx,
    after: Option<TerminalId>,
    limit: u32,
) -> Result<Vec<(TerminalId, LastReading)>, StoreError> {
    let mut clauses = Clauses::default();
    if let Some(after) = after {
        let after = clauses.bind(EntryId::from(after));
        clauses.and(format!("terminal > {after}"));
    }
    let (conditions, most) = (clauses.all(), clauses.bind(limit));
    let columns = "terminal, asked_at, answered_at, failures, denied";
    let sql = format!("SELECT {columns} FROM reading WHERE {conditions} ORDER BY terminal LIMIT {most}");
    let rows = tx.query(&sql, clauses.values()).await?;
    rows.into_iter()
        .map(|mut row| {
            let reading = LastReading {
                asked_at: row.instant(1)?,
                answered_at: row.optional_instant(2)?,
                failures: row.number(3)?,
                denied: row.integer(4)? != 0,
            };
            Ok((TerminalId(row.id(0)?), reading))
        })
        .collect()
}
