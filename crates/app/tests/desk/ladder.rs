//! Nobody at the desk: an alarm climbs to people who are not looking at a screen, never early, never forgotten,
//! across a restart, and stops when somebody takes it.

use crate::stores::{in_memory, on_each_store};
use fengsui_alarm::{Cause, Condition, Finding, Rung};
use fengsui_app::kit::{COUNTY, Desk, NEIGHBOUR, TOWN};
use fengsui_app::{Answer, Command, Fault, Given, Message};
use fengsui_base::{AlarmId, Scope};
use fengsui_store::Query;
use std::time::Duration;

/// Enlists one person for every rung.
pub(crate) async fn staff(desk: &Desk) {
    desk.enlist("deputy", "副班李强", "13900000001", COUNTY).await;
    desk.enlist("duty_leader", "孙志远", "13900000002", COUNTY).await;
    desk.enlist("grid_worker", "何苗", "13900000003", TOWN).await;
    desk.enlist("mini_station", "东渚微型消防站", "61190", TOWN).await;
    desk.enlist("deputy", "邻县副班", "13900000009", NEIGHBOUR).await;
}

/// The messages so far, oldest first, as rung and name.
async fn told(desk: &Desk) -> Vec<String> {
    let mut query = Query::newest("message", Scope::everything());
    query.limit = 200;
    let mut items = desk.store.list(&query).await.unwrap().items;
    items.reverse();
    items.iter().filter_map(Message::of).map(|m| format!("{} {}", m.rung, m.recipient_name)).collect()
}

/// Answers the last message to somebody through its link.
async fn answers(desk: &Desk, name: &str, answer: Answer) -> Result<(), Fault> {
    let query = Query::newest("message", Scope::everything());
    let items = desk.store.list(&query).await.unwrap().items;
    let token =
        items.iter().filter_map(Message::of).find(|m| m.recipient_name == name).unwrap().token.unwrap();
    desk.app.answer_by_token(token.reveal(), Given::plain(answer, "答复页")).await.map(|_| ())
}

fn reached(desk: &Desk) -> Rung {
    desk.open_alarms()[0].alarm.ladder.as_ref().unwrap().rung
}

#[tokio::test]
async fn a_fire_that_nobody_takes_climbs_from_the_seats_to_the_neighbours() {
    on_each_store(async |desk| {
        staff(&desk).await;
        desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        desk.register("云岫纺织", TOWN, "889", 4).await;
        let before = desk.head().await;
        desk.fire("889", 1).await;
        assert_eq!(desk.pass_climbing(29).await, 0);
        assert_eq!((desk.pass_climbing(1).await, reached(&desk)), (1, Rung::RingAgain));
        assert_eq!(told(&desk).await, [""; 0]);
        assert_eq!(desk.pass_climbing(29).await, 0);
        assert_eq!(desk.pass_climbing(1).await, 1);
        assert_eq!(told(&desk).await, ["deputy 副班李强"]);
        desk.pass_climbing(60).await;
        assert_eq!(told(&desk).await, ["deputy 副班李强", "duty_leader 孙志远"]);
        // The unit has no contact: its rung is passed, and said to be.
        desk.pass_climbing(60).await;
        assert_eq!(told(&desk).await[2..], ["neighbours 何苗", "neighbours 东渚微型消防站"]);
        let said = desk.sentences_since(before).await;
        let climbs: Vec<_> = said.iter().filter(|s| s.contains("规则 升级") && !s.contains("发消息")).collect();
        assert_eq!(
            climbs,
            [
                "规则 升级：无人签收，席位再次响铃",
                "规则 升级：升级到副班：通知 副班 副班李强",
                "规则 升级：升级到带班领导：通知 带班领导 孙志远",
                "规则 升级：升级到网格员和微型消防站：通知 网格员 何苗、微型消防站 东渚微型消防站；没有登记：单位消防安全管理人",
            ]
        );
        let open = desk.open_alarms();
        assert_eq!(open[0].entry.due_at, open[0].alarm.due_at());
        assert!(open[0].entry.due_at.is_some());
    })
    .await;
}

#[tokio::test]
async fn taking_it_stops_the_climb_and_starts_the_holders_clock() {
    let desk = in_memory().await;
    staff(&desk).await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    desk.register("云岫纺织", TOWN, "889", 4).await;
    let fire = AlarmId(desk.fire("889", 1).await.entry.id);
    desk.pass_climbing(20).await;
    desk.app.act_on_alarm(&zhou.grant, fire, Command::Take).await.unwrap();
    assert_eq!(desk.pass_climbing(299).await, 0);
    assert_eq!((desk.pass_climbing(1).await, reached(&desk)), (1, Rung::Remind));
    assert_eq!(told(&desk).await.len(), 0);
    desk.pass_climbing(60).await;
    assert_eq!(told(&desk).await, ["duty_leader 孙志远"]);
    let cause = Some(Cause::Dust);
    let verdict = Command::Verify { finding: Finding::False, cause, note: None };
    desk.app.act_on_alarm(&zhou.grant, fire, verdict).await.unwrap();
    assert_eq!(desk.pass_climbing(600).await, 0);
    let close = Command::Close { note: None, unrestored_reason: Some("待维修".to_owned()) };
    desk.app.act_on_alarm(&zhou.grant, fire, close).await.unwrap();
    desk.clock.pass_s(30 * 24 * 3_600);
    assert_eq!(desk.app.reconcile_ladders().await.unwrap(), 0);
}

#[tokio::test]
async fn what_nobody_can_judge_goes_to_the_duty_leader_at_once_and_to_nobody_else() {
    let desk = in_memory().await;
    staff(&desk).await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    let fire = AlarmId(desk.fire("889", 1).await.entry.id);
    desk.app.act_on_alarm(&zhou.grant, fire, Command::Take).await.unwrap();
    let unsure = Command::Verify { finding: Finding::Undetermined, cause: None, note: None };
    desk.app.act_on_alarm(&zhou.grant, fire, unsure).await.unwrap();
    desk.pass_climbing(1).await;
    assert_eq!(told(&desk).await, ["duty_leader 孙志远"]);
    desk.pass_climbing(300).await;
    assert_eq!(told(&desk).await[1..], ["ask_again 副班李强", "ask_again 孙志远"]);
    assert!(desk.app.outbox().await.unwrap().is_empty(), "nothing is dispatched by itself");
}

#[tokio::test]
async fn with_nobody_signed_on_the_telephones_ring_at_once() {
    let desk = in_memory().await;
    staff(&desk).await;
    desk.register("云岫纺织", TOWN, "889", 4).await;
    desk.fire("889", 1).await;
    assert_eq!(desk.app.reconcile_ladders().await.unwrap(), 1);
    assert_eq!(told(&desk).await, ["deputy 副班李强"]);
}

#[tokio::test]
async fn when_the_last_officer_leaves_the_seats_are_not_waited_for() {
    let desk = in_memory().await;
    staff(&desk).await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    desk.fire("889", 1).await;
    assert_eq!(desk.pass_climbing(5).await, 0);
    desk.app.sign_off(&zhou.grant).await.unwrap();
    assert_eq!(desk.app.reconcile_ladders().await.unwrap(), 1);
    assert_eq!(told(&desk).await, ["deputy 副班李强"]);
}

#[tokio::test]
async fn a_restart_continues_where_it_stopped_and_does_not_replay_what_was_missed() {
    on_each_store(async |desk| {
        staff(&desk).await;
        desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        desk.register("云岫纺织", TOWN, "889", 4).await;
        desk.fire("889", 1).await;
        desk.pass_climbing(60).await;
        let desk = desk.restart().await;
        assert_eq!(desk.pass_climbing(59).await, 0);
        let desk = desk.restart().await;
        assert_eq!(desk.pass_climbing(1).await, 1);
        assert_eq!(told(&desk).await, ["deputy 副班李强", "duty_leader 孙志远"]);
        desk.clock.pass_s(3_600);
        let desk = desk.restart().await;
        assert_eq!(desk.app.reconcile_ladders().await.unwrap(), 1);
        assert_eq!(desk.app.reconcile_ladders().await.unwrap(), 0, "it may run twice");
        assert_eq!(reached(&desk), Rung::AskAgain);
        let said = desk.sentences_since(desk.head().await - 1).await;
        assert!(
            said.iter().any(|s| s.contains("停机期间越过：单位消防安全管理人、网格员和微型消防站")),
            "{said:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn of_two_nodes_only_the_active_one_climbs() {
    let desk = in_memory().await;
    staff(&desk).await;
    desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    desk.fire("889", 1).await;
    desk.clock.pass_s(60);
    let ttl = Duration::from_secs(60);
    desk.clock.pass_s(3_600);
    desk.store.claim_lease("备机", None, desk.app.now(), ttl).await.unwrap();
    let lost = desk.app.reconcile_ladders().await;
    assert!(matches!(lost, Err(Fault::Broken(_))));
    assert_eq!(told(&desk).await.len(), 0);
}

#[tokio::test]
async fn in_a_home_the_household_and_the_neighbours_are_asked_before_the_desk() {
    let desk = in_memory().await;
    staff(&desk).await;
    desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    desk.register_home("云溪小区 3 幢", "77", &[("户主", "吴刚", "13900000010")]).await;
    desk.fire("77", 1).await;
    assert!(!desk.open_alarms()[0].alarm.rings());
    desk.app.reconcile_ladders().await.unwrap();
    assert_eq!(told(&desk).await, ["residents 吴刚", "residents 何苗", "residents 东渚微型消防站"]);
    desk.pass_climbing(89).await;
    assert!(!desk.open_alarms()[0].alarm.rings());
    desk.pass_climbing(1).await;
    assert!(desk.open_alarms()[0].alarm.rings());
}

#[tokio::test]
async fn a_home_without_anybody_to_ask_is_the_desks_at_once() {
    let desk = in_memory().await;
    desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    desk.register_home("云溪小区 3 幢", "77", &[]).await;
    desk.fire("77", 1).await;
    desk.app.reconcile_ladders().await.unwrap();
    let open = desk.open_alarms();
    assert!(open[0].alarm.rings());
    assert_eq!(reached(&desk), Rung::Desk);
}

#[tokio::test]
async fn a_second_point_of_the_home_brings_the_desk_in() {
    let desk = in_memory().await;
    staff(&desk).await;
    desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    desk.register_home("云溪小区 3 幢", "77", &[("户主", "吴刚", "13900000010")]).await;
    desk.fire("77", 1).await;
    desk.pass_climbing(10).await;
    desk.fire("77", 2).await;
    desk.pass_climbing(2).await;
    assert!(desk.open_alarms().iter().all(|open| open.alarm.rings()));
}

#[tokio::test]
async fn answers_stand_on_the_timeline_give_time_and_close_nothing() {
    on_each_store(async |desk| {
        staff(&desk).await;
        desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        desk.register_home("云溪小区 3 幢", "77", &[("户主", "吴刚", "13900000010")]).await;
        desk.fire("77", 1).await;
        desk.app.reconcile_ladders().await.unwrap();
        let before = desk.head().await;
        desk.clock.pass_s(20);
        answers(&desk, "吴刚", Answer::FalseAlarm).await.unwrap();
        let said = desk.sentences_since(before).await;
        assert!(said.contains(&"户主 吴刚：答复 误报（答复页）".to_owned()), "{said:?}");
        assert_eq!(desk.open_alarms().len(), 1, "it is still open");
        assert_eq!(desk.pass_climbing(299).await, 0);
        assert!(!desk.open_alarms()[0].alarm.rings());
        assert_eq!(desk.pass_climbing(1).await, 1);
        assert!(desk.open_alarms()[0].alarm.rings());
        let ladder = desk.open_alarms()[0].alarm.ladder.clone().unwrap();
        assert_eq!((ladder.answers[0].name.as_str(), ladder.answers[0].answer), ("吴刚", Answer::FalseAlarm));
    })
    .await;
}

#[tokio::test]
async fn whoever_sees_it_burn_brings_the_desk_in_at_once() {
    let desk = in_memory().await;
    staff(&desk).await;
    desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    desk.register_home("云溪小区 3 幢", "77", &[("户主", "吴刚", "13900000010")]).await;
    desk.fire("77", 1).await;
    desk.app.reconcile_ladders().await.unwrap();
    answers(&desk, "何苗", Answer::Burning).await.unwrap();
    desk.app.reconcile_ladders().await.unwrap();
    assert!(desk.open_alarms()[0].alarm.rings());
}

#[tokio::test]
async fn faults_are_put_before_the_desk_and_told_to_the_unit_once_in_the_morning() {
    let desk = in_memory().await;
    staff(&desk).await;
    desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    desk.register_home("云溪小区 3 幢", "77", &[("消防安全管理人", "吴刚", "13900000010")]).await;
    for point in 1..=3 {
        let fault = desk.state(point, &[Condition::Fault]);
        desk.hears("77", vec![fault]).await.unwrap();
    }
    desk.clock.pass_s(1_799);
    assert_eq!(desk.app.reconcile_ladders().await.unwrap(), 0);
    desk.clock.pass_s(1);
    assert_eq!(desk.app.reconcile_ladders().await.unwrap(), 3);
    assert_eq!(told(&desk).await.len(), 0);
    // It is a Saturday afternoon: the next working morning is Monday's.
    desk.clock.pass_s(42 * 3_600 - 1_801);
    assert_eq!(desk.app.reconcile_ladders().await.unwrap(), 0);
    desk.clock.pass_s(1);
    assert_eq!(desk.app.now().to_string(), "2026-11-23T00:00:00Z");
    desk.clock.pass_s(1_799);
    assert_eq!(desk.app.reconcile_ladders().await.unwrap(), 0);
    desk.clock.pass_s(1);
    assert_eq!(desk.app.reconcile_ladders().await.unwrap(), 3);
    assert_eq!(told(&desk).await, ["morning 吴刚"], "three faults, one message");
}

#[tokio::test]
async fn every_open_alarm_has_a_clock_whatever_happens_to_it() {
    let desk = in_memory().await;
    staff(&desk).await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    desk.register("云岫纺织", TOWN, "889", 40).await;
    let commands = [
        vec![],
        vec![Command::Take],
        vec![Command::Take, Command::Verify { finding: Finding::Real, cause: None, note: None }],
        vec![
            Command::Take,
            Command::Verify { finding: Finding::Real, cause: None, note: None },
            Command::Forward { note: None },
        ],
        vec![Command::Take, Command::Verify { finding: Finding::Undetermined, cause: None, note: None }],
    ];
    for (point, acts) in (1..).zip(commands) {
        let fire = AlarmId(desk.fire("889", point).await.entry.id);
        for act in acts {
            desk.app.act_on_alarm(&zhou.grant, fire, act).await.unwrap();
        }
        desk.pass_climbing(7).await;
    }
    for _ in 0..40 {
        desk.pass_climbing(37).await;
        for open in desk.open_alarms() {
            let due = open.entry.due_at.expect("an open alarm has a clock");
            assert!(due > desk.app.now(), "nothing that was due is left");
        }
    }
}

#[tokio::test]
async fn a_fire_does_not_wait_behind_more_faults_than_one_run_climbs() {
    let desk = in_memory().await;
    desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    desk.register("云岫纺织", TOWN, "889", 1).await;
    desk.register("东渚商场", TOWN, "77", 201).await;
    for point in 1..=201 {
        desk.hears("77", vec![desk.state(point, &[Condition::Fault])]).await.unwrap();
    }
    desk.clock.pass_s(1_780);
    let fire = desk.fire("889", 1).await.alarm.id;
    desk.clock.pass_s(30);
    // All of them are due, the faults for longer.
    assert_eq!(desk.app.reconcile_ladders().await.unwrap(), 200);
    let climbed = desk.app.board().open_alarm(fire).unwrap().alarm.ladder.clone().unwrap();
    assert_eq!(climbed.rung, Rung::RingAgain);
    assert_eq!(desk.app.reconcile_ladders().await.unwrap(), 2);
    assert_eq!(desk.app.reconcile_ladders().await.unwrap(), 0);
}

#[tokio::test]
async fn the_page_behind_a_link_says_where_and_when_and_ends_with_the_alarm() {
    let desk = in_memory().await;
    staff(&desk).await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    desk.register_home("云溪小区 3 幢", "77", &[("户主", "吴刚", "13900000010")]).await;
    let fire = AlarmId(desk.fire("77", 1).await.entry.id);
    desk.app.reconcile_ladders().await.unwrap();
    let items = desk.store.list(&Query::newest("message", Scope::everything())).await.unwrap().items;
    let message = items.iter().filter_map(Message::of).find(|m| m.recipient_name == "吴刚").unwrap();
    let token = message.token.unwrap().reveal().to_owned();
    let page = desk.app.answer_page(&token, "192.0.2.9").await.unwrap();
    assert!(page.title.contains("云溪小区") && page.address.is_some() && page.over.is_none());
    let told = format!("{page:?}");
    assert!(!told.contains("吴刚") && !told.contains("139") && !told.contains("何苗"), "{told}");
    let note = Some("厨房冒烟，已关火".to_owned());
    let given = Given { answer: Answer::OnScene, note, way: "答复页".to_owned() };
    let page = desk.app.answer_link(&token, given, "192.0.2.9").await.unwrap();
    assert_eq!(page.answers.len(), 1);
    let long = Given { note: Some("长".repeat(101)), ..Given::plain(Answer::Received, "答复页") };
    assert_eq!(refused(desk.app.answer_link(&token, long, "192.0.2.9").await), "input.invalid");
    let wrong = desk.app.answer_page(&"0".repeat(32), "192.0.2.9").await;
    assert_eq!(refused(wrong), "answer.unknown");
    desk.app.act_on_alarm(&zhou.grant, fire, Command::Take).await.unwrap();
    let verdict = Command::Verify { finding: Finding::False, cause: Some(Cause::Cooking), note: None };
    desk.app.act_on_alarm(&zhou.grant, fire, verdict).await.unwrap();
    let close = Command::Close { note: None, unrestored_reason: Some("已关火".to_owned()) };
    desk.app.act_on_alarm(&zhou.grant, fire, close).await.unwrap();
    let late = desk.app.answer_link(&token, Given::plain(Answer::Received, "答复页"), "192.0.2.9").await;
    assert_eq!(refused(late), "answer.closed");
}

fn refused<T: std::fmt::Debug>(answer: Result<T, Fault>) -> String {
    match answer {
        Err(Fault::Refused(refusal)) => refusal.code.into_owned(),
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn responders_are_registered_changed_and_disabled_and_called_only_while_in_use() {
    on_each_store(async |desk| {
        desk.employ("luomin", "罗敏", "fire_supervisor", COUNTY).await;
        let luo = desk.sign_in("luomin").await;
        let draft = |phone: &str| fengsui_app::ResponderDraft {
            name: "副班李强".to_owned(),
            region: fengsui_app::kit::code(COUNTY),
            unit: None,
            position: None,
            fields: serde_json::json!({ "role": "deputy", "phone": phone }).as_object().unwrap().clone(),
        };
        assert_eq!(
            refused(desk.app.create_responder(&luo.grant, draft("12345678901"), None).await),
            "input.invalid"
        );
        let made = desk.app.create_responder(&luo.grant, draft("１３９ 0000-0001"), None).await.unwrap();
        assert_eq!(made.fields["phone"], "13900000001");
        let outside =
            fengsui_app::ResponderDraft { region: fengsui_app::kit::code(NEIGHBOUR), ..draft("6119") };
        assert_eq!(refused(desk.app.create_responder(&luo.grant, outside, None).await), "input.invalid");
        let stale = desk.app.change_responder(&luo.grant, made.id, 7, draft("6119")).await;
        assert_eq!(refused(stale), "version.stale");
        desk.app.change_responder(&luo.grant, made.id, 1, draft("6119")).await.unwrap();
        desk.fire("889", 1).await;
        desk.app.disable_responder(&luo.grant, made.id).await.unwrap();
        assert_eq!(refused(desk.app.disable_responder(&luo.grant, made.id).await), "responder.same_state");
        desk.app.reconcile_ladders().await.unwrap();
        assert_eq!(told(&desk).await, [""; 0]);
        desk.app.enable_responder(&luo.grant, made.id).await.unwrap();
        let desk = desk.restart().await;
        desk.pass_climbing(300).await;
        assert_eq!(told(&desk).await, ["ask_again 副班李强"]);
    })
    .await;
}

#[tokio::test]
async fn whoever_has_an_account_in_a_group_is_named_there_when_telephone_and_text_fail() {
    let desk = in_memory().await;
    desk.employ("luomin", "罗敏", "fire_supervisor", COUNTY).await;
    let luo = desk.sign_in("luomin").await;
    let draft = |handle: &str| fengsui_app::ResponderDraft {
        name: "副班李强".to_owned(),
        region: fengsui_app::kit::code(COUNTY),
        unit: None,
        position: None,
        fields: serde_json::json!({ "role": "deputy", "phone": "13900000001", "robot_handle": handle })
            .as_object()
            .unwrap()
            .clone(),
    };
    for wrong in ["李强", "li qiang", "all", "@ALL", &"a".repeat(65)] {
        let made = desk.app.create_responder(&luo.grant, draft(wrong), None).await;
        assert_eq!(refused(made), "input.invalid", "{wrong}");
    }
    desk.app.create_responder(&luo.grant, draft(&"a".repeat(64)), None).await.unwrap();
    desk.app.create_responder(&luo.grant, draft(" li.qiang_1 "), None).await.unwrap();
    desk.enlist("deputy", "副班王英", "13900000002", COUNTY).await;
    desk.fire("889", 1).await;
    desk.app.reconcile_ladders().await.unwrap();
    let query = Query { limit: 20, ..Query::newest("message", Scope::everything()) };
    let all = desk.store.list(&query).await.unwrap().items;
    let ways = |handle: Option<&str>| {
        let of = all.iter().filter_map(Message::of).find(|m| m.handle.as_deref() == handle).unwrap();
        of.by.iter().map(|by| by.code()).collect::<Vec<_>>()
    };
    assert_eq!(ways(Some("li.qiang_1")), ["voice", "sms", "robot", "email"]);
    assert_eq!(ways(None), ["voice", "sms", "email"], "a group is not woken for somebody it does not know");
}

#[tokio::test]
async fn a_second_detector_calls_the_deputy_at_once_and_one_in_another_building_does_not() {
    let desk = in_memory().await;
    staff(&desk).await;
    desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    desk.register("云岫纺织", TOWN, "889", 4).await;
    desk.register("瑞禾电子", TOWN, "890", 4).await;
    desk.fire("889", 1).await;
    desk.pass_climbing(5).await;
    desk.fire("890", 1).await;
    assert_eq!((desk.pass_climbing(5).await, told(&desk).await), (0, vec![]), "two units confirm nothing");
    desk.fire("889", 2).await;
    assert_eq!(desk.app.reconcile_ladders().await.unwrap(), 2);
    assert_eq!(told(&desk).await, ["deputy 副班李强", "deputy 副班李强"]);
    assert_eq!(desk.pass_climbing(24).await, 0, "the deputy is given her time");
    assert_eq!((desk.pass_climbing(1).await, told(&desk).await.len()), (1, 2), "the other fire rings again");
}
