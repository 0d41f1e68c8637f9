//! Writes a document from plain data, so that Word and WPS open it without a word of complaint.

use crate::model::{Align, Block, Cell, Document, Field, Join, Page, Paragraph, Row, Run, Table};
use crate::package::{self, MAIN_PART, Member};
use crate::text::printable;
use crate::tree::{self, Element};

const MAIN: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGED: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const CONTENT: &str = "http://schemas.openxmlformats.org/package/2006/content-types";
const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml";
/// Least distance of the page's head and foot from the edge of the paper.
const EDGE_TWIP: i32 = 851;
/// Faces that an office may not have, and what stands in for them. None is shipped: some are licensed.
const STAND_INS: [(&str, &str); 4] =
    [("仿宋", "仿宋_GB2312"), ("楷体", "楷体_GB2312"), ("黑体", "SimHei"), ("方正小标宋简体", "华文中宋")];

/// Writes a document as a `.docx`, the same bytes for the same document.
pub fn compose(document: &Document) -> Vec<u8> {
    let main = Element::new("w:document").with("xmlns:w", MAIN).with("xmlns:r", RELATIONS);
    let body = blocks(&document.body, document.page.inner_twip());
    let main = main.holding([Element::new("w:body").holding(body).holding([section(&document.page)])]);
    let edge = |name: &str, held: &[Block]| {
        let inside = blocks(held, document.page.inner_twip());
        let inside = if inside.is_empty() { vec![Element::new("w:p")] } else { inside };
        Element::new(name).with("xmlns:w", MAIN).holding(inside)
    };
    let parts = [
        ("[Content_Types].xml", content_types()),
        ("_rels/.rels", relations(RELATIONS, &[("officeDocument", MAIN_PART)])),
        (MAIN_PART, main),
        ("word/_rels/document.xml.rels", part_relations()),
        ("word/styles.xml", styles()),
        ("word/fontTable.xml", fonts()),
        ("word/settings.xml", settings()),
        ("word/header1.xml", edge("w:hdr", &document.header)),
        ("word/footer1.xml", edge("w:ftr", &document.footer)),
    ];
    let members = parts.map(|(name, root)| Member { name: name.to_owned(), bytes: tree::write(&root) });
    package::packed(&members).expect("packing into memory does not fail")
}

fn content_types() -> Element {
    let default = |extension: &str, kind: &str| {
        Element::new("Default").with("Extension", extension).with("ContentType", kind)
    };
    let part = |name: &str, kind: &str| {
        let kind = format!("{WORD}.{kind}+xml");
        Element::new("Override").with("PartName", format!("/word/{name}.xml")).with("ContentType", kind)
    };
    Element::new("Types").with("xmlns", CONTENT).holding([
        default("rels", "application/vnd.openxmlformats-package.relationships+xml"),
        default("xml", "application/xml"),
        part("document", "document.main"),
        part("styles", "styles"),
        part("fontTable", "fontTable"),
        part("settings", "settings"),
        part("header1", "header"),
        part("footer1", "footer"),
    ])
}

fn relations(base: &str, targets: &[(&str, &str)]) -> Element {
    let links = (1..).zip(targets).map(|(n, (kind, target))| {
        let link = Element::new("Relationship").with("Id", format!("rId{n}"));
        link.with("Type", format!("{base}/{kind}")).with("Target", target)
    });
    Element::new("Relationships").with("xmlns", PACKAGED).holding(links.collect::<Vec<_>>())
}

fn part_relations() -> Element {
    let targets = [
        ("header", "header1.xml"),
        ("footer", "footer1.xml"),
        ("styles", "styles.xml"),
        ("fontTable", "fontTable.xml"),
        ("settings", "settings.xml"),
    ];
    relations(RELATIONS, &targets)
}

fn section(page: &Page) -> Element {
    let reference = |name: &str, id: &str| Element::new(name).with("w:type", "default").with("r:id", id);
    let size = Element::new("w:pgSz").with("w:w", page.width_twip).with("w:h", page.height_twip);
    let margins = Element::new("w:pgMar")
        .with("w:top", page.top_twip)
        .with("w:right", page.right_twip)
        .with("w:bottom", page.bottom_twip)
        .with("w:left", page.left_twip)
        .with("w:header", EDGE_TWIP)
        .with("w:footer", EDGE_TWIP + EDGE_TWIP / 2)
        .with("w:gutter", 0);
    Element::new("w:sectPr").holding([
        reference("w:headerReference", "rId1"),
        reference("w:footerReference", "rId2"),
        size,
        margins,
    ])
}

fn val(name: &str, value: impl ToString) -> Element {
    Element::new(name).with("w:val", value)
}

fn styles() -> Element {
    let fonts = Element::new("w:rFonts")
        .with("w:ascii", "Times New Roman")
        .with("w:eastAsia", "仿宋")
        .with("w:hAnsi", "Times New Roman")
        .with("w:cs", "Times New Roman");
    let language = Element::new("w:lang").with("w:val", "en-US").with("w:eastAsia", "zh-CN");
    let look = Element::new("w:rPr").holding([fonts, val("w:sz", 32), val("w:szCs", 32), language]);
    let lay = Element::new("w:pPr").holding([val("w:jc", "both")]);
    let defaults = Element::new("w:docDefaults")
        .holding([Element::new("w:rPrDefault").holding([look]), Element::new("w:pPrDefault").holding([lay])]);
    let normal = Element::new("w:style")
        .with("w:type", "paragraph")
        .with("w:default", 1)
        .with("w:styleId", "a")
        .holding([val("w:name", "Normal"), Element::new("w:qFormat")]);
    Element::new("w:styles").with("xmlns:w", MAIN).holding([defaults, normal])
}

fn fonts() -> Element {
    let font = |(name, stand_in): &(&str, &str)| {
        let charset = Element::new("w:charset").with("w:val", 86);
        Element::new("w:font").with("w:name", name).holding([val("w:altName", stand_in), charset])
    };
    Element::new("w:fonts").with("xmlns:w", MAIN).holding(STAND_INS.iter().map(font).collect::<Vec<_>>())
}

fn settings() -> Element {
    let mode = Element::new("w:compatSetting")
        .with("w:name", "compatibilityMode")
        .with("w:uri", "http://schemas.microsoft.com/office/word")
        .with("w:val", 15);
    // Latin and Chinese stand close in an official paper; spaces at the end of a line carry the line under them.
    let compat = Element::new("w:compat").holding([Element::new("w:ulTrailSpace"), mode]);
    Element::new("w:settings")
        .with("xmlns:w", MAIN)
        .holding([val("w:characterSpacingControl", "compressPunctuation"), compat])
}

fn blocks(blocks: &[Block], room_twip: i32) -> Vec<Element> {
    let mut written: Vec<Element> = Vec::new();
    for block in blocks {
        match block {
            Block::Paragraph(p) => written.push(paragraph(p)),
            Block::Table(t) => {
                // Two tables that touch become one in Word.
                if written.last().is_some_and(|e| e.name == "w:tbl") {
                    written.push(Element::new("w:p"));
                }
                written.push(table(t, room_twip));
            }
        }
    }
    written
}

/// Properties in the order that the standard wants.
fn paragraph(p: &Paragraph) -> Element {
    let mut lay = Vec::new();
    lay.extend(p.with_next.then(|| Element::new("w:keepNext")));
    lay.extend(p.new_page.then(|| Element::new("w:pageBreakBefore")));
    if p.ruled {
        let line = Element::new("w:bottom")
            .with("w:val", "single")
            .with("w:sz", 12)
            .with("w:space", 4)
            .with("w:color", "auto");
        lay.push(Element::new("w:pBdr").holding([line]));
    }
    lay.push(spacing(p));
    if (p.left_twip, p.right_twip, p.first_line_twip) != (0, 0, 0) {
        let first = if p.first_line_twip < 0 { "w:hanging" } else { "w:firstLine" };
        let indent = Element::new("w:ind").with("w:left", p.left_twip).with("w:right", p.right_twip);
        lay.push(indent.with(first, p.first_line_twip.abs()));
    }
    lay.push(val("w:jc", align(p.align)));
    let runs = p.runs.iter().flat_map(run).collect::<Vec<_>>();
    Element::new("w:p").holding([Element::new("w:pPr").holding(lay)]).holding(runs)
}

fn spacing(p: &Paragraph) -> Element {
    let space = Element::new("w:spacing").with("w:before", p.before_twip).with("w:after", p.after_twip);
    match p.line_twip {
        Some(line) => space.with("w:line", line).with("w:lineRule", "exact"),
        None => space.with("w:line", 240).with("w:lineRule", "auto"),
    }
}

fn align(align: Align) -> &'static str {
    match align {
        Align::Left => "left",
        Align::Centre => "center",
        Align::Right => "right",
        Align::Both => "both",
    }
}

fn run(run: &Run) -> Vec<Element> {
    let look = look(run);
    let with = |inside: Vec<Element>| Element::new("w:r").holding([look.clone()]).holding(inside);
    if let Some(field) = run.field {
        let code = match field {
            Field::PageNumber => "PAGE",
            Field::PageCount => "NUMPAGES",
        };
        let number = with(vec![Element::text("1")]);
        return vec![Element::new("w:fldSimple").with("w:instr", format!(" {code} ")).holding([number])];
    }
    let mut inside = Vec::new();
    for (line_place, line) in printable(&run.text).split('\n').enumerate() {
        inside.extend((line_place > 0).then(|| Element::new("w:br")));
        for (place, piece) in line.split('\t').enumerate() {
            inside.extend((place > 0).then(|| Element::new("w:tab")));
            inside.extend((!piece.is_empty()).then(|| Element::text(piece)));
        }
    }
    vec![with(inside)]
}

fn look(run: &Run) -> Element {
    let mut look = Vec::new();
    if !run.font.is_empty() {
        look.push(Element::new("w:rFonts").with("w:eastAsia", &run.font).with("w:hint", "eastAsia"));
    }
    look.extend(run.bold.then(|| Element::new("w:b")));
    look.extend(run.struck.then(|| Element::new("w:strike")));
    look.push(val("w:sz", run.size_half_pt));
    look.push(val("w:szCs", run.size_half_pt));
    look.extend(run.underlined.then(|| val("w:u", "single")));
    Element::new("w:rPr").holding(look)
}

fn table(table: &Table, room_twip: i32) -> Element {
    let width = table.columns_twip.iter().sum::<i32>().min(room_twip);
    let style = if table.ruled { "single" } else { "nil" };
    let edges = ["w:top", "w:left", "w:bottom", "w:right", "w:insideH", "w:insideV"];
    let edge = |name: &str| {
        Element::new(name).with("w:val", style).with("w:sz", 6).with("w:space", 0).with("w:color", "auto")
    };
    let lay = Element::new("w:tblPr").holding([
        Element::new("w:tblW").with("w:w", width).with("w:type", "dxa"),
        val("w:jc", "center"),
        Element::new("w:tblBorders").holding(edges.map(edge)),
        Element::new("w:tblLayout").with("w:type", "fixed"),
    ]);
    let grid =
        table.columns_twip.iter().map(|w| Element::new("w:gridCol").with("w:w", w)).collect::<Vec<_>>();
    let rows = table.rows.iter().map(|r| row(r, &table.columns_twip)).collect::<Vec<_>>();
    Element::new("w:tbl").holding([lay, Element::new("w:tblGrid").holding(grid)]).holding(rows)
}

fn row(row: &Row, columns_twip: &[i32]) -> Element {
    let mut lay: Vec<_> = row.whole.then(|| Element::new("w:cantSplit")).into_iter().collect();
    if row.height_twip > 0 {
        lay.push(val("w:trHeight", row.height_twip).with("w:hRule", "atLeast"));
    }
    lay.extend(row.head.then(|| Element::new("w:tblHeader")));
    let mut columns = columns_twip.iter();
    let cells = row.cells.iter().map(|c| {
        let width = columns.by_ref().take(usize::from(c.columns.max(1))).sum();
        cell(c, width)
    });
    let cells = cells.collect::<Vec<_>>();
    Element::new("w:tr").holding([Element::new("w:trPr").holding(lay)]).holding(cells)
}

fn cell(cell: &Cell, width_twip: i32) -> Element {
    let mut lay = vec![Element::new("w:tcW").with("w:w", width_twip).with("w:type", "dxa")];
    lay.extend((cell.columns > 1).then(|| val("w:gridSpan", cell.columns)));
    match cell.join {
        Join::Alone => {}
        Join::Begins => lay.push(val("w:vMerge", "restart")),
        Join::Continues => lay.push(Element::new("w:vMerge")),
    }
    lay.extend(cell.middle.then(|| val("w:vAlign", "center")));
    let mut inside = blocks(&cell.blocks, width_twip);
    if inside.last().is_none_or(|last| last.name != "w:p") {
        inside.push(Element::new("w:p"));
    }
    Element::new("w:tc").holding([Element::new("w:tcPr").holding(lay)]).holding(inside)
}
