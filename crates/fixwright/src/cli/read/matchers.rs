//! The problem matchers of the repository that `read` stands in: a project's own patterns, which its CI system is told by files.
//!
//! Nothing outside of the repository is read, and no link is followed: a log is a stranger's, and names any path it likes.

use std::fs;
use std::path::{Component, Path, PathBuf};

use diagnostics::Matchers;

use crate::cli::Usage;

/// Larger files are not read: no project has such patterns.
const LARGEST: u64 = 1 << 20;
/// More files are not looked at, nor folders nested deeper.
const MOST_FILES: usize = 200;
const DEEPEST: usize = 4;

/// The repository: the one that is named, or the one around the working directory.
pub(super) struct Repository {
    root: PathBuf,
    /// The files that were read, below the root.
    read: Vec<String>,
}

impl Repository {
    /// Finds it. `None` where none is named and there is none around.
    pub(super) fn find(named: Option<&Path>) -> anyhow::Result<Option<Self>> {
        let start = named.unwrap_or(Path::new("."));
        let wrong = |problem: String| Usage { problem, hint: "name the folder of a repository".to_owned() };
        let folder = start.canonicalize().map_err(|error| wrong(format!("cannot read {}: {error}", start.display())))?;
        if named.is_some() && !folder.is_dir() {
            return Err(wrong(format!("{} is not a folder", folder.display())).into());
        }
        let around = folder.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_owned);
        let root = around.or_else(|| named.map(|_| folder.clone()));
        Ok(root.map(|root| Self { root, read: Vec::new() }))
    }

    /// Returns the matchers of all files below `.github`.
    pub(super) fn matchers(&mut self) -> Matchers {
        let mut matchers = Matchers::default();
        let mut folders = vec![(PathBuf::from(".github"), 0)];
        while let Some((folder, depth)) = folders.pop() {
            let mut entries: Vec<_> = fs::read_dir(self.root.join(&folder)).into_iter().flatten().flatten().collect();
            entries.sort_by_key(fs::DirEntry::file_name);
            for entry in entries {
                let Ok(kind) = entry.file_type() else { continue };
                let path = folder.join(entry.file_name());
                if kind.is_dir() && depth < DEEPEST && folders.len() < MOST_FILES {
                    folders.push((path, depth + 1));
                } else if kind.is_file() && path.extension().is_some_and(|end| end == "json") && self.read.len() < MOST_FILES {
                    let name = path.to_string_lossy().into_owned();
                    if let Some(text) = self.text(&name).filter(|text| text.contains("problemMatcher")) {
                        matchers.read(&name, &text);
                        self.read.push(name);
                    }
                }
            }
        }
        matchers
    }

    /// Returns the name and the text of a file of matchers that a log names, where it is of this repository and not read yet.
    pub(super) fn named(&mut self, named: &str) -> Option<(String, String)> {
        let name = Matchers::file_of(named, |name| self.text(name).is_some())?;
        if self.read.len() >= MOST_FILES || self.read.contains(&name) {
            return None;
        }
        self.read.push(name.clone());
        let text = self.text(&name)?;
        Some((name, text))
    }

    /// Returns the text of a file below the root, reached by no link.
    fn text(&self, name: &str) -> Option<String> {
        let path = Path::new(name);
        if !path.components().all(|part| matches!(part, Component::Normal(_))) {
            return None;
        }
        let whole = self.root.join(path);
        let is_itself = whole.canonicalize().is_ok_and(|real| real == whole);
        let is_small = |known: &fs::Metadata| known.is_file() && known.len() <= LARGEST;
        fs::symlink_metadata(&whole).ok().filter(|known| is_itself && is_small(known))?;
        fs::read_to_string(&whole).ok()
    }
}
