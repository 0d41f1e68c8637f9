//! What keeps a bell off, and what does not.

use super::*;
use crate::filters::kit::{at, fire, id};
use crate::{Cover, Input, WindowOwner};
use fengsui_base::{AccountId, Officer, TerminalId, UnitId};

fn window(purpose: Purpose, until: i64) -> Window {
    Window {
        purpose,
        unit: Some(UnitId(id(5))),
        unit_name: None,
        cover: Cover::Floor { building: "1 号楼".to_owned(), floor: Some("3 层".to_owned()) },
        cover_words: "1 号楼 3 层".to_owned(),
        reason: "吊顶施工".to_owned(),
        owner: WindowOwner { name: "王强".to_owned(), phone: "13900001234".to_owned() },
        from_at: at(0),
        until_at: at(until),
        end_reason: None,
        ended_at: None,
    }
}

fn spot(floor: &'static str) -> Spot<'static> {
    Spot {
        unit: Some(UnitId(id(5))),
        terminal: TerminalId(id(9)),
        system: Some((1, 1)),
        point: None,
        building: Some("1 号楼"),
        floor: Some(floor),
        zone: None,
    }
}

fn found(
    windows: &[Window],
    floor: &'static str,
    class: Class,
    with: &[Condition],
    second: i64,
) -> Option<Suppression> {
    let windows = windows.iter().enumerate().map(|(n, w)| (id(100 + n as u128), w));
    suppressor(windows, &spot(floor), class, with.iter().copied().collect(), at(second))
}

#[test]
fn a_covered_point_is_silent_from_the_first_instant_to_the_last_and_not_beyond() {
    let all = [window(Purpose::Maintenance, 600)];
    let fires = |second| found(&all, "3 层", Class::Fire, &[Condition::Fire], second);
    assert!(fires(-1).is_none() && fires(600).is_none());
    assert!(fires(0).is_some());
    let last = fires(599).unwrap();
    assert_eq!((last.label(), last.filter(), last.until_at()), ("维护", Filter::Window, Some(at(600))));
    assert_eq!(last.words, "维护窗口（1 号楼 3 层，负责人 王强）");
}

#[test]
fn a_point_beside_the_window_rings() {
    assert!(found(&[window(Purpose::Drill, 600)], "4 层", Class::Fire, &[Condition::Fire], 10).is_none());
}

#[test]
fn of_two_windows_the_one_that_ends_last_counts() {
    let all = [window(Purpose::Maintenance, 600), window(Purpose::Drill, 900)];
    assert_eq!(found(&all, "3 层", Class::Fire, &[Condition::Fire], 10).unwrap().label(), "演练");
}

#[test]
fn the_panels_own_shielding_and_a_known_test_bit_keep_a_fire_silent_and_never_the_news_of_the_shielding() {
    let panel = found(&[], "3 层", Class::Fire, &[Condition::Fire, Condition::Shielded], 10).unwrap();
    assert_eq!((panel.filter(), panel.label()), (Filter::Shielded, "屏蔽"));
    let test = found(&[], "3 层", Class::Fire, &[Condition::Fire, Condition::Test], 10).unwrap();
    assert_eq!((test.filter(), test.label()), (Filter::Test, "测试"));
    let all = [window(Purpose::Shielding, 600)];
    assert!(found(&all, "3 层", Class::Shielded, &[Condition::Shielded], 10).is_none());
    assert!(found(&[], "3 层", Class::Fault, &[Condition::Fault, Condition::Shielded], 10).is_none());
}

#[test]
fn a_live_fire_outside_breaks_a_suppression_and_a_late_covered_or_false_one_does_not() {
    let outside = fire(1, 0, |_| {});
    assert!(breaks_suppression(&outside));
    assert!(!breaks_suppression(&fire(1, 0, |r| r.timing = Timing::Late)));
    assert!(!breaks_suppression(&fire(1, 0, |r| r.class = Class::Fault)));
    let by =
        Suppression { by: Suppressor::Panel, at: at(0), words: "点位在控制器上已屏蔽".to_owned() };
    let covered = outside.clone().handle(Input::Suppress(by), at(0)).unwrap().0;
    assert!(!covered.rings() && !breaks_suppression(&covered));
    let zhou = Officer { id: AccountId(id(1)), name: "周敏".to_owned(), seat: Some(1) };
    let verify = Input::Verify { by: zhou.clone(), finding: Finding::Test, cause: None, note: None };
    let test = outside.handle(Input::Take(zhou), at(5)).unwrap().0.handle(verify, at(6)).unwrap().0;
    assert!(!breaks_suppression(&test));
}

#[test]
fn a_suppression_that_is_lifted_rings_again_and_both_stand_in_the_trace() {
    let by =
        Suppression { by: Suppressor::Panel, at: at(0), words: "点位在控制器上已屏蔽".to_owned() };
    let covered = fire(1, 0, |_| {}).handle(Input::Suppress(by), at(0)).unwrap().0;
    let (lifted, event) = covered.handle(Input::Lift("窗口已结束".to_owned()), at(9)).unwrap();
    assert!(lifted.rings());
    assert_eq!(event.sentence(&lifted), "窗口已结束，解除屏蔽抑制，恢复响铃");
    let said: Vec<_> = lifted.trace.marks().iter().map(|m| m.sentence.as_str()).collect();
    assert_eq!(said, ["点位在控制器上已屏蔽，不响铃", "窗口已结束，解除屏蔽抑制，恢复响铃"]);
    assert_eq!(
        lifted.handle(Input::Lift("再来".to_owned()), at(10)).unwrap_err().code,
        "alarm.not_suppressed"
    );
}
