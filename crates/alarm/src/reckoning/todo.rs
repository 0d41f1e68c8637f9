//! A to-do (待办事项): something a unit must do, with the figures that say why, until somebody entitled says that it is
//! done, or why it will not be.

use crate::NOTE_CHARS_MAX;
use fengsui_base::{Officer, Place, Refusal, RefusalKind, TerminalId, UnitId};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

/// Within how many hours a facility is to be repaired.
///
/// Source: DB12/T 1341-2024 (Tianjin, second-hand): 48 hours, five working days when parts are needed.
pub const REPAIR_WITHIN_H: i64 = 48;
/// Longest name of whoever did it, in characters.
pub const DONE_BY_CHARS_MAX: usize = 60;

/// What is to be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// 检修
    Repair,
    /// 更换
    Replace,
}

/// Where a to-do stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TodoState {
    /// 待办
    Open,
    /// 已办
    Done,
    /// 不办
    Declined,
}

/// Who must see to it, as known when it was raised.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TodoOwner {
    /// As what, such as 消防安全管理人.
    pub role: String,
    /// Name.
    pub name: String,
    /// Telephone; empty when unknown.
    pub phone: String,
}

/// How it ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TodoOutcome {
    /// Who did it; absent when it was declined.
    pub done_by: Option<String>,
    /// What was done, or why it will not be.
    pub what: String,
    /// Who recorded it.
    pub by: Officer,
    /// When.
    pub at: Timestamp,
}

/// A to-do.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Todo {
    /// What is to be done.
    pub task: Task,
    /// The unit.
    pub unit: UnitId,
    /// Its name then.
    pub unit_name: String,
    /// The terminal it concerns.
    pub terminal: TerminalId,
    /// Its name then, with the system where one is meant.
    pub object: String,
    /// Why, with the figures.
    pub why: String,
    /// The rule it follows.
    pub basis: String,
    /// What it is about, the same as long as the cause is the same: only one of these is open at a time.
    pub cause_key: String,
    /// The day whose false alarms are the reason, in the office's zone; the day by which a device is to be replaced.
    pub day_on: Date,
    /// How many false alarms there were when it was raised, for a repair.
    #[serde(default)]
    pub count: Option<u64>,
    /// Who must see to it; nobody is known where neither unit nor township names one.
    #[serde(default)]
    pub owner: Option<TodoOwner>,
    /// How it ended.
    #[serde(default)]
    pub outcome: Option<TodoOutcome>,
}

/// What somebody records of a to-do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TodoStep {
    /// It was done (办结).
    Finish {
        /// By whom.
        done_by: String,
        /// What was done.
        what: String,
    },
    /// It will not be, for this reason (不办).
    Decline(String),
}

impl Task {
    /// Both.
    pub const ALL: [Task; 2] = [Task::Repair, Task::Replace];

    /// The words on the list.
    pub fn label(self) -> &'static str {
        match self {
            Task::Repair => "检修",
            Task::Replace => "更换",
        }
    }

    /// Stable name.
    pub fn code(self) -> &'static str {
        match self {
            Task::Repair => "repair",
            Task::Replace => "replace",
        }
    }
}

impl TodoState {
    /// All of them.
    pub const ALL: [TodoState; 3] = [TodoState::Open, TodoState::Done, TodoState::Declined];

    /// Stable name.
    pub fn code(self) -> &'static str {
        match self {
            TodoState::Open => "open",
            TodoState::Done => "done",
            TodoState::Declined => "declined",
        }
    }

    /// The state with this stable name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }
}

impl Todo {
    /// Whether somebody may record an end of it: only once.
    pub fn may_end(&self) -> Result<(), Refusal> {
        let Some(outcome) = &self.outcome else { return Ok(()) };
        let what = if outcome.done_by.is_some() { "办结" } else { "记为不办" };
        let sentence = format!("已由 {} {what}。", outcome.by.name);
        Err(Refusal::new(RefusalKind::Conflict, "todo.ended", sentence))
    }

    /// The to-do after the step, and where it stands then; or why not.
    pub fn end(self, step: TodoStep, by: Officer, now: Timestamp) -> Result<(Self, TodoState), Refusal> {
        self.may_end()?;
        let (done_by, what, state) = match step {
            TodoStep::Finish { done_by, what } => {
                let wrong = [
                    mistake(&done_by, DONE_BY_CHARS_MAX, "/done_by", "由谁办的"),
                    mistake(&what, NOTE_CHARS_MAX, "/what", "办了什么"),
                ];
                refuse(wrong.into_iter().flatten().collect())?;
                (Some(done_by.trim().to_owned()), what, TodoState::Done)
            }
            TodoStep::Decline(reason) => {
                refuse(mistake(&reason, NOTE_CHARS_MAX, "/reason", "不办的理由").into_iter().collect())?;
                (None, reason, TodoState::Declined)
            }
        };
        let outcome = TodoOutcome { done_by, what: what.trim().to_owned(), by, at: now };
        Ok((Self { outcome: Some(outcome), ..self }, state))
    }
}

fn refuse(wrong: Vec<Place>) -> Result<(), Refusal> {
    if wrong.is_empty() { Ok(()) } else { Err(Refusal::invalid(wrong)) }
}

fn mistake(text: &str, most: usize, pointer: &'static str, label: &str) -> Option<Place> {
    match text.trim().chars().count() {
        0 => Some(Place::new(pointer, "field.required", format!("请填写{label}。"))),
        n if n > most => {
            let sentence = format!("写了 {n} 个字，最多 {most} 个，请缩短。");
            Some(Place::new(pointer, "text.too_long", sentence))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fengsui_base::{AccountId, EntryId};

    fn todo() -> Todo {
        Todo {
            task: Task::Repair,
            unit: UnitId(EntryId::from_u128(1)),
            unit_name: "云岫饭店".into(),
            terminal: TerminalId(EntryId::from_u128(2)),
            object: "用户信息传输装置".into(),
            why: "一天误报 6 起".into(),
            basis: "GB 50440".into(),
            cause_key: "repair/x".into(),
            day_on: jiff::civil::date(2026, 11, 21),
            count: Some(6),
            owner: None,
            outcome: None,
        }
    }

    fn luomin() -> Officer {
        Officer { id: AccountId(EntryId::from_u128(9)), name: "罗敏".into(), seat: None }
    }

    fn finish(by: &str, what: &str) -> TodoStep {
        TodoStep::Finish { done_by: by.into(), what: what.into() }
    }

    #[test]
    fn whoever_ends_it_says_who_did_what() {
        let now = Timestamp::UNIX_EPOCH;
        let refusal = todo().end(finish(" ", ""), luomin(), now).unwrap_err();
        assert_eq!(
            refusal.places.iter().map(|p| p.pointer.as_str()).collect::<Vec<_>>(),
            ["/done_by", "/what"]
        );
        let (done, state) = todo().end(finish("维保公司 王强", "更换 3 只探测器"), luomin(), now).unwrap();
        assert_eq!(
            (state, done.outcome.unwrap().done_by.as_deref()),
            (TodoState::Done, Some("维保公司 王强"))
        );
    }

    #[test]
    fn it_ends_once_and_the_second_is_told_who_was_first() {
        let now = Timestamp::UNIX_EPOCH;
        let step = TodoStep::Decline("下月整体改造".into());
        let (declined, state) = todo().end(step.clone(), luomin(), now).unwrap();
        assert_eq!(state, TodoState::Declined);
        let refusal = declined.end(step, luomin(), now).unwrap_err();
        assert_eq!((refusal.code.as_ref(), refusal.detail.as_str()), ("todo.ended", "已由 罗敏 记为不办。"));
    }

    #[test]
    fn texts_have_limits() {
        let now = Timestamp::UNIX_EPOCH;
        let most = "字".repeat(NOTE_CHARS_MAX);
        assert!(todo().end(TodoStep::Decline(most.clone()), luomin(), now).is_ok());
        assert!(todo().end(TodoStep::Decline(format!("{most}字")), luomin(), now).is_err());
        let name = "名".repeat(DONE_BY_CHARS_MAX);
        assert!(todo().end(finish(&name, "修好"), luomin(), now).is_ok());
        assert!(todo().end(finish(&format!("{name}名"), "修好"), luomin(), now).is_err());
        assert!(todo().end(TodoStep::Decline("　 ".into()), luomin(), now).is_err());
    }
}
