//! What stands beside the entries: keys, passwords, sessions, the outbox, the catalog, counts.

use super::bounded;
use super::clauses::Clauses;
use crate::tx::Tx;
use fengsui_base::{AccountId, EntryId, Timestamp};
use fengsui_store::{Credential, OutboxMessage, OutboxRow, SessionRow, StoreError};
use std::collections::BTreeMap;

pub(crate) async fn key(tx: &mut dyn Tx, key: &str) -> Result<Option<EntryId>, StoreError> {
    let rows = tx.query("SELECT entry FROM held_key WHERE key = ?1", &[key.into()]).await?;
    rows.into_iter().next().map(|mut row| row.id(0)).transpose()
}

pub(crate) async fn holders(
    tx: &mut dyn Tx,
    keys: &[String],
) -> Result<BTreeMap<String, EntryId>, StoreError> {
    let values: Vec<_> = keys.iter().map(|key| key.as_str().into()).collect();
    let rows = tx.query_many("SELECT key, entry FROM held_key WHERE key = ?1", 1, &values).await?;
    rows.into_iter().map(|mut row| Ok((row.text(0)?, row.id(1)?))).collect()
}

pub(crate) async fn keys(
    tx: &mut dyn Tx,
    prefix: &str,
    limit: u16,
) -> Result<Vec<(String, EntryId)>, StoreError> {
    let mut clauses = Clauses::default();
    let start = clauses.bind(prefix.to_owned());
    clauses.and(format!("key >= {start}"));
    if let Some(end) = after_prefix(prefix) {
        let end = clauses.bind(end);
        clauses.and(format!("key < {end}"));
    }
    let (conditions, most) = (clauses.all(), clauses.bind(bounded(limit)));
    let sql = format!("SELECT key, entry FROM held_key WHERE {conditions} ORDER BY key LIMIT {most}");
    let rows = tx.query(&sql, clauses.values()).await?;
    rows.into_iter().map(|mut row| Ok((row.text(0)?, row.id(1)?))).collect()
}

/// The first text behind all that start with the prefix, by code point; none behind the last code point.
fn after_prefix(prefix: &str) -> Option<String> {
    let mut letters: Vec<char> = prefix.chars().collect();
    while let Some(last) = letters.pop() {
        if let Some(next) = (last..=char::MAX).nth(1) {
            letters.push(next);
            return Some(letters.into_iter().collect());
        }
    }
    None
}

pub(crate) async fn credential(
    tx: &mut dyn Tx,
    account: AccountId,
) -> Result<Option<Credential>, StoreError> {
    let sql = "SELECT phc, must_change, changed_at FROM credential WHERE account = ?1";
    let rows = tx.query(sql, &[EntryId::from(account).into()]).await?;
    let read = |mut row: crate::value::Row| {
        Ok(Credential { phc: row.text(0)?, must_change: row.integer(1)? != 0, changed_at: row.instant(2)? })
    };
    rows.into_iter().next().map(read).transpose()
}

pub(crate) async fn secrets(tx: &mut dyn Tx, owner: EntryId) -> Result<BTreeMap<String, String>, StoreError> {
    let sql = "SELECT name, value FROM secret WHERE owner = ?1 AND value IS NOT NULL";
    let rows = tx.query(sql, &[owner.into()]).await?;
    rows.into_iter().map(|mut row| Ok((row.text(0)?, row.text(1)?))).collect()
}

pub(crate) async fn session(
    tx: &mut dyn Tx,
    token_digest: [u8; 32],
    now: Timestamp,
) -> Result<Option<SessionRow>, StoreError> {
    let sql = "SELECT token_digest, account, opened_at, expires_at, locked, origin FROM session \
        WHERE token_digest = ?1 AND expires_at > ?2";
    let rows = tx.query(sql, &[token_digest.as_slice().into(), now.into()]).await?;
    rows.into_iter().next().map(session_row).transpose()
}

pub(crate) async fn sessions_of(
    tx: &mut dyn Tx,
    account: AccountId,
    now: Timestamp,
    limit: u16,
) -> Result<Vec<SessionRow>, StoreError> {
    let sql = "SELECT token_digest, account, opened_at, expires_at, locked, origin FROM session \
        WHERE account = ?1 AND expires_at > ?2 ORDER BY opened_at DESC, token_digest LIMIT ?3";
    let rows = tx.query(sql, &[EntryId::from(account).into(), now.into(), bounded(limit).into()]).await?;
    rows.into_iter().map(session_row).collect()
}

fn session_row(mut row: crate::value::Row) -> Result<SessionRow, StoreError> {
    Ok(SessionRow {
        token_digest: row.digest(0)?,
        account: AccountId(row.id(1)?),
        opened_at: row.instant(2)?,
        expires_at: row.instant(3)?,
        locked: row.integer(4)? != 0,
        origin: row.text(5)?,
    })
}

pub(crate) async fn outbox(tx: &mut dyn Tx, limit: u16) -> Result<Vec<OutboxRow>, StoreError> {
    let sql = "SELECT seq, line, topic, body FROM outbox ORDER BY seq, line LIMIT ?1";
    let rows = tx.query(sql, &[bounded(limit).into()]).await?;
    let read = |mut row: crate::value::Row| {
        let message = OutboxMessage { topic: row.text(2)?, body: row.json(3)? };
        Ok(OutboxRow { seq: row.number(0)?, line: row.number(1)?, message })
    };
    rows.into_iter().map(read).collect()
}

pub(crate) async fn catalog(tx: &mut dyn Tx) -> Result<Option<(u32, String)>, StoreError> {
    let sql = "SELECT revision, digest FROM catalog_revision ORDER BY revision DESC LIMIT 1";
    let rows = tx.query(sql, &[]).await?;
    rows.into_iter().next().map(|mut row| Ok((row.number(0)?, row.text(1)?))).transpose()
}

pub(crate) async fn catalog_text(tx: &mut dyn Tx, revision: u32) -> Result<Option<String>, StoreError> {
    let rows = tx.query("SELECT text FROM catalog_revision WHERE revision = ?1", &[revision.into()]).await?;
    rows.into_iter().next().map(|mut row| row.text(0)).transpose()
}

/// How many messages wait and how many sessions have not ended.
pub(crate) async fn counts(tx: &mut dyn Tx, now: Timestamp) -> Result<(u64, u64), StoreError> {
    let waiting = tx.query("SELECT count(*) FROM outbox", &[]).await?[0].number(0)?;
    let sql = "SELECT count(*) FROM session WHERE expires_at > ?1";
    Ok((waiting, tx.query(sql, &[now.into()]).await?[0].number(0)?))
}

#[cfg(test)]
mod tests {
    use super::after_prefix;

    #[test]
    fn the_end_of_a_prefix_is_the_next_text_by_code_point() {
        assert_eq!(after_prefix("seat/").as_deref(), Some("seat0"));
        assert_eq!(after_prefix("\u{d7ff}").as_deref(), Some("\u{e000}"), "there are no characters between");
        assert_eq!(after_prefix("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(after_prefix("\u{10ffff}"), None);
        assert_eq!(after_prefix(""), None);
    }
}
