//! Measured values and their limits, as a frame or the clock meets them. What counts as out of bounds is decided in the
//! crate `alarm`; here the steps become alarms.
//!
//! Where a value stands is stored in the same change as the alarm, and as soon as it begins to be beyond its limit: a
//! restart neither forgets a crossing that has not lasted long enough yet, nor rings twice for one that has.

use super::arrival::{Arrival, Report, ReportBody};
use super::scene::{Scene, What};
use super::verdict::{Measured, Verdict};
use crate::board::{KnownTerminal, limit_key};
use crate::changes::Said;
use crate::{App, Fault};
use fengsui_alarm::{Class, Clocks, Excess, Filter, Input, LimitState, LimitStep, Limits, Side, judge};
use fengsui_base::{EntryId, TerminalId, Timestamp};
use fengsui_store::{ChangeSet, LastState, StateKey, StateWrite};
use gb26875::names;
use std::sync::Arc;

/// Most values looked at in one run.
const LOOKS_MAX: usize = 2_000;
/// When a look could not be stored, it is made again after this, in seconds.
const RETRY_S: i64 = 5;
/// Where the evidence of what the clock does is.
const CLOCK: &str = "时限";

/// A value with its words.
struct Reading {
    key: StateKey,
    component_type: u8,
    label: String,
    unit: &'static str,
    value: f64,
}

impl Reading {
    /// By the standard; kinds it does not know stay raw.
    fn of(key: StateKey, state: &LastState) -> Self {
        let raw = i16::try_from(state.bits).unwrap_or(if state.bits < 0 { i16::MIN } else { i16::MAX });
        let component_type = state.component_type;
        match names::analog_type(key.analog_type) {
            Some(a) => Self {
                key,
                component_type,
                label: a.name.zh.to_owned(),
                unit: a.unit,
                value: a.quantity(raw),
            },
            None => {
                let label = format!("模拟量 {}", key.analog_type);
                Self { key, component_type, label, unit: "", value: f64::from(raw) }
            }
        }
    }

    fn words(&self) -> String {
        format!("{} {} {}", self.label, self.value, self.unit).trim_end().to_owned()
    }

    fn excess(&self, side: Side, limits: &Limits) -> Option<Excess> {
        Some(Excess {
            side,
            label: self.label.clone(),
            unit: self.unit.to_owned(),
            value: self.value,
            bound: limits.bound(side)?,
            hold_s: limits.hold_s,
        })
    }
}

impl Scene<'_> {
    /// What a value that is the newest does to its limits; a sentence when anything changes.
    pub(super) fn weigh(&self, measured: &Measured, verdict: &mut Verdict) -> Result<Option<String>, Fault> {
        let Measured { key, state, measured_at } = measured;
        let before = self.limit_state(*key, verdict);
        let limits = self.terminal.limits(*key);
        let reading = Reading::of(*key, state);
        let (after, steps) = match &limits {
            Some(limits) => {
                let plausible = self.app.catalog.plausible(key.analog_type);
                before.measure(limits, plausible, reading.value, *measured_at)
            }
            None if before.is_calm() => return Ok(None),
            None => before.forgotten(*measured_at),
        };
        if after == before && steps.is_empty() {
            return Ok(None);
        }
        self.remember(measured, after, verdict);
        let limits = limits.unwrap_or_default();
        for step in &steps {
            self.follow(*step, &reading, &limits, after.since, verdict)?;
        }
        Ok(Some(sentence(&self.place_of(*key), &reading, &after, &steps)))
    }

    /// As an earlier object of this very frame left it, else as it is known.
    fn limit_state(&self, key: StateKey, verdict: &Verdict) -> LimitState {
        let earlier = verdict.change.states.iter().rev().find(|w| w.key == limit_key(key));
        earlier.map_or_else(
            || self.terminal.limit_state(key),
            |w| LimitState::from_bits(w.state.bits, w.state.event_at),
        )
    }

    /// The value is stored with what it did, or a restart would find what it did and not why.
    fn remember(&self, measured: &Measured, after: LimitState, verdict: &mut Verdict) {
        let Measured { key, state, .. } = measured;
        let standing = LastState {
            component_type: state.component_type,
            bits: after.bits(),
            event_at: after.since,
            received_at: self.arrival.received_at,
            text: String::new(),
        };
        let write = |key, state| StateWrite { terminal: self.terminal.id, key, state };
        verdict.change.states.push(write(*key, state.clone()));
        verdict.change.states.push(write(limit_key(*key), standing));
        verdict.begun = true;
    }

    fn follow(
        &self,
        step: LimitStep,
        reading: &Reading,
        limits: &Limits,
        since: Timestamp,
        verdict: &mut Verdict,
    ) -> Result<(), Fault> {
        let slot = |class, what| limit_slot(class, self.terminal.id, reading.key, what);
        match step {
            LimitStep::Raise(side) => {
                let excess = reading.excess(side, limits);
                let words = excess.as_ref().map_or_else(|| reading.words(), Excess::sentence);
                let mark = match limits.hold_s {
                    0 => words.clone(),
                    held => format!("{words}，持续 {held} 秒"),
                };
                let slot = slot(Class::Limit, side.code());
                self.exceed(Class::Limit, &words, &mark, slot, reading, since, verdict, excess)
            }
            LimitStep::Break => {
                let words = format!("{}，读数不可信", reading.words());
                let slot = slot(Class::Fault, "sensor");
                self.exceed(Class::Fault, &words, &words, slot, reading, since, verdict, None)
            }
            LimitStep::Clear(side) => self.over(
                &slot(Class::Limit, side.code()),
                &format!("{}，回到限值以内", reading.words()),
                verdict,
            ),
            LimitStep::Mend => {
                self.over(&slot(Class::Fault, "sensor"), &format!("{}，读数恢复", reading.words()), verdict)
            }
        }
    }

    /// A new alarm, or one more report for the one that is open.
    #[expect(clippy::too_many_arguments, reason = "one alarm's worth of words")]
    fn exceed(
        &self,
        class: Class,
        words: &str,
        mark: &str,
        slot: String,
        reading: &Reading,
        since: Timestamp,
        verdict: &mut Verdict,
        excess: Option<Excess>,
    ) -> Result<(), Fault> {
        let received_at = self.arrival.received_at;
        let clocks = Clocks { event_at: Some(since.min(received_at)), sent_at: None, received_at };
        let at = match self.holder(&slot, verdict) {
            Some(at) => {
                let again = Input::Repeat(clocks, judge(clocks, self.clock_was_right));
                verdict.happen(at, again, received_at)?;
                self.filter_again(at, Default::default(), verdict)?;
                at
            }
            None => {
                let what = self.gauge(class, words, reading);
                self.raise(class, reading.key, what, clocks, slot, verdict);
                let at = verdict.alarms.len() - 1;
                self.filter_new(at, Default::default(), verdict)?;
                at
            }
        };
        let alarm = &mut verdict.alarms[at].alarm;
        alarm.excess = excess.or(alarm.excess.take());
        alarm.trace.add(received_at, Filter::Hysteresis, mark);
        Ok(())
    }

    fn gauge(&self, class: Class, words: &str, reading: &Reading) -> What {
        let registered = self.terminal.point(reading.key).map(|p| p.component_type);
        let component_type = registered.filter(|c| *c != 0).unwrap_or(reading.component_type);
        let component_label =
            names::component_type(component_type).map_or(String::new(), |n| n.zh.to_owned());
        What { title: format!("{}·{words}", class.label()), component_type, component_label }
    }

    /// The state of a value ended, never its alarm.
    fn over(&self, slot: &str, words: &str, verdict: &mut Verdict) -> Result<(), Fault> {
        let Some(at) = self.holder(slot, verdict) else { return Ok(()) };
        if verdict.alarms[at].alarm.restored_at.is_none() {
            verdict.happen(at, Input::Restore, self.arrival.received_at)?;
            verdict.alarms[at].alarm.trace.add(self.arrival.received_at, Filter::Hysteresis, words);
        }
        Ok(())
    }
}

/// The slot of a value and what is the matter with it: of each kind one alarm can be open.
fn limit_slot(class: Class, terminal: TerminalId, key: StateKey, what: &str) -> String {
    let StateKey { system_type, system_address, component_address, analog_type, .. } = key;
    let code = class.code();
    format!(
        "alarm/{code}/{terminal}/v{system_type}.{system_address}.{component_address}.{analog_type}.{what}"
    )
}

fn sentence(place: &str, reading: &Reading, after: &LimitState, steps: &[LimitStep]) -> String {
    let words = steps.iter().map(|step| match step {
        LimitStep::Raise(side) => side.label(),
        LimitStep::Clear(_) => "回到限值以内",
        LimitStep::Break => "读数不可信",
        LimitStep::Mend => "读数恢复",
    });
    let mut words: Vec<_> = words.collect();
    if words.is_empty() {
        words.push(if after.is_calm() { "未超过保持时间" } else { "开始计时" });
    }
    format!("{place} {} {}", reading.words(), words.join("，"))
}

impl App {
    /// Looks at the values whose time has come: what has been beyond its limit for long enough counts, also when
    /// nothing more was heard, and limits that were changed hold from now on. Answers how many changed.
    pub async fn reconcile_limits(&self) -> Result<usize, Fault> {
        let due = self.board.take_limits(self.now(), LOOKS_MAX);
        let (mut changed, mut wrong) = (0, None);
        for (terminal, key) in due {
            match self.look_at_value(&terminal, key).await {
                Ok(did) => changed += usize::from(did),
                Err(fault) => {
                    let again = self.now() + jiff::SignedDuration::from_secs(RETRY_S);
                    self.board.look_at_limit(terminal.id, key, again);
                    wrong = Some(fault);
                }
            }
        }
        wrong.map_or(Ok(changed), Err)
    }

    async fn look_at_value(&self, terminal: &Arc<KnownTerminal>, key: StateKey) -> Result<bool, Fault> {
        let _turn = terminal.gate.lock().await;
        let unit = terminal.facts().unit.as_ref().map(|unit| EntryId::from(unit.0));
        let _site = self.sites.of(unit.unwrap_or_else(|| terminal.id.into())).lock().await;
        let Some(first) = self.by_clock(terminal, key)? else {
            self.board.follow_limit(terminal, key);
            return Ok(false);
        };
        let mut first = Some(first);
        self.settle(false, |_| {
            let change = match first.take() {
                Some(change) => Ok(change),
                None => self.by_clock(terminal, key).map(|c| c.unwrap_or_else(|| self.nothing_new(terminal))),
            };
            std::future::ready(change.map(|c| (c, ())))
        })
        .await?;
        Ok(true)
    }

    /// What the time that has passed, and the limits as they are now, change about the value as it is known.
    fn by_clock(&self, terminal: &KnownTerminal, key: StateKey) -> Result<Option<ChangeSet>, Fault> {
        let now = self.now();
        let Some(state) = terminal.state(key) else { return Ok(None) };
        let raw = i16::try_from(state.bits).unwrap_or_default();
        let body = ReportBody::Value { key, component_type: state.component_type, raw };
        let (arrival, report) = (Arrival::of_clock(now), Report { event_at: Some(state.event_at), body });
        let scene = Scene { app: self, terminal, arrival: &arrival, report: &report, clock_was_right: true };
        let mut verdict = Verdict::new(now, CLOCK);
        // Measured when it was measured; then time has passed until now.
        let measured = Measured { key, measured_at: state.event_at.min(now), state };
        let mut said: Vec<_> = scene.weigh(&measured, &mut verdict)?.into_iter().collect();
        said.extend(scene.pass(&measured, now, &mut verdict)?);
        if said.is_empty() {
            return Ok(None);
        }
        let actor = Self::by_rule("限值判定");
        let (mut change, line) = (verdict.change, Said::new("terminal.weighed", said.join("；"), CLOCK));
        change.journal.push(self.line(
            "terminal",
            terminal.id.into(),
            terminal.facts().region,
            now,
            &actor,
            line,
        ));
        for touched in verdict.alarms {
            self.add_touched(&mut change, touched, &actor);
        }
        Ok(Some(change))
    }

    fn nothing_new(&self, terminal: &KnownTerminal) -> ChangeSet {
        let mut change = ChangeSet::new(self.now());
        let said = Said::new("terminal.weighed", "核对限值，无须改变", CLOCK);
        let (actor, region) = (Self::by_rule("限值判定"), terminal.facts().region);
        change.journal.push(self.line("terminal", terminal.id.into(), region, change.at, &actor, said));
        change
    }
}

impl Scene<'_> {
    /// What the passing of time alone does to a value's limits.
    fn pass(
        &self,
        measured: &Measured,
        now: Timestamp,
        verdict: &mut Verdict,
    ) -> Result<Option<String>, Fault> {
        let Some(limits) = self.terminal.limits(measured.key) else { return Ok(None) };
        let (after, step) = self.limit_state(measured.key, verdict).elapse(&limits, now);
        let Some(step) = step else { return Ok(None) };
        self.remember(measured, after, verdict);
        let reading = Reading::of(measured.key, &measured.state);
        self.follow(step, &reading, &limits, after.since, verdict)?;
        Ok(Some(sentence(&self.place_of(measured.key), &reading, &after, &[step])))
    }
}
