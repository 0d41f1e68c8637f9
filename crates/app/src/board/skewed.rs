//! Terminals whose clock is wrong, kept as they are heard: whoever sets clocks looks at these alone.

use super::{Board, KnownTerminal};
use fengsui_base::TerminalId;
use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;

/// A clock that is off by more than this is wrong and is set, in seconds.
pub const CLOCK_SKEW_S: i64 = 60;

#[derive(Default)]
pub(super) struct Skewed {
    terminals: BTreeSet<TerminalId>,
    /// The last one that was looked at: whoever stands behind it is next, so that everybody has a turn.
    last: Option<TerminalId>,
}

impl Skewed {
    fn next(&mut self, most: usize) -> Vec<TerminalId> {
        let from = self.last.map_or(Bound::Unbounded, Bound::Excluded);
        let behind = self.terminals.range((from, Bound::Unbounded));
        let before = self.last.into_iter().flat_map(|last| self.terminals.range(..=last));
        let chosen: Vec<_> = behind.chain(before).take(most).copied().collect();
        self.last = chosen.last().copied().or(self.last);
        chosen
    }
}

impl Board {
    /// Notes whether the clock of a terminal is wrong.
    pub(super) fn note_clock(&self, terminal: TerminalId, wrong: bool) {
        let mut skewed = self.skewed.lock();
        if wrong {
            skewed.terminals.insert(terminal)
        } else {
            skewed.terminals.remove(&terminal)
        };
    }

    /// The next terminals whose clock was wrong when they were last heard, at most so many, each once in a round.
    pub(crate) fn next_wrong_clocks(&self, most: usize) -> Vec<Arc<KnownTerminal>> {
        let chosen = self.skewed.lock().next(most);
        chosen.into_iter().filter_map(|id| self.terminal(id)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fengsui_base::EntryId;
    use proptest::prelude::*;

    fn id(n: u8) -> TerminalId {
        TerminalId(EntryId::from_u128(n.into()))
    }

    #[test]
    fn everybody_has_a_turn_however_few_are_looked_at() {
        let mut skewed = Skewed { terminals: (0..5).map(id).collect(), last: None };
        let mut turns = || skewed.next(2).into_iter().map(|t| t.0.as_bytes()[15]).collect::<Vec<_>>();
        assert_eq!([turns(), turns(), turns(), turns()], [[0, 1], [2, 3], [4, 0], [1, 2]]);
        assert_eq!(Skewed::default().next(2), []);
    }

    proptest! {
        #[test]
        fn the_wrong_clocks_are_those_that_a_walk_finds(
            heard in proptest::collection::vec((0..4_u8, proptest::option::of(-65..65_i64)), 1..60)
        ) {
            use fengsui_alarm::Clocks;
            use fengsui_base::{Scope, Timestamp};
            let board = Board::default();
            (0..4).for_each(|n| board.apply_entry(&super::super::unsaved::tests::entry(n, "registered")));
            for (n, behind_s) in heard {
                let received_at = Timestamp::from_second(1_000_000).unwrap();
                let sent_at = behind_s.map(|s| received_at - jiff::SignedDuration::from_secs(s));
                let clocks = Clocks { event_at: None, sent_at, received_at };
                board.terminal(id(n + 1)).iter().for_each(|t| board.heard(t, "tcp", clocks));
                let walked: BTreeSet<_> = board
                    .terminals(&Scope::everything())
                    .into_iter()
                    .filter(|t| t.clock_offset_s().is_some_and(|s| s.abs() > CLOCK_SKEW_S))
                    .map(|t| t.id)
                    .collect();
                prop_assert_eq!(&board.skewed.lock().terminals, &walked);
            }
            board.apply_entry(&super::super::unsaved::tests::entry(0, "retired"));
            prop_assert!(!board.skewed.lock().terminals.contains(&id(1)));
        }
    }
}
