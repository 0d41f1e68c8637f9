//! Terminals, points, last-known state and the life of an alarm; no I/O.
