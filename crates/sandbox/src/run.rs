//! One run, seen from the caller: a loop over the supervisor's socket and the two pipes of output, in one thread and bounded memory.

use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::captured::Capture;
use crate::cgroup::Group;
use crate::meter::Meter;
use crate::sweep::kill_run;
use crate::wire::Report;
use crate::{Cancel, Limit, Limits, MARK, MemoryBy, SUPERVISE, Status};

/// How often the cancel flag is looked at.
const TICK: Duration = Duration::from_millis(20);

/// Waiting is in whole milliseconds, rounded down.
const ROUNDING: Duration = Duration::from_millis(1);

/// How long a supervisor that was told to stop may take to say that it heard.
const ANSWER: Duration = Duration::from_millis(500);

/// How long it may take in all; it gives up on its own before that.
const GRACE: Duration = Duration::from_secs(3);

/// How long it may take to carry over what a command wrote, when nothing of the command is left.
const KEEPING: Duration = Duration::from_secs(600);

/// How long output may still come when all that could write it is dead.
const DRAIN: Duration = Duration::from_millis(250);

/// Reads at most this much at once: what a pipe holds.
const CHUNK: usize = 64 * 1024;

/// A supervisor at work, and all that is known of its command so far.
pub(crate) struct Run {
    pub(crate) started: Instant,
    supervisor: Child,
    control: UnixStream,
    said: Vec<u8>,
    pub(crate) outputs: [Output; 2],
    meter: Option<Meter>,
}

/// One stream of output; without a pipe when it has ended.
pub(crate) struct Output {
    pipe: Option<Box<dyn Pipe>>,
    pub(crate) capture: Capture,
}

pub(crate) trait Pipe: Read + AsFd + Send {}
impl<T: Read + AsFd + Send> Pipe for T {}

/// What is known at the end.
pub(crate) struct End {
    pub(crate) reports: Vec<Report>,
    pub(crate) supervisor: Option<ExitStatus>,
    pub(crate) none_left: bool,
}

impl Run {
    /// Starts a supervisor, in the group if it can be put there.
    pub(crate) fn start(supervisor: &Path, mark: &str, limits: &Limits, group: Option<Group>) -> io::Result<Self> {
        let started = Instant::now();
        let (control, theirs) = UnixStream::pair()?;
        control.set_nonblocking(true)?;
        let mut command = Command::new(supervisor);
        command
            .arg(SUPERVISE)
            .arg(std::process::id().to_string())
            .env_clear()
            .env(MARK, mark)
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let (mut child, group) = match group {
            None => (command.spawn()?, None),
            // It knows no command yet: all that it starts is in the group.
            Some(group) => {
                let (child, added) = group.started(|| command.spawn(), Child::id)?;
                (child, Some(group).filter(|_| added))
            }
        };
        // The other end of the socket is its alone.
        drop(command);
        let output = |pipe| Output { pipe, capture: Capture::new(limits.output) };
        let stdout = output(child.stdout.take().map(|pipe| Box::new(pipe) as Box<dyn Pipe>));
        let stderr = output(child.stderr.take().map(|pipe| Box::new(pipe) as Box<dyn Pipe>));
        let meter = Meter::new(child.id().cast_signed(), limits, group);
        Ok(Self { started, supervisor: child, control, said: Vec::new(), outputs: [stdout, stderr], meter })
    }

    /// Sends `input`, takes output and enforces the limits until the supervisor is gone, or does not go. Returns why it was told to stop.
    pub(crate) fn watch(&mut self, input: [&[u8]; 2], limits: &Limits, cancel: &Cancel) -> io::Result<Option<Status>> {
        let [mut request, mut stdin] = input;
        let mut sending = true;
        let mut buffer = vec![0; CHUNK];
        let mut stopped = None;
        let mut told: Option<Instant> = None;
        loop {
            let pending = if request.is_empty() { &mut stdin } else { &mut request };
            let left = limits.wall.saturating_sub(self.started.elapsed());
            let wait = if stopped.is_none() { TICK.min(left.saturating_add(ROUNDING)) } else { TICK };
            self.exchange(pending, wait, &mut buffer)?;
            if sending && request.is_empty() && stdin.is_empty() {
                sending = false;
                // The end of the command's input. It may have failed only because the supervisor is gone, which is seen below.
                let _ = self.control.shutdown(Shutdown::Write);
            }
            if !self.listen()? {
                return Ok(stopped);
            }
            if let Some(told) = told {
                if told.elapsed() >= self.patience() {
                    return Ok(stopped);
                }
            } else if cancel.is_cancelled() {
                stopped = Some(Status::Cancelled);
            } else {
                stopped = self.fired(limits).map(Status::Limited);
            }
            if stopped.is_some() && told.is_none() {
                told = Some(Instant::now());
                // The second in case that the command has stopped its supervisor.
                self.signal(Signal::SIGTERM);
                self.signal(Signal::SIGCONT);
            }
        }
    }

    /// Returns the limit that the command has reached.
    fn fired(&mut self, limits: &Limits) -> Option<Limit> {
        if self.started.elapsed() >= limits.wall {
            return Some(Limit::Wall);
        }
        let written: u64 = self.outputs.iter().map(|output| output.capture.total()).sum();
        if limits.written.is_some_and(|limit| written > limit) {
            return Some(Limit::Written);
        }
        self.meter.as_mut()?.look(limits)
    }

    /// Returns whether the kernel ended something for want of memory.
    pub(crate) fn ran_out_of_memory(&mut self, limits: &Limits) -> bool {
        self.meter.as_mut().is_some_and(|meter| meter.ran_out(limits))
    }

    /// Returns what held memory, where it was limited.
    pub(crate) fn memory_by(&self) -> Option<MemoryBy> {
        self.meter.as_ref().and_then(Meter::memory_by)
    }

    /// Returns the most memory that was seen in use by all together, if it was looked at.
    pub(crate) fn peak_memory(&self) -> u64 {
        self.meter.as_ref().map_or(0, |meter| meter.peak)
    }

    /// Returns how long a supervisor that was told to stop may take, by what it said so far.
    fn patience(&self) -> Duration {
        let reports = Report::parse(&self.said);
        if reports.contains(&Report::Clean) {
            KEEPING
        } else if reports.iter().any(|report| matches!(report, Report::Told(_))) {
            GRACE
        } else {
            ANSWER
        }
    }

    /// Waits until something can be read or written, and does so once.
    fn exchange(&mut self, pending: &mut &[u8], wait: Duration, buffer: &mut [u8]) -> io::Result<()> {
        let events = if pending.is_empty() { PollFlags::POLLIN } else { PollFlags::POLLIN | PollFlags::POLLOUT };
        let mut fds = vec![PollFd::new(self.control.as_fd(), events)];
        let open = self.outputs.iter().filter_map(|output| output.pipe.as_ref());
        fds.extend(open.map(|pipe| PollFd::new(pipe.as_fd(), PollFlags::POLLIN)));
        match poll(&mut fds, PollTimeout::try_from(wait).unwrap_or(PollTimeout::ZERO)) {
            Ok(_) => {}
            Err(Errno::EINTR) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        let mut ready = fds.iter().map(|fd| fd.revents().unwrap_or(PollFlags::empty())).collect::<Vec<_>>().into_iter();
        let writable = ready.next().is_some_and(|events| events.contains(PollFlags::POLLOUT));
        for output in self.outputs.iter_mut().filter(|output| output.pipe.is_some()) {
            if ready.next().is_some_and(|events| !events.is_empty()) {
                output.read(buffer);
            }
        }
        if writable && !pending.is_empty() {
            self.send(pending);
        }
        Ok(())
    }

    /// Sends a part of what is pending. A supervisor that takes no more (its command has closed its input) is no failure.
    fn send(&mut self, pending: &mut &[u8]) {
        match self.control.write(pending) {
            Ok(count) => *pending = pending.get(count..).unwrap_or_default(),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(_) => *pending = &[],
        }
    }

    /// Takes what the supervisor said. Returns false when it is gone.
    fn listen(&mut self) -> io::Result<bool> {
        let mut buffer = [0; 256];
        match self.control.read(&mut buffer) {
            Ok(0) => Ok(false),
            Ok(count) => {
                self.said.extend_from_slice(buffer.get(..count).unwrap_or_default());
                Ok(true)
            }
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::Interrupted => Ok(true),
                // It ended with bytes of ours unread.
                ErrorKind::ConnectionReset => Ok(false),
                _ => Err(error),
            },
        }
    }

    /// Leaves nothing running, takes the rest of the output, and tells how it ended.
    pub(crate) fn finish(&mut self, mark: &str) -> End {
        let reports = Report::parse(&self.said);
        let clean = reports.iter().any(|report| matches!(report, Report::Clean | Report::Failed(_)));
        let mut none_left = true;
        if !clean {
            let supervisor = self.pid().as_raw();
            kill_run(supervisor, mark);
            self.signal(Signal::SIGKILL);
            // Once more, for what was born between the last look and the supervisor's end.
            none_left = kill_run(supervisor, mark);
        }
        let supervisor = self.wait_for_supervisor();
        self.drain();
        End { reports, supervisor, none_left: none_left && supervisor.is_some() }
    }

    /// Waits for a supervisor that is dying, but not for ever: one that hangs in the kernel is left to it.
    fn wait_for_supervisor(&mut self) -> Option<ExitStatus> {
        let until = Instant::now() + GRACE;
        loop {
            match self.supervisor.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if Instant::now() < until => thread::sleep(Duration::from_micros(200)),
                Ok(None) | Err(_) => return None,
            }
        }
    }

    /// Takes the output that is still in the pipes. No one is left to write more; should someone hold a pipe all the same, it is not
    /// waited for.
    fn drain(&mut self) {
        let until = Instant::now() + DRAIN;
        let mut buffer = vec![0; CHUNK];
        for output in &mut self.outputs {
            while Instant::now() < until && output.is_ready() {
                output.read(&mut buffer);
            }
        }
    }

    fn signal(&self, signal: Signal) {
        // Its number is its own until it was waited for.
        let _ = kill(self.pid(), signal);
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.supervisor.id().cast_signed())
    }
}

impl Output {
    fn read(&mut self, buffer: &mut [u8]) {
        match self.pipe.as_mut().map(|pipe| pipe.read(buffer)) {
            Some(Ok(count)) if count > 0 => self.capture.push(buffer.get(..count).unwrap_or_default()),
            Some(Err(error)) if error.kind() == ErrorKind::Interrupted => {}
            Some(_) | None => self.pipe = None,
        }
    }

    fn is_ready(&self) -> bool {
        let Some(pipe) = &self.pipe else { return false };
        let mut fds = [PollFd::new(pipe.as_fd(), PollFlags::POLLIN)];
        poll(&mut fds, PollTimeout::ZERO).is_ok_and(|count| count > 0)
    }
}
