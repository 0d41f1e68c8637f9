//! The workbooks of imports: the template to be filled, and the wrong rows to be mended.

use super::columns::ImportColumn;
use super::reading::{self, EXAMPLE};
use super::tables::{ImportTable, OPENED_ON};
use crate::changes::china_day;
use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{EntryId, Refusal, RefusalKind};
use fengsui_catalog::{Field, FieldType};
use fengsui_ledger::UNIT_FIELD;
use fengsui_sheet::{Column, Row, Sheet, to_workbook};
use std::collections::BTreeMap;

/// Width of a column, in characters.
const WIDTH: u16 = 18;
/// A day as it may be written.
const EXAMPLE_DAY: &str = "2026-01-05";
/// Longest name of a sheet, in characters.
const SHEET_NAME_CHARS_MAX: usize = 31;

impl App {
    /// An empty workbook for a register, with notes and lists to choose from.
    pub fn import_template(&self, table: &ImportTable) -> Result<Vec<u8>, Refusal> {
        let columns = table.columns.iter().map(|c| self.column(table, c)).collect();
        let name = sheet_name(&table.label);
        let rows = self.example(table).into_iter().collect();
        self.workbook(&[Sheet { name, columns, rows, ..Sheet::default() }, self.notes(table)])
    }

    /// A row of a ledger's template that shows how it is filled; its first cell says that it is never taken in.
    fn example(&self, table: &ImportTable) -> Option<Vec<String>> {
        let kind = self.catalog.kind(table.ledger.as_deref()?)?;
        let cell = |column: &ImportColumn| match kind.field(&column.name) {
            Some(field) if column.required => example_of(field),
            _ if column.name == OPENED_ON => EXAMPLE_DAY.to_owned(),
            _ => String::new(),
        };
        let rest = table.columns.iter().skip(1).map(cell);
        Some([EXAMPLE.to_owned()].into_iter().chain(rest).collect())
    }

    /// The wrong rows of an import as they came, each wrong cell marked; rows that stand for records follow as words.
    pub async fn import_workbook(&self, grant: &Grant, id: EntryId) -> Result<Vec<u8>, Fault> {
        let view = self.import(grant, id).await?;
        let problems = self.import_problems(grant, id).await?;
        let mut by_row = BTreeMap::<u32, Vec<_>>::new();
        for problem in problems {
            by_row.entry(problem.row).or_default().push(problem);
        }
        let path = self.import_path(&view.facts.file)?;
        let wanted = by_row.keys().copied().collect();
        let rows = reading::picked(path, view.facts.header_row, wanted).await?;
        let table = self.table_of(view.facts.subject, view.facts.ledger.as_deref())?;
        let label = |name: &Option<String>| table.column(name.as_deref()?).map(|c| c.label.as_ref());
        let labels: Vec<_> = view.facts.columns.iter().map(label).collect();
        let mut sheet = Sheet { name: "有误的行".to_owned(), ..Sheet::default() };
        let mut heads: Vec<_> = view.facts.headings.clone();
        heads.push("错在哪里".to_owned());
        let last = u16::try_from(heads.len() - 1).unwrap_or(u16::MAX);
        sheet.columns =
            heads.into_iter().map(|label| Column { label, width: WIDTH, ..Column::default() }).collect();
        for (place, row) in (0_u32..).zip(&rows) {
            let told = by_row.get(&row.number).map(Vec::as_slice).unwrap_or_default();
            let words: Vec<_> = told.iter().map(|p| format!("{} {}", p.column, p.detail)).collect();
            sheet.rows.push(cells(row, labels.len(), words.join("；")));
            for problem in told {
                let at = labels.iter().position(|l| *l == Some(problem.column.as_str()));
                let at = at.and_then(|at| u16::try_from(at).ok()).unwrap_or(last);
                if !sheet.marks.iter().any(|(r, c, _)| (*r, *c) == (place, at)) {
                    sheet.marks.push((place, at, problem.detail.clone()));
                }
            }
        }
        Ok(self.workbook(&[sheet])?)
    }

    fn column(&self, table: &ImportTable, column: &ImportColumn) -> Column {
        let kind = self.catalog.kind(table.name());
        let field = kind.and_then(|k| k.field(&column.name));
        let mut choices: Vec<String> =
            field.map(|f| f.choices.iter().map(|c| c.label.clone()).collect()).unwrap_or_default();
        if !column.choices.is_empty() {
            choices.clone_from(&column.choices);
        } else if column.name == "key_unit" {
            choices = vec!["是".to_owned(), "否".to_owned()];
        }
        Column {
            label: column.label.to_string(),
            note: Some(column.note.to_string()),
            choices,
            required: column.required,
            width: WIDTH,
        }
    }

    /// What may stand in each column, on a sheet of its own: lists too long for a cell are whole here.
    fn notes(&self, table: &ImportTable) -> Sheet {
        let head = |label: &str, width| Column { label: label.to_owned(), width, ..Column::default() };
        let row = |c: &ImportColumn| {
            let choices = self.column(table, c).choices.join("、");
            let must = if c.required { "新登记时必填" } else { "" };
            vec![c.label.to_string(), must.to_owned(), c.note.to_string(), choices]
        };
        Sheet {
            name: "说明".to_owned(),
            columns: vec![head("列", 18), head("必填", 14), head("怎么填", 50), head("可选", 60)],
            rows: table.columns.iter().map(row).collect(),
            marks: Vec::new(),
        }
    }

    pub(crate) fn workbook(&self, sheets: &[Sheet]) -> Result<Vec<u8>, Refusal> {
        let made = china_day(self.now()).at(0, 0, 0, 0);
        to_workbook(sheets, made).map_err(|error| {
            tracing::error!(%error, "a workbook could not be made");
            Refusal::new(RefusalKind::Unavailable, "workbook.failed", "表格没有生成，请再试一次。")
        })
    }
}

/// What might stand in a field.
fn example_of(field: &Field) -> String {
    let text = match field.kind {
        FieldType::Choice => return field.choices.first().map(|c| c.label.clone()).unwrap_or_default(),
        FieldType::Date => EXAMPLE_DAY,
        FieldType::Instant => "2026-01-05 14:30",
        FieldType::Integer => "1",
        FieldType::Real => "1.5",
        FieldType::Money => "1200.50",
        FieldType::Truth => "是",
        FieldType::Person => "张三",
        FieldType::People => "张三、李四",
        FieldType::Link if field.to.as_deref() == Some(UNIT_FIELD) => "某某有限公司",
        FieldType::Region => "某某镇",
        FieldType::Link | FieldType::Links => "",
        FieldType::Photos | FieldType::Files | FieldType::List | FieldType::Record => "",
        FieldType::Text => return format!("（{}）", field.label),
    };
    text.to_owned()
}

/// A name that a spreadsheet takes for a sheet: at most 31 characters, without those that it forbids.
fn sheet_name(label: &str) -> String {
    let fits = |c: &char| !"[]:*?/\\'".contains(*c);
    label.chars().filter(fits).take(SHEET_NAME_CHARS_MAX).collect()
}

fn cells(row: &Row, width: usize, words: String) -> Vec<String> {
    let text = |place: usize| row.cells.get(place).map(fengsui_sheet::Cell::text).unwrap_or_default();
    (0..width).map(text).chain([words]).collect()
}
