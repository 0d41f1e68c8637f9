//! The gateway against a bare echo of the same frames, in frames per CPU-second of the server.
//!
//! Server and client are processes of their own (this program starts itself in the server's roles), so that
//! only the server's time counts. 2,000 connections each send a frame, wait for the answer, and send the next.
//! The gateway stores everything that is durable in SQLite before it answers; the echo sends back what came.
//! What is printed is a ratio within one run, and the memory that an idle connection costs.
//!
//! Run it with `cargo bench -p fengsui-ingest`; it needs about 19,000 open files in each of the two processes (`ulimit -n`) and Linux.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures time, and the server needs a clock")]
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark reports to the terminal and may stop"
)]

mod stage;

use fengsui_ingest::{Gateway, GatewaySettings};
use gb26875::frame;
use stage::{Class, LONG, Server, Serving, heartbeat, mix, runtime, says, serve};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Connections under load.
const CONNECTIONS: u64 = 2_000;
/// Idle connections whose memory is measured.
const IDLE: u64 = 18_000;
/// How long a load is measured.
const MEASURED: Duration = Duration::from_secs(6);
/// How long it runs before.
const WARM_UP: Duration = Duration::from_secs(1);

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("echo") => serve(echo()),
        Some("gateway") => serve(gateway(arguments[2].clone())),
        _ if arguments.iter().any(|a| a == "--bench") => runtime().block_on(measure()),
        _ => println!("只在 cargo bench 时测量"),
    }
}

async fn measure() {
    println!(
        "{CONNECTIONS} connections, closed loop, {} s each; frames per CPU-second of the server",
        MEASURED.as_secs()
    );
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

/// Loads a server; returns its frames per CPU-second.
async fn load(role: &str, class: fn(u64) -> Class, name: &str) -> f64 {
    let server = Server::start(role, &[]);
    let (frames, running) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(true)));
    let mut clients = Vec::new();
    for number in 0..CONNECTIONS {
        let stream = TcpStream::connect(&server.greeting).await.unwrap();
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
    let mut server = Server::start("gateway", &[]);
    let mut first = TcpStream::connect(&server.greeting).await.unwrap();
    exchange(&mut first, &heartbeat(1, 0)).await;
    let before = server.memory_bytes();
    let mut streams = Vec::new();
    for _ in 1..IDLE {
        streams.push(TcpStream::connect(&server.greeting).await.unwrap());
    }
    // Until the gateway has met all of them.
    while server.count() < IDLE {
        tokio::time::sleep(WARM_UP / 10).await;
    }
    let fresh = server.memory_bytes() - before;
    for (number, stream) in (1..).zip(&mut streams) {
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
            let class = class(self.number + u64::from(self.said));
            let bytes = says(class, self.number + 1, self.said);
            let length = if self.echoes { bytes.len() } else { frame::MIN_FRAME };
            self.stream.write_all(&bytes).await.unwrap();
            self.stream.read_exact(&mut buffer[..length]).await.unwrap();
            frames.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The bare limit: what came goes back.
async fn echo() -> Serving {
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
    (address.to_string(), Box::new(|| 0))
}

async fn gateway(folder: String) -> Serving {
    let (app, clock) = stage::app(&folder).await;
    let settings = GatewaySettings {
        address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        // All come from this machine, and none of them is in a hurry.
        connections_max: usize::MAX,
        connections_per_ip_max: usize::MAX,
        first_frame_wait: LONG,
        frames_per_s: 1_000_000,
        ..GatewaySettings::default()
    };
    let gateway = Gateway::start(app, settings, clock).await.unwrap();
    (gateway.address().to_string(), Box::new(move || gateway.connections() as u64))
}
