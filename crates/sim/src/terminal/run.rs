//! The shell: a real TCP connection for every virtual terminal.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gb26875::Clock;
use jiff::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::chance::Chance;
use crate::county::{County, Point, Terminal};
use crate::wall_clock::{beijing, monotonic, now};

use super::day::plan_days;
use super::device::{Action, Habits, Heartbeat, Notice, VirtualTerminal};
use super::script::{Cue, plan};
use super::wire::Signal;

/// Where the gateway listens unless told otherwise.
pub const DEFAULT_TARGET: &str = "127.0.0.1:26875";
/// Days for which a script is written; afterwards only heartbeats and measured values go on.
const DAYS: u32 = 14;
/// Longest time to wait for a connection or for a write.
const IO_WAIT: Duration = Duration::from_secs(5);
/// Bytes taken in by one read; answers are 30 bytes.
const READ_LEN: usize = 512;
/// Source address of the terminal that no registry knows.
const STRANGER_SOURCE: u64 = 70_001;
/// Source address of one that writes the times of events in BCD, as some makers do.
const BCD_SOURCE: u64 = 70_002;
/// How far behind the one wrong clock is: nine days and four hours.
const WRONG_CLOCK_S: i64 = -(9 * 24 + 4) * 3600;

/// How to play the county.
#[derive(Debug, Clone)]
pub struct Options {
    /// Host and port of the gateway.
    pub target: String,
    /// Seed of the script; the county has its own.
    pub seed: u64,
    /// How much faster than real the script runs; heartbeats and protocol times stay real.
    pub speed: f64,
    /// A told day from this minute on instead of the script that begins now.
    pub day: Option<u32>,
    /// Only the first so many terminals and those with a told story; `None` for all.
    pub terminals: Option<usize>,
    /// Whether some makers differ from the standard, as they do.
    pub dialects: bool,
    /// Whether the unknown terminal, the zero address and the wrong clock take part.
    pub strangers: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            target: DEFAULT_TARGET.into(),
            seed: 1,
            speed: 1.0,
            day: None,
            terminals: None,
            dialects: true,
            strangers: true,
        }
    }
}

/// Plays the county until the future is dropped, which closes all connections.
pub async fn run(county: Arc<County>, options: Options) {
    let (start, began) = (now(), monotonic());
    let devices = cast(&county, &options, start);
    tracing::info!(terminals = devices.len(), target = options.target, "virtual terminals start");
    let mut tasks = JoinSet::new();
    for device in devices {
        tasks.spawn(live(device, options.target.clone(), began));
    }
    while tasks.join_next().await.is_some() {}
}

/// All terminals that take part, with their habits and their scripts.
pub(crate) fn cast(county: &County, options: &Options, start: Timestamp) -> Vec<VirtualTerminal> {
    let local = beijing(start);
    let minute = options.day.unwrap_or(local.hour() as u32 * 60 + local.minute() as u32);
    let mut script = match options.day {
        Some(from) => plan_days(county, options.seed, from, DAYS, options.speed),
        None => plan(county, options.seed, minute, DAYS, options.speed),
    };
    let chosen = county.terminals.iter().enumerate().filter(|(i, t)| {
        options.terminals.is_none_or(|limit| *i < limit || is_told(script.cues.get(&t.source)))
    });
    let mut chance = Chance::new(options.seed, "habits");
    let chosen: Vec<(usize, &Terminal)> = chosen.collect();
    let mut devices: Vec<VirtualTerminal> = Vec::new();
    for (i, terminal) in chosen {
        let mut habits = habits(options, &mut chance);
        let cues = script.cues.remove(&terminal.source).unwrap_or_default();
        if options.strangers && i == WRONG_CLOCK_INDEX {
            habits.skew_s = WRONG_CLOCK_S;
        }
        habits.deaf = options.strangers && i == DEAF_INDEX;
        let device = VirtualTerminal::new(Arc::new(terminal.clone()), habits, cues, start, options.seed);
        devices.push(device.living(minute, options.speed));
    }
    if options.strangers {
        devices.extend(strangers(options, start));
    }
    devices
}

/// The terminal, counted in the order of the county, whose clock is wrong.
pub(crate) const WRONG_CLOCK_INDEX: usize = 40;
/// The terminal, counted in the order of the county, that is heard and answers no reading any more (读不到状态).
pub const DEAF_INDEX: usize = 90;

fn is_told(cues: Option<&Vec<Cue>>) -> bool {
    cues.is_some_and(|cues| cues.iter().any(|c| c.at_ms > 0 && c.at_ms < 90_000 && !c.note.is_empty()))
}

fn habits(options: &Options, chance: &mut Chance) -> Habits {
    let standard = Habits::STANDARD;
    let other = match chance.below(100) {
        0..=6 => Habits { clears_bit_0: true, ..standard },
        7..=11 => Habits { heartbeat: Heartbeat::Clock, version: (1, 2), ..standard },
        12..=15 => Habits { heartbeat: Heartbeat::UserType, version: (1, 5), ..standard },
        16..=19 => Habits { short_objects: true, version: (2, 255), ..standard },
        20..=21 => Habits { version: (0, 1), ..standard },
        _ => standard,
    };
    if options.dialects { other } else { standard }
}

/// A terminal that no registry knows, one whose maker left the source address empty, and one that writes its times in
/// another way.
fn strangers(options: &Options, start: Timestamp) -> [VirtualTerminal; 3] {
    let minute =
        |m: u64| (m as f64 * 60_000.0 / options.speed.clamp(super::SPEED_MIN, super::SPEED_MAX)) as u64;
    let cue = |at_ms, signal, note| Cue { at_ms, signal, note };
    let unknown = vec![
        cue(minute(1) / 2, Signal::Device(0x09), "未登记终端·主电源故障"),
        cue(minute(7), Signal::Device(0x01), ""),
        cue(minute(24), Signal::Points(vec![(0, 3)]), "未登记终端·火警"),
        cue(minute(27), Signal::Points(vec![(0, 1)]), ""),
        cue(minute(28), Signal::Operation(1, 1), ""),
    ];
    let zero = vec![
        cue(minute(2) / 3, Signal::DeviceOperation(1, 1), "零地址终端·复位"),
        cue(minute(4), Signal::Points(vec![(0, 5)]), "零地址终端·部件故障"),
        cue(minute(19), Signal::Points(vec![(0, 1)]), ""),
    ];
    let bcd = vec![
        cue(minute(1), Signal::Points(vec![(0, 5)]), "BCD 时间的未登记终端·部件故障"),
        cue(minute(2), Signal::Points(vec![(0, 1)]), ""),
        cue(minute(3), Signal::Device(0x09), ""),
        cue(minute(5), Signal::Device(0x01), ""),
        cue(minute(9), Signal::Points(vec![(0, 5)]), ""),
        cue(minute(11), Signal::Points(vec![(0, 1)]), ""),
    ];
    let in_bcd = Habits { object_clock: Clock::Bcd, version: (1, 3), ..Habits::STANDARD };
    let of_maker = Habits { version: (1, 2), heartbeat: Heartbeat::LinkUp, ..Habits::STANDARD };
    let all = [(STRANGER_SOURCE, Habits::STANDARD, unknown), (0, of_maker, zero), (BCD_SOURCE, in_bcd, bcd)];
    all.map(|(source, habits, cues)| {
        VirtualTerminal::new(Arc::new(stranger(source)), habits, cues, start, options.seed)
    })
}

fn stranger(source: u64) -> Terminal {
    let point = Point {
        system_type: 1,
        system_address: 1,
        component_type: 23,
        component_address: 5 | 101 << 16,
        label: "1 层 大厅 手报（示例）".into(),
        building: 1,
        floor: 1,
        zone: "大厅".into(),
        analog: None,
    };
    Terminal {
        source,
        name: if source == 0 { "零地址终端".into() } else { "未登记终端".into() },
        unit: String::new(),
        maker: String::new(),
        profile: "gb26875".into(),
        installed_on: jiff::civil::date(2024, 1, 1),
        system_types: vec![1],
        position: crate::county::Position { lon: 0.0, lat: 0.0 },
        points: vec![point],
    }
}

/// One terminal for ever: do what it wants, then wait for bytes or for its next moment.
async fn live(mut device: VirtualTerminal, target: String, began: Instant) {
    let mut line: Option<TcpStream> = None;
    loop {
        let now_ms = elapsed_ms(began);
        let actions = device.poll(now_ms);
        if actions.is_empty() {
            let pause = Duration::from_millis(
                device.next_wake_ms().saturating_sub(elapsed_ms(began)).clamp(5, 60_000),
            );
            wait(&mut device, &mut line, pause, began).await;
        }
        for action in actions {
            perform(action, &mut device, &mut line, &target, began).await;
        }
    }
}

fn elapsed_ms(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX)
}

async fn wait(device: &mut VirtualTerminal, line: &mut Option<TcpStream>, pause: Duration, began: Instant) {
    let Some(stream) = line else { return sleep(pause).await };
    let mut bytes = [0; READ_LEN];
    match timeout(pause, stream.read(&mut bytes)).await {
        Err(_) => {}
        Ok(Ok(read)) if read > 0 => device.received(&bytes[..read], elapsed_ms(began)),
        Ok(_) => hang_up(device, line, began),
    }
}

fn hang_up(device: &mut VirtualTerminal, line: &mut Option<TcpStream>, began: Instant) {
    *line = None;
    device.lost(elapsed_ms(began));
}

async fn perform(
    action: Action,
    device: &mut VirtualTerminal,
    line: &mut Option<TcpStream>,
    target: &str,
    began: Instant,
) {
    match action {
        Action::Connect => match connect(target).await {
            Ok(stream) => {
                *line = Some(stream);
                device.connected(elapsed_ms(began));
            }
            Err(error) => {
                tracing::debug!(source = device.source(), %error, "no connection");
                device.lost(elapsed_ms(began));
            }
        },
        Action::Close => *line = None,
        Action::Send(bytes) => {
            let Some(stream) = line else { return };
            if !matches!(timeout(IO_WAIT, stream.write_all(&bytes)).await, Ok(Ok(()))) {
                hang_up(device, line, began);
            }
        }
        Action::Report(notice) => report(device, &notice),
    }
}

async fn connect(target: &str) -> io::Result<TcpStream> {
    let stream = timeout(IO_WAIT, TcpStream::connect(target)).await??;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn report(device: &VirtualTerminal, notice: &Notice) {
    let (source, terminal) = (device.source(), device.name());
    match notice {
        Notice::Happened(signal, note) => tracing::info!(source, terminal, fire = signal.is_fire(), "{note}"),
        Notice::Unanswered => tracing::warn!(source, terminal, "重发 3 次无应答，断开重连"),
        Notice::DutyCheck(true) => tracing::info!(source, terminal, "收到查岗，值班员去应答"),
        Notice::DutyCheck(false) => tracing::info!(source, terminal, "收到查岗，无人应答"),
        Notice::ClockSet => tracing::info!(source, terminal, "时钟已校准"),
    }
}
