//! Accounts of false alarms (误报统计): figures of a month by cause, unit and device, each the count of a list that can be
//! opened, never a number kept beside it.
//!
//! A month that still runs is compared with the same days of the month before and of last year.

use crate::entries::{read, text_is};
use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_alarm::{Alarm, Cause, Figures, Month};
use fengsui_base::{EntryId, Refusal, RegionCode, Scope, Timestamp, UnitId};
use fengsui_catalog::Permission;
use fengsui_store::{Query, Tally};
use std::collections::BTreeMap;
use std::ops::Range;

/// How many months are shown: the one asked for, and the twelve before it.
pub const MONTHS_SHOWN: i32 = 13;
/// Most units and devices in a ranking.
pub const RANKED_MAX: usize = 20;
/// For how many days the false alarms of a point are counted on its alarm's page.
const POINT_DAYS: i64 = 30;

/// Which accounts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccountFilter {
    /// Month; the running one without.
    pub month: Option<Month>,
    /// Within this region.
    pub region: Option<RegionCode>,
    /// Of this unit alone.
    pub unit: Option<UnitId>,
}

/// Figures of a stretch of time.
#[derive(Clone, PartialEq, Debug)]
pub struct Stretch {
    /// The month.
    pub month: Month,
    /// What of it is counted.
    pub range: Range<Timestamp>,
    /// What was found.
    pub figures: Figures,
}

/// A cause over the months.
#[derive(Clone, PartialEq, Debug)]
pub struct CauseAccount {
    /// The cause; none for false alarms that were recorded without one.
    pub cause: Option<Cause>,
    /// How many in each month shown, oldest first.
    pub by_month: Vec<u64>,
}

/// A unit in the ranking.
#[derive(Clone, PartialEq, Debug)]
pub struct UnitAccount {
    /// The unit.
    pub unit: UnitId,
    /// Its name, as its newest false alarm has it.
    pub name: String,
    /// What was found there in the month.
    pub figures: Figures,
    /// Its registered points.
    pub points: u64,
}

/// A device in the ranking.
#[derive(Clone, PartialEq, Debug)]
pub struct DeviceAccount {
    /// Its slot.
    pub slot: String,
    /// Its newest false alarm of the month: where it is, what it is.
    pub newest: Alarm,
    /// How many were false.
    pub count: u64,
    /// By cause, most frequent first.
    pub causes: Vec<(Cause, u64)>,
}

/// The accounts of a month.
#[derive(Clone, PartialEq, Debug)]
pub struct FalseAlarms {
    /// The month asked for.
    pub now: Stretch,
    /// The month before it, over the same days.
    pub before: Stretch,
    /// The same month last year, over the same days.
    pub last_year: Stretch,
    /// Whole months, oldest first; the running one as far as it is.
    pub months: Vec<Stretch>,
    /// Registered points now: the base of a number per hundred.
    pub points: u64,
    /// Causes that occurred, most frequent in the month first.
    pub causes: Vec<CauseAccount>,
    /// The units with most false alarms in the month, at most [`RANKED_MAX`].
    pub units: Vec<UnitAccount>,
    /// The devices with most false alarms in the month, at most [`RANKED_MAX`].
    pub devices: Vec<DeviceAccount>,
}

/// False alarms of one point in the last thirty days.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PointAccount {
    /// How many.
    pub count: u64,
    /// By cause, most frequent first.
    pub causes: Vec<(Cause, u64)>,
    /// From when they are counted.
    pub from: Timestamp,
}

/// Which fires are counted.
struct Ground {
    scope: Scope,
    unit: Option<UnitId>,
}

impl Ground {
    /// The fires of a stretch; an empty stretch has none.
    fn fires(&self, range: &Range<Timestamp>) -> Query {
        let mut query = Query::newest("alarm", self.scope.clone());
        query.opened = Some(range.clone());
        query.filters = vec![text_is("class", "fire")];
        query.filters.extend(self.unit.map(|id| text_is("unit", id.to_string())));
        query
    }

    fn found(&self, range: &Range<Timestamp>, finding: &str) -> Query {
        let mut query = self.fires(range);
        query.filters.push(text_is("finding", finding));
        query
    }
}

impl App {
    /// The accounts of false alarms of a month.
    pub async fn false_alarms(&self, grant: &Grant, filter: AccountFilter) -> Result<FalseAlarms, Fault> {
        let scope = self.narrowed(grant.may(Permission::AlarmRead)?, filter.region);
        if let Some(unit) = filter.unit {
            let entry = self.store.entry(&scope, unit.into()).await?.filter(|e| e.kind == "unit");
            entry.ok_or_else(Refusal::not_found)?;
        }
        let ground = Ground { scope, unit: filter.unit };
        let now = self.now();
        let month = filter.month.unwrap_or_else(|| Month::of(now));
        let range = month.until(now);
        let mut months = Vec::new();
        for back in (0..MONTHS_SHOWN).rev() {
            let month = month.back(back);
            months.push(self.stretch(&ground, month, month.until(now)).await?);
        }
        let compared = |back: i32| (month.back(back), month.back(back).same_days(&range));
        let (before, last_year) = (compared(1), compared(12));
        Ok(FalseAlarms {
            now: self.stretch(&ground, month, range.clone()).await?,
            before: self.stretch(&ground, before.0, before.1).await?,
            last_year: self.stretch(&ground, last_year.0, last_year.1).await?,
            points: self.points_within(&ground.scope, ground.unit).await?,
            causes: self.cause_accounts(&ground, &months).await?,
            units: self.unit_accounts(&ground, &range).await?,
            devices: self.device_accounts(&ground, &range).await?,
            months,
        })
    }

    async fn stretch(
        &self,
        ground: &Ground,
        month: Month,
        range: Range<Timestamp>,
    ) -> Result<Stretch, Fault> {
        let figures = Figures::of(&self.store.tally(&ground.fires(&range), "finding").await?);
        Ok(Stretch { month, range, figures })
    }

    async fn points_within(&self, scope: &Scope, unit: Option<UnitId>) -> Result<u64, Fault> {
        let mut query = Query::newest("point", scope.clone());
        query.filters.extend(unit.map(|id| text_is("unit", id.to_string())));
        Ok(self.store.count(&query).await?)
    }

    async fn cause_accounts(&self, ground: &Ground, months: &[Stretch]) -> Result<Vec<CauseAccount>, Fault> {
        let mut by_cause: BTreeMap<Option<&'static str>, CauseAccount> = BTreeMap::new();
        for (place, month) in months.iter().enumerate() {
            let tally = self.store.tally(&ground.found(&month.range, "false"), "cause").await?;
            let named = causes(tally);
            let without = month.figures.false_alarms.saturating_sub(named.iter().map(|(_, n)| n).sum());
            let all = named.into_iter().map(|(cause, n)| (Some(cause), n)).chain([(None, without)]);
            for (cause, count) in all.filter(|(_, count)| *count > 0) {
                let fresh = || CauseAccount { cause, by_month: vec![0; months.len()] };
                by_cause.entry(cause.map(Cause::code)).or_insert_with(fresh).by_month[place] = count;
            }
        }
        let mut all: Vec<_> = by_cause.into_values().collect();
        all.sort_by_key(|one| {
            let sum: u64 = one.by_month.iter().sum();
            std::cmp::Reverse((one.cause.is_some(), one.by_month.last().copied(), sum))
        });
        Ok(all)
    }

    async fn unit_accounts(
        &self,
        ground: &Ground,
        range: &Range<Timestamp>,
    ) -> Result<Vec<UnitAccount>, Fault> {
        let mut accounts = Vec::new();
        for (id, _) in ranked(self.store.tally(&ground.found(range, "false"), "unit").await?) {
            let Some(unit) = id.parse::<EntryId>().ok().map(UnitId) else { continue };
            let own = Ground { scope: ground.scope.clone(), unit: Some(unit) };
            let figures = Figures::of(&self.store.tally(&own.fires(range), "finding").await?);
            let newest = self.newest(own.found(range, "false")).await?;
            let name = newest.and_then(|a| a.raise.unit_name).unwrap_or_default();
            let points = self.points_within(&own.scope, own.unit).await?;
            accounts.push(UnitAccount { unit, name, figures, points });
        }
        Ok(accounts)
    }

    async fn device_accounts(
        &self,
        ground: &Ground,
        range: &Range<Timestamp>,
    ) -> Result<Vec<DeviceAccount>, Fault> {
        let mut accounts = Vec::new();
        for (slot, count) in ranked(self.store.tally(&ground.found(range, "false"), "slot").await?) {
            let mut query = ground.found(range, "false");
            query.filters.push(text_is("slot", slot.as_str()));
            let causes = causes(self.store.tally(&query, "cause").await?);
            let Some(newest) = self.newest(query).await? else { continue };
            accounts.push(DeviceAccount { slot, newest, count, causes });
        }
        Ok(accounts)
    }

    async fn newest(&self, query: Query) -> Result<Option<Alarm>, Fault> {
        let page = self.store.list(&Query { limit: 1, ..query }).await?;
        Ok(page.items.first().and_then(read))
    }

    /// The false alarms of an alarm's own part in the thirty days before it, itself aside.
    pub(crate) async fn point_account(&self, scope: &Scope, alarm: &Alarm) -> Result<PointAccount, Fault> {
        let until = alarm.raise.raised_at;
        let from = until - jiff::SignedDuration::from_hours(24 * POINT_DAYS);
        let ground = Ground { scope: scope.clone(), unit: None };
        let mut query = ground.found(&(from..until), "false");
        query.filters.push(text_is("slot", alarm.raise.slot.as_str()));
        let count = self.store.count(&query).await?;
        Ok(PointAccount { count, causes: causes(self.store.tally(&query, "cause").await?), from })
    }
}

/// The largest of a tally first, at most [`RANKED_MAX`]; equals by name.
fn ranked(mut tally: Vec<Tally>) -> Vec<Tally> {
    tally.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    tally.truncate(RANKED_MAX);
    tally
}

/// A tally by cause, most frequent first; values that are no cause are passed over.
fn causes(mut tally: Vec<Tally>) -> Vec<(Cause, u64)> {
    tally.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    tally.into_iter().filter_map(|(name, count)| Cause::from_code(&name).map(|c| (c, count))).collect()
}
