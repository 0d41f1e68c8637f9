//! The words of the climb, as the desk, the telephone and the journal say them.

use super::{Answer, Ladder, Plan, Rung, Step};

impl Plan {
    /// Stable name for machines.
    pub fn code(self) -> &'static str {
        match self {
            Plan::Desk => "desk",
            Plan::Home => "home",
            Plan::List => "list",
            Plan::Quiet => "quiet",
            Plan::Verify => "verify",
            Plan::Forward => "forward",
            Plan::Leader => "leader",
            Plan::Hold => "hold",
        }
    }

    /// The word on the desk.
    pub fn label(self) -> &'static str {
        match self {
            Plan::Desk => "先席位",
            Plan::Home => "先住户",
            Plan::List => "催办",
            Plan::Quiet => "只列清单",
            Plan::Verify => "核实限时",
            Plan::Forward => "转119限时",
            Plan::Leader => "带班领导决定",
            Plan::Hold => "处置提醒",
        }
    }
}

impl Rung {
    /// Stable name for machines.
    pub fn code(self) -> &'static str {
        match self {
            Rung::Seats => "seats",
            Rung::Residents => "residents",
            Rung::Desk => "desk",
            Rung::RingAgain => "ring_again",
            Rung::Listed => "listed",
            Rung::Remind => "remind",
            Rung::Morning => "morning",
            Rung::Deputy => "deputy",
            Rung::DutyLeader => "duty_leader",
            Rung::SafetyManager => "safety_manager",
            Rung::Neighbours => "neighbours",
            Rung::AskAgain => "ask_again",
        }
    }

    /// The word on the desk.
    pub fn label(self) -> &'static str {
        match self {
            Rung::Seats => "席位响铃",
            Rung::Residents => "户主、网格员和微型消防站",
            Rung::Desk => "转席位",
            Rung::RingAgain => "再次响铃",
            Rung::Listed => "清单催办",
            Rung::Remind => "提醒处置席位",
            Rung::Morning => "告知单位管理人",
            Rung::Deputy => "副班",
            Rung::DutyLeader => "带班领导",
            Rung::SafetyManager => "单位消防安全管理人",
            Rung::Neighbours => "网格员和微型消防站",
            Rung::AskAgain => "再次询问",
        }
    }
}

impl Answer {
    /// All of them, in the order of their keys 1 to 4.
    pub const ALL: [Answer; 4] = [Answer::Received, Answer::OnScene, Answer::FalseAlarm, Answer::Burning];

    /// Stable name for machines.
    pub fn code(self) -> &'static str {
        match self {
            Answer::Received => "received",
            Answer::OnScene => "on_scene",
            Answer::FalseAlarm => "false_alarm",
            Answer::Burning => "burning",
        }
    }

    /// The word on the button.
    pub fn label(self) -> &'static str {
        match self {
            Answer::Received => "收到",
            Answer::OnScene => "到场",
            Answer::FalseAlarm => "误报",
            Answer::Burning => "着火",
        }
    }

    /// The answer with this stable name.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.code() == code)
    }

    /// The answer of a reply: the key, full-width or not, or the word itself; `None` for anything else.
    pub fn of_reply(reply: &str) -> Option<Self> {
        match reply.trim() {
            "1" | "１" => Some(Self::Received),
            "2" | "２" => Some(Self::OnScene),
            "3" | "３" => Some(Self::FalseAlarm),
            "4" | "４" => Some(Self::Burning),
            word => Self::ALL.into_iter().find(|answer| answer.label() == word),
        }
    }
}

impl Step {
    /// What the journal says of it: which rung, who was told, what was passed.
    pub fn sentence(&self, told: &[super::Told]) -> String {
        let mut said = vec![self.climb_words(told)];
        if !self.missed.is_empty() {
            said.push(format!("停机期间越过：{}", labels(&self.missed)));
        }
        if !self.vacant.is_empty() {
            said.push(format!("没有登记：{}", labels(&self.vacant)));
        }
        said.join("；")
    }

    fn climb_words(&self, told: &[super::Told]) -> String {
        let people = told.iter().map(|t| format!("{} {}", t.role, t.name)).collect::<Vec<_>>().join("、");
        match self.rung {
            Rung::RingAgain => "无人签收，席位再次响铃".to_owned(),
            Rung::Desk => "无人应答，转席位".to_owned(),
            Rung::Listed => "列入清单催办".to_owned(),
            Rung::Remind => "超过时限，提醒处置席位".to_owned(),
            rung if told.is_empty() => format!("升级到{}，没有可通知的人，请登记联络人", rung.label()),
            rung => format!("升级到{}：通知 {people}", rung.label()),
        }
    }
}

impl Ladder {
    /// How far it has climbed, in the few words of the queue; none before anybody was called.
    pub fn reached_words(&self) -> Option<String> {
        match self.rung {
            Rung::Remind => return Some("已超时限".to_owned()),
            Rung::Listed => return Some("已催办".to_owned()),
            _ => {}
        }
        Some(match self.reached()? {
            Rung::Residents => "已通知户主、网格员".to_owned(),
            Rung::Morning => "已告知单位管理人".to_owned(),
            Rung::AskAgain => "多次催促无人处置".to_owned(),
            rung => format!("已升级 {}", rung.label()),
        })
    }
}

fn labels(rungs: &[Rung]) -> String {
    rungs.iter().map(|r| r.label()).collect::<Vec<_>>().join("、")
}
