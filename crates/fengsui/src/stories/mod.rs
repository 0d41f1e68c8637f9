//! Ledgers of the demonstration county (示例台账): all of them alive, told in stories of the past year that a fire officer
//! knows, with entries at every stage and linked to each other as in life.
//!
//! The stories are texts (`stories/*.txt`), written in days before today; they are told in the order of time, and between
//! two acts every clock says what was due, so that the journals read as if the program had been there.

mod attachments;
mod autumn;
mod days;
mod tell;
mod text;

use anyhow::Result;
use days::Days;
use fengsui_app::{App, PaperTemplates};
use fengsui_sim::county::{Category, County};
use jiff::tz::Offset;
use std::sync::Arc;
use tell::Teller;

/// China has one zone without daylight saving: a fixed offset needs no time-zone file.
const CHINA: Offset = Offset::constant(8);

/// The stories, by subject.
const TEXTS: [(&str, &str); 8] = [
    ("campaigns.txt", include_str!("../../stories/campaigns.txt")),
    ("inspections.txt", include_str!("../../stories/inspections.txt")),
    ("cases.txt", include_str!("../../stories/cases.txt")),
    ("complaints.txt", include_str!("../../stories/complaints.txt")),
    ("duties.txt", include_str!("../../stories/duties.txt")),
    ("townships.txt", include_str!("../../stories/townships.txt")),
    ("rented_rooms.txt", include_str!("../../stories/rented_rooms.txt")),
    ("archives.txt", include_str!("../../stories/archives.txt")),
];

/// What the stories left behind.
#[derive(Default)]
pub(crate) struct Remembered {
    /// Entries.
    pub(crate) entries: usize,
    /// Acts that were refused, with where they are written: none, unless a story is wrong.
    pub(crate) refused: Vec<String>,
}

/// Tells all stories as these people (name and login) lived them; papers are issued from these templates, and the
/// administrator with this login made the campaign.
pub(crate) async fn remember(
    app: &Arc<App>,
    templates: &PaperTemplates,
    county: &County,
    people: &[(&str, &str)],
    administrator: &str,
    password: &str,
) -> Result<Remembered> {
    let calendar = app.calendar();
    let days = Days::counted(&calendar, CHINA.to_datetime(app.now()).date());
    let admin = app.log_in(administrator, password.to_owned(), "本机").await?.signed_in;
    autumn::make(app, &admin.grant, &days).await?;
    let acts = text::read(&TEXTS, &days, &|text| unit_named(county, text))?;
    let mut teller = Teller::gathered(app, templates, county, people, password).await?;
    for act in acts {
        teller.tell(&act, &days).await?;
    }
    teller.catch_up(app.now()).await?;
    Ok(teller.remembered())
}

/// The name of the unit that a text means: a name, or the n-th of its category in the county's list.
fn unit_named(county: &County, text: &str) -> Option<String> {
    let Some((category, n)) = text.split_once('#') else {
        return county.units.iter().find(|u| u.name == text).map(|u| u.name.clone());
    };
    let category: Category = serde_json::from_value(category.into()).ok()?;
    let n: usize = n.parse().ok()?;
    county.units.iter().filter(|u| u.category == category).nth(n.checked_sub(1)?).map(|u| u.name.clone())
}

#[cfg(test)]
mod tests;
