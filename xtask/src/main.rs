//! `cargo xtask`: what keeps the house in order.
//!
//! `check` proves the rules of the house, `openapi` writes the description of the HTTP side, `papers` the
//! templates of printed papers, `crash` kills the running system under load and counts what was lost, `overload` and
//! `hostile` offer it more, or worse, than it can take, `simulate` plays days of the alarm engine. Nothing of this is part of the shipped program.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a tool for developers: it talks to the terminal and kills at random moments"
)]

mod check;
mod crash;
mod hostile;
mod house;
mod openapi;
mod overload;
mod papers;
mod simulate;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Checks and tools of the house.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Proves the rules of the house; prints every mistake with file, line and remedy.
    Check,
    /// Writes docs/openapi.json, and the types of the browser from it.
    Openapi {
        /// Writes nothing; fails when what is committed differs.
        #[arg(long)]
        check: bool,
    },
    /// Writes the templates of printed papers in catalog/papers.
    Papers(papers::Options),
    /// Kills the running system under load and counts what was acknowledged and lost.
    Crash(crash::Options),
    /// Offers ten times what the program can carry, and accounts for every frame.
    Overload(overload::Options),
    /// Sends millions of inputs that no terminal would send, and looks whether the program grows.
    Hostile(hostile::Options),
    /// Plays simulated days of the alarm engine and looks at every promise after every step.
    Simulate(simulate::Options),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Check => check::run(),
        Task::Openapi { check } => openapi::run(check),
        Task::Papers(options) => papers::run(&options),
        Task::Crash(options) => crash::run(&options),
        Task::Overload(options) => overload::run(&options),
        Task::Hostile(options) => hostile::run(&options),
        Task::Simulate(options) => simulate::run(&options),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::from(2)
        }
    }
}
