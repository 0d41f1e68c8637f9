//! Printed papers (文书): the templates of this office, what they ask for, and a look at one that was edited.
//!
//! A template is a document that the office edits in Word or WPS. It is read once, at the start; one that cannot be
//! used stops the start, because the mistake would otherwise be found in front of the unit that is to sign.

use fengsui_base::{Refusal, RefusalKind};
use fengsui_catalog::{Catalog, IssuedFrom, Issuer, Paper, PlaceSource};
use serde_json::{Map, Value};
use wordform::{AskedFor, Document, PlaceUse, Template, TemplateMistake};

/// Largest template that is taken, in bytes.
pub const TEMPLATE_BYTES_MAX: usize = wordform::FILE_BYTES_MAX;

/// For how many records of a list a blank form has room.
const BLANK_RECORDS: usize = 3;
/// How many lists may lie in one another on a blank form.
const BLANK_LEVELS: usize = 2;

/// The templates of an office, in the order of the catalog.
#[derive(Clone, Debug, Default)]
pub struct PaperTemplates {
    all: Vec<PaperTemplate>,
    issuers: Vec<Issuer>,
}

/// A paper with its template.
#[derive(Clone, Debug)]
pub struct PaperTemplate {
    /// What the catalog says of it.
    pub paper: Paper,
    /// The document itself.
    pub file: Vec<u8>,
    /// What it asks for, in words.
    pub places: Vec<String>,
    /// The form as it is printed with nothing filled in.
    pub blank: Document,
    form: Template,
}

/// What somebody wants to know of an edited template before it is used.
#[derive(Clone, Debug)]
pub struct TemplateCheck {
    /// What it asks for, in words.
    pub places: Vec<String>,
    /// What it asks for and the present one does not: a misspelt name prints as a blank.
    pub added: Vec<String>,
    /// What the present one asks for and it does not: that will be missing on the paper.
    pub lost: Vec<String>,
    /// The form as it would be printed with nothing filled in.
    pub blank: Document,
}

impl PaperTemplates {
    /// Reads the templates of all papers; `file_of` hands in a file by its name.
    ///
    /// Errors: every template that is missing or cannot be used, with its file and what to do.
    pub fn read(catalog: &Catalog, file_of: impl Fn(&str) -> Option<Vec<u8>>) -> Result<Self, Vec<String>> {
        let (mut all, mut wrong) = (Vec::new(), Vec::new());
        for paper in catalog.papers() {
            let Some(file) = file_of(&paper.file) else {
                wrong.push(format!("文书“{}”的模板 {} 不在", paper.label, paper.file));
                continue;
            };
            match looked_at(&file) {
                Ok((form, places, blank)) => {
                    wrong.extend(without_source(paper, &form.places()));
                    all.push(PaperTemplate { paper: paper.clone(), file, places, blank, form });
                }
                Err(mistake) => wrong.push(format!("文书“{}”的模板 {}：{mistake}", paper.label, paper.file)),
            }
        }
        if wrong.is_empty() { Ok(Self { all, issuers: Vec::new() }) } else { Err(wrong) }
    }

    /// With the site's own rows of who issues papers.
    pub fn with_issuers(self, issuers: Vec<Issuer>) -> Self {
        Self { issuers, ..self }
    }

    /// The site's own rows of who issues papers.
    pub fn issuers(&self) -> &[Issuer] {
        &self.issuers
    }

    /// All of them.
    pub fn all(&self) -> &[PaperTemplate] {
        &self.all
    }

    /// The template of a paper.
    ///
    /// Refusals: there is no such paper.
    pub fn one(&self, name: &str) -> Result<&PaperTemplate, Refusal> {
        let found = self.all.iter().find(|t| t.paper.name == name);
        found.ok_or_else(|| Refusal::new(RefusalKind::NotFound, "paper.none", "没有这种文书"))
    }

    /// Looks at an edited template of a paper; nothing is stored.
    ///
    /// Refusals: there is no such paper, or the file cannot be used; the sentence says where and what to do.
    pub fn check(&self, name: &str, file: &[u8]) -> Result<TemplateCheck, Refusal> {
        let present = &self.one(name)?.places;
        let refusal =
            |m: TemplateMistake| Refusal::new(RefusalKind::Invalid, "paper.template", m.to_string());
        let (_, places, blank) = looked_at(file).map_err(refusal)?;
        let but = |these: &[String], those: &[String]| -> Vec<String> {
            these.iter().filter(|p| !those.contains(p)).cloned().collect()
        };
        Ok(TemplateCheck { added: but(&places, present), lost: but(present, &places), places, blank })
    }
}

impl PaperTemplate {
    /// The paper with these values: the document, and the same as a screen shows it.
    ///
    /// Refusals: a value is longer than a paper holds; the sentence names the place.
    pub(crate) fn filled(&self, values: &Map<String, Value>) -> Result<(Vec<u8>, Document), Refusal> {
        let wrong = |detail: String| Refusal::new(RefusalKind::Conflict, "paper.values", detail);
        let filled = wordform::fill(&self.form, &Value::Object(values.clone()));
        let bytes = filled.map_err(|m| wrong(format!("{}打印不了：{m}。", self.paper.label)))?;
        let shown = wordform::pages(&bytes).map_err(|m| wrong(m.to_string()))?;
        Ok((bytes, shown))
    }
}

/// The places of a template that nothing fills where the paper is issued: they would print as blanks, unseen.
fn without_source(paper: &Paper, asked: &[AskedFor]) -> Vec<String> {
    let by_hand = |name: &String| paper.by_hand.contains(name);
    let mut wrong = Vec::new();
    for from in &paper.from {
        for place in asked.iter().filter(|place| !by_hand(&place.name) && !is_filled(from, place)) {
            let what = if place.asked_as == PlaceUse::List { "一列记录的来源" } else { "来源" };
            wrong.push(format!(
                "{}：文书“{}”从 {} 出具时，模板 {} 的 {} 没有{what}；请改模板里的名称，或在 places 里写上，手填的写进 by_hand",
                paper.written_at, paper.label, from.ledger, paper.file, in_words(place)
            ));
        }
    }
    wrong
}

/// Whether a place has its source; inside a list what stands outside is seen too.
fn is_filled(from: &IssuedFrom, place: &AskedFor) -> bool {
    let outside = from.places.get(&place.name);
    if place.asked_as == PlaceUse::List {
        return matches!(outside, Some(PlaceSource::Records(_)));
    }
    let fits = |source: &PlaceSource| {
        place.asked_as == PlaceUse::Condition || !matches!(source, PlaceSource::Records(_))
    };
    let inside = place.within.last().and_then(|list| from.places.get(list));
    let in_all = match inside {
        Some(PlaceSource::Records(lists)) => lists.iter().all(|l| l.places.contains_key(&place.name)),
        _ => false,
    };
    let counted = !place.within.is_empty() && place.name == wordform::ORDINAL;
    in_all || counted || outside.is_some_and(fits)
}

/// What a template asks for, and how it is printed with nothing filled in.
fn looked_at(file: &[u8]) -> Result<(Template, Vec<String>, Document), TemplateMistake> {
    let template = Template::read(file)?;
    let asked = template.places();
    let places = asked.iter().map(in_words).collect();
    let empty = wordform::fill(&template, &Value::Object(blank_records(&asked, &[])));
    let empty = empty.map_err(|m| TemplateMistake::NotADocument(m.to_string()))?;
    let blank = wordform::pages(&empty)?;
    Ok((template, places, blank))
}

/// Lists with some records that say nothing: a blank form has lines for them, and does not say that there are none.
/// Lists within lists within lists are left empty: each level triples what is to be written.
fn blank_records(asked: &[AskedFor], within: &[String]) -> Map<String, Value> {
    let here = asked.iter().filter(|a| a.asked_as == PlaceUse::List && a.within == within);
    let lists = here.filter(|_| within.len() < BLANK_LEVELS).map(|list| {
        let inside = [within, std::slice::from_ref(&list.name)].concat();
        let record = Value::Object(blank_records(asked, &inside));
        (list.name.clone(), Value::Array(vec![record; BLANK_RECORDS]))
    });
    lists.collect()
}

fn in_words(place: &AskedFor) -> String {
    let within: String = place.within.iter().map(|list| format!("{list} › ")).collect();
    let used = match place.asked_as {
        PlaceUse::Text => "",
        PlaceUse::List => "（逐条列出）",
        PlaceUse::Condition => "（有没有）",
    };
    format!("{within}{}{used}", place.name)
}

#[cfg(test)]
#[path = "papers_hostile.rs"]
mod hostile;

#[cfg(test)]
mod tests {
    use super::*;
    use wordform::{Block, Page, Paragraph, Run, compose};

    const PAPER: &str = "[[paper]]\nname = \"receipt\"\nlabel = \"送达回证\"\nlaw = \"fire_supervision\"\nfile = \"receipt.docx\"\nword = \"送\"\n";

    fn form(text: &str) -> Vec<u8> {
        let run = Run { text: text.to_owned(), size_half_pt: 32, ..Run::default() };
        let body = vec![Block::Paragraph(Paragraph { runs: vec![run], ..Paragraph::default() })];
        compose(&Document { page: Page::OFFICIAL, header: Vec::new(), footer: Vec::new(), body })
    }

    fn read(file: Option<Vec<u8>>) -> Result<PaperTemplates, Vec<String>> {
        let catalog = Catalog::load(&[("papers.toml", PAPER)]).unwrap();
        PaperTemplates::read(&catalog, |_| file.clone())
    }

    #[test]
    fn a_template_that_is_missing_or_wrong_is_named_with_its_paper_and_file() {
        let wrong = read(None).unwrap_err();
        assert_eq!(wrong, ["文书“送达回证”的模板 receipt.docx 不在"]);
        let wrong = read(Some(form("致{{单位"))).unwrap_err();
        assert!(wrong[0].contains("receipt.docx") && wrong[0].contains("补上 }}"), "{wrong:?}");
    }

    #[test]
    fn an_edited_template_is_compared_with_the_present_one_and_shown_blank() {
        let templates = read(Some(form("{{单位}}{{#文书}}{{文号}}{{/文书}}"))).unwrap();
        assert_eq!(templates.one("receipt").unwrap().places, ["单位", "文书（逐条列出）", "文书 › 文号"]);
        let told = templates.check("receipt", &form("致{{单位:4}}{{日期}}")).unwrap();
        assert_eq!(told.added, ["日期"]);
        assert_eq!(told.lost, ["文书（逐条列出）", "文书 › 文号"]);
        let Block::Paragraph(shown) = &told.blank.body[0] else { panic!("a paragraph") };
        assert_eq!(shown.runs.iter().map(|r| r.text.as_str()).collect::<String>(), "致____________");
    }

    #[test]
    fn a_blank_form_has_lines_for_the_records_and_does_not_say_that_there_are_none() {
        let text = "{{#问题}}{{序号}}．{{内容:2}}{{/问题}}{{!问题}}没有问题{{/问题}}{{?期限}}限期{{/期限}}";
        let templates = read(Some(form(text))).unwrap();
        let Block::Paragraph(shown) = &templates.one("receipt").unwrap().blank.body[0] else {
            panic!("a paragraph")
        };
        assert_eq!(shown.runs.iter().map(|r| r.text.as_str()).collect::<String>(), "1．__2．__3．__");
    }

    #[test]
    fn a_file_that_is_no_template_is_refused_with_the_remedy() {
        let templates = read(Some(form("{{单位}}"))).unwrap();
        let refusal = templates.check("receipt", b"hello").unwrap_err();
        assert_eq!((refusal.kind, refusal.code.as_ref()), (RefusalKind::Invalid, "paper.template"));
        assert!(refusal.detail.contains("另存为 .docx"), "{}", refusal.detail);
        assert_eq!(templates.check("other", b"").unwrap_err().code, "paper.none");
    }
}
