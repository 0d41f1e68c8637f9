//! Power cuts: the data lies on a disk of its own whose power is cut under load, again and again.
//!
//! The processor stops in the moment before the disk does, as it does without power. A program that lives on may be told
//! "flushed" by the file system for what the cut has just dropped (a flush under way when the call comes may return
//! without an error), and would pass that on; no machine without power can.
//!
//! The control has a disk that lies: it says "flushed" and flushes nothing. The same count must then find losses.

use super::disk::{self, Disk, FileSystem};
use super::server::Server;
use super::{Options, Tail, audit, random, reach, swarm_options};
use anyhow::{Context, Result};
use fengsui_sim::swarm;
use std::path::Path;

/// Cuts the power as often as asked, half on each file system unless one is named.
pub(super) async fn conduct(options: &Options, cuts: u32, binary: &Path, folder: &Path) -> Result<bool> {
    let trial = folder.join("trial");
    std::fs::create_dir_all(&trial)?;
    if let Some(why) = disk::obstacle(&trial) {
        println!("not possible here: {why}");
        println!("0 passed, 0 failed");
        return Ok(true);
    }
    let systems = options.filesystem.map_or(FileSystem::ALL.to_vec(), |system| vec![system]);
    let share = cuts.div_ceil(u32::try_from(systems.len())?);
    let mut passed = 0;
    for system in &systems {
        let own = folder.join(format!("{system:?}"));
        std::fs::create_dir_all(&own)?;
        passed += usize::from(on(options, *system, share, binary, &own).await?);
    }
    println!("{passed} passed, {} failed", systems.len() - passed);
    Ok(passed == systems.len())
}

async fn on(options: &Options, system: FileSystem, cuts: u32, binary: &Path, folder: &Path) -> Result<bool> {
    println!("{system:?}: {cuts} power cuts, at least {} acknowledgements between them", options.acks);
    let mut server = Server::prepare(binary, folder)?;
    let disk = Disk::make(system, folder.join("disk.img"), folder.join("data"))?;
    if options.control {
        server.fault("lie")?;
    }
    server.start()?;
    server.ready().await?;
    let (ledger, stop) = (folder.join("acknowledged.tsv"), folder.join("stop"));
    let target = server.gateway().to_string();
    let load = tokio::spawn(swarm::run(swarm_options(options, target, &ledger, &stop)));
    cut_again_and_again(options, cuts, &mut server, &disk, &ledger).await?;
    std::fs::write(&stop, "")?;
    let report = load.await.context("the swarm fell over")?.context("the swarm gave up")?;
    println!(
        "{} acknowledged in {:.0} s, {} frames repeated",
        report.acknowledged(),
        report.seconds,
        report.repeated
    );
    // The last cut stands: what is counted is what a dead machine left behind.
    let found = audit::audit(&ledger, "sqlite", &disk.folder).await;
    Ok(judge(options, found))
}

/// Stops the processor, cuts, brings the power back; the last cut is not followed by a start.
async fn cut_again_and_again(
    options: &Options,
    cuts: u32,
    server: &mut Server,
    disk: &Disk,
    ledger: &Path,
) -> Result<()> {
    let (mut acknowledged, mut tail) = (0, Tail::of(ledger));
    for cut in 1..=cuts {
        let wanted = acknowledged + options.acks + random(options.acks / 2 + 1);
        acknowledged = reach(wanted, server, &mut tail).await?;
        server.freeze()?;
        disk.cut()?;
        server.kill()?;
        println!("cut {cut:>4} after {acknowledged} acknowledgements");
        disk.come_back()?;
        if cut < cuts {
            server.start()?;
        }
    }
    Ok(())
}

fn judge(options: &Options, found: Result<audit::Found>) -> bool {
    match (options.control, found) {
        (true, Err(error)) => {
            println!("the control lost the database itself, as it may: {error:#}");
            true
        }
        (true, Ok(found)) => {
            println!("{found}\nthe control lost {} acknowledged frames", found.lost());
            found.lost() > 0
        }
        (false, Err(error)) => {
            println!("BROKEN PROMISE: the database cannot be read: {error:#}");
            false
        }
        (false, Ok(found)) => {
            println!("{found}");
            found.is_clean()
        }
    }
}
