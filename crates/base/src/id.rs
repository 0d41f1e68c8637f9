//! Typed identifiers: a terminal's id is not a unit's id, and the compiler knows it.
//!
//! All ids are UUID version 7, so that they sort by the time they were made. They are made in `app` from
//! the clock and random bytes handed in.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// The id of any entry, whatever its kind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryId(Uuid);

impl EntryId {
    /// An id from an instant and ten random bytes (RFC 9562 version 7).
    pub fn new(at: Timestamp, random: [u8; 10]) -> Self {
        let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// The id with the given bits, as read back from storage.
    pub const fn from_u128(bits: u128) -> Self {
        Self(Uuid::from_u128(bits))
    }

    /// Sixteen bytes, most significant first.
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The id from sixteen bytes; `None` for any other length.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        Uuid::from_slice(bytes).ok().map(Self)
    }

    /// The underlying UUID.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for EntryId {
    type Err = uuid::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::from_str(text).map(Self)
    }
}

macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Debug)]
        #[serde(transparent)]
        pub struct $name(pub EntryId);

        impl From<$name> for EntryId {
            fn from(id: $name) -> EntryId {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

typed_id!(
    /// A unit (单位): an enterprise, a school, a housing estate.
    UnitId
);
typed_id!(
    /// A terminal (终端): a user information transmission device or another thing that sends frames.
    TerminalId
);
typed_id!(
    /// A point (点位): one detector, call point or module behind a terminal.
    PointId
);
typed_id!(
    /// An alarm (告警).
    AlarmId
);
typed_id!(
    /// An account (账号).
    AccountId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        let earlier = EntryId::new(Timestamp::from_millisecond(1_000).unwrap(), [255; 10]);
        let later = EntryId::new(Timestamp::from_millisecond(1_001).unwrap(), [0; 10]);
        assert!(earlier < later);
        assert_eq!(later.to_string().parse::<EntryId>().unwrap(), later);
        assert_eq!(EntryId::from_slice(later.as_bytes()), Some(later));
        assert_eq!(EntryId::from_slice(&[0; 15]), None);
    }
}
