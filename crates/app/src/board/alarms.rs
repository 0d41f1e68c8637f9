//! Open alarms, by id, by the slot each one holds, by unit and terminal, and by the instant at which the ladder goes on.

use super::Board;
use super::areas::{Areas, township_of};
use super::climbs::Climbs;
use super::tally::{OpenCounts, OutageSort, Tally};
use crate::entries::read;
use fengsui_alarm::{Alarm, is_area_fault};
use fengsui_base::{AlarmId, EntryId, RegionCode, Scope, TerminalId, Timestamp, UnitId};
use fengsui_ledger::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;
use std::ops::Bound;
use std::sync::Arc;

#[derive(Default)]
pub(super) struct Alarms {
    open: BTreeMap<AlarmId, Arc<OpenAlarm>>,
    by_slot: HashMap<String, AlarmId>,
    /// Whose ladder goes on when.
    climbs: Climbs,
    by_site: HashMap<EntryId, BTreeSet<AlarmId>>,
    by_terminal: HashMap<TerminalId, BTreeSet<AlarmId>>,
    /// What does not work, by unit and then by age, as it is listed.
    outages: BTreeMap<(String, AlarmId), Arc<OpenAlarm>>,
    /// The faults of each township that a new one may join.
    areas: Areas,
    tally: Tally,
    suppressed: BTreeSet<AlarmId>,
    members: BTreeSet<AlarmId>,
    /// The members of each head.
    by_head: HashMap<AlarmId, BTreeSet<AlarmId>>,
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

fn leave<K: Hash + Eq>(sets: &mut HashMap<K, BTreeSet<AlarmId>>, whose: K, id: AlarmId) {
    if let Some(all) = sets.get_mut(&whose) {
        all.remove(&id);
        if all.is_empty() {
            sets.remove(&whose);
        }
    }
}

/// Where alarms are neighbours: the unit, or the terminal that belongs to none.
pub(crate) fn site(alarm: &Alarm) -> EntryId {
    alarm.raise.unit.map_or_else(|| alarm.raise.terminal.into(), EntryId::from)
}

impl Alarms {
    /// Takes an alarm out of everything that [`Alarms::keep`] put it into.
    fn forget(&mut self, open: &OpenAlarm) {
        let alarm = &open.alarm;
        self.open.remove(&alarm.id);
        self.suppressed.remove(&alarm.id);
        self.members.remove(&alarm.id);
        alarm.member.iter().for_each(|member| leave(&mut self.by_head, member.head, alarm.id));
        self.climbs.forget(open);
        self.areas.forget(open);
        leave(&mut self.by_site, site(alarm), alarm.id);
        leave(&mut self.by_terminal, alarm.raise.terminal, alarm.id);
        self.outages.remove(&open.place());
        self.tally.remove(open);
    }

    fn keep(&mut self, open: OpenAlarm) {
        let open = Arc::new(open);
        let alarm = &open.alarm;
        self.by_site.entry(site(alarm)).or_default().insert(alarm.id);
        self.by_terminal.entry(alarm.raise.terminal).or_default().insert(alarm.id);
        mark(&mut self.suppressed, alarm.id, alarm.suppressed.is_some());
        mark(&mut self.members, alarm.id, alarm.member.is_some());
        if let Some(member) = &alarm.member {
            self.by_head.entry(member.head).or_default().insert(alarm.id);
        }
        self.climbs.keep(&open);
        self.areas.keep(&open);
        if OutageSort::default().has(alarm) {
            self.outages.insert(open.place(), open.clone());
        }
        self.tally.add(&open);
        self.open.insert(alarm.id, open);
    }
}

impl Alarms {
    /// Whether faults of its own or of other units are members of an alarm: then it does not stand alone.
    fn heads_faults(&self, id: AlarmId) -> bool {
        let members = self.by_head.get(&id).into_iter().flatten();
        members.filter_map(|member| self.open.get(member)).any(|open| is_area_fault(&open.alarm))
    }

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
    /// As stored, without its fields: what they say stands in `alarm`, and a night may have twenty thousand open.
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
        alarms.written_again(&alarm);
        if let Some(before) = alarms.open.get(&alarm.id).cloned() {
            alarms.forget(&before);
        }
        if alarm.is_closed() {
            alarms.again.remove(&alarm.id);
        } else {
            alarms.keep(OpenAlarm { entry: entry.head(), alarm });
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

    /// How many alarms are open within a scope.
    pub fn open_counts(&self, scope: &Scope) -> OpenCounts {
        let alarms = self.alarms.read();
        let units = scope.units().iter().filter_map(|unit| alarms.by_site.get(unit)).flatten();
        let of_units = units.filter_map(|id| alarms.open.get(id));
        let beside = of_units.filter(|open| !scope.contains(open.entry.region) && open.within(scope));
        alarms.tally.counts(scope).and(beside.map(AsRef::as_ref))
    }

    /// Whether more than one fire of a unit is open and not found to be none.
    pub(crate) fn has_company(&self, unit: UnitId) -> bool {
        self.alarms.read().climbs.has_company(unit)
    }

    /// Open faults that may make an incident of their township with one that came at this instant: what stands alone
    /// since so many seconds, and the incidents that go on. The others of the township would change nothing.
    pub(crate) fn area_faults(
        &self,
        region: RegionCode,
        now: Timestamp,
        within_s: i64,
    ) -> Vec<Arc<OpenAlarm>> {
        let (alarms, township) = (self.alarms.read(), township_of(region).start);
        let alone = alarms.areas.alone(township, now, within_s).filter(|id| !alarms.heads_faults(*id));
        let ids: BTreeSet<_> = alone.chain(alarms.areas.running(township, now)).collect();
        let here = |open: &&Arc<OpenAlarm>| township_of(open.entry.region).start == township;
        ids.iter().filter_map(|id| alarms.open.get(id)).filter(here).cloned().collect()
    }

    /// What does not work within a scope, by unit and then by age, behind a place of that order: at most `limit` of
    /// those that are wanted.
    pub(crate) fn outages(
        &self,
        scope: &Scope,
        after: Option<(String, AlarmId)>,
        limit: usize,
        wanted: impl Fn(&Alarm) -> bool,
    ) -> Vec<Arc<OpenAlarm>> {
        let alarms = self.alarms.read();
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let behind = alarms.outages.range((from, Bound::Unbounded)).map(|(_, open)| open);
        let within = |open: &&Arc<OpenAlarm>| open.within(scope) && wanted(&open.alarm);
        behind.filter(within).take(limit).cloned().collect()
    }

    /// Open alarms of a terminal, oldest first.
    pub fn open_alarms_of(&self, terminal: TerminalId) -> Vec<Arc<OpenAlarm>> {
        let alarms = self.alarms.read();
        let ids = alarms.by_terminal.get(&terminal).into_iter().flatten();
        ids.filter_map(|id| alarms.open.get(id).cloned()).collect()
    }

    /// Whether a terminal has an open alarm.
    pub(crate) fn has_open_alarm(&self, terminal: TerminalId) -> bool {
        self.alarms.read().by_terminal.contains_key(&terminal)
    }

    /// Open alarms of a unit, or of a terminal that belongs to none, oldest first.
    pub fn open_alarms_at(&self, site: EntryId) -> Vec<Arc<OpenAlarm>> {
        let alarms = self.alarms.read();
        let ids = alarms.by_site.get(&site).into_iter().flatten();
        ids.filter_map(|id| alarms.open.get(id).cloned()).collect()
    }

    /// Open alarms that are members of this one, oldest first: of its unit, or of its township.
    pub(crate) fn members_of(&self, head: AlarmId) -> Vec<Arc<OpenAlarm>> {
        let alarms = self.alarms.read();
        let ids = alarms.by_head.get(&head).into_iter().flatten();
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
        self.alarms.read().open.values().filter(|a| a.within(scope)).cloned().collect()
    }

    /// Open alarms whose ladder may go on now, at most so many: those that call people first, the longest due first.
    pub(crate) fn alarms_due(&self, now: Timestamp, limit: usize) -> Vec<Arc<OpenAlarm>> {
        self.due_where(now, self.is_manned(), limit)
    }

    /// The same for a desk that is manned, or is not.
    pub(super) fn due_where(&self, now: Timestamp, manned: bool, limit: usize) -> Vec<Arc<OpenAlarm>> {
        let alarms = self.alarms.read();
        let due = alarms.climbs.due(now, manned, limit);
        due.iter().filter_map(|id| alarms.open.get(id)).cloned().collect()
    }
}

impl OpenAlarm {
    /// Whether it lies within a scope, by its region or by its unit.
    pub fn within(&self, scope: &Scope) -> bool {
        scope.holds(self.entry.region, self.alarm.raise.unit.map(EntryId::from))
    }

    /// Its place in the list of what does not work: by unit, and within it by age, because ids grow with time.
    pub(crate) fn place(&self) -> (String, AlarmId) {
        (self.alarm.raise.unit_name.clone().unwrap_or_default(), self.alarm.id)
    }
}
