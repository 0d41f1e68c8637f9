//! The house as the rules see it: its text files, and its crates with what they lean on.
//!
//! A rule never touches the disk. It gets a [`House`], so that a test can build a small one with a mistake in
//! it and see the mistake found.

use anyhow::{Context, Result};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Largest file that is read, in bytes; larger ones are data and no text of ours.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Everything that is checked.
#[derive(Default)]
pub(crate) struct House {
    /// The text files, by path.
    pub(crate) files: Vec<File>,
    /// All crates, ours and others'.
    pub(crate) packages: Vec<Package>,
}

/// A text file of the checkout.
pub(crate) struct File {
    /// Path from the root, with `/`.
    pub(crate) path: String,
    /// What it says.
    pub(crate) text: String,
}

/// A crate, as Cargo describes it.
#[derive(Clone, Debug)]
pub(crate) struct Package {
    /// Its name.
    pub(crate) name: String,
    /// Its version.
    pub(crate) version: String,
    /// Its licence expression, when it states one.
    pub(crate) licence: Option<String>,
    /// For ours: the path of its manifest from the root.
    pub(crate) manifest: Option<String>,
    /// What its manifest asks for.
    pub(crate) edges: Vec<Edge>,
    /// Names of all crates that are linked into it, at any depth; development dependencies aside.
    pub(crate) linked: Vec<String>,
}

/// A dependency as a manifest states it.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    /// Name of the crate.
    pub(crate) to: String,
    /// Whether it is for tests only.
    pub(crate) dev: bool,
    /// Features asked for.
    pub(crate) features: Vec<String>,
}

/// One mistake.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Finding {
    /// Path from the root.
    pub(crate) path: String,
    /// Line, from 1.
    pub(crate) line: usize,
    /// What is wrong.
    pub(crate) what: String,
    /// What to do about it.
    pub(crate) remedy: String,
}

impl Finding {
    pub(crate) fn new(path: &str, line: usize, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into(), remedy: remedy.into() }
    }
}

impl File {
    /// The lines with their numbers, from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// Whether the path ends in one of these extensions.
    pub(crate) fn is(&self, extensions: &[&str]) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, extension)| extensions.contains(&extension))
    }

    /// The first line that contains the word, 1 when none does.
    pub(crate) fn line_of(&self, word: &str) -> usize {
        self.lines().find(|(_, line)| line.contains(word)).map_or(1, |(number, _)| number)
    }

    /// The folder of a crate that the file belongs to, such as `crates/api` or `xtask`.
    pub(crate) fn room(&self) -> &str {
        let parts = if self.path.starts_with("xtask/") { 1 } else { 2 };
        let end = self.path.match_indices('/').nth(parts - 1).map_or(self.path.len(), |(at, _)| at);
        self.path.get(..end).expect("a separator is one byte")
    }
}

impl Package {
    /// The line of the manifest that asks for a dependency.
    pub(crate) fn line_for(&self, house: &House, dependency: &str) -> usize {
        let manifest = self.manifest.as_deref().and_then(|path| house.file(path));
        manifest.map_or(1, |file| {
            let asks = |line: &str| line.trim_start().strip_prefix(dependency).is_some_and(is_after_name);
            file.lines().find(|(_, line)| asks(line)).map_or(1, |(number, _)| number)
        })
    }
}

fn is_after_name(rest: &str) -> bool {
    rest.starts_with(['.', ' ', '='])
}

impl House {
    /// Reads the checkout.
    pub(crate) fn open() -> Result<Self> {
        let root = root();
        Ok(Self { files: read_files(&root)?, packages: read_packages(&root)? })
    }

    /// The file at this path.
    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|f| f.path == path)
    }

    /// Rust sources of the workspace, the fuzz targets included.
    pub(crate) fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|f| f.is(&["rs"]))
    }

    /// Our own crates.
    pub(crate) fn ours(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|p| p.manifest.is_some())
    }

    /// A house of these files, for tests.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| File { path: (*path).to_owned(), text: (*text).to_owned() };
        Self { files: files.iter().map(file).collect(), packages: Vec::new() }
    }
}

/// Root of the checkout: the folder above this crate.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("xtask lies in the root of the workspace").to_path_buf()
}

fn read_files(root: &Path) -> Result<Vec<File>> {
    let mut files = Vec::new();
    let not_git = |entry: &ignore::DirEntry| entry.file_name() != ".git";
    let walk = ignore::WalkBuilder::new(root).hidden(false).require_git(false).filter_entry(not_git).build();
    for entry in walk {
        let entry = entry.context("a folder could not be read")?;
        let small = entry.metadata().is_ok_and(|m| m.is_file() && m.len() <= FILE_BYTES_MAX);
        if small {
            files.extend(read_file(root, entry.path())?);
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// Reads a file; `None` when it is no text, or is gone meanwhile.
fn read_file(root: &Path, path: &Path) -> Result<Option<File>> {
    let inside = path.strip_prefix(root).context("a file outside the checkout")?;
    let name = inside.to_string_lossy().replace('\\', "/");
    Ok(std::fs::read_to_string(path).ok().map(|text| File { path: name, text }))
}

fn read_packages(root: &Path) -> Result<Vec<Package>> {
    let metadata = MetadataCommand::new()
        .manifest_path(root.join("Cargo.toml"))
        .exec()
        .context("cargo metadata failed; run it by hand to see why")?;
    let linked = linked(&metadata)?;
    Ok(metadata.packages.iter().map(|p| package(root, p, &linked)).collect())
}

type Linked = BTreeMap<cargo_metadata::PackageId, Vec<String>>;

fn package(root: &Path, p: &cargo_metadata::Package, linked: &Linked) -> Package {
    let inside = p.manifest_path.as_std_path().strip_prefix(root).ok().filter(|_| p.source.is_none());
    let edge = |d: &cargo_metadata::Dependency| Edge {
        to: d.name.clone(),
        dev: d.kind == DependencyKind::Development,
        features: d.features.clone(),
    };
    Package {
        name: p.name.to_string(),
        version: p.version.to_string(),
        licence: p.license.clone(),
        manifest: inside.map(|path| path.to_string_lossy().replace('\\', "/")),
        edges: p.dependencies.iter().map(edge).collect(),
        linked: linked.get(&p.id).cloned().unwrap_or_default(),
    }
}

/// For each crate of the workspace the names of everything that is linked into it.
fn linked(metadata: &Metadata) -> Result<Linked> {
    let resolve = metadata.resolve.as_ref().context("cargo metadata gave no resolved graph")?;
    let nodes: BTreeMap<_, _> = resolve.nodes.iter().map(|n| (&n.id, n)).collect();
    let names: BTreeMap<_, _> = metadata.packages.iter().map(|p| (&p.id, p.name.to_string())).collect();
    let mut all = Linked::new();
    for id in &metadata.workspace_members {
        let mut seen = std::collections::BTreeSet::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            let parts = nodes.get(id).map(|n| n.deps.as_slice()).unwrap_or_default();
            let linked =
                |d: &&cargo_metadata::NodeDep| d.dep_kinds.iter().any(|k| k.kind == DependencyKind::Normal);
            open.extend(parts.iter().filter(linked).map(|d| &d.pkg).filter(|id| seen.insert(*id)));
        }
        all.insert(id.clone(), seen.iter().map(|id| names[id].clone()).collect());
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_knows_the_room_it_stands_in() {
        let house = House::of(&[("crates/api/src/a/b.rs", ""), ("xtask/src/main.rs", ""), ("README.md", "")]);
        let rooms: Vec<_> = house.files.iter().map(File::room).collect();
        assert_eq!(rooms, ["crates/api", "xtask", "README.md"]);
    }

    #[test]
    fn the_line_of_a_dependency_is_not_that_of_a_longer_name() {
        let house = House::of(&[(
            "crates/x/Cargo.toml",
            "[dependencies]\ntokio-util = \"1\"\ntokio.workspace = true\n",
        )]);
        let package = Package {
            name: "x".to_owned(),
            version: String::new(),
            licence: None,
            manifest: Some("crates/x/Cargo.toml".to_owned()),
            edges: Vec::new(),
            linked: Vec::new(),
        };
        assert_eq!(package.line_for(&house, "tokio"), 3);
    }
}
