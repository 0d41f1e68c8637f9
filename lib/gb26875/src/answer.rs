//! Answers: what the centre owes to a frame.
//!
//! An answer repeats sequence number and version, exchanges source and destination, carries its own send
//! time and, but for one dialect, no data. Source: GB/T 26875.3 §6.3, §6.4.
//!
//! What cannot be understood is acknowledged all the same (and kept raw by the caller): denying it would
//! only make the terminal send it three times more.

use crate::frame::{Command, Frame, Header};
use crate::label::Label;
use crate::profile::Profile;

/// The answer that a received frame calls for, or `None` when it is itself an answer.
pub fn answer(received: &Frame, profile: &Profile, now: Label) -> Option<Frame> {
    if received.command.is_answer() {
        return None;
    }
    Some(handshake(received, profile, now).unwrap_or_else(|| acknowledge(received, now)))
}

/// Acknowledges a frame (确认). Send it only when what the frame says is durable.
pub fn acknowledge(received: &Frame, now: Label) -> Frame {
    respond(&received.header(), Command::ACKNOWLEDGE, now, Vec::new())
}

/// Denies a frame (否认) whose control unit could be read: the terminal will send it again.
pub fn deny(received: &Header, now: Label) -> Frame {
    respond(received, Command::DENY, now, Vec::new())
}

/// Answers the one-byte link-up of a dialect with its twin; `None` when the frame is no link-up.
pub fn handshake(received: &Frame, profile: &Profile, now: Label) -> Option<Frame> {
    let handshake = profile.handshake.filter(|_| profile.is_handshake(received))?;
    Some(respond(&received.header(), Command::ACKNOWLEDGE, now, vec![handshake.answer]))
}

/// Replies to a request (应答), as a terminal does: `data` is the encoded data unit.
pub fn reply(received: &Header, now: Label, data: Vec<u8>) -> Frame {
    respond(received, Command::REPLY, now, data)
}

fn respond(received: &Header, command: Command, now: Label, data: Vec<u8>) -> Frame {
    let &Header { sequence, version, source, destination, .. } = received;
    let header = Header { sequence, version, sent: now, source: destination, destination: source, command };
    Frame::new(header, data)
}
