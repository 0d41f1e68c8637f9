//! To-dos of units (待办事项): listed, and ended by somebody who says who did what. The program raises them and closes none.

mod ages;
mod raise;
mod repairs;

pub use ages::AGES_A_RUN;
pub(crate) use ages::Walk;
pub use repairs::LOOK_BACK_DAYS;

use crate::changes::Said;
use crate::entries::{record, text_is};
use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_alarm::{Todo, TodoState, TodoStep};
use fengsui_base::{Actor, EntryId, Refusal, RegionCode, Timestamp};
use fengsui_catalog::Permission;
use fengsui_ledger::{Entry, search_terms};
use fengsui_store::{ChangeSet, Cursor, Direction, KeyWrite, Numbering, Query, Sort};

/// What a list of to-dos shows.
#[derive(Clone, Debug, Default)]
pub struct TodoFilter {
    /// States; empty for all.
    pub states: Vec<String>,
    /// Task by its stable name.
    pub task: Option<String>,
    /// Unit.
    pub unit: Option<EntryId>,
    /// Within this region.
    pub region: Option<RegionCode>,
    /// Search text.
    pub text: Option<String>,
    /// Where the page before ended.
    pub after: Option<Cursor>,
    /// How many.
    pub limit: u16,
}

/// A to-do with what surrounds it.
pub struct TodoView {
    /// As stored.
    pub entry: Entry,
    /// As understood.
    pub todo: Todo,
    /// Where it stands.
    pub state: TodoState,
    /// Why the asker may not end it, if so.
    pub end_refusal: Option<Refusal>,
    /// Whether it is open and its time is over.
    pub overdue: bool,
}

/// A page of to-dos.
pub struct TodoPage {
    /// The to-dos.
    pub items: Vec<TodoView>,
    /// Where the next page starts.
    pub next: Option<Cursor>,
    /// How many there are; see [`fengsui_store::COUNTED_MAX`].
    pub total: u64,
}

impl App {
    /// A page of to-dos: the newest first, and of those that are open alone, what must be done first.
    pub async fn todos(&self, grant: &Grant, filter: TodoFilter) -> Result<TodoPage, Fault> {
        let scope = self.narrowed(grant.may(Permission::UnitRead)?, filter.region);
        let mut query = Query::newest("todo", scope);
        (query.states, query.after, query.limit) = (filter.states, filter.after, filter.limit);
        if query.states == [TodoState::Open.code()] {
            (query.sort, query.direction) = (Sort::Due, Direction::Ascending);
        }
        query.terms = filter.text.as_deref().map(search_terms).unwrap_or_default();
        query.filters.extend(filter.task.map(|t| text_is("task", t)));
        query.filters.extend(filter.unit.map(|id| text_is("unit", id.to_string())));
        let total = self.total(&query).await?;
        let page = self.store.list(&query).await?;
        let items = page.items.into_iter().filter_map(|e| self.todo_view(grant, e)).collect();
        Ok(TodoPage { items, next: page.next, total })
    }

    /// One to-do.
    pub async fn todo(&self, grant: &Grant, id: EntryId) -> Result<TodoView, Fault> {
        let scope = grant.may(Permission::UnitRead)?;
        let entry = self.store.entry(&scope, id).await?.filter(|e| e.kind == "todo");
        Ok(entry.and_then(|e| self.todo_view(grant, e)).ok_or_else(Refusal::not_found)?)
    }

    fn todo_view(&self, grant: &Grant, entry: Entry) -> Option<TodoView> {
        let todo: Todo = record(&entry)?;
        let state = TodoState::from_code(&entry.state)?;
        let barred = grant.may_at(Permission::TodoWrite, entry.region).err();
        let end_refusal = todo.may_end().err().or(barred);
        let overdue = state == TodoState::Open && entry.due_at.is_some_and(|due| due <= self.now());
        Some(TodoView { entry, todo, state, end_refusal, overdue })
    }

    /// Records that a to-do was done, by whom, or why it will not be.
    pub async fn end_todo(&self, grant: &Grant, id: EntryId, step: TodoStep) -> Result<TodoView, Fault> {
        let scope = grant.may(Permission::TodoWrite)?;
        self.settle(true, |_| {
            let (scope, step) = (&scope, step.clone());
            async move {
                let entry = self.store.entry(scope, id).await?.filter(|e| e.kind == "todo");
                let entry = entry.ok_or_else(Refusal::not_found)?;
                let todo: Todo = record(&entry).ok_or_else(Refusal::not_found)?;
                let (todo, state) = todo.end(step, grant.officer().clone(), self.now())?;
                Ok((self.ended_todo(grant, entry, &todo, state), ()))
            }
        })
        .await?;
        self.todo(grant, id).await
    }

    fn ended_todo(&self, grant: &Grant, before: Entry, todo: &Todo, state: TodoState) -> ChangeSet {
        let mut change = ChangeSet::new(self.now());
        let entry = Entry {
            state: state.code().to_owned(),
            closed_at: Some(change.at),
            version: before.version + 1,
            revision: self.catalog.revision(),
            fields: raise::fields_of(todo),
            ..before
        };
        let actor = Actor::Officer(grant.officer().clone());
        change.journal.push(self.line_on(&entry, change.at, &actor, said(todo)));
        change.keys.push(KeyWrite::Free(open_key(&todo.cause_key)));
        change.entries.push(self.write(entry, Numbering::Keep));
        change
    }
}

fn said(todo: &Todo) -> Said {
    let what = todo.outcome.as_ref().map_or("", |o| o.what.as_str());
    let task = todo.task.label();
    match todo.outcome.as_ref().and_then(|o| o.done_by.as_deref()) {
        Some(who) => Said::new("todo.done", format!("{task}已办结，{who}：{what}"), "操作"),
        None => Said::new("todo.declined", format!("{task}不办：{what}"), "操作"),
    }
}

/// The key that is held while a to-do of this cause is open.
pub(crate) fn open_key(cause_key: &str) -> String {
    format!("todo/open/{cause_key}")
}

/// The key that is held for good once a cause was dealt with for this day.
fn day_key(cause_key: &str, day_on: jiff::civil::Date) -> String {
    format!("todo/day/{cause_key}/{day_on}")
}

/// Midnight of a civil date in China.
fn midnight(day: jiff::civil::Date) -> Option<Timestamp> {
    jiff::tz::Offset::constant(8).to_timestamp(day.at(0, 0, 0, 0)).ok()
}
