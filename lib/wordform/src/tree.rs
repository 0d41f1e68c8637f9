//! The parts of a document as trees, read with limits and written back.

use crate::limits::{DEPTH_MAX, NODES_MAX};
use crate::mark::{Block, Mark};
use quick_xml::escape::{escape, minimal_escape, resolve_xml_entity};
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// What stands in an element.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Node {
    /// An element.
    Element(Element),
    /// Text, unescaped.
    Text(String),
    /// A mark of the template that stands between runs.
    Mark(Mark),
    /// What stands between an opening and a closing mark.
    Block(Block),
}

/// An element with the name as it is written, prefix included: Word always writes `w:`, and other prefixes for the
/// main namespace are read as unknown elements.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) children: Vec<Node>,
}

impl Element {
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    pub(crate) fn with(mut self, attribute: &str, value: impl ToString) -> Self {
        self.attributes.push((attribute.to_owned(), value.to_string()));
        self
    }

    pub(crate) fn holding(mut self, children: impl IntoIterator<Item = Element>) -> Self {
        self.children.extend(children.into_iter().map(Node::Element));
        self
    }

    /// A `w:t` that keeps its spaces.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        let mut element = Self::new("w:t").with("xml:space", "preserve");
        element.children.push(Node::Text(text.into()));
        element
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The `w:val` of a child, as most properties are written.
    pub(crate) fn val(&self, child: &str) -> Option<&str> {
        self.child(child)?.attribute("w:val")
    }

    pub(crate) fn elements(&self) -> impl DoubleEndedIterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            _ => None,
        })
    }

    pub(crate) fn elements_mut(&mut self) -> impl Iterator<Item = &mut Element> {
        self.children.iter_mut().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            _ => None,
        })
    }

    pub(crate) fn child(&self, name: &str) -> Option<&Element> {
        self.elements().find(|e| e.name == name)
    }

    /// The plain text directly inside.
    pub(crate) fn own_text(&self) -> String {
        let texts = self.children.iter().filter_map(|node| match node {
            Node::Text(text) => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }
}

/// Reads a part; the reason in Chinese when it cannot be read.
pub(crate) fn read(bytes: &[u8]) -> Result<Element, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "不是 UTF-8 编码".to_owned())?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut open = vec![Element::default()];
    let mut nodes = 0;
    loop {
        let event = reader.read_event().map_err(|e| format!("第 {} 字节处 {e}", reader.buffer_position()))?;
        nodes += 1;
        if nodes > NODES_MAX || open.len() > DEPTH_MAX {
            return Err("内容过多或嵌套过深".to_owned());
        }
        match event {
            Event::Start(start) => open.push(element(&start)?),
            Event::Empty(empty) => give(&mut open, Node::Element(element(&empty)?)),
            Event::End(_) => {
                let done = open.pop().expect("the reader checks that ends match");
                give(&mut open, Node::Element(done));
            }
            Event::Text(text) => say(&mut open, &text.xml10_content()),
            Event::CData(text) => say(&mut open, &text.xml10_content()),
            Event::GeneralRef(reference) => say(&mut open, &resolved(&reference)?),
            // With a DTD come entities that swell or fetch: no document of Word has one.
            Event::DocType(_) => return Err("含有 DTD".to_owned()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
    }
    let [root] = open.as_slice() else { return Err("没有写完".to_owned()) };
    root.elements().next().cloned().ok_or_else(|| "是空的".to_owned())
}

fn element(start: &BytesStart<'_>) -> Result<Element, String> {
    let mut element = Element::new(start.name().as_ref());
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|e| e.to_string())?;
        let value = attribute.normalized_value(XmlVersion::Explicit1_0).map_err(|e| e.to_string())?;
        element.attributes.push((attribute.key.as_ref().to_owned(), value.into_owned()));
    }
    Ok(element)
}

fn resolved(reference: &BytesRef<'_>) -> Result<String, String> {
    match reference.resolve_char_ref().map_err(|e| e.to_string())? {
        Some(c) => Ok(c.to_string()),
        None => {
            resolve_xml_entity(reference).map(ToOwned::to_owned).ok_or_else(|| "有不认识的实体".to_owned())
        }
    }
}

fn give(open: &mut [Element], node: Node) {
    open.last_mut().expect("the outermost is never closed").children.push(node);
}

/// Adds text, to the text before it where there is one: references cut text into pieces.
fn say(open: &mut [Element], text: &str) {
    let children = &mut open.last_mut().expect("the outermost is never closed").children;
    if let Some(Node::Text(before)) = children.last_mut() {
        before.push_str(text);
    } else if !text.is_empty() {
        children.push(Node::Text(text.to_owned()));
    }
}

/// Writes a tree as a whole part. What is still a mark of a template has no place in a part and is left out.
pub(crate) fn write(root: &Element) -> Vec<u8> {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n");
    put(&mut out, root);
    out.into_bytes()
}

fn put(out: &mut String, element: &Element) {
    out.push('<');
    out.push_str(&element.name);
    for (name, value) in &element.attributes {
        out.push_str(&format!(
            " {name}=\"{}\"",
            escape(printable_only(value)).replace('\n', "&#10;").replace('\t', "&#9;")
        ));
    }
    if element.children.is_empty() {
        out.push_str("/>");
        return;
    }
    out.push('>');
    for child in &element.children {
        match child {
            Node::Element(child) => put(out, child),
            Node::Text(text) => out.push_str(&minimal_escape(printable_only(text)).replace('>', "&gt;")),
            Node::Mark(_) | Node::Block(_) => {}
        }
    }
    out.push_str("</");
    out.push_str(&element.name);
    out.push('>');
}

/// Without what XML 1.0 cannot hold: a template may bring it as a character reference.
fn printable_only(text: &str) -> String {
    let held = |c: &char| matches!(c, '\n' | '\t') || !(*c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}'));
    text.chars().filter(held).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_again() {
        let text = "<w:p w:a=\"1 &lt; &quot;2&quot;\"><w:t>甲 &amp; 乙 &lt;丙&gt; &#65;</w:t><w:br/></w:p>";
        let tree = read(text.as_bytes()).unwrap();
        assert_eq!(tree.child("w:t").unwrap().own_text(), "甲 & 乙 <丙> A");
        assert_eq!(read(&write(&tree)).unwrap(), tree);
    }

    #[test]
    fn a_dtd_an_unknown_entity_and_half_a_document_are_refused() {
        for bad in
            ["<!DOCTYPE x [<!ENTITY a \"b\">]><x>&a;</x>", "<x>&a;</x>", "<x><y></x>", "<x>", "", "\u{1}"]
        {
            assert!(read(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(read(&[0xff, 0xfe, 0x3c]).is_err());
    }

    #[test]
    fn nesting_ends_at_its_limit() {
        let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
        assert!(read(nested(DEPTH_MAX - 1).as_bytes()).is_ok());
        assert!(read(nested(DEPTH_MAX + 1).as_bytes()).is_err());
    }
}
