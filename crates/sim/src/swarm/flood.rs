//! A flood (洪峰): lines that send heartbeats at their rate, whether anybody answers or not.
//!
//! A terminal of the standard waits for its answer; ten times as many terminals as a centre can serve do not wait for
//! each other. A line stands for many of them. What the network will not take at its time, because nobody reads, is
//! held back: such a heartbeat is never sent, and counted.

use super::SwarmError;
use super::traffic::{Mix, Traffic};
use crate::wall_clock::{monotonic, now};
use gb26875::{Command, Decoder, Event, Profile};
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// How often a line sends what has come due.
const TICK: Duration = Duration::from_millis(20);
/// Most heartbeats that one line sends at once.
const TICK_FRAMES_MAX: u64 = 4_096;
/// How long the gateway may take at the end to read what the network holds.
const DRAIN_WAIT: Duration = Duration::from_secs(300);
/// What a line may give to the network in advance, in bytes: what is further behind is held back and not sent, so that
/// the end of the flood is the end of its load.
const SEND_BUFFER_BYTES: u32 = 16 * 1024;
/// How long a connection may take to stand.
const CONNECT_WAIT: Duration = Duration::from_secs(10);
/// Bytes read at a time.
const READ_LEN: usize = 16 * 1024;

/// What a flood does.
#[derive(Debug, Clone)]
pub struct Flood {
    /// Host and port of the gateway.
    pub target: String,
    /// How many lines.
    pub lines: usize,
    /// Heartbeats a second, of all lines together.
    pub rate_per_s: u64,
    /// For how long.
    pub run_for: Duration,
    /// The source address of the first line; the others count on.
    pub first_source: u64,
}

/// What became of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct FloodReport {
    /// Heartbeats that were due.
    pub offered: u64,
    /// Heartbeats given to the network whole.
    pub sent: u64,
    /// Heartbeats that the network would not take.
    pub held_back: u64,
    /// Acknowledgements read.
    pub acknowledged: u64,
}

impl FloodReport {
    fn add(&mut self, other: &Self) {
        self.offered += other.offered;
        self.sent += other.sent;
        self.held_back += other.held_back;
        self.acknowledged += other.acknowledged;
    }
}

/// Floods a gateway, and waits for the answers that are still on their way.
///
/// # Errors
/// [`SwarmError::Ledger`] when a line cannot be had or is cut off: then nothing can be counted.
pub async fn flood(options: Flood) -> Result<FloodReport, SwarmError> {
    // All lines stand before the first heartbeat: coming is no part of the load.
    let mut lines = Vec::with_capacity(options.lines);
    for _ in 0..options.lines {
        lines.push(timeout(CONNECT_WAIT, connect(&options.target)).await.map_err(std::io::Error::from)??);
    }
    let (options, began) = (Arc::new(options), monotonic());
    let mut tasks = JoinSet::new();
    for (index, stream) in lines.into_iter().enumerate() {
        tasks.spawn(run(index as u64, stream, options.clone(), began));
    }
    let mut report = FloodReport::default();
    while let Some(joined) = tasks.join_next().await {
        report.add(&joined.map_err(std::io::Error::other)??);
    }
    Ok(report)
}

async fn run(
    index: u64,
    stream: TcpStream,
    options: Arc<Flood>,
    began: Instant,
) -> std::io::Result<FloodReport> {
    let (reader, writer) = stream.into_split();
    let answers = Arc::new(AtomicU64::new(0));
    let listening = tokio::spawn(listen(reader, answers.clone()));
    let mut report = send(index, &options, began, &writer).await?;
    // The end of the line is read after all that was sent; then the gateway has answered what it will, and hangs up.
    drop(writer);
    timeout(DRAIN_WAIT, listening).await?.map_err(std::io::Error::other)?;
    report.acknowledged = answers.load(Ordering::Relaxed);
    Ok(report)
}

async fn connect(target: &str) -> std::io::Result<TcpStream> {
    let address = lookup_host(target).await?.next().ok_or(std::io::ErrorKind::NotFound)?;
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    let stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Sends what is due, tick by tick; what was begun is sent to its end.
async fn send(
    index: u64,
    options: &Flood,
    began: Instant,
    writer: &OwnedWriteHalf,
) -> std::io::Result<FloodReport> {
    let source = options.first_source + index;
    let mut traffic = Traffic::new(source, Mix { heartbeat: 1, state: 0, fire: 0 }, 1, 1);
    let (mut report, mut rest) = (FloodReport::default(), Vec::new());
    let lines = options.lines as u64;
    while began.elapsed() < options.run_for {
        sleep(TICK).await;
        let passed_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let due = (passed_us / 1_000 * options.rate_per_s / 1_000 + index) / lines;
        let frames = due.saturating_sub(report.offered);
        report.offered += frames;
        push(writer, &mut rest)?;
        let fits = if rest.is_empty() { frames.min(TICK_FRAMES_MAX) } else { 0 };
        report.held_back += frames - fits;
        report.sent += fits;
        for _ in 0..fits {
            rest.extend(traffic.next(now()).map_err(std::io::Error::other)?.bytes);
        }
        push(writer, &mut rest)?;
    }
    while !rest.is_empty() {
        writer.writable().await?;
        push(writer, &mut rest)?;
    }
    Ok(report)
}

/// Gives the network what it takes at once.
fn push(writer: &OwnedWriteHalf, rest: &mut Vec<u8>) -> std::io::Result<()> {
    while !rest.is_empty() {
        match writer.try_write(rest) {
            Ok(0) => return Err(std::io::ErrorKind::WriteZero.into()),
            Ok(written) => drop(rest.drain(..written)),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

async fn listen(mut reader: OwnedReadHalf, answers: Arc<AtomicU64>) {
    let (mut decoder, mut bytes) = (Decoder::new(&Profile::standard()), vec![0; READ_LEN]);
    while let Ok(length @ 1..) = reader.read(&mut bytes).await {
        decoder.push(bytes.get(..length).unwrap_or_default());
        let of = |event: &Event| matches!(event, Event::Frame(f) if f.command == Command::ACKNOWLEDGE);
        let count = decoder.by_ref().filter(of).count() as u64;
        answers.fetch_add(count, Ordering::Relaxed);
    }
}
