//! The words every other crate speaks: ids, regions (行政区划), actors, positions, refusals, and the
//! working calendar with its terms and deadlines.
//!
//! Nothing here reads a clock, draws a random number or touches a disk. Whoever needs an instant or an id
//! receives it as an argument, so that every decision above can be replayed from a record.

mod actor;
mod calendar;
mod calendar_year;
mod datum;
mod deadline;
mod fields;
mod id;
mod position;
mod refusal;
mod region;
mod span;
mod term;

pub use actor::{Actor, Device, Officer, Responder};
pub use calendar::{Due, WorkingCalendar, WorkingDay};
pub use calendar_year::{
    CALENDAR_YEARS, CalendarYear, HOLIDAY_CHARS_MAX, NAMED_DAYS_MAX, NamedDay, YEAR_SOURCE_CHARS_MAX,
    YearMistake, YearPart,
};
pub use datum::Datum;
pub use deadline::{Deadline, DeadlineStanding, SOON_PERCENT, SOON_WORKING_DAYS, soon_until};
pub use fields::{ids_in, overlaid};
pub use id::{AccountId, AlarmId, EntryId, PointId, TerminalId, UnitId};
pub use jiff::Timestamp;
pub use position::{Position, PositionError};
pub use refusal::{Place, Refusal, RefusalKind};
pub use region::{Level, Region, RegionCode, RegionCodeError, Scope};
pub use span::span_words;
pub use term::{TERM_AMOUNT_MAX, Term, TermError, TermUnit};

/// A JSON object: the fields of an entry, the facts of a refusal.
pub type Fields = serde_json::Map<String, serde_json::Value>;
