//! What does not work just now (故障离线): open faults and offline terminals, unit by unit.
//!
//! The list is kept in memory in its order, and its numbers are kept while they change: a page costs the same whether a
//! hundred terminals are broken or a hundred thousand.

use crate::board::OutageSort;
use crate::{App, Fault, OpenAlarm};
use fengsui_access::Grant;
use fengsui_alarm::{Alarm, Class};
use fengsui_base::{AlarmId, Scope, TerminalId};
use fengsui_catalog::Permission;
use fengsui_store::{Cursor, PAGE_MAX};
use std::sync::Arc;

/// What the list shows.
#[derive(Clone, Debug, Default)]
pub struct OutageFilter {
    /// Only this class; faults and offline terminals when nobody says.
    pub class: Option<Class>,
    /// Only lines that come and go, or only those that do not.
    pub flapping: Option<bool>,
    /// Only what is still so, or only what has ended and waits for somebody.
    pub restored: Option<bool>,
    /// Part of the name of the unit or of the terminal.
    pub text: Option<String>,
    /// Where the page before ended.
    pub after: Option<Cursor>,
    /// How many.
    pub limit: u16,
}

/// How much does not work.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct OutageCounts {
    /// Offline terminals.
    pub offline: u64,
    /// Of these, lines that come and go.
    pub flapping: u64,
    /// Faults.
    pub fault: u64,
    /// Registered and never heard (从未通信).
    pub never_heard: u64,
}

/// A page of what does not work, by unit and then the longest first.
pub struct OutagePage {
    /// Open alarms.
    pub items: Vec<Arc<OpenAlarm>>,
    /// Where the next page starts.
    pub next: Option<Cursor>,
    /// How many there are with this filter.
    pub total: u64,
    /// How many there are in all.
    pub counts: OutageCounts,
}

impl App {
    /// A page of what does not work.
    pub fn outages(&self, grant: &Grant, filter: &OutageFilter) -> Result<OutagePage, Fault> {
        let scope = grant.may(Permission::AlarmRead)?;
        let counts = self.outage_counts(&scope);
        let after = match &filter.after {
            Some(Cursor::Title(name, id)) => Some((name.clone(), AlarmId(*id))),
            _ => None,
        };
        let limit = usize::from(filter.limit.clamp(1, PAGE_MAX));
        let mut items = self.board.outages(&scope, after, limit + 1, |alarm| filter.has(alarm));
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more).map(|open| open.place());
        let next = last.map(|(name, id)| Cursor::Title(name, id.into()));
        Ok(OutagePage { items, next, total: self.outage_total(&scope, filter), counts })
    }

    fn outage_counts(&self, scope: &Scope) -> OutageCounts {
        let open = self.board.open_counts(scope);
        let standing = |class| OutageSort { class: Some(class), restored: Some(false), flapping: None };
        OutageCounts {
            offline: open.outages(standing(Class::Offline)),
            flapping: open.outages(OutageSort { flapping: Some(true), ..OutageSort::default() }),
            fault: open.outages(standing(Class::Fault)),
            never_heard: self.board.terminal_counts(scope, self.now()).never_heard,
        }
    }

    /// How many the filter finds: counted as they come and go, and one by one only where a name is looked for.
    fn outage_total(&self, scope: &Scope, filter: &OutageFilter) -> u64 {
        match filter.text {
            None => self.board.open_counts(scope).outages(filter.sort()),
            Some(_) => self.board.outages(scope, None, usize::MAX, |alarm| filter.has(alarm)).len() as u64,
        }
    }

    /// How many of the terminals that speak through a gateway are not heard, and how many there are.
    pub fn silent_children(&self, grant: &Grant, gateway: TerminalId) -> (usize, usize) {
        let (now, scope) = (self.now(), grant.scope(Permission::TerminalRead));
        let seen = self.board.children(gateway).into_iter().filter(|t| t.within(&scope));
        seen.fold((0, 0), |(silent, all), t| (silent + usize::from(t.online(now) != Some(true)), all + 1))
    }
}

impl OutageFilter {
    fn sort(&self) -> OutageSort {
        OutageSort { class: self.class, flapping: self.flapping, restored: self.restored }
    }

    fn has(&self, alarm: &Alarm) -> bool {
        let raise = &alarm.raise;
        let named = |text: &str| {
            raise.place.contains(text) || raise.unit_name.as_deref().is_some_and(|u| u.contains(text))
        };
        self.sort().has(alarm) && self.text.as_deref().is_none_or(named)
    }
}
