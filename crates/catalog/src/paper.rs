//! A printed paper (文书): what it is called, under which law it is issued, the template it is printed from, and from which
//! ledgers it is issued, with the source of every place of the template.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the file of a template ends in.
const TEMPLATE_ENDS_IN: &str = ".docx";
/// Longest word for a kind of paper in a number, in characters.
const WORD_CHARS_MAX: usize = 8;
/// What a literal text begins with where a source is expected.
pub const LITERAL: char = '=';
/// What the facts of the paper itself begin with: its number, its code, its day, who issues it.
pub const OF_PAPER: char = '@';
/// What the facts begin with that every entry has, whatever its fields are.
pub const OF_ENTRY: char = '#';
/// What stands between a source and how it is to be written.
pub const WRITTEN: char = '|';
/// The papers issued from the entry before this one, as records.
pub const PAPERS_BEFORE: &str = "#papers";
/// The entry itself, as the only record of a list.
pub const ITSELF: &str = "#entry";

/// A kind of paper.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Paper {
    /// Stable English name.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// Under which law it is issued.
    pub law: Law,
    /// Name of the template's file, in the folder of templates.
    pub file: String,
    /// What stands for its kind in a number: 责限 makes 云消责限字〔2026〕第0001号.
    #[serde(default)]
    pub word: String,
    /// Whether it only proves that others were served (送达回证).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub receipt: bool,
    /// Places of the template that are written by hand, after printing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_hand: Vec<String>,
    /// From which entries it is issued.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<IssuedFrom>,
    /// Where it is written: file and line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub written_at: String,
}

/// From which entries of a ledger a paper is issued, by whom, and what fills its places.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct IssuedFrom {
    /// The ledger.
    pub ledger: String,
    /// States of the entry in which it may be issued.
    pub within: Vec<String>,
    /// The values of a choice with which it may be issued; with any, without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<WithChoice>,
    /// Posts that issue it.
    pub by: Vec<String>,
    /// Place of the template ← its source.
    pub places: BTreeMap<String, PlaceSource>,
}

/// A choice and those of its values that fit.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WithChoice {
    /// The choice.
    pub field: String,
    /// The values.
    pub one_of: Vec<String>,
}

/// What fills a place of a template.
///
/// A text is a way through the entry: `unit.address` is the address of the unit that the entry's field names,
/// `unit.#title` its name, `@number` the number of the paper itself, `=文字` the text that follows. Behind `|` stands how
/// it is written: `form|options` all choices with those that were not taken struck out, `fine|words` money in words,
/// `unit.legal_person|phone` the telephone of the person named there.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub enum PlaceSource {
    /// One text.
    Text(String),
    /// One of several texts, by a choice of the entry or by its state (`#state`); nothing where none fits.
    Cases {
        /// The choice, or `#state`.
        by: String,
        /// Value ← text.
        cases: BTreeMap<String, String>,
    },
    /// Records, one list after another.
    Records(Vec<RecordsOf>),
}

/// The records of a list in a template.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RecordsOf {
    /// A field of links or persons, `hazard.inspection` for the hazards whose field names this entry,
    /// `#entry` for the entry itself, or `#papers`.
    pub of: String,
    /// States of records that are left out, such as void ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    /// Place of a record ← its source there.
    pub places: BTreeMap<String, String>,
}

/// Under which law an officer acts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Law {
    /// Fire law and the provisions on fire supervision (消防监督).
    FireSupervision,
    /// Work-safety law (安全生产).
    WorkSafety,
}

impl Law {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::FireSupervision => "消防监督",
            Self::WorkSafety => "安全生产",
        }
    }
}

impl Paper {
    /// Whether it may be issued from entries of this ledger in some state.
    pub fn issued_from<'p>(&'p self, ledger: &'p str) -> impl Iterator<Item = &'p IssuedFrom> {
        self.from.iter().filter(move |from| from.ledger == ledger)
    }

    pub(crate) fn mistake(&self) -> Option<String> {
        let stem = self.file.strip_suffix(TEMPLATE_ENDS_IN);
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        // The name is put behind a folder: it may not lead out of it.
        let fine = stem.is_some_and(|stem| !stem.is_empty() && stem.chars().all(plain));
        if !fine {
            let detail = format!("模板文件名只能有英文字母、数字和连字符，以 {TEMPLATE_ENDS_IN} 结尾");
            return Some(format!("文书 {} 的{detail}", self.name));
        }
        let chars = self.word.chars().count();
        let readable = self.word.chars().all(char::is_alphanumeric);
        (chars == 0 || chars > WORD_CHARS_MAX || !readable)
            .then(|| format!("文书 {} 的代字（word）要有 1 到 {WORD_CHARS_MAX} 个汉字", self.name))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop where it stands")]
#[path = "paper_tests.rs"]
mod tests;
