//! The back end `none`: runs a command as it is, and sees to it that it ends and that nothing of it stays.
//!
//! It does not contain: the command may read and write what its user may. It must be asked for by name and is recorded in every outcome.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::run::Run;
use crate::wire::{Report, encode};
use crate::{Cancel, Capabilities, Captured, Command, Error, Limits, MARK, Outcome, Sandbox, Status, lookup};

const BACKEND: &str = "none";

/// What this back end leaves open, in the words of the reports.
const NOT_HELD: [&str; 8] = [
    "file reads",
    "file writes",
    "network",
    "memory",
    "processor time",
    "number of processes",
    "disk space",
    "signals to other processes",
];

/// Said of one run, in addition, when a process of it did not die.
const DID_NOT_DIE: &str = "a process that could not be killed";

/// Numbers the runs of this process, whichever instance they are of: a mark is never used twice.
static RUNS: AtomicU64 = AtomicU64::new(1);

/// Runs commands under a supervisor process and without containment.
#[derive(Debug, Clone)]
pub struct Process {
    supervisor: PathBuf,
    mark: String,
}

impl Process {
    /// Returns the back end.
    ///
    /// `supervisor` is the absolute path of a program that calls [`supervise`](crate::supervise()) when its first argument is
    /// [`SUPERVISE`](crate::SUPERVISE); `/proc/self/exe` names the program that runs now, even when its file was replaced meanwhile.
    /// `mark` begins the mark that all processes of its runs carry, by which [`sweep`](crate::sweep()) finds them.
    #[must_use]
    pub fn new(supervisor: PathBuf, mark: impl Into<String>) -> Self {
        Self { supervisor, mark: mark.into() }
    }

    /// Returns the outcome of a command that wrote nothing and took no time.
    fn outcome(&self, status: Status) -> Outcome {
        let not_held = self.probe().not_held;
        let (stdout, stderr) = (Captured::default(), Captured::default());
        Outcome { status, stdout, stderr, wall: Duration::ZERO, backend: BACKEND, not_held }
    }

    fn supervisor_failed(&self, source: impl Into<io::Error>) -> Error {
        Error::Supervisor { path: self.supervisor.clone(), source: source.into() }
    }
}

impl Sandbox for Process {
    fn probe(&self) -> Capabilities {
        let mut holds = vec!["wall time", "output", "environment", "terminal"];
        let mut not_held = NOT_HELD.to_vec();
        // Without /proc, only what stays a child of the supervisor can be found.
        let descendants = if Path::new("/proc/self/stat").exists() { &mut holds } else { &mut not_held };
        descendants.push("descendants");
        Capabilities { backend: BACKEND, holds, not_held }
    }

    fn run(&self, command: &Command, limits: &Limits, cancel: &Cancel) -> Result<Outcome, Error> {
        if cancel.is_cancelled() {
            return Ok(self.outcome(Status::Cancelled));
        }
        let program = lookup::program(command)?;
        if !command.cwd.is_dir() {
            return Err(Error::WorkFolder { path: command.cwd.clone() });
        }
        let mark = format!("{}-{}-{}", self.mark, std::process::id(), RUNS.fetch_add(1, Ordering::Relaxed));
        let request = encode(&program, command, (MARK, &mark));
        let mut run = Run::start(&self.supervisor, &mark, limits).map_err(|source| self.supervisor_failed(source))?;
        let watched = run.watch([&request, command.stdin.as_deref().unwrap_or_default()], limits.wall, cancel);
        // Whatever went wrong above: first see to it that nothing stays.
        let end = run.finish(&mark);
        let stopped = watched.map_err(|source| self.supervisor_failed(source))?;
        let status = status(&end.reports, stopped, end.supervisor).map_err(|failure| match failure {
            Failure::Command(source) => Error::Spawn { program: name(command), source },
            Failure::Supervisor(source) => self.supervisor_failed(source),
        })?;
        let [stdout, stderr] = run.outputs.map(|output| output.capture.finish());
        let mut outcome = Outcome { stdout, stderr, wall: run.started.elapsed(), ..self.outcome(status) };
        if !end.none_left {
            outcome.not_held.push(DID_NOT_DIE);
        }
        Ok(outcome)
    }
}

fn name(command: &Command) -> String {
    command.argv.first().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

enum Failure {
    Command(io::Error),
    Supervisor(io::Error),
}

/// Decides how a command ended. What the supervisor saw of it comes first: a command that ended just before its limit did end.
fn status(reports: &[Report], stopped: Option<Status>, supervisor: Option<ExitStatus>) -> Result<Status, Failure> {
    for report in reports {
        match *report {
            Report::Failed(number) => return Err(Failure::Command(io::Error::from_raw_os_error(number))),
            Report::Exited(code) => return Ok(Status::Exited(code)),
            Report::Signalled(number) => return Ok(Status::Signalled(number)),
            Report::Started | Report::Told(_) | Report::Clean => {}
        }
    }
    if let Some(status) = stopped {
        return Ok(status);
    }
    let told = reports.iter().find_map(|report| if let Report::Told(number) = report { Some(*number) } else { None });
    match told.or_else(|| supervisor?.signal()) {
        Some(number) => Ok(Status::Signalled(number)),
        None => Err(Failure::Supervisor(io::Error::other("it ended without saying how the command did"))),
    }
}
