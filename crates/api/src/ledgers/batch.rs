//! `/ledgers/{kind}/batch`: the same step for many entries of a ledger.

use super::describe::Ask;
use super::forms::LedgerParameters;
use crate::Api;
use crate::gate::Caller;
use crate::page::{self, Body};
use crate::problem::{Denied, Problem};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use fengsui_app::{BATCH_MAX, BatchAction, BatchChoice, BatchOutcome, LedgerForm};
use fengsui_base::{Fields, Refusal};
use fengsui_catalog::Kind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which entries.
#[derive(Deserialize, ToSchema)]
pub(crate) struct BatchForm {
    /// Ids, one by one; absent for the filters.
    #[serde(default)]
    ids: Option<Vec<String>>,
    /// The filters of the list as its address has them: `states=found&standing=overdue`.
    #[serde(default)]
    filters: String,
}

/// A step for many entries.
#[derive(Deserialize, ToSchema)]
pub(crate) struct BatchMoveForm {
    #[serde(flatten)]
    which: BatchForm,
    /// The move.
    #[serde(rename = "move")]
    mv: String,
    /// The fields that it asks for, the same for all.
    #[schema(value_type = std::collections::BTreeMap<String, serde_json::Value>)]
    fields: Fields,
}

/// What may be done with the entries of a choice.
#[derive(Serialize, ToSchema)]
pub(crate) struct BatchChoices {
    entries: usize,
    /// Most entries of one batch.
    most: usize,
    actions: Vec<BatchStep>,
}

/// A step that some of them may make.
#[derive(Serialize, ToSchema)]
struct BatchStep {
    name: String,
    label: String,
    /// How many may make it.
    may: usize,
    barred: Vec<BatchReason>,
    help: Option<String>,
    asks: Vec<Ask>,
}

/// Why some may not.
#[derive(Serialize, ToSchema)]
struct BatchReason {
    reason: String,
    count: usize,
}

/// What became of the entries.
#[derive(Serialize, ToSchema)]
pub(crate) struct BatchReport {
    done: usize,
    refused: usize,
    items: Vec<BatchItem>,
}

/// What became of one.
#[derive(Serialize, ToSchema)]
struct BatchItem {
    id: String,
    number: Option<String>,
    title: String,
    /// Why nothing became of it; absent when it was done.
    reason: Option<String>,
}

impl BatchForm {
    fn choice(&self) -> Result<BatchChoice, Refusal> {
        if let Some(ids) = &self.ids {
            return Ok(BatchChoice::Named(ids.iter().map(|id| page::id(id)).collect::<Result<_, _>>()?));
        }
        let malformed = || page::bad("/filters", "query.malformed", "筛选条件写法不对，请清除后重选");
        let address = format!("/?{}", self.filters).parse().map_err(|_| malformed())?;
        let Query(asked) = Query::<LedgerParameters>::try_from_uri(&address).map_err(|_| malformed())?;
        if asked.mine == Some(true) {
            return Err(page::bad("/filters", "batch.mine", "“待我办”里的请逐条勾选，或换成别的筛选条件"));
        }
        Ok(BatchChoice::Found(Box::new(asked.filter()?)))
    }
}

impl BatchStep {
    fn of(kind: &Kind, action: BatchAction) -> Self {
        let BatchAction { name, label, may, barred } = action;
        let mv = kind.mv(&name);
        let barred = barred.into_iter().map(|(reason, count)| BatchReason { reason, count }).collect();
        let (help, asks) = (mv.and_then(|m| m.help.clone()), mv.map(Ask::of).unwrap_or_default());
        Self { name, label, may, barred, help, asks }
    }
}

/// Which steps some of the entries may make, and why others may not; nothing is changed.
#[utoipa::path(post, path = "/ledgers/{kind}/batch/steps", tag = "ledgers", params(("kind" = String, Path)), request_body = BatchForm, responses((status = 200, body = BatchChoices), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn steps(
    State(api): State<Api>,
    caller: Caller,
    Path(kind): Path<String>,
    Body(form): Body<BatchForm>,
) -> Result<Json<BatchChoices>, Denied> {
    let known = api.app.ledger(caller.grant(), &kind)?;
    let (entries, found) = api.app.batch_actions(caller.grant(), &kind, form.choice()?).await?;
    let actions = found.into_iter().map(|action| BatchStep::of(known, action)).collect();
    Ok(Json(BatchChoices { entries, most: BATCH_MAX, actions }))
}

/// Makes a step with each of the entries, each judged on its own.
#[utoipa::path(post, path = "/ledgers/{kind}/batch", tag = "ledgers", params(("kind" = String, Path)), request_body = BatchMoveForm, responses((status = 200, body = BatchReport), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn make(
    State(api): State<Api>,
    caller: Caller,
    Path(kind): Path<String>,
    headers: HeaderMap,
    Body(form): Body<BatchMoveForm>,
) -> Result<Json<BatchReport>, Denied> {
    let (key, choice) = (page::idempotency_key(&headers)?, form.which.choice()?);
    let asked = LedgerForm { mv: form.mv, fields: form.fields, ..LedgerForm::default() };
    let outcomes = api.app.batch_move(caller.grant(), &kind, choice, &asked, key.as_deref()).await?;
    let done = outcomes.iter().filter(|one| one.refused.is_none()).count();
    let refused = outcomes.len() - done;
    let item = |one: BatchOutcome| BatchItem {
        id: one.entry.id.to_string(),
        number: one.entry.number,
        title: one.entry.title,
        reason: one.refused.map(reason),
    };
    Ok(Json(BatchReport { done, refused, items: outcomes.into_iter().map(item).collect() }))
}

/// A refusal in one sentence: what its places say, when it has some.
fn reason(refusal: Refusal) -> String {
    let places: Vec<_> = refusal.places.iter().map(|place| place.detail.clone()).collect();
    if places.is_empty() { refusal.detail } else { places.join("；") }
}
