//! The journal: of one subject, of a scope, and as the chain has it.

use super::bounded;
use super::clauses::Clauses;
use crate::tx::Tx;
use crate::value::Row;
use fengsui_base::{EntryId, Scope};
use fengsui_store::{JournalChange, JournalRow, StoreError};

const COLUMNS: &str = "seq, line, digest, text, erased_by, erased_reason";

/// Lines within the scope, newest first, of one subject or of all.
pub(crate) async fn lines(
    tx: &mut dyn Tx,
    scope: &Scope,
    subject: Option<EntryId>,
    before: Option<(u64, u32)>,
    limit: u16,
) -> Result<Vec<JournalRow>, StoreError> {
    let mut clauses = Clauses::default();
    if let Some(subject) = subject {
        let subject = clauses.bind(subject);
        clauses.and(format!("subject = {subject}"));
    }
    clauses.within("region", scope);
    before_place(&mut clauses, before);
    let (conditions, most) = (clauses.all(), clauses.bind(bounded(limit)));
    // Places are picked from a narrow index first; the texts are fetched for those alone.
    let sql = format!(
        "SELECT {COLUMNS} FROM (SELECT seq AS at_seq, line AS at_line FROM journal WHERE {conditions} \
         ORDER BY seq DESC, line DESC LIMIT {most}) AS p \
         JOIN journal j ON j.seq = p.at_seq AND j.line = p.at_line ORDER BY at_seq DESC, at_line DESC"
    );
    tx.query(&sql, clauses.values()).await?.into_iter().map(read).collect()
}

/// Adds that rows must lie before a place in the sequence.
pub(super) fn before_place(clauses: &mut Clauses, before: Option<(u64, u32)>) {
    if let Some((seq, line)) = before {
        let (seq, line) = (clauses.bind(seq), clauses.bind(line));
        clauses.and(format!("(seq, line) < ({seq}, {line})"));
    }
}

/// Whole ChangeSets after `seq`, as many as have room for their lines, at least one.
pub(crate) async fn since(tx: &mut dyn Tx, seq: u64, limit: u16) -> Result<Vec<JournalChange>, StoreError> {
    let sql = "SELECT seq, chain, lines FROM change WHERE seq > ?1 ORDER BY seq LIMIT ?2";
    let rows = tx.query(sql, &[seq.into(), limit.max(1).into()]).await?;
    let mut page = Vec::new();
    let mut room = u64::from(limit);
    for mut row in rows {
        let weight = row.number::<u64>(2)?.max(1);
        if weight > room && !page.is_empty() {
            break;
        }
        room = room.saturating_sub(weight);
        page.push((row.number(0)?, row.digest(1)?, Vec::new()));
    }
    fill(tx, &mut page).await?;
    Ok(page)
}

async fn fill(tx: &mut dyn Tx, page: &mut [JournalChange]) -> Result<(), StoreError> {
    let (Some(first), Some(last)) = (page.first().map(|c| c.0), page.last().map(|c| c.0)) else {
        return Ok(());
    };
    let sql = format!("SELECT {COLUMNS} FROM journal WHERE seq >= ?1 AND seq <= ?2 ORDER BY seq, line");
    for row in tx.query(&sql, &[first.into(), last.into()]).await? {
        let row = read(row)?;
        if let Ok(place) = page.binary_search_by_key(&row.seq, |change| change.0) {
            page[place].2.push(row);
        }
    }
    Ok(())
}

fn read(mut row: Row) -> Result<JournalRow, StoreError> {
    let text = row.optional_text(3)?;
    // A text that somebody altered may no longer be a line; the digest will tell, and reading goes on.
    let content = text.as_deref().and_then(|text| serde_json::from_str(text).ok());
    let by = row.optional_integer(4)?.and_then(|by| u64::try_from(by).ok());
    let erased = by.zip(row.optional_text(5)?);
    Ok(JournalRow {
        seq: row.number(0)?,
        line: row.number(1)?,
        digest: row.digest(2)?,
        text,
        content,
        erased,
    })
}
