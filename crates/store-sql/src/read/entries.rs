//! Entries: one, a page, a count that ends where nobody asks further, a tally.
//!
//! A list walks the index of its order and tests the other conditions row by row, unless one of its filters
//! or search terms is so rare that it is cheaper to fetch its few entries and sort them. How rare they are is
//! counted first, up to a limit: SQLite keeps no statistics that could tell. The order of a field has its own index, with
//! what has no place behind it ([`super::by_field`]).

use super::clauses::Clauses;
use super::{bounded, by_field};
use crate::index;
use crate::tx::Tx;
use crate::value::{Row, Value};
use fengsui_base::{EntryId, Fields, Position, Scope, Timestamp};
use fengsui_ledger::{Entry, IndexValue, Source, UNIT_FIELD};
use fengsui_store::{
    Cursor, Direction, Filter, Page, Query, SCAN_MAX, Scanned, Sort, StoreError, Tally, step_us,
};
use std::collections::BTreeSet;
use std::time::Duration;

/// A filter with at most so many entries is rare.
const RARE_MAX: i64 = 20_000;

/// How many queries one statement counts: both engines take more, their parsers gladly so many.
const COUNTS_A_STATEMENT: usize = 100;

/// The field name that stands for an entry's state in a tally.
const STATE: &str = "state";

/// The column of the order in which things were opened.
pub(super) const OPENED: &str = "e.opened_at";

pub(super) const COLUMNS: &str = "e.id, e.kind, e.region, e.state, e.number, e.title, e.owner, e.opened_at, e.due_at, e.closed_at, \
    e.version, e.lng, e.lat, e.source_system, e.source_number, e.revision, e.wake_at, e.fields";
/// The place of the fields among them.
const FIELDS: usize = 17;

pub(crate) async fn entry(tx: &mut dyn Tx, scope: &Scope, id: EntryId) -> Result<Option<Entry>, StoreError> {
    let rows = tx.query(&format!("SELECT {COLUMNS} FROM entry e WHERE e.id = ?1"), &[Value::id(id)]).await?;
    let found = rows.into_iter().next().map(read).transpose()?;
    Ok(found.filter(|entry| entry.within(scope)))
}

pub(crate) async fn entries(
    tx: &mut dyn Tx,
    scope: &Scope,
    ids: &[EntryId],
) -> Result<Vec<Entry>, StoreError> {
    let values: Vec<_> = ids.iter().collect::<BTreeSet<_>>().into_iter().map(|id| Value::id(*id)).collect();
    let rows = tx.query_many(&format!("SELECT {COLUMNS} FROM entry e WHERE e.id = ?1"), 1, &values).await?;
    let found = rows.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(found.into_iter().filter(|entry| entry.within(scope)).collect())
}

pub(crate) async fn list(tx: &mut dyn Tx, query: &Query) -> Result<Page, StoreError> {
    let limit = bounded(query.limit);
    let mut found = match order(&query.sort) {
        Order::Column(column) => {
            let (clauses, led) = conditions(tx, query).await?;
            in_order(tx, query, column, (clauses, led), limit + 1).await?
        }
        Order::Field(field) => by_field::list(tx, query, field, limit + 1).await?,
    };
    let more = found.len() > usize::from(limit);
    found.truncate(usize::from(limit));
    let behind = |(last, place): &Found| Cursor::behind(last, &query.sort, *place);
    let next = found.last().filter(|_| more).map(behind);
    Ok(Page { items: found.into_iter().map(|(entry, _)| entry).collect(), next })
}

/// An entry on a page, and its place where a field orders the list.
pub(super) type Found = (Entry, Option<i64>);

/// What fits the conditions, in the order of a column, behind the cursor; whether a rare filter leads them is said beside
/// them.
pub(super) async fn in_order(
    tx: &mut dyn Tx,
    query: &Query,
    column: &str,
    (mut clauses, led): (Clauses, bool),
    limit: u16,
) -> Result<Vec<Found>, StoreError> {
    if !behind(&mut clauses, query, column) {
        return Ok(Vec::new());
    }
    let direction = direction(query.direction);
    let picked = picked(&mut clauses, query, column, led, limit);
    // Places are picked from the narrow index first; the wide rows are fetched for those alone.
    let sql = format!(
        "SELECT {COLUMNS} FROM ({picked}) AS p JOIN entry e ON e.slot = p.slot \
         ORDER BY p.place {direction}, p.id {direction}"
    );
    let rows = tx.query(&sql, clauses.values()).await?;
    rows.into_iter().map(|row| Ok((read(row)?, None))).collect()
}

/// The query for the places on the page. Of several states each has an index in the right order: as many as
/// the page needs are taken of each, and the first of them all are the page.
fn picked(clauses: &mut Clauses, query: &Query, column: &str, led: bool, limit: u16) -> String {
    let direction = direction(query.direction);
    let most = clauses.bind(limit);
    let order =
        |place: &str, id: &str| format!("ORDER BY {place} {direction}, {id} {direction} LIMIT {most}");
    let pick = |conditions: String| {
        let order = order(column, "e.id");
        format!(
            "SELECT e.slot AS slot, {column} AS place, e.id AS id FROM entry e WHERE {conditions} {order}"
        )
    };
    let states: BTreeSet<_> = query.states.iter().collect();
    if states.len() < 2 || led || query.sort == Sort::Title {
        states_among(clauses, &query.states);
        return pick(clauses.all());
    }
    let each = states.into_iter().enumerate().map(|(n, state)| {
        let state = clauses.bind(state.clone());
        format!("SELECT * FROM ({}) AS s{n}", pick(format!("e.state = {state} AND {}", clauses.all())))
    });
    let each = each.collect::<Vec<_>>().join(" UNION ALL ");
    format!("SELECT * FROM ({each}) AS u {}", order("u.place", "u.id"))
}

/// A piece of a whole kind, straight along the index of its order.
pub(crate) async fn scan(
    tx: &mut dyn Tx,
    kind: &str,
    after: Option<(Timestamp, EntryId)>,
    limit: u32,
) -> Result<Vec<Scanned>, StoreError> {
    let mut clauses = Clauses::default();
    let kind = clauses.bind(kind.to_owned());
    clauses.and(format!("e.kind = {kind}"));
    if let Some((at, id)) = after {
        let (at, id) = (clauses.bind(at), clauses.bind(id));
        clauses.and(format!("(e.opened_at, e.id) > ({at}, {id})"));
    }
    let (conditions, most) = (clauses.all(), clauses.bind(limit.clamp(1, SCAN_MAX)));
    let sql =
        format!("SELECT {COLUMNS} FROM entry e WHERE {conditions} ORDER BY e.opened_at, e.id LIMIT {most}");
    let read = |mut row: Row| Ok(Scanned { head: head(&mut row)?, fields: row.text(FIELDS)? });
    tx.query(&sql, clauses.values()).await?.into_iter().map(read).collect()
}

pub(crate) async fn count_to(tx: &mut dyn Tx, query: &Query, most: u64) -> Result<u64, StoreError> {
    let (mut clauses, _) = conditions(tx, query).await?;
    states_among(&mut clauses, &query.states);
    let (conditions, most) = (clauses.all(), clauses.bind(most));
    let sql =
        format!("SELECT count(*) FROM (SELECT 1 FROM entry e WHERE {conditions} LIMIT {most}) AS found");
    tx.query(&sql, clauses.values()).await?[0].number(0)
}

pub(crate) async fn tally(tx: &mut dyn Tx, query: &Query, field: &str) -> Result<Vec<Tally>, StoreError> {
    let (mut clauses, led) = conditions(tx, query).await?;
    states_among(&mut clauses, &query.states);
    if field == STATE {
        let conditions = clauses.all();
        let sql = format!(
            "SELECT e.state, count(*) FROM entry e WHERE {conditions} GROUP BY e.state ORDER BY e.state"
        );
        let rows = tx.query(&sql, clauses.values()).await?;
        return rows.into_iter().map(|mut row| Ok((row.text(0)?, row.number(1)?))).collect();
    }
    let path = clauses.bind(index::path(&query.kind, field));
    // Where a stretch of time or a rare filter leads, the values are looked up for its few entries: an expression in
    // place of the column keeps both engines from walking every value that the field ever had.
    let column = if led || query.opened.is_some() { "i.path || ''" } else { "i.path" };
    let (from, until) = (clauses.bind(index::TEXT.to_string()), clauses.bind(index::BEHIND_TEXT.to_string()));
    let sql = format!(
        "SELECT i.value, count(*) FROM entry_index i JOIN entry e ON e.slot = i.slot \
         WHERE {column} = {path} AND i.value >= {from} AND i.value < {until} AND {} GROUP BY i.value ORDER BY i.value",
        clauses.all()
    );
    let rows = tx.query(&sql, clauses.values()).await?;
    let untyped = |value: String| value.chars().skip(1).collect::<String>();
    rows.into_iter().map(|mut row| Ok((untyped(row.text(0)?), row.number(1)?))).collect()
}

/// Counts by the day, or whatever the step is: the deadlines are walked in their order, each is one division.
pub(crate) async fn tally_due(
    tx: &mut dyn Tx,
    query: &Query,
    step: Duration,
    most: u64,
) -> Result<Vec<(u32, u64)>, StoreError> {
    let Some(range) = &query.due else { return Ok(Vec::new()) };
    let (mut clauses, _) = conditions(tx, query).await?;
    states_among(&mut clauses, &query.states);
    let conditions = clauses.all();
    let (start, step) = (clauses.bind(range.start), clauses.bind(step_us(step)));
    let most = clauses.bind(most.min(i64::MAX.unsigned_abs()));
    let sql = format!(
        "SELECT (d.due_at - {start}) / {step} AS stretch, count(*) FROM \
         (SELECT e.due_at FROM entry e WHERE {conditions} ORDER BY e.due_at LIMIT {most}) AS d \
         GROUP BY stretch ORDER BY stretch"
    );
    let rows = tx.query(&sql, clauses.values()).await?;
    let stretch = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    rows.into_iter().map(|row| Ok((stretch(row.number(0)?), row.number(1)?))).collect()
}

/// Counts of several queries in one statement, so that they cost one way to the server and are of one moment.
pub(crate) async fn counts(tx: &mut dyn Tx, queries: &[Query], most: u64) -> Result<Vec<u64>, StoreError> {
    let mut found = Vec::with_capacity(queries.len());
    for some in queries.chunks(COUNTS_A_STATEMENT) {
        let mut clauses = Clauses::default();
        let limit = clauses.bind(most);
        let mut parts = Vec::with_capacity(some.len());
        for (n, query) in some.iter().enumerate() {
            lay(&mut clauses, tx, query).await?;
            states_among(&mut clauses, &query.states);
            let conditions = clauses.take_all();
            parts.push(format!(
                "(SELECT count(*) FROM (SELECT 1 FROM entry e WHERE {conditions} LIMIT {limit}) AS c{n})"
            ));
        }
        let rows = tx.query(&format!("SELECT {}", parts.join(", ")), clauses.values()).await?;
        for n in 0..some.len() {
            found.push(rows[0].number(n)?);
        }
    }
    Ok(found)
}

/// Every condition but the states; and whether a rare filter leads.
pub(super) async fn conditions(tx: &mut dyn Tx, query: &Query) -> Result<(Clauses, bool), StoreError> {
    let mut clauses = Clauses::default();
    let led = lay(&mut clauses, tx, query).await?;
    Ok((clauses, led))
}

/// Lays the conditions of a query behind what is there already.
async fn lay(clauses: &mut Clauses, tx: &mut dyn Tx, query: &Query) -> Result<bool, StoreError> {
    let needles = needles(query);
    let rarest = rarest(tx, &needles).await?;
    let kind = clauses.bind(query.kind.clone());
    // An expression in place of the column keeps the walk along the order's index away where it would be long.
    clauses.and(if rarest.is_some() { format!("e.kind || '' = {kind}") } else { format!("e.kind = {kind}") });
    for (place, needle) in needles.iter().enumerate() {
        needle.condition(clauses, rarest == Some(place));
    }
    if !query.scope.units().is_empty() {
        within_units(clauses, query);
    } else if query.states.is_empty() {
        clauses.within("e.region", &query.scope);
    } else {
        // The index of the states is in the right order and knows the region.
        clauses.within_by("e.region", &query.scope, false);
    }
    query.filters.iter().for_each(|filter| column_filter(clauses, filter));
    if let (Sort::Due | Sort::Wake, Order::Column(column)) = (&query.sort, order(&query.sort)) {
        clauses.and(format!("{column} IS NOT NULL"));
    }
    for (column, range) in [("e.opened_at", &query.opened), ("e.due_at", &query.due)] {
        let Some(range) = range else { continue };
        let (start, end) = (clauses.bind(range.start), clauses.bind(range.end));
        clauses.and(format!("{column} >= {start} AND {column} < {end}"));
    }
    Ok(rarest.is_some())
}

/// Adds that an entry lies in a region of the scope or belongs to one of its units.
fn within_units(clauses: &mut Clauses, query: &Query) {
    let regions = clauses.in_ranges("+e.region", &query.scope).unwrap_or_else(|| "1 = 0".to_owned());
    let own = if query.kind == UNIT_FIELD {
        let ids: Vec<_> = query.scope.units().iter().map(|unit| clauses.bind(*unit)).collect();
        format!("e.id IN ({})", ids.join(", "))
    } else {
        let path = clauses.bind(index::path(&query.kind, UNIT_FIELD));
        let value = |unit: &EntryId| index::value(&IndexValue::Text(unit.to_string()));
        let values: Vec<_> = query.scope.units().iter().map(|unit| clauses.bind(value(unit))).collect();
        format!(
            "e.slot IN (SELECT u.slot FROM entry_index u WHERE u.path = {path} AND u.value IN ({}))",
            values.join(", ")
        )
    };
    clauses.and(format!("({regions} OR {own})"));
}

pub(super) fn states_among(clauses: &mut Clauses, states: &[String]) {
    if !states.is_empty() {
        let bound: Vec<_> = states.iter().map(|state| clauses.bind(state.clone())).collect();
        clauses.and(format!("e.state IN ({})", bound.join(", ")));
    }
}

fn column_filter(clauses: &mut Clauses, filter: &Filter) {
    match filter {
        Filter::Is(..) => {}
        Filter::Owner(id) => {
            let owner = clauses.bind(*id);
            clauses.and(format!("e.owner = {owner}"));
        }
        Filter::Title(title) => {
            let (order, title) = (clauses.bind(index::title_order(title)), clauses.bind(title.clone()));
            clauses.and(format!("e.title_order = {order} AND e.title = {title}"));
        }
    }
}

/// What is looked for in a table beside the entries.
enum Needle {
    Index { path: String, value: String },
    Gram(i64),
}

fn needles(query: &Query) -> Vec<Needle> {
    let filters = query.filters.iter().filter_map(|filter| match filter {
        Filter::Is(field, value) => {
            Some(Needle::Index { path: index::path(&query.kind, field), value: index::value(value) })
        }
        Filter::Owner(_) | Filter::Title(_) => None,
    });
    filters.chain(query.terms.iter().map(|term| Needle::Gram(index::gram(term)))).collect()
}

impl Needle {
    fn table(&self) -> &'static str {
        match self {
            Needle::Index { .. } => "entry_index",
            Needle::Gram(_) => "entry_gram",
        }
    }

    fn matching(&self, clauses: &mut Clauses) -> String {
        match self {
            Needle::Index { path, value } => {
                let (path, value) = (clauses.bind(path.clone()), clauses.bind(value.clone()));
                format!("n.path = {path} AND n.value = {value}")
            }
            Needle::Gram(gram) => format!("n.gram = {}", clauses.bind(*gram)),
        }
    }

    fn condition(&self, clauses: &mut Clauses, leads: bool) {
        let (table, matching) = (self.table(), self.matching(clauses));
        clauses.and(if leads {
            format!("e.slot IN (SELECT n.slot FROM {table} n WHERE {matching})")
        } else {
            format!("EXISTS (SELECT 1 FROM {table} n WHERE n.slot = e.slot AND {matching})")
        });
    }

    async fn count(&self, tx: &mut dyn Tx) -> Result<i64, StoreError> {
        let mut clauses = Clauses::default();
        let (table, matching) = (self.table(), self.matching(&mut clauses));
        let most = clauses.bind(RARE_MAX + 1);
        let sql =
            format!("SELECT count(*) FROM (SELECT 1 FROM {table} n WHERE {matching} LIMIT {most}) AS probe");
        tx.query(&sql, clauses.values()).await?[0].integer(0)
    }
}

/// The place of the rarest needle, if any is rare.
async fn rarest(tx: &mut dyn Tx, needles: &[Needle]) -> Result<Option<usize>, StoreError> {
    let mut rarest: Option<(i64, usize)> = None;
    for (place, needle) in needles.iter().enumerate() {
        let found = needle.count(tx).await?;
        if found <= RARE_MAX && rarest.is_none_or(|(least, _)| found < least) {
            rarest = Some((found, place));
        }
    }
    Ok(rarest.map(|(_, place)| place))
}

/// By what a list is ordered: a column of the entries, or the places of a field beside them.
enum Order<'q> {
    Column(&'static str),
    Field(&'q str),
}

fn order(sort: &Sort) -> Order<'_> {
    match sort {
        Sort::Opened => Order::Column(OPENED),
        Sort::Title => Order::Column("e.title_order"),
        Sort::Due => Order::Column("e.due_at"),
        Sort::Wake => Order::Column("e.wake_at"),
        Sort::Field(field) => Order::Field(field),
    }
}

pub(super) fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Ascending => "ASC",
        Direction::Descending => "DESC",
    }
}

/// Adds where the page starts; answers whether there can be one.
fn behind(clauses: &mut Clauses, query: &Query, column: &str) -> bool {
    let (key, id) = match (&query.after, &query.sort) {
        (None, _) => return true,
        (Some(Cursor::Opened(at, id)), Sort::Opened) => (clauses.bind(*at), *id),
        (Some(Cursor::Title(title, id)), Sort::Title) => (clauses.bind(index::title_order(title)), *id),
        (Some(Cursor::Due(at, id)), Sort::Due) | (Some(Cursor::Wake(at, id)), Sort::Wake) => {
            (clauses.bind(*at), *id)
        }
        (Some(_), _) => return false,
    };
    let (id, than) = (clauses.bind(id), than(query.direction));
    clauses.and(format!("({column}, e.id) {than} ({key}, {id})"));
    true
}

/// How what comes later compares with what came before.
pub(super) fn than(direction: Direction) -> &'static str {
    match direction {
        Direction::Ascending => ">",
        Direction::Descending => "<",
    }
}

pub(super) fn read(mut row: Row) -> Result<Entry, StoreError> {
    Ok(Entry { fields: row.json(FIELDS)?, ..head(&mut row)? })
}

/// The entry without its fields.
fn head(row: &mut Row) -> Result<Entry, StoreError> {
    let position = row.optional_real(11)?.zip(row.optional_real(12)?).map(|(lng, lat)| Position { lng, lat });
    let source = row.optional_text(13)?.zip(row.optional_text(14)?);
    Ok(Entry {
        id: row.id(0)?,
        kind: row.text(1)?,
        region: row.region(2)?,
        state: row.text(3)?,
        number: row.optional_text(4)?,
        title: row.text(5)?,
        owner: row.optional_id(6)?,
        opened_at: row.instant(7)?,
        due_at: row.optional_instant(8)?,
        closed_at: row.optional_instant(9)?,
        version: row.number(10)?,
        position,
        source: source.map(|(system, number)| Source { system, number }),
        revision: row.number(15)?,
        wake_at: row.optional_instant(16)?,
        fields: Fields::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SqlStore;
    use fengsui_ledger::IndexRow;
    use fengsui_store::conformance::given::{active, stored, unit, units, write, writes};
    use fengsui_store::{EntryWrite, Store};

    fn filtered() -> Query {
        let filter = Filter::Is("class".into(), IndexValue::Text("学校".into()));
        Query { filters: vec![filter], terms: vec!["校".into()], ..units() }
    }

    fn school(n: u128) -> EntryWrite {
        let index = vec![IndexRow::of("class", IndexValue::Text("学校".into()))];
        EntryWrite { index, grams: vec!["校".into()], ..write(unit(n)) }
    }

    async fn is_rare(store: &SqlStore) -> bool {
        store
            .read(|tx: &mut dyn Tx| -> crate::tx::Answer<'_, _> {
                Box::pin(async move { rarest(tx, &needles(&filtered())).await.map(|found| found.is_some()) })
            })
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn a_filter_finds_the_same_whether_it_is_rare_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqlStore::open("sqlite", folder.path()).await.unwrap();
        let epoch = active(&store).await;
        let most = u128::try_from(RARE_MAX).unwrap();
        stored(&store, epoch, writes(0, (1..=most).map(school))).await;
        for (expected, rare) in [(most, true), (most + 1, false)] {
            assert_eq!(is_rare(&store).await, rare);
            assert_eq!(u128::from(store.count(&filtered()).await.unwrap()), expected);
            let first = store.list(&filtered()).await.unwrap().items.remove(0);
            assert_eq!(first, unit(expected));
            stored(&store, epoch, writes(0, [school(expected + 1)])).await;
        }
    }
}
