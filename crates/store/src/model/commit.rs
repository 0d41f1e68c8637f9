//! Storing one ChangeSet in memory: first ask, then write, so that nothing has to be taken back.

use super::{StoredChange, StoredCredential, StoredLine, StoredReceipt, Tables, micros};
use crate::{
    Chain, ChangeSet, Committed, Digest, EntryWrite, Erasure, Expect, Failure, JournalRow, KeyWrite,
    Numbering, Outcome, ReadingWrite, SessionRow, SessionWrite, StateWrite, line_digest, line_text,
};
use fengsui_base::{EntryId, Timestamp};
use fengsui_ledger::{Entry, JournalLine, search_terms};
use std::collections::BTreeMap;

const MICROSECONDS: i64 = 1_000_000;

impl Tables {
    pub(super) fn commit(&mut self, change: ChangeSet) -> Outcome {
        if let Some(repeated) = self.repeated(&change) {
            return repeated;
        }
        match self.failure(&change) {
            Some(failure) => Outcome::Failed(failure),
            None => Outcome::Committed(self.store(change)),
        }
    }

    fn repeated(&self, change: &ChangeSet) -> Option<Outcome> {
        let found = self.receipts.get(&change.receipt.as_ref()?.key)?;
        let same = change.at.as_microsecond() < found.until_us;
        same.then(|| Outcome::Repeated { seq: found.seq, answer: found.answer.clone() })
    }

    fn failure(&self, change: &ChangeSet) -> Option<Failure> {
        let expected = change.expects.iter().find_map(|expect| self.unmet(expect));
        expected.or_else(|| self.wrong_version(&change.entries))
    }

    fn unmet(&self, expect: &Expect) -> Option<Failure> {
        match expect {
            Expect::Version(id, version) => {
                let found = self.version(*id);
                (found != Some(*version)).then_some(Failure::Version { entry: *id, found })
            }
            Expect::Absent(key) => self.unless_held_by(key, None),
            Expect::HeldBy(key, id) => self.unless_held_by(key, Some(*id)),
        }
    }

    fn version(&self, id: EntryId) -> Option<u64> {
        self.entries.get(&id).map(|w| w.entry.version)
    }

    fn unless_held_by(&self, key: &str, wanted: Option<EntryId>) -> Option<Failure> {
        let holder = self.keys.get(key).copied();
        (holder != wanted).then(|| Failure::Key { key: key.to_owned(), holder })
    }

    /// The first entry that does not follow on the version before it; one entry may be written several times.
    fn wrong_version(&self, writes: &[EntryWrite]) -> Option<Failure> {
        let mut versions = BTreeMap::new();
        writes.iter().find_map(|write| {
            let (id, next) = (write.entry.id, write.entry.version);
            let found = versions.get(&id).copied().or_else(|| self.version(id));
            versions.insert(id, next);
            (found.unwrap_or(0).checked_add(1) != Some(next)).then_some(Failure::Version { entry: id, found })
        })
    }

    fn store(&mut self, change: ChangeSet) -> Committed {
        let seq = self.append_journal(change.journal);
        let numbers = change.entries.into_iter().filter_map(|write| self.store_entry(write)).collect();
        change.keys.into_iter().for_each(|write| self.store_key(write));
        change.erasures.into_iter().for_each(|erasure| self.erase(seq, erasure));
        change.states.into_iter().for_each(|write| self.store_state(write));
        change.samples.into_iter().for_each(|write| self.samples.put(write));
        for write in change.heard {
            let at = self.heard.entry(write.terminal).or_insert(micros(write.at));
            *at = (*at).max(micros(write.at));
        }
        change.readings.into_iter().for_each(|write| self.store_reading(write));
        for (line, mut frame) in (0..).zip(change.frames) {
            frame.received_at = micros(frame.received_at);
            self.frames.insert((seq, line), frame);
        }
        self.outbox.extend((0..).zip(change.outbox).map(|(line, message)| ((seq, line), message)));
        for write in change.credentials {
            self.credentials.insert(write.account, StoredCredential { write, changed_at: micros(change.at) });
        }
        for write in change.secrets {
            self.secrets.insert((write.owner, write.name), write.value);
        }
        change.sessions.into_iter().for_each(|write| self.store_session(change.at, write));
        if let Some(text) = change.catalog {
            self.catalog.entry(text.revision).or_insert(text);
        }
        if let Some(receipt) = change.receipt {
            let until_us = change.at.as_microsecond() + i64::from(receipt.window_s) * MICROSECONDS;
            self.receipts.insert(receipt.key, StoredReceipt { seq, answer: receipt.answer, until_us });
        }
        Committed { seq, numbers }
    }

    fn append_journal(&mut self, journal: Vec<JournalLine>) -> u64 {
        let head = self.head();
        let texts: Vec<_> = journal.iter().map(line_text).collect();
        let digests: Vec<_> = texts.iter().map(|text| line_digest(text)).collect();
        let link = Chain { seq: head.seq, digest: head.chain }.link(&digests);
        let row = |(line, (content, (text, digest)))| stored_line(link.seq, line, content, text, digest);
        let lines = (0..).zip(journal.into_iter().zip(texts.into_iter().zip(digests))).map(row).collect();
        self.changes.push(StoredChange { chain: link.digest, lines });
        link.seq
    }

    fn store_entry(&mut self, mut write: EntryWrite) -> Option<(EntryId, String)> {
        in_micros(&mut write.entry);
        let given = self.give_number(&mut write);
        self.entries.insert(write.entry.id, write);
        given
    }

    fn give_number(&mut self, write: &mut EntryWrite) -> Option<(EntryId, String)> {
        let Numbering::Next { series, prefix, width } = &write.numbering else { return None };
        let last = self.series.entry(series.clone()).or_default();
        *last += 1;
        let number = format!("{prefix}{last:0width$}");
        write.grams.extend(search_terms(&number));
        write.entry.number = Some(number.clone());
        Some((write.entry.id, number))
    }

    fn store_key(&mut self, write: KeyWrite) {
        match write {
            KeyWrite::Take(key, id) => self.keys.insert(key, id),
            KeyWrite::Free(key) => self.keys.remove(&key),
        };
    }

    fn erase(&mut self, by: u64, erasure: Erasure) {
        let place = (erasure.seq, erasure.line);
        let mut lines = self.changes.iter_mut().flat_map(|c| &mut c.lines).map(|l| &mut l.row);
        if let Some(row) = lines.find(|r| (r.seq, r.line) == place && r.text.is_some()) {
            (row.text, row.content) = (None, None);
            row.erased = Some((by, erasure.reason));
        }
    }

    fn store_state(&mut self, write: StateWrite) {
        let mut state = write.state;
        state.event_at = micros(state.event_at);
        state.received_at = micros(state.received_at);
        let place = (write.terminal, write.key);
        if self.states.get(&place).is_none_or(|found| found.event_at <= state.event_at) {
            self.states.insert(place, state);
        }
    }

    fn store_reading(&mut self, write: ReadingWrite) {
        let mut reading = write.reading;
        (reading.asked_at, reading.answered_at) = (micros(reading.asked_at), reading.answered_at.map(micros));
        if self.readings.get(&write.terminal).is_none_or(|found| found.asked_at <= reading.asked_at) {
            self.readings.insert(write.terminal, reading);
        }
    }

    fn store_session(&mut self, at: Timestamp, write: SessionWrite) {
        match write {
            SessionWrite::Open { token_digest, account, expires_at, origin } => {
                let (opened_at, expires_at) = (micros(at), micros(expires_at));
                let row = SessionRow { token_digest, account, opened_at, expires_at, locked: false, origin };
                self.sessions.insert(token_digest, row);
            }
            SessionWrite::Lock { token_digest, locked } => {
                if let Some(row) = self.sessions.get_mut(&token_digest) {
                    row.locked = locked;
                }
            }
            SessionWrite::Close { token_digest } => {
                self.sessions.remove(&token_digest);
            }
            SessionWrite::CloseAll { account, except } => {
                self.sessions.retain(|token, row| row.account != account || except == Some(*token));
            }
        }
    }
}

fn stored_line(seq: u64, line: u32, content: JournalLine, text: String, digest: Digest) -> StoredLine {
    let (subject, region) = (content.subject.id, content.region);
    StoredLine {
        row: JournalRow { seq, line, digest, text: Some(text), content: Some(content), erased: None },
        subject,
        region,
    }
}

fn in_micros(entry: &mut Entry) {
    entry.opened_at = micros(entry.opened_at);
    entry.due_at = entry.due_at.map(micros);
    entry.wake_at = entry.wake_at.map(micros);
    entry.closed_at = entry.closed_at.map(micros);
}
