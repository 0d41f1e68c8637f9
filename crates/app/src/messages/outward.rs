//! What the sender knows in memory: the channels with their health and quota, and which messages wait. All of it
//! is a projection of the committed sequence, but for what only a running program can know: who is being served
//! right now, and how many left in the last minute.

use crate::messages::route::Candidate;
use crate::{Channel, Message};
use fengsui_base::{EntryId, Timestamp};
use fengsui_ledger::Entry;
use jiff::SignedDuration;
use parking_lot::Mutex;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

/// Most messages that one channel carries at the same time.
pub const PARALLEL_MAX: usize = 4;
/// After how many failures in a row a gateway counts as failing.
pub const FAILURES_MAX: u32 = 3;
/// How often a failing gateway is tried again, in seconds.
pub const PROBE_S: i64 = 30;
/// Share of a channel's quota that messages without urgency leave to the urgent ones: one in so many.
pub(crate) const RESERVED_ONE_IN: u16 = 5;
/// How soon a channel with all hands full is looked at again, in milliseconds.
const BUSY_MS: i64 = 200;
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// The sender's memory.
#[derive(Default)]
pub(crate) struct Outward(Mutex<Known>);

#[derive(Default)]
struct Known {
    channels: BTreeMap<EntryId, Arc<Channel>>,
    waiting: BTreeMap<EntryId, Waiting>,
    health: HashMap<EntryId, Health>,
    /// Messages that are with a gateway right now, and with which.
    in_flight: HashMap<EntryId, EntryId>,
}

#[derive(Clone, Copy)]
struct Waiting {
    about: Option<EntryId>,
    urgent: bool,
    opened_at: Timestamp,
    look_at: Timestamp,
}

#[derive(Default)]
struct Health {
    failures: u32,
    first_failure: Option<Timestamp>,
    probe_at: Option<Timestamp>,
    well_since: Option<Timestamp>,
    sent: VecDeque<Timestamp>,
}

/// How a gateway's health has turned.
pub(crate) enum Turn {
    /// As before.
    Same,
    /// It fails since then.
    Failing(Timestamp),
    /// It is well again.
    Recovered,
}

impl Outward {
    /// Takes in an entry as it was committed.
    pub(crate) fn apply(&self, entry: &Entry) {
        match entry.kind.as_str() {
            "message" => self.apply_message(entry),
            "channel" => {
                if let Some(channel) = Channel::of(entry) {
                    self.0.lock().apply_channel(channel);
                }
            }
            _ => {}
        }
    }

    fn apply_message(&self, entry: &Entry) {
        let mut known = self.0.lock();
        let urgent = entry.fields.get("urgent").and_then(serde_json::Value::as_bool).unwrap_or_default();
        let about = crate::entries::field(entry, "about");
        match entry.due_at.filter(|_| entry.state == "waiting") {
            Some(look_at) => {
                let waiting = Waiting { about, urgent, opened_at: entry.opened_at, look_at };
                known.waiting.insert(entry.id, waiting);
            }
            None => {
                known.waiting.remove(&entry.id);
            }
        }
    }

    pub(crate) fn channels(&self) -> Vec<Arc<Channel>> {
        let mut all: Vec<_> = self.0.lock().channels.values().cloned().collect();
        all.sort_by_key(|c| (c.by, c.order, c.id));
        all
    }

    pub(crate) fn channel(&self, id: EntryId) -> Option<Arc<Channel>> {
        self.0.lock().channels.get(&id).cloned()
    }

    /// Messages that are due and with nobody, the urgent ones first, then the oldest.
    pub(crate) fn due(&self, now: Timestamp, limit: usize) -> Vec<EntryId> {
        let known = self.0.lock();
        let due =
            known.waiting.iter().filter(|(id, w)| w.look_at <= now && !known.in_flight.contains_key(id));
        let mut due: Vec<_> = due.map(|(id, w)| (Reverse(w.urgent), w.look_at, *id)).collect();
        due.sort_unstable();
        due.into_iter().take(limit).map(|(.., id)| id).collect()
    }

    /// Messages about any of these entries that have not left yet.
    pub(crate) fn waiting_about(&self, entries: &BTreeSet<EntryId>) -> Vec<EntryId> {
        let known = self.0.lock();
        let wanted = |w: &Waiting| w.about.is_some_and(|about| entries.contains(&about));
        known.waiting.iter().filter(|(_, w)| wanted(w)).map(|(id, _)| *id).collect()
    }

    /// The channels that this message may choose from.
    pub(crate) fn candidates(&self, message: &Message, now: Timestamp) -> Vec<Candidate> {
        let mut known = self.0.lock();
        let mut channels: Vec<_> = known.channels.values().cloned().collect();
        channels.retain(|c| message.only.map_or(c.enabled, |only| only == c.id));
        channels.sort_by_key(|c| (c.order, c.id));
        let candidate = |c: Arc<Channel>| Candidate {
            id: c.id,
            by: c.by,
            closed_until: match message.only {
                Some(_) => None,
                None => known.closed_until(&c, message.urgent, now),
            },
            well_since: known.health.get(&c.id).and_then(|h| h.well_since),
        };
        channels.into_iter().map(candidate).collect()
    }

    /// The message is with this channel from now on; false when the channel has its hands full for a moment.
    pub(crate) fn hand_over(&self, message: EntryId, channel: EntryId, now: Timestamp) -> bool {
        let mut known = self.0.lock();
        let busy = known.in_flight.values().filter(|c| **c == channel).count();
        if busy >= PARALLEL_MAX {
            if let Some(waiting) = known.waiting.get_mut(&message) {
                waiting.look_at = now + SignedDuration::from_millis(BUSY_MS);
            }
            return false;
        }
        known.in_flight.insert(message, channel);
        let health = known.health.entry(channel).or_default();
        health.sent.push_back(now);
        if health.probe_at.is_some() {
            health.probe_at = Some(now + SignedDuration::from_secs(PROBE_S));
        }
        true
    }

    /// The message is with nobody any more.
    pub(crate) fn hand_back(&self, message: EntryId) {
        self.0.lock().in_flight.remove(&message);
    }

    /// The message is not looked at before that instant; nothing is written down for it.
    pub(crate) fn look_later(&self, message: EntryId, at: Timestamp) {
        if let Some(waiting) = self.0.lock().waiting.get_mut(&message) {
            waiting.look_at = at;
        }
    }

    /// How a channel's gateway did, and what that makes of it.
    pub(crate) fn did(&self, channel: EntryId, well: bool, now: Timestamp) -> Turn {
        self.0.lock().did(channel, well, now)
    }

    /// How many messages wait, and since when the oldest urgent one does.
    pub(crate) fn waiting(&self) -> (usize, Option<Timestamp>) {
        let known = self.0.lock();
        let urgent = known.waiting.values().filter(|w| w.urgent).map(|w| w.opened_at).min();
        (known.waiting.len(), urgent)
    }
}

impl Known {
    fn apply_channel(&mut self, channel: Channel) {
        let before = self.channels.get(&channel.id).and_then(|c| c.failing_since);
        let health = self.health.entry(channel.id).or_default();
        match channel.failing_since {
            // Known from before a restart: it is probed at once.
            Some(since) if before.is_none() && health.probe_at.is_none() => health.probe_at = Some(since),
            None if before.is_some() => {
                (health.failures, health.first_failure, health.probe_at) = (0, None, None)
            }
            Some(_) | None => {}
        }
        self.channels.insert(channel.id, Arc::new(channel));
        // Whoever waited for a channel looks again at once.
        let now_due = self.waiting.values_mut();
        now_due.for_each(|waiting| waiting.look_at = waiting.look_at.min(waiting.opened_at));
    }

    fn closed_until(&mut self, channel: &Channel, urgent: bool, now: Timestamp) -> Option<Timestamp> {
        let health = self.health.entry(channel.id).or_default();
        if let Some(probe_at) = health.probe_at.filter(|at| *at > now) {
            return Some(probe_at);
        }
        health.full_until(allowance(channel.per_minute, urgent), now)
    }

    fn did(&mut self, channel: EntryId, well: bool, now: Timestamp) -> Turn {
        let health = self.health.entry(channel).or_default();
        if well {
            let failing = health.probe_at.take().is_some();
            if failing {
                health.well_since = Some(now);
            }
            (health.failures, health.first_failure) = (0, None);
            return if failing { Turn::Recovered } else { Turn::Same };
        }
        health.failures = health.failures.saturating_add(1);
        let since = *health.first_failure.get_or_insert(now);
        if health.failures < FAILURES_MAX {
            return Turn::Same;
        }
        let known = health.probe_at.is_some();
        health.probe_at = Some(now + SignedDuration::from_secs(PROBE_S));
        if known { Turn::Same } else { Turn::Failing(since) }
    }
}

impl Health {
    /// Until when the quota is used up.
    fn full_until(&mut self, most: usize, now: Timestamp) -> Option<Timestamp> {
        while self.sent.front().is_some_and(|at| *at + MINUTE <= now) {
            self.sent.pop_front();
        }
        let over = self.sent.len().checked_sub(most)?;
        self.sent.get(over).map(|at| *at + MINUTE)
    }
}

/// How many messages a minute: all for urgent ones, a share less for others, one at least.
fn allowance(per_minute: u16, urgent: bool) -> usize {
    let most = if urgent { per_minute } else { per_minute - per_minute / RESERVED_ONE_IN };
    usize::from(most.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).unwrap()
    }

    #[test]
    fn a_quota_holds_over_any_minute() {
        let mut health = Health::default();
        (0..5).for_each(|n| health.sent.push_back(at(n)));
        assert_eq!(health.full_until(5, at(10)), Some(at(60)));
        assert_eq!(health.full_until(4, at(10)), Some(at(61)));
        assert_eq!(health.full_until(6, at(10)), None);
        assert_eq!(health.full_until(5, at(60)), None);
        assert_eq!((allowance(60, true), allowance(60, false), allowance(1, false)), (60, 48, 1));
    }

    #[test]
    fn a_gateway_fails_after_three_in_a_row_and_recovers_with_one() {
        let outward = Outward::default();
        let id = EntryId::from_u128(1);
        assert!(matches!(outward.did(id, false, at(0)), Turn::Same));
        assert!(matches!(outward.did(id, true, at(1)), Turn::Same));
        assert!(matches!(outward.did(id, false, at(2)), Turn::Same));
        assert!(matches!(outward.did(id, false, at(3)), Turn::Same));
        assert!(matches!(outward.did(id, false, at(4)), Turn::Failing(since) if since == at(2)));
        assert!(matches!(outward.did(id, false, at(40)), Turn::Same));
        assert!(matches!(outward.did(id, true, at(70)), Turn::Recovered));
    }
}
