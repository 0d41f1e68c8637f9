//! What belongs to the archive of a unit (户籍化): fields of the unit and ledgers about it, each with its legal source.

use crate::Diagnostic;
use crate::kind::{FieldType, Kind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A part of a unit's archive.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ArchivePart {
    /// Stable English name.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// The field of the unit that it is; `position` is where the unit lies.
    #[serde(default)]
    pub field: Option<String>,
    /// The ledger whose open entries about the unit it is.
    #[serde(default)]
    pub ledger: Option<String>,
    /// Whether only a key unit (消防安全重点单位) must have it.
    #[serde(default)]
    pub key_only: bool,
    /// The legal source.
    pub basis: String,
}

impl ArchivePart {
    /// Why it cannot be looked for.
    fn mistake(&self, kinds: &BTreeMap<String, Arc<Kind>>) -> Option<String> {
        let unit = kinds.get("unit");
        let links = |kind: &&Arc<Kind>| {
            kind.fields
                .iter()
                .any(|f| f.kind == FieldType::Link && f.filter && f.to.as_deref() == Some("unit"))
        };
        let what = match (&self.field, &self.ledger) {
            (Some(field), None) if field == "position" || unit.is_some_and(|u| u.field(field).is_some()) => {
                return None;
            }
            (Some(field), None) => format!("单位没有字段 {field}"),
            (None, Some(ledger)) if kinds.get(ledger).filter(links).is_some() => return None,
            (None, Some(ledger)) => format!("台账 {ledger} 不存在，或没有能筛选的字段指向单位"),
            (Some(_), Some(_)) | (None, None) => "要写 field 或 ledger 中的一个".to_owned(),
        };
        Some(format!("单位档案的“{}”：{what}", self.label))
    }
}

/// Mistakes of all parts, each at its place.
pub(crate) fn mistakes(
    parts: &[(Diagnostic, ArchivePart)],
    kinds: &BTreeMap<String, Arc<Kind>>,
) -> Vec<Diagnostic> {
    let wrong = parts.iter().filter_map(|(at, part)| part.mistake(kinds).map(|m| at.saying(m)));
    let twice =
        parts.iter().enumerate().filter(|(n, (_, p))| parts[..*n].iter().any(|(_, q)| q.name == p.name));
    let twice = twice.map(|(_, (at, part))| at.saying(format!("单位档案的 {} 出现两次", part.name)));
    wrong.chain(twice).collect()
}

#[cfg(test)]
mod tests {
    use crate::Catalog;

    const UNIT: &str = r#"
[[kind]]
name = "unit"
label = "单位"
measure = "家"
states = [{ name = "active", label = "在册" }]
fields = [{ name = "code", label = "编号", type = "text" }]

[[kind]]
name = "floor"
label = "楼层"
measure = "层"
states = [{ name = "active", label = "在册" }]
fields = [{ name = "unit", label = "单位", type = "link", to = "unit", filter = true }]

[[archive]]
name = "code"
label = "编号"
field = "code"
basis = "某办法"

[[archive]]
name = "floors"
label = "楼层"
ledger = "floor"
basis = "某办法"
"#;

    #[test]
    fn a_part_that_cannot_be_looked_for_is_named_with_its_line() {
        assert_eq!(Catalog::load(&[("archive.toml", UNIT)]).unwrap().archive().len(), 2);
        let cases = [
            (
                "field = \"code\"",
                "field = \"colour\"",
                "archive.toml:16: 单位档案的“编号”：单位没有字段 colour",
            ),
            (
                "ledger = \"floor\"",
                "ledger = \"roof\"",
                "archive.toml:22: 单位档案的“楼层”：台账 roof 不存在",
            ),
            ("to = \"unit\", filter = true", "to = \"unit\"", "没有能筛选的字段指向单位"),
            ("ledger = \"floor\"", "ledger = \"floor\"\nfield = \"code\"", "要写 field 或 ledger 中的一个"),
            ("name = \"floors\"", "name = \"code\"", "archive.toml:22: 单位档案的 code 出现两次"),
        ];
        for (from, to, told) in cases {
            let wrong = Catalog::load(&[("archive.toml", &UNIT.replacen(from, to, 1))]).unwrap_err();
            let said: Vec<_> = wrong.iter().map(ToString::to_string).collect();
            assert!(said.iter().any(|m| m.contains(told)), "{to}: {said:?}");
        }
    }
}
