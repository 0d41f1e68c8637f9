//! Deleting what has outlived its purpose, oldest first, a bounded number of rows a time.

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
const SERIES_LEFT: &str = "UPDATE sample_series SET first_second = (SELECT min(second) FROM sample WHERE slot = ?1) \
    WHERE slot = ?1 AND EXISTS (SELECT 1 FROM sample WHERE slot = ?1)";
const SERIES_EMPTY: &str =
    "DELETE FROM sample_series WHERE slot = ?1 AND NOT EXISTS (SELECT 1 FROM sample WHERE slot = ?1)";

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
        gone += tx.execute(SAMPLES, &[slot.into(), before.into(), (limit - gone).into()]).await?;
        tx.execute(SERIES_LEFT, &[slot.into()]).await?;
        tx.execute(SERIES_EMPTY, &[slot.into()]).await?;
    }
    Ok(gone)
}
