//! What a form meets that was open while the clock of its entry spoke.

use crate::site::Site;
use axum::http::StatusCode;
use fengsui_app::kit::{COUNTY, TOWN};
use serde_json::json;

/// Three days: the reminder of a hazard that was found before them is due.
const LATER_S: i64 = 3 * 86_400;

#[tokio::test]
async fn a_step_with_the_version_before_a_reminder_is_made_and_one_before_a_correction_is_not() {
    let site = Site::open().await;
    let browser = site.employed("luomin", "fire_supervisor", COUNTY).await;
    let unit = site.desk.register("瑞禾电子厂", TOWN, "889", 1).await.to_string();
    let fields = json!({ "what": "防火门损坏", "unit": unit, "category": "facility", "risk": "low",
                         "found_on": "2026-11-20" });
    let opened = site
        .post(&browser, "/api/v1/ledgers/hazard/entries", json!({ "move": "register", "fields": fields }))
        .await;
    let path = format!("/api/v1/ledgers/hazard/entries/{}", opened.json()["id"].as_str().unwrap());
    site.desk.clock.pass_s(LATER_S);
    assert_eq!(site.desk.app.reconcile_deadlines().await.unwrap(), 1);
    let browser = site.browser("luomin").await;
    assert_eq!(site.get(&browser, &path).await.json()["version"], 2, "the reminder made a version");
    let order = json!({ "fields": { "correct_by": "2026-12-10", "basis": "消防法 第 16 条" } });
    let ordered = site.post_on(&browser, &format!("{path}/moves/order"), 1, order).await;
    assert_eq!(
        (ordered.status, ordered.json()["version"].as_u64()),
        (StatusCode::OK, Some(3)),
        "{}",
        ordered.body
    );
    let again = json!({ "fields": { "place": "三层" } });
    let mut request = browser.request("PATCH", &path, Some(&again));
    request.headers_mut().insert("if-match", "\"2\"".parse().unwrap());
    let refused = site.ask(request).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::CONFLICT, "version.stale"));
}
