//! Days of the county: kept ones first, then a number of others; and each fault is seen by its predicate.

use super::*;

/// Days in every test run; `cargo xtask simulate` plays more.
const DAYS: u64 = 150;
/// Within so many days each fault has its occasion.
const CONTROL_DAYS: u64 = 400;

#[test]
fn every_promise_holds_on_every_day() {
    for seed in kept().into_iter().chain(0..DAYS) {
        if let Some(broken) = play(seed, None, true).broken {
            let story = broken.story[broken.story.len().saturating_sub(40)..].join("\n");
            panic!(
                "{story}\nday {seed}: {} — {}\ncargo xtask simulate --replay {seed}",
                broken.predicate, broken.detail
            );
        }
    }
}

#[test]
fn each_predicate_sees_the_fault_that_breaks_it() {
    for (fault, predicate) in Fault::ALL {
        let seen = (0..CONTROL_DAYS).any(|seed| {
            let day = play(seed, Some(fault), false);
            day.struck && day.broken.is_some_and(|b| b.predicate == predicate)
        });
        assert!(seen, "{fault:?} was not seen by {predicate}");
    }
}

#[test]
fn a_day_is_the_same_whenever_it_is_played() {
    let (once, again) = (play(7, None, true), play(7, None, true));
    assert_eq!(once.changes, again.changes);
    assert!(once.changes > 20, "a day in which nothing happens proves nothing");
}
