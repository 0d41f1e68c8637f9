//! A row of a ledger's table: what it is known by, how it stands, and its fields by the types of the catalog. Names of
//! units, persons and other entries are only taken down here; who they are is looked up later, for many rows at once.

use super::Reading;
use crate::imports::tables::{
    CLOSED_ON, NUMBER, OPENED_ON, OPENS, REGION, SOURCE_NUMBER, SOURCE_SYSTEM, STATE, UNIT_CODE,
};
use fengsui_catalog::{Field, FieldType};
use fengsui_sheet::{Cell, narrow, same_word};
use jiff::civil::Date;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// What a number of another system is called when its table does not say which system it is.
const OTHER_SYSTEM: &str = "外部";
/// What a row is known by that has no number at all: its content.
const BY_CONTENT: &str = "表格内容";
/// Longest name of another system and longest number there, in characters.
const SOURCE_CHARS_MAX: usize = 60;
/// What stands between names in one cell.
const BETWEEN: [char; 7] = ['、', ',', '，', ';', '；', '/', '\n'];
/// Fen in a yuan have two places, in ten thousand yuan six.
const YUAN_PLACES: usize = 2;
const WAN_PLACES: usize = 6;

/// What a row says of an entry beside its fields.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct EntryCells {
    /// The system that the entry comes from.
    pub(crate) system: String,
    /// Its number there.
    pub(crate) source_number: String,
    /// Its number in this ledger, when it left from here.
    pub(crate) number: Option<String>,
    /// The opening move.
    pub(crate) opens: Option<String>,
    pub(crate) opened_on: Option<Date>,
    pub(crate) state: Option<String>,
    pub(crate) closed_on: Option<Date>,
    /// Names that stand for entries: field and words.
    pub(crate) named: Vec<(String, Vec<String>)>,
}

impl Reading<'_> {
    pub(super) fn entry(&mut self) {
        self.known_by();
        self.standing();
        for field in &self.ground.kind.fields {
            self.entry_field(field);
        }
        if let Some(text) = self.narrowed(REGION) {
            match self.ground.region(&text) {
                Ok(code) => self.draft.region = Some(code),
                Err(detail) => self.wrong(REGION, "region.outside", detail),
            }
        }
        self.draft.unit_code = self.narrowed(UNIT_CODE);
    }

    /// Its own number, its number in another system, or its content.
    fn known_by(&mut self) {
        let prefix = self.ground.kind.office.as_ref().map_or("", |o| o.number.as_str());
        let ours = |text: &String| text.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('-'));
        let number = self.narrowed(NUMBER);
        let foreign = self.narrowed(SOURCE_NUMBER).or(number.clone().filter(|text| !ours(text)));
        let system = self.text(SOURCE_SYSTEM);
        for (name, text) in [(SOURCE_NUMBER, &foreign), (SOURCE_SYSTEM, &system)] {
            if text.as_ref().is_some_and(|text| text.chars().count() > SOURCE_CHARS_MAX) {
                self.wrong(name, "text.too_long", format!("最多 {SOURCE_CHARS_MAX} 个字"));
            }
        }
        let cells = &mut self.draft.entry;
        cells.number = number.filter(ours);
        (cells.system, cells.source_number) = match foreign {
            Some(foreign) => (system.unwrap_or_else(|| OTHER_SYSTEM.to_owned()), foreign),
            None => (BY_CONTENT.to_owned(), String::new()),
        };
        if self.draft.entry.source_number.is_empty() {
            self.draft.entry.source_number = self.content();
        }
        let cells = &self.draft.entry;
        self.draft.key = match &cells.number {
            Some(number) => number.clone(),
            None => format!("{}/{}", cells.system, cells.source_number),
        };
    }

    /// The row by what stands in it, whatever the order of its columns.
    fn content(&self) -> String {
        let mut named: Vec<_> = self.ground.columns.iter().flatten().collect();
        named.sort_unstable();
        let mut digest = Sha256::new();
        for name in named {
            let text = self.text(name).unwrap_or_default();
            digest.update(format!("{name}\u{1f}{text}\u{1e}"));
        }
        hex::encode(&digest.finalize()[..16])
    }

    fn standing(&mut self) {
        self.draft.entry.opened_on = self.day(OPENED_ON);
        self.draft.entry.closed_on = self.day(CLOSED_ON);
        let kind = &self.ground.kind;
        if let Some(text) = self.text(STATE) {
            let labels = || kind.states.iter().map(|s| s.label.as_str()).collect::<Vec<_>>().join("、");
            match kind.states.iter().find(|s| s.name == text || same_word(&s.label, &text)) {
                Some(state) => self.draft.entry.state = Some(state.name.clone()),
                None => self.wrong(STATE, "state.unknown", format!("只能是：{}", labels())),
            }
        }
        if let Some(text) = self.text(OPENS) {
            let labels = || kind.openings().map(|m| m.label.as_str()).collect::<Vec<_>>().join("、");
            match kind.openings().find(|m| m.name == text || same_word(&m.label, &text)) {
                Some(mv) => self.draft.entry.opens = Some(mv.name.clone()),
                None => self.wrong(OPENS, "opening.unknown", format!("只能是：{}", labels())),
            }
        }
    }

    fn day(&mut self, name: &str) -> Option<Date> {
        self.date(name);
        // Read like a field, and no field of the entry.
        self.draft.fields.remove(name).and_then(|day| day.as_str()?.parse().ok())
    }

    fn entry_field(&mut self, field: &Field) {
        let name = field.name.as_str();
        if self.cell(name).is_none() {
            return;
        }
        match field.kind {
            FieldType::Text => self.plain(name),
            FieldType::Truth => self.truth(name),
            FieldType::Choice => self.choice(name),
            FieldType::Date => self.date(name),
            FieldType::Instant => self.moment(name),
            FieldType::Integer => self.measured(field, true),
            FieldType::Real => self.measured(field, false),
            FieldType::Money => self.money(name),
            FieldType::Region => self.region_field(name),
            FieldType::Link | FieldType::Person => {
                let words = self.text(name).into_iter().collect();
                self.draft.entry.named.push((name.to_owned(), words));
            }
            FieldType::Links | FieldType::People => {
                let text = self.text(name).unwrap_or_default();
                let words = text.split(BETWEEN).map(str::trim).filter(|w| !w.is_empty());
                self.draft.entry.named.push((name.to_owned(), words.map(str::to_owned).collect()));
            }
            FieldType::Photos | FieldType::Files | FieldType::List | FieldType::Record => {}
        }
    }

    fn region_field(&mut self, name: &str) {
        let Some(text) = self.narrowed(name) else { return };
        match self.ground.region(&text) {
            Ok(code) => {
                self.draft.fields.insert(name.to_owned(), code.to_string().into());
            }
            Err(detail) => self.wrong(name, "region.outside", detail),
        }
    }

    /// A number, its unit behind it or not.
    fn measured(&mut self, field: &Field, whole: bool) {
        let unit = field.unit.as_deref().unwrap_or_default();
        let number = match self.cell(&field.name) {
            Some(Cell::Text(text)) => {
                let text = narrow(text);
                let bare = text.strip_suffix(unit).unwrap_or(&text).trim();
                Cell::Text(bare.to_owned()).number()
            }
            cell => cell.and_then(Cell::number),
        };
        let fits = number.filter(|n| n.abs() < 1e15 && (!whole || n.fract() == 0.0));
        match fits {
            Some(n) if whole => {
                self.draft.fields.insert(field.name.clone(), (n as i64).into());
            }
            Some(n) => {
                self.draft.fields.insert(field.name.clone(), n.into());
            }
            None => self.wrong(&field.name, "number.malformed", if whole { "应是整数" } else { "应是数字" }),
        }
    }

    fn money(&mut self, name: &str) {
        let place = self.ground.columns.iter().position(|c| c.as_deref() == Some(name));
        let heading = place.and_then(|at| self.ground.headings.get(at)).map_or("", String::as_str);
        let text = match self.cell(name) {
            // A sum that was computed in binary has a tail that nobody wrote.
            Some(Cell::Number(number)) => format!("{number:.6}"),
            cell => cell.map(Cell::text).unwrap_or_default(),
        };
        match fen(&text, heading.contains('万')) {
            Some(fen) => {
                self.draft.fields.insert(name.to_owned(), fen.into());
            }
            None => self.wrong(name, "money.malformed", "应是金额，如 1200 或 1200.50（元）、1.2万元"),
        }
    }

    fn moment(&mut self, name: &str) {
        let cell = self.cell(name).cloned();
        let at = match &cell {
            Some(Cell::Moment(at)) => Some(*at),
            Some(cell) => written_moment(&narrow(&cell.text()))
                .or_else(|| cell.date(self.row.epoch).ok().map(|day| day.at(0, 0, 0, 0))),
            None => None,
        };
        let offset = jiff::tz::Offset::constant(8);
        match at.and_then(|at| offset.to_timestamp(at).ok()) {
            Some(at) => {
                self.draft.fields.insert(name.to_owned(), Value::String(at.to_string()));
            }
            None => self.wrong(name, "instant.malformed", "不是日期和时间，请写成 2025-10-03 14:30"),
        }
    }
}

/// A date with a time of day behind it: 2025-10-03 14:30, 2025/10/3 14:30:05, 2025年10月3日 14时30分.
fn written_moment(text: &str) -> Option<jiff::civil::DateTime> {
    let numbers: Vec<i16> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    let (day, time) = numbers.split_at_checked(3)?;
    let at = |part: usize| time.get(part).copied().unwrap_or(0);
    let small = |n: i16| i8::try_from(n).ok();
    if time.is_empty() || time.len() > 3 {
        return None;
    }
    jiff::civil::DateTime::new(
        day[0],
        small(day[1])?,
        small(day[2])?,
        small(at(0))?,
        small(at(1))?,
        small(at(2))?,
        0,
    )
    .ok()
    .filter(|at| (1900..2200).contains(&at.year()))
}

/// A sum of money in fen: exact, with at most two places of a yuan.
fn fen(text: &str, in_wan: bool) -> Option<i64> {
    let narrow = narrow(text).replace([',', ' ', '¥', '￥'], "");
    let bare = narrow.strip_suffix('元').unwrap_or(&narrow);
    let (bare, wan) = match bare.strip_suffix('万') {
        Some(bare) => (bare, true),
        None => (bare, in_wan),
    };
    let places = if wan { WAN_PLACES } else { YUAN_PLACES };
    let (whole, part) = bare.split_once('.').unwrap_or((bare, ""));
    let part = part.trim_end_matches('0');
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || part.len() > places || !digits(whole) || !digits(part) {
        return None;
    }
    format!("{whole}{part:0<places$}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_exact_in_yuan_and_in_ten_thousands() {
        let cases = [
            ("1200", false, Some(120_000)),
            ("１，２００．５０元", false, Some(120_050)),
            ("1.2万元", false, Some(1_200_000)),
            ("0.3", true, Some(300_000)),
            ("0.300000", false, Some(30)),
            ("¥ 12.34", false, Some(1_234)),
            ("12.345", false, None),
            ("0.0000001", true, None),
            ("-5", false, None),
            ("约5000", false, None),
            ("", false, None),
            ("1234567890123", false, None),
        ];
        for (text, in_wan, expected) in cases {
            assert_eq!(fen(text, in_wan), expected, "{text}");
        }
    }

    #[test]
    fn an_instant_is_read_as_people_write_it() {
        for text in ["2025-10-03 14:30", "2025/10/3 14:30:00", "2025年10月3日 14时30分", "2025.10.3 14:30"]
        {
            let at = written_moment(text).map(|at| at.to_string());
            assert_eq!(at.as_deref(), Some("2025-10-03T14:30:00"), "{text}");
        }
        for text in
            ["2025-10-03", "14:30", "2025-13-03 14:30", "2025-10-03 25:00", "明天 14:30", "25-10-3 8:00"]
        {
            assert_eq!(written_moment(text), None, "{text}");
        }
    }
}
