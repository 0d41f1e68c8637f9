//! What the State Council announced for one year, and what no such announcement can say.
//!
//! The same rules hold for the years that are shipped and for a year that an administrator enters: they are here.

use crate::Place;
use crate::calendar::on_weekday;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// Years that a calendar may hold.
pub const CALENDAR_YEARS: RangeInclusive<i16> = 1949..=2099;
/// Most days off, or days worked instead, that one year may name.
pub const NAMED_DAYS_MAX: usize = 100;
/// Longest name of a holiday, in characters.
pub const HOLIDAY_CHARS_MAX: usize = 40;
/// Longest note of where a year is written, in characters.
pub const YEAR_SOURCE_CHARS_MAX: usize = 200;

/// A day that the year's notice names, with the holiday it belongs to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedDay {
    /// The day.
    pub on: Date,
    /// The holiday: 国庆节.
    pub name: String,
}

/// What has been announced for one year.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarYear {
    /// The year.
    pub year: i16,
    /// Where it is written.
    pub source: String,
    /// Days off, weekends among them.
    pub off: Vec<NamedDay>,
    /// Saturdays and Sundays that are worked instead.
    pub makeup: Vec<NamedDay>,
}

/// Where in a year a mistake is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum YearPart {
    /// Its number.
    Year,
    /// Where it is written.
    Source,
    /// All its days.
    Days,
    /// A day off, by its place in the list.
    Off(usize),
    /// A day worked instead, by its place in the list.
    Makeup(usize),
}

/// Something that no notice can say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct YearMistake {
    /// Where.
    pub part: YearPart,
    /// Stable code.
    pub code: &'static str,
    /// What is wrong and how to mend it, in Chinese.
    pub detail: String,
}

impl YearMistake {
    fn new(part: YearPart, code: &'static str, detail: impl Into<String>) -> Self {
        Self { part, code, detail: detail.into() }
    }

    /// The mistake as a wrong place of a form.
    pub fn place(self) -> Place {
        let pointer = match self.part {
            YearPart::Year => "/year".to_owned(),
            YearPart::Source => "/source".to_owned(),
            YearPart::Days => "/off".to_owned(),
            YearPart::Off(n) => format!("/off/{n}"),
            YearPart::Makeup(n) => format!("/makeup/{n}"),
        };
        Place::new(pointer, self.code, self.detail)
    }
}

impl CalendarYear {
    /// What is wrong with it; empty when nothing is.
    pub fn mistakes(&self) -> Vec<YearMistake> {
        let mut found = self.of_the_whole();
        let mut seen = BTreeSet::new();
        let off = self.off.iter().enumerate().map(|(n, day)| (YearPart::Off(n), day));
        let makeup = self.makeup.iter().enumerate().map(|(n, day)| (YearPart::Makeup(n), day));
        for (part, day) in off.chain(makeup) {
            let twice = !seen.insert(day.on);
            found.extend(self.of_a_day(part, day, twice));
        }
        found
    }

    fn of_the_whole(&self) -> Vec<YearMistake> {
        let (first, last) = (CALENDAR_YEARS.start(), CALENDAR_YEARS.end());
        let year = (!CALENDAR_YEARS.contains(&self.year)).then(|| {
            YearMistake::new(YearPart::Year, "calendar.year", format!("年份是 {first} 到 {last} 之间的数"))
        });
        let length = self.source.trim().chars().count();
        let source = (!(1..=YEAR_SOURCE_CHARS_MAX).contains(&length)).then(|| {
            let sentence = format!("请填写依据（哪一份放假通知），最多 {YEAR_SOURCE_CHARS_MAX} 个字");
            YearMistake::new(YearPart::Source, "calendar.source", sentence)
        });
        let days = (self.off.is_empty()).then(|| {
            YearMistake::new(YearPart::Days, "calendar.empty", "一天假都没有：请在月历上点出放假的日子")
        });
        let many = (self.off.len() > NAMED_DAYS_MAX || self.makeup.len() > NAMED_DAYS_MAX).then(|| {
            let sentence = format!("一年的放假和调休上班各最多 {NAMED_DAYS_MAX} 天");
            YearMistake::new(YearPart::Days, "calendar.too_many", sentence)
        });
        [year, source, days, many].into_iter().flatten().collect()
    }

    fn of_a_day(&self, part: YearPart, day: &NamedDay, twice: bool) -> Option<YearMistake> {
        let on = day.on;
        let wrong = |code, detail: String| Some(YearMistake::new(part, code, detail));
        let length = day.name.trim().chars().count();
        if on.year() != self.year {
            return wrong("calendar.other_year", format!("{on} 不在 {} 年，请写到那一年里", self.year));
        }
        if twice {
            return wrong("calendar.twice", format!("{on} 出现两次：一天要么放假，要么调休上班"));
        }
        if matches!(part, YearPart::Makeup(_)) && on_weekday(on) {
            return wrong("calendar.weekday", format!("{on} 不是周末，本来就上班，不必写调休上班"));
        }
        if !(1..=HOLIDAY_CHARS_MAX).contains(&length) {
            let sentence = format!("请填写 {on} 是什么节，最多 {HOLIDAY_CHARS_MAX} 个字");
            return wrong("calendar.name", sentence);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn day(month: i8, day: i8) -> NamedDay {
        NamedDay { on: date(2027, month, day), name: "元旦".to_owned() }
    }

    fn year(off: Vec<NamedDay>, makeup: Vec<NamedDay>) -> CalendarYear {
        CalendarYear { year: 2027, source: "国务院办公厅通知".to_owned(), off, makeup }
    }

    fn found(year: &CalendarYear) -> Vec<String> {
        let places = year.mistakes().into_iter().map(YearMistake::place);
        places.map(|place| format!("{} {}", place.pointer, place.code)).collect()
    }

    #[test]
    fn a_year_as_announced_is_without_mistake_up_to_its_limits() {
        assert_eq!(found(&year(vec![day(1, 1), day(1, 2)], vec![day(1, 3)])), Vec::<String>::new());
        let name = "节".repeat(HOLIDAY_CHARS_MAX);
        let source = "通".repeat(YEAR_SOURCE_CHARS_MAX);
        let long = CalendarYear { source, ..year(vec![NamedDay { name, ..day(1, 1) }], vec![]) };
        assert_eq!(found(&long), Vec::<String>::new());
    }

    #[test]
    fn every_mistake_is_named_with_its_place() {
        let outside = NamedDay { on: date(2026, 12, 31), name: "元旦".to_owned() };
        let nameless = NamedDay { name: " ".to_owned(), ..day(1, 2) };
        // 2027-01-03 is a Sunday, 2027-01-04 a Monday.
        let wrong = year(vec![outside, day(1, 1), nameless], vec![day(1, 1), day(1, 4), day(1, 3)]);
        assert_eq!(
            found(&wrong),
            [
                "/off/0 calendar.other_year",
                "/off/2 calendar.name",
                "/makeup/0 calendar.twice",
                "/makeup/1 calendar.weekday"
            ]
        );
        let long = NamedDay { name: "节".repeat(HOLIDAY_CHARS_MAX + 1), ..day(1, 1) };
        assert_eq!(found(&year(vec![long], vec![])), ["/off/0 calendar.name"]);
    }

    #[test]
    fn a_year_without_number_source_or_days_is_no_year() {
        let none = CalendarYear { year: 1948, source: " ".to_owned(), off: vec![], makeup: vec![] };
        assert_eq!(found(&none), ["/year calendar.year", "/source calendar.source", "/off calendar.empty"]);
        let all = (0..=NAMED_DAYS_MAX).map(|n| NamedDay {
            on: date(2027, 1, 1).saturating_add(jiff::Span::new().days(n as i64)),
            name: "假".to_owned(),
        });
        let many: Vec<_> = all.collect();
        assert!(found(&year(many.clone(), vec![])).contains(&"/off calendar.too_many".to_owned()));
        assert!(found(&year(many.into_iter().skip(1).collect(), vec![])).is_empty());
    }
}
