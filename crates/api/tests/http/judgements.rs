//! What the rules make of a form, as a browser asks for it while an officer types.

use crate::site::{Browser, Site};
use axum::http::StatusCode;
use fengsui_app::kit::{COUNTY, NEIGHBOUR, TOWN};
use serde_json::{Value, json};

const TRIAL: &str = "/api/v1/ledgers/risk_point/judgement";

/// A risk point of a unit in the county. Answers its id.
async fn identified(site: &Site, browser: &Browser) -> String {
    let unit = site.desk.register("瑞禾电子厂", TOWN, "889", 1).await.to_string();
    let fields = json!({ "name": "涂装车间", "unit": unit, "danger": "爆燃" });
    let body = json!({ "move": "identify", "fields": fields });
    let opened = site.post(browser, "/api/v1/ledgers/risk_point/entries", body).await;
    assert_eq!(opened.status, StatusCode::CREATED, "{}", opened.body);
    opened.json()["id"].as_str().unwrap().to_owned()
}

fn scores() -> Value {
    json!({ "method": "lec", "likelihood": 6, "exposure": 6, "consequence": 40 })
}

#[tokio::test]
async fn a_form_is_told_its_grade_with_the_rule_its_version_and_its_source() {
    let site = Site::open().await;
    let browser = site.employed("luomin", "fire_supervisor", COUNTY).await;
    let entry = identified(&site, &browser).await;
    let ledger = site.get(&browser, "/api/v1/ledgers/risk_point").await.json();
    let looked_at: Vec<_> = ledger["judged"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(looked_at, ["assessed_on", "consequence", "exposure", "likelihood", "method"]);
    let told = site.post(&browser, TRIAL, json!({ "entry": entry, "fields": scores() })).await.json();
    let one = &told["items"][0];
    assert_eq!((one["outcome"].as_str(), one["level"].as_u64()), (Some("重大（红）"), Some(1)));
    assert_eq!(
        (one["version"].as_str(), one["pack"].as_str(), one["on"].as_str()),
        (Some("1"), Some("作业条件危险性评价（LEC 法）"), Some("2026-11-21"))
    );
    assert!(one["source"].as_str().unwrap().contains("安全生产法 第 41 条"), "{one}");
    assert_eq!(told["fills"], json!(["colour", "score"]));
    let stored = site.get(&browser, &format!("/api/v1/ledgers/risk_point/entries/{entry}")).await.json();
    assert_eq!((stored["version"].as_u64(), &stored["judged"]), (Some(1), &json!([])));
    let unknown = site.post(&browser, TRIAL, json!({ "fields": {}, "region": "上河" })).await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", unknown.body);
}

#[tokio::test]
async fn a_neighbour_asks_about_no_entry_of_this_county_and_rules_of_no_ledger_are_not_found() {
    let site = Site::open().await;
    let browser = site.employed("luomin", "fire_supervisor", COUNTY).await;
    let entry = identified(&site, &browser).await;
    let neighbour = site.employed("linxian", "fire_supervisor", NEIGHBOUR).await;
    let about = json!({ "entry": entry, "fields": scores() });
    assert_eq!(site.post(&neighbour, TRIAL, about).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        site.post(&neighbour, TRIAL, json!({ "fields": scores() })).await.json()["items"][0]["level"],
        1
    );
    let none = site.post(&browser, "/api/v1/ledgers/fog/judgement", json!({ "fields": {} })).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_grade_that_is_typed_is_refused_at_its_field_and_the_entry_says_what_judged_it() {
    let site = Site::open().await;
    let browser = site.employed("luomin", "fire_supervisor", COUNTY).await;
    let entry = identified(&site, &browser).await;
    let rest = json!({ "assessed_on": "2026-11-20", "control_level": "team", "control_owner": "钱立新", "measures": "每班巡查" });
    let fields = |more: Value| {
        let all = [scores(), rest.clone(), more].into_iter().filter_map(|part| part.as_object().cloned());
        Value::Object(all.flatten().collect())
    };
    let assess = async |fields: Value| {
        let path = format!("/api/v1/ledgers/risk_point/entries/{entry}/moves/assess");
        let mut request = browser.request("POST", &path, Some(&json!({ "fields": fields })));
        request.headers_mut().insert("if-match", "\"1\"".parse().unwrap());
        site.ask(request).await
    };
    let typed = assess(fields(json!({ "colour": "blue" }))).await;
    assert_eq!(typed.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", typed.body);
    let place = typed.json()["errors"][0].clone();
    assert_eq!(
        (place["code"].as_str(), place["pointer"].as_str()),
        (Some("field.reckoned"), Some("/colour"))
    );
    let judged = assess(fields(json!({}))).await.json()["judged"][0].clone();
    assert_eq!((judged["outcome"].as_str(), judged["on"].as_str()), (Some("重大（红）"), Some("2026-11-20")));
}
