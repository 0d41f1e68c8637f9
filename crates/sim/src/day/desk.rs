//! A desk in memory around the pure engine: it finds the neighbours of an alarm, keeps what is open, numbers what it
//! stores, and lets the oracle look at every step. It decides nothing that the crate `alarm` decides.

use super::county::{County, terminal_id, unit_id};
use super::fault::Fault;
use super::oracle::{Oracle, View, Violation};
use fengsui_alarm::{
    Alarm, Class, Clocks, Conditions, Event, FilterSettings, Ground, Input, LastKnown, Life, LineRules,
    Raise, Suppression, Timing, Waits, Window, judge, suppressor,
};
use fengsui_base::{AlarmId, EntryId, Officer, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Where the ids of alarms begin.
const ALARMS: u128 = 0x100_0000;

/// The desk of one day.
pub(crate) struct Desk<'a> {
    pub(super) county: &'a County,
    pub(super) oracle: Oracle<'a>,
    pub(super) fault: Option<Fault>,
    pub(super) struck: bool,
    pub(super) now: Timestamp,
    pub(super) seats: BTreeMap<usize, Officer>,
    pub(super) open: BTreeMap<AlarmId, Alarm>,
    /// What a restart finds.
    pub(super) stored: BTreeMap<AlarmId, Alarm>,
    pub(super) states: BTreeMap<usize, LastKnown>,
    pub(super) windows: BTreeMap<EntryId, Window>,
    /// Since when each terminal that says nothing says nothing.
    pub(super) silent: BTreeMap<usize, Timestamp>,
    /// Terminals that have been missed and have not spoken since.
    pub(super) left: BTreeSet<usize>,
    /// The last frame of each terminal.
    pub(super) frames: BTreeMap<usize, super::intake::Frame>,
    pub(super) waits: Waits,
    pub(super) filters: FilterSettings,
    pub(super) sequence: u64,
    ids: u128,
    pub(super) story: Option<Vec<String>>,
}

/// What a step changes, before it is stored: each alarm once.
#[derive(Default)]
pub(super) struct Change(pub(super) Vec<Alarm>);

impl Change {
    /// The place of an alarm in the change, put there as it stands on the desk.
    pub(super) fn touch(&mut self, alarm: &Alarm) -> usize {
        self.0.iter().position(|a| a.id == alarm.id).unwrap_or_else(|| {
            self.0.push(alarm.clone());
            self.0.len() - 1
        })
    }
}

impl<'a> Desk<'a> {
    pub(crate) fn new(county: &'a County, fault: Option<Fault>, opening: Timestamp, tells: bool) -> Self {
        let waits = Waits::default();
        Self {
            county,
            oracle: Oracle::new(county, waits),
            fault,
            struck: false,
            now: opening,
            seats: BTreeMap::new(),
            open: BTreeMap::new(),
            stored: BTreeMap::new(),
            states: BTreeMap::new(),
            windows: BTreeMap::new(),
            silent: BTreeMap::new(),
            left: BTreeSet::new(),
            frames: BTreeMap::new(),
            waits,
            filters: FilterSettings::default(),
            sequence: 0,
            ids: ALARMS,
            story: tells.then(Vec::new),
        }
    }

    /// Whether the fault that was put in shows itself now; it does so once.
    pub(super) fn strikes(&mut self, fault: Fault) -> bool {
        let strikes = self.fault == Some(fault);
        if strikes {
            (self.fault, self.struck) = (None, true);
        }
        strikes
    }

    pub(super) fn tell(&mut self, sentence: impl FnOnce() -> String) {
        let now = self.now;
        if let Some(story) = &mut self.story {
            story.push(format!("{} {}", fengsui_alarm::local_time(now), sentence()));
        }
    }

    pub(super) fn fresh_id(&mut self) -> u128 {
        self.ids += 1;
        self.ids
    }

    /// The open alarm that holds a slot.
    pub(super) fn holder(&self, slot: &str) -> Option<&Alarm> {
        self.open.values().rfind(|a| a.holds_slot() && a.raise.slot == slot)
    }

    /// Lets something happen to an alarm of the change.
    pub(super) fn happen(&mut self, change: &mut Change, at: usize, input: Input) -> bool {
        let before = change.0[at].clone();
        match before.handle(input, self.now) {
            Ok((alarm, event)) => {
                self.note(&alarm, &event);
                change.0[at] = alarm;
                true
            }
            Err(refusal) => {
                self.tell(|| format!("拒绝 {}：{}", refusal.code, refusal.detail));
                false
            }
        }
    }

    /// What the journal says of it.
    fn note(&mut self, alarm: &Alarm, event: &Event) {
        let head = alarm.member.as_ref().map(|m| m.head);
        match (event, head) {
            (Event::Joined(_), Some(head)) => drop(self.oracle.members.insert(alarm.id, head)),
            (Event::Parted(_), _) => drop(self.oracle.members.remove(&alarm.id)),
            _ => {}
        }
        self.tell(|| format!("{} {}：{}", short(alarm), alarm.raise.place, event.sentence(alarm)));
    }

    /// Stores a change: paced, numbered, and seen by the oracle.
    pub(super) fn commit(&mut self, change: Change) -> Result<(), Violation> {
        if change.0.is_empty() {
            return self.look(&[], false, None);
        }
        self.sequence += if self.sequence > 3 && self.strikes(Fault::SkipsNumber) { 2 } else { 1 };
        let mut touched = Vec::with_capacity(change.0.len());
        for mut alarm in change.0 {
            let forgets = alarm.ladder.is_none() && self.strikes(Fault::ForgetsClock);
            if !forgets {
                alarm.pace(self.ground(&alarm), self.now);
            }
            if self.keep(&alarm) {
                touched.push(alarm);
            }
        }
        self.look(&touched, false, None)
    }

    fn ground(&self, alarm: &Alarm) -> Ground {
        let small_place = self.county.is_small(alarm.raise.unit);
        Ground { waits: self.waits, small_place, manned: !self.seats.is_empty() }
    }

    fn keep(&mut self, alarm: &Alarm) -> bool {
        let fresh = !self.oracle.known.contains_key(&alarm.id);
        if fresh && alarm.raise.class == Class::Fire && self.strikes(Fault::DropsAlarm) {
            return false;
        }
        if !alarm.is_closed() || !self.strikes(Fault::ForgetsClosure) {
            self.store(alarm);
        }
        if alarm.is_closed() {
            self.open.remove(&alarm.id);
        } else {
            self.open.insert(alarm.id, alarm.clone());
        }
        true
    }

    fn store(&mut self, alarm: &Alarm) {
        match alarm.is_closed() {
            true => drop(self.stored.remove(&alarm.id)),
            false => drop(self.stored.insert(alarm.id, alarm.clone())),
        }
    }

    /// Shows the desk to the oracle.
    pub(super) fn look(
        &mut self,
        touched: &[Alarm],
        reconciled: bool,
        rebuilt: Option<&BTreeMap<AlarmId, Alarm>>,
    ) -> Result<(), Violation> {
        let view = View {
            now: self.now,
            manned: !self.seats.is_empty(),
            open: &self.open,
            sequence: self.sequence,
            windows: &self.windows,
            reconciled,
            rebuilt,
        };
        self.oracle.observe(&view, touched)
    }

    pub(super) fn raise(&mut self, class: Class, point: usize, clocks: Clocks, slot: String) -> Alarm {
        let own = &self.county.points[point];
        let unit = self.county.terminals[own.terminal].unit;
        let timing = judge(clocks, self.clock_is_right(own.terminal));
        let (building, floor) = (format!("{} 号楼", own.building + 1), format!("{} 层", own.floor + 1));
        let place = format!("单位{unit} {building} {floor} {} 号", own.number);
        let (component_type, component_address) = (own.component_type, own.number);
        let raise = Raise {
            unit: Some(unit_id(unit)),
            unit_name: Some(format!("单位{unit}")),
            building: Some(building),
            floor: Some(floor),
            component_type,
            component_address,
            timing,
            event_at: clocks.event_at,
            sent_at: clocks.sent_at,
            ..self.blank(class, own.terminal, place, slot)
        };
        let id = AlarmId(EntryId::from_u128(self.fresh_id()));
        let (alarm, event) = Alarm::raise(id, raise);
        self.note(&alarm, &event);
        alarm
    }

    pub(super) fn blank(&self, class: Class, terminal: usize, place: String, slot: String) -> Raise {
        let unit = self.county.terminals[terminal].unit;
        Raise {
            class,
            title: class.label().to_owned(),
            region: "990101001000".parse().expect("a region code has twelve digits"),
            unit: Some(unit_id(unit)),
            unit_name: None,
            terminal: terminal_id(terminal),
            point: None,
            slot,
            building: None,
            floor: None,
            zone: None,
            place,
            component_type: 0,
            component_label: String::new(),
            component_address: 0,
            position: None,
            timing: Timing::OnTime,
            raised_at: self.now,
            event_at: None,
            sent_at: None,
        }
    }

    /// Whether the terminal's clock agreed with ours when it was last heard.
    pub(super) fn clock_is_right(&self, terminal: usize) -> bool {
        self.county.terminals[terminal].ahead_s.abs() <= fengsui_alarm::SKEW_SHOWN_S
    }

    pub(super) fn suppression(&self, alarm: &Alarm, conditions: Conditions) -> Option<Suppression> {
        let windows = self.windows.iter().map(|(id, w)| (*id, w));
        suppressor(windows, &alarm.spot(), alarm.raise.class, conditions, self.now)
    }

    /// The conditions of the point that an alarm is about.
    pub(super) fn conditions_of(&self, alarm: &Alarm) -> Conditions {
        let of = |(point, _): &(&usize, &LastKnown)| {
            self.county.slot(alarm.raise.class, **point) == alarm.raise.slot
        };
        self.states.iter().find(of).map_or(Conditions::default(), |(_, s)| s.conditions)
    }

    /// The program stops and starts: what is open is read from storage, as text.
    pub(super) fn restart(&mut self) -> Result<(), Violation> {
        self.tell(|| "程序重新启动".to_owned());
        // As storage has it: written as text and read again.
        let read = |alarm: &Alarm| serde_json::from_str(&serde_json::to_string(alarm).ok()?).ok();
        let rebuilt: BTreeMap<AlarmId, Alarm> =
            self.stored.iter().filter_map(|(id, alarm)| Some((*id, read(alarm)?))).collect();
        self.look(&[], false, Some(&rebuilt))?;
        self.open = rebuilt;
        Ok(())
    }

    /// A silence begins or goes on: one alarm for each terminal.
    pub(super) fn offline(&mut self, terminal: usize) -> Result<(), Violation> {
        let slot = format!("alarm/offline/{}", terminal_id(terminal));
        let mut change = Change::default();
        match self.holder(&slot).cloned() {
            Some(open) if open.restored_at.is_some() => {
                let at = change.touch(&open);
                self.happen(&mut change, at, Input::Silent(LineRules::default()));
            }
            Some(_) => return Ok(()),
            None => {
                let raise = self.blank(Class::Offline, terminal, format!("终端{terminal}"), slot.clone());
                let id = AlarmId(EntryId::from_u128(self.fresh_id()));
                let (alarm, event) = Alarm::raise_offline(id, raise, false);
                self.note(&alarm, &event);
                change.0.push(alarm);
            }
        }
        self.commit(change)
    }
}

/// The last digits of an id are enough in a story.
pub(super) fn short(alarm: &Alarm) -> String {
    format!("{:?}", alarm.id).chars().rev().take(4).collect::<Vec<_>>().into_iter().rev().collect()
}

/// Whether nobody has taken it yet.
pub(super) fn is_raised(alarm: &Alarm) -> bool {
    alarm.life == Life::Raised
}
