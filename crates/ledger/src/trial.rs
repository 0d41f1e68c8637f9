//! What rule packs say of a form that is still being filled in (试算): the grade that would be reckoned, and the range that
//! a number must keep to. Nothing is stored by it.

use crate::bounds::{in_range, range_words};
use crate::{Bench, Judged};
use fengsui_base::{Fields, overlaid};
use fengsui_catalog::{Guard, Kind};
use jiff::civil::Date;

/// The range that a rule pack gives for a number of a form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bounded {
    /// The field.
    pub field: String,
    /// The range in words, in the unit of the field.
    pub words: String,
    /// Why it is this one: article, place, case.
    pub because: String,
    /// What is wrong with the number that stands there; none while it keeps to the range or is not filled in.
    pub wrong: Option<String>,
    /// What people call the pack.
    pub label: String,
    /// Its version.
    pub version: String,
    /// The legal source.
    pub source: String,
    /// The day whose version it is.
    pub on: Date,
}

/// What rule packs say of a form.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Trial {
    /// What would be reckoned.
    pub judged: Vec<Judged>,
    /// Fields that the rules fill: nobody types them.
    pub fills: Vec<String>,
    /// What is missing or wrong, as sentences.
    pub wrong: Vec<String>,
    /// The ranges of its numbers.
    pub bounds: Vec<Bounded>,
}

impl Bench<'_> {
    /// Tries a form that lies over the fields of an entry, or over nothing. All of it is judged, also what was written
    /// before it was opened; what a pack had filled then counts only where the form says it again.
    pub fn try_form(&self, entry: &Fields, form: &Fields) -> Trial {
        let mut fields = overlaid(entry, form);
        let mut said = fields.clone();
        for name in self.kind.judgements.iter().flat_map(|j| j.filled()) {
            if !form.contains_key(name) {
                said.remove(name);
            }
        }
        let bounds = self.bounds(&fields);
        let found = self.judge(&mut fields, &said);
        let mut wrong: Vec<String> = found.wrong.into_iter().map(|place| place.detail).collect();
        wrong.dedup();
        Trial { judged: found.judged, fills: found.fills, wrong, bounds }
    }

    /// The ranges that hold for what the fields say, one for each number.
    fn bounds(&self, fields: &Fields) -> Vec<Bounded> {
        let mut found: Vec<Bounded> = Vec::new();
        for guard in self.kind.moves.iter().flat_map(|m| &m.guards) {
            let Guard::InRange { field, pack, takes, on } = guard else { continue };
            if found.iter().any(|b| b.field == *field) {
                continue;
            }
            let Some((pack, range)) = self.range(pack, takes, on.as_deref(), fields) else { continue };
            found.push(Bounded {
                field: field.clone(),
                words: range_words(self.kind, field, range),
                because: range.because.clone(),
                wrong: in_range(self.kind, field, range, fields),
                label: pack.label.clone(),
                version: pack.version.clone(),
                source: pack.source.clone(),
                on: self.day(on.as_deref(), fields),
            });
        }
        found
    }
}

/// The fields of a ledger from which rule packs reckon something or take a range: a form with none of them need not be
/// tried.
pub fn looked_at(kind: &Kind) -> Vec<String> {
    let ranged = kind.moves.iter().flat_map(|m| &m.guards).filter_map(|guard| match guard {
        Guard::InRange { takes, on, .. } => Some(takes.values().chain(on).map(String::as_str)),
        _ => None,
    });
    let judged = kind.judgements.iter().flat_map(|j| j.causes());
    let mut names: Vec<String> = judged.chain(ranged.flatten()).map(str::to_owned).collect();
    names.sort_unstable();
    names.dedup();
    names
}
