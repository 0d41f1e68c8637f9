//! Properties that hold for all bytes: reading never panics, writing inverts reading, cuts do not matter.

use gb26875::frame::{self, Command, Frame, MAX_DATA};
use gb26875::profile::RESTORED_TWINS;
use gb26875::stream::{Decoder, Event, MAX_BUFFERED};
use gb26875::unit::{Content, DataUnit, Objects, kind, max_objects};
use gb26875::{Address, Label, Profile, hex, json, text};
use proptest::collection::vec;
use proptest::prelude::*;

const KINDS: [u8; 29] = [
    1, 2, 3, 4, 5, 6, 7, 8, 21, 24, 25, 26, 28, 61, 62, 63, 64, 65, 66, 67, 68, 81, 84, 85, 86, 88, 89, 90,
    91,
];

fn any_frame(max_data: usize) -> impl Strategy<Value = Frame> {
    let six = || any::<[u8; 6]>();
    (any::<u16>(), any::<(u8, u8)>(), six(), six(), six(), any::<u8>(), vec(any::<u8>(), 0..=max_data))
        .prop_map(|(sequence, version, sent, source, destination, command, data)| Frame {
            sequence,
            version,
            sent: Label(sent),
            source: Address(source),
            destination: Address(destination),
            command: Command(command),
            data,
        })
}

/// A piece of a stream: a frame, a frame with one byte changed, hex text, marks, or garbage.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let encoded = || any_frame(60).prop_map(|frame| frame::encode(&frame).expect("at most 60 bytes"));
    prop_oneof![
        4 => encoded(),
        2 => (encoded(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(mut bytes, place, byte)| {
            let place = place.index(bytes.len());
            bytes[place] = byte;
            bytes
        }),
        2 => (encoded(), any::<prop::sample::Index>()).prop_map(|(mut bytes, place)| {
            bytes.truncate(place.index(bytes.len()));
            bytes
        }),
        1 => encoded().prop_map(|bytes| hex::encode_text(&bytes)),
        1 => vec(prop_oneof![Just(0x40), Just(0x23), Just(0x34), Just(0x30), Just(0x0A)], 0..40),
        1 => vec(any::<u8>(), 0..80),
    ]
}

fn events(stream: &[u8], mut cuts: impl Iterator<Item = usize>) -> Vec<Event> {
    let (mut decoder, mut events, mut rest) = (Decoder::new(&Profile::default()), Vec::new(), stream);
    while !rest.is_empty() {
        let (piece, later) = rest.split_at(cuts.next().unwrap_or(rest.len()).clamp(1, rest.len()));
        decoder.push(piece);
        events.extend(decoder.by_ref());
        assert!(decoder.buffered() <= MAX_BUFFERED);
        rest = later;
    }
    events.extend(decoder.finish());
    assert!(!decoder.is_waiting());
    events
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn writing_inverts_reading(frame in any_frame(MAX_DATA)) {
        let bytes = frame::encode(&frame).expect("within the limit");
        prop_assert_eq!(frame::decode(&bytes), Ok(frame));
    }

    #[test]
    fn any_changed_byte_is_noticed(frame in any_frame(80), place: prop::sample::Index, flip in 1..=255u8) {
        let mut bytes = frame::encode(&frame).expect("within the limit");
        let place = place.index(bytes.len());
        bytes[place] ^= flip;
        prop_assert!(frame::decode(&bytes).is_err());
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes in vec(any::<u8>(), 0..1200)) {
        let profile = Profile::default();
        let _ = json::frame(&frame::decode_with(&bytes, &profile), &profile);
        let _ = text::clean(&bytes);
        let _ = hex::decode(&bytes);
        events(&bytes, std::iter::empty());
    }

    #[test]
    fn any_data_of_any_type_is_read_and_written_back(
        kind in prop_oneof![3 => prop::sample::select(KINDS.as_slice()), 1 => any::<u8>()],
        count in prop_oneof![3 => 0..6u8, 1 => any::<u8>()],
        body in vec(any::<u8>(), 0..300),
        with_twins: bool,
    ) {
        let user_types = if with_twins { RESTORED_TWINS.to_vec() } else { Vec::new() };
        let profile = Profile { user_types: user_types.into(), ..Profile::default() };
        let data = [&[kind, count][..], &body].concat();
        let content = Content::decode(&data, &profile);
        prop_assert_eq!(content.encode(), Ok(data.clone()));
        let frame = Frame { data, ..empty_frame() };
        let value = json::frame(&Ok(frame), &profile);
        prop_assert!(value["objects"].is_array() != value["raw"].is_string());
    }

    #[test]
    fn data_that_fits_its_type_is_never_raw(index in 0..KINDS.len(), count in 1..4u8, filler: u8) {
        let kind = KINDS[index];
        let size = |kind| match kind {
            1 | 4 => 10, 2 => 46, 3 => 16, 5 => 4, 7 => 38, 8 => 8, 21 | 84 => 7, 24 => 8, 25 | 61 | 65 | 66 | 68 => 2,
            28 | 62 | 63 | 67 | 90 => 6, 64 => 9, _ => 1,
        };
        let object = match kind {
            6 => vec![filler, filler, 3, b'a', b'b', b'c'],
            26 => vec![2, b'a', b'b'],
            kind => vec![filler; size(kind)],
        };
        let data = [vec![kind, count], object.repeat(usize::from(count))].concat();
        let unit = DataUnit::decode(&data, &Profile::standard()).expect("two bytes and more");
        prop_assert_eq!(unit.objects.len(), usize::from(count));
        prop_assert_eq!(unit.encode(), Ok(data));
        prop_assert!(max_objects(kind).is_some());
    }

    #[test]
    fn cuts_do_not_matter(pieces in vec(piece(), 0..8), cuts in vec(1..50usize, 0..60)) {
        let stream = pieces.concat();
        let whole = events(&stream, std::iter::empty());
        prop_assert_eq!(events(&stream, cuts.into_iter()), whole.clone());
        prop_assert_eq!(events(&stream, std::iter::repeat(1)), whole);
    }

    #[test]
    fn a_good_frame_after_anything_is_decoded(pieces in vec(piece(), 0..5), frame in any_frame(40)) {
        let good = frame::encode(&frame).expect("within the limit");
        let stream = [pieces.concat(), good.clone()].concat();
        // Garbage may happen to be the beginning of a frame that ends where the good one does, right in start,
        // length, checksum and end: then that one is what was sent, as far as anybody can tell.
        let last = match events(&stream, std::iter::empty()).pop() {
            Some(Event::Frame(last)) => frame::encode(&last).expect("what was decoded can be encoded"),
            other => panic!("the last thing heard is no frame: {other:?}"),
        };
        prop_assert!(last.ends_with(&good));
    }
}

fn empty_frame() -> Frame {
    Frame {
        sequence: 0,
        version: (1, 1),
        sent: Label::default(),
        source: Address::ZERO,
        destination: Address::ZERO,
        command: Command::SEND,
        data: Vec::new(),
    }
}

#[test]
fn counted_texts_of_different_lengths_are_cut_by_their_own_lengths() {
    let data = [&[6, 2, 1, 1, 1, b'A', 1, 2, 3][..], b"BCD"].concat();
    let unit = DataUnit::decode(&data, &Profile::default()).expect("a unit");
    let Objects::FacilityConfiguration(list) = &unit.objects else { panic!("type 6: {unit:?}") };
    let texts: Vec<String> = list.iter().map(|object| object.text.read()).collect();
    assert_eq!((texts, unit.encode()), (vec!["A".to_owned(), "BCD".to_owned()], Ok(data)));
}

#[test]
fn counts_that_do_not_fit_leave_the_bytes_raw() {
    let body = [0u8; 46];
    for (kind, count, length) in
        [(2, 0, 46), (2, 0, 0), (2, 2, 46), (2, 1, 45), (2, 1, 14), (1, 255, 46), (6, 1, 2), (26, 2, 1)]
    {
        let data = [&[kind, count][..], &body[..length]].concat();
        let unit = DataUnit::decode(&data, &Profile::default()).expect("a unit");
        assert_eq!(unit.objects, Objects::Raw(body[..length].to_vec()), "{kind} × {count} in {length}");
        assert_eq!(unit.encode(), Ok(data));
    }
}

#[test]
fn twins_are_read_only_where_the_profile_says_so() {
    let data = [vec![0x88, 1, 0x08], vec![0; 6]].concat();
    let read = |profile: &Profile| DataUnit::decode(&data, profile).expect("a unit");
    assert!(matches!(read(&Profile::default()).objects, Objects::Raw(_)));
    let twins = Profile { user_types: RESTORED_TWINS.to_vec().into(), ..Profile::default() };
    assert_eq!(twins.restored_of(0x88), Some(kind::UITD_STATUS));
    let Objects::UitdStatus(list) = &read(&twins).objects else { panic!("twin of type 21") };
    assert!(list[0].status.mains_fault());
    assert_eq!(read(&twins).encode(), Ok(data.clone()));
}

#[test]
fn objects_of_another_type_are_not_written() {
    use gb26875::EncodeError;
    let reserved = Objects::Reserved(vec![gb26875::unit::Reserved { reserved: 0 }]);
    assert_eq!(DataUnit::new(2, reserved.clone()), Err(EncodeError::Kind { kind: 2 }));
    let stated = DataUnit { kind: 81, count: 2, objects: reserved };
    assert_eq!(stated.encode(), Err(EncodeError::Count { stated: 2, objects: 1 }));
    let long = DataUnit { kind: 200, count: 1, objects: Objects::Raw(vec![0; MAX_DATA - 1]) };
    assert_eq!(long.encode(), Err(EncodeError::TooLong { length: MAX_DATA + 1 }));
    let fits = DataUnit { kind: 200, count: 1, objects: Objects::Raw(vec![0; MAX_DATA - 2]) };
    assert!(fits.encode().is_ok());
}
