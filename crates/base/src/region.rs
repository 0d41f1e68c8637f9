//! Regions (行政区划): province, city, county, township, village, and the scope an officer may see.
//!
//! Codes have twelve digits (GB/T 2260 and GB/T 10114). The level and the parent are explicit, because some
//! places are city and county at once (441900 东莞) and codes change from year to year. A scope is a set of
//! half-open code ranges, so that "this county and everything below" is one comparison in a database index.

use crate::{EntryId, UnitId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, ops::Range, str::FromStr};

/// A twelve-digit region code, such as `990101001000`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RegionCode(u64);

/// Why a text is not a region code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RegionCodeError {
    /// Not exactly twelve ASCII digits.
    NotTwelveDigits,
}

const CODE_LIMIT: u64 = 1_000_000_000_000;

impl RegionCode {
    /// The code with this number; it must have at most twelve digits.
    pub fn new(number: u64) -> Result<Self, RegionCodeError> {
        if number < CODE_LIMIT { Ok(Self(number)) } else { Err(RegionCodeError::NotTwelveDigits) }
    }

    /// The number, for storage.
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl FromStr for RegionCode {
    type Err = RegionCodeError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
        let number = if digits { text.parse().ok() } else { None };
        number.map(Self).ok_or(RegionCodeError::NotTwelveDigits)
    }
}

impl fmt::Display for RegionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012}", self.0)
    }
}

impl Serialize for RegionCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RegionCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| serde::de::Error::custom("a region code has twelve digits"))
    }
}

/// The five levels of administration.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 省
    Province,
    /// 市
    City,
    /// 县（区、市）
    County,
    /// 乡镇（街道）
    Township,
    /// 村（社区）
    Village,
}

impl Level {
    /// How many codes a region of this level spans, itself included.
    const fn span(self) -> u64 {
        match self {
            Level::Province => 10_000_000_000,
            Level::City => 100_000_000,
            Level::County => 1_000_000,
            Level::Township => 1_000,
            Level::Village => 1,
        }
    }
}

/// A region with its place in the tree and the dates between which it exists.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Region {
    /// Twelve-digit code.
    pub code: RegionCode,
    /// Name as written on its seal, such as 东渚镇.
    pub name: String,
    /// Level, never derived from the code.
    pub level: Level,
    /// The region above, absent for a province.
    pub parent: Option<RegionCode>,
    /// First day the region exists; absent: since before this system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from_on: Option<Date>,
    /// First day it no longer exists; absent: still there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until_on: Option<Date>,
}

impl Region {
    /// The half-open range of codes of this region and everything below it.
    pub fn range(&self) -> Range<u64> {
        self.code.number()..self.code.number() + self.level.span()
    }
}

/// What an officer may see: everything within a set of half-open code ranges, and beside that what belongs to units
/// that are named one by one.
///
/// Whoever asks only for regions shows a person with named units nothing at all: a new list is closed to her until
/// somebody has thought of her.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Scope {
    ranges: Vec<Range<u64>>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    units: BTreeSet<EntryId>,
}

impl Scope {
    /// Nothing at all.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// Everything: for the system itself, never for a person.
    pub fn everything() -> Self {
        Self { ranges: std::iter::once(0..CODE_LIMIT).collect(), units: BTreeSet::new() }
    }

    /// The union of the given ranges, sorted and merged.
    pub fn of(ranges: impl IntoIterator<Item = Range<u64>>) -> Self {
        let mut all: Vec<_> = ranges.into_iter().filter(|r| r.start < r.end).collect();
        all.sort_by_key(|r| (r.start, r.end));
        let mut merged: Vec<Range<u64>> = Vec::with_capacity(all.len());
        for range in all {
            match merged.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        Self { ranges: merged, units: BTreeSet::new() }
    }

    /// The same with these units named beside the regions.
    #[must_use]
    pub fn with_units(mut self, units: impl IntoIterator<Item = UnitId>) -> Self {
        self.units.extend(units.into_iter().map(EntryId::from));
        self
    }

    /// The units that are named, whatever their region.
    pub fn units(&self) -> &BTreeSet<EntryId> {
        &self.units
    }

    /// Whether what lies in this region and belongs to this unit is inside.
    pub fn holds(&self, code: RegionCode, unit: Option<EntryId>) -> bool {
        self.contains(code) || unit.is_some_and(|unit| self.units.contains(&unit))
    }

    /// The same with one exact code: for what is read of a thing that was found to be inside.
    #[must_use]
    pub fn and_at(&self, code: RegionCode) -> Self {
        let own = code.number()..code.number() + 1;
        let ranges = Self::of(self.ranges.iter().cloned().chain([own])).ranges;
        Self { ranges, units: self.units.clone() }
    }

    /// Whether the region with this code lies inside.
    pub fn contains(&self, code: RegionCode) -> bool {
        self.ranges.iter().any(|r| r.contains(&code.number()))
    }

    /// Whether a whole range lies inside, as for appointing somebody to a region.
    pub fn covers(&self, range: &Range<u64>) -> bool {
        self.ranges.iter().any(|r| r.start <= range.start && range.end <= r.end)
    }

    /// The part of this scope that also lies in the ranges of `other`; of named units, those of `other` too.
    pub fn within(&self, other: &Scope) -> Scope {
        let pairs = self.ranges.iter().flat_map(|a| other.ranges.iter().map(move |b| (a, b)));
        let ranges = Scope::of(pairs.map(|(a, b)| a.start.max(b.start)..a.end.min(b.end))).ranges;
        Scope { ranges, units: self.units.intersection(&other.units).copied().collect() }
    }

    /// The merged ranges, ascending.
    pub fn ranges(&self) -> &[Range<u64>] {
        &self.ranges
    }

    /// Whether nothing lies inside.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty() && self.units.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> RegionCode {
        text.parse().unwrap()
    }

    #[test]
    fn a_county_holds_its_villages_and_not_its_neighbour() {
        let county = Region {
            code: code("990101000000"),
            name: "云岫县".into(),
            level: Level::County,
            parent: Some(code("990100000000")),
            valid_from_on: None,
            valid_until_on: None,
        };
        let scope = Scope::of([county.range()]);
        assert!(scope.contains(code("990101016999")));
        assert!(!scope.contains(code("990102000000")));
        assert!(scope.covers(&(990_101_001_000..990_101_002_000)));
    }

    #[test]
    fn ranges_are_merged_and_intersected() {
        let scope = Scope::of([5..7, 1..3, 2..5, 9..9]);
        assert_eq!(scope.ranges(), std::slice::from_ref(&(1..7)));
        assert_eq!(scope.within(&Scope::of([6..20])).ranges(), std::slice::from_ref(&(6..7)));
        assert!(scope.within(&Scope::of([7..20])).is_empty());
    }

    #[test]
    fn named_units_are_inside_wherever_they_are_and_nothing_else_of_their_region_is() {
        let (own, other) = (UnitId(EntryId::from_u128(1)), EntryId::from_u128(2));
        let scope = Scope::nothing().with_units([own]);
        let village = code("990101016999");
        assert!(scope.holds(village, Some(own.into())) && !scope.is_empty());
        assert!(
            !scope.holds(village, Some(other)) && !scope.holds(village, None) && !scope.contains(village)
        );
        assert!(scope.and_at(village).contains(village) && !scope.contains(village));
        assert!(scope.within(&Scope::of([0..CODE_LIMIT])).is_empty());
        assert_eq!(scope.within(&scope), scope);
    }

    #[test]
    fn a_code_has_twelve_digits() {
        assert_eq!("99010100000".parse::<RegionCode>(), Err(RegionCodeError::NotTwelveDigits));
        assert_eq!("９９0101000000".parse::<RegionCode>(), Err(RegionCodeError::NotTwelveDigits));
        assert_eq!(code("010000000000").to_string(), "010000000000");
        assert!(RegionCode::new(CODE_LIMIT).is_err());
    }
}
