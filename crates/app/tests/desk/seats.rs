//! Seats: one officer a seat, one seat an officer, and nobody left on a seat who has gone.

use crate::stores::{in_memory, on_each_store};
use fengsui_app::kit::{COUNTY, Desk, NEIGHBOUR, SEATS};
use fengsui_app::{Fault, SESSION_HOURS, SignedIn, SoundTest};
use fengsui_base::{Refusal, RefusalKind};

const SHIFT_S: i64 = SESSION_HOURS * 3600;

#[tokio::test]
async fn a_seat_holds_one_officer_and_an_officer_one_seat() {
    on_each_store(async |desk| {
        let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        desk.employ("liqiang", "李强", "duty_officer", COUNTY).await;
        let li = desk.sign_in("liqiang").await;
        let occupied = sign_on(&desk, &li, 1).await.unwrap_err();
        assert_eq!(
            (occupied.code.as_ref(), occupied.detail.as_str()),
            ("seat.occupied", "1 席由 周敏 于 14:00:00 上席，请选别的席位。")
        );
        assert_eq!(sign_on(&desk, &zhou, 2).await.unwrap_err().detail, "您已在 1 席，请先离席。");
        sign_on(&desk, &li, 2).await.unwrap();
        assert_eq!(on_seats(&desk), ["1 周敏", "2 李强"]);
        desk.app.sign_off(&zhou.grant).await.unwrap();
        assert_eq!(on_seats(&desk), ["2 李强"]);
        assert_eq!(desk.app.sign_off(&zhou.grant).await.unwrap_err().refusal().code, "seat.none");
    })
    .await;
}

#[tokio::test]
async fn there_are_as_many_seats_as_the_node_has() {
    let desk = in_memory().await;
    desk.employ("zhoumin", "周敏", "duty_officer", COUNTY).await;
    let zhou = desk.sign_in("zhoumin").await;
    for unknown in [0, SEATS + 1] {
        assert_eq!(sign_on(&desk, &zhou, unknown).await.unwrap_err().detail, "只有 1 至 3 席。");
    }
    sign_on(&desk, &zhou, SEATS).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_who_sign_on_to_a_seat_at_the_same_moment_one_sits_there() {
    on_each_store(async |desk| {
        for login in ["zhoumin", "liqiang"] {
            desk.employ(login, login, "duty_officer", COUNTY).await;
        }
        let (zhou, li) = (desk.sign_in("zhoumin").await, desk.sign_in("liqiang").await);
        for _ in 0..20 {
            let tasks = [zhou.clone(), li.clone()].map(|who| {
                let app = desk.app.clone();
                tokio::spawn(async move { app.sign_on(&who, 1, SoundTest::Heard).await })
            });
            let [a, b] = tasks;
            let (a, b) = (a.await.unwrap(), b.await.unwrap());
            assert_ne!(a.is_ok(), b.is_ok());
            let sits = if a.is_ok() { &zhou } else { &li };
            assert_eq!(on_seats(&desk), [format!("1 {}", sits.login)]);
            desk.app.sign_off(&sits.grant).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn leaving_the_system_leaves_the_seat() {
    on_each_store(async |desk| {
        let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        let before = desk.head().await;
        desk.app.log_out(&zhou).await.unwrap();
        assert_eq!(desk.sentences_since(before).await, ["周敏：退出登录", "周敏：离开 1 席：退出登录"]);
        assert!(on_seats(&desk).is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_seat_is_left_when_the_session_runs_out_and_not_a_second_before() {
    on_each_store(async |desk| {
        desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        desk.clock.pass_s(SHIFT_S - 1);
        assert_eq!(desk.app.reconcile_seats().await.unwrap(), 0);
        desk.clock.pass_s(1);
        let before = desk.head().await;
        assert_eq!(desk.app.reconcile_seats().await.unwrap(), 1);
        assert_eq!(desk.sentences_since(before).await, ["规则 会话到期：离开 1 席：会话到期"]);
        assert!(on_seats(&desk).is_empty());
        let head = desk.head().await;
        assert_eq!(desk.app.reconcile_seats().await.unwrap(), 0, "a second run finds nothing to do");
        assert_eq!(desk.head().await, head);
    })
    .await;
}

#[tokio::test]
async fn an_officer_who_logs_in_again_in_time_keeps_her_seat() {
    on_each_store(async |desk| {
        desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        desk.clock.pass_s(SHIFT_S - 60);
        desk.sign_in("zhoumin").await;
        desk.clock.pass_s(60);
        assert_eq!(desk.app.reconcile_seats().await.unwrap(), 0);
        assert_eq!(on_seats(&desk), ["1 周敏"]);
        desk.clock.pass_s(SHIFT_S);
        assert_eq!(desk.app.reconcile_seats().await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_officer_whose_sessions_are_ended_by_an_administrator_does_not_stay_on_her_seat() {
    let desk = in_memory().await;
    desk.employ("anquan", "安全员", "security_admin", COUNTY).await;
    let admin = desk.sign_in("anquan").await;
    for (login, seat) in [("zhoumin", 1), ("liqiang", 2), ("chenli", 3)] {
        desk.on_duty(login, login, "duty_officer", seat).await;
    }
    let accounts = desk.app.accounts(&admin.grant, None, None, 50).await.unwrap().0;
    let find = |login: &str| {
        let account = accounts.iter().find(|a| a.login == login).unwrap();
        (fengsui_base::AccountId(account.entry.id), account.entry.version)
    };
    let (zhou, li, (chen, version)) = (find("zhoumin").0, find("liqiang").0, find("chenli"));
    desk.app.enable_account(&admin.grant, zhou, false).await.unwrap();
    assert_eq!(on_seats(&desk), ["2 liqiang", "3 chenli"]);
    desk.app.reset_password(&admin.grant, li).await.unwrap();
    assert_eq!(on_seats(&desk), ["3 chenli"]);
    desk.app
        .change_account(
            &admin.grant,
            chen,
            version,
            fengsui_app::AccountEdit { appointments: Some(vec![]), ..Default::default() },
        )
        .await
        .unwrap();
    assert!(on_seats(&desk).is_empty());
}

#[tokio::test]
async fn the_seats_of_this_county_are_nobody_elses() {
    let desk = in_memory().await;
    desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    desk.employ("linxi", "邻县值班员", "duty_officer", NEIGHBOUR).await;
    let stranger = desk.sign_in("linxi").await;
    assert!(desk.app.seats(&stranger.grant).unwrap().is_empty());
    assert!(desk.app.colleagues(&stranger.grant).unwrap().is_empty());
    assert_eq!(sign_on(&desk, &stranger, 2).await.unwrap_err().kind, RefusalKind::NotFound);
}

async fn sign_on(desk: &Desk, who: &SignedIn, seat: u16) -> Result<(), Refusal> {
    let signed_on = desk.app.sign_on(who, seat, SoundTest::Heard).await;
    signed_on.map_err(|fault: Fault| fault.refusal())
}

fn on_seats(desk: &Desk) -> Vec<String> {
    desk.app.board().seats().into_iter().map(|(seat, held)| format!("{seat} {}", held.officer.name)).collect()
}
