//! Calls: downlinks (下行指令) written to terminals, each until it is answered or given up.
//!
//! The application hands out what is to be written, already stored as sent; here it gets its sequence number, is
//! written to whatever line the terminal has at that moment, again after each time-out, and its ending is told back.
//! When the program stops in the middle, nothing is told: the downlink stays sent and ends by its time.

use crate::lines::{self, To, Way};
use crate::reception::Reception;
use crate::translate;
use fengsui_app::{Ending, Errand, Order};
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

/// Carries out what the application wants, until the gateway stops.
pub(crate) async fn run(reception: Arc<Reception>, socket: Arc<UdpSocket>, tasks: TaskTracker) {
    loop {
        tokio::select! {
            biased;
            () = reception.stop.cancelled() => return,
            () = reception.app.downlink_made() => {}
            () = sleep(LOOK_EVERY) => {}
        }
        let room = reception.settings.calls_max.saturating_sub(reception.lines.under_way());
        match reception.app.reconcile_downlinks(|t| reception.lines.reaches(t), room).await {
            Ok(errands) => {
                for errand in errands {
                    let call = Call::begin(reception.clone(), socket.clone(), errand);
                    tasks.spawn(call.carry_out());
                }
            }
            Err(fault) => tracing::warn!(%fault, "downlinks wait"),
        }
    }
}

/// One downlink under way.
struct Call {
    reception: Arc<Reception>,
    socket: Arc<UdpSocket>,
    errand: Errand,
    answers: mpsc::Receiver<Frame>,
    exchange: Exchange,
    began: Instant,
    writes: u8,
}

impl Call {
    fn begin(reception: Arc<Reception>, socket: Arc<UdpSocket>, errand: Errand) -> Self {
        let (answers, sequence) = reception.lines.begin(errand.downlink.terminal);
        // A clock that is set by a copy of a frame would be set wrong by the time it waited.
        let resends = if errand.downlink.order == Order::SetClock { 0 } else { RESENDS };
        let config = Config { answer_wait: reception.settings.order_wait, resends, ..Config::default() };
        let exchange = Exchange::new(config, sequence);
        Self { reception, socket, errand, answers, exchange, began: Instant::now(), writes: 0 }
    }

    async fn carry_out(mut self) {
        let ending = self.converse().await;
        let terminal = self.errand.downlink.terminal;
        self.reception.lines.end(terminal, self.exchange.next_sequence());
        let Some(ending) = ending else { return };
        if let Err(fault) = self.reception.app.end_errand(self.errand.id, ending, self.writes).await {
            tracing::warn!(%fault, "the ending of a downlink was not stored; it ends by its time");
        }
    }

    /// How it ended; `None` when the gateway stopped.
    async fn converse(&mut self) -> Option<Ending> {
        let fresh = if self.errand.downlink.order == Order::SetClock { 1 + RESENDS } else { 1 };
        let mut ending = Ending::Offline;
        for _ in 0..fresh {
            let Some(way) = self.reception.lines.way(self.errand.downlink.terminal) else {
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
        let profile = self.reception.dialects.of(&self.errand.profile).clone();
        let (label, time) = (self.label(&profile, false), self.label(&profile, true));
        let request = request(&self.errand, time);
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
        let Some(way) = self.reception.lines.way(self.errand.downlink.terminal) else { return };
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
fn request(errand: &Errand, time: Label) -> Request {
    let downlink = &errand.downlink;
    let system = |(system_type, system_address): &(u8, u8)| SystemRef {
        system_type: *system_type,
        system_address: *system_address,
    };
    let part = |(system_type, system_address, component_address): &(u8, u8, u32)| ComponentRef {
        system_type: *system_type,
        system_address: *system_address,
        component_address: *component_address,
    };
    match downlink.order {
        Order::ReadDevice => Request::UitdStatus,
        Order::ReadSystems => Request::SystemStatus(downlink.systems.iter().map(system).collect()),
        Order::ReadValues => Request::AnalogValue(downlink.parts.iter().map(part).collect()),
        Order::ReadVersion => Request::UitdVersion,
        Order::ReadConfiguration => Request::UitdConfiguration,
        Order::ReadClock => Request::UitdClock,
        Order::SetClock => Request::SetClock(time),
        Order::DutyCheck => Request::DutyCheck { timeout_min: downlink.minutes.unwrap_or(u8::MAX) },
    }
}

fn answered(answer: &Frame, profile: &Profile) -> Ending {
    let words = match answer.command {
        Command::ACKNOWLEDGE => "终端已确认".to_owned(),
        _ => translate::answer_words(answer, profile),
    };
    Ending::Answered { words, raw: frame::encode(answer).expect("what was received as a frame is one") }
}
