//! How a to-do comes into being: once for each cause and day, and one open at a time for each cause.

use super::{day_key, open_key};
use crate::changes::Said;
use crate::committer::Settled;
use crate::entries::{field, read_list};
use crate::{App, Fault};
use fengsui_alarm::{Todo, TodoOwner};
use fengsui_base::{Fields, Refusal, RegionCode, Scope, Timestamp, UnitId};
use fengsui_ledger::Entry;
use fengsui_store::{ChangeSet, Expect, KeyWrite, Numbering};

/// The role of a unit's contact who sees to its facilities.
const MANAGER: &str = "消防安全管理人";

/// A person of a unit's file.
#[derive(serde::Deserialize)]
struct Contact {
    role: String,
    name: String,
    #[serde(default)]
    phone: String,
}

impl App {
    /// Raises a to-do unless its cause was dealt with for this day. While an older one of the same cause is open the day
    /// is noted there instead. Answers whether anything was stored.
    pub(crate) async fn raise_todo(
        &self,
        todo: &Todo,
        due_at: Timestamp,
        region: RegionCode,
    ) -> Result<bool, Fault> {
        let settled = self
            .settle(false, |_| async move {
                let day = day_key(&todo.cause_key, todo.day_on);
                if self.store.key(&day).await?.is_some() {
                    return Err(Refusal::not_found().into());
                }
                let open = match self.store.key(&open_key(&todo.cause_key)).await? {
                    Some(id) => self.store.entry(&Scope::everything(), id).await?,
                    None => None,
                };
                Ok((self.todo_change(todo, due_at, region, open, day), ()))
            })
            .await;
        match settled {
            Ok(Settled::Now(..) | Settled::Before(_)) => Ok(true),
            Err(Fault::Refused(refusal)) if refusal.code == "not_found" => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    fn todo_change(
        &self,
        todo: &Todo,
        due_at: Timestamp,
        region: RegionCode,
        open: Option<Entry>,
        day: String,
    ) -> ChangeSet {
        let mut change = ChangeSet::new(self.now());
        let actor = Self::by_rule(todo.task.label());
        change.expects.push(Expect::Absent(day.clone()));
        if let Some(open) = open {
            let said = Said::new("todo.again", format!("{}，并入本项", todo.why), "程序");
            change.journal.push(self.line_on(&open, change.at, &actor, said));
            change.keys.push(KeyWrite::Take(day, open.id));
            return change;
        }
        let mut entry = self.fresh("todo", region, &todo.unit_name, fields_of(todo), change.at);
        entry.due_at = Some(due_at);
        let open = open_key(&todo.cause_key);
        change.expects.push(Expect::Absent(open.clone()));
        change.keys.extend([KeyWrite::Take(open, entry.id), KeyWrite::Take(day, entry.id)]);
        let text = format!("提出{}：{}，{}", todo.task.label(), todo.object, todo.why);
        change.journal.push(self.line_on(&entry, change.at, &actor, Said::new("todo.raised", text, "程序")));
        change.entries.push(self.write(entry, Numbering::Keep));
        change
    }

    /// Who sees to a unit's facilities: its safety manager, or the grid worker of the place.
    pub(crate) async fn todo_owner(
        &self,
        unit: UnitId,
        region: RegionCode,
    ) -> Result<Option<TodoOwner>, Fault> {
        let entry = self.store.entry(&Scope::everything(), unit.into()).await?;
        Ok(entry.and_then(|e| manager(&e)).or_else(|| self.grid_worker(region, unit)))
    }

    fn grid_worker(&self, region: RegionCode, unit: UnitId) -> Option<TodoOwner> {
        let first = self.board.responders("grid_worker", region, Some(unit)).into_iter().next()?;
        Some(TodoOwner {
            role: "网格员".to_owned(),
            name: first.name.clone(),
            phone: first.phone.clone().unwrap_or_default(),
        })
    }
}

fn manager(unit: &Entry) -> Option<TodoOwner> {
    let contacts: Vec<Contact> = read_list(unit, "contacts");
    let named = contacts.into_iter().find(|c| c.role.contains(MANAGER));
    let owner = |name: String, phone: String| TodoOwner { role: MANAGER.to_owned(), name, phone };
    named.map(|c| owner(c.name, c.phone)).or_else(|| {
        let name: String = field(unit, "safety_manager")?;
        (!name.trim().is_empty()).then(|| owner(name, String::new()))
    })
}

/// The fields of a to-do's entry.
pub(super) fn fields_of(todo: &Todo) -> Fields {
    match serde_json::to_value(todo) {
        Ok(serde_json::Value::Object(fields)) => fields,
        _ => Fields::new(),
    }
}
