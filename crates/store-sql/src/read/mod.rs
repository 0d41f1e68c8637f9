//! The named reads.

pub(crate) mod beside;
mod by_field;
pub(crate) mod clauses;
pub(crate) mod entries;
pub(crate) mod journal;
pub(crate) mod samples;
pub(crate) mod telemetry;

use fengsui_store::PAGE_MAX;

/// How many rows a page has that asks for so many.
fn bounded(limit: u16) -> u16 {
    limit.clamp(1, PAGE_MAX)
}
