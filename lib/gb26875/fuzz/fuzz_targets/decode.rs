//! Any bytes as one frame: never a panic, and what is read is written back to the same bytes.
#![no_main]

use gb26875::{Content, Profile, frame, json};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let profile = Profile::default();
    let decoded = frame::decode(bytes);
    let _ = json::frame(&frame::decode_with(bytes, &profile), &profile);
    // A right checksum is rarely found by chance: the bytes are also taken as the data of a frame.
    let content = Content::decode(bytes, &profile);
    if bytes.len() <= gb26875::MAX_DATA {
        assert_eq!(content.encode().as_deref(), Ok(bytes));
    }
    if let Ok(frame) = decoded {
        assert_eq!(frame::encode(&frame).as_deref(), Ok(bytes));
    }
});
