//! Terminals and their points: found by id, by source address, counted within a scope.

use super::Board;
use super::terminal::{KnownPoint, KnownTerminal, Standing, TerminalFacts};
use crate::entries::field;
use fengsui_base::{PointId, Scope, TerminalId, Timestamp, UnitId};
use fengsui_ledger::Entry;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

#[derive(Default)]
pub(super) struct Terminals {
    by_id: HashMap<TerminalId, Arc<KnownTerminal>>,
    by_source: HashMap<String, TerminalId>,
    /// Those that are not registered.
    strangers: BTreeSet<TerminalId>,
    /// Who speaks through whom.
    pub(super) children: HashMap<TerminalId, BTreeSet<TerminalId>>,
}

/// How many terminals there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TerminalCounts {
    /// Registered.
    pub total: u64,
    /// Registered and heard lately.
    pub online: u64,
    /// Registered and heard, but not lately.
    pub offline: u64,
    /// Not claimed by anybody.
    pub unknown: u64,
}

impl Terminals {
    /// A retired terminal leaves the memory; whoever speaks from its address next is new.
    fn forget(&mut self, id: TerminalId, source: &str) {
        self.by_id.remove(&id);
        self.strangers.remove(&id);
        if self.by_source.get(source) == Some(&id) {
            self.by_source.remove(source);
        }
        self.children.values_mut().for_each(|of| {
            of.remove(&id);
        });
    }

    /// Takes in what is registered; answers the terminal if it was there before.
    fn take_in(&mut self, id: TerminalId, facts: Arc<TerminalFacts>) -> Option<Arc<KnownTerminal>> {
        self.by_source.insert(facts.source.clone(), id);
        if facts.known {
            self.strangers.remove(&id)
        } else {
            self.strangers.insert(id)
        };
        if let Some(parent) = facts.parent {
            self.children.entry(parent).or_default().insert(id);
        }
        let Some(terminal) = self.by_id.get(&id).cloned() else {
            self.by_id.insert(id, Arc::new(KnownTerminal::new(id, facts)));
            return None;
        };
        let parent = facts.parent;
        let before = std::mem::replace(&mut *terminal.facts.write(), facts);
        if let Some(gone) = before.parent.filter(|p| Some(*p) != parent) {
            self.children.entry(gone).or_default().remove(&id);
        }
        Some(terminal)
    }
}

impl Board {
    pub(super) fn apply_terminal(&self, entry: &Entry) {
        let id = TerminalId(entry.id);
        let facts = Arc::new(TerminalFacts::of(entry));
        if Standing::of(&entry.state).is_none() {
            return self.terminals.write().forget(id, &facts.source);
        }
        let known = self.terminals.write().take_in(id, facts);
        // Another rule is another deadline, also for one that has just been claimed.
        known.iter().for_each(|terminal| self.watch(terminal));
    }

    pub(super) fn forget_terminal(&self, entry: &Entry) {
        let source: String = field(entry, "source").unwrap_or_default();
        self.terminals.write().forget(TerminalId(entry.id), &source);
    }

    pub(super) fn forget_point(&self, entry: &Entry) {
        if let Some(terminal) = field(entry, "terminal").and_then(|id| self.terminal(TerminalId(id))) {
            terminal.state.lock().points.retain(|_, point| point.id != PointId(entry.id));
        }
    }

    pub(super) fn apply_point(&self, entry: &Entry) {
        let Some(terminal) = field(entry, "terminal").and_then(|id| self.terminal(TerminalId(id))) else {
            return;
        };
        let number = |name| entry.fields.get(name).and_then(serde_json::Value::as_u64).unwrap_or(0);
        let narrow = |name| u8::try_from(number(name)).unwrap_or(0);
        let point = KnownPoint {
            id: PointId(entry.id),
            label: entry.title.clone(),
            building: field(entry, "building"),
            floor: field(entry, "floor"),
            zone: field(entry, "zone"),
            component_type: narrow("component_type"),
            plan: field(entry, "plan_x").zip(field(entry, "plan_y")).map(<[f64; 2]>::from),
            position: entry.position,
        };
        let address = u32::try_from(number("component_address")).unwrap_or(0);
        let key = (narrow("system_type"), narrow("system_address"), address);
        terminal.state.lock().points.insert(key, Arc::new(point));
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
        all.by_id.values().filter(|t| scope.contains(t.facts().region)).cloned().collect()
    }

    /// How many terminals there are within a scope.
    pub fn terminal_counts(&self, scope: &Scope, now: Timestamp) -> TerminalCounts {
        let mut counts = TerminalCounts::default();
        for terminal in self.terminals(scope) {
            match (terminal.facts().known, terminal.online(now)) {
                (false, _) => counts.unknown += u64::from(terminal.facts().standing == Standing::Unknown),
                (true, Some(true)) => (counts.total, counts.online) = (counts.total + 1, counts.online + 1),
                (true, _) => (counts.total, counts.offline) = (counts.total + 1, counts.offline + 1),
            }
        }
        counts
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

    /// How many terminals a unit has, within a scope.
    pub fn terminals_of(&self, unit: UnitId, scope: &Scope) -> usize {
        let of_unit = |t: &&Arc<KnownTerminal>| {
            let facts = t.facts();
            facts.unit.as_ref().is_some_and(|(id, _)| *id == unit) && scope.contains(facts.region)
        };
        self.terminals.read().by_id.values().filter(of_unit).count()
    }
}
