//! Lists of terminals that are heard, or of those that are not. Storage does not know how a line stands: a heartbeat
//! writes nothing.
//!
//! Where few are meant they are picked from memory and sorted. Where many are meant the register is walked in its order
//! until the page is full, so that a page costs the same among a thousand terminals and among a million.

use crate::terminals::terminal_query;
use crate::{App, Fault, KnownTerminal, TerminalFilter};
use fengsui_access::Grant;
use fengsui_base::{EntryId, Scope, TerminalId, Timestamp, UnitId};
use fengsui_catalog::Permission;
use fengsui_ledger::Entry;
use fengsui_store::{Cursor, PAGE_MAX, Page, Query, Sort};
use std::sync::Arc;

/// Most terminals that are sorted for one page.
const SORTED_MAX: usize = 20_000;
/// Most terminals of the register that are looked at for one page. A page that is not full by then ends there.
const WALKED_MAX: usize = 20_000;

impl App {
    /// A page of the terminals that are heard, or of those that are not, by name; and how many there are. Where a
    /// text is looked for among more than [`SORTED_MAX`], the number goes as far as [`WALKED_MAX`] of those found.
    pub(crate) async fn terminals_by_line(
        &self,
        grant: &Grant,
        filter: &TerminalFilter,
        online: bool,
    ) -> Result<(Page, u64), Fault> {
        let (scope, now) = (grant.may(Permission::TerminalRead)?, self.now());
        let few = match filter.unit {
            Some(unit) => Some(self.board.terminals_of(UnitId(unit), &scope)),
            None => self.board.terminals_by_line(online, SORTED_MAX, now),
        };
        match few {
            Some(few) => self.few_by_line(&scope, filter, online, few).await,
            None => self.many_by_line(&scope, filter, online, now).await,
        }
    }

    async fn few_by_line(
        &self,
        scope: &Scope,
        filter: &TerminalFilter,
        online: bool,
        mut few: Vec<Arc<KnownTerminal>>,
    ) -> Result<(Page, u64), Fault> {
        let now = self.now();
        if filter.known != Some(true) && filter.unit.is_none() {
            few.extend(self.board.strangers(scope));
        }
        let wanted = |t: &Arc<KnownTerminal>| t.within(scope) && filter.has(t, online, now);
        let named = |t: Arc<KnownTerminal>| (t.facts().name.clone(), EntryId::from(t.id));
        let mut found: Vec<_> = few.into_iter().filter(wanted).map(named).collect();
        found.sort_unstable();
        let total = found.len() as u64;
        let behind = |(name, id): &(String, EntryId)| match &filter.after {
            Some(Cursor::Title(title, last)) => (name.as_str(), id) > (title.as_str(), last),
            _ => true,
        };
        let limit = usize::from(filter.limit);
        let chosen: Vec<_> = found.into_iter().filter(behind).take(limit + 1).collect();
        let mut items = Vec::with_capacity(limit);
        for (_, id) in chosen.iter().take(limit) {
            items.extend(self.store.entry(scope, *id).await?);
        }
        Ok((page(items, chosen.len() > limit), total))
    }

    async fn many_by_line(
        &self,
        scope: &Scope,
        filter: &TerminalFilter,
        online: bool,
        now: Timestamp,
    ) -> Result<(Page, u64), Fault> {
        let limit = usize::from(filter.limit);
        let query = terminal_query(scope.clone(), filter);
        let (mut items, more) = self.walk_by_line(query.clone(), online, limit + 1).await?;
        let over = items.len() > limit;
        items.truncate(limit);
        let total = match filter.text {
            None => self.counted_by_line(scope, filter.known, online, now),
            Some(_) => {
                let (found, _) =
                    self.walk_by_line(Query { after: None, ..query }, online, usize::MAX).await?;
                found.len() as u64
            }
        };
        let mut page = page(items, over);
        page.next = page.next.or(more);
        Ok((page, total))
    }

    /// Walks the register in its order until so many are found, or so many were looked at; then also where it stopped.
    async fn walk_by_line(
        &self,
        mut query: Query,
        online: bool,
        wanted: usize,
    ) -> Result<(Vec<Entry>, Option<Cursor>), Fault> {
        let now = self.now();
        let (mut found, mut walked) = (Vec::new(), 0);
        query.limit = PAGE_MAX;
        while found.len() < wanted {
            let piece = self.store.list(&query).await?;
            walked += piece.items.len();
            let is_so = |e: &Entry| {
                let known = self.board.terminal(TerminalId(e.id));
                known.is_some_and(|t| (t.online(now) == Some(true)) == online)
            };
            found.extend(piece.items.into_iter().filter(is_so));
            query.after = piece.next;
            if query.after.is_none() || walked >= WALKED_MAX {
                break;
            }
        }
        Ok((found, query.after))
    }

    fn counted_by_line(&self, scope: &Scope, known: Option<bool>, online: bool, now: Timestamp) -> u64 {
        let counts = self.board.terminal_counts(scope, now);
        let registered = if online { counts.online } else { counts.offline + counts.never_heard };
        let strangers = || self.board.strangers(scope).into_iter();
        let unclaimed = || strangers().filter(|t| (t.online(now) == Some(true)) == online).count() as u64;
        match known {
            Some(true) => registered,
            Some(false) => unclaimed(),
            None => registered + unclaimed(),
        }
    }
}

impl TerminalFilter {
    fn has(&self, terminal: &KnownTerminal, online: bool, now: Timestamp) -> bool {
        let facts = terminal.facts();
        (terminal.online(now) == Some(true)) == online
            && self.known.is_none_or(|known| known == facts.known)
            && self
                .text
                .as_deref()
                .is_none_or(|text| facts.name.contains(text) || facts.source.contains(text))
    }
}

/// A page behind which there are more, or not.
fn page(items: Vec<Entry>, more: bool) -> Page {
    let next = items.last().filter(|_| more).map(|last| Cursor::behind(last, &Sort::Title, None));
    Page { items, next }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop where it stands")]
mod tests {
    use super::*;
    use crate::kit::{COUNTY, Desk, TOWN};
    use fengsui_store::MemoryStore;

    async fn all_pages(desk: &Desk, filter: &TerminalFilter, online: bool, few: bool) -> (Vec<String>, u64) {
        let (scope, now) = (Scope::everything(), desk.app.now());
        let (mut filter, mut titles, mut last_total) = (filter.clone(), Vec::new(), 0);
        loop {
            let (page, total) = if few {
                let picked = desk.app.board.terminals_by_line(online, SORTED_MAX, now).unwrap();
                desk.app.few_by_line(&scope, &filter, online, picked).await.unwrap()
            } else {
                desk.app.many_by_line(&scope, &filter, online, now).await.unwrap()
            };
            titles.extend(page.items.into_iter().map(|e| e.title));
            last_total = last_total.max(total);
            match page.next {
                Some(next) => filter.after = Some(next),
                None => return (titles, last_total),
            }
        }
    }

    #[tokio::test]
    async fn picked_from_memory_or_walked_in_the_register_the_pages_are_the_same() {
        let desk = Desk::open(std::sync::Arc::new(MemoryStore::new())).await;
        desk.employ("fanghuo", "防火员", "fire_supervisor", COUNTY).await;
        for n in 1..=7 {
            desk.register(&format!("消防单位{n}"), TOWN, &format!("{n}"), 1).await;
        }
        for source in ["2", "3", "5", "stranger"] {
            desk.hears(source, vec![]).await.unwrap();
        }
        let text = |text: &str| Some(text.to_owned());
        for known in [None, Some(true), Some(false)] {
            for text in [None, text("消防"), text("没有")] {
                for online in [true, false] {
                    let filter =
                        TerminalFilter { known, text: text.clone(), limit: 2, ..TerminalFilter::default() };
                    let few = all_pages(&desk, &filter, online, true).await;
                    assert_eq!(few, all_pages(&desk, &filter, online, false).await, "{filter:?} {online}");
                }
            }
        }
    }
}
