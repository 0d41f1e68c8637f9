//! Duty checks that are running, or whose answer may still come; and plans with their next times.

use super::Board;
use super::deadlines::Deadlines;
use crate::duty::DutyPlan;
use crate::entries::record;
use fengsui_alarm::{DutyCheck, DutyState};
use fengsui_base::{EntryId, RegionCode, Scope, TerminalId, Timestamp, UnitId};
use fengsui_ledger::Entry;
use parking_lot::{Mutex, RwLock};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A duty check with its entry.
#[derive(Clone, Debug)]
pub struct OpenDutyCheck {
    /// As stored.
    pub entry: Entry,
    /// As understood.
    pub check: DutyCheck,
    /// Where it stands.
    pub state: DutyState,
}

impl OpenDutyCheck {
    /// The duty check in an entry, when it is one.
    pub fn of(entry: &Entry) -> Option<Self> {
        if entry.kind != "duty_check" {
            return None;
        }
        let (check, state) = (record(entry)?, DutyState::from_code(&entry.state)?);
        Some(Self { entry: entry.clone(), check, state })
    }

    /// Whether an answer would still change it.
    fn may_be_answered(&self) -> bool {
        !matches!(self.state, DutyState::OnTime | DutyState::Late)
    }
}

/// What is known of duty checks.
#[derive(Default)]
pub(super) struct Duties {
    /// The last check of each terminal, until it is answered.
    checks: RwLock<BTreeMap<TerminalId, Arc<OpenDutyCheck>>>,
    plans: RwLock<Plans>,
    due: Mutex<Deadlines<EntryId>>,
}

#[derive(Default)]
struct Plans {
    by_unit: HashMap<UnitId, (EntryId, RegionCode, DutyPlan)>,
}

impl Board {
    pub(super) fn apply_duty_check(&self, entry: &Entry) {
        let Some(open) = OpenDutyCheck::of(entry) else { return };
        let (terminal, mut checks) = (open.check.terminal, self.duties.checks.write());
        let known = checks.get(&terminal);
        // A newer check of the terminal stands in its place.
        let newer = |k: &&Arc<OpenDutyCheck>| (k.entry.opened_at, k.entry.id) > (entry.opened_at, entry.id);
        if known.filter(|k| k.entry.id != entry.id).filter(newer).is_some() {
            return;
        }
        if open.may_be_answered() {
            checks.insert(terminal, Arc::new(open));
        } else {
            checks.remove(&terminal);
        }
    }

    pub(super) fn apply_duty_plan(&self, entry: &Entry) {
        let mut plans = self.duties.plans.write();
        match DutyPlan::of(entry) {
            Some(plan) => {
                plans.by_unit.insert(plan.unit, (entry.id, entry.region, plan));
                let at = entry.due_at.unwrap_or(entry.opened_at);
                self.duties.due.lock().set(entry.id, at);
            }
            None => {
                plans.by_unit.retain(|_, (id, ..)| *id != entry.id);
                self.duties.due.lock().clear(entry.id);
            }
        }
    }

    /// The check of a terminal that runs or may still be answered.
    pub(crate) fn duty_check(&self, terminal: TerminalId) -> Option<Arc<OpenDutyCheck>> {
        self.duties.checks.read().get(&terminal).cloned()
    }

    /// Checks that run.
    pub(crate) fn duty_checks(&self) -> Vec<Arc<OpenDutyCheck>> {
        self.duties.checks.read().values().filter(|open| open.state.is_running()).cloned().collect()
    }

    /// The plan of a unit.
    pub(crate) fn duty_plan(&self, unit: UnitId) -> Option<DutyPlan> {
        self.duties.plans.read().by_unit.get(&unit).map(|(_, _, plan)| plan.clone())
    }

    /// How many units within a scope are under a plan.
    pub(crate) fn duty_plans_within(&self, scope: &Scope) -> usize {
        let plans = self.duties.plans.read();
        plans
            .by_unit
            .iter()
            .filter(|(unit, (_, region, _))| scope.holds(*region, Some((**unit).into())))
            .count()
    }

    /// How many units are under a plan in all.
    pub(crate) fn duty_plans(&self) -> usize {
        self.duties.plans.read().by_unit.len()
    }

    /// Plans whose time has come, the most overdue first. They are due again by their next version.
    pub(crate) fn take_duty_plans(&self, now: Timestamp, limit: usize) -> Vec<EntryId> {
        self.duties.due.lock().take_due(now, limit)
    }

    /// A plan could not be moved on: it is due again then.
    pub(crate) fn duty_plan_again(&self, plan: EntryId, at: Timestamp) {
        self.duties.due.lock().set(plan, at);
    }
}
