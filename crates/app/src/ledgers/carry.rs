//! Moves that go along (随办): when an order is served its hazards are ordered, when a re-check passes they are closed.
//!
//! What goes along stands in the same ChangeSet: all of it or nothing. Only what is over already is passed over, and the
//! entry that led says which.

use crate::changes::Said;
use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{Actor, Refusal, RefusalKind, Scope, Timestamp};
use fengsui_catalog::Catalog;
use fengsui_ledger::{Carried, Entry, perform, renamed};
use fengsui_store::{ChangeSet, Numbering};
use std::collections::{BTreeSet, VecDeque};

/// Most entries that one move carries along, whatever they carry in turn.
const CARRIED_MAX: usize = 200;

impl App {
    /// The moves that go along, each judged like any other; one that is refused refuses all. Answers those that were
    /// over already.
    pub(super) async fn carry(
        &self,
        change: &mut ChangeSet,
        grant: &Grant,
        catalog: &Catalog,
        also: Vec<Carried>,
        at: Timestamp,
    ) -> Result<Vec<Entry>, Fault> {
        let (mut waiting, mut done, mut over) = (VecDeque::from(also), BTreeSet::new(), Vec::new());
        while let Some(carried) = waiting.pop_front() {
            if !done.insert(carried.entry) || done.len() > CARRIED_MAX {
                let detail = format!("一次最多带动 {CARRIED_MAX} 条，且同一条只能带动一次，请分几次办理。");
                return Err(Refusal::new(RefusalKind::Limited, "move.carried", detail).into());
            }
            let before = self.store.entry(&Scope::everything(), carried.entry).await?;
            let before = before.ok_or_else(Refusal::not_found)?;
            let kind = catalog.kind(&before.kind).ok_or_else(Refusal::not_found)?;
            let before = renamed(kind, before);
            if kind.state(&before.state).is_some_and(|state| state.end) {
                over.push(before);
                continue;
            }
            let gathered = self.gather(grant, kind, &before, &carried.fields, None, at).await?;
            let effects = perform(
                &gathered.scene(kind, &before, &|p| self.post_label(p)),
                &carried.mv,
                &carried.fields,
            )
            .map_err(|refusal| named(refusal, &before))?;
            let entry = Entry { revision: catalog.revision(), ..effects.entry };
            let said = Said::new("ledger.moved", effects.said, "随办").with("move", carried.mv.as_str());
            self.record(change, grant, Some(&before), &entry, Numbering::Keep, said);
            self.mark_unit(change, grant, &entry, &effects.marks).await?;
            waiting.extend(effects.also);
        }
        Ok(over)
    }

    /// Says on the entry that led which entries did not go along.
    pub(super) fn tell_passed_over(
        &self,
        change: &mut ChangeSet,
        grant: &Grant,
        entry: &Entry,
        over: &[Entry],
    ) {
        if over.is_empty() {
            return;
        }
        let names: Vec<_> = over.iter().map(|e| e.number.as_deref().unwrap_or(&e.title)).collect();
        let said =
            Said::new("ledger.passed_over", format!("{} 已经办结，不再随办", names.join("、")), "随办");
        let line = self.line_on(entry, change.at, &Actor::Officer(grant.officer().clone()), said);
        change.journal.push(line);
    }
}

/// A refusal of a move that goes along, with the entry it is about.
fn named(mut refusal: Refusal, entry: &Entry) -> Refusal {
    let number = entry.number.as_deref().unwrap_or_default();
    refusal.detail = format!("{number} {}：{}", entry.title, refusal.detail);
    refusal
}
