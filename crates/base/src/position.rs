//! Position on the ground, in WGS 84 / CGCS2000 degrees.

use serde::{Deserialize, Serialize};

/// Longitude and latitude in degrees, WGS 84 / CGCS2000 (they differ by centimetres).
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Position {
    /// Degrees east, −180 … 180.
    pub lng: f64,
    /// Degrees north, −90 … 90.
    pub lat: f64,
}

/// Why a pair of numbers is not a position.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PositionError {
    /// Not a finite number or outside the range of degrees.
    OutOfRange,
}

impl Position {
    /// A position, checked.
    pub fn new(lng: f64, lat: f64) -> Result<Self, PositionError> {
        let fits = (-180.0..=180.0).contains(&lng) && (-90.0..=90.0).contains(&lat);
        if fits { Ok(Self { lng, lat }) } else { Err(PositionError::OutOfRange) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edges_of_the_earth_are_positions_and_beyond_is_not() {
        assert!(Position::new(180.0, -90.0).is_ok());
        assert_eq!(Position::new(180.000_001, 0.0), Err(PositionError::OutOfRange));
        assert_eq!(Position::new(0.0, f64::NAN), Err(PositionError::OutOfRange));
    }
}
