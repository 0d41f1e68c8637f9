//! Who has fallen silent (离线): for each terminal the one instant at which somebody must look at it next.
//!
//! A heartbeat moves no deadline: it only notes when the terminal was heard. When the deadline comes, whoever looks
//! finds the terminal alive and sets the next one; so a million terminals that speak cost one look each in a minute and
//! a half, and nothing at all between.

use super::deadlines::Deadlines;
use super::{Board, KnownTerminal};
use fengsui_alarm::{Alarm, Class, Clocks};
use fengsui_base::{AlarmId, TerminalId, Timestamp};
use fengsui_store::{LastState, StateKey};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Most gateways above one another.
pub(crate) const PARENTS_MAX: usize = 8;

#[derive(Default)]
pub(super) struct Silences {
    /// When to look at a terminal next.
    looks: Deadlines<TerminalId>,
    /// When the line of a terminal that is heard again is steady.
    steady: Deadlines<AlarmId>,
    /// Terminals that count as offline and have been heard.
    back: BTreeSet<TerminalId>,
    /// When this program started: before that nobody could be heard.
    since: Option<Timestamp>,
}

impl Board {
    /// Begins to watch: everybody registered and ever heard, given the time to be heard again.
    pub(crate) fn watch_from(&self, since: Timestamp) {
        self.silences.lock().since = Some(since);
        self.count_from(since);
        for terminal in self.terminals(&fengsui_base::Scope::everything()) {
            self.watch(&terminal);
        }
    }

    /// Sets when to look at a terminal next. Nobody waits for one that was never heard, that nobody has claimed, or
    /// that counts as offline already.
    pub(super) fn watch(&self, terminal: &KnownTerminal) {
        let Some(at) = self.silent_at(terminal).filter(|_| terminal.offline().is_none()) else { return };
        terminal.set_watched(true);
        self.silences.lock().looks.set(terminal.id, at);
    }

    /// When a terminal counts as offline, as things stand.
    pub(crate) fn silent_at(&self, terminal: &KnownTerminal) -> Option<Timestamp> {
        let (facts, last_heard) = (terminal.facts(), terminal.last_heard()?);
        let deadline = facts.silence.deadline(last_heard);
        let grace = jiff::SignedDuration::from_secs(facts.silence.grace_s());
        let floor = match terminal.seen_at() {
            Some(_) => None,
            // Not heard since the start: the line was ours to lose.
            None => self.silences.lock().since.map(|since| since + grace),
        };
        facts.known.then(|| floor.map_or(deadline, |floor| deadline.max(floor)))
    }

    /// Takes in a measured value, unless a newer one is known; it is stored later.
    pub(crate) fn measured(
        &self,
        terminal: &Arc<KnownTerminal>,
        key: StateKey,
        value: LastState,
        measured_at: Timestamp,
    ) {
        terminal.measure(key, value, measured_at);
        self.wait_to_save(terminal);
    }

    /// Notes that a terminal was heard.
    pub(crate) fn heard(&self, terminal: &Arc<KnownTerminal>, channel: &str, clocks: Clocks) {
        let news = terminal.heard(channel, clocks);
        if news.recount {
            self.recount(terminal);
        }
        if news.save {
            self.wait_to_save(terminal);
        }
        if let Some(wrong) = news.wrong_clock {
            self.note_clock(terminal.id, wrong);
        }
        if !terminal.is_in_rounds() {
            self.join_rounds(terminal);
        }
        if terminal.offline().is_some() {
            self.silences.lock().back.insert(terminal.id);
        } else if !terminal.watched() {
            self.watch(terminal);
        }
    }

    /// Terminals that somebody must look at now; each is looked at once, until it is told when again.
    pub(crate) fn take_looks(&self, now: Timestamp, limit: usize) -> Vec<Arc<KnownTerminal>> {
        let due = self.silences.lock().looks.take_due(now, limit);
        due.into_iter().filter_map(|id| self.terminal(id)).collect()
    }

    /// Look again at this terminal then.
    pub(crate) fn look_again(&self, terminal: TerminalId, at: Timestamp) {
        self.silences.lock().looks.set(terminal, at);
    }

    /// Terminals that count as offline and have been heard.
    pub(crate) fn take_back(&self, limit: usize) -> Vec<TerminalId> {
        let mut silences = self.silences.lock();
        let some: Vec<_> = silences.back.iter().take(limit).copied().collect();
        some.iter().for_each(|id| {
            silences.back.remove(id);
        });
        some
    }

    /// Notes again that these have been heard.
    pub(crate) fn return_back(&self, terminals: &[TerminalId]) {
        self.silences.lock().back.extend(terminals);
    }

    /// Offline alarms whose line is steady now.
    pub(crate) fn take_steady(&self, now: Timestamp, limit: usize) -> Vec<AlarmId> {
        self.silences.lock().steady.take_due(now, limit)
    }

    /// Look at the line of these alarms again then.
    pub(crate) fn steady_again(&self, alarms: &[AlarmId], at: Timestamp) {
        let mut silences = self.silences.lock();
        alarms.iter().for_each(|id| silences.steady.set(*id, at));
    }

    /// Follows an alarm: what it says of a terminal's line.
    pub(super) fn follow_line(&self, alarm: &Alarm) {
        if alarm.raise.class != Class::Offline {
            return;
        }
        let Some(terminal) = self.terminal(alarm.raise.terminal) else { return };
        match alarm.steady_at(self.line_rules) {
            Some(at) => self.silences.lock().steady.set(alarm.id, at),
            None => self.silences.lock().steady.clear(alarm.id),
        }
        if !alarm.is_closed() && alarm.restored_at.is_none() {
            self.is_offline(&terminal, alarm.id);
        } else if terminal.offline() == Some(alarm.id) {
            self.note_offline(&terminal, None, alarm.restored_at);
            match alarm.restored_at {
                Some(_) => {
                    terminal.set_watched(false);
                    self.watch(&terminal);
                }
                None => terminal.leave(),
            }
        }
    }

    /// Notes the alarm that says a terminal is offline, or that none does any more.
    pub(super) fn note_offline(
        &self,
        terminal: &Arc<KnownTerminal>,
        alarm: Option<AlarmId>,
        back_at: Option<Timestamp>,
    ) {
        terminal.set_offline(alarm, back_at);
        self.recount(terminal);
    }

    fn is_offline(&self, terminal: &Arc<KnownTerminal>, alarm: AlarmId) {
        self.note_offline(terminal, Some(alarm), None);
        terminal.set_watched(false);
        let mut silences = self.silences.lock();
        silences.looks.clear(terminal.id);
        // Heard between the decision and now: it is back already.
        if terminal.heard_since_judged() {
            silences.back.insert(terminal.id);
        }
    }

    /// The terminals through which this one speaks, the nearest first.
    pub(crate) fn gateways(&self, terminal: &KnownTerminal) -> Vec<Arc<KnownTerminal>> {
        let up = |t: &Arc<KnownTerminal>| t.facts().parent.and_then(|id| self.terminal(id));
        let first = terminal.facts().parent.and_then(|id| self.terminal(id));
        std::iter::successors(first, up).take(PARENTS_MAX).collect()
    }

    /// The terminals that speak through this one, by id.
    pub fn children(&self, gateway: TerminalId) -> Vec<Arc<KnownTerminal>> {
        let ids = self.terminals.read().children.get(&gateway).cloned().unwrap_or_default();
        ids.into_iter().filter_map(|id| self.terminal(id)).collect()
    }
}
