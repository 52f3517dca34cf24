//! The folder in which a commit is prepared, and the journal in it.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::time::Duration;

use domain::RepoPath;
use rustix::fs::{AtFlags, FlockOperation, Mode, OFlags};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::beneath::{Beneath, Mark, folder, open_file, remove, rename};
use super::{CommitError, system};
use crate::paths::STAGE;

/// The file whose presence says that the commit has happened.
pub(super) const JOURNAL: &str = "journal.json";

/// Its name once the commit is to be taken back.
pub(super) const UNDO: &str = "undo.json";

/// What git is told of the folder, should a kill leave it there.
const IGNORE: &str = ".gitignore";

/// A commit takes milliseconds; who waits longer than this waits for something that is stuck.
const PATIENCE: (u32, Duration) = (400, Duration::from_millis(5));

/// The folder, held by us alone; the system lets go of it when the process ends, however it ends.
pub(super) struct Stage {
    pub(super) fd: OwnedFd,
}

/// What is to be done, each step of which can be done again.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Journal {
    version: u32,
    /// The folder that it was written in. A journal that came with a clone or an archive is not of this one.
    stage: Identity,
    pub(super) files: Vec<Entry>,
    pub(super) moves: Vec<Move>,
}

/// A folder as nobody can make a second one.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Identity {
    inode: u64,
    /// Nanoseconds, where the file system keeps them.
    born: Option<u64>,
}

/// A file before and after; `None`: there is none.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) path: RepoPath,
    pub(super) before: Option<Mark>,
    pub(super) after: Option<Mark>,
    /// Its old text in the folder of the commit.
    pub(super) old: Option<String>,
}

/// One rename between the folder of the commit and the tree.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Move {
    /// A file, or a new folder with all that is in it.
    pub(super) path: RepoPath,
    /// Its name in the folder of the commit.
    pub(super) name: String,
    pub(super) direction: Direction,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Direction {
    /// Into the tree, where nothing stands.
    In,
    /// Into the tree, over what stands there.
    Over,
    /// Out of the tree.
    Out,
}

impl Stage {
    /// Takes the folder of the commit, and waits for whoever holds it. `None`: there is none, and `make` is not set.
    pub(super) fn take(beneath: &Beneath, make: bool) -> Result<Option<Self>, CommitError> {
        let root = beneath.root();
        for _ in 0..PATIENCE.0 {
            if make {
                match rustix::fs::mkdirat(root, STAGE, Mode::RWXU) {
                    Ok(()) | Err(Errno::EXIST) => {}
                    Err(errno) => return Err(system("making the folder of the commit", errno)),
                }
            }
            let fd = match folder(root, STAGE) {
                Ok(fd) => fd,
                Err(Errno::NOENT) if make => continue,
                Err(Errno::NOENT) => return Ok(None),
                Err(errno) => return Err(system("opening the folder of the commit", errno)),
            };
            match rustix::fs::flock(&fd, FlockOperation::NonBlockingLockExclusive) {
                // Whoever held it may have removed it, and another one may stand there.
                Ok(()) if is_at(root, &fd) => return Ok(Some(Self { fd })),
                Ok(()) => {}
                Err(Errno::WOULDBLOCK) => std::thread::sleep(PATIENCE.1),
                Err(errno) => return Err(system("locking the folder of the commit", errno)),
            }
        }
        Err(CommitError::Busy)
    }

    /// Writes a file, forced to the disk before it has its name.
    pub(super) fn write(&self, at: &OwnedFd, name: &str, bytes: &[u8], manner: Manner) -> Result<(), CommitError> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = match manner {
            Manner::New { executable: false } => 0o666,
            Manner::New { executable: true } => 0o777,
            Manner::Like { .. } => 0o600,
        };
        let preparing = |errno| system("preparing a file", errno);
        let temporary = "written";
        let file = rustix::fs::openat(&self.fd, temporary, flags, Mode::from_raw_mode(mode)).map_err(preparing)?;
        let mut file = File::from(file);
        let written = file.write_all(bytes);
        written.map_err(|source| CommitError::System { doing: "preparing a file".to_owned(), source })?;
        if let Manner::Like { mode, owner: (user, group) } = manner {
            // Where we may not give a file away it is ours, as with any editor.
            let ids = (rustix::fs::Uid::from_raw(user), rustix::fs::Gid::from_raw(group));
            let own = rustix::fs::fstat(&file).map_err(preparing)?;
            if (own.st_uid, own.st_gid) != (user, group) {
                let _ = rustix::fs::fchown(&file, Some(ids.0), Some(ids.1));
            }
            rustix::fs::fchmod(&file, mode).map_err(preparing)?;
        }
        rustix::fs::fsync(&file).map_err(|errno| system("forcing a file to the disk", errno))?;
        rename(&self.fd, temporary, at, name, false).map_err(preparing)
    }

    /// Keeps the text that a file has now: as a second name of it, or where that cannot be, as a copy.
    pub(super) fn keep_old(&self, beneath: &Beneath, path: &RepoPath, name: &str, text: &[u8]) -> Result<(), CommitError> {
        let linked = beneath
            .parent(path)
            .and_then(|folder| rustix::fs::linkat(&folder, path.file_name(), &self.fd, name, AtFlags::empty()));
        match linked {
            Ok(()) => Ok(()),
            Err(_) => self.write(&self.fd, name, text, Manner::New { executable: false }),
        }
    }

    /// Tells git to look away, should a kill leave the folder there.
    pub(super) fn hide(&self) -> Result<(), CommitError> {
        self.write(&self.fd, IGNORE, b"*\n", Manner::New { executable: false })
    }

    /// Returns what is to be done as a journal of this folder.
    pub(super) fn journal(&self, files: Vec<Entry>, moves: Vec<Move>) -> Result<Journal, CommitError> {
        Ok(Journal { version: VERSION, stage: self.identity()?, files, moves })
    }

    /// Writes the journal: the commit has happened when this returns.
    pub(super) fn write_journal(&self, journal: &Journal) -> Result<(), CommitError> {
        let text = serde_json::to_vec(journal).map_err(|error| CommitError::Journal(error.to_string()))?;
        self.write(&self.fd, JOURNAL, &text, Manner::New { executable: false })?;
        sync(&self.fd)
    }

    /// Reads the journal of that name, if there is one, and trusts nothing in it.
    pub(super) fn read_journal(&self, name: &str) -> Result<Option<Journal>, CommitError> {
        let file = match open_file(&self.fd, name) {
            Ok(file) => file,
            Err(Errno::NOENT) => return Ok(None),
            Err(errno) => return Err(system("opening the journal", errno)),
        };
        let mut text = Vec::new();
        let read = File::from(file).take(LONGEST).read_to_end(&mut text);
        read.map_err(|source| CommitError::System { doing: "reading the journal".to_owned(), source })?;
        let journal: Journal = serde_json::from_slice(&text).map_err(|error| CommitError::Journal(error.to_string()))?;
        let strange = |what: &str| Err(CommitError::Journal(what.to_owned()));
        if journal.version != VERSION {
            return strange("it is of another version");
        }
        if journal.stage != self.identity()? {
            return strange("it was not written here: it came with a copy of the folder");
        }
        let names = journal.moves.iter().map(|it| &it.name).chain(journal.files.iter().filter_map(|it| it.old.as_ref()));
        if names.clone().any(|name| name.contains(['/', '\0']) || name.starts_with('.')) {
            return strange("it names what is not in its folder");
        }
        let paths = journal.moves.iter().map(|it| &it.path).chain(journal.files.iter().map(|it| &it.path));
        if paths.clone().any(|path| crate::paths::checked(path.as_str()).is_err()) {
            return strange("it names a path that no answer may");
        }
        Ok(Some(journal))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        rustix::fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW).is_ok()
    }

    /// Removes what is in the folder, and the folder. What cannot be removed is left to the next one.
    pub(super) fn clear(self, beneath: &Beneath) {
        self.empty();
        let _ = rustix::fs::unlinkat(beneath.root(), STAGE, AtFlags::REMOVEDIR);
    }

    /// Removes what is in the folder. The journal goes first: without what it speaks of it would say something else.
    pub(super) fn empty(&self) {
        for journal in [JOURNAL, UNDO] {
            if rustix::fs::unlinkat(&self.fd, journal, AtFlags::empty()).is_ok() && sync(&self.fd).is_err() {
                return;
            }
        }
        for entry in rustix::fs::Dir::read_from(&self.fd).into_iter().flatten().flatten() {
            if !matches!(entry.file_name().to_bytes(), b"." | b"..") {
                remove(&self.fd, entry.file_name());
            }
        }
    }

    fn identity(&self) -> Result<Identity, CommitError> {
        let looking = |source| CommitError::System { doing: "looking at the folder of the commit".to_owned(), source };
        let inode = rustix::fs::fstat(&self.fd).map_err(|errno| looking(errno.into()))?.st_ino;
        let about = self.fd.try_clone().and_then(|fd| File::from(fd).metadata()).map_err(looking)?;
        let born = about.created().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
        Ok(Identity { inode, born: born.and_then(|at| u64::try_from(at.as_nanos()).ok()) })
    }
}

/// The version of the journal; one of another version is not carried out.
const VERSION: u32 = 2;

/// A journal is no longer.
const LONGEST: u64 = 64 * 1024 * 1024;

/// The mode and the owner that a prepared file gets.
#[derive(Debug, Clone, Copy)]
pub(super) enum Manner {
    /// What the user's mask allows.
    New { executable: bool },
    /// Those of the file that it replaces.
    Like { mode: Mode, owner: (u32, u32) },
}

fn is_at(root: &OwnedFd, fd: &OwnedFd) -> bool {
    match (rustix::fs::fstat(fd), rustix::fs::statat(root, STAGE, AtFlags::SYMLINK_NOFOLLOW)) {
        (Ok(held), Ok(there)) => (held.st_ino, held.st_dev) == (there.st_ino, there.st_dev),
        _ => false,
    }
}

/// Forces the names in a folder to the disk.
pub(super) fn sync(folder: &OwnedFd) -> Result<(), CommitError> {
    rustix::fs::fsync(folder).map_err(|errno| system("forcing a folder to the disk", errno))
}
