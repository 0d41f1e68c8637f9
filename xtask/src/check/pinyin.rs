//! Identifiers are English words of the field; the Chinese term stands beside them in the doc, never spelt out
//! in Latin letters.

use crate::house::{File, Finding, House};

/// Spelt-out words that people reach for first, in two parts so that this file passes its own rule, and the
/// English ones of the glossary.
const WORDS: [(&str, &str, &str); 22] = [
    ("huo", "jing", "fire"),
    ("bao", "jing", "alarm"),
    ("gao", "jing", "alarm"),
    ("jie", "jing", "take"),
    ("gu", "zhang", "fault"),
    ("ping", "bi", "shielded"),
    ("dan", "wei", "unit"),
    ("zhong", "duan", "terminal"),
    ("dian", "wei", "point"),
    ("lou", "dong", "building"),
    ("lou", "ceng", "floor"),
    ("zhi", "ban", "duty"),
    ("xi", "wei", "seat"),
    ("gang", "wei", "post"),
    ("jian", "cha", "inspection"),
    ("yin", "huan", "hazard"),
    ("zheng", "gai", "rectification"),
    ("xia", "qu", "region"),
    ("xiao", "fang", "fire brigade"),
    ("xiao", "hao", "close"),
    ("fu", "zeren", "responsible person"),
    ("tai", "zhang", "ledger"),
];

pub(crate) fn find(house: &House) -> Vec<Finding> {
    let programs = ["rs", "ts", "vue", "sql", "toml", "mjs"];
    house.files.iter().filter(|f| f.is(&programs)).flat_map(of_file).collect()
}

fn of_file(file: &File) -> Vec<Finding> {
    let mut found = Vec::new();
    for (line, text) in file.lines() {
        let lower = outside_quotes(text).to_lowercase();
        for (first, second, english) in WORDS {
            let word = format!("{first}{second}");
            if lower.contains(&word) {
                let what = format!("`{word}` is Chinese in Latin letters");
                found.push(Finding::new(
                    &file.path,
                    line,
                    what,
                    format!("say `{english}`, as the glossary does"),
                ));
            }
        }
    }
    found
}

/// The line without what stands in quotes: that is data, such as a password too easy to guess.
fn outside_quotes(text: &str) -> String {
    text.split(['"', '\'']).step_by(2).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spelt_out_word_is_found_in_any_case() {
        let name = concat!("huo", "jing");
        for text in [format!("fn {name}() {{}}"), format!("struct {};", name.to_uppercase())] {
            assert_eq!(find(&House::of(&[("crates/x/src/a.rs", &text)])).len(), 1, "{text}");
        }
        assert!(find(&House::of(&[("crates/x/src/a.rs", "fn fire() {}")])).is_empty());
    }

    #[test]
    fn what_stands_in_quotes_is_data() {
        let text = format!("const GUESSED: [&str; 1] = [\"{}{}119\"];", "xiao", "fang");
        assert!(find(&House::of(&[("crates/x/src/a.rs", &text)])).is_empty());
    }
}
