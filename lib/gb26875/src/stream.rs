//! Frames out of a stream of bytes, at any split, with garbage and broken frames between them.
//!
//! [`Decoder`] is fed with [`Decoder::push`] and drained as an iterator of [`Event`]s. What comes out depends
//! on the bytes alone, never on how they were cut into reads.
//!
//! How a frame is found: at a start mark the length field says how long the frame is; when that many bytes
//! are there, end mark and checksum decide. A candidate that fails is given up by **one byte**, so that a good
//! frame that a broken length field had swallowed is still found. The end mark is never searched for: it may
//! stand inside the data.
//!
//! How refusals are told apart:
//! - a frame whose end mark stands where it should, but whose checksum is wrong, is refused at once: its
//!   header is intact and a denial makes the terminal send it again;
//! - any other failed candidate is refused together with what follows, up to the next frame, because nobody
//!   knows where it ends;
//! - bytes before any start mark are one refusal, however many they are.
//!
//! A wrong length field can make the decoder wait for bytes that will never come. It cannot know, having no
//! clock: whoever has one calls [`Decoder::finish`] when a part of a frame has been waiting too long (see
//! `session`), and at the end of the stream.

use std::collections::VecDeque;

use crate::frame::{self, Frame, FrameError, HEADER_LEN, Header, MAX_FRAME, MIN_FRAME, START};
use crate::hex;
use crate::profile::Profile;

/// Most bytes of undecided input that a drained decoder holds: one frame of the largest size as hex text.
pub const MAX_BUFFERED: usize = 2 * MAX_FRAME;
/// Most bytes of one run of refused input that are kept as evidence; the rest is only counted.
pub const MAX_EVIDENCE: usize = MAX_FRAME;

/// One thing found in the stream.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A whole frame with a right checksum.
    Frame(Frame),
    /// Bytes that are no frame.
    Refused(Refusal),
}

/// Bytes of the stream that are no frame, and why.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Refusal {
    /// Why. [`FrameError::Start`] for bytes that belong to no frame.
    pub error: FrameError,
    /// The control unit, when it could be read whole: a denial can be sent.
    pub header: Option<Header>,
    /// The refused bytes, at most [`MAX_EVIDENCE`] of them (a frame refused for its checksum: all).
    pub bytes: Vec<u8>,
    /// How many bytes were refused.
    pub length: usize,
}

/// How frames are written on this stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Wire {
    /// As bytes, as the standard says.
    #[default]
    Binary,
    /// As hex text (a dialect).
    HexText,
}

impl Wire {
    /// Bytes on the wire for one byte of frame.
    fn width(self) -> usize {
        match self {
            Wire::Binary => 1,
            Wire::HexText => 2,
        }
    }

    /// Writes an encoded frame in this form.
    pub fn write(self, frame: Vec<u8>) -> Vec<u8> {
        match self {
            Wire::Binary => frame,
            Wire::HexText => hex::encode_text(&frame),
        }
    }
}

/// Finds frames in a stream of bytes.
///
/// An idle decoder (nothing pushed, or everything drained to the end of a frame) holds no heap memory.
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    buffer: Vec<u8>,
    at: usize,
    run: Option<Box<Run>>,
    ready: VecDeque<Event>,
    hex_text: bool,
    wire: Wire,
    after_text: bool,
}

impl Decoder {
    /// A decoder for one stream of this dialect.
    pub fn new(profile: &Profile) -> Decoder {
        Decoder { hex_text: profile.hex_text, ..Decoder::default() }
    }

    /// Takes bytes in, as many as one read gave. Drain the events before pushing more: until then all that
    /// was pushed is held, afterwards at most [`MAX_BUFFERED`].
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Bytes held that are not decided yet.
    pub fn buffered(&self) -> usize {
        self.buffer.len() - self.at
    }

    /// Whether anything is waiting for more bytes: a part of a frame, or a refusal whose end is not known.
    pub fn is_waiting(&self) -> bool {
        self.buffered() > 0 || self.run.is_some()
    }

    /// How the frame that came last was written; answers are best written the same way.
    pub fn wire(&self) -> Wire {
        self.wire
    }

    /// Decides everything that is held as if no more bytes came: what is not a whole frame is refused.
    ///
    /// The decoder is empty afterwards and can go on.
    pub fn finish(&mut self) -> Vec<Event> {
        let mut events: Vec<Event> = self.by_ref().collect();
        while self.buffered() > 0 {
            let (error, header) = truncated(&self.buffer[self.at..], self.hex_text);
            // Shorter candidates inside the cut one are no frames of their own.
            self.refuse(error, header, self.buffered(), Wire::Binary);
            events.extend(self.by_ref());
        }
        self.close_run(Follows::Other);
        events.extend(self.by_ref());
        self.after_text = false;
        events
    }

    /// Looks at the bytes from the current place on. `false` when more of them are needed.
    fn step(&mut self) -> bool {
        self.skip_white_space();
        match look(&self.buffer[self.at..], self.hex_text) {
            Look::Partial => return false,
            Look::Nothing => self.skip_garbage(),
            Look::Whole { frame, length, wire } => self.accept(frame, length, wire),
            Look::Bad { error: error @ FrameError::Checksum { .. }, header, length, .. } => {
                self.refuse_whole(error, header, length);
            }
            Look::Bad { error, header, length, wire } => self.refuse(error, Some(header), length, wire),
        }
        true
    }

    fn accept(&mut self, frame: Frame, length: usize, wire: Wire) {
        self.close_run(Follows::Frame);
        self.ready.push_back(Event::Frame(frame));
        self.at += length;
        self.wire = wire;
        self.after_text = wire == Wire::HexText;
    }

    /// Senders of hex text often end it with a line break, which is not worth a refusal.
    fn skip_white_space(&mut self) {
        while self.after_text && self.at < self.buffer.len() {
            self.after_text = self.buffer[self.at].is_ascii_whitespace();
            self.at += usize::from(self.after_text);
        }
    }

    /// Refuses bytes up to the next place where a frame could begin.
    fn skip_garbage(&mut self) {
        let rest = &self.buffer[self.at..];
        let starts = |byte: &u8| *byte == START[0] || self.hex_text && *byte == hex::TEXT_START[0];
        let length = rest.iter().skip(1).position(starts).map_or(rest.len(), |index| index + 1);
        self.run.get_or_insert_default().add(&rest[..length]);
        self.at += length;
    }

    /// Refuses a frame that is whole but for its checksum, up to a frame that may hide inside it.
    fn refuse_whole(&mut self, error: FrameError, header: Header, length: usize) {
        self.close_run(Follows::Frame);
        let whole = &self.buffer[self.at..self.at + length];
        let bytes = whole[..hidden_frame(whole, self.hex_text)].to_vec();
        self.at += bytes.len();
        let length = bytes.len();
        self.ready.push_back(Event::Refused(Refusal { error, header: Some(header), bytes, length }));
    }

    /// Refuses a candidate of unknown end: one byte is given up, the refusal stays open.
    fn refuse(&mut self, error: FrameError, header: Option<Header>, claim: usize, wire: Wire) {
        let run = self.run.get_or_insert_default();
        if !run.is_claimed() {
            if run.failed.is_some() {
                self.close_run(Follows::Other);
            }
            let failure = Failure { error, header, claim, header_len: HEADER_LEN * wire.width() };
            self.run.get_or_insert_default().failed = Some((failure, Part::default()));
        }
        self.run.get_or_insert_default().add(&self.buffer[self.at..=self.at]);
        self.at += 1;
    }

    fn close_run(&mut self, follows: Follows) {
        if let Some(run) = self.run.take() {
            self.ready.extend(run.close(follows).map(Event::Refused));
        }
    }

    /// Gives memory back: all of it when nothing is held.
    fn compact(&mut self) {
        if self.buffered() == 0 {
            self.buffer = Vec::new();
        } else {
            self.buffer.drain(..self.at);
            self.buffer.shrink_to(MAX_BUFFERED);
        }
        self.at = 0;
    }
}

/// The events found so far; `None` means "push more", not "never again".
impl Iterator for Decoder {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            if self.buffered() == 0 || !self.step() {
                self.ready = VecDeque::new();
                self.compact();
                return None;
            }
        }
    }
}

/// What the bytes at one place are.
enum Look {
    /// No frame begins here.
    Nothing,
    /// A frame may begin here: more bytes will tell.
    Partial,
    /// A good frame of this length on the wire.
    Whole { frame: Frame, length: usize, wire: Wire },
    /// A frame that fails; `length` is what it claims on the wire.
    Bad { error: FrameError, header: Header, length: usize, wire: Wire },
}

/// Judges the bytes at one place by themselves.
fn look(bytes: &[u8], hex_text: bool) -> Look {
    if may_start(bytes, &START) {
        return look_binary(bytes);
    }
    if hex_text && may_start(bytes, &hex::TEXT_START) {
        return look_text(bytes);
    }
    // No bytes at all may still become a frame.
    if bytes.is_empty() { Look::Partial } else { Look::Nothing }
}

fn may_start(bytes: &[u8], mark: &[u8]) -> bool {
    !bytes.is_empty() && (bytes.starts_with(mark) || mark.starts_with(bytes))
}

fn look_binary(bytes: &[u8]) -> Look {
    let Some(header) = frame::read_header(bytes) else { return Look::Partial };
    let length = match frame::announced_len(bytes) {
        Ok(length) => length,
        Err(error) => return Look::Bad { error, header, length: MIN_FRAME, wire: Wire::Binary },
    };
    match bytes.get(..length) {
        None => Look::Partial,
        Some(whole) => judge(whole, header, Wire::Binary),
    }
}

fn look_text(text: &[u8]) -> Look {
    let Some(head) = text.get(..2 * HEADER_LEN) else { return Look::Partial };
    let Some(head) = digits(head) else { return Look::Nothing };
    let Some(header) = frame::read_header(&head) else { return Look::Nothing };
    let length = match frame::announced_len(&head) {
        Ok(length) => length,
        Err(error) => return Look::Bad { error, header, length: 2 * MIN_FRAME, wire: Wire::HexText },
    };
    match text.get(..2 * length).map(digits) {
        None => Look::Partial,
        Some(None) => Look::Nothing,
        Some(Some(whole)) => judge(&whole, header, Wire::HexText),
    }
}

/// Judges bytes that are as long as their length field says.
fn judge(whole: &[u8], header: Header, wire: Wire) -> Look {
    let length = whole.len() * wire.width();
    match frame::check_tail(whole) {
        Ok(()) => Look::Whole { frame: Frame::new(header, frame::data_of(whole).to_vec()), length, wire },
        Err(error) => Look::Bad { error, header, length, wire },
    }
}

/// Hex digits without anything between them.
fn digits(text: &[u8]) -> Option<Vec<u8>> {
    text.chunks_exact(2).map(|pair| Some(hex::digit(pair[0])? << 4 | hex::digit(pair[1])?)).collect()
}

/// Where, inside a refused frame, the next frame begins: a good one if there is any, else one that reaches
/// beyond it, else nowhere (its length).
///
/// Only the bytes of the refused frame are looked at, so the result cannot depend on what else has arrived.
fn hidden_frame(whole: &[u8], hex_text: bool) -> usize {
    let mut reaching = None;
    for place in 1..whole.len() {
        match look(&whole[place..], hex_text) {
            Look::Whole { .. } => return place,
            Look::Partial => reaching = reaching.or(Some(place)),
            Look::Nothing | Look::Bad { .. } => {}
        }
    }
    reaching.unwrap_or(whole.len())
}

/// What is wrong with a part of a frame when nothing more will come.
fn truncated(bytes: &[u8], hex_text: bool) -> (FrameError, Option<Header>) {
    let is_text = hex_text && may_start(bytes, &hex::TEXT_START);
    let text = is_text.then(|| digits(bytes)).flatten();
    let bytes = text.as_deref().unwrap_or(bytes);
    let (present, header) = (bytes.len(), frame::read_header(bytes));
    let expected = header.and_then(|_| frame::announced_len(bytes).ok());
    match expected {
        Some(expected) if present >= MIN_FRAME => (FrameError::Length { expected, present }, header),
        _ => (FrameError::TooShort { present }, header),
    }
}

/// What comes after a run of refused bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Follows {
    /// A frame (good, or whole but for its checksum): its start mark is certain.
    Frame,
    /// Another failure, or nothing.
    Other,
}

/// Contiguous refused bytes: garbage, and perhaps a failed candidate after it.
#[derive(Clone, Debug, Default)]
struct Run {
    garbage: Part,
    failed: Option<(Failure, Part)>,
}

#[derive(Clone, Debug)]
struct Failure {
    error: FrameError,
    header: Option<Header>,
    claim: usize,
    header_len: usize,
}

/// Refused bytes: the first of them kept, all of them counted.
#[derive(Clone, Debug, Default)]
struct Part {
    kept: Vec<u8>,
    length: usize,
}

impl Part {
    fn add(&mut self, bytes: &[u8]) {
        let room = MAX_EVIDENCE - self.kept.len();
        self.kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.length += bytes.len();
    }

    fn refusal(self, error: FrameError, header: Option<Header>) -> Refusal {
        Refusal { error, header, bytes: self.kept, length: self.length }
    }

    fn garbage(self) -> Option<Refusal> {
        let error = FrameError::Start { present: self.length };
        (self.length > 0).then(|| self.refusal(error, None))
    }
}

impl Run {
    fn add(&mut self, bytes: &[u8]) {
        self.failed.as_mut().map_or(&mut self.garbage, |(_, part)| part).add(bytes);
    }

    /// Whether the next byte still lies within what the failed candidate claims.
    fn is_claimed(&self) -> bool {
        self.failed.as_ref().is_some_and(|(failure, part)| part.length < failure.claim)
    }

    fn close(mut self, follows: Follows) -> impl Iterator<Item = Refusal> {
        let mut refused = None;
        if let Some((failure, part)) = self.failed.take() {
            if follows == Follows::Frame && part.length < failure.header_len {
                // A frame begins inside its header: the start mark was an accident, the header a mixture.
                self.garbage.add(&part.kept);
            } else {
                refused = Some(part.refusal(failure.error, failure.header));
            }
        }
        self.garbage.garbage().into_iter().chain(refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes of heap that a decoder asks for besides its events.
    fn held(decoder: &Decoder) -> usize {
        decoder.buffer.capacity()
            + decoder.ready.capacity()
            + decoder.run.iter().map(|_| size_of::<Run>()).sum::<usize>()
    }

    #[test]
    fn an_idle_decoder_holds_no_heap_memory() {
        let mut decoder = Decoder::new(&Profile::default());
        assert_eq!(held(&decoder), 0);
        let mut bytes = vec![0x40, 0x40, 0, 0, 1, 1];
        bytes.resize(MIN_FRAME - 3, 0);
        bytes.extend([2, 0x23, 0x23]);
        decoder.push(&[b"garbage", &bytes.repeat(100)[..]].concat());
        assert_eq!(decoder.by_ref().count(), 101);
        assert_eq!(held(&decoder), 0);
        assert!(size_of::<Decoder>() <= 128, "{} bytes", size_of::<Decoder>());
    }

    #[test]
    fn a_drained_decoder_gives_back_what_a_large_read_took() {
        let mut decoder = Decoder::new(&Profile::default());
        decoder.push(&[vec![0; 100_000], b"@@".to_vec()].concat());
        assert_eq!(decoder.next(), None);
        assert_eq!(decoder.buffered(), 2);
        assert!(decoder.buffer.capacity() <= MAX_BUFFERED);
    }
}
