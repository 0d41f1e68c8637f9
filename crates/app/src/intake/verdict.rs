//! What a frame changes, before it is a ChangeSet.

use crate::Fault;
use crate::changes::Said;
use fengsui_alarm::{Alarm, Input};
use fengsui_base::{Actor, AlarmId, Timestamp};
use fengsui_store::{ChangeSet, Expect, LastState, StateKey};
use std::sync::Arc;

/// What a frame changes, before it is a ChangeSet.
pub(super) struct Verdict {
    pub(super) change: ChangeSet,
    pub(super) values: Vec<Measured>,
    /// Alarms that the frame touches, each with all that it does to it: an entry is written once.
    pub(super) alarms: Vec<Touched>,
    pub(super) durable: bool,
    pub(super) urgent: bool,
    /// Something began with a state that is stored in the same change: a resend then finds the state unchanged.
    pub(super) begun: bool,
    /// Open alarms whose last report came once more: it is counted in memory and changes nothing.
    pub(super) again: Vec<AlarmId>,
    /// Where the evidence of its steps is: a frame, or the clock.
    pub(super) evidence: &'static str,
}

/// A measured value.
pub(super) struct Measured {
    pub(super) key: StateKey,
    pub(super) state: LastState,
    /// When it was measured, for the history.
    pub(super) measured_at: Timestamp,
}

/// An alarm that a frame touches.
pub(super) struct Touched {
    pub(super) before: Option<Arc<crate::OpenAlarm>>,
    pub(super) alarm: Alarm,
    pub(super) steps: Vec<Said>,
}

impl Verdict {
    pub(super) fn new(at: Timestamp, evidence: &'static str) -> Self {
        Self {
            change: ChangeSet::new(at),
            values: Vec::new(),
            alarms: Vec::new(),
            durable: false,
            urgent: false,
            begun: false,
            again: Vec::new(),
            evidence,
        }
    }

    /// The alarm that an earlier object of the frame touched, if the wanted one is among them.
    pub(super) fn touched(&self, wanted: impl Fn(&Alarm) -> bool) -> Option<usize> {
        self.alarms.iter().position(|t| wanted(&t.alarm))
    }

    /// The place of an open alarm among those the frame touches.
    pub(super) fn touch(&mut self, open: Arc<crate::OpenAlarm>) -> usize {
        self.touched(|a| a.id == open.alarm.id).unwrap_or_else(|| {
            self.alarms.push(Touched { alarm: open.alarm.clone(), before: Some(open), steps: Vec::new() });
            self.alarms.len() - 1
        })
    }

    /// Lets something happen to a touched alarm.
    pub(super) fn happen(&mut self, at: usize, input: Input, now: Timestamp) -> Result<(), Fault> {
        let touched = &mut self.alarms[at];
        let (alarm, event) = touched.alarm.clone().handle(input, now)?;
        touched.steps.push(Said::of(&event, &alarm, self.evidence));
        touched.alarm = alarm;
        Ok(())
    }
}

impl crate::App {
    /// Adds what a frame made of an alarm. One that was only looked at, such as the head that a fault joins, is not
    /// written: it must still be as it was seen, and two hundred that join it in one second do not wait for each other.
    pub(super) fn add_touched(&self, change: &mut ChangeSet, touched: Touched, actor: &Actor) {
        let Touched { before, alarm, steps } = touched;
        match before.as_deref().filter(|open| steps.is_empty() && open.alarm == alarm) {
            Some(seen) => change.expects.push(Expect::Version(seen.entry.id, seen.entry.version)),
            None => self.add_alarm(change, &alarm, before.as_deref().map(Into::into), steps, actor),
        }
    }
}
