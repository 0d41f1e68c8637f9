//! Everything a move is judged by (场面): the entry, who acts, who is named, what is linked, and the time.
//!
//! `app` gathers it; nothing here looks anything up.

use crate::{Bench, Entry, Life};
use fengsui_base::{AccountId, EntryId, Position, Timestamp, WorkingCalendar};
use fengsui_catalog::{Kind, Move, Packs};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// What a move is judged by.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The ledger.
    pub kind: &'a Kind,
    /// The entry as it stands; for an opening move the draft that nothing was put into yet.
    pub entry: &'a Entry,
    /// Who acts.
    pub doer: &'a Doer,
    /// The persons that fields name, by account.
    pub people: &'a BTreeMap<EntryId, Person>,
    /// The entries that are linked to this one, counted by kind.
    pub linked: &'a BTreeMap<String, Linked>,
    /// The responsible unit, when there is one.
    pub unit: Option<&'a UnitFacts>,
    /// The rule packs, which reckon grades and ranges.
    pub packs: &'a Packs,
    /// Labels of posts, by name.
    pub posts: &'a dyn Fn(&str) -> String,
    /// The time.
    pub now: Timestamp,
    /// The calendar by which terms are counted.
    pub calendar: &'a WorkingCalendar,
}

/// Who acts, with the posts that hold for this entry.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Doer {
    /// The account; none for the system.
    pub account: Option<AccountId>,
    /// The name.
    pub name: String,
    /// The posts that hold for the place or the unit of the entry.
    pub posts: Vec<HeldPost>,
    /// Where the person stands, when the device says so.
    pub position: Option<Position>,
}

/// A post that holds for an entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeldPost {
    /// Name of the post.
    pub name: String,
    /// Whether it is held for the responsible unit itself.
    pub of_unit: bool,
}

/// A person that a field names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// The name.
    pub name: String,
    /// Number of the certificate (执法证), when there is one.
    pub certificate: Option<String>,
}

/// How many entries of a kind are linked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Linked {
    /// In all.
    pub total: u64,
    /// Not over yet.
    pub open: u64,
}

/// What a move may ask of the responsible unit.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct UnitFacts {
    /// Name.
    pub name: String,
    /// When it was founded.
    pub founded_on: Option<Date>,
    /// Where it is.
    pub position: Option<Position>,
}

impl Scene<'_> {
    /// The life of the entry so far; none before it was opened.
    pub fn life(&self) -> Option<Life> {
        Life::of(&self.entry.fields)
    }

    /// Where and when the entry is judged by rule packs.
    pub fn bench(&self) -> Bench<'_> {
        let today = self.calendar.day_of(self.now);
        Bench { kind: self.kind, packs: self.packs, region: self.entry.region, today }
    }

    /// The posts by which the doer may make the move.
    pub(crate) fn entitled(&self, mv: &Move) -> impl Iterator<Item = &HeldPost> {
        self.doer.posts.iter().filter(|held| mv.by.contains(&held.name))
    }

    /// Labels of posts, one after another.
    pub(crate) fn labels(&self, posts: &[String]) -> String {
        posts.iter().map(|p| (self.posts)(p)).collect::<Vec<_>>().join("、")
    }
}
