//! When very many points are one incident, and what rings all the same.

use super::*;
use crate::filters::kit::{at, fire, id};
use crate::{Class, Input};
use fengsui_base::AccountId;

const SETTINGS: FilterSettings =
    FilterSettings { coincidence_s: 120, storm_points: 10, area_units: 5, area_within_s: 180 };

/// The first `count` points of a building, one a second.
fn burst(count: u32) -> Vec<Alarm> {
    (1..=count).map(|n| fire(n, i64::from(n), |_| {})).collect()
}

fn ask(new: &Alarm, open: &[Alarm]) -> Option<Storm> {
    storm(new, open.iter(), SETTINGS)
}

fn joined(alarm: Alarm, head: AlarmId, second: i64) -> Alarm {
    let member =
        Membership { head, words: "首警".to_owned(), joined: Joined::Storm, quiet: true, at: at(second) };
    alarm.handle(Input::Join(member), at(second)).unwrap().0
}

#[test]
fn the_eleventh_point_within_a_minute_makes_an_incident_and_the_tenth_does_not() {
    assert_eq!(ask(&fire(10, 10, |_| {}), &burst(9)), None);
    let open = burst(10);
    let found = ask(&fire(11, 11, |_| {}), &open).unwrap();
    assert_eq!((found.head, found.others.len(), found.rings), (open[0].id, 9, false));
    assert!(found.others.iter().all(|(_, rings)| !rings));
}

#[test]
fn what_came_a_minute_ago_counts_no_more() {
    assert!(ask(&fire(11, 60, |_| {}), &burst(10)).is_some());
    assert_eq!(ask(&fire(11, 61, |_| {}), &burst(10)), None);
}

#[test]
fn another_class_another_unit_and_a_late_report_are_not_of_the_storm() {
    let open = burst(10);
    assert_eq!(ask(&fire(11, 11, |r| r.class = Class::Fault), &open), None);
    assert_eq!(ask(&fire(11, 11, |r| r.timing = Timing::Late), &open), None);
    assert_eq!(ask(&fire(11, 11, |r| r.unit = None), &open), None);
    let mixed: Vec<_> = open.into_iter().take(9).chain([fire(20, 5, |r| r.class = Class::Fault)]).collect();
    assert_eq!(ask(&fire(11, 11, |_| {}), &mixed), None);
}

#[test]
fn the_first_alarm_of_each_further_building_rings_again() {
    let mut open = burst(10);
    open[9] = fire(10, 10, |r| r.building = Some("2 号楼".to_owned()));
    let found = ask(&fire(11, 11, |r| r.building = Some("3 号楼".to_owned())), &open).unwrap();
    assert!(found.rings);
    assert_eq!(found.others.iter().filter(|(_, rings)| *rings).collect::<Vec<_>>(), [&(open[9].id, true)]);
}

#[test]
fn an_incident_takes_in_what_follows_and_rings_where_nothing_was_before() {
    let head = fire(1, 1, |_| {});
    let mut open = vec![head.clone()];
    open.extend((2..=12).map(|n| joined(fire(n, i64::from(n), |_| {}), head.id, i64::from(n))));
    let found = ask(&fire(13, 400, |_| {}), &open).unwrap();
    assert_eq!((found.head, found.others.len(), found.rings), (head.id, 0, false));
    assert!(ask(&fire(13, 400, |r| r.building = Some("2 号楼".to_owned())), &open).unwrap().rings);
}

#[test]
fn an_incident_that_was_quiet_for_ten_minutes_or_is_full_takes_in_nothing_more() {
    let head = fire(1, 1, |_| {});
    let mut open = vec![head.clone(), joined(fire(2, 2, |_| {}), head.id, 2)];
    assert!(ask(&fire(3, 2 + STORM_QUIET_S, |_| {}), &open).is_some());
    assert_eq!(ask(&fire(3, 3 + STORM_QUIET_S, |_| {}), &open), None);
    let most = u32::try_from(MEMBERS_MAX).unwrap();
    open.extend((3..=most).map(|n| joined(fire(n, 3, |_| {}), head.id, 3)));
    assert!(ask(&fire(most + 1, 120, |_| {}), &open).is_some());
    open.push(joined(fire(most + 1, 3, |_| {}), head.id, 3));
    assert_eq!(ask(&fire(most + 2, 120, |_| {}), &open), None);
}

#[test]
fn a_head_that_was_found_false_stands_for_nothing_that_comes_later() {
    let zhou = Officer { id: AccountId(id(1)), name: "周敏".to_owned(), seat: Some(1) };
    let head = fire(1, 1, |_| {});
    let members: Vec<_> = (2..=5).map(|n| joined(fire(n, 2, |_| {}), head.id, 2)).collect();
    let cause = Some(crate::Cause::Dust);
    let verify = Input::Verify { by: zhou.clone(), finding: Finding::False, cause, note: None };
    let taken = head.handle(Input::Take(zhou), at(20)).unwrap().0;
    let open: Vec<_> = members.into_iter().chain([taken.handle(verify, at(30)).unwrap().0]).collect();
    assert_eq!(ask(&fire(6, 40, |_| {}), &open), None);
}

#[test]
fn the_spread_counts_by_building_and_floor_the_most_first() {
    let mut all = burst(3);
    all.push(fire(9, 9, |r| r.floor = Some("4 层".to_owned())));
    let found = spread(all.iter());
    assert_eq!(found, [("1 号楼 3 层".to_owned(), 3), ("1 号楼 4 层".to_owned(), 1)]);
}
