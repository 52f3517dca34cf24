//! Content-addressed blobs: the outputs of recipes, diffs, reports. A blob is named by its SHA-256 and never changes.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use domain::Digest;

/// The blobs below one folder.
#[derive(Debug, Clone)]
pub(crate) struct Artifacts {
    root: PathBuf,
}

impl Artifacts {
    /// Returns the blobs below `root`, which is made when the first one is written.
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    fn path(&self, digest: Digest) -> PathBuf {
        let name = digest.to_string();
        self.root.join(&name[..2]).join(&name[2..])
    }

    /// Keeps `bytes` and returns their digest. A kill at any moment leaves the blob whole or absent.
    pub(crate) fn put(&self, bytes: &[u8]) -> anyhow::Result<Digest> {
        let digest = Digest::of(bytes);
        let path = self.path(digest);
        if path.exists() {
            return Ok(digest);
        }
        let mut written = self.write(&path, bytes);
        // A sweep may take the file away in the moment before it is locked.
        if written.as_ref().is_err_and(|error| error.kind() == ErrorKind::NotFound) {
            written = self.write(&path, bytes);
        }
        written.with_context(|| format!("writing a blob below {}", self.root.display()))?;
        Ok(digest)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
        let folder = self.scratch();
        std::fs::create_dir_all(&folder)?;
        std::fs::create_dir_all(path.parent().unwrap_or(&self.root))?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        // Released by the system however the process ends.
        file.as_file().lock()?;
        file.write_all(bytes)?;
        file.persist(path)?;
        Ok(())
    }

    /// Removes the half-written blobs of processes that were killed.
    pub(crate) fn sweep(&self) {
        for entry in std::fs::read_dir(self.scratch()).into_iter().flatten().flatten() {
            if File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok()) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }

    /// Where a blob is written before it gets its name.
    fn scratch(&self) -> PathBuf {
        self.root.join("tmp")
    }

    /// Returns the bytes of a blob, checked against their name.
    pub(crate) fn get(&self, digest: Digest) -> anyhow::Result<Vec<u8>> {
        let path = self.path(digest);
        let bytes = std::fs::read(&path).with_context(|| format!("reading blob {}", path.display()))?;
        anyhow::ensure!(Digest::of(&bytes) == digest, "blob {} does not hold what its name says", path.display());
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_takes_what_nobody_writes_any_more() {
        let folder = tempfile::tempdir().unwrap();
        let artifacts = Artifacts::new(folder.path().to_owned());
        std::fs::create_dir(artifacts.scratch()).unwrap();
        let (left, held) = (artifacts.scratch().join("left"), artifacts.scratch().join("held"));
        std::fs::write(&left, "half").unwrap();
        let writer = File::create(&held).unwrap();
        writer.lock().unwrap();
        artifacts.sweep();
        assert!(!left.exists() && held.exists());
    }

    #[test]
    fn blobs_come_back_and_a_changed_one_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let artifacts = Artifacts::new(folder.path().join("blobs"));
        let digest = artifacts.put(b"output").unwrap();
        assert_eq!(artifacts.put(b"output").unwrap(), digest);
        assert_eq!(artifacts.get(digest).unwrap(), b"output");
        std::fs::write(artifacts.path(digest), b"other").unwrap();
        assert!(artifacts.get(digest).is_err());
        assert!(artifacts.get(Digest::of("unknown")).is_err());
    }
}
