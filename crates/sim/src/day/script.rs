//! What happens in a county on one day, made from a seed: fires and false alarms, tests, flapping faults, storms,
//! windows, shielding, late and wrong clocks, resends, silences, shifts, what officers do, answers, restarts.
//!
//! The script says what the world does, never what the desk makes of it.

use super::county::County;
use crate::chance::Chance;
use fengsui_alarm::{Answer, Condition, Conditions, Purpose};

/// Seconds of a day.
pub(crate) const DAY_S: i64 = 86_400;
/// An officer goes through everything that is open this often, in seconds; on some days hardly ever.
const SWEEPS_S: [usize; 4] = [1_200, 1_800, 3_600, 20_000];
/// Incidents of each kind in a day, at the most.
const INCIDENTS_MAX: usize = 14;

#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// Seconds since the day began.
    pub(crate) at_s: i64,
    pub(crate) what: What,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    /// A point says what is the matter with it; it happened so many seconds before.
    Report {
        point: usize,
        conditions: Conditions,
        age_s: i64,
    },
    /// A terminal sends its last frame again.
    Resend {
        terminal: usize,
    },
    /// Somebody resets a panel.
    Reset {
        terminal: usize,
    },
    /// A terminal says nothing from now on.
    FallSilent {
        terminal: usize,
    },
    /// It speaks again.
    Speak {
        terminal: usize,
    },
    /// Works, a drill or a shielding begin; on one floor, or on the whole unit.
    Window {
        unit: usize,
        purpose: Purpose,
        floor: Option<u32>,
        lasts_s: i64,
    },
    /// One of the windows is ended early.
    EndWindow {
        pick: usize,
    },
    /// An officer sits down, or leaves.
    SignOn {
        officer: usize,
    },
    SignOff {
        officer: usize,
    },
    /// An officer does something with one of the open alarms.
    Act {
        officer: usize,
        pick: usize,
        act: Act,
    },
    /// Two officers take the same alarm at the same moment.
    TakeTogether {
        pick: usize,
    },
    /// An officer brings everything to its end.
    Sweep {
        officer: usize,
    },
    /// Somebody who was told answers.
    Answer {
        pick: usize,
        answer: Answer,
    },
    /// The program stands still for so long, and comes back.
    Restart {
        down_s: i64,
    },
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    /// What is normally done next.
    Next,
    HandOver,
    TakeOver,
    Merge,
    Unmerge,
    Remark,
}

/// The day of one seed, in the order of time.
pub(crate) fn write(seed: u64, county: &County) -> Vec<Event> {
    let mut script = Script { county, chance: Chance::new(seed, "day/script"), events: Vec::new() };
    script.shifts();
    for _ in 0..script.chance.whole(4, INCIDENTS_MAX) {
        script.incident();
    }
    let sweep_s = *script.chance.pick(&SWEEPS_S);
    for at_s in (sweep_s..DAY_S as usize).step_by(sweep_s) {
        let officer = script.chance.below(2);
        script.add(at_s as i64, What::Sweep { officer });
    }
    for _ in 0..script.chance.below(4) {
        let (at_s, down_s) = (script.moment(), *script.chance.pick(&[2, 30, 300, 4_000]));
        script.add(at_s, What::Restart { down_s });
    }
    script.events.retain(|e| (0..DAY_S).contains(&e.at_s));
    script.events.sort_by_key(|e| e.at_s);
    script.events
}

struct Script<'a> {
    county: &'a County,
    chance: Chance,
    events: Vec<Event>,
}

impl Script<'_> {
    fn add(&mut self, at_s: i64, what: What) {
        self.events.push(Event { at_s, what });
    }

    fn moment(&mut self) -> i64 {
        self.chance.below(DAY_S as usize) as i64
    }

    fn soon(&mut self, at_s: i64, within_s: usize) -> i64 {
        at_s + self.chance.below(within_s) as i64
    }

    /// Two officers in turn; now and then a gap in which nobody sits there.
    fn shifts(&mut self) {
        self.add(0, What::SignOn { officer: 0 });
        let mut at_s = 0;
        while at_s < DAY_S {
            at_s += self.chance.whole(3_600, 30_000) as i64;
            let officer = self.chance.below(2);
            let gap_s = if self.chance.happens(0.3) { self.chance.whole(1, 1_200) as i64 } else { 0 };
            self.add(at_s, What::SignOff { officer });
            self.add(at_s + gap_s, What::SignOn { officer: 1 - officer });
        }
    }

    fn incident(&mut self) {
        let at_s = self.moment();
        match self.chance.below(16) {
            0..=4 => self.signal(at_s, &[Condition::Fire]),
            5 | 6 => self.signal(at_s, &[Condition::Fault]),
            7 => self.signal(at_s, &[Condition::Shielded]),
            8 => self.signal(at_s, &[Condition::Fire, Condition::Shielded]),
            9 => self.signal(at_s, &[Condition::Fire, Condition::Test]),
            10 => self.flapping(at_s),
            11 => self.storm(at_s),
            12 | 13 => self.window(at_s),
            14 => self.silence(at_s),
            _ => self.travelling_fire(at_s),
        }
    }

    /// One point, what follows it, and what people do about it.
    fn signal(&mut self, at_s: i64, conditions: &[Condition]) {
        let point = self.chance.below(self.county.points.len());
        self.signal_of(point, at_s, conditions);
        self.people(at_s);
    }

    fn signal_of(&mut self, point: usize, at_s: i64, conditions: &[Condition]) {
        let age_s = *self.chance.pick(&[0, 0, 0, 0, 5, 599, 601, 8_000]);
        let conditions: Conditions = conditions.iter().copied().collect();
        self.add(at_s, What::Report { point, conditions, age_s });
        let terminal = self.county.points[point].terminal;
        for _ in 0..self.chance.below(3) {
            let again_s = self.soon(at_s, 40);
            self.add(again_s, What::Resend { terminal });
        }
        if self.chance.happens(0.4) {
            let again_s = self.soon(at_s + 1, 900);
            self.add(again_s, What::Report { point, conditions, age_s: 0 });
        }
        let over_s = self.soon(at_s + 20, 4_000);
        match self.chance.below(4) {
            0 => {}
            1 => self.add(over_s, What::Reset { terminal }),
            _ => self.add(over_s, What::Report { point, conditions: Conditions::default(), age_s: 0 }),
        }
    }

    fn people(&mut self, at_s: i64) {
        for _ in 0..self.chance.below(6) {
            let (then_s, pick) = (self.soon(at_s, 700), self.chance.below(1 << 20));
            let act = *self.chance.pick(&[
                Act::Next,
                Act::Next,
                Act::Next,
                Act::Next,
                Act::HandOver,
                Act::TakeOver,
                Act::Merge,
                Act::Unmerge,
                Act::Remark,
            ]);
            let officer = self.chance.below(2);
            self.add(then_s, What::Act { officer, pick, act });
        }
        let pick = self.chance.below(1 << 20);
        if self.chance.happens(0.3) {
            let then_s = self.soon(at_s, 60);
            self.add(then_s, What::TakeTogether { pick });
        }
        if self.chance.happens(0.4) {
            let answers = [Answer::Received, Answer::OnScene, Answer::FalseAlarm, Answer::Burning];
            let (then_s, answer) = (self.soon(at_s, 900), *self.chance.pick(&answers));
            self.add(then_s, What::Answer { pick, answer });
        }
    }

    fn flapping(&mut self, at_s: i64) {
        let point = self.chance.below(self.county.points.len());
        let fault: Conditions = [Condition::Fault].into_iter().collect();
        for n in 0..self.chance.whole(4, 20) as i64 {
            let conditions = if n % 2 == 0 { fault } else { Conditions::default() };
            self.add(at_s + 30 * n, What::Report { point, conditions, age_s: 0 });
        }
        self.people(at_s);
    }

    fn storm(&mut self, at_s: i64) {
        let own = self.county.units[0].points.clone();
        let most = own.len();
        for point in own.into_iter().take(self.chance.whole(8, most)) {
            let then_s = self.soon(at_s, 50);
            self.signal_of(point, then_s, &[Condition::Fire]);
        }
        self.people(at_s);
        self.people(at_s + 60);
    }

    /// Points of one unit, one after another.
    fn travelling_fire(&mut self, at_s: i64) {
        let unit = self.chance.below(self.county.units.len());
        let mut then_s = at_s;
        for point in self.county.units[unit].points.iter().copied().take(4) {
            then_s = self.soon(then_s, 180);
            self.add(
                then_s,
                What::Report { point, conditions: [Condition::Fire].into_iter().collect(), age_s: 0 },
            );
        }
        self.people(at_s);
    }

    fn window(&mut self, at_s: i64) {
        let unit = self.chance.below(self.county.units.len());
        let purpose = *self.chance.pick(&[Purpose::Maintenance, Purpose::Shielding, Purpose::Drill]);
        let floor = self.chance.happens(0.6).then(|| self.chance.below(3) as u32);
        let lasts_s = self.chance.whole(600, 14_000) as i64;
        self.add(at_s, What::Window { unit, purpose, floor, lasts_s });
        for _ in 0..self.chance.whole(1, 4) {
            let points = &self.county.units[unit].points;
            let point = points[self.chance.below(points.len())];
            let then_s = self.soon(at_s, lasts_s as usize);
            self.signal_of(point, then_s, &[Condition::Fire]);
        }
        if self.chance.happens(0.3) {
            let (then_s, pick) = (self.soon(at_s, lasts_s as usize), self.chance.below(1 << 20));
            self.add(then_s, What::EndWindow { pick });
        }
        self.people(at_s);
    }

    fn silence(&mut self, at_s: i64) {
        let terminal = self.chance.below(self.county.terminals.len());
        let mut then_s = at_s;
        for _ in 0..self.chance.whole(1, 5) {
            self.add(then_s, What::FallSilent { terminal });
            then_s = self.soon(then_s + 30, 1_500);
            self.add(then_s, What::Speak { terminal });
            then_s = self.soon(then_s + 10, 700);
        }
        self.people(at_s + 100);
    }
}
