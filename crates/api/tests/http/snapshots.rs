//! The shape of the main answers, word for word. The county's clock stands still, so that times are what they
//! are; ids are numbered in the order in which they appear.

use crate::site::{Answer, Browser, Site};
use fengsui_alarm::{Cause, Condition, Finding};
use fengsui_app::Command;
use fengsui_app::kit::{COUNTY, Desk, TOWN};
use fengsui_base::AlarmId;
use insta::assert_json_snapshot;
use serde_json::{Map, Value, json};

#[tokio::test]
async fn an_alarm_that_rings_and_one_that_is_closed() {
    let (site, zhou) = county().await;
    let fire = AlarmId(site.desk.fire("889", 3).await.entry.id);
    let path = format!("/api/v1/alarms/{fire}");
    assert_json_snapshot!("alarm_raised", shape(&site.get(&zhou, &path).await));
    close(&site.desk, fire).await;
    assert_json_snapshot!("alarm_closed", shape(&site.get(&zhou, &path).await));
    assert_json_snapshot!("alarm_timeline", shape(&site.get(&zhou, &format!("{path}/timeline")).await));
    assert_json_snapshot!("alarm_frame", shape(&site.get(&zhou, &format!("{path}/frame")).await));
}

#[tokio::test]
async fn the_queue_and_the_counts() {
    let (site, zhou) = county().await;
    let first = AlarmId(site.desk.fire("889", 1).await.entry.id);
    site.desk.fire("889", 2).await;
    site.desk.hears("889", vec![site.desk.state(3, &[Condition::Fault])]).await.unwrap();
    close(&site.desk, first).await;
    assert_json_snapshot!("alarm_queue", shape(&site.get(&zhou, "/api/v1/alarms/queue").await));
    assert_json_snapshot!("alarm_counts", shape(&site.get(&zhou, "/api/v1/alarms/counts").await));
}

#[tokio::test]
async fn a_unit() {
    let (site, zhou) = county().await;
    let supervisor = site.employed("fanghuo", "fire_supervisor", COUNTY).await;
    let form = json!({
        "code": "F-017", "name": "东渚灯具厂", "category": "factory", "region": TOWN, "address": "东渚镇灯具街 3 号",
        "key_unit": true, "position": [117.25, 29.5],
        "contacts": [{ "role": "消防安全管理人", "name": "何平", "phone": "000-0000" }],
        "buildings": [{ "name": "1 号厂房", "floors_above": 3, "area_m2": 4200.5, "use": "装配" }]
    });
    let made = site.post(&supervisor, "/api/v1/units", form).await;
    assert_json_snapshot!("unit", shape(&made));
    assert_json_snapshot!("units", shape(&site.get(&zhou, "/api/v1/units").await));
    let wrong = json!({ "code": "", "name": "", "category": "palace", "region": TOWN, "address": "灯具街" });
    assert_json_snapshot!("unit_refused", shape(&site.post(&supervisor, "/api/v1/units", wrong).await));
}

#[tokio::test]
async fn a_terminal_with_its_points() {
    let (site, zhou) = county().await;
    site.desk.fire("889", 1).await;
    let path = format!("/api/v1/terminals/{}", site.desk.terminal("889"));
    assert_json_snapshot!("terminal", shape(&site.get(&zhou, &path).await));
    assert_json_snapshot!("terminal_points", shape(&site.get(&zhou, &format!("{path}/points")).await));
    assert_json_snapshot!("terminal_frames", shape(&site.get(&zhou, &format!("{path}/frames")).await));
}

#[tokio::test]
async fn a_session_on_a_seat() {
    let (site, zhou) = county().await;
    assert_json_snapshot!("session", shape(&site.get(&zhou, "/api/v1/session").await));
    assert_json_snapshot!("seats", shape(&site.get(&zhou, "/api/v1/seats").await));
}

#[tokio::test]
async fn an_account_just_made() {
    let site = Site::open().await;
    let admin = site.employed("anquan", "security_admin", COUNTY).await;
    let form = json!({ "login": "zhoumin", "name": "周敏", "posts": [{ "post": "duty_officer", "region": COUNTY }] });
    assert_json_snapshot!("account_issued", shape(&site.post(&admin, "/api/v1/accounts", form).await));
}

#[tokio::test]
async fn the_state_of_the_system() {
    let site = Site::open().await;
    let admin = site.employed("xitong", "system_admin", COUNTY).await;
    site.desk.app.reconcile_chain().await.unwrap();
    let mut status = shape(&site.get(&admin, "/api/v1/system/status").await);
    // How long the disk took is nobody's promise.
    for measured in ["commit_p50_ms", "commit_p99_ms"] {
        status["gateway"][measured] = "[毫秒]".into();
    }
    status["chain"]["head"] = "[摘要]".into();
    assert_json_snapshot!("system_status", status);
}

/// A county with one unit, and the browser of the officer on its first seat.
async fn county() -> (Site, Browser) {
    let site = Site::open().await;
    site.desk.register("云岫纺织", TOWN, "889", 4).await;
    site.desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    let zhou = site.browser("zhoumin").await;
    (site, zhou)
}

async fn close(desk: &Desk, alarm: AlarmId) {
    let zhou = desk.sign_in("zhoumin").await;
    let act = async |command| desk.app.act_on_alarm(&zhou.grant, alarm, command).await.map(|_| ()).unwrap();
    desk.clock.pass_s(15);
    act(Command::Take).await;
    desk.clock.pass_s(45);
    act(Command::Verify {
        finding: Finding::False,
        cause: Some(Cause::Steam),
        note: Some("蒸汽".to_owned()),
    })
    .await;
    act(Command::Close { note: None, unrestored_reason: Some("等待擦洗".to_owned()) }).await;
}

/// The answer with its ids numbered and its secrets covered.
fn shape(answer: &Answer) -> Value {
    let mut seen = Vec::new();
    covered(answer.json(), &mut seen)
}

fn covered(value: Value, seen: &mut Vec<String>) -> Value {
    match value {
        Value::String(text) if is_id(&text) => {
            let place = seen.iter().position(|s| *s == text).unwrap_or_else(|| {
                seen.push(text);
                seen.len() - 1
            });
            format!("[id {}]", place + 1).into()
        }
        Value::Array(items) => items.into_iter().map(|item| covered(item, seen)).collect(),
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(name, v)| member(name, v, seen)).collect::<Map<_, _>>())
        }
        other => other,
    }
}

fn member(name: String, value: Value, seen: &mut Vec<String>) -> (String, Value) {
    let secret = ["csrf", "one_time_password", "digest"].contains(&name.as_str()) && value.is_string();
    let value = if secret { "[不显示]".into() } else { covered(value, seen) };
    (name, value)
}

fn is_id(text: &str) -> bool {
    let groups: Vec<_> = text.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12]
}
