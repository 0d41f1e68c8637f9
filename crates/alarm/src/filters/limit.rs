//! A measured value against its limits (限值): too low, too high, or nothing a sound sensor can have measured.
//!
//! Each limit has two numbers. Beyond the first one the value is out of bounds, and only when it has come back to the
//! second one (恢复值) is it within them again; what lies between them changes nothing (回差). A value counts as out of
//! bounds only after it has been so for a while (保持时间), also when nothing more is heard in that time: what was
//! measured last holds until something else is measured. So a gauge that trembles about its limit rings once, and one
//! that dips for a moment not at all. Pure: values, limits and time go in, steps come out.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Longest time for which a value must be beyond its limit before it counts, in seconds: an hour.
pub const HOLD_S_MAX: i64 = 3_600;
/// Largest number that a limit may be, whatever its unit.
pub const LIMIT_MAX: f64 = 1_000_000.0;

/// Which limit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// 下限
    Low,
    /// 上限
    High,
}

impl Side {
    /// Stable name for machines.
    pub fn code(self) -> &'static str {
        match self {
            Side::Low => "low",
            Side::High => "high",
        }
    }

    /// What a value does to this limit.
    pub fn label(self) -> &'static str {
        match self {
            Side::Low => "低于下限",
            Side::High => "达到上限",
        }
    }
}

/// A limit, in the unit of the value.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Bound {
    /// Out of bounds below it, or from it up.
    pub limit: f64,
    /// Within bounds again from it up, or down to it (恢复值).
    pub clear: f64,
}

/// What holds for one value.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Limits {
    /// Lower limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<Bound>,
    /// Upper limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<Bound>,
    /// For how long a value must be beyond a limit before it counts, in seconds.
    #[serde(default)]
    pub hold_s: i64,
}

/// What is wrong with limits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LimitMistake {
    /// Neither a lower nor an upper one.
    Nothing,
    /// A number is none, or too large to be meant.
    Number(Side),
    /// The clear value is on the wrong side of its limit.
    Clear(Side),
    /// The upper limit is not above the lower one, or they reach into each other.
    Order,
    /// The hold is not between nothing and [`HOLD_S_MAX`].
    Hold,
}

impl Limits {
    /// The limit of a side.
    pub fn bound(&self, side: Side) -> Option<Bound> {
        match side {
            Side::Low => self.low,
            Side::High => self.high,
        }
    }

    /// The first thing that is wrong with them.
    pub fn mistake(&self) -> Option<LimitMistake> {
        if self.low.is_none() && self.high.is_none() {
            return Some(LimitMistake::Nothing);
        }
        if !(0..=HOLD_S_MAX).contains(&self.hold_s) {
            return Some(LimitMistake::Hold);
        }
        let sides = [(Side::Low, self.low), (Side::High, self.high)];
        let set = || sides.into_iter().filter_map(|(side, bound)| Some((side, bound?)));
        let sane = |n: f64| n.is_finite() && n.abs() <= LIMIT_MAX;
        if let Some((side, _)) = set().find(|(_, b)| !sane(b.limit) || !sane(b.clear)) {
            return Some(LimitMistake::Number(side));
        }
        let backwards = |(side, b): &(Side, Bound)| match side {
            Side::Low => b.clear <= b.limit,
            Side::High => b.clear >= b.limit,
        };
        if let Some((side, _)) = set().find(backwards) {
            return Some(LimitMistake::Clear(side));
        }
        let crossed = self.low.zip(self.high).is_some_and(|(l, h)| l.clear >= h.limit || l.limit >= h.clear);
        crossed.then_some(LimitMistake::Order)
    }

    /// The limit that a value is beyond.
    fn beyond(&self, value: f64) -> Option<Side> {
        let low = self.low.is_some_and(|b| value < b.limit);
        let high = self.high.is_some_and(|b| value >= b.limit);
        if low { Some(Side::Low) } else { high.then_some(Side::High) }
    }

    /// Whether a value is within bounds again on this side; also when there is no limit any more.
    fn clears(&self, side: Side, value: f64) -> bool {
        self.bound(side).is_none_or(|b| match side {
            Side::Low => value >= b.clear,
            Side::High => value <= b.clear,
        })
    }

    fn hold(&self) -> SignedDuration {
        SignedDuration::from_secs(self.hold_s.clamp(0, HOLD_S_MAX))
    }
}

/// Where a value stands to its limits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Crossing {
    /// Within them.
    #[default]
    Within,
    /// Beyond one, and not yet for long enough.
    Waiting(Side),
    /// Out of bounds (超限).
    Beyond(Side),
}

/// Whether the sensor can be believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Sensor {
    /// It measures what can be.
    #[default]
    Sound,
    /// It measures what cannot be, and not yet for long enough.
    Doubted,
    /// It is broken (读数不可信).
    Broken,
}

/// What is known of a value besides the value, and since when it has been so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LimitState {
    /// Where the value stands.
    pub crossing: Crossing,
    /// Whether it can be believed.
    pub sensor: Sensor,
    /// Since when this is so.
    pub since: Timestamp,
}

/// What a value, or the time that passed, has brought.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LimitStep {
    /// The value is out of bounds from now on.
    Raise(Side),
    /// It is within them again.
    Clear(Side),
    /// The sensor is broken from now on.
    Break,
    /// It measures again.
    Mend,
}

impl Default for LimitState {
    fn default() -> Self {
        Self { crossing: Crossing::Within, sensor: Sensor::Sound, since: Timestamp::UNIX_EPOCH }
    }
}

impl LimitState {
    /// The state as a number, for storage: the crossing in the low four bits, the sensor above them.
    pub fn bits(&self) -> i32 {
        let crossing = match self.crossing {
            Crossing::Within => 0,
            Crossing::Waiting(Side::Low) => 1,
            Crossing::Waiting(Side::High) => 2,
            Crossing::Beyond(Side::Low) => 3,
            Crossing::Beyond(Side::High) => 4,
        };
        let sensor = match self.sensor {
            Sensor::Sound => 0,
            Sensor::Doubted => 1,
            Sensor::Broken => 2,
        };
        crossing | sensor << 4
    }

    /// The state with this number; what is no such number counts as within bounds and sound.
    pub fn from_bits(bits: i32, since: Timestamp) -> Self {
        let crossing = match bits & 0xf {
            1 => Crossing::Waiting(Side::Low),
            2 => Crossing::Waiting(Side::High),
            3 => Crossing::Beyond(Side::Low),
            4 => Crossing::Beyond(Side::High),
            _ => Crossing::Within,
        };
        let sensor = match bits >> 4 {
            1 => Sensor::Doubted,
            2 => Sensor::Broken,
            _ => Sensor::Sound,
        };
        Self { crossing, sensor, since }
    }

    /// Whether there is nothing to remember.
    pub fn is_calm(&self) -> bool {
        self.crossing == Crossing::Within && self.sensor == Sensor::Sound
    }

    /// When what has begun will count, if nothing else is measured until then.
    pub fn deadline(&self, limits: &Limits) -> Option<Timestamp> {
        let waits = matches!(self.crossing, Crossing::Waiting(_)) || self.sensor == Sensor::Doubted;
        waits.then(|| self.since.checked_add(limits.hold()).unwrap_or(Timestamp::MAX))
    }

    /// What the mere passing of time brings: what has lasted long enough counts.
    pub fn elapse(mut self, limits: &Limits, now: Timestamp) -> (Self, Option<LimitStep>) {
        let Some(due) = self.deadline(limits).filter(|due| *due <= now) else { return (self, None) };
        self.since = due;
        let step = match (self.sensor, self.crossing) {
            (Sensor::Doubted, _) => {
                self.sensor = Sensor::Broken;
                LimitStep::Break
            }
            (_, Crossing::Waiting(side)) => {
                self.crossing = Crossing::Beyond(side);
                LimitStep::Raise(side)
            }
            _ => return (self, None),
        };
        (self, Some(step))
    }

    /// What a value measured at this instant brings. A value outside `plausible` says nothing but that the sensor is
    /// broken: it neither raises nor clears a limit.
    pub fn measure(
        self,
        limits: &Limits,
        plausible: Option<[f64; 2]>,
        value: f64,
        at: Timestamp,
    ) -> (Self, Vec<LimitStep>) {
        let at = at.max(self.since);
        let (mut state, lasted) = self.elapse(limits, at);
        let mut steps: Vec<_> = lasted.into_iter().collect();
        let absurd =
            !value.is_finite() || plausible.is_some_and(|[least, most]| value < least || value > most);
        if absurd {
            state.doubt(at)
        } else {
            steps.extend(state.believe(limits, value, at))
        }
        let (state, at_once) = state.elapse(limits, at);
        steps.extend(at_once);
        (state, steps)
    }

    /// The limits are gone: what they had begun is over.
    pub fn forgotten(self, now: Timestamp) -> (Self, Vec<LimitStep>) {
        let cleared =
            if let Crossing::Beyond(side) = self.crossing { Some(LimitStep::Clear(side)) } else { None };
        let mended = (self.sensor == Sensor::Broken).then_some(LimitStep::Mend);
        let calm = Self { since: now.max(self.since), ..Self::default() };
        (calm, cleared.into_iter().chain(mended).collect())
    }

    /// What cannot be was measured: what was about to count does not, what counts stays as it is.
    fn doubt(&mut self, at: Timestamp) {
        if matches!(self.crossing, Crossing::Waiting(_)) {
            (self.crossing, self.since) = (Crossing::Within, at);
        }
        if self.sensor == Sensor::Sound {
            (self.sensor, self.since) = (Sensor::Doubted, at);
        }
    }

    fn believe(&mut self, limits: &Limits, value: f64, at: Timestamp) -> Vec<LimitStep> {
        let mut steps = Vec::new();
        if self.sensor != Sensor::Sound {
            steps.extend((self.sensor == Sensor::Broken).then_some(LimitStep::Mend));
            (self.sensor, self.since) = (Sensor::Sound, at);
        }
        if let Crossing::Waiting(side) | Crossing::Beyond(side) = self.crossing
            && limits.clears(side, value)
        {
            steps.extend(matches!(self.crossing, Crossing::Beyond(_)).then_some(LimitStep::Clear(side)));
            (self.crossing, self.since) = (Crossing::Within, at);
        }
        if let (Crossing::Within, Some(side)) = (self.crossing, limits.beyond(value)) {
            (self.crossing, self.since) = (Crossing::Waiting(side), at);
        }
        steps
    }
}

/// What an alarm says of the value that raised it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Excess {
    /// Which limit.
    pub side: Side,
    /// What is measured, such as 压力.
    pub label: String,
    /// Unit of the numbers.
    pub unit: String,
    /// The value that began it.
    pub value: f64,
    /// The limit then.
    #[serde(flatten)]
    pub bound: Bound,
    /// For how long it had been so, in seconds.
    pub hold_s: i64,
}

impl Excess {
    /// 压力 95 kPa，低于下限 100 kPa.
    pub fn sentence(&self) -> String {
        let Self { label, unit, value, bound, .. } = self;
        format!("{label} {value} {unit}，{} {} {unit}", self.side.label(), bound.limit)
    }
}

#[cfg(test)]
#[path = "limit_tests.rs"]
mod tests;
