//! Floor plans (平面图) of the county's buildings: walls, doors, stairs, and where on the plan each point hangs.
//!
//! A plan is drawn as an architect would sketch it for the control room: rooms along a corridor in hotels, schools and
//! wards, an open hall with columns in shops, markets and works, a front room and a few behind it in small places. It holds no
//! words, so that it needs no font; what a place is called stands on the point.

use super::types::{Building, Category, Point, Unit};
use crate::chance::Chance;
use image::{GrayImage, ImageFormat, Luma};
use std::io::Cursor;

/// Width of the picture in pixels.
const WIDTH_PX: u32 = 1_600;
/// Free margin around the building, as a share of its width.
const MARGIN: f64 = 0.04;
/// Widths of an outer and an inner wall, in metres.
const WALLS_M: [f64; 2] = [0.42, 0.2];
/// Width of a door, in metres.
const DOOR_M: f64 = 1.1;
/// Grey of walls, of doors and stairs, of the floor of rooms and of corridors; paper is white.
const INK: Luma<u8> = Luma([52]);
const THIN: Luma<u8> = Luma([150]);
const ROOM: Luma<u8> = Luma([250]);
const WALK: Luma<u8> = Luma([240]);
/// Manual call points, hydrant buttons and sounders hang where people walk.
const ON_THE_WAY: [u8; 4] = [23, 24, 121, 117];

/// A rectangle in metres from the building's left upper corner.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Rect {
    x: f64,
    y: f64,
    w: f64,
    h: f64,
}

/// One floor of a building, laid out.
#[derive(Debug, Clone, PartialEq)]
pub struct FloorPlan {
    width_m: f64,
    depth_m: f64,
    rooms: Vec<Rect>,
    /// Without walls of their own: open floors, and where people walk.
    halls: Vec<Rect>,
    walks: Vec<Rect>,
    stairs: Vec<Rect>,
    columns: Vec<Rect>,
    doors: Vec<Door>,
}

/// A door in a horizontal wall: its left end, and whether it opens downward.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Door {
    x: f64,
    y: f64,
    down: bool,
}

/// How a floor is divided.
enum Manner {
    /// Rooms on both sides of a corridor; metres of a room's width.
    Corridor(f64),
    /// One hall with columns and a few rooms at its end.
    Hall,
    /// A few rooms side by side.
    Small,
}

impl FloorPlan {
    /// Lays out a floor; the same floor of the same county is always laid out the same.
    #[must_use]
    pub fn of(unit: &Unit, building: &Building, floor: i16) -> Self {
        let mut chance = Chance::new(u64::from(building.number), &unit.code);
        let floors = f64::from(building.floors_above + building.floors_below).max(1.0);
        let area_m2 = (f64::from(building.area_m2) / floors).max(60.0);
        let width_m = (area_m2 * chance.between(1.9, 2.6)).sqrt();
        let mut plan = Self::empty(width_m, area_m2 / width_m);
        match manner(unit.category, building, floor) {
            Manner::Corridor(room_m) if plan.depth_m >= 9.0 => plan.corridor(room_m),
            Manner::Hall => plan.hall(&mut chance),
            Manner::Corridor(_) | Manner::Small => plan.small(&mut chance),
        }
        plan
    }

    fn empty(width_m: f64, depth_m: f64) -> Self {
        let none = Vec::new;
        let (rooms, halls, walks) = (none(), none(), none());
        Self { width_m, depth_m, rooms, halls, walks, stairs: none(), columns: none(), doors: vec![] }
    }

    /// Stairs at both ends, a corridor between two rows of rooms.
    fn corridor(&mut self, room_m: f64) {
        let (walk_m, stair_m) =
            ((self.depth_m * 0.16).clamp(1.8, 3.2), (self.width_m * 0.08).clamp(2.6, 4.5));
        let side_m = (self.depth_m - walk_m) / 2.0;
        self.walks.push(Rect { x: 0.0, y: side_m, w: self.width_m, h: walk_m });
        self.stairs.push(Rect { x: 0.0, y: 0.0, w: stair_m, h: side_m });
        self.stairs.push(Rect { x: self.width_m - stair_m, y: side_m + walk_m, w: stair_m, h: side_m });
        self.row([stair_m, self.width_m], [0.0, side_m], room_m, true);
        self.row([0.0, self.width_m - stair_m], [side_m + walk_m, side_m], room_m, false);
    }

    /// Rooms between two ends; their doors lead to the corridor below or above.
    fn row(&mut self, [from, until]: [f64; 2], [y, h]: [f64; 2], room_m: f64, above: bool) {
        let count = ((until - from) / room_m).round().max(1.0);
        let w = (until - from) / count;
        for n in 0..count as u32 {
            let x = from + f64::from(n) * w;
            self.rooms.push(Rect { x, y, w, h });
            // Doors stand in pairs, as wet rooms do.
            let left = if n.is_multiple_of(2) { x + w - DOOR_M - 0.4 } else { x + 0.4 };
            self.doors.push(Door { x: left, y: if above { y + h } else { y }, down: !above });
        }
    }

    /// An open hall with columns; a strip of rooms and the stairs at its back.
    fn hall(&mut self, chance: &mut Chance) {
        let back_m = (self.depth_m * chance.between(0.2, 0.28)).max(3.0);
        let stair_m = (self.width_m * 0.07).clamp(2.4, 5.0);
        let hall = Rect { x: 0.0, y: back_m, w: self.width_m, h: self.depth_m - back_m };
        self.stairs.push(Rect { x: 0.0, y: 0.0, w: stair_m, h: back_m });
        self.stairs.push(Rect { x: self.width_m - stair_m, y: 0.0, w: stair_m, h: back_m });
        self.row([stair_m, self.width_m - stair_m], [0.0, back_m], (self.width_m / 7.0).max(4.0), true);
        self.open(hall);
        let (across, along) = ((hall.w / 8.4).round().max(2.0), (hall.h / 8.4).round().max(1.0));
        for n in 1..across as u32 {
            for m in 0..along as u32 {
                let x = hall.w * f64::from(n) / across - 0.3;
                let y = back_m + hall.h * (f64::from(m) + 0.5) / along - 0.3;
                self.columns.push(Rect { x, y, w: 0.6, h: 0.6 });
            }
        }
    }

    /// A front room and two behind it.
    fn small(&mut self, chance: &mut Chance) {
        let back_m = self.depth_m * chance.between(0.35, 0.45);
        let front = Rect { x: 0.0, y: back_m, w: self.width_m, h: self.depth_m - back_m };
        self.row([0.0, self.width_m], [0.0, back_m], self.width_m / 3.0, true);
        self.open(front);
    }

    /// An open floor, with the way out along its front.
    fn open(&mut self, Rect { x, y, w, h }: Rect) {
        let front_m = h * 0.18;
        self.halls.push(Rect { x, y, w, h: h - front_m });
        self.walks.push(Rect { x, y: y + h - front_m, w, h: front_m });
    }

    /// Where points of this floor hang, in fractions of the picture's width and height, in their order: neighbours in a
    /// zone hang beside each other, call points and buttons where people walk.
    #[must_use]
    pub fn places(&self, points: &[&Point]) -> Vec<[f64; 2]> {
        let (walking, inside): (Vec<usize>, Vec<usize>) =
            (0..points.len()).partition(|n| ON_THE_WAY.contains(&points[*n].component_type));
        let mut places = vec![[0.5, 0.5]; points.len()];
        spread(&self.walks, &walking, |n, at| places[n] = self.share(at));
        let rooms: Vec<Rect> = self.halls.iter().chain(&self.rooms).copied().collect();
        spread(&rooms, &inside, |n, at| places[n] = self.share(at));
        places
    }

    /// Metres as fractions of the picture, to a ten-thousandth.
    fn share(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let margin = self.width_m * MARGIN;
        let of = |metres: f64, whole: f64| (metres + margin) / (whole + 2.0 * margin);
        [of(x, self.width_m), of(y, self.depth_m)].map(|share| (share * 10_000.0).round() / 10_000.0)
    }

    /// The plan as a PNG picture.
    ///
    /// # Errors
    /// When the encoder fails, which it does only without memory.
    pub fn picture(&self) -> Result<Vec<u8>, image::ImageError> {
        let mut bytes = Cursor::new(Vec::new());
        Sheet::of(self).drawn(self).write_to(&mut bytes, ImageFormat::Png)?;
        Ok(bytes.into_inner())
    }
}

fn manner(category: Category, building: &Building, floor: i16) -> Manner {
    let open = floor < 0 || building.used_for.contains("厂房") || building.used_for.contains("仓库");
    match category {
        _ if open => Manner::Hall,
        _ if building.used_for.contains("宿舍") => Manner::Corridor(3.9),
        Category::Hotel | Category::AgedCare | Category::Housing | Category::GuestHouse => {
            Manner::Corridor(4.2)
        }
        Category::School | Category::Kindergarten if !building.name.contains("食堂") => {
            Manner::Corridor(8.6)
        }
        Category::Hospital | Category::Office => Manner::Corridor(5.4),
        Category::Restaurant | Category::Workshop | Category::FillingStation => Manner::Small,
        _ => Manner::Hall,
    }
}

/// Spreads points over rooms by their size, in rows within each room.
fn spread(rooms: &[Rect], points: &[usize], mut put: impl FnMut(usize, [f64; 2])) {
    let all: f64 = rooms.iter().map(|r| r.w * r.h).sum();
    let (mut before, mut begun) = (0.0, 0);
    for room in rooms {
        before += room.w * room.h;
        let end = (points.len() as f64 * before / all).round() as usize;
        let here = &points[begun..end.clamp(begun, points.len())];
        for (n, point) in here.iter().enumerate() {
            put(*point, spot(room, n, here.len()));
        }
        begun += here.len();
    }
}

/// The n-th of so many places in a room, in even rows.
fn spot(room: &Rect, n: usize, count: usize) -> [f64; 2] {
    let columns = ((count as f64 * room.w / room.h).sqrt().ceil() as usize).clamp(1, count);
    let rows = count.div_ceil(columns);
    let (row, column) = (n / columns, n % columns);
    let in_row = if row + 1 == rows { count - row * columns } else { columns };
    let share = |n: usize, of: usize| (n as f64 + 0.5) / of as f64;
    [room.x + room.w * share(column, in_row), room.y + room.h * share(row, rows)]
}

/// The paper: pixels, and how many stand for a metre.
struct Sheet {
    paper: GrayImage,
    per_m: f64,
    margin_m: f64,
}

impl Sheet {
    fn of(plan: &FloorPlan) -> Self {
        let margin_m = plan.width_m * MARGIN;
        let per_m = f64::from(WIDTH_PX) / (plan.width_m + 2.0 * margin_m);
        let height = ((plan.depth_m + 2.0 * margin_m) * per_m).round() as u32;
        Self { paper: GrayImage::from_pixel(WIDTH_PX, height, Luma([255])), per_m, margin_m }
    }

    fn drawn(mut self, plan: &FloorPlan) -> GrayImage {
        plan.rooms.iter().chain(&plan.halls).for_each(|room| self.fill(*room, ROOM));
        plan.walks.iter().for_each(|walk| self.fill(*walk, WALK));
        plan.rooms.iter().chain(&plan.stairs).for_each(|room| self.frame(*room, WALLS_M[1], INK));
        plan.stairs.iter().for_each(|stair| self.steps(*stair));
        plan.columns.iter().for_each(|column| self.fill(*column, INK));
        plan.doors.iter().for_each(|door| self.door(*door));
        let outer = Rect { x: 0.0, y: 0.0, w: plan.width_m, h: plan.depth_m };
        self.frame(outer, WALLS_M[0], INK);
        self.entrance(plan);
        self.paper
    }

    fn px(&self, metres: f64) -> i64 {
        ((metres + self.margin_m) * self.per_m).round() as i64
    }

    fn fill(&mut self, rect: Rect, grey: Luma<u8>) {
        let (left, right) = (self.px(rect.x).max(0), self.px(rect.x + rect.w).min(self.paper.width().into()));
        let (top, bottom) =
            (self.px(rect.y).max(0), self.px(rect.y + rect.h).min(self.paper.height().into()));
        let width = self.paper.width() as usize;
        let pixels: &mut [u8] = &mut self.paper;
        for y in top..bottom {
            let row = y as usize * width;
            pixels[row + left as usize..row + right.max(left) as usize].fill(grey.0[0]);
        }
    }

    /// The four sides of a rectangle, each as thick as a wall.
    fn frame(&mut self, Rect { x, y, w, h }: Rect, thick: f64, grey: Luma<u8>) {
        let half = thick / 2.0;
        for (x, y, w, h) in [(x, y, w, 0.0), (x, y + h, w, 0.0), (x, y, 0.0, h), (x + w, y, 0.0, h)] {
            self.fill(Rect { x: x - half, y: y - half, w: w + thick, h: h + thick }, grey);
        }
    }

    /// Treads across a flight of stairs.
    fn steps(&mut self, stair: Rect) {
        let count = (stair.h / 0.6).floor().max(2.0);
        for n in 1..count as u32 {
            let y = stair.y + stair.h * f64::from(n) / count;
            self.fill(Rect { x: stair.x + 0.2, y, w: stair.w - 0.4, h: 0.06 }, THIN);
        }
        self.fill(
            Rect { x: stair.x + stair.w / 2.0 - 0.06, y: stair.y + 0.5, w: 0.12, h: stair.h - 1.0 },
            THIN,
        );
    }

    /// The way in, at the middle of the front.
    fn entrance(&mut self, plan: &FloorPlan) {
        let w = (plan.width_m * 0.06).clamp(1.2, 3.6);
        let (x, y) = ((plan.width_m - w) / 2.0, plan.depth_m);
        self.fill(Rect { x, y: y - WALLS_M[0], w, h: 2.0 * WALLS_M[0] }, WALK);
        self.fill(Rect { x, y: y - 0.04, w, h: 0.08 }, THIN);
    }

    /// The gap in the wall, the leaf, and the arc that it sweeps.
    fn door(&mut self, Door { x, y, down }: Door) {
        self.fill(Rect { x, y: y - 0.16, w: DOOR_M, h: 0.32 }, WALK);
        let side = if down { 1.0 } else { -1.0 };
        let leaf = if down { y } else { y - DOOR_M };
        self.fill(Rect { x, y: leaf, w: 0.07, h: DOOR_M }, THIN);
        for n in 0..=60 {
            let angle = f64::from(n) * std::f64::consts::FRAC_PI_2 / 60.0;
            let (across, along) = (DOOR_M * libm::cos(angle), DOOR_M * libm::sin(angle) * side);
            self.fill(Rect { x: x + across, y: y + along, w: 0.05, h: 0.05 }, THIN);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::generate;
    use super::*;

    fn floor<'a>(unit: &'a Unit, points: &'a [Point], floor: i16) -> (FloorPlan, Vec<&'a Point>) {
        let building = &unit.buildings[0];
        let here = points.iter().filter(|p| p.building == building.number && p.floor == floor).collect();
        (FloorPlan::of(unit, building, floor), here)
    }

    #[test]
    fn every_point_hangs_inside_the_walls_and_no_two_in_the_same_spot() {
        let county = generate(1);
        for terminal in county.terminals.iter().take(120) {
            let unit = county.units.iter().find(|u| u.code == terminal.unit).expect("its unit is there");
            let (plan, points) = floor(unit, &terminal.points, 1);
            let places = plan.places(&points);
            assert!(places.iter().flatten().all(|share| (0.02..0.98).contains(share)), "{places:?}");
            let spots: std::collections::BTreeSet<_> =
                places.iter().map(|[x, y]| ((x * 10_000.0) as i64, (y * 10_000.0) as i64)).collect();
            assert!(
                spots.len() * 10 >= places.len() * 9,
                "{}: {} of {}",
                unit.name,
                spots.len(),
                places.len()
            );
        }
    }

    #[test]
    fn a_plan_is_the_same_each_time_and_a_picture_that_can_be_read() {
        let county = generate(1);
        let hotel = county.units.iter().find(|u| u.category == Category::Hotel).expect("there are hotels");
        let (one, two) = (floor(hotel, &[], 1).0, floor(hotel, &[], 1).0);
        assert_eq!(one, two);
        let bytes = one.picture().expect("it is drawn");
        let read = image::load_from_memory(&bytes).expect("it is a picture");
        assert_eq!(read.width(), WIDTH_PX);
        assert!(bytes.len() < 200_000, "{} bytes", bytes.len());
    }
}
