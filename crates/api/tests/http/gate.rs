//! The gate before every route: sessions, passwords, pages of other sites, and input that is no input.

use crate::site::{Answer, Browser, HOST, Site};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderName, Request, StatusCode, header};
use fengsui_api::{BODY_BYTES_MAX, Connection};
use fengsui_app::kit::{COUNTY, PASSWORD, TOWN};
use fengsui_app::{ATTEMPTS_MAX, LOCK_MINUTES, SESSION_HOURS};
use serde_json::{Value, json};

#[tokio::test]
async fn a_shift_from_login_to_logout() {
    let site = Site::open().await;
    site.desk.employ("zhoumin", "周敏", "duty_officer", COUNTY).await;
    let form = json!({ "account": " ZhouMin ", "password": PASSWORD });
    let response = site.send(Browser::default().request("POST", "/api/v1/session", Some(&form))).await;
    let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    for kept in ["; HttpOnly", "; SameSite=Strict", "; Path=/", "; Max-Age=604800", "; Secure"] {
        assert!(cookie.contains(kept), "{cookie}");
    }
    let session = crate::site::read(response).await.json();
    assert_eq!((session["account"]["name"].as_str(), &session["seat"]), (Some("周敏"), &Value::Null));
    let token = cookie.split(['=', ';']).nth(1).unwrap().to_owned();
    let zhou = Browser { cookie: Some(token), csrf: session["csrf"].as_str().map(str::to_owned) };
    let seated = site.post(&zhou, "/api/v1/seats/2/sign-on", json!({ "sound": "heard" })).await;
    assert_eq!(seated.json()["seat"]["seat"], 2);
    let left = site.ask(zhou.request("DELETE", "/api/v1/session", None)).await;
    assert_eq!((left.status, left.body.as_str()), (StatusCode::NO_CONTENT, ""));
    assert_eq!(site.get(&zhou, "/api/v1/session").await.status, StatusCode::UNAUTHORIZED);
    assert!(site.desk.app.board().seats().is_empty());
}

#[tokio::test]
async fn a_change_without_the_token_of_the_page_is_refused() {
    let site = Site::open().await;
    let zhou = site.employed("zhoumin", "duty_officer", COUNTY).await;
    let other = site.employed("liqiang", "duty_officer", COUNTY).await;
    for csrf in [None, Some(String::new()), Some("0".repeat(64)), other.csrf] {
        let answer =
            site.post(&Browser { csrf, ..zhou.clone() }, "/api/v1/lab/frames", json!({ "hex": "" })).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::FORBIDDEN, "csrf.missing"));
    }
    assert_eq!(site.post(&zhou, "/api/v1/lab/frames", json!({ "hex": "" })).await.status, StatusCode::OK);
    assert_eq!(
        site.get(&Browser { csrf: None, ..zhou }, "/api/v1/session").await.status,
        StatusCode::OK,
        "reading needs none"
    );
}

#[tokio::test]
async fn a_change_from_a_page_of_another_site_is_refused_a_login_too() {
    let site = Site::open().await;
    let zhou = site.employed("zhoumin", "duty_officer", COUNTY).await;
    let from = async |origin: &str, browser: &Browser, path: &str, body: &Value| {
        let mut request = browser.request("POST", path, Some(body));
        request.headers_mut().insert(header::ORIGIN, origin.parse().unwrap());
        site.ask(request).await
    };
    let (lab, login) = (json!({ "hex": "" }), json!({ "account": "zhoumin", "password": PASSWORD }));
    for foreign in
        ["https://evil.example", "null", "http://desk.example", "http://desk.example:8119.evil.example", ""]
    {
        for answer in [
            from(foreign, &zhou, "/api/v1/lab/frames", &lab).await,
            from(foreign, &Browser::default(), "/api/v1/session", &login).await,
        ] {
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (StatusCode::FORBIDDEN, "origin.foreign"),
                "{foreign}"
            );
        }
    }
    let own = format!("https://{HOST}");
    assert_eq!(from(&own, &zhou, "/api/v1/lab/frames", &lab).await.status, StatusCode::OK);
    assert_eq!(from(&own, &Browser::default(), "/api/v1/session", &login).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_session_is_over_when_its_time_is() {
    let site = Site::open().await;
    let zhou = site.employed("zhoumin", "fire_supervisor", COUNTY).await;
    site.desk.clock.pass_s(SESSION_HOURS * 3600 - 1);
    assert_eq!(site.get(&zhou, "/api/v1/session").await.status, StatusCode::OK);
    site.desk.clock.pass_s(1);
    let over = site.get(&zhou, "/api/v1/session").await;
    assert_eq!(
        (over.status, over.json()["detail"].as_str()),
        (StatusCode::UNAUTHORIZED, Some("登录已过期，请重新登录。"))
    );
    let cookie = Some("x' or 1=1".to_owned());
    assert_eq!(
        site.get(&Browser { cookie, csrf: None }, "/api/v1/session").await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_desk_goes_on_showing_when_its_shift_is_over_and_may_do_nothing_else() {
    let site = Site::open().await;
    let zhou = site.employed("zhoumin", "duty_officer", COUNTY).await;
    let lab = json!({ "hex": "" });
    let shows = async |path: &str| site.get(&zhou, path).await;
    let locked = site.post(&zhou, "/api/v1/session/lock", json!({})).await;
    assert_eq!(locked.json()["lock"], "left");
    for (lock, status, code) in [("left", 403, "session.locked"), ("expired", 401, "session.none")] {
        assert_eq!(shows("/api/v1/session").await.json()["lock"], lock);
        for path in ["/api/v1/alarms/queue", "/api/v1/alarms/counts", "/api/v1/seats", "/api/v1/events"] {
            assert_eq!(shows(path).await.status, StatusCode::OK, "{path} while {lock}");
        }
        for refused in [
            shows("/api/v1/units").await,
            shows("/api/v1/terminals").await,
            site.post(&zhou, "/api/v1/lab/frames", lab.clone()).await,
            site.post(&zhou, "/api/v1/seats/1/sign-on", json!({ "sound": "heard" })).await,
        ] {
            assert_eq!((refused.status.as_u16(), refused.code().as_str()), (status, code), "{lock}");
        }
        site.desk.clock.pass_s(SESSION_HOURS * 3600);
    }
    let wrong = site.post(&zhou, "/api/v1/session/unlock", json!({ "password": PASSWORD })).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED, "a shift that is over begins with a login");
}

#[tokio::test]
async fn a_shift_changes_at_one_machine_with_a_fresh_cookie() {
    let site = Site::open().await;
    let zhou = site.employed("zhoumin", "duty_officer", COUNTY).await;
    let li = site.employed("liqiang", "duty_officer", COUNTY).await;
    let pin = json!({ "password": PASSWORD, "pin": "2580" });
    assert_eq!(site.post(&li, "/api/v1/session/pin", pin).await.json()["pin"], true);
    site.post(&zhou, "/api/v1/seats/1/sign-on", json!({ "sound": "heard" })).await;
    site.post(&zhou, "/api/v1/session/lock", json!({})).await;
    let form = json!({ "login": "liqiang", "pin": "2580", "in_hand": "pass" });
    let response = site.send(zhou.request("POST", "/api/v1/seats/1/shift", Some(&form))).await;
    let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    let session = crate::site::read(response).await.json();
    assert_eq!((&session["account"]["login"], &session["seat"]["seat"]), (&json!("liqiang"), &json!(1)));
    let token = cookie.split(['=', ';']).nth(1).unwrap().to_owned();
    let here = Browser { cookie: Some(token), csrf: session["csrf"].as_str().map(str::to_owned) };
    let muted = site.post(&here, "/api/v1/seats/1/mute", json!({ "seconds": 300 })).await.json();
    assert_eq!(muted["items"][0]["mute"]["since"], "2026-11-21T06:00:00Z");
    assert_eq!(site.get(&zhou, "/api/v1/session").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn with_a_one_time_password_nothing_goes_before_ones_own() {
    let site = Site::open().await;
    let admin = site.employed("anquan", "security_admin", COUNTY).await;
    let form = json!({ "login": "zhoumin", "name": "周敏", "posts": [{ "post": "duty_officer", "region": COUNTY }] });
    let issued = site.post(&admin, "/api/v1/accounts", form).await.json();
    let one_time = issued["one_time_password"].as_str().unwrap().to_owned();
    let login = site.desk.app.log_in("zhoumin", one_time.clone(), "192.0.2.10").await.unwrap();
    let zhou = Browser { cookie: Some(login.token), csrf: Some(login.signed_in.csrf) };
    for path in ["/api/v1/alarms", "/api/v1/events", "/api/v1/map/base"] {
        let answer = site.get(&zhou, path).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::FORBIDDEN, "password.change_first"),
            "{path}"
        );
    }
    assert_eq!(site.get(&zhou, "/api/v1/session").await.json()["must_change_password"], true);
    let same =
        site.post(&zhou, "/api/v1/session/password", json!({ "current": one_time, "fresh": one_time })).await;
    assert_eq!(
        (same.status, same.json()["errors"][0]["pointer"].as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, Some("/fresh"))
    );
    let own =
        site.post(&zhou, "/api/v1/session/password", json!({ "current": one_time, "fresh": PASSWORD })).await;
    assert_eq!(own.json()["must_change_password"], false);
    assert_eq!(site.get(&zhou, "/api/v1/alarms").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_refused_login_does_not_tell_why() {
    let site = Site::open().await;
    let admin = site.employed("anquan", "security_admin", COUNTY).await;
    site.desk.employ("zhoumin", "周敏", "duty_officer", COUNTY).await;
    let gone = site.desk.employ("liqiang", "李强", "duty_officer", COUNTY).await;
    let disabled = site.ask(admin.request("POST", &format!("/api/v1/accounts/{gone}/disable"), None)).await;
    assert_eq!(disabled.json()["state"], "disabled");
    let wrong = log_in(&site, "zhoumin", "cuowu-de-mima").await;
    assert_eq!((wrong.status, wrong.code().as_str()), (StatusCode::UNAUTHORIZED, "login.refused"));
    for (account, password) in [
        ("meiyouren", PASSWORD),
        ("", ""),
        ("liqiang", PASSWORD),
        ("liqiang", "cuowu-de-mima"),
        ("周敏", PASSWORD),
    ] {
        assert_eq!(log_in(&site, account, password).await, wrong, "{account}");
    }
}

#[tokio::test]
async fn the_sixth_attempt_waits_whoever_it_is_and_whatever_the_password() {
    let site = Site::open().await;
    site.desk.employ("zhoumin", "周敏", "duty_officer", COUNTY).await;
    for account in ["zhoumin", "meiyouren"] {
        for _ in 0..ATTEMPTS_MAX {
            assert_eq!(log_in(&site, account, "cuowu-de-mima").await.code(), "login.refused");
        }
        let waits = log_in(&site, account, PASSWORD).await;
        assert_eq!((waits.status, waits.code().as_str()), (StatusCode::TOO_MANY_REQUESTS, "login.throttled"));
        assert_eq!(waits.json()["detail"], "错误次数太多，请 15 分钟后再试，或找安全管理员重置密码。");
        assert_eq!(
            log_in(&site, &account.to_uppercase(), PASSWORD).await,
            waits,
            "another letter case is the same name"
        );
    }
    site.desk.clock.pass_s(LOCK_MINUTES * 60);
    assert_eq!(log_in(&site, "zhoumin", PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_body_may_have_so_many_bytes_and_not_one_more() {
    let site = Site::open().await;
    let zhou = site.employed("zhoumin", "duty_officer", COUNTY).await;
    let spaces = |bytes: usize| json!({ "hex": " ".repeat(bytes - json!({ "hex": "" }).to_string().len()) });
    assert_eq!(site.post(&zhou, "/api/v1/lab/frames", spaces(BODY_BYTES_MAX)).await.status, StatusCode::OK);
    let more = site.post(&zhou, "/api/v1/lab/frames", spaces(BODY_BYTES_MAX + 1)).await;
    assert_eq!((more.status, more.code().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "body.too_large"));
    assert_eq!(more.json()["detail"], "内容超过 1024 KiB，请分开提交。");
}

#[tokio::test]
async fn input_that_is_none_is_refused_in_plain_words() {
    let site = Site::open().await;
    let zhou = site.employed("zhoumin", "duty_officer", COUNTY).await;
    let json_type = Some("application/json");
    for (body, content_type, code, sentence) in [
        ("{\"hex\":", json_type, "body.syntax", "内容不是完整的 JSON，请核对后再提交。"),
        ("", json_type, "body.syntax", "内容不是完整的 JSON，请核对后再提交。"),
        ("{\"hex\":7}", json_type, "body.fields", "有内容缺少或格式不对，请核对后再提交。"),
        ("{}", json_type, "body.fields", "有内容缺少或格式不对，请核对后再提交。"),
        ("{\"hex\":\"\"}", None, "body.type", "请按 JSON 提交（Content-Type: application/json）。"),
    ] {
        let answer = site.ask(raw(&zhou, body, content_type)).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::UNPROCESSABLE_ENTITY, code),
            "{body}"
        );
        assert_eq!(answer.json()["detail"], sentence);
    }
}

#[tokio::test]
async fn a_refusal_is_a_problem_document() {
    let site = Site::open().await;
    let zhou = site.employed("zhoumin", "duty_officer", COUNTY).await;
    let unknown = format!("/api/v1/alarms/{}", "01900000-0000-7000-8000-00000000dead");
    for (path, status, code) in [
        ("/api/v1/nowhere", StatusCode::NOT_FOUND, "route.unknown"),
        (unknown.as_str(), StatusCode::NOT_FOUND, "not_found"),
        ("/api/v1/alarms/%E5%91%A8%E6%95%8F", StatusCode::NOT_FOUND, "not_found"),
        ("/api/v1/frames/minus", StatusCode::NOT_FOUND, "not_found"),
        ("/api/v1/units?limit=many", StatusCode::UNPROCESSABLE_ENTITY, "input.invalid"),
        ("/api/v1/units?cursor=7420e4", StatusCode::UNPROCESSABLE_ENTITY, "input.invalid"),
        ("/api/v1/alarms?cursor=zz", StatusCode::UNPROCESSABLE_ENTITY, "input.invalid"),
        ("/api/v1/units?region=99", StatusCode::UNPROCESSABLE_ENTITY, "input.invalid"),
        ("/api/v1/accounts", StatusCode::FORBIDDEN, "access.denied"),
    ] {
        let response = site.send(zhou.request("GET", path, None)).await;
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json", "{path}");
        let answer = crate::site::read(response).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{path}");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.ends_with('。') || answer.json()["errors"][0].is_object(), "{detail}");
    }
}

#[tokio::test]
async fn a_page_has_at_least_one_item_and_at_most_two_hundred() {
    let site = Site::open().await;
    let zhou = site.employed("zhoumin", "duty_officer", COUNTY).await;
    for n in 1..=201 {
        site.desk.register(&format!("单位{n:03}"), TOWN, &format!("{n}"), 0).await;
    }
    let length = |answer: &Answer| answer.json()["items"].as_array().unwrap().len();
    for (limit, items) in [(0, 1), (1, 1), (200, 200), (201, 200), (65_535, 200)] {
        assert_eq!(length(&site.get(&zhou, &format!("/api/v1/units?limit={limit}")).await), items, "{limit}");
    }
    let first = site.get(&zhou, "/api/v1/units?limit=200").await.json();
    let rest = site
        .get(&zhou, &format!("/api/v1/units?limit=200&cursor={}", first["next"].as_str().unwrap()))
        .await
        .json();
    assert_eq!(
        (&rest["items"][0]["name"], &rest["next"], &rest["total"]),
        (&"单位201".into(), &Value::Null, &201.into())
    );
}

#[tokio::test]
async fn a_create_with_a_key_is_one_create_and_the_key_has_a_limit() {
    let site = Site::open().await;
    let supervisor = site.employed("fanghuo", "fire_supervisor", COUNTY).await;
    let unit = json!({ "code": "A-1", "name": "云岫纺织", "category": "factory", "region": TOWN, "address": "工业路 8 号" });
    let create = async |key: &str| {
        let mut request = supervisor.request("POST", "/api/v1/units", Some(&unit));
        request.headers_mut().insert(HeaderName::from_static("idempotency-key"), key.parse().unwrap());
        site.ask(request).await
    };
    let first = create(&"k".repeat(100)).await;
    assert_eq!(
        (first.status, create(&"k".repeat(100)).await.json()["id"].clone()),
        (StatusCode::CREATED, first.json()["id"].clone())
    );
    for wrong in ["", &"k".repeat(101)] {
        assert_eq!(create(wrong).await.json()["errors"][0]["code"], "key.malformed");
    }
    assert_eq!(create("another").await.json()["errors"][0]["code"], "code.taken");
}

#[tokio::test]
async fn a_change_names_the_version_it_was_made_on() {
    let site = Site::open().await;
    let supervisor = site.employed("fanghuo", "fire_supervisor", COUNTY).await;
    let id = site.desk.register("云岫纺织", TOWN, "889", 0).await;
    let read = site.send(supervisor.request("GET", &format!("/api/v1/units/{id}"), None)).await;
    assert_eq!(read.headers()[header::ETAG], "\"1\"");
    let unit = json!({ "code": "U889", "name": "云岫棉纺", "category": "factory", "region": TOWN, "address": "工业路 8 号" });
    let change = async |version: Option<&str>| {
        let mut request = supervisor.request("PATCH", &format!("/api/v1/units/{id}"), Some(&unit));
        version.map(|v| request.headers_mut().insert(header::IF_MATCH, v.parse().unwrap()));
        site.ask(request).await
    };
    for nonsense in [None, Some("*"), Some("W/\"1\"")] {
        assert_eq!(change(nonsense).await.code(), "version.missing");
    }
    assert_eq!(change(Some("\"1\"")).await.json()["version"], 2);
    let stale = change(Some("\"1\"")).await;
    assert_eq!((stale.status, stale.code().as_str()), (StatusCode::CONFLICT, "version.stale"));
}

#[tokio::test]
async fn the_machine_is_watched_from_the_machine() {
    let site = Site::open().await;
    assert_eq!(site.get(&Browser::default(), "/healthz").await.body, "正常\n");
    let near = site.get(&Browser::default(), "/metrics").await;
    assert!(near.body.contains("fengsui_committed_total"));
    let mut far = Browser::default().request("GET", "/metrics", None);
    let address: std::net::SocketAddr = "192.0.2.7:40000".parse().unwrap();
    far.extensions_mut().insert(ConnectInfo(Connection { address, encrypted: false }));
    assert_eq!(site.ask(far).await.status, StatusCode::FORBIDDEN);
    let mut passed_on = Browser::default().request("GET", "/metrics", None);
    passed_on.headers_mut().insert("x-forwarded-for", "127.0.0.1".parse().unwrap());
    assert_eq!(site.ask(passed_on).await.status, StatusCode::FORBIDDEN);
}

async fn log_in(site: &Site, account: &str, password: &str) -> Answer {
    site.post(&Browser::default(), "/api/v1/session", json!({ "account": account, "password": password }))
        .await
}

fn raw(browser: &Browser, body: &str, content_type: Option<&str>) -> Request<Body> {
    let mut request = browser.request("POST", "/api/v1/lab/frames", None);
    *request.body_mut() = Body::from(body.to_owned());
    content_type.map(|kind| request.headers_mut().insert(header::CONTENT_TYPE, kind.parse().unwrap()));
    request
}
