//! What a commit reported is there after `kill -9`.
//!
//! The test starts itself as a child that commits without end and prints each number after its commit was
//! reported; the parent kills it in the middle and looks at what is left.

// Helpers of tests may stop the test as the tests themselves may.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use fengsui_store::conformance::given::{active, unit, units, write, writes};
use fengsui_store::{Outcome, Store, verify};
use fengsui_store_sql::SqlStore;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

const CHILD: &str = "FENGSUI_CRASH_CHILD";
const MARK: &str = "reported ";
/// How many numbers the parent reads in each round before it kills.
const ROUNDS: [u64; 6] = [1, 7, 40, 3, 150, 23];

#[test]
fn what_was_reported_survives_kill_9() {
    match std::env::var_os(CHILD) {
        Some(folder) => commit_for_ever(Path::new(&folder)),
        None => kill_and_look(),
    }
}

fn kill_and_look() {
    let folder = tempfile::tempdir().unwrap();
    for wanted in ROUNDS {
        let reported = run_and_kill(folder.path(), wanted);
        look(folder.path(), reported);
    }
}

/// The last number that the child reported.
fn run_and_kill(folder: &Path, wanted: u64) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "what_was_reported_survives_kill_9", "--nocapture"])
        .env(CHILD, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut numbers = lines.filter_map(|line| line.strip_prefix(MARK).map(|n| n.parse::<u64>().unwrap()));
    let reached = numbers.by_ref().take(usize::try_from(wanted).unwrap()).last().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    // What it had still written into the pipe was reported as well.
    numbers.last().unwrap_or(reached)
}

#[tokio::main(flavor = "current_thread")]
async fn look(folder: &Path, reported: u64) {
    let store = SqlStore::open("sqlite", folder).await.unwrap();
    let found = verify(&store).await.unwrap();
    let head = store.head().await.unwrap();
    assert!(head.seq >= reported, "{reported} was reported, {} is there", head.seq);
    assert_eq!((found.broken, found.verified_to, found.chain), (None, head.seq, head.chain));
    assert_eq!(store.count(&units()).await.unwrap(), head.seq, "one entry for each change");
}

#[tokio::main(flavor = "current_thread")]
async fn commit_for_ever(folder: &Path) {
    let store = SqlStore::open("sqlite", folder).await.unwrap();
    let epoch = active(&store).await;
    let mut next = store.head().await.unwrap().seq + 1;
    let mut out = std::io::stdout();
    loop {
        let batch = (0..1 + next % 3).map(|n| writes(0, [write(unit(u128::from(next + n)))])).collect();
        for outcome in store.commit(epoch, batch).await.unwrap() {
            let Outcome::Committed(committed) = outcome else { panic!("not stored: {outcome:?}") };
            writeln!(out, "{MARK}{}", committed.seq).unwrap();
            next = committed.seq + 1;
        }
        out.flush().unwrap();
    }
}
