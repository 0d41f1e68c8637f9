//! One word for one thing: catalog, public types and the words on the screen agree with `docs/glossary.toml`.
//!
//! The glossary lists pairs of an English identifier and its Chinese term. This rule proves that
//! - every name with a label in `catalog/` is such a pair; a ledger in `catalog/ledgers/` and a rule pack in
//!   `catalog/packs/` are their own vocabulary, and of
//!   its words only the name of the ledger (and of posts and menus) is looked up;
//! - every variant of a public enum in the subject crates whose doc gives a Chinese term is such a pair, and
//!   every Chinese term in parentheses in their docs is a term of the glossary;
//! - a table of the locale whose keys are all words of the glossary says for each one of its terms;
//! - words that the glossary says to avoid are not used;
//! - every pair of the glossary is used, and none stands twice or in doubt.

use crate::house::{File, Finding, House};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

const GLOSSARY: &str = "docs/glossary.toml";

/// Files in which the words of a ledger stand side by side, read in the context of their kind.
const LEDGERS: &str = "catalog/ledgers/";

/// Files in which the words of rule packs stand side by side, read in the context of their pack.
const PACKS: &str = "catalog/packs/";

/// Tables of such a file whose names everybody sees.
const LEDGER_NAMES: [&str; 3] = ["kind", "post", "menu"];

/// Crates whose public words are words of the field.
const SUBJECTS: [&str; 5] =
    ["crates/base/", "crates/catalog/", "crates/ledger/", "crates/alarm/", "crates/access/"];

/// A pair of words.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Term {
    /// As it stands in code, in snake_case.
    en: String,
    /// As people say it.
    zh: String,
    /// What it means, where the pair alone does not tell.
    note: Option<String>,
    /// Words that people would say as well, and that are not used here.
    #[serde(default)]
    avoid: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Glossary {
    term: Vec<Term>,
}

/// A pair that stands somewhere.
#[derive(Debug, PartialEq, Eq)]
struct Pair {
    path: String,
    line: usize,
    en: String,
    /// The text that must contain a term.
    zh: String,
    /// Whether the text must be the term itself.
    exact: bool,
}

pub(crate) fn find(house: &House) -> Vec<Finding> {
    let Some(file) = house.file(GLOSSARY) else {
        return vec![Finding::new(GLOSSARY, 1, "there is no glossary", "list the words of the field")];
    };
    let glossary: Glossary = match toml::from_str(&file.text) {
        Ok(glossary) => glossary,
        Err(error) => {
            let line = error.span().map_or(1, |span| line_at(&file.text, span.start));
            return vec![Finding::new(GLOSSARY, line, error.message(), "mend the file")];
        }
    };
    let terms = glossary.term;
    let mut found = in_doubt(file, &terms);
    found.extend(unknown(house, &terms));
    found.extend(house.files.iter().filter(|f| is_locale(f)).flat_map(|f| off_in_locale(f, &terms)));
    found.extend(avoided(house, &terms));
    found.extend(unused(house, file, &terms));
    found
}

fn line_at(text: &str, byte: usize) -> usize {
    text.bytes().take(byte).filter(|b| *b == b'\n').count() + 1
}

fn line_of_term(file: &File, term: &Term) -> usize {
    let (en, zh) = (format!("\"{}\"", term.en), format!("\"{}\"", term.zh));
    let on_one = file.lines().find(|(_, line)| line.contains(&en) && line.contains(&zh));
    on_one.map_or_else(|| file.line_of(&en), |(line, _)| line)
}

/// Pairs that stand twice, and words with several meanings that no note tells apart.
fn in_doubt(file: &File, terms: &[Term]) -> Vec<Finding> {
    let mut seen = BTreeSet::new();
    let mut meanings: BTreeMap<&str, usize> = BTreeMap::new();
    for term in terms {
        *meanings.entry(&term.en).or_default() += 1;
    }
    let mut found = Vec::new();
    for term in terms {
        let line = line_of_term(file, term);
        if !seen.insert((&term.en, &term.zh)) {
            let what = format!("{} {} stands twice", term.en, term.zh);
            found.push(Finding::new(GLOSSARY, line, what, "keep one"));
        }
        if meanings[term.en.as_str()] > 1 && term.note.is_none() {
            let what = format!("{} has several terms and {} has no note", term.en, term.zh);
            found.push(Finding::new(GLOSSARY, line, what, "say in `note` where this one is used"));
        }
    }
    found
}

/// Pairs of catalog and code that the glossary does not have.
fn unknown(house: &House, terms: &[Term]) -> Vec<Finding> {
    let catalog = house.files.iter().filter(|f| f.path.starts_with("catalog/") && f.is(&["toml"]));
    let subjects: Vec<_> = house
        .rust()
        .filter(|f| SUBJECTS.iter().any(|s| f.path.starts_with(s)) && f.path.contains("/src/"))
        .collect();
    let pairs = catalog
        .flat_map(|f| if own_words(f) { ledger_names(f) } else { labels(f) })
        .chain(subjects.iter().flat_map(|f| variants(f)));
    let wanted = pairs.filter(|pair| !is_known(pair, terms)).map(|pair| {
        let what = format!("{} is called {} here, and the glossary has no such pair", pair.en, pair.zh);
        let remedy = format!(
            "{{ en = \"{}\", zh = \"{}\" }} in {GLOSSARY}, or the word that stands there",
            pair.en, pair.zh
        );
        Finding::new(&pair.path, pair.line, what, remedy)
    });
    let asides =
        subjects.iter().flat_map(|f| asides(f)).filter(|(_, _, zh)| !terms.iter().any(|t| same(&t.zh, zh)));
    let strange = asides.map(|(path, line, zh)| {
        let what = format!("{zh} is no term of the glossary");
        Finding::new(&path, line, what, format!("add it to {GLOSSARY}, or use the term that stands there"))
    });
    wanted.chain(strange).collect()
}

fn is_known(pair: &Pair, terms: &[Term]) -> bool {
    terms.iter().filter(|t| t.en == pair.en).any(|t| {
        if pair.exact { same(&t.zh, &pair.zh) } else { spaceless(&pair.zh).contains(&spaceless(&t.zh)) }
    })
}

/// Whether two texts are the same but for spaces, which stand beside figures on some screens.
fn same(a: &str, b: &str) -> bool {
    spaceless(a) == spaceless(b)
}

fn spaceless(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Every `name` (or `value`) that has a `label` in a catalog file.
fn labels(file: &File) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let mut name: Option<String> = None;
    for (line, text) in file.lines() {
        if text.trim_start().starts_with('#') {
            continue;
        }
        for (key, value) in strings(text) {
            match (key, name.take()) {
                ("name" | "value", _) => name = Some(value.to_owned()),
                // What carries figures or strokes is the name of a standard or a version, and no word.
                ("label", Some(en)) if !en.chars().all(|c| c.is_ascii_lowercase() || c == '_') => {}
                ("label", Some(en)) => {
                    pairs.push(Pair { path: file.path.clone(), line, en, zh: value.to_owned(), exact: true });
                }
                (_, kept) => name = kept,
            }
        }
    }
    pairs
}

/// Whether a file is a vocabulary of its own.
fn own_words(file: &File) -> bool {
    file.path.starts_with(LEDGERS) || file.path.starts_with(PACKS)
}

/// The names of the kinds, posts and menus in a ledger's file. A file that cannot be read is the catalog's own business.
fn ledger_names(file: &File) -> Vec<Pair> {
    let table: toml::Table = file.text.parse().unwrap_or_default();
    let rows = LEDGER_NAMES.iter().filter_map(|list| table.get(*list)?.as_array()).flatten();
    let pair = |row: &toml::Value| {
        let (en, zh) = (row.get("name")?.as_str()?.to_owned(), row.get("label")?.as_str()?.to_owned());
        let line = file.line_of(&format!("\"{en}\""));
        Some(Pair { path: file.path.clone(), line, en, zh, exact: true })
    };
    rows.filter_map(pair).collect()
}

/// The `key = "value"` of a line, in order.
fn strings(line: &str) -> Vec<(&str, &str)> {
    let parts: Vec<&str> = line.split('"').collect();
    let pairs = parts.chunks_exact(2).map(|pair| {
        let key = pair[0].trim_end().trim_end_matches('=').trim_end();
        let key = key.rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or(key);
        (key, pair[1])
    });
    pairs.filter(|(key, _)| !key.is_empty()).collect()
}

/// Variants of public enums, with the Chinese of their docs. The code is formatted, so its layout tells.
fn variants(file: &File) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let mut inside = false;
    let mut doc: Option<(usize, String)> = None;
    for (line, text) in file.lines() {
        match text.strip_prefix("    ") {
            _ if text.starts_with("pub enum ") => inside = true,
            _ if text.starts_with('}') => inside = false,
            Some(text) if inside && text.starts_with("/// ") => {
                // The first line says it; what follows explains.
                doc = doc.or_else(|| Some((line, text.trim_start_matches('/').trim().to_owned())));
            }
            Some(text) if inside && text.starts_with(|c: char| c.is_ascii_uppercase()) => {
                let name: String = text.chars().take_while(char::is_ascii_alphanumeric).collect();
                pairs.extend(doc.take().and_then(|(line, doc)| variant(file, line, &name, &doc)));
            }
            Some(text) if text.starts_with("#[") => {}
            _ => doc = None,
        }
    }
    pairs
}

/// A doc gives a term when it begins with it or ends with it in parentheses.
fn variant(file: &File, line: usize, name: &str, doc: &str) -> Option<Pair> {
    let first: String = doc.chars().take_while(|c| is_han(*c) || "（）、".contains(*c)).collect();
    let zh = if first.is_empty() { in_parentheses(doc).into_iter().next()? } else { first };
    Some(Pair { path: file.path.clone(), line, en: snake(name), zh, exact: false })
}

/// Chinese terms in parentheses in the docs of a file.
fn asides(file: &File) -> Vec<(String, usize, String)> {
    let docs = file.lines().filter(|(_, text)| text.trim_start().starts_with("//"));
    let all = docs.flat_map(|(line, text)| in_parentheses(text).into_iter().map(move |zh| (line, zh)));
    all.map(|(line, zh)| (file.path.clone(), line, zh)).collect()
}

fn in_parentheses(text: &str) -> Vec<String> {
    let inside = text.split('(').skip(1).filter_map(|rest| rest.split_once(')')).map(|(inside, _)| inside);
    let whole = |t: &&str| t.chars().any(is_han) && t.chars().all(|c| is_han(c) || c.is_ascii_digit());
    inside.filter(whole).map(ToOwned::to_owned).collect()
}

fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

fn is_locale(file: &File) -> bool {
    file.path.starts_with("web/src/locale/") && file.is(&["ts"]) && !file.path.ends_with(".test.ts")
}

/// Tables of the locale that translate words of the glossary, and say something else.
///
/// Only tables on one line are looked at: that is how tables from code to word are written.
fn off_in_locale(file: &File, terms: &[Term]) -> Vec<Finding> {
    let mut found = Vec::new();
    for (line, text) in file.lines() {
        let Some((_, table)) = text.split_once("s: {") else { continue };
        let Some((table, _)) = table.split_once('}') else { continue };
        for (en, zh) in table.split(',').filter_map(entry) {
            let known: Vec<_> = terms.iter().filter(|t| t.en == en).map(|t| t.zh.as_str()).collect();
            if !known.is_empty() && !known.iter().any(|k| same(k, zh)) {
                let what =
                    format!("{en} is called {zh} on the screen, and {} in the glossary", known.join(" or "));
                found.push(Finding::new(&file.path, line, what, "say the same word in both places"));
            }
        }
    }
    found
}

fn entry(text: &str) -> Option<(&str, &str)> {
    let (key, value) = text.split_once(':')?;
    Some((key.trim().trim_matches('\''), value.trim().trim_matches('\'')))
}

/// Words to avoid, on the screen, in the catalog and in what the program says.
fn avoided(house: &House, terms: &[Term]) -> Vec<Finding> {
    let mut found = Vec::new();
    let seen = |f: &&File| is_locale(f) || f.path.starts_with("catalog/") || f.path.starts_with("crates/");
    for file in house.files.iter().filter(seen).filter(|f| f.is(&["ts", "toml", "rs"])) {
        for (line, text) in file.lines() {
            for term in terms {
                let used = term.avoid.iter().filter(|word| text.contains(word.as_str()));
                found.extend(used.map(|word| {
                    let what = format!("{word} is not the word of the house");
                    Finding::new(&file.path, line, what, format!("say {} ({})", term.zh, term.en))
                }));
            }
        }
    }
    found
}

/// Pairs that nothing uses.
fn unused(house: &House, file: &File, terms: &[Term]) -> Vec<Finding> {
    let tops = ["catalog/", "crates/", "lib/", "web/src/"];
    let text: String = house
        .files
        .iter()
        .filter(|f| tops.iter().any(|top| f.path.starts_with(top)))
        .flat_map(|f| [f.text.as_str(), "\n"])
        .collect();
    let idle = terms.iter().filter(|t| !uses(&text, t));
    idle.map(|t| {
        let what = format!("nothing uses {} {}", t.en, t.zh);
        Finding::new(GLOSSARY, line_of_term(file, t), what, "take it out until something does")
    })
    .collect()
}

fn uses(text: &str, term: &Term) -> bool {
    let pascal: String = term.en.split('_').map(capitalised).collect();
    let forms = [term.en.clone(), pascal, term.en.replace('_', " "), term.en.replace('_', "-")];
    text.contains(&term.zh) && forms.iter().any(|form| text.contains(form.as_str()))
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALARM: &str = "/// An alarm (告警).\npub struct Alarm;\n";

    fn whats(files: &[(&str, &str)]) -> Vec<String> {
        find(&House::of(files)).into_iter().map(|f| f.what).collect()
    }

    #[test]
    fn a_glossary_in_step_is_fine() {
        let files = [
            (GLOSSARY, "term = [{ en = \"alarm\", zh = \"告警\" }, { en = \"fire\", zh = \"火警\" }]"),
            ("catalog/a.toml", "[[kind]]\nname = \"alarm\"\nmeasure = \"起\"\nlabel = \"告警\"\n"),
            ("crates/alarm/src/a.rs", "/// Class.\npub enum Class {\n    /// 火警\n    Fire,\n}\n"),
        ];
        assert_eq!(whats(&files), Vec::<String>::new());
    }

    #[test]
    fn a_label_of_the_catalog_that_is_no_pair_is_found_with_its_line() {
        let files = [
            (GLOSSARY, "term = [{ en = \"alarm\", zh = \"告警\" }]"),
            ("crates/alarm/src/a.rs", ALARM),
            ("catalog/a.toml", "fields = [\n  { name = \"alarm\", label = \"警情\", type = \"text\" },\n]\n"),
        ];
        let found = find(&House::of(&files));
        assert_eq!((found.len(), found[0].line), (1, 2), "{found:?}");
    }

    #[test]
    fn of_a_ledger_only_its_own_name_is_looked_up() {
        let ledger = "[[kind]]\nname = \"visit\"\nlabel = \"走访\"\nfields = [\n  { name = \"alarm\", label = \"谁报的警讯\" },\n]\n";
        let files = [
            (GLOSSARY, "term = [{ en = \"alarm\", zh = \"告警\", avoid = [\"警讯\"] }]"),
            ("crates/alarm/src/a.rs", ALARM),
            ("catalog/ledgers/visit.toml", ledger),
        ];
        let found = find(&House::of(&files));
        let found: Vec<_> = found.iter().map(|f| (f.line, f.what.as_str())).collect();
        assert_eq!(
            found,
            [
                (2, "visit is called 走访 here, and the glossary has no such pair"),
                (5, "警讯 is not the word of the house"),
            ]
        );
    }

    #[test]
    fn the_name_of_a_standard_is_no_word() {
        let files = [
            (GLOSSARY, "term = [{ en = \"alarm\", zh = \"告警\" }]"),
            ("crates/alarm/src/a.rs", ALARM),
            ("catalog/a.toml", "{ value = \"gb26875-bcd\", label = \"时间用 BCD\" },\n"),
        ];
        assert_eq!(whats(&files), Vec::<String>::new());
    }

    #[test]
    fn a_variant_with_another_term_is_found() {
        let text = "/// Finding.\npub enum Finding {\n    /// Somebody lied (谎报).\n    False,\n    /// No Chinese.\n    Real,\n}\n";
        let files = [
            (GLOSSARY, "term = [{ en = \"false\", zh = \"误报\" }]"),
            ("crates/alarm/src/a.rs", text),
            ("catalog/a.toml", "value = \"false\", label = \"误报\"\n"),
        ];
        assert_eq!(
            whats(&files),
            [
                "false is called 谎报 here, and the glossary has no such pair",
                "谎报 is no term of the glossary"
            ]
        );
    }

    #[test]
    fn a_table_of_the_locale_that_says_something_else_is_found() {
        let files = [
            (GLOSSARY, "term = [{ en = \"on_time\", zh = \"及时\" }]"),
            ("crates/alarm/src/a.rs", "//! on_time (及时)\n"),
            ("web/src/locale/zh-CN.ts", "    timings: { on_time: '准时', other: '别的' },\n"),
        ];
        assert_eq!(whats(&files), ["on_time is called 准时 on the screen, and 及时 in the glossary"]);
    }

    #[test]
    fn a_word_to_avoid_is_found() {
        let files = [
            (GLOSSARY, "term = [{ en = \"alarm\", zh = \"告警\", avoid = [\"警讯\"] }]"),
            ("crates/alarm/src/a.rs", ALARM),
            ("crates/app/src/a.rs", "\"新的警讯\"\n"),
        ];
        assert_eq!(whats(&files), ["警讯 is not the word of the house"]);
    }

    #[test]
    fn a_pair_that_stands_twice_in_doubt_or_idle_is_found() {
        let glossary = "term = [\n{ en = \"alarm\", zh = \"告警\" },\n{ en = \"alarm\", zh = \"警情\" },\n]";
        let found = whats(&[(GLOSSARY, glossary), ("crates/alarm/src/a.rs", ALARM)]);
        assert_eq!(
            found,
            [
                "alarm has several terms and 告警 has no note",
                "alarm has several terms and 警情 has no note",
                "nothing uses alarm 警情"
            ]
        );
    }
}
