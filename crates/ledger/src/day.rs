//! A field of a date or of an instant, read: both are text, and an instant begins like a date.

use fengsui_base::{Timestamp, WorkingCalendar};
use jiff::civil::Date;
use serde_json::Value;

/// What a field of time says.
pub(crate) enum Day {
    /// A whole day.
    Date(Date),
    /// One instant.
    Instant(Timestamp),
}

impl Day {
    /// Reads a value; none when it is neither. An instant reads as a date too, but as the one of its own zone: it is
    /// tried first, and a bare date reads as an instant too little.
    pub(crate) fn of(value: Option<&Value>) -> Option<Self> {
        let text = value?.as_str()?;
        let instant = text.parse().ok().map(Self::Instant);
        instant.or_else(|| text.parse().ok().map(Self::Date))
    }

    /// The day in the office.
    pub(crate) fn date(&self, calendar: &WorkingCalendar) -> Date {
        match self {
            Self::Date(day) => *day,
            Self::Instant(at) => calendar.day_of(*at),
        }
    }

    /// The instant from which time is counted; a day's is its beginning in the office.
    pub(crate) fn start(&self, calendar: &WorkingCalendar) -> Option<Timestamp> {
        match self {
            // The deadline of the day before ends where this day begins.
            Self::Date(day) => Some(calendar.due_on(day.yesterday().ok()?).at),
            Self::Instant(at) => Some(*at),
        }
    }
}
