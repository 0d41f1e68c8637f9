//! What the county's detectors reported over the past months: a few real fires, monthly tests, and many false alarms, as
//! such places have them. Kitchens cook, bathrooms steam, works raise dust; a few units give most of it.

use super::{Category, County, Point, Terminal, Unit};
use crate::chance::Chance;
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date, tz::Offset};

/// One unit in so many has trouble with its detectors.
const TROUBLED: usize = 14;
/// False alarms a month of the whole county, at least and at most; it was worse a year ago.
const A_MONTH: [usize; 2] = [46, 78];
/// How many more there were in each month of the first half, in percent.
const WORSE_THEN: usize = 35;
/// Seconds of a day.
const DAY_S: i64 = 86_400;
/// How many false alarms the worst kitchen gave on the last day: more than are borne.
const LAST_DAY: usize = 7;
/// When it began, in seconds of that day: the first woks before noon.
const LAST_DAY_FROM_S: i64 = 10 * 3_600 + 25 * 60;
/// Least and mean time from one of them to the next, in seconds: a panel is reset, the next wok comes when it comes.
const LAST_DAY_GAP_S: [f64; 2] = [95.0, 1_500.0];
/// Seconds of an hour.
const HOUR_S: usize = 3_600;

/// How much is reported in each hour of the day, midnight first.
type Hours = [f64; 24];

const COOKING_HOURS: Hours = [
    0.6, 0.3, 0.2, 0.2, 0.5, 1.6, 3.0, 3.2, 2.0, 2.6, 6.5, 11.0, 9.0, 3.6, 1.8, 1.9, 4.2, 9.5, 10.5, 7.0,
    4.0, 2.6, 1.8, 1.0,
];
/// Bathrooms in the morning and at night, cigarettes after dinner.
const ROOM_HOURS: Hours = [
    4.0, 2.2, 1.2, 0.8, 0.7, 1.5, 4.4, 5.6, 4.0, 2.4, 2.2, 3.0, 3.2, 2.4, 2.0, 2.2, 2.8, 4.0, 5.6, 6.4, 7.2,
    8.4, 8.6, 6.4,
];
/// Dust and welding, shift by shift.
const WORK_HOURS: Hours = [
    0.8, 0.7, 0.7, 0.6, 0.6, 0.8, 1.4, 4.0, 8.0, 9.5, 9.0, 6.0, 3.0, 7.0, 9.5, 9.0, 7.5, 4.0, 2.4, 2.0, 1.8,
    1.6, 1.2, 1.0,
];
/// Who looks after the system tests it in office hours.
const TEST_HOURS: Hours = [
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 3.0, 9.0, 10.0, 4.0, 0.5, 2.0, 8.0, 9.0, 5.0, 1.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0,
];

/// A fire that was reported and is over.
#[derive(Debug, Clone, PartialEq)]
pub struct PastFire {
    /// Source address of the terminal.
    pub source: u64,
    /// The point.
    pub point: Point,
    /// When it was reported.
    pub at: Timestamp,
    /// How long until somebody took it, in seconds.
    pub taken_after_s: i64,
    /// How long until it was known what it was, in seconds from then.
    pub found_after_s: i64,
    /// What it was: `real`, `test` or `false`.
    pub finding: &'static str,
    /// Why, for a false one, by the cause's stable name.
    pub cause: Option<&'static str>,
}

/// Causes by kind of place, with their weights.
type Causes = &'static [(&'static str, f64)];

const KITCHEN: Causes = &[
    ("cooking", 52.0),
    ("steam", 18.0),
    ("smoking", 8.0),
    ("dust", 6.0),
    ("device_fault", 8.0),
    ("unknown", 8.0),
];
const ROOMS: Causes = &[
    ("steam", 38.0),
    ("smoking", 22.0),
    ("cooking", 16.0),
    ("works", 8.0),
    ("device_fault", 8.0),
    ("unknown", 8.0),
];
const PLANT: Causes =
    &[("dust", 40.0), ("works", 22.0), ("steam", 14.0), ("device_fault", 14.0), ("unknown", 10.0)];
const SCHOOL: Causes = &[
    ("malicious", 24.0),
    ("cooking", 30.0),
    ("steam", 14.0),
    ("works", 12.0),
    ("device_fault", 12.0),
    ("unknown", 8.0),
];

fn causes(category: Category) -> Causes {
    match category {
        Category::Restaurant | Category::ShoppingCentre | Category::Market | Category::Housing => KITCHEN,
        Category::School | Category::Kindergarten => SCHOOL,
        Category::Factory | Category::Warehouse | Category::Chemicals | Category::Workshop => PLANT,
        _ => ROOMS,
    }
}

fn hours(category: Category, finding: &str) -> &'static Hours {
    match category {
        _ if finding == "test" => &TEST_HOURS,
        Category::Restaurant | Category::ShoppingCentre | Category::Market | Category::Housing => {
            &COOKING_HOURS
        }
        Category::School | Category::Kindergarten => &WORK_HOURS,
        Category::Factory | Category::Warehouse | Category::Chemicals | Category::Workshop => &WORK_HOURS,
        _ => &ROOM_HOURS,
    }
}

impl County {
    /// The fires of the `months` whole months before the month of `today` and of this month up to yesterday, oldest
    /// first. The worst kitchen of all gave more than five on its last day.
    #[must_use]
    pub fn past_fires(&self, today: Date, months: i32) -> Vec<PastFire> {
        let mut chance = Chance::new(self.seed, "past");
        let places = self.troubled();
        if places.is_empty() {
            return Vec::new();
        }
        let mut fires = Vec::new();
        for back in (0..=months).rev() {
            let first = today.first_of_month().saturating_sub(back.months());
            let days = if back == 0 { i64::from(today.day()) - 1 } else { i64::from(first.days_in_month()) };
            let worse = if back > months / 2 { 100 + WORSE_THEN } else { 100 };
            let whole = chance.whole(A_MONTH[0], A_MONTH[1]) * worse / 100;
            let count = whole * usize::try_from(days).unwrap_or(0)
                / usize::from(first.days_in_month().unsigned_abs());
            for n in 0..count {
                let (unit, terminal) = places[worse_first(places.len(), &mut chance)];
                fires.push(fire(unit, terminal, n, (first, days), &mut chance));
            }
        }
        fires.extend(self.last_day(&places, today, &mut chance));
        fires.sort_by_key(|f| f.at);
        fires
    }

    /// Units whose detectors give trouble, each with its first terminal that has points.
    fn troubled(&self) -> Vec<(&Unit, &Terminal)> {
        let watched = |u: &&Unit| u.category != Category::Housing;
        let of = |u: &Unit| self.terminals.iter().find(|t| t.unit == u.code && t.points.len() > 4);
        let pairs = self.units.iter().filter(watched).step_by(TROUBLED / 2);
        pairs.filter_map(|u| of(u).map(|t| (u, t))).step_by(2).collect()
    }

    fn last_day(&self, places: &[(&Unit, &Terminal)], today: Date, chance: &mut Chance) -> Vec<PastFire> {
        let kitchens = [Category::Hotel, Category::Restaurant, Category::ShoppingCentre];
        let Some((unit, terminal)) = places.iter().find(|(u, _)| kitchens.contains(&u.category)) else {
            return Vec::new();
        };
        let yesterday = today.saturating_sub(1.day());
        let mut second = LAST_DAY_FROM_S;
        let mut next = |chance: &mut Chance| {
            let waited_s = LAST_DAY_GAP_S[0] - LAST_DAY_GAP_S[1] * libm::log(1.0 - chance.unit());
            // The day is over before midnight, however slow the kitchen.
            second = (second + waited_s as i64).min(DAY_S - 1);
            at(yesterday, second)
        };
        (0..LAST_DAY)
            .map(|_| PastFire {
                point: detector(terminal, chance.below(2)),
                finding: "false",
                cause: Some(if chance.happens(0.3) { "steam" } else { "cooking" }),
                at: next(chance),
                ..fire(unit, terminal, 1, (yesterday, 1), chance)
            })
            .collect()
    }
}

/// The first places are drawn more often than the last.
fn worse_first(count: usize, chance: &mut Chance) -> usize {
    chance.below(count).min(chance.below(count)).min(chance.below(count))
}

fn at(day: Date, second: i64) -> Timestamp {
    // China has one zone without daylight saving: a fixed offset needs no time-zone file.
    let midnight = Offset::constant(8).to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(Timestamp::UNIX_EPOCH);
    midnight + SignedDuration::from_secs(second)
}

/// A moment of some day of these, by the hours of the place.
fn moment((first, days): (Date, i64), hours: &Hours, chance: &mut Chance) -> Timestamp {
    let day = chance.below(usize::try_from(days.max(1)).unwrap_or(1));
    let second = chance.weighted(hours.iter().copied()) * HOUR_S + chance.below(HOUR_S);
    at(first, day as i64 * DAY_S + second as i64)
}

/// A detector of a terminal; the same few of them again and again.
fn detector(terminal: &Terminal, nth: usize) -> Point {
    let detectors: Vec<_> =
        terminal.points.iter().filter(|p| (30..=53).contains(&p.component_type)).collect();
    detectors.get(nth % detectors.len().max(1)).map_or_else(|| terminal.points[0].clone(), |p| (*p).clone())
}

fn fire(unit: &Unit, terminal: &Terminal, n: usize, days: (Date, i64), chance: &mut Chance) -> PastFire {
    let causes = causes(unit.category);
    let (finding, cause) = match n % 12 {
        0 => ("test", None),
        7 if chance.happens(0.45) => ("real", None),
        _ => ("false", Some(causes[chance.weighted(causes.iter().map(|c| c.1))].0)),
    };
    let nth = chance.below(6).min(chance.below(6));
    PastFire {
        source: terminal.source,
        point: detector(terminal, nth),
        at: moment(days, hours(unit.category, finding), chance),
        taken_after_s: chance.whole(6, 41) as i64,
        found_after_s: chance.whole(35, 260) as i64,
        finding,
        cause,
    }
}

#[cfg(test)]
mod tests {
    use super::super::generate;
    use jiff::civil::date;

    #[test]
    fn the_past_is_the_same_in_every_run_and_ends_yesterday() {
        let county = generate(1);
        let fires = county.past_fires(date(2026, 11, 22), 12);
        assert_eq!(fires, county.past_fires(date(2026, 11, 22), 12));
        assert!(fires.len() > 500 && fires.len() < 1_500, "{}", fires.len());
        assert!(fires.is_sorted_by_key(|f| f.at));
        assert_eq!(fires[0].at.to_string().split_at(7).0, "2025-11");
        assert!(fires.last().is_some_and(|f| f.at < "2026-11-21T16:00:00Z".parse().unwrap()));
        let wrong = fires.iter().filter(|f| f.finding == "false").count();
        assert!(wrong * 10 > fires.len() * 8 && fires.iter().any(|f| f.finding == "real"));
        assert!(fires.iter().all(|f| (f.finding == "false") == f.cause.is_some()));
    }

    #[test]
    fn one_kitchen_was_wrong_more_than_five_times_yesterday() {
        let fires = generate(1).past_fires(date(2026, 11, 22), 0);
        let yesterday = "2026-11-20T16:00:00Z".parse().unwrap();
        let mut by_source = std::collections::BTreeMap::new();
        for fire in fires.iter().filter(|f| f.at >= yesterday && f.finding == "false") {
            *by_source.entry(fire.source).or_insert(0) += 1;
        }
        assert_eq!(by_source.values().filter(|n| **n > 5).count(), 1);
    }

    #[test]
    fn it_has_the_rhythm_of_day_and_night_and_no_clockwork() {
        let fires = generate(1).past_fires(date(2026, 11, 22), 12);
        let hour = |f: &super::PastFire| (f.at.as_second() + 8 * 3_600).rem_euclid(86_400) / 3_600;
        let within = |hours: std::ops::Range<i64>| fires.iter().filter(|f| hours.contains(&hour(f))).count();
        assert!(within(1..5) * 10 < fires.len(), "{} of {} in the dead of night", within(1..5), fires.len());
        assert!(within(7..22) * 10 > fires.len() * 6, "most of it comes while people are up");
        let tests = fires.iter().filter(|f| f.finding == "test").map(hour);
        assert!(tests.clone().count() > 20 && tests.into_iter().all(|h| (8..18).contains(&h)));
        let gaps: Vec<_> = fires.windows(2).map(|w| w[1].at.as_second() - w[0].at.as_second()).collect();
        let steps: std::collections::BTreeSet<_> = gaps.iter().collect();
        assert!(steps.len() * 10 > gaps.len() * 8, "few gaps are of the same length");
        let last: std::collections::BTreeSet<_> = gaps.iter().rev().take(super::LAST_DAY - 1).collect();
        assert!(last.len() > 4, "not even on the last day: {last:?}");
    }

    #[test]
    fn on_the_first_of_a_month_it_ends_with_the_month_before() {
        let fires = generate(1).past_fires(date(2026, 12, 1), 1);
        assert!(fires.last().is_some_and(|f| f.at < "2026-11-30T16:00:00Z".parse().unwrap()));
    }
}
