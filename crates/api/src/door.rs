//! The door that browsers come through: plain or encrypted, HTTP/1.1 or HTTP/2.
//!
//! A handshake takes a journey or two and somebody may never finish his: each runs by itself and in a bounded time, so
//! that nobody waits behind a stranger, and one address has only so many at a time.

use crate::certificate::Certificates;
use axum::Router;
use axum::extract::connect_info::Connected;
use axum::http::uri::{Authority, PathAndQuery};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::serve::{IncomingStream, Listener};
use parking_lot::Mutex;
use rustls::ServerConfig;
use rustls::crypto::ring;
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How many handshakes are under way at the same time; whoever comes then waits in the kernel.
const HANDSHAKES_MAX: usize = 1_024;
/// How many of them one address may have: an office behind one address opens some dozen at once, and sixteen addresses
/// are needed to fill all places.
const HANDSHAKES_PER_ADDRESS_MAX: usize = 64;
/// How long one may take.
const HANDSHAKE_WAIT: Duration = Duration::from_secs(10);
/// How long to wait after the machine could not accept, for example for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);
/// The port that browsers leave away.
const HTTPS_PORT: u16 = 443;

/// The connection a request came through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Connection {
    /// The other end, which may be a proxy.
    pub address: SocketAddr,
    /// Whether it is encrypted up to this program.
    pub encrypted: bool,
}

impl Connected<IncomingStream<'_, TcpListener>> for Connection {
    fn connect_info(stream: IncomingStream<'_, TcpListener>) -> Self {
        Self { address: *stream.remote_addr(), encrypted: false }
    }
}

impl Connected<IncomingStream<'_, Encrypted>> for Connection {
    fn connect_info(stream: IncomingStream<'_, Encrypted>) -> Self {
        Self { address: *stream.remote_addr(), encrypted: true }
    }
}

/// Where browsers are let in.
#[derive(Debug)]
pub enum Door {
    /// Without encryption: on this machine, or behind a proxy.
    Plain(TcpListener),
    /// With the site's own certificate.
    Encrypted(Encrypted),
}

impl Door {
    /// The address it listens on.
    pub fn address(&self) -> io::Result<SocketAddr> {
        match self {
            Self::Plain(listener) => listener.local_addr(),
            Self::Encrypted(listener) => Ok(listener.address),
        }
    }
}

/// Connections whose handshake is done.
#[derive(Debug)]
pub struct Encrypted {
    address: SocketAddr,
    done: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    accepting: JoinHandle<()>,
}

impl Encrypted {
    /// Encrypts what comes through this listener.
    pub fn new(listener: TcpListener, certificates: Arc<Certificates>) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (ready, done) = mpsc::channel(HANDSHAKES_MAX);
        let acceptor = TlsAcceptor::from(Arc::new(config(certificates)));
        Ok(Self { address, done, accepting: tokio::spawn(accept(listener, acceptor, ready)) })
    }
}

impl Drop for Encrypted {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn config(certificates: Arc<Certificates>) -> ServerConfig {
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().expect("ring serves TLS 1.2 and 1.3");
    let mut config = builder.with_no_client_auth().with_cert_resolver(certificates);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config
}

async fn accept(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    ready: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
) {
    let room = Arc::new(Semaphore::new(HANDSHAKES_MAX));
    let callers = Arc::new(Callers::default());
    while let Ok(permit) = room.clone().acquire_owned().await {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a browser could not be let in");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        // Hung up at once: a browser tries again by itself, and nobody else's place is taken.
        let Some(place) = callers.admit(peer.ip()) else { continue };
        let (handshake, ready) = (acceptor.accept(stream), ready.clone());
        tokio::spawn(async move {
            // Somebody who breaks off, or does not speak TLS, has lost nothing but his time.
            if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE_WAIT, handshake).await {
                let _ = ready.send((stream, peer)).await;
            }
            drop((permit, place));
        });
    }
}

/// How many handshakes each address has under way.
#[derive(Default)]
struct Callers(Mutex<HashMap<IpAddr, usize>>);

/// One handshake of an address; its end gives the place back.
struct Place {
    callers: Arc<Callers>,
    caller: IpAddr,
}

impl Callers {
    /// A place for one more; none when this address has as many as it may.
    fn admit(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let caller = caller(address);
        let mut open = self.0.lock();
        let own = open.entry(caller).or_default();
        if *own >= HANDSHAKES_PER_ADDRESS_MAX {
            return None;
        }
        *own += 1;
        Some(Place { callers: self.clone(), caller })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.callers.0.lock();
        if let Some(own) = open.get_mut(&self.caller) {
            *own -= 1;
            if *own == 0 {
                open.remove(&self.caller);
            }
        }
    }
}

/// Whom an address stands for: in IPv6 one machine has a whole network of 64 bits to itself.
fn caller(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => IpAddr::from(std::net::Ipv6Addr::from_bits(six.to_bits() >> 64 << 64)),
        four @ IpAddr::V4(_) => four,
    }
}

impl Listener for Encrypted {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.done.recv().await {
            Some(connection) => connection,
            // The task above ends only with the runtime.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// Sends whoever comes without encryption to the encrypted door, and does nothing else.
pub async fn redirect(listener: TcpListener, port: u16) -> io::Result<()> {
    let router = Router::new().fallback(async move |headers: HeaderMap, uri: Uri| {
        match encrypted_place(&headers, &uri, port) {
            Some(place) => Redirect::permanent(&place).into_response(),
            None => nowhere(),
        }
    });
    axum::serve(listener, router).await
}

fn nowhere() -> Response {
    (StatusCode::BAD_REQUEST, "请用 https 打开本站\n").into_response()
}

fn encrypted_place(headers: &HeaderMap, uri: &Uri, port: u16) -> Option<String> {
    let asked: Authority = match uri.authority() {
        Some(authority) => authority.clone(),
        None => headers.get(header::HOST)?.to_str().ok()?.parse().ok()?,
    };
    let host = asked.host();
    let place = uri.path_and_query().map_or("/", PathAndQuery::as_str);
    let place = if place.starts_with('/') { place } else { "/" };
    match port {
        HTTPS_PORT => Some(format!("https://{host}{place}")),
        _ => Some(format!("https://{host}:{port}{place}")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop where it stands")]
mod tests {
    use super::*;

    #[test]
    fn the_encrypted_place_is_the_same_page_on_the_other_port() {
        let place = |host: &str, uri: &str, port: u16| {
            let headers = [(header::HOST, host.parse().unwrap())].into_iter().collect();
            encrypted_place(&headers, &uri.parse().unwrap(), port)
        };
        let desk = "https://desk.local/desk?seat=1".to_owned();
        assert_eq!(place("desk.local", "/desk?seat=1", 443), Some(desk));
        assert_eq!(place("192.0.2.7:80", "/", 8443), Some("https://192.0.2.7:8443/".to_owned()));
        assert_eq!(place("[2001:db8::7]:80", "/", 443), Some("https://[2001:db8::7]/".to_owned()));
        assert_eq!(place("", "/", 443), None);
    }

    #[test]
    fn an_address_has_as_many_handshakes_as_it_may_and_leaves_room_for_others() {
        let callers = Arc::new(Callers::default());
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let mut held: Vec<_> = std::iter::from_fn(|| callers.admit(address("192.0.2.7"))).collect();
        assert_eq!(held.len(), HANDSHAKES_PER_ADDRESS_MAX);
        assert!(callers.admit(address("::ffff:192.0.2.7")).is_none(), "the same address in other words");
        assert!(callers.admit(address("192.0.2.8")).is_some());
        held.pop();
        assert!(callers.admit(address("192.0.2.7")).is_some());
        drop(held);
        assert!(callers.0.lock().is_empty(), "nothing is kept of whoever is gone");
    }

    #[test]
    fn one_machine_has_one_network_of_version_six() {
        let of = |text: &str| caller(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::7"), of("2001:db8:1:2:aaaa::9"));
        assert_ne!(of("2001:db8:1:2::7"), of("2001:db8:1:3::7"));
    }
}
