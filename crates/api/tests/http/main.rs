//! The HTTP side as a browser meets it: who may call what, the gate before every route, the live stream, and the
//! shape of the answers. The router is called in process, over the real application on memory.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod access;
mod archive;
mod clocks;
mod encrypted;
mod gate;
mod guards;
mod judgements;
mod lists;
mod live;
mod papers;
mod site;
mod snapshots;
