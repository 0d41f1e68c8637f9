//! Offline alarms (离线): by their deadline and not before, over restarts, gateways, flapping lines and five thousand
//! terminals that come back at once. Time is moved by hand.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use fengsui_alarm::{Class, Condition, Finding, Life, LineRules, OFFLINE_AFTER_S_MAX, OFFLINE_AFTER_S_MIN};
use fengsui_app::kit::{Desk, TOWN, catalog, node, unit_draft};
use fengsui_app::{
    Command, ImportedTerminal, ImportedUnit, Node, OpenAlarm, OutageFilter, OverloadLimits, Receipt,
    SilenceDraft,
};
use fengsui_base::{AlarmId, Fields, Scope};
use fengsui_store::MemoryStore;
use proptest::prelude::*;
use std::sync::Arc;
use std::time::Duration;

const SOURCE: &str = "700";

async fn desk() -> Desk {
    let desk = Desk::open(Arc::new(MemoryStore::new())).await;
    desk.register("云岫商业广场", TOWN, SOURCE, 1).await;
    desk
}

/// A unit whose terminals have these fields besides their source.
async fn terminals(desk: &Desk, unit: &str, all: Vec<(String, Vec<(&str, serde_json::Value)>)>) {
    let terminal = |(source, more): (String, Vec<(&str, serde_json::Value)>)| ImportedTerminal {
        name: format!("终端 {source}"),
        source,
        fields: more.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Fields>(),
        points: Vec::new(),
    };
    let draft = unit_draft(unit, TOWN, unit);
    let unit = ImportedUnit { draft, terminals: all.into_iter().map(terminal).collect() };
    desk.app.import_unit(unit, "试验").await.unwrap();
}

async fn beats(desk: &Desk, source: &str) {
    desk.hears(source, vec![]).await.unwrap();
}

/// Lets time pass second by second, as the program does.
async fn pass(desk: &Desk, seconds: i64) {
    for _ in 0..seconds {
        desk.clock.pass_s(1);
        desk.app.reconcile_silence().await.unwrap();
    }
}

fn offline(desk: &Desk) -> Vec<Arc<OpenAlarm>> {
    desk.open_alarms().into_iter().filter(|a| a.alarm.raise.class == Class::Offline).collect()
}

fn silent(desk: &Desk) -> Vec<String> {
    let now = offline(desk).into_iter().filter(|a| a.alarm.restored_at.is_none());
    now.map(|a| a.alarm.raise.place.clone()).collect()
}

#[tokio::test]
async fn a_terminal_is_missed_after_three_heartbeats_and_not_a_second_before() {
    let desk = desk().await;
    beats(&desk, SOURCE).await;
    pass(&desk, 89).await;
    assert!(offline(&desk).is_empty());
    pass(&desk, 1).await;
    let alarm = offline(&desk).remove(0);
    assert_eq!(alarm.alarm.raise.event_at.unwrap().as_second() + 90, desk.app.now().as_second());
    assert!(alarm.alarm.rings() && alarm.entry.number.is_some());
    assert_eq!(desk.app.board().terminal_at(SOURCE).unwrap().online(desk.app.now()), Some(false));
    pass(&desk, 3_600).await;
    assert_eq!(offline(&desk).len(), 1, "one silence is one alarm");
}

#[tokio::test]
async fn a_heartbeat_in_the_very_instant_of_the_look_does_not_hide_the_terminal_for_ever() {
    let desk = desk().await;
    beats(&desk, SOURCE).await;
    pass(&desk, 90).await;
    beats(&desk, SOURCE).await;
    desk.app.reconcile_silence().await.unwrap();
    assert!(silent(&desk).is_empty());
    pass(&desk, 89).await;
    beats(&desk, SOURCE).await;
    desk.app.reconcile_silence().await.unwrap();
    pass(&desk, 90).await;
    assert_eq!(silent(&desk).len(), 1);
}

#[tokio::test]
async fn a_terminal_that_never_spoke_is_not_missed_and_a_new_one_is_watched_from_its_first_word() {
    let desk = desk().await;
    pass(&desk, 300).await;
    assert!(offline(&desk).is_empty());
    terminals(&desk, "新建小区", vec![("801".into(), vec![])]).await;
    beats(&desk, "801").await;
    pass(&desk, 90).await;
    assert_eq!(silent(&desk), ["终端 801"]);
}

#[tokio::test]
async fn one_that_nobody_has_claimed_is_not_missed() {
    let desk = desk().await;
    beats(&desk, "999").await;
    pass(&desk, 600).await;
    assert!(offline(&desk).is_empty());
}

#[tokio::test]
async fn the_rule_follows_the_terminal() {
    let desk = desk().await;
    let all = vec![
        ("1".into(), vec![("rhythm", "daily".into())]),
        ("2".into(), vec![("report_period_s", 60.into())]),
        ("3".into(), vec![("rhythm", "daily".into()), ("offline_after_s", 120.into())]),
    ];
    terminals(&desk, "老街小区", all).await;
    for source in ["1", "2", "3"] {
        beats(&desk, source).await;
    }
    pass(&desk, 120).await;
    assert_eq!(silent(&desk), ["终端 3"]);
    assert!(!offline(&desk)[0].alarm.rings(), "a sensor that reports by the day is missed without a bell");
    pass(&desk, 60).await;
    assert_eq!(silent(&desk), ["终端 3", "终端 2"]);
    desk.clock.pass_s(48 * 3_600 - 181);
    desk.app.reconcile_silence().await.unwrap();
    assert_eq!(silent(&desk).len(), 2);
    pass(&desk, 1).await;
    assert_eq!(silent(&desk).len(), 3);
}

#[tokio::test]
async fn one_that_speaks_again_restores_by_itself_and_ends_when_its_line_is_steady() {
    let desk = desk().await;
    beats(&desk, SOURCE).await;
    pass(&desk, 100).await;
    let id = offline(&desk)[0].entry.id;
    for _ in 0..21 {
        beats(&desk, SOURCE).await;
        pass(&desk, 30).await;
    }
    assert!(offline(&desk).is_empty());
    let entry = desk.store.entry(&Scope::everything(), id).await.unwrap().unwrap();
    let alarm = desk.app.read_alarm(&entry).unwrap();
    assert!(matches!(alarm.life, Life::Ended { .. }) && entry.state == "closed" && entry.closed_at.is_some());
    let said = desk.sentences_since(0).await;
    assert!(said.iter().any(|s| s.contains("离线判定：恢复通信已稳定 10 分钟，自动销号")), "{said:?}");
    pass(&desk, 90).await;
    assert_eq!(silent(&desk).len(), 1, "the next silence is another alarm");
    assert_ne!(offline(&desk)[0].entry.id, id);
}

#[tokio::test]
async fn what_an_officer_has_taken_she_closes_herself() {
    let desk = desk().await;
    let officer = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    beats(&desk, SOURCE).await;
    pass(&desk, 90).await;
    let id = offline(&desk)[0].alarm.id;
    desk.app.act_on_alarm(&officer.grant, id, fengsui_app::Command::Take).await.unwrap();
    for _ in 0..22 {
        beats(&desk, SOURCE).await;
        pass(&desk, 30).await;
    }
    let open = offline(&desk).remove(0);
    assert_eq!((open.alarm.id, open.alarm.state(), open.alarm.holds_slot()), (id, "taken", false));
}

#[tokio::test]
async fn a_line_that_comes_and_goes_is_one_alarm_without_a_bell_until_it_is_steady() {
    let desk = desk().await;
    for _ in 0..6 {
        beats(&desk, SOURCE).await;
        pass(&desk, 100).await;
    }
    let open = offline(&desk);
    assert_eq!((open.len(), open[0].alarm.count, open[0].alarm.is_flapping()), (1, 6, true));
    assert!(!open[0].alarm.rings());
    for _ in 0..59 {
        beats(&desk, SOURCE).await;
        pass(&desk, 30).await;
        assert_eq!(offline(&desk).len(), 1);
    }
    beats(&desk, SOURCE).await;
    pass(&desk, 31).await;
    assert!(offline(&desk).is_empty(), "half an hour without a gap");
}

#[tokio::test]
async fn a_site_says_for_itself_from_when_a_line_comes_and_goes() {
    let lines = LineRules { changes: 2, flapping_steady_s: 120, ..LineRules::default() };
    let desk = desk().await.restart_with(catalog(), Node { lines, ..node() }).await;
    for _ in 0..3 {
        beats(&desk, SOURCE).await;
        pass(&desk, 100).await;
    }
    let open = offline(&desk);
    assert_eq!((open.len(), open[0].alarm.is_flapping()), (1, true));
    for _ in 0..4 {
        beats(&desk, SOURCE).await;
        pass(&desk, 29).await;
        assert_eq!(offline(&desk).len(), 1);
    }
    beats(&desk, SOURCE).await;
    pass(&desk, 5).await;
    assert!(offline(&desk).is_empty(), "two minutes without a gap, as the site has it");
}

#[tokio::test]
async fn after_a_restart_nobody_is_missed_before_a_full_period_and_everybody_after_it() {
    let desk = desk().await;
    terminals(&desk, "老街小区", vec![("1".into(), vec![("rhythm", "daily".into())])]).await;
    beats(&desk, SOURCE).await;
    beats(&desk, "1").await;
    desk.app.reconcile_values().await.unwrap();
    desk.clock.pass_s(47 * 3_600);
    let desk = desk.restart().await;
    pass(&desk, 89).await;
    assert!(offline(&desk).is_empty());
    pass(&desk, 1).await;
    assert_eq!(silent(&desk).len(), 1);
    desk.clock.pass_s(24 * 3_600 - 91);
    desk.app.reconcile_silence().await.unwrap();
    assert_eq!(silent(&desk).len(), 1);
    pass(&desk, 1).await;
    assert_eq!(
        silent(&desk).len(),
        2,
        "the sensor that was silent before the restart is missed a day after it"
    );
}

#[tokio::test]
async fn an_open_silence_goes_on_after_a_restart_and_ends_as_usual() {
    let desk = desk().await;
    beats(&desk, SOURCE).await;
    desk.app.reconcile_values().await.unwrap();
    pass(&desk, 90).await;
    let before = offline(&desk)[0].entry.id;
    let desk = desk.restart().await;
    pass(&desk, 200).await;
    assert_eq!(offline(&desk).iter().map(|a| a.entry.id).collect::<Vec<_>>(), [before]);
    beats(&desk, SOURCE).await;
    pass(&desk, 1).await;
    assert!(silent(&desk).is_empty() && offline(&desk)[0].alarm.restored_at.is_some());
    let desk = desk.restart().await;
    for _ in 0..21 {
        beats(&desk, SOURCE).await;
        pass(&desk, 30).await;
    }
    assert!(offline(&desk).is_empty());
}

async fn gateway(children: u32) -> Desk {
    let desk = desk().await;
    terminals(&desk, "老街小区", vec![("1".into(), vec![])]).await;
    let parent = serde_json::json!(desk.terminal("1").to_string());
    let child = |n: u32| (n.to_string(), vec![("parent", parent.clone())]);
    terminals(&desk, "老街二期", (10..10 + children).map(child).collect()).await;
    desk
}

#[tokio::test]
async fn a_silent_gateway_covers_its_children_and_those_heard_directly_live() {
    let desk = gateway(5).await;
    for source in ["10", "11", "12", "13", "14"] {
        beats(&desk, source).await;
    }
    pass(&desk, 20).await;
    beats(&desk, "1").await;
    for _ in 0..10 {
        beats(&desk, "14").await;
        pass(&desk, 30).await;
    }
    assert_eq!(silent(&desk), ["终端 1"], "one alarm says it all");
    let officer = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    let children = desk.app.silent_children(&officer.grant, desk.terminal("1"));
    assert_eq!(children, (4, 5));
    let page =
        desk.app.outages(&officer.grant, &fengsui_app::OutageFilter { limit: 10, ..Default::default() });
    let page = page.unwrap();
    assert_eq!((page.total, page.counts.offline, page.counts.never_heard), (1, 1, 1));
    // The gateway is back, but three of its four silent children are not: they get a full deadline, and then count.
    beats(&desk, "1").await;
    desk.app.reconcile_silence().await.unwrap();
    for _ in 0..2 {
        beats(&desk, "10").await;
        beats(&desk, "14").await;
        beats(&desk, "1").await;
        pass(&desk, 44).await;
    }
    assert!(silent(&desk).is_empty());
    beats(&desk, "10").await;
    beats(&desk, "14").await;
    beats(&desk, "1").await;
    pass(&desk, 3).await;
    assert_eq!(silent(&desk), ["终端 11", "终端 12", "终端 13"]);
}

#[tokio::test]
async fn a_child_that_is_silent_while_its_gateway_speaks_is_missed_by_itself() {
    let desk = gateway(1).await;
    beats(&desk, "10").await;
    for _ in 0..3 {
        beats(&desk, "1").await;
        pass(&desk, 30).await;
    }
    assert_eq!(silent(&desk), ["终端 10"]);
}

#[tokio::test]
async fn five_thousand_back_at_once_restore_and_a_fire_does_not_wait_for_them() {
    let desk = desk().await;
    let all = (1_000..6_000).map(|n| (n.to_string(), vec![])).collect();
    terminals(&desk, "全县", all).await;
    beats(&desk, SOURCE).await;
    for n in 1_000..6_000 {
        beats(&desk, &n.to_string()).await;
    }
    for _ in 0..3 {
        desk.clock.pass_s(30);
        beats(&desk, SOURCE).await;
    }
    assert_eq!(desk.app.reconcile_silence().await.unwrap(), 5_000);
    assert_eq!(silent(&desk).len(), 5_000);
    for n in 1_000..6_000 {
        beats(&desk, &n.to_string()).await;
    }
    let before = desk.head().await;
    let fire = vec![desk.state(1, &[Condition::Fire])];
    let (restored, fire) = tokio::join!(desk.app.reconcile_silence(), desk.hears(SOURCE, fire));
    assert_eq!(restored.unwrap(), 5_000);
    let fengsui_app::Receipt::Stored(seq) = fire.unwrap() else { panic!("a fire is stored") };
    assert!(
        seq <= before + 2 && desk.head().await >= before + 25,
        "fire {seq}, {before}..{}",
        desk.head().await
    );
    assert!(silent(&desk).is_empty());
}

#[tokio::test]
async fn a_terminals_own_clock_makes_it_neither_silent_nor_alive() {
    let desk = desk().await;
    for years in [10, -10, 0] {
        let mut frame = desk.frame(SOURCE, vec![]);
        frame.sent_at = Some(desk.app.now() + jiff::SignedDuration::from_hours(24 * 365 * years));
        desk.app.take_in(frame).await.unwrap();
        pass(&desk, 60).await;
        assert!(offline(&desk).is_empty());
    }
    pass(&desk, 30).await;
    assert_eq!(silent(&desk).len(), 1);
}

#[tokio::test]
async fn a_gateway_that_speaks_through_its_own_child_is_refused_and_a_new_rule_counts_at_once() {
    let desk = gateway(1).await;
    desk.employ("luomin", "罗敏", "fire_supervisor", fengsui_app::kit::COUNTY).await;
    let grant = desk.sign_in("luomin").await.grant;
    let (gateway, child) = (desk.terminal("1"), desk.terminal("10"));
    let rule = |parent, offline_after_s| SilenceDraft { parent, offline_after_s, ..SilenceDraft::default() };
    for wrong in [gateway, child] {
        let refused =
            desk.app.set_silence(&grant, gateway, 1, rule(Some(wrong), None)).await.map(|_| ()).unwrap_err();
        let fengsui_app::Fault::Refused(refused) = refused else { panic!("{refused:?}") };
        assert_eq!(refused.places[0].code, "parent.cycle");
    }
    for wrong in [OFFLINE_AFTER_S_MIN - 1, OFFLINE_AFTER_S_MAX + 1] {
        assert!(desk.app.set_silence(&grant, child, 1, rule(None, Some(wrong))).await.is_err());
    }
    beats(&desk, "10").await;
    pass(&desk, 20).await;
    desk.app.set_silence(&grant, child, 1, rule(None, Some(30))).await.unwrap();
    pass(&desk, 9).await;
    assert!(silent(&desk).is_empty());
    pass(&desk, 1).await;
    assert_eq!(silent(&desk), ["终端 10"]);
    assert!(desk.app.set_silence(&grant, child, 1, rule(None, None)).await.is_err(), "somebody was first");
}

#[tokio::test]
async fn the_list_is_by_unit_page_by_page_and_by_what_is_asked() {
    let desk = desk().await;
    for unit in ["乙厂", "甲厂"] {
        terminals(
            &desk,
            unit,
            (0..3).map(|n| (format!("{}{n}", if unit == "甲厂" { 1 } else { 2 }), vec![])).collect(),
        )
        .await;
    }
    for source in ["10", "11", "12", "20", "21", "22", SOURCE] {
        beats(&desk, source).await;
    }
    pass(&desk, 60).await;
    let fault = vec![desk.state(1, &[Condition::Fault])];
    desk.hears(SOURCE, fault).await.unwrap();
    pass(&desk, 30).await;
    let grant = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await.grant;
    let read = |filter: OutageFilter| desk.app.outages(&grant, &filter).unwrap();
    let (mut walked, mut after) = (Vec::new(), None);
    loop {
        let page = read(OutageFilter { after, limit: 2, ..Default::default() });
        assert_eq!(page.total, 7);
        walked.extend(page.items.iter().map(|o| o.alarm.raise.unit_name.clone().unwrap()));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(walked, ["乙厂", "乙厂", "乙厂", "云岫商业广场", "甲厂", "甲厂", "甲厂"]);
    let all = OutageFilter { limit: 50, ..Default::default() };
    assert_eq!(read(OutageFilter { class: Some(Class::Fault), ..all.clone() }).total, 1);
    assert_eq!(read(OutageFilter { text: Some("甲厂".into()), ..all.clone() }).total, 3);
    assert_eq!(read(OutageFilter { flapping: Some(true), ..all.clone() }).total, 0);
    beats(&desk, "10").await;
    pass(&desk, 1).await;
    assert_eq!(read(OutageFilter { restored: Some(false), ..all }).total, 6);
}

/// Takes and closes the only offline alarm while its terminal is silent.
async fn close_silent(desk: &Desk) {
    desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    close_silent_again(desk).await;
}

async fn close_silent_again(desk: &Desk) {
    let grant = desk.sign_in("zhoumin").await.grant;
    let id = AlarmId(offline(desk).remove(0).entry.id);
    let verdict = Command::Verify { finding: Finding::Real, cause: None, note: None };
    let close = Command::Close { note: None, unrestored_reason: Some("停业断电".to_owned()) };
    for command in [Command::Take, verdict, close] {
        desk.app.act_on_alarm(&grant, id, command).await.unwrap();
    }
}

#[tokio::test]
async fn a_silence_that_was_closed_does_not_come_back_with_the_next_start() {
    let desk = desk().await;
    beats(&desk, SOURCE).await;
    desk.app.reconcile_values().await.unwrap();
    pass(&desk, 90).await;
    close_silent(&desk).await;
    let mut desk = desk;
    for _ in 0..2 {
        desk = desk.restart().await;
        pass(&desk, 600).await;
        assert!(offline(&desk).is_empty(), "somebody has said why it is silent");
    }
    beats(&desk, SOURCE).await;
    // Storage learns of it at once, so that one that dies while the program stands still is missed as well.
    desk.app.reconcile_values().await.unwrap();
    let desk = desk.restart().await;
    pass(&desk, 90).await;
    assert_eq!(silent(&desk).len(), 1, "once it has spoken it is missed again");
    close_silent_again(&desk).await;
    beats(&desk, SOURCE).await;
    pass(&desk, 90).await;
    assert_eq!(silent(&desk).len(), 1);
}

#[tokio::test]
async fn a_silence_that_nobody_closed_is_one_alarm_over_the_next_start_and_a_later_one_is_missed() {
    let desk = desk().await;
    beats(&desk, SOURCE).await;
    desk.app.reconcile_values().await.unwrap();
    pass(&desk, 90).await;
    let before = offline(&desk).remove(0).entry.id;
    let desk = desk.restart().await;
    pass(&desk, 600).await;
    assert_eq!(offline(&desk).iter().map(|o| o.entry.id).collect::<Vec<_>>(), [before]);
    close_silent(&desk).await;
    // It speaks and is known to have spoken; then the program stands still, and the terminal with it.
    desk.clock.pass_s(3_600);
    beats(&desk, SOURCE).await;
    desk.app.reconcile_values().await.unwrap();
    let desk = desk.restart().await;
    pass(&desk, 90).await;
    assert_eq!(silent(&desk).len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever terminals say and whenever, to the millisecond: after each look exactly those are silent that were not
    /// heard for their time, and an alarm is never early.
    #[test]
    fn nobody_is_missed_early_and_nobody_is_forgotten(steps in prop::collection::vec((0..3_usize, 0..40_000_i64), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let desk = desk().await;
            let periods = [20_i64, 30, 45];
            let all = periods.iter().enumerate().map(|(n, s)| (n.to_string(), vec![("report_period_s", (*s).into())]));
            terminals(&desk, "老街小区", all.map(|(n, f)| (format!("9{n}"), f)).collect()).await;
            let mut heard: [Option<jiff::Timestamp>; 3] = [None; 3];
            for (who, wait_ms) in steps {
                desk.clock.pass_ms(wait_ms);
                desk.app.reconcile_silence().await.unwrap();
                let now = desk.app.now();
                let due = |n: &usize| heard[*n].is_some_and(|at| now.duration_since(at).as_millis() >= i128::from(3_000 * periods[*n]));
                let expected: Vec<_> = (0..3).filter(due).map(|n| format!("终端 9{n}")).collect();
                let mut found = silent(&desk);
                found.sort();
                assert_eq!(found, expected);
                beats(&desk, &format!("9{who}")).await;
                heard[who] = Some(now);
                desk.app.reconcile_silence().await.unwrap();
            }
        });
    }
}

#[tokio::test]
async fn a_heartbeat_that_is_shed_under_overload_still_shows_that_its_terminal_lives() {
    let desk = desk().await;
    beats(&desk, SOURCE).await;
    // Being late at all counts as overload here.
    desk.app.shed_beyond(OverloadLimits { wait_max: Duration::ZERO, lag_max: Duration::ZERO });
    while !desk.app.shedding().0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    for _ in 0..6 {
        pass(&desk, 60).await;
        assert_eq!(desk.app.offer(desk.frame(SOURCE, vec![])).await.unwrap(), Receipt::Shed);
    }
    assert!(offline(&desk).is_empty(), "the overload is ours and not its silence");
    pass(&desk, 90).await;
    assert_eq!(silent(&desk).len(), 1, "and one that says nothing is missed as ever");
}
