//! One command in the private tree: its environment, what it reaches and what it may use.
//!
//! Recipes reach no network: what they depend on was installed before (`install.rs`). What reaches it is named here: the installation
//! and audits, which ask for the vulnerabilities of today, by a proxy that lets nothing through but registries; and the build tools of Java,
//! which fetch while they build and know of no proxy.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use domain::{Language, Recipe, Subproject};
use sandbox::{Command, Limits, Outcome, Policy, Status};

use super::copies::Copy;
use super::run::{Runner, Stopped};
use crate::config::Network;
use crate::contain::{self, Reach};
use crate::detect;
use crate::workspace::ensure_room;

/// So long may it take until a signal that has ended a process of ours is heard of here as well.
const SIGNAL_HEARD: Duration = Duration::from_millis(20);

/// Where audits find the vulnerabilities of today, beside the registries.
const ADVISORIES: [&str; 4] =
    ["github.com:443", "api.osv.dev:443", "osv-vulnerabilities.storage.googleapis.com:443", "vuln.go.dev:443"];

/// Variables that name registries.
const MIRRORS: [&str; 5] = ["PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_INDEX_URL", "GOPROXY", "npm_config_registry"];

/// What a command is run for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// It is a recipe.
    Recipe(Recipe),
    /// It changes files, by what is at hand.
    Write,
    /// It asks a registry for what is not at hand.
    Install,
}

/// A command to run.
pub(super) struct Errand {
    pub(super) argv: Vec<OsString>,
    /// Index of the subproject in whose folder it runs.
    pub(super) subproject: usize,
    pub(super) purpose: Purpose,
    pub(super) timeout: Duration,
    /// The copy of the tree that it runs in, if it is not the tree itself.
    pub(super) copy: Option<Arc<Copy>>,
}

impl Runner {
    /// Runs a command in the private tree; returns what came of it and what it was held to.
    pub(super) async fn execute(self: &Arc<Self>, errand: Errand, root: &Path) -> anyhow::Result<(Outcome, Limits)> {
        let Errand { argv, subproject: index, purpose, timeout, copy } = errand;
        let subproject = self.subprojects.get(index).context("no such subproject")?;
        let folder = root.join(&subproject.path);
        let env = self.environment(index, &folder, root, purpose)?;
        let hosts = if purpose == Purpose::Recipe(Recipe::Audit) { ADVISORIES.map(str::to_owned).to_vec() } else { Vec::new() };
        let mut reach = Reach { read: self.readable(&env), hosts, ..Reach::default() };
        reach.read.extend(contain::named_tools(&argv, self.app.env.home().as_deref(), &[&self.app.data_dir]));
        if copy.is_none() {
            reach.write.push(root.to_owned());
        }
        // What was installed is read by recipes, and written by nobody but package managers.
        let folders = if purpose == Purpose::Install { &mut reach.write } else { &mut reach.read };
        folders.push(self.installed_folder()?);
        let mut policy = self.containment.policy(self.with_own_folders(reach)?, self.network(subproject, purpose));
        if let Some(copy) = &copy {
            policy = copy.allow(policy);
        }
        self.run_command(Command { argv, cwd: folder, env, stdin: None }, policy, timeout).await
    }

    /// Runs a command behind walls. The budget says whether one is begun, and not how long it takes: one that was ended at the deadline would be
    /// begun anew by every start, and a budget shorter than it would never get anywhere.
    pub(super) async fn run_command(
        self: &Arc<Self>,
        command: Command,
        policy: Policy,
        timeout: Duration,
    ) -> anyhow::Result<(Outcome, Limits)> {
        let limits = self.containment.limits(timeout, self.output_limit);
        let (app, sandbox) = (Arc::clone(&self.app), Arc::clone(&self.containment.sandbox));
        let outcome = tokio::task::spawn_blocking(move || {
            app.tool_time.start(app.clock.monotonic());
            let outcome = sandbox.run(&command, &policy, &limits, &app.cancel);
            app.tool_time.stop(app.clock.monotonic());
            outcome
        })
        .await?;
        // An interrupt from the terminal may hit what stands between us and the command before it has a session of its own.
        if matches!(outcome, Err(_) | Ok(Outcome { status: Status::Signalled(_), .. })) {
            tokio::time::sleep(SIGNAL_HEARD).await;
            self.check_interrupt()?;
        }
        let outcome = outcome?;
        ensure_room(&self.folder).context("a recipe ran on a full disk")?;
        match outcome.status {
            Status::Cancelled => Err(Stopped::Interrupted.into()),
            _ => Ok((outcome, limits)),
        }
    }

    /// Returns what a command reaches of the network. What is more than the settings let recipes reach is noted.
    pub(super) fn network(&self, subproject: &Subproject, purpose: Purpose) -> Network {
        let settings = self.containment.network();
        if self.containment.is_open() || settings == Network::Full {
            return settings;
        }
        let behind_proxy =
            ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"].iter().any(|name| self.app.env.get(name).is_some());
        let (who, network) = match (purpose, self.containment.install_network()) {
            (Purpose::Recipe(recipe), _) if subproject.language == Language::Java && recipe != Recipe::Audit => {
                ("Java's build tools, which fetch while they build,", Network::Full)
            }
            (Purpose::Install, network) => ("package managers", network),
            (Purpose::Recipe(Recipe::Audit), network) => ("audit", network),
            (Purpose::Recipe(_) | Purpose::Write, _) => return settings,
        };
        // Our proxy does not go through another one, nor into every container.
        let direct = behind_proxy || !self.containment.has_proxy();
        let network = if direct && network == Network::Registries { Network::Full } else { network };
        let reached = match network {
            Network::None => return Network::None,
            Network::Registries => "package registries",
            Network::Full => "the network of this machine",
        };
        self.note(format!("{who} had a way to {reached}"));
        network
    }

    /// Adds the folders that are a command's own, and the registries that the user's environment names.
    pub(super) fn with_own_folders(&self, mut reach: Reach) -> anyhow::Result<Reach> {
        reach.write.extend([self.folder.join("home"), self.cache_folder("build")?]);
        reach
            .hosts
            .extend(MIRRORS.iter().filter_map(|name| self.app.env.get(name)).flat_map(|value| hosts(&value.to_string_lossy())));
        Ok(reach)
    }

    /// Makes a folder of what commands leave for the next session.
    pub(super) fn cache_folder(&self, name: &str) -> anyhow::Result<PathBuf> {
        let folder = self.cache.join(name);
        std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        Ok(folder)
    }

    /// Returns what a command with this environment reads besides the tree: its tools, what is installed into the checkout, and the objects
    /// of the base commit.
    pub(super) fn readable(&self, env: &BTreeMap<OsString, OsString>) -> Vec<PathBuf> {
        let mut never = vec![self.app.data_dir.as_path()];
        never.extend(self.checkout.as_deref());
        let toolchains = contain::toolchains(env, self.app.env.home().as_deref(), &never);
        if !self.containment.is_open() {
            toolchains.notes().for_each(|note| self.note(note));
        }
        let mut read = toolchains.read;
        read.extend(self.objects.iter().chain(&self.installed).cloned());
        read
    }

    pub(super) fn environment(
        &self,
        index: usize,
        folder: &Path,
        root: &Path,
        purpose: Purpose,
    ) -> anyhow::Result<BTreeMap<OsString, OsString>> {
        let home = self.folder.join("home");
        let path = self.subprojects.get(index).map_or(".", |one| one.path.as_str());
        let mut extra: Vec<_> = diagnostics::speak_env().iter().map(|(name, value)| (name.into(), value.into())).collect();
        let installed = self.installations.of(index);
        // What the private tree has (`node_modules` is laid into it) comes before the checkout's: tools look for plugins from where they are.
        let places = std::iter::once(root).chain(self.checkout.as_deref());
        let mut programs: Vec<PathBuf> = places.flat_map(|place| detect::checkout_programs(place, path)).collect();
        programs.extend(installed.programs);
        extra.push(("PATH".into(), self.app.env.path_with(&programs)));
        let is_package = folder.join("setup.py").is_file() || folder.join("pyproject.toml").is_file();
        if purpose == Purpose::Recipe(Recipe::Test) && is_package {
            // An installed (even editable) copy of the package must not be tested in place of this tree.
            let source = folder.join("src");
            let mut path = OsString::new();
            if source.is_dir() {
                path.push(source);
                path.push(":");
            }
            path.push(folder);
            extra.push(("PYTHONPATH".into(), path));
        }
        if !self.containment.is_open() {
            extra.extend(self.caches()?);
            extra.extend(installed.env);
            if purpose == Purpose::Install {
                extra.extend(self.installing()?);
            } else if self.containment.network() == Network::None {
                // So that what is missing is said at once, and not after many tries.
                extra
                    .extend([("CARGO_NET_OFFLINE", "true"), ("GOPROXY", "off")].map(|(name, value)| (name.into(), value.into())));
            }
        }
        extra.extend(self.passed.iter().cloned());
        Ok(self.app.env.recipe_env(&home, &extra))
    }

    /// Names the caches that builds write: ours, since those of the user are only read.
    fn caches(&self) -> anyhow::Result<Vec<(OsString, OsString)>> {
        let caches = [("GOCACHE", "build/go"), ("npm_config_cache", "build/npm"), ("GRADLE_USER_HOME", "build/gradle")];
        let named = caches.into_iter().map(|(name, folder)| Ok((name.into(), self.cache_folder(folder)?.into())));
        let mut variables = named.collect::<anyhow::Result<Vec<(OsString, OsString)>>>()?;
        let mut options = self.app.env.get("MAVEN_OPTS").map(OsString::from).unwrap_or_default();
        options.push(" -Dmaven.repo.local=");
        options.push(self.cache_folder("build/maven")?);
        variables.push(("MAVEN_OPTS".into(), options));
        Ok(variables)
    }
}

/// Returns the hosts that the addresses in a text name, each with its port.
fn hosts(text: &str) -> Vec<String> {
    let addresses = text.split([',', '|', ' ', '\n']).filter_map(|one| one.split_once("://"));
    let host = |(scheme, rest): (&str, &str)| {
        let host = rest.split(['/', '?', '#']).next()?.rsplit('@').next()?;
        let port = if scheme == "http" { 80 } else { 443 };
        let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        (!host.is_empty()).then(|| if has_port { host.to_owned() } else { format!("{host}:{port}") })
    };
    addresses.filter_map(host).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_are_read_from_addresses() {
        assert_eq!(hosts("https://a.example/simple http://me:x@b.example:8080/"), ["a.example:443", "b.example:8080"]);
        assert_eq!(hosts("https://proxy.example,direct|off"), ["proxy.example:443"]);
        assert_eq!(hosts("off"), [""; 0]);
    }
}
