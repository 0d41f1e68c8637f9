//! Units as rows: the columns of the import first, then what may be read only.

use super::{position, text};
use crate::App;
use fengsui_base::{Scope, UnitId};
use fengsui_ledger::Entry;
use serde_json::Value;

/// The heads of the columns; the first fifteen are taken in again by the import.
pub(super) const COLUMNS: &[&str] = &[
    "编号",
    "单位名称",
    "类别",
    "辖区",
    "地址",
    "消防安全重点单位",
    "经度",
    "纬度",
    "法定代表人",
    "消防安全管理人",
    "联系人",
    "联系电话",
    "网格",
    "行业",
    "备注",
    "辖区名称",
    "全部联系人",
    "楼栋数",
    "终端数",
];

impl App {
    pub(super) fn unit_row(&self, unit: &Entry) -> Vec<String> {
        let [lng, lat] = position(unit);
        let contacts = contacts(unit);
        let taken_in = contacts.iter().find(|c| c[0] == crate::imports::CONTACT_ROLE).cloned();
        let [_, contact, phone] = taken_in.unwrap_or_default();
        let everybody: Vec<_> = contacts.iter().map(|c| c.join(" ").trim().to_owned()).collect();
        let buildings = unit.fields.get("buildings").and_then(Value::as_array).map_or(0, Vec::len);
        let own = Scope::of([unit.region.number()..unit.region.number() + 1]);
        vec![
            text(unit, "code"),
            unit.title.clone(),
            self.choice(unit, "category"),
            unit.region.to_string(),
            text(unit, "address"),
            text(unit, "key_unit"),
            lng,
            lat,
            text(unit, "legal_person"),
            text(unit, "safety_manager"),
            contact,
            phone,
            text(unit, "grid"),
            text(unit, "sector"),
            text(unit, "remark"),
            self.region_words(unit),
            everybody.join("；"),
            buildings.to_string(),
            self.board.terminals_of(UnitId(unit.id), &own).len().to_string(),
        ]
    }
}

/// Role, name and telephone of everybody who may be called.
fn contacts(unit: &Entry) -> Vec<[String; 3]> {
    let list = unit.fields.get("contacts").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let part = |c: &Value, name: &str| c.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    list.iter().map(|c| [part(c, "role"), part(c, "name"), part(c, "phone")]).collect()
}
