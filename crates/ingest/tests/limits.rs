//! Each limit at its edge. Where a limit is minutes long the clock is paused, and they take no time.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod site;

use fengsui_ingest::GatewaySettings;
use gb26875::Command;
use site::store::{Door, Gate};
use site::{Site, Writer, settings, still, until};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::UdpSocket;
use tokio::time::{Instant, sleep};

const FIRE: u16 = 0x0002;
const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn connections_that_say_nothing_are_closed_after_a_minute_and_others_are_unharmed() {
    let site = Site::open().await;
    let (mut alive, mut writer, began) = (site.terminal().await, Writer::new(889), Instant::now());
    alive.tell(&writer.heartbeat()).await;
    let mut silent = Vec::new();
    for _ in 0..200 {
        silent.push(site.terminal().await);
    }
    for terminal in &mut silent {
        assert!(terminal.is_closed().await);
    }
    assert_eq!(began.elapsed().as_secs(), 60);
    assert_eq!(site.count("closed", "first_frame_wait"), 200);
    alive.tell(&writer.component(1, FIRE, "2026-11-21T14:00:00")).await;
    assert_eq!(site.gateway.connections(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_byte_a_minute_is_no_frame() {
    let site = Site::open().await;
    let (mut terminal, mut writer, began) = (site.terminal().await, Writer::new(889), Instant::now());
    terminal.tell(&writer.heartbeat()).await;
    let bytes = writer.heartbeat();
    for byte in &bytes[..10] {
        terminal.send(&[*byte]).await;
        sleep(59 * SECOND).await;
    }
    assert!(terminal.is_closed().await);
    assert_eq!(began.elapsed().as_secs(), 600);
    assert_eq!(site.count("closed", "idle_wait"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_at_the_last_moment_keeps_the_connection() {
    let site = Site::open().await;
    let (mut terminal, mut writer) = (site.terminal().await, Writer::new(889));
    sleep(59 * SECOND).await;
    terminal.tell(&writer.heartbeat()).await;
    for _ in 0..3 {
        sleep(599 * SECOND).await;
        terminal.tell(&writer.heartbeat()).await;
    }
    let began = Instant::now();
    assert!(terminal.is_closed().await);
    assert_eq!(began.elapsed().as_secs(), 600);
}

#[tokio::test]
async fn a_frame_swallowed_by_a_wrong_length_is_found_when_the_rest_does_not_come() {
    let site = Site::with(GatewaySettings { part_wait: SECOND / 10, ..settings() }).await;
    let (mut terminal, mut writer) = (site.terminal().await, Writer::new(889));
    let mut greedy = writer.heartbeat();
    greedy[24..26].copy_from_slice(&1_000u16.to_le_bytes());
    terminal.send(&greedy).await;
    let began = Instant::now();
    terminal.tell(&writer.component(1, FIRE, "2026-11-21T14:00:00")).await;
    assert!(began.elapsed() >= SECOND / 10 && site.fires() == 1);
}

#[tokio::test]
async fn one_connection_too_many_is_closed_at_once() {
    let site = Site::with(GatewaySettings { connections_max: 2, ..settings() }).await;
    let (mut one, mut two) = (site.terminal().await, site.terminal().await);
    one.tell(&Writer::new(1).heartbeat()).await;
    two.tell(&Writer::new(2).heartbeat()).await;
    assert!(site.terminal().await.is_closed().await);
    assert_eq!(site.count("closed", "connections_max"), 1);
    drop(one);
    drop(two);
}

#[tokio::test]
async fn one_connection_too_many_from_an_address_is_closed_at_once() {
    let site = Site::with(GatewaySettings { connections_per_ip_max: 1, ..settings() }).await;
    let mut one = site.terminal().await;
    one.tell(&Writer::new(1).heartbeat()).await;
    assert!(site.terminal().await.is_closed().await);
    assert_eq!(site.count("closed", "connections_per_ip_max"), 1);
}

#[tokio::test]
async fn who_sends_too_fast_is_read_slowly_and_loses_nothing() {
    let site = Site::with(GatewaySettings { frames_per_s: 100, frames_burst: 10, ..settings() }).await;
    let (mut terminal, mut writer) = (site.terminal().await, Writer::new(889));
    let began = Instant::now();
    for point in 0..40 {
        terminal.tell(&writer.component(point, FIRE, "2026-11-21T14:00:00")).await;
    }
    assert_eq!(site.fires(), 40);
    // Ten at once; the last of the others is read after 29 more hundredths.
    assert!(began.elapsed() >= SECOND * 28 / 100, "{:?}", began.elapsed());
}

#[tokio::test]
async fn garbage_at_the_limit_is_borne_and_beyond_it_the_connection_is_closed() {
    let site = Site::with(GatewaySettings { garbage_bytes_max: 1_000, ..settings() }).await;
    let (mut terminal, mut writer) = (site.terminal().await, Writer::new(889));
    for _ in 0..2 {
        terminal.send(&[0; 1_000]).await;
        terminal.tell(&writer.heartbeat()).await;
    }
    terminal.send(&[0; 1_001]).await;
    assert!(terminal.is_closed().await);
    assert_eq!(site.count("closed", "garbage_bytes_max"), 1);
}

#[tokio::test]
async fn endless_garbage_is_cut_off() {
    let site = Site::open().await;
    let mut terminal = site.terminal().await;
    for _ in 0..10_000 {
        if terminal.stream.write_all(&[0; 4_096]).await.is_err() {
            break;
        }
    }
    assert_eq!(site.count("closed", "garbage_bytes_max"), 1);
}

#[tokio::test]
async fn who_does_not_read_his_answers_is_closed_and_others_are_unharmed() {
    let fast = GatewaySettings { frames_per_s: 1_000_000, frames_burst: 1_000_000, ..settings() };
    let site = Site::with(GatewaySettings { answer_wait: SECOND / 5, ..fast }).await;
    let (mut deaf, mut writer) = (site.terminal().await, Writer::new(889));
    let burst: Vec<u8> = (0..1_000).flat_map(|_| writer.heartbeat()).collect();
    // He writes until the gateway has closed, and never reads.
    while deaf.stream.write_all(&burst).await.is_ok() {}
    assert_eq!(site.count("closed", "answer_wait"), 1);
    let (mut other, mut writer) = (site.terminal().await, Writer::new(1));
    other.tell(&writer.component(1, FIRE, "2026-11-21T14:00:00")).await;
}

#[tokio::test(start_paused = true)]
async fn datagrams_beyond_the_rate_are_dropped_and_counted() {
    let site = Site::with(GatewaySettings { frames_per_s: 1, frames_burst: 3, ..settings() }).await;
    let (socket, mut writer) = (udp(&site).await, Writer::new(889));
    for _ in 0..5 {
        still(socket.send(&writer.heartbeat())).await.unwrap();
    }
    until(|| site.count("refused", "datagram_rate") == 2).await;
    for _ in 0..3 {
        heard(&socket).await;
    }
    sleep(SECOND).await;
    socket.send(&writer.heartbeat()).await.unwrap();
    heard(&socket).await;
}

#[tokio::test]
async fn a_datagram_at_the_limit_is_read_and_a_longer_one_is_refused() {
    let site = Site::with(GatewaySettings { datagram_bytes_max: 60, ..settings() }).await;
    let (socket, mut writer) = (udp(&site).await, Writer::new(889));
    let two = [writer.heartbeat(), writer.heartbeat()].concat();
    socket.send(&two).await.unwrap();
    heard(&socket).await;
    heard(&socket).await;
    socket.send(&[two, vec![0]].concat()).await.unwrap();
    socket.send(&writer.heartbeat()).await.unwrap();
    heard(&socket).await;
    assert_eq!((site.count("refused", "datagram_too_long"), site.count("answers", "acknowledge")), (1, 3));
}

#[tokio::test]
async fn datagrams_that_find_no_place_to_wait_are_dropped_and_counted() {
    let (gate, store) = Gate::with_store();
    let limits = GatewaySettings { udp_lanes: 1, udp_waiting_max: 2, ..settings() };
    let site = Site::on(store, limits).await;
    let (socket, mut writer) = (udp(&site).await, Writer::new(889));
    socket.send(&writer.heartbeat()).await.unwrap();
    heard(&socket).await;
    gate.set(Door::Held);
    socket.send(&writer.component(0, FIRE, "2026-11-21T14:00:00")).await.unwrap();
    gate.somebody_waits().await;
    // One is being stored, two wait, two more are too many.
    for point in 1..=4 {
        socket.send(&writer.component(point, FIRE, "2026-11-21T14:00:00")).await.unwrap();
    }
    until(|| site.count("refused", "datagram_waiting_max") == 2).await;
    gate.set(Door::Open);
    for _ in 0..3 {
        heard(&socket).await;
    }
    assert_eq!(site.fires(), 3);
}

#[tokio::test(start_paused = true)]
async fn one_sender_of_datagrams_too_many_is_dropped_until_another_is_forgotten() {
    let site = Site::with(GatewaySettings { udp_sources_max: 1, frames_per_s: 1, ..settings() }).await;
    let (known, mut writer) = (udp(&site).await, Writer::new(889));
    known.send(&writer.heartbeat()).await.unwrap();
    heard(&known).await;
    let other = UdpSocket::bind("127.0.0.2:0").await.unwrap();
    other.connect(site.gateway.address()).await.unwrap();
    other.send(&writer.heartbeat()).await.unwrap();
    until(|| site.count("refused", "datagram_sources_max") == 1).await;
    sleep(SECOND).await;
    other.send(&writer.heartbeat()).await.unwrap();
    heard(&other).await;
}

async fn udp(site: &Site) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.connect(site.gateway.address()).await.unwrap();
    socket
}

/// Waits for an acknowledgement.
async fn heard(socket: &UdpSocket) {
    let mut buffer = [0; 2_048];
    let length = still(socket.recv(&mut buffer)).await.unwrap();
    let frame = gb26875::frame::decode(&buffer[..length]).unwrap();
    assert_eq!(frame.command, Command::ACKNOWLEDGE);
}
