//! An instant that may be missing, in eight bytes: a terminal keeps several, and there are a million terminals.

use fengsui_base::Timestamp;

/// Microseconds since 1970, as storage keeps them; finer digits are cut. Earlier than all others: never.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Moment(i64);

impl Default for Moment {
    fn default() -> Self {
        Self(i64::MIN)
    }
}

impl From<Option<Timestamp>> for Moment {
    fn from(at: Option<Timestamp>) -> Self {
        at.map_or_else(Self::default, |at| Self(at.as_microsecond()))
    }
}

impl Moment {
    /// The instant, unless it is missing.
    pub(super) fn get(self) -> Option<Timestamp> {
        // The missing one lies far outside what an instant can be.
        Timestamp::from_microsecond(self.0).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instant_comes_back_to_the_microsecond_and_none_is_before_them_all() {
        // The very last second of the year 9999 is beyond what can be told in microseconds.
        let last = Timestamp::MAX - jiff::SignedDuration::from_secs(1);
        for at in [Timestamp::MIN, Timestamp::UNIX_EPOCH, last] {
            let kept = Moment::from(Some(at));
            assert_eq!(kept.get().map(|t| t.as_microsecond()), Some(at.as_microsecond()));
            assert!(Moment::default() < kept);
        }
        assert_eq!((Moment::from(None), Moment::default().get()), (Moment::default(), None));
    }
}
