//! Runs a command where it can do no harm. Knows nothing of cases.
//!
//! Today there is one back end, [`Process`], which is named `none` wherever it is recorded, because it holds nothing but time, output,
//! environment, terminal and descendants; the trait is the seam for those that hold more.
//!
//! The path of one run: [`Sandbox::run`] finds the program (`lookup`), starts a supervisor (`process`, `run`), tells it over a
//! socket what to run (`wire`), and the supervisor runs it and outlives all that it started (`supervise`, `procfs`). Everything here blocks: an
//! asynchronous caller uses a thread of its own for each run.

mod cancel;
mod captured;
mod fake;
mod lookup;
mod process;
mod procfs;
mod run;
mod supervise;
mod sweep;
mod wire;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

pub use cancel::Cancel;
pub use fake::Fake;
pub use process::Process;
pub use supervise::{SUPERVISE, supervise};
pub use sweep::{MARK, sweep};

/// Runs commands, and holds them to limits.
pub trait Sandbox: Send + Sync {
    /// Returns what this host lets this back end hold.
    fn probe(&self) -> Capabilities;

    /// Runs a command to its end, its limit or its cancellation, and leaves nothing of it running.
    ///
    /// A command that fails is an [`Outcome`]; an [`Error`] means that it could not be run at all.
    ///
    /// # Errors
    /// When the program or the work folder is not there, or when the command could not be started.
    fn run(&self, command: &Command, limits: &Limits, cancel: &Cancel) -> Result<Outcome, Error>;
}

/// What a back end holds on this host, in words for a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// The back end's name.
    pub backend: &'static str,
    /// What it holds.
    pub holds: Vec<&'static str>,
    /// What it does not hold.
    pub not_held: Vec<&'static str>,
}

/// Why a command could not be run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
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

/// What a command may use.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Time by the wall clock; then it is killed with all that it started.
    pub wall: Duration,
    /// Bytes kept of each of standard output and standard error: half from the head, half from the tail.
    pub output: usize,
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
    /// It exited.
    Exited(i32),
    /// A signal ended it (or its supervisor).
    Signalled(i32),
    /// The wall limit fired.
    TimedOut,
    /// The caller cancelled it.
    Cancelled,
}

/// What came of a command.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// How it ended.
    pub status: Status,
    /// Its standard output.
    pub stdout: Captured,
    /// Its standard error.
    pub stderr: Captured,
    /// How long it took.
    pub wall: Duration,
    /// The back end.
    pub backend: &'static str,
    /// What the back end could not hold.
    pub not_held: Vec<&'static str>,
}
