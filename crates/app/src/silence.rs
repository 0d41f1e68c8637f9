//! Silence (离线): a terminal that has said nothing until its deadline gets an alarm; one that speaks again restores it;
//! one whose line is steady ends it.
//!
//! A reconciler by the second, in pieces of some hundred terminals that go through the ordinary lane: when a thousand
//! terminals come back at once, a fire passes between two pieces. What is decided here is found again after a restart
//! from the stored alarms and from when each terminal was last heard.

use crate::changes::Said;
use crate::entries::{read, text_is};
use crate::{App, Fault, KnownTerminal, OpenAlarm};
use fengsui_alarm::{Alarm, Class, Input, Raise, Rhythm, Timing};
use fengsui_base::{AlarmId, Scope, TerminalId, Timestamp};
use fengsui_store::{ChangeSet, Query};
use std::sync::Arc;

/// Most terminals judged in one ChangeSet: a fire waits for one of these at most.
const PIECE_MAX: usize = 200;
/// Most pieces in one run.
const PIECES_MAX: usize = 500;
/// When a piece could not be stored, it is looked at again after this, in seconds.
const RETRY_S: i64 = 5;

/// What is to be done about a terminal whose deadline has come.
enum Look {
    /// It is alive, or its gateway must be waited for: look again then.
    Later(Timestamp),
    /// It speaks through a gateway that is offline: one alarm says it all.
    Covered,
    /// It is offline.
    Silent,
    /// Nobody waits for it any more.
    Never,
}

impl App {
    /// Raises, restores and ends offline alarms. Answers how many alarms changed.
    pub async fn reconcile_silence(&self) -> Result<usize, Fault> {
        let mut count = 0;
        for _ in 0..PIECES_MAX {
            let restored = self.restore_back().await?;
            let ended = self.end_steady().await?;
            let (looked, raised) = self.raise_silent().await?;
            count += restored + ended + raised;
            if restored + ended + looked == 0 {
                break;
            }
        }
        Ok(count)
    }

    async fn raise_silent(&self) -> Result<(usize, usize), Fault> {
        let now = self.now();
        let due = self.board.take_looks(now, PIECE_MAX);
        let mut silent: Vec<_> = due.iter().filter(|t| self.look(t, now)).cloned().collect();
        self.leave_out_closed(&mut silent).await?;
        if silent.is_empty() {
            return Ok((due.len(), 0));
        }
        let settled = self.settle(false, |_| std::future::ready(Ok((self.silent_change(&silent), ())))).await;
        if settled.is_err() {
            let again = now + jiff::SignedDuration::from_secs(RETRY_S);
            silent.iter().for_each(|t| self.board.look_again(t.id, again));
        }
        settled.map(|_| (due.len(), silent.len()))
    }

    /// Leaves out terminals that have been silent since before the start and whose silence an officer has closed: like
    /// one that is closed while the program runs, it is not missed again before it has spoken.
    async fn leave_out_closed(&self, silent: &mut Vec<Arc<KnownTerminal>>) -> Result<(), Fault> {
        for terminal in std::mem::take(silent) {
            if terminal.seen_at().is_none() && self.is_closed_silence(&terminal).await? {
                terminal.leave();
            } else {
                silent.push(terminal);
            }
        }
        Ok(())
    }

    /// Whether the latest offline alarm of a terminal was closed before the terminal was heard again.
    async fn is_closed_silence(&self, terminal: &KnownTerminal) -> Result<bool, Fault> {
        let mut query = Query::newest("alarm", Scope::everything());
        let about = text_is("terminal", terminal.id.to_string());
        (query.filters, query.limit) = (vec![about, text_is("class", Class::Offline.code())], 1);
        let latest = self.store.list(&query).await?.items;
        let latest = latest.first().and_then(read);
        let closed = latest.filter(|a| a.restored_at.is_none()).and_then(|a| a.closed_at());
        Ok(closed.is_some_and(|at| terminal.last_heard().is_some_and(|heard| heard <= at)))
    }

    /// Whether the terminal is offline; otherwise it is told when to look again.
    fn look(&self, terminal: &KnownTerminal, now: Timestamp) -> bool {
        let after = jiff::SignedDuration::from_secs(terminal.facts().silence.after_s());
        match self.judge_silence(terminal, now) {
            Look::Later(at) => self.board.look_again(terminal.id, at),
            Look::Covered => self.board.look_again(terminal.id, now + after),
            Look::Never => {}
            Look::Silent => return true,
        }
        false
    }

    fn judge_silence(&self, terminal: &KnownTerminal, now: Timestamp) -> Look {
        terminal.judge_silence();
        let Some(deadline) = self.board.silent_at(terminal) else { return Look::Never };
        if deadline > now {
            return Look::Later(deadline);
        }
        for gateway in self.board.gateways(terminal) {
            // Also one that falls silent in this very look, or whose alarm was closed while it was silent.
            let overdue = self.board.silent_at(&gateway).is_some_and(|at| at <= now);
            if gateway.offline().is_some() || overdue {
                return Look::Covered;
            }
            if let Some(at) = self.wait_for(terminal, &gateway, now) {
                return Look::Later(at);
            }
        }
        Look::Silent
    }

    /// Until when to wait before a terminal is missed, because its gateway may be what is silent: while the gateway has
    /// missed a period itself, and for one deadline after it was back.
    fn wait_for(
        &self,
        terminal: &KnownTerminal,
        gateway: &KnownTerminal,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let silence = terminal.facts().silence;
        let settling = gateway.back_at().map(|back| silence.deadline(back)).filter(|at| *at > now);
        let last_heard = gateway.last_heard()?;
        let suspect = gateway.facts().known && gateway.facts().silence.is_suspect(last_heard, now);
        let its_deadline = self.board.silent_at(gateway).filter(|at| suspect && *at > now);
        settling.max(its_deadline)
    }

    fn silent_change(&self, silent: &[Arc<KnownTerminal>]) -> ChangeSet {
        let mut change = ChangeSet::new(self.now());
        for terminal in silent {
            let slot = offline_slot(terminal.id);
            match self.board.slot(&slot) {
                Some(open) if open.alarm.restored_at.is_some() => {
                    self.step(&mut change, &open, Input::Silent(self.node.lines));
                }
                Some(_) => {}
                None => self.raise_offline(&mut change, terminal, slot),
            }
        }
        self.never_empty(change, "离线判定")
    }

    fn raise_offline(&self, change: &mut ChangeSet, terminal: &KnownTerminal, slot: String) {
        let facts = terminal.facts();
        let raise = Raise {
            class: Class::Offline,
            title: Class::Offline.label().to_owned(),
            region: facts.region,
            unit: facts.unit.as_ref().map(|u| u.0),
            unit_name: facts.unit.as_ref().map(|u| u.1.clone()),
            terminal: terminal.id,
            point: None,
            slot,
            building: None,
            floor: None,
            zone: None,
            place: facts.name.clone(),
            component_type: 0,
            component_label: String::new(),
            component_address: 0,
            position: facts.position,
            timing: Timing::OnTime,
            raised_at: change.at,
            event_at: terminal.last_heard(),
            sent_at: None,
        };
        let quiet = facts.silence.rhythm() == Rhythm::Daily;
        let (alarm, event) = Alarm::raise_offline(AlarmId(self.entropy.id(change.at)), raise, quiet);
        self.meters.alarms.with_label_values(&[Class::Offline.code()]).inc();
        let steps = vec![Said::of(&event, &alarm, "时限")];
        self.add_alarm(change, &alarm, None, steps, &Self::by_rule("离线判定"));
    }

    async fn restore_back(&self) -> Result<usize, Fault> {
        let back = self.board.take_back(PIECE_MAX);
        if back.is_empty() {
            return Ok(0);
        }
        let settled = self.settle(false, |_| std::future::ready(Ok((self.back_change(&back), ())))).await;
        if settled.is_err() {
            self.board.return_back(&back);
        }
        settled.map(|_| back.len())
    }

    fn back_change(&self, back: &[TerminalId]) -> ChangeSet {
        let mut change = ChangeSet::new(self.now());
        for terminal in back {
            let open = self.board.slot(&offline_slot(*terminal));
            if let Some(open) = open.filter(|o| o.alarm.restored_at.is_none()) {
                self.step(&mut change, &open, Input::Heard);
            }
        }
        self.never_empty(change, "恢复通信")
    }

    async fn end_steady(&self) -> Result<usize, Fault> {
        let now = self.now();
        let steady = self.board.take_steady(now, PIECE_MAX);
        if steady.is_empty() {
            return Ok(0);
        }
        let settled = self
            .settle(false, |_| async {
                let mut change = self.steady_change(&steady);
                self.withdraw_overtaken(&mut change, &Self::by_rule("离线判定")).await?;
                Ok((change, ()))
            })
            .await;
        if settled.is_err() {
            self.board.steady_again(&steady, now + jiff::SignedDuration::from_secs(RETRY_S));
        }
        settled.map(|_| steady.len())
    }

    fn steady_change(&self, steady: &[AlarmId]) -> ChangeSet {
        let mut change = ChangeSet::new(self.now());
        for id in steady {
            let due =
                |o: &Arc<OpenAlarm>| o.alarm.steady_at(self.node.lines).is_some_and(|at| at <= change.at);
            if let Some(open) = self.board.open_alarm(*id).filter(due) {
                self.step(&mut change, &open, Input::Steady);
            }
        }
        self.never_empty(change, "恢复通信")
    }

    /// Lets something happen to an offline alarm.
    fn step(&self, change: &mut ChangeSet, open: &OpenAlarm, input: Input) {
        // These inputs are facts, and facts are not refused.
        let Ok((alarm, event)) = open.alarm.clone().handle(input, change.at) else { return };
        let steps = vec![Said::of(&event, &alarm, "时限")];
        self.add_alarm(change, &alarm, Some(open.into()), steps, &Self::by_rule("离线判定"));
    }

    /// A ChangeSet has at least one line: when everything was settled meanwhile, it says that.
    fn never_empty(&self, mut change: ChangeSet, rule: &str) -> ChangeSet {
        if change.journal.is_empty() {
            let (node, by) = (crate::start::node_id(&self.node), Self::by_rule(rule));
            let said = Said::new("silence.settled", "核对离线，无须改变", "程序");
            change.journal.push(self.line("region", node, self.node.region, change.at, &by, said));
        }
        change
    }
}

/// The slot of a terminal's offline alarm.
pub(crate) fn offline_slot(terminal: TerminalId) -> String {
    format!("alarm/{}/{terminal}", Class::Offline.code())
}
