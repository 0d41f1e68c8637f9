//! Opening an entry, moving it, correcting it, saying something about it.

use super::LedgerForm;
use crate::changes::{Said, receipt};
use crate::committer::Settled;
use crate::units::stale;
use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{
    Actor, EntryId, Fields, Place, Refusal, RefusalKind, RegionCode, Scope, Timestamp, ids_in,
};
use fengsui_catalog::{Catalog, FieldType, Kind, Permission};
use fengsui_ledger::{Effects, Entry, Life, amend, deadlines_moved, perform, reads_as};
use fengsui_store::{ChangeSet, KeyWrite, Numbering, blob_key};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Longest remark, in characters.
const REMARK_CHARS_MAX: usize = 500;

/// By what a decision is made, from its beginning to its end: one revision of the catalog, and the ledger in it.
#[derive(Clone, Copy)]
pub(super) struct Law<'c> {
    pub(super) catalog: &'c Catalog,
    pub(super) kind: &'c Kind,
}

impl App {
    pub(super) fn law(&self, grant: &Grant, kind: &str) -> Result<Law<'_>, Refusal> {
        let catalog = self.catalog();
        Ok(Law { catalog, kind: self.ledger_in(catalog, grant, kind)? })
    }

    /// Opens an entry of a ledger by one of its opening moves.
    pub async fn open_entry(
        &self,
        grant: &Grant,
        kind: &str,
        form: LedgerForm,
        key: Option<String>,
    ) -> Result<Entry, Fault> {
        let settled = self
            .settle(true, |_| {
                let (form, key) = (&form, &key);
                async move {
                    let (at, law) = (self.now(), self.law(grant, kind)?);
                    let draft = self.draft(grant, law.kind, form, at).await?;
                    let (mut change, entry) = self.decide_move(grant, law, draft, form, at).await?;
                    change.receipt = receipt(key.clone(), grant.account().into(), &entry);
                    Ok((change, entry))
                }
            })
            .await?;
        self.told(grant, kind, settled).await
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
        self.move_once(grant, kind, (id, version), &form, None).await
    }

    /// The same, once for a request that says which it is: a step that leaves its entry where it was would be made again by
    /// a request that is sent again.
    pub(super) async fn move_once(
        &self,
        grant: &Grant,
        kind: &str,
        (id, version): (EntryId, u64),
        form: &LedgerForm,
        key: Option<String>,
    ) -> Result<Entry, Fault> {
        let settled = self
            .settle(true, |_| {
                let key = key.clone();
                async move {
                    let (at, law) = (self.now(), self.law(grant, kind)?);
                    let before = self.entry_of(grant, law.kind, id).await?;
                    let (fresh, now) = (reads_as(&before, version), before.version);
                    let decided = self.decide_move(grant, law, before, form, at).await;
                    // A move that no longer fits says who was first; any other is made on what the person saw, or not.
                    let said = decided.as_ref().err().map(Fault::refusal);
                    if !fresh && said.is_none_or(|r| r.code != "move.state") {
                        return Err(stale(version, now).into());
                    }
                    let (mut change, entry) = decided?;
                    change.receipt = receipt(key, grant.account().into(), &entry);
                    Ok((change, entry))
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
        let settled = self
            .settle(true, |_| {
                let form = &form;
                async move {
                    let (at, law) = (self.now(), self.law(grant, kind)?);
                    let known = law.kind;
                    let before = self.entry_of(grant, known, id).await?;
                    if !reads_as(&before, version) {
                        return Err(stale(version, before.version).into());
                    }
                    self.check_references(grant, known, &before, &form.fields).await?;
                    let gathered = self.gather(grant, known, &before, &form.fields, None, at).await?;
                    let mut entry =
                        amend(&gathered.scene(known, &before, &|p| self.post_label(p)), &form.fields)?;
                    entry.position = form.position.or(before.position);
                    self.follow_unit(grant, known, &before, &mut entry, form).await?;
                    entry.revision = law.catalog.revision();
                    let mut change = ChangeSet::new(at);
                    let said = self.differences(&before, &entry) + &deadlines_said(known, &before, &entry);
                    let said = Said::new("ledger.amended", said, "操作");
                    self.record(&mut change, grant, Some(&before), &entry, Numbering::Keep, said);
                    Ok((change, entry))
                }
            })
            .await?;
        self.told(grant, kind, settled).await
    }

    /// Says something about an entry; whoever may read it may. The same request again (`key`) says it once.
    pub async fn remark_entry(
        &self,
        grant: &Grant,
        kind: &str,
        id: EntryId,
        text: &str,
        key: Option<&str>,
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
            change.receipt = receipt(key.map(|key| format!("remark/{key}")), grant.account().into(), &entry);
            let actor = Actor::Officer(grant.officer().clone());
            let said = Said::new("ledger.remarked", format!("补记：{text}"), "操作");
            change.journal.push(self.line_on(&entry, change.at, &actor, said));
            std::future::ready(Ok((change, ())))
        })
        .await?;
        Ok(())
    }

    pub(super) async fn told(
        &self,
        grant: &Grant,
        kind: &str,
        settled: Settled<Entry>,
    ) -> Result<Entry, Fault> {
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
    pub(super) async fn draft(
        &self,
        grant: &Grant,
        kind: &Kind,
        form: &LedgerForm,
        at: Timestamp,
    ) -> Result<Entry, Fault> {
        let unit = self.unit_of(grant, kind, &form.fields).await?;
        let region = unit.as_ref().map(|u| u.region).or(form.region).ok_or_else(no_region)?;
        self.region_known(region)?;
        let mut entry = self.fresh(&kind.name, region, "", Fields::new(), at);
        entry.position = form.position.or(unit.and_then(|u| u.position));
        Ok(entry)
    }

    /// The unit that these fields name, when the asker may see it.
    async fn unit_of(&self, grant: &Grant, kind: &Kind, fields: &Fields) -> Result<Option<Entry>, Fault> {
        let named = fields.get("unit").and_then(Value::as_str).and_then(|text| text.parse::<EntryId>().ok());
        let Some(id) = named.filter(|_| kind.field("unit").is_some()) else { return Ok(None) };
        let unit = self.store.entry(&grant.scope(Permission::UnitRead), id).await?;
        Ok(unit.filter(|e| e.kind == "unit"))
    }

    /// An entry that was given to another unit is where that unit is: its region decides who may see it.
    async fn follow_unit(
        &self,
        grant: &Grant,
        kind: &Kind,
        before: &Entry,
        entry: &mut Entry,
        form: &LedgerForm,
    ) -> Result<(), Fault> {
        if entry.unit() == before.unit() {
            return Ok(());
        }
        if let Some(unit) = self.unit_of(grant, kind, &entry.fields).await? {
            entry.region = unit.region;
            entry.position = form.position.or(unit.position);
        }
        Ok(())
    }

    fn region_known(&self, region: RegionCode) -> Result<(), Refusal> {
        if self.board.region(region).is_some() { Ok(()) } else { Err(no_region()) }
    }

    /// Judges a move and gathers all that it changes, the entries it carries along with it.
    pub(super) async fn decide_move(
        &self,
        grant: &Grant,
        Law { catalog, kind }: Law<'_>,
        before: Entry,
        form: &LedgerForm,
        at: Timestamp,
    ) -> Result<(ChangeSet, Entry), Fault> {
        if kind.mv(&form.mv).is_some_and(|mv| mv.issues) {
            let detail = "文书从台账的记录里出具，不能直接登记。请打开要出具文书的那一条。";
            return Err(Refusal::new(RefusalKind::Conflict, "move.issues", detail).into());
        }
        self.check_references(grant, kind, &before, &form.fields).await?;
        let mut change = ChangeSet::new(at);
        let gathered = self.gather(grant, kind, &before, &form.fields, form.position, at).await?;
        let opened = Life::of(&before.fields).is_none();
        let Effects { mut entry, said, also, marks } =
            perform(&gathered.scene(kind, &before, &|p| self.post_label(p)), &form.mv, &form.fields)?;
        entry.revision = catalog.revision();
        let numbering = if opened { self.running_number(kind, at) } else { Numbering::Keep };
        let said = Said::new("ledger.moved", said, "操作").with("move", form.mv.as_str());
        self.record(&mut change, grant, Some(&before).filter(|_| !opened), &entry, numbering, said);
        self.mark_unit(&mut change, grant, &entry, &marks).await?;
        let over = self.carry(&mut change, grant, catalog, also, at).await?;
        self.tell_passed_over(&mut change, grant, &entry, &over);
        Ok((change, entry))
    }

    /// `YH-2026-0001`: gapless within the office and the year.
    pub(crate) fn running_number(&self, kind: &Kind, at: Timestamp) -> Numbering {
        let prefix = kind.office.as_ref().map_or(kind.name.as_str(), |o| o.number.as_str());
        let year = self.calendar().day_of(at).year();
        Numbering::Next {
            series: format!("ledger/{prefix}/{year}"),
            prefix: format!("{prefix}-{year}-"),
            width: 4,
        }
    }

    /// Puts an entry, its line and the photos it shows into the change.
    pub(super) fn record(
        &self,
        change: &mut ChangeSet,
        grant: &Grant,
        before: Option<&Entry>,
        entry: &Entry,
        numbering: Numbering,
        said: Said,
    ) {
        let actor = Actor::Officer(grant.officer().clone());
        self.told_on_origin(change, entry, &actor, &said.text, before.is_none());
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

/// What a correction changes of deadlines that do not run yet; nothing where none rests on it.
fn deadlines_said(kind: &Kind, before: &Entry, after: &Entry) -> String {
    match deadlines_moved(kind, before, after).join("、") {
        none if none.is_empty() => none,
        states => format!("；“{states}”的期限从改后的日期算"),
    }
}

fn no_region() -> Refusal {
    let detail = "没有这个辖区或责任单位，或不在您的管理范围，请重新选择";
    Refusal::invalid(vec![Place::new("/region", "region.outside", detail)])
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
