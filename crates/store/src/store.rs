//! The store as a trait: one way in, a few named ways out.

use crate::{
    Blob, ChangeSet, Credential, FrameRow, Head, JournalRow, LastReading, OutboxRow, Outcome, Page, Query,
    SampleBucket, SessionRow, StateKey, StateRow, Storage, Tally,
};
use async_trait::async_trait;
use fengsui_base::{AccountId, EntryId, Scope, TerminalId, Timestamp};
use fengsui_ledger::Entry;
use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

/// Most stretches one reading of the history is divided into.
pub const SAMPLE_BUCKETS_MAX: u16 = 1_000;

/// The term of one active node; each new holder of the lease gets the next.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Epoch(pub u64);

/// Answer to a claim of the lease.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Lease {
    /// The asker is the active node for this epoch, until the instant given unless renewed.
    Held {
        /// Epoch to commit with.
        epoch: Epoch,
        /// Ends then unless renewed.
        until: Timestamp,
    },
    /// Another node is.
    Other {
        /// Its name.
        holder: String,
        /// Until then, unless it renews.
        until: Timestamp,
    },
}

/// What broke. Refusals of an expectation are no errors: they are [`Outcome::Failed`].
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another node has taken the lease: this one must stop at once.
    #[error("另一节点已接管（纪元 {found}），本节点须立即停止写入")]
    LeaseLost {
        /// Epoch now.
        found: u64,
    },
    /// The disk is full; nothing of the batch is stored.
    #[error("磁盘空间不足，本批未写入：{0}")]
    Full(String),
    /// Data written by a newer program.
    #[error("数据由更新的版本写成（数据结构 {found}，本程序最高 {known}），请用新版本打开，或恢复旧备份")]
    TooNew {
        /// Migration number in the database.
        found: u32,
        /// Highest that this program knows.
        known: u32,
    },
    /// Another process holds the database.
    #[error("数据库正被另一进程使用：{0}")]
    Locked(String),
    /// The database does not answer or answered nonsense; whether the batch is stored is not known.
    #[error("数据库出错：{0}")]
    Broken(String),
}

/// One stored ChangeSet's journal: its number, its chain digest, its lines.
pub type JournalChange = (u64, [u8; 32], Vec<JournalRow>);

/// Most entries in one piece of a scan: large enough that the journeys do not count, small enough that a piece
/// of the widest entries stays well below the memory of a small machine.
pub const SCAN_MAX: u32 = 10_000;

/// An entry as a scan reads it: its fields are text still. Whoever builds memory from a million entries needs a few fields
/// of each, and reads them faster than all of them are made.
#[derive(Clone, PartialEq, Debug)]
pub struct Scanned {
    /// The entry without its fields.
    pub head: Entry,
    /// Its fields: a JSON object.
    pub fields: String,
}

impl Scanned {
    /// The entry with its fields; [`StoreError::Broken`] when they are no JSON object.
    pub fn whole(self) -> Result<Entry, StoreError> {
        let broken = |_| StoreError::Broken(format!("记录 {} 的字段不是 JSON", self.head.id));
        let fields = serde_json::from_str(&self.fields).map_err(broken)?;
        Ok(Entry { fields, ..self.head })
    }
}

/// Storage. All reads take a scope where the rows belong to a region.
#[async_trait]
pub trait Store: Send + Sync {
    /// Stores a batch in one durable transaction, in order; a ChangeSet that fails leaves nothing and its
    /// neighbours are stored, as if each stood under its own savepoint.
    ///
    /// The outcomes stand in the order of the batch. When it returns `Ok`, everything reported as
    /// committed is on disk. When it returns an error nothing was reported and the caller must not acknowledge.
    /// Without a lease, or with an epoch that is not the current one, it is [`StoreError::LeaseLost`].
    async fn commit(&self, epoch: Epoch, batch: Vec<ChangeSet>) -> Result<Vec<Outcome>, StoreError>;

    /// Claims or renews the lease of the active node for `ttl`. The holder itself renews with the same
    /// epoch when it passes `renew`, and gets the next epoch otherwise; from `until` on anybody may have it.
    ///
    /// Renewing an epoch that is no longer the current one is [`StoreError::LeaseLost`]: what that node
    /// remembers is out of date, so it may not simply carry on.
    async fn claim_lease(
        &self,
        holder: &str,
        renew: Option<Epoch>,
        now: Timestamp,
        ttl: Duration,
    ) -> Result<Lease, StoreError>;

    /// The head of the sequence.
    async fn head(&self) -> Result<Head, StoreError>;

    /// One entry, when it lies within the scope.
    async fn entry(&self, scope: &Scope, id: EntryId) -> Result<Option<Entry>, StoreError>;

    /// Those of these entries that lie within the scope, in no order: for work that goes by the hundred.
    async fn entries(&self, scope: &Scope, ids: &[EntryId]) -> Result<Vec<Entry>, StoreError>;

    /// A page of entries.
    async fn list(&self, query: &Query) -> Result<Page, StoreError>;

    /// A piece of all entries of a kind, whatever their region and state, in the order of (opened, id), behind
    /// `after`: for building memory at the start and for walking a whole register. `limit` is 1 … [`SCAN_MAX`];
    /// more is cut to that. The walk is over when fewer came. Scope does not apply: nothing of it is shown as it is.
    async fn scan(
        &self,
        kind: &str,
        after: Option<(Timestamp, EntryId)>,
        limit: u32,
    ) -> Result<Vec<Scanned>, StoreError>;

    /// How many entries the query has in all, its page limits aside.
    async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        self.count_to(query, u64::MAX).await
    }

    /// How many entries the query has, its page limits aside, counted no further than `most`: what a list says of its
    /// length must not cost more in a county of a million than in one of ten thousand.
    async fn count_to(&self, query: &Query, most: u64) -> Result<u64, StoreError>;

    /// How many entries each of these queries has, in their order and all at one moment, each counted no further than `most`,
    /// page limits aside: a menu of twenty ledgers is one question.
    async fn counts(&self, queries: &[Query], most: u64) -> Result<Vec<u64>, StoreError>;

    /// How many entries the query has for each value of an indexed text field, or for each state when `field` is
    /// `state`; sorted by value, page limits aside. Long texts count by their [`crate::index_text`].
    async fn tally(&self, query: &Query, field: &str) -> Result<Vec<Tally>, StoreError>;

    /// How many entries the query has in each stretch of `step` of its deadline range, by the number of the stretch from 0;
    /// stretches with none are left out, and so is everything when the query names no range. No more than `most` entries are
    /// counted, those that are due first: a calendar must not cost more in a county that is late with everything.
    async fn tally_due(
        &self,
        query: &Query,
        step: Duration,
        most: u64,
    ) -> Result<Vec<(u32, u64)>, StoreError>;

    /// Who holds a unique key.
    async fn key(&self, key: &str) -> Result<Option<EntryId>, StoreError>;

    /// Who holds these unique keys; those that nobody holds are left out.
    async fn holders(&self, keys: &[String]) -> Result<BTreeMap<String, EntryId>, StoreError>;

    /// All holders of keys that start with `prefix`, sorted by key, at most `limit`.
    async fn keys(&self, prefix: &str, limit: u16) -> Result<Vec<(String, EntryId)>, StoreError>;

    /// The journal of one subject within the scope, newest first, behind `before` (seq, line).
    async fn journal_of(
        &self,
        scope: &Scope,
        subject: EntryId,
        before: Option<(u64, u32)>,
        limit: u16,
    ) -> Result<Vec<JournalRow>, StoreError>;

    /// The journal within the scope, newest first, behind `before`.
    async fn journal(
        &self,
        scope: &Scope,
        before: Option<(u64, u32)>,
        limit: u16,
    ) -> Result<Vec<JournalRow>, StoreError>;

    /// The journal after sequence number `seq`, oldest first, whole ChangeSets, at least one if there is any:
    /// for the live stream's resume and for verification. Scope does not apply; callers filter.
    /// Each ChangeSet comes as (seq, chain digest, lines).
    /// `limit` counts lines; a ChangeSet that would exceed it waits for the next call.
    async fn journal_since(&self, seq: u64, limit: u16) -> Result<Vec<JournalChange>, StoreError>;

    /// Frames of one terminal within the scope, newest first, behind `before`.
    async fn frames_of(
        &self,
        scope: &Scope,
        terminal: TerminalId,
        before: Option<(u64, u32)>,
        limit: u16,
    ) -> Result<Vec<FrameRow>, StoreError>;

    /// The first frame of a ChangeSet, within the scope.
    async fn frame(&self, scope: &Scope, seq: u64) -> Result<Option<FrameRow>, StoreError>;

    /// Last-known states in the order of (terminal, key), behind `after`.
    async fn states(
        &self,
        after: Option<(TerminalId, crate::StateKey)>,
        limit: u32,
    ) -> Result<Vec<StateRow>, StoreError>;

    /// The history of one measured value within a window, divided into at most `buckets` equal stretches of whole
    /// seconds (1 … [`SAMPLE_BUCKETS_MAX`]), oldest first; stretches without a value are left out.
    ///
    /// The first stretch begins at `window.start`, cut to the second; `window.end` is outside. Scope does not
    /// apply; the caller asks for the terminal first.
    async fn samples(
        &self,
        terminal: TerminalId,
        key: StateKey,
        window: Range<Timestamp>,
        buckets: u16,
    ) -> Result<Vec<SampleBucket>, StoreError>;

    /// When terminals were last heard, in the order of their ids, behind `after`.
    async fn heard(
        &self,
        after: Option<TerminalId>,
        limit: u32,
    ) -> Result<Vec<(TerminalId, Timestamp)>, StoreError>;

    /// How the last scheduled readings of terminals ended, in the order of their ids, behind `after`.
    async fn readings(
        &self,
        after: Option<TerminalId>,
        limit: u32,
    ) -> Result<Vec<(TerminalId, LastReading)>, StoreError>;

    /// The password of an account.
    async fn credential(&self, account: AccountId) -> Result<Option<Credential>, StoreError>;

    /// The secrets of an entry, by name.
    async fn secrets(&self, owner: EntryId) -> Result<BTreeMap<String, String>, StoreError>;

    /// The session with this token digest, unless it expired before `now`.
    async fn session(&self, token_digest: [u8; 32], now: Timestamp)
    -> Result<Option<SessionRow>, StoreError>;

    /// The sessions of an account that have not ended before `now`, newest first, at most `limit`.
    async fn sessions_of(
        &self,
        account: AccountId,
        now: Timestamp,
        limit: u16,
    ) -> Result<Vec<SessionRow>, StoreError>;

    /// Messages waiting to leave, oldest first.
    async fn outbox(&self, limit: u16) -> Result<Vec<OutboxRow>, StoreError>;

    /// Marks a message as gone. Doing it twice changes nothing.
    async fn outbox_done(&self, epoch: Epoch, seq: u64, line: u32) -> Result<(), StoreError>;

    /// The newest catalog revision and its digest.
    async fn catalog(&self) -> Result<Option<(u32, String)>, StoreError>;

    /// The text of a catalog revision as it was stored; none where there was no such revision.
    async fn catalog_text(&self, revision: u32) -> Result<Option<String>, StoreError>;

    /// Stores a blob durably, past the sequence; the same bytes again are stored once and count as stored anew.
    async fn put_blob(&self, epoch: Epoch, blob: Blob, now: Timestamp) -> Result<(), StoreError>;

    /// The blob with this name (its digest in hexadecimal digits). Content that no longer has its digest is
    /// [`StoreError::Broken`], never handed out.
    ///
    /// Scope does not apply: who may read it is whoever may read an entry that holds its key.
    async fn blob(&self, name: &str) -> Result<Option<Blob>, StoreError>;

    /// Deletes at most `limit` blobs that were last stored before `stored_before` and whose key no entry holds
    /// (see [`crate::blob_key`]). Returns how many went.
    async fn collect_blobs(
        &self,
        epoch: Epoch,
        stored_before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError>;

    /// Deletes what has outlived its purpose: receipts and sessions ended before `now`, frames received before
    /// `frames_before`, at most `limit` rows of each. Returns how many rows went.
    async fn purge(
        &self,
        epoch: Epoch,
        now: Timestamp,
        frames_before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError>;

    /// Deletes measured values from before `before`, oldest series first, at most `limit` of them. Returns how
    /// many went: fewer than `limit` says that none is left to delete.
    async fn purge_samples(&self, epoch: Epoch, before: Timestamp, limit: u32) -> Result<u64, StoreError>;

    /// Lays the measured values of each day that was over at `before` (days of UTC) closer together, oldest first, at most
    /// `limit` of them and what is left of the last day begun. Returns whether there may be more. What
    /// [`Store::samples`] answers does not change by it, nor what is deleted when; a value that comes later for such a day
    /// counts like every other.
    async fn pack_samples(&self, epoch: Epoch, before: Timestamp, limit: u32) -> Result<bool, StoreError>;

    /// How storage stands.
    async fn storage(&self, now: Timestamp) -> Result<Storage, StoreError>;
}

/// A step in whole microseconds, at least 1.
pub fn step_us(step: Duration) -> i64 {
    i64::try_from(step.as_micros()).unwrap_or(i64::MAX).max(1)
}

/// Length of the stretches a window is divided into, in whole seconds, at least 1.
pub fn bucket_s(window: &Range<Timestamp>, buckets: u16) -> i64 {
    let span_s = window.end.as_second().saturating_sub(window.start.as_second()).max(0);
    let buckets = i64::from(buckets.clamp(1, SAMPLE_BUCKETS_MAX));
    (span_s.saturating_add(buckets - 1) / buckets).max(1)
}
