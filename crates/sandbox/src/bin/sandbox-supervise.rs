//! The supervisor as a program of its own, and two callers of it that a test can kill or measure without harm to itself. For this
//! crate's tests alone.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use sandbox::{Cancel, Command, Limits, Outcome, Policy, Process, SUPERVISE, Sandbox};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let mode = arguments.next().unwrap_or_default();
    if mode == SUPERVISE {
        return ExitCode::from(sandbox::supervise(arguments));
    }
    let done = match mode.to_str() {
        Some("run") => run(arguments),
        Some("many") => many(arguments),
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

/// `many MARK`: runs 200 commands in a row and 20 at once; prints the number of open descriptors before and after, and of children.
fn many(mut arguments: impl Iterator<Item = OsString>) -> io::Result<()> {
    let sandbox = sandbox(arguments.next())?;
    let argv = || ["sh", "-c", "setsid sleep 600 & echo done"].map(OsString::from).to_vec();
    let before = fs::read_dir("/proc/self/fd")?.count();
    for _ in 0..200 {
        once(&sandbox, argv())?;
    }
    thread::scope(|scope| {
        let threads: Vec<_> = (0..20).map(|_| scope.spawn(|| once(&sandbox, argv()))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| io::ErrorKind::Other)?.map(drop))
    })?;
    let after = fs::read_dir("/proc/self/fd")?.count();
    let children = fs::read_to_string("/proc/thread-self/children")?.split_ascii_whitespace().count();
    writeln!(io::stdout(), "{before} {after} {children}")
}

fn sandbox(mark: Option<OsString>) -> io::Result<Process> {
    let mark = mark.and_then(|mark| mark.into_string().ok()).ok_or(io::ErrorKind::InvalidInput)?;
    Ok(Process::new("/proc/self/exe".into(), mark))
}

fn once(sandbox: &Process, argv: Vec<OsString>) -> io::Result<Outcome> {
    let command = Command { argv, cwd: "/".into(), env: [("PATH".into(), "/usr/bin:/bin".into())].into(), stdin: None };
    let limits = Limits::new(Duration::MAX, 64 * 1024);
    sandbox.run(&command, &Policy::open(), &limits, &Cancel::default()).map_err(io::Error::other)
}
