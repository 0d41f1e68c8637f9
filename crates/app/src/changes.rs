//! From the subjects' own words to a ChangeSet: entries with their index rows, journal lines with their salt.

use crate::{App, OpenAlarm};
use fengsui_alarm::{Alarm, Event, Ground};
use fengsui_base::{Actor, EntryId, Fields, RegionCode, Timestamp};
use fengsui_ledger::{Entry, JournalLine, Subject, grams, index_rows};
use fengsui_store::{ChangeSet, EntryWrite, Expect, KeyWrite, Numbering, Receipt};
use serde_json::Value;

/// For how long the same `Idempotency-Key` is the same request, in seconds: a day.
const RECEIPT_WINDOW_S: u32 = 86_400;

/// What is said in one journal line, but for who and when.
pub(crate) struct Said {
    /// Stable word.
    pub(crate) verb: &'static str,
    /// Sentence.
    pub(crate) text: String,
    /// Where the evidence is.
    pub(crate) evidence: &'static str,
    /// Facts.
    pub(crate) facts: Fields,
}

impl Said {
    pub(crate) fn new(verb: &'static str, text: impl Into<String>, evidence: &'static str) -> Self {
        Self { verb, text: text.into(), evidence, facts: Fields::new() }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.facts.insert(name.to_owned(), value.into());
        self
    }
}

/// An alarm as it stands before a change.
pub(crate) struct Before<'e> {
    /// Its entry; the fields are not asked.
    entry: &'e Entry,
    /// Whether it holds its slot.
    holds_slot: bool,
}

impl<'e> From<&'e Entry> for Before<'e> {
    fn from(entry: &'e Entry) -> Self {
        Self { entry, holds_slot: crate::entries::read(entry).is_some_and(|alarm| alarm.holds_slot()) }
    }
}

impl<'e> From<&'e OpenAlarm> for Before<'e> {
    fn from(open: &'e OpenAlarm) -> Self {
        Self { entry: &open.entry, holds_slot: open.alarm.holds_slot() }
    }
}

impl App {
    /// A journal line about an entry.
    pub(crate) fn line(
        &self,
        kind: &str,
        id: EntryId,
        region: RegionCode,
        at: Timestamp,
        actor: &Actor,
        said: Said,
    ) -> JournalLine {
        JournalLine {
            subject: Subject { kind: kind.to_owned(), id },
            region,
            at,
            verb: said.verb.to_owned(),
            actor: actor.clone(),
            text: said.text,
            evidence: said.evidence.to_owned(),
            facts: said.facts,
            salt: self.entropy.bytes(),
        }
    }

    /// A journal line about this entry.
    pub(crate) fn line_on(&self, entry: &Entry, at: Timestamp, actor: &Actor, said: Said) -> JournalLine {
        self.line(&entry.kind, entry.id, entry.region, at, actor, said)
    }

    /// The entry as it is stored, with what its kind declares searchable.
    pub(crate) fn write(&self, entry: Entry, numbering: Numbering) -> EntryWrite {
        let kind = self
            .catalog
            .kind(&entry.kind)
            .expect("the shipped catalog has every kind that the program writes");
        let index = index_rows(kind, &entry.fields);
        let grams = grams(kind, &entry.title, entry.number.as_deref(), &entry.fields);
        EntryWrite { entry, numbering, index, grams }
    }

    /// A new entry in the first state of its kind.
    pub(crate) fn fresh(
        &self,
        kind: &str,
        region: RegionCode,
        title: &str,
        fields: Fields,
        at: Timestamp,
    ) -> Entry {
        let first = self.catalog.kind(kind).and_then(|k| k.states.first()).map_or("", |s| s.name.as_str());
        Entry {
            id: self.entropy.id(at),
            kind: kind.to_owned(),
            region,
            state: first.to_owned(),
            number: None,
            title: title.to_owned(),
            owner: None,
            opened_at: at,
            due_at: None,
            wake_at: None,
            closed_at: None,
            version: 1,
            position: None,
            source: None,
            revision: self.catalog.revision(),
            fields,
        }
    }

    /// The alarm with its ladder in step with its state, and with the resent reports that memory has counted.
    fn paced(&self, alarm: &Alarm, now: Timestamp) -> Alarm {
        let unit = alarm.raise.unit.and_then(|id| self.board.unit(id));
        let ground = Ground {
            waits: self.node.waits,
            small_place: unit.is_some_and(|u| fengsui_alarm::is_small_place(&u.category, u.key_unit)),
            manned: self.board.is_manned(),
        };
        let mut alarm = alarm.clone();
        alarm.pace(ground, now);
        if let Some((times, last_at)) = self.board.again(alarm.id) {
            alarm.came_again(times, last_at);
        }
        alarm
    }

    /// The entry of an alarm, its number aside.
    pub(crate) fn alarm_entry(&self, alarm: &Alarm, before: Option<&Entry>) -> Entry {
        let raise = &alarm.raise;
        let title = raise
            .unit_name
            .as_deref()
            .map_or_else(|| raise.place.clone(), |unit| format!("{unit} {}", raise.place));
        Entry {
            id: alarm.id.into(),
            kind: "alarm".to_owned(),
            region: raise.region,
            state: alarm.state().to_owned(),
            number: before.and_then(|e| e.number.clone()),
            title,
            owner: alarm.holder().map(|h| h.officer.id.into()),
            opened_at: raise.raised_at,
            due_at: alarm.due_at(),
            wake_at: None,
            closed_at: alarm.closed_at(),
            version: before.map_or(1, |e| e.version + 1),
            position: raise.position,
            source: None,
            revision: self.catalog.revision(),
            fields: alarm_fields(alarm),
        }
    }

    /// Adds an alarm's steps to a ChangeSet: the entry once with its clock in step, its slot, a journal line for
    /// each step.
    pub(crate) fn add_alarm(
        &self,
        change: &mut ChangeSet,
        alarm: &Alarm,
        before: Option<Before<'_>>,
        steps: Vec<Said>,
        actor: &Actor,
    ) {
        let alarm = &self.paced(alarm, change.at);
        let held = before.as_ref().is_some_and(|b| b.holds_slot);
        let before = before.map(|b| b.entry);
        let slot = alarm.raise.slot.clone();
        match (held, alarm.holds_slot()) {
            (false, true) => {
                // A slot that another alarm gives up in this very change is held until then, as its version says.
                if !change.keys.contains(&KeyWrite::Free(slot.clone())) {
                    change.expects.push(Expect::Absent(slot.clone()));
                }
                change.keys.push(KeyWrite::Take(slot, alarm.id.into()));
            }
            (true, false) => change.keys.push(KeyWrite::Free(slot)),
            (true, true) | (false, false) => {}
        }
        let numbering = if before.is_none() { daily_number(alarm.raise.raised_at) } else { Numbering::Keep };
        let entry = self.alarm_entry(alarm, before);
        let lines = steps.into_iter().map(|said| self.line_on(&entry, change.at, actor, said));
        change.journal.extend(lines);
        change.entries.push(self.write(entry, numbering));
    }
}

impl Said {
    /// What an event of an alarm leaves in the journal.
    pub(crate) fn of(event: &Event, alarm: &Alarm, evidence: &'static str) -> Self {
        Self::new(event.verb(), event.sentence(alarm), evidence)
    }
}

/// The receipt of a create that carried an `Idempotency-Key`, for one account and one kind: the same key on
/// another form is another request.
pub(crate) fn receipt(key: Option<String>, account: EntryId, made: &Entry) -> Option<Receipt> {
    let (kind, answer) = (&made.kind, Value::String(made.id.to_string()));
    key.map(|key| Receipt { key: format!("http/{account}/{kind}/{key}"), answer, window_s: RECEIPT_WINDOW_S })
}

fn alarm_fields(alarm: &Alarm) -> Fields {
    let Ok(Value::Object(mut fields)) = serde_json::to_value(alarm) else { return Fields::new() };
    if let Some(verdict) = alarm.verdict() {
        fields.insert("finding".to_owned(), Value::from(verdict.finding.code()));
        fields.extend(verdict.cause.map(|cause| ("cause".to_owned(), Value::from(cause.code()))));
    }
    if let Some(member) = &alarm.member {
        fields.insert("head".to_owned(), Value::from(member.head.to_string()));
    }
    fields
}

/// `20261121-0043`: the day in the office's zone and the number of the day.
pub(crate) fn daily_number(at: Timestamp) -> Numbering {
    let day = china_day(at).strftime("%Y%m%d").to_string();
    Numbering::Next { series: format!("alarm/{day}"), prefix: format!("{day}-"), width: 4 }
}

/// The civil date in China.
pub(crate) fn china_day(at: Timestamp) -> jiff::civil::Date {
    jiff::tz::Offset::constant(8).to_datetime(at).date()
}

/// Midnight of the civil date in China at this instant.
pub(crate) fn china_midnight(at: Timestamp) -> Timestamp {
    let midnight = china_day(at).at(0, 0, 0, 0);
    jiff::tz::Offset::constant(8).to_timestamp(midnight).expect("midnight of a day that exists is an instant")
}
