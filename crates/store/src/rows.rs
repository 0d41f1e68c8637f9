//! What the store gives back besides entries.

use fengsui_base::{AccountId, TerminalId, Timestamp};
use fengsui_ledger::JournalLine;
use serde::{Deserialize, Serialize};

/// The head of the sequence.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Head {
    /// Number of the last committed ChangeSet, 0 when there is none.
    pub seq: u64,
    /// Chain digest there.
    pub chain: [u8; 32],
}

/// A journal line as stored.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct JournalRow {
    /// Number of its ChangeSet.
    pub seq: u64,
    /// Place within the ChangeSet, from 0.
    pub line: u32,
    /// Salted digest, as chained.
    pub digest: [u8; 32],
    /// The stored text that the digest covers, never written again; `None` when it was erased.
    pub text: Option<String>,
    /// The line read from that text.
    pub content: Option<JournalLine>,
    /// Reason and sequence number of the erasure.
    pub erased: Option<(u64, String)>,
}

/// Result of walking the chain.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Verification {
    /// Last number that was checked and holds.
    pub verified_to: u64,
    /// Lines checked.
    pub lines: u64,
    /// Erased lines met, as (seq, line, reason).
    pub erasures: Vec<(u64, u32, String)>,
    /// First break: number and what is wrong, in Chinese.
    pub broken: Option<(u64, String)>,
    /// Chain digest at `verified_to`.
    pub chain: [u8; 32],
}

/// Which part of a terminal a state belongs to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Part {
    /// The transmission device itself (type 21).
    Device,
    /// A facility system (type 1).
    System,
    /// A component (type 2).
    Component,
    /// An analog value of a component (type 3).
    Value,
    /// Where that value stands to its limits.
    Limit,
}

/// The address of a state within a terminal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct StateKey {
    /// Part.
    pub part: Part,
    /// System type, 0 for the device.
    pub system_type: u8,
    /// System address, 0 for the device.
    pub system_address: u8,
    /// Component address as sent, 0 where there is none.
    pub component_address: u32,
    /// Analog type, 0 where it is not a value.
    pub analog_type: u8,
}

/// The last-known state of a part, newest by event time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LastState {
    /// Component type as sent, 0 where there is none.
    pub component_type: u8,
    /// Status bits, or the raw analog value (−32768 … 32767).
    pub bits: i32,
    /// When it happened by the terminal's clock, corrected by nothing; the receive time when the terminal gave none.
    pub event_at: Timestamp,
    /// When it was received.
    pub received_at: Timestamp,
    /// Text the terminal sent with it.
    pub text: String,
}

/// What is on record of a terminal's scheduled readings (定时读取).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LastReading {
    /// When it was asked last.
    pub asked_at: Timestamp,
    /// When it answered last, if ever.
    pub answered_at: Option<Timestamp>,
    /// How many readings in a row it has left without an answer.
    pub failures: u16,
    /// Whether the last one was denied.
    pub denied: bool,
}

/// Measured values of one stretch of time, drawn together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SampleBucket {
    /// Where the stretch begins; every stretch of an answer is equally long.
    pub from: Timestamp,
    /// How many values, at least 1.
    pub count: u64,
    /// Lowest raw value.
    pub min: i32,
    /// Highest raw value.
    pub max: i32,
    /// Sum of the raw values.
    pub sum: i64,
}

impl SampleBucket {
    /// The mean of the raw values.
    pub fn mean(&self) -> f64 {
        self.sum as f64 / self.count.max(1) as f64
    }
}

/// A kept frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FrameRow {
    /// Number of its ChangeSet.
    pub seq: u64,
    /// Place within the ChangeSet, from 0.
    pub line: u32,
    /// The frame.
    pub frame: crate::FrameRecord,
}

/// A message waiting to leave.
#[derive(Clone, PartialEq, Debug)]
pub struct OutboxRow {
    /// Number of its ChangeSet.
    pub seq: u64,
    /// Place within the ChangeSet, from 0.
    pub line: u32,
    /// The message.
    pub message: crate::OutboxMessage,
}

/// A password as stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// PHC string of argon2id.
    pub phc: String,
    /// Whether it must be changed at the next login.
    pub must_change: bool,
    /// When it was set.
    pub changed_at: Timestamp,
}

/// A session as stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionRow {
    /// SHA-256 of its token.
    pub token_digest: [u8; 32],
    /// Whose.
    pub account: AccountId,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Ends then at the latest.
    pub expires_at: Timestamp,
    /// Whether its actions wait for the person.
    pub locked: bool,
    /// Where it was opened, in words.
    pub origin: String,
}

/// How storage stands, for the status page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Storage {
    /// `内存`, `SQLite 3.51.3`, `PostgreSQL 15.18`.
    pub engine: String,
    /// Size on disk in bytes, when known.
    pub size_bytes: Option<u64>,
    /// Messages waiting to leave.
    pub outbox_pending: u64,
    /// Sessions that have not ended.
    pub sessions: u64,
}

/// A terminal's last-known state with its address, for loading at the start.
pub type StateRow = (TerminalId, StateKey, LastState);

/// A count for one value, from [`crate::Store::tally`].
pub type Tally = (String, u64);
