//! Refusals as problem documents (RFC 9457): a stable code, a finished Chinese sentence, the places to mend.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use fengsui_app::Fault;
use fengsui_base::{Refusal, RefusalKind};
use serde::Serialize;
use utoipa::ToSchema;

/// A problem document.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the code tells the type.
    #[serde(rename = "type")]
    kind: &'static str,
    /// Title of the status.
    title: &'static str,
    /// HTTP status.
    status: u16,
    /// Stable code.
    code: String,
    /// A Chinese sentence to show as it is.
    detail: String,
    /// Wrong places in the input.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ProblemPlace>,
    /// Facts behind the sentence.
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    #[schema(value_type = Object)]
    facts: serde_json::Map<String, serde_json::Value>,
}

/// One wrong place in the input.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemPlace {
    /// JSON pointer.
    pointer: String,
    /// Stable code.
    code: String,
    /// What is wrong and how to mend it.
    detail: String,
}

/// What a handler answers instead of its result.
#[derive(Debug)]
pub(crate) struct Denied(pub(crate) Refusal);

impl From<Fault> for Denied {
    fn from(fault: Fault) -> Self {
        if let Fault::Broken(error) = &fault {
            tracing::error!(%error, "storage failed a request");
        }
        Self(fault.refusal())
    }
}

impl From<Refusal> for Denied {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        let (status, title) = status(self.0.kind);
        let places = self.0.places.into_iter();
        let errors =
            places.map(|p| ProblemPlace { pointer: p.pointer, code: p.code.into_owned(), detail: p.detail });
        let problem = Problem {
            kind: "about:blank",
            title,
            status: status.as_u16(),
            code: self.0.code.into_owned(),
            detail: self.0.detail,
            errors: errors.collect(),
            facts: self.0.facts,
        };
        let body = serde_json::to_string(&problem).expect("a problem document is plain data");
        (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response()
    }
}

fn status(kind: RefusalKind) -> (StatusCode, &'static str) {
    match kind {
        RefusalKind::Invalid => (StatusCode::UNPROCESSABLE_ENTITY, "填写有误"),
        RefusalKind::Unauthenticated => (StatusCode::UNAUTHORIZED, "未登录"),
        RefusalKind::Forbidden => (StatusCode::FORBIDDEN, "没有权限"),
        RefusalKind::NotFound => (StatusCode::NOT_FOUND, "没有找到"),
        RefusalKind::Conflict => (StatusCode::CONFLICT, "现在不行"),
        RefusalKind::Limited => (StatusCode::TOO_MANY_REQUESTS, "太多太快"),
        RefusalKind::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "暂时不能办理"),
    }
}
