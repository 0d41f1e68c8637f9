//! A post (岗位): a named set of permissions that an officer holds for a region.

use serde::{Deserialize, Serialize};

/// What a post may do. A closed list: a permission that no code asks for cannot be written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize, Serialize)]
pub enum Permission {
    /// See alarms and their timelines.
    #[serde(rename = "alarm.read")]
    AlarmRead,
    /// Sign on to a seat and act on alarms.
    #[serde(rename = "alarm.handle")]
    AlarmHandle,
    /// Plan and end windows of maintenance, shielding and drills.
    #[serde(rename = "window.write")]
    WindowWrite,
    /// See units.
    #[serde(rename = "unit.read")]
    UnitRead,
    /// Register and change units.
    #[serde(rename = "unit.write")]
    UnitWrite,
    /// Record that a to-do of a unit is done, or why it will not be.
    #[serde(rename = "todo.write")]
    TodoWrite,
    /// See terminals, points and frames.
    #[serde(rename = "terminal.read")]
    TerminalRead,
    /// Register terminals.
    #[serde(rename = "terminal.write")]
    TerminalWrite,
    /// Ask terminals for their state, values, version and clock, and check who is on duty.
    #[serde(rename = "terminal.ask")]
    TerminalAsk,
    /// Order terminals to change something, such as their clock.
    #[serde(rename = "terminal.order")]
    TerminalOrder,
    /// See responders and their telephone numbers.
    #[serde(rename = "responder.read")]
    ResponderRead,
    /// Register and change responders.
    #[serde(rename = "responder.write")]
    ResponderWrite,
    /// Use the frame laboratory.
    #[serde(rename = "lab.use")]
    LabUse,
    /// Manage accounts and appointments.
    #[serde(rename = "account.manage")]
    AccountManage,
    /// See the state of the system.
    #[serde(rename = "system.read")]
    SystemRead,
    /// Set up the channels by which messages leave.
    #[serde(rename = "channel.manage")]
    ChannelManage,
    /// See the delivery log.
    #[serde(rename = "message.read")]
    MessageRead,
    /// Read the journal of all subjects.
    #[serde(rename = "journal.read")]
    JournalRead,
}

/// A post.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Post {
    /// Stable English name.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// One sentence: who holds it and what for.
    pub description: String,
    /// What it may do.
    pub permissions: Vec<Permission>,
    /// Whether whoever holds it could harm the system itself: longer passwords, and a second factor where the site
    /// demands one.
    #[serde(default)]
    pub privileged: bool,
}

impl Post {
    pub(crate) fn mistakes(&self) -> Vec<String> {
        if self.permissions.is_empty() {
            vec![format!("岗位 {} 没有权限", self.name)]
        } else {
            Vec::new()
        }
    }
}
