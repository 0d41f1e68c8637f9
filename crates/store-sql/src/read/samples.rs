//! The history of measured values, when terminals were last heard, and how their last readings ended.

use super::clauses::Clauses;
use crate::pack;
use crate::tx::Tx;
use fengsui_base::{EntryId, TerminalId, Timestamp};
use fengsui_store::{LastReading, SampleBucket, StateKey, StoreError, bucket_s};
use std::collections::BTreeMap;
use std::ops::Range;

const SLOT: &str = "SELECT slot FROM sample_series WHERE terminal = ?1 AND system_type = ?2 AND system_address = ?3 \
    AND component_address = ?4 AND analog_type = ?5";
// Sums are cast, because PostgreSQL would answer them in a wider type.
const LOOSE: &str = "SELECT (second - ?2) / ?3 AS stretch, count(*), min(value), max(value), \
    CAST(sum(value) AS BIGINT) FROM sample WHERE slot = ?1 AND second >= ?4 AND second < ?5 \
    GROUP BY stretch ORDER BY stretch";

/// A window of a history, divided into stretches.
struct Stretches {
    start: i64,
    width_s: i64,
    found: BTreeMap<i64, SampleBucket>,
}

impl Stretches {
    fn add(&mut self, number: i64, more: SampleBucket) {
        self.found
            .entry(number)
            .and_modify(|bucket| {
                bucket.count += more.count;
                (bucket.min, bucket.max) = (bucket.min.min(more.min), bucket.max.max(more.max));
                bucket.sum += more.sum;
            })
            .or_insert(more);
    }

    fn bucket(&self, number: i64) -> Result<SampleBucket, StoreError> {
        let from = Timestamp::from_second(self.start + number * self.width_s);
        let from = from.map_err(|_| StoreError::Broken("采样时刻超出范围".to_owned()))?;
        Ok(SampleBucket { from, count: 0, min: 0, max: 0, sum: 0 })
    }

    /// Adds what lies in rows of its own from one second to before another.
    async fn add_loose(&mut self, tx: &mut dyn Tx, slot: i64, seconds: Range<i64>) -> Result<(), StoreError> {
        if seconds.is_empty() {
            return Ok(());
        }
        let values =
            [slot.into(), self.start.into(), self.width_s.into(), seconds.start.into(), seconds.end.into()];
        for row in tx.query(LOOSE, &values).await? {
            let number = row.integer(0)?;
            let (count, min, max, sum) = (row.number(1)?, row.number(2)?, row.number(3)?, row.integer(4)?);
            self.add(number, SampleBucket { count, min, max, sum, ..self.bucket(number)? });
        }
        Ok(())
    }

    fn add_value(&mut self, second: i64, value: i32) -> Result<(), StoreError> {
        let number = (second - self.start) / self.width_s;
        let bucket = self.bucket(number)?;
        self.add(number, SampleBucket { count: 1, min: value, max: value, sum: value.into(), ..bucket });
        Ok(())
    }
}

pub(crate) async fn samples(
    tx: &mut dyn Tx,
    terminal: TerminalId,
    key: StateKey,
    window: Range<Timestamp>,
    buckets: u16,
) -> Result<Vec<SampleBucket>, StoreError> {
    let (start, end) = (window.start.as_second(), window.end.as_second());
    let series = [
        EntryId::from(terminal).into(),
        key.system_type.into(),
        key.system_address.into(),
        key.component_address.into(),
        key.analog_type.into(),
    ];
    let Some(series) = tx.query(SLOT, &series).await?.into_iter().next() else { return Ok(Vec::new()) };
    if start >= end {
        return Ok(Vec::new());
    }
    let slot = series.integer(0)?;
    let mut drawn = Stretches { start, width_s: bucket_s(&window, buckets), found: BTreeMap::new() };
    let packed = pack::days(tx, slot, pack::day_of(start), pack::day_of(end - 1) + 1).await?;
    let span = packed
        .first()
        .zip(packed.last())
        .map(|(first, last)| (first.0 * pack::DAY_S).max(start)..((last.0 + 1) * pack::DAY_S).min(end));
    let span = span.unwrap_or(start..start);
    drawn.add_loose(tx, slot, start..span.start).await?;
    drawn.add_loose(tx, slot, span.end..end).await?;
    // Where days are packed, a value that came later and lies beside them counts.
    let mut values: pack::Values = packed.into_iter().flat_map(|(_, values)| values).collect();
    values.extend(pack::loose(tx, slot, span.start, span.end).await?);
    for (second, value) in values.range(span) {
        drawn.add_value(*second, *value)?;
    }
    Ok(drawn.found.into_values().collect())
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
