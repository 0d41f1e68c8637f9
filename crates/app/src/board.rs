//! The board: what must be known without asking the database: terminals and their last-known states, open
//! alarms, seats, regions.
//!
//! The board is a projection of the committed sequence and of nothing else. It changes in one place, when a
//! ChangeSet has become durable and before anybody is answered, and it is rebuilt from storage at the start.
//! What lives in memory alone is when a terminal was last heard: a heartbeat writes nothing.

use crate::entries::{field, read};
use fengsui_access::Appointment;
use fengsui_alarm::{Alarm, Clocks, Conditions, SKEW_SHOWN_S};
use fengsui_base::{
    AccountId, AlarmId, EntryId, Officer, PointId, Position, Region, RegionCode, Scope, TerminalId,
    Timestamp, UnitId,
};
use fengsui_ledger::Entry;
use fengsui_store::{ChangeSet, LastState, StateKey};
use parking_lot::{Mutex, RwLock};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// A terminal counts as online while it was heard within this many report periods.
const PERIODS_ONLINE: i64 = 3;
/// Most parts of a registered terminal whose state is kept in memory: several panels at their fullest.
const PARTS_MAX: usize = 50_000;
/// Most parts of a terminal that nobody has claimed: whoever invents addresses must not fill the memory.
const PARTS_OF_UNKNOWN_MAX: usize = 1_000;
/// Report period of a terminal that declares none, in seconds.
const REPORT_PERIOD_S: i64 = 30;

/// What is known in memory.
#[derive(Default)]
pub struct Board {
    regions: RwLock<BTreeMap<RegionCode, Region>>,
    units: RwLock<HashMap<UnitId, Arc<UnitFacts>>>,
    terminals: RwLock<Terminals>,
    alarms: RwLock<Alarms>,
    seats: RwLock<BTreeMap<u16, SeatHeld>>,
}

#[derive(Default)]
struct Terminals {
    by_id: HashMap<TerminalId, Arc<KnownTerminal>>,
    by_source: HashMap<String, TerminalId>,
    unknown: usize,
}

#[derive(Default)]
struct Alarms {
    open: BTreeMap<AlarmId, Arc<OpenAlarm>>,
    by_slot: HashMap<String, AlarmId>,
}

/// What an alarm's line says of its unit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnitFacts {
    /// Category by its stable name.
    pub category: String,
    /// Whether it is a key unit (消防安全重点单位).
    pub key_unit: bool,
}

/// A terminal with what it last said.
pub struct KnownTerminal {
    /// Identity.
    pub id: TerminalId,
    facts: RwLock<Arc<TerminalFacts>>,
    state: Mutex<TerminalState>,
    /// Frames of one terminal are decided one after another.
    pub(crate) gate: tokio::sync::Mutex<()>,
}

/// What is registered of a terminal.
#[derive(Clone, PartialEq, Debug)]
pub struct TerminalFacts {
    /// Name.
    pub name: String,
    /// Source address as the listener names it.
    pub source: String,
    /// Whether it is registered; otherwise nobody has claimed it yet (待认领).
    pub known: bool,
    /// Region.
    pub region: RegionCode,
    /// Unit, with its name.
    pub unit: Option<(UnitId, String)>,
    /// Dialect.
    pub profile: String,
    /// Position.
    pub position: Option<Position>,
    /// How often it reports at the least, in seconds.
    pub report_period_s: i64,
}

#[derive(Default)]
struct TerminalState {
    states: BTreeMap<StateKey, LastState>,
    /// Measured values that are known here and not yet stored.
    unsaved: BTreeSet<StateKey>,
    points: HashMap<(u8, u8, u32), Arc<KnownPoint>>,
    seen_at: Option<Timestamp>,
    offset_s: Option<i64>,
    /// How late the first of several equally late frames was, and when it came.
    late: Option<(i64, Timestamp)>,
    channel: Option<String>,
}

/// A registered point.
#[derive(Clone, PartialEq, Debug)]
pub struct KnownPoint {
    /// Identity.
    pub id: PointId,
    /// Label, such as 3-1-017.
    pub label: String,
    /// Building.
    pub building: Option<String>,
    /// Floor.
    pub floor: Option<String>,
    /// Component type as registered.
    pub component_type: u8,
    /// Position.
    pub position: Option<Position>,
}

/// An alarm that is not closed.
#[derive(Clone, Debug)]
pub struct OpenAlarm {
    /// As stored.
    pub entry: Entry,
    /// As understood.
    pub alarm: Alarm,
}

/// A seat with the officer on it.
#[derive(Clone, PartialEq, Debug)]
pub struct SeatHeld {
    /// The sign-on entry.
    pub entry: EntryId,
    /// Its version.
    pub version: u64,
    /// The officer.
    pub officer: Officer,
    /// Since when.
    pub since: Timestamp,
    /// Until when at the latest: the end of the session.
    pub until: Option<Timestamp>,
    /// Whether the bell was heard in the sound test.
    pub sound: String,
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

impl Board {
    /// Takes in what a committed ChangeSet changed.
    pub(crate) fn apply(&self, change: &ChangeSet) {
        for write in &change.entries {
            self.apply_entry(&write.entry);
        }
        for write in &change.states {
            if let Some(terminal) = self.terminal(write.terminal) {
                terminal.keep(write.key, write.state.clone());
            }
        }
    }

    /// Takes in one entry as stored.
    pub(crate) fn apply_entry(&self, entry: &Entry) {
        match entry.kind.as_str() {
            "region" => self.apply_region(entry),
            "unit" => self.apply_unit(entry),
            "terminal" => self.apply_terminal(entry),
            "point" => self.apply_point(entry),
            "alarm" => self.apply_alarm(entry),
            "sign_on" => self.apply_seat(entry),
            _ => {}
        }
    }

    fn apply_region(&self, entry: &Entry) {
        let Some(level) = field(entry, "level") else { return };
        let region = Region {
            code: entry.region,
            name: entry.title.clone(),
            level,
            parent: field(entry, "parent"),
            valid_from_on: field(entry, "valid_from_on"),
            valid_until_on: field(entry, "valid_until_on"),
        };
        self.regions.write().insert(region.code, region);
    }

    fn apply_unit(&self, entry: &Entry) {
        let facts = UnitFacts {
            category: field(entry, "category").unwrap_or_default(),
            key_unit: field(entry, "key_unit").unwrap_or(false),
        };
        self.units.write().insert(UnitId(entry.id), Arc::new(facts));
    }

    fn apply_terminal(&self, entry: &Entry) {
        let id = TerminalId(entry.id);
        let facts = Arc::new(TerminalFacts::of(entry));
        let mut terminals = self.terminals.write();
        terminals.by_source.insert(facts.source.clone(), id);
        terminals.unknown += usize::from(!facts.known);
        match terminals.by_id.get(&id).cloned() {
            Some(terminal) => {
                let before = std::mem::replace(&mut *terminal.facts.write(), facts);
                terminals.unknown -= usize::from(!before.known);
            }
            None => {
                terminals.by_id.insert(id, Arc::new(KnownTerminal::new(id, facts)));
            }
        }
    }

    fn apply_point(&self, entry: &Entry) {
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
            component_type: narrow("component_type"),
            position: entry.position,
        };
        let address = u32::try_from(number("component_address")).unwrap_or(0);
        let key = (narrow("system_type"), narrow("system_address"), address);
        terminal.state.lock().points.insert(key, Arc::new(point));
    }

    fn apply_alarm(&self, entry: &Entry) {
        let Some(alarm) = read(entry) else { return };
        let mut alarms = self.alarms.write();
        let slot = alarm.raise.slot.clone();
        if alarm.holds_slot() {
            alarms.by_slot.insert(slot, alarm.id);
        } else if alarms.by_slot.get(&slot) == Some(&alarm.id) {
            alarms.by_slot.remove(&slot);
        }
        if alarm.is_closed() {
            alarms.open.remove(&alarm.id);
        } else {
            alarms.open.insert(alarm.id, Arc::new(OpenAlarm { entry: entry.clone(), alarm }));
        }
    }

    fn apply_seat(&self, entry: &Entry) {
        let Some(seat) = field::<u16>(entry, "seat") else { return };
        let mut seats = self.seats.write();
        if entry.state == "on" {
            let id = AccountId(entry.owner.unwrap_or(entry.id));
            seats.insert(
                seat,
                SeatHeld {
                    entry: entry.id,
                    version: entry.version,
                    officer: Officer { id, name: entry.title.clone(), seat: Some(seat) },
                    since: entry.opened_at,
                    until: entry.due_at,
                    sound: field(entry, "sound").unwrap_or_default(),
                },
            );
        } else if seats.get(&seat).is_some_and(|held| held.entry == entry.id) {
            seats.remove(&seat);
        }
    }

    /// A region by its code.
    pub fn region(&self, code: RegionCode) -> Option<Region> {
        self.regions.read().get(&code).cloned()
    }

    /// The region and those above it, province first.
    pub fn region_path(&self, code: RegionCode) -> Vec<Region> {
        let regions = self.regions.read();
        let up = |r: &&Region| r.parent.and_then(|p| regions.get(&p));
        let mut path: Vec<_> = std::iter::successors(regions.get(&code), up).take(8).cloned().collect();
        path.reverse();
        path
    }

    /// All regions, by code.
    pub fn regions(&self) -> Vec<Region> {
        self.regions.read().values().cloned().collect()
    }

    /// What the appointments of a person allow.
    pub(crate) fn grant(
        &self,
        officer: Officer,
        appointments: &[Appointment],
        catalog: &fengsui_catalog::Catalog,
    ) -> fengsui_access::Grant {
        let regions = self.regions.read();
        fengsui_access::Grant::of(officer, appointments, catalog, |code| regions.get(&code))
    }

    /// What an alarm's line says of its unit.
    pub fn unit(&self, id: UnitId) -> Option<Arc<UnitFacts>> {
        self.units.read().get(&id).cloned()
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
                (false, _) => counts.unknown += 1,
                (true, Some(true)) => (counts.total, counts.online) = (counts.total + 1, counts.online + 1),
                (true, _) => (counts.total, counts.offline) = (counts.total + 1, counts.offline + 1),
            }
        }
        counts
    }

    /// How many terminals nobody has claimed.
    pub(crate) fn unknown_count(&self) -> usize {
        self.terminals.read().unknown
    }

    /// The open alarm that holds a slot.
    pub fn slot(&self, slot: &str) -> Option<Arc<OpenAlarm>> {
        let alarms = self.alarms.read();
        alarms.by_slot.get(slot).and_then(|id| alarms.open.get(id)).cloned()
    }

    /// Open alarms within a scope, oldest first.
    pub fn open_alarms(&self, scope: &Scope) -> Vec<Arc<OpenAlarm>> {
        self.alarms.read().open.values().filter(|a| scope.contains(a.entry.region)).cloned().collect()
    }

    /// Who sits where.
    pub fn seats(&self) -> BTreeMap<u16, SeatHeld> {
        self.seats.read().clone()
    }

    /// The seat an officer has signed on to.
    pub fn seat_of(&self, account: AccountId) -> Option<(u16, SeatHeld)> {
        let seats = self.seats.read();
        seats.iter().find(|(_, held)| held.officer.id == account).map(|(n, held)| (*n, held.clone()))
    }
}

impl KnownTerminal {
    fn new(id: TerminalId, facts: Arc<TerminalFacts>) -> Self {
        Self { id, facts: RwLock::new(facts), state: Mutex::default(), gate: tokio::sync::Mutex::new(()) }
    }

    /// What is registered.
    pub fn facts(&self) -> Arc<TerminalFacts> {
        self.facts.read().clone()
    }

    /// The last-known state of a part.
    pub fn state(&self, key: StateKey) -> Option<LastState> {
        self.state.lock().states.get(&key).cloned()
    }

    /// All last-known states, by part.
    pub fn states(&self) -> Vec<(StateKey, LastState)> {
        self.state.lock().states.iter().map(|(k, s)| (*k, s.clone())).collect()
    }

    /// The registered point at an address.
    pub fn point(&self, key: StateKey) -> Option<Arc<KnownPoint>> {
        let address = (key.system_type, key.system_address, key.component_address);
        self.state.lock().points.get(&address).cloned()
    }

    /// How many points are registered.
    pub fn point_count(&self) -> usize {
        self.state.lock().points.len()
    }

    /// Takes in a state, unless a newer one is known.
    pub(crate) fn keep(&self, key: StateKey, state: LastState) {
        let room = self.room();
        let mut own = self.state.lock();
        match own.states.get(&key) {
            Some(known) if known.event_at > state.event_at => {}
            None if own.states.len() >= room => {}
            _ => {
                own.states.insert(key, state);
            }
        }
    }

    /// How many parts may be kept. A part beyond that still raises its alarm and is stored; only its state is
    /// not remembered.
    fn room(&self) -> usize {
        if self.facts().known { PARTS_MAX } else { PARTS_OF_UNKNOWN_MAX }
    }

    /// Takes in a measured value, unless a newer one is known; it is stored later.
    pub(crate) fn measure(&self, key: StateKey, value: LastState) {
        let room = self.room();
        let mut own = self.state.lock();
        match own.states.get(&key) {
            Some(known) if known.event_at > value.event_at || known.bits == value.bits => {}
            None if own.states.len() >= room => {}
            _ => {
                own.states.insert(key, value);
                own.unsaved.insert(key);
            }
        }
    }

    /// Measured values that are not yet stored.
    pub(crate) fn unsaved(&self) -> Vec<(StateKey, LastState)> {
        let own = self.state.lock();
        own.unsaved.iter().filter_map(|k| own.states.get(k).map(|s| (*k, s.clone()))).collect()
    }

    /// Notes that these values are stored, unless newer ones have come since.
    pub(crate) fn saved(&self, values: &[(StateKey, LastState)]) {
        let mut own = self.state.lock();
        for (key, value) in values {
            if own.states.get(key) == Some(value) {
                own.unsaved.remove(key);
            }
        }
    }

    /// Notes that the terminal was heard.
    pub(crate) fn heard(&self, channel: &str, clocks: Clocks) {
        let mut own = self.state.lock();
        own.seen_at = Some(clocks.received_at);
        own.offset_s = clocks.offset_s().or(own.offset_s);
        if own.channel.as_deref() != Some(channel) {
            own.channel = Some(channel.to_owned());
        }
    }

    /// Whether its clock agreed with ours the last time it was heard.
    pub(crate) fn clock_was_right(&self) -> bool {
        self.state.lock().offset_s.is_some_and(|s| s.abs() <= SKEW_SHOWN_S)
    }

    /// Whether a frame that comes late by this much shows a wrong clock rather than a frame that was kept: the
    /// delay of kept frames varies, that of a wrong clock stays the same.
    pub(crate) fn lateness_stays(&self, offset_s: i64, received_at: Timestamp) -> bool {
        let mut own = self.state.lock();
        match own.late {
            Some((before_s, since)) if (before_s - offset_s).abs() <= SKEW_SHOWN_S => {
                received_at.as_second() - since.as_second() >= SKEW_SHOWN_S
            }
            _ => {
                own.late = Some((offset_s, received_at));
                false
            }
        }
    }

    /// How far its clock is behind ours, in seconds.
    pub fn clock_offset_s(&self) -> Option<i64> {
        self.state.lock().offset_s
    }

    /// When it was last heard, since this program started.
    pub fn seen_at(&self) -> Option<Timestamp> {
        self.state.lock().seen_at
    }

    /// Where it was last heard from.
    pub fn channel(&self) -> Option<String> {
        self.state.lock().channel.clone()
    }

    /// Whether it was heard lately; `None` when not at all since this program started.
    pub fn online(&self, now: Timestamp) -> Option<bool> {
        let period_s = self.facts().report_period_s;
        let seen_at = self.seen_at()?;
        Some(now.as_second() - seen_at.as_second() <= period_s.saturating_mul(PERIODS_ONLINE))
    }

    /// The conditions of all its parts together.
    pub fn conditions(&self) -> Conditions {
        let own = self.state.lock();
        let parts = own.states.iter().filter(|(k, _)| k.part != fengsui_store::Part::Value);
        Conditions::from_bits(parts.fold(0, |bits, (_, s)| bits | s.bits))
    }
}

impl TerminalFacts {
    fn of(entry: &Entry) -> Self {
        let unit: Option<EntryId> = field(entry, "unit");
        let unit_name: Option<String> = field(entry, "unit_name");
        Self {
            name: entry.title.clone(),
            source: field(entry, "source").unwrap_or_default(),
            known: entry.state == "registered",
            region: entry.region,
            unit: unit.map(|id| (UnitId(id), unit_name.unwrap_or_default())),
            profile: field(entry, "profile").unwrap_or_default(),
            position: entry.position,
            report_period_s: field(entry, "report_period_s").unwrap_or(REPORT_PERIOD_S),
        }
    }
}

impl Board {
    /// How many terminals a unit has, within a scope.
    pub fn terminals_of(&self, unit: UnitId, scope: &Scope) -> usize {
        let of_unit = |t: &&Arc<KnownTerminal>| {
            let facts = t.facts();
            facts.unit.as_ref().is_some_and(|(id, _)| *id == unit) && scope.contains(facts.region)
        };
        self.terminals.read().by_id.values().filter(of_unit).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fengsui_store::Part;

    #[test]
    fn a_terminal_keeps_its_parts_up_to_the_limit_and_no_invented_one_more() {
        let facts = TerminalFacts {
            name: "未登记终端".into(),
            source: "7".into(),
            known: false,
            region: "990101000000".parse().unwrap(),
            unit: None,
            profile: String::new(),
            position: None,
            report_period_s: REPORT_PERIOD_S,
        };
        let terminal = KnownTerminal::new(TerminalId(EntryId::from_u128(1)), Arc::new(facts));
        let at = Timestamp::from_second(1).unwrap();
        let state =
            LastState { component_type: 40, bits: 1, event_at: at, received_at: at, text: String::new() };
        let key = |address: usize| StateKey {
            part: Part::Value,
            system_type: 1,
            system_address: 1,
            component_address: u32::try_from(address).unwrap(),
            analog_type: 3,
        };
        (0..PARTS_OF_UNKNOWN_MAX + 1).for_each(|n| terminal.measure(key(n), state.clone()));
        terminal.keep(key(PARTS_OF_UNKNOWN_MAX + 1), state.clone());
        assert_eq!(terminal.states().len(), PARTS_OF_UNKNOWN_MAX);
        let newer = LastState { bits: 2, ..state };
        terminal.keep(key(0), newer.clone());
        assert_eq!(terminal.state(key(0)), Some(newer), "a known part is still brought up to date");
    }
}
