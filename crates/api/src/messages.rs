//! `/messages`: the delivery log: what was sent to whom by which way, and what became of it.

use crate::Api;
use crate::gate::Caller;
use crate::page::{self, InPath, NamedRef, Parameters};
use crate::problem::{Denied, Problem};
use axum::Json;
use axum::extract::State;
use fengsui_app::{App, Attempt, MessageFilter, MessageView};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// One attempt.
#[derive(Serialize, ToSchema)]
pub(crate) struct AttemptView {
    at: String,
    channel: Option<NamedRef>,
    by_label: String,
    outcome: String,
    detail: String,
}

/// A message of the log.
#[derive(Serialize, ToSchema)]
pub(crate) struct Message {
    id: String,
    state: String,
    state_label: String,
    title: String,
    text: String,
    rung: String,
    about_kind: String,
    about: String,
    recipient: String,
    recipient_role: String,
    /// Whole for whoever handles alarms, masked otherwise.
    phone: Option<String>,
    email: Option<String>,
    urgent: bool,
    /// The ways it may take, in words.
    by: Vec<String>,
    attempts: Vec<AttemptView>,
    answer_label: Option<String>,
    answered_at: Option<String>,
    opened_at: String,
    /// When it is tried next.
    due_at: Option<String>,
}

/// A page of the log.
#[derive(Serialize, ToSchema)]
pub(crate) struct MessageList {
    items: Vec<Message>,
    next: Option<String>,
}

/// Which messages.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MessageParameters {
    /// `waiting`, `sent`, `delivered`, `answered`, `failed` or `cancelled`.
    state: Option<String>,
    /// Channel that took it or tried last.
    channel: Option<String>,
    /// What it is about.
    about: Option<String>,
    /// Name, role or number of the recipient, or title.
    q: Option<String>,
    cursor: Option<String>,
    limit: Option<u16>,
}

impl AttemptView {
    fn of(attempt: &Attempt) -> Self {
        Self {
            at: attempt.at.to_string(),
            channel: attempt.channel.map(|id| NamedRef::of(id, &attempt.channel_name)),
            by_label: attempt.by.label().to_owned(),
            outcome: attempt.outcome.code().to_owned(),
            detail: attempt.detail.clone(),
        }
    }
}

impl Message {
    fn of(app: &App, view: MessageView) -> Self {
        let MessageView { entry, message } = view;
        let label = app.catalog().kind("message").map(|k| k.state_label(&entry.state).to_owned());
        Self {
            id: entry.id.to_string(),
            state_label: label.unwrap_or_else(|| entry.state.clone()),
            state: entry.state,
            title: entry.title,
            text: message.text,
            rung: message.rung,
            about_kind: message.about_kind,
            about: message.about.to_string(),
            recipient: message.recipient_name,
            recipient_role: message.recipient_role,
            phone: message.phone,
            email: message.email,
            urgent: message.urgent,
            by: message.by.iter().map(|by| by.label().to_owned()).collect(),
            attempts: message.attempts.iter().map(AttemptView::of).collect(),
            answer_label: message.answer.map(|a| a.label().to_owned()),
            answered_at: message.answered_at.map(|t| t.to_string()),
            opened_at: entry.opened_at.to_string(),
            due_at: entry.due_at.map(|t| t.to_string()),
        }
    }
}

/// A page of the delivery log, newest first.
#[utoipa::path(get, path = "/messages", tag = "channels", params(MessageParameters), responses((status = 200, body = MessageList), (status = 403, body = Problem)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Parameters(p): Parameters<MessageParameters>,
) -> Result<Json<MessageList>, Denied> {
    let after = page::cursor(p.cursor.as_deref())?;
    let filter = MessageFilter {
        state: p.state,
        channel: p.channel.as_deref().map(page::id).transpose()?,
        about: p.about.as_deref().map(page::id).transpose()?,
        text: p.q,
    };
    let (found, next) = api.app.messages(caller.grant(), filter, after, page::limit(p.limit)).await?;
    let items = found.into_iter().map(|view| Message::of(&api.app, view)).collect();
    Ok(Json(MessageList { items, next: next.as_ref().map(page::cursor_text) }))
}

/// One message with its attempts.
#[utoipa::path(get, path = "/messages/{id}", tag = "channels", params(("id" = String, Path)), responses((status = 200, body = Message), (status = 404, body = Problem)))]
pub(crate) async fn one(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<Json<Message>, Denied> {
    let view = api.app.message(caller.grant(), id).await?;
    Ok(Json(Message::of(&api.app, view)))
}
