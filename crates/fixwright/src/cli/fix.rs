use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use domain::{Recipe, Severity};

use super::{Usage, input, screen};
use crate::app::App;
use crate::config::Mode;
use crate::exit;
use crate::pipeline::document::{CaseLine, Document};
use crate::pipeline::{self, NothingRead, Request, SHORTEST_ID, Unknown};

/// Larger reports are not read: they are held in memory whole.
const LARGEST_REPORT_MIB: u64 = 64;

/// Repairs what the repository's own recipes report: the main job
///
/// Runs the recipes at the commit at HEAD, asks tools and fixers for repairs, proves them together in a private copy (the finding is
/// gone, nothing new appears, no test is lost), and delivers what holds as a branch. Your checkout is not touched.
///
/// Give the same command again after an interrupt, a kill or a used-up budget, and it goes on where it was.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The repository, or a folder in it
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Only what this recipe reports: build, test, lint, format, typecheck or audit (may be repeated)
    #[arg(long, value_name = "NAME")]
    recipe: Vec<Recipe>,
    /// Only this finding (its id, or the start of it; may be repeated)
    #[arg(long, value_name = "ID")]
    finding: Vec<String>,
    /// Only findings of this rule (may be repeated)
    #[arg(long, value_name = "CODE")]
    rule: Vec<String>,
    /// Only findings at least this severe: info, warning or error
    #[arg(long)]
    severity: Option<Severity>,
    /// Only what this report names: SARIF, a tool's JSON, or a raw log (`-`: standard input). Repaired is what the recipes show too
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Show diffs and evidence, deliver nothing
    #[arg(long)]
    plan: bool,
    /// Attempts for one finding [default: 3]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    max_attempts: Option<u32>,
    /// Recipes that run side by side [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// Begin no recipe after so many seconds; what runs ends, and the work is kept
    #[arg(long, value_name = "SECONDS")]
    budget_seconds: Option<u64>,
    /// One branch with a commit a case, or a branch a case [default: stack]
    #[arg(long, value_enum)]
    deliver: Option<Mode>,
    /// Prove every commit of the stack, not only its tip
    #[arg(long)]
    prove_each: bool,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(app: &Arc<App>, args: Args) -> anyhow::Result<u8> {
    if let Some(short) = args.finding.iter().find(|id| id.chars().count() < SHORTEST_ID) {
        let problem = format!("`{short}` is too short for the id of a finding");
        let hint = format!("give at least {SHORTEST_ID} characters of it; see the ids with `fixwright run`");
        return Err(Usage { problem, hint }.into());
    }
    let hint = "name a report that a tool wrote, or a log with its output";
    let report = args.from.as_deref().map(|file| input::read_bytes(file, LARGEST_REPORT_MIB, hint)).transpose()?;
    if let Some((file, bytes)) = args.from.as_deref().zip(report.as_deref()) {
        input::refuse_packed(file, bytes)?;
    }
    let report = report.map(|bytes| diagnostics::decoded(&bytes).trim_start_matches('\u{feff}').to_owned());
    let request = Request {
        path: args.path,
        recipes: args.recipe,
        findings: args.finding,
        rules: args.rule,
        severity: args.severity,
        report,
        plan: args.plan,
        max_attempts: args.max_attempts,
        jobs: args.jobs.map(usize::from),
        budget: args.budget_seconds.map(Duration::from_secs),
        deliver: args.deliver,
        prove_each: args.prove_each,
        backend: None,
    };
    let document = pipeline::fix(app, &request).await.map_err(|error| {
        if let Some(unknown) = error.downcast_ref::<Unknown>() {
            return Usage { problem: unknown.to_string(), hint: unknown.hint.clone() }.into();
        }
        match error.downcast_ref::<NothingRead>() {
            Some(nothing) => Usage { problem: nothing.to_string(), hint: hint.to_owned() }.into(),
            None => error,
        }
    })?;
    app.progress.end();
    if args.json {
        screen::print_json(&document)?;
    } else {
        let mut diffs: String = going(&document).filter_map(|case| case.diff.as_deref()).collect();
        for case in document.cases.iter().filter(|_| request.plan) {
            if let (Some(diff), Some(digest)) = (&case.diff, case.candidate) {
                diffs += &format!("\nto be approved first ({}), {digest}:\n{diff}\n", case.title);
            }
        }
        screen::print(&(diffs + &screen::summary(&document)))?;
    }
    Ok(exit_code(&document))
}

/// Returns the cases that are delivered, or would be.
fn going(document: &Document) -> impl Iterator<Item = &CaseLine> {
    document.cases.iter().filter(|case| case.candidate.is_none())
}

/// Returns the exit code for what came of a run.
pub(super) fn exit_code(document: &Document) -> u8 {
    match document.stopped {
        Some(domain::Reason::Interrupted) => exit::INTERRUPTED,
        Some(_) => exit::BUDGET,
        None => {
            let left =
                document.cases.iter().any(|case| case.status != "delivered" && case.reason != Some(domain::Reason::NotSelected));
            match (left, document.unanswered.is_empty()) {
                (true, _) => exit::REMAIN,
                // Nothing was found by what could run: that is not the same as nothing.
                (false, false) => exit::ENVIRONMENT,
                (false, true) => exit::DONE,
            }
        }
    }
}
