//! Any bytes as a stream: never a panic, bounded memory, every byte in one event, cuts do not matter.
//!
//! The first byte of the input says how long the pieces are.
#![no_main]

use gb26875::stream::MAX_BUFFERED;
use gb26875::{Decoder, Event, Profile, frame};
use libfuzzer_sys::fuzz_target;

fn events(stream: &[u8], step: usize) -> Vec<Event> {
    // Without hex text every byte is in an event: line breaks after a text frame are in none.
    let mut decoder = Decoder::new(&Profile { hex_text: false, ..Profile::default() });
    let mut events = Vec::new();
    for piece in stream.chunks(step) {
        decoder.push(piece);
        events.extend(decoder.by_ref());
        assert!(decoder.buffered() <= MAX_BUFFERED);
    }
    events.extend(decoder.finish());
    assert!(!decoder.is_waiting());
    events
}

fn length(event: &Event) -> usize {
    match event {
        Event::Frame(frame) => frame::encode(frame).map_or(0, |bytes| bytes.len()),
        Event::Refused(refusal) => refusal.length,
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((&step, stream)) = input.split_first() else { return };
    let whole = events(stream, stream.len().max(1));
    assert_eq!(events(stream, usize::from(step).max(1)), whole);
    assert_eq!(whole.iter().map(length).sum::<usize>(), stream.len());
    let mut text = Decoder::new(&Profile::default());
    text.push(stream);
    text.finish();
});
