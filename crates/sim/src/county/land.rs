//! The land itself: outline of the county, rivers, the lake, heights and contour lines.

use super::geometry::{Xy, contains, curve, nearest_on, ribbon, xy};
use super::grid::{CELLS, COLUMNS, around, cell_at, flood, middle};
use crate::chance::{Chance, fractal, mix};

/// Half the width of the county from west to east.
const HALF_WIDTH_KM: f64 = 30.0;
/// Half its height from south to north.
const HALF_HEIGHT_KM: f64 = 23.0;
/// Where the middle of the county lies; the county town is a little east of it.
const MIDDLE: Xy = xy(-1.0, -0.5);
/// How far water shapes the land around it.
const VALLEY_KM: f64 = 7.0;

/// A river or brook.
pub(crate) struct River {
    pub(crate) name: &'static str,
    /// `main`, `branch` or `brook`.
    pub(crate) class: &'static str,
    /// Its middle line, downstream.
    pub(crate) line: Vec<Xy>,
    /// Its two banks as a ring.
    pub(crate) banks: Vec<Xy>,
}

/// What lies in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ground {
    Outside,
    Land,
    Brook,
    River,
    Lake,
}

/// The land of the county.
pub(crate) struct Land {
    pub(crate) rivers: Vec<River>,
    pub(crate) lake: Vec<Xy>,
    pub(crate) ground: Vec<Ground>,
    /// Metres above the sea by cell.
    pub(crate) height_m: Vec<f64>,
    /// Kilometres to the nearest water by cell.
    pub(crate) water_km: Vec<f64>,
    pub(crate) seed: u64,
}

/// Course of a river: name, class, half width at source and mouth in km, points it passes.
type Course = (&'static str, &'static str, [f64; 2], &'static [(f64, f64)]);

const COURSES: [Course; 9] = [
    (
        "云水河",
        "main",
        [0.13, 0.26],
        &[
            (-36.0, 7.0),
            (-31.0, 8.2),
            (-26.5, 6.6),
            (-21.0, 6.4),
            (-16.0, 4.6),
            (-11.5, 5.2),
            (-7.0, 2.6),
            (-3.6, 0.4),
            (-1.0, -2.6),
            (3.0, -3.4),
            (6.4, -6.2),
            (10.4, -7.4),
            (13.2, -11.8),
            (18.0, -13.2),
            (23.0, -12.4),
            (27.0, -14.6),
            (34.0, -15.5),
        ],
    ),
    (
        "双溪河",
        "branch",
        [0.03, 0.07],
        &[
            (-9.5, 24.0),
            (-8.0, 18.5),
            (-6.2, 13.6),
            (-3.4, 9.6),
            (-3.0, 6.0),
            (-0.9, 2.6),
            (-0.35, 0.0),
            (-1.0, -2.6),
        ],
    ),
    (
        "松溪",
        "brook",
        [0.015, 0.04],
        &[(-18.0, 19.0), (-15.6, 14.2), (-11.4, 12.6), (-8.4, 13.4), (-6.2, 13.4)],
    ),
    (
        "枫林河",
        "branch",
        [0.02, 0.06],
        &[
            (3.5, 24.0),
            (6.0, 18.0),
            (9.0, 13.6),
            (11.6, 10.0),
            (12.2, 5.8),
            (15.4, 2.4),
            (17.6, -1.6),
            (19.0, -4.4),
        ],
    ),
    ("南湖港", "branch", [0.06, 0.07], &[(19.2, -7.0), (19.0, -9.4), (19.8, -11.6), (20.4, -12.9)]),
    (
        "梅溪",
        "branch",
        [0.02, 0.06],
        &[
            (-27.0, -10.0),
            (-21.0, -9.6),
            (-16.0, -6.4),
            (-10.4, -6.0),
            (-5.0, -7.4),
            (0.4, -5.8),
            (3.4, -3.6),
        ],
    ),
    (
        "茶溪",
        "branch",
        [0.02, 0.06],
        &[
            (-16.0, -21.0),
            (-12.9, -17.6),
            (-8.4, -14.2),
            (-3.4, -11.4),
            (2.0, -12.2),
            (6.2, -9.2),
            (10.0, -7.3),
        ],
    ),
    ("竹溪", "brook", [0.015, 0.04], &[(4.6, -22.0), (8.6, -18.6), (11.6, -16.2), (13.6, -12.0)]),
    (
        "龙潭溪",
        "brook",
        [0.015, 0.045],
        &[(-25.0, -6.5), (-20.0, -3.2), (-16.4, -0.8), (-13.2, 1.8), (-12.4, 5.0)],
    ),
];

impl Land {
    pub(crate) fn make(seed: u64) -> Self {
        let lake = lake(seed);
        let mut rivers: Vec<River> = Vec::new();
        for (i, course) in COURSES.iter().enumerate() {
            rivers.push(river(seed, i, course, &rivers));
        }
        let mut ground: Vec<Ground> = (0..CELLS)
            .map(|c| if in_county(seed, middle(c)) { Ground::Land } else { Ground::Outside })
            .collect();
        wet(&mut ground, &rivers, &lake);
        let water_km = distance_to_water(&rivers, &lake);
        let height_m = (0..CELLS).map(|c| height_m(seed, middle(c), water_km[c])).collect();
        Self { rivers, lake, ground, height_m, water_km, seed }
    }

    pub(crate) fn ground_at(&self, place: Xy) -> Ground {
        self.ground[cell_at(place)]
    }

    pub(crate) fn height_at(&self, place: Xy) -> f64 {
        self.height_m[cell_at(place)]
    }

    /// Whether a place is in the water as drawn.
    pub(crate) fn is_wet(&self, place: Xy) -> bool {
        contains(&self.lake, place) || self.rivers.iter().any(|r| contains(&r.banks, place))
    }

    /// Kilometres to the nearest middle line of a river or shore of the lake, exactly.
    pub(crate) fn to_water_km(&self, place: Xy) -> f64 {
        let shores = self.rivers.iter().map(|r| &r.line).chain([&self.lake]);
        shores
            .flat_map(|line| line.windows(2).map(|s| super::geometry::off_segment(place, s[0], s[1])))
            .fold(f64::INFINITY, f64::min)
    }
}

/// A rounded rectangle with a restless rim.
fn in_county(seed: u64, place: Xy) -> bool {
    let p = place.minus(MIDDLE);
    let (x, y) = (p.x / HALF_WIDTH_KM, p.y / HALF_HEIGHT_KM);
    let rim = (x * x * x.abs() + y * y * y.abs()).sqrt();
    let way = p.direction();
    let coarse = fractal(seed ^ 0x0011, way.x * 2.6 + 5.0, way.y * 2.6, 3);
    let fine = fractal(seed ^ 0x0012, place.x / 5.0, place.y / 5.0, 3);
    let swell = 0.22 * coarse + 0.115 * fine;
    // Capes stay shorter than bays, so that the county keeps within the raster for every seed.
    let within = (2..COLUMNS - 2).contains(&(cell_at(place) % COLUMNS));
    within && rim < 1.0 + if swell > 0.0 { 0.5 * swell } else { swell }
}

fn lake(seed: u64) -> Vec<Xy> {
    const CORNERS: usize = 40;
    let centre = xy(19.2, -5.4);
    let shore = |i: usize| {
        let way = xy(1.0, 0.0).turned(i as f64 * std::f64::consts::TAU / CORNERS as f64);
        let far = 1.0 + 0.42 * fractal(seed ^ 0x0021, way.x * 1.7, way.y * 1.7, 3);
        centre.plus(xy(way.x * 2.7 * far, way.y * 2.0 * far).turned(-0.35))
    };
    curve(&(0..CORNERS).chain([0]).map(shore).collect::<Vec<_>>(), 0.1)
}

fn river(seed: u64, index: usize, (name, class, half_widths, through): &Course, others: &[River]) -> River {
    let mut knots: Vec<Xy> = through.iter().map(|(x, y)| xy(*x, *y)).collect();
    let mouth = knots.len() - 1;
    knots[mouth] = confluence(others, knots[mouth]);
    let line = meander(seed ^ mix(index as u64 + 31), &curve(&knots, 0.3), 0.95, 5.5);
    let line: Vec<Xy> = clip(seed, &curve(&line, 0.07));
    let share = |i: usize| i as f64 / line.len() as f64;
    let half = |i: usize| {
        let ripple = 1.0 + 0.25 * fractal(seed ^ 0x0031, i as f64 / 30.0, index as f64 * 17.0, 3);
        (half_widths[0] + (half_widths[1] - half_widths[0]) * share(i)) * ripple
    };
    River { name, class, banks: ribbon(&line, half), line }
}

/// The place on an older river near the planned mouth; the mouth itself when there is none.
fn confluence(others: &[River], mouth: Xy) -> Xy {
    let places = others.iter().filter_map(|r| nearest_on(&r.line, mouth));
    let nearest = places.min_by(|a, b| mouth.to(*a).total_cmp(&mouth.to(*b)));
    nearest.filter(|p| mouth.to(*p) < 2.0).unwrap_or(mouth)
}

/// Lets a line swing from side to side, by `swing_km` over `stride` points; both ends stay where they are.
pub(crate) fn meander(seed: u64, line: &[Xy], swing_km: f64, stride: f64) -> Vec<Xy> {
    let last = line.len() - 1;
    let swing = |i: usize| {
        let along = line[(i + 1).min(last)].minus(line[i.saturating_sub(1)]).direction();
        let free = (i.min(last - i) as f64 / 6.0).min(1.0);
        line[i].plus(along.left().times(free * swing_km * fractal(seed, i as f64 / stride, 0.5, 2)))
    };
    (0..=last).map(swing).collect()
}

/// The part of a line inside the county.
fn clip(seed: u64, line: &[Xy]) -> Vec<Xy> {
    let first = line.iter().position(|p| in_county(seed, *p)).unwrap_or(0);
    let last = line.iter().rposition(|p| in_county(seed, *p)).unwrap_or(line.len() - 1);
    line[first..=last].to_vec()
}

fn wet(ground: &mut [Ground], rivers: &[River], lake: &[Xy]) {
    for river in rivers {
        let kind = if river.class == "main" { Ground::River } else { Ground::Brook };
        for step in river.line.windows(2) {
            let cell = cell_at(step[0]);
            // The great river is wider than a cell.
            let wide = around(cell, if kind == Ground::River { 8 } else { 0 }).map(|(c, _)| c);
            for cell in wide.chain([cell]) {
                if ground[cell] != Ground::Outside && ground[cell] != Ground::River {
                    ground[cell] = kind;
                }
            }
        }
    }
    for (cell, ground) in ground.iter_mut().enumerate() {
        let place = middle(cell);
        if *ground != Ground::Outside && place.to(lake[0]) < 8.0 && contains(lake, place) {
            *ground = Ground::Lake;
        }
    }
}

fn distance_to_water(rivers: &[River], lake: &[Xy]) -> Vec<f64> {
    let shores = rivers.iter().map(|r| &r.line[..]).chain([lake]);
    let starts: Vec<(usize, f64)> = shores.flatten().map(|p| (cell_at(*p), 0.0)).collect();
    flood(&starts, 16, |_, _| super::grid::CELL_KM, |_| false).0.cost
}

/// Low along the water and around the county town, hills between, mountains at the western rim.
fn height_m(seed: u64, place: Xy, water_km: f64) -> f64 {
    let away = (water_km / VALLEY_KM).min(1.0);
    let west = ((-place.x - 2.0) / 28.0).clamp(0.0, 1.0);
    let rim = (place.minus(MIDDLE).length() / 30.0).min(1.2);
    let hills = 0.5 + 0.5 * fractal(seed ^ 0x0041, place.x / 6.5, place.y / 6.5, 5);
    let town = (place.length() / 5.0).min(1.0);
    40.0 + (0.12 + 0.88 * away) * hills * town * (220.0 + 620.0 * west + 420.0 * rim * rim)
}

/// Contour lines: height in metres and the line, from the heights of every second cell.
pub(crate) fn contours(land: &Land) -> Vec<(u32, Vec<Xy>)> {
    const LEVELS_M: [u32; 14] = [70, 100, 135, 170, 210, 250, 300, 350, 400, 460, 520, 600, 680, 760];
    LEVELS_M
        .iter()
        .flat_map(|level| level_lines(land, f64::from(*level)).into_iter().map(|l| (*level, l)))
        .collect()
}

/// Marching squares: each square gives up to two pieces, which are then joined end to end.
fn level_lines(land: &Land, level_m: f64) -> Vec<Vec<Xy>> {
    use super::grid::ROWS;
    const STEP: usize = 2;
    let mut pieces = Vec::new();
    for row in (0..ROWS - STEP).step_by(STEP) {
        for column in (0..COLUMNS - STEP).step_by(STEP) {
            let corners = [(0, 0), (STEP, 0), (STEP, STEP), (0, STEP)]
                .map(|(dx, dy)| (row + dy) * COLUMNS + column + dx);
            if corners.iter().all(|c| land.ground[*c] != Ground::Outside) {
                pieces.extend(square(land, corners, level_m));
            }
        }
    }
    joined(pieces)
}

/// A crossing of the level with an edge between two cells.
type Edge = (usize, usize);

fn square(land: &Land, corners: [usize; 4], level_m: f64) -> Vec<[(Edge, Xy); 2]> {
    let mut hits = Vec::new();
    for i in 0..4 {
        let (a, b) = (corners[i].min(corners[(i + 1) % 4]), corners[i].max(corners[(i + 1) % 4]));
        let (ha, hb) = (land.height_m[a], land.height_m[b]);
        if (ha < level_m) != (hb < level_m) {
            hits.push(((a, b), middle(a).towards(middle(b), (level_m - ha) / (hb - ha))));
        }
    }
    hits.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect()
}

fn joined(pieces: Vec<[(Edge, Xy); 2]>) -> Vec<Vec<Xy>> {
    use std::collections::BTreeMap;
    let mut at: BTreeMap<Edge, Vec<usize>> = BTreeMap::new();
    for (i, piece) in pieces.iter().enumerate() {
        at.entry(piece[0].0).or_default().push(i);
        at.entry(piece[1].0).or_default().push(i);
    }
    let mut used = vec![false; pieces.len()];
    let mut lines = Vec::new();
    // Open lines first, from their ends; what remains are rings.
    let ends = (0..pieces.len()).filter(|i| pieces[*i].iter().any(|end| at[&end.0].len() == 1));
    for start in ends.chain(0..pieces.len()).collect::<Vec<_>>() {
        if !used[start] {
            lines.push(follow(start, &pieces, &at, &mut used));
        }
    }
    lines
}

fn follow(
    start: usize,
    pieces: &[[(Edge, Xy); 2]],
    at: &std::collections::BTreeMap<Edge, Vec<usize>>,
    used: &mut [bool],
) -> Vec<Xy> {
    let first = usize::from(at[&pieces[start][0].0].len() != 1 && at[&pieces[start][1].0].len() == 1);
    let mut line = vec![pieces[start][first].1];
    let mut ahead = pieces[start][1 - first];
    used[start] = true;
    loop {
        line.push(ahead.1);
        let Some(&next) = at[&ahead.0].iter().find(|i| !used[**i]) else { return line };
        used[next] = true;
        let entered = usize::from(pieces[next][0].0 != ahead.0);
        ahead = pieces[next][1 - entered];
    }
}

/// A place near `wish` that is dry, with some room to the water.
pub(crate) fn dry_place(land: &Land, wish: Xy, room_km: f64, chance: &mut Chance) -> Xy {
    let mut far_km = 0.0;
    loop {
        let place = wish.plus(xy(chance.between(-far_km, far_km), chance.between(-far_km, far_km)));
        if land.to_water_km(place) > room_km && land.ground_at(place) == Ground::Land {
            return place;
        }
        far_km += 0.02;
    }
}
