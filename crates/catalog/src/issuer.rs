//! Who issues papers (发文机关): the name, the short word that begins its numbers, and where its decisions are contested.
//!
//! A few rows hold everywhere, with the name of the county put in; a site writes its own for its regions.

use crate::{Diagnostic, Law};
use fengsui_base::RegionCode;
use serde::{Deserialize, Serialize};

/// Where the name of the county goes.
const AREA: &str = "{area}";
/// Where the first character of that name goes.
const INITIAL: &str = "{initial}";
/// Longest text of a row, in characters.
const TEXT_CHARS_MAX: usize = 40;

/// A body that issues papers under one law.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// The law.
    pub law: Law,
    /// The region in which it acts, everything below included; everywhere without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<RegionCode>,
    /// Its name as on its seal.
    pub name: String,
    /// What it calls itself in a text: 大队.
    pub short: String,
    /// What its numbers begin with: 云消.
    pub word: String,
    /// Where its decisions are reviewed (复议机关).
    pub review_body: String,
    /// Where they are sued against.
    pub court: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    issuer: Vec<toml::Spanned<Issuer>>,
}

impl Issuer {
    /// Reads a site's own file.
    ///
    /// Errors: every mistake, with its line.
    pub fn read(name: &str, text: &str) -> Result<Vec<Self>, Vec<Diagnostic>> {
        let file: File = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            vec![Diagnostic::at(name, text, at).saying(error.message().to_owned())]
        })?;
        let at = |i: &toml::Spanned<Self>| Diagnostic::at(name, text, i.span().start);
        let said = |i: &toml::Spanned<Self>| i.get_ref().mistake().map(|m| at(i).saying(m));
        let wrong: Vec<_> = file.issuer.iter().filter_map(said).collect();
        if wrong.is_empty() {
            Ok(file.issuer.into_iter().map(toml::Spanned::into_inner).collect())
        } else {
            Err(wrong)
        }
    }

    pub(crate) fn mistake(&self) -> Option<String> {
        let texts = [&self.name, &self.short, &self.word, &self.review_body, &self.court];
        let bad = texts.iter().find(|t| t.trim().is_empty() || t.chars().count() > TEXT_CHARS_MAX);
        bad.map(|t| format!("发文机关的“{t}”要有 1 到 {TEXT_CHARS_MAX} 个字"))
    }

    /// With the name of the county put in.
    pub fn named(&self, area: &str) -> Self {
        let initial: String = area.chars().take(1).collect();
        let put = |text: &str| text.replace(AREA, area).replace(INITIAL, &initial);
        Self {
            name: put(&self.name),
            short: put(&self.short),
            word: put(&self.word),
            review_body: put(&self.review_body),
            court: put(&self.court),
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = "[[issuer]]\nlaw = \"fire_supervision\"\nname = \"{area}消防救援大队\"\nshort = \"大队\"\nword = \"{initial}消\"\nreview_body = \"{area}人民政府\"\ncourt = \"{area}人民法院\"\n";

    #[test]
    fn a_row_takes_the_name_of_the_county() {
        let row = Issuer::read("issuers.toml", ROW).unwrap()[0].named("云川县");
        assert_eq!((row.name.as_str(), row.word.as_str()), ("云川县消防救援大队", "云消"));
        assert_eq!((row.review_body.as_str(), row.court.as_str()), ("云川县人民政府", "云川县人民法院"));
    }

    #[test]
    fn a_row_without_a_word_is_named_with_its_line() {
        let wrong =
            Issuer::read("issuers.toml", &format!("\n{}", ROW.replace("{initial}消", ""))).unwrap_err();
        assert_eq!((wrong[0].file.as_str(), wrong[0].line), ("issuers.toml", 2));
        let wrong = Issuer::read("issuers.toml", &ROW.replace("law", "lore")).unwrap_err();
        assert_eq!(wrong.len(), 1);
    }
}
