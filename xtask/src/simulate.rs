//! Simulated days: the alarm engine through thousands of county-days, every promise looked at after every step.
//!
//! Seeds that broke a promise once are played first. A new one is told as a story, with the command that plays it
//! again, and is added to the kept ones, so that it stays a test for good.

use anyhow::{Context, Result};
use fengsui_sim::day::{self, Broken};
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Where seeds that broke a promise are kept.
const KEPT: &str = "crates/sim/days.txt";
/// Most broken days that are told and kept in one run: usually they all break the same promise.
const TOLD_MAX: usize = 5;

/// What is played.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// How many days, besides the kept ones.
    #[arg(long, default_value_t = 10_000)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Plays this one day and tells its story.
    #[arg(long, value_name = "SEED", conflicts_with_all = ["seeds", "first"])]
    replay: Option<u64>,
}

/// Runs it. `false` when a promise was broken.
pub(crate) fn run(options: &Options) -> Result<bool> {
    match options.replay {
        Some(seed) => Ok(replay(seed)),
        None => simulate(options),
    }
}

fn replay(seed: u64) -> bool {
    let day = day::play(seed, None, true);
    match &day.broken {
        Some(broken) => tell(seed, broken),
        None => println!("day {seed} keeps every promise, {} changes", day.changes),
    }
    day.broken.is_none()
}

fn tell(seed: u64, broken: &Broken) {
    broken.story.iter().for_each(|line| println!("{line}"));
    println!("day {seed}: {} is broken: {}", broken.predicate, broken.detail);
    println!("again: cargo xtask simulate --replay {seed}");
}

fn simulate(options: &Options) -> Result<bool> {
    let began = Instant::now();
    let seeds: Vec<u64> =
        day::kept().into_iter().chain(options.first..options.first + options.seeds).collect();
    let (next, changes, broken) = (AtomicU64::new(0), AtomicU64::new(0), Mutex::new(Vec::new()));
    let play = || {
        while let Some(seed) =
            usize::try_from(next.fetch_add(1, Ordering::Relaxed)).ok().and_then(|n| seeds.get(n))
        {
            let day = day::play(*seed, None, false);
            changes.fetch_add(day.changes, Ordering::Relaxed);
            if day.broken.is_some() {
                broken.lock().unwrap_or_else(PoisonError::into_inner).push(*seed);
            }
        }
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..workers).for_each(|_| drop(scope.spawn(play))));
    let mut broken = broken.into_inner().unwrap_or_else(PoisonError::into_inner);
    broken.sort_unstable();
    println!(
        "{} days, {} changes, {:.1} s on {workers} threads",
        seeds.len(),
        changes.load(Ordering::Relaxed),
        began.elapsed().as_secs_f64()
    );
    broken.iter().take(TOLD_MAX).try_for_each(|seed| keep(*seed))?;
    println!("{} passed, {} failed", seeds.len() - broken.len(), broken.len());
    Ok(broken.is_empty())
}

/// Tells a broken day and adds it to the kept ones.
fn keep(seed: u64) -> Result<()> {
    let Some(broken) = day::play(seed, None, true).broken else { return Ok(()) };
    tell(seed, &broken);
    if day::kept().contains(&seed) {
        return Ok(());
    }
    let path = crate::house::root().join(KEPT);
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).context(KEPT)?;
    Ok(writeln!(file, "{seed} # {}", broken.predicate)?)
}
