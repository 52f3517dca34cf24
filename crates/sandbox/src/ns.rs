//! The back end `ns`: bubblewrap round the command, started by our supervisor; no root, no daemon, one package or none.
//!
//! What holds what:
//! - bubblewrap, or where there is none this program in its place (`launch`): namespaces of its own for users, mounts, processes, ipc, names, network and cgroups; a minimal root (`mounts`); no
//!   capabilities, no_new_privs, no further user namespaces;
//! - seccomp (`filter`): what the namespaces leave of the kernel that builds and tests have no need of;
//! - this program once more, behind the walls (`inside`): the number of tasks, and Landlock as a second layer;
//! - the supervisor (`stage`, `supervise`): private copies, space on the disk, a keyring without keys; everything ends with it;
//! - the caller (`run`, `meter`): time, output, memory and processor time.
//!
//! bubblewrap itself is started with an empty environment: its own stays readable inside, whatever it clears for the command.
//!
//! It never contains for uid 0 of the host: to the files of `/proc/sys`, root inside is root outside. A caller that is root names an
//! unprivileged user to drop to; the folders that the policy names are shown to that user as its own (`stage`, `mapping`).

mod filter;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use nix::unistd::{getegid, geteuid};

use crate::engine::{Engine, Walls};
use crate::hints::Host;
use crate::mapping::Mappings;
use crate::wire::{Confined, Jail, Stage, User};
use crate::{
    Cancel, Capabilities, Command, Error, Hold, Limits, Network, Outcome, Policy, Sandbox, Status, Workspace, mounts, proxy,
    workspace,
};

const BACKEND: &str = "ns";

/// What is held where the trial run succeeds.
const HOLDS: [Hold; 13] = [
    Hold::WallTime,
    Hold::Output,
    Hold::Environment,
    Hold::Terminal,
    Hold::Descendants,
    Hold::FileReads,
    Hold::FileWrites,
    Hold::Network,
    Hold::Memory,
    Hold::ProcessorTime,
    Hold::FileSize,
    Hold::Signals,
    Hold::Kernel,
];

/// Where bubblewrap is looked for: never on the `PATH` of a command.
const LAUNCHERS: [&str; 3] = ["/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap"];

/// How long the trial run may take.
const TRIAL: Duration = Duration::from_secs(10);

/// The first kernel that counts the tasks of each user namespace for itself.
const COUNTS_TASKS: (u32, u32) = (5, 14);

/// Runs commands in namespaces.
#[derive(Debug, Clone)]
pub struct Ns {
    engine: Engine,
    /// Whom a caller who is root drops to.
    user: Option<User>,
    /// bubblewrap, where this host has it: [`launch`](crate::launch) does the same.
    launcher: Option<PathBuf>,
    mappings: Arc<Mappings>,
    /// Whether an overlay works, by the file systems and the owner of the base.
    overlaid: Arc<Mutex<BTreeMap<[u64; 4], bool>>>,
    probed: Arc<OnceLock<Capabilities>>,
}

impl Ns {
    /// Returns the back end; `supervisor` and `mark` are those of [`Process::new`](crate::Process::new).
    #[must_use]
    pub fn new(supervisor: PathBuf, mark: impl Into<String>) -> Self {
        Self {
            engine: Engine::new(supervisor, mark),
            user: None,
            launcher: launcher(),
            mappings: Arc::default(),
            overlaid: Arc::default(),
            probed: Arc::default(),
        }
    }

    /// Names the user and group that a caller who is root drops to; other callers stay who they are.
    #[must_use]
    pub fn dropping_to(mut self, uid: u32, gid: u32) -> Self {
        self.user = is_root_of_the_host().then_some(User { uid, gid });
        self.probed = Arc::default();
        self
    }

    /// Makes the walls without bubblewrap, also where it is there.
    #[must_use]
    pub fn without_bubblewrap(mut self) -> Self {
        self.launcher = None;
        self.probed = Arc::default();
        self
    }

    fn try_out(&self) -> Capabilities {
        let none = |missing: String| Capabilities::of(BACKEND, Vec::new(), vec![missing]);
        if is_root_of_the_host() && self.user.is_none_or(|user| user.uid == 0) {
            return none("an unprivileged user to run as: root cannot be contained".to_owned());
        }
        let mut holds = HOLDS.to_vec();
        let mut missing = Vec::new();
        match kernel() {
            Some(version) if version >= COUNTS_TASKS => holds.push(Hold::Processes),
            _ => missing.push("a kernel that counts tasks in user namespaces: 5.14 or later".to_owned()),
        }
        let with_disk = Capabilities::of(BACKEND, holds.iter().copied().chain([Hold::DiskSpace]).collect(), missing.clone());
        let limits = Limits { disk: Some(1 << 20), ..Limits::new(TRIAL, 1 << 10) };
        match self.trial(with_disk, &Policy::default(), &limits) {
            Ok(held) => return held,
            Err(says) => missing.push(says),
        }
        let without = Capabilities::of(BACKEND, holds, missing);
        self.trial(without, &Policy::default(), &Limits::new(TRIAL, 1 << 10))
            .unwrap_or_else(|says| none(Host::look().missing(&says)))
    }

    /// Runs a command that does nothing. Returns what is held when that works, or what was in the way.
    fn trial(&self, held: Capabilities, policy: &Policy, limits: &Limits) -> Result<Capabilities, String> {
        let argv = vec!["/bin/sh".into(), "-c".into(), ":".into()];
        let trial = Command { argv, cwd: "/".into(), env: Default::default(), stdin: None };
        match self.contained(held.clone(), &trial, policy, limits, &Cancel::default()) {
            Ok(outcome) if outcome.status == Status::Exited(0) => Ok(held),
            Ok(outcome) => Err(format!("a trial run that succeeds: it ended with {:?}", outcome.status)),
            Err(Error::SetUp { says, .. }) => Err(says),
            Err(error) => Err(format!("a trial run that succeeds: {error}")),
        }
    }

    fn contained(
        &self,
        held: Capabilities,
        command: &Command,
        policy: &Policy,
        limits: &Limits,
        cancel: &Cancel,
    ) -> Result<Outcome, Error> {
        held.suffice(policy, limits)?;
        let mut plan = mounts::plan(policy, limits, Path::new("/"))?;
        let is_staged = self.user.is_some() || limits.disk.is_some() || !policy.layers.is_empty();
        let stage = is_staged.then(|| {
            let staged = self.mappings.stage(&self.engine.supervisor, &mut plan, policy, limits, self.user);
            staged.map(|stage| Stage { late: false, ..stage }).map_err(|says| Error::SetUp { backend: BACKEND, says })
        });
        let stage = stage.transpose()?;
        let filters = filter::programs(limits.disk_writes.is_some())
            .map_err(|error| Error::SetUp { backend: BACKEND, says: error.to_string() })?;
        let jail = Confined::Jail(Jail {
            launcher: self.launcher.clone(),
            options: mounts::options(&plan, policy.network),
            files: mounts::files(policy, Path::new("/"), self.user()),
            binds_files: mounts::shows_all(policy),
            filters,
            stage,
            proxy: (policy.network == Network::Registries).then(|| proxy::hosts(policy, BACKEND)).transpose()?,
            writable: policy.write.clone(),
            tasks: limits.tasks,
            file_size: limits.file_size,
        });
        let walls = Walls { jail: &jail, sees: &|path| mounts::sees(&plan, path), keeps_group: true };
        self.engine.run(held, command, Some(walls), limits, cancel)
    }

    fn user(&self) -> User {
        self.user.unwrap_or(User { uid: geteuid().as_raw(), gid: getegid().as_raw() })
    }
}

impl Sandbox for Ns {
    fn probe(&self) -> Capabilities {
        let probed = || {
            let (by, in_the_way) = self.engine.groups.held_by();
            let held = self.try_out();
            let registries = !held.holds.is_empty();
            Capabilities { registries, ..held }.with_memory_by(by, in_the_way)
        };
        self.probed.get_or_init(probed).clone()
    }

    fn run(&self, command: &Command, policy: &Policy, limits: &Limits, cancel: &Cancel) -> Result<Outcome, Error> {
        self.contained(self.probe(), command, policy, limits, cancel)
    }

    /// By an overlay where one can be mounted between these two folders: it is tried out once for each pair of file systems.
    fn prepare(&self, base: &Path, folder: &Path) -> Result<Workspace, Error> {
        let failed = |source| Error::Copy { path: base.to_owned(), source };
        if self.overlays(base, folder).map_err(failed)? {
            return Workspace::overlay(base, folder).map_err(failed);
        }
        Workspace::copy(base, folder).map_err(failed)
    }
}

impl Ns {
    fn overlays(&self, base: &Path, folder: &Path) -> io::Result<bool> {
        let (below, above) = (fs::metadata(base)?, fs::metadata(folder)?);
        let pair = [below.dev(), above.dev(), below.uid().into(), below.gid().into()];
        let known = || self.overlaid.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(works) = known().get(&pair).copied() {
            return Ok(works);
        }
        let works = self.try_overlay(base, folder);
        known().insert(pair, works);
        Ok(works)
    }

    fn try_overlay(&self, base: &Path, folder: &Path) -> bool {
        let held = self.probe();
        if held.holds.is_empty() {
            return false;
        }
        let Ok(workspace) = Workspace::overlay(base, folder) else {
            // What of it was made.
            let _ = workspace::clear(folder);
            return false;
        };
        let policy = workspace.allowed_by(Policy::default());
        let works = self.trial(held, &policy, &Limits::new(TRIAL, 1 << 10)).is_ok();
        workspace.remove().is_ok() && works
    }
}

/// Returns whether this process is uid 0 of the host, and not only of a user namespace.
pub(crate) fn is_root_of_the_host() -> bool {
    let map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    let ours = map.lines().next().map(|line| line.split_ascii_whitespace().take(2).collect::<Vec<_>>());
    geteuid().is_root() && ours.is_none_or(|ours| ours == ["0", "0"])
}

fn launcher() -> Option<PathBuf> {
    LAUNCHERS.iter().map(PathBuf::from).find(|path| path.is_file())
}

fn kernel() -> Option<(u32, u32)> {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").ok()?;
    let mut numbers = release.split(|character: char| !character.is_ascii_digit()).map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_is_known_and_all_that_is_held_is_said_once() {
        assert!(kernel().unwrap() > (2, 6));
        let held = Capabilities::of(BACKEND, HOLDS.to_vec(), Vec::new());
        assert_eq!(held.not_held, [Hold::Processes, Hold::DiskSpace]);
    }

    #[test]
    fn root_without_a_user_to_drop_to_is_refused() {
        let sandbox = Ns::new("/no/such/supervisor".into(), "test");
        if !geteuid().is_root() {
            return;
        }
        let command = Command { argv: vec!["true".into()], cwd: "/".into(), env: Default::default(), stdin: None };
        let error = sandbox.run(&command, &Policy::open(), &Limits::new(TRIAL, 0), &Cancel::default()).unwrap_err();
        assert!(error.to_string().ends_with("(missing: an unprivileged user to run as: root cannot be contained)"), "{error}");
        let dropped = sandbox.dropping_to(0, 0);
        assert!(dropped.run(&command, &Policy::open(), &Limits::new(TRIAL, 0), &Cancel::default()).is_err());
    }
}
