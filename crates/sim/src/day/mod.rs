//! A day of a county on simulated time: the alarm engine of the program, driven through everything that can happen to
//! it, thousands of days in a few seconds, with every promise looked at after every step.
//!
//! One number, the seed, makes a day: a small [county](county), and a [script](script) of fires, false alarms, storms,
//! windows, silences, late and wrong clocks, shifts, what officers do and do not do, and restarts. A [desk](desk) of
//! nothing but memory plays it with the functions of the crate `alarm`; an [oracle](oracle) reckons beside it what ought
//! to be; the [predicates] compare the two. A day that breaks a promise is told as a story, and its seed is kept.

mod clock;
mod county;
mod desk;
mod fault;
mod intake;
mod oracle;
mod people;
mod predicates;
mod script;
#[cfg(test)]
mod tests;

pub use fault::Fault;

use county::{County, unit_id};
use desk::Desk;
use fengsui_alarm::{Class, Cover, WindowDraft, WindowOwner};
use fengsui_base::{EntryId, Timestamp};
use intake::Frame;
use jiff::SignedDuration;
use oracle::Violation;
use script::{Event, What};

/// The first midnight of a simulated week, in China: a Saturday.
const OPENING_S: i64 = 1_795_190_400;
/// A frame that is sent again within so many seconds is known by its receipt.
const RECEIPT_S: i64 = 60;
/// Days that broke a promise once; they are run before all others.
const KEPT: &str = include_str!("../../days.txt");

/// What became of a day.
#[derive(Debug)]
pub struct Outcome {
    /// Changes that were stored.
    pub changes: u64,
    /// Whether the fault that was put in had an occasion to show itself.
    pub struck: bool,
    /// The promise that was broken, if one was.
    pub broken: Option<Broken>,
}

/// A promise that was broken.
#[derive(Debug)]
pub struct Broken {
    /// Which, by its name.
    pub predicate: &'static str,
    /// What was seen.
    pub detail: String,
    /// When.
    pub at: Timestamp,
    /// What happened until then, a line each; only when asked for.
    pub story: Vec<String>,
}

/// The seeds of days that broke a promise once.
pub fn kept() -> Vec<u64> {
    KEPT.lines().filter_map(|line| line.split('#').next()?.trim().parse().ok()).collect()
}

/// Plays the day of one seed, with a fault put in or without; `tells` keeps its story.
pub fn play(seed: u64, fault: Option<Fault>, tells: bool) -> Outcome {
    let county = County::invent(seed);
    let events = script::write(seed, &county);
    let opening =
        later(Timestamp::from_second(OPENING_S).unwrap_or_default(), (seed % 7) as i64 * script::DAY_S);
    let mut desk = Desk::new(&county, fault, opening, tells);
    let broken = desk.day(opening, &events).err();
    let (changes, struck, at) = (desk.sequence, desk.struck, desk.now);
    let story = desk.story.unwrap_or_default();
    let broken = broken.map(|Violation { predicate, detail }| Broken { predicate, detail, at, story });
    Outcome { changes, struck, broken }
}

impl Desk<'_> {
    fn day(&mut self, opening: Timestamp, events: &[Event]) -> Result<(), Violation> {
        for event in events {
            // What happens while the program stands still reaches it when it is back.
            let at = later(opening, event.at_s);
            if at > self.now {
                self.pass_until(at)?;
            }
            self.happens(at, &event.what)?;
            self.reconcile()?;
        }
        self.pass_until(later(opening, script::DAY_S).max(self.now))?;
        self.restart()
    }

    fn happens(&mut self, at: Timestamp, what: &What) -> Result<(), Violation> {
        match what {
            What::Report { point, conditions, age_s } => {
                let ahead_s = self.county.terminals[self.county.points[*point].terminal].ahead_s;
                let sent_at = later(at, ahead_s);
                let (event_at, received_at) = (later(sent_at, -age_s), self.now);
                self.arrive(Frame { point: *point, conditions: *conditions, event_at, sent_at, received_at })
            }
            What::Resend { terminal } => match self.frames.get(terminal).copied() {
                Some(f) if self.now.duration_since(f.received_at).as_secs() <= RECEIPT_S => self.again(f),
                Some(_) | None => Ok(()),
            },
            What::Reset { terminal } => self.reset(*terminal, at),
            What::FallSilent { terminal } => {
                self.silent.entry(*terminal).or_insert(self.now);
                Ok(())
            }
            What::Speak { terminal } => self.heard(*terminal),
            What::Window { unit, purpose, floor, lasts_s } => {
                self.open_window(*unit, *purpose, *floor, *lasts_s);
                Ok(())
            }
            What::EndWindow { pick } => {
                let running = self.windows.iter().filter(|(_, w)| w.ended_at.is_none());
                let ids: Vec<EntryId> = running.map(|(id, _)| *id).collect();
                ids.get(pick % ids.len().max(1)).map_or(Ok(()), |id| self.end_window(*id))
            }
            What::SignOn { officer } => {
                self.seats.insert(*officer, self.county.officers[*officer].clone());
                Ok(())
            }
            What::SignOff { officer } => {
                self.seats.remove(officer);
                Ok(())
            }
            What::Act { officer, pick, act } => self.act(*officer, *pick, *act),
            What::TakeTogether { pick } => self.take_together(*pick),
            What::Sweep { officer } => self.sweep(*officer),
            What::Answer { pick, answer } => self.answer(*pick, *answer),
            What::Restart { down_s } => {
                self.restart()?;
                self.now = later(self.now, *down_s);
                Ok(())
            }
        }
    }

    fn arrive(&mut self, frame: Frame) -> Result<(), Violation> {
        let terminal = self.county.points[frame.point].terminal;
        self.tell(|| format!("报 点{} 终端{terminal} {:?}", frame.point, frame.conditions));
        self.heard(terminal)?;
        self.frames.insert(terminal, frame);
        self.report(frame)
    }

    /// A reset of the panel ends the fires of its points.
    fn reset(&mut self, terminal: usize, at: Timestamp) -> Result<(), Violation> {
        let sent_at = later(at, self.county.terminals[terminal].ahead_s);
        for (point, conditions) in self.oracle.burning(terminal) {
            let conditions = conditions.without(Class::Fire);
            let frame = Frame { point, conditions, event_at: sent_at, sent_at, received_at: self.now };
            self.arrive(frame)?;
        }
        Ok(())
    }

    fn open_window(
        &mut self,
        unit: usize,
        purpose: fengsui_alarm::Purpose,
        floor: Option<u32>,
        lasts_s: i64,
    ) {
        let floor_of = |floor| Cover::Floor {
            building: "1 号楼".to_owned(),
            floor: Some(format!("{} 层", floor + 1)),
        };
        let draft = WindowDraft {
            purpose,
            cover: floor.map_or(Cover::Unit, floor_of),
            reason: "消防检测".to_owned(),
            owner: WindowOwner { name: "王强".to_owned(), phone: "13900000000".to_owned() },
            from_at: None,
            until_at: later(self.now, lasts_s),
        };
        let made = fengsui_alarm::Window::make(draft, unit_id(unit), "单位", "范围".to_owned(), self.now);
        if let Ok((window, _)) = made {
            self.tell(|| {
                format!("窗口 单位{unit} {floor:?} 至 {}", fengsui_alarm::local_time(window.until_at))
            });
            let id = EntryId::from_u128(self.fresh_id());
            self.windows.insert(id, window);
        }
    }
}

fn later(at: Timestamp, seconds: i64) -> Timestamp {
    at + SignedDuration::from_secs(seconds)
}
