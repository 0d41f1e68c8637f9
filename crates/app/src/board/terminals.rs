//! Terminals and their points: found by id, by source address, by unit and by the gateway they speak through.

use super::Board;
use super::fields::{PointFields, TerminalFields, narrow};
use super::terminal::{KnownPoint, KnownTerminal, PointPlace, Standing, TerminalFacts};
use crate::entries::field;
use fengsui_base::{PointId, Scope, TerminalId, UnitId};
use fengsui_ledger::Entry;
use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::sync::Arc;

#[derive(Default)]
pub(super) struct Terminals {
    by_id: HashMap<TerminalId, Arc<KnownTerminal>>,
    by_source: HashMap<Arc<str>, TerminalId>,
    by_unit: HashMap<UnitId, BTreeSet<TerminalId>>,
    /// Those that are not registered.
    strangers: BTreeSet<TerminalId>,
    /// Who speaks through whom.
    pub(super) children: HashMap<TerminalId, BTreeSet<TerminalId>>,
}

impl Terminals {
    /// A retired terminal leaves the memory; whoever speaks from its address next is new. Answers who left.
    fn forget(&mut self, id: TerminalId, source: &str) -> Option<Arc<KnownTerminal>> {
        if self.by_source.get(source) == Some(&id) {
            self.by_source.remove(source);
        }
        let gone = self.by_id.remove(&id)?;
        let facts = gone.facts();
        self.strangers.remove(&id);
        leave(&mut self.children, facts.parent, id);
        leave(&mut self.by_unit, facts.unit.as_ref().map(|u| u.0), id);
        Some(gone)
    }

    /// Takes in what is registered; answers the terminal, and whether it was there before.
    fn take_in(&mut self, id: TerminalId, facts: Arc<TerminalFacts>) -> (Arc<KnownTerminal>, bool) {
        self.by_source.insert(facts.source.clone(), id);
        if facts.known {
            self.strangers.remove(&id)
        } else {
            self.strangers.insert(id)
        };
        let (parent, unit) = (facts.parent, facts.unit.as_ref().map(|u| u.0));
        let known = self.by_id.get(&id).cloned();
        if let Some(terminal) = &known {
            let before = std::mem::replace(&mut *terminal.facts.write(), facts.clone());
            if before.source != facts.source && self.by_source.get(&before.source) == Some(&id) {
                self.by_source.remove(&before.source);
            }
            leave(&mut self.children, before.parent.filter(|p| Some(*p) != parent), id);
            leave(&mut self.by_unit, before.unit.as_ref().map(|u| u.0).filter(|u| Some(*u) != unit), id);
        }
        join(&mut self.children, parent, id);
        join(&mut self.by_unit, unit, id);
        let was_known = known.is_some();
        let terminal = known.unwrap_or_else(|| {
            let new = Arc::new(KnownTerminal::new(id, facts));
            self.by_id.insert(id, new.clone());
            new
        });
        (terminal, was_known)
    }
}

/// Puts a terminal into the set of whoever it belongs to.
fn join<K: Hash + Eq>(sets: &mut HashMap<K, BTreeSet<TerminalId>>, whose: Option<K>, id: TerminalId) {
    if let Some(whose) = whose {
        sets.entry(whose).or_default().insert(id);
    }
}

/// Takes a terminal out of the set of whoever it belongs to no longer.
fn leave<K: Hash + Eq>(sets: &mut HashMap<K, BTreeSet<TerminalId>>, whose: Option<K>, id: TerminalId) {
    let Some(whose) = whose else { return };
    if let Some(set) = sets.get_mut(&whose) {
        set.remove(&id);
        if set.is_empty() {
            sets.remove(&whose);
        }
    }
}

impl Board {
    pub(super) fn take_terminal(&self, entry: &Entry, fields: TerminalFields<'_>) {
        let id = TerminalId(entry.id);
        let facts = Arc::new(TerminalFacts::of(entry, fields, &mut self.shared.lock()));
        if Standing::of(&entry.state).is_none() {
            return self.leave(id, &facts.source);
        }
        let (terminal, was_known) = self.terminals.write().take_in(id, facts);
        // Another rule is another deadline, also for one that has just been claimed.
        if was_known {
            self.watch(&terminal);
        }
        self.recount(&terminal);
    }

    fn leave(&self, id: TerminalId, source: &str) {
        let gone = self.terminals.write().forget(id, source);
        if let Some(terminal) = gone {
            terminal.state.lock().gone = true;
            self.recount(&terminal);
            self.note_clock(id, false);
        }
    }

    pub(super) fn forget_terminal(&self, entry: &Entry) {
        let source: String = field(entry, "source").unwrap_or_default();
        self.leave(TerminalId(entry.id), &source);
    }

    pub(super) fn forget_point(&self, entry: &Entry) {
        if let Some(terminal) = field(entry, "terminal").and_then(|id| self.terminal(TerminalId(id))) {
            let gone: Vec<_> = {
                let mut own = terminal.state.lock();
                let of = own.points.iter().filter(|(_, point)| point.id == PointId(entry.id));
                let gone = of.map(|(address, _)| *address).collect();
                own.points.retain(|_, point| point.id != PointId(entry.id));
                gone
            };
            gone.into_iter().for_each(|address| self.limits_changed(&terminal, address));
        }
    }

    pub(super) fn take_point(&self, entry: &Entry, fields: PointFields<'_>) {
        let Some(terminal) = fields.terminal.and_then(|id| self.terminal(TerminalId(id))) else {
            return;
        };
        let key = fields.address();
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let place = PointPlace {
            building: owned(fields.building),
            floor: owned(fields.floor),
            zone: owned(fields.zone),
        };
        let point = KnownPoint {
            id: PointId(entry.id),
            label: entry.title.clone(),
            place: self.shared.lock().places.share(place),
            component_type: narrow(fields.component_type),
            plan: fields.plan_x.zip(fields.plan_y).map(<[f64; 2]>::from),
            position: entry.position,
            limits: fields.limits.unwrap_or_default(),
        };
        let now = point.limits.clone();
        let before = terminal.state.lock().points.insert(key, Arc::new(point));
        if before.map(|p| p.limits.clone()).unwrap_or_default() != now {
            self.limits_changed(&terminal, key);
        }
    }

    /// A terminal by id.
    pub fn terminal(&self, id: TerminalId) -> Option<Arc<KnownTerminal>> {
        self.terminals.read().by_id.get(&id).cloned()
    }

    /// A terminal by its source address.
    pub fn terminal_at(&self, source: &str) -> Option<Arc<KnownTerminal>> {
        let terminals = self.terminals.read();
        terminals.by_source.get(source).and_then(|id| terminals.by_id.get(id)).cloned()
    }

    /// All terminals within a scope.
    pub fn terminals(&self, scope: &Scope) -> Vec<Arc<KnownTerminal>> {
        let all = self.terminals.read();
        if scope.ranges().is_empty() {
            return of_units(&all, scope).cloned().collect();
        }
        all.by_id.values().filter(|t| t.within(scope)).cloned().collect()
    }

    /// How many terminals there are, registered or not.
    pub(crate) fn terminal_total(&self) -> usize {
        self.terminals.read().by_id.len()
    }

    /// How many terminals are not registered.
    pub(crate) fn stranger_count(&self) -> usize {
        self.terminals.read().strangers.len()
    }

    /// The terminals that are not registered, within a scope, those that came first before the others.
    pub fn strangers(&self, scope: &Scope) -> Vec<Arc<KnownTerminal>> {
        let all = self.terminals.read();
        let found = all.strangers.iter().filter_map(|id| all.by_id.get(id));
        found.filter(|t| scope.contains(t.facts().region)).cloned().collect()
    }

    /// The terminals of a unit within a scope, by id.
    pub fn terminals_of(&self, unit: UnitId, scope: &Scope) -> Vec<Arc<KnownTerminal>> {
        let all = self.terminals.read();
        let ids = all.by_unit.get(&unit).into_iter().flatten();
        let found = ids.filter_map(|id| all.by_id.get(id));
        found.filter(|t| t.within(scope)).cloned().collect()
    }

    /// The terminals of the scope's named units that lie in none of its regions.
    pub(super) fn beside_regions(&self, scope: &Scope) -> Vec<Arc<KnownTerminal>> {
        let all = self.terminals.read();
        of_units(&all, scope).filter(|t| !scope.contains(t.facts().region)).cloned().collect()
    }
}

fn of_units<'t>(all: &'t Terminals, scope: &'t Scope) -> impl Iterator<Item = &'t Arc<KnownTerminal>> {
    let ids = scope.units().iter().filter_map(|unit| all.by_unit.get(&UnitId(*unit))).flatten();
    ids.filter_map(|id| all.by_id.get(id))
}

impl KnownTerminal {
    /// Whether it lies within a scope, by its region or by its unit.
    pub fn within(&self, scope: &Scope) -> bool {
        let facts = self.facts();
        scope.holds(facts.region, facts.unit.as_ref().map(|unit| unit.0.into()))
    }
}
