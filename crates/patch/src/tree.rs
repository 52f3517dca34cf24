//! What a plan may know of a tree: its files, and what stands in it that is no file.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Files, RepoPath};

/// Something at a path that is no regular file: nothing is written there, and nothing beneath it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Special {
    /// A symbolic link.
    Link,
    /// A repository within the repository.
    Submodule,
    /// Anything else.
    Other,
}

/// A tree to plan for.
#[derive(Debug, Clone)]
pub struct Tree {
    files: Files,
    special: BTreeMap<RepoPath, Special>,
    executable: BTreeSet<RepoPath>,
    folders: BTreeSet<String>,
}

impl Tree {
    /// Returns a view of regular files.
    #[must_use]
    pub fn new(files: Files) -> Self {
        let mut folders = BTreeSet::new();
        for path in files.paths() {
            let mut folder = path.parent();
            while !folder.is_empty() && folders.insert(folder.to_owned()) {
                folder = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
            }
        }
        Self { files, special: BTreeMap::new(), executable: BTreeSet::new(), folders }
    }

    /// Adds what is no regular file.
    #[must_use]
    pub fn with_special(mut self, special: BTreeMap<RepoPath, Special>) -> Self {
        self.special = special;
        self
    }

    /// Says which files are executable.
    #[must_use]
    pub fn with_executable(mut self, executable: BTreeSet<RepoPath>) -> Self {
        self.executable = executable;
        self
    }

    /// Returns the files.
    #[must_use]
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// Says whether a file is executable.
    #[must_use]
    pub fn is_executable(&self, path: &RepoPath) -> bool {
        self.executable.contains(path)
    }

    pub(crate) fn has_folder(&self, folder: &str) -> bool {
        folder.is_empty() || self.folders.contains(folder)
    }

    pub(crate) fn folders(&self) -> impl Iterator<Item = &str> {
        self.folders.iter().map(String::as_str)
    }

    /// Says why nothing can be written at `path`, if so.
    pub(crate) fn obstacle(&self, path: &RepoPath) -> Option<String> {
        let mut part = path.as_str();
        let mut own = true;
        loop {
            let at = RepoPath::new(part).ok()?;
            match self.special.get(&at) {
                Some(Special::Link) => return Some(format!("`{part}` is a symbolic link")),
                Some(Special::Submodule) => return Some(format!("`{part}` is a submodule")),
                Some(Special::Other) => return Some(format!("`{part}` is no regular file")),
                None if !own && self.files.contains(&at) => return Some(format!("`{part}` is a file and no folder")),
                None => {}
            }
            own = false;
            part = part.rsplit_once('/')?.0;
        }
    }
}

impl From<&Files> for Tree {
    fn from(files: &Files) -> Self {
        Self::new(files.clone())
    }
}
