//! What was found of the fires of a stretch of time, and the shares that follow.

use crate::Finding;

/// Fires by what was found of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Figures {
    /// Found real.
    pub real: u64,
    /// Found false.
    pub false_alarms: u64,
    /// Tests and drills: done on purpose, in no rate.
    pub test: u64,
    /// Not to be told: no finding, in no rate.
    pub undetermined: u64,
}

/// A share with what it is a share of.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rate {
    /// The share, 0 … 1 for a share of fires, from 0 up for a number per hundred points.
    pub value: f64,
    /// What was divided.
    pub part: u64,
    /// By what: never zero.
    pub base: u64,
}

impl Figures {
    /// From a tally by finding; other names are passed over.
    pub fn of(tally: &[(String, u64)]) -> Self {
        let of = |finding: Finding| tally.iter().filter(|(n, _)| n == finding.code()).map(|(_, c)| c).sum();
        Self {
            real: of(Finding::Real),
            false_alarms: of(Finding::False),
            test: of(Finding::Test),
            undetermined: of(Finding::Undetermined),
        }
    }

    /// Fires of which is known whether they were: real and false. Tests do not dilute the rate, and what could not be
    /// told is on neither side.
    pub fn verified(&self) -> u64 {
        self.real + self.false_alarms
    }

    /// The share of false ones among the verified fires; none without a base.
    pub fn rate(&self) -> Option<Rate> {
        rate(self.false_alarms, self.verified(), 1.0)
    }

    /// False alarms per hundred registered points; none without points.
    pub fn per_hundred(&self, points: u64) -> Option<Rate> {
        rate(self.false_alarms, points, 100.0)
    }
}

fn rate(part: u64, base: u64, times: f64) -> Option<Rate> {
    (base > 0).then(|| Rate { value: part as f64 * times / base as f64, part, base })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(all: &[(&str, u64)]) -> Figures {
        Figures::of(&all.iter().map(|(n, c)| ((*n).to_owned(), *c)).collect::<Vec<_>>())
    }

    #[test]
    fn a_rate_has_a_base_of_which_tests_are_no_part() {
        let figures = tally(&[("false", 12), ("real", 3), ("test", 40), ("undetermined", 5), ("else", 9)]);
        let rate = figures.rate().unwrap();
        assert_eq!((rate.value, rate.part, rate.base), (0.8, 12, 15));
        assert_eq!(figures.per_hundred(600).unwrap().value, 2.0);
    }

    #[test]
    fn without_a_base_there_is_no_rate() {
        assert_eq!(tally(&[("test", 4)]).rate(), None);
        assert_eq!(tally(&[("false", 4)]).per_hundred(0), None);
    }
}
