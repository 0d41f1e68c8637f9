//! A small county behind the router, and people who call it.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, Response, StatusCode, header};
use fengsui_api::{Api, BaseMap, Connection, GatewayFacts, Proxies, Trial, WireFacts, Wires};
use fengsui_app::PaperTemplates;
use fengsui_app::kit::{self, Desk, PASSWORD};
use fengsui_catalog::Catalog;
use fengsui_store::MemoryStore;
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::Arc;
use tower::ServiceExt;

/// Where the requests come from.
pub(crate) const ADDRESS: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 40_000);
/// What the browser calls the server.
pub(crate) const HOST: &str = "desk.example:8119";
const BODY_MAX: usize = 16 << 20;
const MAP: &str = r#"{"type":"FeatureCollection","fengsui":{"source":"虚构示例县"},"features":[
    {"type":"Feature","geometry":{"type":"Point","coordinates":[117.0,29.0]},"properties":{}}]}"#;

/// The county with its router.
pub(crate) struct Site {
    pub(crate) desk: Desk,
    pub(crate) api: Api,
    pub(crate) router: Router,
    _uploads: tempfile::TempDir,
}

/// Somebody with the cookie and the token of a session, or nobody.
#[derive(Clone, Default)]
pub(crate) struct Browser {
    pub(crate) cookie: Option<String>,
    pub(crate) csrf: Option<String>,
}

/// An answer, read to its end.
#[derive(PartialEq, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: String,
}

/// A node that nobody pushes to, with one codec that understands everything.
struct NoWires;

impl Wires for NoWires {
    fn facts(&self) -> WireFacts {
        WireFacts::default()
    }

    fn try_message(&self, codec: &str, _: &str) -> Result<Vec<Trial>, String> {
        match codec {
            "nb-smoke" => Ok(vec![Trial { device: None, at: None, says: Vec::new(), understood: true }]),
            _ => Err(format!("没有编解码 {codec}")),
        }
    }
}

/// The shipped templates.
fn papers() -> PaperTemplates {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog/papers");
    PaperTemplates::read(&kit::catalog(), |name| std::fs::read(folder.join(name)).ok()).unwrap()
}

impl Site {
    pub(crate) async fn open() -> Self {
        Self::of(Desk::open(Arc::new(MemoryStore::new())).await)
    }

    /// The same with another catalog.
    pub(crate) async fn open_on(catalog: Catalog) -> Self {
        let desk = Desk::open(Arc::new(MemoryStore::new())).await;
        Self::of(desk.restart_with(catalog, kit::node()).await)
    }

    fn of(desk: Desk) -> Self {
        let uploads = tempfile::tempdir().unwrap();
        desk.app.keep_uploads_in(uploads.path().to_owned()).unwrap();
        let api = Api {
            app: desk.app.clone(),
            map: Some(Arc::new(BaseMap::read(MAP).unwrap())),
            gateway: Arc::new(|| GatewayFacts {
                tcp: "0.0.0.0:26875".to_owned(),
                udp: "0.0.0.0:26875".to_owned(),
            }),
            wires: Arc::new(NoWires),
            disk_free: Arc::new(|| Some(1 << 40)),
            secure_cookie: true,
            certificates: None,
            proxies: Proxies::read(&["198.51.100.1".to_owned()]).unwrap(),
            site: Some("https://county.example/".into()),
            papers: Arc::new(papers()),
        };
        let router = fengsui_api::router(api.clone());
        Self { desk, api, router, _uploads: uploads }
    }

    /// A browser in which somebody has signed in.
    pub(crate) async fn browser(&self, login: &str) -> Browser {
        let login = self.desk.app.log_in(login, PASSWORD.to_owned(), "192.0.2.10").await.unwrap();
        Browser { cookie: Some(login.token), csrf: Some(login.signed_in.csrf) }
    }

    /// A browser of an officer who has just been employed.
    pub(crate) async fn employed(&self, login: &str, post: &str, region: &str) -> Browser {
        self.desk.employ(login, login, post, region).await;
        self.browser(login).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn ask(&self, request: Request<Body>) -> Answer {
        read(self.send(request).await).await
    }

    pub(crate) async fn get(&self, browser: &Browser, path: &str) -> Answer {
        self.ask(browser.request("GET", path, None)).await
    }

    pub(crate) async fn post(&self, browser: &Browser, path: &str, body: Value) -> Answer {
        self.ask(browser.request("POST", path, Some(&body))).await
    }

    /// A change of something as it was read in this version.
    pub(crate) async fn post_on(&self, browser: &Browser, path: &str, version: u64, body: Value) -> Answer {
        let mut request = browser.request("POST", path, Some(&body));
        let version = format!("\"{version}\"").parse().unwrap();
        request.headers_mut().insert(header::IF_MATCH, version);
        self.ask(request).await
    }
}

impl Browser {
    /// A request as this browser sends it.
    pub(crate) fn request(&self, method: &str, path: &str, body: Option<&Value>) -> Request<Body> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, HOST)
            .extension(ConnectInfo(Connection { address: ADDRESS, encrypted: false }));
        if let Some(token) = &self.cookie {
            request = request.header(header::COOKIE, format!("other=1; fengsui_session={token}"));
        }
        if let Some(csrf) = &self.csrf {
            request = request.header("x-csrf-token", csrf);
        }
        match body {
            Some(value) => request
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(value.to_string()))
                .unwrap(),
            None => request.body(Body::empty()).unwrap(),
        }
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    /// Stable code of a refusal.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// Reads an answer; of a live stream, which has no end, the head alone.
pub(crate) async fn read(response: Response<Body>) -> Answer {
    let status = response.status();
    let stream = response.headers().get(header::CONTENT_TYPE).is_some_and(|v| v == "text/event-stream");
    let bytes =
        if stream { Default::default() } else { to_bytes(response.into_body(), BODY_MAX).await.unwrap() };
    Answer { status, body: String::from_utf8_lossy(&bytes).into_owned() }
}
