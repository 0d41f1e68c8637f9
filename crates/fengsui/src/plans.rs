//! What the demonstration county has planned: works on one floor of a hotel that go on now, and an evacuation drill
//! of a school tomorrow afternoon, both made by the fire supervisor like any other window.

use anyhow::{Context, Result};
use fengsui_access::Grant;
use fengsui_alarm::{Cover, Purpose, WindowDraft, WindowOwner};
use fengsui_app::{App, UnitFilter};
use fengsui_base::{Timestamp, UnitId};
use jiff::{SignedDuration, tz::Offset};
use std::sync::Arc;

/// How long the works go on, in hours.
const WORKS_HOURS: i64 = 10;
/// Hour of the drill, in the office's zone.
const DRILL_HOUR: i8 = 15;
/// How long the drill takes, in hours.
const DRILL_HOURS: i64 = 2;
/// Most units of a category that are looked through.
const UNITS_MAX: u16 = 50;

/// Makes both windows as this supervisor.
pub(crate) async fn make(app: &Arc<App>, login: &str, password: &str) -> Result<()> {
    let supervisor = app.log_in(login, password.to_owned(), "本机").await?.signed_in;
    let hotel = last_unit(app, &supervisor.grant, "hotel").await?;
    let floor = one_floor(app, &supervisor.grant, hotel).await?;
    app.create_window(&supervisor.grant, hotel, works(app.now(), floor), None).await?;
    let school = last_unit(app, &supervisor.grant, "school").await?;
    app.create_window(&supervisor.grant, school, drill(app.now()), None).await?;
    Ok(())
}

async fn last_unit(app: &App, grant: &Grant, category: &str) -> Result<UnitId> {
    let filter =
        UnitFilter { category: Some(category.to_owned()), limit: UNITS_MAX, ..UnitFilter::default() };
    let (page, _) = app.units(grant, filter).await?;
    let last = page.items.last().with_context(|| format!("示例县没有 {category}"))?;
    Ok(UnitId(last.id))
}

/// The smallest part with a floor of its own; the whole unit where no floor is registered.
async fn one_floor(app: &App, grant: &Grant, unit: UnitId) -> Result<Cover> {
    let all = app.window_covers(grant, unit).await?.covers;
    let floors = all.into_iter().filter(|c| matches!(&c.cover, Cover::Floor { floor: Some(_), .. }));
    Ok(floors.min_by_key(|c| c.points).map_or(Cover::Unit, |c| c.cover))
}

fn works(now: Timestamp, cover: Cover) -> WindowDraft {
    WindowDraft {
        purpose: Purpose::Maintenance,
        cover,
        reason: "吊顶改造，切割扬尘，探测器已戴防尘罩".to_owned(),
        owner: WindowOwner { name: "王强".to_owned(), phone: "13900001234".to_owned() },
        from_at: None,
        until_at: now + SignedDuration::from_hours(WORKS_HOURS),
    }
}

fn drill(now: Timestamp) -> WindowDraft {
    // China has one zone without daylight saving: a fixed offset needs no time-zone file.
    let zone = Offset::constant(8);
    let tomorrow = zone.to_datetime(now + SignedDuration::from_hours(24)).date().at(DRILL_HOUR, 0, 0, 0);
    let from = zone.to_timestamp(tomorrow).unwrap_or(now);
    WindowDraft {
        purpose: Purpose::Drill,
        cover: Cover::Unit,
        reason: "师生灭火疏散演练，烟饼触发探测器".to_owned(),
        owner: WindowOwner { name: "何静".to_owned(), phone: "13900005678".to_owned() },
        from_at: Some(from),
        until_at: from + SignedDuration::from_hours(DRILL_HOURS),
    }
}
