//! Coincidence (双点、联动确认): a second signal that makes a fire probable.
//!
//! Two detectors of one place within two minutes, or a detector with a call point, a flow indicator or a
//! pressure switch, are what a linkage itself would start on. Source: GB 50116-2013 §4.1.6.

use super::FilterSettings;
use crate::{Alarm, Class, Finding, Timing};
use fengsui_base::AlarmId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How two signals confirm each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Twofold {
    /// Two points of one place (双点确认).
    TwoPoints,
    /// A detector with a call point, a flow indicator or a pressure switch (联动确认).
    Linkage,
}

impl Twofold {
    /// Stable name for machines.
    pub fn code(self) -> &'static str {
        match self {
            Twofold::TwoPoints => "two_points",
            Twofold::Linkage => "linkage",
        }
    }

    /// The word on the desk.
    pub fn label(self) -> &'static str {
        match self {
            Twofold::TwoPoints => "双点确认",
            Twofold::Linkage => "联动确认",
        }
    }
}

/// What confirms a fire.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Coincidence {
    /// How.
    pub kind: Twofold,
    /// The other alarm; `None` where the other signal is a state, such as water that flows.
    pub with: Option<AlarmId>,
    /// Where the other signal came from.
    pub place: String,
    /// When.
    pub at: Timestamp,
}

impl Coincidence {
    /// What the trace says.
    pub fn sentence(&self) -> String {
        format!("{}：{}", self.kind.label(), self.place)
    }
}

/// Whether the component is pressed by a hand: manual call point (23), hydrant button (24).
/// Source: GB/T 26875.3 table 5.
pub fn is_call_point(component_type: u8) -> bool {
    matches!(component_type, 23 | 24)
}

/// Whether the component tells of water: flow indicator (96), pressure switch (99).
/// Source: GB/T 26875.3 table 5.
pub fn is_flow_switch(component_type: u8) -> bool {
    matches!(component_type, 96 | 99)
}

/// Whether two fires of one unit confirm each other.
pub fn coincidence(a: &Alarm, b: &Alarm, settings: FilterSettings) -> Option<Twofold> {
    let apart_s = (a.last_at.as_second() - b.last_at.as_second()).abs();
    let together = a.raise.unit == b.raise.unit && (a.raise.unit.is_some() || same_terminal(a, b));
    if !counts(a)
        || !counts(b)
        || a.raise.slot == b.raise.slot
        || !together
        || apart_s > settings.coincidence_s
    {
        return None;
    }
    let second = |x: &Alarm| is_call_point(x.raise.component_type) || is_flow_switch(x.raise.component_type);
    if second(a) != second(b) {
        return Some(Twofold::Linkage);
    }
    same_place(a, b).then_some(Twofold::TwoPoints)
}

/// Only a live fire of a single point, with its bell on and not found false, confirms another.
fn counts(alarm: &Alarm) -> bool {
    let judged = alarm.verdict().is_some_and(|v| matches!(v.finding, Finding::False | Finding::Test));
    alarm.raise.class == Class::Fire
        && alarm.raise.timing == Timing::OnTime
        && alarm.is_of_point()
        && alarm.suppressed.is_none()
        && !alarm.is_closed()
        && !judged
}

/// The same floor or zone where that is known; else the same building; else the same terminal.
fn same_place(a: &Alarm, b: &Alarm) -> bool {
    let (x, y) = (&a.raise, &b.raise);
    let same_building = x.building == y.building;
    let both = |p: &Option<String>, q: &Option<String>| p.is_some() && p == q;
    if both(&x.floor, &y.floor) || both(&x.zone, &y.zone) {
        return same_building;
    }
    let unknown = [x, y].iter().any(|r| r.floor.is_none() && r.zone.is_none());
    unknown && if x.building.is_some() { same_building } else { y.building.is_none() && same_terminal(a, b) }
}

fn same_terminal(a: &Alarm, b: &Alarm) -> bool {
    a.raise.terminal == b.raise.terminal
}

#[cfg(test)]
#[path = "coincidence_tests.rs"]
mod tests;
