//! `/units/{id}/archive`: what a unit's archive has, what is missing, what is due; what every ledger has of the unit, and
//! the documents that lie there.

use super::show::{EntryRow, Shown};
use crate::Api;
use crate::gate::Caller;
use crate::page::InPath;
use crate::problem::{Denied, Problem};
use axum::Json;
use axum::extract::State;
use fengsui_app::{ArchiveDocument, ArchiveLedger, PartStanding, PartView, UnitArchive};
use fengsui_ledger::Entry;
use serde::Serialize;
use utoipa::ToSchema;

/// The archive of a unit.
#[derive(Serialize, ToSchema)]
pub(crate) struct ArchiveView {
    unit: String,
    name: String,
    /// Its parts, in the order of the catalog.
    parts: Vec<ArchivePartView>,
    /// How many parts are missing.
    missing: usize,
    /// How many parts have something overdue.
    overdue: usize,
    /// The ledgers that have something of it.
    ledgers: Vec<ArchiveLedgerView>,
    /// Documents of the entries shown, newest first.
    documents: Vec<ArchiveDocumentView>,
}

/// A part of an archive.
#[derive(Serialize, ToSchema)]
struct ArchivePartView {
    name: String,
    label: String,
    #[schema(value_type = PartStandingName)]
    standing: &'static str,
    /// The legal source.
    basis: String,
    /// The ledger it is kept in; none for a field of the unit.
    ledger: Option<String>,
    /// How many entries are open: exact up to 10,000; 10,001 says that there are more.
    open: u64,
    overdue: u64,
    /// The open entry that is due first.
    next: Option<EntryRow>,
    /// The move by which the caller may open one.
    opens: Option<String>,
}

/// What a ledger has of a unit; counts are exact up to 10,000.
#[derive(Serialize, ToSchema)]
struct ArchiveLedgerView {
    kind: String,
    label: String,
    total: u64,
    open: u64,
    overdue: u64,
    /// The open ones, due first, then the newest of the others.
    items: Vec<EntryRow>,
}

/// A document that lies with an entry.
#[derive(Serialize, ToSchema)]
struct ArchiveDocumentView {
    /// The entry it lies with.
    entry: String,
    kind: String,
    /// Number of the entry.
    number: Option<String>,
    /// Label of the field that it stands in.
    label: String,
    blob: String,
    name: String,
    /// When it was added.
    at: String,
}

/// How a part stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema is used")]
enum PartStandingName {
    Complete,
    Overdue,
    Missing,
    NotNeeded,
}

fn standing(standing: PartStanding) -> &'static str {
    match standing {
        PartStanding::Complete => "complete",
        PartStanding::Overdue => "overdue",
        PartStanding::Missing => "missing",
        PartStanding::NotNeeded => "not_needed",
    }
}

impl ArchivePartView {
    fn of(shown: &Shown<'_>, view: PartView) -> Self {
        Self {
            standing: standing(view.standing),
            next: view.next.and_then(|entry| shown.row(&entry)),
            name: view.part.name,
            label: view.part.label,
            basis: view.part.basis,
            ledger: view.part.ledger,
            open: view.open,
            overdue: view.overdue,
            opens: view.opens,
        }
    }
}

impl ArchiveLedgerView {
    fn of(shown: &Shown<'_>, ledger: &ArchiveLedger) -> Self {
        Self {
            kind: ledger.kind.clone(),
            label: ledger.label.clone(),
            total: ledger.total,
            open: ledger.open,
            overdue: ledger.overdue,
            items: shown.rows(&ledger.items),
        }
    }
}

impl ArchiveDocumentView {
    fn of(document: ArchiveDocument, entries: &[Entry]) -> Self {
        let number = entries.iter().find(|e| e.id == document.entry).and_then(|e| e.number.clone());
        Self {
            entry: document.entry.to_string(),
            kind: document.kind,
            number,
            label: document.label,
            blob: document.blob,
            name: document.name,
            at: document.at,
        }
    }
}

impl ArchiveView {
    fn of(shown: &Shown<'_>, found: UnitArchive, entries: &[Entry]) -> Self {
        let count = |wanted| found.parts.iter().filter(|p| p.standing == wanted).count();
        let (missing, overdue) = (count(PartStanding::Missing), count(PartStanding::Overdue));
        Self {
            unit: found.unit.id.to_string(),
            name: found.unit.title,
            parts: found.parts.into_iter().map(|p| ArchivePartView::of(shown, p)).collect(),
            missing,
            overdue,
            ledgers: found.ledgers.iter().map(|l| ArchiveLedgerView::of(shown, l)).collect(),
            documents: found.documents.into_iter().map(|d| ArchiveDocumentView::of(d, entries)).collect(),
        }
    }
}

/// What a unit's archive has, what is missing, what is due.
#[utoipa::path(get, path = "/units/{id}/archive", tag = "ledgers", params(("id" = String, Path)), responses((status = 200, body = ArchiveView), (status = 404, body = Problem)))]
pub(crate) async fn of_unit(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<Json<ArchiveView>, Denied> {
    let found = api.app.unit_archive(caller.grant(), id).await?;
    let entries: Vec<Entry> = found.ledgers.iter().flat_map(|l| l.items.iter().cloned()).collect();
    let shown = Shown::of(&api.app, caller.grant(), &entries).await?;
    Ok(Json(ArchiveView::of(&shown, found, &entries)))
}
