//! `cargo xtask bench`: what fixwright itself costs, beside the bare tool in the same run.

mod capabilities;
mod patch;
mod sandbox;
mod semgrep;

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use crate::{code, logs, program, shell, tools};

/// Measure fixwright's own time: wall time less the time in the tools that it runs
///
/// Each round makes a repository of Python files, times the bare `ruff check --fix` on a copy and `fixwright fix` on the repository,
/// one after the other; the table shows the medians. Exits 1 when the own time for one finding is over the limit.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: Option<What>,
    /// Rounds to measure, after one to warm up
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Files of the repository
    #[arg(long, default_value_t = 100)]
    files: usize,
    /// Findings in it, a row each; the first is held to the limit
    #[arg(long, value_delimiter = ',', default_value = "1,20,100")]
    findings: Vec<usize>,
    /// Seconds of its own that fixwright may take for the first row
    #[arg(long, default_value_t = 0.5)]
    limit: f64,
    /// Program to measure, instead of building it
    #[arg(long)]
    program: Option<std::path::PathBuf>,
}

/// Something else to measure.
#[derive(clap::Subcommand)]
enum What {
    Capabilities(capabilities::Args),
    Code(code::BenchArgs),
    Sandbox(sandbox::Args),
    Diagnostics(logs::Args),
    /// What planning costs as file and answer grow, beside other appliers
    Patch,
}

/// One round, in seconds.
struct Round {
    bare: f64,
    wall: f64,
    in_tools: f64,
    runs: u64,
}

/// Measures and prints.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    match &args.what {
        Some(What::Capabilities(args)) => return capabilities::run(args),
        Some(What::Code(args)) => return code::bench(args),
        Some(What::Sandbox(args)) => return sandbox::run(args),
        Some(What::Diagnostics(args)) => return logs::run(args),
        Some(What::Patch) => return patch::run(),
        None => {}
    }
    tools::set_up(&shell::root()?)?;
    let program = args.program.clone().map_or_else(program::build, Ok)?;
    println!("{} files, median of {} rounds, seconds", args.files, args.rounds);
    println!("findings  bare ruff --fix  fixwright wall  in tools     own  own/bare  recipe runs");
    let mut over = false;
    for (row, &findings) in args.findings.iter().enumerate() {
        ensure!(findings <= args.files, "{findings} findings do not fit {} files: one each", args.files);
        round(&program, args.files, findings)?;
        let rounds: Vec<Round> = (0..args.rounds).map(|_| round(&program, args.files, findings)).collect::<Result<_>>()?;
        let of = |value: fn(&Round) -> f64| median(rounds.iter().map(value).collect());
        let (bare, own) = (of(|r| r.bare), of(|r| r.wall - r.in_tools));
        let runs = rounds.iter().map(|r| r.runs).max().unwrap_or(0);
        let (wall, in_tools) = (of(|r| r.wall), of(|r| r.in_tools));
        println!("{findings:8}  {bare:15.3}  {wall:14.3}  {in_tools:8.3}  {own:6.3}  {:8.1}  {runs:11}", own / bare);
        over |= row == 0 && own > args.limit;
    }
    if over {
        println!("over the limit of {} s", args.limit);
    }
    Ok(if over { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn round(program: &Path, files: usize, findings: usize) -> Result<Round> {
    let folder = tempfile::tempdir().context("making a folder for the round")?;
    let (repository, copy) = (folder.path().join("repository"), folder.path().join("copy"));
    for tree in [&repository, &copy] {
        write_tree(tree, files, findings)?;
    }
    program::make_repository(&repository)?;
    let from = Instant::now();
    let mut bare = Command::new("ruff");
    bare.current_dir(&copy).args(["check", "--no-cache", "--fix", "."]).env("PATH", shell::path_with_tools(&shell::root()?)?);
    shell::stdout_of(&mut bare)?;
    let bare = from.elapsed().as_secs_f64();
    let fixed = program::fix(program, &repository, &folder.path().join("data"))?;
    let left = fixed.report.left_by_reason();
    ensure!(left.is_empty() && fixed.report.branches.len() == 1, "the repair did not work, so its time means nothing: {left:?}");
    Ok(Round { bare, wall: fixed.wall, in_tools: fixed.report.seconds_in_tools, runs: fixed.report.recipe_runs.total() })
}

/// Writes `files` modules of some forty lines, the first `findings` with an unused import each.
fn write_tree(folder: &Path, files: usize, findings: usize) -> Result<()> {
    let package = folder.join("package");
    std::fs::create_dir_all(&package)?;
    std::fs::write(package.join("__init__.py"), "")?;
    std::fs::write(
        folder.join("fixwright.toml"),
        "[[subproject]]\npath = \".\"\nlanguage = \"python\"\n[subproject.recipes.lint]\ncommand = \"ruff check --no-cache .\"\n",
    )?;
    for file in 0..files {
        let mut text = format!("\"\"\"Module {file}.\"\"\"\n\n");
        if file < findings {
            text.push_str("import os\n\n");
        }
        for function in 0..8 {
            write!(text, "\ndef function_{function}(value):\n    total = value + {function}\n    return total * {file}\n\n")?;
        }
        std::fs::write(package.join(format!("module_{file:03}.py")), text)?;
    }
    Ok(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    values.get(middle).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert!(median(vec![]).is_nan());
    }

    #[test]
    fn the_tree_has_as_many_files_and_findings_as_asked() {
        let folder = tempfile::tempdir().unwrap();
        write_tree(folder.path(), 5, 2).unwrap();
        let texts: Vec<String> =
            (0..5).map(|n| std::fs::read_to_string(folder.path().join(format!("package/module_00{n}.py"))).unwrap()).collect();
        assert_eq!(texts.iter().filter(|text| text.contains("import os")).count(), 2);
    }
}
