//! The product's knowledge as checked data: ledger kinds (台账种类), posts (岗位), the usual limits of measured values,
//! the service lives of equipment and the holidays of each year, from TOML text handed in.
//!
//! The catalog is checked as a whole before anything uses it, and every mistake is named with file and line.
//! What passes here cannot fail later: a field has a type, a state is declared, a permission exists.

mod check;
mod diagnostic;
mod differences;
mod gauge;
mod holidays;
mod kind;
mod life;
mod lifecycle;
mod menu;
mod paper;
mod post;
mod sound;

pub use check::{RESERVED, check_fields};
pub use diagnostic::Diagnostic;
pub use differences::{Difference, differences};
pub use gauge::{Proposal, Quantity};
pub use kind::{Choice, Field, FieldType, Follow, Kind, Office};
pub use life::{AGING_PARTS, Jurisdiction, LIFE_YEARS_MAX, LifeCase, LifeQuestion, LifeRule};
pub use lifecycle::{Also, Clock, ClockOwner, DueRule, Escalation, Guard, Move, State};
pub use menu::Menu;
pub use paper::{Law, Paper};
pub use post::{HeldFor, Permission, Post};

use serde::Deserialize;
use std::collections::BTreeMap;

/// How many kinds, posts, fields or states one catalog part may hold.
pub const PARTS_MAX: usize = 500;
/// How large one catalog file may be, in bytes.
pub const FILE_BYTES_MAX: usize = 256 * 1024;

/// A catalog that has been checked.
#[derive(Clone, Debug)]
pub struct Catalog {
    kinds: BTreeMap<String, Kind>,
    posts: BTreeMap<String, Post>,
    quantities: BTreeMap<u8, Quantity>,
    proposals: Vec<Proposal>,
    lives: Vec<LifeRule>,
    holiday_years: Vec<fengsui_base::CalendarYear>,
    menus: Vec<Menu>,
    papers: Vec<Paper>,
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
        let mut catalog = Self {
            kinds: BTreeMap::new(),
            posts: BTreeMap::new(),
            quantities: BTreeMap::new(),
            proposals: Vec::new(),
            lives: Vec::new(),
            holiday_years: Vec::new(),
            menus: Vec::new(),
            papers: Vec::new(),
        };
        let (mut wrong, mut cases, mut places) = (Vec::new(), Vec::new(), Vec::new());
        for (name, text) in files {
            match parse(name, text) {
                Ok(mut file) => {
                    let own = std::mem::take(&mut file.service_life_case).into_iter();
                    cases.extend(own.map(|c| (Diagnostic::at(name, text, c.span().start), c.into_inner())));
                    places.extend(stretches(name, text, &file.kind));
                    catalog.add(name, text, file, &mut wrong);
                }
                Err(mistake) => wrong.push(mistake),
            }
        }
        // A ledger may refer to posts and ledgers of other files: they are looked at when all are there.
        wrong.extend(catalog.unsound(&places));
        // A case may rest on a rule of another file: they are tried when all are there.
        wrong.extend(cases.iter().filter_map(|(at, case)| catalog.wrong_case(case).map(|m| at.saying(m))));
        if wrong.is_empty() { Ok(catalog) } else { Err(wrong) }
    }

    fn unsound(&self, places: &[(String, Stretch<'_>)]) -> Vec<Diagnostic> {
        let world = sound::World {
            kinds: &self.kinds,
            post: &|name| {
                self.posts.get(name).is_some_and(|p| p.permissions.contains(&Permission::LedgerUse))
            },
            menu: &|name| self.menus.iter().any(|m| m.name == name),
        };
        let of = |(name, place): &(String, Stretch<'_>)| {
            let found = self.kinds.get(name).map(|kind| sound::unsound(kind, &world)).unwrap_or_default();
            found.into_iter().map(|u| place.near(&u.near).saying(u.message)).collect::<Vec<_>>()
        };
        places.iter().flat_map(of).collect()
    }

    fn add(&mut self, name: &str, text: &str, mut file: File, wrong: &mut Vec<Diagnostic>) {
        self.menus.append(&mut file.menu);
        self.add_papers(name, text, std::mem::take(&mut file.paper), wrong);
        for spanned in file.kind {
            let at = Diagnostic::at(name, text, spanned.span().start);
            let kind = spanned.into_inner();
            wrong.extend(kind.mistakes().into_iter().map(|m| at.saying(m)));
            if self.kinds.contains_key(&kind.name) {
                wrong.push(at.saying(format!("台账种类 {} 出现两次", kind.name)));
            }
            self.kinds.insert(kind.name.clone(), kind);
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
            let paper = spanned.into_inner();
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

    /// All rules on service lives, for the stored text of the catalog.
    pub fn service_lives(&self) -> &[LifeRule] {
        &self.lives
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

    /// All quantities and proposals, for the stored text of the catalog.
    pub fn gauges(&self) -> (Vec<Quantity>, &[Proposal]) {
        (self.quantities.values().copied().collect(), &self.proposals)
    }

    /// The papers that are printed, in the order of their files.
    pub fn papers(&self) -> &[Paper] {
        &self.papers
    }

    /// The groups of the office's menu, in their order.
    pub fn menus(&self) -> &[Menu] {
        &self.menus
    }

    /// The ledgers of the office, by name.
    pub fn ledgers(&self) -> impl Iterator<Item = &Kind> {
        self.kinds.values().filter(|k| k.is_ledger())
    }

    /// The kind with this name.
    pub fn kind(&self, name: &str) -> Option<&Kind> {
        self.kinds.get(name)
    }

    /// The post with this name.
    pub fn post(&self, name: &str) -> Option<&Post> {
        self.posts.get(name)
    }

    /// All kinds, by name.
    pub fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.kinds.values()
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

/// The stretch of a file in which one kind is written.
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
        Diagnostic::at(name, text, start).saying(error.message().to_owned())
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
