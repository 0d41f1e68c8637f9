//! Blobs in the database itself, in parts, so that one backup, one standby and one transaction hold for all.

use crate::commit;
use crate::tx::Tx;
use fengsui_base::Timestamp;
use fengsui_store::{Blob, Epoch, StoreError};

/// Bytes of one part: a page of a backup holds 500 of them.
const PART_BYTES: usize = 64 * 1024;

const PUT: &str = "INSERT INTO blob (name, media_type, size, stored_at) VALUES (?1, ?2, ?3, ?4) \
    ON CONFLICT (name) DO UPDATE SET stored_at = excluded.stored_at, media_type = excluded.media_type";
const PUT_PART: &str = "INSERT INTO blob_part (name, part, bytes) VALUES (?1, ?2, ?3) \
    ON CONFLICT (name, part) DO UPDATE SET bytes = excluded.bytes";
/// The letter behind the slash is the zero: all keys of the blob lie between the two.
const ORPHANS: &str = "SELECT name FROM blob WHERE stored_at < ?1 AND NOT EXISTS (SELECT 1 FROM held_key \
    WHERE key >= 'blob/' || blob.name || '/' AND key < 'blob/' || blob.name || '0') \
    ORDER BY stored_at, name LIMIT ?2";

/// See [`fengsui_store::Store::put_blob`]. The parts are written anew even when the blob is there: a part
/// that the disk spoiled is whole again after the next upload.
pub(crate) async fn put(
    tx: &mut dyn Tx,
    epoch: Epoch,
    blob: &Blob,
    now: Timestamp,
) -> Result<(), StoreError> {
    commit::require(tx, epoch).await?;
    let (name, size) = (blob.name(), blob.bytes.len() as u64);
    let row = [name.clone().into(), blob.media_type.clone().into(), size.into(), now.into()];
    tx.execute(PUT, &row).await?;
    for (part, bytes) in (0_i64..).zip(blob.bytes.chunks(PART_BYTES)) {
        tx.execute(PUT_PART, &[name.clone().into(), part.into(), bytes.into()]).await?;
    }
    Ok(())
}

/// See [`fengsui_store::Store::blob`].
pub(crate) async fn blob(tx: &mut dyn Tx, name: &str) -> Result<Option<Blob>, StoreError> {
    let found = tx.query("SELECT media_type FROM blob WHERE name = ?1", &[name.into()]).await?;
    let Some(mut row) = found.into_iter().next() else { return Ok(None) };
    let sql = "SELECT bytes FROM blob_part WHERE name = ?1 ORDER BY part";
    let mut bytes = Vec::new();
    for mut part in tx.query(sql, &[name.into()]).await? {
        bytes.extend(part.blob(0)?);
    }
    let blob = Blob::new(row.text(0)?, bytes);
    let whole = blob.name() == name;
    whole
        .then_some(Some(blob))
        .ok_or_else(|| StoreError::Broken(format!("图片 {name} 的内容与摘要不符，请重新上传")))
}

/// See [`fengsui_store::Store::collect_blobs`].
pub(crate) async fn collect(
    tx: &mut dyn Tx,
    epoch: Epoch,
    stored_before: Timestamp,
    limit: u32,
) -> Result<u64, StoreError> {
    commit::require(tx, epoch).await?;
    let orphans = tx.query(ORPHANS, &[stored_before.into(), limit.into()]).await?;
    let gone = orphans.len() as u64;
    for mut row in orphans {
        let name = row.text(0)?;
        tx.execute("DELETE FROM blob_part WHERE name = ?1", &[name.as_str().into()]).await?;
        tx.execute("DELETE FROM blob WHERE name = ?1", &[name.as_str().into()]).await?;
    }
    Ok(gone)
}
