//! More than five false alarms of one facility in a day ask for its repair (检修).
//!
//! A reconciler by the minute: it counts the days of the last week, so that a verdict that comes late counts on the day
//! of its alarm, and what a stop of the program left out is found after it.

use crate::changes::{china_day, china_midnight};
use crate::entries::text_is;
use crate::{App, Fault};
use fengsui_alarm::{Cause, FALSE_A_DAY_MAX, Facility, REPAIR_WITHIN_H, Task, Todo, over_limit};
use fengsui_base::{Scope, Timestamp};
use fengsui_store::Query;
use jiff::SignedDuration;
use std::ops::Range;

/// How many days back a day's false alarms are still looked at, today included.
pub const LOOK_BACK_DAYS: i64 = 7;
/// Most to-dos of one run.
const REPAIRS_A_RUN: usize = 100;
/// How many causes the reason names.
const CAUSES_NAMED: usize = 3;

impl App {
    /// Raises a to-do for every facility with more false alarms on a day than are borne. Answers how many were stored.
    pub async fn reconcile_repairs(&self) -> Result<usize, Fault> {
        let today = china_midnight(self.now());
        let mut raised = 0;
        for back in 0..LOOK_BACK_DAYS {
            let start = today - SignedDuration::from_hours(24 * back);
            let day = start..start + SignedDuration::from_hours(24);
            let tally = self.store.tally(&false_fires(&day), "slot").await?;
            for (facility, count) in over_limit(&tally) {
                raised += usize::from(self.ask_for_repair(&facility, count, &day).await?);
                if raised >= REPAIRS_A_RUN {
                    return Ok(raised);
                }
            }
        }
        Ok(raised)
    }

    async fn ask_for_repair(
        &self,
        facility: &Facility,
        count: u64,
        day: &Range<Timestamp>,
    ) -> Result<bool, Fault> {
        let Some(terminal) = self.board.terminal(facility.terminal) else { return Ok(false) };
        let (facts, day_on) = (terminal.facts(), china_day(day.start));
        let Some((unit, unit_name)) = facts.unit.as_deref().cloned() else { return Ok(false) };
        let cause_key = format!("repair/{}", facility.key());
        if self.store.key(&super::day_key(&cause_key, day_on)).await?.is_some() {
            return Ok(false);
        }
        let system = facility.system.map_or_else(String::new, |(kind, at)| format!(" 系统 {kind}-{at}"));
        let causes = self.causes_of(facility, day).await?;
        let todo = Todo {
            task: Task::Repair,
            unit,
            unit_name,
            terminal: facility.terminal,
            object: format!("{}{system}", facts.name),
            why: format!(
                "{} 误报 {count} 起{causes}，每天多于 {FALSE_A_DAY_MAX} 起",
                day_on.strftime("%m-%d")
            ),
            basis: format!(
                "GB 50440（一天误报多于 {FALSE_A_DAY_MAX} 起）；DB12/T 1341-2024（{REPAIR_WITHIN_H} 小时内修复，需配件的 5 个工作日）"
            ),
            cause_key,
            day_on,
            count: Some(count),
            owner: self.todo_owner(unit, facts.region).await?,
            outcome: None,
        };
        let due_at = self.now() + SignedDuration::from_hours(REPAIR_WITHIN_H);
        self.raise_todo(&todo, due_at, facts.region).await
    }

    /// The most frequent causes of a facility's day: （油烟 5、水汽 2）.
    async fn causes_of(&self, facility: &Facility, day: &Range<Timestamp>) -> Result<String, Fault> {
        let mut query = false_fires(day);
        query.filters.push(text_is("terminal", facility.terminal.to_string()));
        let mut tally = self.store.tally(&query, "cause").await?;
        tally.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let named = tally.iter().filter_map(|(name, n)| Cause::from_code(name).map(|c| (c, n)));
        let words: Vec<_> = named.take(CAUSES_NAMED).map(|(c, n)| format!("{} {n}", c.label())).collect();
        Ok(if words.is_empty() { String::new() } else { format!("（{}）", words.join("、")) })
    }
}

fn false_fires(day: &Range<Timestamp>) -> Query {
    let mut query = Query::newest("alarm", Scope::everything());
    query.opened = Some(day.clone());
    query.filters = vec![text_is("class", "fire"), text_is("finding", "false")];
    query
}
