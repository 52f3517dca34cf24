//! Private copies of a folder, and what a command changed in one.
//!
//! Many candidates are built side by side from one base. Where it can be had, a copy is an overlay: the base below, which nobody writes,
//! and a folder above that takes what is written; it costs nothing to make, however large the base, and commands see it at the path of the
//! base, so that a built base stays built. It is mounted for each command anew, in namespaces of that command: outside of them there is
//! only the upper folder. Elsewhere a copy is a copy.
//!
//! What a command left in a copy is hostile: all reading and writing here is by `beneath`.

pub(crate) mod beneath;
mod changes;
mod copy;
pub(crate) mod keep;
mod upper;

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Component, Path, PathBuf};

use self::beneath::{Root, remove_tree};
pub use self::changes::{Changed, Changes, Now};
use crate::{Layer, Policy};

/// The folder of an overlay that takes what is written, and the one that overlayfs works in.
pub(crate) const UPPER: &str = "upper";
pub(crate) const WORK: &str = "work";

/// The folder of a copy.
const COPY: &str = "copy";

/// How a private copy was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// By an overlay over the base.
    Overlay,
    /// Of every file, the blocks shared.
    Reflink,
    /// Of every file and byte.
    Copy,
}

impl How {
    /// Returns the word for a report.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Overlay => "overlay",
            Self::Reflink => "reflink",
            Self::Copy => "copy",
        }
    }
}

/// A private copy of a folder. It stays until [`Workspace::remove`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    base: PathBuf,
    folder: PathBuf,
    /// At which commands see it.
    path: PathBuf,
    how: How,
}

impl Workspace {
    /// Makes an overlay.
    pub(crate) fn overlay(base: &Path, folder: &Path) -> io::Result<Self> {
        for name in [UPPER, WORK] {
            fs::create_dir(folder.join(name))?;
        }
        // The upper folder is what the root of the merged tree looks like.
        let (original, upper) = (fs::metadata(base)?, folder.join(UPPER));
        if let Err(error) = chown(&upper, Some(original.uid()), Some(original.gid())) {
            let same = fs::metadata(&upper)?;
            if (same.uid(), same.gid()) != (original.uid(), original.gid()) {
                return Err(error);
            }
        }
        fs::set_permissions(&upper, fs::Permissions::from_mode(original.mode() & 0o777))?;
        Ok(Self { base: base.to_owned(), folder: folder.to_owned(), path: base.to_owned(), how: How::Overlay })
    }

    /// Makes a copy.
    pub(crate) fn copy(base: &Path, folder: &Path) -> io::Result<Self> {
        let copy = folder.join(COPY);
        fs::create_dir(&copy)?;
        let how = if copy::shares_blocks(base, &copy) { How::Reflink } else { How::Copy };
        copy::tree(&Root::open(base)?, &Root::open(&copy)?)?;
        Ok(Self { base: base.to_owned(), folder: folder.to_owned(), path: copy, how })
    }

    /// Returns how it was made.
    #[must_use]
    pub fn how(&self) -> How {
        self.how
    }

    /// Returns the folder that this is a copy of.
    #[must_use]
    pub fn base(&self) -> &Path {
        &self.base
    }

    /// Returns the path at which commands see it: that of the base where it is an overlay.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns a policy that makes it a writable folder, and leaves all else as it is.
    #[must_use]
    pub fn allowed_by(&self, mut policy: Policy) -> Policy {
        if self.how == How::Overlay {
            policy.layers.push(Layer { base: self.base.clone(), folder: self.folder.clone() });
        }
        policy.write.push(self.path().to_owned());
        policy
    }

    /// Reads a file by its path from the top of the copy; `None` when there is none.
    ///
    /// # Errors
    /// When it is no regular file, or cannot be read.
    pub fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        let root = match self.layer_of(plain(path)?)? {
            Some(root) => root,
            None => return Ok(None),
        };
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut root.file(path)?, &mut bytes)?;
        Ok(Some(bytes))
    }

    /// Writes a file in the place of whatever is there, and makes the folders that it is in.
    ///
    /// # Errors
    /// When the path is none below the copy, or it cannot be written.
    pub fn write(&self, path: &Path, bytes: &[u8], executable: bool) -> io::Result<()> {
        let root = self.top_with_folder_of(plain(path)?)?;
        self.owned(&root, path, root.put_file(path, &mut { bytes }, if executable { 0o755 } else { 0o644 }))
    }

    /// Makes a symbolic link in the place of whatever is there, and the folders that it is in.
    ///
    /// # Errors
    /// As of [`Workspace::write`].
    pub fn link(&self, path: &Path, target: &Path) -> io::Result<()> {
        let root = self.top_with_folder_of(plain(path)?)?;
        self.owned(&root, path, root.put_link(path, target))
    }

    /// Removes what is at a path. Nothing there is as good.
    ///
    /// # Errors
    /// As of [`Workspace::write`].
    pub fn delete(&self, path: &Path) -> io::Result<()> {
        if self.layer_of(plain(path)?)?.is_none() {
            return Ok(());
        }
        let root = self.top_with_folder_of(path)?;
        if self.how == How::Overlay && Root::open(&self.base)?.stat(path).is_some() {
            return root.put_whiteout(path);
        }
        root.remove(path)
    }

    /// Returns what was changed since the copy was made. Nothing may run in it meanwhile.
    ///
    /// # Errors
    /// When the base or the copy cannot be read.
    pub fn changes(&self) -> io::Result<Changes> {
        let (base, top) = (Root::open(&self.base)?, self.top()?);
        if self.how == How::Overlay { changes::of_overlay(&base, top) } else { changes::of_copy(&base, top) }
    }

    /// Removes the copy, whatever was left in it.
    ///
    /// # Errors
    /// When something of it cannot be removed.
    pub fn remove(self) -> io::Result<()> {
        clear(&self.folder)
    }

    fn top(&self) -> io::Result<Root> {
        Root::open(&self.folder.join(if self.how == How::Overlay { UPPER } else { COPY }))
    }

    /// Returns the layer that a path is to be read from.
    fn layer_of(&self, path: &Path) -> io::Result<Option<Root>> {
        let top = self.top()?;
        if self.how != How::Overlay {
            return Ok(top.stat(path).map(|_| top));
        }
        Ok(match upper::hides(&top, path) {
            upper::Hides::Shows => Some(top),
            upper::Hides::Gone => None,
            upper::Hides::Nothing => Some(Root::open(&self.base)?).filter(|base| base.stat(path).is_some()),
        })
    }

    /// Returns the layer that is written, with the folders that a path is in, which look there as in the base.
    fn top_with_folder_of(&self, path: &Path) -> io::Result<Root> {
        let top = self.top()?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let base = Root::open(&self.base)?;
        for at in ancestors(folder) {
            let there = top.stat(&at).is_some_and(|stat| beneath::kind(stat) == rustix::fs::FileType::Directory);
            if there {
                continue;
            }
            // What was removed and is made again must not show what the base has there.
            let was_removed =
                self.how == How::Overlay && matches!(upper::hides(&top, &at), upper::Hides::Gone | upper::Hides::Shows);
            self.owned(&top, &at, top.make_folder(&at))?;
            if was_removed {
                upper::make_opaque(&top, &at)?;
            } else if let Some(stat) = base.stat(&at) {
                top.set_mode(&at, stat.st_mode)?;
            }
        }
        Ok(top)
    }

    /// Gives to the owner of the base what was made.
    fn owned(&self, root: &Root, path: &Path, made: io::Result<()>) -> io::Result<()> {
        made?;
        let owner = fs::metadata(&self.base)?;
        root.give(path, owner.uid(), owner.gid())
    }
}

/// Removes what a private copy is kept in.
pub(crate) fn clear(folder: &Path) -> io::Result<()> {
    [UPPER, WORK, COPY].iter().try_for_each(|name| remove_tree(&folder.join(name)))
}

/// Returns a path, and before it all the folders on the way to it.
fn ancestors(path: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = path.ancestors().filter(|at| !at.as_os_str().is_empty()).map(Path::to_owned).collect();
    all.reverse();
    all
}

fn plain(path: &Path) -> io::Result<&Path> {
    let is_plain = path.components().all(|part| matches!(part, Component::Normal(_))) && path.file_name().is_some();
    if is_plain { Ok(path) } else { Err(io::Error::new(io::ErrorKind::InvalidInput, "is no path below the copy")) }
}
