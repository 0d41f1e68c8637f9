//! Rounds (定时读取): every terminal with a line has one place in the period, given by its number, and is asked for its
//! state when the round comes by.
//!
//! The place never changes, so a restart moves nobody and five thousand that come back at once are not asked at once.
//! A terminal costs sixteen bytes here. What was left out while the program stood still is made up for, at twice the
//! usual pace and no faster, and at most one period back.

use super::{Board, KnownTerminal};
use fengsui_base::{EntryId, TerminalId, Timestamp};
use std::collections::VecDeque;
use std::sync::Arc;

/// How many places a period has.
const PLACES: usize = 7_200;
/// Fewest terminals that may be asked within a second.
const PACE_MIN: usize = 4;
/// By how much the pace may exceed the usual one.
const PACE_FACTOR: usize = 2;

#[derive(Default)]
pub(super) struct Rounds {
    period_s: Option<i64>,
    places: Vec<Vec<TerminalId>>,
    total: usize,
    /// The instant up to which the round has come, in steps of one place.
    step: Option<i64>,
    /// Those it has come by and that wait.
    waiting: VecDeque<TerminalId>,
    /// How many were handed out within which second.
    handed: (i64, usize),
}

impl Rounds {
    fn place(id: TerminalId) -> usize {
        // The last bytes of an id are random, the first ones time.
        let bytes = EntryId::from(id).as_bytes().to_owned();
        (usize::from(bytes[13]) << 16 | usize::from(bytes[14]) << 8 | usize::from(bytes[15])) % PLACES
    }

    fn add(&mut self, id: TerminalId) {
        if self.places.is_empty() {
            self.places.resize_with(PLACES, Vec::new);
        }
        self.places[Self::place(id)].push(id);
        self.total += 1;
    }

    /// The step that this instant belongs to.
    fn step_at(period_s: i64, now: Timestamp) -> i64 {
        now.as_millisecond().div_euclid(1_000 * period_s / PLACES as i64)
    }

    fn begin(&mut self, period_s: Option<i64>, last: Timestamp) {
        self.period_s = period_s;
        self.step = period_s.map(|period_s| Self::step_at(period_s, last));
    }

    /// Takes out those whose turn has come.
    fn take(&mut self, now: Timestamp, limit: usize) -> Vec<TerminalId> {
        let (Some(period_s), Some(step)) = (self.period_s, self.step) else { return Vec::new() };
        let room = limit.min(self.pace(period_s, now));
        let until = Self::step_at(period_s, now);
        // Not further back than one round; and where time has gone back, from there on.
        let mut step = step.clamp(until - PLACES as i64, until);
        while self.waiting.len() < room && step < until {
            step += 1;
            let place = usize::try_from(step.rem_euclid(PLACES as i64)).unwrap_or(0);
            self.waiting.extend(self.places.get(place).into_iter().flatten());
        }
        self.step = Some(step);
        let taken: Vec<_> = self.waiting.drain(..room.min(self.waiting.len())).collect();
        self.handed.1 += taken.len();
        taken
    }

    /// How many may still be handed out within this second.
    fn pace(&mut self, period_s: i64, now: Timestamp) -> usize {
        let second = now.as_second();
        if self.handed.0 != second {
            self.handed = (second, 0);
        }
        let usual = self.total.div_ceil(usize::try_from(period_s).unwrap_or(1).max(1));
        (PACE_FACTOR * usual).max(PACE_MIN).saturating_sub(self.handed.1)
    }

    fn leave(&mut self, id: TerminalId) {
        if let Some(place) = self.places.get_mut(Self::place(id)) {
            let before = place.len();
            place.retain(|other| *other != id);
            self.total -= before - place.len();
        }
    }
}

impl Board {
    /// Begins the rounds where they were left: behind the reading that was asked last, or now.
    pub(crate) fn read_from(&self, period_s: Option<i64>, now: Timestamp) {
        let all = self.terminals(&fengsui_base::Scope::everything());
        let last = all.iter().filter_map(|t| t.reading()).map(|r| r.asked_at).max();
        self.rounds.lock().begin(period_s, last.map_or(now, |last| last.min(now)));
    }

    /// Gives a terminal that was heard over a line of its own its place in the rounds.
    pub(super) fn join_rounds(&self, terminal: &KnownTerminal) {
        if terminal.facts().known && terminal.join_rounds() {
            self.rounds.lock().add(terminal.id);
        }
    }

    /// Terminals whose turn to be read has come, at most so many.
    pub(crate) fn take_round(&self, now: Timestamp, limit: usize) -> Vec<Arc<KnownTerminal>> {
        let taken = self.rounds.lock().take(now, limit);
        let known = |id: TerminalId| {
            let terminal = self.terminal(id);
            if terminal.is_none() {
                self.rounds.lock().leave(id);
            }
            terminal
        };
        taken.into_iter().filter_map(known).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD_S: i64 = 7_200;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + second).unwrap()
    }

    fn id(n: u128) -> TerminalId {
        TerminalId(EntryId::from_u128(n))
    }

    fn rounds(count: u128, period_s: i64) -> Rounds {
        let mut rounds = Rounds::default();
        (0..count).for_each(|n| rounds.add(id(n)));
        rounds.begin(Some(period_s), at(0));
        rounds
    }

    #[test]
    fn everybody_is_taken_once_in_a_period_and_never_many_at_once() {
        for period_s in [600, PERIOD_S] {
            let (count, mut all) = (20_000_u128, Vec::new());
            let mut rounds = rounds(count, period_s);
            let usual = usize::try_from(count).unwrap().div_ceil(usize::try_from(period_s).unwrap());
            for second in 1..=period_s {
                let taken = rounds.take(at(second), 999);
                assert!(taken.len() <= PACE_FACTOR * usual.max(PACE_MIN), "{}", taken.len());
                all.extend(taken);
            }
            all.sort();
            all.dedup();
            assert!(all.len() >= 19_900, "{} of {count}: the last few places may still wait", all.len());
        }
    }

    #[test]
    fn what_was_left_out_is_made_up_for_at_twice_the_pace_and_a_jump_of_ten_years_is_one_round() {
        let mut rounds = rounds(14_400, PERIOD_S);
        let ten_years_s = 10 * 365 * 86_400;
        let mut taken = 0;
        for second in 0..PERIOD_S {
            let some = rounds.take(at(ten_years_s + second), 999).len();
            assert!(some <= PACE_FACTOR * 2);
            taken += some;
        }
        assert!(taken <= 2 * 14_400);
        let back = rounds.take(at(0), 999).len();
        assert!(
            back <= PACE_FACTOR * 2 && rounds.take(at(0), 999).is_empty(),
            "nobody is asked by a clock that went back"
        );
    }

    #[test]
    fn nobody_is_read_where_it_is_turned_off_and_no_more_than_there_is_room_for() {
        let mut off = rounds(10, PERIOD_S);
        off.begin(None, at(0));
        assert!(off.take(at(PERIOD_S), 9).is_empty());
        let mut full = rounds(100_000, PERIOD_S);
        assert!(full.take(at(60), 0).is_empty());
        assert_eq!(full.take(at(60), 3).len(), 3);
    }
}
