//! Tables written: CSV lines that no spreadsheet takes for formulas, and workbooks with notes and choice lists.

use jiff::civil::DateTime;
use rust_xlsxwriter::{
    Color, DataValidation, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Note, Workbook,
    XlsxError,
};

/// Longest list of choices that a spreadsheet takes in a cell, in characters with their commas.
const CHOICES_CHARS_MAX: usize = 255;
/// Rows of a template for which the choices are offered.
const CHOICE_ROWS: u32 = 10_000;

/// A column of a sheet.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Column {
    /// Its head.
    pub label: String,
    /// A note on the head: what may stand here, with an example.
    pub note: Option<String>,
    /// What may be chosen.
    pub choices: Vec<String>,
    /// Whether it must be filled.
    pub required: bool,
    /// Width in characters.
    pub width: u16,
}

/// A sheet of a workbook.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Sheet {
    /// Its name, at most 31 characters.
    pub name: String,
    /// Columns; none for a sheet of plain lines.
    pub columns: Vec<Column>,
    /// Rows, everything as text: codes keep their zeros.
    pub rows: Vec<Vec<String>>,
    /// Cells to be marked as wrong, with what is wrong: row and column of `rows`, from 0.
    pub marks: Vec<(u32, u16, String)>,
}

/// Whether a spreadsheet would take this text for a formula.
pub(crate) fn is_formula_like(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// The text as a spreadsheet shows it and never runs it: an apostrophe before what would be a formula.
///
/// Source: OWASP, CSV Injection. Plain numbers such as −12.5 are left as they are.
pub fn neutral(text: &str) -> String {
    if is_formula_like(text) && text.parse::<f64>().is_err() { format!("'{text}") } else { text.to_owned() }
}

/// What [`neutral`] made harmless, as it was: a table that left is taken in again without a difference.
pub(crate) fn plain(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if neutral(rest) == text => rest,
        _ => text,
    }
}

/// One line of CSV with its line end, every cell harmless.
pub fn csv_line<'t>(cells: impl IntoIterator<Item = &'t str>) -> String {
    let quoted = |text: &str| {
        let text = neutral(text);
        if text.contains([',', '"', '\n', '\r', ';', '\t']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text
        }
    };
    let mut line = cells.into_iter().map(quoted).collect::<Vec<_>>().join(",");
    line.push_str("\r\n");
    line
}

/// A workbook of these sheets as bytes; `made` stands in its properties.
pub fn to_workbook(sheets: &[Sheet], made: DateTime) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let year = u16::try_from(made.year()).unwrap_or(2000);
    let day = |n: i8| u8::try_from(n).unwrap_or(1);
    let made = ExcelDateTime::from_ymd(year, day(made.month()), day(made.day()))?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    for sheet in sheets {
        add(&mut book, sheet)?;
    }
    book.save_to_buffer()
}

fn add(book: &mut Workbook, sheet: &Sheet) -> Result<(), XlsxError> {
    // Text, so that a spreadsheet turns no code into a number and no number into a date.
    let text = Format::new().set_num_format("@");
    let wrong = text.clone().set_background_color(Color::RGB(0x00FF_E5E0));
    let page = book.add_worksheet();
    page.set_name(&sheet.name)?;
    for (at, column) in (0_u16..).zip(&sheet.columns) {
        page.set_column_width(at, f64::from(column.width.max(8)))?;
        page.set_column_format(at, &text)?;
        page.write_string_with_format(0, at, head_text(column), &head_format(column.required))?;
        if let Some(note) = &column.note {
            page.insert_note(0, at, &Note::new(note).set_author("烽燧"))?;
        }
        offer(page, at, &column.choices)?;
    }
    let first = u32::from(!sheet.columns.is_empty());
    if first == 1 {
        page.set_freeze_panes(1, 0)?;
    }
    for (down, row) in (first..).zip(&sheet.rows) {
        for (across, cell) in (0_u16..).zip(row).filter(|(_, cell)| !cell.is_empty()) {
            page.write_string_with_format(down, across, cell, &text)?;
        }
    }
    for (down, across, what) in &sheet.marks {
        let row = sheet.rows.get(*down as usize).and_then(|r| r.get(usize::from(*across)));
        let cell = row.map_or("", String::as_str);
        page.write_string_with_format(down + first, *across, cell, &wrong)?;
        page.insert_note(down + first, *across, &Note::new(what).set_author("烽燧"))?;
    }
    Ok(())
}

fn head_text(column: &Column) -> String {
    if column.required { format!("{}*", column.label) } else { column.label.clone() }
}

fn head_format(required: bool) -> Format {
    let plain = Format::new()
        .set_bold()
        .set_align(FormatAlign::Center)
        .set_border_bottom(FormatBorder::Thin)
        .set_background_color(Color::RGB(0x00E8_EDF3));
    if required { plain.set_font_color(Color::RGB(0x0014_3B5E)) } else { plain }
}

/// A list to choose from, where it is short enough for a spreadsheet; the note has it in any case.
fn offer(page: &mut rust_xlsxwriter::Worksheet, at: u16, choices: &[String]) -> Result<(), XlsxError> {
    let length: usize = choices.iter().map(|c| c.chars().count() + 1).sum();
    if choices.is_empty() || length > CHOICES_CHARS_MAX {
        return Ok(());
    }
    let list = DataValidation::new().allow_list_strings(choices)?;
    page.add_data_validation(1, at, CHOICE_ROWS, at, &list).map(drop)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop where it stands")]
mod tests {
    use super::*;
    use crate::{Cell, Flow, Format as Kind, Limits, detect, read};
    use std::io::Cursor;

    const LIMITS: Limits =
        Limits { rows_max: 3, columns_max: 3, cell_bytes_max: 100, unpacked_bytes_max: 1024 * 1024 };

    fn book(rows: &[&[&str]]) -> Vec<u8> {
        let column = |label: &str| Column {
            label: label.into(),
            note: Some("例：A1".into()),
            choices: vec!["学校".into(), "医院".into()],
            required: true,
            width: 12,
        };
        let rows = rows.iter().map(|r| r.iter().map(|c| (*c).to_owned()).collect()).collect();
        let sheet = Sheet {
            name: "单位".into(),
            columns: vec![column("编号"), column("名称")],
            rows,
            marks: vec![(0, 1, "类别只能是：学校、医院".into())],
        };
        to_workbook(
            &[sheet, Sheet { name: "说明".into(), ..Sheet::default() }],
            DateTime::constant(2026, 11, 21, 0, 0, 0, 0),
        )
        .unwrap()
    }

    fn rows(bytes: &[u8], limits: &Limits) -> Result<Vec<String>, crate::TableError> {
        let mut found = Vec::new();
        let kind = detect(Cursor::new(bytes))?;
        let mut each = |row: crate::Row| {
            found.push(format!(
                "{}:{}",
                row.number,
                row.cells.iter().map(Cell::text).collect::<Vec<_>>().join("|")
            ));
            Flow::On
        };
        read(kind, Cursor::new(bytes), limits, &mut each)?;
        Ok(found)
    }

    #[test]
    fn a_workbook_that_was_written_is_read_again() {
        let bytes = book(&[&["0012", "=1+1"], &["", ""], &["A2", "云岫酒店"]]);
        assert_eq!(detect(Cursor::new(&bytes)).unwrap(), Kind::Xlsx);
        assert_eq!(rows(&bytes, &LIMITS).unwrap(), ["1:编号*|名称*", "2:0012|=1+1", "4:A2|云岫酒店"]);
    }

    #[test]
    fn a_workbook_is_bounded_in_rows_columns_and_size() {
        let bytes = book(&[&["1", "a"], &["2", "b"]]);
        assert!(rows(&bytes, &LIMITS).is_ok());
        let fewer = Limits { rows_max: 2, ..LIMITS };
        assert_eq!(rows(&bytes, &fewer).unwrap_err(), crate::TableError::TooManyRows(2));
        let narrower = Limits { columns_max: 1, ..LIMITS };
        assert_eq!(rows(&bytes, &narrower).unwrap_err(), crate::TableError::TooManyColumns(1));
        let smaller = Limits { unpacked_bytes_max: 2_000, ..LIMITS };
        assert!(matches!(rows(&bytes, &smaller).unwrap_err(), crate::TableError::TooLarge(_)));
    }

    #[test]
    fn a_bomb_and_what_is_no_table_are_refused() {
        let mut bomb = zip::ZipWriter::new(Cursor::new(Vec::new()));
        bomb.start_file("xl/workbook.xml", zip::write::SimpleFileOptions::default()).unwrap();
        std::io::copy(&mut std::io::Read::take(std::io::repeat(b' '), 8 * 1024 * 1024), &mut bomb).unwrap();
        let bomb = bomb.finish().unwrap().into_inner();
        assert!(bomb.len() < 20_000);
        assert!(matches!(rows(&bomb, &LIMITS).unwrap_err(), crate::TableError::TooLarge(1)));
        assert_eq!(rows(b"<html><table>", &LIMITS).unwrap_err(), crate::TableError::WebPage);
        assert_eq!(rows(b"", &LIMITS).unwrap_err(), crate::TableError::Empty);
        for broken in
            [&b"PK\x03\x04rubbish"[..], b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 too short", b"\x7fELF\0\0"]
        {
            assert!(rows(broken, &LIMITS).is_err());
        }
    }

    #[test]
    fn formulas_leave_as_text_and_numbers_as_they_are() {
        assert_eq!(
            csv_line(["=cmd|' /C calc'!A0", "-12.5", "+86 139", "云岫,\"酒店\""]),
            "'=cmd|' /C calc'!A0,-12.5,'+86 139,\"云岫,\"\"酒店\"\"\"\r\n"
        );
        assert_eq!(neutral("@SUM(A1)"), "'@SUM(A1)");
    }

    #[test]
    fn what_was_made_harmless_comes_back_as_it_was() {
        for text in ["=1+1", "+86 139", "@SUM(A1)", "-12.5", "'", "'quoted'", "云岫"] {
            assert_eq!(plain(&neutral(text)), text);
        }
        let found = rows("编号,名称\r\n1,'=HYPERLINK(1)\r\n".as_bytes(), &LIMITS).unwrap();
        assert_eq!(found[1], "2:1|=HYPERLINK(1)");
    }

    #[test]
    fn a_formula_counts_by_its_result() {
        let mut made = Workbook::new();
        let page = made.add_worksheet();
        page.write_formula(0, 0, rust_xlsxwriter::Formula::new("=1+1").set_result("2")).unwrap();
        page.write_formula(0, 1, rust_xlsxwriter::Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
        let bytes = made.save_to_buffer().unwrap();
        let mut cells = Vec::new();
        read(Kind::Xlsx, Cursor::new(&bytes), &LIMITS, &mut |row| {
            cells = row.cells;
            Flow::On
        })
        .unwrap();
        assert_eq!(cells, [Cell::Number(2.0), Cell::Error("#DIV/0!".into())]);
    }

    proptest::proptest! {
        #[test]
        fn a_damaged_workbook_is_read_or_refused(at in 0_usize..3_000, byte in proptest::num::u8::ANY) {
            let mut bytes = book(&[&["1", "a"]]);
            let place = at % bytes.len();
            bytes[place] = byte;
            let _ = rows(&bytes, &LIMITS);
        }
    }
}
