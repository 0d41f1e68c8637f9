//! The store in memory: the simplest correct one, by which the engines are judged.
//!
//! Nothing here is clever. Every table is a sorted map, every list walks all of it. It is also what tests of
//! the layers above use, because it starts in no time.

mod commit;
mod list;
mod samples;

use crate::rows::{LastReading, LastState, StateKey};
use crate::{
    Blob, CatalogText, ChangeSet, Credential, Digest, EntryWrite, Epoch, FrameRecord, FrameRow, Head,
    JournalChange, JournalRow, Lease, OutboxMessage, OutboxRow, Outcome, PAGE_MAX, Page, Query, SampleBucket,
    Scanned, SessionRow, StateRow, Storage, Store, StoreError, Tally,
};
use async_trait::async_trait;
use fengsui_base::{AccountId, EntryId, RegionCode, Scope, TerminalId, Timestamp};
use fengsui_ledger::Entry;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// A store that forgets everything when it is dropped.
#[derive(Debug, Default)]
pub struct MemoryStore {
    tables: Mutex<Tables>,
    door: Option<Arc<dyn Door>>,
}

/// What stands before every commit of a [`MemoryStore`]: a test holds it shut, or says what breaks there.
#[async_trait]
pub trait Door: std::fmt::Debug + Send + Sync {
    /// Returns when the commit may go on.
    ///
    /// # Errors
    /// What the commit shall answer instead of storing anything.
    async fn pass(&self) -> Result<(), StoreError>;
}

#[derive(Debug, Default)]
struct Tables {
    changes: Vec<StoredChange>,
    entries: BTreeMap<EntryId, EntryWrite>,
    keys: BTreeMap<String, EntryId>,
    series: BTreeMap<String, u64>,
    receipts: BTreeMap<String, StoredReceipt>,
    states: BTreeMap<(TerminalId, StateKey), LastState>,
    samples: samples::Samples,
    heard: BTreeMap<TerminalId, Timestamp>,
    readings: BTreeMap<TerminalId, LastReading>,
    frames: BTreeMap<(u64, u32), FrameRecord>,
    outbox: BTreeMap<(u64, u32), OutboxMessage>,
    credentials: BTreeMap<AccountId, StoredCredential>,
    secrets: BTreeMap<(EntryId, String), Option<String>>,
    sessions: BTreeMap<Digest, SessionRow>,
    catalog: BTreeMap<u32, CatalogText>,
    blobs: BTreeMap<String, (Blob, Timestamp)>,
    lease: Option<StoredLease>,
}

#[derive(Debug)]
struct StoredChange {
    chain: Digest,
    lines: Vec<StoredLine>,
}

/// A line with what decides who may read it, which stays when the content is erased.
#[derive(Debug)]
struct StoredLine {
    row: JournalRow,
    subject: EntryId,
    region: RegionCode,
}

#[derive(Debug)]
struct StoredReceipt {
    seq: u64,
    answer: Value,
    until_us: i64,
}

#[derive(Debug)]
struct StoredCredential {
    write: crate::CredentialWrite,
    changed_at: Timestamp,
}

#[derive(Clone, Debug)]
struct StoredLease {
    holder: String,
    epoch: u64,
    until: Timestamp,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty store behind a door.
    pub fn behind(door: Arc<dyn Door>) -> Self {
        Self { door: Some(door), ..Self::default() }
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().expect("nothing panics while it holds the tables")
    }

    fn owned(&self, epoch: Epoch) -> Result<MutexGuard<'_, Tables>, StoreError> {
        let tables = self.tables();
        match tables.epoch() {
            found if found != 0 && found == epoch.0 => Ok(tables),
            found => Err(StoreError::LeaseLost { found }),
        }
    }
}

impl Tables {
    fn epoch(&self) -> u64 {
        self.lease.as_ref().map_or(0, |l| l.epoch)
    }

    fn head(&self) -> Head {
        let chain = self.changes.last().map_or([0; 32], |c| c.chain);
        Head { seq: self.changes.len() as u64, chain }
    }

    /// All journal rows, newest first.
    fn journal(&self, before: Option<(u64, u32)>) -> impl Iterator<Item = &StoredLine> {
        let lines = self.changes.iter().rev().flat_map(|c| c.lines.iter().rev());
        lines.filter(move |l| before.is_none_or(|b| (l.row.seq, l.row.line) < b))
    }

    fn holds_lease(
        &self,
        holder: &str,
        renew: Option<Epoch>,
        now: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        let found = self.epoch();
        if renew.is_some_and(|epoch| epoch.0 != found) {
            return Err(StoreError::LeaseLost { found });
        }
        let other = self.lease.as_ref().filter(|l| l.holder != holder && now < l.until);
        Ok(other.map(|l| Lease::Other { holder: l.holder.clone(), until: l.until }))
    }
}

/// Whole microseconds, as everything is kept.
fn micros(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond())
        .expect("fewer digits of a valid instant are a valid instant")
}

fn bounded(limit: u16) -> usize {
    usize::from(limit.clamp(1, PAGE_MAX))
}

#[async_trait]
impl Store for MemoryStore {
    async fn commit(&self, epoch: Epoch, batch: Vec<ChangeSet>) -> Result<Vec<Outcome>, StoreError> {
        if let Some(door) = &self.door {
            door.pass().await?;
        }
        let mut tables = self.owned(epoch)?;
        Ok(batch.into_iter().map(|change| tables.commit(change)).collect())
    }

    async fn claim_lease(
        &self,
        holder: &str,
        renew: Option<Epoch>,
        now: Timestamp,
        ttl: Duration,
    ) -> Result<Lease, StoreError> {
        let mut tables = self.tables();
        if let Some(other) = tables.holds_lease(holder, renew, now)? {
            return Ok(other);
        }
        let epoch = tables.epoch() + u64::from(renew.is_none());
        let until = micros(now.checked_add(ttl).unwrap_or(Timestamp::MAX));
        tables.lease = Some(StoredLease { holder: holder.to_owned(), epoch, until });
        Ok(Lease::Held { epoch: Epoch(epoch), until })
    }

    async fn head(&self) -> Result<Head, StoreError> {
        Ok(self.tables().head())
    }

    async fn entry(&self, scope: &Scope, id: EntryId) -> Result<Option<Entry>, StoreError> {
        let tables = self.tables();
        let found = tables.entries.get(&id).map(|w| &w.entry);
        Ok(found.filter(|e| e.within(scope)).cloned())
    }

    async fn entries(&self, scope: &Scope, ids: &[EntryId]) -> Result<Vec<Entry>, StoreError> {
        let (tables, ids) = (self.tables(), ids.iter().collect::<BTreeSet<_>>());
        let found = ids.into_iter().filter_map(|id| tables.entries.get(id)).map(|w| &w.entry);
        Ok(found.filter(|e| e.within(scope)).cloned().collect())
    }

    async fn list(&self, query: &Query) -> Result<Page, StoreError> {
        Ok(self.tables().list(query))
    }

    async fn scan(
        &self,
        kind: &str,
        after: Option<(Timestamp, EntryId)>,
        limit: u32,
    ) -> Result<Vec<Scanned>, StoreError> {
        Ok(self.tables().scan(kind, after, limit))
    }

    async fn count_to(&self, query: &Query, most: u64) -> Result<u64, StoreError> {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        Ok(self.tables().matching(query).take(most).count() as u64)
    }

    async fn counts(&self, queries: &[Query], most: u64) -> Result<Vec<u64>, StoreError> {
        let (tables, most) = (self.tables(), usize::try_from(most).unwrap_or(usize::MAX));
        Ok(queries.iter().map(|query| tables.matching(query).take(most).count() as u64).collect())
    }

    async fn tally(&self, query: &Query, field: &str) -> Result<Vec<Tally>, StoreError> {
        Ok(self.tables().tally(query, field))
    }

    async fn tally_due(
        &self,
        query: &Query,
        step: Duration,
        most: u64,
    ) -> Result<Vec<(u32, u64)>, StoreError> {
        Ok(self.tables().tally_due(query, step, most))
    }

    async fn key(&self, key: &str) -> Result<Option<EntryId>, StoreError> {
        Ok(self.tables().keys.get(key).copied())
    }

    async fn holders(&self, keys: &[String]) -> Result<BTreeMap<String, EntryId>, StoreError> {
        let tables = self.tables();
        let held = |key: &String| tables.keys.get(key).map(|id| (key.clone(), *id));
        Ok(keys.iter().filter_map(held).collect())
    }

    async fn keys(&self, prefix: &str, limit: u16) -> Result<Vec<(String, EntryId)>, StoreError> {
        let tables = self.tables();
        let all = tables.keys.iter().filter(|(key, _)| key.starts_with(prefix));
        Ok(all.take(bounded(limit)).map(|(key, id)| (key.clone(), *id)).collect())
    }

    async fn journal_of(
        &self,
        scope: &Scope,
        subject: EntryId,
        before: Option<(u64, u32)>,
        limit: u16,
    ) -> Result<Vec<JournalRow>, StoreError> {
        let tables = self.tables();
        let lines = tables.journal(before).filter(|l| l.subject == subject && scope.contains(l.region));
        Ok(lines.take(bounded(limit)).map(|l| l.row.clone()).collect())
    }

    async fn journal(
        &self,
        scope: &Scope,
        before: Option<(u64, u32)>,
        limit: u16,
    ) -> Result<Vec<JournalRow>, StoreError> {
        let tables = self.tables();
        let lines = tables.journal(before).filter(|l| scope.contains(l.region));
        Ok(lines.take(bounded(limit)).map(|l| l.row.clone()).collect())
    }

    async fn journal_since(&self, seq: u64, limit: u16) -> Result<Vec<JournalChange>, StoreError> {
        let tables = self.tables();
        let mut room = usize::from(limit);
        let mut page = Vec::new();
        for (number, change) in (1..).zip(&tables.changes).skip_while(|(n, _)| *n <= seq) {
            let weight = change.lines.len().max(1);
            if weight > room && !page.is_empty() {
                break;
            }
            room = room.saturating_sub(weight);
            page.push((number, change.chain, change.lines.iter().map(|l| l.row.clone()).collect()));
        }
        Ok(page)
    }

    async fn frames_of(
        &self,
        scope: &Scope,
        terminal: TerminalId,
        before: Option<(u64, u32)>,
        limit: u16,
    ) -> Result<Vec<FrameRow>, StoreError> {
        let tables = self.tables();
        let newest_first = tables.frames.iter().rev().filter(|(place, _)| before.is_none_or(|b| **place < b));
        let visible = newest_first.filter(|(_, f)| f.terminal == Some(terminal) && scope.contains(f.region));
        Ok(visible.take(bounded(limit)).map(frame_row).collect())
    }

    async fn frame(&self, scope: &Scope, seq: u64) -> Result<Option<FrameRow>, StoreError> {
        let tables = self.tables();
        let first = tables.frames.range((seq, 0)..=(seq, u32::MAX)).next();
        Ok(first.filter(|(_, f)| scope.contains(f.region)).map(frame_row))
    }

    async fn states(
        &self,
        after: Option<(TerminalId, StateKey)>,
        limit: u32,
    ) -> Result<Vec<StateRow>, StoreError> {
        let tables = self.tables();
        let behind = tables.states.iter().filter(|(place, _)| after.is_none_or(|a| **place > a));
        let row = |(place, state): (&(TerminalId, StateKey), &LastState)| (place.0, place.1, state.clone());
        Ok(behind.take(usize::try_from(limit).unwrap_or(usize::MAX)).map(row).collect())
    }

    async fn samples(
        &self,
        terminal: TerminalId,
        key: StateKey,
        window: Range<Timestamp>,
        buckets: u16,
    ) -> Result<Vec<SampleBucket>, StoreError> {
        Ok(self.tables().samples.within((terminal, key), &window, buckets))
    }

    async fn heard(
        &self,
        after: Option<TerminalId>,
        limit: u32,
    ) -> Result<Vec<(TerminalId, Timestamp)>, StoreError> {
        let tables = self.tables();
        let behind = tables.heard.iter().filter(|(id, _)| after.is_none_or(|a| **id > a));
        Ok(behind.take(usize::try_from(limit).unwrap_or(usize::MAX)).map(|(id, at)| (*id, *at)).collect())
    }

    async fn readings(
        &self,
        after: Option<TerminalId>,
        limit: u32,
    ) -> Result<Vec<(TerminalId, LastReading)>, StoreError> {
        let tables = self.tables();
        let behind = tables.readings.iter().filter(|(id, _)| after.is_none_or(|a| **id > a));
        Ok(behind.take(usize::try_from(limit).unwrap_or(usize::MAX)).map(|(id, r)| (*id, *r)).collect())
    }

    async fn credential(&self, account: AccountId) -> Result<Option<Credential>, StoreError> {
        let tables = self.tables();
        Ok(tables.credentials.get(&account).map(|c| Credential {
            phc: c.write.phc.clone(),
            must_change: c.write.must_change,
            changed_at: c.changed_at,
        }))
    }

    async fn secrets(&self, owner: EntryId) -> Result<BTreeMap<String, String>, StoreError> {
        let tables = self.tables();
        let own = tables.secrets.iter().filter(|((of, _), _)| *of == owner);
        Ok(own.filter_map(|((_, name), value)| Some((name.clone(), value.clone()?))).collect())
    }

    async fn session(
        &self,
        token_digest: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<SessionRow>, StoreError> {
        let tables = self.tables();
        Ok(tables.sessions.get(&token_digest).filter(|s| micros(now) < s.expires_at).cloned())
    }

    async fn sessions_of(
        &self,
        account: AccountId,
        now: Timestamp,
        limit: u16,
    ) -> Result<Vec<SessionRow>, StoreError> {
        let tables = self.tables();
        let own = tables.sessions.values().filter(|s| s.account == account && micros(now) < s.expires_at);
        let mut own: Vec<_> = own.cloned().collect();
        own.sort_by_key(|s| (std::cmp::Reverse(s.opened_at), s.token_digest));
        own.truncate(bounded(limit));
        Ok(own)
    }

    async fn outbox(&self, limit: u16) -> Result<Vec<OutboxRow>, StoreError> {
        let tables = self.tables();
        let row = |(place, message): (&(u64, u32), &OutboxMessage)| OutboxRow {
            seq: place.0,
            line: place.1,
            message: message.clone(),
        };
        Ok(tables.outbox.iter().take(bounded(limit)).map(row).collect())
    }

    async fn outbox_done(&self, epoch: Epoch, seq: u64, line: u32) -> Result<(), StoreError> {
        self.owned(epoch)?.outbox.remove(&(seq, line));
        Ok(())
    }

    async fn catalog(&self) -> Result<Option<(u32, String)>, StoreError> {
        Ok(self.tables().catalog.last_key_value().map(|(revision, text)| (*revision, text.digest.clone())))
    }

    async fn catalog_text(&self, revision: u32) -> Result<Option<String>, StoreError> {
        Ok(self.tables().catalog.get(&revision).map(|stored| stored.text.clone()))
    }

    async fn put_blob(&self, epoch: Epoch, blob: Blob, now: Timestamp) -> Result<(), StoreError> {
        self.owned(epoch)?.blobs.insert(blob.name(), (blob, micros(now)));
        Ok(())
    }

    async fn blob(&self, name: &str) -> Result<Option<Blob>, StoreError> {
        Ok(self.tables().blobs.get(name).map(|(blob, _)| blob.clone()))
    }

    async fn collect_blobs(
        &self,
        epoch: Epoch,
        stored_before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let mut tables = self.owned(epoch)?;
        let Tables { blobs, keys, .. } = &mut *tables;
        let held = |name: &str| {
            let prefix = crate::blob_prefix(name);
            keys.range(prefix.clone()..).next().is_some_and(|(key, _)| key.starts_with(&prefix))
        };
        let old = |name: &&String| blobs[*name].1 < micros(stored_before) && !held(name);
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let gone: Vec<_> = blobs.keys().filter(old).take(most).cloned().collect();
        gone.iter().for_each(|name| drop(blobs.remove(name)));
        Ok(gone.len() as u64)
    }

    async fn purge(
        &self,
        epoch: Epoch,
        now: Timestamp,
        frames_before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let mut tables = self.owned(epoch)?;
        let (now, now_us, limit) =
            (micros(now), now.as_microsecond(), usize::try_from(limit).unwrap_or(usize::MAX));
        let tables = &mut *tables;
        Ok(purge_map(&mut tables.receipts, limit, |r| r.until_us <= now_us)
            + purge_map(&mut tables.sessions, limit, |s| s.expires_at <= now)
            + purge_map(&mut tables.frames, limit, |f| f.received_at < micros(frames_before)))
    }

    async fn purge_samples(&self, epoch: Epoch, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        Ok(self.owned(epoch)?.samples.purge(before, limit))
    }

    async fn pack_samples(&self, epoch: Epoch, _: Timestamp, _: u32) -> Result<bool, StoreError> {
        // In memory every value lies where it is.
        self.owned(epoch).map(|_| false)
    }

    async fn storage(&self, now: Timestamp) -> Result<Storage, StoreError> {
        let tables = self.tables();
        Ok(Storage {
            engine: "内存".to_owned(),
            size_bytes: None,
            outbox_pending: tables.outbox.len() as u64,
            sessions: tables.sessions.values().filter(|s| micros(now) < s.expires_at).count() as u64,
        })
    }
}

fn frame_row((place, frame): (&(u64, u32), &FrameRecord)) -> FrameRow {
    FrameRow { seq: place.0, line: place.1, frame: frame.clone() }
}

fn purge_map<K: Ord + Clone, V>(map: &mut BTreeMap<K, V>, limit: usize, ended: impl Fn(&V) -> bool) -> u64 {
    let gone: BTreeSet<K> =
        map.iter().filter(|(_, v)| ended(v)).map(|(k, _)| k.clone()).take(limit).collect();
    map.retain(|key, _| !gone.contains(key));
    gone.len() as u64
}

#[cfg(test)]
mod tests {
    use super::MemoryStore;

    macro_rules! cases {
        ($($name:ident)*) => {
            $(#[test]
            fn $name() {
                pollster::block_on(crate::conformance::$name(&MemoryStore::new()));
            })*
        };
    }
    crate::for_each_case!(cases);
}
