//! Who did it: an officer at a seat, a device on a line, somebody who was told and answered, or the system by a rule.

use crate::{AccountId, EntryId, TerminalId};
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

/// Somebody who was told and has answered, without an account (联络人).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Responder {
    /// The entry the person stands in; a contact of a unit has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<EntryId>,
    /// Name as it was then.
    pub name: String,
    /// As what the person was told, such as 网格员.
    pub role: String,
}

/// Who acted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// A person.
    Officer(Officer),
    /// A terminal.
    Device(Device),
    /// Somebody who was told.
    Responder(Responder),
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
            Actor::Device(_) | Actor::Responder(_) | Actor::System { .. } => None,
        }
    }

    /// How the record names the actor: 周敏, 终端, 网格员 何苗, 规则 首次启动.
    pub fn name(&self) -> String {
        match self {
            Actor::Officer(officer) => officer.name.clone(),
            Actor::Device(_) => "终端".to_owned(),
            Actor::Responder(responder) => format!("{} {}", responder.role, responder.name),
            Actor::System { rule } => format!("规则 {rule}"),
        }
    }
}
