//! A county that does not exist (云岫县, 示例), drawn and peopled from one seed.
//!
//! The same seed gives the same county on every machine and in every year: numbers come from a stream
//! cipher, noise from integer hashing, sines from a library in Rust. All codes begin with 99, credit codes
//! with SL, telephone numbers have four or five digits, so that nothing here can be taken for real.
//!
//! The order of making is the order of nature: relief and water, then townships along the ridges, then
//! towns and roads, then villages, then people and their fire systems.

mod base_map;
mod floor_plan;
mod geometry;
mod grid;
mod land;
mod names;
mod partition;
mod past;
mod roads;
mod snapshot;
mod systems;
mod towns;
mod types;
mod units;

pub use base_map::Layer;
pub use floor_plan::FloorPlan;
pub use past::PastFire;
pub use snapshot::Snapshot;
pub use types::*;

use crate::chance::Chance;

/// Makes the county of this seed. Pure; takes about a second in a release build.
#[must_use]
pub fn generate(seed: u64) -> County {
    let land = land::Land::make(seed);
    let partition = partition::Partition::make(&land);
    let towns = towns::make(&land, seed);
    let settlements = towns::settle(&land, &partition, &towns, seed);
    let roads = roads::build(&land, &partition.outline, &towns, &settlements, seed);
    let mut units = units::make(&partition, &towns, &settlements, seed);
    let terminals = systems::equip(&mut units, seed);
    let map = base_map::draw(&land, &partition, &towns, &settlements, &roads, &mut Chance::new(seed, "map"));
    types::County::assemble(seed, &partition, &towns, &settlements, units, terminals, map)
}

#[cfg(test)]
mod tests;
