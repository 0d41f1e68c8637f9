//! `/public/answers/{token}`: what a person who was sent a link sees and answers, without signing in.
//!
//! The token is the only key: place, time and what is asked, no name and no number of anybody else. The gate lets
//! these two operations through; `app` limits how often a link, and an address, may be tried.

use crate::Api;
use crate::gate::Peer;
use crate::page::{self, Body};
use crate::problem::{Denied, Problem};
use crate::schema::AnswerCode;
use axum::Json;
use axum::extract::{Path, State};
use fengsui_app::{Answer, AnswerPage, Given};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Behind the link.
#[derive(Serialize, ToSchema)]
pub(crate) struct AnswerView {
    /// The office that asks.
    office: String,
    title: String,
    text: String,
    address: Option<String>,
    told_at: String,
    /// What has been answered through this link, oldest first.
    answers: Vec<AnswerGiven>,
    /// What may be answered; empty when it is over.
    choices: Vec<AnswerChoice>,
    /// Why nothing can be answered any more.
    over: Option<String>,
}

/// One answer.
#[derive(Serialize, ToSchema)]
pub(crate) struct AnswerGiven {
    #[schema(value_type = AnswerCode)]
    answer: &'static str,
    label: &'static str,
    at: String,
}

/// One possible answer.
#[derive(Serialize, ToSchema)]
pub(crate) struct AnswerChoice {
    #[schema(value_type = AnswerCode)]
    answer: &'static str,
    label: &'static str,
}

/// What is answered.
#[derive(Deserialize, ToSchema)]
pub(crate) struct AnswerForm {
    #[schema(value_type = AnswerCode)]
    answer: String,
    #[serde(default)]
    note: Option<String>,
}

impl AnswerView {
    fn of(api: &Api, page: AnswerPage) -> Self {
        let over = page.over.map(|r| r.detail);
        let choice = |a: Answer| AnswerChoice { answer: a.code(), label: a.label() };
        let choices = if over.is_some() { Vec::new() } else { Answer::ALL.map(choice).into() };
        Self {
            office: api.app.node().office.clone(),
            title: page.title,
            text: page.text,
            address: page.address,
            told_at: page.told_at.to_string(),
            answers: page
                .answers
                .into_iter()
                .map(|(a, at)| AnswerGiven { answer: a.code(), label: a.label(), at: at.to_string() })
                .collect(),
            choices,
            over,
        }
    }
}

/// What stands behind a link.
#[utoipa::path(get, path = "/public/answers/{token}", tag = "public", params(("token" = String, Path)),
    responses((status = 200, body = AnswerView), (status = 404, body = Problem)))]
pub(crate) async fn one(
    State(api): State<Api>,
    Peer(address): Peer,
    Path(token): Path<String>,
) -> Result<Json<AnswerView>, Denied> {
    let page = api.app.answer_page(&token, &address).await?;
    Ok(Json(AnswerView::of(&api, page)))
}

/// Answers through a link.
#[utoipa::path(post, path = "/public/answers/{token}", tag = "public", params(("token" = String, Path)), request_body = AnswerForm,
    responses((status = 200, body = AnswerView), (status = 409, body = Problem)))]
pub(crate) async fn answer(
    State(api): State<Api>,
    Peer(address): Peer,
    Path(token): Path<String>,
    Body(form): Body<AnswerForm>,
) -> Result<Json<AnswerView>, Denied> {
    let answer = Answer::of(&form.answer)
        .ok_or_else(|| page::bad("/answer", "answer.unknown", "请选择收到、到场、误报或着火"))?;
    let note = form.note.map(|n| n.trim().to_owned()).filter(|n| !n.is_empty());
    let given = Given { answer, note, way: "答复页".to_owned() };
    let page = api.app.answer_link(&token, given, &address).await?;
    Ok(Json(AnswerView::of(&api, page)))
}
