//! How long a fire takes from the socket to a listening screen, while the gateway carries half of what it can.
//!
//! The real program runs in a process of its own with SQLite on this disk; this process is both the terminals
//! and the screen. First the swarm runs as fast as it is answered, which is the limit; then at half of that
//! rate, and one fire after another is sent on a line of its own and awaited on the live stream. Printed beside
//! it: the time until the acknowledgement of the same fires, which holds everything but the way to the screen.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a benchmark measures and prints")]

use fengsui_sim::swarm::{self, Mix, Options};
use gb26875::unit::{ComponentStatus, DataUnit, Objects, kind};
use gb26875::{Address, Clock, Command, Frame, Label, frame, state, text};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Fires that are timed.
const FIRES: u32 = 300;
/// Lines of the swarm.
const LINES: usize = 500;
const HTTP: &str = "127.0.0.1:18219";
const GATEWAY: &str = "127.0.0.1:36975";
/// Zone that only the timed fires use.
const ZONE: u16 = 60_000;

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut node = start(folder.path());
    let full = load(Duration::ZERO, Duration::from_secs(8));
    println!("limit: {full:.0} frames/s with {LINES} lines, 90 % heartbeat, 9 % state, 1 % fire");
    let pause = Duration::from_secs_f64(LINES as f64 / (full / 2.0));
    let swarm = std::thread::spawn(move || load(pause, Duration::from_secs(60)));
    std::thread::sleep(Duration::from_secs(3));
    let events = listen(&log_in());
    let (mut acknowledged, mut shown) = (Vec::new(), Vec::new());
    let mut line = TcpStream::connect(GATEWAY).expect("the gateway listens");
    for n in 1..=FIRES {
        let sent = Instant::now();
        line.write_all(&fire(n)).expect("the line is open");
        line.read_exact(&mut [0; 30]).expect("the fire is acknowledged");
        acknowledged.push(sent.elapsed());
        let wanted = format!("\"place\":\"{ZONE} 区 {n} 号\"");
        let at = events
            .iter()
            .find(|(_, event): &(Instant, String)| event.contains(&wanted))
            .expect("the stream is open")
            .0;
        shown.push(at - sent);
    }
    node.kill().ok();
    node.wait().ok();
    println!("half load: {:.0} frames/s offered", full / 2.0);
    report("socket to acknowledgement", acknowledged);
    report("socket to screen event   ", shown);
    swarm.join().ok();
}

fn report(name: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    println!(
        "{name}  p50 {:.1} ms  p99 {:.1} ms  max {:.1} ms  (target p99 ≤ 100 ms)",
        at(0.5),
        at(0.99),
        at(1.0)
    );
}

fn start(folder: &std::path::Path) -> Child {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_fengsui"));
    let data = folder.to_str().expect("a temporary folder has a plain name");
    command.args(["demo", "--quiet", "--data", data, "--http", HTTP, "--gateway", GATEWAY]);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
    let output = BufReader::new(child.stdout.take().expect("its output is piped"));
    let mut lines = output.lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("Ctrl+C")), "the program says when it is ready");
    child
}

/// Runs the swarm; frames acknowledged a second.
fn load(pause: Duration, run_for: Duration) -> f64 {
    let options = Options {
        target: GATEWAY.into(),
        connections: LINES,
        mix: Mix::USUAL,
        pause,
        run_for,
        ..Options::default()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let report = runtime.block_on(swarm::run(options)).expect("the swarm runs");
    report.acknowledged() as f64 / report.seconds
}

fn log_in() -> String {
    let body = r#"{"account":"zhoumin","password":"fengsui-demo"}"#;
    let mut stream = TcpStream::connect(HTTP).expect("the pages are served");
    let head = format!(
        "POST /api/v1/session HTTP/1.1\r\nHost: {HTTP}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body.as_bytes()))
        .expect("the request is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it is answered");
    let cookie = answer.lines().find_map(|l| l.strip_prefix("set-cookie: ")).expect("the login is accepted");
    cookie.split(';').next().unwrap_or_default().to_owned()
}

/// The live stream, each line with the instant it was read.
fn listen(cookie: &str) -> mpsc::Receiver<(Instant, String)> {
    let mut stream = TcpStream::connect(HTTP).expect("the pages are served");
    stream.set_nodelay(true).ok();
    let head = format!("GET /api/v1/events HTTP/1.1\r\nHost: {HTTP}\r\nCookie: {cookie}\r\n\r\n");
    stream.write_all(head.as_bytes()).expect("the request is sent");
    let (sender, receiver) = mpsc::channel();
    let mut lines = BufReader::new(stream).lines();
    assert!(lines.by_ref().map_while(Result::ok).any(|l| l.starts_with("event: tick")), "the stream beats");
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok).filter(|l| l.contains("\"place\"")) {
            if sender.send((Instant::now(), line)).is_err() {
                return;
            }
        }
    });
    receiver
}

fn fire(n: u32) -> Vec<u8> {
    let now = jiff::tz::Offset::constant(8).to_datetime(jiff::Timestamp::now());
    let label = Label::from_civil(now, Clock::Binary).expect("this century fits a label");
    let component = ComponentStatus {
        system_type: 1,
        system_address: 1,
        component_type: 40,
        component_address: u32::from(ZONE) | n << 16,
        status: state::ComponentState(0b11),
        text: Some(text::FixedText::fit("")),
        occurred: label,
    };
    let data = DataUnit::new(kind::COMPONENT_STATUS, Objects::ComponentStatus(vec![component]))
        .and_then(|u| u.encode());
    let header = Frame {
        sequence: u16::try_from(n).unwrap_or(0),
        version: (1, 1),
        sent: label,
        source: Address::from_number(770_000_000_001).expect("a number of six bytes"),
        destination: Address::from_number(1).expect("a number of six bytes"),
        command: Command::SEND,
        data: data.expect("one component fits"),
    };
    frame::encode(&header).expect("the frame fits")
}
