//! A unit is renamed or moved: its terminals and points say so too, after a while, whatever happens in between.

use crate::stores::on_each_store;
use fengsui_app::kit::{COUNTY, Desk, TOWN, unit_draft};
use fengsui_app::{SignedIn, UnitDraft};
use fengsui_base::{Position, Scope, UnitId};
use fengsui_ledger::Entry;
use fengsui_store::{PAGE_MAX, Query};

const ELSEWHERE: Position = Position { lng: 117.5, lat: 29.75 };

async fn supervisor(desk: &Desk) -> SignedIn {
    desk.employ("luomin", "骆敏", "fire_supervisor", COUNTY).await;
    desk.sign_in("luomin").await
}

async fn of_kind(desk: &Desk, kind: &str) -> Vec<Entry> {
    let query = Query { limit: PAGE_MAX, ..Query::newest(kind, Scope::everything()) };
    desk.store.list(&query).await.unwrap().items
}

fn moved() -> UnitDraft {
    let draft = unit_draft("云岫棉纺", COUNTY, "889");
    UnitDraft { position: Some(ELSEWHERE), ..draft }
}

async fn everything_follows(desk: &Desk, unit: UnitId) {
    let terminals = of_kind(desk, "terminal").await;
    assert_eq!(terminals[0].fields["unit_name"], "云岫棉纺");
    for entry in terminals.iter().chain(&of_kind(desk, "point").await) {
        assert_eq!((entry.region.to_string().as_str(), entry.position), (COUNTY, Some(ELSEWHERE)));
        assert_eq!(entry.fields["unit"], unit.to_string());
    }
    let known = desk.app.board().terminal_at("889").unwrap().facts();
    assert_eq!(known.unit.as_ref().unwrap().1, "云岫棉纺");
}

#[tokio::test]
async fn what_carries_a_units_name_and_place_follows_it() {
    on_each_store(async |desk| {
        let supervisor = supervisor(&desk).await;
        let unit = desk.register("云岫纺织", TOWN, "889", 450).await;
        let before = desk.head().await;
        desk.app.change_unit(&supervisor.grant, unit, 1, moved()).await.unwrap();
        assert_eq!(desk.app.reconcile_followers().await.unwrap(), 451);
        everything_follows(&desk, unit).await;
        let said = desk.sentences_since(before).await;
        assert!(said.iter().any(|s| s.contains("1 条所属记录随之更正")), "{said:?}");
        let settled = desk.head().await;
        assert_eq!(desk.app.reconcile_followers().await.unwrap(), 0);
        assert_eq!(desk.head().await, settled, "nothing is owed any more");
    })
    .await;
}

#[tokio::test]
async fn a_stop_in_between_loses_nothing_and_strangers_stay() {
    on_each_store(async |desk| {
        let supervisor = supervisor(&desk).await;
        let unit = desk.register("云岫纺织", TOWN, "889", 3).await;
        let other = desk.register("邻家", TOWN, "890", 1).await;
        desk.app.change_unit(&supervisor.grant, unit, 1, moved()).await.unwrap();
        let desk = desk.restart().await;
        assert_eq!(desk.app.reconcile_followers().await.unwrap(), 4);
        let stranger =
            of_kind(&desk, "terminal").await.into_iter().find(|t| t.fields["unit"] == other.to_string());
        assert_eq!(stranger.unwrap().version, 1);
    })
    .await;
}

#[tokio::test]
async fn a_change_that_touches_no_copy_owes_nothing() {
    on_each_store(async |desk| {
        let supervisor = supervisor(&desk).await;
        let unit = desk.register("云岫纺织", TOWN, "889", 1).await;
        let mut draft = unit_draft("云岫纺织", TOWN, "889");
        draft.fields.insert("address".to_owned(), "工业路 9 号".into());
        desk.app.change_unit(&supervisor.grant, unit, 1, draft).await.unwrap();
        assert!(desk.store.keys("follow/", 1).await.unwrap().is_empty());
    })
    .await;
}
