//! The stores that scenarios run on: memory and SQLite, and one that fails when it is told to.

use async_trait::async_trait;
use fengsui_app::kit::Desk;
use fengsui_base::{AccountId, EntryId, Scope, TerminalId, Timestamp};
use fengsui_ledger::Entry;
use fengsui_store::{
    Blob, ChangeSet, Credential, Epoch, FrameRow, Head, JournalChange, JournalRow, Lease, MemoryStore,
    OutboxRow, Outcome, Page, Query, SampleBucket, SessionRow, StateKey, StateRow, Storage, Store,
    StoreError, Tally,
};
use fengsui_store_sql::SqlStore;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Runs a scenario on both stores, each from the beginning.
pub(crate) async fn on_each_store(scenario: impl AsyncFn(Desk)) {
    scenario(Desk::open(Arc::new(MemoryStore::new())).await).await;
    let folder = tempfile::tempdir().unwrap();
    let sqlite = SqlStore::open("sqlite", folder.path()).await.unwrap();
    scenario(Desk::open(Arc::new(sqlite)).await).await;
}

/// A desk over memory.
pub(crate) async fn in_memory() -> Desk {
    Desk::open(Arc::new(MemoryStore::new())).await
}

/// Memory whose commits fail with the error it was given, as long as it has one.
#[derive(Default)]
pub(crate) struct Failing {
    inner: MemoryStore,
    error: Mutex<Option<fn() -> StoreError>>,
}

impl Failing {
    pub(crate) fn with(&self, error: Option<fn() -> StoreError>) {
        *self.error.lock().unwrap() = error;
    }
}

#[async_trait]
impl Store for Failing {
    async fn commit(&self, epoch: Epoch, batch: Vec<ChangeSet>) -> Result<Vec<Outcome>, StoreError> {
        let error = *self.error.lock().unwrap();
        match error {
            Some(error) => Err(error()),
            None => self.inner.commit(epoch, batch).await,
        }
    }

    async fn claim_lease(
        &self,
        holder: &str,
        renew: Option<Epoch>,
        now: Timestamp,
        ttl: Duration,
    ) -> Result<Lease, StoreError> {
        self.inner.claim_lease(holder, renew, now, ttl).await
    }

    async fn head(&self) -> Result<Head, StoreError> {
        self.inner.head().await
    }

    async fn entry(&self, scope: &Scope, id: EntryId) -> Result<Option<Entry>, StoreError> {
        self.inner.entry(scope, id).await
    }

    async fn list(&self, query: &Query) -> Result<Page, StoreError> {
        self.inner.list(query).await
    }

    async fn scan(
        &self,
        kind: &str,
        after: Option<(Timestamp, EntryId)>,
        limit: u32,
    ) -> Result<Vec<Entry>, StoreError> {
        self.inner.scan(kind, after, limit).await
    }

    async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        self.inner.count(query).await
    }

    async fn tally(&self, query: &Query, field: &str) -> Result<Vec<Tally>, StoreError> {
        self.inner.tally(query, field).await
    }

    async fn key(&self, key: &str) -> Result<Option<EntryId>, StoreError> {
        self.inner.key(key).await
    }

    async fn keys(&self, prefix: &str, limit: u16) -> Result<Vec<(String, EntryId)>, StoreError> {
        self.inner.keys(prefix, limit).await
    }

    async fn journal_of(
        &self,
        scope: &Scope,
        subject: EntryId,
        before: Option<(u64, u32)>,
        limit: u16,
    ) -> Result<Vec<JournalRow>, StoreError> {
        self.inner.journal_of(scope, subject, before, limit).await
    }

    async fn journal(
        &self,
        scope: &Scope,
        before: Option<(u64, u32)>,
        limit: u16,
    ) -> Result<Vec<JournalRow>, StoreError> {
        self.inner.journal(scope, before, limit).await
    }

    async fn journal_since(&self, seq: u64, limit: u16) -> Result<Vec<JournalChange>, StoreError> {
        self.inner.journal_since(seq, limit).await
    }

    async fn frames_of(
        &self,
        scope: &Scope,
        terminal: TerminalId,
        before: Option<(u64, u32)>,
        limit: u16,
    ) -> Result<Vec<FrameRow>, StoreError> {
        self.inner.frames_of(scope, terminal, before, limit).await
    }

    async fn frame(&self, scope: &Scope, seq: u64) -> Result<Option<FrameRow>, StoreError> {
        self.inner.frame(scope, seq).await
    }

    async fn states(
        &self,
        after: Option<(TerminalId, StateKey)>,
        limit: u32,
    ) -> Result<Vec<StateRow>, StoreError> {
        self.inner.states(after, limit).await
    }

    async fn samples(
        &self,
        terminal: TerminalId,
        key: StateKey,
        window: std::ops::Range<Timestamp>,
        buckets: u16,
    ) -> Result<Vec<SampleBucket>, StoreError> {
        self.inner.samples(terminal, key, window, buckets).await
    }

    async fn heard(
        &self,
        after: Option<TerminalId>,
        limit: u32,
    ) -> Result<Vec<(TerminalId, Timestamp)>, StoreError> {
        self.inner.heard(after, limit).await
    }

    async fn purge_samples(&self, epoch: Epoch, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.inner.purge_samples(epoch, before, limit).await
    }

    async fn credential(&self, account: AccountId) -> Result<Option<Credential>, StoreError> {
        self.inner.credential(account).await
    }

    async fn secrets(&self, owner: EntryId) -> Result<BTreeMap<String, String>, StoreError> {
        self.inner.secrets(owner).await
    }

    async fn session(
        &self,
        token_digest: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<SessionRow>, StoreError> {
        self.inner.session(token_digest, now).await
    }

    async fn sessions_of(
        &self,
        account: AccountId,
        now: Timestamp,
        limit: u16,
    ) -> Result<Vec<SessionRow>, StoreError> {
        self.inner.sessions_of(account, now, limit).await
    }

    async fn outbox(&self, limit: u16) -> Result<Vec<OutboxRow>, StoreError> {
        self.inner.outbox(limit).await
    }

    async fn outbox_done(&self, epoch: Epoch, seq: u64, line: u32) -> Result<(), StoreError> {
        self.inner.outbox_done(epoch, seq, line).await
    }

    async fn catalog(&self) -> Result<Option<(u32, String)>, StoreError> {
        self.inner.catalog().await
    }

    async fn put_blob(&self, epoch: Epoch, blob: Blob, now: Timestamp) -> Result<(), StoreError> {
        self.inner.put_blob(epoch, blob, now).await
    }

    async fn blob(&self, name: &str) -> Result<Option<Blob>, StoreError> {
        self.inner.blob(name).await
    }

    async fn collect_blobs(
        &self,
        epoch: Epoch,
        stored_before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        self.inner.collect_blobs(epoch, stored_before, limit).await
    }

    async fn purge(
        &self,
        epoch: Epoch,
        now: Timestamp,
        frames_before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        self.inner.purge(epoch, now, frames_before, limit).await
    }

    async fn storage(&self, now: Timestamp) -> Result<Storage, StoreError> {
        self.inner.storage(now).await
    }
}
