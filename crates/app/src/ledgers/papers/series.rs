//! Numbers of papers (文号): who issues, which number is next, and the code by which a printed paper is found again.

use crate::{App, Fault};
use fengsui_base::{EntryId, Level, Refusal, RefusalKind, RegionCode, Scope};
use fengsui_catalog::{Issuer, Law, Paper};
use fengsui_store::{Blob, Expect};
use jiff::civil::Date;
use serde_json::{Map, Value};

/// Least number of digits of a number.
const DIGITS: usize = 4;
/// How many digits of the digest a code shows.
const CODE_DIGITS: usize = 12;
/// After how many of them it has a hyphen.
const CODE_GROUP: usize = 4;

/// The next number of a series.
pub(super) struct Next {
    /// The number in full: 云消责限字〔2026〕第0001号.
    pub(super) number: String,
    /// Its place in the series, from 1.
    pub(super) ordinal: u64,
    /// Name of the body.
    pub(super) issuer: String,
    /// The key that the last paper of the series holds.
    pub(super) key: String,
    /// What must still hold when the paper is stored.
    pub(super) expect: Expect,
}

impl App {
    /// The next number of the series of this body, paper and year.
    pub(super) async fn next_of_series(
        &self,
        issuer: &Issuer,
        paper: &Paper,
        on: Date,
    ) -> Result<Next, Fault> {
        let key = format!("paper/last/{}/{}/{}", on.year(), issuer.name, paper.word);
        let last = self.store.key(&key).await?;
        let ordinal = match last {
            Some(last) => self.ordinal(last).await? + 1,
            None => 1,
        };
        let expect = last.map_or(Expect::Absent(key.clone()), |last| Expect::HeldBy(key.clone(), last));
        let number = format!("{}{}字〔{}〕第{ordinal:0DIGITS$}号", issuer.word, paper.word, on.year());
        Ok(Next { number, ordinal, issuer: issuer.name.clone(), key, expect })
    }

    async fn ordinal(&self, last: EntryId) -> Result<u64, Fault> {
        let entry = self.store.entry(&Scope::everything(), last).await?;
        let known = entry.and_then(|e| e.fields.get("ordinal").and_then(Value::as_u64));
        Ok(known.ok_or_else(|| {
            Refusal::new(RefusalKind::Conflict, "paper.series", "上一份文书的顺序号读不出来，请联系管理员。")
        })?)
    }
}

/// Who issues papers under this law in a region, the site's own rows before the shipped ones, the narrower before the wider.
pub(crate) fn issuer_of(app: &App, own: &[Issuer], law: Law, region: RegionCode) -> Result<Issuer, Refusal> {
    let path = app.board.region_path(region);
    let holds = |row: &&Issuer| {
        row.law == law && row.region.is_none_or(|code| path.iter().any(|above| above.code == code))
    };
    let depth = |row: &&Issuer| row.region.and_then(|code| path.iter().position(|above| above.code == code));
    let narrowest = |rows: &[Issuer]| {
        // Of two that are as narrow the first one written counts.
        rows.iter().filter(holds).rev().max_by_key(depth).cloned()
    };
    let row = narrowest(own).or_else(|| narrowest(app.catalog.issuers()));
    let county = path.iter().rfind(|r| matches!(r.level, Level::County | Level::City | Level::Province));
    let area = county.map_or(app.node.region_name.as_str(), |r| r.name.as_str());
    row.map(|row| row.named(area)).ok_or_else(|| {
        let detail = format!("没有{}的发文机关，请系统管理员在 issuers.toml 里写明。", law.label());
        Refusal::new(RefusalKind::Conflict, "paper.issuer", detail)
    })
}

/// What proves that a printed paper is the one on record: the beginning of the digest of what it says.
pub(super) fn code(paper: &str, values: &Map<String, Value>) -> String {
    let said = serde_json::to_vec(&(paper, values)).unwrap_or_default();
    let digest = Blob::new("application/json", said).name().to_uppercase();
    let digits: Vec<char> = digest.chars().take(CODE_DIGITS).collect();
    digits.chunks(CODE_GROUP).map(|part| part.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}
