//! A site's broker: a real Mosquitto, found through `FENGSUI_TEST_MQTT` (`scripts/mosquitto-for-tests.sh`). Where
//! it is absent the tests say so and prove nothing.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may stop where it stands, and says why")]

mod site;

use fengsui_alarm::Class;
use fengsui_app::App;
use fengsui_base::Scope;
use fengsui_ingest::codec::{Codecs, read_table};
use fengsui_ingest::{BrokerClient, BrokerSettings, DeviceName, TopicSettings};
use fengsui_store::{MemoryStore, Store};
use rumqttc::{AsyncClient, Event, Incoming, MqttOptions, QoS};
use site::store::{Door, Gate};
use site::{HandClock, Writer, app_on, until};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::time::timeout;

const FIRE: u16 = 0x0002;
const LONG: Duration = Duration::from_secs(20);

/// Every test has topics and sessions of its own.
static NEXT: AtomicU32 = AtomicU32::new(0);

fn broker(variable: &str) -> Option<(String, u16)> {
    let Ok(address) = std::env::var(variable) else {
        println!("没有 {variable}：请先运行 scripts/mosquitto-for-tests.sh start，这项测试没有运行");
        return None;
    };
    let (host, port) = address.rsplit_once(':').unwrap();
    Some((host.to_owned(), port.parse().unwrap()))
}

struct Wire {
    name: String,
    settings: BrokerSettings,
}

impl Wire {
    fn new(variable: &str) -> Option<Self> {
        let (host, port) = broker(variable)?;
        let name = format!("t{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let topic = |filter: String, codec: &str, will| TopicSettings {
            filter,
            codec: codec.to_owned(),
            device: DeviceName::Level(3),
            will,
        };
        let topics = vec![
            topic(format!("{name}/UL/+"), "gb26875", false),
            topic(format!("{name}/smoke/+"), "nb-smoke", false),
            topic(format!("{name}/will/+"), "nb-smoke", true),
        ];
        let (user, password, ca, client_id) = (None, None, None, None);
        Some(Self {
            settings: BrokerSettings {
                name: name.clone(),
                host,
                port,
                client_id,
                user,
                password,
                ca,
                topics,
            },
            name,
        })
    }

    async fn on(&self, store: Arc<dyn Store>) -> (Arc<App>, Arc<HandClock>, BrokerClient) {
        let (app, clock) = app_on(store).await;
        let client = self.client(&app, &clock);
        timeout(LONG, until(|| client.facts().connected))
            .await
            .unwrap_or_else(|_| panic!("{:?}", client.facts()));
        (app, clock, client)
    }

    fn client(&self, app: &Arc<App>, clock: &Arc<HandClock>) -> BrokerClient {
        BrokerClient::start(app.clone(), &self.settings, codecs(), clock.clone()).unwrap()
    }

    /// Publishes as a device does, and waits for the broker's word.
    async fn publish(&self, topic: &str, payload: &[u8], retain: bool) {
        let (host, port) = broker("FENGSUI_TEST_MQTT").unwrap();
        let id = format!("d{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let (client, mut events) = AsyncClient::new(MqttOptions::new(id, host, port), 10);
        client
            .publish(format!("{}/{topic}", self.name), QoS::AtLeastOnce, retain, payload.to_vec())
            .await
            .unwrap();
        while !matches!(events.poll().await.unwrap(), Event::Incoming(Incoming::PubAck(_))) {}
    }
}

fn codecs() -> Arc<Codecs> {
    let text = include_str!("../../../catalog/codecs/nb-smoke.toml");
    Arc::new(Codecs::new(vec![read_table("nb-smoke.toml", text).unwrap()]).unwrap())
}

fn fires(app: &App) -> usize {
    let open = app.board().open_alarms(&Scope::everything());
    open.iter().filter(|a| a.alarm.raise.class == Class::Fire).count()
}

async fn soon(condition: impl Fn() -> bool) {
    timeout(LONG, until(condition)).await.unwrap();
}

#[tokio::test]
async fn frames_and_fields_ring_by_the_device_that_the_topic_names() {
    let Some(wire) = Wire::new("FENGSUI_TEST_MQTT") else { return };
    let (app, _, client) = wire.on(Arc::new(MemoryStore::new())).await;
    let frame = Writer::new(889).component(2, FIRE, "2026-11-21T14:00:00");
    wire.publish("UL/SHMK1", &frame, false).await;
    wire.publish("UL/SHMK2", hex::encode(&frame).as_bytes(), false).await;
    wire.publish("smoke/8669", br#"{"Alarm_Status":1,"Battery_Level":90}"#, false).await;
    soon(|| fires(&app) == 3).await;
    for device in ["SHMK1", "SHMK2", "8669"] {
        assert!(app.board().terminal_at(&format!("mqtt:{}/{device}", wire.name)).is_some(), "{device}");
    }
    soon(|| client.facts().counts.stored == 3).await;
}

#[tokio::test]
async fn a_retained_message_and_a_last_will_are_no_state() {
    let Some(wire) = Wire::new("FENGSUI_TEST_MQTT") else { return };
    wire.publish("smoke/old", br#"{"Alarm_Status":1}"#, true).await;
    let (app, _, client) = wire.on(Arc::new(MemoryStore::new())).await;
    wire.publish("will/gone", b"offline", false).await;
    soon(|| client.facts().counts.refused.contains_key("retained") && client.facts().counts.stored == 1)
        .await;
    assert_eq!(fires(&app), 0);
    assert!(app.board().terminal_at(&format!("mqtt:{}/old", wire.name)).is_none());
    let gone = app.board().terminal_at(&format!("mqtt:{}/gone", wire.name)).unwrap();
    assert!(gone.conditions().is_empty());
    wire.publish("smoke/old", b"", true).await;
}

#[tokio::test]
async fn what_was_not_stored_when_the_program_died_comes_again_to_the_next_one() {
    let Some(wire) = Wire::new("FENGSUI_TEST_MQTT") else { return };
    let (wire, (gate, store)) = (Arc::new(wire), Gate::with_store());
    let dying = tokio::runtime::Runtime::new().unwrap();
    let own = wire.clone();
    let first = dying.spawn(async move { own.on(store).await }).await.unwrap();
    gate.set(Door::Held);
    for n in 0..30 {
        wire.publish(&format!("smoke/{n}"), br#"{"Alarm_Status":1}"#, false).await;
    }
    gate.somebody_waits().await;
    // The program is gone without a word: nothing was acknowledged, and the broker keeps the session.
    dying.shutdown_background();
    drop(first);
    let (app, _, _client) = wire.on(Arc::new(MemoryStore::new())).await;
    soon(|| fires(&app) == 30).await;
}

#[tokio::test]
async fn a_full_disk_gives_the_connection_up_and_the_broker_begins_again() {
    let Some(wire) = Wire::new("FENGSUI_TEST_MQTT") else { return };
    let (gate, store) = Gate::with_store();
    let (app, _, client) = wire.on(store).await;
    gate.set(Door::Full);
    wire.publish("smoke/1", br#"{"Alarm_Status":1}"#, false).await;
    soon(|| client.facts().counts.failed > 0).await;
    soon(|| !client.facts().connected).await;
    assert_eq!(fires(&app), 0);
    gate.set(Door::Open);
    soon(|| fires(&app) == 1).await;
}

#[tokio::test]
async fn a_broker_over_tls_is_believed_by_its_authority_only() {
    let Some(mut wire) = Wire::new("FENGSUI_TEST_MQTT_TLS") else { return };
    let ca = std::env::var("FENGSUI_TEST_MQTT_CA").unwrap();
    wire.settings.ca = Some(std::fs::read(&ca).unwrap());
    let (_, _, client) = wire.on(Arc::new(MemoryStore::new())).await;
    assert!(client.facts().encrypted);
    wire.settings.ca = Some(std::fs::read(ca.replace("ca.pem", "other.pem")).unwrap());
    let (app, clock) = app_on(Arc::new(MemoryStore::new())).await;
    let other = wire.client(&app, &clock);
    soon(|| other.facts().problem.is_some_and(|p| p.contains("certificate"))).await;
    assert!(!other.facts().connected);
}

#[tokio::test]
async fn wrong_settings_are_named() {
    let (app, clock) = app_on(Arc::new(MemoryStore::new())).await;
    let start = |change: fn(&mut BrokerSettings)| {
        let topic = TopicSettings {
            filter: "a/+".to_owned(),
            codec: "gb26875".to_owned(),
            device: DeviceName::Level(2),
            will: false,
        };
        let mut settings = BrokerSettings {
            name: "site".to_owned(),
            host: "127.0.0.1".to_owned(),
            port: 1,
            client_id: None,
            user: None,
            password: None,
            ca: None,
            topics: vec![topic],
        };
        change(&mut settings);
        BrokerClient::start(app.clone(), &settings, codecs(), clock.clone()).err().unwrap_or_default()
    };
    assert_eq!(start(|_| {}), "");
    assert!(start(|s| s.name = "Site 1".to_owned()).contains("小写"));
    assert!(start(|s| s.topics[0].codec = "none".to_owned()).contains("nb-smoke"));
    assert!(start(|s| s.topics[0].filter = "a/#/b".to_owned()).contains("最后"));
    assert!(start(|s| s.ca = Some(b"x".to_vec())).contains("PEM"));
    assert!(start(|s| s.topics.clear()).contains("topic"));
}
