//! Entries: one, a page, a count, a tally.
//!
//! A list walks the index of its order and tests the other conditions row by row, unless one of its filters
//! or search terms is so rare that it is cheaper to fetch its few entries and sort them. How rare they are is
//! counted first, up to a limit: SQLite keeps no statistics that could tell.

use super::bounded;
use super::clauses::Clauses;
use crate::index;
use crate::tx::Tx;
use crate::value::{Row, Value};
use fengsui_base::{EntryId, Position, Scope};
use fengsui_ledger::{Entry, Source};
use fengsui_store::{Cursor, Direction, Filter, Page, Query, Sort, StoreError, Tally};

/// A filter with at most so many entries is rare.
const RARE_MAX: i64 = 20_000;

/// The field name that stands for an entry's state in a tally.
const STATE: &str = "state";

const COLUMNS: &str = "e.id, e.kind, e.region, e.state, e.number, e.title, e.owner, e.opened_at, e.due_at, e.closed_at, \
    e.version, e.lng, e.lat, e.source_system, e.source_number, e.revision, e.fields";

pub(crate) async fn entry(tx: &mut dyn Tx, scope: &Scope, id: EntryId) -> Result<Option<Entry>, StoreError> {
    let rows = tx.query(&format!("SELECT {COLUMNS} FROM entry e WHERE e.id = ?1"), &[Value::id(id)]).await?;
    let found = rows.into_iter().next().map(read).transpose()?;
    Ok(found.filter(|entry| scope.contains(entry.region)))
}

pub(crate) async fn list(tx: &mut dyn Tx, query: &Query) -> Result<Page, StoreError> {
    let mut clauses = conditions(tx, query).await?;
    if !behind(&mut clauses, query) {
        return Ok(Page { items: Vec::new(), next: None });
    }
    let limit = bounded(query.limit);
    let (column, direction) = (order_column(query.sort), direction(query.direction));
    let (conditions, most) = (clauses.all(), clauses.bind(limit + 1));
    let sql = format!(
        "SELECT {COLUMNS} FROM entry e WHERE {conditions} ORDER BY {column} {direction}, e.id {direction} LIMIT {most}"
    );
    let rows = tx.query(&sql, clauses.values()).await?;
    let more = rows.len() > usize::from(limit);
    let items: Vec<_> = rows.into_iter().take(usize::from(limit)).map(read).collect::<Result<_, _>>()?;
    let next = items.last().filter(|_| more).map(|last| Cursor::behind(last, query.sort));
    Ok(Page { items, next })
}

pub(crate) async fn count(tx: &mut dyn Tx, query: &Query) -> Result<u64, StoreError> {
    let clauses = conditions(tx, query).await?;
    let sql = format!("SELECT count(*) FROM entry e WHERE {}", clauses.all());
    tx.query(&sql, clauses.values()).await?[0].number(0)
}

pub(crate) async fn tally(tx: &mut dyn Tx, query: &Query, field: &str) -> Result<Vec<Tally>, StoreError> {
    let mut clauses = conditions(tx, query).await?;
    let sql = if field == STATE {
        format!(
            "SELECT e.state, count(*) FROM entry e WHERE {} GROUP BY e.state ORDER BY e.state",
            clauses.all()
        )
    } else {
        let path = clauses.bind(index::path(&query.kind, field));
        format!(
            "SELECT substr(i.value, 2), count(DISTINCT i.slot) FROM entry e JOIN entry_index i ON i.slot = e.slot \
             WHERE {} AND i.path = {path} AND substr(i.value, 1, 1) = 't' GROUP BY substr(i.value, 2) \
             ORDER BY substr(i.value, 2)",
            clauses.all()
        )
    };
    let rows = tx.query(&sql, clauses.values()).await?;
    rows.into_iter().map(|mut row| Ok((row.text(0)?, row.number(1)?))).collect()
}

async fn conditions(tx: &mut dyn Tx, query: &Query) -> Result<Clauses, StoreError> {
    let mut clauses = Clauses::default();
    let needles = needles(query);
    let rarest = rarest(tx, &needles).await?;
    let kind = clauses.bind(query.kind.clone());
    // An expression in place of the column keeps the walk along the order's index away where it would be long.
    clauses.and(if rarest.is_some() { format!("e.kind || '' = {kind}") } else { format!("e.kind = {kind}") });
    for (place, needle) in needles.iter().enumerate() {
        needle.condition(&mut clauses, rarest == Some(place));
    }
    clauses.within("e.region", &query.scope);
    states(&mut clauses, &query.states);
    query.filters.iter().for_each(|filter| column_filter(&mut clauses, filter));
    if let Some(opened) = &query.opened {
        let (start, end) = (clauses.bind(opened.start), clauses.bind(opened.end));
        clauses.and(format!("e.opened_at >= {start} AND e.opened_at < {end}"));
    }
    Ok(clauses)
}

fn states(clauses: &mut Clauses, states: &[String]) {
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
            let (beginning, title) = (clauses.bind(index::beginning(title)), clauses.bind(title.clone()));
            clauses
                .and(format!("substr(e.title, 1, {}) = {beginning} AND e.title = {title}", index::KEY_CHARS));
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
                let (path, beginning) = (clauses.bind(path.clone()), clauses.bind(index::beginning(value)));
                let value = clauses.bind(value.clone());
                let chars = index::KEY_CHARS;
                format!("n.path = {path} AND substr(n.value, 1, {chars}) = {beginning} AND n.value = {value}")
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

fn order_column(sort: Sort) -> String {
    match sort {
        Sort::Opened => "e.opened_at".to_owned(),
        Sort::Title => format!("substr(e.title, 1, {})", index::KEY_CHARS),
    }
}

fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Ascending => "ASC",
        Direction::Descending => "DESC",
    }
}

/// Adds where the page starts; answers whether there can be one.
fn behind(clauses: &mut Clauses, query: &Query) -> bool {
    let (key, id) = match (&query.after, query.sort) {
        (None, _) => return true,
        (Some(Cursor::Opened(at, id)), Sort::Opened) => (clauses.bind(*at), *id),
        (Some(Cursor::Title(title, id)), Sort::Title) => (clauses.bind(index::beginning(title)), *id),
        (Some(Cursor::Opened(..)), Sort::Title) | (Some(Cursor::Title(..)), Sort::Opened) => return false,
    };
    let (column, id) = (order_column(query.sort), clauses.bind(id));
    let than = if query.direction == Direction::Ascending { ">" } else { "<" };
    clauses.and(format!("({column}, e.id) {than} ({key}, {id})"));
    true
}

fn read(mut row: Row) -> Result<Entry, StoreError> {
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
        fields: row.json(16)?,
    })
}
