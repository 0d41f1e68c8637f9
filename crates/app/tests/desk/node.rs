//! A node: its first start, its restart, what it does when storage fails, and what it deletes in time.

use crate::stores::{Failing, in_memory, on_each_store};
use fengsui_alarm::Condition;
use fengsui_app::kit::{self, COUNTY, Desk, NEIGHBOUR, TOWN};
use fengsui_app::{Board, Command, Fault, RESUME_MAX, Receipt};
use fengsui_base::{AlarmId, RefusalKind, Scope};
use fengsui_catalog::Catalog;
use fengsui_store::{MemoryStore, StoreError};
use std::sync::Arc;

#[tokio::test]
async fn the_first_start_makes_one_administrator_and_the_second_none() {
    on_each_store(async |desk| {
        let first = desk.app.first_administrator().await.unwrap().unwrap();
        assert_eq!((first.login.as_str(), desk.count("account").await), ("admin", 1));
        assert!(desk.app.first_administrator().await.unwrap().is_none());
        let desk = desk.restart().await;
        assert!(desk.app.first_administrator().await.unwrap().is_none());
        assert_eq!(desk.count("account").await, 1);
        let login = desk.app.log_in("admin", first.password, "192.0.2.10").await.unwrap();
        assert!(login.signed_in.must_change_password);
        let posts: Vec<_> = login.signed_in.grant.powers().iter().map(|p| p.post.clone()).collect();
        assert_eq!(posts, ["system_admin", "security_admin"]);
    })
    .await;
}

#[tokio::test]
async fn a_real_site_starts_with_its_region_its_catalog_and_nothing_else() {
    let desk = in_memory().await;
    for (kind, number) in
        [("region", 4), ("unit", 0), ("terminal", 0), ("alarm", 0), ("account", 0), ("sign_on", 0)]
    {
        assert_eq!(desk.count(kind).await, number, "{kind}");
    }
    let real = fengsui_app::Node { demonstration: false, ..kit::node() };
    let desk = desk.restart_with(kit::catalog(), real).await;
    let draft = fengsui_app::AccountDraft {
        login: "demo".to_owned(),
        name: "演示".to_owned(),
        appointments: Vec::new(),
        certificate: None,
        contact: fengsui_app::AccountContact::default(),
    };
    let refused = desk.app.demonstration_account(draft, kit::PASSWORD).await.unwrap_err().refusal();
    assert_eq!(refused.code, "demonstration.only");
}

#[tokio::test]
async fn a_restart_changes_nothing_that_was_stored() {
    on_each_store(async |desk| {
        let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        desk.register("云岫纺织", TOWN, "889", 4).await;
        let first = AlarmId(desk.fire("889", 1).await.entry.id);
        desk.app.act_on_alarm(&zhou.grant, first, Command::Take).await.unwrap();
        desk.hears("889", vec![desk.state(3, &[Condition::Fault, Condition::Shielded])]).await.unwrap();
        desk.fire("4711", 9).await;
        let (before, head) = (Picture::of(desk.app.board()), desk.head().await);
        let desk = desk.restart().await;
        assert_eq!(Picture::of(desk.app.board()), before);
        assert_eq!(desk.head().await, head, "a start that has nothing new to say says nothing");
        assert_eq!(desk.fire("889", 2).await.entry.number.as_deref(), Some("20261121-0005"));
        // What was one alarm before is one alarm after.
        desk.clock.pass_s(60);
        desk.hears("889", vec![desk.state(1, &[Condition::Fire])]).await.unwrap();
        assert_eq!(desk.app.alarm(&zhou.grant, first).await.unwrap().alarm.count, 2);
    })
    .await;
}

#[tokio::test]
async fn a_frame_acknowledged_before_the_restart_is_known_after_it() {
    on_each_store(async |desk| {
        let frame = desk.frame("889", vec![desk.operation(fengsui_app::Operation::Silence)]);
        desk.app.take_in(frame.clone()).await.unwrap();
        let desk = desk.restart().await;
        assert_eq!(desk.app.take_in(frame).await.unwrap(), Receipt::Repeated);
    })
    .await;
}

#[tokio::test]
async fn numbers_of_alarms_begin_anew_each_day_of_the_office() {
    let desk = in_memory().await;
    assert_eq!(desk.fire("889", 1).await.entry.number.as_deref(), Some("20261121-0001"));
    // 23:59:59 and midnight in the office's zone, which is ten hours after the desk opened.
    desk.clock.pass_s(10 * 3600 - 1);
    assert_eq!(desk.fire("889", 2).await.entry.number.as_deref(), Some("20261121-0002"));
    desk.clock.pass_s(1);
    assert_eq!(desk.fire("889", 3).await.entry.number.as_deref(), Some("20261122-0001"));
}

#[tokio::test]
async fn a_catalog_is_stored_once_and_again_only_when_it_says_something_else() {
    on_each_store(async |desk| {
        let revision = |stored: Option<(u32, String)>| stored.unwrap().0;
        assert_eq!(revision(desk.store.catalog().await.unwrap()), 1);
        let desk = desk.restart().await;
        assert_eq!(revision(desk.store.catalog().await.unwrap()), 1);
        let desk = desk.restart_with(catalog_with("值班员", "接警员"), kit::node()).await;
        assert_eq!(revision(desk.store.catalog().await.unwrap()), 2);
        assert_eq!(desk.fire("889", 1).await.entry.revision, 2);
        let desk = desk.restart_with(kit::catalog(), kit::node()).await;
        assert_eq!(revision(desk.store.catalog().await.unwrap()), 3, "an earlier text is a new revision");
    })
    .await;
}

#[tokio::test]
async fn a_node_that_lost_its_lease_stores_nothing_more_and_says_why() {
    let desk = in_memory().await;
    let now = fengsui_app::Clock::now(&*desk.clock);
    desk.store.claim_lease("云岫县值守节点", None, now, std::time::Duration::from_secs(60)).await.unwrap();
    let fault = desk.hears("889", vec![desk.state(1, &[Condition::Fire])]).await.unwrap_err();
    assert!(matches!(fault, Fault::Broken(StoreError::LeaseLost { .. })), "{fault}");
    assert_eq!(fault.refusal().code, "storage.lease_lost");
    assert!(stopped(&desk).await);
}

#[tokio::test]
async fn a_full_disk_refuses_and_acknowledges_nothing_until_there_is_room_again() {
    let (store, desk) = on_failing().await;
    desk.employ("fanghuo", "防火员", "fire_supervisor", COUNTY).await;
    let supervisor = desk.sign_in("fanghuo").await;
    store.with(Some(|| StoreError::Full("没有空间".to_owned())));
    let frame = desk.frame("889", vec![desk.state(1, &[Condition::Fire])]);
    assert!(matches!(desk.app.take_in(frame.clone()).await, Err(Fault::Broken(StoreError::Full(_)))));
    let draft = kit::unit_draft("云岫纺织", TOWN, "889");
    let refused = desk.app.create_unit(&supervisor.grant, draft.clone(), None).await.unwrap_err().refusal();
    assert_eq!((refused.kind, refused.code.as_ref()), (RefusalKind::Unavailable, "storage.full"));
    assert!(refused.detail.starts_with("磁盘空间不足"), "{}", refused.detail);
    assert!(desk.open_alarms().is_empty() && !desk.app.stopped());
    store.with(None);
    assert!(
        matches!(desk.app.take_in(frame).await.unwrap(), Receipt::Stored(_)),
        "the terminal sends it again and it rings"
    );
    assert_eq!(desk.open_alarms().len(), 1);
    desk.app.create_unit(&supervisor.grant, draft, None).await.unwrap();
}

#[tokio::test]
async fn after_a_failed_write_nothing_is_ever_acknowledged_again() {
    let (store, desk) = on_failing().await;
    store.with(Some(|| StoreError::Broken("fsync 失败".to_owned())));
    assert!(desk.hears("889", vec![desk.state(1, &[Condition::Fire])]).await.is_err());
    assert!(stopped(&desk).await);
    store.with(None);
    let fault = desk.hears("889", vec![desk.state(2, &[Condition::Fire])]).await.unwrap_err();
    assert_eq!(fault.refusal().code, "storage.broken");
    assert_eq!((desk.open_alarms().len(), desk.count("alarm").await), (0, 0));
}

#[tokio::test]
async fn heartbeats_and_unchanged_states_write_nothing() {
    on_each_store(async |desk| {
        desk.register("云岫纺织", TOWN, "889", 1).await;
        desk.hears("889", vec![desk.state(1, &[])]).await.unwrap();
        let head = desk.head().await;
        for _ in 0..3 {
            desk.clock.pass_s(30);
            assert_eq!(desk.hears("889", vec![]).await.unwrap(), Receipt::Heard);
            assert_eq!(desk.hears("889", vec![desk.state(1, &[])]).await.unwrap(), Receipt::Heard);
        }
        assert_eq!(desk.head().await, head);
        assert_eq!(desk.app.board().terminal_counts(&Scope::everything(), desk.app.now()).online, 1);
        desk.clock.pass_s(91);
        assert_eq!(desk.app.board().terminal_counts(&Scope::everything(), desk.app.now()).offline, 1);
    })
    .await;
}

#[tokio::test]
async fn frames_are_kept_for_half_a_year_and_sessions_until_they_end() {
    on_each_store(async |desk| {
        const DAY_S: i64 = 86_400;
        desk.employ("zhoumin", "周敏", "duty_officer", COUNTY).await;
        desk.sign_in("zhoumin").await;
        let frame = desk.hears("889", vec![desk.state(1, &[Condition::Fire])]).await.unwrap();
        let Receipt::Stored(seq) = frame else { panic!("{frame:?}") };
        desk.clock.pass_s(183 * DAY_S);
        assert_eq!(
            desk.app.reconcile_retention().await.unwrap(),
            1,
            "the session; what began needs no receipt"
        );
        assert!(
            desk.store.frame(&Scope::everything(), seq).await.unwrap().is_some(),
            "the limit itself is kept"
        );
        desk.clock.pass_s(1);
        assert_eq!(desk.app.reconcile_retention().await.unwrap(), 1);
        assert!(desk.store.frame(&Scope::everything(), seq).await.unwrap().is_none());
        assert_eq!(desk.app.reconcile_retention().await.unwrap(), 0);
        let alarm = desk.open_alarms()[0].clone();
        assert!(
            desk.store.entry(&Scope::everything(), alarm.entry.id).await.unwrap().is_some(),
            "the record stays"
        );
    })
    .await;
}

#[tokio::test]
async fn a_screen_that_resumes_is_told_everything_it_missed_up_to_the_limit() {
    on_each_store(async |desk| {
        desk.fire("889", 0).await;
        let known = desk.head().await;
        // Each of these has two lines: what was reported, and the alarm.
        for point in 1..=u32::from(RESUME_MAX) {
            desk.hears("889", vec![desk.state(point, &[Condition::Fire])]).await.unwrap();
        }
        let head = desk.head().await;
        let (missed, to) = desk.app.live_since(known).await.unwrap();
        let numbers: Vec<_> = missed.unwrap().iter().map(|e| e.seq).collect();
        assert_eq!((numbers, to), ((known + 1..=head).collect(), head));
        let (missed, to) = desk.app.live_since(known - 1).await.unwrap();
        assert_eq!((missed.is_none(), to), (true, head), "one more than the limit: load anew");
        assert!(
            desk.app.live_since(head + 1).await.unwrap().0.is_none(),
            "a number from another life of the data"
        );
        assert_eq!(desk.app.live_since(head).await.unwrap().0.unwrap().len(), 0);
    })
    .await;
}

#[tokio::test]
async fn the_journal_verifies_and_the_status_says_so() {
    on_each_store(async |desk| {
        desk.employ("xitong", "系统员", "system_admin", COUNTY).await;
        desk.employ("linxi", "邻县系统员", "system_admin", NEIGHBOUR).await;
        desk.fire("889", 1).await;
        desk.app.reconcile_chain().await.unwrap();
        let admin = desk.sign_in("xitong").await;
        let status = desk.app.status(&admin.grant).await.unwrap();
        let alone = ["seats", "messages"];
        assert!(status.checks.iter().all(|c| c.ok || alone.contains(&c.name)), "{:?}", status.checks);
        assert_eq!(fengsui_store::verify(&*desk.store).await.unwrap().verified_to, desk.head().await);
        let stranger = desk.sign_in("linxi").await;
        assert_eq!(desk.app.status(&stranger.grant).await.unwrap_err().refusal().kind, RefusalKind::NotFound);
    })
    .await;
}

/// What a board knows, in words that can be compared.
#[derive(PartialEq, Debug)]
pub(crate) struct Picture {
    regions: Vec<String>,
    terminals: Vec<String>,
    alarms: Vec<String>,
    seats: Vec<String>,
}

impl Picture {
    pub(crate) fn of(board: &Board) -> Self {
        let mut terminals: Vec<_> = board
            .terminals(&Scope::everything())
            .iter()
            .map(|t| format!("{} {:?} {:?} {}", t.id, t.facts(), t.states(), t.point_count()))
            .collect();
        terminals.sort();
        Self {
            regions: board.regions().iter().map(|r| format!("{r:?}")).collect(),
            terminals,
            alarms: board.open_alarms(&Scope::everything()).iter().map(|a| format!("{a:?}")).collect(),
            seats: board.seats().iter().map(|s| format!("{s:?}")).collect(),
        }
    }
}

async fn on_failing() -> (Arc<Failing>, Desk) {
    let door = Arc::new(Failing::default());
    (door.clone(), Desk::open(Arc::new(MemoryStore::behind(door))).await)
}

/// Waits until the writing task has said its last word; it ends right after the answer.
async fn stopped(desk: &Desk) -> bool {
    for _ in 0..1_000 {
        if desk.app.stopped() {
            return true;
        }
        tokio::task::yield_now().await;
    }
    false
}

fn catalog_with(from: &str, to: &str) -> Catalog {
    let texts = [
        include_str!("../../../../catalog/alarm.toml"),
        include_str!("../../../../catalog/office.toml"),
        include_str!("../../../../catalog/posts.toml"),
        include_str!("../../../../catalog/unit.toml"),
    ]
    .map(|text| text.replace(from, to));
    let files: Vec<_> = texts.iter().map(|text| ("catalog.toml", text.as_str())).collect();
    Catalog::load(&files).unwrap()
}
