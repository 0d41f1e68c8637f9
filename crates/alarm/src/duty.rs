//! Duty checks (查岗): the centre asks, at any hour, whether somebody is at the terminal; whoever is there presses a
//! key. What counts as on time, what a month's score is, and when the next planned check comes, stands here alone.
//!
//! Source: GB/T 26875.3 §8.3.2 (type 91) and §8.3.1 (type 24 bit 5); the signal stays until it is answered, or ten
//! minutes (GB 26875.1).

use fengsui_base::{TerminalId, Timestamp, UnitId};
use jiff::SignedDuration;
use jiff::civil::Time;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

/// Shortest time to answer, in minutes.
pub const DUTY_MINUTES_MIN: u8 = 1;
/// Longest time to answer, in minutes. Source: GB 26875.1, the signal stays for ten minutes.
pub const DUTY_MINUTES_MAX: u8 = 10;
/// For how long after its end an answer still counts as a late one, in seconds.
pub const LATE_WITHIN_S: i64 = 3_600;
/// So many checks missed in a row are told to the unit's manager.
pub const MISSED_TOLD: usize = 2;
/// Most planned checks of a unit in a week.
pub const DUTY_PER_WEEK_MAX: u8 = 7;
/// Shortest time between two planned checks, in seconds of the hours in which checks come.
const GAP_MIN_S: i64 = 1_800;
/// Longest time between two planned checks, in means.
const GAP_MEANS_MAX: f64 = 3.0;
/// Days of a week.
const WEEK_DAYS: i64 = 7;
/// China has one zone without daylight saving.
const OFFICE: Offset = Offset::constant(8);

/// Where a duty check stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DutyState {
    /// Not yet at the terminal.
    Waiting,
    /// The terminal rings, the answer is awaited.
    Asked,
    /// Answered within the time (按时).
    OnTime,
    /// Answered after the time (迟答).
    Late,
    /// Not answered (未答).
    Missed,
    /// It never reached the terminal (未送达): a matter of the line, not of who is on duty.
    Unreachable,
}

impl DutyState {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Waiting, Self::Asked, Self::OnTime, Self::Late, Self::Missed, Self::Unreachable];

    /// Stable name: the state of the entry.
    pub fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Asked => "asked",
            Self::OnTime => "on_time",
            Self::Late => "late",
            Self::Missed => "missed",
            Self::Unreachable => "unreachable",
        }
    }

    /// The state with this name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether its result is still to come.
    pub fn is_running(self) -> bool {
        matches!(self, Self::Waiting | Self::Asked)
    }
}

/// A duty check as it is stored in the fields of its entry.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct DutyCheck {
    /// Unit whose people are asked.
    pub unit: UnitId,
    /// Its name then.
    pub unit_name: String,
    /// Terminal at which they are asked.
    pub terminal: TerminalId,
    /// The officer, or the plan.
    pub by: String,
    /// Minutes to answer.
    pub minutes: u8,
    /// When it was made.
    pub made_at: Timestamp,
    /// When the terminal confirmed that it rings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<Timestamp>,
    /// When somebody pressed the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Timestamp>,
    /// Number of the operator who did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<u8>,
    /// Why it did not reach the terminal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl DutyCheck {
    /// Until when an answer is on time.
    pub fn due_at(&self) -> Timestamp {
        let since = self.asked_at.unwrap_or(self.made_at);
        since + SignedDuration::from_mins(i64::from(self.minutes))
    }

    /// Seconds from asking to the answer.
    pub fn answer_s(&self) -> Option<i64> {
        let since = self.asked_at.unwrap_or(self.made_at);
        Some((self.answered_at?.as_second() - since.as_second()).max(0))
    }

    /// The terminal rings. `None` when it was answered already, or has ended.
    #[must_use]
    pub fn delivered(self, state: DutyState, now: Timestamp) -> Option<(Self, DutyState)> {
        let asked = (state == DutyState::Waiting).then_some(DutyState::Asked)?;
        Some((Self { asked_at: Some(now), ..self }, asked))
    }

    /// It did not reach the terminal. `None` when it did after all.
    #[must_use]
    pub fn failed(self, state: DutyState, reason: &str) -> Option<(Self, DutyState)> {
        let ended = (state == DutyState::Waiting).then_some(DutyState::Unreachable)?;
        Some((Self { reason: Some(reason.to_owned()), ..self }, ended))
    }

    /// Somebody pressed the key. An answer also counts when the terminal never confirmed the question, and for an hour
    /// after its end, as a late one. `None` for an answer that belongs to nothing any more.
    #[must_use]
    pub fn answered(self, state: DutyState, at: Timestamp, operator: u8) -> Option<(Self, DutyState)> {
        let open = !matches!(state, DutyState::OnTime | DutyState::Late);
        let late_s = at.as_second() - self.due_at().as_second();
        if !open || late_s > LATE_WITHIN_S || at < self.made_at {
            return None;
        }
        let found = if late_s <= 0 { DutyState::OnTime } else { DutyState::Late };
        Some((Self { answered_at: Some(at), operator: Some(operator), reason: None, ..self }, found))
    }

    /// Nobody answered in time. `None` while there is time, or when it is over.
    #[must_use]
    pub fn pass(self, state: DutyState, now: Timestamp) -> Option<(Self, DutyState)> {
        (state == DutyState::Asked && now >= self.due_at()).then_some((self, DutyState::Missed))
    }
}

/// A score: how many checks came to what, of a unit or of all, in a month.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct DutyScore {
    /// Answered within the time.
    pub on_time: u64,
    /// Answered after it.
    pub late: u64,
    /// Not answered.
    pub missed: u64,
    /// Never reached the terminal; they count for nobody.
    pub unreachable: u64,
    /// Seconds of all answers together.
    pub answers_s: i64,
}

impl DutyScore {
    /// Adds so many checks of one result; `answer_s` is the time of each answer.
    pub fn add(&mut self, state: DutyState, count: u64, answer_s: Option<i64>) {
        match state {
            DutyState::OnTime => self.on_time += count,
            DutyState::Late => self.late += count,
            DutyState::Missed => self.missed += count,
            DutyState::Unreachable => self.unreachable += count,
            DutyState::Waiting | DutyState::Asked => {}
        }
        self.answers_s += answer_s.unwrap_or(0);
    }

    /// Checks that count: those that reached the terminal and have their result.
    pub fn counted(&self) -> u64 {
        self.on_time + self.late + self.missed
    }

    /// Share answered on time, in per cent, rounded half up; nothing where nothing counts.
    pub fn share_percent(&self) -> Option<u64> {
        let counted = self.counted();
        (counted > 0).then(|| (self.on_time * 200 + counted) / (counted * 2))
    }

    /// Mean seconds to an answer, over the answers; nothing without any.
    pub fn mean_s(&self) -> Option<i64> {
        let answers = i64::try_from(self.on_time + self.late).ok().filter(|n| *n > 0)?;
        Some((self.answers_s + answers / 2) / answers)
    }
}

/// When planned checks come: so many a week in the mean, within these hours of the day.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct DutyRhythm {
    /// How many a week, 1 to [`DUTY_PER_WEEK_MAX`].
    pub per_week: u8,
    /// From this time of day.
    pub from: Time,
    /// Until this time of day, later than `from`.
    pub until: Time,
}

impl DutyRhythm {
    /// The instant of the next check. `draw` is random; equal draws give equal instants.
    ///
    /// Gaps have no memory (they are drawn from an exponential distribution): that a check came an hour ago, or has
    /// not come for a week, says nothing about the next one, so nobody can be ready for it. Bounded to half an hour
    /// and three means, so that none comes at once and none is forgotten.
    pub fn next(&self, now: Timestamp, draw: u64) -> Timestamp {
        let day_s = (self.until.duration_since(self.from)).as_secs().max(1);
        let mean_s = (day_s * WEEK_DAYS) as f64 / f64::from(self.per_week.max(1));
        // In (0, 1]: the logarithm of nothing is not asked for.
        let share = ((draw >> 11) as f64 + 1.0) / (1_u64 << 53) as f64;
        let gap_s = (-share.ln()).min(GAP_MEANS_MAX) * mean_s;
        self.after(now, (gap_s as i64).max(GAP_MIN_S))
    }

    /// The instant so many seconds of checking hours after now.
    fn after(&self, now: Timestamp, seconds: i64) -> Timestamp {
        let (mut left_s, mut day) = (seconds, OFFICE.to_datetime(now).date());
        loop {
            let instant = |time: Time| OFFICE.to_timestamp(day.to_datetime(time)).unwrap_or(now);
            let (begin, end) = (instant(self.from).max(now), instant(self.until));
            let room_s = end.as_second() - begin.as_second();
            if left_s < room_s {
                return begin + SignedDuration::from_secs(left_s);
            }
            left_s -= room_s.max(0);
            match day.tomorrow() {
                Ok(next) => day = next,
                Err(_) => return end,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fengsui_base::EntryId;
    use jiff::civil::time;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + second).unwrap()
    }

    fn check() -> DutyCheck {
        DutyCheck {
            unit: UnitId(EntryId::from_u128(1)),
            unit_name: "云岫纺织".to_owned(),
            terminal: TerminalId(EntryId::from_u128(2)),
            by: "周敏".to_owned(),
            minutes: 5,
            made_at: at(0),
            asked_at: None,
            answered_at: None,
            operator: None,
            reason: None,
        }
    }

    fn asked() -> DutyCheck {
        check().delivered(DutyState::Waiting, at(10)).unwrap().0
    }

    #[test]
    fn an_answer_counts_from_the_ring_and_is_late_a_second_after_its_time() {
        let answered =
            |s| asked().answered(DutyState::Asked, at(s), 3).map(|(c, state)| (state, c.answer_s()));
        assert_eq!(answered(10 + 300), Some((DutyState::OnTime, Some(300))));
        assert_eq!(answered(10 + 301), Some((DutyState::Late, Some(301))));
        assert_eq!(answered(10 + 300 + LATE_WITHIN_S).map(|(s, _)| s), Some(DutyState::Late));
        assert_eq!(answered(10 + 300 + LATE_WITHIN_S + 1), None);
        assert_eq!(answered(-1), None, "an answer from before the question is to another one");
    }

    #[test]
    fn nobody_answers_until_the_last_second_and_a_missed_one_may_still_be_late() {
        assert!(asked().pass(DutyState::Asked, at(309)).is_none());
        let (missed, state) = asked().pass(DutyState::Asked, at(310)).unwrap();
        assert_eq!(state, DutyState::Missed);
        assert!(missed.clone().pass(state, at(400)).is_none());
        assert_eq!(missed.answered(state, at(400), 1).unwrap().1, DutyState::Late);
    }

    #[test]
    fn what_never_arrived_is_no_fault_of_the_people_and_an_answer_proves_that_it_did() {
        let (failed, state) = check().failed(DutyState::Waiting, "没有应答").unwrap();
        assert_eq!((state, failed.reason.as_deref()), (DutyState::Unreachable, Some("没有应答")));
        let (heard, found) = failed.answered(state, at(60), 1).unwrap();
        assert_eq!((found, heard.reason), (DutyState::OnTime, None));
        assert!(asked().failed(DutyState::Asked, "").is_none());
    }

    #[test]
    fn a_score_leaves_out_what_never_arrived_and_rounds_half_up() {
        let mut score = DutyScore::default();
        assert_eq!((score.share_percent(), score.mean_s()), (None, None));
        score.add(DutyState::OnTime, 1, Some(20));
        score.add(DutyState::Late, 1, Some(401));
        score.add(DutyState::Missed, 6, None);
        score.add(DutyState::Unreachable, 9, None);
        // 1 of 8 is 12.5.
        assert_eq!((score.counted(), score.share_percent(), score.mean_s()), (8, Some(13), Some(211)));
    }

    /// A stream of draws that looks random and is the same each time (splitmix64).
    fn draws(count: usize) -> impl Iterator<Item = u64> {
        (1..=count as u64).map(|n| {
            let mut z = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        })
    }

    #[test]
    fn planned_checks_come_within_their_hours_about_as_often_as_planned() {
        let rhythm = DutyRhythm { per_week: 3, from: time(8, 0, 0, 0), until: time(22, 0, 0, 0) };
        let (mut now, count) = (at(0), 2_000);
        for draw in draws(count) {
            now = rhythm.next(now, draw);
            let local = OFFICE.to_datetime(now).time();
            assert!(local >= rhythm.from && local < rhythm.until, "{local}");
        }
        let weeks = (now.as_second() - at(0).as_second()) as f64 / 604_800.0;
        let per_week = count as f64 / weeks;
        assert!((2.7..3.4).contains(&per_week), "{per_week}");
    }

    #[test]
    fn the_smallest_and_the_largest_draw_stay_within_bounds() {
        let rhythm = DutyRhythm { per_week: 7, from: time(8, 0, 0, 0), until: time(22, 0, 0, 0) };
        let days = |draw| (rhythm.next(at(0), draw).as_second() - at(0).as_second()) / 86_400;
        assert!(days(0) <= 4 && days(u64::MAX) <= 1);
    }
}
