//! The list of a ledger as a browser walks it, page by page in the order of a field.

use crate::site::{Browser, Site};
use axum::http::StatusCode;
use fengsui_app::kit::{COUNTY, TOWN};
use serde_json::{Value, json};

const POINTS: &str = "/api/v1/ledgers/risk_point/entries";

/// Risk points of a unit, the first ones assessed to these scores by their likelihood.
async fn points(site: &Site, browser: &Browser, points: &[(&str, Option<u32>)]) {
    let unit = site.desk.register("瑞禾电子厂", TOWN, "889", 1).await.to_string();
    for (name, likelihood) in points {
        let fields = json!({ "name": name, "unit": unit, "danger": "爆燃" });
        let opened = site.post(browser, POINTS, json!({ "move": "identify", "fields": fields })).await;
        let Some(likelihood) = likelihood else { continue };
        let fields = json!({ "method": "lec", "likelihood": likelihood, "exposure": 1, "consequence": 1,
            "assessed_on": "2026-11-20", "control_level": "team", "control_owner": "何平", "measures": "巡查" });
        let path = format!("{POINTS}/{}/moves/assess", opened.json()["id"].as_str().unwrap());
        let moved = site.post_on(browser, &path, 1, json!({ "fields": fields })).await;
        assert_eq!(moved.status, StatusCode::OK, "{}", moved.body);
    }
}

/// The titles of a list, one to a page.
async fn walk(site: &Site, browser: &Browser, asked: &str) -> Vec<String> {
    let (mut titles, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = site.get(browser, &format!("{POINTS}?{asked}&limit=1{cursor}")).await.json();
        titles.extend(
            page["items"].as_array().unwrap().iter().map(|i| i["title"].as_str().unwrap().to_owned()),
        );
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return titles,
        }
    }
}

#[tokio::test]
async fn a_list_is_walked_by_a_field_with_what_has_no_value_last() {
    let site = Site::open().await;
    let browser = site.employed("luomin", "fire_supervisor", COUNTY).await;
    points(&site, &browser, &[("甲", None), ("乙", Some(6)), ("丙", Some(1)), ("丁", None)]).await;
    assert_eq!(walk(&site, &browser, "sort=score").await, ["丙", "乙", "甲", "丁"]);
    assert_eq!(walk(&site, &browser, "sort=score&descending=true").await, ["乙", "丙", "丁", "甲"]);
    let page = site.get(&browser, &format!("{POINTS}?sort=score")).await.json();
    assert_eq!(page["items"][1]["cells"]["score"], "6", "a list shows what it is sorted by");
}

#[tokio::test]
async fn a_ledger_says_which_of_its_fields_order_its_lists_and_refuses_the_others() {
    let site = Site::open().await;
    let browser = site.employed("luomin", "fire_supervisor", COUNTY).await;
    let ledger = site.get(&browser, "/api/v1/ledgers/risk_point").await.json();
    let sorts = |field: &&Value| field["sort"] == true;
    let named: Vec<_> =
        ledger["fields"].as_array().unwrap().iter().filter(sorts).map(|f| f["name"].clone()).collect();
    assert_eq!(named, ["score", "colour", "assessed_on"]);
    let refused = site.get(&browser, &format!("{POINTS}?sort=danger")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
    assert_eq!(refused.json()["errors"][0]["code"], "sort.unknown");
}
