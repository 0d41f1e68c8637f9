//! What the points of the county measured before anybody looked: months of values for the charts, by the hour of the
//! day, the season and the point's own chance; now and then one leaves its range for a while, as in any county.

use super::device::{by_the_hour, out_of_range};
use crate::county::Point;

/// Seconds of a day.
const DAY_S: i64 = 86_400;
/// How far Beijing is ahead, in seconds.
const ZONE_S: i64 = 8 * 3_600;
/// One day in so many has an hour or two out of the ordinary.
const ODD_DAYS: u64 = 23;
/// Days of a year.
const YEAR_DAYS: f64 = 365.25;

/// The value of a point of the terminal `source` at this second of the epoch, in steps of its analog type; `None` for
/// a point that measures nothing. The same each time.
#[must_use]
pub fn measured(point: &Point, source: u64, second: i64) -> Option<i16> {
    let analog = point.analog?;
    let (day, hour) =
        ((second + ZONE_S).div_euclid(DAY_S), (second + ZONE_S).rem_euclid(DAY_S) as f64 / 3_600.0);
    let own = mix(source ^ u64::from(point.component_address) << 20);
    let today = mix(own ^ day as u64);
    let odd_hour = (today >> 8) % 22;
    if today.is_multiple_of(ODD_DAYS) && (odd_hour as f64..odd_hour as f64 + 2.0).contains(&hour) {
        return Some(out_of_range(analog));
    }
    let noise = (mix(own ^ second as u64) % 1_000) as f64 / 500.0 - 1.0;
    let season = match analog.kind {
        3 => -libm::cos(day as f64 / YEAR_DAYS * core::f64::consts::TAU) * 1.2,
        _ => 0.0,
    };
    let swing = 0.7 * by_the_hour(analog.kind, hour) + 0.3 * noise + season;
    let value = analog.usual + (f64::from(analog.swing) * swing).round() as i16;
    // Cables are cold in winter; nothing else of a county is below nothing.
    Some(if analog.kind == 3 { value } else { value.max(0) })
}

/// Well-mixed bits (SplitMix64).
fn mix(seed: u64) -> u64 {
    let z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::county;

    #[test]
    fn a_year_of_pressure_has_its_rhythm_and_a_few_odd_hours() {
        let county = county::generate(1);
        let found = county
            .terminals
            .iter()
            .find_map(|t| Some((t.source, t.points.iter().find(|p| p.analog.is_some_and(|a| a.kind == 5))?)));
        let (source, point) = found.expect("the county has pressure gauges");
        let usual = point.analog.expect("it measures").usual;
        let year: Vec<_> = (0..365 * 24).filter_map(|h| measured(point, source, h * 3_600)).collect();
        assert_eq!(
            year,
            (0..365 * 24).filter_map(|h| measured(point, source, h * 3_600)).collect::<Vec<_>>()
        );
        let odd = year.iter().filter(|v| **v < usual / 2).count();
        assert!((4..120).contains(&odd), "{odd} odd hours");
        let at = |hour: usize| year.iter().skip(hour).step_by(24).map(|v| i64::from(*v)).sum::<i64>();
        // The epoch begins at eight in Beijing: seven in the evening is eleven hours later.
        assert!(at(11) < at(18), "less in the evening than in the small hours");
    }
}
