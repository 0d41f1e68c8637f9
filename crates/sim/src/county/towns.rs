//! Towns with their streets and buildings, and villages: where people live.

use super::geometry::{Xy, contains, cross, xy};
use super::grid::cell_at;
use super::land::{Ground, Land, dry_place};
use super::names::{AVENUES, CROSS_STREETS, TOWN_COMMUNITIES, TOWNSHIPS, VILLAGE_HEADS, VILLAGE_TAILS};
use super::partition::Partition;
use super::types::VillageKind;
use crate::chance::{Chance, fractal};

/// No street of a town has a longer bridge.
const LONGEST_BRIDGE_KM: f64 = 0.6;

/// Rank of a street.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum StreetClass {
    Lane,
    Street,
    Main,
}

/// A street of a town.
pub(crate) struct Street {
    pub(crate) class: StreetClass,
    pub(crate) name: &'static str,
    pub(crate) line: Vec<Xy>,
}

/// A building lot between streets.
pub(crate) struct Lot {
    pub(crate) ring: Vec<Xy>,
    pub(crate) middle: Xy,
    /// The named street it stands at.
    pub(crate) street: &'static str,
}

/// A town: the county town or the seat of a township.
pub(crate) struct Town {
    pub(crate) centre: Xy,
    pub(crate) streets: Vec<Street>,
    pub(crate) lots: Vec<Lot>,
    /// Ends of main streets, where roads arrive.
    pub(crate) gates: Vec<Xy>,
    half_width_km: f64,
    half_height_km: f64,
    turn: f64,
}

impl Town {
    /// Whether a place lies inside the built-up ellipse, widened by a factor.
    pub(crate) fn covers(&self, place: Xy, factor: f64) -> bool {
        let p = place.minus(self.centre).turned(-self.turn);
        let (x, y) = (p.x / (self.half_width_km * factor), p.y / (self.half_height_km * factor));
        x * x + y * y < 1.0
    }
}

/// Plans all towns, in the order of the townships.
pub(crate) fn make(land: &Land, seed: u64) -> Vec<Town> {
    let mut chance = Chance::new(seed, "towns");
    TOWNSHIPS
        .iter()
        .enumerate()
        .map(|(i, plan)| town(land, i, xy(plan.seat.0, plan.seat.1), &mut chance))
        .collect()
}

fn town(land: &Land, index: usize, wish: Xy, chance: &mut Chance) -> Town {
    let county_town = index == 0;
    let centre = if county_town { wish } else { dry_place(land, wish, 0.45, chance) };
    let size = if county_town { 2.3 } else { chance.between(0.58, 0.92) };
    let mut town = Town {
        centre,
        streets: Vec::new(),
        lots: Vec::new(),
        gates: Vec::new(),
        half_width_km: size,
        half_height_km: size * chance.between(0.72, 0.86),
        turn: if county_town { 0.14 } else { chance.between(-0.6, 0.6) },
    };
    let mesh = Mesh::lay(&town, land, county_town, chance);
    town.streets = mesh.streets(land, chance);
    town.lots = mesh.lots(land, chance);
    town.gates = mesh.gates();
    town
}

/// The crooked net of streets: crossings by column and row.
struct Mesh {
    columns: usize,
    rows: usize,
    crossings: Vec<Xy>,
    inside: Vec<bool>,
    county_town: bool,
}

impl Mesh {
    fn lay(town: &Town, land: &Land, county_town: bool, chance: &mut Chance) -> Self {
        let (wide, deep) = if county_town { (0.2, 0.145) } else { (0.15, 0.11) };
        let xs = ticks(town.half_width_km * 1.15, wide, chance);
        let ys = ticks(town.half_height_km * 1.15, deep, chance);
        let crossings: Vec<Xy> = ys
            .iter()
            .flat_map(|y| xs.iter().map(move |x| xy(*x, *y)))
            .map(|p| bent(town, land.seed, p))
            .collect();
        let inside = crossings
            .iter()
            .map(|p| {
                let rim = 1.0 + 0.2 * fractal(land.seed ^ 0x61, p.x / 0.9, p.y / 0.9, 2);
                town.covers(*p, rim) && land.ground_at(*p) != Ground::Outside && !land.is_wet(*p)
            })
            .collect();
        Self { columns: xs.len(), rows: ys.len(), crossings, inside, county_town }
    }

    fn at(&self, column: usize, row: usize) -> usize {
        row * self.columns + column
    }

    /// Rank of the line with this index among `count` lines.
    fn class(&self, index: usize, count: usize) -> StreetClass {
        let from_middle = index.abs_diff(count / 2);
        let (main, street) = if self.county_town { (4, 2) } else { (99, 2) };
        match from_middle {
            n if n % main == 0 => StreetClass::Main,
            n if n % street == 0 => StreetClass::Street,
            _ => StreetClass::Lane,
        }
    }

    /// All lines of the net: the crossings along each, its class and name.
    fn lines(&self) -> Vec<(Vec<usize>, StreetClass, &'static str)> {
        let down = (0..self.columns).map(|c| {
            let class = self.class(c, self.columns);
            (
                (0..self.rows).map(|r| self.at(c, r)).collect(),
                class,
                self.name(c, self.columns, class, &AVENUES),
            )
        });
        let across = (0..self.rows).map(|r| {
            let class = self.class(r, self.rows);
            (
                (0..self.columns).map(|c| self.at(c, r)).collect(),
                class,
                self.name(r, self.rows, class, &CROSS_STREETS),
            )
        });
        down.chain(across).collect()
    }

    fn name(&self, index: usize, count: usize, class: StreetClass, names: &[&'static str]) -> &'static str {
        let (middle, every) = (count / 2, if self.county_town { 4 } else { 1 });
        let place = (names.len() / 2 + index / every).checked_sub(middle / every);
        match (self.county_town, class) {
            (true, StreetClass::Main) => place.and_then(|i| names.get(i)).copied().unwrap_or(""),
            (false, StreetClass::Main) => {
                if names[0] == AVENUES[0] {
                    "老街"
                } else {
                    "兴镇路"
                }
            }
            _ => "",
        }
    }

    fn streets(&self, land: &Land, chance: &mut Chance) -> Vec<Street> {
        let mut streets = Vec::new();
        for (mut along, class, name) in self.lines() {
            if class == StreetClass::Main {
                // A crossing in the water is no crossing: the bridge spans it.
                along.retain(|i| self.inside[*i]);
            }
            let mut line: Vec<Xy> = Vec::new();
            for pair in along.windows(2) {
                if self.joins(land, pair, class, chance) {
                    if line.is_empty() {
                        line.push(self.crossings[pair[0]]);
                    }
                    line.push(self.crossings[pair[1]]);
                } else if line.len() > 1 {
                    streets.push(Street { class, name, line: std::mem::take(&mut line) });
                }
            }
            if line.len() > 1 {
                streets.push(Street { class, name, line });
            }
        }
        streets
    }

    /// Whether a street runs between two crossings. Only main streets have bridges; some lanes are missing.
    fn joins(&self, land: &Land, pair: &[usize], class: StreetClass, chance: &mut Chance) -> bool {
        let [a, b] = [pair[0], pair[1]];
        let kept = class != StreetClass::Lane || chance.happens(0.74);
        let (p, q) = (self.crossings[a], self.crossings[b]);
        let passable =
            if class == StreetClass::Main { p.to(q) < LONGEST_BRIDGE_KM } else { !over_water(land, p, q) };
        self.inside[a] && self.inside[b] && kept && passable
    }

    fn gates(&self) -> Vec<Xy> {
        let ends = |along: &[usize]| {
            let dry: Vec<usize> = along.iter().copied().filter(|i| self.inside[*i]).collect();
            [dry.first().copied(), dry.last().copied()]
        };
        let mains = self.lines().into_iter().filter(|(_, class, _)| *class == StreetClass::Main);
        mains.flat_map(|(along, ..)| ends(&along)).flatten().map(|i| self.crossings[i]).collect()
    }

    fn lots(&self, land: &Land, chance: &mut Chance) -> Vec<Lot> {
        let mut lots = Vec::new();
        for row in 0..self.rows - 1 {
            for column in 0..self.columns - 1 {
                let corners = [(0, 0), (1, 0), (1, 1), (0, 1)].map(|(c, r)| self.at(column + c, row + r));
                if corners.iter().all(|i| self.inside[*i]) {
                    let street = self.street_beside(column, row);
                    lots.extend(block(land, corners.map(|i| self.crossings[i]), street, chance));
                }
            }
        }
        lots
    }

    /// The name of the nearest named street around a block.
    fn street_beside(&self, column: usize, row: usize) -> &'static str {
        let near = |index: usize, count: usize, names: &[&'static str]| {
            let mut best = "";
            for far in (0..4).rev() {
                for i in [index.checked_sub(far), Some(index + 1 + far)].into_iter().flatten() {
                    let found = self.name(i, count, self.class(i, count), names);
                    best = if found.is_empty() { best } else { found };
                }
            }
            best
        };
        let across = near(row, self.rows, &CROSS_STREETS);
        if column.is_multiple_of(3) || across.is_empty() {
            near(column, self.columns, &AVENUES)
        } else {
            across
        }
    }
}

/// Distances of lines from the middle, a little uneven, an odd number of them.
fn ticks(half_km: f64, every_km: f64, chance: &mut Chance) -> Vec<f64> {
    let half = (half_km / every_km) as i32;
    (-half..=half).map(|i| f64::from(i) * every_km + chance.between(-0.16, 0.16) * every_km).collect()
}

/// A town is never quite rectangular.
fn bent(town: &Town, seed: u64, p: Xy) -> Xy {
    let place = town.centre.plus(p.turned(town.turn));
    let bend = |salt: u64| 0.16 * fractal(seed ^ salt, place.x / 1.7, place.y / 1.7, 2);
    place.plus(xy(bend(0x62), bend(0x63)))
}

fn over_water(land: &Land, p: Xy, q: Xy) -> bool {
    land.rivers.iter().any(|r| r.line.windows(2).any(|s| cross(p, q, s[0], s[1])))
}

/// The buildings of one block: two rows along its length, some of them missing.
fn block(land: &Land, corners: [Xy; 4], street: &'static str, chance: &mut Chance) -> Vec<Lot> {
    let inside =
        |u: f64, v: f64| corners[0].towards(corners[1], u).towards(corners[3].towards(corners[2], u), v);
    let (across, down) = (chance.whole(2, 4), chance.whole(1, 3));
    let mut lots = Vec::new();
    for i in 0..across {
        for j in 0..down {
            let span = |k: usize, of: usize, chance: &mut Chance| {
                let (from, to) = (k as f64 / of as f64, (k + 1) as f64 / of as f64);
                let at = |share: f64| 0.1 + 0.8 * (from + (to - from) * share);
                (at(chance.between(0.06, 0.22)), at(chance.between(0.74, 0.94)))
            };
            let ((u0, u1), (v0, v1)) = (span(i, across, chance), span(j, down, chance));
            let middle = inside((u0 + u1) / 2.0, (v0 + v1) / 2.0);
            if chance.happens(0.84)
                && !land.is_wet(middle)
                && !land.is_wet(inside(u0, v0))
                && !land.is_wet(inside(u1, v1))
            {
                lots.push(Lot { ring: footprint([u0, u1, v0, v1], &inside, chance), middle, street });
            }
        }
    }
    lots
}

/// A rectangle, or an L where the building is large.
fn footprint([u0, u1, v0, v1]: [f64; 4], inside: &impl Fn(f64, f64) -> Xy, chance: &mut Chance) -> Vec<Xy> {
    let (um, vm) = (u0 + (u1 - u0) * chance.between(0.4, 0.6), v0 + (v1 - v0) * chance.between(0.4, 0.6));
    let corners: &[(f64, f64)] = if chance.happens(0.28) {
        &[(u0, v0), (u1, v0), (u1, vm), (um, vm), (um, v1), (u0, v1), (u0, v0)]
    } else {
        &[(u0, v0), (u1, v0), (u1, v1), (u0, v1), (u0, v0)]
    };
    corners.iter().map(|(u, v)| inside(*u, *v)).collect()
}

/// A village or community as a place.
pub(crate) struct Settlement {
    pub(crate) name: String,
    pub(crate) kind: VillageKind,
    /// Index of its township.
    pub(crate) township: usize,
    /// Number within township and kind, from 1.
    pub(crate) number: usize,
    pub(crate) centre: Xy,
    /// Houses of a village; communities use the lots of their town.
    pub(crate) houses: Vec<Lot>,
}

/// Places communities in the towns and villages over the land.
pub(crate) fn settle(land: &Land, partition: &Partition, towns: &[Town], seed: u64) -> Vec<Settlement> {
    let mut chance = Chance::new(seed, "settlements");
    let mut names = village_names(&mut chance);
    let mut all: Vec<Settlement> = Vec::new();
    for (i, plan) in TOWNSHIPS.iter().enumerate() {
        let in_town: Vec<Xy> =
            towns[i].lots.iter().map(|l| l.middle).filter(|p| partition.township_at(*p) == Some(i)).collect();
        let centres =
            if i == 0 { quarters(&in_town) } else { scattered(&in_town, plan.communities, &[], &mut chance) };
        all.extend(centres.into_iter().enumerate().map(|(n, centre)| community(i, n, centre)));
        let open: Vec<Xy> =
            partition.cells_of(i).into_iter().filter(|p| habitable(land, partition, towns, i, *p)).collect();
        let centres = scattered(&open, plan.villages, &[towns[i].centre], &mut chance);
        for (n, centre) in centres.into_iter().enumerate() {
            let name = names.pop().unwrap_or_else(|| format!("{}第{}村", plan.name, n + 1));
            all.push(village(land, i, n, name, centre, &mut chance));
        }
    }
    all
}

/// The quarters of the county town, each at the building nearest to where its name belongs.
fn quarters(buildings: &[Xy]) -> Vec<Xy> {
    let nearest = |wish: Xy| buildings.iter().copied().min_by(|a, b| a.to(wish).total_cmp(&b.to(wish)));
    TOWN_COMMUNITIES.iter().filter_map(|(_, x, y)| nearest(xy(*x, *y))).collect()
}

fn community(township: usize, n: usize, centre: Xy) -> Settlement {
    const ELSEWHERE: [&str; 4] = ["老街社区", "新街社区", "河东社区", "集镇社区"];
    let name = if township == 0 {
        format!("{}社区", TOWN_COMMUNITIES[n].0)
    } else {
        let township: String = TOWNSHIPS[township].name.chars().take(2).collect();
        format!("{township}{}", ELSEWHERE[n % ELSEWHERE.len()])
    };
    Settlement { name, kind: VillageKind::Community, township, number: n + 1, centre, houses: Vec::new() }
}

fn village(
    land: &Land,
    township: usize,
    n: usize,
    name: String,
    centre: Xy,
    chance: &mut Chance,
) -> Settlement {
    let houses = houses(land, centre, chance);
    Settlement { name, kind: VillageKind::Village, township, number: n + 1, centre, houses }
}

/// Every combination of head and tail once, in random order; taken from the end.
fn village_names(chance: &mut Chance) -> Vec<String> {
    let mut names: Vec<String> =
        VILLAGE_HEADS.iter().flat_map(|h| VILLAGE_TAILS.iter().map(move |t| format!("{h}{t}村"))).collect();
    // Townships have their own names; a village of the same name would confuse.
    names.retain(|n| !TOWNSHIPS.iter().any(|t| t.name.chars().take(2).eq(n.chars().take(2))));
    chance.shuffle(&mut names);
    names
}

/// Land where a village may stand: dry, not too high, off the border, outside the town.
fn habitable(land: &Land, partition: &Partition, towns: &[Town], township: usize, place: Xy) -> bool {
    let dry = land.water_km[cell_at(place)] > 0.45;
    let off_town = !towns[township].covers(place, 1.35);
    let within = [(0.35, 0.0), (-0.35, 0.0), (0.0, 0.35), (0.0, -0.35)]
        .iter()
        .all(|(dx, dy)| contains(&partition.rings[township], place.plus(xy(*dx, *dy))));
    dry && off_town && within && land.height_at(place) < 460.0
}

/// Chooses `count` of these places, well spread (each the best of several candidates).
fn scattered(places: &[Xy], count: usize, taken: &[Xy], chance: &mut Chance) -> Vec<Xy> {
    let mut chosen: Vec<Xy> = taken.to_vec();
    for _ in 0..count {
        let room = |p: &Xy| chosen.iter().map(|c| c.to(*p)).fold(99.0, f64::min);
        let candidates: Vec<Xy> = (0..9).map(|_| *chance.pick(places)).collect();
        let best = candidates.into_iter().max_by(|a, b| room(a).total_cmp(&room(b)));
        chosen.extend(best);
    }
    chosen.split_off(taken.len())
}

/// A loose cluster of farmhouses.
fn houses(land: &Land, centre: Xy, chance: &mut Chance) -> Vec<Lot> {
    let turn = chance.between(-0.7, 0.7);
    let count = chance.whole(5, 10);
    let mut lots = Vec::new();
    for _ in 0..count {
        let off = xy(chance.between(-0.15, 0.15), chance.between(-0.1, 0.1)).turned(turn);
        let (half_x, half_y) = (chance.between(0.011, 0.022), chance.between(0.006, 0.01));
        let middle = centre.plus(off);
        let ring = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0), (-1.0, -1.0)]
            .map(|(x, y)| middle.plus(xy(x * half_x, y * half_y).turned(turn)));
        let apart = lots.iter().all(|l: &Lot| l.middle.to(middle) > 0.045);
        if apart && !land.is_wet(middle) {
            lots.push(Lot { ring: ring.to_vec(), middle, street: "" });
        }
    }
    lots
}
