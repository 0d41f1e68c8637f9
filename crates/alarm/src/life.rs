//! The life of an alarm (告警): raised → taken → verified → forwarded → closed.
//!
//! One seat holds an alarm at a time; another can only take it over with a reason. Nothing is closed that has
//! not been verified, and an undetermined finding (无法判定) is no verdict to close by. Every step leaves an
//! [`Event`]: who and when are added by whoever commits it.

use crate::{Class, Clocks, Timing};
use fengsui_base::{
    AlarmId, Officer, PointId, Position, Refusal, RefusalKind, RegionCode, TerminalId, UnitId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Longest note or reason, in characters.
pub const NOTE_CHARS_MAX: usize = 500;

/// An alarm with everything the desk needs to know of it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Alarm {
    /// Identity.
    pub id: AlarmId,
    /// What began it.
    #[serde(flatten)]
    pub raise: Raise,
    /// How often the point has reported it, the first time included.
    pub count: u32,
    /// When it was last reported.
    pub last_at: Timestamp,
    /// When the state of the point ended, if it has; the alarm goes on.
    pub restored_at: Option<Timestamp>,
    /// Where it stands.
    pub life: Life,
    /// Whether it has given up its slot for good: what the point reports next is another alarm.
    #[serde(default)]
    pub released: bool,
}

/// What began an alarm.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Raise {
    /// Class.
    pub class: Class,
    /// What it is, such as 火警·手动报警按钮.
    pub title: String,
    /// Region.
    pub region: RegionCode,
    /// Unit, when the terminal belongs to one.
    pub unit: Option<UnitId>,
    /// Name of the unit then.
    pub unit_name: Option<String>,
    /// Terminal.
    pub terminal: TerminalId,
    /// Point, when it is registered.
    pub point: Option<PointId>,
    /// Slot: the part and class that can have only one open alarm.
    pub slot: String,
    /// Building, when known.
    pub building: Option<String>,
    /// Floor, when known.
    pub floor: Option<String>,
    /// The point in words, such as 2 号厂房 1 层 2-1-004.
    pub place: String,
    /// Component type as sent.
    pub component_type: u8,
    /// Component in words.
    pub component_label: String,
    /// Component address as sent.
    pub component_address: u32,
    /// Position.
    pub position: Option<Position>,
    /// How timely it was reported: the first report, or the first live one after it.
    pub timing: Timing,
    /// When the first report was received.
    pub raised_at: Timestamp,
    /// When it happened, by the terminal's clock.
    pub event_at: Option<Timestamp>,
    /// When the frame was sent, by the terminal's clock.
    pub sent_at: Option<Timestamp>,
}

/// Where an alarm stands; each state carries what it cannot be without.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Life {
    /// Nobody has taken it (待签收).
    Raised,
    /// A seat is verifying it (核实中).
    Taken {
        /// Who.
        holder: Holder,
    },
    /// The finding is known (已核实).
    Verified {
        /// Who has it.
        holder: Holder,
        /// The finding.
        verdict: Verdict,
    },
    /// Handed to the fire brigade (已转119).
    Forwarded {
        /// Who has it.
        holder: Holder,
        /// The finding.
        verdict: Verdict,
        /// When and to whom.
        forwarding: Forwarding,
    },
    /// Closed (已销号).
    Closed {
        /// Who had it.
        holder: Holder,
        /// The finding.
        verdict: Verdict,
        /// When and to whom, if it was.
        forwarding: Option<Forwarding>,
        /// By whom and when.
        closing: Closing,
    },
}

/// The officer who has the alarm.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Holder {
    /// Officer and seat.
    pub officer: Officer,
    /// Since when.
    pub at: Timestamp,
    /// When the alarm was first taken by anybody.
    pub first_at: Timestamp,
}

/// What was found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Verdict {
    /// Finding.
    pub finding: Finding,
    /// Cause, for a false alarm.
    pub cause: Option<Cause>,
    /// In the officer's words.
    pub note: Option<String>,
    /// Who found.
    pub by: Officer,
    /// When.
    pub at: Timestamp,
}

/// The finding of a verification.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// 真实
    Real,
    /// 误报
    False,
    /// 测试
    Test,
    /// 无法判定: somebody must still find out.
    Undetermined,
}

/// Why an alarm was false.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// 油烟
    Cooking,
    /// 水汽
    Steam,
    /// 灰尘
    Dust,
    /// 吸烟
    Smoking,
    /// 施工
    Works,
    /// 人为
    Malicious,
    /// 设备故障
    DeviceFault,
    /// 原因不明
    Unknown,
}

/// Handed on to the fire brigade.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Forwarding {
    /// To whom: 119.
    pub to: String,
    /// In the officer's words.
    pub note: Option<String>,
    /// Who.
    pub by: Officer,
    /// When.
    pub at: Timestamp,
}

/// The end.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Closing {
    /// In the officer's words.
    pub note: Option<String>,
    /// Why it was closed while the point still reports it.
    pub unrestored_reason: Option<String>,
    /// Who.
    pub by: Officer,
    /// When.
    pub at: Timestamp,
}

/// What can happen to an alarm.
#[derive(Clone, PartialEq, Debug)]
pub enum Input {
    /// The point reports it again, as timely as this.
    Repeat(Clocks, Timing),
    /// The state of the point ended.
    Restore,
    /// Something else of the same unit that belongs to the story, such as a shutter that started.
    Linked(String),
    /// A seat takes it (签收).
    Take(Officer),
    /// The holder gives it to somebody else (移交).
    HandOver {
        /// Holder.
        by: Officer,
        /// To whom.
        to: Officer,
        /// Why.
        reason: String,
    },
    /// Somebody takes it from the holder (接管).
    TakeOver {
        /// Who.
        by: Officer,
        /// Why.
        reason: String,
    },
    /// The holder records the finding (核实).
    Verify {
        /// Holder.
        by: Officer,
        /// Finding.
        finding: Finding,
        /// Cause, for a false alarm.
        cause: Option<Cause>,
        /// In the officer's words; needed for a correction.
        note: Option<String>,
    },
    /// The holder records that the fire brigade was told (转119).
    Forward {
        /// Holder.
        by: Officer,
        /// To whom.
        to: String,
        /// In the officer's words.
        note: Option<String>,
    },
    /// Anybody adds a remark (补记).
    Note {
        /// Who.
        by: Officer,
        /// The remark.
        text: String,
    },
    /// The holder closes it (销号).
    Close {
        /// Holder.
        by: Officer,
        /// In the officer's words.
        note: Option<String>,
        /// Why although the point has not restored.
        unrestored_reason: Option<String>,
    },
}

/// What happened, for the journal and the screens.
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    /// It began.
    Raised,
    /// Reported again, for the n-th time.
    Repeated(u32),
    /// The state of the point ended.
    Restored,
    /// Something of the same unit.
    Linked(String),
    /// Taken.
    Taken {
        /// Seconds since it was raised.
        after_s: i64,
    },
    /// Given to somebody else.
    HandedOver {
        /// To whom.
        to: Officer,
        /// Why.
        reason: String,
    },
    /// Taken from the holder.
    TakenOver {
        /// From whom.
        from: Officer,
        /// Why.
        reason: String,
    },
    /// Found.
    Verified {
        /// The verdict.
        verdict: Verdict,
        /// The finding it corrects.
        corrects: Option<Finding>,
    },
    /// Handed to the fire brigade.
    Forwarded(Forwarding),
    /// A remark.
    Noted(String),
    /// The end.
    Closed(Closing),
}

/// Something an officer may do, with the reason why not.
#[derive(Clone, PartialEq, Debug)]
pub struct Action {
    /// Stable name.
    pub name: &'static str,
    /// What the button says.
    pub label: &'static str,
    /// Its key at the desk.
    pub key: &'static str,
    /// Why not, when it is not allowed.
    pub refusal: Option<Refusal>,
    /// Whether it is what is normally done next.
    pub primary: bool,
    /// What must be filled in.
    pub fields: Vec<Field>,
}

/// One thing to fill in before an action.
#[derive(Clone, PartialEq, Debug)]
pub struct Field {
    /// Stable name.
    pub name: &'static str,
    /// Label.
    pub label: &'static str,
    /// How it is filled in.
    pub kind: FieldKind,
    /// Whether it must be.
    pub required: bool,
}

/// How a field is filled in.
#[derive(Clone, PartialEq, Debug)]
pub enum FieldKind {
    /// Words.
    Text,
    /// One of these (value, label).
    Choice(Vec<(&'static str, &'static str)>),
    /// Another officer.
    Person,
}

/// How far a step of the life is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StepState {
    /// Behind us.
    Done,
    /// Now.
    Present,
    /// To come.
    Future,
}

impl Alarm {
    /// A new alarm.
    pub fn raise(id: AlarmId, raise: Raise) -> (Self, Event) {
        let last_at = raise.raised_at;
        (
            Self { id, raise, count: 1, last_at, restored_at: None, life: Life::Raised, released: false },
            Event::Raised,
        )
    }

    /// Whether its bell rings now.
    pub fn rings(&self) -> bool {
        self.life == Life::Raised && self.raise.timing == Timing::OnTime
    }

    /// Whether a new report of the same part and class belongs to this alarm.
    ///
    /// A verdict of false or test is about what has been: once the point has restored, what it reports next
    /// is a new alarm and rings.
    pub fn holds_slot(&self) -> bool {
        !self.is_closed() && !self.released
    }

    /// Judged false or a test, and over: its slot is given up, whatever the verdict is corrected to later.
    fn is_over(&self) -> bool {
        let judged = self.verdict().is_some_and(|v| matches!(v.finding, Finding::False | Finding::Test));
        judged && self.restored_at.is_some()
    }

    /// Whether it is closed.
    pub fn is_closed(&self) -> bool {
        matches!(self.life, Life::Closed { .. })
    }

    /// Stable name of the state.
    pub fn state(&self) -> &'static str {
        match self.life {
            Life::Raised => "raised",
            Life::Taken { .. } => "taken",
            Life::Verified { .. } => "verified",
            Life::Forwarded { .. } => "forwarded",
            Life::Closed { .. } => "closed",
        }
    }

    /// Who has it.
    pub fn holder(&self) -> Option<&Holder> {
        match &self.life {
            Life::Raised => None,
            Life::Taken { holder }
            | Life::Verified { holder, .. }
            | Life::Forwarded { holder, .. }
            | Life::Closed { holder, .. } => Some(holder),
        }
    }

    /// What was found.
    pub fn verdict(&self) -> Option<&Verdict> {
        match &self.life {
            Life::Raised | Life::Taken { .. } => None,
            Life::Verified { verdict, .. }
            | Life::Forwarded { verdict, .. }
            | Life::Closed { verdict, .. } => Some(verdict),
        }
    }

    /// When and to whom it was handed on.
    pub fn forwarding(&self) -> Option<&Forwarding> {
        match &self.life {
            Life::Forwarded { forwarding, .. } => Some(forwarding),
            Life::Closed { forwarding, .. } => forwarding.as_ref(),
            Life::Raised | Life::Taken { .. } | Life::Verified { .. } => None,
        }
    }

    /// The end, when there is one.
    pub fn closing(&self) -> Option<&Closing> {
        if let Life::Closed { closing, .. } = &self.life { Some(closing) } else { None }
    }

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
            Input::Linked(text) => Ok((self, Event::Linked(text))),
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
        (Self { count, last_at: clocks.received_at, restored_at: None, ..self }, Event::Repeated(count))
    }

    fn take(self, officer: Officer, now: Timestamp) -> Result<(Self, Event), Refusal> {
        self.may_take(&officer)?;
        let after_s = now.as_second() - self.raise.raised_at.as_second();
        let life = Life::Taken { holder: Holder { officer, at: now, first_at: now } };
        Ok((Self { life, ..self }, Event::Taken { after_s }))
    }

    fn may_take(&self, officer: &Officer) -> Result<(), Refusal> {
        signed_on(officer)?;
        match self.holder() {
            None => Ok(()),
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

    fn may_hand_over(&self, by: &Officer) -> Result<(), Refusal> {
        self.still_open()?;
        self.mine(by)
    }

    fn take_over(self, by: Officer, reason: String, now: Timestamp) -> Result<(Self, Event), Refusal> {
        self.may_take_over(&by)?;
        let reason = demanded(Some(reason), "/reason", "接管原因")?;
        let from = self.holder().expect("may_take_over asks for a holder").officer.clone();
        Ok((self.held_by(by, now), Event::TakenOver { from, reason }))
    }

    fn may_take_over(&self, by: &Officer) -> Result<(), Refusal> {
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

    fn may_verify(&self, by: &Officer) -> Result<(), Refusal> {
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

    fn may_forward(&self, by: &Officer) -> Result<(), Refusal> {
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

    fn may_note(&self, by: &Officer) -> Result<(), Refusal> {
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

    fn may_close(&self, by: &Officer) -> Result<(), Refusal> {
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
            Life::Raised => {}
            Life::Taken { holder }
            | Life::Verified { holder, .. }
            | Life::Forwarded { holder, .. }
            | Life::Closed { holder, .. } => *holder = Holder { officer, at: now, first_at: holder.first_at },
        }
        self
    }

    fn still_open(&self) -> Result<(), Refusal> {
        match self.closing() {
            Some(c) => Err(conflict(
                "alarm.closed",
                format!("已由 {} 于 {} 销号。", person(&c.by), local_time(c.at)),
            )),
            None => Ok(()),
        }
    }

    fn mine(&self, by: &Officer) -> Result<(), Refusal> {
        signed_on(by)?;
        match self.holder() {
            None => Err(conflict("alarm.not_taken", "还没有人签收，请先签收。")),
            Some(holder) if holder.officer.id == by.id => Ok(()),
            Some(holder) => {
                Err(conflict("alarm.held", format!("由 {} 处置中，须先接管。", person(&holder.officer))))
            }
        }
    }

    /// Everything the officer could do with it, judged by the same functions that will judge the act.
    pub fn actions(&self, by: &Officer) -> Vec<Action> {
        let reason = |label| Field { name: "reason", label, kind: FieldKind::Text, required: true };
        let note = |required| Field {
            name: "note",
            label: if required { "更正说明" } else { "说明" },
            kind: FieldKind::Text,
            required,
        };
        let correction = self.verdict().is_some_and(|v| v.finding != Finding::Undetermined);
        let cause = Field {
            name: "cause",
            label: "误报原因",
            kind: FieldKind::Choice(Cause::choices()),
            required: true,
        };
        let person = Field { name: "to", label: "移交给", kind: FieldKind::Person, required: true };
        let text = Field { name: "text", label: "补记内容", kind: FieldKind::Text, required: true };
        let unrestored = Field {
            name: "unrestored_reason",
            label: "未复位而销号的原因",
            kind: FieldKind::Text,
            required: true,
        };
        let closing =
            if self.restored_at.is_some() { vec![note(false)] } else { vec![unrestored, note(false)] };
        let verify = self.may_verify(by).err();
        let action =
            |name, label, key, refusal, fields| Action { name, label, key, refusal, fields, primary: false };
        let mut all = vec![
            action("take", "签收", "A", self.may_take(by).err(), vec![]),
            action("verify_real", "核实为真", "T", verify.clone(), vec![note(correction)]),
            action("verify_false", "误报", "F", verify.clone(), vec![cause, note(correction)]),
            action("verify_test", "测试", "E", verify.clone(), vec![note(correction)]),
            action("verify_undetermined", "无法判定", "U", verify, vec![note(correction)]),
            action("forward", "转119", "D", self.may_forward(by).err(), vec![]),
            action("hand_over", "移交", "H", self.may_hand_over(by).err(), vec![person, reason("移交原因")]),
            action("take_over", "接管", "O", self.may_take_over(by).err(), vec![reason("接管原因")]),
            action("note", "补记", "N", self.may_note(by).err(), vec![text]),
            action("close", "销号", "C", self.may_close(by).err(), closing),
        ];
        let next = self.next_step();
        all.iter_mut().filter(|a| a.name == next && a.refusal.is_none()).for_each(|a| a.primary = true);
        all
    }

    /// What is normally done next.
    fn next_step(&self) -> &'static str {
        match (&self.life, self.verdict().map(|v| v.finding)) {
            (Life::Raised, _) => "take",
            (Life::Taken { .. }, _) => "verify_real",
            (Life::Verified { .. }, Some(Finding::Real)) if self.raise.class == Class::Fire => "forward",
            (Life::Verified { .. }, Some(Finding::Undetermined)) => "verify_real",
            (Life::Closed { .. }, _) => "note",
            (Life::Verified { .. } | Life::Forwarded { .. }, _) => "close",
        }
    }

    /// The life as a row of steps (name, when, how far).
    pub fn steps(&self) -> Vec<(&'static str, Option<Timestamp>, StepState)> {
        let at = [
            ("发生", self.raise.event_at),
            ("到达", Some(self.raise.raised_at)),
            ("签收", self.holder().map(|h| h.first_at)),
            ("核实", self.verdict().map(|v| v.at)),
            ("处置", self.forwarding().map(|f| f.at)),
            ("销号", self.closing().map(|c| c.at)),
        ];
        let present = match (&self.life, self.verdict().map(|v| v.finding)) {
            (Life::Raised, _) => 2,
            (Life::Taken { .. }, _) | (Life::Verified { .. }, Some(Finding::Undetermined)) => 3,
            (Life::Verified { .. }, Some(Finding::Real)) => 4,
            (Life::Verified { .. } | Life::Forwarded { .. }, _) => 5,
            (Life::Closed { .. }, _) => 6,
        };
        let state = |i: usize| match i.cmp(&present) {
            std::cmp::Ordering::Less => StepState::Done,
            std::cmp::Ordering::Equal => StepState::Present,
            std::cmp::Ordering::Greater => StepState::Future,
        };
        at.into_iter().enumerate().map(|(i, (name, at))| (name, at, state(i))).collect()
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

fn signed_on(officer: &Officer) -> Result<(), Refusal> {
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

fn conflict(code: &'static str, sentence: impl Into<String>) -> Refusal {
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

#[cfg(test)]
#[path = "life_tests.rs"]
mod tests;
