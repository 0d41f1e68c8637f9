//! A raster over the county for everything that spreads: water, townships, roads.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::geometry::{Xy, xy};

/// Width of a cell.
pub(crate) const CELL_KM: f64 = 0.2;
/// Cells from west to east.
pub(crate) const COLUMNS: usize = 340;
/// Cells from south to north.
pub(crate) const ROWS: usize = 280;
/// All cells.
pub(crate) const CELLS: usize = COLUMNS * ROWS;

/// The eight neighbours, then the eight knight's moves that let a road run less crookedly.
const MOVES: [(i32, i32); 16] = [
    (1, 0),
    (0, 1),
    (-1, 0),
    (0, -1),
    (1, 1),
    (-1, 1),
    (-1, -1),
    (1, -1),
    (2, 1),
    (1, 2),
    (-1, 2),
    (-2, 1),
    (-2, -1),
    (-1, -2),
    (1, -2),
    (2, -1),
];

/// The middle of a cell.
pub(crate) fn middle(cell: usize) -> Xy {
    corner(cell % COLUMNS, cell / COLUMNS).plus(xy(CELL_KM / 2.0, CELL_KM / 2.0))
}

/// The lower left corner of a cell.
pub(crate) fn corner(column: usize, row: usize) -> Xy {
    xy((column as f64 - COLUMNS as f64 / 2.0) * CELL_KM, (row as f64 - ROWS as f64 / 2.0) * CELL_KM)
}

/// The cell of a place; places outside get the nearest cell of the rim.
pub(crate) fn cell_at(place: Xy) -> usize {
    let index =
        |km: f64, count: usize| (km / CELL_KM + count as f64 / 2.0).floor().clamp(0.0, count as f64 - 1.0);
    index(place.y, ROWS) as usize * COLUMNS + index(place.x, COLUMNS) as usize
}

/// Neighbours with their distance in cells. `reach` is 4, 8 or 16.
pub(crate) fn around(cell: usize, reach: usize) -> impl Iterator<Item = (usize, f64)> {
    let (column, row) = ((cell % COLUMNS) as i32, (cell / COLUMNS) as i32);
    MOVES[..reach].iter().filter_map(move |(dx, dy)| {
        let (x, y) = (column + dx, row + dy);
        let inside = (0..COLUMNS as i32).contains(&x) && (0..ROWS as i32).contains(&y);
        inside.then(|| (y as usize * COLUMNS + x as usize, f64::from(dx * dx + dy * dy).sqrt()))
    })
}

/// How far and from where everything was reached.
pub(crate) struct Flood {
    /// Cost from the nearest start, infinite where it never came.
    pub(crate) cost: Vec<f64>,
    /// The cell before this one.
    from: Vec<usize>,
}

impl Flood {
    /// The way back to a start, ends included, from the start to `cell`.
    pub(crate) fn path_to(&self, cell: usize) -> Vec<usize> {
        let mut path = vec![cell];
        let mut here = cell;
        while self.from[here] != here {
            here = self.from[here];
            path.push(here);
        }
        path.reverse();
        path
    }
}

/// Spreads from the starts by least cost (Dijkstra) until `done` says so of a settled cell, which is
/// returned. `step` gives the cost of one cell's length; infinite bars the way.
pub(crate) fn flood(
    starts: &[(usize, f64)],
    reach: usize,
    step: impl Fn(usize, usize) -> f64,
    mut done: impl FnMut(usize) -> bool,
) -> (Flood, Option<usize>) {
    let mut flood = Flood { cost: vec![f64::INFINITY; CELLS], from: (0..CELLS).collect() };
    let mut open = BinaryHeap::new();
    for &(cell, cost) in starts {
        flood.cost[cell] = cost;
        open.push(Reverse((key(cost), cell)));
    }
    while let Some(Reverse((at, cell))) = open.pop() {
        if at != key(flood.cost[cell]) {
            continue;
        }
        if done(cell) {
            return (flood, Some(cell));
        }
        for (next, cells) in around(cell, reach) {
            let cost = flood.cost[cell] + cells * step(cell, next);
            if cost < flood.cost[next] {
                flood.cost[next] = cost;
                flood.from[next] = cell;
                open.push(Reverse((key(cost), next)));
            }
        }
    }
    (flood, None)
}

/// A cost as an integer, so that the heap has an order: non-negative floats sort like their bits.
fn key(cost: f64) -> u64 {
    cost.to_bits()
}
