//! The life of an alarm, told as it happens at the desk.

use super::*;
use crate::Clocks;
use fengsui_base::{AccountId, EntryId};

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).unwrap()
}

fn officer(number: u128, name: &str, seat: Option<u16>) -> Officer {
    Officer { id: AccountId(EntryId::from_u128(number)), name: name.to_owned(), seat }
}

pub(super) fn zhou() -> Officer {
    officer(1, "周敏", Some(1))
}

fn chen() -> Officer {
    officer(2, "陈立", Some(2))
}

pub(super) fn fire() -> Alarm {
    of_class(Class::Fire)
}

pub(super) fn of_class(class: Class) -> Alarm {
    let raise = Raise {
        class,
        title: "火警·手动报警按钮".to_owned(),
        region: "990101005000".parse().unwrap(),
        unit: None,
        unit_name: Some("瑞禾电子厂".to_owned()),
        terminal: TerminalId(EntryId::from_u128(9)),
        point: None,
        slot: "alarm/fire/9".to_owned(),
        building: Some("2 号厂房".to_owned()),
        floor: Some("1 层".to_owned()),
        zone: None,
        place: "2 号厂房 1 层 2-1-004".to_owned(),
        component_type: 23,
        component_label: "手动火灾报警按钮".to_owned(),
        component_address: 4,
        position: None,
        timing: Timing::OnTime,
        raised_at: at(0),
        event_at: Some(at(-1)),
        sent_at: Some(at(0)),
    };
    Alarm::raise(AlarmId(EntryId::from_u128(7)), raise).0
}

pub(super) fn after(alarm: Alarm, inputs: Vec<Input>) -> Alarm {
    let step = |(a, s): (Alarm, i64), input| (a.handle(input, at(s)).expect("allowed").0, s + 1);
    inputs.into_iter().fold((alarm, 10), step).0
}

fn refused(alarm: Alarm, input: Input) -> String {
    alarm.handle(input, at(99)).expect_err("refused").code.into_owned()
}

pub(super) fn verify(by: Officer, finding: Finding, cause: Option<Cause>) -> Input {
    Input::Verify { by, finding, cause, note: None }
}

fn forward(by: Officer) -> Input {
    Input::Forward { by, to: "119".to_owned(), note: None }
}

fn close(by: Officer) -> Input {
    Input::Close { by, note: None, unrestored_reason: None }
}

#[test]
fn a_real_fire_is_taken_verified_forwarded_restored_and_closed() {
    let story = vec![
        Input::Take(zhou()),
        verify(zhou(), Finding::Real, None),
        forward(zhou()),
        Input::Restore,
        close(zhou()),
    ];
    let alarm = after(fire(), story);
    assert!(alarm.is_closed());
    assert!(alarm.steps().iter().all(|(_, _, s)| *s == StepState::Done));
}

#[test]
fn a_second_seat_cannot_take_what_is_taken_and_is_told_by_whom() {
    let taken = after(fire(), vec![Input::Take(zhou())]);
    let refusal = taken.handle(Input::Take(chen()), at(20)).unwrap_err();
    assert_eq!(refusal.code, "alarm.taken");
    assert!(refusal.detail.contains("1 席 周敏"), "{}", refusal.detail);
}

#[test]
fn nobody_acts_without_a_seat() {
    assert_eq!(refused(fire(), Input::Take(officer(3, "孙志远", None))), "seat.none");
}

#[test]
fn only_the_holder_verifies_until_somebody_takes_over_with_a_reason() {
    let taken = after(fire(), vec![Input::Take(zhou())]);
    assert_eq!(refused(taken.clone(), verify(chen(), Finding::Real, None)), "alarm.held");
    assert_eq!(refused(taken.clone(), Input::TakeOver { by: chen(), reason: " ".into() }), "input.invalid");
    let story =
        vec![Input::TakeOver { by: chen(), reason: "周敏离席".into() }, verify(chen(), Finding::Test, None)];
    assert_eq!(after(taken, story).holder().unwrap().officer, chen());
}

#[test]
fn a_hand_over_names_another_officer_and_a_reason() {
    let taken = after(fire(), vec![Input::Take(zhou())]);
    assert_eq!(
        refused(taken.clone(), Input::HandOver { by: zhou(), to: zhou(), reason: "换班".into() }),
        "alarm.hand_over_to_self"
    );
    let given = after(taken, vec![Input::HandOver { by: zhou(), to: chen(), reason: "换班".into() }]);
    assert_eq!(given.holder().unwrap().officer, chen());
    assert_eq!(given.holder().unwrap().first_at, at(10));
}

#[test]
fn a_false_alarm_needs_a_cause_and_nothing_else_may_have_one() {
    let taken = after(fire(), vec![Input::Take(zhou())]);
    assert_eq!(refused(taken.clone(), verify(zhou(), Finding::False, None)), "input.invalid");
    assert_eq!(refused(taken, verify(zhou(), Finding::Real, Some(Cause::Dust))), "input.invalid");
}

#[test]
fn a_real_fire_cannot_be_closed_before_it_was_forwarded() {
    let real = after(fire(), vec![Input::Take(zhou()), verify(zhou(), Finding::Real, None), Input::Restore]);
    assert_eq!(refused(real, close(zhou())), "alarm.not_forwarded");
}

#[test]
fn a_real_fault_closes_without_the_fire_brigade() {
    let fault = after(of_class(Class::Fault), vec![Input::Take(zhou()), verify(zhou(), Finding::Real, None)]);
    assert_eq!(refused(fault.clone(), forward(zhou())), "alarm.not_fire");
    assert!(after(fault, vec![Input::Restore, close(zhou())]).is_closed());
}

#[test]
fn undetermined_is_no_verdict_to_close_by_but_may_be_forwarded() {
    let unsure =
        after(fire(), vec![Input::Take(zhou()), verify(zhou(), Finding::Undetermined, None), Input::Restore]);
    assert_eq!(refused(unsure.clone(), close(zhou())), "alarm.undetermined");
    assert_eq!(after(unsure, vec![forward(zhou())]).state(), "forwarded");
}

#[test]
fn closing_an_unrestored_point_takes_a_reason() {
    let judged = after(fire(), vec![Input::Take(zhou()), verify(zhou(), Finding::Test, None)]);
    assert_eq!(refused(judged.clone(), close(zhou())), "input.invalid");
    let reason = Some("探测器已拆下送修".to_owned());
    assert!(
        after(judged, vec![Input::Close { by: zhou(), note: None, unrestored_reason: reason }]).is_closed()
    );
}

#[test]
fn a_verdict_is_corrected_with_a_note_and_not_after_forwarding() {
    let judged = after(fire(), vec![Input::Take(zhou()), verify(zhou(), Finding::False, Some(Cause::Dust))]);
    assert_eq!(refused(judged.clone(), verify(zhou(), Finding::Real, None)), "input.invalid");
    let note = Some("单位来电确认有明火".to_owned());
    let corrected = after(
        judged,
        vec![Input::Verify { by: zhou(), finding: Finding::Real, cause: None, note }, forward(zhou())],
    );
    assert_eq!(refused(corrected, verify(zhou(), Finding::Test, None)), "alarm.forwarded");
}

#[test]
fn restoring_ends_the_state_and_never_the_alarm() {
    let restored = after(fire(), vec![Input::Restore]);
    assert!(restored.rings() && restored.restored_at.is_some() && restored.holds_slot());
}

#[test]
fn a_repeat_raises_the_count_and_takes_back_the_restore() {
    let clocks = Clocks { event_at: None, sent_at: None, received_at: at(50) };
    let again = after(fire(), vec![Input::Restore, Input::Repeat(clocks, Timing::OnTime)]);
    assert_eq!((again.count, again.last_at, again.restored_at), (2, at(50), None));
}

#[test]
fn after_a_false_alarm_has_restored_the_next_report_is_a_new_alarm() {
    let judged =
        after(fire(), vec![Input::Take(zhou()), verify(zhou(), Finding::False, Some(Cause::Cooking))]);
    assert!(judged.holds_slot(), "the same smoke is the same alarm");
    assert!(!after(judged, vec![Input::Restore]).holds_slot());
}

#[test]
fn a_late_alarm_is_listed_and_does_not_ring() {
    let mut late = fire();
    late.raise.timing = Timing::Late;
    assert!(!late.rings() && late.state() == "raised");
}

#[test]
fn a_closed_alarm_takes_remarks_and_nothing_else() {
    let story = vec![Input::Take(zhou()), verify(zhou(), Finding::Test, None), Input::Restore, close(zhou())];
    let closed = after(fire(), story);
    assert_eq!(refused(closed.clone(), verify(zhou(), Finding::Real, None)), "alarm.closed");
    assert_eq!(refused(closed.clone(), close(zhou())), "alarm.closed");
    after(closed, vec![Input::Note { by: chen(), text: "年度检测单已补交".into() }]);
}

#[test]
fn a_note_at_the_limit_is_taken_and_one_character_more_is_not() {
    let note = |n: usize| Input::Note { by: zhou(), text: "字".repeat(n) };
    after(fire(), vec![note(NOTE_CHARS_MAX)]);
    assert_eq!(refused(fire(), note(NOTE_CHARS_MAX + 1)), "input.invalid");
}

#[test]
fn one_action_is_primary_and_every_refused_one_says_why() {
    let actions = fire().actions(&zhou());
    let primary: Vec<_> = actions.iter().filter(|a| a.primary).map(|a| a.name).collect();
    assert_eq!(primary, ["take"]);
    assert!(actions.iter().filter_map(|a| a.refusal.as_ref()).all(|r| !r.detail.is_empty()));
}

#[test]
fn an_alarm_survives_being_stored() {
    let alarm =
        after(fire(), vec![Input::Take(zhou()), verify(zhou(), Finding::Real, None), forward(zhou())]);
    let text = serde_json::to_string(&alarm).unwrap();
    assert_eq!(serde_json::from_str::<Alarm>(&text).unwrap(), alarm);
}

#[test]
fn a_late_alarm_rings_when_the_point_reports_it_live() {
    let mut late = fire();
    late.raise.timing = Timing::Late;
    let clocks = Clocks { event_at: None, sent_at: None, received_at: at(50) };
    assert!(!after(late.clone(), vec![Input::Repeat(clocks, Timing::Late)]).rings());
    assert!(after(late, vec![Input::Restore, Input::Repeat(clocks, Timing::OnTime)]).rings());
}

#[test]
fn a_slot_once_given_up_is_not_taken_back_by_a_correction() {
    let story = vec![Input::Take(zhou()), verify(zhou(), Finding::False, Some(Cause::Dust)), Input::Restore];
    let note = Some("单位来电确认有明火".to_owned());
    let correction = Input::Verify { by: zhou(), finding: Finding::Real, cause: None, note };
    assert!(!after(after(fire(), story), vec![correction]).holds_slot());
}
