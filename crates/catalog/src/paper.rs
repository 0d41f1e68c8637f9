//! A printed paper (文书): what it is called, under which law it is issued, and the template it is printed from.

use serde::{Deserialize, Serialize};

/// What the file of a template ends in.
const TEMPLATE_ENDS_IN: &str = ".docx";

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
    pub(crate) fn mistake(&self) -> Option<String> {
        let stem = self.file.strip_suffix(TEMPLATE_ENDS_IN);
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        // The name is put behind a folder: it may not lead out of it.
        let fine = stem.is_some_and(|stem| !stem.is_empty() && stem.chars().all(plain));
        (!fine).then(|| {
            format!("文书 {} 的模板文件名只能有英文字母、数字和连字符，以 {TEMPLATE_ENDS_IN} 结尾", self.name)
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop where it stands")]
mod tests {
    use crate::Catalog;

    const PAPERS: &str = "paper = [\n  { name = \"receipt\", label = \"送达回证\", law = \"fire_supervision\", file = \"receipt.docx\" },\n]\n";

    #[test]
    fn a_paper_has_its_name_its_law_and_its_template() {
        let catalog = Catalog::load(&[("papers.toml", PAPERS)]).unwrap();
        let paper = catalog.papers().first().unwrap();
        assert_eq!((paper.label.as_str(), paper.law.label()), ("送达回证", "消防监督"));
        assert_eq!(paper.file, "receipt.docx");
    }

    #[test]
    fn a_template_outside_the_folder_and_a_paper_that_stands_twice_are_named_with_their_line() {
        for bad in ["../receipt.docx", "receipt.doc", ".docx", "a/b.docx", "回证.docx"] {
            let wrong = Catalog::load(&[("papers.toml", &PAPERS.replace("receipt.docx", bad))]).unwrap_err();
            assert_eq!((wrong.len(), wrong[0].line), (1, 2), "{bad}: {wrong:?}");
        }
        let wrong = Catalog::load(&[("papers.toml", PAPERS), ("again.toml", PAPERS)]).unwrap_err();
        assert_eq!((wrong[0].file.as_str(), wrong[0].line), ("again.toml", 2));
    }
}
