//! `/agenda/days`: what falls due on which day (时限日历).

use crate::Api;
use crate::gate::Caller;
use crate::page::{self, Parameters};
use crate::problem::{Denied, Problem};
use axum::Json;
use axum::extract::State;
use fengsui_app::{App, DueDay, DueDays};
use fengsui_base::Refusal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which days, and whose.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DueDayParameters {
    /// The first day, as 2026-11-01.
    from: String,
    /// The last day; at most 42 days in all.
    until: String,
    /// Only what the caller must do.
    mine: Option<bool>,
}

/// A stretch of days with what is due on each.
#[derive(Serialize, ToSchema)]
pub(crate) struct DueDayList {
    today: String,
    days: Vec<DueDayView>,
    /// Whether there is more than was counted.
    more: bool,
}

/// A day of it.
#[derive(Serialize, ToSchema)]
struct DueDayView {
    on: String,
    /// Whether offices work.
    working: bool,
    /// Whether that is a guess, because the year has not been announced.
    guess: bool,
    /// The holiday it belongs to.
    holiday: Option<String>,
    counts: Vec<DueCount>,
}

/// How many open entries of a ledger are due.
#[derive(Serialize, ToSchema)]
struct DueCount {
    kind: String,
    label: String,
    count: u64,
}

impl DueDayView {
    fn of(app: &App, day: DueDay) -> Self {
        let label =
            |kind: &str| app.catalog().kind(kind).map_or_else(|| kind.to_owned(), |k| k.label.clone());
        let count = |(kind, count): (String, u64)| DueCount { label: label(&kind), kind, count };
        Self {
            on: day.on.to_string(),
            working: day.working,
            guess: day.guess,
            holiday: day.name,
            counts: day.counts.into_iter().map(count).collect(),
        }
    }
}

pub(crate) fn day(text: &str, pointer: &'static str) -> Result<jiff::civil::Date, Refusal> {
    text.parse().map_err(|_| page::bad(pointer, "date.malformed", "日期请写成 2026-11-25 这样"))
}

/// What is due on which day, by ledger: of everything the caller may read, or of what is hers to do.
#[utoipa::path(get, path = "/agenda/days", tag = "ledgers", params(DueDayParameters), responses((status = 200, body = DueDayList), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn days(
    State(api): State<Api>,
    caller: Caller,
    Parameters(p): Parameters<DueDayParameters>,
) -> Result<Json<DueDayList>, Denied> {
    let (from, until) = (day(&p.from, "/from")?, day(&p.until, "/until")?);
    let mine = p.mine.unwrap_or(false);
    let DueDays { today, days, more } = api.app.due_days(caller.grant(), from, until, mine).await?;
    let days = days.into_iter().map(|day| DueDayView::of(&api.app, day)).collect();
    Ok(Json(DueDayList { today: today.to_string(), days, more }))
}
