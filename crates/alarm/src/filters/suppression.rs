//! Suppression (抑制): an alarm whose bell is off because of a window, the panel's own shielding, or a test.
//!
//! A suppressed alarm is an alarm like any other but for its bell. What breaks a suppression is a fire of the
//! same unit that nothing covers: works make dust at one detector, a fire goes on to the next.

use super::{Filter, Purpose, Spot, Window};
use crate::{Alarm, Class, Condition, Conditions, Finding, Timing};
use fengsui_base::EntryId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What keeps a bell off.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Suppressor {
    /// A window.
    Window {
        /// Which.
        window: EntryId,
        /// What for.
        purpose: Purpose,
        /// Until when.
        until_at: Timestamp,
    },
    /// The panel says that the point is shielded.
    Panel,
    /// The terminal says that it is being tested, with makers of whom that bit is known.
    TestState,
}

/// Why a bell is off, and since when.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Suppression {
    /// What keeps it off.
    #[serde(flatten)]
    pub by: Suppressor,
    /// Since when.
    pub at: Timestamp,
    /// In words: 维护窗口（1 号楼 3 层，负责人 王强）.
    pub words: String,
}

impl Suppression {
    /// The filter that this is.
    pub fn filter(&self) -> Filter {
        match self.by {
            Suppressor::Window { purpose: Purpose::Drill, .. } => Filter::Drill,
            Suppressor::Window { purpose: Purpose::Test, .. } | Suppressor::TestState => Filter::Test,
            Suppressor::Window { .. } => Filter::Window,
            Suppressor::Panel => Filter::Shielded,
        }
    }

    /// The word for its mark: 维护, 屏蔽, 演练, 测试.
    pub fn label(&self) -> &'static str {
        match self.by {
            Suppressor::Window { purpose, .. } => purpose.label(),
            Suppressor::Panel => Purpose::Shielding.label(),
            Suppressor::TestState => Purpose::Test.label(),
        }
    }

    /// Until when at the latest, where that is known.
    pub fn until_at(&self) -> Option<Timestamp> {
        if let Suppressor::Window { until_at, .. } = self.by { Some(until_at) } else { None }
    }
}

/// What keeps off the bell of a signal from there, if anything does. Of several windows the one that ends last
/// counts.
pub fn suppressor<'a>(
    windows: impl Iterator<Item = (EntryId, &'a Window)>,
    spot: &Spot<'_>,
    class: Class,
    conditions: Conditions,
    now: Timestamp,
) -> Option<Suppression> {
    // The shielding of a point is the news itself, whoever works there.
    if class == Class::Shielded {
        return None;
    }
    let covering = windows.filter(|(_, w)| w.holds_at(now) && w.covers(spot));
    if let Some((id, window)) = covering.max_by_key(|(_, w)| w.until_at) {
        let by = Suppressor::Window { window: id, purpose: window.purpose, until_at: window.until_at };
        return Some(Suppression { by, at: now, words: window.words() });
    }
    let own = |by, words: &str| Some(Suppression { by, at: now, words: words.to_owned() });
    if class == Class::Fire && conditions.has(Condition::Shielded) {
        return own(Suppressor::Panel, "点位在控制器上已屏蔽");
    }
    if conditions.has(Condition::Test) {
        return own(Suppressor::TestState, "终端上报测试状态");
    }
    None
}

/// Whether this alarm, which nothing covers, makes the suppressed fires of its unit ring: a live fire that
/// nobody has found false.
pub fn breaks_suppression(alarm: &Alarm) -> bool {
    let judged = alarm.verdict().is_some_and(|v| matches!(v.finding, Finding::False | Finding::Test));
    alarm.raise.class == Class::Fire
        && alarm.raise.timing == Timing::OnTime
        && alarm.suppressed.is_none()
        && !alarm.is_closed()
        && !judged
}

#[cfg(test)]
#[path = "suppression_tests.rs"]
mod tests;
