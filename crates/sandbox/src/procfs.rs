//! The processes of this host, as `/proc` shows them.
//!
//! A process is never named by its number alone: the number may have gone to another process since it was read. An [`Entry`] carries
//! the time of the process's start beside it, and both are compared again in the moment before a signal is sent.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// One process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) pid: i32,
    pub(crate) parent: i32,
    pub(crate) group: i32,
    pub(crate) session: i32,
    started: u64,
    /// It has ended, and waits for its parent to notice.
    pub(crate) ended: bool,
}

impl Entry {
    /// Returns the process of a number, if there is one.
    pub(crate) fn read(pid: i32) -> Option<Self> {
        Self::parse(pid, &fs::read(format!("/proc/{pid}/stat")).ok()?)
    }

    fn parse(pid: i32, stat: &[u8]) -> Option<Self> {
        // The second field is the program's name in parentheses, and may itself hold spaces and parentheses.
        let end = stat.iter().rposition(|byte| *byte == b')')?;
        let text = std::str::from_utf8(stat.get(end + 1..)?).ok()?;
        let mut fields = text.split_ascii_whitespace();
        let state = fields.next()?;
        let mut number = || fields.next()?.parse::<i32>().ok();
        let (parent, group, session) = (number()?, number()?, number()?);
        let started = fields.nth(15)?.parse().ok()?;
        Some(Self { pid, parent, group, session, started, ended: matches!(state, "Z" | "X" | "x") })
    }

    /// Kills this process, unless it is another by now.
    pub(crate) fn kill(&self) {
        if self.pid > 1 && Self::read(self.pid).is_some_and(|now| now.started == self.started) {
            let _ = kill(Pid::from_raw(self.pid), Signal::SIGKILL);
        }
    }

    /// Returns whether the environment that this process was started with has a variable whose value the test accepts. What may not be
    /// read (another user's process) has no variables.
    pub(crate) fn has_variable(&self, name: &str, accepts: impl Fn(&[u8]) -> bool) -> bool {
        let Ok(environ) = fs::read(format!("/proc/{}/environ", self.pid)) else { return false };
        environ
            .split(|byte| *byte == 0)
            .filter_map(|variable| variable.strip_prefix(name.as_bytes())?.strip_prefix(b"="))
            .any(accepts)
    }
}

/// All processes at one time.
pub(crate) struct Table(BTreeMap<i32, Entry>);

impl Table {
    pub(crate) fn read() -> Self {
        let names = fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = names.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        Self(pids.filter_map(Entry::read).map(|entry| (entry.pid, entry)).collect())
    }

    /// Returns all that have not ended.
    pub(crate) fn living(&self) -> impl Iterator<Item = &Entry> {
        self.0.values().filter(|entry| !entry.ended)
    }

    /// Returns the processes that descend from any of `roots`, without the roots.
    pub(crate) fn descendants(&self, roots: &BTreeSet<i32>) -> BTreeSet<i32> {
        let mut children: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
        for entry in self.0.values() {
            children.entry(entry.parent).or_default().push(entry.pid);
        }
        let mut found = BTreeSet::new();
        let mut open: Vec<i32> = roots.iter().copied().collect();
        while let Some(pid) = open.pop() {
            for child in children.get(&pid).into_iter().flatten() {
                if !roots.contains(child) && found.insert(*child) {
                    open.push(*child);
                }
            }
        }
        found
    }

    /// Returns a process and all that it descends from.
    pub(crate) fn lineage(&self, pid: i32) -> BTreeSet<i32> {
        let mut line = BTreeSet::from([pid]);
        let mut at = pid;
        while let Some(entry) = self.0.get(&at) {
            at = entry.parent;
            if !line.insert(at) {
                break;
            }
        }
        line
    }
}

/// Returns the children of this process, those that ended included. Much cheaper than a [`Table`], and so quick enough to catch a
/// process that does nothing but fork and exit.
pub(crate) fn own_children() -> Vec<i32> {
    let me = Pid::this().as_raw();
    children(me).unwrap_or_else(|| Table::read().0.values().filter(|entry| entry.parent == me).map(|entry| entry.pid).collect())
}

/// Returns all that descends from a process, as far as it can be told while they go on.
pub(crate) fn below(root: i32) -> Vec<i32> {
    let mut found = BTreeSet::new();
    let mut open = vec![root];
    while let Some(pid) = open.pop() {
        let Some(children) = children(pid) else {
            return Table::read().descendants(&BTreeSet::from([root])).into_iter().collect();
        };
        open.extend(children.into_iter().filter(|child| *child != root && found.insert(*child)));
    }
    found.into_iter().collect()
}

/// Returns the children of a process, none when it is gone; `None` on a kernel that does not list them.
fn children(pid: i32) -> Option<Vec<i32>> {
    let mut children = Vec::new();
    for task in fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten() {
        match fs::read_to_string(task.path().join("children")) {
            Ok(list) => children.extend(list.split_ascii_whitespace().filter_map(|pid| pid.parse::<i32>().ok())),
            Err(_) if task.path().exists() => return None,
            Err(_) => {}
        }
    }
    Some(children)
}

/// Returns the processor time of a process and of those below it that were waited for.
pub(crate) fn processor_time(pid: i32) -> Option<Duration> {
    /// The unit of these fields, which is part of the kernel's interface and the same on all targets.
    const MILLISECONDS_PER_TICK: u64 = 10;
    let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let end = stat.iter().rposition(|byte| *byte == b')')?;
    let text = std::str::from_utf8(stat.get(end + 1..)?).ok()?;
    let ticks: u64 = text.split_ascii_whitespace().skip(11).take(4).filter_map(|field| field.parse::<u64>().ok()).sum();
    Some(Duration::from_millis(ticks * MILLISECONDS_PER_TICK))
}

/// Returns the bytes that a process, and those below it that were waited for, had written to disks.
pub(crate) fn bytes_written(pid: i32) -> Option<u64> {
    let io = fs::read_to_string(format!("/proc/{pid}/io")).ok()?;
    io.lines().find_map(|line| line.strip_prefix("write_bytes: "))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_full_of_parentheses_does_not_shift_the_fields() {
        let stat = b"77 (a) R 1 (b) S 5 6 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4321 100 200";
        let expected = Entry { pid: 77, parent: 5, group: 6, session: 7, started: 4321, ended: false };
        assert_eq!(Entry::parse(77, stat), Some(expected));
        assert_eq!(Entry::parse(77, b"77 (a) R 1"), None);
        assert_eq!(Entry::parse(77, b""), None);
    }

    #[test]
    fn this_process_is_in_the_table_and_descends_from_its_parent() {
        let table = Table::read();
        let me = Entry::read(Pid::this().as_raw()).unwrap();
        assert!(table.living().any(|entry| *entry == me));
        assert!(table.descendants(&BTreeSet::from([me.parent])).contains(&me.pid));
        assert!(table.lineage(me.pid).is_superset(&BTreeSet::from([me.pid, me.parent])));
    }

    #[test]
    fn lineage_and_descendants_end_even_where_parents_form_a_ring() {
        let entry = |pid, parent| Entry { pid, parent, group: 0, session: 0, started: 0, ended: false };
        let table = Table([(2, entry(2, 3)), (3, entry(3, 2))].into());
        assert_eq!(table.lineage(2), BTreeSet::from([2, 3]));
        assert_eq!(table.descendants(&BTreeSet::from([2])), BTreeSet::from([3]));
    }
}
