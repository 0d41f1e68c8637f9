//! Terminals as rows: the columns of the import first, then what may be read only.

use super::{instant, position, text};
use crate::App;
use fengsui_base::TerminalId;
use fengsui_ledger::Entry;

/// The heads of the columns; the first fourteen are taken in again by the import.
pub(super) const COLUMNS: &[&str] = &[
    "源地址",
    "终端名称",
    "单位编号",
    "编号",
    "规约",
    "厂家",
    "型号",
    "安装日期",
    "使用年限",
    "备电安装日期",
    "心跳周期",
    "经度",
    "纬度",
    "备注",
    "所属单位名称",
    "辖区名称",
    "登记情况",
    "在线情况",
    "最近通信",
    "点位数",
];

impl App {
    pub(super) fn terminal_row(&self, terminal: &Entry, unit: Option<&Entry>) -> Vec<String> {
        let known = self.board.terminal(TerminalId(terminal.id));
        let [lng, lat] = position(terminal);
        let online = match known.as_ref().and_then(|t| t.online(self.now())) {
            Some(true) => "在线",
            Some(false) => "离线",
            None => "从未上报",
        };
        let state = self.catalog.kind("terminal").map_or("", |k| k.state_label(&terminal.state));
        vec![
            text(terminal, "source"),
            terminal.title.clone(),
            unit.map(|u| text(u, "code")).unwrap_or_default(),
            text(terminal, "code"),
            self.choice(terminal, "profile"),
            text(terminal, "maker"),
            text(terminal, "model"),
            text(terminal, "installed_on"),
            text(terminal, "service_life_years"),
            text(terminal, "battery_installed_on"),
            text(terminal, "report_period_s"),
            lng,
            lat,
            text(terminal, "remark"),
            text(terminal, "unit_name"),
            self.region_words(terminal),
            state.to_owned(),
            online.to_owned(),
            known.as_ref().and_then(|t| t.last_heard()).map(instant).unwrap_or_default(),
            known.map_or(0, |t| t.point_count()).to_string(),
        ]
    }
}
