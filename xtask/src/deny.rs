//! Licences, bans and sources of the dependencies, by cargo-deny with `deny.toml`.
//!
//! Advisories are left out on purpose: they change from day to day without any change here, and would fail a build that was good
//! yesterday.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result};

use crate::shell;

/// The version that is installed where none is on `PATH`.
const VERSION: &str = "0.20.2";

/// Checks the dependencies.
pub(crate) fn check() -> Result<()> {
    let root = shell::root()?;
    let mut deny = std::process::Command::new(binary(&root)?);
    deny.current_dir(&root).args(["--log-level", "error", "check", "--hide-inclusion-graph", "licenses", "bans", "sources"]);
    shell::must(&mut deny)
}

fn binary(root: &Path) -> Result<PathBuf> {
    if let Some(there) = shell::which("cargo-deny") {
        return Ok(there);
    }
    let into = root.join(".tools/cargo");
    let binary = into.join(format!("bin-{VERSION}/cargo-deny"));
    if binary.exists() {
        return Ok(binary);
    }
    eprintln!("installing cargo-deny {VERSION} into {}", into.display());
    let mut cargo = shell::cargo();
    cargo.current_dir(root).args(["install", "cargo-deny", "--version", VERSION, "--locked", "--quiet", "--root"]).arg(&into);
    cargo.arg("--target-dir").arg(into.join("target"));
    // It runs for a second and is built on every fresh machine: the build is what has to be cheap.
    cargo.envs([
        ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
        ("CARGO_PROFILE_RELEASE_DEBUG", "false"),
        ("CARGO_PROFILE_RELEASE_LTO", "off"),
        ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "256"),
        ("CARGO_PROFILE_RELEASE_STRIP", "none"),
    ]);
    shell::must(cargo.stdout(Stdio::null()))?;
    let folder = binary.parent().context("the binary has a folder")?;
    std::fs::rename(into.join("bin"), folder).context("keeping cargo-deny under its version")?;
    std::fs::remove_dir_all(into.join("target")).context("sweeping the build of cargo-deny")?;
    Ok(binary)
}
