//! Deleting what has outlived its purpose, oldest first, a bounded number of rows a time.

use crate::pack::{self, DAY_S};
use crate::tx::Tx;
use fengsui_base::Timestamp;
use fengsui_store::StoreError;

const RECEIPTS: &str = "DELETE FROM receipt WHERE digest IN \
    (SELECT digest FROM receipt WHERE until_at <= ?1 ORDER BY until_at, digest LIMIT ?2)";
const SESSIONS: &str = "DELETE FROM session WHERE token_digest IN \
    (SELECT token_digest FROM session WHERE expires_at <= ?1 ORDER BY expires_at, token_digest LIMIT ?2)";
const FRAMES: &str = "DELETE FROM frame WHERE (seq, line) IN \
    (SELECT seq, line FROM frame WHERE received_at < ?1 ORDER BY received_at, seq, line LIMIT ?2)";

const OLD_SERIES: &str =
    "SELECT slot FROM sample_series WHERE first_second < ?1 ORDER BY first_second, slot LIMIT 1";
const SAMPLES: &str = "DELETE FROM sample WHERE slot = ?1 AND second IN \
    (SELECT second FROM sample WHERE slot = ?1 AND second < ?2 ORDER BY second LIMIT ?3)";
const FIRST_PACKED: &str = "SELECT min(day) FROM sample_pack WHERE slot = ?1";
const SERIES_LEFT: &str = "UPDATE sample_series SET first_second = ?2 WHERE slot = ?1";
const SERIES_EMPTY: &str = "DELETE FROM sample_series WHERE slot = ?1";

/// See [`fengsui_store::Store::purge`].
pub(crate) async fn purge(
    tx: &mut dyn Tx,
    now: Timestamp,
    frames_before: Timestamp,
    limit: u32,
) -> Result<u64, StoreError> {
    let receipts = tx.execute(RECEIPTS, &[now.into(), limit.into()]).await?;
    let sessions = tx.execute(SESSIONS, &[now.into(), limit.into()]).await?;
    let frames = tx.execute(FRAMES, &[frames_before.into(), limit.into()]).await?;
    Ok(receipts + sessions + frames)
}

/// See [`fengsui_store::Store::purge_samples`].
pub(crate) async fn purge_samples(tx: &mut dyn Tx, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let (limit, before) = (u64::from(limit), before.as_second());
    let mut gone = 0;
    while gone < limit {
        let Some(series) = tx.query(OLD_SERIES, &[before.into()]).await?.into_iter().next() else { break };
        let slot = series.integer(0)?;
        gone += purge_packed(tx, slot, before, limit - gone).await?;
        if gone < limit {
            gone += tx.execute(SAMPLES, &[slot.into(), before.into(), (limit - gone).into()]).await?;
        }
        let left = match first_left(tx, slot).await? {
            Some(first) => tx.execute(SERIES_LEFT, &[slot.into(), first.into()]).await?,
            None => tx.execute(SERIES_EMPTY, &[slot.into()]).await?,
        };
        debug_assert_eq!(left, 1, "a series is one row");
    }
    Ok(gone)
}

/// Deletes packed values of a series from before a second, a day at a time.
async fn purge_packed(tx: &mut dyn Tx, slot: i64, before: i64, limit: u64) -> Result<u64, StoreError> {
    let mut gone = 0;
    while let Some(day) = first_packed(tx, slot).await?.filter(|day| day * DAY_S < before && gone < limit) {
        let mut values = pack::days(tx, slot, day, day + 1).await?.remove(0).1;
        let most = usize::try_from(limit - gone).unwrap_or(usize::MAX);
        let old = values.range(..before).take(most).count();
        for _ in 0..old {
            values.pop_first();
        }
        gone += old as u64;
        pack::keep(tx, slot, day, &values).await?;
        if !values.is_empty() {
            break;
        }
    }
    Ok(gone)
}

async fn first_packed(tx: &mut dyn Tx, slot: i64) -> Result<Option<i64>, StoreError> {
    tx.query(FIRST_PACKED, &[slot.into()]).await?[0].optional_integer(0)
}

/// The oldest value that a series has left.
async fn first_left(tx: &mut dyn Tx, slot: i64) -> Result<Option<i64>, StoreError> {
    let loose = pack::oldest_loose(tx, slot).await?;
    let packed = match first_packed(tx, slot).await? {
        Some(day) => pack::days(tx, slot, day, day + 1).await?.into_iter().next(),
        None => None,
    };
    let packed = packed.and_then(|(_, values)| values.keys().next().copied());
    Ok(loose.into_iter().chain(packed).min())
}
