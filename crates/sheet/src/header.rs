//! Which row is the head of the table, and which column is which.
//!
//! Above the head there may be a merged title and a note; the head itself may take two rows, the upper one merged
//! over several columns (位置 over 经度 and 纬度). Columns are known by any of their words, so their order and the
//! columns between them do not matter.

use crate::{Row, narrow};

/// How many rows from the top the head is looked for in.
const ROWS_LOOKED: usize = 10;

/// A column that may come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expected {
    /// Stable name.
    pub name: String,
    /// Words by which it is known, its label first.
    pub words: Vec<String>,
}

/// The head of a table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Header {
    /// Number of its last row, from 1; data stands below.
    pub row: u32,
    /// What each column is called in the file.
    pub texts: Vec<String>,
    /// Which expected column each is, by its name.
    pub names: Vec<Option<String>>,
}

/// The head among the first rows of a table: the row that knows most of the expected columns; at least one.
pub fn find_header(first: &[Row], expected: &[Expected]) -> Option<Header> {
    let texts_of = |row: &Row| row.cells.iter().map(|c| c.text()).collect::<Vec<_>>();
    let known = |texts: &[String]| texts.iter().filter(|t| which(t, expected).is_some()).count();
    let rows: Vec<_> = first.iter().take(ROWS_LOOKED).map(|row| (row.number, texts_of(row))).collect();
    let best = rows.iter().enumerate().rev().max_by_key(|(_, (_, texts))| known(texts))?.0;
    let (mut row, mut texts) = rows[best].clone();
    // A second row of the head names what a merged cell above it left open.
    if let Some((below, more)) = rows.get(best + 1)
        && let joined = joined(&texts, more)
        && known(&joined) > known(&texts)
        && known(more) > 0
    {
        (row, texts) = (*below, joined);
    }
    if known(&texts) == 0 {
        return None;
    }
    let names = named(&texts, expected);
    Some(Header { row, texts, names })
}

fn joined(upper: &[String], lower: &[String]) -> Vec<String> {
    let width = upper.len().max(lower.len());
    let at = |row: &[String], column: usize| row.get(column).cloned().unwrap_or_default();
    (0..width)
        .map(|column| match at(lower, column) {
            text if text.is_empty() => at(upper, column),
            text => text,
        })
        .collect()
}

/// Each expected column once: the first column of the file with one of its words.
fn named(texts: &[String], expected: &[Expected]) -> Vec<Option<String>> {
    let mut taken = Vec::new();
    let one = |text: &String| {
        let name = which(text, expected).filter(|name| !taken.contains(name))?;
        taken.push(name);
        Some(name.to_owned())
    };
    texts.iter().map(one).collect()
}

fn which<'e>(text: &str, expected: &'e [Expected]) -> Option<&'e str> {
    let found = expected.iter().find(|column| column.words.iter().any(|word| same_word(word, text)));
    found.map(|column| column.name.as_str())
}

/// Whether two heads say the same, but for blanks, stars, brackets and what stands in them, and case.
pub fn same_word(a: &str, b: &str) -> bool {
    let (a, b) = (folded(a), folded(b));
    !a.is_empty() && a == b
}

fn folded(text: &str) -> String {
    let narrow = narrow(text);
    let outside = narrow.split(['(', '[']).next().unwrap_or_default();
    outside.chars().filter(|c| c.is_alphanumeric() || *c == '_').flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop where it stands")]
mod tests {
    use super::*;
    use crate::Cell;

    fn expected() -> Vec<Expected> {
        [("code", "编号 单位编码"), ("name", "单位名称 名称"), ("lng", "经度 lng"), ("lat", "纬度 lat")]
            .map(|(name, words)| Expected {
                name: name.into(),
                words: words.split(' ').map(str::to_owned).collect(),
            })
            .to_vec()
    }

    fn rows(lines: &[&str]) -> Vec<Row> {
        let cells = |line: &str| {
            line.split('|').map(|t| if t.is_empty() { Cell::Empty } else { Cell::Text(t.into()) }).collect()
        };
        (1..)
            .zip(lines)
            .map(|(number, line)| Row { number, cells: cells(line), epoch: crate::Epoch::Year1900 })
            .collect()
    }

    fn names(lines: &[&str]) -> Option<(u32, Vec<String>)> {
        let found = find_header(&rows(lines), &expected())?;
        Some((found.row, found.names.into_iter().map(Option::unwrap_or_default).collect()))
    }

    #[test]
    fn the_head_is_found_below_a_merged_title() {
        let found = names(&[
            "云岫县消防单位名册||",
            "填表：骆敏||",
            "序号|单位名称＊|单位编码（必填）",
            "1|云岫酒店|A1",
        ]);
        assert_eq!(found, Some((3, vec!["".into(), "name".into(), "code".into()])));
    }

    #[test]
    fn a_head_of_two_rows_is_joined() {
        let found = names(&["编号|名称|位置|", "||经度(WGS84)|纬 度", "A1|云岫酒店|117.2|29.5"]);
        assert_eq!(found, Some((2, vec!["code".into(), "name".into(), "lng".into(), "lat".into()])));
    }

    #[test]
    fn a_column_that_comes_twice_counts_once_and_a_foreign_table_has_no_head() {
        let found = names(&["编号|编号|名称"]);
        assert_eq!(found, Some((1, vec!["code".into(), "".into(), "name".into()])));
        assert_eq!(names(&["姓名|年龄", "周敏|30"]), None);
        assert_eq!(names(&[]), None);
    }
}
