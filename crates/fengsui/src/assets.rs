//! The web pages, served from inside the binary, with the headers that keep them to themselves.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::Embed;
use tower_http::set_header::SetResponseHeaderLayer;

/// No script but our own files, no frame around us, nothing fetched from elsewhere.
const POLICY: &str = "default-src 'self'; script-src 'self'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; \
    form-action 'self'; frame-ancestors 'none'";

#[derive(Embed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Pages;

/// The API with the pages beside it.
pub(crate) fn with_pages(api: Router) -> Router {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    headers.into_iter().fold(api.fallback(page), |router, (name, value)| {
        router.layer(SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value)))
    })
}

async fn page(uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("api/") {
        return fengsui_api::no_such_route();
    }
    if let Some(file) = Pages::get(path).filter(|_| !path.is_empty()) {
        return found(path, file);
    }
    // The pages are one program: any other path is a place inside it.
    match Pages::get("index.html") {
        Some(file) if !path.contains('.') => found("index.html", file),
        _ => (StatusCode::NOT_FOUND, "没有这个页面；若刚从源码构建，请先运行 make run 构建网页。\n").into_response(),
    }
}

fn found(path: &str, file: rust_embed::EmbeddedFile) -> Response {
    // Built files carry a digest in their name and never change; the page itself is always asked for anew.
    let keep = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let kind = file.metadata.mimetype().to_owned();
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, keep.to_owned())], Body::from(file.data)).into_response()
}
