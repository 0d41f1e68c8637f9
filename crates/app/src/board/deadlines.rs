//! Deadlines by time: whoever is due is at the front, and nobody else costs anything.

use fengsui_base::Timestamp;
use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

/// At most one deadline for each key.
pub(super) struct Deadlines<K> {
    by_time: BTreeSet<(Timestamp, K)>,
    by_key: HashMap<K, Timestamp>,
}

impl<K> Default for Deadlines<K> {
    fn default() -> Self {
        Self { by_time: BTreeSet::new(), by_key: HashMap::new() }
    }
}

impl<K: Copy + Ord + Hash> Deadlines<K> {
    /// Sets the deadline of a key, instead of the one it had.
    pub(super) fn set(&mut self, key: K, at: Timestamp) {
        if let Some(before) = self.by_key.insert(key, at) {
            self.by_time.remove(&(before, key));
        }
        self.by_time.insert((at, key));
    }

    /// Forgets a key.
    pub(super) fn clear(&mut self, key: K) {
        if let Some(before) = self.by_key.remove(&key) {
            self.by_time.remove(&(before, key));
        }
    }

    /// Takes out keys whose deadline has come, the most overdue first. An instant counts as come when it is now.
    pub(super) fn take_due(&mut self, now: Timestamp, limit: usize) -> Vec<K> {
        let due: Vec<K> =
            self.by_time.iter().take_while(|(at, _)| *at <= now).take(limit).map(|(_, key)| *key).collect();
        due.iter().for_each(|key| self.clear(*key));
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_key_has_one_deadline_and_is_taken_once_at_its_instant() {
        let mut all = Deadlines::default();
        all.set(1, at(10));
        all.set(1, at(20));
        all.set(2, at(15));
        all.set(3, at(15));
        all.clear(3);
        assert_eq!(all.take_due(at(14), 9), Vec::<i32>::new());
        assert_eq!(all.take_due(at(15), 9), [2]);
        assert_eq!(all.take_due(at(20), 9), [1]);
        assert_eq!(all.take_due(at(99), 9), Vec::<i32>::new());
    }

    #[test]
    fn no_more_are_taken_than_asked_for_the_most_overdue_first() {
        let mut all = Deadlines::default();
        (0..10).for_each(|n| all.set(n, at(100 - n)));
        assert_eq!(all.take_due(at(100), 3), [9, 8, 7]);
        assert_eq!(all.take_due(at(100), 30).len(), 7);
    }
}
