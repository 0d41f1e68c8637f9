//! A terminal with what it last said.
//!
//! What lives in memory alone is when a terminal was last heard: a heartbeat writes nothing.

use super::Shared;
use super::census::{Line, Place, wire_of};
use super::few::Few;
use super::fields::TerminalFields;
use super::history::Waiting;
use super::labels::Labels;
use super::moment::Moment;
use super::skewed::CLOCK_SKEW_S;
use super::unsaved::HEARD_STEP_S;
use fengsui_alarm::{Clocks, Conditions, Limits, Reading, Rhythm, SKEW_SHOWN_S, Silence};
use fengsui_base::{AlarmId, PointId, Position, RegionCode, TerminalId, Timestamp, UnitId};
use fengsui_ledger::Entry;
use fengsui_store::{LastState, Part, StateKey};
use parking_lot::{Mutex, RwLock};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Most parts of a registered terminal whose state is kept in memory: several panels at their fullest.
const PARTS_MAX: usize = 50_000;
/// Most parts of a terminal that nobody has claimed: whoever invents addresses must not fill the memory.
const PARTS_OF_UNKNOWN_MAX: usize = 1_000;
/// Seconds of a day.
const DAY_S: i64 = 86_400;

/// How a terminal stands with the office.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Standing {
    /// Registered under a unit (已登记).
    Registered,
    /// Nobody has claimed it yet (待认领): it is heard like any other.
    Unknown,
    /// Somebody has said why it need not ring for a while (已忽略): heard and kept, no alarm.
    Ignored,
    /// Nothing of it is taken in (已拒收).
    Blocked,
}

impl Standing {
    /// The state of the entry in which it is so; `None` for a terminal that was retired.
    pub(crate) fn of(state: &str) -> Option<Self> {
        let all = [Standing::Registered, Standing::Unknown, Standing::Ignored, Standing::Blocked];
        all.into_iter().find(|standing| standing.state() == state)
    }

    /// Stable name: the state of the entry.
    pub fn state(self) -> &'static str {
        match self {
            Standing::Registered => "registered",
            Standing::Unknown => "unknown",
            Standing::Ignored => "ignored",
            Standing::Blocked => "blocked",
        }
    }
}

/// A terminal with what it last said.
pub struct KnownTerminal {
    /// Identity.
    pub id: TerminalId,
    pub(super) facts: RwLock<Arc<TerminalFacts>>,
    pub(super) state: Mutex<TerminalState>,
    /// Frames of one terminal are decided one after another.
    pub(crate) gate: tokio::sync::Mutex<()>,
}

/// What is registered of a terminal.
#[derive(Clone, PartialEq, Debug)]
pub struct TerminalFacts {
    /// Name.
    pub name: String,
    /// Source address as the listener names it.
    pub source: Arc<str>,
    /// Whether it is registered; otherwise nobody has claimed it yet (待认领).
    pub known: bool,
    /// How it stands with the office.
    pub standing: Standing,
    /// Until when it is ignored, when it is.
    pub ignored_until: Option<Timestamp>,
    /// When its entry was made: the first word of a terminal that came by itself.
    pub since: Timestamp,
    /// Region.
    pub region: RegionCode,
    /// Unit, with its name.
    pub unit: Option<Arc<(UnitId, String)>>,
    /// Dialect.
    pub profile: Arc<str>,
    /// Position.
    pub position: Option<Position>,
    /// What decides when it is offline.
    pub silence: Silence,
    /// The gateway through which it speaks.
    pub parent: Option<TerminalId>,
}

/// What hearing a terminal changes for others.
pub(super) struct HeardNews {
    /// It is to be counted anew.
    pub(super) recount: bool,
    /// Storage is to know that it was heard.
    pub(super) save: bool,
    /// Whether its clock is wrong, when that has changed.
    pub(super) wrong_clock: Option<bool>,
}

#[derive(Default)]
pub(super) struct TerminalState {
    pub(super) states: Few<StateKey, LastState>,
    /// Most terminals measure nothing.
    values: Option<Box<Values>>,
    pub(super) points: Few<(u8, u8, u32), Arc<KnownPoint>>,
    seen_at: Moment,
    /// When it was last heard as far as storage knows.
    heard_saved_at: Moment,
    /// Whether somebody will look whether it has fallen silent.
    watched: bool,
    /// Whether an officer has closed its silence: nobody waits for it before it speaks.
    left: bool,
    /// The alarm that says it is offline.
    offline: Option<AlarmId>,
    /// When it was heard when it was last judged to be silent.
    judged_at: Moment,
    /// When it was heard again after it had been offline.
    back_at: Moment,
    /// How scheduled readings have ended, and whether storage knows it.
    reading: Option<Box<(Reading, bool)>>,
    /// Whether it has its place in the rounds of readings.
    in_rounds: bool,
    offset_s: Option<i64>,
    /// How late the first of several equally late frames was, and when it came.
    late: Option<Box<(i64, Timestamp)>>,
    channel: Option<String>,
    /// Frames heard since this program started.
    frames: u64,
    /// Where it is counted.
    counted: Option<Place>,
    /// Whether it waits to be saved.
    queued: bool,
    /// It was retired or withdrawn: whoever still holds it holds the past.
    pub(super) gone: bool,
    /// Frames of an ignored terminal that were kept, and the day (since 1970) on which.
    kept: (i64, u32),
}

/// What a terminal has measured.
#[derive(Default)]
struct Values {
    /// Known here and not yet stored.
    unsaved: BTreeSet<StateKey>,
    /// Waiting for the next save of the history.
    history: BTreeMap<StateKey, Waiting>,
}

/// A registered point.
#[derive(Clone, PartialEq, Debug)]
pub struct KnownPoint {
    /// Identity.
    pub id: PointId,
    /// Label, such as 3-1-017.
    pub label: String,
    /// Where in its unit.
    pub place: Arc<PointPlace>,
    /// Component type as registered.
    pub component_type: u8,
    /// Where it is on the plan of its floor, in fractions of the picture from its left upper corner.
    pub plan: Option<[f64; 2]>,
    /// Position.
    pub position: Option<Position>,
    /// What holds for the values it measures.
    pub limits: Vec<PointLimits>,
}

/// Where a point is in its unit.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct PointPlace {
    /// Building.
    pub building: Option<String>,
    /// Floor.
    pub floor: Option<String>,
    /// Zone.
    pub zone: Option<String>,
}

/// The limits of one value of a point (限值), in the unit of its analog type.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct PointLimits {
    /// Analog type. Source: GB/T 26875.3.
    pub analog_type: u8,
    /// What holds.
    #[serde(flatten)]
    pub limits: Limits,
}

impl KnownPoint {
    /// The limits of a value that it measures.
    pub fn limits_of(&self, analog_type: u8) -> Option<Limits> {
        self.limits.iter().find(|l| l.analog_type == analog_type).map(|l| l.limits)
    }
}

impl KnownTerminal {
    pub(super) fn new(id: TerminalId, facts: Arc<TerminalFacts>) -> Self {
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

    /// All registered points with their addresses.
    pub fn points(&self) -> Vec<(StateKey, Arc<KnownPoint>)> {
        let key = |(system_type, system_address, component_address): (u8, u8, u32)| StateKey {
            part: Part::Component,
            system_type,
            system_address,
            component_address,
            analog_type: 0,
        };
        self.state.lock().points.iter().map(|(address, point)| (key(*address), point.clone())).collect()
    }

    /// Whether the device as a whole says that it is being tested.
    pub(crate) fn reports_test(&self) -> bool {
        let own = self.state.lock();
        let device = own.states.iter().filter(|(key, _)| key.part == Part::Device);
        device.into_iter().any(|(_, s)| Conditions::from_bits(s.bits).has(fengsui_alarm::Condition::Test))
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
    pub(super) fn measure(&self, key: StateKey, value: LastState, measured_at: Timestamp) {
        let (room, known) = (self.room(), self.facts().known);
        let mut own = self.state.lock();
        let history = &mut own.values.get_or_insert_default().history;
        if known && (history.contains_key(&key) || history.len() < room) {
            history.entry(key).or_default().put(measured_at.as_second(), value.bits);
        }
        match own.states.get(&key) {
            Some(known) if known.event_at > value.event_at || known.bits == value.bits => {}
            None if own.states.len() >= room => {}
            _ => {
                own.states.insert(key, value);
                own.values.get_or_insert_default().unsaved.insert(key);
            }
        }
    }

    /// Measured values that are not yet stored.
    pub(crate) fn unsaved(&self) -> Vec<(StateKey, LastState)> {
        let own = self.state.lock();
        let keys = own.values.iter().flat_map(|values| &values.unsaved);
        keys.filter_map(|k| own.states.get(k).map(|s| (*k, s.clone()))).collect()
    }

    /// Notes that these values are stored, unless newer ones have come since.
    pub(crate) fn saved(&self, values: &[(StateKey, LastState)]) {
        let own = &mut *self.state.lock();
        let Some(known) = own.values.as_mut() else { return };
        for (key, value) in values {
            if own.states.get(key) == Some(value) {
                known.unsaved.remove(key);
            }
        }
    }

    /// Takes out the samples that wait to be saved.
    pub(crate) fn take_samples(&self) -> Vec<(StateKey, Vec<(i64, i32)>)> {
        let mut own = self.state.lock();
        let all = own.values.iter_mut().flat_map(|values| &mut values.history);
        let all = all.map(|(key, waiting)| (*key, waiting.take()));
        all.filter(|(_, samples)| !samples.is_empty()).collect()
    }

    /// Puts samples back that could not be saved.
    pub(crate) fn return_samples(&self, samples: &[(StateKey, Vec<(i64, i32)>)]) {
        let mut own = self.state.lock();
        if samples.is_empty() {
            return;
        }
        let history = &mut own.values.get_or_insert_default().history;
        for (key, samples) in samples {
            history.entry(*key).or_default().back(samples);
        }
    }

    /// When it was last heard, if storage is to know it: at first, and then once in [`HEARD_STEP_S`].
    pub(crate) fn heard_unsaved(&self) -> Option<Timestamp> {
        self.state.lock().heard_unsaved()
    }

    /// Whether it has anything to save.
    #[cfg(test)]
    pub(super) fn has_unsaved(&self) -> bool {
        self.state.lock().has_unsaved()
    }

    /// Whether it has anything to save and does not wait for that yet; from now on it does.
    pub(super) fn must_queue(&self) -> bool {
        let mut own = self.state.lock();
        !own.queued && own.has_unsaved() && !std::mem::replace(&mut own.queued, true)
    }

    /// Notes that it is being saved: whatever comes from now on waits for the next time. Answers whether it is still
    /// there.
    pub(super) fn leave_queue(&self) -> bool {
        let mut own = self.state.lock();
        own.queued = false;
        !own.gone
    }

    /// Notes what storage knows of when it was last heard.
    pub(crate) fn heard_is_saved(&self, at: Timestamp) {
        self.state.lock().heard_saved_at = Some(at).into();
    }

    /// How its scheduled readings have ended; nothing before the first.
    pub fn reading(&self) -> Option<Reading> {
        self.state.lock().reading.as_deref().map(|(reading, _)| *reading)
    }

    /// Notes how a reading ended, and whether storage knows it.
    pub(crate) fn note_reading(&self, reading: Reading, saved: bool) {
        self.state.lock().reading = Some(Box::new((reading, saved)));
    }

    /// How its last reading ended, if storage is still to know it.
    pub(crate) fn reading_unsaved(&self) -> Option<Reading> {
        self.state.lock().reading.as_deref().filter(|(_, saved)| !saved).map(|(reading, _)| *reading)
    }

    /// Notes that storage knows of this reading, unless another one has ended since.
    pub(crate) fn reading_is_saved(&self, reading: Reading) {
        if let Some((known, saved)) = self.state.lock().reading.as_deref_mut() {
            *saved |= *known == reading;
        }
    }

    /// Whether it is yet to get its place in the rounds; it has it from now on.
    pub(super) fn join_rounds(&self) -> bool {
        !std::mem::replace(&mut self.state.lock().in_rounds, true)
    }

    pub(super) fn is_in_rounds(&self) -> bool {
        self.state.lock().in_rounds
    }

    /// When it was last heard, before this program started if not since: then accurate to an hour.
    pub fn last_heard(&self) -> Option<Timestamp> {
        let own = self.state.lock();
        own.seen_at.get().or(own.heard_saved_at.get())
    }

    /// Notes that the terminal was heard; answers what others must know of it.
    pub(super) fn heard(&self, channel: &str, clocks: Clocks) -> HeardNews {
        let mut own = self.state.lock();
        let clock_was_wrong = own.clock_is_wrong();
        own.seen_at = Some(clocks.received_at).into();
        if std::mem::take(&mut own.left) {
            // Storage learns soon that it speaks again, or after the next start it would still count as left.
            own.heard_saved_at = Moment::default();
        }
        own.frames += 1;
        own.offset_s = clocks.offset_s().or(own.offset_s);
        let before = own.channel.as_deref();
        let moved = before.map(wire_of) != Some(wire_of(channel));
        if before != Some(channel) {
            own.channel = Some(channel.to_owned());
        }
        let clock_is_wrong = own.clock_is_wrong();
        HeardNews {
            recount: moved
                || own.counted.is_none_or(|place| matches!(place.line, Line::Silent | Line::NeverHeard)),
            save: !own.queued && own.heard_unsaved().is_some(),
            wrong_clock: (clock_is_wrong != clock_was_wrong).then_some(clock_is_wrong),
        }
    }

    /// Where it is to be counted at this instant; nowhere once it has left.
    pub(super) fn place(&self, now: Timestamp, labels: &mut Labels) -> Option<Place> {
        let facts = self.facts();
        let (online, last_heard) = (self.online(now) == Some(true), self.last_heard());
        let line = match facts.standing {
            Standing::Registered if online => Line::Online,
            Standing::Registered if last_heard.is_none() => Line::NeverHeard,
            Standing::Registered => Line::Silent,
            Standing::Unknown => Line::Unclaimed,
            Standing::Ignored | Standing::Blocked => Line::Aside,
        };
        let deadline = last_heard.filter(|_| line == Line::Online).map(|at| facts.silence.deadline(at));
        let place = Place {
            region: facts.region.number(),
            line,
            lapse_s: deadline.map(Timestamp::as_second),
            wire: labels.of(self.state.lock().channel.as_deref().map(wire_of)),
            codec: labels.of(Some(&facts.profile)),
        };
        (!self.state.lock().gone).then_some(place)
    }

    /// Notes where it is counted; answers where it was before.
    pub(super) fn counted_at(&self, place: Option<Place>) -> Option<Place> {
        std::mem::replace(&mut self.state.lock().counted, place)
    }

    /// Whether it is counted as heard until this second; then nobody waits for that any more.
    pub(super) fn take_lapse(&self, second: i64) -> bool {
        let mut own = self.state.lock();
        let waiting = own.counted.as_mut().filter(|place| place.lapse_s == Some(second));
        waiting.is_some_and(|place| place.lapse_s.take().is_some())
    }

    /// Whether its clock agreed with ours the last time it was heard.
    pub(crate) fn clock_was_right(&self) -> bool {
        self.state.lock().offset_s.is_some_and(|s| s.abs() <= SKEW_SHOWN_S)
    }

    /// Whether a frame that comes late by this much shows a wrong clock rather than a frame that was kept: the
    /// delay of kept frames varies, that of a wrong clock stays the same.
    pub(crate) fn lateness_stays(&self, offset_s: i64, received_at: Timestamp) -> bool {
        let mut own = self.state.lock();
        match own.late.as_deref().copied() {
            Some((before_s, since)) if (before_s - offset_s).abs() <= SKEW_SHOWN_S => {
                received_at.as_second() - since.as_second() >= SKEW_SHOWN_S
            }
            _ => {
                own.late = Some(Box::new((offset_s, received_at)));
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
        self.state.lock().seen_at.get()
    }

    /// Where it was last heard from.
    pub fn channel(&self) -> Option<String> {
        self.state.lock().channel.clone()
    }

    /// How many frames were heard since this program started.
    pub fn frame_count(&self) -> u64 {
        self.state.lock().frames
    }

    /// Whether one more frame of an ignored terminal may be kept on this day; it is counted then.
    pub(crate) fn has_room_today(&self, now: Timestamp, most: u32) -> bool {
        let (mut own, today) = (self.state.lock(), now.as_second().div_euclid(DAY_S));
        if own.kept.0 != today {
            own.kept = (today, 0);
        }
        let room = own.kept.1 < most;
        own.kept.1 += u32::from(room);
        room
    }

    /// Whether it was heard lately; `None` when not at all since this program started and not offline either.
    pub fn online(&self, now: Timestamp) -> Option<bool> {
        match (self.offline(), self.seen_at()) {
            (Some(_), _) => Some(false),
            (None, seen_at) => Some(now < self.facts().silence.deadline(seen_at?)),
        }
    }

    /// The alarm that says it is offline.
    pub fn offline(&self) -> Option<AlarmId> {
        self.state.lock().offline
    }

    pub(super) fn set_offline(&self, alarm: Option<AlarmId>, back_at: Option<Timestamp>) {
        let mut own = self.state.lock();
        (own.offline, own.back_at) = (alarm, back_at.or(own.back_at.get()).into());
    }

    /// When it was heard again after it had been offline.
    pub(crate) fn back_at(&self) -> Option<Timestamp> {
        self.state.lock().back_at.get()
    }

    pub(super) fn watched(&self) -> bool {
        self.state.lock().watched
    }

    /// Its silence was closed while it lasts: it is not missed again before it has spoken.
    pub(crate) fn leave(&self) {
        let mut own = self.state.lock();
        (own.watched, own.left) = (false, true);
    }

    pub(super) fn set_watched(&self, watched: bool) {
        self.state.lock().watched = watched;
    }

    /// Notes that its silence is being judged by what is known now.
    pub(crate) fn judge_silence(&self) {
        let mut own = self.state.lock();
        own.judged_at = own.seen_at;
    }

    pub(super) fn heard_since_judged(&self) -> bool {
        let own = self.state.lock();
        own.seen_at > own.judged_at
    }

    /// The conditions of all its parts together.
    pub fn conditions(&self) -> Conditions {
        let own = self.state.lock();
        let parts = own.states.iter().filter(|(k, _)| !matches!(k.part, Part::Value | Part::Limit));
        Conditions::from_bits(parts.fold(0, |bits, (_, s)| bits | s.bits))
    }
}

impl TerminalState {
    fn heard_unsaved(&self) -> Option<Timestamp> {
        let due = |seen: &Timestamp| {
            let saved = self.heard_saved_at.get();
            saved.is_none_or(|saved| seen.as_second() - saved.as_second() >= HEARD_STEP_S)
        };
        self.seen_at.get().filter(due)
    }

    fn has_unsaved(&self) -> bool {
        let waits = |values: &Values| {
            !values.unsaved.is_empty() || values.history.values().any(|waiting| !waiting.is_empty())
        };
        self.heard_unsaved().is_some()
            || self.reading.as_deref().is_some_and(|(_, saved)| !saved)
            || self.values.as_deref().is_some_and(waits)
    }

    fn clock_is_wrong(&self) -> bool {
        self.offset_s.is_some_and(|s| s.abs() > CLOCK_SKEW_S)
    }
}

impl TerminalFacts {
    pub(super) fn of(entry: &Entry, fields: TerminalFields<'_>, shared: &mut Shared) -> Self {
        let name = || fields.unit_name.unwrap_or_default().to_owned();
        Self {
            name: entry.title.clone(),
            source: fields.source.unwrap_or_default().into(),
            known: entry.state == "registered",
            standing: Standing::of(&entry.state).unwrap_or(Standing::Unknown),
            ignored_until: entry.due_at.filter(|_| entry.state == "ignored"),
            since: entry.opened_at,
            region: entry.region,
            unit: fields.unit.map(|id| shared.units.share((UnitId(id), name()))),
            profile: shared.words.share(fields.profile.unwrap_or_default()),
            position: entry.position,
            silence: Silence {
                rhythm: fields.rhythm.and_then(Rhythm::from_code),
                period_s: fields.report_period_s,
                offline_after_s: fields.offline_after_s,
            },
            parent: fields.parent.map(TerminalId),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_keeps_its_parts_up_to_the_limit_and_no_invented_one_more() {
        let facts = TerminalFacts {
            name: "未登记终端".into(),
            source: "7".into(),
            known: false,
            standing: Standing::Unknown,
            ignored_until: None,
            since: Timestamp::UNIX_EPOCH,
            region: "990101000000".parse().unwrap(),
            unit: None,
            profile: "".into(),
            position: None,
            silence: Silence::default(),
            parent: None,
        };
        let terminal = KnownTerminal::new(TerminalId(fengsui_base::EntryId::from_u128(1)), Arc::new(facts));
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
        (0..PARTS_OF_UNKNOWN_MAX + 1).for_each(|n| terminal.measure(key(n), state.clone(), at));
        terminal.keep(key(PARTS_OF_UNKNOWN_MAX + 1), state.clone());
        assert_eq!(terminal.states().len(), PARTS_OF_UNKNOWN_MAX);
        let newer = LastState { bits: 2, ..state };
        terminal.keep(key(0), newer.clone());
        assert_eq!(terminal.state(key(0)), Some(newer), "a known part is still brought up to date");
    }
}
