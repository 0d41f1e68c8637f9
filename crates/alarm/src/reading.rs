//! Scheduled readings (定时读取): how a terminal that the centre asks for its state every two hours has answered.
//!
//! A terminal that has answered before and then leaves three readings in a row without an answer is not read any more:
//! it may be heard and still not listen. One that never answered cannot do it, which is no fault; it is asked once a day.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Longest time between two readings of a terminal, in seconds. Source: GB 50440, polling at most every two hours.
pub const READING_PERIOD_S_MAX: i64 = 7_200;
/// Shortest time between two readings of a terminal, in seconds: more often would load lines that carry fires.
pub const READING_PERIOD_S_MIN: i64 = 600;
/// So many readings in a row without an answer are shown, and ask for a repair where the terminal had answered before.
pub const FAILED_READINGS_MAX: u16 = 3;
/// A terminal that has never answered is asked this often, in seconds.
const HOPELESS_PERIOD_S: i64 = 86_400;

/// How often states are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReadingRules {
    /// Between two readings of a terminal, in seconds; nothing for never.
    pub period_s: Option<i64>,
}

impl Default for ReadingRules {
    fn default() -> Self {
        Self { period_s: Some(READING_PERIOD_S_MAX) }
    }
}

/// How a reading ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReadingEnd {
    /// The terminal said how it stands.
    Answered,
    /// The terminal denied the question (command 6).
    Denied,
    /// No answer in time.
    TimedOut,
}

/// What is on record of a terminal's readings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reading {
    /// When it was asked last.
    pub asked_at: Timestamp,
    /// When it answered last, if ever.
    pub answered_at: Option<Timestamp>,
    /// How many readings in a row it has left without an answer, up to 65,535.
    pub failures: u16,
    /// Whether the last one was denied.
    pub denied: bool,
}

impl Reading {
    /// The record after one more reading.
    pub fn after(before: Option<Self>, end: ReadingEnd, now: Timestamp) -> Self {
        let answered = end == ReadingEnd::Answered;
        let (answered_before, failures) = before.map_or((None, 0), |b| (b.answered_at, b.failures));
        Self {
            asked_at: now,
            answered_at: if answered { Some(now) } else { answered_before },
            failures: if answered { 0 } else { failures.saturating_add(1) },
            denied: end == ReadingEnd::Denied,
        }
    }

    /// Whether its state cannot be read: so many failures in a row.
    pub fn is_failing(&self) -> bool {
        self.failures >= FAILED_READINGS_MAX
    }

    /// Whether that is a fault: it could once.
    pub fn is_fault(&self) -> bool {
        self.is_failing() && self.answered_at.is_some()
    }

    /// Whether it may be asked again; `period_s` is the time between two readings. Half of it is enough, so that a
    /// reading that came late is not followed by one left out. A time from the future was told by a wrong clock.
    pub fn is_due(&self, period_s: i64, now: Timestamp) -> bool {
        let hopeless = self.is_failing() && self.answered_at.is_none();
        let least_s = if hopeless { HOPELESS_PERIOD_S } else { period_s } / 2;
        self.asked_at > now || self.asked_at + SignedDuration::from_secs(least_s) <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + second).unwrap()
    }

    fn read(ends: &[ReadingEnd]) -> Reading {
        let step = |before, (n, end): (usize, &ReadingEnd)| {
            Some(Reading::after(before, *end, at(i64::try_from(n).unwrap() * READING_PERIOD_S_MAX)))
        };
        ends.iter().enumerate().fold(None, step).unwrap()
    }

    #[test]
    fn three_failures_in_a_row_show_and_are_a_fault_only_of_one_that_could_answer() {
        use ReadingEnd::{Answered, Denied, TimedOut};
        assert!(!read(&[Answered, TimedOut, TimedOut]).is_failing());
        let fails = read(&[Answered, TimedOut, Denied, TimedOut]);
        assert!(fails.is_fault() && fails.answered_at == Some(at(0)) && !fails.denied);
        let never = read(&[Denied, Denied, Denied]);
        assert!(never.is_failing() && !never.is_fault() && never.denied);
        let again = Reading::after(Some(fails), Answered, at(0));
        assert_eq!((again.failures, again.is_failing()), (0, false));
    }

    #[test]
    fn it_is_asked_once_a_period_and_once_a_day_where_nothing_ever_came() {
        use ReadingEnd::{Answered, TimedOut};
        let due = |reading: Reading, after_s| {
            reading.is_due(READING_PERIOD_S_MAX, reading.asked_at + SignedDuration::from_secs(after_s))
        };
        let fine = read(&[Answered]);
        assert!(
            !due(fine, 3_599) && due(fine, 3_600) && due(fine, -1),
            "a clock that went back holds nobody up"
        );
        let never = read(&[TimedOut, TimedOut, TimedOut]);
        assert!(!due(never, 43_199) && due(never, 43_200));
        assert!(due(read(&[Answered, TimedOut, TimedOut, TimedOut]), 3_600), "one that could is asked on");
    }
}
