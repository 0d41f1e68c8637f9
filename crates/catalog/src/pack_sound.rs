//! Whether rule packs can be relied on: bands without gap or overlap, no two in force at once in one place, no ledger left
//! without a pack that holds, and every case (校验用例) comes out.

use crate::kind::{FieldType, Kind};
use crate::lifecycle::Guard;
use crate::pack::{Band, Criterion, Given, Pack, Packs};
use crate::sound::{Unsound, say};
use fengsui_base::RegionCode;
use jiff::civil::Date;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Most rows, bands or inputs of one pack.
pub const PACK_ROWS_MAX: usize = 200;

/// A case that must come out (校验用例): which pack holds there on that day, and what it finds.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackCase {
    /// The id of the pack.
    pub pack: String,
    /// Where.
    pub region: RegionCode,
    /// On which day.
    pub on: Date,
    /// The version that holds there then.
    pub version: String,
    /// What is given.
    pub given: BTreeMap<String, Given>,
    /// The outcome that must come out; for ranges `least` and `most` say it.
    #[serde(default)]
    pub gives: Option<String>,
    /// The product that must come out.
    #[serde(default)]
    pub score: Option<f64>,
    /// The least of the range.
    #[serde(default)]
    pub least: Option<f64>,
    /// The most of the range.
    #[serde(default)]
    pub most: Option<f64>,
}

impl Pack {
    /// What is wrong with it alone, in Chinese.
    pub(crate) fn mistakes(&self) -> Vec<String> {
        let tables = [&self.criteria.is_empty(), &self.rows.is_empty(), &self.ranges.is_empty()];
        let one_table = tables.iter().filter(|empty| !**empty).count() == 1;
        let rows = self.takes.len().max(self.rows.len()).max(self.ranges.len());
        let simple = [
            (!one_table, "要有且只有 criteria、rows、ranges 中的一种".to_owned()),
            (self.source.trim().is_empty(), "没有依据（source）".to_owned()),
            (self.validity_is_empty(), "的有效期是空的，valid_until_on 要晚于 valid_from_on".to_owned()),
            (rows > PACK_ROWS_MAX, format!("的行数超过 {PACK_ROWS_MAX}")),
            (
                self.rows.is_empty() != self.otherwise.is_none(),
                "有 rows 的要写 otherwise，别的不写".to_owned(),
            ),
        ];
        let simple = simple.into_iter().filter(|(wrong, _)| *wrong).map(|(_, what)| what);
        let all = simple.chain(self.strangers()).chain(self.criteria.iter().filter_map(Criterion::uncovered));
        all.map(|what| format!("规则包 {} {} {what}", self.id, self.version)).collect()
    }

    fn validity_is_empty(&self) -> bool {
        self.valid_from_on.zip(self.valid_until_on).is_some_and(|(from, until)| from >= until)
    }

    /// Names that its tables use and that it does not declare.
    fn strangers(&self) -> Vec<String> {
        let rows = self.rows.iter().map(|r| &r.when).chain(self.ranges.iter().map(|r| &r.when));
        let taken = rows.flat_map(BTreeMap::keys).chain(self.criteria.iter().flat_map(|c| &c.of));
        let lost = taken.filter(|n| self.taken(n).is_none());
        let lost = lost.map(|n| format!("用了没有声明的输入 {n}，请写进 takes"));
        let bands = self.criteria.iter().flat_map(|c| &c.bands).map(|b| &b.gives);
        let given =
            bands.chain(self.rows.iter().map(|r| &r.gives)).chain(self.otherwise.iter().map(|o| &o.gives));
        let unknown = given.filter(|v| self.gives.iter().all(|o| o.value != **v));
        let unknown = unknown.map(|v| format!("给出没有声明的结果 {v}，请写进 gives"));
        let found: BTreeSet<String> = lost.chain(unknown).collect();
        found.into_iter().collect()
    }

    /// Whether both can be in force in the same place on the same day, and neither is the narrower one.
    fn contradicts(&self, other: &Self) -> bool {
        let before = |until: Option<Date>, from: Option<Date>| until.zip(from).is_some_and(|(u, f)| u <= f);
        let apart = before(self.valid_until_on, other.valid_from_on)
            || before(other.valid_until_on, self.valid_from_on);
        self.id == other.id && self.jurisdiction == other.jurisdiction && !apart
    }
}

impl Criterion {
    /// Where its bands leave a gap or lie on each other.
    fn uncovered(&self) -> Option<String> {
        let of = self.of.join(" × ");
        let mut bands: Vec<&Band> = self.bands.iter().collect();
        bands.sort_by(|a, b| a.lower().0.total_cmp(&b.lower().0));
        let (first, last) = (bands.first()?, bands.last()?);
        if first.lower().0 != f64::NEG_INFINITY || last.upper().0 != f64::INFINITY {
            return Some(format!("的分档（{of}）没有盖住两头：最低一档不写下限，最高一档不写上限"));
        }
        bands.windows(2).find_map(|pair| {
            let ((upper, included), (lower, taken)) = (pair[0].upper(), pair[1].lower());
            let words = format!("的分档（{of}）在 {upper} 和 {lower} 处");
            match (upper.total_cmp(&lower), included, taken) {
                (std::cmp::Ordering::Equal, true, false) | (std::cmp::Ordering::Equal, false, true) => None,
                (std::cmp::Ordering::Less, ..) | (std::cmp::Ordering::Equal, false, false) => {
                    Some(format!("{words}有空档，请写明界限归哪一档（from、above、below、to）"))
                }
                _ => Some(format!("{words}重叠，请写明界限归哪一档（from、above、below、to）")),
            }
        })
    }
}

impl Band {
    /// Its lower bound, and whether that belongs to it.
    fn lower(&self) -> (f64, bool) {
        self.from.map(|n| (n, true)).or(self.above.map(|n| (n, false))).unwrap_or((f64::NEG_INFINITY, false))
    }

    /// Its upper bound, and whether that belongs to it.
    fn upper(&self) -> (f64, bool) {
        self.to.map(|n| (n, true)).or(self.below.map(|n| (n, false))).unwrap_or((f64::INFINITY, false))
    }
}

impl Packs {
    /// Why a pack cannot stand beside those that are there.
    pub(crate) fn clash(&self, new: &Pack) -> Option<String> {
        let (id, version) = (&new.id, &new.version);
        if self.0.iter().any(|p| p.id == *id && p.version == *version) {
            return Some(format!("规则包 {id} {version} 出现两次"));
        }
        let other = self.0.iter().find(|p| p.contradicts(new))?;
        Some(format!(
            "规则包 {id} 的 {} 和 {version} 在同一地方同一天都有效，请给旧的写 valid_until_on",
            other.version
        ))
    }

    /// What does not come out of a case.
    pub(crate) fn wrong_case(&self, case: &PackCase) -> Option<String> {
        let say = |what: String| Some(format!("规则包 {} 的用例{what}", case.pack));
        let Some(pack) = self.find(&case.pack, case.region, case.on) else {
            return say(format!("在 {} 找不到有效的版本", case.on));
        };
        if pack.version != case.version {
            return say(format!("在 {} 用的是 {}，应是 {}", case.on, pack.version, case.version));
        }
        if !pack.ranges.is_empty() {
            let found = pack.range(&case.given).map(|r| (Some(r.least), r.most)).unwrap_or_default();
            let wanted = (case.least, case.most);
            if found == wanted {
                return None;
            }
            return say(format!("算出来是 {found:?}，应是 {wanted:?}"));
        }
        match pack.judge(&case.given) {
            Err(lacks) => say(format!(
                "算不出来：{}",
                lacks.iter().map(|l| l.detail.as_str()).collect::<Vec<_>>().join("；")
            )),
            Ok(found) if Some(&found.outcome.value) != case.gives.as_ref() => say(format!(
                "算出来是 {}，应是 {}",
                found.outcome.value,
                case.gives.as_deref().unwrap_or("？")
            )),
            Ok(found) if case.score.is_some() && found.score != case.score => {
                say(format!("得分是 {:?}，应是 {:?}", found.score, case.score))
            }
            Ok(_) => None,
        }
    }

    /// Why a ledger cannot rely on a pack: none with that id, or none that goes on for the whole country.
    fn unreliable(&self, id: &str) -> Option<String> {
        let mut national: Vec<&Pack> =
            self.0.iter().filter(|p| p.id == id && p.jurisdiction.is_none()).collect();
        if national.is_empty() {
            return Some(format!("没有全国适用的规则包 {id}"));
        }
        national.sort_by_key(|p| p.valid_from_on);
        let ended = national.last().and_then(|p| p.valid_until_on);
        let gap = national.windows(2).find(|pair| pair[0].valid_until_on != pair[1].valid_from_on);
        let over = |on: Date, what: &str| Some(format!("规则包 {id} 到 {on} 为止，{what}"));
        match (gap.and_then(|pair| pair[0].valid_until_on), ended) {
            (Some(on), _) => over(on, "和下一版之间有空档"),
            (None, Some(on)) => over(on, "之后没有接续的版本，还有台账在用它"),
            (None, None) => None,
        }
    }

    fn versions(&self, id: &str) -> impl Iterator<Item = &Pack> {
        let id = id.to_owned();
        self.0.iter().filter(move |p| p.id == id)
    }
}

/// What is wrong with the judgements and ranges of a ledger.
pub(crate) fn unsound(kind: &Kind, packs: &Packs) -> Vec<Unsound> {
    let judged = kind.judgements.iter().flat_map(|j| {
        let own = packs.unreliable(&j.pack).map(|m| say(&j.pack, m));
        let parts = takes(kind, packs, &j.pack, &j.takes).into_iter().chain(outcomes(kind, packs, j));
        own.into_iter().chain(parts.map(|m| say(&j.pack, m))).collect::<Vec<_>>()
    });
    let guards = kind.moves.iter().flat_map(|m| &m.guards).filter_map(|g| match g {
        Guard::InRange { pack, takes, .. } => Some((pack, takes)),
        _ => None,
    });
    let ranged = guards.flat_map(|(pack, taken)| {
        let mistakes = packs.unreliable(pack).into_iter().chain(takes(kind, packs, pack, taken));
        mistakes.map(|m| say(pack, m)).collect::<Vec<_>>()
    });
    judged.chain(ranged).collect()
}

/// Fields that are not there, and inputs that nobody knows or that nobody gives.
fn takes(kind: &Kind, packs: &Packs, pack: &str, takes: &BTreeMap<String, String>) -> Vec<String> {
    let lost = takes.values().filter(|f| kind.field(f).is_none()).map(|f| format!("字段 {f} 不存在"));
    let versions: Vec<_> = packs.versions(pack).collect();
    let unknown = takes.keys().filter(|input| versions.iter().all(|p| p.taken(input).is_none()));
    let unknown = unknown.map(|input| format!("规则包 {pack} 没有输入 {input}"));
    let ungiven = versions.iter().flat_map(|p| p.takes.iter().map(move |t| (p, t)));
    let ungiven = ungiven.filter(|(_, t)| !t.optional && !takes.contains_key(&t.name));
    let ungiven = ungiven.map(|(p, t)| format!("没有给规则包 {pack} {} 要的 {}", p.version, t.label));
    lost.chain(unknown).chain(ungiven).collect()
}

/// Fields that cannot hold what comes out.
fn outcomes(kind: &Kind, packs: &Packs, judgement: &crate::kind::Judgement) -> Vec<String> {
    let grade = kind.field(&judgement.grade);
    let values = packs.versions(&judgement.pack).flat_map(|p| &p.gives).map(|o| &o.value);
    let lost: BTreeSet<_> =
        values.filter(|v| grade.is_none_or(|f| f.choices.iter().all(|c| c.value != **v))).collect();
    let lost = lost
        .into_iter()
        .map(|v| format!("{} 没有取值 {v}，装不下规则包 {}", judgement.grade, judgement.pack));
    let numeric = |f: &&String| kind.field(f).is_none_or(|f| f.kind != FieldType::Real);
    let score = judgement.score.iter().filter(numeric).map(|f| format!("{f} 不是小数字段，装不下得分"));
    let day = judgement.on.iter().filter(|f| kind.field(f).is_none_or(|f| f.kind != FieldType::Date));
    let day = day.map(|f| format!("{f} 不是日期字段"));
    let when = judgement
        .when
        .iter()
        .filter(|(f, v)| kind.field(f).is_none_or(|f| f.choices.iter().all(|c| c.value != **v)));
    let when = when.map(|(f, v)| format!("{f} 没有取值 {v}"));
    lost.chain(score).chain(day).chain(when).collect()
}

#[cfg(test)]
#[path = "pack_tests.rs"]
mod tests;
