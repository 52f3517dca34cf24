//! Builds the program and walks its main job, for the commands that measure it from outside.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use crate::report::Report;
use crate::shell;

/// What came of `fixwright fix --json`.
pub(crate) struct Fixed {
    pub(crate) report: Report,
    /// Wall time by our own clock, start and end of the process included.
    pub(crate) wall: f64,
}

/// Builds the program for release and returns its path.
pub(crate) fn build() -> Result<PathBuf> {
    let mut cargo = shell::cargo();
    cargo.current_dir(shell::root()?).args([
        "build",
        "--release",
        "--package",
        "fixwright",
        "--message-format=json-render-diagnostics",
    ]);
    let messages = shell::stdout_of(cargo.stderr(Stdio::inherit()))?;
    let built = messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok()).find_map(|message| {
        let is_program = message.pointer("/target/name").and_then(|v| v.as_str()) == Some("fixwright");
        is_program.then(|| message.get("executable")?.as_str().map(PathBuf::from)).flatten()
    });
    built.context("`cargo build` named no executable `fixwright`")
}

/// Runs `fixwright fix --recipe lint --json` on `repository`, with its data below `data`.
pub(crate) fn fix(program: &Path, repository: &Path, data: &Path) -> Result<Fixed> {
    let mut command = Command::new(program);
    command.arg("--data-dir").arg(data).args(["fix", "--recipe", "lint", "--json"]).arg(repository);
    command.env("PATH", shell::path_with_tools(&shell::root()?)?);
    let from = Instant::now();
    let output = shell::output_of(&mut command)?;
    let wall = from.elapsed().as_secs_f64();
    match output.status.code() {
        // Nothing is left, or findings remain: both are answers.
        Some(0 | 1) => {}
        _ => bail!("`fixwright fix` ended with {}:\n{}", output.status, String::from_utf8_lossy(&output.stderr).trim_end()),
    }
    Ok(Fixed { report: Report::parse(&String::from_utf8_lossy(&output.stdout))?, wall })
}

/// Makes `folder` a repository with everything in it as its first commit.
pub(crate) fn make_repository(folder: &Path) -> Result<()> {
    git(folder, &["init", "--quiet", "--initial-branch=main"])?;
    git(folder, &["config", "user.name", "Field Test"])?;
    git(folder, &["config", "user.email", "field@localhost"])?;
    // Forced: packages ship ignore files that would leave out what they shipped.
    git(folder, &["add", "--all", "--force"])?;
    git(folder, &["commit", "--quiet", "--no-verify", "--message=chore: as published"])?;
    Ok(())
}

/// Runs git on `folder` and returns what it wrote.
pub(crate) fn git(folder: &Path, args: &[&str]) -> Result<String> {
    shell::stdout_of(Command::new("git").arg("-C").arg(folder).args(args))
}
