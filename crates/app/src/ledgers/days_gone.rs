//! Days gone by (往日的台账) of the demonstration county: acts and calls of the clock at the times they are told of.
//!
//! Whoever tells them goes forward in time and lets every clock speak when it is due, so that a journal reads as if the
//! program had been there. Outside demonstration mode there is no past but the one that happened.

use super::LedgerForm;
use crate::committer::Settled;
use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{EntryId, Refusal, RefusalKind, Scope, Timestamp};
use fengsui_ledger::Entry;
use fengsui_store::ChangeSet;

/// What an act of the past led to.
#[derive(Clone, Debug)]
pub struct PastAct {
    /// The entry it was made with.
    pub entry: Entry,
    /// All entries it changed, those it carried along too, and when the clock of each speaks next.
    pub wakes: Vec<(EntryId, Option<Timestamp>)>,
}

impl App {
    /// Opens an entry, or moves one, as this officer did it at this time.
    pub async fn demonstration_act(
        &self,
        grant: &Grant,
        kind: &str,
        entry: Option<EntryId>,
        form: LedgerForm,
        at: Timestamp,
    ) -> Result<PastAct, Fault> {
        self.only_in_demonstration()?;
        let settled = self
            .settle(false, |_| {
                let form = &form;
                async move {
                    let law = self.law(grant, kind)?;
                    let before = match entry {
                        Some(id) => self.entry_of(grant, law.kind, id).await?,
                        None => self.draft(grant, law.kind, form, at).await?,
                    };
                    let (change, entry) = self.decide_move(grant, law, before, form, at).await?;
                    let wakes = waking(&change);
                    Ok((change, (entry, wakes)))
                }
            })
            .await?;
        let (settled, wakes) = match settled {
            Settled::Now((entry, wakes), committed) => (Settled::Now(entry, committed), wakes),
            Settled::Before(answer) => (Settled::Before(answer), Vec::new()),
        };
        Ok(PastAct { entry: self.told(grant, kind, settled).await?, wakes })
    }

    /// Lets the clock of an entry say what was due at this time. Answers when it speaks next.
    pub async fn demonstration_call(&self, id: EntryId, at: Timestamp) -> Result<Option<Timestamp>, Fault> {
        self.only_in_demonstration()?;
        let entry = self.store.entry(&Scope::everything(), id).await?.ok_or_else(Refusal::not_found)?;
        if entry.wake_at.is_none_or(|wake| wake > at) {
            return Ok(entry.wake_at);
        }
        let kind = self.catalog.kind(&entry.kind).ok_or_else(Refusal::not_found)?;
        self.speak(kind, id, at).await?;
        Ok(self.store.entry(&Scope::everything(), id).await?.and_then(|e| e.wake_at))
    }

    pub(crate) fn only_in_demonstration(&self) -> Result<(), Refusal> {
        if self.node.demonstration {
            return Ok(());
        }
        let detail = "往日的台账只在演示模式下写入。";
        Err(Refusal::new(RefusalKind::Forbidden, "demonstration.only", detail))
    }
}

fn waking(change: &ChangeSet) -> Vec<(EntryId, Option<Timestamp>)> {
    change.entries.iter().map(|write| (write.entry.id, write.entry.wake_at)).collect()
}
