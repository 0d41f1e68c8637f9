//! How papers write things: days in long form, money in the capital numerals that nobody can alter, a choice with what was
//! not chosen struck out.

use fengsui_catalog::Field;
use jiff::civil::Date;
use serde_json::{Value, json};

const NUMERALS: [&str; 10] = ["零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"];
const PLACES: [&str; 4] = ["", "拾", "佰", "仟"];
const GROUPS: [&str; 4] = ["", "万", "亿", "万亿"];
/// What one group of numerals counts to.
const GROUP: u64 = 10_000;

/// 2026年11月19日, as documents write it (GB/T 9704-2012 §7.3.5.4).
pub(super) fn long_day(day: Date) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// A sum in fen, in capital numerals: 人民币壹万贰仟叁佰肆拾伍元陆角柒分.
pub(super) fn money_in_words(fen: u64) -> String {
    let (yuan, jiao, rest) = (fen / 100, fen / 10 % 10, fen % 10);
    let whole = if yuan > 0 || fen == 0 { format!("{}元", numerals(yuan)) } else { String::new() };
    let one = |n: u64, unit: &str| format!("{}{unit}", digit(n));
    let parts = match (jiao, rest) {
        (0, 0) => "整".to_owned(),
        (jiao, 0) => one(jiao, "角"),
        (0, rest) if yuan > 0 => format!("零{}", one(rest, "分")),
        (0, rest) => one(rest, "分"),
        (jiao, rest) => format!("{}{}", one(jiao, "角"), one(rest, "分")),
    };
    format!("人民币{whole}{parts}")
}

fn digit(n: u64) -> &'static str {
    usize::try_from(n).ok().and_then(|n| NUMERALS.get(n)).copied().unwrap_or("零")
}

fn numerals(mut n: u64) -> String {
    if n == 0 {
        return digit(0).to_owned();
    }
    let mut groups = Vec::new();
    while n > 0 {
        groups.push(n % GROUP);
        n /= GROUP;
    }
    let mut said = String::new();
    for (place, group) in groups.iter().enumerate().rev() {
        if *group == 0 {
            continue;
        }
        // A gap between groups is read once: 壹亿零伍元.
        if !said.is_empty() && (*group < GROUP / 10 || groups.get(place + 1) == Some(&0)) {
            said.push_str(digit(0));
        }
        said.push_str(&below_ten_thousand(*group));
        said.push_str(GROUPS.get(place).copied().unwrap_or_default());
    }
    said
}

fn below_ten_thousand(group: u64) -> String {
    let (mut said, mut gap) = (String::new(), false);
    for (place, unit) in PLACES.iter().enumerate().rev() {
        let n = group / 10u64.pow(u32::try_from(place).unwrap_or_default()) % 10;
        if n == 0 {
            gap = !said.is_empty();
            continue;
        }
        if std::mem::take(&mut gap) {
            said.push_str(digit(0));
        }
        said.push_str(digit(n));
        said.push_str(unit);
    }
    said
}

/// All choices of a field, those that were not taken struck out.
pub(super) fn options(field: &Field, taken: Option<&Value>) -> Value {
    let taken = taken.and_then(Value::as_str);
    let mut pieces = Vec::new();
    for choice in &field.choices {
        if !pieces.is_empty() {
            pieces.push(json!({ "text": "　" }));
        }
        pieces.push(json!({ "text": choice.label, "struck": taken != Some(choice.value.as_str()) }));
    }
    Value::Array(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_as_banks_read_it() {
        let cases = [
            (0, "人民币零元整"),
            (5, "人民币伍分"),
            (50, "人民币伍角"),
            (100, "人民币壹元整"),
            (105, "人民币壹元零伍分"),
            (1_050, "人民币壹拾元伍角"),
            (100_500, "人民币壹仟零伍元整"),
            (1_001_000, "人民币壹万零壹拾元整"),
            (1_234_567, "人民币壹万贰仟叁佰肆拾伍元陆角柒分"),
            (10_000_000, "人民币壹拾万元整"),
            (10_000_000_500, "人民币壹亿零伍元整"),
            (101_000_000_000, "人民币壹拾亿壹仟万元整"),
        ];
        for (fen, words) in cases {
            assert_eq!(money_in_words(fen), words, "{fen}");
        }
    }
}
