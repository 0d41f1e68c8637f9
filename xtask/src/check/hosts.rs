//! No machine of anybody stands in the tree: no package mirror, no private host, no path of a home folder.
//!
//! The patterns are general on purpose; naming a real mirror here would break the rule it checks.

use crate::house::{File, Finding, House};

/// Words and path parts of package mirrors, each in two parts so that this file does not contain them.
const MIRRORS: [(&str, &str); 7] = [
    ("artif", "actory"),
    ("/api/", "npm/"),
    ("/api/", "cargo/"),
    ("/repository/", "npm"),
    ("registry.npm", "mirror."),
    ("replace-", "with ="),
    ("GO", "PROXY="),
];

/// Tops of folders that belong to one machine.
const FOLDERS: [(&str, &str); 5] =
    [("/ho", "me/"), ("/ro", "ot/"), ("/Us", "ers/"), ("/wo", "rk/"), ("C:\\Us", "ers\\")];

/// Last parts of host names that only a private network knows.
const PRIVATE: [&str; 6] = [".internal", ".corp", ".intra", ".lan", ".svc", ".localdomain"];

/// Settings of package managers in which no address may stand at all.
const MANAGERS: [&str; 2] = ["web/.npmrc", ".cargo/config.toml"];

pub(crate) fn find(house: &House) -> Vec<Finding> {
    house.files.iter().flat_map(of_file).collect()
}

fn of_file(file: &File) -> Vec<Finding> {
    let mut found = Vec::new();
    for (line, text) in file.lines() {
        if let Some(what) = wrong(&file.path, text) {
            found.push(Finding::new(
                &file.path,
                line,
                what,
                "take it out; it belongs into the settings of that machine",
            ));
        }
    }
    found
}

fn wrong(path: &str, text: &str) -> Option<String> {
    let whole = |(a, b): &(&str, &str)| format!("{a}{b}");
    if MANAGERS.contains(&path) && text.contains("://") {
        return Some("an address stands in the settings of a package manager".to_owned());
    }
    if let Some(mirror) = MIRRORS.iter().map(whole).find(|mirror| text.contains(mirror.as_str())) {
        return Some(format!("`{mirror}` points to a package mirror"));
    }
    if let Some(folder) = FOLDERS.iter().map(whole).find(|folder| begins_path(text, folder)) {
        return Some(format!("`{folder}…` is a path of one machine"));
    }
    private_host(text).map(|host| format!("`{host}` is a host of a private network"))
}

/// Whether a path that begins so stands in the line, not merely one that goes through such a folder.
fn begins_path(text: &str, folder: &str) -> bool {
    text.match_indices(folder).any(|(at, _)| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        before.is_none_or(|c| !(c.is_alphanumeric() || "._-}~$)".contains(c)))
    })
}

fn private_host(text: &str) -> Option<String> {
    text.split("://").skip(1).find_map(|rest| {
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-'));
        let host = rest.get(..end.unwrap_or(rest.len()))?;
        PRIVATE.iter().any(|p| host.ends_with(p)).then(|| host.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_and_a_path_of_a_machine_are_found() {
        for (first, second) in MIRRORS.iter().chain(&FOLDERS) {
            let text = format!("see \"{first}{second}x\"\n");
            assert_eq!(find(&House::of(&[("docs/a.md", &text)])).len(), 1, "{first}{second}");
        }
    }

    #[test]
    fn a_private_host_is_found_and_a_public_one_is_not() {
        let text = concat!("http://build", ".corp/x and https://www.example.org/\n");
        assert_eq!(find(&House::of(&[("docs/a.md", text)])).len(), 1);
        assert!(find(&House::of(&[("docs/a.md", "http://127.0.0.1:8119 http://crates.io/\n")])).is_empty());
    }

    #[test]
    fn no_address_stands_in_the_settings_of_a_package_manager() {
        let house = House::of(&[("web/.npmrc", "registry=https://example.org/\n")]);
        assert_eq!(find(&house).len(), 1);
    }

    #[test]
    fn a_relative_path_through_such_a_folder_is_fine() {
        let text = concat!("web/src/ho", "me/Page.vue and https://example.org/wo", "rk/1\n");
        assert!(find(&House::of(&[("docs/a.md", text)])).is_empty());
    }
}
