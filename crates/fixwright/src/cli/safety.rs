use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;

use code::{Evaluation, Issue};
use domain::{Digest, RepoPath};
use serde_json::{Value, json};

use super::{Usage, input, sarif, screen};
use crate::app::App;
use crate::config::Answer;
use crate::exit;
use crate::pipeline::{self, Gain};
use crate::workspace::{Base, Changes, Repository, Untracked};

/// Says what a change lets the program do that it could not do before, and what else is wrong with it
///
/// Without a patch the change is what the work tree has and the base has not. Nothing is run. Exit code 0: nothing that the policy refuses or asks about, 1: something.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The repository, or a folder in it
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The commit that the change is laid against
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    base: String,
    /// The change, in any form that `fixwright apply` reads; `-` is standard input
    #[arg(long, value_name = "FILE")]
    patch: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long, conflicts_with = "sarif")]
    json: bool,
    /// Print one document in SARIF
    #[arg(long)]
    sarif: bool,
}

/// No patch that a person would read is larger (16 MiB).
const LARGEST_MIB: u64 = 16;
/// More changed files are no change that can be judged at once.
const MOST_FILES: usize = 20_000;

pub(super) fn run(app: &App, args: &Args) -> anyhow::Result<u8> {
    let mut repository = Repository::open(&app.git, &args.path)?;
    let rev = format!("{}^{{commit}}", args.base);
    let folder = repository.checkout.clone().unwrap_or_else(|| repository.git_dir.clone());
    let commit = app.git.line(&folder, &["rev-parse", "--verify", "--quiet", "--end-of-options", &rev]).map_err(|_| Usage {
        problem: format!("`{}` names no commit", args.base),
        hint: "name a commit, a branch or a tag with --base".to_owned(),
    })?;
    repository.base = commit;
    let base = Base::open(&app.git, &repository, &app.data_dir)?;
    let config = pipeline::load_config(app, &repository, &base)?;
    let (changes, digest) = match &args.patch {
        Some(file) => {
            let text = input::read(file, LARGEST_MIB, "name a file with one patch, such as `git diff > change.patch` writes")?;
            let plan = patch::plan(&text, &base.tree()).map_err(|refusal| Usage {
                problem: format!("the patch does not fit the base: {refusal}"),
                hint: "see more with `fixwright apply --check`, or name another base with --base".to_owned(),
            })?;
            let changes = plan.files.iter().map(|file| (file.path.clone(), file.after.clone())).collect();
            (changes, Some(Digest::of(&text)))
        }
        None => (of_work_tree(&repository, &base)?, None),
    };
    let evaluation = pipeline::evaluate(&code::Scans::default(), &base.files, &changes);
    let gains = pipeline::gains_of(&config, &evaluation.delta);
    let is_good = evaluation.issues.is_empty() && evaluation.syntax.is_empty() && gains.is_empty();
    if args.json {
        let mut document = serde_json::to_value(&evaluation)?;
        if let Some(document) = document.as_object_mut() {
            document.insert("schema".to_owned(), json!(1));
            document.insert("ok".to_owned(), json!(is_good));
            document.insert("patch".to_owned(), json!(digest));
            document.insert("gains".to_owned(), serde_json::to_value(&gains)?);
        }
        screen::print_json(&document)?;
    } else if args.sarif {
        screen::print_json(&sarif(&evaluation, &gains))?;
    } else {
        screen::print(&shown(&evaluation, &gains, is_good))?;
    }
    Ok(if is_good { exit::DONE } else { exit::REMAIN })
}

/// Returns what the work tree has otherwise than the base.
fn of_work_tree(repository: &Repository, base: &Base) -> anyhow::Result<Changes> {
    let Some(root) = &repository.checkout else {
        let problem = "a bare repository has no work tree to look at".to_owned();
        return Err(Usage { problem, hint: "name a patch with --patch FILE".to_owned() }.into());
    };
    let found = repository.uncommitted(base, root, Untracked::Files).map_err(|error| repository.broken(&error))?;
    let names: BTreeSet<Vec<u8>> = [found.changed, found.staged, found.untracked].into_iter().flatten().collect();
    let mut changes: Changes = BTreeMap::new();
    for name in names {
        let Some(path) = std::str::from_utf8(&name).ok().and_then(|name| RepoPath::new(name).ok()) else { continue };
        if changes.len() >= MOST_FILES {
            let problem = format!("more than {MOST_FILES} files differ");
            return Err(Usage { problem, hint: "name a nearer base with --base".to_owned() }.into());
        }
        let file = root.join(path.as_str());
        let folder = file.parent().unwrap_or(root);
        // Below a link, it is no file of the repository any more.
        let is_linked = std::fs::canonicalize(folder).is_ok_and(|real| real != folder);
        let after = match std::fs::symlink_metadata(&file) {
            Ok(_) if is_linked => None,
            Ok(meta) if meta.is_file() => {
                let mut bytes = Vec::new();
                std::fs::File::open(&file)?.take(LARGEST_MIB << 20).read_to_end(&mut bytes)?;
                Some(Arc::from(bytes))
            }
            Ok(_) => continue,
            Err(_) => None,
        };
        // What the index has otherwise may be in the work tree as it was.
        let is_same = match (&after, base.files.read(&path)) {
            (Some(after), Some(before)) => *after == before,
            (None, None) => !base.files.contains(&path),
            _ => false,
        };
        if !is_same {
            changes.insert(path, after);
        }
    }
    Ok(changes)
}

fn shown(evaluation: &Evaluation, gains: &[Gain], is_good: bool) -> String {
    let mut text = String::new();
    for Issue { path, line, message, .. } in &evaluation.issues {
        text += &format!("✘ {path}:{line}: {message}\n");
    }
    for broken in &evaluation.syntax {
        text += &format!("✘ {}:{}: {}\n", broken.path, broken.line, broken.message);
    }
    for gain in gains {
        let mark = if gain.answer == Answer::Refuse { "✘" } else { "?" };
        text += &format!("{mark} {}\n", pipeline::in_words(gain));
    }
    for Issue { path, line, message, .. } in &evaluation.warnings {
        text += &format!("note: {path}:{line}: {message}\n");
    }
    let delta = &evaluation.delta;
    text += &format!(
        "capabilities: {} added, {} removed, {} as they were\n",
        delta.added.len(),
        delta.removed.len(),
        delta.unchanged
    );
    text += if is_good { "✔ nothing that the policy asks about\n" } else { "✘ a person must look at it\n" };
    text
}

fn sarif(evaluation: &Evaluation, gains: &[Gain]) -> Value {
    let result = |rule: &str, level: &str, path: &RepoPath, line: u32, message: &str| {
        let region = json!({"startLine": line.max(1)});
        sarif::result(rule, level, message, Some(sarif::place(&sarif::uri(path.as_str()), Some(region))))
    };
    let mut results: Vec<Value> = Vec::new();
    for (all, level) in [(&evaluation.issues, "error"), (&evaluation.warnings, "note")] {
        for issue in all {
            let rule = serde_json::to_value(issue.kind).ok().and_then(|kind| Some(kind.as_str()?.to_owned())).unwrap_or_default();
            results.push(result(&rule, level, &issue.path, issue.line, &issue.message));
        }
    }
    results.extend(evaluation.syntax.iter().map(|one| result("syntax", "error", &one.path, one.line, &one.message)));
    for gain in gains {
        let rule = gain.capability.map_or("unknown", code::Capability::as_str);
        let level = if gain.answer == Answer::Refuse { "error" } else { "warning" };
        results.push(result(rule, level, &gain.path, gain.line, &pipeline::in_words(gain)));
    }
    sarif::document([(json!({"name": "fixwright", "version": env!("CARGO_PKG_VERSION")}), sarif::Columns::Characters, results)])
}
