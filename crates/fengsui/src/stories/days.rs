//! Days as a story writes them (示例里的日子): counted from the day of the first start, so that the county is always in the
//! middle of its work.
//!
//! `-12` is twelve working days before today, `+3` three after it, `-10+28d` twenty-eight calendar days after the tenth
//! working day before today; one that begins with `.` counts from the day of the act. Today stands for the last working
//! day when it is none itself.

use fengsui_base::WorkingCalendar;
use jiff::ToSpan;
use jiff::civil::Date;

/// The days of one telling.
pub(super) struct Days<'c> {
    calendar: &'c WorkingCalendar,
    today: Date,
}

impl<'c> Days<'c> {
    /// Days counted from `today`, or from the working day before it.
    pub(super) fn counted(calendar: &'c WorkingCalendar, today: Date) -> Self {
        let mut from = today;
        while !calendar.is_working(from).working {
            from = from.saturating_sub(1.days());
        }
        Self { calendar, today: from }
    }

    /// The day that a text says; `act` is the day of the act it stands in.
    pub(super) fn day(&self, text: &str, act: Option<Date>) -> Option<Date> {
        let (mut day, mut rest) = match text.strip_prefix('.') {
            Some(rest) => (act?, rest),
            None => (self.today, text),
        };
        while !rest.is_empty() {
            let end = rest.char_indices().skip(1).find(|(_, c)| matches!(c, '+' | '-'));
            let (step, after) = rest.split_at_checked(end.map_or(rest.len(), |(at, _)| at))?;
            rest = after;
            day = match step.strip_suffix('d') {
                Some(days) => day.saturating_add(days.parse::<i64>().ok()?.days()),
                None => self.working(day, step.parse().ok()?),
            };
        }
        Some(day)
    }

    /// So many working days later, or earlier.
    fn working(&self, from: Date, days: i32) -> Date {
        let (mut day, step) = (from, i64::from(days.signum()).days());
        for _ in 0..days.abs() {
            day = day.saturating_add(step);
            while !self.calendar.is_working(day).working {
                day = day.saturating_add(step);
            }
        }
        day
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_are_counted_in_working_days_over_weekends_and_holidays() {
        let calendar = crate::catalog::shipped().unwrap().calendar(jiff::tz::Offset::constant(8));
        // 2026-10-01 to 10-07 is National Day; 10-10 is a Saturday on which offices work.
        let days = Days::counted(&calendar, date(2026, 10, 11));
        let day = |text: &str| days.day(text, Some(date(2026, 9, 30))).unwrap();
        assert_eq!(day("0"), date(2026, 10, 10));
        assert_eq!(day("-1"), date(2026, 10, 9));
        assert_eq!(day("-3"), date(2026, 9, 30));
        assert_eq!(day("+1"), date(2026, 10, 12));
        assert_eq!(day(".+1"), date(2026, 10, 8));
        assert_eq!(day(".+1d"), date(2026, 10, 1));
        assert_eq!(day("-3+28d-1d"), date(2026, 10, 27));
        assert_eq!((days.day("昨天", None), days.day(".", None)), (None, None));
    }
}
