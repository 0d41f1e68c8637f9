//! Tables as other programs write them: a ledger under a merged title, with days, full-width digits and formulas, saved by
//! LibreOffice as the binary workbook of old, as OpenDocument, as xlsx, and with days counted from 1904 as on old Macs.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use fengsui_sheet::{Expected, Limits, Row, detect, find_header, narrow, read};
use std::io::Cursor;
use std::path::Path;

const LIMITS: Limits =
    Limits { rows_max: 10, columns_max: 10, cell_bytes_max: 200, unpacked_bytes_max: 1024 * 1024 };

fn rows(name: &str) -> Vec<Row> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files");
    let bytes = std::fs::read(folder.join(name)).unwrap();
    let mut rows = Vec::new();
    let format = detect(Cursor::new(&bytes)).unwrap();
    read(format, Cursor::new(&bytes), &LIMITS, &mut |row| {
        rows.push(row);
        fengsui_sheet::Flow::On
    })
    .unwrap();
    rows
}

/// Number, words, day, count and place of a row.
fn told(row: &Row) -> String {
    let day = row.cells[2].date(row.epoch).unwrap();
    let [code, words, place] = [0, 1, 4].map(|at| narrow(&row.cells[at].text()));
    format!("{} {code} {words} {day} {} {place}", row.number, row.cells[3].number().unwrap())
}

#[test]
fn the_same_table_is_read_from_every_program() {
    let expected = |label: &str| Expected { name: label.into(), words: vec![label.into()] };
    for name in ["merged.xls", "merged.ods", "merged.xlsx", "days-from-1904.xls", "days-from-1904.xlsx"] {
        let rows = rows(name);
        assert_eq!(rows[0].cells[0].text(), "云岫县隐患台账（2025 年）", "{name}");
        let head = find_header(&rows, &["外部编号", "隐患", "发现日期"].map(expected)).unwrap();
        assert_eq!(
            head.names.iter().flatten().collect::<Vec<_>>(),
            ["外部编号", "隐患", "发现日期"],
            "{name}"
        );
        let told: Vec<_> = rows[2..].iter().map(told).collect();
        assert_eq!(
            told,
            ["3 A-001 灭火器压力不足 2025-10-01 3 3 层", "4 A-002 安全出口上锁 2025-09-30 6 1 层"],
            "{name}"
        );
    }
}
