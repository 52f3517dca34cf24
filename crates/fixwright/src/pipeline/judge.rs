//! Anyone's patch on the same gates: what `fixwright verify` asks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use domain::{Cleared, Digest, Evidence, Gate, Reason, Recipe, RepoPath, Verdict};
use patch::{Overlay, Refusal};
use serde::Serialize;

use super::compare::compare;
use super::gates;
use super::intake::{self, Opened};
use super::items::Items;
use super::verify::Verifier;
use super::{reproduce, safety, scope};
use crate::advisories;
use crate::app::App;
use crate::contain::Held;
use crate::workspace::Changes;

/// What the gates said of a patch.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Judgement {
    pub(crate) schema: u32,
    pub(crate) repository: String,
    pub(crate) base: String,
    /// Digest of the patch.
    pub(crate) candidate: Digest,
    /// Every gate was passed, or had nothing to check.
    pub(crate) proved: bool,
    pub(crate) reason: Option<Reason>,
    /// Findings of the base that are gone with the patch.
    pub(crate) gone: Vec<super::document::FindingLine>,
    pub(crate) gates: Vec<Evidence>,
    pub(crate) notes: Vec<String>,
    pub(crate) recipe_runs: BTreeMap<String, u64>,
    pub(crate) seconds: f64,
    pub(crate) seconds_in_tools: f64,
    /// The sandbox in which everything ran; `None` when nothing did.
    pub(crate) sandbox: Option<Held>,
}

/// Walks a patch up the gates, cheapest first; the first that fails ends it, and nothing is delivered. `approve` is the digest of the patch
/// whose gains a person approved.
pub(crate) async fn judge(app: &Arc<App>, path: &Path, text: &str, approve: Option<&str>) -> anyhow::Result<Judgement> {
    let start = app.clock.monotonic();
    let opened = Opened::open(app, path)?;
    opened.notes.iter().for_each(|note| app.progress.warn(note));
    let candidate = Digest::of(text);
    let mut judgement = Judgement {
        schema: 1,
        repository: opened.repository.name(),
        base: opened.base.commit.clone(),
        candidate,
        proved: false,
        reason: None,
        gone: Vec::new(),
        gates: Vec::new(),
        notes: opened.notes.clone(),
        recipe_runs: BTreeMap::new(),
        seconds: 0.0,
        seconds_in_tools: 0.0,
        sandbox: None,
    };
    let approved = approve == Some(candidate.to_string().as_str());
    if approve.is_some() && !approved {
        judgement.notes.push("the digest that was approved is that of another patch".to_owned());
    }
    let changes = still_gates(&opened, text, approved, &mut judgement.gates);
    if let Some(changes) = changes {
        let key = intake::session_key(&opened, &format!("verify {candidate}"));
        let (session, _) =
            app.store.begin(&key, &format!("verify {}", judgement.repository), &judgement.base, app.clock.now()).await?;
        let (runner, _folder) = opened.runner(app, &session, None, None)?;
        judgement.sandbox = Some(runner.containment.held());
        let mut recipes = vec![Recipe::Build, Recipe::Lint, Recipe::Typecheck, Recipe::Format];
        // What it depends on is told by these files; no other change makes it depend on something vulnerable.
        if changes.keys().any(advisories::is_manifest) {
            recipes.push(Recipe::Audit);
        }
        let mut runs = reproduce::run_selected(&runner, &recipes).await.or_else(
            // Without anything to scan with, the tests may still speak.
            |error| if error.downcast_ref::<intake::Missing>().is_some() { Ok(BTreeMap::new()) } else { Err(error) },
        )?;
        reproduce::run_companions(&runner, &mut runs).await?;
        let said = runs.values().filter(|run| run.could_not_run.is_some()).map(reproduce::describe);
        judgement.notes.extend(said.collect::<Vec<_>>());
        let scans = runs.keys().copied().filter(|one| one.1 != Recipe::Test).collect();
        let items = Items::new(Vec::new(), Overlay::new(opened.base.files.clone()), 1);
        let verifier = Verifier::new(Arc::clone(&runner), Arc::clone(&opened.config), items, runs, scans);
        judgement.gates.extend(gates::run(&verifier, &changes, &[], "this patch").await?);
        let mut gone = Vec::new();
        for one in verifier.affected(&changes).into_iter().filter(|one| verifier.scans.contains(one)) {
            let (before, after) = (&verifier.base_runs[&one], verifier.run_at(&changes, one).await?);
            if before.could_not_run.is_none() && after.could_not_run.is_none() {
                let comparison = compare(&before.findings, &after.findings, |path| verifier.lines(path, &changes));
                gone.extend(comparison.gone.iter().map(|at| (&before.findings[*at]).into()));
            }
        }
        judgement.gone = gone;
        // Only now: what was found out on the way up the gates is among it.
        judgement.notes.extend(runner.noted());
        if let Ok(counts) = runner.counts.lock() {
            judgement.recipe_runs = counts.iter().map(|(recipe, count)| (recipe.to_string(), *count)).collect();
        }
        app.store.finish(&session, &serde_json::to_string(&judgement)?, app.clock.now()).await?;
    }
    match Cleared::judge(candidate, &judgement.gates) {
        Ok(_) => judgement.proved = true,
        Err(refusal) => {
            let first = judgement.gates.iter().find(|one| one.verdict == Verdict::Fail).and_then(|one| one.reason);
            judgement.reason = first.or(Some(refusal.reason));
        }
    }
    judgement.seconds_in_tools = app.tool_time.total().as_secs_f64();
    judgement.seconds = (app.clock.monotonic() - start).as_secs_f64();
    Ok(judgement)
}

/// A patch that is there already changes nothing, and there is nothing to prove.
fn changing(plan: patch::Plan) -> Result<patch::Plan, Refusal> {
    match plan.outcome {
        patch::Outcome::Changes => Ok(plan),
        patch::Outcome::AlreadyApplied => Err(Refusal::NoChange),
    }
}

/// Returns the first file whose mode would be another than in the tree that recipes run over: there files keep theirs, and new ones are
/// not executable.
fn changes_mode<'a>(plan: &'a patch::Plan, executable: &BTreeSet<RepoPath>) -> Option<&'a RepoPath> {
    let differs = |file: &&patch::FileChange| {
        let is = file.before.is_some() && executable.contains(&file.path);
        file.executable.is_some_and(|wanted| wanted != is)
    };
    plan.files.iter().find(differs).map(|file| &file.path)
}

/// The gates that run nothing. Returns the changed files when all of them let the patch through.
fn still_gates(opened: &Opened, text: &str, approved: bool, gates: &mut Vec<Evidence>) -> Option<Changes> {
    let files = &opened.base.files;
    let plan = match patch::plan(text, &opened.base.tree()).and_then(changing) {
        Ok(plan) => plan,
        Err(refusal) => {
            let (gate, reason) = match &refusal {
                Refusal::Unreadable { .. } | Refusal::Truncated { .. } => (Gate::Parse, Reason::NotParsed),
                Refusal::NoChange => (Gate::Apply, Reason::NoChange),
                _ => (Gate::Apply, Reason::ApplyFailed),
            };
            if gate == Gate::Apply {
                gates.push(Evidence::still(Gate::Parse, Verdict::Pass, None, "edits in a known format"));
            }
            gates.push(Evidence::still(gate, Verdict::Fail, Some(reason), refusal.to_string()));
            return None;
        }
    };
    gates.push(Evidence::still(Gate::Parse, Verdict::Pass, None, "edits in a known format"));
    if let Some(path) = changes_mode(&plan, &opened.base.executable) {
        let detail = format!("{path}: it changes the mode of the file, and what is proved here is content alone");
        gates.push(Evidence::still(Gate::Apply, Verdict::Fail, Some(Reason::ApplyFailed), detail));
        return None;
    }
    gates.push(Evidence::still(Gate::Apply, Verdict::Pass, None, format!("every hunk fits, in {} files", plan.files.len())));
    let changes: Changes = plan.files.iter().map(|file| (file.path.clone(), file.after.clone())).collect();
    let protected = changes.keys().find_map(|path| Some((path, opened.config.protection(path)?)));
    let faults: Vec<_> = plan
        .files
        .iter()
        .flat_map(|file| {
            let faults = scope::faults(&file.path, file.before.as_deref(), file.after.as_deref());
            faults.into_iter().map(|(reason, line)| (file.path.clone(), reason, line))
        })
        .chain(scope::lose_tests(files, &changes).into_iter().map(|path| (path, Reason::TestDeleted, None)))
        .collect();
    let shown = |(path, reason, line): &(RepoPath, Reason, Option<u32>)| match line {
        Some(line) => format!("{path}:{line}: {reason}"),
        None => format!("{path}: {reason}"),
    };
    let scope_fault = faults.iter().find(|(_, reason, _)| *reason != Reason::SyntaxBroken);
    gates.push(match (protected, scope_fault, scope::small_enough(&opened.config, &changes, files)) {
        (Some((path, why)), _, _) => {
            Evidence::still(Gate::Scope, Verdict::Fail, Some(Reason::ProtectedPath), format!("{path} is protected: {why}"))
        }
        (_, Some(fault), _) => Evidence::still(Gate::Scope, Verdict::Fail, Some(fault.1), shown(fault)),
        (_, _, Err(reason)) => Evidence::still(Gate::Scope, Verdict::Fail, Some(reason), "larger than the policy allows"),
        (_, _, Ok((files, lines))) => {
            Evidence::still(Gate::Scope, Verdict::Pass, None, format!("{lines} lines in {files} files"))
        }
    });
    gates.push(match safety::broken(files, &changes).first() {
        Some(code::Broken { path, line, message }) => {
            Evidence::still(Gate::Syntax, Verdict::Fail, Some(Reason::SyntaxBroken), format!("{path}:{line}: {message}"))
        }
        None => Evidence::still(Gate::Syntax, Verdict::Pass, None, "every changed file parses as well as before"),
    });
    gates.extend(safety::gates(&opened.config, &code::Scans::default(), files, &changes, approved));
    let good = gates.iter().all(|one| matches!(one.verdict, Verdict::Pass | Verdict::NotApplicable));
    good.then_some(changes)
}
