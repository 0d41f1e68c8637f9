//! Hostile text in every place of every shipped paper: what somebody types into a form is text on the paper and nothing
//! else, and the document stays the document that its template is.

use super::*;
use wordform::{Block, printable};

/// What a form may be made to say.
const HOSTILE: [&str; 7] = [
    "</w:t></w:r></w:p><w:p>&lt;&#x202e;]]><!-- <?xml?> &nbsp;",
    "甲\u{0}\u{1}\u{8}\u{b}\u{1b}乙\u{7f}\u{85}丙\u{fffe}\u{ffff}\u{feff}",
    "瑞禾\u{202e}厂子电\u{2066}有限\u{200f}\u{61c}公司\u{202c}",
    "=HYPERLINK(\"http://a.example\",\"甲\")|cmd'!A0",
    "{{单位名称}}{{#问题}}{{/问题}}{{?改正期限}}}}{{",
    "\u{20bb7}\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}e\u{301}\u{e000}",
    "\\f \" MERGEFIELD x \\* MERGEFORMAT",
];
/// Records of each list.
const RECORDS: usize = 2;
/// Looks at a paper: its template, its places, its text and its build.
type Look<'l> = dyn Fn(&PaperTemplate, &[AskedFor], String, String) + 'l;
/// A text as long as the longest field of a form, and more.
const LONG_CHARS: usize = 10_000;

fn shipped() -> PaperTemplates {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog/papers");
    PaperTemplates::read(&crate::kit::catalog(), |name| std::fs::read(folder.join(name)).ok()).unwrap()
}

/// All places of a template filled, each with what `say` makes of its name, and every list with so many records.
fn values(
    asked: &[AskedFor],
    within: &[String],
    records: usize,
    say: &dyn Fn(&str) -> String,
) -> Map<String, Value> {
    let here = asked.iter().filter(|place| place.within == within);
    let value = |place: &AskedFor| {
        if place.asked_as != PlaceUse::List {
            return Value::String(say(&place.name));
        }
        let inside = [within, std::slice::from_ref(&place.name)].concat();
        Value::Array(vec![Value::Object(values(asked, &inside, records, say)); records])
    };
    // A list is looked for as a condition, too: its records are what counts.
    let mut filled: Map<String, Value> = Map::new();
    for place in here {
        if place.asked_as == PlaceUse::List || !filled.contains_key(&place.name) {
            filled.insert(place.name.clone(), value(place));
        }
    }
    filled
}

/// The text of a document, and its build: what its blocks are, one after another.
fn read(document: &Document) -> (String, String) {
    fn walk(blocks: &[Block], said: &mut String, built: &mut String) {
        for block in blocks {
            match block {
                Block::Paragraph(p) => {
                    built.push('p');
                    said.extend(p.runs.iter().map(|r| r.text.as_str()));
                }
                Block::Table(table) => {
                    for row in &table.rows {
                        built.push('[');
                        row.cells.iter().for_each(|cell| walk(&cell.blocks, said, built));
                        built.push(']');
                    }
                }
            }
            said.push('\u{1e}');
        }
    }
    let (mut said, mut built) = (String::new(), String::new());
    for part in [&document.header, &document.body, &document.footer] {
        walk(part, &mut said, &mut built);
        built.push('|');
    }
    (said, built)
}

/// Fills every place of every paper with what `say` makes of its name, once with records and once without, because some
/// places only appear then; hands out paper, places, text and build.
fn each_paper(say: &dyn Fn(&str) -> String, look: &Look<'_>) {
    for template in shipped().all() {
        let asked = template.form.places();
        let (mut said, mut built) = (String::new(), String::new());
        for records in [RECORDS, 0] {
            let (bytes, shown) = template.filled(&values(&asked, &[], records, say)).unwrap();
            // What a screen shows is read from the bytes that Word gets.
            assert_eq!(wordform::pages(&bytes).unwrap(), shown, "{}", template.paper.name);
            let (text, build) = read(&shown);
            said.push_str(&text);
            built.push_str(&build);
        }
        look(template, &asked, said, built);
    }
}

fn built_tame() -> Vec<String> {
    let built = std::cell::RefCell::new(Vec::new());
    each_paper(&|name| name.to_owned(), &|_, _, _, shape| built.borrow_mut().push(shape));
    built.into_inner()
}

#[test]
fn hostile_text_in_any_place_of_any_paper_is_text_and_the_document_stays_whole() {
    let tame = built_tame();
    assert_eq!(tame.len(), 8);
    for hostile in HOSTILE {
        let at = std::cell::Cell::new(0);
        each_paper(&|name| format!("〈{name}〉{hostile}"), &|template, asked, said, built| {
            let paper = &template.paper.label;
            assert_eq!(built, tame[at.replace(at.get() + 1)], "{paper}: {hostile:?} changed the build");
            for place in asked.iter().filter(|place| place.asked_as == PlaceUse::Text) {
                let wanted = printable(&format!("〈{}〉{hostile}", place.name));
                assert!(said.contains(&wanted), "{paper} › {}: {hostile:?}", place.name);
            }
            let turned =
                |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200f}');
            let strange = |c: char| c.is_control() && !matches!(c, '\n' | '\t' | '\u{1e}');
            assert!(!said.contains(|c: char| turned(c) || strange(c)), "{paper}: {hostile:?}");
        });
    }
}

#[test]
fn ten_thousand_characters_fit_into_any_place_and_what_is_too_long_is_refused_by_its_name() {
    let long = "字".repeat(LONG_CHARS);
    each_paper(&|_| long.clone(), &|template, _, said, _| {
        assert!(said.contains(&long), "{}", template.paper.name);
    });
    let too_long = "字".repeat(wordform::VALUE_CHARS_MAX + 1);
    for template in shipped().all() {
        let asked = template.form.places();
        let refused = template.filled(&values(&asked, &[], RECORDS, &|_| too_long.clone())).unwrap_err();
        assert_eq!(refused.code, "paper.values");
        assert!(refused.detail.contains("20001"), "{}", refused.detail);
    }
}
