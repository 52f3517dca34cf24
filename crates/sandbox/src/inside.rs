//! The last program before a command: what can be set only behind the walls, once bubblewrap has made them.
//!
//! - Limits. The number of tasks counts for this one command only where it is set in the command's own user namespace.
//! - Landlock, as a second layer that knows nothing of mounts: all can be read that is there, and written only what may be. A process that
//!   has it can mount nothing more, so that it cannot come before bubblewrap. On a kernel without it there is no second layer.
//! - The environment, which so far was empty: what is in it (`LD_PRELOAD`) is meant for the command.
//!
//! It is this very program, reached through a descriptor: nothing of it is to be seen in the command's root.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use landlock::{
    ABI, Access, AccessFs, BitFlags, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError, Scope,
};
use nix::errno::Errno;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::close;
use rustix::stdio::dup2_stdin;

use crate::proxy;
use crate::wire::Inside;

/// The argument after [`SUPERVISE`](crate::SUPERVISE) of the last program before a command.
pub(crate) const INSIDE: &str = "inside";

/// bubblewrap's own process inside, which is the first of the namespace and counts as well.
const FIRST_PROCESS: u64 = 1;

/// The highest value of proc(5)'s `oom_score_adj`.
const FIRST_TO_GO: &str = "1000";

/// Said when the walls are there, and the command is about to begin.
pub(crate) const BEGINS: u8 = b'b';

/// Becomes the command. `args` are the numbers of the descriptors of this program, of the message and of where to say how it went; and, where
/// there is a proxy, of its input.
/// Returns only when that failed.
pub(crate) fn enter(args: impl Iterator<Item = OsString>) -> io::Result<()> {
    let numbers: Vec<i32> = args.filter_map(|number| number.to_str()?.parse().ok()).collect();
    let &[program, message, says, ref input @ ..] = numbers.as_slice() else { return Err(io::ErrorKind::InvalidInput.into()) };
    let input = input.first().copied();
    let open = |number: i32| format!("/proc/self/fd/{number}");
    let mut bytes = Vec::new();
    File::open(open(message))?.read_to_end(&mut bytes)?;
    let mut says_closed_on_exec = File::options().write(true).open(open(says))?;
    if let Some(input) = input {
        proxy::hand_over(io::stdin())?;
        dup2_stdin(File::open(open(input))?)?;
    }
    for number in [program, message, says].into_iter().chain(input) {
        close(number)?;
    }
    let inside = Inside::read(&mut bytes.as_slice())?;
    limit(&inside)?;
    // Where memory runs out, the command goes first, and not its supervisor, which is in its group, nor anything of the user's. It may say
    // otherwise of itself; then it is still the largest.
    let _ = std::fs::write("/proc/self/oom_score_adj", FIRST_TO_GO);
    fence(&inside).map_err(io::Error::other)?;
    says_closed_on_exec.write_all(&[BEGINS])?;
    let error = become_command(&inside);
    let number = error.raw_os_error().unwrap_or(Errno::EINVAL as i32);
    says_closed_on_exec.write_all(&number.to_ne_bytes())
}

fn become_command(inside: &Inside) -> io::Error {
    let mut command = Command::new(&inside.program);
    if let Some((name, arguments)) = inside.argv.split_first() {
        command.arg0(name).args(arguments);
    }
    command.env_clear().envs(inside.env.iter().map(|(name, value)| (name, value))).exec()
}

fn limit(inside: &Inside) -> io::Result<()> {
    let limits = [
        (Resource::RLIMIT_NPROC, inside.tasks.map(|tasks| tasks.saturating_add(FIRST_PROCESS))),
        (Resource::RLIMIT_FSIZE, inside.file_size),
        (Resource::RLIMIT_NOFILE, Some(inside.descriptors)),
    ];
    for (resource, limit) in limits {
        let Some(limit) = limit else { continue };
        // What the host grants may be less already, and is not to be raised.
        let (current, most) = getrlimit(resource)?;
        setrlimit(resource, current.min(limit), most.min(limit))?;
    }
    Ok(())
}

/// Enters Landlock as far as this kernel has it.
fn fence(inside: &Inside) -> Result<(), RulesetError> {
    let all = AccessFs::from_all(ABI::V5);
    let read = AccessFs::from_read(ABI::V5);
    let devices = AccessFs::WriteFile | AccessFs::Truncate | AccessFs::IoctlDev;
    let ruleset = Ruleset::default().handle_access(all)?.scope(Scope::from_all(ABI::V6))?.create()?;
    let mut rules: Vec<(&Path, BitFlags<AccessFs>)> =
        vec![(Path::new("/"), read), (Path::new("/proc"), AccessFs::WriteFile | AccessFs::Truncate)];
    rules.push((Path::new("/dev"), devices));
    rules.extend(
        [Path::new("/tmp"), Path::new("/dev/shm")]
            .into_iter()
            .chain(inside.writable.iter().map(AsRef::as_ref))
            .map(|path| (path, all)),
    );
    // What cannot be opened cannot be allowed, and does not have to be.
    let rules = rules
        .into_iter()
        .filter_map(|(path, access)| Some(Ok::<_, RulesetError>(PathBeneath::new(PathFd::new(path).ok()?, access))));
    ruleset.add_rules(rules)?.restrict_self()?;
    Ok(())
}
