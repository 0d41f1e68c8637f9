//! Any bytes as a table that somebody sends: never a panic, never more rows or longer ones than are allowed.
#![no_main]

use fengsui_sheet::{Flow, Limits, detect, read};
use libfuzzer_sys::fuzz_target;
use std::io::Cursor;

const LIMITS: Limits = Limits { rows_max: 1_000, columns_max: 64, cell_bytes_max: 4_096, unpacked_bytes_max: 4 << 20 };

fuzz_target!(|bytes: &[u8]| {
    let Ok(format) = detect(Cursor::new(bytes)) else { return };
    let mut rows = 0;
    let _ = read(format, Cursor::new(bytes), &LIMITS, &mut |row| {
        rows += 1;
        assert!(rows <= LIMITS.rows_max && row.cells.len() <= LIMITS.columns_max);
        Flow::On
    });
});
