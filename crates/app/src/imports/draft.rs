//! One row of a table becomes what it says of a unit, a terminal or a point, or a list of what is wrong with it:
//! which row, which column, what stands there, what to do.
//!
//! Pure: regions, limits and the datum are handed in. What the register holds already is looked at later.

mod entry;
mod limits;

pub(crate) use entry::EntryCells;
pub(crate) use limits::limit_cells;

use super::columns::ImportSubject;
use super::tables::ImportTable;
use crate::terminals::{LIFE_YEARS_MAX, PERIOD_S_MAX};
use fengsui_base::{Datum, Fields, Position, RegionCode, Scope};
use fengsui_catalog::{FieldType, Kind, check_fields};
use fengsui_sheet::{Cell, DateMistake, Row, narrow, same_word};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Longest name of a unit, a terminal or a point, in characters.
const NAME_CHARS_MAX: usize = 60;
/// Longest value shown with a problem, in characters.
const SHOWN_CHARS_MAX: usize = 40;
/// How far outside the county's map a position may lie, in degrees: about five kilometres.
const OUTSIDE_DEGREES: f64 = 0.05;

/// Something wrong in a row.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RowProblem {
    /// Row of the file, from 1.
    pub row: u32,
    /// Label of the column; empty when the row as a whole is wrong.
    pub column: String,
    /// What stands there.
    pub value: String,
    /// Stable code.
    pub code: String,
    /// What is wrong and how to mend it.
    pub detail: String,
}

/// What a row says.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct RowDraft {
    /// Row of the file.
    pub(crate) row: u32,
    /// What it is known by: the unit's code, the terminal's source, the point's address.
    pub(crate) key: String,
    pub(crate) title: Option<String>,
    pub(crate) region: Option<RegionCode>,
    pub(crate) position: Option<Position>,
    /// Code of the unit that a terminal belongs to.
    pub(crate) unit_code: Option<String>,
    /// Source of the terminal that a point belongs to.
    pub(crate) terminal_source: Option<String>,
    /// What a row of a ledger says beside its fields.
    pub(crate) entry: EntryCells,
    /// A person to be called, with a telephone.
    pub(crate) contact: Option<(String, String)>,
    /// The catalog's fields; a blank cell says nothing of its field.
    pub(crate) fields: Fields,
}

/// What rows are read by.
pub(crate) struct Ground {
    pub(crate) table: ImportTable,
    pub(crate) kind: Kind,
    /// Name of each column of the file that counts.
    pub(crate) columns: Vec<Option<String>>,
    /// What each column of the file is called there.
    pub(crate) headings: Vec<String>,
    pub(crate) regions: HashMap<String, Vec<RegionCode>>,
    pub(crate) scope: Scope,
    pub(crate) datum: Datum,
    /// West, south, east, north of the county's map.
    pub(crate) extent: Option<[f64; 4]>,
}

/// A row under reading.
struct Reading<'g> {
    ground: &'g Ground,
    row: Row,
    draft: RowDraft,
    problems: Vec<RowProblem>,
}

impl Ground {
    /// What the row says, or what is wrong with it.
    pub(crate) fn read(&self, row: Row) -> Result<RowDraft, Vec<RowProblem>> {
        let draft = RowDraft { row: row.number, ..RowDraft::default() };
        let mut reading = Reading { ground: self, row, draft, problems: Vec::new() };
        reading.unreadable_cells();
        match self.table.subject {
            ImportSubject::Unit => reading.unit(),
            ImportSubject::Terminal => reading.terminal(),
            ImportSubject::Point => reading.point(),
            ImportSubject::Ledger => reading.entry(),
        }
        reading.position();
        reading.catalog_fields();
        if reading.problems.is_empty() { Ok(reading.draft) } else { Err(reading.problems) }
    }

    fn region(&self, text: &str) -> Result<RegionCode, &'static str> {
        let known = self.regions.get(text).map_or(&[][..], Vec::as_slice);
        let within: Vec<_> = known.iter().filter(|code| self.scope.contains(**code)).collect();
        match within.as_slice() {
            [one] => Ok(**one),
            [] => Err("没有这个辖区，或不在您的管理范围，请照辖区名称或十二位代码填写"),
            _ => Err("有几个辖区叫这个名字，请改填十二位辖区代码"),
        }
    }
}

impl Reading<'_> {
    fn cell(&self, name: &str) -> Option<&Cell> {
        let place = self.ground.columns.iter().position(|c| c.as_deref() == Some(name))?;
        self.row.cells.get(place).filter(|cell| !cell.is_blank())
    }

    fn text(&self, name: &str) -> Option<String> {
        self.cell(name).map(Cell::text).filter(|text| !text.is_empty())
    }

    fn narrowed(&self, name: &str) -> Option<String> {
        self.text(name).map(|text| narrow(&text)).filter(|text| !text.is_empty())
    }

    fn wrong(&mut self, name: &str, code: &str, detail: impl Into<String>) {
        let column = self.ground.table.column(name);
        let value = match self.cell(name) {
            Some(Cell::Error(error)) => error.clone(),
            Some(Cell::Formula) => "公式".to_owned(),
            cell => cell.map(Cell::text).unwrap_or_default().chars().take(SHOWN_CHARS_MAX).collect(),
        };
        self.problems.push(RowProblem {
            row: self.row.number,
            column: column.map_or_else(String::new, |c| c.label.to_string()),
            value,
            code: code.to_owned(),
            detail: detail.into(),
        });
    }

    /// A formula counts by its result; one without, an error or garbled characters are named.
    fn unreadable_cells(&mut self) {
        let named: Vec<_> = self.ground.columns.iter().flatten().cloned().collect();
        for name in named {
            match self.cell(&name) {
                Some(Cell::Formula) => {
                    let detail =
                        "公式没有算出结果。请在表格里复制这一列，用“选择性粘贴—数值”贴回，再保存上传";
                    self.wrong(&name, "cell.formula", detail);
                }
                Some(Cell::Error(_)) => {
                    self.wrong(&name, "cell.error", "这一格是出错的公式，请改成内容本身");
                }
                Some(Cell::Text(text)) if text.contains('\u{fffd}') => {
                    self.wrong(&name, "cell.garbled", "有读不出的字。请把文件另存为 xlsx 再上传");
                }
                _ => {}
            }
        }
    }

    fn unit(&mut self) {
        self.draft.key = self.narrowed("code").unwrap_or_default();
        if self.draft.key.is_empty() {
            self.wrong("code", "field.required", "请填写编号");
        }
        self.named("name");
        if let Some(text) = self.narrowed("region") {
            match self.ground.region(&text) {
                Ok(code) => self.draft.region = Some(code),
                Err(detail) => self.wrong("region", "region.outside", detail),
            }
        }
        self.draft.fields.insert("code".to_owned(), self.draft.key.as_str().into());
        self.truth("key_unit");
        self.choice("category");
        for name in ["address", "legal_person", "safety_manager", "grid", "sector", "remark"] {
            self.plain(name);
        }
        let (name, phone) = (self.text("contact"), self.narrowed("phone"));
        match (name, phone) {
            (Some(name), Some(phone)) if phone_fits(&phone) => self.draft.contact = Some((name, phone)),
            (_, Some(phone)) if !phone_fits(&phone) => {
                self.wrong("phone", "phone.malformed", "电话只能有数字、空格和 + - ( )，3 到 20 位，请核对");
            }
            (None, Some(_)) => self.wrong("contact", "field.required", "填了联系电话，请把联系人也填上"),
            (Some(_), None) => self.wrong("phone", "field.required", "填了联系人，请把联系电话也填上"),
            _ => {}
        }
    }

    fn terminal(&mut self) {
        match self.narrowed("source").map(|text| source_of(&text)) {
            Some(Some(source)) => self.draft.key = source,
            Some(None) => {
                let detail = "源地址是 1 到 281474976710655 之间的整数，请照终端铭牌填写";
                self.wrong("source", "source.number", detail);
            }
            None => self.wrong("source", "field.required", "请填写源地址"),
        }
        self.named("name");
        self.draft.unit_code = self.narrowed("unit_code");
        self.draft.fields.insert("source".to_owned(), self.draft.key.as_str().into());
        for name in ["code", "maker", "model", "remark"] {
            self.plain(name);
        }
        self.choice("profile");
        self.date("installed_on");
        self.whole("service_life_years", 1..=LIFE_YEARS_MAX);
        self.date("battery_installed_on");
        self.whole("report_period_s", 1..=PERIOD_S_MAX);
    }

    fn point(&mut self) {
        match self.narrowed("terminal_source").map(|text| source_of(&text)) {
            Some(Some(source)) => self.draft.terminal_source = Some(source),
            Some(None) => self.wrong("terminal_source", "source.number", "源地址应是整数，请照终端铭牌填写"),
            None => self.wrong("terminal_source", "field.required", "请填写所属终端的源地址"),
        }
        self.named("label");
        let system_type =
            self.code_or_name("system_type", |n| gb26875::names::system_type(n).map(|n| n.zh), 1);
        self.whole("system_address", 0..=255);
        let system_address = self.draft.fields.get("system_address").and_then(|v| v.as_u64()).unwrap_or(1);
        self.draft.fields.insert("system_address".to_owned(), system_address.into());
        if self.cell("component_type").is_some() {
            self.code_or_name("component_type", |n| gb26875::names::component_type(n).map(|n| n.zh), 0);
        }
        let address = self.component_address();
        for name in ["building", "floor", "zone"] {
            self.plain(name);
        }
        self.limits();
        let source = self.draft.terminal_source.clone().unwrap_or_default();
        self.draft.key = format!("{source}/{system_type}/{system_address}/{address}");
    }

    /// The address as one number, or put together from zone and number as the standard puts them.
    fn component_address(&mut self) -> i64 {
        let both = (self.cell("zone_number").is_some(), self.cell("point_number").is_some());
        let address = match both {
            _ if self.cell("component_address").is_some() => {
                self.whole("component_address", 0..=i64::from(u32::MAX));
                self.draft.fields.get("component_address").and_then(serde_json::Value::as_i64)
            }
            (true, true) => self.joined_address(),
            _ => {
                self.wrong("component_address", "field.required", "请填写部件地址，或区号和点号两项");
                None
            }
        };
        self.draft.fields.extend(address.map(|a| ("component_address".to_owned(), a.into())));
        address.unwrap_or_default()
    }

    fn joined_address(&mut self) -> Option<i64> {
        let narrow = |reading: &mut Self, name: &str| {
            let number = reading.number_in(name, 0..=i64::from(u16::MAX))?;
            u16::try_from(number).ok()
        };
        let (zone, point) = (narrow(self, "zone_number"), narrow(self, "point_number"));
        Some(i64::from(gb26875::Profile::default().join_part_address(zone?, point?)))
    }

    fn named(&mut self, name: &str) {
        let Some(text) = self.text(name) else { return };
        let length = text.chars().count();
        if length > NAME_CHARS_MAX {
            self.wrong(name, "name.length", format!("有 {length} 个字，最多 {NAME_CHARS_MAX} 个"));
        }
        self.draft.title = Some(text);
    }

    fn plain(&mut self, name: &str) {
        let text = self.text(name);
        self.draft.fields.extend(text.map(|text| (name.to_owned(), text.into())));
    }

    fn truth(&mut self, name: &str) {
        let Some(text) = self.narrowed(name) else { return };
        match text.to_lowercase().as_str() {
            "是" | "1" | "y" | "yes" | "true" | "√" | "✓" | "有" => {
                self.draft.fields.insert(name.to_owned(), true.into());
            }
            "否" | "0" | "n" | "no" | "false" | "×" | "x" | "无" => {
                self.draft.fields.insert(name.to_owned(), false.into());
            }
            _ => self.wrong(name, "truth.unknown", "只能填 是 或 否"),
        }
    }

    fn choice(&mut self, name: &str) {
        let Some(text) = self.text(name) else { return };
        let field = self.ground.kind.field(name);
        let choices = field.map(|f| f.choices.as_slice()).unwrap_or_default();
        match choices.iter().find(|c| c.value == text || same_word(&c.label, &text)) {
            Some(choice) => {
                self.draft.fields.insert(name.to_owned(), choice.value.as_str().into());
            }
            None => {
                let labels: Vec<_> = choices.iter().map(|c| c.label.as_str()).collect();
                self.wrong(name, "choice.unknown", format!("只能是：{}", labels.join("、")));
            }
        }
    }

    fn date(&mut self, name: &str) {
        let Some(found) = self.cell(name).map(|cell| cell.date(self.row.epoch)) else { return };
        let detail = match found {
            Ok(day) => {
                self.draft.fields.insert(name.to_owned(), day.to_string().into());
                return;
            }
            Err(DateMistake::NoDay) => "只有年月，请补上日，如 2024-03-05",
            Err(DateMistake::NoSuchDay) => "没有这一天，请核对",
            Err(DateMistake::NoDate) => "不是日期，请写成 2024-03-05",
        };
        self.wrong(name, "date.impossible", detail);
    }

    fn number_in(&mut self, name: &str, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let cell = self.cell(name)?;
        let number = cell.number().filter(|n| n.fract() == 0.0 && n.abs() < 1e15).map(|n| n as i64);
        let fits = number.filter(|n| range.contains(n));
        if fits.is_none() {
            let detail = format!("应是 {} 到 {} 之间的整数", range.start(), range.end());
            self.wrong(name, "number.range", detail);
        }
        fits
    }

    fn whole(&mut self, name: &str, range: std::ops::RangeInclusive<i64>) {
        let number = self.number_in(name, range);
        self.draft.fields.extend(number.map(|n| (name.to_owned(), n.into())));
    }

    /// A type by its number in the standard or by its Chinese name.
    fn code_or_name(&mut self, name: &str, known: fn(u8) -> Option<&'static str>, otherwise: u8) -> u8 {
        let Some(text) = self.narrowed(name) else {
            self.draft.fields.insert(name.to_owned(), otherwise.into());
            return otherwise;
        };
        let by_name = || (0..=u8::MAX).find(|n| known(*n).is_some_and(|label| same_word(label, &text)));
        match text.parse().ok().or_else(by_name) {
            Some(number) => {
                self.draft.fields.insert(name.to_owned(), number.into());
                number
            }
            None => {
                self.wrong(name, "type.unknown", "应是 GB/T 26875.3 的类型代码（0 到 255）或其中的名称");
                otherwise
            }
        }
    }

    fn position(&mut self) {
        let given = (self.cell("lng").is_some(), self.cell("lat").is_some());
        if given == (false, false) {
            return;
        }
        if given != (true, true) {
            let missing = if given.0 { "lat" } else { "lng" };
            return self.wrong(missing, "position.half", "经度和纬度要一起填，或都不填");
        }
        let degrees = |name: &str| self.cell(name).and_then(Cell::number);
        let (Some(lng), Some(lat)) = (degrees("lng"), degrees("lat")) else {
            return self.wrong("lng", "position.number", "经纬度应是十进制的度，如 117.25036、29.50012");
        };
        let Ok(raw) = Position::new(lng, lat) else {
            return self.wrong("lng", "position.range", outside_words(lng, lat));
        };
        let position = self.ground.datum.to_cgcs2000(raw);
        if self.ground.extent.is_some_and(|extent| !inside(extent, position)) {
            return self.wrong("lng", "position.outside", outside_words(lng, lat));
        }
        self.draft.position = Some(position);
    }

    /// What the catalog says of texts and choices; what is missing is judged later, when it is known to be new.
    fn catalog_fields(&mut self) {
        let fields = &self.draft.fields;
        let given: Fields = fields.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
        for place in check_fields(&self.ground.kind, &given) {
            let name = place.pointer.trim_start_matches('/').to_owned();
            // Registers read their other fields by rules of their own.
            let all = self.ground.table.subject == ImportSubject::Ledger;
            let typed = all || self.ground.kind.field(&name).is_some_and(|f| f.kind == FieldType::Text);
            if given.contains_key(&name) && typed && place.code != "field.required" {
                self.wrong(&name, &place.code, place.detail);
            }
        }
    }
}

fn inside([west, south, east, north]: [f64; 4], position: Position) -> bool {
    let lng = west - OUTSIDE_DEGREES..=east + OUTSIDE_DEGREES;
    let lat = south - OUTSIDE_DEGREES..=north + OUTSIDE_DEGREES;
    lng.contains(&position.lng) && lat.contains(&position.lat)
}

fn outside_words(lng: f64, lat: f64) -> &'static str {
    // In China longitude is always the larger one.
    if lng < lat {
        "位置在县外：经度和纬度像是填反了"
    } else {
        "位置在县外，请核对经纬度和上传时选的坐标系"
    }
}

fn phone_fits(phone: &str) -> bool {
    let digits = phone.chars().filter(char::is_ascii_digit).count();
    (3..=20).contains(&digits) && phone.chars().all(|c| c.is_ascii_digit() || " +-()".contains(c))
}

/// A source address as the listener names it: digits without zeros in front, or a cloud's own name for a device.
fn source_of(text: &str) -> Option<String> {
    let named = ["ctwing:", "onenet:", "iotda:", "mqtt:"].iter().any(|p| text.starts_with(p));
    if named {
        return Some(text.to_owned());
    }
    let number: u64 = text.parse().ok()?;
    (1..1 << 48).contains(&number).then(|| number.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop where it stands")]
mod tests {
    use super::*;
    use fengsui_sheet::Epoch;

    pub(super) fn ground(subject: ImportSubject, columns: &[&str]) -> Ground {
        let files = [
            ("alarm.toml", include_str!("../../../../catalog/alarm.toml")),
            ("unit.toml", include_str!("../../../../catalog/unit.toml")),
        ];
        let kind = fengsui_catalog::Catalog::load(&files).unwrap().kind(subject.name()).unwrap().clone();
        let town: RegionCode = "990101001000".parse().unwrap();
        let other: RegionCode = "990102001000".parse().unwrap();
        Ground {
            table: ImportTable {
                subject,
                ledger: None,
                label: String::new(),
                columns: subject.columns().into(),
            },
            headings: Vec::new(),
            kind,
            columns: columns.iter().map(|c| (!c.is_empty()).then(|| (*c).to_owned())).collect(),
            regions: HashMap::from([
                ("东渚镇".to_owned(), vec![town]),
                ("990101001000".to_owned(), vec![town]),
                ("石桥镇".to_owned(), vec![other]),
                ("城关".to_owned(), vec![town, "990101002000".parse().unwrap()]),
            ]),
            scope: Scope::of([990_101_000_000..990_102_000_000]),
            datum: Datum::Cgcs2000,
            extent: Some([117.0, 29.0, 118.0, 30.0]),
        }
    }

    pub(super) fn row(cells: &[&str]) -> Row {
        let cell = |t: &&str| if t.is_empty() { Cell::Empty } else { Cell::Text((*t).to_owned()) };
        Row { number: 7, cells: cells.iter().map(cell).collect(), epoch: Epoch::Year1900 }
    }

    pub(super) fn codes(ground: &Ground, cells: &[&str]) -> Vec<String> {
        ground.read(row(cells)).err().unwrap_or_default().into_iter().map(|p| p.code).collect()
    }

    #[test]
    fn a_unit_is_read_with_full_width_digits_and_its_contact() {
        let columns =
            ["code", "name", "category", "region", "address", "key_unit", "lng", "lat", "contact", "phone"];
        let ground = ground(ImportSubject::Unit, &columns);
        let cells = [
            "ＡＢ－１２",
            "云岫酒店（东渚店）",
            "宾馆",
            "东渚镇",
            "中山路 1 号",
            "√",
            "１１７．２５",
            "29.5",
            "周敏",
            "１３８ ００００",
        ];
        let draft = ground.read(row(&cells)).unwrap();
        assert_eq!((draft.key.as_str(), draft.title.as_deref()), ("AB-12", Some("云岫酒店（东渚店）")));
        assert_eq!(draft.fields["category"], "hotel");
        assert_eq!(draft.fields["key_unit"], true);
        assert_eq!(draft.position, Some(Position { lng: 117.25, lat: 29.5 }));
        assert_eq!(draft.contact, Some(("周敏".into(), "138 0000".into())));
    }

    #[test]
    fn each_mistake_of_a_unit_is_named_with_its_column() {
        let ground = ground(
            ImportSubject::Unit,
            &["code", "name", "category", "region", "key_unit", "lng", "lat", "contact", "phone"],
        );
        let wrong = |cells: &[&str]| codes(&ground, cells);
        assert_eq!(wrong(&["", "a"]), ["field.required"]);
        assert_eq!(wrong(&["1", "a", "太空站"]), ["choice.unknown"]);
        assert_eq!(wrong(&["1", "a", "", "石桥镇"]), ["region.outside"]);
        assert_eq!(wrong(&["1", "a", "", "城关"]), ["region.outside"]);
        assert_eq!(wrong(&["1", "a", "", "99010100100"]), ["region.outside"]);
        assert_eq!(wrong(&["1", "a", "", "", "也许"]), ["truth.unknown"]);
        assert_eq!(wrong(&["1", "a", "", "", "", "117.2"]), ["position.half"]);
        assert_eq!(wrong(&["1", "a", "", "", "", "29.5", "117.2"]), ["position.range"]);
        assert_eq!(wrong(&["1", "a", "", "", "", "东经117度", "29"]), ["position.number"]);
        assert_eq!(wrong(&["1", "a", "", "", "", "116.94", "29.5"]), ["position.outside"]);
        assert!(
            wrong(&["1", "a", "", "", "", "116.96", "29.5"]).is_empty(),
            "a little outside is the edge of a map"
        );
        assert_eq!(wrong(&["1", "a", "", "", "", "", "", "周敏", "打不通"]), ["phone.malformed"]);
        assert_eq!(wrong(&["1", "a", "", "", "", "", "", "", "13800000000"]), ["field.required"]);
        assert!(wrong(&["1", &"长".repeat(60)]).is_empty());
        assert_eq!(wrong(&["1", &"长".repeat(61)]), ["name.length"]);
        assert_eq!(wrong(&[&"1".repeat(33), "a"]), ["text.too_long"]);
        assert_eq!(wrong(&["1", "a\u{fffd}"]), ["cell.garbled"]);
        let formula = Row { cells: vec![Cell::Text("1".into()), Cell::Formula], ..row(&[]) };
        let problem = ground.read(formula).unwrap_err().remove(0);
        assert_eq!((problem.row, problem.column.as_str(), problem.value.as_str()), (7, "单位名称", "公式"));
    }

    #[test]
    fn a_position_in_another_datum_is_brought_back() {
        let mut ground = ground(ImportSubject::Unit, &["code", "lng", "lat"]);
        ground.datum = Datum::Gcj02;
        let at = ground.read(row(&["1", "117.25", "29.5"])).unwrap().position.unwrap();
        let moved_m = at.distance_m(Position { lng: 117.25, lat: 29.5 });
        assert!((300.0..800.0).contains(&moved_m), "{moved_m}");
    }

    #[test]
    fn a_terminal_is_read_with_its_dates_and_limits() {
        let ground = ground(
            ImportSubject::Terminal,
            &[
                "source",
                "name",
                "unit_code",
                "installed_on",
                "service_life_years",
                "report_period_s",
                "profile",
            ],
        );
        let draft =
            ground.read(row(&["００８８９", "装置", "A1", "2024.3.5", "12", "30", "时间用 BCD"])).unwrap();
        assert_eq!((draft.key.as_str(), draft.unit_code.as_deref()), ("889", Some("A1")));
        assert_eq!(draft.fields["installed_on"], "2024-03-05");
        assert_eq!(draft.fields["profile"], "gb26875-bcd");
        let wrong = |cells: &[&str]| codes(&ground, cells);
        assert_eq!(wrong(&["0"]), ["source.number"]);
        assert!(wrong(&["281474976710655"]).is_empty());
        assert_eq!(wrong(&["281474976710656"]), ["source.number"]);
        assert_eq!(wrong(&["1", "a", "", "2024.2.30"]), ["date.impossible"]);
        assert_eq!(wrong(&["1", "a", "", "", "51"]), ["number.range"]);
        assert!(wrong(&["1", "a", "", "", "50", "604800"]).is_empty());
        assert_eq!(wrong(&["1", "a", "", "", "", "604801"]), ["number.range"]);
        assert_eq!(wrong(&["1", "a", "", "", "", "30.5"]), ["number.range"]);
        assert_eq!(wrong(&[""]), ["field.required"]);
    }

    #[test]
    fn a_point_is_known_by_its_address_in_either_spelling() {
        let ground = ground(
            ImportSubject::Point,
            &[
                "terminal_source",
                "label",
                "component_type",
                "zone_number",
                "point_number",
                "component_address",
            ],
        );
        let by_parts = ground.read(row(&["889", "1-2-017", "感烟火灾探测器", "2", "17"])).unwrap();
        let address = 17_i64 << 16 | 2;
        let by_number = ground.read(row(&["889", "1-2-017", "40", "", "", &address.to_string()])).unwrap();
        assert_eq!(by_parts, by_number);
        assert_eq!(by_parts.key, format!("889/1/1/{address}"));
        assert_eq!(codes(&ground, &["889", "a", "40", "2"]), ["field.required"]);
        assert_eq!(codes(&ground, &["889", "a", "40", "65536", "1"]), ["number.range"]);
        assert_eq!(codes(&ground, &["889", "a", "灯笼", "1", "1"]), ["type.unknown"]);
    }
}
