//! What does not work just now (故障离线): open faults and offline terminals, unit by unit.
//!
//! The list is read from memory: it is as long as what is broken, and a page of it costs one walk over that.

use crate::{App, Fault, OpenAlarm};
use fengsui_access::Grant;
use fengsui_alarm::Class;
use fengsui_base::{EntryId, Scope, TerminalId};
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
        let open =
            self.board.open_alarms_of(&scope, |a| matches!(a.raise.class, Class::Offline | Class::Fault));
        let counts = self.outage_counts(&scope, &open);
        let mut found: Vec<_> = open.into_iter().filter(|o| filter.has(o)).collect();
        found.sort_by(|a, b| place(a).cmp(&place(b)));
        let total = found.len() as u64;
        let behind = |o: &Arc<OpenAlarm>| match &filter.after {
            Some(Cursor::Title(name, id)) => place(o) > (name.as_str(), *id),
            Some(Cursor::Opened(..)) | None => true,
        };
        let limit = usize::from(filter.limit.clamp(1, PAGE_MAX));
        let mut items: Vec<_> = found.into_iter().filter(behind).take(limit + 1).collect();
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more).map(|o| place(o));
        let next = last.map(|(name, id)| Cursor::Title(name.to_owned(), id));
        Ok(OutagePage { items, next, total, counts })
    }

    fn outage_counts(&self, scope: &Scope, open: &[Arc<OpenAlarm>]) -> OutageCounts {
        let silent = |o: &&Arc<OpenAlarm>| o.alarm.raise.class == Class::Offline;
        let number = |wanted: &dyn Fn(&&Arc<OpenAlarm>) -> bool| open.iter().filter(wanted).count() as u64;
        OutageCounts {
            offline: number(&|o| silent(o) && o.alarm.restored_at.is_none()),
            flapping: number(&|o| o.alarm.is_flapping()),
            fault: number(&|o| !silent(o) && o.alarm.restored_at.is_none()),
            never_heard: self.board.never_heard(scope),
        }
    }

    /// How many of the terminals that speak through a gateway are not heard, and how many there are.
    pub fn silent_children(&self, grant: &Grant, gateway: TerminalId) -> (usize, usize) {
        let (now, scope) = (self.now(), grant.scope(Permission::TerminalRead));
        let seen = self.board.children(gateway).into_iter().filter(|t| scope.contains(t.facts().region));
        seen.fold((0, 0), |(silent, all), t| (silent + usize::from(t.online(now) != Some(true)), all + 1))
    }
}

impl OutageFilter {
    fn has(&self, open: &OpenAlarm) -> bool {
        let (alarm, raise) = (&open.alarm, &open.alarm.raise);
        let named = |text: &str| {
            raise.place.contains(text) || raise.unit_name.as_deref().is_some_and(|u| u.contains(text))
        };
        self.class.is_none_or(|c| raise.class == c)
            && self.flapping.is_none_or(|f| alarm.is_flapping() == f)
            && self.restored.is_none_or(|r| alarm.restored_at.is_some() == r)
            && self.text.as_deref().is_none_or(named)
    }
}

/// The order of the list: by unit, and within it by age; ids grow with time.
fn place(open: &OpenAlarm) -> (&str, EntryId) {
    (open.alarm.raise.unit_name.as_deref().unwrap_or(""), open.entry.id)
}
