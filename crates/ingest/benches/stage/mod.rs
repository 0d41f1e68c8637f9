//! What the benchmarks of this crate share: a server in a process of its own, an application on SQLite, and the frames
//! of terminals.

use fengsui_app::{App, Clock, Entropy, Node, Setup};
use fengsui_base::{Level, Timestamp};
use fengsui_catalog::Catalog;
use fengsui_store::Lease;
use gb26875::state::ComponentState;
use gb26875::unit::{ComponentStatus, kind};
use gb26875::{Address, Command, DataUnit, Frame, Header, Label, Objects, frame};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Clock ticks a second in /proc, the same on all Linux systems in use.
const TICKS_PER_S: f64 = 100.0;
/// For longer than any benchmark runs.
pub(crate) const LONG: Duration = Duration::from_secs(3_600);

/// What a frame says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Heartbeat,
    State,
    Fire,
}

/// The usual mix: of a hundred frames ninety are heartbeats, nine are states and one is a fire.
pub(crate) fn mix(n: u64) -> Class {
    match n % 100 {
        0 => Class::Fire,
        1..=9 => Class::State,
        _ => Class::Heartbeat,
    }
}

/// The frame of this class that a terminal says as its `said`-th, counted from 1; the first is a heartbeat.
pub(crate) fn says(class: Class, source: u64, said: u16) -> Vec<u8> {
    match class {
        _ if said == 1 => heartbeat(source, 1),
        Class::Heartbeat => heartbeat(source, said),
        // The same part starts and stops, so that each report changes its state.
        Class::State => component(source, said, 0, 0x0001 | (said & 1) << 5),
        Class::Fire => component(source, said, said, 0x0003),
    }
}

/// A sign of life.
pub(crate) fn heartbeat(source: u64, sequence: u16) -> Vec<u8> {
    written(source, sequence, Vec::new())
}

fn component(source: u64, sequence: u16, point: u16, bits: u16) -> Vec<u8> {
    let object = ComponentStatus {
        system_type: 1,
        system_address: 1,
        component_type: 40,
        component_address: u32::from(point) << 16 | 1,
        status: ComponentState(bits),
        text: Some(gb26875::text::FixedText::fit("二层东走廊")),
        occurred: now(),
    };
    let unit = DataUnit::new(kind::COMPONENT_STATUS, Objects::ComponentStatus(vec![object])).unwrap();
    written(source, sequence, unit.encode().unwrap())
}

fn written(source: u64, sequence: u16, data: Vec<u8>) -> Vec<u8> {
    let header = Header {
        sequence,
        version: (1, 1),
        sent: now(),
        source: Address::from_number(source).unwrap(),
        destination: Address::from_number(1).unwrap(),
        command: Command::SEND,
    };
    frame::encode(&Frame::new(header, data)).unwrap()
}

fn now() -> Label {
    let civil = fengsui_ingest::translate::CHINA.to_datetime(Timestamp::now());
    Label::from_civil(civil, gb26875::Clock::Binary).unwrap()
}

/// A server in a process of its own; it ends when its input does.
pub(crate) struct Server {
    child: Child,
    replies: BufReader<ChildStdout>,
    /// The first line that it printed.
    pub(crate) greeting: String,
    _data: tempfile::TempDir,
}

impl Server {
    /// Starts this program in a role; it is told a folder of its own and the rest.
    pub(crate) fn start(role: &str, rest: &[&str]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args([role, data.path().to_str().unwrap()])
            .args(rest)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut replies = BufReader::new(child.stdout.take().unwrap());
        let greeting = reply(&mut replies);
        Self { child, replies, greeting, _data: data }
    }

    /// What it counts: messages taken in, or open connections.
    pub(crate) fn count(&mut self) -> u64 {
        writeln!(self.child.stdin.as_ref().unwrap()).unwrap();
        reply(&mut self.replies).parse().unwrap()
    }

    /// User and system time so far.
    pub(crate) fn cpu_s(&self) -> f64 {
        cpu_s(self.child.id())
    }

    /// Resident memory.
    pub(crate) fn memory_bytes(&self) -> i64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<i64>().unwrap() * 1_024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        self.child.wait().unwrap();
    }
}

fn reply(from: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    from.read_line(&mut line).unwrap();
    line.trim().to_owned()
}

/// User and system time of a process so far.
pub(crate) fn cpu_s(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let after_name = stat.rsplit_once(')').unwrap().1;
    let ticks: f64 = after_name.split_whitespace().skip(11).take(2).map(|t| t.parse::<f64>().unwrap()).sum();
    ticks / TICKS_PER_S
}

/// What a server greets with, and what it counts.
pub(crate) type Serving = (String, Box<dyn Fn() -> u64>);

/// Greets, serves, answers every line with what it counts, and ends with its input.
pub(crate) fn serve(listen: impl Future<Output = Serving>) {
    let runtime = runtime();
    let (greeting, count) = runtime.block_on(listen);
    println!("{greeting}");
    for _ in std::io::stdin().lines() {
        println!("{}", count());
    }
    runtime.shutdown_background();
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// An application that stores in this folder.
pub(crate) async fn app(folder: &str) -> (Arc<App>, Arc<dyn Clock>) {
    let store = fengsui_store_sql::open("sqlite", Path::new(folder)).await.unwrap();
    let clock: Arc<dyn Clock> = Arc::new(WallClock);
    let Lease::Held { epoch, .. } = store.claim_lease("量测", None, clock.now(), LONG).await.unwrap()
    else {
        panic!("the data is new")
    };
    let setup = Setup {
        store,
        epoch,
        catalog: catalog(),
        clock: clock.clone(),
        entropy: Arc::new(Mixer::default()),
        node: node(),
    };
    (App::start(setup).await.unwrap(), clock)
}

fn node() -> Node {
    Node {
        name: "量测节点".to_owned(),
        office: "量测".to_owned(),
        region: "990101000000".parse().unwrap(),
        region_name: "云岫县".to_owned(),
        level: Level::County,
        seats: 1,
        demonstration: false,
        spool: false,
        waits: Default::default(),
        filters: Default::default(),
        duty: Default::default(),
        readings: Default::default(),
        lines: Default::default(),
        keeping: Default::default(),
        reminders: true,
        version: "0".to_owned(),
    }
}

fn catalog() -> Catalog {
    let files = [
        ("alarm.toml", include_str!("../../../../catalog/alarm.toml")),
        ("office.toml", include_str!("../../../../catalog/office.toml")),
        ("posts.toml", include_str!("../../../../catalog/posts.toml")),
        ("unit.toml", include_str!("../../../../catalog/unit.toml")),
    ];
    Catalog::load(&files).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// Bytes that differ each time; nothing here is secret.
#[derive(Default)]
struct Mixer(AtomicU64);

impl Entropy for Mixer {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            let step = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
            let mixed = (step ^ step >> 31).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            chunk.iter_mut().zip(mixed.to_le_bytes()).for_each(|(to, from)| *to = from);
        }
    }
}
