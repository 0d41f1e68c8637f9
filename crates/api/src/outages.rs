//! `/outages`: what does not work just now (故障离线), unit by unit.

use crate::Api;
use crate::alarms::AlarmSummary;
use crate::gate::Caller;
use crate::page::{self, NamedRef, Parameters};
use crate::problem::{Denied, Problem};
use axum::Json;
use axum::extract::State;
use fengsui_access::Grant;
use fengsui_alarm::Class;
use fengsui_app::{App, OpenAlarm, OutageCounts, OutageFilter};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A fault or an offline terminal.
#[derive(Serialize, ToSchema)]
pub(crate) struct Outage {
    alarm: AlarmSummary,
    terminal: NamedRef,
    /// Since when it has been so: when the terminal was last heard, or when the fault happened.
    since: String,
    /// Since when the line comes and goes (时断时续).
    flapping_since: Option<String>,
    /// Terminals that speak through this one, and how many of them are not heard.
    children: usize,
    children_silent: usize,
}

/// How much does not work.
#[derive(Serialize, ToSchema)]
pub(crate) struct OutageNumbers {
    offline: u64,
    flapping: u64,
    fault: u64,
    /// Registered and never heard.
    never_heard: u64,
}

/// A page of what does not work.
#[derive(Serialize, ToSchema)]
pub(crate) struct OutageList {
    items: Vec<Outage>,
    next: Option<String>,
    total: u64,
    counts: OutageNumbers,
}

/// Which.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OutageParameters {
    /// `offline` or `fault`.
    class: Option<String>,
    flapping: Option<bool>,
    restored: Option<bool>,
    q: Option<String>,
    cursor: Option<String>,
    limit: Option<u16>,
}

impl Outage {
    fn of(app: &App, grant: &Grant, open: &OpenAlarm) -> Self {
        let raise = &open.alarm.raise;
        let (children_silent, children) = match raise.class {
            Class::Offline => app.silent_children(grant, raise.terminal),
            _ => (0, 0),
        };
        let name = app.board().terminal(raise.terminal).map(|t| t.facts().name.clone());
        Self {
            alarm: AlarmSummary::of(app, &open.entry, &open.alarm),
            terminal: NamedRef::of(raise.terminal, &name.unwrap_or_default()),
            since: raise.event_at.unwrap_or(raise.raised_at).min(raise.raised_at).to_string(),
            flapping_since: open.alarm.line.as_ref().and_then(|l| l.flapping_since).map(|t| t.to_string()),
            children,
            children_silent,
        }
    }
}

impl From<OutageCounts> for OutageNumbers {
    fn from(counts: OutageCounts) -> Self {
        let OutageCounts { offline, flapping, fault, never_heard } = counts;
        Self { offline, flapping, fault, never_heard }
    }
}

/// A page of what does not work, by unit, the longest first.
#[utoipa::path(get, path = "/outages", tag = "alarms", params(OutageParameters), responses((status = 200, body = OutageList), (status = 403, body = Problem)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Parameters(p): Parameters<OutageParameters>,
) -> Result<Json<OutageList>, Denied> {
    let class = |code: &str| {
        let found = Class::from_code(code).filter(|c| matches!(c, Class::Offline | Class::Fault));
        found.ok_or_else(|| page::bad("/class", "class.unknown", "只能按离线或故障筛选"))
    };
    let filter = OutageFilter {
        class: p.class.as_deref().filter(|c| !c.is_empty()).map(class).transpose()?,
        flapping: p.flapping,
        restored: p.restored,
        text: p.q.filter(|q| !q.is_empty()),
        after: page::cursor(p.cursor.as_deref())?,
        limit: page::limit(p.limit),
    };
    let found = api.app.outages(caller.grant(), &filter)?;
    let items = found.items.iter().map(|o| Outage::of(&api.app, caller.grant(), o)).collect();
    let next = found.next.as_ref().map(page::cursor_text);
    Ok(Json(OutageList { items, next, total: found.total, counts: found.counts.into() }))
}
