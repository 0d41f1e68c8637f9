//! The push receiver (推送接收): where the operators' IoT clouds send what devices said, over HTTP.
//!
//! Each subscription (订阅) has a path, an operator, its secrets and a codec. A push is answered with 200 only when
//! what it says is durable; otherwise with what makes that operator send it again. Whoever cannot prove himself
//! is told so, counted, and nothing of his message is kept.

mod server;
mod settings;
mod subscription;

pub(crate) use subscription::unknown_codec;

pub use settings::{BODY_BYTES_MAX, Network, Operator, PushSettings, PushSubscription};

use crate::codec::Codecs;
use crate::message::{Desk, WireCounts};
use fengsui_app::{App, Clock};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use subscription::Subscription;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What all requests share.
pub(crate) struct Receiver {
    desk: Desk,
    settings: PushSettings,
    subscriptions: Vec<Subscription>,
    /// Pushes being worked on: beyond it they wait, and then are told to come again.
    places: Semaphore,
    connections: Arc<Semaphore>,
    stop: CancellationToken,
    strays: std::sync::atomic::AtomicU64,
}

/// A running push receiver.
pub struct PushReceiver {
    address: SocketAddr,
    receiver: Arc<Receiver>,
    tasks: TaskTracker,
}

/// A subscription as it stands; secrets are not in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SubscriptionFacts {
    /// Its name.
    pub name: String,
    /// The operator.
    pub operator: Operator,
    /// Its path, the secret part of it covered.
    pub path: String,
    /// Its codec.
    pub codec: String,
    /// Whether only some networks may push.
    pub allow_listed: bool,
    /// Whether messages are encrypted.
    pub encrypted: bool,
    /// What happened since the start.
    pub counts: WireCounts,
}

impl PushReceiver {
    /// Listens for pushes.
    ///
    /// # Errors
    /// The address cannot be had, or a subscription is wrong; the message is a sentence that says what to do.
    pub async fn start(
        app: Arc<App>,
        settings: PushSettings,
        codecs: Arc<Codecs>,
        clock: Arc<dyn Clock>,
    ) -> io::Result<Self> {
        let subscriptions = subscription::all(&settings, &codecs, app.meters()).map_err(io::Error::other)?;
        let listener = TcpListener::bind(settings.address).await.map_err(|e| {
            let sentence =
                format!("不能在 {} 上接收平台推送：{e}。请检查配置项 push.address。", settings.address);
            io::Error::new(e.kind(), sentence)
        })?;
        let (address, tasks) = (listener.local_addr()?, TaskTracker::new());
        let receiver = Arc::new(Receiver {
            desk: Desk { app, clock, codecs },
            places: Semaphore::new(settings.pushes_max),
            connections: Arc::new(Semaphore::new(settings.connections_max)),
            subscriptions,
            stop: CancellationToken::new(),
            strays: Default::default(),
            settings,
        });
        tasks.spawn(server::listen(listener, receiver.clone(), tasks.clone()));
        tracing::info!(%address, subscriptions = receiver.subscriptions.len(), "the push receiver listens");
        Ok(Self { address, receiver, tasks })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How each subscription stands.
    pub fn subscriptions(&self) -> Vec<SubscriptionFacts> {
        self.receiver.subscriptions.iter().map(Subscription::facts).collect()
    }

    /// A view of the subscriptions that outlives this handle.
    pub fn watch(&self) -> impl Fn() -> (Vec<SubscriptionFacts>, u64) + Send + Sync + 'static {
        let receiver = self.receiver.clone();
        move || {
            let facts = receiver.subscriptions.iter().map(Subscription::facts).collect();
            (facts, receiver.strays.load(std::sync::atomic::Ordering::Relaxed))
        }
    }

    /// Takes no more pushes; those being stored are answered, as long as that takes no longer than allowed.
    pub async fn stop(self) {
        self.receiver.stop.cancel();
        self.tasks.close();
        if timeout(self.receiver.settings.stop_wait, self.tasks.wait()).await.is_err() {
            tracing::warn!("pushes were cut off by the stop");
        }
    }
}
