//! The two samples of the maker's note, and what is made of broken ones.

use meokon::{FRAME_MAX, FRAME_MIN, FrameError, SAMPLES_MAX, Unit, decode, encode};

const ONE: &str = "A55A00002953485250323530393031323034D0000000010100000009C4025D68FFB887025D843E55AA";
const TEN: &str = "a55a00003b53484d4b313930363030313334c8003c000a0102006401f4021a5d1966b60219021a021602180218\
                   0213021e021c021d021d7e0355aa";

fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text.replace(' ', "")).expect("digits")
}

#[test]
fn a_gauge_without_anything_kept() {
    let frame = decode(&bytes(ONE)).unwrap();
    assert_eq!(frame.device, "SHRP25090120");
    assert_eq!((frame.battery_percent(), frame.on_mains(), frame.signal_dbm), (Some(100), false, -48));
    let gauge = frame.gauge.unwrap();
    assert_eq!((gauge.unit, gauge.low, gauge.high, gauge.now), (Unit::Megapascal, 0, 2500, 605));
    assert_eq!(gauge.samples, [605]);
    assert_eq!(gauge.unit.kpa_tenths(gauge.now), Some(6_050));
}

#[test]
fn a_gauge_that_kept_ten_minutes_and_is_too_high() {
    let frame = decode(&bytes(TEN)).unwrap();
    assert_eq!((frame.device.as_str(), frame.interval_s, frame.samples), ("SHMK19060013", 60, 10));
    assert!(frame.alarm.high() && !frame.alarm.low() && !frame.alarm.battery() && !frame.alarm.broken());
    let gauge = frame.gauge.unwrap();
    assert_eq!((gauge.low, gauge.high, gauge.now), (100, 500, 538));
    let timed: Vec<_> = gauge.timed(60).collect();
    assert_eq!(timed.first(), Some(&(1_561_945_782 - 540, 537)));
    assert_eq!(timed.last(), Some(&(1_561_945_782, 541)));
}

#[test]
fn a_type_whose_layout_is_not_known_keeps_its_bytes() {
    let head = [b"SHMK26010001".as_slice(), &[0x34, 0xC8, 0, 60, 0, 1, 34, 0x80, 1, 2, 3]].concat();
    let frame = decode(&encode(0, &head)).unwrap();
    assert!(frame.is_hydrant() && frame.alarm.drawn());
    assert_eq!((frame.gauge, frame.rest), (None, vec![1, 2, 3]));
}

#[test]
fn what_was_read_is_written_back() {
    let read = bytes(TEN);
    assert_eq!(encode(0, &read[5..read.len() - 4]), read);
}

#[test]
fn broken_frames_are_named() {
    let good = bytes(ONE);
    let spoiled = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        decode(&bytes).unwrap_err()
    };
    assert_eq!(spoiled(0, 0), FrameError::Marks);
    assert_eq!(spoiled(40, 0), FrameError::Marks);
    assert_eq!(spoiled(4, 0x2A), FrameError::LengthField { said: 42, length: 41 });
    assert!(matches!(spoiled(20, 9), FrameError::Checksum { .. }));
    assert_eq!(decode(&good[..FRAME_MIN - 1]).unwrap_err(), FrameError::Length { length: FRAME_MIN - 1 });
    assert_eq!(decode(&[0; FRAME_MAX + 1]).unwrap_err(), FrameError::Length { length: FRAME_MAX + 1 });
    assert_eq!(decode(&encode(0, &[0x20; 30])).unwrap_err(), FrameError::Device);
}

#[test]
fn samples_have_a_limit_and_must_fill_the_frame() {
    let frame = |said: u16, there: u16| {
        let mut head = [b"SHMK26010001".as_slice(), &[0x34, 0xC8, 0, 60]].concat();
        head.extend(said.to_be_bytes());
        head.extend([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        head.resize(head.len() + 2 * usize::from(there), 0);
        decode(&encode(0, &head))
    };
    assert!(frame(SAMPLES_MAX, SAMPLES_MAX).is_ok());
    assert_eq!(
        frame(SAMPLES_MAX + 1, SAMPLES_MAX + 1),
        Err(FrameError::Samples { samples: SAMPLES_MAX + 1 })
    );
    assert_eq!(frame(3, 2), Err(FrameError::Samples { samples: 3 }));
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        let _ = decode(&bytes);
        // A right checksum is rarely found by chance: the bytes are also taken as what is within a frame.
        if let Ok(frame) = decode(&encode(0, &bytes)) {
            let _ = frame.gauge.map(|gauge| gauge.timed(frame.interval_s).count());
        }
    }
}
