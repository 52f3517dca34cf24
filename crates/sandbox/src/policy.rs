//! What a command may reach, and which of it a back end must be able to hold.
//!
//! A policy that forbids something *needs* a back end that can forbid it: [`Sandbox::run`](crate::Sandbox::run) refuses, before anything
//! runs, what its back end cannot hold. There is no falling back in silence; who wants no containment says so with [`Policy::open`].

use std::fmt;
use std::path::{Path, PathBuf};

use crate::{Capabilities, Error, Limits, MemoryBy};

/// Something that a back end may be able to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hold {
    /// Time by the wall clock.
    WallTime,
    /// How much is written to standard output and standard error.
    Output,
    /// Only the environment that was given.
    Environment,
    /// No way to the caller's terminal.
    Terminal,
    /// Nothing that the command started stays.
    Descendants,
    /// Only the folders that the policy names are read.
    FileReads,
    /// Only the folders that the policy names are written.
    FileWrites,
    /// No network but a loopback of its own.
    Network,
    /// Memory of all processes together.
    Memory,
    /// Processor time of all processes together.
    ProcessorTime,
    /// Number of processes and threads.
    Processes,
    /// Size of a single file.
    FileSize,
    /// Space on the disk under the writable folders.
    DiskSpace,
    /// No signals to processes of others.
    Signals,
    /// Parts of the kernel that builds and tests have no need of: keyrings, tracing, io_uring, odd sockets, set-uid bits.
    Kernel,
}

impl Hold {
    /// All there are.
    pub const ALL: [Self; 15] = [
        Self::WallTime,
        Self::Output,
        Self::Environment,
        Self::Terminal,
        Self::Descendants,
        Self::FileReads,
        Self::FileWrites,
        Self::Network,
        Self::Memory,
        Self::ProcessorTime,
        Self::Processes,
        Self::FileSize,
        Self::DiskSpace,
        Self::Signals,
        Self::Kernel,
    ];

    /// Returns the words for a report.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::WallTime => "wall time",
            Self::Output => "output",
            Self::Environment => "environment",
            Self::Terminal => "terminal",
            Self::Descendants => "descendants",
            Self::FileReads => "file reads",
            Self::FileWrites => "file writes",
            Self::Network => "network",
            Self::Memory => "memory",
            Self::ProcessorTime => "processor time",
            Self::Processes => "number of processes",
            Self::FileSize => "file size",
            Self::DiskSpace => "disk space",
            Self::Signals => "signals to other processes",
            Self::Kernel => "odd parts of the kernel",
        }
    }
}

impl fmt::Display for Hold {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.words())
    }
}

/// Which network a command has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Network {
    /// None but a loopback of its own.
    #[default]
    None,
    /// A loopback of its own, and by a proxy the well-known package registries and [`Policy::hosts`].
    Registries,
    /// That of the host, its loopback and its abstract sockets included.
    Full,
}

/// What a command may reach. The system's programs and libraries (`/usr`) can always be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// Files and folders that can be read. A socket in one of them can be connected to: name folders of tools, not homes.
    pub read: Vec<PathBuf>,
    /// Folders that can be read and written. A `.git` directly in one of them is protected.
    pub write: Vec<PathBuf>,
    /// Files and folders inside of the writable ones that cannot be written. They must be there, and must be no symbolic links.
    pub protect: Vec<PathBuf>,
    /// Writable folders that stay as they are: what is written in them goes elsewhere.
    pub layers: Vec<Layer>,
    /// The network.
    pub network: Network,
    /// Hosts beside the well-known ones that [`Network::Registries`] reaches, as `name:port`.
    pub hosts: Vec<String>,
}

/// A folder over which what is written is laid; made by [`Workspace::allowed_by`](crate::Workspace::allowed_by).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    pub(crate) base: PathBuf,
    pub(crate) folder: PathBuf,
}

impl Policy {
    /// Returns the policy that forbids nothing.
    #[must_use]
    pub fn open() -> Self {
        Self { write: vec!["/".into()], network: Network::Full, ..Self::default() }
    }

    /// Returns the policy for work in one folder: it is written, the system is read, and there is no network.
    #[must_use]
    pub fn work_in(folder: impl Into<PathBuf>) -> Self {
        Self { write: vec![folder.into()], ..Self::default() }
    }

    /// Returns what a back end must hold for this policy to be kept.
    #[must_use]
    pub fn needs(&self) -> Vec<Hold> {
        let whole = |paths: &[PathBuf]| paths.iter().any(|path| path == Path::new("/"));
        let mut needs = Vec::new();
        if !whole(&self.read) && !whole(&self.write) {
            needs.push(Hold::FileReads);
        }
        if !whole(&self.write) || !self.protect.is_empty() {
            needs.push(Hold::FileWrites);
        }
        if self.network != Network::Full {
            needs.push(Hold::Network);
        }
        needs
    }
}

impl Limits {
    /// Returns what a back end must hold for these limits to be kept.
    #[must_use]
    pub fn needs(&self) -> Vec<Hold> {
        let optional = [
            (self.cpu.is_some(), Hold::ProcessorTime),
            (self.memory.is_some(), Hold::Memory),
            (self.tasks.is_some(), Hold::Processes),
            (self.file_size.is_some(), Hold::FileSize),
            (self.disk.is_some(), Hold::DiskSpace),
        ];
        let asked = optional.into_iter().filter(|(asked, _)| *asked).map(|(_, hold)| hold);
        [Hold::WallTime, Hold::Output].into_iter().chain(asked).collect()
    }
}

impl Capabilities {
    /// Returns what is held and, as the rest of all there is, what is not.
    pub(crate) fn of(backend: &'static str, holds: Vec<Hold>, missing: Vec<String>) -> Self {
        let not_held = Hold::ALL.into_iter().filter(|hold| !holds.contains(hold)).collect();
        Self { backend, holds, not_held, missing, memory_by: None, registries: false, better: Vec::new() }
    }

    /// Adds what holds memory, and what would hold it better.
    pub(crate) fn with_memory_by(mut self, by: MemoryBy, in_the_way: Option<&str>) -> Self {
        if self.holds.contains(&Hold::Memory) {
            self.memory_by = Some(by);
            self.better.extend(in_the_way.map(|why| format!("memory by the kernel, in a cgroup: {why}")));
        }
        self
    }

    /// Fails when something is needed that is not held, and always where nothing is: what cannot contain does not run here.
    ///
    /// # Errors
    /// [`Error::NotHeld`], which names all of it, and what is missing on this host.
    pub fn suffice(&self, policy: &Policy, limits: &Limits) -> Result<(), Error> {
        if self.holds.is_empty() {
            return Err(Error::NotHeld { backend: self.backend, needs: Hold::ALL.to_vec(), missing: self.missing.clone() });
        }
        let needs = policy.needs().into_iter().chain(limits.needs());
        let needs: Vec<_> = needs.filter(|need| !self.holds.contains(need)).collect();
        if needs.is_empty() {
            return Ok(());
        }
        Err(Error::NotHeld { backend: self.backend, needs, missing: self.missing.clone() })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_open_policy_needs_nothing_and_any_other_does() {
        assert_eq!(Policy::open().needs(), []);
        assert_eq!(Policy::default().needs(), [Hold::FileReads, Hold::FileWrites, Hold::Network]);
        assert_eq!(Policy::work_in("/work").needs(), Policy::default().needs());
        let reads = Policy { read: vec!["/".into()], network: Network::Full, ..Policy::default() };
        assert_eq!(reads.needs(), [Hold::FileWrites]);
        let protects = Policy { protect: vec!["/etc".into()], ..Policy::open() };
        assert_eq!(protects.needs(), [Hold::FileWrites]);
    }

    #[test]
    fn what_is_needed_and_not_held_is_named_with_what_is_missing() {
        let missing = vec!["bubblewrap: apt-get install bubblewrap".into()];
        let held = Capabilities::of("one", vec![Hold::WallTime, Hold::Output, Hold::Network], missing);
        let limits = Limits::new(Duration::ZERO, 0);
        assert!(held.suffice(&Policy::open(), &limits).is_ok());
        assert!(Capabilities::of("one", Vec::new(), Vec::new()).suffice(&Policy::open(), &limits).is_err());
        let error = held.suffice(&Policy::work_in("/w"), &Limits { memory: Some(1), ..limits }).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the sandbox one cannot hold here: file reads, file writes, memory (missing: bubblewrap: apt-get install bubblewrap)"
        );
    }
}
