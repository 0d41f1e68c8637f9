//! The alarms of the desk: lists, one alarm, its timeline, and what officers do with it.

use crate::changes::{Said, china_midnight};
use crate::committer::Settled;
use crate::entries::{field, read, text_is};
use crate::{App, Fault, KnownTerminal, Members, OpenAlarm};
use fengsui_access::Grant;
use fengsui_alarm::{Alarm, Cause, Class, Finding, Input};
use fengsui_base::{
    AccountId, Actor, AlarmId, EntryId, Officer, Refusal, RegionCode, Scope, TerminalId, Timestamp,
};
use fengsui_catalog::Permission;
use fengsui_ledger::{Entry, search_terms};
use fengsui_store::{ChangeSet, Cursor, FrameRow, JournalRow, OutboxMessage, Query};
use std::sync::Arc;

/// Most lines of one alarm's timeline that are shown.
const TIMELINE_MAX: u16 = 200;
/// Most members of an incident that its page shows.
const MEMBERS_SHOWN: u16 = 50;
/// For how many days a unit's alarms are counted on its alarm's page.
const HISTORY_DAYS: i64 = 30;

/// What a list of alarms shows.
#[derive(Clone, Debug, Default)]
pub struct AlarmFilter {
    /// States; empty for all.
    pub states: Vec<String>,
    /// Class by its stable name.
    pub class: Option<String>,
    /// Timing by its stable name.
    pub timing: Option<String>,
    /// Unit.
    pub unit: Option<EntryId>,
    /// Terminal.
    pub terminal: Option<EntryId>,
    /// Finding by its stable name.
    pub finding: Option<String>,
    /// Cause of a false alarm by its stable name.
    pub cause: Option<String>,
    /// The part that raised it, by its slot.
    pub slot: Option<String>,
    /// Within this region.
    pub region: Option<RegionCode>,
    /// Raised from this instant on.
    pub from: Option<Timestamp>,
    /// Raised before this instant.
    pub until: Option<Timestamp>,
    /// Search text.
    pub text: Option<String>,
    /// Where the page before ended.
    pub after: Option<Cursor>,
    /// How many.
    pub limit: u16,
}

/// A page of alarms.
pub struct AlarmPage {
    /// Entries with the alarms they hold.
    pub items: Vec<(Entry, Alarm)>,
    /// Where the next page starts.
    pub next: Option<Cursor>,
}

/// One alarm with what surrounds it.
pub struct AlarmView {
    /// As stored.
    pub entry: Entry,
    /// As understood.
    pub alarm: Alarm,
    /// Its unit.
    pub unit: Option<Entry>,
    /// Its terminal.
    pub terminal: Option<Arc<KnownTerminal>>,
    /// Fires of the unit within thirty days, and how many of them were false.
    pub history: Option<(u64, u64)>,
    /// False alarms of its own part in the thirty days before, for a fire.
    pub point_account: Option<crate::PointAccount>,
    /// Number of the ChangeSet that raised it, where its first frame is; nothing for one that the clock raised, and
    /// once the frame was deleted after its time.
    pub frame_seq: Option<u64>,
    /// Messages to people who were told of it, newest first.
    pub messages: Vec<Entry>,
    /// What the asker may do, with reasons.
    pub actions: Vec<fengsui_alarm::Action>,
    /// Its members, the newest first, and how many there are.
    pub members: (Vec<(Entry, Alarm)>, u64),
    /// The head it belongs to.
    pub head: Option<Entry>,
}

/// What an officer does with an alarm, as the form has it.
#[derive(Clone, Debug)]
pub enum Command {
    /// 签收
    Take,
    /// 移交
    HandOver {
        /// To whom.
        to: AccountId,
        /// Why.
        reason: String,
    },
    /// 接管
    TakeOver {
        /// Why.
        reason: String,
    },
    /// 核实
    Verify {
        /// Finding.
        finding: Finding,
        /// Cause.
        cause: Option<Cause>,
        /// In the officer's words.
        note: Option<String>,
    },
    /// 转119
    Forward {
        /// In the officer's words.
        note: Option<String>,
    },
    /// 合并
    Merge {
        /// Into which.
        into: AlarmId,
    },
    /// 取消合并
    Unmerge,
    /// 补记
    Note {
        /// The remark.
        text: String,
    },
    /// 销号
    Close {
        /// In the officer's words.
        note: Option<String>,
        /// Why although not restored.
        unrestored_reason: Option<String>,
    },
}

/// How many alarms stand where.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Counts {
    /// Waiting to be taken.
    pub raised: u64,
    /// Taken or forwarded.
    pub handling: u64,
    /// Verified, waiting to be closed.
    pub to_close: u64,
    /// Raised without a bell.
    pub silent: u64,
    /// Open, by class.
    pub by_class: Vec<(String, u64)>,
    /// Of today.
    pub today: TodayCounts,
}

/// The alarms of today.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TodayCounts {
    /// All.
    pub total: u64,
    /// Found real.
    pub real: u64,
    /// Found false.
    pub false_alarms: u64,
    /// Tests.
    pub test: u64,
    /// Mean seconds from raised to taken, of the open ones and those this desk saw.
    pub mean_take_s: Option<f64>,
}

impl App {
    /// The alarm in a committed entry.
    pub fn read_alarm(&self, entry: &Entry) -> Option<Alarm> {
        read(entry)
    }

    /// A page of alarms, newest first.
    pub async fn alarms(&self, grant: &Grant, filter: AlarmFilter) -> Result<AlarmPage, Fault> {
        let scope = self.narrowed(grant.may(Permission::AlarmRead)?, filter.region);
        let page = self.store.list(&alarm_query(scope, filter)).await?;
        let items = page.items.into_iter().filter_map(|e| read(&e).map(|a| (e, a))).collect();
        Ok(AlarmPage { items, next: page.next })
    }

    /// All open alarms the asker may see, oldest first, from memory: the desk's queue.
    pub fn alarm_queue(&self, grant: &Grant) -> Result<Vec<Arc<OpenAlarm>>, Fault> {
        Ok(self.board.open_alarms(&grant.may(Permission::AlarmRead)?))
    }

    /// How many alarms stand where.
    pub async fn alarm_counts(&self, grant: &Grant) -> Result<Counts, Fault> {
        let scope = grant.may(Permission::AlarmRead)?;
        let open = self.board.open_counts(&scope);
        let class = |c: fengsui_alarm::Class| (c.code().to_owned(), open.of_class(c));
        Ok(Counts {
            raised: open.raised,
            silent: open.silent,
            handling: open.handling,
            to_close: open.to_close,
            by_class: fengsui_alarm::Class::ALL.into_iter().map(class).collect(),
            today: self.today(scope).await?,
        })
    }

    async fn today(&self, scope: Scope) -> Result<TodayCounts, Fault> {
        let now = self.now();
        let mut query = Query::newest("alarm", scope);
        query.opened = Some(china_midnight(now)..now + jiff::SignedDuration::from_secs(1));
        let found = self.store.tally(&query, "finding").await?;
        let of = |name: &str| found.iter().find(|(n, _)| n == name).map_or(0, |(_, count)| *count);
        let total = self.store.count(&query).await?;
        query.limit = fengsui_store::PAGE_MAX;
        let latest = self.store.list(&query).await?.items;
        let waits: Vec<i64> = latest.iter().filter_map(read).filter_map(|a| waited_s(&a)).collect();
        let mean_take_s = (!waits.is_empty()).then(|| waits.iter().sum::<i64>() as f64 / waits.len() as f64);
        Ok(TodayCounts { total, real: of("real"), false_alarms: of("false"), test: of("test"), mean_take_s })
    }

    /// One alarm with everything its page shows.
    pub async fn alarm(&self, grant: &Grant, id: AlarmId) -> Result<AlarmView, Fault> {
        let scope = grant.may(Permission::AlarmRead)?;
        let entry = self.store.entry(&scope, id.into()).await?.ok_or_else(Refusal::not_found)?;
        let alarm = read(&entry).ok_or_else(Refusal::not_found)?;
        let unit = match alarm.raise.unit {
            Some(unit) => self.store.entry(&scope, unit.into()).await?,
            None => None,
        };
        let history = match alarm.raise.unit {
            Some(unit) => Some(self.unit_history(&scope, unit.into(), alarm.raise.raised_at).await?),
            None => None,
        };
        let point_account = match alarm.raise.class {
            Class::Fire => Some(self.point_account(&scope, &alarm).await?),
            _ => None,
        };
        let frame_seq =
            self.first_frame(&scope.and_at(entry.region), id.into()).await?.map(|frame| frame.seq);
        let actions = self.alarm_actions(grant, &alarm);
        let messages = self.alarm_messages(&scope, id.into()).await?;
        let members = self.all_members(&scope, id).await?;
        let head = match &alarm.member {
            Some(member) => self.store.entry(&scope, member.head.into()).await?,
            None => None,
        };
        Ok(AlarmView {
            messages,
            terminal: self.board.terminal(alarm.raise.terminal),
            unit,
            history,
            point_account,
            frame_seq,
            actions,
            members,
            head,
            entry,
            alarm,
        })
    }

    async fn alarm_messages(&self, scope: &Scope, id: EntryId) -> Result<Vec<Entry>, Fault> {
        let mut query = Query::newest("message", scope.clone());
        (query.filters, query.limit) = (vec![text_is("about", id.to_string())], fengsui_store::PAGE_MAX);
        Ok(self.store.list(&query).await?.items)
    }

    /// What the asker may do with an alarm: nothing where the post does not handle alarms.
    pub fn alarm_actions(&self, grant: &Grant, alarm: &Alarm) -> Vec<fengsui_alarm::Action> {
        if grant.may_at(Permission::AlarmHandle, alarm.raise.region).is_err() {
            return Vec::new();
        }
        self.with_neighbours(alarm.actions(grant.officer()), alarm, grant.officer())
    }

    async fn all_members(&self, scope: &Scope, head: AlarmId) -> Result<(Vec<(Entry, Alarm)>, u64), Fault> {
        let mut query = Query::newest("alarm", scope.clone());
        query.filters = vec![text_is("head", head.to_string())];
        query.limit = MEMBERS_SHOWN;
        let page = self.store.list(&query).await?;
        let count = match page.next {
            Some(_) => self.store.count(&query).await?,
            None => page.items.len() as u64,
        };
        Ok((page.items.into_iter().filter_map(|e| read(&e).map(|a| (e, a))).collect(), count))
    }

    async fn unit_history(
        &self,
        scope: &Scope,
        unit: EntryId,
        until: Timestamp,
    ) -> Result<(u64, u64), Fault> {
        let mut query = Query::newest("alarm", scope.clone());
        let from = until - jiff::SignedDuration::from_hours(24 * HISTORY_DAYS);
        query.opened = Some(from..until + jiff::SignedDuration::from_secs(1));
        query.filters = vec![text_is("unit", unit.to_string()), text_is("class", "fire")];
        let all = self.store.count(&query).await?;
        query.filters.push(text_is("finding", "false"));
        Ok((all, self.store.count(&query).await?))
    }

    async fn first_seq(&self, scope: &Scope, id: EntryId) -> Result<Option<u64>, Fault> {
        let mut before = None;
        loop {
            let rows = self.store.journal_of(scope, id, before, TIMELINE_MAX).await?;
            match rows.last() {
                Some(last) if rows.len() == usize::from(TIMELINE_MAX) => before = Some((last.seq, last.line)),
                Some(last) => return Ok(Some(last.seq)),
                None => return Ok(before.map(|(seq, _)| seq)),
            }
        }
    }

    /// The timeline of an alarm, newest first.
    pub async fn alarm_timeline(&self, grant: &Grant, id: AlarmId) -> Result<Vec<JournalRow>, Fault> {
        let scope = grant.may(Permission::AlarmRead)?;
        let entry = self.store.entry(&scope, id.into()).await?.filter(|e| e.kind == "alarm");
        let entry = entry.ok_or_else(Refusal::not_found)?;
        Ok(self.store.journal_of(&scope.and_at(entry.region), entry.id, None, TIMELINE_MAX).await?)
    }

    /// The frame that raised an alarm.
    pub async fn alarm_frame(&self, grant: &Grant, id: AlarmId) -> Result<FrameRow, Fault> {
        let scope = grant.may(Permission::AlarmRead)?;
        let entry = self.store.entry(&scope, id.into()).await?.filter(|e| e.kind == "alarm");
        let entry = entry.ok_or_else(Refusal::not_found)?;
        Ok(self.first_frame(&scope.and_at(entry.region), entry.id).await?.ok_or_else(Refusal::not_found)?)
    }

    /// The frame that raised an alarm, where one did and is still kept.
    async fn first_frame(&self, scope: &Scope, id: EntryId) -> Result<Option<FrameRow>, Fault> {
        let Some(seq) = self.first_seq(scope, id).await? else { return Ok(None) };
        Ok(self.store.frame(scope, seq).await?)
    }

    /// An officer acts on an alarm alone.
    pub async fn act_on_alarm(
        &self,
        grant: &Grant,
        id: AlarmId,
        command: Command,
    ) -> Result<AlarmView, Fault> {
        self.act_on_incident(grant, id, command, Members::HeadOnly).await
    }

    /// An officer acts on an alarm and, when she says so, on its members with it.
    pub async fn act_on_incident(
        &self,
        grant: &Grant,
        id: AlarmId,
        command: Command,
        members: Members,
    ) -> Result<AlarmView, Fault> {
        let scope = grant.may(Permission::AlarmHandle)?;
        let settled = self
            .settle(true, |_| async {
                let entry = self.store.entry(&scope, id.into()).await?.ok_or_else(Refusal::not_found)?;
                let alarm = read(&entry).ok_or_else(Refusal::not_found)?;
                let input = match &command {
                    Command::Merge { into } => self.merging(&alarm, *into, grant.officer())?,
                    Command::HandOver { .. } => {
                        let to = self.receiver(alarm.raise.region, &command).await?;
                        input(grant.officer(), command.clone(), to)
                    }
                    _ => input(grant.officer(), command.clone(), None),
                };
                let (mut change, head) = self.decide_alarm(grant, alarm, &entry, input)?;
                if matches!(command, Command::Verify { .. } | Command::Close { .. }) {
                    self.add_members(&mut change, grant, &head, &command, members)?;
                }
                let officer = Actor::Officer(grant.officer().clone());
                self.withdraw_overtaken(&mut change, &officer).await?;
                Ok((change, ()))
            })
            .await?;
        match settled {
            Settled::Now((), _) | Settled::Before(_) => self.alarm(grant, id).await,
        }
    }

    fn decide_alarm(
        &self,
        grant: &Grant,
        alarm: Alarm,
        entry: &Entry,
        input: Input,
    ) -> Result<(ChangeSet, Alarm), Fault> {
        let now = self.now();
        let (alarm, event) = alarm.handle(input, now)?;
        let mut change = ChangeSet::new(now);
        let steps = vec![Said::of(&event, &alarm, "席位")];
        self.add_alarm(
            &mut change,
            &alarm,
            Some(entry.into()),
            steps,
            &Actor::Officer(grant.officer().clone()),
        );
        if self.node.spool && event.verb() == "alarm.forwarded" {
            change.outbox.push(forwarded(&alarm, entry));
        }
        Ok((change, alarm))
    }

    /// The officer an alarm is handed to: somebody who may handle it and sits at a seat.
    async fn receiver(&self, region: RegionCode, command: &Command) -> Result<Option<Officer>, Fault> {
        let Command::HandOver { to, .. } = command else { return Ok(None) };
        let (_, held) = self.board.seat_of(*to).ok_or_else(no_receiver)?;
        let entry =
            self.store.entry(&Scope::everything(), (*to).into()).await?.filter(|e| e.state == "active");
        let appointments: Vec<_> = entry.and_then(|e| field(&e, "appointments")).unwrap_or_default();
        let grant = self.board.grant(held.officer, &appointments, &self.catalog);
        grant.may_at(Permission::AlarmHandle, region).map_err(|_| no_receiver())?;
        Ok(Some(grant.officer().clone()))
    }

    /// Officers at a seat to whom an alarm may be handed, the asker aside.
    pub fn colleagues(&self, grant: &Grant) -> Result<Vec<Officer>, Fault> {
        grant.may(Permission::AlarmHandle)?;
        if !self.concerns(grant, Permission::AlarmHandle) {
            return Ok(Vec::new());
        }
        let others = self.board.seats().into_values().filter(|h| h.officer.id != grant.account());
        Ok(others.map(|h| h.officer).collect())
    }

    /// Whether the state of a point on an alarm's page is still what raised it.
    pub fn alarm_point_state(
        &self,
        alarm: &Alarm,
    ) -> Option<(fengsui_store::StateKey, fengsui_store::LastState)> {
        let terminal = self.board.terminal(TerminalId(alarm.raise.terminal.0))?;
        let same = |k: &fengsui_store::StateKey| {
            crate::intake::slot(alarm.raise.class, terminal.id, *k) == alarm.raise.slot
        };
        terminal.states().into_iter().find(|(k, _)| same(k))
    }

    /// The system as the one who acts, by the rule it follows.
    pub(crate) fn by_rule(rule: &str) -> Actor {
        Actor::System { rule: rule.to_owned() }
    }
}

pub(crate) fn alarm_query(scope: Scope, filter: AlarmFilter) -> Query {
    let mut query = Query::newest("alarm", scope);
    query.states = filter.states;
    query.after = filter.after;
    query.limit = filter.limit;
    query.terms = filter.text.as_deref().map(search_terms).unwrap_or_default();
    if filter.from.is_some() || filter.until.is_some() {
        query.opened = Some(filter.from.unwrap_or(Timestamp::MIN)..filter.until.unwrap_or(Timestamp::MAX));
    }
    let named = [
        ("class", filter.class),
        ("timing", filter.timing),
        ("finding", filter.finding),
        ("cause", filter.cause),
        ("slot", filter.slot),
    ];
    query.filters.extend(named.into_iter().filter_map(|(field, value)| value.map(|v| text_is(field, v))));
    let linked = [("unit", filter.unit), ("terminal", filter.terminal)];
    query
        .filters
        .extend(linked.into_iter().filter_map(|(field, id)| id.map(|i| text_is(field, i.to_string()))));
    query
}

fn waited_s(alarm: &Alarm) -> Option<i64> {
    alarm.holder().map(|h| h.first_at.as_second() - alarm.raise.raised_at.as_second())
}

fn input(by: &Officer, command: Command, to: Option<Officer>) -> Input {
    let by = by.clone();
    match command {
        Command::Take => Input::Take(by),
        Command::HandOver { reason, .. } => {
            Input::HandOver { to: to.unwrap_or_else(|| by.clone()), by, reason }
        }
        Command::TakeOver { reason } => Input::TakeOver { by, reason },
        Command::Verify { finding, cause, note } => Input::Verify { by, finding, cause, note },
        Command::Forward { note } => Input::Forward { by, to: "119".to_owned(), note },
        // What it goes into is looked up where the command is decided.
        Command::Merge { .. } | Command::Unmerge => Input::Unmerge(by),
        Command::Note { text } => Input::Note { by, text },
        Command::Close { note, unrestored_reason } => Input::Close { by, note, unrestored_reason },
    }
}

fn no_receiver() -> Refusal {
    Refusal::invalid(vec![fengsui_base::Place::new(
        "/to",
        "person.not_on_seat",
        "只能移交给已上席的值班人员，请重新选择。",
    )])
}

fn forwarded(alarm: &Alarm, entry: &Entry) -> OutboxMessage {
    let body = serde_json::json!({
        "alarm": alarm.id,
        "number": entry.number,
        "title": alarm.raise.title,
        "unit": alarm.raise.unit_name,
        "place": alarm.raise.place,
        "position": alarm.raise.position,
        "forwarded": alarm.forwarding(),
    });
    OutboxMessage { topic: "alarm.forwarded".to_owned(), body }
}

impl Said {
    /// The same line with the fact of who it concerns.
    pub(crate) fn about(self, id: EntryId) -> Self {
        self.with("about", id.to_string())
    }
}
