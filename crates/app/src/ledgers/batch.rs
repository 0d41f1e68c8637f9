//! The same step for many entries of a ledger at once (批量办理): which steps some of them may make, and why others may not; then
//! each judged on its own, so that one that is refused stops no other.

use super::{LedgerFilter, LedgerForm, in_words_of};
use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{EntryId, Fields, Refusal, RefusalKind};
use fengsui_catalog::Kind;
use fengsui_ledger::{Entry, actions};
use fengsui_store::PAGE_MAX;
use std::collections::BTreeMap;

/// Most entries of one batch.
pub const BATCH_MAX: usize = 500;

/// Which entries a batch is for.
#[derive(Clone, Debug)]
pub enum BatchChoice {
    /// Ticked one by one.
    Named(Vec<EntryId>),
    /// All that a list shows by its filters.
    Found(Box<LedgerFilter>),
}

/// A step that some entries of a batch may make.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BatchAction {
    /// The move.
    pub name: String,
    /// Its label.
    pub label: String,
    /// How many may make it.
    pub may: usize,
    /// Why others may not, with how many each, the most frequent first.
    pub barred: Vec<(String, usize)>,
}

/// What became of one entry of a batch.
#[derive(Clone, Debug)]
pub struct BatchOutcome {
    /// The entry as it was chosen.
    pub entry: Entry,
    /// Why nothing became of it.
    pub refused: Option<Refusal>,
}

impl App {
    /// The entries of a choice that the asker may read; refused beyond [`BATCH_MAX`].
    async fn batch_entries(
        &self,
        grant: &Grant,
        kind: &Kind,
        choice: BatchChoice,
    ) -> Result<Vec<Entry>, Fault> {
        let entries = match choice {
            BatchChoice::Named(ids) if ids.len() > BATCH_MAX => return Err(too_many(ids.len()).into()),
            BatchChoice::Named(ids) => {
                let found = self.store.entries(&self.readable(grant, kind), &ids).await?;
                found.into_iter().filter(|entry| entry.kind == kind.name).collect()
            }
            BatchChoice::Found(filter) => self.batch_found(grant, kind, *filter).await?,
        };
        let entries = in_words_of(kind, entries);
        if entries.is_empty() {
            let sentence = "没有可以办理的记录：没有勾选，或都不在您的管理范围。";
            return Err(Refusal::new(RefusalKind::Invalid, "batch.nothing", sentence).into());
        }
        Ok(entries)
    }

    async fn batch_found(
        &self,
        grant: &Grant,
        kind: &Kind,
        filter: LedgerFilter,
    ) -> Result<Vec<Entry>, Fault> {
        let filter = LedgerFilter { after: None, limit: PAGE_MAX, ..filter };
        let mut query = self.ledger_query(grant, kind, filter)?;
        let most = BATCH_MAX as u64;
        let total = self.store.count_to(&query, most + 1).await?;
        if total > most {
            return Err(too_many(BATCH_MAX + 1).into());
        }
        let mut all = Vec::new();
        loop {
            let page = self.store.list(&query).await?;
            all.extend(page.items);
            match page.next {
                Some(next) if all.len() < BATCH_MAX => query.after = Some(next),
                Some(_) | None => return Ok(all),
            }
        }
    }

    /// How many entries a choice has, and which steps some of them may make, the one for most of them first.
    pub async fn batch_actions(
        &self,
        grant: &Grant,
        kind: &str,
        choice: BatchChoice,
    ) -> Result<(usize, Vec<BatchAction>), Fault> {
        let known = self.ledger(grant, kind)?;
        let entries = self.batch_entries(grant, known, choice).await?;
        let mut tallies = BTreeMap::<String, (String, usize, BTreeMap<String, usize>)>::new();
        for entry in &entries {
            let gathered = self.gather(grant, known, entry, &Fields::new(), None, self.now()).await?;
            let label = |post: &str| self.post_label(post);
            for action in actions(&gathered.scene(known, entry, &label)) {
                let tally = tallies.entry(action.name).or_insert((action.label, 0, BTreeMap::new()));
                match action.barred {
                    None => tally.1 += 1,
                    Some(why) => *tally.2.entry(why).or_default() += 1,
                }
            }
        }
        let mut found: Vec<_> = tallies.into_iter().map(|tally| told(tally, entries.len())).collect();
        // Of steps for as many, the one that comes first in the life of the ledger.
        let place = |name: &str| known.moves.iter().position(|m| m.name == name);
        found.sort_by_key(|action| (std::cmp::Reverse(action.may), place(&action.name)));
        Ok((entries.len(), found))
    }

    /// Makes a step with each of the entries, as each is now; what one is refused for stops no other. The same request
    /// again (`key`) makes no step a second time.
    pub async fn batch_move(
        &self,
        grant: &Grant,
        kind: &str,
        choice: BatchChoice,
        form: &LedgerForm,
        key: Option<&str>,
    ) -> Result<Vec<BatchOutcome>, Fault> {
        let known = self.ledger(grant, kind)?;
        let mut outcomes = Vec::new();
        for entry in self.batch_entries(grant, known, choice).await? {
            let once = key.map(|key| format!("{key}/{}", entry.id));
            let moved = self.move_once(grant, kind, (entry.id, entry.version), form, once).await;
            // What was done before is done and on record, whatever happened to this one: it is told with its reason.
            let refused = moved.err().map(|fault| fault.refusal());
            outcomes.push(BatchOutcome { entry, refused });
        }
        Ok(outcomes)
    }
}

type Tally = (String, (String, usize, BTreeMap<String, usize>));

fn told((name, (label, may, reasons)): Tally, all: usize) -> BatchAction {
    let mut barred: Vec<_> = reasons.into_iter().collect();
    let elsewhere = all - may - barred.iter().map(|(_, count)| count).sum::<usize>();
    if elsewhere > 0 {
        barred.push(("现在的状态没有这一步，或不由您的岗位办理".to_owned(), elsewhere));
    }
    barred.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    BatchAction { name, label, may, barred }
}

fn too_many(count: usize) -> Refusal {
    let sentence = format!("一次最多办理 {BATCH_MAX} 条，现在超过了。请勾选一部分，或再筛选。");
    Refusal::new(RefusalKind::Invalid, "batch.too_many", sentence).with("count", count)
}
