//! The project's own chores: `cargo xtask test|check|bench|agreement|corpus|field|fixtures|fuzz`.
//!
//! One file a command. `.ci/run` calls `check` and `test` and nothing else, so what a developer runs is what CI runs.

// An xtask is a program for a person at a terminal: its output is its purpose.
#![expect(clippy::print_stdout, reason = "its tables and progress lines are its purpose")]

mod bench;
mod check;
mod code;
mod corpus;
mod deny;
mod field;
mod fixtures;
mod fuzz;
mod layering;
mod logs;
mod program;
mod report;
mod shell;
mod test;
mod tools;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The project's own chores
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Test(test::Args),
    Check(check::Args),
    Bench(bench::Args),
    Agreement(code::AgreementArgs),
    Corpus(corpus::Args),
    Field(field::Args),
    Fixtures(fixtures::Args),
    Fuzz(fuzz::Args),
    /// Runs a command and says how much memory it held: for measurements in a process of its own
    #[command(hide = true)]
    Measure {
        /// Program and arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Test(args) => test::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Agreement(args) => code::agreement(&args),
        Command::Corpus(args) => corpus::run(&args),
        Command::Field(args) => field::run(&args),
        Command::Fixtures(args) => fixtures::run(&args),
        Command::Fuzz(args) => fuzz::run(&args),
        Command::Measure { command } => logs::measure(&command),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
