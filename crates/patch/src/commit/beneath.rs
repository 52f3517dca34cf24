//! Files beneath a folder: every path is opened part by part, and no part may be a symbolic link.
//!
//! This is what `openat2` does with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS, in calls that every Unix has and no container forbids.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use domain::{Digest, RepoPath};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, RenameFlags};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

/// No file that an answer speaks of is larger.
const LARGEST: u64 = 256 * 1024 * 1024;

/// A folder whose files are reached without leaving it.
#[derive(Debug)]
pub struct Beneath {
    root: OwnedFd,
}

/// How a file is told again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    length: u64,
    digest: Digest,
}

impl Mark {
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self { length: bytes.len() as u64, digest: Digest::of(bytes) }
    }
}

/// What stands at a path.
pub(super) struct Found {
    pub(super) mark: Mark,
    pub(super) mode: Mode,
    pub(super) owner: (u32, u32),
}

impl Beneath {
    /// Opens a folder.
    ///
    /// # Errors
    /// When it cannot be opened, or is none.
    pub fn open(root: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self { root: rustix::fs::open(root, flags, Mode::empty())? })
    }

    /// Reads a regular file.
    ///
    /// # Errors
    /// When it is not there, is no regular file, lies behind a symbolic link, or is larger than any that an answer speaks of.
    pub fn read(&self, path: &RepoPath) -> io::Result<Vec<u8>> {
        let file = open_file(&self.parent(path)?, path.file_name())?;
        let stat = rustix::fs::fstat(&file)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
        }
        let mut text = Vec::new();
        File::from(file).take(LARGEST + 1).read_to_end(&mut text)?;
        if text.len() as u64 > LARGEST {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is too large"));
        }
        Ok(text)
    }

    pub(super) fn root(&self) -> &OwnedFd {
        &self.root
    }

    /// Opens the folder that holds a path.
    pub(super) fn parent(&self, path: &RepoPath) -> Result<OwnedFd, Errno> {
        let mut at = rustix::io::fcntl_dupfd_cloexec(&self.root, 0)?;
        for part in path.parent().split('/').filter(|part| !part.is_empty()) {
            at = folder(&at, part)?;
        }
        Ok(at)
    }

    /// Returns what stands at a path; `None`: nothing. A file longer than `most` is only known not to be what was expected.
    pub(super) fn find(&self, path: &RepoPath, most: u64) -> Result<Option<Found>, Errno> {
        let file = match self.parent(path).and_then(|folder| open_file(&folder, path.file_name())) {
            Ok(file) => file,
            Err(Errno::NOENT) => return Ok(None),
            Err(errno) => return Err(errno),
        };
        let stat = rustix::fs::fstat(&file)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(Errno::ISDIR);
        }
        let mut text = Vec::new();
        let read = File::from(file).take(most + 1).read_to_end(&mut text);
        read.map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
        let mode = Mode::from_raw_mode(stat.st_mode & 0o777);
        Ok(Some(Found { mark: Mark::of(&text), mode, owner: (stat.st_uid, stat.st_gid) }))
    }

    /// Says whether the file at a path is the marked one; with no mark, whether there is none.
    pub(super) fn is(&self, path: &RepoPath, mark: Option<&Mark>) -> Result<bool, Errno> {
        match self.find(path, mark.map_or(0, |mark| mark.length)) {
            Ok(found) => Ok(found.as_ref().map(|found| &found.mark) == mark),
            // A part of the path is a file: nothing stands there. Something that is no file is not what was marked.
            Err(Errno::NOTDIR) => Ok(mark.is_none()),
            Err(Errno::ISDIR | Errno::LOOP | Errno::NXIO) => Ok(false),
            Err(errno) => Err(errno),
        }
    }
}

/// Opens a folder by its name.
pub(super) fn folder(at: impl AsFd, name: &str) -> Result<OwnedFd, Errno> {
    rustix::fs::openat(at, name, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
}

/// Opens a file by its name, without waiting: what lies there may be a pipe.
pub(super) fn open_file(at: &OwnedFd, name: &str) -> Result<OwnedFd, Errno> {
    rustix::fs::openat(at, name, OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty())
}

/// Moves what has one name to another, which may have to be free.
pub(super) fn rename(from: &OwnedFd, name: &str, to: &OwnedFd, new: &str, free: bool) -> Result<(), Errno> {
    let flags = if free { RenameFlags::NOREPLACE } else { RenameFlags::empty() };
    match rustix::fs::renameat_with(from, name, to, new, flags) {
        // A system or a file system that does not know the flags.
        Err(Errno::NOSYS | Errno::INVAL) => rustix::fs::renameat(from, name, to, new),
        other => other,
    }
}

/// Removes what has a name, with everything beneath it.
pub(super) fn remove(at: &OwnedFd, name: &std::ffi::CStr) {
    if rustix::fs::unlinkat(at, name, AtFlags::empty()).is_ok() {
        return;
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    if let Ok(inner) = rustix::fs::openat(at, name, flags, Mode::empty()) {
        for entry in rustix::fs::Dir::read_from(&inner).into_iter().flatten().flatten() {
            if !matches!(entry.file_name().to_bytes(), b"." | b"..") {
                remove(&inner, entry.file_name());
            }
        }
        let _ = rustix::fs::unlinkat(at, name, AtFlags::REMOVEDIR);
    }
}
