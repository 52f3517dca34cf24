//! Starts other programs: the one place where the environment is read and where a command that fails becomes an error that names it.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result, bail};

/// Returns a variable of the environment that xtask was started in.
#[expect(clippy::disallowed_methods, reason = "the one place of xtask that reads the environment")]
pub(crate) fn env(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// Returns the root of the workspace.
pub(crate) fn root() -> Result<PathBuf> {
    // Set by `cargo run`; the folder of the build is the same unless the checkout was moved since.
    let here = env("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    let root = here.parent().context("xtask has no parent folder")?;
    Ok(root.to_path_buf())
}

/// Returns the cargo that runs this, so that a toolchain chosen with `cargo +NAME` stays chosen.
pub(crate) fn cargo() -> Command {
    Command::new(env("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Returns the path of `program` on `PATH`, if it is there.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    std::env::split_paths(&env("PATH")?).map(|folder| folder.join(program)).find(|file| is_executable(file))
}

/// Returns `PATH` with the folders of the test tools in front.
pub(crate) fn path_with_tools(root: &Path) -> Result<OsString> {
    let tools = root.join(".tools");
    let mine = ["py/bin", "node/node_modules/.bin"].map(|below| tools.join(below));
    let rest = env("PATH").unwrap_or_default();
    std::env::join_paths(mine.into_iter().chain(std::env::split_paths(&rest))).context("a folder of PATH cannot be written down")
}

/// Runs `command` with its output shown, and fails when it fails.
pub(crate) fn must(command: &mut Command) -> Result<()> {
    let shown = show(command);
    let status = command.stdin(Stdio::null()).status().with_context(|| format!("starting `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

/// Runs `command` and returns what it wrote to standard output; fails, with the end of what it wrote to standard error, when it
/// fails.
pub(crate) fn stdout_of(command: &mut Command) -> Result<String> {
    let shown = show(command);
    let output = output_of(command)?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let tail: Vec<&str> = said.lines().rev().take(15).collect();
        bail!("`{shown}` failed ({}):\n{}", output.status, tail.into_iter().rev().collect::<Vec<_>>().join("\n"));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs `command` and returns all that came of it; fails only when it cannot be started.
pub(crate) fn output_of(command: &mut Command) -> Result<Output> {
    let shown = show(command);
    command.stdin(Stdio::null()).output().with_context(|| format!("starting `{shown}`"))
}

/// Returns the command line as a person would type it.
fn show(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}
