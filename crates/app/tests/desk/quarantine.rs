//! Strangers: heard like anybody, claimed with all they said, ignored for a while, turned away, retired.

use crate::stores::{in_memory, on_each_store};
use fengsui_alarm::Condition;
use fengsui_app::kit::{COUNTY, Desk, NEIGHBOUR, TOWN};
use fengsui_app::{Fault, IGNORED_DAYS_MAX, Receipt, SILENT_DAYS, SignedIn, Standing, TerminalDraft};
use fengsui_base::{Fields, TerminalId, UnitId};

const DAY_S: i64 = 86_400;

async fn supervisor(desk: &Desk) -> SignedIn {
    desk.employ("fanghuo", "防火员", "fire_supervisor", COUNTY).await;
    desk.sign_in("fanghuo").await
}

fn draft(unit: UnitId) -> TerminalDraft {
    let fields = Fields::from_iter([("profile".to_owned(), "gb26875-bcd".into())]);
    TerminalDraft { name: "二号装置".to_owned(), source: String::new(), unit, fields }
}

fn code(fault: Fault) -> String {
    match fault {
        Fault::Refused(refusal) => refusal.code.to_string(),
        Fault::Broken(error) => panic!("{error}"),
    }
}

fn standing(desk: &Desk, id: TerminalId) -> Option<Standing> {
    desk.app.board().terminal(id).map(|t| t.facts().standing)
}

#[tokio::test]
async fn an_adopted_stranger_keeps_its_frames_and_its_fire_becomes_one_of_the_unit() {
    on_each_store(async |desk| {
        let supervisor = supervisor(&desk).await;
        let unit = desk.register("云岫纺织", TOWN, "889", 8).await;
        let before = desk.fire("zero/tcp/192.0.2.9", 3).await;
        assert_eq!(before.alarm.raise.unit, None);
        let id = desk.terminal("zero/tcp/192.0.2.9");
        let entry = desk.app.adopt(&supervisor.grant, id, draft(unit)).await.unwrap();
        assert_eq!((entry.id, entry.state.as_str()), (id.0, "registered"));
        assert_eq!(desk.terminal("zero/tcp/192.0.2.9"), id, "the same identity");
        assert!(!desk.app.frames(&supervisor.grant, id, None, 9).await.unwrap().is_empty());
        let after = desk.open_alarms().into_iter().find(|a| a.entry.id == before.entry.id).unwrap();
        assert_eq!((after.alarm.raise.unit, after.entry.region.to_string().as_str()), (Some(unit), TOWN));
        assert_eq!(after.entry.number, before.entry.number);
        desk.restore("zero/tcp/192.0.2.9", 3).await;
        assert!(desk.open_alarms()[0].alarm.restored_at.is_some(), "the same alarm goes on");
        let again = desk.app.adopt(&supervisor.grant, id, draft(unit)).await;
        assert_eq!(code(again.unwrap_err()), "terminal.claimed");
        assert_eq!(desk.app.board().strangers(&fengsui_base::Scope::everything()).len(), 0);
    })
    .await;
}

#[tokio::test]
async fn an_ignored_stranger_does_not_ring_and_its_fire_is_listed_first() {
    on_each_store(async |desk| {
        let supervisor = supervisor(&desk).await;
        desk.hears("700", vec![]).await.unwrap();
        let id = desk.terminal("700");
        let tomorrow = jiff::civil::date(2026, 11, 22);
        desk.app.ignore(&supervisor.grant, id, "调试", tomorrow).await.unwrap();
        desk.clock.pass_s(60);
        desk.hears("701", vec![]).await.unwrap();
        desk.clock.pass_s(60);
        let kept = desk.hears("700", vec![desk.state(1, &[Condition::Fire])]).await.unwrap();
        assert!(matches!(kept, Receipt::Stored(_)), "the frame is kept before it is acknowledged");
        assert!(desk.open_alarms().is_empty());
        desk.hears("701", vec![]).await.unwrap();
        let (page, total) = desk.app.quarantine(&supervisor.grant, None, 9).await.unwrap();
        assert_eq!((page[0].known.id, page[0].fire, total), (id, true, 2));
        assert_eq!(desk.app.reconcile_ignored().await.unwrap(), 0);
        let desk = desk.restart().await;
        desk.clock.pass_s(34 * 3_600 - 121);
        assert_eq!(
            desk.app.reconcile_ignored().await.unwrap(),
            0,
            "a second before midnight of its last day"
        );
        desk.clock.pass_s(1);
        assert_eq!(desk.app.reconcile_ignored().await.unwrap(), 1);
        assert_eq!(standing(&desk, id), Some(Standing::Unknown));
        desk.fire("700", 1).await;
        assert_eq!(desk.open_alarms().len(), 1, "it rings again");
    })
    .await;
}

#[tokio::test]
async fn frames_of_an_ignored_stranger_are_bounded_and_fires_are_not() {
    let desk = in_memory().await;
    let supervisor = supervisor(&desk).await;
    desk.hears("700", vec![]).await.unwrap();
    let id = desk.terminal("700");
    desk.app.ignore(&supervisor.grant, id, "调试", jiff::civil::date(2026, 11, 30)).await.unwrap();
    let say = async |fault: bool| {
        desk.clock.pass_s(1);
        let conditions: &[Condition] = if fault { &[Condition::Fault] } else { &[] };
        desk.hears("700", vec![desk.state(1, conditions)]).await.unwrap()
    };
    for n in 0..100 {
        assert!(matches!(say(n % 2 == 0).await, Receipt::Stored(_)), "{n}");
    }
    assert_eq!(say(true).await, Receipt::Heard);
    let fire = desk.hears("700", vec![desk.state(2, &[Condition::Fire])]).await.unwrap();
    assert!(matches!(fire, Receipt::Stored(_)));
    desk.clock.pass_s(DAY_S);
    assert!(matches!(say(true).await, Receipt::Stored(_)), "the next day");
}

#[tokio::test]
async fn a_blocked_stranger_is_not_taken_in_until_it_is_taken_back() {
    on_each_store(async |desk| {
        let supervisor = supervisor(&desk).await;
        desk.hears("700", vec![]).await.unwrap();
        let id = desk.terminal("700");
        desk.app.block(&supervisor.grant, id, "外地设备").await.unwrap();
        let seq = desk.head().await;
        let fire = || vec![desk.state(1, &[Condition::Fire])];
        assert_eq!(desk.hears("700", fire()).await.unwrap(), Receipt::TurnedAway);
        assert_eq!(desk.head().await, seq);
        let desk = desk.restart().await;
        let fire = || vec![desk.state(1, &[Condition::Fire])];
        assert_eq!(desk.hears("700", fire()).await.unwrap(), Receipt::TurnedAway);
        desk.app.release(&supervisor.grant, id).await.unwrap();
        assert!(matches!(desk.hears("700", fire()).await.unwrap(), Receipt::Stored(_)));
        let again = desk.app.release(&supervisor.grant, id).await;
        assert_eq!(code(again.unwrap_err()), "terminal.unknown_already");
    })
    .await;
}

#[tokio::test]
async fn what_is_done_to_strangers_needs_a_reason_a_day_and_the_right_county() {
    let desk = in_memory().await;
    let supervisor = supervisor(&desk).await;
    desk.employ("linxian", "邻县", "fire_supervisor", NEIGHBOUR).await;
    let neighbour = desk.sign_in("linxian").await;
    desk.hears("700", vec![]).await.unwrap();
    let id = desk.terminal("700");
    let today = jiff::civil::date(2026, 11, 21);
    let ignore = async |by: &SignedIn, reason: &str, days: i64| {
        let until_on = today.saturating_add(jiff::Span::new().days(days));
        let done = desk.app.ignore(&by.grant, id, reason, until_on).await;
        done.map_or_else(code, |_| String::new())
    };
    assert_eq!(ignore(&neighbour, "调试", 1).await, "not_found");
    assert_eq!(ignore(&supervisor, " ", 1).await, "input.invalid");
    assert_eq!(ignore(&supervisor, &"长".repeat(201), 1).await, "input.invalid");
    assert_eq!(ignore(&supervisor, "调试", -1).await, "input.invalid");
    assert_eq!(ignore(&supervisor, "调试", IGNORED_DAYS_MAX + 1).await, "input.invalid");
    assert_eq!(ignore(&supervisor, &"长".repeat(200), IGNORED_DAYS_MAX).await, "");
    assert_eq!(code(desk.app.block(&supervisor.grant, id, "").await.unwrap_err()), "input.invalid");
    let (page, total) = desk.app.quarantine(&neighbour.grant, None, 9).await.unwrap();
    assert_eq!((page.len(), total), (0, 0));
}

#[tokio::test]
async fn silent_strangers_are_retired_after_their_days_and_come_back_as_new_ones() {
    on_each_store(async |desk| {
        let silent_s = i64::from(SILENT_DAYS) * DAY_S;
        desk.hears("700", vec![]).await.unwrap();
        desk.fire("701", 1).await;
        let old = desk.terminal("700");
        desk.clock.pass_s(silent_s - 1);
        desk.hears("702", vec![]).await.unwrap();
        assert_eq!(desk.app.reconcile_strangers(SILENT_DAYS).await.unwrap(), 0);
        desk.clock.pass_s(1);
        assert_eq!(desk.app.reconcile_strangers(SILENT_DAYS).await.unwrap(), 1, "701 has an open alarm");
        assert_eq!(desk.app.reconcile_strangers(SILENT_DAYS).await.unwrap(), 0);
        assert!(desk.app.board().terminal_at("700").is_none());
        let desk = desk.restart().await;
        assert!(desk.app.board().terminal_at("700").is_none(), "nor is it loaded again");
        desk.hears("700", vec![]).await.unwrap();
        assert_ne!(desk.terminal("700"), old);
        desk.clock.pass_s(3_599);
        let within = desk.app.reconcile_strangers(0).await.unwrap();
        assert_eq!(within, 0, "within an hour of a start nobody is judged");
        desk.clock.pass_s(1);
        let after = desk.app.reconcile_strangers(0).await.unwrap();
        assert_eq!(after, 2, "700, and 702 by its frame before the restart");
    })
    .await;
}
