//! Carrying requests: over HTTP and HTTPS, with a limit to the time and to the answer, and without following
//! redirects, so that a secret in a request never goes to another host. Certificates are judged by those that the
//! machine trusts, to which a site may add its own.

use crate::request::{ANSWER_BYTES_MAX, Reply, Request};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use std::time::Duration;

/// How long a gateway has for its whole answer.
pub const ANSWER_WAIT: Duration = Duration::from_secs(10);

/// What carries requests.
pub struct Transport {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    wait: Duration,
}

impl Transport {
    /// A transport with the usual patience.
    pub fn new() -> Self {
        Self::with_patience(ANSWER_WAIT)
    }

    /// A transport that waits that long.
    pub fn with_patience(wait: Duration) -> Self {
        let builder = hyper_rustls::HttpsConnectorBuilder::new;
        // A machine that trusts nobody still reaches the gateways of its own network over HTTP.
        let connector = match builder().with_provider_and_native_roots(provider()) {
            Ok(connector) => connector,
            Err(error) => {
                tracing::warn!(%error, "this machine trusts no certificate; HTTPS gateways are out of reach");
                builder().with_tls_config(trusting_nobody())
            }
        };
        let connector = connector.https_or_http().enable_http1().build();
        Self { client: Client::builder(TokioExecutor::new()).build(connector), wait }
    }

    /// Sends a request; an error is a sentence for the record, without anything of the request in it.
    pub async fn send(&self, request: Request) -> Result<Reply, String> {
        let mut parts = hyper::Request::builder().method(request.method.as_str()).uri(request.url.as_str());
        for (name, value) in &request.headers {
            parts = parts.header(name.as_str(), value.as_str());
        }
        let built = parts.body(Full::new(Bytes::from(request.body)));
        let built = built.map_err(|_| "地址或请求头写得不对，请核对通道设置".to_owned())?;
        let answer = tokio::time::timeout(self.wait, self.exchange(built));
        answer.await.map_err(|_| format!("网关 {} 秒内没有应答", self.wait.as_secs()))?
    }

    async fn exchange(&self, request: hyper::Request<Full<Bytes>>) -> Result<Reply, String> {
        let answer = self.client.request(request).await.map_err(|error| {
            if error.is_connect() { "连不上网关" } else { "与网关的连接中断" }.to_owned()
        })?;
        let status = answer.status().as_u16();
        let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await;
        let body = body.map_err(|_| "网关的应答太长或中断".to_owned())?.to_bytes();
        Ok(Reply { status, body: String::from_utf8_lossy(&body).into_owned() })
    }
}

impl Default for Transport {
    fn default() -> Self {
        Self::new()
    }
}

fn provider() -> std::sync::Arc<rustls::crypto::CryptoProvider> {
    std::sync::Arc::new(rustls::crypto::ring::default_provider())
}

fn trusting_nobody() -> rustls::ClientConfig {
    rustls::ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("ring knows the protocol versions that are usual")
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}
