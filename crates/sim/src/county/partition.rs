//! The county divided among its townships, without gap or overlap.
//!
//! Every township spreads from its seat over the land until it meets its neighbours; hills and the great
//! river slow it down, so borders come to lie on them. Borders are then drawn once, as arcs between the
//! corners where three meet, and shared by both sides: whatever is smoothed stays exactly closed.

use std::collections::BTreeMap;

use super::geometry::{Xy, area_km2, contains, relaxed, simplified, xy};
use super::grid::{CELLS, COLUMNS, around, cell_at, corner, flood, middle};
use super::land::{Ground, Land};
use super::names::TOWNSHIPS;
use crate::chance::fractal;

/// The label of cells outside the county.
const OUTSIDE: u8 = u8::MAX;
/// How far borders may be straightened.
const TOLERANCE_KM: f64 = 0.03;

/// The townships and their rings.
pub(crate) struct Partition {
    /// Township of each cell, or [`OUTSIDE`].
    label: Vec<u8>,
    /// A closed counter-clockwise ring for each township.
    pub(crate) rings: Vec<Vec<Xy>>,
    /// The closed ring of the whole county.
    pub(crate) outline: Vec<Xy>,
    /// Borders between two townships.
    pub(crate) borders: Vec<Vec<Xy>>,
}

impl Partition {
    pub(crate) fn make(land: &Land) -> Self {
        let label = cleaned(spread(land));
        let arcs = arcs(&label);
        let rings = (0..TOWNSHIPS.len() as u8).map(|l| ring(&arcs, l)).collect();
        let inner = arcs.iter().filter(|a| !a.sides.contains(&OUTSIDE));
        Self { rings, outline: ring(&arcs, OUTSIDE), borders: inner.map(|a| a.line.clone()).collect(), label }
    }

    /// The township at a place, as drawn.
    pub(crate) fn township_at(&self, place: Xy) -> Option<usize> {
        let guess = usize::from(self.label[cell_at(place)]);
        if guess < self.rings.len() && contains(&self.rings[guess], place) {
            return Some(guess);
        }
        self.rings.iter().position(|ring| contains(ring, place))
    }

    /// The middles of all cells of a township.
    pub(crate) fn cells_of(&self, township: usize) -> Vec<Xy> {
        (0..CELLS).filter(|c| usize::from(self.label[*c]) == township).map(middle).collect()
    }
}

/// The nearest seat of each cell, where nearness is a walk over the land.
fn spread(land: &Land) -> Vec<u8> {
    let step = |_: usize, to: usize| match land.ground[to] {
        Ground::Outside => f64::INFINITY,
        Ground::River => 4.0,
        Ground::Lake => 2.5,
        _ => {
            let place = middle(to);
            0.55 + land.height_m[to] / 420.0
                + 0.35 * fractal(land.seed ^ 0x51, place.x / 1.6, place.y / 1.6, 3)
        }
    };
    let mut label = vec![OUTSIDE; CELLS];
    let mut best = vec![f64::INFINITY; CELLS];
    for (i, plan) in TOWNSHIPS.iter().enumerate() {
        // The county town is small for its people, and starts a little later.
        let start = (cell_at(xy(plan.seat.0, plan.seat.1)), if i == 0 { 4.0 } else { 0.0 });
        let cost = flood(&[start], 8, step, |_| false).0.cost;
        for cell in 0..CELLS {
            if cost[cell] < best[cell] {
                (best[cell], label[cell]) = (cost[cell], i as u8);
            }
        }
    }
    label
}

/// Every township in one piece, and no two pieces that touch at a corner alone.
fn cleaned(mut label: Vec<u8>) -> Vec<u8> {
    for _ in 0..6 {
        for _ in 0..2 {
            label = voted(&label);
        }
        label = whole(label);
        if !part_corners(&mut label) {
            break;
        }
    }
    label
}

/// Each cell follows its neighbours where most of them agree.
fn voted(label: &[u8]) -> Vec<u8> {
    let vote = |cell: usize| {
        let mut counts: BTreeMap<u8, usize> = BTreeMap::new();
        around(cell, 8).for_each(|(n, _)| *counts.entry(label[n]).or_default() += 1);
        counts.into_iter().find(|(_, n)| *n >= 5).map_or(label[cell], |(l, _)| l)
    };
    (0..label.len()).map(vote).collect()
}

/// Keeps the part around each seat and gives the rest to neighbours.
fn whole(mut label: Vec<u8>) -> Vec<u8> {
    let mut sure = vec![false; CELLS];
    let seats = TOWNSHIPS.iter().map(|p| cell_at(xy(p.seat.0, p.seat.1)));
    for start in seats.chain([0]) {
        let mut open = vec![start];
        sure[start] = true;
        while let Some(cell) = open.pop() {
            for (next, _) in around(cell, 4) {
                if !sure[next] && label[next] == label[cell] {
                    sure[next] = true;
                    open.push(next);
                }
            }
        }
    }
    while let Some(cell) = (0..CELLS).find(|c| !sure[*c] && around(*c, 4).any(|(n, _)| sure[n])) {
        if let Some((next, _)) = around(cell, 4).find(|(n, _)| sure[*n]) {
            label[cell] = label[next];
        }
        sure[cell] = true;
    }
    label
}

/// Parts diagonal neighbours of one township that meet at a corner; says whether there were any.
fn part_corners(label: &mut [u8]) -> bool {
    let mut any = false;
    for cell in 0..CELLS - COLUMNS - 1 {
        let [a, b, c, d] = [cell, cell + 1, cell + COLUMNS, cell + COLUMNS + 1];
        if label[a] == label[d] && label[b] != label[a] && label[c] != label[a] {
            label[b] = label[a];
            any = true;
        } else if label[b] == label[c] && label[a] != label[b] && label[d] != label[b] {
            label[a] = label[b];
            any = true;
        }
    }
    any
}

/// A border between two sides, from corner to corner.
struct Arc {
    sides: [u8; 2],
    ends: [usize; 2],
    line: Vec<Xy>,
}

/// Width of the lattice of cell corners.
const LATTICE: usize = COLUMNS + 1;

fn arcs(label: &[u8]) -> Vec<Arc> {
    let edges = edges(label);
    let is_node = |v: usize| edges[&v].len() != 2;
    let mut used = std::collections::BTreeSet::new();
    let mut arcs = Vec::new();
    let nodes: Vec<usize> = edges.keys().copied().filter(|v| is_node(*v)).collect();
    // A border that meets no third side has no node: it starts anywhere.
    for start in nodes.into_iter().chain(edges.keys().copied()) {
        for &(next, sides) in &edges[&start] {
            if !used.contains(&(start, next)) {
                let corners = walk(&edges, start, next, &is_node);
                used.extend(corners.windows(2).flat_map(|w| [(w[0], w[1]), (w[1], w[0])]));
                arcs.push(drawn(&corners, sides));
            }
        }
    }
    arcs
}

type Edges = BTreeMap<usize, Vec<(usize, [u8; 2])>>;

/// The edges between cells of different label, by corner.
fn edges(label: &[u8]) -> Edges {
    let mut edges = Edges::new();
    let mut add = |a: usize, b: usize, sides: [u8; 2]| {
        edges.entry(a).or_default().push((b, sides));
        edges.entry(b).or_default().push((a, sides));
    };
    for cell in 0..CELLS - COLUMNS {
        let at = cell / COLUMNS * LATTICE + cell % COLUMNS;
        if cell % COLUMNS + 1 < COLUMNS && label[cell] != label[cell + 1] {
            add(at + 1, at + 1 + LATTICE, sorted(label[cell], label[cell + 1]));
        }
        if label[cell] != label[cell + COLUMNS] {
            add(at + LATTICE, at + LATTICE + 1, sorted(label[cell], label[cell + COLUMNS]));
        }
    }
    edges
}

fn sorted(a: u8, b: u8) -> [u8; 2] {
    [a.min(b), a.max(b)]
}

fn walk(edges: &Edges, start: usize, next: usize, is_node: &impl Fn(usize) -> bool) -> Vec<usize> {
    let mut corners = vec![start, next];
    loop {
        let (before, here) = (corners[corners.len() - 2], corners[corners.len() - 1]);
        if is_node(here) || here == start {
            return corners;
        }
        let ahead =
            edges[&here].iter().find(|(v, _)| *v != before).expect("a corner that is no node has two edges");
        corners.push(ahead.0);
    }
}

/// Rounds an arc of lattice steps into a border.
fn drawn(corners: &[usize], sides: [u8; 2]) -> Arc {
    let line: Vec<Xy> = corners.iter().map(|v| corner(v % LATTICE, v / LATTICE)).collect();
    let line = simplified(&relaxed(line, 5), TOLERANCE_KM);
    Arc { sides, ends: [corners[0], corners[corners.len() - 1]], line }
}

/// Joins the arcs of one side into its outer ring, closed and counter-clockwise.
fn ring(arcs: &[Arc], label: u8) -> Vec<Xy> {
    let mut open: Vec<&Arc> = arcs.iter().filter(|a| a.sides.contains(&label)).collect();
    let mut rings = Vec::new();
    while let Some(first) = open.pop() {
        let (mut ring, mut end) = (first.line.clone(), first.ends[1]);
        while end != first.ends[0] {
            let i = open.iter().position(|a| a.ends.contains(&end)).expect("borders of a township close");
            let arc = open.swap_remove(i);
            let forward = arc.ends[0] == end;
            end = arc.ends[usize::from(forward)];
            let line: Vec<Xy> =
                if forward { arc.line.clone() } else { arc.line.iter().rev().copied().collect() };
            ring.extend(&line[1..]);
        }
        rings.push(ring);
    }
    let mut ring = rings
        .into_iter()
        .max_by(|a, b| area_km2(a).abs().total_cmp(&area_km2(b).abs()))
        .expect("every township has land");
    if area_km2(&ring) < 0.0 {
        ring.reverse();
    }
    ring
}
