//! Alarms as rows: what rang, where, when, who took it, what was found, how it ended.

use super::instant;
use crate::App;
use crate::entries::read;
use fengsui_alarm::Timing;
use fengsui_ledger::Entry;

/// The heads of the columns.
pub(super) const COLUMNS: &[&str] = &[
    "编号",
    "种类",
    "级别",
    "告警内容",
    "单位",
    "位置",
    "辖区名称",
    "发生时间",
    "收到时间",
    "最近一次",
    "次数",
    "时效",
    "状态",
    "签收人",
    "签收时间",
    "核实结论",
    "误报原因",
    "核实说明",
    "销号时间",
    "复位时间",
];

impl App {
    pub(super) fn alarm_row(&self, entry: &Entry) -> Vec<String> {
        let Some(alarm) = read(entry) else { return vec![String::new(); COLUMNS.len()] };
        let raise = &alarm.raise;
        let verdict = alarm.verdict();
        let holder = alarm.holder();
        vec![
            entry.number.clone().unwrap_or_default(),
            raise.class.label().to_owned(),
            raise.class.level().to_string(),
            raise.title.clone(),
            raise.unit_name.clone().unwrap_or_default(),
            raise.place.clone(),
            self.region_words(entry),
            raise.event_at.map(instant).unwrap_or_default(),
            instant(raise.raised_at),
            instant(alarm.last_at),
            alarm.count.to_string(),
            timing(raise.timing).to_owned(),
            alarm.state_label().to_owned(),
            holder.map(|h| h.officer.name.clone()).unwrap_or_default(),
            holder.map(|h| instant(h.first_at)).unwrap_or_default(),
            verdict.map(|v| v.finding.label().to_owned()).unwrap_or_default(),
            verdict.and_then(|v| v.cause).map(|c| c.label().to_owned()).unwrap_or_default(),
            verdict.and_then(|v| v.note.clone()).unwrap_or_default(),
            entry.closed_at.map(instant).unwrap_or_default(),
            alarm.restored_at.map(instant).unwrap_or_default(),
        ]
    }
}

fn timing(timing: Timing) -> &'static str {
    match timing {
        Timing::OnTime => "及时",
        Timing::Late => "迟到",
        Timing::Skewed => "时钟偏差",
    }
}
