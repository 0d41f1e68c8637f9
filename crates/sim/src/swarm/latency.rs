//! How long acknowledgements took: counts in buckets that grow with the time, exact to about three percent.

use serde::{Serialize, Serializer, ser::SerializeStruct};

/// Buckets for each doubling of the time.
const FINENESS: u64 = 32;
/// Buckets in all: enough for 2⁴⁰ microseconds.
const BUCKETS: usize = (FINENESS * 36) as usize;

/// A distribution of times in microseconds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Latency {
    counts: Vec<u64>,
    count: u64,
    most_us: u64,
}

impl Latency {
    /// How many were recorded.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The longest in microseconds; 0 when there are none.
    #[must_use]
    pub fn most_us(&self) -> u64 {
        self.most_us
    }

    /// The time in microseconds that this share (0 to 1) did not exceed; 0 when there are none.
    #[must_use]
    pub fn percentile_us(&self, share: f64) -> u64 {
        let wanted = (share * self.count as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        let reached = self.counts.iter().position(|n| {
            seen += n;
            seen >= wanted
        });
        reached.map_or(0, |bucket| upper_us(bucket).min(self.most_us))
    }

    pub(crate) fn record(&mut self, us: u64) {
        self.counts.resize(BUCKETS, 0);
        self.counts[bucket(us)] += 1;
        self.count += 1;
        self.most_us = self.most_us.max(us);
    }

    pub(crate) fn add(&mut self, other: &Latency) {
        if other.count > 0 {
            self.counts.resize(BUCKETS, 0);
            self.counts.iter_mut().zip(&other.counts).for_each(|(mine, theirs)| *mine += theirs);
        }
        self.count += other.count;
        self.most_us = self.most_us.max(other.most_us);
    }
}

impl Serialize for Latency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Latency", 6)?;
        out.serialize_field("count", &self.count)?;
        for (name, share) in [("p50_us", 0.5), ("p90_us", 0.9), ("p99_us", 0.99), ("p999_us", 0.999)] {
            out.serialize_field(name, &self.percentile_us(share))?;
        }
        out.serialize_field("most_us", &self.most_us)?;
        out.end()
    }
}

/// Below 32 µs each microsecond has its bucket; then each doubling has 32.
fn bucket(us: u64) -> usize {
    if us < FINENESS {
        return us as usize;
    }
    let doublings = u64::from(us.ilog2() - FINENESS.ilog2());
    let within = (us >> doublings) - FINENESS;
    ((FINENESS * (doublings + 1) + within) as usize).min(BUCKETS - 1)
}

/// The largest time of a bucket.
fn upper_us(bucket: usize) -> u64 {
    let (doublings, within) = (bucket as u64 / FINENESS, bucket as u64 % FINENESS);
    if doublings == 0 { within } else { ((FINENESS + within + 1) << (doublings - 1)) - 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_exact_to_three_percent() {
        let mut latency = Latency::default();
        (1..=10_000).for_each(|us| latency.record(us));
        for (share, exact) in [(0.5, 5000.0), (0.9, 9000.0), (0.99, 9900.0)] {
            let found = latency.percentile_us(share) as f64;
            assert!((found / exact - 1.0).abs() < 0.035, "{share}: {found}");
        }
        assert_eq!((latency.count(), latency.most_us()), (10_000, 10_000));
    }

    #[test]
    fn the_longest_time_that_can_be_counted_has_a_bucket() {
        let mut latency = Latency::default();
        latency.record(u64::MAX);
        latency.record(0);
        assert_eq!(latency.percentile_us(0.5), 0);
        assert_eq!(Latency::default().percentile_us(0.99), 0);
    }

    #[test]
    fn every_time_lies_in_its_bucket() {
        for us in [0, 31, 32, 33, 63, 64, 65, 1000, 123_456, 1 << 30] {
            assert!(upper_us(bucket(us)) >= us);
            assert!(bucket(us) == 0 || upper_us(bucket(us) - 1) < us);
        }
    }
}
