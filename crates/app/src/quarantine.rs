//! Terminals that came by themselves (待认领终端): claimed for a unit, ignored for a while, turned away, or
//! retired when they have been silent for days.
//!
//! A stranger is heard like anybody else: its fires ring. Only a person may change that, with a reason and,
//! for ignoring, a last day. A fire of an ignored terminal does not ring and is not lost: its state and its
//! frame are kept, and the page of the strangers shows it first.

use crate::changes::{Said, china_day};
use crate::committer::Settled;
use crate::entries::field;
use crate::terminals::terminal_fields;
use crate::{App, Fault, KnownTerminal, Standing, TerminalDraft};
use fengsui_access::Grant;
use fengsui_alarm::Condition;
use fengsui_base::{
    Actor, EntryId, Fields, Place, Refusal, RefusalKind, Scope, TerminalId, Timestamp, UnitId,
};
use fengsui_catalog::Permission;
use fengsui_ledger::Entry;
use fengsui_store::{ChangeSet, KeyWrite, Numbering};
use std::sync::Arc;

/// Longest time for which a terminal may be ignored, in days.
pub const IGNORED_DAYS_MAX: i64 = 90;
/// After how many days of silence a stranger is retired when nobody says otherwise.
pub const SILENT_DAYS: u32 = 7;
/// Longest reason, in characters.
const REASON_CHARS_MAX: usize = 200;
/// Most strangers one run retires or takes back.
const RUN_MAX: usize = 200;
/// How long after the start nobody is judged by his silence, in seconds.
const LISTENED_S: i64 = 3_600;
/// Seconds of a day.
const DAY_S: i64 = 86_400;

/// A stranger as the page shows it.
pub struct Quarantined {
    /// As stored.
    pub entry: Entry,
    /// As heard.
    pub known: Arc<KnownTerminal>,
    /// How many alarms of it are open.
    pub open_alarms: usize,
    /// Whether it reports a fire that has not been restored.
    pub fire: bool,
}

impl App {
    /// The strangers within the scope: those that report a fire first, then those heard last.
    ///
    /// At most `limit` of them with their entries; and how many there are in all.
    pub async fn quarantine(
        &self,
        grant: &Grant,
        standing: Option<Standing>,
        limit: u16,
    ) -> Result<(Vec<Quarantined>, usize), Fault> {
        let scope = grant.may(Permission::TerminalRead)?;
        let wanted = |t: &Arc<KnownTerminal>| standing.is_none_or(|s| t.facts().standing == s);
        let mut found: Vec<_> = self.board.strangers(&scope).into_iter().filter(wanted).collect();
        let total = found.len();
        found.sort_by_key(|t| (!burns(t), std::cmp::Reverse(t.seen_at().unwrap_or(t.facts().since))));
        found.truncate(usize::from(limit));
        let mut page = Vec::with_capacity(found.len());
        for known in found {
            let entry = self.store.entry(&scope, known.id.into()).await?;
            page.extend(entry.map(|entry| self.quarantined(grant, entry, known)));
        }
        Ok((page, total))
    }

    /// One stranger.
    pub async fn stranger(&self, grant: &Grant, id: TerminalId) -> Result<Quarantined, Fault> {
        let (entry, known) = self.terminal(grant, id).await?;
        if known.facts().known {
            return Err(claimed().into());
        }
        Ok(self.quarantined(grant, entry, known))
    }

    fn quarantined(&self, grant: &Grant, entry: Entry, known: Arc<KnownTerminal>) -> Quarantined {
        let scope = grant.scope(Permission::AlarmRead);
        let open = self.board.open_alarms_of(known.id);
        let open_alarms = open.iter().filter(|a| a.within(&scope)).count();
        Quarantined { fire: burns(&known), entry, known, open_alarms }
    }

    /// Claims a stranger for a unit: it keeps its identity, its frames and its open alarms, which from now on
    /// are alarms of that unit. The source of the draft is not asked: it is what the stranger is known by.
    pub async fn adopt(&self, grant: &Grant, id: TerminalId, draft: TerminalDraft) -> Result<Entry, Fault> {
        let scope = grant.may(Permission::TerminalWrite)?;
        // Whoever may not see the stranger is not told about the unit either.
        self.store.entry(&scope, id.into()).await?.ok_or_else(Refusal::not_found)?;
        let unit = self.store.entry(&scope, draft.unit.into()).await?.filter(|e| e.kind == "unit");
        let unit = unit
            .ok_or_else(|| wrong("/unit", "unit.unknown", "没有这家单位，或不在您的管理范围，请重新选择"))?;
        self.change_stranger(grant, id, |before| {
            let source = before.fields.get("source").and_then(|s| s.as_str()).unwrap_or_default();
            let draft = TerminalDraft { source: source.to_owned(), ..draft.clone() };
            let fields = fengsui_base::overlaid(&Fields::new(), &terminal_fields(&draft, &unit));
            self.check_terminal(&draft, &fields)?;
            Ok(self.claimed_terminal(grant, &draft, &unit, fields, before))
        })
        .await
    }

    /// Lets a stranger be silent until the end of a day: its frames are kept, and nothing of it rings.
    pub async fn ignore(
        &self,
        grant: &Grant,
        id: TerminalId,
        reason: &str,
        until_on: jiff::civil::Date,
    ) -> Result<Entry, Fault> {
        let reason = checked_reason(reason)?;
        let (now, today) = (self.now(), china_day(self.now()));
        let last = today.saturating_add(jiff::Span::new().days(IGNORED_DAYS_MAX));
        if until_on < today || until_on > last {
            let sentence = format!("忽略到今天至 {IGNORED_DAYS_MAX} 天内的一天，请重新选择日期");
            return Err(wrong("/until_on", "until.range", &sentence).into());
        }
        let end = until_on.saturating_add(jiff::Span::new().days(1)).at(0, 0, 0, 0);
        let due_at = jiff::tz::Offset::constant(8).to_timestamp(end).unwrap_or(now);
        self.change_stranger(grant, id, |before| {
            let text = format!("忽略到 {until_on}，理由：{reason}");
            let mut entry = stands(before, Standing::Ignored);
            entry.due_at = Some(due_at);
            entry.fields.insert("standing_reason".to_owned(), reason.clone().into());
            entry.fields.insert("ignored_until_on".to_owned(), until_on.to_string().into());
            Ok(self.stranger_change(entry, Said::new("terminal.ignored", text, "操作"), officer(grant)))
        })
        .await
    }

    /// Turns a stranger away: nothing of it is taken in or answered until somebody takes it back.
    pub async fn block(&self, grant: &Grant, id: TerminalId, reason: &str) -> Result<Entry, Fault> {
        let reason = checked_reason(reason)?;
        self.change_stranger(grant, id, |before| {
            let mut entry = stands(before, Standing::Blocked);
            entry.fields.insert("standing_reason".to_owned(), reason.clone().into());
            let said = Said::new("terminal.blocked", format!("拒收，理由：{reason}"), "操作");
            Ok(self.stranger_change(entry, said, officer(grant)))
        })
        .await
    }

    /// Takes an ignored or blocked stranger back: it is heard like any other again.
    pub async fn release(&self, grant: &Grant, id: TerminalId) -> Result<Entry, Fault> {
        self.change_stranger(grant, id, |before| {
            if before.state == Standing::Unknown.state() {
                let sentence = "这台终端没有被忽略或拒收，不用恢复。";
                return Err(Refusal::new(RefusalKind::Conflict, "terminal.unknown_already", sentence).into());
            }
            let said = Said::new("terminal.released", "恢复待认领", "操作");
            Ok(self.stranger_change(stands(before, Standing::Unknown), said, officer(grant)))
        })
        .await
    }

    /// One step of a stranger, decided on what is stored and while none of its frames is being decided.
    async fn change_stranger(
        &self,
        grant: &Grant,
        id: TerminalId,
        decide: impl Fn(Entry) -> Result<(ChangeSet, Entry), Fault>,
    ) -> Result<Entry, Fault> {
        let scope = grant.may(Permission::TerminalWrite)?;
        let known = self.board.terminal(id).ok_or_else(Refusal::not_found)?;
        let _turn = known.gate.lock().await;
        let settled = self
            .settle(true, |_| {
                let (scope, decide) = (&scope, &decide);
                async move {
                    let entry = self.store.entry(scope, id.into()).await?.filter(|e| e.kind == "terminal");
                    let entry = entry.ok_or_else(Refusal::not_found)?;
                    if entry.state == Standing::Registered.state() {
                        return Err(claimed().into());
                    }
                    decide(entry)
                }
            })
            .await?;
        match settled {
            Settled::Now(entry, _) => Ok(entry),
            Settled::Before(_) => Err(Refusal::not_found().into()),
        }
    }

    fn stranger_change(&self, entry: Entry, said: Said, actor: Actor) -> (ChangeSet, Entry) {
        let mut change = ChangeSet::new(self.now());
        change.journal.push(self.line_on(&entry, change.at, &actor, said));
        change.entries.push(self.write(entry.clone(), Numbering::Keep));
        (change, entry)
    }

    /// The open alarms of a terminal that was claimed become alarms of its unit.
    pub(crate) fn move_alarms(&self, change: &mut ChangeSet, terminal: &Entry, why: &str, actor: &Actor) {
        let unit = field::<EntryId>(terminal, "unit").map(UnitId);
        let unit_name = field::<String>(terminal, "unit_name").unwrap_or_default();
        for open in self.board.open_alarms_of(TerminalId(terminal.id)) {
            let mut alarm = open.alarm.clone();
            alarm.raise.region = terminal.region;
            (alarm.raise.unit, alarm.raise.unit_name) = (unit, Some(unit_name.clone()));
            alarm.raise.position = alarm.raise.position.or(terminal.position);
            let said = Said::new("alarm.moved", format!("{why}，告警归到 {unit_name}"), "操作");
            self.add_alarm(change, &alarm, Some(open.as_ref().into()), vec![said], actor);
        }
    }

    /// The same, when the change gives the terminal another unit: in the same commit, or an alarm that nobody has in hand
    /// would call the people of the unit that it has left.
    pub(crate) fn move_alarms_on(
        &self,
        change: &mut ChangeSet,
        before: &Entry,
        after: &Entry,
        actor: &Actor,
    ) {
        if after.kind == "terminal" && before.fields.get("unit") != after.fields.get("unit") {
            self.move_alarms(change, after, "终端改挂单位", actor);
        }
    }

    /// Takes back the strangers whose last day of being ignored is over.
    pub async fn reconcile_ignored(&self) -> Result<usize, Fault> {
        let now = self.now();
        let over = |t: &Arc<KnownTerminal>| t.facts().ignored_until.is_some_and(|until| until <= now);
        let due: Vec<_> =
            self.board.strangers(&Scope::everything()).into_iter().filter(over).take(RUN_MAX).collect();
        for known in &due {
            let _turn = known.gate.lock().await;
            self.by_itself(known, Standing::Ignored, |entry| {
                let said = Said::new("terminal.released", "忽略期满，恢复待认领", "规则");
                self.stranger_change(stands(entry, Standing::Unknown), said, Self::by_rule("忽略期满")).0
            })
            .await?;
        }
        Ok(due.len())
    }

    /// Retires strangers that have not been heard for so many days and have no open alarm, so that addresses
    /// made up in passing do not fill the list. A bounded number a run.
    pub async fn reconcile_strangers(&self, silent_days: u32) -> Result<usize, Fault> {
        let silent = self.silent_strangers(i64::from(silent_days) * DAY_S);
        let mut retired = 0;
        for known in silent {
            let _turn = known.gate.lock().await;
            if !self.is_silent(&known, i64::from(silent_days) * DAY_S).await? {
                continue;
            }
            self.by_itself(&known, Standing::Unknown, |entry| self.retirement(entry, silent_days)).await?;
            retired += 1;
        }
        Ok(retired)
    }

    /// Those that may be silent by what memory knows; storage has the last word.
    fn silent_strangers(&self, silent_s: i64) -> Vec<Arc<KnownTerminal>> {
        let now = self.now();
        let old = |at: Timestamp| now.as_second() - at.as_second() >= silent_s;
        let silent = |t: &Arc<KnownTerminal>| {
            t.facts().standing == Standing::Unknown
                && !self.board.has_open_alarm(t.id)
                && old(t.seen_at().unwrap_or(t.facts().since))
        };
        if !self.has_listened(now) {
            return Vec::new();
        }
        self.board.strangers(&Scope::everything()).into_iter().filter(silent).take(RUN_MAX).collect()
    }

    /// Right after a start, and after days in which this program did not run, nobody has been heard yet.
    fn has_listened(&self, now: Timestamp) -> bool {
        now.as_second() - self.started_at.as_second() >= LISTENED_S
    }

    /// Whether it is silent still, by the memory and, when that knows nothing, by its last frame.
    async fn is_silent(&self, known: &KnownTerminal, silent_s: i64) -> Result<bool, Fault> {
        let now = self.now();
        let heard_at = match known.seen_at() {
            Some(at) => Some(at),
            None => {
                let last = self.store.frames_of(&Scope::everything(), known.id, None, 1).await?;
                last.first().map(|row| row.frame.received_at)
            }
        };
        Ok(heard_at.is_none_or(|at| now.as_second() - at.as_second() >= silent_s))
    }

    fn retirement(&self, entry: Entry, silent_days: u32) -> ChangeSet {
        let now = self.now();
        let source = entry.fields.get("source").and_then(|s| s.as_str()).unwrap_or_default().to_owned();
        let mut entry = Entry { version: entry.version + 1, closed_at: Some(now), ..entry };
        entry.state = "retired".to_owned();
        let said = Said::new("terminal.retired", format!("{silent_days} 天没有声音，清退"), "规则");
        let (mut change, _) = self.stranger_change(entry, said, Self::by_rule("无声清退"));
        change.keys.push(KeyWrite::Free(crate::terminals::source_key(&source)));
        change
    }

    /// A step that time takes; nothing happens when somebody was first.
    async fn by_itself(
        &self,
        known: &KnownTerminal,
        from: Standing,
        decide: impl Fn(Entry) -> ChangeSet,
    ) -> Result<(), Fault> {
        let Some(entry) = self.store.entry(&Scope::everything(), known.id.into()).await? else {
            return Ok(());
        };
        if entry.state != from.state() {
            return Ok(());
        }
        let settled = self.settle(false, |_| std::future::ready(Ok((decide(entry.clone()), ())))).await;
        match settled {
            Ok(_) | Err(Fault::Refused(_)) => Ok(()),
            Err(fault) => Err(fault),
        }
    }
}

/// Whether a part of it reports fire.
fn burns(terminal: &KnownTerminal) -> bool {
    terminal.conditions().has(Condition::Fire)
}

/// The next version of the entry, in another standing and without what belonged to the former one.
fn stands(before: Entry, standing: Standing) -> Entry {
    let mut entry = Entry { version: before.version + 1, due_at: None, ..before };
    standing.state().clone_into(&mut entry.state);
    entry.fields.remove("standing_reason");
    entry.fields.remove("ignored_until_on");
    entry
}

fn officer(grant: &Grant) -> Actor {
    Actor::Officer(grant.officer().clone())
}

fn checked_reason(reason: &str) -> Result<String, Refusal> {
    let (reason, chars) = (reason.trim().to_owned(), reason.trim().chars().count());
    if chars == 0 || chars > REASON_CHARS_MAX {
        let sentence = format!("请写明理由，最多 {REASON_CHARS_MAX} 个字");
        return Err(wrong("/reason", "reason.length", &sentence));
    }
    Ok(reason)
}

fn claimed() -> Refusal {
    Refusal::new(RefusalKind::Conflict, "terminal.claimed", "这台终端已经登记，请到终端页面查看。")
}

fn wrong(pointer: &'static str, code: &'static str, sentence: &str) -> Refusal {
    Refusal::invalid(vec![Place::new(pointer, code, sentence)])
}
