//! One report being decided: compared with what is known, it begins, repeats, links or ends alarms.

use super::arrival::{Arrival, Operation, Report, ReportBody};
use super::verdict::{Measured, Touched, Verdict};
use crate::board::{KnownTerminal, Standing};
use crate::changes::Said;
use crate::{App, Fault};
use fengsui_alarm::{
    Alarm, Assessment, Class, Clocks, Condition, Conditions, Input, KEPT_LIMIT_S, LastKnown, Raise,
    SKEW_SHOWN_S, Timing, assess, judge,
};
use fengsui_base::{AlarmId, TerminalId, Timestamp};
use fengsui_store::{LastState, Part, StateKey, StateWrite};
use std::sync::Arc;

/// Most open fires of a unit that are told of something linked.
const LINKED_MAX: usize = 5;
/// For how long after a silent alarm what the panel says as a whole is its echo, in seconds.
const PANEL_ECHO_S: i64 = 60;

/// The command of an answer to a question of the centre. Source: GB/T 26875.3 table 2.
const REPLY: u8 = 5;

/// What an alarm is about.
pub(super) struct What {
    pub(super) title: String,
    pub(super) component_type: u8,
    pub(super) component_label: String,
}

/// One report being decided.
pub(super) struct Scene<'a> {
    pub(super) app: &'a App,
    pub(super) terminal: &'a KnownTerminal,
    pub(super) arrival: &'a Arrival,
    pub(super) report: &'a Report,
    pub(super) clock_was_right: bool,
}

impl Scene<'_> {
    /// Decides; returns the sentence for the journal when the report must be kept.
    pub(super) fn play(&mut self, verdict: &mut Verdict) -> Result<Option<String>, Fault> {
        match &self.report.body {
            ReportBody::State { key, conditions, over, .. } => {
                self.state(*key, self.meant(*key, *conditions, *over, verdict), verdict)
            }
            ReportBody::Value { key, component_type, raw } => {
                self.value(*key, *component_type, *raw, verdict)
            }
            ReportBody::Operation { system, operations, operator } => {
                let sentence = self.operation(*system, operations, *operator, verdict)?;
                Ok(Some(sentence))
            }
            ReportBody::Information(text) => Ok(Some(text.clone())),
            ReportBody::Unknown(reason) => Ok(Some(format!("不认识的内容，原文保存：{reason}"))),
        }
    }

    /// The state as a whole: what is said to be over is taken from what is known.
    fn meant(&self, key: StateKey, named: Conditions, over: bool, verdict: &Verdict) -> Conditions {
        let before = self.last(key, verdict).map_or(Conditions::default(), |l| l.conditions);
        match over {
            false => named,
            true if named.is_empty() => Conditions::default(),
            true => before.iter().filter(|c| !named.has(*c)).collect(),
        }
    }

    fn state(
        &self,
        key: StateKey,
        conditions: Conditions,
        verdict: &mut Verdict,
    ) -> Result<Option<String>, Fault> {
        let clocks = self.arrival.clocks(self.report.event_at);
        let last = self.last(key, verdict);
        let event_at = happened_at(clocks, last.map(|l| l.event_at), self.clock_was_right);
        let found = assess(conditions, event_at, last);
        // A report that differs from what is known is kept, even when it comes too late to be the state.
        let same = last.is_some_and(|l| l.conditions == conditions);
        if same && !found.changed && found.begun.is_empty() {
            if last.is_some_and(|l| l.event_at == event_at) {
                self.count_again(key, conditions, verdict);
            }
            return Ok(None);
        }
        if found.changed {
            verdict.change.states.push(self.state_write(key, conditions, event_at));
        }
        self.begin(key, conditions, clocks, &found, verdict)?;
        self.end(key, &found.ended, verdict)?;
        self.link(conditions, last, verdict)?;
        Ok(Some(format!("{} {}", self.place_of(key), words(conditions))))
    }

    /// The very report that is known already, once more, such as a frame whose acknowledgement was lost (重发).
    fn count_again(&self, key: StateKey, conditions: Conditions, verdict: &mut Verdict) {
        let classes = Class::ALL.into_iter().filter(|c| conditions.has_class(*c));
        let open = classes.filter_map(|class| self.app.board.slot(&self.slot(class, key)));
        verdict.again.extend(open.map(|o| o.alarm.id));
    }

    /// What is known of a part: by an earlier object of this very frame, else by the board.
    fn last(&self, key: StateKey, verdict: &Verdict) -> Option<LastKnown> {
        let earlier = verdict.change.states.iter().rev().find(|w| w.key == key).map(|w| w.state.clone());
        let known = earlier.or_else(|| self.terminal.state(key))?;
        Some(LastKnown { conditions: Conditions::from_bits(known.bits), event_at: known.event_at })
    }

    fn state_write(&self, key: StateKey, conditions: Conditions, event_at: Timestamp) -> StateWrite {
        let (component_type, text) = match &self.report.body {
            ReportBody::State { component_type, text, .. } => (*component_type, text.clone()),
            _ => (0, String::new()),
        };
        let state = LastState {
            component_type,
            bits: conditions.bits(),
            event_at,
            received_at: self.arrival.received_at,
            text,
        };
        StateWrite { terminal: self.terminal.id, key, state }
    }

    /// Alarms that begin or are reported again.
    fn begin(
        &self,
        key: StateKey,
        conditions: Conditions,
        clocks: Clocks,
        found: &Assessment,
        verdict: &mut Verdict,
    ) -> Result<(), Fault> {
        verdict.begun |= found.changed && !found.begun.is_empty();
        for class in found.begun.iter().chain(&found.again) {
            let slot = self.slot(*class, key);
            match self
                .holder(&slot, verdict)
                .or_else(|| self.general(*class, key).map(|open| verdict.touch(open)))
            {
                Some(at) => {
                    let timing = judge(clocks, self.clock_was_right);
                    verdict.happen(at, Input::Repeat(clocks, timing), clocks.received_at)?;
                    self.filter_again(at, conditions, verdict)?;
                }
                // Somebody has said why it need not ring: its state is kept and shown among the strangers.
                None if self.terminal.facts().standing == Standing::Ignored => {}
                None => {
                    let what = self.part(*class, conditions);
                    self.raise(*class, key, what, clocks, slot, verdict);
                    self.filter_new(verdict.alarms.len() - 1, conditions, verdict)?;
                }
            }
            verdict.urgent |= *class == Class::Fire;
        }
        Ok(())
    }

    /// The alarm that holds a slot as the frame has it so far: touched by an earlier object, else on the board.
    pub(super) fn holder(&self, slot: &str, verdict: &mut Verdict) -> Option<usize> {
        let earlier = verdict.touched(|a| a.raise.slot == slot && a.holds_slot());
        earlier.or_else(|| {
            let open = self.app.board.slot(slot)?;
            // Given up by an earlier object: nobody holds it any more.
            let given_up = verdict.touched(|a| a.id == open.alarm.id).is_some();
            (!given_up).then(|| verdict.touch(open))
        })
    }

    /// A panel that says "fire" as a whole after one of its detectors did says nothing new; nor does one that says
    /// "fault" because it was asked how it stands.
    fn general(&self, class: Class, key: StateKey) -> Option<Arc<crate::OpenAlarm>> {
        let asked = self.arrival.command == REPLY && key.part == Part::System;
        if key.part == Part::Component || (class != Class::Fire && !asked) {
            return None;
        }
        // Another system of the same device is another panel, and its fire another fire.
        let (name, terminal) = (class.code(), self.terminal.id);
        let system = format!("alarm/{name}/{terminal}/c{}.{}.", key.system_type, key.system_address);
        let same = |a: &Alarm| key.part == Part::Device || a.raise.slot.starts_with(&system);
        let of_terminal = |a: &Arc<crate::OpenAlarm>| {
            a.alarm.raise.terminal == self.terminal.id
                && a.alarm.raise.class == class
                && same(&a.alarm)
                && self.echoes(&a.alarm)
        };
        let site =
            self.terminal.facts().unit.as_ref().map_or_else(|| self.terminal.id.into(), |u| u.0.into());
        self.app.board.open_alarms_at(site).into_iter().find(|a| of_terminal(a) && a.alarm.holds_slot())
    }

    /// What a panel says as a whole may be the echo of an alarm that rings; of a silent one only shortly after it,
    /// or a fire beside a window would be silent with it.
    fn echoes(&self, alarm: &Alarm) -> bool {
        let apart_s = self.arrival.received_at.as_second() - alarm.last_at.as_second();
        alarm.suppressed.is_none() || (alarm.restored_at.is_none() && apart_s <= PANEL_ECHO_S)
    }

    /// What a state report says of the part in words.
    fn part(&self, class: Class, conditions: Conditions) -> What {
        let (component_type, component_label) = match &self.report.body {
            ReportBody::State { component_type, component_label, .. } => {
                (*component_type, component_label.clone())
            }
            _ => (0, String::new()),
        };
        What { title: title(class, conditions, &component_label), component_type, component_label }
    }

    pub(super) fn raise(
        &self,
        class: Class,
        key: StateKey,
        what: What,
        clocks: Clocks,
        slot: String,
        verdict: &mut Verdict,
    ) {
        let facts = self.terminal.facts();
        let point = self.terminal.point(key);
        let What { title, component_type, component_label } = what;
        let raise = Raise {
            class,
            title,
            region: facts.region,
            unit: facts.unit.as_ref().map(|u| u.0),
            unit_name: facts.unit.as_ref().map(|u| u.1.clone()),
            terminal: self.terminal.id,
            point: point.as_ref().map(|p| p.id),
            slot,
            building: point.as_ref().and_then(|p| p.place.building.clone()),
            floor: point.as_ref().and_then(|p| p.place.floor.clone()),
            zone: point.as_ref().and_then(|p| p.place.zone.clone()),
            place: self.place_of(key),
            component_type,
            component_label,
            component_address: key.component_address,
            position: point.as_ref().and_then(|p| p.position).or(facts.position),
            timing: judge(clocks, self.clock_was_right),
            raised_at: clocks.received_at,
            event_at: clocks.event_at,
            sent_at: clocks.sent_at,
        };
        let (alarm, event) = Alarm::raise(AlarmId(self.app.entropy.id(clocks.received_at)), raise);
        self.app.meters.alarms.with_label_values(&[class.code()]).inc();
        let steps = vec![Said::of(&event, &alarm, verdict.evidence)];
        verdict.alarms.push(Touched { before: None, alarm, steps });
    }

    fn end(&self, key: StateKey, classes: &[Class], verdict: &mut Verdict) -> Result<(), Fault> {
        for class in classes {
            let Some(at) = self.holder(&self.slot(*class, key), verdict) else { continue };
            if verdict.alarms[at].alarm.restored_at.is_none() {
                verdict.happen(at, Input::Restore, self.arrival.received_at)?;
            }
        }
        Ok(())
    }

    /// A shutter that starts while the unit has a fire belongs to the story of that fire.
    fn link(
        &self,
        conditions: Conditions,
        last: Option<LastKnown>,
        verdict: &mut Verdict,
    ) -> Result<(), Fault> {
        let before = last.map_or(Conditions::default(), |l| l.conditions);
        let began = |c: Condition| conditions.has(c) && !before.has(c);
        let unit = self.terminal.facts().unit.as_ref().map(|unit| unit.0);
        let (Some(unit), true) = (unit, began(Condition::Started) || began(Condition::Feedback)) else {
            return Ok(());
        };
        let ReportBody::State { key, .. } = &self.report.body else { return Ok(()) };
        let text = format!("{} {}", self.place_of(*key), words(conditions));
        let fire = |a: &Arc<crate::OpenAlarm>| a.alarm.raise.class == Class::Fire;
        let fires = self.app.board.open_alarms_at(unit.into()).into_iter().filter(fire);
        for open in fires.take(LINKED_MAX) {
            let at = verdict.touch(open);
            verdict.happen(at, Input::Linked(text.clone()), self.arrival.received_at)?;
            self.water(*key, at, verdict)?;
        }
        Ok(())
    }

    /// A measured value is telemetry: it is known at once and saved by the minute; only what it does to a limit is
    /// kept with the frame.
    fn value(
        &self,
        key: StateKey,
        component_type: u8,
        raw: i16,
        verdict: &mut Verdict,
    ) -> Result<Option<String>, Fault> {
        let earlier = verdict.values.iter().rev().find(|m| m.key == key).map(|m| m.state.clone());
        let known = earlier.or_else(|| self.terminal.state(key));
        let clocks = self.arrival.clocks(self.report.event_at);
        let known_at = known.map(|k| k.event_at);
        let event_at = happened_at(clocks, known_at, self.clock_was_right);
        let state = LastState {
            component_type,
            bits: i32::from(raw),
            event_at,
            received_at: self.arrival.received_at,
            text: String::new(),
        };
        let measured_at = measured_at(clocks, self.clock_was_right);
        let measured = Measured { key, state, measured_at };
        // What was measured before what is known says nothing of now.
        let newest = known_at.is_none_or(|at| event_at >= at);
        let said = if newest { self.weigh(&measured, verdict)? } else { None };
        verdict.values.push(measured);
        Ok(said)
    }

    fn operation(
        &self,
        system: Option<(u8, u8)>,
        operations: &[Operation],
        operator: u8,
        verdict: &mut Verdict,
    ) -> Result<String, Fault> {
        if operations.iter().any(|o| matches!(o, Operation::Reset | Operation::Cleared)) {
            self.reset(system, verdict)?;
        }
        let live = judge(self.arrival.clocks(self.report.event_at), self.clock_was_right) == Timing::OnTime;
        if live && operations.contains(&Operation::Test) {
            self.begin_test(system, verdict);
        }
        if system.is_none() && operations.contains(&Operation::DutyAnswer) {
            self.answer_duty(operator, verdict);
        }
        let what = operations.iter().map(|o| o.label()).collect::<Vec<_>>().join("、");
        let whom = if system.is_some() { "消防设施" } else { "传输装置" };
        Ok(format!("{whom}操作：{what}，操作员 {operator}"))
    }

    /// Somebody at the terminal answers a duty check: when it was heard, or, when it was kept while the line was cut,
    /// when the terminal says that it was.
    fn answer_duty(&self, operator: u8, verdict: &mut Verdict) {
        let clocks = self.arrival.clocks(self.report.event_at);
        let kept = self.clock_was_right && judge(clocks, true) == Timing::Late;
        let at = clocks.event_at.filter(|_| kept).unwrap_or(clocks.received_at);
        let actor = super::device(self.terminal.id, self.arrival);
        self.app.add_duty_answer(&mut verdict.change, self.terminal, at, operator, &actor);
    }

    /// A reset of the panel ends the fires, supervisory signals and shieldings of its parts; a fault stays
    /// until the panel reports otherwise.
    fn reset(&self, system: Option<(u8, u8)>, verdict: &mut Verdict) -> Result<(), Fault> {
        let clocks = self.arrival.clocks(self.report.event_at);
        for (key, known) in self.terminal.states() {
            let event_at = happened_at(clocks, Some(known.event_at), self.clock_was_right);
            let of_system = match system {
                Some(address) => key.part != Part::Device && (key.system_type, key.system_address) == address,
                None => key.part == Part::Device,
            };
            let before = Conditions::from_bits(known.bits);
            let after = before.without(Class::Fire).without(Class::Supervisory);
            let no_state = matches!(key.part, Part::Value | Part::Limit);
            if !of_system || no_state || before == after || known.event_at > event_at {
                continue;
            }
            let state =
                LastState { bits: after.bits(), event_at, received_at: self.arrival.received_at, ..known };
            verdict.change.states.push(StateWrite { terminal: self.terminal.id, key, state });
            self.end(key, &[Class::Fire, Class::Supervisory], verdict)?;
        }
        Ok(())
    }

    fn slot(&self, class: Class, key: StateKey) -> String {
        slot(class, self.terminal.id, key)
    }

    /// The part in words: as registered, else as the frame has it.
    pub(super) fn place_of(&self, key: StateKey) -> String {
        if let Some(point) = self.terminal.point(key) {
            let parts =
                [point.place.building.as_deref(), point.place.floor.as_deref(), Some(point.label.as_str())];
            return parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        }
        match &self.report.body {
            ReportBody::State { part_label, .. } => part_label.clone(),
            _ => format!("部件 {}", key.component_address),
        }
    }
}

/// The slot of a part and class, which can have only one open alarm.
pub(crate) fn slot(class: Class, terminal: TerminalId, key: StateKey) -> String {
    let part = match key.part {
        Part::Device => 'd',
        Part::System => 's',
        Part::Component => 'c',
        Part::Value | Part::Limit => 'v',
    };
    format!(
        "alarm/{}/{terminal}/{part}{}.{}.{}",
        class.code(),
        key.system_type,
        key.system_address,
        key.component_address
    )
}

/// The time by which states are put in order.
///
/// It is the terminal's own, but for a clock that is plainly wrong: a state from the future would be the newest
/// for ever, and after a clock has fallen back to its first day nothing would be newer than what was known.
/// Such a report, when it is a live one, counts from when it was received.
fn happened_at(clocks: Clocks, known_at: Option<Timestamp>, clock_was_right: bool) -> Timestamp {
    let received_at = clocks.received_at;
    let Some(event_at) = clocks.event_at else { return received_at };
    let ahead = event_at.as_second() - received_at.as_second() > SKEW_SHOWN_S;
    let wrong = clocks.offset_s().is_some_and(|s| s.abs() > SKEW_SHOWN_S);
    let live = judge(clocks, clock_was_right) == Timing::OnTime;
    let fell_back = wrong && live && known_at.is_some_and(|known| event_at < known);
    if ahead || fell_back { received_at } else { event_at }
}

/// When a value was measured, for the history: the age of the value, which does not depend on the terminal's clock,
/// before it was received; or the terminal's own time where its clock is right, for values that were kept.
fn measured_at(clocks: Clocks, clock_was_right: bool) -> Timestamp {
    let (received_at, Some(event_at)) = (clocks.received_at, clocks.event_at) else {
        return clocks.received_at;
    };
    let right = clock_was_right || clocks.offset_s().is_none_or(|s| s.abs() <= SKEW_SHOWN_S);
    let age_s = clocks.sent_at.map_or(0, |sent| sent.as_second() - event_at.as_second());
    match right {
        true => event_at.min(received_at),
        false => received_at - jiff::SignedDuration::from_secs(age_s.clamp(0, KEPT_LIMIT_S)),
    }
}

/// 火警·手动火灾报警按钮; a fault by its kind where the panel tells.
fn title(class: Class, conditions: Conditions, component: &str) -> String {
    let kinds: Vec<_> = conditions
        .iter()
        .filter(|c| c.class() == Some(class) && *c != Condition::Fault)
        .map(Condition::label)
        .collect();
    let what = if kinds.is_empty() { class.label().to_owned() } else { kinds.join("、") };
    if component.is_empty() { what } else { format!("{what}·{}", spoken(component)) }
}

/// A component as a duty officer calls it: 点型光电感烟, 手动报警按钮. Fire goes without saying.
fn spoken(component: &str) -> String {
    component.strip_suffix("火灾探测器").unwrap_or(component).replace("火灾", "")
}

fn words(conditions: Conditions) -> String {
    if conditions.is_empty() {
        "正常".to_owned()
    } else {
        conditions.iter().map(Condition::label).collect::<Vec<_>>().join("、")
    }
}
