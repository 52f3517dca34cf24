//! Fetches packages from their registries by the registries' own clients, and makes each a repository of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::plan::{self, Commands, Ecosystem, Package};
use crate::{program, shell};

/// A package ready to be tried.
pub(crate) struct Ready {
    /// Its repository: one commit.
    pub(crate) repository: PathBuf,
    /// The test recipe with its folders filled in.
    pub(crate) test: Option<String>,
}

/// Fetches `package` (once) below `dir` and makes a new repository of it.
pub(crate) fn ready(root: &Path, dir: &Path, package: &Package, commands: &Commands) -> Result<Ready> {
    let fetched = dir.join("fetched").join(package.slug());
    if !fetched.exists() {
        let new = dir.join("fetched").join(format!("{}.new", package.slug()));
        remove(&new)?;
        fs::create_dir_all(&new)?;
        fetch(package, &new).with_context(|| format!("fetching {} {}", package.name, package.version))?;
        fs::rename(&new, &fetched)?;
    }
    let repository = dir.join("repositories").join(package.slug());
    remove(&repository)?;
    copy(&fetched.join("source"), &repository)?;
    let deps = fetched.join("deps").display().to_string();
    let test = package.test.as_ref().map(|line| line.replace("{deps}", &deps));
    match package.ecosystem {
        Ecosystem::Crates => prepare_crate(&repository)?,
        Ecosystem::Npm => prepare_npm(root, &repository)?,
        Ecosystem::Go => prepare_go(package, &repository)?,
        Ecosystem::Pypi => {}
    }
    let ignored = repository.join(".gitignore");
    fs::write(ignored, "/target\n__pycache__/\n.pytest_cache/\n.ruff_cache/\n*.egg-info/\nnode_modules/\n")?;
    fs::write(repository.join("fixwright.toml"), plan::configuration(commands, test.as_deref())?)?;
    program::make_repository(&repository)?;
    Ok(Ready { repository, test })
}

/// Puts the package's files into `into/source` and what its tests need into `into/deps`.
fn fetch(package: &Package, into: &Path) -> Result<()> {
    let (name, version, needs) = (&package.name, &package.version, &package.needs);
    let (source, deps) = (into.join("source"), into.join("deps"));
    fs::create_dir_all(&deps)?;
    match package.ecosystem {
        Ecosystem::Crates => {
            // A project that depends on it makes cargo download it; `vendor` then hands over the sources.
            let around = into.join("around");
            fs::create_dir_all(around.join("src"))?;
            fs::write(around.join("src/lib.rs"), "")?;
            let manifest = format!(
                "[package]\nname = \"around\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n{name} = \"={version}\"\n"
            );
            fs::write(around.join("Cargo.toml"), manifest)?;
            shell::stdout_of(shell::cargo().current_dir(&around).args(["vendor", "--quiet", "--versioned-dirs"]))?;
            fs::rename(around.join(format!("vendor/{name}-{version}")), &source)?;
            remove(&around)?;
            remove(&source.join(".cargo-checksum.json"))?;
        }
        Ecosystem::Pypi => {
            let mut pip = Command::new("python3");
            pip.args(["-m", "pip", "download", "--quiet", "--no-deps", "--no-binary=:all:", "--dest"]).arg(into);
            shell::stdout_of(pip.arg(format!("{name}=={version}")))?;
            unpack(into, &source)?;
            if !needs.is_empty() {
                let mut pip = Command::new("python3");
                shell::stdout_of(pip.args(["-m", "pip", "install", "--quiet", "--target"]).arg(&deps).args(needs))?;
            }
        }
        Ecosystem::Npm => {
            let mut npm = Command::new("npm");
            shell::stdout_of(npm.current_dir(into).args(["pack", "--silent", &format!("{name}@{version}")]))?;
            unpack(into, &source)?;
            if !needs.is_empty() {
                let mut npm = Command::new("npm");
                npm.current_dir(&deps).args([
                    "install",
                    "--silent",
                    "--ignore-scripts",
                    "--no-audit",
                    "--no-fund",
                    "--prefix",
                    ".",
                ]);
                shell::stdout_of(npm.args(needs))?;
            }
        }
        Ecosystem::Go => {
            let mut go = Command::new("go");
            let answer = shell::stdout_of(go.current_dir(into).args(["mod", "download", "-json", &format!("{name}@{version}")]))?;
            let answer: serde_json::Value = serde_json::from_str(&answer).context("reading `go mod download -json`")?;
            let folder = answer.get("Dir").and_then(|dir| dir.as_str()).context("`go mod download` named no folder")?;
            copy(Path::new(folder), &source)?;
        }
    }
    Ok(())
}

/// Unpacks the one archive of `folder` to `source`; archives of packages have one folder at their top.
fn unpack(folder: &Path, source: &Path) -> Result<()> {
    let mut archives = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_file() {
            archives.push(path);
        }
    }
    let [archive] = archives.as_slice() else { anyhow::bail!("the registry's client left {} archives, not one", archives.len()) };
    fs::create_dir_all(source)?;
    if archive.extension().is_some_and(|e| e == "zip") {
        let unpacked = folder.join("unpacked");
        shell::stdout_of(Command::new("python3").args(["-m", "zipfile", "-e"]).args([archive, &unpacked]))?;
        let top = fs::read_dir(&unpacked)?.next().context("the archive is empty")??.path();
        remove(source)?;
        fs::rename(top, source)?;
        remove(&unpacked)
    } else {
        let mut tar = Command::new("tar");
        tar.args(["--extract", "--strip-components=1", "--no-same-owner", "--directory"]).arg(source).arg("--file").arg(archive);
        shell::stdout_of(&mut tar).map(drop)
    }
}

/// Makes the crate a workspace of its own, with a lockfile and its dependencies at hand.
fn prepare_crate(repository: &Path) -> Result<()> {
    for name in ["Cargo.toml.orig", ".cargo_vcs_info.json", ".cargo-ok"] {
        remove(&repository.join(name))?;
    }
    let manifest = repository.join("Cargo.toml");
    let text = fs::read_to_string(&manifest)?;
    if !text.contains("[workspace]") {
        fs::write(&manifest, text + "\n[workspace]\n")?;
    }
    shell::stdout_of(shell::cargo().current_dir(repository).args(["fetch", "--quiet"])).map(drop)
}

/// Gives the package the configuration that eslint 10 insists on: its recommended rules.
fn prepare_npm(root: &Path, repository: &Path) -> Result<()> {
    let modules = root.join(".tools/node/node_modules");
    ensure!(modules.exists(), "the npm tools are not installed: run `cargo xtask test --setup-only`");
    let module = |name: &str| serde_json::to_string(&modules.join(name).display().to_string());
    let config = format!(
        "const js = require({});\nconst globals = require({});\n\nmodule.exports = [\n  js.configs.recommended,\n  {{\n    \
         files: [\"**/*.js\"],\n    languageOptions: {{ sourceType: \"commonjs\", globals: {{ ...globals.node, ...globals.mocha, \
         ...globals.browser }} }},\n  }},\n];\n",
        module("@eslint/js")?,
        module("globals")?
    );
    fs::write(repository.join("eslint.config.js"), config).context("writing eslint.config.js")
}

/// Gives modules from before modules a `go.mod`.
fn prepare_go(package: &Package, repository: &Path) -> Result<()> {
    let manifest = repository.join("go.mod");
    if !manifest.exists() {
        fs::write(&manifest, format!("module {}\n\ngo 1.21\n", package.name))?;
    }
    shell::stdout_of(Command::new("go").current_dir(repository).args(["mod", "tidy"])).map(drop)
}

/// Copies a folder, writable, without a history that may be in it.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    shell::stdout_of(Command::new("cp").args(["-r", "--no-preserve=mode,ownership"]).arg(from).arg(to))?;
    remove(&to.join(".git"))
}

/// Removes a file or folder, if it is there.
pub(crate) fn remove(path: &Path) -> Result<()> {
    let removed = match path.symlink_metadata() {
        Err(_) => return Ok(()),
        Ok(data) if data.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
    };
    removed.with_context(|| format!("removing {}", path.display()))
}
