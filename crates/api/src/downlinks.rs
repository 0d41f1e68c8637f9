//! `/terminals/{id}/downlinks`: what a terminal was asked and ordered, with its answers, and asking it now.

use crate::Api;
use crate::gate::Caller;
use crate::page::{self, Body, InPath, Parameters};
use crate::problem::{Denied, Problem};
use crate::schema::{DownlinkOrder, DownlinkStateName};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use fengsui_access::Grant;
use fengsui_app::{App, DownlinkState, OpenDownlink, Order, OrderChoice};
use fengsui_base::{Refusal, TerminalId};
use fengsui_ledger::Entry;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Something a terminal was asked or ordered.
#[derive(Serialize, ToSchema)]
pub(crate) struct DownlinkView {
    id: String,
    #[schema(value_type = DownlinkOrder)]
    order: &'static str,
    order_label: &'static str,
    #[schema(value_type = DownlinkStateName)]
    state: &'static str,
    state_label: String,
    /// Who gave it: a person, or a schedule.
    by: String,
    made_at: String,
    sent_at: Option<String>,
    ended_at: Option<String>,
    /// How often it was written to the line.
    writes: u8,
    /// The answer in words, or why there is none.
    answer: Option<String>,
    /// The frame of the answer, in hexadecimal.
    raw: Option<String>,
    /// Whether it may be taken back.
    can_cancel: bool,
}

/// An order that may be given.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrderView {
    #[schema(value_type = DownlinkOrder)]
    order: &'static str,
    label: &'static str,
    allowed: bool,
    /// Why not.
    reason: Option<String>,
}

/// A page of downlinks, and what may be asked now.
#[derive(Serialize, ToSchema)]
pub(crate) struct DownlinkList {
    items: Vec<DownlinkView>,
    next: Option<String>,
    /// How many there are: exact up to 10,000; 10,001 says that there are more.
    total: u64,
    orders: Vec<OrderView>,
}

/// Which.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DownlinkParameters {
    cursor: Option<String>,
    limit: Option<u16>,
}

/// What is wanted.
#[derive(Deserialize, ToSchema)]
pub(crate) struct OrderForm {
    #[schema(value_type = DownlinkOrder)]
    order: String,
}

impl DownlinkView {
    pub(crate) fn of(app: &App, grant: &Grant, entry: &Entry) -> Option<Self> {
        let OpenDownlink { entry, downlink, state } = OpenDownlink::of(entry)?;
        let label = app.catalog().kind("downlink").map(|k| k.state_label(state.code()).to_owned());
        let may = grant.may_at(downlink.order.permission(), entry.region).is_ok();
        Some(Self {
            id: entry.id.to_string(),
            order: downlink.order.code(),
            order_label: downlink.order.label(),
            state: state.code(),
            state_label: label.unwrap_or_default(),
            by: downlink.by,
            made_at: entry.opened_at.to_string(),
            sent_at: downlink.sent_at.map(|t| t.to_string()),
            ended_at: entry.closed_at.map(|t| t.to_string()),
            writes: downlink.writes,
            answer: downlink.answer,
            raw: downlink.raw,
            can_cancel: may && state == DownlinkState::Waiting,
        })
    }
}

impl From<OrderChoice> for OrderView {
    fn from(choice: OrderChoice) -> Self {
        Self {
            order: choice.order.code(),
            label: choice.order.label(),
            allowed: choice.refusal.is_none(),
            reason: choice.refusal.map(|r| r.detail),
        }
    }
}

fn shown(app: &App, grant: &Grant, entry: &Entry) -> Result<Json<DownlinkView>, Denied> {
    Ok(Json(DownlinkView::of(app, grant, entry).ok_or_else(Refusal::not_found)?))
}

/// The downlinks of a terminal, newest first, and what may be asked of it now.
#[utoipa::path(get, path = "/terminals/{id}/downlinks", tag = "terminals", params(("id" = String, Path), DownlinkParameters), responses((status = 200, body = DownlinkList), (status = 404, body = Problem)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    Parameters(p): Parameters<DownlinkParameters>,
) -> Result<Json<DownlinkList>, Denied> {
    let (grant, after) = (caller.grant(), page::cursor(p.cursor.as_deref())?);
    let (found, total) = api.app.downlinks(grant, TerminalId(id), after, page::limit(p.limit)).await?;
    let (_, known) = api.app.terminal(grant, TerminalId(id)).await?;
    Ok(Json(DownlinkList {
        items: found.items.iter().filter_map(|e| DownlinkView::of(&api.app, grant, e)).collect(),
        next: found.next.as_ref().map(page::cursor_text),
        total,
        orders: api.app.orders(grant, &known).into_iter().map(OrderView::from).collect(),
    }))
}

/// Asks a terminal, or orders it.
#[utoipa::path(post, path = "/terminals/{id}/downlinks", tag = "terminals", params(("id" = String, Path)), request_body = OrderForm, responses((status = 201, body = DownlinkView), (status = 409, body = Problem), (status = 429, body = Problem)))]
pub(crate) async fn create(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    headers: HeaderMap,
    Body(form): Body<OrderForm>,
) -> Result<impl IntoResponse, Denied> {
    let key = page::idempotency_key(&headers)?;
    let order = Order::from_code(&form.order)
        .ok_or_else(|| page::bad("/order", "choice.unknown", "没有这种指令，请重新选择"))?;
    let entry = api.app.order(caller.grant(), TerminalId(id), order, key).await?;
    Ok((StatusCode::CREATED, shown(&api.app, caller.grant(), &entry)?))
}

/// Takes a downlink back that was not sent yet.
#[utoipa::path(post, path = "/downlinks/{id}/cancel", tag = "terminals", params(("id" = String, Path)), responses((status = 200, body = DownlinkView), (status = 409, body = Problem)))]
pub(crate) async fn cancel(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<Json<DownlinkView>, Denied> {
    let entry = api.app.cancel_downlink(caller.grant(), id).await?;
    shown(&api.app, caller.grant(), &entry)
}
