//! `/todos`: what units have to mend or replace, and its end: who did what, or why it will not be done.

use crate::Api;
use crate::gate::Caller;
use crate::page::{self, Body, InPath, NamedRef, Parameters, RegionRef, SimpleAction};
use crate::problem::{Denied, Problem};
use crate::schema::{TodoStateName, TodoTask};
use axum::Json;
use axum::extract::State;
use fengsui_alarm::{TodoOutcome, TodoOwner, TodoStep};
use fengsui_app::{App, TodoFilter, TodoView};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Who must see to it.
#[derive(Serialize, ToSchema)]
pub(crate) struct OwnerView {
    role: String,
    name: String,
    /// Empty when unknown.
    phone: String,
}

/// How it ended.
#[derive(Serialize, ToSchema)]
pub(crate) struct OutcomeView {
    /// Who did it; none when it was declined.
    done_by: Option<String>,
    what: String,
    by: String,
    at: String,
}

/// A to-do.
#[derive(Serialize, ToSchema)]
pub(crate) struct TodoItem {
    id: String,
    version: u64,
    #[schema(value_type = TodoTask)]
    task: &'static str,
    task_label: &'static str,
    #[schema(value_type = TodoStateName)]
    state: &'static str,
    state_label: String,
    unit: NamedRef,
    terminal: String,
    region: RegionRef,
    township: Option<String>,
    /// The device or system.
    object: String,
    /// The reason with its figures.
    why: String,
    /// The rule.
    basis: String,
    /// The day whose false alarms are the reason, or by which a device is to be replaced.
    day_on: String,
    /// False alarms of that day when it was raised.
    count: Option<u64>,
    owner: Option<OwnerView>,
    raised_at: String,
    due_at: Option<String>,
    overdue: bool,
    outcome: Option<OutcomeView>,
    actions: Vec<SimpleAction>,
}

/// A page of to-dos.
#[derive(Serialize, ToSchema)]
pub(crate) struct TodoList {
    items: Vec<TodoItem>,
    next: Option<String>,
    /// How many there are: exact up to 10,000; 10,001 says that there are more.
    total: u64,
}

/// Which to-dos.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TodoParameters {
    state: Option<String>,
    task: Option<String>,
    unit: Option<String>,
    region: Option<String>,
    q: Option<String>,
    cursor: Option<String>,
    limit: Option<u16>,
}

/// Who did what.
#[derive(Deserialize, ToSchema)]
pub(crate) struct FinishForm {
    done_by: String,
    what: String,
}

/// Why it will not be done.
#[derive(Deserialize, ToSchema)]
pub(crate) struct DeclineForm {
    reason: String,
}

impl OwnerView {
    fn of(owner: &TodoOwner) -> Self {
        Self { role: owner.role.clone(), name: owner.name.clone(), phone: owner.phone.clone() }
    }
}

impl OutcomeView {
    fn of(outcome: &TodoOutcome) -> Self {
        Self {
            done_by: outcome.done_by.clone(),
            what: outcome.what.clone(),
            by: outcome.by.name.clone(),
            at: outcome.at.to_string(),
        }
    }
}

impl TodoItem {
    fn of(app: &App, view: &TodoView) -> Self {
        let (todo, entry) = (&view.todo, &view.entry);
        let state = app.catalog().kind("todo").map(|k| k.state_label(view.state.code()).to_owned());
        let action = |name, label| SimpleAction::of(name, label, view.end_refusal.clone());
        Self {
            id: entry.id.to_string(),
            version: entry.version,
            task: todo.task.code(),
            task_label: todo.task.label(),
            state: view.state.code(),
            state_label: state.unwrap_or_default(),
            unit: NamedRef::of(todo.unit, &todo.unit_name),
            terminal: todo.terminal.to_string(),
            region: RegionRef::find(app, entry.region),
            township: page::township(app, entry.region),
            object: todo.object.clone(),
            why: todo.why.clone(),
            basis: todo.basis.clone(),
            day_on: todo.day_on.to_string(),
            count: todo.count,
            owner: todo.owner.as_ref().map(OwnerView::of),
            raised_at: entry.opened_at.to_string(),
            due_at: entry.due_at.map(|t| t.to_string()),
            overdue: view.overdue,
            outcome: todo.outcome.as_ref().map(OutcomeView::of),
            actions: vec![action("finish", "办结"), action("decline", "不办")],
        }
    }
}

/// A page of to-dos, newest first.
#[utoipa::path(get, path = "/todos", tag = "todos", params(TodoParameters), responses((status = 200, body = TodoList), (status = 403, body = Problem)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Parameters(p): Parameters<TodoParameters>,
) -> Result<Json<TodoList>, Denied> {
    let given = |text: Option<String>| text.filter(|t| !t.is_empty());
    let filter = TodoFilter {
        states: given(p.state).into_iter().collect(),
        task: given(p.task),
        unit: given(p.unit).map(|u| page::id(&u)).transpose()?,
        region: given(p.region).map(|r| page::region(&r, "/region")).transpose()?,
        text: p.q,
        after: page::cursor(p.cursor.as_deref())?,
        limit: page::limit(p.limit),
    };
    let found = api.app.todos(caller.grant(), filter).await?;
    let items = found.items.iter().map(|t| TodoItem::of(&api.app, t)).collect();
    Ok(Json(TodoList { items, next: found.next.as_ref().map(page::cursor_text), total: found.total }))
}

/// One to-do.
#[utoipa::path(get, path = "/todos/{id}", tag = "todos", params(("id" = String, Path)), responses((status = 200, body = TodoItem), (status = 404, body = Problem)))]
pub(crate) async fn one(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<Json<TodoItem>, Denied> {
    let view = api.app.todo(caller.grant(), id).await?;
    Ok(Json(TodoItem::of(&api.app, &view)))
}

/// Records that a to-do was done, and by whom.
#[utoipa::path(post, path = "/todos/{id}/finish", tag = "todos", params(("id" = String, Path)), request_body = FinishForm, responses((status = 200, body = TodoItem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn finish(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    Body(form): Body<FinishForm>,
) -> Result<Json<TodoItem>, Denied> {
    let step = TodoStep::Finish { done_by: form.done_by, what: form.what };
    let view = api.app.end_todo(caller.grant(), id, step).await?;
    Ok(Json(TodoItem::of(&api.app, &view)))
}

/// Records why a to-do will not be done.
#[utoipa::path(post, path = "/todos/{id}/decline", tag = "todos", params(("id" = String, Path)), request_body = DeclineForm, responses((status = 200, body = TodoItem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn decline(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    Body(form): Body<DeclineForm>,
) -> Result<Json<TodoItem>, Denied> {
    let view = api.app.end_todo(caller.grant(), id, TodoStep::Decline(form.reason)).await?;
    Ok(Json(TodoItem::of(&api.app, &view)))
}
