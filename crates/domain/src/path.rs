//! Paths inside a repository.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A path inside a repository: relative, `/`-separated, without `.`, `..`, empty components, NUL or `.git`.
///
/// Made only through [`RepoPath::new`], so holding one is proof that joining it to a root stays beneath that root (as long as no
/// component is a symbolic link, which whoever opens it must check).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RepoPath(String);

/// Why a path cannot name a file of a repository.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` cannot name a file of the repository: {why}")]
pub struct BadPath {
    /// The path as it was given.
    pub path: String,
    /// What is wrong with it.
    pub why: &'static str,
}

impl RepoPath {
    /// Returns the path, with leading `./` and doubled slashes removed.
    ///
    /// # Errors
    /// [`BadPath`] for an empty or absolute path, one with `..` or a NUL, or one that enters `.git` (in any case).
    pub fn new(path: impl AsRef<str>) -> Result<Self, BadPath> {
        let path = path.as_ref();
        let bad = |why| Err(BadPath { path: path.to_owned(), why });
        if path.starts_with('/') {
            return bad("it is absolute");
        }
        if path.contains('\0') {
            return bad("it holds a NUL");
        }
        let mut parts = Vec::new();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => return bad("it leaves the repository"),
                _ if part.eq_ignore_ascii_case(".git") => return bad("it is inside .git"),
                _ => parts.push(part),
            }
        }
        if parts.is_empty() {
            return bad("it is empty");
        }
        Ok(Self(parts.join("/")))
    }

    /// Returns the path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the last component.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// Returns the folder that holds the file, `""` for the root.
    #[must_use]
    pub fn parent(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(parent, _)| parent)
    }

    /// Returns the part after the last dot of the file name, if there is one.
    #[must_use]
    pub fn extension(&self) -> Option<&str> {
        self.file_name().rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, extension)| extension)
    }

    /// Says whether the file lies below `folder` (`""` and `"."` are the root).
    #[must_use]
    pub fn is_below(&self, folder: &str) -> bool {
        let folder = folder.trim_matches('/');
        folder.is_empty() || folder == "." || self.0.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    }
}

impl TryFrom<String> for RepoPath {
    type Error = BadPath;

    fn try_from(path: String) -> Result<Self, BadPath> {
        Self::new(path)
    }
}

impl From<RepoPath> for String {
    fn from(path: RepoPath) -> Self {
        path.0
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_paths_are_refused() {
        for path in ["", ".", "/etc/passwd", "a/../../b", "..", ".git/config", "a/.GIT/hooks/x", "a\0b"] {
            assert!(RepoPath::new(path).is_err(), "{path:?}");
        }
    }

    #[test]
    fn harmless_noise_is_removed() {
        assert_eq!(RepoPath::new("./a//b/./c.rs").unwrap().as_str(), "a/b/c.rs");
        assert_eq!(RepoPath::new("a/b.tar.gz").unwrap().extension(), Some("gz"));
        assert_eq!(RepoPath::new("a/.gitignore").unwrap().extension(), None);
    }

    #[test]
    fn below_is_by_component() {
        let path = RepoPath::new("crates/a/x.rs").unwrap();
        assert!(path.is_below("") && path.is_below(".") && path.is_below("crates/a"));
        assert!(!path.is_below("crates/ab") && !path.is_below("crates/a/x.rs"));
    }
}
