//! Fields that a site adds to shipped ledgers (加项): written as a draft, looked at, taken into use without a restart.
//!
//! There is one overlay for each ledger. Adopting it is one ChangeSet: the whole catalog as the next revision, the entry of
//! the overlay, the journal line. It is laid on the shipped file again at every start.

use super::{JudgedLedger, json, refuse};
use crate::changes::Said;
use crate::committer::Settled;
use crate::entries::field;
use crate::units::stale;
use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{Actor, Fields, Refusal, Scope};
use fengsui_catalog::{Catalog, Kind, Overlay, OwnField, Resting, can_be_added_to, differences};
use fengsui_ledger::Entry;
use fengsui_store::{ChangeSet, Expect, KeyWrite, Numbering, PAGE_MAX, Query, Store};

/// The kind that overlays are entries of.
const KIND: &str = "ledger_overlay";
/// The state of one that was never taken into use.
const DRAFT: &str = "draft";
/// The state of one that is in use.
const ADOPTED: &str = "adopted";

/// What a site adds to a shipped ledger.
#[derive(Clone, Debug)]
pub struct OverlayView {
    /// Version of its entry; 0 before anything was added.
    pub version: u64,
    /// What was filled in last.
    pub draft: Overlay,
    /// What is in use.
    pub adopted: Option<Overlay>,
    /// Fields in use that are not asked for, because the shipped ledger asks for the same.
    pub resting: Vec<Resting>,
}

/// The overlays that are in use, as they are stored.
pub(crate) async fn adopted(store: &dyn Store) -> Result<Vec<Overlay>, Fault> {
    let mut query = Query::newest(KIND, Scope::everything());
    // One for each shipped ledger: a catalog has fewer of those than a page has rows.
    (query.states, query.limit) = (vec![ADOPTED.to_owned()], PAGE_MAX);
    let page = store.list(&query).await?;
    Ok(page.items.iter().filter_map(|entry| field(entry, ADOPTED)).collect())
}

impl App {
    /// The shipped ledger with this name, which fields may be added to.
    fn added_to(&self, grant: &Grant, ledger: &str) -> Result<&Kind, Refusal> {
        self.may_manage_ledgers(grant)?;
        self.catalog().kind(ledger).filter(|kind| can_be_added_to(kind)).ok_or_else(Refusal::not_found)
    }

    async fn overlay_entry(&self, ledger: &str) -> Result<Option<Entry>, Fault> {
        let Some(id) = self.store.key(&key(ledger)).await? else { return Ok(None) };
        Ok(self.store.entry(&Scope::everything(), id).await?)
    }

    /// What the site adds to a shipped ledger; nothing yet where there is no entry. Whoever asks for a ledger that no field
    /// may be added to finds none.
    pub async fn overlay(&self, grant: &Grant, ledger: &str) -> Result<OverlayView, Fault> {
        let kind = self.added_to(grant, ledger)?;
        let entry = self.overlay_entry(ledger).await?;
        Ok(viewed(kind, entry))
    }

    /// What a filled-in form would make of a ledger, and what is wrong with it; nothing is stored.
    pub async fn judge_overlay(
        &self,
        grant: &Grant,
        ledger: &str,
        fields: Vec<OwnField>,
    ) -> Result<JudgedLedger, Fault> {
        let before = self.overlay(grant, ledger).await?;
        let overlay = Overlay { ledger: ledger.to_owned(), fields };
        Ok(judged(self.catalog(), &overlay, before.adopted.as_ref()))
    }

    /// Changes what is filled in; what is in use stays in use until the change is adopted. `version` is what was read.
    pub async fn change_overlay(
        &self,
        grant: &Grant,
        ledger: &str,
        version: u64,
        fields: Vec<OwnField>,
    ) -> Result<OverlayView, Fault> {
        let overlay = Overlay { ledger: ledger.to_owned(), fields };
        self.overlay_step(grant, ledger, version, |kind, before| {
            refuse(judged(self.catalog(), &overlay, before.adopted.as_ref()).mistakes)?;
            let said = format!("修改“{}”加项的草稿", kind.label);
            Ok((overlay.clone(), None, Said::new("overlay.changed", said, "操作")))
        })
        .await
    }

    /// Takes what was filled in last into use: the catalog with it is the next revision.
    pub async fn adopt_overlay(
        &self,
        grant: &Grant,
        ledger: &str,
        version: u64,
    ) -> Result<OverlayView, Fault> {
        self.overlay_step(grant, ledger, version, |kind, before| {
            let judged = judged(self.catalog(), &before.draft, before.adopted.as_ref());
            refuse(judged.mistakes)?;
            let changes: Vec<_> = judged.differences.into_iter().map(|d| d.text).collect();
            let next = self.catalog().clone().with_overlays(std::slice::from_ref(&before.draft));
            let next = next.numbered(self.catalog().revision() + 1);
            let said = format!("启用“{}”的加项：{}", kind.label, changes.join("；"));
            Ok((before.draft.clone(), Some(next), Said::new("overlay.adopted", said, "操作")))
        })
        .await
    }

    /// One step of an overlay; where it brings a catalog that is stored as the next revision and in force when it is durable.
    /// Steps wait for each other and for those of the site's ledgers, so that no revision is made from one that is past.
    async fn overlay_step(
        &self,
        grant: &Grant,
        ledger: &str,
        version: u64,
        decide: impl Fn(&Kind, &OverlayView) -> Result<(Overlay, Option<Catalog>, Said), Refusal>,
    ) -> Result<OverlayView, Fault> {
        let _turn = self.adopting.lock().await;
        let settled = self
            .settle(true, |_| {
                let decide = &decide;
                async move {
                    let kind = self.added_to(grant, ledger)?;
                    let known = self.overlay_entry(ledger).await?;
                    let before = viewed(kind, known.clone());
                    if before.version != version {
                        return Err(stale(version, before.version).into());
                    }
                    let (overlay, next, said) = decide(kind, &before)?;
                    let mut change = ChangeSet::new(self.now());
                    let entry = self.overlay_write(&mut change, kind, known, &overlay, next.is_some())?;
                    if let Some(next) = next {
                        self.revise(&mut change, next, entry.id);
                    }
                    let actor = Actor::Officer(grant.officer().clone());
                    change.journal.push(self.line_on(&entry, change.at, &actor, said));
                    change.entries.push(self.write(entry.clone(), Numbering::Keep));
                    Ok((change, entry))
                }
            })
            .await?;
        let Settled::Now(entry, _) = settled else { return Err(Refusal::not_found().into()) };
        Ok(viewed(self.added_to(grant, ledger)?, Some(entry)))
    }

    /// The entry as it shall be; a new one takes the place of its ledger, which is free but once.
    fn overlay_write(
        &self,
        change: &mut ChangeSet,
        kind: &Kind,
        known: Option<Entry>,
        overlay: &Overlay,
        adopts: bool,
    ) -> Result<Entry, Refusal> {
        let mut entry = match known {
            Some(before) => Entry { version: before.version + 1, ..before },
            None => {
                let entry = self.fresh(KIND, self.node.region, &kind.label, Fields::new(), change.at);
                change.expects.push(Expect::Absent(key(&kind.name)));
                change.keys.push(KeyWrite::Take(key(&kind.name), entry.id));
                Entry { state: DRAFT.to_owned(), ..entry }
            }
        };
        entry.fields.insert("name".to_owned(), kind.name.as_str().into());
        entry.fields.insert(DRAFT.to_owned(), json(overlay)?);
        if adopts {
            ADOPTED.clone_into(&mut entry.state);
            entry.fields.insert(ADOPTED.to_owned(), json(overlay)?);
        }
        Ok(entry)
    }
}

fn key(ledger: &str) -> String {
    format!("{KIND}/{ledger}")
}

fn viewed(kind: &Kind, entry: Option<Entry>) -> OverlayView {
    let nothing = || Overlay { ledger: kind.name.clone(), fields: Vec::new() };
    let version = entry.as_ref().map_or(0, |e| e.version);
    let adopted: Option<Overlay> = entry.as_ref().and_then(|e| field(e, ADOPTED));
    let draft = entry.as_ref().and_then(|e| field(e, DRAFT)).unwrap_or_else(nothing);
    let resting = adopted.as_ref().map(|o| o.resting(kind)).unwrap_or_default();
    OverlayView { version, draft, adopted, resting }
}

fn judged(catalog: &Catalog, overlay: &Overlay, adopted: Option<&Overlay>) -> JudgedLedger {
    let Some(kind) = catalog.kind(&overlay.ledger) else {
        return JudgedLedger { kind: None, mistakes: Vec::new(), differences: Vec::new() };
    };
    let next = catalog.clone().with_overlays(std::slice::from_ref(overlay));
    JudgedLedger {
        kind: Some(overlay.laid_on(kind)),
        mistakes: overlay.mistakes(kind, adopted),
        differences: differences(catalog, &next),
    }
}
