//! Duty checks of the demonstration county: its key units are checked by plan, and have been for months; the officer
//! of the second seat checks one now and then, so that a visitor finds one running.

use anyhow::Result;
use fengsui_access::Grant;
use fengsui_alarm::{DutyRhythm, DutyState};
use fengsui_app::{App, DutyHours, Fault, PastCheck, UnitFilter};
use fengsui_base::{Timestamp, UnitId};
use jiff::SignedDuration;

/// Most key units that take part.
const UNITS_MAX: u16 = 36;
/// How far back the past goes, in days: six months stand beside each other.
const PAST_DAYS: i64 = 170;
/// Minutes to answer.
const MINUTES: u8 = 5;
/// How often the officer checks a unit by hand, in seconds.
const BY_HAND_S: i64 = 420;

/// Plans and past, once.
pub(crate) async fn settle(app: &App, login: &str, password: &str) -> Result<()> {
    let officer = app.log_in(login, password.to_owned(), "本机").await?.signed_in;
    for (n, unit) in (0_u64..).zip(key_units(app, &officer.grant).await?) {
        let per_week = 2 + u8::try_from(n % 2)?;
        match app.make_up_duty_checks(unit, MINUTES, &past(n, per_week, app.now())).await {
            Ok(()) => app.set_duty_plan(&officer.grant, unit, per_week).await?,
            // A small place without a terminal of its own is not checked.
            Err(Fault::Refused(_)) => {}
            Err(fault) => return Err(fault.into()),
        }
    }
    Ok(())
}

/// One check by hand, when it is time for one.
pub(crate) async fn check_one(app: &App, grant: &Grant, last: &mut Option<Timestamp>) -> Result<(), Fault> {
    let now = app.now();
    if last.is_some_and(|at| now.as_second() - at.as_second() < BY_HAND_S) {
        return Ok(());
    }
    *last = Some(now);
    let units = key_units(app, grant).await?;
    let turn = usize::try_from(now.as_second() / BY_HAND_S).unwrap_or(0);
    if let Some(unit) = units.get(turn % units.len().max(1)) {
        app.start_duty_checks(grant, &[*unit], MINUTES, None).await?;
    }
    Ok(())
}

async fn key_units(app: &App, grant: &Grant) -> Result<Vec<UnitId>, Fault> {
    let filter = UnitFilter { key_unit: Some(true), limit: UNITS_MAX, ..UnitFilter::default() };
    let (page, _) = app.units(grant, filter).await?;
    Ok(page.items.iter().map(|unit| UnitId(unit.id)).collect())
}

/// What was found at a unit, each time its plan came: most are well manned, every fifth is not.
fn past(unit: u64, per_week: u8, now: Timestamp) -> Vec<PastCheck> {
    let DutyHours { from, until, .. } = DutyHours::default();
    let (rhythm, mut draw) = (DutyRhythm { per_week, from, until }, Draw(unit.wrapping_mul(0x5851_f42d)));
    let (absent, slow) = if unit % 5 == 4 { (28, 12) } else { (3 + unit % 5, 3) };
    let mut at = now - SignedDuration::from_hours(24 * PAST_DAYS);
    let mut all = Vec::new();
    loop {
        at = rhythm.next(at, draw.next());
        // The last hour is left to what happens before the visitor's eyes.
        if at > now - SignedDuration::from_hours(1) {
            return all;
        }
        let chance = draw.next() % 100;
        let (state, answer_s) = match chance {
            c if c < absent => (DutyState::Missed, None),
            c if c < absent + slow => (DutyState::Late, Some(310 + draw.seconds(900))),
            98.. => (DutyState::Unreachable, None),
            _ => (DutyState::OnTime, Some(5 + draw.seconds(70) + draw.seconds(40))),
        };
        all.push(PastCheck { at, state, answer_s });
    }
}

/// Draws that are the same in every county (splitmix64).
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn seconds(&mut self, below: u64) -> i64 {
        i64::try_from(self.next() % below).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_past_is_the_same_each_time_and_reaches_back_six_months() {
        let now: Timestamp = "2026-11-22T04:00:00Z".parse().unwrap();
        let all = past(4, 2, now);
        assert_eq!(all, past(4, 2, now));
        assert!((30..=80).contains(&all.len()), "{}", all.len());
        let missed = all.iter().filter(|c| c.state == DutyState::Missed).count();
        assert!(missed > 4 && missed < all.len() / 2, "{missed}");
        assert!(all[0].at < now - SignedDuration::from_hours(24 * 150));
    }
}
