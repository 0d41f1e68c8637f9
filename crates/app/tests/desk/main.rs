//! Scenarios of the desk, told through the application itself: alarms, seats, the start and the restart of a
//! node, accounts and registers. Where it is cheap they run on memory and on SQLite.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod accounts;
mod alarm;
mod calendar;
mod days;
mod delivery;
mod downlink;
mod duty;
mod exports;
mod factors;
mod floors;
mod followers;
mod guard;
mod imports;
mod incidents;
mod ladder;
mod ledgers;
mod machine_clock;
mod messages;
mod node;
mod pictures;
mod quarantine;
mod readings;
mod reckoning;
mod registers;
mod seats;
mod stale;
mod stores;
mod todos;
mod windows;
