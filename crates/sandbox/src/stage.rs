//! The mounts that bubblewrap cannot make, made by the supervisor in a mount namespace of its own before bubblewrap starts. bubblewrap takes
//! each from under its number at [`STAGE`].
//!
//! - For root: the unprivileged user that it becomes can neither go through root's closed folders nor write root's files. Each folder
//!   that the policy names shows the files of its owner as the user's own (an id-mapped mount); what the command writes belongs to the
//!   owner.
//! - For private copies: an overlay over the base, whose upper folder stays when all else is gone.
//! - For a limit on the disk: an overlay whose upper folder is in memory and of a size. What is in it when the command has ended is carried
//!   over to the folder itself.
//!
//! The namespace ends with the supervisor and with all that it started, and every mount with it.

use std::ffi::CString;
use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use composefs_ioctls::mount::mount_setattr_idmap;
use nix::sched::{CloneFlags, unshare};
use nix::sys::statvfs::statvfs;
use nix::unistd::{Gid, Uid, getegid, geteuid, setgroups, setresgid, setresuid};
use rustix::fs::{AtFlags, CWD, FileType, XattrFlags, setxattr, statat};
use rustix::mount::{
    MountFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags, mount, mount_change, move_mount, open_tree,
};

use crate::wire::{Bind, Stage, User};
use crate::workspace::beneath::Root;
use crate::workspace::{UPPER, WORK, keep};

/// Where the mounts are: a folder that is everywhere, that everyone may search, and that bubblewrap covers itself, so that nothing it
/// takes from elsewhere lies in it.
pub(crate) const STAGE: &str = "/tmp";

/// Where what is written is held when it is bounded.
pub(crate) const DISK: &str = "/tmp/disk";

/// Bytes of a bounded folder for each file that it can have at most.
const BYTES_A_FILE: u64 = 1024;

/// Returns where the mount of a number is.
pub(crate) fn place(number: usize) -> PathBuf {
    PathBuf::from(format!("{STAGE}/{number}"))
}

/// A folder that what is written in another is carried over to.
pub(crate) struct Kept {
    upper: PathBuf,
    target: PathBuf,
}

impl Kept {
    /// Carries over what was written. Nothing may write there any more.
    pub(crate) fn keep(&self) -> io::Result<()> {
        keep::keep(&Root::open(&self.upper)?, &Root::open(&self.target)?)
    }
}

/// Makes the mounts and becomes the user. Returns what is to be carried over at the end.
pub(crate) fn set(stage: &Stage) -> Result<Vec<Kept>, String> {
    unshare_all(geteuid().is_root()).map_err(|error| format!("namespaces for private mounts: {error}"))?;
    // Taken hold of before the stage covers what they may lie in.
    let trees = stage.binds.iter().map(Trees::of).collect::<Result<Vec<_>, _>>()?;
    // Without flags: a runtime cannot mount anew what has more of them than it asks for.
    in_memory(STAGE, MountFlags::empty(), "mode=0755,size=16m".to_owned())?;
    if let Some(size) = stage.disk {
        bounded(size)?;
    }
    let mut kept = Vec::new();
    for (number, (trees, bind)) in trees.iter().zip(&stage.binds).enumerate() {
        let disk = stage.disk.is_some() && bind.writable;
        let carried = trees.put(number, disk).map_err(|error| format!("mounting {}: {error}", bind.source.display()))?;
        kept.extend(carried);
    }
    if !stage.late {
        drop_root(stage)?;
    }
    Ok(kept)
}

/// Becomes the user of the stage, if there is one.
pub(crate) fn drop_root(stage: &Stage) -> Result<(), String> {
    stage.user.map_or(Ok(()), |user| become_user(user).map_err(|error| format!("becoming user {}: {error}", user.uid)))
}

/// Enters namespaces of its own: of mounts, and, for who is not root, of users, in which it is itself and no one else.
fn unshare_all(is_root: bool) -> io::Result<()> {
    if is_root {
        unshare(CloneFlags::CLONE_NEWNS)?;
    } else {
        let (uid, gid) = (geteuid(), getegid());
        unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS)?;
        fs::write("/proc/self/setgroups", "deny")?;
        fs::write("/proc/self/uid_map", format!("{uid} {uid} 1"))?;
        fs::write("/proc/self/gid_map", format!("{gid} {gid} 1"))?;
    }
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)?;
    Ok(())
}

/// Mounts that are at no place yet.
struct Trees {
    /// What the bind names.
    source: OwnedFd,
    /// The folder that what is written goes to.
    layer: Option<OwnedFd>,
}

impl Trees {
    fn of(bind: &Bind) -> Result<Self, String> {
        let layer = bind.layer.as_ref().map(|path| tree(path, bind)).transpose()?;
        Ok(Self { source: tree(&bind.source, bind)?, layer })
    }

    /// Puts the mounts where they belong. Returns what is to be carried over.
    fn put(&self, number: usize, disk: bool) -> Result<Option<Kept>, io::Error> {
        let at = |name: &str| PathBuf::from(format!("{STAGE}/{name}-{number}"));
        let mut lower = if self.layer.is_some() || disk { at("lower") } else { place(number) };
        put(&self.source, &lower)?;
        if let Some(layer) = &self.layer {
            put(layer, &at("layer"))?;
            let merged = if disk { at("merged") } else { place(number) };
            overlay(&lower, &at("layer"), &merged)?;
            lower = merged;
        }
        if !disk {
            return Ok(None);
        }
        let folder = Path::new(DISK).join(number.to_string());
        make_upper(&folder, &lower)?;
        overlay(&lower, &folder, &place(number))?;
        Ok(Some(Kept { upper: folder.join(UPPER), target: lower }))
    }
}

/// Returns a mount of a path, at no place yet.
fn tree(path: &Path, bind: &Bind) -> Result<OwnedFd, String> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_RECURSIVE;
    let shown = path.display();
    let tree = open_tree(CWD, path, flags).map_err(|error| format!("mounting {shown}: {error}"))?;
    if let Some(mapping) = &bind.mapping {
        let mapped = File::open(mapping).and_then(|mapping| mount_setattr_idmap(&tree, mapping));
        // What is only read can be read by everyone, most of the time.
        if let (Err(error), true) = (mapped, bind.writable) {
            return Err(format!(
                "the file system of {shown} cannot show its files as another user's ({error}): put the folder on ext4, xfs, btrfs \
                 or tmpfs, or give it to the user of the sandbox (chown -R)"
            ));
        }
    }
    Ok(tree)
}

fn put(tree: &OwnedFd, at: &Path) -> io::Result<()> {
    let kind = FileType::from_raw_mode(statat(tree, c"", AtFlags::EMPTY_PATH)?.st_mode);
    if kind == FileType::Directory {
        folder(at)?;
    } else {
        fs::write(at, "")?;
    }
    move_mount(tree, "", CWD, at, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)?;
    Ok(())
}

fn folder(at: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o755).create(at)
}

fn in_memory(at: &str, flags: MountFlags, options: String) -> Result<(), String> {
    CString::new(options)
        .map_err(io::Error::from)
        .and_then(|options| Ok(mount("fixwright", at, "tmpfs", flags, options.as_c_str())?))
        .map_err(|error| format!("a file system in memory at {at}: {error}"))
}

/// Returns whether nothing is left of the place for what is written: no space, or no files.
pub(crate) fn is_full() -> bool {
    statvfs(DISK).is_ok_and(|disk| disk.blocks_free() == 0 || disk.files_free() == 0)
}

/// Makes the place for what is written, and tries out whether an overlay can be had over it.
fn bounded(size: u64) -> Result<(), String> {
    let files = (size / BYTES_A_FILE).max(1 << 10);
    folder(Path::new(DISK)).map_err(|error| format!("a folder for what is written: {error}"))?;
    in_memory(DISK, MountFlags::NOSUID | MountFlags::NODEV, format!("mode=0755,size={size},nr_inodes={files}"))?;
    setxattr(DISK, "user.fixwright", b"y", XattrFlags::empty())
        .map_err(|error| format!("attributes of files in memory ({error}): a kernel of 6.6 or later"))?;
    let (lower, upper, at) = (Path::new("/tmp/trial-lower"), Path::new("/tmp/trial"), Path::new("/tmp/trial-at"));
    folder(lower)
        .and_then(|()| make_upper(upper, lower))
        .and_then(|()| overlay(lower, upper, at))
        .map_err(|error| format!("an overlay in a user namespace ({error}): modprobe overlay, on a kernel of 5.11 or later"))
}

/// Makes the folders of an overlay. The upper one looks like the one below: it is what the root of both shows.
fn make_upper(folder_of_both: &Path, lower: &Path) -> io::Result<()> {
    folder(folder_of_both)?;
    let below = fs::metadata(lower)?;
    for name in [UPPER, WORK] {
        let path = folder_of_both.join(name);
        folder(&path)?;
        if geteuid().is_root() {
            chown(&path, Some(below.uid()), Some(below.gid()))?;
        }
        fs::set_permissions(path, Permissions::from_mode(below.mode() & 0o777))?;
    }
    Ok(())
}

/// Lays a folder of an upper layer over another. All paths are of the stage, so that none has a character with a meaning.
fn overlay(lower: &Path, layer: &Path, at: &Path) -> io::Result<()> {
    folder(at)?;
    let (lower, layer) = (lower.display(), layer.display());
    let options = CString::new(format!("lowerdir={lower},upperdir={layer}/{UPPER},workdir={layer}/{WORK},userxattr"))?;
    Ok(mount("overlay", at, "overlay", MountFlags::NOSUID | MountFlags::NODEV, options.as_c_str())?)
}

/// Gives up being root, for good. The groups go first: only root may.
fn become_user(user: User) -> nix::Result<()> {
    let (uid, gid) = (Uid::from_raw(user.uid), Gid::from_raw(user.gid));
    setgroups(&[])?;
    setresgid(gid, gid, gid)?;
    setresuid(uid, uid, uid)
}
