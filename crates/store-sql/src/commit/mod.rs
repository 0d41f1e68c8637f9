//! Storing a batch: look up what it asks about, decide every ChangeSet in memory, write all rows at once.
//!
//! There is one writer, so what was looked up at the start of the transaction holds until its end. Each
//! ChangeSet is decided completely before any row of it is made; one that fails has left nothing to take
//! back, which does what a savepoint for each would, with a few statements for the whole batch.

mod decide;
mod facts;
mod writes;

pub(crate) use writes::part_number;

use crate::tx::Tx;
use fengsui_store::{Chain, ChangeSet, Epoch, Outcome, StoreError};

/// What the writer remembers between batches, as long as its epoch lasts and nothing failed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WriterHead {
    epoch: Epoch,
    chain: Chain,
    next_slot: i64,
}

/// Stores the batch; answers the outcomes and what the writer may remember.
pub(crate) async fn commit(
    tx: &mut dyn Tx,
    epoch: Epoch,
    batch: Vec<ChangeSet>,
    remembered: Option<WriterHead>,
) -> Result<(Vec<Outcome>, WriterHead), StoreError> {
    require(tx, epoch).await?;
    let head = match remembered.filter(|head| head.epoch == epoch) {
        Some(head) => head,
        None => load_head(tx, epoch).await?,
    };
    let facts = facts::load(tx, &batch).await?;
    let mut decision = decide::Decision::new(head, facts);
    let outcomes = batch.iter().map(|change| decision.take(change)).collect();
    let (head, writes) = decision.finish();
    writes.store(tx).await?;
    Ok((outcomes, head))
}

/// Refuses unless the epoch is the current one; on PostgreSQL it also keeps a claim waiting until the end.
pub(crate) async fn require(tx: &mut dyn Tx, epoch: Epoch) -> Result<(), StoreError> {
    let rows = tx.query("SELECT epoch FROM lease WHERE id = 1 /*for update*/", &[]).await?;
    let found = rows.first().map_or(Ok(0), |row| row.number(0))?;
    if found != 0 && found == epoch.0 { Ok(()) } else { Err(StoreError::LeaseLost { found }) }
}

async fn load_head(tx: &mut dyn Tx, epoch: Epoch) -> Result<WriterHead, StoreError> {
    let chain = chain(tx).await?;
    let last = tx.query("SELECT coalesce(max(slot), 0) FROM entry", &[]).await?[0].integer(0)?;
    Ok(WriterHead { epoch, chain, next_slot: last + 1 })
}

/// The last link of the chain.
pub(crate) async fn chain(tx: &mut dyn Tx) -> Result<Chain, StoreError> {
    let rows = tx.query("SELECT seq, chain FROM change ORDER BY seq DESC LIMIT 1", &[]).await?;
    match rows.into_iter().next() {
        Some(mut row) => Ok(Chain { seq: row.number(0)?, digest: row.digest(1)? }),
        None => Ok(Chain::default()),
    }
}
