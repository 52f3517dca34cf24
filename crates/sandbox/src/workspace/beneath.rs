//! Files below one folder, whatever hostile code left there: no link is followed, no path leads out, no depth and no mode is an obstacle
//! to removing.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Gid, Mode, OFlags, RawMode, RenameFlags, ResolveFlags, Stat, Timespec, Timestamps, Uid, chmodat,
    chownat, fchmod, futimens, linkat, mkdirat, mknodat, openat, openat2, readlinkat, renameat_with, statat, symlinkat, unlinkat,
};
use rustix::io::Errno;

/// Folders that are held open at one time while a tree is removed.
const HELD: usize = 64;

/// Bytes at most of a path from the root, which is what the kernel takes.
const LONGEST: usize = 4095;

/// The bits of a mode that are kept: none that makes a program another user's.
const KEPT: RawMode = 0o777;

/// A folder, and what is below it.
#[derive(Debug)]
pub(crate) struct Root(OwnedFd);

impl Root {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(openat(CWD, path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?))
    }

    pub(crate) fn folder(&self, path: &Path) -> io::Result<OwnedFd> {
        self.beneath(path, OFlags::RDONLY | OFlags::DIRECTORY)
    }

    fn beneath(&self, path: &Path, flags: OFlags) -> io::Result<OwnedFd> {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        Ok(openat2(&self.0, path, flags | OFlags::CLOEXEC | OFlags::NOFOLLOW, Mode::empty(), resolve)?)
    }

    /// Returns the folder that a path is in, and its last name.
    fn parent<'p>(&self, path: &'p Path) -> io::Result<(OwnedFd, &'p OsStr)> {
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        Ok((self.folder(path.parent().unwrap_or(Path::new("")))?, name))
    }

    /// Returns what is at a path; `None` when nothing is, or when the way there leads through a link.
    pub(crate) fn stat(&self, path: &Path) -> Option<Stat> {
        let (parent, name) = self.parent(path).ok()?;
        statat(&parent, name, AtFlags::SYMLINK_NOFOLLOW).ok()
    }

    /// Opens a regular file to read it, and nothing else: no pipe is waited for.
    pub(crate) fn file(&self, path: &Path) -> io::Result<File> {
        let file = File::from(self.beneath(path, OFlags::RDONLY | OFlags::NONBLOCK)?);
        if file.metadata()?.is_file() { Ok(file) } else { Err(io::ErrorKind::InvalidInput.into()) }
    }

    pub(crate) fn link(&self, path: &Path) -> io::Result<PathBuf> {
        let (parent, name) = self.parent(path)?;
        Ok(OsString::from_vec(readlinkat(&parent, name, Vec::new())?.into_bytes()).into())
    }

    /// Returns the names in a folder, in order. A folder of this process's own that is closed is opened to it.
    pub(crate) fn names(&self, path: &Path) -> io::Result<Vec<OsString>> {
        let folder = self.folder(path).or_else(|error| self.opened(path, error, Mode::RWXU).and_then(|()| self.folder(path)))?;
        let mut names = names(&folder)?;
        names.sort();
        Ok(names)
    }

    /// Opens a regular file, one of this process's own that is closed as well.
    pub(crate) fn own_file(&self, path: &Path) -> io::Result<File> {
        self.file(path).or_else(|error| self.opened(path, error, Mode::RUSR | Mode::WUSR).and_then(|()| self.file(path)))
    }

    /// Gives a mode to what could not be opened for want of it.
    fn opened(&self, path: &Path, error: io::Error, mode: Mode) -> io::Result<()> {
        if error.kind() != io::ErrorKind::PermissionDenied || self.stat(path).map(kind) == Some(FileType::Symlink) {
            return Err(error);
        }
        let (parent, name) = self.parent(path)?;
        Ok(chmodat(&parent, name, mode, AtFlags::empty())?)
    }

    /// Makes a folder where there is none. What is there and is no folder is replaced.
    pub(crate) fn make_folder(&self, path: &Path) -> io::Result<()> {
        let (parent, name) = self.parent(path)?;
        let there = statat(&parent, name, AtFlags::SYMLINK_NOFOLLOW).ok().map(kind);
        if there == Some(FileType::Directory) {
            return Ok(());
        }
        if there.is_some() {
            remove_at(&parent, name)?;
        }
        Ok(mkdirat(&parent, name, Mode::from_raw_mode(0o755))?)
    }

    /// Puts a file in the place of whatever is there, whole or not at all.
    pub(crate) fn put_file(&self, path: &Path, content: &mut impl Content, mode: RawMode) -> io::Result<()> {
        let (parent, name) = self.parent(path)?;
        let temporary = temporary(name);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file = File::from(openat(&parent, &temporary, flags, Mode::RUSR | Mode::WUSR)?);
        let written = content.write_to(&mut file).and_then(|()| {
            fchmod(&file, Mode::from_raw_mode(mode & KEPT))?;
            self.replace(&parent, &temporary, path, name)
        });
        if written.is_err() {
            let _ = unlinkat(&parent, &temporary, AtFlags::empty());
        }
        written
    }

    /// Puts a symbolic link in the place of whatever is there.
    pub(crate) fn put_link(&self, path: &Path, target: &Path) -> io::Result<()> {
        let (parent, name) = self.parent(path)?;
        self.remove(path)?;
        Ok(symlinkat(target, &parent, name)?)
    }

    /// Puts one more name of a file that is below this root in the place of whatever is there.
    pub(crate) fn put_name(&self, path: &Path, of: &Path) -> io::Result<()> {
        let (from, old) = self.parent(of)?;
        let (parent, name) = self.parent(path)?;
        self.remove(path)?;
        Ok(linkat(&from, old, &parent, name, AtFlags::empty())?)
    }

    /// Puts a named pipe in the place of whatever is there.
    pub(crate) fn put_pipe(&self, path: &Path, mode: RawMode) -> io::Result<()> {
        let (parent, name) = self.parent(path)?;
        self.remove(path)?;
        Ok(mknodat(&parent, name, FileType::Fifo, Mode::from_raw_mode(mode & KEPT), 0)?)
    }

    /// Puts the mark of overlayfs that what the layer below has at a path is gone.
    pub(crate) fn put_whiteout(&self, path: &Path) -> io::Result<()> {
        let (parent, name) = self.parent(path)?;
        self.remove(path)?;
        Ok(mknodat(&parent, name, FileType::CharacterDevice, Mode::empty(), 0)?)
    }

    /// Gives what is at a path to an owner; fails only where it is not that owner's already.
    pub(crate) fn give(&self, path: &Path, uid: u32, gid: u32) -> io::Result<()> {
        let (parent, name) = self.parent(path)?;
        let stat = statat(&parent, name, AtFlags::SYMLINK_NOFOLLOW)?;
        if (stat.st_uid, stat.st_gid) == (uid, gid) {
            return Ok(());
        }
        let (uid, gid) = (Uid::from_raw(uid), Gid::from_raw(gid));
        Ok(chownat(&parent, name, Some(uid), Some(gid), AtFlags::SYMLINK_NOFOLLOW)?)
    }

    pub(crate) fn set_mode(&self, path: &Path, mode: RawMode) -> io::Result<()> {
        Ok(fchmod(self.folder(path)?, Mode::from_raw_mode(mode & KEPT))?)
    }

    fn replace(&self, parent: &OwnedFd, temporary: &OsStr, path: &Path, name: &OsStr) -> io::Result<()> {
        match renameat_with(parent, temporary, parent, name, RenameFlags::empty()) {
            Err(Errno::ISDIR | Errno::NOTEMPTY | Errno::EXIST) => {
                self.remove(path)?;
                Ok(renameat_with(parent, temporary, parent, name, RenameFlags::empty())?)
            }
            done => Ok(done?),
        }
    }

    /// Removes whatever is at a path, with all below it. Nothing there is as good.
    pub(crate) fn remove(&self, path: &Path) -> io::Result<()> {
        let (parent, name) = match self.parent(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            found => found?,
        };
        remove_at(&parent, name)
    }
}

/// What becomes a file.
pub(crate) trait Content {
    fn write_to(&mut self, file: &mut File) -> io::Result<()>;
}

impl Content for &[u8] {
    fn write_to(&mut self, file: &mut File) -> io::Result<()> {
        file.write_all(self)
    }
}

/// A file, with its holes and its time.
impl Content for File {
    fn write_to(&mut self, to: &mut File) -> io::Result<()> {
        super::copy::data(self, to)?;
        let stat = rustix::fs::fstat(&*self)?;
        let time = |sec, nsec| Timespec { tv_sec: sec, tv_nsec: i64::try_from(nsec).unwrap_or(0) };
        let times = Timestamps {
            last_access: time(stat.st_atime, stat.st_atime_nsec),
            last_modification: time(stat.st_mtime, stat.st_mtime_nsec),
        };
        Ok(futimens(to, &times)?)
    }
}

pub(crate) fn kind(stat: Stat) -> FileType {
    FileType::from_raw_mode(stat.st_mode)
}

/// Returns whether a path can be gone to from the root at once.
pub(crate) fn is_short(path: &Path) -> bool {
    path.as_os_str().len() <= LONGEST
}

/// Removes a folder of this process's own with all below it, whatever is there.
pub(crate) fn remove_tree(path: &Path) -> io::Result<()> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let parent = match Root::open(path.parent().unwrap_or(Path::new("/"))) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => opened?,
    };
    remove_at(&parent.0, name)
}

fn remove_at(parent: &OwnedFd, name: &OsStr) -> io::Result<()> {
    match unlinkat(parent, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => return Ok(()),
        Err(Errno::ISDIR | Errno::PERM) => {}
        Err(error) => return Err(error.into()),
    }
    let top = open_to_empty(parent, name)?;
    let mut flattened = Flattened::default();
    empty(&top, &top, &mut flattened, HELD)?;
    while let Some(name) = flattened.names.pop() {
        let folder = open_to_empty(&top, &name)?;
        empty(&folder, &top, &mut flattened, HELD)?;
        unlinkat(&top, &name, AtFlags::REMOVEDIR)?;
    }
    Ok(unlinkat(parent, name, AtFlags::REMOVEDIR)?)
}

/// Folders that were so deep that they were moved to the top of the tree.
#[derive(Default)]
struct Flattened {
    names: Vec<OsString>,
    moved: u64,
}

fn empty(folder: &OwnedFd, top: &OwnedFd, flattened: &mut Flattened, depth: usize) -> io::Result<()> {
    for name in names(folder)? {
        if flattened.names.contains(&name) {
            continue;
        }
        match unlinkat(folder, &name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(Errno::ISDIR | Errno::PERM) if depth == 0 => {
                flattened.moved += 1;
                let short = OsString::from(format!(".removed-{}", flattened.moved));
                // One of that name that was there before keeps the folder from being moved.
                renameat_with(folder, &name, top, &short, RenameFlags::NOREPLACE)?;
                flattened.names.push(short);
            }
            Err(Errno::ISDIR | Errno::PERM) => {
                empty(&open_to_empty(folder, &name)?, top, flattened, depth - 1)?;
                unlinkat(folder, &name, AtFlags::REMOVEDIR)?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Opens a folder that is about to be removed, whatever its mode.
fn open_to_empty(parent: &OwnedFd, name: &OsStr) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let is_open = |stat: Stat| stat.st_mode & 0o700 == 0o700;
    if !statat(parent, name, AtFlags::SYMLINK_NOFOLLOW).is_ok_and(is_open) {
        let _ = chmodat(parent, name, Mode::RWXU, AtFlags::empty());
    }
    Ok(openat(parent, name, flags, Mode::empty())?)
}

fn names(folder: &impl AsFd) -> io::Result<Vec<OsString>> {
    let entries = Dir::read_from(folder)?;
    let mut names = Vec::new();
    for entry in entries {
        let name = entry?.file_name().to_bytes().to_vec();
        if name != b"." && name != b".." {
            names.push(OsString::from_vec(name));
        }
    }
    Ok(names)
}

/// Returns a name that a file has until it is whole.
fn temporary(name: &OsStr) -> OsString {
    let mut bytes = b".fixwright-".to_vec();
    // The whole may not be longer than a name can be.
    bytes.extend_from_slice(name.as_bytes().get(..name.len().min(200)).unwrap_or_default());
    OsString::from_vec(bytes)
}

/// Returns whether two files hold the same.
pub(crate) fn same(one: &mut File, other: &mut File) -> io::Result<bool> {
    let (mut left, mut right) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        let count = one.read(&mut left)?;
        let Some(piece) = right.get_mut(..count) else { return Ok(false) };
        if count == 0 {
            return Ok(other.read(&mut right)? == 0);
        }
        if other.read_exact(piece).is_err() || left.get(..count) != Some(&*piece) {
            return Ok(false);
        }
    }
}
