//! The life of a ledger entry (生命周期) as data: its states with their clocks, and the moves between them.
//!
//! Everything here is a closed vocabulary: there is no script in the catalog, so a life can be checked whole before
//! anybody lives it ([`crate::Catalog::load`] says what is wrong, with file and line).

use fengsui_base::Term;
use serde::{Deserialize, Serialize};

/// One state of a kind.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Stable English name.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// Whether life is over in it: nobody has to do anything any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub end: bool,
    /// Who must act in it, and until when. Every state of a ledger that is not the end has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Clock>,
}

/// A deadline (时限): who must act, until when, by which article, and who hears of it when nobody did.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Who must act.
    pub owner: ClockOwner,
    /// The post that must act where the one who opened or moved the entry holds none that can go on: what a grid worker
    /// found waits for the supervisors, not for the grid worker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<String>,
    /// Until when.
    pub due: DueRule,
    /// A date field from which a term is counted; without it the entry into the state counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The legal source, such as 消防监督检查规定 第 19 条.
    pub basis: String,
    /// Who hears of it when the deadline has passed, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub escalates: Vec<Escalation>,
}

/// Who must act in a state.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ClockOwner {
    /// Whoever opened the entry.
    Maker,
    /// Whoever made the move into the state.
    Mover,
    /// The responsible unit (责任单位), which is the entry's field `unit`.
    Unit,
    /// Everybody who holds this post there.
    Post(String),
    /// The person whom this field names.
    Person(String),
}

/// Until when.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum DueRule {
    /// So long after the start.
    Term(Term),
    /// The day in this date field, until its end.
    Field(String),
    /// By the value of a choice: the limit of its category.
    By {
        /// The choice.
        field: String,
        /// The terms by value.
        terms: std::collections::BTreeMap<String, Term>,
        /// The term for every other value.
        otherwise: Term,
    },
}

/// One step of an escalation (升级).
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Escalation {
    /// How long after the deadline; at once without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Term>,
    /// The post that hears of it.
    pub to: String,
}

/// A move (动作) from one state to another. A move without a state to come from opens an entry.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// Stable English name.
    pub name: String,
    /// What people call it: 责令限期改正.
    pub label: String,
    /// States it may be made in; empty for one that opens an entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<String>,
    /// The state it leads to; without it the state stays, and so does its clock, unless `restarts`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Whether the clock of a state that stays begins anew, as an extension (延期) does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub restarts: bool,
    /// Posts that may make it.
    pub by: Vec<String>,
    /// Fields its form asks for; a `?` behind the name says that the field may stay empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asks: Vec<String>,
    /// What must hold besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub guards: Vec<Guard>,
    /// Fields it sets by itself.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub sets: serde_json::Map<String, serde_json::Value>,
    /// Marks that it leaves on the responsible unit in the register of units, in the same instant: a unit that is designated
    /// here is a key unit there.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub unit_sets: serde_json::Map<String, serde_json::Value>,
    /// Moves that it makes with linked entries, in the same instant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Also>,
    /// Papers (文书) by which this step is made on paper: the entry says which of them is still to be issued, sealed or
    /// served. They do not bar it: a brigade may have printed its paper from another system, and the step has its own proof.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub papers: Vec<String>,
    /// Whether it is made only by issuing a paper, never by a form.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub issues: bool,
    /// One sentence for whoever hesitates before the button.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// A move with the entries that a link names.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Also {
    /// The field of links.
    pub field: String,
    /// The move that is made with them.
    #[serde(rename = "move")]
    pub mv: String,
    /// Fields of this entry whose values go with it: theirs ← ours.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub fills: std::collections::BTreeMap<String, String>,
}

/// What must hold for a move (条件): a closed vocabulary.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Guard {
    /// So many persons of a field hold a certificate of enforcement.
    Officers {
        /// The field of persons.
        field: String,
        /// How many.
        least: u8,
    },
    /// Whoever does it acts for the authority, not for the responsible unit itself.
    NotTheUnit,
    /// This move was made before since the state began, by whoever may make it: an approval by a head.
    Approved(String),
    /// The field is there.
    Filled(String),
    /// The choice has one of these values.
    Is {
        /// The field.
        field: String,
        /// The values.
        one_of: Vec<String>,
    },
    /// So many photos or files are in a field.
    Files {
        /// The field.
        field: String,
        /// How many.
        least: u8,
    },
    /// The deadline has not passed.
    InTime,
    /// The deadline has passed: what the other side may still do in its time cannot be cut short.
    PastDue,
    /// There is at least so much time until the deadline.
    Ahead(Term),
    /// Whoever does it stands within so many metres of the place.
    WithinM(u32),
    /// So many entries of this kind are linked to this one.
    Linked {
        /// The kind.
        kind: String,
        /// How many.
        least: u32,
    },
    /// All entries of this kind that are linked to this one are over.
    LinkedEnded(String),
    /// Somebody else than who made this move.
    NotWhoDid(String),
    /// One day lies so long after another: at least, or at most. Days count as on the calendar, with no extension over
    /// holidays; working days as offices work. Hours are refused.
    Span {
        /// The earlier day: a date or instant field.
        from: String,
        /// The later day.
        to: String,
        /// The least that lies between.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        least: Option<Term>,
        /// The most that may lie between.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        most: Option<Term>,
        /// The most that may lie between, in years of the calendar, as a limitation counts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        most_years: Option<u8>,
    },
    /// A number or a sum of money (in fen) is not above a limit.
    AtMost {
        /// The field.
        field: String,
        /// The limit for every value of the choice that `limits` does not name; without it those are barred.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        most: Option<f64>,
        /// The choice that says which limit holds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
        /// The limits by its values.
        #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
        limits: std::collections::BTreeMap<String, f64>,
    },
    /// A number lies below a threshold, which itself does not count.
    Below {
        /// The field.
        field: String,
        /// The threshold, in the unit of the field.
        threshold: f64,
    },
    /// A number lies in the range that a rule pack gives for what the entry says; where the pack has no row for it, or a
    /// field that it looks at is empty, nothing is compared.
    InRange {
        /// The field; money is compared in yuan.
        field: String,
        /// Id of the pack.
        pack: String,
        /// What the pack looks at ← fields of the entry.
        takes: std::collections::BTreeMap<String, String>,
        /// The date field whose day decides which version holds; today without it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on: Option<String>,
    },
    /// A number has come up to the one that was aimed at.
    Reaches {
        /// The number.
        field: String,
        /// The field that says what was aimed at.
        target: String,
    },
    /// A part makes up such a share of a whole: two thirds of the experts agree.
    Share {
        /// The number that counts the part.
        part: String,
        /// The number that counts the whole.
        whole: String,
        /// The least share, as numerator and denominator.
        least: (u32, u32),
    },
}

impl Move {
    /// Whether it opens an entry.
    pub fn opens(&self) -> bool {
        self.from.is_empty()
    }

    /// The fields its form asks for, and whether each must be filled.
    pub fn asked(&self) -> impl Iterator<Item = (&str, bool)> {
        self.asks.iter().map(|ask| match ask.strip_suffix('?') {
            Some(name) => (name, false),
            None => (ask.as_str(), true),
        })
    }
}

impl Clock {
    /// The fields that its end depends on.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        let due = match &self.due {
            DueRule::Term(_) => None,
            DueRule::Field(field) | DueRule::By { field, .. } => Some(field.as_str()),
        };
        due.into_iter().chain(self.from.as_deref())
    }
}

impl Guard {
    /// Whether it compares what fields say with a limit, and with nothing else: such a limit holds for a correction too.
    pub fn is_limit(&self) -> bool {
        use Guard::{AtMost, Below, InRange, Reaches, Share, Span};
        matches!(
            self,
            Span { .. } | AtMost { .. } | Below { .. } | InRange { .. } | Reaches { .. } | Share { .. }
        )
    }

    /// The fields that it looks at.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        let second = match self {
            Self::Span { from, .. } => Some(from.as_str()),
            Self::Share { whole: field, .. } | Self::Reaches { target: field, .. } => Some(field.as_str()),
            Self::AtMost { by, .. } => by.as_deref(),
            _ => None,
        };
        let judged = match self {
            Self::InRange { takes, on, .. } => Some(takes.values().chain(on)),
            _ => None,
        };
        let judged = judged.into_iter().flatten().map(String::as_str);
        self.field().into_iter().chain(second).chain(judged)
    }

    /// The field that it looks at first, if any.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Officers { field, .. } | Self::Is { field, .. } | Self::Files { field, .. } => Some(field),
            Self::AtMost { field, .. } | Self::Below { field, .. } | Self::Reaches { field, .. } => {
                Some(field)
            }
            Self::InRange { field, .. } => Some(field),
            Self::Filled(field) | Self::Span { to: field, .. } | Self::Share { part: field, .. } => {
                Some(field)
            }
            Self::NotTheUnit
            | Self::Approved(_)
            | Self::InTime
            | Self::PastDue
            | Self::Ahead(_)
            | Self::WithinM(_)
            | Self::Linked { .. }
            | Self::LinkedEnded(_)
            | Self::NotWhoDid(_) => None,
        }
    }
}
