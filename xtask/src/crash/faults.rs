//! Write faults: the n-th write or flush of the data folder fails, for n = 1, 2, 3 …
//!
//! After an I/O error the program must say so and end, because after a failed flush the disk's word is worth
//! nothing. A full disk it may outlive, or end with a sentence when it cannot even start. Either way nothing that
//! was acknowledged may be missing when all faults are over.

use super::server::Server;
use super::{Options, Tail, audit, reach, swarm_options};
use anyhow::{Context, Result, ensure};
use fengsui_sim::swarm;
use std::path::Path;
use std::time::Duration;

/// What fails, how, and whether the program must end.
const FAULTS: [(&str, &str, bool); 4] =
    [("sync", "EIO", true), ("sync", "ENOSPC", true), ("write", "EIO", true), ("write", "ENOSPC", false)];
/// How long the program may take to meet the fault and end.
const END_WAIT: Duration = Duration::from_secs(60);
/// Acknowledgements that prove a program alive after a full disk.
const ALIVE_ACKS: u64 = 200;

/// Runs all faults at the first `steps` writes and flushes.
pub(super) async fn conduct(options: &Options, steps: u32, binary: &Path, folder: &Path) -> Result<bool> {
    let mut server = Server::prepare(binary, folder)?;
    server.start()?;
    server.ready().await?;
    let (ledger, stop) = (folder.join("acknowledged.tsv"), folder.join("stop"));
    let target = server.gateway().to_string();
    let load = tokio::spawn(swarm::run(swarm_options(options, target, &ledger, &stop)));
    let mut seen = reach(ALIVE_ACKS, &mut server, &mut Tail::of(&ledger)).await?;
    let (mut passed, mut failed) = (0, 0);
    for step in 1..=steps {
        for (operation, errno, must_end) in FAULTS {
            server.kill()?;
            server.fault(&format!("{operation}:{errno}:{step}"))?;
            let told = meet(&mut server, must_end, &mut seen, &ledger).await?;
            println!("{operation:>5} {step:>3} {errno:>6}: {}", told.as_deref().unwrap_or("BROKEN PROMISE"));
            if told.is_some() { passed += 1 } else { failed += 1 }
        }
    }
    server.kill()?;
    server.no_fault();
    server.start()?;
    reach(seen + ALIVE_ACKS, &mut server, &mut Tail::of(&ledger)).await?;
    std::fs::write(&stop, "")?;
    load.await.context("the swarm fell over")?.context("the swarm gave up")?;
    server.kill()?;
    let found = audit::audit(&ledger, "sqlite", &folder.join("data")).await?;
    println!("{found}");
    if found.is_clean() {
        passed += 1
    } else {
        failed += 1
    }
    println!("{passed} passed, {failed} failed");
    Ok(failed == 0)
}

/// Starts the server and sees what it does about the fault; `None` when it neither ended with a sentence nor,
/// where it may, worked on.
async fn meet(server: &mut Server, must_end: bool, seen: &mut u64, ledger: &Path) -> Result<Option<String>> {
    server.start()?;
    let wait = if must_end { END_WAIT } else { Duration::from_secs(3) };
    let ended = server.ends(wait).await?;
    *seen = super::lines(ledger).max(*seen);
    if let Some(status) = ended {
        ensure!(!status.success(), "a program that meets a fault does not end in success");
        let last = server.log();
        let sentence = last.lines().rev().find(|line| line.chars().any(|c| ('一'..='龥').contains(&c)));
        return Ok(sentence.map(|s| format!("ended: {}", s.trim())));
    }
    if must_end {
        return Ok(None);
    }
    *seen = reach(*seen + ALIVE_ACKS, server, &mut Tail::of(ledger)).await?;
    Ok(Some("worked on".to_owned()))
}
