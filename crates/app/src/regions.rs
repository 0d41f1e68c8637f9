//! Regions as the screens need them: one level at a time, within what the asker may see.

use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{Region, RegionCode, Scope};

/// A region and how many lie directly below it.
pub struct RegionView {
    /// The region.
    pub region: Region,
    /// Children.
    pub children: usize,
}

impl App {
    /// What of a scope lies within a region; a region nobody knows holds nothing.
    pub(crate) fn narrowed(&self, scope: Scope, region: Option<RegionCode>) -> Scope {
        let Some(code) = region else { return scope };
        self.board.region(code).map_or_else(Scope::nothing, |region| self.board.narrow(&scope, &region))
    }

    /// The regions directly below `parent`, or the asker's own when there is none given.
    pub fn regions_below(&self, grant: &Grant, parent: Option<RegionCode>) -> Result<Vec<RegionView>, Fault> {
        let own = Scope::of(grant.powers().iter().map(|p| p.region.range()));
        let all = self.board.regions();
        let visible = |r: &&Region| own.contains(r.code);
        let wanted: Vec<_> = match parent {
            Some(parent) => all.iter().filter(|r| r.parent == Some(parent)).filter(visible).collect(),
            None => all.iter().filter(|r| grant.powers().iter().any(|p| p.region.code == r.code)).collect(),
        };
        let children = |code| all.iter().filter(|r| r.parent == Some(code)).count();
        Ok(wanted.into_iter().map(|r| RegionView { region: r.clone(), children: children(r.code) }).collect())
    }
}
