//! Who did it: an officer at a seat, a device on a line, or the system by a rule.

use crate::{AccountId, TerminalId};
use serde::{Deserialize, Serialize};

/// An officer as he or she stands in the record.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Officer {
    /// Account.
    pub id: AccountId,
    /// Name as it was when the act was done.
    pub name: String,
    /// Seat (席位) the officer had signed on to, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<u16>,
}

/// A device that sent a frame.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Device {
    /// Terminal, when it is known.
    pub terminal: Option<TerminalId>,
    /// Where the bytes came from, such as `tcp 192.0.2.7:40123`.
    pub channel: String,
}

/// Who acted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// A person.
    Officer(Officer),
    /// A terminal.
    Device(Device),
    /// The system, by the named rule.
    System {
        /// Name of the rule, in Chinese, such as 首次启动.
        rule: String,
    },
}

impl Actor {
    /// The officer, when it is one.
    pub fn officer(&self) -> Option<&Officer> {
        match self {
            Actor::Officer(officer) => Some(officer),
            Actor::Device(_) | Actor::System { .. } => None,
        }
    }

    /// How the record names the actor: 周敏, 终端, 规则 首次启动.
    pub fn name(&self) -> String {
        match self {
            Actor::Officer(officer) => officer.name.clone(),
            Actor::Device(_) => "终端".to_owned(),
            Actor::System { rule } => format!("规则 {rule}"),
        }
    }
}
