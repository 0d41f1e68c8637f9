//! What points report, taken in as the program takes it in: assess, judge, then the filters in their order.

use super::desk::{Change, Desk};
use super::fault::Fault;
use super::oracle::Violation;
use fengsui_alarm::{
    Alarm, Class, Clocks, Coincidence, Conditions, Filter, Input, Joined, LastKnown, Life, Membership,
    SKEW_SHOWN_S, Timing, assess, breaks_suppression, coincidence, judge, storm,
};
use fengsui_base::{AlarmId, Timestamp};

/// A frame as it is sent, once or again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) point: usize,
    pub(super) conditions: Conditions,
    /// By the terminal's clock.
    pub(super) event_at: Timestamp,
    pub(super) sent_at: Timestamp,
    /// When it was taken in first.
    pub(super) received_at: Timestamp,
}

impl Desk<'_> {
    /// Takes in a frame; what it changes is stored and seen before this returns.
    pub(super) fn report(&mut self, frame: Frame) -> Result<(), Violation> {
        let Frame { point, conditions, .. } = frame;
        let (event_at, sent_at) = (Some(frame.event_at), Some(frame.sent_at));
        let clocks = Clocks { event_at, sent_at, received_at: self.now };
        let happened_at = self.happened_at(clocks, self.states.get(&point).map(|s| s.event_at));
        let found = assess(conditions, happened_at, self.states.get(&point).copied());
        self.oracle.reported(point, conditions, happened_at);
        if found.changed {
            self.states.insert(point, LastKnown { conditions, event_at: happened_at });
        }
        let mut change = Change::default();
        for class in found.begun.iter().chain(&found.again) {
            self.begin(*class, frame, clocks, &mut change);
        }
        for class in &found.ended {
            self.end(*class, point, &mut change);
        }
        self.commit(change)
    }

    /// The very same frame once more: it is counted, and nothing else happens.
    pub(super) fn again(&mut self, frame: Frame) -> Result<(), Violation> {
        if self.fault == Some(Fault::CountsResend) {
            return self.counted_twice(frame);
        }
        let classes: Vec<_> = Class::ALL.into_iter().filter(|c| frame.conditions.has_class(*c)).collect();
        let mut change = Change::default();
        for class in classes {
            let slot = self.county.slot(class, frame.point);
            if let Some(open) = self.holder(&slot).cloned() {
                let at = change.touch(&open);
                change.0[at].came_again(1, self.now);
            }
        }
        if !change.0.is_empty() {
            self.tell(|| format!("重发 点{}", frame.point));
            self.oracle.resent(frame.point, frame.conditions);
        }
        self.commit(change)
    }

    fn counted_twice(&mut self, frame: Frame) -> Result<(), Violation> {
        let slot = self.county.slot(Class::Fire, frame.point);
        let Some(open) = self.holder(&slot).cloned() else { return Ok(()) };
        let _ = self.strikes(Fault::CountsResend);
        let mut change = Change::default();
        let at = change.touch(&open);
        let clocks = Clocks { event_at: None, sent_at: None, received_at: self.now };
        self.happen(&mut change, at, Input::Repeat(clocks, Timing::OnTime));
        self.oracle.resent(frame.point, frame.conditions);
        self.commit(change)
    }

    /// The time by which states are put in order: the terminal's own where its clock is right or the report is old.
    fn happened_at(&self, clocks: Clocks, known_at: Option<Timestamp>) -> Timestamp {
        let (Some(event_at), received_at) = (clocks.event_at, clocks.received_at) else {
            return clocks.received_at;
        };
        let ahead = event_at.as_second() - received_at.as_second() > SKEW_SHOWN_S;
        let wrong = clocks.offset_s().is_some_and(|s| s.abs() > SKEW_SHOWN_S);
        let live = judge(clocks, !wrong) == Timing::OnTime;
        let fell_back = wrong && live && known_at.is_some_and(|known| event_at < known);
        if ahead || fell_back { received_at } else { event_at }
    }

    fn begin(&mut self, class: Class, frame: Frame, clocks: Clocks, change: &mut Change) {
        let slot = self.county.slot(class, frame.point);
        let terminal = self.county.points[frame.point].terminal;
        let earlier = change.0.iter().position(|a| a.holds_slot() && a.raise.slot == slot);
        let at = earlier.or_else(|| self.holder(&slot).cloned().map(|open| change.touch(&open)));
        match at {
            Some(at) => {
                let timing = judge(clocks, self.clock_is_right(terminal));
                self.happen(change, at, Input::Repeat(clocks, timing));
                self.filter_again(at, frame.conditions, change);
            }
            None => {
                let alarm = self.raise(class, frame.point, clocks, slot);
                change.0.push(alarm);
                self.filter_new(change.0.len() - 1, frame.conditions, change);
            }
        }
    }

    fn end(&mut self, class: Class, point: usize, change: &mut Change) {
        let slot = self.county.slot(class, point);
        let Some(open) = self.holder(&slot).filter(|a| a.restored_at.is_none()).cloned() else { return };
        let at = change.touch(&open);
        self.happen(change, at, Input::Restore);
        if class == Class::Fire && open.life == Life::Raised && self.strikes(Fault::ClosesOnRestore) {
            change.0[at].life = Life::Ended { at: self.now };
        }
    }

    fn filter_new(&mut self, at: usize, conditions: Conditions, change: &mut Change) {
        let alarm = &change.0[at];
        let sentence = alarm.raise.place.clone();
        change.0[at].trace.add(self.now, Filter::Identity, sentence);
        if let Some(by) = self.suppression(&change.0[at], conditions)
            && !self.burns_outside(at, change)
        {
            self.happen(change, at, Input::Suppress(by));
        }
        self.lift_neighbours(at, change);
        self.confirm(at, change);
        self.gather(at, change);
    }

    fn filter_again(&mut self, at: usize, conditions: Conditions, change: &mut Change) {
        if change.0[at].suppressed.is_some() {
            let covered = self.suppression(&change.0[at], conditions).is_some();
            if !covered || self.burns_outside(at, change) {
                self.happen(change, at, Input::Lift("不再抑制".to_owned()));
            }
        }
        self.lift_neighbours(at, change);
        self.confirm(at, change);
    }

    /// The other open alarms of the unit, as the change has them so far.
    fn near(&self, at: usize, change: &Change) -> Vec<Alarm> {
        let alarm = &change.0[at];
        let same = |a: &&Alarm| a.id != alarm.id && a.raise.unit == alarm.raise.unit && !a.is_closed();
        let untouched = |a: &&Alarm| change.0.iter().all(|t| t.id != a.id);
        let open = self.open.values().filter(same).filter(untouched);
        change.0.iter().filter(same).chain(open).cloned().collect()
    }

    fn burns_outside(&self, at: usize, change: &Change) -> bool {
        change.0[at].raise.class == Class::Fire && self.near(at, change).iter().any(breaks_suppression)
    }

    fn lift_neighbours(&mut self, at: usize, change: &mut Change) {
        if !breaks_suppression(&change.0[at]) {
            return;
        }
        let silent =
            |a: &&Alarm| a.raise.class == Class::Fire && a.suppressed.is_some() && a.restored_at.is_none();
        let all: Vec<Alarm> = self.near(at, change).iter().filter(silent).cloned().collect();
        for near in all {
            let other = change.touch(&near);
            self.happen(change, other, Input::Lift("窗口外报警".to_owned()));
        }
    }

    fn confirm(&mut self, at: usize, change: &mut Change) {
        for near in self.near(at, change) {
            let Some(kind) = coincidence(&change.0[at], &near, self.filters) else { continue };
            let other = change.touch(&near);
            for (whom, of) in [(other, at), (at, other)] {
                if change.0[whom].coincidence.is_none() {
                    let of = &change.0[of];
                    let with =
                        Coincidence { kind, with: Some(of.id), place: of.raise.place.clone(), at: self.now };
                    self.happen(change, whom, Input::Coincide(with));
                }
            }
        }
    }

    fn gather(&mut self, at: usize, change: &mut Change) {
        let near = self.near(at, change);
        let Some(found) = storm(&change.0[at], near.iter(), self.filters) else { return };
        for (id, rings) in &found.others {
            let Some(other) = near.iter().find(|a| a.id == *id) else { continue };
            let other = change.touch(other);
            self.join(other, found.head, !rings, change);
        }
        self.join(at, found.head, !found.rings, change);
    }

    fn join(&mut self, whom: usize, head: AlarmId, quiet: bool, change: &mut Change) {
        let words = "首警".to_owned();
        let member = Membership { head, words, joined: Joined::Storm, quiet, at: self.now };
        self.happen(change, whom, Input::Join(member));
        if self.strikes(Fault::LosesMember) {
            change.0[whom].member = None;
        }
    }
}
