//! Pushes of the operators' clouds, over real sockets: who is believed, what rings, and what is answered when.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod site;

use fengsui_alarm::{Class, Condition};
use fengsui_app::App;
use fengsui_base::Scope;
use fengsui_ingest::codec::{Codecs, read_table};
use fengsui_ingest::{Operator, PushReceiver, PushSettings, PushSubscription, SubscriptionFacts};
use fengsui_store::{MemoryStore, Store};
use iotpush::{iotda, onenet};
use site::http::{Answer, attempt, get, post};
use site::store::{Door, Gate};
use site::{HandClock, Writer, app_on, hex_of, still, until};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const TOKEN: &str = "yunxiu2026";
const SECRET_PATH: &str = "/push/4f7c0a1be29d4f0e8a6b";
const FIRE: u16 = 0x0002;
const NORMAL: u16 = 0x0001;
/// 2026-11-21 14:00:00 in Beijing, in milliseconds.
const NOW_MS: i64 = 1_795_240_800_000;

struct Wires {
    app: Arc<App>,
    clock: Arc<HandClock>,
    store: Arc<dyn Store>,
    receiver: PushReceiver,
}

fn subscription(name: &str, operator: Operator, codec: &str) -> PushSubscription {
    PushSubscription {
        name: name.to_owned(),
        operator,
        path: (operator == Operator::Ctwing).then(|| SECRET_PATH.to_owned()),
        token: Some(TOKEN.to_owned()),
        aes_key: None,
        allow: Vec::new(),
        codec: codec.to_owned(),
    }
}

fn settings() -> PushSettings {
    PushSettings {
        address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        subscriptions: vec![
            subscription("mobile", Operator::Onenet, "gb26875"),
            subscription("telecom", Operator::Ctwing, "nb-smoke"),
            subscription("huawei", Operator::Iotda, "nb-smoke"),
        ],
        ..PushSettings::default()
    }
}

fn codecs() -> Arc<Codecs> {
    let text = include_str!("../../../catalog/codecs/nb-smoke.toml");
    Arc::new(Codecs::new(vec![read_table("nb-smoke.toml", text).unwrap()]).unwrap())
}

impl Wires {
    async fn open() -> Self {
        Self::on(Arc::new(MemoryStore::new()), settings()).await
    }

    async fn on(store: Arc<dyn Store>, settings: PushSettings) -> Self {
        let (app, clock) = app_on(store.clone()).await;
        let receiver = PushReceiver::start(app.clone(), settings, codecs(), clock.clone()).await.unwrap();
        Self { app, clock, store, receiver }
    }

    /// A message of OneNET in its old form, with a frame in it.
    async fn mobile(&self, imei: &str, at_ms: i64, frame: &[u8]) -> Answer {
        self.signed(&onenet_message(imei, at_ms, frame)).await
    }

    async fn signed(&self, msg: &str) -> Answer {
        let signature = onenet::sign(TOKEN, "abcdefgh", msg);
        let body = format!(r#"{{"msg":{msg},"msg_signature":"{signature}","nonce":"abcdefgh"}}"#);
        post(self.receiver.address(), "/push/mobile", &[], body.as_bytes()).await
    }

    async fn telecom(&self, at_ms: i64, fields: &str) -> Answer {
        let body = format!(
            r#"{{"messageType":"dataReport","deviceId":"acf7","timestamp":{at_ms},"payload":{{"serviceData":{fields}}}}}"#
        );
        post(self.receiver.address(), SECRET_PATH, &[], body.as_bytes()).await
    }

    fn fires(&self) -> usize {
        let open = self.app.board().open_alarms(&Scope::everything());
        open.iter().filter(|a| a.alarm.raise.class == Class::Fire).count()
    }

    fn rings(&self) -> usize {
        self.app.board().open_alarms(&Scope::everything()).iter().filter(|a| a.alarm.rings()).count()
    }

    async fn seq(&self) -> u64 {
        self.store.head().await.unwrap().seq
    }

    fn facts(&self, name: &str) -> SubscriptionFacts {
        self.receiver.subscriptions().into_iter().find(|s| s.name == name).unwrap()
    }
}

fn onenet_message(imei: &str, at_ms: i64, frame: &[u8]) -> String {
    let value = hex_of(frame);
    format!(
        r#"{{"at":{at_ms},"imei":"{imei}","type":1,"ds_id":"3200_0_5750","value":"{value}","dev_id":51}}"#
    )
}

#[tokio::test]
async fn the_handshake_is_answered_to_the_operator_only() {
    let wires = Wires::open().await;
    let signature: String =
        form_urlencoded::byte_serialize(onenet::sign(TOKEN, "n", "hello").as_bytes()).collect();
    let right =
        get(wires.receiver.address(), &format!("/push/mobile?msg=hello&nonce=n&signature={signature}")).await;
    assert_eq!((right.status, right.body.as_str()), (200, "hello"));
    let wrong = get(wires.receiver.address(), "/push/mobile?msg=hello&nonce=n&signature=abc").await;
    assert_eq!((wrong.status, wrong.body.as_str()), (401, ""));
}

#[tokio::test]
async fn a_frame_inside_a_push_rings_and_belongs_to_the_device_that_the_push_names() {
    let wires = Wires::open().await;
    let frame = Writer::new(889).component(2, FIRE, "2026-11-21T14:00:00");
    assert_eq!(wires.mobile("866971031491171", NOW_MS, &frame).await.status, 200);
    assert_eq!((wires.fires(), wires.rings()), (1, 1));
    let terminal = wires.app.board().terminal_at("onenet:866971031491171").unwrap();
    assert!(!terminal.facts().known, "it waits to be claimed");
    assert!(wires.app.board().terminal_at("889").is_none());
    let kept = wires.store.frames_of(&Scope::everything(), terminal.id, None, 9).await.unwrap();
    assert_eq!((kept.len(), kept[0].frame.channel.as_str()), (1, "push mobile"));
    assert_eq!(kept[0].frame.bytes, frame);
    assert_eq!(wires.facts("mobile").counts.stored, 1);
}

#[tokio::test]
async fn sixteen_replays_over_three_hours_ring_once_although_the_fire_was_over_meanwhile() {
    let wires = Wires::open().await;
    let mut writer = Writer::new(889);
    let fire = writer.component(2, FIRE, "2026-11-21T14:00:00");
    assert_eq!(wires.mobile("8669", NOW_MS, &fire).await.status, 200);
    wires.clock.set("2026-11-21T06:01:00Z");
    writer.sent = "2026-11-21T14:01:00".to_owned();
    let normal = writer.component(2, NORMAL, "2026-11-21T14:01:00");
    assert_eq!(wires.mobile("8669", NOW_MS + 60_000, &normal).await.status, 200);
    let seq = wires.seq().await;
    for minute in 2..18 {
        wires.clock.set(&format!("2026-11-21T{:02}:{:02}:00Z", 6 + minute * 10 / 60, minute * 10 % 60));
        assert_eq!(wires.mobile("8669", NOW_MS, &fire).await.status, 200);
    }
    assert_eq!((wires.seq().await, wires.fires()), (seq, 1));
    assert_eq!(wires.facts("mobile").counts.repeated, 16);
    let terminal = wires.app.board().terminal_at("onenet:8669").unwrap();
    assert!(terminal.conditions().is_empty(), "the state stays what it was last");
}

#[tokio::test]
async fn a_wrong_signature_is_told_counted_and_nothing_of_it_is_kept() {
    let wires = Wires::open().await;
    let (msg, seq) = (onenet_message("8669", NOW_MS, b"xx"), wires.seq().await);
    let signature = onenet::sign("another token", "n", &msg);
    let body = format!(r#"{{"msg":{msg},"msg_signature":"{signature}","nonce":"n"}}"#);
    let answer = post(wires.receiver.address(), "/push/mobile", &[], body.as_bytes()).await;
    assert_eq!(answer.status, 401);
    assert_eq!(wires.seq().await, seq);
    assert!(wires.app.board().terminal_at("onenet:8669").is_none());
    let counts = wires.facts("mobile").counts;
    assert_eq!(
        (counts.refused.get("signature"), counts.last_refused.map(|r| r.0)),
        (Some(&1), Some("signature"))
    );
}

#[tokio::test]
async fn an_older_push_that_comes_later_does_not_move_the_state_back() {
    let wires = Wires::open().await;
    assert_eq!(wires.telecom(NOW_MS, r#"{"Alarm_Status":0}"#).await.status, 200);
    assert_eq!(wires.telecom(NOW_MS - 30_000, r#"{"Alarm_Status":1}"#).await.status, 200);
    let terminal = wires.app.board().terminal_at("ctwing:acf7").unwrap();
    assert!(terminal.conditions().is_empty());
    assert_eq!(wires.telecom(NOW_MS + 1_000, r#"{"Alarm_Status":1}"#).await.status, 200);
    assert!(terminal.conditions().has(Condition::Fire));
}

#[tokio::test]
async fn a_fire_that_the_cloud_kept_for_an_hour_is_listed_and_does_not_ring() {
    let wires = Wires::open().await;
    assert_eq!(wires.telecom(NOW_MS - 3_600_000, r#"{"Alarm_Status":1}"#).await.status, 200);
    assert_eq!((wires.fires(), wires.rings()), (1, 0));
}

#[tokio::test]
async fn huawei_signs_in_its_headers() {
    let wires = Wires::open().await;
    let body = br#"{"resource":"device.property","event":"report","event_time":"20261121T060000Z","notify_data":{"header":{"device_id":"d1"},"body":{"services":[{"service_id":"s","properties":{"Alarm_Status":1}}]}}}"#;
    let signature = iotda::sign(TOKEN, "1795240800000", "n0nce");
    let headers = [("timestamp", "1795240800000"), ("nonce", "n0nce"), ("signature", signature.as_str())];
    assert_eq!(post(wires.receiver.address(), "/push/huawei", &[], body).await.status, 401);
    assert_eq!(wires.fires(), 0);
    assert_eq!(post(wires.receiver.address(), "/push/huawei", &headers, body).await.status, 200);
    assert_eq!(wires.fires(), 1);
    assert!(wires.app.board().terminal_at("iotda:d1").is_some());
}

#[tokio::test]
async fn coming_and_going_is_heard_and_stores_nothing_more() {
    let wires = Wires::open().await;
    let message = |online: i64| format!(r#"{{"type":2,"dev_id":7,"status":{online},"at":{NOW_MS}}}"#);
    assert_eq!(wires.signed(&message(1)).await.status, 200);
    let seq = wires.seq().await;
    assert_eq!(wires.signed(&message(0)).await.status, 200);
    assert_eq!(wires.seq().await, seq);
    assert!(wires.app.board().terminal_at("onenet:7").unwrap().conditions().is_empty());
    assert_eq!(wires.facts("mobile").counts.heard, 1);
}

#[tokio::test]
async fn no_push_is_answered_before_it_is_stored() {
    let (gate, store) = Gate::with_store();
    let wires = Arc::new(Wires::on(store, settings()).await);
    assert_eq!(wires.telecom(NOW_MS, r#"{"Alarm_Status":0,"Battery_Level":90}"#).await.status, 200);
    gate.set(Door::Held);
    let sender = wires.clone();
    let push = tokio::spawn(async move { sender.telecom(NOW_MS + 1, r#"{"Alarm_Status":1}"#).await });
    gate.somebody_waits().await;
    assert!(!push.is_finished());
    assert_eq!(wires.fires(), 0);
    gate.set(Door::Open);
    assert_eq!(push.await.unwrap().status, 200);
    assert_eq!(wires.fires(), 1);
}

#[tokio::test]
async fn a_full_disk_makes_the_operator_come_again() {
    let (gate, store) = Gate::with_store();
    let wires = Wires::on(store, settings()).await;
    gate.set(Door::Full);
    let answer = wires.telecom(NOW_MS, r#"{"Alarm_Status":1}"#).await;
    assert_eq!(answer.status, 503);
    assert!(answer.head.contains("retry-after: 5"), "{}", answer.head);
    assert_eq!((wires.fires(), wires.facts("telecom").counts.failed), (0, 1));
    gate.set(Door::Open);
    assert_eq!(wires.telecom(NOW_MS, r#"{"Alarm_Status":1}"#).await.status, 200);
    assert_eq!(wires.fires(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_is_not_waited_for_longer_than_the_operator_waits() {
    let (gate, store) = Gate::with_store();
    let wires = Wires::on(store, PushSettings { pushes_max: 1, ..settings() }).await;
    gate.set(Door::Held);
    let (one, other) = tokio::join!(
        wires.telecom(NOW_MS, r#"{"Alarm_Status":1}"#),
        wires.telecom(NOW_MS, r#"{"Alarm_Status":1}"#)
    );
    assert_eq!((one.status, other.status), (503, 503), "the second found no place");
    gate.set(Door::Open);
    assert_eq!(wires.telecom(NOW_MS, r#"{"Alarm_Status":1}"#).await.status, 200);
    assert_eq!(wires.fires(), 1, "what was stored after all is not doubled");
}

#[tokio::test(start_paused = true)]
async fn under_overload_what_is_known_has_to_come_again_and_a_fire_is_taken_in() {
    let (gate, store) = Gate::with_store();
    let wires = Arc::new(Wires::on(store, settings()).await);
    assert_eq!(wires.telecom(NOW_MS, r#"{"Alarm_Status":0}"#).await.status, 200);
    gate.set(Door::Held);
    let (sender, message) = (wires.clone(), onenet_message("8669", NOW_MS, b"xx"));
    let hanging = tokio::spawn(async move { sender.signed(&message).await });
    gate.somebody_waits().await;
    assert!(tokio::time::timeout(Duration::from_secs(3), std::future::pending::<()>()).await.is_err());
    let known = wires.telecom(NOW_MS + 1, r#"{"Alarm_Status":0}"#).await;
    assert_eq!(known.status, 429);
    assert!(known.head.contains("retry-after: 5"), "{}", known.head);
    let sender = wires.clone();
    let fire = tokio::spawn(async move { sender.telecom(NOW_MS + 2, r#"{"Alarm_Status":1}"#).await });
    let fires = || wires.app.meters().load.with_label_values(&["fire", "offered"]).get();
    until(|| fires() == 1).await;
    gate.set(Door::Open);
    assert_eq!(fire.await.unwrap().status, 200);
    let _ = hanging.await;
    assert_eq!((wires.fires(), wires.facts("telecom").counts.refused.get("shed")), (1, Some(&1)));
}

/// A burst as of a cloud that was cut off, at a scale that a test can afford: what bounds it does not know the number.
const BURST: usize = 300;
/// Places of this receiver; the limits of a real one are in the settings by the same names.
const CONNECTIONS: usize = 32;
const PUSHES: usize = 8;

/// One fire of each device. None where the receiver had no place for the connection.
async fn burst(
    wires: &Arc<Wires>,
    devices: &[usize],
    let_go: &Arc<AtomicUsize>,
) -> Vec<(usize, Option<u16>)> {
    let pushes = devices.iter().map(|&device| {
        let (wires, let_go) = (wires.clone(), let_go.clone());
        let body = format!(
            r#"{{"messageType":"dataReport","deviceId":"d{device}","timestamp":{NOW_MS},"payload":{{"serviceData":{{"Alarm_Status":1}}}}}}"#
        );
        tokio::spawn(async move {
            let answer = attempt(wires.receiver.address(), SECRET_PATH, body.as_bytes()).await;
            let_go.fetch_add(usize::from(answer.is_none()), Ordering::Relaxed);
            (device, answer.map(|a| a.status))
        })
    });
    let pushes: Vec<_> = pushes.collect();
    let mut ended = Vec::new();
    for push in pushes {
        ended.push(push.await.unwrap());
    }
    ended
}

#[tokio::test(start_paused = true)]
async fn of_a_burst_each_push_is_answered_or_refused_and_nothing_that_was_answered_is_lost() {
    let (gate, store) = Gate::with_store();
    let limits = PushSettings { connections_max: CONNECTIONS, pushes_max: PUSHES, ..settings() };
    let wires = Arc::new(Wires::on(store, limits).await);
    gate.set(Door::Held);
    let (all, let_go): (Vec<usize>, _) = ((0..BURST).collect(), Arc::new(AtomicUsize::new(0)));
    let flood = tokio::spawn({
        let (wires, all, let_go) = (wires.clone(), all.clone(), let_go.clone());
        async move { burst(&wires, &all, &let_go).await }
    });
    // While nothing can be stored, as many are held as have a place, and all others are let go at once.
    until(|| let_go.load(Ordering::Relaxed) == BURST - CONNECTIONS).await;
    assert!(!flood.is_finished());
    assert_eq!(wires.fires(), 0, "nothing is answered that is not stored");
    gate.set(Door::Open);
    let ended = still(flood).await.unwrap();
    let with = |status: Option<u16>| ended.iter().filter(|(_, s)| *s == status).count();
    assert_eq!((with(Some(200)), with(None)), (CONNECTIONS, BURST - CONNECTIONS));
    assert_eq!(wires.fires(), CONNECTIONS);
    // Whoever was not answered 200 comes again, as clouds do, until all are taken.
    let not_taken = |ended: Vec<(usize, Option<u16>)>| -> Vec<usize> {
        ended.into_iter().filter(|(_, status)| *status != Some(200)).map(|(device, _)| device).collect()
    };
    let mut waiting = not_taken(ended);
    while !waiting.is_empty() {
        let before = waiting.len();
        waiting = not_taken(still(burst(&wires, &waiting, &let_go)).await);
        assert!(waiting.len() < before, "each round gets some in");
    }
    assert_eq!(wires.fires(), BURST, "each once, none lost");
    assert_eq!(wires.facts("telecom").counts.stored, u64::try_from(BURST).unwrap());
}

#[tokio::test]
async fn bodies_paths_and_networks_have_limits() {
    let mut narrow = settings();
    narrow.subscriptions[0].allow = vec!["10.1.0.0/16".parse().unwrap()];
    narrow.body_bytes_max = 2_000;
    let wires = Wires::on(Arc::new(MemoryStore::new()), narrow).await;
    let address = wires.receiver.address();
    assert_eq!(wires.signed("{}").await.status, 403);
    assert_eq!(post(address, "/push/nobody", &[], b"{}").await.status, 404);
    assert_eq!(post(address, SECRET_PATH, &[], &[b' '; 2_001]).await.status, 413);
    assert_eq!(post(address, SECRET_PATH, &[], &[b' '; 2_000]).await.status, 400);
    let deep = [vec![b'['; 33], vec![b']'; 33]].concat();
    assert_eq!(post(address, SECRET_PATH, &[], &deep).await.status, 400);
    let refused = wires.facts("telecom").counts.refused;
    assert_eq!((refused.get("body"), refused.get("json")), (Some(&1), Some(&2)));
}

#[tokio::test]
async fn a_proxy_of_ours_names_the_sender_and_nobody_else_does() {
    let mut behind = settings();
    behind.subscriptions[1].allow = vec!["10.1.0.0/16".parse().unwrap()];
    let fields = br#"{"messageType":"dataReport","deviceId":"a","payload":{"Alarm_Status":0}}"#;
    let headers = [("x-forwarded-for", "192.0.2.1, 10.1.2.3")];
    let alone = Wires::on(Arc::new(MemoryStore::new()), behind.clone()).await;
    assert_eq!(post(alone.receiver.address(), SECRET_PATH, &headers, fields).await.status, 403);
    behind.proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let behind = Wires::on(Arc::new(MemoryStore::new()), behind).await;
    assert_eq!(post(behind.receiver.address(), SECRET_PATH, &headers, fields).await.status, 200);
}

#[tokio::test]
async fn wrong_subscriptions_stop_the_start_with_a_remedy() {
    let start = |change: fn(&mut PushSubscription)| async move {
        let mut wrong = settings();
        change(&mut wrong.subscriptions[1]);
        let (app, clock) = app_on(Arc::new(MemoryStore::new())).await;
        PushReceiver::start(app, wrong, codecs(), clock)
            .await
            .err()
            .map(|e| e.to_string())
            .unwrap_or_default()
    };
    assert!(start(|s| s.path = Some("/push/short".to_owned())).await.contains("24 个字符"));
    assert!(start(|s| s.codec = "nb-smok".to_owned()).await.contains("nb-smoke"));
    assert!(start(|s| s.name = "mobile".to_owned()).await.contains("重复"));
    assert!(start(|s| s.aes_key = Some("x".to_owned())).await.contains("16 个字符"));
    let tokenless = start(|s| (s.operator, s.token) = (Operator::Iotda, None)).await;
    assert!(tokenless.contains("token"), "{tokenless}");
}

#[tokio::test]
async fn secrets_are_not_in_the_facts() {
    let wires = Wires::open().await;
    assert_eq!(wires.facts("telecom").path, "/push/…");
    assert!(!format!("{:?}", wires.receiver.subscriptions()).contains(TOKEN));
}
