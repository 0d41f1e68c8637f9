//! Tables as people send them: a register arrives as a spreadsheet or as CSV, with merged titles, full-width
//! digits, dates in five spellings and positions in another datum. Here bytes become rows of cells, cells become
//! plain values, and rows become workbooks again. What the values mean is decided above.
//!
//! Everything is bounded: a file that unpacks to more than it may, a table with too many rows or columns and a
//! cell that swallows the rest of the file are refused by name.

mod cell;
mod header;
mod read;
mod text;
mod workbook;
mod write;

pub use cell::{Cell, DateMistake, Epoch, narrow, tidy};
pub use header::{Expected, Header, find_header, same_word};
pub use read::{Flow, Format, Limits, Row, TableError, detect, read};
pub use write::{Column, Sheet, csv_line, neutral, to_workbook};
