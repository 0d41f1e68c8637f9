//! A document as plain data: what a screen needs to show it, and what [`crate::compose`] needs to write it.
//!
//! Lengths are in twips (twentieths of a point), as the standard counts them, so that nothing is lost to rounding.

use serde::{Deserialize, Serialize};

/// Twips in a point.
pub const TWIPS_PER_PT: i32 = 20;
/// Twips in a millimetre, rounded to a hundredth.
pub const TWIPS_PER_MM: f64 = 56.69;

/// A document of one section.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Document {
    /// Paper and margins.
    pub page: Page,
    /// What stands at the head of every page.
    pub header: Vec<Block>,
    /// What stands at the foot of every page.
    pub footer: Vec<Block>,
    /// The text.
    pub body: Vec<Block>,
}

/// Paper and margins, in twips.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Page {
    /// Width of the paper.
    pub width_twip: i32,
    /// Height of the paper.
    pub height_twip: i32,
    /// Upper margin.
    pub top_twip: i32,
    /// Right margin.
    pub right_twip: i32,
    /// Lower margin.
    pub bottom_twip: i32,
    /// Left margin, where the paper is bound.
    pub left_twip: i32,
}

impl Page {
    /// A4 with the margins of official documents. Source: GB/T 9704-2012 §5.
    pub const OFFICIAL: Self = Self {
        width_twip: 11_906,
        height_twip: 16_838,
        top_twip: 2_098,
        right_twip: 1_474,
        bottom_twip: 1_984,
        left_twip: 1_588,
    };

    /// Room between the left and the right margin.
    pub fn inner_twip(&self) -> i32 {
        self.width_twip - self.left_twip - self.right_twip
    }
}

/// A paragraph or a table.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "block", rename_all = "snake_case")]
pub enum Block {
    /// A paragraph.
    Paragraph(Paragraph),
    /// A table.
    Table(Table),
}

/// A paragraph.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Paragraph {
    /// How its lines lie.
    pub align: Align,
    /// Indent of the first line beyond the others; negative when the others are indented instead.
    pub first_line_twip: i32,
    /// Indent from the left.
    pub left_twip: i32,
    /// Indent from the right.
    pub right_twip: i32,
    /// Exact distance of lines; single spacing when absent.
    pub line_twip: Option<i32>,
    /// Space before it.
    pub before_twip: i32,
    /// Space after it.
    pub after_twip: i32,
    /// A line under the whole paragraph.
    pub ruled: bool,
    /// It begins a new page.
    pub new_page: bool,
    /// It stays on one page with the paragraph that follows.
    pub with_next: bool,
    /// Its texts.
    pub runs: Vec<Run>,
}

/// How the lines of a paragraph lie.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    /// From the left.
    Left,
    /// In the middle.
    Centre,
    /// To the right.
    Right,
    /// From the left to the right, as Chinese text is set.
    #[default]
    Both,
}

/// Text of one look.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Run {
    /// The text; `\n` is a new line, `\t` a tab.
    pub text: String,
    /// The face for Chinese; empty where the document leaves it to the program.
    pub font: String,
    /// Size in half points: 32 is size three (三号).
    pub size_half_pt: u16,
    /// Heavy.
    pub bold: bool,
    /// With a line under it.
    pub underlined: bool,
    /// With a line through it: a choice that does not hold.
    pub struck: bool,
    /// What the program counts itself, in place of the text.
    pub field: Option<Field>,
}

/// What the program counts itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The number of the page.
    PageNumber,
    /// How many pages there are.
    PageCount,
}

/// A table.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Table {
    /// Widths of its columns.
    pub columns_twip: Vec<i32>,
    /// Lines around the cells.
    pub ruled: bool,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// A row of a table.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Row {
    /// Least height; as its text needs when 0.
    pub height_twip: i32,
    /// It stands again at the head of every page.
    pub head: bool,
    /// It is never torn over two pages: signatures stand together.
    #[serde(default)]
    pub whole: bool,
    /// Its cells.
    pub cells: Vec<Cell>,
}

/// A cell of a table.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Cell {
    /// How many columns it takes, at least 1.
    pub columns: u16,
    /// Whether it is one with the cells below or above it.
    pub join: Join,
    /// What it holds stands in the middle of its height; at the top otherwise.
    pub middle: bool,
    /// What it holds.
    pub blocks: Vec<Block>,
}

/// Whether a cell is one with its neighbours of other rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Join {
    /// It stands alone.
    #[default]
    Alone,
    /// The first of several that are one.
    Begins,
    /// It goes on the cell above it, and shows nothing of its own.
    Continues,
}
