//! `/healthz` and `/metrics`: for whoever watches the machine, from the machine itself.

use crate::Api;
use axum::Router;
use axum::extract::{ConnectInfo, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus::{Encoder, TextEncoder};
use std::net::SocketAddr;

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
async fn metrics(State(api): State<Api>, peer: Option<axum::Extension<ConnectInfo<SocketAddr>>>) -> Response {
    if peer.is_some_and(|axum::Extension(ConnectInfo(address))| !address.ip().is_loopback()) {
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
