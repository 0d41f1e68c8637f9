//! From a signal to a closed alarm, decided by data and time alone.
//!
//! A terminal reports a state; [`assess`] compares it with the last-known one and says which alarms begin,
//! repeat or end their state; [`judge`] says whether the report is timely enough to ring. An [`Alarm`] then
//! lives its life: raised, taken by one seat, verified, forwarded, closed. Restoring a point ends its state,
//! never its alarm. Nothing here knows a wire format, a database or the present time.

mod assess;
mod condition;
mod duty;
mod filters;
mod ladder;
mod life;
mod line;
mod reading;
mod reckoning;
mod silence;
mod timing;
mod words;

pub use assess::{Assessment, LastKnown, assess};
pub use condition::{Class, Condition, Conditions};
pub use duty::{
    DUTY_MINUTES_MAX, DUTY_MINUTES_MIN, DUTY_PER_WEEK_MAX, DutyCheck, DutyRhythm, DutyScore, DutyState,
    LATE_WITHIN_S, MISSED_TOLD,
};
pub use filters::{
    AHEAD_DAYS_MAX, AREA_UNITS_MAX, AREA_UNITS_MIN, AREA_WITHIN_S_MAX, AREA_WITHIN_S_MIN, Bound,
    COINCIDENCE_MAX_S, COINCIDENCE_MIN_S, Coincidence, Cover, Crossing, Excess, Filter, FilterSettings,
    HOLD_S_MAX, Joined, LIMIT_MAX, LimitMistake, LimitState, LimitStep, Limits, MEMBERS_MAX, Mark,
    Membership, POINTS_MAX, Purpose, STORM_POINTS_MAX, STORM_POINTS_MIN, STORM_QUIET_S, Sensor, Side, Spot,
    Storm, Suppression, Suppressor, TEST_PERIOD_S, TRACE_MAX, Trace, Twofold, WINDOW_DAYS_MAX, Window,
    WindowDraft, WindowOwner, WindowState, WindowStep, area, breaks_suppression, coincidence, is_area_fault,
    is_call_point, is_flow_switch, spread, storm, suppressor,
};
pub use ladder::{
    ANSWERS_MAX, Answer, Answered, CLIMBED_MAX, Climbed, Ladder, Plan, Rung, Scene, Step, Told, WAIT_MAX_S,
    WAIT_MIN_S, Waits, is_small_place,
};
pub use life::{
    Action, Alarm, Cause, Closing, Event, Field, FieldKind, Finding, Forwarding, Ground, Holder, Input, Life,
    NOTE_CHARS_MAX, Raise, StepState, Verdict, local_time,
};
pub use line::{LINE_CHANGES_MAX, LINE_CHANGES_MIN, LINE_S_MAX, LINE_S_MIN, Line, LineRules};
pub use reading::{
    FAILED_READINGS_MAX, READING_PERIOD_S_MAX, READING_PERIOD_S_MIN, Reading, ReadingEnd, ReadingRules,
};
pub use reckoning::{
    Age, AgingPart, DONE_BY_CHARS_MAX, DUE_SOON_MONTHS, FALSE_A_DAY_MAX, Facility, Figures, Month,
    REPAIR_WITHIN_H, Rate, ServiceLife, Task, Todo, TodoOutcome, TodoOwner, TodoState, TodoStep, due_on,
    over_limit,
};
pub use silence::{OFFLINE_AFTER_S_MAX, OFFLINE_AFTER_S_MIN, Rhythm, Silence};
pub use timing::{Clocks, KEPT_LIMIT_S, LATE_LIMIT_S, SKEW_SHOWN_S, Timing, judge};
