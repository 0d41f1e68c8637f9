//! A request as data, and what came back: what the pure half of a driver makes and reads.

use fengsui_app::{AttemptOutcome, Sent};

/// Longest answer of a gateway that is read, in bytes; what is longer is cut.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// How much of a gateway's own words is kept with an attempt, in characters.
const WORDS_CHARS_MAX: usize = 80;

/// A request over HTTP.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: String,
    /// Where to; it may hold a secret.
    pub url: String,
    /// Headers; they may hold secrets.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: String,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Address, headers and body may all hold secrets or personal data.
        f.debug_struct("Request").field("method", &self.method).finish_non_exhaustive()
    }
}

/// What came back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    /// Status.
    pub status: u16,
    /// Body, cut to [`ANSWER_BYTES_MAX`].
    pub body: String,
}

impl Reply {
    /// What a status that is not 2xx means: the gateway's fault, or for good.
    pub(crate) fn error(&self) -> Option<Sent> {
        let (outcome, why) = match self.status {
            200..=299 => return None,
            400 | 404 | 405 | 413 | 415 | 422 => (AttemptOutcome::Refused, "网关不接受这个请求"),
            401 | 403 => (AttemptOutcome::Failed, "网关不认密钥"),
            429 => (AttemptOutcome::Failed, "网关说发得太快"),
            300..=399 => (AttemptOutcome::Failed, "网关要求转到别处，地址应填最终地址"),
            _ => (AttemptOutcome::Failed, "网关出错"),
        };
        Some(sent(outcome, format!("{why}（{}）", self.status)))
    }
}

/// An outcome without a number.
pub(crate) fn sent(outcome: AttemptOutcome, detail: impl Into<String>) -> Sent {
    Sent { outcome, detail: detail.into(), gateway_id: None }
}

/// A gateway's own words, cut, on one line.
pub(crate) fn words(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(WORDS_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_tells_whether_to_try_again() {
        let outcome = |status| Reply { status, body: String::new() }.error().map(|s| s.outcome);
        assert_eq!(outcome(204), None);
        assert_eq!(outcome(302), Some(AttemptOutcome::Failed));
        assert_eq!(outcome(401), Some(AttemptOutcome::Failed));
        assert_eq!(outcome(422), Some(AttemptOutcome::Refused));
        assert_eq!(outcome(500), Some(AttemptOutcome::Failed));
    }

    #[test]
    fn words_of_a_gateway_are_cut_and_stay_on_one_line() {
        assert_eq!(words("a\nb"), "a b");
        assert_eq!(words(&"字".repeat(WORDS_CHARS_MAX + 1)).chars().count(), WORDS_CHARS_MAX);
    }
}
