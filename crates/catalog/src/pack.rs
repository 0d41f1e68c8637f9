//! Rule packs (规则包): what differs by province and changes with time as dated data: grades, thresholds, ranges of fines.
//!
//! A pack has an id that ledgers refer to, a version, its legal source, where and from when to when it holds. Its
//! vocabulary is small and closed, without any script: bands over a number or over a product of chosen factors, a table of
//! conditions, a table of ranges. Which pack holds follows from id, place and day alone.
//!
//! Source: 国务院令第 493 号, 消防〔2025〕17号, 公通字〔2001〕97号, 消防法 第六章; the packs are in `catalog/packs/`.

use crate::Jurisdiction;
use fengsui_base::{Level, RegionCode};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Products are compared at so many decimals: 0.1 × 3 is 0.3, whatever a computer makes of it.
const DECIMALS: f64 = 1e6;

/// A rule pack.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// What ledgers refer to; the same for every version and every province.
    pub id: String,
    /// Which version, such as `2025`; unlike any other of the same id.
    pub version: String,
    /// What people call it.
    pub label: String,
    /// The law or the standard, as it is cited.
    pub source: String,
    /// Where it holds; the whole country when absent.
    #[serde(default)]
    pub jurisdiction: Option<Jurisdiction>,
    /// First day on which it holds; absent: since before this system.
    #[serde(default)]
    pub valid_from_on: Option<Date>,
    /// First day on which it holds no longer; absent: until further notice.
    #[serde(default)]
    pub valid_until_on: Option<Date>,
    /// What whoever applies it should know.
    #[serde(default)]
    pub note: Option<String>,
    /// What it looks at.
    pub takes: Vec<Taken>,
    /// What may come out, the gravest first; none for ranges.
    #[serde(default)]
    pub gives: Vec<Outcome>,
    /// Bands; the gravest outcome of all criteria holds.
    #[serde(default)]
    pub criteria: Vec<Criterion>,
    /// A table of conditions; the first row that fits holds.
    #[serde(default)]
    pub rows: Vec<Row>,
    /// What comes out when no row fits.
    #[serde(default)]
    pub otherwise: Option<Otherwise>,
    /// A table of ranges; the first row that fits holds.
    #[serde(default)]
    pub ranges: Vec<Range>,
}

/// Something that a pack looks at.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Taken {
    /// Its name in the tables.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// Unit of a number: 人, 元, 平方米.
    #[serde(default)]
    pub unit: Option<String>,
    /// The numbers that may be chosen, each with its meaning; any number without them.
    #[serde(default)]
    pub values: Vec<Factor>,
    /// Whether it is a word and no number.
    #[serde(default)]
    pub word: bool,
    /// Whether a criterion without it is left out instead of asked for.
    #[serde(default)]
    pub optional: bool,
}

/// A number that may be chosen (分值).
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Factor {
    /// The number.
    pub value: f64,
    /// What it stands for.
    pub label: String,
}

/// Something that may come out.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// Stored value.
    pub value: String,
    /// What people call it.
    pub label: String,
    /// Its level, 1 for red to 4 for blue, where it is one.
    #[serde(default)]
    pub level: Option<u8>,
}

/// Bands over a number, or over the product of several.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// What is multiplied; one name alone is compared as it is.
    pub of: Vec<String>,
    /// The bands; together they cover every number, each number once.
    pub bands: Vec<Band>,
}

/// One band. Every bound says whether it belongs to it.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// The outcome.
    pub gives: String,
    /// What the band itself is called, where several lead to one outcome.
    #[serde(default)]
    pub called: Option<String>,
    /// Lower bound that belongs to it.
    #[serde(default)]
    pub from: Option<f64>,
    /// Lower bound that does not.
    #[serde(default)]
    pub above: Option<f64>,
    /// Upper bound that does not.
    #[serde(default)]
    pub below: Option<f64>,
    /// Upper bound that belongs to it.
    #[serde(default)]
    pub to: Option<f64>,
}

/// What a row wants of one thing that is looked at.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// One of these words.
    #[serde(default)]
    pub is: Vec<String>,
    /// A number not below.
    #[serde(default)]
    pub from: Option<f64>,
    /// A number below.
    #[serde(default)]
    pub below: Option<f64>,
}

/// A row of a table of conditions.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// What must hold, all of it.
    pub when: BTreeMap<String, Condition>,
    /// The outcome.
    pub gives: String,
    /// The clause, as it is told to whoever asks why.
    pub because: String,
}

/// What comes out when no row fits.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Otherwise {
    /// The outcome.
    pub gives: String,
    /// Why.
    pub because: String,
}

/// A row of a table of ranges (幅度); both ends belong to it.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// What must hold, all of it.
    pub when: BTreeMap<String, Condition>,
    /// The least.
    pub least: f64,
    /// The most; no end without it.
    #[serde(default)]
    pub most: Option<f64>,
    /// The clause.
    pub because: String,
}

/// What is known of something that a pack looks at.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Given {
    /// A number in the unit of the pack.
    Number(f64),
    /// A word.
    Word(String),
}

/// What a pack finds.
#[derive(Clone, PartialEq, Debug)]
pub struct Verdict {
    /// The outcome.
    pub outcome: Outcome,
    /// The product, where there is one.
    pub score: Option<f64>,
    /// How it came about, in words.
    pub because: String,
}

/// What a pack lacks to find anything: the thing, and what to do about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lack {
    /// Name of what it looks at.
    pub name: String,
    /// A sentence.
    pub detail: String,
}

/// All rule packs of a catalog.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Packs(pub(crate) Vec<Pack>);

impl Packs {
    /// The pack that holds in a place on a day: of those in force the one with the narrowest jurisdiction.
    pub fn find(&self, id: &str, region: RegionCode, on: Date) -> Option<&Pack> {
        let holds = |p: &&Pack| p.id == id && p.holds(region, on);
        self.0.iter().filter(holds).max_by_key(|p| p.weight())
    }

    /// All versions of all packs, in the order of their files.
    pub fn all(&self) -> &[Pack] {
        &self.0
    }
}

impl Pack {
    /// Whether it is in force in a place on a day.
    pub fn holds(&self, region: RegionCode, on: Date) -> bool {
        self.valid_from_on.is_none_or(|from| from <= on)
            && self.valid_until_on.is_none_or(|until| on < until)
            && self.jurisdiction.as_ref().is_none_or(|j| j.covers(region))
    }

    fn weight(&self) -> Option<Level> {
        self.jurisdiction.as_ref().map(|j| j.level)
    }

    /// Something that it looks at.
    pub fn taken(&self, name: &str) -> Option<&Taken> {
        self.takes.iter().find(|t| t.name == name)
    }

    fn outcome(&self, value: &str) -> Option<&Outcome> {
        self.gives.iter().find(|o| o.value == value)
    }

    /// What comes out. Errors: what is missing, or is no number that may be chosen.
    pub fn judge(&self, given: &BTreeMap<String, Given>) -> Result<Verdict, Vec<Lack>> {
        let strange: Vec<_> = self.takes.iter().filter_map(|t| t.strange(given.get(&t.name))).collect();
        if !strange.is_empty() {
            return Err(strange);
        }
        if self.criteria.is_empty() { self.by_rows(given) } else { self.by_bands(given) }
    }

    fn by_bands(&self, given: &BTreeMap<String, Given>) -> Result<Verdict, Vec<Lack>> {
        let (mut found, mut lacks) = (Vec::new(), Vec::new());
        for criterion in &self.criteria {
            let missing: Vec<&str> =
                criterion.of.iter().filter(|n| number(given, n).is_none()).map(String::as_str).collect();
            if missing.is_empty() {
                found.extend(self.by_criterion(criterion, given));
            } else {
                let needed = missing.iter().filter_map(|n| self.taken(n)).filter(|t| !t.optional);
                lacks.extend(needed.map(Taken::lack));
            }
        }
        if !lacks.is_empty() {
            return Err(lacks);
        }
        let rank = |v: &Verdict| self.gives.iter().position(|o| *o == v.outcome);
        let gravest = found.into_iter().min_by_key(rank);
        gravest.ok_or_else(|| self.takes.first().map(Taken::lack).into_iter().collect())
    }

    fn by_criterion(&self, criterion: &Criterion, given: &BTreeMap<String, Given>) -> Option<Verdict> {
        let factors: Vec<(&Taken, f64)> =
            criterion.of.iter().filter_map(|n| Some((self.taken(n)?, number(given, n)?))).collect();
        let product: f64 = factors.iter().map(|(_, n)| n).product();
        let product = (product * DECIMALS).round() / DECIMALS;
        let band = criterion.bands.iter().find(|b| b.holds(product))?;
        let outcome = self.outcome(&band.gives)?.clone();
        let said = |(taken, n): &(&Taken, f64)| {
            let unit = taken.unit.as_deref().map(|u| format!(" {u}")).unwrap_or_default();
            format!("{} {n}{unit}", taken.label)
        };
        let of = factors.iter().map(said).collect::<Vec<_>>().join(" × ");
        let many = factors.len() > 1;
        let equals = if many { format!(" = {product}") } else { String::new() };
        let called = band.called.as_deref().unwrap_or(&outcome.label);
        let because = format!("{of}{equals}（{}）：{called}", band.words());
        Some(Verdict { outcome, score: many.then_some(product), because })
    }

    fn by_rows(&self, given: &BTreeMap<String, Given>) -> Result<Verdict, Vec<Lack>> {
        let verdict = |gives: &str, because: &str| {
            let outcome = self.outcome(gives).cloned();
            outcome.map(|outcome| Verdict { outcome, score: None, because: because.to_owned() })
        };
        let row = self.rows.iter().find(|row| fits(&row.when, given));
        if let Some(found) = row.and_then(|row| verdict(&row.gives, &row.because)) {
            return Ok(found);
        }
        // A row that only lacks a figure may fit once it is known: "no" would be a guess.
        let lacks = self.missing(given);
        let otherwise = self.otherwise.as_ref().filter(|_| lacks.is_empty());
        otherwise.and_then(|o| verdict(&o.gives, &o.because)).ok_or(lacks)
    }

    /// What rows would still want to know.
    fn missing(&self, given: &BTreeMap<String, Given>) -> Vec<Lack> {
        let open = |row: &&Row| row.when.iter().all(|(n, c)| given.get(n).is_none_or(|g| c.holds(g)));
        let names = self.rows.iter().filter(open).flat_map(|row| row.when.keys());
        let mut missing: Vec<&str> = names.filter(|n| !given.contains_key(*n)).map(String::as_str).collect();
        missing.sort_unstable();
        missing.dedup();
        // A word decides what else is asked for.
        let taken: Vec<_> = missing.iter().filter_map(|n| self.taken(n)).collect();
        let words: Vec<_> = taken.iter().filter(|t| t.word).copied().collect();
        (if words.is_empty() { taken } else { words }).into_iter().map(Taken::lack).collect()
    }

    /// The range that holds; none when no row is about what is given.
    pub fn range(&self, given: &BTreeMap<String, Given>) -> Option<&Range> {
        self.ranges.iter().find(|row| fits(&row.when, given))
    }
}

impl Taken {
    fn lack(&self) -> Lack {
        Lack { name: self.name.clone(), detail: format!("请填写{}", self.label) }
    }

    /// Why what is given is nothing that may be given.
    fn strange(&self, given: Option<&Given>) -> Option<Lack> {
        let lack = |detail| Some(Lack { name: self.name.clone(), detail });
        match given? {
            Given::Word(_) if !self.word => lack(format!("{}要填数字", self.label)),
            Given::Number(n) if *n < 0.0 => lack(format!("{}不能是负数", self.label)),
            Given::Number(n) if !self.values.is_empty() && self.values.iter().all(|f| f.value != *n) => {
                let all = self.values.iter().map(|f| format!("{}（{}）", f.value, f.label));
                lack(format!("{}只能取 {}", self.label, all.collect::<Vec<_>>().join("、")))
            }
            Given::Word(_) | Given::Number(_) => None,
        }
    }
}

impl Band {
    /// Whether a number lies in it.
    pub fn holds(&self, number: f64) -> bool {
        self.from.is_none_or(|n| number >= n)
            && self.above.is_none_or(|n| number > n)
            && self.below.is_none_or(|n| number < n)
            && self.to.is_none_or(|n| number <= n)
    }

    /// Its bounds in words: 160 以上、不超过 320.
    pub fn words(&self) -> String {
        let bound = |n: Option<f64>, words: &dyn Fn(f64) -> String| n.map(words);
        let all = [
            bound(self.from, &|n| format!("{n} 以上")),
            bound(self.above, &|n| format!("大于 {n}")),
            bound(self.below, &|n| format!("不足 {n}")),
            bound(self.to, &|n| format!("不超过 {n}")),
        ];
        all.into_iter().flatten().collect::<Vec<_>>().join("、")
    }
}

impl Condition {
    fn holds(&self, given: &Given) -> bool {
        match given {
            Given::Word(word) => self.is.contains(word),
            Given::Number(n) => {
                self.is.is_empty()
                    && self.from.is_none_or(|least| *n >= least)
                    && self.below.is_none_or(|most| *n < most)
            }
        }
    }
}

fn number(given: &BTreeMap<String, Given>, name: &str) -> Option<f64> {
    match given.get(name)? {
        Given::Number(n) => Some(*n),
        Given::Word(_) => None,
    }
}

fn fits(when: &BTreeMap<String, Condition>, given: &BTreeMap<String, Given>) -> bool {
    when.iter().all(|(name, condition)| given.get(name).is_some_and(|g| condition.holds(g)))
}
