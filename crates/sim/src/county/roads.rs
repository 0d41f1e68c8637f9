//! Roads: each takes the easiest way over the land, keeps off the lake, pays for bridges and climbs, and
//! joins an older road where that is cheaper than a new one.

use super::geometry::{Xy, contains, curve, nearest_on, relaxed, simplified, xy};
use super::grid::{CELLS, cell_at, flood, middle};
use super::land::{Ground, Land, meander};
use super::towns::{Settlement, Town};
use super::types::VillageKind;
use crate::chance::{Chance, fractal, mix};

/// Rank of a road outside towns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RoadClass {
    Expressway,
    National,
    Provincial,
    County,
    Lane,
}

/// A piece of road.
pub(crate) struct Road {
    pub(crate) class: RoadClass,
    /// Number for the shield, such as G399; empty for lanes.
    pub(crate) number: String,
    pub(crate) line: Vec<Xy>,
}

/// Where the expressway runs.
const EXPRESSWAY: [(f64, f64); 9] = [
    (2.2, 27.0),
    (2.6, 20.0),
    (4.2, 13.0),
    (4.3, 6.6),
    (3.5, 1.2),
    (4.3, -4.6),
    (2.4, -10.0),
    (1.6, -16.0),
    (2.8, -27.0),
];

/// An end of a planned road: a township by index, or a place on the rim of the county.
#[derive(Clone, Copy)]
enum End {
    Seat(usize),
    Rim(f64, f64),
}
use End::{Rim, Seat};

/// Numbered roads in the order of building.
const PLANS: [(RoadClass, &str, End, End); 34] = [
    (RoadClass::National, "G399", Rim(-32.0, -3.6), Seat(11)),
    (RoadClass::National, "G399", Seat(11), Seat(0)),
    (RoadClass::National, "G399", Seat(0), Seat(2)),
    (RoadClass::National, "G399", Seat(2), Rim(30.0, 8.5)),
    (RoadClass::Provincial, "S206", Seat(0), Seat(4)),
    (RoadClass::Provincial, "S206", Seat(4), Seat(12)),
    (RoadClass::Provincial, "S206", Seat(12), Rim(-14.0, -24.0)),
    (RoadClass::Provincial, "S218", Rim(-4.0, 26.0), Seat(1)),
    (RoadClass::Provincial, "S218", Seat(1), Seat(0)),
    (RoadClass::Provincial, "S218", Seat(0), Seat(6)),
    (RoadClass::Provincial, "S218", Seat(6), Seat(15)),
    (RoadClass::Provincial, "S218", Seat(15), Rim(13.0, -25.0)),
    (RoadClass::County, "X701", Seat(0), Seat(3)),
    (RoadClass::County, "X701", Seat(3), Seat(10)),
    (RoadClass::County, "X701", Seat(10), Rim(32.0, -2.0)),
    (RoadClass::County, "X702", Seat(0), Seat(9)),
    (RoadClass::County, "X702", Seat(9), Rim(9.0, 26.0)),
    (RoadClass::County, "X703", Seat(9), Seat(2)),
    (RoadClass::County, "X703", Seat(2), Seat(3)),
    (RoadClass::County, "X704", Seat(3), Seat(7)),
    (RoadClass::County, "X704", Seat(7), Seat(15)),
    (RoadClass::County, "X705", Seat(7), Seat(6)),
    (RoadClass::County, "X705", Seat(6), Seat(5)),
    (RoadClass::County, "X705", Seat(5), Seat(12)),
    (RoadClass::County, "X706", Seat(0), Seat(5)),
    (RoadClass::County, "X706", Seat(5), Rim(-3.0, -25.0)),
    (RoadClass::County, "X707", Seat(11), Seat(8)),
    (RoadClass::County, "X707", Seat(8), Seat(13)),
    (RoadClass::County, "X708", Seat(13), Seat(14)),
    (RoadClass::County, "X708", Seat(14), Seat(1)),
    (RoadClass::County, "X709", Seat(1), Seat(9)),
    (RoadClass::County, "X710", Seat(4), Seat(8)),
    (RoadClass::County, "X710", Seat(4), Seat(5)),
    (RoadClass::County, "X711", Seat(2), Seat(10)),
];

/// Builds all roads.
pub(crate) fn build(
    land: &Land,
    rim: &[Xy],
    towns: &[Town],
    settlements: &[Settlement],
    seed: u64,
) -> Vec<Road> {
    let mut chance = Chance::new(seed, "roads");
    let mut works = Works::new(land, rim, towns);
    works.expressway();
    for (class, number, from, to) in PLANS {
        works.connect(class, number, from, to);
    }
    for village in settlements.iter().filter(|s| s.kind == VillageKind::Village) {
        works.lane_to_network(village.centre);
    }
    for (i, village) in settlements.iter().enumerate() {
        if village.kind == VillageKind::Village && chance.happens(0.45) {
            works.lane_between(village.centre, neighbour(settlements, i));
        }
    }
    works.roads
}

/// The third nearest village: the nearest are mostly joined already.
fn neighbour(settlements: &[Settlement], of: usize) -> Xy {
    let centre = settlements[of].centre;
    let mut others: Vec<Xy> =
        settlements.iter().filter(|s| s.kind == VillageKind::Village).map(|s| s.centre).collect();
    others.sort_by(|a, b| centre.to(*a).total_cmp(&centre.to(*b)));
    others[2]
}

/// The building site: what is there and what it costs to go on.
struct Works<'a> {
    towns: &'a [Town],
    /// Cost of a cell's length of new road.
    effort: Vec<f64>,
    /// The road that lies in a cell.
    owner: Vec<Option<usize>>,
    roads: Vec<Road>,
    ground: &'a [Ground],
    /// The border of the county, where through roads end.
    rim: &'a [Xy],
    seed: u64,
}

impl<'a> Works<'a> {
    fn new(land: &'a Land, rim: &'a [Xy], towns: &'a [Town]) -> Self {
        let effort = (0..CELLS).map(|c| effort(land, towns, c)).collect();
        Self {
            towns,
            effort,
            owner: vec![None; CELLS],
            roads: Vec::new(),
            ground: &land.ground,
            rim,
            seed: land.seed,
        }
    }

    fn expressway(&mut self) {
        let line = curve(&EXPRESSWAY.map(|(x, y)| xy(x, y)), 0.03);
        let line: Vec<Xy> = line.into_iter().filter(|p| contains(self.rim, *p)).collect();
        self.roads.push(Road {
            class: RoadClass::Expressway,
            number: "G4T9".into(),
            line: simplified(&line, 0.004),
        });
    }

    fn connect(&mut self, class: RoadClass, number: &str, from: End, to: End) {
        let (starts, goals) = (self.places(from), self.places(to));
        let start_cells: Vec<(usize, f64)> = starts.iter().map(|p| (cell_at(*p), 0.0)).collect();
        let goal_cells: Vec<usize> = goals.iter().map(|p| cell_at(*p)).collect();
        let (flood, hit) =
            flood(&start_cells, 16, |_, next| self.step(next, class), |c| goal_cells.contains(&c));
        let Some(hit) = hit else { return };
        let path = flood.path_to(hit);
        self.lay(class, number, &path, self.end(from, &starts, path[0]), self.end(to, &goals, hit));
    }

    /// Gates of a town, or the county's rim near a place.
    fn places(&self, end: End) -> Vec<Xy> {
        match end {
            Seat(i) => self.towns[i].gates.clone(),
            Rim(x, y) => {
                let inside = (0..CELLS).filter(|c| self.ground[*c] == Ground::Land).map(middle);
                let wish = xy(x, y);
                inside.min_by(|a, b| a.to(wish).total_cmp(&b.to(wish))).into_iter().collect()
            }
        }
    }

    /// The exact end of a path: a gate, or the border itself.
    fn end(&self, end: End, places: &[Xy], cell: usize) -> Xy {
        let place = nearest(places, middle(cell));
        if matches!(end, Rim(..)) { nearest_on(self.rim, place).unwrap_or(place) } else { place }
    }

    /// Going along an old road is cheap, for lanes cheaper still.
    fn step(&self, next: usize, class: RoadClass) -> f64 {
        let along = if class == RoadClass::Lane { 0.25 } else { 0.4 };
        if self.owner[next].is_some() { self.effort[next].min(1.2) * along } else { self.effort[next] }
    }

    /// From a village to the nearest road or town.
    fn lane_to_network(&mut self, centre: Xy) {
        let start = cell_at(centre);
        let reached =
            |c: usize| self.owner[c].is_some() || self.towns.iter().any(|t| t.covers(middle(c), 0.8));
        let (flood, hit) = flood(&[(start, 0.0)], 16, |_, next| self.effort[next], reached);
        let Some(hit) = hit else { return };
        let path = flood.path_to(hit);
        let end = self.snap(hit);
        self.lay(RoadClass::Lane, "", &path, centre, end);
    }

    fn lane_between(&mut self, from: Xy, to: Xy) {
        let goal = cell_at(to);
        let starts = [(cell_at(from), 0.0)];
        let (flood, hit) = flood(&starts, 16, |_, next| self.step(next, RoadClass::Lane), |c| c == goal);
        if hit.is_some() && flood.cost[goal] < 40.0 {
            self.lay(RoadClass::Lane, "", &flood.path_to(goal), from, to);
        }
    }

    /// Builds those parts of a path where no road is yet; `start` and `end` are the exact ends of the path.
    fn lay(&mut self, class: RoadClass, number: &str, path: &[usize], start: Xy, end: Xy) {
        let old: Vec<bool> = path.iter().map(|c| self.owner[*c].is_some()).collect();
        let mut i = 0;
        while i < path.len() {
            let from = i;
            while i < path.len() && !old[i] {
                i += 1;
            }
            if i > from {
                let head = if from == 0 { start } else { self.snap(path[from - 1]) };
                let tail = if i == path.len() { end } else { self.snap(path[i]) };
                self.draw(class, number, &path[from..i], head, tail);
            }
            i += 1;
        }
    }

    fn draw(&mut self, class: RoadClass, number: &str, cells: &[usize], head: Xy, tail: Xy) {
        let inner = cells.iter().map(|c| middle(*c)).filter(|p| p.to(head) > 0.15 && p.to(tail) > 0.15);
        let rough: Vec<Xy> = [head].into_iter().chain(inner).chain([tail]).collect();
        let (rounds, swing_km) = match class {
            RoadClass::Expressway | RoadClass::National => (10, 0.16),
            RoadClass::Provincial => (8, 0.22),
            RoadClass::County => (6, 0.3),
            RoadClass::Lane => (3, 0.34),
        };
        // A road follows the ground more finely than the raster knows.
        let salt = self.seed ^ mix(self.roads.len() as u64 + 500);
        let winding = meander(salt, &curve(&relaxed(rough, rounds), 0.15), swing_km, 8.0);
        let line = simplified(&curve(&winding, 0.05), 0.005);
        for cell in cells {
            self.owner[*cell] = Some(self.roads.len());
        }
        self.roads.push(Road { class, number: number.into(), line });
    }

    /// The exact place on the road, or on the town's streets, that fills a cell.
    fn snap(&self, cell: usize) -> Xy {
        let place = middle(cell);
        if let Some(road) = self.owner[cell] {
            return nearest_on(&self.roads[road].line, place).unwrap_or(place);
        }
        let streets = self.towns.iter().filter(|t| t.covers(place, 1.2)).flat_map(|t| &t.streets);
        streets
            .filter_map(|s| nearest_on(&s.line, place))
            .min_by(|a, b| place.to(*a).total_cmp(&place.to(*b)))
            .unwrap_or(place)
    }
}

/// What a cell's length of new road costs: climbs, bridges, houses in the way.
fn effort(land: &Land, towns: &[Town], cell: usize) -> f64 {
    let place = middle(cell);
    let base = match land.ground[cell] {
        Ground::Outside | Ground::Lake => return f64::INFINITY,
        Ground::River => 5.0,
        Ground::Brook => 2.2,
        Ground::Land => 0.6,
    };
    let slope = (land.height_at(place.plus(xy(0.3, 0.0))) - land.height_at(place.plus(xy(-0.3, 0.0)))).abs()
        + (land.height_at(place.plus(xy(0.0, 0.3))) - land.height_at(place.plus(xy(0.0, -0.3)))).abs();
    let rough = 0.5 + 0.5 * fractal(land.seed ^ 0x71, place.x / 2.2, place.y / 2.2, 3);
    let built = if towns.iter().any(|t| t.covers(place, 0.98)) { 5.0 } else { 0.0 };
    base + slope / 55.0 + rough + built
}

fn nearest(places: &[Xy], to: Xy) -> Xy {
    places.iter().copied().min_by(|a, b| to.to(*a).total_cmp(&to.to(*b))).unwrap_or(to)
}
