//! What bubblewrap does, for hosts that have no bubblewrap: the namespaces and the root of a command, from the same options.
//!
//! Two processes. The first enters the namespaces and waits; the second is the first process of the new namespace of processes, makes the
//! root (`root`), gives up all rights and starts the program. Both are this very program, started anew: between fork and exec nothing
//! could be done without unsafe code.
//!
//! The order of the second, which each step needs from the one before: the root, while it may mount; the name and the loopback, while the
//! namespaces are its own; the end of further user namespaces, once `/proc` is there; then a user namespace within the first, so that what
//! follows has no power over any of this; no capabilities, no new ones by any program; the filters of calls, last.

mod asked;
mod loopback;
mod root;

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus};

use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{Pid, close, getegid, geteuid, sethostname, setsid};
use rustix::thread::{
    CapabilitySet, CapabilitySets, configure_capability_in_ambient_set, remove_capability_from_bounding_set, set_capabilities,
    set_no_new_privs,
};
use seccompiler::apply_filter;

use self::asked::Asked;
use crate::SUPERVISE;

/// The argument after [`SUPERVISE`] of the process outside of the new namespaces.
pub(crate) const LAUNCH: &str = "launch";

/// The argument after [`SUPERVISE`] of the first process inside.
pub(crate) const LAUNCHED: &str = "launched";

/// Added to the number of a signal that ended the program, as shells do.
const SIGNALLED: u8 = 128;

/// The number of user namespaces that can be made inside: the one that the program is in.
const USER_NAMESPACES: (&str, &str) = ("/proc/sys/user/max_user_namespaces", "1");

/// Enters the namespaces, has the program started in them, and returns its exit code. `args` are those that bubblewrap would get.
pub(crate) fn launch(args: impl Iterator<Item = OsString>) -> io::Result<u8> {
    let args: Vec<OsString> = args.collect();
    let asked = Asked::of(&args)?;
    let namespaces = asked.namespaces | CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWPID;
    enter(namespaces).map_err(|error| said("namespaces", &error))?;
    keep_rights()?;
    die_with_parent()?;
    let status =
        Command::new("/proc/self/exe").args([OsStr::new(SUPERVISE), OsStr::new(LAUNCHED)]).args(args).env_clear().status()?;
    Ok(code(status))
}

/// Is the first process of the namespaces: makes the root, and returns the exit code of the program.
pub(crate) fn launched(args: impl Iterator<Item = OsString>) -> io::Result<u8> {
    let args: Vec<OsString> = args.collect();
    let asked = Asked::of(&args)?;
    die_with_parent()?;
    root::make(&asked)?;
    sethostname(&asked.hostname)?;
    if asked.namespaces.contains(CloneFlags::CLONE_NEWNET) {
        loopback::up().map_err(|error| said("the loopback", &error))?;
    }
    let (file, number) = USER_NAMESPACES;
    std::fs::write(file, number).map_err(|error| said("an end to user namespaces", &error))?;
    root::seal(&asked)?;
    enter(CloneFlags::CLONE_NEWUSER).map_err(|error| said("a user namespace within", &error))?;
    give_up_rights()?;
    die_with_parent()?;
    setsid()?;
    for number in &asked.read {
        close(*number)?;
    }
    for filter in &asked.filters {
        apply_filter(filter).map_err(io::Error::other)?;
    }
    let mut command = Command::new(&asked.program);
    let program = command.args(&asked.args).env_clear().current_dir(&asked.cwd).spawn()?;
    wait_for(Pid::from_raw(program.id().cast_signed()))
}

/// Enters namespaces; in those of users, it is itself and no one else.
fn enter(namespaces: CloneFlags) -> io::Result<()> {
    let (uid, gid) = (geteuid(), getegid());
    unshare(namespaces)?;
    std::fs::write("/proc/self/setgroups", "deny")?;
    std::fs::write("/proc/self/uid_map", format!("{uid} {uid} 1"))?;
    std::fs::write("/proc/self/gid_map", format!("{gid} {gid} 1"))
}

/// What starts next is the same user, and would lose all rights over the new namespaces.
fn keep_rights() -> io::Result<()> {
    let all = rustix::thread::capabilities(None)?.permitted;
    set_capabilities(None, CapabilitySets { effective: all, permitted: all, inheritable: all })?;
    for right in all.iter() {
        configure_capability_in_ambient_set(right, true)?;
    }
    Ok(())
}

fn give_up_rights() -> io::Result<()> {
    for right in CapabilitySet::all().iter() {
        match remove_capability_from_bounding_set(right) {
            // A kernel that does not know it cannot give it either.
            Ok(()) | Err(rustix::io::Errno::INVAL) => {}
            Err(error) => return Err(error.into()),
        }
    }
    rustix::thread::clear_ambient_capability_set()?;
    let none = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })?;
    Ok(set_no_new_privs(true)?)
}

/// To be said again after each change of rights, by which the kernel forgets it.
fn die_with_parent() -> io::Result<()> {
    Ok(set_pdeathsig(Signal::SIGKILL)?)
}

/// Waits for the program, and takes note of the end of all that it leaves to the first process meanwhile.
fn wait_for(program: Pid) -> io::Result<u8> {
    loop {
        match waitpid(None, None) {
            Ok(WaitStatus::Exited(pid, code)) if pid == program => return Ok(u8::try_from(code).unwrap_or(u8::MAX)),
            Ok(WaitStatus::Signaled(pid, signal, _)) if pid == program => return Ok(signalled(signal as i32)),
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn code(status: ExitStatus) -> u8 {
    let exited = status.code().and_then(|code| u8::try_from(code).ok());
    exited.unwrap_or_else(|| signalled(status.signal().unwrap_or(0)))
}

fn signalled(number: i32) -> u8 {
    u8::try_from(number).map_or(u8::MAX, |number| SIGNALLED.saturating_add(number))
}

fn said(what: &str, error: &io::Error) -> io::Error {
    io::Error::other(format!("{what}: {error}"))
}
