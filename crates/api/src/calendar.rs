//! `/calendar/years`: the holidays of each year and the weekends worked instead. Everybody may read them, for
//! everybody's deadlines go by them; a system administrator adds the year that was announced, or mends one.

use crate::Api;
use crate::gate::Caller;
use crate::page::{self, Body, SimpleAction, etag};
use crate::problem::{Denied, Problem};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use fengsui_access::Grant;
use fengsui_app::{App, KnownYear};
use fengsui_base::{CalendarYear as Announced, NamedDay, Place, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A day with its holiday.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct CalendarDay {
    /// The day, as 2026-10-01.
    on: String,
    /// The holiday it belongs to.
    name: String,
}

/// A year of the calendar.
#[derive(Serialize, ToSchema)]
pub(crate) struct CalendarYear {
    year: i16,
    /// Where it is written.
    source: String,
    /// Whether the site wrote it; else it is as it came with the program.
    own: bool,
    /// Version for `If-Match`; 0 for a year as it came with the program.
    version: u64,
    /// Days off, weekends among them.
    off: Vec<CalendarDay>,
    /// Weekends that are worked.
    makeup: Vec<CalendarDay>,
}

/// A year in the list.
#[derive(Serialize, ToSchema)]
pub(crate) struct CalendarYearLine {
    year: i16,
    source: String,
    own: bool,
    off: usize,
    makeup: usize,
}

/// All years, the newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct CalendarYears {
    items: Vec<CalendarYearLine>,
    /// Last day that is known; deadlines beyond it are provisional.
    known_until_on: Option<String>,
    /// The year that comes next, and is not known yet.
    next_year: Option<i16>,
    actions: Vec<SimpleAction>,
}

/// What a year is to be, as a whole.
#[derive(Deserialize, ToSchema)]
pub(crate) struct CalendarYearForm {
    source: String,
    off: Vec<CalendarDay>,
    #[serde(default)]
    makeup: Vec<CalendarDay>,
}

impl CalendarYear {
    fn of(known: &KnownYear) -> Self {
        let days = |days: &[NamedDay]| {
            days.iter().map(|day| CalendarDay { on: day.on.to_string(), name: day.name.clone() }).collect()
        };
        Self {
            year: known.year.year,
            source: known.year.source.clone(),
            own: known.entry.is_some(),
            version: known.version,
            off: days(&known.year.off),
            makeup: days(&known.year.makeup),
        }
    }
}

impl CalendarYears {
    fn of(app: &App, grant: &Grant) -> Self {
        let years = app.calendar_years();
        let line = |known: &std::sync::Arc<KnownYear>| CalendarYearLine {
            year: known.year.year,
            source: known.year.source.clone(),
            own: known.entry.is_some(),
            off: known.year.off.len(),
            makeup: known.year.makeup.len(),
        };
        Self {
            next_year: years.first().map(|known| known.year.year.saturating_add(1)),
            items: years.iter().map(line).collect(),
            known_until_on: app.calendar().known_until().map(|day| day.to_string()),
            actions: vec![SimpleAction::of("edit", "修改", app.may_manage_calendar(grant).err())],
        }
    }
}

impl CalendarYearForm {
    fn announced(self, year: i16) -> Result<Announced, Refusal> {
        let mut wrong = Vec::new();
        let off = read("off", self.off, &mut wrong);
        let makeup = read("makeup", self.makeup, &mut wrong);
        if !wrong.is_empty() {
            return Err(Refusal::invalid(wrong));
        }
        Ok(Announced { year, source: self.source, off, makeup })
    }
}

fn read(list: &str, days: Vec<CalendarDay>, wrong: &mut Vec<Place>) -> Vec<NamedDay> {
    let mut read = Vec::with_capacity(days.len());
    for (n, day) in days.into_iter().enumerate() {
        match day.on.parse() {
            Ok(on) => read.push(NamedDay { on, name: day.name }),
            Err(_) => {
                let sentence = format!("没有“{}”这一天，请写成 2026-10-01", day.on);
                wrong.push(Place::new(format!("/{list}/{n}"), "date.impossible", sentence));
            }
        }
    }
    read
}

/// All years that are known, the newest first.
#[utoipa::path(get, path = "/calendar/years", tag = "calendar", responses((status = 200, body = CalendarYears), (status = 401, body = Problem)))]
pub(crate) async fn list(State(api): State<Api>, caller: Caller) -> Json<CalendarYears> {
    Json(CalendarYears::of(&api.app, caller.grant()))
}

/// One year with its days.
#[utoipa::path(get, path = "/calendar/years/{year}", tag = "calendar", params(("year" = i16, Path)), responses((status = 200, body = CalendarYear), (status = 404, body = Problem)))]
pub(crate) async fn one(
    State(api): State<Api>,
    _caller: Caller,
    Path(year): Path<String>,
) -> Result<impl IntoResponse, Denied> {
    let known = api.app.calendar_year(number(&year)?)?;
    Ok((etag(known.version), Json(CalendarYear::of(&known))))
}

/// Adds a year or changes one, as a whole; `If-Match` carries the version that was read, 0 for a year that the
/// site has not written yet.
#[utoipa::path(put, path = "/calendar/years/{year}", tag = "calendar", params(("year" = i16, Path)), request_body = CalendarYearForm, responses((status = 200, body = CalendarYear), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn set(
    State(api): State<Api>,
    caller: Caller,
    Path(year): Path<String>,
    headers: HeaderMap,
    Body(form): Body<CalendarYearForm>,
) -> Result<impl IntoResponse, Denied> {
    let version = page::if_match(&headers)?;
    let year = form.announced(number(&year)?)?;
    let known = api.app.set_calendar_year(caller.grant(), year, version).await?;
    Ok((etag(known.version), Json(CalendarYear::of(&known))))
}

/// What is no number is no year that anybody knows.
fn number(text: &str) -> Result<i16, Refusal> {
    text.parse().map_err(|_| Refusal::not_found())
}
