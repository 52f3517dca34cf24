//! The upper layer of an overlay, read from outside: what was changed, as overlayfs writes it down.
//!
//! A character device numbered 0:0 says that what the layer below has there is gone; a folder with the attribute `overlay.opaque` hides all
//! that the layer below has in it.

use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, Stat, XattrFlags, fgetxattr, fsetxattr};

use super::beneath::{Root, is_short, kind};

/// Entries at most that are read: a command can make more files than anyone wants to see.
const MOST: usize = 1 << 20;

const OPAQUE: &str = "user.overlay.opaque";

/// One entry of an upper layer.
pub(super) struct Entry {
    pub(super) path: PathBuf,
    pub(super) stat: Stat,
    pub(super) what: What,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Folder {
        /// Nothing of the layer below is to be seen in it.
        opaque: bool,
    },
    File,
    Link,
    Pipe,
    /// What was there is gone.
    Gone,
    /// A socket or a device.
    Odd,
}

/// Returns all entries, each folder before what is in it; and those that no path leads to, or that were too many.
pub(super) fn entries(upper: &Root) -> io::Result<(Vec<Entry>, Vec<PathBuf>)> {
    let mut entries = Vec::new();
    let mut unread = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(folder) = open.pop() {
        let Ok(names) = upper.names(&folder) else {
            unread.push(folder);
            continue;
        };
        for name in names {
            let path = folder.join(name);
            let stat = upper.stat(&path).filter(|_| is_short(&path) && entries.len() < MOST);
            let Some(stat) = stat else {
                unread.push(path);
                // One is enough to say that there were more.
                if entries.len() >= MOST {
                    return Ok((entries, unread));
                }
                continue;
            };
            let what = what(upper, &path, stat);
            if matches!(what, What::Folder { .. }) {
                open.push(path.clone());
            }
            entries.push(Entry { path, stat, what });
        }
    }
    Ok((entries, unread))
}

fn what(upper: &Root, path: &Path, stat: Stat) -> What {
    match kind(stat) {
        FileType::Directory => What::Folder { opaque: upper.folder(path).is_ok_and(|folder| is_opaque(&folder)) },
        FileType::RegularFile => What::File,
        FileType::Symlink => What::Link,
        FileType::Fifo => What::Pipe,
        FileType::CharacterDevice if stat.st_rdev == 0 => What::Gone,
        _ => What::Odd,
    }
}

fn is_opaque(folder: impl AsFd) -> bool {
    let mut value = [0; 1];
    fgetxattr(folder, OPAQUE, &mut value).is_ok() && value == *b"y"
}

/// What an upper layer says of a path.
pub(super) enum Hides {
    /// It has something there itself.
    Shows,
    /// It says that nothing is there.
    Gone,
    /// It says nothing: what the layer below has there is to be seen.
    Nothing,
}

/// Returns what an upper layer says of a path.
pub(super) fn hides(upper: &Root, path: &Path) -> Hides {
    let mut at = PathBuf::new();
    let mut opaque = false;
    for part in path {
        at.push(part);
        match upper.stat(&at).map(|stat| what(upper, &at, stat)) {
            None => return if opaque { Hides::Gone } else { Hides::Nothing },
            Some(What::Gone) => return Hides::Gone,
            Some(What::Folder { opaque: hides }) => opaque |= hides,
            // Something that is no folder: nothing is below it.
            Some(_) if at != path => return Hides::Gone,
            Some(_) => {}
        }
    }
    Hides::Shows
}

/// Hides all that the layer below has in a folder.
pub(super) fn make_opaque(upper: &Root, path: &Path) -> io::Result<()> {
    Ok(fsetxattr(upper.folder(path)?, OPAQUE, b"y", XattrFlags::empty())?)
}
