//! Starts a command in a jail: the supervisor's part of containment.
//!
//! bubblewrap, or what takes its place, makes the walls and starts this program once more behind them (`inside`), which becomes the command. The options of both
//! travel in memory and not on a command line, which the command could read and other programs could take for its own.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command};

use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::unistd::pipe2;

use crate::inside::INSIDE;
use crate::launch::LAUNCH;
use crate::meter::DESCRIPTORS;
use crate::wire::{Inside, Jail, Request};
use crate::{SUPERVISE, proxy};

/// More than can be said of how far a command came.
const SAID: u64 = 64;

/// A command behind walls.
pub(crate) struct Jailed {
    /// bubblewrap's process on this side of the walls.
    pub(crate) child: Child,
    /// The command's input, where it does not go through the child's own.
    pub(crate) input: Option<File>,
    says: File,
}

/// How far a command came.
pub(crate) enum Came {
    /// The walls could not be made.
    Nowhere,
    /// The walls were there, and the program could not be started: the number of the operating system's error.
    ToTheWalls(i32),
    /// It began.
    Inside,
}

impl Jailed {
    /// Starts a command; `prepare` sets what is the same for all commands.
    pub(crate) fn start(jail: &Jail, request: Request, prepare: impl Fn(&mut Command)) -> io::Result<Self> {
        let (says, status) = pipe2(OFlag::O_CLOEXEC)?;
        let mut passed = Passed::default();
        let mut options = jail.options.clone();
        for (at, bytes) in &jail.files {
            let how = if jail.binds_files { "--ro-bind-data" } else { "--file" };
            options.extend(["--perms".into(), "0644".into(), how.into(), passed.bytes(bytes)?, at.clone()]);
        }
        for filter in &jail.filters {
            options.extend(["--add-seccomp-fd".into(), passed.bytes(filter)?]);
        }
        options.extend(["--remount-ro", "/dev", "--remount-ro", "/", "--chdir"].map(OsString::from));
        options.push(request.cwd.clone().into());
        let options = passed.bytes(&joined(&options)?)?;
        let mut env = request.env;
        if jail.proxy.is_some() {
            proxy::tell(&mut env);
        }
        let inside = Inside {
            program: request.program,
            argv: request.argv,
            env,
            writable: jail.writable.clone(),
            tasks: jail.tasks,
            file_size: jail.file_size,
            descriptors: DESCRIPTORS as u64,
        };
        let program = passed.descriptor(File::open("/proc/self/exe")?.into())?;
        let mut numbers = vec![program.clone(), passed.bytes(&inside.encode())?, passed.descriptor(status)?];

        let mut entry = OsString::from("/proc/self/fd/");
        entry.push(&program);
        let mut command = match &jail.launcher {
            Some(launcher) => Command::new(launcher),
            None => {
                let mut this = Command::new("/proc/self/exe");
                this.args([SUPERVISE, LAUNCH]);
                this
            }
        };
        command.args([OsStr::new("--args"), &options, OsStr::new("--"), &entry, OsStr::new(SUPERVISE), OsStr::new(INSIDE)]);
        prepare(&mut command);
        let mut input = None;
        if let Some(hosts) = &jail.proxy {
            // Its input is the way by which the address of the proxy comes back; its true input goes by another descriptor.
            let (ours, theirs) = UnixStream::pair()?;
            let (reads, writes) = pipe2(OFlag::O_CLOEXEC)?;
            numbers.push(passed.descriptor(reads)?);
            input = request.stdin.then(|| File::from(writes));
            command.stdin(OwnedFd::from(theirs));
            proxy::serve(ours, hosts.clone())?;
        }
        command.args(numbers).env_clear().current_dir("/");
        // When `passed` is gone, the other end of the pipe is bubblewrap's alone, and of what it starts until the command begins.
        Ok(Self { child: command.spawn()?, input, says: File::from(says) })
    }

    /// Returns how far the command came, once bubblewrap has ended.
    pub(crate) fn came(&self) -> Came {
        let mut said = Vec::new();
        let _ = (&self.says).take(SAID).read_to_end(&mut said);
        match said.split_first() {
            None => Came::Nowhere,
            Some((_, [])) => Came::Inside,
            Some((_, number)) => Came::ToTheWalls(number.try_into().map_or(0, i32::from_ne_bytes)),
        }
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
