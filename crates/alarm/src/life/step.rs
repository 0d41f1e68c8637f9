//! The life of an alarm as a row of steps, for the screen.

use super::{Alarm, Finding, Life};
use jiff::Timestamp;

/// How far a step of the life is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StepState {
    /// Behind us.
    Done,
    /// Now.
    Present,
    /// To come.
    Future,
}

impl Alarm {
    /// The life as a row of steps (name, when, how far).
    pub fn steps(&self) -> Vec<(&'static str, Option<Timestamp>, StepState)> {
        let at = [
            ("发生", self.raise.event_at),
            ("到达", Some(self.raise.raised_at)),
            ("签收", self.holder().map(|h| h.first_at)),
            ("核实", self.verdict().map(|v| v.at)),
            ("处置", self.forwarding().map(|f| f.at)),
            ("销号", self.closed_at()),
        ];
        let present = match (&self.life, self.verdict().map(|v| v.finding)) {
            (Life::Raised, _) => 2,
            (Life::Taken { .. }, _) | (Life::Verified { .. }, Some(Finding::Undetermined)) => 3,
            (Life::Verified { .. }, Some(Finding::Real)) => 4,
            (Life::Verified { .. } | Life::Forwarded { .. }, _) => 5,
            (Life::Ended { .. } | Life::Closed { .. }, _) => 6,
        };
        let state = |i: usize| match i.cmp(&present) {
            std::cmp::Ordering::Less => StepState::Done,
            std::cmp::Ordering::Equal => StepState::Present,
            std::cmp::Ordering::Greater => StepState::Future,
        };
        at.into_iter().enumerate().map(|(i, (name, at))| (name, at, state(i))).collect()
    }
}
