//! A full disk: somebody fills it under load. Fires must still be taken in, ordinary states wait unacknowledged,
//! and when there is room again all goes on and nothing is missing.

use super::disk::{self, Disk, FileSystem};
use super::server::Server;
use super::{Options, Tail, audit, lines, reach, swarm_options};
use anyhow::{Context, Result};
use fengsui_sim::swarm::{self, Mix};
use fs4::FileExt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::sleep;

/// Size of the disk: the reserve, what must be free besides, and a little.
const DISK_BYTES: u64 = 640 << 20;
/// Acknowledged fires that prove that the reserve is of use.
const FIRES: u64 = 500;
/// States that were on their way when the disk was full, at most.
const ON_THEIR_WAY: u64 = 200;
/// What is left beside the file that fills the disk: less than the server's own lowest mark, more than its extents need.
const CRUMB_BYTES: u64 = 1 << 20;
/// How long the server may take to notice what the disk has come to.
const NOTICE_WAIT: Duration = Duration::from_secs(4);

/// One kind of load with its ledger.
struct Load {
    ledger: PathBuf,
    stop: PathBuf,
    task: tokio::task::JoinHandle<Result<swarm::Report, swarm::SwarmError>>,
}

pub(super) async fn conduct(options: &Options, binary: &Path, folder: &Path) -> Result<bool> {
    let trial = folder.join("trial");
    std::fs::create_dir_all(&trial)?;
    if let Some(why) = disk::obstacle(&trial) {
        println!("not possible here: {why}\n0 passed, 0 failed");
        return Ok(true);
    }
    let mut server = Server::prepare(binary, folder)?;
    let data = folder.join("data");
    let disk = Disk::of_size(FileSystem::Ext4, DISK_BYTES, folder.join("disk.img"), data.clone())?;
    server.start()?;
    server.ready().await?;
    let target = server.gateway().to_string();
    let states = load(options, &target, folder, "states", Mix { heartbeat: 0, state: 1, fire: 0 }, 1);
    let fires = load(options, &target, folder, "fires", Mix { heartbeat: 0, state: 0, fire: 1 }, 100_001);
    reach(FIRES, &mut server, &mut Tail::of(&states.ledger)).await?;
    reach(1, &mut server, &mut Tail::of(&fires.ledger)).await?;

    fill(&data.join("somebody-elses-file"))?;
    sleep(NOTICE_WAIT).await;
    let (states_then, fires_then) = (lines(&states.ledger), lines(&fires.ledger));
    reach(fires_then + FIRES, &mut server, &mut Tail::of(&fires.ledger)).await?;
    let meanwhile = lines(&states.ledger) - states_then;
    println!("disk full: {FIRES} fires acknowledged, {meanwhile} ordinary states");

    std::fs::remove_file(data.join("somebody-elses-file"))?;
    reach(lines(&states.ledger) + FIRES, &mut server, &mut Tail::of(&states.ledger)).await?;
    println!("room again: ordinary states are acknowledged");
    let mut clean = meanwhile <= ON_THEIR_WAY;
    let ledgers = [end(states).await?, end(fires).await?];
    server.kill()?;
    for ledger in ledgers {
        let found = audit::audit(&ledger, "sqlite", &disk.folder).await?;
        println!("{found}");
        clean &= found.is_clean();
    }
    println!("{} passed, {} failed", u8::from(clean), u8::from(!clean));
    Ok(clean)
}

fn load(options: &Options, target: &str, folder: &Path, name: &str, mix: Mix, first: u64) -> Load {
    let (ledger, stop) = (folder.join(format!("{name}.tsv")), folder.join(format!("{name}.stop")));
    let sources = (0..options.connections as u64 / 2).map(|n| swarm::FIRST_SOURCE + first + n).collect();
    let options = swarm::Options {
        mix,
        sources,
        connections: options.connections / 2,
        points: 60_000,
        ..swarm_options(options, target.to_owned(), &ledger, &stop)
    };
    Load { ledger, stop, task: tokio::spawn(swarm::run(options)) }
}

async fn end(load: Load) -> Result<PathBuf> {
    std::fs::write(&load.stop, "")?;
    load.task.await.context("the swarm fell over")?.context("the swarm gave up")?;
    Ok(load.ledger)
}

/// Takes all the room there is but a last crumb in one step, so that what the server gives up a moment later is not
/// taken as well: a filler that writes piece by piece would race it for the reserve.
fn fill(path: &Path) -> Result<()> {
    let file = File::create(path)?;
    let folder = path.parent().context("a file lies in a folder")?;
    file.allocate(fs4::available_space(folder)?.saturating_sub(CRUMB_BYTES))
        .context("the disk could not be filled")
}
