//! Throttled login: five wrong passwords lock an account's name, and an address, for a quarter of an hour.
//!
//! Kept in memory and bounded: whoever fills it with invented names only pushes out the oldest of them.

use fengsui_base::Timestamp;
use parking_lot::Mutex;
use std::collections::HashMap;

/// Wrong passwords before the lock.
pub const ATTEMPTS_MAX: u32 = 5;
/// How long the lock lasts, in minutes.
pub const LOCK_MINUTES: i64 = 15;
/// Wrong passwords from one address before it is locked, whatever the names.
const ADDRESS_ATTEMPTS_MAX: u32 = 50;
/// Most names and addresses remembered.
const REMEMBERED_MAX: usize = 10_000;

#[derive(Default)]
pub(crate) struct Throttle {
    failures: Mutex<HashMap<String, Failures>>,
}

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    last_at: Timestamp,
}

impl Throttle {
    /// Whether a login with this name from this address must wait, in whole minutes.
    pub(crate) fn wait_minutes(&self, login: &str, address: &str, now: Timestamp) -> Option<i64> {
        let failures = self.failures.lock();
        let keys = [(name_key(login), ATTEMPTS_MAX), (address_key(address), ADDRESS_ATTEMPTS_MAX)];
        let waits = keys.iter().filter_map(|(key, limit)| failures.get(key).and_then(|f| f.wait_minutes(*limit, now)));
        waits.max()
    }

    /// Notes a wrong password.
    pub(crate) fn failed(&self, login: &str, address: &str, now: Timestamp) {
        let mut failures = self.failures.lock();
        failures.retain(|_, f| !f.forgotten(now));
        if failures.len() >= REMEMBERED_MAX
            && let Some(oldest) = failures.iter().min_by_key(|(_, f)| f.last_at).map(|(k, _)| k.clone())
        {
            failures.remove(&oldest);
        }
        for key in [name_key(login), address_key(address)] {
            let entry = failures.entry(key).or_insert(Failures { count: 0, last_at: now });
            *entry = Failures { count: entry.count.saturating_add(1), last_at: now };
        }
    }

    /// Forgets the failures of a name that has logged in.
    pub(crate) fn succeeded(&self, login: &str) {
        self.failures.lock().remove(&name_key(login));
    }
}

impl Failures {
    fn wait_minutes(&self, limit: u32, now: Timestamp) -> Option<i64> {
        let left_s = LOCK_MINUTES * 60 - (now.as_second() - self.last_at.as_second());
        (self.count >= limit && left_s > 0).then(|| (left_s + 59) / 60)
    }

    fn forgotten(&self, now: Timestamp) -> bool {
        now.as_second() - self.last_at.as_second() >= LOCK_MINUTES * 60
    }
}

fn name_key(login: &str) -> String {
    // A name longer than any account's is one and the same key: memory stays bounded.
    format!("name/{}", login.chars().take(64).collect::<String>())
}

fn address_key(address: &str) -> String {
    format!("address/{address}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_fifth_failure_locks_for_fifteen_minutes_and_not_a_second_longer() {
        let throttle = Throttle::default();
        for i in 0..4 {
            throttle.failed("zhoumin", "10.0.0.1", at(i));
        }
        assert_eq!(throttle.wait_minutes("zhoumin", "10.0.0.1", at(4)), None);
        throttle.failed("zhoumin", "10.0.0.1", at(4));
        assert_eq!(throttle.wait_minutes("zhoumin", "10.0.0.2", at(5)), Some(15));
        assert_eq!(throttle.wait_minutes("zhoumin", "10.0.0.2", at(4 + 899)), Some(1));
        assert_eq!(throttle.wait_minutes("zhoumin", "10.0.0.2", at(4 + 900)), None);
        assert_eq!(throttle.wait_minutes("chenli", "10.0.0.1", at(5)), None);
    }

    #[test]
    fn an_address_that_tries_many_names_is_locked() {
        let throttle = Throttle::default();
        for i in 0..50 {
            throttle.failed(&format!("name{i}"), "10.0.0.1", at(0));
        }
        assert_eq!(throttle.wait_minutes("another", "10.0.0.1", at(1)), Some(15));
        assert_eq!(throttle.wait_minutes("another", "10.0.0.2", at(1)), None);
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = Throttle::default();
        for i in 0..REMEMBERED_MAX + 10 {
            throttle.failed(&format!("name{i}"), "10.0.0.1", at(0));
        }
        assert!(throttle.failures.lock().len() <= REMEMBERED_MAX + 1);
    }

    #[test]
    fn a_login_forgives_the_failures_before_it() {
        let throttle = Throttle::default();
        (0..5).for_each(|_| throttle.failed("zhoumin", "10.0.0.1", at(0)));
        throttle.succeeded("zhoumin");
        assert_eq!(throttle.wait_minutes("zhoumin", "10.0.0.9", at(1)), None);
    }
}
