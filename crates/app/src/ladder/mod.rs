//! The climb of alarms that nobody takes (升级): stored deadlines are compared with the clock, and each rung is one
//! change: the alarm with its next deadline, a line in the journal, and the messages that will leave.
//!
//! The reconciler takes no input and may run twice: what it has climbed is no longer due. It does a bounded amount
//! of work a run, the longest due first. An alarm that somebody takes between the decision and the commit has
//! another version; then the rung is decided again and is not due any more.

mod answer;
mod notice;
mod page;
mod people;

pub use page::{ANSWER_NOTE_CHARS_MAX, AnswerPage, LINK_ANSWERS_MAX};

use crate::changes::Said;
use crate::entries::read;
use crate::{App, Fault, OpenAlarm};
use fengsui_alarm::{Alarm, Input, Rung, Scene, Step, Told};
use fengsui_base::{AlarmId, Refusal, RefusalKind, Scope, Timestamp, UnitId};
use fengsui_ledger::Entry;
use fengsui_store::ChangeSet;
use jiff::SignedDuration;
use std::collections::HashMap;
use std::sync::Arc;

/// Most rungs climbed in one run; the next run finds the rest.
const CLIMBS_MAX: usize = 200;
/// Others of the unit that were told of within these hours are not told of once more, in hours.
const TOGETHER_HOURS: i64 = 12;
/// Under which rule the climb stands in the journal.
const RULE: &str = "升级";

/// Whether something else of the unit reports fire.
type Companies = HashMap<UnitId, usize>;

impl App {
    /// Climbs every rung that is due, and says how many were.
    pub async fn reconcile_ladders(&self) -> Result<usize, Fault> {
        let now = self.now();
        let companies = self.companies();
        let due: Vec<_> = self
            .board
            .alarms_due(now + SignedDuration::from_secs(i64::from(self.waiting_max_s())))
            .into_iter()
            .filter(|open| self.is_due(&open.alarm, &companies, now))
            .take(CLIMBS_MAX)
            .collect();
        let mut climbed = 0;
        for open in due {
            climbed += usize::from(self.climb_alarm(&open, &companies).await?);
        }
        Ok(climbed)
    }

    /// How far ahead of its time a rung can become due by an event: an empty desk, a second fire of the unit.
    fn waiting_max_s(&self) -> u32 {
        let waits = self.node.waits;
        [waits.seat_s, waits.ring_s, waits.home_s, waits.pause_s].into_iter().max().unwrap_or_default()
    }

    fn is_due(&self, alarm: &Alarm, companies: &Companies, now: Timestamp) -> bool {
        let scene = self.scene(alarm, companies);
        alarm.ladder.as_ref().is_none_or(|ladder| ladder.due(scene, now).is_some())
    }

    fn scene(&self, alarm: &Alarm, companies: &Companies) -> Scene {
        let fires = alarm.raise.unit.and_then(|unit| companies.get(&unit)).copied().unwrap_or(0);
        Scene { manned: self.board.is_manned(), company: fires > 1 }
    }

    /// How many fires of each unit are open and not found to be none.
    fn companies(&self) -> Companies {
        self.board.fires()
    }

    /// Climbs one rung of one alarm; false when it is not due any more.
    async fn climb_alarm(&self, open: &Arc<OpenAlarm>, companies: &Companies) -> Result<bool, Fault> {
        let id = open.alarm.id;
        let settled =
            self.settle(true, |_| async move { Ok((self.climbing(id, companies).await?, ())) }).await;
        match settled {
            Ok(_) => Ok(true),
            Err(Fault::Refused(_)) => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    /// What a rung changes, by the alarm as it is stored now.
    async fn climbing(&self, id: AlarmId, companies: &Companies) -> Result<ChangeSet, Fault> {
        let now = self.now();
        let entry = self.store.entry(&Scope::everything(), id.into()).await?.ok_or_else(not_due)?;
        let alarm = read(&entry).ok_or_else(not_due)?;
        let mut change = ChangeSet::new(now);
        let Some(ladder) = alarm.ladder.as_ref() else {
            return Ok(self.beginning(change, &alarm, &entry));
        };
        let step = ladder.due(self.scene(&alarm, companies), now).ok_or_else(not_due)?;
        let unit = match alarm.raise.unit {
            Some(unit) => self.store.entry(&Scope::everything(), unit.into()).await?,
            None => None,
        };
        let (step, told) = self.call(&mut change, step, &alarm, unit.as_ref());
        let (alarm, event) = alarm.handle(Input::Climb(step, told), now)?;
        let steps = vec![Said::of(&event, &alarm, "规则")];
        self.add_alarm(&mut change, &alarm, Some(&entry), steps, &Self::by_rule(RULE));
        Ok(change)
    }

    /// An alarm stored before there were ladders gets one.
    fn beginning(&self, mut change: ChangeSet, alarm: &Alarm, entry: &Entry) -> ChangeSet {
        let said = Said::new("alarm.escalated", "开始计时，无人签收则升级", "规则");
        self.add_alarm(&mut change, alarm, Some(entry), vec![said], &Self::by_rule(RULE));
        change
    }

    /// Finds whom the rung calls and adds the messages; a rung at which nobody is registered is passed at once.
    fn call(
        &self,
        change: &mut ChangeSet,
        mut step: Step,
        alarm: &Alarm,
        unit: Option<&Entry>,
    ) -> (Step, Vec<Told>) {
        if step.rung == Rung::Morning && self.was_told_with_another(alarm, change.at) {
            return (step, Vec::new());
        }
        loop {
            let people = self.people(step.rung, alarm, unit, change.at);
            if !people.is_empty() || !step.rung.calls_people() {
                let told = people.into_iter().map(|p| self.tell(change, p, &step, alarm, unit));
                return (step.clone(), told.collect());
            }
            match alarm.ladder.as_ref().and_then(|l| l.beyond(step.clone())) {
                Some(beyond) => step = beyond,
                None => return (step, Vec::new()),
            }
        }
    }

    /// A unit with forty faults gets one message in the morning, not forty.
    fn was_told_with_another(&self, alarm: &Alarm, now: Timestamp) -> bool {
        let Some(unit) = alarm.raise.unit else { return false };
        let lately = now - SignedDuration::from_hours(TOGETHER_HOURS);
        let told = |a: &Alarm| {
            let rungs = a.ladder.as_ref().map(|l| l.climbed.as_slice()).unwrap_or_default();
            rungs.iter().any(|c| c.rung == Rung::Morning && c.at > lately && !c.told.is_empty())
        };
        let others = self.board.open_alarms_at(unit.into());
        others.iter().any(|o| o.alarm.id != alarm.id && told(&o.alarm))
    }
}

fn not_due() -> Refusal {
    Refusal::new(RefusalKind::Conflict, "ladder.not_due", "升级时限还没有到，或告警已经处置。")
}
