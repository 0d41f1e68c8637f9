//! The ChangeSet: everything one decision changes, as plain data.

use crate::rows::{LastReading, LastState, StateKey};
use fengsui_base::{AccountId, EntryId, RegionCode, TerminalId, Timestamp};
use fengsui_ledger::{Entry, IndexRow, JournalLine};
use serde_json::Value;

/// One decision's changes: stored together or not at all.
///
/// Instants are kept in microseconds; finer digits are cut. Within one ChangeSet the expectations are checked
/// first, then the entries in order, and only then anything is stored. Sessions, keys and states are applied
/// in the order in which they stand.
#[derive(Clone, PartialEq, Debug)]
pub struct ChangeSet {
    /// When it was decided, by the server's clock.
    pub at: Timestamp,
    /// Makes the same input twice one change.
    pub receipt: Option<Receipt>,
    /// What must still hold when it is stored; the versions of `entries` are expected besides.
    pub expects: Vec<Expect>,
    /// Entries made or changed.
    pub entries: Vec<EntryWrite>,
    /// Unique keys taken or freed, in order.
    pub keys: Vec<KeyWrite>,
    /// Lines for the journal; at least one.
    pub journal: Vec<JournalLine>,
    /// Journal lines whose personal data is erased by law.
    pub erasures: Vec<Erasure>,
    /// Last-known states of points.
    pub states: Vec<StateWrite>,
    /// Measured values for the history.
    pub samples: Vec<SampleWrite>,
    /// When terminals were last heard.
    pub heard: Vec<HeardWrite>,
    /// How scheduled readings ended.
    pub readings: Vec<ReadingWrite>,
    /// Frames kept as they came.
    pub frames: Vec<FrameRecord>,
    /// Messages that leave once this is durable.
    pub outbox: Vec<OutboxMessage>,
    /// Passwords set.
    pub credentials: Vec<CredentialWrite>,
    /// Secrets of other systems set or taken away, in order.
    pub secrets: Vec<SecretWrite>,
    /// Sessions opened, locked or closed.
    pub sessions: Vec<SessionWrite>,
    /// A new catalog revision.
    pub catalog: Option<CatalogText>,
}

impl ChangeSet {
    /// A ChangeSet that changes nothing yet.
    pub fn new(at: Timestamp) -> Self {
        Self {
            at,
            receipt: None,
            expects: Vec::new(),
            entries: Vec::new(),
            keys: Vec::new(),
            journal: Vec::new(),
            erasures: Vec::new(),
            states: Vec::new(),
            samples: Vec::new(),
            heard: Vec::new(),
            readings: Vec::new(),
            frames: Vec::new(),
            outbox: Vec::new(),
            credentials: Vec::new(),
            secrets: Vec::new(),
            sessions: Vec::new(),
            catalog: None,
        }
    }
}

/// Proof that an input was already taken in.
#[derive(Clone, PartialEq, Debug)]
pub struct Receipt {
    /// What makes the input the same: a frame's source, sequence and digest, or an `Idempotency-Key`.
    pub key: String,
    /// What is answered again when the input comes again.
    pub answer: Value,
    /// For how long after `ChangeSet::at` the same key is the same input, in seconds; exactly that long
    /// after it, it is a new one. The window given when it was stored counts.
    pub window_s: u32,
}

/// What a decision took for granted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expect {
    /// The entry still has this version.
    Version(EntryId, u64),
    /// Nobody holds the key: unique codes, exclusive claims, open-alarm slots.
    Absent(String),
    /// This entry holds the key.
    HeldBy(String, EntryId),
}

/// An entry to be stored. Version 1 is inserted; a later version replaces the one before it, and only that.
#[derive(Clone, PartialEq, Debug)]
pub struct EntryWrite {
    /// The entry as it shall be.
    pub entry: Entry,
    /// Whether the store gives it a number.
    pub numbering: Numbering,
    /// Filter and sort rows, replacing the former ones.
    pub index: Vec<IndexRow>,
    /// Search grams, replacing the former ones.
    pub grams: Vec<String>,
}

impl EntryWrite {
    /// Where the entry stands in the order of a field: as the first of the field's rows says that has a place.
    pub fn place(&self, field: &str) -> Option<i64> {
        self.index.iter().filter(|row| row.field == field).find_map(|row| row.place)
    }
}

/// How the entry gets its number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Numbering {
    /// As it stands in the entry.
    Keep,
    /// The next of a gapless series, given in the same transaction: `prefix` and the number, zero-padded.
    /// The number can be searched for besides the grams that the entry brings.
    Next {
        /// Name of the series, such as `alarm/20261119`.
        series: String,
        /// What stands before the number.
        prefix: String,
        /// Least number of digits.
        width: usize,
    },
}

/// A unique key taken or freed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KeyWrite {
    /// The entry holds the key from now on, whoever held it before (say so in `expects` when that matters).
    Take(String, EntryId),
    /// Nobody holds it.
    Free(String),
}

/// A journal line whose content is erased; its digest stays, and the chain with it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Erasure {
    /// Sequence number of the line.
    pub seq: u64,
    /// Place within its ChangeSet, from 0.
    pub line: u32,
    /// Legal reason.
    pub reason: String,
}

/// A last-known state; stored only when its event time is not older than the stored one.
#[derive(Clone, PartialEq, Debug)]
pub struct StateWrite {
    /// Whose state.
    pub terminal: TerminalId,
    /// Which part of the terminal.
    pub key: StateKey,
    /// The state.
    pub state: LastState,
}

/// A measured value for the history; of two in the same second the last one counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SampleWrite {
    /// Whose value.
    pub terminal: TerminalId,
    /// Which value; its part is always [`crate::Part::Value`].
    pub key: StateKey,
    /// When it was measured; kept to the second.
    pub at: Timestamp,
    /// Raw value as sent.
    pub value: i32,
}

/// When a terminal was last heard; stored only when it is later than what is stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeardWrite {
    /// Which terminal.
    pub terminal: TerminalId,
    /// When, by the server's clock.
    pub at: Timestamp,
}

/// How the last scheduled reading (定时读取) of a terminal ended; stored only when it was asked later than what is
/// stored, or at the same instant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReadingWrite {
    /// Which terminal.
    pub terminal: TerminalId,
    /// What is on record.
    pub reading: LastReading,
}

/// A frame kept as it came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FrameRecord {
    /// The terminal, when there is an entry for it.
    pub terminal: Option<TerminalId>,
    /// Region that decides who may read it.
    pub region: RegionCode,
    /// When it was received.
    pub received_at: Timestamp,
    /// Where it came from, such as `tcp 192.0.2.7:40123`.
    pub channel: String,
    /// Command and type of the data unit, when there are any.
    pub command: u8,
    /// Type of the data unit.
    pub unit_type: Option<u8>,
    /// What became of it, in a stable word: `state`, `event`, `unknown_type`, `unknown_terminal` …
    pub verdict: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A message for the outside.
#[derive(Clone, PartialEq, Debug)]
pub struct OutboxMessage {
    /// What it is, such as `alarm.forwarded`.
    pub topic: String,
    /// Content.
    pub body: Value,
}

/// A password, hashed.
#[derive(Clone, PartialEq, Eq)]
pub struct CredentialWrite {
    /// Whose.
    pub account: AccountId,
    /// PHC string of argon2id.
    pub phc: String,
    /// Whether it must be changed at the next login.
    pub must_change: bool,
}

impl std::fmt::Debug for CredentialWrite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The hash is a secret too: it never reaches a log.
        f.debug_struct("CredentialWrite").field("account", &self.account).finish_non_exhaustive()
    }
}

/// A secret that an entry needs in the clear, such as the key of a gateway: it lies beside the entries, so that
/// no list, export, journal line or live event of an entry can carry it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretWrite {
    /// The entry it belongs to.
    pub owner: EntryId,
    /// Which of its secrets.
    pub name: String,
    /// The secret; `None` takes it away.
    pub value: Option<String>,
}

impl std::fmt::Debug for SecretWrite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretWrite")
            .field("owner", &self.owner)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// A session opened, locked or closed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SessionWrite {
    /// A login.
    Open {
        /// SHA-256 of the token in the cookie; the token itself is never stored.
        token_digest: [u8; 32],
        /// Whose.
        account: AccountId,
        /// Ends then at the latest.
        expires_at: Timestamp,
        /// Where it was opened, in words: address and browser.
        origin: String,
    },
    /// Its actions wait for the person (`true`), or go on.
    Lock {
        /// SHA-256 of the token.
        token_digest: [u8; 32],
        /// Whether they wait.
        locked: bool,
    },
    /// A logout.
    Close {
        /// SHA-256 of the token.
        token_digest: [u8; 32],
    },
    /// Password changed or account disabled: all its sessions but `except` end.
    CloseAll {
        /// Whose.
        account: AccountId,
        /// The session that stays, by the digest of its token.
        except: Option<[u8; 32]>,
    },
}

/// A revision of the catalog, never overwritten, kept so that old entries can be read by the rules they were made with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CatalogText {
    /// Revision, one more than the last.
    pub revision: u32,
    /// Hexadecimal SHA-256 of the text.
    pub digest: String,
    /// The catalog as JSON.
    pub text: String,
}

/// What became of a ChangeSet.
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome {
    /// Durable.
    Committed(Committed),
    /// The same input was stored before, under this number; nothing was stored now.
    Repeated {
        /// Sequence number then.
        seq: u64,
        /// The answer given then.
        answer: Value,
    },
    /// Something it took for granted no longer holds; nothing was stored.
    Failed(Failure),
}

/// A stored ChangeSet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Committed {
    /// Its number in the gapless sequence.
    pub seq: u64,
    /// Numbers given to entries.
    pub numbers: Vec<(EntryId, String)>,
}

/// Which expectation failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Failure {
    /// The entry has another version (`None`: it does not exist).
    Version {
        /// The entry.
        entry: EntryId,
        /// Its version now.
        found: Option<u64>,
    },
    /// The key is held by another entry, or by nobody.
    Key {
        /// The key.
        key: String,
        /// Who holds it now.
        holder: Option<EntryId>,
    },
}
