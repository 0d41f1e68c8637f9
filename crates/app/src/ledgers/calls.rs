//! What time does to ledgers (时限呼叫): deadlines that are near remind, deadlines that have passed escalate, and provisional
//! ones are reckoned anew when the calendar knows more.
//!
//! A reconciler without input: it reads what is due to speak, a bounded piece at a time, and what it said is part of the
//! entry, so that a restart neither repeats nor forgets a call.

use crate::changes::Said;
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

impl App {
    /// Lets the clocks of ledgers speak. Answers how many entries were changed.
    pub async fn reconcile_deadlines(&self) -> Result<usize, Fault> {
        let mut changed = self.reckon_provisional().await?;
        for kind in self.catalog.ledgers() {
            for entry in self.waking(kind).await? {
                changed += usize::from(self.speak(kind, entry.id, self.now()).await?);
            }
        }
        Ok(changed)
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

    /// Lets the clock of an entry say what was due at an instant.
    pub(super) async fn speak(&self, kind: &Kind, id: EntryId, at: Timestamp) -> Result<bool, Fault> {
        let calendar = self.calendar();
        self.rewrite(id, at, |entry| {
            let entry = renamed(kind, entry.clone());
            let Some((after, calls)) = call(kind, &entry, at, &calendar) else {
                let said = Said::new("ledger.rewoken", "提醒时间按现在的工作日历重新计算", "程序");
                return rewoken(kind, &entry, &calendar).map(|after| (after, said));
            };
            let said = calls.iter().map(|c| self.call_words(c)).collect::<Vec<_>>().join("；");
            Some((after, Said::new("ledger.called", said, "程序")))
        })
        .await
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
