//! The pages that a newcomer looks for are there, and are as short as promised.

use crate::house::{Finding, House};

/// Pages, and what each must contain.
const PAGES: [(&str, &[&str]); 7] = [
    ("README.md", &["make run", "make test"]),
    ("ARCHITECTURE.md", &[]),
    ("CONTRIBUTING.md", &["make test"]),
    ("CHANGELOG.md", &[]),
    ("LICENSE-MIT", &[]),
    ("LICENSE-APACHE", &[]),
    (".ci/run", &["make test"]),
];

/// Four printed pages.
const ARCHITECTURE_LINES_MAX: usize = 220;

pub(crate) fn find(house: &House) -> Vec<Finding> {
    let mut found: Vec<_> = PAGES.iter().flat_map(|(path, words)| of_page(house, path, words)).collect();
    let lines = house.file("ARCHITECTURE.md").map_or(0, |f| f.text.lines().count());
    if lines > ARCHITECTURE_LINES_MAX {
        found.push(Finding::new(
            "ARCHITECTURE.md",
            ARCHITECTURE_LINES_MAX + 1,
            format!("{lines} lines are more than four pages ({ARCHITECTURE_LINES_MAX} lines)"),
            "keep the map, move the detail to the module docs",
        ));
    }
    found
}

fn of_page(house: &House, path: &str, words: &[&str]) -> Vec<Finding> {
    let Some(page) = house.file(path) else {
        return vec![Finding::new(path, 1, "the page is missing", "write it")];
    };
    let missing = words.iter().filter(|word| !page.text.contains(**word));
    missing
        .map(|word| Finding::new(path, 1, format!("it does not mention `{word}`"), "say how it is done"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_page_a_missing_word_and_a_long_page_are_found() {
        let long = "x\n".repeat(ARCHITECTURE_LINES_MAX + 1);
        let house = House::of(&[
            ("README.md", "make run"),
            ("ARCHITECTURE.md", &long),
            ("CONTRIBUTING.md", "make test"),
        ]);
        let found: Vec<_> = find(&house).into_iter().map(|f| (f.path, f.line)).collect();
        let expected = [
            ("README.md", 1),
            ("CHANGELOG.md", 1),
            ("LICENSE-MIT", 1),
            ("LICENSE-APACHE", 1),
            (".ci/run", 1),
            ("ARCHITECTURE.md", ARCHITECTURE_LINES_MAX + 1),
        ];
        assert_eq!(found, expected.map(|(path, line)| (path.to_owned(), line)));
    }

    #[test]
    fn a_page_at_the_limit_is_fine() {
        let full = "x\n".repeat(ARCHITECTURE_LINES_MAX);
        let found = find(&House::of(&[("ARCHITECTURE.md", &full)]));
        assert!(found.iter().all(|f| f.path != "ARCHITECTURE.md"));
    }
}
