//! Lists leave as tables (导出): what a list shows by its filters and the asker's scope, as a workbook or as CSV.
//!
//! The columns of registers carry the same names as those of the import, so that a table that was taken out can be
//! mended and taken in again. Every taking out stands in the journal before its first row leaves.

mod alarms;
mod ledgers;
mod points;
mod terminals;
mod units;

pub(crate) use points::query as point_query;

use crate::changes::Said;
use crate::{AlarmFilter, App, Fault, LedgerFilter, TerminalFilter, UnitFilter};
use fengsui_access::Grant;
use fengsui_base::{Actor, EntryId, Refusal, RefusalKind, Scope, Timestamp};
use fengsui_catalog::Permission;
use fengsui_ledger::Entry;
use fengsui_sheet::{Column, Sheet, csv_line};
use fengsui_store::{ChangeSet, PAGE_MAX, Query, Sort};
use serde_json::Value;
use std::collections::HashMap;

/// Most rows of a workbook that is taken out at once: it is made in memory as a whole.
pub const WORKBOOK_ROWS_MAX: u64 = 20_000;
/// Most rows of a CSV that is taken out at once: it leaves piece by piece.
pub const CSV_ROWS_MAX: u64 = 200_000;

/// Which list, by which filters; page and cursor aside.
#[derive(Clone, Debug)]
pub enum ExportList {
    /// 单位
    Units(UnitFilter),
    /// 终端
    Terminals(TerminalFilter),
    /// 点位
    Points(PointFilter),
    /// 告警
    Alarms(AlarmFilter),
    /// A ledger of the catalog by its name, with the columns of its list or with all its fields.
    Ledger(String, LedgerFilter, LedgerColumns),
    /// What the asker must do in a ledger, by the same filters.
    Errands(String, LedgerFilter, LedgerColumns),
}

/// Which columns of a ledger leave.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum LedgerColumns {
    /// Those of the list.
    #[default]
    List,
    /// Every field that a cell can say, fit to be taken in again.
    All,
}

/// Which points are taken out; all that the asker may see when nothing is said.
#[derive(Clone, Debug, Default)]
pub struct PointFilter {
    /// Of this terminal.
    pub terminal: Option<EntryId>,
    /// Of this unit.
    pub unit: Option<EntryId>,
}

/// As what the table leaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExportFormat {
    /// xlsx
    Workbook,
    /// Text with commas, UTF-8.
    Csv,
}

/// A table on its way out.
pub struct Export {
    subject: Subject,
    rest: Rest,
    /// Entries by id that rows name: a unit's code stands in each row of its terminals.
    near: HashMap<EntryId, Option<Entry>>,
    /// How many rows it has.
    pub rows: u64,
}

/// What rows are about.
#[derive(Clone, Debug)]
enum Subject {
    Unit,
    Terminal,
    Point,
    Alarm,
    Ledger(Box<ledgers::Table>),
}

/// What has not left yet.
enum Rest {
    /// The pages of a query.
    Pages(Box<Query>),
    /// Entries that were gathered already.
    Ready(Vec<Entry>),
    /// The pages of a filter that only memory knows.
    Terminals(Box<(Grant, TerminalFilter)>),
    /// Nothing.
    Over,
}

impl Subject {
    fn label(&self) -> &str {
        match self {
            Self::Unit => "单位",
            Self::Terminal => "终端",
            Self::Point => "点位",
            Self::Alarm => "告警",
            Self::Ledger(table) => table.label(),
        }
    }

    fn columns(&self) -> Vec<&str> {
        match self {
            Self::Unit => units::COLUMNS.to_vec(),
            Self::Terminal => terminals::COLUMNS.to_vec(),
            Self::Point => points::COLUMNS.to_vec(),
            Self::Alarm => alarms::COLUMNS.to_vec(),
            Self::Ledger(table) => table.heads(),
        }
    }
}

impl ExportFormat {
    fn fits(self, rows: u64) -> Result<(), Refusal> {
        let (most, way) = match self {
            Self::Workbook => (WORKBOOK_ROWS_MAX, "，或改为导出 CSV"),
            Self::Csv => (CSV_ROWS_MAX, ""),
        };
        if rows <= most {
            return Ok(());
        }
        let sentence = format!("符合条件的有 {rows} 条，一次最多导出 {most} 条。请再筛选{way}。");
        let refusal = Refusal::new(RefusalKind::Invalid, "export.too_many", sentence);
        Err(refusal.with("rows", rows).with("most", most))
    }
}

impl Export {
    /// The first line of a CSV, with the mark by which a spreadsheet knows that the text is UTF-8.
    pub fn csv_head(&self) -> String {
        format!("\u{feff}{}", csv_line(self.subject.columns()))
    }

    /// What it is called: 单位_20261122_1105.
    pub fn name(&self, at: Timestamp) -> String {
        let local = jiff::tz::Offset::constant(8).to_datetime(at);
        format!("{}_{}", self.subject.label(), local.strftime("%Y%m%d_%H%M"))
    }
}

impl App {
    /// Begins to take a list out: refused when it has more rows than the format carries, and journalled.
    pub async fn export(
        &self,
        grant: &Grant,
        list: ExportList,
        format: ExportFormat,
    ) -> Result<Export, Fault> {
        let (subject, rest, rows) = self.export_source(grant, list).await?;
        format.fits(rows)?;
        self.journal_export(grant, &subject, rows).await?;
        Ok(Export { subject, rest, near: HashMap::new(), rows })
    }

    async fn export_source(&self, grant: &Grant, list: ExportList) -> Result<(Subject, Rest, u64), Fault> {
        let (subject, query) = match list {
            ExportList::Units(filter) => {
                (Subject::Unit, self.unit_query(grant.may(Permission::UnitRead)?, filter))
            }
            ExportList::Terminals(filter) if filter.online.is_some() => {
                let filter = TerminalFilter { after: None, limit: PAGE_MAX, ..filter };
                let (_, rows) = self.terminals(grant, filter.clone()).await?;
                let rest = Rest::Terminals(Box::new((grant.clone(), filter)));
                return Ok((Subject::Terminal, rest, rows));
            }
            ExportList::Terminals(filter) => {
                let scope = grant.may(Permission::TerminalRead)?;
                (Subject::Terminal, crate::terminals::terminal_query(scope, &filter))
            }
            ExportList::Points(filter) => {
                (Subject::Point, points::query(grant.may(Permission::TerminalRead)?, filter))
            }
            ExportList::Alarms(filter) => {
                let scope = self.narrowed(grant.may(Permission::AlarmRead)?, filter.region);
                (Subject::Alarm, crate::alarms::alarm_query(scope, filter))
            }
            ExportList::Errands(name, filter, columns) => {
                let found = self.ledger_errands(grant, &name, filter).await?;
                let entries: Vec<_> = found.into_iter().map(|item| item.entry).collect();
                let table =
                    ledgers::Table::of(self.ledger(grant, &name)?, columns, self.ledger_scopes(grant));
                let rows = entries.len() as u64;
                return Ok((Subject::Ledger(Box::new(table)), Rest::Ready(entries), rows));
            }
            ExportList::Ledger(name, filter, columns) => {
                let kind = self.ledger(grant, &name)?;
                let query = in_full(self.ledger_query(grant, kind, filter)?);
                let table = ledgers::Table::of(kind, columns, self.ledger_scopes(grant));
                (Subject::Ledger(Box::new(table)), query)
            }
        };
        let query = Query { after: None, limit: PAGE_MAX, ..query };
        let rows = self.store.count(&query).await?;
        Ok((subject, Rest::Pages(Box::new(query)), rows))
    }

    async fn journal_export(&self, grant: &Grant, subject: &Subject, rows: u64) -> Result<(), Fault> {
        let decide = |_| {
            let mut change = ChangeSet::new(self.now());
            let actor = Actor::Officer(grant.officer().clone());
            let text = format!("导出{} {rows} 条", subject.label());
            let said = Said::new("list.exported", text, "操作").with("rows", rows);
            let region = grant.powers().first().map_or(self.node.region, |p| p.region.code);
            let about = EntryId::from(grant.account());
            change.journal.push(self.line("account", about, region, change.at, &actor, said));
            std::future::ready(Ok((change, ())))
        };
        self.settle(true, decide).await.map(|_| ())
    }

    /// The next rows of a table on its way out; none at its end.
    async fn export_rows(&self, export: &mut Export) -> Result<Vec<Vec<String>>, Fault> {
        let (page, after) = match std::mem::replace(&mut export.rest, Rest::Over) {
            Rest::Over => return Ok(Vec::new()),
            Rest::Ready(entries) => (entries, None),
            Rest::Pages(mut query) => {
                let page = self.store.list(&query).await?;
                query.after.clone_from(&page.next);
                (page.items, query.after.is_some().then_some(Rest::Pages(query)))
            }
            Rest::Terminals(mut rest) => {
                let (page, _) = self.terminals(&rest.0, rest.1.clone()).await?;
                rest.1.after.clone_from(&page.next);
                (page.items, rest.1.after.is_some().then_some(Rest::Terminals(rest)))
            }
        };
        export.rest = after.unwrap_or(Rest::Over);
        if let Subject::Ledger(table) = &export.subject {
            return self.ledger_rows(table, page).await;
        }
        let mut rows = Vec::with_capacity(page.len());
        for entry in &page {
            rows.push(self.export_row(export, entry).await?);
        }
        Ok(rows)
    }

    async fn export_row(&self, export: &mut Export, entry: &Entry) -> Result<Vec<String>, Fault> {
        Ok(match &export.subject {
            Subject::Unit => self.unit_row(entry),
            Subject::Terminal => {
                let unit = self.near(export, entry, "unit").await?;
                self.terminal_row(entry, unit.as_ref())
            }
            Subject::Point => {
                let terminal = self.near(export, entry, "terminal").await?;
                self.point_row(entry, terminal.as_ref())
            }
            Subject::Alarm => self.alarm_row(entry),
            // Written a page at a time, because the names in it are looked up together.
            Subject::Ledger(_) => Vec::new(),
        })
    }

    /// The entry that this one names in a field.
    async fn near(&self, export: &mut Export, entry: &Entry, field: &str) -> Result<Option<Entry>, Fault> {
        let Some(id) = entry.fields.get(field).and_then(Value::as_str).and_then(|id| id.parse().ok()) else {
            return Ok(None);
        };
        if let Some(known) = export.near.get(&id) {
            return Ok(known.clone());
        }
        // Only its number or name is shown, and only beside a row that the asker may see.
        let found = self.store.entry(&Scope::everything(), id).await?;
        export.near.insert(id, found.clone());
        Ok(found)
    }

    /// The next lines of a CSV; none at its end.
    pub async fn export_lines(&self, export: &mut Export) -> Result<Option<String>, Fault> {
        let rows = self.export_rows(export).await?;
        let line = |row: &Vec<String>| csv_line(row.iter().map(String::as_str));
        Ok((!rows.is_empty()).then(|| rows.iter().map(line).collect()))
    }

    /// The whole table as a workbook.
    pub async fn export_workbook(&self, mut export: Export) -> Result<Vec<u8>, Fault> {
        let column = |label: &&str| Column { label: (*label).to_owned(), width: 16, ..Column::default() };
        let mut sheet = Sheet {
            name: export.subject.label().to_owned(),
            columns: export.subject.columns().iter().map(column).collect(),
            ..Sheet::default()
        };
        loop {
            let rows = self.export_rows(&mut export).await?;
            if rows.is_empty() {
                break;
            }
            sheet.rows.extend(rows);
        }
        let made = crate::changes::china_day(self.now()).at(0, 0, 0, 0);
        let bytes = tokio::task::spawn_blocking(move || fengsui_sheet::to_workbook(&[sheet], made)).await;
        bytes.ok().and_then(Result::ok).ok_or_else(|| {
            let sentence = "表格没有生成，请再试一次。";
            Refusal::new(RefusalKind::Unavailable, "workbook.failed", sentence).into()
        })
    }
}

/// A list by deadline leaves out what has none; a table leaves nothing out.
fn in_full(query: Query) -> Query {
    let sort = if query.sort == Sort::Due && query.due.is_none() { Sort::Opened } else { query.sort };
    Query { sort, ..query }
}

/// A text of an entry; empty when it has none.
fn text(entry: &Entry, name: &str) -> String {
    match entry.fields.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(true)) => "是".to_owned(),
        Some(Value::Bool(false)) => "否".to_owned(),
        Some(Value::Null | Value::Array(_) | Value::Object(_)) | None => String::new(),
    }
}

/// Longitude and latitude.
fn position(entry: &Entry) -> [String; 2] {
    entry.position.map_or_else(Default::default, |p| [p.lng.to_string(), p.lat.to_string()])
}

/// An instant as the office reads it.
fn instant(at: Timestamp) -> String {
    jiff::tz::Offset::constant(8).to_datetime(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

impl App {
    /// What a choice of the catalog is called.
    fn choice(&self, entry: &Entry, name: &str) -> String {
        let value = text(entry, name);
        let field = self.catalog.kind(&entry.kind).and_then(|k| k.field(name));
        field.map_or(value.clone(), |f| f.choice_label(&value).to_owned())
    }

    /// A region by its names from the county down, the county's own left out.
    fn region_words(&self, entry: &Entry) -> String {
        let path = self.board.region_path(entry.region);
        let below = path.iter().filter(|r| r.level > fengsui_base::Level::County);
        let names: Vec<_> = below.map(|r| r.name.as_str()).collect();
        if names.is_empty() {
            path.last().map_or_else(String::new, |r| r.name.clone())
        } else {
            names.join(" ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_as_many_rows_as_its_format_carries_and_not_one_more() {
        assert_eq!(ExportFormat::Workbook.fits(WORKBOOK_ROWS_MAX), Ok(()));
        assert_eq!(ExportFormat::Csv.fits(CSV_ROWS_MAX), Ok(()));
        let code = |format: ExportFormat, rows| format.fits(rows).map_err(|refusal| refusal.code);
        assert_eq!(code(ExportFormat::Workbook, WORKBOOK_ROWS_MAX + 1), Err("export.too_many".into()));
        assert_eq!(code(ExportFormat::Csv, CSV_ROWS_MAX + 1), Err("export.too_many".into()));
    }

    #[test]
    fn what_leaves_carries_the_names_by_which_the_import_knows_it() {
        use crate::ImportSubject;
        let pairs = [
            (ImportSubject::Unit, units::COLUMNS, 15),
            (ImportSubject::Terminal, terminals::COLUMNS, 14),
            (ImportSubject::Point, points::COLUMNS, 17),
        ];
        for (subject, columns, taken_in) in pairs {
            let known = |label: &&&str| subject.columns().iter().any(|c| c.label == **label);
            assert_eq!(columns.iter().take_while(known).count(), taken_in, "{}", subject.label());
            assert_eq!(columns.iter().filter(known).count(), taken_in, "{}", subject.label());
        }
    }
}
