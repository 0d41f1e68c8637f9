//! What time does on its own: rungs, silences, lines that become steady, windows that end, members without a head.
//! Time jumps from one deadline to the next, so that a day costs what happens in it.

use super::county::terminal_id;
use super::desk::{Change, Desk};
use super::fault::Fault;
use super::oracle::Violation;
use fengsui_alarm::{Alarm, Class, Finding, Input, LineRules, Scene, Step, Timing, Told};
use fengsui_base::{AlarmId, EntryId, Timestamp};
use jiff::SignedDuration;

/// What is done at one instant comes to rest within so many rounds, or something goes in circles.
const ROUNDS_MAX: usize = 200;

impl Desk<'_> {
    /// Lets time pass until an instant, doing what is due at each deadline on the way.
    pub(super) fn pass_until(&mut self, until: Timestamp) -> Result<(), Violation> {
        while let Some(next) = self.next_deadline().filter(|at| *at <= until) {
            self.now = self.now.max(next);
            self.reconcile()?;
        }
        self.now = until;
        self.reconcile()
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        let early = if self.fault == Some(Fault::ClimbsEarly) { 1 } else { 0 };
        let rungs =
            self.open.values().filter_map(Alarm::due_at).map(|at| at - SignedDuration::from_secs(early));
        let steady = self.open.values().filter_map(|a| self.steady_at(a));
        let windows = self.windows.values().filter(|w| w.ended_at.is_none()).map(|w| w.until_at);
        let silences = (0..self.county.terminals.len()).filter_map(|t| self.silent_at(t));
        rungs.chain(steady).chain(windows).chain(silences).filter(|at| *at > self.now).min()
    }

    /// Does all that is due now.
    pub(super) fn reconcile(&mut self) -> Result<(), Violation> {
        for _ in 0..ROUNDS_MAX {
            let mut done = self.end_windows()? + self.climb_due()? + self.end_steady()?;
            for terminal in 0..self.county.terminals.len() {
                done += self.miss(terminal)?;
            }
            if done == 0 {
                break;
            }
        }
        self.look(&[], true, None)
    }

    fn climb_due(&mut self) -> Result<usize, Violation> {
        let mut climbed = 0;
        let soon = self.now + SignedDuration::from_secs(1);
        let near = |a: &&Alarm| a.ladder.as_ref().is_some_and(|l| l.due(self.scene(a), soon).is_some());
        let ids: Vec<AlarmId> = self.open.values().filter(near).map(|a| a.id).collect();
        for id in ids {
            let Some(alarm) = self.open.get(&id).cloned() else { continue };
            let Some(step) = self.step_due(&alarm) else { continue };
            climbed += 1;
            if self.strikes(Fault::MissesRung) {
                // As if it had been climbed: the next one is far away.
                if let Some(ladder) = self.open.get_mut(&id).and_then(|a| a.ladder.as_mut()) {
                    ladder.next_at = Some(self.now + SignedDuration::from_hours(1));
                }
                continue;
            }
            let mut change = Change::default();
            let at = change.touch(&alarm);
            let (step, told) = self.call(step, &alarm);
            self.happen(&mut change, at, Input::Climb(step, told));
            self.commit(change)?;
        }
        Ok(climbed)
    }

    fn scene(&self, alarm: &Alarm) -> Scene {
        Scene { manned: !self.seats.is_empty(), company: self.has_company(alarm) }
    }

    fn step_due(&mut self, alarm: &Alarm) -> Option<Step> {
        let scene = self.scene(alarm);
        let ladder = alarm.ladder.as_ref()?;
        let soon = self.now + SignedDuration::from_secs(1);
        let early = ladder.next_at.is_some_and(|at| at > self.now) && ladder.due(scene, soon).is_some();
        if early && ladder.due(scene, self.now).is_none() && self.strikes(Fault::ClimbsEarly) {
            return ladder.due(scene, soon);
        }
        ladder.due(scene, self.now)
    }

    fn has_company(&self, alarm: &Alarm) -> bool {
        let none = |a: &Alarm| matches!(a.verdict().map(|v| v.finding), Some(Finding::False | Finding::Test));
        let fire = |a: &&Alarm| a.raise.class == Class::Fire && a.raise.timing == Timing::OnTime && !none(a);
        self.open.values().filter(|a| a.raise.unit == alarm.raise.unit).filter(fire).count() > 1
    }

    /// Whom a rung calls; one at which nobody is registered is passed.
    fn call(&mut self, mut step: Step, alarm: &Alarm) -> (Step, Vec<Told>) {
        loop {
            if !step.rung.calls_people() {
                return (step, Vec::new());
            }
            if self.county.registered.contains(&step.rung) {
                let message = EntryId::from_u128(self.fresh_id());
                let told = Told { message, name: "李强".to_owned(), role: "副班".to_owned() };
                return (step, vec![told]);
            }
            match alarm.ladder.as_ref().and_then(|l| l.beyond(step.clone())) {
                Some(beyond) => step = beyond,
                None => return (step, Vec::new()),
            }
        }
    }

    fn end_windows(&mut self) -> Result<usize, Violation> {
        let now = self.now;
        let over: Vec<_> =
            self.windows.iter().filter(|(_, w)| w.ended_at.is_none() && w.until_at <= now).collect();
        let ids: Vec<EntryId> = over.into_iter().map(|(id, _)| *id).collect();
        for id in &ids {
            self.end_window(*id)?;
        }
        Ok(ids.len())
    }

    /// Ends a window; what still stands in it rings.
    pub(super) fn end_window(&mut self, id: EntryId) -> Result<(), Violation> {
        let now = self.now;
        if let Some(window) = self.windows.get_mut(&id) {
            window.ended_at = Some(now);
        }
        let silent: Vec<Alarm> = self
            .open
            .values()
            .filter(|a| a.suppressed.is_some() && a.restored_at.is_none())
            .cloned()
            .collect();
        let mut change = Change::default();
        for alarm in silent {
            if self.suppression(&alarm, self.conditions_of(&alarm)).is_none()
                && !self.strikes(Fault::KeepsSilent)
            {
                let at = change.touch(&alarm);
                self.happen(&mut change, at, Input::Lift("窗口结束".to_owned()));
            }
        }
        self.commit(change)
    }

    /// When a terminal that says nothing is offline; a gateway that says nothing speaks for those behind it.
    fn silent_at(&self, terminal: usize) -> Option<Timestamp> {
        let own = &self.county.terminals[terminal];
        let since = self.silent.get(&terminal)?;
        let behind = own.parent.is_some_and(|p| self.silent.contains_key(&p));
        (!behind).then(|| own.silence.deadline(*since))
    }

    fn miss(&mut self, terminal: usize) -> Result<usize, Violation> {
        // One that has been missed is not missed again before it has spoken, whatever became of its alarm.
        let overdue = self.silent_at(terminal).is_some_and(|at| at <= self.now);
        if !overdue || !self.left.insert(terminal) {
            return Ok(0);
        }
        self.offline(terminal)?;
        Ok(1)
    }

    /// A terminal is heard: a silence ends.
    pub(super) fn heard(&mut self, terminal: usize) -> Result<(), Violation> {
        self.silent.remove(&terminal);
        if !self.left.remove(&terminal) {
            return Ok(());
        }
        let slot = format!("alarm/offline/{}", terminal_id(terminal));
        let Some(open) = self.holder(&slot).filter(|a| a.restored_at.is_none()).cloned() else {
            return Ok(());
        };
        let mut change = Change::default();
        let at = change.touch(&open);
        self.happen(&mut change, at, Input::Heard);
        self.commit(change)
    }

    fn steady_at(&self, alarm: &Alarm) -> Option<Timestamp> {
        alarm.steady_at(LineRules::default())
    }

    fn end_steady(&mut self) -> Result<usize, Violation> {
        let steady = |a: &&Alarm| self.steady_at(a).is_some_and(|at| at <= self.now);
        let all: Vec<Alarm> = self.open.values().filter(steady).cloned().collect();
        for alarm in &all {
            let mut change = Change::default();
            let at = change.touch(alarm);
            self.happen(&mut change, at, Input::Steady);
            self.commit(change)?;
        }
        Ok(all.len())
    }
}
