//! What all back ends share: one command under one supervisor, from the lookup of its program to its outcome.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::cgroup::Groups;
use crate::run::Run;
use crate::wire::{Confined, Report, encode};
use crate::{Cancel, Capabilities, Captured, Command, Error, Hold, Limit, Limits, MARK, Outcome, Status, Usage, lookup};

/// Numbers the runs of this process, whichever instance they are of: a mark is never used twice.
static RUNS: AtomicU64 = AtomicU64::new(1);

/// Starts supervisors.
#[derive(Debug, Clone)]
pub(crate) struct Engine {
    /// The program that is the supervisor when told so.
    pub(crate) supervisor: PathBuf,
    /// Begins the mark of each run.
    pub(crate) mark: String,
    pub(crate) groups: Arc<Groups>,
}

/// A jail as its maker knows it.
#[derive(Clone, Copy)]
pub(crate) struct Walls<'a> {
    pub(crate) jail: &'a Confined,
    /// Says whether a path is to be seen inside.
    pub(crate) sees: &'a dyn Fn(&Path) -> bool,
    /// What starts it leaves it in the group that the supervisor is in.
    pub(crate) keeps_group: bool,
}

impl Engine {
    /// `supervisor` and `mark` are those of [`Process::new`](crate::Process::new).
    pub(crate) fn new(supervisor: PathBuf, mark: impl Into<String>) -> Self {
        Self { supervisor, mark: mark.into(), groups: Arc::default() }
    }

    /// Runs a command under a supervisor; `held` is what the back end holds, `walls` are what it puts round the command.
    pub(crate) fn run(
        &self,
        held: Capabilities,
        command: &Command,
        walls: Option<Walls<'_>>,
        limits: &Limits,
        cancel: &Cancel,
    ) -> Result<Outcome, Error> {
        if cancel.is_cancelled() {
            return Ok(outcome(held, Status::Cancelled));
        }
        let program = lookup::program(command)?;
        if !command.cwd.is_dir() {
            return Err(Error::WorkFolder { path: command.cwd.clone() });
        }
        if let Some(path) = [&program, &command.cwd].into_iter().find(|path| walls.is_some_and(|walls| !(walls.sees)(path))) {
            return Err(Error::Path { path: path.clone(), problem: "is needed, and is not among what can be read" });
        }
        let number = RUNS.fetch_add(1, Ordering::Relaxed);
        let mark = format!("{}-{}-{number}", self.mark, std::process::id());
        let request = encode(&program, command, (MARK, &mark), walls.map(|walls| walls.jail));
        let grouped = limits.memory.filter(|_| walls.is_some_and(|walls| walls.keeps_group));
        // What is written under a limit of the disk is in memory as well, and is not the command's.
        let group = grouped.and_then(|memory| self.groups.make(number, memory.saturating_add(limits.disk.unwrap_or(0))));
        let mut run = Run::start(&self.supervisor, &mark, limits, group).map_err(|source| self.failed(source))?;
        let watched = run.watch([&request, command.stdin.as_deref().unwrap_or_default()], limits, cancel);
        // Whatever went wrong above: first see to it that nothing stays.
        let end = run.finish(&mark);
        let stopped = watched.map_err(|source| self.failed(source))?;
        let mut usage = usage(&end.reports);
        let ran_out = run.ran_out_of_memory(limits);
        usage.peak_memory = usage.peak_memory.max(run.peak_memory());
        let memory_by = run.memory_by();
        if let Some(number) =
            end.reports.iter().find_map(|report| if let Report::NotKept(number) = report { Some(*number) } else { None })
        {
            return Err(Error::Copy { path: command.cwd.clone(), source: io::Error::from_raw_os_error(number) });
        }
        let started = run.started;
        let [stdout, stderr] = run.outputs.map(|output| output.capture.finish());
        let status = status(&end.reports, stopped, end.supervisor).map_err(|failure| match failure {
            Failure::Command(source) => Error::Spawn { program: name(command), source },
            Failure::Supervisor(source) => self.failed(source),
            Failure::Jail => {
                Error::SetUp { backend: held.backend, says: String::from_utf8_lossy(&stderr.text()).trim().to_owned() }
            }
        })?;
        // The kernel is quicker than any look: it may be over before one.
        let status = if ran_out && matches!(status, Status::Exited(_) | Status::Signalled(_)) {
            Status::Limited(Limit::Memory)
        } else {
            status
        };
        let full = end.reports.contains(&Report::DiskFull);
        let reached = if full { vec![Limit::Disk] } else { Vec::new() };
        let mut outcome = Outcome { reached, stdout, stderr, wall: started.elapsed(), usage, memory_by, ..outcome(held, status) };
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
    let (backend, not_held) = (held.backend, held.not_held);
    let reached = Vec::new();
    Outcome { status, reached, stdout, stderr, wall: Duration::ZERO, usage, backend, not_held, memory_by: None }
}

fn name(command: &Command) -> String {
    command.argv.first().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

enum Failure {
    Command(io::Error),
    Supervisor(io::Error),
    Jail,
}

/// Decides how a command ended. What the supervisor saw of it comes first: a command that ended just before its limit did end.
fn status(reports: &[Report], stopped: Option<Status>, supervisor: Option<ExitStatus>) -> Result<Status, Failure> {
    for report in reports {
        match *report {
            Report::Failed(number) => return Err(Failure::Command(io::Error::from_raw_os_error(number))),
            Report::NotJailed => return Err(Failure::Jail),
            Report::Exited(code) => return Ok(Status::Exited(code)),
            Report::Signalled(number) => return Ok(Status::Signalled(number)),
            Report::Started | Report::DiskFull | Report::Told(_) | Report::Used(_) | Report::Clean | Report::NotKept(_) => {}
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
