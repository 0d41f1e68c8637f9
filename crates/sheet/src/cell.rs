//! One cell: what stands in it, and the plain text, number or date that was meant.

use jiff::civil::{Date, DateTime, date};

/// What stands in a cell.
#[derive(Clone, PartialEq, Debug)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Text.
    Text(String),
    /// A number; a date too, when its cell was not formatted as one.
    Number(f64),
    /// A date with a time of day.
    Moment(DateTime),
    /// Yes or no.
    Truth(bool),
    /// An error of the spreadsheet, such as `#N/A`.
    Error(String),
    /// A formula of which the file holds no result.
    Formula,
}

/// From which day a workbook counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Epoch {
    /// Day 1 is 1900-01-01, and 1900 is taken for a leap year.
    #[default]
    Year1900,
    /// Day 0 is 1904-01-01: workbooks made on old Macintoshes.
    Year1904,
}

/// Why a cell is no date.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DateMistake {
    /// Not written like a date.
    NoDate,
    /// Written like one, but there is no such day.
    NoSuchDay,
    /// Year and month without a day.
    NoDay,
}

impl Cell {
    /// The text meant: blanks at the ends, invisible characters and line breaks gone; numbers as people write them.
    pub fn text(&self) -> String {
        match self {
            Cell::Empty | Cell::Error(_) | Cell::Formula => String::new(),
            Cell::Text(text) => tidy(text),
            Cell::Number(number) => plain_number(*number),
            Cell::Moment(at) if at.time() == jiff::civil::Time::midnight() => at.date().to_string(),
            Cell::Moment(at) => at.to_string().replace('T', " "),
            Cell::Truth(true) => "是".to_owned(),
            Cell::Truth(false) => "否".to_owned(),
        }
    }

    /// Whether there is nothing to read in it.
    pub fn is_blank(&self) -> bool {
        match self {
            Cell::Empty => true,
            Cell::Text(text) => tidy(text).is_empty(),
            _ => false,
        }
    }

    /// The number meant.
    pub fn number(&self) -> Option<f64> {
        match self {
            Cell::Number(number) => Some(*number),
            Cell::Text(text) => narrow(text).replace(',', "").parse().ok().filter(|n: &f64| n.is_finite()),
            _ => None,
        }
    }

    /// The day meant: 2024.3.5, 2024年3月5日, 2024/3/5, 20240305, 45356, or a cell formatted as a date.
    pub fn date(&self, epoch: Epoch) -> Result<Date, DateMistake> {
        match self {
            Cell::Moment(at) => Ok(at.date()),
            Cell::Number(number) => {
                serial(*number, epoch).or_else(|_| written(&plain_number(*number), epoch))
            }
            Cell::Text(text) => written(&narrow(text), epoch),
            _ => Err(DateMistake::NoDate),
        }
    }
}

/// Serial day numbers that are taken for dates, and not for years or counts: 1927 to 2119.
const SERIALS: std::ops::Range<i64> = 10_000..80_001;

fn serial(number: f64, epoch: Epoch) -> Result<Date, DateMistake> {
    let day = number.floor() as i64;
    if !number.is_finite() || !SERIALS.contains(&day) {
        return Err(DateMistake::NoDate);
    }
    let zero = match epoch {
        // One day early, because the spreadsheet believes in 29 February 1900.
        Epoch::Year1900 => date(1899, 12, 30),
        Epoch::Year1904 => date(1904, 1, 1),
    };
    zero.checked_add(jiff::Span::new().days(day)).map_err(|_| DateMistake::NoSuchDay)
}

fn written(text: &str, epoch: Epoch) -> Result<Date, DateMistake> {
    let text = text.split([' ', 'T']).next().unwrap_or_default();
    let spaced: String = text.chars().map(|c| if c.is_ascii_digit() { c } else { ' ' }).collect();
    let marks = text.chars().all(|c| c.is_ascii_digit() || "年月日号./-".contains(c));
    let parts: Vec<&str> = spaced.split_whitespace().collect();
    if !marks || parts.is_empty() {
        return Err(DateMistake::NoDate);
    }
    match parts.as_slice() {
        [all] if all.len() == 8 => {
            let number: u32 = all.parse().map_err(|_| DateMistake::NoDate)?;
            day_of(number / 10_000, number / 100 % 100, number % 100)
        }
        [all] if all.len() == 5 => serial(all.parse().map_err(|_| DateMistake::NoDate)?, epoch),
        [year, _month] if year.len() == 4 => Err(DateMistake::NoDay),
        [year, month, day] if year.len() == 4 => {
            let number = |text: &str| text.parse().map_err(|_| DateMistake::NoDate);
            day_of(number(year)?, number(month)?, number(day)?)
        }
        _ => Err(DateMistake::NoDate),
    }
}

fn day_of(year: u32, month: u32, day: u32) -> Result<Date, DateMistake> {
    let narrow = |n: u32| i8::try_from(n).map_err(|_| DateMistake::NoSuchDay);
    let year = i16::try_from(year).map_err(|_| DateMistake::NoSuchDay)?;
    if !(1900..2200).contains(&year) {
        return Err(DateMistake::NoSuchDay);
    }
    Date::new(year, narrow(month)?, narrow(day)?).map_err(|_| DateMistake::NoSuchDay)
}

/// 12 for 12.0, 117.25 for 117.25.
fn plain_number(number: f64) -> String {
    const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() < WHOLE_MAX {
        format!("{number:.0}")
    } else {
        number.to_string()
    }
}

/// Text without blanks at its ends, invisible characters and line breaks.
pub fn tidy(text: &str) -> String {
    let kept = text.chars().filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{2060}'));
    let mapped = kept.map(|c| if c.is_control() || matches!(c, '\u{3000}' | '\u{a0}') { ' ' } else { c });
    let text: String = mapped.collect();
    let text = text.trim();
    // An apostrophe before what would be a formula is how our own tables are made harmless.
    match text.strip_prefix('\'') {
        Some(rest) if crate::write::is_formula_like(rest) => rest.to_owned(),
        _ => text.to_owned(),
    }
}

/// The same, with full-width digits, letters and signs made narrow: for codes, numbers and dates.
pub fn narrow(text: &str) -> String {
    let one = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '。' => '.',
        '、' => ',',
        '—' | '–' => '-',
        other => other,
    };
    tidy(text).chars().map(one).collect::<String>().trim().to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop where it stands")]
mod tests {
    use super::*;

    fn day(cell: Cell) -> Result<String, DateMistake> {
        cell.date(Epoch::Year1900).map(|d| d.to_string())
    }

    #[test]
    fn dates_are_read_as_people_write_them() {
        let same = [
            "2024.3.5",
            "2024年3月5日",
            "2024/03/05",
            "2024-3-5",
            "20240305",
            "２０２４．３．５",
            " 2024。3。5 ",
            "2024-03-05 08:30:00",
            "2024-03-05T00:00",
            "45356",
            "2024年3月5号",
        ];
        for text in same {
            assert_eq!(day(Cell::Text(text.into())).as_deref(), Ok("2024-03-05"), "{text}");
        }
        assert_eq!(day(Cell::Number(45_356.0)).as_deref(), Ok("2024-03-05"));
        assert_eq!(day(Cell::Number(45_356.75)).as_deref(), Ok("2024-03-05"));
        assert_eq!(day(Cell::Number(20_240_305.0)).as_deref(), Ok("2024-03-05"));
        let mac = Cell::Number(43_894.0).date(Epoch::Year1904).unwrap();
        assert_eq!(mac.to_string(), "2024-03-05");
    }

    #[test]
    fn what_is_no_day_is_told_apart() {
        assert_eq!(day(Cell::Text("2024.2.30".into())), Err(DateMistake::NoSuchDay));
        assert_eq!(day(Cell::Text("2024.13.1".into())), Err(DateMistake::NoSuchDay));
        assert_eq!(day(Cell::Text("0024.1.1".into())), Err(DateMistake::NoSuchDay));
        assert_eq!(day(Cell::Text("2024年3月".into())), Err(DateMistake::NoDay));
        for text in ["去年春天", "3.5", "24.3.5", "2024..", "12345678901234567890", "-", "2024年３月五日"]
        {
            assert!(day(Cell::Text(text.into())).is_err(), "{text}");
        }
        assert_eq!(day(Cell::Number(9_999.0)), Err(DateMistake::NoDate));
        assert_eq!(day(Cell::Number(10_000.0)).as_deref(), Ok("1927-05-18"));
        assert_eq!(day(Cell::Number(80_000.0)).as_deref(), Ok("2119-01-11"));
        assert_eq!(day(Cell::Number(80_001.0)), Err(DateMistake::NoDate));
        assert_eq!(day(Cell::Number(f64::NAN)), Err(DateMistake::NoDate));
        assert_eq!(day(Cell::Truth(true)), Err(DateMistake::NoDate));
    }

    #[test]
    fn names_keep_their_brackets_and_codes_become_narrow() {
        let name = Cell::Text("\u{feff} 云岫酒店（东渚店）\u{3000}".into());
        assert_eq!(name.text(), "云岫酒店（东渚店）");
        assert_eq!(narrow("ＡＢ－００１２"), "AB-0012");
        assert_eq!(Cell::Text("１１７．２５".into()).number(), Some(117.25));
        assert_eq!(Cell::Text("1,234".into()).number(), Some(1234.0));
        assert_eq!(Cell::Text("约 12".into()).number(), None);
        assert_eq!(Cell::Number(889.0).text(), "889");
        assert_eq!(Cell::Number(2.5).text(), "2.5");
        assert_eq!(Cell::Text("'=1+1".into()).text(), "=1+1");
        assert_eq!(Cell::Text("'云岫".into()).text(), "'云岫");
        assert!(Cell::Text(" \u{3000}\n".into()).is_blank());
    }

    proptest::proptest! {
        #[test]
        fn nothing_written_breaks_the_reading(text in ".*", number in proptest::num::f64::ANY) {
            for cell in [Cell::Text(text.clone()), Cell::Number(number)] {
                let _ = (cell.text(), cell.number(), cell.date(Epoch::Year1900), cell.date(Epoch::Year1904));
            }
        }
    }
}
