//! `/windows`: windows of maintenance, shielding and drills: listed, made, ended; and what a unit's may cover.

use crate::Api;
use crate::gate::Caller;
use crate::page::{self, Body, InPath, NamedRef, Parameters, RegionRef, SimpleAction};
use crate::problem::{Denied, Problem};
use crate::schema::{CoverKind, WindowPurpose, WindowStateName};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use fengsui_alarm::{Cover, Purpose, WindowDraft, WindowOwner, WindowState};
use fengsui_app::{App, CoverChoices, WindowFilter, WindowView};
use fengsui_base::{PointId, Refusal, TerminalId, Timestamp, UnitId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A window.
#[derive(Serialize, ToSchema)]
pub(crate) struct Window {
    id: String,
    version: u64,
    #[schema(value_type = WindowPurpose)]
    purpose: &'static str,
    purpose_label: &'static str,
    #[schema(value_type = WindowStateName)]
    state: &'static str,
    state_label: String,
    unit: Option<NamedRef>,
    region: RegionRef,
    township: Option<String>,
    #[schema(value_type = CoverKind)]
    cover: &'static str,
    /// What it covers, in words.
    cover_words: String,
    reason: String,
    owner_name: String,
    owner_phone: String,
    from_at: String,
    until_at: String,
    made_at: String,
    end_reason: Option<String>,
    ended_at: Option<String>,
    /// How many open alarms are silent because of it.
    suppressed: usize,
    actions: Vec<SimpleAction>,
}

/// A page of windows.
#[derive(Serialize, ToSchema)]
pub(crate) struct WindowList {
    items: Vec<Window>,
    next: Option<String>,
    /// How many there are: exact up to 10,000; 10,001 says that there are more.
    total: u64,
}

/// Something that a window may cover.
#[derive(Serialize, ToSchema)]
pub(crate) struct CoverView {
    #[schema(value_type = CoverKind)]
    cover: &'static str,
    terminal: Option<String>,
    system_type: Option<u8>,
    system_address: Option<u8>,
    building: Option<String>,
    floor: Option<String>,
    zone: Option<String>,
    /// In words.
    words: String,
    /// How many registered points that is.
    points: usize,
}

/// What the windows of a unit may cover.
#[derive(Serialize, ToSchema)]
pub(crate) struct Covers {
    covers: Vec<CoverView>,
    points: Vec<NamedRef>,
}

/// Which windows.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WindowParameters {
    /// `open` (planned and active), or a state.
    state: Option<String>,
    purpose: Option<String>,
    unit: Option<String>,
    q: Option<String>,
    cursor: Option<String>,
    limit: Option<u16>,
}

/// What somebody wants a window to be.
#[derive(Deserialize, ToSchema)]
pub(crate) struct WindowForm {
    unit: String,
    #[schema(value_type = WindowPurpose)]
    purpose: String,
    #[schema(value_type = CoverKind)]
    cover: String,
    #[serde(default)]
    terminal: Option<String>,
    #[serde(default)]
    system_type: Option<u8>,
    #[serde(default)]
    system_address: Option<u8>,
    #[serde(default)]
    building: Option<String>,
    #[serde(default)]
    floor: Option<String>,
    #[serde(default)]
    zone: Option<String>,
    #[serde(default)]
    points: Vec<String>,
    reason: String,
    owner_name: String,
    owner_phone: String,
    /// At once when it is left out.
    #[serde(default)]
    from_at: Option<String>,
    until_at: String,
}

/// Why it ends before its time.
#[derive(Deserialize, ToSchema)]
pub(crate) struct EndForm {
    reason: String,
}

impl Window {
    fn of(app: &App, view: &WindowView) -> Self {
        let (window, entry) = (&view.window, &view.entry);
        let state = app.catalog().kind("window").map(|k| k.state_label(view.state.code()).to_owned());
        let end = match view.state {
            WindowState::Planned => ("cancel", "取消"),
            _ => ("end", "提前结束"),
        };
        Self {
            id: entry.id.to_string(),
            version: entry.version,
            purpose: window.purpose.code(),
            purpose_label: window.purpose.label(),
            state: view.state.code(),
            state_label: state.unwrap_or_default(),
            unit: window.unit.map(|id| NamedRef::of(id, window.unit_name.as_deref().unwrap_or_default())),
            region: RegionRef::find(app, entry.region),
            township: page::township(app, entry.region),
            cover: code(&window.cover),
            cover_words: window.cover_words.clone(),
            reason: window.reason.clone(),
            owner_name: window.owner.name.clone(),
            owner_phone: window.owner.phone.clone(),
            from_at: window.from_at.to_string(),
            until_at: window.until_at.to_string(),
            made_at: entry.opened_at.to_string(),
            end_reason: window.end_reason.clone(),
            ended_at: window.ended_at.map(|t| t.to_string()),
            suppressed: view.suppressed,
            actions: vec![SimpleAction::of(end.0, end.1, view.end_refusal.clone())],
        }
    }
}

fn code(cover: &Cover) -> &'static str {
    match cover {
        Cover::Unit => "unit",
        Cover::Terminal { .. } => "terminal",
        Cover::System { .. } => "system",
        Cover::Floor { .. } => "floor",
        Cover::Zone { .. } => "zone",
        Cover::Points { .. } => "points",
    }
}

impl CoverView {
    fn of(cover: &Cover, words: &str, points: usize) -> Self {
        let mut view = Self {
            cover: code(cover),
            terminal: None,
            system_type: None,
            system_address: None,
            building: None,
            floor: None,
            zone: None,
            words: words.to_owned(),
            points,
        };
        match cover {
            Cover::Unit | Cover::Points { .. } => {}
            Cover::Terminal { terminal } => view.terminal = Some(terminal.to_string()),
            Cover::System { terminal, system_type, system_address } => {
                view.terminal = Some(terminal.to_string());
                (view.system_type, view.system_address) = (Some(*system_type), Some(*system_address));
            }
            Cover::Floor { building, floor } => {
                (view.building, view.floor) = (Some(building.clone()), floor.clone());
            }
            Cover::Zone { zone, building } => {
                (view.zone, view.building) = (Some(zone.clone()), building.clone());
            }
        }
        view
    }
}

impl Covers {
    fn of(choices: &CoverChoices) -> Self {
        Self {
            covers: choices.covers.iter().map(|c| CoverView::of(&c.cover, &c.words, c.points)).collect(),
            points: choices.points.iter().map(|(id, words)| NamedRef::of(id, words)).collect(),
        }
    }
}

impl WindowForm {
    fn draft(self) -> Result<(UnitId, WindowDraft), Refusal> {
        let unit = UnitId(page::id_in(&self.unit, "/unit")?);
        let cover = self.cover()?;
        let purpose = Purpose::from_code(&self.purpose)
            .ok_or_else(|| page::bad("/purpose", "choice.unknown", "没有这种用途，请重新选择"))?;
        let draft = WindowDraft {
            purpose,
            cover,
            reason: self.reason,
            owner: WindowOwner { name: self.owner_name, phone: self.owner_phone },
            from_at: self.from_at.as_deref().map(|t| instant(t, "/from_at")).transpose()?,
            until_at: instant(&self.until_at, "/until_at")?,
        };
        Ok((unit, draft))
    }

    fn cover(&self) -> Result<Cover, Refusal> {
        let lacking = || page::bad("/cover", "cover.unknown", "范围没有选全，请重新选择");
        let terminal = || {
            let id = self.terminal.as_deref().ok_or_else(lacking)?;
            page::id_in(id, "/terminal").map(TerminalId)
        };
        Ok(match self.cover.as_str() {
            "unit" => Cover::Unit,
            "terminal" => Cover::Terminal { terminal: terminal()? },
            "system" => Cover::System {
                terminal: terminal()?,
                system_type: self.system_type.ok_or_else(lacking)?,
                system_address: self.system_address.ok_or_else(lacking)?,
            },
            "floor" => Cover::Floor {
                building: self.building.clone().ok_or_else(lacking)?,
                floor: self.floor.clone(),
            },
            "zone" => {
                Cover::Zone { zone: self.zone.clone().ok_or_else(lacking)?, building: self.building.clone() }
            }
            "points" => Cover::Points {
                points: self
                    .points
                    .iter()
                    .map(|p| page::id_in(p, "/points").map(PointId))
                    .collect::<Result<_, _>>()?,
            },
            _ => return Err(lacking()),
        })
    }
}

fn instant(text: &str, pointer: &'static str) -> Result<Timestamp, Refusal> {
    text.parse().map_err(|_| page::bad(pointer, "instant.wrong", "请填写日期和时间"))
}

/// A page of windows, newest first.
#[utoipa::path(get, path = "/windows", tag = "windows", params(WindowParameters), responses((status = 200, body = WindowList), (status = 403, body = Problem)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Parameters(p): Parameters<WindowParameters>,
) -> Result<Json<WindowList>, Denied> {
    let states = match p.state.as_deref() {
        None | Some("") => Vec::new(),
        Some("open") => ["planned", "active"].map(str::to_owned).to_vec(),
        Some(state) => vec![state.to_owned()],
    };
    let filter = WindowFilter {
        states,
        purpose: p.purpose.filter(|p| !p.is_empty()),
        unit: p.unit.as_deref().map(page::id).transpose()?,
        text: p.q,
        after: page::cursor(p.cursor.as_deref())?,
        limit: page::limit(p.limit),
    };
    let found = api.app.windows(caller.grant(), filter).await?;
    let items = found.items.iter().map(|w| Window::of(&api.app, w)).collect();
    Ok(Json(WindowList { items, next: found.next.as_ref().map(page::cursor_text), total: found.total }))
}

/// One window.
#[utoipa::path(get, path = "/windows/{id}", tag = "windows", params(("id" = String, Path)), responses((status = 200, body = Window), (status = 404, body = Problem)))]
pub(crate) async fn one(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<Json<Window>, Denied> {
    let view = api.app.window(caller.grant(), id).await?;
    Ok(Json(Window::of(&api.app, &view)))
}

/// Makes a window.
#[utoipa::path(post, path = "/windows", tag = "windows", request_body = WindowForm, responses((status = 201, body = Window), (status = 422, body = Problem)))]
pub(crate) async fn create(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    Body(form): Body<WindowForm>,
) -> Result<impl IntoResponse, Denied> {
    let key = page::idempotency_key(&headers)?;
    let (unit, draft) = form.draft()?;
    let view = api.app.create_window(caller.grant(), unit, draft, key).await?;
    Ok((StatusCode::CREATED, Json(Window::of(&api.app, &view))))
}

/// Ends a window before its time, or cancels it before it began.
#[utoipa::path(post, path = "/windows/{id}/end", tag = "windows", params(("id" = String, Path)), request_body = EndForm, responses((status = 200, body = Window), (status = 409, body = Problem)))]
pub(crate) async fn end(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    Body(form): Body<EndForm>,
) -> Result<Json<Window>, Denied> {
    let view = api.app.end_window(caller.grant(), id, &form.reason).await?;
    Ok(Json(Window::of(&api.app, &view)))
}

/// What the windows of a unit may cover.
#[utoipa::path(get, path = "/units/{id}/covers", tag = "windows", params(("id" = String, Path)), responses((status = 200, body = Covers), (status = 404, body = Problem)))]
pub(crate) async fn covers(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<Json<Covers>, Denied> {
    let choices = api.app.window_covers(caller.grant(), UnitId(id)).await?;
    Ok(Json(Covers::of(&choices)))
}
