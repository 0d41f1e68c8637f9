//! What is acknowledged is stored: never the other way round, never without.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod site;

use gb26875::Command;
use site::store::{Door, Gate};
use site::{Site, Writer, settings, until};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

const FIRE: u16 = 0x0002;
/// Long enough for an answer that should not come; the clock is paused, so nobody waits.
const LONG: Duration = Duration::from_secs(50);

async fn gated() -> (Arc<Gate>, Site) {
    let (gate, store) = Gate::with_store();
    (gate, Site::on(store, settings()).await)
}

#[tokio::test(start_paused = true)]
async fn a_frame_is_acknowledged_only_when_it_is_stored() {
    let (store, site) = gated().await;
    let (mut terminal, mut writer) = (site.terminal().await, Writer::new(889));
    terminal.tell(&writer.heartbeat()).await;
    store.set(Door::Held);
    terminal.send(&writer.component(2, FIRE, "2026-11-21T14:00:00")).await;
    store.somebody_waits().await;
    assert!(timeout(LONG, terminal.heard()).await.is_err(), "no answer while it is being stored");
    assert_eq!(site.fires(), 0, "what is not stored is not shown either");
    store.set(Door::Open);
    assert_eq!(terminal.answer().await.command, Command::ACKNOWLEDGE);
    assert_eq!(site.fires(), 1);
}

#[tokio::test(start_paused = true)]
async fn when_the_disk_is_full_nothing_is_answered_until_there_is_room_again() {
    let (store, site) = gated().await;
    let (mut terminal, mut writer) = (site.terminal().await, Writer::new(889));
    terminal.tell(&writer.heartbeat()).await;
    store.set(Door::Full);
    let fire = writer.component(2, FIRE, "2026-11-21T14:00:00");
    terminal.send(&fire).await;
    until(|| site.count("frames", "failed") == 1).await;
    assert!(timeout(LONG, terminal.heard()).await.is_err());
    assert_eq!(site.count("answers", "acknowledge"), 1);
    store.set(Door::Open);
    terminal.tell(&fire).await;
    assert_eq!(site.fires(), 1);
}

#[tokio::test(start_paused = true)]
async fn after_a_broken_disk_nothing_is_acknowledged_any_more() {
    let (store, site) = gated().await;
    let (mut terminal, mut writer) = (site.terminal().await, Writer::new(889));
    terminal.tell(&writer.heartbeat()).await;
    store.set(Door::Broken);
    terminal.send(&writer.component(2, FIRE, "2026-11-21T14:00:00")).await;
    until(|| site.app.stopped()).await;
    assert!(timeout(LONG, terminal.heard()).await.is_err());
    store.set(Door::Open);
    terminal.send(&writer.component(3, FIRE, "2026-11-21T14:00:01")).await;
    until(|| site.count("frames", "failed") == 2).await;
    assert!(timeout(LONG, terminal.heard()).await.is_err());
}

#[tokio::test]
async fn a_stop_lets_the_frame_that_is_being_stored_be_answered() {
    let (store, site) = gated().await;
    let (mut terminal, mut writer) = (site.terminal().await, Writer::new(889));
    terminal.tell(&writer.heartbeat()).await;
    store.set(Door::Held);
    terminal.send(&writer.component(2, FIRE, "2026-11-21T14:00:00")).await;
    store.somebody_waits().await;
    let (app, stop) = (site.app.clone(), tokio::spawn(site.gateway.stop()));
    store.set(Door::Open);
    assert_eq!(terminal.answer().await.command, Command::ACKNOWLEDGE);
    assert!(terminal.is_closed().await);
    stop.await.unwrap();
    assert_eq!(app.meters().connections.get(), 0);
}
