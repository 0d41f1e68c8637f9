//! One search (查找) over units and all ledgers, grouped: what somebody types into the bar, within what she may read.
//!
//! Each register is asked by itself, for a few rows and for a count that ends early. One question over all of them would let
//! the register with the most hits crowd out the one that was meant.

use crate::ledgers::in_words_of;
use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{Refusal, Scope};
use fengsui_catalog::Permission;
use fengsui_ledger::{Entry, search_terms};
use fengsui_store::Query;

/// How many entries of each register are shown.
pub const FOUND_SHOWN: u16 = 5;
/// How far the entries of a register are counted; one more says that there are more.
pub const FOUND_COUNTED_MAX: u64 = 99;
/// Longest text that is looked for, in characters; what is behind it is not.
pub const SEARCH_CHARS_MAX: usize = 60;

/// The register of units.
const UNITS: &str = "unit";

/// What one register has.
#[derive(Clone, PartialEq, Debug)]
pub struct FoundGroup {
    /// The register: `unit` or a ledger.
    pub kind: String,
    /// What it is called.
    pub label: String,
    /// How many there are, counted to [`FOUND_COUNTED_MAX`] and one.
    pub total: u64,
    /// The newest of them.
    pub items: Vec<Entry>,
}

impl App {
    /// What the asker may read that has this text in its title, its number or a field that is searched; registers without
    /// a hit are left out, units stand first. A text without a letter or digit finds nothing.
    pub async fn search(&self, grant: &Grant, text: &str) -> Result<Vec<FoundGroup>, Fault> {
        let text: String = text.chars().take(SEARCH_CHARS_MAX).collect();
        let (terms, mut found) = (search_terms(&text), Vec::new());
        for (kind, label, scope) in self.searched(grant)? {
            let query = Query { terms: terms.clone(), limit: FOUND_SHOWN, ..Query::newest(&kind, scope) };
            found.extend(if terms.is_empty() { None } else { self.found_in(kind, label, query).await? });
        }
        Ok(found)
    }

    async fn found_in(&self, kind: String, label: String, query: Query) -> Result<Option<FoundGroup>, Fault> {
        let page = self.store.list(&query).await?;
        let total = match page.next {
            Some(_) => self.store.count_to(&query, FOUND_COUNTED_MAX + 1).await?,
            None => page.items.len() as u64,
        };
        let items = match self.catalog().kind(&query.kind) {
            Some(known) => in_words_of(known, page.items),
            None => page.items,
        };
        Ok((!items.is_empty()).then_some(FoundGroup { kind, label, total, items }))
    }

    /// The registers that the asker may search, each with where.
    fn searched(&self, grant: &Grant) -> Result<Vec<(String, String, Scope)>, Refusal> {
        let ledgers = self.ledgers(grant)?;
        let units = self.catalog().kind(UNITS).map(|kind| (kind, grant.scope(Permission::UnitRead)));
        let ledgers = ledgers.into_iter().map(|kind| (kind, self.readable(grant, kind)));
        let all = units.into_iter().chain(ledgers).filter(|(_, scope)| !scope.is_empty());
        Ok(all.map(|(kind, scope)| (kind.name.clone(), kind.label.clone(), scope)).collect())
    }
}
