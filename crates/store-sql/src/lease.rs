//! The lease of the active node.

use crate::tx::Tx;
use fengsui_base::Timestamp;
use fengsui_store::{Epoch, Lease, StoreError};
use std::time::Duration;

/// The lease as it stands.
struct Found {
    holder: String,
    epoch: u64,
    until: Timestamp,
}

/// Claims or renews; see [`fengsui_store::Store::claim_lease`].
pub(crate) async fn claim(
    tx: &mut dyn Tx,
    holder: &str,
    renew: Option<Epoch>,
    now: Timestamp,
    ttl: Duration,
) -> Result<Lease, StoreError> {
    let found = found(tx).await?;
    if renew.is_some_and(|epoch| epoch.0 != found.epoch) {
        return Err(StoreError::LeaseLost { found: found.epoch });
    }
    if found.holder != holder && now < found.until {
        return Ok(Lease::Other { holder: found.holder, until: found.until });
    }
    let epoch = found.epoch + u64::from(renew.is_none());
    hold(tx, holder, epoch, now.checked_add(ttl).unwrap_or(Timestamp::MAX)).await
}

async fn found(tx: &mut dyn Tx) -> Result<Found, StoreError> {
    let rows = tx.query("SELECT holder, epoch, until_at FROM lease WHERE id = 1 /*for update*/", &[]).await?;
    let missing = || StoreError::Broken("缺少租约行，请从备份恢复".to_owned());
    let mut row = rows.into_iter().next().ok_or_else(missing)?;
    Ok(Found { holder: row.text(0)?, epoch: row.number(1)?, until: row.instant(2)? })
}

async fn hold(tx: &mut dyn Tx, holder: &str, epoch: u64, until: Timestamp) -> Result<Lease, StoreError> {
    let until = micros(until);
    let sql = "UPDATE lease SET holder = ?1, epoch = ?2, until_at = ?3 WHERE id = 1";
    tx.execute(sql, &[holder.into(), epoch.into(), until.into()]).await?;
    Ok(Lease::Held { epoch: Epoch(epoch), until })
}

fn micros(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond())
        .expect("fewer digits of a valid instant are a valid instant")
}
