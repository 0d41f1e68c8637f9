//! Open alarms, by id, by the slot each one holds, and by the instant at which its ladder goes on.

use super::Board;
use crate::entries::read;
use fengsui_alarm::Alarm;
use fengsui_base::{AlarmId, EntryId, Scope, Timestamp};
use fengsui_ledger::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

#[derive(Default)]
pub(super) struct Alarms {
    open: BTreeMap<AlarmId, Arc<OpenAlarm>>,
    by_slot: HashMap<String, AlarmId>,
    /// When the ladder of each goes on.
    by_due: BTreeSet<(Timestamp, AlarmId)>,
    by_site: HashMap<EntryId, BTreeSet<AlarmId>>,
    suppressed: BTreeSet<AlarmId>,
    members: BTreeSet<AlarmId>,
    /// Known reports that came again since the alarm was last written, and when the last one did.
    again: HashMap<AlarmId, (u32, Timestamp)>,
}

/// Has or has not, as a set keeps it.
fn mark(set: &mut BTreeSet<AlarmId>, id: AlarmId, belongs: bool) {
    if belongs {
        set.insert(id);
    } else {
        set.remove(&id);
    }
}

/// Where alarms are neighbours: the unit, or the terminal that belongs to none.
pub(crate) fn site(alarm: &Alarm) -> EntryId {
    alarm.raise.unit.map_or_else(|| alarm.raise.terminal.into(), EntryId::from)
}

impl Alarms {
    fn forget(&mut self, alarm: &Alarm) {
        self.open.remove(&alarm.id);
        self.suppressed.remove(&alarm.id);
        self.members.remove(&alarm.id);
        self.again.remove(&alarm.id);
        let site = site(alarm);
        if let Some(all) = self.by_site.get_mut(&site) {
            all.remove(&alarm.id);
            if all.is_empty() {
                self.by_site.remove(&site);
            }
        }
    }

    fn keep(&mut self, open: OpenAlarm) {
        let alarm = &open.alarm;
        self.written_again(alarm);
        self.by_site.entry(site(alarm)).or_default().insert(alarm.id);
        mark(&mut self.suppressed, alarm.id, alarm.suppressed.is_some());
        mark(&mut self.members, alarm.id, alarm.member.is_some());
        self.open.insert(alarm.id, Arc::new(open));
    }
}

impl Alarms {
    /// What has been written down with the alarm need not be remembered any more.
    fn written_again(&mut self, alarm: &Alarm) {
        let before = self.open.get(&alarm.id).map_or(0, |open| open.alarm.resent);
        let Some((times, _)) = self.again.get_mut(&alarm.id) else { return };
        *times = times.saturating_sub(alarm.resent.saturating_sub(before));
        if *times == 0 {
            self.again.remove(&alarm.id);
        }
    }
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
            alarms.forget(&alarm);
        } else {
            let open = OpenAlarm { entry: entry.clone(), alarm };
            alarms.by_due.extend(due(&open));
            alarms.keep(open);
        }
    }

    /// Notes that known reports of these alarms have come again. It is written with whatever happens to the alarm
    /// next: a frame that is sent a thousand times writes nothing.
    pub(crate) fn came_again(&self, ids: &[AlarmId], at: Timestamp) {
        if ids.is_empty() {
            return;
        }
        let mut alarms = self.alarms.write();
        for id in ids {
            if alarms.open.contains_key(id) {
                let noted = alarms.again.entry(*id).or_insert((0, at));
                *noted = (noted.0.saturating_add(1), at);
            }
        }
    }

    /// How often known reports of an alarm came again since it was last written, and when the last one did.
    pub(crate) fn again(&self, id: AlarmId) -> Option<(u32, Timestamp)> {
        self.alarms.read().again.get(&id).copied()
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

    /// Open alarms of a unit, or of a terminal that belongs to none, oldest first.
    pub fn open_alarms_at(&self, site: EntryId) -> Vec<Arc<OpenAlarm>> {
        let alarms = self.alarms.read();
        let ids = alarms.by_site.get(&site).into_iter().flatten();
        ids.filter_map(|id| alarms.open.get(id).cloned()).collect()
    }

    /// Open alarms whose bell is off for a reason other than their time, oldest first.
    pub fn suppressed_alarms(&self) -> Vec<Arc<OpenAlarm>> {
        let alarms = self.alarms.read();
        alarms.suppressed.iter().filter_map(|id| alarms.open.get(id).cloned()).collect()
    }

    /// Open alarms that are silent because of a head which is not open any more.
    pub fn orphaned_alarms(&self) -> Vec<Arc<OpenAlarm>> {
        let alarms = self.alarms.read();
        let members = alarms.members.iter().filter_map(|id| alarms.open.get(id));
        members.filter(|open| !alarms.open.contains_key(&open.alarm.head())).cloned().collect()
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
