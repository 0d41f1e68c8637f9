//! A campaign of this autumn (秋冬季出租房整治), as an administrator of the county makes it in 台账模板: a pattern, three own
//! fields, six townships, an end and a target. The entries are told in `stories/rented_rooms.txt`.

use super::days::Days;
use anyhow::{Context, Result};
use fengsui_access::Grant;
use fengsui_app::App;
use fengsui_base::{RegionCode, Timestamp};
use fengsui_catalog::{OwnField, OwnFieldType, SiteLedger, Target};
use std::collections::BTreeMap;

/// The name that the first ledger of a site gets; the stories call it so.
const NAME: &str = "local_1";
/// The day on which it was taken into use.
const BEGAN: &str = "-22";
/// Its last day.
const ENDS: &str = "+30";
/// The townships with rented rooms.
const TOWNSHIPS: [&str; 6] = ["云岫镇", "东渚镇", "梅岗镇", "柳塘镇", "双溪镇", "石桥镇"];
/// How many places each of them is to look at.
const EACH: u32 = 10;

/// Makes the campaign as this administrator did it then.
pub(super) async fn make(app: &App, grant: &Grant, days: &Days<'_>) -> Result<()> {
    let regions: BTreeMap<String, RegionCode> =
        app.board().regions().into_iter().map(|r| (r.name, r.code)).collect();
    let codes = TOWNSHIPS.map(|name| regions.get(name).copied().with_context(|| format!("没有辖区 {name}")));
    let codes = codes.into_iter().collect::<Result<Vec<_>>>()?;
    let day = |text| days.day(text, None).with_context(|| format!("不是日子：{text}"));
    let form = SiteLedger {
        label: "秋冬季出租房整治".to_owned(),
        measure: "处".to_owned(),
        number: "CZF".to_owned(),
        pattern: "place_check".to_owned(),
        fields: fields(),
        area: app.campaign_area(&codes)?,
        ends_on: day(ENDS)?,
        target: Some(Target { count: EACH, each_township: true }),
    };
    let at: Timestamp = super::CHINA.to_timestamp(day(BEGAN)?.at(16, 30, 0, 0))?;
    let made = app.demonstration_site_ledger(grant, form, at).await?;
    anyhow::ensure!(made == NAME, "示例的专项台账叫 {made}，不是 {NAME}");
    Ok(())
}

fn fields() -> Vec<OwnField> {
    let field = |label: &str, kind| OwnField {
        label: label.to_owned(),
        kind,
        required: false,
        choices: Vec::new(),
        unit: None,
        help: None,
        listed: true,
        retired: false,
    };
    let ways = ["整栋出租", "部分出租", "楼下经营楼上住人"].map(str::to_owned).to_vec();
    vec![
        OwnField { required: true, choices: ways, ..field("出租方式", OwnFieldType::Choice) },
        OwnField {
            unit: Some("人".to_owned()),
            help: Some("查的当天实际住的人".to_owned()),
            ..field("租住人数", OwnFieldType::Integer)
        },
        OwnField { listed: false, ..field("已装独立烟感", OwnFieldType::Truth) },
    ]
}
