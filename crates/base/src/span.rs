//! Lengths of time in words, as an officer reads them. The only place for this on the side of the server; the pages
//! have their own, `web/src/ui/span.ts`, which says the same.

/// A length of time in at most two units: 40 秒, 1 分 30 秒, 12 分钟, 3 小时 5 分, 2 天 4 小时. `seconds` below 0
/// count as 0; what is smaller than the second unit is left out.
pub fn span_words(seconds: i64) -> String {
    let s = seconds.max(0);
    match s {
        0..60 => format!("{s} 秒"),
        60..3_600 if s % 60 == 0 => format!("{} 分钟", s / 60),
        60..3_600 => format!("{} 分 {} 秒", s / 60, s % 60),
        3_600..86_400 => two(s / 3_600, "小时", s % 3_600 / 60, "分"),
        _ => two(s / 86_400, "天", s % 86_400 / 3_600, "小时"),
    }
}

fn two(large: i64, unit: &str, small: i64, small_unit: &str) -> String {
    if small == 0 { format!("{large} {unit}") } else { format!("{large} {unit} {small} {small_unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_length_is_said_in_at_most_two_units() {
        let said = [-1, 0, 59, 60, 90, 3_599, 3_600, 11_100, 86_399, 86_400, 187_200].map(span_words);
        let words = [
            "0 秒",
            "0 秒",
            "59 秒",
            "1 分钟",
            "1 分 30 秒",
            "59 分 59 秒",
            "1 小时",
            "3 小时 5 分",
            "23 小时 59 分",
            "1 天",
            "2 天 4 小时",
        ];
        assert_eq!(said, words);
    }
}
