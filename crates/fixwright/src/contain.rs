//! What stands round the commands of this program: the back end that the settings name, what a command reaches behind it, and what it
//! may use. Every command that runs other people's code is made ready here.
//!
//! Without a back end that can hold them, commands are not run: [`Containment::ensure`] says what is missing. Only who spells out `none`
//! runs them freely, and every result says so.

mod toolchains;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sandbox::{Hold, Limit, Limits, Ns, Oci, Policy, Process, Sandbox, Status};
use serde::{Deserialize, Serialize};

use crate::config::{self, Backend, Network};
pub(crate) use toolchains::{named_tools, toolchains};

/// The program that stands between fixwright and each command: this one, told so by its first argument. By this name it is found by whoever
/// it is run as, and when its file was replaced meanwhile.
pub(crate) const SUPERVISOR: &str = "/proc/self/exe";

/// The user and group `nobody`, to whom a caller who is root drops: to the files of `/proc/sys`, root behind walls is root before them.
const NOBODY: u32 = 65534;

/// The share of the machine's memory that a command may use when nothing else is said: three of four parts.
const SHARE: (u64, u64) = (3, 4);

/// Bytes that a command may have written to disks when nothing else is said. It guards the disk, and is no measure of what builds need.
const WRITES: u64 = 64 << 30;

/// The walls of one process of this program. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Containment {
    /// The back end.
    pub(crate) sandbox: Arc<dyn Sandbox>,
    settings: config::Sandbox,
}

/// What held commands, for results and reports.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Held {
    /// The back end.
    pub(crate) backend: String,
    /// What it did not hold.
    pub(crate) not_held: Vec<String>,
}

/// What a command may reach besides the system's programs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reach {
    /// Read.
    pub(crate) read: Vec<PathBuf>,
    /// Read and written.
    pub(crate) write: Vec<PathBuf>,
    /// Read and not written, within what is written.
    pub(crate) protect: Vec<PathBuf>,
    /// Hosts that are reached like package registries, as `name:port`.
    pub(crate) hosts: Vec<String>,
}

impl Held {
    /// Returns what held this command.
    pub(crate) fn of(outcome: &sandbox::Outcome) -> Self {
        Self { backend: outcome.backend.to_owned(), not_held: outcome.not_held.iter().map(ToString::to_string).collect() }
    }

    /// Says whether commands were run without walls.
    pub(crate) fn is_open(&self) -> bool {
        self.backend == Backend::None.to_string()
    }
}

impl std::fmt::Display for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.backend)?;
        match (self.is_open(), self.not_held.as_slice()) {
            (true, _) => f.write_str(" (commands were not contained)"),
            (false, []) => Ok(()),
            (false, not_held) => write!(f, " (does not hold {})", not_held.join(", ")),
        }
    }
}

impl Containment {
    /// Returns the walls that the settings name; `supervisor` and `mark` are those of the crate `sandbox`.
    pub(crate) fn new(settings: &config::Sandbox, supervisor: PathBuf, mark: &str) -> Self {
        let sandbox: Arc<dyn Sandbox> = match settings.backend {
            Backend::Ns => Arc::new(Ns::new(supervisor, mark).dropping_to(NOBODY, NOBODY)),
            Backend::Oci => {
                Arc::new(Oci::new(&settings.runtime, supervisor, mark).dropping_to(NOBODY, NOBODY).with_root(&settings.root))
            }
            Backend::None => Arc::new(Process::new(supervisor, mark)),
        };
        Self { sandbox, settings: settings.clone() }
    }

    /// Fails, before any work is done, where the back end cannot keep what commands here are held to.
    ///
    /// # Errors
    /// [`sandbox::Error::NotHeld`], with what is missing and what helps.
    pub(crate) fn ensure(&self) -> Result<(), sandbox::Error> {
        let limits = self.limits(Duration::ZERO, 0);
        self.sandbox.probe().suffice(&self.policy(Reach::default(), self.settings.network), &limits)
    }

    /// Says whether commands run without walls.
    pub(crate) fn is_open(&self) -> bool {
        self.settings.backend == Backend::None
    }

    /// Returns what holds commands here.
    pub(crate) fn held(&self) -> Held {
        let held = self.sandbox.probe();
        Held { backend: held.backend.to_owned(), not_held: held.not_held.iter().map(ToString::to_string).collect() }
    }

    /// Returns what a command may reach.
    pub(crate) fn policy(&self, reach: Reach, network: Network) -> Policy {
        let network = match network {
            Network::None => sandbox::Network::None,
            Network::Registries => sandbox::Network::Registries,
            Network::Full => sandbox::Network::Full,
        };
        match self.settings.backend {
            Backend::None => Policy::open(),
            Backend::Ns | Backend::Oci => {
                let there = |paths: &[PathBuf]| paths.iter().filter(|path| path.exists()).cloned().collect::<Vec<_>>();
                let mut read = [reach.read, there(&self.settings.read)].concat();
                let write = [reach.write, there(&self.settings.write)].concat();
                // What is to stay as it is in a folder that can be written is named in `protect`.
                read.retain(|path| !write.iter().any(|folder| path.starts_with(folder)));
                Policy {
                    read,
                    write,
                    protect: reach.protect,
                    network,
                    hosts: [reach.hosts, self.settings.registries.clone()].concat(),
                    ..Policy::default()
                }
            }
        }
    }

    /// Returns what recipes reach of the network.
    pub(crate) fn network(&self) -> Network {
        self.settings.network
    }

    /// Says whether registries can be reached here and nothing else.
    pub(crate) fn has_proxy(&self) -> bool {
        self.sandbox.probe().registries
    }

    /// Returns what package managers and audits reach of it.
    pub(crate) fn install_network(&self) -> Network {
        self.settings.install
    }

    /// Returns what a command may use. A limit that the settings set by themselves and that cannot be held here is not asked for: the
    /// outcome names it among what is not held.
    pub(crate) fn limits(&self, wall: Duration, output: usize) -> Limits {
        let held = self.sandbox.probe();
        let settings = &self.settings;
        let when = |hold: Hold, limit: Option<u64>| limit.filter(|_| held.holds.contains(&hold));
        Limits {
            written: settings.written,
            cpu: when(Hold::ProcessorTime, settings.cpu_seconds).map(Duration::from_secs),
            memory: when(Hold::Memory, settings.memory.or_else(share_of_memory)),
            tasks: when(Hold::Processes, settings.tasks),
            file_size: when(Hold::FileSize, settings.file_size),
            disk: when(Hold::DiskSpace, settings.disk),
            disk_writes: (!self.is_open() && settings.disk.is_none()).then_some(WRITES),
            ..Limits::new(wall, output)
        }
    }
}

/// Returns the share of the memory of this machine, or of the group that it grants this process, that one command may use.
fn share_of_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let machine = line.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)?;
    let granted = std::fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| text.trim().parse::<u64>().ok());
    let (part, of) = SHARE;
    Some(granted.map_or(machine, |granted| granted.min(machine)) / of * part)
}

/// Returns the name of a limit, for programs.
pub(crate) fn limit_name(limit: Limit) -> &'static str {
    match limit {
        Limit::Wall => "wall",
        Limit::Cpu => "cpu",
        Limit::Memory => "memory",
        Limit::Written => "output",
        Limit::Disk => "disk",
    }
}

/// Returns the limit that a command has come up against, for people and programs: the one that ended it, or else one of which it got no more.
pub(crate) fn limit_of(outcome: &sandbox::Outcome) -> Option<Limit> {
    if let Status::Limited(limit) = outcome.status { Some(limit) } else { outcome.reached.first().copied() }
}

/// Returns what a command ran into, for people: `memory (512 MB) ended it`.
pub(crate) fn limit_words(limit: Limit, limits: &Limits) -> String {
    let seconds = |time: Option<Duration>| time.map(|time| format!("{} s", time.as_secs_f64()));
    let bytes = |bytes: Option<u64>| {
        bytes.map(|bytes| if bytes < 1 << 20 { format!("{} kB", bytes >> 10) } else { format!("{} MB", bytes >> 20) })
    };
    let (what, value) = match limit {
        Limit::Wall => ("time", seconds(Some(limits.wall))),
        Limit::Cpu => ("processor time", seconds(limits.cpu)),
        Limit::Memory => ("memory", bytes(limits.memory)),
        Limit::Written => ("output", bytes(limits.written)),
        Limit::Disk => ("disk space", bytes(limits.disk.or(limits.disk_writes))),
    };
    let value = value.unwrap_or_else(|| "none".to_owned());
    if limit == Limit::Disk && limits.disk.is_some() {
        return format!("{what} ({value}) was used up");
    }
    format!("{what} ({value}) ended it")
}
