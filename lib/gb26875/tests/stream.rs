//! The stream decoder: garbage, broken lengths, broken sums, hex text, and every split of them.

use gb26875::frame::{self, Command, Frame, FrameError, HEADER_LEN, MAX_DATA, MAX_FRAME};
use gb26875::stream::{Decoder, Event, MAX_BUFFERED, MAX_EVIDENCE, Refusal, Wire};
use gb26875::{Address, Label, Profile, hex};

fn frame_with(sequence: u16, data: &[u8]) -> Frame {
    Frame {
        sequence,
        version: (1, 1),
        sent: Label([0x20, 0x3A, 0x09, 0x1A, 0x09, 0x0C]),
        source: Address([0x79, 3, 0, 0, 0, 0]),
        destination: Address([0x38, 0x5B, 1, 0, 0, 0]),
        command: Command::SEND,
        data: data.to_vec(),
    }
}

fn bytes_of(sequence: u16, data: &[u8]) -> Vec<u8> {
    frame::encode(&frame_with(sequence, data)).expect("small enough")
}

fn set_length(bytes: &mut [u8], length: u16) {
    bytes[24..26].copy_from_slice(&length.to_le_bytes());
}

/// Events of a whole stream, fed in pieces of `step` bytes.
fn events(stream: &[u8], step: usize) -> Vec<Event> {
    let mut decoder = Decoder::new(&Profile::default());
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

/// One word an event: the sequence number of a frame, or the code and length of a refusal.
fn story(events: &[Event]) -> String {
    let word = |event: &Event| match event {
        Event::Frame(frame) => frame.sequence.to_string(),
        Event::Refused(Refusal { error, length, .. }) => format!("{}:{length}", error.code()),
    };
    events.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// The story of a stream, the same however it is cut.
fn told(parts: &[&[u8]]) -> String {
    let stream = parts.concat();
    let whole = events(&stream, stream.len().max(1));
    for step in 1..=stream.len().min(120) {
        assert_eq!(events(&stream, step), whole, "in pieces of {step}");
    }
    let length: usize = whole.iter().map(length_of).sum();
    assert_eq!(length, stream.len(), "every byte is in exactly one event");
    story(&whole)
}

fn length_of(event: &Event) -> usize {
    match event {
        Event::Frame(frame) => frame::encode(frame).expect("it was decoded").len(),
        Event::Refused(refusal) => refusal.length,
    }
}

#[test]
fn frames_come_out_in_order_at_any_split() {
    assert_eq!(
        told(&[&bytes_of(1, &[]), &bytes_of(2, &[21, 1, 0, 0, 0, 0, 0, 0, 0]), &bytes_of(3, &[0x16])]),
        "1 2 3"
    );
    assert_eq!(told(&[]), "");
}

#[test]
fn garbage_is_one_refusal_for_each_run() {
    assert_eq!(
        told(&[b"hello", &bytes_of(1, &[]), b"\r\n\r\n", &bytes_of(2, &[]), b"bye"]),
        "start:5 1 start:4 2 start:3"
    );
}

#[test]
fn start_marks_before_a_start_mark_are_garbage() {
    assert_eq!(told(&[&[0x40, 0x40], &bytes_of(1, &[])]), "start:2 1");
    assert_eq!(told(&[&[0x40], &bytes_of(1, &[])]), "start:1 1");
    assert_eq!(told(&[&[0x40; 5], &bytes_of(1, &[])]), "start:5 1");
    assert_eq!(told(&[b"ab@@cd", &bytes_of(1, &[])]), "start:6 1");
    assert_eq!(told(&[&[0x40; 4]]), "too_short:4");
}

#[test]
fn marks_inside_the_data_do_not_end_a_frame() {
    let data = [2, 1, 0x23, 0x23, 0x40, 0x40, 0x23, 0x23];
    assert_eq!(told(&[&bytes_of(1, &data), &bytes_of(2, &[])]), "1 2");
    let nested = bytes_of(7, &[]);
    assert_eq!(told(&[&bytes_of(1, &nested), &bytes_of(2, &[])]), "1 2");
}

#[test]
fn a_wrong_sum_is_refused_with_its_header_at_once() {
    let mut broken = bytes_of(9, &[1, 2, 3]);
    broken[28] ^= 0xFF;
    let mut decoder = Decoder::new(&Profile::default());
    decoder.push(&broken);
    let Some(Event::Refused(refusal)) = decoder.next() else { panic!("refused without waiting for more") };
    assert_eq!((refusal.error.code(), refusal.length, &refusal.bytes), ("checksum", broken.len(), &broken));
    assert_eq!(refusal.header, Some(frame_with(9, &[]).header()));
    assert!(!decoder.is_waiting());
    assert_eq!(
        told(&[&broken, &bytes_of(1, &[]), &broken, &broken, &bytes_of(2, &[])]),
        "checksum:33 1 checksum:33 checksum:33 2"
    );
}

#[test]
fn a_wrong_end_is_refused_up_to_the_next_frame() {
    let mut broken = bytes_of(9, &[1, 2, 3]);
    broken[32] = 0x24;
    assert_eq!(told(&[&broken, &bytes_of(1, &[])]), "end:33 1");
    assert_eq!(told(&[&broken, &broken, &bytes_of(1, &[])]), "end:33 end:33 1");
    assert_eq!(told(&[b"xx", &broken, b"yy", &bytes_of(1, &[])]), "start:2 end:35 1");
}

#[test]
fn lengths_above_the_limit_are_refused_and_the_next_frame_is_found() {
    for length in [1025, 0x4040, u16::MAX] {
        let mut broken = bytes_of(9, &[1, 2, 3]);
        set_length(&mut broken, length);
        assert_eq!(told(&[&bytes_of(1, &[]), &broken, &bytes_of(2, &[])]), "1 too_long:33 2", "{length}");
        let Some(Event::Refused(refusal)) = events(&broken, 7).into_iter().next() else { panic!("refused") };
        assert_eq!(refusal.error, FrameError::TooLong { announced: length });
        assert_eq!(refusal.header.map(|header| header.sequence), Some(9));
    }
}

#[test]
fn the_largest_data_unit_passes() {
    let largest = bytes_of(1, &[0x23; MAX_DATA]);
    assert_eq!(largest.len(), MAX_FRAME);
    assert_eq!(told(&[&largest, &bytes_of(2, &[])]), "1 2");
    assert!(frame::encode(&frame_with(1, &[0; MAX_DATA + 1])).is_err());
}

#[test]
fn a_length_that_swallows_good_frames_gives_them_back() {
    for length in [4, 30, 60, 500, 1024] {
        let mut broken = bytes_of(9, &[1, 2, 3]);
        set_length(&mut broken, length);
        let story = told(&[&broken, &bytes_of(1, &[]), &bytes_of(2, &[7; 40]), &bytes_of(3, &[])]);
        assert!(story.ends_with(":33 1 2 3"), "length {length}: {story}");
    }
}

#[test]
fn a_length_that_ends_exactly_with_the_next_frame_gives_it_back() {
    let (mut broken, next) = (bytes_of(9, &[1, 2, 3]), bytes_of(1, &[]));
    set_length(&mut broken, 3 + u16::try_from(next.len()).expect("small"));
    assert_eq!(told(&[&broken, &next, &bytes_of(2, &[])]), "checksum:33 1 2");
}

#[test]
fn a_length_that_ends_on_marks_inside_the_next_frame_gives_it_back() {
    let (mut broken, next) = (bytes_of(9, &[1, 2, 3]), bytes_of(1, &[0x55, 0x23, 0x23, 0x55]));
    // The sum would be 55, the end mark 23 23: both from the data of the next frame.
    set_length(&mut broken, 6 + u16::try_from(HEADER_LEN).expect("small"));
    let story = told(&[&broken, &next, &bytes_of(2, &[])]);
    assert!(story.ends_with(":33 1 2"), "{story}");
}

#[test]
fn a_frame_that_never_completes_gives_back_what_it_held() {
    let mut broken = bytes_of(9, &[1, 2, 3]);
    set_length(&mut broken, 1000);
    let mut decoder = Decoder::new(&Profile::default());
    decoder.push(&[broken, bytes_of(1, &[])].concat());
    assert_eq!(decoder.next(), None);
    assert!(decoder.is_waiting());
    assert_eq!(story(&decoder.finish()), "length:33 1");
    decoder.push(&bytes_of(2, &[]));
    assert_eq!(story(&decoder.collect::<Vec<_>>()), "2");
}

#[test]
fn the_end_of_the_stream_refuses_what_is_cut_off() {
    let whole = bytes_of(1, &[1, 2, 3]);
    for cut in 1..whole.len() {
        let code = if cut < 30 { "too_short" } else { "length" };
        assert_eq!(told(&[&bytes_of(2, &[]), &whole[..cut]]), format!("2 {code}:{cut}"));
    }
}

#[test]
fn hex_text_is_read_in_both_letter_cases_and_its_line_breaks_are_passed_over() {
    let text = hex::encode_text(&bytes_of(1, &[0xAB, 1, 2]));
    let lower = text.to_ascii_lowercase();
    let stream = [&text[..], b"\r\n", &lower, b"\n", &bytes_of(2, &[]), &text].concat();
    let whole = events(&stream, stream.len());
    assert_eq!(story(&whole), "1 1 2 1");
    (1..stream.len()).for_each(|step| assert_eq!(events(&stream, step), whole, "in pieces of {step}"));
}

#[test]
fn the_decoder_tells_how_the_last_frame_was_written() {
    let mut decoder = Decoder::new(&Profile::default());
    assert_eq!(decoder.wire(), Wire::Binary);
    decoder.push(&hex::encode_text(&bytes_of(1, &[])));
    assert!(matches!(decoder.next(), Some(Event::Frame(_))));
    assert_eq!(decoder.wire(), Wire::HexText);
}

#[test]
fn broken_hex_text_does_not_hide_the_next_frame() {
    let good = hex::encode_text(&bytes_of(1, &[9; 6]));
    let mut bad_sum = good.clone();
    bad_sum[60] = if bad_sum[60] == b'0' { b'1' } else { b'0' };
    let mut no_hex = good.clone();
    no_hex[60] = b'x';
    let mut too_long = good.clone();
    too_long[48..52].copy_from_slice(b"FFFF");
    for (broken, code) in [(&bad_sum, "checksum:72"), (&no_hex, "start:72"), (&too_long, "too_long:72")] {
        let stream = [&broken[..], &good].concat();
        let whole = events(&stream, stream.len());
        assert_eq!(story(&whole), format!("{code} 1"));
        (1..stream.len()).for_each(|step| assert_eq!(events(&stream, step), whole, "in pieces of {step}"));
    }
}

#[test]
fn a_profile_without_hex_text_refuses_it() {
    let mut decoder = Decoder::new(&Profile::standard());
    decoder.push(&hex::encode_text(&bytes_of(1, &[])));
    assert_eq!(story(&decoder.finish()), "start:60");
}

#[test]
fn endless_garbage_is_counted_and_only_its_beginning_is_kept() {
    let mut decoder = Decoder::new(&Profile::default());
    for _ in 0..1000 {
        decoder.push(&[0x55; 1000]);
        assert_eq!(decoder.next(), None);
        assert_eq!(decoder.buffered(), 0);
    }
    decoder.push(&bytes_of(1, &[]));
    let Some(Event::Refused(refusal)) = decoder.next() else { panic!("garbage first") };
    assert_eq!((refusal.length, refusal.bytes.len()), (1_000_000, MAX_EVIDENCE));
    assert!(matches!(decoder.next(), Some(Event::Frame(_))));
}

#[test]
fn endless_start_marks_are_no_frame_and_stay_within_bounds() {
    for pattern in [&[0x40][..], b"4040", &[0x40, 0x40, 0x00], &[0x40, 0x40, 0x23, 0x23, 0, 0]] {
        let mut decoder = Decoder::new(&Profile::default());
        for _ in 0..20 {
            decoder.push(&pattern.repeat(500));
            while decoder.next().is_some() {}
            assert!(decoder.buffered() <= MAX_BUFFERED);
        }
        decoder.finish();
        assert!(!decoder.is_waiting());
    }
}
