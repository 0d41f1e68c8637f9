//! A frame as the edge understood it, in words independent of the wire.

use fengsui_alarm::{Class, Clocks, Conditions};
use fengsui_base::{RegionCode, TerminalId, Timestamp};
use fengsui_store::{FrameRecord, Receipt as StoredReceipt, StateKey};
use serde_json::Value;

/// For how long an identical frame is a resend: three resends of ten seconds, and as much again for a restart
/// in between. Source: GB/T 26875.3 §6.5.
const RESEND_WINDOW_S: u32 = 60;
/// For how long a message with an identity of its own is the same message: OneNET repeats a push for 2 h 45 min.
/// Source: open.iot.10086.cn, HTTP push.
const MESSAGE_WINDOW_S: u32 = 3 * 3600;

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
    /// The identity of the message it came in, where that has one, such as a push of an operator's cloud: the
    /// same message is taken in once within three hours, whatever became of its state meanwhile.
    pub message: Option<String>,
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
    pub(super) fn label(self) -> &'static str {
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
    /// Nothing of this terminal is taken in: it gets no answer.
    TurnedAway,
    /// Telemetry under overload, not looked at: it gets no answer and comes again.
    Shed,
}

impl Arrival {
    /// No frame at all: the clock has come to an instant that somebody waited for.
    pub(super) fn of_clock(now: Timestamp) -> Self {
        Self {
            source: String::new(),
            channel: String::new(),
            profile: String::new(),
            sequence: 0,
            command: 0,
            unit_type: None,
            sent_at: None,
            received_at: now,
            digest: 0,
            message: None,
            bytes: Vec::new(),
            reports: Vec::new(),
        }
    }

    /// Whether anything in it is a fire, which goes before everything else from the first word on.
    pub(crate) fn says_fire(&self) -> bool {
        let fire = |report: &Report| match &report.body {
            ReportBody::State { conditions, over, .. } => !over && conditions.has_class(Class::Fire),
            _ => false,
        };
        self.reports.iter().any(fire)
    }

    pub(super) fn clocks(&self, event_at: Option<Timestamp>) -> Clocks {
        Clocks { event_at, sent_at: self.sent_at, received_at: self.received_at }
    }

    /// What makes a resend the same frame.
    pub(super) fn receipt(&self) -> StoredReceipt {
        let (key, window_s) = match &self.message {
            Some(id) => (format!("message/{}/{id}/{}", self.source, self.sequence), MESSAGE_WINDOW_S),
            None => {
                (format!("frame/{}/{}/{:016x}", self.source, self.sequence, self.digest), RESEND_WINDOW_S)
            }
        };
        StoredReceipt { key, answer: Value::Null, window_s }
    }

    pub(super) fn record(
        &self,
        terminal: Option<TerminalId>,
        region: RegionCode,
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
