//! What officers and points do to an alarm: each act is judged, then done, or refused with the reason.

use super::{Alarm, Cause, Closing, Event, Finding, Forwarding, Holder, Input, Life, Verdict};
use crate::{Class, Clocks, Filter, Timing};
use fengsui_base::{Officer, Refusal, RefusalKind};
use jiff::Timestamp;

/// Longest note or reason, in characters.
pub const NOTE_CHARS_MAX: usize = 500;

impl Alarm {
    /// The alarm after the input, and what happened; or why not.
    pub fn handle(self, input: Input, now: Timestamp) -> Result<(Self, Event), Refusal> {
        let (mut alarm, event) = self.step(input, now)?;
        alarm.released |= alarm.is_over();
        Ok((alarm, event))
    }

    fn step(self, input: Input, now: Timestamp) -> Result<(Self, Event), Refusal> {
        match input {
            Input::Repeat(clocks, timing) => Ok(self.repeat(clocks, timing)),
            Input::Restore => Ok((Self { restored_at: Some(now), ..self }, Event::Restored)),
            Input::Silent(rules) => Ok(self.silent_again(rules, now)),
            Input::Heard => Ok(self.heard_again(now)),
            Input::Steady => Ok(self.steadied(now)),
            Input::Linked(text) => Ok((self, Event::Linked(text))),
            Input::Climb(step, told) => self.climb(step, told, now),
            Input::Answer(answered) => self.answer(answered, now),
            Input::Suppress(by) => Ok(self.suppress(by)),
            Input::Lift(why) => self.lift(&why, now),
            Input::Coincide(with) => Ok(self.coincide(with)),
            Input::Marked(filter, text) => Ok(self.marked(filter, text, now)),
            Input::Join(member) => self.join(member),
            Input::Part(why) => self.part(&why, now),
            Input::Merge { by, into, number } => self.merge(by, &into, &number, now),
            Input::Unmerge(by) => self.unmerge(&by, now),
            Input::Take(officer) => self.take(officer, now),
            Input::HandOver { by, to, reason } => self.hand_over(&by, to, reason, now),
            Input::TakeOver { by, reason } => self.take_over(by, reason, now),
            Input::Verify { by, finding, cause, note } => self.verify(by, finding, cause, note, now),
            Input::Forward { by, to, note } => self.forward(by, to, note, now),
            Input::Note { by, text } => self.note(&by, text),
            Input::Close { by, note, unrestored_reason } => self.close(by, note, unrestored_reason, now),
        }
    }

    /// A late alarm that nobody has taken rings when the point reports it live: the bell follows the newest report.
    fn repeat(mut self, clocks: Clocks, timing: Timing) -> (Self, Event) {
        if self.life == Life::Raised && timing == Timing::OnTime {
            self.raise.timing = timing;
        }
        let count = self.count.saturating_add(1);
        self.trace.add(clocks.received_at, Filter::Repeat, format!("同点再次报警，第 {count} 次，不另响铃"));
        (Self { count, last_at: clocks.received_at, restored_at: None, ..self }, Event::Repeated(count))
    }

    fn take(self, officer: Officer, now: Timestamp) -> Result<(Self, Event), Refusal> {
        self.may_take(&officer)?;
        let after_s = now.as_second() - self.raise.raised_at.as_second();
        let life = Life::Taken { holder: Holder { officer, at: now, first_at: now } };
        Ok((Self { life, ..self }, Event::Taken { after_s }))
    }

    pub(super) fn may_take(&self, officer: &Officer) -> Result<(), Refusal> {
        signed_on(officer)?;
        match self.holder() {
            None => self.still_open(),
            Some(holder) => Err(already_taken(holder, officer)),
        }
    }

    fn hand_over(
        self,
        by: &Officer,
        to: Officer,
        reason: String,
        now: Timestamp,
    ) -> Result<(Self, Event), Refusal> {
        self.may_hand_over(by)?;
        if to.id == by.id {
            return Err(conflict("alarm.hand_over_to_self", "不能移交给自己，请选择另一位值班人员。"));
        }
        let reason = demanded(Some(reason), "/reason", "移交原因")?;
        let event = Event::HandedOver { to: to.clone(), reason };
        Ok((self.held_by(to, now), event))
    }

    pub(super) fn may_hand_over(&self, by: &Officer) -> Result<(), Refusal> {
        self.still_open()?;
        self.mine(by)
    }

    fn take_over(self, by: Officer, reason: String, now: Timestamp) -> Result<(Self, Event), Refusal> {
        self.may_take_over(&by)?;
        let reason = demanded(Some(reason), "/reason", "接管原因")?;
        let from = self.holder().expect("may_take_over asks for a holder").officer.clone();
        Ok((self.held_by(by, now), Event::TakenOver { from, reason }))
    }

    pub(super) fn may_take_over(&self, by: &Officer) -> Result<(), Refusal> {
        self.still_open()?;
        signed_on(by)?;
        match self.holder() {
            None => Err(conflict("alarm.not_taken", "还没有人签收，请直接签收。")),
            Some(holder) if holder.officer.id == by.id => {
                Err(conflict("alarm.own", "本条已由您处置，无须接管。"))
            }
            Some(_) => Ok(()),
        }
    }

    fn verify(
        self,
        by: Officer,
        finding: Finding,
        cause: Option<Cause>,
        note: Option<String>,
        now: Timestamp,
    ) -> Result<(Self, Event), Refusal> {
        self.may_verify(&by)?;
        if (finding == Finding::False) != cause.is_some() {
            return Err(place("/cause", "alarm.cause", "误报须选一个原因，其他结论不填原因。"));
        }
        let corrects = self.verdict().map(|v| v.finding).filter(|f| *f != Finding::Undetermined);
        let note = if corrects.is_some() {
            Some(demanded(note, "/note", "更正说明")?)
        } else {
            optional(note, "/note")?
        };
        let verdict = Verdict { finding, cause, note, by, at: now };
        let holder = self.holder().expect("may_verify asks for a holder").clone();
        let event = Event::Verified { verdict: verdict.clone(), corrects };
        Ok((Self { life: Life::Verified { holder, verdict }, ..self }, event))
    }

    pub(super) fn may_verify(&self, by: &Officer) -> Result<(), Refusal> {
        self.still_open()?;
        self.mine(by)?;
        match self.forwarding() {
            Some(f) => Err(conflict(
                "alarm.forwarded",
                format!("已于 {} 转 {}，结论不能再改，请补记。", local_time(f.at), f.to),
            )),
            None => Ok(()),
        }
    }

    fn forward(
        self,
        by: Officer,
        to: String,
        note: Option<String>,
        now: Timestamp,
    ) -> Result<(Self, Event), Refusal> {
        self.may_forward(&by)?;
        let note = optional(note, "/note")?;
        let forwarding = Forwarding { to, note, by, at: now };
        let holder = self.holder().expect("may_forward asks for a holder").clone();
        let verdict = self.verdict().expect("may_forward asks for a verdict").clone();
        let event = Event::Forwarded(forwarding.clone());
        Ok((Self { life: Life::Forwarded { holder, verdict, forwarding }, ..self }, event))
    }

    pub(super) fn may_forward(&self, by: &Officer) -> Result<(), Refusal> {
        self.still_open()?;
        self.mine(by)?;
        if self.raise.class != Class::Fire {
            return Err(conflict("alarm.not_fire", "只有火警转119；故障请通知维保单位后补记。"));
        }
        match (&self.life, self.verdict().map(|v| v.finding)) {
            (Life::Forwarded { forwarding, .. }, _) => Err(conflict(
                "alarm.forwarded",
                format!("已于 {} 转 {}。", local_time(forwarding.at), forwarding.to),
            )),
            (_, None) => Err(conflict("alarm.unverified", "请先核实：真实或无法判定的火警才转119。")),
            (_, Some(Finding::False | Finding::Test)) => {
                Err(conflict("alarm.not_real", "已核实为误报或测试；如有变化，请先更正核实结论。"))
            }
            (_, Some(Finding::Real | Finding::Undetermined)) => Ok(()),
        }
    }

    fn note(self, by: &Officer, text: String) -> Result<(Self, Event), Refusal> {
        self.may_note(by)?;
        let text = demanded(Some(text), "/text", "补记内容")?;
        Ok((self, Event::Noted(text)))
    }

    pub(super) fn may_note(&self, by: &Officer) -> Result<(), Refusal> {
        signed_on(by)
    }

    fn close(
        self,
        by: Officer,
        note: Option<String>,
        unrestored_reason: Option<String>,
        now: Timestamp,
    ) -> Result<(Self, Event), Refusal> {
        self.may_close(&by)?;
        let note = optional(note, "/note")?;
        let reason = if self.restored_at.is_some() {
            None
        } else {
            Some(demanded(unrestored_reason, "/unrestored_reason", "未复位而销号的原因")?)
        };
        let closing = Closing { note, unrestored_reason: reason, by, at: now };
        let holder = self.holder().expect("may_close asks for a holder").clone();
        let verdict = self.verdict().expect("may_close asks for a verdict").clone();
        let forwarding = self.forwarding().cloned();
        let event = Event::Closed(closing.clone());
        Ok((Self { life: Life::Closed { holder, verdict, forwarding, closing }, ..self }, event))
    }

    pub(super) fn may_close(&self, by: &Officer) -> Result<(), Refusal> {
        self.still_open()?;
        self.mine(by)?;
        match self.verdict().map(|v| v.finding) {
            None => Err(conflict("alarm.unverified", "还缺核实结论。")),
            Some(Finding::Undetermined) => {
                Err(conflict("alarm.undetermined", "无法判定不能销号，请再核实、转119或移交带班领导。"))
            }
            Some(Finding::Real) if self.raise.class == Class::Fire && self.forwarding().is_none() => {
                Err(conflict("alarm.not_forwarded", "真实火警须先转119。"))
            }
            Some(Finding::Real | Finding::False | Finding::Test) => Ok(()),
        }
    }

    /// The same alarm in the hands of another officer.
    fn held_by(mut self, officer: Officer, now: Timestamp) -> Self {
        match &mut self.life {
            Life::Raised | Life::Ended { .. } => {}
            Life::Taken { holder }
            | Life::Verified { holder, .. }
            | Life::Forwarded { holder, .. }
            | Life::Closed { holder, .. } => *holder = Holder { officer, at: now, first_at: holder.first_at },
        }
        self
    }

    pub(super) fn still_open(&self) -> Result<(), Refusal> {
        if let Life::Ended { at } = &self.life {
            let sentence = format!("已恢复通信，系统于 {} 自动销号。", local_time(*at));
            return Err(conflict("alarm.ended", sentence));
        }
        match self.closing() {
            Some(c) => Err(conflict(
                "alarm.closed",
                format!("已由 {} 于 {} 销号。", person(&c.by), local_time(c.at)),
            )),
            None => Ok(()),
        }
    }

    pub(super) fn mine(&self, by: &Officer) -> Result<(), Refusal> {
        signed_on(by)?;
        match self.holder() {
            None => Err(conflict("alarm.not_taken", "还没有人签收，请先签收。")),
            Some(holder) if holder.officer.id == by.id => Ok(()),
            Some(holder) => {
                Err(conflict("alarm.held", format!("由 {} 处置中，须先接管。", person(&holder.officer))))
            }
        }
    }
}

/// How the record names an officer: 1 席 周敏.
pub(crate) fn person(officer: &Officer) -> String {
    officer.seat.map_or_else(|| officer.name.clone(), |seat| format!("{seat} 席 {}", officer.name))
}

/// Time of day in the office's zone, for sentences.
pub fn local_time(at: Timestamp) -> String {
    // China has one zone without daylight saving: a fixed offset needs no time-zone file.
    const CHINA: jiff::tz::Offset = jiff::tz::Offset::constant(8);
    let local = CHINA.to_datetime(at);
    format!("{:02}:{:02}:{:02}", local.hour(), local.minute(), local.second())
}

pub(super) fn signed_on(officer: &Officer) -> Result<(), Refusal> {
    if officer.seat.is_some() {
        return Ok(());
    }
    Err(Refusal::new(RefusalKind::Conflict, "seat.none", "请先上席，再处置告警。"))
}

fn already_taken(holder: &Holder, by: &Officer) -> Refusal {
    if holder.officer.id == by.id {
        return conflict("alarm.own", "您已签收本条。");
    }
    let sentence = format!("已由 {} 于 {} 签收。", person(&holder.officer), local_time(holder.first_at));
    conflict("alarm.taken", sentence).with("holder", holder.officer.name.as_str())
}

pub(super) fn conflict(code: &'static str, sentence: impl Into<String>) -> Refusal {
    Refusal::new(RefusalKind::Conflict, code, sentence)
}

fn place(pointer: &'static str, code: &'static str, sentence: &str) -> Refusal {
    Refusal::invalid(vec![fengsui_base::Place::new(pointer, code, sentence)])
}

fn demanded(text: Option<String>, pointer: &'static str, label: &str) -> Result<String, Refusal> {
    optional(text, pointer)?.ok_or_else(|| place(pointer, "field.required", &format!("请填写{label}。")))
}

fn optional(text: Option<String>, pointer: &'static str) -> Result<Option<String>, Refusal> {
    let text = text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
    match text.as_ref().map_or(0, |t| t.chars().count()) {
        0..=NOTE_CHARS_MAX => Ok(text),
        n => Err(place(
            pointer,
            "text.too_long",
            &format!("写了 {n} 个字，最多 {NOTE_CHARS_MAX} 个，请缩短。"),
        )),
    }
}
