//! Values at their limits, on both sides of each, and what holds for any series of them.

use super::*;
use proptest::prelude::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn pressure(hold_s: i64) -> Limits {
    let low = Some(Bound { limit: 100.0, clear: 120.0 });
    let high = Some(Bound { limit: 1_200.0, clear: 1_150.0 });
    Limits { low, high, hold_s }
}

/// All steps of a series of (second, value), and the state at its end.
fn series(limits: &Limits, values: &[(i64, f64)]) -> (LimitState, Vec<LimitStep>) {
    let mut steps = Vec::new();
    let end = values.iter().fold(LimitState::default(), |state, (second, value)| {
        let (state, more) = state.measure(limits, Some([-110.0, 3_200.0]), *value, at(*second));
        steps.extend(more);
        state
    });
    (end, steps)
}

fn steps(limits: &Limits, values: &[(i64, f64)]) -> Vec<LimitStep> {
    series(limits, values).1
}

#[test]
fn a_value_is_beyond_below_the_lower_and_from_the_upper_limit_up() {
    use LimitStep::Raise;
    let limits = pressure(0);
    assert_eq!(steps(&limits, &[(0, 100.0)]), []);
    assert_eq!(steps(&limits, &[(0, 99.9)]), [Raise(Side::Low)]);
    assert_eq!(steps(&limits, &[(0, 1_199.9)]), []);
    assert_eq!(steps(&limits, &[(0, 1_200.0)]), [Raise(Side::High)]);
}

#[test]
fn it_is_within_again_from_the_clear_value_and_not_a_tenth_before() {
    use LimitStep::{Clear, Raise};
    let limits = pressure(0);
    assert_eq!(steps(&limits, &[(0, 90.0), (1, 119.9)]), [Raise(Side::Low)]);
    assert_eq!(steps(&limits, &[(0, 90.0), (1, 120.0)]), [Raise(Side::Low), Clear(Side::Low)]);
    assert_eq!(steps(&limits, &[(0, 1_300.0), (1, 1_150.1)]), [Raise(Side::High)]);
    assert_eq!(steps(&limits, &[(0, 1_300.0), (1, 1_150.0)]), [Raise(Side::High), Clear(Side::High)]);
    let trembling = [(0, 99.0), (1, 101.0), (2, 99.0), (3, 101.0), (4, 98.0)];
    assert_eq!(steps(&limits, &trembling), [Raise(Side::Low)], "about its limit it rings once");
}

#[test]
fn it_counts_when_it_has_lasted_and_not_a_second_before() {
    use LimitStep::Raise;
    let limits = pressure(60);
    let (waiting, none) = series(&limits, &[(0, 90.0), (59, 80.0)]);
    assert_eq!((none.len(), waiting.crossing), (0, Crossing::Waiting(Side::Low)));
    assert_eq!(waiting.deadline(&limits), Some(at(60)));
    assert_eq!(waiting.elapse(&limits, at(59)).1, None);
    assert_eq!(waiting.elapse(&limits, at(60)).1, Some(Raise(Side::Low)), "also when nothing more is heard");
    assert_eq!(steps(&limits, &[(0, 90.0), (60, 80.0)]), [Raise(Side::Low)]);
    assert_eq!(steps(&limits, &[(0, 90.0), (30, 130.0), (90, 90.0)]), [], "a dip for a moment is none");
}

#[test]
fn from_too_low_to_too_high_in_one_step_ends_the_one_and_begins_the_other() {
    use LimitStep::{Clear, Raise};
    let found = steps(&pressure(0), &[(0, 50.0), (1, 2_000.0), (2, 50.0)]);
    let expected =
        [Raise(Side::Low), Clear(Side::Low), Raise(Side::High), Clear(Side::High), Raise(Side::Low)];
    assert_eq!(found, expected);
}

#[test]
fn what_cannot_be_is_a_broken_sensor_and_no_limit() {
    use LimitStep::{Break, Mend, Raise};
    let limits = pressure(0);
    assert_eq!(steps(&limits, &[(0, -110.0)]), [Raise(Side::Low)], "at the edge it can be");
    assert_eq!(steps(&limits, &[(0, -110.1)]), [Break]);
    assert_eq!(steps(&limits, &[(0, 3_200.1)]), [Break]);
    assert_eq!(steps(&limits, &[(0, f64::NAN)]), [Break]);
    assert_eq!(steps(&limits, &[(0, 3_276.7), (1, 300.0)]), [Break, Mend]);
    assert_eq!(
        steps(&pressure(60), &[(0, 3_276.7), (1, 300.0), (90, 300.0)]),
        [],
        "one absurd value is none"
    );
    let (state, all) = series(&limits, &[(0, 90.0), (1, -3_276.8), (2, 90.0)]);
    assert_eq!(all, [Raise(Side::Low), Break, Mend], "what was out of bounds still is");
    assert_eq!(state.crossing, Crossing::Beyond(Side::Low));
    assert_eq!(steps(&pressure(60), &[(0, 90.0), (10, 3_276.7), (61, 300.0)]), [], "a doubted dip is none");
}

#[test]
fn limits_that_are_taken_away_or_moved_end_what_they_began() {
    use LimitStep::{Clear, Mend};
    let limits = pressure(0);
    let (low, _) = series(&limits, &[(0, 90.0)]);
    assert_eq!(low.forgotten(at(5)).1, [Clear(Side::Low)]);
    assert!(low.forgotten(at(5)).0.is_calm());
    let (broken, _) = series(&limits, &[(0, 9_000.0)]);
    assert_eq!(broken.forgotten(at(5)).1, [Mend]);
    let only_high = Limits { low: None, ..limits };
    assert_eq!(low.measure(&only_high, None, 90.0, at(9)).1, [Clear(Side::Low)]);
}

#[test]
fn limits_make_sense_up_to_their_own_limits() {
    let good = pressure(HOLD_S_MAX);
    assert_eq!(good.mistake(), None);
    assert_eq!(Limits::default().mistake(), Some(LimitMistake::Nothing));
    assert_eq!(pressure(HOLD_S_MAX + 1).mistake(), Some(LimitMistake::Hold));
    assert_eq!(pressure(-1).mistake(), Some(LimitMistake::Hold));
    let low = |limit, clear| Limits { low: Some(Bound { limit, clear }), ..good }.mistake();
    let high = |limit, clear| Limits { high: Some(Bound { limit, clear }), ..good }.mistake();
    assert_eq!(low(100.0, 100.0), Some(LimitMistake::Clear(Side::Low)));
    assert_eq!(high(1_200.0, 1_200.0), Some(LimitMistake::Clear(Side::High)));
    assert_eq!(low(f64::NAN, 100.0), Some(LimitMistake::Number(Side::Low)));
    assert_eq!(high(LIMIT_MAX, 1_150.0), None);
    assert_eq!(high(LIMIT_MAX + 1.0, 1_150.0), Some(LimitMistake::Number(Side::High)));
    assert_eq!(low(100.0, 1_200.0), Some(LimitMistake::Order), "the bands must not touch");
    assert_eq!(high(101.0, 100.0), Some(LimitMistake::Order));
}

#[test]
fn a_state_is_read_back_as_it_was_stored() {
    let crossings = [
        Crossing::Within,
        Crossing::Waiting(Side::Low),
        Crossing::Waiting(Side::High),
        Crossing::Beyond(Side::Low),
        Crossing::Beyond(Side::High),
    ];
    for crossing in crossings {
        for sensor in [Sensor::Sound, Sensor::Doubted, Sensor::Broken] {
            let state = LimitState { crossing, sensor, since: at(7) };
            assert_eq!(LimitState::from_bits(state.bits(), at(7)), state);
        }
    }
}

fn values() -> impl Strategy<Value = Vec<(i64, f64)>> {
    let value = prop_oneof![
        4 => 60.0..180.0_f64,
        2 => 1_100.0..1_260.0_f64,
        2 => 200.0..1_000.0_f64,
        1 => Just(3_276.7),
        1 => Just(-3_276.8),
    ];
    prop::collection::vec((1..50_i64, value), 1..60).prop_map(|gaps| {
        let mut second = 0;
        gaps.into_iter()
            .map(|(gap, v)| {
                second += gap;
                (second, v)
            })
            .collect()
    })
}

proptest! {
    /// Raised and cleared, broken and mended in turn: never two alarms for one crossing, never an end without one.
    #[test]
    fn steps_of_one_kind_alternate(values in values(), hold_s in 0..90_i64) {
        let (mut out, mut broken) = (None, false);
        for step in steps(&pressure(hold_s), &values) {
            match step {
                LimitStep::Raise(side) => { prop_assert_eq!(out, None); out = Some(side) }
                LimitStep::Clear(side) => { prop_assert_eq!(out, Some(side)); out = None }
                LimitStep::Break => { prop_assert!(!broken); broken = true }
                LimitStep::Mend => { prop_assert!(broken); broken = false }
            }
        }
    }

    /// No crossing is lost: what has been measured beyond a limit for the hold, without one value that clears it and
    /// without one that cannot be, is out of bounds.
    #[test]
    fn what_lasted_is_out_of_bounds(values in values(), hold_s in 0..90_i64) {
        let limits = pressure(hold_s);
        for end in 1..=values.len() {
            let (state, _) = series(&limits, &values[..end]);
            let (now, last) = values[end - 1];
            let same = |v: &f64| (-110.0..100.0).contains(v);
            let tail = values[..end].iter().rev().take_while(|(_, v)| same(v)).last();
            let lasted = tail.is_some_and(|(since, _)| now - since >= hold_s);
            if same(&last) && lasted {
                prop_assert_eq!(state.crossing, Crossing::Beyond(Side::Low));
            }
        }
    }

    /// Looking at the clock between two values changes nothing of what is said in the end.
    #[test]
    fn it_does_not_matter_how_often_the_clock_is_looked_at(values in values(), hold_s in 0..90_i64, every in 1..40_i64) {
        let limits = pressure(hold_s);
        let (mut state, mut found, mut looked) = (LimitState::default(), Vec::new(), 0);
        for (second, value) in &values {
            while looked + every <= *second {
                looked += every;
                let (next, step) = state.elapse(&limits, at(looked));
                state = next;
                found.extend(step);
            }
            let (next, more) = state.measure(&limits, Some([-110.0, 3_200.0]), *value, at(*second));
            state = next;
            found.extend(more);
        }
        prop_assert_eq!(found, steps(&limits, &values));
    }
}
