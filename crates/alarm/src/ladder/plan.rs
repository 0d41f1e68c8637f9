//! The rungs by kind of place, as one table: which comes after which, and how long each is given.

use super::{Waits, later};
use crate::{Class, Timing};
use fengsui_base::Timestamp;
use jiff::civil::Weekday;
use jiff::{SignedDuration, ToSpan};
use serde::{Deserialize, Serialize};

/// The hour at which a unit's manager is told of what was left overnight.
const MORNING_HOUR: i8 = 8;
/// The minute of that hour.
const MORNING_MINUTE: i8 = 30;
/// How often the manager is told again, in days.
const AGAIN_DAYS: i64 = 7;

/// Kinds of place where nobody sits at a panel, by the categories of the unit ledger: the people there are asked
/// before the desk. A key unit has a control room whatever its category.
const SMALL_PLACES: [&str; 4] = ["housing", "guest_house", "workshop", "restaurant"];

/// Whether nobody sits at a panel there (家庭和小场所).
pub fn is_small_place(category: &str, key_unit: bool) -> bool {
    !key_unit && SMALL_PLACES.contains(&category)
}

/// Which way an alarm takes to somebody who acts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// A fire at a staffed place: the desk first.
    Desk,
    /// A fire in a home or a small place: the people there first.
    Home,
    /// A fault, a shielding, a silence: the desk's list, then the unit's manager in the morning.
    List,
    /// What does not ring, such as a late fire: the desk's list only.
    Quiet,
    /// A fire that is being verified.
    Verify,
    /// A real fire that the fire brigade has not been told of.
    Forward,
    /// Nobody could tell: the duty leader decides.
    Leader,
    /// Anything else that somebody has taken: its holder is reminded.
    Hold,
}

/// One rung. The order is that of the climb.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rung {
    /// Where it begins: all seats ring, or the holder is at work.
    Seats,
    /// Household, grid worker and mini station at once.
    Residents,
    /// Back to the desk, because nobody answered.
    Desk,
    /// The second bell at all seats.
    RingAgain,
    /// The desk's list is marked.
    Listed,
    /// The holder's desk is reminded.
    Remind,
    /// The unit's manager on the next working morning.
    Morning,
    /// The deputy's telephone.
    Deputy,
    /// The duty leader's telephone.
    DutyLeader,
    /// The unit's safety manager.
    SafetyManager,
    /// The grid worker and the nearest mini station.
    Neighbours,
    /// Everybody again.
    AskAgain,
}

impl Rung {
    /// Whether it concerns the seats alone, before anybody is called.
    pub fn is_for_seats(self) -> bool {
        matches!(self, Rung::RingAgain)
    }

    /// Whether it needs somebody who is registered; without one it is passed.
    pub fn calls_people(self) -> bool {
        matches!(
            self,
            Rung::Residents
                | Rung::Morning
                | Rung::Deputy
                | Rung::DutyLeader
                | Rung::SafetyManager
                | Rung::Neighbours
                | Rung::AskAgain
        )
    }

    pub(super) fn is_for_list(self) -> bool {
        matches!(self, Rung::Listed | Rung::Remind | Rung::Morning)
    }

    pub(super) fn rings_again(self) -> bool {
        matches!(self, Rung::Desk | Rung::RingAgain | Rung::Remind | Rung::AskAgain)
    }
}

impl Plan {
    /// The way of a new alarm, by its class, its timeliness and whether the place is a small one.
    pub fn of(class: Class, timing: Timing, small_place: bool) -> Self {
        match (class, timing) {
            (_, Timing::Late | Timing::Skewed) => Plan::Quiet,
            (Class::Fire, Timing::OnTime) if small_place => Plan::Home,
            (Class::Fire, Timing::OnTime) => Plan::Desk,
            (_, Timing::OnTime) => Plan::List,
        }
    }
}

/// How long a rung is given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wait {
    /// So many seconds.
    Seconds(u32),
    /// Until the next working morning.
    Morning,
    /// Until a working morning a week later.
    Week,
}

impl Wait {
    /// When it ends.
    pub(super) fn from(self, at: Timestamp) -> Timestamp {
        match self {
            Wait::Seconds(seconds) => later(at, seconds),
            Wait::Morning => next_morning(at),
            Wait::Week => next_morning(at + SignedDuration::from_hours(24 * (AGAIN_DAYS - 1))),
        }
    }
}

/// The rung behind another, and how long that other one is given; none when nothing more is to come.
pub(super) fn after(plan: Plan, rung: Rung, waits: &Waits) -> Option<(Rung, Wait)> {
    let wait = Wait::Seconds;
    Some(match (plan, rung) {
        (Plan::Desk, Rung::Seats) => (Rung::RingAgain, wait(waits.seat_s)),
        (Plan::Home, Rung::Seats) => (Rung::Residents, wait(0)),
        (Plan::Home, Rung::Residents) => (Rung::Desk, wait(waits.home_s)),
        (Plan::Home, Rung::Desk) => (Rung::RingAgain, wait(waits.seat_s)),
        (Plan::Desk | Plan::Home, Rung::RingAgain) => (Rung::Deputy, wait(waits.ring_s)),
        (Plan::Desk | Plan::Home, Rung::Deputy) => (Rung::DutyLeader, wait(waits.deputy_s)),
        (Plan::Desk, Rung::DutyLeader) => (Rung::SafetyManager, wait(waits.leader_s)),
        (Plan::Desk, Rung::SafetyManager) => (Rung::Neighbours, wait(waits.manager_s)),
        (Plan::Desk | Plan::Home, _) => (Rung::AskAgain, wait(waits.ask_s)),
        (Plan::List, Rung::Seats) => (Rung::Listed, wait(waits.list_s)),
        (Plan::List, Rung::Listed) => (Rung::Morning, Wait::Morning),
        (Plan::List, _) => (Rung::Morning, Wait::Week),
        (Plan::Quiet, Rung::Seats) => (Rung::Listed, wait(waits.list_s)),
        (Plan::Quiet, _) => (Rung::Listed, Wait::Morning),
        (Plan::Verify, Rung::Seats) => (Rung::Remind, wait(waits.verify_s)),
        (Plan::Forward, Rung::Seats) => (Rung::Remind, wait(waits.forward_s)),
        (Plan::Leader, Rung::Seats) => (Rung::DutyLeader, wait(0)),
        (Plan::Verify | Plan::Forward, Rung::Remind) => (Rung::DutyLeader, wait(waits.leader_s)),
        (Plan::Verify | Plan::Forward | Plan::Leader, _) => (Rung::AskAgain, wait(waits.ask_s)),
        (Plan::Hold, Rung::Seats) => (Rung::Remind, wait(waits.list_s)),
        (Plan::Hold, _) => (Rung::Remind, Wait::Morning),
    })
}

/// The next working morning, Monday to Friday, in the office's zone. Holidays are not known here: on one the
/// manager is told as on any other weekday.
fn next_morning(at: Timestamp) -> Timestamp {
    // China has one zone without daylight saving: a fixed offset needs no time-zone file.
    const CHINA: jiff::tz::Offset = jiff::tz::Offset::constant(8);
    let today = CHINA.to_datetime(at);
    let mut day = today.date();
    let opened = |day: jiff::civil::Date| day.at(MORNING_HOUR, MORNING_MINUTE, 0, 0);
    while opened(day) <= today || matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
        day = day.saturating_add(1.day());
    }
    CHINA.to_timestamp(opened(day)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_morning_is_a_weekday_at_half_past_eight_and_never_the_same_instant() {
        // A Friday at 08:29:59, 08:30:00 and later; then over the weekend.
        assert_eq!(next_morning(at("2026-11-20T00:29:59Z")), at("2026-11-20T00:30:00Z"));
        assert_eq!(next_morning(at("2026-11-20T00:30:00Z")), at("2026-11-23T00:30:00Z"));
        assert_eq!(next_morning(at("2026-11-21T06:00:00Z")), at("2026-11-23T00:30:00Z"));
        assert_eq!(Wait::Week.from(at("2026-11-23T00:30:00Z")), at("2026-11-30T00:30:00Z"));
    }

    #[test]
    fn the_way_goes_by_class_timeliness_and_place() {
        assert_eq!(Plan::of(Class::Fire, Timing::OnTime, false), Plan::Desk);
        assert_eq!(Plan::of(Class::Fire, Timing::OnTime, true), Plan::Home);
        assert_eq!(Plan::of(Class::Fire, Timing::Late, true), Plan::Quiet);
        assert_eq!(Plan::of(Class::Fire, Timing::Skewed, false), Plan::Quiet);
        assert_eq!(Plan::of(Class::Fault, Timing::OnTime, true), Plan::List);
        assert!(is_small_place("housing", false) && is_small_place("restaurant", false));
        assert!(!is_small_place("housing", true) && !is_small_place("kindergarten", false));
    }

    #[test]
    fn every_way_goes_on_for_as_long_as_nobody_acts() {
        let plans = [
            Plan::Desk,
            Plan::Home,
            Plan::List,
            Plan::Quiet,
            Plan::Verify,
            Plan::Forward,
            Plan::Leader,
            Plan::Hold,
        ];
        for plan in plans {
            let mut rung = Rung::Seats;
            for _ in 0..20 {
                rung = after(plan, rung, &Waits::default()).expect("there is always a next rung").0;
            }
        }
    }
}
