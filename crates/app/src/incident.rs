//! Incidents (同一事件): what happens to the members when their head is judged or closed, and putting alarms
//! together by hand.
//!
//! A member speaks for itself again as soon as its head can no longer speak for it. Nothing that happens to a
//! head happens to a member by itself: the officer says so, and each member gets its own lines.

use crate::changes::Said;
use crate::{App, Command, Fault, OpenAlarm};
use fengsui_access::Grant;
use fengsui_alarm::{Action, Alarm, Class, Field, FieldKind, Finding, Input, MEMBERS_MAX, Verdict};
use fengsui_base::{Actor, AlarmId, Officer, Refusal, RefusalKind};
use fengsui_catalog::Permission;
use fengsui_ledger::Entry;
use fengsui_store::ChangeSet;
use std::sync::Arc;

/// Most alarms that are offered to merge into.
const HEADS_MAX: usize = 20;
/// Why a member is closed although its point has not restored, when the officer gave no other reason.
const WITH_HEAD: &str = "随首警一并销号";

/// What becomes of the members.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Members {
    /// The head alone (只处理本条).
    #[default]
    HeadOnly,
    /// All of them with the head (连同成员).
    All,
}

impl Members {
    /// The choice with this stable name.
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "head_only" => Some(Members::HeadOnly),
            "all" => Some(Members::All),
            _ => None,
        }
    }
}

impl App {
    /// Open alarms that are members of this one, oldest first.
    pub fn members_of(&self, head: &Alarm) -> Vec<Arc<OpenAlarm>> {
        self.board.members_of(head.id)
    }

    /// Adds to a change what the members do when their head has become `head`.
    pub(crate) fn add_members(
        &self,
        change: &mut ChangeSet,
        grant: &Grant,
        head: &Alarm,
        command: &Command,
        choice: Members,
    ) -> Result<(), Fault> {
        let actor = Actor::Officer(grant.officer().clone());
        for open in self.members_of(head).into_iter().take(MEMBERS_MAX) {
            let mut steps = Vec::new();
            let mut alarm = open.alarm.clone();
            // An incident of a township may have members that this officer has no say in: they only lose their head.
            let may = grant.may_at(Permission::AlarmHandle, alarm.raise.region).is_ok();
            if choice == Members::All && may {
                for input in carried(&alarm, head, command, grant.officer()) {
                    // A member that somebody else has, or that is further already, stays as it is.
                    let Ok((next, event)) = alarm.clone().handle(input, change.at) else { break };
                    steps.push(Said::of(&event, &next, "席位"));
                    alarm = next;
                }
            }
            if let Some(why) = forsaken(head).filter(|_| !alarm.is_closed() && !same_verdict(&alarm, head)) {
                let (next, event) = alarm.clone().handle(Input::Part(why.to_owned()), change.at)?;
                steps.push(Said::of(&event, &next, "席位"));
                alarm = next;
            }
            if !steps.is_empty() {
                self.add_alarm(change, &alarm, Some(open.as_ref().into()), steps, &actor);
            }
        }
        Ok(())
    }

    /// What the officer may do, with the questions that only the other alarms of the unit can answer.
    pub(crate) fn with_neighbours(
        &self,
        mut actions: Vec<Action>,
        alarm: &Alarm,
        by: &Officer,
    ) -> Vec<Action> {
        let members = self.members_of(alarm).len();
        for action in &mut actions {
            if action.name == "merge" && action.refusal.is_none() {
                self.offer_heads(action, alarm, by);
            }
            if members > 0 && (action.name.starts_with("verify") || action.name == "close") {
                action.fields.push(members_field());
            }
        }
        actions
    }

    fn offer_heads(&self, action: &mut Action, alarm: &Alarm, by: &Officer) {
        let all = self.board.open_alarms_at(crate::board::site(alarm)).into_iter();
        let heads: Vec<_> = all
            .filter(|open| alarm.may_merge_into(&open.alarm, by).is_ok())
            .take(HEADS_MAX)
            .map(|open| (open.alarm.id.to_string(), head_words(&open.entry, &open.alarm)))
            .collect();
        if heads.is_empty() {
            action.refusal = Some(Refusal::new(
                RefusalKind::Conflict,
                "alarm.merge_unheld",
                "同单位没有由您处置的其他告警可以并入，请先签收要保留的那一条。",
            ));
        }
        action
            .fields
            .iter_mut()
            .filter(|f| f.name == "into")
            .for_each(|f| f.kind = FieldKind::Alarm(heads.clone()));
    }

    /// The input of putting an alarm into another; refused when there is no such alarm.
    pub(crate) fn merging(&self, alarm: &Alarm, into: AlarmId, by: &Officer) -> Result<Input, Fault> {
        if !self.members_of(alarm).is_empty() {
            let sentence = "本条是首警，带有成员，不能并入别处；请把另一条并入本条。";
            return Err(Refusal::new(RefusalKind::Conflict, "alarm.merge_head", sentence).into());
        }
        // Another unit's alarm is none of this officer's business here, and answered like one that is not there.
        let open = self.board.open_alarm(into).filter(|o| o.alarm.raise.unit == alarm.raise.unit);
        let open = open.ok_or_else(|| {
            let sentence = "没有这条告警，或它已经销号，请重新选择。";
            Refusal::invalid(vec![fengsui_base::Place::new("/into", "alarm.unknown", sentence)])
        })?;
        let number = open.entry.number.clone().unwrap_or_default();
        Ok(Input::Merge { by: by.clone(), into: Box::new(open.alarm.clone()), number })
    }
}

fn head_words(entry: &Entry, alarm: &Alarm) -> String {
    format!("{} {} {}", entry.number.as_deref().unwrap_or_default(), alarm.raise.place, alarm.raise.title)
}

fn members_field() -> Field {
    let choices = vec![("all", "连同成员一并处理"), ("head_only", "只处理本条")];
    Field { name: "members", label: "成员告警", kind: FieldKind::Choice(choices), required: true }
}

/// Why a head can no longer speak for its members, if so.
fn forsaken(head: &Alarm) -> Option<&'static str> {
    match head.verdict().map(|v| v.finding) {
        _ if head.is_closed() => Some("首警已销号"),
        Some(Finding::False) => Some("首警核实为误报"),
        Some(Finding::Test) => Some("首警核实为测试"),
        _ => None,
    }
}

/// Judged with its head and as its head: it waits to be closed with it.
fn same_verdict(member: &Alarm, head: &Alarm) -> bool {
    !head.is_closed() && member.verdict().map(|v| v.finding) == head.verdict().map(|v| v.finding)
}

/// What a member goes through to come where its head is.
fn carried(member: &Alarm, head: &Alarm, command: &Command, by: &Officer) -> Vec<Input> {
    let Some(verdict) = head.verdict() else { return Vec::new() };
    let mut steps = Vec::new();
    if member.holder().is_none() {
        steps.push(Input::Take(by.clone()));
    }
    let open = member.verdict().is_none_or(|v| v.finding == Finding::Undetermined);
    let again = matches!(command, Command::Verify { .. }) && member.forwarding().is_none();
    if open || again {
        steps.push(as_the_head(verdict, by));
    }
    if let Some(closing) = head.closing() {
        if let Some(f) = head.forwarding().filter(|_| member.raise.class == Class::Fire) {
            steps.push(Input::Forward {
                by: by.clone(),
                to: f.to.clone(),
                note: Some("随首警转出".to_owned()),
            });
        }
        let reason = closing.unrestored_reason.clone().unwrap_or_else(|| WITH_HEAD.to_owned());
        let note = closing.note.clone();
        steps.push(Input::Close { by: by.clone(), note, unrestored_reason: Some(reason) });
    }
    steps
}

fn as_the_head(verdict: &Verdict, by: &Officer) -> Input {
    let note = Some(verdict.note.clone().unwrap_or_else(|| "与首警同一结论".to_owned()));
    Input::Verify { by: by.clone(), finding: verdict.finding, cause: verdict.cause, note }
}
