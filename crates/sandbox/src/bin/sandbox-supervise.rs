//! The supervisor as a program of its own, and callers of it that a test can kill or measure without harm to itself. For this
//! crate's tests alone.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use sandbox::{Cancel, Captured, Command, Limits, Ns, Outcome, Policy, Process, SUPERVISE, Sandbox};

const LIMITS: Limits = Limits::new(Duration::MAX, 64 * 1024);

/// Every limit that there is.
const TIGHT: Limits = Limits {
    wall: Duration::from_secs(4),
    output: 64 * 1024,
    written: Some(1 << 20),
    cpu: Some(Duration::from_secs(1)),
    memory: Some(256 << 20),
    tasks: Some(64),
    file_size: Some(64 << 20),
    disk: Some(8 << 20),
    disk_writes: Some(1 << 30),
};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let mode = arguments.next().unwrap_or_default();
    if mode == SUPERVISE {
        return ExitCode::from(sandbox::supervise(arguments));
    }
    let done = match mode.to_str() {
        Some("run") => run(arguments),
        Some("contain") => contain(arguments, None),
        Some("contain-limited") => contain(arguments, Some(TIGHT)),
        Some("many") => many(arguments),
        Some("many-contained") => many_contained(arguments),
        _ => Err(io::ErrorKind::InvalidInput.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(70),
    }
}

/// `run MARK PROGRAM ARGUMENT…`: runs a command; prints how it ended, how much it wrote, this process's peak of memory, and its output.
fn run(mut arguments: impl Iterator<Item = OsString>) -> io::Result<()> {
    let sandbox = sandbox(arguments.next())?;
    let outcome = once(&sandbox, arguments.collect())?;
    let total = outcome.stdout.total;
    let peak_kb = fs::read_to_string("/proc/self/status")?
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.split_ascii_whitespace().next()?.parse::<u64>().ok())
        .unwrap_or(u64::MAX);
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{:?} {total} {peak_kb}", outcome.status)?;
    stdout.write_all(&outcome.stdout.text())
}

/// `contain MARK FOLDER PROGRAM ARGUMENT…`: runs a command behind walls, with FOLDER to work in; prints how it ended, and its output.
/// `contain-limited MARK FOLDER WALL-MS PROGRAM ARGUMENT…` sets every limit there is.
fn contain(mut arguments: impl Iterator<Item = OsString>, tight: Option<Limits>) -> io::Result<()> {
    let sandbox = walls(arguments.next())?;
    let folder = PathBuf::from(arguments.next().ok_or(io::ErrorKind::InvalidInput)?);
    let limits = match tight {
        Some(tight) => {
            let milliseconds =
                arguments.next().and_then(|wall| wall.to_str()?.parse().ok()).ok_or(io::ErrorKind::InvalidInput)?;
            Limits { wall: Duration::from_millis(milliseconds), ..tight }
        }
        None => LIMITS,
    };
    let command = Command { cwd: folder.clone(), ..command(arguments.collect()) };
    let outcome = sandbox.run(&command, &Policy::work_in(folder), &limits, &Cancel::default()).map_err(io::Error::other)?;
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{:?}", outcome.status)?;
    stdout.write_all(&outcome.stdout.text())?;
    stdout.write_all(&outcome.stderr.text())
}

/// `many MARK`: runs 200 commands in a row and 20 at once; prints the number of open descriptors before and after, of children, and how long
/// one took.
fn many(mut arguments: impl Iterator<Item = OsString>) -> io::Result<()> {
    let sandbox = sandbox(arguments.next())?;
    repeat(200, 20, |_| once(&sandbox, ["sh", "-c", "setsid sleep 600 & echo done"].map(OsString::from).to_vec()))
}

/// `many-contained MARK BASE COPIES ROW ONCE`: runs as many commands in a row and at once behind walls, every other one in a private copy of
/// its own, every third with a limit on the disk, and all with one of memory; prints the same.
fn many_contained(mut arguments: impl Iterator<Item = OsString>) -> io::Result<()> {
    let sandbox = walls(arguments.next())?;
    let mut path = || arguments.next().map(PathBuf::from).ok_or(io::Error::from(io::ErrorKind::InvalidInput));
    let (base, copies) = (path()?, path()?);
    let mut number =
        || path()?.to_str().and_then(|number| number.parse().ok()).ok_or(io::Error::from(io::ErrorKind::InvalidInput));
    let (row, at_once) = (number()?, number()?);
    repeat(row, at_once, |run| {
        let command = command(["sh", "-c", "setsid sleep 600 & echo done"].map(OsString::from).to_vec());
        let limits = Limits { disk: run.is_multiple_of(3).then_some(1 << 20), memory: Some(1 << 30), ..LIMITS };
        if run.is_multiple_of(2) {
            return sandbox.run(&command, &Policy::default(), &limits, &Cancel::default()).map_err(io::Error::other);
        }
        let folder = copies.join(run.to_string());
        fs::create_dir(&folder)?;
        let workspace = sandbox.prepare(&base, &folder).map_err(io::Error::other)?;
        let command = Command { cwd: workspace.path().to_owned(), ..command };
        let policy = workspace.allowed_by(Policy::default());
        let outcome = sandbox.run(&command, &policy, &limits, &Cancel::default()).map_err(io::Error::other);
        workspace.remove()?;
        fs::remove_dir(folder)?;
        outcome
    })
}

fn repeat(row: usize, at_once: usize, once: impl Fn(usize) -> io::Result<Outcome> + Sync) -> io::Result<()> {
    let done =
        |run| (once(run)?.stdout == Captured::whole("done\n")).then_some(()).ok_or(io::Error::from(io::ErrorKind::InvalidData));
    // What is set up once and kept is not what is counted.
    (0..6).try_for_each(&done)?;
    let before = fs::read_dir("/proc/self/fd")?.count();
    let started = Instant::now();
    (0..row).try_for_each(&done)?;
    let each = started.elapsed() / u32::try_from(row).unwrap_or(u32::MAX).max(1);
    thread::scope(|scope| {
        let done = &done;
        let threads: Vec<_> = (0..at_once).map(|run| scope.spawn(move || done(run))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| io::Error::from(io::ErrorKind::Other))?)
    })?;
    let after = fs::read_dir("/proc/self/fd")?.count();
    let children = fs::read_to_string("/proc/thread-self/children")?.split_ascii_whitespace().count();
    writeln!(io::stdout(), "{before} {after} {children} {}", each.as_micros())
}

fn sandbox(mark: Option<OsString>) -> io::Result<Process> {
    let mark = mark.and_then(|mark| mark.into_string().ok()).ok_or(io::ErrorKind::InvalidInput)?;
    Ok(Process::new("/proc/self/exe".into(), mark))
}

fn walls(mark: Option<OsString>) -> io::Result<Ns> {
    let mark = mark.and_then(|mark| mark.into_string().ok()).ok_or(io::ErrorKind::InvalidInput)?;
    Ok(Ns::new("/proc/self/exe".into(), mark).dropping_to(65534, 65534))
}

fn command(argv: Vec<OsString>) -> Command {
    Command { argv, cwd: "/".into(), env: [("PATH".into(), "/usr/bin:/bin".into())].into(), stdin: None }
}

fn once(sandbox: &Process, argv: Vec<OsString>) -> io::Result<Outcome> {
    sandbox.run(&command(argv), &Policy::open(), &LIMITS, &Cancel::default()).map_err(io::Error::other)
}
