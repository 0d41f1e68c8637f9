//! `/duty-checks`: duty checks (查岗): listed, begun for one unit or several, scored by month; and the plan of a unit.

use crate::Api;
use crate::gate::Caller;
use crate::page::{self, Body, InPath, NamedRef, Parameters};
use crate::problem::{Denied, Problem};
use crate::schema::DutyStateName;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use fengsui_alarm::{DUTY_PER_WEEK_MAX, DutyScore, DutyState};
use fengsui_app::{App, DutyFilter, DutyMonth, OpenDutyCheck, Started, UnitScore};
use fengsui_base::{Refusal, Timestamp, UnitId};
use fengsui_catalog::Permission;
use fengsui_ledger::Entry;
use jiff::civil::Date;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use utoipa::{IntoParams, ToSchema};

/// The office's zone.
const OFFICE: Offset = Offset::constant(8);

/// A duty check.
#[derive(Serialize, ToSchema)]
pub(crate) struct DutyCheckView {
    id: String,
    unit: NamedRef,
    terminal: String,
    township: Option<String>,
    #[schema(value_type = DutyStateName)]
    state: &'static str,
    state_label: String,
    /// Whether its result is still to come.
    running: bool,
    /// Who asked: a person, or the plan.
    by: String,
    minutes: u8,
    made_at: String,
    /// When the terminal confirmed that it rings.
    asked_at: Option<String>,
    /// Until when an answer is on time, while it runs.
    due_at: Option<String>,
    answered_at: Option<String>,
    answer_s: Option<i64>,
    /// Why it did not reach the terminal.
    reason: Option<String>,
}

/// A page of duty checks.
#[derive(Serialize, ToSchema)]
pub(crate) struct DutyCheckList {
    items: Vec<DutyCheckView>,
    next: Option<String>,
    /// How many there are: exact up to 10,000; 10,001 says that there are more.
    total: u64,
}

/// Which duty checks.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DutyParameters {
    /// `running`, `over`, or a state.
    state: Option<String>,
    unit: Option<String>,
    /// A day (`2026-11-21`) or a month (`2026-11`) in the office's zone.
    made: Option<String>,
    cursor: Option<String>,
    limit: Option<u16>,
}

/// Whom to check, and how long they have.
#[derive(Deserialize, ToSchema)]
pub(crate) struct DutyForm {
    units: Vec<String>,
    /// Minutes to answer.
    minutes: u8,
}

/// What became of the wish to check a unit.
#[derive(Serialize, ToSchema)]
pub(crate) struct StartedView {
    unit: String,
    check: Option<DutyCheckView>,
    /// Why there is none.
    reason: Option<String>,
}

/// What became of the wish to check units.
#[derive(Serialize, ToSchema)]
pub(crate) struct StartedList {
    items: Vec<StartedView>,
}

/// A score.
#[derive(Serialize, ToSchema)]
pub(crate) struct ScoreView {
    on_time: u64,
    late: u64,
    missed: u64,
    unreachable: u64,
    /// Checks that count: those that reached the terminal and are over.
    counted: u64,
    /// Share answered on time, in per cent.
    share_percent: Option<u64>,
    /// Mean seconds to an answer.
    mean_s: Option<i64>,
}

/// The score of a unit.
#[derive(Serialize, ToSchema)]
pub(crate) struct UnitScoreView {
    unit: NamedRef,
    score: ScoreView,
    /// How often a week it is checked by plan.
    per_week: Option<u8>,
}

/// The counts of a month.
#[derive(Serialize, ToSchema)]
pub(crate) struct MonthScore {
    /// As `2026-11`.
    month: String,
    score: ScoreView,
}

/// The scores of a month.
#[derive(Serialize, ToSchema)]
pub(crate) struct DutyScores {
    month: String,
    total: ScoreView,
    /// The worst first.
    units: Vec<UnitScoreView>,
    /// This month and the ones before, the oldest first.
    months: Vec<MonthScore>,
    /// Whether there were more checks than are counted.
    cut: bool,
    /// Units that are checked by plan.
    planned: usize,
    /// Most checks a week that a plan may have.
    per_week_max: u8,
    /// Why this person may not begin a check, if so.
    start_refusal: Option<String>,
}

/// Which month.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ScoreParameters {
    /// As `2026-11`; the present one when nobody says.
    month: Option<String>,
}

/// How often a week; 0 for not at all.
#[derive(Deserialize, ToSchema)]
pub(crate) struct PlanForm {
    per_week: u8,
}

impl DutyCheckView {
    pub(crate) fn of(app: &App, entry: &Entry) -> Option<Self> {
        let OpenDutyCheck { entry, check, state } = OpenDutyCheck::of(entry)?;
        let label = app.catalog().kind("duty_check").map(|k| k.state_label(state.code()).to_owned());
        Some(Self {
            id: entry.id.to_string(),
            unit: NamedRef::of(check.unit, &check.unit_name),
            terminal: check.terminal.to_string(),
            township: page::township(app, entry.region),
            state: state.code(),
            state_label: label.unwrap_or_default(),
            running: state.is_running(),
            by: check.by.clone(),
            minutes: check.minutes,
            made_at: check.made_at.to_string(),
            asked_at: check.asked_at.map(|t| t.to_string()),
            due_at: (state == DutyState::Asked).then(|| check.due_at().to_string()),
            answered_at: check.answered_at.map(|t| t.to_string()),
            answer_s: check.answer_s(),
            reason: check.reason,
        })
    }
}

impl StartedView {
    fn of(app: &App, started: Started) -> Self {
        let unit = started.unit.to_string();
        match started.outcome {
            Ok(entry) => Self { unit, check: DutyCheckView::of(app, &entry), reason: None },
            Err(refusal) => Self { unit, check: None, reason: Some(refusal.detail) },
        }
    }
}

impl From<DutyScore> for ScoreView {
    fn from(score: DutyScore) -> Self {
        Self {
            on_time: score.on_time,
            late: score.late,
            missed: score.missed,
            unreachable: score.unreachable,
            counted: score.counted(),
            share_percent: score.share_percent(),
            mean_s: score.mean_s(),
        }
    }
}

impl UnitScoreView {
    fn of(app: &App, unit: UnitScore) -> Self {
        Self {
            unit: NamedRef::of(unit.unit, &unit.unit_name),
            per_week: app.duty_plan(unit.unit),
            score: unit.score.into(),
        }
    }
}

fn states(text: Option<&str>) -> Result<Vec<DutyState>, Refusal> {
    let all = |running: bool| DutyState::ALL.into_iter().filter(|s| s.is_running() == running).collect();
    match text {
        None | Some("") => Ok(Vec::new()),
        Some("running") => Ok(all(true)),
        Some("over") => Ok(all(false)),
        Some(code) => {
            let state = DutyState::from_code(code);
            Ok(vec![state.ok_or_else(|| page::bad("/state", "choice.unknown", "没有这种查岗结果"))?])
        }
    }
}

/// A day or a month as instants.
fn made(text: &str) -> Result<Range<Timestamp>, Refusal> {
    let wrong = || page::bad("/made", "date.wrong", "日期请写成 2026-11-21，月份请写成 2026-11");
    let (first, span) = match text.parse::<Date>() {
        Ok(day) => (day, jiff::Span::new().days(1)),
        Err(_) => (month_of(text).ok_or_else(wrong)?, jiff::Span::new().months(1)),
    };
    let next = first.checked_add(span).map_err(|_| wrong())?;
    let instant = |day: Date| OFFICE.to_timestamp(day.at(0, 0, 0, 0)).map_err(|_| wrong());
    Ok(instant(first)?..instant(next)?)
}

fn month_of(text: &str) -> Option<Date> {
    format!("{text}-01").parse().ok()
}

fn month_text(month: Date) -> String {
    month.strftime("%Y-%m").to_string()
}

/// A page of duty checks, newest first.
#[utoipa::path(get, path = "/duty-checks", tag = "duty", params(DutyParameters), responses((status = 200, body = DutyCheckList), (status = 403, body = Problem)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Parameters(p): Parameters<DutyParameters>,
) -> Result<Json<DutyCheckList>, Denied> {
    let filter = DutyFilter {
        states: states(p.state.as_deref())?,
        unit: p.unit.as_deref().filter(|u| !u.is_empty()).map(page::id).transpose()?,
        made: p.made.as_deref().filter(|m| !m.is_empty()).map(made).transpose()?,
        after: page::cursor(p.cursor.as_deref())?,
        limit: page::limit(p.limit),
    };
    let (found, total) = api.app.duty_checks(caller.grant(), filter).await?;
    let items = found.items.iter().filter_map(|e| DutyCheckView::of(&api.app, e)).collect();
    Ok(Json(DutyCheckList { items, next: found.next.as_ref().map(page::cursor_text), total }))
}

/// Checks units now.
#[utoipa::path(post, path = "/duty-checks", tag = "duty", request_body = DutyForm, responses((status = 201, body = StartedList), (status = 422, body = Problem)))]
pub(crate) async fn start(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    Body(form): Body<DutyForm>,
) -> Result<impl IntoResponse, Denied> {
    let key = page::idempotency_key(&headers)?;
    let units = form.units.iter().map(|u| page::id_in(u, "/units").map(UnitId));
    let units = units.collect::<Result<Vec<_>, _>>()?;
    let started = api.app.start_duty_checks(caller.grant(), &units, form.minutes, key).await?;
    let items = started.into_iter().map(|s| StartedView::of(&api.app, s)).collect();
    Ok((StatusCode::CREATED, Json(StartedList { items })))
}

/// The scores of a month.
#[utoipa::path(get, path = "/duty-checks/scores", tag = "duty", params(ScoreParameters), responses((status = 200, body = DutyScores), (status = 403, body = Problem)))]
pub(crate) async fn scores(
    State(api): State<Api>,
    caller: Caller,
    Parameters(p): Parameters<ScoreParameters>,
) -> Result<Json<DutyScores>, Denied> {
    let wrong = || page::bad("/month", "month.wrong", "月份请写成 2026-11");
    let month = match p.month.as_deref().filter(|m| !m.is_empty()) {
        Some(text) => month_of(text).ok_or_else(wrong)?,
        None => OFFICE.to_datetime(api.app.now()).date(),
    };
    let DutyMonth { month, units, total, months, cut } = api.app.duty_scores(caller.grant(), month).await?;
    let start_refusal = caller.grant().may(Permission::TerminalAsk).err().map(|r| r.detail);
    Ok(Json(DutyScores {
        month: month_text(month),
        total: total.into(),
        units: units.into_iter().map(|u| UnitScoreView::of(&api.app, u)).collect(),
        months: months
            .into_iter()
            .map(|(month, score)| MonthScore { month: month_text(month), score: score.into() })
            .collect(),
        cut,
        planned: api.app.duty_plan_count(caller.grant())?,
        per_week_max: DUTY_PER_WEEK_MAX,
        start_refusal,
    }))
}

/// Puts a unit under a plan, changes it, or takes the unit out.
#[utoipa::path(put, path = "/units/{id}/duty-plan", tag = "duty", params(("id" = String, Path)), request_body = PlanForm, responses((status = 204), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn plan(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    Body(form): Body<PlanForm>,
) -> Result<StatusCode, Denied> {
    api.app.set_duty_plan(caller.grant(), UnitId(id), form.per_week).await?;
    Ok(StatusCode::NO_CONTENT)
}
