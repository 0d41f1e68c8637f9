//! What ought to be, reckoned beside the engine: which slots must have an alarm, how often each was reported, who has
//! it, and when the next rung is due by the plain table of the guide. It reads what the engine shows and never asks it
//! why; the table of waits is written down here a second time on purpose.

use super::county::County;
use super::predicates::PREDICATES;
use fengsui_alarm::{Alarm, Class, Condition, Conditions, Finding, Life, Plan, Rung, Timing, Waits, Window};
use fengsui_base::{AccountId, AlarmId, EntryId, Timestamp};
use jiff::SignedDuration;
use std::collections::BTreeMap;

/// Hours that civil time in China is ahead.
const CHINA_S: i64 = 8 * 3_600;
const DAY_S: i64 = 86_400;
/// The unit's manager is told at half past eight.
const MORNING_S: i64 = 8 * 3_600 + 30 * 60;

/// The desk as it shows itself after a step.
pub(crate) struct View<'a> {
    pub(crate) now: Timestamp,
    /// Whether anybody sits there.
    pub(crate) manned: bool,
    pub(crate) open: &'a BTreeMap<AlarmId, Alarm>,
    /// Number of the last ChangeSet.
    pub(crate) sequence: u64,
    pub(crate) windows: &'a BTreeMap<EntryId, Window>,
    /// Everything that was due at this instant has been done.
    pub(crate) reconciled: bool,
    /// The open alarms as a restart finds them.
    pub(crate) rebuilt: Option<&'a BTreeMap<AlarmId, Alarm>>,
}

/// What a step did, as seen from outside.
#[derive(Default)]
pub(crate) struct Seen {
    /// Slots that were reported and have no alarm that says so.
    pub(crate) lost: Vec<String>,
    /// A report whose alarm, with nothing to keep its bell off, stands in this unit.
    pub(crate) alarmed: Vec<AlarmId>,
    /// A rung, and when it was due.
    pub(crate) climbs: Vec<(AlarmId, Rung, Timestamp)>,
    pub(crate) touched: Vec<AlarmId>,
    /// Alarms whose point restored in this step, with the state before and after.
    pub(crate) restored: Vec<(AlarmId, &'static str, &'static str)>,
}

/// The clock of an alarm by the table.
struct Clock {
    plan: Plan,
    rung: Rung,
    due: Timestamp,
    hurried: bool,
}

pub(crate) struct Oracle<'a> {
    county: &'a County,
    waits: Waits,
    /// Last-known state of each point.
    states: BTreeMap<usize, (Conditions, Timestamp)>,
    /// Slots that were reported in this step.
    expected: Vec<String>,
    /// Slots whose report came again in this step.
    again: Vec<String>,
    /// Every alarm as it was last seen.
    pub(crate) known: BTreeMap<AlarmId, Alarm>,
    clocks: BTreeMap<AlarmId, Clock>,
    /// How often each was reported, and how often a report came again.
    pub(crate) counts: BTreeMap<AlarmId, (u32, u32)>,
    /// Who took it, in order.
    pub(crate) claims: BTreeMap<AlarmId, Vec<AccountId>>,
    /// Members by the lines of the journal, each with its head.
    pub(crate) members: BTreeMap<AlarmId, AlarmId>,
    pub(crate) sequence: u64,
}

/// A promise that was not kept.
#[derive(Debug)]
pub(crate) struct Violation {
    pub(crate) predicate: &'static str,
    pub(crate) detail: String,
}

impl<'a> Oracle<'a> {
    pub(crate) fn new(county: &'a County, waits: Waits) -> Self {
        Self {
            county,
            waits,
            states: BTreeMap::new(),
            expected: Vec::new(),
            again: Vec::new(),
            known: BTreeMap::new(),
            clocks: BTreeMap::new(),
            counts: BTreeMap::new(),
            claims: BTreeMap::new(),
            members: BTreeMap::new(),
            sequence: 0,
        }
    }

    /// A point reports these conditions; what is new in them must have an alarm after this step.
    pub(crate) fn reported(&mut self, point: usize, conditions: Conditions, event_at: Timestamp) {
        let (known, known_at) =
            self.states.get(&point).copied().unwrap_or((Conditions::default(), Timestamp::MIN));
        for class in Class::ALL {
            let again = class == Class::Fire && event_at > known_at;
            if conditions.has_class(class) && (!known.has_class(class) || again) {
                self.expected.push(self.county.slot(class, point));
            }
        }
        // A state that is said once more unchanged writes nothing, so that its time is not remembered either.
        let fire = conditions.has_class(Class::Fire) && event_at > known_at;
        if event_at >= known_at && (conditions != known || fire || known_at == Timestamp::MIN) {
            self.states.insert(point, (conditions, event_at));
        }
    }

    /// The very same report once more.
    pub(crate) fn resent(&mut self, point: usize, conditions: Conditions) {
        let classes = Class::ALL.into_iter().filter(|c| conditions.has_class(*c));
        self.again.extend(classes.map(|c| self.county.slot(c, point)));
    }

    /// The conditions of the point that an alarm is about.
    pub(crate) fn conditions(&self, alarm: &Alarm) -> Conditions {
        let of = |p: &usize| self.county.slot(alarm.raise.class, *p) == alarm.raise.slot;
        self.states.iter().find(|(p, _)| of(p)).map_or(Conditions::default(), |(_, (c, _))| *c)
    }

    /// The points of a terminal that burn, as far as is known.
    pub(crate) fn burning(&self, terminal: usize) -> Vec<(usize, Conditions)> {
        let of = |(p, _): &(&usize, &(Conditions, Timestamp))| self.county.points[**p].terminal == terminal;
        let burns = self.states.iter().filter(of).filter(|(_, (c, _))| c.has(Condition::Fire));
        burns.map(|(p, (c, _))| (*p, *c)).collect()
    }

    /// Looks at the alarms that a step has touched, and judges it by every predicate.
    pub(crate) fn observe(&mut self, view: &View<'_>, touched: &[Alarm]) -> Result<(), Violation> {
        let mut seen = Seen::default();
        for alarm in touched {
            self.follow(alarm, view, &mut seen);
        }
        self.settle_reports(touched, &mut seen);
        let broken = PREDICATES.iter().find_map(|(name, holds)| Some((*name, holds(self, view, &seen)?)));
        self.sequence = view.sequence;
        match broken {
            Some((predicate, detail)) => Err(Violation { predicate, detail }),
            None => Ok(()),
        }
    }

    fn follow(&mut self, alarm: &Alarm, view: &View<'_>, seen: &mut Seen) {
        let before = self.known.insert(alarm.id, alarm.clone());
        seen.touched.push(alarm.id);
        if let Some(before) =
            before.as_ref().filter(|b| b.restored_at.is_none() && alarm.restored_at.is_some())
        {
            seen.restored.push((alarm.id, before.state(), alarm.state()));
        }
        self.follow_climb(alarm, before.as_ref(), view, seen);
        self.follow_answer(alarm, before.as_ref(), view.now);
        self.follow_plan(alarm, view.now);
    }

    fn follow_climb(&mut self, alarm: &Alarm, before: Option<&Alarm>, view: &View<'_>, seen: &mut Seen) {
        // Two climbs of one instant differ in how many there were and in what was sent.
        let last = |a: &Alarm| {
            let ladder = a.ladder.as_ref()?;
            let last = ladder.climbed.last()?;
            let sent = last.told.first().map(|t| t.message);
            Some((last.rung, last.at, (ladder.climbed.len(), ladder.rings, sent)))
        };
        let (Some((rung, at, ..)), true) = (last(alarm), last(alarm) != before.and_then(last)) else {
            return;
        };
        let Some(due) = self.due(alarm, view) else { return };
        seen.climbs.push((alarm.id, rung, due));
        if let Some(clock) = self.clocks.get_mut(&alarm.id) {
            (clock.rung, clock.due) = (rung, after(clock.plan, rung, at, &self.waits));
        }
    }

    fn follow_answer(&mut self, alarm: &Alarm, before: Option<&Alarm>, now: Timestamp) {
        let count = |a: &Alarm| {
            let answers = &a.ladder.as_ref()?.answers;
            Some((answers.len(), answers.last()?.at, answers.last()?.message))
        };
        let (Some(_), true) = (count(alarm), count(alarm) != before.and_then(count)) else { return };
        let answer = alarm.ladder.as_ref().and_then(|l| l.answers.last()).map(|a| a.answer);
        let Some(clock) = self.clocks.get_mut(&alarm.id) else { return };
        match answer {
            Some(fengsui_alarm::Answer::Burning) => clock.hasten(now),
            _ => clock.due = clock.due.max(later(now, self.waits.pause_s)),
        }
    }

    fn follow_plan(&mut self, alarm: &Alarm, now: Timestamp) {
        let Some(plan) = plan(alarm, self.county) else {
            self.clocks.remove(&alarm.id);
            return;
        };
        let first = |plan| after(plan, Rung::Seats, now, &self.waits);
        let fresh = || Clock { plan, rung: Rung::Seats, due: first(plan), hurried: false };
        let clock = self.clocks.entry(alarm.id).or_insert_with(fresh);
        if clock.plan != plan {
            (clock.plan, clock.rung, clock.due) = (plan, Rung::Seats, first(plan));
        }
        if alarm.coincidence.is_some() && !clock.hurried && matches!(plan, Plan::Desk | Plan::Home) {
            clock.hurried = true;
            clock.hasten(now);
        }
    }

    /// When the next rung of an alarm is due, as things stand.
    pub(crate) fn due(&self, alarm: &Alarm, view: &View<'_>) -> Option<Timestamp> {
        let clock = self.clocks.get(&alarm.id)?;
        let empty = !view.manned && clock.plan == Plan::Desk && clock.rung == Rung::Seats;
        let company = clock.plan == Plan::Home && clock.rung == Rung::Residents && has_company(alarm, view);
        Some(if empty || company { clock.due.min(view.now) } else { clock.due })
    }

    fn settle_reports(&mut self, touched: &[Alarm], seen: &mut Seen) {
        let of_slot = |slot: &String| touched.iter().rfind(|a| a.raise.slot == *slot);
        for slot in std::mem::take(&mut self.expected) {
            match of_slot(&slot) {
                Some(alarm) => {
                    self.counts.entry(alarm.id).or_default().0 += 1;
                    seen.alarmed.push(alarm.id);
                }
                None => seen.lost.push(slot),
            }
        }
        for slot in std::mem::take(&mut self.again) {
            if let Some(alarm) = of_slot(&slot) {
                self.counts.entry(alarm.id).or_default().1 += 1;
            }
        }
    }
}

impl Clock {
    /// No more waiting, where it climbs at all.
    fn hasten(&mut self, now: Timestamp) {
        if matches!(self.plan, Plan::Desk | Plan::Home) {
            self.due = self.due.min(now);
        }
    }
}

/// Whether something else of the unit reports fire as well.
fn has_company(alarm: &Alarm, view: &View<'_>) -> bool {
    let none = |a: &Alarm| matches!(a.verdict().map(|v| v.finding), Some(Finding::False | Finding::Test));
    let fire = |a: &&Alarm| a.raise.class == Class::Fire && a.raise.timing == Timing::OnTime && !none(a);
    let same = |a: &&Alarm| a.raise.unit.is_some() && a.raise.unit == alarm.raise.unit;
    view.open.values().filter(same).filter(fire).count() > 1
}

/// The way an alarm is to take, by its state.
fn plan(alarm: &Alarm, county: &County) -> Option<Plan> {
    let (class, found) = (alarm.raise.class, alarm.verdict().map(|v| v.finding));
    let quiet = alarm.suppressed.is_some() || alarm.member.as_ref().is_some_and(|m| m.quiet);
    Some(match (&alarm.life, class, found) {
        (Life::Closed { .. } | Life::Ended { .. }, ..) => return None,
        (Life::Raised, ..) if quiet || alarm.raise.timing != Timing::OnTime => Plan::Quiet,
        (Life::Raised, Class::Fire, _) if alarm.coincidence.is_some() => Plan::Desk,
        (Life::Raised, Class::Fire, _) if county.is_small(alarm.raise.unit) => Plan::Home,
        (Life::Raised, Class::Fire, _) => Plan::Desk,
        (Life::Raised, ..) => Plan::List,
        (Life::Taken { .. }, Class::Fire, _) => Plan::Verify,
        (Life::Verified { .. }, Class::Fire, Some(Finding::Undetermined)) => Plan::Leader,
        (Life::Verified { .. }, Class::Fire, Some(Finding::Real)) => Plan::Forward,
        _ => Plan::Hold,
    })
}

/// When the rung behind this one is due. Source: docs/guide/alarms.md, 升级与通知.
fn after(plan: Plan, rung: Rung, at: Timestamp, waits: &Waits) -> Timestamp {
    let wait_s = match (plan, rung) {
        (Plan::Home | Plan::Leader, Rung::Seats) => 0,
        (Plan::Home, Rung::Residents) => waits.home_s,
        (Plan::Desk, Rung::Seats) | (Plan::Home, Rung::Desk) => waits.seat_s,
        (Plan::Desk | Plan::Home, Rung::RingAgain) => waits.ring_s,
        (Plan::Desk | Plan::Home, Rung::Deputy) => waits.deputy_s,
        (Plan::Desk, Rung::DutyLeader) => waits.leader_s,
        (Plan::Desk, Rung::SafetyManager) => waits.manager_s,
        (Plan::List | Plan::Quiet | Plan::Hold, Rung::Seats) => waits.list_s,
        (Plan::List, Rung::Listed) | (Plan::Quiet | Plan::Hold, _) => return morning(at),
        (Plan::List, _) => return morning(at + SignedDuration::from_secs(6 * DAY_S)),
        (Plan::Verify, Rung::Seats) => waits.verify_s,
        (Plan::Forward, Rung::Seats) => waits.forward_s,
        (Plan::Verify | Plan::Forward, Rung::Remind) => waits.leader_s,
        (Plan::Desk | Plan::Home | Plan::Verify | Plan::Forward | Plan::Leader, _) => waits.ask_s,
    };
    later(at, wait_s)
}

/// The next half past eight of a Monday to Friday.
fn morning(at: Timestamp) -> Timestamp {
    let local = at.as_second() + CHINA_S;
    let first = local.div_euclid(DAY_S);
    // The first day of 1970 was a Thursday.
    let working = |day: &i64| (day + 3).rem_euclid(7) < 5 && day * DAY_S + MORNING_S > local;
    let day = (first..first + 8).find(working).unwrap_or(first);
    Timestamp::from_second(day * DAY_S + MORNING_S - CHINA_S).unwrap_or(at)
}

fn later(at: Timestamp, seconds: u32) -> Timestamp {
    at + SignedDuration::from_secs(i64::from(seconds))
}
