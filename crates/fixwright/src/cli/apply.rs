use std::io::IsTerminal as _;
use std::path::PathBuf;

use patch::CommitError;
use serde_json::{Value, json};

use super::{Usage, input, screen};
use crate::exit;
use crate::pipeline::Missing;
use crate::workspace;

/// Applies an answer of a model, or anyone's patch, to a folder: all of it, in the right places, or nothing
///
/// Reads standard input: a unified diff, SEARCH/REPLACE blocks, a `*** Begin Patch`, whole files, or any of them in JSON, in whatever shape
/// models write them. Exit code 0: applied, or already there; 1: refused, and nothing was touched.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder that the paths of the answer are relative to
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Say what would be done, and do nothing
    #[arg(long)]
    check: bool,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// An answer is no larger than a model can write.
const LARGEST_MIB: u64 = 16;

pub(crate) fn run(args: &Args) -> anyhow::Result<u8> {
    let usage = |problem: String| Usage { problem, hint: "give it an answer: fixwright apply [PATH] < answer".to_owned() };
    if !args.path.is_dir() {
        return Err(usage(format!("{} is no folder", args.path.display())).into());
    }
    if std::io::stdin().is_terminal() {
        return Err(usage("there is nothing on standard input".to_owned()).into());
    }
    let answer = input::read_bytes("-".as_ref(), LARGEST_MIB, "one answer at a time")?;
    // What a killed one has left is completed first, also when nothing is to be written.
    patch::recover(&args.path).map_err(unusable)?;
    let mut planned = patch::plan(answer, &workspace::view(&args.path)?);
    if let (Ok(plan), false) = (&planned, args.check) {
        match workspace::commit(plan, &args.path) {
            Ok(()) => {}
            // Somebody else was faster: the plan is for a tree that is not there any more.
            Err(error @ (CommitError::Stale { .. } | CommitError::Escape { .. })) => {
                let (CommitError::Stale { path } | CommitError::Escape { path }) = &error else { return Err(unusable(error)) };
                planned = Err(patch::Refusal::BadFile { path: path.clone(), what: error.to_string() });
            }
            Err(error) => return Err(unusable(error)),
        }
    }
    if args.json {
        screen::print_json(&document(&planned, args.check))?;
    } else {
        screen::print(&shown(&planned, args.check))?;
    }
    Ok(if planned.is_ok() { exit::DONE } else { exit::REMAIN })
}

/// What the folder, and not the answer, is in the way of.
fn unusable(error: CommitError) -> anyhow::Error {
    let hint = match &error {
        CommitError::Busy => "wait until it has ended, then give the same command again".to_owned(),
        CommitError::Journal(_) | CommitError::Torn { .. } => {
            format!("see what is in `{}` of that folder, take what you need, and remove it", patch::STAGE)
        }
        CommitError::Stale { .. } | CommitError::Escape { .. } | CommitError::System { .. } => return error.into(),
    };
    Missing { problem: error.to_string(), hint }.into()
}

fn outcome(plan: &patch::Plan, check: bool) -> &'static str {
    match plan.outcome {
        patch::Outcome::AlreadyApplied => "already_applied",
        patch::Outcome::Changes if check => "applies",
        patch::Outcome::Changes => "applied",
    }
}

fn document(planned: &Result<patch::Plan, patch::Refusal>, check: bool) -> Value {
    let plan = match planned {
        Ok(plan) => plan,
        Err(refusal) => {
            return json!({"schema": 1, "outcome": "refused", "message": refusal.to_string(), "refusal": refusal});
        }
    };
    let manifest = plan.manifest();
    let counts = plan.counts();
    let files = plan.files.iter().map(|file| {
        let (added, removed) = counts.get(&file.path).copied().unwrap_or_default();
        let hunks = plan.reached.iter().filter(|reached| reached.path == file.path).count();
        json!({"path": file.path, "hunks": hunks, "added": added, "removed": removed, "digest": manifest.get(&file.path)})
    });
    json!({
        "schema": 1, "outcome": outcome(plan, check), "files": files.collect::<Vec<_>>(), "reached": plan.reached,
        "repairs": plan.repairs, "explanation": plan.explanation, "confidence": plan.confidence,
        "diff": String::from_utf8_lossy(&plan.diff()),
    })
}

fn shown(planned: &Result<patch::Plan, patch::Refusal>, check: bool) -> String {
    match planned {
        Ok(plan) => {
            let mut text = String::new();
            for (path, (added, removed)) in plan.counts() {
                text += &format!("{path} (+{added} -{removed})\n");
            }
            text + &match outcome(plan, check) {
                "already_applied" => "✔ it is there already: nothing to do\n".to_owned(),
                "applies" => "✔ it applies; nothing was written\n".to_owned(),
                _ => "✔ applied\n".to_owned(),
            }
        }
        Err(refusal) => format!("✘ refused, and nothing was touched: {refusal}\n{}", next_step(refusal)),
    }
}

/// What the author of the answer can do about it.
fn next_step(refusal: &patch::Refusal) -> String {
    let patch::Refusal::Misfit(misfit) = refusal else { return String::new() };
    let region = misfit.region.as_ref().map(|region| {
        let numbered = region.text.lines().enumerate().map(|(at, line)| format!("  {:>5}  {line}\n", region.line + at));
        format!("the file there now:\n{}", numbered.collect::<String>())
    });
    format!("{}help: {}\n", region.unwrap_or_default(), misfit.suggestion)
}
