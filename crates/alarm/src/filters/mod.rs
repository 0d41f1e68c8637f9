//! The filters between a signal and the bell, in the order in which they are asked.
//!
//! A duty room that is deafened stops listening, and one that is deceived sends engines to a drill. Each filter
//! decides one thing by data and time alone, none of them loses a signal, and each leaves a line in the
//! [`Trace`] of the alarm, so that the question "why did it not ring?" always has an answer.

mod area;
mod coincidence;
#[cfg(test)]
mod kit;
mod limit;
mod storm;
mod suppression;
mod trace;
mod window;

pub use area::{AREA_UNITS_MAX, AREA_UNITS_MIN, AREA_WITHIN_S_MAX, AREA_WITHIN_S_MIN, area, is_area_fault};
pub use coincidence::{Coincidence, Twofold, coincidence, is_call_point, is_flow_switch};
pub use limit::{
    Bound, Crossing, Excess, HOLD_S_MAX, LIMIT_MAX, LimitMistake, LimitState, LimitStep, Limits, Sensor, Side,
};
pub use storm::{Joined, MEMBERS_MAX, Membership, STORM_QUIET_S, Storm, spread, storm};
pub use suppression::{Suppression, Suppressor, breaks_suppression, suppressor};
pub use trace::{Filter, Mark, TRACE_MAX, Trace};
pub use window::{
    AHEAD_DAYS_MAX, Cover, POINTS_MAX, Purpose, Spot, TEST_PERIOD_S, WINDOW_DAYS_MAX, Window, WindowDraft,
    WindowOwner, WindowState, WindowStep,
};

/// Shortest time within which two points confirm each other, in seconds: two frames of one loop take that long.
pub const COINCIDENCE_MIN_S: i64 = 10;
/// Longest, in seconds: what lies further apart are two events.
pub const COINCIDENCE_MAX_S: i64 = 900;
/// Fewest points a minute beyond which a unit's alarms are one incident: below that, two rooms would be one.
pub const STORM_POINTS_MIN: usize = 3;
/// Most of them: an incident must begin before it is full.
pub const STORM_POINTS_MAX: usize = 200;

/// What a site sets of the filters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FilterSettings {
    /// Two points of one place within so many seconds confirm each other.
    pub coincidence_s: i64,
    /// More points of one unit within a minute than this are one incident.
    pub storm_points: usize,
    /// Faults of so many units of one township are one incident.
    pub area_units: usize,
    /// When they begin within so many seconds.
    pub area_within_s: i64,
}

impl Default for FilterSettings {
    fn default() -> Self {
        Self { coincidence_s: 120, storm_points: 10, area_units: 5, area_within_s: 180 }
    }
}
