//! `/journal`: the journal (操作留痕), for those who audit.

use crate::Api;
use crate::gate::Caller;
use crate::page::{self, Parameters, TimelineItem};
use crate::problem::{Denied, Problem};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A page of the journal.
#[derive(Serialize, ToSchema)]
pub(crate) struct JournalPage {
    items: Vec<TimelineItem>,
    next: Option<String>,
}

/// Which lines.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct JournalParameters {
    /// Entry the lines are about.
    subject: Option<String>,
    cursor: Option<String>,
    limit: Option<u16>,
}

/// A page of the journal, newest first.
#[utoipa::path(get, path = "/journal", tag = "journal", params(JournalParameters), responses((status = 200, body = JournalPage), (status = 403, body = Problem)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Parameters(p): Parameters<JournalParameters>,
) -> Result<Json<JournalPage>, Denied> {
    let limit = page::limit(p.limit);
    let subject = p.subject.as_deref().map(page::id).transpose()?;
    let rows = api.app.journal(caller.grant(), subject, page::place(p.cursor.as_deref())?, limit).await?;
    let next = (rows.len() == usize::from(limit))
        .then(|| rows.last().map(|r| page::place_text(r.seq, r.line)))
        .flatten();
    let names = api.app.subject_names(caller.grant(), &rows).await?;
    let item = |row: fengsui_store::JournalRow| {
        let name = row.content.as_ref().and_then(|line| names.get(&line.subject.id)).cloned();
        let mut item = TimelineItem::of(&api.app, row);
        item.subject_name = name;
        item
    };
    Ok(Json(JournalPage { items: rows.into_iter().map(item).collect(), next }))
}
