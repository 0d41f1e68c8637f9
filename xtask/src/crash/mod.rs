//! The crash run: a swarm of terminals under load, `kill -9`, power cuts or write faults, and a count at the end.
//!
//! What was acknowledged is in the ledger of the swarm, on another side of the socket than the database. After
//! the last kill every line of that ledger must be found in the database once: none lost, none doubled.
//!
//! A measurement that cannot fail proves nothing, so there is a control. It puts a hasty front before the
//! gateway, which acknowledges a frame as soon as it has read it, before anybody has committed it. The same
//! count must then find losses. The front is part of this tool; the shipped program cannot do such a thing.

pub(crate) mod audit;
mod disk;
mod faults;
mod front;
mod full;
mod power;
mod server;
mod standby;

use anyhow::{Context, Result, bail, ensure};
use fengsui_sim::swarm::{self, Mix};
pub(crate) use server::Server;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often the ledger is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// Without an acknowledgement for this long the run is given up.
const PATIENCE: Duration = Duration::from_secs(90);
/// Pause of each terminal between two frames in the control: the gateway then nearly keeps up with the front,
/// and what is lost is what was on its way when the server died, not a heap that had gathered.
const CONTROL_PAUSE: Duration = Duration::from_millis(30);
/// Longest run of the swarm; a run ends by its stop file long before.
const RUN_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// What the run does.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// How often the server is killed.
    #[arg(long, default_value_t = 20)]
    kills: u32,
    /// Acknowledgements between two kills, at the least.
    #[arg(long, default_value_t = 1_000)]
    acks: u64,
    /// Connections of the swarm.
    #[arg(long, default_value_t = 50)]
    connections: usize,
    /// The program to kill.
    #[arg(long, default_value = "target/debug/fengsui")]
    binary: PathBuf,
    /// Cuts the power so often instead of killing: the data lies on a disk of its own.
    #[arg(long, value_name = "N", conflicts_with = "faults")]
    power: Option<u32>,
    /// The file system for power cuts; both in turn without.
    #[arg(long)]
    filesystem: Option<disk::FileSystem>,
    /// Lets each of the first N writes and flushes fail instead of killing.
    #[arg(long, value_name = "N")]
    faults: Option<u32>,
    /// Fills the disk under load instead of killing: fires must still be taken in.
    #[arg(long)]
    full: bool,
    /// Kills the active of two nodes on one PostgreSQL so often; the other must take over within ten seconds.
    #[arg(long, value_name = "N", conflicts_with_all = ["power", "faults", "full", "control"])]
    standby: Option<u32>,
    /// Runs the negative control instead: it must lose something.
    #[arg(long)]
    control: bool,
}

/// Gives a run the program under test and a folder of its own, which is gone afterwards.
pub(crate) fn with_program(
    binary: &Path,
    run: impl AsyncFnOnce(&Path, &Path) -> Result<bool>,
) -> Result<bool> {
    let binary = crate::house::root().join(binary);
    ensure!(binary.is_file(), "{} is not there: cargo build -p fengsui", binary.display());
    let folder = tempfile::tempdir().context("no temporary folder")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(&binary, folder.path()))
}

/// Runs it. `false` when something was lost or doubled; for the control, when nothing was lost.
pub(crate) fn run(options: &Options) -> Result<bool> {
    with_program(&options.binary, async |binary, folder| {
        if let Some(kills) = options.standby {
            return standby::conduct(options, kills, binary, folder).await;
        }
        match (options.power, options.faults) {
            (Some(cuts), _) => power::conduct(options, cuts, binary, folder).await,
            (None, Some(steps)) => faults::conduct(options, steps, binary, folder).await,
            (None, None) if options.full => full::conduct(options, binary, folder).await,
            (None, None) => conduct(options, binary, folder).await,
        }
    })
}

async fn conduct(options: &Options, binary: &Path, folder: &Path) -> Result<bool> {
    let mut server = Server::prepare(binary, folder)?;
    server.start()?;
    server.ready().await?;
    let target = match options.control {
        true => front::open(server.gateway()).await?,
        false => server.gateway(),
    };
    let (ledger, stop) = (folder.join("acknowledged.tsv"), folder.join("stop"));
    let load = tokio::spawn(swarm::run(swarm_options(options, target.to_string(), &ledger, &stop)));
    println!(
        "{} kills, at least {} acknowledgements between them, {} connections",
        options.kills, options.acks, options.connections
    );
    kill_again_and_again(options, &mut server, &ledger).await?;
    std::fs::write(&stop, "")?;
    let report = load.await.context("the swarm fell over")?.context("the swarm gave up")?;
    // The last kill is no kinder than the others: what is counted is what a dead server left behind.
    server.kill()?;
    println!(
        "{} acknowledged in {:.0} s, {} frames repeated after a lost connection",
        report.acknowledged(),
        report.seconds,
        report.repeated
    );
    let found = audit::audit(&ledger, "sqlite", &folder.join("data")).await?;
    println!("{found}");
    Ok(judge(options, &found))
}

fn judge(options: &Options, found: &audit::Found) -> bool {
    let passed = if options.control { found.lost() > 0 } else { found.is_clean() };
    match (options.control, passed) {
        (true, true) => println!("the control lost {} acknowledged frames, as it must", found.lost()),
        (true, false) => println!("the control lost nothing: this run could not have seen a loss"),
        (false, true) => println!("nothing that was acknowledged is lost, nothing is doubled"),
        (false, false) => println!("BROKEN PROMISE: see the counts above"),
    }
    println!("{} passed, {} failed", u8::from(passed), u8::from(!passed));
    passed
}

fn swarm_options(options: &Options, target: String, ledger: &Path, stop: &Path) -> swarm::Options {
    swarm::Options {
        target,
        connections: options.connections,
        mix: Mix::ALL_DURABLE,
        ledger: Some(ledger.to_path_buf()),
        run_for: RUN_MAX,
        stop_file: Some(stop.to_path_buf()),
        pause: if options.control && options.power.is_none() { CONTROL_PAUSE } else { Duration::ZERO },
        seed: random(u64::MAX),
        ..swarm::Options::default()
    }
}

/// Kills and restarts; after the last restart as many acknowledgements again are awaited.
async fn kill_again_and_again(options: &Options, server: &mut Server, ledger: &Path) -> Result<()> {
    let (mut acknowledged, mut tail) = (0, Tail::of(ledger));
    for kill in 1..=options.kills {
        let wanted = acknowledged + options.acks + random(options.acks / 2 + 1);
        acknowledged = reach(wanted, server, &mut tail).await?;
        server.kill()?;
        println!("kill {kill:>4} after {acknowledged} acknowledgements");
        server.start()?;
    }
    reach(acknowledged + options.acks, server, &mut tail).await?;
    Ok(())
}

/// Waits until the ledger has so many lines; returns how many it has.
async fn reach(wanted: u64, server: &mut Server, tail: &mut Tail) -> Result<u64> {
    let (mut seen, mut since) = (0, Instant::now());
    loop {
        let now = tail.lines();
        if now >= wanted {
            return Ok(now);
        }
        if now > seen {
            (seen, since) = (now, Instant::now());
        }
        server.must_live()?;
        if since.elapsed() > PATIENCE {
            bail!("no acknowledgement for {} s\n{}", PATIENCE.as_secs(), server.log());
        }
        sleep(LOOK_EVERY).await;
    }
}

/// The lines of a ledger that grows: what has been counted is not read again.
struct Tail {
    ledger: PathBuf,
    read_bytes: u64,
    lines: u64,
}

impl Tail {
    fn of(ledger: &Path) -> Self {
        Self { ledger: ledger.to_path_buf(), read_bytes: 0, lines: 0 }
    }

    /// How many lines it has; a ledger that is not there yet has none.
    fn lines(&mut self) -> u64 {
        let mut text = Vec::new();
        let read = std::fs::File::open(&self.ledger).and_then(|mut file| {
            file.seek(SeekFrom::Start(self.read_bytes))?;
            file.read_to_end(&mut text)
        });
        self.read_bytes += read.unwrap_or(0) as u64;
        self.lines += text.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.lines
    }
}

/// How many lines a ledger has.
fn lines(ledger: &Path) -> u64 {
    Tail::of(ledger).lines()
}

/// A number below the bound; the seed comes from the operating system.
fn random(bound: u64) -> u64 {
    RandomState::new().build_hasher().finish() % bound.max(1)
}
