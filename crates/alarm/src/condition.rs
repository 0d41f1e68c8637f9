//! Conditions: what a terminal says of a part, in words independent of any wire format, and the class of
//! alarm each one belongs to.

use serde::{Deserialize, Serialize};

/// One thing that can be the matter with a part of a facility.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[repr(u8)]
pub enum Condition {
    /// 火警
    Fire = 0,
    /// 故障
    Fault = 1,
    /// 屏蔽
    Shielded = 2,
    /// 监管
    Supervisory = 3,
    /// 启动
    Started = 4,
    /// 反馈
    Feedback = 5,
    /// 延时
    Delayed = 6,
    /// 主电故障
    MainsFault = 7,
    /// 备电故障
    BatteryFault = 8,
    /// 总线故障
    BusFault = 9,
    /// 电源故障
    PowerFault = 10,
    /// 与监控中心的通信信道故障
    ChannelFault = 11,
    /// 与建筑消防设施的连接线路故障
    LineFault = 12,
    /// 手动状态
    Manual = 13,
    /// 配置改变
    ConfigurationChanged = 14,
    /// 复位
    Reset = 15,
    /// 测试状态
    Test = 16,
}

const ALL: [Condition; 17] = [
    Condition::Fire,
    Condition::Fault,
    Condition::Shielded,
    Condition::Supervisory,
    Condition::Started,
    Condition::Feedback,
    Condition::Delayed,
    Condition::MainsFault,
    Condition::BatteryFault,
    Condition::BusFault,
    Condition::PowerFault,
    Condition::ChannelFault,
    Condition::LineFault,
    Condition::Manual,
    Condition::ConfigurationChanged,
    Condition::Reset,
    Condition::Test,
];

impl Condition {
    /// The word on the panel.
    pub fn label(self) -> &'static str {
        match self {
            Condition::Fire => "火警",
            Condition::Fault => "故障",
            Condition::Shielded => "屏蔽",
            Condition::Supervisory => "监管",
            Condition::Started => "启动",
            Condition::Feedback => "反馈",
            Condition::Delayed => "延时",
            Condition::MainsFault => "主电故障",
            Condition::BatteryFault => "备电故障",
            Condition::BusFault => "总线故障",
            Condition::PowerFault => "电源故障",
            Condition::ChannelFault => "通信信道故障",
            Condition::LineFault => "连接线路故障",
            Condition::Manual => "手动状态",
            Condition::ConfigurationChanged => "配置改变",
            Condition::Reset => "复位",
            Condition::Test => "测试状态",
        }
    }

    /// Stable name for machines.
    pub fn code(self) -> &'static str {
        match self {
            Condition::Fire => "fire",
            Condition::Fault => "fault",
            Condition::Shielded => "shielded",
            Condition::Supervisory => "supervisory",
            Condition::Started => "started",
            Condition::Feedback => "feedback",
            Condition::Delayed => "delayed",
            Condition::MainsFault => "mains_fault",
            Condition::BatteryFault => "battery_fault",
            Condition::BusFault => "bus_fault",
            Condition::PowerFault => "power_fault",
            Condition::ChannelFault => "channel_fault",
            Condition::LineFault => "line_fault",
            Condition::Manual => "manual",
            Condition::ConfigurationChanged => "configuration_changed",
            Condition::Reset => "reset",
            Condition::Test => "test",
        }
    }

    /// The condition with this stable name.
    pub fn from_code(code: &str) -> Option<Self> {
        ALL.into_iter().find(|c| c.code() == code)
    }

    /// The class of alarm it belongs to; `None` where it is a mere state.
    pub fn class(self) -> Option<Class> {
        match self {
            Condition::Fire => Some(Class::Fire),
            Condition::Fault
            | Condition::MainsFault
            | Condition::BatteryFault
            | Condition::BusFault
            | Condition::PowerFault
            | Condition::ChannelFault
            | Condition::LineFault => Some(Class::Fault),
            Condition::Shielded => Some(Class::Shielded),
            Condition::Supervisory => Some(Class::Supervisory),
            Condition::Started
            | Condition::Feedback
            | Condition::Delayed
            | Condition::Manual
            | Condition::ConfigurationChanged
            | Condition::Reset
            | Condition::Test => None,
        }
    }
}

/// A set of conditions, small enough to keep for every point of a province.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Conditions(i32);

impl Conditions {
    /// The set with these bits, as stored.
    pub const fn from_bits(bits: i32) -> Self {
        Self(bits)
    }

    /// The bits, for storage.
    pub const fn bits(self) -> i32 {
        self.0
    }

    /// Whether the set has the condition.
    pub fn has(self, condition: Condition) -> bool {
        self.0 & (1 << condition as i32) != 0
    }

    /// The set with one more.
    #[must_use]
    pub fn with(self, condition: Condition) -> Self {
        Self(self.0 | (1 << condition as i32))
    }

    /// The set without all conditions of a class.
    #[must_use]
    pub fn without(self, class: Class) -> Self {
        self.iter().filter(|c| c.class() != Some(class)).collect()
    }

    /// Whether any condition of the class is in the set.
    pub fn has_class(self, class: Class) -> bool {
        self.iter().any(|c| c.class() == Some(class))
    }

    /// The conditions, in the order of the panel.
    pub fn iter(self) -> impl Iterator<Item = Condition> {
        ALL.into_iter().filter(move |c| self.has(*c))
    }

    /// Whether nothing is the matter.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<Condition> for Conditions {
    fn from_iter<I: IntoIterator<Item = Condition>>(all: I) -> Self {
        all.into_iter().fold(Self::default(), Self::with)
    }
}

/// What kind of alarm it is, in the habit of the panel.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// 火警
    Fire,
    /// 故障
    Fault,
    /// 屏蔽
    Shielded,
    /// 监管
    Supervisory,
    /// 离线: a terminal that should speak does not
    Offline,
    /// 超限: a measured value beyond its limit
    Limit,
}

impl Class {
    /// All classes, the gravest first.
    pub const ALL: [Class; 6] =
        [Class::Fire, Class::Limit, Class::Fault, Class::Shielded, Class::Supervisory, Class::Offline];

    /// The word on the panel.
    pub fn label(self) -> &'static str {
        match self {
            Class::Fire => "火警",
            Class::Fault => "故障",
            Class::Shielded => "屏蔽",
            Class::Supervisory => "监管",
            Class::Offline => "离线",
            Class::Limit => "超限",
        }
    }

    /// Stable name for machines.
    pub fn code(self) -> &'static str {
        match self {
            Class::Fire => "fire",
            Class::Fault => "fault",
            Class::Shielded => "shielded",
            Class::Supervisory => "supervisory",
            Class::Offline => "offline",
            Class::Limit => "limit",
        }
    }

    /// The class with this stable name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.code() == code)
    }

    /// Level of its mark: 1 red, 3 yellow, 4 blue.
    pub fn level(self) -> u8 {
        match self {
            Class::Fire => 1,
            Class::Limit | Class::Fault | Class::Shielded => 3,
            Class::Supervisory | Class::Offline => 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_keeps_what_it_was_given_and_knows_its_classes() {
        let set: Conditions = [Condition::Fire, Condition::MainsFault].into_iter().collect();
        assert!(set.has_class(Class::Fire) && set.has_class(Class::Fault) && !set.has_class(Class::Shielded));
        assert_eq!(set.without(Class::Fault).iter().collect::<Vec<_>>(), [Condition::Fire]);
        assert_eq!(Conditions::from_bits(set.bits()), set);
    }
}
