//! What a person must do today (今日待办): her own entries, those of her posts, those of her unit, and those that escalated
//! to her, by deadline.

use super::LedgerFilter;
use crate::entries::text_is;
use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{EntryId, Scope};
use fengsui_catalog::{HeldFor, Kind};
use fengsui_ledger::{ESCALATED_ROW, Entry, POST_ROW, place, renamed};
use fengsui_store::{Cursor, Direction, Filter, Query, Sort};
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
            all.extend(self.errands(grant, kind, LedgerFilter::default()).await?);
        }
        in_order(&mut all, &Sort::Due, Direction::Ascending, |_| None);
        all.truncate(AGENDA_MAX);
        Ok(all)
    }

    /// What the asker must do in one ledger, of that what the filter lets through, in its order; at most [`AGENDA_MAX`].
    pub async fn ledger_errands(
        &self,
        grant: &Grant,
        kind: &str,
        filter: LedgerFilter,
    ) -> Result<Vec<AgendaItem>, Fault> {
        let (sort, direction) = (filter.sort.clone(), filter.direction());
        let kind = self.ledger(grant, kind)?;
        let mut all = self.errands(grant, kind, filter).await?;
        in_order(&mut all, &sort, direction, |entry| place_of(kind, &sort, entry));
        all.truncate(AGENDA_MAX);
        Ok(all)
    }

    async fn errands(
        &self,
        grant: &Grant,
        kind: &Kind,
        filter: LedgerFilter,
    ) -> Result<Vec<AgendaItem>, Fault> {
        let whole = self.ledger_query(grant, kind, filter)?;
        let whole = Query { after: None, limit: fengsui_store::PAGE_MAX, ..whole };
        let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
        for (why, scope, claim) in self.claims(grant, kind) {
            let mut query = Query { scope: whole.scope.within(&scope), ..whole.clone() };
            query.filters.push(claim);
            let page = self.store.list(&query).await?;
            let fresh = page.items.into_iter().filter(|entry| seen.insert(entry.id));
            let item = |entry| AgendaItem { entry: renamed(kind, entry), why: why.clone() };
            found.extend(fresh.map(item));
        }
        Ok(found)
    }

    /// By what an entry of a ledger is hers; what she may not read is never.
    pub(super) fn claims(&self, grant: &Grant, kind: &Kind) -> Vec<(Why, Scope, Filter)> {
        let readable = self.readable(grant, kind);
        let mut claims = vec![(Why::Own, readable.clone(), Filter::Owner(grant.account().into()))];
        for power in grant.powers() {
            if power.held_for == HeldFor::Unit {
                let units = power.units.iter().map(|unit| EntryId::from(*unit));
                claims.extend(units.map(|unit| (Why::Unit, readable.clone(), Filter::Owner(unit))));
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

/// Entries that came by several claims in the order of one list.
fn in_order(
    all: &mut [AgendaItem],
    sort: &Sort,
    direction: Direction,
    place: impl Fn(&Entry) -> Option<i64>,
) {
    let at = |item: &AgendaItem| Cursor::behind(&item.entry, sort, place(&item.entry));
    all.sort_by(|a, b| at(a).order(&at(b), direction));
}

/// Where an entry stands in the order of the field that its list is sorted by.
fn place_of(kind: &Kind, sort: &Sort, entry: &Entry) -> Option<i64> {
    let Sort::Field(name) = sort else { return None };
    place(kind.field(name)?, entry.fields.get(name)?)
}
