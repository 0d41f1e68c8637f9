//! Calls: downlinks (下行指令) and scheduled readings (定时读取) written to terminals, each until it is answered or given
//! up.
//!
//! The application hands out what is to be written, already stored as sent; here it gets its sequence number, is
//! written to whatever line the terminal has at that moment, again after each time-out, and its ending is told back.
//! When the program stops in the middle, nothing is told: the downlink stays sent and ends by its time.

use crate::lines::{self, To, Way};
use crate::reception::Reception;
use crate::translate;
use fengsui_alarm::ReadingEnd;
use fengsui_app::{Ending, Errand, Order, PartAddress, ReadingErrand};
use fengsui_base::{EntryId, TerminalId};
use gb26875::exchange::{Exchange, Matched, Step};
use gb26875::session::{Config, RESENDS};
use gb26875::unit::{ComponentRef, SystemRef};
use gb26875::{Command, Frame, Label, Profile, Request, frame};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::task::TaskTracker;

/// How often somebody looks whether anything is to be written, besides when something was made.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How often a question of a scheduled reading is repeated: an order of a person waits meanwhile, and in two hours it is
/// asked again anyway.
const READING_RESENDS: u8 = 1;

/// Carries out what the application wants, until the gateway stops.
pub(crate) async fn run(reception: Arc<Reception>, socket: Arc<UdpSocket>, tasks: TaskTracker) {
    loop {
        tokio::select! {
            biased;
            () = reception.stop.cancelled() => return,
            () = reception.app.downlink_made() => {}
            () = sleep(LOOK_EVERY) => {}
        }
        match reception.app.reconcile_downlinks(|t| reception.lines.reach(t), room(&reception)).await {
            Ok(errands) => {
                for errand in errands {
                    let question = Question::of(&errand);
                    let call = Call::begin(reception.clone(), socket.clone(), question, RESENDS);
                    tasks.spawn(carry_out(call, errand.id));
                }
            }
            Err(fault) => tracing::warn!(%fault, "downlinks wait"),
        }
        for errand in reception.app.due_readings(|t| reception.lines.reach(t), room(&reception)) {
            let question = Question::device(&errand);
            let call = Call::begin(reception.clone(), socket.clone(), question, READING_RESENDS);
            tasks.spawn(read(call, errand.systems));
        }
    }
}

/// How many more may be asked.
fn room(reception: &Reception) -> usize {
    reception.settings.calls_max.saturating_sub(reception.lines.under_way())
}

/// Asks what an order wants, and tells back how it ended.
async fn carry_out(mut call: Call, id: EntryId) {
    let ending = call.converse().await;
    call.end();
    let Some(ending) = ending else { return };
    if let Err(fault) = call.reception.app.end_errand(id, ending, call.writes).await {
        tracing::warn!(%fault, "the ending of a downlink was not stored; it ends by its time");
    }
}

/// Reads the state of a device and then of its systems, and tells back how that ended.
async fn read(mut call: Call, systems: Vec<(u8, u8)>) {
    let mut ending = call.converse().await;
    if matches!(ending, Some(Ending::Answered { .. })) {
        call.question.order = Order::ReadSystems;
        call.question.systems = systems;
        ending = call.converse().await;
    }
    call.end();
    let end = match ending {
        Some(Ending::Answered { .. }) => ReadingEnd::Answered,
        Some(Ending::Denied) => ReadingEnd::Denied,
        Some(Ending::TimedOut) => ReadingEnd::TimedOut,
        // No line any more: that says nothing of whether it answers.
        Some(Ending::Offline) | None => return,
    };
    if let Err(fault) = call.reception.app.end_reading(call.question.terminal, end).await {
        tracing::warn!(%fault, "the to-do of a terminal that does not answer comes with its next reading");
    }
}

/// What is asked of whom.
struct Question {
    terminal: TerminalId,
    profile: String,
    order: Order,
    systems: Vec<(u8, u8)>,
    parts: Vec<PartAddress>,
    minutes: Option<u8>,
}

impl Question {
    fn of(errand: &Errand) -> Self {
        let downlink = &errand.downlink;
        Self {
            terminal: downlink.terminal,
            profile: errand.profile.clone(),
            order: downlink.order,
            systems: downlink.systems.clone(),
            parts: downlink.parts.clone(),
            minutes: downlink.minutes,
        }
    }

    /// The first question of a reading.
    fn device(errand: &ReadingErrand) -> Self {
        Self {
            terminal: errand.terminal,
            profile: errand.profile.clone(),
            order: Order::ReadDevice,
            systems: Vec::new(),
            parts: Vec::new(),
            minutes: None,
        }
    }
}

/// A question under way.
struct Call {
    reception: Arc<Reception>,
    socket: Arc<UdpSocket>,
    question: Question,
    answers: mpsc::Receiver<Frame>,
    exchange: Exchange,
    began: Instant,
    writes: u8,
}

impl Call {
    fn begin(reception: Arc<Reception>, socket: Arc<UdpSocket>, question: Question, resends: u8) -> Self {
        let (answers, sequence) = reception.lines.begin(question.terminal);
        // A clock that is set by a copy of a frame would be set wrong by the time it waited.
        let resends = if question.order == Order::SetClock { 0 } else { resends };
        let config = Config { answer_wait: reception.settings.order_wait, resends, ..Config::default() };
        let exchange = Exchange::new(config, sequence);
        Self { reception, socket, question, answers, exchange, began: Instant::now(), writes: 0 }
    }

    /// Nobody waits for an answer any more.
    fn end(&self) {
        self.reception.lines.end(self.question.terminal, self.exchange.next_sequence());
    }

    /// How it ended; `None` when the gateway stopped.
    async fn converse(&mut self) -> Option<Ending> {
        let fresh = if self.question.order == Order::SetClock { 1 + RESENDS } else { 1 };
        let mut ending = Ending::Offline;
        for _ in 0..fresh {
            let Some(way) = self.reception.lines.way(self.question.terminal) else {
                return Some(ending);
            };
            ending = self.ask(&way).await?;
            if !matches!(ending, Ending::TimedOut) {
                break;
            }
        }
        Some(ending)
    }

    /// Asks once, with the resends that the standard allows.
    async fn ask(&mut self, way: &Way) -> Option<Ending> {
        let profile = self.reception.dialects.of(&self.question.profile).clone();
        let (label, time) = (self.label(&profile, false), self.label(&profile, true));
        let request = request(&self.question, time);
        let Ok((_, bytes)) = self.exchange.request(&request, way.route, self.began.elapsed(), label) else {
            return Some(Ending::Denied);
        };
        self.write(&bytes).await;
        let reception = self.reception.clone();
        loop {
            let due = self.began + self.exchange.poll_timeout().unwrap_or_default();
            let steps = tokio::select! {
                biased;
                () = reception.stop.cancelled() => return None,
                answer = self.answers.recv() => {
                    let answer = answer?;
                    match self.exchange.hear(&answer, self.began.elapsed()) {
                        Matched::Answered(_) => return Some(answered(&answer, &profile)),
                        Matched::Denied(step) => vec![step],
                        Matched::None => Vec::new(),
                    }
                }
                () = sleep_until(due) => self.exchange.handle_timeout(self.began.elapsed()),
            };
            for step in steps {
                match step {
                    Step::Again(bytes) => self.write(&bytes).await,
                    Step::GivenUp { denied: true, .. } => return Some(Ending::Denied),
                    Step::GivenUp { denied: false, .. } => return Some(Ending::TimedOut),
                }
            }
        }
    }

    /// Writes to the line that the terminal has now: it may have connected again since.
    async fn write(&mut self, bytes: &[u8]) {
        self.writes = self.writes.saturating_add(1);
        let Some(way) = self.reception.lines.way(self.question.terminal) else { return };
        match way.to {
            To::Line(line) => lines::put(&line, bytes),
            // A lost datagram is sent again by the time-out.
            To::Peer(peer, wire) => drop(self.socket.send_to(&wire.write(bytes.to_vec()), peer).await),
        }
    }

    /// The present time in the terminal's way of writing it: as in its control unit, or as in its objects.
    fn label(&self, profile: &Profile, of_object: bool) -> Label {
        let civil = translate::CHINA.to_datetime(self.reception.clock.now());
        let clock = if of_object { profile.object_clock } else { profile.sent_clock };
        Label::from_civil(civil, clock).unwrap_or(Label([0; 6]))
    }
}

/// What is asked, in the words of the standard.
fn request(question: &Question, time: Label) -> Request {
    let system = |(system_type, system_address): &(u8, u8)| SystemRef {
        system_type: *system_type,
        system_address: *system_address,
    };
    let part = |(system_type, system_address, component_address): &(u8, u8, u32)| ComponentRef {
        system_type: *system_type,
        system_address: *system_address,
        component_address: *component_address,
    };
    match question.order {
        Order::ReadDevice => Request::UitdStatus,
        Order::ReadSystems => Request::SystemStatus(question.systems.iter().map(system).collect()),
        Order::ReadValues => Request::AnalogValue(question.parts.iter().map(part).collect()),
        Order::ReadVersion => Request::UitdVersion,
        Order::ReadConfiguration => Request::UitdConfiguration,
        Order::ReadClock => Request::UitdClock,
        Order::SetClock => Request::SetClock(time),
        Order::DutyCheck => Request::DutyCheck { timeout_min: question.minutes.unwrap_or(u8::MAX) },
    }
}

fn answered(answer: &Frame, profile: &Profile) -> Ending {
    let words = match answer.command {
        Command::ACKNOWLEDGE => "终端已确认".to_owned(),
        _ => translate::answer_words(answer, profile),
    };
    Ending::Answered { words, raw: frame::encode(answer).expect("what was received as a frame is one") }
}
