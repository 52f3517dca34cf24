//! The mounts that bubblewrap cannot make, made by the supervisor in a mount namespace of its own before bubblewrap starts.
//!
//! Root needs them because the unprivileged user that it becomes can neither go through root's closed folders nor write root's files:
//! each folder that the policy names is mounted under a number at [`STAGE`], and shows there the files of its owner as the user's own (an
//! id-mapped mount). What the command writes belongs to the folder's owner on this side.
//!
//! The namespace ends with the supervisor and with all that it started, and every mount with it.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

use composefs_ioctls::mount::mount_setattr_idmap;
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{Gid, Uid, setgroups, setresgid, setresuid};
use rustix::fs::{AtFlags, CWD, FileType, statat};
use rustix::mount::{
    MountFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags, mount, mount_change, move_mount, open_tree,
};

use crate::wire::{Bind, Stage, User};

/// Where the mounts are: a folder that is everywhere, that everyone may search, and that bubblewrap covers itself, so that nothing it
/// takes from elsewhere lies in it.
const STAGE: &str = "/tmp";

/// Returns where the mount of a number is.
pub(crate) fn place(number: usize) -> PathBuf {
    PathBuf::from(format!("{STAGE}/{number}"))
}

/// Makes the mounts and becomes the user.
pub(crate) fn set(stage: &Stage) -> Result<(), String> {
    unshare(CloneFlags::CLONE_NEWNS).map_err(|error| format!("a mount namespace of its own: {error}"))?;
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)
        .map_err(|error| format!("mounts of its own: {error}"))?;
    // Taken hold of before the stage covers what they may lie in.
    let trees = stage.binds.iter().map(tree).collect::<Result<Vec<_>, _>>()?;
    mount("stage", STAGE, "tmpfs", MountFlags::NOSUID | MountFlags::NODEV, c"mode=0755,size=1m")
        .map_err(|error| format!("a file system in memory at {STAGE}: {error}"))?;
    for (number, (tree, bind)) in trees.iter().zip(&stage.binds).enumerate() {
        put(tree, number).map_err(|error| format!("mounting {}: {error}", bind.source.display()))?;
    }
    stage.user.map_or(Ok(()), |user| become_user(user).map_err(|error| format!("becoming user {}: {error}", user.uid)))
}

/// Returns a mount of what a bind names, at no place yet.
fn tree(bind: &Bind) -> Result<OwnedFd, String> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_RECURSIVE;
    let shown = bind.source.display();
    let tree = open_tree(CWD, &bind.source, flags).map_err(|error| format!("mounting {shown}: {error}"))?;
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

fn put(tree: &OwnedFd, number: usize) -> io::Result<()> {
    let at = place(number);
    let kind = FileType::from_raw_mode(statat(tree, c"", AtFlags::EMPTY_PATH)?.st_mode);
    if kind == FileType::Directory {
        DirBuilder::new().mode(0o755).create(&at)?;
    } else {
        fs::write(&at, "")?;
    }
    move_mount(tree, "", CWD, &at, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)?;
    Ok(())
}

/// Gives up being root, for good. The groups go first: only root may.
fn become_user(user: User) -> nix::Result<()> {
    let (uid, gid) = (Uid::from_raw(user.uid), Gid::from_raw(user.gid));
    setgroups(&[])?;
    setresgid(gid, gid, gid)?;
    setresuid(uid, uid, uid)
}
