//! Bulk edit (批量修改): the same change for many records at once.
//!
//! The program writes the table that an officer would have sent: a row for each record with what it is known by and
//! what shall stand in it. From there on it is an import like any other: checked first, counted, confirmed, taken in
//! batch by batch, and taken back as a whole.

use super::{ImportDraft, ImportFile, ImportSubject, ImportView};
use crate::entries::field;
use crate::{App, Fault, PointFilter, TerminalFilter, UnitFilter};
use fengsui_access::Grant;
use fengsui_base::{Datum, EntryId, Place, Refusal, RefusalKind, Scope, TerminalId};
use fengsui_ledger::Entry;
use fengsui_sheet::csv_line;
use fengsui_store::{PAGE_MAX, Query};
use serde_json::Value;
use std::collections::BTreeMap;

/// Most records of one bulk edit.
pub const BULK_ROWS_MAX: u64 = 50_000;
/// Most records that may be named one by one.
pub const BULK_NAMED_MAX: usize = 500;

/// What of a unit may be set for many at once.
const UNIT_SETTABLE: &[&str] =
    &["category", "region", "key_unit", "safety_manager", "grid", "sector", "remark"];
/// What of a terminal may be set for many at once.
const TERMINAL_SETTABLE: &[&str] = &[
    "unit_code",
    "profile",
    "maker",
    "model",
    "installed_on",
    "service_life_years",
    "battery_installed_on",
    "report_period_s",
    "remark",
];
/// What of a point may be set for many at once.
const POINT_SETTABLE: &[&str] = &[
    "component_type",
    "building",
    "floor",
    "zone",
    "value_type",
    "low",
    "low_clear",
    "high",
    "high_clear",
    "hysteresis",
    "hold_s",
];

/// Which records a bulk edit is for.
#[derive(Clone, Debug)]
pub enum BulkChoice {
    /// Units, ticked one by one.
    UnitsNamed(Vec<EntryId>),
    /// All units of a filter.
    Units(UnitFilter),
    /// Terminals, ticked one by one.
    TerminalsNamed(Vec<EntryId>),
    /// All terminals of a filter; those that nobody has claimed are left out.
    Terminals(TerminalFilter),
    /// Points, ticked one by one.
    PointsNamed(Vec<EntryId>),
    /// All registered points of a terminal or of a unit.
    Points(PointFilter),
}

impl BulkChoice {
    fn subject(&self) -> ImportSubject {
        match self {
            Self::UnitsNamed(_) | Self::Units(_) => ImportSubject::Unit,
            Self::TerminalsNamed(_) | Self::Terminals(_) => ImportSubject::Terminal,
            Self::PointsNamed(_) | Self::Points(_) => ImportSubject::Point,
        }
    }
}

impl ImportSubject {
    /// What may be set for many records at once.
    pub fn settable(self) -> &'static [&'static str] {
        match self {
            Self::Unit => UNIT_SETTABLE,
            Self::Terminal => TERMINAL_SETTABLE,
            Self::Point => POINT_SETTABLE,
            Self::Ledger => &[],
        }
    }

    /// The columns that a record is known by.
    fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Unit => &["code"],
            Self::Terminal => &["source"],
            Self::Point => &["terminal_source", "system_type", "system_address", "component_address"],
            Self::Ledger => &[],
        }
    }

    fn column_label(self, name: &str) -> &'static str {
        self.columns().iter().find(|c| c.name == name).map_or("", |c| c.label.as_ref())
    }
}

impl App {
    /// Begins a bulk edit: the table is written, and checked in the background; nothing changes before it is
    /// confirmed. `set` has the columns of the import with what shall stand there; what is empty is refused.
    pub async fn create_bulk_edit(
        &self,
        grant: &Grant,
        choice: BulkChoice,
        set: BTreeMap<String, String>,
    ) -> Result<ImportView, Fault> {
        let subject = choice.subject();
        let scope = grant.may(subject.permission())?;
        fits(subject, &set)?;
        let mut file = self.receive_import().await?;
        let labels = subject.keys().iter().copied().chain(set.keys().map(String::as_str));
        file.push(csv_line(labels.map(|name| subject.column_label(name))).as_bytes()).await?;
        let rows = self.write_chosen(&mut file, &scope, choice, &set).await?;
        if rows == 0 {
            let sentence = "没有可以修改的记录：没有勾选，或都不在您的管理范围。";
            return Err(Refusal::new(RefusalKind::Invalid, "bulk.nothing", sentence).into());
        }
        let labels: Vec<_> = set.keys().map(|name| subject.column_label(name)).collect();
        let file_name = format!("批量修改{}的{}", subject.label(), labels.join("、"));
        self.create_import(
            grant,
            ImportDraft { subject, ledger: None, file_name, datum: Datum::Cgcs2000 },
            file,
        )
        .await
    }

    async fn write_chosen(
        &self,
        file: &mut ImportFile,
        scope: &Scope,
        choice: BulkChoice,
        set: &BTreeMap<String, String>,
    ) -> Result<u64, Fault> {
        match choice {
            BulkChoice::UnitsNamed(ids) | BulkChoice::TerminalsNamed(ids) | BulkChoice::PointsNamed(ids)
                if ids.len() > BULK_NAMED_MAX =>
            {
                let sentence = format!("一次最多勾选 {BULK_NAMED_MAX} 条，请改用筛选条件。");
                Err(Refusal::new(RefusalKind::Invalid, "bulk.too_many", sentence).into())
            }
            BulkChoice::UnitsNamed(ids) => self.write_named(file, scope, ImportSubject::Unit, ids, set).await,
            BulkChoice::TerminalsNamed(ids) => {
                self.write_named(file, scope, ImportSubject::Terminal, ids, set).await
            }
            BulkChoice::PointsNamed(ids) => {
                self.write_named(file, scope, ImportSubject::Point, ids, set).await
            }
            BulkChoice::Points(filter) => {
                let query = crate::exports::point_query(scope.clone(), filter);
                self.write_found(file, ImportSubject::Point, query, set).await
            }
            BulkChoice::Units(filter) => {
                let query = self.unit_query(scope.clone(), filter);
                self.write_found(file, ImportSubject::Unit, query, set).await
            }
            BulkChoice::Terminals(filter) if filter.online.is_some() => {
                let sentence = "批量修改不能按在线情况挑选：它随时在变。请先勾选，或换别的筛选条件。";
                Err(Refusal::new(RefusalKind::Invalid, "bulk.by_line", sentence).into())
            }
            BulkChoice::Terminals(filter) => {
                let filter = TerminalFilter { known: Some(true), ..filter };
                let query = crate::terminals::terminal_query(scope.clone(), &filter);
                self.write_found(file, ImportSubject::Terminal, query, set).await
            }
        }
    }

    async fn write_named(
        &self,
        file: &mut ImportFile,
        scope: &Scope,
        subject: ImportSubject,
        ids: Vec<EntryId>,
        set: &BTreeMap<String, String>,
    ) -> Result<u64, Fault> {
        let mut rows = 0;
        for id in ids {
            let entry = self.store.entry(scope, id).await?.filter(|e| e.kind == subject.name());
            if let Some(entry) = entry.filter(|e| matches!(e.state.as_str(), "active" | "registered")) {
                file.push(self.bulk_line(subject, &entry, set).as_bytes()).await?;
                rows += 1;
            }
        }
        Ok(rows)
    }

    async fn write_found(
        &self,
        file: &mut ImportFile,
        subject: ImportSubject,
        query: Query,
        set: &BTreeMap<String, String>,
    ) -> Result<u64, Fault> {
        let mut query = Query { after: None, limit: PAGE_MAX, ..query };
        within_limit(self.store.count(&query).await?)?;
        let mut rows = 0;
        loop {
            let page = self.store.list(&query).await?;
            for entry in &page.items {
                file.push(self.bulk_line(subject, entry, set).as_bytes()).await?;
            }
            rows += page.items.len() as u64;
            match page.next {
                Some(next) if rows < BULK_ROWS_MAX => query.after = Some(next),
                Some(_) | None => return Ok(rows),
            }
        }
    }

    /// The row of a record: what it is known by, and what shall stand there.
    fn bulk_line(&self, subject: ImportSubject, entry: &Entry, set: &BTreeMap<String, String>) -> String {
        let source = field::<EntryId>(entry, "terminal").and_then(|id| self.board.terminal(TerminalId(id)));
        let key = |name: &&str| match (*name, entry.fields.get(*name)) {
            ("terminal_source", _) => {
                source.as_ref().map(|t| t.facts().source.to_string()).unwrap_or_default()
            }
            (_, Some(Value::String(text))) => text.clone(),
            (_, Some(value)) => value.to_string(),
            (_, None) => String::new(),
        };
        let keys: Vec<_> = subject.keys().iter().map(key).collect();
        csv_line(keys.iter().map(String::as_str).chain(set.values().map(|value| value.trim())))
    }
}

fn within_limit(rows: u64) -> Result<(), Refusal> {
    if rows <= BULK_ROWS_MAX {
        return Ok(());
    }
    let sentence = format!("符合条件的有 {rows} 条，一次最多修改 {BULK_ROWS_MAX} 条。请再筛选。");
    Err(Refusal::new(RefusalKind::Invalid, "bulk.too_many", sentence))
}

/// Something is set, everything may be, and nothing is empty: an empty cell would mean no change.
fn fits(subject: ImportSubject, set: &BTreeMap<String, String>) -> Result<(), Refusal> {
    if set.is_empty() {
        return Err(Refusal::invalid(vec![Place::new("/set", "set.empty", "请至少选一项要修改的内容")]));
    }
    let wrong = set
        .iter()
        .find(|(name, value)| !subject.settable().contains(&name.as_str()) || value.trim().is_empty());
    let Some((name, _)) = wrong else { return Ok(()) };
    let label = subject.column_label(name);
    let sentence =
        format!("{}不能成批改成空的，也不能改没有列出的内容", if label.is_empty() { name } else { label });
    Err(Refusal::invalid(vec![Place::new(format!("/set/{name}"), "set.unfit", sentence)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_set_for_many_is_what_the_import_knows() {
        for subject in [ImportSubject::Unit, ImportSubject::Terminal, ImportSubject::Point] {
            assert!(subject.keys().iter().all(|key| !subject.column_label(key).is_empty()));
            for name in subject.settable() {
                assert!(!subject.column_label(name).is_empty(), "{name}");
                assert!(!subject.keys().contains(name));
            }
        }
    }

    #[test]
    fn a_bulk_edit_has_its_limit() {
        assert_eq!(within_limit(BULK_ROWS_MAX), Ok(()));
        assert_eq!(within_limit(BULK_ROWS_MAX + 1).map_err(|r| r.code), Err("bulk.too_many".into()));
    }
}
