//! The product's knowledge as checked data: ledger kinds (台账种类), posts (岗位), the usual limits of measured values,
//! the service lives of equipment and the holidays of each year, from TOML text handed in.
//!
//! The catalog is checked as a whole before anything uses it, and every mistake is named with file and line.
//! What passes here cannot fail later: a field has a type, a state is declared, a permission exists.

mod archive;
mod campaign;
mod check;
mod diagnostic;
mod differences;
mod gauge;
mod holidays;
mod inherit;
mod issuer;
mod kind;
mod life;
mod lifecycle;
mod menu;
mod overlay;
mod own_field;
mod pack;
mod pack_cases;
mod pack_sound;
mod paper;
mod paper_sound;
mod pattern;
mod post;
mod reason;
mod site;
mod sound;
mod stored;

pub use archive::ArchivePart;
pub use campaign::{Campaign, Target};
pub use check::{RESERVED, check_fields};
pub use diagnostic::Diagnostic;
pub use differences::{Difference, differences};
pub use gauge::{Proposal, Quantity};
pub use issuer::Issuer;
pub use kind::{Choice, Field, FieldType, Follow, Judgement, Kind, Office};
pub use life::{AGING_PARTS, Jurisdiction, LIFE_YEARS_MAX, LifeCase, LifeQuestion, LifeRule};
pub use lifecycle::{Also, Clock, ClockOwner, DueRule, Escalation, Guard, Move, State};
pub use menu::Menu;
pub use overlay::{Overlay, Resting, can_be_added_to};
pub use own_field::{
    HELP_CHARS_MAX, LABEL_CHARS_MAX, OWN_CHOICES_MAX, OWN_FIELDS_MAX, OWN_PREFIX, OwnField, OwnFieldType,
};
pub use pack::{
    Band, Condition, Criterion, Factor, Given, Lack, Otherwise, Outcome, Pack, Packs, Range, Row, Taken,
    Verdict,
};
pub use pack_sound::{PACK_ROWS_MAX, PackCase};
pub use paper::{
    ITSELF, IssuedFrom, LITERAL, Law, OF_ENTRY, OF_PAPER, PAPERS_BEFORE, Paper, PlaceSource, RecordsOf,
    WRITTEN, WithChoice,
};
pub use pattern::Pattern;
pub use post::{HeldFor, Permission, Post};
pub use site::{AREA_MAX, CAMPAIGN_MENU, SITE_LEDGERS_MAX, SiteLedger};

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many kinds, posts, fields or states one catalog part may hold.
pub const PARTS_MAX: usize = 500;
/// How large one catalog file may be, in bytes.
pub const FILE_BYTES_MAX: usize = 256 * 1024;

/// A catalog that has been checked.
#[derive(Clone, Debug)]
pub struct Catalog {
    revision: u32,
    kinds: BTreeMap<String, Arc<Kind>>,
    posts: BTreeMap<String, Post>,
    quantities: BTreeMap<u8, Quantity>,
    proposals: Vec<Proposal>,
    lives: Vec<LifeRule>,
    holiday_years: Vec<fengsui_base::CalendarYear>,
    menus: Vec<Menu>,
    papers: Vec<Paper>,
    patterns: Vec<Pattern>,
    packs: Arc<Packs>,
    issuers: Vec<Issuer>,
    archive: Vec<ArchivePart>,
}

/// One catalog file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    kind: Vec<toml::Spanned<Kind>>,
    #[serde(default)]
    post: Vec<toml::Spanned<Post>>,
    #[serde(default)]
    quantity: Vec<toml::Spanned<Quantity>>,
    #[serde(default)]
    proposal: Vec<toml::Spanned<Proposal>>,
    #[serde(default)]
    menu: Vec<Menu>,
    #[serde(default)]
    paper: Vec<toml::Spanned<Paper>>,
    #[serde(default)]
    pattern: Vec<toml::Spanned<Pattern>>,
    #[serde(default)]
    pack: Vec<toml::Spanned<Pack>>,
    #[serde(default)]
    pack_case: Vec<toml::Spanned<PackCase>>,
    #[serde(default)]
    archive: Vec<toml::Spanned<ArchivePart>>,
    #[serde(default)]
    issuer: Vec<toml::Spanned<Issuer>>,
    #[serde(default)]
    service_life: Vec<toml::Spanned<LifeRule>>,
    #[serde(default)]
    service_life_case: Vec<toml::Spanned<LifeCase>>,
    #[serde(default)]
    holiday_year: Vec<toml::Spanned<holidays::HolidayYear>>,
}

impl Catalog {
    /// Parses and checks all files together; `files` are (name, text) pairs.
    ///
    /// Errors: every mistake found, each with file and line.
    pub fn load(files: &[(&str, &str)]) -> Result<Self, Vec<Diagnostic>> {
        let mut catalog = Self::empty();
        let (mut wrong, mut cases, mut places, mut papers) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (mut patterns, mut parts) = (Vec::new(), Vec::new());
        let mut tried = pack_cases::Tried::default();
        for (name, text) in files {
            match parse(name, text) {
                Ok(mut file) => {
                    let own = std::mem::take(&mut file.service_life_case).into_iter();
                    cases.extend(own.map(|c| (Diagnostic::at(name, text, c.span().start), c.into_inner())));
                    tried.read(name, text, &mut file);
                    let own = std::mem::take(&mut file.archive).into_iter();
                    parts.extend(own.map(|p| (Diagnostic::at(name, text, p.span().start), p.into_inner())));
                    places.extend(stretches(name, text, &file.kind));
                    patterns.extend(file.pattern.iter().map(|p| Diagnostic::at(name, text, p.span().start)));
                    papers.extend(written_papers(name, text, &file.paper));
                    catalog.add(name, text, file, &mut wrong);
                }
                Err(mistake) => wrong.push(mistake),
            }
        }
        // A ledger may refer to posts and ledgers of other files: they are looked at when all are there.
        wrong.extend(catalog.unsound(&places));
        // A pattern is lived like the ledgers that will be made of it.
        for (pattern, at) in catalog.patterns.iter().zip(&patterns) {
            let unseen = catalog.unseen_by_units(&pattern.ledger).into_iter().map(|u| u.message);
            let found =
                pattern.mistakes().into_iter().chain(catalog.unsound_here(&pattern.ledger)).chain(unseen);
            wrong.extend(found.map(|m| at.saying(m)));
        }
        wrong.extend(catalog.unsound_papers(&papers));
        // A case may rest on a rule of another file: they are tried when all are there.
        wrong.extend(cases.iter().filter_map(|(at, case)| catalog.wrong_case(case).map(|m| at.saying(m))));
        wrong.extend(tried.wrong(&catalog.packs));
        wrong.extend(archive::mistakes(&parts, &catalog.kinds));
        catalog.archive = parts.into_iter().map(|(_, part)| part).collect();
        if wrong.is_empty() { Ok(catalog) } else { Err(wrong) }
    }

    fn empty() -> Self {
        Self {
            revision: 0,
            kinds: BTreeMap::new(),
            posts: BTreeMap::new(),
            quantities: BTreeMap::new(),
            proposals: Vec::new(),
            lives: Vec::new(),
            holiday_years: Vec::new(),
            menus: Vec::new(),
            papers: Vec::new(),
            patterns: Vec::new(),
            packs: Arc::default(),
            issuers: Vec::new(),
            archive: Vec::new(),
        }
    }

    /// The number under which it is stored; 0 while it is not.
    pub fn revision(&self) -> u32 {
        self.revision
    }

    /// The same catalog under the number it is stored with.
    pub fn numbered(self, revision: u32) -> Self {
        Self { revision, ..self }
    }

    /// Why a ledger cannot be lived among the others, whether it is one of them or not.
    pub(crate) fn unsound_here(&self, kind: &Kind) -> Vec<String> {
        self.found_unsound(kind).into_iter().map(|u| u.message).collect()
    }

    fn found_unsound(&self, kind: &Kind) -> Vec<sound::Unsound> {
        let world = sound::World {
            kinds: &self.kinds,
            post: &|name| {
                self.posts.get(name).is_some_and(|p| p.permissions.contains(&Permission::LedgerUse))
            },
            menu: &|name| self.menus.iter().any(|m| m.name == name),
            paper: &|name, ledger| {
                self.papers.iter().any(|p| p.name == name && p.issued_from(ledger).next().is_some())
            },
        };
        sound::unsound(kind, &world)
    }

    fn unseen_by_units(&self, kind: &Kind) -> Vec<sound::Unsound> {
        let of_unit = |name: &str| self.posts.get(name).is_some_and(|post| post.held_for == HeldFor::Unit);
        sound::unseen_by_units(kind, &of_unit)
    }

    fn unsound(&self, places: &[(String, Stretch<'_>)]) -> Vec<Diagnostic> {
        let of = |(name, place): &(String, Stretch<'_>)| {
            let found = self.kinds.get(name).map(|kind| self.found_unsound(kind)).unwrap_or_default();
            let unseen = self.kinds.get(name).map(|kind| self.unseen_by_units(kind)).unwrap_or_default();
            let judged = self.kinds.get(name).map(|kind| pack_sound::unsound(kind, &self.packs));
            let found = found
                .into_iter()
                .chain(unseen)
                .chain(judged.unwrap_or_default())
                .map(|u| (u.near, u.message));
            let listed = self.kinds.get(name).map(|kind| paper_sound::unlisted(kind, &self.papers));
            let found = found.chain(listed.unwrap_or_default());
            found.map(|(near, message)| place.near(&near).saying(message)).collect::<Vec<_>>()
        };
        places.iter().flat_map(of).collect()
    }

    fn unsound_papers(&self, places: &[(String, Stretch<'_>)]) -> Vec<Diagnostic> {
        let post =
            |name: &str| self.posts.get(name).is_some_and(|p| p.permissions.contains(&Permission::LedgerUse));
        let of = |(name, place): &(String, Stretch<'_>)| {
            let paper = self.papers.iter().find(|paper| paper.name == *name);
            let found =
                paper.map(|paper| paper_sound::unsound(paper, &self.kinds, &post)).unwrap_or_default();
            found.into_iter().map(|(near, message)| place.near(&near).saying(message)).collect::<Vec<_>>()
        };
        places.iter().flat_map(of).collect()
    }

    fn add(&mut self, name: &str, text: &str, mut file: File, wrong: &mut Vec<Diagnostic>) {
        self.menus.append(&mut file.menu);
        self.patterns.extend(std::mem::take(&mut file.pattern).into_iter().map(toml::Spanned::into_inner));
        self.add_papers(name, text, std::mem::take(&mut file.paper), wrong);
        self.add_packs(name, text, std::mem::take(&mut file.pack), wrong);
        for spanned in std::mem::take(&mut file.issuer) {
            let at = Diagnostic::at(name, text, spanned.span().start);
            wrong.extend(spanned.get_ref().mistake().map(|m| at.saying(m)));
            self.issuers.push(spanned.into_inner());
        }
        for spanned in file.kind {
            let at = Diagnostic::at(name, text, spanned.span().start);
            let kind = spanned.into_inner();
            wrong.extend(kind.mistakes().into_iter().map(|m| at.saying(m)));
            wrong.extend(kind.taken_names().map(|m| at.saying(m)));
            if self.kinds.contains_key(&kind.name) {
                wrong.push(at.saying(format!("台账种类 {} 出现两次", kind.name)));
            }
            self.kinds.insert(kind.name.clone(), kind.into());
        }
        for spanned in file.post {
            let at = Diagnostic::at(name, text, spanned.span().start);
            let post = spanned.into_inner();
            wrong.extend(post.mistakes().into_iter().map(|m| at.saying(m)));
            if self.posts.contains_key(&post.name) {
                wrong.push(at.saying(format!("岗位 {} 出现两次", post.name)));
            }
            self.posts.insert(post.name.clone(), post);
        }
        self.add_gauges(name, text, file.quantity, file.proposal, wrong);
        self.add_lives(name, text, file.service_life, wrong);
        self.add_holidays(name, text, file.holiday_year, wrong);
        let most = self.kinds.len().max(self.posts.len()).max(self.proposals.len()).max(self.lives.len());
        if most > PARTS_MAX {
            wrong.push(
                Diagnostic::at(name, text, 0)
                    .saying(format!("种类、岗位、建议限值或使用年限超过 {PARTS_MAX} 个")),
            );
        }
    }

    fn add_papers(
        &mut self,
        name: &str,
        text: &str,
        papers: Vec<toml::Spanned<Paper>>,
        wrong: &mut Vec<Diagnostic>,
    ) {
        for spanned in papers {
            let at = Diagnostic::at(name, text, spanned.span().start);
            let paper = Paper { written_at: format!("{}:{}", at.file, at.line), ..spanned.into_inner() };
            wrong.extend(paper.mistake().map(|m| at.saying(m)));
            if self.papers.iter().any(|known| known.name == paper.name) {
                wrong.push(at.saying(format!("文书 {} 出现两次", paper.name)));
            }
            self.papers.push(paper);
        }
    }

    fn add_gauges(
        &mut self,
        name: &str,
        text: &str,
        quantities: Vec<toml::Spanned<Quantity>>,
        proposals: Vec<toml::Spanned<Proposal>>,
        wrong: &mut Vec<Diagnostic>,
    ) {
        for spanned in quantities {
            let at = Diagnostic::at(name, text, spanned.span().start);
            let quantity = spanned.into_inner();
            wrong.extend(quantity.mistake().map(|m| at.saying(m)));
            if self.quantities.insert(quantity.analog_type, quantity).is_some() {
                wrong.push(at.saying(format!("模拟量 {} 出现两次", quantity.analog_type)));
            }
        }
        for spanned in proposals {
            let at = Diagnostic::at(name, text, spanned.span().start);
            let proposal = spanned.into_inner();
            wrong.extend(proposal.mistake().map(|m| at.saying(m)));
            self.proposals.push(proposal);
        }
    }

    fn add_lives(
        &mut self,
        name: &str,
        text: &str,
        lives: Vec<toml::Spanned<LifeRule>>,
        wrong: &mut Vec<Diagnostic>,
    ) {
        for spanned in lives {
            let at = Diagnostic::at(name, text, spanned.span().start);
            let rule = spanned.into_inner();
            wrong.extend(rule.mistake().map(|m| at.saying(m)));
            if self.lives.iter().any(|known| known.id == rule.id) {
                wrong.push(at.saying(format!("使用年限 {} 出现两次", rule.id)));
            }
            self.lives.push(rule);
        }
    }

    fn wrong_case(&self, case: &LifeCase) -> Option<String> {
        let found = self.service_life(&case.question()).map(|rule| rule.years);
        let words = || found.map_or("没有规定".to_owned(), |years| format!("{years} 年"));
        (found != Some(case.years))
            .then(|| format!("使用年限的用例算出来是{}，应是 {} 年", words(), case.years))
    }

    /// The rule on how long something may serve, by place and day; none where no rule is about it.
    pub fn service_life(&self, asked: &LifeQuestion<'_>) -> Option<&LifeRule> {
        life::rule_for(&self.lives, asked)
    }

    /// The limits that are usual for such a value of such a point: the first proposal that fits.
    pub fn proposal(&self, system_type: u8, component_type: u8, analog_type: u8) -> Option<&Proposal> {
        self.proposals_for(system_type, component_type).find(|p| p.analog_type == analog_type)
    }

    /// All proposals for such a point.
    pub fn proposals_for(&self, system_type: u8, component_type: u8) -> impl Iterator<Item = &Proposal> {
        self.proposals.iter().filter(move |p| p.fits(system_type, component_type))
    }

    /// The readings that a sound sensor can give; none where nobody knows.
    pub fn plausible(&self, analog_type: u8) -> Option<[f64; 2]> {
        self.quantities.get(&analog_type).map(|q| q.plausible)
    }

    /// The papers that are printed, in the order of their files.
    pub fn papers(&self) -> &[Paper] {
        &self.papers
    }

    /// What belongs to the archive of a unit, in its order.
    pub fn archive(&self) -> &[ArchivePart] {
        &self.archive
    }

    /// The patterns of ledgers that a site makes, in the order of their files.
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// The pattern with this name.
    pub fn pattern(&self, name: &str) -> Option<&Pattern> {
        self.patterns.iter().find(|pattern| pattern.name == name)
    }

    /// Who issues papers where a site says nothing else.
    pub fn issuers(&self) -> &[Issuer] {
        &self.issuers
    }

    /// The groups of the office's menu, in their order.
    pub fn menus(&self) -> &[Menu] {
        &self.menus
    }

    /// The ledgers of the office, by name.
    pub fn ledgers(&self) -> impl Iterator<Item = &Kind> {
        self.kinds().filter(|k| k.is_ledger())
    }

    /// The kind with this name.
    pub fn kind(&self, name: &str) -> Option<&Kind> {
        self.kinds.get(name).map(AsRef::as_ref)
    }

    /// The post with this name.
    pub fn post(&self, name: &str) -> Option<&Post> {
        self.posts.get(name)
    }

    /// All kinds, by name.
    pub fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.kinds.values().map(AsRef::as_ref)
    }

    /// All posts, by name.
    pub fn posts(&self) -> impl Iterator<Item = &Post> {
        self.posts.values()
    }
}

/// Where the kinds of a file are written: each up to the next one.
fn stretches<'t>(file: &'t str, text: &'t str, kinds: &[toml::Spanned<Kind>]) -> Vec<(String, Stretch<'t>)> {
    let ends = kinds.iter().skip(1).map(|k| k.span().start).chain([text.len()]);
    let of = |(k, end): (&toml::Spanned<Kind>, usize)| {
        (k.get_ref().name.clone(), Stretch { file, text, bytes: k.span().start..end })
    };
    kinds.iter().zip(ends).map(of).collect()
}

/// Where the papers of a file are written: each up to the next one.
fn written_papers<'t>(
    file: &'t str,
    text: &'t str,
    papers: &[toml::Spanned<Paper>],
) -> Vec<(String, Stretch<'t>)> {
    let ends = papers.iter().skip(1).map(|p| p.span().start).chain([text.len()]);
    let of = |(p, end): (&toml::Spanned<Paper>, usize)| {
        (p.get_ref().name.clone(), Stretch { file, text, bytes: p.span().start..end })
    };
    papers.iter().zip(ends).map(of).collect()
}

/// The stretch of a file in which one kind or paper is written.
struct Stretch<'t> {
    file: &'t str,
    text: &'t str,
    bytes: std::ops::Range<usize>,
}

impl Stretch<'_> {
    /// The place of a name within the stretch: where it stands in quotation marks for the first time, else the beginning.
    fn near(&self, name: &str) -> Diagnostic {
        let within = self.text.get(self.bytes.clone()).unwrap_or_default();
        let at = within.find(&format!("name = \"{name}\"")).or_else(|| within.find(&format!("\"{name}\"")));
        Diagnostic::at(self.file, self.text, self.bytes.start + at.unwrap_or(0))
    }
}

fn parse(name: &str, text: &str) -> Result<File, Diagnostic> {
    if text.len() > FILE_BYTES_MAX {
        return Err(Diagnostic::at(name, text, 0).saying(format!("文件超过 {FILE_BYTES_MAX} 字节")));
    }
    toml::from_str(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        Diagnostic::at(name, text, start).saying(reason::in_chinese(error.message()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: &str = r#"
[[kind]]
name = "unit"
label = "单位"
measure = "家"
states = [{ name = "active", label = "在册" }]

[[kind.fields]]
name = "name"
label = "名称"
type = "text"
required = true
max_chars = 10
"#;

    #[test]
    fn a_good_catalog_loads() {
        let catalog = Catalog::load(&[("unit.toml", UNIT)]).unwrap();
        assert_eq!(catalog.kind("unit").unwrap().label, "单位");
        assert!(catalog.kind("alarm").is_none());
    }

    #[test]
    fn every_mistake_is_named_with_file_and_line() {
        let bad = UNIT.replace("\"text\"", "\"verse\"");
        let wrong =
            Catalog::load(&[("unit.toml", &bad), ("twice.toml", UNIT), ("again.toml", UNIT)]).unwrap_err();
        let lines: Vec<_> = wrong.iter().map(|d| (d.file.as_str(), d.line)).collect();
        assert_eq!(lines, [("unit.toml", 11), ("again.toml", 2)]);
    }

    #[test]
    fn a_file_at_the_limit_loads_and_one_byte_more_does_not() {
        let filler = "#".repeat(FILE_BYTES_MAX - UNIT.len());
        assert!(Catalog::load(&[("full.toml", &format!("{UNIT}{filler}"))]).is_ok());
        let wrong = Catalog::load(&[("over.toml", &format!("{UNIT}{filler}#"))]).unwrap_err();
        assert_eq!(wrong.len(), 1);
    }
}
