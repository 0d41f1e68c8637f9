//! Printed papers: the list, the blank form, the template to take along, and a look at an edited one.

use crate::site::{Answer, Browser, Site};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use fengsui_app::TEMPLATE_BYTES_MAX;
use fengsui_app::kit::COUNTY;

async fn supervisor(site: &Site) -> Browser {
    site.employed("sunzhiyuan", "fire_supervisor", COUNTY).await
}

async fn check(site: &Site, browser: &Browser, paper: &str, file: Vec<u8>) -> Answer {
    let (head, _) = browser.request("POST", &format!("/api/v1/papers/{paper}/check"), None).into_parts();
    let mut request = Request::from_parts(head, Body::from(file));
    request.headers_mut().insert(header::CONTENT_TYPE, "application/octet-stream".parse().unwrap());
    site.ask(request).await
}

#[tokio::test]
async fn a_supervisor_sees_the_papers_prints_a_blank_one_and_takes_the_template_along() {
    let site = Site::open().await;
    let browser = supervisor(&site).await;
    let list = site.get(&browser, "/api/v1/papers").await.json();
    let order =
        list["items"].as_array().unwrap().iter().find(|p| p["name"] == "order_by_date").unwrap().clone();
    assert_eq!(
        (order["label"].as_str(), order["law"].as_str()),
        (Some("责令限期改正通知书"), Some("消防监督"))
    );
    assert!(order["places"].as_array().unwrap().contains(&"问题 › 内容".into()), "{order}");
    let form = site.get(&browser, "/api/v1/papers/order_by_date/form").await.json();
    assert_eq!(form["document"]["page"]["width_twip"], 11_906);
    assert!(form["document"]["body"].as_array().unwrap().len() > 10);
    let response = site.send(browser.request("GET", "/api/v1/papers/order_by_date/template", None)).await;
    assert_eq!(
        response.headers()[header::CONTENT_DISPOSITION],
        "attachment; filename=\"order-by-date.docx\""
    );
    let missing = site.get(&browser, "/api/v1/papers/order_by_hand/form").await;
    assert_eq!((missing.status, missing.code().as_str()), (StatusCode::NOT_FOUND, "paper.none"));
}

#[tokio::test]
async fn an_edited_template_is_looked_at_and_what_is_none_is_refused_with_the_remedy() {
    let site = Site::open().await;
    let browser = supervisor(&site).await;
    let other = site.api.papers.one("order_at_once").unwrap().file.clone();
    let told = check(&site, &browser, "order_by_date", other).await.json();
    assert_eq!(told["added"].as_array().unwrap().len(), 0, "{told}");
    assert_eq!(told["lost"], serde_json::json!(["改正期限"]));
    let wrong = check(&site, &browser, "order_by_date", b"PK\x03\x04".to_vec()).await;
    assert_eq!((wrong.status, wrong.code().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "paper.template"));
    assert!(wrong.json()["detail"].as_str().unwrap().contains("另存为 .docx"));
    let large = check(&site, &browser, "order_by_date", vec![0; TEMPLATE_BYTES_MAX + 2]).await;
    assert!(large.json()["detail"].as_str().unwrap().contains("超过 4 MB"), "{}", large.body);
}
