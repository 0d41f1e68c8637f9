//! Requests under way with one terminal: sequence numbers, resends, and which answer belongs to which.
//!
//! What [`crate::session::Session`] does for a connection of its own, this does for whoever reads the frames
//! elsewhere: the same terminal may answer over another connection than the one it was asked on, or by a
//! datagram. No I/O, no clock: frames and time go in, bytes to write and endings come out.
//!
//! Source: GB/T 26875.3 §6.3 (an answer repeats the sequence number), §6.5 (time-out not above 10 s, 3 resends).

use std::time::Duration;

use crate::frame::{self, Command, Frame};
use crate::label::Label;
use crate::request::{Request, Route};
use crate::session::{Config, MAX_ANSWER_WAIT, MAX_OUTSTANDING, SendError, Ticket};

/// Requests that wait for their answers. With none of them it holds no heap memory.
#[derive(Clone, Debug)]
pub struct Exchange {
    config: Config,
    outstanding: Vec<Outstanding>,
    next_sequence: u16,
    next_ticket: u64,
}

#[derive(Clone, Debug)]
struct Outstanding {
    ticket: Ticket,
    sequence: u16,
    bytes: Vec<u8>,
    resends_left: u8,
    due: Duration,
    denied: bool,
}

/// What is to be done about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is to be written again.
    Again(Vec<u8>),
    /// It was written as often as allowed and is given up.
    GivenUp {
        /// Which request.
        ticket: Ticket,
        /// Whether the terminal denied it the last time, instead of saying nothing.
        denied: bool,
    },
}

/// What a frame means to the requests under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matched {
    /// It answers none of them.
    None,
    /// It answers this one.
    Answered(Ticket),
    /// It denies one.
    Denied(Step),
}

impl Exchange {
    /// Nothing under way; the first request takes this sequence number, or the next one that is free.
    pub fn new(config: Config, first_sequence: u16) -> Exchange {
        Exchange { config, outstanding: Vec::new(), next_sequence: first_sequence, next_ticket: 0 }
    }

    /// The sequence number of the next request.
    pub fn next_sequence(&self) -> u16 {
        self.next_sequence
    }

    /// How many requests wait for their answers.
    pub fn outstanding(&self) -> usize {
        self.outstanding.len()
    }

    /// Makes a request; its bytes are to be written now.
    ///
    /// # Errors
    /// [`SendError`]: nothing is under way by it.
    pub fn request(
        &mut self,
        request: &Request,
        route: Route,
        now: Duration,
        label: Label,
    ) -> Result<(Ticket, Vec<u8>), SendError> {
        if self.outstanding.len() >= MAX_OUTSTANDING {
            return Err(SendError::Outstanding);
        }
        let sequence = self.free_sequence();
        let bytes = frame::encode(&request.frame(route, sequence, label)?)?;
        self.next_sequence = sequence.wrapping_add(1);
        let (ticket, resends_left) = (Ticket(self.next_ticket), self.config.resends);
        self.next_ticket += 1;
        let due = self.due(now);
        let waiting =
            Outstanding { ticket, sequence, bytes: bytes.clone(), resends_left, due, denied: false };
        self.outstanding.push(waiting);
        Ok((ticket, bytes))
    }

    /// Takes in a frame of the terminal. Makers answer orders with 3 or 5, so only the sequence number counts.
    pub fn hear(&mut self, frame: &Frame, now: Duration) -> Matched {
        let same = |waiting: &Outstanding| waiting.sequence == frame.sequence;
        let found = self.outstanding.iter().position(same).filter(|_| frame.command.is_answer());
        match found {
            None => Matched::None,
            Some(index) if frame.command == Command::DENY => {
                self.outstanding[index].denied = true;
                Matched::Denied(self.again(index, now))
            }
            Some(index) => Matched::Answered(self.remove(index).ticket),
        }
    }

    /// When [`Exchange::handle_timeout`] wants to be called next.
    pub fn poll_timeout(&self) -> Option<Duration> {
        self.outstanding.iter().map(|waiting| waiting.due).min()
    }

    /// Does what is due: sends again, gives up.
    pub fn handle_timeout(&mut self, now: Duration) -> Vec<Step> {
        let (mut steps, mut index) = (Vec::new(), 0);
        while index < self.outstanding.len() {
            if now < self.outstanding[index].due {
                index += 1;
                continue;
            }
            let step = self.again(index, now);
            index += usize::from(matches!(step, Step::Again(_)));
            steps.push(step);
        }
        steps
    }

    /// Sends a request again, or gives it up.
    fn again(&mut self, index: usize, now: Duration) -> Step {
        let due = self.due(now);
        let waiting = &mut self.outstanding[index];
        if waiting.resends_left == 0 {
            let Outstanding { ticket, denied, .. } = self.remove(index);
            return Step::GivenUp { ticket, denied };
        }
        waiting.resends_left -= 1;
        waiting.due = due;
        Step::Again(waiting.bytes.clone())
    }

    fn remove(&mut self, index: usize) -> Outstanding {
        let waiting = self.outstanding.remove(index);
        if self.outstanding.is_empty() {
            self.outstanding = Vec::new();
        }
        waiting
    }

    fn due(&self, now: Duration) -> Duration {
        now.saturating_add(self.config.answer_wait.min(MAX_ANSWER_WAIT))
    }

    /// The next sequence number that no waiting request uses.
    fn free_sequence(&self) -> u16 {
        let is_free = |sequence: &u16| self.outstanding.iter().all(|waiting| waiting.sequence != *sequence);
        (0..=u16::MAX)
            .map(|step| self.next_sequence.wrapping_add(step))
            .find(is_free)
            .expect("far fewer requests wait than there are sequence numbers")
    }
}
