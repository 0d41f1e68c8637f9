//! The shipped catalog and the stories, read from the folders they lie in.

use fengsui_catalog::Catalog;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where the project lies.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The texts of one folder with such an ending, by the name of their file.
fn texts(folder: &str, extension: &str) -> BTreeMap<String, String> {
    let files = std::fs::read_dir(root().join(folder)).unwrap().map(|f| f.unwrap().path());
    let wanted = files.filter(|p| p.extension().is_some_and(|e| e == extension));
    wanted
        .map(|p| (p.file_stem().unwrap().display().to_string(), std::fs::read_to_string(&p).unwrap()))
        .collect()
}

/// The stories, by name.
pub(crate) fn stories() -> BTreeMap<String, String> {
    texts("crates/ledger/tests/scenarios", "txt")
}

/// The catalog that is shipped.
pub(crate) fn catalog() -> Catalog {
    let folders = ["catalog", "catalog/ledgers", "catalog/packs"].map(|folder| texts(folder, "toml"));
    let all: Vec<_> = folders.iter().flatten().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    Catalog::load(&all).unwrap()
}
