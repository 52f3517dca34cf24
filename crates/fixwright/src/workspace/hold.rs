//! The hold on a repository: one process at a time works on it. Whoever takes the hold clears away what a killed one left: processes
//! (commands of recipes, and git), the private tree, and all that is half made in our bare clone, which costs nothing to make again.

use std::fs::File;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use domain::Digest;

use super::base::clone_path;
use super::git::Git;
use super::repository::{Repository, Unusable};

/// A repository that is held for this process.
pub(crate) struct Hold {
    /// Processes that were still running.
    pub(crate) swept: usize,
    /// Starts the marks of all processes that work on this repository, and of no other's.
    pub(crate) mark: String,
    name: String,
    work: PathBuf,
    caches: PathBuf,
    git_dir: PathBuf,
    /// An open file that the system releases however the process ends.
    _lock: File,
}

impl Hold {
    /// Takes the hold.
    ///
    /// # Errors
    /// [`Unusable::Busy`] when another process has it.
    pub(crate) fn take(repository: &Repository, data_dir: &Path) -> anyhow::Result<Self> {
        let bare = clone_path(repository, data_dir);
        let work = data_dir.join("work");
        for folder in [&bare, &work] {
            std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        }
        let lock = File::open(&bare).context("opening our clone")?;
        if lock.try_lock().is_err() {
            return Err(Unusable::Busy(PathBuf::from(repository.name())).into());
        }
        let name = bare.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        // Of this repository and this data directory: with another one, somebody else may be at work. Ends in a dash, so that no name
        // is the beginning of another's.
        let mark = format!("fixwright-{}-", Digest::of(bare.as_os_str().as_bytes()).short(16));
        let hold = Self {
            swept: sandbox::sweep(&mark),
            mark,
            name,
            work,
            caches: data_dir.join("caches"),
            git_dir: repository.git_dir.clone(),
            _lock: lock,
        };
        for stale in std::fs::read_dir(&hold.work)?.flatten() {
            if stale.file_name().to_string_lossy().starts_with(&hold.folder_prefix()) {
                remove_all(&stale.path());
            }
        }
        sweep_caches(&hold.caches);
        // The folder itself stays: it carries the lock.
        for stale in std::fs::read_dir(&bare)?.flatten() {
            remove_all(&stale.path());
        }
        Ok(hold)
    }

    /// Returns a git whose processes the next hold will find.
    pub(crate) fn git(&self, git: &Git) -> Git {
        git.marked(format!("{}git", self.mark))
    }

    /// Makes the private folder of a session.
    pub(crate) fn folder(&self, session: i64) -> anyhow::Result<WorkFolder> {
        let folder = WorkFolder(self.work.join(format!("{}{session}", self.folder_prefix())));
        std::fs::create_dir_all(folder.0.join("home/tmp")).with_context(|| format!("making {}", folder.0.display()))?;
        Ok(folder)
    }

    /// Makes the folder for what commands over this repository may leave for the next session: caches of builds and of downloads. It is of
    /// this repository alone, so that none can lay something into another's way.
    pub(crate) fn cache(&self) -> anyhow::Result<PathBuf> {
        let folder = self.caches.join(&self.name);
        let made = std::fs::create_dir_all(&folder);
        made.and_then(|()| std::fs::write(folder.join(OWNER), self.git_dir.as_os_str().as_bytes()))
            .with_context(|| format!("making {}", folder.display()))?;
        Ok(folder)
    }

    fn folder_prefix(&self) -> String {
        format!("{}-", self.name)
    }
}

/// The file in a cache that names the repository whose it is.
const OWNER: &str = "repository";

/// Removes the caches of repositories that are not there any more.
fn sweep_caches(caches: &Path) {
    for cache in std::fs::read_dir(caches).into_iter().flatten().flatten() {
        let owner = std::fs::read(cache.path().join(OWNER)).unwrap_or_default();
        // One without an owner is being made.
        if !owner.is_empty() && !Path::new(std::ffi::OsStr::from_bytes(&owner)).is_dir() {
            remove_all(&cache.path());
        }
    }
}

/// The private folder of a session, removed however the session ends (a kill aside: then the next hold removes it).
pub(crate) struct WorkFolder(pub(crate) PathBuf);

impl Drop for WorkFolder {
    fn drop(&mut self) {
        remove_all(&self.0);
    }
}

/// Removes a file or a folder, also one in which a tool has made read-only folders (Go's module cache does).
fn remove_all(path: &Path) {
    if std::fs::symlink_metadata(path).is_ok_and(|meta| !meta.is_dir()) {
        let _ = std::fs::remove_file(path);
        return;
    }
    if std::fs::remove_dir_all(path).is_ok() {
        return;
    }
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        let _ = std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700));
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        folders.extend(entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|entry| entry.path()));
    }
    let _ = std::fs::remove_dir_all(path);
}
