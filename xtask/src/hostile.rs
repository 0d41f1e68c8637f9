//! The hostile run (恶意输入): millions of inputs that no terminal would send, over real sockets, and a server that
//! neither grows nor goes away.
//!
//! Each connection sends a piece of rubbish and often hangs up in the middle: frames with bytes changed, random bytes,
//! halves of frames, frames that claim a huge length, start marks without end. Others send one byte a second and hold
//! their place. The push receiver gets wrong signatures, nested and long JSON, and requests that never end. Between
//! them an honest terminal reports every second and must be answered.

use crate::crash::{Server, with_program};
use crate::overload::resident_bytes;
use anyhow::{Context, Result};
use fengsui_sim::swarm::{self, Mix};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

/// Connections that send rubbish at the same time.
const SENDERS: u64 = 32;
/// Inputs that one connection sends before it hangs up, at most.
const INPUTS_PER_LINE: u64 = 400;
/// Connections that send one byte a second.
const SLOW: usize = 100;
/// Inputs before the memory is looked at first: what every server needs once is there by then.
const WARM_UP_PART: u64 = 10;
/// How much the memory may grow afterwards.
const GROWTH_MAX_BYTES: u64 = 64 << 20;
/// Without an answer for this long the honest terminal gives up.
const ANSWER_WAIT: Duration = Duration::from_secs(10);
/// A secret path that the push receiver knows.
const PUSH_PATH: &str = "/push/0123456789abcdef01234567";
/// Of so many inputs one is a push, and one a datagram.
const PUSH_EVERY: u64 = 50;
const DATAGRAM_EVERY: u64 = 5;

/// What the run does.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// How many hostile inputs.
    #[arg(long, default_value_t = 10_000_000)]
    inputs: u64,
    /// Seed of the rubbish.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The program under test.
    #[arg(long, default_value = "target/release/fengsui")]
    binary: PathBuf,
}

/// Runs it. `false` when the server grew, went away or left an honest terminal waiting.
pub(crate) fn run(options: &Options) -> Result<bool> {
    with_program(&options.binary, async |binary, folder| conduct(options, binary, folder).await)
}

async fn conduct(options: &Options, binary: &Path, folder: &Path) -> Result<bool> {
    let mut server = Server::prepare_with(binary, folder, "sqlite", &push_settings(folder)?)?;
    server.start()?;
    server.ready().await?;
    let pid = server.pid().context("the server runs")?;
    let (target, stop) = (server.gateway(), folder.join("stop"));
    let honest = tokio::spawn(swarm::run(swarm::Options {
        target: target.to_string(),
        connections: 1,
        mix: Mix::ALL_DURABLE,
        pause: Duration::from_secs(1),
        run_for: Duration::from_secs(24 * 3600),
        stop_file: Some(stop.clone()),
        ..swarm::Options::default()
    }));
    let slow: Vec<_> = (0..SLOW).map(|n| tokio::spawn(drip(target, n as u64))).collect();
    let push = server.push();
    let began = Instant::now();
    let warm_up = options.inputs / WARM_UP_PART;
    let mut sent = send(options.seed, warm_up, target, push).await?;
    let first = resident_bytes(pid);
    sent += send(options.seed + 1, options.inputs - warm_up, target, push).await?;
    let last = resident_bytes(pid);
    let seconds = began.elapsed().as_secs_f64();
    slow.iter().for_each(tokio::task::JoinHandle::abort);
    server.must_live()?;
    std::fs::write(&stop, "")?;
    let honest = honest.await.context("the swarm fell over")?.context("the swarm gave up")?;
    let waited = Duration::from_micros(honest.state.most_us().max(honest.fire.most_us()));
    println!("{sent} hostile inputs in {seconds:.0} s, {:.0} a second", sent as f64 / seconds);
    println!("resident memory: {} MB after a tenth of them, {} MB at the end", first >> 20, last >> 20);
    println!(
        "an honest terminal beside them: {} answered, {} not, longest {waited:?}",
        honest.acknowledged(),
        honest.unanswered
    );
    let faults = [
        ("the memory grew", last > first + GROWTH_MAX_BYTES),
        ("the honest terminal was left waiting", waited > ANSWER_WAIT || honest.acknowledged() == 0),
        ("less was sent than asked for", sent < options.inputs),
    ];
    let broken: Vec<_> = faults.iter().filter(|(_, is)| *is).map(|(what, _)| *what).collect();
    broken.iter().for_each(|what| println!("BROKEN PROMISE: {what}"));
    println!("{} passed, {} failed", faults.len() - broken.len(), broken.len());
    Ok(broken.is_empty())
}

/// Two subscriptions, whose secrets lie in files as on a real site.
fn push_settings(folder: &Path) -> Result<String> {
    let (path, token) = (folder.join("push-path"), folder.join("push-token"));
    std::fs::write(&path, PUSH_PATH)?;
    std::fs::write(&token, "yunxiu2026")?;
    Ok(format!(
        r#"
[push]
address = "127.0.0.1:PUSH_PORT"

[[push.subscription]]
name = "telecom"
operator = "ctwing"
path = {{ file = {path:?} }}
codec = "gb26875"

[[push.subscription]]
name = "mobile"
operator = "onenet"
token = {{ file = {token:?} }}
codec = "gb26875"
"#
    ))
}

/// Sends so many inputs over all senders; answers how many went out.
async fn send(seed: u64, inputs: u64, target: SocketAddr, push: SocketAddr) -> Result<u64> {
    let (left, sent) = (Arc::new(AtomicU64::new(inputs)), Arc::new(AtomicU64::new(0)));
    let mut tasks = JoinSet::new();
    for sender in 0..SENDERS {
        let (left, sent) = (left.clone(), sent.clone());
        let mut rubbish = Rubbish::new(seed << 8 | sender);
        tasks.spawn(async move {
            while left.load(Ordering::Relaxed) > 0 {
                // Closed by a limit: that is the gateway's right.
                let count = line(&mut rubbish, target, push).await.unwrap_or(1);
                sent.fetch_add(count, Ordering::Relaxed);
                let _ = left
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| Some(n.saturating_sub(count)));
            }
        });
    }
    while let Some(joined) = tasks.join_next().await {
        joined.context("a sender fell over")?;
    }
    Ok(sent.load(Ordering::Relaxed))
}

/// One connection with its rubbish; answers how many inputs it was.
async fn line(rubbish: &mut Rubbish, target: SocketAddr, push: SocketAddr) -> std::io::Result<u64> {
    let inputs = 1 + rubbish.below(INPUTS_PER_LINE);
    if rubbish.below(PUSH_EVERY) == 0 {
        return pushes(rubbish, push).await;
    }
    if rubbish.below(DATAGRAM_EVERY) == 0 {
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        for _ in 0..inputs {
            let _ = socket.send_to(&rubbish.input(), target).await;
        }
        return Ok(inputs);
    }
    let mut stream = TcpStream::connect(target).await?;
    let mut sent = 0;
    while sent < inputs {
        let part = (inputs - sent).min(20);
        let bytes: Vec<u8> = (0..part).flat_map(|_| rubbish.input()).collect();
        sent += part;
        if !matches!(timeout(ANSWER_WAIT, stream.write_all(&bytes)).await, Ok(Ok(()))) {
            break;
        }
        // Answers are read now and then, or the server would rightly give up.
        let mut answers = [0; 4_096];
        let _ = timeout(Duration::from_millis(1), stream.read(&mut answers)).await;
    }
    Ok(sent)
}

/// A few requests to the push receiver, each wrong in its own way.
async fn pushes(rubbish: &mut Rubbish, push: SocketAddr) -> std::io::Result<u64> {
    let mut stream = TcpStream::connect(push).await?;
    let (path, body) = match rubbish.below(6) {
        0 => (PUSH_PATH, [b"[".repeat(50_000), b"]".repeat(50_000)].concat()),
        1 => (PUSH_PATH, format!("{{\"a\":\"{}\"}}", "x".repeat(100_000)).into_bytes()),
        2 => (
            "/push/mobile",
            br#"{"msg":{"at":1,"imei":"1","type":1,"value":"40"},"msg_signature":"bm8=","nonce":"n"}"#
                .to_vec(),
        ),
        3 => ("/push/nobody", rubbish.bytes(500)),
        4 => (PUSH_PATH, rubbish.bytes(2_000)),
        _ => (PUSH_PATH, format!("[{}]", "{\"messageType\":\"dataReport\"},".repeat(3_000)).into_bytes()),
    };
    // Now and then more is announced than comes.
    let announced = body.len() + if rubbish.below(4) == 0 { 1_000 } else { 0 };
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {announced}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&body).await?;
    let mut answer = [0; 1_024];
    let _ = timeout(Duration::from_millis(200), stream.read(&mut answer)).await;
    Ok(1)
}

/// A connection that sends one byte a second of a frame that never ends, again and again.
async fn drip(target: SocketAddr, seed: u64) {
    let mut rubbish = Rubbish::new(seed);
    loop {
        let Ok(mut stream) = TcpStream::connect(target).await else {
            sleep(Duration::from_secs(1)).await;
            continue;
        };
        for byte in rubbish.frame() {
            if stream.write_all(&[byte]).await.is_err() {
                break;
            }
            sleep(Duration::from_secs(1)).await;
        }
    }
}

/// Rubbish that is the same for the same seed.
struct Rubbish {
    state: u64,
}

impl Rubbish {
    fn new(seed: u64) -> Self {
        Self { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1 }
    }

    /// xorshift64*: chance enough for rubbish.
    fn next(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, bound: u64) -> u64 {
        (self.next() >> 11) % bound.max(1)
    }

    fn bytes(&mut self, most: u64) -> Vec<u8> {
        (0..1 + self.below(most)).map(|_| self.next().to_le_bytes()[3]).collect()
    }

    /// A frame that any gateway takes in, of one of a few terminals.
    fn frame(&mut self) -> Vec<u8> {
        swarm::sample_frame(swarm::FIRST_SOURCE + 500_000 + self.below(50), self.below(u64::MAX))
    }

    /// One input.
    fn input(&mut self) -> Vec<u8> {
        let mut frame = self.frame();
        match self.below(8) {
            0 => self.bytes(300),
            1 => {
                let kept = 1 + self.below(frame.len() as u64 - 1);
                frame.truncate(usize::try_from(kept).unwrap_or(1));
                frame
            }
            // The length field of the header: two bytes before the command.
            2 => {
                frame.splice(24..26, [0xff, 0xff]);
                frame
            }
            3 => b"@@".repeat(1 + usize::try_from(self.below(200)).unwrap_or(0)),
            _ => {
                for _ in 0..=self.below(4) {
                    let at = usize::try_from(self.below(frame.len() as u64)).unwrap_or(0);
                    frame[at] ^= 1 << self.below(8);
                }
                spoilt(frame)
            }
        }
    }
}

/// Bits that are turned twice, or in two bytes, may leave a frame whole: then its alarm would be a real one, and what it
/// takes in memory no growth by rubbish.
fn spoilt(mut frame: Vec<u8>) -> Vec<u8> {
    if gb26875::frame::decode(&frame).is_ok() {
        let sum = frame.len().saturating_sub(3);
        frame[sum] ^= 0xff;
    }
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_rubbish_and_all_sorts_of_it() {
        let all = |seed| {
            let mut rubbish = Rubbish::new(seed);
            (0..500).map(|_| rubbish.input()).collect::<Vec<_>>()
        };
        assert_eq!(all(7), all(7));
        assert_ne!(all(7), all(8));
        let frames = all(7);
        assert!(frames.iter().any(|f| f.starts_with(b"@@@@")) && frames.iter().any(|f| f.len() < 10));
        assert!(frames.iter().any(|f| f.get(24..26) == Some(&[0xff, 0xff])));
        assert!(frames.iter().all(|f| gb26875::frame::decode(f).is_err()), "none is a frame after all");
    }
}
