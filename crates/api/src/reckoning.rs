//! `/false-alarms`: the accounts of false alarms of a month, each figure with what opens its records.

use crate::Api;
use crate::gate::Caller;
use crate::page::{self, NamedRef, Parameters};
use crate::problem::{Denied, Problem};
use crate::schema::AlarmCause;
use axum::Json;
use axum::extract::State;
use fengsui_alarm::{Cause, Figures, Rate};
use fengsui_app::{
    AccountFilter, App, CauseAccount, DeviceAccount, FalseAlarms, PointAccount, Stretch, UnitAccount,
};
use fengsui_base::UnitId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A share with what it is a share of.
#[derive(Serialize, ToSchema)]
pub(crate) struct RateView {
    value: f64,
    part: u64,
    /// Never zero.
    base: u64,
}

/// The fires of a stretch of time by what was found.
#[derive(Serialize, ToSchema)]
pub(crate) struct FiguresView {
    #[serde(rename = "false")]
    false_alarms: u64,
    real: u64,
    test: u64,
    undetermined: u64,
    /// Real and false: the base of the rate.
    verified: u64,
    /// False of the verified; none without a base.
    rate: Option<RateView>,
}

/// Figures of a month, or of some of its days.
#[derive(Serialize, ToSchema)]
pub(crate) struct MonthView {
    /// Such as `2026-11`.
    month: String,
    from: String,
    until: String,
    #[serde(flatten)]
    figures: FiguresView,
}

/// A cause over the months shown.
#[derive(Serialize, ToSchema)]
pub(crate) struct CauseMonths {
    #[schema(value_type = Option<AlarmCause>)]
    cause: Option<&'static str>,
    cause_label: &'static str,
    /// In the order of `months`.
    counts: Vec<u64>,
}

/// How often a cause occurred.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct CauseCount {
    #[schema(value_type = AlarmCause)]
    cause: &'static str,
    cause_label: &'static str,
    count: u64,
}

/// A unit in the ranking.
#[derive(Serialize, ToSchema)]
pub(crate) struct UnitRank {
    unit: NamedRef,
    #[serde(flatten)]
    figures: FiguresView,
    points: u64,
    /// False alarms of the month per hundred points; none without points.
    per_hundred: Option<RateView>,
}

/// A device in the ranking.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeviceRank {
    slot: String,
    place: String,
    component_label: String,
    unit: Option<NamedRef>,
    terminal: String,
    count: u64,
    causes: Vec<CauseCount>,
}

/// The accounts of a month.
#[derive(Serialize, ToSchema)]
pub(crate) struct FalseAlarmAccounts {
    /// Whether the month still runs: then the comparisons are with the same days.
    running: bool,
    /// Registered points now.
    points: u64,
    /// False alarms of the month per hundred points; none without points.
    per_hundred: Option<RateView>,
    now: MonthView,
    before: MonthView,
    last_year: MonthView,
    /// Thirteen months, oldest first.
    months: Vec<MonthView>,
    causes: Vec<CauseMonths>,
    units: Vec<UnitRank>,
    devices: Vec<DeviceRank>,
}

/// False alarms of one point in the last thirty days.
#[derive(Serialize, ToSchema)]
pub(crate) struct PointHistory {
    false_30d: u64,
    causes: Vec<CauseCount>,
    slot: String,
    from: String,
    until: String,
}

/// Which accounts.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AccountParameters {
    /// Such as `2026-11`; the running month when left out.
    month: Option<String>,
    region: Option<String>,
    unit: Option<String>,
}

impl RateView {
    fn of(rate: Rate) -> Self {
        Self { value: rate.value, part: rate.part, base: rate.base }
    }
}

impl FiguresView {
    fn of(figures: &Figures) -> Self {
        Self {
            false_alarms: figures.false_alarms,
            real: figures.real,
            test: figures.test,
            undetermined: figures.undetermined,
            verified: figures.verified(),
            rate: figures.rate().map(RateView::of),
        }
    }
}

impl MonthView {
    fn of(stretch: &Stretch) -> Self {
        Self {
            month: stretch.month.to_string(),
            from: stretch.range.start.to_string(),
            until: stretch.range.end.to_string(),
            figures: FiguresView::of(&stretch.figures),
        }
    }
}

impl CauseMonths {
    fn of(account: CauseAccount) -> Self {
        Self {
            cause: account.cause.map(Cause::code),
            cause_label: account.cause.map_or("未记原因", Cause::label),
            counts: account.by_month,
        }
    }
}

impl CauseCount {
    fn all(causes: &[(Cause, u64)]) -> Vec<Self> {
        let one = |(cause, count): &(Cause, u64)| Self {
            cause: cause.code(),
            cause_label: cause.label(),
            count: *count,
        };
        causes.iter().map(one).collect()
    }
}

impl UnitRank {
    fn of(account: &UnitAccount) -> Self {
        Self {
            unit: NamedRef::of(account.unit, &account.name),
            figures: FiguresView::of(&account.figures),
            points: account.points,
            per_hundred: account.figures.per_hundred(account.points).map(RateView::of),
        }
    }
}

impl DeviceRank {
    fn of(account: DeviceAccount) -> Self {
        let raise = account.newest.raise;
        let name = raise.unit_name.unwrap_or_default();
        Self {
            slot: account.slot,
            place: raise.place,
            component_label: raise.component_label,
            unit: raise.unit.map(|id| NamedRef::of(id, &name)),
            terminal: raise.terminal.to_string(),
            count: account.count,
            causes: CauseCount::all(&account.causes),
        }
    }
}

impl FalseAlarmAccounts {
    fn of(app: &App, found: FalseAlarms) -> Self {
        let now = &found.now;
        Self {
            running: now.month.range().contains(&app.now()),
            points: found.points,
            per_hundred: now.figures.per_hundred(found.points).map(RateView::of),
            before: MonthView::of(&found.before),
            last_year: MonthView::of(&found.last_year),
            months: found.months.iter().map(MonthView::of).collect(),
            now: MonthView::of(now),
            causes: found.causes.into_iter().map(CauseMonths::of).collect(),
            units: found.units.iter().map(UnitRank::of).collect(),
            devices: found.devices.into_iter().map(DeviceRank::of).collect(),
        }
    }
}

impl PointHistory {
    pub(crate) fn of(alarm: &fengsui_alarm::Alarm, account: &PointAccount) -> Self {
        Self {
            false_30d: account.count,
            causes: CauseCount::all(&account.causes),
            slot: alarm.raise.slot.clone(),
            from: account.from.to_string(),
            until: alarm.raise.raised_at.to_string(),
        }
    }
}

/// The accounts of false alarms of a month.
#[utoipa::path(get, path = "/false-alarms", tag = "alarms", params(AccountParameters), responses((status = 200, body = FalseAlarmAccounts), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn accounts(
    State(api): State<Api>,
    caller: Caller,
    Parameters(p): Parameters<AccountParameters>,
) -> Result<Json<FalseAlarmAccounts>, Denied> {
    let unwritten = || page::bad("/month", "month.malformed", "月份写作 2026-11 这样，请重新选择");
    let given = |text: Option<String>| text.filter(|t| !t.is_empty());
    let filter = AccountFilter {
        month: given(p.month).map(|m| m.parse().map_err(|_| unwritten())).transpose()?,
        region: given(p.region).map(|r| page::region(&r, "/region")).transpose()?,
        unit: given(p.unit).map(|u| page::id(&u)).transpose()?.map(UnitId),
    };
    let found = api.app.false_alarms(caller.grant(), filter).await?;
    Ok(Json(FalseAlarmAccounts::of(&api.app, found)))
}
