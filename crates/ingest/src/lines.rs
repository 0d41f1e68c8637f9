//! Lines: by which way each registered terminal can be written to, and who waits for its answer.
//!
//! A way is the connection that the terminal last spoke over, or the address that its last datagram came from. An
//! idle connection holds one small allocation for this; what is to be written is there only until it is written.

use crate::translate::Channel;
use fengsui_app::Reach;
use fengsui_base::TerminalId;
use gb26875::stream::Wire;
use gb26875::{Frame, Route};
use parking_lot::{Mutex, RwLock};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Weak};
use tokio::sync::{Notify, mpsc};

/// Most answers that wait for the one who asked; a terminal owes one.
const ANSWERS_WAITING_MAX: usize = 8;
/// Most bytes that wait to be written to one connection: several frames of the largest size.
const OUTBOX_BYTES_MAX: usize = 8 * gb26875::MAX_FRAME;

/// A connection as those who are elsewhere can reach it.
#[derive(Default)]
pub(crate) struct Line {
    called: Notify,
    outbox: Mutex<Vec<u8>>,
}

impl Line {
    /// Waits until there is something to write.
    pub(crate) async fn called(&self) {
        self.called.notified().await;
    }

    /// Takes out what is to be written.
    pub(crate) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.outbox.lock())
    }

    /// Whether there was room.
    fn put(&self, bytes: &[u8]) -> bool {
        let mut outbox = self.outbox.lock();
        if outbox.len() + bytes.len() > OUTBOX_BYTES_MAX {
            return false;
        }
        outbox.extend_from_slice(bytes);
        drop(outbox);
        self.called.notify_one();
        true
    }
}

/// How a terminal was heard, and so how it can be written to.
pub(crate) enum Mouth<'a> {
    /// Over a connection, whose line is made when a registered terminal speaks over it.
    Connection(&'a mut Option<Arc<Line>>),
    /// By a datagram, written like this.
    Datagram(Wire),
}

/// Where to write, and from whom to whom.
#[derive(Clone)]
pub(crate) struct Way {
    pub(crate) route: Route,
    pub(crate) to: To,
}

/// Where to write.
#[derive(Clone)]
pub(crate) enum To {
    /// Into a connection, as long as it lives.
    Line(Weak<Line>),
    /// To the sender of a datagram.
    Peer(SocketAddr, Wire),
}

impl Way {
    fn is_open(&self) -> bool {
        match &self.to {
            To::Line(line) => line.strong_count() > 0,
            To::Peer(..) => true,
        }
    }

    fn leads(&self, mouth: &Mouth, channel: Channel) -> bool {
        match (&self.to, mouth) {
            (To::Line(known), Mouth::Connection(Some(line))) => Weak::as_ptr(known) == Arc::as_ptr(line),
            (To::Peer(peer, wire), Mouth::Datagram(written)) => *peer == channel.peer && wire == written,
            _ => false,
        }
    }
}

/// The ways to all registered terminals, and the calls under way.
#[derive(Default)]
pub(crate) struct Lines {
    ways: RwLock<HashMap<TerminalId, Way>>,
    calls: Mutex<HashMap<TerminalId, mpsc::Sender<Frame>>>,
    /// The sequence numbers of what we send, by terminal, once it was asked anything.
    sequences: Mutex<HashMap<TerminalId, u16>>,
}

impl Lines {
    /// Notes how a terminal was heard.
    pub(crate) fn heard(&self, terminal: TerminalId, frame: &Frame, channel: Channel, mouth: &mut Mouth) {
        let route = Route { source: frame.destination, destination: frame.source, version: frame.version };
        let known =
            self.ways.read().get(&terminal).is_some_and(|w| w.route == route && w.leads(mouth, channel));
        if known {
            return;
        }
        let to = match mouth {
            Mouth::Connection(line) => To::Line(Arc::downgrade(line.get_or_insert_default())),
            Mouth::Datagram(wire) => To::Peer(channel.peer, *wire),
        };
        self.ways.write().insert(terminal, Way { route, to });
    }

    /// Whether there is a way to the terminal, and whether something is being asked over it.
    pub(crate) fn reach(&self, terminal: TerminalId) -> Reach {
        match self.ways.read().get(&terminal).is_some_and(Way::is_open) {
            false => Reach::Cut,
            true if self.calls.lock().contains_key(&terminal) => Reach::Busy,
            true => Reach::Free,
        }
    }

    /// The way to a terminal, while there is one.
    pub(crate) fn way(&self, terminal: TerminalId) -> Option<Way> {
        self.ways.read().get(&terminal).filter(|w| w.is_open()).cloned()
    }

    /// Begins a call: from now on the terminal's answers come here. Also the sequence number to begin with.
    pub(crate) fn begin(&self, terminal: TerminalId) -> (mpsc::Receiver<Frame>, u16) {
        let (sender, answers) = mpsc::channel(ANSWERS_WAITING_MAX);
        self.calls.lock().insert(terminal, sender);
        (answers, self.sequences.lock().get(&terminal).copied().unwrap_or(0))
    }

    /// Ends a call; the next one begins with this sequence number.
    pub(crate) fn end(&self, terminal: TerminalId, next_sequence: u16) {
        self.calls.lock().remove(&terminal);
        self.sequences.lock().insert(terminal, next_sequence);
    }

    /// Hands an answer to whoever called the terminal.
    pub(crate) fn answered(&self, terminal: TerminalId, frame: &Frame) {
        if let Some(call) = self.calls.lock().get(&terminal) {
            // More answers than questions: the call has enough to look at.
            let _ = call.try_send(frame.clone());
        }
    }

    /// How many calls are under way.
    pub(crate) fn under_way(&self) -> usize {
        self.calls.lock().len()
    }
}

/// Puts a frame into the line of a connection; without one it is lost, and the time-out notices.
pub(crate) fn put(line: &Weak<Line>, bytes: &[u8]) {
    if let Some(line) = line.upgrade() {
        line.put(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_line_takes_bytes_up_to_its_limit_and_wakes_the_connection_once() {
        let line = Line::default();
        assert!(line.put(&vec![0; OUTBOX_BYTES_MAX]));
        assert!(!line.put(&[0]));
        line.called().await;
        assert_eq!((line.take().len(), line.take().len()), (OUTBOX_BYTES_MAX, 0));
    }
}
