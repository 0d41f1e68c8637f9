//! What terminals say over real sockets, and what becomes of it.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod site;

use fengsui_alarm::{Class, Condition, Timing};
use fengsui_base::Scope;
use fengsui_store::{Part, StateKey};
use gb26875::state::UitdOperations;
use gb26875::unit::{UitdOperation, kind};
use gb26875::{Command, Decoder, Event, Frame, Objects, Profile, frame, hex};
use site::{Site, Writer, row, settings, spoiled};
use tokio::net::UdpSocket;

const NORMAL: u16 = 0x0001;
const FIRE: u16 = 0x0002;
const FAULT: u16 = 0x0004;

#[tokio::test]
async fn a_captured_fire_of_a_terminal_nobody_knows_rings() {
    let site = Site::open().await;
    let mut terminal = site.terminal().await;
    terminal.send(&row("A01")).await;
    let answer = terminal.answer().await;
    let expected = frame::decode(&row("A02")).unwrap();
    assert_eq!(answer, Frame { sent: site::label("2026-11-21T14:00:00"), ..expected });
    let alarm = site.alarm();
    assert!(alarm.alarm.rings(), "its clock stands in 2012, but it says that it is 30 seconds ago");
    assert!(alarm.alarm.raise.title.starts_with("火警·感烟"), "{}", alarm.alarm.raise.title);
    assert_eq!(alarm.alarm.raise.place, "10 区 2 号");
    assert_eq!(alarm.alarm.raise.event_at, Some("2012-09-26T01:58:02Z".parse().unwrap()));
    let known = site.app.board().terminal_at("889").unwrap();
    assert!(!known.facts().known, "kept and shown, to be claimed");
    assert_eq!(site.frames("889").await, 1);
}

#[tokio::test]
async fn a_frame_may_be_split_anywhere() {
    let site = Site::open().await;
    let mut writer = Writer::new(889);
    let length = writer.component(0, FIRE, "2026-11-21T14:00:00").len();
    let mut terminal = site.terminal().await;
    for at in 1..length {
        let bytes = writer.component(u16::try_from(at).unwrap(), FIRE, "2026-11-21T14:00:00");
        terminal.send(&bytes[..at]).await;
        tokio::task::yield_now().await;
        terminal.tell(&bytes[at..]).await;
    }
    assert_eq!(site.fires(), length - 1);
}

#[tokio::test]
async fn frames_of_one_write_are_answered_in_order() {
    let site = Site::open().await;
    let (mut terminal, mut writer) = (site.terminal().await, Writer::new(889));
    let bytes = [writer.heartbeat(), writer.component(1, FIRE, "2026-11-21T14:00:00"), writer.heartbeat()];
    terminal.send(&bytes.concat()).await;
    for sequence in 1..=3 {
        assert_eq!(terminal.answer().await.sequence, sequence);
    }
}

#[tokio::test]
async fn after_garbage_and_impossible_lengths_the_next_good_frame_is_found() {
    let part_wait = std::time::Duration::from_millis(100);
    let site = Site::with(fengsui_ingest::GatewaySettings { part_wait, ..settings() }).await;
    let (mut terminal, mut writer) = (site.terminal().await, Writer::new(889));
    let mut endless = writer.heartbeat();
    endless[24..26].copy_from_slice(&65_535u16.to_le_bytes());
    terminal.send(b"GET / HTTP/1.1\r\n\r\n").await;
    terminal.send(&endless).await;
    terminal.tell(&writer.component(1, FIRE, "2026-11-21T14:00:00")).await;
    assert_eq!((site.count("refused", "start"), site.count("refused", "too_long")), (1, 1));
    terminal.send(b"@@@@##@").await;
    terminal.tell(&writer.component(2, FIRE, "2026-11-21T14:00:00")).await;
    assert_eq!(site.fires(), 2);
}

#[tokio::test]
async fn a_wrong_checksum_is_denied_and_the_frame_sent_again_is_taken() {
    let site = Site::open().await;
    let (mut terminal, mut writer) = (site.terminal().await, Writer::new(889));
    let fire = writer.component(1, FIRE, "2026-11-21T14:00:00");
    terminal.send(&spoiled(fire.clone())).await;
    let denial = terminal.answer().await;
    assert_eq!((denial.command, denial.sequence), (Command::DENY, 1));
    assert_eq!((site.fires(), site.count("refused", "checksum"), site.count("answers", "deny")), (0, 1, 1));
    terminal.tell(&fire).await;
    assert_eq!(site.fires(), 1);
}

#[tokio::test]
async fn two_connections_with_address_zero_are_two_terminals() {
    let site = Site::open().await;
    let (mut one, mut other) = (site.terminal().await, site.terminal().await);
    let mut writer = Writer::new(0);
    let (first, second) = ("zero/tcp/127.0.0.1", "zero/tcp/127.0.0.1/2");
    one.tell(&writer.component(1, FIRE, "2026-11-21T14:00:00")).await;
    other.tell(&writer.component(1, FIRE, "2026-11-21T14:00:00")).await;
    let board = site.app.board();
    assert_ne!(board.terminal_at(first).unwrap().id, board.terminal_at(second).unwrap().id);
    assert_eq!(site.fires(), 2, "nothing of theirs is merged");
}

#[tokio::test]
async fn a_terminal_with_address_zero_is_the_same_after_it_has_connected_again() {
    let site = Site::open().await;
    let mut writer = Writer::new(0);
    for _ in 0..3 {
        let mut terminal = site.terminal().await;
        terminal.tell(&writer.component(1, FIRE, "2026-11-21T14:00:00")).await;
        drop(terminal);
        site::until(|| site.gateway.connections() == 0).await;
    }
    assert_eq!((site.fires(), site.app.board().terminals(&Scope::everything()).len()), (1, 1));
}

#[tokio::test]
async fn a_blocked_terminal_gets_no_answer() {
    let site = Site::open().await;
    let (mut terminal, mut writer) = (site.terminal().await, Writer::new(889));
    terminal.tell(&writer.heartbeat()).await;
    site.block("889").await;
    terminal.send(&writer.component(1, FIRE, "2026-11-21T14:00:00")).await;
    let mut other = Writer::new(890);
    terminal.send(&other.heartbeat()).await;
    assert_eq!(terminal.answer().await.destination.number(), 890, "the next answer is for somebody else");
    assert_eq!((site.fires(), site.count("frames", "turned_away")), (0, 1));
}

#[tokio::test]
async fn the_same_frame_again_is_acknowledged_and_stored_once() {
    let site = Site::open().await;
    let (mut terminal, mut writer) = (site.terminal().await, Writer::new(889));
    terminal.tell(&writer.heartbeat()).await;
    let reset = operation(&mut writer, 0x02);
    terminal.tell(&reset).await;
    let seq = site.seq().await;
    terminal.tell(&reset).await;
    assert_eq!((site.seq().await, site.count("frames", "repeated")), (seq, 1));
    // Also when the connection was lost in between.
    site.terminal().await.tell(&reset).await;
    assert_eq!((site.seq().await, site.count("frames", "repeated")), (seq, 2));
}

#[tokio::test]
async fn heartbeats_and_unchanged_states_store_nothing() {
    let site = Site::open().await;
    let (mut terminal, mut writer) = (site.terminal().await, Writer::new(889));
    terminal.tell(&writer.heartbeat()).await;
    terminal.tell(&writer.component(1, NORMAL, "2026-11-21T13:00:00")).await;
    let seq = site.seq().await;
    terminal.tell(&writer.heartbeat()).await;
    terminal.tell(&writer.component(1, NORMAL, "2026-11-21T14:00:00")).await;
    terminal.tell(&writer.frame(Command::SEND, vec![0xBE, 1, 0])).await;
    assert_eq!(site.seq().await, seq);
    assert_eq!(site.app.board().terminal_at("889").unwrap().online(site.app.now()), Some(true));
}

#[tokio::test]
async fn a_point_that_reports_again_joins_its_alarm_and_a_restore_ends_the_state_only() {
    let site = Site::open().await;
    let (mut terminal, mut writer) = (site.terminal().await, Writer::new(889));
    terminal.tell(&writer.component(1, FIRE, "2026-11-21T14:00:00")).await;
    terminal.tell(&writer.component(1, FIRE, "2026-11-21T14:00:20")).await;
    assert_eq!(site.alarm().alarm.count, 2);
    terminal.tell(&writer.component(1, NORMAL, "2026-11-21T14:00:40")).await;
    let alarm = site.alarm();
    assert!(alarm.alarm.restored_at.is_some() && alarm.alarm.rings(), "nobody has looked at it yet");
}

#[tokio::test]
async fn the_panel_as_a_whole_adds_nothing_to_the_fire_of_its_detector() {
    let site = Site::open().await;
    let (mut terminal, mut writer) = (site.terminal().await, Writer::new(889));
    terminal.tell(&writer.component(1, FIRE, "2026-11-21T14:00:00")).await;
    terminal.tell(&writer.system(FIRE, "2026-11-21T14:00:01")).await;
    let alarm = site.alarm();
    assert_eq!((alarm.alarm.count, alarm.alarm.raise.place.as_str()), (2, "10 区 1 号"));
}

#[tokio::test]
async fn events_from_other_years_are_listed_without_a_bell() {
    for (occurred, timing) in [("2012-09-26T09:58:02", Timing::Late), ("2036-01-01T00:00:00", Timing::Skewed)]
    {
        let site = Site::open().await;
        let (mut terminal, mut writer) = (site.terminal().await, Writer::new(889));
        terminal.tell(&writer.component(1, FIRE, occurred)).await;
        let alarm = site.alarm();
        assert_eq!((alarm.alarm.raise.timing, alarm.alarm.rings()), (timing, false));
    }
}

#[tokio::test]
async fn a_reset_at_the_panel_ends_its_fires_and_keeps_its_faults() {
    let site = Site::open().await;
    let (mut terminal, mut writer) = (site.terminal().await, Writer::new(889));
    terminal.tell(&writer.component(1, FIRE, "2026-11-21T14:00:00")).await;
    terminal.tell(&writer.component(2, FAULT, "2026-11-21T14:00:00")).await;
    let panel = gb26875::unit::FacilityOperation {
        system_type: 1,
        system_address: 1,
        operation: gb26875::state::FacilityOperations(0x01),
        operator: 3,
        occurred: site::label("2026-11-21T14:01:00"),
    };
    terminal.tell(&writer.unit(kind::FACILITY_OPERATION, Objects::FacilityOperation(vec![panel]))).await;
    let restored = |class| {
        let alarms = site.alarms();
        alarms.iter().find(|a| a.alarm.raise.class == class).unwrap().alarm.restored_at.is_some()
    };
    assert!(restored(Class::Fire) && !restored(Class::Fault));
}

#[tokio::test]
async fn what_nobody_understands_is_kept_and_acknowledged() {
    let site = Site::open().await;
    let (mut terminal, mut writer) = (site.terminal().await, Writer::new(889));
    terminal.tell(&writer.frame(Command::SEND, vec![200, 1, 7])).await;
    terminal.tell(&writer.frame(Command(77), vec![2, 1])).await;
    terminal.tell(&writer.frame(Command::SEND, vec![2, 3, 0])).await;
    terminal.tell(&writer.frame(Command::SEND, vec![0x42])).await;
    assert_eq!(site.frames("889").await, 4);
}

#[tokio::test]
async fn answers_of_a_terminal_are_not_answered_and_make_nobody_known() {
    let site = Site::open().await;
    let (mut terminal, mut writer) = (site.terminal().await, Writer::new(889));
    terminal.send(&row("A02")).await;
    terminal.send(&row("A03")).await;
    terminal.send(&row("A09")).await;
    terminal.send(&spoiled(row("A03"))).await;
    terminal.send(&writer.heartbeat()).await;
    assert_eq!(terminal.answer().await.sequence, 1, "only the heartbeat is answered");
    assert_eq!(site.count("answers", "acknowledge") + site.count("answers", "deny"), 1);
    assert!(site.app.board().terminal_at("88888").is_none());
    // The reply was taken in.
    let device = StateKey {
        part: Part::Device,
        system_type: 0,
        system_address: 0,
        component_address: 0,
        analog_type: 0,
    };
    let state = site.app.board().terminal_at("889").unwrap().state(device).unwrap();
    assert!(fengsui_alarm::Conditions::from_bits(state.bits).has(Condition::MainsFault));
}

#[tokio::test]
async fn the_link_up_of_a_dialect_gets_its_twin() {
    let site = Site::open().await;
    let mut terminal = site.terminal().await;
    terminal.send(&row("C01")).await;
    let answer = terminal.answer().await;
    assert_eq!((answer.command, answer.data), (Command::ACKNOWLEDGE, vec![0x17]));
}

#[tokio::test]
async fn hex_text_is_answered_as_hex_text() {
    let site = Site::open().await;
    let (mut terminal, mut writer) = (site.terminal().await, Writer::new(889));
    terminal.tell(hex::encode(&writer.component(1, FIRE, "2026-11-21T14:00:00")).as_bytes()).await;
    assert_eq!(site.fires(), 1);
}

#[tokio::test]
async fn a_frame_sent_by_hand_is_answered_although_the_sender_has_closed_his_side() {
    let site = Site::open().await;
    let mut terminal = site.terminal().await;
    terminal.send(&row("A01")).await;
    tokio::io::AsyncWriteExt::shutdown(&mut terminal.stream).await.unwrap();
    assert_eq!(terminal.answer().await.command, Command::ACKNOWLEDGE);
    assert!(terminal.is_closed().await);
}

#[tokio::test]
async fn datagrams_are_acknowledged_denied_and_told_apart() {
    let site = Site::open().await;
    let (one, other) =
        (UdpSocket::bind("127.0.0.1:0").await.unwrap(), UdpSocket::bind("127.0.0.1:0").await.unwrap());
    let mut writer = Writer::new(0);
    for socket in [&one, &other] {
        socket.connect(site.gateway.address()).await.unwrap();
        socket.send(&writer.component(1, FIRE, "2026-11-21T14:00:00")).await.unwrap();
        assert_eq!(received(socket).await.command, Command::ACKNOWLEDGE);
        let name = format!("zero/udp/{}", socket.local_addr().unwrap());
        assert!(site.app.board().terminal_at(&name).is_some());
    }
    assert_eq!(site.fires(), 2);
    one.send(&spoiled(writer.heartbeat())).await.unwrap();
    assert_eq!(received(&one).await.command, Command::DENY);
    // Two frames in one datagram.
    one.send(&[writer.heartbeat(), writer.heartbeat()].concat()).await.unwrap();
    let last = writer.sequence;
    assert_eq!([received(&one).await.sequence, received(&one).await.sequence], [last - 1, last]);
}

#[tokio::test]
async fn a_taken_port_is_named_with_the_setting_that_changes_it() {
    let site = Site::open().await;
    let address = site.gateway.address();
    let settings = fengsui_ingest::GatewaySettings { address, ..settings() };
    let error =
        fengsui_ingest::Gateway::start(site.app.clone(), settings, site.clock.clone()).await.err().unwrap();
    let sentence = error.to_string();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
    assert!(
        sentence.contains(&format!("端口 {}", address.port())) && sentence.contains("gateway.address"),
        "{sentence}"
    );
}

#[tokio::test]
async fn a_dialect_nobody_knows_is_refused_with_those_that_exist() {
    let site = Site::open().await;
    let settings = fengsui_ingest::GatewaySettings { dialect: "自定义".to_owned(), ..settings() };
    let error =
        fengsui_ingest::Gateway::start(site.app.clone(), settings, site.clock.clone()).await.err().unwrap();
    assert!(error.to_string().contains("自定义") && error.to_string().contains("gb26875-bcd"));
}

async fn received(socket: &UdpSocket) -> Frame {
    let mut buffer = [0; 2_048];
    let length = socket.recv(&mut buffer).await.unwrap();
    let mut decoder = Decoder::new(&Profile::default());
    decoder.push(&buffer[..length]);
    match decoder.finish().as_slice() {
        [Event::Frame(frame)] => frame.clone(),
        other => panic!("{other:?}"),
    }
}

fn operation(writer: &mut Writer, flags: u8) -> Vec<u8> {
    let occurred = site::label("2026-11-21T14:00:00");
    let object = UitdOperation { operation: UitdOperations(flags), operator: 1, occurred };
    writer.unit(kind::UITD_OPERATION, Objects::UitdOperation(vec![object]))
}
