//! Frames captured in the field, one test for what each of them means (`data/frames.tsv`, column `meaning`).

use gb26875::frame::{self, Command, Frame, FrameError};
use gb26875::label::{Clock, Label};
use gb26875::profile::{Identity, PartAddressOrder, Profile, SourceAddressing};
use gb26875::stream::{Decoder, Event};
use gb26875::unit::*;
use gb26875::{Address, hex};

const TABLE: &str = include_str!("data/frames.tsv");

struct Row {
    id: &'static str,
    is_valid: bool,
    bytes: Vec<u8>,
}

fn rows() -> Vec<Row> {
    TABLE.lines().skip(1).map(row).collect()
}

fn row(line: &'static str) -> Row {
    let columns: Vec<&str> = line.split('\t').collect();
    let [id, verdict, digits, _meaning] = columns[..] else { panic!("four columns: {line}") };
    Row { id, is_valid: verdict == "valid", bytes: hex::decode(digits.as_bytes()).expect("hex") }
}

fn bytes(id: &str) -> Vec<u8> {
    rows().into_iter().find(|row| row.id == id).unwrap_or_else(|| panic!("no row {id}")).bytes
}

fn frame_of(id: &str) -> Frame {
    frame::decode(&bytes(id)).unwrap_or_else(|error| panic!("{id}: {error}"))
}

fn unit_of(id: &str) -> DataUnit {
    DataUnit::decode(&frame_of(id).data, &Profile::default()).unwrap_or_else(|| panic!("{id} has no unit"))
}

fn time(label: Label) -> String {
    label.civil(Clock::Binary).map(|moment| moment.to_string()).unwrap_or_default()
}

/// One component status of a frame that has exactly one.
fn component(id: &str) -> ComponentStatus {
    match unit_of(id) {
        DataUnit { kind: 2, count: 1, objects: Objects::ComponentStatus(list) } => list[0].clone(),
        other => panic!("{id}: {other:?}"),
    }
}

fn text(object: &ComponentStatus) -> Option<String> {
    object.text.as_ref().map(|text| text.read())
}

fn uitd_status(id: &str) -> UitdStatus {
    match unit_of(id) {
        DataUnit { kind: 21, count: 1, objects: Objects::UitdStatus(list) } => list[0].clone(),
        other => panic!("{id}: {other:?}"),
    }
}

fn uitd_operation(id: &str) -> UitdOperation {
    match unit_of(id) {
        DataUnit { kind: 24, count: 1, objects: Objects::UitdOperation(list) } => list[0].clone(),
        other => panic!("{id}: {other:?}"),
    }
}

fn values(id: &str) -> Vec<(u8, u8, u8, i16)> {
    let DataUnit { kind: 3, objects: Objects::AnalogValue(list), count } = unit_of(id) else {
        panic!("{id}")
    };
    assert_eq!(list.len(), usize::from(count), "{id}");
    list.iter().map(|o| (o.system_type, o.component_type, o.analog_type, o.value)).collect()
}

#[test]
fn valid_rows_decode_and_encode_to_the_same_bytes_and_broken_rows_are_refused() {
    let rows = rows();
    assert_eq!(rows.len(), 37, "a row was added: say what it means in a test of its own");
    for Row { id, is_valid, bytes } in rows {
        let decoded = frame::decode(&bytes);
        assert_eq!(decoded.is_ok(), is_valid, "{id}: {decoded:?}");
        let Ok(frame) = decoded else { continue };
        assert_eq!(frame::encode(&frame).as_ref(), Ok(&bytes), "{id}");
        let content = Content::decode(&frame.data, &Profile::default());
        assert_eq!(content.encode().as_ref(), Ok(&frame.data), "{id}");
    }
}

#[test]
fn every_row_comes_out_of_one_stream_in_order() {
    let rows = rows();
    let mut decoder = Decoder::new(&Profile::default());
    rows.iter().for_each(|row| decoder.push(&row.bytes));
    let mut events: Vec<Event> = decoder.by_ref().collect();
    events.extend(decoder.finish());
    let good: Vec<&Frame> =
        events.iter().filter_map(|e| if let Event::Frame(f) = e { Some(f) } else { None }).collect();
    let expected: Vec<Frame> = rows.iter().filter_map(|row| frame::decode(&row.bytes).ok()).collect();
    assert_eq!(good, expected.iter().collect::<Vec<_>>());
    let refused: Vec<&str> = events
        .iter()
        .filter_map(|e| if let Event::Refused(r) = e { Some(r.error.code()) } else { None })
        .collect();
    // C08 has one byte too many, D03 and D05 a wrong sum, G02 ends before its sum.
    assert_eq!(refused, ["end", "checksum", "checksum", "length"]);
}

#[test]
fn a01_is_a_smoke_fire_with_bit_0_clear() {
    let frame = frame_of("A01");
    assert_eq!((frame.sequence, frame.version, frame.command), (1, (1, 1), Command::SEND));
    assert_eq!((frame.source.number(), frame.destination.number()), (889, 88_888));
    assert_eq!(time(frame.sent), "2012-09-26T09:58:32");
    let object = component("A01");
    assert_eq!((object.system_type, object.system_address, object.component_type), (1, 1, 40));
    assert_eq!(object.component_address.to_le_bytes(), [0x0A, 0, 2, 0]);
    assert_eq!(Profile::default().split_part_address(object.component_address), (10, 2));
    assert_eq!(object.status.0, 2);
    assert!(object.status.fire() && !object.status.normal());
    assert_eq!((text(&object).as_deref(), time(object.occurred).as_str()), (Some(""), "2012-09-26T09:58:02"));
}

#[test]
fn a02_acknowledges_and_a03_denies_a01() {
    let asked = frame_of("A01");
    for (id, command) in [("A02", Command::ACKNOWLEDGE), ("A03", Command::DENY)] {
        let answer = frame_of(id);
        assert_eq!((answer.command, answer.data.len()), (command, 0), "{id}");
        assert_eq!((answer.sequence, answer.version), (asked.sequence, asked.version), "{id}");
        assert_eq!((answer.source, answer.destination), (asked.destination, asked.source), "{id}");
        assert_eq!(time(answer.sent), "2012-09-26T09:58:35", "{id}");
    }
}

#[test]
fn a04_and_a09_report_mains_fault_of_the_terminal() {
    for (id, command) in [("A04", Command::SEND), ("A09", Command::REPLY)] {
        let object = uitd_status(id);
        assert_eq!((frame_of(id).command, object.status.0), (command, 8), "{id}");
        assert!(object.status.mains_fault() && !object.status.normal());
        assert_eq!(time(object.occurred), "2012-09-26T09:58:02");
    }
}

#[test]
fn a06_and_a11_are_version_1_1() {
    for (id, command) in [("A06", Command::SEND), ("A11", Command::REPLY)] {
        assert_eq!(frame_of(id).command, command, "{id}");
        let expected = Objects::UitdVersion(vec![UitdVersion { major: 1, minor: 1 }]);
        assert_eq!(unit_of(id), DataUnit { kind: 25, count: 1, objects: expected }, "{id}");
    }
}

#[test]
fn a07_shows_the_clock_of_the_terminal() {
    let DataUnit { kind: 28, count: 1, objects: Objects::UitdClock(list) } = unit_of("A07") else { panic!() };
    assert_eq!(time(list[0].time), "2012-09-26T09:58:02");
}

#[test]
fn a08_a10_a12_and_a14_ask_with_one_reserved_byte() {
    let reserved = || Objects::Reserved(vec![Reserved { reserved: 0 }]);
    let rows = [("A08", 4, 81), ("A10", 4, 85), ("A12", 4, 88), ("A14", 1, 89)];
    for (id, command, kind) in rows {
        assert_eq!(frame_of(id).command, Command(command), "{id}");
        assert_eq!(unit_of(id), DataUnit { kind, count: 1, objects: reserved() }, "{id}");
        assert_eq!(frame_of(id).source.number(), 88_888, "{id}");
    }
}

#[test]
fn a16_is_a_duty_check_of_ten_minutes() {
    assert_eq!(frame_of("A16").command, Command::CONTROL);
    let expected = Objects::DutyCheck(vec![DutyCheck { timeout_min: 10 }]);
    assert_eq!(unit_of("A16"), DataUnit { kind: 91, count: 1, objects: expected });
}

#[test]
fn b02_has_main_version_0_and_initialises_with_command_4() {
    let frame = frame_of("B02");
    assert_eq!((frame.version, frame.command), ((0, 1), Command::REQUEST));
    assert_eq!(unit_of("B02").kind, 89);
}

#[test]
fn c01_and_c02_are_link_ups_of_one_byte_with_a_socket_as_destination() {
    let profile = Profile::default();
    for (id, ip) in [("C01", [192, 168, 1, 4]), ("C02", [172, 16, 60, 213])] {
        let frame = frame_of(id);
        assert_eq!((frame.version, frame.command), ((16, 0), Command::SEND), "{id}");
        assert_eq!(Content::decode(&frame.data, &profile), Content::Single(0x16), "{id}");
        assert_eq!(frame.destination.ipv4_and_port(), (ip.into(), 7533), "{id}");
        assert_eq!(profile.identity(frame.source), Identity::Channel, "{id}");
        assert!(profile.is_handshake(&frame) && profile.is_heartbeat(&frame), "{id}");
        let socket = Profile { source_addressing: SourceAddressing::Ipv4AndPort, ..Profile::default() };
        assert_eq!(socket.identity(frame.destination), Identity::Socket(ip.into(), 7533), "{id}");
    }
}

#[test]
fn c04_and_d10_are_heartbeats_without_data() {
    for (id, source, destination) in [("C04", 0, 100), ("D10", 11_111, 88_888)] {
        let frame = frame_of(id);
        assert_eq!((frame.command, frame.data.len()), (Command::SEND, 0), "{id}");
        assert_eq!((frame.source.number(), frame.destination.number()), (source, destination), "{id}");
        assert!(Profile::default().is_heartbeat(&frame), "{id}");
    }
}

#[test]
fn c05_c06_and_c12_are_operations_and_no_alarms() {
    let c05 = uitd_operation("C05");
    assert_eq!((c05.operation.0, c05.operator), (1, 1));
    assert!(c05.operation.reset());
    assert_eq!(time(c05.occurred), "2022-07-12T11:46:58");
    assert_eq!(time(frame_of("C05").sent), "2022-07-12T11:56:55");
    let c06 = uitd_operation("C06");
    assert!(c06.operation.silence() && !c06.operation.manual_alarm());
    assert_eq!((c06.operation.0, time(c06.occurred).as_str()), (2, "2022-03-03T17:15:22"));
    let c12 = uitd_operation("C12");
    assert_eq!((c12.operation.0, c12.operator, frame_of("C12").sequence), (1, 1, 0));
    assert_eq!(time(c12.occurred), "2022-07-12T16:42:10");
}

#[test]
fn c08_has_a_byte_too_many_and_is_a_fault_without_it() {
    let mut bytes = bytes("C08");
    assert_eq!(frame::decode(&bytes), Err(FrameError::Length { expected: 78, present: 79 }));
    let spare = bytes.len() - 12;
    assert_eq!(bytes.remove(spare), 0);
    let data = frame::decode(&bytes).expect("valid without it").data;
    let Some(DataUnit { objects: Objects::ComponentStatus(list), .. }) =
        DataUnit::decode(&data, &Profile::default())
    else {
        panic!("a component status")
    };
    assert_eq!((list[0].component_type, list[0].component_address.to_le_bytes()), (0, [0x37, 0, 0x0A, 0]));
    assert!(list[0].status.fault() && list[0].status.0 == 4);
    assert_eq!(time(list[0].occurred), "2022-07-12T14:52:45");
}

#[test]
fn c11_reports_nothing_at_all() {
    let object = uitd_status("C11");
    assert_eq!((object.status.0, time(object.occurred).as_str()), (0, "2022-07-12T16:42:10"));
    assert_eq!(time(frame_of("C11").sent), "2022-07-12T16:42:21");
}

#[test]
fn d02_writes_its_event_in_bcd() {
    let (frame, object, profile) = (frame_of("D02"), component("D02"), Profile::default());
    assert_eq!(time(frame.sent), "2019-11-18T16:33:46");
    assert_eq!((object.component_type, object.component_address.to_le_bytes()), (18, [0xFF, 0, 0xFF, 0]));
    assert_eq!((object.status.0, text(&object).as_deref()), (3, Some("")));
    assert_eq!(time(object.occurred), "2025-01-17T17:37:00");
    let bcd = object.occurred.civil(Clock::Bcd).map(|moment| moment.to_string());
    assert_eq!(bcd.as_deref(), Some("2019-01-11T11:25:00"));
    assert!(profile.suspects_bcd(object.occurred, frame.sent));
}

#[test]
fn only_d02_looks_like_a_bcd_clock() {
    for Row { id, bytes, .. } in rows() {
        let Ok(frame) = frame::decode(&bytes) else { continue };
        let Content::Unit(unit) = Content::decode(&frame.data, &Profile::default()) else { continue };
        let Objects::ComponentStatus(list) = unit.objects else { continue };
        let suspected =
            list.iter().any(|object| Profile::default().suspects_bcd(object.occurred, frame.sent));
        assert_eq!(suspected, id == "D02", "{id}");
    }
}

#[test]
fn d03_and_d05_have_wrong_sums() {
    assert_eq!(frame::decode(&bytes("D03")), Err(FrameError::Checksum { expected: 0xB5, found: 0xED }));
    assert_eq!(frame::decode(&bytes("D05")), Err(FrameError::Checksum { expected: 0x40, found: 0xCE }));
    let data = |id| {
        let mut bytes = bytes(id);
        let sum = bytes.len() - 3;
        bytes[sum] = frame::checksum(&bytes[2..sum]);
        frame::decode(&bytes).expect("right sum").data
    };
    let d03 = DataUnit::decode(&data("D03"), &Profile::default()).expect("a unit");
    let Objects::ComponentStatus(list) = d03.objects else { panic!("type 2") };
    assert_eq!((list[0].system_type, list[0].system_address, list[0].component_type), (1, 11, 40));
    assert_eq!(list[0].component_address.to_le_bytes(), [1, 1, 1, 0x23]);
    assert!(list[0].status.shielded() && list[0].status.0 == 8);
    assert_eq!(time(list[0].occurred), "2018-03-26T13:01:07");
    let d05 = DataUnit::decode(&data("D05"), &Profile::default()).expect("a unit");
    let Objects::FacilityOperation(list) = d05.objects else { panic!("type 4") };
    assert_eq!((list[0].system_address, list[0].operation.0, list[0].operator), (11, 0x10, 0));
    assert!(list[0].operation.self_test());
    assert_eq!(time(list[0].occurred), "2018-03-26T13:13:08");
}

#[test]
fn d07_names_circuit_before_node() {
    let (frame, object) = (frame_of("D07"), component("D07"));
    assert_eq!((time(frame.sent).as_str(), frame.source.number()), ("2021-10-28T10:35:44", 0x0C38F6));
    assert_eq!(Profile::default().split_part_address(object.component_address), (35_579, 1));
    assert_eq!((object.component_type, object.status.0, text(&object).as_deref()), (0, 3, Some("")));
}

#[test]
fn d09_has_standby_battery_fault() {
    let object = uitd_status("D09");
    assert_eq!((object.status.0, frame_of("D09").source.number()), (0x15, 123_456));
    assert!(object.status.normal() && object.status.fault() && object.status.battery_fault());
    assert_eq!(time(object.occurred), "2020-01-19T13:52:53");
}

#[test]
fn e01_and_e02_are_fires_in_objects_of_15_bytes() {
    let rows =
        [("E01", [0x35, 0x17, 0, 0], "2021-06-03T15:19:59"), ("E02", [0x4B, 0, 0, 0], "2020-06-16T10:04:43")];
    for (id, address, occurred) in rows {
        let object = component(id);
        assert_eq!((frame_of(id).version, frame_of(id).data.len()), ((2, 255), 17), "{id}");
        assert_eq!((object.system_type, object.system_address, object.component_type), (135, 0, 40), "{id}");
        assert_eq!((object.component_address.to_le_bytes(), object.status.0), (address, 0x23), "{id}");
        assert!(object.status.fire() && object.status.started() && object.status.normal(), "{id}");
        assert_eq!((object.text, time(object.occurred).as_str()), (None, occurred), "{id}");
    }
}

#[test]
fn e04_e07_and_e09_measure_with_user_types() {
    assert_eq!(values("E04"), [(135, 40, 0x80, -93), (135, 40, 0x88, 3463)]);
    assert_eq!(values("E07"), [(131, 128, 5, 0), (131, 128, 0x80, -91), (131, 128, 0x88, 3575)]);
    let e09 = [(132, 129, 0x9A, 134), (132, 129, 0x80, 11), (132, 129, 0x88, 3914)];
    let more = [(131, 128, 5, 0), (131, 128, 0x80, 11), (131, 128, 0x88, 3914)];
    assert_eq!(values("E09"), [e09, more].concat());
}

#[test]
fn e06_names_its_firmware_in_the_text() {
    let object = component("E06");
    assert_eq!((object.system_type, object.component_type, object.status.0), (131, 128, 1));
    assert_eq!(object.component_address.to_le_bytes(), [0xAA, 7, 0, 0]);
    assert_eq!(text(&object).as_deref(), Some("F9164-TD-NB_V1.0.1_STD-ON_2021"));
}

#[test]
fn f01_is_a_heartbeat_of_a_user_type_and_stays_raw() {
    let frame = frame_of("F01");
    assert_eq!((frame.version, frame.source.number()), ((1, 5), 140));
    assert_eq!(time(frame.sent), "2026-04-28T13:53:43");
    assert_eq!(unit_of("F01"), DataUnit { kind: 0xBE, count: 1, objects: Objects::Raw(vec![0]) });
    assert!(Profile::default().is_heartbeat(&frame));
}

#[test]
fn g01_is_a_call_point_with_the_point_before_the_zone() {
    let (frame, object) = (frame_of("G01"), component("G01"));
    assert_eq!((frame.source.number(), frame.destination.number()), (70_001, 88_888));
    assert_eq!(
        (time(frame.sent).as_str(), time(object.occurred).as_str()),
        ("2019-10-21T22:16:13", "2019-10-21T22:16:12")
    );
    assert_eq!((object.component_type, object.status.0), (23, 2));
    let profile = Profile { part_address_order: PartAddressOrder::PointFirst, ..Profile::default() };
    assert_eq!(profile.split_part_address(object.component_address), (101, 5));
    assert_eq!(profile.join_part_address(101, 5), object.component_address);
}

#[test]
fn g02_lacks_its_tail_and_says_so() {
    let mut bytes = bytes("G02");
    assert_eq!(frame::decode(&bytes), Err(FrameError::Length { expected: 78, present: 73 }));
    // Two bytes of the text are missing as well, before the event time.
    let event = bytes.len() - 6;
    bytes.splice(event..event, [0, 0]);
    bytes.extend([frame::checksum(&bytes[2..]), 0x23, 0x23]);
    let data = frame::decode(&bytes).expect("complete").data;
    let Some(DataUnit { objects: Objects::ComponentStatus(list), .. }) =
        DataUnit::decode(&data, &Profile::default())
    else {
        panic!("a component status")
    };
    assert_eq!((list[0].component_type, list[0].component_address, list[0].status.0), (1, 4, 3));
    assert!(list[0].status.fire() && !list[0].status.shielded());
    assert_eq!(text(&list[0]).as_deref(), Some("01-02-004"));
    assert_eq!(time(list[0].occurred), "2026-03-26T16:26:45");
}

#[test]
fn every_valid_row_is_read_from_hex_text_too() {
    for Row { id, bytes, .. } in rows().into_iter().filter(|row| row.is_valid) {
        let text = hex::encode_text(&bytes);
        assert_eq!(frame::decode_with(&text, &Profile::default()), frame::decode(&bytes), "{id}");
        let error = frame::decode_with(&text, &Profile::standard()).expect_err("the standard has no text");
        assert_eq!(error.code(), "start", "{id}");
    }
}

#[test]
fn a_zero_source_is_nobody_and_a_number_is_somebody() {
    assert_eq!(Profile::default().identity(Address::ZERO), Identity::Channel);
    assert_eq!(Profile::default().identity(frame_of("A01").source), Identity::Number(889));
}
