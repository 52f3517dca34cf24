//! Where on this host a group for one command can be made: a decision over what is to be seen, and nothing else.
//!
//! Of v2, a group is made below the nearest folder that this process may write and that hands the memory controller down; where only the own
//! group is this process's to write (a scope or service with `Delegate=yes`, a container), this process first moves into a leaf below it,
//! because a group that hands a controller down can have no processes. Of v1, root makes one below its own. All else is held by looks.

use std::path::{Path, PathBuf};

/// How groups are made here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// Of v2, below a folder.
    Two {
        parent: PathBuf,
        /// This process has to leave the folder for a leaf below it, and to have it hand the controller down.
        moves: bool,
    },
    /// Of v1, below a folder of the memory hierarchy.
    One { parent: PathBuf },
}

/// What is to be seen of the groups of this host.
pub(super) struct View<'a> {
    /// `/proc/self/cgroup`.
    pub(super) own: &'a str,
    /// `/proc/self/mountinfo`.
    pub(super) mounts: &'a str,
    /// The number of this process.
    pub(super) process: i32,
    /// Looks at the folder of a group.
    pub(super) look: &'a dyn Fn(&Path) -> Option<Folder>,
}

/// The folder of a group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Folder {
    /// It, and its `cgroup.procs`, can be written.
    pub(super) writable: bool,
    /// Which controllers it has, and which of them it hands down; of v2 alone.
    pub(super) controllers: String,
    pub(super) hands_down: String,
    /// The processes in it.
    pub(super) processes: Vec<i32>,
}

const MEMORY: &str = "memory";

/// What helps where nothing is delegated.
const DELEGATE: &str = "start it by `systemd-run --user --scope -p Delegate=yes fixwright …`, or as root";

/// Decides; else says what is in the way, and what helps.
pub(super) fn decide(view: &View<'_>) -> Result<Way, String> {
    let two = mounted(view, |kind, _| kind == "cgroup2").zip(own(view.own, |controllers| controllers.is_empty()));
    let one = mounted(view, |kind, options| kind == "cgroup" && has(options, ',')).zip(own(view.own, |names| has(names, ',')));
    let has_two = two.as_ref().is_some_and(|(mount, own)| {
        mount.folder(own).and_then(|at| (view.look)(&at)).is_some_and(|folder| has(&folder.controllers, ' '))
    });
    match (two, one) {
        (Some((mount, own)), _) if has_two => second(view, &mount, own),
        (_, Some((mount, own))) => first(view, &mount, own),
        (Some(_), None) => Err(format!(
            "the memory controller is not handed down to the group of this process: {DELEGATE} (in a container: docker run \
             --cgroupns=private, with /sys/fs/cgroup to be written)"
        )),
        (None, None) => Err("no cgroups are mounted: mount -t cgroup2 none /sys/fs/cgroup".to_owned()),
    }
}

fn first(view: &View<'_>, mount: &Mounted, own: &str) -> Result<Way, String> {
    let parent = mount.folder(own).filter(|at| (view.look)(at).is_some_and(|folder| folder.writable));
    let parent = parent.filter(|_| mount.writable);
    parent.map(|parent| Way::One { parent }).ok_or_else(|| {
        "memory is with cgroup v1, which only root may use: run as root, or boot with systemd.unified_cgroup_hierarchy=1"
            .to_owned()
    })
}

fn second(view: &View<'_>, mount: &Mounted, own: &str) -> Result<Way, String> {
    if !mount.writable {
        return Err("/sys/fs/cgroup cannot be written: in a container, docker run --cgroupns=private --security-opt \
                    writable-cgroups=true, or -v /sys/fs/cgroup:/sys/fs/cgroup:rw"
            .to_owned());
    }
    let folder = mount.folder(own).ok_or("the group of this process is not among those that are mounted")?;
    let above = folder.ancestors().take_while(|at| at.starts_with(&mount.at));
    let parent = above.map(Path::to_owned).find(|at| {
        let folder = (view.look)(at).unwrap_or_default();
        folder.writable && has(&folder.hands_down, ' ')
    });
    if let Some(parent) = parent {
        return Ok(Way::Two { parent, moves: false });
    }
    let this = (view.look)(&folder).unwrap_or_default();
    if !this.writable {
        return Err(format!("no group is this user's to divide: {DELEGATE}"));
    }
    if this.processes != [view.process] {
        return Err(format!("other processes are in the group of this one, which can therefore not be divided: {DELEGATE}"));
    }
    Ok(Way::Two { parent: folder, moves: true })
}

/// A file system of groups.
struct Mounted {
    /// The group that its top is.
    root: PathBuf,
    at: PathBuf,
    writable: bool,
}

impl Mounted {
    /// Returns where a group is to be found.
    fn folder(&self, group: &str) -> Option<PathBuf> {
        Some(self.at.join(Path::new(group).strip_prefix(&self.root).ok()?))
    }
}

/// Returns the first that a test of its kind and its options accepts; see proc(5).
fn mounted(view: &View<'_>, accepts: impl Fn(&str, &str) -> bool) -> Option<Mounted> {
    view.mounts.lines().find_map(|line| {
        let (before, after) = line.split_once(" - ")?;
        let mut fields = before.split(' ').skip(3);
        let (root, at, options) = (fields.next()?, fields.next()?, fields.next()?);
        let mut of_kind = after.split(' ');
        let (kind, _, all) = (of_kind.next()?, of_kind.next()?, of_kind.next()?);
        let writable = [options, all].iter().all(|options| options.split(',').any(|option| option == "rw"));
        accepts(kind, all).then(|| Mounted { root: root.into(), at: at.into(), writable })
    })
}

/// Returns the group of this process in the hierarchy whose controllers a test accepts.
fn own(groups: &str, accepts: impl Fn(&str) -> bool) -> Option<&str> {
    groups.lines().find_map(|line| {
        let (_, rest) = line.split_once(':')?;
        let (controllers, group) = rest.split_once(':')?;
        accepts(controllers).then_some(group)
    })
}

fn has(list: &str, separator: char) -> bool {
    list.split(separator).any(|name| name.trim() == MEMORY)
}

#[cfg(test)]
mod tests;
