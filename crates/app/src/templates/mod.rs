//! Ledger templates (台账模板): what ledgers there are, the ledgers of the site that an administrator makes in the browser,
//! and the fields that she adds to shipped ones.

mod overlays;
mod progress;
mod site;

pub use overlays::OverlayView;
pub(crate) use overlays::adopted as adopted_overlays;
pub use progress::{CampaignProgress, TOWNSHIPS_SHOWN_MAX};
pub(crate) use site::adopted as adopted_ledgers;
pub use site::{JudgedLedger, SiteLedgerView};

use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{Place, Refusal, Scope};
use fengsui_catalog::{Kind, Pattern, Permission};
use fengsui_store::{PAGE_MAX, Query};
use jiff::civil::Date;
use serde_json::Value;

/// A ledger in the list of templates.
#[derive(Clone, Debug)]
pub struct LedgerTemplate {
    /// Its name; of a draft the one it will have.
    pub name: String,
    /// Its label.
    pub label: String,
    /// Measure word.
    pub measure: String,
    /// Whether the site made it.
    pub local: bool,
    /// State of a ledger of the site; none for a shipped one.
    pub state: Option<String>,
    /// How many entries it has, as far as a list counts.
    pub entries: u64,
    /// Why it rests; none where it does not.
    pub resting: Option<String>,
    /// The last day of a campaign.
    pub ends_on: Option<Date>,
}

/// A ledger that rests, or of which a field that the site added does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RestingLedger {
    /// Its name.
    pub ledger: String,
    /// Its label.
    pub label: String,
    /// Why, and what to do.
    pub why: String,
}

impl App {
    /// Whether the asker may make ledgers of the site.
    pub fn may_manage_ledgers(&self, grant: &Grant) -> Result<(), Refusal> {
        grant.may(Permission::LedgerManage)?;
        if self.concerns(grant, Permission::LedgerManage) { Ok(()) } else { Err(Refusal::not_found()) }
    }

    /// All ledgers, those of the site first, the newest of them at the beginning.
    pub async fn ledger_templates(&self, grant: &Grant) -> Result<Vec<LedgerTemplate>, Fault> {
        self.may_manage_ledgers(grant)?;
        let mut query = Query::newest(site::KIND, Scope::everything());
        query.limit = PAGE_MAX;
        let own: Vec<_> =
            self.store.list(&query).await?.items.into_iter().filter_map(SiteLedgerView::of).collect();
        let resting = self.resting_ledgers().await?;
        let why = |name: &str| resting.iter().find(|r| r.ledger == name).map(|r| r.why.clone());
        let mut found = Vec::new();
        for site in own {
            found.push(LedgerTemplate {
                label: site.draft.label.clone(),
                measure: site.draft.measure.clone(),
                local: true,
                state: Some(site.entry.state.clone()),
                entries: self.entries_of(&site.name).await?,
                resting: why(&site.name),
                ends_on: Some(site.draft.ends_on),
                name: site.name,
            });
        }
        for kind in self.catalog.ledgers().filter(|k| k.campaign.is_none()) {
            found.push(LedgerTemplate {
                name: kind.name.clone(),
                label: kind.label.clone(),
                measure: kind.measure.clone(),
                local: false,
                state: None,
                entries: self.entries_of(&kind.name).await?,
                resting: why(&kind.name),
                ends_on: None,
            });
        }
        Ok(found)
    }

    /// What an administrator must look at: ledgers of the site that rest, and fields that the site added to shipped ones and
    /// that rest. Each stands here until it was dealt with.
    pub async fn ledgers_to_mend(&self, grant: &Grant) -> Result<Vec<RestingLedger>, Fault> {
        self.may_manage_ledgers(grant)?;
        self.resting_ledgers().await
    }

    pub(crate) async fn resting_ledgers(&self) -> Result<Vec<RestingLedger>, Fault> {
        let catalog = self.catalog();
        let one = |kind: &Kind, why: String| RestingLedger {
            ledger: kind.name.clone(),
            label: kind.label.clone(),
            why,
        };
        let whole = catalog.ledgers().filter_map(|kind| Some(one(kind, kind.resting.clone()?)));
        let mut found: Vec<_> = whole.collect();
        for overlay in adopted_overlays(&*self.store).await? {
            let Some(kind) = catalog.kind(&overlay.ledger) else { continue };
            let why: Vec<_> = overlay.resting(kind).into_iter().map(|r| r.why).collect();
            found.extend((!why.is_empty()).then(|| one(kind, why.join("；"))));
        }
        Ok(found)
    }

    async fn entries_of(&self, kind: &str) -> Result<u64, Fault> {
        self.total(&Query::newest(kind, Scope::everything())).await
    }

    /// A ledger as its template shows it, whoever may read its entries.
    pub fn template_kind(&self, grant: &Grant, name: &str) -> Result<&Kind, Refusal> {
        self.may_manage_ledgers(grant)?;
        self.catalog.kind(name).filter(|k| k.is_ledger()).ok_or_else(Refusal::not_found)
    }

    /// Why nothing is opened in a ledger now; none where it is.
    pub fn ledger_notice(&self, kind: &Kind) -> Option<String> {
        if let Some(why) = &kind.resting {
            return Some(format!("暂停办理，请系统管理员到“台账模板”处理：{why}"));
        }
        let since = kind.campaign.as_ref()?.over_since(self.calendar().day_of(self.now()))?;
        Some(format!("从 {since} 起不再新登记；没办完的照常办理"))
    }

    /// Patterns to begin with.
    pub fn ledger_patterns(&self) -> &[Pattern] {
        self.catalog().patterns()
    }
}

pub(super) fn refuse(mistakes: Vec<Place>) -> Result<(), Refusal> {
    if mistakes.is_empty() { Ok(()) } else { Err(Refusal::invalid(mistakes)) }
}

pub(super) fn json(value: &impl serde::Serialize) -> Result<Value, Refusal> {
    serde_json::to_value(value).map_err(|_| Refusal::not_found())
}
