//! The board: what must be known without asking the database: terminals and their last-known states, open
//! alarms, seats, regions.
//!
//! The board is a projection of the committed sequence and of nothing else. It changes in one place, when a
//! ChangeSet has become durable and before anybody is answered, and it is rebuilt from storage at the start.
//! What lives in memory alone is when a terminal was last heard: a heartbeat writes nothing.

mod alarms;
mod areas;
mod census;
mod climbs;
mod deadlines;
mod downlinks;
mod duty;
mod few;
mod fields;
mod history;
mod labels;
mod limits;
mod moment;
mod responders;
mod rounds;
mod seats;
mod shared;
mod silence;
mod skewed;
mod tally;
mod terminal;
mod terminals;
mod unsaved;
mod windows;

pub use alarms::OpenAlarm;
pub(crate) use alarms::site;
pub(crate) use areas::township_of;
pub use census::{TerminalCounts, WireCounts};
pub use downlinks::OpenDownlink;
pub use duty::OpenDutyCheck;
pub(crate) use limits::limit_key;
pub use responders::KnownResponder;
pub use seats::SeatHeld;
pub(crate) use silence::PARENTS_MAX;
pub use skewed::CLOCK_SKEW_S;
pub use tally::OpenCounts;
pub(crate) use tally::OutageSort;
pub use terminal::{KnownPoint, KnownTerminal, PointLimits, PointPlace, Standing, TerminalFacts};
pub use windows::OpenWindow;

use crate::entries::field;
use alarms::Alarms;
use census::Census;
use fengsui_access::Appointment;
use fengsui_alarm::LineRules;
use fengsui_base::{EntryId, Officer, Region, RegionCode, Scope, UnitId};
use fengsui_ledger::Entry;
use fengsui_store::{ChangeSet, Part, Scanned, StateKey, StoreError};
use fields::{PointFields, TerminalFields, UnitFields};
use parking_lot::{Mutex, RwLock};
use shared::Pool;
use silence::Silences;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use terminals::Terminals;

/// What is known in memory.
#[derive(Default)]
pub struct Board {
    regions: RwLock<BTreeMap<RegionCode, Region>>,
    units: RwLock<HashMap<UnitId, Arc<UnitFacts>>>,
    terminals: RwLock<Terminals>,
    shared: Mutex<Shared>,
    census: Mutex<Census>,
    alarms: RwLock<Alarms>,
    seats: RwLock<BTreeMap<u16, SeatHeld>>,
    responders: RwLock<BTreeMap<EntryId, Arc<KnownResponder>>>,
    silences: Mutex<Silences>,
    /// Whose state is read when.
    rounds: Mutex<rounds::Rounds>,
    /// When to look at a measured value again.
    limits: Mutex<deadlines::Deadlines<limits::ValueOf>>,
    unsaved: unsaved::Unsaved,
    /// Terminals whose clock is wrong.
    skewed: Mutex<skewed::Skewed>,
    windows: RwLock<windows::Windows>,
    downlinks: RwLock<downlinks::Downlinks>,
    duties: duty::Duties,
    /// From when the line of a terminal comes and goes.
    line_rules: LineRules,
}

/// What many terminals and points have in common.
#[derive(Default)]
struct Shared {
    words: Pool<str>,
    units: Pool<(UnitId, String)>,
    places: Pool<PointPlace>,
}

/// Most units that a post of sectors opens; each is named in every question to the store.
const SECTOR_UNITS_MAX: usize = 5_000;

/// What an alarm's line says of its unit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnitFacts {
    /// Category by its stable name.
    pub category: String,
    /// Whether it is a key unit (消防安全重点单位).
    pub key_unit: bool,
    /// Its number in the register.
    pub code: String,
    /// Name.
    pub name: String,
    /// Where it lies.
    pub region: RegionCode,
    /// Its sector (行业), when it has one.
    pub sector: Option<String>,
}

impl Board {
    /// An empty board that knows from when a line comes and goes.
    pub(crate) fn with_line_rules(line_rules: LineRules) -> Self {
        Self { line_rules, ..Self::default() }
    }

    /// Takes in what a committed ChangeSet changed.
    pub(crate) fn apply(&self, change: &ChangeSet) {
        for write in &change.entries {
            self.apply_entry(&write.entry);
        }
        for write in &change.states {
            if let Some(terminal) = self.terminal(write.terminal) {
                terminal.keep(write.key, write.state.clone());
                if write.key.part == Part::Limit {
                    self.follow_limit(&terminal, StateKey { part: Part::Value, ..write.key });
                }
            }
        }
    }

    /// Takes in one entry as a scan read it, at the start.
    pub(crate) fn load_entry(&self, scanned: Scanned) -> Result<(), StoreError> {
        let (entry, fields) = (&scanned.head, scanned.fields.as_str());
        let read = match entry.kind.as_str() {
            "unit" => serde_json::from_str(fields).map(|read| self.take_unit(entry, read)),
            "terminal" => serde_json::from_str(fields).map(|read| self.take_terminal(entry, read)),
            "point" => serde_json::from_str(fields).map(|read| self.take_point(entry, read)),
            _ => return scanned.whole().map(|entry| self.apply_entry(&entry)),
        };
        match read {
            Ok(()) => Ok(()),
            // Something in it does not have its shape: the rest of it counts all the same.
            Err(_) => scanned.whole().map(|entry| self.apply_entry(&entry)),
        }
    }

    /// Takes in one entry as stored.
    pub(crate) fn apply_entry(&self, entry: &Entry) {
        match entry.kind.as_str() {
            "region" => self.apply_region(entry),
            "unit" => self.take_unit(entry, UnitFields::of(entry)),
            "terminal" => self.take_terminal(entry, TerminalFields::of(entry)),
            "point" => self.take_point(entry, PointFields::of(entry)),
            "alarm" => self.apply_alarm(entry),
            "window" => self.apply_window(entry),
            "downlink" => self.apply_downlink(entry),
            "duty_check" => self.apply_duty_check(entry),
            "duty_plan" => self.apply_duty_plan(entry),
            "sign_on" => self.apply_seat(entry),
            "responder" => self.apply_responder(entry),
            "withdrawn" => self.forget(entry),
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

    /// A registration that was withdrawn is known no longer.
    fn forget(&self, entry: &Entry) {
        match field::<String>(entry, "was").as_deref() {
            Some("unit") => drop(self.units.write().remove(&UnitId(entry.id))),
            Some("terminal") => self.forget_terminal(entry),
            Some("point") => self.forget_point(entry),
            _ => {}
        }
    }

    fn take_unit(&self, entry: &Entry, fields: UnitFields<'_>) {
        let facts = UnitFacts {
            category: fields.category.unwrap_or_default().to_owned(),
            key_unit: fields.key_unit.unwrap_or(false),
            code: fields.code.unwrap_or_default().to_owned(),
            name: entry.title.clone(),
            region: entry.region,
            sector: fields.sector.map(ToOwned::to_owned),
        };
        self.units.write().insert(UnitId(entry.id), Arc::new(facts));
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
        fengsui_access::Grant::of(officer, appointments, catalog, self)
    }

    /// The part of a scope that lies within a region, its named units with it.
    pub(crate) fn narrow(&self, scope: &Scope, region: &Region) -> Scope {
        let (whole, units) = (Scope::of([region.range()]), self.units.read());
        let named = scope.units().iter().map(|unit| UnitId(*unit));
        let inside = named.filter(|id| units.get(id).is_some_and(|unit| whole.contains(unit.region)));
        scope.within(&whole).with_units(inside)
    }

    /// The sectors that units within a scope have, each once.
    pub(crate) fn sectors(&self, scope: &Scope) -> BTreeSet<String> {
        let units = self.units.read();
        units.values().filter(|u| scope.contains(u.region)).filter_map(|u| u.sector.clone()).collect()
    }

    /// What is known of a unit beside its record.
    pub fn unit(&self, id: UnitId) -> Option<Arc<UnitFacts>> {
        self.units.read().get(&id).cloned()
    }
}

impl fengsui_access::Ground for Board {
    fn region(&self, code: RegionCode) -> Option<Region> {
        Self::region(self, code)
    }

    fn units_of(&self, region: &Region, sectors: &[String]) -> Vec<UnitId> {
        if sectors.is_empty() {
            return Vec::new();
        }
        let (range, units) = (region.range(), self.units.read());
        let within = |u: &UnitFacts| {
            range.contains(&u.region.number()) && u.sector.as_ref().is_some_and(|s| sectors.contains(s))
        };
        units.iter().filter(|(_, unit)| within(unit)).map(|(id, _)| *id).take(SECTOR_UNITS_MAX).collect()
    }
}
