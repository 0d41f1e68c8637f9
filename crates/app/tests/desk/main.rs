//! Scenarios of the desk, told through the application itself: alarms, seats, the start and the restart of a
//! node, accounts and registers. Where it is cheap they run on memory and on SQLite.

mod accounts;
mod alarm;
mod node;
mod registers;
mod seats;
mod stores;
