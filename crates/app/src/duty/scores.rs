//! Scores (查岗得分) of a month: by unit and in all, counted anew from the checks themselves, so that every figure is
//! the list behind it.

use crate::{App, Fault, OpenDutyCheck};
use fengsui_access::Grant;
use fengsui_alarm::{DutyScore, DutyState};
use fengsui_base::{Refusal, Scope, Timestamp, UnitId};
use fengsui_catalog::Permission;
use fengsui_store::{PAGE_MAX, Query};
use jiff::civil::Date;
use jiff::tz::Offset;
use std::collections::BTreeMap;
use std::ops::Range;

/// Most checks of a month that are counted; of more, the newest.
pub const DUTY_CHECKS_OF_MONTH_MAX: usize = 20_000;
/// How many months stand beside each other.
pub const DUTY_MONTHS: i32 = 6;

/// The score of a unit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnitScore {
    /// The unit.
    pub unit: UnitId,
    /// Its name.
    pub unit_name: String,
    /// Its score.
    pub score: DutyScore,
}

/// A month's scores.
#[derive(Clone, PartialEq, Debug)]
pub struct DutyMonth {
    /// First day of the month.
    pub month: Date,
    /// By unit, the worst first: by share, then by checks missed, then by name.
    pub units: Vec<UnitScore>,
    /// Of all together.
    pub total: DutyScore,
    /// The counts of this month and the ones before, the oldest first. Without the time of answers.
    pub months: Vec<(Date, DutyScore)>,
    /// Whether there were more checks than are counted.
    pub cut: bool,
}

impl App {
    /// The scores of the month in which this day lies.
    pub async fn duty_scores(&self, grant: &Grant, day: Date) -> Result<DutyMonth, Fault> {
        let scope = grant.may(Permission::AlarmRead)?;
        let month = day.first_of_month();
        let (units, total, cut) = self.count_month(&scope, month).await?;
        let mut months = Vec::new();
        for back in (0..DUTY_MONTHS).rev() {
            let first = month.checked_sub(jiff::Span::new().months(back)).map_err(|_| no_month())?;
            months.push((first, self.tally_month(&scope, first).await?));
        }
        Ok(DutyMonth { month, units, total, months, cut })
    }

    async fn count_month(
        &self,
        scope: &Scope,
        month: Date,
    ) -> Result<(Vec<UnitScore>, DutyScore, bool), Fault> {
        let mut query = month_query(scope, month)?;
        let (mut units, mut total, mut seen) =
            (BTreeMap::<UnitId, UnitScore>::new(), DutyScore::default(), 0);
        let cut = loop {
            let page = self.store.list(&query).await?;
            for open in page.items.iter().filter_map(OpenDutyCheck::of) {
                let (check, state) = (&open.check, open.state);
                let fresh = || UnitScore {
                    unit: check.unit,
                    unit_name: check.unit_name.clone(),
                    score: DutyScore::default(),
                };
                units.entry(check.unit).or_insert_with(fresh).score.add(state, 1, check.answer_s());
                total.add(state, 1, check.answer_s());
            }
            seen += page.items.len();
            query.after = page.next;
            if query.after.is_none() || seen >= DUTY_CHECKS_OF_MONTH_MAX {
                break query.after.is_some();
            }
        };
        let mut units: Vec<_> = units.into_values().collect();
        let share = |u: &UnitScore| u.score.share_percent().unwrap_or(u64::MAX);
        units.sort_by(|a, b| {
            let missed = b.score.missed.cmp(&a.score.missed);
            share(a).cmp(&share(b)).then(missed).then(a.unit_name.cmp(&b.unit_name))
        });
        Ok((units, total, cut))
    }

    async fn tally_month(&self, scope: &Scope, month: Date) -> Result<DutyScore, Fault> {
        let mut score = DutyScore::default();
        for (state, count) in self.store.tally(&month_query(scope, month)?, "state").await? {
            if let Some(state) = DutyState::from_code(&state) {
                score.add(state, count, None);
            }
        }
        Ok(score)
    }
}

fn month_query(scope: &Scope, month: Date) -> Result<Query, Refusal> {
    let mut query = Query::newest("duty_check", scope.clone());
    (query.opened, query.limit) = (Some(month_range(month)?), PAGE_MAX);
    Ok(query)
}

/// The instants of a month in the office's zone.
fn month_range(month: Date) -> Result<Range<Timestamp>, Refusal> {
    let next = month.checked_add(jiff::Span::new().months(1)).map_err(|_| no_month())?;
    let instant = |day: Date| Offset::constant(8).to_timestamp(day.at(0, 0, 0, 0)).map_err(|_| no_month());
    Ok(instant(month)?..instant(next)?)
}

fn no_month() -> Refusal {
    Refusal::invalid(vec![fengsui_base::Place::new("/month", "month.wrong", "月份请写成 2026-11")])
}
