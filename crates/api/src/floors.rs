//! `/units/{id}/floors` and `/units/{id}/pictures`: the floors of a unit with their plans, and where its points are.

use crate::Api;
use crate::gate::Caller;
use crate::page::{self, Body, InPath, Parameters, SimpleAction};
use crate::problem::{Denied, Problem};
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use fengsui_access::Grant;
use fengsui_alarm::{Condition, Conditions};
use fengsui_app::{App, FloorFacts, FloorName, FloorPoint, PICTURE_BYTES_MAX};
use fengsui_base::{AlarmId, PointId, Refusal, UnitId};
use fengsui_catalog::Permission;
use fengsui_ledger::Entry;
use gb26875::names;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A floor of a unit.
#[derive(Serialize, ToSchema)]
pub(crate) struct FloorView {
    building: String,
    floor: String,
    points: usize,
    /// How many of them have their place on the plan.
    placed: usize,
    open_alarms: usize,
    states: Vec<PointCondition>,
    plan: Option<PlanView>,
}

/// A plan picture.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlanView {
    /// Where it is read.
    url: String,
    width_px: u64,
    height_px: u64,
}

/// One thing that is the matter with a point.
#[derive(Serialize, ToSchema)]
pub(crate) struct PointCondition {
    code: &'static str,
    label: &'static str,
}

/// The floors of a unit, by building and from the lowest up.
#[derive(Serialize, ToSchema)]
pub(crate) struct FloorList {
    items: Vec<FloorView>,
    actions: Vec<SimpleAction>,
}

/// A point of a floor.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlanPoint {
    id: String,
    label: String,
    component_label: String,
    terminal: String,
    online: Option<bool>,
    states: Vec<PointCondition>,
    /// Its gravest open alarm.
    alarm: Option<PlanAlarm>,
    /// Where it is, in fractions of the picture from its left upper corner.
    at: Option<[f64; 2]>,
}

/// An open alarm of a point.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlanAlarm {
    id: String,
    level: u8,
}

/// The points of a floor, by label.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlanPoints {
    items: Vec<PlanPoint>,
}

/// Where the point of an alarm is.
#[derive(Serialize, ToSchema)]
pub(crate) struct AlarmPlan {
    building: Option<String>,
    floor: Option<String>,
    plan: Option<PlanView>,
    at: Option<[f64; 2]>,
}

/// Which floor.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FloorParameters {
    /// Building; empty where a unit has only one.
    #[serde(default)]
    building: String,
    floor: String,
}

/// Where points are.
#[derive(Deserialize, ToSchema)]
pub(crate) struct PlacesForm {
    places: Vec<PlaceForm>,
}

/// Where a point is.
#[derive(Deserialize, ToSchema)]
pub(crate) struct PlaceForm {
    point: String,
    /// In fractions of the picture; nothing when it is not known.
    at: Option<[f64; 2]>,
}

impl FloorView {
    fn of(unit: UnitId, name: FloorName, facts: &FloorFacts) -> Self {
        Self {
            plan: facts.entry.as_ref().and_then(|entry| PlanView::of(unit, entry)),
            building: name.building,
            floor: name.floor,
            points: facts.points,
            placed: facts.placed,
            open_alarms: facts.open_alarms,
            states: states(facts.conditions),
        }
    }
}

impl PlanView {
    fn of(unit: UnitId, entry: &Entry) -> Option<Self> {
        let name = page::text(entry, "plan")?;
        let size = |field: &str| entry.fields.get(field).and_then(|v| v.as_u64()).unwrap_or(1);
        let (width_px, height_px) = (size("plan_width"), size("plan_height"));
        Some(Self { url: format!("/api/v1/units/{unit}/pictures/{name}"), width_px, height_px })
    }
}

impl PlanPoint {
    fn of(found: &FloorPoint) -> Self {
        let point = &found.point;
        let kind = names::component_type(point.component_type);
        Self {
            id: point.id.to_string(),
            label: point.label.clone(),
            component_label: kind
                .map_or_else(|| format!("类型 {}", point.component_type), |n| n.zh.to_owned()),
            terminal: found.terminal.to_string(),
            online: found.online,
            states: states(found.conditions),
            alarm: found.alarm.map(|(id, level)| PlanAlarm { id: id.to_string(), level }),
            at: point.plan,
        }
    }
}

fn states(conditions: Conditions) -> Vec<PointCondition> {
    conditions.iter().map(|c: Condition| PointCondition { code: c.code(), label: c.label() }).collect()
}

fn name(p: &FloorParameters) -> FloorName {
    FloorName::new(&p.building, &p.floor)
}

async fn one_floor(app: &App, grant: &Grant, unit: UnitId, name: &FloorName) -> Result<FloorView, Denied> {
    let all = app.floors(grant, unit).await?;
    let found = all.into_iter().find(|(known, _)| known == name).ok_or_else(Refusal::not_found)?;
    Ok(FloorView::of(unit, found.0, &found.1))
}

/// The floors of a unit with their plans and what is the matter on them.
#[utoipa::path(get, path = "/units/{id}/floors", tag = "units", params(("id" = String, Path)), responses((status = 200, body = FloorList), (status = 404, body = Problem)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<Json<FloorList>, Denied> {
    let unit = UnitId(id);
    let entry = api.app.unit(caller.grant(), unit).await?;
    let floors = api.app.floors(caller.grant(), unit).await?;
    let denied = caller.grant().may_at(Permission::UnitWrite, entry.region).err();
    let items = floors.into_iter().map(|(name, facts)| FloorView::of(unit, name, &facts)).collect();
    Ok(Json(FloorList { items, actions: vec![SimpleAction::of("edit", "编辑平面图", denied)] }))
}

/// The points of one floor.
#[utoipa::path(get, path = "/units/{id}/floors/points", tag = "units", params(("id" = String, Path), FloorParameters), responses((status = 200, body = PlanPoints), (status = 404, body = Problem)))]
pub(crate) async fn points(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    Parameters(p): Parameters<FloorParameters>,
) -> Result<Json<PlanPoints>, Denied> {
    let found = api.app.floor_points(caller.grant(), UnitId(id), &name(&p)).await?;
    Ok(Json(PlanPoints { items: found.iter().map(PlanPoint::of).collect() }))
}

/// Gives a floor its plan: the body is the picture itself, PNG, JPEG or WebP.
#[utoipa::path(put, path = "/units/{id}/floors/plan", tag = "units", params(("id" = String, Path), FloorParameters), request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses((status = 200, body = FloorView), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn set_plan(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    Parameters(p): Parameters<FloorParameters>,
    picture: Result<Bytes, BytesRejection>,
) -> Result<Json<FloorView>, Denied> {
    let picture = picture.map_err(|rejection| unreadable(&rejection))?;
    api.app.set_plan(caller.grant(), UnitId(id), name(&p), picture.to_vec()).await?;
    one_floor(&api.app, caller.grant(), UnitId(id), &name(&p)).await.map(Json)
}

fn unreadable(rejection: &BytesRejection) -> Refusal {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let sentence = format!("图片超过 {} MB，请缩小后再上传", PICTURE_BYTES_MAX / 1024 / 1024);
        return page::bad("/picture", "picture.bytes", &sentence);
    }
    page::bad("/picture", "picture.unreadable", "图片没有收完整，请再传一次")
}

/// Takes a floor's plan away.
#[utoipa::path(delete, path = "/units/{id}/floors/plan", tag = "units", params(("id" = String, Path), FloorParameters), responses((status = 204), (status = 404, body = Problem)))]
pub(crate) async fn remove_plan(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    Parameters(p): Parameters<FloorParameters>,
) -> Result<StatusCode, Denied> {
    api.app.remove_plan(caller.grant(), UnitId(id), name(&p)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says where points of the unit are on the plans of their floors; all or none.
#[utoipa::path(put, path = "/units/{id}/floors/places", tag = "units", params(("id" = String, Path)), request_body = PlacesForm, responses((status = 204), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn place(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    Body(form): Body<PlacesForm>,
) -> Result<StatusCode, Denied> {
    let place = |p: PlaceForm| Ok::<_, Refusal>((PointId(page::id_in(&p.point, "/places")?), p.at));
    let places = form.places.into_iter().map(place).collect::<Result<_, _>>()?;
    api.app.place_points(caller.grant(), UnitId(id), places).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A picture of the unit, for whoever may read the unit.
#[utoipa::path(get, path = "/units/{id}/pictures/{name}", tag = "units", params(("id" = String, Path), ("name" = String, Path)), responses((status = 200, description = "the picture"), (status = 404, body = Problem)))]
pub(crate) async fn picture(
    State(api): State<Api>,
    caller: Caller,
    Path((id, name)): Path<(String, String)>,
) -> Result<impl IntoResponse, Denied> {
    let blob = api.app.unit_picture(caller.grant(), UnitId(page::id(&id)?), &name).await?;
    // The name is the digest of the content: what a browser has once, it need not ask for again.
    let headers = [
        (header::CONTENT_TYPE, blob.media_type),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CACHE_CONTROL, "private, max-age=86400, immutable".to_owned()),
    ];
    Ok((headers, blob.bytes))
}

/// The plan on which the alarm's point lies, as far as it is known.
#[utoipa::path(get, path = "/alarms/{id}/plan", tag = "alarms", params(("id" = String, Path)), responses((status = 200, body = AlarmPlan), (status = 404, body = Problem)))]
pub(crate) async fn of_alarm(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<Json<AlarmPlan>, Denied> {
    let (plan, at) = api.app.alarm_plan(caller.grant(), AlarmId(id)).await?;
    let (name, plan) = plan.map(|p| (p.name, PlanView::of(p.unit, &p.entry))).unzip();
    let (building, floor) = name.map(|n| (n.building, n.floor)).unzip();
    Ok(Json(AlarmPlan { building, floor, plan: plan.flatten(), at }))
}
