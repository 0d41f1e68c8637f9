//! The HTTP side of the push receiver: connections, requests, and which status makes whom send again.

use super::Receiver;
use super::subscription::{Signed, Subscription};
use crate::message::{Message, source};
use bytes::Bytes;
use fengsui_app::Receipt;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use iotpush::PushError;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_util::task::TaskTracker;

/// After how many seconds a refused sender may come again.
const RETRY_AFTER_S: &str = "5";
/// How long to wait when the system has no socket to give.
const SYSTEM_WAIT: Duration = Duration::from_millis(100);
/// Most bytes of a request's head.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// Most parameters of a query that are looked at.
const QUERY_MAX: usize = 16;

type Answer = Response<Full<Bytes>>;

/// Accepts connections until the receiver stops.
pub(super) async fn listen(listener: TcpListener, receiver: Arc<Receiver>, tasks: TaskTracker) {
    loop {
        let accepted = tokio::select! {
            biased;
            () = receiver.stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                // Without a place the connection is closed at once; the cloud connects again.
                if let Ok(place) = receiver.connections.clone().try_acquire_owned() {
                    let receiver = receiver.clone();
                    tasks.spawn(async move {
                        converse(stream, peer, receiver).await;
                        drop(place);
                    });
                }
            }
            Err(error) => {
                tracing::warn!(%error, "a connection for pushes could not be accepted");
                sleep(SYSTEM_WAIT).await;
            }
        }
    }
}

async fn converse(stream: TcpStream, peer: SocketAddr, receiver: Arc<Receiver>) {
    let of = receiver.clone();
    let service = service_fn(move |request| {
        let receiver = of.clone();
        async move { Ok::<_, Infallible>(answer(&receiver, peer.ip().to_canonical(), request).await) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(receiver.settings.idle_wait)
        .max_buf_size(HEAD_BYTES_MAX);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = receiver.stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, %peer, "a connection for pushes ended");
    }
}

async fn answer(receiver: &Arc<Receiver>, peer: IpAddr, request: Request<Incoming>) -> Answer {
    let client = client(receiver, peer, request.headers());
    let Some(at) = receiver.subscriptions.iter().position(|s| s.is_at(request.uri().path())) else {
        receiver.strays.fetch_add(1, Ordering::Relaxed);
        return plain(StatusCode::NOT_FOUND, "");
    };
    let subscription = &receiver.subscriptions[at];
    if !subscription.allows(client) {
        tracing::warn!(subscription = subscription.name, %client, "a push came from a network that is not allowed");
        return refuse(receiver, subscription, StatusCode::FORBIDDEN, "network");
    }
    match *request.method() {
        Method::GET => greet(receiver, subscription, request.uri().query().unwrap_or_default()),
        Method::POST => {
            // What has been read is decided to its end, even when the sender hangs up.
            let receiver = receiver.clone();
            let work = tokio::spawn(async move { push(&receiver, at, request).await });
            work.await.unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR, ""))
        }
        _ => plain(StatusCode::METHOD_NOT_ALLOWED, ""),
    }
}

/// Who pushes: the peer, or whom our own proxy names last.
fn client(receiver: &Receiver, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    if !receiver.settings.proxies.iter().any(|network| network.contains(peer)) {
        return peer;
    }
    let forwarded = headers.get_all("x-forwarded-for").iter().next_back().and_then(|v| v.to_str().ok());
    let last = forwarded.and_then(|list| list.rsplit(',').next()).and_then(|one| one.trim().parse().ok());
    last.map_or(peer, |address: IpAddr| address.to_canonical())
}

fn greet(receiver: &Receiver, subscription: &Subscription, query: &str) -> Answer {
    let query: Vec<_> = form_urlencoded::parse(query.as_bytes())
        .take(QUERY_MAX)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    match subscription.handshake(&query) {
        Some(text) => plain(StatusCode::OK, &text),
        None => refuse(receiver, subscription, StatusCode::UNAUTHORIZED, "signature"),
    }
}

/// One push: read, verified, stored, answered.
async fn push(receiver: &Receiver, at: usize, request: Request<Incoming>) -> Answer {
    let subscription = &receiver.subscriptions[at];
    let until = Instant::now() + subscription.operator.answer_wait();
    let Ok(Ok(_place)) = timeout_at(until, receiver.places.acquire()).await else {
        return later(subscription);
    };
    let (head, body) = request.into_parts();
    let body = match timeout(receiver.settings.request_wait, limited(body, receiver.settings.body_bytes_max))
        .await
    {
        Ok(Ok(body)) => body,
        Ok(Err(status)) => return refuse(receiver, subscription, status, "body"),
        Err(_) => return refuse(receiver, subscription, StatusCode::REQUEST_TIMEOUT, "slow"),
    };
    let header = |name: &'static str| {
        head.headers.get(HeaderName::from_static(name)).and_then(|v| v.to_str().ok()).unwrap_or_default()
    };
    let signed =
        Signed { timestamp: header("timestamp"), nonce: header("nonce"), signature: header("signature") };
    match subscription.read(&body, &signed) {
        Ok(pushes) => take_in(receiver, subscription, &pushes, until).await,
        Err(error) => {
            tracing::warn!(subscription = subscription.name, %error, "a push was not taken");
            let status = match error {
                PushError::Signature => StatusCode::UNAUTHORIZED,
                _ => StatusCode::BAD_REQUEST,
            };
            refuse(receiver, subscription, status, error.code())
        }
    }
}

async fn limited(body: Incoming, most: usize) -> Result<Bytes, StatusCode> {
    match Limited::new(body, most).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => Err(StatusCode::BAD_REQUEST),
    }
}

/// All messages of a push, in their order: 200 only when every one of them may be called received. What was
/// stored before one failed is found by its identity when the push comes again. Under overload its telemetry is
/// shed and the push has to come again (429), but what is news in it is stored now.
async fn take_in(
    receiver: &Receiver,
    subscription: &Subscription,
    pushes: &[iotpush::Push],
    until: Instant,
) -> Answer {
    let mut shed = false;
    for push in pushes {
        let message = Message {
            source: source(subscription.operator.code(), &push.device),
            channel: &subscription.channel,
            codec: &subscription.codec,
            payload: &push.payload,
            at: push.at,
            id: Some(&push.id),
        };
        match timeout_at(until, receiver.desk.offer(&message)).await {
            Ok(Ok(receipt)) => {
                shed |= receipt == Receipt::Shed;
                subscription.tally.taken(receipt, receiver.desk.clock.now());
            }
            Ok(Err(fault)) => {
                tracing::warn!(%fault, subscription = subscription.name, "a push was not stored and not acknowledged");
                return later(subscription);
            }
            Err(_) => return later(subscription),
        }
    }
    if shed {
        return come_again(StatusCode::TOO_MANY_REQUESTS);
    }
    if pushes.is_empty() {
        subscription.tally.taken(Receipt::Heard, receiver.desk.clock.now());
    }
    plain(StatusCode::OK, "")
}

/// Not stored: come again.
fn later(subscription: &Subscription) -> Answer {
    subscription.tally.failed();
    come_again(StatusCode::SERVICE_UNAVAILABLE)
}

fn come_again(status: StatusCode) -> Answer {
    let mut answer = plain(status, "");
    answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_S));
    answer
}

fn refuse(receiver: &Receiver, subscription: &Subscription, status: StatusCode, why: &'static str) -> Answer {
    subscription.tally.refused(why, receiver.desk.clock.now());
    plain(status, "")
}

fn plain(status: StatusCode, text: &str) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::copy_from_slice(text.as_bytes())));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    answer
}
