//! Plans (查岗计划): units that are checked so many times a week, at times that nobody can foresee.
//!
//! The next time of each plan is drawn when the one before has come, and stored; no screen shows it, the officer on
//! duty included.

use crate::changes::Said;
use crate::entries::record;
use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_alarm::{DUTY_PER_WEEK_MAX, DutyRhythm};
use fengsui_base::{Actor, EntryId, Fields, Place, Refusal, Scope, Timestamp, UnitId};
use fengsui_catalog::Permission;
use fengsui_ledger::Entry;
use fengsui_store::{ChangeSet, Expect, KeyWrite, Numbering};
use jiff::civil::Time;
use serde::{Deserialize, Serialize};

/// Most units under a plan.
pub const DUTY_PLANS_MAX: usize = 20_000;
/// Most planned checks that one run begins: they are spread out, and downlinks are not crowded out.
const BEGUN_MAX: usize = 20;
/// A planned check that is later than this, in seconds, as after the program had stopped, is drawn anew instead.
const TOO_LATE_S: i64 = 1_800;
/// When a plan could not be moved on, it is looked at again after this, in seconds.
const RETRY_S: i64 = 60;
/// Who stands in the record.
const PLAN: &str = "查岗计划";

/// The hours and the time to answer of planned checks, for the whole site.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DutyHours {
    /// From this time of day.
    pub from: Time,
    /// Until this time of day.
    pub until: Time,
    /// Minutes to answer.
    pub minutes: u8,
}

impl Default for DutyHours {
    fn default() -> Self {
        Self { from: Time::constant(8, 0, 0, 0), until: Time::constant(22, 0, 0, 0), minutes: 5 }
    }
}

/// A plan as it is stored in the fields of its entry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DutyPlan {
    /// Unit.
    pub unit: UnitId,
    /// How many checks a week in the mean.
    pub per_week: u8,
}

impl DutyPlan {
    /// The plan in an entry that is in force.
    pub fn of(entry: &Entry) -> Option<Self> {
        if entry.kind == "duty_plan" && entry.state == "active" { record(entry) } else { None }
    }
}

impl App {
    /// How often this unit is checked by plan, when it is.
    pub fn duty_plan(&self, unit: UnitId) -> Option<u8> {
        self.board.duty_plan(unit).map(|plan| plan.per_week)
    }

    /// How many units within the scope of the asker are under a plan.
    pub fn duty_plan_count(&self, grant: &Grant) -> Result<usize, Fault> {
        Ok(self.board.duty_plans_within(&grant.may(Permission::AlarmRead)?))
    }

    /// Puts a unit under a plan, changes it, or with 0 takes the unit out.
    pub async fn set_duty_plan(&self, grant: &Grant, unit: UnitId, per_week: u8) -> Result<(), Fault> {
        let scope = grant.may(Permission::TerminalAsk)?;
        if per_week > DUTY_PER_WEEK_MAX {
            let sentence = format!("每周填 0 到 {DUTY_PER_WEEK_MAX} 次");
            return Err(Refusal::invalid(vec![Place::new("/per_week", "duty_plan.often", sentence)]).into());
        }
        let entry = self.store.entry(&scope, unit.into()).await?.filter(|e| e.kind == "unit");
        let entry = entry.ok_or_else(Refusal::not_found)?;
        let actor = Actor::Officer(grant.officer().clone());
        self.settle(true, |_| {
            let (unit, actor) = (&entry, &actor);
            async move { Ok((self.planned_for(unit, per_week, actor).await?, ())) }
        })
        .await?;
        Ok(())
    }

    async fn planned_for(&self, unit: &Entry, per_week: u8, actor: &Actor) -> Result<ChangeSet, Fault> {
        let (mut change, key) = (ChangeSet::new(self.now()), format!("duty_plan/{}", unit.id));
        let before = match self.store.key(&key).await? {
            Some(id) => self.store.entry(&Scope::everything(), id).await?,
            None => None,
        };
        let plan = DutyPlan { unit: UnitId(unit.id), per_week };
        let entry = match before {
            Some(known) => Entry { version: known.version + 1, ..known },
            None if self.board.duty_plans() >= DUTY_PLANS_MAX => {
                let kind = fengsui_base::RefusalKind::Limited;
                let sentence = format!("查岗计划最多 {DUTY_PLANS_MAX} 家，请先移出一些单位。");
                return Err(Refusal::new(kind, "duty_plan.full", sentence).into());
            }
            None => {
                let fresh = self.fresh("duty_plan", unit.region, &unit.title, Fields::new(), change.at);
                change.expects.push(Expect::Absent(key.clone()));
                change.keys.push(KeyWrite::Take(key, fresh.id));
                fresh
            }
        };
        let active = per_week > 0;
        let entry = Entry {
            state: if active { "active" } else { "ended" }.to_owned(),
            region: unit.region,
            due_at: active.then(|| self.draw(per_week, change.at)),
            closed_at: (!active).then_some(change.at),
            revision: self.catalog.revision(),
            fields: plan_fields(&plan),
            ..entry
        };
        let words = match per_week {
            0 => format!("{} 移出查岗计划", unit.title),
            n => format!("{} 列入查岗计划，每周 {n} 次", unit.title),
        };
        let said = Said::new("duty_plan.set", words, "操作");
        change.journal.push(self.line_on(&entry, change.at, actor, said));
        change.entries.push(self.write(entry, Numbering::Keep));
        Ok(change)
    }

    /// Begins the planned checks whose time has come, and draws the next time of each.
    pub(super) async fn reconcile_duty_plans(&self) -> Result<usize, Fault> {
        let now = self.now();
        let due = self.board.take_duty_plans(now, BEGUN_MAX);
        for id in &due {
            if let Err(fault) = self.settle(false, |_| self.begin_planned(*id)).await {
                let again = now + jiff::SignedDuration::from_secs(RETRY_S);
                self.board.duty_plan_again(*id, again);
                tracing::warn!(%fault, "a planned duty check waits");
            }
        }
        if !due.is_empty() {
            self.downlink_made.notify_one();
        }
        Ok(due.len())
    }

    async fn begin_planned(&self, id: EntryId) -> Result<(ChangeSet, ()), Fault> {
        let before = self.store.entry(&Scope::everything(), id).await?.ok_or_else(Refusal::not_found)?;
        let plan = DutyPlan::of(&before).ok_or_else(Refusal::not_found)?;
        let mut change = ChangeSet::new(self.now());
        let actor = Self::by_rule(PLAN);
        let late_s = before.due_at.map_or(0, |due| change.at.as_second() - due.as_second());
        let began = match self.duty_terminal(plan.unit, &Scope::everything()).await {
            _ if late_s > TOO_LATE_S => Err(too_late()),
            Ok(terminal) => {
                let minutes = self.node.duty.minutes;
                self.add_duty_check(&mut change, &terminal, minutes, PLAN, &actor).map(drop)
            }
            Err(Fault::Refused(refusal)) => Err(*refusal),
            Err(fault) => return Err(fault),
        };
        let entry = Entry {
            version: before.version + 1,
            due_at: Some(self.draw(plan.per_week, change.at)),
            revision: self.catalog.revision(),
            ..before
        };
        let words = match began {
            Ok(()) => "按计划查岗".to_owned(),
            Err(refusal) => format!("这一次没有查：{}", refusal.detail),
        };
        let said = Said::new("duty_plan.came", words, "时限");
        change.journal.push(self.line_on(&entry, change.at, &actor, said));
        change.entries.push(self.write(entry, Numbering::Keep));
        Ok((change, ()))
    }

    fn draw(&self, per_week: u8, now: Timestamp) -> Timestamp {
        let DutyHours { from, until, .. } = self.node.duty;
        DutyRhythm { per_week, from, until }.next(now, u64::from_be_bytes(self.entropy.bytes()))
    }
}

fn plan_fields(plan: &DutyPlan) -> Fields {
    match serde_json::to_value(plan) {
        Ok(serde_json::Value::Object(fields)) => fields,
        _ => Fields::new(),
    }
}

fn too_late() -> Refusal {
    Refusal::new(
        fengsui_base::RefusalKind::Unavailable,
        "duty_plan.late",
        "到时间时程序没有运行，已另定时间。",
    )
}
