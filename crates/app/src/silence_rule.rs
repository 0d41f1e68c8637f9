//! The rule by which a terminal counts as offline (离线规则), and the gateway through which it speaks.

use crate::board::PARENTS_MAX;
use crate::changes::Said;
use crate::committer::Settled;
use crate::terminals::PERIOD_S_MAX;
use crate::{App, Fault, KnownTerminal};
use fengsui_access::Grant;
use fengsui_alarm::{OFFLINE_AFTER_S_MAX, OFFLINE_AFTER_S_MIN, Rhythm};
use fengsui_base::{Actor, EntryId, Place, Refusal, Scope, TerminalId};
use fengsui_catalog::Permission;
use fengsui_ledger::Entry;
use fengsui_store::{ChangeSet, Numbering};
use serde_json::Value;
use std::sync::Arc;

/// What a form says of when a terminal is offline; nothing means by the usual rule.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SilenceDraft {
    /// How it keeps in touch, by its stable name.
    pub rhythm: Option<String>,
    /// How often it reports at the least, in seconds.
    pub report_period_s: Option<i64>,
    /// Offline after so much silence, in seconds.
    pub offline_after_s: Option<i64>,
    /// The gateway through which it speaks.
    pub parent: Option<TerminalId>,
}

impl App {
    /// Sets the rule of a terminal; `version` is the one that was read.
    pub async fn set_silence(
        &self,
        grant: &Grant,
        id: TerminalId,
        version: u64,
        draft: SilenceDraft,
    ) -> Result<(Entry, Arc<KnownTerminal>), Fault> {
        let scope = grant.may(Permission::TerminalWrite)?;
        self.check_silence(&scope, id, &draft)?;
        let settled = self
            .settle(true, |_| async {
                let before = self.store.entry(&scope, id.into()).await?.filter(|e| e.kind == "terminal");
                let before = before.ok_or_else(Refusal::not_found)?;
                if before.version != version {
                    return Err(crate::units::stale(version, before.version).into());
                }
                Ok((self.silence_change(grant, before, &draft), ()))
            })
            .await?;
        match settled {
            Settled::Now((), _) | Settled::Before(_) => self.terminal(grant, id).await,
        }
    }

    fn silence_change(&self, grant: &Grant, before: Entry, draft: &SilenceDraft) -> ChangeSet {
        let mut change = ChangeSet::new(self.now());
        let mut entry = Entry { version: before.version + 1, revision: self.catalog.revision(), ..before };
        let mut put = |name: &str, value: Option<Value>| match value {
            Some(value) => drop(entry.fields.insert(name.to_owned(), value)),
            None => drop(entry.fields.remove(name)),
        };
        put("rhythm", draft.rhythm.as_deref().map(Value::from));
        put("report_period_s", draft.report_period_s.map(Value::from));
        put("offline_after_s", draft.offline_after_s.map(Value::from));
        put("parent", draft.parent.map(|p| p.to_string().into()));
        let said = Said::new("terminal.silence_set", "修改离线规则", "操作");
        let actor = Actor::Officer(grant.officer().clone());
        change.journal.push(self.line_on(&entry, change.at, &actor, said));
        change.entries.push(self.write(entry, Numbering::Keep));
        change
    }

    fn check_silence(&self, scope: &Scope, id: TerminalId, draft: &SilenceDraft) -> Result<(), Refusal> {
        let mut wrong = Vec::new();
        if draft.rhythm.as_deref().is_some_and(|code| Rhythm::from_code(code).is_none()) {
            wrong.push(Place::new("/rhythm", "rhythm.unknown", "没有这种通信方式，请重新选择"));
        }
        if draft.report_period_s.is_some_and(|s| !(1..=PERIOD_S_MAX).contains(&s)) {
            let sentence = format!("上报周期是 1 到 {PERIOD_S_MAX} 秒");
            wrong.push(Place::new("/report_period_s", "period.range", sentence));
        }
        if draft.offline_after_s.is_some_and(|s| !(OFFLINE_AFTER_S_MIN..=OFFLINE_AFTER_S_MAX).contains(&s)) {
            let sentence = format!("离线时限是 {OFFLINE_AFTER_S_MIN} 到 {OFFLINE_AFTER_S_MAX} 秒");
            wrong.push(Place::new("/offline_after_s", "offline_after.range", sentence));
        }
        wrong.extend(draft.parent.and_then(|parent| self.wrong_parent(scope, id, parent)));
        if wrong.is_empty() { Ok(()) } else { Err(Refusal::invalid(wrong)) }
    }

    /// Why this terminal cannot be the gateway of that one.
    pub fn wrong_parent(&self, scope: &Scope, id: TerminalId, parent: TerminalId) -> Option<Place> {
        let place = |code, sentence: &str| Some(Place::new("/parent", code, sentence));
        let known = self.board.terminal(parent);
        let Some(gateway) = known.filter(|t| t.facts().known && scope.contains(t.facts().region)) else {
            return place("parent.unknown", "没有这台网关，或不在您的管理范围，请重新选择");
        };
        let above = self.board.gateways(&gateway);
        if parent == id || above.iter().any(|t| t.id == id) {
            return place("parent.cycle", "这台网关自己就经由本终端通信，请选择另一台");
        }
        if above.len() + 1 >= PARENTS_MAX {
            let sentence = format!("网关最多相连 {PARENTS_MAX} 级，请接到更上一级的网关");
            return place("parent.too_deep", &sentence);
        }
        None
    }

    /// Name of the gateway through which a terminal speaks, where the asker may see it.
    pub fn gateway_of(&self, grant: &Grant, terminal: &KnownTerminal) -> Option<(EntryId, String)> {
        let gateway = self.board.terminal(terminal.facts().parent?)?;
        let facts = gateway.facts();
        grant
            .scope(Permission::TerminalRead)
            .contains(facts.region)
            .then(|| (gateway.id.into(), facts.name.clone()))
    }
}
