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
    /// Use the ledgers of the office; which of them, and what with them, each ledger says by posts.
    #[serde(rename = "ledger.use")]
    LedgerUse,
    /// Share a saved view of a list with the people of one's own office.
    #[serde(rename = "view.share")]
    ViewShare,
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
    /// Add and mend the years of the working calendar.
    #[serde(rename = "calendar.manage")]
    CalendarManage,
    /// Make ledgers of the site, take them into use and end them.
    #[serde(rename = "ledger.manage")]
    LedgerManage,
    /// See the delivery log.
    #[serde(rename = "message.read")]
    MessageRead,
    /// Read the journal of all subjects.
    #[serde(rename = "journal.read")]
    JournalRead,
}

impl Permission {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::AlarmRead => "看告警",
            Self::AlarmHandle => "接警处置",
            Self::WindowWrite => "管维护屏蔽",
            Self::UnitRead => "看单位档案",
            Self::UnitWrite => "管单位档案",
            Self::TodoWrite => "办理待办",
            Self::LedgerUse => "用办公台账",
            Self::ViewShare => "共用视图",
            Self::TerminalRead => "看终端",
            Self::TerminalWrite => "管终端登记",
            Self::TerminalAsk => "读取终端、查岗",
            Self::TerminalOrder => "给终端下指令",
            Self::ResponderRead => "看联络人",
            Self::ResponderWrite => "管联络人",
            Self::LabUse => "用报文分析",
            Self::AccountManage => "管账号岗位",
            Self::SystemRead => "看运行状态",
            Self::ChannelManage => "管消息通道",
            Self::CalendarManage => "管节假日",
            Self::LedgerManage => "管台账模板",
            Self::MessageRead => "看发送记录",
            Self::JournalRead => "查操作留痕",
        }
    }
}

/// What a post may do that is held for units alone: everything else is about a whole region.
const OF_UNITS: [Permission; 4] =
    [Permission::AlarmRead, Permission::UnitRead, Permission::TerminalRead, Permission::LedgerUse];

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
    /// What it is held for within the region of the appointment.
    #[serde(default)]
    pub held_for: HeldFor,
}

/// What a post is held for within a region.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldFor {
    /// Everything in it.
    #[default]
    Region,
    /// The units of some sectors (行业).
    Sector,
    /// Units (单位) that are named one by one.
    Unit,
}

impl Post {
    pub(crate) fn mistakes(&self) -> Vec<String> {
        let mut found = Vec::new();
        if self.permissions.is_empty() {
            found.push(format!("岗位 {} 没有权限", self.name));
        }
        let beyond = self.permissions.iter().filter(|p| !OF_UNITS.contains(p));
        if self.held_for != HeldFor::Region && beyond.count() > 0 {
            found.push(format!("岗位 {} 只管部分单位，权限只能是看告警、单位和终端，用台账", self.name));
        }
        found
    }
}
