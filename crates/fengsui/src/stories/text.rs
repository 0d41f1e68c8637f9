//! How the stories of the demonstration's ledgers are written (示例台账的写法), in `stories/*.txt`.
//!
//! - `故事 …` begins one. Without a table it is told once, and other stories may name its entries.
//! - `列 单位 起 …` names columns and `例 … | … | …` fills them: the story is told once for each such line, with `$单位`,
//!   `$起` in its acts standing for what that line says. A unit is written by its name, or as the n-th of its category
//!   in the county's list: `hotel#3`.
//! - `-12 09:30 罗敏 检查=inspection.plan unit=$单位 …` is an act: day (see [`Days`]), time, who, the name by which this
//!   story calls the entry, the move, and what the form says. `检查.inspect …` moves it on. `@检查` as a value links to it;
//!   `here=$单位` says that the person stands at the unit. A paper is issued from an entry of the story:
//!   `文书=issued_paper.issue from=@通知书 paper=order_by_date`.
//! - Lines with `#` say something to whoever reads.

use super::days::Days;
use anyhow::{Context, Result, bail};
use jiff::civil::{Date, DateTime, Time};
use std::collections::BTreeMap;

/// One act, as its line says it.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Act {
    /// Where it is written.
    pub(super) place: String,
    /// In which telling; 0 for stories that are told once.
    pub(super) telling: usize,
    /// When, in the office's zone.
    pub(super) at: DateTime,
    /// By whom.
    pub(super) who: String,
    /// What the story calls the entry.
    pub(super) called: String,
    /// The ledger in which it opens it.
    pub(super) opens: Option<String>,
    /// The move.
    pub(super) mv: String,
    /// What the form says.
    pub(super) fields: Vec<(String, String)>,
}

/// A story before its table is laid over it.
#[derive(Default)]
struct Story<'t> {
    columns: Vec<&'t str>,
    rows: Vec<Vec<&'t str>>,
    acts: Vec<(String, &'t str)>,
}

/// All acts of these texts in the order of time. `unit` says the name of the unit that a text means.
pub(super) fn read(
    texts: &[(&str, &str)],
    days: &Days<'_>,
    unit: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<Act>> {
    let (mut acts, mut tellings) = (Vec::new(), 0);
    for story in texts.iter().flat_map(|(file, text)| stories(file, text)) {
        if story.columns.is_empty() {
            told(&story, 0, &BTreeMap::new(), days, &mut acts)?;
        }
        for row in &story.rows {
            tellings += 1;
            told(&story, tellings, &says(&story.columns, row, unit)?, days, &mut acts)?;
        }
    }
    // Acts of one minute stay in the order in which they are written.
    acts.sort_by_key(|act: &Act| act.at);
    Ok(acts)
}

fn stories<'t>(file: &str, text: &'t str) -> Vec<Story<'t>> {
    let mut all: Vec<Story<'t>> = Vec::new();
    for (line, number) in text.lines().map(str::trim).zip(1..) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with("故事 ") || all.is_empty() {
            all.push(Story::default());
        }
        let Some(story) = all.last_mut() else { continue };
        if let Some(columns) = line.strip_prefix("列 ") {
            story.columns = columns.split_whitespace().collect();
        } else if let Some(row) = line.strip_prefix("例 ") {
            story.rows.push(row.split('|').map(str::trim).collect());
        } else if !line.starts_with("故事 ") {
            story.acts.push((format!("{file}:{number}"), line));
        }
    }
    all
}

/// What a line of the table says, by column.
fn says(
    columns: &[&str],
    row: &[&str],
    unit: &dyn Fn(&str) -> Option<String>,
) -> Result<BTreeMap<String, String>> {
    if columns.len() != row.len() {
        bail!("例“{}”有 {} 项，列有 {} 项", row.join(" | "), row.len(), columns.len());
    }
    let value = |column: &str, text: &str| match column {
        "单位" => unit(text).with_context(|| format!("没有单位 {text}")),
        _ => Ok(text.to_owned()),
    };
    columns.iter().zip(row).map(|(c, text)| Ok(((*c).to_owned(), value(c, text)?))).collect()
}

fn told(
    story: &Story<'_>,
    telling: usize,
    says: &BTreeMap<String, String>,
    days: &Days<'_>,
    acts: &mut Vec<Act>,
) -> Result<()> {
    for (place, line) in &story.acts {
        acts.push(act(place, line, telling, says, days).with_context(|| place.clone())?);
    }
    Ok(())
}

fn act(
    place: &str,
    line: &str,
    telling: usize,
    says: &BTreeMap<String, String>,
    days: &Days<'_>,
) -> Result<Act> {
    let line = filled(line, says);
    let mut words = line.split_whitespace();
    let mut word = |what: &str| words.next().with_context(|| format!("缺{what}"));
    let (day, time, who, what) = (word("日子")?, word("钟点")?, word("人")?, word("动作")?);
    let on = days.day(day, None).with_context(|| format!("不是日子：{day}"))?;
    let at =
        on.to_datetime(format!("{time}:00").parse::<Time>().with_context(|| format!("不是钟点：{time}"))?);
    let (called, opens, mv) = match what.split_once('=') {
        Some((called, opening)) => {
            let (kind, mv) = opening.split_once('.').context("要写成 称呼=台账.动作")?;
            (called, Some(kind.to_owned()), mv)
        }
        None => what.split_once('.').map(|(called, mv)| (called, None, mv)).context("要写成 称呼.动作")?,
    };
    let (called, mv, who) = (called.to_owned(), mv.to_owned(), who.to_owned());
    Ok(Act { place: place.to_owned(), telling, at, who, called, opens, mv, fields: fields(words) })
}

/// The line with what the table says in place of its columns' names; a longer name before one that begins it.
fn filled(line: &str, says: &BTreeMap<String, String>) -> String {
    says.iter().rev().fold(line.to_owned(), |line, (column, text)| line.replace(&format!("${column}"), text))
}

/// `名=值 名=值`; a value may hold spaces.
fn fields<'w>(words: impl Iterator<Item = &'w str>) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for word in words {
        let name = word.split_once('=').filter(|(name, _)| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        });
        match (name, fields.last_mut()) {
            (Some((name, value)), _) => fields.push((name.to_owned(), value.to_owned())),
            (None, Some((_, value))) => {
                value.push(' ');
                value.push_str(word);
            }
            (None, None) => fields.push((word.to_owned(), String::new())),
        }
    }
    fields
}

/// What a form calls the unit at which the person stands.
pub(super) const HERE: &str = "here";

/// The day of an act.
pub(super) fn day_of(act: &Act) -> Date {
    act.at.date()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TEXT: &str = "
# 一句话
故事 一处隐患
列 单位 起 事
例 hotel#1 | -3 | 防火门 损坏
例 老街饭店 | -1 | 灭火器失效
$起+1 16:00 罗敏 隐患.order correct_by=.+10
$起 09:30 罗敏 隐患=hazard.register unit=$单位 what=$事 found_on=.
";

    #[test]
    fn a_story_is_told_once_for_each_line_of_its_table_in_the_order_of_time() {
        let calendar = crate::catalog::shipped().unwrap().calendar(jiff::tz::Offset::constant(8));
        let days = Days::counted(&calendar, date(2026, 11, 20));
        let unit = |text: &str| Some(text.replace("hotel#1", "云上宾馆"));
        let acts = read(&[("a.txt", TEXT)], &days, &unit).unwrap();
        let told: Vec<_> = acts.iter().map(|a| (a.telling, a.mv.as_str(), a.at.to_string())).collect();
        assert_eq!(told[0], (1, "register", "2026-11-17T09:30:00".to_owned()));
        assert_eq!(told[1], (1, "order", "2026-11-18T16:00:00".to_owned()));
        assert_eq!(told[3], (2, "order", "2026-11-20T16:00:00".to_owned()));
        assert_eq!(acts[0].fields[1], ("what".to_owned(), "防火门 损坏".to_owned()));
        assert_eq!((acts[0].opens.as_deref(), &*acts[0].place), (Some("hazard"), "a.txt:8"));
        let wrong = read(&[("a.txt", "-1 25:00 罗敏 甲=a.b")], &days, &unit).unwrap_err();
        assert!(format!("{wrong:#}").contains("a.txt:1: 不是钟点：25:00"), "{wrong:#}");
        let wrong = read(&[("a.txt", "故事 甲\n列 单位 起\n例 老街饭店")], &days, &unit).unwrap_err();
        assert!(wrong.to_string().contains("有 1 项"), "{wrong}");
    }
}
