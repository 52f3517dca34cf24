//! The supervisor: a process between fixwright and one command, which outlives all that the command starts.
//!
//! It is a *subreaper*: whatever is orphaned below it, by double fork and new session too, becomes its child, so that "no children" is
//! the exact and cheap proof that nothing is left. It ends the tree when the command ends, when it gets a signal, and when fixwright is
//! gone (the socket closes, however fixwright died).
//!
//! It runs in the `fixwright` binary itself, behind a hidden first argument, because what it needs cannot be done between fork and exec
//! without unsafe code.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use keyutils::Keyring;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl::{set_child_subreaper, set_pdeathsig};
use nix::sys::resource::{Resource, UsageWho, getrusage, setrlimit};
use nix::sys::signal::{SigSet, Signal, killpg};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::time::{TimeVal, TimeValLike};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{Pid, close, getpgrp, getppid, setsid};

use crate::bundled::Bundled;
use crate::inside::INSIDE;
use crate::jail::{Came, Jailed};
use crate::launch::{LAUNCH, LAUNCHED};
use crate::procfs::{Entry, Table, own_children};
use crate::stage::Kept;
use crate::way::WAY;
use crate::wire::{Confined, Report, Request};
use crate::{Usage, inside, launch, stage, way};

/// The first argument of the program that [`Process`](crate::Process) starts as supervisor; the program passes the arguments after it
/// on to [`supervise`].
pub const SUPERVISE: &str = "__supervise";

/// The argument after it of a process that only holds a new user namespace.
pub(crate) const HOLD: &str = "hold";

/// How long the dying may take before the supervisor gives up and its caller looks for itself.
const PATIENCE: Duration = Duration::from_secs(2);

/// Between two looks at whether a runtime has begun.
const TICK: Duration = Duration::from_millis(50);

/// Between two looks at how much was written, where that is bounded: one call of the kernel each.
const DISK_TICK: Duration = Duration::from_millis(5);

/// Between two looks at what is dying.
const PAUSE: Duration = Duration::from_millis(1);

/// Is the supervisor of one command: takes over the process, speaks with its caller over standard input, and returns the exit code when
/// nothing of the command is left. `args` are those after [`SUPERVISE`].
pub fn supervise(mut args: impl Iterator<Item = OsString>) -> u8 {
    let first = args.next().unwrap_or_default();
    // Whatever fails round the command is said on standard error, which is the command's.
    let say = |error: &io::Error| drop(writeln!(io::stderr(), "behind the walls: {error}"));
    let done = if first == HOLD {
        hold()
    } else if first == LAUNCH {
        return launch::launch(args).inspect_err(say).unwrap_or(1);
    } else if first == LAUNCHED {
        return launch::launched(args).inspect_err(say).unwrap_or(1);
    } else if first == WAY {
        let error = way::become_command(args);
        say(&error);
        Err(error)
    } else if first == INSIDE {
        inside::enter(args).inspect_err(say)
    } else {
        let caller = first.to_str().and_then(|pid| pid.parse().ok()).map(Pid::from_raw);
        caller.ok_or_else(|| io::ErrorKind::InvalidInput.into()).and_then(watch_over)
    };
    match done {
        Ok(()) => 0,
        Err(_) => 1,
    }
}

/// Is the process that a user namespace is born with, until its input ends.
fn hold() -> io::Result<()> {
    unshare(CloneFlags::CLONE_NEWUSER)?;
    io::stdout().write_all(b"x")?;
    io::stdout().flush()?;
    io::stdin().read_to_end(&mut Vec::new()).map(drop)
}

fn watch_over(caller: Pid) -> io::Result<()> {
    close_inherited();
    // Fails only where this process leads a group already, and then it leads its own session or was started by hand.
    let _ = setsid();
    set_child_subreaper(true)?;
    no_core_dumps()?;
    // The caller's may hold keys. A kernel that keeps none has none to give away.
    let _ = Keyring::join_anonymous_session();
    let control = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let request = Request::read(&mut &control)?;
    let staging = request.confined.as_ref().and_then(Confined::stage).cloned();
    let staged = staging.as_ref().map_or(Ok(Vec::new()), stage::set);
    let kept = match staged {
        Ok(kept) => kept,
        Err(says) => {
            writeln!(io::stderr(), "{says}")?;
            return Report::NotJailed.write(&mut &control);
        }
    };
    let mut command = match start(request) {
        Ok(command) => command,
        Err(error) => return Report::Failed(error.raw_os_error().unwrap_or(Errno::EINVAL as i32)).write(&mut &control),
    };
    let mut disk = Disk { is_bounded: staging.as_ref().is_some_and(|stage| stage.disk.is_some()), was_full: false };
    let outcome = wait(&mut command, &control, caller, &mut disk);
    disk.look(&control)?;
    let clean = kill_tree();
    if let Started::Bundled(bundled) = &command {
        bundled.clean_up();
    }
    Report::Used(used()).write(&mut &control)?;
    if clean {
        Report::Clean.write(&mut &control)?;
        let dropped = staging.filter(|stage| stage.late).map_or(Ok(()), |stage| stage::drop_root(&stage));
        let done = dropped.map_err(io::Error::other).and_then(|()| kept.iter().try_for_each(Kept::keep));
        if let Err(error) = done {
            Report::NotKept(error.raw_os_error().unwrap_or(Errno::EIO as i32)).write(&mut &control)?;
        }
    }
    outcome
}

/// Turns core dumps off. By a limit of 0 the kernel writes none into files, and hands them to the host's program all the same where it has
/// one (`core_pattern`); by a limit of 1 it does neither (its `do_coredump`).
fn no_core_dumps() -> nix::Result<()> {
    // Where the host grants none at all, one byte is too much to ask for.
    setrlimit(Resource::RLIMIT_CORE, 1, 1).or_else(|_| setrlimit(Resource::RLIMIT_CORE, 0, 0))
}

/// The bounded space for what is written.
struct Disk {
    is_bounded: bool,
    was_full: bool,
}

impl Disk {
    /// Says it once when nothing is left. What fails for want of space may remove what it wrote, and is not seen when it is quicker than a look.
    fn look(&mut self, control: &UnixStream) -> io::Result<()> {
        if self.is_bounded && !self.was_full && stage::is_full() {
            self.was_full = true;
            Report::DiskFull.write(&mut &*control)?;
        }
        Ok(())
    }
}

/// Closes what the caller left open without meaning to: a command that holds a descriptor of a folder walks past every wall. Nothing
/// here has opened one yet.
fn close_inherited() {
    let names = fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
    let inherited: Vec<i32> = names.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(|fd| *fd > 2).collect();
    for fd in inherited {
        // The one of the listing itself is gone already, and fails.
        let _ = close(fd);
    }
}

/// Returns what all used that was waited for below this process.
fn used() -> Usage {
    let Ok(used) = getrusage(UsageWho::RUSAGE_CHILDREN) else { return Usage::default() };
    let time = |value: TimeVal| Duration::from_micros(u64::try_from(value.num_microseconds()).unwrap_or(0));
    let peak_memory = u64::try_from(used.max_rss()).unwrap_or(0).saturating_mul(1024);
    Usage { user: time(used.user_time()), system: time(used.system_time()), peak_memory }
}

/// A command at work, behind walls or not.
enum Started {
    Free(Child),
    Jailed(Jailed),
    Bundled(Bundled),
}

impl Started {
    /// Returns where the command's input is written, once.
    fn input(&mut self) -> Option<File> {
        let other = if let Self::Jailed(jailed) = self { jailed.input.take() } else { None };
        other.or_else(|| self.child().stdin.take().map(|stdin| File::from(OwnedFd::from(stdin))))
    }

    fn child(&mut self) -> &mut Child {
        match self {
            Self::Free(child) => child,
            Self::Jailed(jailed) => &mut jailed.child,
            Self::Bundled(bundled) => &mut bundled.child,
        }
    }

    /// Says how the command ended.
    fn report(&self, status: ExitStatus) -> Report {
        match (status.code(), status.signal()) {
            (Some(code), _) => match self.came() {
                Came::Nowhere => Report::NotJailed,
                Came::ToTheWalls(number) => Report::Failed(number),
                Came::Inside => Report::Exited(code),
            },
            (None, number) => Report::Signalled(number.unwrap_or(0)),
        }
    }

    fn came(&self) -> Came {
        match self {
            Self::Free(_) => Came::Inside,
            Self::Jailed(jailed) => jailed.came(),
            Self::Bundled(bundled) => bundled.came(),
        }
    }
}

fn start(mut request: Request) -> io::Result<Started> {
    // A group of its own, so that `kill 0` of a script does not hit its supervisor.
    let input = request.stdin;
    let prepare = |command: &mut Command| {
        command.process_group(0).stdin(if input { Stdio::piped() } else { Stdio::null() });
    };
    match request.confined.take() {
        Some(Confined::Jail(jail)) => return Jailed::start(&jail, request, prepare).map(Started::Jailed),
        Some(Confined::Bundle(bundle)) => return Bundled::start(&bundle, &request, prepare).map(Started::Bundled),
        None => {}
    }
    let mut command = Command::new(&request.program);
    if let Some((name, arguments)) = request.argv.split_first() {
        command.arg0(name).args(arguments);
    }
    command.env_clear().envs(request.env.iter().map(|(name, value)| (name, value))).current_dir(&request.cwd);
    prepare(&mut command);
    command.spawn().map(Started::Free)
}

/// Waits until the command ends, or until this process shall stop, and reports which.
fn wait(command: &mut Started, control: &UnixStream, caller: Pid, disk: &mut Disk) -> io::Result<()> {
    // After the start and not before: the command would inherit the blocked signals.
    let signals = block_signals()?;
    set_pdeathsig(Signal::SIGTERM)?;
    Report::Started.write(&mut &*control)?;
    feed(command.input(), control)?;
    // A caller that died before the line above that asks to be told.
    let mut gone = getppid() != caller;
    while !gone {
        if let Some(status) = command.child().try_wait()? {
            return command.report(status).write(&mut &*control);
        }
        reap_orphans(command.child());
        // No events asked of the socket: what is reported all the same is that its other end is gone.
        let mut ready = [PollFd::new(signals.as_fd(), PollFlags::POLLIN), PollFd::new(control.as_fd(), PollFlags::empty())];
        let patience = if let Started::Bundled(bundled) = &command { bundled.patience() } else { None };
        if patience == Some(Duration::ZERO) {
            writeln!(io::stderr(), "the runtime did not start the command in time")?;
            return Report::NotJailed.write(&mut &*control);
        }
        disk.look(control)?;
        let tick = (disk.is_bounded && !disk.was_full).then_some(DISK_TICK);
        let wait = patience.map(|left| left.min(TICK)).into_iter().chain(tick).min();
        let wait = wait.map_or(PollTimeout::NONE, |wait| PollTimeout::try_from(wait).unwrap_or(PollTimeout::ZERO));
        ignore_interrupt(poll(&mut ready, wait))?;
        gone = ready.last().is_some_and(|socket| socket.any().unwrap_or(true));
        while let Some(signal) = signals.read_signal()? {
            if signal.ssi_signo != Signal::SIGCHLD as u32 {
                return Report::Told(signal.ssi_signo.cast_signed()).write(&mut &*control);
            }
        }
    }
    Ok(())
}

fn block_signals() -> io::Result<SignalFd> {
    let set: SigSet = [Signal::SIGCHLD, Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP, Signal::SIGQUIT].into_iter().collect();
    set.thread_block()?;
    Ok(SignalFd::with_flags(&set, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?)
}

/// Passes the bytes after the request on to the command, from a thread of its own: a command that does not read them blocks no one, and
/// the thread ends with the process.
fn feed(input: Option<File>, control: &UnixStream) -> io::Result<()> {
    if let Some(mut stdin) = input {
        let mut control = control.try_clone()?;
        thread::Builder::new().spawn(move || {
            let _ = io::copy(&mut control, &mut stdin).and_then(|_| stdin.flush());
        })?;
    }
    Ok(())
}

/// Takes note of the ends of adopted processes, but not of the command's own: that is for [`Child::try_wait`], which knows all signals.
fn reap_orphans(command: &Child) {
    for pid in own_children() {
        if i32::try_from(command.id()) != Ok(pid) {
            let _ = waitpid(Pid::from_raw(pid), Some(WaitPidFlag::WNOHANG));
        }
    }
}

/// Kills all that descends from this process. Returns whether nothing is left.
fn kill_tree() -> bool {
    let until = Instant::now() + PATIENCE;
    let mut before = Vec::new();
    let mut passes: u32 = 0;
    while any_child() {
        if Instant::now() >= until {
            return false;
        }
        // Children first and quickly, by which a chain of forks is outrun; all others, whose list is long, now and then.
        let children = own_children();
        kill_each(children.iter().copied().filter_map(Entry::read));
        if passes % 8 == 3 {
            let table = Table::read();
            let below = table.descendants(&[Pid::this().as_raw()].into());
            kill_each(table.living().filter(|entry| below.contains(&entry.pid)).copied());
        }
        passes = passes.saturating_add(1);
        // None came since: they are dying, and have no need of the processor.
        if children == before {
            thread::sleep(PAUSE);
        }
        before = children;
    }
    true
}

/// Kills processes by their whole groups, which no fork slips through; one by one those that moved into this process's own group.
fn kill_each(entries: impl Iterator<Item = Entry>) {
    let own = getpgrp().as_raw();
    for entry in entries {
        if entry.group > 1 && entry.group != own && !entry.ended {
            let _ = killpg(Pid::from_raw(entry.group), Signal::SIGKILL);
        }
        entry.kill();
    }
}

/// Takes note of all ends so far, and returns whether any child is left.
fn any_child() -> bool {
    loop {
        match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::StillAlive) => return true,
            Err(Errno::ECHILD) => return false,
            // One ended; `EINVAL` says: by a signal that has no name.
            Ok(_) | Err(_) => {}
        }
    }
}

fn ignore_interrupt<T>(result: nix::Result<T>) -> io::Result<()> {
    match result {
        Ok(_) | Err(Errno::EINTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
