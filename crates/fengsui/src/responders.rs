//! Responders of the demonstration county: who is called when nobody takes an alarm. All invented, with numbers
//! that cannot be dialled from outside.

use anyhow::Result;
use fengsui_app::{App, ResponderDraft};
use fengsui_base::{Fields, Position, RegionCode};
use fengsui_sim::county::{Category, County, Unit};

/// The rule under which they are registered.
const RULE: &str = "示例数据";
/// The hours in which somebody is called, from and until.
type Hours = Option<(&'static str, &'static str)>;

/// The office's own: role, name, number, order, hours.
const OFFICE: [(&str, &str, &str, i64, Hours); 3] = [
    ("deputy", "李强", "61101", 1, Some(("08:00", "20:00"))),
    ("deputy", "王海涛", "61102", 1, Some(("20:00", "08:00"))),
    ("duty_leader", "孙志远", "61100", 1, None),
];
/// Surnames and given names of grid workers, combined by number.
const SURNAMES: [&str; 8] = ["何", "吴", "郑", "冯", "蒋", "沈", "韩", "杨"];
const NAMES: [&str; 7] = ["苗", "晓燕", "建平", "春梅", "国庆", "小军", "丽娟"];
/// Small places whose household is registered besides the unit's own contacts.
const HOUSEHOLDS: usize = 12;

/// Registers the office's own people, a grid worker and a mini station for every township, and some households.
pub(crate) async fn enlist(app: &App, county: &County, region: RegionCode) -> Result<usize> {
    let mut all = OFFICE
        .map(|(role, name, phone, order, hours)| draft(role, name, phone, order, hours, region, None))
        .to_vec();
    for (number, township) in county.townships.iter().enumerate() {
        let code = crate::demo::code(&format!("{:012}", township.code))?;
        let at = Position::new(township.seat.lon, township.seat.lat).ok();
        let name = format!("{}{}", SURNAMES[number % SURNAMES.len()], NAMES[number % NAMES.len()]);
        all.push(draft("grid_worker", &name, &format!("62{number:03}"), 1, None, code, at));
        let station = format!("{}微型消防站", township.name);
        all.push(draft("mini_station", &station, &format!("63{number:03}"), 1, None, code, at));
    }
    for (number, unit) in small_places(county).enumerate() {
        let code = crate::demo::code(&format!("{:012}", unit.village))?;
        let at = Position::new(unit.position.lon, unit.position.lat).ok();
        let household =
            draft("household", &unit.duty_person.name, &format!("64{number:03}"), 1, None, code, at);
        let unit = app.unit_with_code(&unit.code).await?;
        all.push(ResponderDraft { unit, ..household });
    }
    let count = all.len();
    for one in all {
        app.import_responder(one, RULE).await?;
    }
    Ok(count)
}

fn small_places(county: &County) -> impl Iterator<Item = &Unit> {
    let small = |u: &&Unit| {
        !u.key_unit && matches!(u.category, Category::Housing | Category::GuestHouse | Category::Workshop)
    };
    county.units.iter().filter(small).take(HOUSEHOLDS)
}

fn draft(
    role: &str,
    name: &str,
    phone: &str,
    order: i64,
    hours: Hours,
    region: RegionCode,
    position: Option<Position>,
) -> ResponderDraft {
    let mut fields = Fields::new();
    fields.insert("role".to_owned(), role.into());
    fields.insert("phone".to_owned(), phone.into());
    fields.insert("order".to_owned(), order.into());
    // The office's own are in its group.
    let handle = OFFICE.iter().position(|(own, _, number, ..)| *own == role && *number == phone);
    fields.extend(handle.map(|n| ("robot_handle".to_owned(), format!("yunxiu.{:02}", n + 1).into())));
    if let Some((from, until)) = hours {
        fields.insert("hours_from".to_owned(), from.into());
        fields.insert("hours_until".to_owned(), until.into());
    }
    ResponderDraft { name: name.to_owned(), region, unit: None, position, fields }
}
