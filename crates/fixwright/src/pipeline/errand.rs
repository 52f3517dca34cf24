//! One command in the private tree: its environment, what it reaches and what it may use.
//!
//! Recipes reach no network: what they depend on was installed before (`install.rs`). What reaches it is named here: the installation,
//! audits, which ask for the vulnerabilities of today, and the build tools of Java, which fetch while they build.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use domain::{Language, Recipe, Subproject};
use sandbox::{Command, Limit, Limits, Outcome, Policy, Status};

use super::run::{Runner, Stopped};
use crate::config::Network;
use crate::contain::{self, Reach};
use crate::detect;

/// So long may it take until a signal that has ended a process of ours is heard of here as well.
const SIGNAL_HEARD: Duration = Duration::from_millis(20);

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
}

impl Runner {
    /// Runs a command in the private tree; returns what came of it and what it was held to.
    pub(super) async fn execute(self: &Arc<Self>, errand: Errand, root: &Path) -> anyhow::Result<(Outcome, Limits)> {
        let Errand { argv, subproject: index, purpose, timeout } = errand;
        let subproject = self.subprojects.get(index).context("no such subproject")?;
        let folder = root.join(&subproject.path);
        let env = self.environment(index, &folder, root, purpose)?;
        let mut reach = Reach { read: self.readable(&env), write: vec![root.to_owned()], protect: Vec::new() };
        // What was installed is read by recipes, and written by nobody but package managers.
        let folders = if purpose == Purpose::Install { &mut reach.write } else { &mut reach.read };
        folders.push(self.installed_folder()?);
        let policy = self.containment.policy(self.with_own_folders(reach)?, self.network(subproject, purpose));
        self.run_command(Command { argv, cwd: folder, env, stdin: None }, policy, timeout).await
    }

    /// Runs a command behind walls, for no longer than the budget lets it.
    pub(super) async fn run_command(
        self: &Arc<Self>,
        command: Command,
        policy: Policy,
        timeout: Duration,
    ) -> anyhow::Result<(Outcome, Limits)> {
        let mut wall = timeout;
        let left = self.deadline.map(|deadline| deadline.saturating_duration_since(self.app.clock.monotonic()));
        if let Some(left) = left {
            wall = wall.min(left);
        }
        let limits = self.containment.limits(wall, self.output_limit);
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
            self.check_stop()?;
        }
        let outcome = outcome?;
        self.ensure_room()?;
        match outcome.status {
            Status::Cancelled => Err(Stopped::Interrupted.into()),
            Status::Limited(Limit::Wall) if wall < timeout => Err(Stopped::OutOfBudget.into()),
            _ => Ok((outcome, limits)),
        }
    }

    pub(super) fn network(&self, subproject: &Subproject, purpose: Purpose) -> Network {
        let own = match purpose {
            Purpose::Install => Some("a package manager"),
            Purpose::Recipe(Recipe::Audit) => Some("audit"),
            Purpose::Recipe(_) if subproject.language == Language::Java => Some("Java, which fetches while it builds,"),
            Purpose::Recipe(_) | Purpose::Write => None,
        };
        let Some(who) = own.filter(|_| !self.containment.is_open()) else { return self.containment.network() };
        if self.containment.network() != Network::Full {
            self.note(format!("{who} was run with the network of this machine"));
        }
        Network::Full
    }

    /// Adds the folders that are a command's own.
    pub(super) fn with_own_folders(&self, mut reach: Reach) -> anyhow::Result<Reach> {
        reach.write.extend([self.folder.join("home"), self.cache_folder("build")?]);
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
        let mut read = contain::toolchains(env, self.app.env.home().as_deref(), &never);
        read.extend(self.objects.iter().chain(&self.installed).cloned());
        read
    }

    /// Fails when the disk is full on which the command has just worked: what it said then is not believed.
    fn ensure_room(&self) -> anyhow::Result<()> {
        const ROOM: u64 = 64 << 10;
        let disk = nix::sys::statvfs::statvfs(&self.folder).context("asking for room on the disk")?;
        if disk.blocks_available().saturating_mul(disk.fragment_size()) < ROOM {
            let full = std::io::Error::from(nix::errno::Errno::ENOSPC);
            return Err(anyhow::Error::new(full).context("a recipe ran on a full disk"));
        }
        Ok(())
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
