//! Any bytes as a push of each operator: never a panic, never more messages than are allowed.
#![no_main]

use iotpush::{BATCH_MAX, ctwing, iotda, onenet};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let key = onenet::Key::new("0123456789abcdef").expect("sixteen characters");
    let read = [ctwing::read(bytes), iotda::read(bytes), onenet::read(bytes, "token", None), onenet::read(bytes, "token", Some(&key))];
    for pushes in read.into_iter().flatten() {
        assert!(pushes.len() <= BATCH_MAX);
        pushes.iter().for_each(|push| drop(push.payload.bytes()));
    }
});
