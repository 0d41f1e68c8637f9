//! `/units`: list, page, registering and changing.

use crate::Api;
use crate::gate::Caller;
use crate::page::{
    self, Body, ChoiceView, Contact, InPath, Parameters, RegionRef, SimpleAction, etag, lng_lat,
};
use crate::problem::{Denied, Problem};
use crate::schema::LngLat;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use fengsui_access::Grant;
use fengsui_app::{App, UnitDraft, UnitFilter};
use fengsui_base::{Fields, Position, Refusal, Scope, UnitId};
use fengsui_catalog::Permission;
use fengsui_ledger::Entry;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A unit in a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct UnitSummary {
    id: String,
    code: String,
    name: String,
    category: String,
    category_label: String,
    region: RegionRef,
    township: Option<String>,
    address: String,
    key_unit: bool,
    #[schema(value_type = Option<LngLat>)]
    position: Option<[f64; 2]>,
    version: u64,
    open_alarms: usize,
    terminals: usize,
}

/// A unit with everything its page shows.
#[derive(Serialize, ToSchema)]
pub(crate) struct Unit {
    #[serde(flatten)]
    summary: UnitSummary,
    village: Option<String>,
    /// When it was founded.
    founded_on: Option<String>,
    legal_person: Option<String>,
    safety_manager: Option<String>,
    grid: Option<String>,
    sector: Option<String>,
    remark: Option<String>,
    contacts: Vec<Contact>,
    buildings: Vec<Building>,
    actions: Vec<SimpleAction>,
}

/// A building of a unit.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct Building {
    name: String,
    #[serde(default)]
    #[schema(required = true)]
    floors_above: u16,
    #[serde(default)]
    #[schema(required = true)]
    floors_below: u16,
    #[serde(default)]
    area_m2: Option<f64>,
    #[serde(default)]
    height_m: Option<f64>,
    #[serde(default, rename = "use")]
    used_for: Option<String>,
    /// Fire-resistance class (耐火等级), 1 to 4.
    #[serde(default)]
    fire_resistance: Option<u8>,
}

/// A page of units.
#[derive(Serialize, ToSchema)]
pub(crate) struct UnitList {
    items: Vec<UnitSummary>,
    next: Option<String>,
    /// How many there are: exact up to 10,000; 10,001 says that there are more.
    total: u64,
}

/// What may be chosen as category.
#[derive(Serialize, ToSchema)]
pub(crate) struct Categories {
    items: Vec<ChoiceView>,
}

/// Which units.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct UnitParameters {
    q: Option<String>,
    category: Option<String>,
    key_unit: Option<bool>,
    region: Option<String>,
    cursor: Option<String>,
    limit: Option<u16>,
}

/// What a form says of a unit.
#[derive(Deserialize, ToSchema)]
pub(crate) struct UnitForm {
    code: String,
    name: String,
    category: String,
    region: String,
    address: String,
    #[serde(default)]
    key_unit: bool,
    #[serde(default)]
    #[schema(value_type = Option<LngLat>)]
    position: Option<[f64; 2]>,
    /// This and the following: absent for no change, empty for none.
    #[serde(default)]
    founded_on: Option<String>,
    #[serde(default)]
    legal_person: Option<String>,
    #[serde(default)]
    safety_manager: Option<String>,
    #[serde(default)]
    grid: Option<String>,
    #[serde(default)]
    sector: Option<String>,
    #[serde(default)]
    remark: Option<String>,
    #[serde(default)]
    contacts: Vec<Contact>,
    #[serde(default)]
    buildings: Vec<Building>,
}

/// Most contacts and buildings of one unit.
const ROWS_MAX: usize = 200;
/// Fire-resistance classes. Source: GB 50016 §3.2, §5.1.
const FIRE_CLASSES: std::ops::RangeInclusive<u8> = 1..=4;
/// Longest text of a contact or building, in characters.
const ROW_CHARS_MAX: usize = 60;

/// The label of a unit's category.
pub(crate) fn category_label(app: &App, category: &str) -> String {
    let field = app.catalog().kind("unit").and_then(|k| k.field("category"));
    field.map_or(category, |f| f.choice_label(category)).to_owned()
}

impl UnitParameters {
    pub(crate) fn filter(self) -> Result<UnitFilter, Refusal> {
        Ok(UnitFilter {
            text: self.q,
            category: self.category.filter(|c| !c.is_empty()),
            key_unit: self.key_unit,
            region: self.region.as_deref().map(|r| page::region(r, "/region")).transpose()?,
            after: page::cursor(self.cursor.as_deref())?,
            limit: page::limit(self.limit),
        })
    }
}

impl UnitSummary {
    fn of(app: &App, grant: &Grant, entry: &Entry) -> Self {
        let id = UnitId(entry.id);
        let own = Scope::of([entry.region.number()..entry.region.number() + 1]);
        let alarms = own.within(&grant.scope(Permission::AlarmRead));
        let open = app.board().open_alarms_at(id.into());
        let open = open.iter().filter(|a| alarms.contains(a.entry.region)).count();
        let terminals = own.within(&grant.scope(Permission::TerminalRead));
        let category = page::text(entry, "category").unwrap_or_default();
        Self {
            id: entry.id.to_string(),
            code: page::text(entry, "code").unwrap_or_default(),
            name: entry.title.clone(),
            category_label: category_label(app, &category),
            category,
            region: RegionRef::find(app, entry.region),
            township: page::township(app, entry.region),
            address: page::text(entry, "address").unwrap_or_default(),
            key_unit: entry.fields.get("key_unit").and_then(|v| v.as_bool()).unwrap_or(false),
            position: lng_lat(entry.position),
            version: entry.version,
            open_alarms: open,
            terminals: app.board().terminals_of(id, &terminals).len(),
        }
    }
}

impl Unit {
    fn of(app: &App, grant: &Grant, entry: &Entry) -> Self {
        let region = RegionRef::find(app, entry.region);
        let edit = grant.may_at(Permission::UnitWrite, entry.region).err();
        Self {
            village: (region.level == "village").then_some(region.name),
            founded_on: page::text(entry, "founded_on"),
            legal_person: page::text(entry, "legal_person"),
            safety_manager: page::text(entry, "safety_manager"),
            grid: page::text(entry, "grid"),
            sector: page::text(entry, "sector"),
            remark: page::text(entry, "remark"),
            contacts: page::items(entry, "contacts"),
            buildings: page::items(entry, "buildings"),
            actions: vec![SimpleAction::of("edit", "修改", edit)],
            summary: UnitSummary::of(app, grant, entry),
        }
    }
}

impl UnitForm {
    fn draft(self) -> Result<UnitDraft, Refusal> {
        self.check_rows()?;
        let position = self.position.map(|[lng, lat]| Position::new(lng, lat)).transpose();
        let position = position.map_err(|_| {
            page::bad("/position", "position.range", "坐标超出范围：经度 −180 至 180，纬度 −90 至 90")
        })?;
        let mut fields = Fields::new();
        fields.insert("code".to_owned(), self.code.trim().into());
        fields.insert("category".to_owned(), self.category.into());
        fields.insert("address".to_owned(), self.address.trim().into());
        fields.insert("key_unit".to_owned(), self.key_unit.into());
        let said = [
            ("founded_on", self.founded_on),
            ("legal_person", self.legal_person),
            ("safety_manager", self.safety_manager),
            ("grid", self.grid),
            ("sector", self.sector),
            ("remark", self.remark),
        ];
        fields.extend(page::said(said));
        fields.insert("contacts".to_owned(), serde_json::to_value(self.contacts).unwrap_or_default());
        fields.insert("buildings".to_owned(), serde_json::to_value(self.buildings).unwrap_or_default());
        Ok(UnitDraft { name: self.name, region: page::region(&self.region, "/region")?, position, fields })
    }

    fn check_rows(&self) -> Result<(), Refusal> {
        if self.contacts.len().max(self.buildings.len()) > ROWS_MAX {
            return Err(page::bad("/contacts", "rows.many", "联系人和楼栋最多各 200 行"));
        }
        let long = |t: &str| t.chars().count() > ROW_CHARS_MAX;
        if self.contacts.iter().any(|c| long(&c.role) || long(&c.name) || long(&c.phone)) {
            return Err(page::bad("/contacts", "text.too_long", "联系人每项最多 60 个字"));
        }
        if self.buildings.iter().any(|b| long(&b.name) || b.used_for.as_deref().is_some_and(long)) {
            return Err(page::bad("/buildings", "text.too_long", "楼栋名称和用途最多 60 个字"));
        }
        if self
            .buildings
            .iter()
            .any(|b| b.fire_resistance.is_some_and(|class| !FIRE_CLASSES.contains(&class)))
        {
            return Err(page::bad("/buildings", "choice.unknown", "楼栋的耐火等级只能是一级到四级"));
        }
        Ok(())
    }
}

/// A page of units, by name.
#[utoipa::path(get, path = "/units", tag = "units", params(UnitParameters), responses((status = 200, body = UnitList), (status = 403, body = Problem)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Parameters(p): Parameters<UnitParameters>,
) -> Result<Json<UnitList>, Denied> {
    let (found, total) = api.app.units(caller.grant(), p.filter()?).await?;
    let items = found.items.iter().map(|e| UnitSummary::of(&api.app, caller.grant(), e)).collect();
    Ok(Json(UnitList { items, next: found.next.as_ref().map(page::cursor_text), total }))
}

/// One unit.
#[utoipa::path(get, path = "/units/{id}", tag = "units", params(("id" = String, Path)), responses((status = 200, body = Unit), (status = 404, body = Problem)))]
pub(crate) async fn one(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<impl IntoResponse, Denied> {
    let entry = api.app.unit(caller.grant(), UnitId(id)).await?;
    Ok((etag(entry.version), Json(Unit::of(&api.app, caller.grant(), &entry))))
}

/// Registers a unit.
#[utoipa::path(post, path = "/units", tag = "units", request_body = UnitForm, responses((status = 201, body = Unit), (status = 422, body = Problem)))]
pub(crate) async fn create(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    Body(form): Body<UnitForm>,
) -> Result<impl IntoResponse, Denied> {
    let key = page::idempotency_key(&headers)?;
    let entry = api.app.create_unit(caller.grant(), form.draft()?, key).await?;
    Ok((StatusCode::CREATED, etag(entry.version), Json(Unit::of(&api.app, caller.grant(), &entry))))
}

/// Changes a unit; `If-Match` carries the version that was read.
#[utoipa::path(patch, path = "/units/{id}", tag = "units", params(("id" = String, Path)), request_body = UnitForm, responses((status = 200, body = Unit), (status = 409, body = Problem)))]
pub(crate) async fn change(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    headers: HeaderMap,
    Body(form): Body<UnitForm>,
) -> Result<impl IntoResponse, Denied> {
    let version = page::if_match(&headers)?;
    let entry = api.app.change_unit(caller.grant(), UnitId(id), version, form.draft()?).await?;
    Ok((etag(entry.version), Json(Unit::of(&api.app, caller.grant(), &entry))))
}

/// What may be chosen as category.
#[utoipa::path(get, path = "/units/categories", tag = "units", responses((status = 200, body = Categories)))]
pub(crate) async fn categories(State(api): State<Api>, _caller: Caller) -> Json<Categories> {
    Json(Categories { items: ChoiceView::of(&api.app, "unit", "category") })
}
