//! The dependencies of a subproject, installed by a step of their own before its recipes run: it has a network and they have none.
//!
//! What the user has already is only read and comes first; what is missing is fetched into a folder of ours that is of this repository
//! alone, by what its lockfiles say, and stays for the next session. Nothing of the packages is run where that can be said (scripts
//! of npm, source packages of Python). An installation that does not work is no end: it is noted, and recipes say what they miss.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context as _;
use domain::{Digest, Files, Language, RepoPath};
use sandbox::{Command, Outcome, Status};

use super::errand::{Errand, Purpose};
use super::run::Runner;
use crate::config::Network;
use crate::contain::Reach;
use crate::env::file_holds_secret;
use crate::workspace::Tree;

/// How long one installation may take.
const PATIENCE: Duration = Duration::from_secs(900);

/// Files that say what is to be installed.
pub(super) const MANIFESTS: [&str; 9] = [
    "Cargo.toml",
    "Cargo.lock",
    "go.mod",
    "go.sum",
    "package.json",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "requirements.txt",
    ".npmrc",
];

/// Says that an installation was ended well.
const DONE: &str = ".fixwright-installed";

/// What was installed for the subprojects, by their index.
#[derive(Debug, Default)]
pub(crate) struct Installations(Mutex<BTreeMap<usize, (Digest, Installed)>>);

/// What a command needs to be told to find it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Installed {
    pub(super) env: Vec<(OsString, OsString)>,
    /// Folders of programs.
    pub(super) programs: Vec<PathBuf>,
}

impl Installations {
    /// Returns what was installed for a subproject.
    pub(super) fn of(&self, subproject: usize) -> Installed {
        let known = self.0.lock().ok();
        known.and_then(|known| known.get(&subproject).map(|(_, installed)| installed.clone())).unwrap_or_default()
    }

    fn is_of(&self, subproject: usize, digest: &Digest) -> bool {
        self.0.lock().is_ok_and(|known| known.get(&subproject).is_some_and(|(of, _)| of == digest))
    }

    fn put(&self, subproject: usize, digest: Digest, installed: Installed) {
        if let Ok(mut known) = self.0.lock() {
            known.insert(subproject, (digest, installed));
        }
    }
}

/// Who installs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manager {
    Cargo,
    Go,
    Npm,
    Pip,
}

impl Runner {
    /// Sees to it that what these subprojects depend on is at hand. Returns whether a package manager ran in the tree.
    pub(super) async fn install(
        self: &Arc<Self>,
        subprojects: Vec<usize>,
        tree: &mut Tree,
        files: &Files,
    ) -> anyhow::Result<bool> {
        if self.containment.is_open()
            || self.containment.network() != Network::None
            || self.containment.install_network() == Network::None
        {
            return Ok(false);
        }
        let mut ran = false;
        for index in subprojects.into_iter().collect::<BTreeSet<_>>() {
            let Some((manager, digest)) = self.needs(index, files) else { continue };
            if self.installations.is_of(index, &digest) {
                continue;
            }
            let installed = match manager {
                Manager::Cargo => self.fetch(index, tree, &["cargo", "fetch"], ("CARGO_HOME", "cargo")).await?,
                Manager::Go => self.fetch(index, tree, &["go", "mod", "download"], ("GOMODCACHE", "go")).await?,
                Manager::Npm => self.npm(index, tree, files, &digest).await?,
                Manager::Pip => self.pip(index, tree, &digest).await?,
            };
            ran = true;
            self.installations.put(index, digest, installed);
        }
        Ok(ran)
    }

    /// Returns who installs what a subproject depends on, and the digest of what says what that is; `None` where it depends on nothing
    /// that would have to be installed.
    fn needs(&self, index: usize, files: &Files) -> Option<(Manager, Digest)> {
        let subproject = self.subprojects.get(index)?;
        let folder = subproject.path.as_str();
        let text = |name: &str| files.text(&RepoPath::new(format!("{folder}/{name}")).ok()?);
        let named = |names: &[&str]| {
            let paths = files.paths().iter().filter(|path| names.contains(&path.file_name()));
            let parts = paths.flat_map(|path| [path.to_string(), Digest::of(files.read(path).unwrap_or_default()).to_string()]);
            Digest::of_parts(parts.collect::<Vec<_>>())
        };
        match subproject.language {
            Language::Rust => {
                let needed = match text("Cargo.lock") {
                    Some(lock) => lock.contains("\nsource = "),
                    None => named_dependencies(files),
                };
                needed.then(|| (Manager::Cargo, named(&["Cargo.toml", "Cargo.lock"])))
            }
            Language::Go => {
                text("go.mod").filter(|text| text.contains("require")).map(|_| (Manager::Go, named(&["go.mod", "go.sum"])))
            }
            Language::JavaScript | Language::TypeScript => {
                let lock = text("package-lock.json").or_else(|| text("npm-shrinkwrap.json"))?;
                lock.contains("node_modules/")
                    .then(|| (Manager::Npm, named(&["package.json", "package-lock.json", "npm-shrinkwrap.json"])))
            }
            Language::Python => {
                let has_own = self.app.env.get("VIRTUAL_ENV").is_some()
                    || self.checkout.as_deref().is_some_and(|it| !crate::detect::checkout_programs(it, folder).is_empty());
                let pinned = text("requirements.txt").is_some_and(|text| is_pinned(&text));
                (pinned && !has_own).then(|| (Manager::Pip, named(&["requirements.txt"])))
            }
            _ => None,
        }
    }

    /// Lets a package manager say whether the user has all that is needed; else it fetches into a folder of ours.
    async fn fetch(
        self: &Arc<Self>,
        index: usize,
        tree: &Tree,
        argv: &[&str],
        (variable, folder): (&str, &str),
    ) -> anyhow::Result<Installed> {
        let errand = |purpose| Errand { argv: words(argv), subproject: index, purpose, timeout: PATIENCE, copy: None };
        let (at_hand, _) = self.execute(errand(Purpose::Write), &tree.root).await?;
        if at_hand.status == Status::Exited(0) {
            return Ok(Installed::default());
        }
        self.app.progress.step(&format!("installing dependencies: {}", argv.join(" ")));
        let (fetched, _) = self.execute(errand(Purpose::Install), &tree.root).await?;
        if !self.worked(&fetched, &argv.join(" ")) {
            return Ok(Installed::default());
        }
        let folder = self.installed_folder()?.join(folder);
        Ok(Installed { env: vec![(variable.into(), folder.into())], programs: Vec::new() })
    }

    /// Installs the packages of a lockfile beside the tree, and links them into it.
    async fn npm(self: &Arc<Self>, index: usize, tree: &mut Tree, files: &Files, digest: &Digest) -> anyhow::Result<Installed> {
        let subproject = self.subprojects.get(index).context("no such subproject")?;
        let place = subproject.path.as_str();
        if std::fs::symlink_metadata(tree.root.join(place).join("node_modules")).is_ok() && !tree.has_linked(place) {
            return Ok(Installed::default());
        }
        let folder = self.installed_folder()?.join(format!("npm-{}", digest.short(16)));
        if !folder.join(DONE).is_file() {
            std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
            for name in ["package.json", "package-lock.json", "npm-shrinkwrap.json", ".npmrc"] {
                let bytes = RepoPath::new(format!("{place}/{name}")).ok().and_then(|path| files.read(&path));
                if let Some(bytes) = bytes {
                    std::fs::write(folder.join(name), bytes)?;
                }
            }
            let argv = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"];
            self.app.progress.step(&format!("installing dependencies: {}", argv.join(" ")));
            let outcome = self.install_into(index, &tree.root, &folder, &argv).await?;
            if !self.worked(&outcome, &argv.join(" ")) {
                return Ok(Installed::default());
            }
            std::fs::write(folder.join(DONE), "")?;
        }
        tree.link_packages(place, &folder.join("node_modules"));
        Ok(Installed::default())
    }

    /// Installs pinned requirements into a virtual environment that sees the system's packages too: the tools may be there.
    async fn pip(self: &Arc<Self>, index: usize, tree: &Tree, digest: &Digest) -> anyhow::Result<Installed> {
        let subproject = self.subprojects.get(index).context("no such subproject")?;
        let folder = self.installed_folder()?.join(format!("python-{}", digest.short(16)));
        if !folder.join(DONE).is_file() {
            std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
            let requirements = tree.root.join(&subproject.path).join("requirements.txt").display().to_string();
            let python = folder.join("bin/python").display().to_string();
            let install = [python.as_str(), "-m", "pip", "install", "--no-input", "--only-binary=:all:", "-r", &requirements];
            let venv = ["python3", "-m", "venv", "--system-site-packages", "."];
            self.app.progress.step("installing dependencies: pip install -r requirements.txt");
            for argv in [venv.as_slice(), &install] {
                let outcome = self.install_into(index, &tree.root, &folder, argv).await?;
                if !self.worked(&outcome, &argv.join(" ")) {
                    return Ok(Installed::default());
                }
            }
            std::fs::write(folder.join(DONE), "")?;
        }
        Ok(Installed { env: vec![("VIRTUAL_ENV".into(), folder.clone().into())], programs: vec![folder.join("bin")] })
    }

    /// Runs a package manager in a folder of ours, from where the tree is only read.
    async fn install_into(self: &Arc<Self>, index: usize, root: &Path, folder: &Path, argv: &[&str]) -> anyhow::Result<Outcome> {
        let env = self.environment(index, folder, root, Purpose::Install)?;
        let mut read = self.readable(&env);
        read.push(root.to_owned());
        let reach = self.with_own_folders(Reach { read, write: vec![folder.to_owned()], ..Reach::default() })?;
        let subproject = self.subprojects.get(index).context("no such subproject")?;
        let policy = self.containment.policy(reach, self.network(subproject, Purpose::Install));
        let command = Command { argv: words(argv), cwd: folder.to_owned(), env, stdin: None };
        Ok(self.run_command(command, policy, PATIENCE).await?.0)
    }

    /// Says whether an installation worked, and notes why not.
    fn worked(&self, outcome: &Outcome, command: &str) -> bool {
        if outcome.status == Status::Exited(0) {
            return true;
        }
        let said = String::from_utf8_lossy(&outcome.stderr.text()).into_owned();
        let line = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
        self.warn(format!("dependencies could not be installed (`{command}`): {}", line.trim()));
        false
    }

    /// Returns the folder of what was installed for this repository.
    pub(super) fn installed_folder(&self) -> anyhow::Result<PathBuf> {
        self.cache_folder("installed")
    }

    /// Names the folders that package managers fetch into, beside the settings of the user's that say where from.
    pub(super) fn installing(&self) -> anyhow::Result<Vec<(OsString, OsString)>> {
        let (cargo, go) = (self.cache_folder("installed/cargo")?, self.cache_folder("installed/go")?);
        let theirs = self.app.env.get("CARGO_HOME").map(PathBuf::from).or_else(|| Some(self.app.env.home()?.join(".cargo")));
        let theirs = theirs.map(|home| home.join("config.toml")).filter(|settings| settings.is_file());
        let ours = cargo.join("config.toml");
        match theirs {
            // What recipes are not shown (and that is said), they do not find here either.
            Some(settings) if !file_holds_secret(&settings) => drop(std::fs::copy(settings, ours)?),
            _ => drop(std::fs::remove_file(ours)),
        }
        // Without a network, that is soon known.
        let patience = [("PIP_RETRIES", "1"), ("CARGO_NET_RETRY", "1"), ("npm_config_fetch_retries", "1")];
        let places = [("CARGO_HOME", OsString::from(cargo)), ("GOMODCACHE", OsString::from(go))];
        let patience = patience.map(|(name, value)| (name, OsString::from(value)));
        Ok(places.into_iter().chain(patience).map(|(name, value)| (name.into(), value)).collect())
    }
}

fn words(argv: &[&str]) -> Vec<OsString> {
    argv.iter().map(OsString::from).collect()
}

/// Says whether a manifest of cargo names a dependency.
fn named_dependencies(files: &Files) -> bool {
    let manifests = files.paths().iter().filter(|path| path.file_name() == "Cargo.toml");
    manifests.filter_map(|path| files.text(path)).any(|text| text.contains("dependencies"))
}

/// Says whether requirements name exact versions only, as a lockfile does.
fn is_pinned(requirements: &str) -> bool {
    let lines = requirements.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    let mut lines = lines.filter(|line| !line.is_empty() && !line.starts_with("--hash")).peekable();
    lines.peek().is_some() && lines.all(|line| line.contains("==") && !line.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pinned_requirements_are_told_from_wishes() {
        assert!(is_pinned("# tools\na==1.0  # why\n\nb[extra]==2 ; python_version > '3'\\\n    --hash=sha256:00\n"));
        for wishes in ["", "a", "a>=1", "a==1\nb", "-r other.txt\na==1", "-e ."] {
            assert!(!is_pinned(wishes), "{wishes}");
        }
    }
}
