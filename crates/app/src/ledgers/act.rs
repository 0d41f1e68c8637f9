//! Opening an entry, moving it, correcting it, saying something about it.

use super::LedgerForm;
use super::gather::{Gathered, ids_in};
use crate::changes::{Said, receipt};
use crate::committer::Settled;
use crate::units::stale;
use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{Actor, EntryId, Fields, Place, Refusal, RefusalKind, RegionCode, Scope, Timestamp};
use fengsui_catalog::{FieldType, Kind, Permission};
use fengsui_ledger::{Effects, Entry, Life, amend, perform};
use fengsui_store::{ChangeSet, KeyWrite, Numbering, blob_key};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Longest remark, in characters.
const REMARK_CHARS_MAX: usize = 500;
/// Most entries that one move carries along, whatever they carry in turn.
const CARRIED_MAX: usize = 200;

impl App {
    /// Opens an entry of a ledger by one of its opening moves.
    pub async fn open_entry(
        &self,
        grant: &Grant,
        kind: &str,
        form: LedgerForm,
        key: Option<String>,
    ) -> Result<Entry, Fault> {
        let kind = self.ledger(grant, kind)?;
        let settled = self
            .settle(true, |_| {
                let (form, key) = (&form, &key);
                async move {
                    let at = self.now();
                    let draft = self.draft(grant, kind, form, at).await?;
                    let (mut change, entry) = self.decide_move(grant, kind, draft, form, at).await?;
                    change.receipt = receipt(key.clone(), grant.account().into(), &entry);
                    Ok((change, entry))
                }
            })
            .await?;
        self.told(grant, &kind.name, settled).await
    }

    /// Makes a move with an entry. `version` is what the person saw.
    pub async fn move_entry(
        &self,
        grant: &Grant,
        kind: &str,
        id: EntryId,
        version: u64,
        form: LedgerForm,
    ) -> Result<Entry, Fault> {
        let known = self.ledger(grant, kind)?;
        let settled = self
            .settle(true, |_| {
                let form = &form;
                async move {
                    let (at, before) = (self.now(), self.ledger_entry(grant, kind, id).await?);
                    let (seen, now) = (version, before.version);
                    let decided = self.decide_move(grant, known, before, form, at).await;
                    // A move that no longer fits says who was first; any other is made on what the person saw, or not.
                    let said = decided.as_ref().err().map(Fault::refusal);
                    if seen != now && said.is_none_or(|r| r.code != "move.state") {
                        return Err(stale(seen, now).into());
                    }
                    decided
                }
            })
            .await?;
        self.told(grant, kind, settled).await
    }

    /// Corrects fields of an entry without a move.
    pub async fn amend_entry(
        &self,
        grant: &Grant,
        kind: &str,
        id: EntryId,
        version: u64,
        form: LedgerForm,
    ) -> Result<Entry, Fault> {
        let known = self.ledger(grant, kind)?;
        let settled = self
            .settle(true, |_| {
                let form = &form;
                async move {
                    let (at, before) = (self.now(), self.ledger_entry(grant, kind, id).await?);
                    if before.version != version {
                        return Err(stale(version, before.version).into());
                    }
                    self.check_references(grant, known, &before, &form.fields).await?;
                    let gathered = self.gather(grant, known, &before, &form.fields, None, at).await?;
                    let mut entry =
                        amend(&gathered.scene(known, &before, &|p| self.post_label(p)), &form.fields)?;
                    entry.position = form.position.or(before.position);
                    entry.revision = self.revision;
                    let mut change = ChangeSet::new(at);
                    let said = Said::new("ledger.amended", self.differences(&before, &entry), "操作");
                    self.record(&mut change, grant, Some(&before), &entry, Numbering::Keep, said);
                    Ok((change, entry))
                }
            })
            .await?;
        self.told(grant, kind, settled).await
    }

    /// Says something about an entry; whoever may read it may.
    pub async fn remark_entry(
        &self,
        grant: &Grant,
        kind: &str,
        id: EntryId,
        text: &str,
    ) -> Result<(), Fault> {
        let text = text.trim();
        let length = text.chars().count();
        if length == 0 || length > REMARK_CHARS_MAX {
            let detail = format!("请填写补记，最多 {REMARK_CHARS_MAX} 个字，现有 {length} 个");
            return Err(Refusal::invalid(vec![Place::new("/text", "remark.length", detail)]).into());
        }
        let entry = self.ledger_entry(grant, kind, id).await?;
        self.settle(true, |_| {
            let mut change = ChangeSet::new(self.now());
            let actor = Actor::Officer(grant.officer().clone());
            let said = Said::new("ledger.remarked", format!("补记：{text}"), "操作");
            change.journal.push(self.line_on(&entry, change.at, &actor, said));
            std::future::ready(Ok((change, ())))
        })
        .await?;
        Ok(())
    }

    /// Puts an entry with its past on record, or more of the past of one that is there, as these officers handled it at
    /// these times; refused outside demonstration mode.
    pub async fn demonstration_entry(
        &self,
        kind: &str,
        mut entry: Option<Entry>,
        acts: Vec<(Timestamp, &Grant, LedgerForm)>,
    ) -> Result<Option<Entry>, Fault> {
        if !self.node.demonstration {
            let detail = "往日的台账只在演示模式下写入。";
            return Err(Refusal::new(RefusalKind::Forbidden, "demonstration.only", detail).into());
        }
        let known = self.catalog.kind(kind).filter(|k| k.is_ledger()).ok_or_else(Refusal::not_found)?;
        for (at, grant, form) in &acts {
            let id = entry.as_ref().map(|entry| entry.id);
            let settled = self
                .settle(false, |_| async move {
                    // Its clock may have spoken since.
                    let before = match id {
                        Some(id) => self.ledger_entry(grant, kind, id).await?,
                        None => self.draft(grant, known, form, *at).await?,
                    };
                    self.decide_move(grant, known, before, form, *at).await
                })
                .await?;
            entry = Some(self.told(grant, kind, settled).await?);
        }
        Ok(entry)
    }

    async fn told(&self, grant: &Grant, kind: &str, settled: Settled<Entry>) -> Result<Entry, Fault> {
        match settled {
            // The store gave it its number.
            Settled::Now(mut entry, committed) => {
                let given = committed.numbers.into_iter().find(|(id, _)| *id == entry.id);
                entry.number = given.map(|(_, number)| number).or(entry.number);
                Ok(entry)
            }
            Settled::Before(answer) => {
                let id: Option<EntryId> = answer.as_str().and_then(|t| t.parse().ok());
                self.ledger_entry(grant, kind, id.ok_or_else(Refusal::not_found)?).await
            }
        }
    }

    /// The entry that an opening move begins with: nothing but where it is.
    async fn draft(
        &self,
        grant: &Grant,
        kind: &Kind,
        form: &LedgerForm,
        at: Timestamp,
    ) -> Result<Entry, Fault> {
        let unit = form.fields.get("unit").and_then(Value::as_str).and_then(|t| t.parse::<EntryId>().ok());
        let unit = match unit.filter(|_| kind.field("unit").is_some()) {
            Some(id) => {
                self.store.entry(&grant.scope(Permission::UnitRead), id).await?.filter(|e| e.kind == "unit")
            }
            None => None,
        };
        let region = unit.as_ref().map(|u| u.region).or(form.region).ok_or_else(no_region)?;
        self.region_known(region)?;
        let mut entry = self.fresh(&kind.name, region, "", Fields::new(), at);
        entry.position = form.position.or(unit.and_then(|u| u.position));
        Ok(entry)
    }

    fn region_known(&self, region: RegionCode) -> Result<(), Refusal> {
        if self.board.region(region).is_some() { Ok(()) } else { Err(no_region()) }
    }

    /// Judges a move and gathers all that it changes, the entries it carries along with it.
    async fn decide_move(
        &self,
        grant: &Grant,
        kind: &Kind,
        before: Entry,
        form: &LedgerForm,
        at: Timestamp,
    ) -> Result<(ChangeSet, Entry), Fault> {
        self.check_references(grant, kind, &before, &form.fields).await?;
        let mut change = ChangeSet::new(at);
        let gathered = self.gather(grant, kind, &before, &form.fields, form.position, at).await?;
        let opened = Life::of(&before.fields).is_none();
        let Effects { mut entry, said, also } =
            perform(&gathered.scene(kind, &before, &|p| self.post_label(p)), &form.mv, &form.fields)?;
        entry.revision = self.revision;
        let numbering = if opened { self.running_number(kind, &gathered, at) } else { Numbering::Keep };
        let said = Said::new("ledger.moved", said, "操作").with("move", form.mv.as_str());
        self.record(&mut change, grant, Some(&before).filter(|_| !opened), &entry, numbering, said);
        self.carry(&mut change, grant, also, at).await?;
        Ok((change, entry))
    }

    /// The moves that go along, each judged like any other; one that is refused refuses all.
    async fn carry(
        &self,
        change: &mut ChangeSet,
        grant: &Grant,
        also: Vec<fengsui_ledger::Carried>,
        at: Timestamp,
    ) -> Result<(), Fault> {
        let mut waiting: std::collections::VecDeque<_> = also.into();
        let mut done = BTreeSet::new();
        while let Some(carried) = waiting.pop_front() {
            if !done.insert(carried.entry) || done.len() > CARRIED_MAX {
                let detail = format!("一次最多带动 {CARRIED_MAX} 条，且同一条只能带动一次，请分几次办理。");
                return Err(Refusal::new(RefusalKind::Limited, "move.carried", detail).into());
            }
            let before = self.store.entry(&Scope::everything(), carried.entry).await?;
            let before = before.ok_or_else(Refusal::not_found)?;
            let kind = self.catalog.kind(&before.kind).ok_or_else(Refusal::not_found)?;
            let gathered = self.gather(grant, kind, &before, &carried.fields, None, at).await?;
            let effects = perform(
                &gathered.scene(kind, &before, &|p| self.post_label(p)),
                &carried.mv,
                &carried.fields,
            )
            .map_err(|refusal| named(refusal, &before))?;
            let entry = Entry { revision: self.revision, ..effects.entry };
            let said = Said::new("ledger.moved", effects.said, "随办").with("move", carried.mv.as_str());
            self.record(change, grant, Some(&before), &entry, Numbering::Keep, said);
            waiting.extend(effects.also);
        }
        Ok(())
    }

    /// `YH-2026-0001`: gapless within the office and the year.
    fn running_number(&self, kind: &Kind, _: &Gathered, at: Timestamp) -> Numbering {
        let prefix = kind.office.as_ref().map_or(kind.name.as_str(), |o| o.number.as_str());
        let year = self.calendar().day_of(at).year();
        Numbering::Next {
            series: format!("ledger/{prefix}/{year}"),
            prefix: format!("{prefix}-{year}-"),
            width: 4,
        }
    }

    /// Puts an entry, its line and the photos it shows into the change.
    fn record(
        &self,
        change: &mut ChangeSet,
        grant: &Grant,
        before: Option<&Entry>,
        entry: &Entry,
        numbering: Numbering,
        said: Said,
    ) {
        let actor = Actor::Officer(grant.officer().clone());
        change.journal.push(self.line_on(entry, change.at, &actor, said));
        let (old, new) = (before.map(blobs).unwrap_or_default(), blobs(entry));
        let key = |name: &String| blob_key(name, entry.id);
        change.keys.extend(old.difference(&new).map(|name| KeyWrite::Free(key(name))));
        change.keys.extend(new.difference(&old).map(|name| KeyWrite::Take(key(name), entry.id)));
        change.entries.push(self.write(entry.clone(), numbering));
    }

    /// Whether what a form names is there and may be named: linked entries, persons, stored files.
    async fn check_references(
        &self,
        grant: &Grant,
        kind: &Kind,
        before: &Entry,
        form: &Fields,
    ) -> Result<(), Fault> {
        let mut wrong = Vec::new();
        for field in &kind.fields {
            let Some(value) = form.get(&field.name).filter(|v| Some(*v) != before.fields.get(&field.name))
            else {
                continue;
            };
            let place = |code, detail: String| Place::new(format!("/{}", field.name), code, detail);
            match field.kind {
                FieldType::Link | FieldType::Links => {
                    let to = field.to.as_deref().unwrap_or_default();
                    let scope = self.linkable(grant, to);
                    let ids = ids_in(value);
                    let found = self.store.entries(&scope, &ids).await?;
                    let known: BTreeSet<_> = found.iter().filter(|e| e.kind == to).map(|e| e.id).collect();
                    if ids.iter().any(|id| !known.contains(id)) {
                        wrong.push(place(
                            "link.unknown",
                            format!("{}：没有这一条，或您看不到它，请重新选择", field.label),
                        ));
                    }
                }
                FieldType::Person | FieldType::People => {
                    let ids: BTreeSet<_> = ids_in(value).into_iter().collect();
                    let asked: Vec<_> = ids.iter().copied().collect();
                    let found = self.store.entries(&Scope::everything(), &asked).await?;
                    if found.iter().filter(|e| e.kind == "account").count() < ids.len() {
                        wrong.push(place(
                            "person.unknown",
                            format!("{}：没有这个人，请重新选择", field.label),
                        ));
                    }
                }
                FieldType::Photos | FieldType::Files => {
                    if let Some(lost) = self.lost_blob(before, &field.name, value).await? {
                        let detail = format!("{}：{lost} 没有上传成功，请重新上传", field.label);
                        wrong.push(place("file.unknown", detail));
                    }
                }
                _ => {}
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(Refusal::invalid(wrong).into()) }
    }

    /// Where entries of a kind may be linked to: wherever the person may read them.
    fn linkable(&self, grant: &Grant, kind: &str) -> Scope {
        match self.catalog.kind(kind) {
            Some(ledger) if ledger.is_ledger() => self.readable(grant, ledger),
            Some(_) if kind == "unit" => grant.scope(Permission::UnitRead),
            Some(_) | None => Scope::nothing(),
        }
    }

    /// The name of a file in the value that is not stored; what the entry shows already is.
    async fn lost_blob(&self, before: &Entry, field: &str, value: &Value) -> Result<Option<String>, Fault> {
        let shown: BTreeSet<_> =
            before.fields.get(field).map(names).unwrap_or_default().into_keys().collect();
        for (blob, name) in names(value).into_iter().filter(|(blob, _)| !shown.contains(blob)) {
            if self.store.blob(&blob).await?.is_none() {
                return Ok(Some(name));
            }
        }
        Ok(None)
    }
}

fn no_region() -> Refusal {
    let detail = "没有这个辖区或责任单位，或不在您的管理范围，请重新选择";
    Refusal::invalid(vec![Place::new("/region", "region.outside", detail)])
}

/// A refusal of a move that goes along, with the entry it is about.
fn named(mut refusal: Refusal, entry: &Entry) -> Refusal {
    let number = entry.number.as_deref().unwrap_or_default();
    refusal.detail = format!("{number} {}：{}", entry.title, refusal.detail);
    refusal
}

/// The files in a value: content's digest → name.
fn names(value: &Value) -> BTreeMap<String, String> {
    let text = |item: &Value, key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().map(|item| (text(item, "blob"), text(item, "name"))).filter(|(b, _)| !b.is_empty()).collect()
}

/// All files that an entry shows.
pub(super) fn blobs(entry: &Entry) -> BTreeSet<String> {
    entry.fields.values().flat_map(|value| names(value).into_keys()).collect()
}
