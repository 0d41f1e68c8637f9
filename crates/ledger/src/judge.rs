//! What rule packs reckon of an entry (判级): grades and scores that nobody types, each with the pack, the version and the
//! day that judged it.
//!
//! An entry is judged when a form says something that the judgement rests on, and only then: a later version of a pack
//! changes no entry until it is scored again.

use fengsui_base::{Fields, Place, RegionCode};
use fengsui_catalog::{FieldType, Given, Judgement, Kind, Pack, Packs, Range, Verdict};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Name under which the judgements lie among the fields.
pub const JUDGED_FIELD: &str = "_judged";
/// Fen in a yuan: packs speak of yuan, ledgers keep fen.
const FEN: f64 = 100.0;

/// What a pack reckoned, and by which version of which rule.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Judged {
    /// The choice that was filled.
    pub grade: String,
    /// The number that was filled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<String>,
    /// The value that came out.
    pub outcome: String,
    /// Id of the pack.
    pub pack: String,
    /// Its version.
    pub version: String,
    /// What people call it.
    pub label: String,
    /// The legal source.
    pub source: String,
    /// The day whose version it is.
    pub on: Date,
    /// How it came about, in words.
    pub because: String,
}

/// Where and when a form is judged, and by what.
pub struct Bench<'a> {
    /// The ledger.
    pub kind: &'a Kind,
    /// The rule packs.
    pub packs: &'a Packs,
    /// Where the entry belongs.
    pub region: RegionCode,
    /// The day of the act.
    pub today: Date,
}

/// What came of judging a form.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Reckoned {
    /// What was reckoned now.
    pub judged: Vec<Judged>,
    /// Fields that the rules fill here, whether or not everything for it is there.
    pub fills: Vec<String>,
    /// What is missing or wrong, place by place.
    pub wrong: Vec<Place>,
}

/// The judgements that an entry carries.
pub fn judgements_of(fields: &Fields) -> Vec<Judged> {
    fields.get(JUDGED_FIELD).and_then(|v| Vec::deserialize(v).ok()).unwrap_or_default()
}

impl<'a> Bench<'a> {
    /// Judges what `form` touches and writes it into `fields`, which are the entry's with the form laid over them.
    pub fn judge(&self, fields: &mut Fields, form: &Fields) -> Reckoned {
        let mut found = Reckoned::default();
        let mut kept = judgements_of(fields);
        for judgement in &self.kind.judgements {
            let touched = judgement.causes().chain(judgement.filled()).any(|name| form.contains_key(name));
            if !touched {
                continue;
            }
            if applies(judgement, fields) {
                kept.retain(|j| j.grade != judgement.grade);
                found.fills.extend(judgement.filled().map(str::to_owned));
                self.one(judgement, fields, form, &mut found);
            } else if !self.kind.judgements.iter().any(|j| j.grade == judgement.grade && applies(j, fields)) {
                // Judged by a person now: what a pack had reckoned is no longer what it rests on.
                kept.retain(|j| j.grade != judgement.grade);
                judgement
                    .score
                    .iter()
                    .filter(|s| !form.contains_key(*s))
                    .for_each(|s| void(fields.remove(s)));
            }
        }
        kept.extend(found.judged.iter().cloned());
        match serde_json::to_value(&kept) {
            Ok(value) if !kept.is_empty() => void(fields.insert(JUDGED_FIELD.to_owned(), value)),
            _ => void(fields.remove(JUDGED_FIELD)),
        }
        found
    }

    fn one(&self, judgement: &Judgement, fields: &mut Fields, form: &Fields, found: &mut Reckoned) {
        let on = self.day(judgement.on.as_deref(), fields);
        let place = |field: &str, code, detail: String| Place::new(format!("/{field}"), code, detail);
        let Some(pack) = self.packs.find(&judgement.pack, self.region, on) else {
            let detail = format!("{on} 在这里没有有效的规则包，请管理员核对制度依据");
            found.wrong.push(place(&judgement.grade, "pack.none", detail));
            return;
        };
        match pack.judge(&self.given(&judgement.takes, fields)) {
            Err(lacks) => found.wrong.extend(lacks.into_iter().map(|lack| {
                let field = judgement.takes.get(&lack.name).unwrap_or(&judgement.grade);
                place(field, "judgement.input", lack.detail)
            })),
            Ok(verdict) => {
                let typed = typed_otherwise(judgement, form, &verdict);
                let words = format!("按{}是{}，由系统算出，不能另填", pack.label, verdict.outcome.label);
                found.wrong.extend(typed.map(|field| place(field, "field.reckoned", words.clone())));
                write(judgement, fields, &verdict);
                found.judged.push(judged(judgement, pack, on, verdict));
            }
        }
    }

    /// The range that a pack gives for what the fields say, and the pack; none where it has no row for it.
    pub(crate) fn range(
        &self,
        pack: &str,
        takes: &BTreeMap<String, String>,
        on: Option<&str>,
        fields: &Fields,
    ) -> Option<(&'a Pack, &'a Range)> {
        let pack = self.packs.find(pack, self.region, self.day(on, fields))?;
        Some((pack, pack.range(&self.given(takes, fields))?))
    }

    pub(crate) fn day(&self, field: Option<&str>, fields: &Fields) -> Date {
        let said = field.and_then(|name| fields.get(name)?.as_str()?.parse().ok());
        said.unwrap_or(self.today)
    }

    fn given(&self, takes: &BTreeMap<String, String>, fields: &Fields) -> BTreeMap<String, Given> {
        let one = |(input, field): (&String, &String)| {
            let money = self.kind.field(field).is_some_and(|f| f.kind == FieldType::Money);
            let given = match fields.get(field)? {
                Value::Number(n) if money => Given::Number(n.as_f64()? / FEN),
                Value::Number(n) => Given::Number(n.as_f64()?),
                Value::String(word) if !word.is_empty() => Given::Word(word.clone()),
                _ => return None,
            };
            Some((input.clone(), given))
        };
        takes.iter().filter_map(one).collect()
    }
}

fn applies(judgement: &Judgement, fields: &Fields) -> bool {
    judgement.when.iter().all(|(field, value)| fields.get(field).and_then(Value::as_str) == Some(value))
}

/// The field that a form fills with something else than what was reckoned.
fn typed_otherwise<'j>(judgement: &'j Judgement, form: &Fields, verdict: &Verdict) -> Option<&'j str> {
    let said = |name: &str| form.get(name).filter(|v| !v.is_null());
    let grade = said(&judgement.grade).is_some_and(|v| v.as_str() != Some(&verdict.outcome.value));
    let score =
        judgement.score.as_deref().filter(|name| said(name).is_some_and(|v| v.as_f64() != verdict.score));
    if grade { Some(&judgement.grade) } else { score }
}

fn write(judgement: &Judgement, fields: &mut Fields, verdict: &Verdict) {
    fields.insert(judgement.grade.clone(), verdict.outcome.value.clone().into());
    if let Some(name) = &judgement.score {
        match verdict.score {
            Some(score) => void(fields.insert(name.clone(), score.into())),
            None => void(fields.remove(name)),
        }
    }
}

fn judged(judgement: &Judgement, pack: &Pack, on: Date, verdict: Verdict) -> Judged {
    Judged {
        grade: judgement.grade.clone(),
        score: judgement.score.clone().filter(|_| verdict.score.is_some()),
        outcome: verdict.outcome.value,
        pack: pack.id.clone(),
        version: pack.version.clone(),
        label: pack.label.clone(),
        source: pack.source.clone(),
        on,
        because: verdict.because,
    }
}

fn void<T>(_: T) {}
