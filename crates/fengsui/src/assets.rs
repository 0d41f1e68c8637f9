//! The web pages inside the binary.

use fengsui_api::{Page, Pages};
use rust_embed::Embed;

#[derive(Embed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Files;

/// The pages as they were built.
pub(crate) struct Embedded;

impl Pages for Embedded {
    fn page(&self, path: &str) -> Option<Page> {
        let file = Files::get(path)?;
        Some(Page { kind: file.metadata.mimetype().to_owned(), bytes: file.data })
    }
}
