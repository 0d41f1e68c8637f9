//! Saved views: kept under a name, shared with the office and with nobody else, one of them to open with.

use crate::stores::on_each_store;
use fengsui_app::kit::{COUNTY, Desk, NEIGHBOUR, TOWN};
use fengsui_app::{
    Fault, SavedView, SignedIn, VIEW_NAME_CHARS_MAX, VIEW_QUERY_CHARS_MAX, VIEWS_MAX, ViewDraft,
};
use fengsui_base::RefusalKind;
use std::collections::BTreeMap;

fn view(name: &str, shared: bool) -> ViewDraft {
    let query = BTreeMap::from([("tab".to_owned(), "overdue".to_owned())]);
    ViewDraft { name: name.to_owned(), query, shared }
}

async fn person(desk: &Desk, login: &str, post: &str, region: &str) -> SignedIn {
    desk.employ(login, login, post, region).await;
    desk.sign_in(login).await
}

async fn saved(desk: &Desk, by: &SignedIn, draft: ViewDraft) -> Result<SavedView, Fault> {
    desk.app.save_view(&by.grant, "hazard", draft).await
}

async fn names(desk: &Desk, by: &SignedIn) -> Vec<String> {
    let views = desk.app.saved_views(&by.grant, "hazard").await.unwrap();
    views.into_iter().map(|v| v.name).collect()
}

#[tokio::test]
async fn a_view_is_its_owners_alone_until_a_leader_shares_it_with_the_office() {
    on_each_store(async |desk| {
        let luo = person(&desk, "luomin", "fire_supervisor", COUNTY).await;
        let head = person(&desk, "sunzhiyuan", "brigade_head", COUNTY).await;
        let town = person(&desk, "dongzhu", "township_officer", TOWN).await;
        let neighbour = person(&desk, "linxian", "fire_supervisor", NEIGHBOUR).await;
        saved(&desk, &luo, view("我的逾期", false)).await.unwrap();
        let refused = saved(&desk, &luo, view("大家的", true)).await.unwrap_err().refusal();
        assert_eq!((refused.kind, refused.code.as_ref()), (RefusalKind::Forbidden, "view.not_shared"));
        saved(&desk, &head, view("每周调度", true)).await.unwrap();
        assert_eq!(names(&desk, &luo).await, ["我的逾期", "每周调度"]);
        assert_eq!(names(&desk, &head).await, ["每周调度"]);
        // The office is the very region of the post: neither the township below it nor the county beside it.
        assert!(names(&desk, &town).await.is_empty() && names(&desk, &neighbour).await.is_empty());
        let shared = &desk.app.saved_views(&luo.grant, "hazard").await.unwrap()[1];
        assert!(!shared.mine && shared.shared && shared.keeper == "sunzhiyuan");
        assert!(desk.app.remove_view(&luo.grant, "hazard", shared.id).await.is_err());
        assert!(desk.app.saved_views(&luo.grant, "inspection").await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_same_name_again_replaces_the_view_and_a_removed_name_is_free() {
    on_each_store(async |desk| {
        let luo = person(&desk, "luomin", "fire_supervisor", COUNTY).await;
        let first = saved(&desk, &luo, view("逾期", false)).await.unwrap();
        let mut changed = view("  逾期 ", false);
        changed.query.insert("f.risk".to_owned(), "grave".to_owned());
        let second = saved(&desk, &luo, changed).await.unwrap();
        assert_eq!((first.id, second.query.len()), (second.id, 2));
        desk.app.remove_view(&luo.grant, "hazard", first.id).await.unwrap();
        assert!(names(&desk, &luo).await.is_empty());
        let third = saved(&desk, &luo, view("逾期", false)).await.unwrap();
        assert_ne!(third.id, first.id);
    })
    .await;
}

#[tokio::test]
async fn a_list_opens_with_the_usual_view_of_each_person() {
    on_each_store(async |desk| {
        let luo = person(&desk, "luomin", "fire_supervisor", COUNTY).await;
        let head = person(&desk, "sunzhiyuan", "brigade_head", COUNTY).await;
        let neighbour = person(&desk, "linxian", "fire_supervisor", NEIGHBOUR).await;
        let shared = saved(&desk, &head, view("每周调度", true)).await.unwrap();
        let app = &desk.app;
        app.set_usual_view(&luo.grant, "hazard", Some(shared.id)).await.unwrap();
        let refused = app.set_usual_view(&neighbour.grant, "hazard", Some(shared.id)).await.unwrap_err();
        assert_eq!(refused.refusal().kind, RefusalKind::NotFound);
        assert!(app.set_usual_view(&luo.grant, "inspection", Some(shared.id)).await.is_err());
        let usual = async |by: &SignedIn| app.saved_views(&by.grant, "hazard").await.unwrap()[0].usual;
        assert!(usual(&luo).await && !usual(&head).await);
        app.set_usual_view(&luo.grant, "hazard", None).await.unwrap();
        assert!(!usual(&luo).await);
        // Nothing to take back is no fault.
        app.set_usual_view(&luo.grant, "hazard", None).await.unwrap();
        // Whose view was removed opens the list as everybody does.
        app.set_usual_view(&luo.grant, "hazard", Some(shared.id)).await.unwrap();
        app.remove_view(&head.grant, "hazard", shared.id).await.unwrap();
        assert!(app.saved_views(&luo.grant, "hazard").await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn names_conditions_and_their_number_have_limits() {
    on_each_store(async |desk| {
        let luo = person(&desk, "luomin", "fire_supervisor", COUNTY).await;
        let long = |extra: usize| view(&"长".repeat(VIEW_NAME_CHARS_MAX + extra), false);
        saved(&desk, &luo, long(0)).await.unwrap();
        let code = |fault: Fault| fault.refusal().places[0].code.to_string();
        assert_eq!(code(saved(&desk, &luo, long(1)).await.unwrap_err()), "view.name");
        assert_eq!(code(saved(&desk, &luo, view(" ", false)).await.unwrap_err()), "view.name");
        let wide = |extra: usize| {
            let value = "值".repeat(VIEW_QUERY_CHARS_MAX - 1 + extra);
            ViewDraft { query: BTreeMap::from([("q".to_owned(), value)]), ..view("宽", false) }
        };
        saved(&desk, &luo, wide(0)).await.unwrap();
        assert_eq!(code(saved(&desk, &luo, wide(1)).await.unwrap_err()), "view.query");
        for n in 2..VIEWS_MAX {
            saved(&desk, &luo, view(&format!("第 {n} 个"), false)).await.unwrap();
        }
        let refused = saved(&desk, &luo, view("多的", false)).await.unwrap_err().refusal();
        assert_eq!(refused.code, "view.too_many");
        // One that is there may still be changed.
        saved(&desk, &luo, view("宽", false)).await.unwrap();
    })
    .await;
}
