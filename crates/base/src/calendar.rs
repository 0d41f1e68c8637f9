//! The working calendar (工作日历): which days offices work, and when a term that begins now ends.
//!
//! The State Council says each autumn which days of the next year are holidays (放假) and which weekends are worked
//! instead (调休上班). Years that are known are data; in a year that nobody has announced yet the calendar answers by
//! the day of the week and says that this is a guess, so that a deadline reckoned there is shown as provisional (暂定).
//!
//! How a term is counted: the day on which it begins does not count; hours run through nights and holidays and end at
//! their instant; days and working days end at 24:00 of the last day; and when the last of the calendar days is a
//! holiday, the next working day takes its place.
//! Source: 民法典 art. 201 and 203; the practice of administrative procedure.

use crate::{CalendarYear, NamedDay, Term, TermUnit};
use jiff::civil::{Date, Weekday};
use jiff::{SignedDuration, Timestamp, ToSpan, tz::Offset};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Whether offices work on a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WorkingDay<'a> {
    /// Whether they do.
    pub working: bool,
    /// The year is not known, and the answer goes by the day of the week.
    pub guess: bool,
    /// The holiday that the day belongs to, as day off or as day worked instead.
    pub name: Option<&'a str>,
}

/// When a term ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Due {
    /// The first instant at which it is over.
    pub at: Timestamp,
    /// The last day, which counts to its end; none for a term in hours.
    pub on: Option<Date>,
    /// A day that it was counted by lies in a year that is not known: it may move.
    pub provisional: bool,
}

/// The known years, and how terms are counted by them in the zone of the office.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WorkingCalendar {
    zone: Offset,
    years: BTreeSet<i16>,
    days: BTreeMap<Date, Exception>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Exception {
    working: bool,
    name: String,
}

impl WorkingCalendar {
    /// A calendar of these years; of two with the same number the later one holds. `zone` is the office's.
    pub fn new(years: impl IntoIterator<Item = CalendarYear>, zone: Offset) -> Self {
        let by_number: BTreeMap<i16, CalendarYear> = years.into_iter().map(|y| (y.year, y)).collect();
        let mut calendar = Self { zone, years: by_number.keys().copied().collect(), days: BTreeMap::new() };
        for year in by_number.into_values() {
            calendar.mark(year.off, false);
            calendar.mark(year.makeup, true);
        }
        calendar
    }

    fn mark(&mut self, days: Vec<NamedDay>, working: bool) {
        self.days.extend(days.into_iter().map(|day| (day.on, Exception { working, name: day.name })));
    }

    /// Whether offices work on a day, and whether that is known.
    pub fn is_working(&self, day: Date) -> WorkingDay<'_> {
        let named = self.days.get(&day);
        WorkingDay {
            working: named.map_or_else(|| on_weekday(day), |exception| exception.working),
            guess: !self.years.contains(&day.year()),
            name: named.map(|exception| exception.name.as_str()),
        }
    }

    /// The last day of the last year that is known; none when no year is.
    pub fn known_until(&self) -> Option<Date> {
        self.years.last().and_then(|year| Date::new(*year, 12, 31).ok())
    }

    /// The day that an instant falls on in the office.
    pub fn day_of(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    /// When a term ends that begins at `from`.
    pub fn due(&self, from: Timestamp, term: Term) -> Due {
        let (start, amount) = (self.day_of(from), i64::from(term.amount()));
        match term.unit() {
            TermUnit::Hours => {
                let at = from.checked_add(SignedDuration::from_hours(amount)).unwrap_or(Timestamp::MAX);
                Due { at, on: None, provisional: false }
            }
            TermUnit::Days => {
                let last = start.saturating_add(amount.days());
                let moved = self.first_working(last);
                self.ending(moved, [last, moved])
            }
            TermUnit::WorkingDays => {
                let last = self.nth_working_after(start, term.amount());
                self.ending(last, [next(start), last])
            }
        }
    }

    /// A deadline on a day that somebody fixed: it counts to its end, whatever day it is.
    pub fn due_on(&self, day: Date) -> Due {
        Due { provisional: false, ..self.ending(day, []) }
    }

    /// The last instant that lies a term before a deadline: until then (and not at it) it can be said that the
    /// whole term is still left. With 20 working days: an extension asked for before it is asked for in time.
    pub fn before(&self, due: &Due, term: Term) -> Timestamp {
        let (last, amount) = (self.last_day(due), i64::from(term.amount()));
        match term.unit() {
            TermUnit::Hours => {
                due.at.checked_sub(SignedDuration::from_hours(amount)).unwrap_or(Timestamp::MIN)
            }
            TermUnit::Days => self.end_of(last.saturating_sub(amount.days())),
            TermUnit::WorkingDays => self.start_of(self.nth_working_to(last, term.amount())),
        }
    }

    /// How many working days lie after `from` up to and with `to`; 0 when `to` is not later.
    ///
    /// Counted by weeks, so that dates centuries apart cost no more than neighbours.
    pub fn working_days_between(&self, from: Date, to: Date) -> u32 {
        if to <= from {
            return 0;
        }
        let weekdays = weekdays_through(to) - weekdays_through(from);
        let named = self.days.range(next(from)..=to);
        let moved: i64 = named.map(|(day, e)| i64::from(e.working) - i64::from(on_weekday(*day))).sum();
        u32::try_from(weekdays + moved).unwrap_or(0)
    }

    /// The last day of a deadline; for one in hours the day on which it ends.
    pub fn last_day(&self, due: &Due) -> Date {
        due.on.unwrap_or_else(|| self.day_of(due.at))
    }

    fn ending<const N: usize>(&self, last: Date, by: [Date; N]) -> Due {
        let provisional = by.iter().any(|day| self.is_working(*day).guess);
        Due { at: self.end_of(last), on: Some(last), provisional }
    }

    fn start_of(&self, day: Date) -> Timestamp {
        self.zone.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(Timestamp::MIN)
    }

    fn end_of(&self, day: Date) -> Timestamp {
        let midnight = day.tomorrow().ok().and_then(|d| self.zone.to_timestamp(d.at(0, 0, 0, 0)).ok());
        midnight.unwrap_or(Timestamp::MAX)
    }

    fn first_working(&self, from: Date) -> Date {
        std::iter::successors(Some(from), |day| day.tomorrow().ok())
            .find(|day| self.is_working(*day).working)
            .unwrap_or(Date::MAX)
    }

    fn nth_working_after(&self, start: Date, n: u32) -> Date {
        (0..n).fold(start, |day, _| self.first_working(next(day)))
    }

    /// The `n`th working day counted backwards, `last` with it.
    fn nth_working_to(&self, last: Date, n: u32) -> Date {
        let back = std::iter::successors(Some(last), |day| day.yesterday().ok());
        let mut working = back.filter(|day| self.is_working(*day).working);
        working.nth(n.saturating_sub(1) as usize).unwrap_or(Date::MIN)
    }
}

fn next(day: Date) -> Date {
    day.tomorrow().unwrap_or(Date::MAX)
}

pub(crate) fn on_weekday(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// Days from Monday to Friday from a fixed Monday up to and with a day; before that Monday below 0.
fn weekdays_through(day: Date) -> i64 {
    const MONDAY: Date = jiff::civil::date(2024, 1, 1);
    let days = i64::from(MONDAY.until(day).map_or(0, |span| span.get_days())) + 1;
    days.div_euclid(7) * 5 + days.rem_euclid(7).min(5)
}

#[cfg(test)]
#[path = "calendar_tests.rs"]
mod tests;
