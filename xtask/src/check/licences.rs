//! Licences and bans of the crates that are linked: everything may be shipped in one binary, and encryption
//! comes from rustls alone.

use crate::house::{Finding, House, Package};

/// Licences that ask for nothing but to be named.
const ALLOWED: [&str; 15] = [
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "0BSD",
    "BSL-1.0",
    "CC0-1.0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    // Its duty covers changed files of the library itself, and we change none.
    "MPL-2.0",
];

/// Crates that are not wanted, whatever their licence, and why.
const BANNED: [(&str, &str); 5] = [
    ("openssl", "it needs a system library that differs from site to site: use rustls"),
    ("openssl-sys", "it needs a system library that differs from site to site: use rustls"),
    ("native-tls", "it needs a system library that differs from site to site: use rustls"),
    ("chrono", "time is told by jiff, which keeps instants and civil dates apart"),
    ("rocksdb", "it takes longer to build than all the rest"),
];

pub(crate) fn find(house: &House) -> Vec<Finding> {
    house.packages.iter().flat_map(|package| of_package(house, package)).collect()
}

fn of_package(house: &House, package: &Package) -> Vec<Finding> {
    let line = line_in_lock(house, &package.name);
    let named = format!("{} {}", package.name, package.version);
    let mut found = Vec::new();
    if let Some((_, why)) = BANNED.iter().find(|(name, _)| *name == package.name && links(house, name)) {
        found.push(Finding::new("Cargo.lock", line, format!("{named} is banned"), *why));
    }
    let remedy = "choose another crate, or argue for the licence in docs/decisions/ and allow it here";
    match package.licence.as_deref().map(is_allowed) {
        Some(Ok(true)) => {}
        Some(Ok(false)) => {
            let licence = package.licence.as_deref().unwrap_or_default();
            found.push(Finding::new(
                "Cargo.lock",
                line,
                format!("{named} has the licence {licence}"),
                remedy,
            ));
        }
        Some(Err(error)) => found.push(Finding::new("Cargo.lock", line, format!("{named}: {error}"), remedy)),
        None => found.push(Finding::new("Cargo.lock", line, format!("{named} states no licence"), remedy)),
    }
    found
}

/// Whether any of our crates really links it; a lock file also names what other platforms would need.
fn links(house: &House, name: &str) -> bool {
    house.ours().any(|package| package.linked.iter().any(|linked| linked == name))
}

fn line_in_lock(house: &House, name: &str) -> usize {
    house.file("Cargo.lock").map_or(1, |lock| lock.line_of(&format!("name = \"{name}\"")))
}

/// Whether a licence expression can be met by the allowed licences alone.
///
/// Errors: it is no licence expression; the text says why.
pub(crate) fn is_allowed(expression: &str) -> Result<bool, String> {
    let parsed = spdx::Expression::parse_mode(expression, spdx::ParseMode::LAX)
        .map_err(|error| format!("the licence {expression} cannot be read: {}", error.reason))?;
    Ok(parsed.evaluate(|wanted| {
        wanted.license.id().is_some_and(|id| ALLOWED.contains(&id.name) || is_exempted(id.name, wanted))
    }))
}

/// The exception of LLVM only takes duties away.
fn is_exempted(licence: &str, wanted: &spdx::LicenseReq) -> bool {
    let exception = wanted.addition.as_ref().and_then(|addition| addition.id()).map(|id| id.name);
    licence == "Apache-2.0" && exception == Some("LLVM-exception")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house(name: &str, licence: Option<&str>) -> House {
        let package = Package {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            licence: licence.map(ToOwned::to_owned),
            manifest: Some("crates/x/Cargo.toml".to_owned()),
            edges: Vec::new(),
            linked: vec![name.to_owned()],
        };
        House { files: Vec::new(), packages: vec![package] }
    }

    #[test]
    fn a_choice_is_fine_when_one_side_is() {
        for fine in [
            "MIT OR Apache-2.0",
            "MIT/Apache-2.0",
            "GPL-3.0-only OR MIT",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
        ] {
            assert_eq!(is_allowed(fine), Ok(true), "{fine}");
        }
    }

    #[test]
    fn copyleft_that_reaches_us_is_found() {
        for bad in ["GPL-3.0-only", "AGPL-3.0-or-later", "MIT AND LGPL-2.1-only"] {
            assert_eq!(is_allowed(bad), Ok(false), "{bad}");
        }
        assert_eq!(find(&house("x", Some("GPL-2.0-only"))).len(), 1);
    }

    #[test]
    fn no_licence_and_an_unreadable_one_are_found() {
        assert_eq!(find(&house("x", None)).len(), 1);
        assert_eq!(find(&house("x", Some("ask me"))).len(), 1);
    }

    #[test]
    fn a_banned_crate_is_found_only_when_it_is_linked() {
        let mut house = house("native-tls", Some("MIT"));
        assert_eq!(find(&house).len(), 1);
        house.packages[0].linked.clear();
        assert!(find(&house).is_empty());
    }
}
