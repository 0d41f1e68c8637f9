//! A device whose service life is over, or nearly, asks to be replaced (更换).
//!
//! A reconciler that walks the register of terminals once a day, and again when it has grown, a piece at a time. Where it
//! is stands in memory: after a restart it begins anew, and what was raised is not raised again.

use super::{day_key, midnight};
use crate::changes::china_day;
use crate::entries::field;
use crate::{App, Fault, KnownTerminal};
use fengsui_alarm::{Age, AgingPart, ServiceLife, Task, Todo, due_on};
use fengsui_base::{EntryId, TerminalId, Timestamp};
use fengsui_catalog::LifeQuestion;
use fengsui_ledger::Entry;
use jiff::civil::Date;

/// How many terminals one run looks at.
pub const AGES_A_RUN: u32 = 1_000;
/// The category of a unit that is homes.
const HOMES: &str = "housing";
/// The codec of detectors that are nothing but gas detectors.
const GAS_PROFILE: &str = "nb-gas";

/// Where the walk of the day is.
#[derive(Default)]
pub(crate) struct Walk {
    after: Option<(Timestamp, EntryId)>,
    /// The day it came to the end, and how many terminals there were then.
    over: Option<(Date, usize)>,
}

/// A part of a terminal with the day it was installed and how long it may serve.
struct Serving {
    part: AgingPart,
    installed_on: Date,
    life: ServiceLife,
}

impl App {
    /// Looks at the next piece of the register. Answers how many to-dos were stored.
    pub async fn reconcile_ages(&self) -> Result<usize, Fault> {
        // Counted before it is read: what is registered meanwhile makes the register larger than this.
        let now = (china_day(self.now()), self.board.terminal_total());
        let today = now.0;
        let after = {
            let walk = self.ages.lock();
            if walk.over == Some(now) {
                return Ok(0);
            }
            walk.after
        };
        let piece = self.store.scan("terminal", after, AGES_A_RUN).await?;
        let whole = piece.len() < AGES_A_RUN as usize;
        let last = piece.last().map(|s| (s.head.opened_at, s.head.id));
        let mut raised = 0;
        for scanned in piece.into_iter().filter(|s| s.head.state == "registered") {
            raised += self.ask_for_replacement(&scanned.whole()?, today).await?;
        }
        let mut walk = self.ages.lock();
        walk.after = if whole { None } else { last };
        walk.over = whole.then_some(now);
        Ok(raised)
    }

    async fn ask_for_replacement(&self, entry: &Entry, today: Date) -> Result<usize, Fault> {
        let Some(terminal) = self.board.terminal(TerminalId(entry.id)) else { return Ok(0) };
        let mut raised = 0;
        for serving in self.serving(entry, &terminal, today) {
            let Some(due) = due_on(serving.installed_on, &serving.life) else { continue };
            if Age::at(due, today) != Age::Fine {
                raised += usize::from(self.ask_for_new(&terminal, &serving, due).await?);
            }
        }
        Ok(raised)
    }

    /// What of a terminal grows old: the device itself, by the rule of its kind, and its battery.
    fn serving(&self, entry: &Entry, terminal: &KnownTerminal, today: Date) -> Vec<Serving> {
        let facts = terminal.facts();
        let unit = facts.unit.as_ref().and_then(|unit| self.board.unit(unit.0));
        let in_home = unit.is_some_and(|u| u.category == HOMES);
        let makers = field::<u8>(entry, "service_life_years");
        let types: Vec<_> = terminal.points().into_iter().map(|(_, p)| p.component_type).collect();
        let all_gas = !types.is_empty() && types.iter().all(|t| AgingPart::is_gas_detector(*t));
        // Behind a panel the day of the panel says nothing of its gas detectors: they are judged where they are the terminal.
        let only_gas = *facts.profile == *GAS_PROFILE || all_gas;
        let of = |part: AgingPart, date: &str, makers: Option<u8>| {
            let installed_on = field::<Date>(entry, date)?;
            let asked = LifeQuestion { part: part.code(), in_home, region: facts.region, on: today };
            let life = part.makers_life(makers).or_else(|| self.ruled_life(&asked))?;
            Some(Serving { part, installed_on, life })
        };
        let own = if only_gas { AgingPart::GasDetector } else { AgingPart::AlarmDevice };
        let device = of(own, "installed_on", makers);
        let battery = of(AgingPart::StandbyBattery, "battery_installed_on", None);
        [device, battery].into_iter().flatten().collect()
    }

    /// What the rules that hold there on that day say; nothing where none is about it.
    fn ruled_life(&self, asked: &LifeQuestion<'_>) -> Option<ServiceLife> {
        let rule = self.catalog.service_life(asked)?;
        Some(ServiceLife { years: rule.years, source: rule.source.clone() })
    }

    async fn ask_for_new(
        &self,
        terminal: &KnownTerminal,
        serving: &Serving,
        due: Date,
    ) -> Result<bool, Fault> {
        let facts = terminal.facts();
        let Some((unit, unit_name)) = facts.unit.as_deref().cloned() else { return Ok(false) };
        let cause_key = format!("replace/{}/{}", terminal.id, serving.part.code());
        if self.store.key(&day_key(&cause_key, due)).await?.is_some() {
            return Ok(false);
        }
        let Some(due_at) = midnight(due) else { return Ok(false) };
        let todo = Todo {
            task: Task::Replace,
            unit,
            unit_name,
            terminal: terminal.id,
            object: format!("{} {}", facts.name, serving.part.label()),
            why: format!("{} 安装，使用年限 {} 年，{due} 到期", serving.installed_on, serving.life.years),
            basis: serving.life.source.clone(),
            cause_key,
            day_on: due,
            count: None,
            owner: self.todo_owner(unit, facts.region).await?,
            outcome: None,
        };
        self.raise_todo(&todo, due_at, facts.region).await
    }
}

#[cfg(test)]
mod tests {
    use fengsui_alarm::AgingPart;
    use fengsui_catalog::{AGING_PARTS, LifeQuestion};

    #[test]
    fn every_part_has_its_rule_in_the_shipped_catalog_in_homes_and_elsewhere() {
        assert_eq!(AgingPart::ALL.map(AgingPart::code), AGING_PARTS);
        let catalog = crate::kit::catalog();
        let (region, on) = ("990101001000".parse().expect("twelve digits"), jiff::civil::date(2026, 11, 21));
        for part in AGING_PARTS {
            for in_home in [true, false] {
                let rule = catalog.service_life(&LifeQuestion { part, in_home, region, on });
                assert!(rule.is_some_and(|r| !r.source.is_empty()), "{part}");
            }
        }
    }
}
