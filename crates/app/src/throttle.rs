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
/// Wrong links from one address before it is stopped for a while.
const LINK_ATTEMPTS_MAX: u32 = 50;
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
    /// Counts an attempt as failed before the password is looked at, so that many at the same moment get no
    /// more tries than one after another; or says how long to wait, in whole minutes.
    pub(crate) fn attempt(&self, login: &str, address: &str, now: Timestamp) -> Result<(), i64> {
        let mut failures = self.failures.lock();
        let keys = [(name_key(login), ATTEMPTS_MAX), (address_key(address), ADDRESS_ATTEMPTS_MAX)];
        let waits = keys
            .iter()
            .filter_map(|(key, limit)| failures.get(key).and_then(|f| f.wait_minutes(*limit, now)));
        if let Some(minutes) = waits.max() {
            return Err(minutes);
        }
        for (key, _) in keys {
            make_room(&mut failures, &key, now);
            let known = failures.get(&key).filter(|f| !f.forgotten(now));
            let count = known.map_or(0, |f| f.count).saturating_add(1);
            failures.insert(key, Failures { count, last_at: now });
        }
        Ok(())
    }

    /// The password was right and more is asked for: this attempt is taken back, the ones before it are not.
    pub(crate) fn unfinished(&self, login: &str, address: &str) {
        let mut failures = self.failures.lock();
        for key in [name_key(login), address_key(address)] {
            if let Some(known) = failures.get_mut(&key) {
                known.count = known.count.saturating_sub(1);
            }
        }
    }

    /// Counts a link that somebody tries as wrong before it is looked up; or says how long to wait, in whole
    /// minutes. A link has 128 random bits: this is for the quiet of the log, not for its safety.
    pub(crate) fn attempt_link(&self, address: &str, now: Timestamp) -> Result<(), i64> {
        let mut failures = self.failures.lock();
        let key = link_key(address);
        if let Some(minutes) = failures.get(&key).and_then(|f| f.wait_minutes(LINK_ATTEMPTS_MAX, now)) {
            return Err(minutes);
        }
        make_room(&mut failures, &key, now);
        let known = failures.get(&key).filter(|f| !f.forgotten(now));
        let count = known.map_or(0, |f| f.count).saturating_add(1);
        failures.insert(key, Failures { count, last_at: now });
        Ok(())
    }

    /// The link was a right one.
    pub(crate) fn succeeded_link(&self, address: &str) {
        if let Some(tried) = self.failures.lock().get_mut(&link_key(address)) {
            tried.count = tried.count.saturating_sub(1);
        }
    }

    /// The attempt was none: forgets the failures of the name, and takes the attempt back from the address.
    pub(crate) fn succeeded(&self, login: &str, address: &str) {
        let mut failures = self.failures.lock();
        failures.remove(&name_key(login));
        if let Some(of_address) = failures.get_mut(&address_key(address)) {
            of_address.count = of_address.count.saturating_sub(1);
        }
    }
}

/// Lets go of what is over, and then of the oldest, when there is no room for another name or address.
fn make_room(failures: &mut HashMap<String, Failures>, key: &str, now: Timestamp) {
    if failures.len() < REMEMBERED_MAX || failures.contains_key(key) {
        return;
    }
    failures.retain(|_, f| !f.forgotten(now));
    if failures.len() >= REMEMBERED_MAX {
        let oldest = failures.iter().min_by_key(|(_, f)| f.last_at).map(|(k, _)| k.clone());
        oldest.map(|k| failures.remove(&k));
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
    // The same account is meant whatever the letter case; a name longer than any account's is cut, so that
    // memory stays bounded.
    format!("name/{}", login.trim().to_lowercase().chars().take(64).collect::<String>())
}

fn link_key(address: &str) -> String {
    format!("link/{address}")
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
        (0..5).for_each(|i| assert_eq!(throttle.attempt("zhoumin", "10.0.0.1", at(i)), Ok(())));
        assert_eq!(throttle.attempt("zhoumin", "10.0.0.2", at(5)), Err(15));
        assert_eq!(throttle.attempt("zhoumin", "10.0.0.2", at(4 + 899)), Err(1));
        assert_eq!(throttle.attempt("chenli", "10.0.0.1", at(5)), Ok(()));
        assert_eq!(throttle.attempt("zhoumin", "10.0.0.2", at(4 + 900)), Ok(()));
    }

    #[test]
    fn another_letter_case_is_the_same_name() {
        let throttle = Throttle::default();
        for name in ["zhoumin", "Zhoumin", "ZHOUMIN", " zhoumin", "zHoumin"] {
            assert_eq!(throttle.attempt(name, "10.0.0.1", at(0)), Ok(()));
        }
        assert_eq!(throttle.attempt("zhouMin", "10.0.0.1", at(1)), Err(15));
    }

    #[test]
    fn an_address_that_tries_many_names_is_locked() {
        let throttle = Throttle::default();
        (0..50).for_each(|i| assert_eq!(throttle.attempt(&format!("name{i}"), "10.0.0.1", at(0)), Ok(())));
        assert_eq!(throttle.attempt("another", "10.0.0.1", at(1)), Err(15));
        assert_eq!(throttle.attempt("another", "10.0.0.2", at(1)), Ok(()));
    }

    #[test]
    fn an_office_behind_one_address_is_not_locked_by_logging_in() {
        let throttle = Throttle::default();
        for i in 0..200 {
            assert_eq!(throttle.attempt(&format!("name{i}"), "10.0.0.1", at(0)), Ok(()));
            throttle.succeeded(&format!("name{i}"), "10.0.0.1");
        }
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = Throttle::default();
        for i in 0..REMEMBERED_MAX / 2 + 10 {
            assert_eq!(throttle.attempt(&format!("name{i}"), &format!("address{i}"), at(0)), Ok(()));
        }
        assert_eq!(throttle.failures.lock().len(), REMEMBERED_MAX);
    }

    #[test]
    fn a_login_forgives_the_failures_before_it() {
        let throttle = Throttle::default();
        (0..4).for_each(|_| assert_eq!(throttle.attempt("zhoumin", "10.0.0.1", at(0)), Ok(())));
        throttle.succeeded("Zhoumin", "10.0.0.1");
        (0..5).for_each(|_| assert_eq!(throttle.attempt("zhoumin", "10.0.0.9", at(1)), Ok(())));
        assert_eq!(throttle.attempt("zhoumin", "10.0.0.9", at(1)), Err(15));
    }

    #[test]
    fn wrong_links_from_one_address_are_stopped_after_their_limit_and_right_ones_never() {
        let (throttle, now) = (Throttle::default(), "2026-11-21T06:00:00Z".parse().unwrap());
        for _ in 0..LINK_ATTEMPTS_MAX * 2 {
            throttle.attempt_link("192.0.2.1", now).unwrap();
            throttle.succeeded_link("192.0.2.1");
        }
        for _ in 0..LINK_ATTEMPTS_MAX {
            throttle.attempt_link("192.0.2.1", now).unwrap();
        }
        assert_eq!(throttle.attempt_link("192.0.2.1", now), Err(LOCK_MINUTES));
        assert_eq!(throttle.attempt_link("192.0.2.2", now), Ok(()));
        let later = now + jiff::SignedDuration::from_mins(LOCK_MINUTES);
        assert_eq!(throttle.attempt_link("192.0.2.1", later), Ok(()));
    }
}
