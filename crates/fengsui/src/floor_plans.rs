//! Floor plans of the demonstration county: the units of which stories are told have a plan of every floor, with their
//! points in place, so that a fire is seen where it is.

use anyhow::Result;
use fengsui_app::{App, FloorName};
use fengsui_sim::county::{Building, County, FloorPlan, Point, Unit};
use std::collections::HashMap;

/// Under which rule they are taken in.
const RULE: &str = "示例数据";

/// Where each point of the told units hangs, by its terminal's source and its address there.
pub(crate) type Places = HashMap<(u64, u32), [f64; 2]>;

/// The floor's name as points carry it.
pub(crate) fn floor_name(floor: i16) -> String {
    if floor < 0 { format!("地下 {} 层", -floor) } else { format!("{floor} 层") }
}

/// Lays out all floors of the told units.
pub(crate) fn places(county: &County) -> Places {
    let mut places = Places::new();
    for (unit, building, floor) in floors(county) {
        let here = points(county, unit, building, floor);
        let drawn: Vec<&Point> = here.iter().map(|(_, point)| *point).collect();
        let at = FloorPlan::of(unit, building, floor).places(&drawn);
        places.extend(here.iter().zip(at).map(|((source, p), at)| ((*source, p.component_address), at)));
    }
    places
}

/// Draws the plans and takes them in. Answers how many.
pub(crate) async fn draw(app: &App, county: &County) -> Result<usize> {
    let mut count = 0;
    for (unit, building, floor) in floors(county) {
        let plan = FloorPlan::of(unit, building, floor);
        let bytes = tokio::task::spawn_blocking(move || plan.picture()).await??;
        let name = FloorName::new(&building.name, &floor_name(floor));
        app.import_plan(&unit.code, name, bytes, RULE).await?;
        count += 1;
    }
    Ok(count)
}

fn floors(county: &County) -> impl Iterator<Item = (&Unit, &Building, i16)> {
    let of = |b: &Building| -(b.floors_below as i16)..=b.floors_above as i16;
    let told = county.units.iter().filter(|u| u.is_told());
    told.flat_map(|unit| unit.buildings.iter().map(move |building| (unit, building)))
        .flat_map(move |(unit, building)| of(building).map(move |floor| (unit, building, floor)))
        .filter(|(_, _, floor)| *floor != 0)
}

/// The points of a floor with the source address of their terminal, zone by zone.
fn points<'a>(county: &'a County, unit: &Unit, building: &Building, floor: i16) -> Vec<(u64, &'a Point)> {
    let own = county.terminals.iter().filter(|t| t.unit == unit.code);
    let all = own.flat_map(|t| t.points.iter().map(|p| (t.source, p)));
    all.filter(|(_, p)| p.building == building.number && p.floor == floor).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fengsui_sim::county;

    #[test]
    fn every_point_of_a_told_unit_has_its_place_and_no_other() {
        let county = county::generate(1);
        let places = places(&county);
        let told: Vec<_> = county.units.iter().filter(|u| u.is_told()).map(|u| u.code.as_str()).collect();
        let of_told = county.terminals.iter().filter(|t| told.contains(&t.unit.as_str()));
        let points: usize = of_told.map(|t| t.points.len()).sum();
        assert_eq!(places.len(), points);
        assert!(points > 1_000, "{points}");
    }
}
