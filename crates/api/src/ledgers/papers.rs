//! Papers of a ledger entry: what may be issued and why not, a look before issuing, issuing, and an issued paper as it was
//! printed.

use crate::Api;
use crate::gate::Caller;
use crate::page::{self, Body};
use crate::papers::PaperForm;
use crate::problem::{Denied, Problem};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use fengsui_app::{App, IssuedPaper, PaperAsk, PaperOffer};
use fengsui_base::Refusal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wordform::Document;

/// The papers of an entry.
#[derive(Serialize, ToSchema)]
pub(crate) struct EntryPapers {
    offers: Vec<OfferView>,
    issued: Vec<IssuedView>,
    /// What is still to be done about the papers of the steps that may come next, in sentences.
    still: Vec<String>,
}

/// A paper that the caller's post issues.
#[derive(Serialize, ToSchema)]
struct OfferView {
    paper: String,
    label: String,
    allowed: bool,
    reason: Option<String>,
}

/// A paper that was issued.
#[derive(Serialize, ToSchema)]
pub(crate) struct IssuedView {
    id: String,
    number: String,
    label: String,
    state: String,
    state_label: String,
    /// Whether its number is void.
    voided: bool,
    issued_on: String,
    code: String,
    /// Name of the document's content; its file is that of the entry.
    blob: String,
    /// Name of the document's file.
    file: String,
    /// Places that would say something else if it were issued now.
    changed: Vec<String>,
}

/// An issued paper as it was printed.
#[derive(Serialize, ToSchema)]
pub(crate) struct IssuedSheet {
    #[serde(flatten)]
    paper: IssuedView,
    /// The ledger of the entry it was issued from.
    about_kind: String,
    /// That entry.
    about: String,
    /// Paper, head, foot and text; lengths in twentieths of a point.
    #[schema(value_type = Object)]
    document: Document,
}

/// What is to be issued.
#[derive(Deserialize, ToSchema)]
pub(crate) struct PaperIssue {
    /// Name of the paper.
    paper: String,
}

impl From<PaperOffer> for OfferView {
    fn from(offer: PaperOffer) -> Self {
        let PaperOffer { paper, label, barred } = offer;
        Self { paper, label, allowed: barred.is_none(), reason: barred }
    }
}

impl IssuedView {
    fn of(app: &App, issued: IssuedPaper) -> Self {
        let IssuedPaper { entry, changed, .. } = issued;
        let text =
            |name: &str| entry.fields.get(name).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
        let kind = app.catalog().kind(&entry.kind);
        let label = app.catalog().papers().iter().find(|p| p.name == text("paper")).map(|p| p.label.clone());
        let file = |key: &str| {
            let first = entry.fields.get("document").and_then(|files| files.get(0));
            first.and_then(|f| f.get(key)?.as_str()).unwrap_or_default().to_owned()
        };
        Self {
            id: entry.id.to_string(),
            label: label.unwrap_or_else(|| text("subject")),
            state_label: kind.map_or(entry.state.as_str(), |k| k.state_label(&entry.state)).to_owned(),
            voided: entry.state == "voided",
            issued_on: text("issued_on"),
            code: text("code"),
            blob: file("blob"),
            file: file("name"),
            number: entry.number.clone().unwrap_or_default(),
            state: entry.state.clone(),
            changed,
        }
    }
}

/// The papers of an entry: what may be issued, and what was.
#[utoipa::path(get, path = "/ledgers/{kind}/entries/{id}/papers", tag = "papers", params(("kind" = String, Path), ("id" = String, Path)), responses((status = 200, body = EntryPapers), (status = 404, body = Problem)))]
pub(crate) async fn of_entry(
    State(api): State<Api>,
    caller: Caller,
    Path((kind, id)): Path<(String, String)>,
) -> Result<Json<EntryPapers>, Denied> {
    let found = api.app.papers_of_entry(caller.grant(), &kind, page::id(&id)?).await?;
    Ok(Json(EntryPapers {
        offers: found.offers.into_iter().map(OfferView::from).collect(),
        issued: found.issued.into_iter().map(|issued| IssuedView::of(&api.app, issued)).collect(),
        still: found.still,
    }))
}

/// The paper as it would be printed now; nothing is stored.
#[utoipa::path(get, path = "/ledgers/{kind}/entries/{id}/papers/{paper}", tag = "papers", params(("kind" = String, Path), ("id" = String, Path), ("paper" = String, Path)), responses((status = 200, body = PaperForm), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn preview(
    State(api): State<Api>,
    caller: Caller,
    Path((kind, id, paper)): Path<(String, String, String)>,
) -> Result<Json<PaperForm>, Denied> {
    let id = page::id(&id)?;
    let document = api.app.preview_paper(caller.grant(), &api.papers, &kind, id, &paper).await?;
    let label = api.papers.one(&paper)?.paper.label.clone();
    Ok(Json(PaperForm { label, document }))
}

/// Issues a paper from an entry; `If-Match` carries the version that was looked at.
#[utoipa::path(post, path = "/ledgers/{kind}/entries/{id}/papers", tag = "papers", params(("kind" = String, Path), ("id" = String, Path)), request_body = PaperIssue, responses((status = 201, body = IssuedView), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn issue(
    State(api): State<Api>,
    caller: Caller,
    Path((kind, id)): Path<(String, String)>,
    headers: HeaderMap,
    Body(form): Body<PaperIssue>,
) -> Result<impl IntoResponse, Denied> {
    let (id, version) = (page::id(&id)?, page::if_match(&headers)?);
    let request = page::idempotency_key(&headers)?;
    let ask = PaperAsk { kind, id, version, paper: form.paper, request };
    let entry = api.app.issue_paper(caller.grant(), &api.papers, ask).await?;
    let issued = IssuedPaper { about: (entry.kind.clone(), id), entry, changed: Vec::new() };
    Ok((StatusCode::CREATED, Json(IssuedView::of(&api.app, issued))))
}

/// An issued paper as it was printed, whatever has changed since.
#[utoipa::path(get, path = "/papers/issued/{id}", tag = "papers", params(("id" = String, Path)), responses((status = 200, body = IssuedSheet), (status = 404, body = Problem)))]
pub(crate) async fn sheet(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<IssuedSheet>, Denied> {
    let (issued, blob) = api.app.printed_paper(caller.grant(), page::id(&id)?).await?;
    let unreadable = |_| Refusal::not_found();
    let document = wordform::pages(&blob.bytes).map_err(unreadable)?;
    let (about_kind, about) = (issued.about.0.clone(), issued.about.1.to_string());
    Ok(Json(IssuedSheet { paper: IssuedView::of(&api.app, issued), about_kind, about, document }))
}
