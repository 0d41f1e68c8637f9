//! Any bytes as one frame, and as what is within one: never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use meokon::{decode, encode};

fuzz_target!(|bytes: &[u8]| {
    let _ = decode(bytes);
    if bytes.len() <= meokon::FRAME_MAX {
        let frame = encode(0, bytes);
        if let Ok(read) = decode(&frame) {
            let _ = read.gauge.map(|gauge| gauge.timed(read.interval_s).count());
        }
    }
});
