use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use domain::{Files, Finding, Recipe, RepoPath};
use serde_json::{Value, json};

use super::{sarif, screen};
use crate::app::App;
use crate::exit;
use crate::pipeline::document::FindingLine;
use crate::pipeline::{self, Missing, Opened, Run};
use crate::progress::plain;

/// Runs the repository's recipes at the commit and lists what they find
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The repository, or a folder in it
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Only this recipe: build, test, lint, format, typecheck or audit (may be repeated) [default: all]
    #[arg(long, value_name = "NAME")]
    recipe: Vec<Recipe>,
    /// How to list the findings
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// The same as --format json
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Table,
    /// SARIF 2.1.0
    Sarif,
    /// One JSON document
    Json,
}

pub(super) async fn run(app: &Arc<App>, args: Args) -> anyhow::Result<u8> {
    let mut opened = Opened::open(app, &args.path)?;
    opened.notes.iter().for_each(|note| app.progress.warn(note));
    let name = opened.repository.name();
    let recipes = if args.recipe.is_empty() { Recipe::ALL.to_vec() } else { args.recipe };
    let key = pipeline::session_key(&opened, &format!("run {recipes:?}"));
    let (session, resumed) = app.store.begin(&key, &format!("run {name}"), &opened.base.commit, app.clock.now()).await?;
    if resumed {
        app.progress.note(pipeline::RESUMED);
    }
    let (runner, _folder) = opened.runner(app, &session, None, None)?;
    let runs = match pipeline::run_selected(&runner, &recipes).await {
        Ok(runs) => runs,
        Err(error) => {
            // Of what cannot be run there is nothing to go on with.
            if error.is::<Missing>() {
                app.store.forget(&session).await?;
            }
            return Err(error);
        }
    };
    app.store.finish(&session, "{}", app.clock.now()).await?;
    opened.notes.extend(runner.noted());
    app.progress.end();
    let runs: Vec<Run> = runs.into_values().collect();
    match if args.json { Format::Json } else { args.format } {
        Format::Table => screen::print(&table(&runs))?,
        Format::Json => screen::print_json(&document(&opened, &runs))?,
        Format::Sarif => screen::print_json(&sarif(&runs, &opened.base.files))?,
    }
    let found = runs.iter().any(|run| !run.findings.is_empty());
    let unanswered = runs.iter().any(|run| run.could_not_run.is_some());
    Ok(match (found, unanswered) {
        (true, _) => exit::REMAIN,
        (false, true) => exit::ENVIRONMENT,
        (false, false) => exit::DONE,
    })
}

fn table(runs: &[Run]) -> String {
    let mut text = String::new();
    for run in runs {
        for finding in &run.findings {
            let place = match &finding.location {
                Some(at) => format!("{}:{}:{}", at.path, at.line, at.column),
                None => "-".to_owned(),
            };
            let (severity, rule) = (finding.severity.to_string(), &finding.rule);
            text += &format!("{}  {place}  {severity:<7}  {rule}  {}\n", finding.id, plain(&finding.message));
        }
    }
    for run in runs {
        let place = if run.subproject == "." { String::new() } else { format!(" of {}", run.subproject) };
        let ended = match (&run.could_not_run, run.exit_code) {
            (Some(why), _) => format!("could not run: {why}"),
            (None, Some(code)) => format!("exit {code}"),
            (None, None) => "killed".to_owned(),
        };
        let tests = match &run.tests.framework {
            Some(_) if run.tests.ran() + run.tests.skipped == 0 => ", no tests found".to_owned(),
            Some(framework) => format!(", {framework}: {} passed, {} failed", run.tests.passed, run.tests.failed),
            None => String::new(),
        };
        let count = run.findings.len();
        text += &format!(
            "{}{place}: {count} findings{tests} ({ended}, {:.1} s) [{}]\n",
            run.recipe,
            run.seconds,
            plain(&run.command)
        );
    }
    let held: std::collections::BTreeSet<String> =
        runs.iter().filter(|run| !run.held.backend.is_empty()).map(|run| run.held.to_string()).collect();
    held.iter().for_each(|held| text += &format!("sandbox: {held}\n"));
    text
}

fn document(opened: &Opened, runs: &[Run]) -> serde_json::Value {
    let lines = |findings: &[Finding]| -> Vec<FindingLine> { findings.iter().map(Into::into).collect() };
    let runs: Vec<_> = runs
        .iter()
        .map(|run| {
            serde_json::json!({
                "recipe": run.recipe, "subproject": run.subproject, "command": run.command, "exit_code": run.exit_code,
                "could_not_run": run.could_not_run, "seconds": run.seconds, "tests": run.tests,
                "findings": lines(&run.findings), "evidence": run.output, "sandbox": run.held,
            })
        })
        .collect();
    serde_json::json!({ "schema": 1, "repository": opened.repository.name(), "base": opened.base.commit, "runs": runs, "notes": opened.notes })
}

/// The findings, one run a tool: the fields that viewers and code hosts read.
fn sarif(runs: &[Run], files: &Files) -> Value {
    let mut texts: BTreeMap<&RepoPath, Option<String>> = BTreeMap::new();
    let mut tools: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for finding in runs.iter().flat_map(|run| &run.findings) {
        let place = finding.location.as_ref().map(|at| {
            let text = texts.entry(&at.path).or_insert_with(|| files.text(&at.path));
            sarif::place(&sarif::uri(at.path.as_str()), Some(sarif::region(at, text.as_deref())))
        });
        let mut result = sarif::result(&finding.rule, sarif::level(finding.severity), &finding.message, place);
        result["partialFingerprints"] = json!({"fixwright/v1": finding.fingerprint});
        tools.entry(&finding.tool).or_default().push(result);
    }
    sarif::document(tools.into_iter().map(|(tool, results)| (json!({"name": tool}), sarif::Columns::Characters, results)))
}
