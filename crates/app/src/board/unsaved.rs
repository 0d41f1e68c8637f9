//! Who has something to save: terminals with measured values, samples, or a time of hearing that storage does not know
//! yet. They queue as it comes up, so that a save every five minutes asks those alone and not a million.

use super::{Board, KnownTerminal};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;

/// When a terminal was last heard is stored this often, in seconds: offline is decided from memory, and storage only
/// needs to know about terminals that were silent before a restart.
pub(crate) const HEARD_STEP_S: i64 = 3_600;

/// Each terminal stands here at most once: it knows itself whether it does.
#[derive(Default)]
pub(super) struct Unsaved(Mutex<VecDeque<Arc<KnownTerminal>>>);

impl Board {
    /// Lets a terminal wait for the next save, if it has anything to save and does not wait already.
    pub(crate) fn wait_to_save(&self, terminal: &Arc<KnownTerminal>) {
        if terminal.must_queue() {
            self.unsaved.0.lock().push_back(terminal.clone());
        }
    }

    /// How many terminals wait to be saved.
    pub(crate) fn unsaved_count(&self) -> usize {
        self.unsaved.0.lock().len()
    }

    /// The terminal that has waited longest; it waits no longer. Passes over those that have left.
    pub(crate) fn next_unsaved(&self) -> Option<Arc<KnownTerminal>> {
        loop {
            let terminal = self.unsaved.0.lock().pop_front()?;
            if terminal.leave_queue() {
                return Some(terminal);
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use fengsui_alarm::Clocks;
    use fengsui_base::{EntryId, Fields, RegionCode, TerminalId, Timestamp};
    use fengsui_ledger::Entry;
    use fengsui_store::{LastState, Part, StateKey};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[derive(Clone, Debug)]
    enum Event {
        Heard(u8),
        Measured(u8, u8, i32),
        Passed(u16),
        /// So many are saved, or saving them fails.
        Saved(u8, bool),
        Retired(u8),
        Registered(u8),
    }

    fn event() -> impl Strategy<Value = Event> {
        let terminal = 0..4_u8;
        prop_oneof![
            4 => terminal.clone().prop_map(Event::Heard),
            4 => (terminal.clone(), 0..2_u8, 0..3_i32).prop_map(|(t, v, raw)| Event::Measured(t, v, raw)),
            2 => (0..5_000_u16).prop_map(Event::Passed),
            3 => (0..4_u8, any::<bool>()).prop_map(|(n, failed)| Event::Saved(n, failed)),
            1 => terminal.clone().prop_map(Event::Retired),
            1 => terminal.prop_map(Event::Registered),
        ]
    }

    pub(in crate::board) fn entry(terminal: u8, state: &str) -> Entry {
        Entry {
            id: EntryId::from_u128(u128::from(terminal) + 1),
            kind: "terminal".to_owned(),
            region: RegionCode::new(990_101_001_000).unwrap(),
            state: state.to_owned(),
            number: None,
            title: "装置".to_owned(),
            owner: None,
            opened_at: Timestamp::UNIX_EPOCH,
            due_at: None,
            wake_at: None,
            closed_at: None,
            version: 1,
            position: None,
            source: None,
            revision: 1,
            fields: Fields::from_iter([("source".to_owned(), terminal.to_string().into())]),
        }
    }

    fn value(address: u8) -> StateKey {
        StateKey {
            part: Part::Value,
            system_type: 1,
            system_address: 1,
            component_address: address.into(),
            analog_type: 3,
        }
    }

    /// As a save does it: takes everything out, and brings back what could not be stored.
    fn save(board: &Board, most: u8, failed: bool) {
        for _ in 0..most {
            let Some(terminal) = board.next_unsaved() else { return };
            let (values, samples, heard_at) =
                (terminal.unsaved(), terminal.take_samples(), terminal.heard_unsaved());
            if failed {
                terminal.return_samples(&samples);
                board.wait_to_save(&terminal);
            } else {
                terminal.saved(&values);
                heard_at.into_iter().for_each(|at| terminal.heard_is_saved(at));
            }
        }
    }

    fn happen(board: &Board, event: &Event, now: &mut Timestamp) {
        let known = |t: u8| board.terminal(TerminalId(EntryId::from_u128(u128::from(t) + 1)));
        match *event {
            Event::Heard(t) => {
                let clocks = Clocks { event_at: None, sent_at: None, received_at: *now };
                known(t).iter().for_each(|terminal| board.heard(terminal, "tcp", clocks));
            }
            Event::Measured(t, address, raw) => known(t).iter().for_each(|terminal| {
                let text = String::new();
                let state =
                    LastState { component_type: 40, bits: raw, event_at: *now, received_at: *now, text };
                board.measured(terminal, value(address), state, *now);
            }),
            Event::Passed(seconds) => *now += jiff::SignedDuration::from_secs(seconds.into()),
            Event::Saved(most, failed) => save(board, most, failed),
            Event::Retired(t) => board.apply_entry(&entry(t, "retired")),
            Event::Registered(t) => board.apply_entry(&entry(t, "registered")),
        }
    }

    proptest! {
        #[test]
        fn those_that_wait_are_those_that_a_walk_finds(events in proptest::collection::vec(event(), 1..80)) {
            let (board, mut now) = (Board::default(), Timestamp::from_second(1_000_000).unwrap());
            (0..4).for_each(|t| board.apply_entry(&entry(t, "registered")));
            for event in &events {
                happen(&board, event, &mut now);
                let kept: BTreeSet<_> =
                    board.unsaved.0.lock().iter().filter(|t| !t.state.lock().gone).map(|t| t.id).collect();
                let all = board.terminals(&fengsui_base::Scope::everything()).into_iter();
                let walked: BTreeSet<_> = all.filter(|t| t.has_unsaved()).map(|t| t.id).collect();
                prop_assert_eq!(kept, walked);
            }
        }
    }
}
