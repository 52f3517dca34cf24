//! Says whether a set of repairs holds, and finds the bad ones of a set that does not.

use std::collections::BTreeSet;

use domain::{Digest, Reason, Recipe, RepoPath, Verdict};

use super::Verifier;
use crate::pipeline::bisect::{Bisection, Suspect};
use crate::pipeline::compare::compare;
use crate::pipeline::items::{Item, ItemState};
use crate::pipeline::regress;
use crate::pipeline::run::{Run, Wanted};
use crate::workspace::Changes;

/// Failing tests in more files point at something that all of them use.
const MOST_FILES_NAMED: usize = 3;

/// What a set of repairs must not do.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Check {
    /// Keep a recipe from running.
    Runs,
    /// Show one of these findings, by fingerprint.
    Without(BTreeSet<Digest>),
    /// Lose a test, or be refused by Python.
    Tests,
}

impl Verifier {
    /// Says whether the edits of `keep`, and no others, pass the check.
    pub(super) async fn holds(&self, keep: &BTreeSet<usize>, check: &Check) -> anyhow::Result<bool> {
        if keep.is_empty() {
            return Ok(true);
        }
        let Check::Without(findings) = check else {
            return Ok(match check {
                Check::Tests => self.tests_hold(keep).await?.is_none(),
                _ => self.scan(&self.items.render(keep)).await?.broken.is_none(),
            });
        };
        let scan = self.scan(&self.items.render(keep)).await?;
        Ok(scan.broken.is_none() && !scan.new.iter().any(|new| findings.contains(&new.finding.fingerprint)))
    }

    /// Returns why the tests do not hold with the edits of `keep`, or why Python refuses them, as code and in words; `None` when they do.
    pub(super) async fn tests_hold(&self, keep: &BTreeSet<usize>) -> anyhow::Result<Option<(Reason, String)>> {
        let changes = self.items.render(keep);
        let compiled = self.runner.compile_python(&self.runner.base.files, &changes).await?;
        if let Some(refused) = compiled.filter(|evidence| evidence.verdict != Verdict::Pass) {
            return Ok(Some((refused.reason.unwrap_or(Reason::SyntaxBroken), refused.detail)));
        }
        for one in self.affected(&changes).into_iter().filter(|(_, recipe)| *recipe == Recipe::Test) {
            let judged = self.judge_tests(one, &changes).await?;
            if matches!(judged.verdict, Verdict::Fail | Verdict::Inconclusive) {
                return Ok(Some((judged.reason.unwrap_or(Reason::TestsBroken), judged.detail)));
            }
        }
        Ok(None)
    }

    /// Runs the tests of a subproject over a tree, a second time when some were lost that were not lost twice before, and judges.
    pub(crate) async fn judge_tests(&self, one: Wanted, changes: &Changes) -> anyhow::Result<regress::Judged> {
        let Some(before) = self.base_runs.get(&one) else {
            return Ok(regress::Judged::new(Verdict::NotApplicable, Some(Reason::NoRecipe), "there is no test recipe"));
        };
        let after = self.run_at(changes, one).await?;
        let judged = regress::judge(before, &after, None);
        let is_sure = |lost: &String| self.lost_twice.lock().is_ok_and(|known| known.contains(lost));
        if judged.verdict != Verdict::Fail || (!judged.lost.is_empty() && judged.lost.iter().all(is_sure)) {
            return Ok(judged);
        }
        let again = self.runner.run_all(changes, &[one], 1).await?;
        let judged = regress::judge(before, &after, again.first());
        if let Ok(mut known) = self.lost_twice.lock() {
            known.extend(judged.lost.iter().cloned());
        }
        Ok(judged)
    }

    /// Returns the run of one recipe over a tree.
    pub(crate) async fn run_at(&self, changes: &Changes, one: Wanted) -> anyhow::Result<Run> {
        let runs = self.runner.run_all(changes, &[one], 0).await?;
        runs.into_iter().next().ok_or_else(|| anyhow::anyhow!("a run left no answer"))
    }

    /// Finds the bad ones among `suspects`, given that `good` holds and all of it together does not, and withdraws them.
    pub(super) async fn bisect(
        &mut self,
        suspects: Vec<BTreeSet<usize>>,
        good: BTreeSet<usize>,
        check: Check,
        reason: Reason,
        because: &str,
    ) -> anyhow::Result<()> {
        let all: BTreeSet<usize> = suspects.iter().flatten().copied().chain(good.iter().copied()).collect();
        let named = self.files_of_failures(&self.items.render(&all), &check).await?;
        let in_named: BTreeSet<usize> = named.iter().flat_map(|path| self.items.overlay.owners_in(path)).collect();
        let doubt = |members: &BTreeSet<usize>| {
            let any = |is: &dyn Fn(&Item) -> bool| u8::from(members.iter().any(|index| is(&self.items.all[*index])));
            4 * any(&|item| item.was_withdrawn) + 2 * u8::from(!members.is_disjoint(&in_named)) + any(&|item| item.is_unsure)
        };
        let suspects = suspects.into_iter().map(|members| Suspect { doubt: doubt(&members), members }).collect();
        let mut search = Bisection::new(suspects, good);
        while let Some(together) = search.next() {
            let holds = self.holds(&together, &check).await?;
            search.answer(holds);
        }
        // Of linked items the first is where it began.
        for index in search.bad().iter().filter_map(BTreeSet::first) {
            if self.items.all[*index].state == ItemState::Applied {
                self.items.withdraw(*index, reason, because);
            }
        }
        Ok(())
    }

    /// Returns the files that failing tests name: an edit in one of them is likelier to be the cause than one elsewhere.
    async fn files_of_failures(&self, changes: &Changes, check: &Check) -> anyhow::Result<BTreeSet<RepoPath>> {
        let mut named = BTreeSet::new();
        for one in self.affected(changes).into_iter().filter(|(_, recipe)| *check == Check::Tests && *recipe == Recipe::Test) {
            let (before, after) = (&self.base_runs[&one], self.run_at(changes, one).await?);
            let new = compare(&before.findings, &after.findings, |path| self.lines(path, changes)).new;
            named.extend(new.into_iter().filter_map(|index| after.findings[index].path().cloned()));
        }
        // Where everything fails, what fails says nothing.
        Ok(if named.len() > MOST_FILES_NAMED { BTreeSet::new() } else { named })
    }
}
