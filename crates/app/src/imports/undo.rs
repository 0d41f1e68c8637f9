//! Taking an import back: what it made is withdrawn, what it changed becomes what it was, batch by batch from the
//! last; a record that somebody changed since, or that others depend on by now, stays and is named.

use super::draft::RowProblem;
use super::returned::traces;
use super::{ImportSubject, ImportView};
use crate::changes::Said;
use crate::{App, Fault};
use fengsui_base::{Actor, EntryId, Scope, TerminalId, UnitId};
use fengsui_ledger::Entry;
use fengsui_store::{ChangeSet, Filter, KeyWrite, Numbering, Query};
use serde_json::Value;

impl App {
    /// Takes the last batch back that still stands, or ends the undoing.
    pub(super) async fn undo_piece(&self, view: &ImportView) -> Result<(), Fault> {
        let id = view.entry.id;
        let decide = |_| async move {
            let now = self.store.entry(&Scope::everything(), id).await?.and_then(ImportView::of);
            let view = now.ok_or_else(fengsui_base::Refusal::not_found)?;
            let mut query = Query::newest("import_batch", Scope::everything());
            (query.states, query.limit) = (vec!["stored".to_owned()], 1);
            query.filters = vec![Filter::Owner(id)];
            let change = match self.store.list(&query).await?.items.pop() {
                Some(batch) => self.undo_batch(&view, batch).await?,
                None => self.undo_ended(&view),
            };
            Ok((change, ()))
        };
        self.settle(false, decide).await.map(|_| ())
    }

    async fn undo_batch(&self, view: &ImportView, batch: Entry) -> Result<ChangeSet, Fault> {
        let mut facts = view.facts.clone();
        let mut change = ChangeSet::new(self.now());
        let actor = Actor::Officer(facts.officer.clone());
        let mut problems = match (facts.undone, facts.kept) {
            (0, 0) => Vec::new(),
            _ => self.report_of(&facts).await?.map_or_else(Vec::new, |(_, problems)| problems),
        };
        let known = problems.len();
        let left = traces(&batch);
        let ledger = facts.ledger.clone();
        for id in made(&batch).into_iter().filter(|_| ledger.is_some()) {
            match self.withdrawn_entry(ledger.as_deref().unwrap_or_default(), id, left.get(&id)).await? {
                Some(Ok(returned)) => {
                    self.put_back(&mut change, &actor, returned);
                    facts.undone += 1;
                }
                Some(Err(problem)) => problems.push(problem),
                None => {}
            }
        }
        for former in former(&batch).into_iter().filter(|_| ledger.is_some()) {
            match self.restored_entry(&former, left.get(&former.id)).await? {
                Ok(returned) => {
                    self.put_back(&mut change, &actor, returned);
                    facts.undone += 1;
                }
                Err(problem) => problems.push(problem),
            }
        }
        for id in made(&batch).into_iter().filter(|_| ledger.is_none()) {
            match self.withdrawn(facts.subject, id).await? {
                Ok((entry, key)) => {
                    change.keys.extend(key.map(KeyWrite::Free));
                    change.entries.push(self.write(entry, Numbering::Keep));
                    facts.undone += 1;
                }
                Err(problem) => problems.extend(problem),
            }
        }
        for former in former(&batch).into_iter().filter(|_| ledger.is_none()) {
            match self.restored(&former).await? {
                Ok((now, entry)) => {
                    let said = Said::new("record.restored", "撤销导入，恢复原来的内容", "撤销导入");
                    change.journal.push(self.line_on(&entry, change.at, &actor, said));
                    change.keys.extend(crate::followers::owed(&now, &entry));
                    self.move_alarms_on(&mut change, &now, &entry, &actor);
                    change.entries.push(self.write(entry, Numbering::Keep));
                    facts.undone += 1;
                }
                Err(problem) => problems.push(problem),
            }
        }
        facts.kept += (problems.len() - known) as u64;
        let report = self.report_of(&facts).await?.map(|(entry, _)| entry);
        facts.report = Some(self.add_report(&mut change, view, report, &problems));
        let done = Entry { state: "undone".to_owned(), version: batch.version + 1, ..batch };
        let entry = view.next("undoing", &facts);
        let said = Said::new("import.batch_undone", format!("撤回{}", done.title), "撤销导入");
        change.journal.insert(0, self.line_on(&entry, change.at, &actor, said));
        change.entries.push(self.write(done, Numbering::Keep));
        change.entries.push(self.write(entry, Numbering::Keep));
        Ok(change)
    }

    fn put_back(
        &self,
        change: &mut ChangeSet,
        actor: &Actor,
        (entry, key, said): (Entry, Option<String>, Said),
    ) {
        change.journal.push(self.line_on(&entry, change.at, actor, said));
        change.keys.extend(key.map(KeyWrite::Free));
        change.entries.push(self.write(entry, Numbering::Keep));
    }

    fn undo_ended(&self, view: &ImportView) -> ChangeSet {
        let mut change = ChangeSet::new(self.now());
        let facts = &view.facts;
        let entry = Entry { closed_at: Some(change.at), ..view.next("undone", facts) };
        let text = format!("撤销完毕：撤回 {} 条，保留 {} 条", facts.undone, facts.kept);
        let actor = Actor::Officer(facts.officer.clone());
        let said = Said::new("import.undone", text, "撤销导入");
        change.journal.push(self.line_on(&entry, change.at, &actor, said));
        change.entries.push(self.write(entry, Numbering::Keep));
        change
    }

    /// A record that the import made, withdrawn, with the key it gives up; or why it stays.
    async fn withdrawn(
        &self,
        subject: ImportSubject,
        id: EntryId,
    ) -> Result<Result<(Entry, Option<String>), Option<RowProblem>>, Fault> {
        let now = self.store.entry(&Scope::everything(), id).await?;
        // Withdrawn by an earlier run of the same undoing.
        let Some(now) = now.filter(|e| e.kind == subject.name()) else { return Ok(Err(None)) };
        if now.version != 1 {
            return Ok(Err(Some(stays(&now, "record.changed", "导入后又改过，没有撤回，请自行核对"))));
        }
        if let Some(reason) = self.in_use(&now) {
            return Ok(Err(Some(stays(&now, "record.in_use", reason))));
        }
        let key = key_of(&now);
        let mut entry = Entry {
            kind: "withdrawn".to_owned(),
            state: "withdrawn".to_owned(),
            version: now.version + 1,
            closed_at: Some(self.now()),
            ..now
        };
        entry.fields.insert("was".to_owned(), subject.name().into());
        Ok(Ok((entry, key)))
    }

    /// Why a record that nobody has changed may still not go.
    fn in_use(&self, entry: &Entry) -> Option<&'static str> {
        match entry.kind.as_str() {
            "unit" if !self.board.terminals_of(UnitId(entry.id), &Scope::everything()).is_empty() => {
                Some("名下已有终端，没有撤回。请先撤销终端的导入")
            }
            "terminal" => {
                let known = self.board.terminal(TerminalId(entry.id))?;
                let spoke = known.seen_at().is_some() || !known.states().is_empty();
                match (known.point_count() > 0, spoke) {
                    (true, _) => Some("名下已有点位，没有撤回。请先撤销点位的导入"),
                    (_, true) => Some("已经有过通信，没有撤回"),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// A record that the import changed, as it is now and as it was before.
    async fn restored(&self, former: &Entry) -> Result<Result<(Entry, Entry), RowProblem>, Fault> {
        let now = self.store.entry(&Scope::everything(), former.id).await?;
        let Some(now) = now.filter(|e| e.version == former.version + 1) else {
            return Ok(Err(stays(former, "record.changed", "导入后又改过，没有恢复，请自行核对")));
        };
        let entry = Entry { version: now.version + 1, ..former.clone() };
        Ok(Ok((now, entry)))
    }
}

fn stays(entry: &Entry, code: &str, detail: &str) -> RowProblem {
    let name = if entry.kind == "unit" { "code" } else { "source" };
    let key = entry.fields.get(name).and_then(Value::as_str).unwrap_or_default();
    RowProblem {
        row: 0,
        column: String::new(),
        value: format!("{} {key}", entry.title).trim().to_owned(),
        code: code.to_owned(),
        detail: detail.to_owned(),
    }
}

fn key_of(entry: &Entry) -> Option<String> {
    let text = |name: &str| entry.fields.get(name).and_then(Value::as_str);
    match entry.kind.as_str() {
        "unit" => text("code").map(|code| format!("unit/code/{code}")),
        "terminal" => text("source").map(crate::terminals::source_key),
        _ => None,
    }
}

fn made(batch: &Entry) -> Vec<EntryId> {
    crate::entries::field(batch, "made").unwrap_or_default()
}

fn former(batch: &Entry) -> Vec<Entry> {
    crate::entries::field(batch, "former").unwrap_or_default()
}
