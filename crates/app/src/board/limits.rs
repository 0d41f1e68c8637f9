//! Measured values that somebody must look at again: at the instant at which what has begun will count, and at once when
//! their limits have changed.

use super::{Board, KnownTerminal};
use fengsui_alarm::{LimitState, Limits};
use fengsui_base::{TerminalId, Timestamp};
use fengsui_store::{LastState, Part, StateKey};
use std::sync::Arc;

/// A value of a terminal.
pub(super) type ValueOf = (TerminalId, StateKey);

/// Under what the state of a value to its limits is kept.
pub(crate) fn limit_key(value: StateKey) -> StateKey {
    StateKey { part: Part::Limit, ..value }
}

impl KnownTerminal {
    /// The limits that hold for a value, by the point that measures it.
    pub fn limits(&self, value: StateKey) -> Option<Limits> {
        self.point(value)?.limits_of(value.analog_type)
    }

    /// Where a value stands to its limits.
    pub fn limit_state(&self, value: StateKey) -> LimitState {
        let known: Option<LastState> = self.state(limit_key(value));
        known.map_or_else(LimitState::default, |s| LimitState::from_bits(s.bits, s.event_at))
    }

    /// The values at the address of a point, measured or watched.
    fn values_at(&self, (system_type, system_address, component_address): (u8, u8, u32)) -> Vec<StateKey> {
        let key = |part, analog_type| StateKey {
            part,
            system_type,
            system_address,
            component_address,
            analog_type,
        };
        let own = self.state.lock();
        let all = |part| own.states.range(key(part, 0)..=key(part, u8::MAX)).map(|(k, _)| value_key(*k));
        let mut found: Vec<_> = all(Part::Value).chain(all(Part::Limit)).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn value_key(limit: StateKey) -> StateKey {
    StateKey { part: Part::Value, ..limit }
}

impl Board {
    /// Follows where a value stands: sets the instant at which what has begun will count.
    pub(crate) fn follow_limit(&self, terminal: &KnownTerminal, value: StateKey) {
        let state = terminal.limit_state(value);
        let deadline = terminal.limits(value).and_then(|limits| state.deadline(&limits));
        let mut looks = self.limits.lock();
        match deadline {
            Some(at) => looks.set((terminal.id, value), at),
            None => looks.clear((terminal.id, value)),
        }
    }

    /// The limits of a point have changed: its values are looked at at once.
    pub(super) fn limits_changed(&self, terminal: &KnownTerminal, address: (u8, u8, u32)) {
        let values = terminal.values_at(address);
        let mut looks = self.limits.lock();
        values.into_iter().for_each(|value| looks.set((terminal.id, value), Timestamp::UNIX_EPOCH));
    }

    /// Takes in a state as stored, at the start. A value that has limits, or had, is looked at once: they may have
    /// changed in the very moment in which the program ended.
    pub(crate) fn load_state(&self, terminal: &KnownTerminal, key: StateKey, state: LastState) {
        let watched = match key.part {
            Part::Value => terminal.limits(key).is_some(),
            Part::Limit => state.bits != 0,
            Part::Device | Part::System | Part::Component => false,
        };
        terminal.keep(key, state);
        if watched {
            self.limits.lock().set((terminal.id, value_key(key)), Timestamp::UNIX_EPOCH);
        }
    }

    /// Values that somebody must look at now; each is looked at once, until it is told when again.
    pub(crate) fn take_limits(&self, now: Timestamp, most: usize) -> Vec<(Arc<KnownTerminal>, StateKey)> {
        let due = self.limits.lock().take_due(now, most);
        due.into_iter().filter_map(|(id, key)| Some((self.terminal(id)?, key))).collect()
    }

    /// Look at this value again then.
    pub(crate) fn look_at_limit(&self, terminal: TerminalId, value: StateKey, at: Timestamp) {
        self.limits.lock().set((terminal, value), at);
    }
}
