//! What a report changes: compared with the last-known state of the same part, which alarms begin, repeat,
//! or end their state.
//!
//! The newest state is the one that happened last, not the one that arrived last. A report that happened
//! before the stored state does not move it back, but an alarm in it is still listed.

use crate::{Class, Conditions};
use jiff::Timestamp;

/// The state that is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LastKnown {
    /// Conditions.
    pub conditions: Conditions,
    /// When they began, by the terminal's clock.
    pub event_at: Timestamp,
}

/// What a report changes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Assessment {
    /// The report is not older than what is known, so it is the state now.
    pub newest: bool,
    /// The state must be stored: it differs, or is newer in a way that matters.
    pub changed: bool,
    /// Classes that begin.
    pub begun: Vec<Class>,
    /// Classes that were there and are reported again as a new event.
    pub again: Vec<Class>,
    /// Classes that end.
    pub ended: Vec<Class>,
}

/// Compares a report with what is known.
pub fn assess(conditions: Conditions, event_at: Timestamp, last: Option<LastKnown>) -> Assessment {
    let known = last.map_or(Conditions::default(), |l| l.conditions);
    let newest = last.is_none_or(|l| event_at >= l.event_at);
    let newer = last.is_none_or(|l| event_at > l.event_at);
    let having = |wanted: fn(bool, bool) -> bool| {
        Class::ALL
            .into_iter()
            .filter(|c| wanted(known.has_class(*c), conditions.has_class(*c)))
            .collect::<Vec<_>>()
    };
    let begun = having(|before, now| !before && now);
    // Only fire speaks twice: a fault that is reported every minute is the same fault.
    let again = if newer && known.has_class(Class::Fire) && conditions.has_class(Class::Fire) {
        vec![Class::Fire]
    } else {
        Vec::new()
    };
    let ended = if newest { having(|before, now| before && !now) } else { Vec::new() };
    let changed = newest && (last.is_none() || conditions != known || !again.is_empty());
    Assessment { newest, changed, begun, again, ended }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Condition;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn set(all: &[Condition]) -> Conditions {
        all.iter().copied().collect()
    }

    #[test]
    fn the_first_report_of_a_fire_begins_an_alarm() {
        let found = assess(set(&[Condition::Fire]), at(10), None);
        assert_eq!(found.begun, [Class::Fire]);
        assert!(found.changed && found.newest);
    }

    #[test]
    fn an_unchanged_state_changes_nothing() {
        let last = LastKnown { conditions: set(&[Condition::Fault]), event_at: at(10) };
        assert!(!assess(set(&[Condition::Fault]), at(10), Some(last)).changed);
        assert!(!assess(set(&[Condition::Fault]), at(70), Some(last)).changed);
    }

    #[test]
    fn a_fire_reported_anew_is_heard_anew_and_a_resent_one_is_not() {
        let last = LastKnown { conditions: set(&[Condition::Fire]), event_at: at(10) };
        assert_eq!(assess(set(&[Condition::Fire]), at(70), Some(last)).again, [Class::Fire]);
        let resent = assess(set(&[Condition::Fire]), at(10), Some(last));
        assert!(resent.again.is_empty() && resent.begun.is_empty() && !resent.changed);
    }

    #[test]
    fn an_older_report_does_not_move_the_state_back_but_its_fire_is_listed() {
        let last = LastKnown { conditions: set(&[]), event_at: at(100) };
        let found = assess(set(&[Condition::Fire]), at(50), Some(last));
        assert!(!found.newest && !found.changed);
        assert_eq!(found.begun, [Class::Fire]);
        let ended = assess(
            set(&[]),
            at(50),
            Some(LastKnown { conditions: set(&[Condition::Fire]), event_at: at(100) }),
        );
        assert!(ended.ended.is_empty());
    }

    #[test]
    fn a_restore_ends_the_classes_that_are_gone() {
        let last = LastKnown { conditions: set(&[Condition::Fire, Condition::MainsFault]), event_at: at(10) };
        assert_eq!(assess(set(&[Condition::MainsFault]), at(20), Some(last)).ended, [Class::Fire]);
    }
}
