//! What devices report: decided against the board, durable before it is acknowledged.
//!
//! A heartbeat or an unchanged state only touches memory. A changed state, an event, an operation record, an
//! unknown frame and the first word of an unknown terminal are committed, and only then does the edge
//! acknowledge. Whatever a frame says, it is kept as it came.

mod arrival;
mod filters;
mod limits;
mod scene;
mod stranger;
mod verdict;

pub use arrival::{Arrival, Operation, Receipt, Report, ReportBody};
pub(crate) use filters::SiteGates;
pub(crate) use scene::slot;
pub(crate) use stranger::UNKNOWN_MAX;

use crate::board::{KnownTerminal, Standing};
use crate::changes::Said;
use crate::committer::Settled;
use crate::overload::Urgency;
use crate::turns::LineTurn;
use crate::{App, Fault};
use fengsui_alarm::{Clocks, Timing, judge};
use fengsui_base::{Actor, Device, EntryId, TerminalId};
use scene::Scene;
use std::sync::Arc;
use verdict::Verdict;

/// Where the evidence of what a frame does is.
const FRAME: &str = "帧";
/// Longest sentence about one frame, in characters.
const SENTENCE_CHARS_MAX: usize = 200;

/// A frame, who sent it, and how urgent that makes it.
struct Word {
    arrival: Arrival,
    terminal: Option<Arc<KnownTerminal>>,
    urgency: Urgency,
}

impl App {
    /// Takes in one frame, telemetry under overload as well. When it returns `Ok`, the frame may be acknowledged,
    /// unless its terminal is turned away.
    pub async fn take_in(&self, arrival: Arrival) -> Result<Receipt, Fault> {
        self.take_in_unless_shed(self.word(arrival), false, &mut LineTurn::default()).await
    }

    /// Takes in one frame, or sheds it: whoever can send again what is not acknowledged offers.
    pub async fn offer(&self, arrival: Arrival) -> Result<Receipt, Fault> {
        self.take_in_unless_shed(self.word(arrival), true, &mut LineTurn::default()).await
    }

    /// The same for one of many lines that are worked on side by side: its telemetry waits for its turn.
    pub async fn offer_in_turn<'a>(
        &'a self,
        arrival: Arrival,
        turn: &mut LineTurn<'a>,
    ) -> Result<Receipt, Fault> {
        let word = self.word(arrival);
        self.overload.take_turn(word.urgency, turn).await;
        self.take_in_unless_shed(word, true, turn).await
    }

    fn word(&self, arrival: Arrival) -> Word {
        let terminal = self.board.terminal_at(&arrival.source);
        let urgency = Urgency::of(&arrival, terminal.as_deref());
        Word { arrival, terminal, urgency }
    }

    async fn take_in_unless_shed(
        &self,
        word: Word,
        may_shed: bool,
        turn: &mut LineTurn<'_>,
    ) -> Result<Receipt, Fault> {
        let Word { arrival, terminal, urgency } = word;
        let Some(offered) = self.overload.offer(urgency, may_shed) else {
            self.hear_shed(terminal.as_ref(), &arrival);
            return Ok(Receipt::Shed);
        };
        let receipt = match terminal {
            Some(terminal) => self.take_in_from(&terminal, &arrival, turn).await,
            None => self.take_in_first(&arrival).await,
        };
        if receipt.is_ok() {
            offered.accepted();
        }
        receipt
    }

    async fn take_in_from(
        &self,
        terminal: &Arc<KnownTerminal>,
        arrival: &Arrival,
        turn: &mut LineTurn<'_>,
    ) -> Result<Receipt, Fault> {
        let _gate = match terminal.gate.try_lock() {
            Ok(gate) => gate,
            // Something of this terminal is being stored: that may take as long as the disk does.
            Err(_) => {
                turn.give_back();
                terminal.gate.lock().await
            }
        };
        if terminal.facts().standing == Standing::Blocked {
            return Ok(Receipt::TurnedAway);
        }
        // It was retired in the same moment: then it is a new one.
        if self.board.terminal(terminal.id).is_none() {
            return self.take_in_first(arrival).await;
        }
        let _site = match news_for(terminal, arrival) {
            Some(site) => Some(self.sites.of(site).lock().await),
            None => None,
        };
        let clock_was_right = terminal.clock_was_right() && !self.clock_fell_back(terminal, arrival);
        let receipt = self.decide_until_stored(terminal, arrival, clock_was_right).await;
        if receipt.is_ok() {
            self.hear(terminal, arrival, clock_was_right);
        }
        receipt
    }

    /// Whether the terminal's clock, right until now, has been set wrong: a terminal that never sends a heartbeat
    /// shows it by being late by the same amount again.
    fn clock_fell_back(&self, terminal: &KnownTerminal, arrival: &Arrival) -> bool {
        let late = judge(arrival.clocks(arrival.sent_at), true) == Timing::Late;
        let offset_s = arrival.clocks(None).offset_s();
        late && offset_s.is_some_and(|offset_s| terminal.lateness_stays(offset_s, arrival.received_at))
    }

    /// A frame kept for hours says nothing about the clock: only a live one does. Heartbeats are never kept, so
    /// that a clock set wrong is noticed by the next of them, and fires ring again.
    fn hear(&self, terminal: &Arc<KnownTerminal>, arrival: &Arrival, clock_was_right: bool) {
        let clocks = arrival.clocks(None);
        let kept = !arrival.reports.is_empty()
            && clock_was_right
            && judge(arrival.clocks(arrival.sent_at), true) == Timing::Late;
        let clocks = if kept { Clocks { sent_at: None, ..clocks } } else { clocks };
        self.board.heard(terminal, &arrival.channel, clocks);
    }

    /// What is shed is not acknowledged, but it shows that its terminal lives: an overload of ours is no silence of
    /// theirs, and a county that is busy must not be told that half of its terminals are offline.
    pub(crate) fn hear_shed(&self, terminal: Option<&Arc<KnownTerminal>>, arrival: &Arrival) {
        let admitted = terminal.filter(|terminal| terminal.facts().standing != Standing::Blocked);
        if let Some(terminal) = admitted {
            self.hear(terminal, arrival, terminal.clock_was_right());
        }
    }

    async fn decide_until_stored(
        &self,
        terminal: &Arc<KnownTerminal>,
        arrival: &Arrival,
        clock_was_right: bool,
    ) -> Result<Receipt, Fault> {
        let first = self.decide(terminal, arrival, clock_was_right)?;
        for value in &first.values {
            self.board.measured(terminal, value.key, value.state.clone(), value.measured_at);
        }
        self.board.came_again(&first.again, arrival.received_at);
        if !first.durable {
            return Ok(Receipt::Heard);
        }
        let urgent = first.urgent;
        let mut first = Some(first.change);
        let settled = self
            .settle(urgent, |_| {
                let change = match first.take() {
                    Some(change) => Ok(change),
                    None => self.decide(terminal, arrival, clock_was_right).map(|v| v.change),
                };
                std::future::ready(change.map(|c| (c, ())))
            })
            .await?;
        Ok(receipt(&settled))
    }

    /// What the frame changes, by the board as it is now.
    fn decide(
        &self,
        terminal: &KnownTerminal,
        arrival: &Arrival,
        clock_was_right: bool,
    ) -> Result<Verdict, Fault> {
        let mut verdict = Verdict::new(arrival.received_at, FRAME);
        let mut said = Vec::new();
        for report in &arrival.reports {
            let mut scene = Scene { app: self, terminal, arrival, report, clock_was_right };
            if let Some(sentence) = scene.play(&mut verdict)? {
                verdict.durable = true;
                said.push(sentence);
            }
        }
        let ignored = terminal.facts().standing == Standing::Ignored;
        if ignored && verdict.durable && !verdict.urgent {
            verdict.durable =
                terminal.has_room_today(arrival.received_at, stranger::IGNORED_FRAMES_A_DAY_MAX);
        }
        if verdict.durable {
            self.sign(terminal, arrival, said, &mut verdict);
        }
        Ok(verdict)
    }

    /// Writes into the ChangeSet what every durable frame leaves: the line, the alarms, the bytes, the receipt.
    fn sign(&self, terminal: &KnownTerminal, arrival: &Arrival, said: Vec<String>, verdict: &mut Verdict) {
        let (facts, change) = (terminal.facts(), &mut verdict.change);
        let text: String = said.join("；").chars().take(SENTENCE_CHARS_MAX).collect();
        let line = Said::new("terminal.reported", text, "帧");
        let actor = device(terminal.id, arrival);
        change.journal.push(self.line(
            "terminal",
            terminal.id.into(),
            facts.region,
            arrival.received_at,
            &actor,
            line,
        ));
        for touched in verdict.alarms.drain(..) {
            self.add_touched(change, touched, &actor);
        }
        let kept_as = if facts.known { "stored" } else { "unknown_terminal" };
        change.frames.push(arrival.record(Some(terminal.id), facts.region, kept_as));
        // What began needs no receipt: after a resend the stored state is unchanged. And a terminal whose clock
        // stands still may report the same fire in the same bytes again, after it was over. A message that has an
        // identity is repeated for hours, and by then its fire may be over.
        if !verdict.begun || arrival.message.is_some() {
            change.receipt = Some(arrival.receipt());
        }
    }
}

/// The unit or terminal whose alarms a frame may change, when it says that anything is the matter.
fn news_for(terminal: &KnownTerminal, arrival: &Arrival) -> Option<EntryId> {
    let matters = |r: &Report| match &r.body {
        ReportBody::State { conditions, .. } => !conditions.is_empty(),
        ReportBody::Value { key, .. } => terminal.limits(*key).is_some(),
        ReportBody::Operation { .. } | ReportBody::Information(_) | ReportBody::Unknown(_) => false,
    };
    let unit = || terminal.facts().unit.as_ref().map(|unit| EntryId::from(unit.0));
    arrival.reports.iter().any(matters).then(|| unit().unwrap_or_else(|| terminal.id.into()))
}

fn device(terminal: TerminalId, arrival: &Arrival) -> Actor {
    Actor::Device(Device { terminal: Some(terminal), channel: arrival.channel.clone() })
}

fn receipt(settled: &Settled<()>) -> Receipt {
    match settled {
        Settled::Now((), committed) => Receipt::Stored(committed.seq),
        Settled::Before(_) => Receipt::Repeated,
    }
}
