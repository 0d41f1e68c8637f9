//! Measured values and their history: what a chart shows after an hour, a restart and a clock that went wrong.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use fengsui_app::kit::{Desk, TOWN, catalog, instant, key, node};
use fengsui_app::{Keeping, Node, Report, ReportBody, VALUES_DAYS_MIN};
use fengsui_base::{Scope, Timestamp};
use fengsui_store::{MemoryStore, Part, SampleBucket, StateKey};
use std::sync::Arc;

const SOURCE: &str = "700";

fn pressure() -> StateKey {
    StateKey { part: Part::Value, analog_type: 3, ..key(1) }
}

async fn desk() -> Desk {
    let desk = Desk::open(Arc::new(MemoryStore::new())).await;
    desk.register("云岫商业广场", TOWN, SOURCE, 1).await;
    desk
}

async fn measures(desk: &Desk, event_at: Timestamp, raw: i16) {
    let body = ReportBody::Value { key: pressure(), component_type: 30, raw };
    desk.hears(SOURCE, vec![Report { event_at: Some(event_at), body }]).await.unwrap();
}

async fn history(desk: &Desk, from: &str, until: &str) -> Vec<SampleBucket> {
    let window = instant(from)..instant(until);
    desk.store.samples(desk.terminal(SOURCE), pressure(), window, 1_000).await.unwrap()
}

#[tokio::test]
async fn a_dip_between_two_saves_is_in_the_history() {
    let desk = desk().await;
    for raw in [300, 300, 120, 300].into_iter().chain((0..20).map(|n| 290 + n % 3)) {
        desk.clock.pass_s(10);
        measures(&desk, desk.app.now(), raw).await;
    }
    assert!(desk.app.reconcile_values().await.unwrap() > 0);
    let found = history(&desk, "2026-11-21T06:00:00Z", "2026-11-21T07:00:00Z").await;
    assert_eq!(found.iter().map(|b| b.min).min(), Some(120));
    assert_eq!(desk.app.reconcile_values().await.unwrap(), 0, "what is saved is not saved again");
}

#[tokio::test]
async fn a_clock_that_jumps_by_ten_years_leaves_no_gap_and_nothing_in_the_future() {
    let desk = desk().await;
    for (passed_s, jump) in [(0, 0), (60, 10), (60, 10), (60, -10), (60, 0)] {
        desk.clock.pass_s(passed_s);
        let now = desk.app.now();
        let by_terminal = now + jiff::SignedDuration::from_hours(24 * 365 * jump);
        let body = ReportBody::Value {
            key: pressure(),
            component_type: 30,
            raw: i16::try_from(jump).unwrap() * 7 + 100 + i16::try_from(now.as_second() % 97).unwrap(),
        };
        let mut frame = desk.frame(SOURCE, vec![Report { event_at: Some(by_terminal), body }]);
        frame.sent_at = Some(by_terminal);
        desk.app.take_in(frame).await.unwrap();
    }
    desk.app.reconcile_values().await.unwrap();
    let seconds: Vec<_> = history(&desk, "2000-01-01T00:00:00Z", "2050-01-01T00:00:00Z").await;
    let total: u64 = seconds.iter().map(|b| b.count).sum();
    let near: u64 =
        history(&desk, "2026-11-21T06:00:00Z", "2026-11-21T06:04:01Z").await.iter().map(|b| b.count).sum();
    assert_eq!((total, near), (5, 5), "every value lies where it was measured");
    let known = desk.app.board().terminal_at(SOURCE).unwrap().state(pressure()).unwrap();
    assert!(known.event_at <= desk.app.now(), "the last-known value does not stick in the future");
}

#[tokio::test]
async fn what_a_terminal_kept_while_the_line_was_down_lies_where_it_was_measured() {
    let desk = desk().await;
    measures(&desk, desk.app.now(), 300).await;
    desk.clock.pass_s(7_200);
    measures(&desk, desk.app.now(), 310).await;
    measures(&desk, instant("2026-11-21T07:00:00Z"), 250).await;
    desk.app.reconcile_values().await.unwrap();
    let found = history(&desk, "2026-11-21T06:30:00Z", "2026-11-21T07:30:00Z").await;
    assert_eq!(
        found.iter().map(|b| (b.from, b.min)).collect::<Vec<_>>(),
        [(instant("2026-11-21T07:00:00Z"), 250)]
    );
    let known = desk.app.board().terminal_at(SOURCE).unwrap().state(pressure()).unwrap();
    assert_eq!(known.bits, 310, "the last-known value did not move back");
}

#[tokio::test]
async fn a_site_says_for_itself_how_long_values_stay() {
    let keeping = Keeping { values_days: VALUES_DAYS_MIN, ..Keeping::default() };
    let desk = desk().await.restart_with(catalog(), Node { keeping, ..node() }).await;
    measures(&desk, desk.app.now(), 300).await;
    desk.app.reconcile_values().await.unwrap();
    desk.clock.pass_s(i64::from(VALUES_DAYS_MIN) * 86_400);
    desk.app.reconcile_retention().await.unwrap();
    assert_eq!(history(&desk, "2026-01-01T00:00:00Z", "2029-01-01T00:00:00Z").await.len(), 1, "just kept");
    desk.clock.pass_s(1);
    desk.app.reconcile_retention().await.unwrap();
    assert!(history(&desk, "2026-01-01T00:00:00Z", "2029-01-01T00:00:00Z").await.is_empty());
}

#[tokio::test]
async fn values_older_than_the_charts_go_and_the_rest_stays() {
    let desk = desk().await;
    measures(&desk, desk.app.now(), 300).await;
    desk.app.reconcile_values().await.unwrap();
    desk.clock.pass_s(400 * 86_400);
    measures(&desk, desk.app.now(), 301).await;
    desk.app.reconcile_values().await.unwrap();
    desk.app.reconcile_retention().await.unwrap();
    assert_eq!(history(&desk, "2026-01-01T00:00:00Z", "2029-01-01T00:00:00Z").await.len(), 2, "just kept");
    desk.clock.pass_s(1);
    desk.app.reconcile_retention().await.unwrap();
    let left = history(&desk, "2026-01-01T00:00:00Z", "2029-01-01T00:00:00Z").await;
    assert_eq!(left.iter().map(|b| b.min).collect::<Vec<_>>(), [301]);
}

#[tokio::test]
async fn when_a_terminal_was_last_heard_survives_a_restart() {
    let desk = desk().await;
    let heard_at = desk.app.now();
    desk.hears(SOURCE, vec![]).await.unwrap();
    desk.app.reconcile_values().await.unwrap();
    desk.clock.pass_s(30);
    desk.hears(SOURCE, vec![]).await.unwrap();
    assert_eq!(desk.app.reconcile_values().await.unwrap(), 0, "not with every heartbeat");
    let desk = desk.restart().await;
    let terminal = desk.app.board().terminals(&Scope::everything()).remove(0);
    assert_eq!((terminal.last_heard(), terminal.seen_at()), (Some(heard_at), None));
}
