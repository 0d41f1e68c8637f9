//! Entries of a ledger as rows: what its list shows, or every field that a cell can say. The heads of fields are their
//! labels, so that the import knows them again; what only the program may say stands behind them.

use super::{LedgerColumns, instant, position};
use crate::ledgers::{deadline_of, in_words_of};
use crate::{App, Fault};
use fengsui_base::{Deadline, EntryId, Scope, ids_in};
use fengsui_catalog::{Field, FieldType, Kind};
use fengsui_ledger::{Entry, Life, UNIT_FIELD};
use serde_json::Value;
use std::collections::BTreeMap;

/// A ledger as a table that leaves.
#[derive(Clone, Debug)]
pub(super) struct Table {
    kind: String,
    label: String,
    columns: Vec<(String, Cell)>,
    /// Where whoever takes it out may read each ledger.
    scopes: BTreeMap<String, Scope>,
}

/// What stands in a column.
#[derive(Clone, Debug)]
enum Cell {
    Number,
    SourceSystem,
    SourceNumber,
    Field(Box<Field>),
    /// The code of the unit, by which the import knows it even when two have the same name.
    UnitCode,
    Region,
    RegionCode,
    Longitude,
    Latitude,
    State,
    Owner,
    DueOn,
    Deadline,
    OpenedOn,
    ClosedOn,
}

/// What a page of entries names, looked up together.
struct Named {
    names: BTreeMap<EntryId, String>,
    unit_codes: BTreeMap<EntryId, String>,
}

impl Table {
    pub(super) fn of(kind: &Kind, columns: LedgerColumns, scopes: BTreeMap<String, Scope>) -> Self {
        let columns = match columns {
            LedgerColumns::List => of_list(kind),
            LedgerColumns::All => of_all(kind),
        };
        Self { kind: kind.name.clone(), label: kind.label.clone(), columns, scopes }
    }

    pub(super) fn label(&self) -> &str {
        &self.label
    }

    pub(super) fn heads(&self) -> Vec<&str> {
        self.columns.iter().map(|(head, _)| head.as_str()).collect()
    }
}

fn plain(head: &str, cell: Cell) -> (String, Cell) {
    (head.to_owned(), cell)
}

/// A field by its label; the unit of a number stands in the head, so that the cell is a number.
fn of_field(field: &Field) -> (String, Cell) {
    let unit = match field.kind {
        FieldType::Money => Some("元"),
        FieldType::Integer | FieldType::Real => field.unit.as_deref(),
        _ => None,
    };
    let head = unit.map_or_else(|| field.label.clone(), |unit| format!("{}（{unit}）", field.label));
    (head, Cell::Field(Box::new(field.clone())))
}

fn standing() -> Vec<(String, Cell)> {
    vec![
        plain("状态", Cell::State),
        plain("责任人", Cell::Owner),
        plain("期限", Cell::DueOn),
        plain("时限情况", Cell::Deadline),
        plain("登记日期", Cell::OpenedOn),
        plain("办结日期", Cell::ClosedOn),
    ]
}

fn of_list(kind: &Kind) -> Vec<(String, Cell)> {
    let office = kind.office.iter();
    let names = office.flat_map(|o| std::iter::once(&o.title).chain(&o.mark).chain(&o.columns));
    let fields = names.filter_map(|name| kind.field(name)).map(of_field);
    let number = plain("编号", Cell::Number);
    [number].into_iter().chain(fields).chain([plain("辖区名称", Cell::Region)]).chain(standing()).collect()
}

fn of_all(kind: &Kind) -> Vec<(String, Cell)> {
    let source = [
        plain("编号", Cell::Number),
        plain("来源系统", Cell::SourceSystem),
        plain("外部编号", Cell::SourceNumber),
    ];
    let code = kind.field(UNIT_FIELD).map(|_| plain("单位编号", Cell::UnitCode));
    let place = [
        plain("辖区代码", Cell::RegionCode),
        plain("辖区名称", Cell::Region),
        plain("经度", Cell::Longitude),
        plain("纬度", Cell::Latitude),
    ];
    let fields = kind.fields.iter().filter(|f| !matches!(f.kind, FieldType::List | FieldType::Record));
    source.into_iter().chain(code).chain(fields.map(of_field)).chain(place).chain(standing()).collect()
}

impl App {
    /// A page of entries as rows.
    pub(super) async fn ledger_rows(
        &self,
        table: &Table,
        page: Vec<Entry>,
    ) -> Result<Vec<Vec<String>>, Fault> {
        let page = &match self.catalog.kind(&table.kind) {
            Some(kind) => in_words_of(kind, page),
            None => page,
        };
        let units: Vec<_> = page.iter().filter_map(Entry::unit).collect();
        let units = match table.columns.iter().any(|(_, cell)| matches!(cell, Cell::UnitCode)) {
            true => self.store.entries(&Scope::everything(), &units).await?,
            false => Vec::new(),
        };
        let code = |unit: Entry| Some((unit.id, unit.fields.get("code")?.as_str()?.to_owned()));
        let named = Named {
            names: self.names(&table.scopes, page).await?,
            unit_codes: units.into_iter().filter_map(code).collect(),
        };
        let row = |entry: &Entry| {
            let life = Life::of(&entry.fields);
            let cells = table.columns.iter();
            cells.map(|(_, cell)| self.ledger_cell(cell, entry, life.as_ref(), &named)).collect()
        };
        Ok(page.iter().map(row).collect())
    }

    fn ledger_cell(&self, cell: &Cell, entry: &Entry, life: Option<&Life>, named: &Named) -> String {
        let calendar = self.calendar();
        let day = |at| calendar.day_of(at).to_string();
        let deadline = || life.and_then(|life| deadline_of(entry, life));
        let source = entry.source.as_ref();
        let said = match cell {
            Cell::Number => entry.number.clone(),
            Cell::SourceSystem => source.map(|s| s.system.clone()),
            Cell::SourceNumber => source.map(|s| s.number.clone()),
            Cell::Field(field) => {
                entry.fields.get(&field.name).and_then(|v| self.cell_words(field, v, named))
            }
            Cell::UnitCode => entry.unit().and_then(|id| named.unit_codes.get(&id)).cloned(),
            Cell::Region => self.board.region(entry.region).map(|region| region.name),
            Cell::RegionCode => Some(entry.region.to_string()),
            Cell::Longitude => Some(position(entry)[0].clone()),
            Cell::Latitude => Some(position(entry)[1].clone()),
            Cell::State => {
                let kind = self.catalog.kind(&entry.kind);
                kind.map(|kind| kind.state_label(&entry.state).to_owned())
            }
            Cell::Owner => {
                let clock = life.and_then(|life| life.clock.as_ref());
                clock.map(|clock| self.owner_words(&clock.owner, &named.names))
            }
            Cell::DueOn => deadline().map(|deadline| self.due_words(&deadline)),
            Cell::Deadline => deadline().map(|deadline| deadline.words(self.now(), &calendar)),
            Cell::OpenedOn => Some(day(entry.opened_at)),
            Cell::ClosedOn => entry.closed_at.map(day),
        };
        said.unwrap_or_default()
    }

    /// The last day of a deadline, or its instant when it counts in hours.
    fn due_words(&self, deadline: &Deadline) -> String {
        let due = &deadline.due;
        let words = due.on.map_or_else(|| instant(due.at), |day| day.to_string());
        if due.provisional { format!("{words}（暂定）") } else { words }
    }

    /// A field as a cell: instants as the office reads them, linked entries by their numbers.
    fn cell_words(&self, field: &Field, value: &Value, named: &Named) -> Option<String> {
        match (field.kind, value) {
            (FieldType::Instant, Value::String(text)) => text.parse().ok().map(instant),
            (FieldType::Photos | FieldType::Files, Value::Array(items)) => {
                Some(format!("{} 份", items.len()))
            }
            (FieldType::Link | FieldType::Links, _) if field.to.as_deref() != Some(UNIT_FIELD) => {
                Some(numbers(value, &named.names))
            }
            _ => self.bare_words(field, value, &named.names),
        }
    }
}

/// Linked entries by their numbers alone, which stand before their titles.
fn numbers(value: &Value, names: &BTreeMap<EntryId, String>) -> String {
    let found = ids_in(value).into_iter().filter_map(|id| names.get(&id)?.split_whitespace().next());
    found.collect::<Vec<_>>().join("、")
}
