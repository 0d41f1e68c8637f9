//! The table of a register or of a ledger: what it is called and which columns it may have. Those of a ledger are drawn from
//! the catalog, so that a ledger that was made this morning has its template, too.

use super::columns::{ImportColumn, ImportSubject};
use crate::App;
use fengsui_access::Grant;
use fengsui_base::Refusal;
use fengsui_catalog::{Field, FieldType, Kind, Move};
use fengsui_ledger::{ARRIVAL_PLACES, UNIT_FIELD};
use fengsui_sheet::{Expected, same_word};
use std::borrow::Cow;

/// Columns of every ledger that are no fields of it; their names cannot be those of a field.
pub(super) const NUMBER: &str = "_number";
pub(super) const SOURCE_SYSTEM: &str = "_source_system";
pub(super) const SOURCE_NUMBER: &str = "_source_number";
pub(super) const UNIT_CODE: &str = "_unit_code";
pub(super) const REGION: &str = "_region";
pub(super) const OPENS: &str = "_opens";
pub(super) const OPENED_ON: &str = ARRIVAL_PLACES[0];
pub(super) const STATE: &str = ARRIVAL_PLACES[1];
pub(super) const CLOSED_ON: &str = ARRIVAL_PLACES[2];

/// A table that may be taken in.
#[derive(Clone, Debug)]
pub struct ImportTable {
    /// Which register; `Ledger` for those of the catalog.
    pub subject: ImportSubject,
    /// The ledger's name, when it is one.
    pub ledger: Option<String>,
    /// What people call it.
    pub label: String,
    /// Its columns, in the order of the template.
    pub columns: Cow<'static, [ImportColumn]>,
}

impl ImportTable {
    /// Stable name: the register's or the ledger's.
    pub fn name(&self) -> &str {
        self.ledger.as_deref().unwrap_or(self.subject.name())
    }

    /// The columns as the head of a table is searched for them.
    pub(super) fn expected(&self) -> Vec<Expected> {
        let words = |c: &ImportColumn| {
            let own = [c.label.as_ref(), c.name.as_ref()].into_iter();
            own.chain(c.words.split(' ')).filter(|w| !w.is_empty()).map(str::to_owned).collect()
        };
        self.columns.iter().map(|c| Expected { name: c.name.to_string(), words: words(c) }).collect()
    }

    /// The column with this name.
    pub(super) fn column(&self, name: &str) -> Option<&ImportColumn> {
        self.columns.iter().find(|c| c.name == name)
    }
}

impl App {
    /// The table with this name: that of a register, or of a ledger that the asker may read.
    pub fn import_table(&self, grant: &Grant, name: &str) -> Result<ImportTable, Refusal> {
        match ImportSubject::named(name) {
            Some(subject) => Ok(register_table(subject)),
            None => Ok(ledger_table(self.ledger(grant, name)?)),
        }
    }

    /// The table that an import reads.
    pub(super) fn table_of(
        &self,
        subject: ImportSubject,
        ledger: Option<&str>,
    ) -> Result<ImportTable, Refusal> {
        match ledger {
            None => Ok(register_table(subject)),
            Some(name) => {
                let kind = self.catalog.kind(name).filter(|k| k.is_ledger());
                Ok(ledger_table(kind.ok_or_else(Refusal::not_found)?))
            }
        }
    }
}

fn register_table(subject: ImportSubject) -> ImportTable {
    let label = subject.label().to_owned();
    ImportTable { subject, ledger: None, label, columns: Cow::Borrowed(subject.columns()) }
}

fn ledger_table(kind: &Kind) -> ImportTable {
    let fields = kind.fields.iter().filter(|f| in_a_cell(f.kind)).map(|f| of_field(kind, f));
    let source = own(
        SOURCE_NUMBER,
        "外部编号",
        "原编号 来源编号 工单编号 工单号",
        "在别的系统或旧台账里的编号；再次导入时按它认出同一条，没有就按整行内容认",
    );
    let fields: Vec<_> = fields.collect();
    // What a field is called is that field's alone.
    let taken = |word: &str| fields.iter().any(|f| same_word(&f.label, word));
    let others = more(kind).into_iter().filter(|c| !taken(&c.label)).map(|c| without(c, &taken));
    let first = without(source, &taken);
    let columns = [first].into_iter().chain(fields.iter().cloned()).chain(others).collect();
    ImportTable {
        subject: ImportSubject::Ledger,
        ledger: Some(kind.name.clone()),
        label: kind.label.clone(),
        columns: Cow::Owned(columns),
    }
}

/// The column without those of its words that are taken.
fn without(column: ImportColumn, taken: &dyn Fn(&str) -> bool) -> ImportColumn {
    let words: Vec<_> = column.words.split(' ').filter(|word| !taken(word)).collect();
    ImportColumn { words: words.join(" ").into(), ..column }
}

fn in_a_cell(kind: FieldType) -> bool {
    !matches!(kind, FieldType::Photos | FieldType::Files | FieldType::List | FieldType::Record)
}

fn own(name: &'static str, label: &'static str, words: &'static str, note: &'static str) -> ImportColumn {
    ImportColumn {
        name: name.into(),
        label: label.into(),
        words: words.into(),
        required: false,
        note: note.into(),
        choices: Vec::new(),
    }
}

/// What every ledger's table may have beside its fields.
fn more(kind: &Kind) -> Vec<ImportColumn> {
    let choices = |column: ImportColumn, choices: Vec<String>| ImportColumn { choices, ..column };
    let system = own(SOURCE_SYSTEM, "来源系统", "数据来源系统", "外部编号是哪个系统的，如 12345 平台");
    let number =
        own(NUMBER, "编号", "台账编号", "从本系统导出的编号，改好再导入时按它认出原来的记录；新记录不填");
    let unit = own(UNIT_CODE, "单位编号", "单位编码 单位代码", "两家单位同名时填，按它认单位");
    let region = own(
        REGION,
        "辖区代码",
        "辖区 所在乡镇 乡镇 乡镇街道 街道 村居 行政区划",
        "不属于哪家单位的记录填：乡镇或村居的名称，或十二位代码",
    );
    let lng = own("lng", "经度", "东经 longitude", "度，如 117.25036；坐标系在上传时选定");
    let lat = own("lat", "纬度", "北纬 latitude", "度，如 29.50012");
    let opened = own(
        OPENED_ON,
        "登记日期",
        "登记时间 录入日期 立案日期",
        "不填即今天；期限从这一天算，早已过期的导入后就是逾期",
    );
    let state =
        own(STATE, "状态", "办理状态 办结状态 整改状态", "不填即刚登记；填办结的状态，须同时填办结日期");
    let closed = own(CLOSED_ON, "办结日期", "办结时间 销号日期", "只有已经办结的填");
    let openings: Vec<_> = kind.openings().map(|m| m.label.clone()).collect();
    let opens = own(OPENS, "登记方式", "", "这本台账有几种登记方式，不填即第一种");
    let states = kind.states.iter().map(|s| s.label.clone()).collect();
    let with_unit = kind.field(UNIT_FIELD).map(|_| unit);
    let several = (openings.len() > 1).then(|| choices(opens, openings));
    let first = [Some(system), Some(number), with_unit, Some(region), Some(lng), Some(lat), several];
    let standing = [Some(opened), Some(choices(state, states)), Some(closed)];
    first.into_iter().chain(standing).flatten().collect()
}

fn of_field(kind: &Kind, field: &Field) -> ImportColumn {
    let asked = |mv: &Move| mv.asked().any(|(name, must)| must && name == field.name);
    let choices = match field.kind {
        FieldType::Truth => vec!["是".to_owned(), "否".to_owned()],
        _ => field.choices.iter().map(|c| c.label.clone()).collect(),
    };
    ImportColumn {
        name: field.name.clone().into(),
        label: field.label.clone().into(),
        words: "".into(),
        required: field.required || kind.openings().next().is_some_and(asked),
        note: note(field).into(),
        choices,
    }
}

/// What may stand in the column of a field.
fn note(field: &Field) -> String {
    let unit = field.unit.as_deref().unwrap_or_default();
    let how = match field.kind {
        FieldType::Text => format!("最多 {} 个字", field.max_chars.unwrap_or(200)),
        FieldType::Integer => format!("整数 {unit}"),
        FieldType::Real => format!("数字 {unit}"),
        FieldType::Money => "元，如 1200.50；也可写 1.2万元".to_owned(),
        FieldType::Truth => "是 或 否".to_owned(),
        FieldType::Choice => "从所列中选一个".to_owned(),
        FieldType::Date => "如 2025-10-03，2025年10月3日、2025.10.3 也认得".to_owned(),
        FieldType::Instant => "如 2025-10-03 14:30".to_owned(),
        FieldType::Link if field.to.as_deref() == Some(UNIT_FIELD) => "单位的名称或编号，须已登记".to_owned(),
        FieldType::Link => "那一条的编号，或它的外部编号".to_owned(),
        FieldType::Links => "几条的编号，用、隔开".to_owned(),
        FieldType::Person => "姓名或账号".to_owned(),
        FieldType::People => "姓名或账号，几个人用、隔开".to_owned(),
        FieldType::Region => "乡镇或村居的名称，或十二位代码".to_owned(),
        FieldType::Photos | FieldType::Files | FieldType::List | FieldType::Record => String::new(),
    };
    match &field.help {
        Some(help) => format!("{}；{help}", how.trim_end()),
        None => how.trim_end().to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop where it stands")]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn alone(table: &ImportTable) {
        let mut seen = HashSet::new();
        for column in table.expected() {
            let words: HashSet<_> = column.words.into_iter().collect();
            for word in words {
                assert!(seen.insert(word.clone()), "{word} in {}", table.label);
            }
        }
    }

    #[test]
    fn no_word_means_two_columns_of_a_table() {
        for subject in [ImportSubject::Unit, ImportSubject::Terminal, ImportSubject::Point] {
            alone(&register_table(subject));
        }
        for kind in crate::kit::catalog().ledgers() {
            alone(&ledger_table(kind));
        }
    }

    #[test]
    fn every_ledger_has_its_table_with_its_title_and_what_it_must_have() {
        for kind in crate::kit::catalog().ledgers() {
            let table = ledger_table(kind);
            let title = &kind.office.as_ref().unwrap().title;
            assert!(table.column(title).is_some_and(|c| c.required), "{}", kind.name);
            assert!(
                table.column(STATE).is_some_and(|c| c.choices.len() == kind.states.len()),
                "{}",
                kind.name
            );
            assert!(table.columns.iter().all(|c| !c.note.is_empty()), "{}", kind.name);
        }
    }
}
