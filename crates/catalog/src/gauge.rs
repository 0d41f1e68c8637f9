//! Measured values (测量值): which readings cannot be, and which limits are usual for which kind of point.
//!
//! A proposal is what the standards and the trade suggest; it holds for nobody until an officer adopts it. Numbers are
//! in the unit of the analog type. Source: GB/T 26875.3 table of analog types.

use serde::{Deserialize, Serialize};

/// Longest hold of a proposal, in seconds.
const HOLD_S_MAX: i64 = 3_600;

/// A kind of measured value.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Quantity {
    /// Analog type. Source: GB/T 26875.3.
    pub analog_type: u8,
    /// The lowest and the highest reading that a sound sensor can give.
    pub plausible: [f64; 2],
}

/// Limits that are usual for a kind of point (建议限值).
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// System type of the point; any when absent.
    #[serde(default)]
    pub system_type: Option<u8>,
    /// Component type of the point; any when absent.
    #[serde(default)]
    pub component_type: Option<u8>,
    /// Analog type of the value.
    pub analog_type: u8,
    /// Lower limit, and the value from which it is over.
    #[serde(default)]
    pub low: Option<[f64; 2]>,
    /// Upper limit, and the value down to which it is over.
    #[serde(default)]
    pub high: Option<[f64; 2]>,
    /// For how long a value must be beyond it, in seconds.
    #[serde(default)]
    pub hold_s: i64,
    /// What it rests on.
    pub source: String,
    /// What to look at before adopting it.
    #[serde(default)]
    pub note: Option<String>,
}

impl Quantity {
    pub(crate) fn mistake(&self) -> Option<String> {
        let [least, most] = self.plausible;
        (least >= most).then(|| format!("模拟量 {} 的合理范围是空的", self.analog_type))
    }
}

impl Proposal {
    /// Whether it is about such a point.
    pub fn fits(&self, system_type: u8, component_type: u8) -> bool {
        self.system_type.is_none_or(|s| s == system_type)
            && self.component_type.is_none_or(|c| c == component_type)
    }

    pub(crate) fn mistake(&self) -> Option<String> {
        let backwards = self.low.is_some_and(|[limit, clear]| clear <= limit)
            || self.high.is_some_and(|[limit, clear]| clear >= limit);
        let crossed = self.low.zip(self.high).is_some_and(|(low, high)| low[1] >= high[1]);
        let what = if self.low.is_none() && self.high.is_none() {
            "没有限值"
        } else if backwards || crossed {
            "的恢复值须在限值以内，上下限不能交叉"
        } else if self.source.trim().is_empty() {
            "没有依据"
        } else if !(0..=HOLD_S_MAX).contains(&self.hold_s) {
            "的保持时间是 0 到 3600 秒"
        } else {
            return None;
        };
        Some(format!("模拟量 {} 的建议{what}", self.analog_type))
    }
}

#[cfg(test)]
mod tests {
    use crate::Catalog;

    const GOOD: &str = r#"
quantity = [{ analog_type = 5, plausible = [-110, 3200] }]

[[proposal]]
component_type = 99
analog_type = 5
low = [100, 120]
high = [1200, 1150]
hold_s = 3600
source = "试验"

[[proposal]]
system_type = 11
analog_type = 5
low = [150, 170]
source = "试验"
"#;

    fn wrong(text: &str) -> Vec<String> {
        let found = Catalog::load(&[("limits.toml", text)]).err().unwrap_or_default();
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_first_proposal_that_fits_a_point_is_its_own() {
        let catalog = Catalog::load(&[("limits.toml", GOOD)]).unwrap();
        let low = |system, component| catalog.proposal(system, component, 5).and_then(|p| p.low);
        assert_eq!(low(12, 99), Some([100.0, 120.0]));
        assert_eq!(low(11, 99), Some([100.0, 120.0]));
        assert_eq!(low(11, 24), Some([150.0, 170.0]));
        assert_eq!(low(1, 42), None);
        assert!(catalog.proposal(12, 99, 3).is_none());
        assert_eq!(catalog.plausible(5), Some([-110.0, 3200.0]));
        assert_eq!(catalog.plausible(128), None, "of a kind that makers made up nobody knows");
    }

    #[test]
    fn every_mistake_has_its_file_and_line() {
        let cases = [
            ("[-110, 3200]", "[3, 3]", "limits.toml:2"),
            ("low = [100, 120]", "low = [100, 100]", "limits.toml:4"),
            ("high = [1200, 1150]", "high = [1200, 1200]", "limits.toml:4"),
            ("high = [1200, 1150]", "high = [130, 120]", "limits.toml:4"),
            ("hold_s = 3600", "hold_s = 3601", "limits.toml:4"),
            ("low = [150, 170]\n", "", "limits.toml:12"),
            ("source = \"试验\"", "source = \" \"", "limits.toml:4"),
        ];
        for (good, bad, place) in cases {
            let found = wrong(&GOOD.replacen(good, bad, 1));
            assert!(found.iter().any(|m| m.contains(place)), "{bad}: {found:?}");
        }
        assert!(wrong(&GOOD.replace("analog_type = 5, ", "")).len() == 1);
    }
}
