//! Making a window, its limits, what it covers, and its end.

use super::*;
use crate::filters::kit::{at, id};

const DAY_S: i64 = 86_400;

fn draft() -> WindowDraft {
    WindowDraft {
        purpose: Purpose::Maintenance,
        cover: Cover::Unit,
        reason: "更换控制器".to_owned(),
        owner: WindowOwner { name: "王强".to_owned(), phone: "139 0000 1234".to_owned() },
        from_at: None,
        until_at: at(3_600),
    }
}

fn make(draft: WindowDraft) -> Result<(Window, WindowState), Refusal> {
    Window::make(draft, UnitId(id(5)), "瑞禾电子厂", "全单位".to_owned(), at(0))
}

fn wrong(draft: WindowDraft) -> Vec<String> {
    make(draft).unwrap_err().places.into_iter().map(|p| p.pointer).collect()
}

fn spot<'a>() -> Spot<'a> {
    Spot {
        unit: Some(UnitId(id(5))),
        terminal: TerminalId(id(9)),
        system: Some((1, 1)),
        point: Some(PointId(id(31))),
        building: Some("1 号楼"),
        floor: Some("3 层"),
        zone: Some("7"),
    }
}

fn covers(cover: Cover) -> bool {
    make(WindowDraft { cover, ..draft() }).unwrap().0.covers(&spot())
}

#[test]
fn a_window_without_a_beginning_begins_now_and_one_in_the_past_too() {
    let (window, state) = make(draft()).unwrap();
    assert_eq!((window.from_at, state), (at(0), WindowState::Active));
    let (window, state) = make(WindowDraft { from_at: Some(at(-600)), ..draft() }).unwrap();
    assert_eq!((window.from_at, state), (at(0), WindowState::Active));
    let (_, state) = make(WindowDraft { from_at: Some(at(60)), ..draft() }).unwrap();
    assert_eq!(state, WindowState::Planned);
}

#[test]
fn thirty_days_are_a_window_and_a_second_more_is_not() {
    let until = |second| WindowDraft { until_at: at(second), ..draft() };
    assert!(make(until(WINDOW_DAYS_MAX * DAY_S)).is_ok());
    assert_eq!(wrong(until(WINDOW_DAYS_MAX * DAY_S + 1)), ["/until_at"]);
    assert_eq!(wrong(until(0)), ["/until_at"]);
    let ahead = |second| WindowDraft { from_at: Some(at(second)), until_at: at(second + 60), ..draft() };
    assert!(make(ahead(AHEAD_DAYS_MAX * DAY_S)).is_ok());
    assert_eq!(wrong(ahead(AHEAD_DAYS_MAX * DAY_S + 1)), ["/from_at"]);
}

#[test]
fn a_window_needs_a_reason_and_somebody_who_answers_the_telephone() {
    let nobody = WindowOwner { name: " ".to_owned(), phone: "王强手机".to_owned() };
    let empty = WindowDraft { reason: "  ".to_owned(), owner: nobody, ..draft() };
    assert_eq!(wrong(empty), ["/reason", "/owner_name", "/owner_phone"]);
    let phone = |phone: &str| WindowDraft {
        owner: WindowOwner { phone: phone.to_owned(), ..draft().owner },
        ..draft()
    };
    assert!(make(phone("12345")).is_ok());
    assert_eq!(wrong(phone("1234")), ["/owner_phone"]);
    let reason = |n| WindowDraft { reason: "事".repeat(n), ..draft() };
    assert!(make(reason(REASON_CHARS_MAX)).is_ok());
    assert_eq!(wrong(reason(REASON_CHARS_MAX + 1)), ["/reason"]);
    assert_eq!(wrong(WindowDraft { purpose: Purpose::Test, ..draft() }), ["/purpose"]);
}

#[test]
fn points_are_named_up_to_the_limit() {
    let points = |n: usize| Cover::Points { points: (0..n).map(|n| PointId(id(n as u128))).collect() };
    assert!(make(WindowDraft { cover: points(POINTS_MAX), ..draft() }).is_ok());
    assert_eq!(wrong(WindowDraft { cover: points(POINTS_MAX + 1), ..draft() }), ["/points"]);
    assert_eq!(wrong(WindowDraft { cover: points(0), ..draft() }), ["/points"]);
}

#[test]
fn a_window_covers_what_it_names_and_nothing_beside_it() {
    let (here, there) = (TerminalId(id(9)), TerminalId(id(8)));
    let system = |terminal, system_type| Cover::System { terminal, system_type, system_address: 1 };
    let floor = |building: &str, floor: Option<&str>| Cover::Floor {
        building: building.to_owned(),
        floor: floor.map(str::to_owned),
    };
    let zone = |zone: &str, building: Option<&str>| Cover::Zone {
        zone: zone.to_owned(),
        building: building.map(str::to_owned),
    };
    assert!(covers(Cover::Unit));
    assert!(covers(Cover::Terminal { terminal: here }) && !covers(Cover::Terminal { terminal: there }));
    assert!(covers(system(here, 1)) && !covers(system(here, 11)) && !covers(system(there, 1)));
    assert!(covers(floor("1 号楼", Some("3 层"))) && covers(floor("1 号楼", None)));
    assert!(!covers(floor("1 号楼", Some("4 层"))) && !covers(floor("2 号楼", Some("3 层"))));
    assert!(covers(zone("7", None)) && covers(zone("7", Some("1 号楼"))) && !covers(zone("8", None)));
    assert!(!covers(zone("7", Some("2 号楼"))));
    assert!(covers(Cover::Points { points: vec![PointId(id(31))] }));
    assert!(!covers(Cover::Points { points: vec![PointId(id(32))] }));
    let (window, _) = make(draft()).unwrap();
    assert!(!window.covers(&Spot { unit: Some(UnitId(id(6))), ..spot() }), "the unit next door");
    assert!(!window.covers(&Spot { unit: None, ..spot() }), "a terminal that nobody has claimed");
}

#[test]
fn a_reported_test_holds_for_its_period_on_its_own_system_claimed_or_not() {
    let test = Window::of_test(TerminalId(id(9)), Some((1, 1)), None, "用传装置", at(0));
    assert!(test.covers(&Spot { unit: None, ..spot() }) && test.covers(&spot()));
    assert!(!test.covers(&Spot { system: Some((11, 1)), ..spot() }));
    assert!(test.holds_at(at(TEST_PERIOD_S - 1)) && !test.holds_at(at(TEST_PERIOD_S)));
    let whole = Window::of_test(TerminalId(id(9)), None, None, "用传装置", at(0));
    assert!(whole.covers(&Spot { system: None, ..spot() }));
    assert_eq!(whole.words(), "用传装置测试期");
}

#[test]
fn the_clock_begins_and_ends_a_window_and_twice_changes_nothing() {
    let (planned, state) = make(WindowDraft { from_at: Some(at(60)), ..draft() }).unwrap();
    assert_eq!(planned.due_at(state), Some(at(60)));
    assert!(planned.pass(state, at(59)).is_none());
    let (active, state, step) = planned.pass(state, at(60)).unwrap();
    assert_eq!(
        (state, step, active.due_at(state)),
        (WindowState::Active, WindowStep::Begun, Some(at(3_600)))
    );
    assert!(active.pass(state, at(60)).is_none() && active.pass(state, at(3_599)).is_none());
    let (over, state, step) = active.pass(state, at(4_000)).unwrap();
    assert_eq!((state, step, over.ended_at), (WindowState::Ended, WindowStep::Expired, Some(at(3_600))));
    assert!(over.pass(state, at(5_000)).is_none());
    let (slept, state, _) = planned.pass(WindowState::Planned, at(9_000)).unwrap();
    assert_eq!((state, slept.ended_at), (WindowState::Ended, Some(at(3_600))), "nobody looked in between");
}

#[test]
fn ending_early_takes_a_reason_and_silences_nothing_more() {
    let (active, state) = make(draft()).unwrap();
    assert_eq!(active.end(state, " ", at(5)).unwrap_err().places[0].pointer, "/reason");
    let (ended, state, step) = active.end(state, "提前完工", at(5)).unwrap();
    assert_eq!((state, step), (WindowState::Ended, WindowStep::EndedEarly("提前完工".to_owned())));
    assert!(active.holds_at(at(5)) && !ended.holds_at(at(5)));
    assert_eq!(ended.end(state, "再来", at(6)).unwrap_err().code, "window.over");
    let (planned, state) = make(WindowDraft { from_at: Some(at(60)), ..draft() }).unwrap();
    let (_, state, step) = planned.end(state, "改期", at(5)).unwrap();
    assert_eq!((state, step), (WindowState::Cancelled, WindowStep::Cancelled("改期".to_owned())));
}
