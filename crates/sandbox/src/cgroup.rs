//! A group of the kernel (cgroup) for each command that has a limit of memory: the kernel counts all of it, whoever holds it and however it is
//! passed on, and ends what goes beyond. Where none can be had, memory is held by looks ([`meter`](crate::meter)).
//!
//! The group is made before the supervisor knows its command and is removed when the supervisor is gone. It carries the number of the
//! process that made it: what a killed fixwright left is removed by the next one that looks where groups are made.

mod way;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use nix::unistd::{AccessFlags, access};

use self::way::{Folder, View, Way, decide};
use crate::MemoryBy;
use crate::procfs::Entry;

/// Begins the names of groups; the number of the process that made one and that of the run follow.
const NAME: &str = "fixwright-";

/// The leaf that this process itself moves into.
const LEAF: &str = "fixwright";

/// How long a group whose processes are gone may take until it can be removed.
const PATIENCE: Duration = Duration::from_millis(500);

/// Between two tries to remove one.
const PAUSE: Duration = Duration::from_millis(1);

/// Makes groups.
#[derive(Debug, Default)]
pub(crate) struct Groups(OnceLock<Result<Way, String>>);

impl Groups {
    /// Returns what holds the memory of a command here, and, where that is no group, what is in the way of one.
    pub(crate) fn held_by(&self) -> (MemoryBy, Option<&str>) {
        match self.way() {
            Ok(Way::Two { .. }) => (MemoryBy::CgroupV2, None),
            Ok(Way::One { .. }) => (MemoryBy::CgroupV1, None),
            Err(why) => (MemoryBy::Looks, Some(why)),
        }
    }

    /// Makes a group that can use so many bytes of memory; `None` where none can be had.
    pub(crate) fn make(&self, run: u64, memory: u64) -> Option<Group> {
        let way = self.way().as_ref().ok()?;
        Group::make(way, &format!("{NAME}{}-{run}", std::process::id()), memory).ok()
    }

    /// Looks once, removes what was left, and tries out what was found.
    fn way(&self) -> &Result<Way, String> {
        self.0.get_or_init(|| {
            let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
            let (own, mounts) = (read("/proc/self/cgroup"), read("/proc/self/mountinfo"));
            let way = decide(&View { own: &own, mounts: &mounts, process: std::process::id().cast_signed(), look: &look })?;
            let works = prepare(&way).and_then(|()| {
                sweep(way.parent());
                // No run has this number.
                Group::make(&way, &format!("{NAME}{}-0", std::process::id()), 1 << 30).map(drop)
            });
            works.map_err(|error| format!("no cgroup could be made below {}: {error}", way.parent().display())).map(|()| way)
        })
    }
}

impl Way {
    fn parent(&self) -> &Path {
        let (Self::Two { parent, .. } | Self::One { parent }) = self;
        parent
    }
}

fn look(at: &Path) -> Option<Folder> {
    let list = |name: &str| fs::read_to_string(at.join(name)).unwrap_or_default();
    let processes = fs::read_to_string(at.join("cgroup.procs")).ok()?;
    let writable = [at, &at.join("cgroup.procs")].iter().all(|path| access(*path, AccessFlags::W_OK).is_ok());
    Some(Folder {
        writable,
        controllers: list("cgroup.controllers"),
        hands_down: list("cgroup.subtree_control"),
        processes: processes.lines().filter_map(|pid| pid.parse().ok()).collect(),
    })
}

/// Has the parent hand the controller down, if it does not.
fn prepare(way: &Way) -> io::Result<()> {
    let Way::Two { parent, moves: true } = way else { return Ok(()) };
    let leaf = parent.join(LEAF);
    match fs::create_dir(&leaf) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    put(&leaf, "cgroup.procs", std::process::id().to_string())?;
    put(parent, "cgroup.subtree_control", "+memory")
}

/// Removes the groups of processes that are gone, with what still runs in them.
fn sweep(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let maker = name.to_str().and_then(|name| name.strip_prefix(NAME)?.split('-').next()?.parse::<i32>().ok());
        if maker.is_some_and(|pid| Entry::read(pid).is_none()) {
            let left = fs::read_to_string(entry.path().join("cgroup.procs")).unwrap_or_default();
            left.lines().filter_map(|pid| Entry::read(pid.parse().ok()?)).for_each(|entry| entry.kill());
            remove(&entry.path());
        }
    }
}

/// Removes a group: what ended in it a moment ago may still be counted.
fn remove(folder: &Path) {
    let until = Instant::now() + PATIENCE;
    while let Err(error) = fs::remove_dir(folder) {
        if error.kind() != io::ErrorKind::ResourceBusy || Instant::now() >= until {
            return;
        }
        thread::sleep(PAUSE);
    }
}

fn put(folder: &Path, name: &str, value: impl AsRef<[u8]>) -> io::Result<()> {
    // Never made: what is no file of the kernel is none of ours.
    io::Write::write_all(&mut fs::File::options().write(true).open(folder.join(name))?, value.as_ref())
}

/// The group of one run; it is removed with this value.
#[derive(Debug)]
pub(crate) struct Group {
    folder: PathBuf,
    by: MemoryBy,
}

impl Group {
    fn make(way: &Way, name: &str, memory: u64) -> io::Result<Self> {
        let folder = way.parent().join(name);
        fs::create_dir(&folder)?;
        let by = if matches!(way, Way::Two { .. }) { MemoryBy::CgroupV2 } else { MemoryBy::CgroupV1 };
        let group = Self { folder, by };
        let (limit, swap, no_swap) = match way {
            Way::Two { .. } => ("memory.max", "memory.swap.max", 0),
            Way::One { .. } => ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes", memory),
        };
        put(&group.folder, limit, memory.to_string())?;
        // Not to be had where the kernel counts no swap, which is then not limited either.
        let _ = put(&group.folder, swap, no_swap.to_string());
        Ok(group)
    }

    pub(crate) fn by(&self) -> MemoryBy {
        self.by
    }

    /// Starts a process in it, by a function that does.
    ///
    /// To move a whole process the kernel waits for all processors, which takes longer than all else of a start. Of v1 a thread can move by itself,
    /// which costs nothing: what it starts is where it is, and it goes back. Of v2 the process is moved when it is there.
    pub(crate) fn started<T>(&self, start: impl FnOnce() -> io::Result<T>, pid: impl Fn(&T) -> u32) -> io::Result<(T, bool)> {
        let above = self.folder.parent().filter(|_| self.by == MemoryBy::CgroupV1);
        if let Some(above) = above.filter(|_| put(&self.folder, "tasks", "0").is_ok()) {
            let started = start();
            // What was started must not be lost because this thread cannot go back: the group stays then, and a later start removes it.
            let _ = put(above, "tasks", "0");
            return Ok((started?, true));
        }
        let started = start()?;
        let added = self.add(pid(&started)).is_ok();
        Ok((started, added))
    }

    /// Takes in a process, and all that it starts from now on.
    fn add(&self, pid: u32) -> io::Result<()> {
        put(&self.folder, "cgroup.procs", pid.to_string())
    }

    /// Returns whether the kernel has ended something in it for want of memory.
    pub(crate) fn ran_out(&self) -> bool {
        let file = if self.by == MemoryBy::CgroupV2 { "memory.events" } else { "memory.oom_control" };
        self.sum(file, &["oom_kill"]) > 0
    }

    /// Returns the bytes that are in use and cannot be had back: not those of files that are only kept at hand.
    pub(crate) fn used(&self) -> u64 {
        let fields = if self.by == MemoryBy::CgroupV2 { ["anon", "shmem"] } else { ["total_rss", "total_shmem"] };
        self.sum("memory.stat", &fields)
    }

    /// Returns the sum of some lines `name number`.
    fn sum(&self, file: &str, fields: &[&str]) -> u64 {
        let text = fs::read_to_string(self.folder.join(file)).unwrap_or_default();
        let values = text.lines().filter_map(|line| line.split_once(' ')).filter(|(name, _)| fields.contains(name));
        values.filter_map(|(_, number)| number.trim().parse::<u64>().ok()).sum()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        remove(&self.folder);
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    /// Returns how groups are made here. Where none can be, that is said, with what would help, and there is nothing to try.
    fn way(groups: &Groups) -> Option<&Way> {
        match (groups.way(), groups.held_by()) {
            (Ok(way), (by, None)) if by != MemoryBy::Looks => Some(way),
            (Err(why), (MemoryBy::Looks, Some(said))) if why == said && !said.is_empty() => {
                eprintln!("skipped: {why}");
                None
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_group_is_made_counts_and_is_removed() {
        let groups = Groups::default();
        let Some(way) = way(&groups) else { return };
        let group = Group::make(way, &format!("{NAME}{}-test", std::process::id()), 64 << 20).unwrap();
        let folder = group.folder.clone();
        let mut child = Command::new("sleep").arg("600").stdin(Stdio::null()).spawn().unwrap();
        group.add(child.id()).unwrap();
        assert_eq!(look(&folder).unwrap().processes, [child.id().cast_signed()]);
        assert!(!group.ran_out() && group.used() < 64 << 20);
        child.kill().unwrap();
        child.wait().unwrap();
        drop(group);
        assert!(!folder.exists());
    }

    #[test]
    fn what_a_process_that_is_gone_left_is_removed_and_ended() {
        let groups = Groups::default();
        let Some(way) = way(&groups) else { return };
        let mut gone = Command::new("true").spawn().unwrap();
        gone.wait().unwrap();
        let left = Group::make(way, &format!("{NAME}{}-1", gone.id()), 64 << 20).unwrap();
        let mut child = Command::new("sleep").arg("600").stdin(Stdio::null()).spawn().unwrap();
        left.add(child.id()).unwrap();
        let waits = thread::spawn(move || child.wait().unwrap());
        sweep(way.parent());
        assert!(!left.folder.exists() && !waits.join().unwrap().success());
    }
}
