//! Silence (离线): for how long a terminal may say nothing before it counts as offline.
//!
//! A transmission device sends a heartbeat every half minute and is missed after three of them; a polled device may be
//! asked every two hours at most; a battery sensor on NB-IoT reports about once a day and is given two or three days.
//! A deadline set for the terminal itself beats them all. Only the time at which the server received something counts:
//! a terminal's clock, however wrong, makes it neither silent nor alive.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Missing heartbeats that make silence. Source: GB/T 26875.1, three heartbeats of thirty seconds.
const HEARTBEATS_MISSED: i64 = 3;
/// Heartbeat period of a terminal that declares none, in seconds.
const HEARTBEAT_PERIOD_S: i64 = 30;
/// Longest time between two polls, in seconds. Source: GB 50440, two hours.
const POLL_MAX_S: i64 = 7_200;
/// A sensor that reports by the day is given two reports, but at least two days and at most three, in seconds.
const DAILY_MIN_S: i64 = 48 * 3_600;
const DAILY_MAX_S: i64 = 72 * 3_600;
/// A report period from which a terminal that declares no rhythm counts as reporting by the day, in seconds.
const DAILY_PERIOD_S: i64 = 6 * 3_600;
/// Shortest silence that may be set for a terminal, in seconds.
pub const OFFLINE_AFTER_S_MIN: i64 = 10;
/// Longest silence that may be set for a terminal, in seconds: thirty days.
pub const OFFLINE_AFTER_S_MAX: i64 = 30 * 86_400;

/// How a terminal keeps in touch (通信方式).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rhythm {
    /// 心跳: says by itself that it is there.
    Heartbeat,
    /// 轮询: answers when asked.
    Polled,
    /// 定期上报: sleeps, and reports about once a day.
    Daily,
}

impl Rhythm {
    /// The rhythm with this stable name.
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "heartbeat" => Some(Rhythm::Heartbeat),
            "polled" => Some(Rhythm::Polled),
            "daily" => Some(Rhythm::Daily),
            _ => None,
        }
    }
}

/// What decides when a terminal is offline.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Silence {
    /// How it keeps in touch; by its period when nobody says.
    pub rhythm: Option<Rhythm>,
    /// How often it reports at the least, in seconds.
    pub period_s: Option<i64>,
    /// Set for this terminal, in seconds.
    pub offline_after_s: Option<i64>,
}

impl Silence {
    /// How it keeps in touch.
    pub fn rhythm(&self) -> Rhythm {
        let by_period = if self.period_s >= Some(DAILY_PERIOD_S) { Rhythm::Daily } else { Rhythm::Heartbeat };
        self.rhythm.unwrap_or(by_period)
    }

    /// How often it reports at the least, in seconds.
    pub fn period_s(&self) -> i64 {
        let usual = match self.rhythm() {
            Rhythm::Heartbeat => HEARTBEAT_PERIOD_S,
            Rhythm::Polled => POLL_MAX_S / HEARTBEATS_MISSED,
            Rhythm::Daily => 86_400,
        };
        self.period_s.unwrap_or(usual).max(1)
    }

    /// Offline after so much silence, in seconds.
    pub fn after_s(&self) -> i64 {
        if let Some(set) = self.offline_after_s {
            return set.clamp(OFFLINE_AFTER_S_MIN, OFFLINE_AFTER_S_MAX);
        }
        let missed = self.period_s().saturating_mul(HEARTBEATS_MISSED);
        match self.rhythm() {
            Rhythm::Heartbeat => missed.clamp(OFFLINE_AFTER_S_MIN, OFFLINE_AFTER_S_MAX),
            Rhythm::Polled => missed.min(POLL_MAX_S),
            Rhythm::Daily => (self.period_s().saturating_mul(2)).clamp(DAILY_MIN_S, DAILY_MAX_S),
        }
    }

    /// What a terminal is given after the server was away, in seconds: one full period, and for a device with
    /// heartbeats time to connect again.
    pub fn grace_s(&self) -> i64 {
        self.period_s().max(HEARTBEATS_MISSED * HEARTBEAT_PERIOD_S).min(self.after_s())
    }

    /// When a terminal last heard then is offline, at the earliest.
    pub fn deadline(&self, last_heard: Timestamp) -> Timestamp {
        last_heard.checked_add(SignedDuration::from_secs(self.after_s())).unwrap_or(Timestamp::MAX)
    }

    /// Whether a terminal last heard then has missed a whole period, and may be about to fall silent.
    pub fn is_suspect(&self, last_heard: Timestamp, now: Timestamp) -> bool {
        now.duration_since(last_heard).as_secs() > self.period_s()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn silence(rhythm: Option<Rhythm>, period_s: Option<i64>, offline_after_s: Option<i64>) -> Silence {
        Silence { rhythm, period_s, offline_after_s }
    }

    #[test]
    fn the_rule_follows_the_rhythm_and_what_is_set_wins() {
        assert_eq!(Silence::default().after_s(), 90);
        assert_eq!(silence(None, Some(60), None).after_s(), 180);
        assert_eq!(silence(Some(Rhythm::Polled), None, None).after_s(), 7_200);
        assert_eq!(silence(Some(Rhythm::Polled), Some(600), None).after_s(), 1_800);
        assert_eq!(silence(None, Some(86_400), None).after_s(), 48 * 3_600);
        assert_eq!(silence(Some(Rhythm::Daily), Some(30 * 3_600), None).after_s(), 60 * 3_600);
        assert_eq!(silence(Some(Rhythm::Daily), Some(7 * 86_400), None).after_s(), 72 * 3_600);
        assert_eq!(silence(Some(Rhythm::Daily), None, Some(600)).after_s(), 600);
    }

    #[test]
    fn what_is_set_is_kept_within_its_limits() {
        assert_eq!(silence(None, None, Some(0)).after_s(), OFFLINE_AFTER_S_MIN);
        assert_eq!(silence(None, None, Some(i64::MAX)).after_s(), OFFLINE_AFTER_S_MAX);
        assert_eq!(silence(None, Some(i64::MAX), None).after_s(), DAILY_MAX_S);
        assert_eq!(silence(None, Some(0), None).after_s(), OFFLINE_AFTER_S_MIN);
    }

    #[test]
    fn after_the_server_was_away_everybody_is_given_a_full_period() {
        assert_eq!(Silence::default().grace_s(), 90);
        assert_eq!(silence(Some(Rhythm::Daily), None, None).grace_s(), 86_400);
        assert_eq!(silence(None, None, Some(20)).grace_s(), 20);
    }
}
