//! How an official paper looks: sizes, faces and distances by name, so that a paper reads as its text.
//!
//! Source: GB/T 9704-2012 §5 and §7: A4, body in size three (三号) with 22 lines a page, titles in size two (二号).

use wordform::{
    Align, Block, Cell, Document, Field, Join, Page, Paragraph, Row, Run, TWIPS_PER_PT, Table, compose,
};

/// Size two, of titles.
const SIZE_TWO_HALF_PT: u16 = 44;
/// Size three, of the body.
const SIZE_THREE_HALF_PT: u16 = 32;
/// Size four, of tables and notes.
const SIZE_FOUR_HALF_PT: u16 = 28;
/// Small size four, of tables with much text.
const SMALL_FOUR_HALF_PT: u16 = 24;
/// Size five, of page numbers.
const SIZE_FIVE_HALF_PT: u16 = 21;
/// 22 lines on 225 mm.
const LINE_TWIP: i32 = 29 * TWIPS_PER_PT - 2;
/// Lines in tables.
const TABLE_LINE_TWIP: i32 = 22 * TWIPS_PER_PT;
/// A character of the body.
const CHAR_TWIP: i32 = 16 * TWIPS_PER_PT;

const BODY: &str = "仿宋";
const TITLE: &str = "方正小标宋简体";
const HEAD: &str = "黑体";
const SONG: &str = "宋体";

fn run(text: &str, font: &str, size_half_pt: u16) -> Run {
    Run { text: text.to_owned(), font: font.to_owned(), size_half_pt, ..Run::default() }
}

fn paragraph(run: Run, lay: Paragraph) -> Block {
    Block::Paragraph(Paragraph { runs: vec![run], ..lay })
}

fn lines(align: Align) -> Paragraph {
    Paragraph { align, line_twip: Some(LINE_TWIP), ..Paragraph::default() }
}

/// A document with the foot of all papers.
pub(super) fn paper(body: Vec<Block>) -> Vec<u8> {
    let count = |field| Run { field: Some(field), ..run("", SONG, SIZE_FIVE_HALF_PT) };
    let word = |text: &str| run(text, SONG, SIZE_FIVE_HALF_PT);
    // A form that was printed blank has no code.
    let code = word("{{?校验码}}　校验码 {{校验码}}{{/校验码}}");
    let runs = vec![
        word("第 "),
        count(Field::PageNumber),
        word(" 页 共 "),
        count(Field::PageCount),
        word(" 页"),
        code,
    ];
    let foot = Block::Paragraph(Paragraph { align: Align::Centre, runs, ..Paragraph::default() });
    compose(&Document { page: Page::OFFICIAL, header: Vec::new(), footer: vec![foot], body })
}

/// Who issues it, what it is, and its number.
pub(super) fn head(title: &str) -> Vec<Block> {
    let large = |text: &str, after_twip| {
        let lay = Paragraph {
            align: Align::Centre,
            line_twip: Some(36 * TWIPS_PER_PT),
            after_twip,
            ..lines(Align::Centre)
        };
        paragraph(run(text, TITLE, SIZE_TWO_HALF_PT), lay)
    };
    let number = Paragraph { after_twip: LINE_TWIP / 2, ..lines(Align::Right) };
    vec![
        large("{{发文机关:14}}", 0),
        large(title, LINE_TWIP / 2),
        paragraph(run("{{文号:12}}", BODY, SIZE_THREE_HALF_PT), number),
    ]
}

/// To whom it is addressed.
pub(super) fn addressee() -> Block {
    paragraph(run("{{单位名称:16}}：", BODY, SIZE_THREE_HALF_PT), lines(Align::Left))
}

/// A paragraph of the body: two characters in.
pub(super) fn text(text: &str) -> Block {
    let lay = Paragraph { first_line_twip: 2 * CHAR_TWIP, ..lines(Align::Both) };
    paragraph(run(text, BODY, SIZE_THREE_HALF_PT), lay)
}

/// A paragraph of the body that stays with what follows: signatures never stand alone on a page (GB/T 9704-2012 §7.3.5).
pub(super) fn last_text(said: &str) -> Block {
    match text(said) {
        Block::Paragraph(paragraph) => Block::Paragraph(Paragraph { with_next: true, ..paragraph }),
        table => table,
    }
}

/// Paragraphs for every record of a list.
pub(super) fn each(list: &str, texts: &[&str]) -> Vec<Block> {
    block('#', list, texts)
}

/// Paragraphs that appear when there is a value.
pub(super) fn given(name: &str, texts: &[&str]) -> Vec<Block> {
    block('?', name, texts)
}

/// The same with one paragraph that stays with what follows.
pub(super) fn last_given(name: &str, said: &str) -> Vec<Block> {
    let mut blocks = given(name, &[]);
    blocks.insert(1, last_text(said));
    blocks
}

fn block(kind: char, name: &str, texts: &[&str]) -> Vec<Block> {
    let mut blocks = vec![text(&format!("{{{{{kind}{name}}}}}"))];
    blocks.extend(texts.iter().map(|t| text(t)));
    blocks.push(text(&format!("{{{{/{name}}}}}")));
    blocks
}

/// The place of the seal and the date, four characters from the right.
pub(super) fn seal() -> Vec<Block> {
    let lay = |right_twip, before_twip| Paragraph {
        right_twip,
        before_twip,
        with_next: true,
        ..lines(Align::Right)
    };
    vec![
        paragraph(run("（印章）", BODY, SIZE_THREE_HALF_PT), lay(5 * CHAR_TWIP, LINE_TWIP)),
        paragraph(run("{{落款日期:12}}", BODY, SIZE_THREE_HALF_PT), lay(4 * CHAR_TWIP, 0)),
    ]
}

/// The signatures of the two officers, with room to write.
pub(super) fn officers(who: &str) -> Vec<Block> {
    let lay = |before_twip| Paragraph { before_twip, with_next: true, ..lines(Align::Left) };
    let line = |text: &str, before_twip| paragraph(run(text, BODY, SIZE_THREE_HALF_PT), lay(before_twip));
    vec![
        line(&format!("{who}（签名）：____________、____________"), LINE_TWIP / 2),
        line("执法证号：{{#执法人员}}{{证号:10}}　{{/执法人员}}", 0),
    ]
}

/// The receipt of whoever takes the paper.
pub(super) fn receipt(who: &str) -> Block {
    let lay = Paragraph { before_twip: LINE_TWIP / 2, ..lines(Align::Left) };
    paragraph(run(&format!("{who}签收：____________　____年__月__日"), BODY, SIZE_THREE_HALF_PT), lay)
}

/// The note at the end: how many copies, and for whom.
pub(super) fn note(text: &str) -> Block {
    let lay =
        Paragraph { before_twip: LINE_TWIP / 2, line_twip: Some(TABLE_LINE_TWIP), ..Paragraph::default() };
    paragraph(run(text, BODY, SMALL_FOUR_HALF_PT), lay)
}

fn in_cell(text: &str, font: &str, align: Align, middle: bool, columns: u16) -> Cell {
    let lay = Paragraph { align, line_twip: Some(TABLE_LINE_TWIP), ..Paragraph::default() };
    let blocks =
        text.split('\n').map(|line| paragraph(run(line, font, SIZE_FOUR_HALF_PT), lay.clone())).collect();
    Cell { columns, join: Join::Alone, middle, blocks }
}

/// The name of what stands beside it.
pub(super) fn label(text: &str) -> Cell {
    in_cell(text, BODY, Align::Centre, true, 1)
}

/// The name of what stands below, over so many columns.
pub(super) fn centred(text: &str, columns: u16) -> Cell {
    in_cell(text, BODY, Align::Centre, true, columns)
}

/// A value, over so many columns.
pub(super) fn value(text: &str, columns: u16) -> Cell {
    in_cell(text, BODY, Align::Left, true, columns)
}

/// Much text from the top, over so many columns.
pub(super) fn long(text: &str, columns: u16) -> Cell {
    in_cell(text, BODY, Align::Both, false, columns)
}

/// The head of a part of the table; it does not stand alone at the foot of a page.
pub(super) fn part(text: &str, columns: u16) -> Cell {
    let mut cell = in_cell(text, HEAD, Align::Centre, true, columns);
    for block in &mut cell.blocks {
        if let Block::Paragraph(paragraph) = block {
            paragraph.with_next = true;
        }
    }
    cell
}

/// A row of at least so many lines.
pub(super) fn row(lines: i32, cells: Vec<Cell>) -> Row {
    Row { height_twip: lines * TABLE_LINE_TWIP + TABLE_LINE_TWIP / 2, cells, ..Row::default() }
}

/// A row of signatures: who signs finds name, line and day on one page.
pub(super) fn signed(cells: Vec<Cell>) -> Row {
    Row { whole: true, ..row(1, cells) }
}

/// A table over the whole width, its columns in parts of it.
pub(super) fn table(parts: &[i32], rows: Vec<Row>) -> Block {
    let whole: i32 = parts.iter().sum();
    let room = Page::OFFICIAL.inner_twip();
    Block::Table(Table { columns_twip: parts.iter().map(|p| room * p / whole).collect(), ruled: true, rows })
}
