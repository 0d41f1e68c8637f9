//! Duty checks (查岗): asked by an officer or by plan, delivered by a downlink, answered at the terminal, and counted.
//!
//! A duty check and the downlink that carries it are made in one ChangeSet. That the terminal rings, that somebody
//! pressed the key, that nobody did: each is a step of the same entry, and what it means is decided in
//! [`fengsui_alarm::DutyCheck`].

mod notice;
mod past;
mod plans;
mod scores;

pub use past::{PAST_CHECKS_MAX, PastCheck};
pub use plans::{DUTY_PLANS_MAX, DutyHours, DutyPlan};
pub use scores::{DUTY_CHECKS_OF_MONTH_MAX, DUTY_MONTHS, DutyMonth, UnitScore};

use crate::changes::{Said, receipt};
use crate::committer::Settled;
use crate::downlink::{Downlink, DownlinkState, Order, Wanted};
use crate::entries::text_is;
use crate::{App, Fault, KnownTerminal, OpenDutyCheck};
use fengsui_access::Grant;
use fengsui_alarm::{DUTY_MINUTES_MAX, DUTY_MINUTES_MIN, DutyCheck, DutyState};
use fengsui_base::{
    Actor, EntryId, Fields, Place, Refusal, RefusalKind, Scope, TerminalId, Timestamp, UnitId,
};
use fengsui_catalog::Permission;
use fengsui_ledger::Entry;
use fengsui_store::{ChangeSet, Cursor, Expect, KeyWrite, Numbering, Page, Query};
use std::ops::Range;
use std::sync::Arc;

/// Most units that are checked at once.
pub const DUTY_UNITS_MAX: usize = 50;
/// Most checks that one run of the reconciler ends.
const ENDED_MAX: usize = 100;
/// Most terminals of a unit that are looked at for one that can be asked.
const TERMINALS_MAX: u16 = 20;
/// By what rule the program moves a check on.
const RULE: &str = "查岗到时";

/// Which duty checks a list shows.
#[derive(Clone, Debug, Default)]
pub struct DutyFilter {
    /// States; empty for all.
    pub states: Vec<DutyState>,
    /// Of this unit.
    pub unit: Option<EntryId>,
    /// Made within this time.
    pub made: Option<Range<Timestamp>>,
    /// Where the page before ended.
    pub after: Option<Cursor>,
    /// How many.
    pub limit: u16,
}

/// What became of the wish to check a unit.
pub struct Started {
    /// The unit.
    pub unit: UnitId,
    /// The check, or why there is none.
    pub outcome: Result<Entry, Refusal>,
}

impl App {
    /// A page of duty checks, newest first.
    pub async fn duty_checks(&self, grant: &Grant, filter: DutyFilter) -> Result<(Page, u64), Fault> {
        let mut query = Query::newest("duty_check", grant.may(Permission::AlarmRead)?);
        query.states = filter.states.iter().map(|s| s.code().to_owned()).collect();
        query.filters.extend(filter.unit.map(|u| text_is("unit", u.to_string())));
        (query.opened, query.after, query.limit) = (filter.made, filter.after, filter.limit);
        let total = self.total(&query).await?;
        Ok((self.store.list(&query).await?, total))
    }

    /// Checks units now, each by itself: what cannot be checked says why, and the others are.
    pub async fn start_duty_checks(
        &self,
        grant: &Grant,
        units: &[UnitId],
        minutes: u8,
        key: Option<String>,
    ) -> Result<Vec<Started>, Fault> {
        let scope = grant.may(Permission::TerminalAsk)?;
        acceptable(units, minutes)?;
        let mut all = Vec::with_capacity(units.len());
        for unit in units {
            let key = key.as_ref().map(|k| format!("{k}/{unit}"));
            let outcome = match self.start_duty_check(grant, &scope, *unit, minutes, key).await {
                Ok(entry) => Ok(entry),
                Err(Fault::Refused(refusal)) => Err(*refusal),
                Err(fault) => return Err(fault),
            };
            all.push(Started { unit: *unit, outcome });
        }
        self.downlink_made.notify_one();
        Ok(all)
    }

    async fn start_duty_check(
        &self,
        grant: &Grant,
        scope: &Scope,
        unit: UnitId,
        minutes: u8,
        key: Option<String>,
    ) -> Result<Entry, Fault> {
        let actor = Actor::Officer(grant.officer().clone());
        let settled = self
            .settle(true, |_| {
                let (key, actor) = (&key, &actor);
                async move {
                    let terminal = self.duty_terminal(unit, scope).await?;
                    let mut change = ChangeSet::new(self.now());
                    let by = &grant.officer().name;
                    let entry = self.add_duty_check(&mut change, &terminal, minutes, by, actor)?;
                    change.receipt = receipt(key.clone(), grant.account().into(), &entry);
                    Ok((change, entry))
                }
            })
            .await?;
        match settled {
            Settled::Now(entry, _) => Ok(entry),
            Settled::Before(answer) => {
                let id = answer.as_str().and_then(|t| t.parse().ok()).ok_or_else(Refusal::not_found)?;
                Ok(self.store.entry(scope, id).await?.ok_or_else(Refusal::not_found)?)
            }
        }
    }

    /// The terminal at which a unit is checked: of those that can be asked the one that is heard.
    pub(super) async fn duty_terminal(
        &self,
        unit: UnitId,
        scope: &Scope,
    ) -> Result<Arc<KnownTerminal>, Fault> {
        let mut query = Query::newest("terminal", scope.clone());
        query.filters = vec![text_is("unit", unit.to_string())];
        (query.states, query.limit) = (vec!["registered".to_owned()], TERMINALS_MAX);
        let page = self.store.list(&query).await?;
        let seen: Vec<_> = page.items.iter().filter_map(|e| self.board.terminal(TerminalId(e.id))).collect();
        let able: Vec<_> = seen.iter().filter(|t| self.askable(t, Order::DutyCheck).is_ok()).collect();
        let (now, none) = (self.now(), "这家单位没有登记终端，不能查岗。");
        match (able.iter().find(|t| t.online(now) == Some(true)).or(able.first()), seen.first()) {
            (Some(terminal), _) => Ok(Arc::clone(terminal)),
            (None, Some(other)) => Err(barred(self.askable(other, Order::DutyCheck)).into()),
            (None, None) => Err(conflict("duty_check.no_terminal", none).into()),
        }
    }

    /// Adds a duty check and the downlink that carries it to a ChangeSet.
    pub(super) fn add_duty_check(
        &self,
        change: &mut ChangeSet,
        terminal: &KnownTerminal,
        minutes: u8,
        by: &str,
        actor: &Actor,
    ) -> Result<Entry, Refusal> {
        let running = self.board.duty_check(terminal.id).filter(|open| open.state.is_running());
        if let Some(open) = running {
            let sentence = format!("正在查岗（{}发起），等这一次有了结果再查。", open.check.by);
            return Err(Refusal::new(RefusalKind::Conflict, "duty_check.running", sentence));
        }
        let facts = terminal.facts();
        let (unit, unit_name) = facts.unit.as_deref().cloned().ok_or_else(Refusal::not_found)?;
        let check = DutyCheck {
            unit,
            unit_name,
            terminal: terminal.id,
            by: by.to_owned(),
            minutes,
            made_at: change.at,
            asked_at: None,
            answered_at: None,
            operator: None,
            reason: None,
        };
        let title = check.unit_name.clone();
        let mut entry = self.fresh("duty_check", facts.region, &title, fields(&check), change.at);
        entry.due_at = Some(check.due_at());
        let wanted =
            Wanted { order: Order::DutyCheck, by, minutes: Some(minutes), duty_check: Some(entry.id) };
        self.add_downlink(change, terminal, wanted, actor)?;
        let slot = slot(&check);
        change.expects.push(Expect::Absent(slot.clone()));
        change.keys.push(KeyWrite::Take(slot, entry.id));
        let words = format!("查岗 {}，{minutes} 分钟内应答", check.unit_name);
        let said = Said::new("duty_check.made", words, "操作");
        change.journal.push(self.line_on(&entry, change.at, actor, said));
        change.entries.push(self.write(entry.clone(), Numbering::Keep));
        Ok(entry)
    }

    /// What the end of a downlink means to the duty check that it carried, added to the same change.
    pub(crate) async fn add_duty_delivery(
        &self,
        change: &mut ChangeSet,
        downlink: &Downlink,
        state: DownlinkState,
    ) -> Result<(), Fault> {
        let Some(id) = downlink.duty_check.filter(|_| !state.is_open()) else { return Ok(()) };
        let entry = self.store.entry(&Scope::everything(), id).await?;
        let Some(open) = entry.and_then(|e| OpenDutyCheck::of(&e)) else { return Ok(()) };
        let reason = downlink.answer.as_deref().unwrap_or("已撤回");
        let moved = match state {
            DownlinkState::Answered => open.check.clone().delivered(open.state, change.at),
            _ => open.check.clone().failed(open.state, reason),
        };
        if let Some((check, state)) = moved {
            self.move_duty_check(change, &open, &check, state, &Self::by_rule("下行指令"));
        }
        Ok(())
    }

    /// Somebody pressed the key at a terminal: added to the change of the frame that says so.
    pub(crate) fn add_duty_answer(
        &self,
        change: &mut ChangeSet,
        terminal: &KnownTerminal,
        at: Timestamp,
        operator: u8,
        actor: &Actor,
    ) {
        let Some(open) = self.board.duty_check(terminal.id) else { return };
        if let Some((check, state)) = open.check.clone().answered(open.state, at, operator) {
            self.move_duty_check(change, &open, &check, state, actor);
        }
    }

    /// Ends checks that nobody answered in time. Answers how many.
    pub async fn reconcile_duty_checks(&self) -> Result<usize, Fault> {
        let now = self.now();
        let running = self.board.duty_checks().into_iter();
        let due: Vec<_> =
            running.filter(|o| o.check.clone().pass(o.state, now).is_some()).take(ENDED_MAX).collect();
        for open in &due {
            let passed = self.settle(true, |_| self.missed(open.entry.id)).await;
            match passed {
                Ok(_) => {}
                // Answered in the same moment.
                Err(Fault::Refused(refusal)) if refusal.code == "not_found" => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(due.len() + self.reconcile_duty_plans().await?)
    }

    async fn missed(&self, id: EntryId) -> Result<(ChangeSet, ()), Fault> {
        let entry = self.store.entry(&Scope::everything(), id).await?;
        let open = entry.and_then(|e| OpenDutyCheck::of(&e)).ok_or_else(Refusal::not_found)?;
        let passed = open.check.clone().pass(open.state, self.now());
        let (check, state) = passed.ok_or_else(Refusal::not_found)?;
        let mut change = ChangeSet::new(self.now());
        let actor = Self::by_rule(RULE);
        self.move_duty_check(&mut change, &open, &check, state, &actor);
        self.add_missed_notice(&mut change, &open, &actor).await?;
        Ok((change, ()))
    }

    fn move_duty_check(
        &self,
        change: &mut ChangeSet,
        open: &OpenDutyCheck,
        check: &DutyCheck,
        state: DutyState,
        actor: &Actor,
    ) {
        let entry = Entry {
            state: state.code().to_owned(),
            version: open.entry.version + 1,
            due_at: state.is_running().then(|| check.due_at()),
            closed_at: (!state.is_running()).then_some(change.at),
            revision: self.catalog.revision(),
            fields: fields(check),
            ..open.entry.clone()
        };
        if open.state.is_running() && !state.is_running() {
            change.keys.push(KeyWrite::Free(slot(check)));
        }
        let (verb, text, evidence) = said(check, state);
        change.journal.push(self.line_on(&entry, change.at, actor, Said::new(verb, text, evidence)));
        change.entries.push(self.write(entry, Numbering::Keep));
    }
}

/// A terminal rings for one check at a time.
fn slot(check: &DutyCheck) -> String {
    format!("duty_check/{}", check.terminal)
}

fn fields(check: &DutyCheck) -> Fields {
    match serde_json::to_value(check) {
        Ok(serde_json::Value::Object(fields)) => fields,
        _ => Fields::new(),
    }
}

fn said(check: &DutyCheck, state: DutyState) -> (&'static str, String, &'static str) {
    let unit = &check.unit_name;
    let after = check.answer_s().map_or(String::new(), |s| format!("，用时 {s} 秒"));
    match state {
        DutyState::Waiting => ("duty_check.made", format!("查岗 {unit}"), "操作"),
        DutyState::Asked => ("duty_check.asked", format!("{unit} 的终端已响起查岗"), "帧"),
        DutyState::OnTime => ("duty_check.answered", format!("{unit} 查岗按时应答{after}"), "帧"),
        DutyState::Late => ("duty_check.late", format!("{unit} 查岗迟答{after}"), "帧"),
        DutyState::Missed => {
            ("duty_check.missed", format!("{unit} 查岗 {} 分钟无人应答", check.minutes), "时限")
        }
        DutyState::Unreachable => {
            let reason = check.reason.as_deref().unwrap_or_default();
            ("duty_check.unreachable", format!("{unit} 查岗未送达：{reason}"), "程序")
        }
    }
}

fn acceptable(units: &[UnitId], minutes: u8) -> Result<(), Refusal> {
    let mut wrong = Vec::new();
    if units.is_empty() {
        wrong.push(Place::new("/units", "duty_check.nobody", "请选择要查岗的单位"));
    }
    if units.len() > DUTY_UNITS_MAX {
        let sentence = format!("一次最多查 {DUTY_UNITS_MAX} 家，请分几次查");
        wrong.push(Place::new("/units", "duty_check.too_many", sentence));
    }
    if !(DUTY_MINUTES_MIN..=DUTY_MINUTES_MAX).contains(&minutes) {
        let sentence = format!("应答时间填 {DUTY_MINUTES_MIN} 到 {DUTY_MINUTES_MAX} 分钟");
        wrong.push(Place::new("/minutes", "duty_check.minutes", sentence));
    }
    if wrong.is_empty() { Ok(()) } else { Err(Refusal::invalid(wrong)) }
}

/// Why not; somebody may have made room in between.
fn barred(answer: Result<(), Refusal>) -> Refusal {
    answer.err().unwrap_or_else(|| conflict("downlink.busy", "这台终端正忙，请稍后再查。"))
}

fn conflict(code: &'static str, sentence: &str) -> Refusal {
    Refusal::new(RefusalKind::Conflict, code, sentence)
}
