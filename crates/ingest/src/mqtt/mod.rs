//! The MQTT client (MQTT 接入): a site's own broker brings what devices publish.
//!
//! We subscribe at QoS 1 in a session that the broker keeps, and acknowledge a message by hand, only when what it
//! says is durable. MQTT sends a message again on a new connection only: when storing fails, the connection is
//! given up, and the broker begins with what was not acknowledged. What may be on its way is bounded by the
//! broker's own window, by a queue of ours, and then by the network itself, because we stop reading.
//!
//! A retained message is an old one, and a last will says only that a connection ended: neither is a state.
//! Nothing is published here yet; what goes down to devices will use the same connection.

mod settings;
mod topic;

pub use settings::{BrokerSettings, DeviceName, TopicSettings};

use crate::codec::{Codecs, NamedCodec};
use crate::message::{Desk, Message, WireCounts, WireTally, source};
use fengsui_app::{App, Clock};
use iotpush::Payload;
use parking_lot::Mutex;
use rumqttc::{
    AsyncClient, Event, EventLoop, Incoming, MqttOptions, Publish, QoS, SubscribeFilter, TlsConfiguration,
    Transport,
};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Messages that are taken in at the same time; those of one device one after another.
const LANES: usize = 16;
/// Messages that may wait in each lane; beyond it nothing more is read.
const WAITING_MAX: usize = 64;
/// Longest message, in bytes; a longer one ends the connection.
const MESSAGE_BYTES_MAX: usize = 256 * 1024;
/// How often a sign of life is exchanged.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// First and longest pause before connecting again.
const PAUSE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));
/// How long a stop waits for messages that are being stored.
const STOP_WAIT: Duration = Duration::from_secs(5);

/// A client of one broker.
pub struct BrokerClient {
    state: Arc<State>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// A broker as it stands; secrets are not in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BrokerFacts {
    /// Its name.
    pub name: String,
    /// Host and port.
    pub address: String,
    /// Whether the connection is encrypted.
    pub encrypted: bool,
    /// Topics with their codecs.
    pub topics: Vec<(String, String)>,
    /// Whether we are connected.
    pub connected: bool,
    /// Why not, when not.
    pub problem: Option<String>,
    /// What happened since the start.
    pub counts: WireCounts,
}

/// What all tasks of a client share.
struct State {
    name: String,
    channel: String,
    address: String,
    encrypted: bool,
    topics: Vec<Topic>,
    desk: Desk,
    tally: WireTally,
    /// Connected, or why not.
    line: Mutex<Result<(), String>>,
    /// A message could not be stored: the connection is to be given up.
    broken: Notify,
}

struct Topic {
    settings: TopicSettings,
    codec: NamedCodec,
}

/// A message on its way, of the connection of this number.
struct Waiting {
    publish: Publish,
    connection: u64,
}

impl BrokerClient {
    /// Begins to connect; the broker need not be there yet.
    ///
    /// # Errors
    /// The settings are wrong; a sentence says which.
    pub fn start(
        app: Arc<App>,
        settings: &BrokerSettings,
        codecs: Arc<Codecs>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, String> {
        let options = options(settings)?;
        let topics = settings
            .topics
            .iter()
            .map(|t| Topic::new(settings, t, &codecs))
            .collect::<Result<Vec<_>, _>>()?;
        if topics.is_empty() {
            return Err(format!("mqtt.broker {}：没有写 topic。", settings.name));
        }
        let state = Arc::new(State {
            name: settings.name.clone(),
            channel: format!("mqtt {}", settings.name),
            address: format!("{}:{}", settings.host, settings.port),
            encrypted: settings.ca.is_some(),
            topics,
            tally: WireTally::new(&settings.name, app.meters()),
            desk: Desk { app, clock, codecs },
            line: Mutex::new(Err("正在连接".to_owned())),
            broken: Notify::new(),
        });
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        // As many acknowledgements as messages may be on their way: handing one in never waits.
        let (client, events) = AsyncClient::new(options, 2 * LANES * (WAITING_MAX + 1));
        let lanes = Lanes::open(&state, &client, &tasks);
        tasks.spawn(converse(state.clone(), client, events, lanes, stop.clone()));
        tasks.close();
        Ok(Self { state, stop, tasks })
    }

    /// How it stands.
    pub fn facts(&self) -> BrokerFacts {
        self.state.facts()
    }

    /// A view of it that outlives this handle.
    pub fn watch(&self) -> impl Fn() -> BrokerFacts + Send + Sync + 'static {
        let state = self.state.clone();
        move || state.facts()
    }

    /// Reads no more; what is being stored is stored. The broker keeps the rest.
    pub async fn stop(self) {
        self.stop.cancel();
        if timeout(STOP_WAIT, self.tasks.wait()).await.is_err() {
            tracing::warn!(broker = self.state.name, "messages were cut off by the stop");
        }
    }
}

impl State {
    fn facts(&self) -> BrokerFacts {
        let line = self.line.lock().clone();
        BrokerFacts {
            name: self.name.clone(),
            address: self.address.clone(),
            encrypted: self.encrypted,
            topics: self.topics.iter().map(|t| (t.settings.filter.clone(), t.codec.name.clone())).collect(),
            connected: line.is_ok(),
            problem: line.err(),
            counts: self.tally.counts(),
        }
    }
}

impl Topic {
    fn new(of: &BrokerSettings, settings: &TopicSettings, codecs: &Codecs) -> Result<Self, String> {
        settings
            .check()
            .map_err(|what| format!("mqtt.broker {} 的 topic {}：{what}", of.name, settings.filter))?;
        let codec = codecs.get(&settings.codec).ok_or_else(|| {
            format!("mqtt.broker {}：{}", of.name, crate::push::unknown_codec(&settings.codec, codecs))
        })?;
        Ok(Self { settings: settings.clone(), codec: codec.clone() })
    }
}

fn options(settings: &BrokerSettings) -> Result<MqttOptions, String> {
    settings.check()?;
    let client_id = settings.client_id.clone().unwrap_or_else(|| format!("fengsui-{}", settings.name));
    let mut options = MqttOptions::new(client_id, settings.host.clone(), settings.port);
    options.set_keep_alive(KEEP_ALIVE).set_manual_acks(true).set_clean_session(false);
    options.set_max_packet_size(MESSAGE_BYTES_MAX, MESSAGE_BYTES_MAX);
    if let Some(user) = &settings.user {
        options.set_credentials(user.clone(), settings.password.clone().unwrap_or_default());
    }
    if let Some(ca) = &settings.ca {
        options.set_transport(Transport::tls_with_config(tls(&settings.name, ca)?));
    }
    Ok(options)
}

/// Encryption that believes this authority and no other.
fn tls(name: &str, ca: &[u8]) -> Result<TlsConfiguration, String> {
    use rustls::pki_types::{CertificateDer, pem::PemObject};
    let wrong = || format!("mqtt.broker {name}：ca 里没有可用的证书，应是 PEM 格式。");
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(ca) {
        roots.add(certificate.map_err(|_| wrong())?).map_err(|_| wrong())?;
    }
    if roots.is_empty() {
        return Err(wrong());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider has the default versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConfiguration::Rustls(Arc::new(config)))
}

/// Reads what the broker sends until the stop, connecting again as often as it takes.
async fn converse(
    state: Arc<State>,
    client: AsyncClient,
    mut events: EventLoop,
    lanes: Lanes,
    stop: CancellationToken,
) {
    let (mut pause, mut connection) = (PAUSE.0, 0);
    loop {
        let event = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = state.broken.notified() => Err("有消息存不下来，等恢复后由服务器重发".to_owned()),
            event = events.poll() => event.map_err(|e| e.to_string()),
        };
        match event {
            Ok(Event::Incoming(Incoming::ConnAck(_))) => {
                (pause, connection) = (PAUSE.0, connection + 1);
                lanes.connection.store(connection, std::sync::atomic::Ordering::Release);
                subscribe(&state, &client);
            }
            Ok(Event::Incoming(Incoming::SubAck(ack))) => {
                let refused = ack.return_codes.contains(&rumqttc::SubscribeReasonCode::Failure);
                *state.line.lock() = if refused {
                    Err("服务器不许订阅其中的主题，请检查账号的权限".to_owned())
                } else {
                    Ok(())
                };
            }
            Ok(Event::Incoming(Incoming::Publish(publish))) => lanes.send(publish, connection, &stop).await,
            Ok(_) => {}
            Err(problem) => {
                tracing::warn!(broker = state.name, problem, "the broker is not there");
                *state.line.lock() = Err(problem);
                // The next connection begins with what was not acknowledged.
                events.clean();
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = sleep(pause) => {}
                }
                pause = (pause * 2).min(PAUSE.1);
            }
        }
    }
}

fn subscribe(state: &State, client: &AsyncClient) {
    let filter = |t: &Topic| SubscribeFilter::new(t.settings.filter.clone(), QoS::AtLeastOnce);
    // The channel has room for more than may ever be on its way.
    let _ = client.try_subscribe_many(state.topics.iter().map(filter));
}

/// Messages are worked on side by side, those of one topic one after another.
struct Lanes {
    all: Vec<mpsc::Sender<Waiting>>,
    hasher: RandomState,
    connection: Arc<std::sync::atomic::AtomicU64>,
}

impl Lanes {
    fn open(state: &Arc<State>, client: &AsyncClient, tasks: &TaskTracker) -> Self {
        let connection = Arc::new(std::sync::atomic::AtomicU64::new(0));
        let open = |_| {
            let (sender, waiting) = mpsc::channel(WAITING_MAX);
            tasks.spawn(work(state.clone(), client.clone(), waiting, connection.clone()));
            sender
        };
        Self { all: (0..LANES).map(open).collect(), hasher: RandomState::new(), connection }
    }

    /// Hands a message to its lane; while that is full, nothing more is read.
    async fn send(&self, publish: Publish, connection: u64, stop: &CancellationToken) {
        let lane = self.hasher.hash_one(&publish.topic) % (LANES as u64);
        let lane = &self.all[usize::try_from(lane).expect("it is below the number of lanes")];
        tokio::select! {
            () = stop.cancelled() => {}
            _ = lane.send(Waiting { publish, connection }) => {}
        }
    }
}

async fn work(
    state: Arc<State>,
    client: AsyncClient,
    mut waiting: mpsc::Receiver<Waiting>,
    connection: Arc<std::sync::atomic::AtomicU64>,
) {
    while let Some(Waiting { publish, connection: of }) = waiting.recv().await {
        let current = || connection.load(std::sync::atomic::Ordering::Acquire) == of;
        // A message of a connection that is gone comes again on the next one.
        if current() && take_in(&state, &publish).await && current() {
            let _ = client.try_ack(&publish);
        }
    }
}

/// Takes in a message; whether it may be acknowledged.
async fn take_in(state: &State, publish: &Publish) -> bool {
    let now = state.desk.clock.now();
    if publish.retain {
        state.tally.refused("retained", now);
        return true;
    }
    let Some(topic) = state.topics.iter().find(|t| topic::matches(&t.settings.filter, &publish.topic)) else {
        state.tally.refused("topic", now);
        return true;
    };
    let payload = payload(&topic.settings, &publish.payload);
    let Some(device) = topic.settings.device.of(&publish.topic, &payload) else {
        state.tally.refused("device", now);
        return true;
    };
    let message = Message {
        source: source("mqtt", &format!("{}/{device}", state.name)),
        channel: &state.channel,
        codec: &topic.codec,
        payload: &payload,
        at: None,
        id: None,
    };
    match state.desk.take_in(&message).await {
        Ok(receipt) => {
            state.tally.taken(receipt, now);
            true
        }
        Err(fault) => {
            tracing::warn!(%fault, broker = state.name, "a message was not stored and not acknowledged");
            state.tally.failed();
            state.broken.notify_one();
            false
        }
    }
}

/// JSON is fields, anything else bytes; a last will is a hint that a connection ended.
fn payload(settings: &TopicSettings, bytes: &[u8]) -> Payload {
    if settings.will {
        return Payload::Lifecycle { online: false };
    }
    match iotpush::fields(bytes) {
        Ok(fields) => Payload::Fields(fields),
        Err(_) => Payload::Bytes(bytes.to_vec()),
    }
}
