//! `/responders`: the people whom an alarm that nobody takes is carried to: list, page, registering, changing,
//! disabling.

use crate::Api;
use crate::gate::Caller;
use crate::page::{
    self, Body, ChoiceView, InPath, NamedRef, Parameters, RegionRef, SimpleAction, etag, lng_lat,
};
use crate::problem::{Denied, Problem};
use crate::schema::{AccountState, LngLat, ResponderRole};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use fengsui_access::Grant;
use fengsui_app::{App, ResponderDraft, ResponderFilter};
use fengsui_base::{EntryId, Fields, Position, Refusal, UnitId};
use fengsui_catalog::Permission;
use fengsui_ledger::Entry;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Somebody who can be called.
#[derive(Serialize, ToSchema)]
pub(crate) struct Responder {
    id: String,
    version: u64,
    name: String,
    #[schema(value_type = ResponderRole)]
    role: String,
    role_label: String,
    phone: Option<String>,
    /// Whether a gateway said that there is no such number.
    wrong_number: bool,
    email: Option<String>,
    /// By what a robot of a group names the person.
    robot_handle: Option<String>,
    region: RegionRef,
    unit: Option<NamedRef>,
    #[schema(value_type = Option<LngLat>)]
    position: Option<[f64; 2]>,
    /// Whom to call first, smallest number first.
    order: i64,
    /// The hours in which to call; always, when null.
    hours_from: Option<String>,
    hours_until: Option<String>,
    #[schema(value_type = AccountState)]
    state: String,
    state_label: String,
    actions: Vec<SimpleAction>,
}

/// A page of responders.
#[derive(Serialize, ToSchema)]
pub(crate) struct ResponderList {
    items: Vec<Responder>,
    next: Option<String>,
    /// How many there are: exact up to 10,000; 10,001 says that there are more.
    total: u64,
}

/// What may be chosen as role.
#[derive(Serialize, ToSchema)]
pub(crate) struct Roles {
    items: Vec<ChoiceView>,
}

/// Which responders.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ResponderParameters {
    q: Option<String>,
    role: Option<String>,
    active: Option<bool>,
    cursor: Option<String>,
    limit: Option<u16>,
}

/// What a form says of a responder.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ResponderForm {
    name: String,
    #[schema(value_type = ResponderRole)]
    role: String,
    region: String,
    #[serde(default)]
    unit: Option<String>,
    #[serde(default)]
    phone: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    robot_handle: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<LngLat>)]
    position: Option<[f64; 2]>,
    #[serde(default)]
    order: Option<i64>,
    #[serde(default)]
    hours_from: Option<String>,
    #[serde(default)]
    hours_until: Option<String>,
}

impl Responder {
    async fn of(app: &App, grant: &Grant, entry: &Entry) -> Result<Self, Denied> {
        let kind = app.catalog().kind("responder");
        let text = |name: &str| page::text(entry, name).filter(|t| !t.is_empty());
        let role = text("role").unwrap_or_default();
        let barred = grant.may_at(Permission::ResponderWrite, entry.region).err();
        let switch = if entry.state == "active" { ("disable", "停用") } else { ("enable", "启用") };
        let unit = text("unit").zip(text("unit_name"));
        let wrong_number = match text("phone") {
            Some(phone) => app.is_wrong_number(&phone).await?,
            None => false,
        };
        Ok(Self {
            id: entry.id.to_string(),
            version: entry.version,
            name: entry.title.clone(),
            role_label: kind
                .and_then(|k| k.field("role"))
                .map_or(role.as_str(), |f| f.choice_label(&role))
                .to_owned(),
            role,
            phone: text("phone"),
            wrong_number,
            email: text("email"),
            robot_handle: text("robot_handle"),
            region: RegionRef::find(app, entry.region),
            unit: unit.map(|(id, name)| NamedRef::of(id, &name)),
            position: lng_lat(entry.position),
            order: entry.fields.get("order").and_then(|v| v.as_i64()).unwrap_or(0),
            hours_from: text("hours_from"),
            hours_until: text("hours_until"),
            state: entry.state.clone(),
            state_label: kind.map_or(entry.state.as_str(), |k| k.state_label(&entry.state)).to_owned(),
            actions: vec![
                SimpleAction::of("edit", "修改", barred.clone()),
                SimpleAction::of(switch.0, switch.1, barred),
            ],
        })
    }
}

impl ResponderForm {
    fn draft(self) -> Result<ResponderDraft, Refusal> {
        let position = self.position.map(|[lng, lat]| Position::new(lng, lat)).transpose();
        let position = position.map_err(|_| {
            page::bad("/position", "position.range", "坐标超出范围：经度 −180 至 180，纬度 −90 至 90")
        })?;
        let unit = self.unit.filter(|u| !u.is_empty());
        let unit = unit.map(|u| page::id_in(&u, "/unit")).transpose()?.map(UnitId);
        let mut fields = Fields::new();
        fields.insert("role".to_owned(), self.role.into());
        let texts = [
            ("phone", self.phone),
            ("email", self.email),
            ("robot_handle", self.robot_handle),
            ("hours_from", self.hours_from),
            ("hours_until", self.hours_until),
        ];
        let given = |(name, value): (&str, Option<String>)| {
            let value = value.map(|v| v.trim().to_owned()).filter(|v| !v.is_empty())?;
            Some((name.to_owned(), value.into()))
        };
        fields.extend(texts.into_iter().filter_map(given));
        fields.extend(self.order.map(|order| ("order".to_owned(), order.into())));
        let region = page::region(&self.region, "/region")?;
        Ok(ResponderDraft { name: self.name, region, unit, position, fields })
    }
}

/// A page of responders, by name.
#[utoipa::path(get, path = "/responders", tag = "responders", params(ResponderParameters), responses((status = 200, body = ResponderList), (status = 403, body = Problem)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Parameters(p): Parameters<ResponderParameters>,
) -> Result<Json<ResponderList>, Denied> {
    let filter = ResponderFilter {
        text: p.q,
        role: p.role.filter(|r| !r.is_empty()),
        active: p.active,
        after: page::cursor(p.cursor.as_deref())?,
        limit: page::limit(p.limit),
    };
    let (found, total) = api.app.responders(caller.grant(), filter).await?;
    let mut items = Vec::with_capacity(found.items.len());
    for entry in &found.items {
        items.push(Responder::of(&api.app, caller.grant(), entry).await?);
    }
    Ok(Json(ResponderList { items, next: found.next.as_ref().map(page::cursor_text), total }))
}

/// What may be chosen as role.
#[utoipa::path(get, path = "/responders/roles", tag = "responders", responses((status = 200, body = Roles)))]
pub(crate) async fn roles(State(api): State<Api>, _caller: Caller) -> Json<Roles> {
    Json(Roles { items: ChoiceView::of(&api.app, "responder", "role") })
}

/// One responder.
#[utoipa::path(get, path = "/responders/{id}", tag = "responders", params(("id" = String, Path)), responses((status = 200, body = Responder), (status = 404, body = Problem)))]
pub(crate) async fn one(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<impl IntoResponse, Denied> {
    let entry = api.app.responder(caller.grant(), id).await?;
    shown(&api, caller.grant(), &entry).await
}

/// Registers a responder.
#[utoipa::path(post, path = "/responders", tag = "responders", request_body = ResponderForm, responses((status = 201, body = Responder), (status = 422, body = Problem)))]
pub(crate) async fn create(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    Body(form): Body<ResponderForm>,
) -> Result<impl IntoResponse, Denied> {
    let key = page::idempotency_key(&headers)?;
    let entry = api.app.create_responder(caller.grant(), form.draft()?, key).await?;
    Ok((StatusCode::CREATED, shown(&api, caller.grant(), &entry).await?))
}

/// Changes a responder; `If-Match` carries the version that was read.
#[utoipa::path(patch, path = "/responders/{id}", tag = "responders", params(("id" = String, Path)), request_body = ResponderForm, responses((status = 200, body = Responder), (status = 409, body = Problem)))]
pub(crate) async fn change(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    headers: HeaderMap,
    Body(form): Body<ResponderForm>,
) -> Result<impl IntoResponse, Denied> {
    let version = page::if_match(&headers)?;
    let entry = api.app.change_responder(caller.grant(), id, version, form.draft()?).await?;
    shown(&api, caller.grant(), &entry).await
}

/// Takes a responder out of use.
#[utoipa::path(post, path = "/responders/{id}/disable", tag = "responders", params(("id" = String, Path)), responses((status = 200, body = Responder), (status = 409, body = Problem)))]
pub(crate) async fn disable(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<impl IntoResponse, Denied> {
    switched(&api, &caller, id, false).await
}

/// Takes a responder into use again.
#[utoipa::path(post, path = "/responders/{id}/enable", tag = "responders", params(("id" = String, Path)), responses((status = 200, body = Responder), (status = 409, body = Problem)))]
pub(crate) async fn enable(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<impl IntoResponse, Denied> {
    switched(&api, &caller, id, true).await
}

async fn switched(
    api: &Api,
    caller: &Caller,
    id: EntryId,
    active: bool,
) -> Result<impl IntoResponse + use<>, Denied> {
    let entry = if active {
        api.app.enable_responder(caller.grant(), id).await?
    } else {
        api.app.disable_responder(caller.grant(), id).await?
    };
    shown(api, caller.grant(), &entry).await
}

async fn shown(api: &Api, grant: &Grant, entry: &Entry) -> Result<impl IntoResponse + use<>, Denied> {
    Ok((etag(entry.version), Json(Responder::of(&api.app, grant, entry).await?)))
}
