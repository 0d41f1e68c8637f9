//! The waist for lists: one value that says which entries, in which order, from where.

use fengsui_base::{EntryId, Scope, Timestamp};
use fengsui_ledger::{Entry, IndexValue};
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::Range;

/// Most entries on one page.
pub const PAGE_MAX: u16 = 200;

/// Lists count so many of their entries and no further. A list's total is therefore exact up to here; one more says
/// that there are more (多于 10,000).
pub const COUNTED_MAX: u64 = 10_000;

/// How many characters of a title count for the order by title; titles that differ only behind them are
/// ordered by id. It keeps the index rows of every engine small.
pub const TITLE_ORDER_CHARS: usize = 256;

/// How many characters of an indexed text are indexed as they stand.
pub const INDEX_TEXT_CHARS: usize = 256;

/// The text by which an indexed text is found and tallied: itself, or, when it is longer than
/// [`INDEX_TEXT_CHARS`], its beginning with the SHA-256 of the whole in hexadecimal digits.
pub fn index_text(text: &str) -> Cow<'_, str> {
    if text.chars().nth(INDEX_TEXT_CHARS).is_none() {
        return Cow::Borrowed(text);
    }
    let digest = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let beginning: String = text.chars().take(INDEX_TEXT_CHARS - digest.len() - 1).collect();
    Cow::Owned(format!("{beginning}…{digest}"))
}

/// Which entries, in which order, from where. Scope is not optional: a list without one does not exist.
#[derive(Clone, PartialEq, Debug)]
pub struct Query {
    /// Kind in the catalog.
    pub kind: String,
    /// What the asker may see.
    pub scope: Scope,
    /// States wanted; empty for all.
    pub states: Vec<String>,
    /// All of these must hold.
    pub filters: Vec<Filter>,
    /// Grams that all must be present ([`fengsui_ledger::search_terms`]).
    pub terms: Vec<String>,
    /// Only entries opened within this half-open range.
    pub opened: Option<Range<Timestamp>>,
    /// Only entries whose deadline lies within this half-open range; what has none is left out.
    pub due: Option<Range<Timestamp>>,
    /// Order.
    pub sort: Sort,
    /// Direction of the order; ties are broken by id in the same direction.
    pub direction: Direction,
    /// Where the previous page ended. A cursor of another order than `sort` finds nothing.
    pub after: Option<Cursor>,
    /// How many, 1 … [`PAGE_MAX`]; more is cut to that.
    pub limit: u16,
}

impl Query {
    /// The newest entries of a kind within a scope.
    pub fn newest(kind: &str, scope: Scope) -> Self {
        Self {
            kind: kind.to_owned(),
            scope,
            states: Vec::new(),
            filters: Vec::new(),
            terms: Vec::new(),
            opened: None,
            due: None,
            sort: Sort::Opened,
            direction: Direction::Descending,
            after: None,
            limit: 50,
        }
    }
}

/// A condition on an indexed field.
#[derive(Clone, PartialEq, Debug)]
pub enum Filter {
    /// The field has this value.
    Is(String, IndexValue),
    /// The owner column is this entry.
    Owner(EntryId),
    /// The title is exactly this.
    Title(String),
}

/// What a list can be ordered by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Sort {
    /// When its life began.
    Opened,
    /// Title, by code point.
    Title,
    /// By when it must be done. A list in this order has only what has such a time.
    Due,
    /// When its clock has something to say next. A list in this order has only what has such a time.
    Wake,
    /// The place of this field's value ([`crate::EntryWrite::place`]). What has none stands behind everything that has one,
    /// whichever the direction is, in the order of its opening.
    Field(String),
}

/// Direction of the order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

impl Direction {
    /// What comes first in this direction, of two that compare so from the smallest on.
    pub fn of(self, upwards: Ordering) -> Ordering {
        if self == Direction::Ascending { upwards } else { upwards.reverse() }
    }
}

/// The last entry of a page: the next page starts behind it, whatever was inserted meanwhile.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Cursor {
    /// For [`Sort::Opened`].
    Opened(Timestamp, EntryId),
    /// For [`Sort::Title`]; only the first [`TITLE_ORDER_CHARS`] characters count.
    Title(String, EntryId),
    /// For [`Sort::Due`].
    Due(Timestamp, EntryId),
    /// For [`Sort::Wake`].
    Wake(Timestamp, EntryId),
    /// For [`Sort::Field`] of this name, behind an entry in this place.
    Placed(String, i64, EntryId),
    /// For [`Sort::Field`] of this name, behind an entry that has no place.
    Unplaced(String, Timestamp, EntryId),
}

impl Cursor {
    /// The cursor behind this entry in a list sorted so; `place` is where it stands in the order of the field, when the list
    /// is sorted by one.
    pub fn behind(entry: &Entry, sort: &Sort, place: Option<i64>) -> Self {
        match sort {
            Sort::Opened => Cursor::Opened(entry.opened_at, entry.id),
            Sort::Title => Cursor::Title(entry.title.chars().take(TITLE_ORDER_CHARS).collect(), entry.id),
            // Whatever has no such time is in no list of this order.
            Sort::Due => Cursor::Due(entry.due_at.unwrap_or(entry.opened_at), entry.id),
            Sort::Wake => Cursor::Wake(entry.wake_at.unwrap_or(entry.opened_at), entry.id),
            Sort::Field(field) => match place {
                Some(place) => Cursor::Placed(field.clone(), place, entry.id),
                None => Cursor::Unplaced(field.clone(), entry.opened_at, entry.id),
            },
        }
    }
}

impl Cursor {
    /// Which of two entries of a list comes first.
    pub fn order(&self, other: &Self, direction: Direction) -> Ordering {
        match (self, other) {
            // What has no place is last, whichever the direction is.
            (Cursor::Placed(..), Cursor::Unplaced(..)) => Ordering::Less,
            (Cursor::Unplaced(..), Cursor::Placed(..)) => Ordering::Greater,
            _ => direction.of(self.upwards(other)),
        }
    }

    fn upwards(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Cursor::Title(title, id), Cursor::Title(other, other_id)) => (title, id).cmp(&(other, other_id)),
            (Cursor::Placed(_, place, id), Cursor::Placed(_, other, other_id)) => {
                (place, id).cmp(&(other, other_id))
            }
            (Cursor::Opened(at, id), Cursor::Opened(other, other_id))
            | (Cursor::Due(at, id), Cursor::Due(other, other_id))
            | (Cursor::Wake(at, id), Cursor::Wake(other, other_id))
            | (Cursor::Unplaced(_, at, id), Cursor::Unplaced(_, other, other_id)) => {
                (at, id).cmp(&(other, other_id))
            }
            // Places of two orders are never compared: a cursor of another order finds nothing.
            _ => Ordering::Equal,
        }
    }
}

/// One page of a list.
#[derive(Clone, PartialEq, Debug)]
pub struct Page {
    /// The entries.
    pub items: Vec<Entry>,
    /// Where the next page starts; `None` at the end.
    pub next: Option<Cursor>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_indexed_whole_up_to_the_limit_and_told_apart_beyond() {
        let whole = "长".repeat(INDEX_TEXT_CHARS);
        assert_eq!(index_text(&whole), whole);
        let (a, b) = (format!("{whole}甲"), format!("{whole}乙"));
        assert_ne!(index_text(&a), index_text(&b));
        assert_eq!(index_text(&a).chars().count(), INDEX_TEXT_CHARS);
    }
}
