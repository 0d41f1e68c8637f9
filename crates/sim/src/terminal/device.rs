//! One virtual terminal: time and bytes go in, actions come out. No socket, no clock.
//!
//! It keeps to the standard: one frame under way at a time, repeated after ten seconds and at most three
//! times; what is not acknowledged is kept and sent again, byte by byte the same, on the next connection.
//! Fires overtake everything else that waits.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use gb26875::text::CountedText;
use gb26875::unit::{Content, kind};
use gb26875::{Address, Clock, Command, Decoder, Event, Frame, Label, Objects, Profile, answer, frame};
use jiff::{SignedDuration, Timestamp};

use crate::chance::Chance;
use crate::county::Terminal;
use crate::wall_clock::label;

use super::script::Cue;
use super::wire::Signal;

/// How long a terminal waits for an acknowledgement. Source: GB/T 26875.3 §6.5.
pub(crate) const ANSWER_WAIT_MS: u64 = 10_000;
/// How often a frame is repeated before the line is given up. Source: GB/T 26875.3 §6.5.
pub(crate) const RESENDS: u8 = 3;
/// Between two heartbeats.
pub(crate) const HEARTBEAT_MS: u64 = 30_000;
/// Between two reports of tank levels and pipe pressures.
const LEVELS_EVERY_MS: u64 = 60_000;
/// Between two reports of temperatures and residual currents.
const CURRENTS_EVERY_MS: u64 = 300_000;
/// All terminals have connected after this time.
const CONNECT_SPREAD_MS: u64 = 18_000;
/// Longest pause before another attempt to connect.
const BACK_OFF_MAX_MS: u64 = 30_000;
/// Frames that wait at most; beyond it the oldest that is no fire is forgotten.
pub(crate) const QUEUE_MAX: usize = 256;
/// Most measured values in one frame.
const VALUES_PER_FRAME: usize = 8;
/// Address of the centre, as terminals have it configured.
const CENTRE: u64 = 88_888;
/// Share of duty checks that nobody answers.
const ABSENT_SHARE: f64 = 0.08;

/// How a terminal of some maker differs from the letter of the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Habits {
    /// Protocol version it writes: main, user.
    pub version: (u8, u8),
    /// Fires come with bit 0 clear.
    pub clears_bit_0: bool,
    /// Component states come in 15 bytes, without text.
    pub short_objects: bool,
    /// How it shows that it is alive.
    pub heartbeat: Heartbeat,
    /// How far its clock is ahead, in seconds; negative when behind.
    pub skew_s: i64,
    /// How it writes the times of what happened.
    pub object_clock: Clock,
    /// It reports, and answers nothing that it is asked: the receiving side of its line is broken.
    pub deaf: bool,
}

impl Habits {
    /// The standard to the letter.
    pub const STANDARD: Self = Self {
        version: (1, 1),
        clears_bit_0: false,
        short_objects: false,
        heartbeat: Heartbeat::Empty,
        skew_s: 0,
        object_clock: Clock::Binary,
        deaf: false,
    };
}

/// Signs of life that are found in the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heartbeat {
    /// A frame without data.
    Empty,
    /// Type 28, the clock of the terminal.
    Clock,
    /// User type 0xBE.
    UserType,
    /// One byte 0x16.
    LinkUp,
}

/// What the shell must do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Open a connection, then call [`VirtualTerminal::connected`] or [`VirtualTerminal::lost`].
    Connect,
    /// Close the connection.
    Close,
    /// Write these bytes.
    Send(Vec<u8>),
    /// Something worth a line in the log.
    Report(Notice),
}

/// A notable event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A cue of the script with its reason.
    Happened(Signal, &'static str),
    /// Nobody acknowledged after all repetitions.
    Unanswered,
    /// The centre asked whether somebody is there; whether somebody will answer.
    DutyCheck(bool),
    /// The centre set the clock.
    ClockSet,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    /// Not connected until then.
    Down {
        retry_at_ms: u64,
        attempts: u32,
    },
    Connecting {
        attempts: u32,
    },
    Up,
}

/// A data unit that waits for its turn.
#[derive(Debug, Clone)]
struct Pending {
    data: Vec<u8>,
    fire: bool,
}

/// The frame under way.
#[derive(Debug, Clone)]
struct Waiting {
    sequence: u16,
    bytes: Vec<u8>,
    sent: u8,
    due_ms: u64,
}

/// A terminal with its points, its script and its connection.
#[derive(Debug)]
pub struct VirtualTerminal {
    terminal: Arc<Terminal>,
    habits: Habits,
    start: Timestamp,
    cues: VecDeque<Cue>,
    link: Link,
    silent_until_ms: u64,
    sequence: u16,
    queue: VecDeque<Pending>,
    waiting: Option<Waiting>,
    next_heartbeat_ms: u64,
    next_values_ms: u64,
    point_states: BTreeMap<usize, u16>,
    /// Points whose value is out of its usual range.
    strained: BTreeSet<usize>,
    /// The minute of the day at which its life begins, and how much faster than real its days pass.
    day: (f64, f64),
    device_state: u8,
    /// When somebody will press the key that answers a duty check.
    duty_answer_at_ms: Option<u64>,
    decoder: Decoder,
    chance: Chance,
    /// Answers to the centre, which wait for nothing.
    replies: Vec<Action>,
}

impl VirtualTerminal {
    /// A terminal that begins its life at `start`, when its own time is 0 ms.
    #[must_use]
    pub fn new(terminal: Arc<Terminal>, habits: Habits, cues: Vec<Cue>, start: Timestamp, seed: u64) -> Self {
        let mut chance = Chance::new(seed ^ terminal.source, "device");
        let first_ms = chance.below(CONNECT_SPREAD_MS as usize) as u64;
        // Who has a story in the first minute must be there to tell it.
        let early = cues.iter().any(|c| c.at_ms < 60_000 && !matches!(c.signal, Signal::Silence(_)));
        Self {
            habits,
            start,
            cues: cues.into(),
            link: Link::Down { retry_at_ms: if early { first_ms / 8 } else { first_ms }, attempts: 0 },
            silent_until_ms: 0,
            sequence: 0,
            queue: VecDeque::new(),
            waiting: None,
            next_heartbeat_ms: first_ms,
            next_values_ms: first_ms * 3,
            point_states: BTreeMap::new(),
            strained: BTreeSet::new(),
            day: (0.0, 1.0),
            device_state: 1,
            duty_answer_at_ms: None,
            decoder: Decoder::new(&Profile::default()),
            chance,
            replies: Vec::new(),
            terminal,
        }
    }

    /// Lets its days begin at this minute and pass so much faster: what it measures follows the hour.
    #[must_use]
    pub fn living(self, from_minute: u32, speed: f64) -> Self {
        Self { day: (f64::from(from_minute), speed), ..self }
    }

    /// Its source address.
    #[must_use]
    pub fn source(&self) -> u64 {
        self.terminal.source
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.terminal.name
    }

    /// Frames that wait, the one under way included.
    #[must_use]
    pub fn backlog(&self) -> usize {
        self.queue.len() + usize::from(self.waiting.is_some())
    }

    /// Points that are not in normal state, with their state bits.
    #[must_use]
    pub fn abnormal_points(&self) -> &BTreeMap<usize, u16> {
        &self.point_states
    }

    /// Does what is due at this time. Times must not run backwards.
    pub fn poll(&mut self, now_ms: u64) -> Vec<Action> {
        let mut actions = std::mem::take(&mut self.replies);
        self.live(now_ms, &mut actions);
        match self.link {
            Link::Up if now_ms < self.silent_until_ms => {
                self.lost(now_ms);
                actions.push(Action::Close);
            }
            Link::Up => self.talk(now_ms, &mut actions),
            Link::Down { retry_at_ms, attempts } if now_ms >= retry_at_ms.max(self.silent_until_ms) => {
                self.link = Link::Connecting { attempts };
                actions.push(Action::Connect);
            }
            Link::Down { .. } | Link::Connecting { .. } => {}
        }
        actions
    }

    /// When [`VirtualTerminal::poll`] has something to do next, if nothing arrives before.
    #[must_use]
    pub fn next_wake_ms(&self) -> u64 {
        let cue = self.cues.front().map_or(u64::MAX, |c| c.at_ms);
        let duty = self.duty_answer_at_ms.unwrap_or(u64::MAX);
        let link = match self.link {
            Link::Down { retry_at_ms, .. } => retry_at_ms.max(self.silent_until_ms),
            Link::Connecting { .. } => u64::MAX,
            Link::Up => match &self.waiting {
                Some(waiting) => waiting.due_ms,
                None => self.next_heartbeat_ms.min(self.next_values_ms),
            },
        };
        cue.min(duty).min(link).min(self.next_values_ms)
    }

    /// The connection stands. What was under way is sent again as it was.
    pub fn connected(&mut self, now_ms: u64) {
        self.link = Link::Up;
        self.decoder = Decoder::new(&Profile::default());
        self.next_heartbeat_ms = self.next_heartbeat_ms.max(now_ms);
        if let Some(waiting) = &mut self.waiting {
            (waiting.sent, waiting.due_ms) = (0, now_ms);
        }
    }

    /// The connection is gone or could not be made; another attempt follows later each time.
    pub fn lost(&mut self, now_ms: u64) {
        let attempts = match self.link {
            Link::Connecting { attempts } => attempts + 1,
            Link::Up | Link::Down { .. } => 0,
        };
        let pause_ms = (1000_u64 << attempts.min(10)).min(BACK_OFF_MAX_MS);
        let retry_at_ms = now_ms + pause_ms / 2 + self.chance.below(pause_ms as usize) as u64;
        self.link = Link::Down { retry_at_ms, attempts };
    }

    /// Takes in what a read gave.
    pub fn received(&mut self, bytes: &[u8], now_ms: u64) {
        self.decoder.push(bytes);
        let events: Vec<Event> = self.decoder.by_ref().collect();
        for event in events {
            if let Event::Frame(frame) = event {
                self.heard(&frame, now_ms);
            }
        }
    }

    fn heard(&mut self, frame: &Frame, now_ms: u64) {
        match frame.command {
            Command::ACKNOWLEDGE => {
                self.waiting = self.waiting.take().filter(|w| w.sequence != frame.sequence)
            }
            Command::DENY => {
                if let Some(waiting) = self.waiting.as_mut().filter(|w| w.sequence == frame.sequence) {
                    waiting.due_ms = now_ms;
                }
            }
            Command::REQUEST if !self.habits.deaf => self.reply(frame, now_ms),
            Command::CONTROL => self.obey(frame, now_ms),
            _ => {}
        }
    }

    /// What happens behind the terminal, whether or not it is connected.
    fn live(&mut self, now_ms: u64, actions: &mut Vec<Action>) {
        while let Some(cue) = self.cues.pop_front_if(|c| c.at_ms <= now_ms) {
            if !cue.note.is_empty() {
                actions.push(Action::Report(Notice::Happened(cue.signal.clone(), cue.note)));
            }
            // Told late, dated right.
            self.happen(&cue.signal, cue.at_ms);
        }
        if self.duty_answer_at_ms.is_some_and(|at_ms| at_ms <= now_ms) {
            self.duty_answer_at_ms = None;
            self.happen(&Signal::DeviceOperation(1 << 5, 1), now_ms);
        }
        if now_ms >= self.next_values_ms {
            self.measure(now_ms);
        }
    }

    fn happen(&mut self, signal: &Signal, at_ms: u64) {
        match signal {
            Signal::Points(list) => list.iter().for_each(|(point, status)| self.remember(*point, *status)),
            Signal::Device(status) => self.device_state = *status,
            Signal::Strained(point, on) => return self.strain(*point, *on, at_ms),
            Signal::Silence(for_ms) => self.silent_until_ms = self.silent_until_ms.max(at_ms + for_ms),
            _ => {}
        }
        let signal = self.in_dialect(signal);
        let at = self.object_label(at_ms);
        if let Some(data) = signal.data(&self.terminal, self.habits.short_objects, at) {
            self.enqueue(Pending { data, fire: signal.is_fire() });
        }
    }

    /// A value that leaves its range is told at once, as gauges do that report by change.
    fn strain(&mut self, point: usize, on: bool, at_ms: u64) {
        if on {
            self.strained.insert(point)
        } else {
            self.strained.remove(&point)
        };
        let analog = self.terminal.points.get(point).and_then(|p| p.analog);
        if let Some(analog) = analog {
            let value = self.value(point, analog, at_ms);
            self.happen(&Signal::Values(vec![(point, value)]), at_ms);
        }
    }

    fn remember(&mut self, point: usize, status: u16) {
        if status == 1 {
            self.point_states.remove(&point);
        } else {
            self.point_states.insert(point, status);
        }
    }

    fn in_dialect(&self, signal: &Signal) -> Signal {
        match signal {
            Signal::Points(list) if self.habits.clears_bit_0 && signal.is_fire() => {
                Signal::Points(list.iter().map(|(point, status)| (*point, status & !1)).collect())
            }
            _ => signal.clone(),
        }
    }

    fn enqueue(&mut self, pending: Pending) {
        if self.queue.len() >= QUEUE_MAX {
            let victim = self.queue.iter().position(|p| !p.fire).unwrap_or(0);
            self.queue.remove(victim);
        }
        self.queue.push_back(pending);
    }

    /// Tank levels and pressures every minute, temperatures and currents every five.
    fn measure(&mut self, now_ms: u64) {
        let quick = |kind: u8| matches!(kind, 2 | 5);
        let any_quick = self.terminal.points.iter().filter_map(|p| p.analog).any(|a| quick(a.kind));
        let all = now_ms % CURRENTS_EVERY_MS < LEVELS_EVERY_MS;
        self.next_values_ms = now_ms + if any_quick { LEVELS_EVERY_MS } else { CURRENTS_EVERY_MS };
        let mut values: Vec<(usize, i16)> = Vec::new();
        for (i, point) in self.terminal.clone().points.iter().enumerate() {
            if let Some(analog) = point.analog.filter(|a| quick(a.kind) || all || !any_quick) {
                values.push((i, self.value(i, analog, now_ms)));
            }
        }
        // A terminal that is cut off keeps its alarms, not its measurements.
        if self.link == Link::Up {
            for part in values.chunks(VALUES_PER_FRAME) {
                self.happen(&Signal::Values(part.to_vec()), now_ms);
            }
        }
    }

    /// A value that follows the hour and wanders; a point under supervision, or strained, shows far too much or little.
    fn value(&mut self, point: usize, analog: crate::county::Analog, now_ms: u64) -> i16 {
        let (minute, speed) = self.day;
        let hour = (minute + now_ms as f64 / 60_000.0 * speed) / 60.0 % 24.0;
        let slow = 0.7 * by_the_hour(analog.kind, hour)
            + 0.3 * libm::sin(now_ms as f64 / 2_400_000.0 + point as f64);
        let wander = (f64::from(analog.swing) * (0.7 * slow + self.chance.between(-0.3, 0.3))).round() as i16;
        let low = self.point_states.get(&point).is_some_and(|status| status & 1 << 4 != 0);
        if low || self.strained.contains(&point) {
            out_of_range(analog)
        } else {
            (analog.usual + wander).max(0)
        }
    }

    /// One frame at a time: repeat it, give up, or send the next.
    fn talk(&mut self, now_ms: u64, actions: &mut Vec<Action>) {
        match &mut self.waiting {
            Some(waiting) if waiting.due_ms > now_ms => {}
            Some(waiting) if waiting.sent > RESENDS => {
                actions.extend([Action::Report(Notice::Unanswered), Action::Close]);
                self.lost(now_ms);
            }
            Some(waiting) => {
                waiting.sent += 1;
                waiting.due_ms = now_ms + ANSWER_WAIT_MS;
                actions.push(Action::Send(waiting.bytes.clone()));
            }
            None => self.send_next(now_ms, actions),
        }
    }

    fn send_next(&mut self, now_ms: u64, actions: &mut Vec<Action>) {
        let first = self.queue.iter().position(|p| p.fire).unwrap_or(0);
        let data = match self.queue.remove(first) {
            Some(pending) => pending.data,
            None if now_ms >= self.next_heartbeat_ms => self.heartbeat(now_ms),
            None => return,
        };
        // Any frame is a sign of life, but a heartbeat keeps its rhythm.
        if let Some(bytes) = self.frame(data, now_ms) {
            self.waiting = Some(Waiting {
                sequence: self.sequence,
                bytes: bytes.clone(),
                sent: 1,
                due_ms: now_ms + ANSWER_WAIT_MS,
            });
            self.sequence = self.sequence.wrapping_add(1);
            actions.push(Action::Send(bytes));
        }
    }

    fn heartbeat(&mut self, now_ms: u64) -> Vec<u8> {
        // After the first one everybody falls into a rhythm of their own.
        let earlier_ms =
            if self.sequence == 0 { self.chance.below(HEARTBEAT_MS as usize * 3 / 4) as u64 } else { 500 };
        self.next_heartbeat_ms = now_ms + HEARTBEAT_MS - earlier_ms + self.chance.below(1000) as u64;
        match self.habits.heartbeat {
            Heartbeat::Empty => Vec::new(),
            Heartbeat::Clock => [vec![kind::UITD_CLOCK, 1], self.label(now_ms).0.to_vec()].concat(),
            Heartbeat::UserType => vec![0xBE, 1, 0],
            Heartbeat::LinkUp => vec![0x16],
        }
    }

    fn frame(&self, data: Vec<u8>, now_ms: u64) -> Option<Vec<u8>> {
        let frame = Frame {
            sequence: self.sequence,
            version: self.habits.version,
            sent: self.label(now_ms),
            source: Address::from_number(self.terminal.source)?,
            destination: Address::from_number(CENTRE)?,
            command: Command::SEND,
            data,
        };
        frame::encode(&frame).ok()
    }

    /// What its clock shows.
    fn label(&self, at_ms: u64) -> Label {
        let since = SignedDuration::from_millis(at_ms as i64) + SignedDuration::from_secs(self.habits.skew_s);
        label(self.start.saturating_add(since).unwrap_or(self.start))
    }

    /// The same as it writes it beside what happened.
    fn object_label(&self, at_ms: u64) -> Label {
        let shown = self.label(at_ms);
        let civil = shown.civil(Clock::Binary);
        civil.and_then(|at| Label::from_civil(at, self.habits.object_clock)).unwrap_or(shown)
    }

    /// Answers a question of the centre (types 61–88).
    fn reply(&mut self, request: &Frame, now_ms: u64) {
        let Content::Unit(unit) = Content::decode(&request.data, &Profile::default()) else { return };
        let at = self.label(now_ms);
        let reply = match self.answer_data(unit.kind, &unit.objects, at) {
            Some(data) => answer::reply(&request.header(), at, data),
            None => answer::deny(&request.header(), at),
        };
        self.reply_with(&reply);
    }

    fn reply_with(&mut self, reply: &Frame) {
        if let Ok(bytes) = frame::encode(reply) {
            self.replies.push(Action::Send(bytes));
        }
    }

    fn answer_data(&self, asked: u8, objects: &Objects, at: Label) -> Option<Vec<u8>> {
        let time = at.0;
        match asked {
            kind::READ_SYSTEM_STATUS => {
                Signal::System(1, self.system_state()).data(&self.terminal, false, at)
            }
            kind::READ_COMPONENT_STATUS => {
                Signal::Points(self.asked_points(objects)).data(&self.terminal, false, at)
            }
            kind::READ_ANALOG_VALUE => {
                Signal::Values(self.asked_values(objects)).data(&self.terminal, false, at)
            }
            kind::READ_FACILITY_VERSION => Some(vec![kind::FACILITY_VERSION, 1, 1, 1, 2, 4]),
            kind::READ_FACILITY_CLOCK => Some([&[kind::FACILITY_CLOCK, 1, 1, 1][..], &time].concat()),
            kind::READ_UITD_STATUS => Signal::Device(self.device_state).data(&self.terminal, false, at),
            kind::READ_UITD_VERSION => Some(vec![kind::UITD_VERSION, 1, 1, 7]),
            kind::READ_UITD_CONFIGURATION => {
                let words =
                    format!("接入系统 {} 个，心跳周期 30 秒，波特率 9600", self.terminal.system_types.len());
                let text = CountedText::fit(&words);
                let length = u8::try_from(text.bytes().len()).ok()?;
                Some([&[kind::UITD_CONFIGURATION, 1, length][..], text.bytes()].concat())
            }
            kind::READ_UITD_CLOCK => Some([&[kind::UITD_CLOCK, 1][..], &time].concat()),
            _ => None,
        }
    }

    fn system_state(&self) -> u16 {
        self.point_states.values().fold(1, |all, status| all | status & 0x00ff)
    }

    fn asked(&self, objects: &Objects) -> Vec<usize> {
        let Objects::Components(list) = objects else { return Vec::new() };
        let index = |address: u32| self.terminal.points.iter().position(|p| p.component_address == address);
        list.iter().filter_map(|c| index(c.component_address)).collect()
    }

    fn asked_points(&self, objects: &Objects) -> Vec<(usize, u16)> {
        self.asked(objects)
            .into_iter()
            .map(|i| (i, self.point_states.get(&i).copied().unwrap_or(1)))
            .collect()
    }

    fn asked_values(&self, objects: &Objects) -> Vec<(usize, i16)> {
        let usual = |i: usize| self.terminal.points[i].analog.map(|a| (i, a.usual));
        self.asked(objects).into_iter().filter_map(usual).collect()
    }

    /// Does what the centre orders (types 89–91) and says so.
    fn obey(&mut self, order: &Frame, now_ms: u64) {
        let Content::Unit(unit) = Content::decode(&order.data, &Profile::default()) else { return };
        match unit.objects {
            Objects::DutyCheck(_) => self.duty_check(now_ms),
            Objects::UitdClock(list) => list.iter().for_each(|c| self.set_clock(c.time, now_ms)),
            _ => {}
        }
        self.reply_with(&answer::acknowledge(order, self.label(now_ms)));
    }

    /// Somebody walks to the terminal and presses the key, or nobody does.
    fn duty_check(&mut self, now_ms: u64) {
        let present = !self.chance.happens(ABSENT_SHARE);
        let walk_ms = self.chance.whole(4_000, 40_000) as u64;
        self.duty_answer_at_ms = present.then_some(now_ms + walk_ms);
        self.replies.push(Action::Report(Notice::DutyCheck(present)));
    }

    fn set_clock(&mut self, to: Label, now_ms: u64) {
        let clock = gb26875::Clock::Binary;
        if let (Some(to), Some(shown)) = (to.civil(clock), self.label(now_ms).civil(clock)) {
            self.habits.skew_s += to.duration_since(shown).as_secs();
            self.replies.push(Action::Report(Notice::ClockSet));
        }
    }
}

/// A value far out of its usual range: no water, a hot cable, a leaking current.
pub(super) fn out_of_range(analog: crate::county::Analog) -> i16 {
    match analog.kind {
        2 | 5 => analog.usual / 6,
        3 => analog.usual.max(240) + 480,
        _ => analog.usual + 5,
    }
}

/// How a value of this kind swings through the day, from -1 to 1: pressure and levels fall when people cook and wash,
/// currents and cables are at their height in the afternoon.
pub(super) fn by_the_hour(kind: u8, hour: f64) -> f64 {
    let near = |peak: f64, width: f64| {
        let apart = (hour - peak).abs();
        let apart = apart.min(24.0 - apart) / width;
        libm::exp(-apart * apart)
    };
    match kind {
        2 | 5 => 0.6 - 1.4 * near(7.5, 1.4) - 1.6 * near(19.0, 1.8),
        _ => 2.0 * near(15.0, 5.0) - 0.9,
    }
    .clamp(-1.0, 1.0)
}
