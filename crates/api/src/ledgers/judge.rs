//! `/ledgers/{kind}/judgement`: what the rules reckon of a form while it is filled in, and how a page shows what they
//! reckoned of an entry.

use super::forms::LedgerTrial;
use crate::Api;
use crate::gate::Caller;
use crate::page::Body;
use crate::problem::{Denied, Problem};
use crate::schema::FourColours;
use axum::Json;
use axum::extract::{Path, State};
use fengsui_catalog::Kind;
use fengsui_ledger::{Bounded, Entry, Judged, Trial, judgements_of};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A grade that a rule pack reckoned, and by which version of which rule.
#[derive(Serialize, ToSchema)]
pub(crate) struct JudgementView {
    /// Name of the choice that was filled.
    grade: String,
    /// Label of that choice.
    label: String,
    /// What came out, in words.
    outcome: String,
    /// 1 (red) to 4 (blue), where it is a level.
    #[schema(value_type = Option<FourColours>)]
    level: Option<u8>,
    /// How it came about, in words.
    because: String,
    /// What the rule is called.
    pack: String,
    version: String,
    /// The legal source.
    source: String,
    /// The day whose version it is.
    on: String,
}

/// The range that a rule pack gives for a number, and by which version of which rule.
#[derive(Serialize, ToSchema)]
struct BoundView {
    /// Name of the number.
    field: String,
    /// Its label.
    label: String,
    /// The range in words.
    words: String,
    /// Why it is this one.
    because: String,
    /// What is wrong with the number that stands there.
    wrong: Option<String>,
    /// What the rule is called.
    pack: String,
    version: String,
    /// The legal source.
    source: String,
    /// The day whose version it is.
    on: String,
}

/// What the rules make of a form.
#[derive(Serialize, ToSchema)]
pub(crate) struct TrialResult {
    /// What was reckoned.
    items: Vec<JudgementView>,
    /// Names of the fields that the rules fill: nobody types them.
    fills: Vec<String>,
    /// What is missing or wrong, as sentences.
    wrong: Vec<String>,
    /// The ranges of its numbers.
    bounds: Vec<BoundView>,
}

impl JudgementView {
    /// The judgements that an entry carries.
    pub(crate) fn all(kind: &Kind, entry: &Entry) -> Vec<Self> {
        let judged = judgements_of(&entry.fields).into_iter();
        judged
            .map(|j| {
                let value = entry.fields.get(&j.grade).and_then(Value::as_str).unwrap_or_default().to_owned();
                Self::of(kind, j, &value)
            })
            .collect()
    }

    fn of(kind: &Kind, judged: Judged, value: &str) -> Self {
        let field = kind.field(&judged.grade);
        let choice = field.and_then(|f| f.choices.iter().find(|c| c.value == value));
        Self {
            label: field.map_or_else(|| judged.grade.clone(), |f| f.label.clone()),
            outcome: choice.map_or_else(|| value.to_owned(), |c| c.label.clone()),
            level: choice.and_then(|c| c.level),
            grade: judged.grade,
            because: judged.because,
            pack: judged.label,
            version: judged.version,
            source: judged.source,
            on: judged.on.to_string(),
        }
    }
}

impl BoundView {
    fn of(kind: &Kind, found: Bounded) -> Self {
        Self {
            label: kind.field(&found.field).map_or_else(|| found.field.clone(), |f| f.label.clone()),
            field: found.field,
            words: found.words,
            because: found.because,
            wrong: found.wrong,
            pack: found.label,
            version: found.version,
            source: found.source,
            on: found.on.to_string(),
        }
    }
}

impl TrialResult {
    fn of(kind: &Kind, found: Trial) -> Self {
        let judged = |j: Judged| {
            let value = j.outcome.clone();
            JudgementView::of(kind, j, &value)
        };
        Self {
            items: found.judged.into_iter().map(judged).collect(),
            fills: found.fills,
            wrong: found.wrong,
            bounds: found.bounds.into_iter().map(|b| BoundView::of(kind, b)).collect(),
        }
    }
}

/// What the rules make of a form while it is filled in; nothing is stored.
#[utoipa::path(post, path = "/ledgers/{kind}/judgement", tag = "ledgers", params(("kind" = String, Path)), request_body = LedgerTrial, responses((status = 200, body = TrialResult), (status = 404, body = Problem)))]
pub(crate) async fn judge(
    State(api): State<Api>,
    caller: Caller,
    Path(kind): Path<String>,
    Body(form): Body<LedgerTrial>,
) -> Result<Json<TrialResult>, Denied> {
    let (entry, form) = form.read()?;
    let found = api.app.try_form(caller.grant(), &kind, entry, &form).await?;
    Ok(Json(TrialResult::of(api.app.ledger(caller.grant(), &kind)?, found)))
}
