//! Every Rust file begins with `//!`: what it is for, in words that a fire supervisor could follow.

use crate::house::{File, Finding, House};

/// Shortest first line, in characters; below it nothing was said.
const CHARS_MIN: usize = 12;

pub(crate) fn find(house: &House) -> Vec<Finding> {
    house.rust().filter_map(of_file).collect()
}

fn of_file(file: &File) -> Option<Finding> {
    let (line, text) = file.lines().find(|(_, line)| !line.trim().is_empty()).unwrap_or((1, ""));
    let doc = text.strip_prefix("//!").map(str::trim);
    match doc {
        Some(doc) if doc.chars().count() >= CHARS_MIN => None,
        Some(_) => {
            Some(Finding::new(&file.path, line, "the module doc says nothing", "say what the file is for"))
        }
        None => Some(Finding::new(
            &file.path,
            line,
            "the file does not begin with a module doc",
            "begin with `//!` and a sentence on what the file is for",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_sentence_is_found() {
        let house = House::of(&[
            ("crates/x/src/a.rs", "use std::fs;\n"),
            ("crates/x/src/b.rs", "//! x\n"),
            ("crates/x/src/c.rs", "\n//! Why an alarm ends.\n"),
            ("crates/x/src/d.rs", ""),
        ]);
        let paths: Vec<_> = find(&house).into_iter().map(|f| f.path).collect();
        assert_eq!(paths, ["crates/x/src/a.rs", "crates/x/src/b.rs", "crates/x/src/d.rs"]);
    }
}
