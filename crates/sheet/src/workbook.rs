//! Workbooks: xlsx row by row, xls and ods whole. A packed one is measured before it is believed.

use crate::read::{Flow, Format, Limits, Row, TableError};
use crate::{Cell, Epoch};
use calamine::{Data, DataRef, ExcelDateTime, Ods, Range, Reader, SheetVisible, Xls, Xlsx};
use jiff::civil::DateTime;
use std::io::{Read, Seek, SeekFrom};

/// Bytes in a MiB.
const MIB: u64 = 1024 * 1024;
/// Most files inside a packed workbook.
const PARTS_MAX: usize = 4_096;

fn unreadable(reason: impl std::fmt::Display) -> TableError {
    let reason = reason.to_string();
    if reason.to_ascii_lowercase().contains("password") || reason.contains("encrypt") {
        return TableError::Encrypted;
    }
    TableError::Unreadable(reason.chars().take(80).collect())
}

/// Which of the two packed kinds it is.
pub(crate) fn packed_format<R: Read + Seek>(file: R) -> Result<Format, TableError> {
    let archive = zip::ZipArchive::new(file).map_err(unreadable)?;
    let has = |name: &str| archive.file_names().any(|n| n.is_ok_and(|n| n.eq_ignore_ascii_case(name)));
    if has("xl/workbook.xml") {
        Ok(Format::Xlsx)
    } else if has("content.xml") {
        Ok(Format::Ods)
    } else {
        Err(TableError::Unreadable("压缩包里没有表格".to_owned()))
    }
}

/// Unpacks everything into nothing and counts: what an archive says of its own size need not be true.
fn measured<R: Read + Seek>(file: &mut R, limits: &Limits) -> Result<(), TableError> {
    let mut archive = zip::ZipArchive::new(&mut *file).map_err(unreadable)?;
    if archive.len() > PARTS_MAX {
        return Err(TableError::TooLarge(limits.unpacked_bytes_max / MIB));
    }
    let mut left = limits.unpacked_bytes_max;
    for place in 0..archive.len() {
        let part = archive.by_index(place).map_err(unreadable)?;
        let got = std::io::copy(&mut part.take(left + 1), &mut std::io::sink()).map_err(unreadable)?;
        left = left.checked_sub(got).ok_or(TableError::TooLarge(limits.unpacked_bytes_max / MIB))?;
    }
    file.seek(SeekFrom::Start(0)).map(drop).map_err(unreadable)
}

fn first_visible(sheets: &[calamine::Sheet]) -> Result<String, TableError> {
    let visible = sheets.iter().find(|s| s.visible == SheetVisible::Visible).or(sheets.first());
    visible.map(|s| s.name.clone()).ok_or(TableError::Empty)
}

/// Rows gathered and handed on, with the limits that they share.
struct Rows<'a> {
    limits: &'a Limits,
    each: &'a mut dyn FnMut(Row) -> Flow,
    given: u32,
    epoch: Epoch,
}

impl Rows<'_> {
    fn give(&mut self, number: u32, cells: Vec<Cell>) -> Result<Flow, TableError> {
        if cells.iter().all(Cell::is_blank) {
            return Ok(Flow::On);
        }
        let long = |c: &Cell| matches!(c, Cell::Text(text) if text.len() > self.limits.cell_bytes_max);
        if cells.iter().any(long) {
            return Err(TableError::LongCell(number));
        }
        self.given += 1;
        if self.given > self.limits.rows_max {
            return Err(TableError::TooManyRows(self.limits.rows_max));
        }
        Ok((self.each)(Row { number, cells, epoch: self.epoch }))
    }
}

pub(crate) fn read_xlsx<R: Read + Seek>(
    mut file: R,
    limits: &Limits,
    each: &mut dyn FnMut(Row) -> Flow,
) -> Result<(), TableError> {
    measured(&mut file, limits)?;
    let mut book = Xlsx::new(file).map_err(unreadable)?;
    let epoch = if book.has_1904_epoch() { Epoch::Year1904 } else { Epoch::Year1900 };
    let name = first_visible(book.sheets_metadata())?;
    let mut reader = book.worksheet_cells_reader(&name).map_err(unreadable)?;
    let mut rows = Rows { limits, each, given: 0, epoch };
    let (mut row, mut cells) = (0, Vec::new());
    while let Some(found) = reader.next_cell_with_formula().map_err(unreadable)? {
        let (at, column) = (found.pos.0, found.pos.1 as usize);
        if at < row {
            return Err(TableError::Unreadable("行的次序不对".to_owned()));
        }
        if at > row {
            if rows.give(row + 1, std::mem::take(&mut cells))? == Flow::Stop {
                return Ok(());
            }
            row = at;
        }
        place(&mut cells, column, of_ref(found.value, found.formula.is_some()), limits)?;
    }
    rows.give(row + 1, cells).map(drop)
}

fn place(cells: &mut Vec<Cell>, column: usize, cell: Cell, limits: &Limits) -> Result<(), TableError> {
    // Formatted but empty cells may lie anywhere; only what says something widens the table.
    if cell.is_blank() {
        return Ok(());
    }
    if column >= limits.columns_max {
        return Err(TableError::TooManyColumns(limits.columns_max));
    }
    if cells.len() <= column {
        cells.resize(column + 1, Cell::Empty);
    }
    cells[column] = cell;
    Ok(())
}

fn of_ref(value: DataRef<'_>, formula: bool) -> Cell {
    match value {
        DataRef::SharedString(text) => Cell::Text(text.to_owned()),
        other => of_data(Data::from(other), formula),
    }
}

fn of_data(value: Data, formula: bool) -> Cell {
    match value {
        Data::Empty if formula => Cell::Formula,
        Data::Empty => Cell::Empty,
        Data::Int(number) => Cell::Number(number as f64),
        Data::Float(number) => Cell::Number(number),
        Data::String(text) if text.is_empty() && formula => Cell::Formula,
        Data::String(text) | Data::DurationIso(text) => Cell::Text(text),
        Data::Bool(truth) => Cell::Truth(truth),
        Data::DateTime(at) => moment(&at).map_or(Cell::Number(at.as_f64()), Cell::Moment),
        Data::DateTimeIso(text) => text.parse().map_or(Cell::Text(text), Cell::Moment),
        Data::Error(error) => Cell::Error(error.to_string()),
    }
}

fn moment(at: &ExcelDateTime) -> Option<DateTime> {
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    let narrow = |n: u8| i8::try_from(n).ok();
    let year = i16::try_from(year).ok()?;
    DateTime::new(year, narrow(month)?, narrow(day)?, narrow(hour)?, narrow(minute)?, narrow(second)?, 0).ok()
}

pub(crate) fn read_xls<R: Read + Seek>(
    file: R,
    limits: &Limits,
    each: &mut dyn FnMut(Row) -> Flow,
) -> Result<(), TableError> {
    let mut book = Xls::new(file).map_err(unreadable)?;
    let epoch = if book.has_1904_epoch() { Epoch::Year1904 } else { Epoch::Year1900 };
    whole(&mut book, epoch, limits, each)
}

pub(crate) fn read_ods<R: Read + Seek>(
    mut file: R,
    limits: &Limits,
    each: &mut dyn FnMut(Row) -> Flow,
) -> Result<(), TableError> {
    measured(&mut file, limits)?;
    let mut book = Ods::new(file).map_err(unreadable)?;
    whole(&mut book, Epoch::Year1900, limits, each)
}

fn whole<R: Read + Seek, B: Reader<R>>(
    book: &mut B,
    epoch: Epoch,
    limits: &Limits,
    each: &mut dyn FnMut(Row) -> Flow,
) -> Result<(), TableError>
where
    B::Error: std::fmt::Display,
{
    let name = first_visible(book.sheets_metadata())?;
    let formulas: Range<String> = book.worksheet_formula(&name).map_err(unreadable)?;
    let values = book.worksheet_range(&name).map_err(unreadable)?;
    let (top, left) = values.start().unwrap_or_default();
    let mut rows = Rows { limits, each, given: 0, epoch };
    for (down, row) in (top..).zip(values.rows()) {
        let mut cells = Vec::new();
        for (across, value) in (left..).zip(row) {
            let formula = formulas.get_value((down, across)).is_some_and(|f| !f.is_empty());
            place(&mut cells, across as usize, of_data(value.clone(), formula), limits)?;
        }
        if rows.give(down + 1, cells)? == Flow::Stop {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_without_a_result_is_named() {
        assert_eq!(of_data(Data::Empty, true), Cell::Formula);
        assert_eq!(of_data(Data::String(String::new()), true), Cell::Formula);
        assert_eq!(of_data(Data::Empty, false), Cell::Empty);
        assert_eq!(of_data(Data::Float(0.0), true), Cell::Number(0.0));
    }
}
