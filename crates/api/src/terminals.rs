//! `/terminals`: list, page, points, frames, and registering a new one.

use crate::Api;
use crate::frames::FrameSummary;
use crate::gate::Caller;
use crate::page::{self, Body, ChoiceView, InPath, NamedRef, Parameters, RegionRef, SimpleAction, etag};
use crate::problem::{Denied, Problem};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use fengsui_access::Grant;
use fengsui_alarm::{Condition, Conditions};
use fengsui_app::{App, KnownTerminal, ReadingView, TerminalDraft, TerminalFilter};
use fengsui_base::{Fields, Refusal, TerminalId, UnitId};
use fengsui_catalog::Permission;
use fengsui_ledger::Entry;
use fengsui_store::{LastState, Part, StateKey};
use gb26875::{Profile, names};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A terminal in a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct TerminalSummary {
    id: String,
    name: String,
    source: String,
    known: bool,
    unit: Option<NamedRef>,
    region: RegionRef,
    profile: String,
    online: Option<bool>,
    last_seen_at: Option<String>,
    points: usize,
    open_alarms: usize,
    version: u64,
    channel: Option<String>,
    clock_offset_s: Option<i64>,
    /// Whether it could be read once, and has left the last readings without an answer.
    unreadable: bool,
}

/// A terminal with everything its page shows.
#[derive(Serialize, ToSchema)]
pub(crate) struct Terminal {
    #[serde(flatten)]
    summary: TerminalSummary,
    code: Option<String>,
    maker: Option<String>,
    model: Option<String>,
    installed_on: Option<String>,
    service_life_years: Option<i64>,
    battery_installed_on: Option<String>,
    remark: Option<String>,
    silence: SilenceView,
    /// How its scheduled readings stand; absent where it is never asked.
    reading: Option<ReadingRecord>,
    status_labels: Vec<&'static str>,
    actions: Vec<SimpleAction>,
}

/// How the scheduled readings (定时读取) of a terminal stand.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReadingRecord {
    /// Between two readings, in seconds.
    period_s: i64,
    /// When it was asked last.
    asked_at: Option<String>,
    /// When it answered last.
    answered_at: Option<String>,
    /// How many readings in a row it has left without an answer.
    failures: u16,
    /// Whether the last one was denied.
    denied: bool,
    /// Whether so many failed that it counts as one whose state cannot be read.
    failing: bool,
}

/// When the terminal is offline.
#[derive(Serialize, ToSchema)]
pub(crate) struct SilenceView {
    /// How it keeps in touch, as set.
    rhythm: Option<String>,
    /// As set.
    report_period_s: Option<i64>,
    /// As set for this terminal.
    offline_after_s: Option<i64>,
    /// By the rule that holds.
    after_s: i64,
    /// The gateway through which it speaks.
    parent: Option<NamedRef>,
    /// Terminals that speak through it, and how many of them are not heard.
    children: usize,
    children_silent: usize,
}

/// A page of terminals.
#[derive(Serialize, ToSchema)]
pub(crate) struct TerminalList {
    items: Vec<TerminalSummary>,
    next: Option<String>,
    /// How many there are: exact up to 10,000; 10,001 says that there are more.
    total: u64,
}

/// A point with its last-known state.
#[derive(Serialize, ToSchema)]
pub(crate) struct PointView {
    id: Option<String>,
    label: String,
    system_label: String,
    component_type: u8,
    component_label: String,
    component_address: u32,
    /// Zone and number, for a part that has an address.
    zone: Option<u16>,
    number: Option<u16>,
    building: Option<String>,
    floor: Option<String>,
    states: Vec<StateView>,
    value: Option<ValueView>,
    event_at: Option<String>,
    received_at: Option<String>,
}

/// One thing that is the matter.
#[derive(Serialize, ToSchema)]
pub(crate) struct StateView {
    code: &'static str,
    label: &'static str,
}

/// A measured value.
#[derive(Serialize, ToSchema)]
pub(crate) struct ValueView {
    label: String,
    value: f64,
    unit: String,
}

/// A page of points.
#[derive(Serialize, ToSchema)]
pub(crate) struct PointList {
    items: Vec<PointView>,
    next: Option<String>,
}

/// A page of frames.
#[derive(Serialize, ToSchema)]
pub(crate) struct FrameList {
    items: Vec<FrameSummary>,
    next: Option<String>,
}

/// What may be chosen as dialect.
#[derive(Serialize, ToSchema)]
pub(crate) struct Profiles {
    items: Vec<ChoiceView>,
}

/// Which terminals.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TerminalParameters {
    q: Option<String>,
    known: Option<bool>,
    /// Heard lately, or not.
    online: Option<bool>,
    unit: Option<String>,
    cursor: Option<String>,
    limit: Option<u16>,
}

/// Which points.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PointParameters {
    /// `abnormal` for those with something the matter, registered or not.
    state: Option<String>,
    cursor: Option<String>,
    limit: Option<u16>,
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageParameters {
    cursor: Option<String>,
    limit: Option<u16>,
}

/// What a form says of a terminal.
#[derive(Deserialize, ToSchema)]
pub(crate) struct TerminalForm {
    name: String,
    source: String,
    unit: String,
    /// Dialect; the standard with its common variants when nobody says.
    #[serde(default)]
    profile: Option<String>,
    /// This and the following: absent for no change, empty for none.
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    maker: Option<String>,
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    installed_on: Option<String>,
    /// When the standby battery was put in or changed last.
    #[serde(default)]
    battery_installed_on: Option<String>,
    #[serde(default)]
    remark: Option<String>,
    /// Absent for no change, 0 for none.
    #[serde(default)]
    service_life_years: Option<i64>,
    #[serde(default)]
    report_period_s: Option<i64>,
}

impl TerminalForm {
    pub(crate) fn draft(self) -> Result<TerminalDraft, Refusal> {
        let mut fields = Fields::new();
        let profile = self.profile.filter(|p| !p.is_empty()).unwrap_or_else(|| "gb26875".to_owned());
        fields.insert("profile".to_owned(), profile.into());
        fields.extend(page::said([
            ("code", self.code),
            ("maker", self.maker),
            ("model", self.model),
            ("installed_on", self.installed_on),
            ("battery_installed_on", self.battery_installed_on),
            ("remark", self.remark),
        ]));
        let life = self.service_life_years.map(|y| if y == 0 { serde_json::Value::Null } else { y.into() });
        fields.extend(life.map(|years| ("service_life_years".to_owned(), years)));
        fields.extend(self.report_period_s.map(|s| ("report_period_s".to_owned(), s.into())));
        let unit = UnitId(page::id_in(&self.unit, "/unit")?);
        Ok(TerminalDraft { name: self.name, source: self.source.trim().to_owned(), unit, fields })
    }
}

impl TerminalParameters {
    pub(crate) fn filter(self) -> Result<TerminalFilter, Refusal> {
        Ok(TerminalFilter {
            text: self.q,
            known: self.known,
            online: self.online,
            unit: self.unit.as_deref().map(page::id).transpose()?,
            after: page::cursor(self.cursor.as_deref())?,
            limit: page::limit(self.limit),
        })
    }
}

impl TerminalSummary {
    fn of(app: &App, grant: &Grant, entry: &Entry) -> Self {
        let id = TerminalId(entry.id);
        let known = app.board().terminal(id);
        let (open, scope) = (app.board().open_alarms_of(id), grant.scope(Permission::AlarmRead));
        let unit = page::text(entry, "unit")
            .map(|u| NamedRef::of(u, &page::text(entry, "unit_name").unwrap_or_default()));
        Self {
            id: entry.id.to_string(),
            name: entry.title.clone(),
            source: page::text(entry, "source").unwrap_or_default(),
            known: entry.state == "registered",
            unit,
            region: RegionRef::find(app, entry.region),
            profile: page::text(entry, "profile").unwrap_or_default(),
            online: known.as_ref().and_then(|t| t.online(app.now())),
            last_seen_at: known.as_ref().and_then(|t| t.last_heard()).map(|t| t.to_string()),
            points: known.as_ref().map_or(0, |t| t.point_count()),
            open_alarms: open.iter().filter(|a| a.within(&scope)).count(),
            version: entry.version,
            channel: known.as_ref().and_then(|t| t.channel()).or_else(|| page::text(entry, "channel")),
            clock_offset_s: known.as_ref().and_then(|t| t.clock_offset_s()),
            unreadable: known.and_then(|t| t.reading()).is_some_and(|r| r.is_fault()),
        }
    }
}

impl ReadingRecord {
    fn of(view: ReadingView) -> Self {
        let last = view.last;
        Self {
            period_s: view.period_s,
            asked_at: last.map(|r| r.asked_at.to_string()),
            answered_at: last.and_then(|r| r.answered_at).map(|at| at.to_string()),
            failures: last.map_or(0, |r| r.failures),
            denied: last.is_some_and(|r| r.denied),
            failing: last.is_some_and(|r| r.is_failing()),
        }
    }
}

impl SilenceView {
    fn of(app: &App, grant: &Grant, entry: &Entry, known: &KnownTerminal) -> Self {
        let (children_silent, children) = app.silent_children(grant, known.id);
        let silence = known.facts().silence;
        Self {
            rhythm: page::text(entry, "rhythm"),
            report_period_s: silence.period_s,
            offline_after_s: silence.offline_after_s,
            after_s: silence.after_s(),
            parent: app.gateway_of(grant, known).map(|(id, name)| NamedRef::of(id, &name)),
            children,
            children_silent,
        }
    }
}

impl Terminal {
    pub(crate) fn of(app: &App, grant: &Grant, entry: &Entry, known: &KnownTerminal) -> Self {
        let conditions = known.conditions();
        Self {
            summary: TerminalSummary::of(app, grant, entry),
            code: page::text(entry, "code"),
            maker: page::text(entry, "maker"),
            model: page::text(entry, "model"),
            installed_on: page::text(entry, "installed_on"),
            service_life_years: entry.fields.get("service_life_years").and_then(|v| v.as_i64()),
            battery_installed_on: page::text(entry, "battery_installed_on"),
            remark: page::text(entry, "remark"),
            actions: if entry.state == "registered" {
                let edit = grant.may_at(Permission::TerminalWrite, entry.region).err();
                vec![SimpleAction::of("edit", "修改", edit)]
            } else {
                Vec::new()
            },
            silence: SilenceView::of(app, grant, entry, known),
            reading: app.reading_of(known).map(ReadingRecord::of),
            status_labels: if conditions.is_empty() {
                vec!["正常"]
            } else {
                conditions.iter().map(Condition::label).collect()
            },
        }
    }
}

impl PointView {
    /// A registered point with what its terminal last said of it.
    fn registered(entry: &Entry, known: &KnownTerminal) -> Self {
        let number = |name: &str| entry.fields.get(name).and_then(|v| v.as_u64()).unwrap_or(0);
        let byte = |name: &str| u8::try_from(number(name)).unwrap_or(0);
        let key = StateKey {
            part: Part::Component,
            system_type: byte("system_type"),
            system_address: byte("system_address"),
            component_address: u32::try_from(number("component_address")).unwrap_or(0),
            analog_type: 0,
        };
        let mut view = Self::bare(key, byte("component_type"), known.state(key).as_ref());
        view.id = Some(entry.id.to_string());
        view.label.clone_from(&entry.title);
        view.building = page::text(entry, "building");
        view.floor = page::text(entry, "floor");
        view.value = value_of(key, known);
        view
    }

    /// A part that spoke: by its address, and by its registration when it has one.
    fn heard(key: StateKey, state: &LastState, known: &KnownTerminal) -> Self {
        let mut view = Self::bare(key, state.component_type, Some(state));
        if let Some(point) = known.point(key) {
            view.id = Some(point.id.to_string());
            view.label.clone_from(&point.label);
            view.building.clone_from(&point.place.building);
            view.floor.clone_from(&point.place.floor);
        }
        view
    }

    fn bare(key: StateKey, component_type: u8, state: Option<&LastState>) -> Self {
        let (zone, number) = Profile::default().split_part_address(key.component_address);
        let addressed = matches!(key.part, Part::Component | Part::Value | Part::Limit);
        let conditions = state.map_or(Conditions::default(), |s| Conditions::from_bits(s.bits));
        let system = names::system_type(key.system_type)
            .map_or_else(|| format!("系统 {}", key.system_type), |n| n.zh.to_owned());
        let label = match key.part {
            Part::Device => "传输装置".to_owned(),
            Part::System => format!("{system} {} 号", key.system_address),
            Part::Component | Part::Value | Part::Limit => format!("{zone} 区 {number} 号"),
        };
        Self {
            id: None,
            label,
            component_type,
            component_label: match key.part {
                Part::Device => "传输装置".to_owned(),
                Part::System => system.clone(),
                Part::Component | Part::Value | Part::Limit => component_label(component_type),
            },
            system_label: system,
            component_address: key.component_address,
            zone: addressed.then_some(zone),
            number: addressed.then_some(number),
            building: None,
            floor: None,
            states: conditions.iter().map(|c| StateView { code: c.code(), label: c.label() }).collect(),
            value: None,
            event_at: state.map(|s| s.event_at.to_string()),
            received_at: state.map(|s| s.received_at.to_string()),
        }
    }
}

fn component_label(component_type: u8) -> String {
    names::component_type(component_type)
        .map_or_else(|| format!("类型 {component_type}"), |n| n.zh.to_owned())
}

/// The last value of a point, in the standard's unit; kinds the standard does not know stay raw.
fn value_of(key: StateKey, known: &KnownTerminal) -> Option<ValueView> {
    let same = |k: &StateKey| {
        k.part == Part::Value
            && (k.system_type, k.system_address, k.component_address)
                == (key.system_type, key.system_address, key.component_address)
    };
    let (key, state) = known.states().into_iter().find(|(k, _)| same(k))?;
    let raw = i16::try_from(state.bits).ok()?;
    Some(match names::analog_type(key.analog_type) {
        Some(analog) => ValueView {
            label: analog.name.zh.to_owned(),
            value: analog.quantity(raw),
            unit: analog.unit.to_owned(),
        },
        None => ValueView {
            label: format!("模拟量 {}", key.analog_type),
            value: f64::from(raw),
            unit: String::new(),
        },
    })
}

/// A page of terminals, by name.
#[utoipa::path(get, path = "/terminals", tag = "terminals", params(TerminalParameters), responses((status = 200, body = TerminalList), (status = 403, body = Problem)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Parameters(p): Parameters<TerminalParameters>,
) -> Result<Json<TerminalList>, Denied> {
    let (found, total) = api.app.terminals(caller.grant(), p.filter()?).await?;
    let items = found.items.iter().map(|e| TerminalSummary::of(&api.app, caller.grant(), e)).collect();
    Ok(Json(TerminalList { items, next: found.next.as_ref().map(page::cursor_text), total }))
}

/// One terminal.
#[utoipa::path(get, path = "/terminals/{id}", tag = "terminals", params(("id" = String, Path)), responses((status = 200, body = Terminal), (status = 404, body = Problem)))]
pub(crate) async fn one(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<impl IntoResponse, Denied> {
    let (entry, known) = api.app.terminal(caller.grant(), TerminalId(id)).await?;
    Ok((etag(entry.version), Json(Terminal::of(&api.app, caller.grant(), &entry, &known))))
}

/// The points of a terminal: registered ones by label, or those with something the matter.
#[utoipa::path(get, path = "/terminals/{id}/points", tag = "terminals", params(("id" = String, Path), PointParameters), responses((status = 200, body = PointList), (status = 404, body = Problem)))]
pub(crate) async fn points(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    Parameters(p): Parameters<PointParameters>,
) -> Result<Json<PointList>, Denied> {
    let id = TerminalId(id);
    let (_, known) = api.app.terminal(caller.grant(), id).await?;
    if p.state.as_deref() == Some("abnormal") {
        let wrong = known
            .states()
            .into_iter()
            .filter(|(k, s)| !matches!(k.part, Part::Value | Part::Limit) && s.bits != 0);
        let items = wrong.map(|(k, s)| PointView::heard(k, &s, &known)).collect();
        return Ok(Json(PointList { items, next: None }));
    }
    let found =
        api.app.points(caller.grant(), id, page::cursor(p.cursor.as_deref())?, page::limit(p.limit)).await?;
    let items = found.items.iter().map(|e| PointView::registered(e, &known)).collect();
    Ok(Json(PointList { items, next: found.next.as_ref().map(page::cursor_text) }))
}

/// The frames of a terminal, newest first.
#[utoipa::path(get, path = "/terminals/{id}/frames", tag = "terminals", params(("id" = String, Path), PageParameters), responses((status = 200, body = FrameList), (status = 404, body = Problem)))]
pub(crate) async fn frames(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    Parameters(p): Parameters<PageParameters>,
) -> Result<Json<FrameList>, Denied> {
    let limit = page::limit(p.limit);
    let rows =
        api.app.frames(caller.grant(), TerminalId(id), page::place(p.cursor.as_deref())?, limit).await?;
    let next = (rows.len() == usize::from(limit))
        .then(|| rows.last().map(|r| page::place_text(r.seq, r.line)))
        .flatten();
    Ok(Json(FrameList { items: rows.iter().map(FrameSummary::of).collect(), next }))
}

/// Registers a terminal under a unit.
#[utoipa::path(post, path = "/terminals", tag = "terminals", request_body = TerminalForm, responses((status = 201, body = Terminal), (status = 422, body = Problem)))]
pub(crate) async fn create(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    Body(form): Body<TerminalForm>,
) -> Result<impl IntoResponse, Denied> {
    let key = page::idempotency_key(&headers)?;
    let entry = api.app.create_terminal(caller.grant(), form.draft()?, key).await?;
    let (entry, known) = api.app.terminal(caller.grant(), TerminalId(entry.id)).await?;
    Ok((
        StatusCode::CREATED,
        etag(entry.version),
        Json(Terminal::of(&api.app, caller.grant(), &entry, &known)),
    ))
}

/// Changes a terminal; `If-Match` carries the version that was read. Its source address stays.
#[utoipa::path(patch, path = "/terminals/{id}", tag = "terminals", params(("id" = String, Path)), request_body = TerminalForm, responses((status = 200, body = Terminal), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn change(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    headers: HeaderMap,
    Body(form): Body<TerminalForm>,
) -> Result<impl IntoResponse, Denied> {
    let version = page::if_match(&headers)?;
    api.app.change_terminal(caller.grant(), TerminalId(id), version, form.draft()?).await?;
    let (entry, known) = api.app.terminal(caller.grant(), TerminalId(id)).await?;
    Ok((etag(entry.version), Json(Terminal::of(&api.app, caller.grant(), &entry, &known))))
}

/// What may be chosen as dialect.
#[utoipa::path(get, path = "/terminals/profiles", tag = "terminals", responses((status = 200, body = Profiles)))]
pub(crate) async fn profiles(State(api): State<Api>, _caller: Caller) -> Json<Profiles> {
    Json(Profiles { items: ChoiceView::of(&api.app, "terminal", "profile") })
}
