//! Geometry on a plane of kilometres, east and north of the county town, and its way to degrees.

use super::types::Position;

/// Longitude of the county town.
const ORIGIN_LON: f64 = 117.3;
/// Latitude of the county town.
const ORIGIN_LAT: f64 = 29.1;
/// Kilometres in a degree of longitude at that latitude.
const KM_PER_DEGREE_EAST: f64 = 97.26;
/// Kilometres in a degree of latitude.
const KM_PER_DEGREE_NORTH: f64 = 110.85;

/// A place or a vector in kilometres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Xy {
    pub(crate) x: f64,
    pub(crate) y: f64,
}

pub(crate) const fn xy(x: f64, y: f64) -> Xy {
    Xy { x, y }
}

impl Xy {
    pub(crate) fn plus(self, other: Xy) -> Xy {
        xy(self.x + other.x, self.y + other.y)
    }

    pub(crate) fn minus(self, other: Xy) -> Xy {
        xy(self.x - other.x, self.y - other.y)
    }

    pub(crate) fn times(self, factor: f64) -> Xy {
        xy(self.x * factor, self.y * factor)
    }

    pub(crate) fn length(self) -> f64 {
        (self.x * self.x + self.y * self.y).sqrt()
    }

    pub(crate) fn to(self, other: Xy) -> f64 {
        other.minus(self).length()
    }

    pub(crate) fn towards(self, other: Xy, share: f64) -> Xy {
        self.plus(other.minus(self).times(share))
    }

    /// The same direction with length one; zero stays zero.
    pub(crate) fn direction(self) -> Xy {
        let length = self.length();
        if length == 0.0 { self } else { self.times(1.0 / length) }
    }

    /// Turned left by a right angle.
    pub(crate) fn left(self) -> Xy {
        xy(-self.y, self.x)
    }

    /// Turned left by an angle.
    pub(crate) fn turned(self, radians: f64) -> Xy {
        let (sin, cos) = (libm::sin(radians), libm::cos(radians));
        xy(self.x * cos - self.y * sin, self.x * sin + self.y * cos)
    }

    pub(crate) fn position(self) -> Position {
        Position {
            lon: rounded(ORIGIN_LON + self.x / KM_PER_DEGREE_EAST),
            lat: rounded(ORIGIN_LAT + self.y / KM_PER_DEGREE_NORTH),
        }
    }
}

fn rounded(degrees: f64) -> f64 {
    (degrees * 1e5).round() / 1e5
}

/// A curve through these points (Catmull–Rom), in pieces of about `step_km`.
pub(crate) fn curve(through: &[Xy], step_km: f64) -> Vec<Xy> {
    let last = through.len() - 1;
    let mut line = Vec::new();
    for i in 0..last {
        let [a, b, c, d] =
            [through[i.saturating_sub(1)], through[i], through[i + 1], through[(i + 2).min(last)]];
        let pieces = (b.to(c) / step_km).ceil().max(1.0);
        line.extend((0..pieces as usize).map(|k| between_knots([a, b, c, d], k as f64 / pieces)));
    }
    line.push(through[last]);
    line
}

fn between_knots([a, b, c, d]: [Xy; 4], t: f64) -> Xy {
    let (t2, t3) = (t * t, t * t * t);
    let weights = [-t3 + 2.0 * t2 - t, 3.0 * t3 - 5.0 * t2 + 2.0, -3.0 * t3 + 4.0 * t2 + t, t3 - t2];
    let sum =
        a.times(weights[0]).plus(b.times(weights[1])).plus(c.times(weights[2])).plus(d.times(weights[3]));
    sum.times(0.5)
}

/// Pulls each inner point towards the middle of its neighbours; the ends stay.
pub(crate) fn relaxed(mut line: Vec<Xy>, rounds: usize) -> Vec<Xy> {
    for _ in 0..rounds {
        let before = line.clone();
        for i in 1..line.len().saturating_sub(1) {
            line[i] = before[i].towards(before[i - 1].towards(before[i + 1], 0.5), 0.5);
        }
    }
    line
}

/// Drops the points that a straight line misses by less than `tolerance_km` (Douglas–Peucker).
pub(crate) fn simplified(line: &[Xy], tolerance_km: f64) -> Vec<Xy> {
    let mut keep = vec![false; line.len()];
    let mut open = vec![(0, line.len() - 1)];
    keep[0] = true;
    keep[line.len() - 1] = true;
    while let Some((from, to)) = open.pop() {
        let far = (from + 1..to)
            .map(|i| (i, off_segment(line[i], line[from], line[to])))
            .fold((from, tolerance_km), |best, here| if here.1 > best.1 { here } else { best });
        if far.0 != from {
            keep[far.0] = true;
            open.extend([(from, far.0), (far.0, to)]);
        }
    }
    line.iter().zip(keep).filter_map(|(p, k)| k.then_some(*p)).collect()
}

/// Distance of a point from a segment.
pub(crate) fn off_segment(p: Xy, a: Xy, b: Xy) -> f64 {
    p.to(nearest_on_segment(p, a, b))
}

fn nearest_on_segment(p: Xy, a: Xy, b: Xy) -> Xy {
    let (ab, ap) = (b.minus(a), p.minus(a));
    let square = ab.x * ab.x + ab.y * ab.y;
    if square == 0.0 {
        return a;
    }
    a.towards(b, ((ap.x * ab.x + ap.y * ab.y) / square).clamp(0.0, 1.0))
}

/// The nearest place on a line; `None` for a line of fewer than two points.
pub(crate) fn nearest_on(line: &[Xy], p: Xy) -> Option<Xy> {
    line.windows(2).map(|s| nearest_on_segment(p, s[0], s[1])).min_by(|a, b| p.to(*a).total_cmp(&p.to(*b)))
}

/// Whether a ring (open or closed) contains the point.
pub(crate) fn contains(ring: &[Xy], p: Xy) -> bool {
    let mut inside = false;
    let mut b = ring[ring.len() - 1];
    for &a in ring {
        if (a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x {
            inside = !inside;
        }
        b = a;
    }
    inside
}

/// Signed area of a ring in square kilometres, positive when it runs counter-clockwise.
pub(crate) fn area_km2(ring: &[Xy]) -> f64 {
    let mut b = ring[ring.len() - 1];
    let mut sum = 0.0;
    for &a in ring {
        sum += b.x * a.y - a.x * b.y;
        b = a;
    }
    sum / 2.0
}

/// A ribbon along a line; `half_width_km` is asked at each point's index.
pub(crate) fn ribbon(line: &[Xy], half_width_km: impl Fn(usize) -> f64) -> Vec<Xy> {
    let side = |sign: f64| {
        let half_width_km = &half_width_km;
        (0..line.len()).map(move |i| {
            let along = line[(i + 1).min(line.len() - 1)].minus(line[i.saturating_sub(1)]).direction();
            line[i].plus(along.left().times(sign * half_width_km(i)))
        })
    };
    let mut ring: Vec<Xy> = side(-1.0).collect();
    ring.extend(side(1.0).rev());
    ring
}

/// Whether two segments cross.
pub(crate) fn cross(a: Xy, b: Xy, c: Xy, d: Xy) -> bool {
    let turn = |p: Xy, q: Xy, r: Xy| (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x);
    turn(a, b, c) * turn(a, b, d) < 0.0 && turn(c, d, a) * turn(c, d, b) < 0.0
}
