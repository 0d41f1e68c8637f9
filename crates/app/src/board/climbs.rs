//! Whose ladder goes on next (升级): open alarms by the instant of their next rung, so that a tick of the clock costs what
//! is due and not what is open. In a night with twenty thousand open alarms that is the difference between a few
//! milliseconds and a desk that is told late.
//!
//! Alarms that somebody is called for come before those that only stand in a list, however long these have been due:
//! a fire does not wait behind a quarter without current. Two events make a rung due before its time, and whoever they
//! concern is kept apart: the last officer leaves the seats, and a second fire of the unit comes.

use super::alarms::OpenAlarm;
use fengsui_alarm::{Alarm, Class, Finding, Plan, Rung, Timing};
use fengsui_base::{AlarmId, Timestamp, UnitId};
use std::collections::{BTreeSet, HashMap};

/// The place of an alarm in the order of climbing: those that call people first, then by instant.
type Turn = (bool, Timestamp, AlarmId);

/// Whose ladder goes on, and what makes one go on early.
#[derive(Default)]
pub(super) struct Climbs {
    /// When the ladder of each goes on.
    by_turn: BTreeSet<Turn>,
    /// Those that wait for the seats: due at once when nobody sits there.
    for_seats: BTreeSet<Turn>,
    /// Those of each unit that wait for the people of a home before they come to the desk.
    at_home: HashMap<UnitId, BTreeSet<Turn>>,
    /// Those of them whose unit has a second fire: due at once.
    accompanied: BTreeSet<Turn>,
    /// How many fires of each unit are open and not found to be none.
    fires: HashMap<UnitId, usize>,
}

/// Whether an alarm may be a fire, as things stand: raised in time, and not found to be none.
pub(super) fn burns(alarm: &Alarm) -> bool {
    let found = alarm.verdict().map(|v| v.finding);
    let none = matches!(found, Some(Finding::False | Finding::Test));
    alarm.raise.class == Class::Fire && alarm.raise.timing == Timing::OnTime && !none
}

/// Its turn; none when nothing more is to come. An alarm stored before there were ladders is due at once, to be given
/// one.
fn turn(open: &OpenAlarm) -> Option<Turn> {
    let alarm = &open.alarm;
    let Some(ladder) = &alarm.ladder else {
        return Some((alarm.raise.class != Class::Fire, open.entry.opened_at, alarm.id));
    };
    let listed = matches!(ladder.plan, Plan::List | Plan::Quiet | Plan::Hold);
    ladder.next_at.map(|at| (listed, at, alarm.id))
}

fn waits_for_seats(alarm: &Alarm) -> bool {
    alarm.ladder.as_ref().is_some_and(|l| l.plan == Plan::Desk && l.waits_for_seats())
}

fn waits_at_home(alarm: &Alarm) -> bool {
    alarm.ladder.as_ref().is_some_and(|l| l.next == Some(Rung::Desk))
}

impl Climbs {
    pub(super) fn keep(&mut self, open: &OpenAlarm) {
        let alarm = &open.alarm;
        let turn = turn(open);
        self.by_turn.extend(turn);
        self.for_seats.extend(turn.filter(|_| waits_for_seats(alarm)));
        let Some(unit) = alarm.raise.unit else { return };
        if let Some(turn) = turn.filter(|_| waits_at_home(alarm)) {
            self.at_home.entry(unit).or_default().insert(turn);
            self.accompanied.extend(self.has_company(unit).then_some(turn));
        }
        if burns(alarm) {
            let fires = self.fires.entry(unit).or_default();
            *fires += 1;
            if *fires == 2 {
                self.accompanied.extend(self.at_home.get(&unit).into_iter().flatten());
            }
        }
    }

    /// Takes an alarm out of everything that [`Climbs::keep`] put it into.
    pub(super) fn forget(&mut self, open: &OpenAlarm) {
        let alarm = &open.alarm;
        if let Some(turn) = turn(open) {
            for turns in [&mut self.by_turn, &mut self.for_seats, &mut self.accompanied] {
                turns.remove(&turn);
            }
            if let Some(unit) = alarm.raise.unit {
                self.leave_home(unit, &turn);
            }
        }
        if let Some(unit) = alarm.raise.unit.filter(|_| burns(alarm)) {
            self.burn_out(unit);
        }
    }

    fn leave_home(&mut self, unit: UnitId, turn: &Turn) {
        if let Some(turns) = self.at_home.get_mut(&unit) {
            turns.remove(turn);
            if turns.is_empty() {
                self.at_home.remove(&unit);
            }
        }
    }

    fn burn_out(&mut self, unit: UnitId) {
        let Some(fires) = self.fires.get_mut(&unit) else { return };
        *fires -= 1;
        let left = *fires;
        if left == 0 {
            self.fires.remove(&unit);
        } else if left == 1 {
            self.at_home.get(&unit).into_iter().flatten().for_each(|turn| {
                self.accompanied.remove(turn);
            });
        }
    }

    /// Whether more than one fire of a unit is open and not found to be none.
    pub(super) fn has_company(&self, unit: UnitId) -> bool {
        self.fires.get(&unit).is_some_and(|fires| *fires > 1)
    }

    /// Who may be due now, in the order of climbing, at most so many.
    pub(super) fn due(&self, now: Timestamp, manned: bool, limit: usize) -> Vec<AlarmId> {
        let (first, last) = (Timestamp::MIN, AlarmId(fengsui_base::EntryId::from_u128(u128::MAX)));
        let by_time = [false, true].map(|listed| {
            let whole = (listed, first, AlarmId(fengsui_base::EntryId::from_u128(0)))..=(listed, now, last);
            self.by_turn.range(whole).take(limit)
        });
        let deserted = self.for_seats.iter().filter(|_| !manned).take(limit);
        let early = deserted.chain(self.accompanied.iter().take(limit));
        let turns: BTreeSet<&Turn> = by_time.into_iter().flatten().chain(early).collect();
        turns.into_iter().take(limit).map(|(_, _, id)| *id).collect()
    }
}
