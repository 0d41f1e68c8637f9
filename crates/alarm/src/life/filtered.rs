//! What the filters do to an alarm: its bell goes off and comes back, another signal confirms it, it joins an
//! incident and leaves it. Its life goes on as before, and each step leaves a line in its trace.

use super::act::conflict;
use super::{Alarm, Event, Life};
use crate::{Class, Coincidence, Filter, Joined, Membership, Spot, Suppression, Timing};
use fengsui_base::{Officer, Refusal};
use jiff::Timestamp;

impl Alarm {
    /// Whether its bell rings now.
    pub fn rings(&self) -> bool {
        self.life == Life::Raised
            && self.raise.timing == Timing::OnTime
            && self.is_with_desk()
            && !self.line_is_quiet()
            && !self.is_silenced()
    }

    /// Whether a filter keeps its bell off, or the head of its incident speaks for it.
    pub fn is_silenced(&self) -> bool {
        self.suppressed.is_some() || self.member.as_ref().is_some_and(|m| m.quiet)
    }

    /// Whether it came from a single point, not from a panel or a device as a whole.
    pub fn is_of_point(&self) -> bool {
        self.raise.slot.rsplit('/').next().is_some_and(|part| part.starts_with('c'))
    }

    /// Where it comes from, as it was known when it was raised.
    pub fn spot(&self) -> Spot<'_> {
        let raise = &self.raise;
        Spot {
            unit: raise.unit,
            terminal: raise.terminal,
            system: self.system(),
            point: raise.point,
            building: raise.building.as_deref(),
            floor: raise.floor.as_deref(),
            zone: raise.zone.as_deref(),
        }
    }

    /// Type and address of its system, from the slot: `…/c1.2.7` is a component of system 1-2.
    fn system(&self) -> Option<(u8, u8)> {
        let part = self.raise.slot.rsplit('/').next()?;
        let numbers = part.strip_prefix(['c', 's', 'v'])?;
        let mut numbers = numbers.split('.').map(str::parse);
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
    }

    /// The alarm that stands for the incident it belongs to; itself when it belongs to none.
    pub fn head(&self) -> fengsui_base::AlarmId {
        self.member.as_ref().map_or(self.id, |m| m.head)
    }

    /// Known reports have come again so often since this was last written (重发): a count, and one line of the trace.
    pub fn came_again(&mut self, times: u32, last_at: Timestamp) {
        if times == 0 {
            return;
        }
        self.resent = self.resent.saturating_add(times);
        let sentence = format!("同一报告重复收到 {} 次，不计次、不另响铃", self.resent);
        self.trace.count(last_at, Filter::Duplicate, sentence);
    }

    /// What the timing says, as the first line of a trace.
    pub(super) fn trace_timing(&mut self) {
        let at = self.raise.raised_at;
        match self.raise.timing {
            Timing::OnTime => {}
            Timing::Late => self.trace.add(at, Filter::Late, "发生在很久以前，列出而不响铃"),
            Timing::Skewed => self.trace.add(at, Filter::Skew, "终端时钟超前，列出而不响铃"),
        }
    }

    pub(super) fn suppress(mut self, by: Suppression) -> (Self, Event) {
        let sentence = format!("{}，不响铃", by.words);
        self.trace.add(by.at, by.filter(), sentence.as_str());
        (Self { suppressed: Some(by), ..self }, Event::Suppressed(sentence))
    }

    pub(super) fn lift(mut self, why: &str, now: Timestamp) -> Result<(Self, Event), Refusal> {
        let Some(by) = self.suppressed.take() else {
            return Err(conflict("alarm.not_suppressed", "本条没有被抑制。"));
        };
        let bell = if self.rings() { "，恢复响铃" } else { "" };
        let sentence = format!("{why}，解除{}抑制{bell}", by.label());
        self.trace.add(now, by.filter(), sentence.as_str());
        Ok((self, Event::Lifted(sentence)))
    }

    pub(super) fn coincide(mut self, with: Coincidence) -> (Self, Event) {
        let sentence = with.sentence();
        self.trace.add(with.at, Filter::Coincidence, sentence.as_str());
        (Self { coincidence: Some(with), ..self }, Event::Coincided(sentence))
    }

    pub(super) fn marked(mut self, filter: Filter, text: String, now: Timestamp) -> (Self, Event) {
        self.trace.add(now, filter, text.as_str());
        (self, Event::Linked(text))
    }

    pub(super) fn join(mut self, member: Membership) -> Result<(Self, Event), Refusal> {
        self.still_open()?;
        let bell =
            if member.quiet || self.life != Life::Raised { "" } else { "；另一楼栋，照常响铃" };
        let sentence = format!("{}：{}{bell}", joined_words(&member.joined), member.words);
        self.trace.add(member.at, member.joined.filter(), sentence.as_str());
        Ok((Self { member: Some(member), ..self }, Event::Joined(sentence)))
    }

    /// An officer puts it into another alarm of the same unit (合并).
    pub(super) fn merge(
        self,
        by: Officer,
        head: &Alarm,
        number: &str,
        now: Timestamp,
    ) -> Result<(Self, Event), Refusal> {
        self.may_merge(&by)?;
        self.may_merge_into(head, &by)?;
        let words = format!("{number} {}", head.raise.place);
        let joined = Joined::Officer { officer: by };
        self.join(Membership { head: head.id, words, joined, quiet: true, at: now })
    }

    pub(super) fn may_merge(&self, by: &Officer) -> Result<(), Refusal> {
        self.still_open()?;
        super::act::signed_on(by)?;
        match (&self.member, self.holder()) {
            (Some(_), _) => Err(conflict("alarm.merged", "已并入另一条，请先取消合并。")),
            (None, Some(holder)) if holder.officer.id != by.id => Err(conflict(
                "alarm.held",
                format!("由 {} 处置中，须先接管。", super::person(&holder.officer)),
            )),
            (None, _) => Ok(()),
        }
    }

    /// Whoever merges answers for the other alarm: what is put into it has no bell of its own any more.
    pub fn may_merge_into(&self, head: &Alarm, by: &Officer) -> Result<(), Refusal> {
        let same_unit = head.raise.unit.is_some() && head.raise.unit == self.raise.unit;
        if head.id == self.id || !same_unit || head.is_closed() || head.member.is_some() {
            return Err(conflict(
                "alarm.merge_elsewhere",
                "只能并入同一单位、还没销号、自己没有并入别处的告警。",
            ));
        }
        if self.raise.class == Class::Fire && head.raise.class != Class::Fire {
            return Err(conflict("alarm.merge_fire", "火警只能并入火警。"));
        }
        match head.holder() {
            Some(holder) if holder.officer.id == by.id => Ok(()),
            _ => Err(conflict("alarm.merge_unheld", "要并入的那一条须由您处置，请先签收或接管它。")),
        }
    }

    /// It leaves its incident and speaks for itself again.
    pub(super) fn part(mut self, why: &str, now: Timestamp) -> Result<(Self, Event), Refusal> {
        self.still_open()?;
        let Some(member) = self.member.take() else {
            return Err(conflict("alarm.not_merged", "本条没有并入别处。"));
        };
        let bell = if self.rings() && member.quiet { "，恢复响铃" } else { "" };
        let sentence = format!("{why}，离开 {}{bell}", member.words);
        self.trace.add(now, member.joined.filter(), sentence.as_str());
        Ok((self, Event::Parted(sentence)))
    }

    /// An officer takes it out again (取消合并).
    pub(super) fn unmerge(self, by: &Officer, now: Timestamp) -> Result<(Self, Event), Refusal> {
        self.may_unmerge(by)?;
        self.part("取消合并", now)
    }

    pub(super) fn may_unmerge(&self, by: &Officer) -> Result<(), Refusal> {
        self.still_open()?;
        super::act::signed_on(by)?;
        match &self.member {
            Some(_) => Ok(()),
            None => Err(conflict("alarm.not_merged", "本条没有并入别处。")),
        }
    }
}

fn joined_words(joined: &Joined) -> &'static str {
    match joined {
        Joined::Storm => "同单位告警过密，并入",
        Joined::Area => "同一街镇多家单位同时故障，并入",
        Joined::Officer { .. } => "并入",
    }
}
