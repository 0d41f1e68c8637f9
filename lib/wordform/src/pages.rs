//! A document as plain data for a screen: what it says and how it looks, and nothing that a screen could execute.

use crate::mistake::TemplateMistake;
use crate::model::{Align, Block, Cell, Document, Field, Join, Page, Paragraph, Row, Run, Table};
use crate::package::{self, MAIN_PART, Member};
use crate::style::Styles;
use crate::tree::Element;

/// Size where nothing says one. Source: ISO/IEC 29500-1 §17.3.2.38.
const SIZE_HALF_PT: u16 = 20;
/// Widest span of columns that is believed.
const COLUMNS_MAX: u16 = 63;

/// Reads a `.docx` for the screen: its last section's paper, head and foot, and its text with tables.
///
/// Pictures and text boxes are left out. Errors: it is no document, or one of its parts is broken.
pub fn pages(file: &[u8]) -> Result<Document, TemplateMistake> {
    let members = package::unpacked(file)?;
    let part = |name: &str| members.iter().find(|m| m.name == name);
    let styles = part("word/styles.xml").map(package::read_part).transpose()?;
    let reading = Reading { styles: styles.as_ref().map(Styles::of).unwrap_or_default() };
    let main = part(MAIN_PART).map(package::read_part).transpose()?.unwrap_or_default();
    let body = main.child("w:body").cloned().unwrap_or_default();
    let section = body.child("w:sectPr").cloned().unwrap_or_default();
    let edge = |reference: &str| -> Result<Vec<Block>, TemplateMistake> {
        let root = edge_part(&members, &section, reference)?.map(package::read_part).transpose()?;
        Ok(root.map(|root| reading.blocks(&root)).unwrap_or_default())
    };
    let (header, footer) = (edge("w:headerReference")?, edge("w:footerReference")?);
    Ok(Document { page: page(&section), header, footer, body: reading.blocks(&body) })
}

/// The member that a section names as its head or foot.
fn edge_part<'m>(
    members: &'m [Member],
    section: &Element,
    reference: &str,
) -> Result<Option<&'m Member>, TemplateMistake> {
    let usual = |e: &&Element| e.name == reference && e.attribute("w:type").is_none_or(|t| t == "default");
    let id = section.elements().find(usual).and_then(|e| e.attribute("r:id"));
    let links = members.iter().find(|m| m.name == "word/_rels/document.xml.rels");
    let (Some(id), Some(links)) = (id, links) else { return Ok(None) };
    let links = package::read_part(links)?;
    let link = links.elements().find(|e| e.attribute("Id") == Some(id));
    let Some(target) = link.and_then(|e| e.attribute("Target")) else { return Ok(None) };
    let name = format!("word/{}", target.trim_start_matches("/word/"));
    Ok(members.iter().find(|m| m.name == name))
}

fn page(section: &Element) -> Page {
    let length = |property: &str, attribute: &str, otherwise: i32| {
        let said = section.child(property).and_then(|p| p.attribute(attribute)).and_then(|v| v.parse().ok());
        said.filter(|twip| (0..=31_680).contains(twip)).unwrap_or(otherwise)
    };
    let usual = Page::OFFICIAL;
    Page {
        width_twip: length("w:pgSz", "w:w", usual.width_twip),
        height_twip: length("w:pgSz", "w:h", usual.height_twip),
        top_twip: length("w:pgMar", "w:top", usual.top_twip),
        right_twip: length("w:pgMar", "w:right", usual.right_twip),
        bottom_twip: length("w:pgMar", "w:bottom", usual.bottom_twip),
        left_twip: length("w:pgMar", "w:left", usual.left_twip),
    }
}

struct Reading {
    styles: Styles,
}

impl Reading {
    fn blocks(&self, parent: &Element) -> Vec<Block> {
        let mut blocks = Vec::new();
        for element in parent.elements() {
            match element.name.as_str() {
                "w:p" => blocks.push(Block::Paragraph(self.paragraph(element))),
                "w:tbl" => blocks.push(Block::Table(self.table(element))),
                "w:sdt" => {
                    blocks.extend(element.child("w:sdtContent").map(|c| self.blocks(c)).unwrap_or_default())
                }
                "w:ins" | "w:customXml" | "w:smartTag" => blocks.extend(self.blocks(element)),
                _ => {}
            }
        }
        blocks
    }

    fn paragraph(&self, element: &Element) -> Paragraph {
        let own = element.child("w:pPr");
        let style = own.and_then(|o| o.val("w:pStyle"));
        let looks = self.styles.looks("w:pPr", own, [None, style]);
        let length = |property: &str, attribute: &str| looks.number(property, attribute).unwrap_or(0);
        let exact = looks.get("w:spacing", "w:lineRule").is_some_and(|rule| rule != "auto");
        let hanging = looks.number("w:ind", "w:hanging").map(|twip| -twip);
        let mut runs = Vec::new();
        self.runs(element, style, &mut runs);
        Paragraph {
            align: looks.get("w:jc", "w:val").map_or(Align::Left, align),
            first_line_twip: hanging.unwrap_or_else(|| length("w:ind", "w:firstLine")),
            left_twip: length("w:ind", "w:left") + length("w:ind", "w:start"),
            right_twip: length("w:ind", "w:right") + length("w:ind", "w:end"),
            line_twip: exact.then(|| looks.number("w:spacing", "w:line")).flatten(),
            before_twip: length("w:spacing", "w:before"),
            after_twip: length("w:spacing", "w:after"),
            ruled: own.and_then(|o| o.child("w:pBdr")).is_some_and(|b| b.child("w:bottom").is_some()),
            new_page: looks.is_on("w:pageBreakBefore"),
            with_next: looks.is_on("w:keepNext"),
            runs,
        }
    }

    fn runs(&self, parent: &Element, style: Option<&str>, runs: &mut Vec<Run>) {
        // What a field showed last is passed over: the screen counts itself.
        let mut counted = false;
        for element in parent.elements() {
            match element.name.as_str() {
                "w:r" => {
                    let run = self.run(element, style);
                    let begins = run.as_ref().is_some_and(|r| r.field.is_some());
                    runs.extend(run.filter(|_| begins || !counted));
                    let ends =
                        element.child("w:fldChar").and_then(|f| f.attribute("w:fldCharType")) == Some("end");
                    counted = (counted || begins) && !ends;
                }
                "w:fldSimple" => match field(element.attribute("w:instr").unwrap_or_default()) {
                    Some(field) => runs.extend(self.counted(element, style, field)),
                    None => self.runs(element, style, runs),
                },
                "w:hyperlink" | "w:ins" | "w:smartTag" | "w:sdt" | "w:sdtContent" => {
                    self.runs(element, style, runs)
                }
                _ => {}
            }
        }
    }

    /// A number that the program counts, in the look of what it showed last.
    fn counted(&self, element: &Element, style: Option<&str>, field: Field) -> Option<Run> {
        let shown = element.child("w:r").and_then(|r| self.run(r, style));
        shown.map(|run| Run { text: String::new(), field: Some(field), ..run })
    }

    fn run(&self, element: &Element, paragraph_style: Option<&str>) -> Option<Run> {
        let own = element.child("w:rPr");
        let looks = self.styles.looks("w:rPr", own, [own.and_then(|o| o.val("w:rStyle")), paragraph_style]);
        if looks.is_on("w:vanish") {
            return None;
        }
        let counts = element.elements().find(|e| e.name == "w:instrText").and_then(|e| field(&e.own_text()));
        let text: String = element.elements().map(said).collect();
        let size = looks.number("w:sz", "w:val").and_then(|n| u16::try_from(n).ok());
        (counts.is_some() || !text.is_empty()).then(|| Run {
            text,
            font: looks.get("w:rFonts", "w:eastAsia").unwrap_or_default().to_owned(),
            size_half_pt: size.unwrap_or(SIZE_HALF_PT),
            bold: looks.is_on("w:b"),
            underlined: looks.is_on("w:u"),
            struck: looks.is_on("w:strike") || looks.is_on("w:dstrike"),
            field: counts,
        })
    }

    fn table(&self, element: &Element) -> Table {
        let own = element.child("w:tblPr");
        let style = own.and_then(|o| o.val("w:tblStyle"));
        let looks = self.styles.looks("w:tblPr", own, [style, None]);
        let borders = own.and_then(|o| o.child("w:tblBorders"));
        let own_lines = borders.and_then(|b| b.child("w:insideV")?.attribute("w:val"));
        let ruled = own_lines
            .map_or(style.is_some() && looks.is_on("w:tblBorders"), |v| !matches!(v, "nil" | "none"));
        let grid = element.child("w:tblGrid");
        let widths =
            grid.into_iter().flat_map(Element::elements).filter_map(|c| c.attribute("w:w")?.parse().ok());
        let rows = element.elements().filter(|e| e.name == "w:tr").map(|r| self.row(r));
        Table { columns_twip: widths.collect(), ruled, rows: rows.collect() }
    }

    fn row(&self, element: &Element) -> Row {
        let own = element.child("w:trPr");
        let height = own.and_then(|o| o.val("w:trHeight")).and_then(|v| v.parse().ok());
        let marked = |name: &str| own.is_some_and(|o| o.child(name).is_some());
        let (head, whole) = (marked("w:tblHeader"), marked("w:cantSplit"));
        let cells = element.elements().filter(|e| e.name == "w:tc").map(|c| self.cell(c));
        Row { height_twip: height.unwrap_or(0), head, whole, cells: cells.collect() }
    }

    fn cell(&self, element: &Element) -> Cell {
        let own = element.child("w:tcPr");
        let columns = own.and_then(|o| o.val("w:gridSpan")).and_then(|v| v.parse().ok()).unwrap_or(1);
        let join = match own.and_then(|o| o.child("w:vMerge")).map(|m| m.attribute("w:val")) {
            None => Join::Alone,
            Some(Some("restart")) => Join::Begins,
            Some(_) => Join::Continues,
        };
        let middle = own.and_then(|o| o.val("w:vAlign")) == Some("center");
        Cell { columns: columns.clamp(1, COLUMNS_MAX), join, middle, blocks: self.blocks(element) }
    }
}

fn said(element: &Element) -> String {
    match element.name.as_str() {
        "w:t" => element.own_text(),
        "w:br" | "w:cr" => "\n".to_owned(),
        "w:tab" => "\t".to_owned(),
        "w:noBreakHyphen" => "-".to_owned(),
        _ => String::new(),
    }
}

fn field(code: &str) -> Option<Field> {
    match code.split_whitespace().next()? {
        "PAGE" => Some(Field::PageNumber),
        "NUMPAGES" | "SECTIONPAGES" => Some(Field::PageCount),
        _ => None,
    }
}

fn align(said: &str) -> Align {
    match said {
        "center" => Align::Centre,
        "right" | "end" => Align::Right,
        "both" | "distribute" => Align::Both,
        _ => Align::Left,
    }
}
