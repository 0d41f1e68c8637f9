//! The rows of a batch, table by table, and the few statements that store them.

use super::facts::KnownEntry;
use crate::index;
use crate::tx::Tx;
use crate::value::Value;
use fengsui_base::{EntryId, Timestamp};
use fengsui_ledger::{Entry, search_terms};
use fengsui_store::{
    EntryWrite, FrameRecord, HeardWrite, Part, ReadingWrite, SampleWrite, SessionWrite, StateWrite,
    StoreError,
};
use std::collections::HashMap;

/// Who holds a key in the end.
#[derive(Clone, Copy)]
pub(super) enum Held {
    By(EntryId),
    ByNobody,
}

/// An entry as the batch leaves it, and as it was before the batch.
pub(super) struct Touched<'b> {
    pub(super) known: Option<KnownEntry>,
    pub(super) slot: i64,
    pub(super) write: &'b EntryWrite,
    pub(super) given_number: Option<String>,
}

/// Rows as one value after another, in the order of the statement's parameters.
type Rows<'b> = Vec<Value<'b>>;

/// Everything that a batch writes.
#[derive(Default)]
pub(super) struct Writes<'b> {
    pub(super) changes: Rows<'b>,
    pub(super) journal: Rows<'b>,
    pub(super) erasures: Rows<'b>,
    pub(super) entries: HashMap<EntryId, Touched<'b>>,
    pub(super) keys: HashMap<&'b str, Held>,
    pub(super) series: HashMap<&'b str, u64>,
    pub(super) states: Rows<'b>,
    pub(super) sample_series: Rows<'b>,
    pub(super) samples: Rows<'b>,
    pub(super) heard: Rows<'b>,
    pub(super) readings: Rows<'b>,
    pub(super) frames: Rows<'b>,
    pub(super) outbox: Rows<'b>,
    pub(super) credentials: Rows<'b>,
    pub(super) secrets: Rows<'b>,
    pub(super) sessions: Vec<(Timestamp, &'b SessionWrite)>,
    pub(super) catalog: Rows<'b>,
    pub(super) receipts: Rows<'b>,
}

const CHANGE: &str = "INSERT INTO change (seq, at, chain, lines) VALUES (?1, ?2, ?3, ?4)";
const JOURNAL: &str =
    "INSERT INTO journal (seq, line, digest, subject, region, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const ERASURE: &str = "UPDATE journal SET text = NULL, erased_by = ?1, erased_reason = ?2 \
    WHERE seq = ?3 AND line = ?4 AND seq <= ?1 AND text IS NOT NULL";
const ENTRY_COLUMNS: usize = 21;
const ENTRY_INSERT: &str = "INSERT INTO entry (slot, id, kind, region, state, number, title, title_order, owner, \
    opened_at, due_at, closed_at, version, lng, lat, source_system, source_number, revision, fields, grams, wake_at) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)";
const ENTRY_UPDATE: &str = "UPDATE entry SET id = ?2, kind = ?3, region = ?4, state = ?5, number = ?6, title = ?7, \
    title_order = ?8, owner = ?9, opened_at = ?10, due_at = ?11, closed_at = ?12, version = ?13, lng = ?14, \
    lat = ?15, source_system = ?16, source_number = ?17, revision = ?18, fields = ?19, grams = ?20, \
    wake_at = ?21 WHERE slot = ?1";
const INDEX_COLUMNS: usize = 6;
const INDEX_UPSERT: &str = "INSERT INTO entry_index (slot, ordinal, path, value, place, id) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (slot, ordinal) DO UPDATE SET path = excluded.path, \
    value = excluded.value, place = excluded.place, id = excluded.id";
const INDEX_INSERT: &str =
    "INSERT INTO entry_index (slot, ordinal, path, value, place, id) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const INDEX_DELETE: &str = "DELETE FROM entry_index WHERE slot = ?1 AND ordinal = ?2";
const GRAM_INSERT: &str = "INSERT INTO entry_gram (gram, slot) VALUES (?1, ?2)";
const GRAM_DELETE: &str = "DELETE FROM entry_gram WHERE gram = ?1 AND slot = ?2";
const KEY_TAKE: &str = "INSERT INTO held_key (key, entry) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET entry = excluded.entry";
const KEY_FREE: &str = "DELETE FROM held_key WHERE key = ?1";
const SERIES: &str =
    "INSERT INTO series (name, last) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET last = excluded.last";
const STATE: &str = "INSERT INTO point_state (terminal, part, system_type, system_address, component_address, \
    analog_type, component_type, bits, event_at, received_at, text) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) \
    ON CONFLICT (terminal, part, system_type, system_address, component_address, analog_type) DO UPDATE SET \
    component_type = excluded.component_type, bits = excluded.bits, event_at = excluded.event_at, \
    received_at = excluded.received_at, text = excluded.text WHERE excluded.event_at >= point_state.event_at";
const SAMPLE_SERIES: &str = "INSERT INTO sample_series (slot, terminal, system_type, system_address, \
    component_address, analog_type, first_second, loose_second) \
    VALUES ((SELECT coalesce(max(slot), 0) + 1 FROM sample_series), ?1, ?2, ?3, ?4, ?5, ?6, ?6) \
    ON CONFLICT (terminal, system_type, system_address, component_address, analog_type) DO UPDATE SET first_second = \
    CASE WHEN excluded.first_second < sample_series.first_second THEN excluded.first_second \
    ELSE sample_series.first_second END, loose_second = \
    CASE WHEN excluded.loose_second < sample_series.loose_second THEN excluded.loose_second \
    ELSE sample_series.loose_second END \
    WHERE excluded.first_second < sample_series.first_second OR excluded.loose_second < sample_series.loose_second";
const SAMPLE: &str = "INSERT INTO sample (slot, second, value) VALUES ((SELECT slot FROM sample_series \
    WHERE terminal = ?1 AND system_type = ?2 AND system_address = ?3 AND component_address = ?4 \
    AND analog_type = ?5), ?6, ?7) ON CONFLICT (slot, second) DO UPDATE SET value = excluded.value";
const HEARD: &str = "INSERT INTO heard (terminal, at) VALUES (?1, ?2) \
    ON CONFLICT (terminal) DO UPDATE SET at = excluded.at WHERE excluded.at > heard.at";
const READING: &str = "INSERT INTO reading (terminal, asked_at, answered_at, failures, denied) \
    VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (terminal) DO UPDATE SET asked_at = excluded.asked_at, \
    answered_at = excluded.answered_at, failures = excluded.failures, denied = excluded.denied \
    WHERE excluded.asked_at >= reading.asked_at";
const FRAME: &str = "INSERT INTO frame (seq, line, terminal, region, received_at, channel, command, unit_type, \
    verdict, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
const OUTBOX: &str = "INSERT INTO outbox (seq, line, topic, body) VALUES (?1, ?2, ?3, ?4)";
const CREDENTIAL: &str = "INSERT INTO credential (account, phc, must_change, changed_at) VALUES (?1, ?2, ?3, ?4) \
    ON CONFLICT (account) DO UPDATE SET phc = excluded.phc, must_change = excluded.must_change, \
    changed_at = excluded.changed_at";
const SECRET: &str = "INSERT INTO secret (owner, name, value) VALUES (?1, ?2, ?3) \
    ON CONFLICT (owner, name) DO UPDATE SET value = excluded.value";
const SESSION_OPEN: &str = "INSERT INTO session (token_digest, account, opened_at, expires_at, locked, origin) \
    VALUES (?1, ?2, ?3, ?4, 0, ?5) ON CONFLICT (token_digest) DO UPDATE SET account = excluded.account, \
    opened_at = excluded.opened_at, expires_at = excluded.expires_at, locked = 0, origin = excluded.origin";
const SESSION_LOCK: &str = "UPDATE session SET locked = ?2 WHERE token_digest = ?1";
const SESSION_CLOSE: &str = "DELETE FROM session WHERE token_digest = ?1";
const SESSION_CLOSE_ALL: &str = "DELETE FROM session WHERE account = ?1";
const SESSION_CLOSE_OTHERS: &str = "DELETE FROM session WHERE account = ?1 AND token_digest <> ?2";
const CATALOG: &str = "INSERT INTO catalog_revision (revision, digest, text) VALUES (?1, ?2, ?3) \
    ON CONFLICT (revision) DO NOTHING";
const RECEIPT: &str = "INSERT INTO receipt (digest, seq, until_at, answer) VALUES (?1, ?2, ?3, ?4) \
    ON CONFLICT (digest) DO UPDATE SET seq = excluded.seq, until_at = excluded.until_at, answer = excluded.answer";

impl<'b> Writes<'b> {
    pub(super) fn state(&mut self, write: &'b StateWrite) {
        let (key, state) = (&write.key, &write.state);
        self.states.extend([
            EntryId::from(write.terminal).into(),
            part_number(key.part).into(),
            key.system_type.into(),
            key.system_address.into(),
            key.component_address.into(),
            key.analog_type.into(),
            state.component_type.into(),
            state.bits.into(),
            state.event_at.into(),
            state.received_at.into(),
            state.text.as_str().into(),
        ]);
    }

    pub(super) fn sample(&mut self, write: &SampleWrite) {
        let key = &write.key;
        let place = [
            EntryId::from(write.terminal).into(),
            key.system_type.into(),
            key.system_address.into(),
            key.component_address.into(),
            key.analog_type.into(),
            write.at.as_second().into(),
        ];
        self.sample_series.extend(place.clone());
        self.samples.extend(place);
        self.samples.push(write.value.into());
    }

    pub(super) fn hear(&mut self, write: &HeardWrite) {
        self.heard.extend([EntryId::from(write.terminal).into(), write.at.into()]);
    }

    pub(super) fn read(&mut self, write: &ReadingWrite) {
        let reading = &write.reading;
        self.readings.extend([
            EntryId::from(write.terminal).into(),
            reading.asked_at.into(),
            Value::optional(reading.answered_at),
            u32::from(reading.failures).into(),
            reading.denied.into(),
        ]);
    }

    pub(super) fn frame(&mut self, seq: u64, line: u32, frame: &'b FrameRecord) {
        self.frames.extend([
            seq.into(),
            line.into(),
            Value::optional(frame.terminal.map(EntryId::from)),
            frame.region.into(),
            frame.received_at.into(),
            frame.channel.as_str().into(),
            frame.command.into(),
            Value::optional(frame.unit_type),
            frame.verdict.as_str().into(),
            frame.bytes.as_slice().into(),
        ]);
    }

    /// Writes everything.
    pub(super) async fn store(self, tx: &mut dyn Tx) -> Result<(), StoreError> {
        run(tx, CHANGE, 4, &self.changes).await?;
        run(tx, JOURNAL, 6, &self.journal).await?;
        // Behind the journal: a change may erase a line of its own batch, but none that is still to come.
        run(tx, ERASURE, 4, &self.erasures).await?;
        EntryRows::of(&self.entries).store(tx).await?;
        store_keys(tx, &self.keys).await?;
        let series: Rows<'_> =
            self.series.iter().flat_map(|(name, last)| [(*name).into(), (*last).into()]).collect();
        run(tx, SERIES, 2, &series).await?;
        run(tx, STATE, 11, &self.states).await?;
        run(tx, SAMPLE_SERIES, 6, &self.sample_series).await?;
        run(tx, SAMPLE, 7, &self.samples).await?;
        run(tx, HEARD, 2, &self.heard).await?;
        run(tx, READING, 5, &self.readings).await?;
        run(tx, FRAME, 10, &self.frames).await?;
        run(tx, OUTBOX, 4, &self.outbox).await?;
        run(tx, CREDENTIAL, 4, &self.credentials).await?;
        run(tx, SECRET, 3, &self.secrets).await?;
        for (at, write) in &self.sessions {
            store_session(tx, *at, write).await?;
        }
        run(tx, CATALOG, 3, &self.catalog).await?;
        run(tx, RECEIPT, 4, &self.receipts).await
    }
}

async fn run(tx: &mut dyn Tx, sql: &str, width: usize, rows: &[Value<'_>]) -> Result<(), StoreError> {
    if rows.is_empty() { Ok(()) } else { tx.execute_many(sql, width, rows).await.map(drop) }
}

async fn store_keys(tx: &mut dyn Tx, keys: &HashMap<&str, Held>) -> Result<(), StoreError> {
    let (mut taken, mut freed) = (Vec::new(), Vec::new());
    for (key, held) in keys {
        match held {
            Held::By(id) => taken.extend([(*key).into(), (*id).into()]),
            Held::ByNobody => freed.push((*key).into()),
        }
    }
    run(tx, KEY_TAKE, 2, &taken).await?;
    run(tx, KEY_FREE, 1, &freed).await
}

/// One after another: closing all and opening one mean different things the other way round.
async fn store_session(tx: &mut dyn Tx, at: Timestamp, write: &SessionWrite) -> Result<(), StoreError> {
    let account = |account: &fengsui_base::AccountId| Value::id(EntryId::from(*account));
    match write {
        SessionWrite::Open { token_digest, account: whose, expires_at, origin } => {
            let token = token_digest.as_slice().into();
            let row = [token, account(whose), at.into(), (*expires_at).into(), origin.as_str().into()];
            tx.execute(SESSION_OPEN, &row).await
        }
        SessionWrite::Lock { token_digest, locked } => {
            tx.execute(SESSION_LOCK, &[token_digest.as_slice().into(), (*locked).into()]).await
        }
        SessionWrite::Close { token_digest } => {
            tx.execute(SESSION_CLOSE, &[token_digest.as_slice().into()]).await
        }
        SessionWrite::CloseAll { account: whose, except: None } => {
            tx.execute(SESSION_CLOSE_ALL, &[account(whose)]).await
        }
        SessionWrite::CloseAll { account: whose, except: Some(token) } => {
            tx.execute(SESSION_CLOSE_OTHERS, &[account(whose), token.as_slice().into()]).await
        }
    }?;
    Ok(())
}

/// The number by which a part of a terminal is stored; its order is the order of [`Part`].
pub(crate) fn part_number(part: Part) -> u8 {
    match part {
        Part::Device => 0,
        Part::System => 1,
        Part::Component => 2,
        Part::Value => 3,
        Part::Limit => 4,
    }
}

/// The rows of the entries: only what differs from what the database has.
#[derive(Default)]
struct EntryRows<'e> {
    inserted: Rows<'e>,
    updated: Rows<'e>,
    index_new: Rows<'e>,
    index_set: Rows<'e>,
    index_gone: Rows<'e>,
    grams_new: Vec<(i64, i64)>,
    grams_gone: Vec<(i64, i64)>,
}

impl<'e> EntryRows<'e> {
    fn of(entries: &'e HashMap<EntryId, Touched<'_>>) -> Self {
        let mut rows = Self::default();
        let mut sorted: Vec<_> = entries.values().collect();
        sorted.sort_by_key(|touched| touched.slot);
        sorted.into_iter().for_each(|touched| rows.add(touched));
        // Neighbours in the table are written one after another.
        rows.grams_new.sort_unstable();
        rows.grams_gone.sort_unstable();
        rows
    }

    fn add(&mut self, touched: &'e Touched<'_>) {
        let grams = grams(touched);
        let row = entry_row(touched, &grams);
        if touched.known.is_some() { &mut self.updated } else { &mut self.inserted }.extend(row);
        self.add_index(touched);
        self.add_grams(touched, &grams);
    }

    fn add_index(&mut self, touched: &'e Touched<'_>) {
        let known = touched.known.as_ref().map(|known| &known.index);
        let wanted = index::rows(touched.write);
        let end = i64::try_from(wanted.len()).unwrap_or(i64::MAX);
        for (ordinal, row) in (0_i64..).zip(wanted) {
            if known.and_then(|k| k.get(&ordinal)) == Some(&row) {
                continue;
            }
            let rows = if known.is_some() { &mut self.index_set } else { &mut self.index_new };
            // Only a row that a list is sorted by breaks ties.
            let id = Value::optional(row.place.map(|_| touched.write.entry.id));
            let place = Value::optional(row.place);
            rows.extend([touched.slot.into(), ordinal.into(), row.path.into(), row.value.into(), place, id]);
        }
        let gone = known.into_iter().flat_map(|index| index.range(end..));
        self.index_gone.extend(gone.flat_map(|(ordinal, _)| [touched.slot.into(), (*ordinal).into()]));
    }

    fn add_grams(&mut self, touched: &Touched<'_>, grams: &[i64]) {
        let known = touched.known.as_ref().map_or(&[][..], |known| &known.grams);
        let new = grams.iter().filter(|gram| known.binary_search(gram).is_err());
        self.grams_new.extend(new.map(|gram| (*gram, touched.slot)));
        let gone = known.iter().filter(|gram| grams.binary_search(gram).is_err());
        self.grams_gone.extend(gone.map(|gram| (*gram, touched.slot)));
    }

    async fn store(self, tx: &mut dyn Tx) -> Result<(), StoreError> {
        run(tx, ENTRY_INSERT, ENTRY_COLUMNS, &self.inserted).await?;
        run(tx, ENTRY_UPDATE, ENTRY_COLUMNS, &self.updated).await?;
        run(tx, INDEX_DELETE, 2, &self.index_gone).await?;
        run(tx, INDEX_UPSERT, INDEX_COLUMNS, &self.index_set).await?;
        run(tx, INDEX_INSERT, INDEX_COLUMNS, &self.index_new).await?;
        run(tx, GRAM_DELETE, 2, &pairs(&self.grams_gone)).await?;
        run(tx, GRAM_INSERT, 2, &pairs(&self.grams_new)).await
    }
}

fn pairs(grams: &[(i64, i64)]) -> Rows<'static> {
    grams.iter().flat_map(|(gram, slot)| [Value::Integer(*gram), Value::Integer(*slot)]).collect()
}

fn grams(touched: &Touched<'_>) -> Vec<i64> {
    let given = touched.given_number.as_deref().map(search_terms).unwrap_or_default();
    index::grams(touched.write.grams.iter().chain(&given).map(String::as_str))
}

fn entry_row<'e>(touched: &'e Touched<'_>, grams: &[i64]) -> [Value<'e>; ENTRY_COLUMNS] {
    let entry: &Entry = &touched.write.entry;
    let number = touched.given_number.as_deref().or(entry.number.as_deref());
    let fields = serde_json::to_string(&entry.fields).expect("a JSON object has string keys only");
    [
        touched.slot.into(),
        entry.id.into(),
        entry.kind.as_str().into(),
        entry.region.into(),
        entry.state.as_str().into(),
        Value::optional(number),
        entry.title.as_str().into(),
        index::title_order(&entry.title).into(),
        Value::optional(entry.owner),
        entry.opened_at.into(),
        Value::optional(entry.due_at),
        Value::optional(entry.closed_at),
        entry.version.into(),
        Value::optional(entry.position.map(|p| p.lng)),
        Value::optional(entry.position.map(|p| p.lat)),
        Value::optional(entry.source.as_ref().map(|s| s.system.as_str())),
        Value::optional(entry.source.as_ref().map(|s| s.number.as_str())),
        entry.revision.into(),
        fields.into(),
        index::pack(grams).into(),
        Value::optional(entry.wake_at),
    ]
}
