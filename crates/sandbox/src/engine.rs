//! What all back ends share: one command under one supervisor, from the lookup of its program to its outcome.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::run::Run;
use crate::wire::{Report, encode};
use crate::{Cancel, Capabilities, Captured, Command, Error, Hold, Limits, MARK, Outcome, Policy, Status, Usage, lookup};

/// Numbers the runs of this process, whichever instance they are of: a mark is never used twice.
static RUNS: AtomicU64 = AtomicU64::new(1);

/// Starts supervisors.
#[derive(Debug, Clone)]
pub(crate) struct Engine {
    /// The program that is the supervisor when told so.
    pub(crate) supervisor: PathBuf,
    /// Begins the mark of each run.
    pub(crate) mark: String,
}

impl Engine {
    /// Runs a command under a supervisor; `held` is what the back end holds.
    pub(crate) fn run(
        &self,
        held: Capabilities,
        command: &Command,
        policy: &Policy,
        limits: &Limits,
        cancel: &Cancel,
    ) -> Result<Outcome, Error> {
        held.suffice(policy, limits)?;
        if cancel.is_cancelled() {
            return Ok(outcome(held, Status::Cancelled));
        }
        let program = lookup::program(command)?;
        if !command.cwd.is_dir() {
            return Err(Error::WorkFolder { path: command.cwd.clone() });
        }
        let mark = format!("{}-{}-{}", self.mark, std::process::id(), RUNS.fetch_add(1, Ordering::Relaxed));
        let request = encode(&program, command, (MARK, &mark));
        let mut run = Run::start(&self.supervisor, &mark, limits).map_err(|source| self.failed(source))?;
        let watched = run.watch([&request, command.stdin.as_deref().unwrap_or_default()], limits, cancel);
        // Whatever went wrong above: first see to it that nothing stays.
        let end = run.finish(&mark);
        let stopped = watched.map_err(|source| self.failed(source))?;
        let status = status(&end.reports, stopped, end.supervisor).map_err(|failure| match failure {
            Failure::Command(source) => Error::Spawn { program: name(command), source },
            Failure::Supervisor(source) => self.failed(source),
        })?;
        let [stdout, stderr] = run.outputs.map(|output| output.capture.finish());
        let usage = usage(&end.reports);
        let mut outcome = Outcome { stdout, stderr, wall: run.started.elapsed(), usage, ..outcome(held, status) };
        if !end.none_left {
            // A process that could not be killed.
            outcome.not_held.push(Hold::Descendants);
        }
        Ok(outcome)
    }

    fn failed(&self, source: impl Into<io::Error>) -> Error {
        Error::Supervisor { path: self.supervisor.clone(), source: source.into() }
    }
}

/// Returns the outcome of a command that wrote nothing and took no time.
fn outcome(held: Capabilities, status: Status) -> Outcome {
    let (stdout, stderr) = (Captured::default(), Captured::default());
    let usage = Usage::default();
    Outcome { status, stdout, stderr, wall: Duration::ZERO, usage, backend: held.backend, not_held: held.not_held }
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
            Report::Started | Report::Told(_) | Report::Used(_) | Report::Clean => {}
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

fn usage(reports: &[Report]) -> Usage {
    let used = reports.iter().find_map(|report| if let Report::Used(usage) = report { Some(*usage) } else { None });
    used.unwrap_or_default()
}
