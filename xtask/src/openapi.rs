//! The description of the HTTP side, generated from the code and committed, and the browser's types from it.

use crate::house;
use anyhow::{Context, Result, ensure};
use std::path::Path;
use std::process::Command;

const DOCUMENT: &str = "docs/openapi.json";
/// Within `web/`.
const TYPES: &str = "src/api/schema.d.ts";
const GENERATOR: &str = "node_modules/.bin/openapi-typescript";

/// Writes the document and the types, or with `check` compares both with what is committed.
/// `false` when they differ.
pub(crate) fn run(check: bool) -> Result<bool> {
    let root = house::root();
    let document = document()?;
    if !check {
        std::fs::write(root.join(DOCUMENT), &document)
            .with_context(|| format!("{DOCUMENT} cannot be written"))?;
        println!("{DOCUMENT} written");
        if types(&root.join("web"), TYPES)? {
            println!("web/{TYPES} written");
        }
        return Ok(true);
    }
    Ok(same(&root, &document) & same_types(&root)?)
}

fn document() -> Result<String> {
    let mut text =
        serde_json::to_string_pretty(&fengsui_api::openapi()).context("the document is no JSON")?;
    text.push('\n');
    Ok(text)
}

fn same(root: &Path, document: &str) -> bool {
    let committed = std::fs::read_to_string(root.join(DOCUMENT)).unwrap_or_default();
    match first_difference(&committed, document) {
        None => println!("{DOCUMENT} is what the code says"),
        Some(line) => {
            println!("{DOCUMENT}:{line}: differs from the code\n  → cargo xtask openapi, and commit it")
        }
    }
    committed == document
}

/// Number of the first line that differs, from 1.
fn first_difference(a: &str, b: &str) -> Option<usize> {
    let differs = a.lines().zip(b.lines()).position(|(a, b)| a != b);
    let shorter = a.lines().count().min(b.lines().count());
    differs.map(|index| index + 1).or_else(|| (a != b).then_some(shorter + 1))
}

/// Generates the types of the browser; `false` where the generator is not installed.
fn types(web: &Path, output: &str) -> Result<bool> {
    if !web.join(GENERATOR).exists() {
        println!("web/{TYPES} left alone: its generator is not installed (npm ci in web)");
        return Ok(false);
    }
    let done = Command::new(web.join(GENERATOR))
        .args(["../docs/openapi.json", "--output", output])
        .current_dir(web)
        .output()
        .context("openapi-typescript did not start")?;
    ensure!(done.status.success(), "openapi-typescript failed: {}", String::from_utf8_lossy(&done.stderr));
    Ok(true)
}

/// Whether the committed types are those of the committed document; true where there are none yet.
fn same_types(root: &Path) -> Result<bool> {
    let web = root.join("web");
    let Ok(committed) = std::fs::read_to_string(web.join(TYPES)) else { return Ok(true) };
    let folder = tempfile::tempdir()?;
    let fresh = folder.path().join("schema.d.ts");
    if !types(&web, &fresh.to_string_lossy())? {
        return Ok(true);
    }
    let same = std::fs::read_to_string(&fresh)? == committed;
    if same {
        println!("web/{TYPES} is what {DOCUMENT} says");
    } else {
        println!("web/{TYPES}:1: differs from {DOCUMENT}\n  → cargo xtask openapi, and commit it");
    }
    Ok(same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_differs_is_named() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(first_difference("", "a\n"), Some(1));
        assert_eq!(first_difference("a\n", "a"), Some(2));
    }

    #[test]
    fn a_stale_document_is_found() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("docs")).unwrap();
        let document = document().unwrap();
        std::fs::write(root.path().join(DOCUMENT), &document).unwrap();
        assert!(same(root.path(), &document));
        std::fs::write(root.path().join(DOCUMENT), document.replace("/api/v1", "/api/v0")).unwrap();
        assert!(!same(root.path(), &document));
    }
}
