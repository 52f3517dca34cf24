//! The root of a command: made at the place of `/tmp`, where only this process sees it, and then made the root.
//!
//! What is shown of the host is taken hold of first, before anything covers it. Every place is looked up with the new root as the end of
//! all ways: a link in it leads nowhere else.

use std::ffi::{CString, OsStr};
use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags, mkdirat, openat, openat2, statat, symlinkat};
use rustix::io::Errno;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MountFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags, UnmountFlags,
    fsconfig_create, fsconfig_set_string, fsmount, fsopen, mount, mount_bind, mount_change, mount_remount, move_mount, open_tree,
    unmount,
};
use rustix::process::pivot_root;

use super::asked::{Asked, Put};
use super::said;

/// What it is made in, and the new root and the files within.
const PLACE: &str = "/tmp";
const ROOT: &str = "/tmp/root";
const FILES: &str = "/tmp/files";

/// What programs expect of `/dev`.
const DEVICES: [&str; 6] = ["full", "null", "random", "tty", "urandom", "zero"];
const DEVICE_LINKS: [(&str, &str); 6] = [
    ("fd", "/proc/self/fd"),
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
    ("stderr", "/proc/self/fd/2"),
    ("core", "/proc/kcore"),
    ("ptmx", "pts/ptmx"),
];

/// Parts of `/proc` that are settings of the kernel.
const SETTINGS: [&str; 4] = ["/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus"];

/// What every mount is: no program in it makes anyone another user, and no file in it is a device.
const HARMLESS: MountFlags = MountFlags::NOSUID.union(MountFlags::NODEV);

/// Makes the root and enters it.
#[expect(clippy::disallowed_methods, reason = "this process is there for one root alone")]
pub(super) fn make(asked: &Asked) -> io::Result<()> {
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)?;
    let mut taken = Vec::new();
    for (_, put) in &asked.root {
        taken.push(match put {
            Put::Bind { source, .. } => vec![tree(source)?],
            Put::Dev => DEVICES.iter().map(|name| tree(&Path::new("/dev").join(name))).collect::<io::Result<_>>()?,
            _ => Vec::new(),
        });
    }
    mount("fixwright", PLACE, "tmpfs", HARMLESS, c"mode=0755")?;
    for folder in [ROOT, FILES] {
        DirBuilder::new().mode(0o755).create(folder)?;
    }
    let whole = asked.root.iter().position(|(at, _)| at == Path::new("/"));
    let base = match whole.and_then(|at| taken.get(at)).and_then(|trees| trees.first()) {
        Some(tree) => tree.try_clone()?,
        None => in_memory(None)?,
    };
    attach(&base, &openat(CWD, ROOT, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?)?;
    let root = Root(openat(CWD, ROOT, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?);
    for (number, ((at, put), trees)) in asked.root.iter().zip(&taken).enumerate() {
        if at != Path::new("/") {
            root.put(number, at, put, trees).map_err(|error| said(&at.display().to_string(), &error))?;
        }
    }
    std::env::set_current_dir(ROOT)?;
    pivot_root(".", ".")?;
    unmount(".", UnmountFlags::DETACH)?;
    std::env::set_current_dir("/")
}

/// Sets what can be written from now on, which nothing inside can take back.
pub(super) fn seal(asked: &Asked) -> io::Result<()> {
    for path in SETTINGS.iter().filter(|path| Path::new(path).exists()) {
        mount_bind(*path, *path)?;
        mount_remount(*path, MountFlags::BIND | MountFlags::RDONLY | MountFlags::NOEXEC | HARMLESS, c"")?;
    }
    let table = fs::read("/proc/self/mountinfo")?;
    for line in table.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let (at, options) = mounted(line).ok_or(io::ErrorKind::InvalidData)?;
        let decides =
            asked.root.iter().filter(|(place, _)| at.starts_with(place)).max_by_key(|(place, _)| place.as_os_str().len());
        let read_only = match decides {
            Some((_, Put::Bind { writable, .. })) => !writable,
            Some((_, Put::FileOver(_))) => true,
            // Made so already; the root and `/dev` are sealed by name.
            _ => continue,
        };
        let sealed = if read_only { HARMLESS | MountFlags::RDONLY } else { HARMLESS };
        if !options.contains(sealed) {
            mount_remount(&at, MountFlags::BIND | options | sealed, c"")
                .map_err(|error| said(&at.display().to_string(), &error.into()))?;
        }
    }
    for at in &asked.read_only {
        let whole = asked.root.iter().any(|(place, put)| place == at && matches!(put, Put::Bind { .. }));
        if !whole {
            mount_remount(at, MountFlags::BIND | MountFlags::RDONLY | HARMLESS, c"")?;
        }
    }
    Ok(())
}

/// Returns the place and the options of a mount from a line of `mountinfo`, see proc(5).
fn mounted(line: &[u8]) -> Option<(PathBuf, MountFlags)> {
    let mut fields = line.split(|byte| *byte == b' ').skip(4);
    let (at, options) = (unescaped(fields.next()?), fields.next()?);
    let flag = |option: &[u8]| match option {
        b"ro" => MountFlags::RDONLY,
        b"nosuid" => MountFlags::NOSUID,
        b"nodev" => MountFlags::NODEV,
        b"noexec" => MountFlags::NOEXEC,
        b"noatime" => MountFlags::NOATIME,
        b"nodiratime" => MountFlags::NODIRATIME,
        b"relatime" => MountFlags::RELATIME,
        _ => MountFlags::empty(),
    };
    Some((at, options.split(|byte| *byte == b',').map(flag).collect()))
}

/// Undoes `\040` and its like, by which the table writes characters that separate.
fn unescaped(text: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..3).filter(|_| *first == b'\\').and_then(|code| std::str::from_utf8(code).ok());
        let code = code.and_then(|code| u8::from_str_radix(code, 8).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { after.get(3..).unwrap_or_default() } else { after };
    }
    std::ffi::OsString::from_vec(bytes).into()
}

/// Returns a mount of what the host has at a path, at no place yet.
fn tree(path: &Path) -> io::Result<OwnedFd> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_RECURSIVE;
    open_tree(CWD, path, flags).map_err(|error| said(&path.display().to_string(), &error.into()))
}

/// Returns a file system of a kind, at no place yet.
fn made(kind: &str, options: &[(&str, &str)], attributes: MountAttrFlags) -> io::Result<OwnedFd> {
    let context = fsopen(kind, FsOpenFlags::FSOPEN_CLOEXEC)?;
    for (name, value) in options {
        fsconfig_set_string(context.as_fd(), *name, *value)?;
    }
    fsconfig_create(context.as_fd())?;
    Ok(fsmount(context.as_fd(), FsMountFlags::FSMOUNT_CLOEXEC, attributes)?)
}

fn in_memory(size: Option<&str>) -> io::Result<OwnedFd> {
    let size = size.map(|size| ("size", size));
    let options: Vec<_> = std::iter::once(("mode", "0755")).chain(size).collect();
    made("tmpfs", &options, MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NODEV)
}

fn attach(tree: impl AsFd, at: impl AsFd) -> io::Result<()> {
    Ok(move_mount(
        tree.as_fd(),
        "",
        at.as_fd(),
        "",
        MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH,
    )?)
}

/// The new root, while it is not yet the root.
struct Root(OwnedFd);

impl Root {
    fn put(&self, number: usize, at: &Path, put: &Put, trees: &[OwnedFd]) -> io::Result<()> {
        match put {
            Put::Bind { .. } => {
                let Some(tree) = trees.first() else { return Ok(()) };
                let kind = FileType::from_raw_mode(statat(tree, c"", AtFlags::EMPTY_PATH)?.st_mode);
                attach(tree, self.place(at, kind == FileType::Directory)?)
            }
            Put::Link(target) => {
                let (folder, name) = self.parent(at)?;
                Ok(symlinkat(target, &folder, name)?)
            }
            Put::Scratch(size) => attach(in_memory(size.as_deref())?, self.place(at, true)?),
            Put::Proc => {
                let attributes =
                    MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NODEV | MountAttrFlags::MOUNT_ATTR_NOEXEC;
                attach(made("proc", &[], attributes)?, self.place(at, true)?)
            }
            Put::Dev => self.devices(at, trees),
            Put::File(bytes) => {
                let (folder, name) = self.parent(at)?;
                let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                File::from(openat(&folder, name, flags, Mode::from_raw_mode(0o644))?).write_all(bytes)
            }
            Put::FileOver(bytes) => {
                let file = Path::new(FILES).join(number.to_string());
                fs::write(&file, bytes)?;
                attach(tree(&file)?, self.place(at, false)?)
            }
        }
    }

    fn devices(&self, at: &Path, nodes: &[OwnedFd]) -> io::Result<()> {
        attach(in_memory(None)?, self.place(at, true)?)?;
        for (name, node) in DEVICES.iter().zip(nodes) {
            attach(node, self.place(&at.join(name), false)?)?;
        }
        for (name, target) in DEVICE_LINKS {
            let (folder, name) = self.parent(&at.join(name)).map(|(folder, _)| (folder, name))?;
            symlinkat(target, &folder, name)?;
        }
        let terminals = [("mode", "620"), ("ptmxmode", "0666")];
        let attributes = MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NOEXEC;
        attach(made("devpts", &terminals, attributes)?, self.place(&at.join("pts"), true)?)
    }

    /// Returns a place inside; makes it where nothing is.
    fn place(&self, at: &Path, folder: bool) -> io::Result<OwnedFd> {
        match self.open(at) {
            Err(Errno::NOENT) => {}
            found => return Ok(found?),
        }
        let (parent, name) = self.parent(at)?;
        if folder {
            mkdirat(&parent, name, Mode::from_raw_mode(0o755))?;
        } else {
            let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            openat(&parent, name, flags, Mode::from_raw_mode(0o644))?;
        }
        Ok(self.open(at)?)
    }

    /// Returns the folder of a path, made where it is not there, and the last name.
    fn parent<'p>(&self, at: &'p Path) -> io::Result<(OwnedFd, &'p OsStr)> {
        let name = at.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let mut folder = self.open(Path::new("/"))?;
        let mut so_far = PathBuf::from("/");
        for part in at.parent().into_iter().flat_map(Path::components) {
            let Component::Normal(part) = part else { continue };
            so_far.push(part);
            folder = match self.open(&so_far) {
                Err(Errno::NOENT) => {
                    mkdirat(&folder, part, Mode::from_raw_mode(0o755))?;
                    self.open(&so_far)?
                }
                found => found?,
            };
        }
        Ok((folder, name))
    }

    fn open(&self, at: &Path) -> Result<OwnedFd, Errno> {
        let below = at.strip_prefix("/").unwrap_or(at);
        let below = if below.as_os_str().is_empty() { OsStr::new(".") } else { below.as_os_str() };
        let below = CString::new(below.as_bytes()).map_err(|_| Errno::INVAL)?;
        openat2(
            &self.0,
            below,
            OFlags::PATH | OFlags::CLOEXEC,
            Mode::empty(),
            ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_table_of_mounts_is_read() {
        let line = br"36 35 98:0 / /a\040b\134c ro,nosuid,relatime shared:1 - ext4 /dev/vda rw";
        let flags = MountFlags::RDONLY | MountFlags::NOSUID | MountFlags::RELATIME;
        assert_eq!(mounted(line), Some((r"/a b\c".into(), flags)));
        assert_eq!(mounted(b"36 35"), None);
    }
}
