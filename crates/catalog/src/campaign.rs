//! A campaign (专项整治): a ledger of the site that is kept in an area until a day, with a number to be reached.

use crate::Jurisdiction;
use fengsui_base::Scope;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What makes a ledger a campaign.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Campaign {
    /// Where it is kept.
    pub area: Vec<Jurisdiction>,
    /// The last day on which entries are opened; what is open goes on behind it.
    pub ends_on: Date,
    /// The day on which it was ended before its time, from which nothing is opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_on: Option<Date>,
    /// What is to be reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// States whose entries do not count towards it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uncounted: Vec<String>,
}

/// How many entries are to be reached (目标数).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// How many, at least 1.
    pub count: u32,
    /// Whether each township is to reach it, not all together.
    #[serde(default)]
    pub each_township: bool,
}

impl Campaign {
    /// The regions in which entries are opened and read.
    pub fn scope(&self) -> Scope {
        Scope::of(self.area.iter().map(Jurisdiction::range))
    }

    /// The day since which nothing is opened any more, when it has come.
    pub fn over_since(&self, today: Date) -> Option<Date> {
        let early = self.ended_on.filter(|on| *on <= today);
        let after = self.ends_on.tomorrow().ok().filter(|next| *next <= today);
        early.into_iter().chain(after).min()
    }
}
