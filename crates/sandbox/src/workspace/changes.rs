//! What is different in a private copy from its base.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::FileType;

use super::beneath::{Root, kind, same};
use super::upper::{What, entries};

/// Everything that is different in a copy, in the order of the paths.
#[derive(Debug)]
pub struct Changes {
    top: Root,
    /// What is different.
    pub entries: Vec<Changed>,
    /// Paths at which something is different that no one can carry over: sockets, devices, pipes, paths longer than any path, and the rest
    /// when there were too many.
    pub left_out: Vec<PathBuf>,
}

/// One path that is different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// From the top of the copy.
    pub path: PathBuf,
    /// What is there now.
    pub now: Now,
}

/// What is at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Now {
    /// A file. It carries no set-uid bits, whatever it was given.
    File {
        /// Its bytes, as it says; most of them may be a hole.
        length: u64,
        /// Whether its owner may run it.
        executable: bool,
    },
    /// A symbolic link, which nobody followed.
    Link {
        /// Where it says that it leads.
        target: PathBuf,
    },
    /// A new folder.
    Folder,
    /// Nothing any more.
    Gone,
}

impl Changes {
    /// Opens a file that is different.
    ///
    /// # Errors
    /// When it is not there, or is no regular file.
    pub fn open(&self, path: &Path) -> io::Result<File> {
        self.top.own_file(path)
    }
}

pub(super) fn of_overlay(base: &Root, upper: Root) -> io::Result<Changes> {
    let (entries, mut left_out) = entries(&upper)?;
    let mut changed = Vec::new();
    for entry in entries {
        let was = base.stat(&entry.path).map(kind);
        let now = match entry.what {
            What::Folder { opaque } => {
                if opaque {
                    gone_below(base, &upper, &entry.path, &mut changed);
                }
                if was == Some(FileType::Directory) {
                    continue;
                }
                Now::Folder
            }
            What::Gone if was.is_none() => continue,
            What::Gone => {
                gone_below(base, &upper, &entry.path, &mut changed);
                Now::Gone
            }
            What::File | What::Link => match leaf(base, &upper, &entry.path) {
                Ok(Some(now)) => now,
                Ok(None) => continue,
                Err(_) => {
                    left_out.push(entry.path);
                    continue;
                }
            },
            What::Pipe | What::Odd => {
                left_out.push(entry.path);
                continue;
            }
        };
        if was == Some(FileType::Directory) && now != Now::Gone {
            gone_below(base, &upper, &entry.path, &mut changed);
        }
        changed.push(Changed { path: entry.path, now });
    }
    Ok(finished(upper, changed, left_out))
}

pub(super) fn of_copy(base: &Root, copy: Root) -> io::Result<Changes> {
    let (entries, mut left_out) = entries(&copy)?;
    let mut changed = Vec::new();
    let mut there = BTreeSet::new();
    for entry in entries {
        let was = base.stat(&entry.path).map(kind);
        match entry.what {
            What::Folder { .. } if was != Some(FileType::Directory) => {
                changed.push(Changed { path: entry.path.clone(), now: Now::Folder });
            }
            What::Folder { .. } => {}
            What::File | What::Link => match leaf(base, &copy, &entry.path) {
                Ok(now) => changed.extend(now.map(|now| Changed { path: entry.path.clone(), now })),
                Err(_) => left_out.push(entry.path.clone()),
            },
            What::Pipe | What::Gone | What::Odd => left_out.push(entry.path.clone()),
        }
        there.insert(entry.path);
    }
    for path in below(base, Path::new("")) {
        if !there.contains(&path) && !left_out.contains(&path) {
            changed.push(Changed { path, now: Now::Gone });
        }
    }
    Ok(finished(copy, changed, left_out))
}

fn finished(top: Root, mut entries: Vec<Changed>, left_out: Vec<PathBuf>) -> Changes {
    entries.sort_by(|one, other| one.path.cmp(&other.path));
    entries.dedup_by(|one, other| one.path == other.path);
    Changes { top, entries, left_out }
}

/// Returns what is at a path where there is a file or a link; `None` when it is the same as in the base.
fn leaf(base: &Root, top: &Root, path: &Path) -> io::Result<Option<Now>> {
    let (was, now) = (base.stat(path), top.stat(path).ok_or(io::ErrorKind::NotFound)?);
    if kind(now) == FileType::Symlink {
        let target = top.link(path)?;
        return Ok((base.link(path).ok().as_ref() != Some(&target)).then_some(Now::Link { target }));
    }
    let mut file = top.own_file(path)?;
    let as_it_was = was.filter(|was| kind(*was) == FileType::RegularFile && was.st_size == now.st_size);
    let as_it_was = as_it_was.filter(|was| (was.st_mode ^ now.st_mode) & 0o100 == 0);
    if as_it_was.is_some() && base.file(path).and_then(|mut was| same(&mut was, &mut file)).unwrap_or(false) {
        return Ok(None);
    }
    Ok(Some(Now::File { length: u64::try_from(now.st_size).unwrap_or(0), executable: now.st_mode & 0o100 != 0 }))
}

/// Adds all that the base has below a path and that is not to be seen any more.
fn gone_below(base: &Root, top: &Root, path: &Path, changed: &mut Vec<Changed>) {
    for path in below(base, path) {
        if top.stat(&path).is_none() {
            changed.push(Changed { path, now: Now::Gone });
        }
    }
}

/// Returns all that is below a folder of the base.
fn below(base: &Root, folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for name in base.names(&folder).unwrap_or_default() {
            let path = folder.join(name);
            if base.stat(&path).map(kind) == Some(FileType::Directory) {
                open.push(path.clone());
            }
            found.push(path);
        }
    }
    found
}
