//! What a person must do today (今日待办): her own entries, those of her posts, those of her unit, and those that escalated
//! to her, by deadline.

use super::gather::owned_by;
use crate::entries::text_is;
use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{EntryId, Scope};
use fengsui_catalog::{HeldFor, Kind};
use fengsui_ledger::{ESCALATED_ROW, Entry, POST_ROW};
use fengsui_store::{Direction, Filter, Query, Sort};
use std::collections::BTreeSet;

/// Most entries that an agenda shows.
pub const AGENDA_MAX: usize = 200;

/// One thing to do.
#[derive(Clone, PartialEq, Debug)]
pub struct AgendaItem {
    /// The entry.
    pub entry: Entry,
    /// Why it is hers.
    pub why: Why,
}

/// Why an entry stands on somebody's agenda.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Why {
    /// She is its owner.
    Own,
    /// Her unit is.
    Unit,
    /// This post of hers is.
    Post(String),
    /// It escalated to this post of hers.
    Escalated(String),
}

impl App {
    /// What the asker must do, what is due first at the beginning, at most [`AGENDA_MAX`].
    pub async fn agenda(&self, grant: &Grant) -> Result<Vec<AgendaItem>, Fault> {
        let mut all = Vec::new();
        for kind in self.ledgers(grant)? {
            all.extend(self.errands(grant, kind).await?);
        }
        all.sort_by_key(|errand| (errand.entry.due_at, errand.entry.id));
        all.truncate(AGENDA_MAX);
        Ok(all)
    }

    /// What the asker must do in one ledger.
    pub async fn ledger_errands(&self, grant: &Grant, kind: &str) -> Result<Vec<AgendaItem>, Fault> {
        let mut all = self.errands(grant, self.ledger(grant, kind)?).await?;
        all.sort_by_key(|errand| (errand.entry.due_at, errand.entry.id));
        all.truncate(AGENDA_MAX);
        Ok(all)
    }

    async fn errands(&self, grant: &Grant, kind: &Kind) -> Result<Vec<AgendaItem>, Fault> {
        let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
        for (why, scope, filter) in self.claims(grant, kind) {
            let mut query = Query::newest(&kind.name, scope);
            (query.sort, query.direction) = (Sort::Due, Direction::Ascending);
            query.limit = fengsui_store::PAGE_MAX;
            query.filters.push(filter);
            let page = self.store.list(&query).await?;
            let fresh = page.items.into_iter().filter(|entry| seen.insert(entry.id));
            found.extend(fresh.map(|entry| AgendaItem { entry, why: why.clone() }));
        }
        Ok(found)
    }

    /// By what an entry of a ledger is hers; what she may not read is never.
    fn claims(&self, grant: &Grant, kind: &Kind) -> Vec<(Why, Scope, Filter)> {
        let readable = self.readable(grant, kind);
        let mut claims = vec![(Why::Own, readable.clone(), owned_by(grant.account().into()))];
        for power in grant.powers() {
            if power.held_for == HeldFor::Unit {
                let units = power.units.iter().map(|unit| EntryId::from(*unit));
                claims.extend(units.map(|unit| (Why::Unit, readable.clone(), owned_by(unit))));
                continue;
            }
            let scope = grant.scope_of_posts(std::slice::from_ref(&power.post)).within(&readable);
            let post = power.post.clone();
            claims.push((Why::Post(post.clone()), scope.clone(), text_is(POST_ROW, post.clone())));
            claims.push((Why::Escalated(post.clone()), scope, text_is(ESCALATED_ROW, post)));
        }
        claims
    }
}
