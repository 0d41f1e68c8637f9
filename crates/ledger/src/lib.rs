//! Ledger (台账): the one envelope that every record shares, and the line of journal (留痕) that every change leaves.
//!
//! A unit, a terminal, an alarm and an account are all *entries*: typed columns for what every list sorts
//! and filters by, and a JSON object for the rest, checked against the catalog that describes the kind.

mod entry;
mod index;
mod journal;

pub use entry::{Entry, Source, UNIT_FIELD};
pub use index::{GRAMS_MAX, IndexRow, IndexValue, grams, index_rows, search_terms};
pub use journal::{JournalLine, Subject};
