//! What a ledger entry remembers of its own life (经历): who opened it, who moved it, and the clock that runs now.
//!
//! It lies among the entry's fields under a name that no form can use, so that every engine stores it without knowing of
//! it; the timeline that people read is the journal.

use crate::{Entry, IndexRow, IndexValue};
use fengsui_base::{AccountId, Deadline, Due, EntryId, Fields, Term, TermUnit, Timestamp};
use fengsui_catalog::Kind;
use serde::{Deserialize, Serialize};

/// Name under which the life lies among the fields.
pub const LIFE_FIELD: &str = "_life";
/// Most hands an entry remembers; the oldest but the first are forgotten then, the journal keeps them all.
pub const HANDS_MAX: usize = 64;

/// The life of an entry so far.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Life {
    /// When it came into its present state.
    pub entered_at: Timestamp,
    /// Who moved it, oldest first; the first one opened it.
    pub hands: Vec<Hand>,
    /// The deadline that runs, unless life is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Running>,
    /// How the last deadline was met, once life is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub met: Option<Met>,
    /// The version that a person made last, where only the program has written since: a reminder, an escalation, a deadline
    /// reckoned anew. None when the present one is a person's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hand_version: Option<u64>,
}

/// A move that was made.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Hand {
    /// The move.
    #[serde(rename = "move")]
    pub mv: String,
    /// Whose hand; none when the system did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<AccountId>,
    /// The name as it was then.
    pub name: String,
    /// When.
    pub at: Timestamp,
}

/// A deadline that runs.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Running {
    /// Since when.
    pub started_at: Timestamp,
    /// Until when, and whether that may still move.
    #[serde(flatten)]
    pub due: Due,
    /// The term it was counted by; none for a day that was fixed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<Term>,
    /// Who must act.
    pub owner: Owner,
    /// How often it began anew, as by an extension.
    #[serde(default)]
    pub extended: u8,
    /// How many of its calls (reminder, escalations) were made.
    #[serde(default)]
    pub called: u8,
    /// The post that heard of it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalated_to: Option<String>,
}

/// Who must act.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// A person.
    Account(EntryId),
    /// The responsible unit.
    Unit(EntryId),
    /// Everybody who holds the post there.
    Post(String),
}

/// A deadline that is over.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Met {
    /// Since when it ran.
    pub started_at: Timestamp,
    /// Until when.
    #[serde(flatten)]
    pub due: Due,
    /// The term it was counted by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<Term>,
}

impl Life {
    /// The life in an entry's fields, when it has one.
    pub fn of(fields: &Fields) -> Option<Self> {
        fields.get(LIFE_FIELD).and_then(|v| Self::deserialize(v).ok())
    }

    /// Writes it among the fields.
    pub fn write(&self, fields: &mut Fields) {
        let value = serde_json::to_value(self).unwrap_or_default();
        fields.insert(LIFE_FIELD.to_owned(), value);
    }

    /// Who opened the entry.
    pub fn maker(&self) -> Option<AccountId> {
        self.hands.first().and_then(|h| h.by)
    }

    /// The hands since the present state began.
    pub fn lately(&self) -> impl Iterator<Item = &Hand> {
        self.hands.iter().filter(|h| h.at >= self.entered_at)
    }

    /// Says that the program writes the next version, and no person.
    pub(crate) fn written_by_itself(&mut self, before: &Entry) {
        self.hand_version.get_or_insert(before.version);
    }

    /// Remembers a hand, and forgets the oldest but the first beyond [`HANDS_MAX`].
    pub fn remember(&mut self, hand: Hand) {
        self.hands.push(hand);
        if self.hands.len() > HANDS_MAX {
            self.hands.remove(1);
        }
    }
}

/// Whether whoever read this version of an entry has read what stands in it now: no person has changed it since, only its
/// clock has spoken.
///
/// A form that was open meanwhile is judged as of now, on fields that are those it was filled in beside.
pub fn reads_as(entry: &Entry, version: u64) -> bool {
    let by_hand = Life::of(&entry.fields).and_then(|life| life.hand_version);
    (by_hand.unwrap_or(entry.version)..=entry.version).contains(&version)
}

impl Running {
    /// The deadline, judged as one that was met at an instant or still runs.
    pub fn deadline(&self, closed_at: Option<Timestamp>) -> Deadline {
        Deadline { started_at: self.started_at, due: self.due, unit: unit_of(self.term, self.due), closed_at }
    }
}

impl Met {
    /// The deadline that was met, or missed, at an instant.
    pub fn deadline(&self, closed_at: Timestamp) -> Deadline {
        let unit = unit_of(self.term, self.due);
        Deadline { started_at: self.started_at, due: self.due, unit, closed_at: Some(closed_at) }
    }
}

/// What a deadline is told in: the unit of its term; for a fixed day days, for a fixed instant hours.
fn unit_of(term: Option<Term>, due: Due) -> TermUnit {
    let fixed = if due.on.is_some() { TermUnit::Days } else { TermUnit::Hours };
    term.map_or(fixed, Term::unit)
}

impl Owner {
    /// The entry in the column of owners, when it is one.
    pub fn entry(&self) -> Option<EntryId> {
        match self {
            Self::Account(id) | Self::Unit(id) => Some(*id),
            Self::Post(_) => None,
        }
    }
}

/// Name of the row that says which post must act.
pub const POST_ROW: &str = "_post";
/// Name of the row that says which post heard of it last.
pub const ESCALATED_ROW: &str = "_to";
/// Name of the row that says that the deadline may still move.
pub const PROVISIONAL_ROW: &str = "_provisional";

/// The rows by which lists find what somebody must do.
pub(crate) fn life_rows(kind: &Kind, fields: &Fields) -> Vec<IndexRow> {
    let clock = kind.is_ledger().then(|| Life::of(fields)).flatten().and_then(|life| life.clock);
    let Some(clock) = clock else { return Vec::new() };
    let row = IndexRow::of;
    let post = match &clock.owner {
        Owner::Post(post) => Some(row(POST_ROW, IndexValue::Text(post.clone()))),
        Owner::Account(_) | Owner::Unit(_) => None,
    };
    let escalated = clock.escalated_to.map(|to| row(ESCALATED_ROW, IndexValue::Text(to)));
    let provisional = clock.due.provisional.then(|| row(PROVISIONAL_ROW, IndexValue::Integer(1)));
    [post, escalated, provisional].into_iter().flatten().collect()
}
