//! Starts a command in a jail: the supervisor's part of containment.
//!
//! bubblewrap makes the walls, waits, is given the limits that only the processes behind them shall have, and then starts the command.
//! Its options travel in memory and not on a command line, which the command could read and other programs could take for its own.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::process::{Child, Command};

use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::unistd::pipe2;
use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};

use crate::meter::DESCRIPTORS;
use crate::wire::{Jail, Request};

/// What bubblewrap says of itself is some hundred bytes.
const SAID: u64 = 64 * 1024;

/// bubblewrap's own process inside, which is the first of the namespace and counts as well.
const FIRST_PROCESS: u64 = 1;

/// A command behind walls.
pub(crate) struct Jailed {
    /// bubblewrap's process on this side of the walls.
    pub(crate) child: Child,
    says: File,
}

impl Jailed {
    /// Starts a command; `prepare` sets what is the same for all commands.
    pub(crate) fn start(jail: &Jail, request: &Request, prepare: impl Fn(&mut Command)) -> io::Result<Self> {
        let (says, status) = pipe2(OFlag::O_CLOEXEC)?;
        let (begins, begin) = pipe2(OFlag::O_CLOEXEC)?;
        let mut passed = Passed::default();
        let mut options = jail.options.clone();
        for (at, bytes) in &jail.files {
            options.extend(["--ro-bind-data".into(), passed.bytes(bytes)?, at.clone()]);
        }
        for filter in &jail.filters {
            options.extend(["--add-seccomp-fd".into(), passed.bytes(filter)?]);
        }
        options.extend(["--remount-ro", "/dev", "--remount-ro", "/", "--chdir"].map(OsString::from));
        options.push(request.cwd.clone().into());
        for (name, value) in &request.env {
            options.extend(["--setenv".into(), name.clone(), value.clone()]);
        }
        options.extend(["--json-status-fd".into(), passed.descriptor(status)?, "--block-fd".into(), passed.descriptor(begins)?]);
        let options = passed.bytes(&joined(&options)?)?;

        let mut command = Command::new(&jail.launcher);
        command.args([OsStr::new("--args"), &options, OsStr::new("--"), request.program.as_os_str()]);
        command.args(request.argv.iter().skip(1)).env_clear().current_dir("/");
        prepare(&mut command);
        let mut jailed = Self { child: command.spawn()?, says: File::from(says) };
        // From here on, the other ends are bubblewrap's alone: when it ends early, that is seen.
        drop(passed);
        match jailed.limit(jail).and_then(|()| File::from(begin).write_all(b"x")) {
            // A closed pipe: bubblewrap is gone, and has said why.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                jailed.child.kill()?;
                jailed.child.wait()?;
                Err(error)
            }
            _ => Ok(jailed),
        }
    }

    /// Sets the limits of the first process inside, which all others inherit.
    fn limit(&mut self, jail: &Jail) -> io::Result<()> {
        let Some(first) = self.first_process()? else { return Ok(()) };
        let limits = [
            (Resource::Nproc, jail.tasks.map(|tasks| tasks.saturating_add(FIRST_PROCESS))),
            (Resource::Fsize, jail.file_size),
            (Resource::Nofile, Some(DESCRIPTORS as u64)),
        ];
        for (resource, limit) in limits {
            let Some(limit) = limit else { continue };
            // What the host grants may be less already, and is not to be raised.
            let granted = getrlimit(resource);
            let lower = |granted: Option<u64>| Some(granted.map_or(limit, |granted| granted.min(limit)));
            prlimit(Some(first), resource, Rlimit { current: lower(granted.current), maximum: lower(granted.maximum) })?;
        }
        Ok(())
    }

    /// Waits until bubblewrap says the number of the first process inside; `None` when it ends before that.
    fn first_process(&mut self) -> io::Result<Option<Pid>> {
        let mut said = Vec::new();
        let mut buffer = [0; 512];
        loop {
            let count = self.says.read(&mut buffer)?;
            said.extend_from_slice(buffer.get(..count).unwrap_or_default());
            // One line, in one piece or in several.
            if count == 0 || said.contains(&b'\n') {
                let text = String::from_utf8_lossy(&said);
                let number = text.split_once("\"child-pid\":").map(|(_, rest)| rest.trim_start());
                let digits = number.and_then(|rest| rest.split(|character: char| !character.is_ascii_digit()).next());
                return Ok(digits.and_then(|digits| Pid::from_raw(digits.parse().ok()?)));
            }
        }
    }

    /// Returns whether the command itself was begun, once bubblewrap has ended: only then does bubblewrap tell its exit code apart from
    /// its own.
    pub(crate) fn has_begun(&self) -> bool {
        let mut rest = Vec::new();
        // Its process inside may outlive it for a moment, but does not hold this end.
        let _ = (&self.says).take(SAID).read_to_end(&mut rest);
        String::from_utf8_lossy(&rest).contains("\"exit-code\"")
    }
}

/// Descriptors that bubblewrap inherits.
#[derive(Default)]
struct Passed(Vec<OwnedFd>);

impl Passed {
    /// Returns the number under which bubblewrap has a descriptor.
    fn descriptor(&mut self, descriptor: OwnedFd) -> io::Result<OsString> {
        fcntl(&descriptor, FcntlArg::F_SETFD(FdFlag::empty()))?;
        let number = descriptor.as_raw_fd().to_string().into();
        self.0.push(descriptor);
        Ok(number)
    }

    /// Returns the number under which bubblewrap reads some bytes.
    fn bytes(&mut self, bytes: &[u8]) -> io::Result<OsString> {
        let mut file = File::from(memfd_create("jail", MFdFlags::MFD_CLOEXEC)?);
        file.write_all(bytes)?;
        file.rewind()?;
        self.descriptor(file.into())
    }
}

/// Returns options in the form of bubblewrap's `--args`. One with a zero byte would become two.
fn joined(options: &[OsString]) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for option in options {
        if option.as_bytes().contains(&0) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        bytes.extend_from_slice(option.as_bytes());
        bytes.push(0);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_cannot_become_two() {
        assert_eq!(joined(&["--setenv".into(), "A".into(), "".into()]).unwrap(), b"--setenv\0A\0\0");
        assert!(joined(&["A\0--bind".into()]).is_err());
    }
}
