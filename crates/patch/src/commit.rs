//! Writes a plan to a folder, all or nothing.
//!
//! The new texts are first written beside each other in a folder of our own, and forced to the disk. Then a journal is renamed into place:
//! that is the moment at which the change has happened. What follows only carries it out, and [`recover`] can carry it out again: a kill
//! before that moment leaves the tree as it was, one after it leaves a tree that the next [`commit`] or [`recover`] completes.
//!
//! Every path is opened part by part beneath the root, and no part may be a symbolic link.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use domain::{Digest, RepoPath};
use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use crate::plan::{FileChange, Plan};

/// The folder in which a commit is prepared, at the root of the tree.
const STAGE: &str = ".fixwright-commit";

/// The file whose presence says that the commit has happened.
const JOURNAL: &str = "journal.json";

/// Why a plan was not written. The tree is as it was, unless it says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// A file is not any more what the plan was made for.
    #[error("{path}: it has changed since the plan was made")]
    Stale {
        /// The file.
        path: String,
    },
    /// A part of the path is a symbolic link, or no folder.
    #[error("{path}: a part of it is a symbolic link or no folder")]
    Escape {
        /// The file.
        path: String,
    },
    /// Another commit is under way in this tree.
    #[error("another commit is under way in this tree")]
    Busy,
    /// The journal of a commit that was cut off cannot be read.
    #[error("the journal of a commit that was cut off cannot be read")]
    Journal(#[source] serde_json::Error),
    /// The system refused.
    #[error("{doing}")]
    System {
        /// What was being done.
        doing: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

/// One step that is carried out after the commit. Each can be done again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Step {
    path: RepoPath,
    /// The prepared file that takes its place; `None`: it goes.
    from: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Journal {
    version: u32,
    steps: Vec<Step>,
}

/// Writes a plan to the folder `root`.
///
/// # Errors
/// [`CommitError`]; before the moment of the commit nothing is changed, after it the error says what [`recover`] will do again.
pub fn commit(plan: &Plan, root: &Path) -> Result<(), CommitError> {
    recover(root)?;
    if plan.files.is_empty() {
        return Ok(());
    }
    let root = open_root(root)?;
    match rustix::fs::mkdirat(&root, STAGE, Mode::RWXU) {
        Ok(()) => {}
        Err(Errno::EXIST) => return Err(CommitError::Busy),
        Err(errno) => return Err(system("making the folder of the commit", errno)),
    }
    let stage = folder(&root, STAGE).map_err(|errno| system("opening the folder of the commit", errno))?;
    let lock = lock(&stage)?;
    let prepared = prepare(plan, &root, &stage);
    if let Err(error) = prepared {
        clean(&root, &stage);
        return Err(error);
    }
    let steps = carry_out(&root, &stage);
    drop(lock);
    steps
}

/// Completes a commit that was cut off after it had happened, and sweeps up one that was cut off before. Says whether there was one.
///
/// # Errors
/// [`CommitError`] when the system refuses; it can be called again.
pub fn recover(root: &Path) -> Result<bool, CommitError> {
    let root = open_root(root)?;
    let stage = match folder(&root, STAGE) {
        Ok(stage) => stage,
        Err(Errno::NOENT) => return Ok(false),
        Err(errno) => return Err(system("opening the folder of the commit", errno)),
    };
    let _lock = lock(&stage)?;
    match rustix::fs::statat(&stage, JOURNAL, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(_) => carry_out(&root, &stage)?,
        Err(Errno::NOENT) => clean(&root, &stage),
        Err(errno) => return Err(system("looking for the journal", errno)),
    }
    Ok(true)
}

/// Held while a commit is under way; the system lets go of it when the process ends, however it ends.
fn lock(stage: &OwnedFd) -> Result<OwnedFd, CommitError> {
    let own = stage.try_clone().map_err(|source| CommitError::System { doing: "locking the commit".to_owned(), source })?;
    match rustix::fs::flock(&own, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(own),
        Err(Errno::WOULDBLOCK) => Err(CommitError::Busy),
        Err(errno) => Err(system("locking the commit", errno)),
    }
}

fn prepare(plan: &Plan, root: &OwnedFd, stage: &OwnedFd) -> Result<(), CommitError> {
    let mut steps = Vec::with_capacity(plan.files.len());
    for (number, file) in plan.files.iter().enumerate() {
        let mode = unchanged(root, file)?;
        let from = match &file.after {
            None => None,
            Some(after) => {
                let name = format!("{number}.new");
                let mode = match file.executable {
                    Some(true) => mode | Mode::from_raw_mode(0o111),
                    Some(false) => mode - Mode::from_raw_mode(0o111),
                    None => mode,
                };
                write_new(stage, &name, after, Some(mode))?;
                Some(name)
            }
        };
        steps.push(Step { path: file.path.clone(), from });
    }
    // What goes, goes first: a folder may be where a file was.
    steps.sort_by_key(|step| step.from.is_some());
    let journal = serde_json::to_vec(&Journal { version: 1, steps }).map_err(CommitError::Journal)?;
    write_new(stage, "journal.new", &journal, None)?;
    sync(stage)?;
    // Checked once more, as late as can be.
    for file in &plan.files {
        unchanged(root, file)?;
    }
    rustix::fs::renameat(stage, "journal.new", stage, JOURNAL).map_err(|errno| system("committing", errno))?;
    sync(stage)?;
    sync(root)
}

/// Checks that a file is what the plan says it is, and returns the mode that it has or would get.
fn unchanged(root: &OwnedFd, file: &FileChange) -> Result<Mode, CommitError> {
    let path = file.path.as_str();
    let stale = || CommitError::Stale { path: path.to_owned() };
    let found = parent(root, &file.path, false).and_then(|folder| open_file(&folder, file.path.file_name()));
    match (found, &file.before) {
        (Err(Errno::NOENT), None) => Ok(Mode::from_raw_mode(0o644)),
        (Err(Errno::NOENT), Some(_)) | (Ok(_), None) => Err(stale()),
        (Err(Errno::LOOP | Errno::NOTDIR), _) => Err(CommitError::Escape { path: path.to_owned() }),
        (Err(errno), _) => Err(system(&format!("opening {path}"), errno)),
        (Ok(found), Some(before)) => {
            let stat = rustix::fs::fstat(&found).map_err(|errno| system(&format!("looking at {path}"), errno))?;
            if rustix::fs::FileType::from_raw_mode(stat.st_mode) != rustix::fs::FileType::RegularFile {
                return Err(stale());
            }
            let mut text = Vec::with_capacity(before.len());
            let read = File::from(found).take(before.len() as u64 + 1).read_to_end(&mut text);
            read.map_err(|source| CommitError::System { doing: format!("reading {path}"), source })?;
            if Digest::of(&text) == Digest::of(before) { Ok(Mode::from_raw_mode(stat.st_mode & 0o777)) } else { Err(stale()) }
        }
    }
}

fn carry_out(root: &OwnedFd, stage: &OwnedFd) -> Result<(), CommitError> {
    let file = open_file(stage, JOURNAL).map_err(|errno| system("opening the journal", errno))?;
    let mut text = Vec::new();
    let read = File::from(file).read_to_end(&mut text);
    read.map_err(|source| CommitError::System { doing: "reading the journal".to_owned(), source })?;
    let journal: Journal = serde_json::from_slice(&text).map_err(CommitError::Journal)?;
    for step in &journal.steps {
        let path = step.path.as_str();
        let folder = match parent(root, &step.path, step.from.is_some()) {
            Ok(folder) => folder,
            Err(Errno::NOENT) if step.from.is_none() => continue,
            Err(errno) => return Err(system(&format!("opening the folder of {path}"), errno)),
        };
        let done = match &step.from {
            Some(from) => rustix::fs::renameat(stage, from.as_str(), &folder, step.path.file_name()),
            None => rustix::fs::unlinkat(&folder, step.path.file_name(), AtFlags::empty()),
        };
        match done {
            // A step that was done before the kill.
            Ok(()) | Err(Errno::NOENT) => {}
            Err(errno) => return Err(system(&format!("writing {path}"), errno)),
        }
        sync(&folder)?;
        if step.from.is_none() {
            drop_empty(root, &step.path);
        }
    }
    clean(root, stage);
    sync(root)
}

/// Takes folders away that a deleted file has left empty, as git does.
fn drop_empty(root: &OwnedFd, path: &RepoPath) {
    let mut folder = path.parent();
    while !folder.is_empty() {
        let Ok(path) = RepoPath::new(folder) else { return };
        let gone =
            parent(root, &path, false).and_then(|above| rustix::fs::unlinkat(&above, path.file_name(), AtFlags::REMOVEDIR));
        if gone.is_err() {
            return;
        }
        folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
    }
}

/// Sweeps the folder of the commit up, the journal last. What cannot be removed is left to the next one.
fn clean(root: &OwnedFd, stage: &OwnedFd) {
    if let Ok(entries) = rustix::fs::Dir::read_from(stage) {
        for entry in entries.flatten() {
            let name = entry.file_name();
            if name.to_bytes() != JOURNAL.as_bytes() && name.to_bytes() != b"." && name.to_bytes() != b".." {
                let _ = rustix::fs::unlinkat(stage, name, AtFlags::empty());
            }
        }
    }
    let _ = rustix::fs::unlinkat(stage, JOURNAL, AtFlags::empty());
    let _ = rustix::fs::unlinkat(root, STAGE, AtFlags::REMOVEDIR);
}

fn open_root(root: &Path) -> Result<OwnedFd, CommitError> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::open(root, flags, Mode::empty()).map_err(|errno| system(&format!("opening {}", root.display()), errno))
}

fn folder(at: impl AsFd, name: &str) -> Result<OwnedFd, Errno> {
    rustix::fs::openat(at, name, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
}

fn open_file(at: &OwnedFd, name: &str) -> Result<OwnedFd, Errno> {
    // Without waiting: what lies there may be a pipe.
    rustix::fs::openat(at, name, OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty())
}

/// Opens the folder of a path, part by part; makes the parts that are missing if told so.
fn parent(root: &OwnedFd, path: &RepoPath, make: bool) -> Result<OwnedFd, Errno> {
    let mut at = rustix::io::fcntl_dupfd_cloexec(root, 0)?;
    for part in path.parent().split('/').filter(|part| !part.is_empty()) {
        at = match folder(&at, part) {
            Err(Errno::NOENT) if make => {
                match rustix::fs::mkdirat(&at, part, Mode::from_raw_mode(0o755)) {
                    Ok(()) | Err(Errno::EXIST) => {}
                    Err(errno) => return Err(errno),
                }
                folder(&at, part)?
            }
            other => other?,
        };
    }
    Ok(at)
}

fn write_new(stage: &OwnedFd, name: &str, bytes: &[u8], mode: Option<Mode>) -> Result<(), CommitError> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file =
        rustix::fs::openat(stage, name, flags, Mode::from_raw_mode(0o600)).map_err(|errno| system("preparing a file", errno))?;
    let mut file = File::from(file);
    let written = file.write_all(bytes);
    written.map_err(|source| CommitError::System { doing: "preparing a file".to_owned(), source })?;
    if let Some(mode) = mode {
        rustix::fs::fchmod(&file, mode).map_err(|errno| system("setting a mode", errno))?;
    }
    rustix::fs::fsync(&file).map_err(|errno| system("forcing a file to the disk", errno))
}

fn sync(folder: &OwnedFd) -> Result<(), CommitError> {
    rustix::fs::fsync(folder).map_err(|errno| system("forcing a folder to the disk", errno))
}

fn system(doing: &str, errno: Errno) -> CommitError {
    CommitError::System { doing: doing.to_owned(), source: errno.into() }
}
