//! The store over either engine: each promise of [`Store`] is one job in one transaction.

use crate::blobs;
use crate::commit::{self, WriterHead};
use crate::lease;
use crate::pack;
use crate::postgres::Postgres;
use crate::purge;
use crate::read::{beside, entries, journal, samples, telemetry};
use crate::seal::{self, SealKey};
use crate::sqlite::{Sqlite, SqliteSettings};
use crate::tx::{Answer, Job, Reason, Tx};
use async_trait::async_trait;
use fengsui_base::{AccountId, EntryId, Scope, TerminalId, Timestamp};
use fengsui_ledger::Entry;
use fengsui_store::{
    Blob, ChangeSet, Credential, Epoch, FrameRow, Head, JournalChange, JournalRow, LastReading, Lease,
    OutboxRow, Outcome, Page, Query, SampleBucket, Scanned, SessionRow, StateKey, StateRow, Storage, Store,
    StoreError, Tally,
};
use parking_lot::RwLock;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;
use tokio::sync::Mutex;

/// A job from a call whose arguments it owns.
macro_rules! job {
    (|$tx:ident| $call:expr) => {
        move |$tx: &mut dyn Tx| -> Answer<'_, _> { Box::pin(async move { $call.await }) }
    };
}

/// The setting that means the embedded database in the data directory.
const SQLITE: &str = "sqlite";
/// Its file there.
const SQLITE_FILE: &str = "fengsui.db";

pub(crate) enum Engine {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

/// A store in SQLite or PostgreSQL.
pub struct SqlStore {
    engine: Engine,
    /// The key of secrets; without one they lie in the clear. Changes only where no commit is under way.
    seal: RwLock<Option<SealKey>>,
    /// What the last commit left; held throughout a commit, empty when one failed or was abandoned.
    head: Mutex<Option<WriterHead>>,
}

impl SqlStore {
    /// Opens what the setting names for the process that writes it, and brings its schema up to date.
    ///
    /// `sqlite` is the file `fengsui.db` in the data directory, which is made when it is not there;
    /// `postgres://…` is a database of a PostgreSQL server, version 15 or later, encoded in UTF-8.
    pub async fn open(database: &str, data_dir: &Path) -> Result<Self, StoreError> {
        if database != SQLITE {
            return Ok(Self::over(Engine::Postgres(Postgres::open(server(database)?).await?)));
        }
        let told = |e| StoreError::Broken(format!("不能建立数据目录 {}：{e}", data_dir.display()));
        make_folder(data_dir).map_err(told)?;
        Self::open_file(&data_dir.join(SQLITE_FILE), SqliteSettings::default()).await
    }

    /// Opens a SQLite database by its path.
    pub async fn open_file(path: &Path, settings: SqliteSettings) -> Result<Self, StoreError> {
        Ok(Self::over(Engine::Sqlite(Sqlite::open(path, settings).await?)))
    }

    /// Opens what the setting names beside the process that writes it, for a backup or a verification.
    /// Everything that would write is refused as [`StoreError::Locked`] on SQLite, and needs the lease on PostgreSQL.
    pub async fn open_to_read(database: &str, data_dir: &Path) -> Result<Self, StoreError> {
        Ok(Self::over(match database {
            SQLITE => Engine::Sqlite(Sqlite::open_to_read(&data_dir.join(SQLITE_FILE)).await?),
            other => Engine::Postgres(Postgres::open_to_read(server(other)?).await?),
        }))
    }

    fn over(engine: Engine) -> Self {
        Self { engine, seal: RwLock::new(None), head: Mutex::new(None) }
    }

    /// The names of the keys under which secrets lie now ([`SealKey::id`]); none while all lie in the clear.
    pub async fn sealing_keys(&self) -> Result<Vec<String>, StoreError> {
        self.read(job!(|tx| seal::keys(tx))).await
    }

    /// Encrypts all secrets under this key, and those that come from now on; answers how many were not yet. What lies
    /// under the key before is opened first; refused, and nothing is changed, when some lie under a third.
    pub async fn seal_by(&self, epoch: Epoch, key: SealKey) -> Result<u64, StoreError> {
        let mut head = self.head.lock().await;
        head.take();
        let (old, new) = (self.seal.read().clone(), key.clone());
        let count = self.write(job!(|tx| reseal_in(tx, epoch, old, new))).await?;
        *self.seal.write() = Some(key);
        Ok(count)
    }

    /// Takes away the secrets that lie under other keys than the one named, for a key file that is lost for good;
    /// answers how many.
    pub async fn forget_sealed(&self, epoch: Epoch, kept: Option<&str>) -> Result<u64, StoreError> {
        let kept = kept.map(str::to_owned);
        self.write(job!(|tx| forget_sealed_in(tx, epoch, kept))).await
    }

    /// One transaction that writes.
    pub(crate) async fn write<T: Send + 'static, E: Reason>(&self, job: impl Job<T, E>) -> Result<T, E> {
        match &self.engine {
            Engine::Sqlite(engine) => engine.write(job).await,
            Engine::Postgres(engine) => engine.write(job).await,
        }
    }

    /// One transaction that reads one snapshot.
    pub(crate) async fn read<T: Send + 'static, E: Reason>(&self, job: impl Job<T, E>) -> Result<T, E> {
        match &self.engine {
            Engine::Sqlite(engine) => engine.read(job).await,
            Engine::Postgres(engine) => engine.read(job).await,
        }
    }

    /// One transaction that writes past the sequence; the next commit looks up where it stands.
    pub(crate) async fn write_apart<T: Send + 'static, E: Reason>(
        &self,
        job: impl Job<T, E>,
    ) -> Result<T, E> {
        let mut head = self.head.lock().await;
        head.take();
        self.write(job).await
    }
}

/// Makes the folder, and has its name written to the disk, so that a power cut does not take it away with all
/// that is in it.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    std::fs::create_dir_all(folder)?;
    let above = std::path::absolute(folder)?;
    above.ancestors().skip(1).try_for_each(|parent| std::fs::File::open(parent)?.sync_all())
}

fn server(database: &str) -> Result<&str, StoreError> {
    let known = database.starts_with("postgres://") || database.starts_with("postgresql://");
    let unknown = || StoreError::Broken("数据库设置应为 sqlite 或 postgres://… 的连接地址".to_owned());
    known.then_some(database).ok_or_else(unknown)
}

#[async_trait]
impl Store for SqlStore {
    async fn commit(&self, epoch: Epoch, batch: Vec<ChangeSet>) -> Result<Vec<Outcome>, StoreError> {
        let mut head = self.head.lock().await;
        // Taken out, so that a commit that fails or is abandoned half-way leaves nothing to be believed.
        let remembered = head.take();
        let batch = seal::sealed(self.seal.read().as_ref(), batch);
        let (outcomes, next) = self.write(job!(|tx| commit::commit(tx, epoch, batch, remembered))).await?;
        *head = Some(next);
        Ok(outcomes)
    }

    async fn claim_lease(
        &self,
        holder: &str,
        renew: Option<Epoch>,
        now: Timestamp,
        ttl: Duration,
    ) -> Result<Lease, StoreError> {
        let holder = holder.to_owned();
        self.write(job!(|tx| lease::claim(tx, &holder, renew, now, ttl))).await
    }

    async fn head(&self) -> Result<Head, StoreError> {
        let chain = self.read(job!(|tx| commit::chain(tx))).await?;
        Ok(Head { seq: chain.seq, chain: chain.digest })
    }

    async fn entry(&self, scope: &Scope, id: EntryId) -> Result<Option<Entry>, StoreError> {
        let scope = scope.clone();
        self.read(job!(|tx| entries::entry(tx, &scope, id))).await
    }

    async fn entries(&self, scope: &Scope, ids: &[EntryId]) -> Result<Vec<Entry>, StoreError> {
        let (scope, ids) = (scope.clone(), ids.to_vec());
        self.read(job!(|tx| entries::entries(tx, &scope, &ids))).await
    }

    async fn list(&self, query: &Query) -> Result<Page, StoreError> {
        let query = query.clone();
        self.read(job!(|tx| entries::list(tx, &query))).await
    }

    async fn scan(
        &self,
        kind: &str,
        after: Option<(Timestamp, EntryId)>,
        limit: u32,
    ) -> Result<Vec<Scanned>, StoreError> {
        let kind = kind.to_owned();
        self.read(job!(|tx| entries::scan(tx, &kind, after, limit))).await
    }

    async fn count_to(&self, query: &Query, most: u64) -> Result<u64, StoreError> {
        let query = query.clone();
        self.read(job!(|tx| entries::count_to(tx, &query, most))).await
    }

    async fn counts(&self, queries: &[Query], most: u64) -> Result<Vec<u64>, StoreError> {
        let queries = queries.to_vec();
        self.read(job!(|tx| entries::counts(tx, &queries, most))).await
    }

    async fn tally(&self, query: &Query, field: &str) -> Result<Vec<Tally>, StoreError> {
        let (query, field) = (query.clone(), field.to_owned());
        self.read(job!(|tx| entries::tally(tx, &query, &field))).await
    }

    async fn tally_due(
        &self,
        query: &Query,
        step: Duration,
        most: u64,
    ) -> Result<Vec<(u32, u64)>, StoreError> {
        let query = query.clone();
        self.read(job!(|tx| entries::tally_due(tx, &query, step, most))).await
    }

    async fn key(&self, key: &str) -> Result<Option<EntryId>, StoreError> {
        let key = key.to_owned();
        self.read(job!(|tx| beside::key(tx, &key))).await
    }

    async fn holders(&self, keys: &[String]) -> Result<BTreeMap<String, EntryId>, StoreError> {
        let keys = keys.to_vec();
        self.read(job!(|tx| beside::holders(tx, &keys))).await
    }

    async fn keys(&self, prefix: &str, limit: u16) -> Result<Vec<(String, EntryId)>, StoreError> {
        let prefix = prefix.to_owned();
        self.read(job!(|tx| beside::keys(tx, &prefix, limit))).await
    }

    async fn journal_of(
        &self,
        scope: &Scope,
        subject: EntryId,
        before: Option<(u64, u32)>,
        limit: u16,
    ) -> Result<Vec<JournalRow>, StoreError> {
        let scope = scope.clone();
        self.read(job!(|tx| journal::lines(tx, &scope, Some(subject), before, limit))).await
    }

    async fn journal(
        &self,
        scope: &Scope,
        before: Option<(u64, u32)>,
        limit: u16,
    ) -> Result<Vec<JournalRow>, StoreError> {
        let scope = scope.clone();
        self.read(job!(|tx| journal::lines(tx, &scope, None, before, limit))).await
    }

    async fn journal_since(&self, seq: u64, limit: u16) -> Result<Vec<JournalChange>, StoreError> {
        self.read(job!(|tx| journal::since(tx, seq, limit))).await
    }

    async fn frames_of(
        &self,
        scope: &Scope,
        terminal: TerminalId,
        before: Option<(u64, u32)>,
        limit: u16,
    ) -> Result<Vec<FrameRow>, StoreError> {
        let scope = scope.clone();
        self.read(job!(|tx| telemetry::frames_of(tx, &scope, terminal, before, limit))).await
    }

    async fn frame(&self, scope: &Scope, seq: u64) -> Result<Option<FrameRow>, StoreError> {
        let scope = scope.clone();
        self.read(job!(|tx| telemetry::frame(tx, &scope, seq))).await
    }

    async fn states(
        &self,
        after: Option<(TerminalId, StateKey)>,
        limit: u32,
    ) -> Result<Vec<StateRow>, StoreError> {
        self.read(job!(|tx| telemetry::states(tx, after, limit))).await
    }

    async fn samples(
        &self,
        terminal: TerminalId,
        key: StateKey,
        window: Range<Timestamp>,
        buckets: u16,
    ) -> Result<Vec<SampleBucket>, StoreError> {
        self.read(job!(|tx| samples::samples(tx, terminal, key, window, buckets))).await
    }

    async fn heard(
        &self,
        after: Option<TerminalId>,
        limit: u32,
    ) -> Result<Vec<(TerminalId, Timestamp)>, StoreError> {
        self.read(job!(|tx| samples::heard(tx, after, limit))).await
    }

    async fn readings(
        &self,
        after: Option<TerminalId>,
        limit: u32,
    ) -> Result<Vec<(TerminalId, LastReading)>, StoreError> {
        self.read(job!(|tx| samples::readings(tx, after, limit))).await
    }

    async fn credential(&self, account: AccountId) -> Result<Option<Credential>, StoreError> {
        self.read(job!(|tx| beside::credential(tx, account))).await
    }

    async fn secrets(&self, owner: EntryId) -> Result<BTreeMap<String, String>, StoreError> {
        let stored = self.read(job!(|tx| beside::secrets(tx, owner))).await?;
        let key = self.seal.read().clone();
        let open = |(name, value): (String, String)| {
            let clear = seal::opened(key.as_ref(), owner, &name, value)?;
            Ok((name, clear))
        };
        stored.into_iter().map(open).collect()
    }

    async fn session(
        &self,
        token_digest: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<SessionRow>, StoreError> {
        self.read(job!(|tx| beside::session(tx, token_digest, now))).await
    }

    async fn sessions_of(
        &self,
        account: AccountId,
        now: Timestamp,
        limit: u16,
    ) -> Result<Vec<SessionRow>, StoreError> {
        self.read(job!(|tx| beside::sessions_of(tx, account, now, limit))).await
    }

    async fn outbox(&self, limit: u16) -> Result<Vec<OutboxRow>, StoreError> {
        self.read(job!(|tx| beside::outbox(tx, limit))).await
    }

    async fn outbox_done(&self, epoch: Epoch, seq: u64, line: u32) -> Result<(), StoreError> {
        self.write(job!(|tx| outbox_done(tx, epoch, seq, line))).await
    }

    async fn catalog(&self) -> Result<Option<(u32, String)>, StoreError> {
        self.read(job!(|tx| beside::catalog(tx))).await
    }

    async fn catalog_text(&self, revision: u32) -> Result<Option<String>, StoreError> {
        self.read(job!(|tx| beside::catalog_text(tx, revision))).await
    }

    async fn put_blob(&self, epoch: Epoch, blob: Blob, now: Timestamp) -> Result<(), StoreError> {
        self.write(job!(|tx| blobs::put(tx, epoch, &blob, now))).await
    }

    async fn blob(&self, name: &str) -> Result<Option<Blob>, StoreError> {
        let name = name.to_owned();
        self.read(job!(|tx| blobs::blob(tx, &name))).await
    }

    async fn collect_blobs(
        &self,
        epoch: Epoch,
        stored_before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        self.write(job!(|tx| blobs::collect(tx, epoch, stored_before, limit))).await
    }

    async fn purge(
        &self,
        epoch: Epoch,
        now: Timestamp,
        frames_before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        self.write(job!(|tx| purge_in(tx, epoch, now, frames_before, limit))).await
    }

    async fn purge_samples(&self, epoch: Epoch, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.write(job!(|tx| purge_samples_in(tx, epoch, before, limit))).await
    }

    async fn pack_samples(&self, epoch: Epoch, before: Timestamp, limit: u32) -> Result<bool, StoreError> {
        self.write(job!(|tx| pack_samples_in(tx, epoch, before, limit))).await
    }

    async fn storage(&self, now: Timestamp) -> Result<Storage, StoreError> {
        let (outbox_pending, sessions) = self.read(job!(|tx| beside::counts(tx, now))).await?;
        let (engine, size_bytes) = match &self.engine {
            Engine::Sqlite(engine) => (engine.engine(), engine.size_bytes()),
            Engine::Postgres(engine) => engine.describe().await?,
        };
        Ok(Storage { engine, size_bytes, outbox_pending, sessions })
    }
}

async fn outbox_done(tx: &mut dyn Tx, epoch: Epoch, seq: u64, line: u32) -> Result<(), StoreError> {
    commit::require(tx, epoch).await?;
    tx.execute("DELETE FROM outbox WHERE seq = ?1 AND line = ?2", &[seq.into(), line.into()]).await.map(drop)
}

async fn purge_in(
    tx: &mut dyn Tx,
    epoch: Epoch,
    now: Timestamp,
    frames_before: Timestamp,
    limit: u32,
) -> Result<u64, StoreError> {
    commit::require(tx, epoch).await?;
    purge::purge(tx, now, frames_before, limit).await
}

async fn purge_samples_in(
    tx: &mut dyn Tx,
    epoch: Epoch,
    before: Timestamp,
    limit: u32,
) -> Result<u64, StoreError> {
    commit::require(tx, epoch).await?;
    purge::purge_samples(tx, before, limit).await
}

async fn pack_samples_in(
    tx: &mut dyn Tx,
    epoch: Epoch,
    before: Timestamp,
    limit: u32,
) -> Result<bool, StoreError> {
    commit::require(tx, epoch).await?;
    pack::pack_samples(tx, before, limit).await
}

async fn reseal_in(
    tx: &mut dyn Tx,
    epoch: Epoch,
    old: Option<SealKey>,
    new: SealKey,
) -> Result<u64, StoreError> {
    commit::require(tx, epoch).await?;
    seal::reseal(tx, old.as_ref(), &new).await
}

async fn forget_sealed_in(tx: &mut dyn Tx, epoch: Epoch, kept: Option<String>) -> Result<u64, StoreError> {
    commit::require(tx, epoch).await?;
    seal::forget(tx, kept.as_deref()).await
}
