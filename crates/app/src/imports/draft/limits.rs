//! The limits of a point's values (限值) as they stand in the cells of a row: 测量值, 下限, 上限, 恢复值 or 回差, 保持时间.
//!
//! A point that measures several things has them in the same cells, one after another with a semicolon between. What a
//! row says of one value leaves the limits of the others as they are.

use super::Reading;
use crate::PointLimits;
use crate::limits::{LIMITS_MAX, mistake_words};
use fengsui_alarm::{Bound, HOLD_S_MAX, Limits};
use fengsui_sheet::same_word;
use gb26875::names;

/// The columns that say something of limits; the first one names what is measured.
const COLUMNS: [&str; 7] = ["value_type", "low", "low_clear", "high", "high_clear", "hysteresis", "hold_s"];
/// Difference and limit are decimal numbers that people typed: their sum is one too, to so many parts of one.
const PARTS: f64 = 1e6;

/// One of the two limits as a row has it.
#[derive(Clone, Copy)]
struct Side {
    limit: &'static str,
    clear: &'static str,
    /// Where the clear value lies from the limit.
    back: f64,
}

const LOW: Side = Side { limit: "low", clear: "low_clear", back: 1.0 };
const HIGH: Side = Side { limit: "high", clear: "high_clear", back: -1.0 };

impl Reading<'_> {
    /// Reads the limits of the row into the draft; a row without any says nothing of them.
    pub(super) fn limits(&mut self) {
        if COLUMNS.iter().all(|name| self.cell(name).is_none()) {
            return;
        }
        let before = self.problems.len();
        let types = self.analog_types();
        let read: Vec<_> = types.iter().map(|t| self.limits_of(t.0, t.1, types.len())).collect();
        if self.problems.len() == before {
            let stored = serde_json::to_value(read).expect("limits are plain numbers");
            self.draft.fields.insert("limits".to_owned(), stored);
        }
    }

    /// What is measured, each with its place in the cells.
    fn analog_types(&mut self) -> Vec<(usize, u8)> {
        let Some(text) = self.narrowed("value_type") else {
            self.wrong("value_type", "field.required", "填了限值，请把测量值也填上，如 压力 kPa");
            return Vec::new();
        };
        let named: Vec<_> = text.split(';').map(|word| analog_type(word.trim())).collect();
        let types: Vec<_> = named.iter().flatten().copied().enumerate().collect();
        if types.len() < named.len() {
            let detail =
                "应是 GB/T 26875.3 的模拟量类型代码（0 到 255）或名称，压力写明单位：压力 kPa 或 压力 MPa";
            self.wrong("value_type", "type.unknown", detail);
        } else if types.iter().any(|(n, one)| types.iter().any(|(m, other)| n < m && one == other)) {
            self.wrong("value_type", "limits.twice", "同一种测量值只设一次限值，请合在一起");
        } else if types.len() > LIMITS_MAX {
            let detail = format!("一个点位最多给 {LIMITS_MAX} 种测量值设限值");
            self.wrong("value_type", "limits.many", detail);
        }
        types
    }

    fn limits_of(&mut self, place: usize, analog_type: u8, values: usize) -> PointLimits {
        let before = self.problems.len();
        let (low, high) = (self.bound(LOW, place, values), self.bound(HIGH, place, values));
        let hold_s = self.hold_s(place, values);
        let limits = Limits { low, high, hold_s };
        if let Some(mistake) = limits.mistake().filter(|_| self.problems.len() == before) {
            let (name, code, detail) = mistake_words(mistake);
            self.wrong(name, code, detail);
        }
        PointLimits { analog_type, limits }
    }

    /// A limit with its clear value, given or put together from the difference (回差).
    fn bound(&mut self, side: Side, place: usize, values: usize) -> Option<Bound> {
        let limit = self.part(side.limit, place, values);
        let clear = self.part(side.clear, place, values);
        let Some(limit) = limit else {
            if clear.is_some() {
                self.wrong(side.limit, "field.required", "填了恢复值，请把限值也填上");
            }
            return None;
        };
        let difference = self.part("hysteresis", place, values).filter(|_| clear.is_none());
        let clear = clear.or_else(|| difference.map(|d| ((limit + side.back * d) * PARTS).round() / PARTS));
        if clear.is_none() {
            self.wrong(side.clear, "field.required", "请填恢复值，或填回差");
        }
        Some(Bound { limit, clear: clear? })
    }

    fn hold_s(&mut self, place: usize, values: usize) -> i64 {
        let Some(number) = self.part("hold_s", place, values) else { return 0 };
        if number.fract() != 0.0 || !(0.0..=HOLD_S_MAX as f64).contains(&number) {
            self.wrong("hold_s", "limits.hold", format!("保持时间是 0 到 {HOLD_S_MAX} 秒的整数"));
            return 0;
        }
        number as i64
    }

    /// The number of one value in a cell that has as many as the row has values, or none at all.
    fn part(&mut self, name: &str, place: usize, values: usize) -> Option<f64> {
        let text = self.narrowed(name)?;
        let parts: Vec<_> = text.split(';').map(str::trim).collect();
        if parts.len() != values {
            let detail = format!("测量值有 {values} 种，这里也要用分号隔成 {values} 个，没有的留空");
            self.once(name, "limits.count", detail);
            return None;
        }
        let part = parts.get(place).filter(|part| !part.is_empty())?;
        let number = part.replace(',', "").parse().ok().filter(|n: &f64| n.is_finite());
        if number.is_none() {
            self.once(name, "limits.number", "限值、恢复值、回差和秒数是数，如 120 或 0.35".to_owned());
        }
        number
    }

    /// What is wrong with a cell is said once, however many values stand in it.
    fn once(&mut self, name: &str, code: &str, detail: String) {
        if !self.problems.iter().any(|p| p.code == code && p.detail == detail && self.is_of(name, &p.column))
        {
            self.wrong(name, code, detail);
        }
    }

    fn is_of(&self, name: &str, label: &str) -> bool {
        self.ground.table.subject.columns().iter().any(|c| c.name == name && c.label == label)
    }
}

/// A kind of measured value by its number in the standard, by its name with its unit, or by its name alone where the
/// standard has it in one unit only: pressure comes in two.
fn analog_type(word: &str) -> Option<u8> {
    // A unit in brackets counts here, unlike in the head of a table.
    let word = &word.replace(['(', ')'], " ");
    let known = || (0..=u8::MAX).filter_map(names::analog_type);
    let whole = known().find(|a| same_word(&full_name(a), word));
    let mut bare = known().filter(|a| same_word(a.name.zh, word));
    let only = bare.next().filter(|_| bare.next().is_none());
    word.trim().parse().ok().or_else(|| whole.or(only).map(|a| a.kind))
}

/// 压力 kPa.
fn full_name(analog: &names::Analog) -> String {
    format!("{} {}", analog.name.zh, analog.unit)
}

/// The cells of a point's limits as they leave, in the order of the columns of the import without the difference.
pub(crate) fn limit_cells(all: &[PointLimits]) -> [String; 6] {
    let joined = |cell: &dyn Fn(&PointLimits) -> Option<String>| {
        let cells: Vec<_> = all.iter().map(|limits| cell(limits).unwrap_or_default()).collect();
        if cells.iter().all(String::is_empty) { String::new() } else { cells.join("；") }
    };
    let name = |l: &PointLimits| {
        let kind = names::analog_type(l.analog_type);
        Some(kind.map_or_else(|| l.analog_type.to_string(), full_name))
    };
    [
        joined(&name),
        joined(&|l| Some(l.limits.low?.limit.to_string())),
        joined(&|l| Some(l.limits.low?.clear.to_string())),
        joined(&|l| Some(l.limits.high?.limit.to_string())),
        joined(&|l| Some(l.limits.high?.clear.to_string())),
        joined(&|l| Some(l.limits.hold_s.to_string())),
    ]
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop where it stands")]
mod tests {
    use super::super::tests::{codes, ground, row};
    use super::*;
    use crate::ImportSubject;
    use crate::imports::draft::Ground;

    const HEAD: [&str; 9] = [
        "terminal_source",
        "component_address",
        "value_type",
        "low",
        "low_clear",
        "high",
        "high_clear",
        "hysteresis",
        "hold_s",
    ];

    fn points() -> Ground {
        ground(ImportSubject::Point, &HEAD)
    }

    fn read(cells: &[&str]) -> Vec<PointLimits> {
        let cells: Vec<_> = ["889", "1"].iter().chain(cells).copied().collect();
        let draft = points().read(row(&cells)).unwrap();
        serde_json::from_value(draft.fields["limits"].clone()).unwrap()
    }

    fn wrong(cells: &[&str]) -> Vec<String> {
        let cells: Vec<_> = ["889", "1"].iter().chain(cells).copied().collect();
        codes(&points(), &cells)
    }

    #[test]
    fn limits_are_read_with_their_clear_values_or_with_the_difference() {
        let given = read(&["压力 kPa", "100", "120", "", "", "", "30"]);
        let low = Some(Bound { limit: 100.0, clear: 120.0 });
        let limits = Limits { low, high: None, hold_s: 30 };
        assert_eq!(given, [PointLimits { analog_type: 5, limits }]);
        assert_eq!(read(&["５", "１００", "", "", "", "20", "30"]), given);
        let both = read(&["温度", "0.1", "", "0.5", "", "0.2", ""]).remove(0).limits;
        assert_eq!(both.low, Some(Bound { limit: 0.1, clear: 0.3 }));
        assert_eq!(both.high, Some(Bound { limit: 0.5, clear: 0.3 }));
    }

    #[test]
    fn several_values_of_a_point_stand_side_by_side_and_come_back_as_they_left() {
        let two = read(&["压力（kPa）；温度", "100；", "120;", "；70", "；60", "", "30；0"]);
        assert_eq!(two.len(), 2);
        assert_eq!(
            two[1].limits,
            Limits { low: None, high: Some(Bound { limit: 70.0, clear: 60.0 }), hold_s: 0 }
        );
        let [name, low, low_clear, high, high_clear, hold] = limit_cells(&two);
        assert_eq!((name.as_str(), low.as_str(), high.as_str()), ("压力 kPa；温度 °C", "100；", "；70"));
        let again: Vec<_> =
            [&name, &low, &low_clear, &high, &high_clear, "", &hold].map(|s: &str| s.to_owned()).into();
        assert_eq!(read(&again.iter().map(String::as_str).collect::<Vec<_>>()), two);
        assert_eq!(limit_cells(&[]), [const { String::new() }; 6]);
    }

    #[test]
    fn each_mistake_of_a_limit_is_named_with_its_column() {
        assert_eq!(wrong(&["", "100", "120"]), ["field.required"], "nobody says what is measured");
        assert_eq!(wrong(&["灯笼", "100", "120"]), ["type.unknown"]);
        assert_eq!(wrong(&["压力", "100", "120"]), ["type.unknown"], "in kPa or in MPa?");
        assert_eq!(wrong(&["温度；温度", "1；2", "2；3"]), ["limits.twice"]);
        assert_eq!(wrong(&["温度", "一百", "120"]), ["limits.number", "field.required"]);
        assert_eq!(wrong(&["温度", "100"]), ["field.required"], "neither a clear value nor a difference");
        assert_eq!(wrong(&["温度", "", "120"]), ["field.required"], "a clear value of no limit");
        assert_eq!(wrong(&["温度", "100", "90"]), ["limits.clear"]);
        assert_eq!(wrong(&["温度", "100", "120", "110", "105"]), ["limits.order"]);
        assert_eq!(wrong(&["温度", "100", "120；130"]), ["limits.count", "field.required"]);
        assert_eq!(wrong(&["温度", "", "", "", "", "20"]), ["limits.nothing"]);
        assert!(wrong(&["温度", "100", "120", "", "", "", "3600"]).is_empty());
        assert_eq!(wrong(&["温度", "100", "120", "", "", "", "3601"]), ["limits.hold"]);
        let types = |n: usize| (0..n).map(|k| k.to_string()).collect::<Vec<_>>().join(";");
        let numbers = |n: usize| vec!["1"; n].join(";");
        let of = |n| wrong(&[&types(n), &numbers(n), "", "", "", &numbers(n)]);
        assert!(of(LIMITS_MAX).is_empty());
        assert_eq!(of(LIMITS_MAX + 1), ["limits.many"]);
    }
}
