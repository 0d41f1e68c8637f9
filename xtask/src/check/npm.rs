//! Licences of the browser packages, as the lock file states them, and no download addresses in it.

use super::licences::is_allowed;
use crate::house::{File, Finding, House};
use serde_json::Value;

const LOCK: &str = "web/package-lock.json";

/// Licences that are fine for a package that never reaches the browser: it only helps to build or test.
const ALLOWED_FOR_BUILD: [&str; 5] =
    ["CC-BY-4.0", "CC-BY-3.0", "Python-2.0", "BlueOak-1.0.0", "LGPL-3.0-or-later"];

pub(crate) fn find(house: &House) -> Vec<Finding> {
    house.file(LOCK).map(of_lock).unwrap_or_default()
}

fn of_lock(file: &File) -> Vec<Finding> {
    let Ok(lock) = serde_json::from_str::<Value>(&file.text) else {
        return vec![Finding::new(LOCK, 1, "the lock file is no JSON", "make it again: npm install in web")];
    };
    let mut found = Vec::new();
    for (path, package) in lock["packages"].as_object().into_iter().flatten() {
        let line = file.line_of(&format!("\"{path}\": {{"));
        if package.get("resolved").is_some_and(|at| at.as_str().is_some_and(|at| at.contains("://"))) {
            found.push(Finding::new(
                LOCK,
                line,
                format!("{path} records a download address"),
                "npm install with omit-lockfile-registry-resolved=true (web/.npmrc)",
            ));
        }
        found.extend(wrong_licence(path, package).map(|what| {
            Finding::new(
                LOCK,
                line,
                what,
                "choose another package, or argue for the licence in docs/decisions/",
            )
        }));
    }
    found
}

fn wrong_licence(path: &str, package: &Value) -> Option<String> {
    let Some(licence) = package["license"].as_str() else {
        return Some(format!("{path} states no licence"));
    };
    let for_build = package["dev"].as_bool() == Some(true);
    match is_allowed(licence) {
        Ok(true) => None,
        _ if for_build && ALLOWED_FOR_BUILD.contains(&licence) => None,
        Ok(false) => Some(format!("{path} has the licence {licence}")),
        Err(error) => Some(format!("{path}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whats(text: &str) -> Vec<String> {
        find(&House::of(&[(LOCK, text)])).into_iter().map(|f| f.what).collect()
    }

    #[test]
    fn a_licence_that_binds_is_found_and_one_for_building_only_is_not() {
        let text = r#"{"packages": {
            "node_modules/a": {"license": "GPL-3.0-only"},
            "node_modules/b": {"license": "CC-BY-4.0", "dev": true},
            "node_modules/c": {"license": "MIT"},
            "node_modules/d": {}}}"#;
        assert_eq!(
            whats(text),
            ["node_modules/a has the licence GPL-3.0-only", "node_modules/d states no licence"]
        );
    }

    #[test]
    fn a_download_address_is_found() {
        let text =
            r#"{"packages": {"node_modules/a": {"license": "MIT", "resolved": "https://example.org/a"}}}"#;
        assert_eq!(whats(text), ["node_modules/a records a download address"]);
    }
}
