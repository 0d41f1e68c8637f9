//! A ledger on the map (台账地图): where the entries of a list are, by their own position or their unit's, and which of them
//! nobody has given one.

use super::{LedgerFilter, in_words_of};
use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{EntryId, Position, Scope};
use fengsui_ledger::Entry;
use fengsui_store::PAGE_MAX;
use std::collections::{BTreeMap, BTreeSet};

/// Most entries that a map shows; a list with more of them is shown by its first ones.
pub const PLACED_MAX: usize = 2_000;

/// A list on the map.
#[derive(Clone, PartialEq, Debug)]
pub struct LedgerPlaces {
    /// The entries with where they are.
    pub placed: Vec<(Entry, Position)>,
    /// Those without a position of their own or of a unit.
    pub unplaced: Vec<Entry>,
    /// Whether the list has more than [`PLACED_MAX`].
    pub more: bool,
}

impl App {
    /// The entries of a list with their places, in the order of the list.
    pub async fn ledger_places(
        &self,
        grant: &Grant,
        kind: &str,
        mut filter: LedgerFilter,
    ) -> Result<LedgerPlaces, Fault> {
        (filter.after, filter.limit) = (None, PAGE_MAX);
        let known = self.ledger(grant, kind)?;
        let mut query = self.ledger_query(grant, known, filter)?;
        let mut entries = Vec::new();
        loop {
            let page = self.store.list(&query).await?;
            entries.extend(in_words_of(known, page.items));
            query.after = page.next;
            if query.after.is_none() || entries.len() >= PLACED_MAX {
                break;
            }
        }
        let more = query.after.is_some() || entries.len() > PLACED_MAX;
        entries.truncate(PLACED_MAX);
        self.placed(entries, more).await
    }

    /// What a person must do in a ledger, of that what the filter lets through, with its places.
    pub async fn errand_places(
        &self,
        grant: &Grant,
        kind: &str,
        filter: LedgerFilter,
    ) -> Result<LedgerPlaces, Fault> {
        let errands = self.ledger_errands(grant, kind, filter).await?;
        self.placed(errands.into_iter().map(|errand| errand.entry).collect(), false).await
    }

    async fn placed(&self, entries: Vec<Entry>, more: bool) -> Result<LedgerPlaces, Fault> {
        let units: BTreeSet<EntryId> = entries.iter().filter_map(Entry::unit).collect();
        let units: Vec<EntryId> = units.into_iter().collect();
        // Whoever may read an entry may know where its unit is.
        let found = self.store.entries(&Scope::everything(), &units).await?;
        let at: BTreeMap<EntryId, Position> =
            found.into_iter().filter_map(|unit| unit.position.map(|at| (unit.id, at))).collect();
        let mut places = LedgerPlaces { placed: Vec::new(), unplaced: Vec::new(), more };
        for entry in entries {
            let of_unit = || entry.unit().and_then(|id| at.get(&id).copied());
            match entry.position.or_else(of_unit) {
                Some(at) => places.placed.push((entry, at)),
                None => places.unplaced.push(entry),
            }
        }
        Ok(places)
    }
}
