//! Deciding a batch in memory: each ChangeSet sees what is stored and what stands before it in the batch.

use super::WriterHead;
use super::facts::{Facts, KnownReceipt};
use super::writes::{Held, Touched, Writes};
use crate::index;
use crate::value::Value;
use fengsui_base::EntryId;
use fengsui_ledger::JournalLine;
use fengsui_store::{
    Chain, ChangeSet, Committed, EntryWrite, Expect, Failure, KeyWrite, Numbering, Outcome, Receipt,
    SessionWrite, line_digest, line_text,
};
use std::borrow::Cow;
use std::collections::HashMap;

const MICROSECONDS: i64 = 1_000_000;

/// The batch as far as it is decided.
pub(super) struct Decision<'b> {
    head: WriterHead,
    facts: Facts<'b>,
    writes: Writes<'b>,
}

impl<'b> Decision<'b> {
    pub(super) fn new(head: WriterHead, facts: Facts<'b>) -> Self {
        Self { head, facts, writes: Writes::default() }
    }

    /// Where the sequence stands now, and the rows to be written.
    pub(super) fn finish(self) -> (WriterHead, Writes<'b>) {
        (self.head, self.writes)
    }

    /// Decides the next ChangeSet; only a committed one leaves a trace.
    pub(super) fn take(&mut self, change: &'b ChangeSet) -> Outcome {
        if let Some(repeated) = self.repeated(change) {
            return repeated;
        }
        match self.failure(change) {
            Some(failure) => Outcome::Failed(failure),
            None => Outcome::Committed(self.store(change)),
        }
    }

    fn repeated(&self, change: &ChangeSet) -> Option<Outcome> {
        let digest = index::receipt_digest(&change.receipt.as_ref()?.key);
        let known = self.facts.receipts.get(&digest)?;
        let same = change.at.as_microsecond() < known.until_us;
        same.then(|| Outcome::Repeated { seq: known.seq, answer: known.answer.clone().into_owned() })
    }

    fn failure(&self, change: &ChangeSet) -> Option<Failure> {
        let expected = change.expects.iter().find_map(|expect| self.unmet(expect));
        expected.or_else(|| self.wrong_version(&change.entries))
    }

    fn unmet(&self, expect: &Expect) -> Option<Failure> {
        let (key, wanted) = match expect {
            Expect::Version(id, version) => {
                let found = self.version(*id);
                return (found != Some(*version)).then_some(Failure::Version { entry: *id, found });
            }
            Expect::Absent(key) => (key, None),
            Expect::HeldBy(key, id) => (key, Some(*id)),
        };
        let holder = self.facts.keys.get(key.as_str()).copied();
        (holder != wanted).then(|| Failure::Key { key: key.clone(), holder })
    }

    fn version(&self, id: EntryId) -> Option<u64> {
        let touched = self.writes.entries.get(&id).map(|t| t.write.entry.version);
        touched.or_else(|| self.facts.entries.get(&id).map(|known| known.version))
    }

    /// The first entry that does not follow on the version before it; one entry may be written several times.
    fn wrong_version(&self, writes: &[EntryWrite]) -> Option<Failure> {
        let mut earlier = HashMap::new();
        writes.iter().find_map(|write| {
            let (id, next) = (write.entry.id, write.entry.version);
            let found = earlier.insert(id, next).or_else(|| self.version(id));
            (found.unwrap_or(0).checked_add(1) != Some(next)).then_some(Failure::Version { entry: id, found })
        })
    }

    fn store(&mut self, change: &'b ChangeSet) -> Committed {
        let seq = self.journal(change);
        let numbers = change.entries.iter().filter_map(|write| self.entry(write)).collect();
        change.keys.iter().for_each(|write| self.key(write));
        self.erasures(seq, change);
        self.telemetry(seq, change);
        self.secrets(change);
        if let Some(text) = &change.catalog {
            let row = [text.revision.into(), text.digest.as_str().into(), text.text.as_str().into()];
            self.writes.catalog.extend(row);
        }
        if let Some(receipt) = &change.receipt {
            self.receipt(seq, change.at.as_microsecond(), receipt);
        }
        Committed { seq, numbers }
    }

    fn journal(&mut self, change: &'b ChangeSet) -> u64 {
        let seq = self.head.chain.seq + 1;
        let lines = (0_u32..).zip(&change.journal);
        let digests: Vec<_> = lines.map(|(place, line)| self.line(seq, place, line)).collect();
        let Chain { digest, .. } = self.head.chain.link(&digests);
        self.head.chain = Chain { seq, digest };
        let row = [seq.into(), change.at.into(), digest.to_vec().into(), (digests.len() as u64).into()];
        self.writes.changes.extend(row);
        seq
    }

    fn line(&mut self, seq: u64, place: u32, line: &JournalLine) -> [u8; 32] {
        let text = line_text(line);
        let digest = line_digest(&text);
        self.writes.journal.extend([
            seq.into(),
            place.into(),
            digest.to_vec().into(),
            line.subject.id.into(),
            line.region.into(),
            // JSON writes U+0000 as an escape, so the stored text is the digested one.
            Value::Text(Cow::Owned(text)),
        ]);
        digest
    }

    fn entry(&mut self, write: &'b EntryWrite) -> Option<(EntryId, String)> {
        let number = self.next_number(&write.numbering);
        let id = write.entry.id;
        let touched = self.writes.entries.remove(&id);
        let (known, slot) = match touched {
            Some(earlier) => (earlier.known, earlier.slot),
            None => self.known_or_new(id),
        };
        self.writes.entries.insert(id, Touched { known, slot, write, given_number: number.clone() });
        number.map(|number| (id, number))
    }

    fn known_or_new(&mut self, id: EntryId) -> (Option<super::facts::KnownEntry>, i64) {
        if let Some(known) = self.facts.entries.remove(&id) {
            let slot = known.slot;
            return (Some(known), slot);
        }
        let slot = self.head.next_slot;
        self.head.next_slot += 1;
        (None, slot)
    }

    fn next_number(&mut self, numbering: &'b Numbering) -> Option<String> {
        let Numbering::Next { series, prefix, width } = numbering else { return None };
        let last = self.facts.series.entry(Cow::Borrowed(series)).or_default();
        *last += 1;
        self.writes.series.insert(series, *last);
        Some(format!("{prefix}{last:0width$}"))
    }

    fn key(&mut self, write: &'b KeyWrite) {
        let (key, held) = match write {
            KeyWrite::Take(key, id) => (key.as_str(), Held::By(*id)),
            KeyWrite::Free(key) => (key.as_str(), Held::ByNobody),
        };
        match held {
            Held::By(id) => self.facts.keys.insert(Cow::Borrowed(key), id),
            Held::ByNobody => self.facts.keys.remove(key),
        };
        self.writes.keys.insert(key, held);
    }

    fn erasures(&mut self, seq: u64, change: &'b ChangeSet) {
        for erasure in &change.erasures {
            let row = [seq.into(), erasure.reason.as_str().into(), erasure.seq.into(), erasure.line.into()];
            self.writes.erasures.extend(row);
        }
    }

    fn telemetry(&mut self, seq: u64, change: &'b ChangeSet) {
        change.states.iter().for_each(|write| self.writes.state(write));
        change.samples.iter().for_each(|write| self.writes.sample(write));
        change.heard.iter().for_each(|write| self.writes.hear(write));
        change.readings.iter().for_each(|write| self.writes.read(write));
        (0..).zip(&change.frames).for_each(|(line, frame)| self.writes.frame(seq, line, frame));
        for (line, message) in (0_u32..).zip(&change.outbox) {
            let body = message.body.to_string();
            let row = [seq.into(), line.into(), message.topic.as_str().into(), body.into()];
            self.writes.outbox.extend(row);
        }
    }

    fn secrets(&mut self, change: &'b ChangeSet) {
        for write in &change.credentials {
            let account = EntryId::from(write.account);
            let row = [account.into(), write.phc.as_str().into(), write.must_change.into(), change.at.into()];
            self.writes.credentials.extend(row);
        }
        for write in &change.secrets {
            let value = Value::optional(write.value.as_deref());
            self.writes.secrets.extend([write.owner.into(), write.name.as_str().into(), value]);
        }
        let sessions = change.sessions.iter().map(|write: &SessionWrite| (change.at, write));
        self.writes.sessions.extend(sessions);
    }

    fn receipt(&mut self, seq: u64, at_us: i64, receipt: &'b Receipt) {
        let digest = index::receipt_digest(&receipt.key);
        let until_us = at_us + i64::from(receipt.window_s) * MICROSECONDS;
        let row = [digest.to_vec().into(), seq.into(), until_us.into(), receipt.answer.to_string().into()];
        self.writes.receipts.extend(row);
        let known = KnownReceipt { seq, until_us, answer: Cow::Borrowed(&receipt.answer) };
        self.facts.receipts.insert(digest, known);
    }
}
