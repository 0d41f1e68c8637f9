//! What one connection of a swarm says, frame by frame.

use std::collections::BTreeMap;

use gb26875::state::ComponentState;
use gb26875::text::FixedText;
use gb26875::unit::{ComponentStatus, DataUnit, kind};
use gb26875::{Address, Command, EncodeError, Frame, Objects, frame};
use jiff::{Timestamp, ToSpan, civil::DateTime};

use super::dialect::Dialect;
use crate::chance::Chance;
use crate::wall_clock::{beijing, label};

/// Zone of all points of a swarm.
const ZONE: u32 = 1;
/// Normal, and normal with fire or fault.
const NORMAL: u16 = 0b001;
const FIRE: u16 = 0b011;
const FAULT: u16 = 0b101;

/// Classes of frames, as the figures are reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A frame without data.
    Heartbeat,
    /// A changed state that is no new fire.
    State,
    /// A new fire.
    Fire,
}

impl Class {
    /// Its word in the ledger.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Heartbeat => "heartbeat",
            Self::State => "state",
            Self::Fire => "fire",
        }
    }

    pub(crate) fn of_word(word: &str) -> Option<Self> {
        [Self::Heartbeat, Self::State, Self::Fire].into_iter().find(|c| c.word() == word)
    }
}

/// Parts of the three classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mix {
    /// Parts heartbeats.
    pub heartbeat: u32,
    /// Parts changes of state.
    pub state: u32,
    /// Parts fires.
    pub fire: u32,
}

impl Mix {
    /// 90 % heartbeats, 9 % changes of state, 1 % fires.
    pub const USUAL: Self = Self { heartbeat: 90, state: 9, fire: 1 };
    /// Only what must be durable before it is acknowledged, in the usual proportion.
    pub const ALL_DURABLE: Self = Self { heartbeat: 0, state: 9, fire: 1 };

    pub(crate) fn total(self) -> u64 {
        u64::from(self.heartbeat) + u64::from(self.state) + u64::from(self.fire)
    }
}

/// A frame ready to be sent, and how it will be found again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) bytes: Vec<u8>,
    pub(crate) sequence: u16,
    pub(crate) class: Class,
    pub(crate) component_address: u32,
    pub(crate) occurred: DateTime,
    pub(crate) serial: u64,
}

/// What is known of one point: its state, and the time of its last event.
#[derive(Debug, Clone, Copy)]
struct Known {
    status: u16,
    occurred: DateTime,
}

/// The frames of one connection.
#[derive(Debug)]
pub(crate) struct Traffic {
    source: u64,
    mix: Mix,
    points: u32,
    fire_points: u32,
    chance: Chance,
    known: BTreeMap<u32, Known>,
    serial: u64,
    dialect: Dialect,
    /// Fires of a storm that are still to be sent.
    storm_left: u32,
}

impl Traffic {
    pub(crate) fn new(source: u64, mix: Mix, points: u32, seed: u64) -> Self {
        let chance = Chance::new(seed ^ source, "swarm");
        let (known, dialect) = (BTreeMap::new(), Dialect::Standard);
        Self { source, mix, points, fire_points: points, chance, known, serial: 0, dialect, storm_left: 0 }
    }

    /// Fires only at so many of the points, the first ones.
    pub(crate) fn burning_at_most(self, fire_points: u32) -> Self {
        Self { fire_points: self.points.min(fire_points.max(1)), ..self }
    }

    /// The same, written as a maker writes it.
    pub(crate) fn in_dialect(self, dialect: Dialect) -> Self {
        Self { dialect, ..self }
    }

    /// The next so many frames are fires, whatever the mix says.
    pub(crate) fn storm(&mut self, frames: u32) {
        self.storm_left = frames;
    }

    /// Whether a storm is going on.
    pub(crate) fn storms(&self) -> bool {
        self.storm_left > 0
    }

    pub(crate) fn next(&mut self, now: Timestamp) -> Result<Message, EncodeError> {
        let class = self.class();
        self.serial += 1;
        match class {
            Class::Heartbeat => self.message(class, 0, beijing(now), now, Vec::new()),
            Class::State | Class::Fire => self.change(class, now),
        }
    }

    fn class(&mut self) -> Class {
        if let Some(left) = self.storm_left.checked_sub(1) {
            self.storm_left = left;
            return Class::Fire;
        }
        let parts = [self.mix.heartbeat, self.mix.state, self.mix.fire].map(f64::from);
        [Class::Heartbeat, Class::State, Class::Fire][self.chance.weighted(parts.into_iter())]
    }

    /// A state that differs from the last one of its point, at a time that the point never had.
    fn change(&mut self, class: Class, now: Timestamp) -> Result<Message, EncodeError> {
        let point = self.point(class);
        let burns = self.burns(point);
        // Where everything burns already, the next that is new is that something is over.
        let class = if burns { Class::State } else { class };
        let component_address = self.dialect.component_address(ZONE, point);
        let before = self.known.get(&point).copied();
        let status = match (class, before.map_or(NORMAL, |k| k.status)) {
            (Class::Fire, _) => FIRE,
            (_, NORMAL) => FAULT,
            (_, _) => NORMAL,
        };
        let occurred = later(beijing(now), before.map(|k| k.occurred));
        self.known.insert(point, Known { status, occurred });
        let unit = DataUnit::new(kind::COMPONENT_STATUS, self.object(component_address, status, occurred))?;
        self.message(class, component_address, occurred, now, unit.encode()?)
    }

    /// Any point; for a fire one that does not burn already, as far as a few tries find one.
    fn point(&mut self, class: Class) -> u32 {
        let points = if class == Class::Fire { self.fire_points } else { self.points };
        let mut point = 1;
        for _ in 0..8 {
            point = 1 + self.chance.below(points as usize) as u32;
            if class != Class::Fire || !self.burns(point) {
                break;
            }
        }
        point
    }

    fn burns(&self, point: u32) -> bool {
        self.known.get(&point).is_some_and(|k| k.status == FIRE)
    }

    fn object(&self, component_address: u32, status: u16, occurred: DateTime) -> Objects {
        Objects::ComponentStatus(vec![ComponentStatus {
            system_type: 1,
            system_address: 1,
            component_type: 42,
            component_address,
            status: ComponentState(status),
            text: Some(FixedText::fit(&format!("#{}", self.serial))),
            occurred: gb26875::Label::from_civil(occurred, self.dialect.clock()).unwrap_or_default(),
        }])
    }

    fn message(
        &self,
        class: Class,
        component_address: u32,
        occurred: DateTime,
        now: Timestamp,
        data: Vec<u8>,
    ) -> Result<Message, EncodeError> {
        let sequence = (self.serial - 1) as u16;
        let frame = Frame {
            sequence,
            version: (1, 1),
            sent: label(now),
            source: Address::from_number(self.source).unwrap_or(Address::ZERO),
            destination: Address::from_number(1).unwrap_or(Address::ZERO),
            command: Command::SEND,
            data,
        };
        let occurred = occurred.with().subsec_nanosecond(0).build().unwrap_or(occurred);
        Ok(Message {
            bytes: self.dialect.wire(frame::encode(&frame)?),
            sequence,
            class,
            component_address,
            occurred,
            serial: self.serial,
        })
    }
}

/// Now in whole seconds, or one second after the last event of the point when that is later.
fn later(now: DateTime, last: Option<DateTime>) -> DateTime {
    let now = now.with().subsec_nanosecond(0).build().unwrap_or(now);
    last.map_or(now, |last| now.max(last.saturating_add(1.second())))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_795_000_000_000 + ms).unwrap()
    }

    #[test]
    fn every_durable_frame_can_be_told_from_every_other_even_within_one_second() {
        let mut traffic = Traffic::new(5, Mix::ALL_DURABLE, 10, 1);
        let sent: Vec<Message> = (0..500).map(|i| traffic.next(at(i)).unwrap()).collect();
        let keys: BTreeSet<_> = sent.iter().map(|m| (m.component_address, m.occurred)).collect();
        assert_eq!(keys.len(), 500);
    }

    #[test]
    fn the_mix_is_kept_and_a_fire_never_repeats_a_fire() {
        let mut traffic = Traffic::new(5, Mix::USUAL, 1000, 1);
        let sent: Vec<Message> = (0..20_000).map(|i| traffic.next(at(i)).unwrap()).collect();
        let share = |class| sent.iter().filter(|m| m.class == class).count();
        assert!((17_700..18_300).contains(&share(Class::Heartbeat)));
        assert!((150..260).contains(&share(Class::Fire)));
    }

    #[test]
    fn no_more_points_burn_than_may_and_what_burns_is_never_said_again() {
        let mut traffic = Traffic::new(5, Mix::ALL_DURABLE, 20, 1).burning_at_most(2);
        let (mut fires, mut burning) = (BTreeSet::new(), BTreeSet::new());
        for i in 0..5_000 {
            let message = traffic.next(at(i)).unwrap();
            let point = message.component_address;
            match message.class {
                Class::Fire => assert!(fires.insert(point) | burning.insert(point), "it burnt already"),
                _ => drop(burning.remove(&point)),
            }
        }
        assert_eq!(fires.len(), 2);
    }

    #[test]
    fn sequence_numbers_begin_again_after_65535() {
        let mut traffic = Traffic::new(5, Mix { heartbeat: 1, state: 0, fire: 0 }, 1, 1);
        let last = (0..65_537).map(|i| traffic.next(at(i)).unwrap()).last().unwrap();
        assert_eq!((last.sequence, last.serial), (0, 65_537));
    }
}
