//! Open alarms, by id and by the slot each one holds.

use super::Board;
use crate::entries::read;
use fengsui_alarm::Alarm;
use fengsui_base::{AlarmId, Scope};
use fengsui_ledger::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

#[derive(Default)]
pub(super) struct Alarms {
    open: BTreeMap<AlarmId, Arc<OpenAlarm>>,
    by_slot: HashMap<String, AlarmId>,
}

/// An alarm that is not closed.
#[derive(Clone, Debug)]
pub struct OpenAlarm {
    /// As stored.
    pub entry: Entry,
    /// As understood.
    pub alarm: Alarm,
}

impl Board {
    pub(super) fn apply_alarm(&self, entry: &Entry) {
        let Some(alarm) = read(entry) else { return };
        let mut alarms = self.alarms.write();
        let slot = alarm.raise.slot.clone();
        if alarm.holds_slot() {
            alarms.by_slot.insert(slot, alarm.id);
        } else if alarms.by_slot.get(&slot) == Some(&alarm.id) {
            alarms.by_slot.remove(&slot);
        }
        if alarm.is_closed() {
            alarms.open.remove(&alarm.id);
        } else {
            alarms.open.insert(alarm.id, Arc::new(OpenAlarm { entry: entry.clone(), alarm }));
        }
    }

    /// The open alarm that holds a slot.
    pub fn slot(&self, slot: &str) -> Option<Arc<OpenAlarm>> {
        let alarms = self.alarms.read();
        alarms.by_slot.get(slot).and_then(|id| alarms.open.get(id)).cloned()
    }

    /// Open alarms within a scope, oldest first.
    pub fn open_alarms(&self, scope: &Scope) -> Vec<Arc<OpenAlarm>> {
        self.alarms.read().open.values().filter(|a| scope.contains(a.entry.region)).cloned().collect()
    }
}
