//! The tree as detection sees it: one pass over the paths, then look-ups. Repositories of 80,000 files are common.

use std::collections::BTreeMap;

use domain::{Files, RepoPath};

/// Folders that hold other people's code, or code that is not meant to be built.
const FOREIGN: &[&str] = &[
    "node_modules",
    "vendor",
    "third_party",
    "thirdparty",
    "third-party",
    "external",
    "extern",
    "deps",
    "site-packages",
    ".venv",
    "venv",
    "bower_components",
    "Godeps",
    "_vendor",
];
/// Folders whose projects belong to tests and documentation.
const SAMPLES: &[&str] = &[
    "tests",
    "test",
    "testdata",
    "test_data",
    "test-data",
    "__tests__",
    "__fixtures__",
    "fixtures",
    "fixture",
    "examples",
    "example",
    "samples",
    "templates",
    "template",
    "docs",
    "doc",
    "benches",
    "fuzz",
    "spec",
];

/// A manifest of more than this is no manifest.
const LARGEST: usize = 1 << 20;

/// The files of a tree, with those that matter here by name.
pub(super) struct Tree<'a> {
    files: &'a Files,
    /// Folders by the name of a file in them, foreign ones left out; only for names that are asked for by name.
    by_name: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Tree<'a> {
    pub(super) fn new(files: &'a Files) -> Self {
        let mut by_name: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for path in files.paths().iter().filter(|path| is_manifest(path.file_name()) && !is_foreign(path.parent())) {
            by_name.entry(path.file_name()).or_default().push(path.parent());
        }
        Self { files, by_name }
    }

    /// Returns the folders that hold a file of one of these names (which [`is_manifest`] must know), shallow ones first. Folders of
    /// samples are left out unless the whole repository is one.
    pub(super) fn folders_with(&self, names: &[&str]) -> Vec<&'a str> {
        let mut folders: Vec<&str> = names.iter().filter_map(|name| self.by_name.get(name)).flatten().copied().collect();
        folders.retain(|folder| !folder.split('/').any(|part| SAMPLES.contains(&part)));
        folders.sort_by_key(|folder| (depth(folder), *folder));
        folders.dedup();
        folders
    }

    /// Says whether there is such a file in a folder.
    pub(super) fn has(&self, folder: &str, name: &str) -> bool {
        RepoPath::new(join(folder, name)).is_ok_and(|path| self.files.contains(&path))
    }

    /// Returns the first of these names that the folder has.
    pub(super) fn first_of<'n>(&self, folder: &str, names: &[&'n str]) -> Option<&'n str> {
        names.iter().copied().find(|name| self.has(folder, name))
    }

    /// Returns the text of a file, `None` when there is none, it is not UTF-8, or too large to be what it should be.
    pub(super) fn text(&self, folder: &str, name: &str) -> Option<String> {
        self.text_of(&RepoPath::new(join(folder, name)).ok()?)
    }

    /// Returns the text of a file, under the same conditions.
    pub(super) fn text_of(&self, path: &RepoPath) -> Option<String> {
        let bytes = self.files.read(path).filter(|bytes| bytes.len() <= LARGEST)?;
        let text = String::from_utf8(bytes.to_vec()).ok()?;
        Some(text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned))
    }

    /// Returns the files below a folder that are not other people's.
    pub(super) fn below(&self, folder: &str) -> impl Iterator<Item = &'a RepoPath> + use<'a> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let paths = self.files.paths();
        let start = paths.partition_point(|path| path.as_str() < prefix.as_str());
        let own = move |path: &&RepoPath| !is_foreign(path.parent());
        paths.get(start..).unwrap_or_default().iter().take_while(move |path| path.as_str().starts_with(&prefix)).filter(own)
    }

    /// Says whether a folder holds any file, at any depth.
    pub(super) fn is_folder(&self, folder: &str) -> bool {
        folder.is_empty() || self.below(folder).next().is_some()
    }
}

/// Returns `name` in `folder`, whose root is `""`.
pub(super) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Returns a path seen from `folder`, which is above it.
pub(super) fn relative<'p>(folder: &str, path: &'p str) -> &'p str {
    path.strip_prefix(folder).map_or(path, |rest| rest.trim_start_matches('/'))
}

/// Says whether `folder` is `above` or lies below it.
pub(super) fn is_within(folder: &str, above: &str) -> bool {
    above.is_empty() || folder == above || folder.strip_prefix(above).is_some_and(|rest| rest.starts_with('/'))
}

/// Returns the folder, then those above it up to the root.
pub(super) fn upwards(folder: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder), |folder| {
        (!folder.is_empty()).then(|| folder.rsplit_once('/').map_or("", |(above, _)| above))
    })
}

fn depth(folder: &str) -> usize {
    if folder.is_empty() { 0 } else { 1 + folder.matches('/').count() }
}

fn is_foreign(folder: &str) -> bool {
    folder.split('/').any(|part| FOREIGN.contains(&part))
}

fn is_manifest(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "Cargo.toml",
        "pyproject.toml",
        "setup.py",
        "setup.cfg",
        "tox.ini",
        "requirements.txt",
        "package.json",
        "go.mod",
        "pom.xml",
        "build.gradle",
        "build.gradle.kts",
        "Makefile",
        "makefile",
        "GNUmakefile",
        "CMakeLists.txt",
        "meson.build",
        "configure",
        "configure.ac",
    ];
    NAMES.contains(&name)
}
