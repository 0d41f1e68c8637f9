//! `/terminals/{id}/values`: what a terminal measures, and each value over a day, a month or a year; `/terminals/{id}/silence`:
//! when it counts as offline.

use crate::Api;
use crate::gate::Caller;
use crate::limits::{LimitView, standing};
use crate::page::{self, Body, InPath, Parameters, etag};
use crate::problem::{Denied, Problem};
use crate::schema::LimitStanding;
use crate::terminals::Terminal;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use fengsui_app::{KnownTerminal, SilenceDraft, ValueHistory};
use fengsui_base::{Refusal, TerminalId};
use fengsui_store::{LastState, Part, StateKey};
use gb26875::names;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Most buckets of one chart: more than a screen has room for.
const BUCKETS: u16 = 360;

/// A value that a terminal measures.
#[derive(Serialize, ToSchema)]
pub(crate) struct ValueSeries {
    /// Names it in the address.
    key: String,
    /// The registered point that measures it.
    point: Option<String>,
    #[schema(value_type = LimitStanding)]
    standing: &'static str,
    limits: Option<LimitView>,
    /// What is measured, such as 压力.
    label: String,
    /// Where, as registered or as sent.
    place: String,
    unit: String,
    value: f64,
    at: String,
}

/// The values of a terminal.
#[derive(Serialize, ToSchema)]
pub(crate) struct ValueSeriesList {
    items: Vec<ValueSeries>,
}

/// What was measured in one stretch of time.
#[derive(Serialize, ToSchema)]
pub(crate) struct ValueBucket {
    at: String,
    min: f64,
    max: f64,
    mean: f64,
    count: u64,
}

/// A value over time.
#[derive(Serialize, ToSchema)]
pub(crate) struct ValueChart {
    label: String,
    unit: String,
    from: String,
    until: String,
    bucket_s: i64,
    limits: Option<LimitView>,
    items: Vec<ValueBucket>,
}

/// How far back.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChartParameters {
    /// `day`, `month` or `year`; a day when nobody says.
    range: Option<String>,
}

/// When a terminal is offline; what is left out follows the usual rule.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SilenceForm {
    /// `heartbeat`, `polled` or `daily`.
    #[serde(default)]
    rhythm: Option<String>,
    #[serde(default)]
    report_period_s: Option<i64>,
    #[serde(default)]
    offline_after_s: Option<i64>,
    /// The gateway through which it speaks.
    #[serde(default)]
    parent: Option<String>,
}

/// A kind of value: what it is called, its unit, and how raw steps become quantities.
pub(crate) struct Scale {
    pub(crate) label: String,
    pub(crate) unit: String,
    per_unit: f64,
}

impl Scale {
    /// By the standard; kinds it does not know stay raw.
    pub(crate) fn of(analog_type: u8) -> Self {
        match names::analog_type(analog_type) {
            Some(a) => {
                Self { label: a.name.zh.to_owned(), unit: a.unit.to_owned(), per_unit: f64::from(a.per_unit) }
            }
            None => Self { label: format!("模拟量 {analog_type}"), unit: String::new(), per_unit: 1.0 },
        }
    }

    /// A raw value in the unit, to a thousandth.
    pub(crate) fn quantity(&self, raw: f64) -> f64 {
        (raw / self.per_unit * 1_000.0).round() / 1_000.0
    }
}

pub(crate) fn key_text(key: StateKey) -> String {
    format!("{}.{}.{}.{}", key.system_type, key.system_address, key.component_address, key.analog_type)
}

fn read_key(text: &str) -> Option<StateKey> {
    let mut parts = text.split('.');
    let byte = |parts: &mut std::str::Split<'_, char>| parts.next()?.parse().ok();
    let (system_type, system_address) = (byte(&mut parts)?, byte(&mut parts)?);
    let component_address = parts.next()?.parse().ok()?;
    let analog_type = byte(&mut parts)?;
    let key = StateKey { part: Part::Value, system_type, system_address, component_address, analog_type };
    parts.next().is_none().then_some(key)
}

/// Where a value is measured, as registered or as sent.
pub(crate) fn place_of(key: StateKey, known: &KnownTerminal) -> String {
    match known.point(key) {
        Some(p) => [p.place.building.as_deref(), p.place.floor.as_deref(), Some(p.label.as_str())]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" "),
        None => format!("部件 {}", key.component_address),
    }
}

impl ValueSeries {
    fn of(key: StateKey, state: &LastState, known: &KnownTerminal) -> Self {
        let scale = Scale::of(key.analog_type);
        let limits = known.limits(key);
        Self {
            key: key_text(key),
            point: known.point(key).map(|p| p.id.to_string()),
            standing: standing(limits.as_ref(), &known.limit_state(key)),
            limits: limits.as_ref().map(LimitView::of),
            place: place_of(key, known),
            value: scale.quantity(f64::from(state.bits)),
            at: state.event_at.to_string(),
            label: scale.label,
            unit: scale.unit,
        }
    }
}

impl ValueChart {
    fn of(key: StateKey, history: &ValueHistory, known: &KnownTerminal) -> Self {
        let scale = Scale::of(key.analog_type);
        let bucket = |b: &fengsui_store::SampleBucket| ValueBucket {
            at: b.from.to_string(),
            min: scale.quantity(f64::from(b.min)),
            max: scale.quantity(f64::from(b.max)),
            mean: scale.quantity(b.mean()),
            count: b.count,
        };
        // What was measured last is stored by the minute; a curve beside an alarm must not end before it.
        let last = history.buckets.last().map(|b| b.from);
        let newer =
            |s: &LastState| last.is_none_or(|from| s.event_at > from) && history.window.contains(&s.event_at);
        let latest = known.state(key).filter(newer).map(|s| {
            let value = scale.quantity(f64::from(s.bits));
            ValueBucket { at: s.event_at.to_string(), min: value, max: value, mean: value, count: 1 }
        });
        Self {
            from: history.window.start.to_string(),
            until: history.window.end.to_string(),
            bucket_s: history.bucket_s,
            limits: known.limits(key).as_ref().map(LimitView::of),
            items: history.buckets.iter().map(bucket).chain(latest).collect(),
            label: scale.label.clone(),
            unit: scale.unit.clone(),
        }
    }
}

fn span_s(range: Option<&str>) -> Result<i64, Refusal> {
    match range.unwrap_or("day") {
        "day" => Ok(86_400),
        "month" => Ok(30 * 86_400),
        "year" => Ok(366 * 86_400),
        _ => Err(page::bad("/range", "range.unknown", "只能看 24 小时、30 天或 12 个月")),
    }
}

/// What a terminal measures, as last known.
#[utoipa::path(get, path = "/terminals/{id}/values", tag = "terminals", params(("id" = String, Path)), responses((status = 200, body = ValueSeriesList), (status = 404, body = Problem)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<Json<ValueSeriesList>, Denied> {
    let found = api.app.values(caller.grant(), TerminalId(id)).await?;
    let (_, known) = api.app.terminal(caller.grant(), TerminalId(id)).await?;
    Ok(Json(ValueSeriesList { items: found.iter().map(|(k, s)| ValueSeries::of(*k, s, &known)).collect() }))
}

/// One value over a day, a month or a year, drawn together for a chart.
#[utoipa::path(get, path = "/terminals/{id}/values/{key}", tag = "terminals", params(("id" = String, Path), ("key" = String, Path), ChartParameters), responses((status = 200, body = ValueChart), (status = 404, body = Problem)))]
pub(crate) async fn chart(
    State(api): State<Api>,
    caller: Caller,
    Path((id, key)): Path<(String, String)>,
    Parameters(p): Parameters<ChartParameters>,
) -> Result<Json<ValueChart>, Denied> {
    let (id, key) = (TerminalId(page::id(&id)?), read_key(&key).ok_or_else(Refusal::not_found)?);
    let span_s = span_s(p.range.as_deref())?;
    let found = api.app.value_history(caller.grant(), id, key, span_s, BUCKETS).await?;
    let (_, known) = api.app.terminal(caller.grant(), id).await?;
    Ok(Json(ValueChart::of(key, &found, &known)))
}

/// Sets when a terminal is offline; `If-Match` carries the version that was read.
#[utoipa::path(patch, path = "/terminals/{id}/silence", tag = "terminals", params(("id" = String, Path)), request_body = SilenceForm, responses((status = 200, body = Terminal), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn set_silence(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    headers: HeaderMap,
    Body(form): Body<SilenceForm>,
) -> Result<impl IntoResponse, Denied> {
    let version = page::if_match(&headers)?;
    let parent = form.parent.as_deref().filter(|p| !p.is_empty());
    let draft = SilenceDraft {
        rhythm: form.rhythm.filter(|r| !r.is_empty()),
        report_period_s: form.report_period_s,
        offline_after_s: form.offline_after_s,
        parent: parent.map(|p| page::id_in(p, "/parent").map(TerminalId)).transpose()?,
    };
    let (entry, known) = api.app.set_silence(caller.grant(), TerminalId(id), version, draft).await?;
    Ok((etag(entry.version), Json(Terminal::of(&api.app, caller.grant(), &entry, &known))))
}
