//! The terminal of the demonstration county that is heard and does not listen any more: so that the silence on record
//! (读不到状态), and the to-do that it makes, can be seen.

use anyhow::Result;
use fengsui_alarm::ReadingEnd;
use fengsui_app::App;
use fengsui_sim::county::County;
use fengsui_sim::terminal::DEAF_INDEX;
use jiff::{SignedDuration, Timestamp};

/// Readings before the first look, by how many periods ago: it answered this morning, and then never again.
const PAST: [(i32, ReadingEnd); 5] = [
    (6, ReadingEnd::Answered),
    (5, ReadingEnd::Answered),
    (3, ReadingEnd::TimedOut),
    (2, ReadingEnd::TimedOut),
    (1, ReadingEnd::TimedOut),
];

/// Puts its last readings on record.
pub(crate) async fn remember(app: &App, county: &County, period_min: u32) -> Result<()> {
    let Some(terminal) = county.terminals.get(DEAF_INDEX) else { return Ok(()) };
    let (now, period) = (app.now(), SignedDuration::from_mins(i64::from(period_min)));
    let past: Vec<(ReadingEnd, Timestamp)> = PAST.map(|(ago, end)| (end, now - period * ago)).into();
    Ok(app.demonstration_readings(&terminal.source.to_string(), &past).await?)
}
