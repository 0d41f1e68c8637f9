//! What storage promises.
//!
//! A [`ChangeSet`] is the narrow waist of the system: every change, by whomever, becomes one before it is
//! stored, and nothing is stored any other way. A [`Query`] is the waist for lists. The promises are written
//! down twice: in the docs of [`Store`], and as the cases in [`conformance`], which every engine passes:
//! the in-memory model here, SQLite and PostgreSQL in `store-sql`.
//!
//! Promises that everything above leans on:
//! - what [`Store::commit`] reports as committed survives a power cut;
//! - every committed ChangeSet has the next number of one gapless sequence;
//! - the same receipt twice is stored once and answered the same;
//! - expectations of a ChangeSet hold at the moment it is stored, or nothing of it is.

mod blob;
mod chain;
mod change;
pub mod conformance;
mod model;
mod query;
mod rows;
mod store;
mod verify;

pub use blob::{Blob, blob_key, blob_name, blob_prefix};
pub use chain::{Chain, Digest, line_digest, line_text};
pub use change::{
    CatalogText, ChangeSet, Committed, CredentialWrite, EntryWrite, Erasure, Expect, Failure, FrameRecord,
    HeardWrite, KeyWrite, Numbering, OutboxMessage, Outcome, ReadingWrite, Receipt, SampleWrite, SecretWrite,
    SessionWrite, StateWrite,
};
pub use model::{Door, MemoryStore};
pub use query::{
    COUNTED_MAX, Cursor, Direction, Filter, INDEX_TEXT_CHARS, PAGE_MAX, Page, Query, Sort, TITLE_ORDER_CHARS,
    index_text,
};
pub use rows::{
    Credential, FrameRow, Head, JournalRow, LastReading, LastState, OutboxRow, Part, SampleBucket,
    SessionRow, StateKey, StateRow, Storage, Tally, Verification,
};
pub use store::{
    Epoch, JournalChange, Lease, SAMPLE_BUCKETS_MAX, SCAN_MAX, Scanned, Store, StoreError, bucket_s, step_us,
};
pub use verify::{Verifier, verify};
