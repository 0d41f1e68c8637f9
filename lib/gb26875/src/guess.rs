//! Which dialect a terminal speaks, guessed from its frames, with the reasons.
//!
//! Each shipped dialect reads the same frames, and what it makes of them is weighed: are the times of day near
//! the time of receipt, is the content understood, do the addresses divide in a way that a building can have,
//! does the source address look like what the dialect says it is. A guess is advice for whoever registers the
//! terminal; nothing is decided by it.

use crate::frame::{self, Command};
use crate::profile::{PartAddressOrder, SourceAddressing, UserMeaning};
use crate::profile::{Profile, shipped};
use crate::unit::{Content, Objects};
use crate::{Address, Frame, Label};
use jiff::civil::DateTime;
use std::collections::BTreeSet;

/// Most frames that are weighed: the newest tell enough.
pub const FRAMES_MAX: usize = 50;
/// How far a plausible time may lie before its receipt, in days: a panel that was cut off sends old news.
const PAST_DAYS: i32 = 31;
/// How far it may lie after it, in days.
const FUTURE_DAYS: i32 = 1;

/// A frame with the civil time at which it was received.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// When it was received, in the zone of the terminal's clock.
    pub at: DateTime,
}

/// One dialect weighed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Guess {
    /// Stable name of the dialect.
    pub name: &'static str,
    /// 0 to 100.
    pub score: u8,
    /// What speaks for it and against it.
    pub reasons: Vec<Reason>,
}

/// One thing that speaks for or against a dialect.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reason {
    /// Points added, or taken away.
    pub points: i8,
    /// In Chinese, for whoever registers the terminal.
    pub text: String,
}

/// Every shipped dialect, the likeliest first; the one that reads everything before its equals.
///
/// Frames that no dialect can cut out of their bytes are passed over. Without any frame that has content there
/// is nothing to weigh, and all dialects come with the same score.
pub fn guess(frames: &[Received<'_>]) -> Vec<Guess> {
    let newest = &frames[..frames.len().min(FRAMES_MAX)];
    let mut all: Vec<_> = shipped().iter().map(|(name, profile)| weigh(name, profile, newest)).collect();
    all.sort_by_key(|guess| std::cmp::Reverse(guess.score));
    all
}

fn weigh(name: &'static str, profile: &Profile, frames: &[Received<'_>]) -> Guess {
    let seen = Seen::of(profile, frames);
    let special = profile.user_types.iter().any(|user| matches!(user.meaning, UserMeaning::RestoredOf(_)));
    let reasons: Vec<_> = [
        times(&seen),
        content(&seen),
        division(&seen, profile),
        source(&seen, profile),
        restored(&seen, special),
        plain(name),
    ]
    .into_iter()
    .flatten()
    .collect();
    let sum: i32 = reasons.iter().map(|reason| i32::from(reason.points)).sum();
    let score = u8::try_from((50 + sum).clamp(0, 100)).unwrap_or(0);
    Guess { name, score, reasons }
}

/// What a dialect makes of the frames.
#[derive(Default)]
struct Seen {
    near: usize,
    far: usize,
    understood: usize,
    raw: usize,
    restored: usize,
    zones: BTreeSet<u16>,
    numbers: BTreeSet<u16>,
    sources: BTreeSet<[u8; Address::LEN]>,
}

impl Seen {
    fn of(profile: &Profile, frames: &[Received<'_>]) -> Self {
        let mut seen = Self::default();
        for received in frames {
            let Ok(frame) = frame::decode_with(received.bytes, profile) else {
                seen.raw += 1;
                continue;
            };
            seen.frame(&frame, profile, received.at);
        }
        seen
    }

    fn frame(&mut self, frame: &Frame, profile: &Profile, at: DateTime) {
        self.sources.insert(frame.source.0);
        if !matches!(frame.command, Command::SEND | Command::REPLY) || profile.is_handshake(frame) {
            return;
        }
        match Content::decode(&frame.data, profile) {
            Content::Empty => {}
            Content::Single(_) => self.raw += 1,
            Content::Unit(unit) => {
                let restored = matches!(profile.meaning(unit.kind), Some(UserMeaning::RestoredOf(_)));
                self.restored += usize::from(restored);
                self.objects(&unit.objects, profile, at);
            }
        }
    }

    fn objects(&mut self, objects: &Objects, profile: &Profile, at: DateTime) {
        match objects {
            Objects::Raw(_) => return self.raw += 1,
            Objects::SystemStatus(list) => list.iter().for_each(|o| self.time(o.occurred, profile, at)),
            Objects::ComponentStatus(list) => list.iter().for_each(|o| {
                self.time(o.occurred, profile, at);
                self.address(o.component_address, profile);
            }),
            Objects::AnalogValue(list) => list.iter().for_each(|o| {
                self.time(o.occurred, profile, at);
                self.address(o.component_address, profile);
            }),
            Objects::UitdStatus(list) => list.iter().for_each(|o| self.time(o.occurred, profile, at)),
            _ => {}
        }
        self.understood += 1;
    }

    fn time(&mut self, label: Label, profile: &Profile, at: DateTime) {
        let near = label.civil(profile.object_clock).is_some_and(|civil| is_near(civil, at));
        *if near { &mut self.near } else { &mut self.far } += 1;
    }

    fn address(&mut self, address: u32, profile: &Profile) {
        let (zone, number) = profile.split_part_address(address);
        if zone != 0 && number != 0 {
            self.zones.insert(zone);
            self.numbers.insert(number);
        }
    }
}

fn is_near(civil: DateTime, at: DateTime) -> bool {
    let days = |days: i32| jiff::Span::new().days(days);
    civil >= at.saturating_sub(days(PAST_DAYS)) && civil <= at.saturating_add(days(FUTURE_DAYS))
}

fn share(part: usize, all: usize, points: usize) -> i8 {
    i8::try_from(points * part / all.max(1)).unwrap_or(i8::MAX)
}

fn times(seen: &Seen) -> Option<Reason> {
    let all = seen.near + seen.far;
    let points = share(seen.near, all, 20) - share(seen.far, all, 20);
    let text = format!("发生时间 {all} 个，{} 个与收到时间相近", seen.near);
    (all > 0).then_some(Reason { points, text })
}

fn content(seen: &Seen) -> Option<Reason> {
    let all = seen.understood + seen.raw;
    let points = share(seen.understood, all, 15) - share(seen.raw, all, 15);
    let text = format!("内容 {all} 条，读懂 {} 条", seen.understood);
    (all > 0).then_some(Reason { points, text })
}

/// A building has few zones with many points each; the other way round is rare.
fn division(seen: &Seen, profile: &Profile) -> Option<Reason> {
    let (zones, numbers) = (seen.zones.len(), seen.numbers.len());
    let order = match profile.part_address_order {
        PartAddressOrder::ZoneFirst => "先区后号",
        PartAddressOrder::PointFirst => "先号后区",
    };
    let points = match zones.cmp(&numbers) {
        std::cmp::Ordering::Less => 10,
        std::cmp::Ordering::Equal => return None,
        std::cmp::Ordering::Greater => -10,
    };
    Some(Reason { points, text: format!("部件地址{order}：{zones} 个区、{numbers} 个号") })
}

/// Addresses of private networks with a port above the well-known ones are hardly ever numbers by chance.
fn source(seen: &Seen, profile: &Profile) -> Option<Reason> {
    let given: Vec<_> = seen.sources.iter().map(|bytes| Address(*bytes)).filter(|a| !a.is_zero()).collect();
    let looks = !given.is_empty() && given.iter().all(|address| is_private_socket(*address));
    let says = profile.source_addressing == SourceAddressing::Ipv4AndPort;
    match (looks, says) {
        (true, true) => Some(Reason { points: 20, text: "源地址像内网 IPv4 和端口".to_owned() }),
        (false, true) => Some(Reason { points: -30, text: "源地址不像 IPv4 和端口".to_owned() }),
        (_, false) => None,
    }
}

fn is_private_socket(address: Address) -> bool {
    let (ip, port) = address.ipv4_and_port();
    ip.is_private() && port >= 1_024
}

fn restored(seen: &Seen, special: bool) -> Option<Reason> {
    match (special, seen.restored) {
        (true, 0) => Some(Reason { points: -8, text: "没有见到恢复用的自定义类型".to_owned() }),
        (true, count) => {
            Some(Reason { points: 15, text: format!("见到恢复用的自定义类型 {count} 次") })
        }
        (false, _) => None,
    }
}

/// Among equals the dialect that reads everything is the better choice.
fn plain(name: &str) -> Option<Reason> {
    match name {
        "gb26875" => Some(Reason { points: 2, text: "通用规约，常见变体都能读".to_owned() }),
        _ => None,
    }
}
