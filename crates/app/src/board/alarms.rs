//! Open alarms, by id, by the slot each one holds, and by the instant at which its ladder goes on.

use super::Board;
use crate::entries::read;
use fengsui_alarm::Alarm;
use fengsui_base::{AlarmId, Scope, Timestamp};
use fengsui_ledger::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

#[derive(Default)]
pub(super) struct Alarms {
    open: BTreeMap<AlarmId, Arc<OpenAlarm>>,
    by_slot: HashMap<String, AlarmId>,
    /// When the ladder of each goes on.
    by_due: BTreeSet<(Timestamp, AlarmId)>,
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
        self.follow_line(&alarm);
        let mut alarms = self.alarms.write();
        let slot = alarm.raise.slot.clone();
        if alarm.holds_slot() {
            alarms.by_slot.insert(slot, alarm.id);
        } else if alarms.by_slot.get(&slot) == Some(&alarm.id) {
            alarms.by_slot.remove(&slot);
        }
        let due = |open: &OpenAlarm| open.due_at().map(|at| (at, open.alarm.id));
        if let Some(before) = alarms.open.get(&alarm.id).and_then(|open| due(open)) {
            alarms.by_due.remove(&before);
        }
        if alarm.is_closed() {
            alarms.open.remove(&alarm.id);
        } else {
            let open = OpenAlarm { entry: entry.clone(), alarm };
            alarms.by_due.extend(due(&open));
            alarms.open.insert(open.alarm.id, Arc::new(open));
        }
    }

    /// The open alarm that holds a slot.
    pub fn slot(&self, slot: &str) -> Option<Arc<OpenAlarm>> {
        let alarms = self.alarms.read();
        alarms.by_slot.get(slot).and_then(|id| alarms.open.get(id)).cloned()
    }

    /// An open alarm by its id.
    pub fn open_alarm(&self, id: AlarmId) -> Option<Arc<OpenAlarm>> {
        self.alarms.read().open.get(&id).cloned()
    }

    /// Open alarms within a scope that are wanted, oldest first.
    pub fn open_alarms_of(&self, scope: &Scope, wanted: impl Fn(&Alarm) -> bool) -> Vec<Arc<OpenAlarm>> {
        let alarms = self.alarms.read();
        let within = |a: &&Arc<OpenAlarm>| scope.contains(a.entry.region) && wanted(&a.alarm);
        alarms.open.values().filter(within).cloned().collect()
    }

    /// Open alarms within a scope, oldest first.
    pub fn open_alarms(&self, scope: &Scope) -> Vec<Arc<OpenAlarm>> {
        self.alarms.read().open.values().filter(|a| scope.contains(a.entry.region)).cloned().collect()
    }

    /// Open alarms whose ladder goes on before an instant, the longest due first.
    pub(crate) fn alarms_due(&self, before: Timestamp) -> Vec<Arc<OpenAlarm>> {
        let alarms = self.alarms.read();
        let due = alarms.by_due.iter().take_while(|(at, _)| *at <= before);
        due.filter_map(|(_, id)| alarms.open.get(id)).cloned().collect()
    }
}

impl OpenAlarm {
    /// When the ladder goes on. An alarm stored before there were ladders is due at once, to be given one.
    fn due_at(&self) -> Option<Timestamp> {
        if self.alarm.ladder.is_none() { Some(self.entry.opened_at) } else { self.alarm.due_at() }
    }
}
