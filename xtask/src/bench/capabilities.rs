//! `cargo xtask bench capabilities`: how many files of Python a second of one core looks into, beside bandit and semgrep over the same files in the
//! same run; and what checking a patch takes.
//!
//! Bandit runs with the tests that it has by default. Semgrep has no rules of its own without a network: it is given the functions that our rules
//! name ([`semgrep`]).

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, ensure};
use nix::sys::resource::{UsageWho, getrusage};

use super::semgrep;
use crate::{program, shell};

/// Measure `fixwright code capabilities` beside bandit and semgrep, in files for each second of a processor
///
/// All look into copies of the same files, one after the other. Exits 1 when fixwright is not as many times faster as the limits say, or takes too
/// long to check a patch.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder with Python files [default: those of the tools that tests run]
    #[arg(long)]
    tree: Option<PathBuf>,
    /// Files to take from it
    #[arg(long, default_value_t = 1500)]
    files: usize,
    /// Program `bandit`; installed from PyPI when it is not named
    #[arg(long)]
    bandit: Option<PathBuf>,
    /// Program `semgrep`; installed from PyPI when it is not named
    #[arg(long)]
    semgrep: Option<PathBuf>,
    /// Rounds, of which the quickest counts
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// How many times bandit's files for each second are wanted
    #[arg(long, default_value_t = 10.0)]
    limit: f64,
    /// How many times semgrep's files for each second are wanted
    #[arg(long, default_value_t = 40.0)]
    semgrep_limit: f64,
    /// Milliseconds that checking a patch of ten files may take when its base is known
    #[arg(long, default_value_t = 50.0)]
    patch_limit: f64,
    /// Program to measure, instead of building it
    #[arg(long)]
    program: Option<PathBuf>,
}

/// The versions that are measured against.
const BANDIT: &str = "bandit==1.9.4";
const SEMGREP: &str = "semgrep==1.182.0";

/// Measures and prints.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let root = shell::root()?;
    let program = args.program.clone().map_or_else(program::build, Ok)?;
    let bandit = args.bandit.clone().map_or_else(|| install(&root, BANDIT), Ok)?;
    let installed = args.semgrep.clone().map_or_else(|| install(&root, SEMGREP), Ok)?;
    let tree = args.tree.clone().unwrap_or_else(|| root.join(".tools/py/lib"));
    let folder = tempfile::tempdir().context("making a folder for the copies")?;
    let files = copy(&tree, folder.path(), args.files)?;
    ensure!(files > 0, "there are no Python files in {}", tree.display());
    println!("{files} files, the quickest of {} rounds, seconds of a processor", args.rounds);
    let mut own = Command::new(program);
    own.args(["code", "capabilities", "--json"]).arg(folder.path());
    let mut theirs = Command::new(bandit);
    theirs.args(["--recursive", "--quiet", "--exit-zero", "--format", "json"]).arg(folder.path());
    let ours =
        std::fs::read_to_string(root.join("crates/code/src/capabilities/rules/python.toml")).context("reading our rules")?;
    let settings = tempfile::tempdir().context("making a folder for the rules")?;
    let theirs_rules = settings.path().join("rules.json");
    std::fs::write(&theirs_rules, semgrep::rules(&ours)?.to_string()).context("writing the rules of semgrep")?;
    let mut by_rules = Command::new(installed);
    by_rules.args(["scan", "--metrics=off", "--disable-version-check", "--quiet", "--jobs=1", "--json", "--config"]);
    by_rules.arg(&theirs_rules).arg(folder.path());
    let mut tools = [("fixwright", own, 0.0), ("bandit", theirs, args.limit), ("semgrep", by_rules, args.semgrep_limit)];
    let mut is_good = true;
    let mut own = None;
    for (name, command, limit) in &mut tools {
        let mut best = f64::INFINITY;
        for _ in 0..args.rounds {
            let from = used()?;
            let output = shell::output_of(command)?;
            ensure!(matches!(output.status.code(), Some(0 | 1)), "{name} ended with {}", output.status);
            best = best.min(used()? - from);
        }
        #[expect(clippy::cast_precision_loss, reason = "a count of files")]
        let rate = files as f64 / best;
        print!("{name:10} {best:8.2} s  {rate:8.1} files a second");
        match own {
            None => own = Some(rate),
            Some(own) => {
                print!(", fixwright {:.1} times as many (wanted: {limit})", own / rate);
                is_good &= own / rate >= *limit;
            }
        }
        println!();
    }
    let took = patch_check(&root, folder.path())?;
    println!("checking a patch of ten files over a known base takes {took:.1} ms (at most: {})", args.patch_limit);
    is_good &= took <= args.patch_limit;
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Returns how many milliseconds the check of a patch takes (`crates/code/examples/patch_check.rs`).
fn patch_check(root: &Path, folder: &Path) -> Result<f64> {
    let mut cargo = shell::cargo();
    cargo.args(["run", "--quiet", "--release", "--package", "fixwright-code", "--example", "patch_check", "--"]);
    let printed = shell::stdout_of(cargo.arg(folder).current_dir(root))?;
    printed.trim().parse().with_context(|| format!("reading `{printed}`"))
}

/// Returns the seconds of a processor that ended children have used.
fn used() -> Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    #[expect(clippy::cast_precision_loss, reason = "seconds")]
    let seconds = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    Ok(seconds(usage.user_time()) + seconds(usage.system_time()))
}

/// Installs a tool from PyPI, apart from everything else, and returns its program.
fn install(root: &Path, requirement: &str) -> Result<PathBuf> {
    let name = requirement.split("==").next().unwrap_or(requirement);
    let folder = root.join("target").join(requirement);
    let program = folder.join("bin").join(name);
    if !program.is_file() {
        shell::stdout_of(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
        shell::stdout_of(Command::new(folder.join("bin/pip")).args(["install", "--quiet", requirement]))?;
    }
    Ok(program)
}

/// Copies Python files of a tree, each under a name of its own. Returns how many.
fn copy(tree: &Path, to: &Path, most: usize) -> Result<usize> {
    let mut open = vec![tree.to_owned()];
    let mut count = 0;
    while let Some(folder) = open.pop() {
        let mut entries: Vec<PathBuf> = std::fs::read_dir(&folder)
            .with_context(|| format!("reading {}", folder.display()))?
            .flatten()
            .map(|entry| entry.path())
            .collect();
        entries.sort();
        for path in entries {
            if path.is_symlink() || count >= most {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "py") {
                std::fs::copy(&path, to.join(format!("file_{count:05}.py")))?;
                count += 1;
            }
        }
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_files_are_copied_as_asked() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::create_dir(from.path().join("a")).unwrap();
        for name in ["x.py", "y.txt", "a/z.py", "a/w.py"] {
            std::fs::write(from.path().join(name), "a = 1\n").unwrap();
        }
        assert_eq!(copy(from.path(), to.path(), 2).unwrap(), 2);
        assert_eq!(std::fs::read_dir(to.path()).unwrap().count(), 2);
    }
}
