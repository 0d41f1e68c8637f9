//! The filters as a frame meets them: suppression, what breaks it, coincidence, storm. What each one decides
//! stands in the crate `alarm`; here the neighbours of an alarm are found and the steps put into the change.

use super::arrival::ReportBody;
use super::scene::Scene;
use super::verdict::Verdict;
use crate::{Fault, OpenAlarm};
use fengsui_alarm::{
    Alarm, Class, Coincidence, Condition, Conditions, Filter, Input, Joined, Membership, Storm, Twofold,
    Window, area, breaks_suppression, coincidence, is_flow_switch, storm, suppressor,
};
use fengsui_base::{AlarmId, EntryId, Timestamp, span_words};
use fengsui_store::{Part, StateKey};
use jiff::SignedDuration;
use std::sync::Arc;

/// How many gates there are; sites are spread over them.
const GATES: usize = 4_096;
/// Most suppressed alarms that one fire makes ring.
const LIFTED_MAX: usize = 200;
/// Most alarms that one new fire confirms.
const CONFIRMED_MAX: usize = 5;

/// Frames of one unit that say something new are decided one after another, so that two terminals that report
/// at the same instant see each other's fire.
pub(crate) struct SiteGates(Box<[tokio::sync::Mutex<()>]>);

impl Default for SiteGates {
    fn default() -> Self {
        Self((0..GATES).map(|_| tokio::sync::Mutex::new(())).collect())
    }
}

impl SiteGates {
    /// The gate of a site.
    pub(crate) fn of(&self, site: EntryId) -> &tokio::sync::Mutex<()> {
        // The last bytes of an id are random, the first ones time.
        let bytes = site.as_bytes();
        let number = usize::from(bytes[14]) << 8 | usize::from(bytes[15]);
        &self.0[number % GATES]
    }
}

/// An open alarm of the same site: as the frame has changed it so far, else as it stands on the board.
enum Near {
    Touched(usize),
    Open(Arc<OpenAlarm>),
}

impl Near {
    fn alarm<'a>(&'a self, verdict: &'a Verdict) -> &'a Alarm {
        match self {
            Near::Touched(at) => &verdict.alarms[*at].alarm,
            Near::Open(open) => &open.alarm,
        }
    }

    fn touch(self, verdict: &mut Verdict) -> usize {
        match self {
            Near::Touched(at) => at,
            Near::Open(open) => verdict.touch(open),
        }
    }
}

impl Scene<'_> {
    /// Everything the filters have to say of an alarm that has just begun.
    pub(super) fn filter_new(
        &self,
        at: usize,
        conditions: Conditions,
        verdict: &mut Verdict,
    ) -> Result<(), Fault> {
        self.identify(at, verdict);
        self.suppress(at, conditions, verdict)?;
        if breaks_suppression(&verdict.alarms[at].alarm) {
            self.lift_neighbours(at, verdict)?;
        }
        self.confirm(at, verdict)?;
        self.gather(at, verdict)
    }

    /// What a repeat changes: the reason of its silence may be gone, and a second signal may have come.
    pub(super) fn filter_again(
        &self,
        at: usize,
        conditions: Conditions,
        verdict: &mut Verdict,
    ) -> Result<(), Fault> {
        let alarm = &verdict.alarms[at].alarm;
        let now = self.now();
        if alarm.suppressed.is_some() {
            let why = match self.covering(alarm, conditions, now) {
                None => Some("抑制的原因已不在，点位再次报警".to_owned()),
                Some(_) => self.breaker(at, verdict).map(|place| format!("{place} 在窗口外报警")),
            };
            if let Some(why) = why {
                verdict.happen(at, Input::Lift(why), now)?;
            }
        }
        if breaks_suppression(&verdict.alarms[at].alarm) {
            self.lift_neighbours(at, verdict)?;
        }
        self.confirm(at, verdict)
    }

    fn now(&self) -> Timestamp {
        self.arrival.received_at
    }

    /// The first line of every trace: who it is.
    fn identify(&self, at: usize, verdict: &mut Verdict) {
        let facts = self.terminal.facts();
        let alarm = &mut verdict.alarms[at].alarm;
        let sentence = match (facts.unit.as_deref(), alarm.raise.point) {
            (Some((_, unit)), Some(_)) => format!("{unit}，点位 {}", alarm.raise.place),
            (Some((_, unit)), None) => format!("{unit}，点位没有登记，按报文显示"),
            (None, _) => format!("终端 {} 待认领，照常告警", facts.source),
        };
        let first = alarm.raise.raised_at;
        alarm.trace.add(first, Filter::Identity, sentence);
    }

    /// What keeps the bell of an alarm off now, if anything does.
    fn covering(
        &self,
        alarm: &Alarm,
        conditions: Conditions,
        now: Timestamp,
    ) -> Option<fengsui_alarm::Suppression> {
        let conditions =
            if self.terminal.reports_test() { conditions.with(Condition::Test) } else { conditions };
        self.app.suppression_of(alarm, conditions, now, None)
    }

    fn suppress(&self, at: usize, conditions: Conditions, verdict: &mut Verdict) -> Result<(), Fault> {
        let Some(by) = self.covering(&verdict.alarms[at].alarm, conditions, self.now()) else {
            return Ok(());
        };
        if let Some(place) = self.breaker(at, verdict) {
            let sentence = format!("虽在{}内，但 {place} 已在窗口外报警，照常响铃", by.words);
            let now = self.now();
            verdict.alarms[at].alarm.trace.add(now, by.filter(), sentence);
            return Ok(());
        }
        verdict.happen(at, Input::Suppress(by), self.now())
    }

    /// The place of a live fire of the same site that nothing covers: for fires alone it counts.
    fn breaker(&self, at: usize, verdict: &Verdict) -> Option<String> {
        if verdict.alarms[at].alarm.raise.class != Class::Fire {
            return None;
        }
        let near = self.near(at, verdict);
        let outside = near.iter().map(|n| n.alarm(verdict)).find(|a| breaks_suppression(a));
        outside.map(|a| a.raise.place.clone())
    }

    /// Suppressed fires of the site that still stand, or stood a moment ago, ring again.
    fn lift_neighbours(&self, at: usize, verdict: &mut Verdict) -> Result<(), Fault> {
        let now = self.now();
        let recent = now - SignedDuration::from_secs(self.app.node.filters.coincidence_s);
        let stands = |a: &Alarm| a.restored_at.is_none() || a.last_at >= recent;
        let why = format!("{} 在窗口外报警", verdict.alarms[at].alarm.raise.place);
        let all = self.near(at, verdict).into_iter();
        let suppressed: Vec<_> = all
            .filter(|n| {
                let alarm = n.alarm(verdict);
                alarm.raise.class == Class::Fire && alarm.suppressed.is_some() && stands(alarm)
            })
            .take(LIFTED_MAX)
            .collect();
        for near in suppressed {
            let other = near.touch(verdict);
            verdict.happen(other, Input::Lift(why.clone()), now)?;
        }
        Ok(())
    }

    /// A second signal of the place, or water that flows, confirms a fire; it is told to both.
    fn confirm(&self, at: usize, verdict: &mut Verdict) -> Result<(), Fault> {
        let settings = self.app.node.filters;
        let found: Vec<_> = self
            .near(at, verdict)
            .into_iter()
            .filter_map(|n| {
                coincidence(&verdict.alarms[at].alarm, n.alarm(verdict), settings).map(|kind| (n, kind))
            })
            .take(CONFIRMED_MAX)
            .collect();
        for (near, kind) in found {
            let other = near.touch(verdict);
            self.tell(other, kind, at, verdict)?;
            self.tell(at, kind, other, verdict)?;
        }
        self.confirm_by_water(at, verdict)
    }

    fn tell(&self, whom: usize, kind: Twofold, of: usize, verdict: &mut Verdict) -> Result<(), Fault> {
        if verdict.alarms[whom].alarm.coincidence.is_some() {
            return Ok(());
        }
        let other = &verdict.alarms[of].alarm;
        let at = self.now();
        let with = Coincidence { kind, with: Some(other.id), place: other.raise.place.clone(), at };
        verdict.happen(whom, Input::Coincide(with), at)
    }

    /// A flow indicator or pressure switch of this terminal that moved a moment ago.
    fn confirm_by_water(&self, at: usize, verdict: &mut Verdict) -> Result<(), Fault> {
        let alarm = &verdict.alarms[at].alarm;
        if alarm.coincidence.is_some() || !breaks_suppression(alarm) || !alarm.is_of_point() {
            return Ok(());
        }
        let since = self.now() - SignedDuration::from_secs(self.app.node.filters.coincidence_s);
        let moved = |bits| {
            let conditions = Conditions::from_bits(bits);
            conditions.has(Condition::Started) || conditions.has(Condition::Feedback)
        };
        let flowing = self.terminal.states().into_iter().find(|(key, s)| {
            key.part == Part::Component
                && is_flow_switch(s.component_type)
                && s.received_at >= since
                && moved(s.bits)
        });
        let Some((key, _)) = flowing else { return Ok(()) };
        self.by_water(at, self.place_of(key), verdict)
    }

    /// Water that begins to flow confirms the fires of the unit.
    pub(super) fn water(&self, key: StateKey, fire: usize, verdict: &mut Verdict) -> Result<(), Fault> {
        let ReportBody::State { component_type, .. } = &self.report.body else { return Ok(()) };
        let alarm = &verdict.alarms[fire].alarm;
        let since = self.now() - SignedDuration::from_secs(self.app.node.filters.coincidence_s);
        let fresh = alarm.last_at >= since && alarm.is_of_point() && breaks_suppression(alarm);
        if !is_flow_switch(*component_type) || !fresh || alarm.coincidence.is_some() {
            return Ok(());
        }
        self.by_water(fire, self.place_of(key), verdict)
    }

    fn by_water(&self, fire: usize, place: String, verdict: &mut Verdict) -> Result<(), Fault> {
        let at = self.now();
        let with = Coincidence { kind: Twofold::Linkage, with: None, place, at };
        verdict.happen(fire, Input::Coincide(with), at)
    }

    /// One of very many becomes a member of their incident: of its unit, or, a fault, of its township.
    fn gather(&self, at: usize, verdict: &mut Verdict) -> Result<(), Fault> {
        let (settings, near) = (self.app.node.filters, self.near(at, verdict));
        let of_unit = storm(&verdict.alarms[at].alarm, near.iter().map(|n| n.alarm(verdict)), settings);
        if let Some(found) = of_unit {
            let text = format!("同单位一分钟内超过 {} 点告警，本条作为首警", settings.storm_points);
            return self.gathered(at, found, near, (Joined::Storm, text), verdict);
        }
        if verdict.alarms[at].alarm.raise.class != Class::Fault {
            return Ok(());
        }
        let near = self.near_in_township(at, verdict);
        let of_area = area(&verdict.alarms[at].alarm, near.iter().map(|n| n.alarm(verdict)), settings);
        let Some(found) = of_area else { return Ok(()) };
        let span = span_words(settings.area_within_s);
        let text = format!("同一街镇 {span}内有 {} 家单位故障，本条作为首警", settings.area_units);
        self.gathered(at, found, near, (Joined::Area, text), verdict)
    }

    fn gathered(
        &self,
        at: usize,
        found: Storm,
        near: Vec<Near>,
        (joined, text): (Joined, String),
        verdict: &mut Verdict,
    ) -> Result<(), Fault> {
        let begins = !found.others.is_empty();
        let wanted: Vec<Near> = near
            .into_iter()
            .filter(|n| {
                let id = n.alarm(verdict).id;
                id == found.head || found.others.iter().any(|(other, _)| *other == id)
            })
            .collect();
        let touched: Vec<usize> = wanted.into_iter().map(|n| n.touch(verdict)).collect();
        let place = |id: AlarmId, verdict: &Verdict| {
            touched.iter().copied().find(|i| verdict.alarms[*i].alarm.id == id)
        };
        let Some(head) = place(found.head, verdict) else { return Ok(()) };
        let words = self.head_words(head, &joined, verdict);
        if begins {
            verdict.happen(head, Input::Marked(joined.filter(), text), self.now())?;
        }
        let membership = |quiet| Membership {
            head: found.head,
            words: words.clone(),
            joined: joined.clone(),
            quiet,
            at: self.now(),
        };
        for (id, rings) in &found.others {
            if let Some(other) = place(*id, verdict) {
                verdict.happen(other, Input::Join(membership(!rings)), self.now())?;
            }
        }
        verdict.happen(at, Input::Join(membership(!found.rings)), self.now())
    }

    /// The open faults of the same township that matter to a new one, those of the frame as it has changed them so far.
    fn near_in_township(&self, at: usize, verdict: &Verdict) -> Vec<Near> {
        let (raise, within_s) = (&verdict.alarms[at].alarm.raise, self.app.node.filters.area_within_s);
        let township = crate::board::township_of(raise.region);
        let open = self.app.board.area_faults(raise.region, raise.raised_at, within_s).into_iter();
        let here = |alarm: &Alarm| township.contains(&alarm.raise.region.number()) && !alarm.is_closed();
        let touched = (0..verdict.alarms.len()).filter(|i| *i != at && here(&verdict.alarms[*i].alarm));
        let open = open.filter(|o| verdict.touched(|a| a.id == o.alarm.id).is_none());
        touched.map(Near::Touched).chain(open.map(Near::Open)).collect()
    }

    /// The head as its members name it: across units its unit belongs to it.
    fn head_words(&self, head: usize, joined: &Joined, verdict: &Verdict) -> String {
        let touched = &verdict.alarms[head];
        let number = touched.before.as_ref().and_then(|open| open.entry.number.clone());
        let raise = &touched.alarm.raise;
        let unit = raise.unit_name.as_deref().filter(|_| *joined == Joined::Area);
        let place = unit.map_or_else(|| raise.place.clone(), |unit| format!("{unit} {}", raise.place));
        number.map_or_else(|| place.clone(), |n| format!("{n} {place}"))
    }

    /// The other open alarms of the site.
    fn near(&self, at: usize, verdict: &Verdict) -> Vec<Near> {
        let alarm = &verdict.alarms[at].alarm;
        let site = crate::board::site(alarm);
        let touched = (0..verdict.alarms.len()).filter(|i| {
            *i != at && {
                let other = &verdict.alarms[*i].alarm;
                !other.is_closed() && crate::board::site(other) == site
            }
        });
        let open = self.app.board.open_alarms_at(site).into_iter();
        let open = open.filter(|o| verdict.touched(|a| a.id == o.alarm.id).is_none());
        touched.map(Near::Touched).chain(open.map(Near::Open)).collect()
    }

    /// A system or a device that reports a test: its fires are marked so for a while.
    pub(super) fn begin_test(&self, system: Option<(u8, u8)>, verdict: &mut Verdict) {
        let facts = self.terminal.facts();
        let now = self.now();
        let window =
            Window::of_test(self.terminal.id, system, facts.unit.as_deref().cloned(), &facts.name, now);
        // One that runs is not prolonged: a panel that says "test" for ever must not be deaf for ever.
        let runs = |o: &Arc<crate::OpenWindow>| o.window.cover == window.cover && o.window.holds_at(now);
        if self.app.board.windows().iter().any(runs) {
            return;
        }
        let actor = super::device(self.terminal.id, self.arrival);
        self.app.add_test_window(&mut verdict.change, &window, facts.region, &actor);
    }
}

impl crate::App {
    /// What keeps the bell of an alarm off at this instant, by the windows as they are known but for the one that
    /// is just being ended.
    pub(crate) fn suppression_of(
        &self,
        alarm: &Alarm,
        conditions: Conditions,
        now: Timestamp,
        ended: Option<EntryId>,
    ) -> Option<fengsui_alarm::Suppression> {
        let windows = self.board.windows();
        let pairs = windows.iter().map(|o| (o.entry.id, &o.window)).filter(|(id, _)| Some(*id) != ended);
        suppressor(pairs, &alarm.spot(), alarm.raise.class, conditions, now)
    }
}
