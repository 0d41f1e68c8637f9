//! Drawn pictures (示例照片) in place of the photos that inspectors take: a corridor, a door, a yard, with what was found
//! there or with it mended. They hold no words, and nobody could take them for photos of a real place.

use crate::chance::Chance;
use image::{ImageFormat, Rgb, RgbImage};
use std::io::Cursor;

/// Size of a picture in pixels.
const SIZE_PX: [u32; 2] = [480, 360];
/// How much neighbouring pixels differ, of 255.
const GRAIN: f64 = 9.0;
/// Strength of the light that falls off towards the edges.
const SHADE: f64 = 0.35;

type Colour = [u8; 3];

const PLASTER: Colour = [214, 208, 196];
const CONCRETE: Colour = [150, 148, 142];
const TILE: Colour = [176, 160, 138];
const STEEL: Colour = [120, 128, 132];
const WOOD: Colour = [142, 98, 58];
const CARDBOARD: Colour = [188, 148, 96];
const RED: Colour = [186, 40, 34];
const GREEN: Colour = [40, 138, 84];
const DARK: Colour = [46, 46, 48];
const PAPER: Colour = [246, 244, 236];
const ASPHALT: Colour = [84, 86, 90];
const SKY: Colour = [190, 208, 222];
const YELLOW: Colour = [226, 186, 50];

/// Where a picture was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ground {
    /// Along a corridor.
    Corridor,
    /// Before a wall.
    Wall,
    /// In the open.
    Yard,
    /// A sheet of paper.
    Sheet,
}

/// A rectangle of one colour: left, top, width, height.
type Thing = ([u32; 4], Colour);

/// A picture that can be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    ground: Ground,
    things: Vec<Thing>,
    name: String,
}

/// The pictures by what they show.
const SCENES: [(&str, Ground, &[Thing]); 19] = [
    ("走道", Ground::Corridor, &[([222, 120, 36, 60], WOOD), ([206, 96, 22, 8], GREEN)]),
    (
        "走道堆物",
        Ground::Corridor,
        &[
            ([60, 210, 110, 120], CARDBOARD),
            ([90, 150, 80, 60], CARDBOARD),
            ([180, 190, 60, 80], WOOD),
            ([300, 230, 90, 100], CARDBOARD),
        ],
    ),
    (
        "防火门",
        Ground::Wall,
        &[
            ([130, 60, 220, 280], STEEL),
            ([238, 60, 4, 280], DARK),
            ([222, 190, 12, 30], DARK),
            ([160, 80, 50, 14], RED),
        ],
    ),
    (
        "防火门损坏",
        Ground::Wall,
        &[
            ([130, 60, 220, 280], DARK),
            ([130, 60, 90, 280], STEEL),
            ([250, 90, 100, 250], [132, 124, 118]),
            ([236, 300, 40, 24], WOOD),
        ],
    ),
    (
        "灭火器",
        Ground::Wall,
        &[
            ([150, 190, 180, 150], RED),
            ([176, 214, 52, 110], [150, 26, 22]),
            ([252, 214, 52, 110], [150, 26, 22]),
            ([190, 196, 24, 18], DARK),
            ([266, 196, 24, 18], DARK),
        ],
    ),
    (
        "灭火器失压",
        Ground::Wall,
        &[
            ([180, 150, 110, 190], RED),
            ([206, 130, 56, 26], DARK),
            ([212, 176, 44, 44], PAPER),
            ([216, 202, 14, 10], RED),
        ],
    ),
    (
        "配电箱",
        Ground::Wall,
        &[
            ([160, 60, 160, 200], STEEL),
            ([176, 84, 128, 40], DARK),
            ([176, 140, 128, 40], DARK),
            ([120, 270, 240, 80], CARDBOARD),
        ],
    ),
    (
        "配电箱清理",
        Ground::Wall,
        &[([160, 60, 160, 200], STEEL), ([172, 76, 136, 168], [134, 142, 146]), ([226, 96, 28, 24], YELLOW)],
    ),
    (
        "电动车",
        Ground::Corridor,
        &[
            ([70, 220, 120, 24], [60, 90, 150]),
            ([80, 250, 46, 60], DARK),
            ([140, 250, 46, 60], DARK),
            ([250, 210, 110, 24], [150, 60, 60]),
            ([260, 238, 40, 56], DARK),
            ([316, 238, 40, 56], DARK),
        ],
    ),
    (
        "消防泵房",
        Ground::Wall,
        &[
            ([60, 200, 120, 130], RED),
            ([220, 200, 120, 130], RED),
            ([100, 90, 16, 110], RED),
            ([260, 90, 16, 110], RED),
            ([60, 80, 320, 16], RED),
            ([390, 120, 70, 180], STEEL),
        ],
    ),
    (
        "消火栓",
        Ground::Wall,
        &[
            ([150, 110, 180, 220], RED),
            ([166, 128, 148, 184], [210, 214, 214]),
            ([200, 170, 76, 76], [224, 214, 190]),
        ],
    ),
    (
        "厨房",
        Ground::Wall,
        &[
            ([40, 60, 400, 60], STEEL),
            ([60, 230, 360, 110], [170, 176, 180]),
            ([110, 210, 70, 22], DARK),
            ([230, 210, 70, 22], DARK),
            ([60, 116, 360, 8], [110, 84, 50]),
        ],
    ),
    (
        "仓库",
        Ground::Corridor,
        &[
            ([20, 120, 110, 210], CARDBOARD),
            ([350, 120, 110, 210], CARDBOARD),
            ([20, 184, 110, 6], WOOD),
            ([350, 184, 110, 6], WOOD),
        ],
    ),
    (
        "封条",
        Ground::Wall,
        &[
            ([110, 50, 260, 300], [128, 96, 70]),
            ([238, 50, 4, 300], DARK),
            ([120, 150, 240, 34], PAPER),
            ([120, 220, 240, 34], PAPER),
            ([226, 154, 28, 26], RED),
        ],
    ),
    (
        "会场",
        Ground::Corridor,
        &[
            ([90, 240, 300, 60], WOOD),
            ([110, 200, 36, 44], DARK),
            ([190, 196, 36, 48], [56, 70, 110]),
            ([270, 196, 36, 48], DARK),
            ([340, 200, 36, 44], [56, 70, 110]),
            ([190, 60, 100, 44], PAPER),
        ],
    ),
    (
        "门面",
        Ground::Yard,
        &[
            ([50, 70, 380, 190], [204, 190, 170]),
            ([70, 84, 340, 34], [170, 60, 50]),
            ([80, 134, 130, 126], [96, 116, 124]),
            ([250, 134, 130, 126], [96, 116, 124]),
        ],
    ),
    (
        "消防车道",
        Ground::Yard,
        &[
            ([0, 150, 110, 110], [186, 180, 172]),
            ([370, 150, 110, 110], [186, 180, 172]),
            ([150, 300, 8, 60], YELLOW),
            ([320, 300, 8, 60], YELLOW),
        ],
    ),
    (
        "送达回证",
        Ground::Sheet,
        &[
            ([150, 60, 180, 14], DARK),
            ([110, 110, 260, 4], STEEL),
            ([110, 150, 260, 4], STEEL),
            ([110, 190, 260, 4], STEEL),
            ([110, 230, 180, 4], STEEL),
            ([290, 236, 64, 64], [206, 96, 88]),
        ],
    ),
    (
        "签收文书",
        Ground::Sheet,
        &[
            ([130, 40, 220, 12], RED),
            ([160, 72, 160, 10], DARK),
            ([105, 110, 270, 4], STEEL),
            ([105, 134, 270, 4], STEEL),
            ([105, 158, 270, 4], STEEL),
            ([105, 182, 200, 4], STEEL),
            ([300, 232, 60, 60], [206, 96, 88]),
            ([120, 286, 60, 8], [60, 76, 140]),
        ],
    ),
];

impl Snapshot {
    /// The picture that shows this; none when there is no such picture.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let (name, ground, things) = SCENES.iter().find(|(known, ..)| *known == name)?;
        Some(Self { ground: *ground, things: things.to_vec(), name: (*name).to_owned() })
    }

    /// The picture as JPEG; the same each time.
    ///
    /// # Errors
    /// Only if the picture cannot be encoded.
    pub fn picture(&self) -> Result<Vec<u8>, image::ImageError> {
        let mut chance = Chance::new(1, &self.name);
        let [width, height] = SIZE_PX;
        let drawn = RgbImage::from_fn(width, height, |x, y| {
            let thing = self.things.iter().rev().find(|([left, top, w, h], _)| {
                (*left..left + w).contains(&x) && (*top..top + h).contains(&y)
            });
            let colour = thing.map_or_else(|| self.ground.colour(x, y), |(_, colour)| *colour);
            lit(colour, x, y, chance.between(-GRAIN, GRAIN))
        });
        let mut bytes = Cursor::new(Vec::new());
        drawn.write_to(&mut bytes, ImageFormat::Jpeg)?;
        Ok(bytes.into_inner())
    }
}

impl Ground {
    fn colour(self, x: u32, y: u32) -> Colour {
        let [x, y] = [f64::from(x), f64::from(y)];
        match self {
            Self::Corridor => corridor(x, y),
            Self::Wall if y > 330.0 => TILE,
            Self::Wall => PLASTER,
            Self::Yard if y < 150.0 => SKY,
            Self::Yard if y > 258.0 => ASPHALT,
            Self::Yard => CONCRETE,
            Self::Sheet if (80.0..400.0).contains(&x) && (20.0..345.0).contains(&y) => PAPER,
            Self::Sheet => WOOD,
        }
    }
}

/// Floor, ceiling and walls that run towards one point.
fn corridor(x: f64, y: f64) -> Colour {
    let (dx, dy) = ((x - 240.0) / 240.0, (y - 150.0) / 180.0);
    if dx.abs() < 0.2 && dy.abs() < 0.27 {
        return CONCRETE;
    }
    if dy.abs() * 0.8 > dx.abs() {
        return if dy > 0.0 { TILE } else { [232, 232, 228] };
    }
    PLASTER
}

fn lit(colour: Colour, x: u32, y: u32, grain: f64) -> Rgb<u8> {
    let [width, height] = SIZE_PX.map(f64::from);
    let (dx, dy) = (f64::from(x) / width - 0.5, f64::from(y) / height - 0.4);
    let light = 1.0 - SHADE * (dx * dx + dy * dy) * 2.0;
    Rgb(colour.map(|part| (f64::from(part) * light + grain).clamp(0.0, 255.0) as u8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_picture_is_drawn_the_same_each_time_and_small_enough_to_keep() {
        for (name, ..) in SCENES {
            let drawn = Snapshot::of(name).unwrap();
            let bytes = drawn.picture().unwrap();
            assert_eq!(bytes, drawn.picture().unwrap(), "{name}");
            assert!((2_000..120_000).contains(&bytes.len()), "{name}: {} bytes", bytes.len());
        }
        assert_eq!(Snapshot::of("没有的"), None);
    }
}
