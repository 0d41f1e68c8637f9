//! What devices report: decided against the board, durable before it is acknowledged.
//!
//! A heartbeat or an unchanged state only touches memory. A changed state, an event, an operation record, an
//! unknown frame and the first word of an unknown terminal are committed, and only then does the edge
//! acknowledge. Whatever a frame says, it is kept as it came.

use crate::board::KnownTerminal;
use crate::changes::Said;
use crate::committer::Settled;
use crate::{App, Fault};
use fengsui_alarm::{
    Alarm, Assessment, Class, Clocks, Condition, Conditions, Input, LastKnown, Raise, SKEW_SHOWN_S, Timing,
    assess, judge,
};
use fengsui_base::{Actor, AlarmId, Device, Fields, TerminalId, Timestamp};
use fengsui_store::{
    ChangeSet, Expect, FrameRecord, KeyWrite, LastState, Numbering, Part, Receipt as StoredReceipt, StateKey,
    StateWrite,
};
use serde_json::Value;
use std::sync::Arc;

/// For how long an identical frame is a resend: three resends of ten seconds, and as much again for a restart
/// in between. Source: GB/T 26875.3 §6.5.
const RESEND_WINDOW_S: u32 = 60;
/// Most terminals nobody has claimed; the frames of further ones are kept without an entry of their own.
const UNKNOWN_MAX: usize = 20_000;
/// Most open fires of a unit that are told of something linked.
const LINKED_MAX: usize = 5;
/// Longest sentence about one frame, in characters.
const SENTENCE_CHARS_MAX: usize = 200;

/// A frame as the edge understood it, in words independent of the wire.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Source address as the listener names it; what a terminal is known by.
    pub source: String,
    /// Where it came from, such as `tcp 192.0.2.7:40123`.
    pub channel: String,
    /// Dialect of the listener.
    pub profile: String,
    /// Sequence number of the frame.
    pub sequence: u16,
    /// Command.
    pub command: u8,
    /// Type of the data unit.
    pub unit_type: Option<u8>,
    /// When it was sent, by the terminal's clock.
    pub sent_at: Option<Timestamp>,
    /// When it was received.
    pub received_at: Timestamp,
    /// Short digest of the bytes.
    pub digest: u64,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// What it says; empty for a heartbeat.
    pub reports: Vec<Report>,
}

/// One thing a frame says.
#[derive(Clone, PartialEq, Debug)]
pub struct Report {
    /// When it happened, by the terminal's clock.
    pub event_at: Option<Timestamp>,
    /// What.
    pub body: ReportBody,
}

/// What is reported.
#[derive(Clone, PartialEq, Debug)]
pub enum ReportBody {
    /// The state of a part.
    State {
        /// Which part.
        key: StateKey,
        /// Its conditions.
        conditions: Conditions,
        /// Whether these conditions are said to be over, others staying as they were; without any named, all
        /// are over.
        over: bool,
        /// Component type as sent.
        component_type: u8,
        /// Component in words.
        component_label: String,
        /// The part in words, for parts that are not registered.
        part_label: String,
        /// Text sent with it.
        text: String,
    },
    /// An analog value.
    Value {
        /// Which value.
        key: StateKey,
        /// Component type as sent.
        component_type: u8,
        /// Raw value.
        raw: i16,
    },
    /// Somebody operated the facility.
    Operation {
        /// System the operation was on; `None` for the transmission device.
        system: Option<(u8, u8)>,
        /// What was done.
        operations: Vec<Operation>,
        /// Operator number.
        operator: u8,
    },
    /// Something to be kept and read, such as a version or a configuration.
    Information(String),
    /// Something this program does not understand: kept raw.
    Unknown(String),
}

/// An operation record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operation {
    /// 复位
    Reset,
    /// 消音
    Silence,
    /// 手动报警
    ManualAlarm,
    /// 警情消除
    Cleared,
    /// 自检
    SelfTest,
    /// 确认
    Confirm,
    /// 查岗应答
    DutyAnswer,
    /// 测试
    Test,
}

impl Operation {
    fn label(self) -> &'static str {
        match self {
            Operation::Reset => "复位",
            Operation::Silence => "消音",
            Operation::ManualAlarm => "手动报警",
            Operation::Cleared => "警情消除",
            Operation::SelfTest => "自检",
            Operation::Confirm => "确认",
            Operation::DutyAnswer => "查岗应答",
            Operation::Test => "测试",
        }
    }
}

/// What became of a frame that may be acknowledged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Receipt {
    /// Nothing new: memory only.
    Heard,
    /// Stored under this number.
    Stored(u64),
    /// Stored before.
    Repeated,
}

/// What a frame changes, before it is a ChangeSet.
struct Verdict {
    change: ChangeSet,
    values: Vec<(StateKey, LastState)>,
    /// Alarms that the frame touches, each with all that it does to it: an entry is written once.
    alarms: Vec<Touched>,
    durable: bool,
    urgent: bool,
    /// Something began with a state that is stored in the same change: a resend then finds the state unchanged.
    begun: bool,
}

/// An alarm that a frame touches.
struct Touched {
    before: Option<Arc<crate::OpenAlarm>>,
    alarm: Alarm,
    steps: Vec<Said>,
}

impl Verdict {
    fn new(at: Timestamp) -> Self {
        let change = ChangeSet::new(at);
        Self { change, values: Vec::new(), alarms: Vec::new(), durable: false, urgent: false, begun: false }
    }

    /// The alarm that an earlier object of the frame touched, if the wanted one is among them.
    fn touched(&self, wanted: impl Fn(&Alarm) -> bool) -> Option<usize> {
        self.alarms.iter().position(|t| wanted(&t.alarm))
    }

    /// The place of an open alarm among those the frame touches.
    fn touch(&mut self, open: Arc<crate::OpenAlarm>) -> usize {
        self.touched(|a| a.id == open.alarm.id).unwrap_or_else(|| {
            self.alarms.push(Touched { alarm: open.alarm.clone(), before: Some(open), steps: Vec::new() });
            self.alarms.len() - 1
        })
    }

    /// Lets something happen to a touched alarm.
    fn happen(&mut self, at: usize, input: Input, now: Timestamp) -> Result<(), Fault> {
        let touched = &mut self.alarms[at];
        let (alarm, event) = touched.alarm.clone().handle(input, now)?;
        touched.steps.push(Said::of(&event, &alarm, "帧"));
        touched.alarm = alarm;
        Ok(())
    }
}

impl App {
    /// Takes in one frame. When it returns `Ok`, the frame may be acknowledged.
    pub async fn take_in(&self, arrival: Arrival) -> Result<Receipt, Fault> {
        match self.board.terminal_at(&arrival.source) {
            Some(terminal) => self.take_in_from(&terminal, &arrival).await,
            None => self.take_in_first(&arrival).await,
        }
    }

    async fn take_in_from(&self, terminal: &Arc<KnownTerminal>, arrival: &Arrival) -> Result<Receipt, Fault> {
        let _turn = terminal.gate.lock().await;
        let clock_was_right = terminal.clock_was_right() && !self.clock_fell_back(terminal, arrival);
        let receipt = self.decide_until_stored(terminal, arrival, clock_was_right).await;
        if receipt.is_ok() {
            self.hear(terminal, arrival, clock_was_right);
        }
        receipt
    }

    /// Whether the terminal's clock, right until now, has been set wrong: a terminal that never sends a heartbeat
    /// shows it by being late by the same amount again.
    fn clock_fell_back(&self, terminal: &KnownTerminal, arrival: &Arrival) -> bool {
        let late = judge(arrival.clocks(arrival.sent_at), true) == Timing::Late;
        let offset_s = arrival.clocks(None).offset_s();
        late && offset_s.is_some_and(|offset_s| terminal.lateness_stays(offset_s, arrival.received_at))
    }

    /// A frame kept for hours says nothing about the clock: only a live one does. Heartbeats are never kept, so
    /// that a clock set wrong is noticed by the next of them, and fires ring again.
    fn hear(&self, terminal: &KnownTerminal, arrival: &Arrival, clock_was_right: bool) {
        let clocks = arrival.clocks(None);
        let kept = !arrival.reports.is_empty()
            && clock_was_right
            && judge(arrival.clocks(arrival.sent_at), true) == Timing::Late;
        terminal.heard(&arrival.channel, if kept { Clocks { sent_at: None, ..clocks } } else { clocks });
    }

    async fn decide_until_stored(
        &self,
        terminal: &Arc<KnownTerminal>,
        arrival: &Arrival,
        clock_was_right: bool,
    ) -> Result<Receipt, Fault> {
        let first = self.decide(terminal, arrival, clock_was_right)?;
        first.values.iter().for_each(|(key, value)| terminal.measure(*key, value.clone()));
        if !first.durable {
            return Ok(Receipt::Heard);
        }
        let urgent = first.urgent;
        let mut first = Some(first.change);
        let settled = self
            .settle(urgent, |_| {
                let change = match first.take() {
                    Some(change) => Ok(change),
                    None => self.decide(terminal, arrival, clock_was_right).map(|v| v.change),
                };
                std::future::ready(change.map(|c| (c, ())))
            })
            .await?;
        Ok(receipt(&settled))
    }

    /// The first word of a terminal nobody knows: it gets an entry of its own and is heard like any other.
    async fn take_in_first(&self, arrival: &Arrival) -> Result<Receipt, Fault> {
        if self.board.unknown_count() >= UNKNOWN_MAX {
            return self.keep_without_terminal(arrival).await;
        }
        let settled =
            self.settle(false, |_| std::future::ready(Ok((self.unknown_terminal(arrival), ())))).await;
        match settled {
            Ok(_) => {}
            // Somebody else made it at the same moment: then it is known now.
            Err(Fault::Refused(_)) if self.board.terminal_at(&arrival.source).is_some() => {}
            Err(fault) => return Err(fault),
        }
        match self.board.terminal_at(&arrival.source) {
            Some(terminal) if !arrival.reports.is_empty() => self.take_in_from(&terminal, arrival).await,
            Some(terminal) => {
                terminal.heard(&arrival.channel, arrival.clocks(None));
                Ok(settled.map_or(Receipt::Heard, |s| receipt(&s)))
            }
            None => Err(Fault::Broken(fengsui_store::StoreError::Broken("新终端未登记成功".to_owned()))),
        }
    }

    fn unknown_terminal(&self, arrival: &Arrival) -> ChangeSet {
        let mut change = ChangeSet::new(arrival.received_at);
        let mut fields = Fields::new();
        fields.insert("source".to_owned(), Value::from(arrival.source.as_str()));
        fields.insert("profile".to_owned(), Value::from(arrival.profile.as_str()));
        fields.insert("channel".to_owned(), Value::from(arrival.channel.as_str()));
        let title = format!("未登记终端 {}", arrival.source);
        let mut entry = self.fresh("terminal", self.node.region, &title, fields, arrival.received_at);
        entry.state = "unknown".to_owned();
        let key = crate::terminals::source_key(&arrival.source);
        change.expects.push(Expect::Absent(key.clone()));
        change.keys.push(KeyWrite::Take(key, entry.id));
        let actor =
            Actor::Device(Device { terminal: Some(TerminalId(entry.id)), channel: arrival.channel.clone() });
        let said =
            Said::new("terminal.appeared", format!("未登记终端首次上线，来自 {}", arrival.channel), "帧");
        change.journal.push(self.line_on(&entry, arrival.received_at, &actor, said));
        if arrival.reports.is_empty() {
            change.frames.push(arrival.record(
                Some(TerminalId(entry.id)),
                self.node.region,
                "unknown_terminal",
            ));
        }
        change.entries.push(self.write(entry, Numbering::Keep));
        change
    }

    async fn keep_without_terminal(&self, arrival: &Arrival) -> Result<Receipt, Fault> {
        if arrival.reports.is_empty() {
            return Ok(Receipt::Heard);
        }
        let settled = self
            .settle(false, |_| {
                let mut change = ChangeSet::new(arrival.received_at);
                let actor = Actor::Device(Device { terminal: None, channel: arrival.channel.clone() });
                let node = crate::start::node_id(&self.node);
                let text = format!("待认领终端已达 {UNKNOWN_MAX} 台，来自 {} 的帧只存原文", arrival.source);
                let said = Said::new("terminal.overflow", text, "帧");
                change.journal.push(self.line(
                    "region",
                    node,
                    self.node.region,
                    arrival.received_at,
                    &actor,
                    said,
                ));
                change.frames.push(arrival.record(None, self.node.region, "unknown_terminal"));
                change.receipt = Some(arrival.receipt());
                std::future::ready(Ok((change, ())))
            })
            .await?;
        Ok(receipt(&settled))
    }

    /// What the frame changes, by the board as it is now.
    fn decide(
        &self,
        terminal: &KnownTerminal,
        arrival: &Arrival,
        clock_was_right: bool,
    ) -> Result<Verdict, Fault> {
        let mut verdict = Verdict::new(arrival.received_at);
        let mut said = Vec::new();
        for report in &arrival.reports {
            let mut scene = Scene { app: self, terminal, arrival, report, clock_was_right };
            if let Some(sentence) = scene.play(&mut verdict)? {
                verdict.durable = true;
                said.push(sentence);
            }
        }
        if verdict.durable {
            self.sign(terminal, arrival, said, &mut verdict);
        }
        Ok(verdict)
    }

    /// Writes into the ChangeSet what every durable frame leaves: the line, the alarms, the bytes, the receipt.
    fn sign(&self, terminal: &KnownTerminal, arrival: &Arrival, said: Vec<String>, verdict: &mut Verdict) {
        let (facts, change) = (terminal.facts(), &mut verdict.change);
        let text: String = said.join("；").chars().take(SENTENCE_CHARS_MAX).collect();
        let line = Said::new("terminal.reported", text, "帧");
        let actor = device(terminal.id, arrival);
        change.journal.push(self.line(
            "terminal",
            terminal.id.into(),
            facts.region,
            arrival.received_at,
            &actor,
            line,
        ));
        for Touched { before, alarm, steps } in verdict.alarms.drain(..) {
            self.add_alarm(change, &alarm, before.as_deref().map(|open| &open.entry), steps, &actor);
        }
        let kept_as = if facts.known { "stored" } else { "unknown_terminal" };
        change.frames.push(arrival.record(Some(terminal.id), facts.region, kept_as));
        // What began needs no receipt: after a resend the stored state is unchanged. And a terminal whose clock
        // stands still may report the same fire in the same bytes again, after it was over.
        if !verdict.begun {
            change.receipt = Some(arrival.receipt());
        }
    }
}

/// One report being decided.
struct Scene<'a> {
    app: &'a App,
    terminal: &'a KnownTerminal,
    arrival: &'a Arrival,
    report: &'a Report,
    clock_was_right: bool,
}

impl Scene<'_> {
    /// Decides; returns the sentence for the journal when the report must be kept.
    fn play(&mut self, verdict: &mut Verdict) -> Result<Option<String>, Fault> {
        match &self.report.body {
            ReportBody::State { key, conditions, over, .. } => {
                self.state(*key, self.meant(*key, *conditions, *over, verdict), verdict)
            }
            ReportBody::Value { key, component_type, raw } => {
                self.value(*key, *component_type, *raw, verdict);
                Ok(None)
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
            return Ok(None);
        }
        if found.changed {
            verdict.change.states.push(self.state_write(key, conditions, event_at));
        }
        self.begin(key, conditions, clocks, &found, verdict)?;
        self.end(key, &found.ended, verdict)?;
        self.link(conditions, last, verdict)?;
        Ok(Some(format!("{} {}", self.place(key), words(conditions))))
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
                }
                None => self.raise(*class, key, conditions, clocks, slot, verdict),
            }
            verdict.urgent |= *class == Class::Fire;
        }
        Ok(())
    }

    /// The alarm that holds a slot as the frame has it so far: touched by an earlier object, else on the board.
    fn holder(&self, slot: &str, verdict: &mut Verdict) -> Option<usize> {
        let earlier = verdict.touched(|a| a.raise.slot == slot && a.holds_slot());
        earlier.or_else(|| {
            let open = self.app.board.slot(slot)?;
            // Given up by an earlier object: nobody holds it any more.
            let given_up = verdict.touched(|a| a.id == open.alarm.id).is_some();
            (!given_up).then(|| verdict.touch(open))
        })
    }

    /// A panel that says "fire" as a whole after one of its detectors did says nothing new.
    fn general(&self, class: Class, key: StateKey) -> Option<Arc<crate::OpenAlarm>> {
        if class != Class::Fire || key.part == Part::Component {
            return None;
        }
        let scope = fengsui_base::Scope::everything();
        // Another system of the same device is another panel, and its fire another fire.
        let system = format!("alarm/fire/{}/c{}.{}.", self.terminal.id, key.system_type, key.system_address);
        let same = |a: &Alarm| key.part == Part::Device || a.raise.slot.starts_with(&system);
        let of_terminal = |a: &Arc<crate::OpenAlarm>| {
            a.alarm.raise.terminal == self.terminal.id && a.alarm.raise.class == Class::Fire && same(&a.alarm)
        };
        self.app.board.open_alarms(&scope).into_iter().find(|a| of_terminal(a) && a.alarm.holds_slot())
    }

    fn raise(
        &self,
        class: Class,
        key: StateKey,
        conditions: Conditions,
        clocks: Clocks,
        slot: String,
        verdict: &mut Verdict,
    ) {
        let facts = self.terminal.facts();
        let point = self.terminal.point(key);
        let (component_type, component_label) = match &self.report.body {
            ReportBody::State { component_type, component_label, .. } => {
                (*component_type, component_label.clone())
            }
            _ => (0, String::new()),
        };
        let raise = Raise {
            class,
            title: title(class, conditions, &component_label),
            region: facts.region,
            unit: facts.unit.as_ref().map(|u| u.0),
            unit_name: facts.unit.as_ref().map(|u| u.1.clone()),
            terminal: self.terminal.id,
            point: point.as_ref().map(|p| p.id),
            slot,
            building: point.as_ref().and_then(|p| p.building.clone()),
            floor: point.as_ref().and_then(|p| p.floor.clone()),
            place: self.place(key),
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
        let steps = vec![Said::of(&event, &alarm, "帧")];
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
        let (Some((unit, _)), true) =
            (self.terminal.facts().unit.clone(), began(Condition::Started) || began(Condition::Feedback))
        else {
            return Ok(());
        };
        let ReportBody::State { key, .. } = &self.report.body else { return Ok(()) };
        let text = format!("{} {}", self.place(*key), words(conditions));
        let scope = fengsui_base::Scope::everything();
        let of_unit = |a: &Arc<crate::OpenAlarm>| {
            a.alarm.raise.unit == Some(unit) && a.alarm.raise.class == Class::Fire
        };
        let fires = self.app.board.open_alarms(&scope).into_iter().filter(of_unit);
        for open in fires.take(LINKED_MAX) {
            let at = verdict.touch(open);
            verdict.happen(at, Input::Linked(text.clone()), self.arrival.received_at)?;
        }
        Ok(())
    }

    /// A measured value is telemetry: it is known at once and saved by the minute, and no bell depends on it.
    fn value(&self, key: StateKey, component_type: u8, raw: i16, verdict: &mut Verdict) {
        let known = self.terminal.state(key);
        let clocks = self.arrival.clocks(self.report.event_at);
        let event_at = happened_at(clocks, known.as_ref().map(|k| k.event_at), self.clock_was_right);
        let state = LastState {
            component_type,
            bits: i32::from(raw),
            event_at,
            received_at: self.arrival.received_at,
            text: String::new(),
        };
        verdict.values.push((key, state));
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
        let what = operations.iter().map(|o| o.label()).collect::<Vec<_>>().join("、");
        let whom = if system.is_some() { "消防设施" } else { "传输装置" };
        Ok(format!("{whom}操作：{what}，操作员 {operator}"))
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
            if !of_system || key.part == Part::Value || before == after || known.event_at > event_at {
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
    fn place(&self, key: StateKey) -> String {
        if let Some(point) = self.terminal.point(key) {
            let parts = [point.building.as_deref(), point.floor.as_deref(), Some(point.label.as_str())];
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
        Part::Value => 'v',
    };
    format!(
        "alarm/{}/{terminal}/{part}{}.{}.{}",
        class.code(),
        key.system_type,
        key.system_address,
        key.component_address
    )
}

impl Arrival {
    fn clocks(&self, event_at: Option<Timestamp>) -> Clocks {
        Clocks { event_at, sent_at: self.sent_at, received_at: self.received_at }
    }

    /// What makes a resend the same frame.
    fn receipt(&self) -> StoredReceipt {
        let key = format!("frame/{}/{}/{:016x}", self.source, self.sequence, self.digest);
        StoredReceipt { key, answer: Value::Null, window_s: RESEND_WINDOW_S }
    }

    fn record(
        &self,
        terminal: Option<TerminalId>,
        region: fengsui_base::RegionCode,
        verdict: &str,
    ) -> FrameRecord {
        FrameRecord {
            terminal,
            region,
            received_at: self.received_at,
            channel: self.channel.clone(),
            command: self.command,
            unit_type: self.unit_type,
            verdict: verdict.to_owned(),
            bytes: self.bytes.clone(),
        }
    }
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

fn device(terminal: TerminalId, arrival: &Arrival) -> Actor {
    Actor::Device(Device { terminal: Some(terminal), channel: arrival.channel.clone() })
}

fn receipt(settled: &Settled<()>) -> Receipt {
    match settled {
        Settled::Now((), committed) => Receipt::Stored(committed.seq),
        Settled::Before(_) => Receipt::Repeated,
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
