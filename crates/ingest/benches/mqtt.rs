//! The way by a site's broker, beside the same broker with a bare consumer that only acknowledges.
//!
//! A real Mosquitto, eight publishers, two thousand devices, QoS 1, the usual mix; never more than a few thousand
//! messages are under way, so that the broker drops none. Ours decodes each frame and stores what is durable in SQLite
//! before it acknowledges; the bare consumer does nothing. Printed are messages per CPU-second of each consumer and of
//! the broker that serves it, from one run.
//!
//! `cargo bench -p fengsui-ingest --bench mqtt`; `scripts/mosquitto-for-tests.sh` installs the broker where it is absent.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures time")]
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark reports to the terminal and may stop"
)]

mod stage;

use fengsui_ingest::codec::Codecs;
use fengsui_ingest::{BrokerClient, BrokerSettings, DeviceName, TopicSettings};
use rumqttc::{AsyncClient, Event, EventLoop, Incoming, MqttOptions, QoS};
use stage::{Class, Server, Serving, cpu_s, mix, runtime, says, serve};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// Clients that publish, and devices that each speaks for.
const PUBLISHERS: u64 = 8;
const DEVICES: u64 = 250;
/// Messages that may be under way between publishers and consumer.
const UNDER_WAY_MAX: u64 = 4_000;
/// How often the consumer is asked how far it is.
const ASK_EVERY: Duration = Duration::from_millis(20);
/// How long is measured, after every device has been met.
const MEASURED: Duration = Duration::from_secs(8);

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    let given = |n: usize| arguments[n].clone();
    match arguments.get(1).map(String::as_str) {
        Some("bare") => serve(bare(given(3))),
        Some("ours") => serve(ours(given(2), given(3))),
        _ if arguments.iter().any(|a| a == "--bench") => runtime().block_on(measure()),
        _ => println!("只在 cargo bench 时测量"),
    }
}

async fn measure() {
    println!(
        "{PUBLISHERS} publishers, {} devices, QoS 1, {} s each; messages per CPU-second",
        PUBLISHERS * DEVICES,
        MEASURED.as_secs()
    );
    let bare = load("bare", mix, "bare consumer, mix 90/9/1").await;
    let ours = load("ours", mix, "ours, mix 90/9/1").await;
    let heard = load("ours", |_| Class::Heartbeat, "ours, heartbeats").await;
    println!("ratio to the bare consumer, mix: {:.3}; heartbeats: {:.3}", ours / bare, heard / bare);
}

/// Loads a consumer; returns its messages per CPU-second.
async fn load(role: &str, class: fn(u64) -> Class, name: &str) -> f64 {
    let broker = Broker::start();
    let mut server = Server::start(role, &[&broker.address]);
    assert_eq!(server.greeting, "subscribed");
    let (said, heard) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let publishers: Vec<_> = (0..PUBLISHERS)
        .map(|n| {
            let (client, events) =
                AsyncClient::new(options(&format!("publisher-{n}"), &broker.address), 1_000);
            [tokio::spawn(turn(events)), tokio::spawn(publish(client, n, class, said.clone(), heard.clone()))]
        })
        .collect();
    follow(&mut server, &heard, |taken, _| taken >= 2 * PUBLISHERS * DEVICES).await;
    let before = (server.count(), server.cpu_s(), cpu_s(broker.pid));
    let wall_s = follow(&mut server, &heard, |_, passed| passed >= MEASURED).await.as_secs_f64();
    let done = (server.count() - before.0) as f64;
    let (own_s, broker_s) = (server.cpu_s() - before.1, cpu_s(broker.pid) - before.2);
    println!(
        "{name}: {:.0} of the consumer, {:.0} of Mosquitto ({:.0}/s, the consumer has {} MB)",
        done / own_s,
        done / broker_s,
        done / wall_s,
        server.memory_bytes() >> 20
    );
    publishers.iter().flatten().for_each(tokio::task::JoinHandle::abort);
    done / own_s
}

/// Asks the consumer again and again how far it is, until it is enough; returns how long that took.
async fn follow(server: &mut Server, heard: &AtomicU64, enough: fn(u64, Duration) -> bool) -> Duration {
    let began = Instant::now();
    loop {
        let taken = server.count();
        heard.store(taken, Ordering::Relaxed);
        if enough(taken, began.elapsed()) {
            return began.elapsed();
        }
        sleep(ASK_EVERY).await;
    }
}

fn options(name: &str, address: &str) -> MqttOptions {
    let (host, port) = address.rsplit_once(':').unwrap();
    let mut options = MqttOptions::new(name, host, port.parse().unwrap());
    options.set_inflight(200);
    options
}

/// Keeps a publisher's connection going.
async fn turn(mut events: EventLoop) {
    while events.poll().await.is_ok() {}
}

/// Publishes for its devices in turn, as far as the consumer keeps up.
async fn publish(
    client: AsyncClient,
    publisher: u64,
    class: fn(u64) -> Class,
    said: Arc<AtomicU64>,
    heard: Arc<AtomicU64>,
) {
    for n in 0.. {
        while said.load(Ordering::Relaxed) >= heard.load(Ordering::Relaxed) + UNDER_WAY_MAX {
            sleep(ASK_EVERY).await;
        }
        said.fetch_add(1, Ordering::Relaxed);
        let (device, round) = (publisher * DEVICES + n % DEVICES, n / DEVICES + 1);
        let frame = says(class(device + round), device + 1, u16::try_from(round).unwrap());
        client.publish(format!("bench/UL/{device}"), QoS::AtLeastOnce, false, frame).await.unwrap();
    }
}

/// The bare limit: takes every message and acknowledges it.
async fn bare(address: String) -> Serving {
    let (client, mut events) = AsyncClient::new(options("bare", &address), 100);
    client.subscribe("bench/UL/+", QoS::AtLeastOnce).await.unwrap();
    while !matches!(events.poll().await.unwrap(), Event::Incoming(Incoming::SubAck(_))) {}
    let taken = Arc::new(AtomicU64::new(0));
    let counted = taken.clone();
    tokio::spawn(async move {
        while let Ok(event) = events.poll().await {
            if matches!(event, Event::Incoming(Incoming::Publish(_))) {
                counted.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    // The handle keeps the connection.
    let said = move || (taken.load(Ordering::Relaxed), &client).0;
    ("subscribed".to_owned(), Box::new(said))
}

async fn ours(folder: String, address: String) -> Serving {
    let (app, clock) = stage::app(&folder).await;
    let (host, port) = address.rsplit_once(':').unwrap();
    let topic = TopicSettings {
        filter: "bench/UL/+".to_owned(),
        codec: "gb26875".to_owned(),
        device: DeviceName::Level(3),
        will: false,
    };
    let settings = BrokerSettings {
        name: "bench".to_owned(),
        host: host.to_owned(),
        port: port.parse().unwrap(),
        client_id: None,
        user: None,
        password: None,
        ca: None,
        topics: vec![topic],
    };
    let codecs = Arc::new(Codecs::new(Vec::new()).unwrap());
    let client = BrokerClient::start(app, &settings, codecs, clock).unwrap();
    while !client.facts().connected {
        sleep(ASK_EVERY).await;
    }
    let taken = move || {
        let counts = client.facts().counts;
        counts.stored + counts.heard + counts.repeated
    };
    ("subscribed".to_owned(), Box::new(taken))
}

/// A Mosquitto of its own, gone with this handle.
struct Broker {
    address: String,
    pid: u32,
    folder: tempfile::TempDir,
}

impl Broker {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("broker");
        script("start", &data);
        let read = |name: &str| std::fs::read_to_string(data.join(name)).unwrap().trim().to_owned();
        Self { address: read("address"), pid: read("pid").parse().unwrap(), folder }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        script("stop", &self.folder.path().join("broker"));
    }
}

fn script(word: &str, folder: &Path) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/mosquitto-for-tests.sh");
    let status =
        Command::new("sh").arg(path).arg(word).env("FENGSUI_TEST_MQTT_DIR", folder).output().unwrap();
    assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
}
