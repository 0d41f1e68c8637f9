//! The marks of a template, `{{…}}`, and finding them in the runs of a paragraph.
//!
//! Word cuts a sentence into runs wherever it likes: at every correction, at every change of the input method. A mark
//! that is spread over several runs belongs to the run in which it begins, and takes its look from there.

use crate::limits::{BLANK_CHARS, BLANK_CHARS_MAX, NAME_CHARS_MAX};
use crate::mistake::TemplateMistake;
use crate::text::shortened;
use crate::tree::{Element, Node};

const OPENS: &str = "{{";
const CLOSES: &str = "}}";

/// A mark of the template.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Mark {
    pub(crate) kind: MarkKind,
    pub(crate) name: String,
    /// How the run looked in which the mark began.
    pub(crate) look: Option<Box<Element>>,
    /// Text of its paragraph, for messages.
    pub(crate) paragraph: String,
}

/// What a mark asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum MarkKind {
    /// A value, or so many characters of blank.
    Place(usize),
    /// The beginning of a block.
    Open(BlockKind),
    /// The end of a block.
    Close,
}

/// When a block appears.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum BlockKind {
    /// Once for every record.
    Each,
    /// When there is a value.
    Given,
    /// When there is none.
    Missing,
}

/// What stands between an opening and its closing mark.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Block {
    pub(crate) kind: BlockKind,
    pub(crate) name: String,
    pub(crate) children: Vec<Node>,
}

/// Finds the marks of one paragraph and puts each between runs of its own.
pub(crate) fn find(paragraph: &mut Element) -> Result<(), TemplateMistake> {
    let mut slots = Vec::new();
    each_run(paragraph, &mut |run| gather(run, &mut slots));
    let whole: String = slots.iter().filter_map(Slot::text).collect();
    // Somebody who writes Chinese easily writes the wide braces: they would go out on paper as they are.
    if whole.contains("｛｛") || whole.contains("｝｝") {
        return Err(mistake(&whole, "花括号要用半角的 {{ 和 }}".to_owned()));
    }
    if !whole.contains(OPENS) && !whole.contains(CLOSES) {
        return Ok(());
    }
    let mut gathered = together(&slots).map_err(|remedy| mistake(&whole, remedy))?.into_iter();
    each_run(paragraph, &mut |run| {
        for text in run.elements_mut().filter(|e| is_slot(e)) {
            let now = gathered.next().unwrap_or_default();
            if text.name == "w:t" {
                *text = Element::text(now);
            }
        }
    });
    cut_runs(paragraph, &whole)
}

pub(crate) fn mistake(paragraph: &str, remedy: String) -> TemplateMistake {
    TemplateMistake::Mark { paragraph: shortened(paragraph), remedy }
}

/// The runs of a paragraph in their order, but not those of paragraphs in a text box inside it.
fn each_run(element: &mut Element, act: &mut dyn FnMut(&mut Element)) {
    for child in element.elements_mut() {
        match child.name.as_str() {
            "w:r" => act(child),
            "w:p" => {}
            _ => each_run(child, act),
        }
    }
}

/// What a run shows, piece by piece: its texts, and what stands between them and ends a mark.
enum Slot {
    Text(String),
    Other,
}

impl Slot {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Other => None,
        }
    }
}

fn is_slot(element: &Element) -> bool {
    !matches!(element.name.as_str(), "w:rPr" | "w:delText" | "w:lastRenderedPageBreak" | "w:proofErr")
}

fn gather(run: &mut Element, slots: &mut Vec<Slot>) {
    slots.extend(run.elements().filter(|e| is_slot(e)).map(|e| match e.name.as_str() {
        "w:t" => Slot::Text(e.own_text()),
        _ => Slot::Other,
    }));
}

/// The texts again, with every mark whole in the one where it begins; the remedy where a mark does not end.
fn together(slots: &[Slot]) -> Result<Vec<String>, String> {
    let mut texts = vec![String::new(); slots.len()];
    let (mut owner, mut open) = (0, false);
    let mut before = ' ';
    for (place, slot) in slots.iter().enumerate() {
        let Slot::Text(text) = slot else {
            if open {
                return Err("标记在换行、制表符或图片处断开了，请写在一行里，用 }} 结束".to_owned());
            }
            before = ' ';
            continue;
        };
        for c in text.chars() {
            if !open {
                // The first brace of a pair may lie in an earlier run: then the mark begins there.
                if c == '{' && before == '{' {
                    open = true;
                } else {
                    owner = place;
                }
                if c == '}' && before == '}' {
                    return Err("有 }} 而前面没有 {{".to_owned());
                }
                texts[owner].push(c);
                before = c;
                continue;
            }
            texts[owner].push(c);
            if c == '}' && before == '}' {
                open = false;
                before = ' ';
            } else {
                before = c;
            }
        }
    }
    if open { Err("标记没有结束，请补上 }}".to_owned()) } else { Ok(texts) }
}

/// Cuts the runs of a paragraph, in place, at their marks.
fn cut_runs(element: &mut Element, whole: &str) -> Result<(), TemplateMistake> {
    for child in std::mem::take(&mut element.children) {
        match child {
            Node::Element(run) if run.name == "w:r" => element.children.extend(cut(run, whole)?),
            Node::Element(mut other) if other.name != "w:p" => {
                cut_runs(&mut other, whole)?;
                element.children.push(Node::Element(other));
            }
            other => element.children.push(other),
        }
    }
    Ok(())
}

fn cut(run: Element, whole: &str) -> Result<Vec<Node>, TemplateMistake> {
    let look = run.child("w:rPr").cloned();
    let shell = Element { children: look.clone().map(Node::Element).into_iter().collect(), ..run.clone() };
    let (mut pieces, mut now) = (Vec::new(), shell.clone());
    let close = |now: &mut Element, pieces: &mut Vec<Node>| {
        let done = std::mem::replace(now, shell.clone());
        if done.children.len() > shell.children.len() {
            pieces.push(Node::Element(done));
        }
    };
    for child in run.children {
        let marked = match &child {
            Node::Element(e) if e.name == "w:t" => Some(e.own_text()).filter(|t| t.contains(OPENS)),
            _ => None,
        };
        let Some(text) = marked else {
            if !matches!(&child, Node::Element(e) if e.name == "w:rPr") {
                now.children.push(child);
            }
            continue;
        };
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once(OPENS) {
            let (inside, after) = after.split_once(CLOSES).expect("marks are whole by now");
            if !before.is_empty() {
                now.children.push(Node::Element(Element::text(before)));
            }
            close(&mut now, &mut pieces);
            let (kind, name) = understood(inside).map_err(|remedy| mistake(whole, remedy))?;
            let look = look.clone().map(Box::new);
            pieces.push(Node::Mark(Mark { kind, name, look, paragraph: whole.to_owned() }));
            rest = after;
        }
        if !rest.is_empty() {
            now.children.push(Node::Element(Element::text(rest)));
        }
    }
    close(&mut now, &mut pieces);
    Ok(pieces)
}

/// What stands between the braces; the remedy when it is no mark.
fn understood(inside: &str) -> Result<(MarkKind, String), String> {
    let inside = inside.trim();
    let (kind, rest) = match inside.chars().next() {
        Some('#' | '＃') => (Some(MarkKind::Open(BlockKind::Each)), true),
        Some('?' | '？') => (Some(MarkKind::Open(BlockKind::Given)), true),
        Some('!' | '！') => (Some(MarkKind::Open(BlockKind::Missing)), true),
        Some('/' | '／') => (Some(MarkKind::Close), true),
        _ => (None, false),
    };
    let rest: String = inside.chars().skip(usize::from(rest)).collect();
    let (kind, name) = match kind {
        Some(kind) => (kind, rest.trim().to_owned()),
        None => place(&rest)?,
    };
    let length = name.chars().count();
    let odd = |c: char| c.is_whitespace() || c.is_control() || "{}#?!/:？！＃／：".contains(c);
    if length == 0 || length > NAME_CHARS_MAX || name.contains(odd) {
        return Err(format!(
            "{{{{{}}}}} 里的名称要有 1 到 {NAME_CHARS_MAX} 个字，不能有空格和符号",
            shortened(inside)
        ));
    }
    Ok((kind, name))
}

fn place(text: &str) -> Result<(MarkKind, String), String> {
    if let Some(name) = text.strip_suffix(['?', '？']) {
        return Ok((MarkKind::Place(0), name.trim().to_owned()));
    }
    let Some((name, blank)) = text.split_once([':', '：']) else {
        return Ok((MarkKind::Place(BLANK_CHARS), text.to_owned()));
    };
    let blank = blank.trim().parse().ok().filter(|n| (1..=BLANK_CHARS_MAX).contains(n));
    let blank = blank
        .ok_or_else(|| format!("“{}”：冒号后面写空白的字数，1 到 {BLANK_CHARS_MAX}", shortened(text)))?;
    Ok((MarkKind::Place(blank), name.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree;

    fn paragraph(inside: &str) -> Result<Element, TemplateMistake> {
        let mut p = tree::read(format!("<w:p>{inside}</w:p>").as_bytes()).unwrap();
        find(&mut p).map(|()| p)
    }

    fn run(text: &str, look: &str) -> String {
        format!("<w:r><w:rPr><w:{look}/></w:rPr><w:t>{text}</w:t></w:r>")
    }

    /// Texts as they are, marks in angle brackets with the look they took.
    fn shown(p: &Element) -> Vec<String> {
        let look = |e: &Element| e.elements().next().map(|e| e.name.clone()).unwrap_or_default();
        let shown = p.children.iter().map(|node| match node {
            Node::Element(run) => run.elements().filter(|e| e.name == "w:t").map(Element::own_text).collect(),
            Node::Mark(mark) => {
                format!("<{} {}>", mark.name, mark.look.as_ref().map_or(String::new(), |l| look(l)))
            }
            other => format!("{other:?}"),
        });
        shown.collect()
    }

    #[test]
    fn a_mark_is_found_wherever_word_has_cut_it() {
        let whole = "致{{单位名称}}：";
        let chars: Vec<_> = whole.chars().collect();
        for first in 1..chars.len() {
            for second in first..chars.len() {
                let cut = [&chars[..first], &chars[first..second], &chars[second..]];
                let looks = ["b", "i", "u"];
                let runs: String = cut
                    .iter()
                    .zip(looks)
                    .map(|(text, look)| run(&text.iter().collect::<String>(), look))
                    .collect();
                let found = shown(&paragraph(&runs).unwrap());
                let text: Vec<_> = found.iter().filter(|t| !t.is_empty()).collect();
                assert_eq!(text.len(), 3, "{first} {second} {found:?}");
                assert!(text[1].starts_with("<单位名称 w:"), "{found:?}");
            }
        }
        let split = run("{{单", "b") + "<w:proofErr/>" + &run("位}}好", "i");
        assert_eq!(
            shown(&paragraph(&split).unwrap())[0],
            "<单位 w:b>",
            "the look is that of the first brace"
        );
    }

    #[test]
    fn marks_follow_one_another_and_keep_what_stands_between() {
        let found = shown(&paragraph(&run("{{甲}}{{乙?}}、{{ 丙:12 }}{x}", "b")).unwrap());
        assert_eq!(found, ["<甲 w:b>", "<乙 w:b>", "、", "<丙 w:b>", "{x}"]);
    }

    #[test]
    fn what_a_mark_says_is_understood() {
        let kinds = [
            ("名称", MarkKind::Place(BLANK_CHARS)),
            ("名称?", MarkKind::Place(0)),
            ("名称：60", MarkKind::Place(60)),
            ("#名称", MarkKind::Open(BlockKind::Each)),
            ("? 名称", MarkKind::Open(BlockKind::Given)),
            ("！名称", MarkKind::Open(BlockKind::Missing)),
            ("/名称", MarkKind::Close),
        ];
        for (text, kind) in kinds {
            assert_eq!(understood(text), Ok((kind, "名称".to_owned())), "{text}");
        }
        let longest = "名".repeat(NAME_CHARS_MAX);
        assert!(understood(&longest).is_ok());
        for bad in
            [format!("{longest}名"), String::new(), "名 称".to_owned(), "名:0".to_owned(), "名:61".to_owned()]
        {
            assert!(understood(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_mark_that_does_not_end_is_named_with_its_paragraph_and_the_remedy() {
        let cases = [
            (run("致{{单位名称", "b"), "没有结束"),
            (run("致{{单位", "b") + "<w:r><w:br/></w:r>" + &run("名称}}", "b"), "断开"),
            (run("致单位}}", "b"), "前面没有"),
            (run("致｛｛单位｝｝", "b"), "半角"),
            (run("致{{单 位}}", "b"), "空格"),
        ];
        for (runs, remedy) in cases {
            let wrong = paragraph(&runs).unwrap_err().to_string();
            assert!(wrong.contains("致") && wrong.contains(remedy), "{wrong}");
        }
    }
}
