//! A deadline (时限) as it stands now, and the only words for it on the side of the server.
//!
//! Every list, paper and message that says how much time is left asks here, so that a deadline never reads
//! 剩 3 天 on one page and 剩 2 个工作日 on another. It is said in the unit of its law.
//!
//! Today is never counted: on the day before the last one 剩 1 天 is left, on the last day it is 今天到期, and on the
//! day after it is 逾期 1 天.

use crate::{Due, Term, TermUnit, WorkingCalendar};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// A deadline is near on so many of its last working days, the last one with them.
pub const SOON_WORKING_DAYS: u32 = 2;
/// A deadline in hours is near in this last part of its time, in per cent.
pub const SOON_PERCENT: i32 = 20;
/// Lateness of a deadline in hours is said in days from so many hours on.
const HOURS_SAID_MAX: i64 = 72;

/// Where a deadline stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadlineStanding {
    /// 未到期: there is time.
    Running,
    /// 临近到期: on the last two working days, or in the last fifth of the hours.
    DueSoon,
    /// 逾期: open, and the time is over.
    Overdue,
    /// 按期办结: done in time.
    Met,
    /// 迟办结: done, and too late.
    MetLate,
}

/// What a deadline is judged by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Deadline {
    /// When the time began to run.
    pub started_at: Timestamp,
    /// When it ends.
    pub due: Due,
    /// What its law counts in.
    pub unit: TermUnit,
    /// When what was due was done.
    pub closed_at: Option<Timestamp>,
}

impl Deadline {
    /// Where it stands. At the instant of [`Due::at`] the time is over.
    pub fn standing(&self, now: Timestamp, calendar: &WorkingCalendar) -> DeadlineStanding {
        match self.closed_at {
            Some(closed_at) if closed_at < self.due.at => DeadlineStanding::Met,
            Some(_) => DeadlineStanding::MetLate,
            None if now >= self.due.at => DeadlineStanding::Overdue,
            None if self.is_soon(now, calendar) => DeadlineStanding::DueSoon,
            None => DeadlineStanding::Running,
        }
    }

    fn is_soon(&self, now: Timestamp, calendar: &WorkingCalendar) -> bool {
        now >= self.soon_at(calendar)
    }

    /// From when it counts as near; never before it began.
    pub fn soon_at(&self, calendar: &WorkingCalendar) -> Timestamp {
        if self.unit == TermUnit::Hours {
            let whole = self.due.at.duration_since(self.started_at);
            return self.due.at - whole * SOON_PERCENT / 100;
        }
        // From the evening of the working day before them: a weekend in between belongs to the last days already.
        let one_more =
            Term::new(SOON_WORKING_DAYS + 1, TermUnit::WorkingDays).expect("a term within its limits");
        let eve = calendar.day_of(calendar.before(&self.due, one_more));
        calendar.due_on(eve).at.max(self.started_at)
    }

    /// How much is left or over, in the unit of the law: `剩 3 个工作日`, `今天到期`, `逾期 3 天`, `提前 2 天`,
    /// `迟 1 天办结`; with `（暂定）` while it is open and its last day lies in a year that is not known.
    pub fn words(&self, now: Timestamp, calendar: &WorkingCalendar) -> String {
        let at = self.closed_at.unwrap_or(now);
        let said = self.distance(at, calendar);
        let words = match self.standing(now, calendar) {
            DeadlineStanding::Running | DeadlineStanding::DueSoon => {
                said.map_or_else(|| "今天到期".to_owned(), |n| format!("剩 {n}"))
            }
            DeadlineStanding::Overdue => said.map_or_else(|| "刚逾期".to_owned(), |n| format!("逾期 {n}")),
            DeadlineStanding::Met => said.map_or_else(|| "按期办结".to_owned(), |n| format!("提前 {n}")),
            DeadlineStanding::MetLate => said.map_or_else(|| "迟办结".to_owned(), |n| format!("迟 {n}办结")),
        };
        if self.due.provisional && self.closed_at.is_none() { format!("{words}（暂定）") } else { words }
    }

    /// The time between an instant and the deadline, on whichever side; none when it is nothing.
    fn distance(&self, at: Timestamp, calendar: &WorkingCalendar) -> Option<String> {
        if self.unit == TermUnit::Hours {
            return hours(self.due.at.duration_since(at));
        }
        let (last, day) = (calendar.last_day(&self.due), calendar.day_of(at));
        let (from, to) = if day <= last { (day, last) } else { (last, day) };
        let working = calendar.working_days_between(from, to);
        // Between a Friday and its Sunday lies no working day, and yet it is late.
        if self.unit == TermUnit::WorkingDays && working > 0 {
            return Some(said(i64::from(working), TermUnit::WorkingDays));
        }
        let days = days_between(from, to);
        (days > 0).then(|| said(days, TermUnit::Days))
    }
}

/// The end of the second working day from today: an open deadline in days that ends by then, and has not passed, is near.
///
/// A list can compare its column of deadlines with this one instant, where [`Deadline::soon_at`] needs the whole deadline.
pub fn soon_until(now: Timestamp, calendar: &WorkingCalendar) -> Timestamp {
    let yesterday = calendar.day_of(now).yesterday().unwrap_or(Date::MIN);
    let last_instant = calendar.due_on(yesterday).at - SignedDuration::from_micros(1);
    let days = Term::new(SOON_WORKING_DAYS, TermUnit::WorkingDays).expect("a term within its limits");
    // A deadline ends with its day: the instant that begins the next one belongs to it.
    calendar.due(last_instant, days).at + SignedDuration::from_micros(1)
}

fn days_between(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

fn said(n: i64, unit: TermUnit) -> String {
    format!("{n} {}", unit.word())
}

/// Hours, or minutes where there is no whole hour, or days where hours no longer tell anything.
fn hours(between: SignedDuration) -> Option<String> {
    let minutes = between.abs().as_mins();
    match minutes / 60 {
        0 if minutes == 0 => None,
        0 => Some(format!("{minutes} 分钟")),
        n if n < HOURS_SAID_MAX => Some(said(n, TermUnit::Hours)),
        n => Some(said(n / 24, TermUnit::Days)),
    }
}

#[cfg(test)]
#[path = "deadline_tests.rs"]
mod tests;
