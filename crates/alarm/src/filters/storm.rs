//! Storm (告警风暴): very many points of one unit become one incident with members.
//!
//! The desk sees one line that says how much there is and where it spreads. Every member remains an alarm of its
//! own, and one in a building where nothing was before rings again: that is how a fire travels.

use super::{Filter, FilterSettings};
use crate::{Alarm, Finding, Timing};
use fengsui_base::{AlarmId, Officer};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A minute, in which the points of a unit are counted, in seconds.
const MINUTE_S: i64 = 60;
/// An incident that nothing has joined for so long takes in nothing more, in seconds.
pub const STORM_QUIET_S: i64 = 600;
/// Most members of one incident; what comes beyond rings and begins another.
pub const MEMBERS_MAX: usize = 500;

/// How an alarm came to its incident.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum Joined {
    /// As one of very many.
    Storm,
    /// As one of the faults of many units of a township.
    Area,
    /// By an officer.
    Officer {
        /// Who.
        officer: Officer,
    },
}

impl Joined {
    /// The filter that this is.
    pub fn filter(&self) -> Filter {
        match self {
            Joined::Storm => Filter::Storm,
            Joined::Area => Filter::Area,
            Joined::Officer { .. } => Filter::Merged,
        }
    }
}

/// The incident that an alarm is a member of.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Membership {
    /// The alarm that stands for the incident.
    pub head: AlarmId,
    /// Its words: 云岫纺织 1 号厂房 2 层 1-2-001.
    pub words: String,
    /// How it came there.
    #[serde(flatten)]
    pub joined: Joined,
    /// Whether its bell is off because that of the head speaks for it.
    pub quiet: bool,
    /// Since when.
    pub at: Timestamp,
}

/// What becomes of a new alarm in a storm.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Storm {
    /// The head of the incident.
    pub head: AlarmId,
    /// Alarms that join it together with the new one, because the incident begins now, and whether each of them
    /// goes on ringing.
    pub others: Vec<(AlarmId, bool)>,
    /// Whether the new one rings all the same.
    pub rings: bool,
}

/// Whether a new alarm belongs to an incident. `open` are the open alarms of its unit, without it.
pub fn storm<'a>(
    new: &Alarm,
    open: impl Iterator<Item = &'a Alarm>,
    settings: FilterSettings,
) -> Option<Storm> {
    let now = new.raise.raised_at;
    let same = |a: &&Alarm| a.id != new.id && a.raise.class == new.raise.class && counts(a);
    let mut open: Vec<_> = open.filter(same).collect();
    open.sort_by_key(|a| (a.raise.raised_at, a.id));
    if !counts(new) || new.raise.unit.is_none() {
        return None;
    }
    running(new, &open, now).or_else(|| beginning(new, &open, now, settings))
}

/// The incident that is going on, with room for one more.
fn running(new: &Alarm, open: &[&Alarm], now: Timestamp) -> Option<Storm> {
    let of_storm = |a: &&&Alarm| a.member.as_ref().is_some_and(|m| m.joined == Joined::Storm);
    let mut incidents: BTreeMap<AlarmId, Vec<&Alarm>> = BTreeMap::new();
    for alarm in open.iter().filter(of_storm) {
        let head = alarm.member.as_ref().map(|m| m.head);
        incidents.entry(head.unwrap_or(alarm.id)).or_default().push(alarm);
    }
    let live = |(id, members): (AlarmId, Vec<&'_ Alarm>)| {
        let head = open.iter().find(|a| a.id == id && a.member.is_none())?;
        let last = members.iter().map(|m| m.raise.raised_at).max()?;
        let quiet = last + SignedDuration::from_secs(STORM_QUIET_S) < now;
        let here = |a: &Alarm| a.raise.building == new.raise.building;
        let known = here(head) || members.iter().any(|m| here(m));
        (!quiet && members.len() < MEMBERS_MAX).then(|| Storm { head: id, others: Vec::new(), rings: !known })
    };
    incidents.into_iter().rev().find_map(live)
}

/// The incident that begins with the new alarm: the first that still rings stands for it.
fn beginning(new: &Alarm, open: &[&Alarm], now: Timestamp, settings: FilterSettings) -> Option<Storm> {
    let since = now - SignedDuration::from_secs(MINUTE_S);
    let burst: Vec<_> = open.iter().filter(|a| a.raise.raised_at > since && a.member.is_none()).collect();
    if burst.len() < settings.storm_points {
        return None;
    }
    let mut ringing = burst.into_iter().filter(|a| a.rings());
    let head = ringing.next()?;
    // One bell for each building: the head's, and that of the first in any other.
    let mut buildings = BTreeSet::from([head.raise.building.as_deref()]);
    let others = ringing.map(|a| (a.id, buildings.insert(a.raise.building.as_deref()))).collect();
    Some(Storm { head: head.id, others, rings: buildings.insert(new.raise.building.as_deref()) })
}

/// Late and suppressed alarms have no bell to be relieved of, and what was found false stands for nothing.
pub(super) fn counts(alarm: &Alarm) -> bool {
    let judged = alarm.verdict().is_some_and(|v| matches!(v.finding, Finding::False | Finding::Test));
    alarm.raise.timing == Timing::OnTime && alarm.suppressed.is_none() && !alarm.is_closed() && !judged
}

/// Where an incident spreads: building and floor with the number of alarms, most first.
pub fn spread<'a>(alarms: impl Iterator<Item = &'a Alarm>) -> Vec<(String, usize)> {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for alarm in alarms {
        let words = [alarm.raise.building.as_deref(), alarm.raise.floor.as_deref()];
        let place = words.into_iter().flatten().collect::<Vec<_>>().join(" ");
        *places.entry(if place.is_empty() { "未定位".to_owned() } else { place }).or_default() += 1;
    }
    let mut all: Vec<_> = places.into_iter().collect();
    all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    all
}

#[cfg(test)]
#[path = "storm_tests.rs"]
mod tests;
