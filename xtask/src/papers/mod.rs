//! `papers`: writes the shipped templates of printed papers (文书).
//!
//! An office takes a template, edits it in Word or WPS and gives it back; these are where it starts. They are written here
//! as text, so that a change of wording can be read line by line.

mod fire;
mod layout;
mod work_safety;

use crate::house;
use anyhow::{Context, Result};
use std::path::PathBuf;

/// Where the templates lie in the tree.
const FOLDER: &str = "catalog/papers";

/// What to do with the templates.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Writes nothing; fails when what is committed differs.
    #[arg(long)]
    check: bool,
}

fn all() -> [(&'static str, Vec<u8>); 8] {
    [
        ("order-at-once", fire::order_at_once()),
        ("order-by-date", fire::order_by_date()),
        ("inspection-record", fire::inspection_record()),
        ("recheck-opinion", fire::recheck_opinion()),
        ("service-receipt", fire::service_receipt()),
        ("site-record", work_safety::site_record()),
        ("rectification-order", work_safety::rectification_order()),
        ("rectification-recheck", work_safety::rectification_recheck()),
    ]
}

fn path(name: &str) -> PathBuf {
    house::root().join(FOLDER).join(format!("{name}.docx"))
}

/// Whether the committed templates are what is written here; writes them unless only asked.
pub(crate) fn run(options: &Options) -> Result<bool> {
    let mut same = true;
    for (name, written) in all() {
        let path = path(name);
        if options.check {
            let committed = std::fs::read(&path).with_context(|| path.display().to_string())?;
            if !says_the_same(&committed, &written)? {
                same = false;
                println!("{} is not what xtask/src/papers says: run `cargo xtask papers`", path.display());
            }
            continue;
        }
        std::fs::create_dir_all(house::root().join(FOLDER))?;
        std::fs::write(&path, written)?;
    }
    Ok(same)
}

/// Compared by what they say: another version of the packer may pack the same document differently.
fn says_the_same(one: &[u8], other: &[u8]) -> Result<bool> {
    Ok(wordform::pages(one)? == wordform::pages(other)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_templates_are_what_is_written_here() {
        for (name, written) in all() {
            let committed = std::fs::read(path(name)).unwrap();
            assert!(says_the_same(&committed, &written).unwrap(), "{name}: run `cargo xtask papers`");
            assert!(!wordform::Template::read(&committed).unwrap().places().is_empty());
        }
    }
}
