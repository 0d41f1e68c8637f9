//! `/healthz` and `/metrics`: for whoever watches the machine, from the machine itself.

use crate::Api;
use crate::whence::Whence;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus::{Encoder, TextEncoder};

pub(crate) fn routes() -> Router<Api> {
    Router::new().route("/healthz", get(health)).route("/metrics", get(metrics))
}

/// 200 while the node writes; 503 when it does not.
async fn health(State(api): State<Api>) -> impl IntoResponse {
    if api.app.stopped() {
        return (StatusCode::SERVICE_UNAVAILABLE, "写入已停止\n");
    }
    (StatusCode::OK, "正常\n")
}

/// Prometheus text, for callers on this machine only: counts tell much about a county.
///
/// A request that somebody passed on comes from elsewhere, even when the proxy runs on this machine and nobody has
/// told us to believe it.
async fn metrics(State(api): State<Api>, whence: Whence) -> Response {
    if whence.forwarded || whence.address.is_some_and(|address| !address.is_loopback()) {
        return (StatusCode::FORBIDDEN, "只允许本机读取\n").into_response();
    }
    let mut text = Vec::new();
    match TextEncoder::new().encode(&api.app.meters().registry.gather(), &mut text) {
        Ok(()) => {
            ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
