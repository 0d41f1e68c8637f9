//! The encrypted door over real sockets: what a browser that trusts the site's certificate meets, on HTTP/1.1 and
//! HTTP/2, and what one meets that comes without encryption.

use crate::site::{Site, read};
use axum::body::Bytes;
use axum::http::{Request, Response, StatusCode, Version, header};
use fengsui_api::{Certificate, Certificates, Door, Encrypted, Page, Pages};
use fengsui_app::kit::{COUNTY, PASSWORD};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tower::ServiceExt;

const NAME: &str = "desk.local";

struct NoPages;

impl Pages for NoPages {
    fn page(&self, _: &str) -> Option<Page> {
        None
    }
}

/// A certificate for the desk with what a browser must trust to accept it.
fn certificate() -> (Certificate, CertificateDer<'static>) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed([NAME.to_owned()]).unwrap();
    let key: KeyPair = signing_key;
    let read = Certificate::read(cert.pem().as_bytes(), key.serialize_pem().as_bytes()).unwrap();
    (read, cert.der().clone())
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// The site behind its encrypted door.
async fn open(site: &Site, certificates: Arc<Certificates>) -> SocketAddr {
    let (listener, address) = listen().await;
    let door = Door::Encrypted(Encrypted::new(listener, certificates.clone()).unwrap());
    let api = fengsui_api::Api { secure_cookie: false, certificates: Some(certificates), ..site.api.clone() };
    tokio::spawn(fengsui_api::serve(door, api, Arc::new(NoPages), Some(365)));
    address
}

/// A browser's connection, speaking what it offers.
async fn connect(
    to: SocketAddr,
    trusted: &CertificateDer<'static>,
    offers: &[u8],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap();
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![offers.to_vec()];
    let stream = TcpStream::connect(to).await?;
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(NAME).unwrap(), stream).await
}

async fn ask(stream: TlsStream<TcpStream>, request: Request<Full<Bytes>>) -> Response<Incoming> {
    let stream = TokioIo::new(stream);
    match request.version() {
        Version::HTTP_2 => {
            let (mut sender, connection) =
                hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await.unwrap();
            tokio::spawn(connection);
            sender.send_request(request).await.unwrap()
        }
        _ => {
            let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await.unwrap();
            tokio::spawn(connection);
            sender.send_request(request).await.unwrap()
        }
    }
}

/// A login from one of our pages, or from a foreign one.
fn login(version: Version, origin: &str) -> Request<Full<Bytes>> {
    let body = json!({ "account": "zhoumin", "password": PASSWORD }).to_string();
    let path = "/api/v1/session";
    let uri = if version == Version::HTTP_2 { format!("https://{NAME}{path}") } else { path.to_owned() };
    let mut request = Request::post(uri).version(version).header(header::CONTENT_TYPE, "application/json");
    if version == Version::HTTP_11 {
        request = request.header(header::HOST, NAME);
    }
    request.header(header::ORIGIN, origin).body(Full::from(body)).unwrap()
}

#[tokio::test]
async fn an_officer_signs_in_encrypted_on_either_version_and_a_foreign_page_does_not() {
    let site = Site::open().await;
    site.desk.employ("zhoumin", "周敏", "duty_officer", COUNTY).await;
    let (first, trusted) = certificate();
    let address = open(&site, Certificates::new(first)).await;
    for (version, offers) in [(Version::HTTP_11, &b"http/1.1"[..]), (Version::HTTP_2, &b"h2"[..])] {
        let stream = connect(address, &trusted, offers).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(offers));
        let answer = ask(stream, login(version, &format!("https://{NAME}"))).await;
        assert_eq!((answer.status(), answer.version()), (StatusCode::OK, version));
        let cookies: Vec<_> = answer.headers().get_all(header::SET_COOKIE).iter().collect();
        assert!(cookies.iter().all(|c| c.to_str().unwrap().contains("; Secure")), "{cookies:?}");
        assert_eq!(answer.headers()[header::STRICT_TRANSPORT_SECURITY], "max-age=31536000");
        let stream = connect(address, &trusted, offers).await.unwrap();
        let foreign = ask(stream, login(version, "https://evil.example")).await;
        assert_eq!(foreign.status(), StatusCode::FORBIDDEN, "{version:?}");
    }
}

#[tokio::test]
async fn a_fresh_certificate_is_shown_to_the_next_connection_without_a_restart() {
    let site = Site::open().await;
    let ((first, trusted), (second, trusted_then)) = (certificate(), certificate());
    let shown = Certificates::new(first);
    let address = open(&site, shown.clone()).await;
    assert!(connect(address, &trusted, b"h2").await.is_ok());
    assert!(connect(address, &trusted_then, b"h2").await.is_err());
    shown.renew(Err("半张".to_owned()));
    assert!(connect(address, &trusted, b"h2").await.is_ok(), "a broken one replaces nothing");
    shown.renew(Ok(second));
    assert!(connect(address, &trusted_then, b"h2").await.is_ok());
    assert!(connect(address, &trusted, b"h2").await.is_err());
}

#[tokio::test]
async fn nobody_waits_behind_a_stranger_who_never_finishes_his_handshake() {
    let site = Site::open().await;
    let (first, trusted) = certificate();
    let address = open(&site, Certificates::new(first)).await;
    let mut strangers = Vec::new();
    for _ in 0..20 {
        strangers.push(TcpStream::connect(address).await.unwrap());
    }
    assert!(connect(address, &trusted, b"http/1.1").await.is_ok());
}

/// As many as one address may have under way; the door says no more to the next.
const PER_ADDRESS: usize = 64;

#[tokio::test]
async fn an_address_that_holds_all_its_handshakes_is_hung_up_on_and_let_in_again_when_one_ends() {
    let site = Site::open().await;
    let (first, trusted) = certificate();
    let address = open(&site, Certificates::new(first)).await;
    let mut strangers = Vec::new();
    for _ in 0..PER_ADDRESS {
        strangers.push(TcpStream::connect(address).await.unwrap());
    }
    assert!(connect(address, &trusted, b"http/1.1").await.is_err());
    strangers.clear();
    let again = async { while connect(address, &trusted, b"http/1.1").await.is_err() {} };
    tokio::time::timeout(std::time::Duration::from_secs(10), again).await.unwrap();
}

#[tokio::test]
async fn whoever_comes_without_encryption_is_sent_to_the_same_page_with_it() {
    let (listener, address) = listen().await;
    tokio::spawn(fengsui_api::redirect(listener, 8443));
    let stream = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let request =
        Request::get("/desk?seat=1").header(header::HOST, NAME).body(Full::new(Bytes::new())).unwrap();
    let answer = sender.send_request(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::PERMANENT_REDIRECT);
    assert_eq!(answer.headers()[header::LOCATION], "https://desk.local:8443/desk?seat=1");
    assert!(answer.into_body().collect().await.unwrap().to_bytes().is_empty());
}

#[tokio::test]
async fn a_certificate_that_ends_soon_is_named_on_the_status_page() {
    let site = Site::open().await;
    let admin = site.employed("admin", "system_admin", COUNTY).await;
    let mut named = Vec::new();
    for days in [60, 20, 3, -1] {
        let mut params = rcgen::CertificateParams::new([NAME.to_owned()]).unwrap();
        let end = site.desk.app.now() + jiff::SignedDuration::from_hours(days * 24 + 1);
        params.not_after = rcgen::date_time_ymd(2020, 1, 1)
            + std::time::Duration::from_secs(u64::try_from(end.as_second() - 1_577_836_800).unwrap());
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        let ending = Certificate::read(pem.as_bytes(), key.serialize_pem().as_bytes()).unwrap();
        let api = fengsui_api::Api { certificates: Some(Certificates::new(ending)), ..site.api.clone() };
        let request = admin.request("GET", "/api/v1/system/status", None);
        let status = read(fengsui_api::router(api).oneshot(request).await.unwrap()).await.json();
        let check =
            status["checks"].as_array().unwrap().iter().find(|c| c["name"] == "certificate").unwrap().clone();
        assert_eq!(check["ok"], check["due"].is_null());
        named.push((check["due"].as_str().unwrap_or("-").to_owned(), check["detail"].to_string()));
    }
    let says = |n: usize, due: &str, words: &str| named[n].0 == due && named[n].1.contains(words);
    assert!(says(0, "-", "60 天") && says(1, "soon", "20 天"), "{named:?}");
    assert!(says(2, "now", "只剩 3 天") && says(3, "now", "已过期"), "{named:?}");
}

#[test]
fn a_key_of_another_certificate_and_files_of_something_else_are_refused_in_words() {
    let pair = || generate_simple_self_signed([NAME.to_owned()]).unwrap();
    let (one, other) = (pair(), pair());
    let read = |chain: &str, key: &str| Certificate::read(chain.as_bytes(), key.as_bytes());
    let (chain, key) = (one.cert.pem(), one.signing_key.serialize_pem());
    assert!(read(&chain, &key).is_ok());
    for (chain, key, says) in [
        (chain.as_str(), other.signing_key.serialize_pem(), "不是一对"),
        ("", key.clone(), "没有证书"),
        (chain.as_str(), String::new(), "私钥"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", key.clone(), "证书"),
    ] {
        let error = read(chain, &key).unwrap_err();
        assert!(error.contains(says), "{error}");
    }
}
