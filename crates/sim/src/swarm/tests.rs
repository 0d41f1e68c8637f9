//! A swarm against a small server that dies from time to time.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gb26875::{Command, Decoder, Event, Profile, answer, frame};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// A gateway that drops the connection at every so manieth frame, before acknowledging it.
struct Fickle {
    drop_every: u64,
    seen: AtomicU64,
}

impl Fickle {
    async fn serve(self: Arc<Self>, mut stream: TcpStream) {
        let (mut decoder, mut bytes) = (Decoder::new(&Profile::default()), [0; 2048]);
        while let Ok(read @ 1..) = stream.read(&mut bytes).await {
            decoder.push(&bytes[..read]);
            while let Some(Event::Frame(frame)) = decoder.next() {
                assert_eq!(frame.command, Command::SEND);
                if (self.seen.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(self.drop_every) {
                    return;
                }
                let answer = answer::acknowledge(&frame, frame.sent);
                if stream.write_all(&frame::encode(&answer).unwrap()).await.is_err() {
                    return;
                }
            }
        }
    }
}

async fn gateway(drop_every: u64) -> (String, Arc<Fickle>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let fickle = Arc::new(Fickle { drop_every, seen: AtomicU64::new(0) });
    let shared = fickle.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(shared.clone().serve(stream));
        }
    });
    (address, fickle)
}

#[tokio::test]
async fn every_acknowledgement_stands_in_the_ledger_once_although_connections_break() {
    let dir = tempfile::tempdir().unwrap();
    let (target, _) = gateway(17).await;
    let ledger = dir.path().join("ledger.tsv");
    let options = Options {
        target,
        connections: 4,
        frames: Some(100),
        mix: Mix::ALL_DURABLE,
        ledger: Some(ledger.clone()),
        run_for: Duration::from_secs(60),
        ..Options::default()
    };
    let report = run(options).await.unwrap();
    let entries = read_ledger(&ledger).unwrap();
    let keys: BTreeSet<_> = entries.iter().map(|e| (e.source, e.component_address, e.occurred)).collect();
    assert_eq!((report.acknowledged(), entries.len(), keys.len()), (400, 400, 400));
    assert!(report.repeated > 0 && report.connects > 4);
    assert!(entries.iter().any(|e| e.sends > 1));
    assert_eq!(report.unanswered, 0);
}

#[tokio::test]
async fn heartbeats_are_counted_and_stay_out_of_the_ledger() {
    let dir = tempfile::tempdir().unwrap();
    let (target, fickle) = gateway(u64::MAX).await;
    let ledger = dir.path().join("ledger.tsv");
    let options = Options {
        target,
        connections: 2,
        frames: Some(200),
        ledger: Some(ledger.clone()),
        ..Options::default()
    };
    let report = run(options).await.unwrap();
    assert_eq!(fickle.seen.load(Ordering::Relaxed), 400);
    assert!(report.heartbeat.count() > 300);
    assert_eq!(read_ledger(&ledger).unwrap().len() as u64, report.state.count() + report.fire.count());
}

#[tokio::test]
async fn a_stop_file_ends_a_swarm_that_finds_no_server() {
    let dir = tempfile::tempdir().unwrap();
    let stop = dir.path().join("stop");
    std::fs::write(&stop, "").unwrap();
    // Port 9 (discard) has no listener on a test machine.
    let options = Options {
        target: "127.0.0.1:9".into(),
        connections: 3,
        stop_file: Some(stop),
        run_for: Duration::from_secs(600),
        ..Options::default()
    };
    let report = run(options).await.unwrap();
    assert!(report.seconds < 60.0);
    assert_eq!(report.acknowledged(), 0);
}

#[tokio::test]
async fn options_outside_their_bounds_are_refused_before_anything_is_sent() {
    let too_many = Options { connections: CONNECTIONS_MAX + 1, ..Options::default() };
    let no_points = Options { points: 0, ..Options::default() };
    let too_many_points = Options { points: POINTS_MAX + 1, ..Options::default() };
    let storm = |frames, secs| Some(Storm { every: Duration::from_secs(secs), frames });
    let too_stormy = Options { storm: storm(STORM_FRAMES_MAX + 1, 1), ..Options::default() };
    let no_storm = Options { storm: storm(1, 0), ..Options::default() };
    let too_much_udp = Options { udp_percent: 101, ..Options::default() };
    let no_dialect =
        Options { dialects: DialectMix { standard: 0, ..DialectMix::STANDARD }, ..Options::default() };
    let never_apart = Options { reconnect_every: Some(Duration::ZERO), ..Options::default() };
    for options in [too_stormy, no_storm, too_much_udp, no_dialect, never_apart] {
        assert!(matches!(run(options).await, Err(SwarmError::Options(_))));
    }
    assert!(
        check(&Options { storm: storm(STORM_FRAMES_MAX, 1), udp_percent: 100, ..Options::default() }).is_ok()
    );
    let nothing = Options { mix: Mix { heartbeat: 0, state: 0, fire: 0 }, ..Options::default() };
    for options in [too_many, no_points, too_many_points, nothing] {
        assert!(matches!(run(options).await, Err(SwarmError::Options(_))));
    }
    assert!(
        check(&Options { connections: CONNECTIONS_MAX, points: POINTS_MAX, ..Options::default() }).is_ok()
    );
}

#[tokio::test]
async fn every_dialect_is_understood_and_acknowledged() {
    let (target, fickle) = gateway(u64::MAX).await;
    let dialects = DialectMix::MIXED;
    let options = Options {
        target,
        connections: 6,
        frames: Some(20),
        mix: Mix::ALL_DURABLE,
        dialects,
        run_for: Duration::from_secs(60),
        ..Options::default()
    };
    let report = run(options).await.unwrap();
    assert_eq!((report.acknowledged(), report.unanswered), (120, 0));
    assert_eq!(fickle.seen.load(Ordering::Relaxed), 120);
}

/// A gateway of datagrams.
async fn datagrams() -> String {
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let mut bytes = [0; 2048];
        while let Ok((read, peer)) = socket.recv_from(&mut bytes).await {
            let mut decoder = Decoder::new(&Profile::default());
            decoder.push(&bytes[..read]);
            for event in decoder {
                if let Event::Frame(frame) = event {
                    let answer = frame::encode(&answer::acknowledge(&frame, frame.sent)).unwrap();
                    socket.send_to(&answer, peer).await.unwrap();
                }
            }
        }
    });
    address
}

#[tokio::test]
async fn datagrams_are_answered_as_well_and_storms_and_common_drops_come_for_all() {
    let options = Options {
        target: datagrams().await,
        connections: 3,
        frames: Some(400),
        mix: Mix { heartbeat: 1, state: 0, fire: 0 },
        udp_percent: 100,
        storm: Some(Storm { every: Duration::from_millis(10), frames: 5 }),
        reconnect_every: Some(Duration::from_millis(10)),
        run_for: Duration::from_secs(60),
        ..Options::default()
    };
    let report = run(options).await.unwrap();
    assert_eq!(report.acknowledged(), 1_200);
    assert!(report.storms >= 3 && report.fire.count() >= 15, "{report:?}");
    assert!(report.dropped >= 3 && report.connects > 3);
}
