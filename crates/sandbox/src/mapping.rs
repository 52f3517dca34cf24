//! User namespaces that serve one purpose: a mount that refers to one shows the files of one user as those of another.
//!
//! Such a namespace needs a process to be born in, and none to live. One is made for each owner of a folder, by a root caller alone, and
//! kept: a run costs no further process.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use crate::mounts::Mount;
use crate::supervise::HOLD;
use crate::wire::{Bind, Stage, User};
use crate::{Limits, Policy, SUPERVISE, stage};

/// The namespaces so far, by the owner that they show as the user.
#[derive(Debug, Default)]
pub(crate) struct Mappings(Mutex<BTreeMap<(u32, u32), File>>);

impl Mappings {
    /// Returns the path of a namespace by which the files of the owner of `path` are those of `user`; `None` when they are already.
    pub(crate) fn of(&self, supervisor: &Path, path: &Path, user: User) -> io::Result<Option<PathBuf>> {
        let metadata = fs::metadata(path)?;
        let owner = (metadata.uid(), metadata.gid());
        if owner == (user.uid, user.gid) {
            return Ok(None);
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match known.entry(owner) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(make(supervisor, &lines(owner.0, user.uid), &lines(owner.1, user.gid))?),
        };
        // It is open for as long as the sandbox lives, and the supervisor, which is root as well, finds it there.
        Ok(Some(PathBuf::from(format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd()))))
    }
}

impl Mappings {
    /// Returns what the supervisor mounts itself, and directs the plan to it; as it is for a caller who is root all the time.
    pub(crate) fn stage(
        &self,
        supervisor: &Path,
        plan: &mut [Mount],
        policy: &Policy,
        limits: &Limits,
        user: Option<User>,
    ) -> Result<Stage, String> {
        let mut binds = Vec::new();
        for source in plan.iter_mut().filter_map(Mount::named) {
            // The system as a whole is shown as it is: to read what is root's alone takes a folder that is named.
            let mapped = match user.filter(|_| source.path != Path::new("/")) {
                Some(user) => self.of(supervisor, source.path, user),
                None => Ok(None),
            };
            let mapping = mapped.map_err(|error| format!("a user namespace for {}: {error}", source.path.display()))?;
            let layer = policy.layers.iter().find(|layer| source.writable && layer.base == source.at);
            let layer = layer.map(|layer| layer.folder.clone());
            let staged = stage::place(binds.len());
            binds.push(Bind { source: std::mem::replace(source.path, staged), mapping, writable: source.writable, layer });
        }
        Ok(Stage { user, late: true, binds, disk: limits.disk })
    }
}

fn make(supervisor: &Path, uids: &str, gids: &str) -> io::Result<File> {
    let mut holder = Command::new(supervisor)
        .args([SUPERVISE, HOLD])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let process = PathBuf::from(format!("/proc/{}", holder.id()));
    let made = holder.stdout.take().ok_or(io::ErrorKind::BrokenPipe.into()).and_then(|mut said| {
        said.read_exact(&mut [0])?;
        fs::write(process.join("uid_map"), uids)?;
        fs::write(process.join("gid_map"), gids)?;
        File::open(process.join("ns/user"))
    });
    // The end of its input is its own.
    drop(holder.stdin.take());
    holder.wait()?;
    made
}

/// Returns the lines of a map that swaps two numbers and leaves all others: every file keeps an owner.
fn lines(one: u32, other: u32) -> String {
    /// One more than the largest number that a user can have.
    const END: u32 = u32::MAX;
    let (low, high) = (one.min(other), one.max(other));
    let ranges = if low == high {
        vec![(0, 0, END)]
    } else {
        let between = low.saturating_add(1);
        let after = high.saturating_add(1);
        vec![(0, 0, low), (low, high, 1), (between, between, high - between), (high, low, 1), (after, after, END - after)]
    };
    let lines = ranges.into_iter().filter(|(_, _, count)| *count > 0);
    lines.map(|(inside, outside, count)| format!("{inside} {outside} {count}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_swaps_two_and_keeps_all_others() {
        assert_eq!(lines(0, 3), "0 3 1\n1 1 2\n3 0 1\n4 4 4294967291\n");
        assert_eq!(lines(5, 4), "0 0 4\n4 5 1\n5 4 1\n6 6 4294967289\n");
        assert_eq!(lines(0, 1), "0 1 1\n1 0 1\n2 2 4294967293\n");
        assert_eq!(lines(7, 7), "0 0 4294967295\n");
    }
}
