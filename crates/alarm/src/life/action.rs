//! Everything an officer could do with an alarm, judged by the same functions that will judge the act.

use super::{Alarm, Cause, Finding, Life};
use crate::Class;
use fengsui_base::{Officer, Refusal};

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
    /// Another alarm of the unit (id, words).
    Alarm(Vec<(String, String)>),
}

impl Alarm {
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
            self.merging(by),
            action("note", "补记", "N", self.may_note(by).err(), vec![text]),
            action("close", "销号", "C", self.may_close(by).err(), closing),
        ];
        let next = self.next_step();
        all.iter_mut().filter(|a| a.name == next && a.refusal.is_none()).for_each(|a| a.primary = true);
        all
    }

    /// Putting it into another alarm, or taking it out again. What it may be put into is filled in by whoever
    /// knows the other alarms.
    fn merging(&self, by: &Officer) -> Action {
        let into =
            Field { name: "into", label: "并入", kind: FieldKind::Alarm(Vec::new()), required: true };
        if self.member.is_some() {
            let refusal = self.may_unmerge(by).err();
            return Action {
                name: "unmerge",
                label: "取消合并",
                key: "M",
                refusal,
                fields: vec![],
                primary: false,
            };
        }
        let refusal = self.may_merge(by).err();
        Action { name: "merge", label: "合并", key: "M", refusal, fields: vec![into], primary: false }
    }

    /// What is normally done next.
    fn next_step(&self) -> &'static str {
        match (&self.life, self.verdict().map(|v| v.finding)) {
            (Life::Raised, _) => "take",
            (Life::Taken { .. }, _) => "verify_real",
            (Life::Verified { .. }, Some(Finding::Real)) if self.raise.class == Class::Fire => "forward",
            (Life::Verified { .. }, Some(Finding::Undetermined)) => "verify_real",
            (Life::Ended { .. } | Life::Closed { .. }, _) => "note",
            (Life::Verified { .. } | Life::Forwarded { .. }, _) => "close",
        }
    }
}
