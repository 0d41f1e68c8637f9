//! The words of an alarm's life: labels, and the sentence each event leaves in the journal.

use crate::life::person;
use crate::{Alarm, Cause, Event, Finding, Timing, Verdict};
use fengsui_base::span_words;

impl Finding {
    /// The word on the desk.
    pub fn label(self) -> &'static str {
        match self {
            Finding::Real => "真实",
            Finding::False => "误报",
            Finding::Test => "测试",
            Finding::Undetermined => "无法判定",
        }
    }

    /// Stable name for machines.
    pub fn code(self) -> &'static str {
        match self {
            Finding::Real => "real",
            Finding::False => "false",
            Finding::Test => "test",
            Finding::Undetermined => "undetermined",
        }
    }

    /// The finding with this stable name.
    pub fn from_code(code: &str) -> Option<Self> {
        [Finding::Real, Finding::False, Finding::Test, Finding::Undetermined]
            .into_iter()
            .find(|f| f.code() == code)
    }
}

impl Cause {
    const ALL: [Cause; 8] = [
        Cause::Cooking,
        Cause::Steam,
        Cause::Dust,
        Cause::Smoking,
        Cause::Works,
        Cause::Malicious,
        Cause::DeviceFault,
        Cause::Unknown,
    ];

    /// The word on the desk.
    pub fn label(self) -> &'static str {
        match self {
            Cause::Cooking => "油烟",
            Cause::Steam => "水汽",
            Cause::Dust => "灰尘",
            Cause::Smoking => "吸烟",
            Cause::Works => "施工",
            Cause::Malicious => "人为",
            Cause::DeviceFault => "设备故障",
            Cause::Unknown => "原因不明",
        }
    }

    /// Stable name for machines.
    pub fn code(self) -> &'static str {
        match self {
            Cause::Cooking => "cooking",
            Cause::Steam => "steam",
            Cause::Dust => "dust",
            Cause::Smoking => "smoking",
            Cause::Works => "works",
            Cause::Malicious => "malicious",
            Cause::DeviceFault => "device_fault",
            Cause::Unknown => "unknown",
        }
    }

    /// The cause with this stable name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.code() == code)
    }

    /// All causes as (value, label).
    pub fn choices() -> Vec<(&'static str, &'static str)> {
        Self::ALL.into_iter().map(|c| (c.code(), c.label())).collect()
    }
}

impl Alarm {
    /// The state in words.
    pub fn state_label(&self) -> &'static str {
        match (self.state(), self.verdict().map(|v| v.finding)) {
            ("raised", _) => "待签收",
            ("taken", _) => "核实中",
            ("verified", Some(Finding::Undetermined)) => "无法判定",
            ("verified", _) => "已核实",
            ("forwarded", _) => "已转119",
            _ => "已销号",
        }
    }
}

impl Event {
    /// Stable word for the journal.
    pub fn verb(&self) -> &'static str {
        match self {
            Event::Raised => "alarm.raised",
            Event::Repeated(_) => "alarm.merged",
            Event::Restored => "alarm.restored",
            Event::SilentAgain(_) => "alarm.silent_again",
            Event::Flapping(_) => "alarm.flapping",
            Event::HeardAgain { .. } => "alarm.heard_again",
            Event::Steadied { .. } => "alarm.steadied",
            Event::Linked(_) => "alarm.linked",
            Event::Climbed(..) => "alarm.escalated",
            Event::Answered(_) => "alarm.answered",
            Event::Suppressed(_) => "alarm.suppressed",
            Event::Lifted(_) => "alarm.lifted",
            Event::Coincided(_) => "alarm.coincided",
            Event::Joined(_) => "alarm.joined",
            Event::Parted(_) => "alarm.parted",
            Event::Taken { .. } => "alarm.taken",
            Event::HandedOver { .. } => "alarm.handed_over",
            Event::TakenOver { .. } => "alarm.taken_over",
            Event::Verified { .. } => "alarm.verified",
            Event::Forwarded(_) => "alarm.forwarded",
            Event::Noted(_) => "alarm.noted",
            Event::Closed(_) => "alarm.closed",
        }
    }

    /// What happened, in one sentence without the actor's name.
    pub fn sentence(&self, alarm: &Alarm) -> String {
        match self {
            Event::Raised => raised(alarm),
            Event::Repeated(count) => format!("同点再次报警，并入本条，第 {count} 次"),
            Event::Restored => "点位已复位，告警仍待处置".to_owned(),
            Event::SilentAgain(count) => format!("再次离线，第 {count} 次"),
            Event::Flapping(count) => format!("第 {count} 次离线，通信时断时续，稳定以前不再提示"),
            Event::HeardAgain { after_s } => format!("恢复通信，离线 {}", span_words(*after_s)),
            Event::Steadied { after_s } if alarm.is_closed() => {
                format!("恢复通信已稳定 {}，自动销号", span_words(*after_s))
            }
            Event::Steadied { after_s } => format!("恢复通信已稳定 {}", span_words(*after_s)),
            Event::Climbed(step, told) => step.sentence(told),
            Event::Answered(answered) => {
                let what = format!("答复 {}（{}）", answered.answer.label(), answered.through);
                with_note(what, answered.note.as_deref())
            }
            Event::Linked(text)
            | Event::Noted(text)
            | Event::Suppressed(text)
            | Event::Lifted(text)
            | Event::Coincided(text)
            | Event::Joined(text)
            | Event::Parted(text) => text.clone(),
            Event::Taken { after_s } => format!("签收，用时 {after_s} 秒"),
            Event::HandedOver { to, reason } => format!("移交给 {}：{reason}", person(to)),
            Event::TakenOver { from, reason } => format!("从 {} 接管：{reason}", person(from)),
            Event::Verified { verdict, corrects } => verified(verdict, *corrects),
            Event::Forwarded(f) => with_note(format!("转 {}", f.to), f.note.as_deref()),
            Event::Closed(c) => match &c.unrestored_reason {
                Some(reason) => with_note(format!("销号，点位未复位：{reason}"), c.note.as_deref()),
                None => with_note("销号".to_owned(), c.note.as_deref()),
            },
        }
    }
}

fn raised(alarm: &Alarm) -> String {
    let what = format!("{} {}", alarm.raise.place, alarm.raise.title);
    match alarm.raise.timing {
        Timing::OnTime => what,
        Timing::Late => format!("{what}（迟到，不响铃）"),
        Timing::Skewed => format!("{what}（时钟偏差，不响铃）"),
    }
}

fn verified(verdict: &Verdict, corrects: Option<Finding>) -> String {
    let cause = verdict.cause.map_or(String::new(), |c| format!("·{}", c.label()));
    let finding = format!("{}{cause}", verdict.finding.label());
    let what = match corrects {
        Some(former) => format!("更正核实结论：{} → {finding}", former.label()),
        None => format!("核实为 {finding}"),
    };
    with_note(what, verdict.note.as_deref())
}

fn with_note(what: String, note: Option<&str>) -> String {
    note.map_or(what.clone(), |n| format!("{what}：{n}"))
}
