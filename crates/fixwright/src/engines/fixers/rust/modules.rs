//! Where the items of a crate are, as paths: the module of a file follows from its name.

use domain::{Files, RepoPath};

use super::tokens::{Kind, Source};

/// Crates with more files are not searched.
const MAX_FILES: usize = 2_000;

/// An item of the crate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Item {
    /// Its path from the root of the crate, without `crate::`.
    pub(super) path: Vec<String>,
    /// Whether other modules may name it.
    pub(super) public: bool,
}

/// A crate of a package: the folder of its sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Crate {
    /// The folder of the package.
    pub(super) package: String,
}

impl Crate {
    /// Returns the package that a file belongs to: the nearest folder above it with a `Cargo.toml`.
    pub(super) fn of(files: &Files, path: &RepoPath) -> Option<Self> {
        let mut folder = path.parent();
        loop {
            let manifest = if folder.is_empty() { "Cargo.toml".to_owned() } else { format!("{folder}/Cargo.toml") };
            if RepoPath::new(manifest).is_ok_and(|manifest| files.contains(&manifest)) {
                return Some(Self { package: folder.to_owned() });
            }
            if folder.is_empty() {
                return None;
            }
            folder = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
        }
    }

    /// Returns the path of a file within the package.
    pub(super) fn within<'a>(&self, path: &'a RepoPath) -> Option<&'a str> {
        if self.package.is_empty() {
            return Some(path.as_str());
        }
        path.as_str().strip_prefix(&self.package)?.strip_prefix('/')
    }

    /// Returns the module of a file of the library or the main program; `None` for tests, examples, and other programs.
    pub(super) fn module(&self, path: &RepoPath) -> Option<Vec<String>> {
        let inner = self.within(path)?.strip_prefix("src/")?.strip_suffix(".rs")?;
        if inner.starts_with("bin/") {
            return None;
        }
        let mut parts: Vec<String> = inner.split('/').map(str::to_owned).collect();
        match parts.last()?.as_str() {
            "mod" => {
                parts.pop();
            }
            "lib" | "main" if parts.len() == 1 => parts.clear(),
            _ => {}
        }
        Some(parts)
    }

    /// Returns the items of that name in modules of the library or the main program, with the file that each is in.
    pub(super) fn items(&self, files: &Files, name: &str) -> Vec<(RepoPath, Item)> {
        let mut all = Vec::new();
        for path in files.paths().iter().filter(|path| path.extension() == Some("rs")).take(MAX_FILES) {
            if Self::of(files, path).as_ref() != Some(self) {
                continue;
            }
            let Some(module) = self.module(path) else { continue };
            let Some(bytes) = files.read(path) else { continue };
            if !std::str::from_utf8(&bytes).is_ok_and(|text| text.contains(name)) {
                continue;
            }
            let Some(source) = Source::open(files, path) else { continue };
            for at in 1..source.tokens.len() {
                if source.word(at) != name || !is_item(&source, at) {
                    continue;
                }
                let Some(inline) = modules_around(&source, at) else { continue };
                let first = source.item_start(at - 1);
                let public = (first..at).any(|index| source.word(index) == "pub");
                let parts = module.iter().cloned().chain(inline).chain([name.to_owned()]).collect();
                all.push((path.clone(), Item { path: parts, public }));
            }
        }
        all.sort();
        all.dedup();
        all
    }
}

fn is_item(source: &Source, at: usize) -> bool {
    matches!(source.word(at - 1), "fn" | "struct" | "enum" | "union" | "trait" | "type" | "const" | "static" | "mod")
        && source.token(at).is_some_and(|token| token.kind == Kind::Word)
}

/// Returns the names of the modules around an item in its file; `None` when it is inside of anything else.
pub(super) fn modules_around(source: &Source, at: usize) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut index = at;
    while let Some(open) = source.opener(index) {
        (source.word(open) == "{" && source.word(open.checked_sub(2)?) == "mod").then_some(())?;
        names.push(source.word(open - 1).to_owned());
        index = open;
    }
    names.reverse();
    Some(names)
}
