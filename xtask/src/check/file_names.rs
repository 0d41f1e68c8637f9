//! Files of one kind are named alike, in characters that every system can read.

use crate::house::{Finding, House};

/// Longest name of a file, in characters.
const CHARS_MAX: usize = 60;

pub(crate) fn find(house: &House) -> Vec<Finding> {
    house
        .files
        .iter()
        .filter_map(|f| wrong(&f.path).map(|(what, remedy)| Finding::new(&f.path, 1, what, remedy)))
        .collect()
}

/// What is wrong with a path, and what to do.
fn wrong(path: &str) -> Option<(&'static str, &'static str)> {
    let name = path.rsplit('/').next().unwrap_or(path);
    if !path.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c)) {
        return Some(("the name has other characters than letters, digits and . _ -", "name it in English"));
    }
    if name.chars().count() > CHARS_MAX {
        return Some(("the name is longer than 60 characters", "find a shorter word"));
    }
    let (stem, extension) = name.rsplit_once('.')?;
    match extension {
        "rs" if !is_snake(stem) => Some(("a Rust file is named in snake_case", "rename it")),
        "vue" if !is_pascal(stem) => Some(("a component is named in PascalCase", "rename it")),
        "ts" | "mjs" if !is_script(stem) => {
            Some(("a script is named in kebab-case, a composable useThing", "rename it"))
        }
        "sh" if !is_kebab(stem) => Some(("a shell script is named in kebab-case", "rename it")),
        "sql" if path.contains("/migrations/") && !is_numbered(stem) => {
            Some(("a migration is named 0001_what_it_does", "give it the next number"))
        }
        _ => None,
    }
}

fn is_of(text: &str, more: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || more.contains(c))
}

fn is_snake(stem: &str) -> bool {
    is_of(stem, "_")
}

fn is_kebab(stem: &str) -> bool {
    is_of(stem, "-")
}

fn is_pascal(stem: &str) -> bool {
    stem.starts_with(|c: char| c.is_ascii_uppercase()) && stem.chars().all(|c| c.is_ascii_alphanumeric())
}

/// `unit-draft`, `unit-draft.test`, `vite.config`, `useList`; a locale by its language tag.
fn is_script(stem: &str) -> bool {
    let composable = stem.strip_prefix("use").is_some_and(is_pascal);
    is_of(stem, "-.") || composable || stem == "zh-CN"
}

fn is_numbered(stem: &str) -> bool {
    let (number, what) = stem.split_once('_').unwrap_or((stem, ""));
    number.len() == 4 && number.chars().all(|c| c.is_ascii_digit()) && is_snake(what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_break_the_habit_are_found() {
        let bad = [
            "crates/x/src/LifeCycle.rs",
            "web/src/desk/alarm-card.vue",
            "web/src/desk/AlarmCard.ts",
            "scripts/run_tests.sh",
            "crates/store-sql/migrations/2_more.sql",
            "docs/值守.md",
            "docs/a b.md",
        ];
        for path in bad {
            assert!(wrong(path).is_some(), "{path}");
        }
        assert!(wrong(&format!("docs/{}.md", "a".repeat(CHARS_MAX))).is_some());
        assert!(wrong(&format!("docs/{}.md", "a".repeat(CHARS_MAX - 3))).is_none());
    }

    #[test]
    fn names_that_keep_it_are_not() {
        let good = [
            "crates/x/src/life_cycle.rs",
            "web/src/desk/AlarmCard.vue",
            "web/src/desk/queue.test.ts",
            "web/src/office/useList.ts",
            "web/src/locale/zh-CN.ts",
            "crates/store-sql/migrations/0002_more.sql",
            "LICENSE-MIT",
            ".ci/run",
        ];
        for path in good {
            assert_eq!(wrong(path), None, "{path}");
        }
    }
}
