//! Clocks that are wrong are set (自动校时): at most once a day each, and on record like any order.
//!
//! A terminal whose clock is off by days puts its events in a wrong order and may be taken for one that sends what it
//! had kept. When one of them denies the order, or its clock does not take it, it is tried again the next day, not
//! before.

use super::{Order, Wanted};
use crate::entries::text_is;
use crate::{App, Fault, KnownTerminal};
use fengsui_base::{Scope, TerminalId, Timestamp};
use fengsui_store::{ChangeSet, Query};
use jiff::SignedDuration;
use std::sync::Arc;

/// The same clock is set once within this time, in hours.
const ONCE_IN_H: i64 = 24;
/// Most clocks that one run sets.
const SET_MAX: usize = 20;
/// Most wrong clocks that one run looks at.
const LOOKED_AT_MAX: usize = 500;
/// Who stands in the record.
const RULE: &str = "自动校时";

impl App {
    /// Sets clocks that are off. Answers how many.
    pub async fn reconcile_clocks(&self) -> Result<usize, Fault> {
        // Whoever does not know the time sets nobody's clock.
        if self.clock.machine_off().told() {
            return Ok(0);
        }
        let now = self.now();
        let wrong = self.board.next_wrong_clocks(LOOKED_AT_MAX);
        let mut set = 0;
        for terminal in wrong.into_iter().filter(|t| self.clock_may_be_set(t, now)) {
            if set >= SET_MAX {
                break;
            }
            if !self.was_set_lately(terminal.id, now).await? {
                set += usize::from(self.set_clock(&terminal).await?);
            }
        }
        if set > 0 {
            self.downlink_made.notify_one();
        }
        Ok(set)
    }

    fn clock_may_be_set(&self, terminal: &KnownTerminal, now: Timestamp) -> bool {
        terminal.online(now) == Some(true) && self.askable(terminal, Order::SetClock).is_ok()
    }

    async fn was_set_lately(&self, terminal: TerminalId, now: Timestamp) -> Result<bool, Fault> {
        let mut query = Query::newest("downlink", Scope::everything());
        query.filters =
            vec![text_is("terminal", terminal.to_string()), text_is("order", Order::SetClock.code())];
        query.limit = 1;
        let last = self.store.list(&query).await?.items.into_iter().next();
        Ok(last.is_some_and(|e| e.opened_at + SignedDuration::from_hours(ONCE_IN_H) > now))
    }

    /// Whether the order was made; not when there is no room for it any more.
    async fn set_clock(&self, terminal: &Arc<KnownTerminal>) -> Result<bool, Fault> {
        let wanted = Wanted { order: Order::SetClock, by: RULE, minutes: None, duty_check: None };
        let settled = self.settle(false, |_| {
            let mut change = ChangeSet::new(self.now());
            let made = self.add_downlink(&mut change, terminal, wanted, &Self::by_rule(RULE));
            std::future::ready(made.map(|_| (change, ())).map_err(Fault::from))
        });
        match settled.await {
            Ok(_) => Ok(true),
            Err(Fault::Refused(_)) => Ok(false),
            Err(fault) => Err(fault),
        }
    }
}
