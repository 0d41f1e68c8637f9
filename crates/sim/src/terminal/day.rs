//! A told day: what the county lives through between midnight and midnight, as data. Small things come by rates that
//! follow the clock, so that kitchens smoke at noon and the night is quiet; the large ones stand at their hour: a
//! thunderstorm, a fire in the afternoon, a substation that trips. One seed, one day, every time the same.
//!
//! Only what happens is compressed. Heartbeats, repetitions and the deadlines of the centre stay what they are.

use super::script::{Author, MINUTE_MS, Place, Plan};
use super::wire::Signal;
use crate::county::{Category, County, Terminal};
use serde::Deserialize;

/// The day that is shipped.
const DAY: &str = include_str!("day.toml");
/// Minutes of a day.
const DAY_MIN: u64 = 24 * 60;
/// Hours of a day.
const HOURS: usize = 24;

/// Kitchens, and where people live over them.
const KITCHENS: [Category; 5] =
    [Category::Restaurant, Category::AgedCare, Category::Hotel, Category::GuestHouse, Category::Housing];
/// Detectors that smoke and heat set off.
const DETECTORS: [u8; 3] = [42, 51, 31];

/// A day as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Day {
    rates: Rates,
    event: Vec<Told>,
}

/// How many of each in every hour of the day.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rates {
    kitchen: [f64; HOURS],
    dust: [f64; HOURS],
    smoking: [f64; HOURS],
    button: [f64; HOURS],
    fault: [f64; HOURS],
    operation: [f64; HOURS],
    supervisory: [f64; HOURS],
    shielding: [f64; HOURS],
    pump_test: [f64; HOURS],
    lost_line: [f64; HOURS],
    overload: [f64; HOURS],
}

/// Something large at its hour.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    at: String,
    what: What,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    component: u8,
    #[serde(default)]
    minutes: u64,
    /// How many terminals lose their mains.
    #[serde(default)]
    terminals: usize,
    /// What share of the county's lines a storm touches.
    #[serde(default)]
    share: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum What {
    FalseAlarm,
    LowPressure,
    Drill,
    /// The gateway of a unit is silent, and everything that speaks through it.
    LineDown,
    Storm,
    Fire,
    PowerFailure,
}

/// Writes the script of whole days that begin at `from_minute` (0–1439); `speed` divides all times. Pure.
///
/// # Panics
/// Never: the day that is shipped is read in a test.
#[must_use]
pub fn plan_days(county: &County, seed: u64, from_minute: u32, days: u32, speed: f64) -> Plan {
    let day: Day = toml::from_str(DAY).expect("the day that is shipped is well formed");
    let mut author = Author::new(county, seed, 0);
    for number in 0..u64::from(days) {
        author.day(&day, number * DAY_MIN * MINUTE_MS);
    }
    author.finish_from(u64::from(from_minute) * MINUTE_MS, speed)
}

/// A small thing: what happens at an instant.
type Happening<'a> = fn(&mut Author<'a>, u64);

impl<'a> Author<'a> {
    fn day(&mut self, day: &Day, midnight_ms: u64) {
        let r = &day.rates;
        let all: [(&[f64; HOURS], Happening<'a>); 11] = [
            (&r.kitchen, |a, at| a.in_category(at, &KITCHENS, "误报·厨房油烟")),
            (&r.dust, |a, at| a.in_category(at, &[Category::Factory, Category::Workshop], "误报·粉尘")),
            (&r.smoking, |a, at| a.in_category(at, &[Category::Hotel, Category::Entertainment], "误报·吸烟")),
            (&r.button, |a, at| a.pressed(at)),
            (&r.fault, |a, at| a.fault(at)),
            (&r.operation, |a, at| a.operation(at)),
            (&r.supervisory, |a, at| a.supervisory(at)),
            (&r.shielding, |a, at| a.shielding(at)),
            (&r.pump_test, |a, at| a.pump_test(at)),
            (&r.lost_line, |a, at| a.lost_line(at)),
            (&r.overload, |a, at| a.overload(at)),
        ];
        for (rates, happening) in all {
            for (hour, rate) in rates.iter().enumerate() {
                for _ in 0..self.count(*rate) {
                    let minute = hour as f64 * 60.0 + self.chance.between(0.0, 60.0);
                    happening(self, midnight_ms + (minute * MINUTE_MS as f64) as u64);
                }
            }
        }
        day.event.iter().for_each(|told| self.tell(told, midnight_ms));
    }

    /// A whole number that is this much in the mean.
    fn count(&mut self, rate: f64) -> usize {
        rate as usize + usize::from(self.chance.happens(rate.fract()))
    }

    fn tell(&mut self, told: &Told, midnight_ms: u64) {
        let at_ms = midnight_ms + minute_of(&told.at) * MINUTE_MS;
        let for_ms = told.minutes * MINUTE_MS;
        match told.what {
            What::LineDown => self.line_down(&told.unit, at_ms, for_ms),
            What::Storm => self.storm(at_ms, for_ms, told.share),
            What::PowerFailure => self.power_failure(at_ms, for_ms, told.terminals),
            What::FalseAlarm | What::LowPressure | What::Drill | What::Fire => {
                let Some((terminal, point)) = self.place(&told.unit, told.component) else { return };
                match told.what {
                    What::Fire => self.spreading_fire(terminal, point, at_ms),
                    What::LowPressure => self.strained(terminal, point, at_ms, for_ms, "管网压力下降"),
                    What::Drill => {
                        self.cue(
                            terminal,
                            at_ms.saturating_sub(MINUTE_MS),
                            Signal::Operation(1 << 6, 1),
                            "疏散演练测试",
                        );
                        self.false_story(terminal, point, at_ms, for_ms, "火警·疏散演练");
                    }
                    _ => self.false_story(terminal, point, at_ms, for_ms, "火警·单点感烟"),
                }
            }
        }
    }

    /// The first point of this kind of a unit.
    fn place(&self, unit: &str, component: u8) -> Option<Place<'a>> {
        let point =
            |t: &'a Terminal| t.points.iter().position(|p| p.component_type == component).map(|i| (t, i));
        self.terminals_of(unit).find_map(point)
    }

    /// A detector in one of these kinds of place speaks up for nothing.
    fn in_category(&mut self, at_ms: u64, categories: &[Category], note: &'static str) {
        let for_ms = self.chance.whole(60, 300) as u64 * 1000;
        for _ in 0..40 {
            let Some((terminal, point)) = self.free_point(&DETECTORS, at_ms, 0) else { return };
            if self.units.get(terminal.unit.as_str()).is_some_and(|u| categories.contains(&u.category)) {
                return self.false_story(terminal, point, at_ms, for_ms, note);
            }
        }
    }

    fn pressed(&mut self, at_ms: u64) {
        let for_ms = self.chance.whole(90, 400) as u64 * 1000;
        if let Some((terminal, point)) = self.free_point(&[23, 24], at_ms, for_ms) {
            let note = self.chance.word(&["误报·误碰按钮", "误报·儿童按下", "误报·施工碰撞"]);
            self.false_story(terminal, point, at_ms, for_ms, note);
        }
    }

    /// A cable grows hot, or current leaks: nothing is said of it but the value.
    fn overload(&mut self, at_ms: u64) {
        let for_ms = self.chance.whole(15, 50) as u64 * MINUTE_MS;
        if let Some((terminal, point)) = self.free_point(&[18, 17, 92], at_ms, for_ms) {
            self.strained(terminal, point, at_ms, for_ms, "测量值越限");
        }
    }

    fn strained(&mut self, terminal: &Terminal, point: usize, at_ms: u64, for_ms: u64, note: &'static str) {
        self.cue(terminal, at_ms, Signal::Strained(point, true), note);
        self.cue(terminal, at_ms + for_ms, Signal::Strained(point, false), "");
    }

    /// All terminals of a unit are silent at once, as behind one gateway.
    fn line_down(&mut self, unit: &str, at_ms: u64, for_ms: u64) {
        for terminal in self.terminals_of(unit) {
            self.cue(terminal, at_ms, Signal::Silence(for_ms), "网关线路中断");
        }
    }

    /// Lines come and go, mains fail and come back.
    fn storm(&mut self, at_ms: u64, for_ms: u64, share: f64) {
        for terminal in &self.county.terminals {
            if !self.chance.happens(share) {
                continue;
            }
            let from = at_ms + (self.chance.unit() * for_ms as f64) as u64;
            if self.chance.happens(0.4) {
                let back = from + self.chance.whole(4, 40) as u64 * MINUTE_MS;
                self.cue(terminal, from, Signal::Device(0x09), "雷雨·主电源故障");
                self.cue(terminal, back, Signal::Device(0x01), "");
            } else {
                for n in 0..self.chance.whole(1, 4) as u64 {
                    let minutes = self.chance.whole(45, 70) as u64;
                    self.cue(
                        terminal,
                        from + n * 110 * MINUTE_MS,
                        Signal::Silence(minutes * MINUTE_MS),
                        "雷雨·线路中断",
                    );
                }
            }
        }
    }

    /// Everything behind one substation: mains gone at once, most lines a little later, back one by one.
    fn power_failure(&mut self, at_ms: u64, for_ms: u64, count: usize) {
        let first = self.county.terminals.len() / 3;
        for terminal in self.county.terminals.iter().skip(first).take(count) {
            let dark_ms = at_ms + self.chance.whole(0, 90) as u64 * 1000;
            let back_ms = at_ms + for_ms + self.chance.whole(0, 20) as u64 * MINUTE_MS;
            self.cue(terminal, dark_ms, Signal::Device(0x09), "停电·主电源故障");
            if self.chance.happens(0.85) {
                let silent_ms = dark_ms + self.chance.whole(4, 12) as u64 * MINUTE_MS;
                self.cue(terminal, silent_ms, Signal::Silence(back_ms - silent_ms), "停电·离线");
            }
            self.cue(terminal, back_ms + MINUTE_MS, Signal::Device(0x01), "");
        }
    }
}

/// `15:20` as the minute of the day; 0 for what is no time.
fn minute_of(text: &str) -> u64 {
    let mut parts = text.split(':').map(|part| part.parse::<u64>().unwrap_or(0));
    let (hour, minute) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    (hour * 60 + minute) % DAY_MIN
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::county;
    use crate::terminal::script::Cue;

    fn cues(plan: &Plan) -> impl Iterator<Item = &Cue> {
        plan.cues.values().flatten()
    }

    fn minutes(plan: &Plan, note: &str) -> Vec<u64> {
        cues(plan).filter(|c| c.note.contains(note)).map(|c| c.at_ms / MINUTE_MS).collect()
    }

    #[test]
    fn a_day_is_the_same_each_time_and_kitchens_smoke_at_noon() {
        let county = county::generate(1);
        let day = plan_days(&county, 1, 0, 1, 1.0);
        assert_eq!(day, plan_days(&county, 1, 0, 1, 1.0));
        let kitchens = minutes(&day, "厨房");
        let noon = kitchens.iter().filter(|m| (660..780).contains(*m)).count();
        let night = kitchens.iter().filter(|m| **m < 240).count();
        assert!(noon >= 12 && night == 0, "{noon} at noon, {night} at night");
    }

    #[test]
    fn three_hundred_terminals_lose_their_mains_at_once_and_the_fire_spreads() {
        let day = plan_days(&county::generate(1), 1, 0, 1, 1.0);
        let dark = minutes(&day, "停电·主电源");
        assert_eq!(dark.len(), 300);
        assert!(dark.iter().all(|m| (1_085..1_087).contains(m)));
        assert!(minutes(&day, "停电·离线").len() > 200);
        let fire = cues(&day).filter(|c| c.signal.is_fire() && (920..930).contains(&(c.at_ms / MINUTE_MS)));
        assert!(fire.count() >= 3, "a detector and its neighbours");
        assert!(minutes(&day, "雷雨").len() > 40);
    }

    #[test]
    fn an_afternoon_begins_where_it_is_told_to_and_is_as_fast_as_it_is_told_to() {
        let county = county::generate(1);
        let afternoon = plan_days(&county, 1, 900, 2, 60.0);
        let fire = minutes_of_first(&afternoon);
        assert_eq!(fire, 20 * MINUTE_MS / 60, "twenty minutes after three, in twenty seconds");
        assert!(cues(&afternoon).all(|c| c.at_ms <= 2 * DAY_MIN * MINUTE_MS / 60 + 10 * 60 * MINUTE_MS / 60));
    }

    fn minutes_of_first(plan: &Plan) -> u64 {
        let first = cues(plan).filter(|c| c.note == "火情·首个探测器").map(|c| c.at_ms).min();
        first.expect("it burns in the afternoon")
    }

    #[test]
    fn an_hour_is_read_as_it_is_written() {
        assert_eq!((minute_of("00:00"), minute_of("15:20"), minute_of("23:59")), (0, 920, 1_439));
    }
}
