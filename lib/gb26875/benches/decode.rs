//! The protocol alone on one core: frames taken out of bytes and their data units read, beside the bare limit of a
//! program that knows where each frame begins, copies its bytes and adds them up, as whoever keeps and checks it must.
//!
//! `cargo bench -p gb26875`. Pushes of one frame are what a gateway sees of quiet terminals, pushes of 8 KiB what it
//! sees of those that come back after an outage.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures time")]
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark reports to the terminal and may stop"
)]

use gb26875::state::ComponentState;
use gb26875::text::FixedText;
use gb26875::unit::{ComponentStatus, Content, kind};
use gb26875::{
    Address, Clock, Command, DataUnit, Decoder, Event, Frame, Header, Label, Objects, Profile, frame,
};
use std::hint::black_box;
use std::time::Instant;

/// Frames in one round.
const FRAMES: u16 = 50_000;
/// Rounds; the best one counts, because everything else on the machine can only slow it down.
const ROUNDS: usize = 9;
/// Bytes of a large push.
const CHUNK: usize = 8 * 1_024;
/// What the plan wants, in frames a second.
const TARGET: f64 = 2_000_000.0;

fn main() {
    if !std::env::args().any(|a| a == "--bench") {
        println!("只在 cargo bench 时测量");
        return;
    }
    let frames: Vec<_> = (0..FRAMES).map(report).collect();
    let (one, stream) = (frames[0].len(), frames.concat());
    println!("{FRAMES} reports of a component, {one} bytes each, one core, best of {ROUNDS} rounds");
    let bare = measure(|| frames.iter().map(|frame| copied(frame)).fold(0, u8::wrapping_add));
    let read = [
        ("one frame a push", measure(|| decode(frames.iter().map(Vec::as_slice)))),
        ("8 KiB a push", measure(|| decode(stream.chunks(CHUNK)))),
    ];
    println!("only copied and added up: {:.1} million frames/s", bare / 1e6);
    for (name, rate) in read {
        println!("{name}: {:.1} million frames/s, {:.2} of that", rate / 1e6, rate / bare);
    }
    println!("target: {:.0} million", TARGET / 1e6);
}

/// Frames a second of the best round.
fn measure<T>(round: impl Fn() -> T) -> f64 {
    let seconds = (0..ROUNDS).map(|_| {
        let began = Instant::now();
        black_box(round());
        began.elapsed().as_secs_f64()
    });
    f64::from(FRAMES) / seconds.fold(f64::INFINITY, f64::min)
}

/// The sum of a copy of a frame.
fn copied(frame: &[u8]) -> u8 {
    let copy = black_box(frame.to_vec());
    copy.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

/// Takes all frames out of the pushes and reads their data units.
fn decode<'a>(pushes: impl Iterator<Item = &'a [u8]>) -> usize {
    let profile = Profile::default();
    let (mut decoder, mut found) = (Decoder::new(&profile), 0);
    for bytes in pushes {
        decoder.push(bytes);
        for event in decoder.by_ref() {
            let Event::Frame(frame) = event else { panic!("every frame is a good one") };
            let Content::Unit(unit) = Content::decode(&frame.data, &profile) else { panic!("it has data") };
            black_box(unit);
            found += 1;
        }
    }
    assert_eq!(found, usize::from(FRAMES));
    found
}

/// A smoke detector reports a fire.
fn report(sequence: u16) -> Vec<u8> {
    let at = Label::from_civil("2026-09-26T09:58:02".parse().unwrap(), Clock::Binary).unwrap();
    let object = ComponentStatus {
        system_type: 1,
        system_address: 1,
        component_type: 40,
        component_address: u32::from(sequence) << 16 | 1,
        status: ComponentState(0x0003),
        text: Some(FixedText::fit("二层东走廊")),
        occurred: at,
    };
    let unit = DataUnit::new(kind::COMPONENT_STATUS, Objects::ComponentStatus(vec![object])).unwrap();
    let header = Header {
        sequence,
        version: (1, 1),
        sent: at,
        source: Address::from_number(889).unwrap(),
        destination: Address::from_number(1).unwrap(),
        command: Command::SEND,
    };
    frame::encode(&Frame::new(header, unit.encode().unwrap())).unwrap()
}
