//! Runs a command where it can do no harm. Knows nothing of cases.
//!
//! There are three back ends. [`Ns`] contains: files, network, kernel, processes, memory; [`Oci`] by a container runtime. [`Process`], which is named `none` wherever it is
//! recorded, holds nothing but time, output, environment, terminal and descendants. A policy that a back end cannot keep is refused
//! before anything runs (`policy`).
//!
//! The path of one run: [`Sandbox::run`] finds the program (`lookup`), starts a supervisor (`engine`, `run`), tells it over a
//! socket what to run (`wire`), and the supervisor runs it, behind walls if there are to be some (`jail`), and
//! outlives all that it started (`supervise`, `procfs`). Everything here blocks: an
//! asynchronous caller uses a thread of its own for each run.

mod bundled;
mod cancel;
mod captured;
mod cgroup;
mod engine;
mod fake;
mod hints;
mod inside;
mod jail;
mod launch;
mod lookup;
mod mapping;
mod meter;
mod mounts;
mod ns;
mod oci;
mod policy;
mod process;
mod procfs;
mod proxy;
mod run;
mod stage;
mod supervise;
mod sweep;
mod way;
mod wire;
mod workspace;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use cancel::Cancel;
pub use fake::Fake;
pub use ns::Ns;
pub use oci::Oci;
pub use policy::{Hold, Layer, Network, Policy};
pub use process::Process;
pub use supervise::{SUPERVISE, supervise};
pub use sweep::{MARK, sweep};
pub use workspace::{Changed, Changes, How, Now, Workspace};

/// Runs commands, and holds them to limits.
pub trait Sandbox: Send + Sync {
    /// Returns what this host lets this back end hold.
    fn probe(&self) -> Capabilities;

    /// Runs a command to its end, its limit or its cancellation, and leaves nothing of it running.
    ///
    /// A command that fails is an [`Outcome`]; an [`Error`] means that it could not be run at all.
    ///
    /// # Errors
    /// When the policy or the limits need what [`Sandbox::probe`] denies, when the program or the work folder is not there, or when the
    /// command could not be started.
    fn run(&self, command: &Command, policy: &Policy, limits: &Limits, cancel: &Cancel) -> Result<Outcome, Error>;

    /// Makes a private copy of the folder `base`, with `folder`, which is empty and the caller's, to keep it in. Nothing may change the base
    /// while the copy is there.
    ///
    /// # Errors
    /// When the base cannot be read, or the folder cannot be written.
    fn prepare(&self, base: &Path, folder: &Path) -> Result<Workspace, Error> {
        Workspace::copy(base, folder).map_err(|source| Error::Copy { path: base.to_owned(), source })
    }

    /// Returns what was changed in a private copy. Nothing may run in it meanwhile.
    ///
    /// # Errors
    /// When the base or the copy cannot be read.
    fn collect(&self, workspace: &Workspace) -> Result<Changes, Error> {
        workspace.changes().map_err(|source| Error::Copy { path: workspace.base().to_owned(), source })
    }
}

/// What a back end holds on this host, in words for a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// The back end's name.
    pub backend: &'static str,
    /// What it holds.
    pub holds: Vec<Hold>,
    /// What it does not hold.
    pub not_held: Vec<Hold>,
    /// What is missing on this host, and what helps: one line each.
    pub missing: Vec<String>,
    /// What holds memory, where it is held.
    pub memory_by: Option<MemoryBy>,
    /// Whether [`Network::Registries`] can be had.
    pub registries: bool,
    /// What is held, and would be held better, and what helps: one line each.
    pub better: Vec<String>,
}

/// What holds the memory of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemoryBy {
    /// The kernel, in a group of version 2 for each command.
    CgroupV2,
    /// The kernel, in a group of version 1.
    CgroupV1,
    /// The caller, who looks at all processes every few milliseconds: what no look sees is not held.
    Looks,
}

impl MemoryBy {
    /// Returns the words for a report.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::CgroupV2 => "cgroup v2",
            Self::CgroupV1 => "cgroup v1",
            Self::Looks => "looks",
        }
    }
}

/// Why a command could not be run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The policy or the limits need what this back end cannot hold on this host.
    #[error("the sandbox {backend} cannot hold here: {}{}", listed(needs), hint(missing))]
    NotHeld {
        /// The back end.
        backend: &'static str,
        /// What is needed and not held.
        needs: Vec<Hold>,
        /// What is missing on this host, and what helps.
        missing: Vec<String>,
    },
    /// A path that the policy names, or that the command needs, cannot be had behind the walls.
    #[error("the path {} {problem}", path.display())]
    Path {
        /// The path.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The walls could not be made.
    #[error("the sandbox {backend} could not be set up: {says}")]
    SetUp {
        /// The back end.
        backend: &'static str,
        /// What was in the way.
        says: String,
    },
    /// A private copy of a folder could not be made, read or kept.
    #[error("the private copy of {} cannot be made or read", path.display())]
    Copy {
        /// The folder.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The command names no program.
    #[error("the command is empty")]
    Empty,
    /// No such program: not on the `PATH` that the command was given, or not at the path that it names.
    #[error("program not found: {program}")]
    NotFound {
        /// The name as it was given.
        program: String,
    },
    /// The folder to run in is not there, or is no folder.
    #[error("the work folder {} is not there", path.display())]
    WorkFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The operating system refused to start the program.
    #[error("cannot start {program}")]
    Spawn {
        /// The name as it was given.
        program: String,
        /// Its reason.
        source: std::io::Error,
    },
    /// The supervisor could not be started, or did not do its part.
    #[error("the supervisor {} failed", path.display())]
    Supervisor {
        /// The supervisor's program.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
}

/// A command to run.
#[derive(Debug, Clone)]
pub struct Command {
    /// Program and arguments. A program without a slash is looked up on the `PATH` of [`Command::env`].
    pub argv: Vec<OsString>,
    /// The folder to run in.
    pub cwd: PathBuf,
    /// The whole environment: nothing else is passed on.
    pub env: BTreeMap<OsString, OsString>,
    /// Standard input; empty when `None`.
    pub stdin: Option<Vec<u8>>,
}

fn listed(holds: &[Hold]) -> String {
    holds.iter().map(|hold| hold.words()).collect::<Vec<_>>().join(", ")
}

fn hint(missing: &[String]) -> String {
    if missing.is_empty() { String::new() } else { format!(" (missing: {})", missing.join("; ")) }
}

/// What a command may use. Where a limit is `None`, nothing is asked of the back end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Time by the wall clock; then it is killed with all that it started.
    pub wall: Duration,
    /// Bytes kept of each of standard output and standard error: half from the head, half from the tail.
    pub output: usize,
    /// Bytes written to standard output and standard error together, after which it is killed.
    pub written: Option<u64>,
    /// Processor time of all its processes together, after which it is killed.
    pub cpu: Option<Duration>,
    /// Bytes of memory of all its processes together, above which it is killed.
    pub memory: Option<u64>,
    /// Processes and threads at one time; it gets no more of them.
    pub tasks: Option<u64>,
    /// Bytes of a single file; it cannot grow one further.
    pub file_size: Option<u64>,
    /// Bytes that it may write below the writable folders in all; it gets no more. They are held in memory until it ends.
    pub disk: Option<u64>,
    /// Bytes that it may write to disks in all, however often to the same place, after which it is killed: as looks at it tell.
    pub disk_writes: Option<u64>,
}

impl Limits {
    /// Returns limits of time and of kept output alone.
    #[must_use]
    pub const fn new(wall: Duration, output: usize) -> Self {
        Self { wall, output, written: None, cpu: None, memory: None, tasks: None, file_size: None, disk: None, disk_writes: None }
    }
}

/// A limit that a command has come up against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// [`Limits::wall`].
    Wall,
    /// [`Limits::cpu`].
    Cpu,
    /// [`Limits::memory`].
    Memory,
    /// [`Limits::written`].
    Written,
    /// [`Limits::disk`], of which there is no more, or [`Limits::disk_writes`].
    Disk,
}

/// Output, bounded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Captured {
    /// The first bytes.
    pub head: Vec<u8>,
    /// The last bytes; empty when nothing was cut.
    pub tail: Vec<u8>,
    /// How many bytes were written in truth.
    pub total: u64,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It exited. Behind the walls of [`Ns`], a signal that ended it is the exit code 128 and its number, as in a shell.
    Exited(i32),
    /// A signal ended it (or its supervisor).
    Signalled(i32),
    /// A limit fired.
    Limited(Limit),
    /// The caller cancelled it.
    Cancelled,
}

/// What a command used, with all that it started, as far as it could be told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Processor time in programs.
    pub user: Duration,
    /// Processor time in the kernel.
    pub system: Duration,
    /// Bytes of memory at the highest: of all processes together where a memory limit was set, else of the largest one.
    pub peak_memory: u64,
}

/// What came of a command.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// How it ended.
    pub status: Status,
    /// The limits that it came up against without being ended by them: it got no more.
    pub reached: Vec<Limit>,
    /// Its standard output.
    pub stdout: Captured,
    /// Its standard error.
    pub stderr: Captured,
    /// How long it took.
    pub wall: Duration,
    /// What it used.
    pub usage: Usage,
    /// The back end.
    pub backend: &'static str,
    /// What the back end could not hold.
    pub not_held: Vec<Hold>,
    /// What held its memory, where that was limited.
    pub memory_by: Option<MemoryBy>,
}
