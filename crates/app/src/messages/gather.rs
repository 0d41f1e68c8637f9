//! Reminders (时限提醒): what the clocks of ledgers say to a person, gathered into one message until it leaves, in the
//! hours of an office. An officer of forty overdue hazards gets one message, not forty.
//!
//! The message is an ordinary one of the outbox: written down with the clocks that spoke, plain, without an answer. As
//! long as it stays, what speaks later joins it; what is done meanwhile leaves it, and one that is about nothing any
//! more is not sent.

use super::delivery::end;
use super::{ChannelKind, Message, Notice, Recipient};
use crate::changes::Said;
use crate::contacts::plain_ways;
use crate::{App, Fault};
use fengsui_base::{Actor, Due, EntryId, RegionCode, Scope, Timestamp, WorkingCalendar};
use fengsui_ledger::{Entry, JournalLine, Life, Subject};
use fengsui_store::{ChangeSet, KeyWrite, Numbering};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How long a reminder stays for others to join it, in seconds.
pub const GATHER_S: i64 = 300;
/// Whatever leaves sooner than this, in seconds, is not joined: it may be with a gateway before the change is stored.
pub const JOIN_S: i64 = 60;
/// Most deadlines of one message; what comes beyond that makes another one.
pub const DEADLINES_MAX: usize = 100;
/// How many of them its text names.
pub const NAMED_MAX: usize = 3;
/// How much of a title the text has, in characters.
const TITLE_CHARS: usize = 30;
/// Before this hour of the day nobody is told of office work.
const OPENS_H: i64 = 8;
/// From this hour on neither.
const CLOSES_H: i64 = 21;
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// Why such a message is sent.
const RUNG: &str = "ledger.deadline";
/// Under which rule it stands in the journal.
const RULE: &str = "时限";

/// What is said of a deadline, the most pressing first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spoken {
    /// It has passed, and came to this person for that.
    Escalated,
    /// It has passed: whoever must act hears so.
    Late,
    /// It is near.
    Near,
}

impl Spoken {
    fn words(self) -> &'static str {
        match self {
            Self::Escalated => "逾期转您督办",
            Self::Late => "已逾期",
            Self::Near => "临近到期",
        }
    }
}

/// A deadline that a message tells of.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Reminded {
    /// Kind of the entry.
    pub kind: String,
    /// The entry.
    pub entry: EntryId,
    /// Its region.
    pub region: RegionCode,
    /// How the text calls it: ledger, number and title.
    pub name: String,
    /// What is said.
    pub spoken: Spoken,
    /// The deadline.
    pub due: Due,
    /// Since when the entry is in its state: after a move there is nothing to remind of any more.
    pub entered_at: Timestamp,
}

impl Reminded {
    /// What is said of an entry whose clock runs.
    pub(crate) fn of(label: &str, entry: &Entry, spoken: Spoken) -> Option<Self> {
        let life = Life::of(&entry.fields)?;
        let title: String = entry.title.chars().take(TITLE_CHARS).collect();
        let number = entry.number.as_deref().map(|n| format!(" {n}")).unwrap_or_default();
        Some(Self {
            kind: entry.kind.clone(),
            entry: entry.id,
            region: entry.region,
            name: format!("{label}{number} {title}"),
            spoken,
            due: life.clock?.due,
            entered_at: life.entered_at,
        })
    }

    /// Whether the clock that spoke still runs in the entry.
    fn still_runs(&self, entry: &Entry) -> bool {
        let life = Life::of(&entry.fields);
        life.is_some_and(|l| {
            l.entered_at == self.entered_at && l.clock.is_some_and(|c| c.due.at == self.due.at)
        })
    }
}

/// What one person is to be told.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Reminder {
    /// By what the person is known among those who are reminded.
    pub(crate) key: String,
    /// Who.
    pub(crate) recipient: Recipient,
    /// Of what.
    pub(crate) deadlines: Vec<Reminded>,
}

/// When a message about these deadlines may leave that is ready at `at`: within the hours of the office, unless one of
/// them is a deadline by the hour that ends in this very night.
pub(crate) fn leaves_at<'d>(
    calendar: &WorkingCalendar,
    at: Timestamp,
    mut dues: impl Iterator<Item = &'d Due>,
) -> Timestamp {
    let day = calendar.due_on(calendar.day_of(at)).at - DAY;
    let (opens, closes) =
        (day + SignedDuration::from_hours(OPENS_H), day + SignedDuration::from_hours(CLOSES_H));
    if (opens..closes).contains(&at) {
        return at;
    }
    let next = if at < opens { opens } else { opens + DAY };
    let tonight = next - SignedDuration::from_hours(24 - (CLOSES_H - OPENS_H))..next;
    if dues.any(|due| due.on.is_none() && tonight.contains(&due.at)) { at } else { next }
}

/// Title and text of a message about these deadlines: all counted, the first ones named.
fn worded(office: &str, calendar: &WorkingCalendar, deadlines: &[Reminded]) -> (String, String) {
    let mut sorted: Vec<_> = deadlines.iter().collect();
    sorted.sort_by_key(|d| (d.spoken, d.due.at));
    let named = |d: &&Reminded| format!("{}（期限{}）", d.name, day_words(calendar, &d.due));
    if let [one] = sorted.as_slice() {
        let said = format!("{office}提醒：{}{}，请及时办理。", named(one), one.spoken.words());
        return (format!("{} {}", one.name, one.spoken.words()), said);
    }
    let count = |spoken| sorted.iter().filter(|d| d.spoken == spoken).count();
    let counts = [Spoken::Escalated, Spoken::Late, Spoken::Near].map(|s| (count(s), s.words()));
    let counts: Vec<_> =
        counts.iter().filter(|c| c.0 > 0).map(|(n, words)| format!("{words} {n} 条")).collect();
    let first: Vec<_> = sorted.iter().take(NAMED_MAX).map(named).collect();
    let more = if sorted.len() > NAMED_MAX { "等" } else { "" };
    let title = format!("{} 条台账事项到期提醒", sorted.len());
    let text = format!("{office}提醒：{}。{}{more}，请及时办理。", counts.join("，"), first.join("；"));
    (title, text)
}

fn day_words(calendar: &WorkingCalendar, due: &Due) -> String {
    let day = calendar.last_day(due).strftime("%-m月%-d日").to_string();
    match due.on {
        Some(_) => day,
        None => format!("{day} {}", fengsui_alarm::local_time(due.at).chars().take(5).collect::<String>()),
    }
}

fn key_of(person: &str) -> String {
    format!("reminder/{person}")
}

/// A message that still stays long enough to be joined by what would leave at `leaves_at`.
fn is_open(entry: &Entry, message: &Message, now: Timestamp, leaves_at: Timestamp) -> bool {
    let stays = now + SignedDuration::from_secs(JOIN_S);
    entry.state == "waiting"
        && message.attempts.is_empty()
        && message.not_before.is_some_and(|at| stays <= at && at <= leaves_at)
}

impl App {
    /// Whether people are told of deadlines at all: the site wants it, and has a way that wakes nobody.
    pub(crate) fn reminds(&self) -> bool {
        let plain = |by: ChannelKind| plain_ways(Some("")).contains(&by);
        self.node.reminders && self.outward.channels().iter().any(|c| plain(c.by))
    }

    /// Adds to a change what it tells a person, to the message that stays for her or as a new one.
    pub(crate) async fn add_reminder(&self, change: &mut ChangeSet, reminder: Reminder) -> Result<(), Fault> {
        let Reminder { key, recipient, mut deadlines } = reminder;
        let ready = change.at + SignedDuration::from_secs(GATHER_S);
        let leaves = leaves_at(&self.calendar(), ready, deadlines.iter().map(|d| &d.due));
        if let Some((entry, message)) = self.staying(&key, change.at, leaves).await? {
            deadlines = self.join(change, entry, message, deadlines);
        }
        for part in deadlines.chunks(DEADLINES_MAX) {
            let (region, title, mut message) = self.reminder_of(recipient.clone(), part);
            message.not_before = Some(leaves);
            let id = self.add_message(change, region, &title, message, &Self::by_rule(RULE));
            change.keys.push(KeyWrite::Take(key_of(&key), id));
        }
        Ok(())
    }

    /// The message that stays for a person and can be joined.
    async fn staying(
        &self,
        key: &str,
        now: Timestamp,
        leaves: Timestamp,
    ) -> Result<Option<(Entry, Message)>, Fault> {
        let Some(id) = self.store.key(&key_of(key)).await? else { return Ok(None) };
        let entry = self.store.entry(&Scope::everything(), id).await?;
        let found = entry.and_then(|e| Message::of(&e).map(|m| (e, m)));
        Ok(found.filter(|(entry, message)| is_open(entry, message, now, leaves)))
    }

    /// Puts deadlines into a message as far as it holds them, and gives back the others. Of one entry the last word counts.
    fn join(
        &self,
        change: &mut ChangeSet,
        entry: Entry,
        message: Message,
        mut fresh: Vec<Reminded>,
    ) -> Vec<Reminded> {
        let mut held = message.deadlines.clone();
        let again: BTreeSet<_> = fresh.iter().map(|d| d.entry).collect();
        held.retain(|d| !again.contains(&d.entry));
        let room = DEADLINES_MAX.saturating_sub(held.len()).min(fresh.len());
        let beyond = fresh.split_off(room);
        if fresh.is_empty() {
            return beyond;
        }
        held.extend(fresh);
        let said = format!("给{}的提醒又并入几条，共 {} 条", message.to(), held.len());
        self.rewrite_reminder(change, entry, message, held, Said::new("message.gathered", said, "规则"));
        beyond
    }

    fn rewrite_reminder(
        &self,
        change: &mut ChangeSet,
        mut entry: Entry,
        mut message: Message,
        held: Vec<Reminded>,
        said: Said,
    ) {
        self.word_reminder(&mut entry, &mut message, held);
        entry.version += 1;
        entry.fields = message.fields();
        change.journal.push(self.line_on(&entry, change.at, &Self::by_rule(RULE), said));
        change.entries.push(self.write(entry, Numbering::Keep));
    }

    /// Lets the message be about these deadlines, and nothing else.
    fn word_reminder(&self, entry: &mut Entry, message: &mut Message, held: Vec<Reminded>) {
        let (region, title, fresh) = self.reminder_of(Recipient::default(), &held);
        (entry.region, entry.title) = (region, title);
        (message.about_kind, message.about) = (fresh.about_kind, fresh.about);
        (message.text, message.deadlines) = (fresh.text, held);
    }

    /// Region, title and message about some deadlines; those of several places belong to the node's region.
    fn reminder_of(&self, recipient: Recipient, deadlines: &[Reminded]) -> (RegionCode, String, Message) {
        let regions: BTreeSet<_> = deadlines.iter().map(|d| d.region).collect();
        let region = regions.first().copied().filter(|_| regions.len() == 1).unwrap_or(self.node.region);
        let first = deadlines.iter().min_by_key(|d| (d.spoken, d.due.at)).expect("it tells of something");
        let (title, text) = worded(&self.node.office, &self.calendar(), deadlines);
        let by = plain_ways(recipient.handle.as_deref());
        let notice = Notice {
            about: Subject { kind: first.kind.clone(), id: first.entry },
            region,
            rung: RUNG.to_owned(),
            recipient,
            title: title.clone(),
            text,
            by,
            urgent: false,
            answerable: false,
        };
        let message = Message { deadlines: deadlines.to_vec(), ..Message::from(notice) };
        (region, title, message)
    }

    /// When a message that waits may leave by the hours of the office; every other one at once.
    pub(super) fn office_hour(&self, message: &Message, now: Timestamp) -> Timestamp {
        if message.deadlines.is_empty() {
            return now;
        }
        leaves_at(&self.calendar(), now, message.deadlines.iter().map(|d| &d.due))
    }

    /// Takes out of a message that is about to leave what was done since. True when it has changed: then it is looked at
    /// anew.
    pub(super) async fn drop_done(&self, id: EntryId, message: &Message) -> Result<bool, Fault> {
        let mut left = Vec::new();
        for deadline in &message.deadlines {
            let entry = self.store.entry(&Scope::everything(), deadline.entry).await?;
            left.extend(entry.filter(|e| deadline.still_runs(e)).map(|_| deadline.entry));
        }
        if left.len() == message.deadlines.len() {
            return Ok(false);
        }
        self.amend_message(id, |message, entry, change| {
            let held: Vec<_> =
                message.deadlines.iter().filter(|d| left.contains(&d.entry)).cloned().collect();
            if entry.state != "waiting" || held.len() == message.deadlines.len() {
                return Vec::new();
            }
            vec![self.left(message, entry, held, change.at)]
        })
        .await?;
        Ok(true)
    }

    /// What is left of a message of which some was done.
    fn left(&self, message: &mut Message, entry: &mut Entry, held: Vec<Reminded>, at: Timestamp) -> Said {
        if held.is_empty() {
            end(entry, message, "cancelled", at);
            let said = format!("撤回给{}的提醒：事项都已办理", message.to());
            return Said::new("message.cancelled", said, "规则");
        }
        let said = format!("给{}的提醒去掉已办理的，还有 {} 条", message.to(), held.len());
        self.word_reminder(entry, message, held);
        Said::new("message.gathered", said, "规则")
    }

    /// The same line on every entry that a message tells of: its timeline says who was told.
    pub(super) fn deadline_lines(
        &self,
        message: &Message,
        at: Timestamp,
        verb: &'static str,
        words: &str,
    ) -> Vec<JournalLine> {
        let actor: Actor = Self::by_rule("消息发送");
        let line =
            |d: &Reminded| self.line(&d.kind, d.entry, d.region, at, &actor, Said::new(verb, words, "网关"));
        message.deadlines.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar() -> WorkingCalendar {
        WorkingCalendar::new([], jiff::tz::Offset::constant(8))
    }

    fn at(text: &str) -> Timestamp {
        format!("{text}+08").parse().unwrap()
    }

    fn leaves(ready: &str, dues: &[Due]) -> String {
        let leaves = leaves_at(&calendar(), at(ready), dues.iter());
        jiff::tz::Offset::constant(8).to_datetime(leaves).to_string()
    }

    fn by_hour(text: &str) -> Due {
        Due { at: at(text), on: None, provisional: false }
    }

    #[test]
    fn office_work_is_told_between_eight_and_nine_in_the_evening() {
        let day = [calendar().due_on("2026-11-23".parse().unwrap())];
        for (ready, told) in [
            ("2026-11-23T07:59:59", "2026-11-23T08:00:00"),
            ("2026-11-23T08:00:00", "2026-11-23T08:00:00"),
            ("2026-11-23T20:59:59", "2026-11-23T20:59:59"),
            ("2026-11-23T21:00:00", "2026-11-24T08:00:00"),
            ("2026-11-24T00:05:00", "2026-11-24T08:00:00"),
        ] {
            assert_eq!(leaves(ready, &day), told, "{ready}");
        }
    }

    #[test]
    fn a_deadline_by_the_hour_that_ends_in_this_night_does_not_wait_for_the_morning() {
        let (ready, morning) = ("2026-11-23T23:30:00", "2026-11-24T08:00:00");
        for (due, told) in [
            ("2026-11-24T07:59:59", ready),
            ("2026-11-24T08:00:00", morning),
            ("2026-11-23T21:00:00", ready),
            ("2026-11-23T20:59:59", morning),
        ] {
            assert_eq!(leaves(ready, &[by_hour(due)]), told, "{due}");
        }
        assert_eq!(leaves("2026-11-24T02:00:00", &[by_hour("2026-11-23T22:00:00")]), "2026-11-24T02:00:00");
        // A day ends at midnight too, but is not counted in hours.
        assert_eq!(leaves(ready, &[calendar().due_on("2026-11-23".parse().unwrap())]), morning);
    }

    fn deadline(n: usize, spoken: Spoken) -> Reminded {
        Reminded {
            kind: "hazard".to_owned(),
            entry: EntryId::from_u128(n as u128),
            region: "990101000000".parse().unwrap(),
            name: format!("隐患 YH-2026-{n:04} 防火门损坏"),
            spoken,
            due: calendar().due_on("2026-12-10".parse().unwrap()),
            entered_at: at("2026-11-23T10:00:00"),
        }
    }

    #[test]
    fn one_is_told_whole_and_many_are_counted_and_the_first_ones_named() {
        let (title, text) = worded("云岫局", &calendar(), &[deadline(1, Spoken::Near)]);
        assert_eq!(title, "隐患 YH-2026-0001 防火门损坏 临近到期");
        assert_eq!(text, "云岫局提醒：隐患 YH-2026-0001 防火门损坏（期限12月10日）临近到期，请及时办理。");
        let many: Vec<_> = (1..=DEADLINES_MAX)
            .map(|n| deadline(n, if n == DEADLINES_MAX { Spoken::Escalated } else { Spoken::Near }))
            .collect();
        let (title, text) = worded("云岫局", &calendar(), &many);
        assert_eq!(title, "100 条台账事项到期提醒");
        assert!(
            text.starts_with("云岫局提醒：逾期转您督办 1 条，临近到期 99 条。隐患 YH-2026-0100"),
            "{text}"
        );
        assert_eq!(text.matches("YH-2026-").count(), NAMED_MAX);
        assert!(text.ends_with("等，请及时办理。"));
        let (_, text) = worded("云岫局", &calendar(), &many[..NAMED_MAX]);
        assert!(text.ends_with("），请及时办理。") && !text.contains('等'), "{text}");
    }

    #[test]
    fn a_deadline_by_the_hour_is_told_with_its_hour() {
        assert_eq!(day_words(&calendar(), &by_hour("2026-12-01T07:05:00")), "12月1日 07:05");
    }
}
