//! What every gate says of a commit, or of a patch: the evidence of step 6.

use std::collections::BTreeSet;

use domain::{Attempt, Evidence, Finding, FindingKind, Gate, Reason, Recipe, Verdict};

use super::compare::compare;
use super::regress::counted;
use super::run::Run;
use super::verify::Verifier;
use super::{safety, scope};
use crate::workspace::Changes;

/// A commit that is laid before the gates.
pub(super) struct Proved<'a> {
    /// What it is to settle.
    pub(super) findings: &'a [Finding],
    /// How many repairs it is made of, and the attempts at them.
    pub(super) repairs: usize,
    pub(super) attempts: &'a [Attempt],
    /// What it changes in the tree before it; that one is given against the base.
    pub(super) before: &'a Changes,
    pub(super) changes: &'a Changes,
    /// The tree that recipes are run over: its own, or that of the tip of the stack.
    pub(super) tree: &'a Changes,
    /// It is its own.
    pub(super) alone: bool,
}

/// Writes down what every gate says of a commit.
pub(super) async fn of_commit(verifier: &Verifier, it: &Proved<'_>) -> anyhow::Result<Vec<Evidence>> {
    let mut all = Vec::new();
    let (before, changes) = (it.before, it.changes);
    let authors: BTreeSet<String> = it.attempts.iter().map(|attempt| format!("{} {}", attempt.engine, attempt.author)).collect();
    let authors: Vec<String> = authors.into_iter().collect();
    all.push(Evidence::still(
        Gate::Parse,
        Verdict::Pass,
        None,
        format!("{} by {}", counted(it.repairs, "repair"), authors.join(", ")),
    ));
    let files = counted(changes.len(), "file");
    all.push(Evidence::still(Gate::Apply, Verdict::Pass, None, format!("every edit fits, in {files}")));
    all.push(match scope::small_enough(&verifier.config, changes, &verifier.runner.base.files.with(before)) {
        Ok((_, lines)) => {
            let detail = format!("{lines} lines in {files}; nothing protected, no test deleted, nothing silenced");
            Evidence::still(Gate::Scope, Verdict::Pass, None, detail)
        }
        Err(reason) => Evidence::still(Gate::Scope, Verdict::Fail, Some(reason), "larger than the policy allows"),
    });
    let known = changes.keys().filter(|path| code::language_of(path).is_some()).count();
    all.push(if known == 0 {
        Evidence::still(Gate::Syntax, Verdict::NotApplicable, None, "no grammar for these files")
    } else {
        Evidence::still(Gate::Syntax, Verdict::Pass, None, format!("{known} of {files} parse as well as before"))
    });
    let base = verifier.runner.base.files.with(before);
    all.extend(safety::gates(&verifier.config, &verifier.runner.scans, &base, changes, false));
    all.extend(run(verifier, it.tree, it.findings, whole(it.alone)).await?);
    Ok(all)
}

/// Says of what the gates spoke: of a commit by itself, or of the whole stack.
pub(super) fn whole(alone: bool) -> &'static str {
    if alone { "proved by itself" } else { "proved at the tip of the stack" }
}

/// The gates that run recipes over `tree`: build, reproduce, regress, rescan.
pub(super) async fn run(verifier: &Verifier, tree: &Changes, findings: &[Finding], what: &str) -> anyhow::Result<Vec<Evidence>> {
    let mut all = Vec::new();
    all.extend(verifier.runner.compile_python(&verifier.runner.base.files, tree).await?);
    let affected = verifier.affected(tree);
    let mut builds = 0;
    for one in affected.iter().filter(|(_, recipe)| *recipe == Recipe::Build) {
        let before = &verifier.base_runs[one];
        let after = verifier.run_at(tree, *one).await?;
        let (verdict, reason, detail) = judge_build(before, &after);
        all.push(with_runs(Evidence::still(Gate::Build, verdict, reason, format!("{detail}; {what}")), before, &after));
        builds += 1;
    }
    if builds == 0 {
        all.push(Evidence::still(
            Gate::Build,
            Verdict::NotApplicable,
            Some(Reason::NoRecipe),
            "there is no build recipe: not checked",
        ));
    }
    let (mut reproduced, mut tested, mut scanned) = (0, 0, 0);
    let mut unscanned: Vec<String> = Vec::new();
    for one in affected.iter().filter(|one| verifier.scans.contains(one)) {
        let before = &verifier.base_runs[one];
        if let Some(why) = &before.could_not_run {
            unscanned.push(format!("{} could not run at the base, so nothing can be compared: {why}", one.1));
            continue;
        }
        let after = verifier.run_at(tree, *one).await?;
        let comparison = compare(&before.findings, &after.findings, |path| verifier.lines(path, tree));
        let mine: Vec<usize> =
            (0..before.findings.len()).filter(|at| findings.iter().any(|f| f.id == before.findings[*at].id)).collect();
        if !mine.is_empty() {
            let gone = mine.iter().filter(|at| comparison.gone.contains(at)).count();
            let ran = after.could_not_run.is_none();
            let (verdict, reason) = match (ran, gone == mine.len()) {
                (false, _) => (Verdict::Inconclusive, Some(Reason::CouldNotRun)),
                (true, true) => (Verdict::Pass, None),
                (true, false) => (Verdict::Fail, Some(Reason::StillThere)),
            };
            let detail = format!("{} at the base, {} after; {what}", mine.len(), mine.len() - gone);
            all.push(with_runs(Evidence::still(Gate::Reproduce, verdict, reason, detail), before, &after));
            reproduced += mine.len();
        }
        let new = comparison.new.iter().filter(|at| {
            let finding = &after.findings[**at];
            finding.kind != FindingKind::TestFailure && !verifier.is_revealed(finding, before, tree)
        });
        let new = new.count();
        let (verdict, reason) = match (after.could_not_run.is_some(), new) {
            (true, _) => (Verdict::Inconclusive, Some(Reason::CouldNotRun)),
            (false, 0) => (Verdict::Pass, None),
            (false, _) => (Verdict::Fail, Some(Reason::NewFinding)),
        };
        let detail =
            format!("{}: {} findings before, {} after, {new} new; {what}", one.1, before.findings.len(), after.findings.len());
        all.push(with_runs(Evidence::still(Gate::Rescan, verdict, reason, detail), before, &after));
        scanned += 1;
    }
    if reproduced == 0 {
        let (verdict, reason) = if findings.is_empty() {
            (Verdict::NotApplicable, Reason::NoRecipe)
        } else {
            (Verdict::Inconclusive, Reason::CouldNotRun)
        };
        all.push(Evidence::still(Gate::Reproduce, verdict, Some(reason), "no recipe of the repository reports it: not checked"));
    }
    for one in affected.iter().filter(|(_, recipe)| *recipe == Recipe::Test) {
        let before = &verifier.base_runs[one];
        let judged = verifier.judge_tests(*one, tree).await?;
        let after = verifier.run_at(tree, *one).await?;
        let detail = format!("{}; {what}", judged.detail);
        all.push(with_runs(Evidence::still(Gate::Regress, judged.verdict, judged.reason, detail), before, &after));
        tested += 1;
    }
    if tested == 0 {
        all.push(Evidence::still(
            Gate::Regress,
            Verdict::NotApplicable,
            Some(Reason::NoRecipe),
            "there is no test recipe: not checked",
        ));
    }
    // Where nothing could look, "nothing new" is not known; where others did, it is said what did not.
    let verdict = if scanned == 0 { Verdict::Inconclusive } else { Verdict::NotApplicable };
    let not_run = |detail: &String| Evidence::still(Gate::Rescan, verdict, Some(Reason::CouldNotRun), detail.as_str());
    all.extend(unscanned.iter().map(not_run));
    if scanned == 0 && unscanned.is_empty() {
        all.push(Evidence::still(
            Gate::Rescan,
            Verdict::NotApplicable,
            Some(Reason::NoRecipe),
            "no recipe to scan with: not checked",
        ));
    }
    all.sort_by_key(|one| one.gate);
    Ok(all)
}

fn judge_build(before: &Run, after: &Run) -> (Verdict, Option<Reason>, String) {
    let says = |run: &Run| match (&run.could_not_run, run.exit_code) {
        (Some(why), _) => format!("could not run: {why}"),
        (None, Some(code)) => format!("exit {code}"),
        (None, None) => "killed".to_owned(),
    };
    let detail = format!("{} before, {} after", says(before), says(after));
    let (verdict, reason) = match (before.exit_code == Some(0), after.exit_code == Some(0)) {
        (_, true) => (Verdict::Pass, None),
        (true, false) if after.could_not_run.is_some() => (Verdict::Inconclusive, Some(Reason::CouldNotRun)),
        (true, false) => (Verdict::Fail, Some(Reason::BuildBroken)),
        (false, false) if before.could_not_run.is_some() => (Verdict::Inconclusive, Some(Reason::CouldNotRun)),
        (false, false) => (Verdict::NotApplicable, Some(Reason::BaseBroken)),
    };
    (verdict, reason, detail)
}

fn with_runs(evidence: Evidence, before: &Run, after: &Run) -> Evidence {
    Evidence {
        command: Some(after.command.clone()),
        exit_code: after.exit_code,
        seconds: after.seconds,
        before: Some(before.output),
        evidence: Some(after.output),
        ..evidence
    }
}
