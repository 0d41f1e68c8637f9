//! Downlinks (下行指令): the centre asks a terminal, or orders it to do something; the answer, or that there was none,
//! is on record.
//!
//! A downlink is stored before it is written to a line, and stored as sent before the first byte leaves: after a
//! restart one that waited is sent, and one that was sent is never sent a second time but ends as timed out, because
//! nobody knows whether the terminal has heard it. A terminal is asked one thing at a time, in order.

mod clocks;
mod record;

pub use record::{Downlink, DownlinkState, Ending, Errand, Order, PartAddress};

use crate::changes::{Said, receipt};
use crate::committer::Settled;
use crate::entries::text_is;
use crate::{App, Fault, KnownTerminal, OpenDownlink, Reach};
use fengsui_access::Grant;
use fengsui_base::{Actor, EntryId, Refusal, RefusalKind, Scope, TerminalId, Timestamp};
use fengsui_ledger::Entry;
use fengsui_store::{ChangeSet, Cursor, Numbering, Page, Part, Query};
use gb26875::unit::{kind, max_objects};
use std::collections::BTreeSet;

/// Most downlinks that one terminal has open.
pub const DOWNLINKS_OF_TERMINAL_MAX: usize = 8;
/// Most downlinks that are open in all.
pub const DOWNLINKS_MAX: usize = 2_000;
/// How long a downlink waits for a terminal without a line, in seconds: as long as it takes to connect again.
pub const LINE_WAIT_S: i64 = 60;
/// After this time, in seconds, nobody waits for an answer any more: four times ten seconds and the time to store it.
/// Source: GB/T 26875.3 §6.5.
pub const SENT_WAIT_S: i64 = 60;
/// Most downlinks that one run ends for their time.
const ENDED_MAX: usize = 100;
/// By what rule the program moves a downlink on.
const RULE: &str = "下行指令";
/// Wires by which the centre cannot write to a terminal: there its operator or its broker does.
const DEAF_WIRES: [&str; 4] = ["ctwing:", "onenet:", "iotda:", "mqtt:"];

/// What is to be asked, before it is an entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) order: Order,
    pub(crate) by: &'a str,
    pub(crate) minutes: Option<u8>,
    pub(crate) duty_check: Option<EntryId>,
}

/// An order with whether it can be given now.
pub struct OrderChoice {
    /// Which.
    pub order: Order,
    /// Why not, if so.
    pub refusal: Option<Refusal>,
}

impl App {
    /// The downlinks of a terminal, newest first.
    pub async fn downlinks(
        &self,
        grant: &Grant,
        terminal: TerminalId,
        after: Option<Cursor>,
        limit: u16,
    ) -> Result<(Page, u64), Fault> {
        self.terminal(grant, terminal).await?;
        let scope = grant.may(fengsui_catalog::Permission::TerminalRead)?;
        let mut query = Query::newest("downlink", scope);
        (query.after, query.limit) = (after, limit);
        query.filters = vec![text_is("terminal", terminal.to_string())];
        let total = self.total(&query).await?;
        Ok((self.store.list(&query).await?, total))
    }

    /// What may be asked of a terminal now, duty checks aside: they belong to the unit.
    pub fn orders(&self, grant: &Grant, terminal: &KnownTerminal) -> Vec<OrderChoice> {
        let choice = |order: Order| {
            let barred = grant.may_at(order.permission(), terminal.facts().region).err();
            OrderChoice { order, refusal: barred.or_else(|| self.askable(terminal, order).err()) }
        };
        Order::ALL.into_iter().filter(|o| *o != Order::DutyCheck).map(choice).collect()
    }

    /// Asks a terminal, or orders it.
    pub async fn order(
        &self,
        grant: &Grant,
        terminal: TerminalId,
        order: Order,
        key: Option<String>,
    ) -> Result<Entry, Fault> {
        let scope = grant.may(order.permission())?;
        let known = self.board.terminal(terminal).filter(|t| scope.contains(t.facts().region));
        let known = known.ok_or_else(Refusal::not_found)?;
        if order == Order::DutyCheck {
            return Err(through_the_unit().into());
        }
        let actor = Actor::Officer(grant.officer().clone());
        let settled = self
            .settle(true, |_| {
                let (known, key, actor) = (&known, &key, &actor);
                async move {
                    let mut change = ChangeSet::new(self.now());
                    let by = &grant.officer().name;
                    let wanted = Wanted { order, by, minutes: None, duty_check: None };
                    let entry = self.add_downlink(&mut change, known, wanted, actor)?;
                    change.receipt = receipt(key.clone(), grant.account().into(), &entry);
                    Ok((change, entry))
                }
            })
            .await?;
        self.downlink_made.notify_one();
        match settled {
            Settled::Now(entry, _) => Ok(entry),
            Settled::Before(answer) => {
                let id = answer.as_str().and_then(|t| t.parse().ok()).ok_or_else(Refusal::not_found)?;
                let entry = self.store.entry(&scope, id).await?;
                Ok(entry.ok_or_else(Refusal::not_found)?)
            }
        }
    }

    /// Adds a downlink to a ChangeSet; refused when the terminal cannot be asked or too much waits.
    pub(crate) fn add_downlink(
        &self,
        change: &mut ChangeSet,
        terminal: &KnownTerminal,
        wanted: Wanted,
        actor: &Actor,
    ) -> Result<Entry, Refusal> {
        self.askable(terminal, wanted.order)?;
        let facts = terminal.facts();
        let downlink = Downlink {
            terminal: terminal.id,
            terminal_name: facts.name.clone(),
            unit: facts.unit.as_ref().map(|u| u.0),
            unit_name: facts.unit.as_ref().map(|u| u.1.clone()),
            order: wanted.order,
            by: wanted.by.to_owned(),
            systems: if wanted.order == Order::ReadSystems { systems(terminal) } else { Vec::new() },
            parts: if wanted.order == Order::ReadValues { measuring(terminal) } else { Vec::new() },
            minutes: wanted.minutes,
            duty_check: wanted.duty_check,
            sent_at: None,
            writes: 0,
            answer: None,
            raw: None,
        };
        let title = format!("{} {}", wanted.order.label(), facts.name);
        let mut entry = self.fresh("downlink", facts.region, &title, downlink.fields(), change.at);
        entry.due_at = Some(change.at + jiff::SignedDuration::from_secs(LINE_WAIT_S));
        let said = Said::new("downlink.made", format!("下行：{title}"), "操作");
        change.journal.push(self.line_on(&entry, change.at, actor, said));
        change.entries.push(self.write(entry.clone(), Numbering::Keep));
        Ok(entry)
    }

    /// Whether a terminal can be asked this, as far as is known here.
    pub(crate) fn askable(&self, terminal: &KnownTerminal, order: Order) -> Result<(), Refusal> {
        let facts = terminal.facts();
        if !facts.known {
            return Err(conflict("downlink.unknown", "终端还没有登记，登记后才能下行。"));
        }
        if DEAF_WIRES.iter().any(|wire| facts.source.starts_with(wire)) {
            return Err(conflict(
                "downlink.no_way",
                "终端经运营商平台或消息服务器接入，本系统不能直接下行，请在平台上操作。",
            ));
        }
        if order == Order::ReadValues && measuring(terminal).is_empty() {
            return Err(conflict("downlink.no_values", "终端没有上报过模拟量，不知道该读哪些部件。"));
        }
        self.has_room(terminal.id)
    }

    fn has_room(&self, terminal: TerminalId) -> Result<(), Refusal> {
        let (of_terminal, all) = self.board.downlinks_open(terminal);
        let limited = |code, sentence| Err(Refusal::new(RefusalKind::Limited, code, sentence));
        if of_terminal >= DOWNLINKS_OF_TERMINAL_MAX {
            let sentence =
                format!("这台终端已有 {DOWNLINKS_OF_TERMINAL_MAX} 条下行在等，请等其中一条结束再发。");
            return limited("downlink.terminal_full", sentence);
        }
        if all >= DOWNLINKS_MAX {
            return limited("downlink.full", format!("全站已有 {DOWNLINKS_MAX} 条下行在等，请稍后再发。"));
        }
        Ok(())
    }

    /// Takes a downlink back that was not sent yet.
    pub async fn cancel_downlink(&self, grant: &Grant, id: EntryId) -> Result<Entry, Fault> {
        let scope = grant.may(fengsui_catalog::Permission::TerminalAsk)?;
        let actor = Actor::Officer(grant.officer().clone());
        let settled = self
            .settle(true, |_| {
                let (scope, actor) = (&scope, &actor);
                async move {
                    let found = self.store.entry(scope, id).await?.and_then(|e| OpenDownlink::of(&e));
                    let open = found.ok_or_else(Refusal::not_found)?;
                    grant.may_at(open.downlink.order.permission(), open.entry.region)?;
                    if open.state != DownlinkState::Waiting {
                        return Err(conflict("downlink.sent", "已经发出或已结束，不能撤回。").into());
                    }
                    let mut change = ChangeSet::new(self.now());
                    let state = DownlinkState::Cancelled;
                    let entry = self.move_downlink(&mut change, &open, open.downlink.clone(), state, actor);
                    self.add_duty_delivery(&mut change, &open.downlink, state).await?;
                    Ok((change, entry))
                }
            })
            .await?;
        match settled {
            Settled::Now(entry, _) => Ok(entry),
            Settled::Before(_) => Err(Refusal::not_found().into()),
        }
    }

    /// Waits until a downlink is made.
    pub async fn downlink_made(&self) {
        self.downlink_made.notified().await;
    }

    /// What is to be written now, one a terminal and at most so many; each is stored as sent. Those whose terminal has
    /// had no line for too long, and those that nobody answered before a restart, end here as well.
    pub async fn reconcile_downlinks(
        &self,
        reach: impl Fn(TerminalId) -> Reach,
        limit: usize,
    ) -> Result<Vec<Errand>, Fault> {
        let (now, mut busy, mut errands) = (self.now(), BTreeSet::new(), Vec::new());
        let mut ended = 0;
        for open in self.board.downlinks() {
            let (terminal, due) = (open.downlink.terminal, open.entry.due_at.is_some_and(|at| at <= now));
            let free = !busy.contains(&terminal);
            match open.state {
                DownlinkState::Sent if due && ended < ENDED_MAX => {
                    ended += usize::from(self.end_errand(open.entry.id, Ending::TimedOut, 0).await.is_ok());
                }
                DownlinkState::Sent => drop(busy.insert(terminal)),
                _ if free && errands.len() < limit && reach(terminal) == Reach::Free => {
                    busy.insert(terminal);
                    errands.extend(self.send_downlink(open.entry.id).await?);
                }
                _ if due && ended < ENDED_MAX && reach(terminal) == Reach::Cut => {
                    ended += usize::from(self.end_errand(open.entry.id, Ending::Offline, 0).await.is_ok());
                }
                _ => drop(busy.insert(terminal)),
            }
        }
        Ok(errands)
    }

    /// Stores a downlink as sent; `None` when it is not waiting any more.
    async fn send_downlink(&self, id: EntryId) -> Result<Option<Errand>, Fault> {
        let settled = self
            .settle(true, |_| async move {
                let open = self.open_downlink(id, DownlinkState::Waiting).await?;
                let mut change = ChangeSet::new(self.now());
                let sent = Downlink { sent_at: Some(change.at), ..open.downlink.clone() };
                let actor = Self::by_rule(RULE);
                self.move_downlink(&mut change, &open, sent.clone(), DownlinkState::Sent, &actor);
                Ok((change, sent))
            })
            .await;
        match settled {
            Ok(Settled::Now(downlink, _)) => {
                let terminal = self.board.terminal(downlink.terminal);
                let profile = terminal.map(|t| t.facts().profile.to_string()).unwrap_or_default();
                Ok(Some(Errand { id, downlink, profile }))
            }
            Ok(Settled::Before(_)) => Ok(None),
            Err(Fault::Refused(refusal)) if refusal.code == "not_found" => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Stores how a downlink ended and how often it was written. One that has ended otherwise meanwhile stays so.
    pub async fn end_errand(&self, id: EntryId, ending: Ending, writes: u8) -> Result<(), Fault> {
        self.settle(true, |_| {
            let ending = &ending;
            async move {
                let entry = self.store.entry(&Scope::everything(), id).await?;
                let open = entry.and_then(|e| OpenDownlink::of(&e)).filter(|o| o.state.is_open());
                let open = open.ok_or_else(Refusal::not_found)?;
                let mut change = ChangeSet::new(self.now());
                let (state, downlink) = ended(&open.downlink, ending, writes);
                self.move_downlink(&mut change, &open, downlink.clone(), state, &Self::by_rule(RULE));
                self.add_duty_delivery(&mut change, &downlink, state).await?;
                Ok((change, ()))
            }
        })
        .await?;
        Ok(())
    }

    async fn open_downlink(&self, id: EntryId, state: DownlinkState) -> Result<OpenDownlink, Fault> {
        let entry = self.store.entry(&Scope::everything(), id).await?;
        let open = entry.and_then(|e| OpenDownlink::of(&e)).filter(|o| o.state == state);
        Ok(open.ok_or_else(Refusal::not_found)?)
    }

    fn move_downlink(
        &self,
        change: &mut ChangeSet,
        open: &OpenDownlink,
        downlink: Downlink,
        state: DownlinkState,
        actor: &Actor,
    ) -> Entry {
        let entry = Entry {
            state: state.code().to_owned(),
            version: open.entry.version + 1,
            due_at: due_at(state, change.at),
            closed_at: (!state.is_open()).then_some(change.at),
            revision: self.catalog.revision(),
            fields: downlink.fields(),
            ..open.entry.clone()
        };
        let label = self.catalog.kind("downlink").map(|k| k.state_label(state.code()).to_owned());
        let answer = downlink.answer.as_deref().map_or(String::new(), |a| format!("：{a}"));
        let words = format!("{} {}{answer}", entry.title, label.unwrap_or_default());
        let said =
            Said::new(verb(state), words, if state == DownlinkState::Answered { "帧" } else { "程序" });
        change.journal.push(self.line_on(&entry, change.at, actor, said));
        change.entries.push(self.write(entry.clone(), Numbering::Keep));
        entry
    }
}

fn due_at(state: DownlinkState, now: Timestamp) -> Option<Timestamp> {
    (state == DownlinkState::Sent).then(|| now + jiff::SignedDuration::from_secs(SENT_WAIT_S))
}

fn ended(before: &Downlink, ending: &Ending, writes: u8) -> (DownlinkState, Downlink) {
    let (state, answer, raw) = match ending {
        Ending::Answered { words, raw } => {
            (DownlinkState::Answered, words.clone(), Some(hex::encode_upper(raw)))
        }
        Ending::Denied => (DownlinkState::Denied, "终端不支持或不接受这条指令".to_owned(), None),
        Ending::TimedOut if writes == 0 => {
            (DownlinkState::TimedOut, "发出后程序重启，没有等到应答，也没有重发".to_owned(), None)
        }
        Ending::TimedOut => (DownlinkState::TimedOut, format!("共发 {writes} 次，没有应答"), None),
        Ending::Offline => (DownlinkState::Offline, "终端没有连接，没有发出".to_owned(), None),
    };
    (state, Downlink { answer: Some(answer), raw, writes, ..before.clone() })
}

fn verb(state: DownlinkState) -> &'static str {
    match state {
        DownlinkState::Waiting => "downlink.made",
        DownlinkState::Sent => "downlink.sent",
        DownlinkState::Answered => "downlink.answered",
        DownlinkState::Denied => "downlink.denied",
        DownlinkState::TimedOut => "downlink.timed_out",
        DownlinkState::Offline => "downlink.offline",
        DownlinkState::Cancelled => "downlink.cancelled",
    }
}

/// The systems of a terminal's points, and the fire alarm system where none is registered.
pub(crate) fn systems(terminal: &KnownTerminal) -> Vec<(u8, u8)> {
    let most = max_objects(kind::READ_SYSTEM_STATUS).unwrap_or(1);
    let all: BTreeSet<_> =
        terminal.points().iter().map(|(k, _)| (k.system_type, k.system_address)).take(most).collect();
    if all.is_empty() { vec![(1, 1)] } else { all.into_iter().collect() }
}

/// The parts that have measured something.
fn measuring(terminal: &KnownTerminal) -> Vec<PartAddress> {
    let most = max_objects(kind::READ_ANALOG_VALUE).unwrap_or(1);
    let states = terminal.states();
    let values = states.iter().filter(|(k, _)| k.part == Part::Value);
    let all: BTreeSet<_> =
        values.map(|(k, _)| (k.system_type, k.system_address, k.component_address)).collect();
    all.into_iter().take(most).collect()
}

fn conflict(code: &'static str, sentence: &str) -> Refusal {
    Refusal::new(RefusalKind::Conflict, code, sentence)
}

fn through_the_unit() -> Refusal {
    conflict("downlink.duty_check", "查岗请在值守台的查岗页发起，结果才计入单位得分。")
}
