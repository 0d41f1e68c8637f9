//! 制度依据 › 规则包: every version of every rule pack with its source, where and from when to when it holds, what it says, and
//! which fields of which ledgers it judges.

use crate::App;
use fengsui_access::Grant;
use fengsui_base::{Refusal, RegionCode};
use fengsui_catalog::{Condition, FieldType, Guard, Kind, Pack};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Whether a version of a pack is the one that judges in the office's region today.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PackStanding {
    /// It judges here today.
    InForce,
    /// It will hold later.
    NotYet,
    /// It holds no longer.
    Over,
    /// It holds in another place.
    Elsewhere,
    /// It holds here, but a version of this province takes its place.
    Replaced,
}

/// One version of a rule pack.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RulePack {
    /// What ledgers refer to.
    pub id: String,
    /// Which version.
    pub version: String,
    /// What people call it.
    pub label: String,
    /// The legal source.
    pub source: String,
    /// What whoever applies it should know.
    pub note: Option<String>,
    /// Where it holds; the whole country without it.
    pub place: Option<RegionCode>,
    /// First day on which it holds.
    pub valid_from_on: Option<Date>,
    /// First day on which it holds no longer.
    pub valid_until_on: Option<Date>,
    /// Whether it judges here today.
    pub standing: PackStanding,
    /// What it says, row by row.
    pub lines: Vec<String>,
    /// What it judges.
    pub uses: Vec<PackUse>,
}

/// A field that a pack judges.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PackUse {
    /// The ledger.
    pub kind: String,
    /// Its label.
    pub label: String,
    /// Labels of the fields that it fills, or of the number whose range it gives.
    pub fields: Vec<String>,
    /// Whether it fills them; else it gives a range that they must keep to.
    pub fills: bool,
}

impl App {
    /// Every version of every rule pack, in the order of the files, with what it judges of what the asker may read.
    ///
    /// Errors: the asker may read no ledgers.
    pub fn rule_packs(&self, grant: &Grant) -> Result<Vec<RulePack>, Refusal> {
        let ledgers = self.ledgers(grant)?;
        let today = self.calendar().day_of(self.now());
        let packs = self.catalog.packs();
        let view = |pack: &Pack| RulePack {
            id: pack.id.clone(),
            version: pack.version.clone(),
            label: pack.label.clone(),
            source: pack.source.clone(),
            note: pack.note.clone(),
            place: pack.jurisdiction.as_ref().map(|j| j.code),
            valid_from_on: pack.valid_from_on,
            valid_until_on: pack.valid_until_on,
            standing: standing(pack, packs.find(&pack.id, self.node.region, today), today, self.node.region),
            lines: lines(pack, &ledgers),
            uses: ledgers.iter().flat_map(|kind| uses(kind, &pack.id)).collect(),
        };
        Ok(packs.all().iter().map(view).collect())
    }
}

fn standing(pack: &Pack, judging: Option<&Pack>, today: Date, here: RegionCode) -> PackStanding {
    if judging.is_some_and(|one| one.version == pack.version) {
        return PackStanding::InForce;
    }
    if pack.valid_from_on.is_some_and(|from| from > today) {
        return PackStanding::NotYet;
    }
    if pack.valid_until_on.is_some_and(|until| until <= today) {
        return PackStanding::Over;
    }
    if pack.holds(here, today) { PackStanding::Replaced } else { PackStanding::Elsewhere }
}

fn uses(kind: &Kind, pack: &str) -> Vec<PackUse> {
    let label = |name: &str| kind.field(name).map_or_else(|| name.to_owned(), |f| f.label.clone());
    let one = |fields: Vec<String>, fills| PackUse {
        kind: kind.name.clone(),
        label: kind.label.clone(),
        fields,
        fills,
    };
    let judged = kind.judgements.iter().filter(|j| j.pack == pack);
    let judged = judged.map(|j| one(j.filled().map(label).collect(), true));
    let bounded =
        ranged(kind).filter(|(id, ..)| *id == pack).map(|(_, field, _)| one(vec![label(field)], false));
    let mut all: Vec<PackUse> = judged.chain(bounded).collect();
    all.dedup();
    all
}

/// The numbers of a ledger that must keep to a range: pack, field, what the pack looks at.
fn ranged(kind: &Kind) -> impl Iterator<Item = (&str, &str, &BTreeMap<String, String>)> {
    kind.moves.iter().flat_map(|m| &m.guards).filter_map(|guard| match guard {
        Guard::InRange { field, pack, takes, .. } => Some((pack.as_str(), field.as_str(), takes)),
        _ => None,
    })
}

/// What a pack says, row by row.
fn lines(pack: &Pack, ledgers: &[&Kind]) -> Vec<String> {
    let outcome = |value: &str| {
        pack.gives.iter().find(|o| o.value == value).map_or_else(|| value.to_owned(), |o| o.label.clone())
    };
    let taken = |name: &String| pack.taken(name).map_or_else(|| name.clone(), |t| t.label.clone());
    let banded = pack.criteria.iter().flat_map(|criterion| {
        let of = criterion.of.iter().map(taken).collect::<Vec<_>>().join(" × ");
        criterion.bands.iter().map(move |b| (format!("{of} {}", b.words()), b))
    });
    let banded = banded.map(|(of, band)| {
        let called = band.called.as_ref().map(|c| format!("（{c}）")).unwrap_or_default();
        format!("{of}：{}{called}", outcome(&band.gives))
    });
    let rows = pack.rows.iter().map(|row| format!("{}：{}", row.because, outcome(&row.gives)));
    let otherwise = pack.otherwise.iter().map(|o| format!("{}：{}", o.because, outcome(&o.gives)));
    let unit = measure(pack, ledgers);
    let ranges = pack.ranges.iter().map(|range| {
        let most = range.most.map_or_else(|| format!("{unit}以上"), |most| format!(" 至 {most}{unit}"));
        format!("{}{}：{}{most}", range.because, words(pack, &range.when, ledgers), range.least)
    });
    banded.chain(rows).chain(otherwise).chain(ranges).collect()
}

/// The unit of a pack's ranges, as the number that they bound has it; packs speak of yuan.
fn measure(pack: &Pack, ledgers: &[&Kind]) -> String {
    let of = |kind: &&Kind| {
        let (_, field, _) = ranged(kind).find(|(id, ..)| *id == pack.id)?;
        let field = kind.field(field)?;
        let money = (field.kind == FieldType::Money).then(|| "元".to_owned());
        money.or_else(|| field.unit.clone()).map(|unit| format!(" {unit}"))
    };
    ledgers.iter().find_map(of).unwrap_or_default()
}

/// The words that a row of ranges asks for, as the ledger calls them. What the pack looks at first its clause names itself.
fn words(pack: &Pack, when: &BTreeMap<String, Condition>, ledgers: &[&Kind]) -> String {
    let named = |name: &str, word: &str| {
        let of = |kind: &&Kind| {
            let (_, _, takes) = ranged(kind).find(|(id, ..)| *id == pack.id)?;
            let field = kind.field(takes.get(name)?)?;
            Some(field.choice_label(word).to_owned())
        };
        ledgers.iter().find_map(of).unwrap_or_else(|| word.to_owned())
    };
    let first = pack.takes.first().map(|t| t.name.as_str());
    let rest = when.iter().filter(|(name, _)| Some(name.as_str()) != first);
    let all = rest.flat_map(|(name, c)| c.is.iter().map(move |word| named(name, word)));
    let all = all.collect::<Vec<_>>().join("、");
    if all.is_empty() { all } else { format!("，{all}") }
}
