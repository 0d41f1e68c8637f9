//! Pairs opening with closing marks, and finds what lies between: part of a sentence, paragraphs, or rows of a table.

use crate::mark::{Block, Mark, MarkKind};
use crate::tree::{Element, Node};

/// Pairs the marks of a tree. What found no partner is left as a mark where it ended up.
pub(crate) fn pair(element: &mut Element) {
    let mut nodes = Vec::new();
    for node in std::mem::take(&mut element.children) {
        match node {
            Node::Element(mut child) => {
                pair(&mut child);
                lift(child, &mut nodes);
            }
            other => nodes.push(other),
        }
    }
    element.children = paired(nodes);
}

/// Takes the marks without a partner out of a paragraph that holds nothing else, and out of a row of a table.
fn lift(mut child: Element, nodes: &mut Vec<Node>) {
    match child.name.as_str() {
        "w:p" if only_loose_marks(&child) => take_loose(&mut child, nodes),
        "w:tr" => {
            let mut loose = Vec::new();
            take_loose(&mut child, &mut loose);
            let (closes, opens): (Vec<_>, Vec<_>) = loose.into_iter().partition(is_close);
            nodes.extend(opens);
            nodes.push(Node::Element(child));
            nodes.extend(closes);
        }
        _ => nodes.push(Node::Element(child)),
    }
}

fn is_close(node: &Node) -> bool {
    matches!(node, Node::Mark(Mark { kind: MarkKind::Close, .. }))
}

pub(crate) fn is_loose(node: &Node) -> bool {
    matches!(node, Node::Mark(mark) if !matches!(mark.kind, MarkKind::Place(_)))
}

fn only_loose_marks(paragraph: &Element) -> bool {
    fn says_nothing(element: &Element) -> bool {
        element.children.iter().all(|node| match node {
            Node::Element(e) if e.name == "w:sectPr" => false,
            Node::Element(e) if matches!(e.name.as_str(), "w:pPr" | "w:rPr") => says_nothing_but_looks(e),
            Node::Element(e) if matches!(e.name.as_str(), "w:t" | "w:r" | "w:hyperlink") => says_nothing(e),
            Node::Element(e) => matches!(e.name.as_str(), "w:bookmarkStart" | "w:bookmarkEnd" | "w:proofErr"),
            Node::Text(text) => text.trim().is_empty(),
            Node::Mark(_) => is_loose(node),
            Node::Block(_) => false,
        })
    }
    has_loose(paragraph) && says_nothing(paragraph)
}

/// A section ends in the properties of a paragraph: that paragraph is more than its marks.
fn says_nothing_but_looks(properties: &Element) -> bool {
    properties.child("w:sectPr").is_none()
}

fn has_loose(element: &Element) -> bool {
    element.children.iter().any(|node| match node {
        Node::Element(child) => has_loose(child),
        other => is_loose(other),
    })
}

fn take_loose(element: &mut Element, taken: &mut Vec<Node>) {
    for node in std::mem::take(&mut element.children) {
        match node {
            Node::Element(mut child) => {
                take_loose(&mut child, taken);
                element.children.push(Node::Element(child));
            }
            loose if is_loose(&loose) => taken.push(loose),
            other => element.children.push(other),
        }
    }
}

/// Pairs marks among siblings: an end belongs to the innermost beginning that is still open, if it has its name.
fn paired(nodes: Vec<Node>) -> Vec<Node> {
    let mut open: Vec<(Mark, Vec<Node>)> = Vec::new();
    let mut outside = Vec::new();
    for node in nodes {
        let node = match node {
            Node::Mark(mark) if matches!(mark.kind, MarkKind::Open(_)) => {
                open.push((mark, Vec::new()));
                continue;
            }
            Node::Mark(mark) if mark.kind == MarkKind::Close => closed(mark, &mut open),
            other => other,
        };
        open.last_mut().map_or(&mut outside, |(_, inside)| inside).push(node);
    }
    for (mark, inside) in open {
        outside.push(Node::Mark(mark));
        outside.extend(inside);
    }
    outside
}

fn closed(end: Mark, open: &mut Vec<(Mark, Vec<Node>)>) -> Node {
    let fits = open.last().is_some_and(|(begin, _)| begin.name == end.name);
    match fits.then(|| open.pop()).flatten() {
        Some((Mark { kind: MarkKind::Open(kind), name, .. }, children)) => {
            Node::Block(Block { kind, name, children })
        }
        _ => Node::Mark(end),
    }
}
