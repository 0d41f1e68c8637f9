//! `/papers`: the templates of printed papers (文书): what there is, the file to edit, the blank form to print, and a look
//! at a template that was edited.

use crate::Api;
use crate::gate::Caller;
use crate::page;
use crate::problem::{Denied, Problem};
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use fengsui_app::{PaperTemplate, TEMPLATE_BYTES_MAX, TemplateCheck};
use fengsui_base::Refusal;
use fengsui_catalog::Permission;
use serde::Serialize;
use utoipa::ToSchema;
use wordform::Document;

/// What a document of Word is called on the wire.
const DOCUMENT: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/// A paper with its template.
#[derive(Serialize, ToSchema)]
pub(crate) struct PaperView {
    name: String,
    label: String,
    /// Under which law it is issued.
    law: &'static str,
    /// Name of the template's file.
    file: String,
    /// What the template asks for, in words.
    places: Vec<String>,
}

/// The papers, in the order of the catalog.
#[derive(Serialize, ToSchema)]
pub(crate) struct PaperList {
    items: Vec<PaperView>,
}

/// The blank form of a paper: text, sizes and tables, nothing that a browser could execute.
#[derive(Serialize, ToSchema)]
pub(crate) struct PaperForm {
    pub(crate) label: String,
    /// Paper, head, foot and text; lengths in twentieths of a point.
    #[schema(value_type = Object)]
    pub(crate) document: Document,
}

/// What an edited template asks for.
#[derive(Serialize, ToSchema)]
pub(crate) struct TemplateView {
    places: Vec<String>,
    /// What the present template does not ask for: a misspelt name prints as a blank.
    added: Vec<String>,
    /// What only the present template asks for: that will be missing on the paper.
    lost: Vec<String>,
    /// Paper, head, foot and text; lengths in twentieths of a point.
    #[schema(value_type = Object)]
    document: Document,
}

impl From<&PaperTemplate> for PaperView {
    fn from(template: &PaperTemplate) -> Self {
        let paper = &template.paper;
        Self {
            name: paper.name.clone(),
            label: paper.label.clone(),
            law: paper.law.label(),
            file: paper.file.clone(),
            places: template.places.clone(),
        }
    }
}

impl From<TemplateCheck> for TemplateView {
    fn from(check: TemplateCheck) -> Self {
        Self { places: check.places, added: check.added, lost: check.lost, document: check.blank }
    }
}

/// The papers that this office prints.
#[utoipa::path(get, path = "/papers", tag = "papers", responses((status = 200, body = PaperList)))]
pub(crate) async fn list(State(api): State<Api>, caller: Caller) -> Result<Json<PaperList>, Denied> {
    caller.grant().may(Permission::UnitRead)?;
    Ok(Json(PaperList { items: api.papers.all().iter().map(PaperView::from).collect() }))
}

/// The template of a paper, to be edited in Word or WPS.
#[utoipa::path(get, path = "/papers/{name}/template", tag = "papers", params(("name" = String, Path)), responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document", body = Vec<u8>), (status = 404, body = Problem)))]
pub(crate) async fn template(
    State(api): State<Api>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<Response, Denied> {
    caller.grant().may(Permission::UnitRead)?;
    let template = api.papers.one(&name)?;
    let attached = format!("attachment; filename=\"{}\"", template.paper.file);
    let headers = [(header::CONTENT_TYPE, DOCUMENT.to_owned()), (header::CONTENT_DISPOSITION, attached)];
    Ok((headers, template.file.clone()).into_response())
}

/// The blank form of a paper, as it is printed to be filled in by hand.
#[utoipa::path(get, path = "/papers/{name}/form", tag = "papers", params(("name" = String, Path)), responses((status = 200, body = PaperForm), (status = 404, body = Problem)))]
pub(crate) async fn form(
    State(api): State<Api>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<Json<PaperForm>, Denied> {
    caller.grant().may(Permission::UnitRead)?;
    let template = api.papers.one(&name)?;
    Ok(Json(PaperForm { label: template.paper.label.clone(), document: template.blank.clone() }))
}

/// Looks at an edited template: the body is the document itself. Nothing is stored.
#[utoipa::path(post, path = "/papers/{name}/check", tag = "papers", params(("name" = String, Path)), request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses((status = 200, body = TemplateView), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn check(
    State(api): State<Api>,
    caller: Caller,
    Path(name): Path<String>,
    file: Result<Bytes, BytesRejection>,
) -> Result<Json<TemplateView>, Denied> {
    caller.grant().may(Permission::UnitRead)?;
    let file = file.map_err(|rejection| unreadable(&rejection))?;
    // Unpacking may take a while: it does not keep others waiting.
    let looked = tokio::task::spawn_blocking(move || api.papers.check(&name, &file)).await;
    let checked = looked
        .map_err(|_| page::bad("/file", "paper.unreadable", "模板读不出来，请在 Word 或 WPS 里另存后再试"))?;
    Ok(Json(checked?.into()))
}

fn unreadable(rejection: &BytesRejection) -> Refusal {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let sentence = format!("模板超过 {} MB，请删去其中的大图片", TEMPLATE_BYTES_MAX / 1024 / 1024);
        return page::bad("/file", "paper.bytes", &sentence);
    }
    page::bad("/file", "paper.unreadable", "模板没有收完整，请再传一次")
}
