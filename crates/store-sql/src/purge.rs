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
