//! Scenarios of the desk, told through the application itself: alarms, seats, the start and the restart of a
//! node, accounts and registers. Where it is cheap they run on memory and on SQLite.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod accounts;
mod alarm;
mod archives;
mod calendar;
mod catalogs;
mod days;
mod delivery;
mod downlink;
mod due_days;
mod duty;
mod exports;
mod factors;
mod floors;
mod followers;
mod guard;
mod imports;
mod incidents;
mod issued_papers;
mod judgements;
mod ladder;
mod ledgers;
mod machine_clock;
mod messages;
mod node;
mod overlays;
mod pictures;
mod quarantine;
mod readings;
mod reckoning;
mod registers;
mod reminders;
mod saved_views;
mod search;
mod seats;
mod sheets;
mod stale;
mod stores;
mod templates;
mod todos;
mod windows;
