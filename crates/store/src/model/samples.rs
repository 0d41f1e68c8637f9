//! The history of measured values in memory: every value of every series, sorted.

use crate::{SampleBucket, SampleWrite, StateKey, bucket_s};
use fengsui_base::{TerminalId, Timestamp};
use std::collections::BTreeMap;
use std::ops::Range;

/// Which value of which terminal.
type Series = (TerminalId, StateKey);

/// Raw values by series and second.
#[derive(Debug, Default)]
pub(super) struct Samples(BTreeMap<Series, BTreeMap<i64, i32>>);

impl Samples {
    pub(super) fn put(&mut self, write: SampleWrite) {
        let series = self.0.entry((write.terminal, write.key)).or_default();
        series.insert(write.at.as_second(), write.value);
    }

    pub(super) fn within(
        &self,
        series: Series,
        window: &Range<Timestamp>,
        buckets: u16,
    ) -> Vec<SampleBucket> {
        let (start, end) = (window.start.as_second(), window.end.as_second());
        let width_s = bucket_s(window, buckets);
        let mut found: BTreeMap<i64, SampleBucket> = BTreeMap::new();
        let Some(all) = self.0.get(&series).filter(|_| start < end) else { return Vec::new() };
        for (second, value) in all.range(start..end) {
            let number = (second - start) / width_s;
            found.entry(number).and_modify(|b| add(b, *value)).or_insert_with(|| {
                let from = Timestamp::from_second(start + number * width_s).unwrap_or(window.start);
                SampleBucket { from, count: 1, min: *value, max: *value, sum: i64::from(*value) }
            });
        }
        found.into_values().collect()
    }

    /// Series by series, the one with the oldest value first.
    pub(super) fn purge(&mut self, before: Timestamp, limit: u32) -> u64 {
        let mut gone = 0;
        while gone < u64::from(limit) {
            let oldest = |(_, all): &(&Series, &BTreeMap<i64, i32>)| all.keys().next().copied();
            let Some((series, _)) =
                self.0.iter().min_by_key(oldest).filter(|s| oldest(s) < Some(before.as_second()))
            else {
                break;
            };
            let series = *series;
            gone += self.purge_series(series, before.as_second(), u64::from(limit) - gone);
        }
        gone
    }

    fn purge_series(&mut self, series: Series, before: i64, limit: u64) -> u64 {
        let Some(all) = self.0.get_mut(&series) else { return 0 };
        let mut gone = 0;
        while gone < limit && all.first_key_value().is_some_and(|(second, _)| *second < before) {
            all.pop_first();
            gone += 1;
        }
        if all.is_empty() {
            self.0.remove(&series);
        }
        gone
    }
}

fn add(bucket: &mut SampleBucket, value: i32) {
    bucket.count += 1;
    (bucket.min, bucket.max) = (bucket.min.min(value), bucket.max.max(value));
    bucket.sum += i64::from(value);
}
