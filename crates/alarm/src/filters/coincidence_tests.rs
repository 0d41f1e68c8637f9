//! Two signals and what they say together.

use super::*;
use crate::filters::kit::{at, fire, id};
use crate::{FilterSettings, Input, Purpose, Suppression, Suppressor};
use fengsui_base::{TerminalId, UnitId};

fn both(a: &Alarm, b: &Alarm) -> Option<Twofold> {
    let found = coincidence(a, b, FilterSettings::default());
    assert_eq!(found, coincidence(b, a, FilterSettings::default()), "it does not matter which came first");
    found
}

#[test]
fn two_detectors_of_a_floor_confirm_each_other_up_to_the_limit_and_not_a_second_later() {
    assert_eq!(both(&fire(1, 0, |_| {}), &fire(2, 120, |_| {})), Some(Twofold::TwoPoints));
    assert_eq!(both(&fire(1, 0, |_| {}), &fire(2, 121, |_| {})), None);
}

#[test]
fn a_point_does_not_confirm_itself_and_a_panel_confirms_nobody() {
    assert_eq!(both(&fire(1, 0, |_| {}), &fire(1, 5, |_| {})), None);
    let panel = fire(2, 5, |r| r.slot = "alarm/fire/9/s1.1.0".to_owned());
    assert_eq!(both(&fire(1, 0, |_| {}), &panel), None);
}

#[test]
fn detectors_of_two_floors_or_two_units_are_two_stories() {
    let above = fire(2, 5, |r| r.floor = Some("4 层".to_owned()));
    assert_eq!(both(&fire(1, 0, |_| {}), &above), None);
    let elsewhere = fire(2, 5, |r| r.building = Some("2 号楼".to_owned()));
    assert_eq!(both(&fire(1, 0, |_| {}), &elsewhere), None);
    let neighbour = fire(2, 5, |r| r.unit = Some(UnitId(id(6))));
    assert_eq!(both(&fire(1, 0, |_| {}), &neighbour), None);
}

#[test]
fn a_zone_is_a_place_and_so_is_a_terminal_of_which_nothing_else_is_known() {
    let zoned = |n, s| {
        fire(n, s, |r| {
            (r.floor, r.zone) = (None, Some("7".to_owned()));
        })
    };
    assert_eq!(both(&zoned(1, 0), &zoned(2, 5)), Some(Twofold::TwoPoints));
    let bare = |n: u32, terminal| {
        fire(n, 0, |r| {
            (r.building, r.floor, r.unit, r.terminal) = (None, None, None, TerminalId(id(terminal)));
        })
    };
    assert_eq!(both(&bare(1, 9), &bare(2, 9)), Some(Twofold::TwoPoints));
    assert_eq!(both(&bare(1, 9), &bare(2, 8)), None);
}

#[test]
fn a_call_point_or_flowing_water_confirms_a_detector_anywhere_in_the_unit() {
    for kind in [23, 24, 96, 99] {
        let other = fire(2, 60, |r| {
            (r.component_type, r.building) = (kind, Some("2 号楼".to_owned()));
        });
        assert_eq!(both(&fire(1, 0, |_| {}), &other), Some(Twofold::Linkage), "component {kind}");
    }
    let module = fire(2, 60, |r| {
        (r.component_type, r.building) = (85, Some("2 号楼".to_owned()));
    });
    assert_eq!(both(&fire(1, 0, |_| {}), &module), None);
}

#[test]
fn what_is_suppressed_late_or_a_fault_confirms_nothing() {
    let by = Suppressor::Window { window: id(3), purpose: Purpose::Drill, until_at: at(900) };
    let drill = Suppression { by, at: at(5), words: "演练窗口".to_owned() };
    let suppressed = fire(2, 5, |_| {}).handle(Input::Suppress(drill), at(5)).unwrap().0;
    assert_eq!(both(&fire(1, 0, |_| {}), &suppressed), None);
    assert_eq!(both(&fire(1, 0, |_| {}), &fire(2, 5, |r| r.timing = Timing::Late)), None);
    assert_eq!(both(&fire(1, 0, |_| {}), &fire(2, 5, |r| r.class = Class::Fault)), None);
}
