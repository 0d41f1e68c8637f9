//! The rules of the house as programs, one file a rule.
//!
//! A rule is a function from the [`House`] to the mistakes it finds. All rules always run; every mistake is
//! printed with its place and what to do about it. The last line counts rules: `N passed, N failed`.

mod clock;
mod file_names;
mod glossary;
mod hosts;
mod layers;
mod licences;
mod module_docs;
mod npm;
mod pages;
mod pinyin;
mod unfinished;

use crate::house::{Finding, House};
use anyhow::Result;

/// A rule: its name, what it proves, and the program that finds what breaks it.
struct Rule {
    name: &'static str,
    proves: &'static str,
    find: fn(&House) -> Vec<Finding>,
}

const RULES: [Rule; 11] = [
    Rule { name: "layers", proves: "crates lean downward only", find: layers::find },
    Rule { name: "licences", proves: "crates are free to ship and none is banned", find: licences::find },
    Rule { name: "npm", proves: "browser packages are free to ship", find: npm::find },
    Rule { name: "module-docs", proves: "every file says what it is for", find: module_docs::find },
    Rule { name: "clock", proves: "time and chance come in as arguments", find: clock::find },
    Rule { name: "unfinished", proves: "nothing is left for later", find: unfinished::find },
    Rule { name: "pinyin", proves: "identifiers are English", find: pinyin::find },
    Rule { name: "glossary", proves: "one word for one thing", find: glossary::find },
    Rule { name: "hosts", proves: "no machine of anybody stands in the tree", find: hosts::find },
    Rule { name: "file-names", proves: "files are named alike", find: file_names::find },
    Rule { name: "pages", proves: "the pages for newcomers are there", find: pages::find },
];

/// Runs all rules. `false` when any is broken.
pub(crate) fn run() -> Result<bool> {
    let house = House::open()?;
    let mut broken = 0;
    for rule in &RULES {
        let mut findings = (rule.find)(&house);
        findings.sort();
        println!("{:<12} {} — {}", rule.name, if findings.is_empty() { "ok" } else { "broken" }, rule.proves);
        for finding in &findings {
            println!("  {}:{}: {}\n      → {}", finding.path, finding.line, finding.what, finding.remedy);
        }
        broken += usize::from(!findings.is_empty());
    }
    println!("{} passed, {broken} failed", RULES.len() - broken);
    Ok(broken == 0)
}
