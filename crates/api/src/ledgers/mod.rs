//! `/ledgers`: every ledger of the office by the same routes: its description, its lists, its entries and their moves.
//!
//! Nothing here knows a ledger by name; what a form asks and what a button says comes from the catalog.

pub(crate) mod archive;
pub(crate) mod batch;
mod describe;
mod detail;
pub(crate) mod due_days;
mod forms;
pub(crate) mod judge;
pub(crate) mod papers;
pub(crate) mod places;
pub(crate) mod search;
mod show;
pub(crate) mod views;

use crate::Api;
use crate::exports::ExportParameters;
use crate::gate::Caller;
use crate::page::{self, Body, Parameters, TimelineItem, etag};
use crate::problem::{Denied, Problem};
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
pub(crate) use describe::Ledger;
use describe::LedgerMenus;
use detail::EntryDetail;
use fengsui_access::Grant;
use fengsui_app::ExportList;
use fengsui_ledger::Entry;
use forms::{EntryForm, FileView, LedgerExportParameters, LedgerParameters, MoveForm, Remark};
use serde::{Deserialize, Serialize};
use show::{Agenda, EntryList, People, Shown, Tallies};
use utoipa::{IntoParams, ToSchema};

/// The journal of an entry.
#[derive(Serialize, ToSchema)]
pub(crate) struct EntryJournal {
    items: Vec<TimelineItem>,
    next: Option<String>,
}

/// Which lines of a journal.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct EntryJournalParameters {
    cursor: Option<String>,
    limit: Option<u16>,
}

/// Which persons.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PeopleParameters {
    /// A part of the name.
    q: Option<String>,
}

/// An entry with its version.
type Detail = ([(HeaderName, HeaderValue); 1], Json<EntryDetail>);

async fn detail(api: &Api, grant: &Grant, entry: Entry) -> Result<Detail, Denied> {
    let version = entry.version;
    let view = api.app.view_of(grant, entry).await?;
    Ok((etag(version), Json(EntryDetail::of(&api.app, view)?)))
}

/// The ledgers that the caller may read, by the groups of the menu.
#[utoipa::path(get, path = "/ledgers", tag = "ledgers", responses((status = 200, body = LedgerMenus), (status = 403, body = Problem)))]
pub(crate) async fn menus(State(api): State<Api>, caller: Caller) -> Result<Json<LedgerMenus>, Denied> {
    Ok(Json(LedgerMenus::of(&api.app, caller.grant()).await?))
}

/// What a ledger is: fields, states, and how an entry is opened.
#[utoipa::path(get, path = "/ledgers/{kind}", tag = "ledgers", params(("kind" = String, Path)), responses((status = 200, body = Ledger), (status = 404, body = Problem)))]
pub(crate) async fn one(
    State(api): State<Api>,
    caller: Caller,
    Path(kind): Path<String>,
) -> Result<Json<Ledger>, Denied> {
    Ok(Json(Ledger::of(&api.app, caller.grant(), api.app.ledger(caller.grant(), &kind)?)))
}

/// A page of a ledger.
#[utoipa::path(get, path = "/ledgers/{kind}/entries", tag = "ledgers", params(("kind" = String, Path), LedgerParameters), responses((status = 200, body = EntryList), (status = 404, body = Problem)))]
pub(crate) async fn entries(
    State(api): State<Api>,
    caller: Caller,
    Path(kind): Path<String>,
    Parameters(p): Parameters<LedgerParameters>,
) -> Result<Json<EntryList>, Denied> {
    let grant = caller.grant();
    if p.mine == Some(true) {
        let mine = api.app.ledger_errands(grant, &kind, p.filter()?).await?;
        let entries: Vec<Entry> = mine.into_iter().map(|item| item.entry).collect();
        let (shown, total) = (Shown::of(&api.app, grant, &entries).await?, entries.len() as u64);
        return Ok(Json(EntryList { items: shown.rows(&entries), next: None, total }));
    }
    let (found, total) = api.app.ledger_entries(grant, &kind, p.filter()?).await?;
    let shown = Shown::of(&api.app, grant, &found.items).await?;
    let next = found.next.as_ref().map(page::cursor_text);
    Ok(Json(EntryList { items: shown.rows(&found.items), next, total }))
}

/// The list as a table, by the same filters.
#[utoipa::path(get, path = "/ledgers/{kind}/export", tag = "ledgers", params(("kind" = String, Path), LedgerParameters, LedgerExportParameters, ExportParameters), responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn export(
    State(api): State<Api>,
    caller: Caller,
    Path(kind): Path<String>,
    Parameters(p): Parameters<LedgerParameters>,
    Parameters(which): Parameters<LedgerExportParameters>,
    Parameters(as_what): Parameters<ExportParameters>,
) -> Result<Response, Denied> {
    let list = match p.mine {
        Some(true) => ExportList::Errands(kind, p.filter()?, which.columns()?),
        Some(false) | None => ExportList::Ledger(kind, p.filter()?, which.columns()?),
    };
    crate::exports::send(&api.app, &caller, list, &as_what).await
}

/// How many entries of a ledger stand how.
#[utoipa::path(get, path = "/ledgers/{kind}/tallies", tag = "ledgers", params(("kind" = String, Path)), responses((status = 200, body = Tallies), (status = 404, body = Problem)))]
pub(crate) async fn tallies(
    State(api): State<Api>,
    caller: Caller,
    Path(kind): Path<String>,
) -> Result<Json<Tallies>, Denied> {
    let found = api.app.ledger_tallies(caller.grant(), &kind).await?;
    Ok(Json(Tallies::of(found)))
}

/// Opens an entry by one of the ledger's opening moves.
#[utoipa::path(post, path = "/ledgers/{kind}/entries", tag = "ledgers", params(("kind" = String, Path)), request_body = EntryForm, responses((status = 201, body = EntryDetail), (status = 422, body = Problem)))]
pub(crate) async fn open(
    State(api): State<Api>,
    caller: Caller,
    Path(kind): Path<String>,
    headers: HeaderMap,
    Body(form): Body<EntryForm>,
) -> Result<impl IntoResponse, Denied> {
    let key = page::idempotency_key(&headers)?;
    let entry = api.app.open_entry(caller.grant(), &kind, form.read()?, key).await?;
    Ok((StatusCode::CREATED, detail(&api, caller.grant(), entry).await?))
}

/// One entry with everything its page shows.
#[utoipa::path(get, path = "/ledgers/{kind}/entries/{id}", tag = "ledgers", params(("kind" = String, Path), ("id" = String, Path)), responses((status = 200, body = EntryDetail), (status = 404, body = Problem)))]
pub(crate) async fn entry(
    State(api): State<Api>,
    caller: Caller,
    Path((kind, id)): Path<(String, String)>,
) -> Result<impl IntoResponse, Denied> {
    let entry = api.app.ledger_entry(caller.grant(), &kind, page::id(&id)?).await?;
    detail(&api, caller.grant(), entry).await
}

/// Corrects fields of an entry; `If-Match` carries the version that was read.
#[utoipa::path(patch, path = "/ledgers/{kind}/entries/{id}", tag = "ledgers", params(("kind" = String, Path), ("id" = String, Path)), request_body = MoveForm, responses((status = 200, body = EntryDetail), (status = 409, body = Problem)))]
pub(crate) async fn amend(
    State(api): State<Api>,
    caller: Caller,
    Path((kind, id)): Path<(String, String)>,
    headers: HeaderMap,
    Body(form): Body<MoveForm>,
) -> Result<impl IntoResponse, Denied> {
    let (id, version) = (page::id(&id)?, page::if_match(&headers)?);
    let entry = api.app.amend_entry(caller.grant(), &kind, id, version, form.read(String::new())?).await?;
    detail(&api, caller.grant(), entry).await
}

/// Makes a move with an entry; `If-Match` carries the version that was read.
#[utoipa::path(post, path = "/ledgers/{kind}/entries/{id}/moves/{move}", tag = "ledgers", params(("kind" = String, Path), ("id" = String, Path), ("move" = String, Path)), request_body = MoveForm, responses((status = 200, body = EntryDetail), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn make_move(
    State(api): State<Api>,
    caller: Caller,
    Path((kind, id, mv)): Path<(String, String, String)>,
    headers: HeaderMap,
    Body(form): Body<MoveForm>,
) -> Result<impl IntoResponse, Denied> {
    let (id, version) = (page::id(&id)?, page::if_match(&headers)?);
    let entry = api.app.move_entry(caller.grant(), &kind, id, version, form.read(mv)?).await?;
    detail(&api, caller.grant(), entry).await
}

/// Says something about an entry.
#[utoipa::path(post, path = "/ledgers/{kind}/entries/{id}/remarks", tag = "ledgers", params(("kind" = String, Path), ("id" = String, Path)), request_body = Remark, responses((status = 204), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn remark(
    State(api): State<Api>,
    caller: Caller,
    Path((kind, id)): Path<(String, String)>,
    headers: HeaderMap,
    Body(form): Body<Remark>,
) -> Result<StatusCode, Denied> {
    let key = page::idempotency_key(&headers)?;
    api.app.remark_entry(caller.grant(), &kind, page::id(&id)?, &form.text, key.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The journal of an entry, newest first.
#[utoipa::path(get, path = "/ledgers/{kind}/entries/{id}/journal", tag = "ledgers", params(("kind" = String, Path), ("id" = String, Path), EntryJournalParameters), responses((status = 200, body = EntryJournal), (status = 404, body = Problem)))]
pub(crate) async fn journal(
    State(api): State<Api>,
    caller: Caller,
    Path((kind, id)): Path<(String, String)>,
    Parameters(p): Parameters<EntryJournalParameters>,
) -> Result<Json<EntryJournal>, Denied> {
    let (limit, before) = (page::limit(p.limit), page::place(p.cursor.as_deref())?);
    let rows = api.app.ledger_journal(caller.grant(), &kind, page::id(&id)?, before, limit).await?;
    let more = rows.len() == usize::from(limit);
    let next = rows.last().filter(|_| more).map(|r| page::place_text(r.seq, r.line));
    Ok(Json(EntryJournal { items: rows.into_iter().map(|r| TimelineItem::of(&api.app, r)).collect(), next }))
}

/// Stores a photo or file for a form: the body is the file itself.
#[utoipa::path(post, path = "/ledgers/{kind}/files", tag = "ledgers", params(("kind" = String, Path)), request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses((status = 201, body = FileView), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn upload(
    State(api): State<Api>,
    caller: Caller,
    Path(kind): Path<String>,
    headers: HeaderMap,
    file: Result<Bytes, BytesRejection>,
) -> Result<impl IntoResponse, Denied> {
    // Whoever may not is told so, whatever was sent.
    api.app.ledger(caller.grant(), &kind)?;
    let file = file.map_err(|rejection| forms::unreadable(&rejection))?;
    let name = forms::file_name(&headers)?;
    let stored = api.app.store_ledger_file(caller.grant(), &kind, file.to_vec()).await?;
    Ok((StatusCode::CREATED, Json(FileView::of(stored, name, api.app.now()))))
}

/// A photo or file of an entry, for whoever may read it.
#[utoipa::path(get, path = "/ledgers/{kind}/entries/{id}/files/{name}", tag = "ledgers", params(("kind" = String, Path), ("id" = String, Path), ("name" = String, Path)), responses((status = 200, description = "the file"), (status = 404, body = Problem)))]
pub(crate) async fn file(
    State(api): State<Api>,
    caller: Caller,
    Path((kind, id, name)): Path<(String, String, String)>,
) -> Result<impl IntoResponse, Denied> {
    let blob = api.app.ledger_file(caller.grant(), &kind, page::id(&id)?, &name).await?;
    // Only pictures open in the page; a document is saved, so that nothing in it acts with the page's rights.
    let shown = if blob.media_type.starts_with("image/") { "inline" } else { "attachment" };
    let headers = [
        (header::CONTENT_TYPE, blob.media_type),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CONTENT_DISPOSITION, shown.to_owned()),
        (header::CACHE_CONTROL, "private, max-age=86400, immutable".to_owned()),
    ];
    Ok((headers, blob.bytes))
}

/// What the caller must do, by deadline.
#[utoipa::path(get, path = "/agenda", tag = "ledgers", responses((status = 200, body = Agenda), (status = 403, body = Problem)))]
pub(crate) async fn agenda(State(api): State<Api>, caller: Caller) -> Result<Json<Agenda>, Denied> {
    let items = api.app.agenda(caller.grant()).await?;
    Ok(Json(Agenda::of(&api.app, caller.grant(), items).await?))
}

/// Persons that a form may name.
#[utoipa::path(get, path = "/people", tag = "ledgers", params(PeopleParameters), responses((status = 200, body = People), (status = 403, body = Problem)))]
pub(crate) async fn people(
    State(api): State<Api>,
    caller: Caller,
    Parameters(p): Parameters<PeopleParameters>,
) -> Result<Json<People>, Denied> {
    Ok(Json(People::of(api.app.nameable_people(caller.grant(), p.q.as_deref()).await?)))
}

/// What the ledgers have of a unit: its archive.
#[utoipa::path(get, path = "/units/{id}/ledgers", tag = "ledgers", params(("id" = String, Path)), responses((status = 200, body = show::UnitLedgers), (status = 404, body = Problem)))]
pub(crate) async fn of_unit(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<show::UnitLedgers>, Denied> {
    let linked = api.app.unit_ledgers(caller.grant(), page::id(&id)?).await?;
    Ok(Json(show::UnitLedgers::of(&api.app, caller.grant(), linked).await?))
}
