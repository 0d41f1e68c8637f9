//! The climb of alarms that nobody takes (升级): stored deadlines are compared with the clock, and each rung is one
//! change: the alarm with its next deadline, a line in the journal, and the messages that will leave.
//!
//! The reconciler takes no input and may run twice: what it has climbed is no longer due. It does a bounded amount
//! of work a run, those that call people first, then the longest due. Alarms of different units climb side by side, so
//! that many rungs share one flush of the disk; those of one unit climb one after another, because each must see whom
//! the one before has told. An alarm that somebody takes between the decision and the commit has another version; then
//! the rung is decided again and is not due any more.

mod answer;
mod notice;
mod page;
mod people;

pub use page::{ANSWER_NOTE_CHARS_MAX, AnswerPage, LINK_ANSWERS_MAX};

use crate::changes::Said;
use crate::entries::read;
use crate::{App, Fault, OpenAlarm};
use fengsui_alarm::{Alarm, Input, Rung, Scene, Step, Told};
use fengsui_base::{AlarmId, EntryId, Refusal, RefusalKind, Scope, Timestamp};
use fengsui_ledger::Entry;
use fengsui_store::ChangeSet;
use futures::{StreamExt, TryStreamExt};
use jiff::SignedDuration;
use std::collections::HashMap;
use std::sync::Arc;

/// Most rungs climbed in one run; the next run finds the rest.
const CLIMBS_MAX: usize = 200;
/// Most units whose alarms climb at the same time.
const UNITS_TOGETHER: usize = 32;
/// Others of the unit that were told of within these hours are not told of once more, in hours.
const TOGETHER_HOURS: i64 = 12;
/// Under which rule the climb stands in the journal.
const RULE: &str = "升级";

impl App {
    /// Climbs every rung that is due, and says how many were.
    pub async fn reconcile_ladders(&self) -> Result<usize, Fault> {
        let now = self.now();
        let mut due = self.board.alarms_due(now, CLIMBS_MAX);
        due.retain(|open| self.is_due(&open.alarm, now));
        let units = futures::stream::iter(by_site(due)).map(|unit| self.climb_unit(unit));
        units.buffer_unordered(UNITS_TOGETHER).try_fold(0, async |sum, climbed| Ok(sum + climbed)).await
    }

    fn is_due(&self, alarm: &Alarm, now: Timestamp) -> bool {
        let scene = self.scene(alarm);
        alarm.ladder.as_ref().is_none_or(|ladder| ladder.due(scene, now).is_some())
    }

    fn scene(&self, alarm: &Alarm) -> Scene {
        let company = alarm.raise.unit.is_some_and(|unit| self.board.has_company(unit));
        Scene { manned: self.board.is_manned(), company }
    }

    /// Climbs one rung of each of these alarms of one unit, and says how many were still due.
    async fn climb_unit(&self, alarms: Vec<AlarmId>) -> Result<usize, Fault> {
        let mut climbed = 0;
        for id in alarms {
            climbed += usize::from(self.climb_alarm(id).await?);
        }
        Ok(climbed)
    }

    /// Climbs one rung of one alarm; false when it is not due any more.
    async fn climb_alarm(&self, id: AlarmId) -> Result<bool, Fault> {
        let settled = self.settle(true, |_| async move { Ok((self.climbing(id).await?, ())) }).await;
        match settled {
            Ok(_) => Ok(true),
            Err(Fault::Refused(_)) => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    /// What a rung changes, by the alarm as it is stored now.
    async fn climbing(&self, id: AlarmId) -> Result<ChangeSet, Fault> {
        let now = self.now();
        let entry = self.store.entry(&Scope::everything(), id.into()).await?.ok_or_else(not_due)?;
        let alarm = read(&entry).ok_or_else(not_due)?;
        let mut change = ChangeSet::new(now);
        let Some(ladder) = alarm.ladder.as_ref() else {
            return Ok(self.beginning(change, &alarm, &entry));
        };
        let step = ladder.due(self.scene(&alarm), now).ok_or_else(not_due)?;
        let unit = match alarm.raise.unit {
            Some(unit) => self.store.entry(&Scope::everything(), unit.into()).await?,
            None => None,
        };
        let (step, told) = self.call(&mut change, step, &alarm, unit.as_ref());
        let (alarm, event) = alarm.handle(Input::Climb(step, told), now)?;
        let steps = vec![Said::of(&event, &alarm, "规则")];
        self.add_alarm(&mut change, &alarm, Some((&entry).into()), steps, &Self::by_rule(RULE));
        Ok(change)
    }

    /// An alarm stored before there were ladders gets one.
    fn beginning(&self, mut change: ChangeSet, alarm: &Alarm, entry: &Entry) -> ChangeSet {
        let said = Said::new("alarm.escalated", "开始计时，无人签收则升级", "规则");
        self.add_alarm(&mut change, alarm, Some(entry.into()), vec![said], &Self::by_rule(RULE));
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

/// The alarms of each unit, both in the order in which they came.
fn by_site(alarms: Vec<Arc<OpenAlarm>>) -> Vec<Vec<AlarmId>> {
    let mut places: HashMap<EntryId, usize> = HashMap::new();
    let mut sites: Vec<Vec<AlarmId>> = Vec::new();
    for open in alarms {
        let place = *places.entry(crate::board::site(&open.alarm)).or_insert(sites.len());
        match sites.get_mut(place) {
            Some(site) => site.push(open.alarm.id),
            None => sites.push(vec![open.alarm.id]),
        }
    }
    sites
}

fn not_due() -> Refusal {
    Refusal::new(RefusalKind::Conflict, "ladder.not_due", "升级时限还没有到，或告警已经处置。")
}
