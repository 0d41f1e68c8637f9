//! Area faults (成片故障): when the current fails in a quarter, hundreds of devices say so within minutes. The faults of
//! many units of one township become one incident with members.
//!
//! Only faults: a fire stands for itself whatever happens around it. A unit whose points alone are very many is one
//! incident already, and stays so.

use super::FilterSettings;
use super::storm::{Joined, MEMBERS_MAX, STORM_QUIET_S, Storm, counts};
use crate::{Alarm, Class};
use fengsui_base::AlarmId;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Fewest units whose faults are one incident: fewer are neighbours by chance.
pub const AREA_UNITS_MIN: usize = 3;
/// Most of them.
pub const AREA_UNITS_MAX: usize = 100;
/// Shortest time within which their faults must begin, in seconds.
pub const AREA_WITHIN_S_MIN: i64 = 30;
/// Longest, in seconds: what lies further apart has other causes.
pub const AREA_WITHIN_S_MAX: i64 = 1_800;

/// Whether a new fault belongs to an incident of its township. `open` are the open alarms of the township, without it.
pub fn area<'a>(
    new: &Alarm,
    open: impl Iterator<Item = &'a Alarm>,
    settings: FilterSettings,
) -> Option<Storm> {
    if !is_area_fault(new) || new.member.is_some() {
        return None;
    }
    let mut open: Vec<_> = open.filter(|a| a.id != new.id && is_area_fault(a)).collect();
    open.sort_by_key(|a| (a.raise.raised_at, a.id));
    let now = new.raise.raised_at;
    running(&open, now).or_else(|| beginning(new, &open, now, settings))
}

/// Whether an alarm is one that an incident of a township may be made of: a fault of a unit, in time, not kept silent and
/// not found to be none.
pub fn is_area_fault(alarm: &Alarm) -> bool {
    alarm.raise.class == Class::Fault && alarm.raise.unit.is_some() && counts(alarm)
}

/// The incident that is going on, with room for one more.
fn running(open: &[&Alarm], now: Timestamp) -> Option<Storm> {
    let mut incidents: BTreeMap<AlarmId, (usize, Timestamp)> = BTreeMap::new();
    for alarm in open {
        let Some(member) = alarm.member.as_ref().filter(|m| m.joined == Joined::Area) else { continue };
        let (count, last) = incidents.entry(member.head).or_insert((0, alarm.raise.raised_at));
        (*count, *last) = (*count + 1, (*last).max(alarm.raise.raised_at));
    }
    let live = |(head, (count, last)): (AlarmId, (usize, Timestamp))| {
        let stands = open.iter().any(|a| a.id == head && a.member.is_none());
        let quiet = last + SignedDuration::from_secs(STORM_QUIET_S) < now;
        (stands && !quiet && count < MEMBERS_MAX).then(|| Storm { head, others: Vec::new(), rings: false })
    };
    incidents.into_iter().rev().find_map(live)
}

/// The incident that begins with the new fault: the first that still rings stands for it.
fn beginning(new: &Alarm, open: &[&Alarm], now: Timestamp, settings: FilterSettings) -> Option<Storm> {
    let since = now - SignedDuration::from_secs(settings.area_within_s);
    let heads: BTreeSet<_> = open.iter().filter_map(|a| a.member.as_ref().map(|m| m.head)).collect();
    let alone = |a: &&&Alarm| a.raise.raised_at > since && a.member.is_none() && !heads.contains(&a.id);
    let burst: Vec<_> = open.iter().filter(alone).filter(|a| a.rings()).take(MEMBERS_MAX).collect();
    let units: BTreeSet<_> = burst.iter().map(|a| a.raise.unit).chain([new.raise.unit]).collect();
    if units.len() < settings.area_units {
        return None;
    }
    let mut burst = burst.into_iter();
    let head = burst.next()?.id;
    Some(Storm { head, others: burst.map(|a| (a.id, false)).collect(), rings: false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filters::kit::{at, fire, id};
    use crate::{Input, Membership};
    use fengsui_base::UnitId;

    fn settings() -> FilterSettings {
        FilterSettings { area_units: 5, area_within_s: 180, ..FilterSettings::default() }
    }

    /// A fault of unit `number`.
    fn fault(number: u32, second: i64) -> Alarm {
        fire(number, second, |r| {
            r.class = Class::Fault;
            r.unit = Some(UnitId(id(100 + u128::from(number))));
        })
    }

    fn ask(new: &Alarm, open: &[Alarm]) -> Option<Storm> {
        area(new, open.iter(), settings())
    }

    fn joined(alarm: Alarm, head: AlarmId, second: i64) -> Alarm {
        let member =
            Membership {
                head, words: "首警".to_owned(), joined: Joined::Area, quiet: true, at: at(second)
            };
        alarm.handle(Input::Join(member), at(second)).unwrap().0
    }

    #[test]
    fn the_fifth_unit_within_three_minutes_makes_an_incident_and_the_fourth_does_not() {
        let open: Vec<_> = (1..=4).map(|n| fault(n, i64::from(n))).collect();
        assert_eq!(ask(&fault(4, 4), &open[..3]), None);
        let found = ask(&fault(5, 180), &open).unwrap();
        assert_eq!((found.head, found.others.len(), found.rings), (open[0].id, 3, false));
        assert_eq!(ask(&fault(5, 181), &open), None, "the first of the five is three minutes ago");
    }

    #[test]
    fn ten_faults_of_one_unit_are_one_unit_and_a_fire_joins_nothing() {
        let own = |n| fire(n, 1, |r| r.class = Class::Fault);
        let open: Vec<_> = (1..=9).map(own).collect();
        assert_eq!(ask(&own(10), &open), None);
        let faults: Vec<_> = (1..=9).map(|n| fault(n, 1)).collect();
        let new = fire(20, 2, |_| {});
        assert_eq!(ask(&new, &faults), None);
        let fires: Vec<_> =
            (1..=9).map(|n| fire(n, 1, |r| r.unit = Some(UnitId(id(100 + u128::from(n)))))).collect();
        assert_eq!(ask(&fault(20, 2), &fires), None, "fires are not counted either");
    }

    #[test]
    fn a_later_fault_joins_what_goes_on_until_it_was_quiet_for_ten_minutes() {
        let head = fault(1, 1);
        let open = vec![head.clone(), joined(fault(2, 100), head.id, 100)];
        let late = |second| ask(&fault(3, second), &open).map(|s| (s.head, s.others.len()));
        assert_eq!(late(100 + STORM_QUIET_S), Some((head.id, 0)));
        assert_eq!(late(101 + STORM_QUIET_S), None);
    }

    #[test]
    fn the_head_of_a_storm_is_no_member_of_an_area() {
        let head = fault(1, 1);
        let member = Membership {
            head: head.id,
            words: "首警".to_owned(),
            joined: Joined::Storm,
            quiet: true,
            at: at(1),
        };
        let of_storm = fault(2, 1).handle(Input::Join(member), at(1)).unwrap().0;
        let mut open = vec![head.clone(), of_storm];
        open.extend((3..=6).map(|n| fault(n, 2)));
        let found = ask(&fault(7, 3), &open).unwrap();
        assert_eq!(found.head, open[2].id);
        assert!(found.others.iter().all(|(id, _)| *id != head.id));
    }
}
