//! What must be true of every simulated county, and of the one with seed 1 for ever.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::*;

fn county() -> &'static County {
    static COUNTY: OnceLock<County> = OnceLock::new();
    COUNTY.get_or_init(|| generate(1))
}

/// Even-odd rule on degrees, apart from the generator's own geometry.
fn inside(ring: &[Position], p: Position) -> bool {
    let crosses = |a: &Position, b: &Position| {
        (a.lat > p.lat) != (b.lat > p.lat)
            && p.lon < (b.lon - a.lon) * (p.lat - a.lat) / (b.lat - a.lat) + a.lon
    };
    ring.windows(2).filter(|w| crosses(&w[0], &w[1])).count() % 2 == 1
}

fn area(ring: &[Position]) -> f64 {
    let (lon0, lat0) = (ring[0].lon, ring[0].lat);
    let part = |w: &[Position]| (w[0].lon - lon0) * (w[1].lat - lat0) - (w[1].lon - lon0) * (w[0].lat - lat0);
    ring.windows(2).map(part).sum::<f64>() / 2.0
}

fn township(code: u64) -> &'static Township {
    county().townships.iter().find(|t| t.code == code).unwrap()
}

fn features(layer: &str) -> Vec<&'static Value> {
    let all = county().base_map()["features"].as_array().unwrap();
    all.iter().filter(|f| f["properties"]["layer"] == layer).collect()
}

fn ring_of(feature: &Value) -> Vec<Position> {
    let ring = feature["geometry"]["coordinates"][0].as_array().unwrap();
    ring.iter().map(|p| Position { lon: p[0].as_f64().unwrap(), lat: p[1].as_f64().unwrap() }).collect()
}

/// A digest that does not depend on the order of keys in JSON objects.
fn digest(county: &County) -> String {
    let mut sum = Sha256::new();
    for part in [
        &county.regions as &dyn erased::Json,
        &county.townships,
        &county.villages,
        &county.units,
        &county.terminals,
    ] {
        sum.update(part.text());
    }
    for feature in county.base_map()["features"].as_array().unwrap() {
        for key in ["layer", "class", "name", "minzoom", "rank"] {
            sum.update(feature["properties"][key].to_string());
        }
        sum.update(feature["geometry"]["coordinates"].to_string());
    }
    hex::encode(sum.finalize())
}

mod erased {
    //! Serialisation behind one object-safe word.
    pub(super) trait Json {
        fn text(&self) -> String;
    }
    impl<T: serde::Serialize> Json for T {
        fn text(&self) -> String {
            serde_json::to_string(self).unwrap()
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_county_for_ever() {
    assert_eq!(digest(county()), "99cdf641748b63d21f45242a06cd1b12d45f7fc02e1036f6ea767d151a88dded");
}

#[test]
fn another_seed_gives_another_county() {
    assert_ne!(digest(&generate(7)), digest(county()));
}

#[test]
fn the_county_has_the_promised_size() {
    let c = county();
    assert_eq!((c.townships.len(), c.villages.len(), c.point_count()), (16, 334, 20_000));
    assert_eq!(c.regions.len(), 3 + 16 + 334);
    assert_eq!(c.units.len(), 1200);
    assert!((850..=950).contains(&c.terminals.len()), "{} terminals", c.terminals.len());
}

#[test]
fn all_codes_are_invented_and_unique() {
    let c = county();
    let regions: BTreeSet<u64> = c.regions.iter().map(|r| r.code).collect();
    assert_eq!(regions.len(), c.regions.len());
    assert!(regions.iter().all(|code| (990_000_000_000..=990_101_999_999).contains(code)));
    let units: BTreeSet<&str> = c.units.iter().map(|u| u.code.as_str()).collect();
    assert_eq!(units.len(), c.units.len());
    assert!(units.iter().all(|code| code.len() == 18 && code.starts_with("SL")));
    let names: BTreeSet<&str> = c.units.iter().map(|u| u.name.as_str()).collect();
    assert_eq!(names.len(), c.units.len());
}

#[test]
fn every_region_has_its_parent_before_it() {
    let mut seen = BTreeSet::new();
    for region in &county().regions {
        assert!(region.parent.is_none_or(|parent| seen.contains(&parent)), "{}", region.name);
        seen.insert(region.code);
    }
}

#[test]
fn every_village_lies_in_its_township() {
    for village in &county().villages {
        assert_eq!(village.code / 1000 * 1000, village.township);
        assert!(inside(&township(village.township).outline, village.position), "{}", village.name);
    }
}

#[test]
fn villages_of_a_township_have_different_names() {
    let names: BTreeSet<(u64, &str)> =
        county().villages.iter().map(|v| (v.township, v.name.as_str())).collect();
    assert_eq!(names.len(), 334);
}

#[test]
fn every_unit_lies_in_its_township_and_names_a_village_of_it() {
    for unit in &county().units {
        assert!(inside(&township(unit.township).outline, unit.position), "{}", unit.name);
        assert!(county().villages.iter().any(|v| v.code == unit.village && v.township == unit.township));
    }
}

#[test]
fn every_seat_lies_in_its_township() {
    for t in &county().townships {
        assert!(inside(&t.outline, t.seat), "{}", t.name);
    }
}

#[test]
fn townships_cover_the_county_without_gap_or_overlap() {
    let whole = area(&ring_of(features("county")[0]));
    let parts: f64 = county().townships.iter().map(|t| area(&t.outline)).sum();
    assert!((parts / whole - 1.0).abs() < 0.001, "{parts} of {whole}");
}

#[test]
fn terminals_have_unique_six_byte_addresses_and_belong_to_units() {
    let c = county();
    let sources: BTreeSet<u64> = c.terminals.iter().map(|t| t.source).collect();
    assert_eq!(sources.len(), c.terminals.len());
    assert!(sources.iter().all(|s| *s > 0 && *s < 1 << 48));
    let units: BTreeSet<&str> = c.units.iter().map(|u| u.code.as_str()).collect();
    assert!(c.terminals.iter().all(|t| units.contains(t.unit.as_str()) && !t.points.is_empty()));
}

#[test]
fn points_of_a_terminal_have_unique_addresses_on_floors_that_exist() {
    let units: BTreeMap<&str, &Unit> = county().units.iter().map(|u| (u.code.as_str(), u)).collect();
    for terminal in &county().terminals {
        let addresses: BTreeSet<u32> = terminal.points.iter().map(|p| p.component_address).collect();
        assert_eq!(addresses.len(), terminal.points.len(), "{}", terminal.name);
        for point in &terminal.points {
            let building = &units[terminal.unit.as_str()].buildings[usize::from(point.building) - 1];
            assert!(point.floor != 0 && point.floor <= building.floors_above as i16);
            assert!(point.floor >= -(building.floors_below as i16));
        }
    }
}

#[test]
fn smoke_detectors_are_most_of_all_points() {
    let all = county().terminals.iter().flat_map(|t| &t.points);
    let smoke = all.filter(|p| p.component_type == 42).count();
    assert!((10_000..15_000).contains(&smoke), "{smoke}");
}

#[test]
fn some_names_are_long() {
    assert!(county().units.iter().any(|u| u.name.chars().count() > 25));
}

#[test]
fn telephone_numbers_cannot_exist() {
    let people = county().units.iter().flat_map(|u| [&u.safety_manager, &u.duty_person]);
    let numbers: Vec<&str> = people.map(|c| c.phone.as_str()).collect();
    assert!(numbers.iter().all(|n| (4..=5).contains(&n.len()) && n.starts_with('8')));
    assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), numbers.len());
}

#[test]
fn the_units_of_the_pictures_are_there_with_their_points() {
    let find = |name: &str| county().units.iter().find(|u| u.name == name).unwrap();
    let points = |name: &str| {
        let code = &find(name).code;
        county().terminals.iter().filter(move |t| t.unit == *code).flat_map(|t| &t.points).collect::<Vec<_>>()
    };
    let clothing = points("云岫商业广场");
    for label in ["3 层 1 区 017 号", "3 层 1 区 018 号"] {
        assert!(clothing.iter().any(|p| p.label == label && p.component_type == 51 && p.zone == "服装区"));
    }
    assert!(
        points("瑞禾电子厂").iter().any(|p| p.label == "2 号楼 1 层 1 区 004 号" && p.component_type == 23)
    );
    assert!(points("惠民养老院").iter().any(|p| p.zone == "2 层东" && p.component_type == 42));
    assert_eq!(points("沙洲老街沿街商户联防片区").len(), 38);
    assert_eq!(find("云岫商业广场").duty_person, Contact { name: "吴海".into(), phone: "8017".into() });
}

#[test]
fn the_base_map_has_all_layers_and_stays_under_three_megabytes() {
    let layers = [
        "county", "township", "village", "water", "river", "road", "street", "block", "contour", "place",
        "shield",
    ];
    for layer in layers {
        assert!(!features(layer).is_empty(), "{layer}");
    }
    let text = county().base_map().to_string();
    assert!(text.len() < 3_000_000, "{} bytes", text.len());
}
