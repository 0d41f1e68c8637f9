//! `/ledgers/{kind}/views`: how people look at a ledger, saved under a name (常用视图).

use crate::Api;
use crate::gate::Caller;
use crate::page::{self, Body};
use crate::problem::{Denied, Problem};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use fengsui_app::{SavedView, ViewDraft};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The views of a ledger: the caller's own, then those that her office shares.
#[derive(Serialize, ToSchema)]
pub(crate) struct SavedViewList {
    items: Vec<SavedViewItem>,
    /// Why the caller may not share views with her office; null when she may.
    share_barred: Option<String>,
}

/// A view of a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct SavedViewItem {
    id: String,
    name: String,
    /// The words of the list's address with their values.
    query: BTreeMap<String, String>,
    /// Whether the office has it too.
    shared: bool,
    /// Whether it is the caller's own.
    mine: bool,
    /// Whether the list opens with it for the caller.
    usual: bool,
    /// Who saved it.
    keeper: String,
}

/// What is to be saved.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SavedViewForm {
    name: String,
    query: BTreeMap<String, String>,
    #[serde(default)]
    shared: bool,
}

/// With which view a list opens.
#[derive(Deserialize, ToSchema)]
pub(crate) struct UsualView {
    /// The view; null for none.
    view: Option<String>,
}

impl SavedViewItem {
    fn of(view: SavedView) -> Self {
        let SavedView { id, name, query, shared, mine, usual, keeper } = view;
        Self { id: id.to_string(), name, query, shared, mine, usual, keeper }
    }
}

/// The views of a ledger that the caller may open.
#[utoipa::path(get, path = "/ledgers/{kind}/views", tag = "ledgers", params(("kind" = String, Path)), responses((status = 200, body = SavedViewList), (status = 404, body = Problem)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Path(kind): Path<String>,
) -> Result<Json<SavedViewList>, Denied> {
    let found = api.app.saved_views(caller.grant(), &kind).await?;
    let share_barred = api.app.view_sharing(caller.grant()).err().map(|refusal| refusal.detail);
    Ok(Json(SavedViewList { items: found.into_iter().map(SavedViewItem::of).collect(), share_barred }))
}

/// Saves a view under a name; one of the caller's own with the same name is replaced.
#[utoipa::path(post, path = "/ledgers/{kind}/views", tag = "ledgers", params(("kind" = String, Path)), request_body = SavedViewForm, responses((status = 200, body = SavedViewItem), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn save(
    State(api): State<Api>,
    caller: Caller,
    Path(kind): Path<String>,
    Body(form): Body<SavedViewForm>,
) -> Result<Json<SavedViewItem>, Denied> {
    let SavedViewForm { name, query, shared } = form;
    let saved = api.app.save_view(caller.grant(), &kind, ViewDraft { name, query, shared }).await?;
    Ok(Json(SavedViewItem::of(saved)))
}

/// Takes one of the caller's own views away.
#[utoipa::path(delete, path = "/ledgers/{kind}/views/{id}", tag = "ledgers", params(("kind" = String, Path), ("id" = String, Path)), responses((status = 204), (status = 404, body = Problem)))]
pub(crate) async fn remove(
    State(api): State<Api>,
    caller: Caller,
    Path((kind, id)): Path<(String, String)>,
) -> Result<StatusCode, Denied> {
    api.app.remove_view(caller.grant(), &kind, page::id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says with which view the ledger opens for the caller.
#[utoipa::path(put, path = "/ledgers/{kind}/usual-view", tag = "ledgers", params(("kind" = String, Path)), request_body = UsualView, responses((status = 204), (status = 404, body = Problem)))]
pub(crate) async fn set_usual(
    State(api): State<Api>,
    caller: Caller,
    Path(kind): Path<String>,
    Body(form): Body<UsualView>,
) -> Result<StatusCode, Denied> {
    let view = form.view.as_deref().map(page::id).transpose()?;
    api.app.set_usual_view(caller.grant(), &kind, view).await?;
    Ok(StatusCode::NO_CONTENT)
}
