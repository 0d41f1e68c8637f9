//! What is still to be done about the papers of an entry (还缺的文书): the steps that may come next are made on paper, and who
//! makes them is told which paper is not issued, sealed or served yet.

use super::{PaperOffer, VOIDED, is_paper};
use fengsui_catalog::{Catalog, Paper};
use fengsui_ledger::Entry;

/// The state in which a paper is printed and not sealed.
const PRINTED: &str = "printed";
/// The state in which it is served.
const SERVED: &str = "served";

/// Sentences about the papers of the moves that may come next; none when all is done or nothing is asked for.
pub(super) fn still(
    catalog: &Catalog,
    entry: &Entry,
    before: &[Entry],
    offers: &[PaperOffer],
) -> Vec<String> {
    let Some(kind) = catalog.kind(&entry.kind) else { return Vec::new() };
    let next = kind.moves.iter().filter(|mv| mv.from.contains(&entry.state));
    let asked: Vec<&str> = next.flat_map(|mv| &mv.papers).map(String::as_str).collect();
    let papers = catalog.papers().iter().filter(|paper| asked.contains(&paper.name.as_str()));
    let valid = |paper: &Paper, p: &Entry| p.state != VOIDED && is_paper(p, &paper.name);
    let issued: Vec<_> = papers
        .flat_map(|paper| before.iter().filter(move |p| valid(paper, p)).map(move |p| (paper, p)))
        .collect();
    if !issued.is_empty() {
        return issued.into_iter().filter_map(|(paper, p)| unfinished(paper, p)).collect();
    }
    let may = offers.iter().filter(|o| o.barred.is_none() && asked.contains(&o.paper.as_str()));
    let labels: Vec<_> = may.map(|o| o.label.as_str()).collect();
    if labels.is_empty() {
        Vec::new()
    } else {
        vec![format!("还没有出具《{}》", labels.join("》或《"))]
    }
}

/// What is to be registered of an issued paper; none when it is served.
fn unfinished(paper: &Paper, issued: &Entry) -> Option<String> {
    let missing = match issued.state.as_str() {
        SERVED => return None,
        PRINTED => "盖章和送达",
        _ => "送达",
    };
    let number = issued.number.as_deref().unwrap_or_default();
    Some(format!("《{}》{number}还没有登记{missing}", paper.label))
}
