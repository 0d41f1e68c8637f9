//! A term (期限): how long somebody has, in the unit in which its law counts.
//!
//! "Three days" of one law are working days and of another calendar days, so a number without its unit is
//! no term. The unit of a deadline is part of the rule. Which law counts how is said in the catalog.
//!
//! Source: 行政处罚法 art. 85 (2, 3, 5 and 7 days of that law are working days), 行政强制法 art. 69 (10 days
//! and less are working days).

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The most that a term may hold, in its own unit: ten years of days.
pub const TERM_AMOUNT_MAX: u32 = 3_660;

/// What a term is counted in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TermUnit {
    /// 小时: hours of the clock, through nights and holidays.
    Hours,
    /// 天: days of the calendar, holidays among them.
    Days,
    /// 工作日: days on which offices work.
    WorkingDays,
}

impl TermUnit {
    /// As it is said after a number.
    pub fn word(self) -> &'static str {
        match self {
            TermUnit::Hours => "小时",
            TermUnit::Days => "天",
            TermUnit::WorkingDays => "个工作日",
        }
    }

    fn letters(self) -> &'static str {
        match self {
            TermUnit::Hours => "h",
            TermUnit::Days => "d",
            TermUnit::WorkingDays => "wd",
        }
    }
}

/// A term, written `24h`, `15d`, `3wd`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Term {
    amount: u32,
    unit: TermUnit,
}

/// A text that is no term.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TermError(String);

impl Term {
    /// So many of a unit, 1 to [`TERM_AMOUNT_MAX`].
    ///
    /// Errors: an amount outside.
    pub fn new(amount: u32, unit: TermUnit) -> Result<Self, TermError> {
        if !(1..=TERM_AMOUNT_MAX).contains(&amount) {
            return Err(TermError(format!("期限 {amount} {}不在 1 到 {TERM_AMOUNT_MAX} 之间", unit.word())));
        }
        Ok(Self { amount, unit })
    }

    /// How many of the unit.
    pub fn amount(self) -> u32 {
        self.amount
    }

    /// What it is counted in.
    pub fn unit(self) -> TermUnit {
        self.unit
    }

    /// As an officer says it: `24 小时`, `15 天`, `3 个工作日`.
    pub fn words(self) -> String {
        format!("{} {}", self.amount, self.unit.word())
    }
}

impl FromStr for Term {
    type Err = TermError;

    fn from_str(text: &str) -> Result<Self, TermError> {
        let unreadable =
            || TermError(format!("期限“{text}”看不懂，请写成 24h（小时）、15d（天）或 3wd（工作日）"));
        let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
        let unit = match text.strip_prefix(digits.as_str()) {
            Some("h") => TermUnit::Hours,
            Some("d") => TermUnit::Days,
            Some("wd") => TermUnit::WorkingDays,
            _ => return Err(unreadable()),
        };
        Term::new(digits.parse().map_err(|_| unreadable())?, unit)
    }
}

impl TryFrom<String> for Term {
    type Error = TermError;

    fn try_from(text: String) -> Result<Self, TermError> {
        text.parse()
    }
}

impl From<Term> for String {
    fn from(term: Term) -> String {
        term.to_string()
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.amount, self.unit.letters())
    }
}

impl fmt::Display for TermError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TermError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_is_written_as_it_is_read_and_said_in_the_unit_of_its_law() {
        for (text, words) in
            [("24h", "24 小时"), ("15d", "15 天"), ("3wd", "3 个工作日"), ("3660d", "3660 天")]
        {
            let term: Term = text.parse().unwrap();
            assert_eq!((term.to_string().as_str(), term.words().as_str()), (text, words));
            let json = serde_json::to_string(&term).unwrap();
            assert_eq!(serde_json::from_str::<Term>(&json).unwrap(), term);
        }
    }

    #[test]
    fn what_is_no_term_is_refused_with_how_to_write_one() {
        for text in ["", "h", "3", "3w", "3 d", "-3d", "3WD", "３d", "3天", "99999999999d"] {
            assert!(text.parse::<Term>().unwrap_err().to_string().contains("24h"), "{text}");
        }
        for text in ["0d", "3661h"] {
            assert!(text.parse::<Term>().unwrap_err().to_string().contains("1 到 3660"), "{text}");
        }
        assert!(serde_json::from_str::<Term>("\"0wd\"").is_err());
    }
}
