//! Escalation (升级): an alarm that nobody takes climbs, rung by rung, to people who are not looking at a screen.
//!
//! Which rungs there are depends on the place ([`plan`]): at a staffed place the seats are asked first, then the
//! deputy, the duty leader, the unit and its neighbours; in homes and small places the household, the grid worker
//! and the nearest mini station are asked first, and the desk when nobody answers. The next rung and its instant
//! are stored with the alarm, so that a restart continues where it stopped: [`Ladder::due`] compares them with the
//! clock, [`Ladder::climb`] writes down what was done. Nothing here sends anything or knows the present time.
//!
//! Source: domain notes §4 rule 9; GB 25506-2010 asks for confirmation at once and names no number of seconds, so
//! that all waits are settings with defaults.

mod plan;
mod words;

pub use plan::{Plan, Rung, is_small_place};

use fengsui_base::{EntryId, Timestamp};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// Most rungs whose story is kept with an alarm; the journal keeps all.
pub const CLIMBED_MAX: usize = 24;
/// Most answers kept with an alarm; the journal keeps all.
pub const ANSWERS_MAX: usize = 24;
/// Shortest wait that can be set, in seconds: a telephone must be able to ring.
pub const WAIT_MIN_S: u32 = 5;
/// Longest wait that can be set, in seconds: an hour.
pub const WAIT_MAX_S: u32 = 3_600;

/// How long each rung is given before the next one, in seconds. An alarm keeps the waits it began with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Waits {
    /// The seats, before the bell rings again.
    pub seat_s: u32,
    /// The second bell, before the deputy's telephone.
    pub ring_s: u32,
    /// The deputy (副班).
    pub deputy_s: u32,
    /// The duty leader (带班领导).
    pub leader_s: u32,
    /// The unit's safety manager (消防安全管理人).
    pub manager_s: u32,
    /// The household and its neighbours, before the desk.
    pub home_s: u32,
    /// Between two questions when everybody has been asked.
    pub ask_s: u32,
    /// Whoever answered 收到 or 到场, before it goes on.
    pub pause_s: u32,
    /// The holder, to find out.
    pub verify_s: u32,
    /// The holder, to hand a real fire to the fire brigade.
    pub forward_s: u32,
    /// Faults and everything else without a bell, before the desk is reminded.
    pub list_s: u32,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            seat_s: 30,
            ring_s: 30,
            deputy_s: 60,
            leader_s: 60,
            manager_s: 60,
            home_s: 90,
            ask_s: 300,
            pause_s: 300,
            verify_s: 300,
            forward_s: 60,
            list_s: 1_800,
        }
    }
}

impl Waits {
    /// All waits by the names of the configuration.
    pub fn named(&self) -> [(&'static str, u32); 11] {
        [
            ("seat_s", self.seat_s),
            ("ring_s", self.ring_s),
            ("deputy_s", self.deputy_s),
            ("leader_s", self.leader_s),
            ("manager_s", self.manager_s),
            ("home_s", self.home_s),
            ("ask_s", self.ask_s),
            ("pause_s", self.pause_s),
            ("verify_s", self.verify_s),
            ("forward_s", self.forward_s),
            ("list_s", self.list_s),
        ]
    }

    /// The first wait that is out of bounds, by its name.
    pub fn out_of_bounds(&self) -> Option<(&'static str, u32)> {
        self.named().into_iter().find(|(_, wait_s)| !(WAIT_MIN_S..=WAIT_MAX_S).contains(wait_s))
    }
}

/// Where an alarm stands on its way to somebody who acts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ladder {
    /// Which rungs there are.
    pub plan: Plan,
    /// How long each is given.
    pub waits: Waits,
    /// The rung that was climbed last.
    pub rung: Rung,
    /// Since when.
    pub rung_at: Timestamp,
    /// The rung to come, when there is one.
    pub next: Option<Rung>,
    /// When it is due.
    pub next_at: Option<Timestamp>,
    /// Whether the desk has been asked: until then its bell is silent.
    pub with_desk: bool,
    /// How often the bell has been rung again.
    pub rings: u32,
    /// Whether a second signal has already ended the waiting for the seats; it does so once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hurried: bool,
    /// The rungs climbed, oldest first, the last [`CLIMBED_MAX`] of them.
    pub climbed: Vec<Climbed>,
    /// What was answered, oldest first, the last [`ANSWERS_MAX`] of them.
    pub answers: Vec<Answered>,
}

/// A rung that was climbed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Climbed {
    /// Which.
    pub rung: Rung,
    /// When.
    pub at: Timestamp,
    /// Who was told.
    pub told: Vec<Told>,
}

/// Somebody who was told.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Told {
    /// The message; what became of it stands there.
    pub message: EntryId,
    /// Name.
    pub name: String,
    /// What the person is called, such as 网格员.
    pub role: String,
}

/// What somebody answered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Answered {
    /// The message that was answered.
    pub message: EntryId,
    /// Who.
    pub name: String,
    /// As what.
    pub role: String,
    /// What.
    pub answer: Answer,
    /// In the person's own words.
    pub note: Option<String>,
    /// Through what, such as 回复短信 or 应答页.
    pub through: String,
    /// When.
    pub at: Timestamp,
}

/// What a person who was told says, by a key of the telephone, a reply, or the page behind the link.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// 收到: seen, on it.
    Received,
    /// 到场: is there.
    OnScene,
    /// 误报: looked, nothing burns.
    FalseAlarm,
    /// 着火: sees it burn.
    Burning,
}

/// What a rung depends on besides the clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scene {
    /// Whether anybody has signed on to a seat.
    pub manned: bool,
    /// Whether something else of the same unit reports fire as well.
    pub company: bool,
}

/// A rung that is to be climbed now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// Which.
    pub rung: Rung,
    /// Rungs that would have been climbed while the program stood still; they are not made up for.
    pub missed: Vec<Rung>,
    /// Rungs at which nobody is registered.
    pub vacant: Vec<Rung>,
}

impl Ladder {
    /// The ladder of a new alarm. Without anybody at a seat the seats are not waited for.
    pub fn begin(plan: Plan, waits: Waits, manned: bool, now: Timestamp) -> Self {
        let mut ladder = Self {
            plan,
            waits,
            rung: Rung::Seats,
            rung_at: now,
            next: None,
            next_at: None,
            with_desk: plan != Plan::Home,
            rings: 0,
            hurried: false,
            climbed: Vec::new(),
            answers: Vec::new(),
        };
        ladder.aim(now);
        if plan == Plan::Desk && !manned {
            ladder.aim_at(Rung::Deputy, now);
        }
        ladder
    }

    /// The same alarm on another way, such as when somebody has taken it.
    pub fn turn(&mut self, plan: Plan, now: Timestamp) {
        if plan == self.plan && self.next.is_some() {
            return;
        }
        (self.plan, self.rung, self.rung_at) = (plan, Rung::Seats, now);
        self.with_desk |= plan != Plan::Home;
        self.aim(now);
    }

    /// Nothing more is to come: it is closed.
    pub fn end(&mut self) {
        (self.next, self.next_at) = (None, None);
    }

    fn aim(&mut self, now: Timestamp) {
        let next = plan::after(self.plan, self.rung, &self.waits);
        self.next = next.map(|(rung, _)| rung);
        self.next_at = next.map(|(_, wait)| wait.from(now));
    }

    fn aim_at(&mut self, rung: Rung, at: Timestamp) {
        (self.next, self.next_at) = (Some(rung), Some(at));
    }

    /// Whether the seats are being asked and nobody has been called yet: what changes when nobody sits there.
    pub fn waits_for_seats(&self) -> bool {
        self.next.is_some_and(Rung::is_for_seats)
    }

    /// The rung that is due, if one is. Never before its time, but for two events that end the waiting: nobody is
    /// at a seat any more, or a second fire of the unit has come.
    pub fn due(&self, scene: Scene, now: Timestamp) -> Option<Step> {
        let (mut rung, mut at) = (self.next?, self.next_at?);
        if !scene.manned && self.plan == Plan::Desk && rung.is_for_seats() {
            (rung, at) = (Rung::Deputy, at.min(now));
        }
        if scene.company && rung == Rung::Desk {
            at = at.min(now);
        }
        if at > now {
            return None;
        }
        let mut missed = Vec::new();
        while let Some((later, wait)) = plan::after(self.plan, rung, &self.waits) {
            let later_at = wait.from(at);
            if later == rung || later_at > now {
                break;
            }
            missed.push(rung);
            (rung, at) = (later, later_at);
        }
        // An empty desk rings all the same, so that whoever comes hears it; but it is not waited for.
        let rung = if rung == Rung::Desk && !scene.manned { Rung::Deputy } else { rung };
        Some(Step { rung, missed, vacant: Vec::new() })
    }

    /// The step to the rung behind one at which nobody is registered; none when it is the last one.
    pub fn beyond(&self, step: Step) -> Option<Step> {
        let (rung, _) = plan::after(self.plan, step.rung, &self.waits)?;
        if rung == step.rung || rung.is_for_list() {
            return None;
        }
        let mut vacant = step.vacant;
        vacant.push(step.rung);
        Some(Step { rung, vacant, ..step })
    }

    /// Writes down that a rung was climbed, and when the next one is due.
    pub fn climb(&mut self, rung: Rung, told: Vec<Told>, now: Timestamp) {
        (self.rung, self.rung_at) = (rung, now);
        self.with_desk |= self.plan != Plan::Home || !matches!(rung, Rung::Residents);
        self.rings = self.rings.saturating_add(u32::from(rung.rings_again()));
        self.climbed.push(Climbed { rung, at: now, told });
        let over = self.climbed.len().saturating_sub(CLIMBED_MAX);
        self.climbed.drain(..over);
        self.aim(now);
    }

    /// Writes down an answer. 收到 and 到场 give the person time; 误报 leaves the finding to the desk and gives it
    /// the same time; 着火 ends all waiting.
    pub fn answer(&mut self, answered: Answered, now: Timestamp) {
        let answer = answered.answer;
        self.answers.push(answered);
        let over = self.answers.len().saturating_sub(ANSWERS_MAX);
        self.answers.drain(..over);
        match (answer, self.next_at) {
            (Answer::Burning, Some(_)) => self.hasten(now),
            (_, Some(next_at)) => self.next_at = Some(next_at.max(later(now, self.waits.pause_s))),
            (_, None) => {}
        }
    }

    /// A second signal confirms the fire (双点、联动确认): the waiting for the seats ends, once. What is verified or
    /// silent has no such waiting, and is hurried when it rings again.
    ///
    /// Source: domain notes §4 rule 7.
    pub fn hurry(&mut self, now: Timestamp) {
        let climbs = matches!(self.plan, Plan::Desk | Plan::Home) && self.next.is_some();
        if climbs && !self.hurried {
            self.hurried = true;
            self.hasten(now);
        }
    }

    /// Something is certain now, such as a second detector or a person on the spot: no more waiting for the seats.
    pub fn hasten(&mut self, now: Timestamp) {
        match (self.plan, self.rung) {
            (Plan::Home, _) if !self.with_desk => self.aim_at(Rung::Desk, now),
            (Plan::Desk, Rung::Seats | Rung::RingAgain) => self.aim_at(Rung::Deputy, now),
            (Plan::Home, Rung::Desk | Rung::RingAgain) => self.aim_at(Rung::Deputy, now),
            (Plan::Desk | Plan::Home, _) => self.next_at = self.next_at.map(|at| at.min(now)),
            _ => {}
        }
    }

    /// The highest rung at which somebody was told, for one word in the queue.
    pub fn reached(&self) -> Option<Rung> {
        self.climbed.iter().map(|c| c.rung).filter(|r| r.calls_people()).max()
    }
}

/// An instant some seconds later.
fn later(at: Timestamp, seconds: u32) -> Timestamp {
    at + SignedDuration::from_secs(i64::from(seconds))
}

#[cfg(test)]
mod tests;
