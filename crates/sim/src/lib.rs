//! A simulated county: the demonstration data and virtual terminals.
