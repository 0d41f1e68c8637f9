//! A standby (备机): two nodes on one PostgreSQL, the active one is killed, and the other takes over.
//!
//! The swarm knows both addresses and goes to the other when one is gone, as a terminal with two centre addresses does.
//! The time from the kill to the first acknowledgement of the other node is what a county waits. The killed node stays
//! down until the other has taken over, and then becomes the standby: that way each node takes over in turn.

use super::server::Server;
use super::{Options, Tail, audit, judge, random, reach, swarm_options};
use anyhow::{Context, Result, ensure};
use fengsui_sim::swarm;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Within this time the standby must have acknowledged something.
const TAKE_OVER_MAX: Duration = Duration::from_secs(10);
/// How long acknowledgements that were sent before the kill may still be on their way into the ledger.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// A PostgreSQL of its own; gone when dropped.
struct Cluster {
    folder: std::path::PathBuf,
    url: String,
}

impl Cluster {
    /// Starts one, or says why that cannot be done here.
    fn start(folder: &Path) -> Result<Self> {
        // The server runs as another user and must reach its folder.
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))?;
        let folder = folder.join("postgres");
        let out = script(&folder, "start")?;
        let url = out.trim().split_once("FENGSUI_TEST_POSTGRES=").context("PostgreSQL has no address")?.1;
        Ok(Self { url: url.to_owned(), folder })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = script(&self.folder, "stop");
    }
}

fn script(folder: &Path, what: &str) -> Result<String> {
    let done = Command::new(crate::house::root().join("scripts/postgres-for-tests.sh"))
        .arg(what)
        .env("FENGSUI_TEST_POSTGRES_DIR", folder)
        .output()?;
    ensure!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr).trim());
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

/// Kills the active node so often.
pub(super) async fn conduct(options: &Options, kills: u32, binary: &Path, folder: &Path) -> Result<bool> {
    let cluster = match Cluster::start(folder) {
        Ok(cluster) => cluster,
        Err(why) => {
            println!("not possible here: {why:#}\n0 passed, 0 failed");
            return Ok(true);
        }
    };
    let mut nodes = Vec::new();
    for name in ["one", "other"] {
        let own = folder.join(name);
        std::fs::create_dir_all(&own)?;
        nodes.push(Server::prepare_with(binary, &own, &cluster.url, "")?);
    }
    let [mut active, mut standby] = <[Server; 2]>::try_from(nodes).ok().context("two nodes")?;
    active.start()?;
    active.ready().await?;
    // As the guide has it: the standby opens what the active node encrypts with the same key file.
    std::fs::copy(folder.join("one/fengsui.key"), folder.join("other/fengsui.key"))?;
    standby.start()?;
    let (ledger, stop) = (folder.join("acknowledged.tsv"), folder.join("stop"));
    let target = format!("{},{}", active.gateway(), standby.gateway());
    let load = tokio::spawn(swarm::run(swarm_options(options, target, &ledger, &stop)));
    let (mut tail, mut took) = (Tail::of(&ledger), Vec::new());
    for kill in 1..=kills {
        let wanted = tail.lines() + options.acks + random(options.acks / 2 + 1);
        reach(wanted, &mut active, &mut tail).await?;
        standby.must_live()?;
        let killed_at = Instant::now();
        active.kill()?;
        sleep(LAST_WORDS).await;
        let before = tail.lines();
        reach(before + 1, &mut standby, &mut tail).await?;
        took.push(killed_at.elapsed());
        println!("kill {kill:>4} after {before} acknowledgements, taken over in {:.1} s", secs(took.last()));
        std::mem::swap(&mut active, &mut standby);
        standby.start()?;
    }
    let wanted = tail.lines() + options.acks;
    reach(wanted, &mut active, &mut tail).await?;
    std::fs::write(&stop, "")?;
    let report = load.await.context("the swarm fell over")?.context("the swarm gave up")?;
    active.kill()?;
    standby.kill()?;
    took.sort_unstable();
    println!(
        "{} acknowledged in {:.0} s; taken over in p50 {:.1} s, max {:.1} s",
        report.acknowledged(),
        report.seconds,
        secs(took.get(took.len() / 2)),
        secs(took.last())
    );
    let found = audit::audit(&ledger, &cluster.url, folder).await?;
    println!("{found}");
    let in_time = took.last().is_some_and(|most| *most <= TAKE_OVER_MAX);
    if !in_time {
        println!("BROKEN PROMISE: the standby took longer than {} s", TAKE_OVER_MAX.as_secs());
    }
    Ok(judge(options, &found) && in_time)
}

fn secs(duration: Option<&Duration>) -> f64 {
    duration.map_or(0.0, Duration::as_secs_f64)
}
