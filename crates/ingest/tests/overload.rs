//! Too much at once: telemetry is shed and counted, what is news waits, and everything offered is accounted for.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod site;

use fengsui_app::OverloadLimits;
use fengsui_ingest::GatewaySettings;
use gb26875::Command;
use site::store::{Door, Gate};
use site::{Site, Terminal, Writer, settings, until};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::time::timeout;

const FIRE: u16 = 0x0002;
const FAULT: u16 = 0x0004;
/// Longer than a change may wait, and than any answer takes; the clock is paused, so nobody waits.
const LONG: Duration = Duration::from_secs(5);

/// A site whose store can be held, and two terminals that are known there.
async fn two_terminals() -> (Arc<Gate>, Site, [(Terminal, Writer); 2]) {
    let (gate, store) = Gate::with_store();
    let site = Site::on(store, settings()).await;
    let (mut one, mut other) =
        ((site.terminal().await, Writer::new(889)), (site.terminal().await, Writer::new(890)));
    one.0.tell(&one.1.heartbeat()).await;
    other.0.tell(&other.1.heartbeat()).await;
    (gate, site, [one, other])
}

/// Nothing is answered for a while, and time passes.
async fn is_not_answered(terminal: &mut Terminal) {
    assert!(timeout(LONG, terminal.heard()).await.is_err(), "it was answered");
}

fn load(site: &Site, urgency: &str, outcome: &str) -> u64 {
    site.app.meters().load.with_label_values(&[urgency, outcome]).get()
}

#[tokio::test(start_paused = true)]
async fn while_the_store_hangs_heartbeats_are_shed_and_a_fire_waits_and_is_taken_in() {
    let (gate, site, [mut quiet, mut burning]) = two_terminals().await;
    gate.set(Door::Held);
    burning.0.send(&burning.1.component(2, FIRE, "2026-11-21T14:00:00")).await;
    gate.somebody_waits().await;
    is_not_answered(&mut burning.0).await;
    assert_eq!(site.app.shedding(), (true, 0), "the fire waits for longer than anything may");
    let heartbeat = quiet.1.heartbeat();
    quiet.0.send(&heartbeat).await;
    until(|| site.count("frames", "shed") == 1).await;
    is_not_answered(&mut quiet.0).await;
    // Another fire is not shed: it waits behind the first.
    quiet.0.send(&quiet.1.component(7, FIRE, "2026-11-21T14:00:01")).await;
    until(|| load(&site, "fire", "offered") == 2).await;
    gate.set(Door::Open);
    assert_eq!(burning.0.answer().await.command, Command::ACKNOWLEDGE);
    assert_eq!(quiet.0.answer().await.command, Command::ACKNOWLEDGE);
    assert_eq!(site.fires(), 2);
    is_not_answered(&mut burning.0).await;
    assert_eq!(site.app.shedding(), (false, 1), "it is over by itself");
    quiet.0.tell(&heartbeat).await;
    let telemetry =
        ["offered", "accepted", "shed", "failed"].map(|outcome| load(&site, "telemetry", outcome));
    assert_eq!(telemetry, [2, 1, 1, 0]);
    let fires = ["offered", "accepted", "shed", "failed"].map(|outcome| load(&site, "fire", outcome));
    assert_eq!(fires, [2, 2, 0, 0]);
}

/// The control: with shedding switched off the same heartbeat is answered at once.
#[tokio::test(start_paused = true)]
async fn without_limits_the_same_heartbeat_is_answered() {
    let (gate, site, [mut quiet, mut burning]) = two_terminals().await;
    site.app.shed_beyond(OverloadLimits::NEVER);
    gate.set(Door::Held);
    burning.0.send(&burning.1.component(2, FIRE, "2026-11-21T14:00:00")).await;
    gate.somebody_waits().await;
    is_not_answered(&mut burning.0).await;
    quiet.0.tell(&quiet.1.heartbeat()).await;
    assert_eq!(load(&site, "telemetry", "shed"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_known_state_is_telemetry_and_a_new_one_and_a_known_fire_are_not() {
    let (gate, site, [mut one, mut other]) = two_terminals().await;
    one.0.tell(&one.1.component(2, FAULT, "2026-11-21T14:00:00")).await;
    one.0.tell(&one.1.component(3, FIRE, "2026-11-21T14:00:00")).await;
    gate.set(Door::Held);
    other.0.send(&other.1.component(2, FAULT, "2026-11-21T14:00:00")).await;
    gate.somebody_waits().await;
    is_not_answered(&mut other.0).await;
    one.0.send(&one.1.component(2, FAULT, "2026-11-21T14:00:00")).await;
    until(|| site.count("frames", "shed") == 1).await;
    one.0.tell(&one.1.component(3, FIRE, "2026-11-21T14:00:00")).await;
    one.0.send(&one.1.component(4, FAULT, "2026-11-21T14:00:00")).await;
    until(|| load(&site, "news", "offered") == 5).await;
    gate.set(Door::Open);
    assert_eq!(one.0.answer().await.command, Command::ACKNOWLEDGE);
}

#[tokio::test(start_paused = true)]
async fn half_of_a_lane_of_datagrams_is_kept_for_what_is_no_heartbeat() {
    let (gate, store) = Gate::with_store();
    let site = Site::on(store, GatewaySettings { udp_lanes: 1, udp_waiting_max: 4, ..settings() }).await;
    let (socket, mut writer) = (UdpSocket::bind("127.0.0.1:0").await.unwrap(), Writer::new(889));
    socket.connect(site.gateway.address()).await.unwrap();
    let seen_at = || site.app.board().terminal_at("889").and_then(|terminal| terminal.seen_at());
    socket.send(&writer.heartbeat()).await.unwrap();
    until(|| seen_at().is_some()).await;
    gate.set(Door::Held);
    socket.send(&writer.component(1, FAULT, "2026-11-21T14:00:00")).await.unwrap();
    gate.somebody_waits().await;
    site.clock.set("2026-11-21T06:00:30Z");
    for _ in 0..3 {
        socket.send(&writer.heartbeat()).await.unwrap();
    }
    until(|| site.count("frames", "shed") == 1).await;
    assert_eq!(seen_at(), Some(site.app.now()), "what is shed is no silence");
    for point in 2..5 {
        socket.send(&writer.component(point, FIRE, "2026-11-21T14:00:00")).await.unwrap();
    }
    until(|| site.count("refused", "datagram_waiting_max") == 1).await;
    gate.set(Door::Open);
    until(|| site.fires() == 2).await;
    assert_eq!((load(&site, "telemetry", "offered"), load(&site, "telemetry", "shed")), (3, 1));
}

#[tokio::test]
async fn a_single_word_does_not_wait_for_all_that_another_line_has_to_say() {
    let (_, _site, [mut flooding, mut quiet]) = two_terminals().await;
    let flood: Vec<_> = (0..100).flat_map(|_| flooding.1.heartbeat()).collect();
    flooding.0.send(&flood).await;
    quiet.0.send(&quiet.1.heartbeat()).await;
    let first = tokio::select! {
        // Asked first, so that it wins when both are there.
        biased;
        answer = flooding.0.heard() => answer,
        answer = quiet.0.heard() => answer,
    };
    assert_eq!(first.unwrap().destination.number(), 890);
}
