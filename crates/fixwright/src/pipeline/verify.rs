//! Step 5: walks the candidates of a run up the gates together, and cuts out the bad ones.
//!
//! All edits that fit beside each other are applied at once and the recipes are run over the result. What a run shows is laid at the
//! door of the edits nearest to it; where nobody can be named, the suspects are bisected. So the number of runs grows with the number of
//! bad candidates, and not with that of findings.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use domain::{Digest, Edit, Files, Finding, FindingKind, Reason, Recipe, RepoPath, Severity, Verdict};
use patch::At;

use super::bisect::{Bisection, Suspect};
use super::blame::{blame, brings_in, takes_away};
use super::compare::compare;
use super::items::{Item, ItemState, Items};
use super::propose::Proposer;
use super::regress;
use super::run::{Run, Runner, Wanted};
use super::scan::{New, Scan};
use super::{safety, scope};
use crate::config::Config;
use crate::engines::Draft;
use crate::workspace::Changes;

/// Rounds of applying, scanning and following up. Chains of findings that reveal findings are short; a longer one is a repair that
/// chases its own tail.
const MAX_ROUNDS: usize = 12;
/// Failing tests in more files point at something that all of them use.
const MOST_FILES_NAMED: usize = 3;
/// Further steps that one repair may take.
const MAX_FOLLOW_UPS: u32 = 6;

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

/// A finding of a scan that the engines are asked about.
#[derive(Clone, Copy)]
struct Asked<'a> {
    subproject: usize,
    /// The item whose finding it is; `None` for a new one.
    own: Option<usize>,
    finding: &'a Finding,
    revealed: bool,
}

/// A further step that a round takes: whose, what, and its edits against the text of the scan.
struct Move {
    owner: usize,
    draft: Draft,
    edits: Vec<Edit>,
}

/// What a set of repairs must not do.
#[derive(Clone, PartialEq, Eq)]
enum Check {
    /// Keep a recipe from running.
    Runs,
    /// Show one of these findings, by fingerprint.
    Without(BTreeSet<Digest>),
    /// Lose a test, or be refused by Python.
    Tests,
}

/// An item that is to be withdrawn, and why.
struct Cut {
    item: usize,
    reason: Reason,
    because: String,
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

    /// Round one: the best draft of each item that has one, in base coordinates.
    async fn apply_first(&mut self) -> anyhow::Result<()> {
        let nothing = Changes::new();
        let mut order: Vec<usize> =
            (0..self.items.all.len()).filter(|at| self.items.all[*at].state == ItemState::Waiting).collect();
        order.sort_by_key(|index| self.turn(*index));
        for index in order {
            if self.is_needed_by_others(index) {
                self.items.all[index].drafts.clear();
                continue;
            }
            if self.items.all[index].drafts.is_empty() {
                let finding = self.finding(index);
                let placeless = finding.location.is_none() && finding.kind != FindingKind::DependencyIssue;
                self.items.give_up(index, if placeless { Reason::LocationUnusable } else { Reason::NoCandidate });
            }
            while let Some(draft) = self.items.all[index].drafts.pop_front() {
                let edits = self.proposer.work_out(&draft, self.items.all[index].subproject, &nothing).await?;
                match self.may_apply(index, &draft, &edits) {
                    Err(reason) => self.note_refused_draft(index, &draft, reason),
                    Ok(()) => {
                        if self.items.add(index, &draft, &edits, At::Base) {
                            self.items.all[index].try_once(&draft, &edits, &self.runner.base.files);
                            break;
                        }
                        if self.items.all[index].attempts.is_empty() {
                            // Overlaps an earlier item: asked again when that one is in place.
                            self.items.all[index].drafts.clear();
                            break;
                        }
                    }
                }
            }
            let item = &self.items.all[index];
            if item.state == ItemState::Waiting && item.drafts.is_empty() && !item.attempts.is_empty() {
                self.items.give_up(index, Reason::NoCandidate);
            }
        }
        Ok(())
    }

    /// Formatting comes last, over what the others left; before it, whoever takes away what its finding calls unused: another repair may use it.
    fn turn(&self, index: usize) -> u8 {
        let finding = self.finding(index);
        let edits = self.items.all[index].drafts.front().map(|draft| draft.edits.as_slice()).unwrap_or_default();
        match finding.kind {
            FindingKind::Formatting => 2,
            _ => u8::from(!takes_away(finding, edits, &self.runner.base.files).is_empty()),
        }
    }

    /// Says whether a repair that is in place brings in a name that this one would take away. It is asked about again after the scan.
    fn is_needed_by_others(&self, index: usize) -> bool {
        let finding = self.finding(index);
        let Some((path, draft)) = finding.path().zip(self.items.all[index].drafts.front()) else { return false };
        let base = &self.runner.base.files;
        let names = takes_away(finding, &draft.edits, base);
        !names.is_empty() && brings_in(&names, &self.items.overlay.edits_in(path, |_| true), path, base)
    }

    fn may_apply(&self, index: usize, draft: &Draft, edits: &[Edit]) -> Result<(), Reason> {
        if edits.is_empty() {
            return Err(Reason::NoChange);
        }
        scope::allowed(&self.config, self.finding(index), draft, edits)
    }

    fn note_refused_draft(&mut self, index: usize, draft: &Draft, reason: Reason) {
        let item = &mut self.items.all[index];
        item.attempts.push(domain::Attempt {
            engine: draft.engine.to_owned(),
            author: draft.author.clone(),
            explanation: draft.explanation.clone(),
            findings: vec![item.finding_id.clone()],
            candidate: domain::Digest::of(""),
            status: domain::AttemptStatus::VerifyFailed,
            reason: Some(reason),
        });
    }

    /// Returns the base finding of an item.
    pub(crate) fn finding(&self, index: usize) -> &Finding {
        let item = &self.items.all[index];
        &self.base_runs.values().nth(item.run).unwrap_or_else(|| unreachable!("an item names a base run")).findings[item.finding]
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

    /// One answer to a scan: follow-ups first (their positions are those of the scan's text), then cuts. `false` when nothing changed.
    async fn respond(&mut self, scan: &Scan, changes: &Changes) -> anyhow::Result<bool> {
        let files = self.runner.base.files.with(changes);
        // A compiler that stops at an error shows nothing else: what seems gone then may not be.
        let masked =
            scan.new.iter().any(|new| new.finding.kind == FindingKind::BuildError && new.finding.severity == Severity::Error);
        let mut asked: Vec<Asked<'_>> = Vec::new();
        for New { subproject, finding, revealed } in &scan.new {
            asked.push(Asked { subproject: *subproject, own: None, finding, revealed: *revealed });
        }
        if !masked {
            asked.extend(scan.still.iter().map(|(index, finding)| {
                let subproject = self.items.all[*index].subproject;
                Asked { subproject, own: Some(*index), finding, revealed: false }
            }));
        }
        let drafts = if self.items.is_final { vec![Vec::new(); asked.len()] } else { self.ask_again(&asked, &files).await? };
        let mut moves: Vec<Move> = Vec::new();
        let mut cuts: Vec<Cut> = Vec::new();
        let mut doubtful: BTreeSet<usize> = BTreeSet::new();
        let mut unclear: Vec<&Finding> = Vec::new();
        for (Asked { own, finding, revealed, .. }, drafts) in asked.into_iter().zip(drafts) {
            let blame = blame(finding, &self.items, &self.runner.base.files);
            let Some(owner) = own.or_else(|| blame.suspects.first().copied()) else { continue };
            let follow_up_left = self.items.all[owner].follow_ups < MAX_FOLLOW_UPS;
            let mut found = false;
            if follow_up_left {
                for draft in drafts {
                    let edits = self.proposer.work_out(&draft, self.items.all[owner].subproject, changes).await?;
                    let clash = moves.iter().any(|other| overlaps(&other.edits, &edits) && other.edits != edits);
                    if edits.is_empty() || scope::allowed(&self.config, finding, &draft, &edits).is_err() {
                        continue;
                    }
                    if clash {
                        // Another round will ask again.
                        found = true;
                        break;
                    }
                    if self.items.all[owner].try_once(&draft, &edits, &files) {
                        moves.push(Move { owner, draft, edits });
                        found = true;
                        break;
                    }
                }
            }
            if found || revealed {
                continue;
            }
            match own {
                Some(index) if self.items.all[index].state == ItemState::Waiting => {
                    self.items.give_up(index, Reason::NoCandidate)
                }
                Some(item) => cuts.push(Cut { item, reason: Reason::StillThere, because: String::new() }),
                None if blame.is_sure => {
                    cuts.push(Cut { item: owner, reason: reason_of(finding), because: in_words(finding) });
                }
                None => {
                    doubtful.extend(blame.suspects);
                    unclear.push(finding);
                }
            }
        }
        let changed = !moves.is_empty() || !cuts.is_empty();
        self.make(moves);
        for Cut { item, reason, because } in cuts {
            if self.items.all[item].state == ItemState::Applied {
                self.items.withdraw(item, reason, &because);
            }
        }
        // What a further step or a cut has just changed may have settled the unclear ones too: the next scan tells.
        let Some(first) = unclear.first().filter(|_| !changed) else { return Ok(changed) };
        let (suspects, rest): (Vec<_>, Vec<_>) =
            self.items.applied_bundles().into_iter().partition(|bundle| !bundle.is_disjoint(&doubtful));
        let good = rest.into_iter().flatten().collect();
        let check = Check::Without(unclear.iter().map(|finding| finding.fingerprint).collect());
        let (suspects, good) = if self.holds(&good, &check).await? {
            (suspects, good)
        } else {
            // It was none of the nearest.
            (self.items.applied_bundles(), BTreeSet::new())
        };
        self.bisect(suspects, good, check, reason_of(first), &in_words(first)).await?;
        Ok(true)
    }

    async fn ask_again(&self, asked: &[Asked<'_>], files: &Files) -> anyhow::Result<Vec<Vec<Draft>>> {
        let mut answers: Vec<Vec<Draft>> = vec![Vec::new(); asked.len()];
        for (number, subproject) in self.runner.subprojects.iter().enumerate() {
            let mine: Vec<usize> = (0..asked.len()).filter(|at| asked[*at].subproject == number).collect();
            if mine.is_empty() {
                continue;
            }
            let findings = mine.iter().map(|at| asked[*at].finding.clone()).collect();
            for (at, drafts) in mine.into_iter().zip(Proposer::ask(subproject, findings, files.clone()).await?) {
                answers[at] = drafts;
            }
        }
        Ok(answers)
    }

    /// Puts the moves of a round into the overlay, from the back of each file to its front, so that positions stay right.
    fn make(&mut self, moves: Vec<Move>) {
        let mut pieces: Vec<(usize, usize, Edit)> = Vec::new();
        let mut linked: Vec<(usize, usize)> = Vec::new();
        for (number, one) in moves.iter().enumerate() {
            let twin = moves[..number].iter().find(|other| other.edits == one.edits);
            match twin {
                Some(twin) => linked.push((one.owner, twin.owner)),
                None => pieces.extend(one.edits.iter().map(|edit| (number, one.owner, edit.clone()))),
            }
        }
        pieces.sort_by(|a, b| b.2.cmp(&a.2));
        for (number, owner, edit) in pieces {
            self.items.add(owner, &moves[number].draft, &[edit], At::Now);
        }
        // However many edits it takes: a file that parses at last shows all that is in it at once.
        for owner in moves.iter().map(|one| one.owner).collect::<BTreeSet<_>>() {
            self.items.all[owner].follow_ups += 1;
        }
        for (owner, twin) in linked {
            self.items.share(owner, twin);
        }
    }

    /// The gates that need no command, over the composed text: whoever breaks a file, deletes a test, silences a finding or lets the program
    /// do what it could not do before is cut.
    fn weed_out(&mut self) {
        let keep = self.items.applied();
        let changes = self.items.render(&keep);
        let base = self.runner.base.files.clone();
        // Over the whole change first: what moves from file to file is no gain of either.
        let gained = safety::gains(&self.config, &self.runner.scans, &base, &changes);
        for path in changes.keys() {
            let is_gaining = gained.iter().any(|gain| gain.path == *path);
            let wrong = |keep: &BTreeSet<usize>| -> Option<(Reason, Option<u32>, String)> {
                let after = self.items.render(keep).remove(path)?;
                let before = base.read(path);
                let mut faults = scope::faults(path, before.as_deref(), after.as_deref());
                faults.extend(safety::issues(path, before.as_deref(), after.as_deref()));
                let fault = faults.into_iter().next();
                if let Some((reason, line)) = fault {
                    return Some((reason, line, path.to_string()));
                }
                let alone = Changes::from([(path.clone(), after)]);
                let gains = if is_gaining { safety::gains(&self.config, &self.runner.scans, &base, &alone) } else { Vec::new() };
                gains.first().map(|gain| (safety::reason_of_gain(gain), Some(gain.line), safety::in_words(gain)))
            };
            let Some((reason, line, because)) = wrong(&keep) else { continue };
            let near = line.map(|line| self.items.overlay.near(path, line)).unwrap_or_default();
            let nearest = near.iter().min_by_key(|(_, distance)| *distance).map(|(owner, _)| *owner);
            let in_file = self.items.overlay.owners_in(path);
            let bundles = self.items.applied_bundles().into_iter().filter(|members| !members.is_disjoint(&in_file));
            let suspect = |members: BTreeSet<usize>| {
                let is_nearest = nearest.is_some_and(|owner| members.contains(&owner));
                Suspect { doubt: u8::from(is_nearest), members }
            };
            let mut search = Bisection::new(bundles.map(suspect).collect(), BTreeSet::new());
            while let Some(together) = search.next() {
                let holds = wrong(&together).is_none();
                search.answer(holds);
            }
            for index in search.bad().iter().filter_map(BTreeSet::first) {
                if self.items.all[*index].state == ItemState::Applied {
                    self.items.withdraw(*index, reason, &because);
                }
            }
        }
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

    /// Returns why the tests do not hold with the edits of `keep`, or why Python refuses them, as code and in words; `None` when they do.
    async fn tests_hold(&self, keep: &BTreeSet<usize>) -> anyhow::Result<Option<(Reason, String)>> {
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
    async fn bisect(
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

    async fn holds(&self, keep: &BTreeSet<usize>, check: &Check) -> anyhow::Result<bool> {
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
}

fn reason_of(new: &Finding) -> Reason {
    if new.kind == FindingKind::BuildError { Reason::BuildBroken } else { Reason::NewFinding }
}

/// A finding in one line, for whoever asks what was wrong with a repair.
fn in_words(finding: &Finding) -> String {
    let place = finding.location.as_ref().map(|at| format!(" at {}:{}", at.path, at.line)).unwrap_or_default();
    format!("{} {}{place}", finding.rule, finding.message)
}

fn overlaps(one: &[Edit], other: &[Edit]) -> bool {
    one.iter().any(|a| {
        other.iter().any(|b| {
            let same_place = a.start == b.start && (a.start == a.end || b.start == b.end);
            a.path == b.path && (same_place || (a.start < b.end && b.start < a.end))
        })
    })
}
