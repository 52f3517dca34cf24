//! `read`: what a log or a report says, and nothing else: no repository, no store, nothing is run.

mod document;
mod matchers;
mod sarif;
mod screen;

use std::io::Read as _;
use std::path::{Path, PathBuf};

use diagnostics::{Hints, LogReader, LogReport, Outcome};

use super::Usage;
use crate::exit;
use matchers::Repository;

/// Says what a CI log or a report of any tool says: how it ended, why, which lines explain it, and each finding in it
///
/// FILE is the raw log of a job of GitHub Actions, GitLab CI, Jenkins, Travis CI, Buildkite or CircleCI, or the output of any tool: text,
/// JSON, SARIF, JUnit, checkstyle, TAP, a diff. It is read as it comes, in bounded memory, however large. Exit code 0: it tells of no
/// failure; 1: it tells of one; 2: it cannot be read, or nothing in it was recognised.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The log or report (`-`: standard input)
    file: PathBuf,
    /// What it is, where it does not show: a CI system (`github`, …), a tool (`ruff`, …) or a format (`sarif`, …)
    #[arg(long, value_name = "NAME", value_parser = named)]
    format: Option<String>,
    /// A log of the same job that passed: what it says too explains no failure
    #[arg(long, value_name = "LOG")]
    passing: Option<PathBuf>,
    /// The repository whose problem matchers (`.github/*.json`, and those that the log names) are used too; the one around the working
    /// directory without it
    #[arg(long, value_name = "DIR")]
    repo: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long, conflicts_with = "sarif")]
    json: bool,
    /// Print the findings as SARIF 2.1.0
    #[arg(long)]
    sarif: bool,
    /// Show which rule matched where
    #[arg(long)]
    explain: bool,
}

/// So much is read at once.
const PIECE: usize = 256 * 1024;

fn named(name: &str) -> Result<String, String> {
    if Hints::named(name).is_some() {
        return Ok(name.to_owned());
    }
    let dialects = diagnostics::Dialect::ALL.iter().map(|dialect| dialect.name());
    let known: Vec<&str> = dialects.chain(Hints::TOOLS.iter().copied()).collect();
    Err(format!("known are {}", known.join(", ")))
}

pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    if args.passing.as_deref().is_some_and(|passing| passing.as_os_str() == "-" && args.file.as_os_str() == "-") {
        let problem = "both logs cannot come from standard input".to_owned();
        return Err(Usage { problem, hint: "name one of them as a file".to_owned() }.into());
    }
    let mut repository = Repository::find(args.repo.as_deref())?;
    let mut hints = args.format.as_deref().and_then(Hints::named).unwrap_or_default();
    if let Some(passing) = &args.passing {
        feed(passing, |piece| hints.passing.feed(piece))?;
    }
    if let Some(repository) = &mut repository {
        hints.matchers = repository.matchers();
    }
    let mut reader = LogReader::new(hints);
    feed(&args.file, |piece| reader.feed(piece))?;
    let read = reader.finish_with(|named| repository.as_mut()?.named(named));
    if args.json {
        super::screen::print_json(&document::of(&read, args.explain))?;
    } else if args.sarif {
        super::screen::print_json(&sarif::of(&read))?;
    } else {
        super::screen::print(&screen::of(&read, args.explain))?;
    }
    Ok(exit_code(&read))
}

/// Reads a file, or standard input, piece by piece.
fn feed(file: &Path, mut take: impl FnMut(&[u8])) -> anyhow::Result<()> {
    let is_stdin = file.as_os_str() == "-";
    let name = if is_stdin { "standard input".to_owned() } else { file.display().to_string() };
    let wrong = |error: std::io::Error| Usage {
        problem: format!("cannot read {name}: {error}"),
        hint: "name a log or a report, or `-` for standard input".to_owned(),
    };
    let mut input: Box<dyn std::io::Read> =
        if is_stdin { Box::new(std::io::stdin().lock()) } else { Box::new(std::fs::File::open(file).map_err(wrong)?) };
    let mut piece = vec![0; PIECE];
    let mut is_first = true;
    loop {
        match input.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(read) => {
                let piece = piece.get(..read).unwrap_or_default();
                if std::mem::take(&mut is_first) {
                    super::input::refuse_packed(file, piece)?;
                }
                take(piece);
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(wrong(error).into()),
        }
    }
}

fn exit_code(read: &LogReport) -> u8 {
    match read.outcome {
        Outcome::Passed => exit::DONE,
        Outcome::Failed | Outcome::Cancelled => exit::REMAIN,
        Outcome::Unknown if !read.report.diagnostics.is_empty() || read.decision.is_some() => exit::REMAIN,
        Outcome::Unknown if !read.report.formats.is_empty() => exit::DONE,
        Outcome::Unknown => exit::USAGE,
    }
}
