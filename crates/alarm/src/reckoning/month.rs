//! A month of the office's calendar, as accounts are kept by it.

use jiff::{Timestamp, ToSpan, civil::Date, tz::Offset};
use std::{fmt, ops::Range, str::FromStr};

/// China has one zone without daylight saving: a fixed offset needs no time-zone file.
const CHINA: Offset = Offset::constant(8);

/// A month in the office's zone, such as `2026-11`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Month {
    first: Date,
}

impl Month {
    /// The month in which an instant lies.
    pub fn of(at: Timestamp) -> Self {
        Self { first: CHINA.to_datetime(at).date().first_of_month() }
    }

    /// From its first instant to the first one of the next month.
    pub fn range(self) -> Range<Timestamp> {
        midnight(self.first)..midnight(self.back(-1).first)
    }

    /// The month so many months earlier, or later when the number is negative.
    pub fn back(self, months: i32) -> Self {
        // Years are kept within 1970 … 2200 when a month is read, far from the ends of the calendar.
        Self { first: self.first.checked_sub(months.months()).unwrap_or(self.first) }
    }

    /// The stretch of this month that lies before `now`: all of a month that is over. With it, the same days of the
    /// month so many months earlier, so that a running month is compared with what it can be compared with.
    pub fn until(self, now: Timestamp) -> Range<Timestamp> {
        let whole = self.range();
        whole.start..now.clamp(whole.start, whole.end)
    }

    /// The same days of this month as `stretch` has of its own, cut to the month's end; all of it for a whole month.
    pub fn same_days(self, stretch: &Range<Timestamp>) -> Range<Timestamp> {
        let (own, other) = (self.range(), Self::of(stretch.start));
        if other.range() == *stretch {
            return own;
        }
        let end = own.start + stretch.start.duration_until(stretch.end);
        own.start..end.min(own.end)
    }

    /// Year and month.
    pub fn number(self) -> (i16, i8) {
        (self.first.year(), self.first.month())
    }
}

fn midnight(day: Date) -> Timestamp {
    CHINA.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(Timestamp::UNIX_EPOCH)
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.first.year(), self.first.month())
    }
}

/// The text is no month between 1970-01 and 2200-12.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoMonth;

impl FromStr for Month {
    type Err = NoMonth;

    fn from_str(text: &str) -> Result<Self, NoMonth> {
        let (year, month) = text.split_once('-').ok_or(NoMonth)?;
        let digits = |t: &str, n: usize| t.len() == n && t.bytes().all(|b| b.is_ascii_digit());
        if !digits(year, 4) || !digits(month, 2) {
            return Err(NoMonth);
        }
        let (year, month) = (year.parse().map_err(|_| NoMonth)?, month.parse().map_err(|_| NoMonth)?);
        if !(1970..=2200).contains(&year) {
            return Err(NoMonth);
        }
        Date::new(year, month, 1).map(|first| Self { first }).map_err(|_| NoMonth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_begins_and_ends_at_midnight_of_the_office() {
        let november = month("2026-11").range();
        assert_eq!((november.start, november.end), (at("2026-10-31T16:00:00Z"), at("2026-11-30T16:00:00Z")));
        assert_eq!(Month::of(at("2026-10-31T15:59:59Z")).to_string(), "2026-10");
        assert_eq!(Month::of(at("2026-10-31T16:00:00Z")).to_string(), "2026-11");
    }

    #[test]
    fn months_are_counted_across_years() {
        assert_eq!(month("2026-01").back(1), month("2025-12"));
        assert_eq!(month("2026-11").back(12), month("2025-11"));
        assert_eq!(month("2026-12").back(-1), month("2027-01"));
    }

    #[test]
    fn a_running_month_is_compared_with_the_same_days() {
        let so_far = month("2026-03").until(at("2026-03-30T04:00:00Z"));
        assert_eq!(month("2025-03").same_days(&so_far).end, at("2025-03-30T04:00:00Z"));
        // February is over before the thirtieth.
        assert_eq!(month("2026-02").same_days(&so_far), month("2026-02").range());
        let whole = month("2026-02").until(at("2026-03-30T04:00:00Z"));
        assert_eq!(month("2026-01").same_days(&whole), month("2026-01").range());
        assert!(month("2026-04").until(at("2026-03-30T04:00:00Z")).is_empty());
    }

    #[test]
    fn what_is_no_month_is_none() {
        for text in ["", "2026", "2026-13", "2026-1", "２０２６-11", "1969-12", "2201-01", "2026-11-01"] {
            assert_eq!(text.parse::<Month>(), Err(NoMonth), "{text}");
        }
        assert!("1970-01".parse::<Month>().is_ok() && "2200-12".parse::<Month>().is_ok());
    }
}
