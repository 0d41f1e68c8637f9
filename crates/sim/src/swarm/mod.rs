//! Load with a ledger: many connections that send as fast as they are answered, and a file of every
//! acknowledgement that came back.
//!
//! Whoever says "received" must have it for ever. After a run, and after any number of killed servers, each
//! line of the ledger must be found in the database exactly once: a state or fire is identified by source
//! address, component address and event time, and its text carries a serial number of the connection.
//!
//! Each connection waits for its acknowledgement before the next frame (closed loop). When the server dies it
//! connects again and repeats the unacknowledged frame byte by byte, as a terminal does.

mod client;
mod dialect;
mod flood;
mod latency;
mod ledger;
mod line;
#[cfg(test)]
mod tests;
mod traffic;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::task::JoinSet;

use crate::wall_clock::monotonic;

pub use dialect::{Dialect, DialectMix};
pub use flood::{Flood, FloodReport, flood};
pub use latency::Latency;
pub use ledger::{Entry, LedgerError, read_ledger};
pub use traffic::{Class, Mix};

use ledger::Ledger;

/// First source address when none are given.
pub const FIRST_SOURCE: u64 = 880_000_000_001;
/// Most connections of one swarm.
pub const CONNECTIONS_MAX: usize = 20_000;
/// Most points of one connection: they share one zone number.
pub const POINTS_MAX: u32 = 65_535;
/// Most fires that one connection sends in one storm.
pub const STORM_FRAMES_MAX: u32 = 10_000;
/// How often the stop file is looked for.
const STOP_EVERY: Duration = Duration::from_millis(100);

/// What a swarm does.
#[derive(Debug, Clone)]
pub struct Options {
    /// Host and port of the gateway; several, divided by commas, are tried in turn when one is gone.
    pub target: String,
    /// Connections, at most [`CONNECTIONS_MAX`].
    pub connections: usize,
    /// Source addresses in order; missing ones count up from [`FIRST_SOURCE`].
    pub sources: Vec<u64>,
    /// Share of the classes.
    pub mix: Mix,
    /// Points behind each connection, 1 to [`POINTS_MAX`].
    pub points: u32,
    /// At how many of these points it may burn: so many fires of a connection are open at most.
    pub fire_points: u32,
    /// Where to write the ledger; none without.
    pub ledger: Option<PathBuf>,
    /// Whether heartbeats stand in the ledger, too.
    pub ledger_heartbeats: bool,
    /// How long to run.
    pub run_for: Duration,
    /// Ends the run as soon as this file exists.
    pub stop_file: Option<PathBuf>,
    /// Frames after which a connection is content; none for no limit.
    pub frames: Option<u64>,
    /// Time from one frame of a connection to the next; what is late is made up for. Zero for as fast as they are
    /// answered.
    pub pause: Duration,
    /// Shares of the dialects, connection by connection.
    pub dialects: DialectMix,
    /// Share of the connections that send datagrams (UDP), in percent.
    pub udp_percent: u8,
    /// How often every connection sends a burst of fires, and how many; none for never.
    pub storm: Option<Storm>,
    /// How often all connections are dropped and come back at once; none for never.
    pub reconnect_every: Option<Duration>,
    /// Seed of the traffic.
    pub seed: u64,
}

/// A burst of fires (告警风暴) that all connections send at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Storm {
    /// Time from one to the next.
    pub every: Duration,
    /// Fires of each connection, 1 to [`STORM_FRAMES_MAX`].
    pub frames: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            target: crate::terminal::DEFAULT_TARGET.into(),
            connections: 100,
            sources: Vec::new(),
            mix: Mix::USUAL,
            points: 1000,
            fire_points: POINTS_MAX,
            ledger: None,
            ledger_heartbeats: false,
            run_for: Duration::from_secs(10),
            stop_file: None,
            frames: None,
            pause: Duration::ZERO,
            dialects: DialectMix::STANDARD,
            udp_percent: 0,
            storm: None,
            reconnect_every: None,
            seed: 1,
        }
    }
}

/// What became of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// Seconds from first to last.
    pub seconds: f64,
    /// Acknowledged heartbeats and the time each took.
    pub heartbeat: Latency,
    /// Acknowledged changes of state.
    pub state: Latency,
    /// Acknowledged fires.
    pub fire: Latency,
    /// Frames repeated on a standing connection.
    pub resends: u64,
    /// Frames repeated because the connection was lost.
    pub repeated: u64,
    /// Connections that stood.
    pub connects: u64,
    /// Storms that connections took part in.
    pub storms: u64,
    /// Connections dropped on purpose, to come back at once.
    pub dropped: u64,
    /// Denials (否认).
    pub denied: u64,
    /// Frames sent and never acknowledged when the run ended.
    pub unanswered: u64,
}

impl Report {
    /// All acknowledged frames.
    #[must_use]
    pub fn acknowledged(&self) -> u64 {
        self.heartbeat.count() + self.state.count() + self.fire.count()
    }

    /// Takes in what another connection saw.
    fn add(&mut self, other: &Report) {
        self.heartbeat.add(&other.heartbeat);
        self.state.add(&other.state);
        self.fire.add(&other.fire);
        self.resends += other.resends;
        self.repeated += other.repeated;
        self.connects += other.connects;
        self.storms += other.storms;
        self.dropped += other.dropped;
        self.denied += other.denied;
        self.unanswered += other.unanswered;
    }

    fn class_mut(&mut self, class: Class) -> &mut Latency {
        match class {
            Class::Heartbeat => &mut self.heartbeat,
            Class::State => &mut self.state,
            Class::Fire => &mut self.fire,
        }
    }
}

/// Why a swarm could not run or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum SwarmError {
    /// The options are outside their bounds.
    #[error("{0}")]
    Options(&'static str),
    /// The ledger could not be written: without it the run proves nothing.
    #[error("回执账本写入失败：{0}；请检查磁盘空间和路径")]
    Ledger(#[from] std::io::Error),
}

/// Runs a swarm to its end.
///
/// # Errors
/// [`SwarmError::Options`] before anything is sent; [`SwarmError::Ledger`] as soon as a line cannot be written.
pub async fn run(options: Options) -> Result<Report, SwarmError> {
    check(&options)?;
    let ledger = Arc::new(Ledger::open(options.ledger.as_deref())?);
    let (options, began) = (Arc::new(options), monotonic());
    let end = Arc::new(End::new(&options, began));
    let mut tasks = JoinSet::new();
    for index in 0..options.connections {
        tasks.spawn(client::run(index, options.clone(), ledger.clone(), end.clone()));
    }
    let mut report = Report::default();
    let watch = watch_stop_file(end.clone());
    tokio::pin!(watch);
    loop {
        tokio::select! {
            () = &mut watch, if !end.reached() => {}
            joined = tasks.join_next() => match joined {
                Some(part) => report.add(&part.map_err(std::io::Error::other)??),
                None => break,
            },
        }
    }
    report.seconds = began.elapsed().as_secs_f64();
    Ok(report)
}

/// A frame that any gateway takes in: a state of one point of this terminal, for those who make rubbish of it.
#[must_use]
pub fn sample_frame(source: u64, serial: u64) -> Vec<u8> {
    let mut traffic = traffic::Traffic::new(source, Mix::ALL_DURABLE, 100, serial);
    traffic.next(crate::wall_clock::now()).map(|message| message.bytes).unwrap_or_default()
}

fn check(options: &Options) -> Result<(), SwarmError> {
    match options {
        o if o.connections == 0 || o.connections > CONNECTIONS_MAX => {
            Err(SwarmError::Options("连接数应在 1 至 20000 之间；请改小"))
        }
        o if o.points == 0 || o.points > POINTS_MAX => {
            Err(SwarmError::Options("每连接点数应在 1 至 65535 之间；请改正"))
        }
        o if o.udp_percent > 100 => Err(SwarmError::Options("UDP 的比例应在 0 至 100 之间；请改正")),
        o if o.dialects.total() == 0 => Err(SwarmError::Options("规约的比例不能全为 0；请至少给出一种")),
        o if o.storm.is_some_and(|s| s.every.is_zero() || s.frames == 0 || s.frames > STORM_FRAMES_MAX) => {
            Err(SwarmError::Options("告警风暴的间隔不能为 0，每连接火警数应在 1 至 10000 之间；请改正"))
        }
        o if o.reconnect_every.is_some_and(|every| every.is_zero()) => {
            Err(SwarmError::Options("同时重连的间隔不能为 0；请改正"))
        }
        o if o.mix.total() == 0 => Err(SwarmError::Options("三类报文的比例不能全为 0；请至少给出一类")),
        _ => Ok(()),
    }
}

/// When to stop: by time or by file.
#[derive(Debug)]
struct End {
    began: Instant,
    at: Instant,
    stop_file: Option<PathBuf>,
    stopped: std::sync::atomic::AtomicBool,
}

impl End {
    fn new(options: &Options, began: Instant) -> Self {
        Self {
            began,
            at: began + options.run_for,
            stop_file: options.stop_file.clone(),
            stopped: false.into(),
        }
    }

    /// How many times such a period has passed since the beginning: the same for all connections.
    fn rounds(&self, every: Duration) -> u64 {
        let passed = monotonic().saturating_duration_since(self.began);
        u64::try_from(passed.as_micros() / every.as_micros().max(1)).unwrap_or(u64::MAX)
    }

    fn reached(&self) -> bool {
        self.stopped.load(std::sync::atomic::Ordering::Relaxed) || monotonic() >= self.at
    }

    fn left(&self) -> Duration {
        if self.reached() { Duration::ZERO } else { self.at.saturating_duration_since(monotonic()) }
    }
}

/// Returns when the stop file exists or the time is over.
async fn watch_stop_file(end: Arc<End>) {
    while !end.reached() {
        if end.stop_file.as_ref().is_some_and(|path| path.exists()) {
            end.stopped.store(true, std::sync::atomic::Ordering::Relaxed);
        }
        tokio::time::sleep(STOP_EVERY.min(end.left())).await;
    }
}
