//! A unit's archive and the facts of the unit, as a browser reads and writes them.

use crate::site::{Answer, Browser, Site};
use axum::http::StatusCode;
use fengsui_access::Appointment;
use fengsui_app::kit::{COUNTY, NEIGHBOUR, TOWN, code};
use serde_json::{Value, json};

fn unit(more: &Value) -> Value {
    let mut form = json!({ "code": "U-7", "name": "瑞禾电子厂", "category": "factory", "region": TOWN,
        "address": "工业大道 16 号", "key_unit": true });
    let fields = form.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    form
}

async fn registered(site: &Site, browser: &Browser, more: Value) -> Answer {
    site.post(browser, "/api/v1/units", unit(&more)).await
}

async fn opened(site: &Site, browser: &Browser, kind: &str, mv: &str, fields: Value) -> Answer {
    let body = json!({ "move": mv, "fields": fields });
    site.post(browser, &format!("/api/v1/ledgers/{kind}/entries"), body).await
}

fn part(archive: &Value, name: &str) -> Value {
    archive["parts"].as_array().unwrap().iter().find(|p| p["name"] == name).unwrap().clone()
}

#[tokio::test]
async fn an_archive_is_read_within_scope_by_the_unit_itself_too() {
    let site = Site::open().await;
    let luo = site.employed("luomin", "fire_supervisor", COUNTY).await;
    let answer = registered(&site, &luo, json!({ "founded_on": "2012-03-01" })).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/units/{id}/archive");
    let register =
        json!({ "name": "一号主机", "unit": id, "system": "fire_alarm", "tested_on": "2025-11-03" });
    let added = opened(&site, &luo, "facility", "register", register).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.body);
    let own = Appointment {
        units: vec![fengsui_base::UnitId(id.parse().unwrap())],
        ..Appointment::of("unit_safety_manager", code(COUNTY))
    };
    site.desk.appoint("qianlixin", "钱立新", vec![own]).await;
    for browser in [&luo, &site.browser("qianlixin").await] {
        let archive = site.get(browser, &path).await.json();
        let (facility, plan) = (part(&archive, "facility"), part(&archive, "emergency_plan"));
        assert_eq!((facility["standing"].as_str(), facility["open"].as_u64()), (Some("overdue"), Some(1)));
        assert_eq!(facility["next"]["title"], "一号主机");
        assert!(facility["basis"].as_str().unwrap().contains("消防法 第 16 条"));
        assert_eq!((plan["standing"].as_str(), plan["opens"].as_str()), (Some("missing"), Some("adopt")));
        assert_eq!(part(&archive, "founded_on")["standing"], "complete");
        assert_eq!(archive["ledgers"][0]["items"][0]["title"], "一号主机");
        assert_eq!(archive["ledgers"][0]["overdue"], 1);
    }
    let neighbour = site.employed("linxian", "fire_supervisor", NEIGHBOUR).await;
    assert_eq!(site.get(&neighbour, &path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_date_before_the_founding_of_the_unit_is_refused_in_words() {
    let site = Site::open().await;
    let luo = site.employed("luomin", "fire_supervisor", COUNTY).await;
    let future = registered(&site, &luo, json!({ "founded_on": "2026-11-22" })).await;
    assert_eq!(future.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(future.body.contains("成立日期不能晚于今天（2026-11-21）"), "{}", future.body);
    let stone =
        registered(&site, &luo, json!({ "buildings": [{ "name": "主楼", "fire_resistance": 5 }] })).await;
    assert!(stone.body.contains("耐火等级只能是一级到四级"), "{}", stone.body);
    let founded = registered(&site, &luo, json!({ "founded_on": "2012-03-01" })).await.json();
    assert_eq!(founded["founded_on"], "2012-03-01");
    let id = founded["id"].as_str().unwrap();
    let hazard = |day: &str| json!({ "what": "常闭式防火门损坏", "unit": id, "category": "facility", "risk": "considerable", "found_on": day });
    let early = opened(&site, &luo, "hazard", "register", hazard("2012-02-29")).await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", early.body);
    let place = early.json()["errors"][0].clone();
    assert_eq!(place["pointer"], "/found_on");
    assert!(place["detail"].as_str().unwrap().contains("不能早于单位成立日期"), "{place}");
    assert!(place["detail"].as_str().unwrap().contains("2012-03-01"), "{place}");
    assert_eq!(
        opened(&site, &luo, "hazard", "register", hazard("2012-03-01")).await.status,
        StatusCode::CREATED
    );
}
