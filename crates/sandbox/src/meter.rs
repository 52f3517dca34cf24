//! What a tree of processes uses, looked at every few milliseconds: processor time, and memory, which is the kernel's to count where the
//! command has a group of its own ([`cgroup`](crate::cgroup)).
//!
//! Without a group, memory is held by the looks alone.
//! A limit on addresses (`RLIMIT_AS`) is no way: it ends honest programs with many threads and lets four processes use four times as
//! much. What is counted here is anonymous memory, shared memory, and files that are only in memory. A cheap count, in
//! which pages that a fork shares count twice, is made each time; the exact one only where the cheap one is above the limit.
//!
//! What no look sees is not counted: a file in memory on its way through a socket, the kernel's own memory. It holds programs that use too
//! much, and makes it hard, not impossible, for one that is bent on it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};

use nix::sys::statvfs::statvfs;

use crate::cgroup::Group;
use crate::procfs::{below, bytes_written, processor_time};
use crate::stage::DISK;
use crate::{Limit, Limits, MemoryBy};

/// Between two looks.
const PERIOD: Duration = Duration::from_millis(20);

/// Descriptors of one process that are looked at; a jail lets it have no more.
pub(crate) const DESCRIPTORS: usize = 4096;

/// Looks at one tree.
pub(crate) struct Meter {
    root: i32,
    due: Instant,
    pub(crate) peak: u64,
    memory: Option<Counted>,
}

/// How memory is counted.
enum Counted {
    ByGroup(Group),
    ByLooks,
}

impl Meter {
    /// Returns a meter for all below a process, if the limits ask for one.
    pub(crate) fn new(root: i32, limits: &Limits, group: Option<Group>) -> Option<Self> {
        let memory = limits.memory.map(|_| group.map_or(Counted::ByLooks, Counted::ByGroup));
        let asked = memory.is_some() || limits.cpu.is_some() || limits.disk_writes.is_some();
        asked.then(|| Self { root, due: Instant::now(), peak: 0, memory })
    }

    /// Returns what holds memory, where it is limited.
    pub(crate) fn memory_by(&self) -> Option<MemoryBy> {
        self.memory.as_ref().map(|counted| match counted {
            Counted::ByGroup(group) => group.by(),
            Counted::ByLooks => MemoryBy::Looks,
        })
    }

    /// Returns whether the kernel ended something for want of memory.
    pub(crate) fn ran_out(&mut self, limits: &Limits) -> bool {
        let ran_out = matches!(&self.memory, Some(Counted::ByGroup(group)) if group.ran_out());
        if ran_out {
            self.peak = self.peak.max(limits.memory.unwrap_or(0));
        }
        ran_out
    }

    /// Returns the limit that the tree has reached, if it is time for a look.
    pub(crate) fn look(&mut self, limits: &Limits) -> Option<Limit> {
        if Instant::now() < self.due {
            return None;
        }
        let by_looks = matches!(self.memory, Some(Counted::ByLooks));
        let looks = by_looks || limits.cpu.is_some() || limits.disk_writes.is_some();
        let pids = if looks { below(self.root) } else { Vec::new() };
        let cpu = || {
            let limit = limits.cpu?;
            let used: Duration = pids.iter().filter_map(|pid| processor_time(*pid)).sum();
            (used > limit).then_some(Limit::Cpu)
        };
        let disk = || {
            let limit = limits.disk_writes?;
            let written: u64 = pids.iter().filter_map(|pid| bytes_written(*pid)).sum();
            (written > limit).then_some(Limit::Disk)
        };
        let fired = self.memory(&pids, limits).or_else(cpu).or_else(disk);
        // After the look and not before: one that takes long does not become all there is to do.
        self.due = Instant::now() + PERIOD;
        fired
    }

    fn memory(&mut self, pids: &[i32], limits: &Limits) -> Option<Limit> {
        let limit = limits.memory?;
        if self.ran_out(limits) {
            return Some(Limit::Memory);
        }
        let used = match self.memory.as_ref()? {
            Counted::ByGroup(group) => group.used().saturating_sub(limits.disk.map_or(0, |_| self.written())),
            Counted::ByLooks => looked_at(pids, limit),
        };
        self.peak = self.peak.max(used);
        (used > limit).then_some(Limit::Memory)
    }

    /// Returns the bytes that are held in memory for the disk.
    fn written(&self) -> u64 {
        let place = format!("/proc/{}/root{DISK}", self.root);
        statvfs(place.as_str()).map_or(0, |disk| (disk.blocks() - disk.blocks_free()).saturating_mul(disk.fragment_size()))
    }
}

/// Returns the memory of some processes: by a cheap count, and by the exact one where that is above the limit.
fn looked_at(pids: &[i32], limit: u64) -> u64 {
    let files = files_in_memory(pids);
    let resident: u64 = pids.iter().map(|pid| kilobytes(&format!("/proc/{pid}/status"), &["RssAnon:", "RssShmem:"])).sum();
    let mut used = resident + files;
    if used > limit {
        let sum = |field: &str| -> u64 { pids.iter().map(|pid| kilobytes(&format!("/proc/{pid}/smaps_rollup"), &[field])).sum() };
        // A file in memory that is mapped is in both counts.
        used = sum("Pss_Anon:") + sum("Pss_Shmem:").max(files);
    }
    used
}

/// Returns the sum of some lines `Name: 12 kB`, in bytes.
fn kilobytes(path: &str, fields: &[&str]) -> u64 {
    let text = fs::read_to_string(path).unwrap_or_default();
    let values = text.lines().filter(|line| fields.iter().any(|field| line.starts_with(field)));
    values.filter_map(|line| line.split_ascii_whitespace().nth(1)?.parse::<u64>().ok()).sum::<u64>() * 1024
}

/// Returns the size of all open files that are only in memory (`memfd_create`), each counted once.
fn files_in_memory(pids: &[i32]) -> u64 {
    let mut sizes: BTreeMap<u64, u64> = BTreeMap::new();
    for pid in pids {
        for entry in fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten().take(DESCRIPTORS) {
            let path = entry.path();
            let Ok(target) = fs::read_link(&path) else { continue };
            if target.as_os_str().as_bytes().starts_with(b"/memfd:")
                && let Ok(metadata) = fs::metadata(&path)
            {
                sizes.insert(metadata.ino(), metadata.blocks() * 512);
            }
        }
    }
    sizes.into_values().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_measured() {
        let me = std::process::id().cast_signed();
        let resident = kilobytes("/proc/self/status", &["RssAnon:", "RssShmem:"]);
        let exact = kilobytes("/proc/self/smaps_rollup", &["Pss_Anon:", "Pss_Shmem:"]);
        assert!(resident > 64 << 10 && exact > 64 << 10, "{resident} {exact}");
        assert_eq!(kilobytes("/proc/no/such", &["Rss:"]), 0);
        assert!(processor_time(me).is_some() && bytes_written(me).is_some());
    }
}
