//! The git binary, run so that nothing of the user's or the repository's configuration can make it do more than it was asked.
//!
//! No hooks, filters, fsmonitor, external diffs, pagers, prompts or automatic maintenance; nothing of the environment but `PATH`, and
//! nothing is fetched by any protocol, so that helpers for transports and credentials have nothing to do. What looks at contents (and so
//! would ask filters, drivers and signatures) is asked in our own clone and not in the user's repository; `include.path` can only say what
//! the repository's configuration could say as well, and `core.worktree` is checked by whoever asks for the work tree (`repository.rs`).
//! Every call of git in the program goes through here.

use std::ffi::{OsStr, OsString};
use std::io::{Read, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};

/// No repository keeps git busy for longer; one whose settings name a pipe, or a server that is gone, does so for ever.
const LONGEST: Duration = Duration::from_secs(900);

/// A git that is safe to point at a repository of unknown origin.
#[derive(Debug, Clone)]
pub(crate) struct Git {
    program: PathBuf,
    path: OsString,
    /// A folder with [`SETTINGS`].
    home: PathBuf,
    /// By which a process is found that outlived the fixwright that started it.
    mark: Option<String>,
    /// How long one command may take.
    limit: Duration,
}

/// Why git did not do it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// It could not be started.
    #[error("cannot run {program}")]
    Start {
        program: String,
        #[source]
        source: std::io::Error,
    },
    /// It said no.
    #[error("git {command}: {message}")]
    Failed { command: String, message: String },
    /// It did not come to an end, and was ended.
    #[error("git {command}: no answer within {} s", .limit.as_secs_f64())]
    Slow { command: String, limit: Duration },
}

/// The user's settings, as far as git is concerned. Ownership is not what protects here: nothing of the repository's configuration is
/// executed. Gits before 2.38 read this from a file alone, and those before 2.32 from one in the home alone.
const SETTINGS: &str = "[safe]\n\tdirectory = *\n";
const SETTINGS_FILE: &str = ".gitconfig";

const SAFE: &[&str] = &[
    "core.hooksPath=/dev/null",
    // Hooks that the configuration names itself, by what they wait for: what writes to a repository of the user's causes no others.
    "hook.reference-transaction.enabled=false",
    "hook.post-index-change.enabled=false",
    "core.fsmonitor=false",
    "core.attributesFile=/dev/null",
    "core.excludesFile=/dev/null",
    "core.untrackedCache=false",
    "core.alternateRefsCommand=true",
    "core.pager=cat",
    "core.quotePath=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "fetch.writeCommitGraph=false",
    // One file an object: that is how a delivery gives them on.
    "fastimport.unpackLimit=1000000000",
    "commit.gpgSign=false",
    // Would run the program that the repository names to check signatures.
    "log.showSignature=false",
    "credential.helper=",
];

impl Git {
    /// Returns the git at `program`, which finds its own helpers by `path`, and its settings in `home`, a folder of its own.
    pub(crate) fn new(program: PathBuf, path: OsString, home: PathBuf) -> std::io::Result<Self> {
        let settings = home.join(SETTINGS_FILE);
        if !std::fs::read(&settings).is_ok_and(|there| there == SETTINGS.as_bytes()) {
            std::fs::create_dir_all(&home)?;
            // Another fixwright may be reading it, or about to write it; one that was killed may have left a beginning.
            let folder = std::fs::File::open(&home)?;
            folder.lock()?;
            for left in std::fs::read_dir(&home)?.flatten().filter(|one| one.file_name().as_encoded_bytes().starts_with(b".tmp"))
            {
                std::fs::remove_file(left.path())?;
            }
            let mut file = tempfile::NamedTempFile::new_in(&home)?;
            file.write_all(SETTINGS.as_bytes())?;
            file.persist(&settings).map_err(|error| error.error)?;
        }
        Ok(Self { program, path, home, mark: None, limit: LONGEST })
    }

    /// Returns the same git, its processes marked for [`sandbox::sweep`].
    pub(crate) fn marked(&self, mark: String) -> Self {
        Self { mark: Some(mark), ..self.clone() }
    }

    /// Returns the same git, each of whose commands may take so long.
    pub(crate) fn within(&self, limit: Duration) -> Self {
        Self { limit, ..self.clone() }
    }

    fn command(&self, folder: &Path, args: &[&OsStr]) -> Command {
        let mut command = Command::new(&self.program);
        command.env_clear().env("PATH", &self.path).env("LC_ALL", "C").env("HOME", &self.home);
        command.env("GIT_CONFIG_GLOBAL", self.home.join(SETTINGS_FILE)).env("GIT_CONFIG_NOSYSTEM", "1");
        command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_ASKPASS", "");
        // A repository that lacks objects can name where they are to be had, and a command that fetches them.
        command.env("GIT_ALLOW_PROTOCOL", "").env("GIT_NO_LAZY_FETCH", "1");
        command.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_NO_REPLACE_OBJECTS", "1").env("GIT_ATTR_NOSYSTEM", "1");
        command.envs(self.mark.as_ref().map(|mark| (sandbox::MARK, mark)));
        // An interrupt from the terminal goes to the whole group, and is for fixwright to answer.
        command.process_group(0);
        for setting in SAFE {
            command.arg("-c").arg(setting);
        }
        command.arg("-C").arg(folder).args(args);
        command
    }

    /// Runs git in `folder` and returns its standard output.
    pub(crate) fn run<A: AsRef<OsStr>>(&self, folder: &Path, args: &[A]) -> Result<Vec<u8>, Error> {
        self.run_with(folder, args, &[], None)
    }

    /// Runs git in `folder` with more environment and with standard input, and returns its standard output.
    pub(crate) fn run_with<A: AsRef<OsStr>>(
        &self,
        folder: &Path,
        args: &[A],
        env: &[(&str, &OsStr)],
        stdin: Option<&[u8]>,
    ) -> Result<Vec<u8>, Error> {
        let args: Vec<&OsStr> = args.iter().map(AsRef::as_ref).collect();
        let mut output = self.once(folder, &args, env, stdin)?;
        // An interrupt from the terminal may hit it in the moment before it has a group of its own: it was not meant, and did nothing.
        for _ in 0..3 {
            if matches!(output.status.signal(), Some(libc::SIGINT | libc::SIGTERM | libc::SIGHUP | libc::SIGQUIT)) {
                output = self.once(folder, &args, env, stdin)?;
            }
        }
        if output.status.success() {
            return Ok(output.stdout);
        }
        let mut message = String::from_utf8_lossy(&output.stderr).trim().replace('\n', "; ");
        if message.is_empty() {
            message = output.status.to_string();
        }
        Err(Error::Failed { command: in_words(&args), message })
    }

    fn once(&self, folder: &Path, args: &[&OsStr], env: &[(&str, &OsStr)], stdin: Option<&[u8]>) -> Result<Output, Error> {
        let start = |source| Error::Start { program: self.program.display().to_string(), source };
        let mut command = self.command(folder, args);
        command.envs(env.iter().copied());
        command.stdin(if stdin.is_some() { Stdio::piped() } else { Stdio::null() });
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(start)?;
        let feeder = child.stdin.take().zip(stdin).map(|(mut pipe, bytes)| {
            let bytes = bytes.to_vec();
            // A git that stops reading early says why on standard error; a broken pipe adds nothing.
            std::thread::spawn(move || drop(pipe.write_all(&bytes)))
        });
        let readers = (gather(child.stdout.take()), gather(child.stderr.take()));
        let ended = ends_within(&child, self.limit);
        if !ended && let Some(group) = Pid::from_raw(child.id().cast_signed()) {
            // Not reaped yet, so that the number is still its own; its helpers are in its group.
            let _ = kill_process_group(group, Signal::KILL);
        }
        let status = child.wait().map_err(start)?;
        let (stdout, stderr) = (readers.0.join().unwrap_or_default(), readers.1.join().unwrap_or_default());
        if let Some(feeder) = feeder {
            let _ = feeder.join();
        }
        if !ended {
            return Err(Error::Slow { command: in_words(args), limit: self.limit });
        }
        Ok(Output { status, stdout, stderr })
    }

    /// Runs git in `folder` and returns the first line of its standard output.
    pub(crate) fn line<A: AsRef<OsStr>>(&self, folder: &Path, args: &[A]) -> Result<String, Error> {
        let out = self.run(folder, args)?;
        Ok(String::from_utf8_lossy(&out).lines().next().unwrap_or_default().to_owned())
    }

    /// Starts a git whose pipes the caller holds.
    pub(crate) fn spawn(&self, folder: &Path, args: &[&str]) -> Result<std::process::Child, Error> {
        let args: Vec<&OsStr> = args.iter().map(OsStr::new).collect();
        self.command(folder, &args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|source| Error::Start { program: self.program.display().to_string(), source })
    }
}

/// Returns the words of a command that say which it was.
fn in_words(args: &[&OsStr]) -> String {
    let words = args.iter().map(|arg| arg.to_string_lossy());
    words.skip_while(|word| word.starts_with("--")).take(2).collect::<Vec<_>>().join(" ")
}

/// Reads a pipe to its end.
fn gather(pipe: Option<impl Read + Send + 'static>) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read before an error is what there is.
        let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut bytes));
        bytes
    })
}

/// Waits for a child, which is not reaped. Returns whether it has ended by then; a kernel that cannot tell knows no limit.
fn ends_within(child: &Child, limit: Duration) -> bool {
    let pid = Pid::from_raw(child.id().cast_signed());
    let Some(Ok(process)) = pid.map(|pid| pidfd_open(pid, PidfdFlags::empty())) else { return true };
    let until = Instant::now() + limit;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        match nix::poll::poll(&mut [PollFd::new(process.as_fd(), PollFlags::POLLIN)], timeout) {
            Ok(0) if left.is_zero() => return false,
            Ok(0) | Err(nix::errno::Errno::EINTR) => {}
            Ok(_) | Err(_) => return true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A git of whoever runs the tests, with its home below `folder`.
    fn git(folder: &Path) -> Git {
        #[expect(clippy::disallowed_methods, reason = "git of whoever runs the tests")]
        let path = std::env::var_os("PATH").unwrap();
        Git::new("git".into(), path, folder.join("home")).unwrap()
    }

    #[test]
    fn settings_that_never_end_are_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let git = git(folder.path());
        git.run(folder.path(), &["init", "--quiet", "r"]).unwrap();
        let (repository, pipe) = (folder.path().join("r"), folder.path().join("pipe"));
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        git.run(&repository, &[OsStr::new("config"), OsStr::new("include.path"), pipe.as_os_str()]).unwrap();
        let error = git.within(Duration::from_millis(200)).line(&repository, &["rev-parse", "--git-dir"]).unwrap_err();
        assert_eq!(error.to_string(), "git rev-parse --git-dir: no answer within 0.2 s");
    }

    #[test]
    fn what_a_kill_left_of_the_settings_goes() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("home")).unwrap();
        std::fs::write(folder.path().join("home/.tmpZ3k9aQ"), "[sa").unwrap();
        let git = git(folder.path());
        let left: Vec<_> = std::fs::read_dir(&git.home).unwrap().map(|one| one.unwrap().file_name()).collect();
        assert_eq!(left, [SETTINGS_FILE]);
    }

    #[test]
    fn a_repository_of_anybody_may_be_looked_at_by_a_git_of_any_age() {
        let folder = tempfile::tempdir().unwrap();
        let git = git(folder.path());
        let git = Git::new(git.program, git.path, git.home).unwrap();
        // What counts for old ones: in a file, and not on the command line.
        let asked = ["config", "--global", "--get-all", "safe.directory"];
        assert_eq!(git.line(folder.path(), &asked).unwrap(), "*");
        assert!(!SAFE.iter().any(|setting| setting.starts_with("safe.")));
        assert_eq!(std::fs::read_dir(&git.home).unwrap().count(), 1);
    }
}
