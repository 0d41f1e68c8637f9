//! Ledgers of the site (本地台账): what an administrator fills in to make one, whether it can be, and the ledger it makes.
//!
//! A ledger of the site is written in the same words as a shipped one and lived by the same engine. What an administrator
//! chooses is a pattern, own fields, an area, an end and a target; there is nothing in it that could not be lived.

use crate::own_field::{self, LABEL_CHARS_MAX, MEASURE_CHARS_MAX, text};
use crate::{Campaign, Catalog, Jurisdiction, Kind, OwnField, Pattern, Target};
use fengsui_base::Place;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The group of the menu that campaigns stand in.
pub const CAMPAIGN_MENU: &str = "campaigns";
/// Most ledgers of a site that are drafts or in use.
pub const SITE_LEDGERS_MAX: usize = 60;
/// Most regions of an area.
pub const AREA_MAX: usize = 50;
/// Letters before a running number: at least and at most.
const NUMBER_LETTERS: std::ops::RangeInclusive<usize> = 2..=6;
/// Largest target.
const TARGET_MAX: u32 = 10_000_000;

/// A ledger as an administrator fills it in.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SiteLedger {
    /// What people call it: 冬季群租房整治.
    pub label: String,
    /// Measure word.
    pub measure: String,
    /// Letters before the running number.
    pub number: String,
    /// The pattern it begins with.
    pub pattern: String,
    /// Own fields, in the order of the form. What is in use is only added to, at the end.
    #[serde(default)]
    pub fields: Vec<OwnField>,
    /// Where it is kept.
    pub area: Vec<Jurisdiction>,
    /// The last day on which entries are opened.
    pub ends_on: Date,
    /// What is to be reached.
    #[serde(default)]
    pub target: Option<Target>,
}

impl SiteLedger {
    /// What is wrong, by the place in the form. `own` is the name of the ledger where it is in use or a draft already, and
    /// `adopted` what is in use of it: that may be added to, and nothing of it taken away.
    pub fn mistakes(
        &self,
        catalog: &Catalog,
        today: Date,
        own: &str,
        adopted: Option<&SiteLedger>,
    ) -> Vec<Place> {
        let mut wrong = Vec::new();
        self.head_mistakes(catalog, own, &mut wrong);
        if self.ends_on < today && adopted.is_none_or(|before| before.ends_on != self.ends_on) {
            wrong.push(Place::new("/ends_on", "date.past", format!("截止日期不能早于今天（{today}）")));
        }
        if self.area.is_empty() || self.area.len() > AREA_MAX {
            let detail = format!("请选在哪些辖区开展，最多 {AREA_MAX} 个");
            wrong.push(Place::new("/area", "area.count", detail));
        }
        if self.target.is_some_and(|t| !(1..=TARGET_MAX).contains(&t.count)) {
            wrong.push(Place::new(
                "/target",
                "number.bounds",
                format!("目标数是 1 到 {TARGET_MAX}，没有就空着"),
            ));
        }
        let shipped = catalog.pattern(&self.pattern).map(|p| p.ledger.fields.as_slice()).unwrap_or_default();
        own_field::mistakes(&self.fields, shipped, &mut wrong);
        if let Some(before) = adopted {
            self.taken_away(before, &mut wrong);
        }
        wrong
    }

    fn head_mistakes(&self, catalog: &Catalog, own: &str, wrong: &mut Vec<Place>) {
        let others = || catalog.ledgers().filter(|k| k.name != own);
        text("/label", "台账名称", &self.label, LABEL_CHARS_MAX, wrong);
        if others().any(|k| k.label == self.label.trim()) {
            wrong.push(Place::new("/label", "label.twice", "已经有同名的台账，请换个名称"));
        }
        text("/measure", "量词", &self.measure, MEASURE_CHARS_MAX, wrong);
        let letters = self.number.chars().all(|c| c.is_ascii_uppercase());
        if !letters || !NUMBER_LETTERS.contains(&self.number.len()) {
            let (least, most) = (NUMBER_LETTERS.start(), NUMBER_LETTERS.end());
            let detail = format!("编号字头是 {least} 到 {most} 个大写字母，如 DJZZ");
            wrong.push(Place::new("/number", "number.letters", detail));
        } else if others().any(|k| k.office.as_ref().is_some_and(|o| o.number == self.number)) {
            let detail = format!("编号字头 {} 别的台账已在用，请换一个", self.number);
            wrong.push(Place::new("/number", "number.twice", detail));
        }
        if catalog.pattern(&self.pattern).is_none() {
            wrong.push(Place::new("/pattern", "pattern.unknown", "请选从哪个样式开始"));
        }
    }

    /// What is in use stays: entries name their fields and choices by their places.
    fn taken_away(&self, before: &SiteLedger, wrong: &mut Vec<Place>) {
        if before.pattern != self.pattern {
            wrong.push(Place::new("/pattern", "pattern.fixed", "已启用的台账不能换样式"));
        }
        if before.number != self.number {
            wrong.push(Place::new("/number", "number.fixed", "已启用的台账不能换编号字头"));
        }
        own_field::taken_away(&before.fields, &self.fields, wrong);
        self.required_late(&before.fields, wrong);
    }

    /// A field that entries do not have yet is asked for and not required: they would be refused at their next step.
    fn required_late(&self, before: &[OwnField], wrong: &mut Vec<Place>) {
        for (n, field) in self.fields.iter().enumerate().filter(|(_, f)| f.required && !f.retired) {
            match before.get(n) {
                Some(before) if !before.required || before.retired => {
                    let detail = format!("“{}”已在用，不能改成必填", field.label);
                    wrong.push(Place::new(format!("/fields/{n}"), "field.fixed", detail));
                }
                None => {
                    let detail = format!("“{}”是后加的，不能必填：已登记的没有这一项", field.label);
                    wrong.push(Place::new(format!("/fields/{n}/required"), "field.late", detail));
                }
                Some(_) => {}
            }
        }
    }

    /// The ledger that it makes, under this name.
    pub fn ledger(&self, name: &str, pattern: &Pattern) -> Kind {
        let mut kind = pattern.ledger.clone();
        kind.name = name.to_owned();
        kind.label = self.label.trim().to_owned();
        kind.measure = self.measure.trim().to_owned();
        if let Some(office) = &mut kind.office {
            office.menu = CAMPAIGN_MENU.to_owned();
            office.number.clone_from(&self.number);
        }
        kind.retired.extend(own_field::given_up(&self.fields));
        let live = self.fields.iter().enumerate().filter(|(_, f)| !f.retired);
        own_field::lay(&mut kind, live, |m| pattern.asked_by.contains(&m.name));
        kind.campaign = Some(Campaign {
            area: self.area.clone(),
            ends_on: self.ends_on,
            ended_on: None,
            target: self.target,
            uncounted: pattern.uncounted.clone(),
        });
        kind
    }
}

impl Catalog {
    /// The catalog with these ledgers of the site beside the shipped ones. One that no longer fits (after an upgrade that took
    /// away a post it names, say) stays readable and rests: nothing moves in it until an administrator has looked.
    #[must_use]
    pub fn with_site(mut self, ledgers: Vec<Kind>) -> Self {
        for mut kind in ledgers {
            let wrong = self.unfit(&kind);
            kind.resting = (!wrong.is_empty()).then(|| wrong.join("；"));
            if self.kind(&kind.name).is_none_or(|known| known.campaign.is_some()) {
                self.kinds.insert(kind.name.clone(), Arc::new(kind));
            }
        }
        self
    }

    /// Why such a ledger cannot be lived in this catalog; nothing where it can.
    pub fn unfit(&self, kind: &Kind) -> Vec<String> {
        let shipped = self.kind(&kind.name).is_some_and(|known| known.campaign.is_none());
        let taken = shipped.then(|| format!("名称 {} 和自带的台账相同", kind.name));
        let found = self.unsound_here(kind).into_iter();
        kind.mistakes().into_iter().chain(taken).chain(found).collect()
    }
}
