//! What a downlink (下行指令) is: what is wanted of which terminal, by whom, and what came of it. It is stored as an
//! entry of kind `downlink`.

use fengsui_base::{EntryId, Fields, TerminalId, Timestamp, UnitId};
use fengsui_catalog::Permission;
use fengsui_ledger::Entry;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What is wanted of a terminal. Initialising one (type 89) is left out on purpose: it wipes what the maker set up,
/// and nobody at a distance can put that right. Source: GB/T 26875.3 §8.3.2, types 61–91.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// 读装置状态 (type 81)
    ReadDevice,
    /// 读系统状态 (type 61)
    ReadSystems,
    /// 读模拟量 (type 63)
    ReadValues,
    /// 读软件版本 (type 85)
    ReadVersion,
    /// 读配置 (type 86)
    ReadConfiguration,
    /// 读时钟 (type 88)
    ReadClock,
    /// 校时 (type 90)
    SetClock,
    /// 查岗 (type 91)
    DutyCheck,
}

impl Order {
    /// All of them, as a form offers them.
    pub const ALL: [Self; 8] = [
        Self::ReadDevice,
        Self::ReadSystems,
        Self::ReadValues,
        Self::ReadVersion,
        Self::ReadConfiguration,
        Self::ReadClock,
        Self::SetClock,
        Self::DutyCheck,
    ];

    /// Stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::ReadDevice => "read_device",
            Self::ReadSystems => "read_systems",
            Self::ReadValues => "read_values",
            Self::ReadVersion => "read_version",
            Self::ReadConfiguration => "read_configuration",
            Self::ReadClock => "read_clock",
            Self::SetClock => "set_clock",
            Self::DutyCheck => "duty_check",
        }
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::ReadDevice => "读装置状态",
            Self::ReadSystems => "读系统状态",
            Self::ReadValues => "读模拟量",
            Self::ReadVersion => "读软件版本",
            Self::ReadConfiguration => "读配置",
            Self::ReadClock => "读时钟",
            Self::SetClock => "校时",
            Self::DutyCheck => "查岗",
        }
    }

    /// The order with this name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.code() == code)
    }

    /// What it takes to give it: asking changes nothing at the terminal, setting its clock does.
    pub fn permission(self) -> Permission {
        if self == Self::SetClock { Permission::TerminalOrder } else { Permission::TerminalAsk }
    }
}

/// Where a downlink stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DownlinkState {
    /// Stored, and not yet written to the terminal.
    Waiting,
    /// Written, the answer is awaited.
    Sent,
    /// The terminal has answered.
    Answered,
    /// The terminal has denied it (command 6).
    Denied,
    /// No answer in time.
    TimedOut,
    /// The terminal had no line.
    Offline,
    /// Taken back before it was sent.
    Cancelled,
}

impl DownlinkState {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Waiting,
        Self::Sent,
        Self::Answered,
        Self::Denied,
        Self::TimedOut,
        Self::Offline,
        Self::Cancelled,
    ];

    /// Stable name: the state of the entry.
    pub fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Answered => "answered",
            Self::Denied => "denied",
            Self::TimedOut => "timed_out",
            Self::Offline => "offline",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state with this name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether something is still to come.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Sent)
    }
}

/// A part of a terminal by its address: system type, system address, component address.
pub type PartAddress = (u8, u8, u32);

/// A downlink as it is stored in the fields of its entry.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Downlink {
    /// Which terminal.
    pub terminal: TerminalId,
    /// Its name then.
    pub terminal_name: String,
    /// Its unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitId>,
    /// Name of the unit then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_name: Option<String>,
    /// What is wanted.
    pub order: Order,
    /// The officer, or the schedule.
    pub by: String,
    /// Systems asked about: type and address.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub systems: Vec<(u8, u8)>,
    /// Parts asked about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<PartAddress>,
    /// Minutes to answer a duty check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u8>,
    /// The duty check (查岗) that it delivers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duty_check: Option<EntryId>,
    /// When it was handed to the line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    /// How often it was written.
    #[serde(default)]
    pub writes: u8,
    /// The answer in words, or why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// The frame of the answer, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

impl Downlink {
    /// The downlink in an entry, when it is one.
    pub fn of(entry: &Entry) -> Option<Self> {
        if entry.kind == "downlink" { crate::entries::record(entry) } else { None }
    }

    /// As the fields of an entry.
    pub(crate) fn fields(&self) -> Fields {
        match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => fields,
            _ => Fields::new(),
        }
    }
}

/// How a downlink that was sent ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ending {
    /// The terminal answered.
    Answered {
        /// The answer in words.
        words: String,
        /// The frame.
        raw: Vec<u8>,
    },
    /// The terminal denied it as often as it was sent.
    Denied,
    /// No answer, however often it was sent.
    TimedOut,
    /// There was no line any more when it was to be written.
    Offline,
}

/// A downlink to be written now: stored as sent before it is handed out.
#[derive(Clone, PartialEq, Debug)]
pub struct Errand {
    /// The entry.
    pub id: EntryId,
    /// As stored.
    pub downlink: Downlink,
    /// Dialect of the terminal.
    pub profile: String,
}
