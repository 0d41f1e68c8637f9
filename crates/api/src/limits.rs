//! `/points/{id}/limits`: between which limits the values of a point stay, and what is usual there; `/limits/adoption`:
//! usual limits for all points of a unit, or of the county, that have none.

use crate::Api;
use crate::gate::Caller;
use crate::page::{self, Body, InPath, etag};
use crate::problem::{Denied, Problem};
use crate::schema::LimitStanding;
use crate::values::{Scale, key_text};
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use fengsui_alarm::{Bound, Crossing, Excess, LimitState, Limits, Sensor};
use fengsui_app::{KnownTerminal, PointLimits, ValueLimits};
use fengsui_base::{Place, PointId, Refusal, UnitId};
use fengsui_catalog::Proposal;
use fengsui_ledger::Entry;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Limits of a value, in its unit.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct LimitView {
    low: Option<f64>,
    /// From it up the value is within bounds again.
    low_clear: Option<f64>,
    high: Option<f64>,
    /// Down to it the value is within bounds again.
    high_clear: Option<f64>,
    /// For how long a value must be beyond a limit.
    hold_s: i64,
}

/// Limits that are usual, with what they rest on.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProposalView {
    limits: LimitView,
    source: String,
    note: Option<String>,
}

/// A value of a point with its limits.
#[derive(Serialize, ToSchema)]
pub(crate) struct ValueLimitView {
    analog_type: u8,
    key: String,
    label: String,
    unit: String,
    value: Option<f64>,
    #[schema(value_type = LimitStanding)]
    standing: &'static str,
    limits: Option<LimitView>,
    proposal: Option<ProposalView>,
}

/// A point with the limits of its values.
#[derive(Serialize, ToSchema)]
pub(crate) struct PointLimitView {
    id: String,
    version: u64,
    place: String,
    items: Vec<ValueLimitView>,
}

/// The value and its limit, of an alarm.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct ExcessView {
    /// `low` or `high`.
    side: &'static str,
    side_label: &'static str,
    label: String,
    unit: String,
    /// The value that began it.
    value: f64,
    limit: f64,
    clear: f64,
    hold_s: i64,
    /// Names the value below its terminal.
    key: Option<String>,
}

/// The limits of a point; a value that is not named has none.
#[derive(Deserialize, ToSchema)]
pub(crate) struct PointLimitForm {
    limits: Vec<LimitForm>,
}

/// The limits of one value; a limit and its clear value go together.
#[derive(Deserialize, ToSchema)]
pub(crate) struct LimitForm {
    analog_type: u8,
    #[serde(default)]
    low: Option<f64>,
    #[serde(default)]
    low_clear: Option<f64>,
    #[serde(default)]
    high: Option<f64>,
    #[serde(default)]
    high_clear: Option<f64>,
    #[serde(default)]
    hold_s: i64,
}

/// Where usual limits are adopted.
#[derive(Deserialize, ToSchema)]
pub(crate) struct AdoptionForm {
    /// Only here; everywhere when left out.
    #[serde(default)]
    unit: Option<String>,
}

/// What became of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct AdoptionView {
    /// How many points have limits now that had none.
    points: usize,
}

impl LimitView {
    pub(crate) fn of(limits: &Limits) -> Self {
        Self {
            low: limits.low.map(|b| b.limit),
            low_clear: limits.low.map(|b| b.clear),
            high: limits.high.map(|b| b.limit),
            high_clear: limits.high.map(|b| b.clear),
            hold_s: limits.hold_s,
        }
    }
}

impl ProposalView {
    fn of(proposal: &Proposal) -> Self {
        let (low, high) = (proposal.low, proposal.high);
        let limits = LimitView {
            low: low.map(|b| b[0]),
            low_clear: low.map(|b| b[1]),
            high: high.map(|b| b[0]),
            high_clear: high.map(|b| b[1]),
            hold_s: proposal.hold_s,
        };
        Self { limits, source: proposal.source.clone(), note: proposal.note.clone() }
    }
}

impl ExcessView {
    pub(crate) fn of(alarm: &fengsui_alarm::Alarm) -> Option<Self> {
        let Excess { side, label, unit, value, bound, hold_s } = alarm.excess.clone()?;
        Some(Self {
            side: side.code(),
            side_label: side.label(),
            label,
            unit,
            value,
            limit: bound.limit,
            clear: bound.clear,
            hold_s,
            key: alarm.value_key().map(str::to_owned),
        })
    }
}

impl PointLimitView {
    fn of(entry: &Entry, known: &KnownTerminal, values: &[ValueLimits]) -> Self {
        let place =
            values.first().map_or_else(|| entry.title.clone(), |v| crate::values::place_of(v.key, known));
        let items = values.iter().map(ValueLimitView::of).collect();
        Self { id: entry.id.to_string(), version: entry.version, place, items }
    }
}

impl ValueLimitView {
    fn of(value: &ValueLimits) -> Self {
        let scale = Scale::of(value.key.analog_type);
        Self {
            analog_type: value.key.analog_type,
            key: key_text(value.key),
            value: value.value.as_ref().map(|s| scale.quantity(f64::from(s.bits))),
            standing: standing(value.limits.as_ref(), &value.state),
            limits: value.limits.as_ref().map(LimitView::of),
            proposal: value.proposal.as_ref().map(ProposalView::of),
            label: scale.label,
            unit: scale.unit,
        }
    }
}

/// Where a value stands, in one word.
pub(crate) fn standing(limits: Option<&Limits>, state: &LimitState) -> &'static str {
    match (limits, state.sensor, state.crossing) {
        (None, ..) => "unlimited",
        (Some(_), Sensor::Broken, _) => "broken",
        (Some(_), _, Crossing::Beyond(_)) => "beyond",
        (Some(_), Sensor::Doubted, _) | (Some(_), _, Crossing::Waiting(_)) => "waiting",
        (Some(_), Sensor::Sound, Crossing::Within) => "within",
    }
}

impl LimitForm {
    fn limits(&self, n: usize) -> Result<PointLimits, Refusal> {
        let bound = |limit: Option<f64>, clear: Option<f64>, side: &str| match (limit, clear) {
            (Some(limit), Some(clear)) => Ok(Some(Bound { limit, clear })),
            (None, None) => Ok(None),
            (limit, _) => {
                let missing = if limit.is_none() { side.to_owned() } else { format!("{side}_clear") };
                let sentence = "限值和恢复值要一起填，不限的两格都留空";
                Err(Refusal::invalid(vec![Place::new(
                    format!("/limits/{n}/{missing}"),
                    "limits.half",
                    sentence,
                )]))
            }
        };
        let low = bound(self.low, self.low_clear, "low")?;
        let high = bound(self.high, self.high_clear, "high")?;
        let limits = Limits { low, high, hold_s: self.hold_s };
        Ok(PointLimits { analog_type: self.analog_type, limits })
    }
}

/// A point with the limits of the values that it measures, or that are usually measured there.
#[utoipa::path(get, path = "/points/{id}/limits", tag = "terminals", params(("id" = String, Path)), responses((status = 200, body = PointLimitView), (status = 404, body = Problem)))]
pub(crate) async fn one(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<impl IntoResponse, Denied> {
    let (entry, known, values) = api.app.point_limits(caller.grant(), PointId(id)).await?;
    Ok((etag(entry.version), Json(PointLimitView::of(&entry, &known, &values))))
}

/// Sets the limits of a point; `If-Match` carries the version that was read. They hold at once, for what was measured
/// last as well.
#[utoipa::path(patch, path = "/points/{id}/limits", tag = "terminals", params(("id" = String, Path)), request_body = PointLimitForm, responses((status = 200, body = PointLimitView), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn set(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    headers: HeaderMap,
    Body(form): Body<PointLimitForm>,
) -> Result<impl IntoResponse, Denied> {
    let version = page::if_match(&headers)?;
    let limits = form.limits.iter().enumerate().map(|(n, l)| l.limits(n)).collect::<Result<Vec<_>, _>>()?;
    let (entry, known, values) = api.app.set_limits(caller.grant(), PointId(id), version, limits).await?;
    Ok((etag(entry.version), Json(PointLimitView::of(&entry, &known, &values))))
}

/// Gives every point that measures something and has no limits for it those that are usual.
#[utoipa::path(post, path = "/limits/adoption", tag = "terminals", request_body = AdoptionForm, responses((status = 200, body = AdoptionView), (status = 403, body = Problem)))]
pub(crate) async fn adopt(
    State(api): State<Api>,
    caller: Caller,
    Body(form): Body<AdoptionForm>,
) -> Result<Json<AdoptionView>, Denied> {
    let unit = form.unit.as_deref().filter(|u| !u.is_empty());
    let unit = unit.map(|u| page::id_in(u, "/unit").map(UnitId)).transpose()?;
    Ok(Json(AdoptionView { points: api.app.adopt_limits(caller.grant(), unit).await? }))
}
