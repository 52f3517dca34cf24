//! Step 5: walks the candidates of a run up the gates together, and cuts out the bad ones.
//!
//! All edits that fit beside each other are applied at once and the recipes are run over the result. What a run shows is laid at the
//! door of the edits nearest to it; where nobody can be named, the suspects are bisected. So the number of runs grows with the number of
//! bad candidates, and not with that of findings.

mod first;
mod hold;
mod respond;
mod weed;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use domain::{Finding, Reason, Recipe};

use self::hold::Check;
use super::items::{ItemState, Items};
use super::propose::Proposer;
use super::run::{Run, Runner, Wanted};
use crate::config::Config;

/// Rounds of applying, scanning and following up. Chains of findings that reveal findings are short; a longer one is a repair that
/// chases its own tail.
const MAX_ROUNDS: usize = 12;

/// Proves the items of a run.
pub(crate) struct Verifier {
    pub(crate) runner: Arc<Runner>,
    pub(crate) config: Arc<Config>,
    pub(crate) items: Items,
    /// The runs at the base, by recipe.
    pub(crate) base_runs: BTreeMap<Wanted, Run>,
    /// Recipes whose findings are compared.
    pub(crate) scans: Vec<Wanted>,
    proposer: Proposer,
    /// Tests that two runs of one tree lost: no whim of theirs.
    lost_twice: Mutex<BTreeSet<String>>,
}

impl Verifier {
    pub(crate) fn new(
        runner: Arc<Runner>,
        config: Arc<Config>,
        items: Items,
        base_runs: BTreeMap<Wanted, Run>,
        scans: Vec<Wanted>,
    ) -> Self {
        let proposer = Proposer::new(Arc::clone(&runner));
        Self { runner, config, items, base_runs, scans, proposer, lost_twice: Mutex::default() }
    }

    /// Applies and cuts until what is left passes every gate, or nothing is left.
    pub(crate) async fn settle(&mut self) -> anyhow::Result<()> {
        self.refuse_where_tests_cannot_run();
        self.apply_first().await?;
        self.settle_again().await
    }

    /// The same for what is applied already: after something was taken out of it.
    pub(crate) async fn settle_again(&mut self) -> anyhow::Result<()> {
        self.prove_applied().await?;
        // Whoever was withdrawn last, and was asked about no more, has its reason from the gate that refused it.
        for index in 0..self.items.all.len() {
            let item = &self.items.all[index];
            let refused = item.attempts.iter().find_map(|attempt| attempt.reason);
            if let (ItemState::Waiting, Some(reason)) = (item.state, refused) {
                self.items.give_up(index, reason);
            }
        }
        Ok(())
    }

    async fn prove_applied(&mut self) -> anyhow::Result<()> {
        for round in 0..2 * MAX_ROUNDS {
            if round == MAX_ROUNDS {
                // What is good must not be lost for what is tried again and again.
                self.items.no_more_attempts();
            }
            self.settle_scan().await?;
            if self.items.applied().is_empty() || self.settle_tests().await? {
                return Ok(());
            }
        }
        // Not settled: nothing of it has been proved.
        for index in self.items.applied() {
            self.items.withdraw(index, Reason::TestsBroken, "");
            self.items.give_up(index, Reason::TestsBroken);
        }
        Ok(())
    }

    /// A test recipe that is configured and cannot run leaves every candidate of its subproject unproved: inconclusive is never a pass.
    fn refuse_where_tests_cannot_run(&mut self) {
        for ((subproject, recipe), run) in &self.base_runs {
            if *recipe != Recipe::Test || run.could_not_run.is_none() {
                continue;
            }
            let reason = if run.timed_out { Reason::TimedOut } else { Reason::CouldNotRun };
            for index in 0..self.items.all.len() {
                if self.items.all[index].subproject == *subproject {
                    self.items.give_up(index, reason);
                }
            }
        }
    }

    /// Scans, follows up and cuts until a scan shows nothing new and every applied item's finding gone.
    async fn settle_scan(&mut self) -> anyhow::Result<()> {
        for round in 0.. {
            self.weed_out();
            let keep = self.items.applied();
            if keep.is_empty() {
                return Ok(());
            }
            self.runner.app.progress.step(&format!("proving {} repairs together, round {}", keep.len(), round + 1));
            let changes = self.items.render(&keep);
            let scan = self.scan(&changes).await?;
            if let Some(reason) = scan.broken {
                let suspects = self.items.applied_bundles();
                self.bisect(suspects, BTreeSet::new(), Check::Runs, reason, "").await?;
                continue;
            }
            if scan.new.iter().all(|new| new.revealed) && scan.still.is_empty() {
                return Ok(());
            }
            if round == MAX_ROUNDS {
                self.items.no_more_attempts();
            }
            if !self.respond(&scan, &changes).await? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The gate `regress`, and what Python says, over all that is applied. `true` when it holds (or cannot say anything), `false` when something was cut.
    async fn settle_tests(&mut self) -> anyhow::Result<bool> {
        let keep = self.items.applied();
        let Some((reason, because)) = self.tests_hold(&keep).await? else { return Ok(true) };
        let suspects = self.items.applied_bundles();
        let what = if reason == Reason::SyntaxBroken { "Python refuses a file" } else { "a test was lost" };
        self.runner.app.progress.step(&format!("{what}: bisecting {} repairs", suspects.len()));
        self.bisect(suspects, BTreeSet::new(), Check::Tests, reason, &because).await?;
        Ok(false)
    }

    /// Returns the base finding of an item.
    pub(crate) fn finding(&self, index: usize) -> &Finding {
        let item = &self.items.all[index];
        &self.base_runs.values().nth(item.run).unwrap_or_else(|| unreachable!("an item names a base run")).findings[item.finding]
    }
}
