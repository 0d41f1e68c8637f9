//! Documents of Word and WPS as forms: a clerk lays a paper out in Word and writes `{{单位名称}}` where a name belongs,
//! and this crate puts the name there.
//!
//! A template is an ordinary `.docx` (WordprocessingML, ISO/IEC 29500). In its text may stand
//!
//! - `{{名称}}`: a value; without one a blank line to fill in by hand, `{{名称:12}}` a blank of twelve characters,
//!   `{{名称?}}` nothing at all;
//! - `{{#隐患}}` … `{{/隐患}}`: once for every record of a list; around rows of a table, whole paragraphs, or part of one.
//!   Inside, `{{序号}}` is the number of the record unless it brings its own;
//! - `{{?期限}}` … `{{/期限}}`: only when there is such a value; `{{!期限}}` … `{{/期限}}`: only when there is none.
//!
//! Whatever stands in a value is text and stays text: it cannot become a mark, a tag or a command. Equal input gives equal
//! bytes. Everything that is read has a limit, and every mistake in a template says where it is and what to do about it.
//!
//! [`pages`] turns a document into plain data for a screen, and [`compose`] writes such data as a document.

mod compose;
mod fill;
mod limits;
mod mark;
mod mistake;
mod model;
mod package;
mod pages;
mod pair;
mod style;
mod template;
mod text;
mod tree;

pub use compose::compose;
pub use fill::{ORDINAL, fill};
pub use limits::*;
pub use mistake::{FillMistake, TemplateMistake};
pub use model::{
    Align, Block, Cell, Document, Field, Join, Page, Paragraph, Row, Run, TWIPS_PER_MM, TWIPS_PER_PT, Table,
};
pub use pages::pages;
pub use template::{AskedFor, PlaceUse, Template};
pub use text::printable;
