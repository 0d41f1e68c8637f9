//! Scheduled readings (定时读取): the centre asks every terminal with a line for its state, at most every two hours, and
//! has on record whether it answered.
//!
//! A reading is no entry: a million terminals would make twelve million of them a day. What is kept is the last one of
//! each terminal and how many in a row were left without an answer; it is stored with the telemetry every few minutes.
//! What the answer says is taken in like any report. A terminal that could answer and does not any more, three times in
//! a row while it is heard, becomes a to-do of its unit.

use crate::todos::open_key;
use crate::{App, Fault, KnownTerminal, Order};
use fengsui_alarm::{REPAIR_WITHIN_H, Reading, ReadingEnd, Task, Todo};
use fengsui_base::{TerminalId, Timestamp};
use fengsui_store::LastReading;
use jiff::SignedDuration;

/// Share of the calls that may be under way that readings leave to orders of people.
pub(crate) const LEFT_TO_ORDERS: usize = 2;

/// Whether a terminal can be written to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// It has a line, and nothing is under way on it.
    Free,
    /// It has a line, and something is being asked.
    Busy,
    /// It has no line.
    Cut,
}

/// A reading to be carried out now: one question after the other until one is not answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadingErrand {
    /// Which terminal.
    pub terminal: TerminalId,
    /// Its dialect.
    pub profile: String,
    /// Systems asked about, behind the device itself: type and address.
    pub systems: Vec<(u8, u8)>,
}

/// The readings of a terminal as its page shows them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReadingView {
    /// Between two readings, in seconds.
    pub period_s: i64,
    /// What is on record; nothing before the first.
    pub last: Option<Reading>,
}

impl App {
    /// The terminals that are to be read now, at most so many.
    pub fn due_readings(&self, reach: impl Fn(TerminalId) -> Reach, room: usize) -> Vec<ReadingErrand> {
        let Some(period_s) = self.node.readings.period_s else { return Vec::new() };
        let now = self.now();
        let due = self.board.take_round(now, room / LEFT_TO_ORDERS).into_iter();
        due.filter(|t| reach(t.id) == Reach::Free && self.is_to_be_read(t, period_s, now))
            .map(|t| ReadingErrand {
                terminal: t.id,
                profile: t.facts().profile.to_string(),
                systems: crate::downlink::systems(&t),
            })
            .collect()
    }

    fn is_to_be_read(&self, terminal: &KnownTerminal, period_s: i64, now: Timestamp) -> bool {
        terminal.online(now) == Some(true)
            && self.askable(terminal, Order::ReadDevice).is_ok()
            && self.board.downlinks_open(terminal.id).0 == 0
            && terminal.reading().is_none_or(|reading| reading.is_due(period_s, now))
    }

    /// How the readings of a terminal stand; nothing where the centre never asks it.
    pub fn reading_of(&self, terminal: &KnownTerminal) -> Option<ReadingView> {
        let period_s = self.node.readings.period_s?;
        let last = terminal.reading();
        let asks = last.is_some() || self.askable(terminal, Order::ReadDevice).is_ok();
        (terminal.facts().known && asks).then_some(ReadingView { period_s, last })
    }

    /// Notes how a reading ended. One that fails where it once succeeded becomes a to-do of the unit.
    pub async fn end_reading(&self, terminal: TerminalId, end: ReadingEnd) -> Result<(), Fault> {
        self.end_reading_at(terminal, end, self.now()).await
    }

    /// For demonstrations: readings of a terminal as they went before anybody looked, the oldest first. Nothing
    /// happens for a terminal that nobody knows.
    pub async fn demonstration_readings(
        &self,
        source: &str,
        past: &[(ReadingEnd, Timestamp)],
    ) -> Result<(), Fault> {
        let Some(known) = self.board.terminal_at(source) else { return Ok(()) };
        for (end, at) in past {
            self.end_reading_at(known.id, *end, *at).await?;
        }
        Ok(())
    }

    async fn end_reading_at(
        &self,
        terminal: TerminalId,
        end: ReadingEnd,
        at: Timestamp,
    ) -> Result<(), Fault> {
        let Some(known) = self.board.terminal(terminal) else { return Ok(()) };
        let reading = Reading::after(known.reading(), end, at);
        known.note_reading(reading, false);
        self.board.wait_to_save(&known);
        self.meters.readings.with_label_values(&[code(end)]).inc();
        if reading.is_fault() { self.ask_to_look(&known, &reading).await } else { Ok(()) }
    }

    async fn ask_to_look(&self, terminal: &KnownTerminal, reading: &Reading) -> Result<(), Fault> {
        let facts = terminal.facts();
        let (Some(unit), Some(answered_at)) = (facts.unit.as_deref(), reading.answered_at) else {
            return Ok(());
        };
        let (unit, unit_name) = unit.clone();
        let (now, cause_key) = (self.now(), format!("reading/{}", terminal.id));
        if self.store.key(&open_key(&cause_key)).await?.is_some() {
            return Ok(());
        }
        let last = crate::changes::china_day(answered_at).strftime("%m-%d");
        let time = fengsui_alarm::local_time(answered_at);
        let todo = Todo {
            task: Task::Repair,
            unit,
            unit_name,
            terminal: terminal.id,
            object: facts.name.clone(),
            why: format!("终端在线，连续 {} 次定时读取没有应答，上次应答 {last} {time}", reading.failures),
            basis: format!(
                "GB 50440（巡检周期不大于 2 小时）；DB12/T 1341-2024（{REPAIR_WITHIN_H} 小时内修复，需配件的 5 个工作日）"
            ),
            cause_key,
            day_on: crate::changes::china_day(now),
            count: None,
            owner: self.todo_owner(unit, facts.region).await?,
            outcome: None,
        };
        let due_at = now + SignedDuration::from_hours(REPAIR_WITHIN_H);
        self.raise_todo(&todo, due_at, facts.region).await.map(drop)
    }
}

fn code(end: ReadingEnd) -> &'static str {
    match end {
        ReadingEnd::Answered => "answered",
        ReadingEnd::Denied => "denied",
        ReadingEnd::TimedOut => "timed_out",
    }
}

/// As it is stored.
pub(crate) fn stored(reading: Reading) -> LastReading {
    let Reading { asked_at, answered_at, failures, denied } = reading;
    LastReading { asked_at, answered_at, failures, denied }
}

/// As it was stored.
pub(crate) fn read(stored: LastReading) -> Reading {
    let LastReading { asked_at, answered_at, failures, denied } = stored;
    Reading { asked_at, answered_at, failures, denied }
}
