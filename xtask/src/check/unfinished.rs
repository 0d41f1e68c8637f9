//! Nothing is left for later: no reminder, no hole, no test that does not run, no type error waved through.

use crate::house::{File, Finding, House};

/// Files that are programs.
const PROGRAMS: [&str; 10] = ["rs", "ts", "vue", "js", "mjs", "css", "sql", "sh", "toml", "html"];

/// Marks of something unfinished, each in two parts so that this file does not contain them, and what to do.
const MARKS: [(&str, &str, &str); 15] = [
    ("TO", "DO", FINISH),
    ("FIX", "ME", FINISH),
    ("todo", "!(", FINISH),
    ("unimple", "mented!(", FINISH),
    ("#[ig", "nore", RUN),
    ("it.sk", "ip(", RUN),
    ("test.sk", "ip(", RUN),
    ("describe.sk", "ip(", RUN),
    ("it.on", "ly(", RUN_ALL),
    ("test.on", "ly(", RUN_ALL),
    ("describe.on", "ly(", RUN_ALL),
    ("@ts-", "ignore", TYPE),
    ("@ts-", "nocheck", TYPE),
    (" as a", "ny", TYPE),
    ("thread::sl", "eep(", WAIT),
];

const FINISH: &str = "finish it, or leave it out and open an issue";
const RUN: &str = "let the test run, or delete it";
const RUN_ALL: &str = "let the other tests run again";
const TYPE: &str = "give it its type";
const WAIT: &str = "wait for what you wait for: a channel, a condition, time passed in";

/// Where a thread may pause: tools and benchmarks, which watch a process from outside.
const MAY_PAUSE: [&str; 2] = ["xtask/", "/benches/"];

pub(crate) fn find(house: &House) -> Vec<Finding> {
    house.files.iter().filter(|f| f.is(&PROGRAMS)).flat_map(of_file).collect()
}

fn of_file(file: &File) -> Vec<Finding> {
    let mut found = Vec::new();
    for (line, text) in file.lines() {
        for (first, second, remedy) in MARKS {
            let mark = format!("{first}{second}");
            let pauses = remedy == WAIT && MAY_PAUSE.iter().any(|place| file.path.contains(place));
            if has_word(text, &mark) && !pauses {
                found.push(Finding::new(&file.path, line, format!("`{}` stands here", mark.trim()), remedy));
            }
        }
    }
    found
}

/// Whether the mark stands in the line as a word of its own.
fn has_word(text: &str, mark: &str) -> bool {
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let open = mark.ends_with(|c: char| c.is_alphanumeric());
    text.match_indices(mark).any(|(at, _)| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let after = text.get(at + mark.len()..).and_then(|t| t.chars().next());
        let starts_word = mark.starts_with(char::is_alphanumeric);
        !(starts_word && joins(before) || open && joins(after))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mark_is_found() {
        for (first, second, _) in MARKS {
            let text = format!("x {first}{second} y\n");
            assert_eq!(find(&House::of(&[("crates/x/src/a.rs", &text)])).len(), 1, "{first}{second}");
        }
    }

    #[test]
    fn a_longer_word_is_no_mark_and_prose_is_no_program() {
        let word = concat!("const METHODS: MASTO", "DON; fn alas_as_a", "nything() {}\n");
        assert!(find(&House::of(&[("crates/x/src/a.rs", word)])).is_empty());
        assert!(find(&House::of(&[("docs/a.md", concat!("TO", "DO\n"))])).is_empty());
    }
}
