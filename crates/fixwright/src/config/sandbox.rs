//! The section `[sandbox]`: behind which walls commands run, and what they may use there. It is for the user to say: a repository,
//! whose code it is that runs, may not.

use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

use super::error::Error;
use super::layer::{add, replace};

/// Fewer processes than this no build gets along with.
const FEWEST_TASKS: u32 = 16;
/// The same of memory, files and output, in MB.
const LEAST_MB: u32 = 1;

/// Behind which walls commands run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sandbox {
    /// Who holds them.
    pub(crate) backend: Backend,
    /// The runtime of [`Backend::Oci`], by name or path.
    pub(crate) runtime: String,
    /// The folder that it takes the system from.
    pub(crate) root: PathBuf,
    /// What recipes reach of the network.
    pub(crate) network: Network,
    /// What package managers and audits reach of it.
    pub(crate) install: Network,
    /// Hosts that are package registries besides those of everyone, as `name:port`.
    pub(crate) registries: Vec<String>,
    /// Files and folders that recipes can read besides the tree and the toolchains.
    pub(crate) read: Vec<PathBuf>,
    /// Folders that recipes can write besides the tree and their home.
    pub(crate) write: Vec<PathBuf>,
    /// Bytes of memory; `None` is a share of the machine's.
    pub(crate) memory: Option<u64>,
    /// Seconds of processor time; `None` is no limit but that of time.
    pub(crate) cpu_seconds: Option<u64>,
    /// Processes and threads at one time.
    pub(crate) tasks: Option<u64>,
    /// Bytes of a single file.
    pub(crate) file_size: Option<u64>,
    /// Bytes written below what it can write.
    pub(crate) disk: Option<u64>,
    /// Bytes written to standard output and standard error.
    pub(crate) written: Option<u64>,
}

/// Who holds a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Backend {
    /// Namespaces, a filter of calls and a supervisor
    Ns,
    /// A container of an OCI runtime
    Oci,
    /// Nobody: a command may read, write and reach what its user may
    None,
}

impl Backend {
    /// The variable that names one; a flag is laid over it.
    pub(crate) const VARIABLE: &str = "FIXWRIGHT_SANDBOX_BACKEND";
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ns => "ns",
            Self::Oci => "oci",
            Self::None => "none",
        })
    }
}

/// What a command reaches of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Network {
    /// A loopback of its own
    None,
    /// That, and package registries by a proxy
    Registries,
    /// The network of this machine, its own services included
    Full,
}

/// What one place says.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SandboxTable {
    backend: Option<Backend>,
    runtime: Option<String>,
    root: Option<String>,
    network: Option<Network>,
    install: Option<Network>,
    registries: Option<Vec<Spanned<String>>>,
    read: Option<Vec<String>>,
    write: Option<Vec<String>>,
    memory_mb: Option<Spanned<u32>>,
    cpu_seconds: Option<u32>,
    tasks: Option<Spanned<u32>>,
    file_mb: Option<Spanned<u32>>,
    disk_mb: Option<Spanned<u32>>,
    output_mb: Option<Spanned<u32>>,
}

impl SandboxTable {
    /// Returns the paths, for the layer to root.
    pub(super) fn paths(&mut self) -> impl Iterator<Item = &mut String> {
        self.read.iter_mut().chain(&mut self.write).flatten().chain(&mut self.root)
    }

    /// Lays another place over this one.
    pub(super) fn lay(&mut self, over: Self) {
        let Self {
            backend,
            runtime,
            root,
            network,
            install,
            registries,
            read,
            write,
            memory_mb,
            cpu_seconds,
            tasks,
            file_mb,
            disk_mb,
            output_mb,
        } = over;
        replace(&mut self.backend, backend);
        replace(&mut self.runtime, runtime);
        replace(&mut self.root, root);
        replace(&mut self.network, network);
        replace(&mut self.install, install);
        add(&mut self.registries, registries);
        add(&mut self.read, read);
        add(&mut self.write, write);
        replace(&mut self.memory_mb, memory_mb);
        replace(&mut self.cpu_seconds, cpu_seconds);
        replace(&mut self.tasks, tasks);
        replace(&mut self.file_mb, file_mb);
        replace(&mut self.disk_mb, disk_mb);
        replace(&mut self.output_mb, output_mb);
    }

    /// Checks what the types cannot say; 0 is no limit everywhere.
    pub(super) fn check(&self, error: &dyn Fn(std::ops::Range<usize>, String) -> Error) -> Result<(), Error> {
        let least =
            [(&self.memory_mb, LEAST_MB), (&self.tasks, FEWEST_TASKS), (&self.file_mb, LEAST_MB), (&self.output_mb, LEAST_MB)];
        for (value, least) in least {
            if let Some(value) = value.as_ref().filter(|value| (1..least).contains(value.get_ref())) {
                return Err(error(value.span(), format!("it must be 0, for no limit, or at least {least}")));
            }
        }
        let is_host =
            |text: &str| text.rsplit_once(':').is_some_and(|(name, port)| !name.is_empty() && port.parse::<u16>().is_ok());
        if let Some(host) = self.registries.iter().flatten().find(|host| !is_host(host.get_ref())) {
            return Err(error(host.span(), "a host is named with its port: `registry.example:443`".to_owned()));
        }
        Ok(())
    }

    /// Returns the settings; every key has a value because the built-in file names them all.
    pub(super) fn finish(self, missing: &dyn Fn(&str) -> Error) -> Result<Sandbox, Error> {
        let number =
            |value: Option<u64>, key: &str| value.ok_or_else(|| missing(key)).map(|value| Some(value).filter(|it| *it > 0));
        let plain = |value: Option<Spanned<u32>>| value.map(|value| u64::from(value.into_inner()));
        let bytes = |value, key: &str| Ok::<_, Error>(number(plain(value), key)?.map(|mb| mb << 20));
        let paths = |paths: Option<Vec<String>>| paths.into_iter().flatten().map(PathBuf::from).collect();
        Ok(Sandbox {
            backend: self.backend.ok_or_else(|| missing("sandbox.backend"))?,
            runtime: self.runtime.ok_or_else(|| missing("sandbox.runtime"))?,
            root: self.root.map(PathBuf::from).ok_or_else(|| missing("sandbox.root"))?,
            network: self.network.ok_or_else(|| missing("sandbox.network"))?,
            install: self.install.ok_or_else(|| missing("sandbox.install"))?,
            registries: self.registries.into_iter().flatten().map(Spanned::into_inner).collect(),
            read: paths(self.read),
            write: paths(self.write),
            memory: bytes(self.memory_mb, "sandbox.memory_mb")?,
            cpu_seconds: number(self.cpu_seconds.map(u64::from), "sandbox.cpu_seconds")?,
            tasks: number(plain(self.tasks), "sandbox.tasks")?,
            file_size: bytes(self.file_mb, "sandbox.file_mb")?,
            disk: bytes(self.disk_mb, "sandbox.disk_mb")?,
            written: bytes(self.output_mb, "sandbox.output_mb")?,
        })
    }
}
