//! How long equipment may serve (使用年限), as dated rules: for what, where, from when to when, and who says so.
//!
//! A province that has its own rule adds it with its jurisdiction; a standard that changes gets an end and a successor.
//! Nothing of it is code. The pack brings its own cases, which must come out before it is used.

use fengsui_base::{Level, Region, RegionCode};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What grows old by its own rule, by its stable name.
pub const AGING_PARTS: [&str; 3] = ["alarm_device", "gas_detector", "standby_battery"];
/// Longest service life that a rule may give, in years.
pub const LIFE_YEARS_MAX: u8 = 50;

/// Where a rule holds (适用地域): a region with everything below it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Jurisdiction {
    /// Code of the region.
    pub code: RegionCode,
    /// Its level; never derived from the code.
    pub level: Level,
}

/// A rule: how long something may serve.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LifeRule {
    /// Stable name of the rule.
    pub id: String,
    /// One of [`AGING_PARTS`].
    pub part: String,
    /// Only in homes, or only elsewhere; everywhere when absent.
    #[serde(default)]
    pub in_home: Option<bool>,
    /// Where; the whole country when absent.
    #[serde(default)]
    pub jurisdiction: Option<Jurisdiction>,
    /// First day on which it holds; absent: since before this system.
    #[serde(default)]
    pub valid_from_on: Option<Date>,
    /// First day on which it holds no longer; absent: until further notice.
    #[serde(default)]
    pub valid_until_on: Option<Date>,
    /// Whole years, 1 to [`LIFE_YEARS_MAX`].
    pub years: u8,
    /// The standard or the law, in Chinese, as it is cited.
    pub source: String,
}

/// What is asked of the rules.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LifeQuestion<'a> {
    /// One of [`AGING_PARTS`].
    pub part: &'a str,
    /// Whether it serves in a home.
    pub in_home: bool,
    /// Where it is.
    pub region: RegionCode,
    /// On which day it is asked.
    pub on: Date,
}

/// A case that must come out (校验用例).
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LifeCase {
    /// One of [`AGING_PARTS`].
    pub part: String,
    /// Whether it serves in a home.
    #[serde(default)]
    pub in_home: bool,
    /// Where.
    pub region: RegionCode,
    /// On which day.
    pub on: Date,
    /// What must come out.
    pub years: u8,
}

impl LifeRule {
    pub(crate) fn mistake(&self) -> Option<String> {
        let over = self.valid_from_on.zip(self.valid_until_on).is_some_and(|(from, until)| from >= until);
        let what = if !AGING_PARTS.contains(&self.part.as_str()) {
            format!("的 part 只能是 {}", AGING_PARTS.join("、"))
        } else if !(1..=LIFE_YEARS_MAX).contains(&self.years) {
            format!("的年限是 1 到 {LIFE_YEARS_MAX} 年")
        } else if self.source.trim().is_empty() {
            "没有依据".to_owned()
        } else if over {
            "的有效期是空的".to_owned()
        } else {
            return None;
        };
        Some(format!("使用年限 {}{what}", self.id))
    }

    fn fits(&self, asked: &LifeQuestion<'_>) -> bool {
        self.part == asked.part
            && self.in_home.is_none_or(|home| home == asked.in_home)
            && self.valid_from_on.is_none_or(|from| from <= asked.on)
            && self.valid_until_on.is_none_or(|until| asked.on < until)
            && self.jurisdiction.as_ref().is_none_or(|j| j.covers(asked.region))
    }

    /// The narrower its jurisdiction, the more a rule counts.
    fn weight(&self) -> Option<Level> {
        self.jurisdiction.as_ref().map(|j| j.level)
    }
}

impl Jurisdiction {
    /// The half-open range of codes within it.
    pub fn range(&self) -> std::ops::Range<u64> {
        let whole = Region {
            code: self.code,
            name: String::new(),
            level: self.level,
            parent: None,
            valid_from_on: None,
            valid_until_on: None,
        };
        whole.range()
    }

    pub(crate) fn covers(&self, region: RegionCode) -> bool {
        self.range().contains(&region.number())
    }
}

impl LifeCase {
    pub(crate) fn question(&self) -> LifeQuestion<'_> {
        LifeQuestion { part: &self.part, in_home: self.in_home, region: self.region, on: self.on }
    }
}

/// The rule that holds: of those that fit the one with the narrowest jurisdiction, the first among equals.
pub(crate) fn rule_for<'r>(rules: &'r [LifeRule], asked: &LifeQuestion<'_>) -> Option<&'r LifeRule> {
    let fitting = rules.iter().enumerate().filter(|(_, rule)| rule.fits(asked));
    fitting.max_by_key(|(place, rule)| (rule.weight(), std::cmp::Reverse(*place))).map(|(_, rule)| rule)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop where it stands")]
mod tests {
    use super::*;
    use crate::Catalog;
    use jiff::civil::date;

    const PACK: &str = r#"
[[service_life]]
id = "battery"
part = "standby_battery"
years = 5
source = "试验标准"

[[service_life]]
id = "battery-province"
part = "standby_battery"
jurisdiction = { code = "990000000000", level = "province" }
valid_from_on = "2026-01-01"
valid_until_on = "2028-01-01"
years = 4
source = "某省试验办法"

[[service_life_case]]
part = "standby_battery"
region = "990101001000"
on = "2026-06-01"
years = 4
"#;

    fn years(catalog: &Catalog, region: &str, on: Date) -> Option<u8> {
        let asked =
            LifeQuestion { part: "standby_battery", in_home: false, region: region.parse().unwrap(), on };
        catalog.service_life(&asked).map(|rule| rule.years)
    }

    #[test]
    fn a_province_has_its_own_rule_while_it_holds_and_the_others_keep_theirs() {
        let catalog = Catalog::load(&[("lives.toml", PACK)]).unwrap();
        let here = "990101001000";
        assert_eq!(years(&catalog, here, date(2025, 12, 31)), Some(5));
        assert_eq!(years(&catalog, here, date(2026, 1, 1)), Some(4));
        assert_eq!(years(&catalog, here, date(2027, 12, 31)), Some(4));
        assert_eq!(years(&catalog, here, date(2028, 1, 1)), Some(5));
        assert_eq!(years(&catalog, "330101001000", date(2026, 6, 1)), Some(5));
        let asked = LifeQuestion {
            part: "gas_detector",
            in_home: true,
            region: here.parse().unwrap(),
            on: date(2026, 6, 1),
        };
        assert_eq!(catalog.service_life(&asked), None, "what no rule is about has no life");
    }

    #[test]
    fn every_mistake_has_its_file_and_line_and_a_case_that_does_not_come_out_stops_the_start() {
        let cases = [
            ("years = 5", "years = 0", "lives.toml:2"),
            ("years = 5", "years = 51", "lives.toml:2"),
            ("part = \"standby_battery\"\nyears", "part = \"lamp\"\nyears", "lives.toml:2"),
            ("source = \"试验标准\"", "source = \" \"", "lives.toml:2"),
            ("2028-01-01", "2026-01-01", "lives.toml:8"),
            ("id = \"battery-province\"", "id = \"battery\"", "lives.toml:8"),
            ("on = \"2026-06-01\"", "on = \"2025-06-01\"", "lives.toml:17"),
        ];
        for (good, bad, place) in cases {
            let wrong = Catalog::load(&[("lives.toml", &PACK.replacen(good, bad, 1))]).unwrap_err();
            let told: Vec<_> = wrong.iter().map(ToString::to_string).collect();
            assert!(told.iter().any(|m| m.contains(place)), "{bad}: {told:?}");
        }
        let most = PACK.replacen("years = 5", "years = 50", 1);
        assert!(Catalog::load(&[("lives.toml", &most)]).is_ok());
    }
}
