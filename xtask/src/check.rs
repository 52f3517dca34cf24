//! `cargo xtask check`: everything that can be judged without running the program.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::{deny, layering, shell};

/// Check format, lints, documentation, dependencies and layering
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only the checks with these names
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(CHECKS.map(|(name, _)| name)))]
    only: Vec<String>,
}

type Check = fn() -> Result<()>;

/// In order of their price, so that the cheap ones speak first.
const CHECKS: [(&str, Check); 5] =
    [("fmt", fmt), ("layering", layering::check), ("clippy", clippy), ("doc", doc), ("deny", deny::check)];

/// Runs all checks, also after one has failed, so that one round shows everything.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let mut failed = Vec::new();
    for (name, check) in CHECKS {
        if !args.only.is_empty() && !args.only.iter().any(|only| only == name) {
            continue;
        }
        let from = Instant::now();
        let result = check();
        let seconds = from.elapsed().as_secs_f64();
        match result {
            Ok(()) => println!("check {name}: ok ({seconds:.1} s)"),
            Err(error) => {
                println!("check {name}: failed ({seconds:.1} s)\n{error:#}");
                failed.push(name);
            }
        }
    }
    if !failed.is_empty() {
        bail!("{} failed", failed.join(", "));
    }
    Ok(ExitCode::SUCCESS)
}

fn fmt() -> Result<()> {
    shell::must(shell::cargo().current_dir(shell::root()?).args(["fmt", "--all", "--check"]))
}

fn clippy() -> Result<()> {
    let mut cargo = shell::cargo();
    cargo.current_dir(shell::root()?).args(["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    shell::must(&mut cargo)
}

fn doc() -> Result<()> {
    let mut cargo = shell::cargo();
    cargo.current_dir(shell::root()?).args(["doc", "--quiet", "--workspace", "--no-deps"]);
    shell::must(cargo.env("RUSTDOCFLAGS", "-D warnings"))
}
