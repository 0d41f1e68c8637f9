//! Who sits where.

use super::Board;
use crate::Mute;
use crate::entries::field;
use fengsui_base::{AccountId, EntryId, Officer, Timestamp};
use fengsui_ledger::Entry;
use std::collections::BTreeMap;

/// A seat with the officer on it.
#[derive(Clone, PartialEq, Debug)]
pub struct SeatHeld {
    /// The sign-on entry.
    pub entry: EntryId,
    /// Its version.
    pub version: u64,
    /// The officer.
    pub officer: Officer,
    /// Since when.
    pub since: Timestamp,
    /// Until when at the latest: the end of the session.
    pub until: Option<Timestamp>,
    /// Whether the bell was heard in the sound test.
    pub sound: String,
    /// Silent on purpose, until then.
    pub muted: Option<Mute>,
}

fn muted(entry: &Entry) -> Option<Mute> {
    Some(Mute { since: field(entry, "muted_at")?, until: field(entry, "muted_until")? })
}

impl Board {
    pub(super) fn apply_seat(&self, entry: &Entry) {
        let Some(seat) = field::<u16>(entry, "seat") else { return };
        let mut seats = self.seats.write();
        if entry.state == "on" {
            let id = AccountId(entry.owner.unwrap_or(entry.id));
            seats.insert(
                seat,
                SeatHeld {
                    entry: entry.id,
                    version: entry.version,
                    officer: Officer { id, name: entry.title.clone(), seat: Some(seat) },
                    since: entry.opened_at,
                    until: entry.due_at,
                    sound: field(entry, "sound").unwrap_or_default(),
                    muted: muted(entry),
                },
            );
        } else if seats.get(&seat).is_some_and(|held| held.entry == entry.id) {
            seats.remove(&seat);
        }
    }

    /// Whether anybody has signed on to a seat.
    pub fn is_manned(&self) -> bool {
        !self.seats.read().is_empty()
    }

    /// Who sits where.
    pub fn seats(&self) -> BTreeMap<u16, SeatHeld> {
        self.seats.read().clone()
    }

    /// The seat an officer has signed on to.
    pub fn seat_of(&self, account: AccountId) -> Option<(u16, SeatHeld)> {
        let seats = self.seats.read();
        seats.iter().find(|(_, held)| held.officer.id == account).map(|(n, held)| (*n, held.clone()))
    }
}
