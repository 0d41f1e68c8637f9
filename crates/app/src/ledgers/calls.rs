//! What time does to ledgers (时限呼叫): deadlines that are near remind, deadlines that have passed escalate, and provisional
//! ones are reckoned anew when the calendar knows more.
//!
//! A reconciler without input: it reads what is due to speak, a bounded piece at a time, and what it said is part of the
//! entry, so that a restart neither repeats nor forgets a call. Whom it tells outward stands in the same ChangeSet.

use super::reminders::{Hearing, Known};
use crate::changes::Said;
use crate::committer::Settled;
use crate::{App, Fault};
use fengsui_base::{EntryId, Scope, Timestamp, WorkingCalendar};
use fengsui_catalog::Kind;
use fengsui_ledger::{Call, Entry, IndexValue, PROVISIONAL_ROW, call, reckon_again, renamed, rewoken};
use fengsui_store::{ChangeSet, Direction, Filter, Numbering, Query, Sort};
use std::sync::Arc;

/// How many entries of a ledger one run looks at.
const A_RUN: u16 = 100;
/// One is enough to see that nothing is due.
const A_LOOK: u16 = 1;
/// Most entries whose clocks speak in one ChangeSet, so that what concerns one person becomes one message.
pub const SPOKEN_TOGETHER_MAX: usize = 50;

/// An entry whose time has come.
struct Woken {
    /// As it is then.
    after: Entry,
    /// What its timeline says.
    said: Said,
    /// What its clock said; nothing where it was only set anew.
    calls: Vec<Call>,
}

impl App {
    /// Lets the clocks of ledgers speak. Answers how many entries were changed.
    pub async fn reconcile_deadlines(&self) -> Result<usize, Fault> {
        let (mut changed, mut waking) = (self.reckon_provisional().await?, Vec::new());
        for kind in self.catalog.ledgers() {
            let due = self.waking(kind).await?;
            waking.extend(due.into_iter().map(|entry| (kind, entry)));
        }
        if waking.is_empty() {
            return Ok(changed);
        }
        // What is one person's stands together.
        waking.sort_by_key(|(_, entry)| (entry.owner, entry.wake_at));
        let known = if self.reminds() { Some(self.those_reminded().await?) } else { None };
        for together in waking.chunks(SPOKEN_TOGETHER_MAX) {
            changed += self.speak_together(together, known.as_ref()).await?;
        }
        Ok(changed)
    }

    /// Lets the clocks of some entries speak in one change, and writes down whom that tells. Answers how many spoke.
    async fn speak_together(&self, waking: &[(&Kind, Entry)], known: Option<&Known>) -> Result<usize, Fault> {
        let settled = self.settle(false, |_| self.speaking(waking, known)).await;
        match settled {
            Ok(Settled::Now(count, _)) => Ok(count),
            Ok(Settled::Before(_)) => Ok(0),
            Err(Fault::Refused(refusal)) if refusal.code == "not_found" => Ok(0),
            Err(fault) => Err(fault),
        }
    }

    async fn speaking(
        &self,
        waking: &[(&Kind, Entry)],
        known: Option<&Known>,
    ) -> Result<(ChangeSet, usize), Fault> {
        let (calendar, mut change, mut hearing) =
            (self.calendar(), ChangeSet::new(self.now()), Hearing::default());
        for (kind, seen) in waking {
            let Some(entry) = self.store.entry(&Scope::everything(), seen.id).await? else { continue };
            let woken = self.woken(kind, &renamed(kind, entry), change.at, &calendar);
            let Some(Woken { after, said, calls }) = woken else { continue };
            let mut said = vec![said];
            if let Some(known) = known.filter(|_| !calls.is_empty()) {
                let heard = self.hearers(known, kind, &after, &calls).await?;
                said.push(heard.said());
                hearing.add(heard, &kind.label, &after);
            }
            let lines = said.into_iter().map(|s| self.line_on(&after, change.at, &Self::by_rule("时限"), s));
            change.journal.extend(lines);
            change.entries.push(self.write(after, Numbering::Keep));
        }
        if change.entries.is_empty() {
            return Err(fengsui_base::Refusal::not_found().into());
        }
        let count = change.entries.len();
        for reminder in hearing.reminders() {
            self.add_reminder(&mut change, reminder).await?;
        }
        Ok((change, count))
    }

    /// The entries of a ledger whose clock has something to say now, the earliest first. Most of the time there is none:
    /// then only the first of the ledger is read.
    async fn waking(&self, kind: &Kind) -> Result<Vec<Entry>, Fault> {
        let now = self.now();
        let due = |entry: &Entry| entry.wake_at.is_some_and(|at| at <= now);
        if !self.store.list(&waking(&kind.name, A_LOOK)).await?.items.first().is_some_and(due) {
            return Ok(Vec::new());
        }
        let page = self.store.list(&waking(&kind.name, A_RUN)).await?;
        Ok(page.items.into_iter().filter(due).collect())
    }

    /// Lets the clock of an entry say what was due at an instant of a told past: nobody is told outward of what is over.
    pub(super) async fn speak(&self, kind: &Kind, id: EntryId, at: Timestamp) -> Result<bool, Fault> {
        let calendar = self.calendar();
        self.rewrite(id, at, |entry| {
            let woken = self.woken(kind, &renamed(kind, entry.clone()), at, &calendar)?;
            Some((woken.after, woken.said))
        })
        .await
    }

    /// What becomes of an entry whose time has come: its clock speaks, or is set by the calendar of today.
    fn woken(&self, kind: &Kind, entry: &Entry, at: Timestamp, calendar: &WorkingCalendar) -> Option<Woken> {
        let Some((after, calls)) = call(kind, entry, at, calendar) else {
            let said = Said::new("ledger.rewoken", "提醒时间按现在的工作日历重新计算", "程序");
            return rewoken(kind, entry, calendar).map(|after| Woken { after, said, calls: Vec::new() });
        };
        let words = calls.iter().map(|c| self.call_words(c)).collect::<Vec<_>>().join("；");
        Some(Woken { after, said: Said::new("ledger.called", words, "程序"), calls })
    }

    fn call_words(&self, call: &Call) -> String {
        match call {
            Call::Reminder => "期限临近，提醒负责人".to_owned(),
            Call::Escalated(post) => format!("逾期升级：转{}督办", self.post_label(post)),
        }
    }

    /// Reckons provisional deadlines anew, once for each calendar.
    async fn reckon_provisional(&self) -> Result<usize, Fault> {
        let calendar = self.calendar();
        if self.reckoned_by.lock().as_ref().is_some_and(|by| Arc::ptr_eq(by, &calendar)) {
            return Ok(0);
        }
        let mut changed = 0;
        for kind in self.catalog.ledgers() {
            changed += self.reckon_kind(kind, &calendar).await?;
        }
        *self.reckoned_by.lock() = Some(calendar);
        Ok(changed)
    }

    async fn reckon_kind(&self, kind: &Kind, calendar: &WorkingCalendar) -> Result<usize, Fault> {
        let (mut query, mut changed) = (Query::newest(&kind.name, Scope::everything()), 0);
        query.filters.push(Filter::Is(PROVISIONAL_ROW.to_owned(), IndexValue::Integer(1)));
        query.limit = A_RUN;
        loop {
            let page = self.store.list(&query).await?;
            for entry in page.items {
                let again = |entry: &Entry| {
                    let after = reckon_again(kind, &renamed(kind, entry.clone()), calendar)?;
                    let day =
                        after.due_at.map(|at| calendar.day_of(at - jiff::SignedDuration::from_micros(1)));
                    let text = format!("工作日历有更新，期限重新计算为 {}", day.unwrap_or_default());
                    Some((after, Said::new("ledger.reckoned", text, "程序")))
                };
                changed += usize::from(self.rewrite(entry.id, self.now(), again).await?);
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(changed),
            }
        }
    }

    /// Stores what `decide` makes of the entry as it is now; nothing when it has nothing to say any more.
    async fn rewrite(
        &self,
        id: EntryId,
        at: Timestamp,
        decide: impl Fn(&Entry) -> Option<(Entry, Said)>,
    ) -> Result<bool, Fault> {
        let settled = self
            .settle(false, |_| {
                let decide = &decide;
                async move {
                    let entry = self.store.entry(&Scope::everything(), id).await?;
                    let (after, said) =
                        entry.as_ref().and_then(decide).ok_or_else(fengsui_base::Refusal::not_found)?;
                    let mut change = ChangeSet::new(at);
                    change.journal.push(self.line_on(&after, change.at, &Self::by_rule("时限"), said));
                    change.entries.push(self.write(after, Numbering::Keep));
                    Ok((change, ()))
                }
            })
            .await;
        match settled {
            Ok(_) => Ok(true),
            Err(Fault::Refused(refusal)) if refusal.code == "not_found" => Ok(false),
            Err(fault) => Err(fault),
        }
    }
}

/// What speaks first.
fn waking(kind: &str, limit: u16) -> Query {
    let mut query = Query::newest(kind, Scope::everything());
    (query.sort, query.direction, query.limit) = (Sort::Wake, Direction::Ascending, limit);
    query
}
