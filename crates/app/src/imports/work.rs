//! The work on imports: a bounded piece at a time, one import after another.
//!
//! A check writes nothing but its result. A batch of 500 rows is one change: its records, what they overwrote, and
//! how far the import is. So a stop between two batches loses nothing, and none is written twice.

use super::draft::RowProblem;
use super::known::Known;
use super::plan::{Planned, moves_suspiciously};
use super::reading::{self, Block, Read};
use super::report::PROBLEMS_KEPT_MAX;
use super::returned::trace;
use super::{ImportCounts, ImportFacts, ImportView};
use crate::changes::Said;
use crate::committer::Settled;
use crate::{App, Fault};
use fengsui_base::{Actor, EntryId, Fields, Scope};
use fengsui_ledger::{Entry, Life, arrival_words};
use fengsui_store::{ChangeSet, Direction, Expect, KeyWrite, Numbering, Query};
use tokio::sync::mpsc;

/// Blocks of rows worked on in one run.
const BLOCKS_A_RUN: usize = 4;

/// The import that is being worked on, with the thread that reads its rows.
pub(crate) struct Active {
    id: EntryId,
    run: u32,
    rows: mpsc::Receiver<Block>,
    /// What a check has found so far.
    counts: ImportCounts,
    problems: Vec<RowProblem>,
}

impl App {
    /// Works on the oldest import that waits; answers whether there may be more to do at once.
    pub async fn reconcile_imports(&self) -> Result<bool, Fault> {
        let mut query = Query::newest("import", Scope::everything());
        query.states = ["checking", "running", "undoing"].map(str::to_owned).to_vec();
        (query.direction, query.limit) = (Direction::Ascending, 1);
        let mut active = self.imports.active.lock().await;
        let Some(view) = self.store.list(&query).await?.items.pop().and_then(ImportView::of) else {
            *active = None;
            return Ok(false);
        };
        match view.entry.state.as_str() {
            "undoing" => self.undo_piece(&view).await?,
            _ => self.read_piece(&mut active, &view).await?,
        }
        Ok(true)
    }

    /// How many rows a check has looked at, while it runs.
    pub fn import_progress(&self, id: EntryId) -> Option<ImportCounts> {
        let active = self.imports.active.try_lock().ok()?;
        active.as_ref().filter(|a| a.id == id).map(|a| a.counts)
    }

    async fn read_piece(&self, active: &mut Option<Active>, view: &ImportView) -> Result<(), Fault> {
        let current = active.take().filter(|a| a.id == view.entry.id && a.run == view.facts.run);
        let mut work = match current {
            Some(work) => work,
            None => self.begin(view)?,
        };
        for _ in 0..BLOCKS_A_RUN {
            let goes_on = match work.rows.recv().await {
                Some(Block::Rows(rows)) if view.entry.state == "checking" => {
                    self.check_block(&mut work, &view.facts, rows).await?;
                    true
                }
                Some(Block::Rows(rows)) => self.store_block(view.entry.id, work.run, &rows).await?,
                Some(Block::End) => {
                    self.end(view.entry.id, &work, None).await?;
                    false
                }
                Some(Block::Failed(error)) => {
                    self.end(view.entry.id, &work, Some(error.to_string())).await?;
                    false
                }
                // Cut off: the next run begins anew, where the stored rows end.
                None => false,
            };
            if !goes_on {
                return Ok(());
            }
        }
        *active = Some(work);
        Ok(())
    }

    fn begin(&self, view: &ImportView) -> Result<Active, Fault> {
        let facts = &view.facts;
        let skip = if view.entry.state == "checking" { 0 } else { facts.stored.rows };
        let path = self.import_path(&facts.file)?;
        let rows = reading::rows(path, self.ground(facts)?, facts.header_row, skip);
        let (id, run) = (view.entry.id, facts.run);
        Ok(Active { id, run, rows, counts: ImportCounts::default(), problems: Vec::new() })
    }

    async fn check_block(
        &self,
        work: &mut Active,
        facts: &ImportFacts,
        rows: Vec<Read>,
    ) -> Result<(), Fault> {
        for (planned, problems) in self.plans(facts, &rows).await? {
            count(&mut work.counts, planned.as_ref());
            let room = PROBLEMS_KEPT_MAX.saturating_sub(work.problems.len());
            work.problems.extend(problems.into_iter().take(room));
        }
        Ok(())
    }

    /// What each row of a block means, or what is wrong with it.
    async fn plans(
        &self,
        facts: &ImportFacts,
        rows: &[Read],
    ) -> Result<Vec<(Option<Planned>, Vec<RowProblem>)>, Fault> {
        if facts.ledger.is_some() {
            return self.plan_entries(facts, rows).await;
        }
        let known = self.known_of(facts.subject, rows).await?;
        Ok(rows.iter().map(|read| self.planned(facts, read, &known)).collect())
    }

    /// What a row means, or what is wrong with it.
    fn planned(&self, facts: &ImportFacts, read: &Read, known: &Known) -> (Option<Planned>, Vec<RowProblem>) {
        let draft = match read {
            Ok(draft) => draft,
            Err(problems) => return (None, problems.clone()),
        };
        match self.plan(facts.subject, &facts.scope, draft, known) {
            Ok(planned) => (Some(planned), Vec::new()),
            Err(problem) => (None, vec![problem]),
        }
    }

    /// Writes a block as one change; answers whether the import still runs.
    async fn store_block(&self, id: EntryId, run: u32, rows: &[Read]) -> Result<bool, Fault> {
        let decide = |_| async move {
            let Some(view) = self.running(id, run).await? else { return Err(stopped()) };
            let change = self.block_change(&view, rows).await?;
            Ok((change, ()))
        };
        match self.settle(false, decide).await {
            Ok(_) => Ok(true),
            Err(Fault::Refused(refusal)) if refusal.code == STOPPED => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    async fn running(&self, id: EntryId, run: u32) -> Result<Option<ImportView>, Fault> {
        let entry = self.store.entry(&Scope::everything(), id).await?;
        let same =
            |v: &ImportView| v.facts.run == run && matches!(v.entry.state.as_str(), "running" | "checking");
        Ok(entry.and_then(ImportView::of).filter(same))
    }

    async fn block_change(&self, view: &ImportView, rows: &[Read]) -> Result<ChangeSet, Fault> {
        let mut facts = view.facts.clone();
        let mut change = ChangeSet::new(self.now());
        let actor = Actor::Officer(facts.officer.clone());
        let (mut made, mut former) = (Vec::new(), Vec::new());
        let mut traces = Fields::new();
        let before = facts.stored;
        for (planned, _) in self.plans(&view.facts, rows).await? {
            if facts.ledger.is_some()
                && let Some(entry) = planned.as_ref().and_then(Planned::entry)
            {
                traces.insert(entry.id.to_string(), trace(entry).into());
            }
            count(&mut facts.stored, planned.as_ref());
            match planned {
                Some(Planned::New(entry, key)) => {
                    let (entry, numbering) =
                        self.taken_in(&mut change, &facts, *entry, view.entry.id, &actor);
                    if let Some(key) = key {
                        change.expects.push(Expect::Absent(key.clone()));
                        change.keys.push(KeyWrite::Take(key, entry.id));
                    }
                    made.push(entry.id.to_string());
                    change.entries.push(self.write(entry, numbering));
                }
                Some(Planned::Changed(pair)) => {
                    let (old, entry) = *pair;
                    let said = Said::new("record.imported", self.difference(&old, &entry), "导入")
                        .with("import", view.entry.id.to_string());
                    change.journal.push(self.line_on(&entry, change.at, &actor, said));
                    change.keys.extend(crate::followers::owed(&old, &entry));
                    self.move_alarms_on(&mut change, &old, &entry, &actor);
                    former.push(serde_json::to_value(&old).unwrap_or_default());
                    change.entries.push(self.write(entry, Numbering::Keep));
                }
                Some(Planned::Unchanged) | None => {}
            }
        }
        let wrote = !made.is_empty() || !former.is_empty();
        facts.batches += u32::from(wrote);
        let (new, changed) = (made.len(), former.len());
        if wrote {
            let lists = [("made".to_owned(), made.into()), ("former".to_owned(), former.into())];
            let mut fields = Fields::from_iter(lists);
            if facts.ledger.is_some() {
                fields.insert("traces".to_owned(), traces.into());
            }
            let batch = self.fresh(
                "import_batch",
                view.entry.region,
                &format!("第 {} 批", facts.batches),
                fields,
                change.at,
            );
            let batch = Entry { owner: Some(view.entry.id), ..batch };
            change.entries.push(self.write(batch, Numbering::Keep));
        }
        let entry = view.next(&view.entry.state, &facts);
        let text = format!(
            "导入第 {} 到 {} 行：新增 {new} 条，修改 {changed} 条",
            before.rows + 1,
            facts.stored.rows
        );
        let said = Said::new("import.batch", text, "导入").with("new", new).with("changed", changed);
        change.journal.insert(0, self.line_on(&entry, change.at, &actor, said));
        change.entries.push(self.write(entry, Numbering::Keep));
        Ok(change)
    }

    /// A new record as it is written: one of a register names its import; an entry of a ledger has come from elsewhere, gets
    /// the next number, and its journal begins with how it came.
    fn taken_in(
        &self,
        change: &mut ChangeSet,
        facts: &ImportFacts,
        entry: Entry,
        import: EntryId,
        actor: &Actor,
    ) -> (Entry, Numbering) {
        let kind = facts.ledger.as_ref().and_then(|name| self.catalog.kind(name));
        let Some(kind) = kind else { return (Self::from_import(entry, import), Numbering::Keep) };
        let due = Life::of(&entry.fields).and_then(|life| life.clock).map(|clock| clock.due);
        let words = arrival_words(kind, &entry, due.map(|due| self.calendar().last_day(&due)));
        let said = Said::new("record.imported", words, "导入").with("import", import.to_string());
        change.journal.push(self.line_on(&entry, change.at, actor, said));
        (entry, self.running_number(kind, change.at))
    }

    /// What an import changed in a record, by the labels of the catalog.
    fn difference(&self, before: &Entry, after: &Entry) -> String {
        let kind = self.catalog.kind(&after.kind).expect("the shipped catalog has every register");
        let named = kind.fields.iter().filter(|f| before.fields.get(&f.name) != after.fields.get(&f.name));
        let own = [
            ("名称", !kind.is_ledger() && before.title != after.title),
            ("辖区", before.region != after.region),
            ("位置", before.position != after.position),
        ];
        let own = own.into_iter().filter(|(_, changed)| *changed).map(|(label, _)| label.to_owned());
        format!("导入修改{}", own.chain(named.map(|f| f.label.clone())).collect::<Vec<_>>().join("、"))
    }

    /// A check or an import is through, or cannot go on.
    async fn end(&self, id: EntryId, work: &Active, failure: Option<String>) -> Result<(), Fault> {
        let failure = &failure;
        let decide = |_| async move {
            let Some(view) = self.running(id, work.run).await? else { return Err(stopped()) };
            let mut facts = view.facts.clone();
            let mut change = ChangeSet::new(self.now());
            let checking = view.entry.state == "checking";
            if checking {
                facts.checked = work.counts;
                let before = self.report_of(&view.facts).await?.map(|(entry, _)| entry);
                facts.report = Some(self.add_report(&mut change, &view, before, &work.problems));
            }
            facts.failure.clone_from(failure);
            let (state, said) = ending(checking, &facts);
            let mut entry = view.next(state, &facts);
            entry.closed_at = (!checking).then_some(change.at);
            let actor = Actor::Officer(facts.officer.clone());
            change.journal.push(self.line_on(&entry, change.at, &actor, said));
            change.entries.push(self.write(entry, Numbering::Keep));
            Ok((change, ()))
        };
        match self.settle(false, decide).await {
            Ok(Settled::Now(..) | Settled::Before(_)) => Ok(()),
            Err(Fault::Refused(refusal)) if refusal.code == STOPPED => Ok(()),
            Err(fault) => Err(fault),
        }
    }
}

const STOPPED: &str = "import.stopped";

/// Somebody stopped or changed the import meanwhile: nothing more is written of this run.
fn stopped() -> Fault {
    let sentence = "导入已停止。";
    fengsui_base::Refusal::new(fengsui_base::RefusalKind::Conflict, STOPPED, sentence).into()
}

fn ending(checking: bool, facts: &ImportFacts) -> (&'static str, Said) {
    let counts = if checking { facts.checked } else { facts.stored };
    let words = format!(
        "{} 行：新增 {}，修改 {}，未变 {}，有误 {}",
        counts.rows, counts.new, counts.changed, counts.unchanged, counts.wrong
    );
    match (&facts.failure, checking) {
        (Some(why), _) => ("failed", Said::new("import.failed", format!("没有完成：{why}"), "程序")),
        (None, true) => ("checked", Said::new("import.checked", format!("检查完毕，{words}"), "程序")),
        (None, false) => ("done", Said::new("import.done", format!("导入完毕，{words}"), "程序")),
    }
}

fn count(counts: &mut ImportCounts, planned: Option<&Planned>) {
    counts.rows += 1;
    match planned {
        Some(Planned::New(..)) => counts.new += 1,
        Some(Planned::Changed(pair)) => {
            counts.changed += 1;
            counts.moved += u64::from(moves_suspiciously(&pair.0, &pair.1));
        }
        Some(Planned::Unchanged) => counts.unchanged += 1,
        None => counts.wrong += 1,
    }
}
