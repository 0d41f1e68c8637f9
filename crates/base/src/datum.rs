//! Datums (坐标系): positions from the maps of phones and of the internet lie some hundred metres beside where they
//! are; here they come back to WGS 84 / CGCS2000.
//!
//! Source: the published transformation "GCJ-02" with the ellipsoid of Krasovsky 1940, and the published
//! shift of BD-09 over it. Neither is official; both are what every map of the field uses.

use crate::Position;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// What the degrees of a table are counted in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Datum {
    /// WGS 84 or CGCS2000: satellite receivers, surveys, 天地图.
    #[default]
    Cgcs2000,
    /// GCJ-02: 高德, 腾讯 and what phones send by them.
    Gcj02,
    /// BD-09: 百度.
    Bd09,
}

/// Semi-major axis of the ellipsoid that the shift is computed on, in metres.
const AXIS_M: f64 = 6_378_245.0;
/// Square of its eccentricity.
const ECCENTRICITY_2: f64 = 0.006_693_421_622_965_943;
/// The other factor of BD-09.
const BD_PI: f64 = PI * 3_000.0 / 180.0;
/// Steps of the inversion; each brings it nearer by about three digits.
const STEPS: usize = 5;
/// Mean radius of the earth, in metres.
const EARTH_M: f64 = 6_371_008.8;

impl Datum {
    /// The position in WGS 84 / CGCS2000, to better than a millimetre of the formula. Outside China nothing is shifted.
    pub fn to_cgcs2000(self, position: Position) -> Position {
        match self {
            Datum::Cgcs2000 => position,
            Datum::Gcj02 => unshifted(position),
            Datum::Bd09 => unshifted(bd_to_gcj(position)),
        }
    }
}

impl Position {
    /// Distance along the ground in metres, the earth taken for a sphere.
    pub fn distance_m(self, other: Position) -> f64 {
        let (from, to) = (self.lat.to_radians(), other.lat.to_radians());
        let (north, east) = ((to - from) / 2.0, (other.lng - self.lng).to_radians() / 2.0);
        let half = north.sin().powi(2) + from.cos() * to.cos() * east.sin().powi(2);
        2.0 * EARTH_M * half.sqrt().min(1.0).asin()
    }
}

fn unshifted(shifted: Position) -> Position {
    let mut guess = shifted;
    for _ in 0..STEPS {
        let seen = shift(guess);
        guess =
            Position { lng: guess.lng - (seen.lng - shifted.lng), lat: guess.lat - (seen.lat - shifted.lat) };
    }
    guess
}

fn in_china(position: Position) -> bool {
    (72.004..=137.834_7).contains(&position.lng) && (0.829_3..=55.827_1).contains(&position.lat)
}

/// WGS 84 to GCJ-02.
fn shift(position: Position) -> Position {
    if !in_china(position) {
        return position;
    }
    let (x, y) = (position.lng - 105.0, position.lat - 35.0);
    let lat = position.lat.to_radians();
    let magic = 1.0 - ECCENTRICITY_2 * lat.sin().powi(2);
    let meridian = AXIS_M * (1.0 - ECCENTRICITY_2) / magic.powf(1.5) * PI;
    let parallel = AXIS_M / magic.sqrt() * lat.cos() * PI;
    Position {
        lng: position.lng + east(x, y) * 180.0 / parallel,
        lat: position.lat + north(x, y) * 180.0 / meridian,
    }
}

fn waves(x: f64) -> f64 {
    (20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin()) * 2.0 / 3.0
}

fn north(x: f64, y: f64) -> f64 {
    -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * x.abs().sqrt()
        + waves(x)
        + (20.0 * (y * PI).sin() + 40.0 * (y / 3.0 * PI).sin()) * 2.0 / 3.0
        + (160.0 * (y / 12.0 * PI).sin() + 320.0 * (y * PI / 30.0).sin()) * 2.0 / 3.0
}

fn east(x: f64, y: f64) -> f64 {
    300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * x.abs().sqrt()
        + waves(x)
        + (20.0 * (x * PI).sin() + 40.0 * (x / 3.0 * PI).sin()) * 2.0 / 3.0
        + (150.0 * (x / 12.0 * PI).sin() + 300.0 * (x / 30.0 * PI).sin()) * 2.0 / 3.0
}

fn bd_to_gcj(position: Position) -> Position {
    if !in_china(position) {
        return position;
    }
    let (x, y) = (position.lng - 0.006_5, position.lat - 0.006);
    let reach = x.hypot(y) - 0.000_02 * (y * BD_PI).sin();
    let angle = y.atan2(x) - 0.000_003 * (x * BD_PI).cos();
    Position { lng: reach * angle.cos(), lat: reach * angle.sin() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: Position, b: Position) -> bool {
        a.distance_m(b) < 0.05
    }

    #[test]
    fn the_published_pairs_are_met() {
        let place = Position { lng: 116.404, lat: 39.915 };
        let gcj = Position { lng: 116.410_244_499_169_38, lat: 39.916_404_281_501_64 };
        assert!(near(shift(place), gcj), "{:?}", shift(place));
        let from_bd = Position { lng: 116.397_627_291_193_15, lat: 39.908_656_739_576_31 };
        assert!(near(bd_to_gcj(place), from_bd), "{:?}", bd_to_gcj(place));
        assert!(near(Datum::Gcj02.to_cgcs2000(gcj), place));
        assert!(near(shift(Datum::Bd09.to_cgcs2000(place)), from_bd));
    }

    #[test]
    fn the_way_back_is_exact_all_over_the_country_and_nothing_moves_outside() {
        for lng in (75..135).step_by(5) {
            for lat in (5..53).step_by(4) {
                let place = Position { lng: f64::from(lng) + 0.37, lat: f64::from(lat) + 0.61 };
                let back = unshifted(shift(place));
                assert!(back.distance_m(place) < 0.001, "{place:?} {back:?}");
                let beside_m = shift(place).distance_m(place);
                assert!((20.0..1_500.0).contains(&beside_m), "{place:?} {beside_m}");
            }
        }
        let abroad = Position { lng: 2.35, lat: 48.86 };
        assert_eq!(Datum::Bd09.to_cgcs2000(abroad), abroad);
        assert_eq!(Datum::Cgcs2000.to_cgcs2000(abroad), abroad);
    }

    #[test]
    fn a_degree_of_latitude_is_a_hundred_and_eleven_kilometres() {
        let (a, b) = (Position { lng: 117.0, lat: 29.0 }, Position { lng: 117.0, lat: 30.0 });
        assert!((a.distance_m(b) - 111_195.0).abs() < 5.0);
    }
}
