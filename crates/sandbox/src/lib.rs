//! Runs a command where it can do no harm. Knows nothing of cases.
//!
//! Today there is one back end, [`Process`], which is named `none` wherever it is recorded, because it holds nothing but time, output,
//! environment, terminal and descendants; the trait is the seam for those that hold more.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// A command to run.
#[derive(Debug, Clone)]
pub struct Command {
    /// Program and arguments.
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
