//! Registers arrive as spreadsheets and change by the thousand (数据导入): a table is uploaded, its columns are matched,
//! it is checked against the register without touching it, and then taken in batch by batch, to be undone as a whole.
//!
//! An import is an entry; a reconciler does the work and writes how far it is in the same change as each batch, so
//! that a stop loses nothing and doubles nothing. What a batch overwrote stands in an entry of its own.

mod books;
mod bulk;
mod columns;
mod draft;
mod entries;
mod files;
mod known;
mod plan;
mod reading;
mod report;
mod returned;
mod tables;
mod undo;
mod work;

pub use bulk::{BULK_NAMED_MAX, BULK_ROWS_MAX, BulkChoice};
pub use columns::{ImportColumn, ImportSubject};
pub use draft::RowProblem;
pub(crate) use draft::limit_cells;
pub use files::{CSV_BYTES_MAX, ImportFile, WORKBOOK_BYTES_MAX};
pub(crate) use plan::CONTACT_ROLE;
pub use reading::{COLUMNS_MAX, IMPORT_ROWS_MAX};
pub use report::PROBLEMS_KEPT_MAX;
pub use tables::ImportTable;

use crate::changes::Said;
use crate::committer::Settled;
use crate::{App, Fault};
use draft::Ground;
use fengsui_access::Grant;
use fengsui_base::{Actor, Datum, EntryId, Officer, Refusal, RefusalKind, RegionCode, Scope};
use fengsui_catalog::Permission;
use fengsui_ledger::Entry;
use fengsui_store::{ChangeSet, Cursor, Direction, KeyWrite, Numbering, Page, Query, Sort};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// How many rows a check found or an import wrote, by what became of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ImportCounts {
    /// Rows with something in them, the head aside.
    pub rows: u64,
    /// Not registered before.
    pub new: u64,
    /// Registered and different.
    pub changed: u64,
    /// Registered and the same: nothing is written.
    pub unchanged: u64,
    /// Not taken in, with the reason.
    pub wrong: u64,
    /// Of the changed ones, how many move by 100 to 2,000 m: as if the datum were another.
    pub moved: u64,
}

/// What an import's entry holds.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ImportFacts {
    /// Which register.
    pub subject: ImportSubject,
    /// Which ledger, for `Ledger`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger: Option<String>,
    /// What the file was called.
    pub file_name: String,
    /// SHA-256 of the file in hexadecimal digits, by which it is kept.
    pub file: String,
    /// Its size.
    pub size_bytes: u64,
    /// What its positions are counted in.
    pub datum: Datum,
    /// Row of its head.
    pub header_row: u32,
    /// What its columns are called.
    pub headings: Vec<String>,
    /// Which column of the register each is.
    pub columns: Vec<Option<String>>,
    /// What the check found.
    pub checked: ImportCounts,
    /// What was written.
    pub stored: ImportCounts,
    /// Goes up whenever the work starts anew.
    pub run: u32,
    /// Batches written.
    pub batches: u32,
    /// Records taken back.
    pub undone: u64,
    /// Records that were changed since and stay.
    pub kept: u64,
    /// Who answers for it.
    pub officer: Officer,
    /// Where that person may write.
    pub scope: Scope,
    /// The list of what is wrong.
    pub report: Option<EntryId>,
    /// Why it could not go on.
    pub failure: Option<String>,
}

/// An import with what its page shows.
#[derive(Clone, PartialEq, Debug)]
pub struct ImportView {
    /// The entry.
    pub entry: Entry,
    /// What it holds.
    pub facts: ImportFacts,
}

/// How a table is to be read.
pub struct ImportDraft {
    /// Which register.
    pub subject: ImportSubject,
    /// Which ledger, for `Ledger`.
    pub ledger: Option<String>,
    /// What the file was called.
    pub file_name: String,
    /// What its positions are counted in.
    pub datum: Datum,
}

/// Longest file name kept, in characters.
const FILE_NAME_CHARS_MAX: usize = 120;

/// What the application keeps for imports beside the store.
#[derive(Default)]
pub(crate) struct Imports {
    folder: std::sync::OnceLock<std::path::PathBuf>,
    extent: std::sync::OnceLock<[f64; 4]>,
    active: tokio::sync::Mutex<Option<work::Active>>,
}

impl ImportView {
    /// The import in an entry, when it is one.
    pub fn of(entry: Entry) -> Option<Self> {
        let facts = serde_json::from_value(serde_json::Value::Object(entry.fields.clone())).ok()?;
        Some(Self { entry, facts })
    }

    /// The entry with these facts and this state, as its next version.
    pub(crate) fn next(&self, state: &str, facts: &ImportFacts) -> Entry {
        let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(facts) else {
            return self.entry.clone();
        };
        Entry { state: state.to_owned(), fields, version: self.entry.version + 1, ..self.entry.clone() }
    }
}

impl ImportFacts {
    /// Stable name of the table: the register's or the ledger's.
    pub fn name(&self) -> &str {
        self.ledger.as_deref().unwrap_or(self.subject.name())
    }
}

impl ImportSubject {
    /// What somebody needs who takes such a register in.
    pub fn permission(self) -> Permission {
        match self {
            Self::Unit => Permission::UnitWrite,
            Self::Terminal | Self::Point => Permission::TerminalWrite,
            Self::Ledger => Permission::LedgerUse,
        }
    }
}

impl App {
    /// Tells where positions of this county lie: west, south, east, north in degrees.
    pub fn set_extent(&self, extent: [f64; 4]) {
        let _ = self.imports.extent.set(extent);
    }

    /// A page of imports, newest first.
    pub async fn imports(&self, grant: &Grant, after: Option<Cursor>, limit: u16) -> Result<Page, Fault> {
        let mut query = Query::newest("import", import_scope(grant)?);
        (query.sort, query.direction) = (Sort::Opened, Direction::Descending);
        (query.after, query.limit) = (after, limit);
        Ok(self.store.list(&query).await?)
    }

    /// One import.
    pub async fn import(&self, grant: &Grant, id: EntryId) -> Result<ImportView, Fault> {
        let scope = import_scope(grant);
        let entry = match &scope {
            Ok(scope) => self.store.entry(scope, id).await?,
            // Whoever takes in no registers sees her own imports into ledgers, and no others.
            Err(_) => self.own_import(grant, id).await?,
        };
        let view = entry.filter(|e| e.kind == "import").and_then(ImportView::of);
        let seen = view.filter(|view| match &view.facts.ledger {
            Some(ledger) => self.ledger(grant, ledger).is_ok(),
            None => true,
        });
        match (seen, scope) {
            (Some(view), _) => Ok(view),
            (None, Ok(_)) => Err(Refusal::not_found().into()),
            (None, Err(denied)) => Err(denied.into()),
        }
    }

    async fn own_import(&self, grant: &Grant, id: EntryId) -> Result<Option<Entry>, Fault> {
        // Her own wherever it lies: a post that is held for units has no region.
        let entry = self.store.entry(&Scope::everything(), id).await?;
        Ok(entry.filter(|entry| entry.owner == Some(grant.account().into())))
    }

    /// A page of the asker's own imports into a ledger, newest first.
    pub async fn own_imports(
        &self,
        grant: &Grant,
        ledger: &str,
        after: Option<Cursor>,
        limit: u16,
    ) -> Result<Page, Fault> {
        let kind = self.ledger(grant, ledger)?;
        let mut query = Query::newest("import", Scope::everything());
        let own = fengsui_store::Filter::Owner(grant.account().into());
        query.filters = vec![own, crate::entries::text_is("ledger", kind.name.clone())];
        (query.after, query.limit) = (after, limit);
        Ok(self.store.list(&query).await?)
    }

    /// Begins an import with an uploaded file: its head is read at once, its rows are checked in the background.
    pub async fn create_import(
        &self,
        grant: &Grant,
        draft: ImportDraft,
        file: ImportFile,
    ) -> Result<ImportView, Fault> {
        let scope = self.importing(grant, draft.subject, draft.ledger.as_deref())?;
        let table = self.table_of(draft.subject, draft.ledger.as_deref())?;
        let (digest, size_bytes) = file.finish().await?;
        let header = reading::header(self.import_path(&digest)?, table.clone(), size_bytes).await?;
        let columns = self.matched_before(&table, &header).await?.unwrap_or(header.names);
        let facts = ImportFacts {
            subject: draft.subject,
            ledger: draft.ledger,
            file_name: draft.file_name.chars().take(FILE_NAME_CHARS_MAX).collect(),
            file: digest,
            size_bytes,
            datum: draft.datum,
            header_row: header.row,
            headings: header.texts,
            columns,
            checked: ImportCounts::default(),
            stored: ImportCounts::default(),
            run: 1,
            batches: 0,
            undone: 0,
            kept: 0,
            officer: grant.officer().clone(),
            scope,
            report: None,
            failure: None,
        };
        self.new_import(grant, facts).await
    }

    async fn new_import(&self, grant: &Grant, facts: ImportFacts) -> Result<ImportView, Fault> {
        let region = own_region(grant, facts.subject.permission()).unwrap_or(self.node.region);
        let decide = |_| {
            let mut change = ChangeSet::new(self.now());
            let fresh = self.fresh("import", region, &facts.file_name, Default::default(), change.at);
            let owner = facts.ledger.is_some().then(|| grant.account().into());
            let first = ImportView { entry: Entry { version: 0, owner, ..fresh }, facts: facts.clone() };
            let entry = first.next("checking", &facts);
            let text = format!("上传{}表格 {}，检查后导入", self.table_label(&facts), facts.file_name);
            let said = Said::new("import.uploaded", text, "操作").with("sha256", facts.file.as_str());
            let actor = Actor::Officer(facts.officer.clone());
            change.journal.push(self.line_on(&entry, change.at, &actor, said));
            change.keys.push(KeyWrite::Take(files::file_key(&facts.file), entry.id));
            change.entries.push(self.write(entry.clone(), Numbering::Keep));
            std::future::ready(Ok((change, entry)))
        };
        match self.settle(true, decide).await? {
            Settled::Now(entry, _) => Ok(ImportView { entry, facts: facts.clone() }),
            Settled::Before(_) => Err(Refusal::not_found().into()),
        }
    }

    /// Says anew which column is which, or what the positions are counted in; the check starts again.
    pub async fn match_import(
        &self,
        grant: &Grant,
        id: EntryId,
        columns: Vec<Option<String>>,
        datum: Datum,
    ) -> Result<ImportView, Fault> {
        self.step_import(grant, id, &["checking", "checked", "failed"], "checking", |facts| {
            let table = self.table_of(facts.subject, facts.ledger.as_deref())?;
            fitting(&table, &columns, facts.headings.len())?;
            (facts.columns, facts.datum) = (columns.clone(), datum);
            (facts.checked, facts.failure) = (ImportCounts::default(), None);
            Ok(("import.matched", "重新对照列，再次检查".to_owned()))
        })
        .await
    }

    /// Takes in what the check found good.
    pub async fn confirm_import(&self, grant: &Grant, id: EntryId) -> Result<ImportView, Fault> {
        self.step_import(grant, id, &["checked"], "running", |facts| {
            let (new, changed) = (facts.checked.new, facts.checked.changed);
            if new + changed == 0 {
                let sentence = "没有要写入的行：都与登记一致，或都有错。请改好再上传。";
                return Err(Refusal::new(RefusalKind::Conflict, "import.nothing", sentence));
            }
            Ok(("import.confirmed", format!("确认导入：新增 {new} 条，修改 {changed} 条")))
        })
        .await
    }

    /// Takes back everything that an import wrote and nobody has changed since.
    pub async fn undo_import(&self, grant: &Grant, id: EntryId) -> Result<ImportView, Fault> {
        self.step_import(grant, id, &["done", "failed"], "undoing", |facts| {
            if facts.batches == 0 {
                let sentence = "这次导入什么也没有写入，不必撤销。";
                return Err(Refusal::new(RefusalKind::Conflict, "import.nothing", sentence));
            }
            (facts.undone, facts.kept, facts.failure) = (0, 0, None);
            Ok(("import.undoing", "撤销整次导入".to_owned()))
        })
        .await
    }

    /// Gives up an import that has written nothing.
    pub async fn cancel_import(&self, grant: &Grant, id: EntryId) -> Result<ImportView, Fault> {
        self.step_import(grant, id, &["checking", "checked"], "cancelled", |_| {
            Ok(("import.cancelled", "作废，没有写入".to_owned()))
        })
        .await
    }

    async fn step_import(
        &self,
        grant: &Grant,
        id: EntryId,
        from: &[&str],
        to: &str,
        step: impl Fn(&mut ImportFacts) -> Result<(&'static str, String), Refusal>,
    ) -> Result<ImportView, Fault> {
        let step = &step;
        let decide = |_| async move {
            let view = self.import(grant, id).await?;
            let scope = self.importing(grant, view.facts.subject, view.facts.ledger.as_deref())?;
            if !from.contains(&view.entry.state.as_str()) {
                return Err(not_now(self, &view.entry).into());
            }
            let mut facts = view.facts.clone();
            let (verb, text) = step(&mut facts)?;
            facts.run += 1;
            (facts.officer, facts.scope) = (grant.officer().clone(), scope);
            let entry = view.next(to, &facts);
            let mut change = ChangeSet::new(self.now());
            let actor = Actor::Officer(grant.officer().clone());
            change.journal.push(self.line_on(&entry, change.at, &actor, Said::new(verb, text, "操作")));
            // What somebody has matched by hand is known when such a table comes again.
            let matched = (verb == "import.matched").then(|| match_key(&facts.headings, facts.name()));
            change.keys.extend(matched.map(|key| KeyWrite::Take(key, id)));
            change.entries.push(self.write(entry.clone(), Numbering::Keep));
            Ok((change, ImportView { entry, facts }))
        };
        match self.settle(true, decide).await? {
            Settled::Now(view, _) => Ok(view),
            Settled::Before(_) => Err(Refusal::not_found().into()),
        }
    }

    /// What the rows of an import are read by.
    pub(crate) fn ground(&self, facts: &ImportFacts) -> Result<Ground, Refusal> {
        let mut regions = HashMap::<String, Vec<RegionCode>>::new();
        for region in self.board.regions() {
            regions.entry(region.code.to_string()).or_default().push(region.code);
            regions.entry(region.name).or_default().push(region.code);
        }
        let table = self.table_of(facts.subject, facts.ledger.as_deref())?;
        let kind = self.catalog.kind(table.name()).ok_or_else(Refusal::not_found)?;
        Ok(Ground {
            table,
            kind: kind.clone(),
            headings: facts.headings.clone(),
            columns: facts.columns.clone(),
            regions,
            scope: facts.scope.clone(),
            datum: facts.datum,
            extent: self.imports.extent.get().copied(),
        })
    }

    /// Where somebody may take such a table in: for a ledger wherever one of her posts opens entries.
    fn importing(
        &self,
        grant: &Grant,
        subject: ImportSubject,
        ledger: Option<&str>,
    ) -> Result<Scope, Refusal> {
        let scope = grant.may(subject.permission())?;
        let Some(name) = ledger else { return Ok(scope) };
        let kind = self.ledger(grant, name)?;
        let posts: Vec<_> = kind.openings().flat_map(|m| m.by.iter().cloned()).collect();
        let opening = grant.scope_of_posts(&posts);
        if opening.is_empty() {
            let sentence = format!("“{}”由能登记它的岗位导入，您没有这样的岗位。", kind.label);
            return Err(Refusal::new(RefusalKind::Forbidden, "import.post", sentence));
        }
        Ok(opening)
    }

    /// Whether somebody may take such a table in at all, asked before a byte of it is.
    pub fn may_import(&self, grant: &Grant, table: &ImportTable) -> Result<(), Refusal> {
        self.importing(grant, table.subject, table.ledger.as_deref()).map(drop)
    }

    /// Labels of the columns that a new record must have and that `given` does not name.
    pub fn import_missing(&self, facts: &ImportFacts, given: &dyn Fn(&str) -> bool) -> Vec<String> {
        let Ok(table) = self.table_of(facts.subject, facts.ledger.as_deref()) else { return Vec::new() };
        let missing = table.columns.iter().filter(|c| c.required && !given(&c.name));
        missing.map(|c| c.label.to_string()).collect()
    }

    /// What people call the table of an import.
    pub fn table_label(&self, facts: &ImportFacts) -> String {
        let table = self.table_of(facts.subject, facts.ledger.as_deref());
        table.map_or_else(|_| facts.name().to_owned(), |table| table.label)
    }

    /// How somebody matched a table with these headings the last time.
    async fn matched_before(
        &self,
        table: &ImportTable,
        header: &fengsui_sheet::Header,
    ) -> Result<Option<Vec<Option<String>>>, Fault> {
        let key = match_key(&header.texts, table.name());
        let Some(id) = self.store.key(&key).await? else { return Ok(None) };
        let view = self.store.entry(&Scope::everything(), id).await?.and_then(ImportView::of);
        let columns = view.map(|view| view.facts.columns);
        Ok(columns.filter(|columns| fitting(table, columns, header.texts.len()).is_ok()))
    }
}

/// The key under which the last matching of a table with such headings is found.
fn match_key(headings: &[String], name: &str) -> String {
    use sha2::{Digest, Sha256};
    format!("import/match/{name}/{}", hex::encode(&Sha256::digest(headings.join("\u{1f}"))[..16]))
}

/// Where somebody may take registers in.
fn import_scope(grant: &Grant) -> Result<Scope, Refusal> {
    let both = [Permission::UnitWrite, Permission::TerminalWrite].map(|p| grant.scope(p));
    let scope = Scope::of(both.iter().flat_map(|s| s.ranges().iter().cloned()));
    if scope.is_empty() { grant.may(Permission::UnitWrite) } else { Ok(scope) }
}

fn own_region(grant: &Grant, permission: Permission) -> Option<RegionCode> {
    let scope = grant.scope(permission);
    grant.powers().iter().map(|p| p.region.code).find(|code| scope.contains(*code))
}

/// Each column of the register at most once, and none that it does not have.
fn fitting(table: &ImportTable, columns: &[Option<String>], headings: usize) -> Result<(), Refusal> {
    let known = |name: &str| table.column(name).is_some();
    let mut seen = Vec::new();
    for name in columns.iter().flatten() {
        if !known(name) || seen.contains(&name) {
            let place = fengsui_base::Place::new("/columns", "columns.unfit", "同一项只能对一列，请重新对照");
            return Err(Refusal::invalid(vec![place]));
        }
        seen.push(name);
    }
    if columns.len() == headings {
        return Ok(());
    }
    let place = fengsui_base::Place::new("/columns", "columns.count", "列数与文件不符，请刷新后重新对照");
    Err(Refusal::invalid(vec![place]))
}

fn not_now(app: &App, entry: &Entry) -> Refusal {
    let label = app.catalog.kind("import").map_or("", |k| k.state_label(&entry.state));
    let sentence = format!("这次导入现在是“{label}”，不能这样做。请刷新后再看。");
    Refusal::new(RefusalKind::Conflict, "import.not_now", sentence).with("state", entry.state.as_str())
}
