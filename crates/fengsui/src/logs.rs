//! Structured logs: one JSON object a line on standard error, without personal data.

use tracing_subscriber::EnvFilter;

/// Starts logging; `plain` is for a person who reads along.
pub(crate) fn start(filter: &str, plain: bool) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start, as in tests, keeps the first.
    let _ = if plain {
        logs.compact().with_target(false).try_init()
    } else {
        logs.json().flatten_event(true).try_init()
    };
}
