//! Points as rows: the columns of the import first, then what may be read only.

use super::{PointFilter, position, text};
use crate::App;
use crate::entries::text_is;
use crate::imports::limit_cells;
use crate::limits::limits_of;
use fengsui_alarm::{Condition, Conditions};
use fengsui_base::{Scope, TerminalId};
use fengsui_ledger::Entry;
use fengsui_store::{Direction, Part, Query, Sort, StateKey};
use serde_json::Value;

/// The heads of the columns; the first seventeen are taken in again by the import.
pub(super) const COLUMNS: &[&str] = &[
    "终端源地址",
    "点位名称",
    "系统类型",
    "系统地址",
    "部件类型",
    "部件地址",
    "楼栋",
    "楼层",
    "分区",
    "经度",
    "纬度",
    "测量值",
    "下限",
    "下限恢复值",
    "上限",
    "上限恢复值",
    "保持时间",
    "终端名称",
    "所属单位名称",
    "部件名称",
    "当前状态",
];

/// The points of a terminal, of a unit, or of the whole scope, by label.
pub(crate) fn query(scope: Scope, filter: PointFilter) -> Query {
    let mut query = Query::newest("point", scope);
    (query.sort, query.direction) = (Sort::Title, Direction::Ascending);
    let named = [("terminal", filter.terminal), ("unit", filter.unit)];
    query.filters = named.into_iter().filter_map(|(f, id)| Some(text_is(f, id?.to_string()))).collect();
    query
}

impl App {
    pub(super) fn point_row(&self, point: &Entry, terminal: Option<&Entry>) -> Vec<String> {
        let [lng, lat] = position(point);
        let [value_type, low, low_clear, high, high_clear, hold_s] = limit_cells(&limits_of(point));
        let of_terminal = |name: &str| terminal.map(|t| text(t, name)).unwrap_or_default();
        vec![
            of_terminal("source"),
            point.title.clone(),
            text(point, "system_type"),
            text(point, "system_address"),
            text(point, "component_type"),
            text(point, "component_address"),
            text(point, "building"),
            text(point, "floor"),
            text(point, "zone"),
            lng,
            lat,
            value_type,
            low,
            low_clear,
            high,
            high_clear,
            hold_s,
            terminal.map(|t| t.title.clone()).unwrap_or_default(),
            of_terminal("unit_name"),
            component_words(point),
            terminal.map(|t| self.state_words(point, TerminalId(t.id))).unwrap_or_default(),
        ]
    }

    /// What the point last said of itself.
    fn state_words(&self, point: &Entry, terminal: TerminalId) -> String {
        let Some(known) = self.board.terminal(terminal) else { return String::new() };
        let Some(state) = known.state(key_of(point)) else { return "没有上报".to_owned() };
        let conditions = Conditions::from_bits(state.bits);
        let words: Vec<_> = conditions.iter().map(Condition::label).collect();
        if words.is_empty() { "正常".to_owned() } else { words.join("、") }
    }
}

fn number(point: &Entry, name: &str) -> u64 {
    point.fields.get(name).and_then(Value::as_u64).unwrap_or(0)
}

fn byte(point: &Entry, name: &str) -> u8 {
    u8::try_from(number(point, name)).unwrap_or(0)
}

fn key_of(point: &Entry) -> StateKey {
    StateKey {
        part: Part::Component,
        system_type: byte(point, "system_type"),
        system_address: byte(point, "system_address"),
        component_address: u32::try_from(number(point, "component_address")).unwrap_or(0),
        analog_type: 0,
    }
}

fn component_words(point: &Entry) -> String {
    let kind = gb26875::names::component_type(byte(point, "component_type"));
    kind.map_or_else(String::new, |n| n.zh.to_owned())
}
