//! What the centre asks of terminals over real sockets, and what is on record of the answer, or of its absence.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod site;

use fengsui_alarm::READING_PERIOD_S_MAX;
use fengsui_app::{
    Downlink, DownlinkState, LINE_WAIT_S, OpenDownlink, Order, Reach, SENT_WAIT_S, SilenceDraft,
};
use fengsui_base::{EntryId, Scope, TerminalId, Timestamp};
use fengsui_ingest::GatewaySettings;
use gb26875::unit::kind;
use gb26875::{Command, Decoder, Event, Frame, Profile, answer, frame};
use site::{Site, Terminal, Writer, settings, still};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::time::Instant;

/// A registered terminal that has said that it lives.
async fn connected(site: &Site) -> (TerminalId, Terminal, Writer) {
    let id = site.register("889").await;
    let (mut terminal, mut writer) = (site.terminal().await, Writer::new(889));
    terminal.tell(&writer.heartbeat()).await;
    (id, terminal, writer)
}

async fn order(site: &Site, terminal: TerminalId, order: Order) -> EntryId {
    site.app.order(&site.grant("system_admin"), terminal, order, None).await.unwrap().id
}

async fn stored(site: &Site, id: EntryId) -> (DownlinkState, Downlink) {
    let entry = site.store.entry(&Scope::everything(), id).await.unwrap().unwrap();
    let open = OpenDownlink::of(&entry).unwrap();
    (open.state, open.downlink)
}

/// Waits until a downlink has ended; a paused clock stands still meanwhile.
async fn ended(site: &Site, id: EntryId) -> (DownlinkState, Downlink) {
    still(async {
        loop {
            let (state, downlink) = stored(site, id).await;
            if !state.is_open() {
                return (state, downlink);
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

fn reply(asked: &Frame, data: &[u8]) -> Vec<u8> {
    frame::encode(&answer::reply(&asked.header(), asked.sent, data.to_vec())).unwrap()
}

fn deny(asked: &Frame) -> Vec<u8> {
    frame::encode(&answer::deny(&asked.header(), asked.sent)).unwrap()
}

fn acknowledge(asked: &Frame) -> Vec<u8> {
    frame::encode(&answer::acknowledge(asked, asked.sent)).unwrap()
}

const VERSION: [u8; 4] = [kind::UITD_VERSION, 1, 3, 7];

#[tokio::test]
async fn a_version_is_asked_and_the_answer_is_on_record_in_words_and_bytes() {
    let site = Site::open().await;
    let (id, mut terminal, _) = connected(&site).await;
    let asked_id = order(&site, id, Order::ReadVersion).await;
    let asked = terminal.answer().await;
    assert_eq!(
        (asked.command, asked.data.as_slice()),
        (Command::REQUEST, &[kind::READ_UITD_VERSION, 1, 0][..])
    );
    assert_eq!((asked.source.number(), asked.destination.number(), asked.sequence), (88_888, 889, 0));
    assert_eq!(stored(&site, asked_id).await.0, DownlinkState::Sent, "stored before the first byte left");
    terminal.send(&reply(&asked, &VERSION)).await;
    let (state, downlink) = ended(&site, asked_id).await;
    assert_eq!(
        (state, downlink.answer.as_deref(), downlink.writes),
        (DownlinkState::Answered, Some("传输装置软件版本 3.7"), 1)
    );
    assert!(downlink.raw.unwrap().starts_with("4040"));
    assert_eq!(site.frames("889").await, 1, "the reply is kept like any frame");
    let next = order(&site, id, Order::ReadClock).await;
    assert_eq!(terminal.answer().await.sequence, 1, "each packet takes the next number");
    assert_eq!(stored(&site, next).await.0, DownlinkState::Sent);
}

#[tokio::test]
async fn a_terminal_on_datagrams_is_asked_where_its_last_one_came_from() {
    let site = Site::open().await;
    let id = site.register("889").await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let to: SocketAddr = site.gateway.address();
    socket.send_to(&Writer::new(889).heartbeat(), to).await.unwrap();
    assert_eq!(datagram(&socket).await.command, Command::ACKNOWLEDGE);
    let asked_id = order(&site, id, Order::ReadVersion).await;
    let asked = datagram(&socket).await;
    socket.send_to(&reply(&asked, &VERSION), to).await.unwrap();
    assert_eq!(ended(&site, asked_id).await.0, DownlinkState::Answered);
}

async fn datagram(socket: &UdpSocket) -> Frame {
    let (mut buffer, mut decoder) = ([0; 2_048], Decoder::new(&Profile::default()));
    let (length, _) = socket.recv_from(&mut buffer).await.unwrap();
    decoder.push(&buffer[..length]);
    match decoder.next() {
        Some(Event::Frame(frame)) => frame,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_reply_of_another_number_is_no_answer_and_after_four_times_ten_seconds_it_is_given_up() {
    let site = Site::open().await;
    let (id, mut terminal, _) = connected(&site).await;
    let asked_id = order(&site, id, Order::ReadVersion).await;
    let asked = terminal.answer().await;
    let began = Instant::now();
    let other = Frame { sequence: asked.sequence.wrapping_add(7), ..asked.clone() };
    terminal.send(&reply(&other, &VERSION)).await;
    for n in 1..=3 {
        assert_eq!(terminal.heard().await.unwrap(), asked, "byte by byte the same, {n}");
        assert_eq!(began.elapsed().as_secs(), n * 10);
    }
    tokio::time::sleep(Duration::from_secs(11)).await;
    let (state, downlink) = ended(&site, asked_id).await;
    assert_eq!((state, downlink.writes), (DownlinkState::TimedOut, 4));
    assert_eq!(downlink.answer.as_deref(), Some("共发 4 次，没有应答"));
}

#[tokio::test]
async fn what_the_terminal_denies_each_time_it_was_asked_is_denied() {
    let site = Site::open().await;
    let (id, mut terminal, _) = connected(&site).await;
    let asked_id = order(&site, id, Order::ReadConfiguration).await;
    for _ in 0..4 {
        let asked = terminal.answer().await;
        terminal.send(&deny(&asked)).await;
    }
    let (state, downlink) = ended(&site, asked_id).await;
    assert_eq!((state, downlink.writes), (DownlinkState::Denied, 4));
}

#[tokio::test(start_paused = true)]
async fn a_terminal_that_goes_in_the_middle_is_asked_again_on_the_line_it_comes_back_with() {
    let site = Site::open().await;
    let (id, mut terminal, mut writer) = connected(&site).await;
    let asked_id = order(&site, id, Order::ReadVersion).await;
    let asked = terminal.answer().await;
    drop(terminal);
    still(site::until(|| site.gateway.connections() == 0)).await;
    let mut terminal = site.terminal().await;
    terminal.tell(&writer.heartbeat()).await;
    assert_eq!(terminal.heard().await.unwrap(), asked);
    terminal.send(&reply(&asked, &VERSION)).await;
    let (state, downlink) = ended(&site, asked_id).await;
    assert_eq!((state, downlink.writes), (DownlinkState::Answered, 2));
}

#[tokio::test]
async fn a_terminal_without_a_line_is_waited_for_and_then_said_to_be_offline() {
    let site = Site::open().await;
    let id = site.register("889").await;
    let asked_id = order(&site, id, Order::ReadVersion).await;
    pass(&site, LINE_WAIT_S - 1);
    assert!(site.app.reconcile_downlinks(|_| Reach::Cut, 9).await.unwrap().is_empty());
    assert_eq!(stored(&site, asked_id).await.0, DownlinkState::Waiting);
    pass(&site, LINE_WAIT_S);
    site.app.reconcile_downlinks(|_| Reach::Cut, 9).await.unwrap();
    let (state, downlink) = stored(&site, asked_id).await;
    assert_eq!((state, downlink.writes), (DownlinkState::Offline, 0));
}

#[tokio::test]
async fn setting_the_clock_carries_the_time_of_the_centre() {
    let site = Site::open().await;
    let (id, mut terminal, _) = connected(&site).await;
    let asked_id = order(&site, id, Order::SetClock).await;
    let asked = terminal.answer().await;
    let now = site::label("2026-11-21T14:00:00").0;
    assert_eq!(asked.command, Command::CONTROL);
    assert_eq!(asked.data, [&[kind::SET_UITD_CLOCK, 1][..], &now].concat());
    terminal.send(&acknowledge(&asked)).await;
    let (state, downlink) = ended(&site, asked_id).await;
    assert_eq!((state, downlink.answer.as_deref()), (DownlinkState::Answered, Some("终端已确认")));
}

#[tokio::test(start_paused = true)]
async fn a_clock_is_never_set_by_a_copy_of_an_old_frame() {
    let site = Site::open().await;
    let (id, mut terminal, _) = connected(&site).await;
    order(&site, id, Order::SetClock).await;
    let first = terminal.answer().await;
    site.clock.set("2026-11-21T06:00:10Z");
    let second = terminal.heard().await.unwrap();
    assert_eq!(second.sequence, first.sequence + 1);
    assert_eq!(second.data[2..], site::label("2026-11-21T14:00:10").0);
}

#[tokio::test]
async fn what_was_sent_before_a_restart_is_not_sent_again_and_says_so() {
    let store: std::sync::Arc<dyn fengsui_store::Store> =
        std::sync::Arc::new(fengsui_store::MemoryStore::new());
    let site = Site::on(store.clone(), settings()).await;
    let (id, mut terminal, _) = connected(&site).await;
    let sent = order(&site, id, Order::ReadVersion).await;
    terminal.answer().await;
    site.gateway.stop().await;
    let (app, clock) = site::app_on(store.clone()).await;
    clock.set(&after(SENT_WAIT_S));
    assert!(app.reconcile_downlinks(|_| Reach::Free, 9).await.unwrap().is_empty(), "never twice");
    let entry = store.entry(&Scope::everything(), sent).await.unwrap().unwrap();
    let open = OpenDownlink::of(&entry).unwrap();
    assert_eq!(open.state, DownlinkState::TimedOut);
    assert_eq!(open.downlink.answer.as_deref(), Some("发出后程序重启，没有等到应答，也没有重发"));
}

#[tokio::test]
async fn one_call_more_than_allowed_waits_for_its_turn() {
    let site = Site::with(GatewaySettings { calls_max: 1, ..settings() }).await;
    let (id, mut terminal, _) = connected(&site).await;
    let (first, second) =
        (order(&site, id, Order::ReadVersion).await, order(&site, id, Order::ReadClock).await);
    let asked = terminal.answer().await;
    assert_eq!(stored(&site, second).await.0, DownlinkState::Waiting, "one request at a time");
    terminal.send(&reply(&asked, &VERSION)).await;
    assert_eq!(ended(&site, first).await.0, DownlinkState::Answered);
    let asked = terminal.answer().await;
    assert_eq!(asked.data[0], kind::READ_UITD_CLOCK);
}

/// A registered terminal whose line is watched so patiently that two hours without a word are no silence.
async fn patient(site: &Site) -> (TerminalId, Terminal, Writer) {
    let (id, terminal, writer) = connected(site).await;
    let draft = SilenceDraft { offline_after_s: Some(86_400), ..SilenceDraft::default() };
    let (entry, _) = site.app.terminal(&site.grant("system_admin"), id).await.unwrap();
    site.app.set_silence(&site.grant("system_admin"), id, entry.version, draft).await.unwrap();
    (id, terminal, writer)
}

#[tokio::test]
async fn a_state_is_read_when_its_turn_comes_and_no_order_is_on_record() {
    let site = Site::open().await;
    let (id, mut terminal, _) = patient(&site).await;
    pass(&site, READING_PERIOD_S_MAX);
    let asked = terminal.answer().await;
    assert_eq!((asked.command, asked.data[0]), (Command::REQUEST, kind::READ_UITD_STATUS));
    let time = site::label("2026-11-21T16:00:00").0;
    terminal.send(&reply(&asked, &[&[kind::UITD_STATUS, 1, 0x05][..], &time].concat())).await;
    let asked = terminal.answer().await;
    assert_eq!(asked.data[0], kind::READ_SYSTEM_STATUS);
    terminal.send(&reply(&asked, &[&[kind::SYSTEM_STATUS, 1, 1, 1, 1, 0][..], &time].concat())).await;
    let known = site.app.board().terminal(id).unwrap();
    site::until(|| known.reading().is_some()).await;
    assert_eq!(
        (known.reading().unwrap().failures, known.reading().unwrap().answered_at.is_some()),
        (0, true)
    );
    let conditions = known.conditions();
    assert!(conditions.has(fengsui_alarm::Condition::Fault), "what it said is known: {conditions:?}");
    let (_, total) = site.app.downlinks(&site.grant("system_admin"), id, None, 9).await.unwrap();
    assert_eq!(total, 0);
}

#[tokio::test(start_paused = true)]
async fn a_reading_that_nobody_answers_is_given_up_after_twenty_seconds_and_on_record() {
    let site = Site::open().await;
    let (id, mut terminal, _) = patient(&site).await;
    pass(&site, READING_PERIOD_S_MAX);
    let asked = terminal.heard().await.unwrap();
    assert_eq!(terminal.heard().await.unwrap(), asked, "once more, byte by byte the same");
    let known = site.app.board().terminal(id).unwrap();
    still(site::until(|| known.reading().is_none())).await;
    tokio::time::sleep(Duration::from_secs(11)).await;
    still(site::until(|| known.reading().is_some_and(|r| r.failures == 1 && r.answered_at.is_none()))).await;
}

fn after(seconds: i64) -> String {
    let now: Timestamp = site::NOW.parse().unwrap();
    (now + jiff::SignedDuration::from_secs(seconds)).to_string()
}

fn pass(site: &Site, seconds: i64) {
    site.clock.set(&after(seconds));
}
