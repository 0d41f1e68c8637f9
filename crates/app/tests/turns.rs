//! Turns: while eight lines are full of telemetry, the telemetry of a ninth waits, and news of anybody does not.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use fengsui_alarm::Condition;
use fengsui_app::kit::{Desk, TOWN};
use fengsui_app::{LineTurn, OverloadLimits, Receipt};
use fengsui_store::MemoryStore;
use futures::FutureExt;
use std::sync::Arc;
use std::time::Duration;

/// Terminals of the site; each has a line of its own.
const SOURCES: [&str; 9] = ["700", "701", "702", "703", "704", "705", "706", "707", "708"];
/// Nothing is shed, however late it comes.
const PATIENT: OverloadLimits =
    OverloadLimits { wait_max: Duration::from_secs(86_400), lag_max: Duration::from_secs(86_400) };

/// A site all of whose terminals are known.
async fn desk(limits: OverloadLimits) -> Desk {
    let desk = Desk::open(Arc::new(MemoryStore::new())).await;
    for (n, source) in SOURCES.iter().enumerate() {
        desk.register(&format!("云岫商业广场 {n} 号楼"), TOWN, source, 1).await;
    }
    desk.app.shed_beyond(limits);
    desk
}

/// Eight lines say a heartbeat and have more to say.
async fn eight_lines(desk: &Desk) -> Vec<LineTurn<'_>> {
    let mut turns = Vec::new();
    for source in &SOURCES[..8] {
        let mut turn = LineTurn::default();
        let receipt = desk.app.offer_in_turn(desk.frame(source, vec![]), &mut turn).await;
        assert_eq!(receipt.unwrap(), Receipt::Heard);
        turns.push(turn);
    }
    turns
}

#[tokio::test]
async fn the_heartbeat_of_a_ninth_line_waits_and_its_fire_does_not() {
    let desk = desk(PATIENT).await;
    let mut turns = eight_lines(&desk).await;
    let mut ninth = LineTurn::default();
    let heartbeat = desk.frame(SOURCES[8], vec![]);
    assert!(desk.app.offer_in_turn(heartbeat.clone(), &mut ninth).now_or_never().is_none(), "it waits");
    let fire = desk.frame(SOURCES[8], vec![desk.state(1, &[Condition::Fire])]);
    let stored = desk.app.offer_in_turn(fire, &mut ninth).await.unwrap();
    assert!(matches!(stored, Receipt::Stored(_)), "{stored:?}");
    turns.pop();
    assert_eq!(desk.app.offer_in_turn(heartbeat, &mut ninth).await.unwrap(), Receipt::Heard);
}

/// The control: where telemetry is never shed for the sake of the processor, it needs no turn.
#[tokio::test]
async fn without_a_limit_nobody_waits() {
    let desk = desk(OverloadLimits::NEVER).await;
    let _turns = eight_lines(&desk).await;
    let heartbeat = desk.frame(SOURCES[8], vec![]);
    let heard = desk.app.offer_in_turn(heartbeat, &mut LineTurn::default()).now_or_never();
    assert_eq!(heard.unwrap().unwrap(), Receipt::Heard);
}

/// A fault that is being stored may take as long as the disk does: meanwhile its line's turn is another's.
#[tokio::test]
async fn a_line_that_brings_news_gives_its_turn_away() {
    let desk = desk(PATIENT).await;
    let mut turns = eight_lines(&desk).await;
    let fault = desk.frame(SOURCES[0], vec![desk.state(2, &[Condition::Fault])]);
    desk.app.offer_in_turn(fault, &mut turns[0]).await.unwrap();
    let heartbeat = desk.frame(SOURCES[8], vec![]);
    let heard = desk.app.offer_in_turn(heartbeat, &mut LineTurn::default()).now_or_never();
    assert_eq!(heard.unwrap().unwrap(), Receipt::Heard);
}
