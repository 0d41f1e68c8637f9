//! Papers issued from ledger entries (出具文书): what may be issued and why not, a look before, the numbers without gaps,
//! and what an issued paper says for ever.
//!
//! An issued paper is an entry of a ledger of its own. Its number, its values and the document itself are fixed in one
//! change; what becomes of the entry it was issued from changes nothing on it. Numbers are gapless for each body, kind
//! and year: the last paper of a series holds the key of the series, and the next one takes it over or is not stored.

mod issue;
mod series;
mod steps;
mod values;
mod words;

use crate::changes::Said;
use crate::{App, Fault, PaperTemplates};
use fengsui_access::Grant;
use fengsui_base::{Actor, EntryId, Refusal, RefusalKind, Scope};
use fengsui_catalog::{IssuedFrom, Kind, Paper};
use fengsui_ledger::Entry;
use fengsui_store::{Blob, ChangeSet};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use wordform::Document;

pub use issue::PaperAsk;
pub(crate) use series::issuer_of;
use values::Occasion;

/// The ledger of issued papers.
pub const ISSUED_PAPER: &str = "issued_paper";
/// The state in which it is void.
const VOIDED: &str = "voided";
/// What it remembers of where it comes from, under a name that no form can use.
const ORIGIN_FIELD: &str = "_paper";
/// Most papers that may be issued from one entry.
pub const PAPERS_OF_ENTRY_MAX: u16 = 100;
/// What stands for the number before there is one.
const NUMBER_TO_COME: &str = "（出具时编号）";

/// Where an issued paper comes from and what it was filled with.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct Origin {
    about: EntryId,
    about_kind: String,
    /// The request that issued it: the same request again is the same paper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request: Option<String>,
    values: Map<String, Value>,
}

/// A paper that somebody with the right post may issue from an entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PaperOffer {
    /// Name of the paper.
    pub paper: String,
    /// Its label.
    pub label: String,
    /// Why it may not be issued now; none when it may.
    pub barred: Option<String>,
}

/// The papers of an entry.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PapersOfEntry {
    /// What may be issued.
    pub offers: Vec<PaperOffer>,
    /// What was issued, oldest first, with what has changed since.
    pub issued: Vec<IssuedPaper>,
    /// What is still to be done about the papers of the steps that may come next, in sentences.
    pub still: Vec<String>,
}

/// A paper that was issued.
#[derive(Clone, PartialEq, Debug)]
pub struct IssuedPaper {
    /// Its entry in the ledger of papers.
    pub entry: Entry,
    /// The places of the paper that would say something else if it were issued now.
    pub changed: Vec<String>,
    /// The entry it was issued from: its ledger, its id.
    pub about: (String, EntryId),
}

impl App {
    /// The papers of an entry: what may be issued, and what was.
    pub async fn papers_of_entry(
        &self,
        grant: &Grant,
        kind: &str,
        id: EntryId,
    ) -> Result<PapersOfEntry, Fault> {
        let entry = self.ledger_entry(grant, kind, id).await?;
        let before = self.issued_before(id).await?;
        let offers = self.offers(grant, &entry, &before);
        let still = steps::still(self.catalog(), &entry, &before, &offers);
        let readable = self.catalog.kind(ISSUED_PAPER).map(|k| self.readable(grant, k)).unwrap_or_default();
        let mut issued = Vec::new();
        for paper in before.into_iter().filter(|p| p.within(&readable)) {
            let changed = self.changed_since(&entry, &paper).await?;
            issued.push(IssuedPaper { entry: paper, changed, about: (kind.to_owned(), id) });
        }
        Ok(PapersOfEntry { offers, issued, still })
    }

    /// The paper as it would be printed now; nothing is stored and no number is used.
    pub async fn preview_paper(
        &self,
        grant: &Grant,
        templates: &PaperTemplates,
        kind: &str,
        id: EntryId,
        paper: &str,
    ) -> Result<Document, Fault> {
        let entry = self.ledger_entry(grant, kind, id).await?;
        let before = self.issued_before(id).await?;
        let (paper, from) = self.offered(grant, &entry, &before, paper)?;
        let issuer = issuer_of(self, templates.issuers(), paper.law, entry.region)?;
        let on = self.calendar().day_of(self.now());
        let occasion = Occasion { issuer: &issuer, number: NUMBER_TO_COME, on };
        let values = self.paper_values(&entry, from, &before, &occasion).await?;
        Ok(templates.one(&paper.name)?.filled(&values)?.1)
    }

    /// All papers that were issued from an entry, oldest first.
    async fn issued_before(&self, id: EntryId) -> Result<Vec<Entry>, Fault> {
        let held = self.store.keys(&of_entry(id), PAPERS_OF_ENTRY_MAX).await?;
        let ids: Vec<_> = held.into_iter().map(|(_, id)| id).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut found = self.store.entries(&Scope::everything(), &ids).await?;
        found.sort_by_key(|p| (p.opened_at, p.id));
        Ok(found)
    }

    /// The paper, when it may be issued from the entry now.
    fn offered(
        &self,
        grant: &Grant,
        entry: &Entry,
        before: &[Entry],
        name: &str,
    ) -> Result<(&Paper, &IssuedFrom), Refusal> {
        let offer = self.offers(grant, entry, before).into_iter().find(|o| o.paper == name);
        if let Some(why) = offer.ok_or_else(Refusal::not_found)?.barred {
            return Err(Refusal::new(RefusalKind::Conflict, "paper.barred", format!("不能出具：{why}。")));
        }
        let paper = self.catalog.papers().iter().find(|p| p.name == name).ok_or_else(Refusal::not_found)?;
        let from = issued_from(paper, entry).ok_or_else(Refusal::not_found)?;
        Ok((paper, from))
    }

    fn offers(&self, grant: &Grant, entry: &Entry, before: &[Entry]) -> Vec<PaperOffer> {
        let Some(kind) = self.catalog.kind(&entry.kind) else { return Vec::new() };
        let offer = |paper: &Paper| {
            let from = issued_from(paper, entry)?;
            let entitled = grant.scope_of_posts(&from.by).holds(entry.region, entry.unit());
            entitled.then(|| PaperOffer {
                paper: paper.name.clone(),
                label: paper.label.clone(),
                barred: barred(paper, from, kind, entry, before),
            })
        };
        self.catalog.papers().iter().filter_map(offer).collect()
    }

    /// The places of a paper that the entry would fill otherwise today.
    async fn changed_since(&self, source: &Entry, paper: &Entry) -> Result<Vec<String>, Fault> {
        let name = paper.fields.get("paper").and_then(Value::as_str).unwrap_or_default();
        let known = self.catalog.papers().iter().find(|p| p.name == name);
        let from = known.and_then(|known| issued_from(known, source));
        let (Some(from), Some(origin)) = (from, origin(paper)) else { return Ok(Vec::new()) };
        self.differing(source, from, &origin.values).await
    }

    /// The entry an issued paper comes from.
    pub async fn issued_paper(&self, grant: &Grant, id: EntryId) -> Result<IssuedPaper, Fault> {
        let entry = self.ledger_entry(grant, ISSUED_PAPER, id).await?;
        let origin = origin(&entry).ok_or_else(Refusal::not_found)?;
        let source = self.store.entry(&Scope::everything(), origin.about).await?;
        let changed = match &source {
            Some(source) => self.changed_since(source, &entry).await?,
            None => Vec::new(),
        };
        Ok(IssuedPaper { entry, changed, about: (origin.about_kind, origin.about) })
    }

    /// An issued paper as it was printed: the document that was fixed then.
    pub async fn printed_paper(&self, grant: &Grant, id: EntryId) -> Result<(IssuedPaper, Blob), Fault> {
        let issued = self.issued_paper(grant, id).await?;
        let files = issued.entry.fields.get("document").and_then(Value::as_array);
        let name = files.and_then(|f| f.first()?.get("blob")?.as_str()).unwrap_or_default();
        let blob = self.store.blob(name).await?.ok_or_else(Refusal::not_found)?;
        Ok((issued, blob))
    }

    /// What a change of an issued paper says on the entry it comes from.
    pub(super) fn told_on_origin(
        &self,
        change: &mut ChangeSet,
        entry: &Entry,
        actor: &Actor,
        text: &str,
        issued: bool,
    ) {
        let Some(origin) = origin(entry) else { return };
        let number = entry.number.as_deref().unwrap_or_default();
        let text = if issued { text.to_owned() } else { format!("文书 {number}：{text}") };
        let said = Said::new("paper.told", text, "文书台账").with("paper", entry.id.to_string());
        change.journal.push(self.line(
            &origin.about_kind,
            origin.about,
            entry.region,
            change.at,
            actor,
            said,
        ));
    }
}

/// What the keys of the papers of an entry begin with.
fn of_entry(id: EntryId) -> String {
    format!("paper/of/{id}/")
}

fn origin(entry: &Entry) -> Option<Origin> {
    crate::entries::field(entry, ORIGIN_FIELD)
}

fn is_paper(entry: &Entry, name: &str) -> bool {
    entry.fields.get("paper").and_then(Value::as_str) == Some(name)
}

/// By which row the paper may be issued from the entry, whatever its state: the one of its ledger whose choice fits.
fn issued_from<'p>(paper: &'p Paper, entry: &Entry) -> Option<&'p IssuedFrom> {
    let fits = |from: &&IssuedFrom| {
        let said = |field: &str| entry.fields.get(field).and_then(Value::as_str).unwrap_or_default();
        from.ledger == entry.kind
            && from
                .when
                .as_ref()
                .is_none_or(|when| when.one_of.iter().any(|value| value == said(&when.field)))
    };
    paper.from.iter().find(fits)
}

/// Why a paper may not be issued from the entry as it is.
fn barred(paper: &Paper, from: &IssuedFrom, kind: &Kind, entry: &Entry, before: &[Entry]) -> Option<String> {
    if !from.within.contains(&entry.state) {
        let states = from.within.iter().map(|s| kind.state_label(s)).collect::<Vec<_>>().join("、");
        return Some(format!("须在“{states}”时出具"));
    }
    if before.len() >= usize::from(PAPERS_OF_ENTRY_MAX) {
        return Some(format!("同一条最多出具 {PAPERS_OF_ENTRY_MAX} 份文书"));
    }
    let valid = before.iter().find(|p| p.state != VOIDED && is_paper(p, &paper.name));
    // A receipt is written for every journey; any other paper once.
    let valid = valid.filter(|_| !paper.receipt)?;
    let number = valid.number.as_deref().unwrap_or_default();
    Some(format!("已经出具 {number}，作废以后才能重新出具"))
}
