//! A view of the files of one tree, for the pure crates: they are handed one, and whoever hands it decides how bytes are read.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::RepoPath;

type Read = dyn Fn(&RepoPath) -> Option<Arc<[u8]>> + Send + Sync;

/// The regular files of a tree: their paths, and their bytes on demand. Cheap to clone.
#[derive(Clone)]
pub struct Files {
    paths: Arc<[RepoPath]>,
    read: Arc<Read>,
}

impl Files {
    /// Returns a view of `paths` (any order) whose bytes come from `read`. `read` answers `None` for what is not a readable file.
    pub fn new(mut paths: Vec<RepoPath>, read: impl Fn(&RepoPath) -> Option<Arc<[u8]>> + Send + Sync + 'static) -> Self {
        paths.sort();
        Self { paths: paths.into(), read: Arc::new(read) }
    }

    /// Returns a view of files held in memory.
    #[must_use]
    pub fn from_map(files: BTreeMap<RepoPath, Vec<u8>>) -> Self {
        let files: BTreeMap<RepoPath, Arc<[u8]>> = files.into_iter().map(|(path, bytes)| (path, bytes.into())).collect();
        Self::new(files.keys().cloned().collect(), move |path| files.get(path).cloned())
    }

    /// Returns this view with some files replaced or added (`Some`) or deleted (`None`).
    #[must_use]
    pub fn with(&self, changes: &BTreeMap<RepoPath, Option<Arc<[u8]>>>) -> Self {
        let changes = Arc::new(changes.clone());
        let mut paths: Vec<RepoPath> = self.paths.iter().filter(|path| !changes.contains_key(path)).cloned().collect();
        paths.extend(changes.iter().filter(|(_, bytes)| bytes.is_some()).map(|(path, _)| path.clone()));
        let under = Arc::clone(&self.read);
        Self::new(paths, move |path| changes.get(path).map_or_else(|| under(path), Clone::clone))
    }

    /// Returns the paths, sorted.
    #[must_use]
    pub fn paths(&self) -> &[RepoPath] {
        &self.paths
    }

    /// Says whether there is a file of that path.
    #[must_use]
    pub fn contains(&self, path: &RepoPath) -> bool {
        self.paths.binary_search(path).is_ok()
    }

    /// Returns the bytes of a file, `None` when there is no such file.
    #[must_use]
    pub fn read(&self, path: &RepoPath) -> Option<Arc<[u8]>> {
        if self.contains(path) { (self.read)(path) } else { None }
    }

    /// Returns a file as text, `None` when there is no such file or it is not UTF-8.
    #[must_use]
    pub fn text(&self, path: &RepoPath) -> Option<String> {
        String::from_utf8(self.read(path)?.to_vec()).ok()
    }
}

impl std::fmt::Debug for Files {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Files").field("paths", &self.paths.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_lie_over_what_was_there() {
        let path = |p| RepoPath::new(p).unwrap();
        let base = Files::from_map([(path("a"), b"1".to_vec()), (path("b"), b"2".to_vec())].into());
        let changed = base.with(&[(path("a"), None), (path("c"), Some(b"3".as_slice().into()))].into());
        assert_eq!(changed.paths(), [path("b"), path("c")]);
        assert_eq!(changed.text(&path("a")), None);
        assert_eq!(changed.text(&path("b")).as_deref(), Some("2"));
        assert_eq!(changed.text(&path("c")).as_deref(), Some("3"));
        assert_eq!(base.text(&path("a")).as_deref(), Some("1"));
    }
}
