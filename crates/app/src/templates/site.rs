//! Ledgers of the site (本地台账), which an administrator makes in the browser: draft → in use → ended.
//!
//! Adopting a draft is one ChangeSet: the whole catalog as the next revision, the entry of the ledger, the journal line. Then
//! the catalog is swapped, without a restart. A node that starts or takes over reads the ledgers of the site back.

use super::{json, refuse};
use crate::changes::{Said, receipt};
use crate::committer::Settled;
use crate::entries::{field, text_is};
use crate::units::stale;
use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{Actor, EntryId, Fields, Place, Refusal, RefusalKind, RegionCode, Scope};
use fengsui_catalog::{Catalog, Difference, Jurisdiction, Kind, SITE_LEDGERS_MAX, SiteLedger, differences};
use fengsui_ledger::Entry;
use fengsui_store::{ChangeSet, Direction, Expect, KeyWrite, Numbering, PAGE_MAX, Query, Store};

/// The kind that ledgers of the site are entries of.
pub(super) const KIND: &str = "site_ledger";
/// Longest reason for ending a campaign before its time, in characters.
const REASON_CHARS_MAX: usize = 200;

/// A ledger of the site.
#[derive(Clone, Debug)]
pub struct SiteLedgerView {
    /// Its entry.
    pub entry: Entry,
    /// Name of the ledger.
    pub name: String,
    /// What was filled in last.
    pub draft: SiteLedger,
    /// What is in use.
    pub adopted: Option<SiteLedger>,
}

/// What a filled-in form would make.
#[derive(Clone, Debug)]
pub struct JudgedLedger {
    /// The ledger; none without a pattern.
    pub kind: Option<Kind>,
    /// What is wrong.
    pub mistakes: Vec<Place>,
    /// What adopting it changes.
    pub differences: Vec<Difference>,
}

impl SiteLedgerView {
    pub(super) fn of(entry: Entry) -> Option<Self> {
        let (name, draft) = (field(&entry, "name")?, field(&entry, "draft")?);
        Some(Self { name, draft, adopted: field(&entry, "adopted"), entry })
    }
}

/// The ledgers of the site that were adopted, as they are stored.
pub(crate) async fn adopted(store: &dyn Store) -> Result<Vec<Kind>, Fault> {
    let mut query = Query::newest(KIND, Scope::everything());
    query.states = ["adopted", "ended"].map(str::to_owned).to_vec();
    (query.direction, query.limit) = (Direction::Ascending, PAGE_MAX);
    let mut found = Vec::new();
    loop {
        let page = store.list(&query).await?;
        found.extend(page.items.iter().filter_map(|entry| field::<Kind>(entry, "ledger")));
        let Some(next) = page.next else { return Ok(found) };
        query.after = Some(next);
    }
}

impl App {
    /// A ledger of the site by its name.
    pub async fn site_ledger(&self, grant: &Grant, name: &str) -> Result<SiteLedgerView, Fault> {
        self.may_manage_ledgers(grant)?;
        let mut query = Query::newest(KIND, Scope::everything());
        query.filters.push(text_is("name", name.to_owned()));
        let found = self.store.list(&query).await?.items.into_iter().find_map(SiteLedgerView::of);
        Ok(found.ok_or_else(Refusal::not_found)?)
    }

    /// The regions of an area with their levels; each must be one that this node answers for.
    pub fn campaign_area(&self, codes: &[RegionCode]) -> Result<Vec<Jurisdiction>, Refusal> {
        let own = self.board.region(self.node.region).map(|r| r.range());
        let known = |code: &RegionCode| {
            let region =
                self.board.region(*code).filter(|_| own.as_ref().is_some_and(|r| r.contains(&code.number())));
            region.map(|r| Jurisdiction { code: r.code, level: r.level })
        };
        codes.iter().map(known).collect::<Option<Vec<_>>>().ok_or_else(|| {
            let detail = "辖区里有不属于本节点的，请重新选择";
            Refusal::invalid(vec![Place::new("/area", "region.outside", detail)])
        })
    }

    /// What a form would make of it, and what is wrong with it; nothing is stored. `name` is the ledger it is about, if
    /// there is one already.
    pub async fn judge_site_ledger(
        &self,
        grant: &Grant,
        name: Option<&str>,
        form: &SiteLedger,
    ) -> Result<JudgedLedger, Fault> {
        self.may_manage_ledgers(grant)?;
        let known = match name {
            Some(name) => Some(self.site_ledger(grant, name).await?),
            None => None,
        };
        Ok(self.looked_at(form, name.unwrap_or("local"), known.as_ref().and_then(|k| k.adopted.as_ref())))
    }

    fn looked_at(&self, form: &SiteLedger, name: &str, adopted: Option<&SiteLedger>) -> JudgedLedger {
        let (catalog, today) = (self.catalog(), self.calendar().day_of(self.now()));
        let mut mistakes = form.mistakes(catalog, today, name, adopted);
        let Some(pattern) = catalog.pattern(&form.pattern) else {
            return JudgedLedger { kind: None, mistakes, differences: Vec::new() };
        };
        let kind = form.ledger(name, pattern);
        if mistakes.is_empty() {
            let unfit = catalog.unfit(&kind).into_iter();
            mistakes.extend(unfit.map(|why| Place::new("/pattern", "pattern.unfit", why)));
        }
        let next = catalog.clone().with_site(vec![kind.clone()]);
        JudgedLedger { kind: Some(kind), mistakes, differences: differences(catalog, &next) }
    }

    /// Writes a draft.
    pub async fn draft_site_ledger(
        &self,
        grant: &Grant,
        form: SiteLedger,
        key: Option<String>,
    ) -> Result<SiteLedgerView, Fault> {
        self.may_manage_ledgers(grant)?;
        let settled = self
            .settle(true, |_| {
                let (form, key) = (&form, &key);
                async move {
                    let mut all = Query::newest(KIND, Scope::everything());
                    let count = self.store.count(&all).await?;
                    all.states = ["draft", "adopted"].map(str::to_owned).to_vec();
                    if self.store.count(&all).await? >= SITE_LEDGERS_MAX as u64 {
                        return Err(too_many().into());
                    }
                    let name = format!("local_{}", count + 1);
                    refuse(self.looked_at(form, &name, None).mistakes)?;
                    let mut fields = Fields::new();
                    fields.insert("name".to_owned(), name.as_str().into());
                    fields.insert("draft".to_owned(), json(form)?);
                    let mut change = ChangeSet::new(self.now());
                    let entry = self.fresh(KIND, self.node.region, form.label.trim(), fields, change.at);
                    let taken = format!("{KIND}/{name}");
                    change.expects.push(Expect::Absent(taken.clone()));
                    change.keys.push(KeyWrite::Take(taken, entry.id));
                    change.receipt = receipt(key.clone(), grant.account().into(), &entry);
                    let said = Said::new("template.drafted", format!("起草台账“{}”", entry.title), "操作");
                    self.note(&mut change, grant, &entry, said);
                    Ok((change, entry))
                }
            })
            .await?;
        match settled {
            Settled::Now(entry, _) => Ok(SiteLedgerView::of(entry).ok_or_else(Refusal::not_found)?),
            Settled::Before(answer) => {
                let id: Option<EntryId> = answer.as_str().and_then(|t| t.parse().ok());
                let id = id.ok_or_else(Refusal::not_found)?;
                let entry = self.store.entry(&Scope::everything(), id).await?;
                Ok(entry.and_then(SiteLedgerView::of).ok_or_else(Refusal::not_found)?)
            }
        }
    }

    /// Changes what is filled in; what is in use stays in use until the change is adopted. `version` is what was read.
    pub async fn change_site_ledger(
        &self,
        grant: &Grant,
        name: &str,
        version: u64,
        form: SiteLedger,
    ) -> Result<SiteLedgerView, Fault> {
        let said = format!("修改台账“{}”的草稿", form.label.trim());
        self.site_step(grant, name, version, ["draft", "adopted"], |site| {
            refuse(self.looked_at(&form, name, site.adopted.as_ref()).mistakes)?;
            let mut entry = site.entry;
            entry.title = form.label.trim().to_owned();
            entry.fields.insert("draft".to_owned(), json(&form)?);
            Ok((entry, None, Said::new("template.changed", said.clone(), "操作")))
        })
        .await
    }

    /// Takes a draft into use: the catalog with it is the next revision.
    pub async fn adopt_site_ledger(
        &self,
        grant: &Grant,
        name: &str,
        version: u64,
    ) -> Result<SiteLedgerView, Fault> {
        self.site_step(grant, name, version, ["draft", "adopted"], |site| {
            let judged = self.looked_at(&site.draft, name, site.adopted.as_ref());
            refuse(judged.mistakes)?;
            let kind = judged.kind.ok_or_else(Refusal::not_found)?;
            let changes: Vec<_> = judged.differences.into_iter().map(|d| d.text).collect();
            let mut entry = site.entry;
            "adopted".clone_into(&mut entry.state);
            entry.fields.insert("adopted".to_owned(), json(&site.draft)?);
            entry.fields.insert("ledger".to_owned(), json(&kind)?);
            let said = format!("启用台账“{}”：{}", entry.title, changes.join("；"));
            Ok((entry, Some(kind), Said::new("template.adopted", said, "操作")))
        })
        .await
    }

    /// Ends a ledger of the site before its time, or gives a draft up.
    pub async fn end_site_ledger(
        &self,
        grant: &Grant,
        name: &str,
        version: u64,
        reason: &str,
    ) -> Result<SiteLedgerView, Fault> {
        let (reason, today) = (reason.trim(), self.calendar().day_of(self.now()));
        if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
            let detail = format!("请填写理由，最多 {REASON_CHARS_MAX} 个字");
            return Err(Refusal::invalid(vec![Place::new("/reason", "field.required", detail)]).into());
        }
        self.site_step(grant, name, version, ["draft", "adopted"], |site| {
            let mut entry = site.entry;
            entry.closed_at = Some(self.now());
            let Some(mut kind) = field::<Kind>(&entry, "ledger") else {
                "dropped".clone_into(&mut entry.state);
                let said = format!("放弃台账草稿“{}”：{reason}", entry.title);
                return Ok((entry, None, Said::new("template.dropped", said, "操作")));
            };
            "ended".clone_into(&mut entry.state);
            if let Some(campaign) = &mut kind.campaign {
                campaign.ended_on = Some(today);
            }
            entry.fields.insert("ledger".to_owned(), json(&kind)?);
            let said = format!("提前结束台账“{}”，不再新登记：{reason}", entry.title);
            Ok((entry, Some(kind), Said::new("template.ended", said, "操作")))
        })
        .await
    }

    /// One step of a ledger of the site; where it brings a ledger, the catalog with it is stored as the next revision and
    /// in force when it is durable. Steps wait for each other, so that no revision is made from one that is past.
    async fn site_step(
        &self,
        grant: &Grant,
        name: &str,
        version: u64,
        states: [&str; 2],
        decide: impl Fn(SiteLedgerView) -> Result<(Entry, Option<Kind>, Said), Refusal>,
    ) -> Result<SiteLedgerView, Fault> {
        self.may_manage_ledgers(grant)?;
        let _turn = self.adopting.lock().await;
        let settled = self
            .settle(true, |_| {
                let decide = &decide;
                async move {
                    let before = self.site_ledger(grant, name).await?;
                    if before.entry.version != version {
                        return Err(stale(version, before.entry.version).into());
                    }
                    if !states.contains(&before.entry.state.as_str()) {
                        return Err(over(&before.entry).into());
                    }
                    let (mut entry, kind, said) = decide(before)?;
                    entry.version += 1;
                    let mut change = ChangeSet::new(self.now());
                    if let Some(kind) = kind {
                        self.revise(&mut change, self.with_ledger(kind), entry.id);
                    }
                    self.note(&mut change, grant, &entry, said);
                    Ok((change, entry))
                }
            })
            .await?;
        let Settled::Now(entry, _) = settled else { return Err(Refusal::not_found().into()) };
        Ok(SiteLedgerView::of(entry).ok_or_else(Refusal::not_found)?)
    }

    fn with_ledger(&self, kind: Kind) -> Catalog {
        let next = self.catalog.revision() + 1;
        self.catalog().clone().with_site(vec![kind]).numbered(next)
    }

    /// A ledger of the site that the demonstration county took into use at this time. Answers its name.
    pub async fn demonstration_site_ledger(
        &self,
        grant: &Grant,
        form: SiteLedger,
        at: fengsui_base::Timestamp,
    ) -> Result<String, Fault> {
        self.only_in_demonstration()?;
        let _turn = self.adopting.lock().await;
        let name =
            format!("local_{}", self.store.count(&Query::newest(KIND, Scope::everything())).await? + 1);
        let settled = self
            .settle(true, |_| {
                let (form, name) = (&form, &name);
                async move {
                    let judged = self.looked_at(form, name, None);
                    refuse(judged.mistakes)?;
                    let kind = judged.kind.ok_or_else(Refusal::not_found)?;
                    let mut fields = Fields::new();
                    fields.insert("name".to_owned(), name.as_str().into());
                    fields.insert("draft".to_owned(), json(form)?);
                    fields.insert("adopted".to_owned(), json(form)?);
                    fields.insert("ledger".to_owned(), json(&kind)?);
                    let mut change = ChangeSet::new(at);
                    let mut entry = self.fresh(KIND, self.node.region, form.label.trim(), fields, at);
                    "adopted".clone_into(&mut entry.state);
                    let taken = format!("{KIND}/{name}");
                    change.expects.push(Expect::Absent(taken.clone()));
                    change.keys.push(KeyWrite::Take(taken, entry.id));
                    self.revise(&mut change, self.with_ledger(kind), entry.id);
                    let said = Said::new("template.adopted", format!("启用台账“{}”", entry.title), "操作");
                    self.note(&mut change, grant, &entry, said);
                    Ok((change, ()))
                }
            })
            .await?;
        match settled {
            Settled::Now(..) => Ok(name),
            Settled::Before(_) => Err(Refusal::not_found().into()),
        }
    }

    fn note(&self, change: &mut ChangeSet, grant: &Grant, entry: &Entry, said: Said) {
        let actor = Actor::Officer(grant.officer().clone());
        change.journal.push(self.line_on(entry, change.at, &actor, said));
        change.entries.push(self.write(entry.clone(), Numbering::Keep));
    }
}

fn too_many() -> Refusal {
    let detail = format!("本地台账最多 {SITE_LEDGERS_MAX} 本在用，请先结束不用的，再新建。");
    Refusal::new(RefusalKind::Limited, "template.limit", detail)
}

fn over(entry: &Entry) -> Refusal {
    let detail = format!("台账“{}”已结束，不能再改。请新建一本。", entry.title);
    Refusal::new(RefusalKind::Conflict, "template.over", detail)
}
