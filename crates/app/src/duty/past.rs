//! The past of a demonstration county: duty checks of earlier months, so that its scores have something to show.

use super::fields;
use crate::changes::Said;
use crate::{App, Fault};
use fengsui_alarm::{DutyCheck, DutyState};
use fengsui_base::{Refusal, RefusalKind, Scope, Timestamp, UnitId};
use fengsui_ledger::Entry;
use fengsui_store::{ChangeSet, Numbering};
use jiff::SignedDuration;

/// Most checks that are made up for one unit.
pub const PAST_CHECKS_MAX: usize = 200;

/// A check as it was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PastCheck {
    /// When.
    pub at: Timestamp,
    /// What came of it.
    pub state: DutyState,
    /// Seconds to the answer, where there was one.
    pub answer_s: Option<i64>,
}

impl App {
    /// Writes a unit's past down; refused outside demonstration mode.
    pub async fn make_up_duty_checks(
        &self,
        unit: UnitId,
        minutes: u8,
        past: &[PastCheck],
    ) -> Result<(), Fault> {
        if !self.node.demonstration {
            let kind = RefusalKind::Forbidden;
            return Err(Refusal::new(kind, "demonstration.only", "过去的查岗只在演示模式下编写。").into());
        }
        let terminal = self.duty_terminal(unit, &Scope::everything()).await?;
        let facts = terminal.facts();
        let Some((unit, unit_name)) = facts.unit.as_deref().cloned() else {
            return Err(Refusal::not_found().into());
        };
        let entry = |past: &PastCheck| {
            let asked_at = (past.state != DutyState::Unreachable).then_some(past.at);
            let check = DutyCheck {
                unit,
                unit_name: unit_name.clone(),
                terminal: terminal.id,
                by: "查岗计划".to_owned(),
                minutes,
                made_at: past.at,
                asked_at,
                answered_at: past.answer_s.map(|s| past.at + SignedDuration::from_secs(s)),
                operator: past.answer_s.map(|_| 1),
                reason: asked_at.is_none().then(|| "终端没有连接，没有发出".to_owned()),
            };
            let fresh = self.fresh("duty_check", facts.region, &unit_name, fields(&check), past.at);
            Entry {
                state: past.state.code().to_owned(),
                closed_at: Some(check.answered_at.unwrap_or_else(|| check.due_at())),
                ..fresh
            }
        };
        let entries: Vec<_> = past.iter().take(PAST_CHECKS_MAX).map(entry).collect();
        if entries.is_empty() {
            return Ok(());
        }
        self.settle(false, |_| {
            let mut change = ChangeSet::new(self.now());
            let words = format!("写入过去的查岗 {} 次（示例）", entries.len());
            let said = Said::new("duty_check.made_up", words, "程序");
            let by = Self::by_rule("示例数据");
            change.journal.push(self.line_on(&entries[0], change.at, &by, said));
            change.entries.extend(entries.iter().map(|e| self.write(e.clone(), Numbering::Keep)));
            std::future::ready(Ok((change, ())))
        })
        .await?;
        Ok(())
    }
}
