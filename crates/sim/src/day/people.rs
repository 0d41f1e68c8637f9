//! What officers and those who were told do: the natural next step, and what they should not be able to do.

use super::desk::{Change, Desk, is_raised};
use super::fault::Fault;
use super::oracle::Violation;
use super::script::Act;
use fengsui_alarm::{Alarm, Answer, Answered, Cause, Class, Finding, Input, Life};
use fengsui_base::{AlarmId, Officer};

/// Steps after which any alarm is closed.
const STEPS_MAX: usize = 6;

impl Desk<'_> {
    /// An officer acts, by a seat if she has one; what is refused changes nothing.
    pub(super) fn act(&mut self, officer: usize, pick: usize, act: Act) -> Result<(), Violation> {
        let by = self.person(officer);
        let Some(alarm) = nth(&self.open, pick) else { return Ok(()) };
        let input = match act {
            Act::Next => Some(next(&alarm, &by, pick)),
            Act::HandOver => {
                let to = self.county.officers[(officer + 1) % 2].clone();
                Some(Input::HandOver { by, to, reason: "换班".to_owned() })
            }
            Act::TakeOver => Some(Input::TakeOver { by, reason: "离席".to_owned() }),
            Act::Merge => self.merging(&alarm, by, pick),
            Act::Unmerge => Some(Input::Unmerge(by)),
            Act::Remark => Some(Input::Note { by, text: "已电话询问".to_owned() }),
        };
        match input {
            Some(input) => self.step(&alarm, input),
            None => Ok(()),
        }
    }

    /// As she stands in the record: without a seat when she has not signed on.
    fn person(&self, officer: usize) -> Officer {
        let seat = self.seats.get(&officer).and_then(|o| o.seat);
        Officer { seat, ..self.county.officers[officer].clone() }
    }

    fn merging(&self, alarm: &Alarm, by: Officer, pick: usize) -> Option<Input> {
        let of_unit = |a: &&Alarm| a.raise.unit == alarm.raise.unit && a.id != alarm.id;
        let all: Vec<_> = self.open.values().filter(of_unit).collect();
        // A head with members is not put into another; the program asks that before the alarm is asked.
        let head = self.open.values().any(|a| a.member.as_ref().is_some_and(|m| m.head == alarm.id));
        let into = all.get(pick % all.len().max(1)).filter(|_| !head)?;
        Some(Input::Merge { by, into: Box::new((*into).clone()), number: "0001".to_owned() })
    }

    /// One step of one alarm, with what it means for its members.
    fn step(&mut self, alarm: &Alarm, input: Input) -> Result<(), Violation> {
        let taker = if let Input::Take(by) = &input { Some(by.id) } else { None };
        let mut change = Change::default();
        let at = change.touch(alarm);
        if !self.happen(&mut change, at, input) {
            return Ok(());
        }
        if let Some(by) = taker {
            self.oracle.claims.entry(alarm.id).or_default().push(by);
        }
        self.release_members(at, &mut change);
        if is_raised(&change.0[at]) && alarm.raise.class == Class::Fire && self.strikes(Fault::ClosesUnjudged)
        {
            change.0[at].life = Life::Ended { at: self.now };
        }
        self.commit(change)
    }

    /// A head that was found to be nothing, or is closed, speaks for nobody any more.
    fn release_members(&mut self, at: usize, change: &mut Change) {
        let head = change.0[at].clone();
        let nothing = matches!(head.verdict().map(|v| v.finding), Some(Finding::False | Finding::Test));
        if !head.is_closed() && !nothing {
            return;
        }
        let of_head = |a: &&Alarm| a.member.as_ref().is_some_and(|m| m.head == head.id);
        let members: Vec<Alarm> = self.open.values().filter(of_head).cloned().collect();
        for member in members {
            let other = change.touch(&member);
            self.happen(change, other, Input::Part("首警已处置".to_owned()));
        }
    }

    /// Two officers take the same alarm at the same moment: the second finds another version and is asked again.
    pub(super) fn take_together(&mut self, pick: usize) -> Result<(), Violation> {
        let waiting: Vec<Alarm> = self.open.values().filter(|a| is_raised(a)).cloned().collect();
        let Some(alarm) = waiting.get(pick % waiting.len().max(1)) else { return Ok(()) };
        let (first, second) = (self.seated(0), self.seated(1));
        self.step(alarm, Input::Take(first))?;
        let gives_twice = self.strikes(Fault::GivesTwice);
        let stored = self.open.get(&alarm.id).unwrap_or(alarm).clone();
        self.step(if gives_twice { alarm } else { &stored }, Input::Take(second))
    }

    fn seated(&self, officer: usize) -> Officer {
        self.county.officers[officer].clone()
    }

    /// An officer brings everything to its end that can be brought there.
    pub(super) fn sweep(&mut self, officer: usize) -> Result<(), Violation> {
        let ids: Vec<AlarmId> = self.open.keys().copied().collect();
        for (n, id) in ids.into_iter().enumerate() {
            for _ in 0..STEPS_MAX {
                let Some(alarm) = self.open.get(&id).cloned() else { break };
                let by = self.person(officer);
                let other = alarm.holder().is_some_and(|h| h.officer.id != by.id);
                let input = match other {
                    true => Input::TakeOver { by, reason: "清理".to_owned() },
                    false => next(&alarm, &by, n),
                };
                self.step(&alarm, input)?;
            }
        }
        Ok(())
    }

    /// Somebody who was told of an alarm answers.
    pub(super) fn answer(&mut self, pick: usize, answer: Answer) -> Result<(), Violation> {
        let told =
            |a: &&Alarm| a.ladder.as_ref().is_some_and(|l| l.climbed.iter().any(|c| !c.told.is_empty()));
        let all: Vec<Alarm> = self.open.values().filter(told).cloned().collect();
        let Some(alarm) = all.get(pick % all.len().max(1)) else { return Ok(()) };
        let told = alarm.ladder.iter().flat_map(|l| l.climbed.iter().flat_map(|c| c.told.clone())).last();
        let Some(told) = told else { return Ok(()) };
        let (through, at) = ("回复短信".to_owned(), self.now);
        let (message, name, role) = (told.message, told.name, told.role);
        self.step(alarm, Input::Answer(Answered { message, name, role, answer, note: None, through, at }))
    }
}

fn nth(open: &std::collections::BTreeMap<AlarmId, Alarm>, pick: usize) -> Option<Alarm> {
    open.values().nth(pick % open.len().max(1)).cloned()
}

/// What is normally done next; the number decides the finding.
fn next(alarm: &Alarm, by: &Officer, pick: usize) -> Input {
    let by = by.clone();
    let verify = |finding, cause, note: Option<&str>| Input::Verify {
        by: by.clone(),
        finding,
        cause,
        note: note.map(str::to_owned),
    };
    let close =
        || Input::Close { by: by.clone(), note: None, unrestored_reason: Some("待维修".to_owned()) };
    match (&alarm.life, alarm.verdict().map(|v| v.finding)) {
        (Life::Raised, _) => Input::Take(by),
        (Life::Taken { .. }, _) => match pick / 64 % 5 {
            0 => verify(Finding::Real, None, None),
            1 => verify(Finding::Undetermined, None, None),
            2 => verify(Finding::Test, None, None),
            _ => verify(Finding::False, Some(Cause::Dust), None),
        },
        (Life::Verified { .. }, Some(Finding::Undetermined)) => verify(Finding::Real, None, Some("现场确认")),
        (Life::Verified { .. }, Some(Finding::Real)) if alarm.raise.class == Class::Fire => {
            Input::Forward { by, to: "119".to_owned(), note: None }
        }
        _ => close(),
    }
}
