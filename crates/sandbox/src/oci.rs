//! The back end `oci`: a container of an OCI runtime (runsc, runc, crun) round the command, from a bundle that we write; or one of an engine
//! (docker, podman), from an image that we write (`docker`).
//!
//! The root is the one that `ns` gives, or that of another system below a folder; capabilities, no_new_privs, the filter of calls and the
//! limits of tasks and files are the runtime's to set. Mounts of root's folders, private copies and space on the disk are made by the
//! supervisor before the runtime starts (`stage`); time, output, memory and processor time are held from outside, as everywhere. What is
//! gained over `ns` is the runtime's own: gVisor (`runsc`) puts a kernel of its own between the command and the host's.

mod config;
mod docker;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use nix::unistd::{getegid, geteuid};

use crate::engine::{Engine, Walls};
use crate::hints::Host;
use crate::mapping::Mappings;
use crate::ns::is_root_of_the_host;
use crate::wire::{Bundle, User};
use crate::{
    Cancel, Capabilities, Command, Error, Hold, Limits, MemoryBy, Network, Outcome, Policy, Sandbox, Status, Workspace, mounts,
    proxy, way,
};

const BACKEND: &str = "oci";

/// What is held where the trial run succeeds.
const HOLDS: [Hold; 14] = [
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
    Hold::Processes,
    Hold::FileSize,
    Hold::Signals,
    Hold::Kernel,
];

/// Where runtimes are looked for by name: never on the `PATH` of a command.
const FOLDERS: [&str; 5] = ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/bin"];

/// What is missing where a caller who is root names none.
const NO_USER: &str = "an unprivileged user to run as: root cannot be contained";

/// How long the trial run may take.
const TRIAL: Duration = Duration::from_secs(60);

/// Runs commands in containers.
#[derive(Debug, Clone)]
pub struct Oci {
    engine: Engine,
    runtime: PathBuf,
    root: PathBuf,
    user: Option<User>,
    mappings: Arc<Mappings>,
    probed: Arc<OnceLock<Probed>>,
}

/// What is known of this host.
#[derive(Debug)]
struct Probed {
    held: Capabilities,
    /// The root of containers, where it is an engine that runs them.
    image: Option<String>,
}

impl Oci {
    /// Returns the back end for a runtime, by name or by path; `supervisor` and `mark` are those of
    /// [`Process::new`](crate::Process::new).
    #[must_use]
    pub fn new(runtime: impl Into<PathBuf>, supervisor: PathBuf, mark: impl Into<String>) -> Self {
        let runtime = runtime.into();
        let named = (runtime.components().count() == 1).then(|| {
            let found = FOLDERS.iter().map(|folder| Path::new(folder).join(&runtime)).find(|path| path.is_file());
            found.unwrap_or_else(|| runtime.clone())
        });
        Self {
            engine: Engine::new(supervisor, mark),
            runtime: named.unwrap_or(runtime),
            root: "/".into(),
            user: None,
            mappings: Arc::default(),
            probed: Arc::default(),
        }
    }

    /// Names the user and group that a caller who is root runs commands as; other callers stay who they are.
    #[must_use]
    pub fn dropping_to(mut self, uid: u32, gid: u32) -> Self {
        self.user = is_root_of_the_host().then_some(User { uid, gid });
        self.probed = Arc::default();
        self
    }

    /// Takes the system (`/usr`, libraries, some of `/etc`) from below a folder instead of from the host, as `debootstrap` makes one.
    #[must_use]
    pub fn with_root(mut self, root: impl Into<PathBuf>) -> Self {
        self.root = root.into();
        self.probed = Arc::default();
        self
    }

    fn probe_engine(&self) -> Probed {
        let tried = if self.would_be_root() { Err(NO_USER.to_owned()) } else { docker::try_out(self) };
        match tried {
            Ok((held, image)) => Probed { held, image: Some(image) },
            Err(missing) => Probed { held: Capabilities::of(BACKEND, Vec::new(), vec![missing]), image: None },
        }
    }

    /// Whether commands would be the host's root.
    fn would_be_root(&self) -> bool {
        is_root_of_the_host() && self.user.is_none_or(|user| user.uid < 2 || user.gid < 2)
    }

    fn try_out(&self) -> Capabilities {
        let none = |missing: String| Capabilities::of(BACKEND, Vec::new(), vec![missing]);
        if self.would_be_root() {
            return none(NO_USER.to_owned());
        }
        if !self.runtime.is_file() {
            let name = self.runtime.file_name().unwrap_or_default().to_string_lossy().into_owned();
            return none(format!("{name}: apt-get install {name}"));
        }
        let mut missing = Vec::new();
        let with_disk = HOLDS.into_iter().chain([Hold::DiskSpace]).collect();
        for (holds, disk) in [(with_disk, Some(1 << 20)), (HOLDS.to_vec(), None)] {
            let held = Capabilities::of(BACKEND, holds, missing.clone());
            match self.trial(held, &Policy::default(), disk) {
                Ok(held) => return held,
                Err(says) => missing.push(says),
            }
        }
        let last = missing.pop().unwrap_or_default();
        none(if last.contains("newuidmap") {
            format!("newuidmap: apt-get install uidmap ({last})")
        } else if last.contains("hybrid") {
            format!("one cgroup hierarchy: boot with systemd.unified_cgroup_hierarchy=1, or use runc or runsc ({last})")
        } else if last.contains("namespace") {
            Host::look().missing(&last)
        } else {
            format!("a runtime that starts here: {last}")
        })
    }

    fn trial(&self, held: Capabilities, policy: &Policy, disk: Option<u64>) -> Result<Capabilities, String> {
        let argv = vec!["/bin/sh".into(), "-c".into(), ":".into()];
        let trial = Command { argv, cwd: "/".into(), env: Default::default(), stdin: None };
        let limits = Limits { disk, ..Limits::new(TRIAL, 1 << 10) };
        match self.contained(held.clone(), &trial, policy, &limits, &Cancel::default()) {
            Ok(outcome) if outcome.status == Status::Exited(0) => Ok(held),
            Ok(outcome) => {
                Err(format!("it ended with {:?} {}", outcome.status, String::from_utf8_lossy(&outcome.stderr.text()).trim()))
            }
            Err(Error::SetUp { says, .. }) => Err(says),
            Err(error) => Err(error.to_string()),
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
        let registries = policy.network == Network::Registries;
        if registries && !config::has_sockets_of_the_kernel(&self.runtime) {
            let missing =
                vec!["a way to the registries out of gVisor's own network: use runc, crun or the back end ns".to_owned()];
            return Err(Error::NotHeld { backend: BACKEND, needs: vec![Hold::Network], missing });
        }
        let mut plan = mounts::plan(policy, limits, &self.root)?;
        if registries {
            let program = fs::canonicalize(&self.engine.supervisor);
            let program = program.map_err(|source| Error::Supervisor { path: self.engine.supervisor.clone(), source })?;
            plan.push(mounts::readable(way::PROGRAM, program));
        }
        let stage = self.mappings.stage(&self.engine.supervisor, &mut plan, policy, limits, self.user);
        let stage = stage.map_err(|says| Error::SetUp { backend: BACKEND, says })?;
        let ids = config::Ids::of(self.user, User { uid: geteuid().as_raw(), gid: getegid().as_raw() });
        let bundle = Bundle {
            runtime: self.runtime.clone(),
            options: config::options(&self.runtime, policy.network),
            name: format!("{}{}", std::process::id(), self.engine.mark).chars().filter(char::is_ascii_alphanumeric).collect(),
            config: config::text(&plan, &ids, policy, limits).into_bytes(),
            links: mounts::links(&plan),
            files: mounts::files(policy, &self.root, ids.inside),
            root: self.user.map(|user| user.uid - 1),
            proxy: registries.then(|| proxy::hosts(policy, BACKEND)).transpose()?,
            stage,
        };
        let keeps_group = config::keeps_group(&self.runtime);
        let walls = Walls { jail: &crate::wire::Confined::Bundle(bundle), sees: &|path| mounts::sees(&plan, path), keeps_group };
        self.engine.run(held, command, Some(walls), limits, cancel)
    }
}

impl Sandbox for Oci {
    fn probe(&self) -> Capabilities {
        self.probed().held.clone()
    }

    fn run(&self, command: &Command, policy: &Policy, limits: &Limits, cancel: &Cancel) -> Result<Outcome, Error> {
        let probed = self.probed();
        match &probed.image {
            Some(image) => docker::run(self, probed.held.clone(), image, command, policy, limits, cancel),
            None => self.contained(probed.held.clone(), command, policy, limits, cancel),
        }
    }

    fn prepare(&self, base: &Path, folder: &Path) -> Result<Workspace, Error> {
        let overlays = self.probe().holds.contains(&Hold::DiskSpace);
        let made = if overlays { Workspace::overlay(base, folder) } else { Workspace::copy(base, folder) };
        made.map_err(|source| Error::Copy { path: base.to_owned(), source })
    }
}

impl Oci {
    fn probed(&self) -> &Probed {
        let probed = || {
            if docker::is_engine(&self.runtime) {
                return self.probe_engine();
            }
            let groups = if config::keeps_group(&self.runtime) {
                self.engine.groups.held_by()
            } else {
                (MemoryBy::Looks, Some("this runtime puts containers into groups of its own: use crun or runsc"))
            };
            let held = self.try_out();
            let registries = Policy { network: Network::Registries, ..Policy::default() };
            let registries = !held.holds.is_empty() && self.trial(held.clone(), &registries, None).is_ok();
            Probed { held: Capabilities { registries, ..held }.with_memory_by(groups.0, groups.1), image: None }
        };
        self.probed.get_or_init(probed)
    }
}
