//! Measured values that wait to be saved for the charts: few enough for memory, and never without the extremes.

/// Most samples of one value that wait; beyond that the lowest, the highest and the last stay.
pub(super) const SAMPLES_WAITING_MAX: usize = 12;
/// A value that does not change is sampled this often, in seconds: a flat line and a silent sensor look different.
const FLAT_S: i64 = 3_600;

/// Samples of one value since the last save: (second, raw value) in the order in which they came.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Waiting {
    samples: Vec<(i64, i32)>,
    newest: Option<(i64, i32)>,
}

impl Waiting {
    /// Takes in a value measured at this second.
    pub(super) fn put(&mut self, second: i64, raw: i32) {
        let flat = |(at, known): (i64, i32)| known == raw && (0..FLAT_S).contains(&(second - at));
        if self.newest.is_some_and(flat) {
            return;
        }
        if self.newest.is_none_or(|(at, _)| at <= second) {
            self.newest = Some((second, raw));
        }
        self.samples.push((second, raw));
        if self.samples.len() > SAMPLES_WAITING_MAX {
            self.thin();
        }
    }

    fn thin(&mut self) {
        let lowest = self.samples.iter().min_by_key(|s| s.1).copied();
        let highest = self.samples.iter().max_by_key(|s| s.1).copied();
        let last = self.samples.last().copied();
        self.samples = [lowest, highest, last].into_iter().flatten().collect();
        self.samples.sort_unstable();
        self.samples.dedup();
    }

    /// Whether none waits.
    pub(super) fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// Takes all samples out.
    pub(super) fn take(&mut self) -> Vec<(i64, i32)> {
        std::mem::take(&mut self.samples)
    }

    /// Puts samples back that could not be saved.
    pub(super) fn back(&mut self, samples: &[(i64, i32)]) {
        self.samples.extend_from_slice(samples);
        if self.samples.len() > SAMPLES_WAITING_MAX {
            self.thin();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_line_is_sampled_by_the_hour_and_every_change_at_once() {
        let mut waiting = Waiting::default();
        (0..=2 * FLAT_S).step_by(30).for_each(|second| waiting.put(second, 7));
        waiting.put(2 * FLAT_S + 1, 8);
        assert_eq!(waiting.take(), [(0, 7), (FLAT_S, 7), (2 * FLAT_S, 7), (2 * FLAT_S + 1, 8)]);
        waiting.put(2 * FLAT_S + 2, 8);
        assert!(waiting.take().is_empty(), "what was saved counts");
    }

    #[test]
    fn at_the_limit_the_extremes_and_the_last_stay() {
        let mut waiting = Waiting::default();
        let values = [5, 6, -9, 7, 8, 99, 10, 11, 12, 13, 14, 15];
        assert_eq!(values.len(), SAMPLES_WAITING_MAX);
        (0..).zip(values).for_each(|(second, raw)| waiting.put(second, raw));
        assert_eq!(waiting.clone().take().len(), SAMPLES_WAITING_MAX);
        waiting.put(20, 16);
        assert_eq!(waiting.take(), [(2, -9), (5, 99), (20, 16)]);
    }

    #[test]
    fn a_value_that_comes_late_is_kept_at_its_own_time() {
        let mut waiting = Waiting::default();
        waiting.put(100, 1);
        waiting.put(40, 1);
        waiting.put(110, 1);
        assert_eq!(waiting.take(), [(100, 1), (40, 1)]);
    }
}
