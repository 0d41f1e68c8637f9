//! One connection with one terminal: a state machine without I/O.
//!
//! The caller owns socket and clocks and runs this loop:
//! 1. [`Session::receive`] with what a read gave, then [`Session::poll_event`] until `None`;
//! 2. for each [`SessionEvent::Frame`]: make it durable, then [`Session::acknowledge`] it; for each refusal
//!    with a header: [`Session::deny`] it;
//! 3. [`Session::poll_transmit`] until `None`, writing the bytes out;
//! 4. [`Session::poll_timeout`] says when to call [`Session::handle_timeout`] next.
//!
//! Two times go in: `now`, monotonic since any fixed moment, for deadlines; and a [`Label`], the civil time
//! that outgoing frames show. An idle session holds no heap memory of its own.
//!
//! Source: GB/T 26875.3 §6.5 (time-out not above 10 s, 3 resends).

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::address::Address;
use crate::answer;
use crate::exchange::{Exchange, Matched, Step};
use crate::frame::{self, EncodeError, Frame, Header};
use crate::label::Label;
use crate::profile::Profile;
use crate::request::{Request, Route};
use crate::stream::{Decoder, Event, Refusal, Wire};

/// Longest wait for an answer that the standard allows. Source: GB/T 26875.3 §6.5.
pub const MAX_ANSWER_WAIT: Duration = Duration::from_secs(10);
/// How often a frame that nobody answers is sent again. Source: GB/T 26875.3 §6.5.
pub const RESENDS: u8 = 3;
/// How long a part of a frame may wait for its rest. Below [`MAX_ANSWER_WAIT`], so that a terminal whose
/// length field was broken on the way is denied before it gives the answer up.
pub const PART_WAIT: Duration = Duration::from_secs(5);
/// Most requests of one session that wait for an answer at the same time.
pub const MAX_OUTSTANDING: usize = 16;
/// Most encoded frames that wait to be written. A peer that sends without reading gets no further answers.
pub const MAX_TRANSMITS: usize = 256;

/// How a session behaves; [`Config::default`] is the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Wait for an answer before sending again; more than [`MAX_ANSWER_WAIT`] is taken as that.
    pub answer_wait: Duration,
    /// How often to send again.
    pub resends: u8,
    /// How long a part of a frame may wait for its rest.
    pub part_wait: Duration,
    /// Address of the centre. Zero: the address that the terminal itself writes to.
    pub centre: Address,
}

impl Default for Config {
    fn default() -> Config {
        Config { answer_wait: MAX_ANSWER_WAIT, resends: RESENDS, part_wait: PART_WAIT, centre: Address::ZERO }
    }
}

/// Names one request of a session from [`Session::request`] to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// What happened on the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionEvent {
    /// The terminal says something. Unless its command is an answer, it waits for [`Session::acknowledge`].
    Frame(Frame),
    /// Bytes that are no frame. With a header: [`Session::deny`] it.
    Refused(Refusal),
    /// A request was answered. A reply carries the data that was asked for; an acknowledgement none.
    Answered {
        /// Which request.
        ticket: Ticket,
        /// The answer.
        answer: Frame,
    },
    /// A request was sent as often as allowed and is given up.
    GivenUp {
        /// Which request.
        ticket: Ticket,
        /// Whether the terminal denied it the last time, instead of saying nothing.
        denied: bool,
    },
}

/// Why a session does not take something to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// As many requests as allowed are waiting for their answers.
    #[error("已有 {MAX_OUTSTANDING} 个请求在等待应答；请等其中一个结束后再发")]
    Outstanding,
    /// As many frames as allowed are waiting to be written.
    #[error("待发送的帧已有 {MAX_TRANSMITS} 个，对方没有接收；请等待或断开连接")]
    Transmits,
    /// The terminal has not sent any frame yet: its address and version are not known.
    #[error("终端还没有发来过一帧，不知道它的地址；请等它上线后再发")]
    NoPeer,
    /// The request cannot be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// One connection with one terminal.
#[derive(Clone, Debug)]
pub struct Session {
    profile: Arc<Profile>,
    config: Config,
    decoder: Decoder,
    events: VecDeque<SessionEvent>,
    transmits: VecDeque<Vec<u8>>,
    exchange: Exchange,
    peer: Option<Header>,
    part_since: Option<Duration>,
    last_heard: Option<Duration>,
}

impl Session {
    /// A session that has just connected.
    pub fn new(profile: Arc<Profile>, config: Config) -> Session {
        Session {
            decoder: Decoder::new(&profile),
            profile,
            config,
            events: VecDeque::new(),
            transmits: VecDeque::new(),
            exchange: Exchange::new(config, 0),
            peer: None,
            part_since: None,
            last_heard: None,
        }
    }

    /// The dialect of this connection.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// When the last good frame came: the last sign of life. Garbage is none.
    pub fn last_heard(&self) -> Option<Duration> {
        self.last_heard
    }

    /// The control unit of the last frame that was no answer to us: who is at the other end.
    pub fn peer(&self) -> Option<&Header> {
        self.peer.as_ref()
    }

    /// Requests that wait for their answers.
    pub fn outstanding(&self) -> usize {
        self.exchange.outstanding()
    }

    /// Takes in what a read gave.
    pub fn receive(&mut self, bytes: &[u8], now: Duration) {
        self.decoder.push(bytes);
        let mut found = false;
        while let Some(event) = self.decoder.next() {
            found = true;
            self.sort(event, now);
        }
        // The wait begins anew whenever something came to its end.
        let since = self.part_since.filter(|_| !found).unwrap_or(now);
        self.part_since = self.decoder.is_waiting().then_some(since);
    }

    /// What happened; call until `None`.
    pub fn poll_event(&mut self) -> Option<SessionEvent> {
        pop(&mut self.events)
    }

    /// Bytes to write; call until `None`.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        pop(&mut self.transmits)
    }

    /// When [`Session::handle_timeout`] wants to be called next.
    pub fn poll_timeout(&self) -> Option<Duration> {
        let part = self.part_since.map(|since| since.saturating_add(self.config.part_wait));
        self.exchange.poll_timeout().into_iter().chain(part).min()
    }

    /// Does what is due: sends again, gives up, refuses a part of a frame whose rest does not come.
    pub fn handle_timeout(&mut self, now: Duration) {
        if self.part_since.is_some_and(|since| now >= since.saturating_add(self.config.part_wait)) {
            self.part_since = None;
            for event in self.decoder.finish() {
                self.sort(event, now);
            }
        }
        for step in self.exchange.handle_timeout(now) {
            self.follow(step);
        }
    }

    /// The stream has ended: what is still held is decided.
    pub fn close(&mut self, now: Duration) {
        self.part_since = None;
        for event in self.decoder.finish() {
            self.sort(event, now);
        }
    }

    /// Sends the answer that a frame calls for: an acknowledgement, or the twin of a link-up; nothing when it
    /// is itself an answer. Call it only when what the frame says is durable.
    ///
    /// # Errors
    /// [`SendError::Transmits`]: the terminal will send again.
    pub fn acknowledge(&mut self, received: &Frame, label: Label) -> Result<(), SendError> {
        match answer::answer(received, &self.profile, label) {
            Some(answer) => self.transmit(&answer),
            None => Ok(()),
        }
    }

    /// Denies a frame whose header could be read. Answers are not denied: that would go on for ever.
    ///
    /// # Errors
    /// [`SendError::Transmits`]: the terminal will send again.
    pub fn deny(&mut self, received: &Header, label: Label) -> Result<(), SendError> {
        if received.command.is_answer() {
            return Ok(());
        }
        self.transmit(&answer::deny(received, label))
    }

    /// Sends a request and waits for its answer.
    ///
    /// # Errors
    /// [`SendError`]: nothing was sent.
    pub fn request(&mut self, request: &Request, now: Duration, label: Label) -> Result<Ticket, SendError> {
        let route = self.route().ok_or(SendError::NoPeer)?;
        self.has_room()?;
        let (ticket, bytes) = self.exchange.request(request, route, now, label)?;
        self.write(bytes)?;
        Ok(ticket)
    }

    fn route(&self) -> Option<Route> {
        let peer = self.peer?;
        let source = if self.config.centre.is_zero() { peer.destination } else { self.config.centre };
        Some(Route { source, destination: peer.source, version: peer.version })
    }

    fn sort(&mut self, event: Event, now: Duration) {
        match event {
            Event::Refused(refusal) => self.events.push_back(SessionEvent::Refused(refusal)),
            Event::Frame(frame) => self.sort_frame(frame, now),
        }
    }

    fn sort_frame(&mut self, frame: Frame, now: Duration) {
        self.last_heard = Some(now);
        if !frame.command.is_answer() {
            self.peer = Some(frame.header());
        }
        match self.exchange.hear(&frame, now) {
            Matched::None => self.events.push_back(SessionEvent::Frame(frame)),
            Matched::Denied(step) => self.follow(step),
            Matched::Answered(ticket) => {
                self.events.push_back(SessionEvent::Answered { ticket, answer: frame });
            }
        }
    }

    fn follow(&mut self, step: Step) {
        match step {
            // When the peer does not read, the request counts as sent and runs into its next deadline.
            Step::Again(bytes) => drop(self.write(bytes)),
            Step::GivenUp { ticket, denied } => {
                self.events.push_back(SessionEvent::GivenUp { ticket, denied });
            }
        }
    }

    fn transmit(&mut self, frame: &Frame) -> Result<(), SendError> {
        let bytes = frame::encode(frame)?;
        self.write(bytes)
    }

    fn has_room(&self) -> Result<(), SendError> {
        if self.transmits.len() < MAX_TRANSMITS { Ok(()) } else { Err(SendError::Transmits) }
    }

    fn write(&mut self, bytes: Vec<u8>) -> Result<(), SendError> {
        self.has_room()?;
        let wire: Wire = self.decoder.wire();
        self.transmits.push_back(wire.write(bytes));
        Ok(())
    }
}

/// Takes the first of a queue and gives its memory back with the last.
fn pop<T>(queue: &mut VecDeque<T>) -> Option<T> {
    let first = queue.pop_front();
    if queue.is_empty() {
        *queue = VecDeque::new();
    }
    first
}
