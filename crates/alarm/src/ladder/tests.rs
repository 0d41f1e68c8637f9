//! The climb, rung by rung, with both sides of every wait.

use super::*;

const MANNED: Scene = Scene { manned: true, company: false };
const EMPTY: Scene = Scene { manned: false, company: false };

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).unwrap()
}

fn ladder(plan: Plan) -> Ladder {
    Ladder::begin(plan, Waits::default(), true, at(0))
}

/// Climbs whatever is due at each of these seconds, and says what was.
fn climbs(ladder: &mut Ladder, scene: Scene, seconds: impl IntoIterator<Item = i64>) -> Vec<(i64, Rung)> {
    let mut done = Vec::new();
    for second in seconds {
        if let Some(step) = ladder.due(scene, at(second)) {
            ladder.climb(step.rung, Vec::new(), at(second));
            done.push((second, step.rung));
        }
    }
    done
}

fn answered(answer: Answer, second: i64) -> Answered {
    Answered {
        message: EntryId::from_u128(1),
        name: "何苗".into(),
        role: "网格员".into(),
        answer,
        note: None,
        through: "应答页".into(),
        at: at(second),
    }
}

#[test]
fn at_a_staffed_place_it_climbs_from_the_seats_to_the_neighbours_and_goes_on_asking() {
    let found = climbs(&mut ladder(Plan::Desk), MANNED, 0..1000);
    let expected = [
        (30, Rung::RingAgain),
        (60, Rung::Deputy),
        (120, Rung::DutyLeader),
        (180, Rung::SafetyManager),
        (240, Rung::Neighbours),
        (540, Rung::AskAgain),
        (840, Rung::AskAgain),
    ];
    assert_eq!(found, expected);
}

#[test]
fn in_a_home_the_people_there_are_asked_at_once_and_the_desk_when_nobody_answers() {
    let mut home = ladder(Plan::Home);
    assert!(!home.with_desk);
    assert_eq!(climbs(&mut home, MANNED, 0..=89), [(0, Rung::Residents)]);
    assert!(!home.with_desk);
    assert_eq!(
        climbs(&mut home, MANNED, 90..=151),
        [(90, Rung::Desk), (120, Rung::RingAgain), (150, Rung::Deputy)]
    );
    assert!(home.with_desk);
}

#[test]
fn a_second_point_or_somebody_who_sees_fire_brings_the_desk_in_at_once() {
    let mut home = ladder(Plan::Home);
    climbs(&mut home, MANNED, 0..=10);
    let company = Scene { company: true, ..MANNED };
    assert_eq!(home.due(company, at(11)).map(|s| s.rung), Some(Rung::Desk));
    home.answer(answered(Answer::Burning, 12), at(12));
    assert_eq!(home.due(MANNED, at(12)).map(|s| s.rung), Some(Rung::Desk));
}

#[test]
fn nobody_at_a_seat_means_telephones_at_once_even_when_the_last_one_has_just_left() {
    let alone = Ladder::begin(Plan::Desk, Waits::default(), false, at(0));
    assert_eq!(alone.due(EMPTY, at(0)).map(|s| s.rung), Some(Rung::Deputy));
    let left = ladder(Plan::Desk);
    assert_eq!(left.due(MANNED, at(29)), None);
    assert_eq!(left.due(EMPTY, at(5)).map(|s| s.rung), Some(Rung::Deputy));
    let mut home = ladder(Plan::Home);
    climbs(&mut home, EMPTY, [0]);
    assert_eq!(home.due(EMPTY, at(89)), None, "the people there have their time");
    assert_eq!(home.due(EMPTY, at(90)).map(|s| s.rung), Some(Rung::Deputy));
}

#[test]
fn after_a_standstill_it_goes_to_the_right_rung_once() {
    let mut stopped = ladder(Plan::Desk);
    let step = stopped.due(MANNED, at(125)).unwrap();
    assert_eq!((step.rung, step.missed), (Rung::DutyLeader, vec![Rung::RingAgain, Rung::Deputy]));
    stopped.climb(Rung::DutyLeader, Vec::new(), at(125));
    assert_eq!(climbs(&mut stopped, MANNED, 125..=185), [(185, Rung::SafetyManager)]);
    let long = ladder(Plan::Desk).due(MANNED, at(100_000)).unwrap();
    assert_eq!(long.rung, Rung::AskAgain, "hours are one question, not many");
    let later_faults = ladder(Plan::List).due(MANNED, at(40 * 24 * 3_600)).unwrap();
    assert_eq!(later_faults.rung, Rung::Morning);
}

#[test]
fn an_answer_gives_time_and_never_takes_any_away() {
    let mut deputy = ladder(Plan::Desk);
    climbs(&mut deputy, MANNED, 0..=60);
    deputy.answer(answered(Answer::Received, 70), at(70));
    assert_eq!(deputy.due(MANNED, at(369)), None);
    assert_eq!(deputy.due(MANNED, at(370)).map(|s| s.rung), Some(Rung::DutyLeader));
    let mut asked = ladder(Plan::List);
    let before = asked.next_at;
    asked.answer(answered(Answer::Received, 1), at(1));
    assert_eq!(asked.next_at, before);
}

#[test]
fn a_false_alarm_said_by_the_household_keeps_the_bell_silent_for_a_while_and_closes_nothing() {
    let mut home = ladder(Plan::Home);
    climbs(&mut home, MANNED, [0]);
    home.answer(answered(Answer::FalseAlarm, 20), at(20));
    assert!(!home.with_desk);
    assert_eq!(home.due(MANNED, at(319)), None);
    assert_eq!(home.due(MANNED, at(320)).map(|s| s.rung), Some(Rung::Desk));
}

#[test]
fn what_somebody_holds_is_reminded_and_then_led_to_the_duty_leader() {
    let mut held = ladder(Plan::Desk);
    held.turn(Plan::Verify, at(20));
    let found = climbs(&mut held, MANNED, 20..=1000);
    assert_eq!(
        found,
        [(320, Rung::Remind), (380, Rung::DutyLeader), (680, Rung::AskAgain), (980, Rung::AskAgain)]
    );
    held.turn(Plan::Leader, at(1001));
    assert_eq!(held.due(MANNED, at(1001)).map(|s| s.rung), Some(Rung::DutyLeader));
    held.end();
    assert_eq!(held.due(MANNED, at(100_000)), None);
}

#[test]
fn certainty_calls_the_deputy_without_waiting_for_the_second_bell() {
    let mut certain = ladder(Plan::Desk);
    certain.hasten(at(3));
    assert_eq!(climbs(&mut certain, MANNED, 3..=63), [(3, Rung::Deputy), (63, Rung::DutyLeader)]);
    certain.hasten(at(70));
    assert_eq!(certain.due(MANNED, at(70)).map(|s| s.rung), Some(Rung::SafetyManager));
    let mut fault = ladder(Plan::List);
    let before = fault.clone();
    fault.hasten(at(3));
    assert_eq!(fault, before);
}

#[test]
fn a_rung_without_anybody_is_passed_at_once_and_the_last_one_stays() {
    let desk = ladder(Plan::Desk);
    let deputy = desk.due(MANNED, at(60)).unwrap();
    let leader = desk.beyond(deputy).unwrap();
    assert_eq!((leader.rung, leader.vacant.clone()), (Rung::DutyLeader, vec![Rung::Deputy]));
    assert!(leader.sentence(&[]).contains("没有登记：副班"));
    let last = Step { rung: Rung::AskAgain, missed: vec![], vacant: vec![] };
    assert_eq!(desk.beyond(last), None);
    let morning = Step { rung: Rung::Morning, missed: vec![], vacant: vec![] };
    assert_eq!(ladder(Plan::List).beyond(morning), None);
}

#[test]
fn the_story_has_a_limit_and_the_bell_is_counted() {
    let mut long = ladder(Plan::Desk);
    for n in 0..CLIMBED_MAX + 1 {
        long.climb(Rung::AskAgain, Vec::new(), at(i64::try_from(n).unwrap()));
    }
    assert_eq!((long.climbed.len(), long.rings as usize), (CLIMBED_MAX, CLIMBED_MAX + 1));
    for _ in 0..ANSWERS_MAX + 1 {
        long.answer(answered(Answer::Received, 1), at(1));
    }
    assert_eq!(long.answers.len(), ANSWERS_MAX);
}

#[test]
fn waits_have_bounds() {
    let waits = |seat_s| Waits { seat_s, ..Waits::default() };
    assert_eq!(waits(WAIT_MIN_S).out_of_bounds(), None);
    assert_eq!(waits(WAIT_MAX_S).out_of_bounds(), None);
    assert_eq!(waits(WAIT_MIN_S - 1).out_of_bounds(), Some(("seat_s", WAIT_MIN_S - 1)));
    assert_eq!(waits(WAIT_MAX_S + 1).out_of_bounds(), Some(("seat_s", WAIT_MAX_S + 1)));
}
