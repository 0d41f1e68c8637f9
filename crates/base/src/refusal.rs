//! A refusal is an answer: a stable code, the facts, and a Chinese sentence an officer can act on.
//!
//! Errors are for what broke; a refusal is for what must not be. Every crate that decides builds its
//! refusals here, and every edge (HTTP, command line) presents them in one way.

use serde::Serialize;
use serde_json::Value;
use std::{borrow::Cow, fmt};

/// What kind of no it is; the HTTP edge maps it to a status.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalKind {
    /// The input is wrong; `places` say where.
    Invalid,
    /// Nobody is signed in.
    Unauthenticated,
    /// The actor may not do this.
    Forbidden,
    /// There is no such thing, or it lies outside the actor's scope: the two are not told apart.
    NotFound,
    /// Somebody was first, or the state does not allow it.
    Conflict,
    /// A limit was reached; later it may go through.
    Limited,
    /// The system cannot do it now.
    Unavailable,
}

/// One wrong place in an input.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Place {
    /// JSON pointer to the field, such as `/name`.
    pub pointer: String,
    /// Stable code, such as `text.too_long`.
    pub code: Cow<'static, str>,
    /// What is wrong and how to mend it, in Chinese.
    pub detail: String,
}

/// A no with its reason.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Refusal {
    /// Stable code, `subject.reason`.
    pub code: Cow<'static, str>,
    /// Kind of no.
    pub kind: RefusalKind,
    /// A finished Chinese sentence.
    pub detail: String,
    /// Wrong places in the input, for `Invalid`.
    pub places: Vec<Place>,
    /// Facts behind the sentence, for machines.
    pub facts: serde_json::Map<String, Value>,
}

impl Refusal {
    /// A refusal with a code and a sentence.
    pub fn new(kind: RefusalKind, code: &'static str, detail: impl Into<String>) -> Self {
        Self { code: code.into(), kind, detail: detail.into(), places: Vec::new(), facts: Default::default() }
    }

    /// A refusal of an input with the places that are wrong.
    pub fn invalid(places: Vec<Place>) -> Self {
        let detail = places.iter().map(|p| p.detail.as_str()).collect::<Vec<_>>().join("；");
        Self { places, ..Self::new(RefusalKind::Invalid, "input.invalid", detail) }
    }

    /// The one answer for what does not exist and what the actor may not know of.
    pub fn not_found() -> Self {
        Self::new(RefusalKind::NotFound, "not_found", "没有找到这条记录，可能已删除或不在您的辖区。")
    }

    /// The same refusal with one more fact.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.facts.insert(name.to_owned(), value.into());
        self
    }
}

impl Place {
    /// A wrong place: pointer, code, sentence.
    pub fn new(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code: code.into(), detail: detail.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.detail, self.code)
    }
}

impl std::error::Error for Refusal {}
