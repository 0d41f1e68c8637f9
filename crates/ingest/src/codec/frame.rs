//! A frame of GB/T 26875.3 inside a message: as bytes, or as a field whose text is hexadecimal digits.
//!
//! A push cannot be denied to the device that made it, so a frame with a wrong checksum is kept as it came.

use super::{Decoded, FRAMES_MAX, not_understood, said};
use crate::translate;
use fengsui_app::ReportBody;
use gb26875::{Decoder, Event, Frame, Profile, frame};
use iotpush::Payload;

/// The frames of a message.
pub(super) fn decode(payload: &Payload, profile: &Profile) -> Vec<Decoded> {
    let found = payload.bytes().iter().map(|bytes| frames(bytes, profile)).find(|events| !events.is_empty());
    let Some(events) = found else { return not_understood(payload, "消息里没有 GB/T 26875.3 的帧") };
    let (frames, broken): (Vec<_>, Vec<_>) = events.into_iter().partition(|e| matches!(e, Event::Frame(_)));
    let read: Vec<_> = frames
        .iter()
        .take(FRAMES_MAX)
        .filter_map(|event| match event {
            Event::Frame(frame) => Some(one(frame, profile)),
            Event::Refused(_) => None,
        })
        .collect();
    match broken.first() {
        Some(Event::Refused(refusal)) if read.is_empty() => {
            not_understood(payload, &format!("消息里的帧不完整：{}", refusal.error))
        }
        _ => read,
    }
}

/// What a run of bytes holds, if it begins like a frame at all.
fn frames(bytes: &[u8], profile: &Profile) -> Vec<Event> {
    if !bytes.starts_with(&frame::START) {
        return Vec::new();
    }
    let mut decoder = Decoder::new(profile);
    let mut events = Vec::new();
    for piece in bytes.chunks(gb26875::MAX_FRAME) {
        decoder.push(piece);
        events.extend(decoder.by_ref());
    }
    events.extend(decoder.finish());
    events
}

fn one(frame: &Frame, profile: &Profile) -> Decoded {
    let is_answer = matches!(frame.command, gb26875::Command::ACKNOWLEDGE | gb26875::Command::DENY);
    let mut reports = if is_answer { Vec::new() } else { translate::reports(frame, profile) };
    if frame.data.len() > gb26875::MAX_DATA {
        reports = vec![said(ReportBody::Unknown("帧过长".to_owned()))];
    }
    Decoded {
        reports,
        sequence: frame.sequence,
        command: frame.command.0,
        unit_type: if frame.data.len() > 1 { frame.data.first().copied() } else { None },
        sent_at: translate::instant(frame.sent, profile.sent_clock),
        bytes: gb26875::frame::encode(frame).expect("what was read as a frame is one"),
    }
}
