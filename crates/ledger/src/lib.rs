//! Ledger (台账): the one envelope that every record shares, and the line of journal (留痕) that every change leaves.
//!
//! A unit, a terminal, an alarm and an account are all *entries*: typed columns for what every list sorts
//! and filters by, and a JSON object for the rest, checked against the catalog that describes the kind.
//!
//! A kind whose life is written in the catalog (states, moves, clocks) is lived here: [`perform`] judges a move and says
//! what it changes, [`actions`] says what a page may offer, [`call`] says what a clock has to say. None of them knows a
//! kind by name.

mod arrive;
mod bounds;
mod clock;
mod day;
mod entry;
mod guard;
mod index;
mod journal;
mod judge;
mod life;
mod moves;
mod place;
mod renamed;
mod scene;
mod trial;

pub use arrive::{ARRIVAL_PLACES, Arrival, arrival_words, arrive, restored, untouched_life};
pub use clock::{Call, call, next_call, reckon_again, rewoken};
pub use entry::{Entry, Source, UNIT_FIELD};
pub use index::{GRAMS_MAX, IndexRow, IndexValue, grams, index_rows, search_terms};
pub use journal::{JournalLine, Subject};
pub use judge::{Bench, JUDGED_FIELD, Judged, Reckoned, judgements_of};
pub use life::{
    ESCALATED_ROW, HANDS_MAX, Hand, LIFE_FIELD, Life, Met, Owner, POST_ROW, PROVISIONAL_ROW, Running,
    reads_as,
};
pub use moves::{Action, Carried, Effects, actions, amend, deadlines_moved, may_amend, perform};
pub use place::place;
pub use renamed::renamed;
pub use scene::{Doer, HeldPost, Linked, Person, Scene, UnitFacts};
pub use trial::{Bounded, Trial, looked_at};
