//! The ladder on an alarm's page: who was told when and through what, what was answered, what comes next.

use crate::schema::{AnswerCode, MessageState};
use fengsui_alarm::{Alarm, Ladder};
use fengsui_app::{App, Message};
use fengsui_base::EntryId;
use fengsui_ledger::Entry;
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

/// Where an alarm stands on its way to somebody who acts.
#[derive(Serialize, ToSchema)]
pub(crate) struct LadderView {
    /// Which way it takes, such as 先席位.
    plan_label: &'static str,
    /// What comes next, and when.
    next_label: Option<&'static str>,
    next_at: Option<String>,
    /// The rungs climbed, newest first.
    rungs: Vec<RungView>,
    /// What was answered, newest first.
    answers: Vec<AnsweredView>,
}

/// A rung that was climbed.
#[derive(Serialize, ToSchema)]
pub(crate) struct RungView {
    label: &'static str,
    at: String,
    told: Vec<ToldView>,
}

/// Somebody who was told.
#[derive(Serialize, ToSchema)]
pub(crate) struct ToldView {
    message: String,
    name: String,
    role: String,
    #[schema(value_type = Option<MessageState>)]
    state: Option<String>,
    state_label: Option<String>,
    /// The channel that took it last.
    channel: Option<String>,
    answer_label: Option<&'static str>,
}

/// What somebody answered.
#[derive(Serialize, ToSchema)]
pub(crate) struct AnsweredView {
    name: String,
    role: String,
    #[schema(value_type = AnswerCode)]
    answer: &'static str,
    answer_label: &'static str,
    note: Option<String>,
    through: String,
    at: String,
}

impl LadderView {
    pub(crate) fn of(app: &App, alarm: &Alarm, messages: &[Entry]) -> Option<Self> {
        let ladder = alarm.ladder.as_ref()?;
        let by_id: HashMap<EntryId, &Entry> = messages.iter().map(|e| (e.id, e)).collect();
        let next = ladder.next.filter(|_| ladder.next_at.is_some());
        Some(Self {
            plan_label: ladder.plan.label(),
            next_label: next.map(|rung| rung.label()),
            next_at: ladder.next_at.map(|at| at.to_string()),
            rungs: rungs(app, ladder, &by_id),
            answers: ladder.answers.iter().rev().map(AnsweredView::of).collect(),
        })
    }
}

fn rungs(app: &App, ladder: &Ladder, messages: &HashMap<EntryId, &Entry>) -> Vec<RungView> {
    let rung = |climbed: &fengsui_alarm::Climbed| RungView {
        label: climbed.rung.label(),
        at: climbed.at.to_string(),
        told: climbed.told.iter().map(|t| ToldView::of(app, t, messages.get(&t.message).copied())).collect(),
    };
    ladder.climbed.iter().rev().map(rung).collect()
}

impl ToldView {
    fn of(app: &App, told: &fengsui_alarm::Told, entry: Option<&Entry>) -> Self {
        let message = entry.and_then(Message::of);
        let kind = app.catalog().kind("message");
        Self {
            message: told.message.to_string(),
            name: told.name.clone(),
            role: told.role.clone(),
            state: entry.map(|e| e.state.clone()),
            state_label: entry.map(|e| kind.map_or(e.state.as_str(), |k| k.state_label(&e.state)).to_owned()),
            channel: message.as_ref().and_then(|m| m.attempts.last()).map(|a| a.channel_name.clone()),
            answer_label: message.and_then(|m| m.answer).map(|a| a.label()),
        }
    }
}

impl AnsweredView {
    fn of(answered: &fengsui_alarm::Answered) -> Self {
        Self {
            name: answered.name.clone(),
            role: answered.role.clone(),
            answer: answered.answer.code(),
            answer_label: answered.answer.label(),
            note: answered.note.clone(),
            through: answered.through.clone(),
            at: answered.at.to_string(),
        }
    }
}
