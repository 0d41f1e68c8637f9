//! Issuing a paper: numbered, filled and fixed in one change, once for each request.

use super::values::Occasion;
use super::{
    ISSUED_PAPER, ORIGIN_FIELD, Origin, VOIDED, is_paper, issuer_of, of_entry, origin, series, values,
};
use crate::changes::Said;
use crate::{App, Fault, PaperTemplates};
use fengsui_access::Grant;
use fengsui_base::{Actor, EntryId, Fields, Refusal, RefusalKind, Timestamp};
use fengsui_catalog::Paper;
use fengsui_ledger::{Entry, perform, reads_as};
use fengsui_store::{Blob, ChangeSet, Expect, KeyWrite, Numbering};
use serde_json::{Map, Value, json};

/// The move that opens one.
const ISSUE: &str = "issue";
/// What a document of Word is called.
const DOCUMENT: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/// What somebody wants issued.
#[derive(Clone, Debug)]
pub struct PaperAsk {
    /// The ledger of the entry.
    pub kind: String,
    /// The entry.
    pub id: EntryId,
    /// The version that was looked at.
    pub version: u64,
    /// The paper.
    pub paper: String,
    /// The request's own key.
    pub request: Option<String>,
}

/// A paper decided: its entry to be, its document.
struct Decided {
    change: ChangeSet,
    entry: Entry,
    document: Blob,
}

impl App {
    /// Issues a paper from an entry: numbered, filled and fixed in one change. The same request again answers the paper
    /// that it issued.
    pub async fn issue_paper(
        &self,
        grant: &Grant,
        templates: &PaperTemplates,
        ask: PaperAsk,
    ) -> Result<Entry, Fault> {
        self.issue(grant, templates, &ask, None).await
    }

    /// Issues a paper at a time of the past; refused outside demonstration mode.
    pub async fn demonstration_paper(
        &self,
        grant: &Grant,
        templates: &PaperTemplates,
        ask: PaperAsk,
        at: Timestamp,
    ) -> Result<Entry, Fault> {
        if !self.node.demonstration {
            let detail = "往日的文书只在演示模式下写入。";
            return Err(Refusal::new(RefusalKind::Forbidden, "demonstration.only", detail).into());
        }
        self.issue(grant, templates, &ask, Some(at)).await
    }

    async fn issue(
        &self,
        grant: &Grant,
        templates: &PaperTemplates,
        ask: &PaperAsk,
        at: Option<Timestamp>,
    ) -> Result<Entry, Fault> {
        self.ledger_entry(grant, &ask.kind, ask.id).await?;
        // One after another: who waits gets the next number instead of being refused for the last one.
        let _turn = self.issuing.lock().await;
        let before = self.issued_before(ask.id).await?;
        if let Some(same) = before.iter().find(|p| is_request(p, ask.request.as_deref())) {
            return Ok(same.clone());
        }
        let settled = self
            .settle(true, |_| async move {
                let at = at.unwrap_or_else(|| self.now());
                let decided = self.decide_paper(grant, templates, ask, at).await?;
                self.store.put_blob(self.epoch, decided.document, self.now()).await?;
                Ok((decided.change, decided.entry))
            })
            .await?;
        self.told(grant, ISSUED_PAPER, settled).await
    }

    async fn decide_paper(
        &self,
        grant: &Grant,
        templates: &PaperTemplates,
        ask: &PaperAsk,
        at: Timestamp,
    ) -> Result<Decided, Fault> {
        let source = self.ledger_entry(grant, &ask.kind, ask.id).await?;
        if !reads_as(&source, ask.version) {
            return Err(crate::units::stale(ask.version, source.version).into());
        }
        let before = self.issued_before(ask.id).await?;
        let (paper, from) = self.offered(grant, &source, &before, &ask.paper)?;
        let issuer = issuer_of(self, templates.issuers(), paper.law, source.region)?;
        let on = self.calendar().day_of(at);
        let next = self.next_of_series(&issuer, paper, on).await?;
        let occasion = Occasion { issuer: &issuer, number: &next.number, on };
        let mut values = self.paper_values(&source, from, &before, &occasion).await?;
        let code = series::code(&paper.name, &values);
        values::put_code(from, &mut values, &code);
        let (bytes, _) = templates.one(&paper.name)?.filled(&values)?;
        let document = Blob::new(DOCUMENT, bytes);
        let replaced = before.iter().rfind(|p| p.state == VOIDED && is_paper(p, &paper.name));
        let form = self.paper_form(&source, paper, &next, &code, &document, replaced, at);
        let entry = self.paper_entry(grant, &source, form, at).await?;
        let about = (source.kind.clone(), source.id);
        let entry = fixed(entry, &next.number, about, ask.request.clone(), values);
        let change = self.paper_change(grant, &source, &entry, paper, &next, replaced, at);
        Ok(Decided { change, entry, document })
    }

    /// What the ledger of papers says of a paper.
    #[allow(clippy::too_many_arguments, reason = "each is one line of the form")]
    fn paper_form(
        &self,
        source: &Entry,
        paper: &Paper,
        next: &series::Next,
        code: &str,
        document: &Blob,
        replaced: Option<&Entry>,
        at: Timestamp,
    ) -> Fields {
        let on = self.calendar().day_of(at);
        let file = json!([{
            "blob": document.name(), "name": format!("{} {}.docx", paper.label, next.number),
            "type": document.media_type, "size": document.bytes.len(), "at": at.to_string(),
        }]);
        let subject = format!("{}：{}", paper.label, source.title);
        let mut form = json!({
            "subject": subject, "paper": paper.name, "issuer": next.issuer, "year": on.year(),
            "ordinal": next.ordinal, "issued_on": on.to_string(), "code": code, "document": file,
        });
        if let Some(fields) = form.as_object_mut() {
            let unit = source.unit().map(|unit| ("unit".to_owned(), unit.to_string().into()));
            let old = replaced.map(|old| ("replaces".to_owned(), old.id.to_string().into()));
            fields.extend(unit.into_iter().chain(old));
        }
        form.as_object().cloned().unwrap_or_default()
    }

    async fn paper_entry(
        &self,
        grant: &Grant,
        source: &Entry,
        form: Fields,
        at: Timestamp,
    ) -> Result<Entry, Fault> {
        let kind = self.catalog.kind(ISSUED_PAPER).ok_or_else(Refusal::not_found)?;
        let draft = self.fresh(ISSUED_PAPER, source.region, "", Fields::new(), at);
        let gathered = self.gather(grant, kind, &draft, &form, None, at).await?;
        let effects = perform(&gathered.scene(kind, &draft, &|p| self.post_label(p)), ISSUE, &form)?;
        Ok(Entry { revision: self.catalog.revision(), ..effects.entry })
    }

    #[allow(clippy::too_many_arguments, reason = "what is said names them all")]
    fn paper_change(
        &self,
        grant: &Grant,
        source: &Entry,
        entry: &Entry,
        paper: &Paper,
        next: &series::Next,
        replaced: Option<&Entry>,
        at: Timestamp,
    ) -> ChangeSet {
        let mut change = ChangeSet::new(at);
        change.expects = vec![Expect::Version(source.id, source.version), next.expect.clone()];
        change.keys = vec![
            KeyWrite::Take(next.key.clone(), entry.id),
            KeyWrite::Take(format!("{}{}", of_entry(source.id), entry.id), entry.id),
        ];
        let instead = replaced.and_then(|old| old.number.as_deref());
        let instead = instead.map(|old| format!("，代替 {old}")).unwrap_or_default();
        let text = format!("出具《{}》{}{instead}", paper.label, next.number);
        self.record(
            &mut change,
            grant,
            None,
            entry,
            Numbering::Keep,
            Said::new("paper.issued", text, "操作"),
        );
        if let Some(old) = replaced {
            let said = Said::new("paper.replaced", format!("由 {} 代替", next.number), "操作");
            change.journal.push(self.line_on(old, at, &Actor::Officer(grant.officer().clone()), said));
        }
        change
    }
}

fn is_request(paper: &Entry, request: Option<&str>) -> bool {
    request.is_some() && origin(paper).is_some_and(|o| o.request.as_deref() == request)
}

/// The entry with what no form says: its number, where it comes from, what it was filled with.
fn fixed(
    mut entry: Entry,
    number: &str,
    (about_kind, about): (String, EntryId),
    request: Option<String>,
    values: Map<String, Value>,
) -> Entry {
    entry.number = Some(number.to_owned());
    let origin = Origin { about, about_kind, request, values };
    entry.fields.insert(ORIGIN_FIELD.to_owned(), serde_json::to_value(origin).unwrap_or_default());
    entry
}
