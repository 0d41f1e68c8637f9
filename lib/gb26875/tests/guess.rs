//! The dialect of a terminal, guessed from captured frames and from made ones.

use gb26875::guess::{FRAMES_MAX, Received, guess};
use gb26875::profile::Profile;
use gb26875::unit::{ComponentStatus, DataUnit, Objects};
use gb26875::{Address, Clock, Command, Content, Frame, Header, Label, frame, hex};
use jiff::civil::{DateTime, date};

const TABLE: &str = include_str!("data/frames.tsv");

fn captured(id: &str) -> Vec<u8> {
    let row = TABLE.lines().find(|line| line.starts_with(&format!("{id}\t"))).expect("a row of the table");
    hex::decode(row.split('\t').nth(2).expect("the hex column").as_bytes()).expect("hex")
}

/// The captured frames as they came, each at its own send time.
fn guessed(frames: &[Vec<u8>]) -> Vec<(&'static str, u8)> {
    let sent = |bytes: &[u8]| {
        let frame = frame::decode(bytes).expect("a whole frame");
        frame.sent.civil(Clock::Binary).unwrap_or(noon())
    };
    let received: Vec<_> = frames.iter().map(|bytes| Received { bytes, at: sent(bytes) }).collect();
    guess(&received).into_iter().map(|guess| (guess.name, guess.score)).collect()
}

fn noon() -> DateTime {
    date(2026, 11, 21).at(12, 0, 0, 0)
}

/// A fire of the detector at this address, sent at noon.
fn component(source: Address, zone_and_point: [u16; 2], profile: &Profile) -> Vec<u8> {
    let captured = frame::decode(&captured("A01")).expect("a whole frame");
    let Content::Unit(DataUnit { kind, objects: Objects::ComponentStatus(list), .. }) =
        Content::decode(&captured.data, profile)
    else {
        panic!("a component's state")
    };
    let [zone, point] = zone_and_point;
    let label = Label::from_civil(noon(), Clock::Binary).expect("a year of this century");
    let object = ComponentStatus {
        component_address: profile.join_part_address(zone, point),
        occurred: label,
        ..list[0].clone()
    };
    let unit = DataUnit::new(kind, Objects::ComponentStatus(vec![object])).expect("one object");
    let header = Header { source, sent: label, command: Command::SEND, ..captured.header() };
    frame::encode(&Frame::new(header, unit.encode().expect("it fits"))).expect("it fits")
}

fn number(n: u64) -> Address {
    Address::from_number(n).expect("below 2 to the 48")
}

#[test]
fn a_plain_terminal_is_read_by_the_dialect_that_reads_everything() {
    let found = guessed(&[captured("A01"), captured("A04"), captured("A07")]);
    assert_eq!(found[0].0, "gb26875");
    assert!(found[0].1 >= 80, "{found:?}");
}

#[test]
fn a_clock_in_bcd_is_noticed_by_times_that_lie_years_off() {
    // D02: read as binary the event is six years after it was sent; read as BCD it is ten months before.
    let bcd = captured("D02");
    let at = date(2019, 1, 11).at(12, 0, 0, 0);
    let found = guess(&[Received { bytes: &bcd, at }]);
    assert_eq!(found[0].name, "gb26875-bcd", "{found:?}");
    assert!(found[0].reasons.iter().any(|r| r.text.contains("1 个与收到时间相近")), "{found:?}");
}

#[test]
fn many_points_of_few_zones_tell_how_an_address_divides() {
    for (name, winner) in [("gb26875", "gb26875"), ("gb26875-point-first", "gb26875-point-first")] {
        let profile = Profile::named(name);
        let frames: Vec<_> = (1..=8).map(|point| component(number(889), [2, point], &profile)).collect();
        assert_eq!(guessed(&frames)[0].0, winner);
    }
}

#[test]
fn restored_twins_are_told_from_unknown_types() {
    let mut frame = frame::decode(&captured("A01")).expect("a whole frame");
    frame.data[0] = 0x87;
    let restored = frame::encode(&frame).expect("it fits");
    assert_eq!(guessed(&[captured("A01"), restored])[0].0, "gb26875-restored");
}

#[test]
fn a_private_address_with_its_port_is_no_number() {
    let source = Address([192, 168, 1, 4, 0x6D, 0x1D]);
    let found = guessed(&[component(source, [1, 1], &Profile::default())]);
    assert_eq!(found[0].0, "gb26875-ipv4");
    let plain = guessed(&[component(number(70_001), [1, 1], &Profile::default())]);
    assert_eq!(plain[0].0, "gb26875");
}

#[test]
fn without_content_every_dialect_comes_and_none_is_far_ahead() {
    let found = guess(&[]);
    assert_eq!((found.len(), found[0].name), (6, "gb26875"));
    let garbage = guess(&[Received { bytes: &[0x40; 30], at: noon() }]);
    assert!(garbage.iter().all(|guess| guess.score < 50), "{garbage:?}");
}

#[test]
fn only_so_many_frames_are_weighed() {
    let (plain, bcd) = (captured("A01"), captured("D02"));
    let at = |bytes: &[u8]| frame::decode(bytes).expect("whole").sent.civil(Clock::Binary).expect("a time");
    let mut frames = vec![Received { bytes: &plain, at: at(&plain) }; FRAMES_MAX];
    let before = guess(&frames);
    frames.push(Received { bytes: &bcd, at: at(&bcd) });
    assert_eq!(guess(&frames), before);
}
