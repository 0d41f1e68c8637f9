//! The overload run (过载): ten times what the program can carry, for minutes.
//!
//! First a swarm finds the limit: as many frames of the usual mix as are answered in a closed loop. Then heartbeats
//! come at so many times that rate on as many more lines, whether they are answered or not, while states and fires come at
//! the rate that they had at the limit, each sent until it is acknowledged. At the end every heartbeat must be accounted
//! for (offered = accepted + shed, and held back by the network what was never read), every state and fire must have been
//! accepted in its time, and what was acknowledged must be in the database.
//!
//! In the control telemetry is never shed and waits for no turn: then states and fires must fall behind, or the load
//! was none.

use crate::crash::{Server, audit, with_program};
use anyhow::{Context, Result, ensure};
use fengsui_sim::swarm::{self, Flood, FloodReport, Mix};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::sleep;

/// How long the limit is looked for.
const LIMIT_FOR: Duration = Duration::from_secs(10);
/// Connections that look for it; the flood comes on as many more as it is larger.
const LINES: usize = 200;
/// Most connections of the flood.
const FLOOD_LINES_MAX: usize = 4_000;
/// Connections that send states and fires during the flood.
const ALARM_LINES: usize = 200;
/// What a program has open besides its lines.
const OTHER_FILES: u64 = 200;
/// A tenth of the usual mix is durable.
const DURABLE_PART: f64 = 0.1;
/// Points of each line, and at how many of them it may burn: a thousand open fires are a county's worst night.
const POINTS: u32 = 20;
const FIRE_POINTS: u32 = 5;
/// States and fires keep their pace when the last of them is acknowledged at the latest so long after it was due.
const PACE_GRACE: Duration = Duration::from_secs(10);
/// How long the terminals may take to say their first word.
const INTRODUCE_FOR: Duration = Duration::from_secs(120);
/// How long nothing must come before it counts as quiet.
const SETTLE_EVERY: Duration = Duration::from_secs(2);
/// How often the memory is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Within this time a fire must be acknowledged, or its terminal sends it again. Source: GB/T 26875.3 §6.5.
const FIRE_WAIT_MAX_US: u64 = 10_000_000;
/// How much the memory may grow: the alarms of the run stay open.
const GROWTH_MAX_BYTES: u64 = 1 << 30;
/// Where the three loads have their source addresses.
const FLOOD_SOURCE: u64 = swarm::FIRST_SOURCE + 100_000;
const ALARM_SOURCE: u64 = swarm::FIRST_SOURCE + 200_000;

/// What the run does.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// For how long, in seconds.
    #[arg(long, default_value_t = 600)]
    seconds: u64,
    /// How many times the limit is offered.
    #[arg(long, default_value_t = 10.0)]
    factor: f64,
    /// The limit in frames a second, when it is known already.
    #[arg(long)]
    limit: Option<f64>,
    /// The program under test.
    #[arg(long, default_value = "target/release/fengsui")]
    binary: PathBuf,
    /// Runs the control: telemetry is never shed and waits for no turn, so that states and fires must fall behind.
    #[arg(long)]
    control: bool,
    /// Judges what became of the frames, not how long it took: for a machine that has other work as well.
    #[arg(long, conflicts_with = "control")]
    counts: bool,
}

/// Runs it. `false` when something was lost, doubled, or is not accounted for.
pub(crate) fn run(options: &Options) -> Result<bool> {
    let needed = (flood_lines(options) + ALARM_LINES + LINES) as u64 + OTHER_FILES;
    if let Some(open) = open_files_max().filter(|open| *open < needed) {
        println!("not possible here: {needed} open files are needed and {open} allowed (ulimit -n)");
        println!("0 passed, 0 failed");
        return Ok(true);
    }
    with_program(&options.binary, async |binary, folder| conduct(options, binary, folder).await)
}

async fn conduct(options: &Options, binary: &Path, folder: &Path) -> Result<bool> {
    let never = if options.control { "shed_wait_max_ms = 0\nshed_lag_max_ms = 0\n" } else { "" };
    let extra = format!("connections_per_ip_max = {}\n{never}", FLOOD_LINES_MAX + LINES + ALARM_LINES);
    let mut server = Server::prepare_with(binary, folder, "sqlite", &extra)?;
    server.start()?;
    server.ready().await?;
    let target = server.gateway().to_string();
    let limit = match options.limit {
        Some(limit) => limit,
        None => find_limit(&target).await?,
    };
    println!("limit: {limit:.0} frames/s of the usual mix on {LINES} connections");
    introduce(options, &target).await?;
    let before = settled(&server).await?;
    let watch = Watch::begin(server.pid().context("the server runs")?);
    let ledger = folder.join("acknowledged.tsv");
    let (alarms, flood) =
        tokio::join!(swarm::run(durable(options, &target, limit, &ledger)), flood(options, &target, limit));
    let (alarms, flood) = (alarms.context("the swarm gave up")?, flood.context("the flood gave up")?);
    let memory = watch.end();
    server.must_live()?;
    let load = settled(&server).await?.since(&before);
    tell(&alarms, &flood, &load, memory);
    server.kill()?;
    let found = audit::audit(&ledger, "sqlite", &folder.join("data")).await?;
    println!("{found}");
    let run = Run { due: due(options, limit), alarms, flood, load, memory, is_clean: found.is_clean() };
    let promises = if options.control { run.control(options) } else { run.promises(options) };
    let broken: Vec<_> = promises.iter().filter(|(_, holds)| !holds).map(|(what, _)| *what).collect();
    broken.iter().for_each(|what| println!("BROKEN PROMISE: {what}"));
    println!("{} passed, {} failed", promises.len() - broken.len(), broken.len());
    Ok(broken.is_empty())
}

/// What came of it.
struct Run {
    /// States and fires that were to be sent.
    due: u64,
    alarms: swarm::Report,
    flood: FloodReport,
    load: Load,
    /// Resident memory in bytes, before and at most.
    memory: (u64, u64),
    /// What was acknowledged is what is stored.
    is_clean: bool,
}

impl Run {
    /// What must hold under any load, and whether it did.
    fn promises(&self, options: &Options) -> Vec<(&'static str, bool)> {
        let mut promises = vec![
            ("every heartbeat that was sent is accounted for", self.adds_up()),
            ("no state and no fire is shed", self.load.news.shed + self.load.fire.shed == 0),
            ("every state and fire was accepted", self.alarms.acknowledged() == self.due),
            ("what was acknowledged is what is stored", self.is_clean),
            ("the memory did not grow", self.memory.1 <= self.memory.0 + GROWTH_MAX_BYTES),
        ];
        if !options.counts {
            promises.push(("no fire waited longer than its terminal waits", self.fires_in_time()));
            promises.push(("states and fires kept their pace", self.kept_pace(options)));
        }
        promises
    }

    /// The control keeps what it acknowledges, and not the time: a fire waits too long, or they fall behind.
    fn control(&self, options: &Options) -> Vec<(&'static str, bool)> {
        vec![
            ("nothing was shed", self.load.telemetry.shed == 0),
            ("what was acknowledged is what is stored", self.is_clean),
            ("without shedding alarms come late", !(self.fires_in_time() && self.kept_pace(options))),
        ]
    }

    fn fires_in_time(&self) -> bool {
        self.alarms.fire.most_us() <= FIRE_WAIT_MAX_US
    }

    fn kept_pace(&self, options: &Options) -> bool {
        let latest_s = options.seconds as f64 + PACE_GRACE.as_secs_f64();
        self.alarms.acknowledged() == self.due && self.alarms.seconds <= latest_s
    }

    fn adds_up(&self) -> bool {
        self.load.adds_up(&self.flood, self.alarms.resends)
    }
}

async fn find_limit(target: &str) -> Result<f64> {
    let options = swarm::Options {
        target: target.to_owned(),
        connections: LINES,
        points: POINTS,
        fire_points: FIRE_POINTS,
        run_for: LIMIT_FOR,
        ..swarm::Options::default()
    };
    let report = swarm::run(options).await.context("the limit could not be found")?;
    Ok(report.acknowledged() as f64 / report.seconds)
}

/// Every terminal of the run says one heartbeat, so that none is a stranger when the flood comes.
async fn introduce(options: &Options, target: &str) -> Result<()> {
    let flood_lines = flood_lines(options);
    let of = |first: u64, lines: usize| (0..lines as u64).map(move |n| first + n);
    let options = swarm::Options {
        target: target.to_owned(),
        connections: flood_lines + ALARM_LINES,
        sources: of(FLOOD_SOURCE, flood_lines).chain(of(ALARM_SOURCE, ALARM_LINES)).collect(),
        mix: Mix { heartbeat: 1, state: 0, fire: 0 },
        frames: Some(1),
        run_for: INTRODUCE_FOR,
        ..swarm::Options::default()
    };
    let report = swarm::run(options).await.context("the terminals could not be introduced")?;
    ensure!(report.unanswered == 0, "{} terminals were not answered", report.unanswered);
    Ok(())
}

/// What the server counts when nothing is on its way any more.
async fn settled(server: &Server) -> Result<Load> {
    let mut before = Load::read(server).await?;
    loop {
        sleep(SETTLE_EVERY).await;
        let now = Load::read(server).await?;
        if now.telemetry.offered == before.telemetry.offered {
            return Ok(now);
        }
        before = now;
    }
}

/// How many times the limit, and so many times its lines.
fn flood_lines(options: &Options) -> usize {
    ((LINES as f64 * options.factor).ceil() as usize).clamp(LINES, FLOOD_LINES_MAX)
}

/// States and fires of each line.
fn due_per_line(options: &Options, limit: f64) -> u64 {
    (limit * DURABLE_PART / ALARM_LINES as f64 * options.seconds as f64).ceil() as u64
}

fn due(options: &Options, limit: f64) -> u64 {
    due_per_line(options, limit) * ALARM_LINES as u64
}

/// States and fires at the rate that they have at the limit, each sent until it is acknowledged.
fn durable(options: &Options, target: &str, limit: f64, ledger: &Path) -> swarm::Options {
    // Ends by the number of its frames; this is for a server that takes none, and for the control, which need not wait.
    let until = Duration::from_secs(options.seconds) * if options.control { 1 } else { 4 };
    swarm::Options {
        target: target.to_owned(),
        connections: ALARM_LINES,
        sources: (0..ALARM_LINES as u64).map(|n| ALARM_SOURCE + n).collect(),
        mix: Mix::ALL_DURABLE,
        points: POINTS,
        fire_points: FIRE_POINTS,
        ledger: Some(ledger.to_path_buf()),
        pause: Duration::from_secs_f64(ALARM_LINES as f64 / (limit * DURABLE_PART)),
        frames: Some(due_per_line(options, limit)),
        run_for: until + PACE_GRACE * if options.control { 1 } else { 6 },
        ..swarm::Options::default()
    }
}

async fn flood(options: &Options, target: &str, limit: f64) -> Result<FloodReport, swarm::SwarmError> {
    let rate = limit * (options.factor - DURABLE_PART);
    swarm::flood(Flood {
        target: target.to_owned(),
        lines: flood_lines(options),
        rate_per_s: rate as u64,
        run_for: Duration::from_secs(options.seconds),
        first_source: FLOOD_SOURCE,
    })
    .await
}

fn tell(alarms: &swarm::Report, flood: &FloodReport, load: &Load, (first, most): (u64, u64)) {
    let ms = |us: u64| us as f64 / 1_000.0;
    println!(
        "heartbeats: {} offered, {} held back by the network, {} sent = {} accepted + {} shed + {} failed",
        flood.offered,
        flood.held_back,
        flood.sent,
        load.telemetry.accepted,
        load.telemetry.shed,
        load.telemetry.failed
    );
    for (name, class) in [("states", &alarms.state), ("fires", &alarms.fire)] {
        println!(
            "{name}: {} accepted, acknowledged in p50 {:.0} ms, p99 {:.0} ms, max {:.0} ms",
            class.count(),
            ms(class.percentile_us(0.5)),
            ms(class.percentile_us(0.99)),
            ms(class.most_us())
        );
    }
    println!("{} never accepted, {} sent again; {:.0} s", alarms.unanswered, alarms.resends, alarms.seconds);
    println!("resident memory: {} MB before, {} MB at most", first >> 20, most >> 20);
}

/// What the server counted of the frames of one urgency.
#[derive(Clone, Copy, Default, Debug)]
struct Counts {
    offered: u64,
    accepted: u64,
    shed: u64,
    failed: u64,
}

#[derive(Clone, Copy, Default, Debug)]
struct Load {
    telemetry: Counts,
    news: Counts,
    fire: Counts,
}

impl Counts {
    fn read(text: &str, urgency: &str) -> Self {
        let count = |outcome: &str| metric(text, urgency, outcome);
        Self {
            offered: count("offered"),
            accepted: count("accepted"),
            shed: count("shed"),
            failed: count("failed"),
        }
    }

    fn since(self, before: Self) -> Self {
        Self {
            offered: self.offered - before.offered,
            accepted: self.accepted - before.accepted,
            shed: self.shed - before.shed,
            failed: self.failed - before.failed,
        }
    }
}

impl Load {
    async fn read(server: &Server) -> Result<Self> {
        let text = server.metrics().await?;
        let of = |urgency| Counts::read(&text, urgency);
        Ok(Self { telemetry: of("telemetry"), news: of("news"), fire: of("fire") })
    }

    fn since(self, before: &Self) -> Self {
        Self {
            telemetry: self.telemetry.since(before.telemetry),
            news: self.news.since(before.news),
            fire: self.fire.since(before.fire),
        }
    }

    /// Every heartbeat that was sent was offered; each one offered was accepted or shed, and those accepted were told so.
    /// A state or fire that was sent again was stored meanwhile: it is known then, and counts as telemetry or not.
    fn adds_up(&self, flood: &FloodReport, resends: u64) -> bool {
        let Counts { offered, accepted, shed, failed } = self.telemetry;
        let Some(repeated) = offered.checked_sub(flood.sent) else { return false };
        let Some(repeated_accepted) = accepted.checked_sub(flood.acknowledged) else { return false };
        offered == accepted + shed
            && failed == 0
            && repeated <= resends
            && repeated_accepted <= repeated
            && flood.offered == flood.sent + flood.held_back
    }
}

/// The value of one counter in the text of `/metrics`; 0 when it is not there yet.
fn metric(text: &str, urgency: &str, outcome: &str) -> u64 {
    let name = format!("fengsui_load_total{{outcome=\"{outcome}\",urgency=\"{urgency}\"}} ");
    let value = text.lines().find_map(|line| line.strip_prefix(&name));
    value.and_then(|v| v.trim().parse().ok()).unwrap_or(0)
}

/// How many files this process, and whatever it starts, may have open; `None` where the system does not say.
fn open_files_max() -> Option<u64> {
    open_files_of(&std::fs::read_to_string("/proc/self/limits").ok()?)
}

fn open_files_of(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Looks at the resident memory of a process again and again.
struct Watch {
    first: u64,
    most: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
}

impl Watch {
    fn begin(pid: u32) -> Self {
        let first = resident_bytes(pid);
        let (most, over) = (Arc::new(AtomicU64::new(first)), Arc::new(AtomicBool::new(false)));
        let (seen, ended) = (most.clone(), over.clone());
        tokio::spawn(async move {
            while !ended.load(Ordering::Relaxed) {
                seen.fetch_max(resident_bytes(pid), Ordering::Relaxed);
                sleep(LOOK_EVERY).await;
            }
        });
        Self { first, most, over }
    }

    fn end(self) -> (u64, u64) {
        self.over.store(true, Ordering::Relaxed);
        (self.first, self.most.load(Ordering::Relaxed))
    }
}

/// Resident memory of a process in bytes; 0 when it is gone.
pub(crate) fn resident_bytes(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|l| l.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    kib.unwrap_or(0) << 10
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(offered: u64, accepted: u64, shed: u64, failed: u64) -> Load {
        Load { telemetry: Counts { offered, accepted, shed, failed }, ..Load::default() }
    }

    #[test]
    fn a_heartbeat_that_is_neither_accepted_nor_shed_is_missed() {
        let flood = FloodReport { offered: 120, sent: 100, held_back: 20, acknowledged: 60 };
        assert!(load(100, 60, 40, 0).adds_up(&flood, 0));
        assert!(load(103, 61, 42, 0).adds_up(&flood, 3), "three states were sent again");
        assert!(!load(103, 61, 42, 0).adds_up(&flood, 2), "more than were sent again");
        assert!(!load(99, 59, 40, 0).adds_up(&flood, 9), "one is nowhere");
        assert!(!load(100, 60, 39, 0).adds_up(&flood, 0), "one is neither accepted nor shed");
        assert!(!load(100, 60, 39, 1).adds_up(&flood, 0), "one failed");
        assert!(!load(100, 61, 39, 0).adds_up(&flood, 0), "one was accepted and not told so");
    }

    #[test]
    fn the_lines_of_the_flood_grow_with_it_up_to_a_limit() {
        let of = |factor| {
            let binary = PathBuf::new();
            flood_lines(&Options { seconds: 1, factor, limit: None, binary, control: false, counts: false })
        };
        assert_eq!([0.1, 10.0, 20.0, 100.0].map(of), [200, 2_000, 4_000, 4_000]);
    }

    #[test]
    fn the_soft_limit_of_open_files_counts() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units     \n\
                      Max open files            1024                 524288               files     \n";
        assert_eq!(open_files_of(limits), Some(1_024));
        assert_eq!(open_files_of("Max processes 7"), None);
    }

    #[test]
    fn a_counter_is_read_by_its_labels() {
        let text = "# HELP x\nfengsui_load_total{outcome=\"shed\",urgency=\"telemetry\"} 17\n";
        assert_eq!(metric(text, "telemetry", "shed"), 17);
        assert_eq!(metric(text, "fire", "shed"), 0);
    }
}
