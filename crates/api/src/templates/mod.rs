//! `/ledger-templates`: what ledgers there are and how they are lived, the ledgers of the site that an administrator
//! makes from a pattern, looks at, takes into use and ends, and the fields that she adds to shipped ones.

mod forms;
pub(crate) mod overlays;

use crate::Api;
use crate::gate::Caller;
use crate::ledgers::Ledger;
use crate::page::{self, Body, RegionRef, etag};
use crate::problem::{Denied, Problem};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use fengsui_app::{App, JudgedLedger, LedgerTemplate, SiteLedgerView};
use fengsui_base::{Place, Refusal};
use fengsui_catalog::{ClockOwner, DueRule, Kind, Move, State as KindState, can_be_added_to};
use forms::SiteLedgerForm;
use overlays::OverlayDetail;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// All ledgers, and the patterns that a new one may begin with.
#[derive(Serialize, ToSchema)]
pub(crate) struct TemplateList {
    items: Vec<TemplateLine>,
    patterns: Vec<PatternView>,
    /// Revision of the catalog in force.
    revision: u32,
}

/// A ledger in the list.
#[derive(Serialize, ToSchema)]
struct TemplateLine {
    kind: String,
    label: String,
    measure: String,
    /// Whether the site made it.
    local: bool,
    /// Of a ledger of the site: `draft`, `adopted`, `ended` or `dropped`; what comes with the program has none.
    state: Option<String>,
    state_label: String,
    /// How many entries it has: exact up to 10,000; 10,001 says that there are more.
    entries: u64,
    /// Why an administrator must look at it; none where all is well.
    attention: Option<String>,
    ends_on: Option<String>,
}

/// A pattern.
#[derive(Serialize, ToSchema)]
struct PatternView {
    name: String,
    label: String,
    description: String,
    measure: String,
    /// What every entry of it says already.
    fields: Vec<String>,
    states: Vec<String>,
}

/// How a ledger is lived, and what the site filled in where the site made it.
#[derive(Serialize, ToSchema)]
pub(crate) struct TemplateDetail {
    /// As its forms and lists are drawn; of a draft as they will be.
    ledger: Ledger,
    states: Vec<TemplateState>,
    moves: Vec<TemplateMove>,
    site: Option<SiteLedgerDetail>,
    /// What the site adds to it; none for a ledger that nothing may be added to.
    overlay: Option<OverlayDetail>,
}

/// A state with its clock in words.
#[derive(Serialize, ToSchema)]
struct TemplateState {
    label: String,
    end: bool,
    /// Who must act.
    owner: Option<String>,
    /// By when.
    due: Option<String>,
    /// The legal source.
    basis: Option<String>,
}

/// A move in words.
#[derive(Serialize, ToSchema)]
struct TemplateMove {
    label: String,
    /// States it is made in; none for one that opens an entry.
    from: Vec<String>,
    /// The state it leads to; none where the state stays.
    to: Option<String>,
    by: Vec<String>,
    help: Option<String>,
}

/// A ledger of the site.
#[derive(Serialize, ToSchema)]
pub(crate) struct SiteLedgerDetail {
    state: String,
    state_label: String,
    version: u64,
    form: SiteLedgerForm,
    /// The area with its names.
    area: Vec<RegionRef>,
    /// Whether what is filled in is other than what is in use.
    pending: bool,
    /// What adopting it would change, in words.
    differences: Vec<String>,
    /// What is wrong with it now, by place in the form.
    mistakes: Vec<SiteMistake>,
}

/// A mistake in the form.
#[derive(Serialize, ToSchema)]
struct SiteMistake {
    pointer: String,
    detail: String,
}

/// Why a ledger ends before its time.
#[derive(Deserialize, ToSchema)]
pub(crate) struct EndingForm {
    reason: String,
}

/// What a filled-in form would make.
#[derive(Serialize, ToSchema)]
pub(crate) struct TemplatePreview {
    /// The ledger, as its forms would be drawn; none without a pattern.
    ledger: Option<Ledger>,
    mistakes: Vec<SiteMistake>,
    differences: Vec<String>,
}

impl TemplateLine {
    fn of(app: &App, one: LedgerTemplate) -> Self {
        let state = one.state.as_deref().map_or("自带", |s| state_label(app, s));
        Self {
            state_label: state.to_owned(),
            state: one.state,
            kind: one.name,
            label: one.label,
            measure: one.measure,
            local: one.local,
            entries: one.entries,
            attention: one.resting,
            ends_on: one.ends_on.map(|on| on.to_string()),
        }
    }
}

fn state_label<'a>(app: &'a App, state: &'a str) -> &'a str {
    app.catalog().kind("site_ledger").map_or(state, |k| k.state_label(state))
}

impl SiteLedgerDetail {
    fn of(app: &App, site: &SiteLedgerView, judged: JudgedLedger) -> Self {
        Self {
            state: site.entry.state.clone(),
            state_label: state_label(app, &site.entry.state).to_owned(),
            version: site.entry.version,
            form: SiteLedgerForm::of(&site.draft),
            area: site.draft.area.iter().map(|j| RegionRef::find(app, j.code)).collect(),
            pending: site.adopted.as_ref() != Some(&site.draft),
            differences: judged.differences.into_iter().map(|d| d.text).collect(),
            mistakes: mistakes(judged.mistakes),
        }
    }
}

fn mistakes(places: Vec<Place>) -> Vec<SiteMistake> {
    places.into_iter().map(|p| SiteMistake { pointer: p.pointer, detail: p.detail }).collect()
}

impl TemplateDetail {
    fn of(app: &App, kind: &Kind, site: Option<SiteLedgerDetail>) -> Self {
        Self {
            ledger: Ledger::whole(app, kind),
            states: kind.states.iter().map(|s| TemplateState::of(app, kind, s)).collect(),
            moves: kind.moves.iter().map(|m| TemplateMove::of(app, kind, m)).collect(),
            site,
            overlay: None,
        }
    }

    async fn of_site(app: &App, caller: &Caller, site: SiteLedgerView) -> Result<Self, Denied> {
        let judged = app.judge_site_ledger(caller.grant(), Some(&site.name), &site.draft).await?;
        let kind = judged.kind.clone().ok_or_else(Refusal::not_found)?;
        Ok(Self::of(app, &kind, Some(SiteLedgerDetail::of(app, &site, judged))))
    }
}

fn post_label(app: &App, name: &str) -> String {
    app.catalog().post(name).map_or(name, |p| p.label.as_str()).to_owned()
}

impl TemplateState {
    fn of(app: &App, kind: &Kind, state: &KindState) -> Self {
        let label = |name: &str| kind.field(name).map_or(name.to_owned(), |f| f.label.clone());
        let clock = state.clock.as_ref();
        let owner = clock.map(|clock| match &clock.owner {
            ClockOwner::Maker => "登记人".to_owned(),
            ClockOwner::Mover => "办上一步的人".to_owned(),
            ClockOwner::Unit => "责任单位".to_owned(),
            ClockOwner::Post(post) => post_label(app, post),
            ClockOwner::Person(field) => label(field),
        });
        let due = clock.map(|clock| match &clock.due {
            DueRule::Term(term) => format!("{}内", term.words()),
            DueRule::Field(field) => format!("到“{}”那天", label(field)),
            DueRule::By { field, .. } => format!("按“{}”", label(field)),
        });
        Self {
            label: state.label.clone(),
            end: state.end,
            owner,
            due,
            basis: clock.map(|clock| clock.basis.clone()),
        }
    }
}

impl TemplateMove {
    fn of(app: &App, kind: &Kind, mv: &Move) -> Self {
        Self {
            label: mv.label.clone(),
            from: mv.from.iter().map(|s| kind.state_label(s).to_owned()).collect(),
            to: mv.to.as_deref().map(|s| kind.state_label(s).to_owned()),
            by: mv.by.iter().map(|post| post_label(app, post)).collect(),
            help: mv.help.clone(),
        }
    }
}

/// All ledgers, those of the site first.
#[utoipa::path(get, path = "/ledger-templates", tag = "templates", responses((status = 200, body = TemplateList), (status = 403, body = Problem)))]
pub(crate) async fn list(State(api): State<Api>, caller: Caller) -> Result<Json<TemplateList>, Denied> {
    let found = api.app.ledger_templates(caller.grant()).await?;
    let pattern = |p: &fengsui_catalog::Pattern| PatternView {
        name: p.name.clone(),
        label: p.label.clone(),
        description: p.description.clone(),
        measure: p.ledger.measure.clone(),
        fields: p.ledger.fields.iter().map(|f| f.label.clone()).collect(),
        states: p.ledger.states.iter().map(|s| s.label.clone()).collect(),
    };
    Ok(Json(TemplateList {
        items: found.into_iter().map(|one| TemplateLine::of(&api.app, one)).collect(),
        patterns: api.app.ledger_patterns().iter().map(pattern).collect(),
        revision: api.app.catalog().revision(),
    }))
}

/// One ledger: fields, states with their clocks, moves with who makes them.
#[utoipa::path(get, path = "/ledger-templates/{kind}", tag = "templates", params(("kind" = String, Path)), responses((status = 200, body = TemplateDetail), (status = 404, body = Problem)))]
pub(crate) async fn one(
    State(api): State<Api>,
    caller: Caller,
    Path(kind): Path<String>,
) -> Result<impl IntoResponse, Denied> {
    if let Some(site) = found(&api, &caller, &kind).await? {
        return answer(&api, &caller, site).await;
    }
    let kind = api.app.template_kind(caller.grant(), &kind)?;
    if can_be_added_to(kind) {
        return overlays::answer(&api, &caller, &kind.name).await;
    }
    Ok((etag(0), Json(TemplateDetail::of(&api.app, kind, None))))
}

/// What an administrator must look at.
#[derive(Serialize, ToSchema)]
pub(crate) struct LedgersToMend {
    items: Vec<LedgerToMend>,
}

/// A ledger that rests, or of which an added field does.
#[derive(Serialize, ToSchema)]
struct LedgerToMend {
    kind: String,
    label: String,
    /// Why, and what to do.
    why: String,
}

/// Ledgers that rest, or of which a field that the site added does, until somebody has dealt with it.
#[utoipa::path(get, path = "/ledger-templates/attention", tag = "templates", responses((status = 200, body = LedgersToMend), (status = 403, body = Problem)))]
pub(crate) async fn attention(State(api): State<Api>, caller: Caller) -> Result<Json<LedgersToMend>, Denied> {
    let found = api.app.ledgers_to_mend(caller.grant()).await?;
    let item = |r: fengsui_app::RestingLedger| LedgerToMend { kind: r.ledger, label: r.label, why: r.why };
    Ok(Json(LedgersToMend { items: found.into_iter().map(item).collect() }))
}

async fn found(api: &Api, caller: &Caller, kind: &str) -> Result<Option<SiteLedgerView>, Denied> {
    match api.app.site_ledger(caller.grant(), kind).await {
        Ok(site) => Ok(Some(site)),
        Err(fault) if fault.refusal().code == "not_found" => Ok(None),
        Err(fault) => Err(fault.into()),
    }
}

type Answer = ([(axum::http::HeaderName, axum::http::HeaderValue); 1], Json<TemplateDetail>);

async fn answer(api: &Api, caller: &Caller, site: SiteLedgerView) -> Result<Answer, Denied> {
    let version = site.entry.version;
    Ok((etag(version), Json(TemplateDetail::of_site(&api.app, caller, site).await?)))
}

/// What a filled-in form would make; nothing is stored.
#[utoipa::path(post, path = "/ledger-templates/preview", tag = "templates", request_body = SiteLedgerForm, responses((status = 200, body = TemplatePreview), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn preview(
    State(api): State<Api>,
    caller: Caller,
    Body(form): Body<SiteLedgerForm>,
) -> Result<Json<TemplatePreview>, Denied> {
    api.app.may_manage_ledgers(caller.grant())?;
    let judged = api.app.judge_site_ledger(caller.grant(), None, &form.read(&api.app)?).await?;
    Ok(Json(TemplatePreview {
        ledger: judged.kind.as_ref().map(|kind| Ledger::whole(&api.app, kind)),
        mistakes: mistakes(judged.mistakes),
        differences: judged.differences.into_iter().map(|d| d.text).collect(),
    }))
}

/// Writes a draft of a ledger of the site.
#[utoipa::path(post, path = "/ledger-templates", tag = "templates", request_body = SiteLedgerForm, responses((status = 201, body = TemplateDetail), (status = 422, body = Problem)))]
pub(crate) async fn create(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    Body(form): Body<SiteLedgerForm>,
) -> Result<impl IntoResponse, Denied> {
    api.app.may_manage_ledgers(caller.grant())?;
    let key = page::idempotency_key(&headers)?;
    let site = api.app.draft_site_ledger(caller.grant(), form.read(&api.app)?, key).await?;
    Ok((StatusCode::CREATED, answer(&api, &caller, site).await?))
}

/// Changes what is filled in; what is in use stays so until the change is adopted. `If-Match` carries the version read.
#[utoipa::path(put, path = "/ledger-templates/{kind}", tag = "templates", params(("kind" = String, Path)), request_body = SiteLedgerForm, responses((status = 200, body = TemplateDetail), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn change(
    State(api): State<Api>,
    caller: Caller,
    Path(kind): Path<String>,
    headers: HeaderMap,
    Body(form): Body<SiteLedgerForm>,
) -> Result<impl IntoResponse, Denied> {
    api.app.may_manage_ledgers(caller.grant())?;
    let version = page::if_match(&headers)?;
    let form = form.read(&api.app)?;
    let site = api.app.change_site_ledger(caller.grant(), &kind, version, form).await?;
    answer(&api, &caller, site).await
}

/// Takes it into use, without a restart. `If-Match` carries the version read.
#[utoipa::path(post, path = "/ledger-templates/{kind}/adopt", tag = "templates", params(("kind" = String, Path)), responses((status = 200, body = TemplateDetail), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn adopt(
    State(api): State<Api>,
    caller: Caller,
    Path(kind): Path<String>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Denied> {
    api.app.may_manage_ledgers(caller.grant())?;
    let version = page::if_match(&headers)?;
    let site = api.app.adopt_site_ledger(caller.grant(), &kind, version).await?;
    answer(&api, &caller, site).await
}

/// Ends it before its time, or gives a draft up. `If-Match` carries the version read.
#[utoipa::path(post, path = "/ledger-templates/{kind}/end", tag = "templates", params(("kind" = String, Path)), request_body = EndingForm, responses((status = 200, body = TemplateDetail), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn end(
    State(api): State<Api>,
    caller: Caller,
    Path(kind): Path<String>,
    headers: HeaderMap,
    Body(form): Body<EndingForm>,
) -> Result<impl IntoResponse, Denied> {
    api.app.may_manage_ledgers(caller.grant())?;
    let version = page::if_match(&headers)?;
    let site = api.app.end_site_ledger(caller.grant(), &kind, version, &form.reason).await?;
    answer(&api, &caller, site).await
}
