//! `/ledger-templates/{kind}/overlay`: the fields that a site adds to a shipped ledger.

use super::forms::OwnFieldForm;
use super::{Answer, SiteMistake, TemplateDetail, TemplatePreview, mistakes};
use crate::Api;
use crate::gate::Caller;
use crate::ledgers::Ledger;
use crate::page::{self, Body, etag};
use crate::problem::{Denied, Problem};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use fengsui_app::{JudgedLedger, OverlayView};
use fengsui_catalog::OwnField;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a site adds to a shipped ledger.
#[derive(Serialize, ToSchema)]
pub(crate) struct OverlayDetail {
    /// 0 before anything was added.
    version: u64,
    /// What was filled in last.
    fields: Vec<OwnFieldForm>,
    /// How many of them are in use: those are only added to.
    in_use: usize,
    /// Whether what is filled in is other than what is in use.
    pending: bool,
    /// What adopting it would change, in words.
    differences: Vec<String>,
    /// What is wrong with it now, by place in the form.
    mistakes: Vec<SiteMistake>,
    /// Why fields in use are not asked for, one sentence each.
    resting: Vec<String>,
}

/// What an administrator adds.
#[derive(Deserialize, ToSchema)]
pub(crate) struct OverlayForm {
    fields: Vec<OwnFieldForm>,
}

impl OverlayForm {
    fn read(self) -> Vec<OwnField> {
        self.fields.into_iter().map(OwnFieldForm::read).collect()
    }
}

impl OverlayDetail {
    fn of(view: OverlayView, judged: JudgedLedger) -> Self {
        let pending = match &view.adopted {
            Some(adopted) => *adopted != view.draft,
            None => view.version > 0,
        };
        Self {
            version: view.version,
            fields: view.draft.fields.iter().map(OwnFieldForm::of).collect(),
            in_use: view.adopted.map_or(0, |o| o.fields.len()),
            pending,
            differences: judged.differences.into_iter().map(|d| d.text).collect(),
            mistakes: mistakes(judged.mistakes),
            resting: view.resting.into_iter().map(|r| r.why).collect(),
        }
    }
}

/// A shipped ledger as it is lived, with what the site adds.
pub(super) async fn answer(api: &Api, caller: &Caller, kind: &str) -> Result<Answer, Denied> {
    let view = api.app.overlay(caller.grant(), kind).await?;
    let judged = api.app.judge_overlay(caller.grant(), kind, view.draft.fields.clone()).await?;
    let known = api.app.template_kind(caller.grant(), kind)?;
    let mut detail = TemplateDetail::of(&api.app, known, None);
    let version = view.version;
    detail.overlay = Some(OverlayDetail::of(view, judged));
    Ok((etag(version), Json(detail)))
}

/// What added fields would make of a ledger; nothing is stored.
#[utoipa::path(post, path = "/ledger-templates/{kind}/overlay/preview", tag = "templates", params(("kind" = String, Path)), request_body = OverlayForm, responses((status = 200, body = TemplatePreview), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn preview(
    State(api): State<Api>,
    caller: Caller,
    Path(kind): Path<String>,
    Body(form): Body<OverlayForm>,
) -> Result<Json<TemplatePreview>, Denied> {
    let judged = api.app.judge_overlay(caller.grant(), &kind, form.read()).await?;
    Ok(Json(TemplatePreview {
        ledger: judged.kind.as_ref().map(|kind| Ledger::whole(&api.app, kind)),
        mistakes: mistakes(judged.mistakes),
        differences: judged.differences.into_iter().map(|d| d.text).collect(),
    }))
}

/// Changes what is filled in; what is in use stays so until the change is adopted. `If-Match` carries the version read, 0
/// before anything was added.
#[utoipa::path(put, path = "/ledger-templates/{kind}/overlay", tag = "templates", params(("kind" = String, Path)), request_body = OverlayForm, responses((status = 200, body = TemplateDetail), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn change(
    State(api): State<Api>,
    caller: Caller,
    Path(kind): Path<String>,
    headers: HeaderMap,
    Body(form): Body<OverlayForm>,
) -> Result<impl IntoResponse, Denied> {
    api.app.may_manage_ledgers(caller.grant())?;
    let version = page::if_match(&headers)?;
    api.app.change_overlay(caller.grant(), &kind, version, form.read()).await?;
    answer(&api, &caller, &kind).await
}

/// Takes it into use, without a restart. `If-Match` carries the version read.
#[utoipa::path(post, path = "/ledger-templates/{kind}/overlay/adopt", tag = "templates", params(("kind" = String, Path)), responses((status = 200, body = TemplateDetail), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn adopt(
    State(api): State<Api>,
    caller: Caller,
    Path(kind): Path<String>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Denied> {
    api.app.may_manage_ledgers(caller.grant())?;
    let version = page::if_match(&headers)?;
    api.app.adopt_overlay(caller.grant(), &kind, version).await?;
    answer(&api, &caller, &kind).await
}
