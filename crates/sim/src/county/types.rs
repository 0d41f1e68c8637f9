//! What a simulated county consists of, as plain data without behaviour.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The whole county: regions, units, terminals and the base map.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct County {
    /// The seed it was made from.
    pub seed: u64,
    /// Province, city, county, townships and villages, parents before children.
    pub regions: Vec<Region>,
    /// The 16 townships with their seats and outlines.
    pub townships: Vec<Township>,
    /// The 334 villages and communities.
    pub villages: Vec<Village>,
    /// About 1,200 units (单位), ordered by code.
    pub units: Vec<Unit>,
    /// About 900 user information transmission devices (用户信息传输装置) with 20,000 points.
    pub terminals: Vec<Terminal>,
    /// The base map as a GeoJSON feature collection; see [`County::base_map`].
    pub(crate) map: Value,
}

/// A position in WGS 84 degrees, rounded to five decimals (about one metre).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// Longitude, degrees east.
    pub lon: f64,
    /// Latitude, degrees north.
    pub lat: f64,
}

/// The five levels of administration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegionLevel {
    /// Province (省).
    Province,
    /// City (市).
    City,
    /// County (县).
    County,
    /// Township or town (乡镇).
    Township,
    /// Village or community (村、社区).
    Village,
}

/// One administrative region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    /// Twelve-digit code.
    pub code: u64,
    /// Code of the region above; none for the province.
    pub parent: Option<u64>,
    /// Its level.
    pub level: RegionLevel,
    /// Its name, such as 云岫镇.
    pub name: String,
}

/// A township with its seat and outline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Township {
    /// Twelve-digit code.
    pub code: u64,
    /// Its name.
    pub name: String,
    /// Where its government sits.
    pub seat: Position,
    /// Closed ring, first point repeated at the end, counter-clockwise.
    pub outline: Vec<Position>,
}

/// Whether a village is urban or rural.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VillageKind {
    /// Urban community (社区), codes from 001.
    Community,
    /// Village (村), codes from 201.
    Village,
}

/// A village or community.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Village {
    /// Twelve-digit code.
    pub code: u64,
    /// Its name.
    pub name: String,
    /// Urban or rural.
    pub kind: VillageKind,
    /// Code of its township.
    pub township: u64,
    /// Its centre.
    pub position: Position,
}

/// What a unit does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Shopping centre (商业综合体).
    ShoppingCentre,
    /// Store or furniture market (商场市场).
    Store,
    /// Hotel (宾馆).
    Hotel,
    /// School (学校).
    School,
    /// Kindergarten (幼儿园).
    Kindergarten,
    /// Hospital (医院).
    Hospital,
    /// Home for the aged (养老院).
    AgedCare,
    /// Factory (工厂).
    Factory,
    /// Warehouse (仓储物流).
    Warehouse,
    /// Filling station (加油站).
    FillingStation,
    /// Food market (农贸市场).
    Market,
    /// Restaurant (餐饮).
    Restaurant,
    /// Internet café, cinema, singing hall (公共娱乐).
    Entertainment,
    /// Government and other offices (机关办公).
    Office,
    /// Housing estate (居民小区).
    Housing,
    /// Guest house (民宿).
    GuestHouse,
    /// Temple or protected building (寺庙文保).
    Heritage,
    /// Dangerous chemicals (危化企业).
    Chemicals,
    /// Small workshop or shop (小作坊、小场所).
    Workshop,
}

/// A person and the telephone at which the person answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Invented name.
    pub name: String,
    /// Internal number of four or five digits: cannot be dialled from outside.
    pub phone: String,
}

/// A unit (单位): one organisation at one place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unit {
    /// 18 characters like a social credit code, but `SL` (示例) and digits.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it does.
    pub category: Category,
    /// Street and number, beginning with the township.
    pub address: String,
    /// Code of its township.
    pub township: u64,
    /// Code of its village or community.
    pub village: u64,
    /// Its main entrance.
    pub position: Position,
    /// Key unit for fire safety (消防安全重点单位).
    pub key_unit: bool,
    /// Fire safety manager (消防安全管理人).
    pub safety_manager: Contact,
    /// Person on duty in the control room (消控室值班员), or who answers for the place.
    pub duty_person: Contact,
    /// Its buildings, numbered from 1 without gaps; at least one.
    pub buildings: Vec<Building>,
}

/// A building of a unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Building {
    /// Number within the unit, from 1.
    pub number: u16,
    /// Name such as 2 号厂房.
    pub name: String,
    /// What it is used for, such as 丙类厂房.
    pub used_for: String,
    /// Floors above ground, at least 1.
    pub floors_above: u16,
    /// Floors below ground.
    pub floors_below: u16,
    /// Floor area of all floors.
    pub area_m2: u32,
    /// Height above ground.
    pub height_m: f64,
    /// Its middle.
    pub position: Position,
}

/// A user information transmission device (用户信息传输装置) and the points behind it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Terminal {
    /// Six-byte source address of its frames; unique, never zero.
    pub source: u64,
    /// Its name.
    pub name: String,
    /// Code of its unit.
    pub unit: String,
    /// Invented maker.
    pub maker: String,
    /// Dialect profile; always `gb26875` here.
    pub profile: String,
    /// Day of installation.
    pub installed_on: jiff::civil::Date,
    /// System types of GB/T 26875.3 behind it, ascending.
    pub system_types: Vec<u8>,
    /// Where it hangs.
    pub position: Position,
    /// Its detection points; addresses are unique within the terminal.
    pub points: Vec<Point>,
}

/// A detection point (探测点): one component of a fire system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// System type of GB/T 26875.3, 1 being the fire alarm system.
    pub system_type: u8,
    /// System address behind the terminal.
    pub system_address: u8,
    /// Component type of GB/T 26875.3, such as 42 for a photoelectric smoke detector.
    pub component_type: u8,
    /// Zone in the low 16 bits, position within the zone in the high 16 bits.
    pub component_address: u32,
    /// What stands on its label, such as `3 层 2 区 017 号`.
    pub label: String,
    /// Number of the building within the unit.
    pub building: u16,
    /// Floor, negative below ground, never 0.
    pub floor: i16,
    /// Name of the zone, such as 服装区.
    pub zone: String,
    /// What it measures, when it measures.
    pub analog: Option<Analog>,
}

/// A measured quantity with its wire type and its usual value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Analog {
    /// Analog type of GB/T 26875.3: 2 height, 3 temperature, 5 pressure in kPa, 9 current.
    pub kind: u8,
    /// Usual value in the smallest step of that type (0.01 m, 0.1 °C, 0.1 kPa, 0.1 A).
    pub usual: i16,
    /// How far it wanders from the usual value, in the same step.
    pub swing: i16,
}
