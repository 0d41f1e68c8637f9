//! What kind of file it is, and its rows one after another.

use crate::{Cell, Epoch, text, workbook};
use std::io::{Read, Seek, SeekFrom};

/// How far a table may go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Most rows that are not blank, the head among them.
    pub rows_max: u32,
    /// Most columns.
    pub columns_max: usize,
    /// Longest cell, in bytes of UTF-8.
    pub cell_bytes_max: usize,
    /// Most bytes that a packed workbook may unpack to.
    pub unpacked_bytes_max: u64,
}

/// One row.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// Its number in the file, from 1, as a spreadsheet shows it.
    pub number: u32,
    /// Its cells, from the first column.
    pub cells: Vec<Cell>,
    /// From which day its plain numbers count when they are dates.
    pub epoch: Epoch,
}

/// Whether to read on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flow {
    /// The next row, please.
    On,
    /// That is enough.
    Stop,
}

/// What kind of file a table is in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Text with separators.
    Csv,
    /// Office Open XML.
    Xlsx,
    /// The older binary workbook.
    Xls,
    /// OpenDocument.
    Ods,
}

/// Why a file is no table, in words for whoever sent it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TableError {
    /// Not a table, or damaged.
    #[error("这个文件读不出来（{0}）。请用 WPS 或 Excel 打开，另存为 xlsx 或 CSV 后再上传")]
    Unreadable(String),
    /// A page of the web called xls.
    #[error("这个文件其实是网页，不是表格。请用 WPS 或 Excel 打开，另存为 xlsx 后再上传")]
    WebPage,
    /// Protected by a password.
    #[error("这个表格设了打开密码。请先取消密码，再上传")]
    Encrypted,
    /// More rows than may be.
    #[error("行数超过 {0} 行。请分成几个文件，或存为 CSV 再上传")]
    TooManyRows(u32),
    /// More columns than may be.
    #[error("列数超过 {0} 列。请删去用不到的列")]
    TooManyColumns(usize),
    /// A cell that is too long; in CSV mostly a quotation mark that is never closed.
    #[error("第 {0} 行有一格内容太长，多半是引号没有成对。请核对这一行")]
    LongCell(u32),
    /// Unpacks to more than may be.
    #[error("解开后超过 {0} MB，已拒绝。请删去图片和用不到的工作表，或存为 CSV 再上传")]
    TooLarge(u64),
    /// No sheet with rows.
    #[error("文件里没有内容")]
    Empty,
}

/// How an OLE container begins: a binary workbook, or a workbook under a password.
const OLE: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// What kind of file it is, by how it begins; names are not believed.
pub fn detect<R: Read + Seek>(mut file: R) -> Result<Format, TableError> {
    let mut head = Vec::new();
    let told = |e: std::io::Error| TableError::Unreadable(e.to_string());
    file.seek(SeekFrom::Start(0)).map_err(told)?;
    file.by_ref().take(512).read_to_end(&mut head).map_err(told)?;
    if head.is_empty() {
        return Err(TableError::Empty);
    }
    if head.starts_with(&OLE) {
        return Ok(Format::Xls);
    }
    if head.starts_with(b"PK") {
        return workbook::packed_format(file);
    }
    let start = String::from_utf8_lossy(&head).trim_start().to_ascii_lowercase();
    if start.starts_with("<html") || start.starts_with("<!doctype html") || start.starts_with("<table") {
        return Err(TableError::WebPage);
    }
    let marked = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
    if !marked && head.contains(&0) {
        return Err(TableError::Unreadable("不是表格文件".to_owned()));
    }
    Ok(Format::Csv)
}

/// Reads the rows of the first sheet, blank ones left out, until they end or are enough.
pub fn read<R: Read + Seek>(
    format: Format,
    file: R,
    limits: &Limits,
    each: &mut dyn FnMut(Row) -> Flow,
) -> Result<(), TableError> {
    match format {
        Format::Csv => text::read(file, limits, each),
        Format::Xlsx => workbook::read_xlsx(file, limits, each),
        Format::Xls => workbook::read_xls(file, limits, each),
        Format::Ods => workbook::read_ods(file, limits, each),
    }
}
