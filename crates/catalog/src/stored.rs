//! A catalog as one text, as it is stored with each revision: complete, so that an entry of ten years ago can be read by
//! the fields it was made with.

use crate::{
    ArchivePart, Catalog, Issuer, Kind, LifeRule, Menu, Pack, Packs, Paper, Pattern, Post, Proposal, Quantity,
};
use fengsui_base::CalendarYear;
use serde::{Deserialize, Serialize};

/// Everything that a catalog holds. Parts that an earlier program did not store are empty.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Stored {
    kinds: Vec<Kind>,
    posts: Vec<Post>,
    quantities: Vec<Quantity>,
    proposals: Vec<Proposal>,
    service_lives: Vec<LifeRule>,
    holiday_years: Vec<CalendarYear>,
    menus: Vec<Menu>,
    papers: Vec<Paper>,
    patterns: Vec<Pattern>,
    packs: Vec<Pack>,
    issuers: Vec<Issuer>,
    archive: Vec<ArchivePart>,
}

impl Catalog {
    /// The whole catalog as JSON; the same catalog gives the same text.
    pub fn text(&self) -> String {
        let stored = Stored {
            kinds: self.kinds().cloned().collect(),
            posts: self.posts().cloned().collect(),
            quantities: self.quantities.values().copied().collect(),
            proposals: self.proposals.clone(),
            service_lives: self.lives.clone(),
            holiday_years: self.holiday_years.clone(),
            menus: self.menus.clone(),
            papers: self.papers.clone(),
            patterns: self.patterns.clone(),
            packs: self.packs.all().to_vec(),
            issuers: self.issuers.clone(),
            archive: self.archive.clone(),
        };
        serde_json::to_string(&stored).expect("a catalog has no maps with keys other than text")
    }

    /// Reads back what [`Catalog::text`] wrote as this revision. It was checked before it was stored and is not checked again.
    ///
    /// Errors: the text is of a program that wrote the catalog in other words.
    pub fn of_text(text: &str, revision: u32) -> Result<Self, String> {
        let stored: Stored =
            serde_json::from_str(text).map_err(|error| format!("目录第 {revision} 版读不出来：{error}"))?;
        let mut catalog = Self { revision, ..Self::empty() };
        catalog.kinds = stored.kinds.into_iter().map(|kind| (kind.name.clone(), kind.into())).collect();
        catalog.posts = stored.posts.into_iter().map(|post| (post.name.clone(), post)).collect();
        catalog.quantities = stored.quantities.into_iter().map(|q| (q.analog_type, q)).collect();
        catalog.proposals = stored.proposals;
        catalog.lives = stored.service_lives;
        catalog.holiday_years = stored.holiday_years;
        catalog.menus = stored.menus;
        catalog.papers = stored.papers;
        catalog.patterns = stored.patterns;
        catalog.packs = Packs(stored.packs).into();
        catalog.issuers = stored.issuers;
        catalog.archive = stored.archive;
        Ok(catalog)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Catalog, differences};

    #[test]
    fn what_is_stored_can_be_read_back_whole() {
        let text = r#"
menu = [{ name = "grassroots", label = "基层" }]
paper = [{ name = "receipt", label = "送达回证", law = "fire_supervision", file = "receipt.docx", word = "送" }]

[[post]]
name = "grid_worker"
label = "网格员"
description = "走访"
permissions = ["ledger.use"]

[[kind]]
name = "visit"
label = "走访"
measure = "次"
states = [
  { name = "planned", label = "待走访", clock = { owner = { post = "grid_worker" }, due = { term = "3wd" }, basis = "办法", escalates = [{ after = "1d", to = "grid_worker" }] } },
  { name = "done", label = "已走访", end = true },
]
fields = [{ name = "what", label = "事项", type = "text", required = true, was = "matter" }]
moves = [
  { name = "plan", label = "安排", to = "planned", by = ["grid_worker"], asks = ["what"] },
  { name = "finish", label = "完成", from = ["planned"], to = "done", by = ["grid_worker"], guards = ["not_the_unit", { not_who_did = "plan" }], sets = { what = "走访过" } },
]

[kind.office]
menu = "grassroots"
number = "ZF"
title = "what"
readers = ["grid_worker"]

[[pack]]
id = "grade"
version = "1"
label = "等级"
source = "某办法"
jurisdiction = { code = "990000000000", level = "province" }
takes = [{ name = "deaths", label = "死亡" }]
gives = [{ value = "low", label = "低", level = 4 }]
criteria = [{ of = ["deaths"], bands = [{ gives = "low" }] }]

[[pack_case]]
pack = "grade"
version = "1"
region = "990101001000"
on = "2026-11-22"
given = { deaths = 1 }
gives = "low"
"#;
        let catalog = Catalog::load(&[("visit.toml", text)]).unwrap();
        let again = Catalog::of_text(&catalog.text(), 7).unwrap();
        assert_eq!(again.text(), catalog.text());
        assert!(differences(&catalog, &again).is_empty());
        assert_eq!((again.revision(), again.menus(), again.papers()), (7, catalog.menus(), catalog.papers()));
        assert_eq!(again.kind("visit"), catalog.kind("visit"));
        assert_eq!(again.packs(), catalog.packs());
    }

    #[test]
    fn a_text_of_an_earlier_program_has_no_menus_and_one_in_other_words_is_refused() {
        assert!(Catalog::of_text(r#"{"kinds":[],"posts":[]}"#, 1).unwrap().menus().is_empty());
        let wrong = Catalog::of_text(r#"{"kinds":[{"colour":1}]}"#, 3).unwrap_err();
        assert!(wrong.starts_with("目录第 3 版读不出来"), "{wrong}");
    }
}
