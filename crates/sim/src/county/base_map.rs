//! The base map as GeoJSON, and the county put together.

use serde_json::{Value, json};

use super::geometry::{Xy, simplified};
use super::land::{Land, contours};
use super::names::TOWNSHIPS;
use super::partition::Partition;
use super::roads::{Road, RoadClass};
use super::towns::{Settlement, StreetClass, Town};
use super::types::{
    Category, County, Position, Region, RegionLevel, Terminal, Township, Unit, Village, VillageKind,
};
use crate::chance::Chance;

/// Code of the invented province (示例省).
const PROVINCE_CODE: u64 = 990_000_000_000;
/// Code of the invented city (示例市).
const CITY_CODE: u64 = 990_100_000_000;
/// Code of the invented county (云岫县).
const COUNTY_CODE: u64 = 990_101_000_000;

/// Layers of the base map, from the bottom up, as their names in the property `layer`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// The county as one polygon.
    County,
    /// A township as a polygon (class `area`), or a border between two as a line (class `border`).
    Township,
    /// Contour lines; the height in metres is the class.
    Contour,
    /// Rivers and the lake as polygons.
    Water,
    /// Middle lines of rivers, for names and small scales.
    River,
    /// Buildings.
    Block,
    /// Roads outside towns: `expressway`, `national`, `provincial`, `county`, `lane`.
    Road,
    /// Streets of towns: `main`, `street`, `lane`.
    Street,
    /// Villages and communities as points.
    Village,
    /// Names: the county town, the seats, the lake.
    Place,
    /// Road numbers as points.
    Shield,
}

impl Layer {
    fn name(self) -> &'static str {
        match self {
            Self::County => "county",
            Self::Township => "township",
            Self::Contour => "contour",
            Self::Water => "water",
            Self::River => "river",
            Self::Block => "block",
            Self::Road => "road",
            Self::Street => "street",
            Self::Village => "village",
            Self::Place => "place",
            Self::Shield => "shield",
        }
    }
}

/// Draws all features, from the bottom up.
pub(crate) fn draw(
    land: &Land,
    partition: &Partition,
    towns: &[Town],
    settlements: &[Settlement],
    roads: &[Road],
    chance: &mut Chance,
) -> Value {
    let mut sheet = Sheet::default();
    sheet.regions(partition);
    sheet.nature(land);
    sheet.buildings(towns, settlements);
    sheet.roads(roads, chance);
    sheet.streets(towns);
    sheet.places(towns, settlements);
    json!({ "type": "FeatureCollection", "name": "云岫县（示例）", "features": sheet.features })
}

/// What a feature says of itself: layer, class, name, first zoom level, rank (1 first).
type About<'a> = (Layer, &'a str, &'a str, u8, u8);

#[derive(Default)]
struct Sheet {
    features: Vec<Value>,
}

impl Sheet {
    fn add(&mut self, (layer, class, name, minzoom, rank): About<'_>, kind: &str, coordinates: Value) {
        self.features.push(json!({
            "type": "Feature",
            "properties": { "layer": layer.name(), "class": class, "name": name, "minzoom": minzoom, "rank": rank },
            "geometry": { "type": kind, "coordinates": coordinates },
        }));
    }

    fn point(&mut self, about: About<'_>, at: Xy) {
        self.add(about, "Point", pair(at));
    }

    fn line(&mut self, about: About<'_>, line: &[Xy]) {
        self.add(about, "LineString", pairs(line));
    }

    fn area(&mut self, about: About<'_>, ring: &[Xy]) {
        self.add(about, "Polygon", json!([closed(ring)]));
    }

    fn regions(&mut self, partition: &Partition) {
        self.area((Layer::County, "area", "云岫县", 0, 1), &partition.outline);
        for (plan, ring) in TOWNSHIPS.iter().zip(&partition.rings) {
            self.area((Layer::Township, "area", plan.name, 0, 2), ring);
        }
        for border in &partition.borders {
            self.line((Layer::Township, "border", "", 0, 2), border);
        }
    }

    fn nature(&mut self, land: &Land) {
        for (level_m, line) in contours(land).into_iter().filter(|(_, l)| l.len() > 12) {
            self.line((Layer::Contour, &level_m.to_string(), "", 9, 3), &simplified(&line, 0.035));
        }
        self.area((Layer::Water, "lake", "南湖", 0, 1), &land.lake);
        for river in &land.rivers {
            let (minzoom, rank) = match river.class {
                "main" => (0, 1),
                "branch" => (9, 2),
                _ => (11, 3),
            };
            self.area(
                (Layer::Water, river.class, river.name, minzoom, rank),
                &simplified(&river.banks, 0.004),
            );
            self.line(
                (Layer::River, river.class, river.name, minzoom, rank),
                &simplified(&river.line, 0.015),
            );
        }
    }

    /// Buildings stand together in one feature for about a hundred, which keeps the file small.
    fn buildings(&mut self, towns: &[Town], settlements: &[Settlement]) {
        for (town, minzoom) in towns.iter().zip([12].into_iter().chain(std::iter::repeat(13))) {
            for part in town.lots.chunks(100) {
                let rings = part.iter().map(|lot| json!([closed(&lot.ring)])).collect();
                self.add((Layer::Block, "town", "", minzoom, 2), "MultiPolygon", Value::Array(rings));
            }
        }
        let houses: Vec<_> = settlements.iter().flat_map(|s| &s.houses).collect();
        for part in houses.chunks(100) {
            let rings = part.iter().map(|lot| json!([closed(&lot.ring)])).collect();
            self.add((Layer::Block, "village", "", 13, 3), "MultiPolygon", Value::Array(rings));
        }
    }

    fn roads(&mut self, roads: &[Road], chance: &mut Chance) {
        for road in roads.iter().rev() {
            let (class, minzoom, rank) = match road.class {
                RoadClass::Expressway => ("expressway", 0, 1),
                RoadClass::National => ("national", 0, 2),
                RoadClass::Provincial => ("provincial", 8, 3),
                RoadClass::County => ("county", 9, 4),
                RoadClass::Lane => ("lane", 10, 5),
            };
            self.line((Layer::Road, class, &road.number, minzoom, rank), &road.line);
            if road.line.len() > 12 && road.class < RoadClass::Lane {
                let zoom = if road.class == RoadClass::County { 12 } else { 9 };
                for at in shield_places(&road.line, chance) {
                    self.point((Layer::Shield, class, &road.number, zoom, rank), at);
                }
            }
        }
    }

    fn streets(&mut self, towns: &[Town]) {
        for street in towns.iter().flat_map(|t| &t.streets) {
            let (class, minzoom, rank) = match street.class {
                StreetClass::Main => ("main", 10, 1),
                StreetClass::Street => ("street", 12, 2),
                StreetClass::Lane => ("lane", 12, 3),
            };
            self.line((Layer::Street, class, street.name, minzoom, rank), &street.line);
        }
    }

    fn places(&mut self, towns: &[Town], settlements: &[Settlement]) {
        self.point((Layer::Place, "county_town", "云岫县城", 0, 1), towns[0].centre);
        for (plan, town) in TOWNSHIPS.iter().zip(towns).skip(1) {
            self.point((Layer::Place, "township", plan.name, 8, 2), town.centre);
        }
        for place in settlements {
            let (class, minzoom) = match place.kind {
                VillageKind::Community => ("community", 13),
                VillageKind::Village => ("village", 12),
            };
            self.point((Layer::Village, class, &place.name, minzoom, 3), place.centre);
        }
    }
}

/// One shield on a short road, two on a long one.
fn shield_places(line: &[Xy], chance: &mut Chance) -> Vec<Xy> {
    let at = |share: f64| line[(share * (line.len() - 1) as f64) as usize];
    let shift = chance.between(-0.08, 0.08);
    let length_km: f64 = line.windows(2).map(|s| s[0].to(s[1])).sum();
    match length_km {
        l if l > 22.0 => vec![at(0.25 + shift), at(0.72 + shift)],
        l if l > 3.0 => vec![at(0.5 + shift)],
        _ => Vec::new(),
    }
}

fn pair(at: Xy) -> Value {
    let p = at.position();
    json!([p.lon, p.lat])
}

fn pairs(line: &[Xy]) -> Value {
    line.iter().map(|p| pair(*p)).collect()
}

fn closed(ring: &[Xy]) -> Value {
    let first = ring[0];
    let open = ring[ring.len() - 1] != first;
    ring.iter().copied().chain(open.then_some(first)).map(pair).collect()
}

impl County {
    /// The base map: a GeoJSON feature collection in WGS 84. Every feature has the properties `layer`,
    /// `class`, `name` (may be empty), `minzoom` and `rank`. About 2 MB as text.
    #[must_use]
    pub fn base_map(&self) -> &Value {
        &self.map
    }

    /// How many detection points all terminals have together.
    #[must_use]
    pub fn point_count(&self) -> usize {
        self.terminals.iter().map(|t| t.points.len()).sum()
    }

    pub(crate) fn assemble(
        seed: u64,
        partition: &Partition,
        towns: &[Town],
        settlements: &[Settlement],
        units: Vec<Unit>,
        terminals: Vec<Terminal>,
        map: Value,
    ) -> Self {
        let townships = townships(partition, towns);
        let villages: Vec<Village> = settlements.iter().map(village).collect();
        let regions = regions(&townships, &villages);
        Self { seed, regions, townships, villages, units, terminals, map }
    }
}

/// Code of a township by its index.
pub(crate) fn township_code(index: usize) -> u64 {
    COUNTY_CODE + (index as u64 + 1) * 1000
}

/// Code of a village: communities from 001, villages from 201.
pub(crate) fn village_code(place: &Settlement) -> u64 {
    let first = match place.kind {
        VillageKind::Community => 0,
        VillageKind::Village => 200,
    };
    township_code(place.township) + first + place.number as u64
}

fn townships(partition: &Partition, towns: &[Town]) -> Vec<Township> {
    let outline = |ring: &[Xy]| ring.iter().map(|p| p.position()).collect::<Vec<Position>>();
    TOWNSHIPS
        .iter()
        .zip(partition.rings.iter().zip(towns))
        .enumerate()
        .map(|(i, (plan, (ring, town)))| Township {
            code: township_code(i),
            name: plan.name.into(),
            seat: town.centre.position(),
            outline: outline(ring),
        })
        .collect()
}

fn village(place: &Settlement) -> Village {
    Village {
        code: village_code(place),
        name: place.name.clone(),
        kind: place.kind,
        township: township_code(place.township),
        position: place.centre.position(),
    }
}

fn regions(townships: &[Township], villages: &[Village]) -> Vec<Region> {
    let above = [
        (PROVINCE_CODE, None, RegionLevel::Province, "示例省"),
        (CITY_CODE, Some(PROVINCE_CODE), RegionLevel::City, "示例市"),
        (COUNTY_CODE, Some(CITY_CODE), RegionLevel::County, "云岫县"),
    ];
    let region = |code, parent, level, name: &str| Region { code, parent, level, name: name.into() };
    let above = above.map(|(code, parent, level, name)| region(code, parent, level, name));
    let towns = townships.iter().map(|t| region(t.code, Some(COUNTY_CODE), RegionLevel::Township, &t.name));
    let villages = villages.iter().map(|v| region(v.code, Some(v.township), RegionLevel::Village, &v.name));
    above.into_iter().chain(towns).chain(villages).collect()
}

impl Category {
    /// The Chinese word for it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::ShoppingCentre => "商业综合体",
            Self::Store => "商场市场",
            Self::Hotel => "宾馆",
            Self::School => "学校",
            Self::Kindergarten => "幼儿园",
            Self::Hospital => "医院",
            Self::AgedCare => "养老院",
            Self::Factory => "工厂",
            Self::Warehouse => "仓储物流",
            Self::FillingStation => "加油站",
            Self::Market => "农贸市场",
            Self::Restaurant => "餐饮",
            Self::Entertainment => "公共娱乐",
            Self::Office => "机关办公",
            Self::Housing => "居民小区",
            Self::GuestHouse => "民宿",
            Self::Heritage => "寺庙文保",
            Self::Chemicals => "危化企业",
            Self::Workshop => "小作坊",
        }
    }
}
