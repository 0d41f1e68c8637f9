//! A frame of GB/T 26875.3 in words that do not depend on the wire: who says what, and when.
//!
//! Pure: bytes that were already checked go in, an [`Arrival`] comes out. Bit 0 of a state ("normal run", and
//! by the standard "test" when clear) is never taken for a test, because real fires arrive with it clear.
//! What nobody understands becomes [`ReportBody::Unknown`] and is kept; nothing is dropped.

use fengsui_alarm::{Condition, Conditions};
use fengsui_app::{Arrival, Operation, Report, ReportBody};
use fengsui_base::Timestamp;
use fengsui_store::{Part, StateKey};
use gb26875::names::{self, Name};
use gb26875::profile::{Identity, Profile, UserMeaning};
use gb26875::state::{ComponentState, FacilityOperations, SystemState, UitdOperations, UitdState};
use gb26875::unit::{AnalogValue, ComponentConfiguration, ComponentStatus, FacilityOperation, SystemStatus};
use gb26875::unit::{FacilityConfiguration, FacilityVersion, UitdOperation, UitdStatus};
use gb26875::{Command, Content, DataUnit, Frame, Label, Objects, frame};
use std::fmt;
use std::net::SocketAddr;

/// Time labels carry no zone; the field uses Beijing time, without daylight saving.
pub const CHINA: jiff::tz::Offset = jiff::tz::Offset::constant(8);

/// What the transmission device itself is called.
const DEVICE: &str = "传输装置";

/// How the bytes came.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Protocol {
    /// A connection.
    Tcp,
    /// A datagram.
    Udp,
}

/// Where a frame came from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Channel {
    /// How.
    pub protocol: Protocol,
    /// From whom.
    pub peer: SocketAddr,
    /// Which of the connections of its address it is, from 1, once it has said that it has no number; else 0.
    pub berth: u16,
}

impl Protocol {
    fn name(self) -> &'static str {
        match self {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
        }
    }
}

impl Channel {
    /// A channel; an IPv4 peer looks the same whether it came over an IPv4 or an IPv6 socket.
    pub fn new(protocol: Protocol, peer: SocketAddr) -> Self {
        Self { protocol, peer: SocketAddr::new(peer.ip().to_canonical(), peer.port()), berth: 0 }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.protocol.name(), self.peer)
    }
}

/// What a terminal is known by: its number, or the channel when its address says nothing.
///
/// Two terminals that both send address 0 are never taken for one. Over TCP such a terminal is known by its IP
/// address, and a second one that is connected from there at the same time by a number behind it: so it is the
/// same terminal after it has connected again. Over UDP the port is all that tells two of them apart.
pub fn source(frame: &Frame, profile: &Profile, channel: Channel) -> String {
    match profile.identity(frame.source) {
        Identity::Number(number) => number.to_string(),
        Identity::Socket(ip, port) => format!("ipv4/{ip}:{port}"),
        Identity::Channel => match channel.berth {
            0 => format!("zero/{}/{}", channel.protocol.name(), channel.peer),
            1 => format!("zero/{}/{}", channel.protocol.name(), channel.peer.ip()),
            berth => format!("zero/{}/{}/{berth}", channel.protocol.name(), channel.peer.ip()),
        },
    }
}

/// The instant that a label means.
pub fn instant(label: Label, clock: gb26875::Clock) -> Option<Timestamp> {
    CHINA.to_timestamp(label.civil(clock)?).ok()
}

/// A frame with all that is known about how it came.
pub struct Heard<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The dialect it is read by.
    pub profile: &'a Profile,
    /// Name of the listener's dialect.
    pub dialect: &'a str,
    /// What the terminal is known by.
    pub source: String,
    /// Where it came from.
    pub channel: Channel,
    /// When it was received.
    pub received_at: Timestamp,
}

impl Heard<'_> {
    /// The frame as the application takes it in.
    pub fn arrival(self) -> Arrival {
        let reports = reports(self.frame, self.profile);
        Arrival { reports, ..self.silent() }
    }

    /// The frame as a mere sign of life.
    pub fn silent(self) -> Arrival {
        let bytes = frame::encode(self.frame).expect("what was received as a frame is one");
        Arrival {
            source: self.source,
            channel: self.channel.to_string(),
            profile: self.dialect.to_owned(),
            sequence: self.frame.sequence,
            command: self.frame.command.0,
            // One byte alone is a link-up, not a type.
            unit_type: if self.frame.data.len() > 1 { self.frame.data.first().copied() } else { None },
            sent_at: instant(self.frame.sent, self.profile.sent_clock),
            received_at: self.received_at,
            digest: digest(&bytes),
            message: None,
            bytes,
            reports: Vec::new(),
        }
    }
}

/// A short digest (FNV-1a) that tells a resent frame from another one of the same number.
pub(crate) fn digest(bytes: &[u8]) -> u64 {
    let mix = |digest: u64, byte: &u8| (digest ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, mix)
}

/// What a frame says; nothing for a heartbeat.
pub fn reports(frame: &Frame, profile: &Profile) -> Vec<Report> {
    if !matches!(frame.command, Command::SEND | Command::REPLY) {
        return vec![unknown(format!("命令 {}", numbered(frame.command.0, names::command(frame.command))))];
    }
    if profile.is_handshake(frame) {
        return Vec::new();
    }
    match Content::decode(&frame.data, profile) {
        Content::Empty => Vec::new(),
        Content::Single(byte) => vec![unknown(format!("单字节数据 {byte:02X}"))],
        Content::Unit(unit) if is_heartbeat(frame, &unit, profile) => Vec::new(),
        Content::Unit(unit) => Reader { unit: &unit, profile }.reports(),
    }
}

/// Longest answer in words, in characters.
const ANSWER_CHARS_MAX: usize = 400;

/// What a reply says, in words for whoever asked.
pub fn answer_words(frame: &Frame, profile: &Profile) -> String {
    let said: Vec<_> = reports(frame, profile).iter().map(report_words).collect();
    let words = if said.is_empty() { "终端已应答，没有内容".to_owned() } else { said.join("；") };
    words.chars().take(ANSWER_CHARS_MAX).collect()
}

fn report_words(report: &Report) -> String {
    match &report.body {
        ReportBody::State { conditions, part_label, .. } if conditions.is_empty() => {
            format!("{part_label} 正常")
        }
        ReportBody::State { conditions, part_label, .. } => {
            let labels: Vec<_> = conditions.iter().map(Condition::label).collect();
            format!("{part_label} {}", labels.join("、"))
        }
        ReportBody::Value { key, raw, .. } => value_words(*key, *raw),
        ReportBody::Operation { operator, .. } => format!("操作记录，操作员 {operator}"),
        ReportBody::Information(text) | ReportBody::Unknown(text) => text.clone(),
    }
}

fn value_words(key: StateKey, raw: i16) -> String {
    let place = format!("部件 {}", key.component_address);
    match names::analog_type(key.analog_type) {
        Some(known) => {
            let value = f64::from(raw) / f64::from(known.per_unit);
            format!("{place} {} {value} {}", known.name.zh, known.unit)
        }
        None => format!("{place} 模拟量 {} 为 {raw}", key.analog_type),
    }
}

/// Clocks that come unasked, and the heartbeat types of makers, are signs of life.
fn is_heartbeat(frame: &Frame, unit: &DataUnit, profile: &Profile) -> bool {
    let is_clock = matches!(unit.objects, Objects::UitdClock(_) | Objects::FacilityClock(_));
    let unasked = frame.command == Command::SEND;
    profile.meaning(unit.kind) == Some(UserMeaning::Heartbeat) || is_clock && unasked && unit.kind < 61
}

/// One data unit being read.
struct Reader<'a> {
    unit: &'a DataUnit,
    profile: &'a Profile,
}

impl Reader<'_> {
    fn reports(&self) -> Vec<Report> {
        match &self.unit.objects {
            Objects::SystemStatus(list) => list.iter().map(|o| self.system(o)).collect(),
            Objects::ComponentStatus(list) => list.iter().map(|o| self.component(o)).collect(),
            Objects::UitdStatus(list) => list.iter().map(|o| self.device(o)).collect(),
            Objects::AnalogValue(list) => list.iter().map(|o| self.value(o)).collect(),
            Objects::FacilityOperation(list) => list.iter().map(|o| self.facility_operation(o)).collect(),
            Objects::UitdOperation(list) => list.iter().map(|o| self.device_operation(o)).collect(),
            _ => self.information(),
        }
    }

    /// Versions, configurations and clocks that were asked for; everything else is not understood.
    fn information(&self) -> Vec<Report> {
        match &self.unit.objects {
            Objects::FacilityVersion(list) => told(list, facility_version),
            Objects::FacilityConfiguration(list) => told(list, facility_configuration),
            Objects::ComponentConfiguration(list) => told(list, |o| self.component_configuration(o)),
            Objects::UitdVersion(list) => told(list, |o| format!("{DEVICE}软件版本 {}.{}", o.major, o.minor)),
            Objects::UitdConfiguration(list) => told(list, |o| format!("{DEVICE}配置：{}", o.text.read())),
            Objects::FacilityClock(list) => told(list, |o| {
                format!("{}时间 {}", system_label(o.system_type, o.system_address), self.time(o.time))
            }),
            Objects::UitdClock(list) if self.unit.kind < 61 => {
                told(list, |o| format!("{DEVICE}时间 {}", self.time(o.time)))
            }
            _ => vec![unknown(self.not_understood())],
        }
    }

    fn not_understood(&self) -> String {
        let DataUnit { kind, count, objects } = self.unit;
        let what = format!("类型 {}，{count} 个对象", numbered(*kind, names::unit_kind(*kind)));
        match objects {
            Objects::Raw(body) if names::unit_kind(*kind).is_some() => {
                format!("{what}，长度 {} 字节与个数不符", body.len())
            }
            _ => what,
        }
    }

    fn system(&self, object: &SystemStatus) -> Report {
        let &SystemStatus { system_type, system_address, status, occurred } = object;
        let key = StateKey { system_type, system_address, ..device_key(Part::System) };
        let conditions = self.tested(system_conditions(status), status.normal());
        let component_label = names::system_type(system_type).map_or(String::new(), |n| n.zh.to_owned());
        let part_label = system_label(system_type, system_address);
        self.state(
            occurred,
            State { key, conditions, component_type: 0, component_label, part_label, text: String::new() },
        )
    }

    fn component(&self, object: &ComponentStatus) -> Report {
        let text = object.text.as_ref().map(|t| t.read()).unwrap_or_default();
        let place = self.place(object.component_address);
        self.state(
            object.occurred,
            State {
                key: StateKey {
                    system_type: object.system_type,
                    system_address: object.system_address,
                    component_address: object.component_address,
                    ..device_key(Part::Component)
                },
                conditions: self.tested(component_conditions(object.status), object.status.normal()),
                component_type: object.component_type,
                component_label: component_label(object.component_type),
                part_label: if text.is_empty() { place } else { format!("{place} {text}") },
                text,
            },
        )
    }

    fn device(&self, object: &UitdStatus) -> Report {
        let conditions = self.tested(uitd_conditions(object.status), object.status.normal());
        self.state(
            object.occurred,
            State {
                key: device_key(Part::Device),
                conditions,
                component_type: 0,
                component_label: DEVICE.to_owned(),
                part_label: DEVICE.to_owned(),
                text: String::new(),
            },
        )
    }

    /// A clear bit 0 is a test only with makers of whom that is known.
    fn tested(&self, conditions: Conditions, normal: bool) -> Conditions {
        let test = self.profile.clear_bit_0_is_test && !normal;
        if test { conditions.with(Condition::Test) } else { conditions }
    }

    fn state(&self, occurred: Label, state: State) -> Report {
        let State { key, conditions, component_type, component_label, part_label, text } = state;
        let over = self.profile.restored_of(self.unit.kind).is_some();
        let body =
            ReportBody::State { key, conditions, over, component_type, component_label, part_label, text };
        Report { event_at: self.instant(occurred), body }
    }

    fn value(&self, object: &AnalogValue) -> Report {
        let key = StateKey {
            part: Part::Value,
            system_type: object.system_type,
            system_address: object.system_address,
            component_address: object.component_address,
            analog_type: object.analog_type,
        };
        let &AnalogValue { component_type, value: raw, .. } = object;
        Report {
            event_at: self.instant(object.occurred),
            body: ReportBody::Value { key, component_type, raw },
        }
    }

    fn facility_operation(&self, object: &FacilityOperation) -> Report {
        let &FacilityOperation { system_type, system_address, operation, operator, occurred } = object;
        let operations = facility_operations(operation);
        self.operation(occurred, Some((system_type, system_address)), operations, operator)
    }

    fn device_operation(&self, object: &UitdOperation) -> Report {
        self.operation(object.occurred, None, device_operations(object.operation), object.operator)
    }

    fn operation(
        &self,
        occurred: Label,
        system: Option<(u8, u8)>,
        operations: Vec<Operation>,
        operator: u8,
    ) -> Report {
        let body = if operations.is_empty() {
            ReportBody::Information(format!("操作记录没有写明操作，操作员 {operator}"))
        } else {
            ReportBody::Operation { system, operations, operator }
        };
        Report { event_at: self.instant(occurred), body }
    }

    fn component_configuration(&self, object: &ComponentConfiguration) -> String {
        let (place, what) = (self.place(object.component_address), component_label(object.component_type));
        format!("{place} {what}配置：{}", object.text.read())
    }

    /// A component address as people say it, by the dialect's order of zone and point.
    fn place(&self, address: u32) -> String {
        let (zone, point) = self.profile.split_part_address(address);
        format!("{zone} 区 {point} 号")
    }

    fn instant(&self, label: Label) -> Option<Timestamp> {
        instant(label, self.profile.object_clock)
    }

    fn time(&self, label: Label) -> String {
        label
            .civil(self.profile.object_clock)
            .map_or("无效".to_owned(), |at| at.to_string().replace('T', " "))
    }
}

/// The parts of a state report.
struct State {
    key: StateKey,
    conditions: Conditions,
    component_type: u8,
    component_label: String,
    part_label: String,
    text: String,
}

/// A key of which only the part is known.
fn device_key(part: Part) -> StateKey {
    StateKey { part, system_type: 0, system_address: 0, component_address: 0, analog_type: 0 }
}

fn told<T>(list: &[T], sentence: impl Fn(&T) -> String) -> Vec<Report> {
    let report = |object| Report { event_at: None, body: ReportBody::Information(sentence(object)) };
    list.iter().map(report).collect()
}

fn unknown(reason: String) -> Report {
    Report { event_at: None, body: ReportBody::Unknown(reason) }
}

fn numbered(number: u8, name: Option<Name>) -> String {
    name.map_or_else(|| number.to_string(), |name| format!("{number}（{}）", name.zh))
}

fn system_label(system_type: u8, address: u8) -> String {
    match names::system_type(system_type) {
        Some(name) => format!("{} {address} 号", name.zh),
        None => format!("系统类型 {system_type} {address} 号"),
    }
}

fn component_label(component_type: u8) -> String {
    match names::component_type(component_type) {
        Some(_) if component_type == 0 => "通用部件".to_owned(),
        Some(name) => name.zh.to_owned(),
        None => format!("部件类型 {component_type}"),
    }
}

fn facility_version(object: &FacilityVersion) -> String {
    let system = system_label(object.system_type, object.system_address);
    format!("{system}软件版本 {}.{}", object.major, object.minor)
}

fn facility_configuration(object: &FacilityConfiguration) -> String {
    format!("{}配置：{}", system_label(object.system_type, object.system_address), object.text.read())
}

fn system_conditions(state: SystemState) -> Conditions {
    collect([
        (state.fire(), Condition::Fire),
        (state.fault(), Condition::Fault),
        (state.shielded(), Condition::Shielded),
        (state.supervisory(), Condition::Supervisory),
        (state.started(), Condition::Started),
        (state.feedback(), Condition::Feedback),
        (state.delayed(), Condition::Delayed),
        (state.mains_fault(), Condition::MainsFault),
        (state.battery_fault(), Condition::BatteryFault),
        (state.bus_fault(), Condition::BusFault),
        (state.manual(), Condition::Manual),
        (state.configuration_changed(), Condition::ConfigurationChanged),
        (state.reset(), Condition::Reset),
    ])
}

fn component_conditions(state: ComponentState) -> Conditions {
    collect([
        (state.fire(), Condition::Fire),
        (state.fault(), Condition::Fault),
        (state.shielded(), Condition::Shielded),
        (state.supervisory(), Condition::Supervisory),
        (state.started(), Condition::Started),
        (state.feedback(), Condition::Feedback),
        (state.delayed(), Condition::Delayed),
        (state.power_fault(), Condition::PowerFault),
    ])
}

fn uitd_conditions(state: UitdState) -> Conditions {
    collect([
        (state.fire(), Condition::Fire),
        (state.fault(), Condition::Fault),
        (state.mains_fault(), Condition::MainsFault),
        (state.battery_fault(), Condition::BatteryFault),
        (state.channel_fault(), Condition::ChannelFault),
        (state.line_fault(), Condition::LineFault),
    ])
}

fn facility_operations(flags: FacilityOperations) -> Vec<Operation> {
    collect([
        (flags.reset(), Operation::Reset),
        (flags.silence(), Operation::Silence),
        (flags.manual_alarm(), Operation::ManualAlarm),
        (flags.alarm_cleared(), Operation::Cleared),
        (flags.self_test(), Operation::SelfTest),
        (flags.confirmed(), Operation::Confirm),
        (flags.test(), Operation::Test),
    ])
}

fn device_operations(flags: UitdOperations) -> Vec<Operation> {
    collect([
        (flags.reset(), Operation::Reset),
        (flags.silence(), Operation::Silence),
        (flags.manual_alarm(), Operation::ManualAlarm),
        (flags.alarm_cleared(), Operation::Cleared),
        (flags.self_test(), Operation::SelfTest),
        (flags.duty_answer(), Operation::DutyAnswer),
        (flags.test(), Operation::Test),
    ])
}

/// What is set, of all that could be.
fn collect<T, C: FromIterator<T>, const N: usize>(all: [(bool, T); N]) -> C {
    all.into_iter().filter(|(set, _)| *set).map(|(_, what)| what).collect()
}
