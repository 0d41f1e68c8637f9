//! The life of an alarm at the desk, from the detector to its closure, and what happens when two do something
//! at the same moment.

use crate::stores::{in_memory, on_each_store};
use fengsui_access::Grant;
use fengsui_alarm::{Cause, Condition, Filter, Finding};
use fengsui_app::kit::{COUNTY, Desk, TOWN};
use fengsui_app::{AlarmView, Command, Fault, Operation, Receipt, SignedIn};
use fengsui_base::{AccountId, AlarmId, Refusal, RefusalKind};
use std::sync::Arc;

#[tokio::test]
async fn a_real_fire_is_carried_from_the_detector_to_its_closure() {
    on_each_store(async |desk| {
        let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 2).await;
        desk.register("云岫纺织", TOWN, "889", 4).await;
        let before = desk.head().await;
        let fire = AlarmId(desk.fire("889", 3).await.entry.id);
        desk.clock.pass_s(12);
        act(&desk, &zhou, fire, Command::Take).await;
        desk.clock.pass_s(40);
        act(&desk, &zhou, fire, verdict(Finding::Real, None, "现场确认明火")).await;
        act(&desk, &zhou, fire, Command::Forward { note: None }).await;
        act(&desk, &zhou, fire, Command::Note { text: "消防站已出动".to_owned() }).await;
        desk.clock.pass_s(600);
        desk.restore("889", 3).await;
        let closed = act(
            &desk,
            &zhou,
            fire,
            Command::Close { note: Some("明火已灭".to_owned()), unrestored_reason: None },
        )
        .await;
        assert_eq!(
            desk.sentences_since(before).await,
            [
                "终端：1 号厂房 2 层 1-2-003 火警",
                "终端：1 号厂房 2 层 1-2-003 火警·感烟",
                "周敏：签收，用时 12 秒",
                "周敏：核实为 真实：现场确认明火",
                "周敏：转 119",
                "周敏：消防站已出动",
                "终端：1 号厂房 2 层 1-2-003 正常",
                "终端：点位已复位，告警仍待处置",
                "周敏：销号：明火已灭",
            ]
        );
        assert_eq!(
            (closed.entry.state.as_str(), closed.entry.number.as_deref()),
            ("closed", Some("20261121-0001"))
        );
        assert_eq!(closed.alarm.closing().unwrap().by.seat, Some(2));
        assert!(desk.open_alarms().is_empty());
        let leaving = desk.app.outbox().await.unwrap();
        assert_eq!(leaving.iter().map(|m| m.message.topic.as_str()).collect::<Vec<_>>(), ["alarm.forwarded"]);
        assert_eq!(leaving[0].message.body["number"], "20261121-0001");
        desk.app.outbox_done(&leaving[0]).await.unwrap();
        assert!(desk.app.outbox().await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_false_alarm_is_closed_with_its_cause_and_the_next_fire_of_the_point_rings_anew() {
    on_each_store(async |desk| {
        let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        desk.register("云岫纺织", TOWN, "889", 1).await;
        let first = AlarmId(desk.fire("889", 1).await.entry.id);
        act(&desk, &zhou, first, Command::Take).await;
        let unjudged =
            refused(&desk, &zhou, first, Command::Close { note: None, unrestored_reason: None }).await;
        assert_eq!(unjudged.detail, "还缺核实结论。");
        act(&desk, &zhou, first, verdict(Finding::False, Some(Cause::Cooking), "")).await;
        let burning =
            refused(&desk, &zhou, first, Command::Close { note: None, unrestored_reason: None }).await;
        assert_eq!(burning.places[0].pointer, "/unrestored_reason");
        let unrestored_reason = Some("探测器要擦洗".to_owned());
        act(&desk, &zhou, first, Command::Close { note: None, unrestored_reason }).await;
        desk.clock.pass_s(60);
        let second = desk.fire("889", 1).await;
        assert_ne!(AlarmId(second.entry.id), first);
        assert!(second.alarm.rings());
        assert_eq!(second.entry.number.as_deref(), Some("20261121-0002"));
    })
    .await;
}

#[tokio::test]
async fn an_undetermined_alarm_is_never_closed_by_it() {
    let desk = in_memory().await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    let fire = AlarmId(desk.fire("889", 1).await.entry.id);
    act(&desk, &zhou, fire, Command::Take).await;
    act(&desk, &zhou, fire, verdict(Finding::Undetermined, None, "门锁着，无人接电话")).await;
    let closing = Command::Close { note: None, unrestored_reason: Some("无".to_owned()) };
    assert_eq!(refused(&desk, &zhou, fire, closing).await.code, "alarm.undetermined");
    act(&desk, &zhou, fire, Command::Forward { note: None }).await;
}

#[tokio::test]
async fn an_alarm_is_handed_over_and_taken_over_with_a_reason_and_by_name() {
    on_each_store(async |desk| {
        let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        let li = desk.on_duty("liqiang", "李强", "duty_officer", 2).await;
        let chen = desk.on_duty("chenli", "陈立", "duty_leader", 3).await;
        let fire = AlarmId(desk.fire("889", 1).await.entry.id);
        act(&desk, &zhou, fire, Command::Take).await;
        assert_eq!(
            refused(&desk, &li, fire, verdict(Finding::Test, None, "")).await.detail,
            "由 1 席 周敏 处置中，须先接管。"
        );
        let before = desk.head().await;
        act(&desk, &zhou, fire, Command::HandOver { to: li.grant.account(), reason: "换班".to_owned() })
            .await;
        act(&desk, &chen, fire, Command::TakeOver { reason: "带班领导处置".to_owned() }).await;
        assert_eq!(
            desk.sentences_since(before).await,
            ["周敏：移交给 2 席 李强：换班", "陈立：从 2 席 李强 接管：带班领导处置"]
        );
        let nobody = Command::TakeOver { reason: "  ".to_owned() };
        assert_eq!(refused(&desk, &li, fire, nobody).await.places[0].pointer, "/reason");
    })
    .await;
}

#[tokio::test]
async fn an_alarm_is_handed_only_to_somebody_who_sits_at_a_seat_and_may_handle_it() {
    let desk = in_memory().await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    let absent = desk.employ("liqiang", "李强", "duty_officer", COUNTY).await;
    let town = desk.employ("wangfang", "王芳", "duty_officer", "990101001000").await;
    let town_in = desk.sign_in("wangfang").await;
    desk.app.sign_on(&town_in, 2, fengsui_app::SoundTest::Heard).await.unwrap();
    // Nobody has registered this terminal, so that its alarm belongs to the county as a whole.
    let fire = AlarmId(desk.fire("889", 1).await.entry.id);
    act(&desk, &zhou, fire, Command::Take).await;
    for to in [absent, town, AccountId(fire.0)] {
        let refusal = refused(&desk, &zhou, fire, Command::HandOver { to, reason: "换班".to_owned() }).await;
        assert_eq!(refusal.places[0].code, "person.not_on_seat");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_officers_who_take_an_alarm_at_the_same_moment_one_has_it_and_the_other_is_told_by_whom() {
    on_each_store(async |desk| {
        let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        let li = desk.on_duty("liqiang", "李强", "duty_officer", 2).await;
        for point in 1..=20 {
            let fire = AlarmId(desk.fire("889", point).await.entry.id);
            let (a, b) = tokio::join!(together(&desk, &zhou, fire), together(&desk, &li, fire));
            let (loser, winner) = match (a.unwrap(), b.unwrap()) {
                (Ok(_), Err(refused)) => (refused, "1 席 周敏"),
                (Err(refused), Ok(_)) => (refused, "2 席 李强"),
                both => panic!("exactly one: {:?}", (both.0.is_ok(), both.1.is_ok())),
            };
            let refusal = loser.refusal();
            assert_eq!((refusal.kind, refusal.code.as_ref()), (RefusalKind::Conflict, "alarm.taken"));
            assert!(
                refusal.detail.starts_with(&format!("已由 {winner} 于 14:00:00 签收")),
                "{}",
                refusal.detail
            );
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_signals_of_one_point_at_the_same_instant_are_one_alarm() {
    on_each_store(async |desk| {
        for point in 1..=25 {
            let frames: Vec<_> =
                (0..8).map(|_| desk.frame("889", vec![desk.state(point, &[Condition::Fire])])).collect();
            let tasks: Vec<_> =
                frames.into_iter().map(|f| spawn(&desk, async move |app| app.take_in(f).await)).collect();
            for task in tasks {
                task.await.unwrap().unwrap();
            }
            assert_eq!(desk.open_alarms().len(), usize::try_from(point).unwrap());
        }
        assert_eq!(desk.count("alarm").await, 25);
        assert_eq!(desk.app.board().terminals(&fengsui_base::Scope::everything()).len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_machine_that_repeats_and_an_officer_who_takes_at_the_same_moment_both_succeed() {
    on_each_store(async |desk| {
        let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        for point in 1..=20 {
            let fire = AlarmId(desk.fire("889", point).await.entry.id);
            desk.clock.pass_s(30);
            let again = desk.frame("889", vec![desk.state(point, &[Condition::Fire])]);
            let machine = spawn(&desk, async move |app| app.take_in(again).await);
            let (machine, officer) = tokio::join!(machine, together(&desk, &zhou, fire));
            assert!(matches!(machine.unwrap().unwrap(), Receipt::Stored(_)));
            officer.unwrap().unwrap();
            let alarm = desk.app.alarm(&zhou.grant, fire).await.unwrap().alarm;
            assert_eq!(
                (alarm.count, alarm.state(), alarm.holder().unwrap().officer.name.as_str()),
                (2, "taken", "周敏")
            );
        }
    })
    .await;
}

#[tokio::test]
async fn the_same_frame_again_is_answered_the_same_and_stored_once() {
    on_each_store(async |desk| {
        let frame = desk.frame("889", vec![desk.state(1, &[Condition::Fire])]);
        assert!(matches!(desk.app.take_in(frame.clone()).await.unwrap(), Receipt::Stored(_)));
        let head = desk.head().await;
        assert!(matches!(desk.app.take_in(frame).await.unwrap(), Receipt::Repeated | Receipt::Heard));
        assert_eq!((desk.head().await, desk.open_alarms().len()), (head, 1));
    })
    .await;
}

#[tokio::test]
async fn a_resent_operation_is_one_operation_within_a_minute_and_another_one_after_it() {
    on_each_store(async |desk| {
        let frame = desk.frame("889", vec![desk.operation(Operation::Silence)]);
        desk.app.take_in(frame.clone()).await.unwrap();
        let mut resent = frame.clone();
        resent.received_at += std::time::Duration::from_secs(59);
        assert_eq!(desk.app.take_in(resent.clone()).await.unwrap(), Receipt::Repeated);
        resent.received_at += std::time::Duration::from_secs(1);
        assert!(matches!(desk.app.take_in(resent).await.unwrap(), Receipt::Stored(_)));
    })
    .await;
}

#[tokio::test]
async fn a_shutter_that_falls_belongs_to_the_fire_of_its_unit() {
    let desk = in_memory().await;
    desk.register("云岫纺织", TOWN, "889", 4).await;
    desk.fire("889", 1).await;
    let before = desk.head().await;
    desk.hears("889", vec![desk.state(4, &[Condition::Started])]).await.unwrap();
    let said = desk.sentences_since(before).await;
    assert_eq!(said[1], "终端：1 号厂房 2 层 1-2-004 启动");
    assert_eq!(desk.open_alarms().len(), 1);
}

#[tokio::test]
async fn a_reset_of_the_panel_ends_the_states_and_leaves_the_alarms_to_the_officers() {
    let desk = in_memory().await;
    for point in [1, 2] {
        desk.fire("889", point).await;
    }
    desk.clock.pass_s(60);
    desk.hears("889", vec![desk.operation(Operation::Reset)]).await.unwrap();
    let open = desk.open_alarms();
    assert_eq!(open.len(), 2);
    assert!(open.iter().all(|a| a.alarm.restored_at.is_some() && a.alarm.rings()));
}

#[tokio::test]
async fn the_page_of_an_alarm_shows_the_state_of_its_own_part() {
    let desk = in_memory().await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    // Two systems of one panel with a part at the same address: 1.1 and 11.1.
    let mut other = desk.state(7, &[Condition::Fire]);
    if let fengsui_app::ReportBody::State { key, .. } = &mut other.body {
        key.system_type = 11;
    }
    desk.hears("889", vec![desk.state(7, &[])]).await.unwrap();
    desk.hears("889", vec![other]).await.unwrap();
    let fire = desk.open_alarms()[0].clone();
    let (key, state) = desk.app.alarm_point_state(&fire.alarm).unwrap();
    assert_eq!((key.system_type, state.bits != 0), (11, true));
    assert!(desk.app.alarm(&zhou.grant, AlarmId(fire.entry.id)).await.is_ok());
}

#[tokio::test]
async fn an_officer_without_a_seat_may_look_and_not_act() {
    let desk = in_memory().await;
    desk.employ("zhoumin", "周敏", "duty_officer", COUNTY).await;
    let zhou = desk.sign_in("zhoumin").await;
    let fire = AlarmId(desk.fire("889", 1).await.entry.id);
    assert_eq!(refused(&desk, &zhou, fire, Command::Take).await.detail, "请先上席，再处置告警。");
    let seen = desk.app.alarm(&zhou.grant, fire).await.unwrap();
    assert!(seen.actions.iter().all(|a| a.refusal.is_some()));
}

#[tokio::test]
async fn what_a_button_says_is_what_the_act_gets() {
    let desk = in_memory().await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    let li = desk.on_duty("liqiang", "李强", "duty_officer", 2).await;
    let fire = AlarmId(desk.fire("889", 1).await.entry.id);
    act(&desk, &zhou, fire, Command::Take).await;
    let button =
        |view: &AlarmView, name: &str| view.actions.iter().find(|a| a.name == name).unwrap().refusal.clone();
    let seen = desk.app.alarm(&li.grant, fire).await.unwrap();
    assert_eq!(button(&seen, "take").unwrap(), refused(&desk, &li, fire, Command::Take).await);
    assert!(button(&seen, "take_over").is_none());
    act(&desk, &li, fire, Command::TakeOver { reason: "周敏离席".to_owned() }).await;
}

fn verdict(finding: Finding, cause: Option<Cause>, note: &str) -> Command {
    Command::Verify { finding, cause, note: Some(note.to_owned()) }
}

async fn act(desk: &Desk, by: &SignedIn, id: AlarmId, command: Command) -> AlarmView {
    desk.app.act_on_alarm(&by.grant, id, command).await.unwrap()
}

async fn refused(desk: &Desk, by: &SignedIn, id: AlarmId, command: Command) -> Refusal {
    match desk.app.act_on_alarm(&by.grant, id, command).await {
        Err(fault) => fault.refusal(),
        Ok(_) => panic!("should have been refused"),
    }
}

/// Takes an alarm on a task of its own.
fn together(desk: &Desk, by: &SignedIn, id: AlarmId) -> tokio::task::JoinHandle<Result<AlarmView, Fault>> {
    let grant: Grant = by.grant.clone();
    spawn(desk, async move |app| app.act_on_alarm(&grant, id, Command::Take).await)
}

fn spawn<F, T>(desk: &Desk, work: impl FnOnce(Arc<fengsui_app::App>) -> F) -> tokio::task::JoinHandle<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    tokio::spawn(work(desk.app.clone()))
}

/// What the trace of the only open alarm says of reports that came again.
fn counted(desk: &Desk) -> (u32, u32, Vec<String>) {
    let open = desk.open_alarms().remove(0);
    let marks = open.alarm.trace.marks().iter().filter(|m| m.filter == Filter::Duplicate);
    (open.alarm.count, open.alarm.resent, marks.map(|m| m.sentence.clone()).collect())
}

#[tokio::test]
async fn a_frame_that_is_sent_again_and_again_is_one_line_of_the_trace_and_no_further_alarm() {
    on_each_store(async |desk| {
        let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        desk.register("云岫纺织", TOWN, "889", 4).await;
        let frame = desk.frame("889", vec![desk.state(1, &[Condition::Fire])]);
        desk.app.take_in(frame.clone()).await.unwrap();
        let head = desk.head().await;
        for _ in 0..3 {
            desk.clock.pass_s(10);
            desk.app.take_in(frame.clone()).await.unwrap();
        }
        assert_eq!(desk.head().await, head, "a frame that is sent a thousand times writes nothing");
        desk.app.reconcile_ladders().await.unwrap();
        let line = |n| vec![format!("同一报告重复收到 {n} 次，不计次、不另响铃")];
        assert_eq!(counted(&desk), (1, 3, line(3)));
        // After that two more, written with the next act; and the count goes on after a restart.
        desk.app.take_in(frame.clone()).await.unwrap();
        desk.app.take_in(frame.clone()).await.unwrap();
        let fire = AlarmId(desk.open_alarms()[0].entry.id);
        act(&desk, &zhou, fire, Command::Take).await;
        assert_eq!(counted(&desk), (1, 5, line(5)));
        let desk = desk.restart().await;
        let zhou = desk.sign_in("zhoumin").await;
        desk.app.take_in(frame).await.unwrap();
        act(&desk, &zhou, fire, verdict(Finding::Test, None, "")).await;
        assert_eq!(counted(&desk), (1, 6, line(6)));
    })
    .await;
}

#[tokio::test]
async fn a_new_report_of_the_point_is_a_repeat_and_an_unchanged_fault_is_neither() {
    let desk = in_memory().await;
    desk.register("云岫纺织", TOWN, "889", 4).await;
    desk.fire("889", 1).await;
    desk.clock.pass_s(10);
    desk.fire("889", 1).await;
    assert_eq!(counted(&desk), (2, 0, vec![]));
    assert!(desk.open_alarms()[0].alarm.trace.has(Filter::Repeat));
    let desk = in_memory().await;
    desk.register("云岫纺织", TOWN, "889", 4).await;
    for _ in 0..100 {
        desk.hears("889", vec![desk.state(1, &[Condition::Fault])]).await.unwrap();
        desk.clock.pass_s(60);
    }
    desk.app.reconcile_ladders().await.unwrap();
    assert_eq!(counted(&desk), (1, 0, vec![]), "a panel that says every minute what stands repeats nothing");
}
