//! `cargo xtask bench diagnostics`: how well and how fast logs are read, by the command `fixwright read` as its users have it.

mod corpus;
mod score;
mod speed;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};

use crate::{program, shell};

pub(crate) use speed::measure;

/// Measure how well and how fast logs are read
///
/// Scores `fixwright read --json` on the labelled logs of `fixtures/ci-logs`, then measures: the time for inputs that double eight times, a
/// generated log in GitHub's form beside ripgrep with the same patterns, and the peak memory on a log that is far larger. Exits 1 where what
/// is promised does not hold: of the logs those of the development part count.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Show what was wrong in the development part, log by log; of the held-out part only figures are shown
    #[arg(long)]
    misses: bool,
    /// Score only: measure no time and no memory
    #[arg(long)]
    score_only: bool,
    /// Megabytes of the log that is read beside ripgrep
    #[arg(long, default_value_t = 200)]
    megabytes: u64,
    /// Megabytes of the log whose peak memory is measured
    #[arg(long, default_value_t = 1024)]
    large: u64,
    /// Logs to score instead: a folder of folders with a `log` and a `label.json` each
    #[arg(long, value_name = "DIR")]
    corpus: Option<PathBuf>,
    /// Program to measure, instead of building it
    #[arg(long)]
    program: Option<PathBuf>,
}

/// Scores and measures.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let program = args.program.clone().map_or_else(program::build, Ok)?;
    let program = std::fs::canonicalize(&program).with_context(|| format!("looking for {}", program.display()))?;
    let root = shell::root()?.join("fixtures/ci-logs");
    let parts = match &args.corpus {
        Some(folder) => vec![("given", folder.clone())],
        None => vec![("dev", root.join("dev")), ("held-out", root.join("held-out"))],
    };
    let mut is_good = true;
    for (name, folder) in parts {
        let cases = corpus::read(&folder)?;
        let score = score::of(&program, &cases)?;
        println!("{name}: {} logs", cases.len());
        print!("{}", score.table());
        if args.misses && name != "held-out" {
            score.misses.iter().for_each(|miss| println!("  {miss}"));
        }
        is_good &= name != "dev" || score.holds();
    }
    if !args.score_only {
        is_good &= speed::run(&program, args.megabytes, args.large)?;
    }
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
