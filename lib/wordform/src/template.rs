//! A template: a document read once, its marks found and paired, and the list of what it asks for.

use crate::mark::{self, BlockKind, Mark, MarkKind};
use crate::mistake::TemplateMistake;
use crate::package::{self, Member};
use crate::pair;
use crate::tree::{Element, Node};

/// A document with places to fill in.
#[derive(Clone, PartialEq, Debug)]
pub struct Template {
    pub(crate) members: Vec<Member>,
    /// The parts with text, by their place among the members.
    pub(crate) parts: Vec<(usize, Element)>,
}

/// Something a template asks for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct AskedFor {
    /// Its name.
    pub name: String,
    /// What is done with it.
    pub asked_as: PlaceUse,
    /// The lists around it, the outermost first.
    pub within: Vec<String>,
}

/// What a template does with a value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum PlaceUse {
    /// Its text is shown.
    Text,
    /// Its records are gone through.
    List,
    /// It is only asked whether there is one.
    Condition,
}

impl Template {
    /// Reads a `.docx`.
    ///
    /// Errors: the first mistake, in Chinese, with the text of the paragraph where there is one, and what to do.
    pub fn read(file: &[u8]) -> Result<Self, TemplateMistake> {
        let members = package::unpacked(file)?;
        let mut parts = Vec::new();
        for (place, member) in members.iter().enumerate().filter(|(_, m)| has_text(&m.name)) {
            let mut root = package::read_part(member)?;
            tidy(&mut root);
            find_marks(&mut root)?;
            pair::pair(&mut root);
            whole(&root)?;
            parts.push((place, root));
        }
        Ok(Self { members, parts })
    }

    /// What it asks for, in the order of the document, each once.
    pub fn places(&self) -> Vec<AskedFor> {
        let mut asked = Vec::new();
        for (_, root) in &self.parts {
            ask(&root.children, &mut Vec::new(), &mut asked);
        }
        asked
    }
}

/// The parts in which people write.
fn has_text(name: &str) -> bool {
    let Some(name) = name.strip_prefix("word/").and_then(|n| n.strip_suffix(".xml")) else { return false };
    let numbered =
        |start: &str| name.strip_prefix(start).is_some_and(|n| n.chars().all(|c| c.is_ascii_digit()));
    matches!(name, "document" | "footnotes" | "endnotes") || numbered("header") || numbered("footer")
}

/// Takes out what Word notes for itself: it cuts sentences, and repeated with a row it would stand twice.
fn tidy(element: &mut Element) {
    element.attributes.retain(|(name, _)| !name.starts_with("w:rsid") && !name.starts_with("w14:"));
    let noise = ["w:proofErr", "w:lastRenderedPageBreak", "w:bookmarkStart", "w:bookmarkEnd"];
    element.children.retain(|node| !matches!(node, Node::Element(e) if noise.contains(&e.name.as_str())));
    element.elements_mut().for_each(tidy);
}

fn find_marks(element: &mut Element) -> Result<(), TemplateMistake> {
    if element.name == "w:p" {
        mark::find(element)?;
    }
    element.elements_mut().try_for_each(find_marks)
}

/// Nothing may be left over: no mark without its partner, none where it cannot be filled.
fn whole(element: &Element) -> Result<(), TemplateMistake> {
    for node in &element.children {
        match node {
            Node::Element(child) => whole(child)?,
            Node::Mark(mark) if pair::is_loose(node) => return Err(without_partner(mark)),
            Node::Text(text) if element.name == "w:t" && text.contains("{{") => {
                return Err(mark::mistake(
                    text,
                    "标记放在了不能填写的地方（如拼音、公式里），请移到正文".to_owned(),
                ));
            }
            Node::Block(block) => {
                let inside = Element { children: block.children.clone(), ..Element::default() };
                whole(&inside)?;
            }
            Node::Mark(_) | Node::Text(_) => {}
        }
    }
    Ok(())
}

fn without_partner(mark: &Mark) -> TemplateMistake {
    let name = &mark.name;
    let remedy = match mark.kind {
        MarkKind::Close => format!("{{{{/{name}}}}} 前面没有对应的开始标记"),
        _ => format!("以 {name} 开始的一段没有结束，请补上 {{{{/{name}}}}}"),
    };
    mark::mistake(
        &mark.paragraph,
        format!("{remedy}；开始与结束要在同一段文字里，或各自单独占一段，或在同一张表格的行里，且不交叉"),
    )
}

fn ask(nodes: &[Node], within: &mut Vec<String>, asked: &mut Vec<AskedFor>) {
    for node in nodes {
        match node {
            Node::Element(element) => ask(&element.children, within, asked),
            Node::Mark(mark) => note(&mark.name, PlaceUse::Text, within, asked),
            Node::Block(block) if block.kind == BlockKind::Each => {
                note(&block.name, PlaceUse::List, within, asked);
                within.push(block.name.clone());
                ask(&block.children, within, asked);
                within.pop();
            }
            Node::Block(block) => {
                note(&block.name, PlaceUse::Condition, within, asked);
                ask(&block.children, within, asked);
            }
            Node::Text(_) => {}
        }
    }
}

fn note(name: &str, asked_as: PlaceUse, within: &[String], asked: &mut Vec<AskedFor>) {
    let new = AskedFor { name: name.to_owned(), asked_as, within: within.to_vec() };
    if !asked.contains(&new) {
        asked.push(new);
    }
}
