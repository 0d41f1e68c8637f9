//! Virtual terminals: what happens behind the fire terminals of a county, and how they tell it.
//!
//! - `script` writes what happens: cooking smoke, dust, real fires, failing mains, pump tests, lost lines.
//! - `day` tells a whole day by the clock, as data.
//! - `device` is one terminal as a state machine without socket or clock: time and bytes in, actions out.
//! - `past` knows what was measured before.
//! - `run` opens a real connection for each of them.
//!
//! A day in the county is mostly quiet: a heartbeat each half minute and a few measured values. By day a
//! detector speaks up every five minutes or so, nearly always for nothing.

mod day;
mod device;
mod past;
mod run;
mod script;
#[cfg(test)]
mod tests;
mod wire;

pub use day::plan_days;
pub use device::{Action, Habits, Heartbeat, Notice, VirtualTerminal};
pub use past::measured;
pub use run::{DEAF_INDEX, DEFAULT_TARGET, Options, run};
pub use script::{Cue, Plan, SPEED_MAX, SPEED_MIN, plan};
pub use wire::Signal;
