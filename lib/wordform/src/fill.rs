//! Filling a template: every place gets its text, every block appears as often as it should.

use crate::limits::{BLANK_CHARS_MAX, FILLED_CHARS_MAX, NODES_MAX, RECORDS_MAX, VALUE_CHARS_MAX};
use crate::mark::{Block, BlockKind, Mark, MarkKind};
use crate::mistake::FillMistake;
use crate::package::{self, Member};
use crate::template::Template;
use crate::text::printable;
use crate::tree::{self, Element, Node};
use serde_json::{Map, Value};

/// The number of a record in its list, where the record brings none of its own.
pub const ORDINAL: &str = "序号";

/// Fills a template with the values of a JSON object and gives the document, the same bytes for the same input.
///
/// A text, a number or a truth (是, 否) is shown as it is; a list of `{"text": …, "struck": true}` shows pieces, struck
/// out where it says so; a block takes a list of objects, in which names are looked for before those outside.
///
/// Errors: a value that is longer than it may be, or is not what its place can show, by the name of the place.
pub fn fill(template: &Template, values: &Value) -> Result<Vec<u8>, FillMistake> {
    let mut filling = Filling { scopes: Vec::new(), chars_left: FILLED_CHARS_MAX, nodes_left: NODES_MAX };
    let empty = Map::new();
    let outermost = match values {
        Value::Object(fields) => fields,
        Value::Null => &empty,
        _ => return Err(misfit("全文", "一组有名称的值")),
    };
    filling.scopes.push((outermost, None));
    let mut members = template.members.clone();
    for (place, root) in &template.parts {
        let filled = Element { children: filling.nodes(&root.children)?, ..bare(root) };
        let name = members[*place].name.clone();
        members[*place] = Member { name, bytes: tree::write(&kept_valid(filled)) };
    }
    package::packed(&members)
}

fn misfit(place: &str, wanted: &'static str) -> FillMistake {
    FillMistake::Misfit { place: place.to_owned(), wanted }
}

fn bare(element: &Element) -> Element {
    Element { name: element.name.clone(), attributes: element.attributes.clone(), children: Vec::new() }
}

/// The values that can be seen from where the filling stands, and how much may still be written.
struct Filling<'v> {
    scopes: Vec<(&'v Map<String, Value>, Option<usize>)>,
    chars_left: usize,
    nodes_left: usize,
}

impl<'v> Filling<'v> {
    fn nodes(&mut self, nodes: &[Node]) -> Result<Vec<Node>, FillMistake> {
        let mut filled = Vec::with_capacity(nodes.len());
        for node in nodes {
            self.nodes_left = self.nodes_left.checked_sub(1).ok_or(FillMistake::TooMuch)?;
            match node {
                Node::Element(element) => {
                    let children = self.nodes(&element.children)?;
                    let done = kept_valid(Element { children, ..bare(element) });
                    filled.extend((!is_empty_table(&done)).then_some(Node::Element(done)));
                }
                Node::Text(text) => filled.push(Node::Text(text.clone())),
                Node::Mark(mark) => filled.extend(self.place(mark)?),
                Node::Block(block) => self.block(block, &mut filled)?,
            }
        }
        Ok(filled)
    }

    fn block(&mut self, block: &Block, filled: &mut Vec<Node>) -> Result<(), FillMistake> {
        let value = self.value(&block.name);
        let appears = match block.kind {
            BlockKind::Each => return self.each(block, value, filled),
            BlockKind::Given => is_given(value),
            BlockKind::Missing => !is_given(value),
        };
        if appears {
            filled.extend(self.nodes(&block.children)?);
        }
        Ok(())
    }

    fn each(
        &mut self,
        block: &Block,
        value: Option<&'v Value>,
        filled: &mut Vec<Node>,
    ) -> Result<(), FillMistake> {
        let records = match value {
            None | Some(Value::Null) => return Ok(()),
            Some(Value::Array(records)) => records,
            Some(_) => return Err(misfit(&block.name, "一列记录")),
        };
        if records.len() > RECORDS_MAX {
            return Err(FillMistake::TooMany { place: block.name.clone(), records: records.len() });
        }
        for (before, record) in records.iter().enumerate() {
            let record = record.as_object().ok_or_else(|| misfit(&block.name, "一列记录"))?;
            self.scopes.push((record, Some(before + 1)));
            let done = self.nodes(&block.children);
            self.scopes.pop();
            filled.extend(done?);
        }
        Ok(())
    }

    fn value(&self, name: &str) -> Option<&'v Value> {
        self.scopes.iter().rev().find_map(|(fields, _)| fields.get(name))
    }

    fn place(&mut self, mark: &Mark) -> Result<Vec<Node>, FillMistake> {
        let MarkKind::Place(blank) = mark.kind else { return Ok(Vec::new()) };
        let mut spans = self.spans(&mark.name)?;
        if spans.iter().all(|span| span.text.trim().is_empty()) {
            spans = vec![Span { text: blank_line(blank, mark.look.as_deref()), struck: false }];
        }
        let chars: usize = spans.iter().map(|span| span.text.chars().count()).sum();
        if chars > VALUE_CHARS_MAX {
            return Err(FillMistake::TooLong { place: mark.name.clone(), chars });
        }
        self.chars_left = self.chars_left.checked_sub(chars).ok_or(FillMistake::TooMuch)?;
        Ok(spans
            .iter()
            .filter(|s| !s.text.is_empty())
            .map(|s| Node::Element(s.run(mark.look.as_deref())))
            .collect())
    }

    fn spans(&self, name: &str) -> Result<Vec<Span>, FillMistake> {
        let plain = |text: &str| Ok(vec![Span { text: printable(text), struck: false }]);
        match self.value(name) {
            None if name == ORDINAL => plain(&self.ordinal().map_or(String::new(), |n| n.to_string())),
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::String(text)) => plain(text),
            Some(Value::Number(number)) => plain(&number.to_string()),
            Some(Value::Bool(truth)) => plain(if *truth { "是" } else { "否" }),
            Some(Value::Array(pieces)) => pieces.iter().map(|piece| Span::of(name, piece)).collect(),
            Some(Value::Object(_)) => Err(misfit(name, "文字")),
        }
    }

    fn ordinal(&self) -> Option<usize> {
        self.scopes.iter().rev().find_map(|(_, ordinal)| *ordinal)
    }
}

fn is_given(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::String(text)) => !text.trim().is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(_) => true,
    }
}

/// A piece of text and whether a line goes through it.
struct Span {
    text: String,
    struck: bool,
}

impl Span {
    fn of(place: &str, piece: &Value) -> Result<Self, FillMistake> {
        let text = match piece {
            Value::String(text) => text,
            _ => piece.get("text").and_then(Value::as_str).ok_or_else(|| misfit(place, "文字或几段文字"))?,
        };
        let struck = piece.get("struck").and_then(Value::as_bool).unwrap_or(false);
        Ok(Self { text: printable(text), struck })
    }

    /// One run that looks as its place looked; lines and tabs as a document has them.
    fn run(&self, look: Option<&Element>) -> Element {
        let mut run = Element::new("w:r");
        let mut look = look.cloned().unwrap_or_else(|| Element::new("w:rPr"));
        if self.struck {
            look.children.push(Node::Element(Element::new("w:strike")));
        }
        if !look.children.is_empty() {
            run = run.holding([look]);
        }
        let mut said = String::new();
        for c in self.text.chars() {
            let between = match c {
                '\n' => "w:br",
                '\t' => "w:tab",
                _ => {
                    said.push(c);
                    continue;
                }
            };
            run = say(run, &mut said).holding([Element::new(between)]);
        }
        say(run, &mut said)
    }
}

fn say(run: Element, said: &mut String) -> Element {
    let said = std::mem::take(said);
    if said.is_empty() { run } else { run.holding([Element::text(said)]) }
}

/// A line to write on by hand. Where the place is underlined already the line is spaces that Word does not drop.
fn blank_line(chars: usize, look: Option<&Element>) -> String {
    let chars = chars.min(BLANK_CHARS_MAX);
    let underlined = look.and_then(|l| l.val("w:u")).is_some_and(|style| style != "none");
    if underlined { "\u{a0}".repeat(chars * 2) } else { "_".repeat(chars) }
}

fn is_empty_table(element: &Element) -> bool {
    element.name == "w:tbl" && element.child("w:tr").is_none()
}

/// A cell, a page head or a text box ends with a paragraph, or Word calls the document damaged.
fn kept_valid(mut element: Element) -> Element {
    let needs = ["w:tc", "w:hdr", "w:ftr", "w:txbxContent", "w:footnote", "w:endnote"];
    let ends_well = element.elements().next_back().is_some_and(|last| last.name == "w:p");
    if needs.contains(&element.name.as_str()) && !ends_well {
        element = element.holding([Element::new("w:p")]);
    }
    element
}
