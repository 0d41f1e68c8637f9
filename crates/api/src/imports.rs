//! `/imports`: registers that arrive as tables, from the upload to the undoing.

use crate::Api;
use crate::exports::{PointExportParameters, WORKBOOK};
use crate::gate::Caller;
use crate::page::{self, Body, ChoiceView, InPath, Parameters, PersonRef};
use crate::problem::{Denied, Problem};
use crate::terminals::TerminalParameters;
use crate::units::UnitParameters;
use axum::Json;
use axum::body::Body as RawBody;
use axum::extract::{Query, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::IntoResponse;
use fengsui_app::{
    App, BulkChoice, ImportCounts, ImportDraft, ImportSubject, ImportTable, ImportView, RowProblem,
};
use fengsui_base::{Datum, Place, Refusal};
use futures::StreamExt;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// An import.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImportItem {
    id: String,
    subject: String,
    subject_label: String,
    file_name: String,
    size_bytes: u64,
    datum: String,
    state: String,
    state_label: String,
    uploaded_at: String,
    closed_at: Option<String>,
    officer: PersonRef,
    header_row: u32,
    columns: Vec<ImportMatch>,
    /// What a new record must have and no column gives.
    missing: Vec<String>,
    checked: ImportTally,
    stored: ImportTally,
    undone: u64,
    kept: u64,
    failure: Option<String>,
}

/// A column of the file and what it is.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImportMatch {
    heading: String,
    column: Option<String>,
}

/// Rows by what became of them.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImportTally {
    rows: u64,
    new: u64,
    changed: u64,
    unchanged: u64,
    wrong: u64,
    /// Of the changed ones, how many move by as much as a wrong datum does.
    moved: u64,
}

/// A page of imports.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImportList {
    items: Vec<ImportItem>,
    next: Option<String>,
}

/// Something wrong in a row.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImportProblem {
    row: u32,
    column: String,
    value: String,
    code: String,
    detail: String,
}

/// What is wrong in a table, up to a limit.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImportProblems {
    items: Vec<ImportProblem>,
    /// At most so many are kept; the rest is counted in the import.
    kept_max: usize,
}

/// A column that a table may have.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImportColumnView {
    name: String,
    label: String,
    required: bool,
    note: String,
    /// Whether it may be set for many records at once.
    settable: bool,
    choices: Vec<ChoiceView>,
}

/// The columns of a register.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImportColumns {
    items: Vec<ImportColumnView>,
}

/// How an uploaded table is to be read.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct UploadParameters {
    /// unit, terminal or point; or a ledger by its name.
    subject: String,
    /// cgcs2000 (WGS 84 too), gcj02 or bd09.
    datum: Option<String>,
    /// What the file is called.
    name: Option<String>,
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ImportParameters {
    /// A ledger by its name: the caller's own imports into it; absent for all imports into registers and ledgers.
    subject: Option<String>,
    cursor: Option<String>,
    limit: Option<u16>,
}

/// Which column is which.
#[derive(Deserialize, ToSchema)]
pub(crate) struct MatchForm {
    /// For each column of the file its name in the register, or null.
    columns: Vec<Option<String>>,
    datum: String,
}

impl ImportTally {
    fn of(counts: ImportCounts) -> Self {
        let ImportCounts { rows, new, changed, unchanged, wrong, moved } = counts;
        Self { rows, new, changed, unchanged, wrong, moved }
    }
}

impl ImportItem {
    fn of(app: &App, view: ImportView) -> Self {
        let ImportView { entry, facts } = view;
        let given = |name: &str| facts.columns.iter().flatten().any(|c| c == name);
        let missing = app.import_missing(&facts, &given);
        let progress = (entry.state == "checking").then(|| app.import_progress(entry.id)).flatten();
        let label = app.catalog().kind("import").map(|k| k.state_label(&entry.state).to_owned());
        let columns = facts.headings.iter().cloned().zip(facts.columns.iter().cloned());
        Self {
            id: entry.id.to_string(),
            subject: facts.name().to_owned(),
            subject_label: app.table_label(&facts),
            file_name: facts.file_name,
            size_bytes: facts.size_bytes,
            datum: datum_name(facts.datum).to_owned(),
            state_label: label.unwrap_or_default(),
            state: entry.state,
            uploaded_at: entry.opened_at.to_string(),
            closed_at: entry.closed_at.map(|at| at.to_string()),
            officer: PersonRef::of(&facts.officer),
            header_row: facts.header_row,
            missing,
            columns: columns.map(|(heading, column)| ImportMatch { heading, column }).collect(),
            checked: ImportTally::of(progress.unwrap_or(facts.checked)),
            stored: ImportTally::of(facts.stored),
            undone: facts.undone,
            kept: facts.kept,
            failure: facts.failure,
        }
    }
}

fn datum_name(datum: Datum) -> &'static str {
    match datum {
        Datum::Cgcs2000 => "cgcs2000",
        Datum::Gcj02 => "gcj02",
        Datum::Bd09 => "bd09",
    }
}

fn datum(name: &str) -> Result<Datum, Refusal> {
    [Datum::Cgcs2000, Datum::Gcj02, Datum::Bd09].into_iter().find(|d| datum_name(*d) == name).ok_or_else(
        || page::bad("/datum", "datum.unknown", "请选择坐标系：CGCS2000（WGS 84）、GCJ-02 或 BD-09"),
    )
}

/// The table of a register or of a ledger that the caller may read.
fn table(app: &App, caller: &Caller, name: &str) -> Result<ImportTable, Refusal> {
    let ledger = app.catalog().kind(name).is_some_and(|kind| kind.is_ledger());
    if !ledger {
        subject(name)?;
    }
    app.import_table(caller.grant(), name)
}

fn subject(name: &str) -> Result<ImportSubject, Refusal> {
    ImportSubject::named(name).ok_or_else(unknown)
}

fn unknown() -> Refusal {
    let place = Place::new("/subject", "subject.unknown", "请选择名册：单位、终端、点位，或一本台账");
    Refusal::invalid(vec![place])
}

/// A page of imports, newest first.
#[utoipa::path(get, path = "/imports", tag = "imports", params(ImportParameters), responses((status = 200, body = ImportList), (status = 403, body = Problem)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Parameters(p): Parameters<ImportParameters>,
) -> Result<Json<ImportList>, Denied> {
    let after = page::cursor(p.cursor.as_deref())?;
    let (grant, limit) = (caller.grant(), page::limit(p.limit));
    let found = match &p.subject {
        Some(ledger) => api.app.own_imports(grant, ledger, after, limit).await?,
        None => api.app.imports(grant, after, limit).await?,
    };
    let next = found.next.as_ref().map(page::cursor_text);
    let items = found.items.into_iter().filter_map(ImportView::of).map(|v| ImportItem::of(&api.app, v));
    Ok(Json(ImportList { items: items.collect(), next }))
}

/// Uploads a table as it is; it is checked in the background and writes nothing before it is confirmed.
#[utoipa::path(post, path = "/imports", tag = "imports", params(UploadParameters), request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses((status = 201, body = ImportItem), (status = 422, body = Problem)))]
pub(crate) async fn upload(
    State(api): State<Api>,
    caller: Caller,
    Parameters(p): Parameters<UploadParameters>,
    body: RawBody,
) -> Result<impl IntoResponse, Denied> {
    let table = table(&api.app, &caller, &p.subject)?;
    // Asked before a byte is taken in.
    api.app.may_import(caller.grant(), &table)?;
    let datum = p.datum.as_deref().map_or(Ok(Datum::default()), datum)?;
    let mut file = api.app.receive_import().await?;
    let mut stream = body.into_data_stream();
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(|_| page::bad("/file", "file.cut", "文件没有传完整，请再上传一次"))?;
        file.push(&piece).await?;
    }
    let file_name = p.name.filter(|n| !n.trim().is_empty()).unwrap_or_else(|| table.label.clone());
    let ImportTable { subject, ledger, .. } = table;
    let draft = ImportDraft { subject, ledger, file_name, datum };
    let made = api.app.create_import(caller.grant(), draft, file).await?;
    Ok((StatusCode::CREATED, Json(ImportItem::of(&api.app, made))))
}

/// One import.
#[utoipa::path(get, path = "/imports/{id}", tag = "imports", params(("id" = String, Path)), responses((status = 200, body = ImportItem), (status = 404, body = Problem)))]
pub(crate) async fn one(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<Json<ImportItem>, Denied> {
    Ok(Json(ImportItem::of(&api.app, api.app.import(caller.grant(), id).await?)))
}

/// What is wrong in its rows.
#[utoipa::path(get, path = "/imports/{id}/problems", tag = "imports", params(("id" = String, Path)), responses((status = 200, body = ImportProblems), (status = 404, body = Problem)))]
pub(crate) async fn problems(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<Json<ImportProblems>, Denied> {
    let found = api.app.import_problems(caller.grant(), id).await?;
    let item = |p: RowProblem| {
        let RowProblem { row, column, value, code, detail } = p;
        ImportProblem { row, column, value, code, detail }
    };
    let items = found.into_iter().map(item).collect();
    Ok(Json(ImportProblems { items, kept_max: fengsui_app::PROBLEMS_KEPT_MAX }))
}

/// The wrong rows as a workbook, each wrong cell marked with its remedy: to be mended and uploaded again.
#[utoipa::path(get, path = "/imports/{id}/workbook", tag = "imports", params(("id" = String, Path)), responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>), (status = 404, body = Problem)))]
pub(crate) async fn workbook(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<impl IntoResponse, Denied> {
    let bytes = api.app.import_workbook(caller.grant(), id).await?;
    Ok((download("errors.xlsx"), bytes))
}

/// Says which column is which; the check starts again.
#[utoipa::path(post, path = "/imports/{id}/columns", tag = "imports", params(("id" = String, Path)), request_body = MatchForm, responses((status = 200, body = ImportItem), (status = 409, body = Problem)))]
pub(crate) async fn columns(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    Body(form): Body<MatchForm>,
) -> Result<Json<ImportItem>, Denied> {
    let datum = datum(&form.datum)?;
    let view = api.app.match_import(caller.grant(), id, form.columns, datum).await?;
    Ok(Json(ImportItem::of(&api.app, view)))
}

/// Takes in what the check found good.
#[utoipa::path(post, path = "/imports/{id}/confirm", tag = "imports", params(("id" = String, Path)), responses((status = 200, body = ImportItem), (status = 409, body = Problem)))]
pub(crate) async fn confirm(api: State<Api>, caller: Caller, id: InPath) -> Result<Json<ImportItem>, Denied> {
    let view = api.app.confirm_import(caller.grant(), id.0).await?;
    Ok(Json(ImportItem::of(&api.app, view)))
}

/// Takes everything back that it wrote.
#[utoipa::path(post, path = "/imports/{id}/undo", tag = "imports", params(("id" = String, Path)), responses((status = 200, body = ImportItem), (status = 409, body = Problem)))]
pub(crate) async fn undo(api: State<Api>, caller: Caller, id: InPath) -> Result<Json<ImportItem>, Denied> {
    let view = api.app.undo_import(caller.grant(), id.0).await?;
    Ok(Json(ImportItem::of(&api.app, view)))
}

/// Gives it up before anything is written.
#[utoipa::path(post, path = "/imports/{id}/cancel", tag = "imports", params(("id" = String, Path)), responses((status = 200, body = ImportItem), (status = 409, body = Problem)))]
pub(crate) async fn cancel(api: State<Api>, caller: Caller, id: InPath) -> Result<Json<ImportItem>, Denied> {
    let view = api.app.cancel_import(caller.grant(), id.0).await?;
    Ok(Json(ImportItem::of(&api.app, view)))
}

/// The same change for many records: those named, or else all that the list's filters show.
#[derive(Deserialize, ToSchema)]
pub(crate) struct BulkForm {
    /// unit, terminal or point.
    subject: String,
    /// Ids, one by one; absent for the filters.
    #[serde(default)]
    ids: Option<Vec<String>>,
    /// The filters of the list as the query of its address has them: `category=hotel&key_unit=true`.
    #[serde(default)]
    filters: String,
    /// What shall stand in which column.
    set: BTreeMap<String, String>,
}

impl BulkForm {
    fn choice(&self) -> Result<BulkChoice, Refusal> {
        let ids = self.ids.as_ref().map(|ids| ids.iter().map(|id| page::id(id)).collect::<Result<_, _>>());
        Ok(match (subject(&self.subject)?, ids.transpose()?) {
            (ImportSubject::Unit, Some(ids)) => BulkChoice::UnitsNamed(ids),
            (ImportSubject::Terminal, Some(ids)) => BulkChoice::TerminalsNamed(ids),
            (ImportSubject::Unit, None) => {
                BulkChoice::Units(filters::<UnitParameters>(&self.filters)?.filter()?)
            }
            (ImportSubject::Terminal, None) => {
                BulkChoice::Terminals(filters::<TerminalParameters>(&self.filters)?.filter()?)
            }
            (ImportSubject::Ledger, _) => return Err(unknown()),
            (ImportSubject::Point, Some(ids)) => BulkChoice::PointsNamed(ids),
            (ImportSubject::Point, None) => {
                BulkChoice::Points(filters::<PointExportParameters>(&self.filters)?.filter()?)
            }
        })
    }
}

/// The filters of a list out of the query of its address.
fn filters<T: DeserializeOwned>(query: &str) -> Result<T, Refusal> {
    let address = format!("/?{query}").parse().ok();
    let read = address.and_then(|address| Query::<T>::try_from_uri(&address).ok());
    let malformed = || page::bad("/filters", "query.malformed", "筛选条件写法不对，请清除后重选");
    read.map(|Query(filters)| filters).ok_or_else(malformed)
}

/// Begins a bulk edit: checked like an import, and written only when it is confirmed.
#[utoipa::path(post, path = "/imports/bulk", tag = "imports", request_body = BulkForm, responses((status = 201, body = ImportItem), (status = 422, body = Problem)))]
pub(crate) async fn bulk(
    State(api): State<Api>,
    caller: Caller,
    Body(form): Body<BulkForm>,
) -> Result<impl IntoResponse, Denied> {
    let choice = form.choice()?;
    let made = api.app.create_bulk_edit(caller.grant(), choice, form.set).await?;
    Ok((StatusCode::CREATED, Json(ImportItem::of(&api.app, made))))
}

/// Which register.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SubjectParameters {
    /// unit, terminal or point; or a ledger by its name.
    subject: String,
}

/// The columns that a table of a register may have.
#[utoipa::path(get, path = "/imports/columns", tag = "imports", params(SubjectParameters), responses((status = 200, body = ImportColumns)))]
pub(crate) async fn known_columns(
    State(api): State<Api>,
    caller: Caller,
    Parameters(p): Parameters<SubjectParameters>,
) -> Result<Json<ImportColumns>, Denied> {
    let table = table(&api.app, &caller, &p.subject)?;
    let view = |c: &fengsui_app::ImportColumn| ImportColumnView {
        name: c.name.to_string(),
        label: c.label.to_string(),
        required: c.required,
        note: c.note.to_string(),
        settable: table.subject.settable().contains(&c.name.as_ref()),
        choices: ChoiceView::of(&api.app, table.name(), &c.name),
    };
    Ok(Json(ImportColumns { items: table.columns.iter().map(view).collect() }))
}

/// An empty workbook to be filled, with notes and lists to choose from.
#[utoipa::path(get, path = "/imports/template", tag = "imports", params(SubjectParameters), responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>)))]
pub(crate) async fn template(
    State(api): State<Api>,
    caller: Caller,
    Parameters(p): Parameters<SubjectParameters>,
) -> Result<impl IntoResponse, Denied> {
    let bytes = api.app.import_template(&table(&api.app, &caller, &p.subject)?)?;
    Ok((download("template.xlsx"), bytes))
}

fn download(name: &'static str) -> [(HeaderName, String); 3] {
    [
        (header::CONTENT_TYPE, WORKBOOK.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ]
}
