//! Layers: a crate leans only on crates below it, and what a layer must not know it does not link.
//!
//! Source: `ARCHITECTURE.md`; the table here is the rule, the page explains it.

use crate::house::{Edge, Finding, House, Package};

/// The layer of each of our crates, from the ground up. A new crate starts here.
const LAYERS: [(&str, u8); 22] = [
    ("fengsui-base", 0),
    ("fengsui-catalog", 1),
    ("fengsui-sheet", 1),
    ("fengsui-ledger", 2),
    ("fengsui-alarm", 2),
    ("fengsui-access", 2),
    ("fengsui-supervision", 3),
    ("fengsui-command", 3),
    ("fengsui-warning", 3),
    ("fengsui-indicator", 3),
    ("fengsui-atlas", 3),
    ("fengsui-report", 4),
    ("fengsui-store", 5),
    ("fengsui-app", 6),
    ("fengsui-store-sql", 6),
    ("fengsui-api", 7),
    ("fengsui-ingest", 7),
    ("fengsui-connect", 7),
    ("fengsui-sim", 7),
    ("fengsui", 8),
    ("xtask", 9),
    ("faulty-disk", 9),
];

/// Up to this layer, and in `lib/`, crates are pure: no I/O, no clock, no chance, no async.
const PURE_TO: u8 = 4;
/// The layer that promises storage: async by trait, still without I/O.
const STORE: u8 = 5;

/// Crates that do I/O or drive it; in a pure crate they may not be linked at any depth.
const IO: [&str; 19] = [
    "tokio",
    "tokio-util",
    "tokio-postgres",
    "async-std",
    "async-io",
    "smol",
    "mio",
    "socket2",
    "hyper",
    "reqwest",
    "ureq",
    "axum",
    "tower",
    "rusqlite",
    "libsqlite3-sys",
    "sqlx",
    "deadpool-postgres",
    "rumqttc",
    "rustls",
];

/// Crates that a pure crate may not ask for itself.
const IMPURE: [&str; 10] = [
    "rand",
    "getrandom",
    "fastrand",
    "chrono",
    "time",
    "futures",
    "pollster",
    "tempfile",
    "walkdir",
    "notify",
];

/// Crates that only one of ours may know: the prefix of their names, and who that is.
const KEPT_BY: [(&str, &str); 8] = [
    ("axum", "fengsui-api"),
    ("tower-http", "fengsui-api"),
    ("utoipa", "fengsui-api"),
    ("rusqlite", "fengsui-store-sql"),
    ("libsqlite3-sys", "fengsui-store-sql"),
    ("tokio-postgres", "fengsui-store-sql"),
    ("deadpool-postgres", "fengsui-store-sql"),
    ("sea-query", "fengsui-store-sql"),
];

pub(crate) fn find(house: &House) -> Vec<Finding> {
    house.ours().flat_map(|package| of_package(house, package)).collect()
}

fn of_package(house: &House, package: &Package) -> Vec<Finding> {
    let manifest = package.manifest.as_deref().unwrap_or_default();
    let mut wrong = Vec::new();
    if !is_lib(package) && layer(&package.name).is_none() {
        wrong.push((
            "name",
            format!("crate {} has no layer", package.name),
            "give it a line in the table of xtask/src/check/layers.rs and in ARCHITECTURE.md".to_owned(),
        ));
    }
    if let Some(name) = expected_name(manifest).filter(|name| *name != package.name) {
        wrong.push((
            "name",
            format!("the folder asks for the name {name}, the crate is called {}", package.name),
            "rename the one or the other".to_owned(),
        ));
    }
    for edge in &package.edges {
        let found = upward(package, edge).or_else(|| impure(package, edge)).or_else(|| kept(package, edge));
        wrong.extend(found.map(|(what, remedy)| (edge.to.as_str(), what, remedy)));
    }
    wrong.extend(links_io(package).map(|(what, remedy)| ("name", what, remedy)));
    let place = |word: &str| package.line_for(house, word);
    wrong.into_iter().map(|(word, what, remedy)| Finding::new(manifest, place(word), what, remedy)).collect()
}

fn layer(name: &str) -> Option<u8> {
    LAYERS.iter().find(|(n, _)| *n == name).map(|(_, layer)| *layer)
}

fn is_lib(package: &Package) -> bool {
    package.manifest.as_deref().is_some_and(|path| path.starts_with("lib/"))
}

fn is_pure(package: &Package) -> bool {
    is_lib(package) || layer(&package.name).is_some_and(|layer| layer <= PURE_TO)
}

/// Package under `crates/` is `fengsui-<folder>`, the binary plain `fengsui`; under `lib/` the folder itself.
fn expected_name(manifest: &str) -> Option<String> {
    match manifest.split('/').collect::<Vec<_>>().as_slice() {
        ["crates", "fengsui", "Cargo.toml"] => Some("fengsui".to_owned()),
        ["crates", folder, "Cargo.toml"] => Some(format!("fengsui-{folder}")),
        ["lib", folder, "Cargo.toml"] => Some((*folder).to_owned()),
        _ => None,
    }
}

fn upward(package: &Package, edge: &Edge) -> Option<(String, String)> {
    let to = layer(&edge.to)?;
    if is_lib(package) {
        return Some((
            format!("lib/ crate {} knows {}", package.name, edge.to),
            "a public standard stands alone: move what it needs into it, or the use of it up".to_owned(),
        ));
    }
    let from = layer(&package.name)?;
    // Tests may use a neighbour: the commands of one edge against the listener of another.
    let fine = if edge.dev { to <= from } else { to < from };
    (!fine).then(|| {
        (
            format!("{} (layer {from}) leans on {} (layer {to})", package.name, edge.to),
            "edges go downward only: pass the value in, or let app join the two".to_owned(),
        )
    })
}

fn impure(package: &Package, edge: &Edge) -> Option<(String, String)> {
    if !is_pure(package) || edge.dev {
        return None;
    }
    let remedy = "here time, text, ids and random bytes come in as arguments".to_owned();
    let asks = |name: &&str| **name == *edge.to;
    if IO.iter().chain(&IMPURE).any(asks) || edge.to.starts_with("async-") {
        return Some((format!("pure crate {} asks for {}", package.name, edge.to), remedy));
    }
    let zones = edge.to == "jiff" && edge.features.iter().any(|f| f.starts_with("tz"));
    zones.then(|| (format!("pure crate {} reads time-zone files through jiff", package.name), remedy))
}

fn kept(package: &Package, edge: &Edge) -> Option<(String, String)> {
    let is_kept = |prefix: &str| edge.to == prefix || edge.to.starts_with(&format!("{prefix}-"));
    let (_, owner) = KEPT_BY.iter().find(|(prefix, owner)| is_kept(prefix) && *owner != package.name)?;
    Some((
        format!("{} asks for {}, which only {owner} may know", package.name, edge.to),
        format!("let {owner} offer what is needed in our own words"),
    ))
}

/// A pure crate may not get I/O through somebody else either.
fn links_io(package: &Package) -> Option<(String, String)> {
    let bound = is_pure(package) || layer(&package.name) == Some(STORE);
    let linked = |name: &&&str| package.linked.iter().any(|l| l == **name);
    let all: Vec<&str> = IO.iter().filter(linked).copied().collect();
    (bound && !all.is_empty()).then(|| {
        (
            format!("{} links {}", package.name, all.join(", ")),
            "find the dependency that brings it (cargo tree -i) and its feature that does".to_owned(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(to: &str) -> Edge {
        Edge { to: to.to_owned(), dev: false, features: Vec::new() }
    }

    fn package(folder: &str, name: &str, edges: Vec<Edge>) -> House {
        let package = Package {
            name: name.to_owned(),
            version: "0.1.0".to_owned(),
            licence: None,
            manifest: Some(format!("{folder}/Cargo.toml")),
            edges,
            linked: Vec::new(),
        };
        House { files: Vec::new(), packages: vec![package] }
    }

    fn whats(house: &House) -> Vec<String> {
        find(house).into_iter().map(|f| f.what).collect()
    }

    #[test]
    fn an_edge_upward_or_sideways_is_found_and_one_downward_is_not() {
        let house = package(
            "crates/alarm",
            "fengsui-alarm",
            vec![edge("fengsui-base"), edge("fengsui-ledger"), edge("fengsui-app")],
        );
        assert_eq!(
            whats(&house),
            [
                "fengsui-alarm (layer 2) leans on fengsui-ledger (layer 2)",
                "fengsui-alarm (layer 2) leans on fengsui-app (layer 6)"
            ]
        );
    }

    #[test]
    fn a_standard_knows_nothing_of_the_house() {
        let house = package("lib/gb26875", "gb26875", vec![edge("fengsui-base")]);
        assert_eq!(whats(&house), ["lib/ crate gb26875 knows fengsui-base"]);
    }

    #[test]
    fn what_one_crate_keeps_no_other_asks_for() {
        let house = package(
            "crates/app",
            "fengsui-app",
            vec![edge("axum"), edge("rusqlite"), edge("utoipa-axum"), edge("tokio")],
        );
        assert_eq!(whats(&house).len(), 3);
    }

    #[test]
    fn a_pure_crate_has_no_io_no_chance_and_no_zone_files() {
        let zones = Edge { features: vec!["tz-system".to_owned()], ..edge("jiff") };
        let house = package("crates/base", "fengsui-base", vec![edge("tokio"), edge("rand"), zones]);
        assert_eq!(whats(&house).len(), 3);
    }

    #[test]
    fn io_is_found_at_any_depth_and_in_the_layer_of_storage_too() {
        let mut house = package("crates/store", "fengsui-store", vec![edge("async-trait")]);
        house.packages[0].linked = vec!["mio".to_owned()];
        assert_eq!(whats(&house), ["fengsui-store links mio"]);
    }

    #[test]
    fn a_crate_without_a_layer_or_with_a_strange_name_is_found() {
        let house = package("crates/kitchen", "kitchen", Vec::new());
        assert_eq!(whats(&house).len(), 2);
    }
}
