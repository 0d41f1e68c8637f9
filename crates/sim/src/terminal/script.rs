//! The script: what happens in the county, when and where, from one seed.
//!
//! Rates follow the hour. By day a fire signal every five minutes or so, nearly all of them false and
//! restored within minutes; a fire that spreads over several points about every fifty minutes; something
//! fails every four minutes and is mostly repaired within the hour. At night it is much quieter.

use std::collections::BTreeMap;

use crate::chance::Chance;
use crate::county::{Category, County, Point, Terminal, Unit};

use super::wire::{FIRE_BIT, Signal};

/// One minute of the script.
pub(super) const MINUTE_MS: u64 = 60_000;
/// One day of the script.
const DAY_MS: u64 = 24 * 60 * MINUTE_MS;
/// The opening belongs to the told stories; chance begins here.
const OPENING_MS: u64 = 2 * MINUTE_MS;
/// Slowest the script may be played.
pub const SPEED_MIN: f64 = 0.01;
/// Fastest the script may be played.
pub const SPEED_MAX: f64 = 1000.0;
/// Share of terminals that nobody has switched on yet when the day begins.
const ASLEEP_SHARE: f64 = 0.013;

/// How often a free point is looked for before an episode is left out.
const TRIES: usize = 12;

/// State words: normal; and normal with one more bit.
const NORMAL: u16 = 1;
const FIRE: u16 = NORMAL | FIRE_BIT;
const FAULT: u16 = NORMAL | 1 << 2;
const SHIELDED: u16 = NORMAL | 1 << 3;
const SUPERVISORY: u16 = NORMAL | 1 << 4;
const STARTED: u16 = NORMAL | 1 << 5;
const FEEDBACK: u16 = NORMAL | 1 << 6;
const POWER_FAULT: u16 = NORMAL | 1 << 8;

/// Operation bits at panel and terminal.
const RESET: u8 = 1;
const SILENCE: u8 = 1 << 1;
const SELF_TEST: u8 = 1 << 4;
const CONFIRM: u8 = 1 << 5;
const TEST: u8 = 1 << 6;

/// Something that happens behind one terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cue {
    /// Milliseconds since the script began.
    pub at_ms: u64,
    /// What the terminal will say.
    pub signal: Signal,
    /// Why, for the log; empty for what is not worth a line.
    pub note: &'static str,
}

/// All that happens, by source address, each list in order of time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Cues by the source address of the terminal.
    pub cues: BTreeMap<u64, Vec<Cue>>,
}

/// Writes the script. `start_minute` is the local minute of the day (0–1439) at which it begins; `speed` is
/// clamped to [`SPEED_MIN`] … [`SPEED_MAX`] and divides all times. Pure.
#[must_use]
pub fn plan(county: &County, seed: u64, start_minute: u32, days: u32, speed: f64) -> Plan {
    let mut author = Author::new(county, seed, u64::from(start_minute));
    author.opening();
    author.asleep();
    author.days(u64::from(days));
    author.finish(speed.clamp(SPEED_MIN, SPEED_MAX))
}

/// Times of one kind of episode: minutes between two of them by day and by night.
type Rate = (fn(&mut Author<'_>, u64), f64, f64);

const RATES: [Rate; 8] = [
    (|a, at_ms| a.false_alarm(at_ms), 5.6, 24.0),
    (|a, at_ms| a.real_fire(at_ms), 52.0, 160.0),
    (|a, at_ms| a.fault(at_ms), 4.0, 9.0),
    (|a, at_ms| a.operation(at_ms), 6.0, 40.0),
    (|a, at_ms| a.supervisory(at_ms), 14.0, 45.0),
    (|a, at_ms| a.shielding(at_ms), 80.0, 600.0),
    (|a, at_ms| a.pump_test(at_ms), 40.0, 2000.0),
    (|a, at_ms| a.lost_line(at_ms), 10.0, 22.0),
];

/// A point: its terminal, and its index there.
pub(super) type Place<'a> = (&'a Terminal, usize);

/// Who writes a script.
pub(super) struct Author<'a> {
    pub(super) county: &'a County,
    pub(super) units: BTreeMap<&'a str, &'a Unit>,
    pub(super) chance: Chance,
    /// All points by component type.
    places: BTreeMap<u8, Vec<Place<'a>>>,
    /// The component type of every point of the county.
    kinds: Vec<u8>,
    start_minute: u64,
    plan: Plan,
    /// Points that are part of an episode until then: a point lives through one at a time.
    busy_until_ms: BTreeMap<(u64, usize), u64>,
}

impl<'a> Author<'a> {
    pub(super) fn new(county: &'a County, seed: u64, start_minute: u64) -> Self {
        let mut places: BTreeMap<u8, Vec<Place<'a>>> = BTreeMap::new();
        let mut kinds = Vec::new();
        for terminal in &county.terminals {
            for (i, point) in terminal.points.iter().enumerate() {
                places.entry(point.component_type).or_default().push((terminal, i));
                kinds.push(point.component_type);
            }
        }
        Self {
            county,
            places,
            kinds,
            units: county.units.iter().map(|u| (u.code.as_str(), u)).collect(),
            chance: Chance::new(seed, "script"),
            start_minute,
            plan: Plan::default(),
            busy_until_ms: BTreeMap::new(),
        }
    }

    pub(super) fn cue(&mut self, terminal: &Terminal, at_ms: u64, signal: Signal, note: &'static str) {
        self.plan.cues.entry(terminal.source).or_default().push(Cue { at_ms, signal, note });
    }

    fn point(&mut self, terminal: &Terminal, at_ms: u64, point: usize, status: u16, note: &'static str) {
        self.cue(terminal, at_ms, Signal::Points(vec![(point, status)]), note);
    }

    /// The script from an instant of it on: what lay before has never been.
    pub(super) fn finish_from(mut self, from_ms: u64, speed: f64) -> Plan {
        for cues in self.plan.cues.values_mut() {
            cues.retain(|c| c.at_ms >= from_ms);
            cues.iter_mut().for_each(|c| c.at_ms -= from_ms);
        }
        self.plan.cues.retain(|_, cues| !cues.is_empty());
        self.finish(speed.clamp(SPEED_MIN, SPEED_MAX))
    }

    fn finish(mut self, speed: f64) -> Plan {
        for cues in self.plan.cues.values_mut() {
            cues.sort_by_key(|c| c.at_ms);
            for cue in cues {
                cue.at_ms = (cue.at_ms as f64 / speed) as u64;
                if let Signal::Silence(for_ms) = &mut cue.signal {
                    *for_ms = (*for_ms as f64 / speed) as u64;
                }
            }
        }
        self.plan
    }

    /// The told stories of the first minutes, so that the desk has something to do at once.
    fn opening(&mut self) {
        self.told("惠民养老院", "2 层 1 区 011", 42, |a, t, p| {
            a.false_story(t, p, 8_000, 190_000, "火警·单点感烟")
        });
        self.told_device("县第二中学", |a, t| a.device_fault(t, 0x09, 16_000, Some(55 * MINUTE_MS)));
        self.told("瑞禾电子厂", "2 号楼 1 层 1 区 004", 23, |a, t, p| {
            a.false_story(t, p, 25_000, 14 * MINUTE_MS, "火警·手动报警按钮");
        });
        self.told("云岫商业广场", "3 层 1 区 017", 51, |a, t, p| a.spreading_fire(t, p, 33_000));
        self.told("柳塘农贸市场", "1 层", 99, |a, t, p| {
            a.restored(t, p, SUPERVISORY, 40_000, 40 * MINUTE_MS, "监管·管网水压低")
        });
        self.told_device("县人民医院", |a, t| a.device_fault(t, 0x11, 44_000, Some(25 * MINUTE_MS)));
        self.told("鑫泰家居城", "1 层", 42, |a, t, p| {
            a.restored(t, p, SHIELDED, 48_000, 90 * MINUTE_MS, "屏蔽")
        });
        self.told_device("乐童幼儿园", |a, t| a.device_fault(t, 0x41, 51_000, Some(12 * MINUTE_MS)));
        self.told("老街饭店", "1 层", 42, |a, t, p| {
            a.false_story(t, p, 57_000, 130_000, "火警·厨房油烟")
        });
        self.told_device("沙洲老街沿街商户联防片区", |a, t| {
            a.cue(t, 70_000, Signal::Silence(26 * MINUTE_MS), "失联")
        });
        self.told("梅岗中心小学", "1 号楼", 42, |a, t, p| {
            a.cue(t, 8 * MINUTE_MS, Signal::Operation(TEST, 1), "疏散演练测试");
            a.false_story(t, p, 9 * MINUTE_MS, 3 * MINUTE_MS, "火警·疏散演练");
        });
        self.buffered();
    }

    /// Cut off while things happen: tells them late, with the times at which they happened.
    fn buffered(&mut self) {
        self.told("云岫县体育中心", "2 层", 42, |a, t, p| {
            a.cue(t, 90_000, Signal::Silence(14 * MINUTE_MS), "失联，稍后补传");
            a.false_story(t, p, 5 * MINUTE_MS, 3 * MINUTE_MS, "火警·断线期间");
            a.cue(t, 7 * MINUTE_MS, Signal::Operation(RESET, 2), "");
        });
    }

    /// Tells a story about the first point of this kind behind a unit's terminals whose label begins so.
    fn told(
        &mut self,
        unit: &str,
        label: &str,
        component: u8,
        tell: impl FnOnce(&mut Self, &'a Terminal, usize),
    ) {
        let fits = |p: &Point| p.component_type == component && p.label.starts_with(label);
        let found = self.terminals_of(unit).find_map(|t| Some((t, t.points.iter().position(fits)?)));
        if let Some((terminal, point)) = found {
            tell(self, terminal, point);
        }
    }

    fn told_device(&mut self, unit: &str, tell: impl FnOnce(&mut Self, &'a Terminal)) {
        let found = self.terminals_of(unit).next();
        if let Some(terminal) = found {
            tell(self, terminal);
        }
    }

    pub(super) fn terminals_of(&self, unit: &str) -> impl Iterator<Item = &'a Terminal> + use<'a> {
        let code = self.county.units.iter().find(|u| u.name == unit).map(|u| u.code.clone());
        self.county.terminals.iter().filter(move |t| Some(&t.unit) == code.as_ref())
    }

    /// Some terminals come up hours later than the others.
    fn asleep(&mut self) {
        for terminal in &self.county.terminals {
            let told = self.plan.cues.contains_key(&terminal.source);
            if self.chance.happens(ASLEEP_SHARE) && !told {
                let for_ms = self.chance.whole(15, 400) as u64 * MINUTE_MS;
                self.cue(terminal, 0, Signal::Silence(for_ms), "");
            }
        }
    }

    fn days(&mut self, days: u64) {
        for (tell, by_day_min, by_night_min) in RATES {
            let mut at_ms = OPENING_MS;
            loop {
                let mean_min = if self.is_day(at_ms) { by_day_min } else { by_night_min };
                at_ms += (self.chance.between(0.25, 1.75) * mean_min * MINUTE_MS as f64) as u64;
                if at_ms >= days * DAY_MS {
                    break;
                }
                tell(self, at_ms);
            }
        }
    }

    /// Half past six to half past nine in the evening.
    fn is_day(&self, at_ms: u64) -> bool {
        (390..1290).contains(&((self.start_minute + at_ms / MINUTE_MS) % 1440))
    }

    /// A terminal, those with many points more often.
    fn any_terminal(&mut self) -> &'a Terminal {
        let kind = *self.chance.pick(&self.kinds);
        let of_kind = &self.places[&kind];
        of_kind[self.chance.below(of_kind.len())].0
    }

    /// A point of one of these kinds that is free for some time from then on.
    pub(super) fn free_point(
        &mut self,
        kinds: &[u8],
        at_ms: u64,
        for_ms: u64,
    ) -> Option<(&'a Terminal, usize)> {
        let count = |kind: &u8| self.places.get(kind).map_or(0, Vec::len);
        let all: usize = kinds.iter().map(count).sum();
        for _ in 0..TRIES.min(all) {
            let mut index = self.chance.below(all);
            let lists = kinds.iter().filter_map(|kind| self.places.get(kind));
            let found = lists.into_iter().find_map(|list| {
                let here = list.get(index).copied();
                index = index.saturating_sub(list.len());
                here
            });
            if let Some((terminal, point)) = found.filter(|(t, p)| self.claim(t, *p, at_ms, for_ms)) {
                return Some((terminal, point));
            }
        }
        None
    }

    /// Reserves a point for an episode; false when it is in another.
    fn claim(&mut self, terminal: &Terminal, point: usize, at_ms: u64, for_ms: u64) -> bool {
        let until = self.busy_until_ms.entry((terminal.source, point)).or_default();
        let free = *until < at_ms;
        if free {
            *until = at_ms + for_ms;
        }
        free
    }

    /// A state and its end.
    fn restored(
        &mut self,
        terminal: &Terminal,
        point: usize,
        status: u16,
        at_ms: u64,
        for_ms: u64,
        note: &'static str,
    ) {
        self.busy_until_ms.insert((terminal.source, point), at_ms + for_ms);
        self.point(terminal, at_ms, point, status, note);
        self.point(terminal, at_ms + for_ms, point, NORMAL, "");
    }

    /// A fire signal that turns out to be none: silenced, restored, reset.
    pub(super) fn false_story(
        &mut self,
        terminal: &Terminal,
        point: usize,
        at_ms: u64,
        for_ms: u64,
        note: &'static str,
    ) {
        self.restored(terminal, point, FIRE, at_ms, for_ms, note);
        let operator = self.chance.whole(1, 4) as u8;
        if self.chance.happens(0.7) {
            let heard_ms = self.chance.whole(12, 45) as u64 * 1000;
            self.cue(terminal, at_ms + heard_ms.min(for_ms / 2), Signal::Operation(SILENCE, operator), "");
        }
        if self.chance.happens(0.8) {
            self.cue(terminal, at_ms + for_ms + 2000, Signal::Operation(RESET, operator), "复位");
        }
    }

    fn false_alarm(&mut self, at_ms: u64) {
        let for_ms = self.chance.whole(60, 300) as u64 * 1000;
        let Some((terminal, point)) = self.free_point(&[42, 31, 51, 23, 24, 74], at_ms, for_ms) else {
            return;
        };
        let note = self.cause(terminal, point);
        self.false_story(terminal, point, at_ms, for_ms, note);
    }

    fn cause(&mut self, terminal: &Terminal, point: usize) -> &'static str {
        let category = self.units.get(terminal.unit.as_str()).map(|u| u.category);
        match (terminal.points[point].component_type, category) {
            (23 | 24, _) => self.chance.word(&["误报·误碰按钮", "误报·儿童按下", "误报·施工碰撞"]),
            (74, _) => "误报·燃气阀未关紧",
            (
                _,
                Some(
                    Category::Restaurant
                    | Category::AgedCare
                    | Category::Hotel
                    | Category::GuestHouse
                    | Category::Housing,
                ),
            ) => self.chance.word(&["误报·厨房油烟", "误报·水汽", "误报·吸烟"]),
            (_, Some(Category::Factory | Category::Warehouse | Category::Workshop)) => {
                self.chance.word(&["误报·粉尘", "误报·焊接烟气", "误报·叉车尾气"])
            }
            _ => self.chance.word(&["误报·施工粉尘", "误报·探头积灰", "误报·水汽", "误报·昆虫"]),
        }
    }

    fn real_fire(&mut self, at_ms: u64) {
        if let Some((terminal, point)) = self.free_point(&[42, 51, 31], at_ms, 60 * MINUTE_MS) {
            self.spreading_fire(terminal, point, at_ms);
        }
    }

    /// From one detector to its neighbours; then shutters and fans start, somebody presses the button, and
    /// after a long while everything is restored and reset.
    pub(super) fn spreading_fire(&mut self, terminal: &Terminal, first: usize, at_ms: u64) {
        let end_ms = at_ms + self.chance.whole(18, 40) as u64 * MINUTE_MS;
        self.burn(terminal, first, at_ms, end_ms, "火情·首个探测器");
        let mut next_ms = at_ms;
        for point in self.neighbours(terminal, first) {
            let wait_s = if next_ms == at_ms { self.chance.whole(8, 22) } else { self.chance.whole(9, 50) };
            next_ms += wait_s as u64 * 1000;
            if self.claim(terminal, point, next_ms, end_ms - next_ms) {
                self.answer_to_fire(terminal, point, next_ms, end_ms);
            }
        }
        self.cue(terminal, at_ms + 65_000, Signal::Operation(CONFIRM, 1), "控制室确认火警");
        self.cue(terminal, end_ms + 5_000, Signal::Operation(RESET, 1), "火情处置完毕，复位");
    }

    /// Up to six points of the same zone, nearest numbers first.
    fn neighbours(&mut self, terminal: &Terminal, first: usize) -> Vec<usize> {
        let zone = |i: usize| terminal.points[i].component_address & 0xffff;
        let (low, high) = (first.saturating_sub(8), (first + 9).min(terminal.points.len()));
        let mut near: Vec<usize> = (low..high).filter(|i| *i != first && zone(*i) == zone(first)).collect();
        near.sort_by_key(|i| (i.abs_diff(first), first > *i));
        near.truncate(self.chance.whole(3, 6));
        near
    }

    fn burn(&mut self, terminal: &Terminal, point: usize, at_ms: u64, end_ms: u64, note: &'static str) {
        self.restored(terminal, point, FIRE, at_ms, end_ms - at_ms, note);
    }

    /// Detectors and buttons report the fire; modules, shutters, fans and pumps start and report back.
    fn answer_to_fire(&mut self, terminal: &Terminal, point: usize, at_ms: u64, end_ms: u64) {
        match terminal.points[point].component_type {
            31 | 42 | 51 => self.burn(terminal, point, at_ms, end_ms, "火情·相邻探测器"),
            23 | 24 => self.burn(terminal, point, at_ms, end_ms, "火情·有人按下按钮"),
            96 => self.restored(terminal, point, SUPERVISORY, at_ms, end_ms - at_ms, "火情·水流指示器动作"),
            87 | 91 | 102 | 111 | 117 | 121 => self.started(terminal, point, at_ms, end_ms),
            _ => {}
        }
    }

    fn started(&mut self, terminal: &Terminal, point: usize, at_ms: u64, end_ms: u64) {
        self.point(terminal, at_ms, point, STARTED, "联动启动");
        self.point(terminal, at_ms + 4_000, point, FEEDBACK, "");
        self.point(terminal, end_ms, point, NORMAL, "");
    }

    pub(super) fn fault(&mut self, at_ms: u64) {
        let lasts_ms = self.chance.whole(3, 55) as u64 * MINUTE_MS;
        let repaired = self.chance.happens(0.88);
        match self.chance.below(10) {
            bits @ 0..=2 => {
                let terminal = self.any_terminal();
                self.device_fault(terminal, [0x09, 0x11, 0x41][bits], at_ms, repaired.then_some(lasts_ms));
            }
            3 => {
                let terminal = self.any_terminal();
                self.cue(terminal, at_ms, Signal::System(1, NORMAL | 1 << 10 | 1 << 2), "故障·总线");
                self.cue(terminal, at_ms + lasts_ms, Signal::System(1, NORMAL), "");
            }
            n => self.point_fault(at_ms, lasts_ms, if n == 4 { POWER_FAULT } else { FAULT }, repaired),
        }
    }

    fn point_fault(&mut self, at_ms: u64, lasts_ms: u64, status: u16, repaired: bool) {
        let held_ms = if repaired { lasts_ms } else { 8 * 60 * MINUTE_MS };
        if let Some((terminal, point)) = self.free_point(&[42, 31, 51, 87, 17, 121, 74], at_ms, held_ms) {
            self.restored(terminal, point, status, at_ms, held_ms, "故障·部件");
        }
    }

    /// Mains (0x09), battery (0x11) or line (0x41) of the terminal itself.
    fn device_fault(&mut self, terminal: &Terminal, status: u8, at_ms: u64, lasts_ms: Option<u64>) {
        let note = match status {
            0x09 => "故障·主电源",
            0x11 => "故障·备用电源",
            _ => "故障·监测线路",
        };
        self.cue(terminal, at_ms, Signal::Device(status), note);
        if let Some(lasts_ms) = lasts_ms {
            self.cue(terminal, at_ms + lasts_ms, Signal::Device(0x01), "");
        }
    }

    pub(super) fn operation(&mut self, at_ms: u64) {
        let terminal = self.any_terminal();
        let operator = self.chance.whole(1, 6) as u8;
        let signal = match self.chance.below(4) {
            0 => Signal::Operation(RESET, operator),
            1 => Signal::Operation(SILENCE, operator),
            2 => Signal::DeviceOperation(SELF_TEST, operator),
            _ => Signal::Operation(SELF_TEST, operator),
        };
        self.cue(terminal, at_ms, signal, "");
    }

    pub(super) fn supervisory(&mut self, at_ms: u64) {
        let lasts_ms = self.chance.whole(4, 30) as u64 * MINUTE_MS;
        if let Some((terminal, point)) = self.free_point(&[97, 96, 102, 99, 24], at_ms, lasts_ms) {
            self.restored(terminal, point, SUPERVISORY, at_ms, lasts_ms, "监管");
        }
    }

    pub(super) fn shielding(&mut self, at_ms: u64) {
        let lasts_ms = self.chance.whole(30, 150) as u64 * MINUTE_MS;
        if let Some((terminal, point)) = self.free_point(&[42, 31, 51], at_ms, lasts_ms) {
            self.restored(terminal, point, SHIELDED, at_ms, lasts_ms, "屏蔽");
        }
    }

    pub(super) fn pump_test(&mut self, at_ms: u64) {
        let lasts_ms = self.chance.whole(2, 6) as u64 * MINUTE_MS;
        if let Some((terminal, point)) = self.free_point(&[91, 111, 117], at_ms, lasts_ms) {
            self.cue(terminal, at_ms.saturating_sub(5_000), Signal::Operation(TEST, 1), "设备测试");
            self.started(terminal, point, at_ms, at_ms + lasts_ms);
        }
    }

    pub(super) fn lost_line(&mut self, at_ms: u64) {
        let (terminal, minutes) = (self.any_terminal(), self.chance.whole(3, 25) as u64);
        self.cue(terminal, at_ms, Signal::Silence(minutes * MINUTE_MS), "失联");
    }
}
