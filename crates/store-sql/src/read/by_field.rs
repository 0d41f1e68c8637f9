//! Lists in the order of a field: first what has a place in it, along the index of the places, then what has none, in the
//! order of its opening.
//!
//! The index knows neither states nor regions: each step along it looks at an entry. Where the conditions leave few
//! entries that walk would be long, so these few are fetched by their conditions and sorted instead. How few they are is
//! counted first, as with the filters.

use super::clauses::Clauses;
use super::entries::{
    COLUMNS, Found, OPENED, conditions, count_to, direction, in_order, read, states_among, than,
};
use crate::index;
use crate::tx::Tx;
use crate::value::Row;
use fengsui_base::EntryId;
use fengsui_store::{Cursor, Query, Sort, StoreError};

/// So many entries are fetched and sorted rather than met on a walk through all of their kind.
const FEW_MAX: u64 = 10_000;

/// The place behind the columns of an entry.
const PLACE: usize = 18;

/// What fits, behind the cursor: each entry with its place.
pub(super) async fn list(
    tx: &mut dyn Tx,
    query: &Query,
    field: &str,
    limit: u16,
) -> Result<Vec<Found>, StoreError> {
    let (after, opened) = match &query.after {
        None => (None, None),
        Some(Cursor::Placed(of, place, id)) if of == field => (Some((*place, *id)), None),
        Some(Cursor::Unplaced(of, at, id)) if of == field => (None, Some(Cursor::Opened(*at, *id))),
        Some(_) => return Ok(Vec::new()),
    };
    let mut found = match opened {
        None => placed(tx, query, field, after, limit).await?,
        Some(_) => Vec::new(),
    };
    let rest = limit.saturating_sub(u16::try_from(found.len()).unwrap_or(limit));
    if rest > 0 {
        let query = Query { sort: Sort::Opened, after: opened, ..query.clone() };
        found.extend(unplaced(tx, &query, field, rest).await?);
    }
    Ok(found)
}

/// What has a place, behind this one.
async fn placed(
    tx: &mut dyn Tx,
    query: &Query,
    field: &str,
    after: Option<(i64, EntryId)>,
    limit: u16,
) -> Result<Vec<Found>, StoreError> {
    let (mut clauses, led) = conditions(tx, query).await?;
    states_among(&mut clauses, &query.states);
    let few = led || count_to(tx, query, FEW_MAX + 1).await? <= FEW_MAX;
    let path = clauses.bind(index::path(&query.kind, field));
    let (picked, direction) = (picked(&clauses, few, &path), direction(query.direction));
    let behind = after.map_or_else(String::new, |(place, id)| {
        let (place, id) = (clauses.bind(place), clauses.bind(id));
        format!("AND (o.place, o.id) {} ({place}, {id})", than(query.direction))
    });
    let most = clauses.bind(limit);
    let sql = format!(
        "SELECT {COLUMNS}, p.place FROM ({picked} {behind} \
         ORDER BY o.place {direction}, o.id {direction} LIMIT {most}) AS p \
         JOIN entry e ON e.slot = p.slot ORDER BY p.place {direction}, p.id {direction}"
    );
    let rows = tx.query(&sql, clauses.values()).await?;
    let found = |row: Row| {
        let place = row.optional_integer(PLACE)?;
        Ok((read(row)?, place))
    };
    rows.into_iter().map(found).collect()
}

/// The places of what fits: of the few that do, each looked up; of many, met along the index of the places. SQLite joins in
/// the order that is written here.
fn picked(clauses: &Clauses, few: bool, path: &str) -> String {
    let (conditions, place) = (clauses.all(), place(path));
    if few {
        return format!(
            "WITH few AS MATERIALIZED (SELECT e.slot AS slot, e.id AS id, {place} AS place FROM entry e \
             WHERE {conditions}) SELECT o.slot AS slot, o.place AS place, o.id AS id FROM few o \
             WHERE o.place IS NOT NULL"
        );
    }
    format!(
        "SELECT o.slot AS slot, o.place AS place, o.id AS id FROM entry_index o CROSS JOIN entry e \
         WHERE {conditions} AND o.slot = e.slot AND o.path = {path} AND o.place IS NOT NULL"
    )
}

/// The place of an entry. An expression in place of the column keeps SQLite from looking among everything with this path,
/// a query of its own keeps PostgreSQL from joining it in another way.
fn place(path: &str) -> String {
    format!(
        "(SELECT i.place FROM entry_index i WHERE i.slot = e.slot AND i.path || '' = {path} AND i.place IS NOT NULL)"
    )
}

/// What has no place, behind the cursor of its opening.
async fn unplaced(tx: &mut dyn Tx, query: &Query, field: &str, limit: u16) -> Result<Vec<Found>, StoreError> {
    let (mut clauses, led) = conditions(tx, query).await?;
    let path = clauses.bind(index::path(&query.kind, field));
    clauses.and(format!("NOT EXISTS {}", place(&path)));
    in_order(tx, query, OPENED, (clauses, led), limit).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SqlStore;
    use fengsui_ledger::Entry;
    use fengsui_store::conformance::given::{active, at, placed, stored, titles, unit, units, write, writes};
    use fengsui_store::{Direction, EntryWrite, Store};

    const MOST: u128 = FEW_MAX as u128;

    /// The higher the number the smaller the fine, every tenth without one.
    fn fined(n: u128) -> EntryWrite {
        let entry = Entry { opened_at: at(0), state: "open".into(), ..unit(n) };
        match i64::try_from(n) {
            Ok(place) if place % 10 != 0 => placed(entry, "fine", -place),
            _ => write(entry),
        }
    }

    #[tokio::test]
    async fn a_list_by_a_field_is_the_same_whether_few_fit_or_many() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqlStore::open("sqlite", folder.path()).await.unwrap();
        let epoch = active(&store).await;
        stored(&store, epoch, writes(0, (1..=MOST).map(fined))).await;
        let sort = Sort::Field("fine".into());
        let page = Query { sort, limit: 3, states: vec!["open".into()], ..units() };
        for most in [MOST, MOST + 1] {
            let last = Cursor::Placed("fine".into(), 3 - i64::try_from(MOST).unwrap(), unit(MOST - 3).id);
            assert_eq!(store.count(&page).await.unwrap(), u64::try_from(most).unwrap());
            assert_eq!(titles(&store, &page).await, ["单位1", "单位2", "单位3"]);
            let behind = Query { after: Some(last.clone()), ..page.clone() };
            let names = [MOST - 4, MOST - 5, MOST - 6].map(|n| format!("单位{n}"));
            let upwards = Query { direction: Direction::Ascending, ..behind.clone() };
            assert_eq!(titles(&store, &upwards).await, names);
            let following = [MOST - 2, MOST - 1].map(|n| format!("单位{n}")).into_iter();
            // The last one has a fine only when it is one more than fit as few.
            let behind_all = if most > MOST { MOST + 1 } else { MOST };
            let expected: Vec<_> = following.chain([format!("单位{behind_all}")]).collect();
            assert_eq!(titles(&store, &behind).await, expected);
            stored(&store, epoch, writes(0, [fined(most + 1)])).await;
        }
    }
}
