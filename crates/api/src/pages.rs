//! Pages beside the API: one program in the browser, served with the headers that keep it to itself.

use crate::door::{Connection, Door};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use std::borrow::Cow;
use std::sync::Arc;
use tower_http::set_header::SetResponseHeaderLayer;

/// No script but our own files, no frame around us, nothing fetched from elsewhere.
const POLICY: &str = "default-src 'self'; script-src 'self'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; \
    form-action 'self'; frame-ancestors 'none'";

/// A file of the web program.
pub struct Page {
    /// Media type.
    pub kind: String,
    /// Content.
    pub bytes: Cow<'static, [u8]>,
}

/// Where the files of the web program come from.
pub trait Pages: Send + Sync + 'static {
    /// The file at a path without its leading slash.
    fn page(&self, path: &str) -> Option<Page>;
}

/// Serves the API with the pages beside it until the door breaks. With `hsts_days`, browsers are told to come
/// encrypted for so long; only where this program itself encrypts, elsewhere it is the proxy's to say.
pub async fn serve(
    door: Door,
    api: crate::Api,
    pages: Arc<dyn Pages>,
    hsts_days: Option<u16>,
) -> std::io::Result<()> {
    let all = with_pages(crate::router(api), pages);
    match door {
        Door::Plain(listener) => {
            axum::serve(listener, all.into_make_service_with_connect_info::<Connection>()).await
        }
        Door::Encrypted(listener) => {
            let all = only_encrypted(all, hsts_days);
            axum::serve(listener, all.into_make_service_with_connect_info::<Connection>()).await
        }
    }
}

fn only_encrypted(router: Router, days: Option<u16>) -> Router {
    let Some(days) = days else { return router };
    let text = format!("max-age={}", u32::from(days) * 24 * 3600);
    let value = HeaderValue::from_str(&text).expect("a number is a header value");
    router.layer(SetResponseHeaderLayer::overriding(header::STRICT_TRANSPORT_SECURITY, value))
}

/// The API with the pages beside it.
fn with_pages(api: Router, pages: Arc<dyn Pages>) -> Router {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    let all = api.fallback_service(Router::new().fallback(page).with_state(pages));
    headers.into_iter().fold(all, |router, (name, value)| {
        router.layer(SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value)))
    })
}

async fn page(State(pages): State<Arc<dyn Pages>>, uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("api/") {
        return crate::gate::no_such_route().into_response();
    }
    if let Some(file) = pages.page(path).filter(|_| !path.is_empty()) {
        return found(path, file);
    }
    // The pages are one program: any other path is a place inside it.
    match pages.page("index.html") {
        Some(file) if !path.contains('.') => found("index.html", file),
        _ => (StatusCode::NOT_FOUND, "没有这个页面；若刚从源码构建，请先运行 make run 构建网页。\n")
            .into_response(),
    }
}

fn found(path: &str, file: Page) -> Response {
    // Built files carry a digest in their name and never change; the page itself is always asked for anew.
    let keep = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    ([(header::CONTENT_TYPE, file.kind.as_str()), (header::CACHE_CONTROL, keep)], Body::from(file.bytes))
        .into_response()
}
