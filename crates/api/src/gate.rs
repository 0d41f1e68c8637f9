//! The one gate: every request passes it, and it says who asks, whether the request may come from that page,
//! and how long the answer took.
//!
//! Which routes need no session is written here and nowhere else. What the person may do is `app`'s to say.

use crate::Api;
use crate::problem::Denied;
use crate::whence::Whence;
use axum::body::Body;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, header, request::Parts};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use fengsui_access::Grant;
use fengsui_app::{Lock, SignedIn};
use fengsui_base::{Refusal, RefusalKind};
use subtle::ConstantTimeEq;

/// Name of the session cookie.
pub(crate) const COOKIE: &str = "fengsui_session";

/// Routes that anybody may call, as (method, route).
const OPEN: [(Method, &str); 6] = [
    (Method::POST, "/api/v1/inbound/{channel}/{secret}"),
    (Method::GET, "/api/v1/public/answers/{token}"),
    (Method::POST, "/api/v1/public/answers/{token}"),
    (Method::POST, "/api/v1/session"),
    (Method::GET, "/api/v1/public/node"),
    (Method::GET, "/api/v1/openapi.json"),
];

/// Paths that a person with a one-time password may still call.
const BEFORE_PASSWORD: [&str; 2] = ["/api/v1/session", "/api/v1/session/password"];

/// Paths that a person may call who must enrol a second factor first.
const BEFORE_FACTOR: [&str; 5] = [
    "/api/v1/session",
    "/api/v1/session/password",
    "/api/v1/session/security",
    "/api/v1/session/factor",
    "/api/v1/session/factor/confirm",
];

/// What a desk goes on showing while its actions wait, as beginnings of paths.
const DISPLAY: [&str; 8] = [
    "/api/v1/session",
    "/api/v1/events",
    "/api/v1/alarms",
    "/api/v1/seats",
    "/api/v1/colleagues",
    "/api/v1/map/",
    "/api/v1/units/categories",
    "/api/v1/regions",
];
/// Changes that a locked desk may still make, as ends of paths below a session or a seat: it is unlocked, it is
/// handed to the next officer, it says that its bell has fallen silent.
const WHILE_LOCKED: [&str; 5] = ["/session", "/session/lock", "/session/unlock", "/shift", "/sound"];

/// The person behind a request.
pub(crate) struct Caller(pub(crate) SignedIn);

impl Caller {
    pub(crate) fn grant(&self) -> &Grant {
        &self.0.grant
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Denied> {
        parts.extensions.get::<SignedIn>().cloned().map(Caller).ok_or_else(|| Denied(no_session()))
    }
}

/// Where a request comes from, as text, for the record and the throttle.
pub(crate) struct Peer(pub(crate) String);

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Denied> {
        let address = parts.extensions.get::<Whence>().and_then(|w| w.address);
        Ok(Self(address.map_or_else(|| "local".to_owned(), |a| a.to_string())))
    }
}

impl<S: Sync> FromRequestParts<S> for Whence {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Denied> {
        let found = parts.extensions.get::<Self>().cloned();
        Ok(found.expect("every request is looked at before it is routed"))
    }
}

/// Lets a request through, or answers why not; records and times it either way.
pub(crate) async fn pass(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    let started = tokio::time::Instant::now();
    let (method, route) = (request.method().clone(), route_of(&request));
    let response = match admit(&api, &mut request).await {
        Ok(()) => next.run(request).await,
        Err(denied) => denied.into_response(),
    };
    let status = response.status();
    api.app.meters().requests.with_label_values(&[&format!("{method} {route}"), status.as_str()]).inc();
    let elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(target: "http", %method, route, status = status.as_u16(), elapsed_ms);
    response
}

fn route_of(request: &Request<Body>) -> String {
    request.extensions().get::<MatchedPath>().map_or_else(|| "(none)".to_owned(), |p| p.as_str().to_owned())
}

async fn admit(api: &Api, request: &mut Request) -> Result<(), Denied> {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if changes {
        same_origin(request)?;
    }
    let route = route_of(request);
    if OPEN.iter().any(|(method, open)| method == request.method() && *open == route) {
        return Ok(());
    }
    let token = cookie(request.headers()).ok_or_else(no_session)?;
    let signed_in = api.app.authenticate(&token).await?;
    if changes {
        fits_csrf(request.headers(), &signed_in.csrf)?;
    }
    waits(signed_in.lock, changes, request)?;
    if signed_in.must_change_password && !BEFORE_PASSWORD.contains(&request.uri().path()) {
        let sentence = "这是一次性密码，请先改成自己的密码。";
        return Err(Refusal::new(RefusalKind::Forbidden, "password.change_first", sentence).into());
    }
    if signed_in.must_enrol && !BEFORE_FACTOR.contains(&request.uri().path()) {
        return Err(
            forbidden("factor.enrol_first", "您的岗位要先启用第二验证。请在“我的账号”里办理。").into()
        );
    }
    request.extensions_mut().insert(signed_in);
    Ok(())
}

/// Whether a locked session must wait with this request.
fn waits(lock: Option<Lock>, changes: bool, request: &Request) -> Result<(), Refusal> {
    let Some(lock) = lock else { return Ok(()) };
    let path = request.uri().path();
    let own = path.starts_with("/api/v1/session") || path.starts_with("/api/v1/seats/");
    let allowed = match (changes, lock) {
        (false, _) => DISPLAY.iter().any(|start| path.starts_with(start)),
        (true, Lock::Left) => own && WHILE_LOCKED.iter().any(|end| path.ends_with(end)),
        (true, Lock::Expired) => path == "/api/v1/session",
    };
    match lock {
        _ if allowed => Ok(()),
        Lock::Left => Err(forbidden("session.locked", "操作已锁定，请先用口令码或密码解锁。")),
        Lock::Expired => Err(no_session()),
    }
}

/// The session token in the cookie.
pub(crate) fn cookie(headers: &HeaderMap) -> Option<String> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|v| v.to_str().ok());
    let mut pairs = all.flat_map(|v| v.split(';')).filter_map(|p| p.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| value.to_owned())
}

/// A browser tells which page a change comes from; it must be one of ours.
fn same_origin(request: &Request) -> Result<(), Refusal> {
    let Some(origin) = request.headers().get(header::ORIGIN) else { return Ok(()) };
    let host = request.extensions().get::<Whence>().map(|w| w.host.as_str()).unwrap_or_default();
    let ours = origin.to_str().ok().and_then(|o| o.split_once("://")).is_some_and(|(_, o)| o == host);
    if ours {
        Ok(())
    } else {
        Err(forbidden("origin.foreign", "请求来自别的网站，已拒绝。请从本系统页面操作。"))
    }
}

fn fits_csrf(headers: &HeaderMap, expected: &str) -> Result<(), Refusal> {
    let given = headers.get("x-csrf-token").map(|v| v.as_bytes()).unwrap_or_default();
    if given.ct_eq(expected.as_bytes()).into() {
        return Ok(());
    }
    Err(forbidden("csrf.missing", "页面已过期，请刷新后再试。"))
}

/// The answer to a path that does not exist.
pub(crate) fn no_such_route() -> Denied {
    Denied(Refusal::new(RefusalKind::NotFound, "route.unknown", "没有这个接口。"))
}

fn forbidden(code: &'static str, sentence: &str) -> Refusal {
    Refusal::new(RefusalKind::Forbidden, code, sentence)
}

fn no_session() -> Refusal {
    Refusal::new(RefusalKind::Unauthenticated, "session.none", "登录已过期，请重新登录。")
}
