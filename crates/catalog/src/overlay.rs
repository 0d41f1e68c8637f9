//! Fields that a site adds to a shipped ledger (加项): 是否涉氨 on every hazard of a county with cold stores.
//!
//! An overlay only adds. It is laid on the shipped file at every start, so an upgrade brings what is new and keeps what the
//! site has. Where a later file asks for the same itself, the site's field rests: nobody is asked twice, what was filled
//! stays readable, and an administrator decides.

use crate::own_field::{self, OWN_PREFIX};
use crate::{Catalog, Kind, Move, OwnField};
use fengsui_base::Place;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The fields that a site adds to one shipped ledger.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Overlay {
    /// Name of the ledger.
    pub ledger: String,
    /// The fields, in the order of the form. What is in use is only added to, at the end.
    pub fields: Vec<OwnField>,
}

/// A field of an overlay that is not asked for, though nobody gave it up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resting {
    /// Its place among the fields of the overlay, from 0.
    pub place: usize,
    /// Why, and what to do.
    pub why: String,
}

impl Overlay {
    /// What is wrong, by the place in the form. `adopted` is what is in use: it may be added to, and nothing taken away.
    pub fn mistakes(&self, kind: &Kind, adopted: Option<&Overlay>) -> Vec<Place> {
        let mut wrong = Vec::new();
        if !can_be_added_to(kind) {
            let detail = format!("“{}”由程序登记，不能加项", kind.label);
            wrong.push(Place::new("/fields", "overlay.ledger", detail));
        }
        if self.fields.is_empty() {
            wrong.push(Place::new("/fields", "field.required", "请先添加一项"));
        }
        own_field::mistakes(&self.fields, &bare(kind).fields, &mut wrong);
        if let Some(before) = adopted {
            own_field::taken_away(&before.fields, &self.fields, &mut wrong);
        }
        wrong
    }

    /// The ledger with these fields and no others of the site.
    ///
    /// A field is asked for by every move by which people open an entry. Required means: by those. Entries that are there
    /// already, and whatever else moves them, are never refused for its sake.
    #[must_use]
    pub fn laid_on(&self, kind: &Kind) -> Kind {
        let mut kind = bare(kind);
        let rests: Vec<usize> = self.clashes(&kind).map(|(n, _)| n).collect();
        kind.retired.extend(own_field::given_up(&self.fields));
        kind.retired.extend(rests.iter().map(|n| own_field::own_name(*n)));
        let live = self.fields.iter().enumerate().filter(|(n, f)| !f.retired && !rests.contains(n));
        own_field::lay(&mut kind, live, opened_by_people);
        kind.fields.iter_mut().filter(|f| is_own(&f.name)).for_each(|f| f.required = false);
        kind
    }

    /// The fields that rest because the shipped ledger has come to ask for the same.
    pub fn resting(&self, kind: &Kind) -> Vec<Resting> {
        let bare = bare(kind);
        let why = |label: &str| {
            format!(
                "自带的“{}”现在也有“{label}”这一项，本地这一项暂停填写，已填的照样看得到；请改名，或勾“停用”",
                kind.label
            )
        };
        self.clashes(&bare).map(|(place, own)| Resting { place, why: why(own.label.trim()) }).collect()
    }

    fn clashes<'o>(&'o self, bare: &'o Kind) -> impl Iterator<Item = (usize, &'o OwnField)> {
        let shipped = |own: &OwnField| bare.fields.iter().any(|f| f.label == own.label.trim());
        self.fields.iter().enumerate().filter(move |(_, own)| !own.retired && shipped(own))
    }
}

/// Whether a site may add fields to a ledger: a shipped one of which people open entries.
pub fn can_be_added_to(kind: &Kind) -> bool {
    kind.is_ledger() && kind.campaign.is_none() && kind.moves.iter().any(opened_by_people)
}

fn opened_by_people(mv: &Move) -> bool {
    mv.opens() && !mv.issues
}

fn is_own(name: &str) -> bool {
    name.starts_with(OWN_PREFIX)
}

/// The ledger without what a site added to it.
pub(crate) fn bare(kind: &Kind) -> Kind {
    let mut kind = kind.clone();
    kind.fields.retain(|f| !is_own(&f.name));
    kind.retired.retain(|name| !is_own(name));
    kind.moves.iter_mut().for_each(|m| m.asks.retain(|ask| !is_own(ask)));
    if let Some(office) = &mut kind.office {
        office.columns.retain(|column| !is_own(column));
    }
    kind
}

impl Catalog {
    /// The catalog with what the site adds to shipped ledgers. An overlay of a ledger that is shipped no more has nothing
    /// to lie on and waits.
    #[must_use]
    pub fn with_overlays(mut self, overlays: &[Overlay]) -> Self {
        for overlay in overlays {
            if let Some(kind) = self.kinds.get(&overlay.ledger).filter(|k| can_be_added_to(k)) {
                let laid = overlay.laid_on(kind);
                self.kinds.insert(overlay.ledger.clone(), Arc::new(laid));
            }
        }
        self
    }
}

#[cfg(test)]
#[path = "overlay_tests.rs"]
mod tests;
