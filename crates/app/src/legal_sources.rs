//! 制度依据: the laws, standards and orders that the catalog names, each article with where it is used: which deadline of which
//! ledger.
//!
//! The catalog cites in one way: 消防监督检查规定 第 19 条：检查之日起三个工作日内制发. What stands before the article is the title,
//! what stands behind the colon is what it says here. A citation without an article is one whole.

use crate::App;
use fengsui_access::Grant;
use fengsui_base::{Refusal, Term};
use fengsui_catalog::{DueRule, Kind};
use std::collections::BTreeMap;

/// How a citation says that the law has the duty and the site chose the number of days.
const CHOSEN: &str = "参数";

/// A law, standard or order with its articles.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LegalSource {
    /// Title as it is cited.
    pub title: String,
    /// What is cited of it, in the order of the articles.
    pub articles: Vec<CitedArticle>,
}

/// An article and where it is used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CitedArticle {
    /// Such as 第 19 条; none for the whole.
    pub article: Option<String>,
    /// Where it is used.
    pub uses: Vec<LegalUse>,
}

/// One use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LegalUse {
    /// The ledger.
    pub kind: String,
    /// Its label.
    pub what: String,
    /// The state whose deadline rests on it.
    pub place: String,
    /// What it says there.
    pub says: String,
    /// The term that is counted: 3 个工作日; or the day that the entry names: 到“整改期限”那天.
    pub term: String,
    /// Whether the number of days is the site's choice, not the law's.
    pub chosen: bool,
}

/// A citation in its parts.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Citation {
    title: String,
    article: Option<String>,
    says: String,
}

impl App {
    /// Every source that the catalog names of what the asker may read, by title.
    pub fn legal_sources(&self, grant: &Grant) -> Result<Vec<LegalSource>, Refusal> {
        let mut found: BTreeMap<String, BTreeMap<Option<String>, Vec<LegalUse>>> = BTreeMap::new();
        for kind in self.ledgers(grant)? {
            for (citation, used) in uses_of(kind) {
                let articles = found.entry(citation.title).or_default();
                articles.entry(citation.article).or_default().push(used);
            }
        }
        Ok(found.into_iter().map(|(title, articles)| source(title, articles)).collect())
    }
}

fn source(title: String, articles: BTreeMap<Option<String>, Vec<LegalUse>>) -> LegalSource {
    let mut articles: Vec<_> =
        articles.into_iter().map(|(article, uses)| CitedArticle { article, uses }).collect();
    // Article 9 stands before article 21: by number, not by letter.
    articles.sort_by_key(|a| (a.article.as_deref().map(number), a.article.clone()));
    LegalSource { title, articles }
}

/// The first number of an article.
fn number(article: &str) -> u32 {
    let digits = article.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit);
    digits.collect::<String>().parse().unwrap_or(u32::MAX)
}

fn uses_of(kind: &Kind) -> impl Iterator<Item = (Citation, LegalUse)> {
    kind.states.iter().filter_map(|state| {
        let clock = state.clock.as_ref()?;
        let citation = cited(&clock.basis);
        let used = LegalUse {
            kind: kind.name.clone(),
            what: kind.label.clone(),
            place: state.label.clone(),
            says: citation.says.clone(),
            term: term(kind, &clock.due),
            chosen: clock.basis.contains(CHOSEN),
        };
        Some((citation, used))
    })
}

fn term(kind: &Kind, rule: &DueRule) -> String {
    match rule {
        DueRule::Term(term) => term.words(),
        DueRule::Field(name) => {
            let label = kind.fields.iter().find(|f| &f.name == name).map_or(name.as_str(), |f| &f.label);
            format!("到“{label}”那天")
        }
        DueRule::By { terms, otherwise, .. } => either(terms.values().chain([otherwise])),
    }
}

/// 30 天、90 天或 365 天: the shortest first, each once.
fn either<'a>(terms: impl Iterator<Item = &'a Term>) -> String {
    let mut all: Vec<_> = terms.copied().collect();
    all.sort_by_key(|t| (t.unit(), t.amount()));
    all.dedup();
    let mut said: Vec<String> = all.into_iter().map(Term::words).collect();
    let last = said.pop().unwrap_or_default();
    if said.is_empty() { last } else { format!("{}或 {last}", said.join("、")) }
}

/// A citation in its parts. Without an article the text before the colon is the title; without either it cites no law but
/// something of the case itself, such as the period that an order names.
fn cited(text: &str) -> Citation {
    let (head, says) = text.split_once('：').unwrap_or((text, ""));
    let (title, article) = match head.split_once(" 第 ") {
        Some((title, rest)) => (title.trim(), Some(format!("第 {}", rest.trim()))),
        None => (head.trim(), None),
    };
    let own = article.is_none() && says.is_empty();
    let (title, says) = if own { (OWN_TERMS, title) } else { (title, says) };
    Citation { title: title.to_owned(), article, says: says.to_owned() }
}

/// Under what stands that no law says: periods named in a document of the case, and terms that the site chose.
const OWN_TERMS: &str = "文书、计划载明和本单位确定的期限";

#[cfg(test)]
mod tests {
    use super::*;
    use fengsui_base::TermUnit;

    #[test]
    fn a_citation_comes_apart_into_title_article_and_what_it_says() {
        let parts = |text: &str| {
            let Citation { title, article, says } = cited(text);
            (title, article.unwrap_or_default(), says)
        };
        let said = |title: &str, article: &str, says: &str| (title.into(), article.into(), says.into());
        assert_eq!(
            parts("消防监督检查规定 第 19 条：检查之日起三个工作日内制发"),
            said("消防监督检查规定", "第 19 条", "检查之日起三个工作日内制发")
        );
        assert_eq!(parts("行政处罚法 第 58、60 条：九十日内").1, "第 58、60 条");
        assert_eq!(parts("挂牌督办办法：五个工作日内公布（参数）").0, "挂牌督办办法");
        assert_eq!(parts("检查计划"), said(OWN_TERMS, "", "检查计划"));
    }

    #[test]
    fn terms_that_depend_on_something_stand_shortest_first_and_once() {
        let days = |n: u32| Term::new(n, TermUnit::Days).expect("a term of the table");
        assert_eq!(either([days(90), days(30), days(180), days(30)].iter()), "30 天、90 天或 180 天");
        assert_eq!(either([days(30), days(30)].iter()), "30 天");
    }

    #[test]
    fn articles_stand_by_their_number() {
        let all = ["第 21 条", "第 9 条", "第 20 条"].map(|a| (Some(a.to_owned()), Vec::new()));
        let source = source("甲".to_owned(), all.into_iter().chain([(None, Vec::new())]).collect());
        let order: Vec<_> = source.articles.iter().map(|a| a.article.as_deref().unwrap_or("")).collect();
        assert_eq!(order, ["", "第 9 条", "第 20 条", "第 21 条"]);
    }
}
