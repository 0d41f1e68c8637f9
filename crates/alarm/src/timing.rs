//! Whether a report is fresh enough to ring: the terminal's two times against the server's one.
//!
//! A frame carries the time it was sent and each object the time it happened, both by the terminal's clock.
//! Their difference is the age of the event and does not depend on the clock being right: a detector whose
//! clock stands in 2012 may report a fire that is ten seconds old. A frame that a terminal with a good clock
//! kept for hours and sends unchanged is told apart by that: its clock was right the last time we heard it.
//! When in doubt, it rings.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An event older than this when it was sent, or ahead by more, does not ring, in seconds.
pub const LATE_LIMIT_S: i64 = 600;
/// Nobody keeps a frame longer than this and sends it still: an older one has a clock that fell back, in seconds.
pub const KEPT_LIMIT_S: i64 = 30 * 24 * 3600;
/// Both clocks are shown when they differ by more than this, in seconds.
pub const SKEW_SHOWN_S: i64 = 60;

/// The three times of a report.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Clocks {
    /// When it happened, by the terminal; absent when impossible or not sent.
    pub event_at: Option<Timestamp>,
    /// When the frame was sent, by the terminal.
    pub sent_at: Option<Timestamp>,
    /// When it was received, by the server.
    pub received_at: Timestamp,
}

impl Clocks {
    /// How far the terminal's clock is behind the server's, in seconds; negative when it is ahead.
    pub fn offset_s(&self) -> Option<i64> {
        self.sent_at.map(|sent| seconds(sent, self.received_at))
    }
}

/// How timely a report is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timing {
    /// Rings.
    OnTime,
    /// Happened long before it arrived: listed, no bell (迟到).
    Late,
    /// Its time lies in the future or makes no sense: listed, no bell (时钟偏差).
    Skewed,
}

impl Timing {
    /// Stable name for machines.
    pub fn code(self) -> &'static str {
        match self {
            Timing::OnTime => "on_time",
            Timing::Late => "late",
            Timing::Skewed => "skewed",
        }
    }
}

/// Judges a report. `clock_was_right` says that the terminal's clock agreed with ours the last time it
/// reported live; without such knowledge an old sending time counts as a wrong clock, not as an old event.
pub fn judge(clocks: Clocks, clock_was_right: bool) -> Timing {
    let Some(event_at) = clocks.event_at else { return Timing::OnTime };
    let Some(sent_at) = clocks.sent_at else { return by_age(seconds(event_at, clocks.received_at)) };
    match by_age(seconds(event_at, sent_at)) {
        Timing::OnTime if clock_was_right && seconds(sent_at, clocks.received_at) <= KEPT_LIMIT_S => {
            by_age(seconds(sent_at, clocks.received_at))
        }
        other => other,
    }
}

fn by_age(age_s: i64) -> Timing {
    if age_s > LATE_LIMIT_S {
        Timing::Late
    } else if age_s < -LATE_LIMIT_S {
        Timing::Skewed
    } else {
        Timing::OnTime
    }
}

fn seconds(from: Timestamp, to: Timestamp) -> i64 {
    to.as_second() - from.as_second()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clocks(event: &str, sent: &str, received: &str) -> Clocks {
        let at = |t: &str| if t.is_empty() { None } else { Some(t.parse().unwrap()) };
        Clocks { event_at: at(event), sent_at: at(sent), received_at: at(received).unwrap() }
    }

    #[test]
    fn a_wrong_clock_does_not_silence_a_fresh_fire() {
        let c = clocks("2012-09-26T09:58:02Z", "2012-09-26T09:58:32Z", "2026-11-21T06:00:00Z");
        assert_eq!(judge(c, false), Timing::OnTime);
        assert!(c.offset_s().unwrap() > 400_000_000);
    }

    #[test]
    fn a_frame_kept_by_a_terminal_with_a_good_clock_is_late() {
        let c = clocks("2026-11-21T02:00:00Z", "2026-11-21T02:00:01Z", "2026-11-21T06:00:00Z");
        assert_eq!(judge(c, true), Timing::Late);
    }

    #[test]
    fn a_clock_that_fell_back_to_its_first_day_does_not_silence_a_fresh_fire() {
        let c = clocks("2000-01-01T00:00:05Z", "2000-01-01T00:00:06Z", "2026-11-21T06:00:00Z");
        assert_eq!(judge(c, true), Timing::OnTime);
        let kept = clocks("2026-10-22T06:00:00Z", "2026-10-22T06:00:00Z", "2026-11-21T06:00:00Z");
        assert_eq!(judge(kept, true), Timing::Late, "the limit itself may be a kept frame");
        let older = clocks("2026-10-22T05:59:59Z", "2026-10-22T05:59:59Z", "2026-11-21T06:00:00Z");
        assert_eq!(judge(older, true), Timing::OnTime);
    }

    #[test]
    fn years_in_the_past_or_future_do_not_ring() {
        let past = clocks("2012-01-01T00:00:00Z", "2026-11-21T06:00:00Z", "2026-11-21T06:00:00Z");
        let future = clocks("2099-01-01T00:00:00Z", "2026-11-21T06:00:00Z", "2026-11-21T06:00:00Z");
        assert_eq!(judge(past, false), Timing::Late);
        assert_eq!(judge(future, false), Timing::Skewed);
    }

    #[test]
    fn the_limit_itself_still_rings() {
        let at = clocks("2026-11-21T05:50:00Z", "2026-11-21T06:00:00Z", "2026-11-21T06:00:00Z");
        let over = clocks("2026-11-21T05:49:59Z", "2026-11-21T06:00:00Z", "2026-11-21T06:00:00Z");
        assert_eq!(judge(at, true), Timing::OnTime);
        assert_eq!(judge(over, true), Timing::Late);
    }

    #[test]
    fn without_a_time_label_it_rings() {
        assert_eq!(judge(clocks("", "", "2026-11-21T06:00:00Z"), true), Timing::OnTime);
    }
}
