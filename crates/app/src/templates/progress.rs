//! How far a campaign (专项整治) has come towards what it is to reach.

use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{Level, Region, Scope};
use fengsui_catalog::{Jurisdiction, Kind, Target};
use fengsui_store::Query;
use jiff::civil::Date;

/// Most townships whose progress a campaign shows.
pub const TOWNSHIPS_SHOWN_MAX: usize = 100;

/// How far a campaign has come (进度).
#[derive(Clone, Debug)]
pub struct CampaignProgress {
    /// Last day on which entries are opened.
    pub ends_on: Date,
    /// The day since which nothing is opened any more.
    pub over_since: Option<Date>,
    /// Names of its regions.
    pub area: Vec<String>,
    /// What is to be reached.
    pub target: Option<Target>,
    /// How many entries count, where the asker may read them.
    pub done: u64,
    /// By township, where each has its own target.
    pub townships: Vec<(Region, u64)>,
}

impl App {
    /// How far a campaign has come, where the asker may read it; none for a ledger that is none.
    pub async fn campaign_progress(
        &self,
        grant: &Grant,
        kind: &Kind,
    ) -> Result<Option<CampaignProgress>, Fault> {
        let Some(campaign) = &kind.campaign else { return Ok(None) };
        let readable = self.readable(grant, kind);
        let mut query = Query::newest(&kind.name, readable.clone());
        let counted = kind.states.iter().filter(|s| !campaign.uncounted.contains(&s.name));
        query.states = counted.map(|s| s.name.clone()).collect();
        let mut townships = Vec::new();
        if campaign.target.is_some_and(|t| t.each_township) {
            let inside = |r: &Region| r.level == Level::Township && readable.covers(&r.range());
            for region in self.board.regions().into_iter().filter(inside).take(TOWNSHIPS_SHOWN_MAX) {
                let scope = readable.within(&Scope::of([region.range()]));
                let done = self.total(&Query { scope, ..query.clone() }).await?;
                townships.push((region, done));
            }
        }
        let name =
            |j: &Jurisdiction| self.board.region(j.code).map_or_else(|| j.code.to_string(), |r| r.name);
        Ok(Some(CampaignProgress {
            ends_on: campaign.ends_on,
            over_since: campaign.over_since(self.calendar().day_of(self.now())),
            area: campaign.area.iter().map(name).collect(),
            target: campaign.target,
            done: self.total(&query).await?,
            townships,
        }))
    }
}
