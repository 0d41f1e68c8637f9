//! Windows at the desk: what is silent in them, what rings all the same, and what rings when they end.

use crate::stores::{in_memory, on_each_store};
use fengsui_alarm::{
    Condition, Cover, Filter, Finding, Purpose, TEST_PERIOD_S, WindowDraft, WindowOwner, WindowState,
};
use fengsui_app::kit::{Desk, NEIGHBOUR, NEIGHBOUR_TOWN, TOWN};
use fengsui_app::{Command, Fault, Operation, ReportBody, SignedIn, WindowFilter, WindowView};
use fengsui_base::{AlarmId, PointId, UnitId};

fn draft(desk: &Desk, purpose: Purpose, cover: Cover, lasts_s: i64) -> WindowDraft {
    WindowDraft {
        purpose,
        cover,
        reason: "吊顶施工".to_owned(),
        owner: WindowOwner { name: "王强".to_owned(), phone: "13900001234".to_owned() },
        from_at: None,
        until_at: desk.app.now() + jiff::SignedDuration::from_secs(lasts_s),
    }
}

/// The points 1 to `count` of the unit.
async fn points(desk: &Desk, by: &SignedIn, unit: UnitId, count: usize) -> Cover {
    let all = desk.app.window_covers(&by.grant, unit).await.unwrap().points;
    Cover::Points { points: all.into_iter().take(count).map(|(id, _)| id).collect::<Vec<PointId>>() }
}

async fn open(desk: &Desk, by: &SignedIn, unit: UnitId, draft: WindowDraft) -> WindowView {
    desk.app.create_window(&by.grant, unit, draft, None).await.unwrap()
}

fn rings(desk: &Desk) -> Vec<u32> {
    let open = desk.open_alarms().into_iter().filter(|a| a.alarm.rings());
    open.map(|a| a.alarm.raise.component_address).collect()
}

#[tokio::test]
async fn works_make_no_noise_and_every_alarm_of_them_is_on_record() {
    on_each_store(async |desk| {
        let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        let unit = desk.register("云岫纺织", TOWN, "889", 4).await;
        let cover = points(&desk, &zhou, unit, 2).await;
        let before = desk.head().await;
        open(&desk, &zhou, unit, draft(&desk, Purpose::Maintenance, cover, 3_600)).await;
        let silent = desk.fire("889", 1).await;
        desk.clock.pass_s(60);
        desk.fire("889", 1).await;
        assert!(rings(&desk).is_empty());
        let words = "维护窗口（1 号厂房 2 层 1-2-001、1 号厂房 2 层 1-2-002，负责人 王强）";
        assert_eq!(
            desk.sentences_since(before).await,
            [
                &format!("周敏：建立{words}：吊顶施工"),
                "终端：1 号厂房 2 层 1-2-001 火警",
                "终端：1 号厂房 2 层 1-2-001 火警·感烟",
                &format!("终端：{words}，不响铃"),
                "终端：1 号厂房 2 层 1-2-001 火警",
                "终端：同点再次报警，并入本条，第 2 次",
            ]
        );
        let seen = desk.app.alarm(&zhou.grant, AlarmId(silent.entry.id)).await.unwrap().alarm;
        let said: Vec<_> = seen.trace.marks().iter().map(|m| m.filter).collect();
        assert_eq!((seen.count, said), (2, vec![Filter::Identity, Filter::Window, Filter::Repeat]));
        // Its life goes on as that of any other.
        for command in [Command::Take, Command::Verify { finding: Finding::Test, cause: None, note: None }] {
            desk.app.act_on_alarm(&zhou.grant, seen.id, command).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn a_second_point_outside_the_window_makes_both_ring_whichever_came_first() {
    let desk = in_memory().await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    let unit = desk.register("云岫纺织", TOWN, "889", 4).await;
    let cover = points(&desk, &zhou, unit, 2).await;
    open(&desk, &zhou, unit, draft(&desk, Purpose::Maintenance, cover, 3_600)).await;
    desk.fire("889", 1).await;
    assert!(rings(&desk).is_empty());
    desk.clock.pass_s(30);
    desk.fire("889", 3).await;
    assert_eq!(rings(&desk), [1, 3]);
    desk.clock.pass_s(30);
    let covered = desk.fire("889", 2).await;
    assert_eq!(rings(&desk), [1, 3, 2]);
    assert!(covered.alarm.trace.marks()[1].sentence.ends_with("照常响铃"), "the trace says why it rings");
}

#[tokio::test]
async fn a_call_point_outside_the_window_rings_and_wakes_the_drill() {
    let desk = in_memory().await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    let unit = desk.register("云岫纺织", TOWN, "889", 4).await;
    let cover = points(&desk, &zhou, unit, 2).await;
    open(&desk, &zhou, unit, draft(&desk, Purpose::Drill, cover, 3_600)).await;
    let drilled = desk.fire("889", 1).await;
    assert_eq!(drilled.alarm.suppressed.as_ref().map(|s| s.label()), Some("演练"));
    let mut pressed = desk.state(4, &[Condition::Fire]);
    if let ReportBody::State { component_type, .. } = &mut pressed.body {
        *component_type = 23;
    }
    desk.hears("889", vec![pressed]).await.unwrap();
    assert_eq!(rings(&desk), [1, 4]);
}

#[tokio::test]
async fn a_fire_that_stood_a_while_ago_and_is_over_stays_silent_when_another_rings() {
    let desk = in_memory().await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    let unit = desk.register("云岫纺织", TOWN, "889", 4).await;
    let cover = points(&desk, &zhou, unit, 2).await;
    open(&desk, &zhou, unit, draft(&desk, Purpose::Maintenance, cover, 3_600)).await;
    desk.fire("889", 1).await;
    desk.restore("889", 1).await;
    desk.fire("889", 2).await;
    desk.restore("889", 2).await;
    desk.clock.pass_s(120);
    desk.fire("889", 2).await;
    desk.restore("889", 2).await;
    desk.clock.pass_s(1);
    desk.fire("889", 3).await;
    assert_eq!(
        rings(&desk),
        [2, 3],
        "what spoke within two minutes belongs to it, what spoke before does not"
    );
}

#[tokio::test]
async fn when_a_window_ends_what_still_stands_in_it_rings_and_what_is_over_does_not() {
    on_each_store(async |desk| {
        let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        let unit = desk.register("云岫纺织", TOWN, "889", 4).await;
        let made = open(&desk, &zhou, unit, draft(&desk, Purpose::Maintenance, Cover::Unit, 600)).await;
        desk.fire("889", 1).await;
        desk.fire("889", 2).await;
        desk.restore("889", 2).await;
        desk.clock.pass_s(599);
        desk.app.reconcile_windows().await.unwrap();
        assert!(rings(&desk).is_empty());
        desk.clock.pass_s(1);
        let before = desk.head().await;
        assert_eq!(desk.app.reconcile_windows().await.unwrap(), 1);
        assert_eq!(rings(&desk), [1]);
        assert_eq!(
            desk.sentences_since(before).await,
            [
                "规则 窗口到时：维护窗口（全单位，负责人 王强）到时结束",
                "规则 窗口到时：维护窗口（全单位，负责人 王强）已结束，点位仍在报警，解除维护抑制，恢复响铃",
            ]
        );
        assert_eq!(desk.app.reconcile_windows().await.unwrap(), 0, "twice changes nothing");
        let window = desk.app.window(&zhou.grant, made.entry.id).await.unwrap();
        assert_eq!(
            (window.state, window.suppressed),
            (WindowState::Ended, 1),
            "the one that is over stays silent"
        );
        // The point that is over rings when it speaks again.
        desk.clock.pass_s(5);
        desk.fire("889", 2).await;
        assert_eq!(rings(&desk), [1, 2]);
    })
    .await;
}

#[tokio::test]
async fn a_window_survives_a_restart_and_ends_on_time_after_it() {
    on_each_store(async |desk| {
        let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        let unit = desk.register("云岫纺织", TOWN, "889", 4).await;
        let later = desk.app.now() + jiff::SignedDuration::from_secs(60);
        let planned =
            WindowDraft { from_at: Some(later), ..draft(&desk, Purpose::Maintenance, Cover::Unit, 600) };
        let made = open(&desk, &zhou, unit, planned).await;
        assert_eq!(made.state, WindowState::Planned);
        desk.fire("889", 1).await;
        assert_eq!(rings(&desk), [1], "a window that has not begun silences nothing");
        let desk = desk.restart().await;
        desk.clock.pass_s(60);
        desk.fire("889", 2).await;
        assert_eq!(rings(&desk), [1, 2], "one that rang before makes the next one ring too");
        desk.app.reconcile_windows().await.unwrap();
        let desk = desk.restart().await;
        desk.clock.pass_s(600);
        desk.app.reconcile_windows().await.unwrap();
        let zhou = desk.sign_in("zhoumin").await;
        let state = desk.app.window(&zhou.grant, made.entry.id).await.unwrap().state;
        assert_eq!(state, WindowState::Ended);
    })
    .await;
}

#[tokio::test]
async fn ending_a_window_early_takes_a_reason_and_lets_ring_what_stands() {
    let desk = in_memory().await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    let unit = desk.register("云岫纺织", TOWN, "889", 4).await;
    let made = open(&desk, &zhou, unit, draft(&desk, Purpose::Shielding, Cover::Unit, 3_600)).await;
    desk.fire("889", 1).await;
    assert_eq!(desk.app.window(&zhou.grant, made.entry.id).await.unwrap().suppressed, 1);
    let refused = desk.app.end_window(&zhou.grant, made.entry.id, "").await.err().unwrap();
    assert_eq!(refused.refusal().places[0].pointer, "/reason");
    let ended = desk.app.end_window(&zhou.grant, made.entry.id, "提前完工").await.unwrap();
    assert_eq!((ended.state, rings(&desk)), (WindowState::Ended, vec![1]));
    let again = desk.app.end_window(&zhou.grant, made.entry.id, "再来").await.err().unwrap();
    assert_eq!(again.refusal().code, "window.over");
}

#[tokio::test]
async fn two_windows_over_one_point_are_one_silence_until_the_last_of_them_ends() {
    let desk = in_memory().await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    let unit = desk.register("云岫纺织", TOWN, "889", 4).await;
    let long = open(&desk, &zhou, unit, draft(&desk, Purpose::Maintenance, Cover::Unit, 900)).await;
    open(&desk, &zhou, unit, draft(&desk, Purpose::Drill, Cover::Unit, 600)).await;
    desk.fire("889", 1).await;
    desk.app.end_window(&zhou.grant, long.entry.id, "提前完工").await.unwrap();
    assert!(rings(&desk).is_empty(), "the drill still covers it");
    desk.clock.pass_s(600);
    desk.app.reconcile_windows().await.unwrap();
    assert_eq!(rings(&desk), [1]);
}

#[tokio::test]
async fn a_reported_test_marks_the_fires_of_its_system_for_ten_minutes_and_no_longer() {
    on_each_store(async |desk| {
        desk.register("云岫纺织", TOWN, "889", 4).await;
        desk.hears("889", vec![desk.operation(Operation::Test)]).await.unwrap();
        let tested = desk.fire("889", 1).await;
        assert_eq!(tested.alarm.suppressed.as_ref().map(|s| s.label()), Some("测试"));
        // A panel that says so again and again does not prolong it.
        desk.clock.pass_s(TEST_PERIOD_S - 1);
        desk.hears("889", vec![desk.operation(Operation::Test)]).await.unwrap();
        desk.app.reconcile_windows().await.unwrap();
        assert_eq!((desk.count("window").await, rings(&desk)), (1, vec![]));
        desk.clock.pass_s(1);
        desk.app.reconcile_windows().await.unwrap();
        assert_eq!(rings(&desk), [1]);
    })
    .await;
}

#[tokio::test]
async fn a_clear_bit_alone_is_no_test_and_the_panels_shielding_is_silent_until_it_is_taken_back() {
    let desk = in_memory().await;
    desk.register("云岫纺织", TOWN, "889", 4).await;
    desk.hears("889", vec![desk.state(1, &[Condition::Fire, Condition::Shielded])]).await.unwrap();
    let fires = || desk.open_alarms().into_iter().filter(|a| a.alarm.raise.class.code() == "fire");
    assert!(fires().all(|a| !a.alarm.rings()));
    desk.clock.pass_s(10);
    desk.hears("889", vec![desk.state(1, &[Condition::Fire])]).await.unwrap();
    assert!(fires().all(|a| a.alarm.rings()));
}

#[tokio::test]
async fn a_window_is_made_only_where_the_officer_may_and_only_over_what_the_unit_has() {
    let desk = in_memory().await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    let own = desk.register("云岫纺织", TOWN, "889", 4).await;
    let theirs = desk.register("石桥粮库", NEIGHBOUR_TOWN, "990", 4).await;
    desk.employ("linxian", "林岚", "duty_officer", NEIGHBOUR).await;
    let lin = desk.sign_in("linxian").await;
    let pointer = |fault: Fault| fault.refusal().places[0].pointer.clone();
    let make = async |by: &SignedIn, unit, cover| {
        desk.app.create_window(&by.grant, unit, draft(&desk, Purpose::Drill, cover, 60), None).await
    };
    assert_eq!(pointer(make(&zhou, theirs, Cover::Unit).await.err().unwrap()), "/unit");
    let attic = Cover::Floor { building: "1 号厂房".to_owned(), floor: Some("9 层".to_owned()) };
    assert_eq!(pointer(make(&zhou, own, attic).await.err().unwrap()), "/cover");
    let foreign = points(&desk, &lin, theirs, 1).await;
    assert_eq!(pointer(make(&zhou, own, foreign).await.err().unwrap()), "/cover");
    let floor = Cover::Floor { building: "1 号厂房".to_owned(), floor: Some("2 层".to_owned()) };
    let made = make(&zhou, own, floor).await.unwrap();
    assert_eq!(made.window.cover_words, "1 号厂房 2 层");
    assert!(desk.app.window(&lin.grant, made.entry.id).await.is_err());
    let list = async |by: &SignedIn| {
        let filter = WindowFilter { limit: 10, states: vec!["active".to_owned()], ..WindowFilter::default() };
        desk.app.windows(&by.grant, filter).await.unwrap().items.len()
    };
    assert_eq!((list(&zhou).await, list(&lin).await), (1, 0));
    assert!(desk.app.end_window(&lin.grant, made.entry.id, "外县").await.is_err());
}
