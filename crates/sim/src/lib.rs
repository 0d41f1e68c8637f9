//! A simulated county: the demonstration data and virtual terminals.
//!
//! [`county`] invents a county (云岫县, 示例) from one seed: its map, its units and their fire systems.
//! [`terminal`] lets the fire terminals of that county live for days and speak GB/T 26875.3 over real
//! sockets; [`fleet`] are smoke detectors behind an operator's cloud. [`swarm`] is the same protocol without a story: load with a ledger, for the proof that nothing
//! acknowledged is lost. [`day`] is the other proof: days of the alarm engine on simulated time, with every promise
//! looked at after every step.
//!
//! Nothing here knows the database; only [`day`] knows the rules of the alarms. Everything invented is marked 示例.

mod chance;
pub mod county;
pub mod day;
pub mod fleet;
pub mod swarm;
pub mod terminal;
mod wall_clock;
