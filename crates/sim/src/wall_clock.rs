//! The only place of the simulation that looks at a clock.
#![allow(
    clippy::disallowed_methods,
    reason = "virtual terminals live in real time beside the system; they are no part of it"
)]

use std::time::Instant;

use gb26875::{Clock, Label};
use jiff::Timestamp;
use jiff::tz::Offset;

/// Hours that Beijing time is ahead of UTC; terminals write it without saying so.
const BEIJING_OFFSET_H: i8 = 8;

/// The present.
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// A clock that only goes forward.
pub(crate) fn monotonic() -> Instant {
    Instant::now()
}

/// Beijing civil time of an instant.
pub(crate) fn beijing(at: Timestamp) -> jiff::civil::DateTime {
    Offset::constant(BEIJING_OFFSET_H).to_datetime(at)
}

/// The time label of an instant in Beijing time; six zero bytes outside the years that a label can hold.
pub(crate) fn label(at: Timestamp) -> Label {
    Label::from_civil(beijing(at), Clock::Binary).unwrap_or_default()
}
