//! `cargo xtask test`: sets up what the tests need, then becomes `cargo test`.

use std::os::unix::process::CommandExt as _;
use std::process::ExitCode;

use anyhow::{Context as _, Result};

use crate::{shell, tools};

/// Set up what the tests need, then run them
///
/// The set-up installs missing Debian packages (as root or with passwordless sudo), Python tools into .tools/py and npm tools into
/// .tools/node, all at pinned versions; when everything is there it does nothing.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only set up, and run no test
    #[arg(long, conflicts_with_all = ["no_setup", "args"])]
    setup_only: bool,
    /// Skip the set-up and take the tools that are there
    #[arg(long)]
    no_setup: bool,
    /// Passed on to `cargo test --workspace --all-targets`: a name to filter by, or its options
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

/// Sets up and tests.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let root = shell::root()?;
    if !args.no_setup {
        tools::set_up(&root)?;
    }
    if args.setup_only {
        return Ok(ExitCode::SUCCESS);
    }
    // The examples of the documentation, which `--all-targets` leaves out; options mean other targets.
    if !args.args.iter().any(|arg| arg.starts_with('-')) {
        let mut examples = shell::cargo();
        examples.current_dir(&root).args(["test", "--workspace", "--doc", "--quiet"]).args(&args.args);
        shell::must(&mut examples)?;
    }
    let mut cargo = shell::cargo();
    cargo.current_dir(&root).args(["test", "--workspace", "--all-targets"]).args(&args.args);
    cargo.env("PATH", shell::path_with_tools(&root)?);
    // Becoming cargo leaves its lines as the last, its exit code as ours, and Ctrl-C with it.
    Err(cargo.exec()).context("starting `cargo test`")
}
