//! The life of an alarm (告警): raised → taken → verified → forwarded → closed.
//!
//! One seat holds an alarm at a time; another can only take it over with a reason. Nothing is closed that has
//! not been verified, and an undetermined finding (无法判定) is no verdict to close by. Every step leaves an
//! [`Event`]: who and when are added by whoever commits it.

mod act;
mod action;
mod event;
mod filtered;
mod pace;
mod step;

pub use action::{Action, Field, FieldKind};
pub use event::{Event, Input};
pub use pace::Ground;
pub use step::StepState;

pub(crate) use act::person;
pub use act::{NOTE_CHARS_MAX, local_time};

use crate::{Class, Coincidence, Excess, Ladder, Line, Membership, Suppression, Timing, Trace};
use fengsui_base::{AlarmId, Officer, PointId, Position, RegionCode, TerminalId, UnitId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An alarm with everything the desk needs to know of it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Alarm {
    /// Identity.
    pub id: AlarmId,
    /// What began it.
    #[serde(flatten)]
    pub raise: Raise,
    /// How often the point has reported it, the first time included.
    pub count: u32,
    /// How often a report that was known already came again, such as a frame sent again because its
    /// acknowledgement was lost; such a one is no report and is not in `count`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub resent: u32,
    /// When it was last reported.
    pub last_at: Timestamp,
    /// When the state of the point ended, if it has; the alarm goes on.
    pub restored_at: Option<Timestamp>,
    /// Where it stands.
    pub life: Life,
    /// Whether it has given up its slot for good: what the point reports next is another alarm.
    #[serde(default)]
    pub released: bool,
    /// Its way to somebody who acts; absent until it was first stored.
    #[serde(default)]
    pub ladder: Option<Ladder>,
    /// How the line came and went, of an offline alarm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<Line>,
    /// The value and its limit, of a value out of bounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excess: Option<Excess>,
    /// What the filters said of it.
    #[serde(default)]
    pub trace: Trace,
    /// Why its bell is off, while it is.
    #[serde(default)]
    pub suppressed: Option<Suppression>,
    /// What confirms it.
    #[serde(default)]
    pub coincidence: Option<Coincidence>,
    /// The incident it belongs to, when it is not the head of its own.
    #[serde(default)]
    pub member: Option<Membership>,
}

/// What began an alarm.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Raise {
    /// Class.
    pub class: Class,
    /// What it is, such as 火警·手动报警按钮.
    pub title: String,
    /// Region.
    pub region: RegionCode,
    /// Unit, when the terminal belongs to one.
    pub unit: Option<UnitId>,
    /// Name of the unit then.
    pub unit_name: Option<String>,
    /// Terminal.
    pub terminal: TerminalId,
    /// Point, when it is registered.
    pub point: Option<PointId>,
    /// Slot: the part and class that can have only one open alarm.
    pub slot: String,
    /// Building, when known.
    pub building: Option<String>,
    /// Floor, when known.
    pub floor: Option<String>,
    /// Zone, when known.
    #[serde(default)]
    pub zone: Option<String>,
    /// The point in words, such as 2 号厂房 1 层 2-1-004.
    pub place: String,
    /// Component type as sent.
    pub component_type: u8,
    /// Component in words.
    pub component_label: String,
    /// Component address as sent.
    pub component_address: u32,
    /// Position.
    pub position: Option<Position>,
    /// How timely it was reported: the first report, or the first live one after it.
    pub timing: Timing,
    /// When the first report was received.
    pub raised_at: Timestamp,
    /// When it happened, by the terminal's clock.
    pub event_at: Option<Timestamp>,
    /// When the frame was sent, by the terminal's clock.
    pub sent_at: Option<Timestamp>,
}

/// Where an alarm stands; each state carries what it cannot be without.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Life {
    /// Nobody has taken it (待签收).
    Raised,
    /// A seat is verifying it (核实中).
    Taken {
        /// Who.
        holder: Holder,
    },
    /// The finding is known (已核实).
    Verified {
        /// Who has it.
        holder: Holder,
        /// The finding.
        verdict: Verdict,
    },
    /// Handed to the fire brigade (已转119).
    Forwarded {
        /// Who has it.
        holder: Holder,
        /// The finding.
        verdict: Verdict,
        /// When and to whom.
        forwarding: Forwarding,
    },
    /// It ended by itself before anybody took it (自行恢复): only an offline alarm whose terminal is back does.
    Ended {
        /// When.
        at: Timestamp,
    },
    /// Closed (已销号).
    Closed {
        /// Who had it.
        holder: Holder,
        /// The finding.
        verdict: Verdict,
        /// When and to whom, if it was.
        forwarding: Option<Forwarding>,
        /// By whom and when.
        closing: Closing,
    },
}

/// The officer who has the alarm.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Holder {
    /// Officer and seat.
    pub officer: Officer,
    /// Since when.
    pub at: Timestamp,
    /// When the alarm was first taken by anybody.
    pub first_at: Timestamp,
}

/// What was found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Verdict {
    /// Finding.
    pub finding: Finding,
    /// Cause, for a false alarm.
    pub cause: Option<Cause>,
    /// In the officer's words.
    pub note: Option<String>,
    /// Who found.
    pub by: Officer,
    /// When.
    pub at: Timestamp,
}

/// The finding of a verification.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// 真实
    Real,
    /// 误报
    False,
    /// 测试
    Test,
    /// 无法判定: somebody must still find out.
    Undetermined,
}

/// Why an alarm was false.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// 油烟
    Cooking,
    /// 水汽
    Steam,
    /// 灰尘
    Dust,
    /// 吸烟
    Smoking,
    /// 施工
    Works,
    /// 人为
    Malicious,
    /// 设备故障
    DeviceFault,
    /// 原因不明
    Unknown,
}

/// Handed on to the fire brigade.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Forwarding {
    /// To whom: 119.
    pub to: String,
    /// In the officer's words.
    pub note: Option<String>,
    /// Who.
    pub by: Officer,
    /// When.
    pub at: Timestamp,
}

/// The end.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Closing {
    /// In the officer's words.
    pub note: Option<String>,
    /// Why it was closed while the point still reports it.
    pub unrestored_reason: Option<String>,
    /// Who.
    pub by: Officer,
    /// When.
    pub at: Timestamp,
}

impl Alarm {
    /// A new alarm.
    pub fn raise(id: AlarmId, raise: Raise) -> (Self, Event) {
        let mut alarm = Self {
            id,
            last_at: raise.raised_at,
            raise,
            count: 1,
            resent: 0,
            restored_at: None,
            life: Life::Raised,
            released: false,
            ladder: None,
            line: None,
            excess: None,
            trace: Trace::default(),
            suppressed: None,
            coincidence: None,
            member: None,
        };
        alarm.trace_timing();
        (alarm, Event::Raised)
    }

    /// Whether a new report of the same part and class belongs to this alarm.
    ///
    /// A verdict of false or test is about what has been: once the point has restored, what it reports next
    /// is a new alarm and rings.
    pub fn holds_slot(&self) -> bool {
        !self.is_closed() && !self.released
    }

    /// Judged false or a test, and over: its slot is given up, whatever the verdict is corrected to later.
    fn is_over(&self) -> bool {
        let judged = self.verdict().is_some_and(|v| matches!(v.finding, Finding::False | Finding::Test));
        judged && self.restored_at.is_some()
    }

    /// The address of the measured value it is about, such as `12.1.65537.5`: system type, system address, component
    /// address, analog type.
    pub fn value_key(&self) -> Option<&str> {
        let part = self.raise.slot.rsplit('/').next()?.strip_prefix('v')?;
        part.rsplit_once('.').map(|(key, _)| key)
    }

    /// Whether it is closed.
    pub fn is_closed(&self) -> bool {
        matches!(self.life, Life::Ended { .. } | Life::Closed { .. })
    }

    /// Stable name of the state.
    pub fn state(&self) -> &'static str {
        match self.life {
            Life::Raised => "raised",
            Life::Taken { .. } => "taken",
            Life::Verified { .. } => "verified",
            Life::Forwarded { .. } => "forwarded",
            Life::Ended { .. } | Life::Closed { .. } => "closed",
        }
    }

    /// Who has it.
    pub fn holder(&self) -> Option<&Holder> {
        match &self.life {
            Life::Raised | Life::Ended { .. } => None,
            Life::Taken { holder }
            | Life::Verified { holder, .. }
            | Life::Forwarded { holder, .. }
            | Life::Closed { holder, .. } => Some(holder),
        }
    }

    /// What was found.
    pub fn verdict(&self) -> Option<&Verdict> {
        match &self.life {
            Life::Raised | Life::Ended { .. } | Life::Taken { .. } => None,
            Life::Verified { verdict, .. }
            | Life::Forwarded { verdict, .. }
            | Life::Closed { verdict, .. } => Some(verdict),
        }
    }

    /// When and to whom it was handed on.
    pub fn forwarding(&self) -> Option<&Forwarding> {
        match &self.life {
            Life::Forwarded { forwarding, .. } => Some(forwarding),
            Life::Closed { forwarding, .. } => forwarding.as_ref(),
            Life::Raised | Life::Ended { .. } | Life::Taken { .. } | Life::Verified { .. } => None,
        }
    }

    /// The end, when there is one.
    pub fn closing(&self) -> Option<&Closing> {
        if let Life::Closed { closing, .. } = &self.life { Some(closing) } else { None }
    }

    /// When it was closed, or ended by itself.
    pub fn closed_at(&self) -> Option<Timestamp> {
        match &self.life {
            Life::Ended { at } => Some(*at),
            Life::Closed { closing, .. } => Some(closing.at),
            Life::Raised | Life::Taken { .. } | Life::Verified { .. } | Life::Forwarded { .. } => None,
        }
    }
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests;
