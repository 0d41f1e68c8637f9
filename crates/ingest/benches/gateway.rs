//! The gateway against a bare echo of the same frames, in frames per CPU-second of the server.
//!
//! Server and client are processes of their own (this program starts itself in the server's roles), so that
//! only the server's time counts. 2,000 connections each send a frame, wait for the answer, and send the next.
//! The gateway stores everything that is durable in SQLite before it answers; the echo sends back what came.
//! What is printed is a ratio within one run, and the memory that an idle connection costs.
//!
//! Run it with `cargo bench -p fengsui-ingest`; it needs about 21,000 open files (`ulimit -n`) and Linux.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures time, and the server needs a clock")]
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark reports to the terminal and may stop"
)]

use fengsui_app::{App, Clock, Entropy, Node, Setup};
use fengsui_base::{Level, Timestamp};
use fengsui_catalog::Catalog;
use fengsui_ingest::{Gateway, GatewaySettings};
use fengsui_store::Lease;
use gb26875::state::ComponentState;
use gb26875::unit::{ComponentStatus, kind};
use gb26875::{Address, Command, DataUnit, Frame, Header, Label, Objects, frame};
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Connections under load.
const CONNECTIONS: u64 = 2_000;
/// Idle connections whose memory is measured.
const IDLE: u64 = 10_000;
/// How long a load is measured.
const MEASURED: Duration = Duration::from_secs(6);
/// How long it runs before.
const WARM_UP: Duration = Duration::from_secs(1);
/// Clock ticks a second in /proc, the same on all Linux systems in use.
const TICKS_PER_S: f64 = 100.0;

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("echo") => serve(echo()),
        Some("gateway") => serve(gateway(arguments[2].clone())),
        _ if arguments.iter().any(|a| a == "--bench") => runtime().block_on(measure()),
        _ => println!("只在 cargo bench 时测量"),
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

async fn measure() {
    println!(
        "{CONNECTIONS} connections, closed loop, {} s each; frames per CPU-second of the server",
        MEASURED.as_secs()
    );
    let mix = |n: u64| match n % 100 {
        0 => Class::Fire,
        1..=9 => Class::State,
        _ => Class::Heartbeat,
    };
    let bare = load("echo", mix, "echo, mix 90/9/1").await;
    for (name, rate) in [
        ("mix 90/9/1", load("gateway", mix, "gateway, mix 90/9/1").await),
        ("heartbeats", load("gateway", |_| Class::Heartbeat, "gateway, heartbeats").await),
        ("states, all durable", load("gateway", |_| Class::State, "gateway, states (all durable)").await),
        ("fires, all durable", load("gateway", |_| Class::Fire, "gateway, fires (all durable)").await),
    ] {
        println!("ratio to echo, {name}: {:.3}", rate / bare);
    }
    println!("target for the mix: 0.4");
    idle().await;
}

/// What a frame says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Heartbeat,
    State,
    Fire,
}

/// Loads a server; returns its frames per CPU-second.
async fn load(role: &str, class: fn(u64) -> Class, name: &str) -> f64 {
    let server = Server::start(role);
    let (frames, running) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(true)));
    let mut clients = Vec::new();
    for number in 0..CONNECTIONS {
        let stream = TcpStream::connect(server.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let client = Client { stream, number, echoes: role == "echo", said: 0 };
        clients.push(tokio::spawn(client.talk(class, frames.clone(), running.clone())));
    }
    // Every terminal has been met before anything is measured.
    while frames.load(Ordering::Relaxed) < CONNECTIONS * 2 {
        tokio::time::sleep(WARM_UP / 10).await;
    }
    tokio::time::sleep(WARM_UP).await;
    let (began, before, cpu_before) = (Instant::now(), frames.load(Ordering::Relaxed), server.cpu_s());
    tokio::time::sleep(MEASURED).await;
    let (done, cpu_s) = (frames.load(Ordering::Relaxed) - before, server.cpu_s() - cpu_before);
    let (wall_s, done) = (began.elapsed().as_secs_f64(), done as f64);
    println!(
        "{name}: {:.0} per CPU-second ({:.0}/s, {cpu_s:.2} CPU-seconds in {wall_s:.2} s)",
        done / cpu_s,
        done / wall_s
    );
    running.store(false, Ordering::Relaxed);
    for client in clients {
        client.abort();
    }
    done / cpu_s
}

/// Memory of idle connections, fresh and after a heartbeat each.
async fn idle() {
    let server = Server::start("gateway");
    let mut first = TcpStream::connect(server.address).await.unwrap();
    exchange(&mut first, &heartbeat(1, 0)).await;
    let before = server.memory_bytes();
    let mut streams = Vec::new();
    for _ in 1..IDLE {
        streams.push(TcpStream::connect(server.address).await.unwrap());
    }
    // The gateway answers the last one when it has met all of them.
    exchange(streams.last_mut().unwrap(), &heartbeat(1, 1)).await;
    let fresh = server.memory_bytes() - before;
    for (number, stream) in (2..).zip(&mut streams) {
        exchange(stream, &heartbeat(1, number)).await;
    }
    let used = server.memory_bytes() - before;
    let each = |bytes: i64| bytes as f64 / (IDLE - 1) as f64;
    println!(
        "memory of an idle connection: {:.0} bytes fresh, {:.0} bytes after a heartbeat (target 2048)",
        each(fresh),
        each(used)
    );
}

async fn exchange(stream: &mut TcpStream, bytes: &[u8]) {
    stream.write_all(bytes).await.unwrap();
    stream.read_exact(&mut [0; frame::MIN_FRAME]).await.unwrap();
}

/// One terminal.
struct Client {
    stream: TcpStream,
    number: u64,
    echoes: bool,
    said: u16,
}

impl Client {
    async fn talk(mut self, class: fn(u64) -> Class, frames: Arc<AtomicU64>, running: Arc<AtomicBool>) {
        let mut buffer = [0; gb26875::MAX_FRAME];
        while running.load(Ordering::Relaxed) {
            self.said = self.said.wrapping_add(1);
            let bytes = match class(self.number + u64::from(self.said)) {
                _ if self.said == 1 => heartbeat(self.number + 1, 1),
                Class::Heartbeat => heartbeat(self.number + 1, self.said),
                // The same part starts and stops, so that each report changes its state.
                Class::State => component(self.number + 1, self.said, 0, 0x0001 | (self.said & 1) << 5),
                Class::Fire => component(self.number + 1, self.said, self.said, 0x0003),
            };
            let length = if self.echoes { bytes.len() } else { frame::MIN_FRAME };
            self.stream.write_all(&bytes).await.unwrap();
            self.stream.read_exact(&mut buffer[..length]).await.unwrap();
            frames.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn heartbeat(source: u64, sequence: u16) -> Vec<u8> {
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
struct Server {
    child: Child,
    address: SocketAddr,
    _data: tempfile::TempDir,
}

impl Server {
    fn start(role: &str) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args([role, data.path().to_str().unwrap()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, address: line.trim().parse().unwrap(), _data: data }
    }

    /// User and system time so far.
    fn cpu_s(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let after_name = stat.rsplit_once(')').unwrap().1;
        let ticks: f64 =
            after_name.split_whitespace().skip(11).take(2).map(|t| t.parse::<f64>().unwrap()).sum();
        ticks / TICKS_PER_S
    }

    /// Resident memory.
    fn memory_bytes(&self) -> i64 {
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

/// Prints the address, serves, and ends with its input.
fn serve(listen: impl Future<Output = (SocketAddr, Box<dyn Send>)>) {
    let runtime = runtime();
    let (address, kept) = runtime.block_on(listen);
    println!("{address}");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    runtime.shutdown_background();
    drop(kept);
}

/// The bare limit: what came goes back.
async fn echo() -> (SocketAddr, Box<dyn Send>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.set_nodelay(true).unwrap();
            tokio::spawn(async move {
                let mut buffer = [0; 4_096];
                while let Ok(length @ 1..) = stream.read(&mut buffer).await {
                    if stream.write_all(&buffer[..length]).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    (address, Box::new(()))
}

async fn gateway(folder: String) -> (SocketAddr, Box<dyn Send>) {
    let store = fengsui_store_sql::open("sqlite", std::path::Path::new(&folder)).await.unwrap();
    let (clock, ttl) = (Arc::new(WallClock), Duration::from_secs(3_600));
    let Lease::Held { epoch, .. } = store.claim_lease("量测", None, clock.now(), ttl).await.unwrap() else {
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
    let app = App::start(setup).await.unwrap();
    let settings = GatewaySettings {
        address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        // All come from this machine, and none of them is in a hurry.
        connections_per_ip_max: usize::MAX,
        first_frame_wait: ttl,
        frames_per_s: 1_000_000,
        ..GatewaySettings::default()
    };
    let gateway = Gateway::start(app, settings, clock).await.unwrap();
    (gateway.address(), Box::new(gateway))
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
        version: "0".to_owned(),
    }
}

fn catalog() -> Catalog {
    let files = [
        ("alarm.toml", include_str!("../../../catalog/alarm.toml")),
        ("office.toml", include_str!("../../../catalog/office.toml")),
        ("posts.toml", include_str!("../../../catalog/posts.toml")),
        ("unit.toml", include_str!("../../../catalog/unit.toml")),
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
