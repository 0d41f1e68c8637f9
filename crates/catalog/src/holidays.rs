//! The holidays of past and present years (节假日) as the State Council announced them, shipped with the program.
//!
//! A site adds the years that are announced later; what both must keep is in [`CalendarYear::mistakes`]. Beyond it
//! the shipped years must follow each other without a gap, or a deadline between two known years would be a guess.

use crate::{Catalog, Diagnostic};
use fengsui_base::{CalendarYear, NamedDay, WorkingCalendar, YearPart};
use jiff::tz::Offset;
use serde::Deserialize;
use std::ops::Range;
use toml::Spanned;

/// A year as written: every day knows its line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HolidayYear {
    year: i16,
    source: String,
    off: Vec<Spanned<NamedDay>>,
    #[serde(default)]
    makeup: Vec<Spanned<NamedDay>>,
}

impl Catalog {
    /// The years that are shipped, by number.
    pub fn holiday_years(&self) -> &[CalendarYear] {
        &self.holiday_years
    }

    /// The working calendar of the shipped years, in the zone of the office.
    pub fn calendar(&self, zone: Offset) -> WorkingCalendar {
        WorkingCalendar::new(self.holiday_years.iter().cloned(), zone)
    }

    pub(crate) fn add_holidays(
        &mut self,
        name: &str,
        text: &str,
        years: Vec<Spanned<HolidayYear>>,
        wrong: &mut Vec<Diagnostic>,
    ) {
        for spanned in years {
            let at = |span: Range<usize>| Diagnostic::at(name, text, span.start);
            let whole = spanned.span();
            let (year, lines) = spanned.into_inner().taken_apart();
            wrong.extend(year.mistakes().into_iter().map(|mistake| {
                let span = match mistake.part {
                    YearPart::Off(n) => lines[n].clone(),
                    YearPart::Makeup(n) => lines[year.off.len() + n].clone(),
                    YearPart::Year | YearPart::Source | YearPart::Days => whole.clone(),
                };
                at(span).saying(mistake.detail)
            }));
            wrong.extend(self.misplaced(year.year).map(|message| at(whole).saying(message)));
            self.holiday_years.push(year);
        }
    }

    /// Why this year cannot follow those that are there.
    fn misplaced(&self, year: i16) -> Option<String> {
        let last = self.holiday_years.last()?.year;
        if self.holiday_years.iter().any(|known| known.year == year) {
            return Some(format!("{year} 年出现两次"));
        }
        (year != last.saturating_add(1))
            .then(|| format!("{year} 年接在 {last} 年后面：年份要一年一年往下写，不能空"))
    }
}

impl HolidayYear {
    /// The year, and where its days are written: first the days off, then those worked instead.
    fn taken_apart(self) -> (CalendarYear, Vec<Range<usize>>) {
        let lines = self.off.iter().chain(&self.makeup).map(Spanned::span).collect();
        let days = |list: Vec<Spanned<NamedDay>>| list.into_iter().map(Spanned::into_inner).collect();
        let (off, makeup) = (days(self.off), days(self.makeup));
        (CalendarYear { year: self.year, source: self.source, off, makeup }, lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const SHIPPED: &str = include_str!("../../../catalog/holidays.toml");
    const CHINA: Offset = Offset::constant(8);

    const TWO: &str = r#"
[[holiday_year]]
year = 2025
source = "国务院办公厅通知"
off = [
  { on = "2025-10-01", name = "国庆节" },
  { on = "2025-10-02", name = "国庆节" },
]
makeup = [
  { on = "2025-09-28", name = "国庆节" },
]

[[holiday_year]]
year = 2026
source = "国务院办公厅通知"
off = [{ on = "2026-01-01", name = "元旦" }]
"#;

    fn wrong(text: &str) -> Vec<String> {
        let found = Catalog::load(&[("holidays.toml", text)]).err().unwrap_or_default();
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_shipped_years_load_and_count() {
        let catalog = Catalog::load(&[("holidays.toml", SHIPPED)]).unwrap();
        let years: Vec<_> = catalog.holiday_years().iter().map(|y| y.year).collect();
        assert_eq!(years, (2004..=2026).collect::<Vec<_>>());
        let calendar = catalog.calendar(CHINA);
        assert_eq!(calendar.known_until(), Some(date(2026, 12, 31)));
        let works = |y, m, d| calendar.is_working(date(y, m, d)).working;
        assert!(works(2025, 9, 28) && works(2025, 10, 11) && !works(2025, 10, 8) && works(2025, 10, 9));
        assert!(works(2026, 2, 14) && !works(2026, 2, 16) && !works(2026, 2, 23) && works(2026, 2, 24));
        // The year of the weeks of the epidemic: the holiday was lengthened to 02-02 when it had begun.
        assert!(!works(2020, 1, 31) && works(2020, 2, 3));
        // 2025 had 248 days of work.
        assert_eq!(calendar.working_days_between(date(2024, 12, 31), date(2025, 12, 31)), 248);
    }

    #[test]
    fn a_good_file_is_without_mistake() {
        assert_eq!(wrong(TWO), Vec::<String>::new());
    }

    #[test]
    fn every_mistake_is_named_with_its_line() {
        for (from, to, place) in [
            ("2025-10-02", "2026-10-02", "holidays.toml:7: 2026-10-02 不在 2025 年"),
            ("2025-09-28", "2025-09-29", "holidays.toml:10: 2025-09-29 不是周末"),
            ("2025-09-28", "2025-10-01", "holidays.toml:10: 2025-10-01 出现两次"),
            ("2025-10-02", "2025-10-01", "holidays.toml:7: 2025-10-01 出现两次"),
            ("2025-10-02", "2025-10-32", "holidays.toml:7"),
            ("year = 2026", "year = 2025", "holidays.toml:13"),
            ("year = 2026", "year = 2027", "holidays.toml:13"),
        ] {
            let found = wrong(&TWO.replace(from, to));
            assert!(found.iter().any(|line| line.starts_with(place)), "{to}: {found:?}");
        }
        assert!(
            wrong(&TWO.replace("year = 2026", "year = 2025")).iter().any(|m| m.contains("2025 年出现两次"))
        );
        assert!(wrong(&TWO.replace("year = 2026", "year = 2027")).iter().any(|m| m.contains("不能空")));
    }
}
