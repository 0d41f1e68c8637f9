//! Time labels (时间标签): the six bytes second, minute, hour, day, month, year − 2000.
//!
//! A label carries no zone; the field uses Beijing time. The six bytes are kept as they came, because
//! terminals send impossible dates and some of them write the digits in BCD.

use jiff::civil::DateTime;

/// How the six bytes of a label are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Clock {
    /// Plain binary numbers, as the standard says.
    #[default]
    Binary,
    /// Two decimal digits in each byte (a dialect).
    Bcd,
}

/// Six bytes of time as they stand on the wire: second, minute, hour, day, month, year − 2000.
///
/// Source: GB/T 26875.3 §8.2.2 (time label) and table 2 (time of the control unit).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Label(pub [u8; Label::LEN]);

impl Label {
    /// Bytes of a label on the wire.
    pub const LEN: usize = 6;
    /// Year that a year byte of 0 means.
    pub const YEAR_BASE: i16 = 2000;

    /// The civil date and time that the label means, or `None` when there is no such moment
    /// (month 0, 30 February, second 60, a digit above 9 under [`Clock::Bcd`]).
    pub fn civil(self, clock: Clock) -> Option<DateTime> {
        let [second, minute, hour, day, month, year] = match clock {
            Clock::Binary => self.0,
            Clock::Bcd => self.plain_of_digits()?,
        };
        let year = Self::YEAR_BASE + i16::from(year);
        let [month, day, hour] =
            [i8::try_from(month).ok()?, i8::try_from(day).ok()?, i8::try_from(hour).ok()?];
        let [minute, second] = [i8::try_from(minute).ok()?, i8::try_from(second).ok()?];
        DateTime::new(year, month, day, hour, minute, second, 0).ok()
    }

    /// The label of a civil date and time; fractions of a second are dropped.
    ///
    /// `None` outside the years that fit: 2000–2255 in binary, 2000–2099 in BCD.
    pub fn from_civil(moment: DateTime, clock: Clock) -> Option<Label> {
        let year = u8::try_from(moment.year() - Self::YEAR_BASE).ok()?;
        let parts = [moment.second(), moment.minute(), moment.hour(), moment.day(), moment.month()];
        let mut bytes = [0, 0, 0, 0, 0, year];
        for (byte, part) in bytes.iter_mut().zip(parts) {
            *byte = u8::try_from(part).ok()?;
        }
        match clock {
            Clock::Binary => Some(Label(bytes)),
            Clock::Bcd => Label(bytes).digits_of_plain(),
        }
    }

    fn plain_of_digits(self) -> Option<[u8; Self::LEN]> {
        let mut plain = self.0;
        for byte in &mut plain {
            let (tens, ones) = (*byte >> 4, *byte & 0x0F);
            if tens > 9 || ones > 9 {
                return None;
            }
            *byte = tens * 10 + ones;
        }
        Some(plain)
    }

    fn digits_of_plain(self) -> Option<Label> {
        let mut digits = self.0;
        for byte in &mut digits {
            if *byte > 99 {
                return None;
            }
            *byte = ((*byte / 10) << 4) | (*byte % 10);
        }
        Some(Label(digits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_label_reads_second_first_and_year_last() {
        let label = Label([0x20, 0x3A, 0x09, 0x1A, 0x09, 0x0C]);
        assert_eq!(label.civil(Clock::Binary), Some(date(2012, 9, 26).at(9, 58, 32, 0)));
        assert_eq!(Label::from_civil(date(2012, 9, 26).at(9, 58, 32, 0), Clock::Binary), Some(label));
    }

    #[test]
    fn impossible_moments_are_none() {
        for bytes in [
            [0, 0, 0, 0, 0, 0],
            [0xFF; 6],
            [60, 0, 0, 1, 1, 20],
            [0, 60, 0, 1, 1, 20],
            [0, 0, 24, 1, 1, 20],
            [0, 0, 0, 30, 2, 20],
            [0, 0, 0, 29, 2, 21],
        ] {
            assert_eq!(Label(bytes).civil(Clock::Binary), None, "{bytes:?}");
        }
        assert_eq!(Label([0x0A, 0, 0, 1, 1, 0x20]).civil(Clock::Bcd), None);
    }

    #[test]
    fn bcd_digits_are_read_by_the_bcd_clock() {
        let label = Label([0x00, 0x25, 0x11, 0x11, 0x01, 0x19]);
        assert_eq!(label.civil(Clock::Bcd), Some(date(2019, 1, 11).at(11, 25, 0, 0)));
        assert_eq!(Label::from_civil(date(2019, 1, 11).at(11, 25, 0, 0), Clock::Bcd), Some(label));
    }

    #[test]
    fn the_years_that_fit_are_the_limit() {
        let last = date(2255, 12, 31).at(23, 59, 59, 0);
        assert_eq!(Label::from_civil(last, Clock::Binary).and_then(|l| l.civil(Clock::Binary)), Some(last));
        assert_eq!(Label::from_civil(date(2256, 1, 1).at(0, 0, 0, 0), Clock::Binary), None);
        assert_eq!(Label::from_civil(date(1999, 12, 31).at(0, 0, 0, 0), Clock::Binary), None);
        assert_eq!(Label::from_civil(date(2100, 1, 1).at(0, 0, 0, 0), Clock::Bcd), None);
    }
}
