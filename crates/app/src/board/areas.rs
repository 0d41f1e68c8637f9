//! Which open faults may make an incident of a township (成片故障) with a new one: those that stand alone, by the instant
//! at which they came, and those of the incidents that go on. In a mass fault thousands are open, and nearly all of them
//! are members already: they are not walked for each new one.

use super::alarms::OpenAlarm;
use fengsui_alarm::{Alarm, Joined, MEMBERS_MAX, STORM_QUIET_S, is_area_fault};
use fengsui_base::{AlarmId, RegionCode, Timestamp};
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Codes below one township. Source: GB/T 10114, the first nine digits.
const BELOW: u64 = 1_000;

/// The codes of a township and everything below it.
pub(crate) fn township_of(region: RegionCode) -> Range<u64> {
    let first = region.number() / BELOW * BELOW;
    first..first + BELOW
}

/// The faults of each township.
#[derive(Default)]
pub(super) struct Areas {
    /// Those that ring for themselves, by township and instant.
    alone: BTreeSet<(u64, Timestamp, AlarmId)>,
    /// The members of each incident of a township, by instant.
    incidents: BTreeMap<(u64, AlarmId), BTreeSet<(Timestamp, AlarmId)>>,
}

fn place(open: &OpenAlarm) -> (u64, Timestamp, AlarmId) {
    (township_of(open.entry.region).start, open.alarm.raise.raised_at, open.alarm.id)
}

fn stands_alone(alarm: &Alarm) -> bool {
    is_area_fault(alarm) && alarm.member.is_none() && alarm.rings()
}

fn head_of(alarm: &Alarm) -> Option<AlarmId> {
    let member = alarm.member.as_ref().filter(|m| m.joined == Joined::Area)?;
    is_area_fault(alarm).then_some(member.head)
}

impl Areas {
    pub(super) fn keep(&mut self, open: &OpenAlarm) {
        let (township, at, id) = place(open);
        if stands_alone(&open.alarm) {
            self.alone.insert((township, at, id));
        }
        if let Some(head) = head_of(&open.alarm) {
            self.incidents.entry((township, head)).or_default().insert((at, id));
        }
    }

    /// Takes an alarm out of everything that [`Areas::keep`] put it into.
    pub(super) fn forget(&mut self, open: &OpenAlarm) {
        let (township, at, id) = place(open);
        self.alone.remove(&(township, at, id));
        let Some(head) = head_of(&open.alarm) else { return };
        if let Some(members) = self.incidents.get_mut(&(township, head)) {
            members.remove(&(at, id));
            if members.is_empty() {
                self.incidents.remove(&(township, head));
            }
        }
    }

    /// Faults of a township that stand alone and came within so many seconds before an instant, or later.
    pub(super) fn alone(
        &self,
        township: u64,
        now: Timestamp,
        within_s: i64,
    ) -> impl Iterator<Item = AlarmId> + '_ {
        let nobody = AlarmId(fengsui_base::EntryId::from_u128(0));
        let since = now - SignedDuration::from_secs(within_s);
        let recent = self.alone.range((township, since, nobody)..(township + 1, Timestamp::MIN, nobody));
        recent.map(|(_, _, id)| *id)
    }

    /// The heads and members of the incidents of a township that have room for one more and were not quiet for long.
    pub(super) fn running(&self, township: u64, now: Timestamp) -> impl Iterator<Item = AlarmId> + '_ {
        let id = |number| AlarmId(fengsui_base::EntryId::from_u128(number));
        let all = self.incidents.range((township, id(0))..=(township, id(u128::MAX)));
        let since = now - SignedDuration::from_secs(STORM_QUIET_S);
        let live = all.filter(move |(_, members)| {
            members.len() < MEMBERS_MAX && members.last().is_some_and(|(at, _)| *at >= since)
        });
        live.flat_map(|((_, head), members)| members.iter().map(|(_, id)| *id).chain([*head]))
    }
}
