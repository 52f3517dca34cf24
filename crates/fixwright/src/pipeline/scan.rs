//! Scans: what the recipes show of a tree, laid beside what they showed of the base.

use domain::{Finding, FindingKind, Reason, Recipe, RepoPath, Severity};
use patch::{LineMap, Mapped};

use super::compare::compare;
use super::items::ItemState;
use super::run::{Run, Wanted};
use super::verify::Verifier;
use crate::workspace::Changes;

/// What a scan of a tree showed.
pub(super) struct Scan {
    /// Findings that the base does not have.
    pub(super) new: Vec<New>,
    /// Items whose finding is still there, with the finding as it is now.
    pub(super) still: Vec<(usize, Finding)>,
    /// A recipe that ran at the base and does not run, or does not build, any more.
    pub(super) broken: Option<Reason>,
}

/// A finding that the base does not have.
pub(super) struct New {
    /// Index of the subproject whose recipe shows it.
    pub(super) subproject: usize,
    pub(super) finding: Finding,
    /// It was there all the time, behind an error.
    pub(super) revealed: bool,
}

impl Verifier {
    /// Runs the scanning recipes over a tree and compares with the base.
    pub(super) async fn scan(&self, changes: &Changes) -> anyhow::Result<Scan> {
        let wanted: Vec<Wanted> = self.affected(changes).into_iter().filter(|one| self.scans.contains(one)).collect();
        let runs = self.runner.run_all(changes, &wanted, 0).await?;
        let mut scan = Scan { new: Vec::new(), still: Vec::new(), broken: None };
        for (one, run) in wanted.iter().zip(&runs) {
            let Some((number, base)) =
                self.base_runs.iter().enumerate().find(|(_, (key, _))| *key == one).map(|(n, (_, r))| (n, r))
            else {
                continue;
            };
            if base.could_not_run.is_some() {
                continue;
            }
            if run.could_not_run.is_some() {
                scan.broken = Some(if run.timed_out { Reason::TimedOut } else { Reason::CouldNotRun });
                continue;
            }
            let comparison = compare(&base.findings, &run.findings, |path| self.lines(path, changes));
            let no_words = comparison.new.is_empty() && base.exit_code == Some(0) && run.exit_code != Some(0);
            if one.1 == Recipe::Build && no_words {
                scan.broken = Some(Reason::BuildBroken);
            }
            for index in comparison.new {
                let finding = run.findings[index].clone();
                let revealed = self.is_revealed(&finding, base, changes);
                // A test that fails is the business of the gate `regress`, which knows flaky ones.
                if finding.kind != FindingKind::TestFailure {
                    scan.new.push(New { subproject: one.0, finding, revealed });
                }
            }
            for (before, after) in comparison.still {
                let item = self.items.all.iter().position(|item| item.run == number && item.finding == before);
                if let Some(item) = item
                    && !matches!(self.items.all[item].state, ItemState::Refused(_))
                {
                    scan.still.push((item, run.findings[after].clone()));
                }
            }
        }
        Ok(scan)
    }

    /// A finding that was there all the time behind an error of the compiler, which stops at one: it is in text that nobody touched. A linter
    /// that could not parse a file is no such excuse: its findings are repaired with the file, or the file stays as it is.
    pub(crate) fn is_revealed(&self, finding: &Finding, base: &Run, changes: &Changes) -> bool {
        let stops = |one: &Finding| {
            let parsing = matches!(one.rule.as_str(), "syntax-error" | "parse-error");
            one.kind == FindingKind::BuildError && one.severity == Severity::Error && !parsing
        };
        if base.exit_code == Some(0) || !base.findings.iter().any(stops) {
            return false;
        }
        let Some(location) = &finding.location else { return true };
        match self.lines(&location.path, changes) {
            None => true,
            Some(map) => matches!(map.to_before(location.line), Mapped::Same(_)),
        }
    }

    pub(crate) fn lines(&self, path: &RepoPath, changes: &Changes) -> Option<LineMap> {
        let after = changes.get(path)?;
        let before = self.runner.base.files.read(path).unwrap_or_default();
        Some(LineMap::new(&before, after.as_deref().unwrap_or_default()))
    }

    /// Returns the recipes of the subprojects that hold a changed file.
    pub(crate) fn affected(&self, changes: &Changes) -> Vec<Wanted> {
        let touched = |path: &str| changes.keys().any(|changed| changed.is_below(path));
        self.base_runs.keys().copied().filter(|(index, _)| touched(&self.runner.subprojects[*index].path)).collect()
    }
}
