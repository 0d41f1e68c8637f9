//! The words every other crate speaks: ids, regions (行政区划), actors, positions and refusals.
//!
//! Nothing here reads a clock, draws a random number or touches a disk. Whoever needs an instant or an id
//! receives it as an argument, so that every decision above can be replayed from a record.

mod actor;
mod datum;
mod id;
mod position;
mod refusal;
mod region;
mod span;

pub use actor::{Actor, Device, Officer, Responder};
pub use datum::Datum;
pub use id::{AccountId, AlarmId, EntryId, PointId, TerminalId, UnitId};
pub use jiff::Timestamp;
pub use position::{Position, PositionError};
pub use refusal::{Place, Refusal, RefusalKind};
pub use region::{Level, Region, RegionCode, RegionCodeError, Scope};
pub use span::span_words;

/// A JSON object: the fields of an entry, the facts of a refusal.
pub type Fields = serde_json::Map<String, serde_json::Value>;
