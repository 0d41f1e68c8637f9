//! Alarms and spots for the tests of the filters.

use crate::{Alarm, Class, Raise, Timing};
use fengsui_base::{AlarmId, EntryId, TerminalId, UnitId};
use jiff::Timestamp;

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).unwrap()
}

pub(crate) fn id(number: u128) -> EntryId {
    EntryId::from_u128(number)
}

/// A fire of point `number` (a smoke detector on 1 号楼 3 层) at `second`, as changed.
pub(crate) fn fire(number: u32, second: i64, change: impl FnOnce(&mut Raise)) -> Alarm {
    let mut raise = Raise {
        class: Class::Fire,
        title: "火警·感烟".to_owned(),
        region: "990101005000".parse().unwrap(),
        unit: Some(UnitId(id(5))),
        unit_name: Some("瑞禾电子厂".to_owned()),
        terminal: TerminalId(id(9)),
        point: None,
        slot: format!("alarm/fire/9/c1.1.{number}"),
        building: Some("1 号楼".to_owned()),
        floor: Some("3 层".to_owned()),
        zone: None,
        place: format!("1 号楼 3 层 {number} 号"),
        component_type: 40,
        component_label: "感烟火灾探测器".to_owned(),
        component_address: number,
        position: None,
        timing: Timing::OnTime,
        raised_at: at(second),
        event_at: None,
        sent_at: None,
    };
    change(&mut raise);
    Alarm::raise(AlarmId(id(1_000 + u128::from(number))), raise).0
}
